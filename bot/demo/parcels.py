"""The life of a simulated order after the purchase: payment, packing, the parcel's way, returns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, timezone

import numpy as np

from bot.demo.people import TOWNS, Place
from bot.policies import Policies

SHANGHAI = timezone(timedelta(hours=8))
HOUR, DAY = 3600.0, 86400.0
CARRIERS: dict[Place, tuple[str, ...]] = {
    "mainland": ("青鸟快递 Bluebird", "云程速运 Cloudway", "青鸟快递 Bluebird"),
    "remote": ("云程速运 Cloudway",),
    "overseas": ("海桥国际 Seabridge",),
}
"""Invented, like the brands."""
CLOSED_UNPAID, CANCELLED, RETURNED, EXCHANGED = 0.05, 0.025, 0.07, 0.02
"""Shares of all orders."""
PACKED_AFTER = 4 * HOUR
"""What was paid by eight in the evening is packed by midnight."""


@dataclass(frozen=True, slots=True)
class Line:
    sku: str
    product_id: str
    quantity: int
    unit_price: float


@dataclass(frozen=True, slots=True)
class Event:
    """One scan of the parcel; `time` in unix seconds."""

    time: float
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Order:
    """Times in unix seconds, money in the shop's currency. `tracking_events`: newest last, none later than the end."""

    order_number: str
    customer_id: str
    status: str
    placed_at: float
    paid_at: float | None
    dispatched_at: float | None
    delivered_at: float | None
    goods_total: float
    shipping_fee: float
    discount: float
    total: float
    payment_method: str
    recipient: str
    phone: str
    email: str
    address: str
    carrier: str
    tracking: str
    items: tuple[Line, ...]
    tracking_events: tuple[Event, ...] = field(default=())


def shipping_fee(goods: float, place: Place, rules: Policies) -> float:
    """By policies.yml; `goods` before any discount."""
    shipping = rules.shipping
    if place == "overseas":
        return 0.0 if goods >= shipping.overseas_free_from else shipping.overseas_fee
    if place == "remote":
        return shipping.remote_fee
    return 0.0 if goods >= shipping.free_from else shipping.fee


def live(
    order: Order, place: Place, *, end: float, rules: Policies, rng: np.random.Generator, luck: float | None = None
) -> Order:
    """The order as it stands at `end`: what would happen later has not happened. `luck` in [0, 1) decides its fate."""
    luck = float(rng.random()) if luck is None else luck
    if luck < CLOSED_UNPAID:
        open_for = 60.0 * rules.payment.unpaid_order_minutes
        return replace(order, status="pending_payment" if end < order.placed_at + open_for else "cancelled")
    paid_at = order.placed_at + rng.uniform(15, 240)
    if paid_at > end:
        return replace(order, status="pending_payment")
    order = replace(order, status="paid", paid_at=paid_at, payment_method=_payment(place, rules, rng))
    if luck < CLOSED_UNPAID + CANCELLED:
        return replace(order, status="cancelled")
    leaves = _leaves(paid_at, rules, rng)
    if leaves > end:
        return replace(order, status="packed" if paid_at < end - PACKED_AFTER else "paid")
    order = ship(order, place, leaves, arrives(leaves, place, rules, rng), end=end, rng=rng)
    if order.delivered_at is None or luck > CLOSED_UNPAID + CANCELLED + RETURNED + EXCHANGED:
        return order
    return _sent_back(order, end, rules, rng, exchange=luck > CLOSED_UNPAID + CANCELLED + RETURNED)


def ship(order: Order, place: Place, leaves: float, there: float, *, end: float, rng: np.random.Generator) -> Order:
    """Dispatched at `leaves`, delivered at `there` unless that is after `end`."""
    carriers = CARRIERS[place]
    carrier = carriers[int(rng.integers(len(carriers)))]
    code = {"青": "BB", "云": "CW", "海": "SB"}[carrier[0]]
    return replace(
        order,
        status="delivered" if there <= end else "dispatched",
        dispatched_at=leaves,
        delivered_at=there if there <= end else None,
        carrier=carrier,
        tracking=f"{code}{rng.integers(10**11, 10**12)}",
        tracking_events=tuple(e for e in _way(order.address, place, leaves, there) if e.time <= end),
    )


def arrives(leaves: float, place: Place, rules: Policies, rng: np.random.Generator) -> float:
    low, high = {
        "mainland": rules.shipping.days,
        "remote": rules.shipping.remote_days,
        "overseas": rules.shipping.overseas_days,
    }[place]
    return _at(leaves + DAY * float(rng.integers(low, high + 1)), 9 + int(rng.integers(0, 10)), int(rng.integers(60)))


def _leaves(paid_at: float, rules: Policies, rng: np.random.Generator) -> float:
    """Paid before the cutoff: the same evening; otherwise the next morning."""
    paid = datetime.fromtimestamp(paid_at, SHANGHAI)
    if paid.time() < rules.shipping.cutoff:
        return max(_at(paid_at, 17 + int(rng.integers(0, 4)), int(rng.integers(60))), paid_at + HOUR)
    return _at(paid_at + DAY, 9 + int(rng.integers(0, 6)), int(rng.integers(60)))


def _sent_back(order: Order, end: float, rules: Policies, rng: np.random.Generator, *, exchange: bool) -> Order:
    assert order.delivered_at is not None
    days = rules.returns.exchange_days if exchange else rules.returns.days
    asked = order.delivered_at + DAY * rng.uniform(0.2, days - 0.2)
    back = asked + DAY * rng.uniform(3, 7)
    refunded = back + DAY * rng.uniform(1, rules.refunds.inspection_days + rules.refunds.to_wallet_days[1])
    if asked > end:
        return order
    if exchange:  # the new parcel closes the case
        return replace(order, status="exchange_requested" if end < back else "delivered")
    return replace(order, status="return_requested" if end < back else "returned" if end < refunded else "refunded")


def _payment(place: Place, rules: Policies, rng: np.random.Generator) -> str:
    if place == "overseas":
        options, weights = ["PayPal", "Visa", "Mastercard", "Apple Pay"], [0.4, 0.3, 0.2, 0.1]
    else:
        options, weights = ["WeChat Pay", "Alipay", "UnionPay", "Huabei"], [0.45, 0.38, 0.09, 0.08]
    return str(rng.choice([o for o in options if o in rules.payment.methods], p=weights))


def _way(address: str, place: Place, leaves: float, there: float) -> list[Event]:
    """The scans between our warehouse and the door, spread over the time it takes."""
    span = there - leaves
    if place == "overseas":
        country = address.rsplit(", ", 1)[-1]
        return [
            Event(leaves, "包裹已由杭州仓发出", "The parcel has left our warehouse in Hangzhou"),
            Event(leaves + 0.15 * span, "已到达上海国际枢纽", "Arrived at the Shanghai international hub"),
            Event(leaves + 0.3 * span, "出口清关完成，航班已起飞", "Cleared for export, on the plane"),
            Event(leaves + 0.65 * span, f"已到达 {country}，清关中", f"Arrived in {country}, in customs"),
            Event(leaves + 0.85 * span, "清关完成，已交当地派送", "Released by customs, with the local carrier"),
            Event(there - min(5 * HOUR, 0.05 * span), "派送中", "Out for delivery"),
            Event(there, "已签收", "Delivered"),
        ]
    city = address.split(" ", 1)[0]
    return [
        Event(leaves, "包裹已由杭州仓发出", "The parcel has left our warehouse in Hangzhou"),
        Event(leaves + 0.12 * span, "已到达杭州转运中心", "Arrived at the Hangzhou sorting centre"),
        Event(leaves + 0.3 * span, f"已发往{city}", f"On the way to {TOWNS[city]}"),
        Event(leaves + 0.75 * span, f"已到达{city}转运中心", f"Arrived at the sorting centre of {TOWNS[city]}"),
        Event(there - min(4 * HOUR, 0.1 * span), "派送中，快递员正在路上", "Out for delivery"),
        Event(there, "已签收", "Delivered"),
    ]


def _at(moment: float, hour: int, minute: int) -> float:
    """The same day in the shop's town, at another hour."""
    day = datetime.fromtimestamp(moment, UTC).astimezone(SHANGHAI).date()
    return datetime.combine(day, time(hour, minute), SHANGHAI).timestamp()
