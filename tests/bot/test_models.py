"""Models that are trained over the API, served and taken away."""

import asyncio
import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.api.rasa import router
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.project import Project
from bot.dialogue.store import MemoryTrackerStore
from bot.dialogue.tracker import Tracker
from bot.messages import UserMessage
from bot.models import KEPT, Models

TEXT = """
intents: [hi]
responses: {utter_hi: [{text: "%s"}]}
policies: [{name: RulePolicy}]
rules:
- rule: hi
  steps: [{intent: hi}, {action: utter_hi}]
"""


@pytest.fixture
def models(tmp_path: Path) -> Models:
    own = tmp_path / "own"
    (own / "data").mkdir(parents=True)
    domain, _, rules = (TEXT % "old").partition("policies")
    (own / "domain.yml").write_text(domain)
    (own / "config.yml").write_text("policies: [{name: RulePolicy}]\n")
    (own / "data" / "rules.yml").write_text(rules[rules.index("rules:") :])

    async def parse(message: UserMessage, tracker: Tracker) -> Mapping[str, Any]:
        return {}

    project = Project.load(own)
    runtime = EmbeddedRuntime(project, parse=parse, actions={}, store=MemoryTrackerStore())
    return Models(runtime, tmp_path / "trained", lambda _: parse, parse)


@pytest.fixture
def client(models: Models) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(router(models.runtime, models=models))
    with TestClient(app) as made:
        yield made


@pytest.fixture
def says(models: Models) -> Callable[[], list[str | None]]:
    def say() -> list[str | None]:
        replies = asyncio.run(models.runtime.respond(UserMessage("/hi", "ada")))
        return [reply.text for reply in replies]

    return say


def train(client: TestClient, text: str, query: str = "") -> Any:
    return client.post(f"/model/train{query}", content=text, headers={"Content-Type": "application/x-yaml"})


def test_a_model_is_trained_and_served(client: TestClient, says: Callable[[], Any]) -> None:
    assert says() == ["old"]
    answer = train(client, TEXT % "new")
    name = answer.headers["filename"]
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
        assert f"{name.removesuffix('.tar.gz')}/domain.yml" in archive.getnames()
    assert (says(), client.get("/status").json()["model_file"]) == (["new"], name)
    assert client.put("/model", json={"model_file": "own"}).status_code == 204
    assert says() == ["old"]
    assert client.put("/model", json={"model_file": f"models/{name}"}).status_code == 204
    assert says() == ["new"]


def test_a_model_may_wait_until_it_is_asked_for(client: TestClient, says: Callable[[], Any]) -> None:
    assert train(client, TEXT % "new", "?load=false").status_code == 200
    assert says() == ["old"]


def test_the_own_files_are_read_again(client: TestClient, models: Models, says: Callable[[], Any]) -> None:
    domain = models.runtime.project.path / "domain.yml"
    domain.write_text(domain.read_text().replace("old", "changed"))
    assert client.put("/model", json={"model_file": "own"}).status_code == 204
    assert says() == ["changed"]
    domain.write_text("intents: [")
    assert client.put("/model", json={"model_file": "own"}).json()["reason"] == "LoadingError"
    assert says() == ["changed"]


def test_without_a_model_nothing_is_answered(client: TestClient) -> None:
    assert client.delete("/model").status_code == 204
    answers = [client.get("/status"), client.get("/domain"), client.get("/conversations/ada/tracker")]
    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert client.put("/model", json={"model_file": "own"}).status_code == 204
    assert client.get("/status").status_code == 200


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 400),
        ("a: [", 400),
        ("intents: [hi]\nrules: 3\n", 400),
        (TEXT.replace("[{intent: hi}, {action: utter_hi}]", "3") % "x", 400),
    ],
)
def test_what_cannot_be_trained_changes_nothing(
    client: TestClient, models: Models, says: Callable[[], Any], tmp_path: Path, text: str, status: int
) -> None:
    answer = train(client, text)
    assert (answer.status_code, answer.json()["code"], str(tmp_path) in answer.text) == (status, status, False)
    assert (says(), models.training) == (["old"], 0)
    assert not list((tmp_path / "trained").glob("*"))


def test_unknown_models_are_refused(client: TestClient) -> None:
    assert client.put("/model", json={"model_file": "../../etc"}).status_code == 400
    assert client.put("/model", json={"model_server": {"url": "http://x"}}).status_code == 501


def test_only_the_newest_are_kept(client: TestClient, tmp_path: Path) -> None:
    for _ in range(KEPT + 2):
        train(client, TEXT % "new")
    assert len(list((tmp_path / "trained").glob("*"))) <= KEPT + 1
