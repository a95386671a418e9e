"""What the shop does by itself, beside answering: unpaid orders are closed, held stock is freed, news are told."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.actions.stock import restocked
from bot.api.state import State

log = structlog.get_logger()
SWEEP_SECONDS = 30


async def sweep(state: State) -> None:
    """Runs for ever: closes orders that were not paid in time, and tells those who wait for what is back."""
    shop = state.services
    minutes = shop.policies.payment.unpaid_order_minutes
    while True:
        try:
            for key in await asyncio.to_thread(shop.orders.close_unpaid, shop.clock() - minutes * 60):
                await asyncio.to_thread(shop.ledger.release, key)
            await asyncio.to_thread(shop.ledger.sweep)
            await tell_restocked(state)
        except SQLAlchemyError:
            log.exception("sweep_failed")
        await asyncio.sleep(SWEEP_SECONDS)


async def tell_restocked(state: State) -> int:
    """Tells everyone who asked for a piece that is back, once, where they asked; returns how many."""
    shop = state.services
    waiting = await asyncio.to_thread(shop.feedback.waiting)
    available = await asyncio.to_thread(shop.ledger.available_map) if waiting else {}
    told = 0
    for request in waiting:
        product = shop.catalog.of_sku(request.sku)
        row = await asyncio.to_thread(shop.conversations.get, request.sender_id)
        if product is None or row is None or available.get(request.sku, 0) <= 0:
            continue
        message = restocked(product, zh=row.language == "zh")
        await asyncio.to_thread(shop.feedback.told, request)
        await state.assistant.say(request.sender_id, message, channel=row.channel)
        channel = state.channels.get(row.channel)
        if channel is not None:
            await channel.send(request.sender_id, message)
        told += 1
    return told
