"""Our actions as a Rasa server calls them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.api.action_server import LARGEST, answer_of, router
from bot.calls import ActionCall, ActionRejectedError, ActionResult, Utter
from bot.dialogue.bot_event import event_of_response
from bot.dialogue.rasa import message_of_rasa
from bot.events import slot_set
from bot.messages import BotMessage, Button, Card, Source

CARD = Card("P1", "Lamp", price=9.5, buttons=(Button("Take it", "/take"),))
calls: list[ActionCall] = []


async def greet(call: ActionCall) -> ActionResult:
    calls.append(call)
    extra = BotMessage(cards=(CARD,), buttons=(Button("Yes", "/yes"),))
    return ActionResult((Utter("utter_hi", {"name": "Ada"}, extra), BotMessage("there")), (slot_set("seen", True),))


async def refuse(_: ActionCall) -> ActionResult:
    raise ActionRejectedError("not now")


async def break_down(_: ActionCall) -> ActionResult:
    raise RuntimeError("secret path")


async def misname(_: ActionCall) -> ActionResult:
    return ActionResult((Utter("utter_hi", {"text": "no"}),))


ACTIONS = {"action_greet": greet, "action_refuse": refuse, "action_break": break_down, "action_misname": misname}
TRACKER = {
    "sender_id": "ada",
    "slots": {"language": "en", "requested_slot": "size"},
    "latest_message": {"text": "hi", "intent": {"name": "greet"}, "sentiment": {"label": "neutral"}},
    "active_loop": {"name": "order_form", "is_interrupted": False},
    "events": [{"event": "user", "text": "hi"}],
    "latest_input_channel": "web",
}


def make(token: str | None = None, client: str = "127.0.0.1", host: str = "127.0.0.1:8000") -> TestClient:
    app = FastAPI()
    app.include_router(router(ACTIONS, token=token))
    return TestClient(app, base_url=f"http://{host}", client=(client, 5000))


def call(name: str, **changes: Any) -> dict[str, Any]:
    return {"next_action": name, "sender_id": "ada", "tracker": TRACKER, "domain": {}, "version": "3.6.21", **changes}


def test_an_action_sees_the_conversation_and_answers() -> None:
    calls.clear()
    reply = make().post("/webhook", json=call("action_greet", sender_id="wecom:%E7%94%B2"))
    assert reply.status_code == 200
    assert reply.json() == {
        "events": [{"event": "slot", "name": "seen", "value": True}],
        "responses": [
            {
                "response": "utter_hi",
                "name": "Ada",
                "buttons": [{"title": "Yes", "payload": "/yes"}],
                "custom": {"cards": [json.loads(json.dumps(_plain(CARD)))]},
            },
            {"text": "there"},
        ],
    }
    assert calls == [
        ActionCall(
            "action_greet",
            "wecom:甲",
            TRACKER["slots"],
            TRACKER["latest_message"],
            "order_form",
            "size",
            TRACKER["events"],
            "web",
        )
    ]


def _plain(card: Card) -> dict[str, Any]:
    return BotMessage(cards=(card,)).as_dict()["cards"][0]


@pytest.mark.parametrize(
    ("name", "status", "error"),
    [
        ("action_refuse", 400, "not now"),
        ("action_break", 500, "RuntimeError: the log of this server says more"),
        ("action_misname", 500, "ValueError: the log of this server says more"),
        ("action_none", 404, "No registered action found for name 'action_none'."),
    ],
)
def test_failures_bear_the_name_of_the_action(name: str, status: int, error: str) -> None:
    reply = make().post("/webhook", json=call(name))
    assert (reply.status_code, reply.json()) == (status, {"error": error, "action_name": name})


def test_a_deflated_body_is_read() -> None:
    content = zlib.compress(json.dumps(call("action_refuse")).encode())
    headers = {"Content-Type": "application/json", "Content-Encoding": "deflate"}
    assert make().post("/webhook", content=content, headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{", {}, 422),
        (b"[]", {}, 422),
        (b"{}", {}, 422),
        (json.dumps({"next_action": "action_greet", "tracker": []}).encode(), {}, 422),
        (json.dumps({"next_action": "action_greet", "tracker": {"slots": 3}}).encode(), {}, 422),
        (json.dumps({"next_action": "action_greet", "tracker": {"events": {"a": 1}}}).encode(), {}, 422),
        (b"no deflate", {"Content-Encoding": "deflate"}, 422),
        (zlib.compress(b" " * (LARGEST + 1)), {"Content-Encoding": "deflate"}, 413),
        (b"{}", {"Content-Type": "text/plain"}, 415),
    ],
)
def test_bad_bodies_get_a_sentence(content: bytes, headers: Mapping[str, str], status: int) -> None:
    reply = make().post("/webhook", content=content, headers={"Content-Type": "application/json", **headers})
    assert reply.status_code == status
    assert list(reply.json()) == ["error"]


@pytest.mark.parametrize(
    ("client", "host", "headers"),
    [
        ("10.0.0.7", "shop.example", {}),
        ("127.0.0.1", "shop.example", {}),
        ("127.0.0.1", "127.0.0.1:8000", {"X-Forwarded-For": "1.2.3.4"}),
        ("127.0.0.1", "127.0.0.1:8000", {"Origin": "https://evil.example"}),
    ],
)
def test_without_a_token_only_this_machine_may_call(client: str, host: str, headers: dict[str, str]) -> None:
    for method, path in (("POST", "/webhook"), ("GET", "/actions")):
        reply = make(client=client, host=host).request(method, path, json=call("action_greet"), headers=headers)
        assert reply.status_code == 403
        assert "DAOGOU_RASA_TOKEN" in reply.json()["error"]
    assert make(host="localhost:8000").get("/actions").json() == [{"name": name} for name in ACTIONS]


def test_with_a_token_whoever_has_it_may_call() -> None:
    far = make("secret", "10.0.0.7", "shop.example")
    assert far.get("/health").json() == {"status": "ok"}
    assert far.get("/actions", params={"token": "secret"}).status_code == 200
    assert far.get("/actions", headers={"Authorization": "Bearer secret"}).status_code == 200
    for client in (far, make("secret")):
        assert client.get("/actions", params={"token": "wrong"}).status_code == 401
        assert client.post("/webhook", json=call("action_greet")).status_code == 401


@pytest.mark.parametrize(
    "message",
    [
        BotMessage("hello", buttons=(Button("a", "/a"),), metadata={"kind": "note"}),
        BotMessage("look", cards=(CARD, Card("P2", "Chair")), sources=(Source("Returns", "/articles/en/returns"),)),
        BotMessage(custom={"map": {"x": 1}}, cards=(CARD,)),
        BotMessage(custom={"map": {"x": 1}}),
        BotMessage(image="/p.png"),
        BotMessage(attachment={"url": "/a.pdf"}, elements=({"title": "t"},)),
    ],
)
def test_messages_come_back_from_rasa_as_they_went(message: BotMessage) -> None:
    (response,) = answer_of(ActionResult((message,)))["responses"]
    recorded = event_of_response(json.loads(json.dumps(response)))  # what Rasa records of a response without a name
    assert message_of_rasa(recorded) == message
