"""A simulated customer who looks for something: what a dialogue policy is tried on before it meets real ones.

What is assumed, and nothing of it is measured on people. The figures were set for plausibility, before any learned policy
was tried on them:
- The customer has a product in mind, popular ones more often, and cares about its category and, each with the chance in
  `CARES`, about its price, colour, size, brand, material and up to three attributes. Whatever meets all of that suits.
- The first sentence names the category nearly always and each other wish sometimes (`SAYS`): people begin vaguely.
- Asked for something, they tell it, or do not mind. Every answer costs patience (`COST`), one that they have no opinion
  on costs more, and so does each question in a row: nobody likes an interrogation.
- Shown several, they take a suitable one less surely than a single one that is explained: choosing is work. A slate with
  nothing suitable costs the most patience, three to read more than one. Few say what was wrong with it (`CRITICISES`).
- Patience differs (`PATIENCE`); whoever has none left leaves, and a few leave for reasons of their own (`LEAVES`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.constraints import Constraints
from recommender.items import Items
from recommender.situation import Asked, Feedback, Mask

Wishes = dict[Asked, tuple[str, ...] | float]
CARES: Mapping[str, float] = {
    "price": 0.6,
    "color": 0.45,
    "size": 0.35,
    "brand": 0.2,
    "material": 0.2,
    "attribute": 0.75,
}
SAYS: Mapping[str, float] = {
    "category": 0.9,
    "price": 0.2,
    "color": 0.2,
    "size": 0.15,
    "brand": 0.5,
    "material": 0.25,
    "attribute": 0.3,
}
TAKES_ONE, TAKES_ONE_OF_SEVERAL = 0.95, 0.85
CRITICISES = 0.25
COST: Mapping[str, float] = {"told": 0.5, "does_not_mind": 1.0, "in_a_row": 0.25, "one_refused": 1.0, "refused": 1.5}
PATIENCE = (1.0, 2.0, 1.5)
"""At least so much, and a gamma of this shape and scale on top: 4 on average."""
LEAVES = 0.02
_BUDGET = 1.15
"""How much more than the product in mind would be paid."""


class Fits:
    """Which products meet which wishes, remembered: the same few wishes come back in thousands of talks."""

    def __init__(self, items: Items, available: Mask | None = None) -> None:
        self.items, self.available = items, available
        self._known: dict[tuple[object, ...], Mask] = {}

    def all(self, wishes: Wishes) -> Mask:
        """(n,) what meets every wish and can be had; colour and size in the same piece."""
        keep = self._of({})
        pieces: Wishes = {k: v for k, v in wishes.items() if k in ("color", "size")}
        for part in [*({k: v} for k, v in wishes.items() if k not in pieces), pieces]:
            keep = keep & self._of(part)
        return keep

    def broken(self, wishes: Wishes, product: int) -> list[Asked]:
        """The wishes that a product does not meet; none when only colour and size do not come together."""
        return [kind for kind, value in wishes.items() if not self._of({kind: value})[product]]

    def _of(self, wishes: Wishes) -> Mask:
        key = tuple(wishes.items())
        if key not in self._known:
            stocked = self.items.in_stock(self.available)
            self._known[key] = constraints(wishes).mask(self.items, self.available) & stocked
        return self._known[key]


@dataclass(eq=False)
class Shopper:
    """`wishes` are all that matters to the customer, kind by kind; `said` what was told so far."""

    fits: Fits
    wishes: Wishes
    random: np.random.Generator
    patience: float
    said: Wishes = field(default_factory=dict)
    in_a_row: int = 0

    @classmethod
    def arriving(cls, fits: Fits, chances: NDArray[np.float64], random: np.random.Generator) -> Shopper:
        """Someone with a product in mind, drawn by the cumulated `chances` (n,), who has just said the first sentence."""
        product = min(int(np.searchsorted(chances, random.random(), side="right")), len(chances) - 1)
        least, shape, scale = PATIENCE
        patience = least + float(random.gamma(shape, scale))
        shopper = cls(fits, _wishes(fits.items, product, random), random, patience)
        for kind in list(shopper.wishes):
            if random.random() < SAYS[kind]:
                shopper.tell(kind)
        return shopper

    def tell(self, kind: Asked) -> None:
        self.said[kind] = self.wishes[kind]

    def asked(self, kind: Asked) -> Feedback:
        found: Feedback = "does_not_mind"
        if kind in self.wishes:
            self.tell(kind)
            found = "told"
        cost = COST[found] + COST["in_a_row"] * self.in_a_row
        self.in_a_row += 1
        return self._after(found, cost)

    def shown(self, products: Sequence[int]) -> tuple[Feedback, int | None]:
        """What is said to these products, and the one that is taken."""
        self.in_a_row = 0
        suits = self.fits.all(self.wishes)
        suitable = [p for p in products if suits[p]]
        if suitable and self.random.random() < (TAKES_ONE if len(products) == 1 else TAKES_ONE_OF_SEVERAL):
            return "accepted", suitable[0]
        cost = COST["one_refused" if len(products) == 1 else "refused"]
        broken = [] if suitable else [k for k in self.fits.broken(self.wishes, products[0]) if k not in self.said]
        if broken and self.random.random() < CRITICISES:
            self.tell(broken[int(self.random.integers(len(broken)))])
            return self._after("criticised", cost), None
        return self._after("refused", cost), None

    def loosened(self, kind: Asked) -> None:
        """Gives up a wish: it matters no longer."""
        self.wishes.pop(kind, None)
        self.said.pop(kind, None)

    def _after(self, feedback: Feedback, cost: float) -> Feedback:
        self.patience -= cost
        return "left" if self.patience < 0 or self.random.random() < LEAVES else feedback


def constraints(wishes: Wishes) -> Constraints:
    """Wishes as the hard filters of the recommender."""
    wish: dict[str, Any] = {kind: {"max": value} if kind == "price" else value for kind, value in wishes.items()}
    return Constraints.from_wish(wish)


def _wishes(items: Items, product: int, random: np.random.Generator) -> Wishes:
    own = items.variants.of(product)
    piece = own[int(random.integers(len(own)))] if len(own) else None
    attributes = list(items.attributes[product])
    random.shuffle(attributes)
    known: Wishes = {
        "price": float(np.ceil(items.price[product] * _BUDGET / 10) * 10),
        "color": (items.variants.color[piece],) if piece is not None else ("",),
        "size": (items.variants.size[piece],) if piece is not None else ("",),
        "brand": (items.brand[product],),
        "material": tuple(items.materials[product][:1]),
        "attribute": tuple(sorted(attributes[: int(random.integers(1, 4))])),
    }
    found: Wishes = {"category": (items.category[product],)}
    for kind, value in known.items():
        empty = isinstance(value, tuple) and not all(value or ("",))
        if not empty and random.random() < CARES[kind]:
            found[kind] = value
    return found
