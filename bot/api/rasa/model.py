"""`/model…`, `/domain`, `/status`, `/version`: what is served, and other models in its place."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import yaml
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bot.api.rasa.conversations import events_of, prediction
from bot.api.rasa.errors import ApiError, RasaRoute, bad_request, body_of, flag, json_of, object_of, plain, takes
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.errors import DialogueError
from bot.dialogue.tracker import Tracker
from bot.messages import UserMessage
from bot.models import Models

_EMULATIONS = ("wit", "luis", "dialogflow")


def router(runtime: EmbeddedRuntime) -> APIRouter:
    """What needs a model."""
    api = APIRouter(route_class=RasaRoute)

    @api.get("/domain")
    async def domain(request: Request) -> Response:
        accept = request.headers.get("accept", "application/json")
        data = plain(runtime.domain.data)
        if accept.endswith(("json", "*/*")):
            return JSONResponse(data)
        if accept.endswith(("yml", "yaml")):
            text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
            return Response(text, media_type="application/x-yaml")
        raise ApiError(406, "NotAcceptable", "The domain comes as application/json or application/x-yaml.")

    @api.post("/model/parse", openapi_extra=takes(text="string", message_id="string"))
    async def parse(request: Request) -> Response:
        await body_of_json(request)
        body = await object_of(request)
        mode = request.query_params.get("emulation_mode")
        if mode is not None and mode.lower() not in _EMULATIONS:
            raise bad_request(
                "Invalid parameter value for 'emulation_mode'. Should be one of 'WIT', 'LUIS', 'DIALOGFLOW'.",
                "emulation_mode",
            )
        if mode is not None:
            raise ApiError(501, "NotImplemented", f"emulation_mode {mode!r} is not served; leave it out.")
        text, ident = body.get("text"), body.get("message_id") or "default"
        if not isinstance(text, str) or not isinstance(ident, str):
            raise bad_request(f"text is {text!r:.60}; send the message as text.", "text", "body")
        understood = await runtime.parse(UserMessage(text, "default", message_id=ident))
        return JSONResponse(plain({**understood, "text": understood.get("text") or text}))

    @api.post("/model/predict", openapi_extra=takes("array"))
    async def predict(request: Request) -> Response:
        tracker = Tracker(runtime.domain, "default", events_of(await json_of(request)))
        return prediction(runtime, tracker, request)

    return api


def models_router(models: Models | None) -> APIRouter:
    """What changes the model, and tells which it is. The shop's own project (None) is trained on the command line."""
    api = APIRouter(prefix="/model", route_class=RasaRoute)

    def changeable() -> Models:
        if models is None:
            raise ApiError(501, "NotImplemented", "The shop's project is trained with `daogou train`, then restarted.")
        return models

    @api.post("/train")
    async def train(request: Request) -> Response:
        """As in Rasa, one YAML text with everything; the answer is the model. It is served at once; with `load=false`
        only when it is asked for with PUT /model."""
        content = await body_of(
            request, "You must provide training data in the request body in order to train your model."
        )
        if request.query_params.get("callback_url"):
            raise bad_request("callback_url is not supported; wait for the answer.", "callback_url")
        load = request.query_params.get("load") is None or flag(request, "load")
        found = changeable()
        found.training += 1
        try:
            name = await asyncio.to_thread(found.train, content)
        except (DialogueError, UnicodeDecodeError) as err:
            raise bad_request(f"The request body does not contain valid YAML. Error: {err}") from err
        except ValueError as err:
            raise ApiError(500, "TrainingError", f"An unexpected error occurred during training. Error: {err}") from err
        finally:
            found.training -= 1
        packed = await asyncio.to_thread(found.archive, name)
        if load:
            found.serve(name)
        disposition = {"filename": name, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(packed, media_type="application/gzip", headers=disposition)

    @api.put("")
    async def load(request: Request) -> Response:
        """A model that was trained here, by its file name; or the project itself, by its folder's, read anew."""
        await body_of_json(request, "No path to model file defined in request_body.")
        body = await object_of(request)
        name = body.get("model_file")
        if body.get("model_server") or body.get("remote_storage"):
            raise ApiError(501, "NotImplemented", "Models are read from this server's disk only; give model_file.")
        found = changeable()
        if not isinstance(name, str) or not found.knows(name):
            raise bad_request(f"Agent with name '{name!s:.100}' could not be loaded.", "model")
        if found.is_own(name):
            try:
                await asyncio.to_thread(found.read_again)
            except DialogueError as err:
                raise ApiError(500, "LoadingError", f"An unexpected error occurred. Error: {err}") from err
        found.serve(name)
        return Response(status_code=204)

    @api.delete("")
    async def unload() -> Response:
        changeable().unload()
        return Response(status_code=204)

    return api


async def body_of_json(request: Request, missing: str = "") -> None:
    """Raises ApiError for an empty body."""
    if not await request.body():
        raise bad_request(
            missing
            or "No text message defined in request_body. Add text message to request body in order to obtain the intent "
            "and extracted entities."
        )


def status_of(runtime: EmbeddedRuntime, models: Models | None) -> dict[str, Any]:
    name = runtime.project.path.name if models is None else models.loaded
    domain = repr(sorted(runtime.domain.action_names)) + repr(sorted(runtime.domain.intents))
    return {
        "model_file": name,
        "model_id": hashlib.sha256(f"{name}\0{domain}".encode()).hexdigest()[:32],
        "num_active_training_jobs": 0 if models is None else models.training,
    }
