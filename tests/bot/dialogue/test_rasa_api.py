"""Rasa's HTTP API as its clients use it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.api.rasa import router

DOMAIN = """
intents: [hi, ask]
entities: [color]
slots:
  color: {type: text, influence_conversation: false, mappings: [{type: from_entity, entity: color}]}
responses: {utter_hi: [{text: "hello {color}"}]}
"""
RULES = "rules:\n- {rule: hi, steps: [{intent: hi}, {action: utter_hi}]}\n"


@pytest.fixture
def make(talk: Callable[..., Any]) -> Callable[..., TestClient]:
    def client(**options: Any) -> TestClient:
        app = FastAPI()
        app.include_router(router(talk(DOMAIN, rules=RULES).runtime, **options))
        return TestClient(app)

    return client


@pytest.fixture
def client(make: Callable[..., TestClient]) -> Iterator[TestClient]:
    with make() as made:
        yield made


def trigger(client: TestClient, **query: str) -> Any:
    body = {"name": "hi", "entities": [{"entity": "color", "value": "red"}]}
    return client.post("/conversations/ada/trigger_intent", json=body, params=query).json()


def test_a_triggered_intent_is_answered(client: TestClient) -> None:
    answer = trigger(client, include_events="NONE")
    assert answer["messages"] == [{"recipient_id": "ada", "text": "hello red"}]
    assert (answer["tracker"]["slots"]["color"], answer["tracker"]["events"]) == ("red", None)


def test_trackers(client: TestClient) -> None:
    fresh = client.get("/conversations/team/ada/tracker").json()
    assert [event["event"] for event in fresh["events"]] == ["action", "session_started", "action"]
    trigger(client)
    tracker = client.get("/conversations/ada/tracker", params={"include_events": "ALL"}).json()
    assert sorted(tracker) == [
        "active_loop",
        "events",
        "followup_action",
        "latest_action",
        "latest_action_name",
        "latest_event_time",
        "latest_input_channel",
        "latest_message",
        "paused",
        "sender_id",
        "slots",
    ]
    until = tracker["events"][2]["timestamp"]
    assert len(client.get("/conversations/ada/tracker", params={"until": until}).json()["events"]) == 3


def test_events_and_messages_are_added(client: TestClient) -> None:
    event = {"event": "slot", "name": "color", "value": "blue"}
    assert client.post("/conversations/ada/tracker/events", json=event).json()["slots"]["color"] == "blue"
    body = {"text": "/hi", "sender": "user"}
    heard = client.post("/conversations/ada/messages", json=body).json()
    assert heard["latest_message"]["intent"]["name"] == "hi"
    predicted = client.post("/conversations/ada/predict").json()
    assert predicted["scores"][0] == {"action": "utter_hi", "score": 1.0}
    done = client.post("/conversations/ada/execute", json={"name": "utter_hi"}).json()
    assert done["messages"] == [{"recipient_id": "ada", "text": "hello blue"}]
    assert "story: ada" in client.get("/conversations/ada/story").text


def test_the_model_and_the_domain(client: TestClient) -> None:
    assert client.get("/version").json()["version"] == "3.6.21"
    assert client.get("/status").json()["num_active_training_jobs"] == 0
    assert client.get("/domain").json()["entities"] == ["color"]
    as_yaml = client.get("/domain", headers={"Accept": "application/yaml"})
    assert "utter_hi" in as_yaml.text
    assert client.get("/domain", headers={"Accept": "image/png"}).status_code == 406
    parsed = client.post("/model/parse", json={"text": '/ask{"color": "red"}'}).json()
    assert (parsed["intent"]["name"], parsed["entities"][0]["value"]) == ("ask", "red")
    events = [{"event": "action", "name": "action_listen"}, {"event": "user", "text": "x", "parse_data": parsed}]
    assert client.post("/model/predict", json=events).json()["scores"][0]["action"] == "action_default_fallback"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", "/conversations/ada/story", None, 404),
        ("post", "/conversations/ada/predict", {}, 404),
        ("get", "/conversations/ada/tracker?include_events=SOME", None, 400),
        ("get", "/conversations/ada/tracker?until=noon", None, 400),
        ("post", "/conversations/ada/trigger_intent", {"name": "nope"}, 404),
        ("post", "/conversations/ada/trigger_intent", {}, 400),
        ("post", "/conversations/ada/trigger_intent", {"name": "hi", "entities": 3}, 400),
        ("post", "/conversations/ada/tracker/events", {"event": "explode"}, 400),
        ("post", "/conversations/ada/tracker/events", [], 400),
        ("post", "/conversations/ada/tracker/events", {"event": "user", "parse_data": "x"}, 400),
        ("post", "/conversations/ada/messages", {"text": "x", "sender": "bot"}, 400),
        ("post", "/model/parse", {"text": 3}, 400),
        ("post", "/model/parse", [], 400),
    ],
)
def test_errors_have_rasas_form(client: TestClient, method: str, path: str, body: Any, status: int) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    assert sorted(answer.json()) == ["code", "details", "help", "message", "reason", "status", "version"]
    assert answer.json()["code"] == status


def test_a_body_that_is_no_json(client: TestClient) -> None:
    assert client.post("/model/parse", content=b"{").json()["message"] == "The body must be JSON."


def test_a_token_guards_all_but_the_version(make: Callable[..., TestClient]) -> None:
    with make(token="secret") as client:
        statuses = [client.get(path).status_code for path in ("/version", "/status", "/status?token=no")]
        assert statuses == [200, 401, 401]
        assert client.get("/status?token=secret").status_code == 200
