"""Rasa's HTTP API as its clients use it."""

from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.api.rasa import Access, router

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
        ("post", "/conversations/ada/tracker/events", [{"event": "slot", "value": 1}], 400),
        ("post", "/conversations/ada/tracker/events", {"event": "bot", "data": [1]}, 400),
        ("post", "/conversations/ada/tracker/events", {"event": "user", "parse_data": {"entities": [1]}}, 400),
        ("put", "/conversations/ada/tracker/events", {"event": "explode"}, 400),
        ("post", "/conversations/ada/messages", {"text": "x", "sender": "bot"}, 400),
        ("post", "/conversations/ada/messages", {"sender": "user"}, 400),
        ("post", "/conversations/ada/messages", {"text": "x", "sender": "user", "parse_data": [1]}, 400),
        ("post", "/conversations/ada/messages", None, 400),
        ("get", "/conversations/ada/story?all_sessions=perhaps", None, 404),
        ("post", "/model/parse", None, 400),
        ("post", "/model/parse?emulation_mode=siri", {"text": "x"}, 400),
        ("post", "/model/parse?emulation_mode=luis", {"text": "x"}, 501),
        ("post", "/model/test/intents", {"a": 1}, 400),
        ("post", "/model/test/intents", None, 400),
        ("post", "/model/test/intents?cross_validation_folds=2", {"a": 1}, 400),
        ("post", "/model/test/stories", None, 400),
        ("put", "/model", None, 400),
        ("put", "/model", {"model_file": "x"}, 501),
        ("delete", "/model", None, 501),
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
    with make(access=Access("secret")) as client:
        statuses = [client.get(path).status_code for path in ("/version", "/status", "/status?token=no")]
        assert statuses == [200, 401, 401]
        assert client.get("/status?token=secret").status_code == 200


SECRET = "a secret of thirty-two characters"


def signed(username: str, role: str, secret: str = SECRET, **claims: Any) -> dict[str, str]:
    token = jwt.encode({"user": {"username": username, "role": role}, **claims}, secret)
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("headers", "statuses"),
    [
        (signed("root", "admin"), [200, 200, 200]),
        (signed("ada", "user"), [200, 403, 403]),
        (signed("ada", "guest"), [403, 403, 403]),
        (signed("ada", "user", "another secret of thirty-two chars"), [401, 401, 401]),
        (signed("root", "admin", exp=1), [401, 401, 401]),
        ({}, [401, 401, 401]),
    ],
)
def test_a_jwt_opens_everything_or_the_own_conversation(
    make: Callable[..., TestClient], headers: dict[str, str], statuses: list[int]
) -> None:
    paths = ["/conversations/ada/tracker", "/conversations/bob/tracker", "/status"]
    with make(access=Access(None, SECRET)) as client:
        assert [client.get(path, headers=headers).status_code for path in paths] == statuses


def test_events_are_replaced(client: TestClient) -> None:
    trigger(client)
    event = {"event": "slot", "name": "color", "value": "blue"}
    replaced = client.put("/conversations/ada/tracker/events", json=[event]).json()
    assert ([e["event"] for e in replaced["events"]], replaced["slots"]["color"]) == (["slot"], "blue")
    assert client.put("/conversations/ada/tracker/events", json=[]).json()["events"] == []


def test_messages_go_over_a_channel(make: Callable[..., TestClient]) -> None:
    sent: list[tuple[str, str, list[str | None]]] = []

    async def deliver(channel: str, sender_id: str, messages: Any) -> bool:
        sent.append((channel, sender_id, [message.text for message in messages]))
        return channel == "telegram"

    with make(deliver=deliver) as client:
        body = {"name": "hi", "entities": {"color": "red"}}
        for channel, keys in (("telegram", ["tracker"]), ("fax", ["messages", "tracker"])):
            path = f"/conversations/ada/trigger_intent?output_channel={channel}"
            assert sorted(client.post(path, json=body).json()) == keys
    assert sent == [("telegram", "ada", ["hello red"]), ("fax", "ada", ["hello red"])]


def test_stories_are_tested(client: TestClient) -> None:
    story = """
stories:
- story: one
  steps:
  - user: /hi
    intent: hi
  - action: utter_hi
  - user: /ask
    intent: ask
  - action: utter_hi
"""
    result = client.post("/model/test/stories", content=story, headers={"Content-Type": "application/x-yaml"}).json()
    assert (result["report"]["utter_hi"]["recall"], result["is_end_to_end_evaluation"]) == (0.5, False)
    assert result["actions"][0] == {
        "action": "utter_hi",
        "predicted": "utter_hi",
        "policy": "RulePolicy",
        "confidence": 1.0,
    }
    assert sorted(result) == [
        "accuracy",
        "actions",
        "f1",
        "in_training_data_fraction",
        "is_end_to_end_evaluation",
        "precision",
        "report",
    ]


def test_understanding_is_tested(client: TestClient) -> None:
    """What understands in these tests takes everything for `inform`."""
    yaml = "nlu:\n- intent: inform\n  examples: |\n    - I like [red](color)\n- intent: hi\n  examples: |\n    - good day\n"
    result = client.post("/model/test/intents", content=yaml, headers={"Content-Type": "application/x-yaml"}).json()
    intents = result["intent_evaluation"]
    assert (intents["accuracy"], intents["report"]["inform"]["precision"]) == (0.5, 0.5)
    assert intents["predictions"][0] == {
        "text": "I like red",
        "intent": "inform",
        "predicted": "inform",
        "confidence": 0.9,
    }
    assert intents["errors"] == [
        {"text": "good day", "intent": "hi", "intent_prediction": {"name": "inform", "confidence": 0.9}}
    ]
    assert result["entity_evaluation"]["entities"]["report"]["color"]["recall"] == 0
    assert result["response_selection_evaluation"] is None
    older = {"rasa_nlu_data": {"common_examples": [{"text": "good day", "intent": "inform", "entities": []}]}}
    assert client.post("/model/test/intents", json=older).json()["intent_evaluation"]["accuracy"] == 1.0


def test_what_cannot_be_read_is_told_without_our_paths(client: TestClient) -> None:
    headers = {"Content-Type": "application/x-yaml"}
    answer = client.post("/model/test/stories", content="stories: [3", headers=headers)
    assert (answer.status_code, "/tmp" in answer.text) == (400, False)
