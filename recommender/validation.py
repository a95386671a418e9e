"""A part of the events held out, by which a scorer chooses settings of its own while it is fitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender import metrics
from recommender.data import Interactions, Query
from recommender.scorer import profiles
from recommender.splits import holdout
from recommender.topk import ranked

_BATCH = 256


@dataclass(frozen=True)
class Batch:
    """Users to ask for and the right answers of each (q, items)."""

    queries: list[Query]
    right: NDArray[np.bool_]
    train: Interactions
    k: int

    def ndcg(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        """(q,) of the scores (q, items), what training knows of a user left out."""
        rows, places = profiles(self.queries, self.train).nonzero()
        asked = scores.copy()
        asked[rows, places] = -np.inf
        hits = np.take_along_axis(self.right, ranked(asked, min(self.k, asked.shape[1])), axis=1)
        return metrics.ndcg(hits, np.count_nonzero(self.right, axis=1))


@dataclass(frozen=True)
class Validation:
    """What is learned from, what is tested on, and which users of it are asked for."""

    train: Interactions
    test: Interactions
    asked: NDArray[np.int64]
    k: int = 20

    @classmethod
    def of(cls, interactions: Interactions, *, share: float, users: int, seed: int) -> Self:
        """At most that many users, drawn at random from those of whom something was held out."""
        train, test = holdout(interactions, share=share, seed=seed)
        return cls(train, test, np.random.default_rng(seed).permutation(len(test.users))[:users])

    def batches(self) -> Iterator[Batch]:
        for start in range(0, len(self.asked), _BATCH):
            users = self.asked[start : start + _BATCH]
            queries = [Query(self.test.users[n]) for n in users]
            yield Batch(queries, self.test.matrix[users].toarray() > 0, self.train, self.k)
