"""The runtime around the dialogue: several requests, storage, other processes, what a turn reports."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from bot import events as ev
from bot.calls import ActionCall, ActionResult
from bot.dialogue.errors import ProjectError
from bot.dialogue.project import Project
from bot.dialogue.store import MemoryTrackerStore
from bot.events import Event, LostUpdateError
from bot.messages import UserMessage

DOMAIN = """
intents: [hi, ask, buy, book]
entities: [color]
slots:
  color: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: color}]}
  size: {type: text, influence_conversation: false, mappings: [{type: from_text, conditions: [{active_loop: f, requested_slot: size}]}]}
forms: {f: {required_slots: [size]}}
responses:
  utter_hi: [{text: hello}]
  utter_ask: [{text: "asked {color}"}]
  utter_ask_size: [{text: size?}]
  utter_done: [{text: done}]
actions: [act]
"""
RULES = """
rules:
- {rule: hi, steps: [{intent: hi}, {action: utter_hi}]}
- {rule: ask, steps: [{intent: ask}, {action: utter_ask}]}
- {rule: buy, steps: [{intent: buy}, {action: act}]}
- {rule: book, steps: [{intent: book}, {action: f}, {active_loop: f}]}
- {rule: booked, condition: [{active_loop: f}], steps: [{action: f}, {active_loop: null}, {action: utter_done}]}
"""


def parse(intent: str, *requests: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    found = {"intent": {"name": intent, "confidence": 0.9}, "entities": [], **more}
    return {**found, "requests": list(requests)} if requests else found


def texts(turn: Any) -> list[str]:
    return [message.text for message in turn.messages]


RED = [{"entity": "color", "value": "red"}]


def test_several_requests_are_taken_one_after_the_other(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    turn = one.turn(("hi, red?", parse("hi", parse("ask", entities=RED, text="red?"), parse("hi", text="and hi"))))
    assert texts(turn) == ["hello", "asked red", "hello"]
    users = [(e["text"], e["metadata"]) for e in turn.events if e["event"] == "user"]
    assert users == [("hi, red?", {}), ("red?", {"part": 1}), ("and hi", {"part": 2})]
    assert one.tracker.moment.pending == ()
    assert all("requests" not in e["parse_data"] for e in one.tracker.events if e["event"] == "user")


def test_requests_wait_for_a_form_to_end_even_over_a_restart_of_the_process(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    assert texts(one.turn(("book, and red?", parse("book", parse("ask", entities=RED, text="red?"))))) == ["size?"]
    assert "pending_requests" not in one.tracker.slots
    other = talk(DOMAIN, rules=RULES, store=one.store)
    assert texts(other.turn("L")) == ["done", "asked red"]
    assert other.tracker.moment.pending == ()
    assert texts(other.turn("/hi")) == ["hello"]


def test_a_new_session_forgets_what_waited(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    one.turn(("book, and red?", parse("book", parse("ask", entities=RED))))
    assert texts(one.turn("/restart")) == []
    assert texts(one.turn("/hi")) == ["hello"]


def test_what_a_turn_reports(talk: Callable[..., Any]) -> None:
    async def act(call: ActionCall) -> ActionResult:
        return ActionResult(events=[ev.slot_set("color", "blue"), ev.active_loop("f")])

    turn = talk(DOMAIN, rules=RULES, actions={"act": act}).turn("/buy")
    assert (turn.parse["intent"]["name"], turn.slots["color"], turn.active_loop) == ("buy", "blue", "f")
    assert turn.actions[0] == "act"
    stamps = [event["timestamp"] for event in turn.events]
    assert stamps == sorted(set(stamps))


class Interfering(MemoryTrackerStore):
    """Another process writes first, so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def append(self, sender_id: str, events: Sequence[Event], *, expected: int) -> None:
        if self.times:
            self.times -= 1
            others = [ev.action_executed("action_listen"), ev.slot_set("color", "green")]
            super().append(sender_id, [{**event, "timestamp": 1.0} for event in others], expected=expected)
        super().append(sender_id, events, expected=expected)


def test_a_turn_begins_again_where_another_process_was_faster(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES, store=Interfering(2))
    assert texts(one.turn("/ask")) == ["asked green"]
    assert [e["event"] for e in one.store.load("ada")].count("user") == 1


def test_a_turn_that_is_never_alone_gives_up_and_loses_nothing(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES, store=Interfering(3))
    with pytest.raises(LostUpdateError, match="'ada' has moved on"):
        one.turn("/ask")
    assert texts(one.turn("/ask")) == ["asked green"]


def test_a_message_is_stored_before_it_is_answered(talk: Callable[..., Any]) -> None:
    store = MemoryTrackerStore()
    seen: list[str] = []

    async def act(call: ActionCall) -> ActionResult:
        seen.extend(event["event"] for event in store.load("ada"))
        raise asyncio.CancelledError

    one = talk(DOMAIN, rules=RULES, actions={"act": act}, store=store)
    with pytest.raises(asyncio.CancelledError):
        one.turn("/buy")
    assert seen[-1] == "user"
    assert texts(one.turn("/hi")) == ["hello"]


def test_conversations_are_apart_and_survive_the_process(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    one.turn('/ask{"color": "red"}')
    one.turn('/ask{"color": "blue"}', sender="bob")
    again = talk(DOMAIN, rules=RULES, store=one.store)
    assert again.runtime.tracker("ada").slots["color"] == "red"
    assert again.runtime.tracker("bob").slots["color"] == "blue"
    assert again.runtime.tracker("ada").events == one.store.load("ada")


def test_events_from_outside(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    tracker = asyncio.run(one.runtime.append_events("ada", [ev.slot_set("color", "red")]))
    assert [event["event"] for event in tracker.events] == ["action", "session_started", "action", "slot"]
    begun = [
        ev.action_executed("action_session_start"),
        ev.session_started(),
        {**ev.slot_set("color", "x"), "timestamp": 5.0},
    ]
    tracker = asyncio.run(one.runtime.append_events("bob", begun))
    assert [event["event"] for event in tracker.events] == ["action", "session_started", "slot"]
    assert tracker.events[-1]["timestamp"] == 5.0


def test_a_message_may_be_heard_without_an_answer(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    tracker = asyncio.run(one.runtime.hear(UserMessage('/ask{"color": "red"}', "ada")))
    assert (tracker.slots["color"], tracker.moment.action_name) == ("red", "action_listen")
    assert one.runtime.predict(tracker).best(one.runtime.domain.action_index) == "utter_ask"


def test_unknown_intents_in_messages_are_understood_as_text(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    assert one.turn("/nothing").parse["intent"]["name"] == "inform"
    assert one.turn("/hi@0.5 and more").parse["intent"] == {"name": "hi", "confidence": 0.5}


def test_projects_that_cannot_be_read(tmp_path, project: Callable[..., Any]) -> None:
    with pytest.raises(ProjectError, match="is not a folder"):
        Project.load(tmp_path / "nowhere")
    with pytest.raises(ProjectError, match=r"has no domain.yml"):
        Project.load(tmp_path)
    with pytest.raises(ProjectError, match=r"unknown policy 'Magic'"):
        _ = project(DOMAIN, config="policies: [{name: RulePolicy}, {name: Magic}]").policies
    with pytest.raises(ProjectError, match=r"it needs a url"):
        _ = project(DOMAIN, endpoints="action_endpoint: {port: 1}").action_endpoint


def test_versions_of_the_format(project: Callable[..., Any]) -> None:
    with pytest.warns(UserWarning, match=r"rules.yml:1: format 3.2 is newer"):
        assert project(DOMAIN, rules='version: "3.2"\n' + RULES).stories == ()
    with pytest.warns(UserWarning, match=r"rules.yml:1: format 2.0 is older than 3.1 and is read as 3.1"):
        assert len(project(DOMAIN, rules='version: "2.0"\n' + RULES).stories) == 5
    with pytest.raises(ProjectError, match=r"version is 3.1; write it as text"):
        project(DOMAIN, rules="version: 3.1\n" + RULES)


def test_a_policy_that_learns_is_left_out_with_a_warning(project: Callable[..., Any]) -> None:
    made = project(DOMAIN, rules=RULES, config="policies: [{name: RulePolicy}, {name: UnexpecTEDIntentPolicy}]")
    with pytest.warns(UserWarning, match="UnexpecTEDIntentPolicy is not run"):
        assert [policy.name for policy in made.policies] == ["RulePolicy"]


def test_retrieval_intents(talk: Callable[..., Any]) -> None:
    nlu = "nlu:\n- intent: faq/hours\n  examples: |\n    - open?\nresponses: {utter_faq/hours: [{text: nine}]}\n"
    rules = RULES + "- {rule: faq, steps: [{intent: faq}, {action: utter_faq}]}\n"
    one = talk(DOMAIN, rules=rules, nlu=nlu)
    chosen = {"faq": {"response": {"utter_action": "utter_faq/hours"}}}
    assert texts(one.turn(("open?", parse("faq", response_selector=chosen)))) == ["nine"]
    turn = one.turn(("open?", parse("faq")))
    assert (turn.messages, turn.failures) == (
        [],
        ["'utter_faq' needs a response_selector in the understanding of the message."],
    )


def test_events_from_outside_are_recorded_whole_and_under_todays_names(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    given = [
        {"event": "form", "name": "f"},
        {"event": "form_validation", "name": None, "validate": False},
        {"event": "action_execution_rejected", "name": "f"},
    ]
    asyncio.run(one.runtime.append_events("ada", given))
    recorded = [{k: v for k, v in event.items() if k != "timestamp"} for event in one.tracker.events[-3:]]
    assert recorded == [
        {"event": "active_loop", "name": "f"},
        {"event": "loop_interrupted", "is_interrupted": True},
        {"event": "action_execution_rejected", "name": "f", "policy": None, "confidence": None},
    ]


def test_actions_see_the_session_that_there_was_when_the_turn_began(talk: Callable[..., Any]) -> None:
    seen: list[list[Any]] = []

    async def act(call: ActionCall) -> ActionResult:
        seen.append([event.get("name") or event["event"] for event in call.events])
        return ActionResult()

    one = talk(DOMAIN, rules=RULES, actions={"act": act})
    opening = ["action_session_start", "session_started", "action_listen", "user", "user_featurization"]
    one.turn("/buy")
    one.now += 7200
    one.turn("/buy")  # the turn that begins a session still shows the one before, as in Rasa
    one.turn("/buy")
    turn = [*opening, "act", "action_listen"]
    assert seen == [opening, [*turn, *opening], [*turn, "user", "user_featurization"]]


def test_an_action_sees_the_followup_that_called_it(talk: Callable[..., Any]) -> None:
    """Rasa folds all events again for an action, and a followup is an event until its action is recorded."""

    async def act(call: ActionCall) -> ActionResult:
        return ActionResult(events=[ev.followup("utter_hi")])

    one = talk(DOMAIN, rules=RULES, actions={"act": act})
    assert one.turn("/buy").actions[:2] == ["act", "utter_hi"]
    asyncio.run(one.runtime.append_events("ada", [ev.followup("utter_hi")]))
    assert one.tracker.take_followup() == "utter_hi"
    assert one.tracker.moment.followup is None
    assert one.tracker.replay().moment.followup == "utter_hi"


def test_a_restart_from_outside_is_over_when_the_next_turn_begins(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    one.turn("/hi")
    asyncio.run(one.runtime.append_events("ada", [ev.restarted()]))
    assert one.tracker.as_dict()["followup_action"] == "action_listen"
    assert one.turn("/hi").actions == ["utter_hi"]


def test_a_message_given_again_is_not_recorded_again(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    message = UserMessage("/hi", "ada", message_id="m1")
    first = asyncio.run(one.runtime.turn(message))
    assert texts(asyncio.run(one.runtime.turn(message))) == texts(first) == ["hello"]
    assert [e["event"] for e in one.tracker.events].count("user") == 1


def test_a_turn_that_was_cut_off_is_resumed_once(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    append, calls = one.store.append, 0

    def crashing(sender_id: str, events: Sequence[Event], *, expected: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:  # the message is recorded, its answer is not
            raise OSError("killed")
        append(sender_id, events, expected=expected)

    one.store.append = crashing
    with pytest.raises(OSError, match="killed"):
        one.turn("/hi")
    assert asyncio.run(one.runtime.resume("eve")) is None
    assert texts(asyncio.run(one.runtime.resume("ada"))) == ["hello"]
    assert asyncio.run(one.runtime.resume("ada")) is None
    assert [e["event"] for e in one.tracker.events].count("user") == 1


def test_what_was_only_heard_is_not_answered_later(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    asyncio.run(one.runtime.hear(UserMessage("/hi", "ada")))
    assert asyncio.run(one.runtime.resume("ada")) is None
