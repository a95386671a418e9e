"""Reminders that a conversation has set and that are still to come: a fold over its events, as everything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from bot.events import Event


class Reminder(NamedTuple):
    """`due` in seconds since the epoch; `event` as recorded; `earlier` where a new session has begun since."""

    name: str
    due: float
    event: Event
    earlier: bool = False

    @property
    def intent(self) -> str:
        return str(self.event.get("intent"))

    @property
    def entities(self) -> Any:
        return self.event.get("entities") or []


class Pending:
    """As in Rasa, a reminder ends when it is cancelled, replaced by one of its name, taken back or restarted away, and,
    unless it says otherwise, when the user sends anything (what happens outside counts). Beyond Rasa, names belong to
    one conversation, and a reminder outlives the session that it was set in. One at no time is left out.
    """

    def __init__(self) -> None:
        self._by_name: dict[str, Reminder] = {}

    def __iter__(self) -> Iterator[Reminder]:
        """The next one first."""
        return iter(sorted(self._by_name.values(), key=lambda reminder: reminder.due))

    def due(self, now: float) -> Reminder | None:
        """The longest due."""
        first = next(iter(self), None)
        return first if first is not None and first.due <= now else None

    def update(self, event: Event, applied: Iterable[Event]) -> None:
        """`applied` are the events that count after `event`; they are looked at only where it takes others back."""
        kind = event.get("event")
        if kind == "reminder":
            self._add(event)
        elif not self._by_name:
            return
        elif kind == "restart":
            self._by_name.clear()
        elif kind == "cancel_reminder":
            self._keep(reminder for reminder in self if not _cancels(event, reminder))
        elif kind == "user":
            fired = (event.get("metadata") or {}).get("reminder")
            kept = [r for r in self if r.name != fired and not (event.get("text") and _ends_at_messages(r.event))]
            self._keep(kept)
        elif kind in ("rewind", "undo"):
            left = {id(one) for one in applied if one.get("event") == "reminder"}
            self._keep(reminder for reminder in self if reminder.earlier or id(reminder.event) in left)
        elif kind == "session_started":
            self._keep([reminder._replace(earlier=True) for reminder in self])

    def _add(self, event: Event) -> None:
        try:
            due = due_time(event)
        except ValueError:
            return
        name = str(event.get("name"))
        self._by_name[name] = Reminder(name, due, event)

    def _keep(self, reminders: Iterable[Reminder]) -> None:
        self._by_name = {reminder.name: reminder for reminder in list(reminders)}


def due_time(event: Mapping[str, Any]) -> float:
    """Seconds since the epoch. A time without a zone is local, as in Rasa. Raises ValueError for what is no time."""
    given = event.get("date_time")
    try:
        return datetime.fromisoformat(str(given)).timestamp()
    except (ValueError, OverflowError, OSError) as err:
        raise ValueError(f"date_time is {given!r:.60}; it must be a time such as 2026-11-22T10:00:00+08:00.") from err


def _ends_at_messages(event: Mapping[str, Any]) -> bool:
    return bool(event.get("kill_on_user_msg", True))


def _cancels(event: Mapping[str, Any], reminder: Reminder) -> bool:
    """Whatever the cancellation names must be equal; one that names nothing cancels all."""
    return all(not event.get(key) or event[key] == reminder.event.get(key) for key in ("name", "intent", "entities"))
