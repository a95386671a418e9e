"""Taking an order back before it leaves."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.actions import formats
from bot.actions.order_steps import Answer, Confirm, Detail, Outcome, Reply, Step, Task, person
from bot.actions.order_stock import give_back
from bot.actions.order_words import case_status, day, goods, lapsed, money, paid, refund_line
from bot.actions.turn import Turn
from bot.stores.orders import CHANGEABLE, Order


def cancel_order(turn: Turn, order: Order, _detail: Detail) -> Step:
    values = {"number": order.number, "goods": goods(turn, order), "total": money(turn, order.total)}
    if not order.changeable:
        return Answer(_too_late(turn, order, values))
    if lapsed(turn, order):
        minutes = turn.shop.policies.payment.unpaid_order_minutes
        return Answer(
            Reply("order_track_lapsed", values | {"minutes": minutes}, [turn.button("重新下单", "Order again")])
        )
    amount = order.total if paid(order) else 0.0
    values["refund"] = refund_line(turn, order, amount)

    def change(connection: Connection, key: str) -> bool:
        if not turn.shop.orders.change(
            order.number, only_if=(order.status,), connection=connection, status="cancelled"
        ):
            return False
        give_back(turn, order, connection, key)
        return True

    buttons = [turn.button("重新挑一款", "Find something else", turn.pick("有什么好推荐的", "Recommend something"))]
    return Confirm(
        Reply("confirm_cancel", values),
        Outcome(
            "cancel",
            Reply("done_cancel", values, buttons),
            {"refund": amount},
            case_status(turn, order, amount),
            change,
        ),
        again=None,
    )


def _too_late(turn: Turn, order: Order, values: dict[str, str]) -> Reply:
    rules = turn.shop.policies.returns
    if order.status == "cancelled":
        return Reply("order_cancelled_already", values, [turn.button("退款到哪了", "Where's my refund?")])
    if order.status == "dispatched":
        values |= {"days": str(rules.days), "postage": money(turn, rules.postage)}
        buttons = [turn.button("快递到哪了", "Where is it now?"), person(turn)]
        return Reply("cancel_too_late_dispatched", values, buttons)
    if order.status == "delivered" and order.delivered_at is not None:
        values |= {"days": str(rules.days), "day": day(turn, order.delivered_at)}
        return Reply(
            "cancel_too_late_delivered", values, [turn.button("我要退货", "I want to return this"), person(turn)]
        )
    values["status"] = formats.status(order.status, turn.language)
    return Reply("order_task_other_state", values, [turn.button("退款到哪了", "Where's my refund?"), person(turn)])


TASKS = {"cancel_order": Task(cancel_order, fits=CHANGEABLE)}
