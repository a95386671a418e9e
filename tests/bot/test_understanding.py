"""A project understood by a server, by a model of its own, or not at all."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.dialogue.endpoint import Endpoint
from bot.dialogue.errors import ProjectError
from bot.dialogue.project import Project
from bot.dialogue.tracker import Tracker
from bot.messages import UserMessage
from bot.settings import Settings
from bot.understanding import RemoteUnderstanding, model_folder, train_project, training_data, understanding
from nlu.training_data import Mark, Sentence

DOMAIN = """
intents: [greet, travel, faq]
entities: [city]
responses:
  utter_greet: [{text: Hi}]
  utter_faq/ask_bags: [{text: One.}]
"""
NLU = """
nlu:
- intent: greet
  examples: |
    - hello
    - hi there
    - good morning
- intent: travel
  examples: |
    - fly me to [Rome](city)
    - a ticket to [Oslo]{"entity": "city", "role": "to"}
    - a trip to [NYC](city:New York)
- intent: faq/ask_bags
  examples: |
    - how many bags
- regex: zip
  examples: |
    - \\d{5}
- lookup: city
  examples: |
    - Lima
"""
MESSAGE = UserMessage("hello", "ada")


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    def make(*, nlu: str = NLU, endpoints: str = "", config: str = "") -> Project:
        folder = tmp_path / "assistant"
        (folder / "data").mkdir(parents=True, exist_ok=True)
        for name, text in (("domain", DOMAIN), ("data/nlu", nlu), ("endpoints", endpoints), ("config", config)):
            (folder / f"{name}.yml").write_text(text, encoding="utf-8")
        return Project.load(folder, environment={})

    return make


def test_a_projects_data_as_the_interpreter_reads_it(project: Callable[..., Project]) -> None:
    data = training_data(project())
    assert data.sentences[3:] == [
        Sentence("fly me to Rome", "travel", marks=(Mark(10, 14, "city"),)),
        Sentence("a ticket to Oslo", "travel", marks=(Mark(12, 16, "city", "to"),)),
        Sentence("a trip to NYC", "travel", marks=(Mark(10, 13, "city"),)),
        Sentence("how many bags", "faq", "ask_bags"),
    ]
    assert (data.synonyms, data.regexes, data.lookups) == ({"NYC": "New York"}, {"zip": [r"\d{5}"]}, {"city": ["Lima"]})
    assert data.responses == {"utter_faq/ask_bags": [{"text": "One."}]}


class Server:
    """Answers `POST /model/parse` and remembers what it was asked."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.asked: list[tuple[str, Any]] = []
        self._answer = answer

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((str(request.url), json.loads(request.content)))
        return self._answer(request)


async def asked(server: Server) -> Mapping[str, Any]:
    client = httpx.AsyncClient(transport=httpx.MockTransport(server))
    remote = RemoteUnderstanding(Endpoint("http://nlu.test/", params={"token": "secret"}), client)
    try:
        return await remote(MESSAGE, Tracker)  # type: ignore[arg-type]
    finally:
        await remote.close()


def test_a_server_is_asked_as_rasa_asks_it() -> None:
    answer = {"text": "hello", "intent": {"name": "greet", "confidence": 0.9}, "entities": []}
    server = Server(lambda _: httpx.Response(200, json=answer))
    assert asyncio.run(asked(server)) == answer
    assert server.asked == [("http://nlu.test/model/parse", {"token": "secret", "text": "hello", "message_id": "ada"})]


def _refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize(
    "answer",
    [
        _refuse,
        lambda _: httpx.Response(500, text="broken"),
        lambda _: httpx.Response(200, text="no json"),
        lambda _: httpx.Response(200, json=["a list"]),
    ],
)
def test_a_server_that_fails_understands_nothing(answer: Callable[[httpx.Request], httpx.Response]) -> None:
    assert asyncio.run(asked(Server(answer))) == {
        "intent": {"name": "", "confidence": 0.0},
        "entities": [],
        "text": "hello",
    }


def test_an_endpoint_without_url_is_refused(project: Callable[..., Project], tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="it needs a url"):
        understanding(project(endpoints="nlu: {token: x}"), Settings(home=tmp_path))


def test_without_examples_one_warning(project: Callable[..., Project], tmp_path: Path) -> None:
    empty = project(nlu="nlu: []")
    with pytest.warns(UserWarning, match="no NLU examples; only messages such as /intent") as caught:
        understanding(empty, Settings(home=tmp_path))
    assert len(caught) == 1
    assert train_project(empty, Settings(home=tmp_path)) == [
        "understanding: none to train, there are no examples under nlu"
    ]


def test_without_a_model_nothing_heavy_is_imported() -> None:
    heavy = ("torch", "onnxruntime", "onnx", "spacy", "jieba", "sklearn", "scipy", "pycrfsuite", "numpy")
    code = f"import sys, bot.understanding; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_model_is_trained_once_and_again_when_the_data_changes(
    project: Callable[..., Project], tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home")
    steps: list[str] = []
    found = project()
    lines = train_project(found, settings, steps.append)
    assert steps == ["understanding of assistant", "entities", "intents"]
    assert lines == [
        "understanding: 3 intents from 7 examples",
        "entities: 1 kinds from 3 marks",
        "responses of default: 1",
        f"model: {model_folder(found, settings)}",
    ]
    parse = asyncio.run(understanding(found, settings)(UserMessage("fly me to NYC", "ada"), Tracker))  # type: ignore[arg-type]
    assert parse["intent"]["name"] == "travel"
    assert [(e["entity"], e["value"]) for e in parse["entities"]] == [("city", "New York")]
    train_project(found, settings, steps.append)
    assert len(steps) == 3
    train_project(project(nlu=NLU.replace("hi there", "hi you")), settings, steps.append)
    assert len(steps) == 6
    (model_folder(found, settings) / "tagger.crf").write_bytes(b"damaged")
    train_project(project(nlu=NLU.replace("hi there", "hi you")), settings, steps.append)
    assert len(steps) == 9
