"""What came of test stories: step by step beside what they ask for, and each difference as a sentence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.dialogue.stories import Story, UserStep

__test__ = False  # the name is the product's, not pytest's

Entity = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """`what` is intent, entities, actions, slot, active_loop or failure; `line` is the step's own."""

    line: int
    user: str
    what: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"line {self.line}: {self.user!r}: {self.what} should be {self.expected!r}, is {self.got!r}"


@dataclass(frozen=True, slots=True)
class Understood:
    """A user step and its understanding. `at` is the step's index in the story. `wanted` and `found` are the
    entities that count, `start` and `end` in characters of `text`."""

    at: int
    text: str
    intent: str | None
    predicted: str | None
    confidence: float = 1.0
    wanted: tuple[Entity, ...] = ()
    found: tuple[Entity, ...] = ()
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Acted:
    """An action the story asks for and the one that came in its place; None where nothing came. `at` is the index of
    the step it stands in, or, for listening, which stories do not write, of the step before it (`implicit`).
    `unlikely`: action_unlikely_intent came before it, a warning."""

    at: int
    target: str
    predicted: str | None
    policy: str | None = None
    confidence: float = 0.0
    implicit: bool = False
    unlikely: bool = False

    @property
    def ok(self) -> bool:
        return self.target == self.predicted


Outcome = Understood | Acted


@dataclass(frozen=True, slots=True)
class StoryResult:
    source: Story
    turns: int
    problems: tuple[Problem, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    @property
    def story(self) -> str:
        return self.source.name

    @property
    def path(self) -> Path:
        return self.source.path

    @property
    def line(self) -> int:
        return self.source.line

    @property
    def passed(self) -> bool:
        return not self.problems

    @property
    def warned(self) -> bool:
        return self.passed and any(isinstance(o, Acted) and o.unlikely for o in self.outcomes)


@dataclass(frozen=True, slots=True)
class Report:
    results: tuple[StoryResult, ...] = field(default_factory=tuple)

    @property
    def passed(self) -> bool:
        return all(result.passed for result in self.results)

    @property
    def acted(self) -> list[Acted]:
        return [o for result in self.results for o in result.outcomes if isinstance(o, Acted)]

    @property
    def understood(self) -> list[Understood]:
        return [o for result in self.results for o in result.outcomes if isinstance(o, Understood)]

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


def spoken(user: UserStep) -> str:
    """What is sent for a user step: its text, or `/intent{entities}` where none is written."""
    if user.text is not None:
        return user.text
    entities: dict[str, Any] = {}
    for entity in user.entities:
        values = entities.setdefault(str(entity.get("entity")), [])
        values.append(entity.get("value"))
    return f"/{user.intent}" + (json.dumps(entities, ensure_ascii=False) if entities else "")


def intent_of(user: UserStep, parse: Mapping[str, Any]) -> str | None:
    """The intent to compare with the step's: with its response key where only that can tell right from wrong."""
    name = (parse.get("intent") or {}).get("name")
    if name == (user.full_intent or user.intent):
        return str(name)
    return response_key(parse, name) or (None if name is None else str(name))


def response_key(parse: Mapping[str, Any], intent: object) -> str | None:
    """`faq/ask_price` for a retrieval intent `faq` that the response selector has answered."""
    selector = parse.get("response_selector") or {}
    if intent not in (selector.get("all_retrieval_intents") or ()):
        return None
    key = ((selector.get("default") or selector.get(intent) or {}).get("response") or {}).get("intent_response_key")
    return str(key) if key else None


def same_value(wanted: Any, found: Any) -> bool:
    """Values as a story can write them: numbers are text there, and what is no text is JSON."""
    if wanted == found or str(wanted) == str(found):
        return True
    try:
        return isinstance(wanted, str) and bool(json.loads(wanted) == found)
    except ValueError:
        return False


def fits(wanted: Entity, found: Entity, text: str) -> bool:
    """Is `found` the entity that was marked? A mark without a value of its own asks only for the words it stands on."""
    if any(wanted.get(key) != found.get(key) for key in ("entity", "role", "group")):
        return False
    start, end = wanted.get("start"), wanted.get("end")
    if start is None or found.get("start") is None:
        return same_value(wanted.get("value"), found.get("value"))
    bare = wanted.get("value") == text[start:end]
    placed = (found.get("start"), found.get("end")) == (start, end)
    return placed if bare and placed else same_value(wanted.get("value"), found.get("value"))


def label(entity: Entity) -> dict[str, Any]:
    return {key: entity[key] for key in ("entity", "value", "role", "group") if entity.get(key) is not None}


def touches(entity: Entity, others: Sequence[Entity]) -> bool:
    """Does it stand on a word that one of the others stands on too?"""
    start, end = entity.get("start"), entity.get("end")
    if start is None or end is None:
        return True
    return any(o.get("start") is None or (o["start"] < end and start < o["end"]) for o in others)
