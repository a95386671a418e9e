"""Anger without a request: the problem named once, one sentence of regret, then the concrete next step and a person."""

from __future__ import annotations

import re

from bot.actions.handoff import handoff, is_open, is_waiting
from bot.actions.order_steps import person
from bot.actions.orders import answered_in_anger
from bot.actions.regrets import regret
from bot.actions.turn import Turn
from bot.messages import Button

# What it is about, by the message; the first that fits.
_TOPICS = (
    ("refund", r"退款|退钱|不退|refund|money back"),
    (
        "delivery",
        r"物流|快递|发货|送货|配送|派送|等了|包裹|deliver|driver|courier|shipping|parcel|package|waited|waiting|late|slow",
    ),
    ("price", r"涨价|(?:太|这么|那么|好|真|有点)贵|坑|骗|宰|overpriced|rip.?off|scam|(?:too|so|very) expensive|cheat"),
    ("quality", r"质量|坏|破|假货|假的|东西|包装|包成|quality|broken|fake|rubbish|junk|packag|item|product"),
    ("price", r"价格|涨价|太贵|坑|骗|宰|price|overpriced|rip.?off|scam|expensive|cheat"),
    (
        "service",
        r"客服|服务|态度|没人|不理|回复|说法|答复|service|staff|rude|nobody|no one|no-one|answer|incompetent|reply",
    ),
)
_BY_TASK = {
    "track_order": "delivery",
    "track_refund": "refund",
    "return_item": "refund",
    "report_damage": "quality",
    "warranty_claim": "quality",
    "price_protection": "price",
}


def complaint(turn: Turn) -> None:
    """Two bad turns in a row or a threat: a person comes first, and a plain yes is enough."""
    if answered_in_anger(turn):
        return
    topic = next((name for name, words in _TOPICS if re.search(words, turn.text, re.I)), None)
    topic = topic or _BY_TASK.get(str(turn.slot("order_task") or ""), "other")
    urgent = int(turn.slot("negative_turns") or 0) > 1
    turn.set(pending={"action": "action_handoff", "slots": {}})
    rules = turn.shop.policies.hours
    wait = turn.pick(f"大约等 {rules.wait_minutes} 分钟", f"in about {rules.wait_minutes} minutes")
    closed = turn.pick(
        f"{rules.agents_from:%H:%M} 上班后第一时间回您", f"as soon as they are in at {rules.agents_from:%H:%M}"
    )
    regret(turn, f"complaint_{topic}")
    if is_waiting(turn):
        handoff(turn)
        return
    steps = _steps(turn, topic)
    turn.say(
        "complaint_person" if urgent else "complaint_next",
        wait=wait if is_open(turn, turn.shop.now()) else closed,
        buttons=[person(turn), *steps] if urgent else [*steps, person(turn)],
    )


def _steps(turn: Turn, topic: str) -> list[Button]:
    number = turn.slot("last_order")
    entities = f'{{"order_number": "{number}"}}' if number else ""
    track = turn.button("查我的订单", "Check my order", f"/track_order{entities}")
    steps = {
        "delivery": [track],
        "refund": [turn.button("查退款进度", "Check my refund", f"/track_refund{entities}")],
        "quality": [
            turn.button("登记问题", "Report the problem", f"/report_damage{entities}"),
            turn.button("退货退款", "Return it", f"/return_item{entities}"),
        ],
        "price": [turn.button("申请价保", "Claim the difference", f"/price_protection{entities}")],
    }
    return steps.get(topic, [track])


ACTIONS = {"action_complaint": complaint}
