"""Measures of ranked lists. `hits` (u, k) bool says which of the k ranked items of each user were right, best rank
first; `relevant` (u,) counts the right items of each user, also those not ranked. All give one value a user (u,)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.errors import RecommenderError

Hits = NDArray[np.bool_]
Counts = NDArray[np.int64]
PerUser = NDArray[np.float64]


def recall(hits: Hits, relevant: Counts) -> PerUser:
    """Right items found / all right items."""
    return np.asarray(np.count_nonzero(hits, axis=1) / relevant, dtype=np.float64)


def precision(hits: Hits) -> PerUser:
    return recall(hits, np.full(len(hits), hits.shape[1]))


def hit_rate(hits: Hits) -> PerUser:
    """1 where any right item was found."""
    return np.asarray(hits.any(axis=1), dtype=np.float64)


def ndcg(hits: Hits, relevant: Counts) -> PerUser:
    """Discounted gain 1 / log2(rank + 1) over that of the best order of min(k, relevant) right items."""
    k = hits.shape[1]
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discount)[np.minimum(relevant, k) - 1]
    return np.asarray(hits @ discount / ideal, dtype=np.float64)


def reciprocal_rank(hits: Hits) -> PerUser:
    """1 / rank of the first right item, 0 without one."""
    return np.where(hits.any(axis=1), 1 / (hits.argmax(axis=1) + 1), 0.0)


def average_precision(hits: Hits, relevant: Counts) -> PerUser:
    """Mean precision at the ranks of the right items, over min(k, relevant)."""
    k = hits.shape[1]
    at_rank = np.cumsum(hits, axis=1) / np.arange(1, k + 1)
    return np.asarray((at_rank * hits).sum(axis=1) / np.minimum(relevant, k), dtype=np.float64)


def coverage(ranked: NDArray[np.int64], items: int) -> float:
    """Share of the catalogue that appears in at least one of the lists (u, k)."""
    return len(np.unique(ranked)) / items


def gini(ranked: NDArray[np.int64], items: int) -> float:
    """How unevenly the lists (u, k) show the catalogue: 0 all items alike, near 1 always the same few."""
    shown = np.sort(np.bincount(ranked.ravel(), minlength=items)).astype(np.float64)
    rank = np.arange(1, items + 1)
    return float(((2 * rank - items - 1) @ shown) / (items * shown.sum()))


def novelty(ranked: NDArray[np.int64], popularity: PerUser) -> float:
    """Mean surprise -log2(share of users who know the item) of what is shown; `popularity` (items,) are those shares."""
    return float(-np.log2(np.maximum(popularity, 1e-12))[ranked].mean())


def diversity(ranked: NDArray[np.int64], features: NDArray[np.float32]) -> PerUser:
    """1 - mean cosine of the pairs in each list of two or more; `features` (items, d) have rows of length 1 (categories
    as one-hot rows make it the share of pairs from two categories)."""
    k = ranked.shape[1]
    if k < 2:
        raise RecommenderError(f"the diversity of lists of {k} is not defined; use a k from 2")
    shown = features[ranked]
    total = np.square(shown.sum(axis=1)).sum(axis=1) - np.square(shown).sum(axis=(1, 2))
    return np.asarray(1 - total / (k * (k - 1)), dtype=np.float64)


def shown_popularity(ranked: NDArray[np.int64], popularity: PerUser) -> PerUser:
    """Mean popularity (share of users) of each list."""
    return np.asarray(popularity[ranked].mean(axis=1), dtype=np.float64)


def head(popularity: PerUser, *, share: float = 0.2) -> NDArray[np.bool_]:
    """(items,) True for the most popular `share` of the items, in the order of the catalogue among equals."""
    count = max(1, round(share * len(popularity)))
    found = np.zeros(len(popularity), dtype=np.bool_)
    found[np.argsort(-popularity, kind="stable")[:count]] = True
    return found


def mae(predicted: PerUser, given: PerUser) -> float:
    """Mean absolute error, in stars."""
    return float(np.abs(predicted - given).mean())


def rmse(predicted: PerUser, given: PerUser) -> float:
    """Root of the mean squared error, in stars."""
    return float(np.sqrt(np.square(predicted - given).mean()))
