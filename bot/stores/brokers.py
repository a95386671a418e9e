"""Everybody who wants to know what happens: Rasa's event broker, around the store that keeps the conversations."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.events import Event

log = structlog.get_logger()


class Broker(Protocol):
    def publish(self, sender_id: str, new: Sequence[Event]) -> None: ...


class Store(Protocol):
    def load(self, sender_id: str) -> list[Event]: ...

    def append(self, sender_id: str, new: Sequence[Event], *, expected: int) -> None: ...

    def replace(self, sender_id: str, new: Sequence[Event]) -> None: ...

    def unanswered(self, *, since: float) -> list[str]:
        """The conversations with a message of that time or later that no action has followed."""
        ...

    def erase(self, sender_id: str) -> int: ...

    def close(self) -> None: ...


class FileBroker:
    """Rasa's `event_broker: {type: file}`: one JSON object a line."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()

    def publish(self, sender_id: str, new: Sequence[Event]) -> None:
        lines = "".join(json.dumps({"sender_id": sender_id, **event}) + "\n" for event in new)
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(lines)


class PublishingStore:
    """A store whose events are published once they are kept. A broker that fails is logged and stops no conversation."""

    def __init__(self, store: Store, broker: Broker) -> None:
        self._store = store
        self._broker = broker

    def load(self, sender_id: str) -> list[Event]:
        return self._store.load(sender_id)

    def append(self, sender_id: str, new: Sequence[Event], *, expected: int) -> None:
        self._store.append(sender_id, new, expected=expected)
        self._publish(sender_id, new)

    def replace(self, sender_id: str, new: Sequence[Event]) -> None:
        self._store.replace(sender_id, new)
        self._publish(sender_id, new)

    def unanswered(self, *, since: float) -> list[str]:
        return self._store.unanswered(since=since)

    def erase(self, sender_id: str) -> int:
        return self._store.erase(sender_id)

    def close(self) -> None:
        self._store.close()

    def _publish(self, sender_id: str, new: Sequence[Event]) -> None:
        try:
            self._broker.publish(sender_id, new)
        except (OSError, SQLAlchemyError):
            log.exception("events_not_published", sender_id=sender_id, events=len(new))
