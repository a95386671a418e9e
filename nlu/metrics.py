"""How good a classifier is: pure functions of true and predicted values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def accuracy(true: Sequence[str], predicted: Sequence[str]) -> float:
    """The share of equal pairs; nan when there are none."""
    _same_length(true, predicted)
    return float(np.mean([a == b for a, b in zip(true, predicted, strict=True)])) if true else float("nan")


def per_class(true: Sequence[str], predicted: Sequence[str]) -> dict[str, dict[str, float]]:
    """`{class: {"precision", "recall", "f1", "support"}}` for every class that occurs on either side, sorted."""
    _same_length(true, predicted)
    hits = Counter(a for a, b in zip(true, predicted, strict=True) if a == b)
    support, said = Counter(true), Counter(predicted)
    return {
        name: {
            "precision": hits[name] / said[name] if said[name] else 0.0,
            "recall": hits[name] / support[name] if support[name] else 0.0,
            "f1": 2 * hits[name] / (said[name] + support[name]),
            "support": float(support[name]),
        }
        for name in sorted({*true, *predicted})
    }


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


def rejection_curve(positive: ArrayLike, negative: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """(thresholds, kept, rejected), each (t,), by rising threshold: where only scores of at least the threshold pass, the
    share of positives that is kept and the share of negatives that is rejected."""
    high, low = np.sort(np.asarray(positive, np.float64)), np.sort(np.asarray(negative, np.float64))
    thresholds = np.unique(np.concatenate([high, low]))
    kept = 1 - np.searchsorted(high, thresholds, "left") / max(high.size, 1)
    rejected = np.searchsorted(low, thresholds, "left") / max(low.size, 1)
    return thresholds, kept, rejected


def fpr_at(positive: ArrayLike, negative: ArrayLike, *, tpr: float = 0.95) -> float:
    """The share of negatives that still pass at the highest threshold that keeps `tpr` of the positives; nan when a side
    is empty."""
    high, low = np.asarray(positive, np.float64), np.asarray(negative, np.float64)
    if not high.size or not low.size:
        return float("nan")
    _, kept, rejected = rejection_curve(high, low)
    return float(1 - rejected[kept >= tpr].max())


def average_precision(positive: ArrayLike, negative: ArrayLike) -> float:
    """The area under precision over recall, of the positives, by steps (no interpolation); nan when a side is empty."""
    high, low = np.asarray(positive, np.float64), np.asarray(negative, np.float64)
    if not high.size or not low.size:
        return float("nan")
    scores, truth = np.concatenate([high, low]), np.concatenate([np.ones(high.size), np.zeros(low.size)])
    order = np.argsort(-scores, kind="stable")
    scores, hits = scores[order], np.cumsum(truth[order])
    last = np.append(scores[1:] != scores[:-1], True)  # equal scores pass together
    precision, recall = (hits / np.arange(1, len(hits) + 1))[last], (hits / high.size)[last]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def ece(confidence: ArrayLike, correct: ArrayLike, *, bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017, equation 3) over bins of equal width; nan without predictions."""
    rows = reliability(confidence, correct, bins=bins)
    n = sum(row.n for row in rows)
    return float(sum(row.n * abs(row.confidence - row.accuracy) for row in rows) / n) if n else float("nan")


@dataclass(frozen=True)
class ReliabilityBin:
    """The `n` predictions of a confidence in [low, high): their mean confidence and accuracy, 0 where there are none."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


def reliability(confidence: ArrayLike, correct: ArrayLike, *, bins: int = 15) -> list[ReliabilityBin]:
    """Bins of equal width over [0, 1] (Guo et al. 2017, section 2)."""
    sure, right = np.asarray(confidence, np.float64), np.asarray(correct, np.float64)
    place: NDArray[np.int64] = np.minimum((sure * bins).astype(np.int64), bins - 1)
    counts = np.bincount(place, minlength=bins)
    sums = [np.bincount(place, values, minlength=bins) / np.maximum(counts, 1) for values in (sure, right)]
    return [
        ReliabilityBin(k / bins, (k + 1) / bins, int(counts[k]), float(sums[0][k]), float(sums[1][k]))
        for k in range(bins)
    ]


def _same_length(true: Sequence[str], predicted: Sequence[str]) -> None:
    if len(true) != len(predicted):
        raise ValueError(f"{len(true)} true and {len(predicted)} predicted labels; both must be equally many")
