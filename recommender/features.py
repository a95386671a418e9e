"""Each product as one dense vector of what it is: category, brand, attributes, colours, price, and its text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.columns import Codes, Tags
from recommender.items import Items

DIMS = 64
_WEIGHTS = {"category": 2.0, "department": 1.0, "brand": 0.7, "attribute": 1.0, "material": 0.6, "color": 0.3}
_PRICE_WEIGHT = 0.7


def item_features(items: Items, dims: int = DIMS) -> NDArray[np.float32]:
    """(n, <= dims), rows of length 1 (0 where nothing is known), so that a product of two rows is their likeness.

    What a product is and what its text says weigh the same; both are reduced together to the directions in which the
    catalogue differs most."""
    blocks = [_unit(_facts(items))]
    if items.vectors is not None:
        blocks.append(_unit(items.vectors - items.vectors.mean(axis=0)))
    return _unit(_reduced(np.concatenate(blocks, axis=1), dims))


def _facts(items: Items) -> NDArray[np.float32]:
    parts = [
        _one_hot(items.category) * _WEIGHTS["category"],
        _one_hot(items.department) * _WEIGHTS["department"],
        _one_hot(items.brand) * _WEIGHTS["brand"],
        _rare_counts_more(items.attributes) * _WEIGHTS["attribute"],
        _rare_counts_more(items.materials) * _WEIGHTS["material"],
        _rare_counts_more(items.colors) * _WEIGHTS["color"],
        price_level(items)[:, None] * _PRICE_WEIGHT,
    ]
    return np.concatenate(parts, axis=1)


def _one_hot(column: Codes) -> NDArray[np.float32]:
    known = [n for n, name in enumerate(column.names) if name]
    hot: NDArray[np.float32] = (column.codes[:, None] == np.array(known, dtype=np.int32)).astype(np.float32)
    return hot


def _rare_counts_more(tags: Tags) -> NDArray[np.float32]:
    n = max(tags.has.shape[1], 1)
    idf = np.log((1 + n) / (1 + tags.has.sum(axis=1)))
    found = (tags.has.T * (idf / max(float(idf.max(initial=0.0)), 1e-9))).astype(np.float32)
    count = np.maximum(tags.has.sum(axis=0), 1).astype(np.float32)
    shared: NDArray[np.float32] = found / np.sqrt(count)[:, None]
    return shared


def price_level(items: Items) -> NDArray[np.float32]:
    """Cheap to dear among its own category: the logarithm's distance from the mean in standard deviations."""
    logs, codes = np.log1p(items.price), items.category.codes
    size = np.maximum(np.bincount(codes), 1)
    centred = logs - (np.bincount(codes, weights=logs) / size)[codes]
    spread = np.sqrt(np.bincount(codes, weights=centred**2) / size)
    level: NDArray[np.float32] = np.clip(centred / np.maximum(spread[codes], 1e-6), -2, 2).astype(np.float32)
    return level


def _reduced(rows: NDArray[np.float32], dims: int) -> NDArray[np.float32]:
    if rows.shape[1] <= dims:
        return rows
    _, axes = np.linalg.eigh(rows.T @ rows)  # ascending: the last axes carry most
    out: NDArray[np.float32] = rows @ np.ascontiguousarray(axes[:, -dims:])
    return out


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    out: NDArray[np.float32] = (rows / np.maximum(length, 1e-12)).astype(np.float32)
    return out
