"""Rasa's REST channel: {sender, message} in, a list of messages out. The shop's has the shop's rules; that of a plain
project answers exactly as Rasa does."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any

import orjson
import structlog
from fastapi import APIRouter, Header, HTTPException, Request
from pydantic import BaseModel, Field
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from bot.api.action_server import may_ask
from bot.api.state import Shop, State, state
from bot.api.throttle import limited, paced
from bot.assistant import RefusedError
from bot.dialogue.bot_event import rest_payload
from bot.dialogue.rasa_server import sender_of
from bot.messages import UserMessage

log = structlog.get_logger()
router = APIRouter()
understanding = APIRouter()
BODY_LIMIT = 1 << 20


class RestMessage(BaseModel):
    sender: str = Field(default="default", min_length=1, max_length=128)
    message: str = ""
    metadata: dict[str, Any] = {}


class ParseRequest(BaseModel):
    text: str = Field(max_length=10_000)
    message_id: str = Field(default="default", max_length=1024)
    token: str | None = Field(default=None, max_length=1024)


@router.post("/webhooks/rest/webhook")
async def rest(
    asked: RestMessage,
    shop: Shop,
    request: Request,
    token: str = "",
    authorization: Annotated[str, Header()] = "",
) -> list[dict[str, Any]]:
    """Rasa's REST channel: {sender, message} in, a list of messages out."""
    check_api_token(shop, token, authorization)
    limited(shop, request)
    paced(shop, asked.sender)
    row = await asyncio.to_thread(shop.assistant.conversations.get, asked.sender)
    if row is not None and row.channel != "rest":
        raise HTTPException(403, f"the conversation {asked.sender!r} belongs to another channel")
    try:
        replies = await shop.assistant.handle(UserMessage(asked.message, asked.sender, "rest", metadata=asked.metadata))
    except RefusedError as err:
        return [{"recipient_id": asked.sender, "text": str(err)}]
    return rest_payload(replies, asked.sender)


@understanding.post("/model/parse")
async def parse(
    asked: ParseRequest, shop: Shop, request: Request, token: str = "", authorization: Annotated[str, Header()] = ""
) -> Any:
    """Rasa's format, with sentiment and language. A real Rasa server asks here (`nlu: url` in its endpoints.yml), with
    the conversation as `message_id`; it gives up silently on any error, so it is not held to the limits of the public."""
    if not may_ask(request, shop.settings.rasa_secret, asked.token):
        check_api_token(shop, token, authorization)
        limited(shop, request)
    return await shop.runtime.parse(UserMessage(asked.text, sender_of(asked.message_id)))


def plain_routes() -> list[BaseRoute]:
    """The channel of a plain project."""
    return [
        Route("/webhooks/rest/", _health, methods=["GET"]),
        Route("/webhooks/rest/webhook", _receive, methods=["POST"]),
    ]


def check_api_token(shop: State, token: str, authorization: str = "") -> None:
    """Callers of the REST channel and of Rasa's API give `?token=` or `Authorization: Bearer` when one is set."""
    wanted = shop.settings.api_token
    if wanted is None:
        return
    given = token or authorization.removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), wanted.get_secret_value().encode()):
        raise HTTPException(401, "the token is missing or wrong; give ?token= or Authorization: Bearer")


async def _health(_: Request) -> Response:
    return _json({"status": "ok"})


async def _receive(request: Request) -> Response:
    body = await _body(request)
    try:
        message = _message(orjson.loads(body))
    except ValueError as err:
        return _json({"description": "Bad Request", "status": 400, "message": str(err)}, 400)
    shop = state(request)
    if request.query_params.get("stream", "").lower() == "true":
        return StreamingResponse(_stream(shop, message), media_type="text/event-stream")
    return _json(await _answer(shop, message))


async def _body(request: Request) -> bytes:
    body = await request.body()
    if len(body) > BODY_LIMIT:
        raise HTTPException(413, f"the body is larger than {BODY_LIMIT} bytes")
    return body


def _message(data: Any) -> UserMessage:
    """Raises ValueError with a sentence that says what is wrong."""
    if not isinstance(data, Mapping):
        raise ValueError("the body must be an object with sender and message")
    sender, text, metadata = data.get("sender"), data.get("message"), data.get("metadata")
    if sender is not None and not (isinstance(sender, str | int) and 0 < len(str(sender)) <= 128):
        raise ValueError(f"sender is {sender!r:.60}; it must be a text of 1 to 128 characters")
    if text is not None and not isinstance(text, str):
        raise ValueError(f"message is {text!r:.60}; it must be a text")
    if metadata is not None and not isinstance(metadata, Mapping):
        raise ValueError(f"metadata is {metadata!r:.60}; it must be an object")
    return UserMessage(
        (text or "").strip(),
        "default" if sender is None else str(sender),
        str(data.get("input_channel") or "rest"),
        metadata=metadata or {},
    )


async def _answer(shop: State, message: UserMessage) -> list[dict[str, Any]]:
    """As in Rasa, an error is logged and whatever was said before it is the answer; without a model that is nothing."""
    models = shop.core.models
    if models is not None and models.loaded is None:
        log.error("no_model_loaded", sender_id=message.sender_id)
        return []
    try:
        async with shop.core.locks.hold(message.sender_id):
            turn = await shop.core.runtime.turn(message)
    except Exception:
        log.exception("turn_failed", sender_id=message.sender_id)
        return []
    return rest_payload(turn.messages, message.sender_id)


async def _stream(shop: State, message: UserMessage) -> AsyncIterator[str]:
    for one in await _answer(shop, message):
        yield json.dumps(one) + "\n"


def _json(data: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(data, default=str), status, media_type="application/json")
