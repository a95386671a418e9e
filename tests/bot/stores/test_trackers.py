"""Events are appended in order, once, and survive the process."""

import pytest
from sqlalchemy import create_engine

from bot.events import LostUpdateError, slot_set
from bot.stores.rasa_events import RasaTrackerStore
from bot.stores.trackers import SqlTrackerStore

EVENTS = [slot_set("language", "zh"), slot_set("pending", {"action": "a", "slots": {}}), slot_set("中", "文")]


def test_events_come_back_as_they_went(engine):
    store = SqlTrackerStore(engine)
    store.append("a", EVENTS[:2], expected=0)
    store.append("a", EVENTS[2:], expected=2)
    assert SqlTrackerStore(engine).load("a") == EVENTS
    assert store.load("b") == []
    assert store.count("a") == 3


@pytest.mark.parametrize("expected", [0, 1])
def test_a_second_writer_at_the_same_place_is_refused(engine, expected):
    store = SqlTrackerStore(engine)
    store.append("a", EVENTS, expected=0)
    with pytest.raises(LostUpdateError, match="'a'"):
        store.append("a", [slot_set("x", 1)], expected=expected)
    assert store.load("a") == EVENTS


def test_erase(engine):
    store = SqlTrackerStore(engine)
    store.append("a", EVENTS, expected=0)
    store.append("b", EVENTS, expected=0)
    assert store.erase("a") == 3
    assert (store.load("a"), store.load("b")) == ([], EVENTS)


@pytest.mark.parametrize("kind", [SqlTrackerStore, RasaTrackerStore])
def test_what_waits_for_an_answer(tmp_path, engine, kind):
    other = create_engine(f"sqlite:///{tmp_path / 'rasa.db'}")
    store = kind(engine if kind is SqlTrackerStore else other)
    user = {"event": "user", "text": "x", "timestamp": 10.0}
    action = {"event": "action", "name": "utter_a", "timestamp": 11.0}
    store.append("answered", [user, action], expected=0)
    store.append("waiting", [user, action, user, slot_set("a", 1)], expected=0)
    store.append("old", [{**user, "timestamp": 1.0}], expected=0)
    assert store.unanswered(since=5.0) == ["waiting"]
    other.dispose()
