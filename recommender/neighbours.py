"""The best items of a large catalogue, nearly always, without looking at all of it: an inverted file over item factors.

Inner products are made distances by one more dimension, sqrt(longest ** 2 - length ** 2) for items and 0 for queries
(Bachrach et al., "Speeding Up the Xbox Recommender System Using a Euclidean Transformation for Inner-Product Spaces",
RecSys 2014). Cells by k-means, the nearest PROBED of them searched exactly. Needs the extra `approximate` (faiss-cpu).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.errors import RecommenderError
from recommender.topk import Ranked

Floats = NDArray[np.float32]

EXACT_UP_TO = 100_000
"""Items; above it the inverted file is the faster one on a CPU (tests/benchmarks/scale.md)."""
PROBED = 0.03
"""Share of the cells that are searched."""


def available() -> bool:
    try:
        import faiss  # noqa: F401
    except ImportError:
        return False
    return True


class Neighbours:
    """Built once over `factors` (n, dim); safe to read from several threads."""

    def __init__(self, factors: Floats, *, probed: float = PROBED, seed: int = 0) -> None:
        try:
            import faiss
        except ImportError as error:
            raise RecommenderError(
                "approximate neighbours need faiss, which is not installed: pip install 'daogou[approximate]'"
            ) from error
        count, dim = factors.shape
        lengths = np.einsum("nd,nd->n", factors, factors)
        lifted = np.hstack([factors, np.sqrt(np.maximum(lengths.max(initial=0) - lengths, 0))[:, None]])
        cells = max(1, min(int(4 * count**0.5), count // 39))  # fewer than 39 a cell, and faiss warns
        self._index: Any = faiss.IndexIVFFlat(faiss.IndexFlatL2(dim + 1), dim + 1, cells)
        self._index.cp.seed, self._index.cp.niter, self._index.cp.max_points_per_centroid = seed + 1, 6, 64
        lifted = np.ascontiguousarray(lifted, np.float32)
        self._index.train(lifted)
        self._index.add(lifted)
        self._index.nprobe = max(1, round(probed * cells))
        self._longest, self.count = float(lengths.max(initial=0)), count

    def search(self, queries: Floats, k: int, seen: sparse.csr_matrix | None = None) -> Ranked:
        """`queries` (q, dim); what is `seen` (q, n) is left out, for which as many more are looked for."""
        own = np.zeros(len(queries), np.int64) if seen is None else np.diff(seen.indptr)
        wanted = min(self.count, k + int(own.max(initial=0)))
        lifted = np.hstack([queries, np.zeros((len(queries), 1))]).astype(np.float32)
        distances, places = self._index.search(lifted, wanted)
        # |q - x|^2 = |q|^2 + longest^2 - 2 q x
        lengths = np.einsum("qd,qd->q", queries, queries)[:, None]
        scores = np.where(places >= 0, (lengths + self._longest - distances) / 2, -np.inf).astype(np.float32)
        if seen is not None:
            for row, found in enumerate(places):
                known = seen.indices[seen.indptr[row] : seen.indptr[row + 1]]
                scores[row, np.isin(found, known)] = -np.inf
        order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        scores = np.take_along_axis(scores, order, axis=1)
        places = np.where(np.isfinite(scores), np.take_along_axis(places, order, axis=1), -1)
        return places.astype(np.int64), scores
