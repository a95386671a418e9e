"""What is kept step by step is always what a fold of the whole conversation gives, and costs the same at any length.

The reference below is Rasa's definition written down plainly: whole lists are read again for every question.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import events as ev
from bot.dialogue import conversation, history, moment, reminders, tracker
from bot.dialogue.domain_file import read_domain
from bot.dialogue.tracker import Tracker
from bot.dialogue.yaml_file import parse_yaml
from bot.events import Event, whole

LISTEN, START = "action_listen", "action_session_start"
INITIAL = {"a": None, "n": 0.5, "l": None, "requested_slot": None, "session_started_metadata": None}
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


def user(intent: str | None, entities: list[Any]) -> Event:
    return ev.user_uttered("x", {"intent": {"name": intent}, "entities": entities})


COLOR = {"entity": "color", "value": "red"}
RUNS = st.builds(
    ev.action_executed, st.sampled_from([LISTEN, "f", "g", "utter_a", START]), hide_rule_turn=st.booleans()
)
LOOPS = st.sampled_from(["f", "g", None])
EVENT = st.one_of(
    RUNS,
    st.just(ev.action_executed(LISTEN)),
    st.builds(user, st.sampled_from(["hi", "inform", None]), st.sampled_from([[], [COLOR]])),
    st.builds(ev.active_loop, LOOPS),
    st.builds(lambda name: {"event": "form", "name": name}, LOOPS),
    st.builds(ev.action_rejected, st.sampled_from(["f", "utter_a"])),
    st.builds(ev.loop_interrupted, st.booleans()),
    st.builds(lambda valid: {"event": "form_validation", "validate": valid}, st.booleans()),
    st.builds(ev.slot_set, st.sampled_from(["a", "n", "l", "unknown"]), st.sampled_from([None, "x", 1, ["y"]])),
    st.builds(ev.user_featurization, st.booleans()),
    st.builds(ev.entities_added, st.just([COLOR])),
    st.builds(ev.followup, st.sampled_from(["utter_a", "f"])),
    st.builds(
        ev.reminder, st.just("hi"), st.just("2026-01-01"), name=st.sampled_from("rs"), kill_on_user_msg=st.booleans()
    ),
    st.builds(ev.reminder_cancelled, st.sampled_from(["r", None])),
    st.sampled_from([ev.rewind(), ev.undo(), ev.restarted(), ev.session_started(), ev.slots_reset()]),
    st.sampled_from(
        [ev.paused(), ev.resumed(), ev.bot_uttered("b", {}, {}), ev.agent_uttered("a"), {"event": "export"}]
    ),
)
# Also turns as they really are, so that forms run smoothly, roughly, and are left.
LISTENING = ev.action_executed(LISTEN)
OPENING = [ev.action_executed(START), ev.session_started(), LISTENING]
SAID = st.builds(user, st.sampled_from(["hi", "inform", None]), st.sampled_from([[], [COLOR]]))
TURNS = {
    "smooth form": [
        user("inform", []),
        ev.user_featurization(False),
        ev.action_executed("f"),
        ev.slot_set("a", None),
        LISTENING,
    ],
    "rough form": [
        user("hi", []),
        ev.action_rejected("f"),
        ev.action_executed("utter_a"),
        ev.loop_interrupted(),
        ev.action_executed("f"),
        LISTENING,
    ],
    "talk": [user("hi", []), ev.slot_set("a", "x"), ev.action_executed("utter_a"), LISTENING],
    "fallback": [user(None, []), ev.action_executed("utter_a"), ev.rewind(), LISTENING],
    "back": [user("hi", []), ev.action_executed("action_back"), ev.rewind(), ev.rewind(), LISTENING],
    "undone": [user("hi", []), ev.action_executed("utter_a"), ev.undo(), LISTENING],
    "form begins": [user("hi", []), ev.action_executed("f"), ev.active_loop("f"), LISTENING],
    "form ends": [user("hi", []), ev.action_executed("f"), ev.active_loop(None), LISTENING],
    "to be followed up": [user("hi", []), ev.action_executed("utter_a"), ev.followup("f")],
    "restart": [user("hi", []), ev.action_executed("utter_a"), ev.restarted()],
}
TURN = st.lists(EVENT, max_size=4) | st.sampled_from(list(TURNS.values())) | st.just(OPENING)
TALK = st.lists(TURN, max_size=16).map(copy.deepcopy)


def applied(events: list[Event]) -> list[Event]:
    """The events that count."""
    begin = max((i for i, e in enumerate(events) if e["event"] == "session_started"), default=-1)
    loops = {e["name"] for e in events[begin + 1 :] if e["event"] == "active_loop" and e["name"]}
    done: list[Event] = []

    def back_to(kind: str) -> None:
        while done and done.pop()["event"] != kind:
            pass

    def is_smooth(loop: str) -> bool:
        following = None
        for e in reversed(done):
            kind, name = e["event"], e.get("name")
            if (kind, name) in (("active_loop", None), ("action_execution_rejected", loop)):
                return False
            if kind == "user" and following not in (None, loop):
                return False
            if kind == "action" and name == loop:
                return True
            if kind == "action":
                following = name
        return False

    for e in events:
        kind, name = e["event"], e.get("name")
        if kind in ("restart", "session_started"):
            done.clear()
        elif kind == "undo":
            back_to("action")
        elif kind == "rewind":
            back_to("user")
            back_to("action")
        elif kind == "action" and name in loops and is_smooth(name):
            run = max(i for i, d in enumerate(done) if d["event"] == "action" and d["name"] == name)
            done[run + 1 :] = [d for d in done[run + 1 :] if d["event"] not in ("action", "user", "user_featurization")]
        else:
            done.append(e)
    return done


def blank() -> dict[str, Any]:
    return {
        "slots": dict(INITIAL),
        "paused": False,
        "action": None,
        "followup": LISTEN,
        "loop": None,
        "message": None,
    }


def apply(state: dict[str, Any], event: Event) -> None:
    kind, name = event["event"], event.get("name")
    loop = state["loop"]
    if kind == "action":
        state |= {"action": name, "followup": None}
        if loop:
            loop |= {"interrupted": False, "rejected": loop["rejected"] and name != loop["name"]}
    elif kind == "user":
        found = list(event["parse_data"]["entities"])
        text_counts = True if not event["parse_data"]["intent"]["name"] else None
        state |= {"message": {"event": event, "entities": found, "use_text": text_counts}, "followup": None}
    elif kind == "slot" and name in INITIAL:
        value = event["value"]
        state["slots"][name] = [value] if name == "l" and value and not isinstance(value, list) else value
    elif kind == "active_loop":
        state["loop"] = {"name": name, "interrupted": False, "rejected": False} if name else None
    elif kind == "loop_interrupted" and loop:
        loop["interrupted"] = event["is_interrupted"]
    elif kind == "action_execution_rejected" and loop and loop["name"] == name:
        loop["rejected"] = True
    elif kind == "reset_slots":
        state["slots"] = dict(INITIAL)
    elif kind in ("restart", "session_started"):
        state |= blank()
        if kind == "restart":
            state["followup"] = START
    elif kind == "followup":
        state["followup"] = name
    elif kind in ("pause", "resume"):
        state["paused"] = kind == "pause"
    elif kind == "user_featurization" and state["message"] and state["action"] == LISTEN:
        state["message"]["use_text"] = event["use_text_for_featurization"]
    elif kind == "entities" and state["message"] and state["action"] == LISTEN:
        state["message"]["entities"] += [e for e in event["entities"] if e not in state["message"]["entities"]]


def fold(events: list[Event]) -> dict[str, Any]:
    state = blank()
    for event in events:
        apply(state, event)
    return state


def running(events: list[Event], settled: int) -> dict[str, Any]:
    """After `events`, of which the turn found `settled` already there."""
    state = fold(applied(events[:settled]))
    for count in range(settled, len(events)):
        if events[count]["event"] in ("rewind", "undo"):
            state = fold(applied(events[: count + 1]))
        else:
            apply(state, events[count])
    return state


def shown(one: Any) -> dict[str, Any]:
    """Of our moment, what the reference has of it."""
    loop, message = one.loop, one.message
    return {
        "slots": dict(one.slots),
        "paused": one.paused,
        "action": one.action,
        "followup": one.followup,
        "loop": loop and {"name": loop.name, "interrupted": loop.interrupted, "rejected": loop.rejected},
        "message": message and {"event": message.event, "entities": message.entities, "use_text": message.use_text},
    }


def without_shared(state: dict[str, Any]) -> dict[str, Any]:
    """A message's `use_text` and added entities are shared by all that hold it, in Rasa too: settled elsewhere."""
    message = state["message"]
    return {**state, "message": message and message["event"]}


@settings(max_examples=200, deadline=None)
@given(TALK)
def test_a_tracker_kept_step_by_step_is_the_fold_from_scratch(talk: list[list[Event]]) -> None:
    ours = Tracker(DOMAIN)
    log: list[Event] = []
    settled = 0
    for turn in talk:
        for event in turn:
            log.append(whole(event))
            ours.update(log[-1])
        assert ours.applied == applied(log)
        assert without_shared(shown(ours.moment)) == without_shared(running(log, settled))
        assert without_shared(shown(ours.replay().moment)) == without_shared(running(log, 0))
        ours.settle()
        settled = len(log)
        assert without_shared(shown(ours.moment)) == without_shared(fold(applied(log)))


def test_a_form_taken_back_leaves_nothing_settled() -> None:
    smooth = [*OPENING, *TURNS["form begins"], *TURNS["smooth form"] * 2]
    talk = [*smooth, *TURNS["back"] * 2, *[ev.slot_set("a", "x")] * 12, ev.action_executed("f")]
    assert Tracker(DOMAIN, events=talk).applied == applied(talk)


@settings(max_examples=80, deadline=None)
@given(TALK)
def test_a_tracker_read_from_the_store_is_the_one_that_was_kept(talk: list[list[Event]]) -> None:
    kept = Tracker(DOMAIN)
    for turn in talk:
        for event in turn:
            kept.update(whole(event))
        kept.settle()
    again = Tracker(DOMAIN, events=kept.events)
    for one in (kept, again):
        one.settle()
    assert shown(kept.moment) == shown(again.moment)
    assert kept.as_dict("ALL") == again.as_dict("ALL")
    assert [r.name for r in kept.reminders] == [r.name for r in again.reminders]
    states = [[b.moment.state(DOMAIN) for b in one.history.boundaries] for one in (kept, again)]
    assert states[0] == states[1]


def lines_run(work: Callable[[], Any], *modules: Any) -> int:
    """How many lines of these modules a piece of work runs: its cost without a clock."""
    files = {module.__file__ for module in modules}
    count = 0

    def local(frame: Any, what: str, _: Any) -> Any:
        nonlocal count
        count += what == "line"
        return local

    before = sys.gettrace()
    sys.settrace(lambda frame, *_: local if frame.f_code.co_filename in files else None)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("kind", ["smooth form", "rough form", "talk", "fallback", "undone"])
def test_a_turn_costs_the_same_at_any_length(kind: str) -> None:
    one = Tracker(DOMAIN)
    for event in [*OPENING, *(TURNS["form begins"] if "form" in kind else [])]:
        one.update(event)

    def turn() -> None:
        for event in TURNS[kind]:
            one.update(dict(event))
        one.settle()

    costs = [lines_run(turn, tracker, history, moment, reminders, conversation) for _ in range(300)]
    assert max(costs[250:]) <= max(costs[:20])
