"""Responses that lack a language which others have: variations conditioned on the slot that holds the language."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from bot.dialogue.checks.finding import Finding, Place, warning
from bot.dialogue.checks.uses import Uses, variations
from bot.dialogue.project import Project

_LANGUAGE = re.compile(r"(^|_)(language|lang|locale)(_|$)", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]{2}")
_PLACES = re.compile(r"\{[^{}]*\}|https?://\S+")


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    responses: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    places: dict[str, Place] = {}
    for name, variation, place in variations(project):
        responses[name].append(variation)
        places.setdefault(name, place)
    spoken: Counter[tuple[str, str]] = Counter()
    for items in responses.values():
        spoken.update({pair for item in items for pair in _values(item) if _LANGUAGE.search(pair[0])})
    for name, items in responses.items():
        if not any(_has_words(item) for item in items):
            continue
        for (slot, value), count in spoken.items():
            if not any((slot, value) in _values(item) for item in items):
                message = f"response {name!r} has no variation for {slot} = {value}, which {count} others have; add it."
                yield warning("missing-translation", places[name], message)
        yield from _without_default(project, name, items, places[name])


def _without_default(project: Project, name: str, items: list[Mapping[str, Any]], place: Place) -> Iterator[Finding]:
    if not items or not all(item.get("condition") for item in items):
        return
    compared = {slot for item in items for slot, _ in _values(item)}
    if len(compared) == 1:
        slot = project.domain.slots.get(*compared)
        values = {value for item in items for _, value in _values(item)}
        if slot is not None and slot.initial_value is not None:
            if slot.type == "bool" and values >= {"true", "false"}:
                return
            if slot.type == "categorical" and values >= set(slot.values) - {"__other__"}:
                return
    message = f"response {name!r} has a condition on every variation, so it says nothing where none holds"
    yield warning("no-default", place, f"{message}; add a variation without one.")


def _values(variation: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Slot and value of each condition, in small letters as they are compared."""
    return {(str(c["name"]), str(c["value"]).casefold()) for c in variation.get("condition") or ()}


def _has_words(variation: Mapping[str, Any]) -> bool:
    """Whether there is anything to translate, beside what slots and links bring."""
    return bool(_WORDS.search(_PLACES.sub("", str(variation.get("text") or ""))))
