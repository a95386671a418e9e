"""The beginning of a task about an order: what the first message says of the order, the proof and the details."""

from __future__ import annotations

import re

from bot.actions import cart_undo
from bot.actions.order_access import access, missed, own_orders, said_number, said_proof, said_proofs
from bot.actions.order_completion import order_task
from bot.actions.order_lines import holds
from bot.actions.order_steps import Task, matches, person
from bot.actions.order_tasks import TASKS
from bot.actions.problems import problem
from bot.actions.questions import answered
from bot.actions.reference import names_order
from bot.actions.regrets import regret
from bot.actions.turn import Turn
from bot.events import active_loop
from bot.stores.orders import Order
from nlu.language import to_simplified

_THIS = re.compile(r"这(?:一)?[单个件笔]|那(?:一)?[单个件笔]|刚才|它|\b(?:it|this|that|them|these|those)\b", re.I)
_BEFORE_DISPATCH = ("cancel_order", "change_order", "change_shipping_address")
"""Asked of an order on its way, they are meant of that order and too late: another one is not taken in its place."""
_OWN_CONTACTS = ("change_shipping_address", "get_invoice")
"""A phone or e-mail said with these may only tell where something is to go."""
_OFFERED = 3
"""Contacts of one message that are tried as proofs: a mail, a new phone and the old one's end."""
_YES = re.compile(
    r"\s*(?:对|是|好|嗯|行|可以|确认|确定|没错|yes|yeah|yep|yup|ok(?:ay)?\b|sure|please|confirm|go ahead)", re.I
)
_REGRETTED = re.compile(
    r"^\W*(?:我|还是|那|算了|又)*(?:改|变|换)(?:变)?(?:了)?主意|^\W*(?:no,? |sorry,? |actually,? )*i?(?:'ve)? ?changed? my mind\W*$",
    re.I,
)
_HOW_TO = re.compile(
    r"(?:怎么|如何|怎样|咋)(?:才能|才可以|可以|能|去|申请|办理?|操作)*(?:退|换|取消|改|开)|"
    r"\bhow (?:do|can|would|should|could) (?:i|we|one) (?:return|send|exchange|swap|cancel|change|get)|"
    r"\bhow to (?:return|send|exchange|swap|cancel|change|get)",
    re.I,
)
"""The way it is done is asked for, beside the order itself."""
_UNSURE = 0.5
"""Confidence below which the words themselves count more than the intent."""


def start_order_task(turn: Turn) -> None:
    """Takes from the message what it says: the order, the proof, the details; then the form asks for the rest."""
    name = _named_task(turn)
    if _cancels_the_basket(turn):
        return
    if _taken_back(turn):
        turn.events.append(active_loop(None))
        turn.set(requested_slot=None, order_confirm=False)
        order_task(turn)
        return
    if _confirmed(turn, name):
        turn.events.append(active_loop(None))
        turn.set(requested_slot=None, order_confirm=True)
        order_task(turn)
        return
    task, same = TASKS[name], turn.slot("order_task") == name
    running = turn.call.active_loop == "order_form"
    if turn.call.active_loop:
        turn.events.append(active_loop(None))
    regret(turn, f"sorry_{name}", buttons=[person(turn)] if int(turn.slot("negative_turns") or 0) > 1 else [])
    said = said_number(turn)
    number = said or (turn.slot("order_number") if running else None) or _meant(turn, name, task)
    proof = _proof(turn, name, number)
    before = turn.slot("order_detail") if running and same else None
    detail = {**(before if isinstance(before, dict) else {}), **task.read(turn, False)}
    turn.set(
        requested_slot=None,
        pending=None,
        order_task=name,
        order_number=number,
        order_proof=proof,
        order_detail=detail or None,
        order_confirm=None,
        order_nonce=None,
    )
    open_to_them = number is not None and isinstance(access(turn, number, proof), Order)
    if said and not open_to_them and _HOW_TO.search(to_simplified(turn.text)):
        answered(turn)  # the rule needs no proof
    if number is not None or not task.without_order(turn):
        turn.then("order_form")


def _cancels_the_basket(turn: Turn) -> bool:
    """ "No, I don't want it", said when a piece has just gone into the basket, is no word about an order."""
    in_the_way = turn.call.active_loop not in (None, "cart_form") or said_number(turn) is not None
    if turn.intent not in ("cancel_order", "return_item") or in_the_way or names_order(turn.text):
        return False
    return bool(turn.shop.carts.lines(turn.owner)) and cart_undo.undo(turn)


def sure(turn: Turn) -> bool:
    """Is the intent certain enough to count more than the words?"""
    return float((turn.call.message.get("intent") or {}).get("confidence", 1.0)) >= _UNSURE


def _taken_back(turn: Turn) -> bool:
    """ "Changed my mind" where a yes was asked for: everything stays as it is."""
    asked = turn.call.active_loop == "order_form" and turn.call.requested_slot == "order_confirm"
    return asked and said_number(turn) is None and matches(_REGRETTED, turn)


def _confirmed(turn: Turn, name: str) -> bool:
    """Is it the yes to the question just asked, in the words of the task: "yes, cancel it"?"""
    asked = turn.call.active_loop == "order_form" and turn.call.requested_slot == "order_confirm"
    number = said_number(turn)
    same = name == turn.slot("order_task") and number in (None, turn.slot("order_number"))
    return asked and same and _YES.match(turn.text) is not None


def _named_task(turn: Turn) -> str:
    """By what is wrong with it, when the message says no more clearly what is wanted."""
    unclear = turn.intent not in TASKS or (turn.intent == "track_order" and not sure(turn))
    if unclear and problem(turn.text) in ("broken", "wrong", "missing"):
        return "report_damage"
    return turn.intent if turn.intent in TASKS else str(turn.slot("order_task") or "track_order")


def _proof(turn: Turn, name: str, number: str | None) -> str | None:
    """What has shown the order to be theirs before, else what this message offers."""
    known = number in (turn.slot("order_number"), turn.slot("last_order"))
    kept = (turn.slot("order_proof") or None) if known else None
    if number and kept and isinstance(access(turn, number, kept), Order):
        return str(kept)
    if name not in _OWN_CONTACTS:
        return said_proof(turn, asked=False) or kept
    offered = said_proofs(turn)[:_OFFERED] if number else []
    fitting = next((proof for proof in offered if isinstance(access(turn, str(number), proof), Order)), None)
    for _ in offered if fitting is None else ():
        # They may only tell where something is to go; counted all the same, or contacts could be tried at will.
        missed(turn, str(number))
    return fitting or kept


def _meant(turn: Turn, name: str, task: Task) -> str | None:
    """The order meant by a customer who names none: the one with the piece they name, the one spoken of, the only one
    that fits."""
    own = own_orders(turn)
    own = [order for order in own if holds(turn, order)] or own
    fitting = [order for order in own if order.status in task.fits]
    spoken_of = turn.slot("last_order")
    last = access(turn, str(spoken_of), turn.slot("order_proof")) if spoken_of else None
    if isinstance(last, Order) and (last in own or not fitting):
        if last.status in task.fits or matches(_THIS, turn) or not fitting:
            return last.number
        if name in _BEFORE_DISPATCH:
            return None
    if len(fitting) == 1:
        return fitting[0].number
    return own[0].number if len(own) == 1 else None
