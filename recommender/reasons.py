"""Which reasons hold for an item, from the true values of its columns, strongest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from recommender.constraints import Constraints
from recommender.explain import Reason
from recommender.items import Items

LIKE_VIEWED = 0.7
"""Cosine of features from which two products may be called alike."""
WELL_RATED, ENOUGH_REVIEWS = 4.5, 20
POPULAR_SHARE = 0.2
"""The first fifth of a category is popular, and at least its first item, when enough people acted on it."""
ENOUGH_EVENTS = 10
NEW_DAYS = 120
SALE_SHARE = 0.05
FAVOURITE_SHARE, FAVOURITE_ITEMS = 0.2, 3
"""A category or brand is a favourite from this share of the profile's weight and this many items."""


@dataclass(frozen=True, eq=False)
class Taste:
    """What is known of a customer: `viewed`, positions of recent items, newest first; and the favourites."""

    viewed: Sequence[int] = ()
    categories: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, items: Items, positions: NDArray[np.int32], weights: NDArray[np.float32], viewed: Sequence[int]
    ) -> Taste:
        """From the profile's items (p,) and their weights (p,)."""
        return cls(
            viewed,
            frozenset(_favourites(items.category.names, items.category.codes[positions], weights)),
            frozenset(_favourites(items.brand.names, items.brand.codes[positions], weights)),
        )


def _favourites(names: Sequence[str], codes: NDArray[np.int32], weights: NDArray[np.float32]) -> Iterator[str]:
    share = np.bincount(codes, weights=weights, minlength=len(names)) / max(float(weights.sum()), 1e-9)
    count = np.bincount(codes, minlength=len(names))
    for code in np.flatnonzero((share >= FAVOURITE_SHARE) & (count >= FAVOURITE_ITEMS)).tolist():
        if names[code]:
            yield names[code]


class Reasons:
    """What is true of every item, worked out once; `events` (n,) counts what customers did with each."""

    def __init__(self, items: Items, features: NDArray[np.float32], events: NDArray[np.float32], today: date) -> None:
        self._items, self._features = items, features
        self._popular = _popular(items, events)
        age = (np.datetime64(today, "D") - items.launched).astype("timedelta64[D]").astype(np.float64)
        self._new = (age >= 0) & (age <= NEW_DAYS) & ~np.isnat(items.launched)
        self._sale = np.nan_to_num(items.list_price) * (1 - SALE_SHARE) >= items.price

    @property
    def new(self) -> NDArray[np.bool_]:
        """(n,) launched in the last NEW_DAYS."""
        return self._new

    @property
    def on_sale(self) -> NDArray[np.bool_]:
        """(n,) at least SALE_SHARE below the list price."""
        return self._sale

    def of(self, item: int, wish: Constraints, taste: Taste, first: Sequence[Reason] = ()) -> tuple[Reason, ...]:
        """`first` are those of the way of asking (similar to what, goes with what)."""
        return (*first, *self._personal(item, taste), *self._wished(item, wish), *self._general(item))

    def _personal(self, item: int, taste: Taste) -> Iterator[Reason]:
        others = [v for v in taste.viewed if v != item]
        if others:
            likeness = self._features[others] @ self._features[item]
            if likeness.max() >= LIKE_VIEWED:
                yield Reason("like_viewed", self._items.ids[others[int(likeness.argmax())]])
        if (brand := self._items.brand[item]) in taste.brands:
            yield Reason("favourite_brand", brand)
        if (category := self._items.category[item]) in taste.categories:
            yield Reason("favourite_category", category)

    def _wished(self, item: int, wish: Constraints) -> Iterator[Reason]:
        items, want = self._items, wish.wanted
        own = items.variants.of(item)
        for kind, wanted, has in (
            ("attribute", want.attribute, items.attributes[item] if want.attribute else ()),
            ("color", want.color, {items.variants.color[v] for v in own}),
            ("material", want.material, items.materials[item] if want.material else ()),
            ("brand", want.brand, (items.brand[item],)),
            ("size", want.size, {items.variants.size[v] for v in own}),
        ):
            yield from (Reason("matches_wish", [kind, name]) for name in sorted(wanted & frozenset(has)))
        price = float(items.price[item])
        if wish.price_about is not None:
            yield Reason("near_price", [price, wish.price_about])
        elif wish.price_max is not None and price <= wish.price_max == round(wish.price_max):
            # A limit that is no round figure was not said but made of "cheaper than this one".
            yield Reason("under_budget", [price, wish.price_max])

    def _general(self, item: int) -> Iterator[Reason]:
        items = self._items
        if items.rating[item] >= WELL_RATED and items.reviews[item] >= ENOUGH_REVIEWS:
            yield Reason("well_rated", [float(items.rating[item]), int(items.reviews[item])])
        if self._popular[item]:
            yield Reason("popular_in_category", items.category[item])
        if self._sale[item]:
            yield Reason("on_sale", [float(items.price[item]), float(items.list_price[item])])
        if self._new[item]:
            yield Reason("new", str(items.launched[item]))


def _popular(items: Items, events: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(n,) among the most used of their category."""
    order = np.lexsort((-events, items.category.codes))
    codes = items.category.codes[order]
    size = np.bincount(codes)
    rank = np.arange(len(order)) - (np.cumsum(size) - size)[codes]
    popular = np.zeros(len(items), dtype=np.bool_)
    popular[order] = rank < np.maximum(size[codes] * POPULAR_SHARE, 1)
    return popular & (events >= ENOUGH_EVENTS)
