"""The connectors that a server has: from the settings, and from a Rasa project's credentials.yml."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import structlog

from bot.channels.base import Channel
from bot.channels.telegram import Telegram
from bot.settings import Settings

log = structlog.get_logger()
_NOT_CONNECTORS = frozenset(("rest", "rasa", "cmdline"))


def channels_of(credentials: Mapping[str, Any], settings: Settings) -> dict[str, Channel]:
    """Half-set ones are an error at start, not an open door. What credentials.yml names and we do not have is warned of."""
    channels: dict[str, Channel] = {}
    if settings.telegram_token or settings.telegram_secret:
        token, secret = settings.telegram_token, settings.telegram_secret
        channels["telegram"] = Telegram(
            token.get_secret_value() if token else "", secret.get_secret_value() if secret else ""
        )
    unknown: list[str] = []
    for name, entry in credentials.items():
        if name == "telegram" and name not in channels:
            channels[name] = _telegram(entry)
        elif name not in channels and name not in _NOT_CONNECTORS:
            unknown.append(name)
    if unknown:
        log.warning("channels_unknown", channels=unknown, have=["rest", "telegram"], file="credentials.yml")
    return channels


def _telegram(entry: Any) -> Telegram:
    """Rasa's keys. Its webhook carries no secret; ours is derived from the token and is to be given to setWebhook."""
    token = str(entry.get("access_token") or "") if isinstance(entry, Mapping) else ""
    if not token:
        raise ValueError("credentials.yml: telegram needs access_token, the token of the bot")
    return Telegram(token, hashlib.sha256(f"webhook:{token}".encode()).hexdigest())
