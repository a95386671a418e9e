"""What every way of ranking must do, and who it ranks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.data import Interactions, Query

Arrays = Mapping[str, NDArray[np.generic]]


class Scorer(Protocol):
    """Ranks all items for each query. Items that were seen before are scored like the others: leaving out is the
    caller's. Safe to read from several threads once fitted."""

    def fit(self, interactions: Interactions) -> Self: ...

    def score(self, queries: Sequence[Query]) -> NDArray[np.float32]:
        """(len(queries), n_items), higher is better; the scale is the scorer's own."""
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
    if all(not q.history and q.user in known for q in queries):
        return interactions.matrix[[known[q.user] for q in queries if q.user is not None]]
    return sparse.vstack([_profile(q, interactions) for q in queries], format="csr")


def _profile(query: Query, interactions: Interactions) -> sparse.csr_matrix:
    shape = (1, len(interactions.items))
    index = interactions.item_index
    viewed = sorted({index[item] for item in query.history if item in index})
    history = sparse.csr_matrix((np.ones(len(viewed), np.float32), viewed, [0, len(viewed)]), shape=shape)
    user = interactions.user_index.get(query.user) if query.user is not None else None
    return history if user is None else interactions.matrix[user].maximum(history)
