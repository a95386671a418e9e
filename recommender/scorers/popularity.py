"""The sanity row: what everybody takes, recent events counting more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.data import Interactions, Query
from recommender.scorer import Arrays, Places

DAY = 86_400.0


@dataclass(eq=False)
class Popularity:
    """An event loses half its weight every `half_life_days` before the newest one; events without time keep it."""

    half_life_days: float = 60.0
    weight: NDArray[np.float32] = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        time = interactions.time
        newest = time.max(initial=0.0)
        age = np.where(time > 0, (newest - time) / DAY, 0.0)
        decayed = np.maximum(interactions.weight, 0) * 0.5 ** (age / self.half_life_days)
        total = np.bincount(interactions.item, weights=decayed, minlength=len(interactions.items))
        self.weight = np.log1p(total).astype(np.float32)
        return self

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        weight = self.weight if items is None else self.weight[items]
        return np.broadcast_to(weight, (len(queries), len(weight)))

    def arrays(self) -> Arrays:
        return {"weight": self.weight}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:  # noqa: ARG002 - the protocol's
        self.weight = arrays["weight"].astype(np.float32)
        return self
