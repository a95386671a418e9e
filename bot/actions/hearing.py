"""What a message means where it is said: a button's words typed, "undo" and "the cheapest" beside a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.actions import wishes
from bot.events import Event
from nlu import commands

_SHORT = 40
"""Longer messages say more than the one thing looked for here."""
_ABOUT_THE_LIST = frozenset(
    {
        "inform",
        "nlu_fallback",
        "out_of_scope",
        "ask_discount",
        "price_protection",
        "goodbye",
        "chitchat",
        "recommend",
        "product_compare",
    }
)
_UNDO_SOUNDS_LIKE = _ABOUT_THE_LIST | {
    "cancel_order", "change_order", "remove_from_cart", "add_to_cart", "view_cart", "deny", "return_item", "reject_suggestion",
    "greet", "product_search",
}  # fmt: skip


def payload_of(text: str, events: Iterable[Event]) -> str | None:
    """What a tap would have sent, when the text is the title of a button that was offered since the customer last spoke."""
    said = text.strip().casefold()
    for event in events:
        if event.get("event") == "user":
            return None
        for button in ((event.get("data") or {}).get("buttons") or ()) if event.get("event") == "bot" else ():
            if str(button.get("title", "")).casefold() == said and str(button.get("payload", "")).startswith("/"):
                return str(button["payload"])
    return None


def tapped(payload: str) -> dict[str, Any]:
    """The changes to a parse that make of a typed title what its button sends."""
    intent, confidence, entities = commands.decode(payload)
    return {
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": [{"name": intent, "confidence": confidence}],
        "entities": [entity.as_dict() for entity in entities],
        "requests": [],
    }


def in_context(parse: Mapping[str, Any], slots: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parse as it is meant beside what is on the screen."""
    text, name = str(parse.get("text") or ""), str((parse.get("intent") or {}).get("name") or "")
    if len(text) > _SHORT or text.startswith("/") or not (slots.get("shown") or slots.get("cart_before")):
        return parse
    undo = wishes.is_undo(text) and name in _UNDO_SOUNDS_LIKE
    pointed = any(entity.get("entity") in ("ordinal", "product") for entity in parse.get("entities") or ())
    sorting = not pointed and wishes.ordering(text) and name in _ABOUT_THE_LIST and slots.get("shown")
    if not (undo or sorting):
        return parse
    return {
        **parse,
        "intent": {"name": "refine_search", "confidence": (parse.get("intent") or {}).get("confidence", 1.0)},
    }
