"""Intents by keyword: an example of an intent that stands in a message, word by word, decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.regexes import LEFT_EDGE, RIGHT_EDGE
from nlu.training_data import Sentence


@dataclass(frozen=True)
class KeywordClassifier:
    """`keywords` are (intent, pattern) pairs; the first that is found decides."""

    keywords: Sequence[tuple[str, re.Pattern[str]]]

    @classmethod
    def of(cls, sentences: Sequence[Sentence], *, case_sensitive: bool = True) -> KeywordClassifier:
        """Keywords of two intents are of none, and so are those that stand in a keyword of another intent."""
        intents: dict[str, str] = {}
        doubtful: set[str] = set()
        for sentence in sentences:
            if sentence.intent and sentence.text.strip():
                keyword = sentence.text if case_sensitive else sentence.text.lower()
                if intents.setdefault(keyword, sentence.intent) != sentence.intent:
                    doubtful.add(keyword)
        flags = 0 if case_sensitive else re.IGNORECASE
        found = []
        for keyword, intent in intents.items():
            pattern = re.compile(f"{LEFT_EDGE}{re.escape(keyword)}{RIGHT_EDGE}", flags)
            elsewhere = (key for key, other in intents.items() if other != intent and keyword in key)
            if keyword not in doubtful and not any(pattern.search(key) for key in elsewhere):
                found.append((intent, pattern))
        return cls(tuple(found))

    def classify(self, text: str) -> str | None:
        """The intent of the first keyword in `text`, None without any."""
        return next((intent for intent, pattern in self.keywords if pattern.search(text)), None)
