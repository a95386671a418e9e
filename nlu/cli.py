"""`python -m nlu`: train, parse and evaluate from the command line."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from nlu import evaluate as evaluation
from nlu.data import read_examples
from nlu.encoders import E5Encoder, Encoder, SentenceTransformerEncoder
from nlu.errors import NluError
from nlu.pipeline import Pipeline
from nlu.report import confusions, weakest

app = typer.Typer(
    help="Understand customers: intents, entities, sentiment.", no_args_is_help=True, add_completion=False
)

Files = Annotated[list[Path], typer.Argument(help="CSV, JSONL (.gz), nlu.yml, or folders of them.")]
Home = Annotated[Path, typer.Option(help="Where models and the converted encoder are kept.")]
Model = Annotated[Path | None, typer.Option(help="A trained model; default: HOME/models/nlu.")]
EncoderName = Annotated[str, typer.Option(help="e5 (bundled), or a Hugging Face model's name or folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seed = Annotated[int, typer.Option(help="For everything random.")]
Train = Annotated[list[Path], typer.Option(help="Labelled files to train on.")]
Test = Annotated[list[Path], typer.Option(help="Labelled files to test on.")]

HOME = Path("var")
BUNDLED = "e5"


@app.command()
def train(
    data: Files,
    out: Annotated[Path, typer.Option(help="Folder of the model.")],
    sentiment: Annotated[list[Path] | None, typer.Option(help="Files with text,label for the sentiment.")] = None,
    home: Home = HOME,
    encoder: EncoderName = BUNDLED,
    seed: Seed = 0,
) -> None:
    """Train intents (and sentiment) and save the model."""
    with _errors():
        examples = read_examples(data, split="train")  # before the encoder is loaded, so that mistakes show at once
        moods = read_examples(sentiment, label="label", split="train") if sentiment else []
        model = _encoder(encoder, home, threads=_cores())
        pipeline = Pipeline.train(examples, encoder=model, sentiment=moods, out=out, seed=seed)
    Console(stderr=True).print(f"{len(pipeline.intents.classes)} intents → {out}")


@app.command()
def parse(model: Model = None, home: Home = HOME, encoder: EncoderName = BUNDLED) -> None:
    """Read sentences from standard input, one a line; print a JSON line for each."""
    with _errors():
        pipeline = Pipeline.load(model or home / "models" / "nlu", encoder=_encoder(encoder, home))
        for line in sys.stdin:
            print(json.dumps(pipeline.parse(line.rstrip("\n")).as_dict(), ensure_ascii=False), flush=True)  # noqa: T201


@app.command()
def evaluate(
    train: Train = [],  # noqa: B006 - typer's way
    test: Test = [],  # noqa: B006
    model: Annotated[Path | None, typer.Option(help="Evaluate this trained model instead of training one.")] = None,
    cross_validation: Annotated[int, typer.Option(help="Folds over the training files, instead of --test.")] = 0,
    home: Home = HOME,
    encoder: EncoderName = BUNDLED,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Measure intents and out-of-scope on labelled data."""
    with _errors():
        trained = read_examples(train, split="train") if train else []
        tested = read_examples(test, split="test") if test else []
        if not (tested and (trained or model)) and not (cross_validation and trained):
            raise NluError(
                "evaluate needs --train and --test, or --model and --test, or --train and --cross-validation"
            )
        coder = _encoder(encoder, home, threads=_cores())
        if cross_validation:
            result = evaluation.cross_validate(trained, encoder=coder, folds=cross_validation, seed=seed)
        elif model is not None:
            result = evaluation.predict(Pipeline.load(model, encoder=coder).intents, tested, encoder=coder)
        else:
            result = evaluation.evaluate_intents(trained, tested, encoder=coder, seed=seed)
    summary = result.summary()
    _show(summary, as_json)
    if not as_json:
        _table("Weakest intents", ("intent", "f1", "precision", "recall", "n"), weakest(result))
        _table("Most confused", ("is", "taken for", "times", "example"), confusions(result))


@app.command()
def sentiment(
    train: Train, test: Test, home: Home = HOME, encoder: EncoderName = BUNDLED, seed: Seed = 0, as_json: Json = False
) -> None:
    """Measure sentiment on files with text,label."""
    with _errors():
        result = evaluation.evaluate_sentiment(
            read_examples(train, label="label", split="train"),
            read_examples(test, label="label", split="test"),
            encoder=_encoder(encoder, home, threads=_cores()),
            seed=seed,
        )
    _show(result, as_json)


def main() -> None:
    """Run the command line."""
    app()


def _encoder(name: str, home: Path, *, threads: int = 1) -> Encoder:
    return (
        E5Encoder(home / "models" / "encoder", threads=threads) if name == BUNDLED else SentenceTransformerEncoder(name)
    )


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _show(values: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(values, ensure_ascii=False))  # noqa: T201
        return
    _table("", ("measure", "value"), [(key, str(value)) for key, value in values.items()])


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    table = Table(*columns, title=title or None)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


@contextmanager
def _errors() -> Iterator[None]:
    """An error of the library is one sentence on the terminal and exit code 1."""
    try:
        yield
    except NluError as err:
        Console(stderr=True).print(f"[red]error:[/] {err}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from err
