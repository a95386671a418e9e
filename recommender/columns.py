"""Two kinds of categorical column: one value for each item, or several."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Codes:
    """One name for each entry: `names[codes[i]]`; the empty name stands for unknown."""

    names: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, column: Sequence[str]) -> Codes:
        names = tuple(sorted(set(column)))
        lookup = {name: code for code, name in enumerate(names)}
        return cls(names, np.array([lookup[value] for value in column], dtype=np.int32))

    def __getitem__(self, entry: int) -> str:
        return self.names[int(self.codes[entry])]

    def among(self, wanted: Collection[str]) -> NDArray[np.bool_]:
        """(n,) True where the value is one of these; names that do not occur match nothing."""
        table = np.array([name in wanted for name in self.names], dtype=np.bool_)
        if not table.any():
            return np.zeros(len(self.codes), dtype=np.bool_)
        return table[self.codes]


@dataclass(frozen=True, eq=False)
class Tags:
    """Any number of names for each entry: `has` (len(names), n), so that one name is one contiguous row."""

    names: tuple[str, ...]
    has: NDArray[np.bool_]

    @classmethod
    def of(cls, column: Sequence[Collection[str]]) -> Tags:
        names = tuple(sorted({name for entry in column for name in entry}))
        lookup = {name: row for row, name in enumerate(names)}
        has = np.zeros((len(names), len(column)), dtype=np.bool_)
        for n, entry in enumerate(column):
            for name in entry:
                has[lookup[name], n] = True
        return cls(names, has)

    def __getitem__(self, entry: int) -> tuple[str, ...]:
        return tuple(self.names[row] for row in np.flatnonzero(self.has[:, entry]))

    def row(self, name: str) -> NDArray[np.bool_]:
        """(n,) True where the entry has this name."""
        if name not in self.names:
            return np.zeros(self.has.shape[1], dtype=np.bool_)
        row: NDArray[np.bool_] = self.has[self.names.index(name)]
        return row

    def any_of(self, wanted: Collection[str]) -> NDArray[np.bool_]:
        """(n,) True where the entry has at least one of these names."""
        out = np.zeros(self.has.shape[1], dtype=np.bool_)
        for name in wanted:
            out |= self.row(name)
        return out
