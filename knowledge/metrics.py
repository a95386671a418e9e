"""Ranking measures: pure functions of a ranking (ids, best first, each once) and what is relevant (id → gain > 0)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

Relevant = Mapping[str, float]


def recall(ranking: Sequence[str], relevant: Relevant, *, k: int) -> float:
    """The share of the relevant that stands among the first `k`."""
    wanted = _wanted(relevant, k)
    return len(wanted.keys() & set(ranking[:k])) / len(wanted)


def mrr(ranking: Sequence[str], relevant: Relevant, *, k: int) -> float:
    """One over the place of the first relevant, 0 beyond `k`."""
    wanted = _wanted(relevant, k)
    return next((1 / place for place, id in enumerate(ranking[:k], start=1) if id in wanted), 0.0)


def ndcg(ranking: Sequence[str], relevant: Relevant, *, k: int) -> float:
    """Discounted gain (gain over log2 of the place + 1), as in trec_eval, over that of the best possible ranking."""
    wanted = _wanted(relevant, k)
    gained = _discounted([wanted.get(id, 0.0) for id in ranking[:k]])
    return gained / _discounted(sorted(wanted.values(), reverse=True)[:k])


def _discounted(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))


def _wanted(relevant: Relevant, k: int) -> dict[str, float]:
    if k < 1:
        raise ValueError(f"k is {k!r}; it must be at least 1")
    wanted = {id: gain for id, gain in relevant.items() if gain > 0}
    if not wanted:
        raise ValueError(f"relevant is {dict(relevant)!r}; at least one gain must be above 0")
    return wanted
