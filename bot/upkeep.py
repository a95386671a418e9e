"""What the shop does by itself, beside answering: unpaid orders are closed, held stock is freed, news are told, and every
night the recommender is fitted anew."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.actions.services import Services
from bot.actions.stock import restocked
from bot.api.state import State
from bot.settings import Settings

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


async def renew(shop: Services, at: str, fit: Callable[[], Awaitable[object]], *, every: float = SWEEP_SECONDS) -> None:
    """Runs for ever: calls `fit` each day at `at` (HH:MM of the shop's time zone, empty for never), and takes over what
    was fitted, here or elsewhere, between two turns."""
    due = _next(shop.now(), at)
    while True:
        try:
            if due is not None and shop.now() >= due:
                due = _next(shop.now(), at)
                await fit()
            await asyncio.to_thread(shop.look_again)
        except OSError:
            log.exception("refit_failed")
        await asyncio.sleep(every)


async def refit_apart(settings: Settings) -> int:
    """`daogou refit` in a process of its own, so that turns go on at their speed; ends with the server. Returns its exit
    status; what it said is logged."""
    told = {
        "DAOGOU_HOME": str(settings.home),
        "DAOGOU_SHOP": str(settings.shop),
        "DAOGOU_DATABASE_URL": settings.database_url,
        "DAOGOU_TODAY": settings.today,
        "OMP_NUM_THREADS": "1",
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", "refit", stdout=pipe, stderr=pipe, env={**os.environ, **told}
    )
    try:
        said, wrong = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        log.error("refit_failed", status=process.returncode, error=wrong.decode(errors="replace")[-2000:])
    else:
        log.info("refitted", version=said.decode(errors="replace").strip())
    return int(process.returncode or 0)


def _next(now: datetime, at: str) -> datetime | None:
    """The first such time of day after now."""
    if not at:
        return None
    today = datetime.combine(now.date(), time.fromisoformat(at), now.tzinfo)
    return today if today > now else today + timedelta(days=1)
