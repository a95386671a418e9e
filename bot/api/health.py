"""Is it alive, is it ready, and how does it fare."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from bot.api.state import Shop

router = APIRouter()


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(shop: Shop) -> dict[str, object]:
    """Answers once the project, its models and its database are there; an error of the database shows as 500."""
    await asyncio.to_thread(_query, shop)
    return {"status": "ok"} | ({"products": len(shop.services.catalog)} if shop.has_shop else {})


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _query(shop: Shop) -> None:
    with shop.core.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
