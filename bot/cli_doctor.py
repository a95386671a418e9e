"""What stands between this installation and a server that works."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape

from bot.cli_options import ProjectOption, out
from bot.doctor import diagnose
from bot.doctor.findings import Finding, Status

_STYLES: dict[Status, str] = {"problem": "red", "warning": "yellow", "ok": "green"}


def doctor(
    project: ProjectOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The findings as a list.")] = False,
) -> None:
    """Checks installation, settings, secrets, models and services; exit 1 when there is a problem."""
    found = diagnose(project)
    if as_json:
        sys.stdout.write(json.dumps([one.as_dict() for one in found], ensure_ascii=False, indent=2) + "\n")
    else:
        _show(found)
    raise typer.Exit(int(any(one.status == "problem" for one in found)))


def _show(found: Sequence[Finding]) -> None:
    width = max(len(one.name) for one in found)
    for one in found:
        style = _STYLES[one.status]
        out.print(
            f"[{style}]{one.status:8}[/{style}] [bold]{escape(one.name):{width}}[/bold]  {escape(one.message)}",
            highlight=False,
            soft_wrap=True,
        )
    counts = Counter(one.status for one in found)
    what = ", ".join(
        f"{counts[kind]} {kind}{'' if counts[kind] == 1 else 's'}" for kind in _STYLES if counts[kind] and kind != "ok"
    )
    out.print(f"{what or 'All is well'}.", highlight=False, markup=False)
