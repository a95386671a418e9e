"""The composition root of the server: what is served for a project, and what runs beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api import action_server, chat, console, health, rasa, rest, webhooks
from bot.api.limits import RateLimit
from bot.api.sessions import Sessions
from bot.api.state import State
from bot.assistant import Assistant
from bot.channels.credentials import channels_of
from bot.core import Core, build, is_shop
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.project import Project
from bot.hub import Hub
from bot.messages import BotMessage
from bot.reminders import Reminders
from bot.settings import Settings
from bot.stores.conversations import Conversations, Inbox
from bot.stores.operators import Operators

log = structlog.get_logger()
STATIC = Path(__file__).parent / "web" / "static"
_DOCS_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"same-origin")]
_HEADERS = [
    *_DOCS_HEADERS,
    (
        b"content-security-policy",
        b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; "
        b"object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    ),
]
RESUME_SECONDS = 3600
"""Messages that a crash left unanswered are answered at the next start when they are no older than this."""


def create_app(settings: Settings | None = None, *, core: Core | None = None) -> FastAPI:
    """Serves the project of the settings: a shop with all its pages, or any other Rasa 3 project. One that is open
    already may be handed in.

    Raises ProjectError for one that cannot be read."""
    settings = core.settings if core is not None else settings or Settings()
    project = core.project if core is not None else Project.load(settings.project)
    opened = core
    with_shop = is_shop(project)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        core: Core = opened if opened is not None else await asyncio.to_thread(build, settings, project=project)
        state = _state(core)
        app.state.daogou = state
        password = await asyncio.to_thread(state.operators.first_password)
        if password:
            _announce(settings, password)
        if core.services is not None:
            from bot.actions import bound

            app.include_router(action_server.router(bound(core.services), token=settings.rasa_secret))
        if settings.enable_api:
            if not isinstance(core.runtime, EmbeddedRuntime):
                raise ValueError("Rasa's HTTP API is at the Rasa server itself; leave out --enable-api.")
            app.include_router(_rasa_api(state, core.runtime))
        async with AsyncExitStack() as stack:
            stack.callback(core.engine.dispose)
            stack.callback(core.trackers.close)
            stack.push_async_callback(core.locks.close)
            stack.push_async_callback(core.runtime.close)
            for channel in state.channels.values():
                stack.push_async_callback(channel.close)
            background = [asyncio.create_task(work) for work in _background(state)]
            try:
                yield
            finally:
                for task in background:
                    task.cancel()
                await asyncio.gather(*background, return_exceptions=True)

    app = FastAPI(
        title="Daogou", lifespan=lifespan, docs_url="/api/docs", openapi_url="/api/openapi.json", redoc_url=None
    )
    app.add_middleware(_Headers)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "X-Session"],
        )
    if with_shop:
        from bot.api import shop  # the shop's parts are heavy; a plain project does without

        app.include_router(shop.router)
        app.include_router(rest.router)
    elif not project.credentials or "rest" in project.credentials:
        app.router.routes.extend(rest.plain_routes())
    if with_shop or settings.runtime == "rasa":
        app.include_router(rest.understanding)
    for module in (chat, webhooks, console, health):
        app.include_router(module.router)
    _pages(app, with_shop=with_shop)
    return app


def _rasa_api(state: State, runtime: EmbeddedRuntime) -> APIRouter:
    settings = state.settings
    token, secret = settings.api_token, settings.jwt_secret
    access = rasa.Access(
        token.get_secret_value() if token else None, secret.get_secret_value() if secret else None, settings.jwt_method
    )

    async def deliver(name: str, sender_id: str, messages: Sequence[BotMessage]) -> bool:
        channel = state.channels.get(name)
        if channel is None:
            return False
        for message in messages:
            await channel.send(sender_id, message)
        return True

    return rasa.router(runtime, access=access, lock=state.core.locks.hold, deliver=deliver, models=state.core.models)


def _background(state: State) -> list[Any]:
    work: list[Any] = [_resume(state)]
    if isinstance(state.core.runtime, EmbeddedRuntime):
        work.append(_reminders(state, state.core.runtime).run())
    if state.has_shop:
        from bot.upkeep import refit_apart, renew, sweep

        settings = state.settings
        work += [sweep(state), renew(state.services, settings.refit_at, lambda: refit_apart(settings))]
    return work


def _state(core: Core) -> State:
    settings = core.settings
    conversations = Conversations(core.engine)

    async def erase(sender_id: str) -> None:
        """This conversation, and the customer's others."""
        row = await asyncio.to_thread(conversations.get, sender_id)
        known = row.customer_id if row else None
        others = await asyncio.to_thread(conversations.of_customer, known) if known else []
        for one in {sender_id, *others}:
            await asyncio.to_thread(core.trackers.erase, one)
            await core.runtime.erase(one)
            await asyncio.to_thread(conversations.erase, one)

    hub = Hub()
    assistant = Assistant(
        core.runtime,
        conversations=conversations,
        inbox=Inbox(core.engine),
        hub=hub,
        erase=erase if core.services is not None else None,
        longest=settings.message_length,
        locks=core.locks,
    )
    secrets = [s.get_secret_value() for s in settings.identity_secrets] or [settings.session_secret.hex()]
    return State(
        core=core,
        assistant=assistant,
        hub=hub,
        sessions=Sessions(settings.session_secret, secrets),
        operators=Operators(core.engine),
        channels=channels_of(core.project.credentials if core.services is None else {}, settings),
        per_conversation=RateLimit(settings.messages_per_minute),
        per_address=RateLimit(settings.messages_per_minute * 4),
    )


def _pages(app: FastAPI, *, with_shop: bool) -> None:
    """The page at the root, the console, and the widget's script; the shop's articles."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for path, name in (("/console", "console.html"), ("/widget.js", "widget.js")):
        app.add_api_route(path, _file(STATIC / name), include_in_schema=False)
    if with_shop:
        app.add_api_route("/", _file(STATIC / "index.html"), include_in_schema=False)
        app.add_api_route("/articles/{language}/{slug}", _file(STATIC / "article.html"), include_in_schema=False)
    else:
        app.add_api_route("/", _hello, include_in_schema=False)


def _hello(request: Request) -> Response:
    """A page to talk on for people; what Rasa's clients expect for everyone else."""
    if "text/html" in request.headers.get("accept", ""):
        return FileResponse(STATIC / "plain.html")
    return PlainTextResponse(f"Hello from Rasa: {rasa.RASA_VERSION}")


def _file(path: Path) -> Callable[[], FileResponse]:
    return lambda: FileResponse(path)


class _Headers:
    """No page of ours is framed by others, nothing is guessed, nothing foreign is loaded."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _DOCS_HEADERS if scope["path"].startswith("/api/docs") else _HEADERS

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.setdefault("headers", [])
                known = {name for name, _ in given}
                given += [header for header in headers if header[0] not in known]
            await send(message)

        await self._app(scope, receive, with_headers)


async def _resume(state: State) -> None:
    for message, replies in await state.assistant.resume(since=time.time() - RESUME_SECONDS):
        channel = state.channels.get(message.channel)
        if channel is not None:
            for reply in replies:
                await channel.send(message.sender_id, reply)
    runtime = state.core.runtime
    if not isinstance(runtime, EmbeddedRuntime):
        return
    # What came in past the inbox, over plain HTTP.
    since = runtime.clock() - RESUME_SECONDS
    for sender_id in await asyncio.to_thread(state.core.trackers.unanswered, since=since):
        try:
            async with state.core.locks.hold(sender_id):
                turn = await runtime.resume(sender_id)
                if turn is not None:
                    await _tell(state, sender_id, turn.messages)
        except Exception:  # one broken conversation must not keep the others waiting
            log.exception("resume_failed", sender_id=sender_id)


async def _tell(state: State, sender_id: str, messages: list[BotMessage]) -> None:
    """To wherever the customer is. Who talks over plain HTTP finds them in the tracker, as with Rasa."""
    row = await asyncio.to_thread(state.assistant.conversations.get, sender_id)
    if row is None:
        return
    channel = state.channels.get(row.channel)
    for message in messages:
        await state.assistant.say(sender_id, message, channel=row.channel)
        if channel is not None:
            await channel.send(sender_id, message)


def _reminders(state: State, runtime: EmbeddedRuntime) -> Reminders:
    conversations = state.assistant.conversations

    async def deliver(sender_id: str, messages: list[BotMessage]) -> None:
        await _tell(state, sender_id, messages)

    async def may_speak(sender_id: str) -> bool:
        row = await asyncio.to_thread(conversations.get, sender_id)
        return row is None or row.mode != "human"

    return Reminders(runtime, held=state.core.locks.hold, deliver=deliver, may_speak=may_speak)


def _announce(settings: Settings, password: str) -> None:
    """The only time the first password is shown."""
    log.warning(
        "console_password", url=f"http://{settings.host}:{settings.port}/console", name="admin", password=password
    )
