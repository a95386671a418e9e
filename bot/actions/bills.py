"""What a basket costs: the goods, the better of two discounts, and shipping to the address."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.actions.basket import goods_total
from bot.actions.places import Kind, kind_of_place, shipping_fee
from bot.actions.turn import Turn
from bot.policies import Coupon


@dataclass(frozen=True, slots=True)
class Bill:
    goods: float
    discount: float
    coupon: Coupon | None
    shipping: float

    @property
    def total(self) -> float:
        return round(self.goods - self.discount + self.shipping, 2)


def bill_of(turn: Turn) -> Bill:
    """Goods, the better of member discount and one coupon (they do not add up), and shipping by address."""
    rules, goods = turn.shop.policies, goods_total(turn)
    customer = turn.shop.customers.get(turn.customer_id) if turn.customer_id else None
    percent = rules.membership.level(customer.level).percent_off if customer else 0.0
    first = not customer or not turn.shop.orders.of_customer(customer.customer_id, limit=1)
    today = turn.shop.today()
    usable = [
        c
        for c in rules.discounts.coupons
        if goods >= c.min_spend
        and (c.until is None or c.until >= today)
        and (c.who != "first order" or (customer and first))
    ]
    coupon = max(usable, key=lambda c: c.amount, default=None)
    member = round(goods * percent / 100, 2)
    if coupon and coupon.amount >= member:
        return Bill(goods, coupon.amount, coupon, _shipping(turn, goods))
    return Bill(goods, member, None, _shipping(turn, goods))


def _shipping(turn: Turn, goods: float) -> float:
    rules, address = turn.shop.policies.shipping, str(turn.slot("checkout_address") or "")
    # An address in Latin letters that names no place we know is not taken for a Chinese one.
    unknown: Kind = "mainland" if re.search(r"[\u4e00-\u9fff]", address) else "overseas"
    return shipping_fee(rules, kind_of_place(rules, address) or unknown, goods)
