"""Where a talk about products stands, in numbers: what dialogue policies decide on, in the simulator as in the shop."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from recommender.constraints import Kind
from recommender.items import Items

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Feedback = Literal["none", "told", "does_not_mind", "refused", "criticised", "accepted", "left"]
Asked = Kind | Literal["price"]

ASKABLE: tuple[Asked, ...] = ("category", "price", "color", "size", "brand", "material", "attribute")
ACTIONS: tuple[str, ...] = (*(f"ask_{kind}" for kind in ASKABLE), "show_3", "show_1", "loosen", "stop")
SHOW_3, SHOW_1, LOOSEN, STOP = (ACTIONS.index(name) for name in ("show_3", "show_1", "loosen", "stop"))
TURNS = 10
"""A talk that is longer has failed."""
PRICE_STEPS = 8
_FEEDBACK: tuple[Feedback, ...] = ("none", "told", "does_not_mind", "refused", "criticised")
OBSERVED = 2 * len(ASKABLE) + len(_FEEDBACK) + 7


class Questions:
    """How much each question would tell about the products that are left."""

    def __init__(self, items: Items) -> None:
        columns = [_columns(items, kind) for kind in ASKABLE]
        ends = np.cumsum([0, *(len(part) for part in columns)])
        self._slices = [slice(a, b) for a, b in itertools.pairwise(ends.tolist())]
        self._has = np.ascontiguousarray(np.concatenate(columns).T, dtype=np.float32)  # (n, values)

    def bits(self, matching: NDArray[np.intp]) -> Floats:
        """(len(ASKABLE),) entropy of the values that these products have, of the answer yes or no for the attribute that
        splits them best."""
        found = np.zeros(len(ASKABLE), np.float32)
        if not len(matching):
            return found
        counts = self._has.sum(axis=0) if len(matching) == len(self._has) else self._has[matching].sum(axis=0)
        for n, (kind, part) in enumerate(zip(ASKABLE, self._slices, strict=True)):
            own = counts[part]
            own = own[own > 0]
            if kind == "attribute":  # each is a question of its own
                share = own[own < len(matching)] / len(matching)
                entropy = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
                found[n] = entropy.max(initial=0.0)
            elif len(own) > 1:
                share = own / own.sum()
                found[n] = -(share * np.log2(share)).sum()
        return found


@dataclass(frozen=True, slots=True)
class Situation:
    """`bits` of each question, the kinds `known` (told, or asked before), how many products are `matching`, the last
    `feedback`, `turns` so far, products `seen`, questions asked `in_a_row`."""

    bits: Floats
    known: Collection[str]
    matching: int
    feedback: Feedback = "none"
    turns: int = 0
    seen: int = 0
    in_a_row: int = 0

    def mask(self) -> Mask:
        """(len(ACTIONS),) what is allowed: a question that is new and splits what is left, showing while anything is
        left, loosening when nothing is."""
        anything = self.matching > 0
        useful = [kind not in self.known and bits > 0 for kind, bits in zip(ASKABLE, self.bits, strict=True)]
        return np.array([*useful, anything, anything, not anything, True])

    def numbers(self) -> Floats:
        """(OBSERVED,) each about 0 to 1, none above 2: what a network sees."""
        found = np.zeros(OBSERVED, np.float32)
        kinds = len(ASKABLE)
        found[:kinds] = np.minimum(self.bits / 4, 2)
        found[kinds : 2 * kinds] = [kind in self.known for kind in ASKABLE]
        at = 2 * kinds
        if self.feedback in _FEEDBACK:
            found[at + _FEEDBACK.index(self.feedback)] = 1
        left = self.matching
        rest = (np.log2(left + 1) / 10, left == 0, left == 1, left <= 3)
        spent = (self.turns / TURNS, self.seen / 10, self.in_a_row / 5)
        found[at + len(_FEEDBACK) :] = np.minimum((*rest, *spent), 2)
        return found

    def place(self) -> tuple[int, ...]:
        """In coarse steps, for tables: how many match, which of the usual questions are open, what was shown."""
        usual: tuple[Asked, ...] = ("category", "price", "color", "size", "attribute")
        open_ = [int(k not in self.known and self.bits[ASKABLE.index(k)] > 0) for k in usual]
        return (sum(self.matching > step for step in (0, 1, 3, 8, 20, 60)), *open_, min(self.seen // 2, 3))


def _columns(items: Items, kind: Asked) -> NDArray[np.bool_]:
    """(values, n) which product has which value; prices in steps of equal numbers of products."""
    if kind == "price":
        edges = np.unique(np.quantile(items.price, np.linspace(0, 1, PRICE_STEPS + 1)[1:-1]))
        return np.asarray(np.searchsorted(edges, items.price)[None, :] == np.arange(len(edges) + 1)[:, None])
    if kind == "size":
        names = sorted(set(items.variants.size.names) - {""})
        rows = [items.having(items.variants.size.among(frozenset({name}))) for name in names]
        return np.array(rows) if rows else np.zeros((0, len(items)), np.bool_)
    table: dict[str, Any] = {"category": items.category, "brand": items.brand}
    if kind in table:
        codes = table[kind]
        return np.asarray(codes.codes[None, :] == np.arange(len(codes.names))[:, None])
    tags = {"color": items.colors, "material": items.materials, "attribute": items.attributes}[kind]
    return np.asarray(tags.has, np.bool_)
