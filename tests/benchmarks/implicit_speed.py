"""Speed beside implicit 0.7.3 on Gowalla, peers in turn, two threads each: ALS of 128 factors, the fold-in of a new user,
`graph`'s fit. Prints one JSON object: medians of seconds, what each repeat took, NDCG@20 on the test, ratios.

Needs implicit (pip install --no-deps implicit==0.7.3 somewhere on PYTHONPATH); it is no dependency of the project.

OPENBLAS_NUM_THREADS=1 python tests/benchmarks/implicit_speed.py DIR/gowalla [--repeats 3] [--threads 2]
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from implicit.als import AlternatingLeastSquares

from recommender import metrics
from recommender.data import Interactions, Query
from recommender.scorers.graph import Graph
from recommender.scorers.ials import Ials

OURS = {"dim": 128, "epochs": 3, "exponent": 1.0, "l2": 0.01, "unobserved": 200.0}
THEIRS = {"factors": 128, "iterations": 15, "alpha": 100.0, "regularization": 100.0}
"""Both chosen on a hold-out of 20 % of the training events, save the iterations, which are implicit's default."""
NEW, ASKED, K = 100, 4000, 20


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    said = parser.parse_args()
    torch.set_num_threads(said.threads)
    train, test = read(said.folder)
    matrix = train.matrix
    users = np.random.default_rng(0).permutation(len(test.users))[:ASKED]
    seconds: dict[str, list[float]] = {}
    for _ in range(said.repeats):
        ours = timed(seconds, "ials fit", lambda: Ials(**OURS).fit(train))
        theirs = AlternatingLeastSquares(**THEIRS, num_threads=said.threads, random_state=0)
        timed(seconds, "implicit fit", lambda peer=theirs: peer.fit(matrix, show_progress=False))
        timed(seconds, "graph fit", lambda: Graph().fit(train))
        for user in users[:NEW]:
            row = matrix[train.user_index[test.users[user]]]
            stranger = Query(None, tuple(train.items[n] for n in row.indices))
            timed(seconds, "ials fold-in", lambda model=ours, query=stranger: model.fold_in([query]))
            timed(seconds, "implicit fold-in", lambda peer=theirs, own=row: peer.recalculate_user(0, own))
    middle = {name: statistics.median(taken) for name, taken in seconds.items()}
    found = {
        "threads": said.threads,
        "median_seconds": middle,
        "p95_seconds": {name: float(np.percentile(taken, 95)) for name, taken in seconds.items() if len(taken) >= NEW},
        "fits": {name: taken for name, taken in seconds.items() if len(taken) < NEW},
        "ratio_fit": middle["ials fit"] / middle["implicit fit"],
        "ratio_fold_in": middle["ials fold-in"] / middle["implicit fold-in"],
        "ndcg@20": {
            "ials": ndcg(train, test, users, lambda names: ours.score([Query(name) for name in names])),
            "implicit": ndcg(train, test, users, lambda names: scores(theirs, train, names)),
        },
        "users_of_ndcg": len(users),
    }
    print(json.dumps(found, indent=1))


def read(folder: Path) -> tuple[Interactions, Interactions]:
    train = Interactions.from_lightgcn(folder / "train.txt.gz")
    return train, Interactions.from_lightgcn(folder / "test.txt.gz").over(train.items)


def timed(seconds: dict[str, list[float]], name: str, run: Callable[[], Any]) -> Any:
    start = time.perf_counter()
    found = run()
    seconds.setdefault(name, []).append(time.perf_counter() - start)
    return found


def scores(peer: AlternatingLeastSquares, train: Interactions, names: list[str]) -> np.ndarray:
    rows = [train.user_index[name] for name in names]
    return np.asarray(peer.user_factors[rows] @ peer.item_factors.T)


def ndcg(
    train: Interactions, test: Interactions, users: np.ndarray, scored: Callable[[list[str]], np.ndarray]
) -> float:
    """Of the same users for both, training items left out."""
    total, right = 0.0, test.matrix
    for start in range(0, len(users), 256):
        part = users[start : start + 256]
        names = [test.users[n] for n in part]
        found = np.array(scored(names))
        found[train.matrix[[train.user_index[name] for name in names]].nonzero()] = -np.inf
        ranked = torch.topk(torch.from_numpy(found), K).indices.numpy()
        hits = np.take_along_axis(right[part].toarray() > 0, ranked, axis=1)
        total += metrics.ndcg(hits, np.diff(right[part].indptr).astype(np.int64)).sum()
    return float(total / len(users))


if __name__ == "__main__":
    main()
