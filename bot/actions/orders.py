"""One form for everything about an order: which one, whose it is, what is missing, and one confirmation."""

from __future__ import annotations

import re
import secrets
from typing import Any

from bot.actions.order_access import (
    access,
    known_number,
    locked,
    missed,
    own_orders,
    said_number,
    said_proof,
    said_proofs,
)
from bot.actions.order_completion import order_task
from bot.actions.order_lines import holds
from bot.actions.order_steps import (
    Answer,
    Ask,
    Confirm,
    Detail,
    Task,
    gathered,
    matches,
    person,
)
from bot.actions.order_tasks import TASKS, current_step
from bot.actions.order_words import headline
from bot.actions.problems import problem
from bot.actions.regrets import mood, regret, uttered
from bot.actions.turn import Turn
from bot.events import active_loop
from bot.messages import Button
from bot.stores.orders import Order

_THIS = re.compile(r"这(?:一)?[单个件笔]|那(?:一)?[单个件笔]|刚才|它|\b(?:it|this|that|them|these|those)\b", re.I)
_SHOWN = 4
_BEFORE_DISPATCH = ("cancel_order", "change_order", "change_shipping_address")
"""Asked of an order on its way, they are meant of that order and too late: another one is not taken in its place."""


_OWN_CONTACTS = ("change_shipping_address", "get_invoice")
"""A phone or e-mail said with these may only tell where something is to go."""
_OFFERED = 3
"""Contacts of one message that are tried as proofs: a mail, a new phone and the old one's end."""
_UNSURE = 0.5
"""Confidence below which the words themselves count more than the intent."""
_ANSWERS = {
    "return_item": ("report_damage", "warranty_claim"),
    "exchange_item": ("report_damage", "warranty_claim", "change_order"),
    "report_damage": ("warranty_claim", "exchange_item"),
    "warranty_claim": ("report_damage",),
    "change_order": ("exchange_item",),
}
"""What sounds like another request, but answers a question of the task: telling what is wrong, or what is wanted."""
_NO_ANSWERS = ("greet", "thank", "affirm", "praise", "out_of_scope")
"""What these say is never taken for the answer to a question about an order."""
_TELLING = ("return_item", "report_damage", "warranty_claim")
"""Tasks that ask what is wrong: the answer may well sound like a complaint."""
_FURIOUS = -0.6
"""Sentiment from which a complaint that names nothing is anger, no answer."""
_PATIENCE = 2
"""Times the proof is asked for before the reason is given."""


def start_order_task(turn: Turn) -> None:
    """Takes from the message what it says: the order, the proof, the details; then the form asks for the rest."""
    name = _named_task(turn)
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
    if number is not None or not task.without_order(turn):
        turn.then("order_form")


def answered_in_anger(turn: Turn) -> bool:
    """Takes a complaint for the answer to the open question, when it is one; the form then goes on from there."""
    task = TASKS.get(str(turn.slot("order_task")))
    if turn.call.active_loop != "order_form" or turn.call.requested_slot != "order_detail" or task is None:
        return False
    said = task.read(turn, True)
    if not said and (_cursed(turn) or turn.slot("order_task") not in _TELLING):
        return False
    regret(turn, f"sorry_{turn.slot('order_task')}")
    turn.events.append(active_loop(None))
    turn.set(requested_slot=None, order_detail={**gathered(turn), **(said or task.bare(turn))})
    turn.then("order_form")
    return True


def validate_order_form(turn: Turn) -> None:
    """Decides what is asked next. Only slots that change are set: a message that answers nothing is an interruption."""
    number, proof = _number_and_proof(turn)
    _switch(turn, proof)
    task = TASKS.get(str(turn.slot("order_task")))
    turn.put(order_number=number)
    if task is None or number is None:
        turn.put(order_proof=proof)
        turn.set(requested_slot="order_number" if task else None)
        return
    order = access(turn, number, proof)
    if not isinstance(order, Order):
        # A proof that does not fit is a miss; so is a verified customer's asking for an order that is not theirs.
        if order == "proof" and (proof or (proof is None and turn.customer_id)):
            missed(turn, number)
            proof = False
        turn.put(order_proof=proof)
        turn.set(requested_slot=None if locked(turn, number) else "order_proof")
        return
    turn.put(order_proof=proof)
    _validate_rest(turn, task, order)


def ask_order_number(turn: Turn) -> None:
    """Their own orders to choose from, those that fit the task first; a guest is asked for the number."""
    _bridge(turn)
    fits = TASKS[str(turn.slot("order_task"))].fits
    own = sorted(own_orders(turn), key=lambda o: fits.index(o.status) if o.status in fits else len(fits))
    buttons = [Button(headline(turn, o), f'/inform{{"order_number": "{o.number}"}}') for o in own[:_SHOWN]]
    turn.say("ask_which_order" if own else "ask_order_number", buttons=buttons)


def ask_order_proof(turn: Turn) -> None:
    _bridge(turn)
    buttons = [person(turn), turn.button("算了", "Never mind", "/deny")]
    if turn.slot("order_proof") is False:
        turn.say("order_not_found", buttons=buttons)
    else:
        turn.say("why_order_proof" if _asked_for_proof(turn) == _PATIENCE else "ask_order_proof", buttons=buttons)


def ask_order_detail(turn: Turn) -> None:
    step = current_step(turn)
    if isinstance(step, Ask | Answer):
        _bridge(turn)
        step.reply.say(turn)


def ask_order_confirm(turn: Turn) -> None:
    """Yes carries the one-time nonce of exactly this summary."""
    step = current_step(turn)
    if isinstance(step, Confirm):
        _bridge(turn)
        yes = f'/affirm{{"nonce": "{turn.slot("order_nonce")}"}}'
        buttons = [turn.button("确认", "Confirm", yes)]
        if step.again:
            buttons.append(turn.button("改一下", "Change it", f'/inform{{"again": "{step.again}"}}'))
        buttons.append(turn.button("不用了", "Leave it", "/deny"))
        turn.say(step.reply.response, buttons=buttons, **step.reply.values)


def _validate_rest(turn: Turn, task: Task, order: Order) -> None:
    detail, confirm = _detail(turn, task), turn.slot("order_confirm")
    if confirm == "order_detail":
        detail, confirm = {}, None
    elif confirm == "order_number":
        turn.put(order_number=None, order_confirm=None, order_detail=None)
        turn.set(requested_slot="order_number")
        return
    step = task.step(turn, order, detail)
    nonce, asked = str(turn.slot("order_nonce") or ""), None
    if isinstance(step, Ask):
        asked = "order_detail"
    elif isinstance(step, Confirm) and confirm is not False:
        shown = bool(nonce) and nonce.endswith(step.print)
        tapped = turn.entities("nonce")
        if confirm is not True or not shown or (tapped and nonce not in tapped):
            if confirm is True:
                turn.say("confirmation_stale")
            asked = "order_confirm"
            nonce = nonce if shown else secrets.token_hex(6) + step.print
    turn.put(
        order_detail=dict(detail) or None,
        order_confirm=None if asked else confirm,
        order_nonce=nonce or None,
    )
    turn.set(requested_slot=asked)


def _number_and_proof(turn: Turn) -> tuple[str | None, Any]:
    """What the two slots come to with the latest message; the proof is False after one that did not fit."""
    number, proof = turn.slot("order_number"), turn.slot("order_proof")
    number = known_number(number) if number else None
    asked = turn.call.requested_slot
    if asked == "order_proof" and isinstance(proof, str):
        other = said_number(turn, besides=number or "")
        proof = said_proof(turn, asked=True)
        if other and other != proof:
            number = other
        # Text without any proof in it is no attempt; the question stays as it was.
    elif asked == "order_number" and number:
        proof = said_proof(turn, asked=False)
    return number, proof


def _switch(turn: Turn, proof: object) -> None:
    """The "answer" was another request, and says nothing that was asked for: that task takes the place of this one."""
    name, now = turn.intent, str(turn.slot("order_task"))
    running = TASKS.get(now)
    asked = turn.call.requested_slot
    answered = proof if asked == "order_proof" else running and running.read(turn, True)
    if name not in TASKS or name == now or name in _ANSWERS.get(now, ()) or answered:
        return
    if asked in ("order_proof", "order_detail") and turn.heard(asked):
        turn.put(order_task=name, order_detail=TASKS[name].read(turn, False) or None, order_nonce=None)


def _detail(turn: Turn, task: Task) -> Detail:
    value = turn.slot("order_detail")
    if isinstance(value, str):  # the answer to a question, still as it was typed
        said = task.read(turn, True)
        if not said and not turn.text.startswith("/") and turn.intent not in _NO_ANSWERS and not _cursed(turn):
            said = task.bare(turn)
        return {**gathered(turn), **said}
    return value if isinstance(value, dict) else {}


def _named_task(turn: Turn) -> str:
    """By what is wrong with it, when the message says no more clearly what is wanted."""
    sure = float((turn.call.message.get("intent") or {}).get("confidence", 1.0)) >= _UNSURE
    unclear = turn.intent not in TASKS or (turn.intent == "track_order" and not sure)
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


def _asked_for_proof(turn: Turn) -> int:
    """How often since the task began."""
    times = 0
    for event in reversed(turn.call.events):
        if event.get("event") == "slot" and event.get("name") == "order_task":
            break
        times += uttered(event, "ask_order_proof")
    return times


def _cursed(turn: Turn) -> bool:
    """Anger that answers nothing: certainly a complaint, and a strong one."""
    sure = float((turn.call.message.get("intent") or {}).get("confidence", 1.0)) >= _UNSURE
    return turn.intent == "complaint" and sure and mood(turn) <= _FURIOUS


def _meant(turn: Turn, name: str, task: Task) -> str | None:
    """The order meant by a customer who names none: the one with the piece they name, the one spoken of, the only one
    that fits."""
    own = own_orders(turn)
    own = [order for order in own if holds(turn, order)] or own
    fitting = [order for order in own if order.status in task.fits]
    spoken_of = turn.slot("last_order")
    last = access(turn, str(spoken_of), turn.slot("order_proof")) if spoken_of else None
    if isinstance(last, Order) and (last in own or not own):
        if last.status in task.fits or matches(_THIS, turn) or not fitting:
            return last.number
        if name in _BEFORE_DISPATCH:
            return None
    if len(fitting) == 1:
        return fitting[0].number
    return own[0].number if len(own) == 1 else None


def _bridge(turn: Turn) -> None:
    """A word that leads back when something else was answered in this turn."""
    for event in reversed(turn.call.events):
        if event.get("event") == "user":
            return
        if event.get("event") == "action" and event.get("name") not in _OWN:
            turn.say("order_resume")
            return


ACTIONS = {
    "action_start_order_task": start_order_task,
    "validate_order_form": validate_order_form,
    "action_ask_order_form_order_number": ask_order_number,
    "action_ask_order_form_order_proof": ask_order_proof,
    "action_ask_order_form_order_detail": ask_order_detail,
    "action_ask_order_form_order_confirm": ask_order_confirm,
    "action_order_task": order_task,
}
_OWN = {*ACTIONS, "order_form", "action_listen", "action_inform", "action_remember_turn"}
