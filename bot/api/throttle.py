"""The limits of `bot.api.limits` as the shop's public routes apply them: 429 with Retry-After."""

from __future__ import annotations

import math

from fastapi import HTTPException, Request

from bot.api.limits import address
from bot.api.state import State


def limited(shop: State, request: Request) -> None:
    """Counts a call of this address."""
    _refuse(shop.per_address.wait(address(request, shop.settings.trusted_proxies)))


def paced(shop: State, sender_id: str) -> None:
    """Counts a message of this conversation."""
    _refuse(shop.per_conversation.wait(sender_id))


def slow_down(wait: float) -> str:
    seconds = math.ceil(wait)
    return f"消息太快了，请 {seconds} 秒后再试。 / That was a bit fast; please try again in {seconds} s."


def _refuse(wait: float) -> None:
    if wait:
        raise HTTPException(429, slow_down(wait), headers={"Retry-After": str(math.ceil(wait))})
