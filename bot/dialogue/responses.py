"""Responses: which variation is said, and what is filled into it."""

from __future__ import annotations

import copy
import random
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx
import orjson

from bot.dialogue.domain import Domain
from bot.dialogue.endpoint import Caller
from bot.dialogue.errors import ActionFailedError
from bot.dialogue.tracker import View

_FILLED = ("text", "image", "custom", "buttons", "attachment", "quick_replies")
_PLACE = re.compile(r"\{([^\n{}]+?)\}")
_ANSWER: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "image": (str,),
    "buttons": (list,),
    "elements": (list,),
    "attachment": (dict,),
    "custom": (dict,),
}  # what a response server may answer, and the kind of it
REMEMBERED = 10_000  # latest variations kept, so that memory does not grow with the number of conversations

Variation = Mapping[str, Any]


class Responses:
    """Says the domain's responses, or asks `server`, the `nlg` of endpoints.yml, what to say in their place.

    Among several variations that fit, never the same twice in a row in one conversation."""

    def __init__(self, domain: Domain, seed: int | None = None, server: Caller | None = None) -> None:
        self._domain = domain
        self._server = server
        self._random = random.Random(seed)
        self._latest: OrderedDict[tuple[str, str], int] = OrderedDict()

    def render(self, name: str, view: View, values: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
        """The response as a dict of Rasa's form, filled with the slots and `values`; None where nothing fits."""
        fitting = suitable(self._domain.responses.get(name, ()), view.slots, view.channel)
        if not fitting:
            return None
        variation = fitting[self._choose((view.sender_id, name), len(fitting))]
        return fill(variation, {**view.slots, **(values or {})})

    async def say(
        self, name: str, view: View, values: Mapping[str, Any] | None = None, *, known: bool = True
    ) -> dict[str, Any] | None:
        """`render`, or what the response server makes of it. `known`: the domain itself says this response, so that the
        server is told which of its variations would have been said.

        Raises ActionFailedError where the server fails: as in Rasa, nothing is said in its place."""
        if self._server is None:
            return self.render(name, view, values)
        fitting = suitable(self._domain.responses.get(name, ()), view.slots, view.channel) if known else []
        body = {
            "response": name,
            "id": fitting[0].get("id") if fitting else None,
            "arguments": dict(values or {}),
            "tracker": view.state(view.events),
            "channel": {"name": _channel(view.channel)},
        }
        url = self._server.endpoint.url
        try:
            reply = await self._server.post(orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS))
            answer = reply.json()
        except (httpx.HTTPError, ValueError) as err:
            raise ActionFailedError(f"the nlg server at {url!r} failed: {type(err).__name__}: {err}") from err
        if reply.status_code >= 400 or not isinstance(answer, dict):
            raise ActionFailedError(f"the nlg server at {url!r} answered {name!r} with status {reply.status_code}.")
        for key, kinds in _ANSWER.items():
            if not isinstance(answer.get(key), (*kinds, type(None))):
                raise ActionFailedError(f"the nlg server at {url!r} answered with {key} {answer[key]!r:.60}.")
        return answer

    async def close(self) -> None:
        if self._server is not None:
            await self._server.close()

    def _choose(self, key: tuple[str, str], count: int) -> int:
        if count == 1:
            return 0
        latest = self._latest.pop(key, None)
        choices = [index for index in range(count) if index != latest]
        chosen = self._random.choice(choices)
        self._latest[key] = chosen
        if len(self._latest) > REMEMBERED:
            self._latest.popitem(last=False)
        return chosen


def suitable(variations: Sequence[Variation], slots: Mapping[str, Any], channel: str | None) -> list[Variation]:
    """The variations to choose from: those of the channel before those of all, and among each, those whose conditions
    hold before those without."""
    here = _channel(channel)
    conditional = [v for v in variations if v.get("condition") and _holds(v["condition"], slots)]
    default = [v for v in variations if v.get("condition") is None]

    def of(some: list[Variation], where: str | None) -> list[Variation]:
        return [variation for variation in some if variation.get("channel") == where]

    return of(conditional, here) or of(default, here) or of(conditional, None) or of(default, None)


def _channel(channel: str | None) -> str:
    """Rasa's REST channel collects its answers under another name."""
    return "collector" if channel is None or channel == "rest" else channel


def _holds(conditions: Sequence[Mapping[str, Any]], slots: Mapping[str, Any]) -> bool:
    for condition in conditions:
        have, want = slots.get(condition["name"]), condition["value"]
        if isinstance(have, str) and isinstance(want, str):
            have, want = have.casefold(), want.casefold()
        if have != want:
            return False
    return True


def fill(variation: Variation, values: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the variation with its places filled."""
    filled: dict[str, Any] = copy.deepcopy(dict(variation))
    nested = _Values(values)
    for key in _FILLED:
        if key in filled:
            filled[key] = _each_text(filled[key], lambda text: fill_text(text, nested))
    return filled


def fill_text(text: str, values: Mapping[str, Any]) -> str:
    """`{name}` becomes the value, `{order.id}` a value inside of one, `{{x}}` the text `{x}`. A text with a name that is
    not known stays as it is: Rasa's rule, on which payloads such as /inform{"size": "L"} rely."""
    try:
        filled = _PLACE.sub(r"{0[\1]}", text).format(values)
        return text.format({}) if "0[" in filled else filled
    except (KeyError, ValueError, IndexError, AttributeError):
        return text


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each_text(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_each_text(item, change) for item in value]
    return value


class _Values(dict[str, Any]):
    def __missing__(self, key: str) -> Any:
        head, *rest = key.split(".")
        if not rest or head not in self:
            raise KeyError(key)
        value: Any = self[head]
        for part in rest:
            if not isinstance(value, Mapping) or part not in value:
                raise KeyError(key)
            value = value[part]
        return value
