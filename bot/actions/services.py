"""What the actions work with: the shop's stores, its knowledge, its recommender, its rules and its clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from bot.policies import Policies
from bot.stores.catalog import Catalog
from bot.stores.conversations import Conversations
from bot.stores.customers import Carts, Customers
from bot.stores.feedback import Feedback
from bot.stores.orders import Orders
from knowledge.answer import Answerer
from recommender.inventory.ledger import Ledger
from recommender.recommend import Recommender
from recommender.values import ValueTable


@dataclass(frozen=True)
class Services:
    """Built once in `bot.app`; `catalog` and `recommender` are asked for at each call because an import may swap them."""

    engine: Engine
    policies: Policies
    taxonomy: Mapping[str, Any]
    customers: Customers
    carts: Carts
    orders: Orders
    conversations: Conversations
    feedback: Feedback
    ledger: Ledger
    answerer: Answerer
    encode: Callable[[str], NDArray[np.float32]]
    """The vector of a sentence; the turn's own sentence is already in the encoder's cache."""
    current_catalog: Callable[[], Catalog]
    current_recommender: Callable[[], Recommender]
    clock: Callable[[], float]
    look_again: Callable[[], str] = lambda: ""
    """Takes over a recommender that was fitted meanwhile; returns its version, or nothing."""
    offers: ValueTable | None = None
    """The learned policy of `bot.offers`, once one has been found better."""

    @property
    def catalog(self) -> Catalog:
        return self.current_catalog()

    @property
    def recommender(self) -> Recommender:
        return self.current_recommender()

    def available(self) -> NDArray[np.bool_]:
        """(n items,) whether each of the recommender's items can be had now."""
        return self.recommender.availability(self.ledger.available_map())

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.policies.shop.timezone)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), self.zone)

    def today(self) -> date:
        return self.now().date()

    def label(self, kind: str, value: str, language: str) -> str:
        """The name of a category, department, brand, colour, material or attribute; unknown ids are shown as they are."""
        entry = self.taxonomy.get(kind, {}).get(value)
        return str(entry["zh" if language == "zh" else "en"]) if entry else value
