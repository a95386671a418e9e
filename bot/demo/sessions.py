"""One simulated customer's visits: what they look at, put in the basket and take to the till."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from bot.demo.tastes import Floats, Tastes

DAY = 86400.0
SESSIONS_A_YEAR = 19.0
"""Of the average customer; with about four views each this makes some 55,000 interactions of 600 customers."""
CONSUMED = frozenset(
    [
        "coffee",
        "tea",
        "snacks",
        "skincare",
        "sunscreen",
        "lipsticks",
        "cat_supplies",
        "dog_supplies",
        "baby_care",
        "notebooks",
        "pens",
    ]
)
"""Categories bought again and again; anything else a customer owns is looked at less."""
SEASONS: Mapping[str, Mapping[int, float]] = {
    "sunscreen": {4: 1.6, 5: 2.2, 6: 2.6, 7: 2.6, 8: 2.0, 11: 0.5, 12: 0.4, 1: 0.4},
    "jackets": {1: 1.6, 6: 0.5, 7: 0.4, 8: 0.5, 10: 1.8, 11: 2.0, 12: 2.0},
    "boots": {1: 1.6, 6: 0.4, 7: 0.3, 8: 0.5, 10: 1.7, 11: 2.0, 12: 1.9},
    "t_shirts": {1: 0.5, 5: 1.8, 6: 2.0, 7: 2.0, 8: 1.5, 12: 0.4},
    "tents": {4: 1.8, 5: 2.0, 6: 1.4, 9: 1.6, 10: 1.6, 12: 0.4, 1: 0.4},
    "kettles": {11: 1.4, 12: 1.5, 1: 1.5, 7: 0.7},
    "bedding": {10: 1.4, 11: 1.6, 12: 1.4},
    "notebooks": {2: 1.4, 8: 1.8, 9: 2.0, 12: 1.5},
    "pens": {2: 1.4, 8: 1.7, 9: 2.0},
    "laptops": {6: 1.3, 8: 1.8, 9: 1.5, 11: 1.3},
    "gift_sets": {1: 1.8, 2: 1.6, 5: 1.3, 9: 1.8, 12: 1.8},
    "tea": {1: 1.4, 4: 1.4, 9: 1.4},
}
"""Category -> month -> factor on the interest; 1 where nothing is said."""
_HOURS = np.array([2, 1, 0.5, 0.5, 0.5, 1, 2, 4, 5, 6, 7, 7, 9, 7, 6, 6, 6, 6, 7, 9, 12, 13, 11, 6], dtype=np.float64)
_SALES = frozenset({(6, 17), (6, 18), (11, 10), (11, 11), (12, 12)})


@dataclass(frozen=True, slots=True)
class Shelf:
    """The catalogue as the sessions need it: positions of products instead of ids."""

    rows: Sequence[Mapping[str, str]]
    members: Sequence[NDArray[np.int64]]
    """Per category the positions of its products."""
    consumed: NDArray[np.bool_]
    launched: Floats
    """Unix seconds."""
    goes_with: Sequence[Sequence[int]]
    season: Floats
    """(12, categories)"""


@dataclass(frozen=True, slots=True)
class Look:
    product: int
    kind: str
    value: float
    time: float


@dataclass(frozen=True, slots=True)
class Basket:
    """What one session takes to the till: (product, quantity) pairs."""

    customer: int
    time: float
    lines: tuple[tuple[int, int], ...]
    luck: float | None = None
    """What becomes of the order, see `parcels.live`; None: by chance."""


@dataclass(slots=True)
class Visits:
    looks: list[Look] = field(default_factory=list)
    baskets: list[Basket] = field(default_factory=list)


def make_shelf(rows: Sequence[Mapping[str, str]], categories: Sequence[str]) -> Shelf:
    position = {r["product_id"]: i for i, r in enumerate(rows)}
    kinds = np.array([categories.index(r["category"]) for r in rows])
    return Shelf(
        rows,
        [np.flatnonzero(kinds == c) for c in range(len(categories))],
        np.array([r["category"] in CONSUMED for r in rows]),
        np.array([datetime.fromisoformat(r["launched"] or "2000-01-01").replace(tzinfo=UTC).timestamp() for r in rows]),
        [[position[g] for g in r["goes_with"].split("|") if g in position] for r in rows],
        np.array([[SEASONS.get(c, {}).get(month, 1.0) for c in categories] for month in range(1, 13)]),
    )


def shop_around(k: int, shelf: Shelf, tastes: Tastes, start: float, end: float, rng: np.random.Generator) -> Visits:
    """All visits of customer `k` between two moments (unix seconds), oldest first."""
    visits, owned = Visits(), np.zeros(len(shelf.rows), dtype=bool)
    level = float(np.quantile(tastes.utility[k], 0.9))
    for moment in _moments(float(tastes.pace[k]), start, end, rng):
        clock, basket = moment, []
        for i in _viewed(k, shelf, tastes, owned, moment, rng):
            clock += float(rng.uniform(20, 240))
            visits.looks.append(Look(i, "view", 1.0, clock))
            if rng.random() < 0.42 / (1.0 + np.exp(level - tastes.utility[k, i])):
                quantity = 1 + int(rng.random() < (0.35 if shelf.consumed[i] else 0.04))
                visits.looks.append(Look(i, "cart", float(quantity), clock + float(rng.uniform(5, 60))))
                if rng.random() < 0.5:
                    basket.append((i, quantity))
        if basket:
            extra = [g for g in shelf.goes_with[basket[0][0]] if shelf.launched[g] < moment and not owned[g]]
            if extra and rng.random() < 0.2:
                liked = max(extra, key=lambda g: float(tastes.utility[k, g]))
                if all(i != liked for i, _ in basket):
                    visits.looks.append(Look(liked, "view", 1.0, clock + 60))
                    visits.looks.append(Look(liked, "cart", 1.0, clock + 90))
                    basket.append((liked, 1))
            owned[[i for i, _ in basket]] = True
            visits.baskets.append(Basket(k, clock + float(rng.uniform(100, 600)), tuple(basket)))
    return visits


def _viewed(
    k: int, shelf: Shelf, tastes: Tastes, owned: NDArray[np.bool_], moment: float, rng: np.random.Generator
) -> list[int]:
    """Distinct products of one or two categories, the better liked the likelier, now and then something that goes with one."""
    month = datetime.fromtimestamp(moment, UTC).month
    wish = tastes.interest[k] * shelf.season[month - 1]
    chosen = rng.choice(
        len(wish), size=min(len(wish), 1 + int(rng.random() < 0.35)), replace=False, p=wish / wish.sum()
    )
    found: list[int] = []
    for c in chosen:
        there = shelf.members[c][shelf.launched[shelf.members[c]] < moment]
        keys = tastes.utility[k, there] + rng.gumbel(size=len(there)) - 1.5 * (owned[there] & ~shelf.consumed[there])
        found += [int(i) for i in there[np.argsort(-keys)[: 1 + int(rng.poisson(2.2))]]]
    extra = [g for i in found for g in shelf.goes_with[i] if g not in found and shelf.launched[g] < moment]
    if extra and rng.random() < 0.25:
        found.append(extra[int(rng.integers(len(extra)))])
    return found


def _moments(pace: float, start: float, end: float, rng: np.random.Generator) -> list[float]:
    """Busy days and hours get more of them; all lie half an hour or more before `end`."""
    first = datetime.fromtimestamp(start, UTC)
    dates = [first + timedelta(days=d) for d in range(int((end - start) / DAY))]
    if not dates:
        return []
    weight = np.array(
        [(1.4 if d.weekday() >= 5 else 1.0) * (3.5 if (d.month, d.day) in _SALES else 1.0) for d in dates]
    )
    count = int(rng.poisson(SESSIONS_A_YEAR * pace * weight.sum() / 1.12 / 365.0))
    picks = rng.choice(len(dates), size=count, p=weight / weight.sum())
    hours = rng.choice(24, size=count, p=_HOURS / _HOURS.sum())
    moments = start + picks * DAY + (hours + rng.random(count)) * 3600.0
    return sorted(float(min(max(m, start), end - rng.uniform(1800, 7200))) for m in moments)
