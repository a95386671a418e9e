"""What was said before in this conversation, so that nobody is told sorry twice for the same thing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.actions.turn import Turn
from bot.events import Event
from bot.messages import Button

UPSET = -0.4
"""Sentiment, from -1 to 1, from which a sentence of regret is due; a neutral question gets none."""


def mood(turn: Turn) -> float:
    """Sentiment of the latest message alone, from -1 to 1."""
    return float((turn.call.message.get("sentiment") or {}).get("score") or 0.0)


def regret(turn: Turn, response: str, *, buttons: Sequence[Button] = ()) -> None:
    """One sentence, once in a conversation, and only to someone who is upset."""
    if mood(turn) <= UPSET and not told(turn, response):
        turn.say(response, buttons=buttons)


def told(turn: Turn, response: str) -> bool:
    """Has `utter_<response>` been said in this conversation?"""
    return any(uttered(event, response) for event in turn.call.events)


def asked_last(turn: Turn, response: str) -> bool:
    """Was `utter_<response>` said in the latest answer?"""
    return any(uttered(event, response) for event in latest_answer(turn))


def latest_answer(turn: Turn) -> Iterator[Event]:
    """What happened between the customer's last message and the one before it, the latest first."""
    before = iter(reversed(turn.call.events))
    for event in before:
        if event.get("event") == "user":
            break
    for event in before:
        if event.get("event") == "user":
            return
        yield event


def uttered(event: Event, response: str) -> bool:
    """Is it `utter_<response>` being said?"""
    said = (event.get("metadata") or {}).get("utter_action")
    return event.get("event") == "bot" and said == f"utter_{response}"
