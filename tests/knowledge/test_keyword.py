import math

import numpy as np
import pytest

from knowledge.keyword import KeywordIndex, terms


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How are the shipping fees charged?", ["shipp", "fee", "charg"]),
        ("偏遠地區", ["偏远地区", "_偏远", "_远地", "_地区"]),  # traditional characters are the same words
        ("USB-C 充电", ["usb", "c", "充电", "_充电"]),
        ("的 了 the", []),
    ],
)
def test_terms(text: str, found: list[str]) -> None:
    assert terms(text) == found


def test_scores_are_bm25_over_the_best_reachable() -> None:
    # Two texts of lengths 1 and 3, mean 2; k1 1.2, b 0.75. "apple" stands in both, "pear" in the second only.
    index = KeywordIndex(["apple", "apple pear pear"])
    apple, pear = math.log(1 + 0.5 / 2.5), math.log(1 + 1.5 / 1.5)
    short, long = 1.2 * (0.25 + 0.75 / 2), 1.2 * (0.25 + 0.75 * 3 / 2)
    total = apple + pear
    expected = [apple / (1 + short) / total, (apple / (1 + long) + pear * 2 / (2 + long)) / total]
    np.testing.assert_allclose(index.scores("apple pear"), expected)


def test_unknown_words_lower_the_share() -> None:
    index = KeywordIndex(["运费多少", "退货"])
    assert 0 < index.scores("运费多少 火星")[0] < index.scores("运费多少")[0] < 1
    assert index.scores("the").tolist() == [0, 0]


def test_no_words_at_all() -> None:
    assert KeywordIndex(["", "..."]).scores("anything").tolist() == [0, 0]
