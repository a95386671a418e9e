"""`/conversations/…`: trackers, events, triggers, predictions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from bot.api.rasa.errors import ApiError, RasaRoute, bad_request, flag, json_of, number, object_of, plain, takes
from bot.dialogue.bot_event import message_of_event, rest_payload
from bot.dialogue.domain import LISTEN, SESSION_START
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.errors import UnknownActionError, UnknownIntentError
from bot.dialogue.story_text import story_of
from bot.dialogue.tracker import EVENT_FILTERS, Tracker
from bot.events import Event, action_executed, problem_of, problem_of_parse, session_started, user_uttered
from bot.messages import BotMessage, UserMessage

Lock = Callable[[str], AbstractAsyncContextManager[Any]]
Deliver = Callable[[str, str, Sequence[BotMessage]], Awaitable[bool]]
"""`(channel, sender_id, messages)`: sends over a channel; False where there is none of that name."""


def router(runtime: EmbeddedRuntime, held: Lock, deliver: Deliver) -> APIRouter:
    api = APIRouter(prefix="/conversations/{conversation_id:path}", route_class=RasaRoute)

    @api.get("/tracker")
    async def tracker(conversation_id: str, request: Request) -> Response:
        found = await read(runtime, conversation_id)
        if not found.events:
            # Rasa shows a conversation that has not begun as one that just did.
            begun = [action_executed(SESSION_START, confidence=1.0), session_started(), action_executed(LISTEN)]
            found = Tracker(runtime.domain, conversation_id, [{**event, "timestamp": time.time()} for event in begun])
        return _tracker(found, request, number(request, "until"))

    @api.get("/story", response_class=PlainTextResponse)
    async def story(conversation_id: str, request: Request) -> Response:
        found = await _known(runtime, conversation_id)
        until = number(request, "until")
        events = [event for event in found.events if until is None or event.get("timestamp", 0.0) <= until]
        if not flag(request, "all_sessions"):
            begins = [at for at, event in enumerate(events) if event["event"] == "session_started"]
            events = events[begins[-1] :] if begins else events
        return PlainTextResponse(story_of(Tracker(runtime.domain, conversation_id, events)))

    @api.post("/tracker/events", openapi_extra=takes("any"))
    async def append_events(conversation_id: str, request: Request) -> Response:
        events = events_of(await json_of(request), "Couldn't extract a proper event from the request body.")
        async with held(conversation_id):
            changed = await runtime.append_events(conversation_id, events)
        if flag(request, "execute_side_effects"):
            said = [message_of_event(event) for event in events if event["event"] == "bot"]
            await _sent(changed, request, said)
        return _tracker(changed, request)

    @api.put("/tracker/events", openapi_extra=takes("array"))
    async def replace_events(conversation_id: str, request: Request) -> Response:
        events = events_of(await json_of(request))
        async with held(conversation_id):
            changed = await runtime.replace_events(conversation_id, events)
        return _tracker(changed, request)

    @api.post("/execute", openapi_extra=takes(name="string", policy="string", confidence="number"))
    async def execute(conversation_id: str, request: Request) -> Response:
        body = await object_of(request)
        await _known(runtime, conversation_id)
        name = _name(body, "action")
        policy, confidence = body.get("policy"), body.get("confidence")
        if not isinstance(confidence, int | float | None) or not isinstance(policy, str | None):
            raise bad_request("policy must be a text, confidence a number.")
        async with held(conversation_id):
            try:
                turn = await runtime.execute(conversation_id, name, policy=policy, confidence=confidence)
            except UnknownActionError as err:
                raise ApiError(500, "ConversationError", f"An unexpected error occurred. Error: {err}") from err
        return await _answer(conversation_id, request, turn.messages)

    @api.post("/trigger_intent", openapi_extra=takes(name="string", entities="array"))
    async def trigger_intent(conversation_id: str, request: Request) -> Response:
        body = await object_of(request)
        name = _name(body, "intent")
        entities = body.get("entities") or []
        listed = isinstance(entities, list) and all(isinstance(entity, dict) for entity in entities)
        if not listed and not isinstance(entities, dict):
            raise bad_request(f"entities is {entities!r:.60}; it must be a list of objects, or one object.")
        async with held(conversation_id):
            try:
                turn = await runtime.trigger_intent(conversation_id, name, entities)
            except UnknownIntentError as err:
                raise ApiError(404, "NotFound", str(err)) from err
        return await _answer(conversation_id, request, turn.messages)

    @api.post("/predict")
    async def predict(conversation_id: str, request: Request) -> Response:
        return prediction(runtime, await _known(runtime, conversation_id), request)

    @api.post("/messages", openapi_extra=takes(text="string", sender="string", parse_data="object"))
    async def add_message(conversation_id: str, request: Request) -> Response:
        if not await request.body():
            raise bad_request(
                "No message defined in request body. Add a message to the request body in order to add it to the tracker."
            )
        body = await object_of(request)
        if body.get("sender") != "user":
            raise bad_request(
                "Currently, only user messages can be passed to this endpoint. "
                f"Messages of sender '{body.get('sender')!s:.60}' cannot be handled.",
                "sender",
                "body",
            )
        text, parse = body.get("text"), body.get("parse_data")
        if not isinstance(text, str) or not (parse is None or _is_parse(parse)):
            raise bad_request("text must be a text, parse_data an understanding: {intent: {name}, entities: [{…}]}.")
        message = UserMessage(text.strip(), conversation_id, "", parse=parse or None)
        async with held(conversation_id):
            heard = await runtime.hear(message)
        return _tracker(heard, request)

    async def _answer(conversation_id: str, request: Request, messages: Sequence[BotMessage]) -> Response:
        tracker = await read(runtime, conversation_id)
        body: dict[str, Any] = {"tracker": tracker.as_dict(_filter(request))}
        if not await _sent(tracker, request, messages):
            body["messages"] = rest_payload(messages, conversation_id)
        return JSONResponse(plain(body))

    async def _sent(tracker: Tracker, request: Request, messages: Sequence[BotMessage]) -> bool:
        """Over the channel of `output_channel`, `latest` being that of the latest message; False where it is none."""
        wanted = request.query_params.get("output_channel")
        name = tracker.channel if wanted == "latest" else wanted
        return name is not None and await deliver(name, tracker.sender_id, messages)

    return api


async def read(runtime: EmbeddedRuntime, conversation_id: str) -> Tracker:
    return await asyncio.to_thread(runtime.tracker, conversation_id)


def prediction(runtime: EmbeddedRuntime, tracker: Tracker, request: Request) -> Response:
    found = runtime.predict(tracker)
    scores = ((name, found.scores.get(name, 0.0)) for name in runtime.domain.action_names)
    body = {
        "scores": [
            {"action": name, "score": score} for name, score in sorted(scores, key=lambda item: (-item[1], item[0]))
        ],
        "policy": found.policy,
        "confidence": found.confidence,
        "tracker": tracker.as_dict(_filter(request)),
    }
    return JSONResponse(plain(body))


def events_of(body: Any, missing: str | None = None) -> list[Event]:
    """Events from outside, whole: with a time, and with everything that an understanding has.

    Raises ApiError for what is no event, and with the sentence `missing` where there is none."""
    given = body if isinstance(body, list) else [body]
    if not given and missing is not None:
        raise bad_request(missing)
    now = time.time()
    return [_event(event, now + place * 1e-6) for place, event in enumerate(given)]


def _event(event: Any, now: float) -> Event:
    problem = problem_of(event)
    if problem is not None:
        raise bad_request(f"Failed to validate the events format: {event!r:.80} {problem}.")
    whole = {**event, "timestamp": event.get("timestamp") or now}
    if event["event"] == "user":
        known = {"channel": event.get("input_channel"), "message_id": event.get("message_id")}
        made = user_uttered(event.get("text"), event.get("parse_data") or {}, metadata=event.get("metadata"), **known)
        return {**made, **whole, "parse_data": made["parse_data"]}
    if event["event"] == "action":
        return {**action_executed(event.get("name"), text=event.get("action_text")), **whole}
    return whole


def _is_parse(parse: Any) -> bool:
    return isinstance(parse, dict) and problem_of_parse(parse) is None


async def _known(runtime: EmbeddedRuntime, conversation_id: str) -> Tracker:
    tracker = await read(runtime, conversation_id)
    if not tracker.events:
        raise ApiError(404, "Not found", "Conversation ID not found.")
    return tracker


def _filter(request: Request) -> str:
    wanted = request.query_params.get("include_events", "AFTER_RESTART").upper()
    if wanted not in EVENT_FILTERS:
        raise bad_request(
            f"Invalid parameter value for 'include_events'. Should be one of {', '.join(EVENT_FILTERS)}",
            "include_events",
        )
    return wanted


def _tracker(tracker: Tracker, request: Request, until: float | None = None) -> Response:
    return JSONResponse(plain(tracker.as_dict(_filter(request), until)))


def _name(body: Mapping[str, Any], what: str) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name:
        raise bad_request(f"Name of the {what} not provided in request body.", "name", "body")
    return name
