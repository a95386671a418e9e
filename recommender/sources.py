"""Interactions from files of any format that is read, and how one file is cut into training and test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any

from recommender.errors import RecommenderError
from recommender.interactions import ITEM_COLUMNS, USER_COLUMNS, Cleaning, Interactions
from recommender.rows import open_text, read_csv
from recommender.splits import by_time, leave_one_out

Format = StrEnum("Format", ["lightgcn", "csv", "parquet", "sequences"])


class Split(StrEnum):
    """`given`: a column `split` of CSV or Parquet says train or test; validation rows are learned from."""

    LEAVE_ONE_OUT = "leave-one-out"
    GLOBAL_TIME = "global-time"
    GIVEN = "given"


def read(path: Path, format: Format, *, items: Sequence[str] | None = None) -> Interactions:
    """`items` fixes the catalogue and its order. Raises RecommenderError for a file that is not of the format."""
    if format is Format.lightgcn:
        return Interactions.from_lightgcn(path, items=items)
    if format is Format.sequences:
        return from_sequences(path, items=items)
    if format is Format.csv:
        return Interactions.from_csv(path, items=items)
    return Interactions.from_rows(_parquet(path), items=items)


def from_sequences(path: Path, *, items: Sequence[str] | None = None) -> Interactions:
    """Lines `user item item …` (.gz too), each user's events in the order of time, repetitions meant; the time of an
    event is its place in the line, from 1."""
    rows = []
    with open_text(path) as file:
        for line in file:
            user, *own = line.split() or [""]
            rows += [{"user": user, "item": item, "time": n} for n, item in enumerate(own, start=1)]
    return Interactions.from_rows(rows, items=items)


def cut(
    path: Path,
    format: Format,
    split: Split,
    *,
    share: float = 0.2,
    items: Sequence[str] | None = None,
    cleaned: Callable[[Interactions], Interactions] = lambda found: found,
) -> tuple[Interactions, Interactions]:
    """Training and test out of one file; `share` of the events is the test of a cut by time. `cleaned` comes before the
    cut, of a given split to training alone."""
    if split is Split.GIVEN:
        train, test = _given(path, format, items)
        return cleaned(train), test
    found = cleaned(read(path, format, items=items))
    if split is Split.LEAVE_ONE_OUT:
        return leave_one_out(found)
    if format is Format.sequences:
        raise RecommenderError("sequences have an order for each user but no common time; use --split leave-one-out")
    return by_time(found, share=share)


def cleaning_said(report: Cleaning) -> str:
    """The report of cleaning in one line."""
    left = ", ".join(f"{count} {name}" for name, count in report.left_out().items())
    told = f"; left out: {left}" if left else ""
    return f"{report.kept} of {report.read} events kept{told}{f' ({report.first})' if report.first else ''}"


def _given(path: Path, format: Format, items: Sequence[str] | None) -> tuple[Interactions, Interactions]:
    if format not in (Format.csv, Format.parquet):
        raise RecommenderError(f"a given split needs a column 'split'; the format {format.value!r} has no columns")
    rows = _parquet(path, "split") if format is Format.parquet else read_csv(path, ("split",))
    parts: dict[str, list[Mapping[str, Any]]] = {"train": [], "test": []}
    for line, row in enumerate(rows, start=1):
        name = str(row["split"]).strip()
        if name not in ("train", "valid", "validation", "test"):
            raise RecommenderError(f"row {line}: split {name!r} is not one of train, valid, validation, test")
        parts["test" if name == "test" else "train"].append(row)
    train, test = (Interactions.from_rows(part, items=items) for part in parts.values())
    return train, test


def _parquet(path: Path, *required: str) -> Iterator[Mapping[str, Any]]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise RecommenderError(
            "Parquet files need pyarrow, which is not installed: pip install 'daogou[parquet]'"
        ) from error
    if not path.is_file():
        raise RecommenderError(f"{str(path)!r} is not a file")
    try:
        file = ParquetFile(path)
        names = file.schema_arrow.names
        for wanted in (USER_COLUMNS, ITEM_COLUMNS, *((name,) for name in required)):
            if not set(wanted) & set(names):
                raise RecommenderError(f"{path}: column {wanted[-1]!r} is missing; the file has {', '.join(names)}")
        for batch in file.iter_batches():
            yield from batch.to_pylist()
    except (ArrowException, OSError) as error:
        raise RecommenderError(f"{str(path)!r} is not a Parquet file: {error}") from error
