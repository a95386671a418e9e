"""One article of the shop's knowledge, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Article:
    """`slug` names the topic and is shared with its translation; `text` is Markdown whose first paragraph is the short
    answer; `questions` are ways customers ask it; `updated` is an ISO date or empty."""

    slug: str
    language: Language
    title: str
    text: str
    questions: tuple[str, ...] = ()
    topic: str = ""
    updated: str = ""

    @property
    def key(self) -> tuple[str, Language]:
        return self.slug, self.language

    @property
    def url(self) -> str:
        """Where the shop shows it."""
        return f"/articles/{self.language}/{self.slug}"
