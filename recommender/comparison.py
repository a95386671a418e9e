"""Two or three products side by side, the differences first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.errors import RecommenderError
from recommender.items import Items


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of the products compared; `values` has one entry for each (None where unknown, tuples of ids for
    what there are several of; for attributes and materials that differ, only what not all of them have)."""

    kind: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    items: tuple[str, ...]
    differences: tuple[Difference, ...]
    same: tuple[Difference, ...]


def compare(items: Items, ids: Sequence[str]) -> Comparison:
    """Raises RecommenderError for fewer than two items or an unknown one."""
    if len(set(ids)) < 2:
        raise RecommenderError(f"cannot compare {list(ids)!r}; two different items at least are needed")
    places = [items.position(item_id) for item_id in ids]
    rows = [
        Difference("price", tuple(float(items.price[p]) for p in places)),
        Difference("rating", tuple(_known(items.rating[p]) for p in places)),
        Difference("attribute", tuple(items.attributes[p] for p in places)),
        Difference("material", tuple(items.materials[p] for p in places)),
        Difference("color", tuple(items.colors[p] for p in places)),
        Difference("size", tuple(_sizes(items, p) for p in places)),
        Difference("brand", tuple(items.brand[p] for p in places)),
        Difference("category", tuple(items.category[p] for p in places)),
        Difference("reviews", tuple(int(items.reviews[p]) for p in places)),
    ]
    differ = [_apart(row) for row in rows if len(set(row.values)) > 1]
    return Comparison(tuple(ids), tuple(differ), tuple(row for row in rows if len(set(row.values)) == 1))


def _apart(row: Difference) -> Difference:
    if row.kind not in ("attribute", "material"):
        return row
    common = set.intersection(*(set(values) for values in row.values))
    return Difference(row.kind, tuple(tuple(v for v in values if v not in common) for values in row.values))


def _known(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)


def _sizes(items: Items, position: int) -> tuple[str, ...]:
    sizes = (items.variants.size[v] for v in items.variants.of(position))
    return tuple(dict.fromkeys(size for size in sizes if size))
