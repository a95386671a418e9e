"""Whether a project's files are right: validated, and tried on its test stories."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli_options import ProjectOption, err, out, settings_of


def check(
    project: ProjectOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The findings as a list.")] = False,
    fail_on_warnings: Annotated[bool, typer.Option(help="Exit with 1 also where there are only warnings.")] = False,
) -> None:
    """Validates the project's files: what cannot run, what contradicts, what has no effect."""
    from bot.checking import run_check

    folder = settings_of(project).project
    raise typer.Exit(run_check(folder, out, as_json=as_json, fail_on_warnings=fail_on_warnings))


def run_stories(
    project: Annotated[Path | None, typer.Argument(help="A Rasa 3 project; ours by default.")] = None,
    more: Annotated[list[Path] | None, typer.Argument(help="Further files for --stories.", metavar="FILE...")] = None,
    stories: Annotated[
        list[Path] | None, typer.Option(help="Test stories; the project's tests/test_*.yml by default.", exists=True)
    ] = None,
    runtime: Annotated[Literal["embedded", "rasa"], typer.Option(help="Who holds the conversations.")] = "embedded",
    url: Annotated[str, typer.Option(help="The Rasa server of --runtime rasa.")] = "",
    folder: Annotated[Path | None, typer.Option("--out", help="Writes Rasa's report files here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The result as one JSON object.")] = False,
    fail_on_prediction_errors: Annotated[bool, typer.Option(help="Stops at the first story that fails.")] = False,
    actions: Annotated[
        bool, typer.Option(help="Without: only what would be predicted, as `rasa test core --e2e` does.")
    ] = True,
) -> None:
    """Runs Rasa end-to-end test stories, on a copy of the data; exit 1 when one fails."""
    from bot.testing import Run, run_tests, show, show_story, write  # scikit-learn is heavy

    files = [*(stories or []), *(more or [])]
    if project is not None and project.is_file():  # `--stories A B` without a project
        files, project = [*files, project], None
    run = Run(tuple(files), runtime, url, actions, fail_on_prediction_errors)
    report = asyncio.run(run_tests(settings_of(project), run, err))
    show(report, out, as_json=as_json)
    if fail_on_prediction_errors and not report.passed and not as_json:
        show_story(report.results[-1], out)
    if folder is not None:
        write(report, folder, err)
    if not report.passed:
        raise typer.Exit(1)
