"""Reading cells of dict rows and CSV files, with errors that name the line and the value."""

from __future__ import annotations

import codecs
import csv
import gzip
import math
import zlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from recommender.errors import RecommenderError

_PROBED = 1 << 16  # bytes that show what a file is


def open_text(path: Path) -> IO[str]:
    """A UTF-8 text file, gzipped when its name ends in .gz. Raises RecommenderError when its beginning is none."""
    if not path.is_file():
        raise RecommenderError(f"{str(path)!r} is not a file")
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rb") as file:
            codecs.getincrementaldecoder("utf-8-sig")().decode(file.read(_PROBED))
    except (UnicodeDecodeError, OSError, EOFError, zlib.error) as error:
        kind = "gzipped UTF-8 text" if path.suffix == ".gz" else "UTF-8 text"
        raise RecommenderError(f"{str(path)!r} is not {kind}: {error}") from error
    return opened(path, "rt", encoding="utf-8-sig", newline="")


def read_csv(path: Path, required: Collection[str]) -> Iterator[dict[str, str]]:
    """The rows of a CSV file with a header that has at least the required columns."""
    with open_text(path) as file:
        reader = csv.DictReader(file)
        missing = [name for name in required if name not in (reader.fieldnames or ())]
        if missing:
            found = ", ".join(reader.fieldnames or ())
            raise RecommenderError(f"{path}: column {missing[0]!r} is missing; the header has {found or 'nothing'}")
        yield from reader


def text(row: Mapping[str, Any], key: str) -> str:
    """The cell as a stripped string, empty when absent."""
    value = row.get(key)
    return "" if value is None else str(value).strip()


def values(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """A list cell: a sequence, or a string joined by `|`; each value once, in order."""
    value = row.get(key)
    if value is None or value == "":
        return ()
    parts = value.split("|") if isinstance(value, str) else [str(v) for v in value]
    return tuple(dict.fromkeys(p.strip() for p in parts if p.strip()))


def number(
    row: Mapping[str, Any], key: str, *, low: float = -math.inf, high: float = math.inf, required: bool = False
) -> float:
    """The cell as a float between low and high, NaN when it is empty and not required."""
    cell = text(row, key)
    if not cell and not required:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if math.isnan(value) or math.isinf(value) or not low <= value <= high:
        raise RecommenderError(f"{key} {cell!r} is not a number{_between(low, high)}")
    return value


def _between(low: float, high: float) -> str:
    bounds = [f" from {low:g}"] if low > -math.inf else []
    return "".join([*bounds, f" up to {high:g}"] if high < math.inf else bounds)
