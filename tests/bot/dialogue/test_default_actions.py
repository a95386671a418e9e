"""Sessions, restarts, steps back, fallbacks, followups and what the outside triggers."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bot import events as ev
from bot.calls import ActionCall, ActionResult
from bot.dialogue.errors import UnknownActionError, UnknownIntentError
from bot.messages import BotMessage, UserMessage

DOMAIN = """
intents: [hi, ask, more, help]
entities: [color]
slots:
  color: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: color}]}
responses:
  utter_hi: [{text: hello}]
  utter_ask: [{text: "asked {color}"}]
  utter_default: [{text: what?}]
  utter_restart: [{text: again}]
  utter_back: [{text: back}]
actions: [act]
"""
RULES = """
rules:
- {rule: hi, steps: [{intent: hi}, {action: utter_hi}]}
- {rule: ask, steps: [{intent: ask}, {action: utter_ask}]}
- {rule: help, steps: [{intent: help}, {action: act}]}
- rule: fallback
  steps: [{intent: nlu_fallback}, {action: action_two_stage_fallback}, {active_loop: action_two_stage_fallback}]
"""


def names(turn: Any) -> list[str]:
    return [event.get("name") or event["event"] for event in turn.events if event["event"] != "bot"]


def test_the_first_message_begins_a_session(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    begun = ["action_session_start", "session_started", "action_listen"]
    heard = ["user", "user_featurization", "utter_hi", "action_listen"]
    assert names(one.turn("/hi")) == [*begun, *heard]
    assert names(one.turn("/hi")) == heard


@pytest.mark.parametrize(("minutes", "carry", "color"), [(61, True, "red"), (61, False, None), (59, False, "red")])
def test_a_session_ends_after_an_hour_of_silence(
    talk: Callable[..., Any], minutes: int, carry: bool, color: str | None
) -> None:
    config = f"session_config: {{carry_over_slots_to_new_session: {str(carry).lower()}}}\n"
    one = talk(DOMAIN + config, rules=RULES)
    one.turn('/ask{"color": "red"}')
    one.now += minutes * 60
    assert ("session_started" in names(one.turn("/hi"))) is (minutes > 60)
    assert one.tracker.slots["color"] == color


def test_sessions_may_last_for_ever(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN + "session_config: {session_expiration_time: 0}\n", rules=RULES)
    one.turn("/hi")
    one.now += 1e6
    assert "session_started" not in names(one.turn("/hi"))


def test_what_came_with_the_first_message_is_kept(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    asyncio.run(one.runtime.turn(UserMessage("/hi", "ada", metadata={"page": "/shoes"})))
    assert one.tracker.slots["session_started_metadata"] == {"page": "/shoes"}


async def welcome(call: ActionCall) -> ActionResult:
    return ActionResult([BotMessage("welcome")], [ev.session_started(), ev.action_executed("action_listen")])


def test_a_project_may_start_sessions_itself(talk: Callable[..., Any]) -> None:
    domain = DOMAIN.replace("[act]", "[act, action_session_start]")
    one = talk(domain, rules=RULES, actions={"action_session_start": welcome})
    assert one.say("/hi") == ["welcome", "hello"]
    assert one.say("/hi") == ["hello"]


def test_restart_and_back(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    one.turn('/ask{"color": "red"}')
    assert one.say("/back") == ["back"]
    assert one.tracker.slots["color"] is None
    one.turn('/ask{"color": "red"}')
    assert one.say("/restart") == ["again"]
    assert (one.tracker.slots["color"], one.tracker.after_restart[0]["name"]) == (None, "action_session_start")
    assert one.say("/hi") == ["hello"]


def test_a_message_that_leads_nowhere_is_taken_back(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    one.turn("/hi")
    turn = one.turn('/more{"color": "red"}')
    assert ([m.text for m in turn.messages], one.tracker.slots["color"]) == (["what?"], None)


def unclear(text: str) -> tuple[str, Mapping[str, Any]]:
    ranking = [{"name": "nlu_fallback", "confidence": 0.3}, {"name": "ask", "confidence": 0.25}]
    return text, {"intent": ranking[0], "intent_ranking": ranking, "entities": []}


def test_two_stages_of_fallback(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN + "  \n", rules=RULES)
    question = one.turn(unclear("hm"))
    assert [m.text for m in question.messages] == ["Did you mean 'ask'?"]
    assert [(b.title, b.payload) for b in question.messages[0].buttons] == [("Yes", "/ask"), ("No", "/out_of_scope")]
    assert one.say("/ask") == ["asked None"]
    assert one.tracker.loop_name is None
    # The detour is forgotten: only the message as it was meant is left.
    assert [event["text"] for event in one.tracker.applied if event["event"] == "user"] == ["/ask"]


def test_the_second_stage_asks_for_other_words_and_gives_up(talk: Callable[..., Any]) -> None:
    domain = DOMAIN.replace("responses:", "responses:\n  utter_ask_rephrase: [{text: other words?}]")
    one = talk(domain, rules=RULES)
    one.turn(unclear("hm"))
    assert one.say("/out_of_scope") == ["other words?"]
    assert one.say(unclear("hmm")) == ["Did you mean 'ask'?"]
    assert one.say("/out_of_scope") == ["what?"]
    assert one.tracker.loop_name is None
    one.turn(unclear("hm"))
    assert one.say(unclear("hm")) == ["what?"]


async def follow(call: ActionCall) -> ActionResult:
    return ActionResult(events=[ev.followup("utter_ask")])


async def hold(call: ActionCall) -> ActionResult:
    return ActionResult([BotMessage("a person will answer")], [ev.paused()])


def test_an_action_may_say_what_comes_next(talk: Callable[..., Any]) -> None:
    rules = RULES + "- {rule: and then, steps: [{action: utter_ask}, {action: utter_hi}]}\n"
    turn = talk(DOMAIN, rules=rules, actions={"act": follow}).turn("/help")
    assert turn.actions == ["act", "utter_ask", "utter_hi"]
    assert [e["policy"] for e in turn.events if e["event"] == "action" and e["name"] == "utter_ask"] == [
        "followup_action"
    ]


def test_a_paused_conversation_only_listens(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES, actions={"act": hold})
    assert one.say("/help") == ["a person will answer"]
    assert one.turn('/ask{"color": "red"}').messages == []
    assert one.tracker.slots["color"] == "red"
    asyncio.run(one.runtime.append_events("ada", [ev.resumed(), ev.action_executed("action_listen")]))
    assert one.say("/hi") == ["hello"]
    asyncio.run(one.runtime.append_events("ada", [ev.paused()]))
    assert one.say("/hi") == []
    assert one.say("/restart") == ["again"]


def test_something_outside_may_speak_for_the_user(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    turn = asyncio.run(one.runtime.trigger_intent("ada", "ask", {"color": "red"}))
    assert [m.text for m in turn.messages] == ["asked red"]
    user = next(event for event in turn.events if event["event"] == "user")
    assert (user["text"], user["metadata"]) == ("EXTERNAL: ask", {"is_external": True})
    with pytest.raises(UnknownIntentError, match="'nope' does not exist"):
        asyncio.run(one.runtime.trigger_intent("ada", "nope"))


def test_an_action_may_be_run_from_outside(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    turn = asyncio.run(one.runtime.execute("ada", "utter_hi"))
    assert [m.text for m in turn.messages] == ["hello"]
    with pytest.raises(UnknownActionError, match="'nope' is not in the domain"):
        asyncio.run(one.runtime.execute("ada", "nope"))


def test_reminders_are_kept_as_they_are(talk: Callable[..., Any]) -> None:
    one = talk(DOMAIN, rules=RULES)
    events = [ev.reminder("ask", "2030-01-01T00:00:00+00:00", name="r"), ev.reminder_cancelled("r")]
    asyncio.run(one.runtime.append_events("ada", events))
    kept = one.store.load("ada")[-2:]
    assert [{key: value for key, value in event.items() if key != "timestamp"} for event in kept] == events
