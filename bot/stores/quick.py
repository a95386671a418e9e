"""A short way into SQLite for the events of a turn.

Handing a write to another thread and through SQLAlchemy costs ten times what SQLite itself takes for it, some 50 µs. So
the event loop writes by itself where nothing stands in the way: it never waits for a lock and never syncs the disk. Where
another writer is at work, the caller goes the long way. Checkpoints, which do sync, run in a thread of their own.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson

from bot.events import Event, LostUpdateError

LOADED_AT_ONCE = 256  # events; longer conversations are read in a thread
WRITES_PER_CHECKPOINT = 1_000

_LOAD = "SELECT data FROM events WHERE sender_id = ? ORDER BY seq LIMIT ?"
_APPEND = "INSERT INTO events (sender_id, seq, type, time, data) VALUES (?, ?, ?, ?, ?)"


class QuickEvents:
    """The table `events` of a SQLite file, over one connection. Usable from any thread; for one at a time."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._writes = 0
        self._checkpoints = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")

    def load(self, sender_id: str) -> list[Event] | None:
        """All events of a conversation; None for a long one, or where the connection is in use."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            rows = self._connected().execute(_LOAD, (sender_id, LOADED_AT_ONCE + 1)).fetchall()
        except sqlite3.OperationalError:
            return None
        finally:
            self._lock.release()
        return None if len(rows) > LOADED_AT_ONCE else [orjson.loads(row[0]) for row in rows]

    def append(self, sender_id: str, new: Sequence[Event], expected: int) -> bool:
        """Adds events; False, and nothing is done, where the database is busy. Raises LostUpdateError."""
        rows = [
            (sender_id, expected + offset, event["event"], event.get("timestamp", 0.0), dump(event))
            for offset, event in enumerate(new)
        ]
        if not self._lock.acquire(blocking=False):
            return False
        try:
            connection = self._connected()
            try:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(_APPEND, rows)
                connection.execute("COMMIT")
            except sqlite3.IntegrityError as err:
                connection.execute("ROLLBACK")
                raise LostUpdateError(sender_id, expected) from err
            except sqlite3.OperationalError:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                return False
        finally:
            self._lock.release()
        self._writes += 1
        if self._writes % WRITES_PER_CHECKPOINT == 0:
            self._checkpoints.submit(self._checkpoint)
        return True

    def close(self) -> None:
        self._checkpoints.shutdown()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            # Autocommit, for the transactions above are our own; no waiting; no checkpoint within a turn.
            self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute("PRAGMA wal_autocheckpoint=0")
        return self._connection

    def _checkpoint(self) -> None:
        """Brings the log into the database file; PASSIVE keeps nobody waiting."""
        with (
            contextlib.closing(sqlite3.connect(self._path, timeout=0)) as connection,
            contextlib.suppress(sqlite3.Error),
        ):
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def dump(value: Any) -> str:
    """JSON, also of what orjson refuses: numbers beyond 64 bits."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return json.dumps(value, ensure_ascii=False)
