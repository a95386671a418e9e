"""Test stories: what passes, and what is said of those that do not."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.errors import ProjectError
from bot.dialogue.stories import read_stories
from bot.dialogue.story_text import story_of
from bot.dialogue.test_stories import load_test_stories, run_test_stories
from bot.dialogue.yaml_file import parse_yaml

DOMAIN = """
intents: [hi, inform, book]
entities: [color]
slots:
  color: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: color}]}
  size: {type: text, influence_conversation: false, mappings: [{type: from_text, conditions: [{active_loop: f, requested_slot: size}]}]}
forms: {f: {required_slots: [size]}}
responses: {utter_hi: [{text: hello}], utter_ask_size: [{text: size?}], utter_done: [{text: done}]}
"""
RULES = """
rules:
- {rule: hi, steps: [{intent: hi}, {action: utter_hi}]}
- {rule: book, steps: [{intent: book}, {action: f}, {active_loop: f}]}
- {rule: booked, condition: [{active_loop: f}], steps: [{action: f}, {active_loop: null}, {action: utter_done}]}
"""
PASSING = """
stories:
- story: all is well
  steps:
  - intent: hi
    entities: [{color: red}]
  - slot_was_set: [{color: red}]
  - action: utter_hi
  - user: /book
    intent: book
  - action: f
  - active_loop: f
  - user: large
    intent: inform
  - slot_was_set: [size]
  - action: f
  - active_loop: null
  - action: utter_done
"""
FAILING = """
stories:
- story: nothing is well
  steps:
  - user: "[red](color) please"
    intent: hi
  - action: utter_hi
  - slot_was_set: [{color: red}]
  - active_loop: f
"""


def run(one: Any, text: str) -> Any:
    stories = read_stories(Path("test_x.yml"), parse_yaml(text))
    return asyncio.run(run_test_stories(stories, one.runtime))


def test_a_story_that_passes(talk: Callable[..., Any]) -> None:
    report = run(talk(DOMAIN, rules=RULES), PASSING)
    assert report.passed, [str(p) for p in report.results[0].problems]
    assert report.as_dict() == {
        "stories": 1,
        "passed": 1,
        "turns": 3,
        "results": [{"story": "all is well", "file": "test_x.yml", "line": 3, "passed": True, "problems": []}],
    }


def test_every_difference_is_named_with_its_line(talk: Callable[..., Any]) -> None:
    report = run(talk(DOMAIN, rules=RULES), FAILING)
    assert not report.passed
    assert [(p.line, p.what, p.expected, p.got) for p in report.results[0].problems] == [
        (5, "intent", "hi", "inform"),
        (5, "entities", [{"entity": "color", "value": "red"}], []),
        (7, "actions", ["utter_hi"], ["action_default_fallback"]),
        (9, "active_loop", "f", None),
        (8, "slot", {"color": "red"}, {"color": None}),
    ]
    assert str(report.results[0].problems[0]) == "line 5: 'red please': intent should be 'hi', is 'inform'"


def test_files_without_stories_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "test_a.yml"
    path.write_text("version: '3.1'\n")
    with pytest.raises(ProjectError, match="has no stories"):
        load_test_stories([path])
    path.write_text(PASSING)
    assert [story.name for story in load_test_stories([path])] == ["all is well"]


def test_a_talk_written_down_is_a_story_that_passes(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    for text in ("/hi", "/book", "large"):
        one.turn(text)
    written = story_of(one.tracker)
    assert run(talk(DOMAIN, rules=RULES), written).passed
    assert "- user: large\n    intent: inform" in written
