"""Who is talking where, what was said as the customer saw it, and who has the word: the assistant or a person."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.stores.schema import conversations, inbox, messages

Mode = Literal["bot", "waiting", "human"]
Author = Literal["customer", "bot", "agent", "system"]


@dataclass(frozen=True, slots=True)
class Conversation:
    sender_id: str
    channel: str
    customer_id: str | None
    mode: Mode
    language: str
    mood: float
    reason: str
    summary: str
    operator: str
    waiting_since: float | None
    updated_at: float


@dataclass(frozen=True, slots=True)
class Said:
    """One bubble: `data` is a BotMessage's dict, or {"text"} for people."""

    id: int
    sender_id: str
    author: Author
    data: Mapping[str, Any]
    time: float


class Conversations:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, sender_id: str) -> Conversation | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(conversations).where(conversations.c.sender_id == sender_id)).first()
        return Conversation(**row._mapping) if row else None

    def touch(self, sender_id: str, *, channel: str, **values: Any) -> Conversation:
        """Creates the conversation, or sets the given columns of it."""
        now = time.time()
        statement = update(conversations).where(conversations.c.sender_id == sender_id).values(updated_at=now, **values)
        fresh: dict[str, Any] = {
            "sender_id": sender_id,
            "channel": channel,
            "customer_id": None,
            "mode": "bot",
            "language": "",
            "mood": 0.0,
            "reason": "",
            "summary": "",
            "operator": "",
            "waiting_since": None,
            "updated_at": now,
        }
        with self._engine.begin() as connection:
            if not connection.execute(statement).rowcount:
                try:
                    with connection.begin_nested():
                        connection.execute(insert(conversations).values(fresh | values))
                except IntegrityError:  # another writer was first
                    connection.execute(statement)
            row = connection.execute(select(conversations).where(conversations.c.sender_id == sender_id)).one()
        return Conversation(**row._mapping)

    def of_customer(self, customer_id: str) -> list[str]:
        """The sender ids of a customer's conversations."""
        with self._engine.connect() as connection:
            statement = select(conversations.c.sender_id).where(conversations.c.customer_id == customer_id)
            return [row.sender_id for row in connection.execute(statement)]

    def change_mode(self, sender_id: str, *, only_if: Sequence[Mode], mode: Mode, operator: str = "") -> bool:
        """Hands the word over; False when somebody else did meanwhile."""
        statement = (
            update(conversations)
            .where(conversations.c.sender_id == sender_id, conversations.c.mode.in_(only_if))
            .values(
                mode=mode,
                operator=operator,
                updated_at=time.time(),
                **({} if mode == "waiting" else {"waiting_since": None}),
            )
        )
        with self._engine.begin() as connection:
            return bool(connection.execute(statement).rowcount)

    def wait(self, sender_id: str, *, reason: str) -> bool:
        """Puts a conversation of the assistant's in line for a person; False when it is there already."""
        statement = (
            update(conversations)
            .where(conversations.c.sender_id == sender_id, conversations.c.mode == "bot")
            .values(mode="waiting", waiting_since=time.time(), reason=reason)
        )
        with self._engine.begin() as connection:
            return bool(connection.execute(statement).rowcount)

    def listed(self, *, limit: int = 100) -> list[Conversation]:
        """For the console: those who wait first (longest first), then the newest."""
        order = (
            conversations.c.waiting_since.is_(None),
            conversations.c.waiting_since,
            conversations.c.updated_at.desc(),
        )
        with self._engine.connect() as connection:
            rows = connection.execute(select(conversations).order_by(*order).limit(limit)).all()
        return [Conversation(**row._mapping) for row in rows]

    def say(self, sender_id: str, author: Author, data: Mapping[str, Any]) -> Said:
        now = time.time()
        with self._engine.begin() as connection:
            key = connection.execute(
                insert(messages).values(sender_id=sender_id, author=author, data=dict(data), time=now)
            ).inserted_primary_key
        if key is None:
            raise RuntimeError(f"the database gave no id to a message of {sender_id!r}")
        return Said(int(key[0]), sender_id, author, data, now)

    def history(self, sender_id: str, *, after: int = 0, limit: int = 200) -> list[Said]:
        """The newest `limit` bubbles with an id above `after`, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(messages)
                .where(messages.c.sender_id == sender_id, messages.c.id > after)
                .order_by(messages.c.id.desc())
                .limit(limit)
            ).all()
        return [Said(**row._mapping) for row in reversed(rows)]

    def erase(self, sender_id: str) -> None:
        """Removes what was said; the row stays, so that the connection it belongs to goes on."""
        with self._engine.begin() as connection:
            connection.execute(delete(messages).where(messages.c.sender_id == sender_id))
            connection.execute(delete(inbox).where(inbox.c.sender_id == sender_id))
            statement = update(conversations).where(conversations.c.sender_id == sender_id)
            connection.execute(statement.values(customer_id=None, summary="", reason="", mood=0.0))


class Inbox:
    """Every message is stored before it is worked on; a repeated delivery gets the stored replies."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def receive(self, channel: str, message_id: str, sender_id: str, text: str, metadata: Mapping[str, Any]) -> bool:
        """False when the message is known already."""
        row = {
            "channel": channel,
            "message_id": message_id,
            "sender_id": sender_id,
            "text": text,
            "metadata": dict(metadata),
            "received_at": time.time(),
            "replies": None,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(inbox).values(row))
        except IntegrityError:
            return False
        return True

    def replies(self, channel: str, message_id: str) -> list[dict[str, Any]] | None:
        """None while the message has not been answered."""
        with self._engine.connect() as connection:
            return connection.execute(
                select(inbox.c.replies).where(inbox.c.channel == channel, inbox.c.message_id == message_id)
            ).scalar_one_or_none()

    def answer(self, channel: str, message_id: str, replies: Sequence[Mapping[str, Any]]) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                update(inbox)
                .where(inbox.c.channel == channel, inbox.c.message_id == message_id)
                .values(replies=[dict(r) for r in replies])
            )

    def unanswered(self, *, since: float) -> list[dict[str, Any]]:
        """Messages stored but not answered, oldest first: what a crash interrupted."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(inbox).where(inbox.c.received_at >= since).order_by(inbox.c.received_at)
            ).all()
        return [dict(row._mapping) for row in rows if row.replies is None]
