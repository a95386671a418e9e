"""How good a classifier is: pure functions of true and predicted values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def accuracy(true: Sequence[str], predicted: Sequence[str]) -> float:
    """The share of equal pairs; nan when there are none."""
    _same_length(true, predicted)
    return float(np.mean([a == b for a, b in zip(true, predicted, strict=True)])) if true else float("nan")


def per_class(true: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, float]]:
    """`{class: {"precision", "recall", "f1", "support"}}` for every class that occurs on either side, sorted."""
    _same_length(true, predicted)
    report: dict[str, dict[str, float]] = {}
    for name in sorted({*true, *predicted}):
        hits = sum(a == name == b for a, b in zip(true, predicted, strict=True))
        support, said = sum(a == name for a in true), sum(b == name for b in predicted)
        precision = hits / said if said else 0.0
        recall = hits / support if support else 0.0
        f1 = 2 * hits / (said + support)
        report[name] = {"precision": precision, "recall": recall, "f1": f1, "support": float(support)}
    return report


def macro_f1(true: Sequence[str], predicted: Sequence[str]) -> float:
    """The mean F1 over the classes that occur in `true`; nan when there are none."""
    report = per_class(true, predicted)
    scores = [row["f1"] for row in report.values() if row["support"]]
    return float(np.mean(scores)) if scores else float("nan")


def auroc(positive: ArrayLike, negative: ArrayLike) -> float:
    """The probability that a positive scores above a negative, ties half; nan when a side is empty."""
    high, low = np.asarray(positive, np.float64), np.asarray(negative, np.float64)
    if not high.size or not low.size:
        return float("nan")
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, "left") + np.searchsorted(ordered, high, "right")
    return float(below.sum() / (2 * high.size * low.size))


def ece(confidence: ArrayLike, correct: ArrayLike, *, bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017, equation 3) over bins of equal width; nan without predictions."""
    sure, right = np.asarray(confidence, np.float64), np.asarray(correct, np.float64)
    if not sure.size:
        return float("nan")
    place: NDArray[np.int64] = np.minimum((sure * bins).astype(np.int64), bins - 1)
    gaps = np.abs(np.bincount(place, sure - right, minlength=bins))
    return float(gaps.sum() / sure.size)


def _same_length(true: Sequence[str], predicted: Sequence[str]) -> None:
    if len(true) != len(predicted):
        raise ValueError(f"{len(true)} true and {len(predicted)} predicted labels; both must be equally many")
