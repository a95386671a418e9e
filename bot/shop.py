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
from bot.actions import hearing
from bot.actions.services import Services
from bot.calls import Action
from bot.dialogue.embedded import Parse
from bot.dialogue.fallback import with_fallback
from bot.dialogue.project import Project
from bot.dialogue.tracker import Tracker
from bot.messages import UserMessage
from bot.policies import Policies
from bot.recommenders import Recommenders
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
from recommender.versions import Versions


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
            parsed = await asyncio.to_thread(self.pipeline.parse, message.text, today=today, language=language)
            found = with_fallback(parsed.as_dict(), *thresholds) if thresholds else parsed.as_dict()
            payload = hearing.payload_of(message.text, tracker.backwards())
            return {**found, **hearing.tapped(payload)} if payload else hearing.in_context(found, tracker.slots)

        return parse


def open_shop(settings: Settings, engine: Engine, clock: Callable[[], float]) -> Shop:
    """Loads what `daogou train` made. Raises with the next step when something is missing."""
    policies = Policies.load(settings.shop / "policies.yml")
    taxonomy = yaml.safe_load((settings.shop / "taxonomy.yml").read_text("utf-8"))
    catalog = Catalog.load(engine)
    shared = training.served_encoder(settings)
    pipeline = Pipeline.load(settings.models / "nlu", encoder=shared, vocabulary=training.vocabulary(taxonomy, catalog))
    ready = training.shop_items(settings, catalog, taxonomy, shared)

    def today() -> date:
        return date.fromtimestamp(clock())

    recommenders = Recommenders(
        Versions(settings.recommenders),
        ready,
        fit=lambda: training.fit_recommender(engine, ready, today()),
        today=today,
    )
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
        current_recommender=recommenders,
        look_again=recommenders.look_again,
        clock=clock,
        offers=offers.load(settings.models),
    )
    return Shop(services, pipeline)
