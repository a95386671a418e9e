"""Order decides: what follows is told from what came before, by counts and by the network alike."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.data import Interactions, Query
from recommender.scorers.sequence import Sequence


@pytest.fixture(scope="module")
def walks() -> Interactions:
    """Everybody walks a ring of eight items clockwise, from a place of their own, four steps."""
    rows = [
        {"user": f"u{n}", "item": f"i{(n + step) % 8}", "time": 1_000 + step} for n in range(80) for step in range(4)
    ]
    return Interactions.from_rows(rows)


def _first(scorer: Sequence, *history: str) -> str:
    scores = scorer.score([Query(None, history)])[0]
    scores[[scorer.interactions.item_index[item] for item in history]] = -np.inf
    return scorer.interactions.items[int(scores.argmax())]


@pytest.mark.parametrize("share", [0.0, 1.0, 0.5])
def test_the_next_step(walks: Interactions, share: float) -> None:
    scorer = Sequence(dim=16, epochs=30, batch=16, dropout=0.1, rate=5e-3, share=share).fit(walks)
    assert _first(scorer, "i2", "i3") == "i4"
    assert _first(scorer, "i6", "i7") == "i0"


def test_order_matters(walks: Interactions) -> None:
    scorer = Sequence(share=0).fit(walks)
    there, back = scorer.score([Query(None, ("i1", "i5")), Query(None, ("i5", "i1"))])
    index = walks.item_index
    assert there[index["i6"]] > there[index["i2"]]
    assert back[index["i2"]] > back[index["i6"]]


def test_transitions_by_hand() -> None:
    rows = [{"user": "u", "item": item, "time": time} for time, item in enumerate("abc", start=1)]
    scorer = Sequence(share=0, decay=0.5, backward=0.25).fit(Interactions.from_rows(rows))
    # each item occurs once, so nothing is divided: a>b 1, a>c .5, b>c 1, and a quarter of each backwards
    expected = [[0, 1, 0.5], [0.25, 0, 1], [0.125, 0.25, 0]]
    assert scorer.transitions.toarray() == pytest.approx(np.array(expected))


def test_a_catalogue_too_large_for_the_whole_softmax(walks: Interactions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommender.scorers.sequence.FULL_SOFTMAX", 4)
    monkeypatch.setattr("recommender.scorers.sequence.DRAWN", 6)
    scorer = Sequence(dim=16, epochs=30, batch=16, dropout=0.1, rate=5e-3, share=1.0).fit(walks)
    assert _first(scorer, "i2", "i3") == "i4"


def test_long_histories_are_read_from_their_end(walks: Interactions) -> None:
    scorer = Sequence(share=0, longest=2).fit(walks)
    long, short = scorer.score([Query(None, ("i0", "i5", "i2", "i3")), Query(None, ("i2", "i3"))])
    assert long == pytest.approx(short)
