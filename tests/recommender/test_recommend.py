from datetime import date
from pathlib import Path

import numpy as np
import pytest

from recommender.comparison import Difference
from recommender.constraints import Constraints
from recommender.data import Interactions, Items, Query
from recommender.errors import RecommenderError
from recommender.explain import Reason
from recommender.loosening import Relaxation
from recommender.recommend import Recommender, Slate


def ids(slate: Slate) -> list[str]:
    return [found.item_id for found in slate.items]


def wish(**said: object) -> Constraints:
    return Constraints.from_wish(said)


def without(items: Items, *gone: str) -> dict[str, int]:
    return {sku: 0 if sku.startswith(gone) else 1 for sku in items.variants.skus}


def test_search_keeps_to_every_wish_and_counts_all(shop: Recommender) -> None:
    asked = wish(category=["audio"], attribute=["noise_cancelling"], price={"max": 300})
    slate = shop.search(wish=asked, k=1, available=None)
    assert (slate.total, ids(slate), slate.relaxations) == (2, ["h1"], ())


def test_search_follows_taste_where_nothing_was_said(shop: Recommender) -> None:
    hot, sound = (
        ids(shop.search(wish=Constraints(), query=Query(None, history), k=13, available=None, diversity=0))
        for history in (("c1", "t1"), ("e1", "e2"))
    )
    drinks = ("c1", "c2", "c3", "t1", "t2", "t3")
    assert np.mean([hot.index(d) for d in drinks]) < np.mean([sound.index(d) for d in drinks]) - 3


def test_the_words_of_a_search_lead(items: Items, interactions: Interactions) -> None:
    vectors = np.eye(len(items), dtype=np.float32)
    spoken = Recommender(Items(**{**vars(items), "vectors": vectors}), interactions).fit()
    assert ids(spoken.search(wish=Constraints(), text_vector=vectors[items.index["t3"]], k=1, available=None)) == ["t3"]
    with pytest.raises(RecommenderError, match=r"shape \(2,\); the items' need \(13,\)"):
        spoken.search(wish=Constraints(), text_vector=np.zeros(2, np.float32), available=None)


def test_a_price_said_about_is_aimed_at(shop: Recommender) -> None:
    def leads(about: float) -> float:
        slate = shop.search(wish=wish(category=["coffee"], price={"about": about}), available=None)
        score = {found.item_id: found.score for found in slate.items}
        assert all(
            Reason("near_price", [shop.items.price[shop.items.index[i]], about]) in f.reasons
            for i, f in zip(score, slate.items, strict=True)
        )
        return score["c1"] - score["c2"]  # 60 and 70

    assert leads(60) > leads(65) > leads(70)


def test_nothing_left_brings_relaxations(shop: Recommender) -> None:
    slate = shop.search(
        wish=wish(category=["headphones"], color=["red"], attribute=["noise_cancelling"]), available=None
    )
    assert (slate.items, slate.total) == ((), 0)
    assert slate.relaxations == (Relaxation("color", None, 3), Relaxation("attribute", "noise_cancelling", 1))


def test_nearest_tells_the_fewest_wishes_to_drop(shop: Recommender) -> None:
    asked = wish(category=["coffee"], brand=["auralis"], attribute=["decaf"], price={"max": 10})
    assert shop.search(wish=asked, available=None).relaxations == ()
    dropped = shop.nearest(asked, available=None)
    assert {(r.kind, r.value) for r in dropped} == {("brand", None), ("price", None)}


def test_sold_out_variants_count(shop: Recommender, items: Items) -> None:
    asked = wish(category=["headphones"], color=["black"])
    assert set(ids(shop.search(wish=asked, available=shop.availability(without(items))))) == {"h1", "h2"}
    assert ids(shop.search(wish=asked, available=shop.availability(without(items, "h1-black")))) == ["h2"]
    assert set(
        ids(
            shop.search(
                wish=wish(category=["headphones"]), k=9, available=shop.availability(without(items, "h1-black"))
            )
        )
    ) >= {"h1"}


def test_recommend_leaves_out_what_was_viewed_and_excluded(shop: Recommender) -> None:
    found = ids(shop.recommend(Query(None, ("h1", "e2")), k=20, exclude={"h2"}))
    assert not {"h1", "e2", "h2"} & set(found)
    assert set(found[:4]) <= {"h3", "h4", "e1", "e3"}


def test_who_has_seen_everything_sees_it_again(shop: Recommender, items: Items) -> None:
    assert shop.recommend(Query(None, items.ids), k=3).total == len(items)


@pytest.mark.parametrize(("goal", "expected"), [("new", {"h4"}), ("sale", {"h2"})])
def test_goals_restrict(shop: Recommender, goal, expected: set[str]) -> None:
    assert set(ids(shop.recommend(Query(), k=9, goal=goal))) == expected


def test_the_goal_popular_is_the_same_for_everyone(shop: Recommender) -> None:
    assert ids(shop.recommend(Query("a1"), goal="popular")) == ids(shop.recommend(Query("f30"), goal="popular"))


def test_similar_stays_in_the_category_while_it_can(shop: Recommender, items: Items) -> None:
    assert set(ids(shop.similar("h1"))) == {"h2", "h3", "h4"}
    assert ids(shop.similar("h1"))[0] in {"h2", "h4"}
    few = shop.availability(without(items, "h2", "h3"))
    assert {items.category[items.index[i]] for i in ids(shop.similar("h1", available=few))} == {"headphones", "earbuds"}


def test_complements_are_the_shops_pairs_then_common_baskets(shop: Recommender, items: Items) -> None:
    slate = shop.complements("h1", k=9)
    assert set(ids(slate)[:2]) == {"e3", "c1"}
    assert all(Reason("goes_with", "h1") in found.reasons for found in slate.items[:2])
    assert {items.category[items.index[i]] for i in ids(slate)} == {"earbuds", "coffee"}
    assert any(Reason("bought_together", "h1") in found.reasons for found in slate.items)
    assert "c1" not in ids(shop.complements("h1", k=9, available=shop.availability(without(items, "c1"))))


def test_substitutes_are_alike_near_in_price_and_in_stock(shop: Recommender, items: Items) -> None:
    assert ids(shop.substitutes("h1")) == ["h4"]  # h2 costs half more, h3 shares no attribute
    assert shop.substitutes("h1").items[0].reasons[0] == Reason("in_stock_substitute", "h1")
    assert shop.substitutes("h1", available=shop.availability(without(items, "h4"))) == Slate((), 0)


def test_comparison_puts_differences_first(shop: Recommender) -> None:
    found = shop.compare(["h1", "h2"])
    assert found.differences[0] == Difference("price", (298.0, 450.0))
    assert Difference("category", ("headphones", "headphones")) in found.same
    apart = {d.kind: d.values for d in shop.compare(["h1", "h4"]).differences}
    assert apart["attribute"] == (("wireless",), ())
    with pytest.raises(RecommenderError, match="two different items"):
        shop.compare(["h1", "h1"])


def test_narrowing_asks_about_what_matches(shop: Recommender, items: Items) -> None:
    found = shop.narrowing(wish(category=["headphones"]), available=None)
    assert len(found) == 3
    assert all(0 < n.count < 4 and n.kind != "category" for n in found)


def test_live_events_count_without_retraining(items: Items, interactions: Interactions) -> None:
    fresh = Recommender(items, interactions).fit()
    before = ids(fresh.recommend(Query("newcomer"), k=2))
    fresh.update([("newcomer", "t1"), ("newcomer", "c2")])
    after = ids(fresh.recommend(Query("newcomer"), k=2))
    assert before != after
    assert after == ids(fresh.recommend(Query(None, ("t1", "c2")), k=2))
    assert set(after) <= {"c1", "c3", "t2", "t3"}


def test_a_stored_model_answers_the_same(shop: Recommender, items: Items, tmp_path: Path) -> None:
    shop.save(tmp_path)
    again = Recommender.load(tmp_path, items, today=date(2026, 11, 1))
    for query in (Query("a1"), Query(None, ("t1",))):
        assert ids(again.recommend(query, k=9)) == ids(shop.recommend(query, k=9))
    assert [p.name for p in tmp_path.iterdir()] == ["recommender.safetensors"]
    with pytest.raises(RecommenderError, match="another catalogue"):
        Recommender.load(tmp_path, Items.from_rows([{"product_id": "x", "price": 1}]))


def test_what_is_no_model_is_told(items: Items, tmp_path: Path) -> None:
    with pytest.raises(RecommenderError, match="does not exist; train first"):
        Recommender.load(tmp_path, items)
    (tmp_path / "recommender.safetensors").write_bytes(b"no model")
    with pytest.raises(RecommenderError, match="is not a model of ours"):
        Recommender.load(tmp_path, items)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda shop: shop.recommend(Query(), goal="rich"), "goal 'rich' is not one of for_you, new, popular, sale"),
        (lambda shop: shop.recommend(Query(), k=0), "k 0 is not a number from 1"),
        (lambda shop: shop.similar("zz"), "item 'zz' is not in the catalogue"),
    ],
)
def test_wrong_questions_are_told(shop: Recommender, ask, message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        ask(shop)


def test_a_shop_without_any_events_still_recommends(items: Items) -> None:
    empty = Recommender(items, Interactions.from_rows([], items=items.ids)).fit()
    assert len(empty.recommend(Query("anyone"), k=3).items) == 3
    assert set(ids(empty.search(wish=Constraints(), query=Query(None, ("h1",)), k=3, available=None, diversity=0))) <= {
        "h1",
        "h2",
        "h4",
    }


def test_a_few_of_many_items_are_ranked_as_among_all(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    rows = [
        {
            "product_id": f"p{n}",
            "category": f"c{n % 8}",
            "price": 10 + n,
            "attributes": f"a{rng.integers(5)}|b{rng.integers(5)}",
        }
        for n in range(400)
    ]
    events = [{"user": f"u{n % 50}", "item": f"p{int(rng.integers(400))}", "time": n + 1} for n in range(3000)]
    big = Items.from_rows(rows)
    shop = Recommender(big, Interactions.from_rows(events, items=big.ids)).fit()
    asked, query = wish(category=["c3"]), Query("u7", ("p3", "p11"))
    exact = shop.search(wish=asked, query=query, k=10, available=None)
    monkeypatch.setattr("recommender.recommend.SAMPLE", 100)
    sampled = Recommender.search(shop, wish=asked, query=query, k=10, available=None)
    assert len(set(ids(exact)) & set(ids(sampled))) >= 8
    assert [f.score for f in sampled.items] == pytest.approx([f.score for f in exact.items], abs=0.3)


def test_an_order_asked_for_is_kept_strictly(shop: Recommender) -> None:
    everything = wish(category=["audio", "food"])
    price = {item_id: float(shop.items.price[place]) for item_id, place in shop.items.index.items()}
    by_price = sorted(price.values())
    assert [price[i] for i in ids(shop.search(wish=everything, k=5, order="cheapest"))] == by_price[:5]
    assert [price[i] for i in ids(shop.search(wish=everything, k=5, order="dearest"))] == by_price[::-1][:5]
    assert ids(shop.search(wish=everything, k=1, order="best_rated")) == ["t2"]
    with pytest.raises(RecommenderError, match="order 'newest' is not one of cheapest, dearest, best_rated"):
        shop.search(wish=everything, order="newest")  # type: ignore[arg-type]
