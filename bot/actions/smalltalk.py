"""What is said around the matter: greetings, yes and no, bare answers, and not understanding."""

from __future__ import annotations

import re
from typing import Any

from bot.actions.turn import Turn
from bot.events import slot_set
from bot.messages import Button
from nlu.language import reply_language

MOOD_MEMORY = 0.6
"""Weight of the mood so far against the new message, about the last three messages."""
_THREAT = re.compile(
    r"投诉|12315|消协|消费者协会|曝光|起诉|报警|律师|差评|\bsue\b|lawyer|attorney|trading standards|chargeback|report you|legal action",
    re.I,
)
_MEANINGS = {
    "product_search": ("找商品", "find a product"),
    "recommend": ("给我推荐", "get a recommendation"),
    "track_order": ("查物流", "track an order"),
    "return_item": ("退货退款", "return something"),
    "exchange_item": ("换货", "exchange something"),
    "cancel_order": ("取消订单", "cancel an order"),
    "change_order": ("修改订单", "change an order"),
    "change_shipping_address": ("改收货地址", "change the address"),
    "track_refund": ("查退款进度", "check a refund"),
    "report_damage": ("商品有破损", "report damage"),
    "warranty_claim": ("报修", "claim the warranty"),
    "get_invoice": ("开发票", "get an invoice"),
    "price_protection": ("申请价保", "claim a price difference"),
    "payment_methods": ("支付方式", "ways to pay"),
    "payment_issue": ("付款问题", "a payment problem"),
    "check_stock": ("查库存", "check stock"),
    "ask_discount": ("优惠活动", "offers"),
    "view_cart": ("看购物车", "see my cart"),
    "place_order": ("结算下单", "check out"),
    "delivery_period": ("配送要几天", "delivery times"),
    "membership": ("积分和等级", "points and level"),
    "account_problem": ("账号问题", "an account problem"),
    "product_details": ("商品详情", "product details"),
    "contact_human_agent": ("转人工", "talk to a person"),
}


def remember_turn(turn: Turn) -> None:
    """Runs with every message: the language to answer in, the mood, and how often in a row it was bad."""
    message = turn.call.message
    before = turn.slot("language")
    language = before
    answered = bool(turn.call.requested_slot) and turn.intent in ("inform", "affirm", "deny")
    if not turn.text.startswith("/") and not (before and answered):  # an address tells no language
        language = reply_language(turn.text, before or "en")
    score = 0.0 if answered else float((message.get("sentiment") or {}).get("score") or 0.0)
    mood = MOOD_MEMORY * float(turn.slot("mood") or 0.0) + (1 - MOOD_MEMORY) * score
    bad = int(turn.slot("negative_turns") or 0) + 1 if turn.negative and not answered else 0
    if _THREAT.search(turn.text) and turn.negative:
        bad = max(bad, 2)
    understood = turn.intent not in ("nlu_fallback", "out_of_scope", "inform")
    changed: dict[str, Any] = {"language": language or "en", "mood": round(mood, 3), "negative_turns": bad}
    if understood:
        changed["misunderstood"] = 0
    if turn.slot("pending") and turn.intent not in ("affirm", "deny", "inform"):
        changed["pending"] = None  # a later yes is no answer to an old question
    turn.events += [slot_set(k, v) for k, v in changed.items() if turn.slot(k) != v]


def greet(turn: Turn) -> None:
    """By the hour; in mid-talk it picks up where it was."""
    row = turn.shop.conversations.get(turn.call.sender_id)
    if row is not None and row.mode == "waiting":
        turn.say("still_waiting", minutes=turn.shop.policies.hours.wait_minutes)
        return
    focus = turn.shop.catalog.get(turn.slot("focus") or next(iter(turn.slot("shown") or ()), ""))
    if focus is not None:
        turn.say("still_here", name=focus.name(turn.language), buttons=starters(turn))
        return
    hour = turn.shop.now().hour
    part = next(i for i, end in enumerate((5, 11, 13, 18, 24)) if hour < end)
    zh = ("夜深了", "早上好", "中午好", "下午好", "晚上好")[part]
    en = ("Hello", "Good morning", "Hello", "Good afternoon", "Good evening")[part]
    rules = turn.shop.policies.shop
    customer = turn.shop.customers.get(turn.customer_id) if turn.customer_id else None
    name = f"{customer.name}，" if customer and turn.zh else f", {customer.name.split()[0]}" if customer else ""
    turn.say(
        "greet",
        hello=turn.pick(f"{name}{zh}", f"{en}{name}"),
        shop=turn.pick(rules.name_zh, rules.name_en),
        buttons=starters(turn),
    )


def goodbye(turn: Turn) -> None:
    """Asks for a rating once in a conversation, never after an unhappy one."""
    happy = int(turn.slot("negative_turns") or 0) == 0 and float(turn.slot("mood") or 0) > -0.3
    asked = any(e.get("event") == "slot" and e.get("name") == "pending" and _is_rating(e) for e in turn.call.events)
    turns = sum(1 for e in turn.call.events if e.get("event") == "user")
    row = turn.shop.conversations.get(turn.call.sender_id)
    waiting = row is not None and row.mode == "waiting"  # for a person: it is not over yet
    if happy and not asked and not waiting and turns >= 4:
        turn.set(pending={"action": "rating", "slots": {}})
        buttons = [Button("★" * n, f'/inform{{"rating": "{n}"}}') for n in (5, 4, 3, 2, 1)]
        turn.say("goodbye_rating", buttons=buttons)
        return
    turn.say("goodbye")


def not_understood(turn: Turn) -> None:
    """First the likeliest meanings as buttons, then examples, then a person."""
    times = int(turn.slot("misunderstood") or 0) + 1
    turn.set(misunderstood=times)
    if times >= 3:
        turn.say("not_understood_person", buttons=[turn.button("转人工", "Talk to a person")])
        return
    if times == 2:
        turn.say("not_understood_examples", buttons=starters(turn))
        return
    ranking = turn.call.message.get("intent_ranking") or ()
    likely = [r["name"] for r in ranking if r["name"] in _MEANINGS][:2]
    buttons = [Button(turn.pick(*_MEANINGS[name]), f"/{name}") for name in likely]
    turn.say("not_understood", buttons=[*buttons, turn.button("都不是", "Something else", "/nlu_fallback")])


def _is_rating(event: dict[str, Any]) -> bool:
    return (event.get("value") or {}).get("action") == "rating" if isinstance(event.get("value"), dict) else False


def starters(turn: Turn) -> list[Button]:
    """What most customers come for."""
    return [
        turn.button("有什么好推荐的", "Recommend something"),
        turn.button("查我的订单", "Where's my order?"),
        turn.button("退换货", "Returns & exchanges", turn.pick("怎么退换货", "What's your return policy?")),
    ]


ACTIONS = {
    "action_remember_turn": remember_turn,
    "action_greet": greet,
    "action_goodbye": goodbye,
}
