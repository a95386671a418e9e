"""Errors in the form of Rasa's HTTP API, and the reading of requests that raises them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog
from fastapi import Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from bot.dialogue.custom import RASA_VERSION
from bot.dialogue.errors import DialogueError

log = structlog.get_logger()
BODY_LIMIT = 16 << 20  # bytes; training data comes in one body


class ApiError(Exception):
    """`reason` is Rasa's short word, `message` a sentence."""

    def __init__(self, status: int, reason: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {
            "version": RASA_VERSION,
            "status": "failure",
            "message": message,
            "reason": reason,
            "details": dict(details or {}),
            "help": None,
            "code": status,
        }


class RasaRoute(APIRoute):
    """Answers every error in Rasa's form; what nobody foresaw is logged, and no more than that is told."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except ApiError as err:
                problem = err
            except DialogueError as err:
                problem = ApiError(500, "ConversationError", f"An unexpected error occurred. Error: {err}")
            except Exception:
                log.exception("api_failed", path=request.url.path)
                problem = ApiError(500, "ConversationError", "An unexpected error occurred; the server's log has it.")
            return JSONResponse(problem.body, problem.status)

        return handle


def bad_request(message: str, parameter: str | None = None, place: str = "query") -> ApiError:
    return ApiError(400, "BadRequest", message, {"parameter": parameter, "in": place} if parameter else None)


async def body_of(request: Request, missing: str) -> bytes:
    """The raw body. Raises ApiError where there is none (with the sentence `missing`) or too much."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY_LIMIT:
            raise ApiError(413, "PayloadTooLarge", f"The body is larger than {BODY_LIMIT} bytes.")
    if not content:
        raise bad_request(missing)
    return bytes(content)


async def object_of(request: Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body counts as none of its keys."""
    body = await json_of(request)
    if not isinstance(body, dict):
        raise bad_request(f"The body is {body!r:.60}; it must be an object.")
    return body


async def json_of(request: Request) -> Any:
    try:
        return await request.json()
    except (ValueError, RecursionError) as err:
        raise bad_request("The body must be JSON.") from err


def flag(request: Request, name: str) -> bool:
    """A query parameter that is true or false; false where it is absent."""
    given = request.query_params.get(name, "false").lower()
    if given not in ("true", "false"):
        raise bad_request(f"{name} is {given!r:.40}; it must be true or false.", name)
    return given == "true"


def number(request: Request, name: str) -> float | None:
    given = request.query_params.get(name)
    try:
        return None if given is None else float(given)
    except ValueError as err:
        raise bad_request(f"{name} is {given!r:.40}; it must be a number.", name) from err


def plain(value: Any) -> Any:
    """JSON has no word for infinity; everything else passes."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def takes(kind: str = "object", **properties: str) -> dict[str, Any]:
    """For `openapi_extra`: the body of a route that reads it itself, with the JSON types of its best-known keys."""
    schema: dict[str, Any] = {"type": kind} if kind != "any" else {}
    if properties:
        schema["properties"] = {name: {"type": type_} for name, type_ in properties.items()}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
