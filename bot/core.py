"""A project opened: the assistant without any server around it, as the terminal, the tests and the app share it.

A project with actions of our shop gets the whole shop: catalogue, orders, knowledge, recommender. Any other Rasa 3
project is *plain*: it needs its own files only, and nothing heavy is imported for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from bot.backends import lock_store, tracker_store
from bot.dialogue.embedded import EmbeddedRuntime, Parse
from bot.dialogue.project import Project
from bot.dialogue.rasa import RasaRuntime
from bot.dialogue.yaml_file import read_yaml
from bot.locks import LocalLocks, Locks
from bot.models import Models
from bot.settings import OUR_PROJECT, Settings
from bot.stores.brokers import Store
from bot.stores.conversations import Conversations
from bot.stores.database import open_database
from bot.stores.reminders import SqlReminderStore
from bot.stores.trackers import SqlTrackerStore
from bot.understanding import understanding

if TYPE_CHECKING:
    from bot.actions.services import Services
    from nlu.pipeline import Pipeline


@dataclass
class Core:
    """`services` and `pipeline` are the shop's; a plain project has neither."""

    settings: Settings
    project: Project
    runtime: EmbeddedRuntime | RasaRuntime
    trackers: Store
    engine: Engine
    services: Services | None = None
    pipeline: Pipeline | None = None
    locks: Locks = field(default_factory=LocalLocks)
    models: Models | None = None
    """Puts other models in the place of a plain project's."""


def is_shop(project: Project) -> bool:
    """Does its domain name actions of our shop that no action server is set for?

    Our own project always counts: its endpoints.yml is read by a real Rasa server only. A copy of it that is to run
    here with the shop's actions leaves action_endpoint out.
    """
    if project.path.resolve() == OUR_PROJECT:
        return True
    if project.action_endpoint is not None or not project.domain.custom_actions:
        return False
    ours = read_yaml(OUR_PROJECT / "domain" / "domain.yml")["actions"]
    return not set(ours).isdisjoint(project.domain.custom_actions)


def build(settings: Settings, *, project: Project | None = None, clock: Callable[[], float] = time.time) -> Core:
    """Opens a project, by default that of the settings, with what `daogou train` made of it.

    Raises with the next step when something is missing."""
    project = project or Project.load(settings.project)
    clock = _fixed(settings.today, clock)
    if is_shop(project):
        from bot.shop import open_shop  # heavy: a plain project does without

        engine = open_database(settings.engine_url)
        shop = open_shop(settings, engine, clock)
        trackers = SqlTrackerStore(engine)
        parse = shop.parser(project)
        runtime = (
            _rasa(settings, project, parse, trackers, engine)
            if settings.runtime == "rasa"
            else EmbeddedRuntime(
                project,
                parse=parse,
                actions=shop.actions(),
                store=trackers,
                reminders=SqlReminderStore(engine),
                clock=clock,
            )
        )
        return Core(settings, project, runtime, trackers, engine, shop.services, shop.pipeline)
    return _plain(settings, project, clock)


def _rasa(settings: Settings, project: Project, parse: Parse, trackers: Store, engine: Engine) -> RasaRuntime:
    """What the Rasa server cannot answer waits for a person."""
    conversations = Conversations(engine)

    async def wait(sender_id: str) -> None:
        await asyncio.to_thread(conversations.wait, sender_id, reason="Rasa 服务器没有应答 / the Rasa server is away")

    return RasaRuntime(
        settings.rasa_url,
        project.domain,
        token=settings.rasa_secret,
        store=trackers,
        parse=parse,
        on_away=wait,
    )


def _plain(settings: Settings, project: Project, clock: Callable[[], float]) -> Core:
    engine = open_database(settings.project_url(project.path))
    trackers = tracker_store(project, engine)
    parse = understanding(project, settings)
    runtime = (
        _rasa(settings, project, parse, trackers, engine)
        if settings.runtime == "rasa"
        else EmbeddedRuntime(
            project,
            parse=parse,
            actions={},
            store=trackers,
            reminders=SqlReminderStore(engine),
            clock=clock,
            payloads=project.endpoint("nlu") is None,
        )
    )
    models = None
    if isinstance(runtime, EmbeddedRuntime):
        folder = settings.project_home(project.path) / "trained"
        models = Models(runtime, folder, lambda found: understanding(found, settings), parse)
    return Core(settings, project, runtime, trackers, engine, locks=lock_store(project), models=models)


def _fixed(today: str, clock: Callable[[], float]) -> Callable[[], float]:
    """A clock that stays on a given day, for demonstrations and tests; the time of day runs on."""
    if not today:
        return clock
    days = (date.fromisoformat(today) - datetime.now().date()).days
    return lambda: clock() + days * 86400
