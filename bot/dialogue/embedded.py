"""The runtime in this process: a project's conversations, turn by turn, as a Rasa server would hold them."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import httpx

from bot.calls import Action
from bot.dialogue.conversation import ONLY_HEARD, Conversation, Engine
from bot.dialogue.custom import CustomActions
from bot.dialogue.domain import SESSION_START
from bot.dialogue.endpoint import Caller
from bot.dialogue.errors import UnknownActionError, UnknownIntentError
from bot.dialogue.execution import Actions
from bot.dialogue.intent_message import parse_intent_message
from bot.dialogue.policies.ensemble import choose
from bot.dialogue.policies.prediction import Prediction
from bot.dialogue.project import Project
from bot.dialogue.responses import Responses
from bot.dialogue.store import MemoryReminderStore, QuickTrackerStore, ReminderStore, TrackerStore
from bot.dialogue.tracker import Tracker
from bot.dialogue.turn import Turn
from bot.events import Event, LostUpdateError, user_uttered
from bot.messages import BotMessage, UserMessage

Parse = Callable[[UserMessage, Tracker], Awaitable[Mapping[str, Any]]]

CACHED_TRACKERS = 2_000  # conversations kept folded; others are folded again from their events
ATTEMPTS = 3  # at a turn that another process got in between of
NOT_UNDERSTOOD: Mapping[str, Any] = {"intent": {"name": "", "confidence": 0.0}, "entities": [], "text": ""}


class EmbeddedRuntime:
    """Whoever calls must let one conversation have one turn at a time; different conversations may overlap.

    `parse` understands a message in Rasa's format; with `payloads`, messages such as /intent{"entity": …} are read
    here instead. Actions that `actions` does not know are asked of endpoints.yml's action_endpoint. A parse may bring
    `requests`, further parses of the same message: each becomes a turn of its own, after any form has ended.
    """

    def __init__(
        self,
        project: Project,
        *,
        parse: Parse,
        actions: Mapping[str, Action],
        store: TrackerStore,
        reminders: ReminderStore | None = None,
        clock: Callable[[], float] = time.time,
        seed: int | None = None,
        payloads: bool = True,
        client: httpx.AsyncClient | None = None,
        responses: Responses | None = None,
    ) -> None:
        self.project = project
        self.domain = project.domain
        self._parse = parse
        self._payloads = payloads
        self._store = store
        self._quick = store if isinstance(store, QuickTrackerStore) else None  # others wait in a thread
        self.reminders: ReminderStore = reminders or MemoryReminderStore()
        self.on_reminder: Callable[[], None] = lambda: None
        self.clock = clock
        self._actions = actions
        self._seed = seed
        self._client = client
        self._engine = self._build(project, responses)
        self._retired: list[Engine] = []
        self._trackers: OrderedDict[str, Tracker] = OrderedDict()

    def load(self, project: Project, parse: Parse) -> None:
        """Goes on with another project, or with this one read anew. Turns that are at work end as they began.

        Raises ProjectError, and changes nothing, for a project whose policies cannot be made."""
        engine = self._build(project, None)
        self._retired.append(self._engine)  # its connections may be in use
        self._engine, self.project, self.domain, self._parse = engine, project, project.domain, parse
        self._trackers.clear()

    def _build(self, project: Project, responses: Responses | None) -> Engine:
        domain = project.domain
        if responses is None:
            server = project.endpoint("nlg")
            responses = Responses(domain, self._seed, Caller(server, self._client) if server is not None else None)
        custom = CustomActions(domain, responses, self._actions, project.action_endpoint, self._client)
        return Engine(domain, project.policies, Actions(domain, responses, custom), self.clock)

    async def respond(self, message: UserMessage) -> list[BotMessage]:
        return (await self.turn(message)).messages

    async def turn(self, message: UserMessage) -> Turn:
        """Answers a message. One whose turn was cut off is answered without being recorded again, and one that was
        answered already gets the same answer. Raises LostUpdateError where others keep writing to the conversation."""
        conversation, parse = await self._begin(message)
        recorded = conversation.since_message(message.message_id)
        if recorded is not None and _is_answered(recorded[1]):
            conversation.repeat(recorded[1])
            return conversation.turn(parse)
        async with _Kept(self, conversation):
            await conversation.answer()
            await conversation.answer_further(list(parse.get("requests") or []), message)
        return conversation.turn(parse)

    async def resume(self, sender_id: str) -> Turn | None:
        """Answers the latest message if a crash kept it from being answered; None where nothing is to be done."""
        conversation = await self._open(sender_id)
        recorded = conversation.since_message()
        if recorded is None or _is_answered(recorded[1]) or recorded[0].get(ONLY_HEARD):
            return None
        event = recorded[0]
        if conversation.tracker.moment.paused or not event.get("message_id"):
            return None
        text, channel = str(event.get("text") or ""), str(event.get("input_channel") or "")
        return await self.turn(UserMessage(text, sender_id, channel, str(event["message_id"]), event["metadata"]))

    async def hear(self, message: UserMessage) -> Tracker:
        """Records a message and the slots that it fills, without an answer."""
        conversation, _ = await self._begin(message, only=True)
        async with _Kept(self, conversation):
            await conversation.extract_slots()
        return conversation.tracker

    async def trigger_intent(
        self, sender_id: str, name: str, entities: Sequence[Mapping[str, Any]] | Mapping[str, Any] = ()
    ) -> Turn:
        """Answers something that happened outside, such as a due reminder, as if the user had said it.

        Raises UnknownIntentError for an intent that the domain does not have."""
        if name not in self.domain.intents:
            raise UnknownIntentError(f"The intent {name!r} does not exist in the domain.")
        conversation = await self._open(sender_id)
        return await self._happen(conversation, name, entities)

    async def remind(self, sender_id: str) -> Turn | None:
        """Answers the reminder of a conversation that has been due the longest; None where none is due.

        The reminder and its answer are saved at once: a crash before that leaves it due, after that it never comes
        again."""
        self.forget(sender_id)  # another process may have set or cancelled one
        conversation = await self._open(sender_id)
        due = conversation.tracker.reminders.due(self.clock())
        if due is None:
            return None
        return await self._happen(conversation, due.intent, due.entities, reminder=due.name)

    async def _happen(self, conversation: Conversation, name: str, entities: Any, **metadata: str) -> Turn:
        """Something from outside, recorded as Rasa records it: a message of the user that says EXTERNAL."""
        parse = {"intent": {"name": name}, "entities": _listed(entities)}
        async with _Kept(self, conversation):
            await conversation.start_session()
            channel = conversation.tracker.channel
            about = {"is_external": True, **metadata}
            conversation.record(user_uttered(f"EXTERNAL: {name}", parse, channel=channel, metadata=about))
            await conversation.answer()
        return conversation.turn(parse)

    async def append_events(self, sender_id: str, events: Sequence[Event]) -> Tracker:
        """Records events from outside as they are; a new conversation gets its session start first."""
        conversation = await self._open(sender_id)
        async with _Kept(self, conversation):
            kinds = [event.get("event") for event in events[:2]]
            begins = kinds == ["action", "session_started"] and events[0].get("name") == SESSION_START
            if not begins and not conversation.tracker.events:
                await conversation.start_session()
            for event in events:
                heard = {ONLY_HEARD: True} if event.get("event") == "user" else {}
                conversation.record({**event, **heard}, keep_time=True)
        return conversation.tracker

    async def replace_events(self, sender_id: str, events: Sequence[Event]) -> Tracker:
        """Makes these events the whole conversation."""
        self.forget(sender_id)
        await asyncio.to_thread(self._store.replace, sender_id, events)
        tracker = await self._tracker(sender_id)
        for reminder in tracker.reminders:
            await asyncio.to_thread(self.reminders.add, sender_id, reminder.due)
        self.on_reminder()
        return tracker

    async def execute(
        self, sender_id: str, action: str, *, policy: str | None = None, confidence: float | None = None
    ) -> Turn:
        """Runs an action out of turn. Raises UnknownActionError."""
        if action not in self.domain.action_index:
            raise UnknownActionError(f"action {action!r} is not in the domain.")
        conversation = await self._open(sender_id)
        async with _Kept(self, conversation):
            await conversation.start_session()
            score = 1.0 if confidence is None else confidence
            await conversation.execute(action, Prediction(policy, 1, {action: score}))
        return conversation.turn({})

    def predict(self, tracker: Tracker) -> Prediction:
        """What the policies would do next, without doing it."""
        return choose(self.project.policies, tracker, self.domain)

    async def parse(self, message: UserMessage) -> Mapping[str, Any]:
        """The understanding of a message that belongs to no conversation."""
        return await self._understand(message, Tracker(self.domain, message.sender_id))

    def tracker(self, sender_id: str) -> Tracker:
        """The conversation as the store has it now; only to be read."""
        events = self._store.load(sender_id)
        known = self._trackers.get(sender_id)
        if known is not None and len(known.events) == len(events):
            return known
        # A turn is at work on it, or another process was: the tracker in memory is theirs.
        fresh = Tracker(self.domain, sender_id, events)
        fresh.settle()
        return fresh

    async def close(self) -> None:
        for engine in (*self._retired, self._engine):
            await engine.actions.close()
        close = getattr(self._parse, "close", None)  # one that asks a server keeps connections
        if close is not None:
            await close()

    async def _begin(self, message: UserMessage, *, only: bool = False) -> tuple[Conversation, Mapping[str, Any]]:
        """Up to the recorded message: saved before anything answers it, so that no message is ever lost. One that was
        recorded before a crash is not recorded again."""
        for attempt in range(ATTEMPTS):
            conversation = await self._open(message.sender_id)
            recorded = conversation.since_message(message.message_id)
            if recorded is not None:
                if _is_answered(recorded[1]):
                    return conversation, recorded[0]["parse_data"]
                return conversation, await self._understand(message, conversation.tracker)
            try:
                async with _Kept(self, conversation, ends=False):
                    await conversation.start_session(message.metadata)
                    parse = await self._understand(message, conversation.tracker)
                    conversation.hear(message, parse, only=only)
            except LostUpdateError:
                if attempt + 1 == ATTEMPTS:
                    raise
            else:
                return conversation, parse
        raise AssertionError("the loop returns or raises")

    async def _understand(self, message: UserMessage, tracker: Tracker) -> Mapping[str, Any]:
        if message.parse is not None:
            return message.parse
        if self._payloads:
            spelt = parse_intent_message(message.text, self.domain)
            if spelt is not None:
                return spelt
        return {**NOT_UNDERSTOOD, **await self._parse(message, tracker)}

    async def _open(self, sender_id: str) -> Conversation:
        return Conversation(self._engine, await self._tracker(sender_id))

    async def _tracker(self, sender_id: str) -> Tracker:
        tracker = self._trackers.get(sender_id)
        if tracker is None:
            events = self._quick.load_now(sender_id) if self._quick is not None else None
            if events is None:
                events = await asyncio.to_thread(self._store.load, sender_id)
            tracker = Tracker(self.domain, sender_id, events)
            tracker.settle()
            self._keep(tracker)
        return tracker

    def _keep(self, tracker: Tracker) -> None:
        self._trackers[tracker.sender_id] = tracker
        self._trackers.move_to_end(tracker.sender_id)
        if len(self._trackers) > CACHED_TRACKERS:
            self._trackers.popitem(last=False)

    def forget(self, sender_id: str) -> None:
        """Drops what is held in memory of a conversation; the store still has it."""
        self._trackers.pop(sender_id, None)

    async def erase(self, sender_id: str) -> None:
        """Leaves nothing of a conversation but what the tracker store has of it."""
        self.forget(sender_id)
        await asyncio.to_thread(self.reminders.forget, sender_id)

    async def save(self, conversation: Conversation) -> None:
        events = conversation.take_unsaved()
        if events:
            sender_id, expected = conversation.tracker.sender_id, len(conversation.tracker.events) - len(events)
            # Times before events: a time for nothing does no harm, a reminder without its time would be lost.
            times = [reminder.due for reminder in conversation.tracker.reminders if reminder.event in events]
            for due in times:
                await asyncio.to_thread(self.reminders.add, sender_id, due)
            if self._quick is None or not self._quick.append_now(sender_id, events, expected=expected):
                await asyncio.to_thread(self._store.append, sender_id, events, expected=expected)
            if times:
                self.on_reminder()


def _is_answered(following: Sequence[Event]) -> bool:
    """What followed a message includes an action."""
    return any(event["event"] == "action" for event in following)


def _listed(entities: Any) -> list[dict[str, Any]]:
    """Entities as Rasa lists them; {"name": "value"} is its short form, anything else is none."""
    if isinstance(entities, Mapping):
        return [{"entity": name, "value": value} for name, value in entities.items()]
    return [dict(one) for one in entities if isinstance(one, Mapping)] if isinstance(entities, list | tuple) else []


class _Kept:
    """Saves a conversation at the end of a block. Where the block or the saving fails, the folded tracker is ahead of
    the store and is forgotten."""

    def __init__(self, runtime: EmbeddedRuntime, conversation: Conversation, *, ends: bool = True) -> None:
        self._runtime = runtime
        self._conversation = conversation
        self._ends = ends  # the turn, rather than a part of it

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                await self._runtime.save(self._conversation)
                if self._ends:
                    self._conversation.tracker.settle()
        except BaseException:
            kind = BaseException
            raise
        finally:
            if kind is not None:
                self._runtime.forget(self._conversation.tracker.sender_id)
