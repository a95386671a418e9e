"""Training-free filtering of the user-item graph: blur a profile over common users, then sharpen what came out.

Blurring is the linear filter of GF-CF (Shen et al., CIKM 2021), sharpening an Euler step of BSPM (Choi, Hong, Park, Cho,
SIGIR 2023, section 3.3). Other than there, degrees are divided out of the blur by less than their square root, and part of
an item's is given back on the way out: that gained more than a low-pass by singular vectors, and costs nothing.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from recommender.data import Interactions, Query
from recommender.scorer import Arrays, Places, profiles


@dataclass(eq=False)
class Graph:
    """The blur's graph is user_degree ** -user_power * R * item_degree ** -item_power; a profile enters divided by
    item_degree ** shift and leaves multiplied by it. `sharpen` is the length of the Euler step, 0 for none."""

    user_power: float = 0.4
    item_power: float = 0.4
    shift: float = 0.15
    sharpen: float = 0.8
    device: str = "cpu"
    interactions: Interactions = field(init=False, repr=False)
    _graph: Tensor = field(init=False, repr=False)
    _back: Tensor = field(init=False, repr=False)
    _users: Tensor = field(init=False, repr=False)
    _items: Tensor = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        taken = interactions.matrix.copy()
        taken.data[:] = 1
        self._users, self._items = (self._degrees(taken.sum(axis=axis)) for axis in (1, 0))
        self._graph, self._back = self._on_device(taken), self._on_device(taken.T.tocsr())
        self.interactions = interactions
        return self

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        rows = profiles(queries, self.interactions)
        rows.data[:] = 1
        profile = torch.from_numpy(rows.toarray().T).to(self.device)
        blurred = self._filtered(profile, self.user_power, self.item_power, self.shift)
        if self.sharpen:
            blurred -= self.sharpen * self._filtered(blurred, 0.5, 0.5, 0.0)
        scores: NDArray[np.float32] = blurred.T.contiguous().cpu().numpy()
        return scores if items is None else scores[:, items]

    def arrays(self) -> Arrays:
        return {}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:  # noqa: ARG002 - the protocol's
        return self.fit(interactions)

    def _filtered(self, columns: Tensor, user_power: float, item_power: float, shift: float) -> Tensor:
        """The graph's item-item matrix applied to profiles (items, q) through the users, never written out."""
        over_users = self._graph @ (columns * self._items[:, None] ** -(item_power + shift))
        over_items: Tensor = self._back @ (over_users * self._users[:, None] ** (-2 * user_power))
        return over_items * self._items[:, None] ** (shift - item_power)

    def _degrees(self, counts: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(np.maximum(np.asarray(counts, dtype=np.float32).ravel(), 1)).to(self.device)

    def _on_device(self, matrix: sparse.csr_matrix) -> Tensor:
        parts = (matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data)
        with warnings.catch_warnings():  # torch calls its CSR tensors beta; products with dense ones are tested here
            warnings.filterwarnings("ignore", message="Sparse", category=UserWarning)
            indptr, indices, data = (torch.from_numpy(part) for part in parts)
            return torch.sparse_csr_tensor(indptr, indices, data, size=matrix.shape, check_invariants=True).to(
                self.device
            )
