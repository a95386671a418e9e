"""The rows that an article becomes in the index, and back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from knowledge.article import Article, Language
from knowledge.background import BACKGROUND
from knowledge.chunking import passages
from nlu.encoders import Kind

SIDES: tuple[Kind, ...] = ("query", "passage")
EntryKind = Literal["title", "question", "passage", "background"]

BACKGROUND_SOURCE = "background"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the index. `side` tells how its text was encoded: titles and questions as queries, passages as passages."""

    slug: str
    language: Language
    kind: EntryKind
    side: Kind
    text: str
    heading: str = ""
    position: int = 0
    """Among the passages of its article."""


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    text: str
    encoded: str
    meta: dict[str, str]


def article_rows(article: Article, source: str) -> Iterator[Row]:
    """The title (it carries the article itself), each question, each passage with the title above it."""
    whole = {
        "article": article.text,
        "topic": article.topic,
        "updated": article.updated,
        "questions": json.dumps(article.questions, ensure_ascii=False),
    }
    yield _row(article.slug, article.language, "title", "query", article.title, source, **whole)
    for question in article.questions:
        yield _row(article.slug, article.language, "question", "query", question, source)
    for position, passage in enumerate(passages(article.text)):
        above = f"{article.title} › {passage.heading}" if passage.heading else article.title
        yield _row(
            article.slug,
            article.language,
            "passage",
            "passage",
            passage.text,
            source,
            above=above,
            heading=passage.heading,
            position=str(position),
        )


def background_rows() -> Iterator[Row]:
    for language, texts in BACKGROUND.items():
        for text in texts:
            for side in SIDES:
                yield _row("", language, "background", side, text, BACKGROUND_SOURCE)


def _row(
    slug: str, language: Language, kind: EntryKind, side: Kind, text: str, source: str, *, above: str = "", **more: str
) -> Row:
    meta = {"slug": slug, "language": language, "kind": kind, "side": side, "source": source, **more}
    named = json.dumps([meta, above, text], ensure_ascii=False, sort_keys=True)
    return Row(hashlib.sha256(named.encode()).hexdigest()[:32], text, f"{above}\n{text}" if above else text, meta)


def read_article(entry: Entry, meta: Mapping[str, Any]) -> Article:
    return Article(
        slug=entry.slug,
        language=entry.language,
        title=entry.text,
        text=meta["article"],
        questions=tuple(json.loads(meta["questions"])),
        topic=meta["topic"],
        updated=meta["updated"],
    )


def read_entry(text: str, meta: Mapping[str, Any]) -> Entry:
    return Entry(
        slug=meta["slug"],
        language=meta["language"],
        kind=meta["kind"],
        side=meta["side"],
        text=text,
        heading=meta.get("heading", ""),
        position=int(meta.get("position", 0)),
    )
