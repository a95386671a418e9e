"""The incremental fold must never differ from the fold from scratch."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import events as ev
from bot.dialogue.domain_file import read_domain
from bot.dialogue.history import Entry, History
from bot.dialogue.moment import advance, beginning
from bot.dialogue.tracker import Tracker
from bot.dialogue.yaml_file import parse_yaml
from bot.events import Event

DOMAIN = read_domain(
    [
        (
            Path("d.yml"),
            parse_yaml(
                """
intents: [hi, inform]
entities: [color]
slots:
  a: {type: text, mappings: []}
  n: {type: float, max_value: 9, initial_value: 0.5, mappings: []}
  l: {type: list, mappings: []}
forms: {f: {required_slots: [a]}, g: {required_slots: [n]}}
"""
            ),
        )
    ]
)


def user(intent: str | None = "hi", text: str = "x") -> Event:
    return ev.user_uttered(text, {"intent": {"name": intent}, "entities": []})


LISTEN = ev.action_executed("action_listen")

event = st.one_of(
    st.sampled_from([user(), user("inform"), user(None), LISTEN, ev.rewind(), ev.undo(), ev.session_started()]),
    st.builds(ev.action_executed, st.sampled_from(["f", "g", "utter_a"]), hide_rule_turn=st.booleans()),
    st.builds(ev.active_loop, st.sampled_from(["f", "g", None])),
    st.builds(ev.action_rejected, st.sampled_from(["f", "utter_a"])),
    st.builds(ev.slot_set, st.sampled_from(["a", "n", "l", "unknown"]), st.sampled_from([None, "x", 1])),
    st.builds(ev.user_featurization, st.booleans()),
    st.builds(ev.followup, st.sampled_from(["utter_a"])),
    st.sampled_from([ev.restarted(), ev.slots_reset(), ev.paused(), ev.resumed(), ev.loop_interrupted()]),
)


def applied_from_scratch(events: list[Event]) -> list[Event]:
    """Rasa's rule for the events that count, applied to the whole list at once."""
    start = max((i for i, e in enumerate(events) if e["event"] == "session_started"), default=-1)
    loops = {e["name"] for e in events[start + 1 :] if e["event"] == "active_loop" and e["name"]}
    done: list[Event] = []

    def undo(kind: str) -> None:
        while done:
            if done.pop()["event"] == kind:
                return

    def smooth(loop: str) -> bool:
        following = None
        for e in reversed(done):
            if e["event"] == "active_loop" and e["name"] is None:
                return False
            if e["event"] == "action_execution_rejected" and e["name"] == loop:
                return False
            if e["event"] == "user" and following not in (None, loop):
                return False
            if e["event"] == "action":
                if e["name"] == loop:
                    return True
                following = e["name"]
        return False

    for e in events:
        if e["event"] in ("restart", "session_started"):
            done.clear()
        elif e["event"] == "undo":
            undo("action")
        elif e["event"] == "rewind":
            undo("user")
            undo("action")
        elif e["event"] == "action" and e["name"] in loops and smooth(e["name"]):
            run = max(i for i, d in enumerate(done) if d["event"] == "action" and d["name"] == e["name"])
            vanish = ("action", "user", "user_featurization")
            done[run + 1 :] = [d for d in done[run + 1 :] if d["event"] not in vanish]
        else:
            done.append(e)
    return done


@settings(max_examples=150, deadline=None)
@given(st.lists(event, max_size=60))
def test_the_events_that_count_are_those_of_the_whole_list(events: list[Event]) -> None:
    tracker = Tracker(DOMAIN)
    for count, one in enumerate(events, 1):
        tracker.update(dict(one))
        if count % 7 == 0 or count == len(events):
            assert tracker.applied == applied_from_scratch(events[:count])


def comparable(moment: Any) -> Any:
    message = moment.message
    return moment._replace(message=message and (message.event, message.use_text), loop=moment.loop and moment.loop[:3])


@settings(max_examples=100, deadline=None)
@given(st.lists(event, max_size=60))
def test_the_fold_is_equal_to_the_fold_from_scratch(events: list[Event]) -> None:
    tracker = Tracker(DOMAIN)
    for one in events:
        tracker.update(dict(one))
    again = Tracker(DOMAIN, events=[dict(one) for one in events])
    assert comparable(tracker.moment) == comparable(again.moment)
    assert [b.moment.state(DOMAIN) for b in tracker.history.boundaries] == [
        b.moment.state(DOMAIN) for b in again.history.boundaries
    ]
    # Each kept moment is the plain fold of the entries before it.
    start = moment = beginning(DOMAIN)
    for entry, kept in zip(tracker.history.entries, tracker.history.moments, strict=True):
        moment = advance(moment, entry.event, DOMAIN, start, entry.message)
        assert comparable(kept) == comparable(moment)


def folded(*events: Event) -> Tracker:
    return Tracker(DOMAIN, events=events)


@pytest.mark.parametrize(
    ("events", "wanted"),
    [
        ([ev.slot_set("l", "x")], {"l": ["x"]}),
        ([ev.slot_set("a", 1), ev.slots_reset()], {"a": None, "n": 0.5}),
        ([ev.slot_set("a", 1), ev.restarted()], {"a": None}),
        ([LISTEN, user(), ev.slot_set("a", 1), ev.rewind()], {"a": None}),
        ([ev.slot_set("a", 1), LISTEN, user(), ev.action_executed("utter_a"), ev.rewind()], {"a": 1}),
        ([ev.slot_set("unknown", 1)], {}),
    ],
)
def test_slots(events: list[Event], wanted: dict[str, Any]) -> None:
    slots = folded(*events).slots
    assert {name: slots[name] for name in wanted} == wanted
    assert "unknown" not in slots


def test_the_loop_and_what_happens_to_it() -> None:
    tracker = folded(LISTEN, user(), ev.action_executed("f"), ev.active_loop("f"), LISTEN, user("inform"))
    assert tracker.loop_name == "f"
    tracker.update(ev.action_rejected("f"))
    assert tracker.moment.loop is not None
    assert tracker.moment.loop.rejected
    tracker.update(ev.action_executed("utter_a"))
    assert tracker.moment.loop.rejected
    tracker.update(ev.action_executed("f"))
    assert not tracker.moment.loop.rejected
    state = tracker.as_dict("NONE")
    assert state["active_loop"]["trigger_message"]["intent"] == {"name": "hi"}
    assert (state["latest_action_name"], state["events"]) == ("f", None)


def test_a_branch_leaves_the_tracker_as_it_is() -> None:
    tracker = folded(LISTEN, user())
    branch = tracker.branch([ev.slot_set("a", 1), ev.active_loop("f")])
    assert (branch.slots["a"], branch.loop_name, len(branch.events), len(branch.applied)) == (1, "f", 4, 4)
    assert (tracker.slots["a"], tracker.loop_name, len(tracker.events)) == (None, None, 2)


def test_the_shown_events() -> None:
    first = {**LISTEN, "timestamp": 1.0}
    tracker = folded(
        first, {**user(), "timestamp": 2.0}, {**ev.restarted(), "timestamp": 3.0}, {**LISTEN, "timestamp": 4.0}
    )
    shown = {name: len(tracker.as_dict(name)["events"] or []) for name in ("NONE", "APPLIED", "AFTER_RESTART", "ALL")}
    assert shown == {"NONE": 0, "APPLIED": 1, "AFTER_RESTART": 1, "ALL": 4}
    assert tracker.as_dict("ALL", until=2.0)["events"] == tracker.events[:2]
    with pytest.raises(ValueError, match="include_events is 'SOME'"):
        tracker.as_dict("SOME")


def test_a_smooth_form_costs_no_more_the_longer_it_lasts() -> None:
    history = History(DOMAIN)
    steps = [user("inform"), ev.action_executed("f"), ev.slot_set("a", None), LISTEN]
    for one in [LISTEN, user(), ev.action_executed("f"), ev.active_loop("f"), LISTEN, *steps * 300]:
        history.add(one, None)
    # The answers are gone, what they set has stayed.
    assert [e.event["event"] for e in history.entries[:4]] == ["action", "user", "action", "active_loop"]
    assert len(history.boundaries) == 3
    assert isinstance(history.entries[0], Entry)
