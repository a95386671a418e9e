"""What can be saved today by the shop's rules: coupons, member and student discounts. Nothing beyond them is granted."""

from __future__ import annotations

import re
from datetime import datetime, time

from bot.actions import formats
from bot.actions.order_steps import matches, person
from bot.actions.order_words import money
from bot.actions.turn import Turn
from bot.policies import Coupon

_STUDENT = re.compile(r"学生|學生|大学|校园|\bstudents?\b|university|college", re.I)
_BULK = re.compile(r"批发|批量|团购|大量|多买|\bbulk\b|wholesale|large quantit|group buy", re.I)
_BARGAIN = re.compile(
    r"便宜(?:点|些|一|吗|不)|便谊|讲价|砍价|还价|抹零|最低(?:价|多少)|实在价|少(?:点|一点|算)|优惠个|再(?:少|降|便宜)|同样的价|贵了?|"
    r"lower|cheaper|knock|best price|better price|drop the price|haggle|price match|come down|too expensive|round (?:it )?down|ignore|override",
    re.I,
)


def discount(turn: Turn) -> None:
    rules = turn.shop.policies.discounts
    see = turn.button("有什么好推荐的", "Recommend something")
    if matches(_STUDENT, turn):
        turn.say("discount_student", percent=formats.number(rules.student_percent), buttons=[person(turn), see])
        return
    if matches(_BULK, turn):
        turn.say("discount_bulk", pieces=rules.bulk_from, buttons=[person(turn), see])
        return
    coupons = [c for c in rules.coupons if valid(turn, c) and _for_them(turn, c)]
    lines = turn.pick("；", "; ").join(_told(turn, coupon) for coupon in coupons)
    member = _member(turn)
    bargaining = matches(_BARGAIN, turn) and not rules.bargaining
    buttons = [turn.button("便宜一点的商品", "Something cheaper", turn.pick("便宜一点的", "cheaper")), see]
    if not lines and not member:
        turn.say("discount_none", buttons=buttons)
        return
    said = turn.pick("，另外", ". Also, ").join(part for part in (lines, member) if part)
    turn.say("discount_no_bargain" if bargaining else "discount_coupons", offers=said, buttons=buttons)


def valid(turn: Turn, coupon: Coupon) -> bool:
    return coupon.until is None or coupon.until >= turn.shop.today()


def _for_them(turn: Turn, coupon: Coupon) -> bool:
    """A first-order coupon is not offered to a customer who has ordered before."""
    if coupon.who != "first order" or not turn.customer_id:
        return True
    return not turn.shop.orders.of_customer(turn.customer_id, limit=1)


def _told(turn: Turn, coupon: Coupon) -> str:
    amount, least = money(turn, coupon.amount), money(turn, coupon.min_spend)
    until = ""
    if coupon.until is not None:
        day = formats.day(datetime.combine(coupon.until, time()), turn.language)
        until = turn.pick(f"（{day}前有效）", f" (until {day})")
    first = turn.pick("首单", " first orders") if coupon.who == "first order" else ""
    if first and not turn.customer_id:  # the checkout gives it to known customers only
        first = turn.pick("登录后首单", " first orders once signed in")
    return turn.pick(
        f"{coupon.code} {first}满 {least}减 {amount}{until}", f"{coupon.code}, {amount} off{first} from {least}{until}"
    )


def _member(turn: Turn) -> str:
    customer = turn.shop.customers.get(turn.customer_id) if turn.customer_id else None
    level = turn.shop.policies.membership.level(customer.level) if customer else None
    if level is None or not level.percent_off:
        return ""
    percent = formats.number(level.percent_off)
    return turn.pick(
        f"您是{level.zh}会员，下单自动优惠 {percent}%", f"as a {level.en} member you get {percent}% off automatically"
    )


ACTIONS = {"action_discount": discount}
