import pytest

from recommender.baskets import DAY, bought_together
from recommender.data import Interactions


def test_cosine_of_baskets_from_three_common_ones() -> None:
    rows = []
    for day in range(4):  # lamp and bulb four times, the third item twice with them, once alone
        rows += [("ann", "lamp", day), ("ann", "bulb", day)] + [("ann", "rug", day)] * (day < 2)
    rows += [("bob", "lamp", 9), ("bob", "rug", 10)]
    events = [{"user": u, "item": i, "kind": "purchase", "time": d * DAY + 60} for u, i, d in rows]
    events += [{"user": "eve", "item": item, "kind": "view", "time": 60} for item in ("rug", "bulb")]
    made = Interactions.from_rows(events, items=("lamp", "bulb", "rug"))
    together = bought_together(made).toarray()
    assert together[0] == pytest.approx([0, 4 / (5 * 4) ** 0.5, 0])
    assert (together == together.T).all()
    assert together[2].tolist() == [0, 0, 0]  # two common baskets are chance


def test_without_time_there_are_no_baskets() -> None:
    made = Interactions.from_rows([{"user": "u", "item": i, "kind": "purchase"} for i in "ab"])
    assert bought_together(made).nnz == 0
