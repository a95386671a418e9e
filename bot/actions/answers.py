"""Yes, no, and bare answers outside a form: what they mean depends on what was just said."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.actions import cart, checkout, erasure, handoff, orders, product_facts, search
from bot.actions.order_tasks import TASKS
from bot.actions.reference import meant
from bot.actions.smalltalk import not_understood, starters
from bot.actions.turn import Turn

QUESTIONS: dict[str, Callable[[Turn], None]] = {
    "action_add_to_cart": cart.add_to_cart,
    "action_start_checkout": checkout.start_checkout,
    "action_handoff": handoff.handoff,
    "action_delete_data_confirmed": erasure.delete_data_confirmed,
}
"""What a yes may do: an action that asked sets the slot `pending` to one of these and the slots it needs."""
_ORDER = re.compile(r"订单|这单|那单|下单|\border(?:ed)?\b", re.I)
_WISHES = ("category", "brand", "color", "price", "attribute", "material", "size")


def affirm(turn: Turn) -> None:
    pending = turn.slot("pending") or {}
    act = QUESTIONS.get(pending.get("action", ""))
    if act is None:
        turn.say("affirm", buttons=starters(turn))
        return
    turn.set(pending=None, **pending.get("slots", {}))
    act(turn)


def deny(turn: Turn) -> None:
    if turn.slot("pending"):
        turn.set(pending=None)
        turn.say("deny_pending", buttons=starters(turn))
    elif turn.slot("shown"):
        search.reject_suggestion(turn)
    else:
        turn.say("deny")


def inform(turn: Turn) -> None:
    """A pick from the list, a wish for the last search, an order number, a rating."""
    ratings = [int(r) for r in turn.entities("rating") if str(r) in "12345"]
    found = meant(turn)
    if ratings:
        turn.shop.feedback.rated(turn.call.sender_id, ratings[0])
        turn.set(pending=None)
        turn.say("rated" if ratings[0] > 2 else "rated_low")
    elif found:
        turn.set(focus=found[0].product_id)
        product_facts.show_product(turn)
    elif turn.entities("order_number"):
        turn.set(order_task="track_order")
        orders.start_order_task(turn)
    elif any(turn.entities(kind) for kind in _WISHES):
        search.refine_search(turn)
    else:
        not_understood(turn)


def unclear(turn: Turn) -> None:
    """Not sure what was meant; but who names an order wants something of it."""
    if not turn.entities("order_number") or turn.call.active_loop:
        not_understood(turn)
        return
    ranked = [entry["name"] for entry in turn.call.message.get("intent_ranking") or ()]
    turn.set(order_task=next((name for name in ranked if name in TASKS), "track_order"))
    orders.start_order_task(turn)


def change_order(turn: Turn) -> None:
    """ "Make it two": of the basket while there is one and no order is spoken of, else of an order."""
    about_order = turn.entities("order_number") or turn.slot("last_order") or _ORDER.search(turn.text)
    if about_order or turn.call.active_loop == "order_form" or not cart.change_quantity(turn):
        orders.start_order_task(turn)


ACTIONS = {
    "action_affirm": affirm,
    "action_deny": deny,
    "action_inform": inform,
    "action_change_order": change_order,
    "action_not_understood": unclear,
}
