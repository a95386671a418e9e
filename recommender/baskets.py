"""What is bought together: items in the same customer's basket of a day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.interactions import KINDS, Interactions

DAY = 86_400
MIN_BASKETS = 3
"""Fewer common baskets are chance."""


def baskets(interactions: Interactions) -> sparse.csr_matrix:
    """(baskets, n_items) float32 of 0 and 1: what one customer put into the cart or bought on one day (UTC); events
    without time make none."""
    bought = np.isin(interactions.kind, [KINDS.index("cart"), KINDS.index("purchase")]) & (interactions.time > 0)
    items = interactions.item[bought]
    day: NDArray[np.int64] = (interactions.time[bought] // DAY).astype(np.int64)
    _, basket = np.unique(np.stack([interactions.user[bought], day]), axis=1, return_inverse=True)
    shape = (int(basket.max(initial=-1)) + 1, len(interactions.items))
    inside = sparse.csr_matrix((np.ones(len(items), np.float32), (basket, items)), shape=shape)
    inside.data[:] = 1  # the same item twice in a basket is one
    return inside


def bought_together(interactions: Interactions) -> sparse.csr_matrix:
    """(n_items, n_items) float32: cosine of the sets of baskets, 0 below MIN_BASKETS and on the diagonal."""
    inside = baskets(interactions)
    together = (inside.T @ inside).tocoo()
    count = np.maximum(np.asarray(inside.sum(axis=0)).ravel(), 1)
    keep = (together.row != together.col) & (together.data >= MIN_BASKETS)
    row, col = together.row[keep], together.col[keep]
    cosine = (together.data[keep] / np.sqrt(count[row] * count[col])).astype(np.float32)
    return sparse.csr_matrix((cosine, (row, col)), shape=together.shape)
