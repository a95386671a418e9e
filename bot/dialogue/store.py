"""Where conversations are kept: a protocol, and the store of a process that needs none beyond itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.events import Event, LostUpdateError


class TrackerStore(Protocol):
    def load(self, sender_id: str) -> list[Event]:
        """All events of a conversation, oldest first; empty for one that is not known."""
        ...

    def append(self, sender_id: str, events: Sequence[Event], *, expected: int) -> None:
        """Adds events after the `expected` ones that the caller has seen. Raises LostUpdateError if there are others."""
        ...


class MemoryTrackerStore:
    def __init__(self) -> None:
        self._events: dict[str, list[Event]] = {}

    def load(self, sender_id: str) -> list[Event]:
        return list(self._events.get(sender_id, ()))

    def append(self, sender_id: str, events: Sequence[Event], *, expected: int) -> None:
        known = self._events.setdefault(sender_id, [])
        if len(known) != expected:
            raise LostUpdateError(sender_id, expected)
        known.extend(events)
