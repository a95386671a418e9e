"""The dialogue's vocabulary: events are plain dicts in Rasa's JSON form, made by these functions.

A conversation is the list of its events; everything else about it is a fold over them.
Custom actions return them, the tracker stores them, Rasa's protocols carry them unchanged.
"""

from __future__ import annotations

from typing import Any

Event = dict[str, Any]


def slot_set(name: str, value: Any) -> Event:
    return {"event": "slot", "name": name, "value": value}


def followup(action: str) -> Event:
    return {"event": "followup", "name": action}


def active_loop(name: str | None) -> Event:
    return {"event": "active_loop", "name": name}


class LostUpdateError(Exception):
    """Somebody else has appended to the conversation meanwhile: load it again and repeat the turn."""

    def __init__(self, sender_id: str, expected: int) -> None:
        super().__init__(f"conversation {sender_id!r} has moved on past its {expected} known events")
