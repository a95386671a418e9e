"""What is known of users beside what they did: traits such as `level=gold` or `age=25..34`, from a table of users."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recommender.errors import RecommenderError
from recommender.interactions import USER_COLUMNS
from recommender.rows import read_csv, text, values

BINS = 5
"""Ranges that a column of numbers is cut into, with as many users in each."""
MOST = 50
"""Different values up to which a column of text tells something; names and addresses do not."""


@dataclass(frozen=True)
class Traits:
    """`of_users`: the traits of each user. `cuts`: the inner edges of each column of numbers."""

    of_users: Mapping[str, tuple[str, ...]]
    cuts: Mapping[str, tuple[float, ...]]
    columns: tuple[str, ...]

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> Traits:
        """Rows with a column customer_id, user or user_id; all other columns are traits, several in a cell joined by
        `|`. Columns of text with more than MOST values, or one, are left out."""
        told = [dict(row) for row in rows]
        key = next((name for name in USER_COLUMNS if told and name in told[0]), None)
        if key is None:
            raise RecommenderError(f"a table of users needs one of the columns {', '.join(USER_COLUMNS)}, and a row")
        cuts: dict[str, tuple[float, ...]] = {}
        columns = []
        for column in told[0]:
            distinct = {cell for row in told if (cell := text(row, column))}
            numbers = [_number(cell) for cell in distinct]
            if column == key or len(distinct) < 2:
                continue
            if len(distinct) > BINS and None not in numbers:
                cells = [float(cell) for row in told if (cell := text(row, column))]
                edges = np.quantile(cells, np.linspace(0, 1, BINS + 1)[1:-1])
                cuts[column] = tuple(float(edge) for edge in np.unique(edges))
            elif len(distinct) > MOST:
                continue
            columns.append(column)
        made = cls({}, cuts, tuple(columns))
        return cls({text(row, key): made.of(row) for row in told}, cuts, made.columns)

    @classmethod
    def from_csv(cls, path: Path) -> Traits:
        return cls.from_rows(read_csv(path, ()))

    def of(self, row: Mapping[str, Any]) -> tuple[str, ...]:
        """The traits of anyone, by the same columns."""
        found = []
        for column in self.columns:
            if column not in self.cuts:
                found += [f"{column}={value}" for value in values(row, column)]
            elif (number := _number(text(row, column))) is not None:
                found.append(f"{column}={_range(self.cuts[column], number)}")
        return tuple(found)


def _range(cuts: Sequence[float], number: float) -> str:
    """As `23..35`: from the first on, and less than the second."""
    place = bisect_right(cuts, number)
    low, high = ("" if n in (0, len(cuts) + 1) else f"{cuts[n - 1]:g}" for n in (place, place + 1))
    return f"{low}..{high}"


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
