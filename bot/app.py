"""The composition root: everything is built and wired here, and nowhere else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import structlog
import yaml
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot import actions, training
from bot.actions.services import Services
from bot.actions.stock import restocked
from bot.api import chat, console, health, rasa, shop, webhooks
from bot.api.limits import RateLimit
from bot.api.sessions import Sessions
from bot.api.state import State
from bot.assistant import Assistant
from bot.channels.base import Channel
from bot.channels.telegram import Telegram
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.fallback import with_fallback
from bot.dialogue.project import Project
from bot.dialogue.tracker import Tracker
from bot.hub import Hub
from bot.messages import UserMessage
from bot.policies import Policies
from bot.settings import Settings
from bot.stores.catalog import Catalog
from bot.stores.conversations import Conversations, Inbox
from bot.stores.customers import Carts, Customers
from bot.stores.database import open_database
from bot.stores.feedback import Feedback
from bot.stores.operators import Operators
from bot.stores.orders import Orders
from bot.stores.trackers import SqlTrackerStore
from knowledge.answer import Answerer
from knowledge.index import Index
from knowledge.retrieve import Retriever
from nlu.encoders import E5Encoder
from nlu.pipeline import Pipeline
from recommender.inventory.ledger import Ledger
from recommender.recommend import Recommender

log = structlog.get_logger()
STATIC = Path(__file__).parent / "web" / "static"
SWEEP_SECONDS = 30
RESUME_SECONDS = 3600
"""Messages that a crash left unanswered are answered at the next start when they are no older than this."""


@dataclass
class Core:
    """The assistant without any server around it: what the terminal, the tests and the app share."""

    settings: Settings
    engine: Engine
    services: Services
    pipeline: Pipeline
    runtime: EmbeddedRuntime
    trackers: SqlTrackerStore


def build(settings: Settings, *, clock: Callable[[], float] = time.time) -> Core:
    """Opens the database and loads what `daogou train` made. Raises with the next step when something is missing."""
    engine = open_database(settings.engine_url)
    policies = Policies.load(settings.shop / "policies.yml")
    taxonomy = yaml.safe_load((settings.shop / "taxonomy.yml").read_text("utf-8"))
    catalog = Catalog.load(engine)
    shared = training.encoder(settings)
    pipeline = Pipeline.load(settings.models / "nlu", encoder=shared, vocabulary=training.vocabulary(taxonomy, catalog))
    departments = {key: entry["department"] for key, entry in taxonomy["categories"].items()}
    ready = training.items(catalog, departments, training.product_vectors(settings, catalog, shared))
    clock = _fixed(settings.today, clock)
    recommender = training.fit_recommender(engine, ready, date.fromtimestamp(clock()))
    services = _services(settings, engine, policies, taxonomy, catalog, recommender, shared, clock)
    trackers = SqlTrackerStore(engine)
    project = Project.load(settings.project)
    runtime = EmbeddedRuntime(
        project,
        parse=_parser(pipeline, services, project),
        actions=actions.bound(services),
        store=trackers,
        clock=clock,
    )
    return Core(settings, engine, services, pipeline, runtime, trackers)


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        core = await asyncio.to_thread(build, settings)
        state = _state(core)
        app.state.daogou = state
        password = await asyncio.to_thread(state.operators.first_password)
        if password:
            _announce(settings, password)
        if settings.enable_api:
            token = settings.api_token.get_secret_value() if settings.api_token else None
            app.include_router(rasa.router(core.runtime, token=token, lock=state.assistant.held))
        async with AsyncExitStack() as stack:
            for channel in state.channels.values():
                stack.push_async_callback(channel.close)
            background = [asyncio.create_task(_resume(state)), asyncio.create_task(_sweep(state))]
            try:
                yield
            finally:
                for task in background:
                    task.cancel()
                await asyncio.gather(*background, return_exceptions=True)
                core.engine.dispose()

    app = FastAPI(
        title="Daogou", lifespan=lifespan, docs_url="/api/docs", openapi_url="/api/openapi.json", redoc_url=None
    )
    app.middleware("http")(_headers)
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", "X-Session"],
        )
    for module in (chat, webhooks, shop, console, health):
        app.include_router(module.router)
    _pages(app)
    return app


def _services(
    settings: Settings,
    engine: Engine,
    policies: Policies,
    taxonomy: Mapping[str, Any],
    catalog: Catalog,
    recommender: Recommender,
    shared: E5Encoder,
    clock: Callable[[], float],
) -> Services:
    return Services(
        engine=engine,
        policies=policies,
        taxonomy=taxonomy,
        customers=Customers(engine),
        carts=Carts(engine),
        orders=Orders(engine),
        conversations=Conversations(engine),
        feedback=Feedback(engine),
        ledger=Ledger(engine, clock=clock),
        answerer=Answerer(Retriever(Index(settings.chroma, shared))),
        encode=lambda text: shared.encode([text])[0],
        current_catalog=lambda: catalog,
        current_recommender=lambda: recommender,
        clock=clock,
    )


def _parser(pipeline: Pipeline, services: Services, project: Project) -> Callable[[UserMessage, Tracker], Any]:
    """Understands in a worker thread; relative dates count from the shop's day. A project's own FallbackClassifier counts."""
    thresholds = project.fallback_thresholds

    async def parse(message: UserMessage, tracker: Tracker) -> Mapping[str, Any]:
        if message.parse is not None:
            return message.parse
        language = tracker.slots.get("language")
        found = await asyncio.to_thread(pipeline.parse, message.text, today=services.today(), language=language)
        return with_fallback(found.as_dict(), *thresholds) if thresholds else found.as_dict()

    return parse


def _state(core: Core) -> State:
    settings, services = core.settings, core.services
    hub = Hub()

    async def erase(sender_id: str) -> None:
        """This conversation, and the customer's others."""
        row = await asyncio.to_thread(services.conversations.get, sender_id)
        known = row.customer_id if row else None
        others = await asyncio.to_thread(services.conversations.of_customer, known) if known else []
        for one in {sender_id, *others}:
            await asyncio.to_thread(core.trackers.erase, one)
            core.runtime.forget(one)
            await asyncio.to_thread(services.conversations.erase, one)

    assistant = Assistant(
        core.runtime,
        conversations=services.conversations,
        inbox=Inbox(core.engine),
        hub=hub,
        erase=erase,
        longest=settings.message_length,
    )
    secrets = [s.get_secret_value() for s in settings.identity_secrets] or [settings.session_secret.hex()]
    return State(
        settings=settings,
        assistant=assistant,
        services=services,
        hub=hub,
        sessions=Sessions(settings.session_secret, secrets),
        operators=Operators(core.engine),
        channels=_channels(settings),
        per_conversation=RateLimit(settings.messages_per_minute),
        per_address=RateLimit(settings.messages_per_minute * 4),
        runtime=core.runtime,
    )


def _channels(settings: Settings) -> dict[str, Channel]:
    """The connectors that have their settings. Half-set ones are an error at start, not an open door."""
    channels: dict[str, Channel] = {}
    if settings.telegram_token or settings.telegram_secret:
        token, secret = settings.telegram_token, settings.telegram_secret
        channels["telegram"] = Telegram(
            token.get_secret_value() if token else "", secret.get_secret_value() if secret else ""
        )
    return channels


def _pages(app: FastAPI) -> None:
    """The storefront, the console, an article, and the widget's script."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for path, name in (("/", "index.html"), ("/console", "console.html"), ("/widget.js", "widget.js")):
        app.add_api_route(path, _file(STATIC / name), include_in_schema=False)
    app.add_api_route("/articles/{language}/{slug}", _file(STATIC / "article.html"), include_in_schema=False)


def _file(path: Path) -> Callable[[], FileResponse]:
    return lambda: FileResponse(path)


async def _headers(request: Request, call_next: Any) -> Response:
    """No page of ours is framed by others, nothing is guessed, nothing foreign is loaded."""
    response: Response = await call_next(request)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if not request.url.path.startswith("/api/docs"):
        response.headers.setdefault(
            "Content-Security-Policy",
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self' ws: wss:; "
            "object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
        )
    return response


async def _resume(state: State) -> None:
    for message, replies in await state.assistant.resume(since=time.time() - RESUME_SECONDS):
        channel = state.channels.get(message.channel)
        if channel is not None:
            for reply in replies:
                await channel.send(message.sender_id, reply)


async def _sweep(state: State) -> None:
    """Closes orders that were not paid in time, frees what they held, and tells those who wait for what is back."""
    shop = state.services
    minutes = shop.policies.payment.unpaid_order_minutes
    while True:
        try:
            for key in await asyncio.to_thread(shop.orders.close_unpaid, shop.clock() - minutes * 60):
                await asyncio.to_thread(shop.ledger.release, key)
            await asyncio.to_thread(shop.ledger.sweep)
            await tell_restocked(state)
        except SQLAlchemyError:
            log.exception("sweep_failed")
        await asyncio.sleep(SWEEP_SECONDS)


async def tell_restocked(state: State) -> int:
    """Tells everyone who asked for a piece that is back, once, where they asked; returns how many."""
    shop = state.services
    waiting = await asyncio.to_thread(shop.feedback.waiting)
    available = await asyncio.to_thread(shop.ledger.available_map) if waiting else {}
    told = 0
    for request in waiting:
        product = shop.catalog.of_sku(request.sku)
        row = await asyncio.to_thread(shop.conversations.get, request.sender_id)
        if product is None or row is None or available.get(request.sku, 0) <= 0:
            continue
        message = restocked(product, zh=row.language == "zh")
        await asyncio.to_thread(shop.feedback.told, request)
        await state.assistant.say(request.sender_id, message, channel=row.channel)
        channel = state.channels.get(row.channel)
        if channel is not None:
            await channel.send(request.sender_id, message)
        told += 1
    return told


def _announce(settings: Settings, password: str) -> None:
    """The only time the first password is shown."""
    log.warning(
        "console_password", url=f"http://{settings.host}:{settings.port}/console", name="admin", password=password
    )


def _fixed(today: str, clock: Callable[[], float]) -> Callable[[], float]:
    """A clock that stays on a given day, for demonstrations and tests; the time of day runs on."""
    if not today:
        return clock
    days = (date.fromisoformat(today) - datetime.now().date()).days
    return lambda: clock() + days * 86400
