"""Stories and rules as written: their steps, before they are unrolled into training."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.dialogue.domain import RULE_SNIPPET
from bot.dialogue.errors import ProjectError
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


def read_stories(path: Path, block: Block) -> list[Story]:
    """What the `stories` and `rules` keys of a file hold."""
    found: list[Story] = []
    for key, title in (("stories", "story"), ("rules", "rule")):
        items = block.get(key)
        if items is None:
            continue
        line = block.lines[key]
        if not isinstance(items, list):
            raise ProjectError(f"{key} is {items!r:.60}; it must be a list.", path, line)
        for item, at in zip(items, getattr(items, "lines", [line] * len(items)), strict=True):
            if not isinstance(item, Block) or title not in item:
                warnings.warn(f"{path}:{at}: an item of {key} without {title!r} is skipped.", stacklevel=2)
            elif not item.get("steps"):
                warnings.warn(f"{path}:{at}: {title} {item.get(title)!r} has no steps and is skipped.", stacklevel=2)
            else:
                found.append(_read_story(path, at, item, title))
    return found


def _read_story(path: Path, line: int, item: Block, title: str) -> Story:
    is_rule = title == "rule"
    steps: list[Step] = []
    if is_rule:
        steps += _read_steps(path, line, item.get("condition") or [])
        if not item.get("conversation_start"):
            steps.append(ActionStep(RULE_SNIPPET, line))
    steps += _read_steps(path, line, item["steps"])
    if is_rule and item.get("wait_for_user_input") is False:
        steps.append(ActionStep(RULE_SNIPPET, line))
    if is_rule and any(isinstance(step, CheckpointStep) for step in steps):
        raise ProjectError(f"rule {item[title]!r} uses a checkpoint; only stories may.", path, line)
    return Story(str(item.get(title) or ""), tuple(steps), is_rule, path, line)


def _read_steps(path: Path, line: int, items: Any) -> list[Step]:
    if not isinstance(items, list):
        raise ProjectError(f"steps are {items!r:.60}; they must be a list.", path, line)
    steps: list[Step] = []
    for item, at in zip(items, getattr(items, "lines", [line] * len(items)), strict=True):
        if not isinstance(item, Block):
            raise ProjectError(f"the step {item!r:.60} must be a mapping such as `intent: greet`.", path, at)
        steps += _read_step(path, at, item)
    return steps


def _read_step(path: Path, line: int, item: Block) -> list[Step]:
    if "intent" in item or "user" in item:
        return [_read_user(path, line, item)]
    if "or" in item:
        return [_read_or(path, line, item["or"])]
    if "action" in item:
        if not isinstance(item["action"], str) or not item["action"]:
            raise ProjectError(f"the action is {item['action']!r}; name it.", path, line)
        return [ActionStep(item["action"], line)]
    if "bot" in item:
        return [BotStep(str(item["bot"] or ""), line)]
    if "checkpoint" in item:
        conditions = tuple((step.name, step.value) for step in _read_slots(path, line, item.get("slot_was_set") or []))
        return [CheckpointStep(str(item["checkpoint"]), conditions, line)]
    if "slot_was_set" in item:
        return list(_read_slots(path, line, item["slot_was_set"]))
    if "active_loop" in item:
        name = item["active_loop"]
        return [LoopStep(None if name is None else str(name), line)]
    if "metadata" not in item:
        raise ProjectError(
            f"the step {dict(item)!r:.60} is none of intent, user, action, bot, or, checkpoint, slot_was_set, active_loop.",
            path,
            line,
        )
    return []


def _read_user(path: Path, line: int, item: Block) -> UserStep:
    raw = item.get("intent")
    if raw is not None and not isinstance(raw, str):
        raise ProjectError(f"the intent is {raw!r}; name it.", path, line)
    full = (raw or "").strip().removeprefix("/")
    intent, _, response = full.partition("/")
    if not intent and "user" not in item:
        raise ProjectError("the intent is empty; name it.", path, line)
    if "user" in item:
        if not isinstance(item["user"], str):
            raise ProjectError(f"user is {item['user']!r}; write what the user says.", path, line)
        text = item["user"].strip()
        entities: list[dict[str, Any]] = []
        if not text.startswith("/"):  # a message that names its intent brings its entities along
            text, entities = parse_entities(text)
        return UserStep(intent if "intent" in item else None, tuple(entities), text, full if response else None, line)
    return UserStep(
        intent,
        tuple(_read_entity(entity) for entity in item.get("entities") or []),
        None,
        full if response else None,
        line,
    )


def _read_entity(entity: Any) -> dict[str, Any]:
    if not isinstance(entity, Block):
        return {"entity": entity, "value": ""}
    read: dict[str, Any] = {}
    for key, value in entity.items():
        if key in ("role", "group"):
            read[key] = value
        else:
            read |= {"entity": key, "value": plain(value)}
    return {key: value for key, value in read.items() if value is not None}


def _read_or(path: Path, line: int, items: Any) -> OrStep:
    choices: list[UserStep | SlotStep] = []
    for item, at in zip(items or [], getattr(items, "lines", None) or [line] * len(items or []), strict=True):
        if isinstance(item, Block) and ("intent" in item or "user" in item):
            choices.append(_read_user(path, at, item))
        elif isinstance(item, Block) and "slot_was_set" in item:
            choices += _read_slots(path, at, item["slot_was_set"])
        else:
            raise ProjectError("or may hold only intents or slot_was_set.", path, at)
    if not choices:
        raise ProjectError("or is empty; give it at least one intent or slot_was_set.", path, line)
    return OrStep(tuple(choices), line)


def _read_slots(path: Path, line: int, items: Any) -> list[SlotStep]:
    if not isinstance(items, list):
        raise ProjectError(f"slot_was_set is {items!r:.60}; it must be a list such as `- name: value`.", path, line)
    steps: list[SlotStep] = []
    for item in items:
        if isinstance(item, Block):
            steps += [SlotStep(name, plain(value), False, line) for name, value in item.items()]
        elif isinstance(item, str):
            steps.append(SlotStep(item, None, True, line))
        else:
            raise ProjectError(f"slot_was_set has {item!r:.60}; write `- name: value` or `- name`.", path, line)
    return steps
