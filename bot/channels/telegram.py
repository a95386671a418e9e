"""Telegram bots: https://core.telegram.org/bots/api

Inbound calls prove themselves by the secret token given to `setWebhook` (header X-Telegram-Bot-Api-Secret-Token).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections import OrderedDict
from typing import Any

import httpx

from bot.channels.base import Received, RefusedCallError, Webhook
from bot.channels.rendering import plain, split
from bot.messages import BotMessage, Button, UserMessage

TEXT_LIMIT = 4096
DATA_LIMIT = 64
"""Bytes of a button's callback data; longer payloads are kept here and named by their hash."""
_KEPT_PAYLOADS = 10_000
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Telegram:
    name = "telegram"

    def __init__(self, token: str, secret: str, *, client: httpx.AsyncClient | None = None) -> None:
        if not token or not _SECRET.fullmatch(secret):
            raise ValueError(
                "Telegram needs DAOGOU_TELEGRAM_TOKEN and DAOGOU_TELEGRAM_SECRET (1-256 of A-Z a-z 0-9 _ -), "
                "the secret_token given to setWebhook"
            )
        self._secret = secret
        self._client = client or httpx.AsyncClient(timeout=10)
        self._base = f"https://api.telegram.org/bot{token}"
        self._payloads: OrderedDict[str, str] = OrderedDict()

    def receive(self, request: Webhook) -> Received:
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise RefusedCallError("the secret token is missing or wrong")
        try:
            update = json.loads(request.body)
        except ValueError as err:
            raise RefusedCallError("the body is no JSON") from err
        return Received(messages=tuple(self._messages(update)))

    async def send(self, recipient: str, message: BotMessage) -> None:
        chat = recipient.removeprefix("telegram:")
        texts = split(plain(message), TEXT_LIMIT)
        buttons = [*message.buttons, *(b for card in message.cards for b in card.buttons[:1])]
        for place, text in enumerate(texts, start=1):
            body: dict[str, Any] = {"chat_id": chat, "text": text}
            if buttons and place == len(texts):
                body["reply_markup"] = {"inline_keyboard": [[self._key(b)] for b in buttons]}
            response = await self._client.post(f"{self._base}/sendMessage", json=body)
            response.raise_for_status()

    async def close(self) -> None:
        await self._client.aclose()

    def _messages(self, update: Any) -> list[UserMessage]:
        """Texts and taps of private chats; everything else (joins, edits, channels) is passed over."""
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return []
        message, text = update.get("message"), None
        if isinstance(message, dict):
            text = message.get("text") or message.get("caption")
        elif isinstance(tap := update.get("callback_query"), dict):
            message, data = tap.get("message"), str(tap.get("data") or "")
            text = self._payloads.get(data, data)
        chat = message.get("chat") if isinstance(message, dict) else None
        if not isinstance(chat, dict) or chat.get("type") != "private" or not isinstance(text, str) or not text:
            return []
        if text.startswith("/start"):
            text = "/greet"
        return [UserMessage(text, f"telegram:{chat['id']}", self.name, str(update["update_id"]))]

    def _key(self, button: Button) -> dict[str, str]:
        data = button.payload
        if len(data.encode()) > DATA_LIMIT:
            data = hashlib.sha256(button.payload.encode()).hexdigest()[:32]
            self._payloads[data] = button.payload
            while len(self._payloads) > _KEPT_PAYLOADS:
                self._payloads.popitem(last=False)
        return {"text": button.title, "callback_data": data}
