"""What the `daogou` commands share: options, the settings that they make, and where they print."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.settings import Settings

out = Console()
err = Console(stderr=True)
ProjectOption = Annotated[Path | None, typer.Option(help="A Rasa 3 project; ours by default.")]
FileOption = Annotated[Path | None, typer.Option(exists=True, dir_okay=False)]


def settings_of(project: Path | None, **given: Any) -> Settings:
    """The settings with what the command line says instead; options that were not given are None."""
    values = {k: v for k, v in given.items() if v is not None}
    if project is not None:
        values["project"] = project
    return Settings(**values)


class Report:
    """`report("what")` shows the step being worked on; on a terminal with a spinner."""

    def __enter__(self) -> Any:
        self._bar = Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=err)
        self._bar.start()
        self._task: Any = None
        return self

    def __call__(self, what: str) -> None:
        if self._task is not None:
            self._bar.stop_task(self._task)
        self._task = self._bar.add_task(what, total=None)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
