"""Reads one response of a domain file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.dialogue.entry import Entry, short
from bot.dialogue.errors import ProjectError
from bot.dialogue.yaml_file import plain

_KEYS = (
    *("text", "buttons", "button_type", "image", "custom", "attachment", "quick_replies", "elements"),
    *("channel", "condition", "metadata", "id"),
)


def read_response(name: str, path: Path, line: int, data: Any) -> tuple[Mapping[str, Any], ...]:
    """The variations. Raises ProjectError for what Rasa could not say."""
    if not isinstance(data, list) or not data:
        raise ProjectError(f"response {name!r} is {short(data)}; it must be a list of variations.", path, line)
    for variation, at in zip(data, getattr(data, "lines", [line] * len(data)), strict=True):
        _check(Entry(f"response {name!r}: a variation", variation, path, at, "write `- text: …`"))
    return tuple(plain(variation) for variation in data)


def _check(entry: Entry) -> None:
    entry.only(_KEYS)
    # Rasa demands text or custom; an image may go without.
    if not any(
        key in entry for key in ("text", "custom", "image", "attachment", "elements", "buttons", "quick_replies")
    ):
        raise ProjectError(f"{entry.what} says nothing; give it a text.", entry.path, entry.line)
    for key in ("text", "image", "channel", "id", "button_type"):
        entry.text(key)
    for key in ("custom", "attachment"):
        if key in entry and not isinstance(entry.data[key], Mapping):
            raise entry.error(key, "it must be a mapping")
    for key in ("buttons", "quick_replies", "elements"):
        for item in entry.items(key):
            button = Entry(f"{entry.what}: one of its {key}", item, entry.path, entry.line_of(key))
            if key != "elements":
                button.text("title")
                button.text("payload")
    for item in entry.items("condition"):
        _condition(entry, item)


def _condition(variation: Entry, data: Any) -> None:
    line = variation.line_of("condition")
    remedy = "it needs type, name and value"
    entry = Entry(f"{variation.what}: a condition", data, variation.path, line, remedy)
    entry.only(("type", "name", "value"))
    if entry.text("name") is None or "value" not in entry.data:
        raise ProjectError(f"{entry.what} is {short(dict(entry.data))}; {remedy}.", entry.path, entry.line)
    if entry.data.get("type", "slot") != "slot":
        raise entry.error("type", "only slots can be compared (`type: slot`)")
