"""What customers did, cleaned, with string ids both ways."""

from __future__ import annotations

import csv
import math
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
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
USER_COLUMNS = ("customer_id", "user", "user_id")
ITEM_COLUMNS = ("product_id", "item", "item_id")
LAST_SECOND = 4_102_444_800.0
"""The year 2100: a later time is in other units than seconds."""


_COLUMNS = ("user", "item", "kind", "weight", "time")


@dataclass(frozen=True, slots=True)
class Cleaning:
    """Rows read, kept, and left out because an id was missing, the row was a repetition, a value was impossible
    (unknown kind, no number), the item is not in the catalogue, the user acts as fast as a machine, or the user or item
    has too few others (k-core); `first` tells the first impossible one."""

    read: int = 0
    kept: int = 0
    missing: int = 0
    duplicate: int = 0
    impossible: int = 0
    unknown_item: int = 0
    bot_like: int = 0
    rare: int = 0
    first: str = ""

    def left_out(self) -> dict[str, int]:
        """The reasons that took at least one row."""
        names = ("missing", "duplicate", "impossible", "unknown_item", "bot_like", "rare")
        return {name: count for name in names if (count := getattr(self, name))}

    def __add__(self, other: Cleaning) -> Cleaning:
        told = {f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self) if f.name != "first"}
        return Cleaning(**told, first=self.first or other.first)


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

    @property
    def stars(self) -> NDArray[np.float32]:
        """(m,) the stars of ratings, NaN for events of other kinds."""
        given = self.weight + np.float32(NEUTRAL_RATING)
        return np.where(self.kind == KINDS.index("rating"), given, np.float32(np.nan))

    def appended(self, rows: Iterable[Mapping[str, Any]]) -> Interactions:
        """With new rows (as of `from_rows`) added: positions of known users and items stay, new ones come after them,
        and what was there already is counted as a duplicate."""
        new = Interactions.from_rows(rows)
        users = (*self.users, *(user for user in new.users if user not in self.user_index))
        items = (*self.items, *(item for item in new.items if item not in self.item_index))
        user_index, item_index = ({name: n for n, name in enumerate(names)} for names in (users, items))
        user = np.array([user_index[name] for name in new.users], dtype=np.int32)[new.user]
        item = np.array([item_index[name] for name in new.items], dtype=np.int32)[new.item]
        known = set(zip(self.user, self.item, self.kind, self.time, strict=True))
        fresh = np.array(
            [
                not (time and (u, i, k, time) in known)
                for u, i, k, time in zip(user, item, new.kind, new.time, strict=True)
            ],
            dtype=np.bool_,
        )
        added = replace(new, user=user, item=item).only(fresh)
        columns = {name: np.concatenate([getattr(self, name), getattr(added, name)]) for name in _COLUMNS}
        order = np.argsort(columns["time"], kind="stable")
        again = len(new) - len(added)
        report = self.report + replace(new.report, kept=len(added), duplicate=new.report.duplicate + again)
        return Interactions(users, items, **{name: column[order] for name, column in columns.items()}, report=report)

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        items: Sequence[str] | None = None,
        weights: Mapping[str, float] = KIND_WEIGHTS,
    ) -> Interactions:
        """Dicts `customer_id` (or user, user_id), `product_id` (or item, item_id), `kind` (default view, with a cell
        `rating` that), `value` (or rating: stars), `time` (or timestamp: unix seconds). `items` fixes the catalogue and its order; otherwise the items that occur, sorted."""
        catalogue = None if items is None else frozenset(items)
        seen: set[tuple[str, str, str, float]] = set()
        kept: list[tuple[str, str, str, float, float]] = []
        counts = dict.fromkeys(("read", "missing", "duplicate", "impossible", "unknown_item"), 0)
        first = ""
        for line, row in enumerate(rows, start=1):
            counts["read"] += 1
            user, item = _first(row, USER_COLUMNS), _first(row, ITEM_COLUMNS)
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
        """A CSV file (.gz too) with the columns of `from_rows`."""
        with open_text(path) as file:
            header = next(csv.reader(file), [])
        needed = [next((n for n in names if n in header), names[1]) for names in (USER_COLUMNS, ITEM_COLUMNS)]
        return cls.from_rows(read_csv(path, needed), items=items)

    @classmethod
    def from_lightgcn(cls, path: Path, *, items: Sequence[str] | None = None) -> Interactions:
        """Lines `user item item …` (.gz too), each pair once; all events weigh 1. Ids that are whole numbers are
        sorted as numbers."""
        users: dict[str, int] = {}
        found: dict[str, int] = {}
        pairs = (array("i"), array("i"))  # four bytes an event: files of this format are the large ones
        read = 0
        with open_text(path) as file:
            for line in file:
                user, *own = line.split() or [""]
                read += len(own)
                new = dict.fromkeys(own)
                if new:
                    place = users.setdefault(user, len(users))
                    pairs[0].extend([place] * len(new))
                    pairs[1].extend([found.setdefault(item, len(found)) for item in new])
        catalogue = tuple(items) if items is not None else _sorted(set(found))
        who = _sorted(set(users))
        count = len(pairs[0])
        return cls(
            users=who,
            items=catalogue,
            user=_renumbered(pairs[0], users, who, "users"),
            item=_renumbered(pairs[1], found, catalogue, "items"),
            kind=np.zeros(count, np.int8),
            weight=np.ones(count, np.float32),
            time=np.zeros(count),
            report=Cleaning(read=read, kept=count, duplicate=read - count),
        )


def _renumbered(met: array[int], index: Mapping[str, int], ids: Sequence[str], what: str) -> NDArray[np.int32]:
    """Positions in the order of meeting become positions in `ids`."""
    places = {name: n for n, name in enumerate(ids)}
    unknown = next((name for name in index if name not in places), None)
    if unknown is not None:
        raise RecommenderError(f"{what[:-1]} {unknown!r} is not among the {len(ids)} {what} given")
    return np.array([places[name] for name in index], np.int32)[np.frombuffer(met, np.int32)]


def _event(row: Mapping[str, Any], weights: Mapping[str, float]) -> tuple[str, float, float]:
    stars = "value" if text(row, "value") else "rating"
    kind = text(row, "kind") or ("rating" if text(row, "rating") else "view")
    time = number(row, "time" if text(row, "time") else "timestamp", low=0, high=LAST_SECOND)
    if kind == "rating":
        weight = number(row, stars, low=0, high=5, required=True) - NEUTRAL_RATING
    elif kind in weights:
        weight = weights[kind]
    else:
        raise RecommenderError(f"kind {kind!r} is not one of {', '.join((*weights, 'rating'))}")
    return kind, weight, 0.0 if math.isnan(time) else time


def _first(row: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((cell for name in names if (cell := text(row, name))), "")


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
