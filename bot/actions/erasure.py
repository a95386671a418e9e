"""Deleting a customer's data: told what goes and what must stay, confirmed once more, done, with a receipt."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, update

from bot.actions.order_access import own_orders
from bot.actions.order_steps import person
from bot.actions.turn import Turn
from bot.stores.orders import STATUSES, Order
from bot.stores.schema import cases

NOBODY = "erased"
_RUNNING = ("paid", "packed", "dispatched", "return_requested", "returned", "exchange_requested")
MOST_ORDERS = 10_000


def delete_data(turn: Turn) -> None:
    """The first of two steps. Orders on their way come first; without a sign-in only this talk can be deleted."""
    days = turn.shop.policies.privacy.deletion_days
    running = [order for order in own_orders(turn) if order.status in _RUNNING or _unsettled(turn, order)]
    if running:
        numbers = turn.pick("、", ", ").join(order.number for order in running[:5])
        track = turn.button("查这些订单", "Check these orders", turn.pick("查我的订单", "Where's my order?"))
        turn.say("delete_orders_first", numbers=numbers, buttons=[track, person(turn)])
        return
    turn.set(pending={"action": "action_delete_data_confirmed", "slots": {}})
    buttons = [turn.button("确认删除", "Delete it", "/affirm"), turn.button("不删了", "Keep it", "/deny")]
    turn.say("delete_confirm" if turn.customer_id else "delete_confirm_guest", days=days, buttons=buttons)


def delete_data_confirmed(turn: Turn) -> None:
    """Does it, when the yes answers the question just asked and nothing older; otherwise asks again."""
    turn.set(pending=None)
    if not _just_asked(turn):
        delete_data(turn)
        return
    customer = turn.customer_id
    receipt = f"D{secrets.randbelow(9_000_000) + 1_000_000}"
    days = turn.shop.policies.privacy.deletion_days
    subjects = [*([customer] if customer else []), turn.guest]
    turn.shop.feedback.erase(*subjects, turn.call.sender_id)
    with turn.shop.engine.begin() as connection:
        for subject in subjects:
            _anonymise(turn, subject, connection)
            turn.shop.carts.clear(subject, connection)
        if customer:
            turn.shop.customers.erase(customer, connection)
        turn.shop.orders.open_case(
            "deletion",
            order=None,
            customer_id=NOBODY,
            sender_id="",
            data={"receipt": receipt, "days": days, "account": bool(customer)},
            key=f"deletion:{receipt}",
            connection=connection,
        )
    turn.set(
        erase_requested=receipt,
        customer_id=None,
        last_order=None,
        order_number=None,
        order_proof=None,
        search=None,
        shown=None,
        focus=None,
    )
    turn.say("deleted", receipt=receipt, days=days)


def _anonymise(turn: Turn, owner: str, connection: Connection) -> None:
    """Orders and cases stay for the books, without anyone's name, address or words in them."""
    connection.execute(
        update(cases)
        .where((cases.c.customer_id == owner) | (cases.c.sender_id == turn.call.sender_id))
        .values(customer_id=NOBODY, sender_id="", data={})
    )
    for order in turn.shop.orders.of_customer(owner, limit=MOST_ORDERS):
        turn.shop.orders.change(
            order.number,
            only_if=STATUSES,
            connection=connection,
            customer_id=NOBODY,
            recipient="",
            phone="",
            email="",
            address="",
            tracking="",
            tracking_events=[],
            placed_key=None,
        )


def _unsettled(turn: Turn, order: Order) -> bool:
    return any(case.status == "open" for case in turn.shop.orders.cases_of(order.number))


def _just_asked(turn: Turn) -> bool:
    """Was the question put in the turn right before this one."""
    users = 0
    for event in reversed(turn.call.events):
        users += event.get("event") == "user"
        if users == 1 and event.get("event") == "slot" and event.get("name") == "pending" and event.get("value"):
            return bool(event["value"].get("action") == "action_delete_data_confirmed")
        if users == 2:
            break
    return False


ACTIONS = {"action_delete_data": delete_data, "action_delete_data_confirmed": delete_data_confirmed}
