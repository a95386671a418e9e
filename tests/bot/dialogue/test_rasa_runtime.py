"""The runtime over HTTP against a Rasa server in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from rasa_support import FakeRasa

from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.errors import UnknownIntentError
from bot.dialogue.project import Project
from bot.dialogue.rasa import RasaRuntime
from bot.dialogue.rasa_server import RasaRefusedError, RasaUnavailableError, conversation_id, sender_of
from bot.dialogue.store import MemoryTrackerStore
from bot.dialogue.tracker import Tracker
from bot.dialogue.turn import Turn
from bot.events import slot_set
from bot.messages import BotMessage, UserMessage

DOMAIN = """
intents: [hi, order, inform, hours, language]
entities: [size]
slots:
  size: {type: text, mappings: [{type: from_entity, entity: size}]}
  note:
    type: text
    influence_conversation: false
    mappings: [{type: from_text, conditions: [{active_loop: order_form, requested_slot: note}]}]
  language: {type: text, influence_conversation: false, mappings: [{type: custom}]}
forms:
  order_form: {required_slots: [size, note]}
responses:
  utter_hi: [{text: hello, buttons: [{title: Hours, payload: /hours}]}]
  utter_hours: [{text: "9 to 5"}]
  utter_ask_size: [{text: "which size?"}]
  utter_ask_note: [{text: "a note?"}]
  utter_ordered: [{text: "{size}, {note}"}]
  utter_server_away: [{text: one moment}]
"""
RULES = """
rules:
- {rule: hi, steps: [{intent: hi}, {action: utter_hi}]}
- {rule: hours, steps: [{intent: hours}, {action: utter_hours}]}
- {rule: order, steps: [{intent: order}, {action: order_form}, {active_loop: order_form}]}
- rule: ordered
  condition: [{active_loop: order_form}]
  steps: [{action: order_form}, {active_loop: null}, {slot_was_set: [{requested_slot: null}]}, {action: utter_ordered}]
"""


class Shop:
    """A Rasa server and our side of it. `heard` is what our understanding was asked, with the language it knew."""

    def __init__(self, project: Project) -> None:
        self.heard: list[tuple[str, Any]] = []
        self.told: list[str] = []
        self.rasa = FakeRasa(project, self._ask)
        self.store = MemoryTrackerStore()
        self.runtime = self._open(project)
        self.embedded = EmbeddedRuntime(project, parse=self._parse, actions={}, store=MemoryTrackerStore())

    def _open(self, project: Project) -> RasaRuntime:
        async def away(sender_id: str) -> None:
            self.told.append(sender_id)

        return RasaRuntime(
            "http://rasa:5005/",
            project.domain,
            client=self.rasa.client,
            store=self.store,
            parse=self._parse,
            on_away=away,
        )

    async def _ask(self, text: str, conversation: str) -> Mapping[str, Any]:
        return await self.runtime.parse(UserMessage(text, sender_of(conversation)))

    async def _parse(self, message: UserMessage, tracker: Tracker) -> Mapping[str, Any]:
        self.heard.append((message.text, tracker.slots.get("language")))
        requests = [_understood(part) for part in message.text.split(" and ")]
        return {**requests[0], "text": message.text, "requests": requests[1:], "language": "en"}

    def say(self, text: str, sender: str = "ada") -> Turn:
        return asyncio.run(self.runtime.turn(UserMessage(text, sender, "web", metadata={"page": "/"})))


def _understood(text: str) -> dict[str, Any]:
    intent = text if text in ("hi", "order", "hours") else "inform"
    size = [{"entity": "size", "value": text}] if text in ("S", "M") else []
    return {"text": text, "intent": {"name": intent, "confidence": 0.9}, "entities": size}


@pytest.fixture
def shop(project: Callable[..., Project]) -> Shop:
    return Shop(project(DOMAIN, rules=RULES))


@pytest.mark.parametrize(
    "texts",
    [
        ["hi", "hours", "/hi", "nonsense"],
        ["order", "M", "wrapped"],
        ["hi and hours"],
        ["order and hours and hi", "S", "gift"],
        ['/order{"size": "S"}', "thanks"],
    ],
)
def test_turns_are_those_of_the_embedded_runtime(shop: Shop, texts: list[str]) -> None:
    for text in texts:
        there = shop.say(text)
        here = asyncio.run(shop.embedded.turn(UserMessage(text, "ada", "web", metadata={"page": "/"})))
        for what in ("messages", "actions", "slots", "active_loop", "failures"):
            assert getattr(there, what) == getattr(here, what), (text, what)
        assert there.parse["intent"] == here.parse["intent"]
        ours, theirs = shop.runtime.tracker("ada").events, shop.embedded.tracker("ada").events
        assert [event["event"] for event in ours] == [event["event"] for event in theirs]


def test_further_requests_are_understood_as_in_their_message(shop: Shop) -> None:
    shop.say("order and hours")
    assert [text for text, _ in shop.heard] == ["order and hours"]
    shop.say("M")
    assert shop.say("fine").actions == ["order_form", "utter_ordered", "utter_hours"]
    assert [text for text, _ in shop.heard] == ["order and hours", "M", "fine"]


def test_the_copy_has_every_event_once(shop: Shop) -> None:
    for text in ("hi", "order", "M"):
        shop.say(text)
    assert [event["event"] for event in shop.store.load("ada")] == shop.rasa.events("ada")


def test_a_server_that_lost_a_conversation_gets_it_back(shop: Shop) -> None:
    shop.say("order")
    shop.say("M")
    shop.rasa.restart()
    assert shop.say("wrapped").messages == [BotMessage("M, wrapped", metadata={"utter_action": "utter_ordered"})]
    assert ("PUT", "/conversations/ada/tracker/events") in shop.rasa.asked


def test_what_happened_there_without_us_is_copied(shop: Shop, project: Callable[..., Project]) -> None:
    shop.say("hi")
    other = RasaRuntime("http://rasa:5005", shop.runtime.domain, client=shop.rasa.client)
    asyncio.run(other.turn(UserMessage("/order", "ada")))
    assert shop.say("M").actions == ["order_form"]
    assert [event["event"] for event in shop.store.load("ada")] == shop.rasa.events("ada")


def test_a_conversation_begun_elsewhere_is_known(shop: Shop) -> None:
    other = RasaRuntime("http://rasa:5005", shop.runtime.domain, client=shop.rasa.client)
    asyncio.run(other.append_events("bo", [slot_set("language", "zh")]))
    asyncio.run(other.turn(UserMessage("hi", "bo")))
    assert shop.heard == [("hi", "zh")]


def test_events_from_outside(shop: Shop) -> None:
    tracker = asyncio.run(shop.runtime.append_events("ada", [slot_set("language", "zh")]))
    assert tracker.slots["language"] == "zh"
    assert shop.say("hi").slots["language"] == "zh"
    assert shop.heard == [("hi", "zh")]


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, 500, 401])
def test_a_server_that_is_away_costs_one_sentence(shop: Shop, failure: Any) -> None:
    shop.say("order")
    shop.rasa.away, shop.rasa.status = (None, failure) if isinstance(failure, int) else (failure, 200)
    turn = shop.say("M")
    assert (turn.messages, turn.active_loop, shop.told) == ([BotMessage("one moment")], "order_form", ["ada"])
    assert len(turn.failures) == 1
    assert "http://rasa:5005" in turn.failures[0]
    asyncio.run(shop.runtime.append_events("ada", [slot_set("language", "zh")]))
    shop.rasa.away, shop.rasa.status = None, 200
    assert shop.say("M").slots["language"] == "zh"


def test_what_was_answered_before_the_server_went_is_kept(shop: Shop) -> None:
    shop.rasa.breaks_at = "hours"
    turn = shop.say("hi and hours")
    assert ([message.text for message in turn.messages], turn.actions) == (["hello", "one moment"], ["utter_hi"])
    assert len(turn.failures) == 1


def test_without_a_response_the_sentence_is_ours(shop: Shop, project: Callable[..., Project]) -> None:
    plain = project("intents: [hi]\nresponses: {utter_hi: [{text: hi}]}\n")
    shop.rasa.away = httpx.ConnectError
    runtime = RasaRuntime("http://rasa:5005", plain.domain, client=shop.rasa.client)
    (message,) = asyncio.run(runtime.respond(UserMessage("hi", "ada")))
    assert "请稍后再试" in str(message.text)
    assert "try again" in str(message.text)


def test_other_versions_are_refused(shop: Shop) -> None:
    shop.rasa.version = "2.8.34"
    with pytest.raises(RasaRefusedError, match=r"runs Rasa 2\.8\.34; Rasa Open Source 3 is needed"):
        asyncio.run(shop.runtime.check())
    shop.rasa.version = "3.6.21"
    assert asyncio.run(shop.runtime.check()) == "3.6.21"


def test_a_missing_server_is_named(shop: Shop) -> None:
    shop.rasa.away = httpx.ConnectError
    with pytest.raises(RasaUnavailableError, match="The Rasa server at http://rasa:5005 did not answer GET /version"):
        asyncio.run(shop.runtime.check())


def test_an_erased_conversation_begins_anew(shop: Shop) -> None:
    shop.say("order")
    shop.rasa.away = httpx.ConnectError
    asyncio.run(shop.runtime.erase("ada"))
    assert shop.rasa.events("ada")[-1] == "action"
    shop.rasa.away = None
    shop.say("hi", "bo")
    assert shop.rasa.events("ada") == ["restart"]


def test_triggered_intents_and_messages_without_answer(shop: Shop) -> None:
    turn = asyncio.run(shop.runtime.trigger_intent("ada", "hours"))
    assert (turn.actions, turn.events[-1]["event"]) == (["utter_hours"], "action")
    heard = asyncio.run(shop.runtime.hear(UserMessage("S", "ada")))
    assert (heard.slots["size"], heard.events[-1]["event"]) == ("S", "slot")
    with pytest.raises(UnknownIntentError, match="'fly'"):
        asyncio.run(shop.runtime.trigger_intent("ada", "fly"))


def test_a_given_understanding_counts(shop: Shop) -> None:
    message = UserMessage("whatever", "ada", parse={"intent": {"name": "hours", "confidence": 1.0}, "entities": []})
    assert asyncio.run(shop.runtime.turn(message)).actions == ["utter_hours"]
    assert shop.heard == []


@pytest.mark.parametrize("sender", ["ada", "wecom:甲/乙 1?#%25", "a~b@c.d-e_f"])
def test_any_sender_is_a_conversation(shop: Shop, sender: str) -> None:
    assert sender_of(conversation_id(sender)) == sender
    assert shop.say("hi", sender).actions == ["utter_hi"]
    assert shop.say("hours", sender).actions == ["utter_hours"]
    assert [event["event"] for event in shop.store.load(sender)].count("user") == 2
