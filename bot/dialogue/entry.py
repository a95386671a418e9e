"""Reading a mapping of a project file key by key; a value of the wrong kind is refused with its place and the remedy."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.dialogue.errors import ProjectError, warn
from bot.dialogue.yaml_file import Block


class Entry:
    """`what` names the mapping in messages, e.g. "slot 'city'"."""

    def __init__(self, what: str, data: Any, path: Path | str, line: int, remedy: str = "") -> None:
        self.what, self.path, self.line = what, path, getattr(data, "line", 0) or line
        if not isinstance(data, Mapping):
            raise ProjectError(f"{what} is {short(data)}; {remedy or 'it must be a mapping'}.", path, line)
        self.data: Mapping[str, Any] = data

    def __contains__(self, key: str) -> bool:
        return self.data.get(key) is not None

    def line_of(self, key: str) -> int:
        return self.data.lines.get(key, self.line) if isinstance(self.data, Block) else self.line

    def error(self, key: str, wanted: str) -> ProjectError:
        return ProjectError(f"{self.what} has {key} {short(self.data[key])}; {wanted}.", self.path, self.line_of(key))

    def text(self, key: str) -> str | None:
        """None where the key is absent or null."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, str):
            raise self.error(key, "it must be text (quote it)")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.data.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.error(key, "it must be true or false, without quotes")
        return default if value is None else value

    def number(self, key: str, default: float, *, low: float = -math.inf, high: float = math.inf) -> float:
        value = self.data.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error(key, "it must be a number")
        if not low <= value <= high:
            limits = f"from {low:g} to {high:g}" if high < math.inf else f"{low:g} or more"
            raise self.error(key, f"it must be {limits}")
        return value

    def items(self, key: str) -> list[Any]:
        """A list; empty where the key is absent or null."""
        value = self.data.get(key)
        if value is not None and not isinstance(value, list):
            raise self.error(key, "it must be a list")
        return value or []

    def names(self, key: str, *, one: bool = False) -> tuple[str, ...]:
        """A list of texts; with `one` also a single text."""
        value = self.data.get(key)
        if one and isinstance(value, str):
            return (value,)
        if value is not None and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise self.error(key, "it must be a list of names (quote numbers and true or false)")
        return tuple(value or ())

    def only(self, known: Iterable[str]) -> None:
        """Refuses keys that Rasa refuses too."""
        for key, close in self._unknown(known):
            meant = f"write {close!r}" if close else f"use only {', '.join(known)}"
            raise ProjectError(f"{self.what} has the unknown key {key!r}; {meant}.", self.path, self.line_of(key))

    def suggest(self, known: Iterable[str]) -> None:
        """Warns of keys that Rasa passes over, where they look like a slip of the pen."""
        for key, close in self._unknown(known):
            if close and close not in self.data:
                message = f"{self.what} has the unknown key {key!r}, which has no effect; write {close!r}."
                warn(message, self.path, self.line_of(key))

    def _unknown(self, known: Iterable[str]) -> list[tuple[str, str | None]]:
        names = list(known)
        return [
            (key, next(iter(difflib.get_close_matches(key, names, 1, 0.66)), None))
            for key in self.data
            if key not in names
        ]


def short(value: Any) -> str:
    """`repr`, cut for a sentence."""
    text = "empty" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
