"""One form for everything about an order: which one, whose it is, what is missing, and one confirmation."""

from __future__ import annotations

import secrets
from typing import Any

from bot.actions import order_questions
from bot.actions.order_access import access, known_number, locked, missed, said_number, said_proof
from bot.actions.order_completion import order_task
from bot.actions.order_starts import start_order_task, sure
from bot.actions.order_steps import Ask, Confirm, Detail, Task, gathered
from bot.actions.order_tasks import TASKS
from bot.actions.regrets import mood, regret
from bot.actions.turn import Turn
from bot.events import active_loop
from bot.stores.orders import Order

__all__ = ["ACTIONS", "answered_in_anger", "answered_in_words", "start_order_task", "validate_order_form"]

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


def answered_in_anger(turn: Turn) -> bool:
    """Takes a complaint for the answer to the open question, when it is one; the form then goes on from there."""
    task = _asking(turn)
    if task is None:
        return False
    said = task.read(turn, True)
    if not said and (_cursed(turn) or turn.slot("order_task") not in _TELLING):
        return False
    regret(turn, f"sorry_{turn.slot('order_task')}")
    _go_on(turn, said or task.bare(turn))
    return True


def answered_in_words(turn: Turn) -> bool:
    """Takes what sounds like something else ("changed my mind", "personal") for the answer to the open question, when it
    says what was asked for; the form then goes on from there."""
    task = _asking(turn)
    said = task.read(turn, True) if task else _ahead(turn)
    if not said:
        return False
    if task is None:
        turn.say("order_noted")
    _go_on(turn, said)
    return True


def _ahead(turn: Turn) -> Detail:
    """Details said before they are asked for, while the form still asks which order it is and whose."""
    early = turn.call.active_loop == "order_form" and turn.call.requested_slot in ("order_number", "order_proof")
    task = TASKS.get(str(turn.slot("order_task")))
    return task.read(turn, False) if early and task else {}


def _asking(turn: Turn) -> Task | None:
    """The task whose question about details is open."""
    asked = turn.call.active_loop == "order_form" and turn.call.requested_slot == "order_detail"
    return TASKS.get(str(turn.slot("order_task"))) if asked else None


def _go_on(turn: Turn, said: Detail) -> None:
    turn.events.append(active_loop(None))
    turn.set(requested_slot=None, order_detail={**gathered(turn), **said})
    turn.then("order_form")


def validate_order_form(turn: Turn) -> None:
    """Decides what is asked next. Only slots that change are set: a message that answers nothing is an interruption."""
    number, proof = _number_and_proof(turn)
    _switch(turn, proof)
    task = TASKS.get(str(turn.slot("order_task")))
    turn.put(order_number=number)
    if (
        turn.intent == "inform"
        and number == turn.call.slots.get("order_number")
        and not proof
        and (said := _ahead(turn))
    ):
        turn.put(order_detail={**gathered(turn), **said})
        turn.say("order_noted")
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
        turn.set(requested_slot=None if locked(turn) else "order_proof")
        return
    turn.put(order_proof=proof)
    _validate_rest(turn, task, order)


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
    if asked in ("order_number", "order_proof", "order_detail") and turn.heard(asked):
        turn.put(order_task=name, order_detail=TASKS[name].read(turn, False) or None, order_nonce=None)


def _detail(turn: Turn, task: Task) -> Detail:
    value = turn.slot("order_detail")
    if isinstance(value, str):  # the answer to a question, still as it was typed
        said = task.read(turn, True)
        if not said and not turn.text.startswith("/") and turn.intent not in _NO_ANSWERS and not _cursed(turn):
            said = task.bare(turn)
        return {**gathered(turn), **said}
    return value if isinstance(value, dict) else {}


def _cursed(turn: Turn) -> bool:
    """Anger that answers nothing: certainly a complaint, and a strong one."""
    return turn.intent == "complaint" and sure(turn) and mood(turn) <= _FURIOUS


ACTIONS = {
    "action_start_order_task": start_order_task,
    "validate_order_form": validate_order_form,
    **order_questions.ACTIONS,
    "action_order_task": order_task,
}
