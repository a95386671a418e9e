"""Customers without a history, or with a short one: what their traits add.

    python tests/benchmarks/newcomers.py RATINGS USERS [--folds 2,3,4] [--history 0,1,3,10] [--history-k 2]

Users are cut into five folds (seed 0); those of a fold are unknown to training. Their first so many liked items in time are
their history, the others are looked for among all items but these. NDCG@20 and Recall@20 of each user, folds together.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from recommender import metrics
from recommender.data import Interactions, Query
from recommender.newcomers import Newcomers
from recommender.scorers.ials import Ials
from recommender.scorers.popularity import Popularity
from recommender.traits import Traits

K = 20


def measured(scores: np.ndarray, history: list[list[int]], wanted: list[list[int]]) -> np.ndarray:
    """(users, 2) NDCG and recall."""
    for row, known in enumerate(history):
        scores[row, known] = -np.inf
    ranked = np.argsort(-scores, axis=1, kind="stable")[:, :K]
    hits = np.array([np.isin(row, own) for row, own in zip(ranked, wanted, strict=True)])
    relevant = np.array([len(own) for own in wanted])
    return np.stack([metrics.ndcg(hits, relevant), metrics.recall(hits, relevant)], axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ratings", type=Path)
    parser.add_argument("users", type=Path)
    parser.add_argument("--folds", default="2,3,4")
    parser.add_argument("--history", default="0,1,3,10")
    parser.add_argument("--history-k", type=float, default=Newcomers.history_k)
    parser.add_argument("--l2", type=float, default=Newcomers.l2)
    given = parser.parse_args()
    whole, traits = Interactions.from_csv(given.ratings), Traits.from_csv(given.users).of_users
    order = np.random.default_rng(0).permutation(len(whole.users))
    lengths = [int(length) for length in given.history.split(",")]
    found: dict[tuple[int, str], list[np.ndarray]] = {}
    for fold in map(int, given.folds.split(",")):
        cold = np.zeros(len(whole.users), np.bool_)
        cold[order[fold::5]] = True
        train, held = whole.only(~cold[whole.user]), whole.only(cold[whole.user] & (whole.weight > 0))
        liked: dict[int, list[int]] = {}
        for user, item in zip(held.user.tolist(), held.item.tolist(), strict=True):
            liked.setdefault(user, []).append(item)
        scorers = {
            "popularity": Popularity().fit(train),
            "popularity, no decay": Popularity(half_life_days=1e9).fit(train),
            "ials": Ials().fit(train),
        }
        for name in list(scorers):
            wrapped = Newcomers(scorers[name], traits, l2=given.l2, history_k=given.history_k)
            wrapped._learned(train)  # its scorer is fitted
            scorers[f"{name} + traits"] = wrapped
        for length in lengths:
            users = [user for user, own in liked.items() if len(own) > max(lengths)]
            history, wanted = ([liked[u][:length] for u in users], [liked[u][length:] for u in users])
            queries = [
                Query(None, tuple(whole.items[i] for i in known), traits[whole.users[u]])
                for u, known in zip(users, history, strict=True)
            ]
            for name, scorer in scorers.items():
                scores = np.array(scorer.score(queries), np.float64)
                found.setdefault((length, name), []).append(measured(scores, history, wanted))
    print("| history | scorer | users | NDCG@20 | Recall@20 | NDCG@20 won by traits |\n|---|---|---|---|---|---|")
    for (length, name), parts in found.items():
        values = np.concatenate(parts)
        won = ""
        if name.endswith("+ traits"):
            gain = values[:, 0] - np.concatenate(found[length, name.removesuffix(" + traits")])[:, 0]
            won = f"{gain.mean():+.4f} ± {1.96 * gain.std(ddof=1) / len(gain) ** 0.5:.4f}"
        means = values.mean(axis=0)
        print(f"| {length} | {name} | {len(values)} | {means[0]:.4f} | {means[1]:.4f} | {won} |")


if __name__ == "__main__":
    main()
