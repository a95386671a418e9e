"""Where the money is: what a running return, cancellation or claim will bring, and when."""

from __future__ import annotations

from datetime import timedelta

from bot.actions import formats
from bot.actions.order_steps import Answer, Detail, Reply, Step, Task, person
from bot.actions.order_words import approval, goods, moment, money, refund_days, refund_way
from bot.actions.turn import Turn
from bot.stores.orders import Case, Order


def track_refund(turn: Turn, order: Order, _detail: Detail) -> Step:
    case = next((c for c in turn.shop.orders.cases_of(order.number) if float(c.data.get("refund") or 0) > 0), None)
    values = {
        "number": order.number,
        "goods": goods(turn, order),
        "way": refund_way(turn, order),
        "span": formats.span(refund_days(turn, order), turn.language),
        "inspection": formats.span((turn.shop.policies.refunds.inspection_days,) * 2, turn.language),
        "amount": money(turn, float(case.data["refund"])) if case else "",
        "case": turn.pick(f"（单号 {case.case_id}）", f" (case {case.case_id})") if case else "",
    }
    if order.status in ("return_requested", "returned", "refunded"):
        return Answer(Reply(f"refund_{order.status}", values, [person(turn)]))
    if case is not None:
        return Answer(_of_case(turn, order, case, values))
    if order.status == "cancelled":
        unpaid = order.paid_at is None
        return Answer(Reply("refund_nothing_paid" if unpaid else "refund_cancelled", values, [person(turn)]))
    buttons = [turn.button("我要退货", "I want to return this"), person(turn)]
    values["status"] = formats.status(order.status, turn.language)
    return Answer(Reply("refund_none", values, buttons))


def _of_case(turn: Turn, order: Order, case: Case, values: dict[str, str]) -> Reply:
    """Approved refunds take the days of the payment method; others wait for a colleague."""
    if case.status == "open":
        big = approval(turn, float(case.data["refund"]))
        return Reply("refund_waits_for_approval" if big else "refund_being_checked", values, [person(turn)])
    since = moment(turn, float(case.data.get("at") or case.created_at))
    due = since + timedelta(days=refund_days(turn, order)[1])
    values |= {"since": formats.day(since, turn.language), "due": formats.day(due, turn.language)}
    late = due.date() < turn.shop.today()
    return Reply("refund_late" if late else "refund_on_its_way", values, [person(turn)])


TASKS = {
    "track_refund": Task(
        track_refund, fits=("return_requested", "returned", "refunded", "cancelled", "exchange_requested")
    )
}
