"""The files of a test run: figures worked out by hand, and stories that can be run again."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.errors import ProjectError
from bot.dialogue.stories import read_stories
from bot.dialogue.story_text import annotated
from bot.dialogue.test_replay import replay_each
from bot.dialogue.test_reports import counted, story_report, write_reports
from bot.dialogue.test_results import Report
from bot.dialogue.test_stories import load_test_stories, run_test_stories
from bot.dialogue.yaml_file import parse_yaml
from bot.events import Event, action_executed
from bot.messages import UserMessage

DOMAIN = """
intents: [hi, bye, ask, inform]
entities: [color]
slots:
  color: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: color}]}
  size: {type: text, influence_conversation: false, mappings: [{type: from_text, conditions: [{active_loop: f, requested_slot: size}]}]}
forms: {f: {required_slots: [size]}}
responses: {utter_hi: [{text: hello}], utter_bye: [{text: bye}], utter_a: [{text: a}], utter_b: [{text: b}], utter_ask_size: [{text: size}]}
"""
RULES = """
rules:
- {rule: hi, steps: [{intent: hi}, {action: utter_hi}]}
- {rule: bye, steps: [{intent: bye}, {action: utter_bye}]}
- {rule: ask, steps: [{intent: ask}, {action: utter_a}, {action: utter_b}]}
"""
STORIES = """
stories:
- story: right
  steps:
  - {intent: hi}
  - {action: utter_hi}
- story: one too many, one too few
  steps:
  - intent: ask
  - action: utter_a
  - intent: hi
  - action: utter_hi
  - action: utter_bye
- story: "misunderstood: twice"
  steps:
  - user: a [red](color) one
    intent: bye
  - action: utter_bye
  - slot_was_set:
    - color: red
"""


class Understands:
    """Finds every text to be `inform`, with its first word as a colour."""

    def __init__(self, runtime: Any) -> None:
        self._runtime = runtime

    async def turn(self, message: UserMessage) -> Any:
        if not message.text.startswith("/"):
            parse = {
                "intent": {"name": "inform", "confidence": 0.7},
                "entities": [{"entity": "size", "value": 2, "start": 2, "end": 5}],
                "text": message.text,
            }
            message = UserMessage(message.text, message.sender_id, parse=parse)
        return await self._runtime.turn(message)

    async def append_events(self, sender_id: str, events: list[Event]) -> object:
        return await self._runtime.append_events(sender_id, events)


def stories(text: str) -> Any:
    return read_stories(Path("test_x.yml"), parse_yaml(text))


@pytest.fixture
def report(talk: Callable[..., Any]) -> Report:
    runtime = talk(DOMAIN, rules=RULES).runtime
    return asyncio.run(run_test_stories(stories(STORIES), Understands(runtime)))


def test_the_figures_of_each_action_intent_and_entity(report: Report) -> None:
    figures = story_report(report)
    # asked for twice and right twice; it never stood in another's place
    assert figures["utter_hi"] == {"precision": 1.0, "recall": 1.0, "f1-score": 1.0, "support": 2}
    # five turns end in listening; once utter_b came there, once nothing did not, once utter_bye should have come
    assert figures["action_listen"]["support"] == 4
    assert figures["action_listen"]["recall"] == 0.75
    # asked for twice: once listening came, once action_default_fallback
    assert figures["utter_bye"] == {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 2}
    assert figures["bye"]["recall"] == 0.0
    assert figures["[red](color)"]["recall"] == 0.0
    assert figures["conversation_accuracy"] == {"accuracy": 1 / 3, "correct": 1, "with_warnings": 0, "total": 3}
    assert {"accuracy", "micro avg", "macro avg", "weighted avg"} <= figures.keys()


def test_files_of_a_run(report: Report, tmp_path: Path) -> None:
    files = write_reports(report, tmp_path / "results")
    assert sorted(path.name for path in files) == [
        "entity_confusion_matrix.png",
        "entity_errors.json",
        "entity_report.json",
        "failed_test_stories.yml",
        "intent_confusion_matrix.png",
        "intent_errors.json",
        "intent_histogram.png",
        "intent_report.json",
        "intent_successes.json",
        "stories_with_warnings.yml",
        "story_confusion_matrix.png",
        "story_report.json",
        "successful_test_stories.yml",
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in files if path.suffix == ".png")
    errors = json.loads((tmp_path / "results" / "intent_errors.json").read_text())
    assert errors == [
        {"text": "a red one", "intent": "bye", "intent_prediction": {"name": "inform", "confidence": 0.7}}
    ]
    intents = json.loads((tmp_path / "results" / "intent_report.json").read_text())
    assert intents["bye"]["confused_with"] == {"inform": 1}


def test_failed_stories_are_written_as_rasa_writes_them(report: Report, tmp_path: Path) -> None:
    write_reports(report, tmp_path, pictures=False)
    failed = tmp_path / "failed_test_stories.yml"
    assert failed.read_text() == (
        'version: "3.1"\n'
        "stories:\n"
        "- story: one too many, one too few (test_x.yml)\n"
        "  steps:\n"
        "  - intent: ask\n"
        "  - action: utter_a\n"
        "  - action: action_listen  # predicted: utter_b\n"
        "  - intent: hi\n"
        "  - action: utter_hi\n"
        "  - action: utter_bye  # predicted: action_listen\n"
        "- story: 'misunderstood: twice (test_x.yml)'\n"
        "  steps:\n"
        '  - intent: bye  # predicted: inform: a [red]{"entity": "size", "value": 2} one\n'
        "    user: |-\n"
        "      a [red](color) one\n"
        "  - action: utter_bye  # predicted: action_default_fallback\n"
        "  - slot_was_set:\n"
        "    - color: red  # predicted: null\n"
    )
    assert [story.name.partition(" (")[0] for story in load_test_stories([failed])] == [
        "one too many, one too few",
        "misunderstood: twice",
    ]
    assert (tmp_path / "stories_with_warnings.yml").read_text() == "# No warnings for test stories\n"


def test_a_replay_goes_on_as_written_after_a_difference(talk: Callable[..., Any]) -> None:
    text = """
    stories:
    - story: x
      steps:
      - {intent: hi}
      - {action: utter_bye}
      - {intent: bye}
      - {action: utter_bye}
    """
    runtime = talk(DOMAIN, rules=RULES).runtime

    async def replay() -> Report:
        return Report(tuple([result async for result in replay_each(stories(text), runtime)]))

    [result] = asyncio.run(replay()).results
    assert [(p.expected, p.got) for p in result.problems] == [
        ("utter_bye", "utter_hi"),
        ("action_listen", "action_default_fallback"),
    ]


def test_unlikely_intents_are_warnings(talk: Callable[..., Any]) -> None:
    class Doubts(Understands):
        async def turn(self, message: UserMessage) -> Any:
            turn = await super().turn(message)
            place = [event.get("name") for event in turn.events].index("utter_hi")
            turn.events.insert(place, action_executed("action_unlikely_intent"))
            turn.actions.insert(0, "action_unlikely_intent")
            return turn

    one = stories("stories: [{story: right, steps: [{intent: hi}, {action: utter_hi}]}]")
    [result] = asyncio.run(run_test_stories(one, Doubts(talk(DOMAIN, rules=RULES).runtime))).results
    assert (result.passed, result.warned) == (True, True)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("[{action: utter_hi}]", "has no user step"),
        ("[{action: utter_hi}, {intent: hi}]", "begins with an action"),
        ("[{intent: hi}, {checkpoint: c}]", "uses the checkpoint 'c'"),
    ],
)
def test_stories_that_cannot_be_tested(tmp_path: Path, steps: str, said: str) -> None:
    path = tmp_path / "test_a.yml"
    path.write_text(f"stories: [{{story: s, steps: {steps}}}]")
    with pytest.raises(ProjectError, match=said):
        load_test_stories([path])


def test_each_choice_is_a_story(tmp_path: Path) -> None:
    path = tmp_path / "test_a.yml"
    path.write_text("stories: [{story: s, steps: [{or: [{intent: hi}, {intent: bye}]}, {action: utter_hi}]}]")
    assert len(load_test_stories([tmp_path])) == 2


def test_marks() -> None:
    found = [
        {"entity": "color", "start": 2, "end": 5, "value": "r"},
        {"entity": "price", "start": 0, "end": 1, "value": {"max": 3}},
        {"entity": "size", "start": 4, "end": 6, "value": "x"},
    ]
    assert annotated("a red one", found) == '[a](price) [red]{"entity": "color", "value": "r"} one'


def test_counted() -> None:
    labels, matrix = counted(["a", "a", "b"], ["a", "c", "b"])
    assert labels == ["a", "b", "c"]
    assert matrix.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]
