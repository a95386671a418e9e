"""What the most similar users took: cosine between user rows, the nearest neighbours of each.

Herlocker, Konstan, Borchers, Riedl, "An Algorithmic Framework for Performing Collaborative Filtering" (SIGIR 1999); on
implicit feedback the similarities of the neighbours that have an item are summed, which favours items that many have.
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

_QUERIES = 512


@dataclass(eq=False)
class UserKnn:
    """`neighbours` are heard for each query, oneself never. `mean` of 1 gives the mean of the neighbours that have the
    item, weighted by similarity (the prediction of a rating), 0 the weighted sum (a ranking)."""

    neighbours: int = 100
    mean: int = 0
    interactions: Interactions = field(init=False, repr=False)
    _unit: sparse.csr_matrix = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        self.interactions, self._unit = interactions, _unit(interactions.matrix)
        return self

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        taken = self.interactions.matrix if items is None else self.interactions.matrix[:, items]
        parts = [self._near(queries[n : n + _QUERIES]) for n in range(0, len(queries), _QUERIES)]
        near = sparse.csr_matrix(sparse.vstack(parts)) if parts else sparse.csr_matrix((0, taken.shape[0]))
        scores: NDArray[np.float32] = (near @ taken).toarray().astype(np.float32, copy=False)
        if self.mean:
            has = taken.copy()
            has.data[:] = 1
            scores /= np.maximum((near @ has).toarray(), 1e-12)
        return scores

    def arrays(self) -> Arrays:
        return {}

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:  # noqa: ARG002 - the protocol's
        return self.fit(interactions)

    def _near(self, queries: Sequence[Query]) -> sparse.csr_matrix:
        """(queries, users) similarities to the nearest users, 0 elsewhere."""
        like = (_unit(profiles(queries, self.interactions)) @ self._unit.T).toarray()
        for n, query in enumerate(queries):
            own = self.interactions.user_index.get(query.user) if query.user is not None else None
            if own is not None:
                like[n, own] = 0
        if like.shape[1] > self.neighbours:
            # stable, so that the same neighbours are taken on every machine
            far = np.argsort(-like, axis=1, kind="stable")[:, self.neighbours :]
            np.put_along_axis(like, far, 0, axis=1)
        return sparse.csr_matrix(like)


def _unit(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags_array((1 / np.maximum(length, 1e-12)).astype(np.float32)) @ rows)
