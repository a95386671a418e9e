"""Stars predicted by factors and biases: rating = mean + user bias + item bias + user factors . item factors.

Koren, Bell, Volinsky, "Matrix Factorization Techniques for Recommender Systems" (IEEE Computer 42, 2009), equation 4; each
side is solved in turn as a ridge regression over its own ratings, bias and factors together (Zhou, Wilkinson, Schreiber,
Pan, AAIM 2008, with their penalty weighted by the number of ratings). It predicts how much something is liked once taken;
for what will be taken next, use a scorer of implicit feedback.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.scorer import Arrays, Places

Floats = NDArray[np.float64]


@dataclass(eq=False)
class BiasedMf:
    """`l2` counts once for each rating of a user or item. A side's row is its bias and then its `k` factors."""

    k: int = 8
    epochs: int = 15
    l2: float = 0.1
    seed: int = 0
    mean: float = field(init=False, repr=False)
    users: Floats = field(init=False, repr=False)
    items: Floats = field(init=False, repr=False)
    interactions: Interactions = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        rated = interactions.only(~np.isnan(interactions.stars))
        if not len(rated):
            raise RecommenderError("biased_mf learns from stars, and no event is of the kind 'rating'")
        stars = rated.stars.astype(np.float64)
        self.interactions, self.mean = interactions, float(stars.mean())
        random = np.random.default_rng(self.seed)
        self.users = np.zeros((len(rated.users), 1 + self.k))
        self.items = np.concatenate(
            [np.zeros((len(rated.items), 1)), random.normal(0, 0.1, (len(rated.items), self.k))], axis=1
        )
        of_user, of_item = (np.argsort(side, kind="stable") for side in (rated.user, rated.item))
        for _ in range(self.epochs):
            self._solve(self.users, self.items, rated.user, rated.item, stars, of_user)
            self._solve(self.items, self.users, rated.item, rated.user, stars, of_item)
        return self

    def stars(self, users: Sequence[str], items: Sequence[str]) -> Floats:
        """(len(users),) predicted stars of pairs, inside 0 to 5; unknown users and items have no bias and no factors."""
        user, item = self.interactions.user_index, self.interactions.item_index
        u = self._rows(self.users, [user.get(name, -1) for name in users])
        i = self._rows(self.items, [item.get(name, -1) for name in items])
        found: Floats = np.clip(self.mean + u[:, 0] + i[:, 0] + np.einsum("nk,nk->n", u[:, 1:], i[:, 1:]), 0, 5)
        return found

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        index = self.interactions.user_index
        u = self._rows(self.users, [index.get(q.user, -1) if q.user is not None else -1 for q in queries])
        i = self.items if items is None else self.items[items]
        return (self.mean + u[:, :1] + i[:, 0] + u[:, 1:] @ i[:, 1:].T).astype(np.float32)

    def arrays(self) -> Arrays:
        return {"mean": np.array([self.mean]), "users": self.users, "items": self.items}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        self.interactions, self.mean = interactions, float(arrays["mean"][0])
        self.users, self.items = arrays["users"].astype(np.float64), arrays["items"].astype(np.float64)
        return self

    def _solve(
        self,
        solved: Floats,
        given: Floats,
        own: NDArray[np.int32],
        other: NDArray[np.int32],
        stars: Floats,
        order: NDArray[np.intp],
    ) -> None:
        rows, starts = np.unique(own[order], return_index=True)
        ridge = self.l2 * np.eye(1 + self.k)
        for row, part in zip(rows, np.split(order, starts[1:]), strict=True):
            there = given[other[part]]
            target = stars[part] - self.mean - there[:, 0]
            design = np.concatenate([np.ones((len(part), 1)), there[:, 1:]], axis=1)
            solved[row] = np.linalg.solve(design.T @ design + len(part) * ridge, design.T @ target)

    def _rows(self, side: Floats, places: Sequence[int]) -> Floats:
        return np.concatenate([side, np.zeros((1, side.shape[1]))])[list(places)]
