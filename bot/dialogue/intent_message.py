"""Messages that name their intent: `/inform@0.9{"size": "L"}`, as buttons send them."""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

from bot.dialogue.domain import Domain

_MESSAGE = re.compile(r"^/(?P<intent>[^{@]+)(?P<confidence>@[0-9.]+)?(?P<entities>\{.+\})?(?P<rest>.*)", re.DOTALL)


def parse_intent_message(text: str | None, domain: Domain) -> dict[str, Any] | None:
    """The understanding that such a message spells out, in Rasa's format; None for any other text, and for an intent
    that the domain does not have. Entities that it does not have are left out."""
    match = _MESSAGE.match(text.strip()) if text else None
    if match is None or text is None:
        return None
    intent = match["intent"].strip()
    if intent not in domain.intents:
        return None
    found = {"name": intent, "confidence": _confidence(match["confidence"])}
    entities = [
        {
            "entity": name,
            "value": value,
            "start": match.start("entities"),
            "end": match.end("entities"),
            "extractor": "RegexMessageHandler",
        }
        for name, values in _entities(match["entities"]).items()
        if name in domain.entities
        for value in (values if isinstance(values, list) else [values])
    ]
    return {"text": text.strip(), "intent": found, "intent_ranking": [dict(found)], "entities": entities}


def _confidence(text: str | None) -> float:
    if text is None:
        return 1.0
    try:
        return min(1.0, float(text[1:]))
    except ValueError:
        warnings.warn(f"{text[1:]!r} is no confidence between 0 and 1; 0 is taken.", stacklevel=4)
        return 0.0


def _entities(text: str | None) -> dict[str, Any]:
    if text is None:
        return {}
    try:
        data = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return data if isinstance(data, dict) else {}
