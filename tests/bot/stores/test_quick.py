"""The short way into SQLite: the same as the long one, or none at all."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.events import LostUpdateError, slot_set
from bot.stores import quick
from bot.stores.database import open_database
from bot.stores.quick import QuickEvents, dump
from bot.stores.trackers import SqlTrackerStore

EVENTS = [{**slot_set("中", {"a": [1, None]}), "timestamp": 1.5}, slot_set("b", 2**70)]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlTrackerStore]:
    engine = open_database(f"sqlite:///{tmp_path / 'own.db'}")
    made = SqlTrackerStore(engine)
    yield made
    made.close()
    engine.dispose()


def test_both_ways_lead_to_the_same(store: SqlTrackerStore) -> None:
    assert store.load_now("ada") == []
    assert store.append_now("ada", EVENTS, expected=0)
    store.append("ada", [slot_set("c", 3)], expected=2)
    assert store.load("ada") == store.load_now("ada") == [*EVENTS, slot_set("c", 3)]


def test_a_lost_update_is_refused_whole(store: SqlTrackerStore) -> None:
    store.append_now("ada", EVENTS[:1], expected=0)
    with pytest.raises(LostUpdateError):
        store.append_now("ada", EVENTS, expected=0)
    assert store.load("ada") == EVENTS[:1]


def test_nobody_waits_for_another_writer(store: SqlTrackerStore, tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "own.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not store.append_now("ada", EVENTS, expected=0)
    other.execute("ROLLBACK")
    other.close()
    assert store.append_now("ada", EVENTS, expected=0)


def test_long_conversations_are_read_elsewhere(store: SqlTrackerStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "LOADED_AT_ONCE", 1)
    store.append("ada", EVENTS, expected=0)
    assert store.load_now("ada") is None


def test_the_log_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "WRITES_PER_CHECKPOINT", 10)
    open_database(f"sqlite:///{tmp_path / 'own.db'}").dispose()
    events = QuickEvents(str(tmp_path / "own.db"))
    for number in range(10):
        events.append(f"c{number}", [slot_set("x", "y" * 10_000)], 0)
    events._checkpoints.shutdown()  # the one that was asked for is done
    assert (tmp_path / "own.db").stat().st_size > 100_000
    events.close()


def test_numbers_of_any_size_are_written() -> None:
    assert dump({"a": 2**70, "中": 1}) == '{"a": 1180591620717411303424, "中": 1}'
