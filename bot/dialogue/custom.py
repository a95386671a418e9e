"""Custom actions: in this process where the name is known here, otherwise on Rasa's action server over HTTP."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from bot.calls import Action, ActionCall, ActionRejectedError, ActionResult, Utter
from bot.dialogue.bot_event import event_of_message, event_of_response
from bot.dialogue.domain import Domain
from bot.dialogue.errors import ActionFailedError
from bot.dialogue.responses import Responses
from bot.dialogue.slots import REQUESTED_SLOT
from bot.dialogue.tracker import View
from bot.events import EVENT_NAMES, Event, action_executed
from bot.messages import BotMessage

RASA_VERSION = "3.6.21"  # what action servers are told they talk to
TIMEOUT_SECONDS = 300.0  # Rasa's own

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`action_endpoint` of endpoints.yml. `selective_domain`: send the domain only to actions that ask for it."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    auth: httpx.Auth | None = None
    selective_domain: bool = False
    compress: bool = False


class CustomActions:
    def __init__(
        self,
        domain: Domain,
        responses: Responses,
        actions: Mapping[str, Action],
        endpoint: Endpoint | None = None,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._domain = domain
        self._responses = responses
        self._actions = actions
        self._endpoint = endpoint
        self._client = client

    async def run(self, name: str, view: View) -> list[Event]:
        """What the action says and does, messages first. Raises ActionRejectedError, or ActionFailedError for anything else."""
        action = self._actions.get(name)
        if action is not None:
            return await self._run_here(name, action, view)
        if self._endpoint is None:
            raise ActionFailedError(f"action {name!r} is not known here and endpoints.yml has no action_endpoint.")
        return await self._run_there(name, self._endpoint, view)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def _run_here(self, name: str, action: Action, view: View) -> list[Event]:
        message = view.message
        call = ActionCall(
            name=name,
            sender_id=view.sender_id,
            slots=view.slots,
            message=message.parse if message is not None else {},
            active_loop=view.loop_name,
            requested_slot=view.slots.get(REQUESTED_SLOT),
            events=view.events,
            channel=view.channel or "rest",
        )
        try:
            result = await action(call)
        except ActionRejectedError:
            raise
        except Exception as err:
            raise ActionFailedError(f"action {name!r} failed: {type(err).__name__}: {err}") from err
        return [*self._messages(result, view), *(_whole(event) for event in result.events)]

    def _messages(self, result: ActionResult, view: View) -> list[Event]:
        events: list[Event] = []
        for message in result.messages:
            if isinstance(message, Utter):
                events += self._utter(message, view)
            else:
                events.append(event_of_message(message))
        return events

    def _utter(self, utter: Utter, view: View) -> list[Event]:
        response = self._responses.render(utter.response, view, utter.values)
        if response is None:
            log.error("response %r has no variation that fits", utter.response)
            return [event_of_message(utter.extra)] if utter.extra is not None else []
        event = event_of_response({**response, "utter_action": utter.response})
        return [_with_extra(event, utter.extra) if utter.extra is not None else event]

    async def _run_there(self, name: str, endpoint: Endpoint, view: View) -> list[Event]:
        body: dict[str, Any] = {
            "next_action": name,
            "sender_id": view.sender_id,
            "tracker": view.state(view.events),
            "version": RASA_VERSION,
        }
        if not endpoint.selective_domain or name in self._domain.actions_needing_domain:
            body["domain"] = self._domain.data
        answer = await self._post(name, endpoint, json.dumps(body).encode())
        events = answer.get("events") or []
        for event in events:
            if not isinstance(event, dict) or event.get("event") not in EVENT_NAMES:
                raise ActionFailedError(
                    f"action {name!r} answered with the event {event!r:.80}, which is none of Rasa's."
                )
        said = [self._response(response, view) for response in answer.get("responses") or []]
        return [*(event for event in said if event is not None), *(_whole(event) for event in events)]

    async def _post(self, name: str, endpoint: Endpoint, content: bytes) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", **endpoint.headers}
        if endpoint.compress:
            content, headers["Content-Encoding"] = zlib.compress(content), "deflate"
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=TIMEOUT_SECONDS, transport=httpx.AsyncHTTPTransport(retries=1))
        try:
            reply = await self._client.post(
                endpoint.url,
                content=content,
                headers=headers,
                params=dict(endpoint.params),
                auth=endpoint.auth or httpx.USE_CLIENT_DEFAULT,
            )
            data = reply.json() if reply.content else {}
        except (httpx.HTTPError, ValueError) as err:
            raise ActionFailedError(f"action {name!r} at {endpoint.url!r} failed: {type(err).__name__}: {err}") from err
        if reply.status_code == 400:
            error = data.get("error") if isinstance(data, dict) else None
            raise ActionRejectedError(error or f"action {name!r} refused to run")
        if reply.status_code != 200 or not isinstance(data, dict):
            raise ActionFailedError(f"action {name!r} at {endpoint.url!r} answered with status {reply.status_code}.")
        return data

    def _response(self, response: Any, view: View) -> Event | None:
        if not isinstance(response, dict):
            raise ActionFailedError(f"an action answered with the response {response!r:.80}; it must be a mapping.")
        rest = {key: value for key, value in response.items() if key not in ("response", "buttons")}
        draft: dict[str, Any] = {}
        if response.get("response"):
            rendered = self._responses.render(response["response"], view, response)
            if rendered is None:
                return None
            draft = {**rendered, "utter_action": response["response"]}
        if response.get("buttons"):
            draft["buttons"] = [*(draft.get("buttons") or []), *response["buttons"]]
        return event_of_response({**draft, **{key: value for key, value in rest.items() if value}})


def _whole(event: Event) -> Event:
    """An action event with the parts that an action server leaves out."""
    if event["event"] == "action":
        return {**action_executed(event.get("name"), text=event.get("action_text")), **event}
    return dict(event)


def _with_extra(event: Event, extra: BotMessage) -> Event:
    """The rendered response with what an action adds to it; its own text and buttons come first."""
    added = event_of_message(replace(extra, text=None))
    data = {
        key: [*(event["data"].get(key) or []), *(value or [])] or None
        if key in ("buttons", "elements")
        else event["data"].get(key) or value
        for key, value in added["data"].items()
    }
    text = "\n\n".join(part for part in (event["text"], extra.text) if part) or None
    return {**event, "text": text, "data": data, "metadata": {**added["metadata"], **event["metadata"]}}
