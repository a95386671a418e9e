"""Where conversations and the times of their reminders are kept: protocols, and the stores of a process that needs
none beyond itself."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Protocol, runtime_checkable

from bot.events import Event, LostUpdateError


class TrackerStore(Protocol):
    def load(self, sender_id: str) -> list[Event]:
        """All events of a conversation, oldest first; empty for one that is not known."""
        ...

    def append(self, sender_id: str, events: Sequence[Event], *, expected: int) -> None:
        """Adds events after the `expected` ones that the caller has seen. Raises LostUpdateError if there are others."""
        ...

    def replace(self, sender_id: str, events: Sequence[Event]) -> None:
        """Puts these events in the place of all that there are, at once."""
        ...


@runtime_checkable
class QuickTrackerStore(Protocol):
    """A store that can often answer at once, without another thread: both say so by what they return."""

    def load_now(self, sender_id: str) -> list[Event] | None:
        """None: use `load`."""
        ...

    def append_now(self, sender_id: str, events: Sequence[Event], *, expected: int) -> bool:
        """False: nothing is done; use `append`. Raises LostUpdateError."""
        ...


class MemoryTrackerStore:
    def __init__(self) -> None:
        self._events: dict[str, list[Event]] = {}

    def load(self, sender_id: str) -> list[Event]:
        return list(self._events.get(sender_id, ()))

    def load_now(self, sender_id: str) -> list[Event]:
        return self.load(sender_id)

    def append_now(self, sender_id: str, events: Sequence[Event], *, expected: int) -> bool:
        self.append(sender_id, events, expected=expected)
        return True

    def append(self, sender_id: str, events: Sequence[Event], *, expected: int) -> None:
        known = self._events.setdefault(sender_id, [])
        if len(known) != expected:
            raise LostUpdateError(sender_id, expected)
        known.extend(events)

    def replace(self, sender_id: str, events: Sequence[Event]) -> None:
        self._events[sender_id] = list(events)


class ReminderStore(Protocol):
    """When conversations must be looked at, in seconds since the epoch. Only an index: which reminders are due is read
    from the events, so a time without a reminder does no harm."""

    def add(self, sender_id: str, due: float) -> None: ...

    def remove(self, sender_id: str, due: float) -> None: ...

    def next(self) -> tuple[str, float] | None:
        """The conversation whose time comes first."""
        ...

    def forget(self, sender_id: str) -> None:
        """Removes all times of a conversation."""
        ...


class MemoryReminderStore:
    def __init__(self) -> None:
        self._times: set[tuple[float, str]] = set()
        self._lock = Lock()  # stores are called from threads

    def add(self, sender_id: str, due: float) -> None:
        with self._lock:
            self._times.add((due, sender_id))

    def remove(self, sender_id: str, due: float) -> None:
        with self._lock:
            self._times.discard((due, sender_id))

    def next(self) -> tuple[str, float] | None:
        with self._lock:
            first = min(self._times, default=None)
        return None if first is None else (first[1], first[0])

    def forget(self, sender_id: str) -> None:
        with self._lock:
            self._times = {item for item in self._times if item[1] != sender_id}
