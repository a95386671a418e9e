"""Reads one slot of a domain file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.dialogue.entry import Entry
from bot.dialogue.errors import ProjectError, warn
from bot.dialogue.slots import OTHER, SLOT_TYPES, Slot
from bot.dialogue.yaml_file import plain

_KEYS = ("type", "initial_value", "influence_conversation", "mappings", "min_value", "max_value", "values")
_MAPPING_KEYS = ("type", "entity", "role", "group", "intent", "not_intent", "value", "action", "conditions")
_NEEDS = {
    "from_entity": "entity",
    "from_intent": "value",
    "from_trigger_intent": "value",
    "from_text": None,
    "custom": None,
}


def read_slot(name: str, path: Path, line: int, data: Any) -> Slot:
    """Raises ProjectError for what Rasa could not run."""
    entry = Entry(f"slot {name!r}", data, path, line, "give it a type and mappings")
    entry.line = line
    kind = _kind(entry)
    if kind in SLOT_TYPES:
        entry.only(_KEYS)
    else:
        warn(f"slot {name!r} of type {kind!r} is kept without influence ('any').", path, line)
    influences = entry.flag("influence_conversation", kind != "any")
    if kind == "any" and influences:
        raise ProjectError(
            f"slot {name!r} of type any cannot influence the conversation; choose another type.", path, line
        )
    low, high = entry.number("min_value", 0.0), entry.number("max_value", 1.0)
    if kind == "float" and not low < high:
        raise ProjectError(f"slot {name!r} has min_value {low!r} not below max_value {high!r}.", path, line)
    return Slot(
        name=name,
        type=kind if kind in SLOT_TYPES else "any",
        mappings=_mappings(entry),
        initial_value=plain(entry.data.get("initial_value")),
        influences=influences,
        minimum=low,
        maximum=high,
        values=_values(entry, kind),
        line=line,
    )


def _kind(entry: Entry) -> str:
    kind = entry.data.get("type")
    known = ", ".join(sorted(SLOT_TYPES))
    if kind is None:
        raise ProjectError(f"{entry.what} has no type; use one of {known}.", entry.path, entry.line)
    if not isinstance(kind, str) or (kind not in SLOT_TYPES and "." not in kind):
        remedy = "; write `type: any`" if kind == "unfeaturized" else f"; use one of {known}"
        raise ProjectError(f"{entry.what} has the unknown type {kind!r}{remedy}.", entry.path, entry.line)
    return kind


def _values(entry: Entry, kind: str) -> tuple[str, ...]:
    listed = entry.items("values")
    for value in listed:
        if isinstance(value, list | dict):
            raise entry.error("values", "each must be a text, a number, true or false")
    values = tuple(str(value).lower() for value in listed if value is not None)
    if kind != "categorical":
        return values
    if not values:
        warn(f"{entry.what} is categorical but lists no values; add `values:`.", entry.path, entry.line)
    elif len(set(values)) < len(values):
        warn(f"{entry.what} lists a value twice (case does not count); keep one.", entry.path, entry.line_of("values"))
    return values if OTHER in values else (*values, OTHER)


def _mappings(entry: Entry) -> tuple[Mapping[str, Any], ...]:
    if "mappings" not in entry.data:
        raise ProjectError(
            f"{entry.what} has no mappings; add `mappings:` with e.g. `- type: from_entity`, or `mappings: []`.",
            entry.path,
            entry.line,
        )
    return tuple(_mapping(entry, item) for item in entry.items("mappings"))


def _mapping(slot: Entry, data: Any) -> Mapping[str, Any]:
    line = getattr(data, "line", slot.line_of("mappings"))
    kind = data.get("type") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(kind, str) or kind not in _NEEDS:
        given = f"a mapping of type {kind!r}" if isinstance(data, Mapping) else f"the mapping {data!r:.60}"
        raise ProjectError(f"{slot.what} has {given}; use a type of {', '.join(_NEEDS)}.", slot.path, line)
    entry = Entry(f"{slot.what}: its {kind} mapping", data, slot.path, line)
    if kind != "custom":
        entry.suggest(_MAPPING_KEYS)
    need = _NEEDS[kind]
    if need and need not in entry:
        raise ProjectError(f"{slot.what} has a {kind} mapping without {need!r}; add it.", slot.path, entry.line)
    for key in ("entity", "role", "group", "action"):
        entry.text(key)
    for key in ("intent", "not_intent"):
        entry.names(key, one=True)
    for condition in entry.items("conditions"):
        _condition(entry, condition)
    mapping: dict[str, Any] = plain(data)
    return mapping


def _condition(mapping: Entry, data: Any) -> None:
    line = mapping.line_of("conditions")
    entry = Entry(f"{mapping.what}: a condition", data, mapping.path, line, "write `- active_loop: name`")
    entry.only(("active_loop", "requested_slot"))
    entry.text("active_loop")
    entry.text("requested_slot")
