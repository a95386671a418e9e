"""Which parts of an interpreter run, and how: what the pipeline of a Rasa project says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# What of Duckling `nlu.dimensions` finds.
DIMENSIONS = ("amount-of-money", "email", "number", "ordinal", "phone-number", "time")


@dataclass(frozen=True)
class PatternOptions:
    """As the settings of Rasa's RegexEntityExtractor."""

    case_sensitive: bool = False
    use_regexes: bool = True
    use_lookup_tables: bool = True
    use_word_boundaries: bool = True


@dataclass(frozen=True)
class Fallback:
    """When a message is `nlu_fallback`: less sure than `threshold`, or the two best intents closer than `ambiguity`."""

    threshold: float = 0.3
    ambiguity: float = 0.1


@dataclass(frozen=True)
class Components:
    """By default all that Rasa's own default pipeline has, and the patterns.

    `tagger` is the name that learned entities carry as their extractor, None for none; `keyword_case` whether keywords
    heed case, None for no keywords; `dimensions` those of `nlu.dimensions`; `selectors` the retrieval intents with a response
    selector of their own, None for the one that serves all.
    """

    intents: bool = True
    keyword_case: bool | None = None
    tagger: str | None = "DIETClassifier"
    patterns: PatternOptions | None = field(default_factory=PatternOptions)
    synonyms: bool = True
    dimensions: tuple[str, ...] = ()
    selectors: tuple[str | None, ...] = (None,)
    fallback: Fallback | None = field(default_factory=Fallback)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Components:
        """What `as_dict` gave."""
        patterns, fallback = data["patterns"], data["fallback"]
        return cls(
            intents=data["intents"],
            keyword_case=data["keyword_case"],
            tagger=data["tagger"],
            patterns=PatternOptions(**patterns) if patterns is not None else None,
            synonyms=data["synonyms"],
            dimensions=tuple(data["dimensions"]),
            selectors=tuple(data["selectors"]),
            fallback=Fallback(**fallback) if fallback is not None else None,
        )
