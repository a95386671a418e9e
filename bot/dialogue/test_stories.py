"""Runs a project's test stories against a runtime and reports, line by line, what came otherwise."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bot.dialogue.errors import ProjectError
from bot.dialogue.stories import ActionStep, BotStep, LoopStep, SlotStep, Step, Story, UserStep, read_stories
from bot.dialogue.turn import Turn
from bot.dialogue.yaml_file import read_yaml
from bot.messages import UserMessage

__test__ = False  # the name is the product's, not pytest's


class TakesTurns(Protocol):
    async def turn(self, message: UserMessage) -> Turn: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """`what` is intent, entities, actions, slot, active_loop or failure."""

    line: int
    user: str
    what: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"line {self.line}: {self.user!r}: {self.what} should be {self.expected!r}, is {self.got!r}"


@dataclass(frozen=True, slots=True)
class StoryResult:
    story: str
    path: Path
    line: int
    turns: int
    problems: tuple[Problem, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.problems


@dataclass(frozen=True, slots=True)
class Report:
    results: tuple[StoryResult, ...] = field(default_factory=tuple)

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready: counts, and every story with its problems."""
        return {
            "stories": len(self.results),
            "passed": sum(result.passed for result in self.results),
            "turns": sum(result.turns for result in self.results),
            "results": [
                {
                    "story": result.story,
                    "file": str(result.path),
                    "line": result.line,
                    "passed": result.passed,
                    "problems": [
                        {"line": p.line, "user": p.user, "what": p.what, "expected": p.expected, "got": p.got}
                        for p in result.problems
                    ],
                }
                for result in self.results
            ],
        }


def load_test_stories(paths: Iterable[Path]) -> list[Story]:
    """The stories of test files. Raises ProjectError for a file without any."""
    stories: list[Story] = []
    for path in paths:
        found = read_stories(path, read_yaml(path))
        if not found:
            raise ProjectError("has no stories; add them under `stories:`.", path)
        stories += found
    return stories


async def run_test_stories(stories: Iterable[Story], runtime: TakesTurns) -> Report:
    """Each story is a conversation of its own. A user step without text is sent as `/intent{entities}`.

    What a turn must give: the intent, the entities that are marked, exactly the actions, and at its end the slots
    (a bare name: any value) and the active loop that the story mentions.
    """
    return Report(tuple([await _run(story, runtime) for story in stories]))


async def _run(story: Story, runtime: TakesTurns) -> StoryResult:
    sender_id = f"test-{uuid.uuid4().hex}"
    problems: list[Problem] = []
    turns = 0
    for user, expected in _turns(story.steps):
        turn = await runtime.turn(UserMessage(_text(user), sender_id, channel="test"))
        problems += _compare(user, expected, turn)
        turns += 1
    return StoryResult(story.name, story.path, story.line, turns, tuple(problems))


def _turns(steps: Sequence[Step]) -> list[tuple[UserStep, list[Step]]]:
    turns: list[tuple[UserStep, list[Step]]] = []
    for step in steps:
        if isinstance(step, UserStep):
            turns.append((step, []))
        elif turns:
            turns[-1][1].append(step)
    return turns


def _text(user: UserStep) -> str:
    if user.text is not None:
        return user.text
    entities: dict[str, Any] = {}
    for entity in user.entities:
        entities.setdefault(str(entity.get("entity")), []).append(entity.get("value"))
    return f"/{user.intent}" + (json.dumps(entities, ensure_ascii=False) if entities else "")


def _compare(user: UserStep, expected: Sequence[Step], turn: Turn) -> list[Problem]:
    said = _text(user)
    problems = [Problem(user.line, said, "failure", None, failure) for failure in turn.failures]
    if user.intent and not said.startswith("/"):
        problems += _compare_understanding(user, said, turn.parse)
    actions = [step for step in expected if isinstance(step, ActionStep | BotStep)]
    wanted = [step.name if isinstance(step, ActionStep) else step.text for step in actions]
    if wanted != turn.actions:
        line = actions[0].line if actions else user.line
        problems.append(Problem(line, said, "actions", wanted, turn.actions))
    loops = [step for step in expected if isinstance(step, LoopStep)]
    if loops and loops[-1].name != turn.active_loop:
        problems.append(Problem(loops[-1].line, said, "active_loop", loops[-1].name, turn.active_loop))
    slots = {step.name: step for step in expected if isinstance(step, SlotStep)}
    for name, step in slots.items():
        got = turn.slots.get(name)
        if (got is None) if step.bare else (got != step.value):
            shown = {name: "any value" if step.bare else step.value}
            problems.append(Problem(step.line, said, "slot", shown, {name: got}))
    return problems


def _compare_understanding(user: UserStep, said: str, parse: Mapping[str, Any]) -> list[Problem]:
    problems: list[Problem] = []
    intent = (parse.get("intent") or {}).get("name")
    if intent != user.intent:
        problems.append(Problem(user.line, said, "intent", user.intent, intent))
    found = [_label(entity) for entity in parse.get("entities") or []]
    missing = [_label(entity) for entity in user.entities if _label(entity) not in found]
    if missing:
        problems.append(Problem(user.line, said, "entities", missing, found))
    return problems


def _label(entity: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entity[key] for key in ("entity", "value", "role", "group") if entity.get(key) is not None}
