"""How one can pay, and payments that failed or were taken twice."""

from __future__ import annotations

import re

from bot.actions import formats
from bot.actions.order_lines import choice, chosen
from bot.actions.order_steps import Answer, Ask, Confirm, Detail, Outcome, Reply, Step, Task, matches, person
from bot.actions.order_words import lapsed, moment, money, pay_until
from bot.actions.turn import Turn
from bot.messages import Button
from bot.stores.orders import Order

_TWICE = re.compile(
    r"两次|二次|兩次|双重|重复|多扣|扣(?:了)?[两二]|两笔|兩筆|多收|twice|two times|double|2x|duplicate|too much|\bmore than\b",
    re.I,
)
_TAKEN = re.compile(
    r"扣了?(?:款|钱)|钱(?:没了|扣|去哪)|已经?付|付了款|charged|money (?:was|is|has|left|gone)|i(?:'ve| have)? paid|took",
    re.I,
)
_FAILED = re.compile(
    r"失败|付不了|支付不了|支负|不成功|出错|超时|过期|跳转不|刷不|pay不了|fail|declin|refus|reject|not going through|didn'?t go through|"
    r"can'?t (?:pay|get past)|does nothing|error|froze|don'?t get the code",
    re.I,
)
_INSTALMENTS = re.compile(r"分期|花呗分|免息|instal|monthly|split the payment|interest", re.I)
_ON_DELIVERY = re.compile(r"货到付款|到付|\bcod\b|cash on delivery|pay (?:on|at the) (?:delivery|door)", re.I)
_OTHERS = re.compile(
    r"比特币|数字货币|bitcoin|crypto|amex|american express|klarna|google pay|京东白条|白条|支票|cheque|数字人民币", re.I
)
_NAMES = {"wechat pay": "wechat|微信", "alipay": "支付宝|ali pay", "unionpay": "银联|云闪付|union pay", "huabei": "花呗",
          "apple pay": "苹果支付", "paypal": "贝宝", "visa": "信用卡|credit card", "mastercard": "万事达|信用卡|credit card"}  # fmt: skip


def payment_methods(turn: Turn) -> None:
    """All methods, or yes or no to the one asked about."""
    rules = turn.shop.policies.payment
    buttons = [
        turn.button("可以分期吗", "Can I pay in instalments?"),
        turn.button("可以货到付款吗", "Cash on delivery?"),
    ]
    if matches(_INSTALMENTS, turn):
        turn.say(
            "pay_instalments",
            least=money(turn, rules.instalments.from_),
            months=turn.pick("/", "/").join(map(str, rules.instalments.months)),
            free="/".join(map(str, rules.instalments.interest_free_months)),
            buttons=[turn.button("有哪些支付方式", "How can I pay?")],
        )
    elif matches(_ON_DELIVERY, turn):
        delivery = rules.cash_on_delivery
        turn.say(
            "pay_on_delivery",
            most=money(turn, delivery.max),
            fee=money(turn, delivery.fee),
            regions="、".join(turn.shop.policies.shipping.remote_regions),
            buttons=[turn.button("有哪些支付方式", "How can I pay?")],
        )
    else:
        methods = formats.listed(rules.methods_zh if turn.zh else rules.methods, turn.language)
        asked = _asked(turn)
        other = _OTHERS.search(turn.text)
        if asked:
            turn.say("pay_yes", method=asked, methods=methods, buttons=buttons)
        elif other:
            turn.say("pay_no", method=other.group(), methods=methods, buttons=buttons)
        else:
            turn.say("pay_methods", methods=methods, buttons=buttons)


def payment_issue(turn: Turn, order: Order, detail: Detail) -> Step:
    values = {"number": order.number, "total": money(turn, order.total)}
    values["refund_days"] = formats.span(turn.shop.policies.payment.double_charge_refund_days, turn.language)
    kind = detail.get("kind")
    known = next(iter(turn.shop.orders.cases_of(order.number, "payment")), None)
    if known is not None and kind in ("twice", "taken"):
        return Answer(Reply("payment_known", values | {"case": known.case_id}, [person(turn)]))
    if kind == "twice" or (kind == "taken" and order.paid_at is None):
        data = {"kind": kind, "words": detail.get("words", "")}
        outcome = Outcome("payment", Reply("done_payment", values), data)
        return Confirm(Reply("confirm_payment", values), outcome, again=None)
    if order.paid_at is not None:
        values["time"] = formats.day_and_hour(moment(turn, order.paid_at), turn.language)
        twice = turn.button(
            "被扣了两次", "I was charged twice", f'/payment_issue{{"order_number": "{order.number}", "again": "twice"}}'
        )
        return Answer(Reply("payment_received", values, [twice, person(turn)]))
    minutes = str(turn.shop.policies.payment.unpaid_order_minutes)
    if lapsed(turn, order) or order.status == "cancelled":
        return Answer(
            Reply(
                "payment_lapsed", values | {"minutes": minutes}, [turn.button("重新下单", "Order again"), person(turn)]
            )
        )
    if kind is None:
        return Ask(Reply("ask_payment_problem", values, _kinds(turn)))
    values["until"] = f"{pay_until(turn, order):%H:%M}"
    buttons = [turn.button("有哪些支付方式", "How can I pay?"), person(turn)]
    return Answer(Reply("payment_open", values, buttons))


def read_payment(turn: Turn, _asked: bool) -> Detail:
    tapped = chosen(turn)
    kind = tapped if tapped in ("twice", "taken", "failed") else None
    for pattern, name in ((_TWICE, "twice"), (_FAILED, "failed"), (_TAKEN, "taken")):
        kind = kind or (name if matches(pattern, turn) else None)
    return {"kind": kind, "words": "" if tapped else turn.text.strip()[:500]} if kind else {}


def bare_payment(turn: Turn) -> Detail:
    return {"kind": "failed", "words": turn.text.strip()[:500]}


def failed_without_order(turn: Turn) -> bool:
    """A payment that failed needs no order to be helped with; money that was taken does."""
    if not matches(_FAILED, turn) or matches(_TWICE, turn) or matches(_TAKEN, turn):
        return False
    minutes = turn.shop.policies.payment.unpaid_order_minutes
    buttons = [
        turn.button("有哪些支付方式", "How can I pay?"),
        turn.button("钱已经扣了", "The money was taken"),
        person(turn),
    ]
    turn.say("payment_failed", minutes=minutes, buttons=buttons)
    return True


def _asked(turn: Turn) -> str:
    """The name of the method in the message, as the customer's language writes it."""
    rules, text = turn.shop.policies.payment, turn.text.casefold()
    for en, zh in zip(rules.methods, rules.methods_zh, strict=False):
        words = [en.casefold(), zh.casefold(), *_NAMES.get(en.casefold(), "").split("|")]
        if any(word and word in text for word in words):
            return zh if turn.zh else en
    return ""


def _kinds(turn: Turn) -> list[Button]:
    return [
        choice(turn, "付款失败", "It failed", "failed"),
        choice(turn, "被扣了两次", "Charged twice", "twice"),
        choice(turn, "扣了钱没显示付款", "Charged, but not shown as paid", "taken"),
    ]


TASKS = {
    "payment_issue": Task(
        payment_issue,
        read_payment,
        bare_payment,
        fits=("pending_payment", "paid", "packed"),
        without_order=failed_without_order,
    )
}
ACTIONS = {"action_payment_methods": payment_methods}
