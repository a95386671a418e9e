"""Rules: which one speaks, and which are refused."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.dialogue.errors import ProjectError
from bot.events import slot_set

DOMAIN = """
intents: [hi, ask, more, yes, no, bye]
entities: [color]
slots:
  vip: {type: bool, mappings: [{type: custom}]}
  city: {type: text, mappings: [{type: custom}]}
responses: {utter_a: [{text: a}], utter_b: [{text: b}], utter_c: [{text: c}], utter_default: [{text: what?}]}
actions: [act]
"""


def rules(*items: str) -> str:
    return "rules:\n" + "\n".join(f"- {item}" for item in items)


HI_A = "{rule: hi, steps: [{intent: hi}, {action: utter_a}]}"


def test_a_rule_applies_anywhere_and_else_the_fallback(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=rules(HI_A))
    one.talk([("/hi", ["utter_a"]), ("/bye", ["action_default_fallback"]), ("/hi", ["utter_a"])])
    assert one.say("/bye") == ["what?"]
    # The message that was not understood is taken back.
    assert one.tracker.message.intent == "hi"


def test_only_at_the_start_of_a_conversation(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=rules("{rule: hi, conversation_start: true, steps: [{intent: hi}, {action: utter_a}]}"))
    one.talk([("/hi", ["utter_a"]), ("/hi", ["action_default_fallback"])])


def test_the_longer_text_of_states_wins(talk: Callable[..., Any]) -> None:
    conditional = "{rule: vip, condition: [{slot_was_set: [{vip: true}]}], steps: [{intent: hi}, {action: utter_b}]}"
    one = talk(DOMAIN, rules=rules(HI_A, conditional))
    assert one.turn("/hi").actions == ["utter_a"]
    asyncio.run(one.runtime.append_events("ada", [slot_set("vip", True)]))
    assert one.turn("/hi").actions == ["utter_b"]
    asyncio.run(one.runtime.append_events("ada", [slot_set("vip", None)]))
    assert one.turn("/hi").actions == ["utter_a"]


@pytest.mark.parametrize(
    ("condition", "vip", "applies"),
    [("true", True, True), ("true", False, False), ("true", None, False), ("null", None, True), ("null", True, False)],
)
def test_conditions_on_slots(talk: Callable[..., Any], condition: str, vip: Any, applies: bool) -> None:
    rule = f"{{rule: r, condition: [{{slot_was_set: [{{vip: {condition}}}]}}], steps: [{{intent: hi}}, {{action: utter_b}}]}}"
    one = talk(DOMAIN, rules=rules(rule))
    asyncio.run(one.runtime.append_events("ada", [slot_set("vip", vip)]))
    assert one.turn("/hi").actions == (["utter_b"] if applies else ["action_default_fallback"])


def test_entities_must_be_exactly_those_of_the_rule(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=rules(HI_A, "{rule: c, steps: [{intent: hi, entities: [color]}, {action: utter_b}]}"))
    one.talk([("/hi", ["utter_a"]), ('/hi{"color": "red"}', ["utter_b"])])


def test_a_rule_without_waiting_hands_over_to_the_next(talk: Callable[..., Any]) -> None:
    one = talk(
        DOMAIN,
        rules=rules(
            "{rule: first, steps: [{intent: hi}, {action: utter_a}], wait_for_user_input: false}",
            "{rule: second, steps: [{action: utter_a}, {action: utter_b}]}",
        ),
    )
    one.talk([("/hi", ["utter_a", "utter_b"])])


def test_alternatives(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=rules("{rule: r, steps: [{or: [{intent: yes}, {intent: more}]}, {action: utter_a}]}"))
    one.talk([("/yes", ["utter_a"]), ("/more", ["utter_a"]), ("/no", ["action_default_fallback"])])


def test_rules_on_what_is_said_word_for_word(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=rules("{rule: r, steps: [{user: open sesame}, {action: utter_a}]}"))
    unknown = {"intent": {"name": "bye"}, "entities": []}
    turn = one.turn(("open sesame", unknown))
    assert turn.actions == ["utter_a"]
    assert [e["use_text_for_featurization"] for e in turn.events if e["event"] == "user_featurization"] == [True]


def test_no_more_than_ten_actions_in_a_turn(talk: Callable[..., Any]) -> None:
    loop = "{rule: loop, steps: [{action: utter_a}, {action: utter_a}], wait_for_user_input: false}"
    start = "{rule: hi, steps: [{intent: hi}, {action: utter_a}], wait_for_user_input: false}"
    one = talk(DOMAIN, rules=rules(start, loop))
    assert one.turn("/hi").actions == ["utter_a"] * 10


def test_without_a_fallback_nothing_is_said(talk: Callable[..., Any]) -> None:
    config = "policies: [{name: RulePolicy, enable_fallback_prediction: false}]"
    turn = talk(DOMAIN, rules=rules(HI_A), config=config).turn("/bye")
    assert (turn.actions, turn.messages) == ([], [])
    assert turn.events[-1]["confidence"] == 0.0


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (
            (HI_A, "{rule: hi again, steps: [{intent: hi}, {action: utter_b}]}"),
            r"rules.yml:2: rule 'hi' has the action 'utter_a' where it contradicts hi again",
        ),
        (
            ("{rule: long, steps: [{intent: hi}, {action: utter_a}, {intent: more}, {action: utter_b}]}",),
            r"rule 'long' has more than one user message",
        ),
        (
            (
                "{rule: sets, steps: [{intent: hi}, {action: act}, {slot_was_set: [{vip: true}]}, {action: utter_a}]}",
                "{rule: does not, steps: [{intent: ask}, {action: act}]}",
            ),
            r"rule 'does not': after 'act' other rules set vip",
        ),
        (("{rule: points, steps: [{checkpoint: x}, {intent: hi}, {action: utter_a}]}",), r"uses a checkpoint"),
        (("{rule: empty, steps: [{intent: hi}, {action: }]}",), r"a step has action empty; name it"),
        (
            ("{rule: odd, steps: [{intent: hi}, {thing: 1}]}",),
            r"a step has the unknown key 'thing'; use only intent, user",
        ),
    ],
)
def test_rules_that_are_refused(project: Callable[..., Any], items: tuple[str, ...], message: str) -> None:
    with pytest.raises(ProjectError, match=message):
        _ = project(DOMAIN, rules=rules(*items)).policies


def test_stories_that_contradict_a_rule_are_refused(project: Callable[..., Any]) -> None:
    stories = "stories:\n- {story: s, steps: [{intent: hi}, {action: utter_b}]}"
    with pytest.raises(ProjectError, match=r"stories.yml:2: story 's' has the action 'utter_b' .* predict 'utter_a'"):
        _ = project(DOMAIN, rules=rules(HI_A), stories=stories).policies


def test_rules_need_their_policy(project: Callable[..., Any]) -> None:
    with pytest.raises(ProjectError, match="no RulePolicy; add"):
        _ = project(DOMAIN, rules=rules(HI_A), config="policies: [{name: MemoizationPolicy}]").policies
