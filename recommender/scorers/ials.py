"""Matrix factorisation of implicit feedback by alternating least squares.

Loss and scaling of the penalty after Rendle, Krichene, Zhang, Koren, "Revisiting the Performance of iALS on Item
Recommendation Benchmarks" (RecSys 2022), equations 1 and 5. Each half step is solved exactly, all rows of similar length
at once: in the axes where the other side's second moments are diagonal, a row of n events needs an n x n system only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor

from recommender.data import Interactions, Query
from recommender.scorer import Arrays, Places, profiles

_GATHERED = 1 << 18
"""Numbers gathered at a time: 1 MB in float32 stays in the cache, and little is padding."""


@dataclass(eq=False)
class Ials:
    """`unobserved` is the weight of a user's items without an event, all together (Rendle's alpha_0 times the number of
    items: so that one value suits catalogues of any size); `l2` and `exponent` make the penalty
    l2 * (events + alpha_0 * rows of the other side) ** exponent (lambda, nu)."""

    dim: int = 64
    epochs: int = 12
    unobserved: float = 200.0
    l2: float = 0.3
    exponent: float = 0.5
    seed: int = 0
    device: str = "cpu"
    factors: Tensor = field(init=False, repr=False)
    interactions: Interactions = field(init=False, repr=False)
    _alpha: float = field(init=False, repr=False)
    _side: Turned = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        matrix = confidences(interactions.matrix)
        self._alpha = self.unobserved / max(matrix.shape[1], 1)
        generator = torch.Generator().manual_seed(self.seed)
        items = torch.randn(matrix.shape[1], self.dim, generator=generator) * 0.1 / self.dim**0.5
        items = items.to(self.device)
        by_user, by_item = (list(buckets(m, self.dim, self.device)) for m in (matrix, matrix.T.tocsr()))
        for _ in range(self.epochs):
            users = self._solved(Turned.of(items, self._alpha), by_user, matrix.shape[0])
            items = self._solved(Turned.of(users, self._alpha), by_item, matrix.shape[1])
        return self._learned(items, interactions)

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        factors = (
            self.factors if items is None else self.factors.index_select(0, torch.from_numpy(items).to(self.device))
        )
        scores: NDArray[np.float32] = (self.fold_in(queries) @ factors.T).cpu().numpy()
        return scores

    def fold_in(self, queries: Sequence[Query]) -> Tensor:
        """(len(queries), dim): the factors of anyone, solved in closed form from what is known of them."""
        rows = confidences(profiles(queries, self.interactions))
        return self._solved(self._side, buckets(rows, self.dim, self.device), rows.shape[0])

    def arrays(self) -> Arrays:
        return {"factors": self.factors.cpu().numpy()}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        return self._learned(torch.from_numpy(arrays["factors"].astype(np.float32)).to(self.device), interactions)

    def _learned(self, factors: Tensor, interactions: Interactions) -> Self:
        self._alpha = self.unobserved / max(len(factors), 1)
        self._side = Turned.of(factors, self._alpha)
        self.factors, self.interactions = self._side.lookup[:-1], interactions
        return self

    def _solved(self, given: Turned, filled: Iterable[Bucket], rows: int) -> Tensor:
        """(rows, dim): the least-squares optimum of one side, the other side held; 0 for rows without events.

        The system of a row is D + Y' W Y with D diagonal: with B = sqrt(W) Y / sqrt(D) its solution for Y' W 1 is
        B' (1 + B B')^-1 sqrt(W) / sqrt(D), which is small for rows of few events (Woodbury)."""
        out = torch.zeros(rows, self.dim, device=self.device)
        for bucket in filled:
            penalty = self.l2 * (bucket.counts + self._alpha * (len(given.lookup) - 1)) ** self.exponent
            scale = (given.spectrum + penalty[:, None]).clamp_min(1e-12).rsqrt()
            weights = bucket.weights.sqrt()[:, :, None]
            own = given.lookup[bucket.columns].mul_(scale[:, None, :]).mul_(weights)
            turned = own.transpose(1, 2)
            if own.shape[1] <= self.dim:
                found = torch.bmm(turned, _inverted(torch.bmm(own, turned), weights))
            else:
                found = _inverted(torch.bmm(turned, own), torch.bmm(turned, weights))
            out[bucket.rows] = found[..., 0] * scale
        return out


@dataclass(frozen=True, eq=False)
class Turned:
    """The factors of one side in the axes of their second moments: `lookup` (rows + 1, dim) ends with a row of zeros,
    which filled-up positions point to; `spectrum` (dim,) are the moments' eigenvalues times alpha_0, `axes` (dim, dim) turned
    the factors. Scores do not change when both sides are turned alike."""

    lookup: Tensor
    spectrum: Tensor
    axes: Tensor

    @classmethod
    def of(cls, factors: Tensor, alpha: float) -> Turned:
        moments = (factors.T @ factors).double()  # few events: nearly singular, and single precision may not converge
        spectrum, axes = (part.to(factors.dtype) for part in torch.linalg.eigh(moments))
        turned = factors @ axes
        return cls(torch.cat([turned, turned.new_zeros(1, turned.shape[1])]), alpha * spectrum.clamp_min(0), axes)


def _inverted(product: Tensor, target: Tensor) -> Tensor:
    """(1 + product)^-1 target, of a batch."""
    product.diagonal(dim1=1, dim2=2).add_(1)
    return torch.cholesky_solve(target, torch.linalg.cholesky_ex(product).L)


@dataclass(frozen=True, eq=False)
class Bucket:
    """Rows of similar length: `columns` (b, longest), filled up with the padding row; `weights` 0 there."""

    rows: Tensor
    columns: Tensor
    weights: Tensor
    counts: Tensor


def confidences(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Event weights dampened, so that a purchase counts more than a view and ten views do not count ten times."""
    out = matrix.copy()
    out.data = (1 + np.log(np.maximum(matrix.data, 1e-3)) / 2).clip(0.25).astype(np.float32)
    return out


def buckets(matrix: sparse.csr_matrix, dim: int, device: str) -> Iterator[Bucket]:
    """The filled rows of a sparse matrix, shortest first, cut so that a bucket gathers at most `_GATHERED` numbers."""
    lengths = np.diff(matrix.indptr)
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    start = 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and (stop + 1 - start) * int(lengths[order[stop]]) * dim <= _GATHERED:
            stop += 1
        rows = order[start:stop]
        inside = np.arange(lengths[rows[-1]])[None, :] < lengths[rows][:, None]
        columns = np.full(inside.shape, matrix.shape[1], dtype=np.int64)
        weights = np.zeros(inside.shape, dtype=np.float32)
        taken = matrix[rows]
        columns[inside], weights[inside] = taken.indices, taken.data
        values = (rows, columns, weights, lengths[rows].astype(np.float32))
        yield Bucket(*(torch.from_numpy(v).to(device) for v in values))
        start = stop
