"""Rasa's HTTP API over the embedded runtime."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from fastapi import APIRouter, Depends, Request

from bot.api.rasa import conversations, evaluation, model
from bot.api.rasa.access import Access
from bot.api.rasa.conversations import Deliver, Lock
from bot.api.rasa.errors import ApiError, RasaRoute
from bot.dialogue.custom import RASA_VERSION
from bot.dialogue.embedded import EmbeddedRuntime
from bot.messages import BotMessage
from bot.models import Models

__all__ = ["RASA_VERSION", "Access", "router"]
OLDEST_MODEL = "3.5.0"  # what Rasa 3.6 reports as its minimum compatible version


async def _no_channel(_name: str, _sender_id: str, _messages: Sequence[BotMessage]) -> bool:
    return False


def router(
    runtime: EmbeddedRuntime,
    *,
    access: Access | None = None,
    lock: Lock | None = None,
    deliver: Deliver = _no_channel,
    models: Models | None = None,
) -> APIRouter:
    """`access` guards every route but /version. `lock` gives a conversation to one caller at a time; it must be the one
    that the channels use. `deliver` sends over a channel, `models` puts others in the model's place."""
    held: Lock = lock or (lambda _: nullcontext())
    rules = access or Access()

    def guard(request: Request) -> None:
        rules.check(request)

    def ready() -> None:
        if models is not None and models.loaded is None:
            raise ApiError(
                409,
                "Conflict",
                "No agent loaded. To continue processing, a model of a trained agent needs to be loaded.",
            )

    api = APIRouter(route_class=RasaRoute, tags=["rasa"])

    @api.get("/version")
    async def version() -> dict[str, str]:
        return {"version": RASA_VERSION, "minimum_compatible_version": OLDEST_MODEL}

    @api.get("/status", dependencies=[Depends(guard), Depends(ready)])
    async def status() -> dict[str, Any]:
        return model.status_of(runtime, models)

    api.include_router(model.models_router(models), dependencies=[Depends(guard)])
    for part in (
        conversations.router(runtime, held, deliver),
        evaluation.router(runtime),
        model.router(runtime),
    ):
        api.include_router(part, dependencies=[Depends(guard), Depends(ready)])
    return api
