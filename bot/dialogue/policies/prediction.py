"""One policy's opinion about the next action."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.dialogue.domain import LISTEN, Domain
from bot.dialogue.tracker import Tracker
from bot.events import Event


@dataclass(slots=True)
class Prediction:
    """`scores` lists only actions above zero. `no_user` predictions (a form going on) overrule all others, then those
    made from the user's text (`end_to_end`). `hidden` marks turns that only rules know."""

    policy: str | None
    priority: int
    scores: dict[str, float]
    events: list[Event] = field(default_factory=list)
    no_user: bool = False
    end_to_end: bool = False
    hidden: bool = False

    @property
    def confidence(self) -> float:
        return max(self.scores.values(), default=0.0)

    def best(self, index: Mapping[str, int]) -> str:
        """The likeliest action; among equals the first in the domain, as in Rasa's vector of probabilities."""
        top = self.confidence
        if top <= 0:
            return LISTEN
        return min((name for name, score in self.scores.items() if score == top), key=lambda name: index.get(name, 0))


class Policy(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def priority(self) -> int: ...

    def predict(self, tracker: Tracker, domain: Domain) -> Prediction: ...
