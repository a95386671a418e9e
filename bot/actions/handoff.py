"""Giving the conversation to a person, with what has been said so far, so that nothing is told twice."""

from __future__ import annotations

from datetime import datetime

from bot.actions import formats
from bot.actions.order_access import is_owner
from bot.actions.turn import Turn
from bot.events import active_loop

_TASKS = {
    "track_order": ("查物流", "tracking"),
    "cancel_order": ("取消订单", "cancelling"),
    "change_order": ("修改订单", "changing the order"),
    "change_shipping_address": ("改地址", "changing the address"),
    "return_item": ("退货", "a return"),
    "exchange_item": ("换货", "an exchange"),
    "track_refund": ("查退款", "a refund"),
    "report_damage": ("破损/错发/少件", "damage on arrival"),
    "warranty_claim": ("保修", "a warranty claim"),
    "get_invoice": ("开发票", "an invoice"),
    "price_protection": ("价保", "price protection"),
    "payment_issue": ("付款问题", "a payment problem"),
}
RECENT = 3
"""Messages back in which a complaint still is the reason."""
QUOTED = 4
"""The customer's latest messages, in their own words."""
LONGEST = 200


def handoff(turn: Turn) -> None:
    """At once, with the expected wait by the team's hours; a form that was open is closed."""
    if turn.call.active_loop:
        turn.events.append(active_loop(None))
        turn.set(requested_slot=None)
    turn.set(pending=None)
    shop, now, rules = turn.shop, turn.shop.now(), turn.shop.policies.hours
    if is_waiting(turn):
        turn.say("handoff_already", minutes=rules.wait_minutes, opens=f"{rules.agents_from:%H:%M}")
        return
    shop.conversations.touch(
        turn.call.sender_id,
        channel=turn.call.channel,
        mode="waiting",
        waiting_since=shop.clock(),
        reason=reason(turn),
        summary=summary(turn),
    )
    if is_open(turn, now):
        turn.say("handoff", minutes=rules.wait_minutes)
    else:
        turn.say("handoff_closed", opens=f"{rules.agents_from:%H:%M}", closes=f"{rules.agents_to:%H:%M}")


def is_waiting(turn: Turn) -> bool:
    """Already in line for a person."""
    before = turn.shop.conversations.get(turn.call.sender_id)
    return before is not None and before.mode == "waiting"


def is_open(turn: Turn, now: datetime) -> bool:
    rules, clock = turn.shop.policies.hours, now.time()
    if rules.agents_from <= rules.agents_to:
        return rules.agents_from <= clock < rules.agents_to
    return clock >= rules.agents_from or clock < rules.agents_to  # hours that go past midnight


def reason(turn: Turn) -> str:
    """Why a person is wanted, in a few words for the team's list."""
    said = [e for e in turn.call.events if e.get("event") == "user"][-RECENT:]
    upset = any(((e.get("parse_data") or {}).get("intent") or {}).get("name") == "complaint" for e in said)
    if upset or turn.intent == "complaint" or int(turn.slot("negative_turns") or 0) > 1:
        return turn.pick("投诉/不满", "Upset customer")
    if int(turn.slot("misunderstood") or 0) > 1:
        return turn.pick("助手没听懂", "The assistant did not understand")
    task = _TASKS.get(str(turn.slot("order_task") or ""))
    return (
        turn.pick(f"要求人工：{task[0]}", f"Wants a person: {task[1]}")
        if task
        else turn.pick("要求人工", "Wants a person")
    )


def summary(turn: Turn) -> str:
    """Who, about which order or product, what is under way, and the last things said."""
    lines = [_who(turn)]
    number = turn.slot("order_number") or turn.slot("last_order")
    if number:
        lines.append(_about_order(turn, str(number)))
    focus = turn.shop.catalog.get(str(turn.slot("focus") or ""))
    if focus is not None:
        lines.append(turn.pick("在看：", "Looking at: ") + focus.name(turn.language))
    said = [str(e.get("text") or "") for e in turn.call.events if e.get("event") == "user"]
    words = [text[:LONGEST] for text in said if text and not text.startswith("/")][-QUOTED:]
    if words:
        lines.append(turn.pick("客户说：", "Customer said: ") + " | ".join(words))
    return "\n".join(lines)


def _who(turn: Turn) -> str:
    customer = turn.shop.customers.get(turn.customer_id) if turn.customer_id else None
    mood = float(turn.slot("mood") or 0.0)
    feels = turn.pick("，情绪不好", ", upset") if mood < -0.3 else ""
    if customer is None:
        return turn.pick("未登录访客", "Guest, not signed in") + feels
    level = turn.shop.policies.membership.level(customer.level)
    return turn.pick(f"{customer.name}（{level.zh}会员）", f"{customer.name} ({level.en} member)") + feels


def _about_order(turn: Turn, number: str) -> str:
    """The number as given; its state only when it was shown to be theirs."""
    task = _TASKS.get(str(turn.slot("order_task") or ""))
    about = turn.pick(f"订单 {number}", f"Order {number}")
    order = turn.shop.orders.get(number)
    if order is not None and (is_owner(turn, order) or turn.slot("last_order") == number):
        state = formats.status(order.status, turn.language)
        about += turn.pick(f"，{state}", f", {state}")
    else:
        about += turn.pick("（未验证归属）", " (ownership not shown)")
    return about + (turn.pick(f"，在办：{task[0]}", f", about {task[1]}") if task else "")
