"""Items like those in the profile, by what they are; needs no other customer and knows new items at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.scorer import Arrays, Places, profiles


@dataclass(eq=False)
class Content:
    """`features` (n_items, d) with rows of length 1; a profile is the weighted mean of its items' rows, and the newest
    items of a history count more: the latest as much as a purchase, falling by `recency` a step."""

    features: NDArray[np.float32] = field(repr=False)
    recency: float = 0.85
    latest_weight: float = 5.0
    interactions: Interactions = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        if len(self.features) != len(interactions.items):
            raise RecommenderError(
                f"features have {len(self.features)} rows, the interactions are over {len(interactions.items)} items"
            )
        self.interactions = interactions
        return self

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        rows: NDArray[np.float32] = profiles(queries, self.interactions) @ self.features
        for n, query in enumerate(queries):
            rows[n] += self._recent(query)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        features = self.features if items is None else self.features[items]
        likeness: NDArray[np.float32] = rows @ features.T
        return likeness

    def arrays(self) -> Arrays:
        return {}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:  # noqa: ARG002 - the protocol's
        return self.fit(interactions)

    def _recent(self, query: Query) -> NDArray[np.float32]:
        index = self.interactions.item_index
        known = [index[item] for item in reversed(query.history) if item in index]
        weights = self.latest_weight * self.recency ** np.arange(len(known), dtype=np.float32)
        out: NDArray[np.float32] = weights.astype(np.float32) @ self.features[known]
        return out
