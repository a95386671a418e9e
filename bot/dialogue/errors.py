"""What can go wrong in a dialogue project or a running conversation."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class DialogueError(Exception):
    """Root of this package's errors."""


class ProjectError(DialogueError):
    """A project file cannot be read as written; the message names file, line, problem and remedy."""

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None) -> None:
        place = f"{path}:{line}: " if path and line else f"{path}: " if path else ""
        super().__init__(place + message)
        self.path = path
        self.line = line


def refuse(problems: Iterable[ProjectError]) -> None:
    """Raises what is wrong with a project, all of it at once; nothing where nothing is."""
    found = list(dict.fromkeys(str(problem) for problem in problems))
    if found:
        raise ProjectError("\n".join(found))


class ActionFailedError(DialogueError):
    """An action broke or could not be reached; the dialogue goes on without its events."""


class UnknownIntentError(DialogueError):
    """An intent was triggered that the domain does not have."""


class UnknownActionError(DialogueError):
    """An action was asked for that the domain does not have."""
