"""The `daogou` command.

The modules of its commands import what they need when they run: all start quicker so, and `doctor` runs where a package of
others is broken.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import structlog
import typer

from bot.cli_chat import chat
from bot.cli_data import import_data
from bot.cli_doctor import doctor
from bot.cli_models import demo, offers, refit, train
from bot.cli_options import err
from bot.cli_project import check, run_stories
from bot.cli_serve import serve
from bot.dialogue.errors import DialogueError
from knowledge.errors import KnowledgeError
from nlu.errors import NluError
from recommender.errors import RecommenderError

app = typer.Typer(
    help="Daogou, a shop's assistant that understands, answers, sells and looks after orders.", no_args_is_help=True
)
COMMANDS: dict[str, Callable[..., Any]] = {
    "serve": serve,
    "chat": chat,
    "train": train,
    "demo": demo,
    "refit": refit,
    "offers": offers,
    "import": import_data,
    "check": check,
    "test": run_stories,
    "doctor": doctor,
}
"""In the order of `daogou --help`."""

for name, command in COMMANDS.items():
    app.command(name)(command)


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
    except (DialogueError, KnowledgeError, NluError, RecommenderError, FileNotFoundError, ValueError) as problem:
        err.print(f"[red]{problem}[/red]", highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
