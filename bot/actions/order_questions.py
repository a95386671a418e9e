"""What the form about an order asks: which one, whose it is, the details, and the one confirmation."""

from __future__ import annotations

from bot.actions.order_access import guarded, own_orders
from bot.actions.order_steps import Answer, Ask, Confirm, person
from bot.actions.order_tasks import TASKS, current_step
from bot.actions.order_words import headline
from bot.actions.regrets import uttered
from bot.actions.turn import Turn
from bot.events import active_loop
from bot.messages import Button

_SHOWN = 4
_BRIDGES = 2
"""Interruptions after which the form still goes on."""
_PATIENCE = 2
"""Times the proof is asked for before the reason is given."""


def ask_order_number(turn: Turn) -> None:
    """Their own orders to choose from, those that fit the task first; a guest is asked for the number."""
    if _moved_on(turn):
        return
    _bridge(turn)
    fits = TASKS[str(turn.slot("order_task"))].fits
    own = sorted(own_orders(turn), key=lambda o: fits.index(o.status) if o.status in fits else len(fits))
    buttons = [Button(headline(turn, o), f'/inform{{"order_number": "{o.number}"}}') for o in own[:_SHOWN]]
    turn.say("ask_which_order" if own else "ask_order_number", buttons=buttons)


def ask_order_proof(turn: Turn) -> None:
    if _moved_on(turn):
        return
    _bridge(turn)
    asked, reasoned = (_since_it_began(turn, r) for r in ("ask_order_proof", "why_order_proof"))
    if reasoned and asked > _PATIENCE:  # once more after the reason was given, and then no more
        _drop(turn)
        turn.say("order_let_be", buttons=[person(turn)])
        return
    buttons = [person(turn), turn.button("算了", "Never mind", "/deny")]
    if guarded(turn, str(turn.slot("order_number") or "")):
        turn.say("ask_whole_proof", buttons=buttons)
    elif turn.slot("order_proof") is False:
        turn.say("order_not_found", buttons=buttons)
    else:
        why = asked == _PATIENCE and not reasoned
        turn.say("why_order_proof" if why else "ask_order_proof", buttons=buttons)


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


def _since_it_began(turn: Turn, response: str) -> int:
    """How often `utter_<response>` was said for this task."""
    times = 0
    for event in reversed(turn.call.events):
        if event.get("event") == "slot" and event.get("name") == "order_task":
            break
        times += uttered(event, response)
    return times


def _moved_on(turn: Turn) -> bool:
    """Who has had other things answered instead so often does not want this any more: the form ends without a word."""
    if not _interrupted(turn) or _since_it_began(turn, "order_resume") < _BRIDGES:
        return False
    _drop(turn)
    return True


def _drop(turn: Turn) -> None:
    turn.events.append(active_loop(None))
    turn.set(requested_slot=None, order_number=None, order_detail=None, order_confirm=None, order_nonce=None)


def _bridge(turn: Turn) -> None:
    """A word that leads back when something else was answered in this turn."""
    if _interrupted(turn):
        turn.say("order_resume")


def _interrupted(turn: Turn) -> bool:
    for event in reversed(turn.call.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "action" and event.get("name") not in _OWN:
            return True
    return False


ACTIONS = {
    "action_ask_order_form_order_number": ask_order_number,
    "action_ask_order_form_order_proof": ask_order_proof,
    "action_ask_order_form_order_detail": ask_order_detail,
    "action_ask_order_form_order_confirm": ask_order_confirm,
}
_OWN = {
    *ACTIONS,
    "action_start_order_task",
    "action_change_order",
    "validate_order_form",
    "action_order_task",
    "order_form",
    "action_listen",
    "action_inform",
    "action_stop_form",
    "action_handoff",
    "action_remember_turn",
}
"""What runs in a turn that is about the order and nothing else."""
