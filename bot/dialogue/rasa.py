"""The runtime over HTTP: a real Rasa server decides, our understanding and our actions serve it."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from bot.dialogue.domain import Domain
from bot.dialogue.embedded import NOT_UNDERSTOOD, Parse
from bot.dialogue.errors import UnknownIntentError
from bot.dialogue.intent_message import parse_intent_message
from bot.dialogue.moment import PENDING_REQUESTS
from bot.dialogue.rasa_copy import RasaCopy, message_of_rasa
from bot.dialogue.rasa_server import RasaRefusedError, RasaServer, RasaUnavailableError
from bot.dialogue.responses import Responses
from bot.dialogue.store import MemoryTrackerStore, TrackerStore
from bot.dialogue.tracker import Tracker
from bot.dialogue.turn import Turn
from bot.events import Event, slot_set
from bot.messages import BotMessage, UserMessage

__all__ = ["RasaRuntime", "message_of_rasa"]

AWAY_RESPONSE = "utter_server_away"
AWAY_TEXT = "抱歉，系统暂时出了点问题，请稍后再试。 / Sorry, something is out of order on our side; please try again in a moment."
REMEMBERED = 2_000  # understandings of further requests that wait to be asked for

_AWAY = (RasaUnavailableError, RasaRefusedError)  # refused: wrongly set up, which is no better for the customer

log = logging.getLogger(__name__)


async def _nothing_understood(_: UserMessage, __: Tracker) -> Mapping[str, Any]:
    return {}


async def _nobody_told(_: str) -> None:
    return None


class RasaRuntime:
    """Takes turns as EmbeddedRuntime does; whoever calls must let one conversation have one turn at a time.

    What Rasa records is copied into `store` after each turn (see RasaCopy), and given back to it before the next one
    where it has lost it. `parse` is our understanding, for the server's `nlu: url` that leads back to us. `on_away` learns
    of each message that Rasa could not answer; the customer gets one sentence, the domain's `utter_server_away` where it
    has one.
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
        self._copy = RasaCopy(domain, self._server, store or MemoryTrackerStore())
        self._parse = parse
        self._on_away = on_away
        self._responses = Responses(domain)
        self._checked = False
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
            tracker = await self._copy.open(message.sender_id)
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
        await self._copy.bring(message.sender_id)
        return await self._copy.open(message.sender_id)

    async def trigger_intent(
        self, sender_id: str, name: str, entities: Sequence[Mapping[str, Any]] | Mapping[str, Any] = ()
    ) -> Turn:
        """Answers something that happened outside as if the user had said it. Raises UnknownIntentError."""
        if name not in self.domain.intents:
            raise UnknownIntentError(f"The intent {name!r} does not exist in the domain.")
        await self._align(sender_id)
        await self._server.trigger(sender_id, name, entities if isinstance(entities, Mapping) else list(entities))
        return await self._copy.bring(sender_id)

    async def append_events(self, sender_id: str, events: Sequence[Event]) -> Tracker:
        """Records events from outside. While the server is away they wait here, until it is back."""
        self._unsent.setdefault(sender_id, []).extend(events)
        try:
            await self._align(sender_id)
        except _AWAY as err:
            log.warning("conversation %r: %d events wait: %s", sender_id, len(events), err)
        return await self._copy.open(sender_id)

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
        return self._copy.read(sender_id)

    def forget(self, sender_id: str) -> None:
        """Drops what is held in memory of a conversation."""
        self._copy.forget(sender_id)
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
        turn = await self._copy.bring(message.sender_id)
        if not any(event["event"] == "user" for event in turn.events):
            raise RasaUnavailableError(f"The Rasa server at {self._server.url} broke at the message; its log says why.")
        return turn

    async def _say_further(self, message: UserMessage, turn: Turn) -> Turn:
        """Takes up what else the user asked for, now or, while a form is asking, when it has ended."""
        tracker = await self._copy.open(message.sender_id)
        queue = [*tracker.moment.pending, *(turn.parse.get("requests") or ())]
        part = 0
        while queue and turn.active_loop is None and not tracker.moment.paused:
            request = queue.pop(0)
            part += 1
            await self._postpone(message.sender_id, queue)
            self._remember(message.sender_id, request)
            text = str(request.get("text") or message.text)
            turn = _joined(turn, await self._say(replace(message, text=text, parse=None), part=part))
            tracker = await self._copy.open(message.sender_id)
        await self._postpone(message.sender_id, queue)
        return turn

    async def _postpone(self, sender_id: str, requests: Sequence[Mapping[str, Any]]) -> None:
        """A note of ours among the copied events, which the server does not need to know."""
        tracker = await self._copy.open(sender_id)
        if tuple(requests) != tracker.moment.pending:
            await self._copy.note(sender_id, slot_set(PENDING_REQUESTS, list(requests)))

    def _apology(self, tracker: Tracker) -> BotMessage:
        rendered = self._responses.render(AWAY_RESPONSE, tracker)
        return BotMessage(text=str(rendered["text"]) if rendered and rendered.get("text") else AWAY_TEXT)

    def _remember(self, sender_id: str, request: Mapping[str, Any]) -> None:
        self._understood[sender_id, str(request.get("text") or "").strip()] = request
        if len(self._understood) > REMEMBERED:
            self._understood.popitem(last=False)

    # --- the server and the copy
    async def _align(self, sender_id: str) -> None:
        """Makes copy and server agree: the server gets back what it has lost and what waited for it, the copy gets
        what happened there without us."""
        if not self._checked:
            await self.check()
        await self._erase_there()
        await self._copy.align(sender_id)
        waiting = self._unsent.pop(sender_id, None)
        if waiting:
            try:
                await self._server.append(sender_id, waiting)
            except _AWAY:
                self._unsent[sender_id] = [*waiting, *self._unsent.get(sender_id, ())]
                raise
            await self._copy.bring(sender_id)

    async def _known(self, sender_id: str) -> Tracker:
        """The copy, or for a conversation that is led elsewhere the slots that the server has."""
        tracker = await self._copy.open(sender_id)
        if tracker.events:
            return tracker
        try:
            slots = (await self._server.tracker(sender_id, "NONE")).get("slots") or {}
        except _AWAY:
            return tracker
        return Tracker(self.domain, sender_id, [slot_set(name, value) for name, value in slots.items()])


def _joined(turn: Turn, further: Turn) -> Turn:
    return replace(
        further,
        messages=[*turn.messages, *further.messages],
        parse=turn.parse,
        actions=[*turn.actions, *further.actions],
        events=[*turn.events, *further.events],
        failures=[*turn.failures, *further.failures],
    )
