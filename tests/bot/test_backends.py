"""tracker_store, event_broker and lock_store of endpoints.yml."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.backends import lock_store, tracker_store
from bot.dialogue.errors import ProjectError
from bot.dialogue.project import Project
from bot.events import slot_set
from bot.locks import LocalLocks, RedisLocks
from bot.stores.database import open_database
from bot.stores.rasa_events import RasaTrackerStore
from bot.stores.trackers import SqlTrackerStore

Make = Callable[[str], Project]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def project(endpoints: str) -> Project:
        (tmp_path / "domain.yml").write_text("intents: [hi]\n")
        (tmp_path / "endpoints.yml").write_text(endpoints)
        return Project.load(tmp_path, environment={"WHERE": str(tmp_path)})

    return project


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path / 'own.db'}")


@pytest.mark.parametrize("endpoints", ["", "tracker_store: {type: in_memory}", "tracker_store: {type: InMemory}"])
def test_conversations_outlive_the_server_by_default(make: Make, engine: Engine, endpoints: str) -> None:
    assert isinstance(tracker_store(make(endpoints), engine), SqlTrackerStore)


def test_a_rasa_servers_database_is_taken_over(make: Make, engine: Engine) -> None:
    store = tracker_store(make("tracker_store: {type: SQL, dialect: sqlite, db: '${WHERE}/rasa.db'}"), engine)
    assert isinstance(store, RasaTrackerStore)


def test_events_are_written_to_a_file(make: Make, engine: Engine, tmp_path: Path) -> None:
    store = tracker_store(make("event_broker: {type: file, path: log/events.jsonl}"), engine)
    store.append("ada", [slot_set("a", 1)], expected=0)
    (line,) = (tmp_path / "log" / "events.jsonl").read_text().splitlines()
    assert json.loads(line) == {"sender_id": "ada", "event": "slot", "name": "a", "value": 1}
    assert store.load("ada") == [slot_set("a", 1)]


def test_a_broker_that_fails_stops_no_conversation(make: Make, engine: Engine, tmp_path: Path) -> None:
    store = tracker_store(make("event_broker: {type: file, path: events.jsonl}"), engine)
    (tmp_path / "events.jsonl").mkdir()
    store.append("ada", [slot_set("a", 1)], expected=0)
    assert len(store.load("ada")) == 1


@pytest.mark.parametrize(
    ("endpoints", "problem"),
    [
        ("tracker_store: {type: mongod}", "tracker_store 'mongod' is not supported; there are sql and in_memory."),
        ("tracker_store: [sql]", "it must be a mapping with a type"),
        (
            "tracker_store: {type: sql, db: /dev/null/rasa.db}",
            "tracker_store: (sqlite3.OperationalError) unable to open",
        ),
        ("tracker_store: {type: sql, dialect: nodb}", "tracker_store: Can't load plugin: sqlalchemy.dialects:nodb."),
        ("lock_store: {type: my.Locks}", "lock_store 'my.locks' is not supported; there are redis and in_memory."),
    ],
)
def test_what_cannot_be_used_is_refused(make: Make, engine: Engine, endpoints: str, problem: str) -> None:
    project = make(endpoints)
    with pytest.raises(ProjectError) as caught:
        _ = lock_store(project), tracker_store(project, engine)
    assert problem in str(caught.value)


def test_an_unknown_broker_is_only_warned_of(make: Make, engine: Engine) -> None:
    assert isinstance(tracker_store(make("event_broker: {type: pika, url: mq}"), engine), SqlTrackerStore)


def test_lock_stores(make: Make) -> None:
    assert isinstance(lock_store(make("")), LocalLocks)
    pytest.importorskip("redis")
    assert isinstance(lock_store(make("lock_store: {type: redis, url: cache, port: 6380, db: 2}")), RedisLocks)
