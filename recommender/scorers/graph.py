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

_COLUMNS = 64
"""Profiles filtered at a time: the rows that a sparse product gathers then stay in the cache."""


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
    _into: sparse.csr_matrix = field(init=False, repr=False)
    _back: Tensor = field(init=False, repr=False)
    _root: Tensor = field(init=False, repr=False)
    _root_back: Tensor = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        taken = interactions.matrix.copy()
        taken.data[:] = 1
        users, items = (np.maximum(np.asarray(taken.sum(axis=axis)).ravel(), 1) for axis in (1, 0))

        def weighted(user_power: float, item_power: float) -> sparse.csr_matrix:
            return sparse.diags_array(users**-user_power) @ taken @ sparse.diags_array(items**-item_power)

        self._into = weighted(0, self.item_power + self.shift).T.tocsr()
        self._back = self._on_device(weighted(2 * self.user_power, self.item_power - self.shift).T)
        root = weighted(0.5, 0.5)
        self._root, self._root_back = self._on_device(root), self._on_device(root.T)
        self.interactions = interactions
        return self

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        rows = profiles(queries, self.interactions)
        rows.data[:] = 1
        heard = sparse.csr_matrix(rows @ self._into)
        found = [self._sharpened(heard[start : start + _COLUMNS]) for start in range(0, len(queries), _COLUMNS)]
        scores = torch.cat(found).cpu().numpy() if found else np.empty(rows.shape, np.float32)
        return scores if items is None else scores[:, items]

    def arrays(self) -> Arrays:
        return {}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:  # noqa: ARG002 - the protocol's
        return self.fit(interactions)

    def _sharpened(self, heard: sparse.csr_matrix) -> Tensor:
        """(q, items) out of what the users hear of each profile (q, users)."""
        blurred: Tensor = self._back @ torch.from_numpy(np.ascontiguousarray(heard.toarray().T)).to(self.device)
        if self.sharpen:
            blurred -= self.sharpen * (self._root_back @ (self._root @ blurred))
        return blurred.T.contiguous()

    def _on_device(self, matrix: sparse.sparray) -> Tensor:
        matrix = sparse.csr_matrix(matrix)
        matrix.sort_indices()
        parts = (matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data.astype(np.float32))
        with warnings.catch_warnings():  # torch calls its CSR tensors beta; products with dense ones are tested here
            warnings.filterwarnings("ignore", message="Sparse", category=UserWarning)
            indptr, indices, data = (torch.from_numpy(part) for part in parts)
            return torch.sparse_csr_tensor(indptr, indices, data, size=matrix.shape, check_invariants=True).to(
                self.device
            )
