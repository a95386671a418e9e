"""The dialogue's vocabulary: events are plain dicts in Rasa's JSON form, made by these functions.

A conversation is the list of its events; everything else about it is a fold over them.
Custom actions return them, the tracker stores them, Rasa's protocols carry them unchanged.
The runtime adds `timestamp` (seconds since the epoch) to each event that it records.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

Event = dict[str, Any]

# Every event name that Rasa 3.6 knows, with the older names it still reads.
EVENT_NAMES = frozenset(
    (
        *("user", "bot", "agent", "slot", "reset_slots", "entities", "user_featurization"),
        *(
            "action",
            "action_execution_rejected",
            "followup",
            "active_loop",
            "form",
            "loop_interrupted",
            "form_validation",
        ),
        *("session_started", "restart", "rewind", "undo", "pause", "resume", "reminder", "cancel_reminder", "export"),
    )
)


def user_uttered(
    text: str | None,
    parse: Mapping[str, Any],
    *,
    channel: str | None = None,
    message_id: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Event:
    """`parse` is the understanding in Rasa's format: intent, entities, intent_ranking and whatever else was found."""
    meta = dict(metadata or {})
    data = {
        "intent": parse.get("intent") or {},
        "entities": parse.get("entities") or [],
        "text": text,
        "message_id": message_id,
        "metadata": meta,
        **parse,
    }
    return {
        "event": "user",
        "text": text,
        "parse_data": data,
        "input_channel": channel,
        "message_id": message_id,
        "metadata": meta,
    }


def bot_uttered(text: str | None, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Event:
    """`data` holds buttons, image, attachment, elements, quick_replies, custom (None where absent)."""
    return {"event": "bot", "text": text, "data": dict(data), "metadata": dict(metadata)}


def slot_set(name: str, value: Any) -> Event:
    return {"event": "slot", "name": name, "value": value}


def action_executed(
    name: str | None,
    *,
    policy: str | None = None,
    confidence: float | None = None,
    text: str | None = None,
    hide_rule_turn: bool = False,
) -> Event:
    """An action by `name`, or by `text` for an end-to-end reply of the stories."""
    return {
        "event": "action",
        "name": name,
        "policy": policy,
        "confidence": confidence,
        "action_text": text,
        "hide_rule_turn": hide_rule_turn,
    }


def action_rejected(name: str, *, policy: str | None = None, confidence: float | None = None) -> Event:
    return {"event": "action_execution_rejected", "name": name, "policy": policy, "confidence": confidence}


def followup(action: str) -> Event:
    return {"event": "followup", "name": action}


def active_loop(name: str | None) -> Event:
    return {"event": "active_loop", "name": name}


def loop_interrupted(interrupted: bool = True) -> Event:
    return {"event": "loop_interrupted", "is_interrupted": interrupted}


def user_featurization(use_text: bool) -> Event:
    return {"event": "user_featurization", "use_text_for_featurization": use_text}


def entities_added(entities: Sequence[Mapping[str, Any]]) -> Event:
    return {"event": "entities", "entities": [dict(entity) for entity in entities]}


def session_started() -> Event:
    return {"event": "session_started"}


def restarted() -> Event:
    return {"event": "restart"}


def rewind() -> Event:
    """Takes back the latest user message and everything after the action before it."""
    return {"event": "rewind"}


def undo() -> Event:
    """Takes back the latest action."""
    return {"event": "undo"}


def slots_reset() -> Event:
    return {"event": "reset_slots"}


def paused() -> Event:
    return {"event": "pause"}


def resumed() -> Event:
    return {"event": "resume"}


def reminder(
    intent: str,
    date_time: str,
    *,
    name: str,
    entities: Any = None,
    kill_on_user_msg: bool = True,
) -> Event:
    """Triggers `intent` at `date_time` (ISO 8601); a message of the user before it cancels it unless told otherwise."""
    return {
        "event": "reminder",
        "intent": intent,
        "date_time": date_time,
        "entities": entities,
        "name": name,
        "kill_on_user_msg": kill_on_user_msg,
    }


def reminder_cancelled(name: str | None = None, intent: str | None = None, entities: Any = None) -> Event:
    """Cancels every reminder that matches all that is given; nothing given cancels all."""
    return {"event": "cancel_reminder", "name": name, "intent": intent, "entities": entities}


def agent_uttered(text: str, data: Mapping[str, Any] | None = None) -> Event:
    """A person of the support team spoke in the conversation."""
    return {"event": "agent", "text": text, "data": dict(data or {})}


_LEGACY = {"form": "active_loop", "form_validation": "loop_interrupted"}
# What Rasa writes of each kind, with the values it takes where nothing is given.
_PARTS: Mapping[str, Mapping[str, Any]] = {
    "action": {"name": None, "policy": None, "confidence": None, "action_text": None, "hide_rule_turn": False},
    "action_execution_rejected": {"name": None, "policy": None, "confidence": None},
    "slot": {"name": None, "value": None},
    "active_loop": {"name": None},
    "loop_interrupted": {"is_interrupted": False},
    "followup": {"name": None},
    "user_featurization": {"use_text_for_featurization": None},
    "entities": {"entities": []},
    "bot": {"text": None, "data": {}, "metadata": {}},
    "agent": {"text": None, "data": {}},
    "user": {"text": None, "parse_data": {}, "input_channel": None, "message_id": None, "metadata": {}},
    "reminder": {"intent": None, "date_time": None, "entities": None, "name": None, "kill_on_user_msg": True},
}


_TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("name", "text", "policy", "action_text", "input_channel"), (str,)),
    **dict.fromkeys(("parse_data", "data", "metadata"), (dict,)),
    **dict.fromkeys(("confidence", "timestamp"), (int, float)),
}
_TYPE_NAMES = {str: "a text", dict: "an object", int: "a number"}


def problem_of(event: Any) -> str | None:
    """What keeps something from outside from being an event; None where it is one."""
    if not isinstance(event, dict) or not isinstance(event.get("event"), str) or event["event"] not in EVENT_NAMES:
        return "is no event; `event` must be one of Rasa's event names"
    for key, types in _TYPES.items():
        if not isinstance(event.get(key), (*types, type(None))):
            return f"has a {key} that is not {_TYPE_NAMES[types[0]]}"
    if event["event"] == "slot" and not event.get("name"):
        return "needs the name of a slot"
    entities = event.get("entities") or []
    if event["event"] == "entities" and not (
        isinstance(entities, list) and all(isinstance(one, dict) for one in entities)
    ):
        return "has entities that are no list of objects"
    return problem_of_parse(event.get("parse_data") or {}) if event["event"] == "user" else None


def problem_of_parse(parse: Mapping[str, Any]) -> str | None:
    """What keeps an understanding from outside from being one; None where it is one."""
    intent = parse.get("intent") or {}
    lists = (parse.get("entities") or [], parse.get("intent_ranking") or [])
    sound = (
        isinstance(intent, dict)
        and isinstance(intent.get("name"), str | None)
        and isinstance(intent.get("confidence"), int | float | None)
        and all(isinstance(some, list) and all(isinstance(one, dict) for one in some) for some in lists)
    )
    return None if sound else "has parse_data that is no understanding: {intent: {name}, entities: [{…}]}"


def whole(event: Event) -> Event:
    """An event from outside as Rasa would record it: under today's name, with all its parts; a reminder gets a name."""
    kind = str(event["event"])
    if kind == "form_validation":
        interrupted = not event.get("validate", True)
        event = {**{k: v for k, v in event.items() if k not in ("name", "validate")}, "is_interrupted": interrupted}
    kind = _LEGACY.get(kind, kind)
    done = {**_PARTS.get(kind, {}), **event, "event": kind}
    if kind == "user":
        user = user_uttered(done["text"], done["parse_data"] or {}, metadata=done["metadata"])
        done |= {"parse_data": {**user["parse_data"], "message_id": done["message_id"]}, "metadata": user["metadata"]}
    if kind == "reminder" and done["name"] is None:
        done["name"] = str(uuid.uuid4())
    return done


class LostUpdateError(Exception):
    """Somebody else has appended to the conversation meanwhile: load it again and repeat the turn."""

    def __init__(self, sender_id: str, expected: int) -> None:
        super().__init__(f"conversation {sender_id!r} has moved on past its {expected} known events")
