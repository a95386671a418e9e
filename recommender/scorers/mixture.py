"""Two scorers as one where nothing but ids is known: their scores added, with the share that a hold-out prefers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.data import Interactions, Query
from recommender.scorer import Arrays, Places, Scorer, profiles
from recommender.validation import Validation

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(eq=False)
class Mixture:
    """(1 - share) * first + share * second, each at spread 1 over the items outside the profile; who is unknown gets
    `popularity`. The share is that of SHARES with the best NDCG@20 on a random `validation` part of the events, asked
    for at most `most` users; with 0 it stays as given. Choosing costs a second fit of both."""

    first: Scorer
    second: Scorer
    popularity: Scorer
    share: float = 0.4
    validation: float = 0.1
    most: int = 4000
    seed: int = 0
    interactions: Interactions = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        if self.validation:
            self.share = self._chosen(interactions)
        return self._fitted(interactions)

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        first, second = self._both(queries)
        mixed = (1 - self.share) * first + self.share * second
        strangers = np.flatnonzero(np.diff(profiles(queries, self.interactions).indptr) == 0)
        if len(strangers):
            mixed[strangers] = self.popularity.score([queries[int(n)] for n in strangers])
        return mixed if items is None else mixed[:, items]

    def arrays(self) -> Arrays:
        own = {f"{name}.{key}": array for name, part in self._parts() for key, array in part.arrays().items()}
        return own | {"share": np.array([self.share])}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        for name, part in self._parts():
            own = {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}
            part.restore(own, interactions)
        self.interactions, self.share = interactions, float(arrays["share"][0])
        return self

    def _parts(self) -> tuple[tuple[str, Scorer], ...]:
        return ("first", self.first), ("second", self.second), ("popularity", self.popularity)

    def _fitted(self, interactions: Interactions) -> Self:
        for _, part in self._parts():
            part.fit(interactions)
        self.interactions = interactions
        return self

    def _both(self, queries: Sequence[Query]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        rows, places = profiles(queries, self.interactions).nonzero()
        first, second = (np.array(part.score(queries)) for part in (self.first, self.second))
        for scores in (first, second):
            own = scores[rows, places]
            scores[rows, places] = 0
            spread = scores.std(axis=1, keepdims=True)
            scores[rows, places] = own
            scores /= np.where(spread > 1e-9, spread, 1)
        return first, second

    def _chosen(self, interactions: Interactions) -> float:
        validation = Validation.of(interactions, share=self.validation, users=self.most, seed=self.seed)
        if not len(validation.asked):
            return self.share
        self._fitted(validation.train)
        gains = np.zeros(len(SHARES))
        for batch in validation.batches():
            first, second = self._both(batch.queries)
            gains += [batch.ndcg((1 - share) * first + share * second).sum() for share in SHARES]
        return SHARES[int(gains.argmax())]
