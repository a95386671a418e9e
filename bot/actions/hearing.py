"""What a message means where it is said: a button's words typed, "undo" and "the cheapest" beside a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.actions import wishes
from bot.events import Event
from nlu import commands

_SHORT = 40
"""Longer messages say more than the one thing looked for here."""
_SAID_WITH_UNDO = 60
"""…and "I changed my mind, go back to the …" is longer than other ways to say it."""
_WISHES = ("category", "brand", "color", "material", "attribute", "price", "size")
_UNSURE = 0.6
_MANY = 3
"""Kinds of wishes in one message from which it is a search."""
_ORDER = re.compile(r"订单|訂單|这单|那单|买的|收到|\border(?:ed)?\b|\b(?:bought|received|got)\b", re.I)
_NO_WISH_HEARD = frozenset(
    {"praise", "chitchat", "inform", "nlu_fallback", "out_of_scope", "affirm", "reject_suggestion"}
)
_NO_ACTION_HEARD = frozenset({"product_details", "inform", "nlu_fallback", "out_of_scope", "recommend"})
_WORDS = re.compile(r"[^\W_]")
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
    if text.startswith("/"):
        return parse
    if not _WORDS.search(text) and name in ("out_of_scope", "chitchat", "inform"):
        return _as(parse, "nlu_fallback")
    if _is_search(text, name, parse, slots):
        return _as(parse, "product_search")
    if len(text) > _SAID_WITH_UNDO or not (slots.get("shown") or slots.get("cart_before")):
        return parse
    undo = wishes.is_undo(text) and name in _UNDO_SOUNDS_LIKE
    pointed = any(entity.get("entity") in ("ordinal", "product") for entity in parse.get("entities") or ())
    sorting = len(text) <= _SHORT and not pointed and wishes.ordering(text) and name in _ABOUT_THE_LIST
    unsure = float((parse.get("intent") or {}).get("confidence") or 0.0) < _UNSURE
    if unsure and name == "price_protection" and wishes.is_cheaper(text) and slots.get("shown"):
        return _as(parse, "refine_search")
    return _as(parse, "refine_search") if undo or (sorting and slots.get("shown")) else parse


def _is_search(text: str, name: str, parse: Mapping[str, Any], slots: Mapping[str, Any]) -> bool:
    """Are there wishes in it that the intent does not tell: many at once, one in answer to the question which order it
    is, one told as somebody's liking?"""
    kinds = {str(entity.get("entity")) for entity in parse.get("entities") or ()}
    wished = kinds.intersection(_WISHES)
    if kinds & {"ordinal", "product", "order_number", "email", "phone"}:
        return False
    if len(text) > _SHORT and "category" in wished and len(wished) >= _MANY and name in _NO_ACTION_HEARD:
        return True
    asked = slots.get("requested_slot")
    if "category" in wished and asked in ("order_number", "order_proof") and name in ("inform", "nlu_fallback"):
        return True
    refused = any(entity.get("role") == "exclude" for entity in parse.get("entities") or ())
    if name == "deny" and "category" in wished and not asked and not refused:
        return True  # "never mind, show me backpacks"
    ordered = slots.get("last_order") or slots.get("order_number") or _ORDER.search(text)
    if "category" in wished and name in ("exchange_item", "change_order") and slots.get("shown") and not ordered:
        return True  # "make it tents"
    wish = (slots.get("search") or {}).get("wish") or {}
    liking = name in _NO_WISH_HEARD and wishes.is_liking(text)
    return liking and bool(wish) and bool(wished or wish.get("recipient"))


def _as(parse: Mapping[str, Any], intent: str) -> Mapping[str, Any]:
    return {**parse, "intent": {"name": intent, "confidence": (parse.get("intent") or {}).get("confidence", 1.0)}}
