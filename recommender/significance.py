"""Whether one scorer is better than another for the same users, or only luckier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import wilcoxon

from recommender.errors import RecommenderError

DRAWS = 2000
_NUMBERS = 1 << 22
"""Numbers drawn at a time: 32 MB."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Mean of second - first, its 95 % bootstrap interval over users, the share of users who gain and lose, and two
    p values of no difference: `p` by random signs, `wilcoxon_p` by signed ranks. `holm_p` is `p` adjusted for all
    comparisons made together."""

    mean: float
    low: float
    high: float
    gain: float
    lose: float
    p: float
    wilcoxon_p: float
    holm_p: float = float("nan")


def paired(first: NDArray[np.float64], second: NDArray[np.float64], *, seed: int = 0) -> Difference:
    """`first` and `second` (u,) are a measure of the same users in the same order."""
    if first.shape != second.shape or not len(first):
        raise RecommenderError(f"{len(first)} and {len(second)} users cannot be compared pairwise")
    difference = second - first
    random, n = np.random.default_rng(seed), len(difference)
    means, flipped = np.empty(DRAWS), np.empty(DRAWS)
    step = max(1, _NUMBERS // n)
    for start in range(0, DRAWS, step):
        size = min(step, DRAWS - start)
        means[start : start + size] = difference[random.integers(0, n, (size, n))].mean(axis=1)
        flipped[start : start + size] = (random.integers(0, 2, (size, n), dtype=np.int8) * 2 - 1) @ difference / n
    mean = float(difference.mean())
    extreme = int((np.abs(flipped) >= abs(mean) - 1e-12).sum())
    low, high = np.quantile(means, [0.025, 0.975])
    return Difference(
        mean=mean,
        low=float(low),
        high=float(high),
        gain=float((difference > 0).mean()),
        lose=float((difference < 0).mean()),
        p=(extreme + 1) / (DRAWS + 1),  # Phipson and Smyth 2010: never zero
        wilcoxon_p=float(wilcoxon(difference, method="asymptotic").pvalue) if difference.any() else 1.0,
    )


def holm(p: Sequence[float]) -> list[float]:
    """p values adjusted for being tested together (Holm, Scandinavian Journal of Statistics 1979), in their order."""
    order = np.argsort(p, kind="stable")
    stepped = [(len(p) - place) * p[n] for place, n in enumerate(order)]
    adjusted = np.minimum(np.maximum.accumulate(stepped), 1.0) if len(p) else np.empty(0)
    out = np.empty(len(p))
    out[order] = adjusted
    return [float(value) for value in out]
