"""Talking on a page: the widget's session, its WebSocket, and plain requests."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, HTTPException, Request, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field

from bot.api.limits import address
from bot.api.sessions import Session
from bot.api.state import Shop, State, state
from bot.api.throttle import limited, paced, slow_down
from bot.assistant import RefusedError, said_news
from bot.events import slot_set
from bot.messages import UserMessage
from bot.stores.customers import guest

log = structlog.get_logger()
router = APIRouter()
_LONGEST_FRAME = 16_384


class Identity(BaseModel):
    user_id: str = Field(min_length=1, max_length=64)
    expires: int
    signature: str = Field(max_length=128)


class SessionRequest(BaseModel):
    token: str = Field(default="", max_length=1024)
    identity: Identity | None = None


class WidgetMessage(BaseModel):
    session: str = Field(max_length=1024)
    id: str = Field(default_factory=lambda: uuid.uuid4().hex, min_length=1, max_length=128)
    text: str
    title: str | None = Field(default=None, max_length=200)


@router.post("/api/session")
async def open_session(asked: SessionRequest, shop: Shop, request: Request) -> dict[str, Any]:
    """A new conversation, or the one of a token we signed; with a valid identity it belongs to that customer."""
    limited(shop, request)
    session = shop.sessions.read(asked.token) if asked.token else None
    customer_id = session.customer_id if session else None
    if (
        shop.has_shop
        and asked.identity
        and shop.sessions.vouched(asked.identity.user_id, asked.identity.expires, asked.identity.signature)
    ):
        customer_id = asked.identity.user_id
    if session is None or (session.customer_id and session.customer_id != customer_id):
        session = shop.sessions.new(customer_id)
    session = Session(session.sender_id, customer_id, shop.sessions.new().expires)
    customer = None
    if customer_id:
        customer = await asyncio.to_thread(shop.services.customers.get, customer_id)
        await _signed_in(shop, session)
    return {
        "session": shop.sessions.token(session),
        "sender_id": session.sender_id,
        "customer": {"name": customer.name, "customer_id": customer.customer_id} if customer else None,
    }


@router.post("/api/messages")
async def post_message(asked: WidgetMessage, shop: Shop, request: Request) -> dict[str, Any]:
    """One message without a WebSocket; answers with everything said since."""
    limited(shop, request)
    session = _session(shop, asked.session)
    paced(shop, session.sender_id)
    before = await asyncio.to_thread(shop.assistant.conversations.history, session.sender_id, limit=1)
    message = UserMessage(asked.text, session.sender_id, "web", asked.id)
    try:
        await shop.assistant.handle(message, shown_as=asked.title)
    except RefusedError as err:
        raise HTTPException(422, str(err)) from err
    after = before[-1].id if before else 0
    said = await asyncio.to_thread(shop.assistant.conversations.history, session.sender_id, after=after)
    return {"said": [said_news(s) for s in said]}


@router.websocket("/ws")
async def talk(socket: WebSocket, session: str = "") -> None:
    shop = state(socket)
    if not _origin_allowed(shop, socket):
        await socket.close(4403, "this page may not embed the chat; add it to DAOGOU_ALLOWED_ORIGINS")
        return
    known = shop.sessions.read(session)
    if known is None:
        await socket.close(4401, "the session has expired; open a new one")
        return
    await socket.accept()
    conversations = shop.assistant.conversations
    async with shop.hub.listening(known.sender_id) as news, asyncio.TaskGroup() as group:
        row = await asyncio.to_thread(conversations.get, known.sender_id)
        history = await asyncio.to_thread(conversations.history, known.sender_id)
        await socket.send_json(
            {"type": "welcome", "mode": row.mode if row else "bot", "history": [said_news(s) for s in history]}
        )
        forwarding = group.create_task(_forward(socket, news))
        try:
            while True:
                await _receive(shop, socket, known, group)
        except WebSocketDisconnect:
            forwarding.cancel()


async def _forward(socket: WebSocket, news: asyncio.Queue[Any]) -> None:
    while (item := await news.get()) is not None:
        try:
            await socket.send_json(item)
        except (WebSocketDisconnect, RuntimeError):  # gone while we were sending; the reader ends the connection
            return
    await socket.close(4408, "too far behind; connect again")


async def _receive(shop: State, socket: WebSocket, session: Session, group: asyncio.TaskGroup) -> None:
    text = await socket.receive_text()
    try:
        asked = json.loads(text) if len(text) <= _LONGEST_FRAME else None
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        await socket.send_json({"type": "error", "text": "This was no message of the chat protocol."})
        return
    match asked.get("type"):
        case "message":
            ref = str(asked.get("id") or uuid.uuid4().hex)[:128]
            wait = shop.per_conversation.wait(session.sender_id) or shop.per_address.wait(
                address(socket, shop.settings.trusted_proxies)
            )
            if wait:
                await socket.send_json({"type": "error", "text": slow_down(wait), "ref": ref})
                return
            title = asked.get("title")
            message = UserMessage(str(asked.get("text") or ""), session.sender_id, "web", ref)
            group.create_task(_answer(shop, socket, message, str(title)[:200] if title else None))
        case "history":
            after = asked.get("after")
            said = await asyncio.to_thread(
                shop.assistant.conversations.history, session.sender_id, after=after if isinstance(after, int) else 0
            )
            for one in said:
                await socket.send_json(said_news(one))
        case "page":
            product_id = str(asked.get("product_id") or "")
            if shop.has_shop and shop.services.catalog.get(product_id):
                async with shop.assistant.held(session.sender_id):
                    await shop.runtime.append_events(session.sender_id, [slot_set("focus", product_id)])
        case "ping":
            await socket.send_json({"type": "pong"})
        case "typing":
            pass
        case other:
            await socket.send_json({"type": "error", "text": f"The chat protocol has no {str(other)[:40]!r}."})


async def _answer(shop: State, socket: WebSocket, message: UserMessage, title: str | None) -> None:
    try:
        await shop.assistant.handle(message, merge=True, shown_as=title)
    except RefusedError as err:
        await socket.send_json({"type": "error", "text": str(err), "ref": message.message_id})
    except Exception:
        log.exception("turn_failed", sender_id=message.sender_id)
        text = "抱歉，刚才出了点问题，您的消息已存下，请再试一次。 / Sorry, something went wrong; your message is stored, please try again."
        await socket.send_json({"type": "error", "text": text, "ref": message.message_id})


async def _signed_in(shop: State, session: Session) -> None:
    """The dialogue learns who it is talking to, once; the basket comes along."""
    if shop.runtime.tracker(session.sender_id).slots.get("customer_id") != session.customer_id:
        async with shop.assistant.held(session.sender_id):
            await shop.runtime.append_events(session.sender_id, [slot_set("customer_id", session.customer_id)])
        await asyncio.to_thread(shop.services.carts.move, guest(session.sender_id), str(session.customer_id))


def _session(shop: State, token: str) -> Session:
    session = shop.sessions.read(token)
    if session is None:
        raise HTTPException(401, "the session has expired; open a new one at /api/session")
    return session


def _origin_allowed(shop: State, socket: WebSocket) -> bool:
    """Pages of this server and the configured ones; a client that is no browser sends no origin."""
    origin = socket.headers.get("origin")
    if not origin:
        return True
    return urlsplit(origin).netloc == socket.headers.get("host") or origin in shop.settings.allowed_origins
