"""Any Rasa project, served."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bot.app import create_app
from bot.core import is_shop
from bot.dialogue.project import Project
from bot.settings import OUR_PROJECT, Settings

pytestmark = pytest.mark.filterwarnings("ignore:.*no NLU examples")
DOMAIN = """
intents: [hi, order]
entities: [size]
slots: {size: {type: text, mappings: [{type: from_entity, entity: size}]}}
responses:
  utter_hi: [{text: "hello", buttons: [{title: Order, payload: /order}]}]
  utter_ask_size: [{text: "which size?"}]
  utter_done: [{text: "size {size} it is"}]
forms: {order_form: {required_slots: [size]}}
"""
RULES = """
rules:
- {rule: hi, steps: [{intent: hi}, {action: utter_hi}]}
- {rule: order, steps: [{intent: order}, {action: order_form}, {active_loop: order_form}]}
- rule: done
  condition: [{active_loop: order_form}]
  steps: [{action: order_form}, {active_loop: null}, {slot_was_set: [{requested_slot: null}]}, {action: utter_done}]
"""
NLU = "nlu: {url: 'http://127.0.0.1:9'}\n"  # nobody is there; /intent goes there too, as in Rasa


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "domain.yml").write_text(DOMAIN)
    (project / "config.yml").write_text("policies: [{name: RulePolicy}]\n")
    (project / "data" / "rules.yml").write_text(RULES)
    return Settings(home=tmp_path / "home", project=project)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as made:
        yield made


def say(client: TestClient, message: str, sender: str = "ada") -> list[str]:
    answer = client.post("/webhooks/rest/webhook", json={"sender": sender, "message": message})
    return [one["text"] for one in answer.json()]


def test_the_rest_channel_answers_as_rasas(client: TestClient) -> None:
    answer = client.post("/webhooks/rest/webhook", json={"sender": "ada", "message": "/hi", "metadata": {"a": 1}})
    assert answer.json() == [
        {"recipient_id": "ada", "text": "hello", "buttons": [{"title": "Order", "payload": "/order"}]}
    ]
    assert client.get("/webhooks/rest/").json() == {"status": "ok"}
    streamed = client.post("/webhooks/rest/webhook?stream=true", json={"message": "/hi"})
    assert [json.loads(line)["recipient_id"] for line in streamed.text.splitlines()] == ["default"]
    assert streamed.headers["content-type"].startswith("text/event-stream")


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b'{"message": 3}', b'{"sender": "", "message": "x"}', b'{"message": "x", "metadata": 1}']
)
def test_what_is_no_message_is_refused(client: TestClient, body: bytes) -> None:
    answer = client.post("/webhooks/rest/webhook", content=body)
    assert (answer.status_code, sorted(answer.json())) == (400, ["description", "message", "status"])


def test_pages_and_health(client: TestClient) -> None:
    assert client.get("/").text == "Hello from Rasa: 3.6.21"
    assert "widget.js" in client.get("/", headers={"Accept": "text/html"}).text
    assert client.get("/readyz").json() == {"status": "ok"}
    assert client.get("/console").headers["content-security-policy"].startswith("default-src 'self'")
    assert [client.get(path).status_code for path in ("/api/products", "/status", "/conversations/ada/tracker")] == [
        404,
        404,
        404,
    ]


def test_the_widget_talks(client: TestClient) -> None:
    session = client.post("/api/session", json={}).json()
    assert session["customer"] is None
    with client.websocket_connect(f"/ws?session={session['session']}") as socket:
        assert socket.receive_json()["type"] == "welcome"
        socket.send_json({"type": "message", "id": "1", "text": "/hi"})
        said: list[str] = []
        while "hello" not in said:
            news = socket.receive_json()
            said += [news["data"]["text"]] if news["type"] == "said" else []
    assert said == ["/hi", "hello"]


def test_a_new_process_goes_on_in_the_middle_of_a_form(settings: Settings) -> None:
    with TestClient(create_app(settings)) as first:
        assert say(first, "/order") == ["which size?"]
    with TestClient(create_app(settings)) as second:
        assert say(second, '/order{"size": "L"}') == ["size L it is"]


def test_two_projects_of_one_home_keep_apart(settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other" / "project"
    assert settings.project_url(other) != settings.project_url(settings.project)


def test_without_rest_in_the_credentials_there_is_none(settings: Settings) -> None:
    (settings.project / "credentials.yml").write_text("telegram: {access_token: '1:a', verify: bot}\nfax:\n")
    with TestClient(create_app(settings)) as client:
        assert client.post("/webhooks/rest/webhook", json={"message": "/hi"}).status_code == 404
        assert client.post("/webhooks/telegram/webhook", json={}).status_code == 403


def test_an_understanding_that_is_away_says_nothing(settings: Settings) -> None:
    (settings.project / "endpoints.yml").write_text(NLU)
    with TestClient(create_app(settings)) as client:
        assert say(client, "/hi") == []


def test_what_is_a_shop(settings: Settings) -> None:
    project = settings.project
    assert not is_shop(Project.load(project))
    (project / "domain.yml").write_text(DOMAIN + "actions: [action_greet, action_mine]\n")
    assert is_shop(Project.load(project))
    (project / "endpoints.yml").write_text("action_endpoint: {url: 'http://actions:5055/webhook'}\n")
    assert not is_shop(Project.load(project))
    assert is_shop(Project.load(OUR_PROJECT))


def test_nothing_heavy_is_imported(settings: Settings) -> None:
    """Start and memory depend on it."""
    code = """
import sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
from fastapi.testclient import TestClient
import bot.cli
from bot.app import create_app
from bot.settings import Settings
with TestClient(create_app(Settings(home=Path(sys.argv[1]), project=Path(sys.argv[2])))) as client:
    assert client.post("/webhooks/rest/webhook", json={"message": "/hi"}).json()
heavy = ("torch", "spacy", "chromadb", "onnxruntime", "sklearn", "scipy", "transformers", "matplotlib")
print([name for name in heavy if name in sys.modules])
"""
    command = [sys.executable, "-c", code, str(settings.home), str(settings.project)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
