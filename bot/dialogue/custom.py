"""Custom actions: in this process where the name is known here, otherwise on Rasa's action server over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import orjson

from bot.calls import Action, ActionCall, ActionRejectedError, ActionResult, Utter
from bot.dialogue.bot_event import event_of_message, event_of_response
from bot.dialogue.domain import Domain
from bot.dialogue.endpoint import Caller, Endpoint
from bot.dialogue.errors import ActionFailedError
from bot.dialogue.responses import Responses
from bot.dialogue.slots import REQUESTED_SLOT
from bot.dialogue.tracker import View
from bot.events import Event, action_executed, problem_of
from bot.messages import BotMessage

RASA_VERSION = "3.6.21"  # what action servers are told they talk to

log = logging.getLogger(__name__)


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
        self._server = Caller(endpoint, client) if endpoint is not None else None

    async def run(self, name: str, view: View) -> list[Event]:
        """What the action says and does, messages first. Raises ActionRejectedError, or ActionFailedError for anything else."""
        action = self._actions.get(name)
        if action is not None:
            return await self._run_here(name, action, view)
        if self._server is None:
            raise ActionFailedError(f"action {name!r} is not known here and endpoints.yml has no action_endpoint.")
        return await self._run_there(name, self._server, view)

    async def close(self) -> None:
        if self._server is not None:
            await self._server.close()
        await self._responses.close()

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
        return [*await self._messages(result, view), *(_whole(event) for event in result.events)]

    async def _messages(self, result: ActionResult, view: View) -> list[Event]:
        events: list[Event] = []
        for message in result.messages:
            if isinstance(message, Utter):
                events += await self._utter(message, view)
            else:
                events.append(event_of_message(message))
        return events

    async def _utter(self, utter: Utter, view: View) -> list[Event]:
        response = await self._responses.say(utter.response, view, utter.values)
        if response is None:
            log.error("response %r has no variation that fits", utter.response)
            return [event_of_message(utter.extra)] if utter.extra is not None else []
        event = event_of_response({**response, "utter_action": utter.response})
        return [_with_extra(event, utter.extra) if utter.extra is not None else event]

    async def _run_there(self, name: str, server: Caller, view: View) -> list[Event]:
        body: dict[str, Any] = {
            "next_action": name,
            "sender_id": view.sender_id,
            "tracker": view.state(view.events),
            "version": RASA_VERSION,
        }
        if not server.endpoint.selective_domain or name in self._domain.actions_needing_domain:
            body["domain"] = self._domain.data
        answer = await self._post(name, server, orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS))
        events = answer.get("events") or []
        if not isinstance(events, list):
            raise ActionFailedError(f"action {name!r} answered with the events {events!r:.80}; they must be a list.")
        for event in events:
            if (problem := problem_of(event)) is not None:
                raise ActionFailedError(f"action {name!r} answered with the event {event!r:.80}, which {problem}.")
        said = [await self._response(response, view) for response in answer.get("responses") or []]
        return [*(event for event in said if event is not None), *(_whole(event) for event in events)]

    async def _post(self, name: str, server: Caller, content: bytes) -> dict[str, Any]:
        url = server.endpoint.url
        try:
            reply = await server.post(content, compress=server.endpoint.compress)
        except httpx.HTTPError as err:
            raise ActionFailedError(f"action {name!r} at {url!r} failed: {type(err).__name__}: {err}") from err
        try:
            data = reply.json() if reply.content else {}
        except ValueError as err:
            if reply.status_code == 200:
                raise ActionFailedError(f"action {name!r} at {url!r} answered with a body that is no JSON.") from err
            data = {"error": reply.text[:200]}
        error = data.get("error") if isinstance(data, dict) else None
        if reply.status_code == 400:
            raise ActionRejectedError(error or f"action {name!r} refused to run")
        if reply.status_code != 200 or not isinstance(data, dict):
            why = f": {error}" if error else ""
            raise ActionFailedError(f"action {name!r} at {url!r} answered with status {reply.status_code}{why}.")
        return data

    async def _response(self, response: Any, view: View) -> Event | None:
        if not isinstance(response, dict):
            raise ActionFailedError(f"an action answered with the response {response!r:.80}; it must be a mapping.")
        rest = {key: value for key, value in response.items() if key not in ("response", "buttons")}
        draft: dict[str, Any] = {}
        if response.get("response"):
            values = {key: value for key, value in response.items() if key != "response"}
            rendered = await self._responses.say(response["response"], view, values, known=False)
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
