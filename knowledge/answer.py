"""A short answer in the articles' own words, with its sources, or an honest no."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.article import Article, Language
from knowledge.chunking import sentences
from knowledge.keyword import terms
from knowledge.retrieve import Hit, Retriever, ScoredPassage

# Confidence is 1 / (1 + exp(-_SLOPE * (score - _MIDDLE))): with one question of each demo article left out, and
# questions no article answers (tests/benchmarks/knowledge.md).
_SLOPE, _MIDDLE = 18.0, 0.30
KNOWN = 0.5

_LEAD_SENTENCES = 2
_SHORT = 6  # passages of an article that is written as an answer; a longer one is a document to quote from
_DETAIL = 0.12  # by how much a later passage must beat the first to be quoted as well
_WORDS = 0.5  # weight of shared words beside the cosine when passages of one article are compared
_ITEM = re.compile(r"^(?:[-*•]|\d+[.)、])\s+")
_RELATED = 0.15  # the score from which a title is worth offering


@dataclass(frozen=True, slots=True)
class Source:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` is empty when not `known`; `confidence` lies in [0, 1]; `alternatives` are titles near the question."""

    text: str
    sources: tuple[Source, ...]
    confidence: float
    known: bool
    alternatives: tuple[str, ...]


class Answerer:
    """Answers questions from what a retriever finds. Never writes a word that is not in an article."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def article(self, slug: str, language: Language) -> Article | None:
        return self._retriever.article(slug, language)

    def answer(self, text: str, *, vector: NDArray[np.float32] | None = None, language: Language) -> Answer:
        """`vector` is the question's query vector, float32 (dim,); without it the text is encoded here."""
        hits = self._retriever.search(text, vector=vector, language=language, k=4)
        sure = confidence(hits[0].score)
        if sure < KNOWN:
            near = tuple(hit.article.title for hit in hits[:3] if hit.score >= _RELATED)
            return Answer("", (), sure, False, near)
        article = hits[0].article
        others = tuple(hit.article.title for hit in hits[1:3] if confidence(hit.score) >= KNOWN)
        return Answer(quote(text, hits[0]), (Source(article.title, article.url),), sure, True, others)


def quote(question: str, hit: Hit) -> str:
    """One to three sentences of the article: its first paragraph, and the sentence of a later one that says what was asked.
    Of a long document: the passage that fits best."""
    if not hit.passages:
        return hit.article.title
    asked = set(terms(question))
    ranked = [passage.score + _WORDS * _shared(asked, passage.text) for passage in hit.passages]
    best = max(range(len(ranked)), key=ranked.__getitem__)
    if len(hit.passages) > _SHORT:
        return _closest(asked, hit.passages[best], 3)
    lead = _join(sentences(hit.passages[0].text)[:_LEAD_SENTENCES])
    if best == 0 or ranked[best] < ranked[0] + _DETAIL:
        return lead
    return _join([lead, _ITEM.sub("", _closest(asked, hit.passages[best], 1))])


def _closest(asked: set[str], passage: ScoredPassage, count: int) -> str:
    """`count` neighbouring sentences of a passage, those that share most words with the question."""
    parts = sentences(passage.text)
    starts = range(max(1, len(parts) - count + 1))
    start = max(starts, key=lambda at: (_shared(asked, "\n".join(parts[at : at + count])), -at))
    return _join(parts[start : start + count])


def _shared(asked: set[str], text: str) -> float:
    return len(asked & set(terms(text))) / len(asked) if asked else 0.0


def _join(parts: list[str]) -> str:
    joined = ""
    for part in parts:
        listed = _ITEM.match(part) is not None
        gap = "\n" if listed and joined else " " if joined and joined[-1].isascii() else ""
        joined += gap + part
    return joined


def confidence(score: float) -> float:
    """How sure a retriever's score makes us that the article answers, in [0, 1]."""
    return 1 / (1 + math.exp(-_SLOPE * (score - _MIDDLE)))
