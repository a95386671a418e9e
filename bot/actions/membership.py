"""The customer's own points and level, and how far it is to the next one."""

from __future__ import annotations

import re

from bot.actions import formats
from bot.actions.order_words import DAY, money, paid
from bot.actions.questions import faq
from bot.actions.turn import Turn

_GIVEN_BACK = ("cancelled", "refunded", "returned")
_RULES = re.compile(
    r"(?:怎么|如何|能不能|可以|咋)(?:用|花|抵|兑|攒|得|获得|算|升级|使用)|抵(?:现|扣|钱)|兑换|过期|有效期|清零|规则|几倍|"
    r"\bhow (?:do|can|could|are|does|would) .*\b(?:use|spend|redeem|earn|collect|work|get|reach)\b|"
    r"\b(?:use|spend|redeem|earn) (?:my |the )?points\b|\bexpir\w*|\bcan i (?:use|spend|redeem)",
    re.I,
)
YEAR = 365 * DAY
MOST_ORDERS = 1000


def membership(turn: Turn) -> None:
    """The rules are in the shop's articles; here is what this customer has."""
    if _RULES.search(turn.text):
        faq(turn)
        return
    rules = turn.shop.policies.membership
    buttons = [turn.button("积分怎么用", "How do I use points?"), turn.button("有什么优惠", "Any offers today?")]
    customer = turn.shop.customers.get(turn.customer_id) if turn.customer_id else None
    if customer is None:
        levels = formats.listed([turn.pick(level.zh, level.en) for level in rules.levels], turn.language)
        turn.say("membership_unknown", levels=levels, points=rules.points_per_yuan, buttons=buttons)
        return
    level = rules.level(customer.level)
    percent = formats.number(level.percent_off)
    later = rules.levels[rules.levels.index(level) + 1 :]
    missing = later[0].from_ - spent_in_a_year(turn, customer.customer_id) if later else 0.0
    upwards = ""
    if later and missing > 0:
        upwards = turn.pick(
            f"再消费 {money(turn, missing)}升{later[0].zh}。",
            f" {money(turn, missing)} more takes you to {later[0].en}.",
        )
    turn.say(
        "membership",
        name=customer.name if turn.zh else customer.name.split()[0],
        level=turn.pick(level.zh, level.en),
        points=formats.number(customer.points),
        worth=money(turn, customer.points / rules.points_for_one_yuan),
        benefit=turn.pick(f"下单优惠 {percent}%", f"{percent}% off every order")
        if level.percent_off
        else turn.pick("暂无折扣", "no discount yet"),
        next=upwards,
        buttons=buttons,
    )


def spent_in_a_year(turn: Turn, customer_id: str) -> float:
    """What was paid in the last 12 months and not given back, in the shop's currency."""
    since = turn.shop.clock() - YEAR
    return sum(
        order.total
        for order in turn.shop.orders.of_customer(customer_id, limit=MOST_ORDERS)
        if order.placed_at >= since and order.status not in _GIVEN_BACK and paid(order)
    )


ACTIONS = {"action_membership": membership}
