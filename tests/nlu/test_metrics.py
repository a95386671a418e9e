from __future__ import annotations

import math

import pytest

from nlu import metrics


def test_accuracy_and_f1_by_hand() -> None:
    true, said = ["a", "a", "b", "b"], ["a", "b", "b", "c"]
    assert metrics.accuracy(true, said) == 0.5
    # a: precision 1, recall 1/2; b: 1/2, 1/2; c is never true and does not count in the mean
    assert metrics.per_class(true, said)["a"] == {
        "precision": 1.0,
        "recall": 0.5,
        "f1": pytest.approx(2 / 3),
        "support": 2,
    }
    assert metrics.macro_f1(true, said) == pytest.approx((2 / 3 + 1 / 2) / 2)


def test_auroc_by_hand() -> None:
    assert metrics.auroc([3, 1], [2, 0]) == 0.75
    assert metrics.auroc([1, 1], [1, 1]) == 0.5
    assert math.isnan(metrics.auroc([1], []))


def test_ece_by_hand() -> None:
    # bin [.9, 1): two at .9, one right: |1.8 - 1| / 4; bin [.5, .6): two at .5, both right: |1 - 2| / 4
    assert metrics.ece([0.9, 0.9, 0.5, 0.5], [1, 0, 1, 1], bins=10) == pytest.approx(0.2 + 0.25)
    assert metrics.ece([1.0], [True]) == 0.0


def test_empty_and_uneven() -> None:
    assert math.isnan(metrics.accuracy([], []))
    assert math.isnan(metrics.macro_f1([], []))
    assert math.isnan(metrics.ece([], []))
    with pytest.raises(ValueError, match="1 true and 2 predicted"):
        metrics.accuracy(["a"], ["a", "b"])


def test_rejection_by_hand() -> None:
    # in scope 3 2 1 0, out of scope 1 -1: passing from 0 keeps all and stops -1, from 2 keeps half and stops both
    thresholds, kept, rejected = metrics.rejection_curve([3, 2, 1, 0], [1, -1])
    assert thresholds.tolist() == [-1, 0, 1, 2, 3]
    assert kept.tolist() == [1, 1, 0.75, 0.5, 0.25]
    assert rejected.tolist() == [0, 0.5, 0.5, 1, 1]
    assert metrics.fpr_at([3, 2, 1, 0], [1, -1]) == 0.5
    assert metrics.fpr_at([3, 2, 1, 0], [1, -1], tpr=0.5) == 0.0
    assert math.isnan(metrics.fpr_at([], [1]))


def test_average_precision_by_hand() -> None:
    # order: hit, miss, hit: (1/2) * 1 + (1/2) * (2/3)
    assert metrics.average_precision([3, 1], [2]) == pytest.approx(0.5 + 1 / 3)
    assert metrics.average_precision([1, 1], [1, 1]) == 0.5  # equal scores pass together
    assert math.isnan(metrics.average_precision([], [1]))


def test_reliability_by_hand() -> None:
    rows = metrics.reliability([0.9, 0.95, 0.2, 1.0], [1, 0, 0, 1], bins=2)
    assert [(r.low, r.high, r.n) for r in rows] == [(0.0, 0.5, 1), (0.5, 1.0, 3)]
    assert rows[1].confidence == pytest.approx(0.95)
    assert rows[1].accuracy == pytest.approx(2 / 3)
