"""Rasa's own tables."""

import sqlite3
from pathlib import Path

import pytest

from bot.events import LostUpdateError, action_executed, slot_set, user_uttered
from bot.stores.rasa_events import RasaTrackerStore, SqlBroker, open_engine

SAID = [
    {**action_executed("action_listen"), "timestamp": 1.0},
    {**user_uttered("hi", {"intent": {"name": "greet"}}), "timestamp": 2.0},
]


def test_conversations_are_kept_as_rasa_keeps_them(tmp_path: Path) -> None:
    engine = open_engine({"dialect": "sqlite", "db": str(tmp_path / "rasa.db")}, db="rasa.db")
    store = RasaTrackerStore(engine)
    store.append("ada", SAID, expected=0)
    store.append("bob", SAID[:1], expected=0)
    assert store.load("ada") == SAID
    with sqlite3.connect(tmp_path / "rasa.db") as connection:
        rows = connection.execute(
            "SELECT sender_id, type_name, timestamp, intent_name, action_name FROM events"
        ).fetchall()
    connection.close()
    assert rows[:2] == [("ada", "action", 1.0, None, "action_listen"), ("ada", "user", 2.0, "greet", None)]
    assert (store.erase("ada"), store.count("ada"), store.count("bob")) == (2, 0, 1)


def test_a_lost_update_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    store = RasaTrackerStore(open_engine({"db": str(tmp_path / "rasa.db")}, db="rasa.db"))
    store.append("ada", SAID, expected=0)
    with pytest.raises(LostUpdateError):
        store.append("ada", [slot_set("a", 1)], expected=1)
    assert store.count("ada") == 2


def test_events_are_published_for_other_programs(tmp_path: Path) -> None:
    SqlBroker(open_engine({"db": str(tmp_path / "events.db")}, db="events.db")).publish("ada", SAID[:1])
    with sqlite3.connect(tmp_path / "events.db") as connection:
        (row,) = connection.execute("SELECT sender_id, json_extract(data, '$.sender_id') FROM events").fetchall()
    connection.close()
    assert row == ("ada", "ada")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"dialect": "postgresql", "url": "db", "port": "x"}, "the port is 'x'"),
        ({"dialect": "mysql+pymysql", "url": "db"}, "needs the package 'pymysql'"),
    ],
)
def test_a_database_that_cannot_be_opened(entry: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        open_engine(entry, db="rasa.db")


def test_rasas_keys_name_the_database() -> None:
    entry = {"dialect": "postgresql", "url": "db:5433", "db": "rasa", "username": "u", "password": "p"}
    assert open_engine(entry, db="x").url.render_as_string(hide_password=False) == (
        "postgresql+psycopg://u:p@db:5433/rasa"
    )
