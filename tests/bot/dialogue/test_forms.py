"""Forms as Rasa runs them: filling, refusing, interrupting, switching, stopping."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.calls import ActionCall, ActionRejectedError, ActionResult
from bot.events import action_rejected, active_loop, slot_set
from bot.messages import BotMessage

DOMAIN = """
intents: [greet, inform, book, other, chat, stop, affirm, deny]
entities: [size, color, {city: {roles: [from, to]}}]
slots:
  size:
    type: text
    influence_conversation: false
    mappings: [{type: from_entity, entity: size}]
  note:
    type: text
    influence_conversation: false
    mappings:
    - {type: from_text, not_intent: [deny], conditions: [{active_loop: book_form, requested_slot: note}]}
    - {type: from_intent, intent: deny, value: none, conditions: [{active_loop: book_form, requested_slot: note}]}
  color:
    type: list
    influence_conversation: false
    mappings: [{type: from_entity, entity: color}]
forms:
  book_form: {required_slots: [size, note], ignored_intents: [chat]}
  other_form: {required_slots: [color]}
responses:
  utter_ask_size: [{text: "Which size?"}]
  utter_ask_book_form_note: [{text: "Anything to note about {size}?"}]
  utter_ask_color: [{text: "Which colour?"}]
  utter_booked: [{text: "Booked {size}: {note}"}]
  utter_other: [{text: "Colours {color}"}]
  utter_chat: [{text: "Nice."}]
  utter_sure: [{text: "Stop?"}]
"""
RULES = """
rules:
- rule: book
  steps: [{intent: book}, {action: book_form}, {active_loop: book_form}]
- rule: booked
  condition: [{active_loop: book_form}]
  steps: [{action: book_form}, {active_loop: null}, {slot_was_set: [{requested_slot: null}]}, {action: utter_booked}]
- rule: other
  steps: [{intent: other}, {action: other_form}, {active_loop: other_form}]
- rule: other done
  condition: [{active_loop: other_form}]
  steps: [{action: other_form}, {active_loop: null}, {action: utter_other}]
- rule: chat
  steps: [{intent: chat}, {action: utter_chat}]
- rule: stop
  condition: [{active_loop: book_form}]
  steps: [{intent: stop}, {action: action_deactivate_loop}, {active_loop: null}]
"""


def test_a_form_asks_until_all_is_filled(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    assert one.say("/book") == ["Which size?"]
    assert one.say('/inform{"size": "L"}') == ["Anything to note about L?"]
    assert one.say("by friday") == ["Booked L: by friday"]
    assert (one.tracker.loop_name, one.tracker.slots["requested_slot"]) == (None, None)


def test_what_is_said_at_once_is_not_asked_again(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    assert one.say('/book{"size": "M"}') == ["Anything to note about M?"]
    assert one.say("/deny") == ["Booked M: none"]


def test_small_talk_goes_back_to_the_question(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    one.say("/book")
    turn = one.turn("/chat")
    assert turn.actions == ["utter_chat", "book_form"]
    assert [m.text for m in turn.messages] == ["Nice.", "Which size?"]
    kinds = [event["event"] for event in turn.events if event["event"] in ("action_execution_rejected", "action")]
    assert kinds == ["action_execution_rejected", "action", "action", "action"]
    # The intent is ignored by the form, so the text of the joke is not taken for the note.
    one.say('/inform{"size": "L"}')
    one.turn("/chat")
    assert one.tracker.slots["note"] is None


def test_earlier_answers_can_be_changed(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    one.say('/book{"size": "S"}')
    one.say('/inform{"size": "L"}')
    # Any text answers a from_text slot: Rasa's own behaviour, and why such mappings need conditions.
    assert one.tracker.slots == {**one.tracker.slots, "size": "L", "note": '/inform{"size": "L"}'}


def test_switching_to_another_form_and_stopping(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    one.say("/book")
    assert one.say("/other") == ["Which colour?"]
    assert one.tracker.loop_name == "other_form"
    assert one.say('/inform{"color": ["red", "blue"]}') == ["Colours ['red', 'blue']"]
    one.say("/book")
    assert one.turn("/stop").actions == ["action_deactivate_loop"]
    assert one.tracker.loop_name is None


def candidates(call: ActionCall) -> dict[str, Any]:
    """What the form wants checked: the slots at the end of the events, as Rasa's SDK reads them."""
    found: dict[str, Any] = {}
    for event in reversed(call.events):
        if event["event"] != "slot":
            break
        found.setdefault(event["name"], event["value"])
    return found


async def validate(call: ActionCall) -> ActionResult:
    asked = candidates(call)
    size = asked.get("size")
    if size == "reject":
        raise ActionRejectedError("not now")
    if size == "off":
        return ActionResult(events=[active_loop(None)])
    if size == "refuse":
        return ActionResult(events=[action_rejected("book_form")])
    if size == "broken":
        raise RuntimeError("bug")
    if "size" in asked and size not in ("S", "M", "L"):
        return ActionResult([BotMessage(f"No {size}.")], [slot_set("size", None)])
    if asked.get("note") == "short":
        return ActionResult(events=[slot_set("requested_slot", None)])
    return ActionResult(events=[slot_set(name, value) for name, value in asked.items() if name != "requested_slot"])


VALIDATED = DOMAIN + "actions: [validate_book_form]\n"


def test_validation_refuses_and_asks_again(talk: Callable[..., Any]) -> None:
    one = talk(VALIDATED, rules=RULES, actions={"validate_book_form": validate})
    assert one.say('/book{"size": "XXL"}') == ["No XXL.", "Which size?"]
    assert one.say('/inform{"size": "XXXL"}') == ["No XXXL.", "Which size?"]
    assert one.tracker.slots["size"] is None
    assert one.say('/inform{"size": "M"}') == ["Anything to note about M?"]


def test_validation_may_end_the_form_early(talk: Callable[..., Any]) -> None:
    one = talk(VALIDATED, rules=RULES, actions={"validate_book_form": validate})
    one.say('/book{"size": "M"}')
    assert one.say("short") == ["Booked M: short"]
    one.say("/book")
    assert one.tracker.loop_name is None  # all slots were still filled


@pytest.mark.parametrize(
    ("size", "actions", "loop"),
    [
        ("off", ["book_form", "utter_booked"], None),
        ("refuse", ["action_default_fallback"], "book_form"),
        ("reject", ["action_default_fallback"], "book_form"),
    ],
)
def test_validation_may_stop_or_refuse(
    talk: Callable[..., Any], size: str, actions: list[str], loop: str | None
) -> None:
    one = talk(VALIDATED, rules=RULES, actions={"validate_book_form": validate})
    one.say("/book")
    turn = one.turn(f'/inform{{"size": "{size}"}}')
    assert (turn.actions, turn.active_loop) == (actions, loop)


def test_a_broken_validation_is_reported_and_the_talk_goes_on(talk: Callable[..., Any]) -> None:
    one = talk(VALIDATED, rules=RULES, actions={"validate_book_form": validate})
    one.say("/book")
    turn = one.turn('/inform{"size": "broken"}')
    assert turn.messages == []
    assert turn.failures == ["action 'validate_book_form' failed: RuntimeError: bug"]
    assert one.say('/inform{"size": "M"}') == ["Anything to note about M?"]


async def dynamic(call: ActionCall) -> ActionResult:
    values = {**call.slots, **candidates(call)}
    wanted = ["size", "color"] if values.get("size") == "L" else ["size"]
    return ActionResult(events=[slot_set("requested_slot", next((n for n in wanted if not values.get(n)), None))])


def test_required_slots_may_depend_on_answers(talk: Callable[..., Any]) -> None:
    one = talk(VALIDATED, rules=RULES, actions={"validate_book_form": dynamic})
    assert one.say("/book") == ["Which size?"]
    assert one.say('/inform{"size": "L"}') == ["Which colour?"]
    assert one.say('/inform{"color": "red"}') == ["Booked L: None"]
    two = talk(VALIDATED, rules=RULES, actions={"validate_book_form": dynamic})
    assert two.say('/book{"size": "S"}') == ["Booked S: None"]


async def ask(call: ActionCall) -> ActionResult:
    return ActionResult([BotMessage(f"ask for {call.requested_slot}")])


def test_an_action_may_ask(talk: Callable[..., Any]) -> None:
    domain = DOMAIN + "actions: [action_ask_book_form_size, action_ask_note]\n"
    one = talk(domain, rules=RULES, actions={"action_ask_book_form_size": ask, "action_ask_note": ask})
    assert one.say("/book") == ["ask for None"]
    # The response of this form comes before the action of all forms.
    assert one.say('/inform{"size": "L"}') == ["Anything to note about L?"]


def test_back_inside_a_form_goes_before_the_smooth_passage(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    one.say("/book")
    one.say('/inform{"size": "L"}')
    one.turn("/back")
    assert one.tracker.loop_name is None
    assert one.tracker.slots["size"] is None
