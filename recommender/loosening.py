"""What to let go of when nothing meets every wish, and what to ask for when too much does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from recommender.constraints import KINDS, Constraints
from recommender.items import Items

Mask = NDArray[np.bool_]
CLOSE_PRICE = 0.25
"""A price this far beyond the limit still counts as a small step."""
_PAIN = {"price.near": 0, "color": 1, "material": 2, "brand": 3, "exclude": 4, "attribute": 5, "price": 6, "size": 7}
"""Which wish people give up first: a little more money, then looks, then function, then the fit."""
MOST_DROPPED = 3
"""Whoever must give up more than this is better asked anew."""
MIN_SHARE, MAX_SHARE = 0.1, 0.9
"""A narrowing that leaves nearly nothing or nearly everything is no question."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Dropping `kind` (only `value` of it, where given) leaves `count` items. For kind `price`, `price` is the price
    nearest to the limit at which the first of them is found."""

    kind: str
    value: str | None
    count: int
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Narrowing:
    """`count` of the matching items have `value` of `kind`; for kind `price` they cost at most `value`."""

    kind: str
    value: str | float
    count: int


def relaxations(
    wish: Constraints, items: Items, available: Mask | None, allowed: Mask | None = None
) -> list[Relaxation]:
    """Single wishes whose loss leaves something, least painful first; `allowed` (n,) holds what may be shown at all.

    The category is never offered: another kind of product is another search."""
    found = []
    for kind, value in _single(wish):
        matching = wish.without(kind, value).mask(items, available)
        if allowed is not None:
            matching &= allowed
        if count := int(matching.sum()):
            found.append(_relaxation(wish, items, matching, kind, value, count))
    return sorted(found, key=lambda r: (_pain(r, wish), -r.count))


def fewest_relaxations(
    wish: Constraints, items: Items, available: Mask | None, allowed: Mask | None = None
) -> list[Relaxation]:
    """The smallest set of wishes whose loss together leaves something, the least painful of that size; each `count` is
    that of the whole set. Empty when MOST_DROPPED are not enough."""
    wishes = list(_single(wish))
    for size in range(1, min(len(wishes), MOST_DROPPED) + 1):
        found = []
        for group in combinations(wishes, size):
            loose = wish
            for kind, value in group:
                loose = loose.without(kind, value)
            matching = loose.mask(items, available)
            if allowed is not None:
                matching &= allowed
            if count := int(matching.sum()):
                found.append([_relaxation(wish, items, matching, kind, value, count) for kind, value in group])
        if found:
            return min(found, key=lambda group: (sum(_pain(r, wish) for r in group), -group[0].count))
    return []


def narrowings(wish: Constraints, items: Items, matching: Mask, most: int) -> list[Narrowing]:
    """The best question of each kind about the matching items (n,): the value that splits them most evenly."""
    total = int(matching.sum())
    best: dict[str, Narrowing] = {}
    for narrowing in _splits(wish, items, matching):
        share = narrowing.count / max(total, 1)
        if MIN_SHARE <= share <= MAX_SHARE:
            known = best.get(narrowing.kind)
            if known is None or _unevenness(narrowing.count, total) < _unevenness(known.count, total):
                best[narrowing.kind] = narrowing
    return sorted(best.values(), key=lambda n: _unevenness(n.count, total))[:most]


def _single(wish: Constraints) -> Iterator[tuple[str, str | None]]:
    for kind in KINDS:
        if kind == "attribute":
            yield from ((kind, value) for value in sorted(wish.wanted.attribute))
        elif kind != "category" and wish.wanted.of(kind):
            yield kind, None
    for kind in KINDS:
        yield from ((f"exclude.{kind}", value) for value in sorted(wish.unwanted.of(kind)))
    if wish.price_range != (0.0, np.inf):
        yield "price", None


def _relaxation(
    wish: Constraints, items: Items, matching: Mask, kind: str, value: str | None, count: int
) -> Relaxation:
    price = _nearest_price(wish, items.price[matching]) if kind == "price" else None
    return Relaxation(kind, value, count, price)


def _pain(relaxation: Relaxation, wish: Constraints) -> int:
    if relaxation.price is not None:
        low, high = wish.price_range
        beyond = relaxation.price / high - 1 if relaxation.price > high else 1 - relaxation.price / max(low, 1e-9)
        return _PAIN["price.near" if beyond <= CLOSE_PRICE else "price"]
    return _PAIN[relaxation.kind.partition(".")[0]]


def _nearest_price(wish: Constraints, prices: NDArray[np.float64]) -> float:
    low, high = wish.price_range
    beyond = np.maximum(np.maximum(low - prices, prices - high), 0)
    return float(prices[beyond.argmin()])


def _splits(wish: Constraints, items: Items, matching: Mask) -> Iterator[Narrowing]:
    yield from _code_splits("category", items.category.names, items.category.codes[matching])
    if not wish.wanted.brand:
        yield from _code_splits("brand", items.brand.names, items.brand.codes[matching])
    for kind, tags, said in (
        ("attribute", items.attributes, wish.wanted.attribute | wish.unwanted.attribute),
        ("color", items.colors, wish.wanted.color),
        ("material", items.materials, wish.wanted.material),
    ):
        if kind == "attribute" or not said:
            counts = tags.has[:, matching].sum(axis=1)
            yield from (Narrowing(kind, n, int(c)) for n, c in zip(tags.names, counts, strict=True) if n not in said)
    prices = items.price[matching]
    if len(prices) and wish.price_max is None and wish.price_about is None:
        limit = _round_price(float(np.median(prices)))
        yield Narrowing("price", limit, int((prices <= limit).sum()))


def _code_splits(kind: str, names: tuple[str, ...], codes: NDArray[np.int32]) -> Iterator[Narrowing]:
    counts = np.bincount(codes, minlength=len(names))
    yield from (Narrowing(kind, n, int(c)) for n, c in zip(names, counts, strict=True) if n and c)


def _round_price(price: float) -> float:
    """A price as people say it: two leading digits, the second 0 or 5."""
    step = 10 ** np.floor(np.log10(max(price, 1))) / 2
    return float(max(step, round(price / step) * step))


def _unevenness(count: int, total: int) -> float:
    return abs(count / max(total, 1) - 0.5)
