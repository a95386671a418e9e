"""`daogou check` on the terminal: what is wrong with a project, file by file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot.dialogue.checks import check_folder
from bot.dialogue.checks.finding import Finding, Severity
from bot.dialogue.project import Project

_STYLES: dict[Severity, str] = {"error": "red", "warning": "yellow"}


def run_check(folder: Path, out: Console, *, as_json: bool = False, fail_on_warnings: bool = False) -> int:
    """Prints all findings; returns the exit code: 1 where there are errors, or warnings that were to fail."""
    project, found = check_folder(folder)
    if as_json:
        out.file.write(json.dumps([one.as_dict() for one in found], ensure_ascii=False, indent=2) + "\n")
    else:
        _show(out, found)
        _summary(out, folder, project, found)
    return int(any(one.severity == "error" or fail_on_warnings for one in found))


def _show(out: Console, found: Sequence[Finding]) -> None:
    for file, group in groupby(found, lambda one: one.file):
        out.print(f"[bold]{escape(str(file))}[/bold]", highlight=False)
        for one in group:
            style = _STYLES[one.severity]
            line = f"{one.line or '':>5}"
            text = f"{line} [{style}]{one.severity:7}[/{style}] {escape(one.message)} [dim]({one.code})[/dim]"
            out.print(text, highlight=False, soft_wrap=True)
        out.print()


def _summary(out: Console, folder: Path, project: Project | None, found: Sequence[Finding]) -> None:
    counts = Counter(one.severity for one in found)
    size = "unreadable"
    if project is not None:
        domain = project.domain
        size = (
            f"{len(domain.intents)} intents, {len(project.nlu.examples)} examples, {len(project.stories)} rules and stories, "
            f"{len(domain.responses)} responses"
        )
    what = ", ".join(f"{counts[kind]} {kind}{'' if counts[kind] == 1 else 's'}" for kind in _STYLES if counts[kind])
    out.print(f"{folder}: {size}: {what or 'nothing to object to'}.", highlight=False, markup=False, soft_wrap=True)
