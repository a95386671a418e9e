"""What can go wrong in a dialogue project or a running conversation."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path


class DialogueError(Exception):
    """Root of this package's errors."""


class ProjectError(DialogueError):
    """A project file cannot be read as written; the message names file, line, problem and remedy."""

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None) -> None:
        super().__init__(_placed(message, path, line))
        self.message = message
        self.path = path
        self.line = line
        self.problems: tuple[ProjectError, ...] = (self,)  # several where one error stands for all that was found


class ProjectWarning(UserWarning):
    """A project file can be read, but something in it has no effect or not the one that was meant."""

    def __init__(self, message: str, path: Path | str | None = None, line: int | None = None) -> None:
        super().__init__(_placed(message, path, line))
        self.message = message
        self.path = path
        self.line = line


def refuse(problems: Iterable[ProjectError]) -> None:
    """Raises what is wrong with a project, all of it at once; nothing where nothing is."""
    found = {str(problem): problem for error in problems for problem in error.problems}
    if found:
        error = ProjectError("\n".join(found))
        error.problems = tuple(found.values())
        raise error


def warn(message: str, path: Path | str | None = None, line: int | None = None) -> None:
    warnings.warn(ProjectWarning(message, path, line), stacklevel=3)


def _placed(message: str, path: Path | str | None, line: int | None) -> str:
    place = f"{path}:{line}: " if path and line else f"{path}: " if path else ""
    return place + message


class ActionFailedError(DialogueError):
    """An action broke or could not be reached; the dialogue goes on without its events."""


class UnknownIntentError(DialogueError):
    """An intent was triggered that the domain does not have."""


class UnknownActionError(DialogueError):
    """An action was asked for that the domain does not have."""
