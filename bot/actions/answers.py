"""Yes, no, and bare answers outside a form: what they mean depends on what was just said."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.actions import cart, cart_undo, checkout, erasure, handoff, orders, product_facts, search, suggestions, wishes
from bot.actions.order_tasks import TASKS
from bot.actions.reference import meant
from bot.actions.smalltalk import not_understood, starters
from bot.actions.turn import Turn
from bot.actions.wish_words import described
from bot.events import active_loop

QUESTIONS: dict[str, Callable[[Turn], None]] = {
    "action_add_to_cart": cart.add_to_cart,
    "action_start_checkout": checkout.start_checkout,
    "action_handoff": handoff.handoff,
    "action_delete_data_confirmed": erasure.delete_data_confirmed,
}
"""What a yes may do: an action that asked sets the slot `pending` to one of these and the slots it needs."""
_ORDER = re.compile(r"订单|这单|那单|下单|\border(?:ed)?\b", re.I)
_STOP = re.compile(
    r"算了|(?:不|别|甭)(?:退|换|弄|办|用|改|开|说|查|修|取消)?了|先这样|放弃|"
    r"\bnever ?mind\b|\bforget (?:it|that|about)|\bleave it\b|\bdon'?t bother\b|\bstop\b|\bcancel (?:that|this)\b|\bno thanks?\b|\bnot now\b",
    re.I,
)
"""Who says so means the whole request, whatever reason stands beside it."""
_PERSON = re.compile(
    r"人工|真人|客服|人类|活人|坐席|专员|经理|主管|找(?:个|一?位)?人|有人|转接|\b(?:person|people|human|agent|representative|rep|"
    r"someone|somebody|staff|manager|supervisor|operator|colleague|customer (?:service|support|care)|talk to|speak)\b",
    re.I,
)
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
    suggestions.refused(turn)
    if cart_undo.keeps(turn):
        return
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
        if search.says_nothing_new(turn):
            turn.say("known_already", wish=described(turn, turn.slot("search")["wish"]))
        else:
            search.refine_search(turn)
    else:
        not_understood(turn)


def unclear(turn: Turn) -> None:
    """Not sure what was meant; but who names an order wants something of it."""
    wished = any(turn.entities(kind) for kind in _WISHES)
    if wished and not turn.call.active_loop and (turn.entities("category") or turn.slot("search")):
        search.product_search(turn)
        return
    if not turn.entities("order_number") or turn.call.active_loop:
        not_understood(turn)
        return
    ranked = [entry["name"] for entry in turn.call.message.get("intent_ranking") or ()]
    turn.set(order_task=next((name for name in ranked if name in TASKS), "track_order"))
    orders.start_order_task(turn)


def stop_form(turn: Turn) -> None:
    """ "Never mind": the form closes, and what it had gathered goes; but "changed my mind" may be the reason it asked for."""
    if not _STOP.search(turn.text) and orders.answered_in_words(turn):
        return
    turn.events.append(active_loop(None))
    turn.set(requested_slot=None)
    nonce = turn.slot("checkout_nonce")
    if nonce:
        turn.shop.ledger.release(str(nonce))
    for name in ("order_task", "order_detail", "order_confirm", "cart_product", "checkout_confirm", "checkout_nonce"):
        if turn.slot(name) is not None:
            turn.set(**{name: None})
    turn.say("form_stopped", buttons=starters(turn))


def a_person(turn: Turn) -> None:
    """Asked for means given; a bare "personal" on an invoice only sounds like it."""
    if _PERSON.search(turn.text) or turn.text.startswith("/") or not orders.answered_in_words(turn):
        handoff.handoff(turn)


def refine(turn: Turn) -> None:
    """ "Undo" takes back what was done last: the change of the basket, else the latest wish."""
    if not (wishes.is_undo(turn.text) and cart_undo.undo(turn)):
        search.refine_search(turn)


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
    "action_refine_search": refine,
    "action_stop_form": stop_form,
    "action_handoff": a_person,
}
