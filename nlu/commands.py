"""Messages that say their intent themselves, as buttons do: `/intent{"entity": "value"}` (Rasa's short form)."""

from __future__ import annotations

import json
import re

from nlu.entities import Entity

_COMMAND = re.compile(
    r"\s*/(?P<intent>[\w.-]+(?:/[\w.-]+)?)(?:@(?P<confidence>\d*\.?\d+))?(?P<entities>\{.*\})?\s*", re.S
)


def is_command(text: str) -> bool:
    return _COMMAND.fullmatch(text) is not None


def decode(text: str) -> tuple[str, float, tuple[Entity, ...]]:
    """(intent, confidence, entities) of a command. A list stands for several entities; broken JSON for none."""
    found = _COMMAND.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no command; write /intent or /intent{{...}}")
    confidence = min(float(found["confidence"]), 1.0) if found["confidence"] else 1.0
    try:
        values = json.loads(found["entities"] or "{}")
    except (json.JSONDecodeError, RecursionError):  # a customer typed it: the intent still counts
        values = {}
    start, end = found.span("entities") if found["entities"] else (len(text), len(text))
    entities = tuple(
        Entity(name, value, start, end, extractor="command")
        for name, listed in values.items()
        for value in (listed if isinstance(listed, list) else [listed])
    )
    return found["intent"], confidence, entities
