"""Values prefer what is bought over what is only looked at, look one step ahead, and only order the slate."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.data import Interactions, Query
from recommender.scorers.q_learning import QLearning


def sessions(*kinds: tuple[int, list[tuple[str, str]]]) -> Interactions:
    """So many users with these (item, kind) events."""
    rows, user = [], 0
    for count, events in kinds:
        for _ in range(count):
            user += 1
            rows += [{"user": f"u{user}", "item": i, "kind": k, "time": 1e9 + n} for n, (i, k) in enumerate(events)]
    return Interactions.from_rows(rows)


@pytest.fixture(scope="module")
def looked_or_bought() -> Interactions:
    """After `start`, six in ten look at `shown` and leave; four buy `bought`."""
    start = ("start", "view")
    return sessions((60, [start, ("shown", "view")]), (40, [start, ("bought", "purchase")]))


def scores(made: QLearning, *history: str) -> dict[str, float]:
    return dict(zip(made.interactions.items, made.score([Query(None, history)])[0].tolist(), strict=True))


def test_a_purchase_outweighs_more_looks(looked_or_bought: Interactions) -> None:
    likely = scores(QLearning(dim=8, share=0.0, batch=32).fit(looked_or_bought), "start")
    assert likely["shown"] > likely["bought"]
    worth = scores(QLearning(dim=8, share=1.0, batch=32, conservative=0.05).fit(looked_or_bought), "start")
    assert worth["bought"] > worth["shown"]


def test_values_look_ahead() -> None:
    """`road` and `end` are looked at alike; after `road` a purchase follows."""
    start = ("start", "view")
    log = sessions((50, [start, ("road", "view"), ("goal", "purchase")]), (50, [start, ("end", "view")]))
    far = scores(QLearning(dim=8, share=1.0, batch=32, discount=0.9, conservative=0.02).fit(log), "start")
    assert far["road"] > far["end"]


def test_what_was_never_done_is_held_down(looked_or_bought: Interactions) -> None:
    for made in (QLearning(dim=8, share=1.0, batch=32, conservative=c).fit(looked_or_bought) for c in (0.2, 1.0)):
        found = scores(made, "start")
        assert found["start"] < min(found["shown"], found["bought"])  # nobody ever returned to it


def test_only_the_slate_is_ordered_anew() -> None:
    made = QLearning(slate=2, share=1.0)
    likely = np.array([[3.0, 2.0, 1.0, 0.0]], np.float32)
    worth = np.array([[0.0, 1.0, 9.0, 9.0]], np.float32)
    assert np.argsort(-made._reranked(likely, worth)[0]).tolist() == [1, 0, 2, 3]


def test_a_large_catalogue_is_learned_from_drawn_items(monkeypatch: pytest.MonkeyPatch, looked_or_bought) -> None:
    monkeypatch.setattr("recommender.scorers.q_learning.DRAWN", 2)
    likely = scores(QLearning(dim=8, share=0.0, batch=32).fit(looked_or_bought), "start")
    assert likely["shown"] > likely["bought"] > likely["start"]
