"""Slot extraction: what a user turn fills, by the mappings of the domain."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from bot.calls import ActionRejectedError
from bot.dialogue.domain import VALIDATE_SLOT_MAPPINGS, Domain
from bot.dialogue.errors import ActionFailedError
from bot.dialogue.slots import DEFAULT_SLOTS, REQUESTED_SLOT, Slot
from bot.dialogue.tracker import View
from bot.events import Event, slot_set

log = logging.getLogger(__name__)

Mapped = Mapping[str, Any]


class Runs(Protocol):
    async def run(self, name: str, view: View) -> list[Event]: ...


async def extract_slots(view: View, domain: Domain, custom: Runs) -> list[Event]:
    """Slot events (and messages of custom actions) of the latest user message.

    For each slot the first mapping that yields a value wins. A custom action runs once, whatever asks for it.
    """
    events: list[Event] = []
    asked: set[str] = set()
    for slot in domain.slots.values():
        if slot.name in DEFAULT_SLOTS:
            continue
        for mapping in slot.mappings:
            if not _may_fill(slot, mapping, view, domain):
                continue
            values = _values(mapping, view)
            if values:
                value = values if slot.type == "list" else values[-1]
                if value is not None or view.slots.get(slot.name) is not None:
                    events.append(slot_set(slot.name, value))
                    break
            action = mapping.get("action") if mapping["type"] == "custom" else None
            if action and action not in asked:
                asked.add(action)
                events += await _run_custom(action, view, custom)
    return await _validated(events, view, domain, custom)


async def _validated(events: list[Event], view: View, domain: Domain, custom: Runs) -> list[Event]:
    filled = [event for event in events if event["event"] == "slot"]
    if VALIDATE_SLOT_MAPPINGS not in domain.user_actions:
        # Rasa passes on only the slots, so messages of custom actions are dropped here as there.
        return filled
    checked = await _run_custom(VALIDATE_SLOT_MAPPINGS, view.branch(filled, since_restart=True), custom)
    settled = {event["name"] for event in checked if event["event"] == "slot"}
    return [*checked, *(event for event in filled if event["name"] not in settled)]


async def _run_custom(action: str, view: View, custom: Runs) -> list[Event]:
    try:
        events = await custom.run(action, view)
    except (ActionFailedError, ActionRejectedError) as err:
        log.warning("slots of action %r stay as they are: %s", action, err)
        return []
    return [event for event in events if event["event"] in ("slot", "bot")]


def _may_fill(slot: Slot, mapping: Mapped, view: View, domain: Domain) -> bool:
    return (
        _is_known(mapping, domain)
        and _intent_fits(mapping, view, domain)
        and (mapping["type"] == "from_trigger_intent" or _conditions_hold(slot, mapping, view))
        and not _is_ambiguous(slot, mapping, view, domain)
    )


def _is_known(mapping: Mapped, domain: Domain) -> bool:
    if mapping["type"] == "from_entity":
        return mapping.get("entity") in domain.entities
    if mapping["type"] == "from_intent":
        return all(intent in domain.intents for intent in _list(mapping.get("intent")) if intent)
    return True


def _intent_fits(mapping: Mapped, view: View, domain: Domain) -> bool:
    wanted, unwanted = _list(mapping.get("intent")), _list(mapping.get("not_intent"))
    intent = view.message.intent if view.message is not None else None
    if wanted:
        return intent in wanted
    loop = view.loop_name
    if loop:
        conditions = mapping.get("conditions")
        if not conditions or any(condition.get("active_loop") == loop for condition in conditions):
            form = domain.forms.get(loop)
            unwanted = [*unwanted, *(form.ignored_intents if form is not None else ())]
    return intent not in unwanted


def _conditions_hold(slot: Slot, mapping: Mapped, view: View) -> bool:
    conditions = mapping.get("conditions")
    if not conditions:
        return True
    requested, loop = view.slots.get(REQUESTED_SLOT), view.moment.loop
    if loop is not None and loop.rejected and requested == slot.name:
        return False
    for condition in conditions:
        wanted = condition.get("active_loop")
        if wanted is None and view.loop_name is None:
            return True
        if wanted and wanted == view.loop_name and condition.get(REQUESTED_SLOT) in (None, "", requested):
            return True
    return False


def _is_ambiguous(slot: Slot, mapping: Mapped, view: View, domain: Domain) -> bool:
    """In a form, an entity that could fill several of its slots fills only the one that is asked for."""
    form = domain.forms.get(view.loop_name or "")
    if mapping["type"] != "from_entity" or form is None or view.slots.get(REQUESTED_SLOT) == slot.name:
        return False
    if slot.name not in form.required_slots:
        return False
    same = json.dumps(mapping, sort_keys=True)
    slots = [domain.slots[name] for name in form.required_slots if name in domain.slots]
    mappings = [m for other in slots for m in other.mappings if m["type"] == "from_entity"]
    return sum(json.dumps(m, sort_keys=True) == same for m in mappings) > 1


def _values(mapping: Mapped, view: View) -> list[Any]:
    message = view.message
    kind = mapping["type"]
    if kind == "from_entity":
        role, group = mapping.get("role"), mapping.get("group")
        return message.values(mapping.get("entity"), role, group) if message is not None else []
    if kind == "from_intent":
        return [mapping.get("value")]
    if kind == "from_text":
        return [message.text if message is not None else None]
    if kind == "from_trigger_intent" and view.loop_name is not None:
        loops = [condition.get("active_loop") for condition in mapping.get("conditions") or []]
        return [mapping.get("value")] if not loops or view.loop_name in loops else []
    return []


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
