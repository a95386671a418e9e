"""`python -m nlu checkpoint` and `finetune`: the bundled weights for other tools, and retrained on a shop's own data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from nlu.cli_options import HOME, Home, Seed, cores, errors
from nlu.cli_options import progress as bar
from nlu.data import read_examples
from nlu.encoders import E5Encoder
from nlu.sentiment import label_name
from nlu.weights import bundled_path, read_weights

Folder = Annotated[Path, typer.Option(help="Folder to write.")]
Train = Annotated[list[Path], typer.Option(help="Labelled files to train on.")]
Dev = Annotated[list[Path] | None, typer.Option(help="Labelled files to choose by; default: an eighth of --train.")]
Layers = Annotated[int | None, typer.Option(help="Upper layers that learn, 1 to 12; fewer are faster.")]
Device = Annotated[str | None, typer.Option(help="cpu or cuda; default: cuda where there is one.")]


def checkpoint(out: Folder) -> None:
    """Write the bundled encoder as a Hugging Face folder for transformers and sentence-transformers."""
    from nlu.checkpoint import write_checkpoint

    with errors():
        write_checkpoint(read_weights(bundled_path()), out)
    Console(stderr=True).print(f"checkpoint → {out}", highlight=False, markup=False)


def finetune(
    train: Train,
    out: Folder,
    dev: Dev = None,
    sentiment: Annotated[
        bool, typer.Option("--sentiment", help="On files with text,label instead of intents.")
    ] = False,
    layers: Layers = None,
    epochs: Annotated[int | None, typer.Option(help="At most; training stops when dev no longer gains.")] = None,
    device: Device = None,
    resume: Annotated[bool, typer.Option("--resume", help="Carry on after the last finished epoch.")] = False,
    home: Home = HOME,
    seed: Seed = 0,
) -> None:
    """Retrain the encoder's upper layers on intents or sentiment; use the folder as --encoder of train, parse, evaluate and
    sentiment."""
    with errors():
        from nlu import finetune as tuning  # torch takes seconds to import

        label = "label" if sentiment else "intent"
        examples = read_examples(train, label=label, split="train")
        judges = read_examples(dev, label=label, split="dev") if dev else []
        if sentiment:
            examples, judges = ([replace(e, label=label_name(e.label)) for e in rows] for rows in (examples, judges))
        recipe = tuning.recipe_for(examples)
        recipe = replace(
            recipe,
            layers=recipe.layers if layers is None else layers,
            epochs=recipe.epochs if epochs is None else epochs,
        )
        encoder = E5Encoder(home / "models" / "encoder", threads=cores())
        with _threads(), bar("fine-tuning") as step:
            report = tuning.finetune(
                examples,
                out,
                encoder=encoder,
                dev=judges,
                sentiment=sentiment,
                recipe=recipe,
                device=device,
                seed=seed,
                resume=resume,
                progress=step,
            )
    said = f"best of {report.epochs} epochs: {report.best_epoch}"
    if report.fused is not None:
        said += f"; dev accuracy: frozen {report.frozen:.4f}, fine-tuned {report.tuned:.4f}, both {report.fused:.4f}"
    Console(stderr=True).print(f"{said} → {out}", highlight=False, markup=False)


@contextmanager
def _threads() -> Iterator[None]:
    """All cores for torch, whatever it was set to."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(cores())
    try:
        yield
    finally:
        torch.set_num_threads(before)
