"""Lists for all users: ranked batch by batch, and written as CSV or Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender import neighbours
from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.scorer import Scorer
from recommender.topk import FactorScorer, best_items

USERS = 4096
"""Users ranked at a time."""
COLUMNS = ("user", "rank", "item", "score")


@dataclass(frozen=True, eq=False)
class UserLists:
    """`users` (u,) positions, `items` (u, k) positions, best first, -1 where nothing is left, `scores` (u, k)."""

    users: NDArray[np.int64]
    items: NDArray[np.int64]
    scores: NDArray[np.float32]


class Ranker:
    """Ranks batches. `approximate` None: by an inverted file where the scorer has factors on the CPU, the catalogue is
    larger than `neighbours.EXACT_UP_TO`, and faiss is there; True asks for it, False for all items."""

    def __init__(self, scorer: Scorer, users: Sequence[str], *, k: int, approximate: bool | None = None) -> None:
        self._scorer, self._users, self._k = scorer, users, k
        factors = scorer.factors if isinstance(scorer, FactorScorer) else None
        on_cpu = factors is not None and factors.device.type == "cpu"
        if approximate and not on_cpu:
            raise RecommenderError("only scorers with factors on the CPU, as ials, are searched approximately")
        large = factors is not None and on_cpu and len(factors) > neighbours.EXACT_UP_TO and neighbours.available()
        self._near = None
        if factors is not None and (large if approximate is None else approximate):
            self._near = neighbours.Neighbours(factors.numpy())

    def rank(self, users: NDArray[np.int64], seen: sparse.csr_matrix) -> UserLists:
        """`seen` (len(users), n_items) is left out."""
        queries = [Query(self._users[user]) for user in users]
        if self._near is not None and isinstance(self._scorer, FactorScorer):
            items, scores = self._near.search(self._scorer.fold_in(queries).numpy(), self._k, seen)
        else:
            items, scores = best_items(self._scorer, queries, seen, self._k)
        return UserLists(users, items, scores)


def recommend_all(
    scorer: Scorer,
    interactions: Interactions,
    *,
    k: int,
    users: Sequence[int] | None = None,
    approximate: bool | None = None,
) -> Iterator[UserLists]:
    """The best k items of every user (or of these positions) that they have not had, in this process."""
    ranker = Ranker(scorer, interactions.users, k=k, approximate=approximate)
    for some, seen in batches(interactions, users):
        yield ranker.rank(some, seen)


def batches(
    interactions: Interactions, users: Sequence[int] | None = None
) -> Iterator[tuple[NDArray[np.int64], sparse.csr_matrix]]:
    """Positions of users and what they have had, whatever they thought of it: (b, n_items)."""
    shape = (len(interactions.users), len(interactions.items))
    ones = np.ones(len(interactions), np.bool_)
    seen = sparse.coo_matrix((ones, (interactions.user, interactions.item)), shape=shape).tocsr()
    wanted = np.arange(shape[0]) if users is None else np.asarray(users, np.int64)
    for start in range(0, len(wanted), USERS):
        some = wanted[start : start + USERS]
        yield some, seen[some]


def write(path: Path, found: Iterable[UserLists], users: Sequence[str], items: Sequence[str]) -> int:
    """A row `user, rank, item, score` for each item of each list, best first, ranks from 1; .csv or .parquet. The file
    appears whole or not at all. Returns the number of rows. Raises RecommenderError for another ending."""
    writers = {".csv": _csv, ".parquet": _parquet}
    if path.suffix not in writers:
        raise RecommenderError(f"{str(path)!r} ends in neither .csv nor .parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    part, rows = path.with_name(f"{path.name}.part"), 0
    users_of, items_of = np.asarray(users, object), np.asarray(items, object)
    with writers[path.suffix](part) as add:
        for lists in found:
            row, rank = np.nonzero(lists.items >= 0)
            places = lists.items[row, rank]
            add(users_of[lists.users[row]], rank + 1, items_of[places], lists.scores[row, rank])
            rows += len(row)
    part.replace(path)
    return rows


@contextmanager
def _csv(path: Path) -> Iterator[Any]:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        yield lambda *columns: writer.writerows(zip(*(column.tolist() for column in columns), strict=True))


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    try:
        import pyarrow
        from pyarrow.parquet import ParquetWriter
    except ImportError as error:
        raise RecommenderError(
            "Parquet files need pyarrow, which is not installed: pip install 'daogou[parquet]'"
        ) from error
    types = (pyarrow.string(), pyarrow.int32(), pyarrow.string(), pyarrow.float32())
    schema = pyarrow.schema(list(zip(COLUMNS, types, strict=True)))
    with ParquetWriter(path, schema) as writer:
        yield lambda *columns: writer.write_table(
            pyarrow.table([pyarrow.array(c, type=t) for c, t in zip(columns, types, strict=True)], schema=schema)
        )
