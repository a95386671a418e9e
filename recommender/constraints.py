"""What a customer insists on: hard filters over the catalogue, what to let go of when nothing is left, critiques.

A wish of several brands, colours, sizes, materials or categories is met by any of them; attributes must all be there.
Colour and size must meet in one variant that can be had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from recommender.errors import RecommenderError
from recommender.items import Items

Mask = NDArray[np.bool_]
Kind = Literal["category", "brand", "color", "size", "material", "attribute"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ABOUT_SHARE = 0.2
"""`about 300` reaches so far to both sides."""

Names = frozenset[str]
_NOTHING: Names = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The ids of each kind that are wanted, or unwanted."""

    category: Names = _NOTHING
    brand: Names = _NOTHING
    color: Names = _NOTHING
    size: Names = _NOTHING
    material: Names = _NOTHING
    attribute: Names = _NOTHING

    def of(self, kind: Kind) -> Names:
        names: Names = getattr(self, kind)
        return names

    def as_dict(self) -> dict[str, list[str]]:
        return {kind: sorted(self.of(kind)) for kind in KINDS if self.of(kind)}


@dataclass(frozen=True, slots=True)
class Constraints:
    """`category` holds category or department ids; prices are in the catalogue's currency, both ends included."""

    wanted: Wanted = Wanted()
    unwanted: Wanted = Wanted()
    price_min: float | None = None
    price_max: float | None = None
    price_about: float | None = None
    about_share: float = field(default=ABOUT_SHARE, compare=False)

    @classmethod
    def from_wish(cls, wish: Mapping[str, Any], *, about_share: float = ABOUT_SHARE) -> Constraints:
        """From the JSON form of a wish, its price already in the catalogue's currency. Keys that filter nothing
        (quantity, recipient, occasion) are passed over. Raises RecommenderError for a wrong type or a negative price."""
        price = wish.get("price") or {}
        low, high, about = (_price(price, key) for key in ("min", "max", "about"))
        if low is not None and high is not None and low > high:
            low, high = high, low
        return cls(_wanted(wish), _wanted(wish.get("exclude") or {}), low, high, about, about_share)

    def as_wish(self) -> dict[str, Any]:
        """The JSON form again: lists sorted, empty kinds left out."""
        wish: dict[str, Any] = dict(self.wanted.as_dict())
        price = {"min": self.price_min, "max": self.price_max, "about": self.price_about}
        if said := {key: value for key, value in price.items() if value is not None}:
            wish["price"] = said
        if unwanted := self.unwanted.as_dict():
            wish["exclude"] = unwanted
        return wish

    def __bool__(self) -> bool:
        return bool(self.as_wish())

    @property
    def price_range(self) -> tuple[float, float]:
        """The lowest and the highest price allowed, `about` counted in."""
        low = self.price_min if self.price_min is not None else 0.0
        high = self.price_max if self.price_max is not None else np.inf
        if self.price_about is not None:
            low = max(low, self.price_about * (1 - self.about_share))
            high = min(high, self.price_about * (1 + self.about_share))
        return low, high

    def mask(self, items: Items, available: Mask | None = None) -> Mask:
        """(n,) True where an item meets every wish; `available` (variants,) says which variants can be had."""
        keep = np.ones(len(items), dtype=np.bool_)
        for part in self._parts(items, available):
            keep &= part
        return keep

    def violations(self, items: Items, item_id: str, available: Mask | None = None) -> list[str]:
        """Which wishes one item breaks: kinds, `exclude.<kind>` for what is unwanted, `price`, `stock`."""
        position = items.position(item_id)
        broken = [f"{prefix}{kind}" for prefix, kind, part in self._item_parts(items) if not part[position]]
        low, high = self.price_range
        if not low <= items.price[position] <= high:
            broken.append("price")
        own = items.variants.of(position)
        fitting = self._variants(items)[own]
        if not fitting.any():
            broken += [kind for kind in ("color", "size") if self.wanted.of(kind) or self.unwanted.of(kind)] or [
                "stock"
            ]
        elif available is not None and not (fitting & available[own]).any():
            broken.append("stock")
        return broken

    def with_wish(self, kind: Kind, *values: str) -> Constraints:
        """These values wanted beside the others of their kind, and no longer unwanted."""
        more = frozenset(map(_folded(kind), values))
        return replace(
            self,
            wanted=replace(self.wanted, **{kind: self.wanted.of(kind) | more}),
            unwanted=replace(self.unwanted, **{kind: self.unwanted.of(kind) - more}),
        )

    def without(self, kind: str, value: str | None = None) -> Constraints:
        """Less one value, or all of a kind; `price` and `exclude.<kind>` are kinds too."""
        if kind == "price":
            return replace(self, price_min=None, price_max=None, price_about=None)
        side = "unwanted" if kind.startswith("exclude.") else "wanted"
        name = _kind(kind.removeprefix("exclude."))
        names: Wanted = getattr(self, side)
        rest = _NOTHING if value is None else names.of(name) - {_folded(name)(value)}
        less = replace(names, **{name: rest})
        return replace(self, wanted=less) if side == "wanted" else replace(self, unwanted=less)

    def replaced(self, kind: Kind, *values: str) -> Constraints:
        """These values in place of all of their kind."""
        return self.without(kind).with_wish(kind, *values)

    def refusing(self, kind: Kind, *values: str) -> Constraints:
        """Not these values: unwanted, and no longer wanted."""
        less = frozenset(map(_folded(kind), values))
        return replace(
            self,
            wanted=replace(self.wanted, **{kind: self.wanted.of(kind) - less}),
            unwanted=replace(self.unwanted, **{kind: self.unwanted.of(kind) | less}),
        )

    def cheaper_than(self, price: float) -> Constraints:
        """Strictly below a price on the screen; a lower bound that would contradict it falls."""
        low = self.price_min if self.price_min is not None and self.price_min < price else None
        return replace(self, price_min=low, price_max=float(np.nextafter(price, 0)), price_about=None)

    def dearer_than(self, price: float) -> Constraints:
        """Strictly above a price on the screen; an upper bound that would contradict it falls."""
        high = self.price_max if self.price_max is not None and self.price_max > price else None
        return replace(self, price_min=float(np.nextafter(price, np.inf)), price_max=high, price_about=None)

    def other_brand(self, *shown: str) -> Constraints:
        """Neither the brands wanted so far nor those shown."""
        return self.refusing("brand", *self.wanted.brand, *shown)

    def _parts(self, items: Items, available: Mask | None) -> Iterator[Mask]:
        low, high = self.price_range
        if low > 0 or high < np.inf:
            yield (items.price >= low) & (items.price <= high)
        for _, _, part in self._item_parts(items):
            yield part
        variants = self._variants(items)
        if available is not None:
            variants &= available
        if available is not None or not variants.all():
            yield items.having(variants)

    def _item_parts(self, items: Items) -> Iterator[tuple[str, Kind, Mask]]:
        """What the product itself must be, whatever the variant."""
        want, refuse = self.wanted, self.unwanted
        if want.category:
            yield "", "category", items.category.among(want.category) | items.department.among(want.category)
        if want.brand:
            yield "", "brand", items.brand.among(want.brand)
        if want.material:
            yield "", "material", items.materials.any_of(want.material)
        for name in sorted(want.attribute):
            yield "", "attribute", items.attributes.row(name)
        if refuse.category:
            yield (
                "exclude.",
                "category",
                ~(items.category.among(refuse.category) | items.department.among(refuse.category)),
            )
        if refuse.brand:
            yield "exclude.", "brand", ~items.brand.among(refuse.brand)
        if refuse.material:
            yield "exclude.", "material", ~items.materials.any_of(refuse.material)
        if refuse.attribute:
            yield "exclude.", "attribute", ~items.attributes.any_of(refuse.attribute)

    def _variants(self, items: Items) -> Mask:
        """(variants,) of a wanted colour and size and of no unwanted one."""
        table = items.variants
        fitting = np.ones(len(table), dtype=np.bool_)
        for column, kind in ((table.color, "color"), (table.size, "size")):
            if wanted := self.wanted.of(_kind(kind)):
                fitting &= column.among(wanted)
            if unwanted := self.unwanted.of(_kind(kind)):
                fitting &= ~column.among(unwanted)
        return fitting


def _wanted(wish: Mapping[str, Any]) -> Wanted:
    return Wanted(**{kind: _names(kind, wish[kind]) for kind in KINDS if wish.get(kind)})


def _names(kind: Kind, said: Any) -> Names:
    values: Sequence[Any] = [said] if isinstance(said, str) else said
    if not isinstance(values, Sequence | frozenset | set) or not all(isinstance(v, str) for v in values):
        raise RecommenderError(f"{kind} {said!r} is not a list of ids")
    return frozenset(map(_folded(kind), values))


def _folded(kind: Kind) -> Any:
    """Sizes are compared without regard to case, as the catalogue keeps them."""
    return str.casefold if kind == "size" else str


def _kind(name: str) -> Kind:
    for kind in KINDS:
        if kind == name:
            return kind
    raise RecommenderError(f"{name!r} is not a kind of wish; kinds are {', '.join(KINDS)}, price and exclude.<kind>")


def _price(price: Mapping[str, Any], key: str) -> float | None:
    value = price.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < np.inf:
        raise RecommenderError(f"price {key} {value!r} is not a number from 0")
    return float(value)
