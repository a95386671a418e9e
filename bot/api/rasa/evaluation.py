"""`/model/test/…`: how well the served model does on given stories and examples, in the keys of Rasa's answers."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bot.api.rasa.errors import ApiError, RasaRoute, bad_request, body_of, flag, plain
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.errors import DialogueError
from bot.dialogue.nlu_data import Example, NluData
from bot.dialogue.stories import Story, UserStep
from bot.dialogue.test_replay import replay_each
from bot.dialogue.test_results import Acted, Report, StoryResult, Understood, response_key
from bot.dialogue.test_stories import load_test_stories
from bot.dialogue.yaml_file import read_yaml
from bot.messages import UserMessage

T = TypeVar("T")
_YAML = ("yaml", "yml")
_REMEMBERING = ("MemoizationPolicy", "AugmentedMemoizationPolicy", "RulePolicy")


def router(runtime: EmbeddedRuntime) -> APIRouter:
    api = APIRouter(prefix="/model/test", route_class=RasaRoute)

    @api.post("/stories")
    async def stories(request: Request) -> Response:
        content = await body_of(
            request, "You must provide some stories in the request body in order to evaluate your model."
        )
        e2e = flag(request, "e2e")
        found = await asyncio.to_thread(_stories, content)
        if not e2e:
            found = [_without_texts(story) for story in found]
        results = [result async for result in replay_each(found, runtime)]
        return JSONResponse(plain(await asyncio.to_thread(_story_figures, results, e2e)))

    @api.post("/intents")
    async def intents(request: Request) -> Response:
        content = await body_of(
            request, "You must provide some nlu data in the request body in order to evaluate your model."
        )
        if request.query_params.get("callback_url"):
            raise bad_request("callback_url is not supported; wait for the answer.", "callback_url")
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        folds = request.query_params.get("cross_validation_folds")
        if folds and not kind.endswith(_YAML):
            raise ApiError(400, "TestingError", "Cross-validation is only supported for YAML data.")
        if folds:
            raise ApiError(
                501, "TestingError", "Cross-validation trains a model for each fold; run `python -m nlu evaluate`."
            )
        data = await asyncio.to_thread(_yaml_examples, content) if kind.endswith(_YAML) else _json_examples(content)
        seen = [(example, await runtime.parse(UserMessage(example.text, "default"))) for example in data]
        return JSONResponse(plain(await asyncio.to_thread(_understanding_figures, seen)))

    return api


def _stories(content: bytes) -> list[Story]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test_data.yml"
        path.write_bytes(content)
        return _read(lambda: load_test_stories([path]), path)


def _yaml_examples(content: bytes) -> list[Example]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.yml"
        path.write_bytes(content)

        def read() -> list[Example]:
            block, data = read_yaml(path), NluData()
            if block.get("nlu") is None:
                raise bad_request("The body has no `nlu`.")
            data.read(path, block["nlu"], block.lines["nlu"])
            return data.examples

        return _read(read, path)


def _read(read: Callable[[], T], path: Path) -> T:
    try:
        return read()
    except (DialogueError, UnicodeDecodeError) as err:
        why = str(err).replace(f"{path}:", "line ").replace(str(path), "the body")
        raise bad_request(f"The request body does not contain valid YAML. Error: {why}") from err


def _json_examples(content: bytes) -> list[Example]:
    """Rasa's older JSON: {"rasa_nlu_data": {"common_examples": [{"text", "intent", "entities"}]}}."""
    try:
        examples = orjson.loads(content)["rasa_nlu_data"]["common_examples"]
        found = [
            Example(one["text"], *_split(one.get("intent") or ""), tuple(dict(e) for e in one.get("entities") or ()))
            for one in examples
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise bad_request(
            'The body must be NLU data: {"rasa_nlu_data": {"common_examples": [{"text", "intent", "entities"}]}}.'
        ) from err
    if not all(isinstance(example.text, str) and isinstance(example.intent, str) for example in found):
        raise bad_request("text and intent of every example must be texts.")
    return found


def _split(intent: str) -> tuple[str, str | None]:
    name, _, response = intent.partition("/")
    return name, response or None


def _without_texts(story: Story) -> Story:
    """Without `e2e` nothing is understood: the intents are taken as written."""
    steps = [replace(step, text=None) if isinstance(step, UserStep) and step.intent else step for step in story.steps]
    return replace(story, steps=tuple(steps))


def _story_figures(results: Sequence[StoryResult], e2e: bool) -> dict[str, Any]:
    from bot.dialogue.test_reports import story_report  # sklearn is heavy

    if not e2e:
        results = [replace(r, outcomes=tuple(o for o in r.outcomes if isinstance(o, Acted))) for r in results]
    whole = Report(tuple(results))
    report = story_report(whole)
    report.pop("conversation_accuracy", None)
    acted = whole.acted
    known = sum(any(policy in (one.policy or "") for policy in _REMEMBERING) for one in acted)
    return {
        "report": report,
        **_averages(report, "f1"),
        "actions": [
            {"action": a.target, "predicted": a.predicted, "policy": a.policy, "confidence": a.confidence}
            for a in acted
        ],
        "in_training_data_fraction": known / len(acted) if acted else 0.0,
        "is_end_to_end_evaluation": e2e,
    }


def _understanding_figures(seen: Sequence[tuple[Example, Any]]) -> dict[str, Any]:
    labelled = [(example, parse) for example, parse in seen if example.intent]
    answering = [(example, parse) for example, parse in labelled if example.response]
    marked = any(example.entities or parse.get("entities") for example, parse in seen)
    return {
        "intent_evaluation": _intents(labelled) if labelled else None,
        "entity_evaluation": _entities(seen) if marked else None,
        "response_selection_evaluation": _responses(answering) if answering else None,
    }


def _intents(seen: Sequence[tuple[Example, Any]]) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [
        {
            "text": example.text,
            "intent": example.intent,
            "predicted": str((parse.get("intent") or {}).get("name") or ""),
            "confidence": float((parse.get("intent") or {}).get("confidence") or 0.0),
        }
        for example, parse in seen
    ]
    errors = [
        {
            "text": row["text"],
            "intent": row["intent"],
            "intent_prediction": {"name": row["predicted"], "confidence": row["confidence"]},
        }
        for row in rows
        if row["intent"] != row["predicted"]
    ]
    figures = _figures([row["intent"] for row in rows], [row["predicted"] for row in rows])
    return {"predictions": rows, **figures, "errors": errors}


def _responses(seen: Sequence[tuple[Example, Any]]) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for example, parse in seen:
        chosen = (parse.get("response_selector") or {}).get(example.intent) or {}
        rows.append(
            {
                "text": example.text,
                "intent_response_key_target": f"{example.intent}/{example.response}",
                "intent_response_key_prediction": response_key(parse, example.intent) or "",
                "confidence": float((chosen.get("response") or {}).get("confidence") or 0.0),
            }
        )
    targets = [row["intent_response_key_target"] for row in rows]
    figures = _figures(targets, [row["intent_response_key_prediction"] for row in rows])
    return {"predictions": rows, **figures}


def _entities(seen: Sequence[tuple[Example, Any]]) -> dict[str, Any]:
    """One entry for each extractor that found something; those of this understanding share the work, so an entity
    that another one found counts as found."""
    from bot.dialogue.test_reports import NO_ENTITY, aligned

    understood = [
        Understood(0, example.text, None, None, wanted=example.entities, found=tuple(parse.get("entities") or ()))
        for example, parse in seen
    ]
    rows = aligned(understood)
    figures = _figures([target for target, *_ in rows], [found for _, found, *_ in rows], exclude=NO_ENTITY)
    names = sorted({str(e.get("extractor")) for one in understood for e in one.found if e.get("extractor")})
    return dict.fromkeys(names or ["entities"], figures)


def _figures(targets: list[str], predictions: list[str], *, exclude: str | None = None) -> dict[str, Any]:
    from bot.dialogue.test_reports import confused  # sklearn is heavy

    report = confused(targets, predictions, exclude=exclude)
    return {"report": report, **_averages(report, "f1_score")}


def _averages(report: dict[str, Any], f1: str) -> dict[str, Any]:
    mean = report.get("weighted avg") or {}
    return {
        "precision": mean.get("precision", 0.0),
        f1: mean.get("f1-score", 0.0),
        "accuracy": report.get("accuracy", 0.0),
    }
