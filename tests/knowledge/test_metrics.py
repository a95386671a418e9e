import math

import pytest

from knowledge.metrics import mrr, ndcg, recall

RANKING = ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (recall(RANKING, {"b": 1, "x": 1}, k=2), 0.5),
        (recall(RANKING, {"b": 1, "d": 2, "a": 0}, k=4), 1.0),
        (mrr(RANKING, {"c": 1}, k=10), 1 / 3),
        (mrr(RANKING, {"c": 1}, k=2), 0.0),
        (ndcg(RANKING, {"a": 1}, k=10), 1.0),
        (ndcg(RANKING, {"b": 1}, k=10), 1 / math.log2(3)),
        # gains 0, 1, 3 found at places 1, 2, 3: (1/log2(3) + 3/log2(4)) / (3/log2(2) + 1/log2(3))
        (ndcg(["a", "b", "c"], {"b": 1, "c": 3}, k=3), (0.6309297536 + 1.5) / (3 + 0.6309297536)),
        (ndcg(RANKING, {"d": 1}, k=3), 0.0),
    ],
)
def test_worked_by_hand(measured: float, expected: float) -> None:
    assert measured == pytest.approx(expected)


@pytest.mark.parametrize("measure", [recall, mrr, ndcg])
def test_what_makes_no_sense_is_refused(measure: object) -> None:
    assert callable(measure)
    with pytest.raises(ValueError, match="k is 0"):
        measure(RANKING, {"a": 1}, k=0)
    with pytest.raises(ValueError, match="at least one gain"):
        measure(RANKING, {"a": 0}, k=1)
