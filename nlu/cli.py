"""`python -m nlu`: train, parse, evaluate and audit from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nlu import cli_audit, cli_evaluate, cli_finetune
from nlu.cli_options import BUNDLED, HOME, EncoderName, Files, Home, Model, Seed, cores, errors, load_encoder
from nlu.data import read_examples
from nlu.feature_store import FeatureStore
from nlu.pipeline import Pipeline

app = typer.Typer(
    help="Understand customers: intents, entities, sentiment.", no_args_is_help=True, add_completion=False
)
app.command("evaluate")(cli_evaluate.evaluate)
app.command("sentiment")(cli_evaluate.sentiment)
app.command("entities")(cli_evaluate.entities)
app.command("audit")(cli_audit.audit)
app.command("checkpoint")(cli_finetune.checkpoint)
app.command("finetune")(cli_finetune.finetune)


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
    with errors():
        examples = read_examples(data, split="train")  # before the encoder is loaded, so that mistakes show at once
        moods = read_examples(sentiment, label="label", split="train") if sentiment else []
        model = load_encoder(encoder, home, threads=cores())
        store = FeatureStore(model, home / "models" / "encoder")
        pipeline = Pipeline.train(examples, encoder=model, sentiment=moods, out=out, store=store, seed=seed)
    Console(stderr=True).print(f"{len(pipeline.intents.classes)} intents → {out}")


@app.command()
def parse(model: Model = None, home: Home = HOME, encoder: EncoderName = BUNDLED) -> None:
    """Read sentences from standard input, one a line; print a JSON line for each."""
    with errors():
        pipeline = Pipeline.load(model or home / "models" / "nlu", encoder=load_encoder(encoder, home))
        for line in sys.stdin:
            print(json.dumps(pipeline.parse(line.rstrip("\n")).as_dict(), ensure_ascii=False), flush=True)  # noqa: T201


def main() -> None:
    """Run the command line."""
    app()
