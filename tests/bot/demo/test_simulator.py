from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import pytest

import bot.demo
from bot.demo.parcels import DAY, SHANGHAI, live, shipping_fee
from bot.demo.people import DEMO
from bot.demo.simulator import POLICIES, Simulation, SimulationError, simulate, write_csv
from bot.demo.tastes import PERSONAS, price_ladder
from bot.demo.till import level_of
from bot.policies import Policies
from bot.stores.orders import STATUSES

PRODUCTS = Path(bot.demo.__file__).with_name("products.csv")
TODAY = date(2026, 11, 22)
END = datetime.combine(TODAY, time(0, 0), SHANGHAI).timestamp()
RULES = Policies.load(POLICIES)


@pytest.fixture(scope="module")
def year() -> Simulation:
    return simulate(PRODUCTS, today=TODAY)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with PRODUCTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def small(rows: list[dict[str, str]], **change: int) -> Simulation:
    return simulate(rows, **{"today": TODAY, "customers": 30, "days": 90, **change})  # type: ignore[arg-type]


def test_large_enough(year: Simulation) -> None:
    assert len(year.customers) >= 600
    assert len(year.interactions) >= 50_000
    assert 2_000 <= len(year.orders) <= 3_500
    kinds = Counter(i.kind for i in year.interactions)
    assert kinds["view"] > kinds["cart"] > kinds["purchase"] > kinds["rating"] > 500


def test_the_same_seed_makes_the_same_year(rows: list[dict[str, str]]) -> None:
    assert small(rows) == small(rows)
    assert small(rows) != small(rows, seed=8)


@pytest.mark.parametrize("seed", [7, 8])
def test_orders_in_every_state(rows: list[dict[str, str]], seed: int) -> None:
    assert {o.status for o in small(rows, seed=seed).orders} == set(STATUSES)


def test_nothing_happens_after_the_end(year: Simulation) -> None:
    times = [i.time for i in year.interactions]
    times += [t for o in year.orders for t in (o.placed_at, o.paid_at, o.dispatched_at, o.delivered_at) if t]
    times += [e.time for o in year.orders for e in o.tracking_events]
    assert max(times) <= END
    assert min(c.created for c in year.customers) < END - 365 * DAY


def test_what_was_bought_stands_in_an_order_and_the_other_way_round(year: Simulation) -> None:
    bought = Counter((i.customer_id, i.product_id, i.time, i.value) for i in year.interactions if i.kind == "purchase")
    sold = Counter(
        (o.customer_id, line.product_id, o.paid_at, float(line.quantity))
        for o in year.orders
        if o.paid_at and o.status != "cancelled"
        for line in o.items
    )
    assert bought == sold


def test_skus_are_variants_in_the_stock_file(year: Simulation) -> None:
    with PRODUCTS.with_name("stock.csv").open(encoding="utf-8", newline="") as file:
        known = {r["sku"] for r in csv.DictReader(file)}
    assert {line.sku for o in year.orders for line in o.items} <= known


def test_money_adds_up_and_follows_the_rules(year: Simulation) -> None:
    places = {c.customer_id: c.address for c in year.customers}
    for o in year.orders:
        assert o.goods_total == pytest.approx(sum(ln.quantity * ln.unit_price for ln in o.items))
        assert o.total == pytest.approx(o.goods_total - o.discount + o.shipping_fee)
        remote = any(region in places[o.customer_id] for region in RULES.shipping.remote_regions)
        abroad = any(country in places[o.customer_id] for country in RULES.shipping.overseas)
        place = "overseas" if abroad else "remote" if remote else "mainland"
        assert o.shipping_fee == shipping_fee(o.goods_total, place, RULES)
        assert o.payment_method in ("", *RULES.payment.methods)


def test_states_and_times_agree(year: Simulation) -> None:
    for o in year.orders:
        moments = [t for t in (o.placed_at, o.paid_at, o.dispatched_at, o.delivered_at) if t is not None]
        assert moments == sorted(moments), o.order_number
        assert (o.delivered_at is not None) == (
            o.status in ("delivered", "return_requested", "returned", "refunded", "exchange_requested")
        )
        assert bool(o.dispatched_at) == bool(o.tracking) == bool(o.carrier) == bool(o.tracking_events)
        if o.status in ("paid", "packed"):
            assert o.paid_at
            assert not o.dispatched_at
        if o.status == "pending_payment":
            assert END - o.placed_at < 60 * RULES.payment.unpaid_order_minutes


def test_order_numbers(year: Simulation) -> None:
    numbers = [o.order_number for o in year.orders]
    assert len(set(numbers)) == len(numbers)
    assert all(n.isdigit() and 5 <= len(n) <= 8 for n in numbers)


def test_customers_of_demonstrations(year: Simulation) -> None:
    for customer, person, first in zip(year.customers, DEMO, (10086, 20086), strict=False):
        assert (customer.name, customer.phone, customer.email) == (person.name, person.phone, person.email)
        recent = [o for o in year.orders if o.customer_id == customer.customer_id and o.placed_at > END - 30 * DAY]
        assert {o.order_number: o.status for o in recent} == {
            str(first): "dispatched",
            str(first + 1): "delivered",
            str(first + 2): "paid",
        }
        delivered = next(o.delivered_at for o in recent if o.status == "delivered")
        assert 2 < (END - (delivered or 0)) / DAY < 3


def test_customers_can_be_told_apart(year: Simulation) -> None:
    for values in ({c.phone for c in year.customers}, {c.email for c in year.customers}):
        assert len(values) == len(year.customers)
    assert {c.language for c in year.customers} == {"zh", "en"}
    assert {c.level for c in year.customers} == {level.id for level in RULES.membership.levels}


def test_levels_follow_the_spending_of_twelve_months() -> None:
    cases = [
        ([], "bronze"),
        ([(END - 10 * DAY, 999.0)], "bronze"),
        ([(END - 10 * DAY, 600.0), (END - 20 * DAY, 400.0)], "silver"),
        ([(END - 400 * DAY, 90000.0)], "bronze"),
        ([(END - DAY, 20000.0)], "platinum"),
    ]
    assert [level_of(spent, END, RULES) for spent, _ in cases] == [level for _, level in cases]


def test_the_hidden_persona_explains_what_is_bought(year: Simulation, rows: list[dict[str, str]]) -> None:
    """Customers buy from the categories of their own persona at least twice as often as those of other personas do."""
    category = {r["product_id"]: r["category"] for r in rows}
    bought = [(year.persona[i.customer_id], category[i.product_id]) for i in year.interactions if i.kind == "purchase"]
    for persona in PERSONAS:
        favourites = {c for c, weight in persona.categories.items() if weight >= 4}
        own = [c in favourites for p, c in bought if p == persona.name]
        others = [c in favourites for p, c in bought if p != persona.name]
        assert np.mean(own) > 2 * np.mean(others), persona.name


def test_taste_is_more_than_category_and_popularity(year: Simulation, rows: list[dict[str, str]]) -> None:
    """Inside a category, two customers of one persona look at the same products more often than two of different ones."""
    personas = sorted({*year.persona.values()})
    position = {r["product_id"]: i for i, r in enumerate(rows)}
    halves = np.zeros((2, len(personas), len(rows)))
    for i in year.interactions:
        if i.kind == "view":
            halves[
                int(i.customer_id[1:]) // 8 % 2, personas.index(year.persona[i.customer_id]), position[i.product_id]
            ] += 1
    halves = (halves + 0.5) / (halves + 0.5).sum(axis=1, keepdims=True)
    for r in {r["category"] for r in rows}:
        members = [i for i, row in enumerate(rows) if row["category"] == r]
        halves[:, :, members] -= halves[:, :, members].mean(axis=2, keepdims=True)
    alike = np.array([[np.corrcoef(a, b)[0, 1] for b in halves[1]] for a in halves[0]])
    assert np.mean(np.diag(alike)) > 0.35
    assert np.mean(np.diag(alike)) > 0.3 + np.mean(alike[~np.eye(len(personas), dtype=bool)])


def test_sunscreen_is_looked_at_in_summer(year: Simulation, rows: list[dict[str, str]]) -> None:
    category = {r["product_id"]: r["category"] for r in rows}
    months = Counter(
        datetime.fromtimestamp(i.time, SHANGHAI).month
        for i in year.interactions
        if i.kind == "view" and category[i.product_id] == "sunscreen"
    )
    assert months[6] + months[7] > 2 * (months[12] + months[1])


def test_files_are_read_back_as_written(year: Simulation, tmp_path: Path) -> None:
    write_csv(year, tmp_path)
    with (tmp_path / "orders.csv").open(encoding="utf-8", newline="") as file:
        orders = {r["order_number"]: r for r in csv.DictReader(file)}
    assert len(orders) == len(year.orders)
    known = next(o for o in year.orders if o.order_number == "10086")
    row = orders["10086"]
    assert float(row["total"]) == known.total
    assert [item["sku"] for item in json.loads(row["items"])] == [line.sku for line in known.items]
    assert [e["zh"] for e in json.loads(row["tracking_events"])] == [e.zh for e in known.tracking_events]
    assert int(row["placed_at"]) == int(known.placed_at)
    assert row["delivered_at"] == ""
    with (tmp_path / "interactions.csv").open(encoding="utf-8", newline="") as file:
        assert next(file).strip() == "customer_id,product_id,kind,value,time"
        assert sum(1 for _ in file) == len(year.interactions)


def test_price_ladder() -> None:
    goods = [("a", 30), ("a", 10), ("a", 20), ("b", 5)]
    assert price_ladder([{"category": c, "price": str(p)} for c, p in goods]).tolist() == [1.0, 0.0, 0.5, 0.5]


@pytest.mark.parametrize(
    ("place", "goods", "fee"),
    [
        ("mainland", 98.99, 10),
        ("mainland", 99, 0),
        ("remote", 5000, 20),
        ("overseas", 698, 68),
        ("overseas", 699, 0),
    ],
)
def test_shipping_fee(place: str, goods: float, fee: float) -> None:
    assert shipping_fee(goods, place, RULES) == fee  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "luck", "status"),
    [
        (0.001, 0.9, "pending_payment"),
        (0.2, 0.01, "pending_payment"),
        (2, 0.01, "cancelled"),
        (30, 0.06, "cancelled"),
        (2, 0.9, "paid"),
        (7, 0.9, "packed"),
        (40, 0.9, "dispatched"),
        (24 * 20, 0.9, "delivered"),
        (24 * 60, 0.1, "refunded"),
    ],
)
def test_life_of_an_order(year: Simulation, hours: float, luck: float, status: str) -> None:
    placed = next(o for o in year.orders if o.order_number == "10088")
    fresh = replace(placed, status="pending_payment", paid_at=None, payment_method="", placed_at=END - hours * 3600)
    order = live(fresh, "mainland", end=END, rules=RULES, rng=np.random.default_rng(1), luck=luck)
    assert order.status == status


Broken = Callable[[list[dict[str, str]]], Simulation]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda rows: small(rows, customers=3), "customers is 3; at least 10"),
        (lambda rows: small(rows, days=5), "days is 5; at least 60"),
        (lambda rows: small(rows[:1]), "products is 1; at least 2"),
    ],
)
def test_what_cannot_be_simulated_is_said(rows: list[dict[str, str]], make: Broken, message: str) -> None:
    with pytest.raises(SimulationError, match=message):
        make(rows)
