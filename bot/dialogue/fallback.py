"""What an unclear understanding becomes: Rasa's FallbackClassifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.dialogue.domain import FALLBACK_INTENT


def with_fallback(parse: Mapping[str, Any], threshold: float, ambiguity: float) -> Mapping[str, Any]:
    """The same understanding where it is clear; otherwise with the intent nlu_fallback in front of its ranking.

    Unclear means: confidence below `threshold`, or the two likeliest intents less than `ambiguity` apart.
    """
    intent = parse.get("intent") or {}
    ranking = list(parse.get("intent_ranking") or [])
    confidence = float(intent.get("confidence") or 0.0)
    apart = float(ranking[0]["confidence"]) - float(ranking[1]["confidence"]) if len(ranking) > 1 else 1.0
    if confidence >= threshold and apart >= ambiguity:
        return parse
    unclear = {"name": FALLBACK_INTENT, "confidence": threshold}
    return {**parse, "intent": unclear, "intent_ranking": [unclear, *ranking]}
