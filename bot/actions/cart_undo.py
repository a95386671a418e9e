"""Changes of the basket that are taken back, or that the customer says not to make."""

from __future__ import annotations

import re

from bot.actions.basket import next_buttons, recount, start_buttons, total
from bot.actions.turn import Turn
from bot.events import active_loop

_KEEP = re.compile(
    r"(?:不(?:用|要|想|必)?|别|先别|先不)(?:再)?(?:删|移|去掉|拿掉|清空)|留着|\b(?:don'?t|do not|didn'?t|never) (?:remove|delete|take|empty|clear)\b|"
    r"\bkeep (?:it|them|that|everything)\b|\bleave (?:it|them) in\b",
    re.I,
)


def keeps(turn: Turn) -> bool:
    """ "Don't take it out": says that all is as it was; False when that was not said, or there is nothing to keep."""
    if not _KEEP.search(turn.text) or not turn.shop.carts.lines(turn.owner):
        return False
    turn.set(pending=None)
    turn.say("cart_kept", total=total(turn), buttons=next_buttons(turn))
    return True


def undo(turn: Turn) -> bool:
    """Takes the last change of the basket back; False when there is none, or something else was looked for since."""
    before = turn.slot("cart_before")
    if turn.call.active_loop == "cart_form":
        drop(turn)
        turn.say("cart_not_added", buttons=start_buttons(turn))
        return True
    if before is None or not _changed_last(turn):
        return False
    turn.shop.carts.clear(turn.owner)
    for sku, quantity in before.items():
        turn.shop.carts.put(turn.owner, sku, int(quantity))
    turn.set(cart_before=None, pending=None)
    recount(turn)
    if before:
        turn.say("cart_undone", total=total(turn), buttons=next_buttons(turn))
    else:
        turn.say("cart_undone_empty", buttons=start_buttons(turn))
    return True


def drop(turn: Turn) -> None:
    """The piece that was being put in is not put in."""
    turn.events.append(active_loop(None))
    turn.set(cart_product=None, cart_color=None, cart_size=None, cart_quantity=None, requested_slot=None)
    turn.set(cart_before=None)


def _changed_last(turn: Turn) -> bool:
    """Was the basket changed after the latest search, order task or checkout, or in the same turn."""
    for event in reversed(turn.call.events):
        if event.get("event") == "slot" and event.get("name") == "cart_before":
            return True
        if event.get("event") == "slot" and event.get("name") in ("search", "order_task") and event.get("value"):
            return False
        if event.get("event") == "slot" and event.get("name") == "checkout_nonce":
            return False
    return False


def last_put_in(turn: Turn) -> str | None:
    """The SKU of which the last change of the basket put more in; None when that was no such change."""
    before = turn.slot("cart_before")
    if before is None:
        return None
    lines = turn.shop.carts.lines(turn.owner)
    return next((line.sku for line in lines if line.quantity > int(before.get(line.sku, 0))), None)


def remember(turn: Turn) -> None:
    """The basket as it is, for "undo"."""
    turn.set(cart_before={line.sku: line.quantity for line in turn.shop.carts.lines(turn.owner)})
