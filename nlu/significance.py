"""How sure a measured difference is: intervals, and tests on the same sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Interval = tuple[float, float]
_Z = 1.959963984540054  # the 97.5 % quantile of the normal distribution: all intervals are of 95 %
_RESAMPLES = 1000


def wilson(hits: float, n: int) -> Interval:
    """The 95 % score interval of a share of `hits` among `n` (Wilson 1927); (0, 1) without observations."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = hits / n, _Z**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z * math.sqrt(share * (1 - share) / n + z2 / (4 * n**2)) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


@dataclass(frozen=True)
class McNemar:
    """The exact test on pairs: `only_first` were right in the first model only, `only_second` in the second only; `p` is
    two-sided."""

    only_first: int
    only_second: int
    p: float


def mcnemar(first: ArrayLike, second: ArrayLike) -> McNemar:
    """Do two models err equally often on the same sentences? Both (n,) of right and wrong.

    Exact binomial test on the pairs that differ (McNemar 1947 in the form of Edwards 1948 is an approximation of it).
    """
    from scipy.stats import binomtest

    a, b = np.asarray(first, bool), np.asarray(second, bool)
    if a.shape != b.shape:
        raise ValueError(f"{a.size} and {b.size} outcomes; pairs are needed")
    only_first, only_second = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    differing = only_first + only_second
    p = float(binomtest(only_first, differing).pvalue) if differing else 1.0
    return McNemar(only_first, only_second, p)


def paired_difference(first: ArrayLike, second: ArrayLike, *, seed: int = 0) -> Interval:
    """The 95 % percentile bootstrap interval (Efron 1979) of mean(second) - mean(first) over the same sentences."""
    gain = np.asarray(second, np.float64) - np.asarray(first, np.float64)
    if not gain.size:
        return 0.0, 0.0
    rng = np.random.default_rng(seed)
    means = np.array([gain[rng.integers(0, gain.size, gain.size)].mean() for _ in range(_RESAMPLES)])
    return float(np.quantile(means, 0.025)), float(np.quantile(means, 0.975))


def macro_f1_interval(true: Sequence[str], predicted: Sequence[str], *, seed: int = 0) -> Interval:
    """The 95 % percentile bootstrap interval of macro-F1, over resampled sentences; (0, 1) without any."""
    if not true:
        return 0.0, 1.0
    names = {name: i for i, name in enumerate(sorted({*true, *predicted}))}
    a, b = np.array([names[name] for name in true]), np.array([names[name] for name in predicted])
    rng = np.random.default_rng(seed)
    scores = []
    for _ in range(_RESAMPLES):
        rows = rng.integers(0, len(a), len(a))
        scores.append(_macro_f1(a[rows], b[rows], len(names)))
    return float(np.quantile(scores, 0.025)), float(np.quantile(scores, 0.975))


def _macro_f1(true: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> float:
    support, said = np.bincount(true, minlength=classes), np.bincount(predicted, minlength=classes)
    hits = np.bincount(true[true == predicted], minlength=classes)
    present = support > 0
    return float((2 * hits[present] / (support + said)[present]).mean())
