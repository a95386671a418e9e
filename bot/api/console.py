"""The support team's side: who waits, what was said, take over, answer, hand back."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import math
import secrets
import time
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Depends, Header, HTTPException, Request, Response, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field

from bot.api.limits import RateLimit, address
from bot.api.state import Shop, State, state
from bot.assistant import RefusedError, said_news
from bot.hub import EVERYTHING
from bot.messages import BotMessage
from bot.stores.conversations import Conversation
from bot.stores.customers import guest
from bot.stores.operators import Operator

router = APIRouter(prefix="/console")
COOKIE = "daogou_console"
SHIFT = 12 * 3600
"""Seconds until an operator signs in again."""
_attempts = RateLimit(6)
_SHOP_SLOTS = (
    "language",
    "mood",
    "customer_id",
    "search",
    "shown",
    "focus",
    "last_order",
    "order_task",
    "order_number",
)


class Login(BaseModel):
    name: str = Field(max_length=64)
    password: str = Field(max_length=256)


class Reply(BaseModel):
    text: str = Field(min_length=1, max_length=4000)


@router.post("/login")
async def login(asked: Login, request: Request, response: Response, shop: Shop) -> dict[str, str]:
    wait = _attempts.wait(f"{asked.name}@{address(request, shop.settings.trusted_proxies)}")
    if wait:
        raise HTTPException(
            429, f"too many attempts; wait {math.ceil(wait)} s", headers={"Retry-After": str(math.ceil(wait))}
        )
    operator = await asyncio.to_thread(shop.operators.sign_in, asked.name, asked.password)
    if operator is None:
        raise HTTPException(401, "name or password is wrong")
    await asyncio.to_thread(shop.operators.did, operator.name, "login", "")
    csrf = secrets.token_hex(16)
    response.set_cookie(
        COOKIE,
        _signed(shop, operator.name, csrf, int(time.time()) + SHIFT),
        max_age=SHIFT,
        path="/console",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return {"name": operator.name, "role": operator.role, "csrf": csrf}


@router.post("/logout", status_code=204)
async def logout(response: Response) -> None:
    response.delete_cookie(COOKIE, path="/console")


def _reader(shop: Shop, daogou_console: Annotated[str, Cookie()] = "") -> Operator:
    read = _read(shop, daogou_console)
    operator = shop.operators.get(read[0]) if read else None
    if operator is None:
        raise HTTPException(401, "please sign in")
    return operator


def _writer(
    shop: Shop,
    operator: Annotated[Operator, Depends(_reader)],
    daogou_console: Annotated[str, Cookie()] = "",
    x_csrf: Annotated[str, Header()] = "",
) -> Operator:
    read = _read(shop, daogou_console)
    if read is None or not hmac.compare_digest(read[1].encode(), x_csrf.encode()):
        raise HTTPException(403, "the X-CSRF header is missing or wrong")
    if not operator.may_answer:
        raise HTTPException(403, f"the role {operator.role!r} may only read")
    return operator


Reader = Annotated[Operator, Depends(_reader)]
Writer = Annotated[Operator, Depends(_writer)]


@router.get("/api/me")
async def me(operator: Reader, shop: Shop, daogou_console: Annotated[str, Cookie()] = "") -> dict[str, str]:
    read = _read(shop, daogou_console)
    return {"name": operator.name, "role": operator.role, "csrf": read[1] if read else ""}


@router.get("/api/conversations")
async def conversations(_: Reader, shop: Shop) -> list[dict[str, Any]]:
    rows = await asyncio.to_thread(shop.assistant.conversations.listed)
    return [await asyncio.to_thread(_row, shop, row) for row in rows]


@router.get("/api/conversations/{sender_id}")
async def conversation(sender_id: str, _: Reader, shop: Shop) -> dict[str, Any]:
    row = await asyncio.to_thread(_known, shop, sender_id)
    history = await asyncio.to_thread(shop.assistant.conversations.history, sender_id, limit=500)
    tracker = shop.runtime.tracker(sender_id)
    owner = row.customer_id or guest(sender_id)
    orders = await asyncio.to_thread(shop.services.orders.of_customer, owner, 5) if shop.has_shop else []
    shown = _SHOP_SLOTS if shop.has_shop else tuple(tracker.slots)
    return await asyncio.to_thread(_row, shop, row) | {
        "history": [said_news(s) for s in history],
        "slots": {k: v for k in shown if (v := tracker.slots.get(k)) is not None},
        "orders": [
            {"number": o.number, "status": o.status, "total": o.total, "placed_at": o.placed_at} for o in orders
        ],
        "profile": await asyncio.to_thread(_profile, shop, row.customer_id) if shop.has_shop else None,
    }


@router.post("/api/conversations/{sender_id}/take")
async def take(sender_id: str, operator: Writer, shop: Shop) -> dict[str, Any]:
    await asyncio.to_thread(_known, shop, sender_id)
    if not await shop.assistant.change_mode(sender_id, operator=operator.name, take=True):
        raise HTTPException(409, "a colleague has it already")
    await asyncio.to_thread(shop.operators.did, operator.name, "take", sender_id)
    return await asyncio.to_thread(_row, shop, _known(shop, sender_id))


@router.post("/api/conversations/{sender_id}/reply")
async def reply(sender_id: str, asked: Reply, operator: Writer, shop: Shop) -> dict[str, Any]:
    row = await asyncio.to_thread(_known, shop, sender_id)
    try:
        said = await shop.assistant.agent_says(sender_id, operator.name, asked.text)
    except RefusedError as err:
        raise HTTPException(409, str(err)) from err
    channel = shop.channels.get(row.channel)
    if channel is not None:
        await channel.send(sender_id, BotMessage(text=asked.text))
    return said_news(said)


@router.post("/api/conversations/{sender_id}/return")
async def hand_back(sender_id: str, operator: Writer, shop: Shop) -> dict[str, Any]:
    await asyncio.to_thread(_known, shop, sender_id)
    if not await shop.assistant.change_mode(sender_id, operator=operator.name, take=False):
        raise HTTPException(409, "it is not yours to hand back")
    await asyncio.to_thread(shop.operators.did, operator.name, "return", sender_id)
    return await asyncio.to_thread(_row, shop, _known(shop, sender_id))


@router.get("/api/gaps")
async def gaps(_: Reader, shop: Shop) -> list[dict[str, Any]]:
    """Questions the articles did not answer, newest first."""
    return await asyncio.to_thread(shop.services.feedback.questions_in_vain) if shop.has_shop else []


@router.websocket("/ws")
async def live(socket: WebSocket) -> None:
    shop = state(socket)
    read = _read(shop, socket.cookies.get(COOKIE, ""))
    same_site = (socket.headers.get("origin") or "").partition("://")[2] == socket.headers.get("host")
    if read is None or not same_site or await asyncio.to_thread(shop.operators.get, read[0]) is None:
        await socket.close(4401, "please sign in")
        return
    await socket.accept()
    async with shop.hub.listening(EVERYTHING) as news, asyncio.TaskGroup() as group:
        forwarding = group.create_task(_forward(shop, socket, news))
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            forwarding.cancel()


async def _forward(shop: State, socket: WebSocket, news: asyncio.Queue[Any]) -> None:
    while (item := await news.get()) is not None:
        if item["type"] == "typing":
            continue
        try:
            if item["type"] == "mode":
                row = await asyncio.to_thread(_row, shop, _known(shop, item["sender_id"]))
                await socket.send_json({"type": "conversation", **row})
            else:
                await socket.send_json(item)
        except (WebSocketDisconnect, RuntimeError):  # gone meanwhile; the reader ends the connection
            return
    await socket.close(4408, "too far behind; connect again")


def _known(shop: State, sender_id: str) -> Conversation:
    row = shop.assistant.conversations.get(sender_id)
    if row is None:
        raise HTTPException(404, f"there is no conversation {sender_id!r}")
    return row


def _profile(shop: State, customer_id: str | None) -> dict[str, Any] | None:
    """What kind of customer it is, with the names of things in both languages; None for guests and newcomers."""
    services = shop.services
    found = services.recommender.segments(services.clock()).profile(customer_id) if customer_id else None
    if found is None:
        return None
    named = {
        f"{column}_{language}": [services.label(column, key, language) for key, _ in getattr(found, column)]
        for column in ("categories", "brands")
        for language in ("zh", "en")
    }
    return found.as_dict() | named


def _row(shop: State, row: Conversation) -> dict[str, Any]:
    customer = shop.services.customers.get(row.customer_id) if shop.has_shop and row.customer_id else None
    last = shop.assistant.conversations.history(row.sender_id, limit=1)
    return asdict(row) | {
        "customer": {"name": customer.name, "level": customer.level} if customer else None,
        "last": str(last[-1].data.get("text") or "")[:120] if last else "",
    }


def _signed(shop: State, name: str, csrf: str, expires: int) -> str:
    body = json.dumps([name, csrf, expires]).encode()
    return f"{body.hex()}.{_sign(shop, body)}"


def _read(shop: State, cookie: str) -> tuple[str, str] | None:
    """Name and CSRF token of a cookie we signed and that has not expired."""
    body, _, signature = cookie.partition(".")
    try:
        raw = bytes.fromhex(body)
    except ValueError:
        return None
    if not hmac.compare_digest(_sign(shop, raw).encode(), signature.encode()):
        return None
    name, csrf, expires = json.loads(raw)
    return (name, csrf) if expires > time.time() else None


def _sign(shop: State, body: bytes) -> str:
    return hmac.new(shop.settings.session_secret, b"console:" + body, hashlib.sha256).hexdigest()
