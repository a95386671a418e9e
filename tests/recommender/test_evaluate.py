from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.evaluate import evaluate
from recommender.scorer import Arrays, Places
from recommender.scorers.biased_mf import BiasedMf


def pairs(*told: str) -> Interactions:
    return Interactions.from_rows([{"user": t[0], "item": t[1]} for t in told])


class Alphabetical:
    """Prefers a to b to c …, whatever is asked."""

    def fit(self, interactions: Interactions) -> "Alphabetical":
        self.items = interactions.items
        return self

    def score(self, queries: Sequence[Query], items: Places | None = None) -> NDArray[np.float32]:
        order = -np.array([ord(i) for i in self.items], dtype=np.float32)[slice(None) if items is None else items]
        return np.broadcast_to(order, (len(queries), len(order)))

    def arrays(self) -> Arrays:
        return {}

    def restore(self, arrays: Arrays, interactions: Interactions) -> "Alphabetical":
        return self.fit(interactions)


def test_everything_is_ranked_but_what_was_seen() -> None:
    train, test = pairs("1a", "1c", "2b"), pairs("1b", "1d", "2d", "3e")  # e and user 3 are not in training
    found = evaluate(train, test, Alphabetical(), k=2)
    assert found.items == 5
    assert found.ranked.tolist() == [[1, 3], [0, 2], [0, 1]]
    assert found.hits.tolist() == [[True, True], [False, False], [False, False]]
    told = found.as_dict()
    assert (told["recall@2"], told["ndcg@2"], told["coverage"], told["users"]) == pytest.approx(
        (1 / 3, 1 / 3, 4 / 5, 3)
    )
    assert {"fit_seconds", "score_seconds", "users_per_second", "peak_mb"} <= told.keys()


def test_leaked_pairs_are_refused() -> None:
    with pytest.raises(RecommenderError, match="1 pairs of the test set are in the training set"):
        evaluate(pairs("1a", "1b"), pairs("1a", "1c"), Alphabetical(), k=1)


@pytest.mark.parametrize(
    ("test", "k", "message"), [(pairs(), 1, "test set is empty"), (pairs("1b"), 9, "k 9 is not between 1 and the 2")]
)
def test_what_cannot_be_evaluated_is_told(test: Interactions, k: int, message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        evaluate(pairs("1a"), test, Alphabetical(), k=k)


def test_popularity_of_what_is_shown_against_what_was_taken() -> None:
    train, test = pairs("1a", "2a", "2b", "3a", "4c"), pairs("1b", "2c")
    told = evaluate(train, test, Alphabetical(), k=1).as_dict()
    # Shares of the 4 users: a 3/4, b 1/4, c 1/4. Shown: 1 b, 2 c. Taken before: 1 a; 2 a and b.
    assert told["popularity_shown"] == pytest.approx(1 / 4)
    assert told["popularity_before"] == pytest.approx((3 / 4 + 1 / 2) / 2)
    assert told["popularity_lift"] == pytest.approx(0.4)
    assert (told["head_share"], told["novelty"]) == (0, 2)  # the head is a alone; -log2(1/4)


def test_diversity_needs_features() -> None:
    features = (("a", "b", "c"), np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32))
    found = evaluate(pairs("1a"), pairs("1b", "1c"), Alphabetical(), k=2, features=features)
    assert found.as_dict()["diversity"] == 0
    assert "diversity" not in evaluate(pairs("1a"), pairs("1b", "1c"), Alphabetical(), k=2).as_dict()


def test_low_stars_are_not_to_be_found_and_stars_are_predicted() -> None:
    rows = [("1", "a", 5), ("2", "a", 4), ("2", "b", 1), ("3", "b", 2), ("3", "c", 5)]
    made = [{"user": u, "item": i, "kind": "rating", "value": stars} for u, i, stars in rows]
    test = [
        {"user": "1", "item": "b", "kind": "rating", "value": 1},
        {"user": "2", "item": "c", "kind": "rating", "value": 4},
    ]
    found = evaluate(Interactions.from_rows(made), Interactions.from_rows(test), BiasedMf(k=1, l2=0.5), k=1)
    assert found.names == ("2",)
    assert found.given.tolist() == [1, 4]
    told = found.as_dict()
    assert told["mae"] == pytest.approx(np.abs(found.predicted - found.given).mean())
    assert 0 < told["mae"] <= told["rmse"] < 2
