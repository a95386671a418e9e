import numpy as np
import pytest

from recommender.data import Interactions
from recommender.evaluate import evaluate
from recommender.scorers.popularity import Popularity
from recommender.strata import by_history, by_item, by_segment


def pairs(*told: str) -> Interactions:
    return Interactions.from_rows([{"user": t[0], "item": t[1]} for t in told])


def test_strata_of_users_and_items() -> None:
    # Popularity ranks a (3 events), b (2), c (1), d, e (cold). k = 2.
    train = pairs("1a", "2a", "3a", "1b", "2b", "2c")
    test = pairs("1c", "2d", "9a", "9e")  # 1 is shown c d; 2 d e; 9, a stranger, a b
    found = evaluate(train, test, Popularity(), k=2)
    assert by_history(found) == {
        "0": {"users": 1, "recall@2": 0.5, "ndcg@2": pytest.approx(1 / (1 + 1 / np.log2(3))), "hr@2": 1},
        "1-4": {"users": 2, "recall@2": 1, "ndcg@2": 1, "hr@2": 1},
    }
    assert {name: row["users"] for name, row in by_segment(found, {"1": "x", "2": "x"}).items()} == {
        "unknown": 1,
        "x": 2,
    }
    assert by_item(found) == {  # the head is a, one of five
        "head": {"pairs": 1, "found": 1},
        "tail": {"pairs": 1, "found": 1},
        "cold": {"pairs": 2, "found": 0.5},
    }
