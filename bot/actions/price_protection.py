"""The price fell after the purchase: the difference, within the days of the rules, by the catalogue's price of now."""

from __future__ import annotations

from dataclasses import dataclass

from bot.actions import formats
from bot.actions.order_steps import Answer, Confirm, Detail, Outcome, Reply, Step, Task, person
from bot.actions.order_words import case_status, day, days_since, line_name, money, paid_share, refund_line
from bot.actions.turn import Turn
from bot.stores.orders import Order

_CLOSED = ("cancelled", "return_requested", "returned", "refunded", "exchange_requested")
SMALLEST = 0.01
"""A cent: less is rounding."""


@dataclass(frozen=True, slots=True)
class Fall:
    sku: str
    now: float
    difference: float
    told: str


def price_protection(turn: Turn, order: Order, _detail: Detail) -> Step:
    days = turn.shop.policies.price_protection.days
    values = {"number": order.number, "days": str(days), "time": formats.day_and_hour(turn.shop.now(), turn.language)}
    if order.status in _CLOSED:
        values["status"] = formats.status(order.status, turn.language)
        return Answer(Reply("price_other_state", values, [person(turn)]))
    if order.paid_at is None:
        return Answer(Reply("price_unpaid", values, [turn.button("取消订单", "Cancel the order"), person(turn)]))
    values["day"] = day(turn, order.paid_at)
    if days_since(turn, order.paid_at) > days:
        return Answer(Reply("price_too_late", values, [person(turn)]))
    falls = _falls(turn, order)
    if not falls:
        return Answer(Reply("price_not_fallen", values, [person(turn)]))
    amount = round(sum(fall.difference for fall in falls), 2)
    values |= {
        "lines": turn.pick("；", "; ").join(fall.told for fall in falls),
        "refund": refund_line(turn, order, amount),
        "amount": money(turn, amount),
    }
    data = {"refund": amount, "prices": {fall.sku: fall.now for fall in falls}}
    outcome = Outcome("price", Reply("done_price", values), data, case_status(turn, order, amount))
    return Confirm(Reply("confirm_price", values), outcome, again=None)


def _falls(turn: Turn, order: Order) -> list[Fall]:
    """The lines that cost less now than was paid for them, or than the last difference was reckoned to."""
    granted: dict[str, float] = {}
    for case in turn.shop.orders.cases_of(order.number, "price"):
        for sku, price in dict(case.data.get("prices") or {}).items():
            granted[sku] = min(float(price), granted.get(sku, float(price)))
    found = []
    for line in order.lines:
        product = turn.shop.catalog.get(line.product_id)
        paid = min(round(line.unit_price * paid_share(order), 2), granted.get(line.sku, float("inf")))
        if product is None or paid - product.price < SMALLEST:
            continue
        told = f"{line_name(turn, line)} {money(turn, paid)} → {money(turn, product.price)}"
        found.append(Fall(line.sku, product.price, round((paid - product.price) * line.quantity, 2), told))
    return found


TASKS = {"price_protection": Task(price_protection, fits=("paid", "packed", "dispatched", "delivered"))}
