"""One route for all messaging platforms: verified, stored, acknowledged, then answered."""

from __future__ import annotations

import asyncio

import structlog
from fastapi import APIRouter, BackgroundTasks, HTTPException, Request, Response

from bot.api.state import Shop, State
from bot.assistant import RefusedError
from bot.channels.base import Channel, RefusedCallError, Webhook
from bot.messages import BotMessage, UserMessage

log = structlog.get_logger()
router = APIRouter()
BODY_LIMIT = 1 << 20


@router.get("/webhooks/{channel}/webhook", operation_id="verify_webhook")
@router.post("/webhooks/{channel}/webhook", operation_id="receive_webhook")
async def webhook(channel: str, request: Request, shop: Shop, later: BackgroundTasks) -> Response:
    found = shop.channels.get(channel)
    if found is None:
        raise HTTPException(404, f"no channel {channel!r} is set up; there are: {', '.join(shop.channels) or 'none'}")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise HTTPException(413, f"the body is larger than {BODY_LIMIT} bytes")
    call = Webhook(request.method, {k.lower(): v for k, v in request.headers.items()}, dict(request.query_params), body)
    try:
        received = await asyncio.to_thread(found.receive, call)
    except RefusedCallError as err:
        log.warning("webhook_refused", channel=channel, why=str(err))
        raise HTTPException(403, str(err)) from err
    for message in received.messages:
        try:
            if await shop.assistant.store(message):
                later.add_task(_answer, shop, found, message)
        except RefusedError as err:
            later.add_task(found.send, message.sender_id, BotMessage(text=str(err)))
    return Response(received.reply, media_type=received.media_type)


async def _answer(shop: State, channel: Channel, message: UserMessage) -> None:
    for reply in await shop.assistant.reply(message, merge=True):
        await channel.send(message.sender_id, reply)
