"""Where an order is: its state, the last word of the courier, and what the shop does when that is not good enough."""

from __future__ import annotations

import re

from bot.actions import formats
from bot.actions.order_lines import choice, chosen
from bot.actions.order_steps import Answer, Ask, Confirm, Detail, Outcome, Reply, Step, Task, matches, note, person
from bot.actions.order_stock import hold
from bot.actions.order_words import (
    arrival,
    case_status,
    day,
    days_since,
    dispatch_by,
    goods,
    lapsed,
    moment,
    money,
    pay_until,
    refund_line,
)
from bot.actions.turn import Turn
from bot.stores.orders import Order

_NOT_RECEIVED = re.compile(
    r"没有?收到|沒有?收到|没拿到|没见到|未收到|收唔到|不是我签|谁签的|"
    r"(?:not|n[\'’]t|never)\s+(?:been\s+|yet\s+|even\s+)?(?:received?|arrived?|got|gotten|get|here|came|come|delivered)|nothing (?:came|arrived|here)",
    re.I,
)
_LOST = re.compile(r"丢了|丢件|弄丢|寄丢|遗失|\blost\b|gone missing", re.I)
_RESEND = re.compile(r"补发|重发|再发|重新发|寄一份|resend|re-?ship|send (?:it|another|a new|again)|replace", re.I)
_REFUND = re.compile(r"退款|退钱|退给我|refund|money back", re.I)


def track_order(turn: Turn, order: Order, detail: Detail) -> Step:
    if order.status == "pending_payment":
        return _unpaid(turn, order)
    if order.status in ("paid", "packed"):
        return _waiting(turn, order)
    if order.status == "dispatched":
        return _on_its_way(turn, order, detail)
    if order.status == "delivered":
        return _delivered(turn, order, detail)
    when = {"number": order.number, "goods": goods(turn, order), "status": formats.status(order.status, turn.language)}
    return Answer(Reply("order_track_other", when, [turn.button("退款到哪了", "Where's my refund?"), person(turn)]))


def read_tracking(turn: Turn, asked: bool) -> Detail:
    said: dict[str, object] = {}
    if matches(_NOT_RECEIVED, turn) or chosen(turn) == "missing":
        said["not_received"] = True
    if matches(_LOST, turn):
        said["lost"] = True
    if asked:
        tapped = chosen(turn)
        if tapped in ("resend", "refund"):
            said["remedy"] = tapped
        elif matches(_RESEND, turn):
            said["remedy"] = "resend"
        elif matches(_REFUND, turn):
            said["remedy"] = "refund"
    return said


def _unpaid(turn: Turn, order: Order) -> Step:
    values = {"number": order.number, "goods": goods(turn, order), "total": money(turn, order.total)}
    if lapsed(turn, order):
        minutes = turn.shop.policies.payment.unpaid_order_minutes
        return Answer(
            Reply("order_track_lapsed", values | {"minutes": minutes}, [turn.button("重新下单", "Order again")])
        )
    until = f"{pay_until(turn, order):%H:%M}"
    buttons = [turn.button("有哪些支付方式", "How can I pay?"), turn.button("取消订单", "Cancel the order")]
    return Answer(Reply("order_track_unpaid", values | {"until": until}, buttons))


def _waiting(turn: Turn, order: Order) -> Step:
    due = dispatch_by(turn, order)
    values = {
        "number": order.number,
        "goods": goods(turn, order),
        "status": formats.status(order.status, turn.language),
        "due": formats.day(due, turn.language),
    }
    if due < turn.shop.now():
        data = {"due": due.timestamp(), "reason": "dispatch overdue"}
        buttons = [turn.button("取消订单", "Cancel the order"), person(turn)]
        return Answer(Reply("order_track_overdue", values, buttons), lambda: _noted(turn, order, "late", data))
    buttons = [turn.button("改收货地址", "Change the address"), turn.button("取消订单", "Cancel the order")]
    return Answer(Reply("order_track_waiting", values, buttons))


def _on_its_way(turn: Turn, order: Order, detail: Detail) -> Step:
    rules = turn.shop.policies.shipping
    left = order.dispatched_at or order.placed_at
    if days_since(turn, left) > rules.lost_after_days:
        return _lost(turn, order, detail)
    last = order.tracking_events[-1] if order.tracking_events else None
    moved = float(last["time"]) if last else left
    where = str(last["zh" if turn.zh else "en"]) if last else turn.pick("包裹已交给快递", "handed to the courier")
    values = {
        "number": order.number,
        "goods": goods(turn, order),
        "carrier": order.carrier or turn.pick("快递", "the courier"),
        "tracking": order.tracking or "–",
        "event": where,
        "time": formats.day_and_hour(moment(turn, moved), turn.language),
        "hours": rules.no_tracking_update_hours,
    }
    # A customer's "lost" is looked into like a parcel that stands still.
    if turn.shop.clock() - moved > rules.no_tracking_update_hours * 3600 or detail.get("lost"):
        lost_on = day(turn, left + rules.lost_after_days * 86_400)
        data = {"last": where, "at": moved, "reason": "no movement"}
        return Answer(
            Reply("order_track_stuck", values | {"lost_on": lost_on}, [person(turn)]),
            lambda: _noted(turn, order, "trace", data),
        )
    span = arrival(turn, order)
    first, latest = span if span else (turn.shop.now(), turn.shop.now())
    if latest.date() < turn.shop.today():
        values["expected"] = formats.day(latest, turn.language)
        data = {"expected": values["expected"], "reason": "late"}
        return Answer(Reply("order_track_late", values, [person(turn)]), lambda: _noted(turn, order, "trace", data))
    first = max(first, turn.shop.now())
    days = [formats.day(moment_, turn.language) for moment_ in (first, latest)]
    values["expected"] = turn.pick("–", " to ").join(dict.fromkeys(days))
    return Answer(Reply("order_track_moving", values, [turn.button("多久能到", "How long is delivery?"), person(turn)]))


def _delivered(turn: Turn, order: Order, detail: Detail) -> Step:
    values = {
        "number": order.number,
        "goods": goods(turn, order),
        "time": formats.day_and_hour(moment(turn, order.delivered_at or order.placed_at), turn.language),
        "event": _last_words(turn, order),
    }
    if detail.get("not_received") or detail.get("lost"):
        data = {"delivered_at": order.delivered_at, "reason": "marked delivered, not received"}
        return Answer(
            Reply("order_not_received", values, [person(turn)]),
            lambda: _noted(turn, order, "trace", data),
        )
    buttons = [
        turn.button(
            "没收到", "I haven't got it", f'/track_order{{"order_number": "{order.number}", "again": "missing"}}'
        ),
        turn.button("退换货", "Return or exchange", turn.pick("我要退货", "I want to return this")),
    ]
    return Answer(Reply("order_track_delivered", values, buttons))


def _lost(turn: Turn, order: Order, detail: Detail) -> Step:
    """Resent or refunded, as the customer likes; both are confirmed first."""
    days = turn.shop.policies.shipping.lost_after_days
    case = next(iter(turn.shop.orders.cases_of(order.number, "lost")), None)
    values = {"number": order.number, "goods": goods(turn, order), "days": days}
    if case is not None:
        return Answer(Reply("order_lost_known", values | {"case": case.case_id}, [person(turn)]))
    stock = turn.shop.ledger.available_map()
    can_resend = all(stock.get(line.sku, 0) >= line.quantity for line in order.lines)
    pieces = {line.sku: line.quantity for line in order.lines}
    remedy = detail.get("remedy")
    if remedy == "resend" and can_resend:
        return Confirm(
            Reply("confirm_resend", values),
            Outcome(
                "lost",
                Reply("done_resend", values),
                {"remedy": "resend"},
                change=lambda connection, key: hold(turn, pieces, connection, key),
            ),
        )
    if remedy == "refund":
        values["refund"] = refund_line(turn, order, order.total)
        data = {"remedy": "refund", "refund": order.total}
        return Confirm(
            Reply("confirm_lost_refund", values),
            Outcome("lost", Reply("done_lost_refund", values), data, case_status(turn, order, order.total)),
        )
    buttons = [choice(turn, "全额退款", "Full refund", "refund"), person(turn)]
    if can_resend:
        return Ask(Reply("order_lost", values, [choice(turn, "补发一份", "Send another", "resend"), *buttons]))
    return Ask(Reply("order_lost_sold_out", values, buttons))


def _noted(turn: Turn, order: Order, kind: str, data: Detail) -> None:
    """Tells the team, and the customer under which number."""
    turn.say(f"order_noted_{kind}", case=note(turn, order, kind, data))


def _last_words(turn: Turn, order: Order) -> str:
    last = order.tracking_events[-1] if order.tracking_events else None
    return str(last["zh" if turn.zh else "en"]) if last else turn.pick("已签收", "delivered")


TASKS = {
    "track_order": Task(
        track_order,
        read_tracking,
        fits=("dispatched", "packed", "paid", "pending_payment"),
    ),
}
