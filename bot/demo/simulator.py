"""A year of a shop that never was: customers, what they looked at and bought, and their orders.

Shoppers come in sessions. A session has a day (weekends and the sales of June and November are busy; each category has its
season), one or two categories drawn from the customer's interests, and views drawn by the utilities of `bot.demo.tastes`
(Gumbel top-k, so that unloved products are seen too). What is liked enough is put in the basket, most of that is bought,
sometimes with a true complement (`goes_with`). Durable things are rarely bought twice, food and care again and again.
Delivered goods are rated now and then, 1 to 5, by the utility. Orders carry what was bought and live by policies.yml.

Everything depends on `seed` and `today` alone; nothing happens after the first minute of `today` in Shanghai.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np

from bot.demo.parcels import DAY, SHANGHAI, Order
from bot.demo.people import make_people
from bot.demo.sessions import Look, make_shelf, shop_around
from bot.demo.tastes import PERSONAS, Tastes, draw_tastes
from bot.demo.till import counts, level_of, make_orders, stage
from bot.policies import Policies

POLICIES = Path(__file__).with_name("policies.yml")


class SimulationError(ValueError):
    """What was asked cannot be simulated."""


@dataclass(frozen=True, slots=True)
class Customer:
    """`level` by the spending of the last twelve months, `points` not yet used, `created` in unix seconds."""

    customer_id: str
    name: str
    language: str
    phone: str
    email: str
    level: str
    points: int
    address: str
    created: float


@dataclass(frozen=True, slots=True)
class Interaction:
    """`kind` is view, cart, purchase or rating; `value` the quantity (cart, purchase), the stars (rating) or 1 (view)."""

    customer_id: str
    product_id: str
    kind: str
    value: float
    time: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """`persona` is the hidden truth: customer id -> name of the latent group. It is never written to a file."""

    customers: tuple[Customer, ...]
    interactions: tuple[Interaction, ...]
    orders: tuple[Order, ...]
    persona: Mapping[str, str]


def simulate(
    products: Path | Sequence[Mapping[str, str]],
    *,
    today: date,
    seed: int = 7,
    customers: int = 600,
    days: int = 365,
) -> Simulation:
    """`products` is products.csv or its rows. Raises SimulationError for fewer than 10 customers, 60 days or 2 products."""
    rows = _read(products) if isinstance(products, Path) else list(products)
    for name, value, least in (("customers", customers, 10), ("days", days, 60), ("products", len(rows), 2)):
        if value < least:
            raise SimulationError(f"{name} is {value!r}; at least {least} are needed")
    rng = np.random.default_rng(seed)
    rules = Policies.load(POLICIES)
    end = datetime.combine(today, time(0, 0), SHANGHAI).timestamp()
    categories = sorted({r["category"] for r in rows})
    colors = sorted({c for r in rows for c in r["colors"].split("|") if c})
    people, ids = make_people(customers, rng), [f"C{k + 1:04d}" for k in range(customers)]
    tastes = draw_tastes(rows, categories, colors, customers, rng)
    shelf = make_shelf(rows, categories)
    joined = end - DAY * np.maximum(np.ceil(rng.uniform(0.02, 2.5, customers) * days), 8)
    joined[:2] = end - 2 * days * DAY  # those of demonstrations are old customers

    visits = [shop_around(k, shelf, tastes, max(joined[k], end - days * DAY), end, rng) for k in range(customers)]
    for basket in stage(tastes, rows, end):
        looks = [Look(i, kind, 1.0, basket.time - 60.0) for i, _ in basket.lines for kind in ("view", "cart")]
        visits[basket.customer].looks += looks
        visits[basket.customer].baskets.append(basket)
    baskets = [basket for v in visits for basket in v.baskets]
    orders = make_orders(baskets, rows, people, tastes, colors, end=end, rules=rules, rng=rng)
    seen = [_interaction(ids[k], rows, look) for k, v in enumerate(visits) for look in v.looks]
    seen += _purchases(orders)
    seen += _ratings(orders, rows, tastes, end, rng)
    seen.sort(key=lambda i: (i.time, i.customer_id, i.product_id, i.kind))

    sales: dict[str, list[tuple[float, float]]] = {c: [] for c in ids}
    for order in filter(counts, orders):
        sales[order.customer_id].append((order.placed_at, order.total))
    found = []
    for k, (person, own) in enumerate(zip(people, ids, strict=True)):
        earned = rules.membership.points_per_yuan * sum(money for _, money in sales[own])
        found.append(
            Customer(
                customer_id=own,
                name=person.name,
                language=person.language,
                phone=person.phone,
                email=person.email,
                level=level_of(sales[own], end, rules),
                points=int(earned * rng.uniform(0.4, 1.0)),  # the rest has been spent
                address=person.address,
                created=float(joined[k]),
            )
        )
    persona = {c: PERSONAS[int(p)].name for c, p in zip(ids, tastes.persona, strict=True)}
    return Simulation(tuple(found), tuple(seen), tuple(orders), persona)


def write_csv(simulation: Simulation, folder: Path) -> None:
    """customers.csv, interactions.csv and orders.csv in the form of the README; the folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "customers.csv", Customer, simulation.customers)
    _write(folder / "interactions.csv", Interaction, simulation.interactions)
    _write(folder / "orders.csv", Order, simulation.orders)


def _interaction(customer: str, rows: Sequence[Mapping[str, str]], look: Look) -> Interaction:
    return Interaction(customer, rows[look.product]["product_id"], look.kind, look.value, look.time)


def _purchases(orders: Sequence[Order]) -> list[Interaction]:
    """Every line of an order that was paid and not cancelled."""
    return [
        Interaction(order.customer_id, line.product_id, "purchase", float(line.quantity), order.paid_at)
        for order in orders
        if order.paid_at is not None and order.status != "cancelled"
        for line in order.items
    ]


def _ratings(
    orders: Sequence[Order], rows: Sequence[Mapping[str, str]], tastes: Tastes, end: float, rng: np.random.Generator
) -> list[Interaction]:
    """Stars for a third of what was delivered, some days later: the product's rating moved by the customer's utility."""
    position = {r["product_id"]: i for i, r in enumerate(rows)}
    center, spread = tastes.utility.mean(axis=1), tastes.utility.std(axis=1)
    found = []
    for order in orders:
        for line in order.items if order.delivered_at else ():
            k, i = int(order.customer_id[1:]) - 1, position[line.product_id]
            when = float(order.delivered_at or 0) + DAY * float(rng.uniform(0.5, 12))
            liking = (tastes.utility[k, i] - center[k]) / spread[k]
            stars = float(rows[i]["rating"] or 4.3) - 0.9 + 0.45 * liking + rng.normal(0, 0.6)
            if rng.random() < 0.35 and when < end:
                found.append(
                    Interaction(order.customer_id, line.product_id, "rating", float(np.clip(round(stars), 1, 5)), when)
                )
    return found


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, kind: type[Any], records: Sequence[Any]) -> None:
    names = [f.name for f in fields(kind)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_cell(name, getattr(record, name)) for name in names] for record in records)


def _cell(name: str, value: Any) -> str | int | float:
    """Times as whole unix seconds, lists as JSON."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return json.dumps([asdict(v) for v in value], ensure_ascii=False, separators=(",", ":"))
    if name in ("time", "created") or name.endswith("_at"):
        return int(value)
    return value if isinstance(value, str | int | float) else str(value)
