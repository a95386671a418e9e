"""What is wrong, doubtful or without effect in a project: one module for each kind of finding."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from bot.dialogue.checks import (
    config,
    contradictions,
    entities,
    examples,
    forms,
    intents,
    references,
    responses,
    servers,
    session,
    slots,
    stories,
    translations,
)
from bot.dialogue.checks.finding import Finding
from bot.dialogue.checks.uses import Uses
from bot.dialogue.errors import ProjectError, ProjectWarning
from bot.dialogue.project import Project

CHECKS: tuple[Callable[[Uses], Iterator[Finding]], ...] = (
    contradictions.find,
    references.find,
    stories.find,
    intents.find,
    examples.find,
    entities.find,
    slots.find,
    forms.find,
    responses.find,
    translations.find,
    session.find,
    config.find,
    servers.find,
)


def check_folder(path: Path) -> tuple[Project | None, list[Finding]]:
    """Reads and checks a project. Where files cannot be read there is no project, and the findings are those of reading."""
    project: Project | None = None
    found: list[Finding] = []
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            project = Project.load(path)
        except ProjectError as broken:
            found = [
                Finding("error", "unreadable", Path(problem.path or path), problem.line, problem.message)
                for problem in broken.problems
            ]
    found += _told(told)
    return (project, _sorted(path, found)) if project is None else (project, _sorted(path, [*found, *check(project)]))


def check(project: Project) -> list[Finding]:
    """All findings in a project that could be read, by file and line; files are named from its folder."""
    uses = Uses(project)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = [finding for find in CHECKS for finding in find(uses)]
    return _sorted(project.path, [*found, *_told(told)])


def _told(told: list[warnings.WarningMessage]) -> list[Finding]:
    """What reading and training warned of."""
    messages = [one.message for one in told]
    return [
        Finding("warning", "no-effect", Path(one.path or ""), one.line, one.message)
        for one in messages
        if isinstance(one, ProjectWarning)
    ]


def _sorted(root: Path, found: list[Finding]) -> list[Finding]:
    named = (replace(one, file=one.file.relative_to(root)) if one.file.is_relative_to(root) else one for one in found)
    return sorted(dict.fromkeys(named), key=lambda one: (str(one.file), one.line or 0, one.severity, one.message))
