"""From logged offers to a policy: rewards by hand, and a shop in which another question than the one in place sells."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import insert

from bot import offers, offers_training
from bot.offers import Moment
from bot.settings import Settings
from bot.stores.customers import guest
from bot.stores.database import open_database
from bot.stores.schema import conversations, interactions
from bot.stores.schema import offers as logged
from recommender.loosening import Narrowing

SPLITS = (Narrowing("color", "black", 6), Narrowing("price", 300.0, 5))
NOON = 1_795_320_000.0


def decided(draw: str, asked: tuple[str, ...] = ()):
    seen = offers.situation(SPLITS, wish={"category": 1}, asked=asked, total=12, seen=3, turns=1)
    return offers.decide(seen, offers.allowed(seen, Moment(), asked=asked), learned=None, draw=draw)


def offer(sender: str, decision, time: float, products: tuple[str, ...] = ("P1", "P2")) -> dict:
    state = {**decision.state, "decision": decision.action}
    return {
        "sender_id": sender,
        "action": "search",
        "products": list(products),
        "propensity": decision.propensity,
        "state": state,
        "time": time,
    }


def event(owner: str, product: str, kind: str, time: float) -> dict:
    return {"customer_id": owner, "product_id": product, "kind": kind, "value": 1.0, "time": time}


@pytest.fixture
def engine(tmp_path: Path):
    return open_database(f"sqlite:///{tmp_path / 'shop.db'}")


def write(engine, offered: list[dict], events: list[dict]) -> None:
    with engine.begin() as connection:
        connection.execute(insert(logged), offered)
        if events:
            connection.execute(insert(interactions), events)


def test_rewards_by_hand(engine) -> None:
    decision = decided("x")
    offered = [offer("anna", decision, NOON + 60 * n) for n in range(3)]
    offered += [offer("anna", decision, NOON + 9000), offer("ben", decision, NOON), offer("old", decision, NOON)]
    offered[-1]["state"] = {}  # logged before anything was decided
    events = [
        event(guest("anna"), "P2", "view", NOON + 10),
        event(guest("anna"), "P2", "cart", NOON + 90),
        event("C1", "P9", "purchase", NOON + 20),  # never offered
    ]
    write(engine, offered, events)
    with engine.begin() as connection:
        fresh = {c.name: "" for c in conversations.c} | {"sender_id": "ben", "customer_id": "C1", "mode": "bot"}
        connection.execute(insert(conversations).values({**fresh, "mood": 0, "waiting_since": None, "updated_at": 0}))
    talks = list(offers_training.conversations_of(engine).values())
    assert [[made.reward for made in talk] for talk in talks] == [
        [pytest.approx(-0.05), pytest.approx(0.95)],  # the third offer came after the cart
        [pytest.approx(-0.05)],  # two hours later, another talk
        [pytest.approx(-0.05)],
    ]
    made = talks[0][0]
    assert (made.propensity, made.action) == (decision.propensity, talks[0][1].action)
    seen = offers.situation(SPLITS, wish={"category": 1}, asked=(), total=12, seen=3, turns=1)
    assert made.seen.place() == seen.place()
    assert np.array_equal(made.mask, offers.allowed(seen, Moment(), asked=()))


def a_shop(engine, chances: dict[str, float], talks: int = 1200) -> None:
    """Whoever is asked buys with a chance of its own for each question."""
    random_ = random.Random(1)
    offered, events = [], []
    for n in range(talks):
        decision = decided(f"talk {n}")
        offered.append(offer(f"s{n}", decision, NOON))
        if random_.random() < chances.get(decision.action, 0.1):
            events.append(event(guest(f"s{n}"), "P1", "cart", NOON + 30))
    write(engine, offered, events)


def test_what_sells_better_takes_over(engine, tmp_path: Path) -> None:
    a_shop(engine, {"ask_price": 0.9})  # in place is ask_color
    settings = Settings(home=tmp_path)
    judgement = offers_training.run(settings, engine)
    assert judgement.deployed
    assert judgement.lines()[-1].startswith("better")
    table = offers.load(settings.models)
    seen = offers.situation(SPLITS, wish={"category": 1}, asked=(), total=12, seen=3, turns=1)
    mask = offers.allowed(seen, Moment(), asked=())
    assert offers.decide(seen, mask, learned=table, draw="later").action == "ask_price"


def test_what_is_not_surely_better_does_not(engine, tmp_path: Path) -> None:
    a_shop(engine, {"ask_color": 0.3, "ask_price": 0.3, "show_3": 0.3})
    judgement = offers_training.run(Settings(home=tmp_path), engine)
    assert not judgement.deployed
    assert offers.load(Settings(home=tmp_path).models) is None


def test_a_few_conversations_judge_nothing(engine, tmp_path: Path) -> None:
    a_shop(engine, {"ask_price": 0.9}, talks=50)
    judgement = offers_training.run(Settings(home=tmp_path), engine)
    assert not judgement.deployed
    assert "are needed" in judgement.lines()[0]
