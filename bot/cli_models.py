"""Everything that is learned: the understanding, the demo shop, the recommender, the offers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bot.cli_options import ProjectOption, Report, out, settings_of

NICE = 10
"""Answers to customers go before fitting."""


def train(
    project: ProjectOption = None,
    encoder: Annotated[
        Path | None, typer.Option(help="A folder of `python -m nlu finetune`; else the bundled.")
    ] = None,
) -> None:
    """Trains the understanding on the project's files; for the shop also indexes the articles and fits the recommender."""
    from bot.core import is_shop
    from bot.dialogue.project import Project

    settings = settings_of(project, encoder=encoder)
    found = Project.load(settings.project)
    _ = found.policies  # rules that contradict each other are told before anything is trained
    with Report() as report:
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


def demo() -> None:
    """Fills an empty database with the demo shop and trains everything; does nothing that is done already."""
    from bot.preparing import prepare_demo

    with Report() as report:
        prepare_demo(settings_of(None), report)


def refit(
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to the version before instead.")] = False,
) -> None:
    """Fits the recommender anew; servers that run take it over. A server does this by itself at DAOGOU_REFIT_AT."""
    from bot import preparing  # heavy
    from recommender.versions import Versions

    settings = settings_of(None)
    if rollback:
        out.print(Versions(settings.recommenders).roll_back().name, highlight=False)
        return
    os.nice(NICE)
    out.print(preparing.refit(settings), highlight=False)


def offers() -> None:
    """Learns from the logged offers; what is surely better takes over at the next start. Exit 1 when nothing is."""
    from bot.offers_training import run  # with what it imports, only for this
    from bot.stores.database import open_database

    settings = settings_of(None)
    judgement = run(settings, open_database(settings.engine_url))
    for line in judgement.lines():
        out.print(line, highlight=False, markup=False)
    if not judgement.deployed:
        raise typer.Exit(1)
