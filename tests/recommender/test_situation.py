"""What a policy sees: entropies worked out by hand, and what it may do."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.items import Items
from recommender.situation import ACTIONS, ASKABLE, LOOSEN, OBSERVED, SHOW_1, SHOW_3, STOP, Questions, Situation

ROWS = [
    {"product_id": "a", "category": "cups", "brand": "x", "price": 10, "colors": "red", "attributes": "warm|light"},
    {"product_id": "b", "category": "cups", "brand": "x", "price": 20, "colors": "red|blue", "attributes": "warm"},
    {"product_id": "c", "category": "cups", "brand": "x", "price": 30, "colors": "blue", "attributes": "warm"},
    {"product_id": "d", "category": "bags", "brand": "y", "price": 40, "colors": "blue", "attributes": "warm"},
]


def bits(*matching: int) -> dict[str, float]:
    found = Questions(Items.from_rows(ROWS)).bits(np.array(matching, np.intp))
    return dict(zip(ASKABLE, found.tolist(), strict=True))


def test_how_much_a_question_tells() -> None:
    all_ = bits(0, 1, 2, 3)
    quarter = 0.25 * 2 + 0.75 * np.log2(4 / 3)
    assert all_["category"] == pytest.approx(quarter)  # three cups, one bag
    assert all_["price"] == pytest.approx(2)  # four steps of one product
    assert all_["color"] == pytest.approx(-(0.4 * np.log2(0.4) + 0.6 * np.log2(0.6)))  # red twice, blue three times
    assert all_["attribute"] == pytest.approx(quarter)  # all are warm, one is light
    assert (all_["size"], all_["material"]) == (0, 0)
    assert set(bits(2).values()) == {0.0}
    assert set(bits().values()) == {0.0}


def test_what_is_allowed() -> None:
    questions = Questions(Items.from_rows(ROWS))
    found = Situation(questions.bits(np.arange(4)), known={"category"}, matching=4).mask()
    asked = {"ask_price", "ask_color", "ask_brand", "ask_attribute"}
    assert {ACTIONS[n] for n in np.flatnonzero(found)} == asked | {"show_3", "show_1", "stop"}
    nothing = Situation(questions.bits(np.array([], np.intp)), known=(), matching=0).mask()
    assert np.flatnonzero(nothing).tolist() == [LOOSEN, STOP]
    assert not nothing[[SHOW_3, SHOW_1]].any()


def test_the_numbers_stay_small() -> None:
    wide = Situation(np.full(len(ASKABLE), 99, np.float32), ASKABLE, 10**6, "refused", turns=10, seen=500, in_a_row=50)
    numbers = wide.numbers()
    assert numbers.shape == (OBSERVED,)
    assert numbers.min() >= 0
    assert numbers.max() <= 2
    assert numbers[len(ASKABLE) : 2 * len(ASKABLE)].tolist() == [1.0] * len(ASKABLE)
