"""The shop behind our own project: its stores, knowledge, recommender and understanding, opened together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml
from sqlalchemy import Engine

from bot import actions, offers, training
from bot.actions.services import Services
from bot.calls import Action
from bot.dialogue.embedded import Parse
from bot.dialogue.fallback import with_fallback
from bot.dialogue.project import Project
from bot.dialogue.tracker import Tracker
from bot.messages import UserMessage
from bot.policies import Policies
from bot.settings import Settings
from bot.stores.catalog import Catalog
from bot.stores.conversations import Conversations
from bot.stores.customers import Carts, Customers
from bot.stores.feedback import Feedback
from bot.stores.orders import Orders
from knowledge.answer import Answerer
from knowledge.index import Index
from knowledge.retrieve import Retriever
from nlu.pipeline import Pipeline
from recommender.inventory.ledger import Ledger


@dataclass(frozen=True)
class Shop:
    services: Services
    pipeline: Pipeline

    def actions(self) -> Mapping[str, Action]:
        return actions.bound(self.services)

    def parser(self, project: Project) -> Parse:
        """Understands in a worker thread; relative dates count from the shop's day. The project's own
        FallbackClassifier counts."""
        thresholds = project.fallback_thresholds

        async def parse(message: UserMessage, tracker: Tracker) -> Mapping[str, Any]:
            language = tracker.slots.get("language")
            today = self.services.today()
            found = await asyncio.to_thread(self.pipeline.parse, message.text, today=today, language=language)
            return with_fallback(found.as_dict(), *thresholds) if thresholds else found.as_dict()

        return parse


def open_shop(settings: Settings, engine: Engine, clock: Callable[[], float]) -> Shop:
    """Loads what `daogou train` made. Raises with the next step when something is missing."""
    policies = Policies.load(settings.shop / "policies.yml")
    taxonomy = yaml.safe_load((settings.shop / "taxonomy.yml").read_text("utf-8"))
    catalog = Catalog.load(engine)
    shared = training.encoder(settings)
    pipeline = Pipeline.load(settings.models / "nlu", encoder=shared, vocabulary=training.vocabulary(taxonomy, catalog))
    departments = {key: entry["department"] for key, entry in taxonomy["categories"].items()}
    ready = training.items(catalog, departments, training.product_vectors(settings, catalog, shared))
    recommender = training.fit_recommender(engine, ready, date.fromtimestamp(clock()))
    services = Services(
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
        offers=offers.load(settings.models),
    )
    return Shop(services, pipeline)
