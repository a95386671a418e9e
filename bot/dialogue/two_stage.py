"""Fallback in two stages: ask whether the best guess was meant, then for other words, then give up."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from bot.dialogue.domain import (
    ASK_AFFIRMATION,
    ASK_REPHRASE,
    DEFAULT_FALLBACK,
    FALLBACK_INTENT,
    LISTEN,
    OUT_OF_SCOPE,
    TWO_STAGE_FALLBACK,
)
from bot.dialogue.forms import Execution
from bot.dialogue.tracker import View
from bot.events import Event, action_executed, active_loop, rewind


async def run_two_stage_fallback(view: View, execution: Execution) -> list[Event]:
    current = view.message.intent if view.message is not None else None
    gives_up = _latest_intents(view, 2) == [FALLBACK_INTENT] * 2 or _latest_intents(view, 3) == [
        OUT_OF_SCOPE,
        FALLBACK_INTENT,
        OUT_OF_SCOPE,
    ]
    events = [] if view.loop_name == TWO_STAGE_FALLBACK else [active_loop(TWO_STAGE_FALLBACK)]
    if current in (FALLBACK_INTENT, OUT_OF_SCOPE) and not gives_up:
        ask = ASK_AFFIRMATION if events or current == FALLBACK_INTENT else ASK_REPHRASE
        return [*events, *await execution.run(ask, view)]
    events.append(active_loop(None))
    if gives_up:
        return [*events, *await execution.run(DEFAULT_FALLBACK, view)]
    return [*events, rewind(), *_as_if_clear(view)]


def _latest_intents(view: View, count: int) -> list[str | None]:
    """Of the latest `count` user messages and rewinds since the restart, newest first; a rewind has no intent."""
    intents: list[str | None] = []
    for event in view.backwards():
        if event["event"] == "restart" or count == 0:
            break
        if event["event"] in ("user", "rewind"):
            count -= 1
        if event["event"] == "user":
            intents.append(((event.get("parse_data") or {}).get("intent") or {}).get("name"))
    return intents


def _as_if_clear(view: View) -> Sequence[Event]:
    """The latest message once more, as if it had been understood at once."""
    if view.message is None:
        return []
    event = copy.deepcopy(dict(view.message.event))
    event.setdefault("parse_data", {}).setdefault("intent", {})["confidence"] = 1.0
    return [action_executed(LISTEN), event]
