"""Several scorers as one, each trusted as far as there is evidence for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.data import Interactions, Query
from recommender.scorer import Arrays, Places, Scorer, profiles


@dataclass(eq=False)
class Blend:
    """Scores are brought to mean 0 and spread 1 for each query over the items that are scored, then added. With n items
    in the profile and m events of an item,

        trust * m / (m + item_k) * collaborative + (1 - (1 - content_share) * trust) * simple
            + popularity_share * trust * popularity
        trust = n / (n + collaborative_k)
        simple = like * content + (1 - like) * popularity, like = n / (n + content_k)

    so that a stranger sees what is popular, a newcomer what resembles the first few items, and a regular customer mostly
    what similar customers like. An item without events keeps an average collaborative score: content alone must never
    lift new items over what is known to be liked, or they fill the lists of everybody."""

    collaborative: Scorer
    content: Scorer
    popularity: Scorer
    collaborative_k: float = 4.0
    content_k: float = 0.5
    item_k: float = 3.0
    content_share: float = 0.4
    popularity_share: float = 0.15
    interactions: Interactions = field(init=False, repr=False)
    evidence: NDArray[np.float32] = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        for scorer in (self.collaborative, self.content, self.popularity):
            scorer.fit(interactions)
        return self._evident(interactions)

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        known = np.diff(profiles(queries, self.interactions).indptr).astype(np.float32)[:, None]
        trust, like = known / (known + self.collaborative_k), known / (known + self.content_k)
        simple = 1 - (1 - self.content_share) * trust
        popular = simple * (1 - like) + self.popularity_share * trust
        mixed = standardised(self.collaborative.score(queries, items))
        mixed *= trust * (self.evidence if items is None else self.evidence[items])
        mixed += simple * like * standardised(self.content.score(queries, items))
        mixed += popular * standardised(self.popularity.score(queries, items))
        return mixed

    def arrays(self) -> Arrays:
        parts = {"collaborative": self.collaborative, "content": self.content, "popularity": self.popularity}
        return {f"{name}.{key}": array for name, part in parts.items() for key, array in part.arrays().items()}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        parts = {"collaborative": self.collaborative, "content": self.content, "popularity": self.popularity}
        for name, part in parts.items():
            own = {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}
            part.restore(own, interactions)
        return self._evident(interactions)

    def _evident(self, interactions: Interactions) -> Self:
        events = np.bincount(interactions.item, minlength=len(interactions.items)).astype(np.float32)
        self.interactions, self.evidence = interactions, events / (events + self.item_k)
        return self


def standardised(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean 0 and standard deviation 1 in each row; a row of equal scores becomes 0."""
    centred = scores - scores.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.einsum("qn,qn->q", centred, centred) / max(scores.shape[1], 1))[:, None]
    out: NDArray[np.float32] = centred / np.where(spread > 1e-9, spread, 1)
    return out
