"""What another policy would have earned, estimated from the log of the one that was in place.

A log holds, for n decisions: the action taken, its reward, and the probability (propensity) with which it was taken. A
target policy is given by its probabilities (n, actions) in the same situations. Estimators after Dudík, Langford, Li,
"Doubly Robust Policy Evaluation and Learning" (ICML 2011), Swaminathan and Joachims, "The Self-Normalized Estimator for
Counterfactual Learning" (NeurIPS 2015), and Wang, Agarwal, Dudík, "Optimal and Adaptive Off-policy Evaluation in
Contextual Bandits" (ICML 2017); intervals by the bootstrap over conversations (Efron 1979).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recommender.errors import RecommenderError

Floats = NDArray[np.float64]

ESTIMATORS = ("ips", "snips", "dm", "dr", "switch_dr")
_THRESHOLDS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, float("inf"))
"""Largest importance weights that switch-DR may trust; one of them is chosen by its estimated error."""


@dataclass(frozen=True, eq=False)
class Log:
    """`action` (n,) positions, `reward` (n,), `propensity` (n,) in (0, 1], `group` (n,) whose decisions belong together
    (a conversation); without it each stands alone. Raises RecommenderError for what no policy can have logged."""

    action: NDArray[np.int64]
    reward: Floats
    propensity: Floats
    group: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        action: ArrayLike,
        reward: ArrayLike,
        propensity: ArrayLike,
        group: Sequence[object] | NDArray[np.generic] | None = None,
    ) -> Log:
        actions = np.asarray(action, np.int64)
        rewards, propensities = np.asarray(reward, np.float64), np.asarray(propensity, np.float64)
        ids = np.arange(len(actions)) if group is None else np.unique(np.asarray(group), return_inverse=True)[1]
        lengths = {len(actions), len(rewards), len(propensities), len(ids)}
        if len(lengths) > 1:
            raise RecommenderError(f"the columns of a log are of different lengths ({sorted(lengths)})")
        if not len(actions):
            raise RecommenderError("the log is empty; nothing can be estimated from it")
        if actions.min() < 0:
            raise RecommenderError(f"action {actions.min()!r} is no position; actions count from 0")
        bad = ~((propensities > 0) & (propensities <= 1))
        if bad.any():
            raise RecommenderError(f"propensity {propensities[bad][0]!r} is not above 0 and at most 1")
        if not np.isfinite(rewards).all():
            raise RecommenderError("a reward is not a finite number")
        return cls(actions, rewards, propensities, ids.astype(np.int64))

    def __len__(self) -> int:
        return len(self.action)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The mean reward of a decision, and the interval that holds it in `level` of all logs."""

    value: float
    low: float
    high: float
    level: float

    def as_dict(self) -> dict[str, float]:
        return {"value": self.value, "low": self.low, "high": self.high}


def evaluate_policy(
    log: Log,
    target: Floats,
    *,
    rewards: Floats | None = None,
    level: float = 0.95,
    rounds: int = 1000,
    seed: int = 0,
) -> dict[str, Estimate]:
    """All estimates of a target policy (n, actions). `rewards` (n, actions) are a model's expected rewards (see
    `reward_model`); without them only IPS and SNIPS are given. Raises RecommenderError when the shapes do not fit, a row
    of `target` is no distribution, or `level` is not between 0 and 1."""
    if not 0 < level < 1:
        raise RecommenderError(f"level {level!r} is not between 0 and 1")
    _checked(log, target, rewards)
    terms = _terms(log, target, rewards)
    sums = {name: (_by_group(log, top), _by_group(log, bottom)) for name, (top, bottom) in terms.items()}
    groups = int(log.group.max()) + 1
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(groups, np.full(groups, 1 / groups), size=rounds).astype(np.float64)
    tail = (1 - level) / 2
    found = {}
    for name, (top, bottom) in sums.items():
        spread = (drawn @ top) / np.maximum(drawn @ bottom, 1e-300)
        low, high = np.quantile(spread, (tail, 1 - tail))
        found[name] = Estimate(float(top.sum() / max(bottom.sum(), 1e-300)), float(low), float(high), level)
    return found


def of_whole_talks(
    *, chance: ArrayLike, propensity: ArrayLike, reward: ArrayLike, group: Sequence[object]
) -> tuple[Log, Floats]:
    """A log whose decisions depend on those before them, as one of whole conversations: rewards add up, the propensity
    and the `chance` (n,) with which the target would have acted likewise are multiplied (Precup, Sutton, Singh,
    "Eligibility Traces for Off-Policy Policy Evaluation", ICML 2000). Returns the log and the target for
    `evaluate_policy`, whose estimates then are of a conversation."""
    chances = np.asarray(chance, np.float64)
    steps = Log.of(np.zeros(len(chances)), reward, propensity, list(group))
    if not ((chances >= 0) & (chances <= 1 + 1e-9)).all():
        raise RecommenderError("a chance of the target is not between 0 and 1")
    talks = int(steps.group.max()) + 1
    rewards, logged, wanted = np.zeros(talks), np.ones(talks), np.ones(talks)
    np.add.at(rewards, steps.group, steps.reward)
    np.multiply.at(logged, steps.group, steps.propensity)
    np.multiply.at(wanted, steps.group, np.minimum(chances, 1.0))
    return Log.of(np.zeros(talks), rewards, logged), np.stack([wanted, 1 - wanted], axis=1)


def reward_model(log: Log, contexts: Floats, actions: int, *, folds: int = 3, l2: float = 1.0, seed: int = 0) -> Floats:
    """Expected rewards (n, actions), by ridge regression for each action on contexts (n, d). Each row is predicted by a
    model that has not seen its conversation, so that DR is not led astray by a memory of the very reward."""
    if len(contexts) != len(log):
        raise RecommenderError(f"{len(contexts)} contexts do not fit a log of {len(log)} decisions")
    groups = int(log.group.max()) + 1
    folds = min(folds, groups)
    fold = np.random.default_rng(seed).permutation(groups)[log.group] % max(folds, 1)
    inputs = np.hstack([np.ones((len(log), 1)), contexts])
    out = np.zeros((len(log), actions))
    for k in range(folds):
        held, seen = fold == k, (fold != k) if folds > 1 else np.ones(len(log), np.bool_)
        overall = float(log.reward[seen].mean())
        for action in range(actions):
            rows = seen & (log.action == action)
            x, y = inputs[rows], log.reward[rows] - overall  # an action never taken is expected to earn the mean
            gram = x.T @ x + l2 * np.eye(inputs.shape[1])
            out[held, action] = overall + inputs[held] @ np.linalg.solve(gram, x.T @ y)
    return out


def _checked(log: Log, target: Floats, rewards: Floats | None) -> None:
    if target.ndim != 2 or len(target) != len(log):
        raise RecommenderError(f"a target of shape {target.shape} does not fit a log of {len(log)} decisions")
    if int(log.action.max()) >= target.shape[1]:
        raise RecommenderError(f"action {int(log.action.max())} is not among the {target.shape[1]} of the target")
    if (target < -1e-9).any() or not np.allclose(target.sum(axis=1), 1, atol=1e-6):
        raise RecommenderError("a row of the target is no distribution; its probabilities must add up to 1")
    if rewards is not None and rewards.shape != target.shape:
        raise RecommenderError(f"rewards of shape {rewards.shape} do not fit a target of shape {target.shape}")


def _terms(log: Log, target: Floats, rewards: Floats | None) -> dict[str, tuple[Floats, Floats]]:
    """Numerator and denominator of each estimate, decision by decision."""
    rows = np.arange(len(log))
    weight = target[rows, log.action] / log.propensity
    ones = np.ones(len(log))
    terms = {"ips": (weight * log.reward, ones), "snips": (weight * log.reward, weight)}
    if rewards is not None:
        direct = (target * rewards).sum(axis=1)
        residual = weight * (log.reward - rewards[rows, log.action])
        terms["dm"] = (direct, ones)
        terms["dr"] = (direct + residual, ones)
        terms["switch_dr"] = (_switched(log, weight, direct, residual), ones)
    return terms


def _switched(log: Log, weight: Floats, direct: Floats, residual: Floats) -> Floats:
    """DR where weights are small, the model alone where they are large (Wang et al., section 4); the threshold of the
    least variance plus squared bias, the bias bounded by the largest residual reward that was cut off."""
    span = float(np.ptp(log.reward)) or 1.0

    def error(threshold: float) -> float:
        kept = direct + np.where(weight <= threshold, residual, 0.0)
        cut = np.where(weight > threshold, weight, 0.0).mean() * span
        return float(kept.var() / len(kept) + cut**2)

    best = min(_THRESHOLDS, key=error)
    return direct + np.where(weight <= best, residual, 0.0)


def _by_group(log: Log, values: Floats) -> Floats:
    return np.asarray(np.bincount(log.group, weights=values), dtype=np.float64)


def better(found: Mapping[str, Estimate], in_place: float) -> bool:
    """Whether the target may replace a policy that earns `in_place`: every doubly robust or self-normalised estimate
    that there is has the lower end of its interval above it."""
    asked = [found[name] for name in ("snips", "dr", "switch_dr") if name in found]
    return bool(asked) and all(estimate.low > in_place for estimate in asked)
