"""The runtime over HTTP: a real Rasa server decides, our understanding and our actions serve it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import httpx

from bot.dialogue.bot_event import message_of_event
from bot.dialogue.domain import LISTEN, SESSION_START, Domain
from bot.dialogue.embedded import CACHED_TRACKERS, NOT_UNDERSTOOD, Parse
from bot.dialogue.errors import UnknownIntentError
from bot.dialogue.intent_message import parse_intent_message
from bot.dialogue.moment import PENDING_REQUESTS
from bot.dialogue.rasa_server import RasaRefusedError, RasaServer, RasaUnavailableError
from bot.dialogue.responses import Responses
from bot.dialogue.store import MemoryTrackerStore, TrackerStore
from bot.dialogue.tracker import Tracker
from bot.dialogue.turn import Turn
from bot.events import Event, LostUpdateError, slot_set
from bot.messages import BotMessage, Card, UserMessage

T = TypeVar("T")
AWAY_RESPONSE = "utter_server_away"
AWAY_TEXT = "抱歉，系统暂时出了点问题，请稍后再试。 / Sorry, something is out of order on our side; please try again in a moment."
REMEMBERED = 2_000  # understandings of further requests that wait to be asked for
ATTEMPTS = 3  # at writing down what another process writes down too
TICK = 1e-6  # seconds; keeps our own notes behind the event they follow

_AWAY = (RasaUnavailableError, RasaRefusedError)  # refused: wrongly set up, which is no better for the customer

log = logging.getLogger(__name__)


async def _nothing_understood(_: UserMessage, __: Tracker) -> Mapping[str, Any]:
    return {}


async def _nobody_told(_: str) -> None:
    return None


class RasaRuntime:
    """Takes turns as EmbeddedRuntime does; whoever calls must let one conversation have one turn at a time.

    What Rasa records is copied into `store` after each turn. The copy is the one that lasts: where Rasa has lost a
    conversation (its tracker store is in memory by default), it gets it back before the next turn. `parse` is our
    understanding, for the server's `nlu: url` that leads back to us. `on_away` learns of each message that Rasa could
    not answer; the customer gets one sentence, the domain's `utter_server_away` where it has one.
    """

    def __init__(
        self,
        url: str,
        domain: Domain,
        *,
        token: str | None = None,
        client: httpx.AsyncClient | None = None,
        store: TrackerStore | None = None,
        parse: Parse = _nothing_understood,
        on_away: Callable[[str], Awaitable[None]] = _nobody_told,
    ) -> None:
        self.domain = domain
        self._server = RasaServer(url, token=token, client=client)
        self._store: TrackerStore = store or MemoryTrackerStore()
        self._parse = parse
        self._on_away = on_away
        self._responses = Responses(domain)
        self._checked = False
        self._trackers: OrderedDict[str, Tracker] = OrderedDict()
        self._understood: OrderedDict[tuple[str, str], Mapping[str, Any]] = OrderedDict()
        self._unsent: dict[str, list[Event]] = {}
        self._to_erase: set[str] = set()

    async def check(self) -> str:
        """Rasa's version. Raises RasaUnavailableError where there is no server, RasaRefusedError for any but Rasa 3."""
        version = await self._server.check()
        self._checked = True
        return version

    async def respond(self, message: UserMessage) -> list[BotMessage]:
        return (await self.turn(message)).messages

    async def turn(self, message: UserMessage) -> Turn:
        """Answers a message. Where the server is away, with a sentence that says so and a failure."""
        first = Turn()
        try:
            await self._align(message.sender_id)
            first = await self._say(message)
            return await self._say_further(message, first)
        except _AWAY as err:
            log.error("conversation %r: %s", message.sender_id, err)
            await self._on_away(message.sender_id)
            tracker = await self._open(message.sender_id)
            away = Turn(
                messages=[self._apology(tracker)],
                slots=dict(tracker.slots),
                active_loop=tracker.loop_name,
                failures=[str(err)],
            )
            return _joined(first, away)

    async def hear(self, message: UserMessage) -> Tracker:
        """Records a message and the slots that it fills, without an answer."""
        await self._align(message.sender_id)
        parse = message.parse if message.parse is not None else await self.parse(message)
        await self._server.hear(message, parse)
        await self._copy(message.sender_id)
        return await self._open(message.sender_id)

    async def trigger_intent(
        self, sender_id: str, name: str, entities: Sequence[Mapping[str, Any]] | Mapping[str, Any] = ()
    ) -> Turn:
        """Answers something that happened outside as if the user had said it. Raises UnknownIntentError."""
        if name not in self.domain.intents:
            raise UnknownIntentError(f"The intent {name!r} does not exist in the domain.")
        await self._align(sender_id)
        await self._server.trigger(sender_id, name, entities if isinstance(entities, Mapping) else list(entities))
        return await self._copy(sender_id)

    async def append_events(self, sender_id: str, events: Sequence[Event]) -> Tracker:
        """Records events from outside. While the server is away they wait here, until it is back."""
        self._unsent.setdefault(sender_id, []).extend(events)
        try:
            await self._align(sender_id)
        except _AWAY as err:
            log.warning("conversation %r: %d events wait: %s", sender_id, len(events), err)
        return await self._open(sender_id)

    async def parse(self, message: UserMessage) -> Mapping[str, Any]:
        """Our understanding of a message, in the language of its conversation. A further request of an earlier message
        is understood as it was in there."""
        known = self._understood.pop((message.sender_id, message.text.strip()), None)
        if known is not None:
            return known
        spelt = parse_intent_message(message.text, self.domain)
        if spelt is not None:
            return spelt
        parse = {**NOT_UNDERSTOOD, **await self._parse(message, await self._known(message.sender_id))}
        for request in parse.get("requests") or ():
            self._remember(message.sender_id, request)
        return parse

    def tracker(self, sender_id: str) -> Tracker:
        """The conversation as it was copied last; only to be read."""
        events = self._store.load(sender_id)
        known = self._trackers.get(sender_id)
        if known is None or len(known.events) > len(events):
            known = Tracker(self.domain, sender_id)
        for event in events[len(known.events) :]:
            known.update(event)
        return self._keep(known)

    def forget(self, sender_id: str) -> None:
        """Drops what is held in memory of a conversation."""
        self._trackers.pop(sender_id, None)
        self._unsent.pop(sender_id, None)

    async def erase(self, sender_id: str) -> None:
        """Makes the server forget a conversation: nothing but a restart is left of it there, at once or when it is back.

        Holds for its in-memory tracker store; from a database that Rasa writes itself, only its owner can delete."""
        self.forget(sender_id)
        self._to_erase.add(sender_id)
        try:
            await self._erase_there()
        except _AWAY as err:
            log.warning("conversation %r: it is erased there when it is back: %s", sender_id, err)

    async def _erase_there(self) -> None:
        for sender_id in list(self._to_erase):
            await self._server.replace(sender_id, [{"event": "restart", "timestamp": time.time()}])
            self._to_erase.discard(sender_id)

    async def close(self) -> None:
        await self._server.close()

    # --- a turn
    async def _say(self, message: UserMessage, *, part: int = 0) -> Turn:
        if part:
            message = replace(message, metadata={**message.metadata, "part": part})
        if message.parse is not None:
            self._remember(message.sender_id, {**message.parse, "text": message.text})
        await self._server.say(message)
        turn = await self._copy(message.sender_id)
        if not any(event["event"] == "user" for event in turn.events):
            raise RasaUnavailableError(f"The Rasa server at {self._server.url} broke at the message; its log says why.")
        return turn

    async def _say_further(self, message: UserMessage, turn: Turn) -> Turn:
        """Takes up what else the user asked for, now or, while a form is asking, when it has ended."""
        tracker = await self._open(message.sender_id)
        queue = [*tracker.moment.pending, *(turn.parse.get("requests") or ())]
        part = 0
        while queue and turn.active_loop is None and not tracker.moment.paused:
            request = queue.pop(0)
            part += 1
            await self._postpone(message.sender_id, queue)
            self._remember(message.sender_id, request)
            text = str(request.get("text") or message.text)
            turn = _joined(turn, await self._say(replace(message, text=text, parse=None), part=part))
            tracker = await self._open(message.sender_id)
        await self._postpone(message.sender_id, queue)
        return turn

    async def _postpone(self, sender_id: str, requests: Sequence[Mapping[str, Any]]) -> None:
        """A note of ours among the copied events, which the server does not need to know."""
        tracker = await self._open(sender_id)
        if tuple(requests) != tracker.moment.pending:
            note = {**slot_set(PENDING_REQUESTS, list(requests)), "timestamp": _last(tracker.events) + TICK}
            await self._record(sender_id, lambda _: [note])

    def _apology(self, tracker: Tracker) -> BotMessage:
        rendered = self._responses.render(AWAY_RESPONSE, tracker)
        return BotMessage(text=str(rendered["text"]) if rendered and rendered.get("text") else AWAY_TEXT)

    def _remember(self, sender_id: str, request: Mapping[str, Any]) -> None:
        self._understood[sender_id, str(request.get("text") or "").strip()] = request
        if len(self._understood) > REMEMBERED:
            self._understood.popitem(last=False)

    # --- the copy
    async def _align(self, sender_id: str) -> None:
        """Makes copy and server agree: the server gets back what it has lost and what waited for it, the copy gets
        what happened there without us."""
        if not self._checked:
            await self.check()
        await self._erase_there()
        tracker = await self._open(sender_id)
        theirs = await self._server.tracker(sender_id, "NONE")
        if not _agree(tracker, theirs):
            await self._reconcile(sender_id, tracker)
        waiting = self._unsent.pop(sender_id, None)
        if waiting:
            try:
                await self._server.append(sender_id, waiting)
            except _AWAY:
                self._unsent[sender_id] = [*waiting, *self._unsent.get(sender_id, ())]
                raise
            await self._copy(sender_id)

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

    async def _copy(self, sender_id: str) -> Turn:
        """Writes down what is new on the server."""
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

    async def _record(self, sender_id: str, choose: Callable[[Sequence[Event]], list[Event]]) -> list[Event]:
        """Appends what `choose` takes, given the events that are known; another process may be doing the same."""
        for _ in range(ATTEMPTS):
            tracker = await self._open(sender_id)
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

    async def _open(self, sender_id: str) -> Tracker:
        tracker = self._trackers.get(sender_id)
        if tracker is None:
            tracker = Tracker(self.domain, sender_id, await self._stored(lambda: self._store.load(sender_id)))
        return self._keep(tracker)

    async def _known(self, sender_id: str) -> Tracker:
        """The copy, or for a conversation that is led elsewhere the slots that the server has."""
        tracker = await self._open(sender_id)
        if tracker.events:
            return tracker
        try:
            slots = (await self._server.tracker(sender_id, "NONE")).get("slots") or {}
        except _AWAY:
            return tracker
        return Tracker(self.domain, sender_id, [slot_set(name, value) for name, value in slots.items()])

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


def _joined(turn: Turn, further: Turn) -> Turn:
    return replace(
        further,
        messages=[*turn.messages, *further.messages],
        parse=turn.parse,
        actions=[*turn.actions, *further.actions],
        events=[*turn.events, *further.events],
        failures=[*turn.failures, *further.failures],
    )
