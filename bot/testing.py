"""What `daogou test` does: runs test stories, shows what failed, writes the report files."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from bot.answering import answering
from bot.bench import open_bench
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.rasa import RasaRuntime
from bot.dialogue.stories import Story
from bot.dialogue.story_text import stories_with_remarks
from bot.dialogue.test_replay import replay_each
from bot.dialogue.test_reports import write_reports
from bot.dialogue.test_results import Problem, Report, StoryResult
from bot.dialogue.test_stories import each_result, find_test_files, load_test_stories
from bot.settings import Settings


@dataclass(frozen=True)
class Run:
    """`url` is the Rasa server of `runtime="rasa"`. Without `actions`, only predictions are compared, as
    `rasa test core` does. `stop_at_first`: the first story that fails ends the run."""

    stories: Sequence[Path] = ()
    runtime: Literal["embedded", "rasa"] = "embedded"
    url: str = ""
    actions: bool = True
    stop_at_first: bool = False


async def run_tests(settings: Settings, run: Run, progress: Console) -> Report:
    """Raises DialogueError for stories or a project that cannot be read, ValueError for options at odds."""
    if run.runtime == "rasa" and not run.url:
        raise ValueError("--runtime rasa needs --url, the address of the Rasa server, such as http://127.0.0.1:5005.")
    if run.runtime == "rasa" and not run.actions:
        raise ValueError("--no-actions looks at our own policies; for those of a Rasa server run `rasa test core`.")
    stories = load_test_stories(run.stories or find_test_files(settings.project))
    async with _results(settings, run, stories) as results:
        return await _collect(results, len(stories), progress, stop=run.stop_at_first)


@asynccontextmanager
async def _results(settings: Settings, run: Run, stories: list[Story]) -> AsyncIterator[AsyncIterator[StoryResult]]:
    if run.runtime == "rasa":
        settings = settings.model_copy(update={"runtime": "rasa", "rasa_url": run.url})
    with open_bench(settings) as bench:
        runtime = bench.core.runtime
        async with AsyncExitStack() as stack:
            stack.push_async_callback(runtime.close)
            if isinstance(runtime, RasaRuntime):
                await runtime.check()
                if bench.core.services is not None:  # the shop's actions, on a copy of its data
                    await stack.enter_async_context(answering(bench.core))
            if run.actions:
                yield each_result(stories, bench, before=bench.put_back)
            elif isinstance(runtime, EmbeddedRuntime):
                yield replay_each(stories, runtime)


async def _collect(results: AsyncIterator[StoryResult], total: int, progress: Console, *, stop: bool) -> Report:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    collected: list[StoryResult] = []
    with Progress(*columns, console=progress, transient=True) as bar:
        task = bar.add_task("stories", total=total)
        async for result in results:
            collected.append(result)
            bar.advance(task)
            if stop and not result.passed:
                break
    return Report(tuple(collected))


def show(report: Report, out: Console, *, as_json: bool = False) -> None:
    """Every difference with its place, what was expected and what came; then the count."""
    if as_json:
        sys.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2, default=str) + "\n")
        return
    failed = [result for result in report.results if not result.passed]
    for result in failed:
        out.print(Text(f"✗ {result.story}", "bold red"), Text(f"{result.path}:{result.line}", "dim"), soft_wrap=True)
        for said, problems in _by_turn(result.problems):
            out.print(Text(f"  » {said}", "cyan"), soft_wrap=True)
            for problem in problems:
                _show_problem(result, problem, out)
    turns = sum(result.turns for result in report.results)
    passed = len(report.results) - len(failed)
    style = "bold red" if failed else "bold green"
    out.print(Text(f"{passed} of {len(report.results)} stories passed, {turns} turns", style))


def show_story(result: StoryResult, out: Console) -> None:
    """The story as it was written, with what came instead."""
    out.print(Text(stories_with_remarks([result], nothing="")), soft_wrap=True)


def write(report: Report, folder: Path, out: Console) -> None:
    files = write_reports(report, folder)
    out.print(Text(f"{folder}: {', '.join(sorted(path.name for path in files))}", "dim"), soft_wrap=True)


def _by_turn(problems: Sequence[Problem]) -> Iterator[tuple[str, list[Problem]]]:
    turn: list[Problem] = []
    for problem in problems:
        if turn and turn[0].user != problem.user:
            yield turn[0].user, turn
            turn = []
        turn.append(problem)
    if turn:
        yield turn[0].user, turn


def _show_problem(result: StoryResult, problem: Problem, out: Console) -> None:
    place = Text(f"    {result.path.name}:{problem.line} ", "dim")
    if problem.what == "failure":
        out.print(place, Text(f"an action broke: {problem.got}", "red"), soft_wrap=True)
        return
    out.print(place, Text(problem.what, "bold"), soft_wrap=True)
    out.print(Text(f"      expected  {_told(problem.expected)}", "green"), soft_wrap=True)
    out.print(Text(f"      came      {_told(problem.got)}", "red"), soft_wrap=True)


def _told(value: object) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value) or "nothing"
    return (value or "nothing") if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
