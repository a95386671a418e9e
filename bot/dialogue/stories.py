"""Stories and rules as written: their steps, before they are unrolled into training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.dialogue.domain import RULE_SNIPPET
from bot.dialogue.entry import Entry, short
from bot.dialogue.errors import ProjectError, warn
from bot.dialogue.nlu_data import parse_entities
from bot.dialogue.yaml_file import Block, plain


@dataclass(frozen=True, slots=True)
class UserStep:
    intent: str | None
    entities: tuple[dict[str, Any], ...] = ()
    text: str | None = None
    full_intent: str | None = None  # with the response key, where a test story names one
    line: int = 0


@dataclass(frozen=True, slots=True)
class ActionStep:
    name: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class BotStep:
    text: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class SlotStep:
    """`bare`: only the name was written, the value is the one for a filled slot of its type."""

    name: str
    value: Any = None
    bare: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class LoopStep:
    name: str | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class CheckpointStep:
    name: str
    conditions: tuple[tuple[str, Any], ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class OrStep:
    choices: tuple[UserStep | SlotStep, ...]
    line: int = 0


Step = UserStep | ActionStep | BotStep | SlotStep | LoopStep | CheckpointStep | OrStep


@dataclass(frozen=True, slots=True)
class Story:
    name: str
    steps: tuple[Step, ...]
    is_rule: bool = False
    path: Path = field(default_factory=lambda: Path("<text>"))
    line: int = 0


_USER = ("intent", "user", "entities")
# A step is told by the first of these keys that it has; the others are what it may have beside it.
_STEPS = {
    "intent": _USER,
    "user": _USER,
    "or": ("or",),
    "action": ("action",),
    "bot": ("bot",),
    "checkpoint": ("checkpoint", "slot_was_set"),
    "slot_was_set": ("slot_was_set",),
    "active_loop": ("active_loop",),
}
_TITLES = {"stories": "story", "rules": "rule"}


def read_stories(path: Path, block: Block) -> list[Story]:
    """What the `stories` and `rules` keys of a file hold."""
    found: list[Story] = []
    for key, title in _TITLES.items():
        items = block.get(key)
        if items is None:
            continue
        line = block.lines[key]
        if not isinstance(items, list):
            raise ProjectError(f"{key} is {short(items)}; it must be a list.", path, line)
        for item, at in zip(items, getattr(items, "lines", [line] * len(items)), strict=True):
            entry = Entry(f"an item of {key}", item, path, at, f"write `- {title}: name` and `steps:`")
            if title not in entry.data:
                wrong = next(
                    (f"; a {name} belongs under `{k}:`" for k, name in _TITLES.items() if name in entry.data), ""
                )
                raise ProjectError(f"an item of {key} has no {title!r}{wrong or '; name it'}.", path, at)
            name = entry.text(title)
            entry.what = f"{title} {name!r}"
            if not name:
                warn(f"a {title} has no name; give it one.", path, at)
            if not entry.data.get("steps"):
                warn(f"{title} {name!r} has no steps and is skipped.", path, at)
            else:
                found.append(_read_rule(entry) if title == "rule" else _read_story(entry))
    return found


def _read_story(entry: Entry) -> Story:
    entry.only(("story", "steps", "metadata"))
    return Story(entry.text("story") or "", tuple(_read_steps(entry, "steps")), False, Path(entry.path), entry.line)


def _read_rule(entry: Entry) -> Story:
    entry.only(("rule", "steps", "condition", "conversation_start", "wait_for_user_input", "metadata"))
    conditions = _read_steps(entry, "condition")
    if not all(isinstance(step, LoopStep | SlotStep) for step in conditions):
        raise entry.error("condition", "it may hold only active_loop and slot_was_set")
    # A rule begins anywhere (`...`) unless it says otherwise, and with `...` at its end it does not wait.
    start = [] if entry.flag("conversation_start", False) else [ActionStep(RULE_SNIPPET, entry.line)]
    end = [] if entry.flag("wait_for_user_input", True) else [ActionStep(RULE_SNIPPET, entry.line)]
    steps = _read_steps(entry, "steps")
    if any(isinstance(step, CheckpointStep) for step in steps):
        raise ProjectError(f"{entry.what} uses a checkpoint; only stories may.", entry.path, entry.line)
    return Story(entry.text("rule") or "", (*conditions, *start, *steps, *end), True, Path(entry.path), entry.line)


def _read_steps(entry: Entry, key: str) -> list[Step]:
    items = entry.items(key)
    steps: list[Step] = []
    for item, at in zip(items, getattr(items, "lines", [entry.line_of(key)] * len(items)), strict=True):
        steps += _read_step(Entry(f"{entry.what}: a step", item, entry.path, at, "write e.g. `- intent: greet`"))
    return steps


def _read_step(entry: Entry) -> list[Step]:
    line = entry.line
    kind = next((key for key in _STEPS if key in entry.data), None)
    if kind is None:
        if "metadata" in entry.data:
            return []
        entry.only(_STEPS)
        raise ProjectError(f"{entry.what} is empty; use one of {', '.join(_STEPS)}.", entry.path, line)
    entry.only((*_STEPS[kind], "metadata"))
    if kind in ("intent", "user"):
        return [_read_user(entry)]
    if kind == "or":
        return [_read_or(entry)]
    if kind == "slot_was_set":
        return list(_read_slots(entry))
    name = entry.text(kind)
    if kind == "active_loop":
        return [LoopStep(name, line)]
    if kind == "bot":
        return [BotStep(name or "", line)]
    if not name:
        raise entry.error(kind, "name it")
    if kind == "action":
        return [ActionStep(name, line)]
    conditions = tuple((step.name, step.value) for step in _read_slots(entry)) if "slot_was_set" in entry else ()
    return [CheckpointStep(name, conditions, line)]


def _read_user(entry: Entry) -> UserStep:
    full = (entry.text("intent") or "").strip().removeprefix("/")
    intent, _, response = full.partition("/")
    if "user" not in entry.data:
        if not intent:
            raise entry.error("intent", "name it")
        return UserStep(intent, tuple(_read_entities(entry)), None, full if response else None, entry.line)
    text = entry.text("user")
    if text is None:
        raise entry.error("user", "write what the user says")
    text = text.strip()
    entities: list[dict[str, Any]] = []
    if not text.startswith("/"):  # a message that names its intent brings its entities along
        try:
            text, entities = parse_entities(text)
        except ValueError as err:
            raise ProjectError(f"{entry.what}: {err}", entry.path, entry.line) from err
    return UserStep(
        intent if "intent" in entry.data else None, tuple(entities), text, full if response else None, entry.line
    )


def _read_entities(entry: Entry) -> Iterator[dict[str, Any]]:
    for item in entry.items("entities"):
        if isinstance(item, str):
            yield {"entity": item, "value": ""}
            continue
        one = Entry(
            f"{entry.what}: an entity", item, entry.path, entry.line_of("entities"), "write `- name` or `- name: value`"
        )
        names = [key for key in one.data if key not in ("role", "group")]
        if not names:
            raise ProjectError(f"{one.what} has no name; write `- name` or `- name: value`.", one.path, one.line)
        if len(names) > 1:
            message = (
                f"{one.what} has the names {', '.join(names)}, of which only the last counts; begin each with a '-'."
            )
            warn(message, one.path, one.line)
        read = {"entity": names[-1], "value": plain(one.data[names[-1]])}
        read |= {key: one.text(key) for key in ("role", "group")}
        yield {key: value for key, value in read.items() if value is not None}


def _read_or(entry: Entry) -> OrStep:
    choices: list[UserStep | SlotStep] = []
    for item in entry.items("or"):
        one = Entry(f"{entry.what}: a choice of or", item, entry.path, entry.line_of("or"), "write `- intent: name`")
        if "intent" in one.data or "user" in one.data:
            one.only(_USER)
            choices.append(_read_user(one))
        elif "slot_was_set" in one.data:
            one.only(("slot_was_set",))
            choices += _read_slots(one)
        else:
            raise ProjectError("or may hold only intents or slot_was_set.", one.path, one.line)
    if not choices:
        raise ProjectError("or is empty; give it at least one intent or slot_was_set.", entry.path, entry.line)
    return OrStep(tuple(choices), entry.line)


def _read_slots(entry: Entry) -> list[SlotStep]:
    remedy = "it must be a list such as `- name: value`"
    items = entry.data["slot_was_set"]
    if not isinstance(items, list):
        raise entry.error("slot_was_set", remedy)
    steps: list[SlotStep] = []
    for item in items:
        if isinstance(item, Block):
            steps += [SlotStep(name, plain(value), False, item.lines[name]) for name, value in item.items()]
        elif isinstance(item, str):
            steps.append(SlotStep(item, None, True, entry.line))
        else:
            raise entry.error("slot_was_set", remedy)
    return steps
