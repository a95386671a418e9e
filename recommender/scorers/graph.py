"""Training-free filtering of the user-item graph: blur a profile over common users, then sharpen what came out.

Blurring is the linear filter of GF-CF (Shen et al., CIKM 2021), sharpening an Euler step of BSPM (Choi, Hong, Park, Cho,
SIGIR 2023, section 3.3). Other than there, degrees are divided out of the blur by less than their square root, and part of
an item's is given back on the way out: that gained more than their ideal low-pass, and costs nothing. The low-pass can
be had besides: it takes seconds to fit.
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
from recommender.errors import RecommenderError
from recommender.scorer import Arrays, Places, profiles

_COLUMNS = 64
"""Profiles filtered at a time: the rows that a sparse product gathers then stay in the cache."""
_SPARE = 16
"""Vectors sought beyond those that are kept, which makes these exact."""


@dataclass(eq=False)
class Graph:
    """The blur's graph is user_degree ** -user_power * R * item_degree ** -item_power; a profile enters divided by
    item_degree ** shift and leaves multiplied by it. `sharpen` is the length of the Euler step, 0 for none. `low_pass` is the
    number of the graph's singular vectors that a profile is projected on besides, 0 for none; the projection counts
    `low_weight`, each at spread 1 over the items."""

    user_power: float = 0.4
    item_power: float = 0.4
    shift: float = 0.15
    sharpen: float = 0.8
    low_pass: int = 0
    low_weight: float = 0.15
    seed: int = 0
    device: str = "cpu"
    interactions: Interactions = field(init=False, repr=False)
    _into: sparse.csr_matrix = field(init=False, repr=False)
    _back: Tensor = field(init=False, repr=False)
    _root: Tensor = field(init=False, repr=False)
    _root_back: Tensor = field(init=False, repr=False)
    _degrees: Tensor = field(init=False, repr=False)
    _low: Tensor | None = field(init=False, repr=False, default=None)

    def fit(self, interactions: Interactions) -> Self:
        if self.low_pass < 0:
            raise RecommenderError(
                f"low_pass {self.low_pass!r} is below 0; give a number of singular vectors, or 0 for none"
            )
        graph = self._filters(interactions)
        self._low = self._low_frequencies(graph) if self.low_pass else None
        return self

    def _filters(self, interactions: Interactions) -> sparse.csr_matrix:
        """Sets everything but the low-pass up; the graph (users, items) of the blur."""
        taken = interactions.matrix.copy()
        taken.data[:] = 1
        users, items = (np.maximum(np.asarray(taken.sum(axis=axis)).ravel(), 1) for axis in (1, 0))

        def weighted(user_power: float, item_power: float) -> sparse.csr_matrix:
            return sparse.diags_array(users**-user_power) @ taken @ sparse.diags_array(items**-item_power)

        self._into = weighted(0, self.item_power + self.shift).T.tocsr()
        self._back = self._on_device(weighted(2 * self.user_power, self.item_power - self.shift).T)
        root = weighted(0.5, 0.5)
        self._root, self._root_back = self._on_device(root), self._on_device(root.T)
        self._degrees = torch.from_numpy(items.astype(np.float32)).to(self.device)
        self.interactions = interactions
        return sparse.csr_matrix(weighted(self.user_power, self.item_power))

    def _low_frequencies(self, graph: sparse.csr_matrix) -> Tensor:
        """The graph's right singular vectors (items, low_pass) of the largest values (Halko et al. 2011)."""
        most = min(*graph.shape)
        with torch.random.fork_rng(devices=[self.device] if self.device != "cpu" else []):
            torch.manual_seed(self.seed)
            vectors = torch.svd_lowrank(self._on_device(graph), q=min(self.low_pass + _SPARE, most), niter=2)[2]
        return vectors[:, : self.low_pass].contiguous()

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        rows = profiles(queries, self.interactions)
        rows.data[:] = 1
        heard = sparse.csr_matrix(rows @ self._into)
        parts = [slice(start, start + _COLUMNS) for start in range(0, len(queries), _COLUMNS)]
        found = [self._with_low(self._sharpened(heard[part]), rows[part]) for part in parts]
        scores = torch.cat(found).cpu().numpy() if found else np.empty(rows.shape, np.float32)
        return scores if items is None else scores[:, items]

    def arrays(self) -> Arrays:
        return {} if self._low is None else {"low": self._low.cpu().numpy()}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        self._filters(interactions)
        self._low = torch.from_numpy(np.array(arrays["low"])).to(self.device) if "low" in arrays else None
        return self

    def _sharpened(self, heard: sparse.csr_matrix) -> Tensor:
        """(q, items) out of what the users hear of each profile (q, users)."""
        blurred: Tensor = self._back @ torch.from_numpy(np.ascontiguousarray(heard.toarray().T)).to(self.device)
        if self.sharpen:
            blurred -= self.sharpen * (self._root_back @ (self._root @ blurred))
        return blurred.T.contiguous()

    def _with_low(self, scores: Tensor, rows: sparse.csr_matrix) -> Tensor:
        """The scores (q, items) and the low-pass of the profiles (q, items)."""
        if self._low is None:
            return scores
        divided = torch.from_numpy(rows.toarray()).to(self.device) * self._degrees**-self.item_power
        low = (divided @ self._low) @ self._low.T * self._degrees**self.item_power
        return _spread(scores) + self.low_weight * _spread(low)

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


def _spread(scores: Tensor) -> Tensor:
    """Each row (q, items) at standard deviation 1; one without any stays as it is."""
    spread = scores.std(dim=1, keepdim=True, correction=0)
    return scores / torch.where(spread > 1e-9, spread, 1.0)
