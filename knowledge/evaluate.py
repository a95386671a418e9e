"""Retrieval measured on files of the BEIR kind, and on a shop's own articles with one question of each left out."""

from __future__ import annotations

import csv
import gzip
import json
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from knowledge.article import LANGUAGES, Article, Language
from knowledge.errors import KnowledgeError
from knowledge.index import Index, Progress
from knowledge.metrics import mrr, ndcg, recall
from knowledge.retrieve import Retriever
from knowledge.sanitise import sanitise
from nlu.encoders import Encoder
from nlu.language import reply_language

_DEPTH = 20
_TITLE = 80  # characters of a document that has no title of its own

_MEASURES: Mapping[str, Callable[[Sequence[str], Mapping[str, float]], float]] = {
    "recall@1": lambda ranking, relevant: recall(ranking, relevant, k=1),
    "recall@5": lambda ranking, relevant: recall(ranking, relevant, k=5),
    "recall@20": lambda ranking, relevant: recall(ranking, relevant, k=20),
    "mrr@10": lambda ranking, relevant: mrr(ranking, relevant, k=10),
    "ndcg@10": lambda ranking, relevant: ndcg(ranking, relevant, k=10),
}


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    language: Language
    relevant: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`summary` is the mean of the individual scores (`each`: one mapping a query) and the time of a query."""

    summary: Mapping[str, float]
    each: tuple[Mapping[str, float], ...]


def evaluate(retriever: Retriever, queries: Sequence[Query]) -> Evaluation:
    """Scores the rankings of the queries. `ms_per_query` is the search alone, `ms_per_encode` the vector before it."""
    if not queries:
        raise KnowledgeError("there is no query with a relevant document to evaluate on")
    encoding = searching = 0.0
    each = []
    for query in queries:
        started = time.perf_counter()
        vector = retriever.encoder.encode([query.text], kind="query")[0]
        encoded = time.perf_counter()
        hits = retriever.search(query.text, vector=vector, language=query.language, k=_DEPTH)
        searching += time.perf_counter() - encoded
        encoding += encoded - started
        ranking = [hit.article.slug for hit in hits]
        each.append({name: measure(ranking, query.relevant) for name, measure in _MEASURES.items()})
    summary: dict[str, float] = {"n": len(queries)}
    summary |= {name: round(fmean(scores[name] for scores in each), 4) for name in _MEASURES}
    summary["ms_per_query"] = round(1000 * searching / len(queries), 3)
    summary["ms_per_encode"] = round(1000 * encoding / len(queries), 3)
    return Evaluation(summary, tuple(each))


def evaluate_beir(
    corpus: Path, queries: Path, qrels: Path, *, encoder: Encoder, progress: Progress | None = None
) -> Evaluation:
    """`corpus.jsonl` (_id, title, text), `queries.jsonl` (_id, text) and `qrels.tsv` (query-id, corpus-id, score).

    Queries without a relevant document are left out, as BEIR does. The index is made in a temporary folder.
    """
    articles = [_document(row, corpus) for row in _jsonl(corpus)]
    texts = {_text(row, "_id", queries): row for row in _jsonl(queries)}
    judged = _qrels(qrels)
    unknown = judged.keys() - texts.keys()
    if unknown:
        raise KnowledgeError(f"{qrels} judges the query {min(unknown)!r}, which {queries} does not hold")
    known = {article.slug for article in articles}
    missing = {id for relevant in judged.values() for id in relevant} - known
    if missing:
        raise KnowledgeError(f"{qrels} names the document {min(missing)!r}, which {corpus} does not hold")
    asked = [
        Query(text, _language(texts[id], text), relevant)
        for id, relevant in judged.items()
        if any(gain > 0 for gain in relevant.values()) and (text := _text(texts[id], "text", queries))
    ]
    with _retriever(articles, encoder=encoder, progress=progress) as retriever:
        return evaluate(retriever, asked)


def leave_one_out(articles: Iterable[Article], *, encoder: Encoder, fold: int) -> dict[Language, Evaluation]:
    """Asks question number `fold` of every article, which the index did not see, in either language."""
    kept = list(articles)
    asked = [Query(a.questions[fold], a.language, {a.slug: 1.0}) for a in kept if fold < len(a.questions)]
    if not asked:
        raise KnowledgeError(f"no article has a question number {fold!r}")
    seen = [replace(a, questions=a.questions[:fold] + a.questions[fold + 1 :]) for a in kept]
    with _retriever(seen, encoder=encoder) as retriever:
        by_language = {language: [q for q in asked if q.language == language] for language in LANGUAGES}
        return {language: evaluate(retriever, part) for language, part in by_language.items() if part}


@contextmanager
def _retriever(
    articles: Sequence[Article], *, encoder: Encoder, progress: Progress | None = None
) -> Iterator[Retriever]:
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder), encoder)
        try:
            index.ingest(articles, progress=progress)
            yield Retriever(index)
        finally:
            index.close()


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
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    try:
        with opened as file:
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
