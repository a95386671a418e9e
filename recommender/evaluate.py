"""How good a scorer is: full ranking over all items, what was seen in training left out, every user of the test set."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender import metrics
from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.scorer import Scorer

BATCH_NUMBERS = 1 << 25
"""Scores held at a time: 128 MB in float32."""


@dataclass(frozen=True)
class Evaluation:
    """Mean measures and, for tests of significance, the ranked lists and the measures of each user."""

    k: int
    users: int
    recall: NDArray[np.float64]
    ndcg: NDArray[np.float64]
    hits: NDArray[np.bool_]
    relevant: NDArray[np.int64]
    ranked: NDArray[np.int64]
    items: int
    fit_seconds: float
    score_seconds: float

    def as_dict(self) -> dict[str, float]:
        """The keys of the command line, means over users; `peak_mb` is the whole process."""
        k, hits = self.k, self.hits
        return {
            f"recall@{k}": float(self.recall.mean()),
            f"ndcg@{k}": float(self.ndcg.mean()),
            f"precision@{k}": float(metrics.precision(hits).mean()),
            f"hr@{k}": float(metrics.hit_rate(hits).mean()),
            f"mrr@{k}": float(metrics.reciprocal_rank(hits).mean()),
            f"map@{k}": float(metrics.average_precision(hits, self.relevant).mean()),
            "coverage": metrics.coverage(self.ranked, self.items),
            "gini": metrics.gini(self.ranked, self.items),
            "users": float(self.users),
            "fit_seconds": self.fit_seconds,
            "score_seconds": self.score_seconds,
            "users_per_second": self.users / max(self.score_seconds, 1e-9),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def evaluate(train: Interactions, test: Interactions, scorer: Scorer, *, k: int = 20) -> Evaluation:
    """Fits the scorer and ranks for every user of the test set; users that training does not know count too. Raises
    RecommenderError for an empty test set and for test pairs that training has seen (they could never be ranked)."""
    if not len(test):
        raise RecommenderError("the test set is empty; nothing can be evaluated")
    items = _all_items(train, test)
    if not 1 <= k <= len(items):
        raise RecommenderError(f"k {k!r} is not between 1 and the {len(items)} items")
    train, test = train.over(items), test.over(items)
    seen, right = _seen(train, test), _binary(test)
    leaked = int(seen.multiply(right).nnz)
    if leaked:
        raise RecommenderError(f"{leaked} pairs of the test set are in the training set; take them out of one")
    start = time.perf_counter()
    scorer.fit(train)
    fitted = time.perf_counter()
    ranked = top_k(scorer, test.users, seen, k)
    scored = time.perf_counter()
    hits = np.zeros(ranked.shape, dtype=np.bool_)
    for n, row in enumerate(ranked):
        hits[n] = np.isin(row, right.indices[right.indptr[n] : right.indptr[n + 1]])
    relevant = np.diff(right.indptr).astype(np.int64)
    return Evaluation(
        k=k,
        users=len(test.users),
        recall=metrics.recall(hits, relevant),
        ndcg=metrics.ndcg(hits, relevant),
        hits=hits,
        relevant=relevant,
        ranked=ranked,
        items=len(items),
        fit_seconds=fitted - start,
        score_seconds=scored - fitted,
    )


def top_k(scorer: Scorer, users: tuple[str, ...], seen: sparse.csr_matrix, k: int) -> NDArray[np.int64]:
    """(users, k) positions of the best items, best first; `seen` (users, items) are left out."""
    batch = max(1, BATCH_NUMBERS // seen.shape[1])
    out = np.empty((len(users), k), dtype=np.int64)
    for start in range(0, len(users), batch):
        stop = min(start + batch, len(users))
        scores = np.array(scorer.score([Query(user) for user in users[start:stop]]), copy=True)
        rows, columns = seen[start:stop].nonzero()
        scores[rows, columns] = -np.inf
        part = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(scores, part, axis=1), axis=1, kind="stable")
        out[start:stop] = np.take_along_axis(part, order, axis=1)
    return out


def _all_items(train: Interactions, test: Interactions) -> tuple[str, ...]:
    known = set(train.items)
    return (*train.items, *(item for item in test.items if item not in known))


def _binary(interactions: Interactions) -> sparse.csr_matrix:
    shape = (len(interactions.users), len(interactions.items))
    pairs = (np.ones(len(interactions), np.float32), (interactions.user, interactions.item))
    matrix = sparse.coo_matrix(pairs, shape=shape).tocsr()
    matrix.data[:] = 1
    return matrix


def _seen(train: Interactions, test: Interactions) -> sparse.csr_matrix:
    """(test users, items) what each user of the test set did in training."""
    known, matrix = train.user_index, _binary(train)
    places = [known.get(user) for user in test.users]
    empty = sparse.csr_matrix((1, matrix.shape[1]), dtype=np.float32)
    if all(place is not None for place in places):
        return matrix[places]
    return sparse.vstack([empty if place is None else matrix[place] for place in places], format="csr")
