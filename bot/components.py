"""The pipeline of a project's config.yml as the components of our interpreter."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from bot.dialogue.errors import ProjectError
from bot.dialogue.pipeline_config import UNMAPPED, component, entries
from nlu.components import DIMENSIONS, Components, Fallback, PatternOptions

_NOTHING = Components(
    intents=False, tagger=None, patterns=None, synonyms=False, dimensions=(), selectors=(), fallback=None
)


def components(config: Mapping[str, Any]) -> Components:
    """What a config asks for; without a pipeline everything that the project's data can teach.

    A project's own component in a pipeline without an intent classifier is taken for one. Raises ProjectError for a
    setting that is not of its kind.
    """
    if not config.get("pipeline"):
        return Components()
    chosen, foreign = _NOTHING, False
    for name, entry in entries(config):
        short, parts = name.rpartition(".")[2], component(name)
        if parts is None:
            foreign = foreign or short not in UNMAPPED
            continue
        for part in parts:
            chosen = _with(chosen, part, short, entry)
    if foreign and not chosen.intents and chosen.keyword_case is None:
        return replace(chosen, intents=True)
    return chosen


def _with(chosen: Components, part: str, name: str, entry: Mapping[str, Any]) -> Components:
    if name == "KeywordIntentClassifier":
        return replace(chosen, keyword_case=_flag(entry, "case_sensitive", True))
    if part == "intents":
        return replace(chosen, intents=chosen.intents or _flag(entry, "intent_classification", True))
    if part == "entities" and _flag(entry, "entity_recognition", True):
        return replace(chosen, tagger=chosen.tagger or name)
    if part == "patterns":
        options = {f.name: _flag(entry, f.name, bool(f.default)) for f in fields(PatternOptions)}
        return replace(chosen, patterns=PatternOptions(**options))
    if part == "synonyms":
        return replace(chosen, synonyms=True)
    if part == "dimensions":
        return replace(chosen, dimensions=_dimensions(entry.get("dimensions")))
    if part == "responses":
        intent = entry.get("retrieval_intent")
        return replace(chosen, selectors=(*chosen.selectors, None if intent is None else str(intent)))
    if part == "fallback":
        limits = Fallback(_share(entry, "threshold", 0.3), _share(entry, "ambiguity_threshold", 0.1))
        return replace(chosen, fallback=limits)
    return chosen


def _flag(entry: Mapping[str, Any], key: str, default: bool) -> bool:
    value = entry.get(key, default)
    if not isinstance(value, bool):
        raise ProjectError(f"{key} of {entry['name']} is {value!r}; it must be true or false.", "config.yml")
    return value


def _share(entry: Mapping[str, Any], key: str, default: float) -> float:
    value = entry.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ProjectError(f"{key} of {entry['name']} is {value!r}; it must be a number from 0 to 1.", "config.yml")
    return float(value)


def _dimensions(wanted: Any) -> tuple[str, ...]:
    if wanted is None:
        return DIMENSIONS
    if not isinstance(wanted, Sequence) or isinstance(wanted, str):
        raise ProjectError(f"dimensions of DucklingEntityExtractor is {wanted!r}; it must be a list.", "config.yml")
    missing = [str(name) for name in wanted if name not in DIMENSIONS]
    if missing:
        warnings.warn(
            f"config.yml: Duckling's {', '.join(missing)} cannot be found here; there are {', '.join(DIMENSIONS)}.",
            stacklevel=2,
        )
    return tuple(name for name in DIMENSIONS if name in wanted)
