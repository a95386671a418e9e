"""One suite over every scorer, on data whose answer is known: two groups of taste, a cold item, a cold user."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from recommender.data import Interactions, Items, Query
from recommender.evaluate import evaluate
from recommender.features import item_features
from recommender.recommend import Recommender
from recommender.scorer import Scorer
from recommender.scorers.blend import Blend
from recommender.scorers.content import Content
from recommender.scorers.ease import Ease
from recommender.scorers.graph import Graph
from recommender.scorers.ials import Ials
from recommender.scorers.item_knn import ItemKnn
from recommender.scorers.mixture import Mixture
from recommender.scorers.popularity import Popularity
from recommender.scorers.q_learning import QLearning
from recommender.scorers.sequence import Sequence
from recommender.scorers.user_knn import UserKnn
from recommender.splits import holdout

AUDIO, FOOD, COLD = {"h1", "h2", "h3", "e1", "e2", "e3"}, {"c1", "c2", "c3", "t1", "t2", "t3"}, "h4"
MAKERS: dict[str, Callable[[Items], Scorer]] = {
    "popularity": lambda items: Popularity(),
    "item_knn": lambda items: ItemKnn(),
    "user_knn": lambda items: UserKnn(neighbours=10),
    "ials": lambda items: Ials(dim=2, unobserved=2),
    "ease": lambda items: Ease(l2=5),
    "graph": lambda items: Graph(),
    "graph with low-pass": lambda items: Graph(low_pass=2),
    "sequence": lambda items: Sequence(dim=16, epochs=20, batch=8, dropout=0.1, share=0.5),
    "q_learning": lambda items: QLearning(dim=16, batch=64),
    "content": lambda items: Content(item_features(items)),
    "mixture": lambda items: Mixture(Graph(), Ials(dim=2, unobserved=2), Popularity()),
    "blend": lambda items: Blend(Ials(dim=2, unobserved=2), Content(item_features(items)), Popularity()),
}
PERSONAL = [name for name in MAKERS if name != "popularity"]
COLLABORATIVE = ["item_knn", "user_knn", "ials", "ease", "graph", "graph with low-pass", "sequence", "q_learning"]


@pytest.fixture(scope="module")
def fitted(items: Items, interactions: Interactions) -> dict[str, Scorer]:
    return {name: make(items).fit(interactions) for name, make in MAKERS.items()}


def ranking(scorer: Scorer, query: Query, items: Items) -> list[str]:
    return [items.ids[n] for n in np.argsort(-scorer.score([query])[0], kind="stable")]


@pytest.mark.parametrize("name", MAKERS)
def test_scores_have_the_promised_shape(fitted, items: Items, name: str) -> None:
    scores = fitted[name].score([Query("a0"), Query(None, ("c1",)), Query()])
    assert (scores.shape, scores.dtype) == ((3, len(items)), np.float32)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("name", PERSONAL)
@pytest.mark.parametrize(("user", "group"), [("a3", AUDIO), ("f25", FOOD)])
def test_a_known_user_gets_the_own_group_first(fitted, items: Items, name: str, user: str, group: set[str]) -> None:
    own = [i for i in ranking(fitted[name], Query(user), items) if i != COLD]
    assert set(own[:6]) == group


@pytest.mark.parametrize("name", PERSONAL)
@pytest.mark.parametrize(("history", "group"), [(("h1", "e2"), AUDIO), (("c3", "t1"), FOOD)])
def test_a_new_user_is_folded_in_from_the_history(fitted, items: Items, name: str, history, group: set[str]) -> None:
    own = [i for i in ranking(fitted[name], Query("never seen", history), items) if i != COLD]
    assert set(own[:6]) == group


@pytest.mark.parametrize("name", PERSONAL)
def test_the_history_of_the_session_is_heard_beside_what_is_stored(fitted, items: Items, name: str) -> None:
    before, after = fitted[name].score([Query("a0"), Query("a0", ("c1", "c2", "t1"))])
    gain = (after - before)[[items.index[i] for i in FOOD]].mean() - (after - before)[
        [items.index[i] for i in AUDIO]
    ].mean()
    assert gain > 0


@pytest.mark.parametrize("name", COLLABORATIVE)
def test_nobody_known_means_no_opinion_or_the_same_for_all(fitted, items: Items, name: str) -> None:
    stranger, nobody = fitted[name].score([Query("stranger", ("not in the catalogue",)), Query()])
    assert stranger == pytest.approx(nobody)


def test_blend_falls_back_to_popularity_and_knows_cold_items_by_content(fitted, items: Items) -> None:
    blend, popular = fitted["blend"], fitted["popularity"]
    assert ranking(blend, Query(), items) == ranking(popular, Query(), items)
    of_audio = ranking(blend, Query("a3"), items)
    assert all(of_audio.index(COLD) < of_audio.index(food) for food in FOOD)
    assert ranking(fitted["content"], Query(None, ("h1",)), items).index(COLD) <= 2


@pytest.mark.parametrize("name", MAKERS)
def test_a_batch_is_its_queries_one_by_one(fitted, name: str) -> None:
    queries = [Query("a0"), Query("f30"), Query(None, ("h1", "c1")), Query("a0", ("t1",))]
    together = fitted[name].score(queries)
    alone = np.concatenate([fitted[name].score([q]) for q in queries])
    assert together == pytest.approx(alone, abs=2e-5)


@pytest.mark.parametrize("name", sorted({*MAKERS} - {"blend"}))
def test_some_items_are_scored_like_all(fitted, name: str) -> None:
    queries, some = [Query("a0"), Query(None, ("c1",))], np.array([4, 0, 12])
    assert fitted[name].score(queries, some) == pytest.approx(fitted[name].score(queries)[:, some], abs=1e-6)


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_seed_gives_the_same_scores(fitted, items: Items, interactions: Interactions, name: str) -> None:
    again = MAKERS[name](items).fit(interactions)
    assert np.array_equal(again.score([Query("a1")]), fitted[name].score([Query("a1")]))


@pytest.mark.parametrize("name", MAKERS)
def test_what_was_learned_can_be_stored(fitted, items: Items, interactions: Interactions, name: str) -> None:
    arrays = fitted[name].arrays()
    assert all(isinstance(array, np.ndarray) and array.dtype != object for array in arrays.values())
    json.dumps(sorted(arrays))
    again = MAKERS[name](items).restore(arrays, interactions)
    queries = [Query("a1"), Query(None, ("t2", "h1"))]
    assert again.score(queries) == pytest.approx(fitted[name].score(queries), abs=1e-6)


@pytest.mark.parametrize("name", PERSONAL)
def test_better_than_popularity_on_what_was_held_out(items: Items, interactions: Interactions, name: str) -> None:
    train, test = holdout(interactions, share=0.25, seed=1)
    sanity = evaluate(train, test, Popularity(), k=3).as_dict()["ndcg@3"]
    assert evaluate(train, test, MAKERS[name](items), k=3).as_dict()["ndcg@3"] > 1.3 * sanity


@pytest.mark.parametrize("name", MAKERS)
def test_a_sold_out_item_teaches_but_is_never_shown(items: Items, interactions: Interactions, name: str) -> None:
    shop = Recommender(items, interactions, scorer=MAKERS[name](items)).fit()
    stock = dict.fromkeys(items.variants.skus, 1) | {
        sku: 0 for sku in items.variants.skus if sku.startswith(("h1", "c1"))
    }
    available = shop.availability(stock)
    for query in (Query("a0"), Query("f30"), Query(None, ("h1",)), Query()):
        shown = {r.item_id for r in shop.recommend(query, k=len(items), available=available).items}
        assert shown
        assert not shown & {"h1", "c1"}


def test_popularity_forgets() -> None:
    rows = [{"user": f"u{n}", "item": "old", "time": 1e9} for n in range(3)]
    rows += [{"user": f"u{n}", "item": "new", "time": 1e9 + 100 * 86_400} for n in range(2)]
    made = Interactions.from_rows(rows)
    scores = Popularity(half_life_days=50).fit(made).score([Query()])[0]
    assert np.expm1(scores) == pytest.approx([2, 3 / 4])  # new: 2; old: 3 at a quarter (items are sorted)
