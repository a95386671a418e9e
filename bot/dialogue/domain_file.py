"""Reads domain files into a Domain, refusing with file, line and remedy what Rasa could not run either."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.dialogue.domain import DEFAULT_INTENTS, Domain, Form
from bot.dialogue.errors import ProjectError
from bot.dialogue.slots import DEFAULT_SLOTS, OTHER, REQUESTED_SLOT, SESSION_METADATA, SLOT_TYPES, Slot
from bot.dialogue.yaml_file import Block, plain

DOMAIN_KEYS = ("intents", "entities", "slots", "forms", "responses", "actions", "e2e_actions", "session_config")
_MAPPING_NEEDS = {
    "from_entity": "entity",
    "from_intent": "value",
    "from_trigger_intent": "value",
    "from_text": None,
    "custom": None,
}

Source = tuple[Path, Block]


def read_domain(
    sources: Sequence[Source],
    *,
    retrieval_intents: Iterable[str] = (),
    action_texts: Iterable[str] = (),
) -> Domain:
    """One domain from all files that hold parts of it; the first file wins where two define the same name."""
    merged = _merge(sources)
    entities, labels, ignored = _entities(merged["entities"])
    slots = dict(slot for name, path, line, data in merged["slots"] for slot in [_slot(name, path, line, data)])
    forms = {name: _form(name, path, line, data) for name, path, line, data in merged["forms"]}
    responses = {name: _response(name, path, line, data) for name, path, line, data in merged["responses"]}
    retrieval = frozenset(retrieval_intents)
    actions = [name for name, *_ in merged["actions"]]
    actions += [f"utter_{name}" for name in sorted(retrieval) if f"utter_{name}" not in actions]
    _default_slots(slots, forms, actions)
    intents = {
        name: _used_entities(data, path, line, entities, labels, ignored)
        for name, path, line, data in merged["intents"]
    }
    for name in (*DEFAULT_INTENTS, *sorted(retrieval)):
        intents.setdefault(
            name, (entities - ignored) | frozenset(label for group in labels.values() for label in group)
        )
    config = _session(merged["session_config"])
    texts = [name for name, *_ in merged["e2e_actions"]]
    return Domain(
        intents=intents,
        entities=entities,
        slots=slots,
        forms=forms,
        responses=responses,
        custom_actions=tuple(actions),
        action_texts=tuple(dict.fromkeys([*texts, *action_texts])),
        retrieval_intents=retrieval,
        actions_needing_domain=frozenset(
            name
            for name, _, _, data in merged["actions"]
            if name.startswith("validate_") or (isinstance(data, dict) and data.get("send_domain"))
        ),
        session_minutes=config[0],
        carry_over_slots=config[1],
        data=_plain_domain(sources),
    )


Named = tuple[str, Path, int, Any]


def _merge(sources: Sequence[Source]) -> dict[str, list[Named]]:
    merged: dict[str, list[Named]] = {key: [] for key in DOMAIN_KEYS}
    seen: dict[tuple[str, str], tuple[Path, int]] = {}
    for path, block in sources:
        for key in DOMAIN_KEYS:
            for named in _names(path, block, key):
                name, _, line, _ = named
                first = seen.get((key, name))
                if first is None:
                    seen[key, name] = (path, line)
                    merged[key].append(named)
                elif key != "session_config" and first[0] == path:
                    raise ProjectError(f"{key} has {name!r} twice (first in line {first[1]}); keep one.", path, line)
                elif key != "session_config":
                    warnings.warn(f"{path}:{line}: {key} has {name!r} already from {first[0]}.", stacklevel=2)
    return merged


def _names(path: Path, block: Block, key: str) -> list[Named]:
    value = block.get(key)
    if value is None or value == []:
        return []
    line = block.lines.get(key, block.line)
    if key in ("slots", "forms", "responses", "session_config"):
        if not isinstance(value, Block):
            raise ProjectError(f"{key} is {_short(value)}; it must be a mapping of names.", path, line)
        return [(name, path, value.lines[name], data) for name, data in value.items()]
    if not isinstance(value, list):
        raise ProjectError(f"{key} is {_short(value)}; it must be a list.", path, line)
    named: list[Named] = []
    lines = getattr(value, "lines", [line] * len(value))
    for item, at in zip(value, lines, strict=True):
        if isinstance(item, Block):
            named += [(name, path, at, data) for name, data in item.items()]
        elif isinstance(item, str):
            named.append((item, path, at, True))
        else:
            raise ProjectError(f"{key} has {_short(item)}; names are text (quote it).", path, at)
    return named


def _entities(named: Sequence[Named]) -> tuple[frozenset[str], dict[str, frozenset[str]], frozenset[str]]:
    labels: dict[str, frozenset[str]] = {}
    ignored: set[str] = set()
    for name, path, line, data in named:
        if data is None:
            raise ProjectError(
                f"entity {name!r} ends with ':' but has no roles, groups or settings; drop the ':'.", path, line
            )
        if isinstance(data, Mapping):
            subs = [*(data.get("roles") or []), *(data.get("groups") or [])]
            labels[name] = frozenset(f"{name}#{sub}" for sub in subs)
            if data.get("influence_conversation") is False:
                ignored.add(name)
    return frozenset(name for name, *_ in named), labels, frozenset(ignored)


def _used_entities(
    data: Any,
    path: Path,
    line: int,
    entities: frozenset[str],
    labels: Mapping[str, frozenset[str]],
    ignored: frozenset[str],
) -> frozenset[str]:
    if data is None:
        raise ProjectError("an intent ends with ':' but has no settings; drop the ':'.", path, line)
    settings: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    use = settings.get("use_entities", True)
    ignore = settings.get("ignore_entities", ignored) or ()
    every = frozenset(label for group in labels.values() for label in group)
    included = (entities - ignored) | every if use is True else _with_labels(use or (), labels)
    return included - _with_labels(ignore, labels)


def _with_labels(names: Iterable[str], labels: Mapping[str, frozenset[str]]) -> frozenset[str]:
    chosen = frozenset(names)
    return chosen.union(*(labels.get(name, frozenset()) for name in chosen))


def _slot(name: str, path: Path, line: int, data: Any) -> tuple[str, Slot]:
    if not isinstance(data, Block):
        raise ProjectError(f"slot {name!r} is {_short(data)}; give it a type and mappings.", path, line)
    kind = data.get("type")
    if kind is None:
        raise ProjectError(f"slot {name!r} has no type; use one of {', '.join(sorted(SLOT_TYPES))}.", path, line)
    if kind not in SLOT_TYPES:
        if "." not in str(kind):
            raise ProjectError(
                f"slot {name!r} has the unknown type {kind!r}; use one of {', '.join(sorted(SLOT_TYPES))}.", path, line
            )
        warnings.warn(f"{path}:{line}: slot {name!r} of type {kind!r} is kept without influence ('any').", stacklevel=2)
        kind = "any"
    influences = bool(data.get("influence_conversation", kind != "any"))
    if kind == "any" and influences and data.get("type") == "any":
        raise ProjectError(
            f"slot {name!r} of type any cannot influence the conversation; choose another type.", path, line
        )
    low, high = data.get("min_value", 0.0), data.get("max_value", 1.0)
    if kind == "float" and not low < high:
        raise ProjectError(f"slot {name!r} has min_value {low!r} not below max_value {high!r}.", path, line)
    values = tuple(str(value).lower() for value in data.get("values") or () if value is not None)
    if kind == "categorical" and OTHER not in values:
        values = (*values, OTHER)
    slot = Slot(
        name=name,
        type=str(kind),
        mappings=tuple(_mapping(name, path, line, item) for item in _mappings(name, path, line, data)),
        initial_value=plain(data.get("initial_value")),
        influences=influences,
        minimum=low,
        maximum=high,
        values=values,
        line=line,
    )
    return name, slot


def _mappings(name: str, path: Path, line: int, data: Block) -> list[Any]:
    mappings = data.get("mappings")
    if mappings is None and "mappings" not in data:
        raise ProjectError(
            f"slot {name!r} has no mappings; add `mappings:` with e.g. `- type: from_entity`, or `mappings: []`.",
            path,
            line,
        )
    if not isinstance(mappings or [], list):
        raise ProjectError(f"slot {name!r} has mappings {_short(mappings)}; it must be a list.", path, line)
    return list(mappings or [])


def _mapping(name: str, path: Path, line: int, data: Any) -> Mapping[str, Any]:
    at = getattr(data, "line", line)
    if not isinstance(data, Mapping):
        raise ProjectError(f"slot {name!r} has the mapping {_short(data)}; it must be a mapping with a type.", path, at)
    kind = data.get("type")
    if kind not in _MAPPING_NEEDS:
        raise ProjectError(
            f"slot {name!r} has a mapping of type {kind!r}; use one of {', '.join(_MAPPING_NEEDS)}.", path, at
        )
    need = _MAPPING_NEEDS[kind]
    if need and data.get(need) is None:
        raise ProjectError(f"slot {name!r} has a {kind} mapping without {need!r}; add it.", path, at)
    conditions = data.get("conditions")
    if conditions is not None and not (isinstance(conditions, list) and all(isinstance(c, dict) for c in conditions)):
        raise ProjectError(
            f"slot {name!r} has conditions {_short(conditions)}; it must be a list of mappings.", path, at
        )
    mapping: dict[str, Any] = plain(data)
    return mapping


def _form(name: str, path: Path, line: int, data: Any) -> Form:
    if data is None:
        return Form()
    if not isinstance(data, Mapping):
        raise ProjectError(f"form {name!r} is {_short(data)}; give it `required_slots:`.", path, line)
    if "required_slots" not in data:
        if "ignored_intents" in data:
            raise ProjectError(f"form {name!r} has ignored_intents but no required_slots; add them.", path, line)
        return Form(tuple(data))
    required = data.get("required_slots") or []
    if not isinstance(required, list | dict) or not all(isinstance(slot, str) for slot in required):
        raise ProjectError(
            f"form {name!r} has required_slots {_short(required)}; it must be a list of slots.", path, line
        )
    ignored = data.get("ignored_intents") or []
    return Form(tuple(required), tuple(ignored) if isinstance(ignored, list) else (str(ignored),))


def _response(name: str, path: Path, line: int, data: Any) -> tuple[Mapping[str, Any], ...]:
    if not isinstance(data, list) or not data:
        raise ProjectError(f"response {name!r} is {_short(data)}; it must be a list of variations.", path, line)
    for variation, at in zip(data, getattr(data, "lines", [line] * len(data)), strict=True):
        if not isinstance(variation, Mapping):
            raise ProjectError(f"response {name!r} has the variation {_short(variation)}; write `- text: …`.", path, at)
        for condition in variation.get("condition") or []:
            if not isinstance(condition, Mapping) or not {"name", "value"} <= set(condition):
                raise ProjectError(
                    f"response {name!r} has the condition {_short(condition)}; it needs type, name and value.", path, at
                )
    return tuple(plain(variation) for variation in data)


def _session(named: Sequence[Named]) -> tuple[float, bool]:
    config = {name: data for name, _, _, data in named}
    minutes = config.get("session_expiration_time")
    return (60.0 if minutes is None else float(minutes), bool(config.get("carry_over_slots_to_new_session", True)))


def _default_slots(slots: dict[str, Slot], forms: Mapping[str, Form], actions: Sequence[str]) -> None:
    if forms:
        slots.setdefault(REQUESTED_SLOT, Slot(REQUESTED_SLOT, influences=False))
    if "action_query_knowledge_base" in actions:
        for name in sorted(DEFAULT_SLOTS - {REQUESTED_SLOT, SESSION_METADATA}):
            slots.setdefault(name, Slot(name, influences=False))
    slots.setdefault(SESSION_METADATA, Slot(SESSION_METADATA, "any", influences=False))


def _plain_domain(sources: Sequence[Source]) -> Mapping[str, Any]:
    data: dict[str, Any] = {}
    for _, block in sources:
        for key in DOMAIN_KEYS:
            value = block.get(key)
            if isinstance(value, dict):
                data[key] = {**plain(value), **data.get(key, {})}
            elif isinstance(value, list):
                known = data.setdefault(key, [])
                data[key] = [*known, *(plain(item) for item in value if item not in known)]
    data["version"] = "3.1"
    return data


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
