"""A linear autoencoder with a closed form: one inverse of an item x item matrix, for catalogues up to some 10,000.

Steck, "Embarrassingly Shallow Autoencoders for Sparse Data" (WWW 2019), equation 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.scorer import Arrays, Places, profiles

MOST_ITEMS = 50_000
"""10 GB of float32; the inverse needs that three times."""


@dataclass(eq=False)
class Ease:
    """`l2` (lambda) grows with the number of users; hundreds are usual."""

    l2: float = 200.0
    device: str = "cpu"
    weights: Tensor = field(init=False, repr=False)
    interactions: Interactions = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        taken = interactions.matrix.copy()
        if taken.shape[1] > MOST_ITEMS:
            raise RecommenderError(f"ease takes up to {MOST_ITEMS} items, not {taken.shape[1]}; use ials or graph")
        taken.data[:] = 1
        gram = torch.from_numpy((taken.T @ taken).toarray()).to(self.device)
        gram.diagonal().add_(self.l2)
        inverse = torch.cholesky_inverse(torch.linalg.cholesky(gram))
        self.weights = inverse / -inverse.diagonal()
        self.weights.fill_diagonal_(0)
        self.interactions = interactions
        return self

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        rows = profiles(queries, self.interactions)
        rows.data[:] = 1
        dense = torch.from_numpy(rows.toarray()).to(self.device)
        weights = self.weights if items is None else self.weights[:, torch.from_numpy(items).to(self.device)]
        scores: NDArray[np.float32] = (dense @ weights).cpu().numpy()
        return scores

    def arrays(self) -> Arrays:
        return {"weights": self.weights.cpu().numpy()}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        self.weights = torch.from_numpy(arrays["weights"].astype(np.float32)).to(self.device)
        self.interactions = interactions
        return self
