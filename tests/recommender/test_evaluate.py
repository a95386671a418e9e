from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.evaluate import evaluate
from recommender.scorer import Arrays, Places


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
