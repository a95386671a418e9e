"""Our actions for a real Rasa server, over its action-server protocol.

Whoever may call them can claim any slot, the customer's identity among them. So they ask for the token (`?token=`, as
Rasa sends it, or a bearer), or, where none is set, for a caller on this machine that no proxy stands behind.
"""

from __future__ import annotations

import hmac
import ipaddress
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from bot.calls import Action, ActionCall, ActionRejectedError, ActionResult, Utter
from bot.dialogue.rasa_server import sender_of
from bot.dialogue.slots import REQUESTED_SLOT
from bot.messages import BotMessage

log = structlog.get_logger()
LARGEST = 16 << 20
"""Bytes of a call of an action, unpacked: it carries the whole conversation and the domain."""
RESERVED = frozenset(
    (
        *("response", "text", "buttons", "quick_replies", "elements", "image", "attachment", "custom"),
        *("template", "tracker", "output_channel", "utter_action", "cards", "sources"),
    )
)
"""Names that mean something else to Rasa beside a response: no value to be filled in may bear them."""
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class _RefusedError(Exception):
    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def router(actions: Mapping[str, Action], *, token: str | None) -> APIRouter:
    api = APIRouter(tags=["action server"])

    @api.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @api.get("/actions")
    async def names(request: Request) -> JSONResponse:
        try:
            _guard(request, token)
        except _RefusedError as err:
            return _error(err.status, str(err))
        return JSONResponse([{"name": name} for name in actions])

    @api.post("/webhook")
    async def webhook(request: Request) -> JSONResponse:
        try:
            _guard(request, token)
            call = call_of(await _body(request))
        except _RefusedError as err:
            return _error(err.status, str(err))
        action = actions.get(call.name)
        if action is None:
            return _error(404, f"No registered action found for name '{call.name}'.", call.name)
        try:
            answer = answer_of(await action(call))
        except ActionRejectedError as err:
            return _error(400, str(err), call.name)
        except Exception as err:
            log.exception("action_failed", action=call.name, sender_id=call.sender_id)
            return _error(500, f"{type(err).__name__}: the log of this server says more", call.name)
        return JSONResponse(answer)

    return api


def call_of(body: Mapping[str, Any]) -> ActionCall:
    """From {next_action, sender_id, tracker, domain, version}."""
    name, tracker = body.get("next_action"), body.get("tracker")
    if not isinstance(name, str) or not name:
        raise _RefusedError(422, f"next_action is {name!r:.60}; it must be the name of an action.")
    if not isinstance(tracker, Mapping):
        raise _RefusedError(422, f"tracker is {tracker!r:.60}; it must be an object, as Rasa sends it.")
    slots = tracker.get("slots") or {}
    loop = tracker.get("active_loop") or {}
    events = tracker.get("events") or []
    message = tracker.get("latest_message") or {}
    for what, value, kind in (
        ("slots", slots, Mapping),
        ("active_loop", loop, Mapping),
        ("events", events, list),
        ("latest_message", message, Mapping),
    ):
        if not isinstance(value, kind):
            raise _RefusedError(422, f"tracker.{what} is {value!r:.60}; it must be as Rasa sends it.")
    return ActionCall(
        name=name,
        sender_id=sender_of(str(body.get("sender_id") or tracker.get("sender_id") or "default")),
        slots=slots,
        message=message,
        active_loop=loop.get("name"),
        requested_slot=slots.get(REQUESTED_SLOT),
        events=events,
        channel=str(tracker.get("latest_input_channel") or "rest"),
    )


def answer_of(result: ActionResult) -> dict[str, Any]:
    """{events, responses}. Responses are named, so that Rasa renders them with its own slots, conditions and `nlg`."""
    return {
        "events": [dict(event) for event in result.events],
        "responses": [_utter(m) if isinstance(m, Utter) else _parts(m) for m in result.messages],
    }


def _utter(utter: Utter) -> dict[str, Any]:
    taken = RESERVED.intersection(utter.values)
    if taken:
        raise ValueError(f"{utter.response!r} has values named {sorted(taken)}, which Rasa takes for something else")
    return {**utter.values, **(_parts(utter.extra) if utter.extra is not None else {}), "response": utter.response}


def _parts(message: BotMessage) -> dict[str, Any]:
    """Rasa's form. It knows neither cards nor sources, so they go into the custom part, where channels can find them."""
    rich = {
        "cards": [asdict(card) for card in message.cards],
        "sources": [asdict(source) for source in message.sources],
    }
    parts = {
        "text": message.text,
        "buttons": [asdict(button) for button in message.buttons],
        "image": message.image,
        "attachment": message.attachment,
        "elements": [dict(element) for element in message.elements],
        "custom": {**(message.custom or {}), **{key: value for key, value in rich.items() if value}},
    }
    return {**message.metadata, **{key: value for key, value in parts.items() if value}}


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of a request. Raises _RefusedError."""
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST:
            raise _RefusedError(413, f"The body is larger than {LARGEST >> 20} MiB.")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _RefusedError(415, "The body must be application/json.")
    if request.headers.get("content-encoding", "") == "deflate":
        content = await run_in_threadpool(_inflated, content)
    try:
        body = json.loads(content)
    except ValueError as err:
        raise _RefusedError(422, "The body must be JSON.") from err
    if not isinstance(body, dict):
        raise _RefusedError(422, f"The body is {body!r:.60}; it must be an object.")
    return body


def _inflated(content: bytes) -> bytes:
    packed = zlib.decompressobj()
    try:
        inflated = packed.decompress(content, LARGEST)
    except zlib.error as err:
        raise _RefusedError(422, f"The body is not deflated as its header says: {err}.") from err
    if packed.unconsumed_tail:
        raise _RefusedError(413, f"The body is larger than {LARGEST >> 20} MiB.")
    return inflated


def _guard(request: Request, token: str | None) -> None:
    if may_ask(request, token):
        return
    if token is None:
        raise _RefusedError(403, "Only callers on this machine may ask here; set DAOGOU_RASA_TOKEN for others.")
    raise _RefusedError(401, "The token is missing or wrong; it is DAOGOU_RASA_TOKEN.")


def may_ask(request: Request, token: str | None, given: str | None = None) -> bool:
    """Is this our Rasa server? `given` is a token that came in the body."""
    if token is None:
        return _is_local(request)
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
    given = given or request.query_params.get("token") or bearer
    return hmac.compare_digest(given.encode(), token.encode())


def _is_local(request: Request) -> bool:
    """Neither somebody behind a proxy on this machine, nor a page in a browser on it."""
    headers = request.headers
    if "origin" in headers or any(name in headers for name in _FORWARDED):
        return False
    return _loopback(request.client.host if request.client else "") and _loopback(request.url.hostname or "")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _error(status: int, sentence: str, action: str | None = None) -> JSONResponse:
    return JSONResponse({"error": sentence, **({"action_name": action} if action else {})}, status)
