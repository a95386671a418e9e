"""Which articles answer a question: meaning and words together, over both languages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.article import LANGUAGES, Article, Language
from knowledge.errors import KnowledgeError
from knowledge.index import Index, Snapshot
from knowledge.keyword import KeywordIndex
from knowledge.rows import SIDES
from nlu.encoders import Encoder, Kind

# Chosen on the demo articles with one question of each left out (tests/benchmarks/knowledge.md).
_CENTROID = 0.7  # of the dense score; the rest is the best single entry
_KEYWORD = 0.3  # of the whole score
_FOREIGN = 0.05  # off an entry in the other language

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    heading: str
    text: str
    score: float
    """The cosine with the question, both measured from the mean of their kind: about 0 for any pair, 1 for the same."""


@dataclass(frozen=True, slots=True)
class Hit:
    """`score` lies in [-1, 1]; about 0.1 for nothing to do with it, 0.3 and more for an article on the subject.
    `passages` are the article's own, in their order."""

    article: Article
    score: float
    passages: tuple[ScoredPassage, ...]


class Retriever:
    """Answers from a copy of the index in memory; `refresh` reads it again. Safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._table = _Table(index.snapshot())

    @property
    def encoder(self) -> Encoder:
        return self._index.encoder

    def refresh(self) -> None:
        """Serves what has been ingested since, from one search to the next."""
        self._table = _Table(self._index.snapshot())

    def article(self, slug: str, language: Language) -> Article | None:
        return self._table.articles.get((slug, language))

    def search(self, text: str, *, vector: Floats | None = None, language: Language, k: int = 5) -> list[Hit]:
        """The best `k` articles, best first, each topic once: in the asked language where it exists, else its twin.

        `vector` is the question's query vector, float32 (dim,); without it the text is encoded here.
        """
        if language not in LANGUAGES:
            raise KnowledgeError(f"language {language!r} is none of {', '.join(LANGUAGES)}")
        if k < 1:
            raise KnowledgeError(f"k is {k!r}; it must be at least 1")
        if vector is None:
            vector = self.encoder.encode([text], kind="query")[0]
        if vector.shape != (self.encoder.dim,):
            raise KnowledgeError(f"the vector has the shape {vector.shape!r}; this index needs ({self.encoder.dim},)")
        return self._table.search(text, vector, language, k)


class _Table:
    """The entries sorted by topic, so that each topic is a slice of `vectors`."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.articles = snapshot.articles
        self._means = _means(snapshot)
        entries = snapshot.entries
        kept = [at for at, e in enumerate(entries) if e.kind != "background" and (e.slug, e.language) in self.articles]
        kept.sort(key=lambda at: (entries[at].slug, entries[at].position))
        self._entries = [entries[at] for at in kept]
        self._slugs = sorted({entry.slug for entry in self._entries})
        if not self._slugs:
            raise KnowledgeError("The index holds no article; ingest some")
        place = {slug: topic for topic, slug in enumerate(self._slugs)}
        topics = np.array([place[entry.slug] for entry in self._entries])
        self._starts = np.searchsorted(topics, np.arange(len(self._slugs)))
        self._ends = np.append(self._starts[1:], len(topics))
        means = np.stack([self._means[entry.language, entry.side] for entry in self._entries])
        self._vectors = _unit(snapshot.vectors[kept] - means)
        centroids = np.add.reduceat(self._vectors, self._starts, axis=0)
        self._centroids = _unit(centroids)
        self._foreign = {
            language: np.array([_FOREIGN * (e.language != language) for e in self._entries], dtype=np.float32)
            for language in LANGUAGES
        }
        self._keywords = {language: self._keyword_index(language) for language in LANGUAGES}

    def search(self, text: str, vector: Floats, language: Language, k: int) -> list[Hit]:
        query = _unit(vector - self._means[language, "query"])
        near = self._vectors @ query
        best = np.maximum.reduceat(near - self._foreign[language], self._starts)
        dense = _CENTROID * (self._centroids @ query) + (1 - _CENTROID) * best
        scores = (1 - _KEYWORD) * dense + _KEYWORD * self._keywords[language].scores(text)
        order = np.argsort(-scores, kind="stable")[:k]
        return [self._hit(int(topic), float(scores[topic]), near, language) for topic in order]

    def _hit(self, topic: int, score: float, near: Floats, language: Language) -> Hit:
        article = self._shown(self._slugs[topic], language)
        found = tuple(
            ScoredPassage(entry.heading, entry.text, float(near[at]))
            for at in range(self._starts[topic], self._ends[topic])
            if (entry := self._entries[at]).kind == "passage" and entry.language == article.language
        )
        return Hit(article, score, found)

    def _shown(self, slug: str, language: Language) -> Article:
        own = self.articles.get((slug, language))
        return own or next(self.articles[slug, other] for other in LANGUAGES if (slug, other) in self.articles)

    def _keyword_index(self, language: Language) -> KeywordIndex:
        shown = [self._shown(slug, language) for slug in self._slugs]
        return KeywordIndex(["\n".join((a.title, *a.questions, a.text)) for a in shown])


def _means(snapshot: Snapshot) -> dict[tuple[Language, Kind], Floats]:
    """The mean of all vectors of a language and kind. Languages lie apart in the encoder's space, and so do the kinds."""
    found: dict[tuple[Language, Kind], Floats] = {}
    for language in LANGUAGES:
        for side in SIDES:
            at = [i for i, e in enumerate(snapshot.entries) if (e.language, e.side) == (language, side)]
            found[language, side] = np.asarray(
                snapshot.vectors[at].mean(axis=0)
            )  # never empty: the background has every pair
    return found


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(length == 0, 1, length), dtype=np.float32)
