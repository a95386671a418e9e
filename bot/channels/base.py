"""What a messaging channel is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.messages import BotMessage, UserMessage


@dataclass(frozen=True, slots=True)
class Webhook:
    """One call of the platform, as it came: header names in lower case, the body raw, for signatures are made on it."""

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """What was in the call: messages to answer, and what to answer the platform itself at once."""

    messages: Sequence[UserMessage] = ()
    reply: str = ""
    media_type: str = "text/plain"


class RefusedCallError(Exception):
    """The call does not prove that it comes from the platform."""


class Channel(Protocol):
    name: str

    def receive(self, request: Webhook) -> Received:
        """Verifies and reads one call. Raises RefusedCallError when it is not the platform's."""
        ...

    async def send(self, recipient: str, message: BotMessage) -> None:
        """Delivers one message to `recipient` (the sender id of the conversation)."""
        ...

    async def close(self) -> None: ...
