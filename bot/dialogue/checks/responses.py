"""Responses: never said, with places that nothing fills, with buttons that say what nobody understands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.dialogue.checks.finding import Finding, Place, instead, warning
from bot.dialogue.checks.uses import Uses, place_of, variations
from bot.dialogue.domain import VALIDATE_SLOT_MAPPINGS
from bot.dialogue.project import Project

# Said by default actions, where the project has them.
_BY_DEFAULT = frozenset(("utter_restart", "utter_default", "utter_back", "utter_ask_rephrase"))
_PLACE = re.compile(r"\{([A-Za-z_][^\n{}\"':,]*)\}")
_FILLED = ("text", "image", "custom", "attachment")


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    said = frozenset((*uses.actions, *uses.asks.values(), *_BY_DEFAULT))
    yield from _never_said(project, uses, said)
    yield from _unfilled(project, uses, said)
    yield from _conditions(project)
    yield from _buttons(project, uses)
    yield from _listed(project)


def _never_said(project: Project, uses: Uses, said: frozenset[str]) -> Iterator[Finding]:
    for name in project.domain.responses:
        if name in said or name.startswith("utter_ask_") or "/" in name or uses.may_be_said_by_code(name):
            continue
        message = f"response {name!r} is said by no rule, story, form or action; use it, or remove it."
        yield warning("unused-response", place_of(project, "responses", name), message)


def _unfilled(project: Project, uses: Uses, said: frozenset[str]) -> Iterator[Finding]:
    for name, variation, place in variations(project):
        if uses.custom_actions and name not in said:
            continue  # an action may bring values along
        for text in _texts([variation.get(key) for key in _FILLED]):
            for variable in _PLACE.findall(text.replace("{{", "").replace("}}", "")):
                head = variable.partition(".")[0].strip()
                if head not in project.domain.slots:
                    message = f"response {name!r} has {{{variable}}}, which is no slot, so it is said as it stands"
                    yield warning("unknown-variable", place, f"{message}; {instead(head, project.domain.slots)}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts(list(value.values()))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _conditions(project: Project) -> Iterator[Finding]:
    for name, variation, place in variations(project):
        for condition in variation.get("condition") or ():
            slot = project.domain.slots.get(condition["name"])
            if slot is None:
                remedy = instead(condition["name"], project.domain.slots)
                message = f"response {name!r} has a condition on {condition['name']!r}, no slot of the domain; {remedy}"
                yield warning("unknown-slot", place, message)


def _buttons(project: Project, uses: Uses) -> Iterator[Finding]:
    domain = project.domain
    for payload in uses.payloads:
        where: tuple[str, Place] = (f"response {payload.response!r}: the payload {payload.text!r}", payload.place)
        if payload.intent not in domain.intents:
            if "{" not in payload.intent:
                message = f"{where[0]} names {payload.intent!r}, no intent of the domain"
                yield warning("unknown-intent", where[1], f"{message}; {instead(payload.intent, domain.intents)}")
            continue
        if payload.entities is None:
            message = f'{where[0]} does not end in JSON; write /{payload.intent}{{"entity": "value"}}.'
            yield warning("broken-payload", where[1], message)
        for name in payload.entities or ():
            if name not in domain.entities:
                message = f"{where[0]} names {name!r}, no entity of the domain, so its value is dropped"
                yield warning("unknown-entity", where[1], f"{message}; {instead(name, domain.entities)}")


def _listed(project: Project) -> Iterator[Finding]:
    domain = project.domain
    for name in domain.custom_actions:
        if name.startswith("utter_") and name not in domain.responses and not domain.is_retrieval(name):
            message = f"action {name!r} has no response, so it says nothing; add it under `responses:`."
            yield warning("no-response", place_of(project, "actions", name), message)
    needed = [
        name for name in domain.custom_actions if not name.startswith("utter_") and name != VALIDATE_SLOT_MAPPINGS
    ]
    if needed and not project.endpoints.get("action_endpoint"):
        message = f"has no action_endpoint, but the domain has custom actions ({needed[0]!r}); name their server's url."
        yield warning("no-action-server", (project.path / "endpoints.yml", 0), message)
