import numpy as np
import pytest

from recommender.data import Items
from recommender.features import item_features


def test_likeness_follows_kind_then_attributes_then_price(items: Items) -> None:
    features = item_features(items)
    assert np.linalg.norm(features, axis=1) == pytest.approx(1)
    near = features @ features[items.index["h1"]]
    order = [items.ids[n] for n in np.argsort(-near)]
    assert order[0] == "h1"
    assert near[items.index["h4"]] > near[items.index["h3"]] > near[items.index["c1"]]
    assert near[items.index["e2"]] > near[items.index["t1"]]


def test_dimensions_are_bounded_and_likeness_kept(items: Items) -> None:
    full, reduced = item_features(items, dims=512), item_features(items, dims=8)
    assert reduced.shape == (13, 8)
    assert np.corrcoef((full @ full.T).ravel(), (reduced @ reduced.T).ravel())[0, 1] > 0.95


def test_texts_count_beside_what_a_product_is(items: Items) -> None:
    vectors = np.random.default_rng(0).normal(size=(len(items), 16)).astype(np.float32)
    vectors[items.index["t1"]] = vectors[items.index["h1"]]
    told = item_features(Items(**{**vars(items), "vectors": vectors}))
    plain = item_features(items)
    h1, t1 = items.index["h1"], items.index["t1"]
    assert told[h1] @ told[t1] > plain[h1] @ plain[t1] + 0.2


def test_a_product_of_which_nothing_is_known_is_like_none() -> None:
    features = item_features(Items.from_rows([{"product_id": "a", "price": 1}, {"product_id": "b", "price": 1}]))
    assert np.isfinite(features).all()
