"""The stock of a shop: append-only movements, reservations that time out, and no overselling.

Every writing transaction begins with a write and touches stock rows in the order of their skus: on SQLite it holds the
write lock before it reads, on PostgreSQL row locks cannot deadlock.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from recommender.inventory.errors import InventoryError, OutOfStock
from recommender.inventory.schema import hold_lines, holds, inbound, keys, metadata, movements, stock

__all__ = ["InventoryError", "Ledger", "OutOfStock", "Reservation", "Stock", "metadata"]


@dataclass(frozen=True, slots=True)
class Stock:
    """One sku: pieces in the house, held for open orders, and kept back from promises."""

    sku: str
    on_hand: int
    reserved: int
    safety_stock: int

    @property
    def available(self) -> int:
        """What can be promised now; negative after a correction below what is held."""
        return self.on_hand - self.reserved - self.safety_stock


@dataclass(frozen=True, slots=True)
class Reservation:
    key: str
    lines: Mapping[str, int]
    expires_at: float


class Ledger:
    """`clock` gives UTC unix seconds. Methods that take `connection` join the caller's transaction (its owner commits,
    and must roll back when they raise); without one they run in a transaction of their own."""

    def __init__(self, engine: Engine, *, clock: Callable[[], float] = time.time) -> None:
        self._engine, self._clock = engine, clock

    def stock(self, skus: Collection[str]) -> dict[str, Stock]:
        """The known ones of these skus."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(stock).where(stock.c.sku.in_(skus))).all()
        return {row.sku: Stock(row.sku, row.on_hand, row.reserved, row.safety_stock) for row in rows}

    def available_map(self) -> dict[str, int]:
        """What can be promised of every sku, never below 0."""
        promise = stock.c.on_hand - stock.c.reserved - stock.c.safety_stock
        with self._engine.connect() as connection:
            return {sku: max(0, count) for sku, count in connection.execute(select(stock.c.sku, promise)).all()}

    def available(self, sku: str) -> int:
        """0 for a sku that is not kept."""
        known = self.stock([sku]).get(sku)
        return max(0, known.available) if known else 0

    def next_inbound(self, skus: Collection[str], today: date) -> date | None:
        """The earliest delivery after today of any of these skus."""
        coming = select(func.min(inbound.c.date)).where(inbound.c.sku.in_(skus), inbound.c.date > today)
        with self._engine.connect() as connection:
            first: date | None = connection.execute(coming).scalar_one()
        return first

    def receive(self, sku: str, quantity: int, *, key: str, connection: Connection | None = None) -> bool:
        """Pieces came in; the sku is created when it is new. False when this key was applied before."""
        _positive(sku, quantity)
        with self._writing(connection) as own:
            if not self._first_time(own, key, ["receive", sku, quantity]):
                return False
            self._insert_new(own, stock, {"sku": sku, "on_hand": 0, "reserved": 0, "safety_stock": 0})
            self._move(own, sku, "receive", key, on_hand=quantity)
            return True

    def adjust(self, sku: str, quantity: int, *, key: str, note: str, connection: Connection | None = None) -> bool:
        """A correction after a count, a breakage, a return (`quantity` may be negative); `note` says why.
        False when this key was applied before."""
        with self._writing(connection) as own:
            if not self._first_time(own, key, ["adjust", sku, quantity]):
                return False
            self._move(own, sku, "adjust", key, on_hand=quantity, note=note)
            return True

    def reserve(
        self,
        lines: Mapping[str, int] | Iterable[tuple[str, int]],
        *,
        key: str,
        ttl_seconds: float,
        connection: Connection | None = None,
    ) -> Reservation:
        """Holds all lines or none (those of one sku summed) until the time is up. An active reservation of the same key
        becomes exactly these lines. Raises OutOfStock, and InventoryError for a key that is already committed."""
        wanted = _summed(lines)
        with self._writing(connection) as own:
            expires_at = self._clock() + ttl_seconds
            state, generation = self._touch_hold(own, key)
            held = self._lines(own, key) if state in ("active", "committed") else {}
            if state == "committed":
                if held != wanted:
                    raise InventoryError(f"reservation {key!r} is committed with {held!r} and cannot become {wanted!r}")
                return Reservation(key, held, expires_at)
            for sku in sorted({*wanted, *held}):
                self._hold(own, sku, wanted.get(sku, 0), held.get(sku, 0), f"{key}#{generation}")
            own.execute(delete(hold_lines).where(hold_lines.c.key == key))
            own.execute(insert(hold_lines), [{"key": key, "sku": s, "quantity": q} for s, q in wanted.items()])
            own.execute(update(holds).where(holds.c.key == key).values(state="active", expires_at=expires_at))
            return Reservation(key, wanted, expires_at)

    def commit(self, key: str, connection: Connection | None = None) -> bool:
        """The goods have left for good: what was held is sold. False when it was committed before; raises
        InventoryError when nothing is held under this key any more."""
        with self._writing(connection) as own:
            if self._end(own, key, "committed", sold=True):
                return True
            state = own.execute(select(holds.c.state).where(holds.c.key == key)).scalar_one_or_none()
        if state != "committed":
            raise InventoryError(f"reservation {key!r} is {state or 'unknown'} and cannot be committed; reserve again")
        return False

    def release(self, key: str, connection: Connection | None = None) -> bool:
        """Gives back what is held; False when nothing is."""
        with self._writing(connection) as own:
            return self._end(own, key, "released")

    def sweep(self, now: float | None = None) -> int:
        """Ends reservations whose time is up; the number of them. Safe to run anywhere at any time."""
        now = self._clock() if now is None else now
        overdue = select(holds.c.key).where(holds.c.state == "active", holds.c.expires_at <= now)
        with self._engine.connect() as connection:
            late = connection.execute(overdue).scalars().all()
        ended = 0
        for key in late:
            with self._writing(None) as own:
                ended += self._end(own, key, "expired", overdue=now)
        return ended

    def set_stock(self, rows: Iterable[Mapping[str, Any]], connection: Connection) -> int:
        """An import: the counts are true from now on, reservations stay. Rows `sku on_hand safety_stock
        inbound_quantity inbound_date` (date, ISO string or empty). Returns the number of skus."""
        key = f"import {self._clock():.6f}"
        new = sorted((_import_row(row) for row in rows), key=lambda row: str(row["sku"]))
        for row in new:
            sku = row["sku"]
            self._insert_new(connection, stock, {"sku": sku, "on_hand": 0, "reserved": 0, "safety_stock": 0})
            kept = update(stock).where(stock.c.sku == sku).values(safety_stock=row["safety_stock"])
            on_hand = connection.execute(kept.returning(stock.c.on_hand)).scalar_one()
            if on_hand != row["on_hand"]:
                self._move(connection, sku, "import", key, on_hand=row["on_hand"] - on_hand)
            connection.execute(delete(inbound).where(inbound.c.sku == sku))
            if row["inbound_date"] and row["inbound_quantity"]:
                coming = {"sku": sku, "date": row["inbound_date"], "quantity": row["inbound_quantity"]}
                connection.execute(insert(inbound).values(coming))
        return len(new)

    def differences(self) -> dict[str, tuple[int, int]]:
        """Skus whose stock is not the fold of their movements, as (on_hand, reserved) too much: empty when all is well."""
        folded = (
            select(movements.c.sku, func.sum(movements.c.on_hand), func.sum(movements.c.reserved))
            .group_by(movements.c.sku)
            .order_by(movements.c.sku)
        )
        with self._engine.connect() as connection:
            told = {sku: (on_hand, held) for sku, on_hand, held in connection.execute(folded).all()}
            kept = connection.execute(select(stock.c.sku, stock.c.on_hand, stock.c.reserved)).all()
        off = {sku: (h - told.get(sku, (0, 0))[0], r - told.get(sku, (0, 0))[1]) for sku, h, r in kept}
        return {sku: pair for sku, pair in off.items() if pair != (0, 0)}

    @contextmanager
    def _writing(self, connection: Connection | None) -> Iterator[Connection]:
        if connection is not None:
            yield connection
        else:
            with self._engine.begin() as own:
                yield own

    def _touch_hold(self, own: Connection, key: str) -> tuple[str, int]:
        """Locks the hold's row, made when new, and counts its change."""
        self._insert_new(own, holds, {"key": key, "state": "new", "generation": 0, "expires_at": 0.0})
        touched = update(holds).where(holds.c.key == key).values(generation=holds.c.generation + 1)
        row = own.execute(touched.returning(holds.c.state, holds.c.generation)).one()
        return row.state, row.generation

    def _hold(self, own: Connection, sku: str, wanted: int, held: int, key: str) -> None:
        """`wanted` pieces held in place of `held`, if they can be promised."""
        more = wanted - held
        if not more:
            return
        taken = update(stock).where(stock.c.sku == sku).values(reserved=stock.c.reserved + more)
        if more > 0:
            taken = taken.where(stock.c.on_hand - stock.c.reserved - stock.c.safety_stock >= more)
        if not own.execute(taken).rowcount:
            promise = select(stock.c.on_hand - stock.c.reserved - stock.c.safety_stock).where(stock.c.sku == sku)
            left = own.execute(promise).scalar_one_or_none() or 0
            raise OutOfStock(sku, wanted, max(0, left) + held)
        self._record(own, sku, "reserve", key, reserved=more)

    def _end(self, own: Connection, key: str, state: str, *, sold: bool = False, overdue: float | None = None) -> bool:
        ending = update(holds).where(holds.c.key == key, holds.c.state == "active").values(state=state)
        if overdue is not None:
            ending = ending.where(holds.c.expires_at <= overdue)
        generation = own.execute(ending.returning(holds.c.generation)).scalar_one_or_none()
        if generation is None:
            return False
        for sku, quantity in sorted(self._lines(own, key).items()):
            kind = "sale" if sold else state
            self._move(own, sku, kind, f"{key}#{generation}", on_hand=-quantity if sold else 0, reserved=-quantity)
        return True

    def _lines(self, own: Connection, key: str) -> dict[str, int]:
        rows = own.execute(select(hold_lines.c.sku, hold_lines.c.quantity).where(hold_lines.c.key == key)).all()
        return {row.sku: row.quantity for row in rows}

    def _move(
        self, own: Connection, sku: str, kind: str, key: str, *, on_hand: int = 0, reserved: int = 0, note: str = ""
    ) -> None:
        changed = update(stock).where(stock.c.sku == sku)
        done = own.execute(changed.values(on_hand=stock.c.on_hand + on_hand, reserved=stock.c.reserved + reserved))
        if not done.rowcount:
            raise InventoryError(f"sku {sku!r} is not kept in the ledger; receive it first")
        self._record(own, sku, kind, key, on_hand=on_hand, reserved=reserved, note=note)

    def _record(
        self, own: Connection, sku: str, kind: str, key: str, *, on_hand: int = 0, reserved: int = 0, note: str = ""
    ) -> None:
        row = {"key": key, "sku": sku, "kind": kind, "on_hand": on_hand, "reserved": reserved, "note": note}
        own.execute(insert(movements).values(**row, time=self._clock()))

    def _first_time(self, own: Connection, key: str, what: list[Any]) -> bool:
        told = json.dumps(what, ensure_ascii=False)
        if self._insert_new(own, keys, {"key": key, "what": told}):
            return True
        before = own.execute(select(keys.c.what).where(keys.c.key == key)).scalar_one()
        if before != told:
            raise InventoryError(f"key {key!r} was used for {before} and cannot mean {told}; each movement has its own")
        return False

    def _insert_new(self, own: Connection, table: Table, row: Mapping[str, Any]) -> bool:
        """False when the row was there already; the transaction stays usable."""
        dialect = postgresql if own.dialect.name == "postgresql" else sqlite
        new = dialect.insert(table).values(**row).on_conflict_do_nothing().returning(*table.primary_key)
        return own.execute(new).first() is not None


def _summed(lines: Mapping[str, int] | Iterable[tuple[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for sku, quantity in lines.items() if isinstance(lines, Mapping) else lines:
        _positive(sku, quantity)
        total[sku] = total.get(sku, 0) + quantity
    if not total:
        raise InventoryError("a reservation needs at least one line")
    return total


def _positive(sku: str, quantity: int) -> None:
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        raise InventoryError(f"quantity {quantity!r} of {sku!r} is not a whole number from 1")


def _import_row(row: Mapping[str, Any]) -> dict[str, Any]:
    sku = str(row.get("sku") or "").strip()
    if not sku:
        raise InventoryError(f"sku is missing in {dict(row)!r}")
    counts = {name: _count(sku, name, row.get(name)) for name in ("on_hand", "safety_stock", "inbound_quantity")}
    when = row.get("inbound_date") or None
    try:
        coming = date.fromisoformat(when) if isinstance(when, str) else when
    except ValueError as error:
        raise InventoryError(f"inbound_date {when!r} of {sku!r} is not a date like 2026-12-24") from error
    return {"sku": sku, "inbound_date": coming, **counts}


def _count(sku: str, name: str, value: Any) -> int:
    try:
        count = int(value or 0)
    except (TypeError, ValueError):
        count = -1
    if count < 0:
        raise InventoryError(f"{name} {value!r} of {sku!r} is not a whole number from 0")
    return count
