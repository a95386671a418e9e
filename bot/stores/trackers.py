"""Conversations as append-only events in the database."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from bot.events import Event, LostUpdateError
from bot.stores.schema import events


class SqlTrackerStore:
    """The events of each conversation, numbered from 0. Two writers cannot both append at the same place."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

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
        rows = [
            {
                "sender_id": sender_id,
                "seq": expected + offset,
                "type": event["event"],
                "time": event.get("timestamp", 0.0),
                "data": event,
            }
            for offset, event in enumerate(new)
        ]
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(events), rows)
        except IntegrityError as err:
            raise LostUpdateError(sender_id, expected) from err

    def count(self, sender_id: str) -> int:
        with self._engine.connect() as connection:
            return connection.execute(
                select(func.count()).select_from(events).where(events.c.sender_id == sender_id)
            ).scalar_one()

    def erase(self, sender_id: str) -> int:
        with self._engine.begin() as connection:
            return connection.execute(delete(events).where(events.c.sender_id == sender_id)).rowcount
