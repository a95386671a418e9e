"""Rasa's own tables, so that the conversations of a Rasa server go on here and its analytics go on reading them:
the SQL tracker store, and the SQL event broker."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    func,
    insert,
    make_url,
    select,
    text,
)

from bot.events import Event, LostUpdateError
from bot.stores.database import configure

_trackers = MetaData()
events = Table(
    "events",
    _trackers,
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(255), nullable=False, index=True),
    Column("type_name", String(255), nullable=False),
    Column("timestamp", Float),
    Column("intent_name", String(255)),
    Column("action_name", String(255)),
    Column("data", Text),
)
_broker = MetaData()
published = Table(
    "events", _broker, Column("id", Integer, primary_key=True), Column("sender_id", String(255)), Column("data", Text)
)


class RasaTrackerStore:
    """All sessions of a conversation, in the order of their ids."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        _trackers.create_all(engine)

    def load(self, sender_id: str) -> list[Event]:
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(events.c.data).where(events.c.sender_id == sender_id).order_by(events.c.id)
            )
            return [json.loads(row.data) for row in rows]

    def append(self, sender_id: str, new: Sequence[Event], *, expected: int) -> None:
        """Adds events behind the `expected` ones already there; raises LostUpdateError when there are others."""
        if not new:
            return
        with self._engine.begin() as connection:
            _alone(connection, sender_id)
            connection.execute(insert(events), [_row(sender_id, event) for event in new])
            # Counted after the insertion, which keeps other writers of SQLite out.
            if self._count(connection, sender_id) != expected + len(new):
                raise LostUpdateError(sender_id, expected)

    def replace(self, sender_id: str, new: Sequence[Event]) -> None:
        """Puts these events in the place of all that there are, at once."""
        with self._engine.begin() as connection:
            _alone(connection, sender_id)
            connection.execute(delete(events).where(events.c.sender_id == sender_id))
            if new:
                connection.execute(insert(events), [_row(sender_id, event) for event in new])

    def unanswered(self, *, since: float) -> list[str]:
        """The conversations with a message of that time or later that no action has followed."""
        later = events.alias()
        followed = (later.c.sender_id == events.c.sender_id, later.c.id > events.c.id, later.c.type_name == "action")
        waiting = select(events.c.sender_id).where(
            events.c.type_name == "user", events.c.timestamp >= since, ~select(later.c.id).where(*followed).exists()
        )
        with self._engine.connect() as connection:
            return sorted({row.sender_id for row in connection.execute(waiting)})

    def count(self, sender_id: str) -> int:
        with self._engine.connect() as connection:
            return self._count(connection, sender_id)

    def erase(self, sender_id: str) -> int:
        with self._engine.begin() as connection:
            return connection.execute(delete(events).where(events.c.sender_id == sender_id)).rowcount

    def close(self) -> None:
        self._engine.dispose()

    @staticmethod
    def _count(connection: Connection, sender_id: str) -> int:
        return connection.execute(
            select(func.count()).select_from(events).where(events.c.sender_id == sender_id)
        ).scalar_one()


class SqlBroker:
    """Rasa's `event_broker: {type: sql}`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        _broker.create_all(engine)

    def publish(self, sender_id: str, new: Sequence[Event]) -> None:
        rows = [{"sender_id": sender_id, "data": json.dumps({"sender_id": sender_id, **event})} for event in new]
        with self._engine.begin() as connection:
            connection.execute(insert(published), rows)


def open_engine(entry: Mapping[str, Any], *, db: str) -> Engine:
    """The database of an entry in endpoints.yml with Rasa's keys: dialect, url, port, db, username, password, query.

    Raises ValueError for one that cannot be opened as written."""
    host = entry.get("url") or entry.get("host")
    if host and "://" in str(host):
        url = make_url(str(host))
    else:
        name, _, port = str(host or "").partition(":")
        wanted = port or entry.get("port")
        if wanted and not str(wanted).isdigit():
            raise ValueError(f"the port is {wanted!r}; it must be a number")
        url = URL.create(
            str(entry.get("dialect") or "sqlite"),
            username=_text(entry.get("username")),
            password=_text(entry.get("password")),
            host=name or None,
            port=int(wanted) if wanted else None,
            database=str(entry.get("db") or db),
            query=entry.get("query") or {},
        )
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg2"):
        url = url.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
        configure(engine)
    except ModuleNotFoundError as err:
        raise ValueError(f"the dialect {url.drivername!r} needs the package {err.name!r}; install it") from err
    return engine


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    intent = (event.get("parse_data") or {}).get("intent") or {}
    return {
        "sender_id": sender_id,
        "type_name": event["event"],
        "timestamp": event.get("timestamp"),
        "intent_name": intent.get("name"),
        "action_name": event.get("name"),
        "data": json.dumps(event),
    }


def _alone(connection: Connection, sender_id: str) -> None:
    """PostgreSQL lets two writers count at the same time; they take turns."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:who))"), {"who": sender_id})
