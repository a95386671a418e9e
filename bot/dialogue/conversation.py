"""One conversation at work: what happens between a message of the user and the assistant's listening again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.calls import ActionRejectedError
from bot.dialogue.bot_event import message_of_event
from bot.dialogue.domain import LISTEN, SESSION_START, Domain
from bot.dialogue.errors import ActionFailedError, UnknownActionError
from bot.dialogue.execution import Actions
from bot.dialogue.moment import PENDING_REQUESTS
from bot.dialogue.policies.ensemble import choose
from bot.dialogue.policies.prediction import Policy, Prediction
from bot.dialogue.reminders import due_time
from bot.dialogue.slots import SESSION_METADATA
from bot.dialogue.tracker import Tracker
from bot.dialogue.turn import Turn
from bot.events import Event, action_executed, action_rejected, slot_set, user_uttered, whole
from bot.messages import UserMessage

MAX_ACTIONS = 10  # between two times of listening, as in Rasa; more would be a loop
MAX_STEPS = 50  # of a turn, refused and undone actions among them, where Rasa would go on for ever
ONLY_HEARD = "only_heard"  # marks messages that were recorded for others to answer
TICK = 1e-6  # seconds between events of the same instant: their times always grow

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Engine:
    """What all conversations of a project share."""

    domain: Domain
    policies: Sequence[Policy]
    actions: Actions
    clock: Callable[[], float]


class Conversation:
    def __init__(self, engine: Engine, tracker: Tracker) -> None:
        self.tracker = tracker
        self._engine = engine
        self._unsaved: list[Event] = []
        self._events: list[Event] = []
        self._said: list[Event] = []
        self._failures: list[str] = []

    def record(self, event: Event, *, keep_time: bool = False) -> None:
        """Adds an event with the time of now, or its own where it has one and `keep_time`."""
        event = whole(event)
        if not keep_time or not event.get("timestamp"):
            events = self.tracker.events
            last = events[-1].get("timestamp", 0.0) if events else 0.0
            event = {**event, "timestamp": max(self._engine.clock(), last + TICK)}
        if event["event"] == "reminder":
            _warn_of_no_time(event, self.tracker.sender_id)
        self.tracker.update(event)
        self._unsaved.append(event)
        self._events.append(event)

    def take_unsaved(self) -> list[Event]:
        events, self._unsaved = self._unsaved, []
        return events

    async def start_session(self, metadata: Mapping[str, Any] | None = None) -> None:
        """Begins a session where there is none, or where the user has been silent for too long."""
        if self.tracker.history.entries and not self._has_expired():
            return
        if metadata:
            self.record(slot_set(SESSION_METADATA, dict(metadata)))
        await self.execute(SESSION_START, Prediction(None, 1, {SESSION_START: 1.0}))

    def _has_expired(self) -> bool:
        minutes = self._engine.domain.session_minutes
        latest = self.tracker.latest_applied("user")
        if minutes <= 0 or latest is None:
            return False
        return (self._engine.clock() - float(latest.get("timestamp", 0.0))) / 60 > minutes

    def since_message(self, message_id: str | None = None) -> tuple[Event, list[Event]] | None:
        """The latest message of the user, which must be this one where an id is given, and what followed it."""
        following: list[Event] = []
        for event in self.tracker.backwards():
            metadata = event.get("metadata") or {}
            if event["event"] == "user" and not metadata.get("part"):
                is_it = message_id is None or event.get("message_id") == message_id
                return (event, following[::-1]) if is_it else None
            following.append(event)
        return None

    def repeat(self, following: Iterable[Event]) -> None:
        """Makes what was done before part of this turn."""
        self._events += following
        self._said += [event for event in following if event["event"] == "bot"]

    def hear(self, message: UserMessage, parse: Mapping[str, Any], *, part: int = 0, only: bool = False) -> None:
        """Records what the user said. `part` numbers further requests of the same message; `only` says that no answer
        is to follow."""
        understood = {key: value for key, value in parse.items() if key != "requests"}
        metadata = {**message.metadata, "part": part} if part else message.metadata
        text = str(parse.get("text") or message.text) if part else message.text
        said = user_uttered(
            text.strip() if text else text,
            understood,
            channel=message.channel or None,
            message_id=message.message_id,
            metadata=metadata,
        )
        self.record({**said, ONLY_HEARD: True} if only else said)

    async def answer(self) -> None:
        """Fills slots and runs actions until it is the user's turn."""
        await self.extract_slots()
        for _ in range(MAX_STEPS):
            if not self._may_act():
                return
            prediction = self._next()
            action = prediction.best(self._engine.domain.action_index)
            if prediction.end_to_end:
                await self.extract_slots()
            await self.execute(action, prediction)
            if action in (LISTEN, SESSION_START):
                return

    async def answer_further(self, requests: Sequence[Mapping[str, Any]], message: UserMessage) -> None:
        """Takes up what else the user asked for, now or, while a form is asking, when it has ended."""
        queue = [*self.tracker.moment.pending, *requests]
        part = 0
        while queue and self.tracker.loop_name is None and not self.tracker.moment.paused:
            request = queue.pop(0)
            part += 1
            self._postpone(queue)
            self.hear(message, request, part=part)
            await self.answer()
        self._postpone(queue)

    def _postpone(self, requests: Sequence[Mapping[str, Any]]) -> None:
        if tuple(requests) != self.tracker.moment.pending:
            self.record(slot_set(PENDING_REQUESTS, list(requests)))

    async def extract_slots(self) -> None:
        events = await self._engine.actions.extract_slots(self.tracker.branch())
        self._said += [event for event in events if event["event"] == "bot"]
        for event in events:
            self.record(event)

    def _may_act(self) -> bool:
        moment = self.tracker.moment
        if moment.paused and (moment.message is None or moment.message.intent != "restart"):
            return False
        count = 0
        for event in reversed(self.tracker.events):
            if event["event"] == "action":
                if event.get("name") in (LISTEN, SESSION_START):
                    break
                count += 1
        if count >= MAX_ACTIONS:
            log.warning("conversation %r: %d actions without listening; the turn ends", self.tracker.sender_id, count)
        return count < MAX_ACTIONS

    def _next(self) -> Prediction:
        followup = self.tracker.take_followup()
        if followup and followup in self._engine.domain.action_index:
            return Prediction("followup_action", 1, {followup: 1.0})
        return choose(self._engine.policies, self.tracker, self._engine.domain)

    async def execute(self, action: str, prediction: Prediction) -> None:
        """Runs an action and records what came of it."""
        view = self.tracker.replay(prediction.events)
        try:
            events = await self._engine.actions.run(action, view)
        except ActionRejectedError:
            self.record(action_rejected(action, policy=prediction.policy, confidence=prediction.confidence))
            return
        except (ActionFailedError, UnknownActionError) as err:
            # As in Rasa, the conversation goes on; the caller learns of it from the turn.
            log.exception("conversation %r: %s", self.tracker.sender_id, err)
            self._failures.append(str(err))
            events = []
        if not any(event["event"] == "action_execution_rejected" for event in events):
            for event in prediction.events:
                self.record(event)
            is_text = action in self._engine.domain.action_texts
            self.record(
                action_executed(
                    None if is_text else action,
                    policy=prediction.policy,
                    confidence=prediction.confidence,
                    text=action if is_text else None,
                    hide_rule_turn=prediction.hidden,
                )
            )
        for event in events:
            self.record(event)
        if any(event["event"] == "user" for event in events):
            await self.extract_slots()
        self._said += [event for event in events if event["event"] == "bot"]

    def turn(self, parse: Mapping[str, Any]) -> Turn:
        actions = [e.get("name") or e.get("action_text") for e in self._events if e["event"] == "action"]
        return Turn(
            messages=[message_of_event(event) for event in self._said],
            parse=parse,
            actions=[str(action) for action in actions if action not in (LISTEN, SESSION_START)],
            slots=dict(self.tracker.slots),
            active_loop=self.tracker.loop_name,
            events=list(self._events),
            failures=list(self._failures),
        )


def _warn_of_no_time(event: Event, sender_id: str) -> None:
    try:
        due_time(event)
    except ValueError as err:
        log.warning("conversation %r: the reminder %r will never come: %s", sender_id, event["name"], err)
