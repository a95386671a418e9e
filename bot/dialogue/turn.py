"""What happened in one turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.events import Event
from bot.messages import BotMessage


@dataclass(frozen=True)
class Turn:
    """`parse` is the understanding of the message, `actions` what ran (without listening and
    session starts), `failures` the sentences of
    actions that broke. `slots` and `active_loop` are those at the end of the turn, `events` all that was recorded."""

    messages: list[BotMessage] = field(default_factory=list)
    parse: Mapping[str, Any] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    slots: Mapping[str, Any] = field(default_factory=dict)
    active_loop: str | None = None
    events: list[Event] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
