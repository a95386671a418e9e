"""Items that the same people took: cosine between item columns, the nearest neighbours of each kept.

Sarwar, Karypis, Konstan, Riedl, "Item-based collaborative filtering recommendation algorithms" (WWW 2001); the shrinkage
of similarities with few common users after Bell and Koren (2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.data import Interactions, Query
from recommender.scorer import Arrays, Places, profiles

_ROWS = 2048


@dataclass(eq=False)
class ItemKnn:
    """`shrink` is added to the product of the norms, `neighbours` are kept for each item."""

    neighbours: int = 100
    shrink: float = 10.0
    similarity: sparse.csr_matrix = field(init=False, repr=False)
    interactions: Interactions = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        taken = interactions.matrix.copy()
        taken.data[:] = 1
        # People who take everything say little about any pair.
        activity = np.sqrt(np.maximum(np.diff(taken.indptr), 1))
        taken = sparse.diags_array(1 / activity) @ taken
        columns = sparse.csr_matrix(taken.T)
        norm = np.sqrt(np.asarray(columns.multiply(columns).sum(axis=1)).ravel())
        parts = [self._nearest(columns, norm, start) for start in range(0, columns.shape[0], _ROWS)]
        self.similarity = sparse.csr_matrix(sparse.vstack(parts).T) if parts else sparse.csr_matrix((0, 0))
        self.interactions = interactions
        return self

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        rows = profiles(queries, self.interactions)
        rows.data = np.log1p(rows.data)
        scores: NDArray[np.float32] = (rows @ self.similarity).toarray().astype(np.float32, copy=False)
        return scores if items is None else scores[:, items]

    def arrays(self) -> Arrays:
        return {name: getattr(self.similarity, name) for name in ("data", "indices", "indptr")}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        size = len(interactions.items)
        self.similarity = sparse.csr_matrix(
            (arrays["data"], arrays["indices"], arrays["indptr"]), shape=(size, size), dtype=np.float32
        )
        self.interactions = interactions
        return self

    def _nearest(self, columns: sparse.csr_matrix, norm: NDArray[np.float32], start: int) -> sparse.csr_matrix:
        """The similarities of some items (rows) to their nearest items, themselves left out."""
        stop = min(start + _ROWS, columns.shape[0])
        common = sparse.coo_matrix(columns[start:stop] @ columns.T)
        row, col = common.row, common.col
        value = common.data / (norm[start + row] * norm[col] + self.shrink * 1e-3)
        keep = col != row + start
        row, col, value = row[keep], col[keep], value[keep]
        order = np.lexsort((col, -value, row))
        row, col, value = row[order], col[order], value[order]
        size = np.bincount(row, minlength=stop - start)
        rank = np.arange(len(row)) - (np.cumsum(size) - size)[row]
        near = rank < self.neighbours
        shape = (stop - start, columns.shape[0])
        return sparse.csr_matrix((value[near].astype(np.float32), (row[near], col[near])), shape=shape)
