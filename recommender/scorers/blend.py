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
    """Scores are brought to mean 0 and spread 1 for each query over the items that are scored, then mixed with weights n / (n + k) where n is the
    number of items in the profile: from popularity to content to what similar customers like. An item with few events
    of its own leans on content in the same way."""

    collaborative: Scorer
    content: Scorer
    popularity: Scorer
    collaborative_k: float = 4.0
    content_k: float = 0.5
    item_k: float = 3.0
    interactions: Interactions = field(init=False, repr=False)
    evidence: NDArray[np.float32] = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        for scorer in (self.collaborative, self.content, self.popularity):
            scorer.fit(interactions)
        return self._evident(interactions)

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        known = np.diff(profiles(queries, self.interactions).indptr).astype(np.float32)[:, None]
        trust = known / (known + self.collaborative_k) * (self.evidence if items is None else self.evidence[items])
        like = known / (known + self.content_k)
        simple = like * standardised(self.content.score(queries, items))
        simple += (1 - like) * standardised(self.popularity.score(queries, items))
        mixed = standardised(self.collaborative.score(queries, items))
        mixed -= simple
        mixed *= trust
        mixed += simple
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
