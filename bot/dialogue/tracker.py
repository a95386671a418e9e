"""The tracker: a conversation folded event by event, equal at any time to the fold from scratch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.dialogue.domain import SESSION_START, Domain
from bot.dialogue.history import History
from bot.dialogue.moment import Moment, advance, beginning
from bot.dialogue.reminders import Pending
from bot.dialogue.state import Message
from bot.events import Event

_REWINDS = ("rewind", "undo")
EVENT_FILTERS = ("NONE", "APPLIED", "AFTER_RESTART", "ALL")


class View:
    """A conversation to look at: the tracker itself, or a branch of it with events that are not recorded yet."""

    def __init__(self, base: View, added: list[Event], moment: Moment, *, since_restart: bool = False) -> None:
        self.domain: Domain = base.domain
        self.sender_id: str = base.sender_id
        self.moment = moment
        self._start: Moment = base._start
        self._base = base
        self._added = added
        self._since_restart = since_restart

    @property
    def events(self) -> list[Event]:
        """What actions see: the session, as far as it had got when the turn began, and all since."""
        return [*self._base.session(since_restart=self._since_restart), *self._added]

    @property
    def applied(self) -> list[Event]:
        """The events that count."""
        return [*self._base.applied, *self._added]

    def session(self, *, since_restart: bool) -> list[Event]:
        events = self.events
        restart = max((i for i, e in enumerate(events) if e["event"] == "restart"), default=-1) if since_restart else -1
        return events[restart + 1 :]

    def backwards(self) -> Iterator[Event]:
        """The events of the session, the latest first; costs only what is read."""
        yield from reversed(self._added)
        yield from self._base.backwards()

    @property
    def slots(self) -> Mapping[str, Any]:
        return self.moment.slots

    @property
    def message(self) -> Message | None:
        """The latest message of the user."""
        return self.moment.message

    @property
    def loop_name(self) -> str | None:
        return self.moment.loop_name

    @property
    def channel(self) -> str | None:
        """Where the latest message of the user came from."""
        for event in self.backwards():
            if event.get("event") == "user":
                channel = event.get("input_channel")
                return None if channel is None else str(channel)
        return None

    def branch(self, events: Iterable[Event] = (), *, since_restart: bool = False) -> View:
        """This conversation as it would be after `events`; `since_restart` hides what came before."""
        return self._branch(self.moment, list(events), since_restart)

    def _branch(self, moment: Moment, added: list[Event], since_restart: bool) -> View:
        if any(event["event"] in _REWINDS for event in added):
            past = self.session(since_restart=since_restart)
            moment = Tracker(self.domain, self.sender_id, [*past, *added]).moment
        else:
            for event in added:
                moment = advance(moment, event, self.domain, self._start)
        return View(self, added, moment, since_restart=since_restart)

    def state(self, events: Sequence[Event] | None = None) -> dict[str, Any]:
        """Rasa's JSON form of a tracker, with `events` in it."""
        moment = self.moment
        loop, message = moment.loop, moment.message
        action = {"action_name": moment.action} if moment.action else {}
        if not moment.action and moment.action_text:
            action = {"action_text": moment.action_text}
        return {
            "sender_id": self.sender_id,
            "slots": dict(moment.slots),
            "latest_message": dict(message.parse) if message is not None else _EMPTY_MESSAGE,
            "latest_event_time": next((event.get("timestamp") for event in self.backwards()), None),
            "followup_action": moment.followup,
            "paused": moment.paused,
            "events": None if events is None else list(events),
            "latest_input_channel": self.channel,
            "active_loop": {
                "name": loop.name,
                "is_interrupted": loop.interrupted,
                "rejected": loop.rejected,
                "trigger_message": loop.trigger,
            }
            if loop is not None
            else {},
            "latest_action": action,
            "latest_action_name": moment.action_name,
        }


_EMPTY_MESSAGE: dict[str, Any] = {"intent": {}, "entities": [], "text": None, "message_id": None, "metadata": {}}


class Tracker(View):
    """Recorded events and everything that follows from them. `update` is its only way to change, save that reading a
    followup action uses it up."""

    def __init__(self, domain: Domain, sender_id: str = "default", events: Iterable[Event] = ()) -> None:
        self.domain = domain
        self.sender_id = sender_id
        self._log: list[Event] = []
        self.moment = self._start = beginning(domain)
        self._unsettled = self.moment
        self.history = History(domain, self._start)
        self.reminders = Pending()
        # Where in the log: after the latest restart; the latest session start; that of when the turn began.
        self._restart = self._latest_session = self._session = 0
        for event in events:
            self.update(event)

    @property
    def events(self) -> list[Event]:
        """All that was ever recorded."""
        return self._log

    def session(self, *, since_restart: bool) -> list[Event]:
        return self._log[max(self._session, self._restart if since_restart else 0) :]

    def backwards(self) -> Iterator[Event]:
        return (self._log[i] for i in range(len(self._log) - 1, self._session - 1, -1))

    def settle(self) -> None:
        """Ends a turn: as in Rasa, which reads a conversation anew for each, from here on only what counts of it does."""
        self.moment = self.history.moment
        self._session = self._latest_session

    def update(self, event: Event) -> None:
        message = Message(event) if event.get("event") == "user" else None
        if event.get("event") == "action" and event.get("name") == SESSION_START:
            self._latest_session = len(self._log)
        self._log.append(event)
        self.history.add(event, message)
        if event.get("event") in _REWINDS:
            self.moment = self._unsettled = self.history.moment
        else:
            same = self.moment is self._unsettled
            self.moment = advance(self.moment, event, self.domain, self._start, message)
            self._unsettled = (
                self.moment if same else advance(self._unsettled, event, self.domain, self._start, message)
            )
        self.reminders.update(event, (entry.event for entry in self.history.entries))
        if event.get("event") == "restart":
            self._restart = len(self._log)

    def replay(self, events: Iterable[Event] = ()) -> View:
        """The conversation as an action sees it, with `events` to come: as in Rasa, every event of the session has been
        folded again, so a followup action that is under way and smooth answers to a form are still to be seen."""
        return self._branch(self._unsettled, list(events), False)

    def take_followup(self) -> str | None:
        """The action that must come next, if one was set; asking uses it up."""
        followup = self.moment.followup
        if followup:
            self.moment = self.moment._replace(followup=None)
        return followup

    @property
    def after_restart(self) -> list[Event]:
        return self._log[self._restart :]

    @property
    def applied(self) -> list[Event]:
        return [entry.event for entry in self.history.entries]

    def latest_applied(self, kind: str) -> Event | None:
        for entry in reversed(self.history.entries):
            if entry.event.get("event") == kind:
                return entry.event
        return None

    def as_dict(self, include_events: str = "AFTER_RESTART", until: float | None = None) -> dict[str, Any]:
        """Rasa's JSON form. `include_events` is one of EVENT_FILTERS; `until` goes back to that time (seconds)."""
        if include_events not in EVENT_FILTERS:
            raise ValueError(f"include_events is {include_events!r}; it must be one of {', '.join(EVENT_FILTERS)}.")
        if until is not None:
            earlier: list[Event] = []
            for event in self.events:
                if event.get("timestamp", 0.0) > until:
                    break
                earlier.append(event)
            return Tracker(self.domain, self.sender_id, earlier).as_dict(include_events)
        shown: Mapping[str, Any] = {"ALL": self.events, "NONE": None}
        if include_events in shown:
            return self.state(shown[include_events])
        return self.state(self.applied if include_events == "APPLIED" else self.after_restart)
