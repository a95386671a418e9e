"""`python -m knowledge`: ingest, search, ask and evaluate from the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from knowledge import evaluate as evaluation
from knowledge.answer import Answerer
from knowledge.article import LANGUAGES, Language
from knowledge.beir import read_beir
from knowledge.errors import KnowledgeError
from knowledge.index import Index
from knowledge.loaders import load
from knowledge.retrieve import Retriever
from nlu.encoders import E5Encoder, Encoder, SentenceTransformerEncoder
from nlu.errors import NluError
from nlu.language import reply_language

app = typer.Typer(help="Documents to answers with sources.", no_args_is_help=True, add_completion=False)

HOME = Path("var")
BUNDLED = "e5"

Home = Annotated[Path, typer.Option(help="Where the index and the converted encoder are kept.")]
EncoderName = Annotated[str, typer.Option(help="e5 (bundled), or a Hugging Face model's name or folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Spoken = Annotated[str, typer.Option("--language", help="zh or en; default: the question's own.")]


@app.command()
def ingest(
    paths: Annotated[list[str], typer.Argument(help="Files or folders: .md .txt .html .csv .jsonl")],
    source: Annotated[str, typer.Option(help="What is ingested under a name replaces what was before.")] = "shop",
    home: Home = HOME,
    encoder: EncoderName = BUNDLED,
    as_json: Json = False,
) -> None:
    """Read documents into the index; unchanged ones are skipped, vanished ones removed."""
    with _errors():
        articles = load(paths)
        index = Index(home / "chroma", _encoder(encoder, home, threads=_cores()))
        with _bar("Ingesting") as advance:
            done = index.ingest(articles, source=source, progress=advance)
    _show(asdict(done), as_json)


@app.command()
def search(
    question: str,
    k: Annotated[int, typer.Option(help="How many articles.")] = 5,
    language: Spoken = "",
    home: Home = HOME,
    encoder: EncoderName = BUNDLED,
    as_json: Json = False,
) -> None:
    """The articles nearest to a question."""
    with _errors():
        hits = _retriever(home, encoder).search(question, language=_language(language, question), k=k)
    rows = [
        {"slug": h.article.slug, "language": h.article.language, "title": h.article.title, "score": round(h.score, 4)}
        for h in hits
    ]
    if as_json:
        _json(rows)
        return
    table = Table("score", "article", "title")
    for row in rows:
        table.add_row(f"{row['score']:.3f}", f"{row['language']}/{row['slug']}", str(row["title"]))
    Console().print(table)


@app.command()
def ask(
    question: str, language: Spoken = "", home: Home = HOME, encoder: EncoderName = BUNDLED, as_json: Json = False
) -> None:
    """The answer to a question with its sources, or the nearest titles."""
    with _errors():
        answer = Answerer(_retriever(home, encoder)).answer(question, language=_language(language, question))
    if as_json:
        _json(asdict(answer))
        return
    console = Console(highlight=False, soft_wrap=True)
    console.print(answer.text or "Not known.", markup=False)
    for source in answer.sources:
        console.print(f"→ {source.title} ({source.url})", markup=False)
    if answer.alternatives:
        console.print("Near: " + " · ".join(answer.alternatives), markup=False)


@app.command()
def evaluate(
    corpus: Annotated[Path, typer.Option(help="corpus.jsonl: _id, title, text")],
    queries: Annotated[Path, typer.Option(help="queries.jsonl: _id, text")],
    qrels: Annotated[Path, typer.Option(help="qrels.tsv: query-id, corpus-id, score")],
    home: Home = HOME,
    encoder: EncoderName = BUNDLED,
    as_json: Json = False,
) -> None:
    """Measure retrieval on files in BEIR's format."""
    with _errors(), _bar("Indexing") as advance:
        articles, asked = read_beir(corpus, queries, qrels)
        coder = _encoder(encoder, home, threads=_cores())
        found = evaluation.evaluate_articles(articles, asked, encoder=coder, progress=advance)
    _show(dict(found.summary), as_json)


@app.command()
def leave_one_out(
    paths: Annotated[list[str], typer.Argument(help="Articles with questions.")],
    folds: Annotated[int, typer.Option(help="How many questions of each article are left out, one at a time.")] = 4,
    home: Home = HOME,
    encoder: EncoderName = BUNDLED,
    as_json: Json = False,
) -> None:
    """Measure a shop's own articles: each is asked a question that the index has not seen."""
    with _errors():
        coder = _encoder(encoder, home, threads=_cores())
        found = evaluation.leave_one_out(load(paths), encoder=coder, folds=folds)
    for language, parts in found.items():
        _show({"language": language, **evaluation.mean_summary(parts)}, as_json)


def main() -> None:
    """Run the command line."""
    app()


def _retriever(home: Path, encoder: str) -> Retriever:
    return Retriever(Index(home / "chroma", _encoder(encoder, home)))


def _encoder(name: str, home: Path, *, threads: int = 1) -> Encoder:
    return E5Encoder(home / "encoders", threads=threads) if name == BUNDLED else SentenceTransformerEncoder(name)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _language(asked: str, question: str) -> Language:
    for language in LANGUAGES:
        if asked == language:
            return language
    if asked:
        raise KnowledgeError(f"--language is {asked!r}; it must be one of {', '.join(LANGUAGES)}")
    return reply_language(question)


@contextmanager
def _bar(title: str) -> Iterator[Any]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _show(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _json(values)
        return
    table = Table("measure", "value")
    for key, value in values.items():
        table.add_row(key, str(value))
    Console().print(table)


def _json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False))  # noqa: T201


@contextmanager
def _errors() -> Iterator[None]:
    """An error of the library is one sentence on the terminal and exit code 1."""
    try:
        yield
    except (KnowledgeError, NluError) as err:
        Console(stderr=True).print(f"error: {err}", style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from err
