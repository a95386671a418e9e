"""Runs an action by name, whatever kind it is."""

from __future__ import annotations

from bot.dialogue.bot_event import event_of_response
from bot.dialogue.custom import CustomActions
from bot.dialogue.default_actions import DefaultActions
from bot.dialogue.domain import EXTRACT_SLOTS, TWO_STAGE_FALLBACK, Domain
from bot.dialogue.errors import ActionFailedError, UnknownActionError
from bot.dialogue.extraction import extract_slots
from bot.dialogue.forms import run_form
from bot.dialogue.responses import Responses
from bot.dialogue.tracker import View
from bot.dialogue.two_stage import run_two_stage_fallback
from bot.events import Event


class Actions:
    """`run` returns the events of an action, messages among them, and changes nothing itself."""

    def __init__(self, domain: Domain, responses: Responses, custom: CustomActions) -> None:
        self._domain = domain
        self._responses = responses
        self._custom = custom
        self._defaults = DefaultActions(domain, responses)

    async def run(self, name: str, view: View) -> list[Event]:
        """Raises ActionRejectedError where the action refuses, ActionFailedError where it breaks, UnknownActionError for a name that
        the domain does not have."""
        domain = self._domain
        if name not in domain.action_index:
            raise UnknownActionError(f"action {name!r} is not in the domain; add it under actions or responses.")
        if domain.is_default(name):
            if name in self._defaults:
                return await self._defaults.run(name, view)
            if name == TWO_STAGE_FALLBACK:
                return await run_two_stage_fallback(view, self)
            if name == EXTRACT_SLOTS:
                return await self.extract_slots(view)
        if domain.is_retrieval(name):
            return await self._retrieve(name, view)
        if name in domain.action_texts:
            return [event_of_response({"text": name})]
        if name.startswith("utter_"):
            return await self._defaults.utter(name, view)
        if domain.is_form(name):
            return await run_form(name, view, domain, self)
        return await self._custom.run(name, view)

    async def run_custom(self, name: str, view: View) -> list[Event]:
        return await self._custom.run(name, view)

    async def extract_slots(self, view: View) -> list[Event]:
        return await extract_slots(view, self._domain, self._custom)

    async def close(self) -> None:
        await self._custom.close()

    async def _retrieve(self, name: str, view: View) -> list[Event]:
        """Says what the response selector of the understanding has chosen."""
        selector = (view.message.parse if view.message is not None else {}).get("response_selector")
        if not isinstance(selector, dict):
            raise ActionFailedError(f"{name!r} needs a response_selector in the understanding of the message.")
        chosen = selector.get(name.removeprefix("utter_")) or selector.get("default")
        if chosen is None:
            return []
        try:
            response = chosen["response"]["utter_action"]
        except (KeyError, TypeError) as err:
            raise ActionFailedError(f"{name!r}: the response_selector has no response.utter_action.") from err
        return await self._defaults.utter(str(response), view)
