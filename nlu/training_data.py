"""What a project gives to learn from: sentences with intents and marked entities, synonyms, patterns, word lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Mark:
    """An entity at [start, end) of a sentence."""

    start: int
    end: int
    entity: str
    role: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """`response` is the key behind the slash of a retrieval intent: `ask_name` of `faq/ask_name`. `intent` is "" for a
    sentence that only teaches entities."""

    text: str
    intent: str
    response: str | None = None
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class TrainingData:
    """`synonyms` maps what is said to what is meant; `regexes` and `lookups` hold patterns and words by name; `responses`
    the variations of each `utter_…` as the domain writes them."""

    sentences: Sequence[Sentence] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    regexes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    lookups: Mapping[str, Sequence[str]] = field(default_factory=dict)
    responses: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def intents(self) -> list[str]:
        return sorted({sentence.intent for sentence in self.sentences if sentence.intent})

    @property
    def entities(self) -> frozenset[str]:
        return frozenset(mark.entity for sentence in self.sentences for mark in sentence.marks)

    @property
    def retrieval_intents(self) -> list[str]:
        return sorted({sentence.intent for sentence in self.sentences if sentence.response is not None})
