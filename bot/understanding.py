"""How messages to a project are understood: by the server that its endpoints.yml names, by a model trained on its own
examples, or, where it has none, not at all beyond `/intent{…}`.

The models' libraries are imported only when a model is needed.
"""

from __future__ import annotations

import asyncio
import json
import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import structlog

from bot.components import components
from bot.dialogue.embedded import NOT_UNDERSTOOD, Parse
from bot.dialogue.endpoint import Caller, Endpoint
from bot.dialogue.project import Project
from bot.dialogue.tracker import Tracker
from bot.messages import UserMessage
from bot.settings import Settings
from bot.stamps import of_values
from nlu.components import Components
from nlu.training_data import Mark, Sentence, TrainingData

if TYPE_CHECKING:
    from nlu.interpreter import Interpreter

log = structlog.get_logger()
SEED = 7

Report = Callable[[str], None]


def understanding(project: Project, settings: Settings) -> Parse:
    """The parse of a project's messages. A model that is missing or stale is trained first, in seconds.

    Raises ProjectError or NluError when its files cannot be used.
    """
    remote = project.endpoint("nlu")
    if remote:
        return RemoteUnderstanding(remote)
    if not project.nlu.examples:
        warnings.warn(
            f"{project.path}: no NLU examples; only messages such as /intent are understood. Add examples under `nlu:`, "
            "or name a server in endpoints.yml under `nlu: {url: …}`.",
            stacklevel=2,
        )
        return _nothing
    interpreter = _trained(project, settings, _log)
    today = date.fromisoformat(settings.today) if settings.today else None

    async def parse(message: UserMessage, _: Tracker) -> Mapping[str, Any]:
        return await asyncio.to_thread(interpreter.parse, message.text, today=today)

    return parse


def train_project(project: Project, settings: Settings, report: Report = lambda _: None) -> list[str]:
    """Trains what `understanding` needs, unless it is there already. Returns sentences on what was trained on what."""
    if project.endpoints.get("nlu"):
        return ["understanding: none to train, endpoints.yml names a server"]
    if not project.nlu.examples:
        return ["understanding: none to train, there are no examples under nlu"]
    interpreter = _trained(project, settings, report)
    data = training_data(project)
    lines = [f"understanding: {len(data.intents)} intents from {len(data.sentences)} examples"]
    if interpreter.tagger is not None:
        marks = sum(len(sentence.marks) for sentence in data.sentences)
        lines.append(f"entities: {len(data.entities)} kinds from {marks} marks")
    lines.extend(f"responses of {s.name}: {len(s.keys)}" for s in interpreter.selectors if s.keys)
    return [*lines, f"model: {model_folder(project, settings)}"]


def model_folder(project: Project, settings: Settings) -> Path:
    """Where the trained understanding of a project is kept."""
    return settings.project_home(project.path) / "understanding"


def training_data(project: Project) -> TrainingData:
    """A project's examples, synonyms, patterns and responses as the interpreter reads them."""
    sentences = []
    for example in project.nlu.examples:
        marks = tuple(
            Mark(e["start"], e["end"], str(e["entity"]), _text(e.get("role")), _text(e.get("group")))
            for e in example.entities
            if e.get("entity")
        )
        sentences.append(Sentence(example.text, example.intent, example.response, marks))
    retrieval = tuple(f"utter_{intent}/" for intent in project.nlu.retrieval_intents)
    responses = {
        name: [dict(variation) for variation in variations]
        for name, variations in project.domain.responses.items()
        if name.startswith(retrieval)
    }
    nlu = project.nlu
    return TrainingData(sentences, nlu.synonyms, nlu.regexes, nlu.lookups, responses)


def project_stamp(project: Project) -> str:
    """The digest of all that its model learns from."""
    chosen, data, names = _learned_from(project)
    return of_values([chosen.as_dict(), asdict(data), names])


def _learned_from(project: Project) -> tuple[Components, TrainingData, list[str]]:
    return components(project.config), training_data(project), sorted(project.domain.entities)


class RemoteUnderstanding:
    """A server that speaks Rasa's `POST /model/parse`. Its failures are logged, and nothing is understood then."""

    def __init__(self, endpoint: Endpoint, client: httpx.AsyncClient | None = None) -> None:
        params = dict(endpoint.params)
        self._token = params.pop("token", None)  # Rasa sends it in the body, and there only
        self._caller = Caller(replace(endpoint, params=params), client)

    async def __call__(self, message: UserMessage, _: Tracker) -> Mapping[str, Any]:
        body = {"token": self._token, "text": message.text, "message_id": message.sender_id}
        try:
            answer = await self._caller.post(json.dumps(body).encode(), "model/parse")
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as err:
            return self._failed(message, f"{type(err).__name__}: {err}")
        return found if isinstance(found, dict) else self._failed(message, f"answered {found!r:.60}, no object")

    async def close(self) -> None:
        await self._caller.close()

    def _failed(self, message: UserMessage, why: str) -> Mapping[str, Any]:
        log.error("nlu_failed", url=self._caller.endpoint.url, error=why)
        return {**NOT_UNDERSTOOD, "text": message.text}


async def _nothing(message: UserMessage, _: Tracker) -> Mapping[str, Any]:
    return {**NOT_UNDERSTOOD, "text": message.text}


def _trained(project: Project, settings: Settings, report: Report) -> Interpreter:
    """The model of just this data, from disk or trained now."""
    chosen, data, names = _learned_from(project)
    stamp = project_stamp(project)
    folder = model_folder(project, settings)

    from bot.training import encoder  # heavy, as is all from here on
    from nlu.errors import NluError
    from nlu.interpreter import Interpreter, stamp_of

    if stamp_of(folder) == stamp:
        try:
            return Interpreter.load(folder, encoder=encoder(settings))
        except NluError as err:
            log.warning("model_unusable", error=str(err))
    report(f"understanding of {project.path.name}")
    quick = encoder(settings, threads=os.cpu_count() or 1)
    Interpreter.train(data, encoder=quick, components=chosen, entities=names, seed=SEED, report=report).save(
        folder, stamp=stamp
    )
    return Interpreter.load(folder, encoder=encoder(settings))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _log(what: str) -> None:
    log.info("training", step=what)
