"""Files of the BEIR kind: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from knowledge.article import LANGUAGES, Article, Language
from knowledge.errors import KnowledgeError
from knowledge.evaluate import Query
from knowledge.sanitise import sanitise
from nlu.language import reply_language

_TITLE = 80  # characters of a document that has no title of its own


def read_beir(corpus: Path, queries: Path, qrels: Path) -> tuple[list[Article], list[Query]]:
    """`corpus` has lines of _id, title, text; `queries` of _id, text; `qrels` query-id, corpus-id, score, tab-separated.

    Queries without a relevant document are left out, as BEIR does. Raises KnowledgeError where the files disagree.
    """
    articles = [_document(row, corpus) for row in _jsonl(corpus)]
    texts = {_text(row, "_id", queries): row for row in _jsonl(queries)}
    judged = _qrels(qrels)
    for unknown in sorted(judged.keys() - texts.keys()):
        raise KnowledgeError(f"{qrels} judges the query {unknown!r}, which {queries} does not hold")
    known = {article.slug for article in articles}
    for unknown in sorted({id for relevant in judged.values() for id in relevant} - known):
        raise KnowledgeError(f"{qrels} names the document {unknown!r}, which {corpus} does not hold")
    return articles, [
        Query(text, _language(texts[id], text), relevant)
        for id, relevant in judged.items()
        if any(gain > 0 for gain in relevant.values()) and (text := _text(texts[id], "text", queries))
    ]


def _document(row: Mapping[str, Any], path: Path) -> Article:
    text = sanitise(_text(row, "text", path, empty=True))
    title = sanitise(_text(row, "title", path, empty=True)) or text[:_TITLE]
    return Article(_text(row, "_id", path), _language(row, f"{title} {text}"), title, text)


def _jsonl(path: Path) -> Iterator[Mapping[str, Any]]:
    for line, raw in enumerate(_lines(path), start=1):
        if raw.strip():
            try:
                row = json.loads(raw)
            except json.JSONDecodeError as err:
                raise KnowledgeError(f"{path}, line {line}: no JSON ({err})") from err
            if not isinstance(row, dict):
                raise KnowledgeError(f"{path}, line {line}: {row!r} is no object with _id and text")
            yield row


def _qrels(path: Path) -> dict[str, dict[str, float]]:
    judged: dict[str, dict[str, float]] = {}
    for line, row in enumerate(csv.reader(_lines(path), delimiter="\t"), start=1):
        if line == 1 and not _number(row[-1] if row else ""):
            continue  # the header
        if len(row) == 4:  # TREC's form: query, iteration, document, gain
            row = [row[0], *row[2:]]
        if len(row) != 3 or not _number(row[2]):
            raise KnowledgeError(f"{path}, line {line}: {row!r} is not query-id, corpus-id, score")
        judged.setdefault(row[0], {})[row[1]] = float(row[2])
    return judged


def _number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text.strip()) is not None


def _lines(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            yield from file
    except (OSError, UnicodeDecodeError) as err:
        raise KnowledgeError(f"{path} cannot be read: {err}") from err


def _text(row: Mapping[str, Any], key: str, path: Path, *, empty: bool = False) -> str:
    value = row.get(key, "" if empty else None)
    if not isinstance(value, str | int) or not (value or empty):
        raise KnowledgeError(f"{path}: {dict(row)!r} has no {key}"[:500])
    return str(value)


def _language(row: Mapping[str, Any], text: str) -> Language:
    named = row.get("lang") or row.get("language")
    return next((language for language in LANGUAGES if language == named), None) or reply_language(text, "en")
