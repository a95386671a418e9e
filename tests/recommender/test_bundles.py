"""What completes a basket: the shop's pairs and rules of common baskets, worked out by hand."""

from __future__ import annotations

import pytest

from recommender.bundles import Bundles
from recommender.data import Interactions, Items
from recommender.errors import RecommenderError
from recommender.explain import Reason, sentence
from recommender.recommend import Recommender

NAMES = {"c1": "Dark roast", "t1": "Green tea"}


def taken(items: Items, *baskets: str) -> Interactions:
    """One customer a basket; letters of two, as in "c1t1"."""
    rows = [
        {"user": f"u{n}", "item": basket[i : i + 2], "kind": "purchase", "time": 1e9}
        for n, basket in enumerate(baskets)
        for i in range(0, len(basket), 2)
    ]
    return Interactions.from_rows(rows, items=items.ids)


# 35 baskets: c1 and t1 in 10 each, together in 5, always with h3; h2 alone in 20.
BASKETS = (*["c1t1h3"] * 5, *["c1"] * 5, *["t1"] * 5, *["h2"] * 20)


def test_a_rule_of_two_needs_both(items: Items) -> None:
    bundles = Bundles(items, taken(items, *BASKETS))
    assert bundles.rules(["c1"])["h3"].confidence == 0.5
    both = bundles.rules(["c1", "t1"])
    assert set(both) == {"h3"}
    assert (set(both["h3"].items), both["h3"].confidence) == ({"c1", "t1"}, 1.0)


def test_the_score_adds_the_shops_pairs_and_the_confidence(items: Items) -> None:
    scores, reasons = Bundles(items, taken(items, *BASKETS)).score(["h1", "c1", "t1"])
    assert scores[items.position("e3")] == 1.0  # the shop pairs it with h1
    assert scores[items.position("h3")] == 1.0
    assert reasons[items.position("e3")] == [Reason("goes_with", "h1")]
    assert reasons[items.position("h3")] == [Reason("bought_with_all", ["c1", "t1"])]


def test_a_basket_is_completed_with_what_can_be_had(items: Items) -> None:
    shop = Recommender(items, taken(items, *BASKETS)).fit()
    slate = shop.for_basket(["h1", "c1", "t1"], k=3)
    assert {found.item_id for found in slate.items} == {"e3"}  # h3 is of a kind that is in there
    assert [found.item_id for found in shop.for_basket(["c1", "t1"]).items] == ["h3"]
    sold_out = shop.availability({sku: 0 if sku.startswith("h3") else 1 for sku in items.variants.skus})
    assert shop.for_basket(["c1", "t1"], available=sold_out).items == ()
    with pytest.raises(RecommenderError, match="nothing"):
        shop.for_basket(["nothing"])


@pytest.mark.parametrize(
    ("language", "told"),
    [("zh", "买了Dark roast和Green tea的人常一起买"), ("en", "often bought with Dark roast and Green tea")],
)
def test_the_reason_in_both_languages(language: str, told: str) -> None:
    assert sentence(Reason("bought_with_all", ["c1", "t1"]), NAMES, language) == told
    assert sentence(Reason("bought_with_all", ["c1", "gone"]), NAMES, language) == ""
