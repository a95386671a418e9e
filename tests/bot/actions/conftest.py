"""A small shop made by hand, and a customer who talks with it through the real project: rules, forms and wording."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml
from sqlalchemy import create_engine, insert

import bot
from bot import actions as shipped
from bot import training
from bot.actions.services import Services
from bot.dialogue.embedded import EmbeddedRuntime
from bot.dialogue.project import Project
from bot.dialogue.store import MemoryTrackerStore
from bot.events import slot_set
from bot.messages import BotMessage, UserMessage
from bot.policies import Policies
from bot.stores.catalog import Catalog, replace_catalog
from bot.stores.conversations import Conversations
from bot.stores.customers import Carts, Customers
from bot.stores.database import open_database
from bot.stores.feedback import Feedback
from bot.stores.orders import Order, OrderLine, Orders
from bot.stores.schema import customers
from recommender.inventory.ledger import Ledger
from recommender.recommend import Recommender

ROOT = Path(bot.__file__).parent
ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=ZONE).timestamp()
HOUR, DAY = 3600.0, 86_400.0

# id: category, zh, en, price, colours, sizes, months of warranty
PRODUCTS = {
    "P1": ("running_shoes", "云感跑鞋", "Cloud runners", 399, ["black", "white"], ["41", "42", "43"], 6),
    "P2": ("headphones", "静域耳机", "Stillroom headphones", 1899, ["black", "silver"], [], 24),
    "P3": ("mugs", "陶瓷杯", "Stoneware mug", 59, ["white"], [], None),
    "P4": ("coffee", "焙火咖啡豆", "Ember coffee beans", 88, [], [], 0),
    "P5": ("earbuds", "微光耳塞", "Glow earbuds", 299, ["black"], [], 12),
    "P6": ("skincare", "露瓣面霜", "Dewpetal cream", 168, [], [], 0),
    "P7": ("jackets", "苔峰外套", "Mosspeak jacket", 699, ["green", "black"], ["S", "M", "L"], None),
    "P8": ("backpacks", "柳行双肩包", "Willow backpack", 259, ["navy"], [], None),
    "P9": ("kettles", "铜釜水壶", "Copper kettle", 189, ["silver"], [], 12),
    "P10": ("lamps", "暖屋台灯", "Glowhaus lamp", 149, ["white"], [], 12),
    "P11": ("tea", "云叶绿茶", "Cloudleaf green tea", 78, [], [], 0),
    "P12": ("tents", "苔峰帐篷", "Mosspeak tent", 899, ["green"], ["2-person", "3-person"], 12),
}
GOES_WITH = {"P12": ["P8", "P10"], "P11": ["P9"]}
SOLD_OUT = ("P1-white-43", "P7-green-S")


class Clock:
    """The shop's time; a test moves it."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@lru_cache(maxsize=1)
def rules() -> Policies:
    return Policies.load(ROOT / "demo" / "policies.yml")


@lru_cache(maxsize=1)
def project() -> Project:
    return Project.load(ROOT / "project")


@pytest.fixture
def changed() -> Callable[..., Policies]:
    """The rules with some figures replaced: changed(returns={"days": 9})."""

    def replace(**sections: Mapping[str, Any]) -> Policies:
        new = {name: getattr(rules(), name).model_copy(update=dict(values)) for name, values in sections.items()}
        return rules().model_copy(update=new)

    return replace


@pytest.fixture
def policies() -> Policies:
    """What the shop of this test goes by; a module or a class may override it."""
    return rules()


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the products, their stock and the customers; each test gets a copy."""
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    engine = open_database(f"sqlite:///{path}")
    with engine.begin() as connection:
        rows = [_variants(pid, colors, sizes) for pid, (_, _, _, _, colors, sizes, _) in PRODUCTS.items()]
        replace_catalog(connection, [_product(pid) for pid in PRODUCTS], [v for some in rows for v in some])
        stock = [{"sku": v["sku"], "on_hand": 0 if v["sku"] in SOLD_OUT else 10} for some in rows for v in some]
        Ledger(engine).set_stock(stock, connection)
        connection.execute(insert(customers), [_customer(*row) for row in CUSTOMERS])
    engine.dispose()  # the last connection writes everything into the one file
    return path


@pytest.fixture(scope="session")
def recommender(stocked: Path) -> Recommender:
    """Nobody has bought anything yet; the camper's things go together because the shop says so."""
    engine = create_engine(f"sqlite:///{stocked}")
    catalog = Catalog.load(engine)
    taxonomy = yaml.safe_load((ROOT / "demo" / "taxonomy.yml").read_text("utf-8"))
    departments = {key: entry["department"] for key, entry in taxonomy["categories"].items()}
    made = training.fit_recommender(engine, training.items(catalog, departments, None), date(2026, 11, 22))
    engine.dispose()
    return made


@pytest.fixture
def shop(
    tmp_path: Path, stocked: Path, clock: Clock, policies: Policies, recommender: Recommender
) -> Iterator[Services]:
    engine = create_engine(f"sqlite:///{shutil.copy(stocked, tmp_path / 'shop.db')}")
    ledger = Ledger(engine, clock=clock)
    catalog = Catalog.load(engine)
    yield Services(
        engine=engine,
        policies=policies,
        taxonomy=yaml.safe_load((ROOT / "demo" / "taxonomy.yml").read_text("utf-8")),
        customers=Customers(engine),
        carts=Carts(engine),
        orders=Orders(engine),
        conversations=Conversations(engine),
        feedback=Feedback(engine),
        ledger=ledger,
        answerer=cast(Any, None),
        encode=lambda _: np.zeros(4, np.float32),
        current_catalog=lambda: catalog,
        current_recommender=lambda: recommender,
        clock=clock,
    )
    engine.dispose()


CUSTOMERS = (
    ("C0001", "林晓", "zh", "13800006688", "lin@example.com", "gold", 1200),
    ("C0002", "Emma Clarke", "en", "+447700900123", "emma@example.com", "bronze", 30),
)


@pytest.fixture
def order(shop: Services) -> Callable[..., Order]:
    """Puts an order into the shop: order("10086", "dispatched", days=2, lines=[("P1-black-42", 1)])."""

    def put(
        number: str,
        status: str = "paid",
        *,
        days: float = 1.0,
        lines: Sequence[tuple[str, int]] = (("P1-black-42", 1),),
        customer: str = "C0001",
        **values: Any,
    ) -> Order:
        """`days` ago it reached this status."""
        since, now = shop.clock() - days * DAY, shop.clock()
        owned = [(sku, n, shop.catalog.of_sku(sku)) for sku, n in lines]
        bought = tuple(OrderLine(sku, p.product_id, n, p.price) for sku, n, p in owned if p)
        total = sum(line.unit_price * line.quantity for line in bought)
        who = shop.customers.get(customer)
        sent = since if status == "dispatched" else since - 3 * DAY
        at_home = status in ("delivered", "return_requested", "returned", "refunded", "exchange_requested")
        fields: dict[str, Any] = {
            "number": number,
            "customer_id": customer,
            "status": status,
            "placed_at": since - (4 * DAY if at_home else HOUR),
            "paid_at": None if status == "pending_payment" else since - (4 * DAY if at_home else HOUR) + 60,
            "dispatched_at": sent if status == "dispatched" or at_home else None,
            "delivered_at": since if at_home else None,
            "goods_total": total,
            "shipping_fee": 0.0,
            "discount": 0.0,
            "total": total,
            "payment_method": "Alipay",
            "recipient": who.name if who else "访客",
            "phone": who.phone if who else "13900001111",
            "email": who.email if who else "",
            "address": "上海市浦东新区张江路 88 号 301 室",
            "carrier": "顺丰" if sent <= now else "",
            "tracking": "SF123",
            "tracking_events": ({"time": now - 2 * HOUR, "zh": "已到达杭州转运中心", "en": "reached the Hangzhou hub"},)
            if status == "dispatched" or at_home
            else (),
            "lines": bought,
        }
        with shop.engine.begin() as connection:
            return shop.orders.place(Order(**{**fields, **values}), connection)

    return put


@dataclass
class Talk:
    """One conversation. What NLU would find is given by the test; buttons are tapped by their title."""

    shop: Services
    sender: str = "talk-1"
    customer: str | None = None
    language: str = "zh"
    messages: list[BotMessage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runtime = EmbeddedRuntime(
            project(),
            parse=_nothing,
            actions=shipped.bound(self.shop),
            store=MemoryTrackerStore(),
            clock=self.shop.clock,
            seed=1,
        )
        slots = [slot_set("language", self.language), slot_set("customer_id", self.customer)]
        asyncio.run(self.runtime.append_events(self.sender, slots))

    def says(
        self,
        text: str,
        intent: str = "",
        *,
        mood: str = "neutral",
        confidence: float = 1.0,
        entities: Sequence[tuple[str, ...]] = (),
        **found: Any,
    ) -> str:
        """Sends a message and returns all that is answered, one line each. `entities` are (kind, value[, role])."""
        parse = None
        if not text.startswith("/"):
            given = [(kind, value, None) for kind, value in found.items()]
            given += [(e[0], e[1], e[2] if len(e) > 2 else None) for e in entities]
            parse = {
                "text": text,
                "intent": {"name": intent, "confidence": confidence},
                "intent_ranking": [],
                "entities": [{"entity": k, "value": v, **({"role": r} if r else {})} for k, v, r in given],
                "sentiment": {"label": mood, "score": {"negative": -0.8, "neutral": 0.0, "positive": 0.8}[mood]},
            }
        turn = asyncio.run(self.runtime.turn(UserMessage(text, self.sender, parse=parse)))
        assert not turn.failures, turn.failures
        self.messages = turn.messages
        said = "\n".join(message.text or "" for message in turn.messages)
        assert not re.search(r"\{[a-z_]+\}", said), f"a place is not filled: {said}"
        return said

    def taps(self, title: str) -> str:
        return self.says(self.payload(title))

    def payload(self, title: str) -> str:
        found = {button.title: button.payload for message in self.messages for button in message.buttons}
        assert title in found, f"no button {title!r} among {list(found)}"
        return found[title]

    @property
    def buttons(self) -> list[str]:
        return [button.title for message in self.messages for button in message.buttons]

    def slot(self, name: str) -> Any:
        return self.runtime.tracker(self.sender).slots.get(name)

    @property
    def loop(self) -> str | None:
        return self.runtime.tracker(self.sender).loop_name


@pytest.fixture
def talk(shop: Services) -> Callable[..., Talk]:
    def begin(customer: str | None = "C0001", *, language: str = "zh", sender: str = "talk-1") -> Talk:
        return Talk(shop, sender, customer, language)

    return begin


async def _nothing(_message: UserMessage, _tracker: Any) -> Mapping[str, Any]:
    return {}


def _product(product_id: str) -> dict[str, Any]:
    category, zh, en, price, colors, sizes, months = PRODUCTS[product_id]
    return {
        "product_id": product_id,
        "category": category,
        "brand": "lantern_select",
        "name_zh": zh,
        "name_en": en,
        "description_zh": zh,
        "description_en": en,
        "price": float(price),
        "list_price": None,
        "price_second": None,
        "colors": colors,
        "sizes": sizes,
        "materials": [],
        "attributes": [],
        "specs_zh": [],
        "specs_en": [],
        "rating": 4.5,
        "reviews": 10,
        "warranty_months": months,
        "launched": "2026-01-01",
        "goes_with": GOES_WITH.get(product_id, []),
        "keywords": "",
        "image": "",
    }


def _variants(product_id: str, colors: Sequence[str], sizes: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"sku": "-".join(p for p in (product_id, c, s) if p), "product_id": product_id, "color": c, "size": s}
        for c in colors or [""]
        for s in sizes or [""]
    ]


def _customer(
    customer_id: str, name: str, language: str, phone: str, email: str, level: str, points: int
) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "name": name,
        "language": language,
        "phone": phone,
        "email": email,
        "level": level,
        "points": points,
        "address": "上海市浦东新区张江路 88 号 301 室",
        "created_at": NOON - 400 * DAY,
    }
