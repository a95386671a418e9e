"""Where rules, stories and responses name things: what other checks count as used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.dialogue.checks.finding import Place
from bot.dialogue.project import Project
from bot.dialogue.stories import ActionStep, OrStep, SlotStep, Step, Story, UserStep

_PAYLOAD = re.compile(r"^/(?P<intent>[^{@\s]+)(?:@[0-9.]+)?\s*(?P<entities>\{.*\})?\s*$", re.DOTALL)
_SAID = re.compile(r"utter_\w*")


@dataclass(frozen=True, slots=True)
class Payload:
    """What a button says for the user. `entities` is None where it cannot be read as JSON."""

    text: str
    intent: str
    entities: Mapping[str, Any] | None
    place: Place
    response: str


def steps(story: Story) -> Iterator[Step]:
    """All steps, those within `or` one by one."""
    for step in story.steps:
        yield from step.choices if isinstance(step, OrStep) else (step,)


@dataclass(frozen=True)
class Uses:
    """Names that rules, stories and mappings use; what those of responses and code may use is worked out when asked for."""

    project: Project
    intents: set[str] = field(default_factory=set)
    actions: set[str] = field(default_factory=set)
    slots: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for story in self.project.stories:
            for step in steps(story):
                self._add(step)
        for slot in self.project.domain.slots.values():
            for mapping in slot.mappings:
                self.intents.update(listed(mapping.get("intent")))

    def _add(self, step: Step) -> None:
        if isinstance(step, UserStep):
            self.intents.add(step.intent or "")
        elif isinstance(step, ActionStep):
            self.actions.add(step.name)
        elif isinstance(step, SlotStep):
            self.slots.add(step.name)

    @cached_property
    def custom_actions(self) -> frozenset[str]:
        """Actions that run code of the project: they may set any slot and say any response."""
        return frozenset(name for name in self.project.domain.custom_actions if not name.startswith("utter_"))

    @cached_property
    def asks(self) -> Mapping[tuple[str, str], str]:
        """What asks for (form, slot): the first of Rasa's four names that the domain has."""
        known = frozenset(self.project.domain.action_names)
        found: dict[tuple[str, str], str] = {}
        for name, form in self.project.domain.forms.items():
            for slot in form.required_slots:
                asks = (
                    f"action_ask_{name}_{slot}",
                    f"utter_ask_{name}_{slot}",
                    f"action_ask_{slot}",
                    f"utter_ask_{slot}",
                )
                asking = next((ask for ask in asks if ask in known), None)
                if asking is not None:
                    found[name, slot] = asking
        return found

    @cached_property
    def payloads(self) -> tuple[Payload, ...]:
        """All payloads of buttons and quick replies that name an intent."""
        return tuple(_payloads(self.project))

    @cached_property
    def said_by_code(self) -> frozenset[str] | None:
        """Names, and beginnings of names, of responses in the project's own Python files; None where there are none."""
        files = [*self.project.path.glob("actions.py"), *self.project.path.glob("actions/**/*.py")]
        if not files:
            return None
        return frozenset(name for file in files for name in _SAID.findall(file.read_text("utf-8", errors="replace")))

    def may_be_said_by_code(self, response: str) -> bool:
        if not self.custom_actions:
            return False
        if self.said_by_code is None:
            return True
        return any(response == name or (name.endswith("_") and response.startswith(name)) for name in self.said_by_code)


def listed(value: Any) -> list[str]:
    """A name or a list of names, as mappings hold them."""
    if value is None:
        return []
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else [str(value)]


def variations(project: Project) -> Iterator[tuple[str, Mapping[str, Any], Place]]:
    """Each variation of each response with the line where it stands."""
    seen: set[str] = set()
    for path, block in project.domain_files:
        for name, items in (block.get("responses") or {}).items():
            if name not in seen:
                seen.add(name)
                for item in items:
                    yield name, item, (path, getattr(item, "line", 0))


def _payloads(project: Project) -> Iterator[Payload]:
    for name, variation, place in variations(project):
        for key in ("buttons", "quick_replies"):
            for button in variation.get(key) or ():
                text = button.get("payload")
                match = _PAYLOAD.match(text) if isinstance(text, str) else None
                if match:
                    at = (place[0], getattr(button, "line", 0) or place[1])
                    yield Payload(text, match["intent"], _entities(match["entities"]), at, name)


def _entities(text: str | None) -> Mapping[str, Any] | None:
    # `{{` stands for `{` where a value of the text is filled in.
    for candidate in (text, text.replace("{{", "{").replace("}}", "}")) if text else ("{}",):
        try:
            found = json.loads(candidate or "{}")
        except ValueError:
            continue
        if isinstance(found, dict):
            return found
    return None


def all_stories(project: Project) -> Iterable[Story]:
    return (*project.stories, *project.tests)


def place_of(project: Project, key: str, name: str) -> Place:
    """Where the domain has it; the domain itself for what is written nowhere."""
    first = project.domain_files[0][0] if project.domain_files else Path("domain.yml")
    return project.domain.places.get((key, name), (first, 0))
