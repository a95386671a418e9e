"""Steps of stories and rules as Rasa writes them."""

from pathlib import Path

import pytest

from bot.dialogue.stories import (
    ActionStep,
    BotStep,
    CheckpointStep,
    LoopStep,
    OrStep,
    SlotStep,
    Step,
    UserStep,
    read_stories,
)
from bot.dialogue.yaml_file import parse_yaml

P = Path("s.yml")


def steps(text: str, key: str = "story") -> tuple[Step, ...]:
    head = {"story": "stories", "rule": "rules"}[key]
    (story,) = read_stories(P, parse_yaml(f"{head}:\n- {key}: x\n{text}", P))
    return story.steps


@pytest.mark.parametrize(
    ("step", "read"),
    [
        ("intent: greet", UserStep("greet", line=4)),
        ("intent: /greet", UserStep("greet", line=4)),
        ("intent: faq/hours", UserStep("faq", full_intent="faq/hours", line=4)),
        ("{intent: a, entities: [city]}", UserStep("a", ({"entity": "city", "value": ""},), line=4)),
        (
            "{intent: a, entities: [{city: Rome, role: from, group: one}]}",
            UserStep("a", ({"entity": "city", "value": "Rome", "role": "from", "group": "one"},), line=4),
        ),
        ("{intent: a, entities: [{city: null}]}", UserStep("a", ({"entity": "city"},), line=4)),
        (
            'user: "to [Rome](city)"',
            UserStep(None, ({"start": 3, "end": 7, "value": "Rome", "entity": "city"},), "to Rome", line=4),
        ),
        ("{user: hello, intent: greet}", UserStep("greet", (), "hello", line=4)),
        ('{user: \'/greet{"a": "b"}\', intent: greet}', UserStep("greet", (), '/greet{"a": "b"}', line=4)),
        ("action: utter_a", ActionStep("utter_a", 4)),
        ("bot: hi there", BotStep("hi there", 4)),
        ("active_loop: f", LoopStep("f", 4)),
        ("active_loop: null", LoopStep(None, 4)),
        ("slot_was_set: [a]", SlotStep("a", None, True, 4)),
        ("slot_was_set: [{a: [1, 2]}]", SlotStep("a", [1, 2], False, 4)),
        ("slot_was_set: [{a: null}]", SlotStep("a", None, False, 4)),
        ("{checkpoint: c, slot_was_set: [{a: 1}]}", CheckpointStep("c", (("a", 1),), 4)),
        ("or: [{intent: a}, {intent: b}]", OrStep((UserStep("a", line=4), UserStep("b", line=4)), 4)),
        (
            "or: [{slot_was_set: [{a: 1}]}, {slot_was_set: [b]}]",
            OrStep((SlotStep("a", 1, False, 4), SlotStep("b", None, True, 4)), 4),
        ),
    ],
)
def test_steps(step: str, read: Step) -> None:
    assert steps(f"  steps:\n  - {step}\n") == (read,)


def test_metadata_is_no_step() -> None:
    assert steps("  metadata: {a: 1}\n  steps:\n  - metadata: {b: 2}\n  - intent: a\n") == (UserStep("a", line=6),)


def test_a_rule_begins_anywhere_after_its_conditions() -> None:
    text = "  condition:\n  - active_loop: f\n  - slot_was_set:\n    - a: 1\n  steps:\n  - intent: b\n"
    assert steps(text, "rule") == (
        LoopStep("f", 4),
        SlotStep("a", 1, False, 6),
        ActionStep("...", 2),
        UserStep("b", line=8),
    )


def test_a_rule_may_begin_a_conversation_and_go_on_without_waiting() -> None:
    text = "  conversation_start: true\n  wait_for_user_input: false\n  steps:\n  - intent: a\n"
    assert steps(text, "rule") == (UserStep("a", line=6), ActionStep("...", 2))


def test_stories_without_steps_are_told_and_skipped() -> None:
    with pytest.warns(UserWarning, match="s.yml:2: story 'x' has no steps and is skipped"):
        assert read_stories(P, parse_yaml("stories:\n- story: x\n", P)) == []
