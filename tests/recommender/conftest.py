"""A small shop that the tests of this folder share: two taste groups, a cold item, a cold user, a sold-out item."""

from datetime import date

import numpy as np
import pytest

from recommender.data import Interactions, Items
from recommender.recommend import Recommender

TODAY = date(2026, 11, 1)
DEPARTMENTS = {"headphones": "audio", "earbuds": "audio", "coffee": "food", "tea": "food"}


def product(item_id: str, category: str, price: float, **more: object) -> dict[str, object]:
    return {
        "product_id": item_id,
        "category": category,
        "brand": "auralis",
        "price": price,
        "rating": 4.0,
        "reviews": 100,
        **more,
    }


PRODUCTS = [
    product(
        "h1",
        "headphones",
        298,
        colors="black|white",
        attributes="noise_cancelling|wireless",
        rating=4.8,
        goes_with="e3|c1",
    ),
    product(
        "h2",
        "headphones",
        450,
        colors="black",
        attributes="noise_cancelling|wireless",
        brand="pebbletone",
        list_price=520,
    ),
    product("h3", "headphones", 120, colors="red", attributes="wired", brand="pebbletone", materials="plastic"),
    product("h4", "headphones", 330, colors="white", attributes="noise_cancelling", launched="2026-10-01"),
    product("e1", "earbuds", 199, colors="black", attributes="wireless"),
    product("e2", "earbuds", 260, colors="blue", attributes="wireless|noise_cancelling", brand="pebbletone"),
    product("e3", "earbuds", 90, colors="white", attributes="wired"),
    product("c1", "coffee", 60, brand="ember", sizes="250g|500g", attributes="dark_roast"),
    product("c2", "coffee", 70, brand="ember", attributes="decaf"),
    product("c3", "coffee", 65, brand="ember", attributes="dark_roast|organic"),
    product("t1", "tea", 80, brand="cloudleaf", attributes="organic"),
    product("t2", "tea", 85, brand="cloudleaf", rating=4.9, reviews=3),
    product("t3", "tea", 40, brand="cloudleaf", attributes="decaf"),
]
AUDIO, FOOD = ["h1", "h2", "h3", "e1", "e2", "e3"], ["c1", "c2", "c3", "t1", "t2", "t3"]
COLD = "h4"


def events() -> list[dict[str, object]]:
    """20 lovers of sound, 20 of hot drinks; each takes 4 of the 6 of the group, none takes the cold item."""
    rng = np.random.default_rng(3)
    rows: list[dict[str, object]] = []
    for n in range(40):
        group, name = (AUDIO, "a") if n < 20 else (FOOD, "f")
        for step, item in enumerate(rng.permutation(group)[:4]):
            rows.append(
                {"customer_id": f"{name}{n}", "product_id": str(item), "kind": "purchase", "time": 1e9 + n * 1e6 + step}
            )
    return rows


@pytest.fixture(scope="session")
def items() -> Items:
    return Items.from_rows(PRODUCTS, departments=DEPARTMENTS)


@pytest.fixture(scope="session")
def interactions(items: Items) -> Interactions:
    return Interactions.from_rows(events(), items=items.ids)


@pytest.fixture(scope="session")
def shop(items: Items, interactions: Interactions) -> Recommender:
    return Recommender(items, interactions, today=TODAY).fit()
