"""What every way of ranking must do, and who it ranks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.data import Interactions, Query

Arrays = Mapping[str, NDArray[np.generic]]
Places = NDArray[np.intp]


class Scorer(Protocol):
    """Ranks all items for each query. Items that were seen before are scored like the others: leaving out is the
    caller's. Safe to read from several threads once fitted."""

    def fit(self, interactions: Interactions) -> Self: ...

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        """(len(queries), n_items), higher is better; the scale is the scorer's own. `items`: only these positions."""
        ...

    def arrays(self) -> Arrays:
        """What was learned, to be stored."""
        ...

    def restore(self, arrays: Arrays, interactions: Interactions) -> Self:
        """The fitted state again, from `arrays()` and the interactions it was fitted to."""
        ...


def profiles(queries: Sequence[Query], interactions: Interactions) -> sparse.csr_matrix:
    """(len(queries), n_items) float32: what is known of each query. A known user brings the weights of the training
    data; each item of the history counts at least 1. Unknown users and items bring nothing."""
    known = interactions.user_index
    if len(queries) > 1 and all(not q.history and q.user in known for q in queries):
        return interactions.matrix[[known[q.user] for q in queries if q.user is not None]]
    rows = [_profile(q, interactions) for q in queries]
    ends = np.cumsum([0, *(len(places) for places, _ in rows)])
    places = np.concatenate([np.empty(0, np.int32), *(row[0] for row in rows)])
    weights = np.concatenate([np.empty(0, np.float32), *(row[1] for row in rows)])
    return sparse.csr_matrix((weights, places, ends), shape=(len(rows), len(interactions.items)))


def _profile(query: Query, interactions: Interactions) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Positions, ascending, and weights."""
    index = interactions.item_index
    viewed = sorted({index[item] for item in query.history if item in index})
    history, ones = np.array(viewed, dtype=np.int32), np.ones(len(viewed), dtype=np.float32)
    user = interactions.user_index.get(query.user) if query.user is not None else None
    if user is None:
        return history, ones
    start, stop = interactions.matrix.indptr[user : user + 2]
    places, which = np.unique(np.concatenate([interactions.matrix.indices[start:stop], history]), return_inverse=True)
    weights = np.zeros(len(places), dtype=np.float32)
    np.maximum.at(weights, which, np.concatenate([interactions.matrix.data[start:stop], ones]))
    return places.astype(np.int32), weights
