"""Rasa's HTTP API over the embedded runtime: trackers, events, triggers, predictions, parsing."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

import yaml
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.routing import APIRoute

from bot.dialogue.bot_event import rest_payload
from bot.dialogue.domain import LISTEN, SESSION_START
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.errors import UnknownActionError, UnknownIntentError
from bot.dialogue.story_text import story_of
from bot.dialogue.tracker import EVENT_FILTERS, Tracker
from bot.events import EVENT_NAMES, Event, action_executed, session_started
from bot.messages import UserMessage

RASA_VERSION = "3.6.21"
OLDEST_MODEL = "3.5.0"  # what Rasa 3.6 reports as its minimum compatible version

Lock = Callable[[str], AbstractAsyncContextManager[Any]]


class ApiError(Exception):
    def __init__(self, status: int, reason: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {
            "version": RASA_VERSION,
            "status": "failure",
            "message": message,
            "reason": reason,
            "details": dict(details or {}),
            "help": None,
            "code": status,
        }


class _Route(APIRoute):
    """Answers errors in Rasa's form."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except ApiError as err:
                return JSONResponse(err.body, err.status)

        return handle


def router(runtime: EmbeddedRuntime, *, token: str | None = None, lock: Lock | None = None) -> APIRouter:
    """`token` guards every route but /version (`?token=…`). `lock` gives a conversation to one caller at a time; it
    must be the one that the channels use."""
    held: Lock = lock or (lambda _: nullcontext())

    def guard(request: Request) -> None:
        given = request.query_params.get("token", "")
        if token is not None and not hmac.compare_digest(given.encode(), token.encode()):
            raise ApiError(401, "NotAuthenticated", "User is not authenticated.")

    api = APIRouter(route_class=_Route, tags=["rasa"])
    guarded = APIRouter(route_class=_Route, dependencies=[Depends(guard)])

    @api.get("/version")
    async def version() -> dict[str, str]:
        return {"version": RASA_VERSION, "minimum_compatible_version": OLDEST_MODEL}

    @guarded.get("/status")
    async def status() -> dict[str, Any]:
        return {"model_file": runtime.project.path.name, "model_id": None, "num_active_training_jobs": 0}

    @guarded.get("/domain")
    async def domain(request: Request) -> Response:
        accept = request.headers.get("accept", "application/json")
        data = _plain(runtime.domain.data)
        if accept.endswith(("json", "*/*")):
            return JSONResponse(data)
        if accept.endswith(("yml", "yaml")):
            text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
            return Response(text, media_type="application/x-yaml")
        raise ApiError(406, "NotAcceptable", "The domain comes as application/json or application/x-yaml.")

    @guarded.get("/conversations/{conversation_id:path}/tracker")
    async def tracker(conversation_id: str, request: Request) -> Response:
        found = runtime.tracker(conversation_id)
        if not found.events:
            # Rasa shows a conversation that has not begun as one that just did.
            begun = [action_executed(SESSION_START, confidence=1.0), session_started(), action_executed(LISTEN)]
            found = Tracker(runtime.domain, conversation_id, begun)
        return _tracker(found, request, _number(request, "until"))

    @guarded.get("/conversations/{conversation_id:path}/story")
    async def story(conversation_id: str) -> Response:
        return PlainTextResponse(story_of(_known(runtime, conversation_id)))

    @guarded.post("/conversations/{conversation_id:path}/tracker/events")
    async def append_events(conversation_id: str, request: Request) -> Response:
        events = _events(await _json(request))
        async with held(conversation_id):
            changed = await runtime.append_events(conversation_id, events)
        return _tracker(changed, request)

    @guarded.post("/conversations/{conversation_id:path}/execute")
    async def execute(conversation_id: str, request: Request) -> Response:
        body = await _object(request)
        _known(runtime, conversation_id)
        name = _name(body, "action")
        async with held(conversation_id):
            try:
                turn = await runtime.execute(
                    conversation_id, name, policy=body.get("policy"), confidence=body.get("confidence")
                )
            except UnknownActionError as err:
                raise ApiError(404, "NotFound", str(err)) from err
        return _answer(runtime, conversation_id, request, turn.messages)

    @guarded.post("/conversations/{conversation_id:path}/trigger_intent")
    async def trigger_intent(conversation_id: str, request: Request) -> Response:
        body = await _object(request)
        name = _name(body, "intent")
        entities = body.get("entities") or []
        if not isinstance(entities, list | dict):
            raise ApiError(400, "BadRequest", f"entities is {entities!r:.60}; it must be a list or a mapping.")
        async with held(conversation_id):
            try:
                turn = await runtime.trigger_intent(conversation_id, name, entities)
            except UnknownIntentError as err:
                raise ApiError(404, "NotFound", str(err)) from err
        return _answer(runtime, conversation_id, request, turn.messages)

    @guarded.post("/conversations/{conversation_id:path}/predict")
    async def predict(conversation_id: str, request: Request) -> Response:
        return _prediction(runtime, _known(runtime, conversation_id), request)

    @guarded.post("/conversations/{conversation_id:path}/messages")
    async def add_message(conversation_id: str, request: Request) -> Response:
        body = await _object(request)
        if body.get("sender") != "user":
            raise ApiError(
                400, "BadRequest", f"sender is {body.get('sender')!r}; only messages of sender 'user' can be added."
            )
        parse = body.get("parse_data")
        message = UserMessage(str(body.get("text") or ""), conversation_id, parse=parse or None)
        async with held(conversation_id):
            heard = await runtime.hear(message)
        return _tracker(heard, request)

    @guarded.post("/model/parse")
    async def parse(request: Request) -> Response:
        body = await _object(request)
        text = body.get("text")
        if not isinstance(text, str):
            raise ApiError(400, "BadRequest", f"text is {text!r:.60}; send the message as text.")
        understood = await runtime.parse(UserMessage(text, "default", metadata={}))
        return JSONResponse(_plain({**understood, "text": understood.get("text") or text}))

    @guarded.post("/model/predict")
    async def predict_events(request: Request) -> Response:
        events = _events(await _json(request))
        return _prediction(runtime, Tracker(runtime.domain, "default", events), request)

    api.include_router(guarded)
    return api


def _known(runtime: EmbeddedRuntime, conversation_id: str) -> Tracker:
    tracker = runtime.tracker(conversation_id)
    if not tracker.events:
        raise ApiError(404, "Not found", "Conversation ID not found.")
    return tracker


def _filter(request: Request) -> str:
    wanted = request.query_params.get("include_events", "AFTER_RESTART").upper()
    if wanted not in EVENT_FILTERS:
        raise ApiError(
            400,
            "BadRequest",
            f"Invalid parameter value for 'include_events'. Should be one of {', '.join(EVENT_FILTERS)}",
            {"parameter": "include_events", "in": "query"},
        )
    return wanted


def _number(request: Request, name: str) -> float | None:
    given = request.query_params.get(name)
    try:
        return None if given is None else float(given)
    except ValueError as err:
        raise ApiError(400, "BadRequest", f"{name} is {given!r}; it must be seconds since 1970.") from err


def _tracker(tracker: Tracker, request: Request, until: float | None = None) -> Response:
    return JSONResponse(_plain(tracker.as_dict(_filter(request), until)))


def _answer(runtime: EmbeddedRuntime, conversation_id: str, request: Request, messages: Any) -> Response:
    tracker = runtime.tracker(conversation_id).as_dict(_filter(request))
    return JSONResponse(_plain({"tracker": tracker, "messages": rest_payload(messages, conversation_id)}))


def _prediction(runtime: EmbeddedRuntime, tracker: Tracker, request: Request) -> Response:
    prediction = runtime.predict(tracker)
    found = ((name, prediction.scores.get(name, 0.0)) for name in runtime.domain.action_names)
    scores = [{"action": name, "score": score} for name, score in sorted(found, key=lambda item: (-item[1], item[0]))]
    body = {
        "scores": scores,
        "policy": prediction.policy,
        "confidence": prediction.confidence,
        "tracker": tracker.as_dict(_filter(request)),
    }
    return JSONResponse(_plain(body))


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError as err:
        raise ApiError(400, "BadRequest", "The body must be JSON.") from err


async def _object(request: Request) -> dict[str, Any]:
    body = await _json(request)
    if not isinstance(body, dict):
        raise ApiError(400, "BadRequest", f"The body is {body!r:.60}; it must be an object.")
    return body


def _name(body: Mapping[str, Any], what: str) -> str:
    name = body.get("name")
    if not isinstance(name, str) or not name:
        article = {"parameter": "name", "in": "body"}
        raise ApiError(400, "BadRequest", f"Name of the {what} not provided in request body.", article)
    return name


def _events(body: Any) -> list[Event]:
    events = body if isinstance(body, list) else [body]
    for event in events:
        if not isinstance(event, dict) or event.get("event") not in EVENT_NAMES:
            raise ApiError(400, "BadRequest", f"{event!r:.80} is no event; `event` must be one of Rasa's event names.")
        if not isinstance(event.get("parse_data") or {}, dict) or not isinstance(
            event.get("timestamp", 0.0), int | float
        ):
            raise ApiError(400, "BadRequest", f"{event!r:.80}: parse_data must be an object, timestamp a number.")
    if not events:
        raise ApiError(400, "BadRequest", "Couldn't extract a proper event from the request body.")
    return events


def _plain(value: Any) -> Any:
    """JSON has no word for infinity; everything else passes."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
