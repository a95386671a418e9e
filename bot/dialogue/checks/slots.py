"""Slots: mappings that cannot work or take too much, and slots that nothing fills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.dialogue.checks.entities import labels
from bot.dialogue.checks.finding import Finding, Place, error, instead, warning
from bot.dialogue.checks.uses import Uses, listed, place_of
from bot.dialogue.project import Project
from bot.dialogue.slots import DEFAULT_SLOTS, Slot

Mapped = Mapping[str, Any]


def find(uses: Uses) -> Iterator[Finding]:
    project = uses.project
    for slot in project.domain.slots.values():
        if slot.name in DEFAULT_SLOTS:
            continue
        place = place_of(project, "slots", slot.name)
        for mapping in slot.mappings:
            yield from _mapping(project, slot, mapping, place)
            yield from _conditions(project, slot, mapping, place)
        yield from _never_filled(project, uses, slot, place)


def _mapping(project: Project, slot: Slot, mapping: Mapped, place: Place) -> Iterator[Finding]:
    domain, kind, where = project.domain, mapping["type"], f"slot {slot.name!r}"
    if kind == "from_entity":
        entity = mapping["entity"]
        if entity not in domain.entities:
            remedy = instead(entity, domain.entities)
            yield error(
                "unknown-entity", place, f"{where} is filled from {entity!r}, no entity of the domain; {remedy}"
            )
        for key in ("role", "group"):
            if mapping.get(key) and entity in domain.entities and mapping[key] not in labels(project, entity):
                message = f"{where} is filled from the {key} {mapping[key]!r}, which entity {entity!r} does not have"
                yield warning("unknown-role", place, f"{message}; add it to its {key}s.")
    for intent in listed(mapping.get("intent")):
        if intent not in domain.intents:
            remedy = instead(intent, domain.intents)
            yield error("unknown-intent", place, f"{where} waits for {intent!r}, no intent of the domain; {remedy}")
    for intent in listed(mapping.get("not_intent")):
        if intent not in domain.intents:
            remedy = instead(intent, domain.intents)
            yield warning("unknown-intent", place, f"{where} excludes {intent!r}, no intent of the domain; {remedy}")
    if kind == "from_text" and not mapping.get("conditions") and not mapping.get("intent"):
        message = f"{where} is filled from_text without conditions, so every message of the user overwrites it"
        yield warning("swallows-everything", place, f"{message}; add `conditions: [{{active_loop: …}}]`.")
    action = mapping.get("action")
    if kind == "custom" and action and action not in domain.user_actions:
        yield error("unknown-action", place, f"{where} is filled by {action!r}, no action of the domain; add it there.")


def _conditions(project: Project, slot: Slot, mapping: Mapped, place: Place) -> Iterator[Finding]:
    where = f"slot {slot.name!r}"
    for condition in mapping.get("conditions") or ():
        loop, requested = condition.get("active_loop"), condition.get("requested_slot")
        if not loop:
            continue
        if loop not in project.domain.forms:
            remedy = instead(loop, project.domain.forms)
            yield error("unknown-loop", place, f"{where} has a condition on {loop!r}, no form of the domain; {remedy}")
            continue
        required = project.domain.forms[loop].required_slots
        if f"validate_{loop}" in project.domain.user_actions or not required:
            continue  # which slots it asks for is decided at run time
        if requested and requested not in required:
            message = f"{where} waits for form {loop!r} to ask for {requested!r}, which it never does"
            yield warning(
                "never-requested", place, f"{message}; add it to its required_slots, or correct the condition."
            )
        elif not requested and slot.name not in required and mapping["type"] != "from_trigger_intent":
            message = f"{where} is filled in form {loop!r} but is none of its required_slots"
            yield warning("not-required", place, f"{message}; add it there, or drop the condition.")


def _never_filled(project: Project, uses: Uses, slot: Slot, place: Place) -> Iterator[Finding]:
    if slot.initial_value is not None or slot.name in uses.slots:
        return
    if any(_can_fire(project, uses, mapping) for mapping in slot.mappings):
        return
    by_code = uses.custom_actions and all(mapping["type"] == "custom" for mapping in slot.mappings)
    if not by_code:
        yield warning(
            "never-filled", place, f"nothing fills slot {slot.name!r}; give it a mapping that works, or remove it."
        )


def _can_fire(project: Project, uses: Uses, mapping: Mapped) -> bool:
    domain = project.domain
    intents = listed(mapping.get("intent"))
    if intents and not any(intent in domain.intents for intent in intents):
        return False
    loops = [condition.get("active_loop") for condition in mapping.get("conditions") or ()]
    if loops and not any(loop is None or loop in domain.forms for loop in loops):
        return False
    if mapping["type"] == "from_entity":
        return mapping["entity"] in domain.entities
    if mapping["type"] == "from_trigger_intent":
        return bool(domain.forms)
    return mapping["type"] != "custom" or bool(uses.custom_actions)
