"""Retrieval measured on files of the BEIR kind, and on a shop's own articles with one question of each left out."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from knowledge.answer import KNOWN, confidence
from knowledge.article import LANGUAGES, Article, Language
from knowledge.errors import KnowledgeError
from knowledge.index import Index, Progress
from knowledge.metrics import mrr, ndcg, recall
from knowledge.retrieve import Retriever
from nlu.encoders import Encoder

_DEPTH = 20

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
    """`summary` is the mean of the individual scores (`each`: one mapping a query) and the time of a query; its `known`
    is the share of queries that would be answered."""

    summary: Mapping[str, float]
    each: tuple[Mapping[str, float], ...]


def evaluate(retriever: Retriever, queries: Sequence[Query]) -> Evaluation:
    """Scores the rankings of the queries. `ms_per_search` is the part of `ms_per_query` after the encoding."""
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
        scores = {name: measure(ranking, query.relevant) for name, measure in _MEASURES.items()}
        each.append(scores | {"known": float(confidence(hits[0].score) >= KNOWN)})
    summary: dict[str, float] = {"n": len(queries)}
    summary |= {name: round(fmean(scores[name] for scores in each), 4) for name in each[0]}
    summary["ms_per_query"] = round(1000 * (encoding + searching) / len(queries), 3)
    summary["ms_per_search"] = round(1000 * searching / len(queries), 3)
    return Evaluation(summary, tuple(each))


def evaluate_articles(
    articles: Sequence[Article], queries: Sequence[Query], *, encoder: Encoder, progress: Progress | None = None
) -> Evaluation:
    """The same on an index made of `articles` in a temporary folder."""
    with _retriever(articles, encoder=encoder, progress=progress) as retriever:
        return evaluate(retriever, queries)


def leave_one_out(articles: Sequence[Article], *, encoder: Encoder, folds: int = 4) -> dict[Language, list[Evaluation]]:
    """For each fold: question number `fold` of every article is asked of an index that lacks it in both languages."""
    found: dict[Language, list[Evaluation]] = {}
    for fold in range(folds):
        asked = [Query(a.questions[fold], a.language, {a.slug: 1.0}) for a in articles if fold < len(a.questions)]
        if not asked:
            raise KnowledgeError(f"no article has {fold + 1} questions; ask for fewer folds than {folds!r}")
        seen = [replace(a, questions=a.questions[:fold] + a.questions[fold + 1 :]) for a in articles]
        with _retriever(seen, encoder=encoder) as retriever:
            for language in LANGUAGES:
                if part := [query for query in asked if query.language == language]:
                    found.setdefault(language, []).append(evaluate(retriever, part))
    return found


def mean_summary(evaluations: Sequence[Evaluation]) -> dict[str, float]:
    """The measures over the queries of all evaluations together, without times."""
    each = [scores for evaluation in evaluations for scores in evaluation.each]
    return {"n": len(each)} | {name: round(fmean(scores[name] for scores in each), 4) for name in each[0]}


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
