"""A Rasa Open Source 3 server as seen over its HTTP API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

import httpx

from bot.dialogue.errors import DialogueError
from bot.events import Event
from bot.messages import UserMessage

TIMEOUT = httpx.Timeout(60.0, connect=5.0)  # seconds; a turn may wait for slow actions
_OURS_TO_KEEP = "-_.~:@"


class RasaUnavailableError(DialogueError):
    """The server did not answer, or answered with an error of its own."""


class RasaRefusedError(DialogueError):
    """The server does not do what was asked: a wrong token, an unknown intent, another version."""


class RasaServer:
    """What is asked of it, one request each. Only connections that could not be opened are tried again: of anything else
    the server may have done its part already. Raises RasaUnavailableError and RasaRefusedError.

    `token` is what `rasa run --auth-token` was given.
    """

    def __init__(self, url: str, *, token: str | None = None, client: httpx.AsyncClient | None = None) -> None:
        self.url = url.rstrip("/")
        self._params = {"token": token} if token else {}
        self._client = client or httpx.AsyncClient(timeout=TIMEOUT, transport=httpx.AsyncHTTPTransport(retries=2))

    async def check(self) -> str:
        """The version. Raises RasaRefusedError for any but 3.x."""
        answer = await self._ask("GET", "/version")
        version = str(answer.get("version")) if isinstance(answer, Mapping) else "unknown"
        if not version.startswith("3."):
            raise RasaRefusedError(f"{self.url} runs Rasa {version}; Rasa Open Source 3 is needed, best 3.6.21.")
        return version

    async def say(self, message: UserMessage) -> list[dict[str, Any]]:
        """A turn over the REST channel; what the channel shows of it."""
        body = {
            "sender": conversation_id(message.sender_id),
            "message": message.text,
            "input_channel": message.channel,
            "metadata": dict(message.metadata),
        }
        return list(await self._ask("POST", "/webhooks/rest/webhook", json=body))

    async def tracker(self, sender_id: str, include_events: str = "ALL") -> dict[str, Any]:
        """The conversation in Rasa's JSON form; one that the server does not know looks as if it had just begun."""
        return dict(await self._ask("GET", _path(sender_id, "tracker"), params={"include_events": include_events}))

    async def append(self, sender_id: str, events: Sequence[Event]) -> None:
        await self._ask("POST", _path(sender_id, "tracker/events"), json=list(events))

    async def replace(self, sender_id: str, events: Sequence[Event]) -> None:
        """The conversation is these events from now on."""
        await self._ask("PUT", _path(sender_id, "tracker/events"), json=list(events))

    async def trigger(self, sender_id: str, intent: str, entities: Any) -> None:
        await self._ask("POST", _path(sender_id, "trigger_intent"), json={"name": intent, "entities": entities})

    async def hear(self, message: UserMessage, parse: Mapping[str, Any]) -> None:
        """Records a message without answering it."""
        body = {"text": message.text, "sender": "user", "parse_data": dict(parse)}
        await self._ask("POST", _path(message.sender_id, "messages"), json=body)

    async def close(self) -> None:
        await self._client.aclose()

    async def _ask(self, method: str, path: str, *, params: Mapping[str, str] | None = None, json: Any = None) -> Any:
        try:
            reply = await self._client.request(
                method, self.url + path, params={**self._params, **(params or {})}, json=json
            )
            data = reply.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as err:
            raise RasaUnavailableError(
                f"The Rasa server at {self.url} did not answer {method} {path}: {type(err).__name__}: {err}"
            ) from err
        if reply.is_success:
            return data
        reason = data.get("message") or data.get("reason") if isinstance(data, Mapping) else data
        sentence = f"The Rasa server at {self.url} answered {method} {path} with {reply.status_code}: {reason!s:.300}"
        raise (RasaUnavailableError if reply.is_server_error else RasaRefusedError)(sentence)


def conversation_id(sender_id: str) -> str:
    """How Rasa calls a conversation of ours: its routes take an id as it stands in the address, without decoding it."""
    return quote(sender_id, safe=_OURS_TO_KEEP)


def sender_of(conversation: str) -> str:
    """Our name of a conversation of Rasa's."""
    return unquote(conversation)


def _path(sender_id: str, rest: str) -> str:
    return f"/conversations/{conversation_id(sender_id)}/{rest}"
