"""The actions that every project has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.dialogue.bot_event import event_of_response
from bot.dialogue.domain import (
    ASK_AFFIRMATION,
    ASK_REPHRASE,
    BACK,
    DEACTIVATE_LOOP,
    DEFAULT_FALLBACK,
    FALLBACK_INTENT,
    LISTEN,
    OUT_OF_SCOPE,
    RESTART,
    REVERT_FALLBACK_EVENTS,
    SESSION_START,
    UNLIKELY_INTENT,
    Domain,
)
from bot.dialogue.responses import Responses
from bot.dialogue.slots import REQUESTED_SLOT
from bot.dialogue.tracker import View
from bot.events import Event, action_executed, active_loop, restarted, rewind, session_started, slot_set

# Actions that say a response, if the domain has it, and what follows.
_SAYING: Mapping[str, tuple[str, tuple[Event, ...]]] = {
    RESTART: ("utter_restart", (restarted(),)),
    DEFAULT_FALLBACK: ("utter_default", (rewind(),)),
    ASK_REPHRASE: ("utter_ask_rephrase", ()),
    BACK: ("utter_back", (rewind(), rewind())),
}


class DefaultActions:
    """`run` by name."""

    def __init__(self, domain: Domain, responses: Responses) -> None:
        self._domain = domain
        self._responses = responses
        self._actions: Mapping[str, Callable[[View], list[Event]]] = {
            LISTEN: _nothing,
            UNLIKELY_INTENT: _nothing,
            SESSION_START: self._session_start,
            DEACTIVATE_LOOP: _deactivate_loop,
            REVERT_FALLBACK_EVENTS: _nothing,  # does nothing in Rasa 3 either
            ASK_AFFIRMATION: _ask_affirmation,
        }

    def __contains__(self, name: str) -> bool:
        return name in self._actions or name in _SAYING

    async def run(self, name: str, view: View) -> list[Event]:
        if name in self._actions:
            return self._actions[name](view)
        response, events = _SAYING[name]
        said = await self.utter(response, view) if response in self._domain.user_actions else []
        return [*said, *(dict(event) for event in events)]

    async def utter(self, response: str, view: View) -> list[Event]:
        """The response as an event; nothing where the domain has none that fits."""
        rendered = await self._responses.say(response, view)
        return [] if rendered is None else [event_of_response({**rendered, "utter_action": response})]

    def _session_start(self, view: View) -> list[Event]:
        carried: list[Event] = []
        if self._domain.carry_over_slots:
            carried = [_carried(event) for event in view.applied if event["event"] == "slot"]
        return [session_started(), *carried, action_executed(LISTEN)]


def _nothing(_: View) -> list[Event]:
    return []


def _deactivate_loop(_: View) -> list[Event]:
    return [active_loop(None), slot_set(REQUESTED_SLOT, None)]


def _carried(event: Event) -> Event:
    copied = slot_set(event["name"], event.get("value"))
    return {**copied, "metadata": event["metadata"]} if event.get("metadata") else copied


def _ask_affirmation(view: View) -> list[Event]:
    message = view.message
    if message is None:
        return []
    parse: Mapping[str, Any] = message.event.get("parse_data") or {}
    intent = message.intent
    ranking = parse.get("intent_ranking") or []
    if intent == FALLBACK_INTENT and len(ranking) > 1:
        intent = ranking[1].get("name")
    buttons = [{"title": "Yes", "payload": f"/{intent}"}, {"title": "No", "payload": f"/{OUT_OF_SCOPE}"}]
    text = f"Did you mean '{intent}'?"
    return [event_of_response({"text": text, "buttons": buttons, "utter_action": ASK_AFFIRMATION})]
