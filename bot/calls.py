"""The call of an action and its result: the seam between the dialogue and what it can do.

The same values cross in process and over Rasa's action-server protocol, so an action never sees which runtime asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.events import Event
from bot.messages import BotMessage


@dataclass(frozen=True, slots=True)
class ActionCall:
    """What an action may know. `message` is the latest user message in Rasa's parse format (text, intent, entities,
    intent_ranking, sentiment, language, metadata); `events` is the whole conversation, oldest first."""

    name: str
    sender_id: str
    slots: Mapping[str, Any]
    message: Mapping[str, Any]
    active_loop: str | None = None
    requested_slot: str | None = None
    events: Sequence[Event] = ()
    channel: str = "rest"


@dataclass(frozen=True, slots=True)
class Utter:
    """A response of the domain, rendered by the runtime with `values` beside the slots.
    `extra` (cards, sources, buttons) is added to the first rendered message."""

    response: str
    values: Mapping[str, Any] = field(default_factory=dict)
    extra: BotMessage | None = None


@dataclass(frozen=True, slots=True)
class ActionResult:
    messages: Sequence[BotMessage | Utter] = ()
    events: Sequence[Event] = ()


class ActionRejectedError(Exception):
    """The action refuses to run now (Rasa's ActionExecutionRejection): the policies choose again without it."""


Action = Callable[[ActionCall], Awaitable[ActionResult]]
