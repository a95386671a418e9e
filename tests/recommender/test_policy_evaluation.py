"""Estimates against numbers worked out by hand, and against policies whose worth is known."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.errors import RecommenderError
from recommender.policy_evaluation import Estimate, Log, better, evaluate_policy, of_whole_talks, reward_model

LOG = Log.of(action=[0, 1, 0, 1], reward=[1.0, 0.0, 2.0, 4.0], propensity=[0.5, 0.5, 0.8, 0.2])
TARGET = np.array([[1.0, 0.0], [0.5, 0.5], [0.4, 0.6], [0.0, 1.0]])
MODEL = np.array([[1.0, 1.0], [0.0, 2.0], [1.0, 2.0], [1.0, 3.0]])


def test_estimates_by_hand() -> None:
    # weights: 1/.5 = 2, .5/.5 = 1, .4/.8 = .5, 1/.2 = 5
    found = evaluate_policy(LOG, TARGET, rewards=MODEL, rounds=10)
    assert found["ips"].value == pytest.approx((2 * 1 + 1 * 0 + 0.5 * 2 + 5 * 4) / 4)
    assert found["snips"].value == pytest.approx((2 + 0 + 1 + 20) / (2 + 1 + 0.5 + 5))
    # the model under the target: 1, .5*0 + .5*2 = 1, .4*1 + .6*2 = 1.6, 3
    assert found["dm"].value == pytest.approx((1 + 1 + 1.6 + 3) / 4)
    # residuals: 2*(1-1), 1*(0-2), .5*(2-1), 5*(4-3)
    assert found["dr"].value == pytest.approx((1 + 1 + 1.6 + 3 + 0 - 2 + 0.5 + 5) / 4)


def test_the_policy_in_place_earns_what_it_earned() -> None:
    target = np.array([[0.5, 0.5], [0.5, 0.5], [0.8, 0.2], [0.8, 0.2]])
    assert evaluate_policy(LOG, target)["ips"].value == pytest.approx(LOG.reward.mean())


@pytest.mark.parametrize("name", ["ips", "snips", "dr", "switch_dr"])
def test_the_truth_lies_in_the_interval(name: str) -> None:
    inside = sum(_run(seed, name) for seed in range(50))
    assert inside >= 45  # 95 % are asked for; 45 of 50 allow for chance


def _run(seed: int, name: str) -> bool:
    """Whether the interval of a run holds the worth of the target, which is known exactly."""
    rng = np.random.default_rng(seed)
    n, actions = 1000, 4
    contexts = rng.normal(size=(n, 3))
    taste = np.random.default_rng(7).normal(size=(3, actions))
    chance = 1 / (1 + np.exp(-contexts @ taste))
    logging = _softmax(0.5 * contexts @ np.random.default_rng(8).normal(size=(3, actions)))
    target = _softmax(contexts @ taste)
    action = np.array([rng.choice(actions, p=row) for row in logging])
    rows = np.arange(n)
    reward = (rng.random(n) < chance[rows, action]).astype(float)
    log = Log.of(action, reward, logging[rows, action])
    found = evaluate_policy(log, target, rewards=reward_model(log, contexts, actions), rounds=300, seed=seed)
    truth = _truth(taste)
    return found[name].low <= truth <= found[name].high


def _truth(taste: np.ndarray) -> float:
    contexts = np.random.default_rng(99).normal(size=(200_000, 3))
    values = contexts @ taste
    return float((_softmax(values) / (1 + np.exp(-values))).sum(axis=1).mean())


def _softmax(x: np.ndarray) -> np.ndarray:
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def test_conversations_are_drawn_whole() -> None:
    rng = np.random.default_rng(0)
    reward = np.repeat(rng.normal(size=20), 50)  # fifty equal decisions a conversation are one observation, not fifty
    log = Log.of(np.zeros(1000, int), reward, np.ones(1000), group=np.repeat(np.arange(20), 50))
    apart = Log.of(np.zeros(1000, int), reward, np.ones(1000))
    target = np.ones((1000, 1))
    wide, narrow = evaluate_policy(log, target)["ips"], evaluate_policy(apart, target)["ips"]
    assert wide.high - wide.low > 4 * (narrow.high - narrow.low)


def test_a_reward_model_has_not_seen_what_it_predicts() -> None:
    rng = np.random.default_rng(0)
    log = Log.of(np.zeros(60, int), rng.normal(size=60), np.ones(60))
    expected = reward_model(log, rng.normal(size=(60, 20)), 1)[:, 0]
    assert np.corrcoef(expected, log.reward)[0, 1] < 0.3


def test_only_what_is_better_for_sure_replaces() -> None:
    sure, unsure = Estimate(0.6, 0.5, 0.7, 0.95), Estimate(0.6, 0.3, 0.9, 0.95)
    assert better({"snips": sure, "dr": sure}, 0.4)
    assert not better({"snips": sure, "dr": unsure}, 0.4)
    assert not better({"ips": sure}, 0.4)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (([], [], []), "empty"),
        (([0, 1], [1.0], [0.5, 0.5]), "different lengths"),
        (([0], [1.0], [0.0]), "propensity"),
        (([0], [1.0], [1.5]), "propensity"),
        (([0], [float("nan")], [0.5]), "finite"),
        (([-1], [1.0], [0.5]), "position"),
    ],
)
def test_bad_logs(columns: tuple[list[int], list[float], list[float]], told: str) -> None:
    with pytest.raises(RecommenderError, match=told):
        Log.of(*columns)


def test_bad_targets() -> None:
    with pytest.raises(RecommenderError, match="no distribution"):
        evaluate_policy(LOG, TARGET * 2)
    with pytest.raises(RecommenderError, match="does not fit"):
        evaluate_policy(LOG, TARGET[:2])
    with pytest.raises(RecommenderError, match="not among"):
        evaluate_policy(LOG, np.ones((4, 1)))


def test_whole_talks_multiply_chances_and_add_rewards() -> None:
    log, target = of_whole_talks(
        chance=[0.5, 0.4, 1.0], propensity=[0.25, 0.5, 0.8], reward=[-0.05, 0.95, -0.05], group=["a", "a", "b"]
    )
    assert log.propensity == pytest.approx([0.125, 0.8])
    assert log.reward == pytest.approx([0.9, -0.05])
    assert target == pytest.approx(np.array([[0.2, 0.8], [1.0, 0.0]]))
    # weights .2/.125 = 1.6 and 1/.8 = 1.25: (1.6 * .9 + 1.25 * -.05) / 2
    assert evaluate_policy(log, target)["ips"].value == pytest.approx((1.6 * 0.9 - 1.25 * 0.05) / 2)
    with pytest.raises(RecommenderError, match="chance"):
        of_whole_talks(chance=[1.5], propensity=[0.5], reward=[0.0], group=["a"])
