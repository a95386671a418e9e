"""What customers did, cleaned, with string ids both ways."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender.errors import RecommenderError
from recommender.rows import number, open_text, read_csv, text

KIND_WEIGHTS: Mapping[str, float] = {"view": 1.0, "cart": 3.0, "purchase": 5.0, "reject": -2.0}
"""How much one event says about liking; a rating counts its stars less `NEUTRAL_RATING`."""
NEUTRAL_RATING = 2.5
KINDS = (*KIND_WEIGHTS, "rating")


@dataclass(frozen=True, slots=True)
class Cleaning:
    """Rows read, kept, and left out because an id was missing, the row was a repetition, a value was impossible
    (unknown kind, no number), or the item is not in the catalogue; `first` tells the first impossible one."""

    read: int = 0
    kept: int = 0
    missing: int = 0
    duplicate: int = 0
    impossible: int = 0
    unknown_item: int = 0
    first: str = ""


@dataclass(frozen=True, eq=False)
class Interactions:
    """m events: `user` and `item` (m,) are positions in `users` and `items`; `weight` (m,) may be negative;
    `kind` (m,) positions in KINDS; `time` (m,) unix seconds, 0 when unknown. Events are in the order of time."""

    users: tuple[str, ...]
    items: tuple[str, ...]
    user: NDArray[np.int32]
    item: NDArray[np.int32]
    kind: NDArray[np.int8]
    weight: NDArray[np.float32]
    time: NDArray[np.float64]
    report: Cleaning = Cleaning()

    def __len__(self) -> int:
        return len(self.user)

    @cached_property
    def user_index(self) -> dict[str, int]:
        return {user: n for n, user in enumerate(self.users)}

    @cached_property
    def item_index(self) -> dict[str, int]:
        return {item: n for n, item in enumerate(self.items)}

    @cached_property
    def matrix(self) -> sparse.csr_matrix:
        """(users, items) float32: the weights of a pair summed, only pairs above zero."""
        shape = (len(self.users), len(self.items))
        summed = sparse.coo_matrix((self.weight, (self.user, self.item)), shape=shape).tocsr()
        summed.data[summed.data < 0] = 0
        summed.eliminate_zeros()
        return summed

    def only(self, keep: NDArray[np.bool_]) -> Interactions:
        """These events, all users and items kept."""
        return replace(
            self,
            user=self.user[keep],
            item=self.item[keep],
            kind=self.kind[keep],
            weight=self.weight[keep],
            time=self.time[keep],
        )

    def over(self, items: Sequence[str]) -> Interactions:
        """The events of these items, over this list of items; those of others are left out and counted."""
        index = {item: n for n, item in enumerate(items)}
        position = np.array([index.get(item, -1) for item in self.items], dtype=np.int32)
        known = position[self.item] >= 0
        kept = self.only(known)
        lost = len(self) - len(kept)
        report = replace(self.report, kept=len(kept), unknown_item=self.report.unknown_item + lost)
        return replace(kept, items=tuple(items), item=position[kept.item], report=report)

    def of_active_users(self) -> Interactions:
        """The same events, without users that have none."""
        active, user = np.unique(self.user, return_inverse=True)
        return replace(self, users=tuple(self.users[n] for n in active), user=user.astype(np.int32))

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        items: Sequence[str] | None = None,
        weights: Mapping[str, float] = KIND_WEIGHTS,
    ) -> Interactions:
        """Dicts `customer_id` (or user), `product_id` (or item), `kind` (default view), `value` (stars of a rating),
        `time`. `items` fixes the catalogue and its order; otherwise the items that occur, sorted."""
        catalogue = None if items is None else frozenset(items)
        seen: set[tuple[str, str, str, float]] = set()
        kept: list[tuple[str, str, str, float, float]] = []
        counts = dict.fromkeys(("read", "missing", "duplicate", "impossible", "unknown_item"), 0)
        first = ""
        for line, row in enumerate(rows, start=1):
            counts["read"] += 1
            user, item = text(row, "customer_id") or text(row, "user"), text(row, "product_id") or text(row, "item")
            if not user or not item:
                counts["missing"] += 1
                continue
            if catalogue is not None and item not in catalogue:
                counts["unknown_item"] += 1
                continue
            try:
                kind, weight, time = _event(row, weights)
            except RecommenderError as error:
                counts["impossible"] += 1
                first = first or f"row {line}: {error}"
                continue
            key = (user, item, kind, time)
            if time and key in seen:
                counts["duplicate"] += 1
                continue
            seen.add(key)
            kept.append((user, item, kind, weight, time))
        kept.sort(key=lambda event: event[4])
        return _built(kept, items, Cleaning(**counts, kept=len(kept), first=first))

    @classmethod
    def from_csv(cls, path: Path, *, items: Sequence[str] | None = None) -> Interactions:
        """A CSV file (.gz too) with the columns of `from_rows`; `user,item` name the ids as well."""
        with open_text(path) as file:
            header = file.readline()
        user, item = ("customer_id", "product_id") if "customer_id" in header else ("user", "item")
        return cls.from_rows(read_csv(path, (user, item)), items=items)

    @classmethod
    def from_lightgcn(cls, path: Path, *, items: Sequence[str] | None = None) -> Interactions:
        """Lines `user item item …` (.gz too), each pair once; all events weigh 1. Ids that are whole numbers are
        sorted as numbers."""
        pairs: list[tuple[str, str, str, float, float]] = []
        read = 0
        with open_text(path) as file:
            for line in file:
                user, *own = line.split() or [""]
                read += len(own)
                pairs += [(user, item, "view", 1.0, 0.0) for item in dict.fromkeys(own)]
        return _built(pairs, items, Cleaning(read=read, kept=len(pairs), duplicate=read - len(pairs)))


def _event(row: Mapping[str, Any], weights: Mapping[str, float]) -> tuple[str, float, float]:
    kind = text(row, "kind") or "view"
    time = number(row, "time", low=0)
    if kind == "rating":
        weight = number(row, "value", low=0, high=5, required=True) - NEUTRAL_RATING
    elif kind in weights:
        weight = weights[kind]
    else:
        raise RecommenderError(f"kind {kind!r} is not one of {', '.join((*weights, 'rating'))}")
    return kind, weight, 0.0 if math.isnan(time) else time


def _built(
    events: Sequence[tuple[str, str, str, float, float]], items: Sequence[str] | None, report: Cleaning
) -> Interactions:
    users = _sorted({event[0] for event in events})
    catalogue = tuple(items) if items is not None else _sorted({event[1] for event in events})
    user_index = {user: n for n, user in enumerate(users)}
    item_index = {item: n for n, item in enumerate(catalogue)}
    unknown = next((event[1] for event in events if event[1] not in item_index), None)
    if unknown is not None:
        raise RecommenderError(f"item {unknown!r} is not among the {len(catalogue)} items given")
    codes = {kind: n for n, kind in enumerate(KINDS)}
    return Interactions(
        users=users,
        items=catalogue,
        user=np.array([user_index[e[0]] for e in events], dtype=np.int32),
        item=np.array([item_index[e[1]] for e in events], dtype=np.int32),
        kind=np.array([codes[e[2]] for e in events], dtype=np.int8),
        weight=np.array([e[3] for e in events], dtype=np.float32),
        time=np.array([e[4] for e in events], dtype=np.float64),
        report=report,
    )


def _sorted(ids: set[str]) -> tuple[str, ...]:
    if all(i.isdecimal() for i in ids):
        return tuple(sorted(ids, key=int))
    return tuple(sorted(ids))
