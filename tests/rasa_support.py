"""A Rasa server to test against: its HTTP API, in this process, decided by the embedded runtime."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx

from bot.dialogue.bot_event import rest_payload
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.project import Project
from bot.dialogue.store import MemoryTrackerStore
from bot.dialogue.tracker import Tracker
from bot.events import action_executed, session_started
from bot.messages import UserMessage

_SET_ASIDE = "requests set aside"
Asked = Callable[[str, str], Awaitable[Mapping[str, Any]]]


class FakeRasa:
    """`understands(text, conversation)` stands for `nlu: url`. `away`, `status` and, for one
    message, `breaks_at` make it fail; `asked` is what was asked of it, method and path."""

    def __init__(self, project: Project, understands: Asked, *, version: str = "3.6.21") -> None:
        self.away: type[Exception] | None = None
        self.status = 200
        self.breaks_at = ""
        self.version = version
        self.asked: list[tuple[str, str]] = []
        self._project = project
        self._understands = understands
        self.restart()

    def restart(self) -> None:
        """All conversations are lost, as with Rasa's in-memory tracker store."""
        self._stores: dict[str, MemoryTrackerStore] = {}

    @property
    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def events(self, conversation: str) -> list[str]:
        store = self._stores.get(conversation, MemoryTrackerStore())
        return [event["event"] for event in store.load(conversation)]

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        self.asked.append((request.method, path))
        if self.away is not None:
            raise self.away("no way")
        if self.status != 200:
            return httpx.Response(self.status, json={"message": "no", "status": "failure"})
        if path == "/version":
            return httpx.Response(200, json={"version": self.version})
        body = json.loads(request.content) if request.content else {}
        if path == "/webhooks/rest/webhook":
            return await self._talk(body)
        conversation, _, what = path.removeprefix("/conversations/").partition("/")
        return await self._conversation(conversation, f"{request.method} {what}", body)

    async def _talk(self, body: dict[str, Any]) -> httpx.Response:
        if body["message"] == self.breaks_at:
            raise httpx.ReadTimeout("too long")
        message = UserMessage(body["message"], body["sender"], body["input_channel"], metadata=body["metadata"])
        return httpx.Response(200, json=rest_payload(await self._runtime(body["sender"]).respond(message), "x"))

    async def _conversation(self, conversation: str, what: str, body: Any) -> httpx.Response:
        runtime = self._runtime(conversation)
        if what == "POST tracker/events":
            await runtime.append_events(conversation, body)
        elif what == "PUT tracker/events":
            self._stores[conversation] = MemoryTrackerStore()
            self._stores[conversation].append(conversation, body, expected=0)
        elif what == "POST trigger_intent":
            await runtime.trigger_intent(conversation, body["name"], body["entities"])
        elif what == "POST messages":
            await runtime.hear(UserMessage(body["text"], conversation, parse=body["parse_data"]))
        tracker = self._runtime(conversation).tracker(conversation)
        if not tracker.events:
            begun = [action_executed("action_session_start"), session_started(), action_executed("action_listen")]
            tracker = Tracker(runtime.domain, conversation, begun)
        text = json.dumps(tracker.as_dict("ALL")).replace(_SET_ASIDE, "requests")
        return httpx.Response(200, content=text)

    def _runtime(self, conversation: str) -> EmbeddedRuntime:
        async def parse(message: UserMessage, _: Tracker) -> Mapping[str, Any]:
            # A real server keeps `requests` in the event and takes no notice of them; the embedded runtime would.
            found = await self._understands(message.text, message.sender_id)
            return {_SET_ASIDE if key == "requests" else key: value for key, value in found.items()}

        store = self._stores.setdefault(conversation, MemoryTrackerStore())
        return EmbeddedRuntime(self._project, parse=parse, actions={}, store=store, payloads=False)
