"""Reads domain files into a Domain, refusing with file, line and remedy what Rasa could not run either."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.dialogue.domain import DEFAULT_INTENTS, Domain, Form
from bot.dialogue.entry import Entry, short
from bot.dialogue.errors import ProjectError, warn
from bot.dialogue.response_file import read_response
from bot.dialogue.slot_file import read_slot
from bot.dialogue.slots import DEFAULT_SLOTS, REQUESTED_SLOT, SESSION_METADATA, Slot
from bot.dialogue.yaml_file import Block, plain

DOMAIN_KEYS = ("intents", "entities", "slots", "forms", "responses", "actions", "e2e_actions", "session_config")

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
    slots = {name: read_slot(name, path, line, data) for name, path, line, data in merged["slots"]}
    forms = {name: _form(name, path, line, data) for name, path, line, data in merged["forms"]}
    responses = {name: read_response(name, path, line, data) for name, path, line, data in merged["responses"]}
    retrieval = frozenset(retrieval_intents)
    actions = [name for name, *_ in merged["actions"]]
    actions += [f"utter_{name}" for name in sorted(retrieval) if f"utter_{name}" not in actions]
    _default_slots(slots, forms, actions)
    intents = {
        name: _used_entities(name, data, path, line, entities, labels, ignored)
        for name, path, line, data in merged["intents"]
    }
    for name in (*DEFAULT_INTENTS, *sorted(retrieval)):
        intents.setdefault(
            name, (entities - ignored) | frozenset(label for group in labels.values() for label in group)
        )
    config = _session(merged["session_config"])
    texts = [name for name, *_ in merged["e2e_actions"]]
    return Domain(
        places={(key, name): (path, line) for key in DOMAIN_KEYS for name, path, line, _ in reversed(merged[key])},
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
            for name, path, line, data in merged["actions"]
            if name.startswith("validate_") or _sends_domain(name, path, line, data)
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
                    warn(f"{key} has {name!r} already from {first[0].name}; this one has no effect.", path, line)
    return merged


def _names(path: Path, block: Block, key: str) -> list[Named]:
    value = block.get(key)
    if value is None or value == []:
        return []
    line = block.lines.get(key, block.line)
    if key in ("slots", "forms", "responses", "session_config"):
        if not isinstance(value, Block):
            raise ProjectError(f"{key} is {short(value)}; it must be a mapping of names.", path, line)
        return [(name, path, value.lines[name], data) for name, data in value.items()]
    if not isinstance(value, list):
        raise ProjectError(f"{key} is {short(value)}; it must be a list.", path, line)
    named: list[Named] = []
    lines = getattr(value, "lines", [line] * len(value))
    for item, at in zip(value, lines, strict=True):
        if isinstance(item, Block):
            named += [(name, path, at, data) for name, data in item.items()]
        elif isinstance(item, str) and item:
            named.append((item, path, at, True))
        else:
            raise ProjectError(f"{key} has {short(item)}; names are text (quote it).", path, at)
    return named


def _entities(named: Sequence[Named]) -> tuple[frozenset[str], dict[str, frozenset[str]], frozenset[str]]:
    labels: dict[str, frozenset[str]] = {}
    ignored: set[str] = set()
    for name, path, line, data in named:
        if data is None:
            raise ProjectError(
                f"entity {name!r} ends with ':' but has no roles, groups or settings; drop the ':'.", path, line
            )
        if data is True:
            continue
        entry = Entry(f"entity {name!r}", data, path, line, "give it roles or groups, or drop the ':'")
        entry.suggest(("roles", "groups", "influence_conversation"))
        labels[name] = frozenset(f"{name}#{sub}" for sub in (*entry.names("roles"), *entry.names("groups")))
        if not entry.flag("influence_conversation", True):
            ignored.add(name)
    return frozenset(name for name, *_ in named), labels, frozenset(ignored)


def _used_entities(
    name: str,
    data: Any,
    path: Path,
    line: int,
    entities: frozenset[str],
    labels: Mapping[str, frozenset[str]],
    ignored: frozenset[str],
) -> frozenset[str]:
    if data is None:
        raise ProjectError("an intent ends with ':' but has no settings; drop the ':'.", path, line)
    entry = Entry(
        f"intent {name!r}", Block() if data is True else data, path, line, "drop the ':' or give it use_entities"
    )
    entry.suggest(("use_entities", "ignore_entities", "influence_conversation"))
    uses_all = entry.data.get("use_entities", True) is True
    use = frozenset() if uses_all else frozenset(entry.names("use_entities"))
    ignore = frozenset(entry.names("ignore_entities")) if "ignore_entities" in entry else ignored
    for key, chosen in (("use_entities", use), ("ignore_entities", ignore)):
        unknown = sorted(chosen - entities)
        if unknown:
            warn(f"intent {name!r} names in {key} no entity of the domain: {', '.join(unknown)}.", path, line)
    both = sorted(use & ignore)
    if both:
        warn(f"intent {name!r} both uses and ignores {', '.join(both)}; ignoring wins, keep one.", path, line)
    every = frozenset(label for group in labels.values() for label in group)
    included = (entities - ignored) | every if uses_all else _with_labels(use, labels)
    return included - _with_labels(ignore, labels)


def _with_labels(names: Iterable[str], labels: Mapping[str, frozenset[str]]) -> frozenset[str]:
    chosen = frozenset(names)
    return chosen.union(*(labels.get(name, frozenset()) for name in chosen))


def _form(name: str, path: Path, line: int, data: Any) -> Form:
    if data is None:
        return Form()
    entry = Entry(f"form {name!r}", data, path, line, "give it `required_slots:`")
    entry.only(("required_slots", "ignored_intents"))
    if "required_slots" not in entry.data:
        if "ignored_intents" in entry:
            raise ProjectError(f"form {name!r} has ignored_intents but no required_slots; add them.", path, line)
        return Form()
    required = entry.data["required_slots"]
    if isinstance(required, Mapping):  # how Rasa 2 wrote it: the mappings of each slot
        return Form(tuple(required), entry.names("ignored_intents", one=True))
    return Form(entry.names("required_slots"), entry.names("ignored_intents", one=True))


def _sends_domain(name: str, path: Path, line: int, data: Any) -> bool:
    if data is True:
        return False
    entry = Entry(f"action {name!r}", data, path, line, "drop the ':' or give it `send_domain: true`")
    entry.only(("send_domain",))
    return entry.flag("send_domain", False)


def _session(named: Sequence[Named]) -> tuple[float, bool]:
    block = Block()
    for name, _, line, data in named:
        block[name], block.lines[name] = data, line
    _, path, line, _ = named[0] if named else ("", Path("domain.yml"), 0, None)
    entry = Entry("session_config", block, path, line)
    entry.suggest(("session_expiration_time", "carry_over_slots_to_new_session"))
    minutes = entry.number("session_expiration_time", 60.0, low=0)
    return minutes, entry.flag("carry_over_slots_to_new_session", True)


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
