"""When conversations must be looked at for a reminder, in the database."""

from __future__ import annotations

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from bot.stores.schema import reminders


class SqlReminderStore:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, sender_id: str, due: float) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(reminders).values(sender_id=sender_id, due=due))
        except IntegrityError:
            return  # it is there already

    def remove(self, sender_id: str, due: float) -> None:
        row = (reminders.c.sender_id == sender_id, reminders.c.due == due)
        with self._engine.begin() as connection:
            connection.execute(delete(reminders).where(*row))

    def next(self) -> tuple[str, float] | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(reminders).order_by(reminders.c.due).limit(1)).first()
        return (row.sender_id, row.due) if row else None

    def forget(self, sender_id: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(reminders).where(reminders.c.sender_id == sender_id))
