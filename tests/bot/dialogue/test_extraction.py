"""Which slots a message fills."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.calls import ActionRejectedError
from bot.dialogue.domain_file import read_domain
from bot.dialogue.errors import ActionFailedError
from bot.dialogue.extraction import extract_slots
from bot.dialogue.tracker import Tracker, View
from bot.dialogue.yaml_file import parse_yaml
from bot.events import Event, action_rejected, active_loop, bot_uttered, followup, slot_set, user_uttered

BASE = """
intents: [buy, chat, deny, go]
entities: [color, {city: {roles: [from, to], groups: ["1"]}}]
forms:
  f: {required_slots: [s, t], ignored_intents: [chat]}
slots:
  t: {type: text, mappings: [{type: from_entity, entity: city}]}
  s:
"""


class Custom:
    """Answers custom actions from a table; a string breaks or refuses."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers = answers or {}
        self.calls: list[str] = []

    async def run(self, name: str, view: View) -> list[Event]:
        self.calls.append(name)
        answer = self.answers[name]
        if answer == "broken":
            raise ActionFailedError("broken")
        if answer == "refused":
            raise ActionRejectedError("refused")
        return list(answer)


def filled(
    slot: str, intent: str = "buy", entities: list[dict[str, Any]] | None = None, loop: str | None = None, **more: Any
) -> Any:
    """The value that slot `s`, of the given YAML, gets from one message; "unset" for no event."""
    domain = read_domain([(Path("d.yml"), parse_yaml(BASE + slot))])
    tracker = Tracker(domain)
    if loop:
        tracker.update(active_loop(loop))
    if "requested" in more:
        tracker.update(slot_set("requested_slot", more["requested"]))
    tracker.update(user_uttered("the text", {"intent": {"name": intent}, "entities": entities or []}))
    if more.get("rejected"):
        tracker.update(action_rejected(loop or ""))
    events = asyncio.run(extract_slots(tracker, domain, Custom()))
    return next((event["value"] for event in events if event["name"] == "s"), "unset")


COLOR = "    type: text\n    mappings: [{type: from_entity, entity: color}]"
COLORS = "    type: list\n    mappings: [{type: from_entity, entity: color}]"
RED = {"entity": "color", "value": "red"}
BLUE = {"entity": "color", "value": "blue"}


def text(conditions: str = "", more: str = "") -> str:
    return f"    type: text\n    mappings: [{{type: from_text{more}{conditions}}}]"


IN_F = ", conditions: [{active_loop: f, requested_slot: s}]"


@pytest.mark.parametrize(
    ("slot", "arguments", "value"),
    [
        (COLOR, {"entities": [RED, BLUE]}, "blue"),
        (COLORS, {"entities": [RED, BLUE]}, ["red", "blue"]),
        (COLOR, {}, "unset"),
        (COLOR, {"entities": [{"entity": "color", "value": "x", "role": "from"}]}, "unset"),
        (COLOR.replace("color}", "shape}"), {"entities": [{"entity": "shape", "value": "x"}]}, "unset"),
        (
            COLOR.replace("color}", "city, role: to}"),
            {"entities": [{"entity": "city", "value": "x", "role": "to"}]},
            "x",
        ),
        (COLOR.replace("color}", "color, intent: deny}"), {"entities": [RED]}, "unset"),
        (COLOR.replace("color}", "color, not_intent: [buy]}"), {"entities": [RED]}, "unset"),
        (COLOR.replace("color}", "color, intent: [chat]}"), {"entities": [RED], "intent": "chat", "loop": "f"}, "red"),
        (COLOR, {"entities": [RED], "intent": "chat", "loop": "f"}, "unset"),
        (text(), {}, "the text"),
        (text(IN_F), {}, "unset"),
        (text(IN_F), {"loop": "f"}, "unset"),
        (text(IN_F), {"loop": "f", "requested": "s"}, "the text"),
        (text(IN_F), {"loop": "f", "requested": "s", "rejected": True}, "unset"),
        (text(IN_F), {"loop": "f", "requested": "t"}, "unset"),
        (text(IN_F), {"loop": "f", "requested": "s", "intent": "chat"}, "unset"),
        (text(", conditions: [{active_loop: null}]"), {}, "the text"),
        (text(", conditions: [{active_loop: null}]"), {"loop": "f"}, "unset"),
        ("    type: bool\n    mappings: [{type: from_intent, intent: deny, value: false}]", {"intent": "deny"}, False),
        (
            "    type: bool\n    mappings: [{type: from_intent, intent: nope, value: false}]",
            {"intent": "nope"},
            "unset",
        ),
        ("    type: text\n    mappings: [{type: from_trigger_intent, intent: buy, value: v}]", {}, "unset"),
        ("    type: text\n    mappings: [{type: from_trigger_intent, intent: buy, value: v}]", {"loop": "f"}, "v"),
        (
            "    type: text\n    mappings: [{type: from_trigger_intent, value: v, conditions: [{active_loop: g}]}]",
            {"loop": "f"},
            "unset",
        ),
    ],
)
def test_mappings(slot: str, arguments: dict[str, Any], value: Any) -> None:
    assert filled(slot, **arguments) == value


@pytest.mark.parametrize(("requested", "value"), [("s", "x"), ("t", "unset"), (None, "unset")])
def test_an_entity_that_could_fill_two_slots_of_a_form_fills_the_one_asked_for(requested: Any, value: str) -> None:
    slot = "    type: text\n    mappings: [{type: from_entity, entity: city}]"
    assert filled(slot, entities=[{"entity": "city", "value": "x"}], loop="f", requested=requested) == value


def run(domain_text: str, answers: dict[str, Any]) -> tuple[list[Event], list[str]]:
    domain = read_domain([(Path("d.yml"), parse_yaml(domain_text))])
    tracker = Tracker(domain)
    tracker.update(user_uttered("hi", {"intent": {"name": "buy"}, "entities": []}))
    custom = Custom(answers)
    return asyncio.run(extract_slots(tracker, domain, custom)), custom.calls


TWO = """
intents: [buy]
slots:
  a: {type: text, mappings: [{type: custom, action: act}]}
  b: {type: text, mappings: [{type: custom, action: act}, {type: from_text}]}
"""


def test_a_custom_mapping_runs_once_and_only_sets_slots() -> None:
    said = bot_uttered("hm", {}, {})
    events, calls = run(TWO, {"act": [slot_set("a", 1), followup("x"), said]})
    assert (events, calls) == ([slot_set("a", 1), slot_set("b", "hi")], ["act"])


@pytest.mark.parametrize("answer", ["broken", "refused"])
def test_a_custom_mapping_that_breaks_leaves_the_slot(answer: str) -> None:
    assert run(TWO, {"act": answer}) == ([slot_set("b", "hi")], ["act"])


def test_validation_of_all_slots_overrules_what_it_names() -> None:
    said = bot_uttered("no", {}, {})
    events, calls = run(
        TWO + "actions: [action_validate_slot_mappings]\n",
        {"act": [slot_set("a", 1)], "action_validate_slot_mappings": [said, slot_set("a", None)]},
    )
    assert events == [said, slot_set("a", None), slot_set("b", "hi")]
    assert calls == ["act", "action_validate_slot_mappings"]
