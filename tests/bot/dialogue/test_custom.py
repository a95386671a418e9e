"""Custom actions in this process and on an action server."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from bot.calls import ActionCall, ActionRejectedError, ActionResult, Utter
from bot.events import slot_set
from bot.messages import BotMessage, Button, Card

DOMAIN = """
intents: [go]
slots:
  name: {type: text, initial_value: Ada, influence_conversation: false, mappings: []}
responses:
  utter_hi: [{text: "hi {name}, {more}", buttons: [{title: a, payload: /a}]}]
  utter_default: [{text: what?}]
actions: [act, {ask: {send_domain: true}}]
"""
RULES = "rules:\n- {rule: go, steps: [{intent: go}, {action: act}]}\n"
ENDPOINTS = "action_endpoint: {url: 'http://actions:5055/webhook', headers: {X-Key: secret}}\n"


def test_an_action_sees_the_turn(talk: Callable[..., Any]) -> None:
    calls: list[ActionCall] = []

    async def act(call: ActionCall) -> ActionResult:
        calls.append(call)
        return ActionResult()

    talk(DOMAIN, rules=RULES, actions={"act": act}).turn("/go")
    call = calls[0]
    assert (call.name, call.sender_id, call.slots["name"], call.active_loop) == ("act", "ada", "Ada", None)
    assert (call.message["text"], call.message["intent"]["name"], call.channel) == ("/go", "go", "rest")
    assert [event["event"] for event in call.events][-2:] == ["user", "user_featurization"]


def test_messages_come_before_events_and_know_the_slots_of_before(talk: Callable[..., Any]) -> None:
    async def act(call: ActionCall) -> ActionResult:
        extra = BotMessage("also this", buttons=(Button("b", "/b"),), cards=(Card("p", "P"),))
        messages = [Utter("utter_hi", {"more": "{x}"}, extra), BotMessage("plain")]
        return ActionResult(messages, [slot_set("name", "Bob")])

    turn = talk(DOMAIN, rules=RULES, actions={"act": act}).turn("/go")
    assert turn.messages == [
        BotMessage(
            "hi Ada, {x}\n\nalso this",
            buttons=(Button("a", "/a"), Button("b", "/b")),
            cards=(Card("p", "P"),),
            metadata={"utter_action": "utter_hi"},
        ),
        BotMessage("plain"),
    ]
    assert (turn.slots["name"], turn.failures) == ("Bob", [])


def test_an_action_that_refuses_leaves_the_word_to_others(talk: Callable[..., Any]) -> None:
    async def act(call: ActionCall) -> ActionResult:
        raise ActionRejectedError("no")

    turn = talk(DOMAIN, rules=RULES, actions={"act": act}).turn("/go")
    assert (turn.actions, [m.text for m in turn.messages]) == (["action_default_fallback"], ["what?"])


def test_an_action_that_nobody_has_is_reported(talk: Callable[..., Any]) -> None:
    turn = talk(DOMAIN, rules=RULES).turn("/go")
    assert turn.failures == ["action 'act' is not known here and endpoints.yml has no action_endpoint."]
    assert turn.actions == ["act"]


class Server:
    """An action server that answers from a list and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def reply(status: int = 200, **body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


def test_the_protocol_of_action_servers(talk: Callable[..., Any]) -> None:
    server = Server(
        reply(
            events=[{"event": "slot", "name": "name", "value": "Bob"}],
            responses=[
                {"response": "utter_hi", "more": "x", "buttons": [{"title": "b", "payload": "/b"}], "text": None},
                {"text": "plain", "image": "", "custom": {}},
                {"response": "utter_unknown"},
            ],
        )
    )
    turn = talk(DOMAIN, rules=RULES, endpoints=ENDPOINTS, client=server.client).turn("/go")
    assert [(m.text, len(m.buttons)) for m in turn.messages] == [("hi Ada, x", 2), ("plain", 0)]
    assert turn.slots["name"] == "Bob"
    request = server.asked[0]
    body = json.loads(request.content)
    assert (str(request.url), request.headers["x-key"]) == ("http://actions:5055/webhook", "secret")
    assert sorted(body) == ["domain", "next_action", "sender_id", "tracker", "version"]
    assert (body["next_action"], body["tracker"]["slots"]["name"]) == ("act", "Ada")
    assert body["tracker"]["events"][-1]["event"] == "user_featurization"
    assert body["domain"]["responses"]["utter_default"] == [{"text": "what?"}]


def test_the_domain_may_be_left_out(talk: Callable[..., Any]) -> None:
    server = Server(reply(), reply())
    endpoints = ENDPOINTS.replace("headers:", "enable_selective_domain: true, headers:")
    rules = RULES.replace("{action: act}", "{action: act}, {action: ask}")
    talk(DOMAIN, rules=rules, endpoints=endpoints, client=server.client).turn("/go")
    assert ["domain" in json.loads(request.content) for request in server.asked] == [False, True]


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (httpx.Response(502, text="<html>"), "answered with status 502: <html>"),
        (reply(404), "answered with status 404"),
        (httpx.Response(200, text="<html>"), "a body that is no JSON"),
        (reply(500, error="no database"), "status 500: no database."),
        (httpx.ConnectError("refused"), "ConnectError: refused"),
        (httpx.ReadTimeout("slow"), "ReadTimeout: slow"),
        (reply(events=[{"event": "explode"}]), "which is no event"),
        (reply(responses=["hi"]), "it must be a mapping"),
    ],
)
def test_a_server_that_fails_does_not_end_the_talk(talk: Callable[..., Any], answer: Any, failure: str) -> None:
    turn = talk(DOMAIN, rules=RULES, endpoints=ENDPOINTS, client=Server(answer).client).turn("/go")
    assert turn.actions == ["act"]
    assert [failure in text for text in turn.failures] == [True]


def test_a_server_may_refuse(talk: Callable[..., Any]) -> None:
    server = Server(reply(400, error="no", action_name="act"))
    turn = talk(DOMAIN, rules=RULES, endpoints=ENDPOINTS, client=server.client).turn("/go")
    assert (turn.actions, turn.failures) == (["action_default_fallback"], [])


NLG = ENDPOINTS + "nlg: {url: 'http://words/nlg'}\n"


def test_a_response_server_says_what_is_said(talk: Callable[..., Any]) -> None:
    server = Server(reply(responses=[{"response": "utter_hi", "more": "x"}]), reply(text="from afar"), reply(text="?"))
    talking = talk(DOMAIN, rules=RULES, endpoints=NLG, client=server.client)
    turn = talking.turn("/go")
    assert [(m.text, m.buttons) for m in turn.messages] == [("from afar", ())]
    asked = json.loads(server.asked[1].content)
    assert sorted(asked) == ["arguments", "channel", "id", "response", "tracker"]
    assert (asked["response"], asked["arguments"], asked["channel"]) == (
        "utter_hi",
        {"more": "x"},
        {"name": "collector"},
    )
    turn = talking.turn("hm")  # nothing fits: the default fallback
    assert [m.text for m in turn.messages] == ["?"]


@pytest.mark.parametrize("answer", [reply(500), httpx.Response(200, text="x"), reply(text=3), reply(200, buttons="b")])
def test_a_response_server_that_fails_says_nothing(talk: Callable[..., Any], answer: Any) -> None:
    endpoints = "nlg: {url: 'http://words/nlg'}\n"
    turn = talk(
        DOMAIN, rules=RULES.replace(": act}", ": utter_hi}"), endpoints=endpoints, client=Server(answer).client
    ).turn("/go")
    assert (turn.messages, turn.actions) == ([], ["utter_hi"])
    assert turn.failures[0].startswith("the nlg server at 'http://words/nlg'")
