"""Yes, no, and bare answers outside a form: what they mean depends on what was just said."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.actions import (
    cart,
    cart_changes,
    cart_undo,
    checkout,
    erasure,
    handoff,
    orders,
    product_facts,
    search,
    stock,
    suggestions,
    wishes,
)
from bot.actions.order_access import own_orders
from bot.actions.order_steps import Answer
from bot.actions.order_tasks import TASKS, current_step
from bot.actions.reference import meant, names_order, spoken_of_order, spoken_of_products
from bot.actions.regrets import asked_last
from bot.actions.smalltalk import not_understood, starters
from bot.actions.turn import Turn
from bot.actions.wish_words import described
from bot.events import active_loop
from bot.stores.catalog import Product
from nlu.language import to_simplified

QUESTIONS: dict[str, Callable[[Turn], None]] = {
    "action_add_to_cart": cart.add_to_cart,
    "action_start_checkout": checkout.start_checkout,
    "action_handoff": handoff.handoff,
    "action_delete_data_confirmed": erasure.delete_data_confirmed,
}
"""What a yes may do: an action that asked sets the slot `pending` to one of these and the slots it needs."""
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
_NO_PERSON = re.compile(
    r"(?:不|别|甭|无)(?:用|要|需要?|必|想|是)?(?:帮我|给我|再|去)?(?:转接?|找|叫|接|跟|和)?(?:人工|真人|客服|人类|专员)|"
    r"\b(?:don'?t|do not|didn'?t|no need|not|without)\b(?: (?:want|need|ask|asking|to|for|get|have|talk|speak|with|me|be|put|through|transferred))*"
    r"(?: an?y?| the)? (?:real |live )?(?:human|person|people|agent|representative|rep|colleague|operator)\b|"
    r"\bno (?:human|person|people|agent|operator)s?\b(?! (?:here|answer|ever|is|has|was))",
    re.I,
)
_OTHER_VARIANTS = re.compile(
    r"(?:别的|其他|其它|另外的?|哪些|哪几种|几种|什么|啥)(?:颜色|色|尺码|码数|码|尺寸|规格)|颜色(?:都)?有哪|尺码(?:都)?有哪|"
    r"\b(?:other|more|which|what|different) (?:colou?r|size)s?\b",
    re.I,
)
_ENOUGH = re.compile(
    r"谢|算了|不用|不需要|不要了|不看了|不买了|先这样|\bthank|\bnever ?mind\b|\bno need\b|\bthat'?s (?:all|it|fine)\b|\bleave it\b|\bnot now\b",
    re.I,
)
"""A no that ends the matter: nothing more is put on the table."""
_PHONE = re.compile(r"电话|手机号?|\b(?:phone|mobile|cell)\b", re.I)
_THAT_ONE = re.compile(r"就?[这那](?:个|款|件|双|条|台)|\b(?:that|this) one\b|\bit\b", re.I)
_WORDS = re.compile(r"[^\W_]")
"""A letter or a digit; without any there are only signs and pictures."""
_WISHES = ("category", "brand", "color", "price", "attribute", "material", "size")


def affirm(turn: Turn) -> None:
    pending = turn.slot("pending") or {}
    act = QUESTIONS.get(pending.get("action", ""))
    if turn.entities("ordinal") and (picked := meant(turn)):  # "yes, the first one"
        _pick(turn, picked[0])
        return
    if act is None and _that_one(turn):
        return
    if act is None:
        turn.say("affirm", buttons=starters(turn))
        return
    turn.set(pending=None, **pending.get("slots", {}))
    act(turn)


def _that_one(turn: Turn) -> bool:
    """ "That one": the piece spoken of, or the only one on the screen; else it is asked which."""
    shown = turn.slot("shown") or ()
    if not shown or not _THAT_ONE.search(to_simplified(turn.text)) or not spoken_of_products(turn):
        return False
    only = turn.shop.catalog.get(turn.slot("focus") or (shown[0] if len(shown) == 1 else ""))
    if only is None:
        turn.say("which_product")
    else:
        _pick(turn, only)
    return True


def deny(turn: Turn) -> None:
    suggestions.refused(turn)
    if cart_undo.keeps(turn):
        return
    if turn.slot("pending"):
        turn.set(pending=None)
        turn.say("deny_pending", buttons=starters(turn))
    elif _ENOUGH.search(to_simplified(turn.text)) and not search.wants_others(turn.text):
        turn.say("deny", buttons=starters(turn))
    elif turn.slot("shown") and (spoken_of_products(turn) or search.wants_others(turn.text)):
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
        _pick(turn, found[0])
    elif turn.entities("quantity") and _counted_out(turn):
        return
    elif turn.entities("order_number") and not _PHONE.search(to_simplified(turn.text)):
        turn.set(order_task="track_order")
        orders.start_order_task(turn)
    elif any(turn.entities(kind) for kind in _WISHES):
        if search.says_nothing_new(turn):
            turn.say("known_already", wish=described(turn, turn.slot("search")["wish"]))
        else:
            search.refine_search(turn)
    elif not _that_one(turn) and not _refused_invoice(turn):
        not_understood(turn)


def _refused_invoice(turn: Turn) -> bool:
    """Whom an invoice is for, said when there can be none: that is told, and what would help."""
    about_it = not turn.call.active_loop and turn.slot("order_task") == "get_invoice" and spoken_of_order(turn)
    if not about_it or _PERSON.search(turn.text) or not TASKS["get_invoice"].read(turn, False).get("title"):
        return False
    if not isinstance(current_step(turn), Answer):
        return False
    turn.say("invoice_still_not", buttons=[turn.button("转人工", "Talk to a person")])
    return True


def _pick(turn: Turn, product: Product) -> None:
    turn.set(focus=product.product_id)
    if asked_last(turn, "add_which"):
        cart.add_to_cart(turn)
    elif turn.entities("color") or turn.entities("size"):  # "the second one in white"
        stock.check_stock(turn)
    else:
        product_facts.show_product(turn)


def _counted_out(turn: Turn) -> bool:
    """A bare "two pairs": of what was put in last or is alone in the basket, else of the piece spoken of."""
    focus = turn.slot("focus")
    inside = {turn.shop.catalog.variants[line.sku].product_id for line in turn.shop.carts.lines(turn.owner)}
    if (not focus or focus in inside) and cart_changes.change_quantity(turn):
        return True
    if focus:
        cart.add_to_cart(turn)
    return bool(focus)


def unclear(turn: Turn) -> None:
    """Not sure what was meant; but who names an order wants something of it."""
    if not _WORDS.search(turn.text):
        turn.say("no_words", buttons=starters(turn))
        return
    if turn.entities("ordinal") and not turn.call.active_loop and meant(turn):  # "is number two wireless"
        product_facts.product_details(turn)
        return
    if orders.answered_in_words(turn):
        return
    if turn.entities("quantity", role="to") and not turn.call.active_loop and cart_changes.change_quantity(turn):
        return
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
    """Asked for means given; a bare "personal" on an invoice only sounds like it, and "no person" says the opposite."""
    if _NO_PERSON.search(to_simplified(turn.text)):
        if handoff.is_waiting(turn):
            turn.shop.conversations.touch(turn.call.sender_id, channel=turn.call.channel, mode="bot")
        turn.say("no_person", buttons=starters(turn))
        return
    if _refused_invoice(turn):
        return
    if _PERSON.search(turn.text) or turn.text.startswith("/") or not orders.answered_in_words(turn):
        handoff.handoff(turn)


def refine(turn: Turn) -> None:
    """ "Undo" takes back what was done last: the change of the basket, else the latest wish."""
    if wishes.is_undo(turn.text) and not turn.entities("category") and cart_undo.undo(turn):
        return
    if _asks_variants(turn):
        stock.check_stock(turn)
    else:
        search.refine_search(turn)


def _asks_variants(turn: Turn) -> bool:
    """ "Does the first one come in black", "any other colours": asked of one product, no wish for the search."""
    named = any(entity.get("entity") in ("color", "size") for entity in turn.call.message.get("entities") or ())
    if turn.entities("ordinal"):
        return named and len(meant(turn)) == 1
    alone = len(turn.slot("shown") or ()) == 1 or bool(turn.slot("focus"))
    return alone and not named and _OTHER_VARIANTS.search(to_simplified(turn.text)) is not None


def change_order(turn: Turn) -> None:
    """ "Make it two": of the basket while there is one and no order is spoken of, else of an order."""
    if turn.call.active_loop == "checkout_form" and not turn.entities("order_number"):
        if not cart_changes.change_quantity(turn):
            turn.say("checkout_not_now")
        return
    counted = turn.entities("quantity", role="to") and not (own_orders(turn) or turn.slot("last_order"))
    if counted and turn.slot("shown") and not turn.call.active_loop and not names_order(turn.text):
        if not cart_changes.change_quantity(turn):  # nothing is ordered: the basket is meant, whatever is in it
            cart_changes.view_cart(turn)
        return
    about_order = turn.entities("order_number") or turn.slot("last_order") or names_order(turn.text)
    if about_order or turn.call.active_loop == "order_form" or not cart_changes.change_quantity(turn):
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
