"""Conversations as append-only events in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.events import Event, LostUpdateError
from bot.stores.quick import QuickEvents
from bot.stores.schema import events


class SqlTrackerStore:
    """The events of each conversation, numbered from 0. Two writers cannot both append at the same place."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        file = engine.url.database if engine.dialect.name == "sqlite" else None
        self._quick = QuickEvents(file) if file and file != ":memory:" else None

    def load_now(self, sender_id: str) -> list[Event] | None:
        """`load`, where that takes no time worth a thread; else None."""
        return None if self._quick is None else self._quick.load(sender_id)

    def append_now(self, sender_id: str, new: Sequence[Event], *, expected: int) -> bool:
        """`append`, where that takes no time worth a thread; else False. Raises LostUpdateError."""
        return self._quick is not None and (not new or self._quick.append(sender_id, new, expected))

    def close(self) -> None:
        if self._quick is not None:
            self._quick.close()

    def load(self, sender_id: str) -> list[Event]:
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(events.c.data).where(events.c.sender_id == sender_id).order_by(events.c.seq)
            )
            return [row.data for row in rows]

    def append(self, sender_id: str, new: Sequence[Event], *, expected: int) -> None:
        """Adds events behind the `expected` ones already there; raises LostUpdateError when there are others."""
        if not new:
            return
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(events), _rows(sender_id, new, expected))
        except IntegrityError as err:
            raise LostUpdateError(sender_id, expected) from err

    def replace(self, sender_id: str, new: Sequence[Event]) -> None:
        """Puts these events in the place of all that there are, at once."""
        with self._engine.begin() as connection:
            connection.execute(delete(events).where(events.c.sender_id == sender_id))
            if new:
                connection.execute(insert(events), _rows(sender_id, new, 0))

    def unanswered(self, *, since: float) -> list[str]:
        """The conversations with a message of that time or later that no action has followed."""
        later = events.alias()
        followed = (later.c.sender_id == events.c.sender_id, later.c.seq > events.c.seq, later.c.type == "action")
        waiting = select(events.c.sender_id).where(
            events.c.type == "user", events.c.time >= since, ~select(later.c.seq).where(*followed).exists()
        )
        with self._engine.connect() as connection:
            return sorted({row.sender_id for row in connection.execute(waiting)})

    def count(self, sender_id: str) -> int:
        with self._engine.connect() as connection:
            return connection.execute(
                select(func.count()).select_from(events).where(events.c.sender_id == sender_id)
            ).scalar_one()

    def erase(self, sender_id: str) -> int:
        with self._engine.begin() as connection:
            return connection.execute(delete(events).where(events.c.sender_id == sender_id)).rowcount


def _rows(sender_id: str, new: Sequence[Event], first: int) -> list[dict[str, Any]]:
    return [
        {
            "sender_id": sender_id,
            "seq": first + offset,
            "type": event["event"],
            "time": event.get("timestamp", 0.0),
            "data": event,
        }
        for offset, event in enumerate(new)
    ]
