"""One thing that a check found in a project."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Severity = Literal["error", "warning"]
Place = tuple[Path, int]


@dataclass(frozen=True, slots=True)
class Finding:
    """`error`: it cannot run, or not as written. `warning`: it runs, but hardly as meant. `code` names the kind for
    tools; the message holds the remedy."""

    severity: Severity
    code: str
    file: Path
    line: int | None
    message: str

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "file": str(self.file)}


def error(code: str, place: Place, message: str) -> Finding:
    return Finding("error", code, place[0], place[1] or None, message)


def warning(code: str, place: Place, message: str) -> Finding:
    return Finding("warning", code, place[0], place[1] or None, message)


def instead(name: str, known: Iterable[str]) -> str:
    """The remedy for a name that is unknown: the one that was probably meant, or adding it."""
    close = difflib.get_close_matches(name, list(known), 1, 0.75)
    return f"did you mean {close[0]!r}?" if close else "add it there, or correct the name."
