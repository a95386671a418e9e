"""Matrix factorisation of implicit feedback by alternating least squares.

Loss and scaling of the penalty after Rendle, Krichene, Zhang, Koren, "Revisiting the Performance of iALS on Item
Recommendation Benchmarks" (RecSys 2022), equations 1 and 5; each half step by a few warm-started conjugate gradients
(Takács, Pilászy, Tikk, RecSys 2011), all rows of similar length at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    steps: int = 3
    seed: int = 0
    device: str = "cpu"
    factors: Tensor = field(init=False, repr=False)
    interactions: Interactions = field(init=False, repr=False)
    _alpha: float = field(init=False, repr=False)
    _lookup: Tensor = field(init=False, repr=False)
    _gram: Tensor = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        matrix = confidences(interactions.matrix)
        self._alpha = self.unobserved / max(matrix.shape[1], 1)
        generator = torch.Generator().manual_seed(self.seed)
        users, items = (torch.randn(n, self.dim, generator=generator) * 0.1 / self.dim**0.5 for n in matrix.shape)
        users, items = users.to(self.device), items.to(self.device)
        by_user, by_item = (list(buckets(m, self.dim, self.device)) for m in (matrix, matrix.T.tocsr()))
        for _ in range(self.epochs):
            self._half_step(users, items, by_user)
            self._half_step(items, users, by_item)
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
        out = torch.zeros(rows.shape[0], self.dim, device=self.device)
        eye = torch.eye(self.dim, device=self.device)
        for bucket in buckets(rows, self.dim, self.device):
            own = self._lookup[bucket.columns]
            weighted = own * bucket.weights[:, :, None]
            penalty = self._penalty(bucket.counts, len(self.factors))
            system = self._gram + weighted.transpose(1, 2) @ own + penalty[:, None, None] * eye
            out[bucket.rows] = torch.cholesky_solve(weighted.sum(dim=1)[:, :, None], torch.linalg.cholesky(system))[
                ..., 0
            ]
        return out

    def arrays(self) -> Arrays:
        return {"factors": self.factors.cpu().numpy()}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        return self._learned(torch.from_numpy(arrays["factors"].astype(np.float32)).to(self.device), interactions)

    def _learned(self, factors: Tensor, interactions: Interactions) -> Self:
        self._lookup = padded(factors)
        self.factors, self.interactions = self._lookup[:-1], interactions
        self._alpha = self.unobserved / max(len(factors), 1)
        self._gram = self._alpha * factors.T @ factors
        return self

    def _half_step(self, solved: Tensor, given: Tensor, filled: Sequence[Bucket]) -> None:
        """Moves the rows of one side towards their least-squares optimum, the other side held."""
        gram = self._alpha * given.T @ given
        lookup = padded(given)
        for bucket in filled:
            own = lookup[bucket.columns]
            penalty = self._penalty(bucket.counts, len(given))[:, None]
            x = solved[bucket.rows]

            def system(v: Tensor, own: Tensor = own, bucket: Bucket = bucket, penalty: Tensor = penalty) -> Tensor:
                seen = torch.bmm(own, v[:, :, None]) * bucket.weights[:, :, None]
                return v @ gram + penalty * v + torch.bmm(own.transpose(1, 2), seen)[..., 0]

            target = torch.bmm(own.transpose(1, 2), bucket.weights[:, :, None])[..., 0]
            residual = target - system(x)
            direction, size = residual, (residual**2).sum(1, keepdim=True)
            for _ in range(self.steps):
                moved = system(direction)
                step = size / (direction * moved).sum(1, keepdim=True).clamp_min(1e-20)
                x = x + step * direction
                residual = residual - step * moved
                after = (residual**2).sum(1, keepdim=True)
                direction, size = residual + after / size.clamp_min(1e-20) * direction, after
            solved[bucket.rows] = x

    def _penalty(self, counts: Tensor, others: int) -> Tensor:
        return self.l2 * (counts + self._alpha * others) ** self.exponent


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


def padded(factors: Tensor) -> Tensor:
    """One row of zeros at the end, which filled-up positions point to."""
    return torch.cat([factors, factors.new_zeros(1, factors.shape[1])])
