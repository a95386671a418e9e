"""The end of the form: the answer, or what was confirmed, done once."""

from __future__ import annotations

import hashlib

from bot.actions.order_access import access, proves
from bot.actions.order_steps import Answer, Confirm, MovedOnError, carry_out, person, repeated
from bot.actions.order_tasks import current_step
from bot.actions.suggestions import suggest
from bot.actions.turn import Turn
from bot.stores.orders import Order
from recommender.inventory.ledger import OutOfStock

_GLAD = ("change_order", "change_shipping_address", "get_invoice", "price_protection", "exchange_item")
"""Tasks after which a suggestion may be welcome; not after a loss, a fault or a return."""


def order_task(turn: Turn) -> None:
    """Looks at everything once more before it acts: a repeated or outdated yes does nothing new."""
    if not turn.slot("order_number"):
        return  # the question which order was dropped; there is nothing more to say of it
    number, confirmed = str(turn.slot("order_number") or ""), turn.slot("order_confirm")
    nonce = str(turn.slot("order_nonce") or "")
    order = access(turn, number, turn.slot("order_proof"))
    if not isinstance(order, Order):
        _done(turn)
        turn.say("order_locked" if order == "locked" else "order_not_found", buttons=[person(turn)])
        return
    turn.set(last_order=number)
    key = _key(turn, number, nonce)
    step = current_step(turn)
    if confirmed is False:
        turn.say("order_left_as_is", number=number)
    elif confirmed is True and repeated(turn, order, key):
        pass  # the same yes once more: it was done, and has been said again
    elif isinstance(step, Answer):
        step.reply.say(turn)
        step.then()
    elif isinstance(step, Confirm) and confirmed is True and nonce.endswith(step.print):
        _do(turn, order, step, key)
    elif step is not None:
        turn.set(order_confirm=None)
        turn.then("order_form")
        return
    _done(turn)


def _do(turn: Turn, order: Order, step: Confirm, key: str) -> None:
    try:
        carry_out(turn, order, step.outcome, key)
        _keep_proof(turn, order)
        product = turn.shop.catalog.get(order.lines[0].product_id) if order.lines else None
        if product is not None and turn.slot("order_task") in _GLAD:
            suggest(turn, "service", product)
    except OutOfStock:
        turn.say("order_sold_out_meanwhile", buttons=[person(turn)])
    except MovedOnError:
        again = current_step(turn)
        if isinstance(again, Answer):
            again.reply.say(turn)
        else:
            turn.say("order_moved_on", number=order.number, buttons=[person(turn)])


def _keep_proof(turn: Turn, order: Order) -> None:
    """Who proved the order and gave it another phone has proved it with that one too."""
    proof, now = turn.slot("order_proof"), turn.shop.orders.get(order.number)
    if proof and now is not None and proves(order, str(proof)) and not proves(now, str(proof)):
        turn.set(order_proof=now.phone)


def _key(turn: Turn, number: str, nonce: str) -> str:
    parts = (turn.call.sender_id, str(turn.slot("order_task")), number, nonce)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


def _done(turn: Turn) -> None:
    turn.set(order_confirm=None, order_detail=None, order_nonce=None)
