"""Who has no history yet, ranked for by what else is known: traits that other customers share, and friends.

What people of some traits take is a ridge regression from traits to items (Koren, Bell, Volinsky, "Matrix Factorization
Techniques for Recommender Systems", Computer 2009, add attributes to factors likewise; without factors it works beside any
scorer); friends bring the mean of their own scores, which for a scorer with factors is the score of their mean factors (Ma,
King, Lyu, "Learning to Recommend with Social Trust Ensemble", SIGIR 2009).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.data import Interactions, Query
from recommender.scorer import Arrays, Places, Scorer, profiles

Floats = NDArray[np.float32]
FRIENDS = 50
"""Of a query's friends, the first so many are asked."""


@dataclass(eq=False)
class Newcomers:
    """Scores as `scorer` does where neither traits nor friends are known, or where the history is long: own scores count
    n / (n + history_k) with n items, friends f / (f + friends_k) of the rest with f friends who have a history, traits
    what remains. `l2` is worth so many users without the trait. Each part has mean 0 and spread 1 for a query over the items that are scored. `traits` are those of
    known users; a query may bring its own. Memory: (traits, n_items) numbers."""

    scorer: Scorer
    traits: Mapping[str, Sequence[str]]
    l2: float = 100.0
    history_k: float = 4.0
    friends_k: float = 1.0
    interactions: Interactions = field(init=False, repr=False)
    _columns: dict[str, int] = field(init=False, repr=False)
    _weights: Floats = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        self.scorer.fit(interactions)
        return self._learned(interactions)

    def score(self, queries: Sequence[Query], items: Places | None = None) -> Floats:
        scores = np.array(self.scorer.score(queries, items), np.float32)
        known = np.diff(profiles(queries, self.interactions).indptr)
        for row, query in enumerate(queries):
            traits, friends = self._traits(query), self._friends(query)
            if not traits and not friends:
                continue
            own = known[row] / (known[row] + self.history_k)
            of_friends = (1 - own) * len(friends) / (len(friends) + self.friends_k) if traits else 1 - own
            mixed = own * _standard(scores[row])
            if friends:
                asked = [Query(friend) for friend in friends]
                mixed += of_friends * _standard(self.scorer.score(asked, items).mean(axis=0))
            if traits:
                weights = self._weights if items is None else self._weights[:, items]
                mixed += (1 - own - (of_friends if friends else 0)) * _standard(weights[[0, *traits]].sum(axis=0))
            scores[row] = mixed
        return scores

    def arrays(self) -> Arrays:
        return self.scorer.arrays()

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        self.scorer.restore(arrays, interactions)
        return self._learned(interactions)

    def _learned(self, interactions: Interactions) -> Self:
        names = sorted({trait for user in interactions.users for trait in self.traits.get(user, ())})
        self._columns = {name: n for n, name in enumerate(names, start=1)}  # 0: what everybody takes
        pairs = [
            (row, self._columns[trait])
            for row, user in enumerate(interactions.users)
            for trait in self.traits.get(user, ())
        ]
        rows = np.array([row for row, _ in pairs], np.int64)
        columns = np.array([column for _, column in pairs], np.int64)
        shape = (len(interactions.users), 1 + len(names))
        told = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()
        told.data[:] = 1
        told = sparse.csr_matrix(
            told + sparse.csr_matrix((np.ones(shape[0]), (range(shape[0]), [0] * shape[0])), shape)
        )
        taken = interactions.matrix.copy()
        taken.data[:] = 1
        penalty = np.full(shape[1], self.l2)
        penalty[0] = 1e-6
        gram = (told.T @ told).toarray() + np.diag(penalty)
        self._weights = np.linalg.solve(gram, (told.T @ taken).toarray()).astype(np.float32)
        self.interactions = interactions
        return self

    def _traits(self, query: Query) -> list[int]:
        told = query.traits or (self.traits.get(query.user, ()) if query.user is not None else ())
        return [self._columns[trait] for trait in dict.fromkeys(told) if trait in self._columns]

    def _friends(self, query: Query) -> list[str]:
        """Those who have a history."""
        index, filled = self.interactions.user_index, self.interactions.matrix.indptr
        return [
            friend
            for friend in query.friends[:FRIENDS]
            if (place := index.get(friend)) is not None and filled[place + 1] > filled[place]
        ]


def _standard(scores: Floats) -> Floats:
    spread = float(scores.std())
    out: Floats = (scores - scores.mean()) / (spread if spread > 1e-9 else 1.0)
    return out
