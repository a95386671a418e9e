"""Stories: remembered exactly, and joined in the middle."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue.policies.augmented import AugmentedMemoizationPolicy
from bot.dialogue.policies.memoization import MemoizationPolicy
from bot.events import slot_set

DOMAIN = """
intents: [hi, ask, yes, no, book, chat]
entities: [color]
slots:
  vip: {type: bool, mappings: [{type: custom}]}
  color: {type: text, mappings: [{type: from_entity, entity: color}]}
  size: {type: text, influence_conversation: false, mappings: [{type: from_text, conditions: [{active_loop: f}]}]}
forms: {f: {required_slots: [size]}}
responses: {utter_a: [{text: a}], utter_b: [{text: b}], utter_c: [{text: c}], utter_chat: [{text: chat}]}
"""
RULES = """
rules:
- {rule: chat, steps: [{intent: chat}, {action: utter_chat}]}
- {rule: book, steps: [{intent: book}, {action: f}, {active_loop: f}]}
- {rule: booked, condition: [{active_loop: f}], steps: [{action: f}, {active_loop: null}, {action: utter_c}]}
"""
STORIES = """
stories:
- story: ask
  steps: [{intent: ask}, {action: utter_a}, {intent: yes}, {action: utter_b}]
- story: vip
  steps: [{slot_was_set: [{vip: true}]}, {intent: ask}, {action: utter_c}]
- story: greeting
  steps: [{intent: hi}, {action: utter_a}, {checkpoint: greeted}]
- story: after it
  steps: [{checkpoint: greeted}, {or: [{intent: no}, {intent: yes}]}, {action: utter_c}]
- story: coloured
  steps: [{intent: ask, entities: [{color: red}]}, {action: utter_b}]
"""
PLAIN = "policies: [{name: MemoizationPolicy}, {name: RulePolicy}]"
AUGMENTED = "policies: [{name: AugmentedMemoizationPolicy}, {name: RulePolicy}]"
FALLBACK = "action_default_fallback"


def test_a_story_is_remembered_from_the_start_of_a_session(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES, stories=STORIES, config=PLAIN)
    one.talk([("/ask", ["utter_a"]), ("/yes", ["utter_b"]), ("/ask", [FALLBACK]), ("/no", [FALLBACK])])
    one.talk([("/restart", ["action_restart"]), ("/hi", ["utter_a"]), ("/no", ["utter_c"])])


def test_turns_that_only_rules_know_do_not_disturb_a_story(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES, stories=STORIES, config=PLAIN)
    one.talk([("/chat", ["utter_chat"]), ("/ask", ["utter_a"]), ("/chat", ["utter_chat"]), ("/yes", ["utter_b"])])


def test_slots_and_entities_are_part_of_what_is_remembered(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES, stories=STORIES, config=PLAIN)
    one.talk([('/ask{"color": "blue"}', ["utter_b"])])
    two = talk(DOMAIN, rules=RULES, stories=STORIES, config=PLAIN)
    asyncio.run(two.runtime.append_events("ada", [slot_set("vip", True)]))
    # The story knows the slot from its beginning: so does a new session, which takes the slots along.
    two.talk([("/session_start", []), ("/ask", ["utter_c"])])


def test_an_augmented_memory_joins_a_story_in_mid_talk(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES, stories=STORIES, config=AUGMENTED)
    one.talk([("/ask", ["utter_a"]), ("/ask", ["utter_a"]), ("/yes", ["utter_b"]), ("/hi", ["utter_a"])])
    # What was set before the remembered part began is forgotten with it.
    asyncio.run(one.runtime.append_events("ada", [slot_set("vip", True)]))
    one.talk([("/no", [FALLBACK]), ("/hi", ["utter_a"]), ("/no", ["utter_c"])])


def test_history_may_be_short(talk: Callable[..., Any]) -> None:
    config = "policies: [{name: MemoizationPolicy, max_history: 1}, {name: RulePolicy}]"
    one = talk(DOMAIN, rules=RULES, stories=STORIES, config=config)
    # One state does not reach back to what was asked, so what follows `yes` is told differently by two stories.
    one.talk([("/ask", ["utter_a"]), ("/yes", [FALLBACK])])


def test_what_two_stories_continue_differently_is_not_remembered(talk: Callable[..., Any]) -> None:
    stories = STORIES + "- story: other\n  steps: [{intent: ask}, {action: utter_b}]\n"
    one = talk(DOMAIN, rules=RULES, stories=stories, config=PLAIN)
    one.talk([("/ask", [FALLBACK]), ("/hi", ["utter_a"])])


def test_confidence_of_the_understanding_may_count(talk: Callable[..., Any]) -> None:
    config = "policies: [{name: MemoizationPolicy, use_nlu_confidence_as_score: true}, {name: RulePolicy}]"
    one = talk(DOMAIN, rules=RULES, stories=STORIES, config=config)
    one.talk([("/ask@0.2", [FALLBACK]), ("/ask@0.4", ["utter_a"])])


def test_a_story_that_begins_with_an_action_does_not_teach_it(talk: Callable[..., Any]) -> None:
    stories = "stories:\n- {story: s, steps: [{action: utter_a}, {intent: yes}, {action: utter_b}]}"
    one = talk(DOMAIN, rules=RULES, stories=stories, config=AUGMENTED)
    one.talk([("/yes", [FALLBACK]), ("/hi", [FALLBACK])])


def test_a_cycle_of_checkpoints_is_gone_through_three_times(project: Callable[..., Any]) -> None:
    stories = "stories:\n- {story: s, steps: [{checkpoint: c}, {intent: yes}, {action: utter_b}, {checkpoint: c}]}\n"
    stories += "- {story: t, steps: [{intent: hi}, {action: utter_a}, {checkpoint: c}]}"
    memory = project(DOMAIN, stories=stories, config=PLAIN).policies[0]
    assert isinstance(memory, MemoizationPolicy)
    assert list(memory.lookup.values()).count("utter_b") == 3


def test_a_checkpoint_that_nothing_leads_to_is_named(project: Callable[..., Any]) -> None:
    stories = "stories:\n- {story: s, steps: [{checkpoint: c}, {intent: yes}, {action: utter_b}]}\n"
    with pytest.warns(UserWarning, match=r"stories.yml:2: .* checkpoint 'c', with which no story ends"):
        _ = project(DOMAIN, stories=stories, config=PLAIN).policies


MESSAGES = ["/hi", "/ask", "/yes", "/no", "/chat", "/book", "text", '/ask{"color": "red"}', "/back", "/restart"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(MESSAGES), max_size=12))
def test_joining_is_the_same_as_trying_every_beginning(talk: Callable[..., Any], said: list[str]) -> None:
    one = talk(DOMAIN, rules=RULES, stories=STORIES, config=AUGMENTED)
    policy = one.runtime.project.policies[0]
    assert isinstance(policy, AugmentedMemoizationPolicy)
    for text in said:
        one.turn(text)
        tracker, domain = one.tracker, one.runtime.domain
        plain = super(AugmentedMemoizationPolicy, policy).recall(tracker, domain)
        tried = plain if plain is not None else policy.recall_by_trial(tracker, domain)
        assert policy.recall(tracker, domain) == tried
