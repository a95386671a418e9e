"""Which reminders a conversation has: the fold, and its answer when one is due."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot import events as ev
from bot.calls import ActionCall, ActionResult
from bot.dialogue.domain_file import read_domain
from bot.dialogue.reminders import due_time
from bot.dialogue.tracker import Tracker
from bot.dialogue.yaml_file import parse_yaml
from bot.events import Event
from bot.messages import UserMessage

NOON = "2026-11-22T12:00:00+00:00"
LATER = "2026-11-22T13:00:00+00:00"
LISTEN = ev.action_executed("action_listen")


def reminder(name: str = "a", intent: str = "remind", at: str = NOON, kill: bool = True, **more: Any) -> Event:
    return ev.reminder(intent, at, name=name, kill_on_user_msg=kill, **more)


def said(text: str | None = "hi", **metadata: Any) -> Event:
    return ev.user_uttered(text, {"intent": {"name": "hi"}}, metadata=metadata)


CITY = [{"entity": "city", "value": "Xi'an"}]


@pytest.mark.parametrize(
    ("events", "left"),
    [
        ([reminder("b", at=LATER), reminder("a")], ["a", "b"]),
        ([reminder("a", "x"), reminder("a", at=LATER)], ["a"]),
        ([reminder(), said()], []),
        ([reminder(), said(None)], ["a"]),
        ([reminder(), said("EXTERNAL: other", is_external=True)], []),
        ([reminder(kill=False), said()], ["a"]),
        ([reminder(kill=False), reminder("b", kill=False), said("EXTERNAL: remind", reminder="a")], ["b"]),
        ([reminder(), ev.reminder_cancelled()], []),
        ([reminder("a"), reminder("b"), ev.reminder_cancelled("a")], ["b"]),
        ([reminder("a", "x"), reminder("b"), ev.reminder_cancelled(intent="x")], ["b"]),
        ([reminder("a", entities=CITY), reminder("b"), ev.reminder_cancelled(entities=CITY)], ["b"]),
        ([reminder("a", "x"), reminder("b"), ev.reminder_cancelled("b", "x")], ["a", "b"]),
        ([ev.reminder_cancelled(), reminder()], ["a"]),
        ([reminder(), ev.restarted()], []),
        ([reminder(), ev.session_started()], ["a"]),
        ([LISTEN, said(), reminder(), ev.rewind()], []),
        ([LISTEN, said(), reminder(kill=False), LISTEN, said(), ev.rewind()], ["a"]),
        ([reminder(kill=False), ev.session_started(), LISTEN, said(), ev.rewind()], ["a"]),
        ([ev.action_executed("act"), reminder(), ev.undo()], []),
        ([reminder(at="tomorrow")], []),
        ([reminder(at="1999-01-01")], ["a"]),
    ],
)
def test_which_are_still_to_come(events: list[Event], left: list[str]) -> None:
    domain = read_domain([(Path("d.yml"), parse_yaml("intents: [hi]"))])
    tracker = Tracker(domain, events=[dict(event) for event in events])
    assert [one.name for one in tracker.reminders] == left


def test_times_have_their_zone() -> None:
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
    assert due_time({"date_time": NOON}) == due_time({"date_time": "2026-11-22T20:00:00+08:00"}) == noon
    local = datetime(2026, 11, 22, 12)
    assert due_time({"date_time": local.isoformat()}) == local.timestamp()
    with pytest.raises(ValueError, match="date_time is 'noon'"):
        due_time({"date_time": "noon"})


DOMAIN = """
intents: [hi, later, tea]
entities: [cup]
slots: {cup: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: cup}]}}
responses: {utter_tea: [{text: "tea, {cup}"}], utter_hi: [{text: hello}]}
actions: [set_reminder]
"""
RULES = """
rules:
- {rule: later, steps: [{intent: later}, {action: set_reminder}]}
- {rule: tea, steps: [{intent: tea}, {action: utter_tea}]}
- {rule: hi, steps: [{intent: hi}, {action: utter_hi}]}
"""


@pytest.fixture
def tea(talk: Callable[..., Any]) -> Callable[..., Any]:
    """A talk in which `/later` sets a reminder 100 s after its start."""

    def make(entities: Any, intent: str = "tea", **more: Any) -> Any:
        async def set_reminder(call: ActionCall) -> ActionResult:
            at = datetime.fromtimestamp(1_000_100, UTC).isoformat()
            bare = {"event": "reminder", "intent": intent, "date_time": at, "entities": entities, **more}
            return ActionResult(events=[bare])

        return talk(DOMAIN, rules=RULES, actions={"set_reminder": set_reminder})

    return make


def remind(one: Any) -> list[str | None] | None:
    turn = asyncio.run(one.runtime.remind("ada"))
    return None if turn is None else [message.text for message in turn.messages]


@pytest.mark.parametrize("entities", [{"cup": "green"}, [{"entity": "cup", "value": "green"}]])
def test_a_due_reminder_is_answered_once(tea: Callable[..., Any], entities: Any) -> None:
    one = tea(entities)
    one.say("/later")
    assert remind(one) is None
    assert one.runtime.reminders.next() == ("ada", 1_000_100.0)
    one.now = 1_000_100.0
    assert remind(one) == ["tea, green"]
    assert remind(one) is None
    heard = one.tracker.latest_applied("user")
    assert (heard["text"], heard["metadata"]["is_external"]) == ("EXTERNAL: tea", True)


def test_it_gets_the_parts_that_an_action_server_leaves_out(tea: Callable[..., Any]) -> None:
    one = tea(None)
    one.say("/later")
    set_event = next(event for event in one.tracker.events if event["event"] == "reminder")
    assert set_event["kill_on_user_msg"] is True
    assert len(set_event["name"]) == 36


def test_a_message_ends_it(tea: Callable[..., Any]) -> None:
    one = tea([])
    one.say("/later")
    one.say("/hi")
    one.now += 1000
    assert remind(one) is None


def test_it_outlives_the_session_and_may_name_any_intent(tea: Callable[..., Any]) -> None:
    one = tea("nonsense", intent="unheard_of")
    one.say("/later")
    one.now += 7200
    assert remind(one) == []
    assert one.tracker.events[-1]["name"] == "action_listen"
    assert remind(one) is None


def test_a_reminder_whose_answer_could_not_be_saved_stays_due(tea: Callable[..., Any]) -> None:
    one = tea([])
    one.say("/later")
    one.now += 1000
    append, one.store.append = one.store.append, None
    with pytest.raises(TypeError):
        remind(one)
    one.store.append = append
    assert remind(one) == ["tea, None"]


def test_events_from_outside_set_reminders_too(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    asyncio.run(one.runtime.append_events("ada", [reminder(intent="tea", at="1970-01-12T13:46:50+00:00")]))
    asyncio.run(one.runtime.turn(UserMessage("/hi", "eve")))
    assert one.runtime.reminders.next() == ("ada", 1_000_010.0)
