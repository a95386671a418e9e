from __future__ import annotations

import pytest

from nlu import significance


@pytest.mark.parametrize(
    ("hits", "n", "expected"),
    [
        (0, 0, (0.0, 1.0)),
        (81, 263, (0.2553, 0.3662)),  # Newcombe 1998, table I, method 3
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_wilson_as_published(hits: int, n: int, expected: tuple[float, float]) -> None:
    assert significance.wilson(hits, n) == pytest.approx(expected, abs=5e-5)


def test_mcnemar_by_hand() -> None:
    # five differ, all for the second: p = 2 * (1/2)^5
    first, second = [1, 1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1]
    assert significance.mcnemar(first, second) == significance.McNemar(0, 5, pytest.approx(2 / 32))
    assert significance.mcnemar([1, 0], [1, 0]) == significance.McNemar(0, 0, 1.0)
    # one against two: every outcome is at least as extreme
    assert significance.mcnemar([1, 0, 0], [0, 1, 1]).p == pytest.approx(1.0)
    with pytest.raises(ValueError, match="1 and 2 outcomes"):
        significance.mcnemar([1], [1, 0])


def test_the_interval_of_a_difference_holds_it() -> None:
    first, second = [1] * 50 + [0] * 50, [1] * 70 + [0] * 30
    low, high = significance.paired_difference(first, second)
    assert 0.1 < low < 0.2 < high < 0.3  # about .2 ± 1.96 · .04
    assert significance.paired_difference(first, first) == (0.0, 0.0)
    assert significance.paired_difference([], []) == (0.0, 0.0)


def test_the_interval_of_macro_f1() -> None:
    true = ["a", "b"] * 100
    said = ["a", "b"] * 90 + ["b", "a"] * 10
    low, high = significance.macro_f1_interval(true, said)
    assert 0.83 < low < 0.9 < high < 0.96
    assert significance.macro_f1_interval(true, true) == (1.0, 1.0)
    assert significance.macro_f1_interval([], []) == (0.0, 1.0)
