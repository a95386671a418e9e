"""What the commands of `python -m nlu` share: their options, the encoder, tables, errors."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from nlu.encoders import E5Encoder, Encoder, SentenceTransformerEncoder
from nlu.errors import NluError
from nlu.finetuned import FinetunedEncoder, is_finetuned

Files = Annotated[list[Path], typer.Argument(help="CSV, JSONL (.gz), nlu.yml, or folders of them.")]
Home = Annotated[Path, typer.Option(help="Where models and the converted encoder are kept.")]
Model = Annotated[Path | None, typer.Option(help="A trained model; default: HOME/models/nlu.")]
EncoderName = Annotated[
    str, typer.Option(help="e5 (bundled), a folder of finetune, or a Hugging Face model's name or folder.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Seed = Annotated[int, typer.Option(help="For everything random.")]
HtmlFile = Annotated[Path | None, typer.Option("--html", help="Write a report as one HTML file.")]

HOME = Path("var")
BUNDLED = "e5"


def load_encoder(name: str, home: Path, *, threads: int = 1) -> Encoder:
    """The bundled encoder, one that `finetune` made, or a Hugging Face model by name or folder."""
    cache = home / "models" / "encoder"
    if name == BUNDLED:
        return E5Encoder(cache, threads=threads)
    if is_finetuned(Path(name)):
        return FinetunedEncoder(Path(name), cache, threads=threads)
    return SentenceTransformerEncoder(name)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def show_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a table; texts of the data are shown as they are, whatever they hold."""
    table = Table(*columns, title=title or None)
    for row in rows:
        table.add_row(*(cell.encode("utf-8", "replace").decode().replace("[", r"\[") for cell in row))
    Console().print(table)


@contextmanager
def errors() -> Iterator[None]:
    """An error of the library is one sentence on the terminal and exit code 1."""
    try:
        yield
    except NluError as err:
        Console(stderr=True).print(f"error: {err}", highlight=False, soft_wrap=True, markup=False)
        raise typer.Exit(1) from err


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[..., None]]:
    """A bar on a terminal, nothing elsewhere; call it with how many steps are done, and of how many if that is new."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task(what, total=total)
        yield lambda done, of=None: bars.update(task, completed=done, total=of)
