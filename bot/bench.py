"""A project opened for its tests: on a copy of its data, at a fixed hour, put back to where it was before each story."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.core import Core, build, is_shop
from bot.dialogue.project import Project
from bot.dialogue.turn import Turn
from bot.events import Event
from bot.messages import UserMessage
from bot.settings import Settings

HOUR = 8
"""UTC: the same day nearly everywhere, and shops from Europe to China are open."""


@dataclass(frozen=True)
class Bench:
    """Takes turns as the assistant would; `put_back` undoes what they did."""

    core: Core
    _data: Path
    _before: Path

    async def turn(self, message: UserMessage) -> Turn:
        if self.core.services is not None:  # the console's row, which a hand-over to a person is written in
            conversations = self.core.services.conversations
            await asyncio.to_thread(lambda: conversations.touch(message.sender_id, channel=message.channel))
        return await self.core.runtime.turn(message)

    async def append_events(self, sender_id: str, events: Sequence[Event]) -> object:
        return await self.core.runtime.append_events(sender_id, events)

    async def put_back(self) -> None:
        await asyncio.to_thread(_copy_database, self._before, self._data)


@contextmanager
def open_bench(settings: Settings) -> Iterator[Bench]:
    """Opens the project of the settings on a copy of their home, which is removed afterwards. With `settings.today`
    the time of day is fixed too.

    Raises ValueError for a shop whose data are not in SQLite: they cannot be copied.
    """
    project = Project.load(settings.project)
    if settings.database_url and is_shop(project):
        raise ValueError(
            f"tests change orders and stock, so they run on a copy of SQLite data, but DAOGOU_DATABASE_URL is "
            f"{settings.database_url.partition(':')[0]}:…; unset it for the test."
        )
    with TemporaryDirectory(prefix="daogou-test-") as folder:
        home = Path(folder) / "home"
        mirror(settings.home, home)
        clock = _fixed_hour(settings.today) if settings.today else time.time
        values = {"home": home, "database_url": "", "today": ""}
        core = build(settings.model_copy(update=values), project=project, clock=clock)
        try:
            data, before = Path(str(core.engine.url.database)), Path(folder) / "before.db"
            _copy_database(data, before)
            yield Bench(core, data, before)
        finally:
            core.engine.dispose()


def mirror(home: Path, copy: Path) -> None:
    """The same folder with databases of its own; models and indexes, which are only read, are linked."""
    copy.mkdir(parents=True)
    for entry in sorted(home.iterdir()) if home.is_dir() else ():
        if entry.suffix == ".db":
            _copy_database(entry, copy / entry.name)
        elif entry.is_dir() and any(entry.rglob("daogou.db")):
            mirror(entry, copy / entry.name)
        elif not entry.name.endswith((".db-wal", ".db-shm")):
            (copy / entry.name).symlink_to(entry.resolve(), target_is_directory=entry.is_dir())


def _copy_database(source: Path, target: Path) -> None:
    """All of it, what waits in the write-ahead log too, even while others hold connections to the target."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def _fixed_hour(today: str) -> Callable[[], float]:
    day = date.fromisoformat(today)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=HOUR)
    began = time.monotonic()
    return lambda: start.timestamp() + time.monotonic() - began
