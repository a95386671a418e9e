"""The `daogou` command."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import structlog
import typer
import uvicorn
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bot.app import create_app
from bot.checking import run_check
from bot.core import Core, build, is_shop
from bot.dialogue.errors import DialogueError
from bot.dialogue.project import Project
from bot.dialogue.rasa_server import RasaServer, RasaUnavailableError
from bot.messages import UserMessage
from bot.settings import Settings
from bot.stores.database import open_database
from nlu.errors import NluError

app = typer.Typer(
    help="Daogou, a shop's assistant that understands, answers, sells and looks after orders.", no_args_is_help=True
)
out = Console()
err = Console(stderr=True)
ProjectOption = Annotated[Path | None, typer.Option(help="A Rasa 3 project; ours by default.")]
NICE = 10
"""Answers to customers go before fitting."""
FileOption = Annotated[Path | None, typer.Option(exists=True, dir_okay=False)]


def main() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        app()
    except (DialogueError, NluError, FileNotFoundError, ValueError) as problem:
        err.print(f"[red]{problem}[/red]", highlight=False)
        sys.exit(1)


@app.command()
def serve(
    project: ProjectOption = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535)] = None,
    host: Annotated[str | None, typer.Option(help="0.0.0.0 to be reached from other machines.")] = None,
    workers: Annotated[int, typer.Option(min=1)] = 1,
    runtime: Annotated[
        Literal["embedded", "rasa"] | None, typer.Option(help="Who decides in a dialogue; rasa: DAOGOU_RASA_URL.")
    ] = None,
    enable_api: Annotated[bool, typer.Option(help="Also serve Rasa's HTTP API.")] = False,
    auth_token: Annotated[str | None, typer.Option(help="Asked of callers of Rasa's HTTP API, as ?token=.")] = None,
    jwt_secret: Annotated[
        str | None, typer.Option(help="Checks their JWT; for RS and ES methods the public key.")
    ] = None,
    jwt_method: Annotated[str | None, typer.Option(help="HS256 by default.")] = None,
) -> None:
    """Serves the widget, the console, the REST channel and the connectors."""
    if workers > 1:
        raise typer.BadParameter(
            "one process serves for now; its locks and live console are in memory", param_hint="--workers"
        )
    access = {"api_token": auth_token, "jwt_secret": jwt_secret, "jwt_method": jwt_method}
    settings = _settings(project, port=port, host=host, runtime=runtime, enable_api=enable_api or None, **access)
    if settings.runtime == "rasa":
        asyncio.run(_greet_rasa(settings))
    out.print(f"http://{settings.host}:{settings.port}  (console: /console)", highlight=False)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        ws_max_size=65536,
    )


async def _greet_rasa(settings: Settings) -> None:
    """It may come later; but another version will never do."""
    server = RasaServer(settings.rasa_url, token=settings.rasa_secret)
    try:
        out.print(f"Rasa {await server.check()} decides, at {settings.rasa_url}", highlight=False)
    except RasaUnavailableError as problem:
        err.print(f"[yellow]{problem} Until it does, customers are told to wait.[/yellow]", highlight=False)
    finally:
        await server.close()


@app.command()
def chat(
    project: ProjectOption = None,
    script: FileOption = None,
    customer: Annotated[str, typer.Option(help="Talk as this customer, e.g. C0001.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a turn.")] = False,
) -> None:
    """Talks on the terminal. With a script, each line is a turn of the customer."""
    core = build(_settings(project))
    asyncio.run(_chat(core, _lines(script), customer, as_json))


@app.command()
def train(
    project: ProjectOption = None,
    encoder: Annotated[
        Path | None, typer.Option(help="A folder of `python -m nlu finetune`; else the bundled.")
    ] = None,
) -> None:
    """Trains the understanding on the project's files; for the shop also indexes the articles and fits the recommender."""
    settings = _settings(project, encoder=encoder)
    found = Project.load(settings.project)
    _ = found.policies  # rules that contradict each other are told before anything is trained
    with _progress() as report:
        if is_shop(found):
            from bot.preparing import train_all  # the models' libraries are heavy

            train_all(settings, report)
            return
        if encoder is not None:
            raise typer.BadParameter("only the shop's own project takes a fine-tuned one", param_hint="--encoder")
        from bot.understanding import train_project

        lines = train_project(found, settings, report)
    for line in lines:
        out.print(line, highlight=False)


@app.command()
def demo() -> None:
    """Fills an empty database with the demo shop and trains everything; does nothing that is done already."""
    from bot.preparing import prepare_demo

    with _progress() as report:
        prepare_demo(_settings(None), report)


@app.command()
def refit(
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to the version before instead.")] = False,
) -> None:
    """Fits the recommender anew; servers that run take it over. A server does this by itself at DAOGOU_REFIT_AT."""
    from bot import preparing  # heavy
    from recommender.versions import Versions

    settings = _settings(None)
    if rollback:
        out.print(Versions(settings.recommenders).roll_back().name, highlight=False)
        return
    os.nice(NICE)
    out.print(preparing.refit(settings), highlight=False)


@app.command()
def offers() -> None:
    """Learns from the logged offers; what is surely better takes over at the next start. Exit 1 when nothing is."""
    from bot.offers_training import run  # with what it imports, only for this

    settings = _settings(None)
    judgement = run(settings, open_database(settings.engine_url))
    for line in judgement.lines():
        out.print(line, highlight=False, markup=False)
    if not judgement.deployed:
        raise typer.Exit(1)


@app.command("import")
def import_data(
    products: FileOption = None,
    stock: FileOption = None,
    customers: FileOption = None,
    orders: FileOption = None,
    interactions: FileOption = None,
    articles: Annotated[Path | None, typer.Option(exists=True, file_okay=False)] = None,
) -> None:
    """Brings a shop's own data in: CSV or JSON lines, articles as Markdown. All of it, or nothing."""
    from bot.importing import ShopImport  # heavy, as most imports inside functions here: serving starts quicker without
    from recommender.inventory.ledger import Ledger

    settings = _settings(None)
    engine = open_database(settings.engine_url)
    job = ShopImport()
    given = {
        "products": products,
        "stock": stock,
        "customers": customers,
        "orders": orders,
        "interactions": interactions,
    }
    for kind, path in given.items():
        if path is not None:
            job.add(kind, path)
    counts = job.write(engine, Ledger(engine))
    if articles is not None:
        from bot import training

        counts["articles"] = training.ingest(settings, training.served_encoder(settings), articles)
    for kind, count in counts.items():
        out.print(f"{kind}: {count}", highlight=False)


@app.command()
def check(
    project: ProjectOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="The findings as a list.")] = False,
    fail_on_warnings: Annotated[bool, typer.Option(help="Exit with 1 also where there are only warnings.")] = False,
) -> None:
    """Validates the project's files: what cannot run, what contradicts, what has no effect."""
    folder = _settings(project).project
    raise typer.Exit(run_check(folder, out, as_json=as_json, fail_on_warnings=fail_on_warnings))


@app.command("test")
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
    report = asyncio.run(run_tests(_settings(project), run, err))
    show(report, out, as_json=as_json)
    if fail_on_prediction_errors and not report.passed and not as_json:
        show_story(report.results[-1], out)
    if folder is not None:
        write(report, folder, err)
    if not report.passed:
        raise typer.Exit(1)


def _settings(project: Path | None, **given: Any) -> Settings:
    values = {k: v for k, v in given.items() if v is not None}
    if project is not None:
        values["project"] = project
    return Settings(**values)


def _lines(script: Path | None) -> Iterator[str]:
    if script is not None:
        yield from (
            line for line in script.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")
        )
        return
    while True:
        try:
            yield input("» ")
        except (EOFError, KeyboardInterrupt):
            return


async def _chat(core: Core, lines: Iterator[str], customer: str, as_json: bool) -> None:
    sender_id = f"terminal-{uuid.uuid4().hex}"
    if core.services is not None:
        core.services.conversations.touch(sender_id, channel="terminal")
    if customer:
        if core.services is None:
            raise ValueError("--customer is for the shop; this project has no customers")
        if core.services.customers.get(customer) is None:
            raise ValueError(f"customer {customer!r} is unknown")
        await core.runtime.append_events(sender_id, [{"event": "slot", "name": "customer_id", "value": customer}])
    for line in lines:
        started = time.perf_counter()
        turn = await core.runtime.turn(UserMessage(line, sender_id, "terminal"))
        spent = (time.perf_counter() - started) * 1000
        if as_json:
            sys.stdout.write(json.dumps(_turn_json(line, turn, spent), ensure_ascii=False, default=str) + "\n")
            sys.stdout.flush()
        else:
            _show(line if sys.stdin.isatty() is False else "", turn)
    await core.runtime.close()


def _turn_json(user: str, turn: Any, spent: float) -> dict[str, Any]:
    parse = turn.parse
    return {
        "user": user,
        "intent": (parse.get("intent") or {}).get("name"),
        "confidence": (parse.get("intent") or {}).get("confidence"),
        "sentiment": parse.get("sentiment"),
        "language": parse.get("language"),
        "entities": parse.get("entities", []),
        "actions": turn.actions,
        "bot": [m.as_dict() for m in turn.messages],
        "slots": {k: v for k, v in turn.slots.items() if v is not None},
        "active_loop": turn.active_loop,
        "ms": round(spent, 1),
    }


def _show(line: str, turn: Any) -> None:
    if line:
        out.print(f"\n[bold cyan]» {line}[/bold cyan]", highlight=False)
    for message in turn.messages:
        if message.text:
            out.print(message.text, highlight=False, markup=False, soft_wrap=True)
        if message.image:
            out.print(f"  {message.image}", highlight=False, markup=False, soft_wrap=True, style="dim")
        for place, card in enumerate(message.cards, start=1):
            price = f"{card.currency} {card.price:g}" if card.price is not None else ""
            parts = " · ".join(p for p in (card.title, price, card.price_note, card.stock, card.reason) if p)
            out.print(f"  {place}. {parts}", highlight=False, markup=False, soft_wrap=True, style="green")
        for source in message.sources:
            out.print(f"  ↪ {source.title} ({source.url})", highlight=False, markup=False, style="dim")
        if message.buttons:
            titles = "  ".join(f"[{b.title}]" for b in message.buttons)
            out.print(f"  {titles}", highlight=False, markup=False, style="dim")


def _progress() -> Any:
    return _Report()


class _Report:
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


if __name__ == "__main__":
    main()
