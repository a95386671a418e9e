"""A conversation written down as a test story, ready to be kept with the project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from bot.dialogue.domain import LISTEN, SESSION_START, UNLIKELY_INTENT
from bot.dialogue.tracker import Tracker
from bot.events import Event

_UNWRITTEN = (LISTEN, SESSION_START, UNLIKELY_INTENT)


def story_of(tracker: Tracker) -> str:
    """YAML of Rasa's test story format; one story a session."""
    sessions = list(_sessions(tracker.events))
    stories = []
    for number, events in enumerate(sessions, 1):
        name = tracker.sender_id if len(sessions) == 1 else f"{tracker.sender_id}, story {number}"
        stories.append({"story": name, "steps": [step for event in events for step in _steps(event)]})
    text: str = yaml.safe_dump({"version": "3.1", "stories": stories}, allow_unicode=True, sort_keys=False)
    return text


def _sessions(events: Iterable[Event]) -> Iterable[list[Event]]:
    session: list[Event] = []
    for event in events:
        if event["event"] == "action" and event.get("name") == SESSION_START and session:
            yield session
            session = []
        session.append(event)
    if session:
        yield session


def _steps(event: Event) -> Iterable[Mapping[str, Any]]:
    kind = event["event"]
    if kind == "user":
        parse = event.get("parse_data") or {}
        yield {
            "user": _annotated(str(event.get("text") or ""), parse.get("entities") or []),
            "intent": (parse.get("intent") or {}).get("name"),
        }
    elif kind == "action" and event.get("name") not in _UNWRITTEN:
        yield {"action": event["name"]} if event.get("name") else {"bot": event.get("action_text")}
    elif kind == "slot":
        yield {"slot_was_set": [{event["name"]: event.get("value")}]}
    elif kind in ("active_loop", "form"):
        yield {"active_loop": event.get("name")}


def _annotated(text: str, entities: Iterable[Mapping[str, Any]]) -> str:
    if text.startswith("/"):
        return text
    placed = [e for e in entities if isinstance(e.get("start"), int) and isinstance(e.get("end"), int)]
    for entity in sorted(placed, key=lambda e: -int(e["start"])):
        start, end = entity["start"], entity["end"]
        said, label = text[start:end], str(entity.get("entity"))
        value = entity.get("value")
        plain = value is None or str(value) == said
        note = f"({label})" if plain else f"({label}:{value})"
        text = f"{text[:start]}[{said}]{note}{text[end:]}"
    return text
