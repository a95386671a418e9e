"""From baskets to orders: variants, prices, discounts and shipping by policies.yml, and the orders of demonstrations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from bot.demo.parcels import (
    CANCELLED,
    CLOSED_UNPAID,
    DAY,
    EXCHANGED,
    HOUR,
    RETURNED,
    Line,
    Order,
    live,
    ship,
    shipping_fee,
)
from bot.demo.people import DEMO, Person
from bot.demo.sessions import Basket
from bot.demo.tastes import Tastes
from bot.policies import Policies

FIRST_NUMBER = 30001
"""Numbers below are kept for the orders of demonstrations."""
QUIET_DAYS = 40
"""The customers of demonstrations have bought nothing by chance in the last days, so that their orders are the known ones."""
DEMO_ORDERS = (
    (10086, ("running_shoes", "t_shirts"), ("earbuds",), ("coffee", "mugs")),
    (20086, ("headphones",), ("tea", "kettles"), ("backpacks",)),
)
"""For each of DEMO the first of three numbers, and the categories of: on its way, delivered three days ago, paid yesterday."""
Rows = Sequence[Mapping[str, str]]


_SENT_BACK = CLOSED_UNPAID + CANCELLED + RETURNED / 2
_EXCHANGED = CLOSED_UNPAID + CANCELLED + RETURNED + EXCHANGED / 2
STAGED = (
    *((seconds, 0.99) for seconds in (14.0, 9.0, 4.0)),  # at the till this moment: still to be paid
    *((hours * HOUR, 0.99) for hours in (4.5, 5.5, 6.5)),  # packed
    *((days * DAY, _SENT_BACK) for days in range(6, 22)),
    *((days * DAY, _EXCHANGED) for days in range(6, 16)),
)
"""(seconds before the end, luck): a few more orders, so that every state has some on every day and for every seed."""


def stage(tastes: Tastes, rows: Rows, end: float) -> list[Basket]:
    """Other customers than those of demonstrations buy what they like best."""
    others = len(tastes.utility) - len(DEMO)
    return [
        Basket(k, end - before, ((int(np.argmax(tastes.utility[k] - 9.0 * _dear(rows))), 1),), luck)
        for k, (before, luck) in ((len(DEMO) + n % others, staged) for n, staged in enumerate(STAGED))
    ]


def _dear(rows: Rows) -> NDArray[np.bool_]:
    return np.array([float(r["price"]) > 800 for r in rows])


def make_orders(
    baskets: Sequence[Basket],
    rows: Rows,
    people: Sequence[Person],
    tastes: Tastes,
    colors: Sequence[str],
    *,
    end: float,
    rules: Policies,
    rng: np.random.Generator,
) -> list[Order]:
    """Oldest first, numbered in that order with gaps."""
    number, made = FIRST_NUMBER, []
    spent: dict[int, list[tuple[float, float]]] = {}
    for basket in sorted(baskets, key=lambda b: (b.time, b.customer)):
        k, person = basket.customer, people[basket.customer]
        if k < len(DEMO) and basket.time > end - QUIET_DAYS * DAY:
            continue
        number += int(rng.integers(1, 9))
        lines = []
        for i, quantity in basket.lines:
            options = {c: float(np.exp(tastes.colors[k, colors.index(c)])) for c in _ids(rows[i]["colors"])}
            lines.append(line(rows[i], quantity, person, options, rng))
        order = open_order(str(number), k, basket.time, lines, person, spent.get(k, []), rules)
        order = live(order, person.place, end=end, rules=rules, rng=rng, luck=basket.luck)
        if counts(order):
            spent.setdefault(k, []).append((basket.time, order.total))
        made.append(order)
    return [*made, *_demonstrations(rows, people, end, rules, rng, spent)]


def counts(order: Order) -> bool:
    """A real sale: paid and neither cancelled nor refunded."""
    return order.paid_at is not None and order.status not in ("cancelled", "refunded")


def open_order(
    number: str,
    k: int,
    placed_at: float,
    lines: Sequence[Line],
    person: Person,
    spent: Sequence[tuple[float, float]],
    rules: Policies,
) -> Order:
    """Waiting for payment. `spent`: (time, total) of the customer's sales so far; they decide level and first-order coupon."""
    goods = round(sum(ln.quantity * ln.unit_price for ln in lines), 2)
    day = datetime.fromtimestamp(placed_at, UTC).date()
    percent = rules.membership.level(level_of(spent, placed_at, rules)).percent_off
    off = max(round(goods * percent / 100, 2), _coupon(goods, day, rules, first=not spent))
    fee = shipping_fee(goods, person.place, rules)
    return Order(
        order_number=number,
        customer_id=f"C{k + 1:04d}",
        status="pending_payment",
        placed_at=placed_at,
        paid_at=None,
        dispatched_at=None,
        delivered_at=None,
        goods_total=goods,
        shipping_fee=fee,
        discount=off,
        total=round(goods - off + fee, 2),
        payment_method="",
        recipient=person.name,
        phone=person.phone,
        email=person.email,
        address=person.address,
        carrier="",
        tracking="",
        items=tuple(lines),
    )


def level_of(spent: Sequence[tuple[float, float]], moment: float, rules: Policies) -> str:
    """The level earned by the twelve months before `moment`."""
    total = sum(money for time, money in spent if moment - 365 * DAY < time <= moment)
    return max((level for level in rules.membership.levels if level.from_ <= total), key=lambda level: level.from_).id


def line(
    row: Mapping[str, str], quantity: int, person: Person, options: Mapping[str, float], rng: np.random.Generator
) -> Line:
    """One variant: the colour by taste (weights of `options`; without any the first), the size steadily the same for a person, as feet and shoulders are."""
    color = next(iter(_ids(row["colors"])), "")
    if options:
        weights = np.array(list(options.values()))
        color = str(rng.choice(list(options), p=weights / weights.sum()))
    sizes = _ids(row["sizes"])
    size = sizes[sum(person.email.encode()) % len(sizes)] if sizes else ""
    sku = "-".join([row["product_id"], *(part.replace(" ", "_") for part in (color, size) if part)])
    return Line(sku, row["product_id"], quantity, float(row["price"]))


def _coupon(goods: float, day: date, rules: Policies, *, first: bool) -> float:
    return max(
        (
            c.amount
            for c in rules.discounts.coupons
            if goods >= c.min_spend and (c.until is None or day <= c.until) and (c.who != "first order" or first)
        ),
        default=0.0,
    )


def _demonstrations(
    rows: Rows,
    people: Sequence[Person],
    end: float,
    rules: Policies,
    rng: np.random.Generator,
    spent: Mapping[int, list[tuple[float, float]]],
) -> list[Order]:
    made = []
    for k, (number, coming, here, waiting) in enumerate(DEMO_ORDERS):
        person = people[k]
        near = person.place == "mainland"
        left = end - (2.4 if near else 6) * DAY
        arrived = end - 3 * DAY + 14.5 * HOUR
        left_before = arrived - (3 if near else 9) * DAY
        paid = []
        for n, (categories, placed) in enumerate(
            ((coming, left - 8 * HOUR), (here, left_before - 7 * HOUR), (waiting, end - 2.7 * HOUR))
        ):
            lines = [line(_favourite(rows, c), 1, person, {}, rng) for c in categories]
            order = open_order(str(number + n), k, placed, lines, person, spent.get(k, []), rules)
            paid.append(
                replace(order, status="paid", paid_at=placed + 90, payment_method="Alipay" if near else "PayPal")
            )
        away, home, kept = paid
        made.append(ship(away, person.place, left, max(left + 3 * DAY, end + DAY), end=end, rng=rng))
        made.append(ship(home, person.place, left_before, arrived, end=end, rng=rng))
        made.append(kept)
    return made


def _favourite(rows: Rows, category: str) -> Mapping[str, str]:
    """The first product of the category, for women where there is one: both customers of demonstrations are."""
    return max(rows, key=lambda r: (r["category"] == category, "for_women" in _ids(r["attributes"])))


def _ids(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]
