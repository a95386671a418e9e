"""What the console tells of a customer, from what the customer did."""

from types import SimpleNamespace

from bot.api.console import _profile
from recommender.data import Interactions, Items
from recommender.recommend import Recommender

DAY = 86_400.0
PRODUCTS = [{"product_id": f"{kind}{n}", "category": kind, "brand": "b", "price": 10 * n + 10} for kind in ("tea", "mug") for n in range(3)]  # fmt: skip


def shop() -> SimpleNamespace:
    items = Items.from_rows(PRODUCTS)
    rows = [
        {"customer_id": "C1", "product_id": "tea2", "kind": "purchase", "time": 400 * DAY},
        {"customer_id": "C1", "product_id": "tea1", "kind": "view", "time": 401 * DAY},
    ]
    recommender = Recommender(items, Interactions.from_rows(rows, items=items.ids))

    def label(kind: str, key: str, language: str) -> str:
        return f"{kind} {key} {language}"

    return SimpleNamespace(services=SimpleNamespace(recommender=recommender, clock=lambda: 410 * DAY, label=label))


def test_a_customer_with_a_purchase() -> None:
    told = _profile(shop(), "C1")  # type: ignore[arg-type]
    assert told is not None
    assert (told["purchases"], told["spent"], told["recency_days"]) == (1, 30, 10)
    assert told["categories_zh"] == ["categories tea zh"]
    assert told["brands_en"] == ["brands b en"]


def test_guests_and_newcomers_have_none() -> None:
    assert _profile(shop(), None) is None  # type: ignore[arg-type]
    assert _profile(shop(), "C2") is None  # type: ignore[arg-type]
