"""What was understood of a message, and when it counts as not understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from nlu.entities import Entity
from nlu.heads import Floats
from nlu.language import Language
from nlu.sentiment import NEUTRAL

FALLBACK = "nlu_fallback"
_SOCIAL: tuple[str, ...] = (
    *("greet", "goodbye", "thank", "affirm", "deny", "bot_challenge", "ask_capabilities", "chitchat"),
    *("complaint", "praise", "inform", "out_of_scope"),
)


@dataclass(frozen=True)
class Thresholds:
    """When a parse is `nlu_fallback`: less confident than `confidence`, the two best closer than `ambiguity`, or unlike all
    training sentences without at least `outside` confidence. On CLINC150's dev split this stops 9 of 10 sentences out of scope
    and 2 % of the right answers. `social` intents are no requests: they never make a message two."""

    confidence: float = 0.3
    ambiguity: float = 0.05
    outside: float = 0.8
    social: tuple[str, ...] = _SOCIAL


@dataclass(frozen=True)
class Parse:
    """What is understood of `text`. `ranking` holds (intent, confidence), best first; `vector` is the text's (dim,), None for a
    `/command`; `requests` are the further requests of the same message in order."""

    text: str
    language: Language
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = ()
    sentiment: str = NEUTRAL[0]
    sentiment_score: float = NEUTRAL[1]
    vector: Floats | None = field(default=None, compare=False, repr=False)
    requests: tuple[Parse, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Rasa's parse format with `sentiment`, `language` and, where there are any, `requests`; JSON-ready."""
        shown: dict[str, Any] = {
            "text": self.text,
            "intent": {"name": self.intent, "confidence": self.confidence},
            "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in self.ranking],
            "entities": [entity.as_dict() for entity in self.entities],
            "sentiment": {"label": self.sentiment, "score": round(self.sentiment_score, 4)},
            "language": self.language,
        }
        return shown | ({"requests": [request.as_dict() for request in self.requests]} if self.requests else {})
