"""Our copy of the conversations that a Rasa server leads."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from bot.dialogue.bot_event import message_of_event
from bot.dialogue.domain import LISTEN, SESSION_START, Domain
from bot.dialogue.embedded import CACHED_TRACKERS
from bot.dialogue.moment import PENDING_REQUESTS
from bot.dialogue.rasa_server import RasaServer
from bot.dialogue.store import MemoryTrackerStore, TrackerStore
from bot.dialogue.tracker import Tracker
from bot.dialogue.turn import Turn
from bot.events import Event, LostUpdateError
from bot.messages import BotMessage, Card

T = TypeVar("T")
ATTEMPTS = 3  # at writing down what another process writes down too
TICK = 1e-6  # seconds; keeps our own notes behind the event they follow

log = logging.getLogger(__name__)


class RasaCopy:
    """What Rasa records is brought into `store`. The copy is the one that lasts: where Rasa has lost a conversation (its
    tracker store is in memory by default), it gets it back. Raises what the server raises."""

    def __init__(self, domain: Domain, server: RasaServer, store: TrackerStore) -> None:
        self._domain = domain
        self._server = server
        self._store = store
        self._trackers: OrderedDict[str, Tracker] = OrderedDict()

    async def open(self, sender_id: str) -> Tracker:
        """The conversation as this process knows it; from the store where it does not yet."""
        tracker = self._trackers.get(sender_id)
        if tracker is None:
            tracker = Tracker(self._domain, sender_id, await self._stored(lambda: self._store.load(sender_id)))
        return self._keep(tracker)

    def read(self, sender_id: str) -> Tracker:
        """The conversation as it was copied last; only to be read."""
        events = self._store.load(sender_id)
        known = self._trackers.get(sender_id)
        if known is None or len(known.events) > len(events):
            known = Tracker(self._domain, sender_id)
        for event in events[len(known.events) :]:
            known.update(event)
        return self._keep(known)

    def forget(self, sender_id: str) -> None:
        """Drops what is held in memory of a conversation."""
        self._trackers.pop(sender_id, None)

    async def align(self, sender_id: str) -> None:
        """Makes copy and server agree: the server gets back what it has lost, the copy gets what happened there
        without us."""
        tracker = await self.open(sender_id)
        theirs = await self._server.tracker(sender_id, "NONE")
        if not _agree(tracker, theirs):
            await self._reconcile(sender_id, tracker)

    async def bring(self, sender_id: str) -> Turn:
        """Writes down what is new on the server, and returns it as a turn."""
        state = await self._server.tracker(sender_id)
        theirs: list[Event] = state.get("events") or []
        new = await self._record(sender_id, lambda known: _after(theirs, known))
        heard = next((event for event in new if event["event"] == "user"), {})
        actions = [event.get("name") or event.get("action_text") for event in new if event["event"] == "action"]
        return Turn(
            messages=[message_of_rasa(event) for event in new if event["event"] == "bot"],
            parse=heard.get("parse_data") or {},
            actions=[str(action) for action in actions if action not in (LISTEN, SESSION_START)],
            slots=state.get("slots") or {},
            active_loop=(state.get("active_loop") or {}).get("name"),
            events=new,
        )

    async def note(self, sender_id: str, event: Event) -> None:
        """An event of ours among the copied ones, which the server does not need to know."""
        tracker = await self.open(sender_id)
        placed = {**event, "timestamp": _last(tracker.events) + TICK}
        await self._record(sender_id, lambda _: [placed])

    async def _reconcile(self, sender_id: str, tracker: Tracker) -> None:
        state = await self._server.tracker(sender_id)
        theirs: list[Event] = state.get("events") or []
        last = _last(tracker.events)
        if any(event.get("timestamp") == last for event in theirs):
            await self._record(sender_id, lambda known: _after(theirs, known))
        elif last:
            log.warning("conversation %r: the Rasa server has lost it and gets it back", sender_id)
            await self._server.replace(sender_id, _session(tracker.events))
        elif any(event["event"] == "user" for event in theirs):
            await self._record(sender_id, lambda _: theirs)

    async def _record(self, sender_id: str, choose: Callable[[Sequence[Event]], list[Event]]) -> list[Event]:
        """Appends what `choose` takes, given the events that are known; another process may be doing the same."""
        for _ in range(ATTEMPTS):
            tracker = await self.open(sender_id)
            new, expected = choose(tracker.events), len(tracker.events)
            try:
                await self._stored(lambda: self._store.append(sender_id, new, expected=expected))  # noqa: B023
            except LostUpdateError:
                self._trackers.pop(sender_id, None)
                continue
            for event in new:
                tracker.update(event)
            return new
        raise LostUpdateError(sender_id, expected)

    def _keep(self, tracker: Tracker) -> Tracker:
        self._trackers[tracker.sender_id] = tracker
        self._trackers.move_to_end(tracker.sender_id)
        if len(self._trackers) > CACHED_TRACKERS:
            self._trackers.popitem(last=False)
        return tracker

    async def _stored(self, call: Callable[[], T]) -> T:
        """Databases wait in a thread, so that other conversations go on."""
        return call() if isinstance(self._store, MemoryTrackerStore) else await asyncio.to_thread(call)


def _agree(tracker: Tracker, theirs: Mapping[str, Any]) -> bool:
    """Same latest message, same slots: then the rest is the same too."""
    ours = tracker.message.event.get("message_id") if tracker.message is not None else None
    return ours == (theirs.get("latest_message") or {}).get("message_id") and dict(tracker.slots) == theirs.get("slots")


def _is_note(event: Event) -> bool:
    return event["event"] == "slot" and event.get("name") == PENDING_REQUESTS


def _last(events: Sequence[Event]) -> float:
    """The time of the latest event that came from the server."""
    return next((float(e.get("timestamp") or 0.0) for e in reversed(events) if not _is_note(e)), 0.0)


def _after(theirs: Sequence[Event], known: Sequence[Event]) -> list[Event]:
    """What has come since the events that are known. The server may have dropped earlier sessions."""
    last = _last(known)
    for index in range(len(theirs) - 1, -1, -1):
        if theirs[index].get("timestamp") == last:
            return list(theirs[index + 1 :])
    return [event for event in theirs if float(event.get("timestamp") or 0.0) > last]


def _session(events: Sequence[Event]) -> list[Event]:
    """The latest session, with the action that began it and without our notes."""
    starts = [index for index, event in enumerate(events) if event["event"] == "session_started"]
    first = max(starts[-1] - 1, 0) if starts else 0
    return [event for event in events[first:] if not _is_note(event)]


def message_of_rasa(event: Event) -> BotMessage:
    """With the cards and sources that our action server puts into the custom part."""
    message = message_of_event(event)
    custom = dict(message.custom or {})
    extra = {"cards": custom.pop("cards", None) or (), "sources": custom.pop("sources", None) or ()}
    if not any(extra.values()):
        return message
    rich = BotMessage.from_dict(extra)
    cards: tuple[Card, ...] = (*message.cards, *rich.cards)
    return replace(message, cards=cards, sources=(*message.sources, *rich.sources), custom=custom or None)
