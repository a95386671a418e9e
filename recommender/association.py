"""Rules for bundles: who takes these also takes that, with its support, confidence, lift and how likely it is chance.

Level-wise search with pruning by support (Agrawal and Srikant, "Fast Algorithms for Mining Association Rules", VLDB 1994)
up to two items => one, which is what a bundle needs; pairs and triples are counted by sparse products. Significance is
Fisher's exact test, one-sided, with p adjusted for all rules tested (Benjamini and Hochberg, 1995).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.stats import false_discovery_control, hypergeom

from recommender.baskets import baskets
from recommender.data import Interactions
from recommender.errors import RecommenderError


@dataclass(frozen=True, slots=True)
class Rule:
    """Of all baskets the share `support` has `items` and `then`; of those with `items` the share `confidence` has
    `then` too, which is `lift` times its usual share. `chi2` has one degree of freedom; `p` is Fisher's, adjusted."""

    items: tuple[str, ...]
    then: str
    count: int
    support: float
    confidence: float
    lift: float
    chi2: float
    p: float


def association_rules(
    interactions: Interactions, *, min_count: int = 5, min_confidence: float = 0.05, most_p: float = 0.05
) -> list[Rule]:
    """Rules with a lift above 1 that are no chance, the highest lift first; `min_count` baskets must hold all of it."""
    if min_count < 1:
        raise RecommenderError(f"min_count {min_count!r} is not a number from 1")
    inside = sparse.csc_matrix(baskets(interactions))
    total = inside.shape[0]
    of_item = np.asarray(inside.sum(axis=0)).ravel()
    parts = [(left, then, count) for left, then, count in _candidates(inside, of_item, min_count)]
    if not parts:
        return []
    both, given, wanted = (
        np.array(column, dtype=np.float64)
        for column in (
            [count for _, _, count in parts],
            [_count(inside, left) for left, _, _ in parts],
            [of_item[then] for _, then, _ in parts],
        )
    )
    p = false_discovery_control(np.clip(hypergeom.sf(both - 1, total, wanted, given), 0, 1))
    confidence, lift = both / given, both * total / (given * wanted)
    chi2 = _chi2(both, given, wanted, total)
    order = np.lexsort((-both, -lift))
    return [
        Rule(
            items=tuple(interactions.items[i] for i in parts[n][0]),
            then=interactions.items[parts[n][1]],
            count=int(both[n]),
            support=float(both[n] / total),
            confidence=float(confidence[n]),
            lift=float(lift[n]),
            chi2=float(chi2[n]),
            p=float(p[n]),
        )
        for n in order
        if lift[n] > 1 and confidence[n] >= min_confidence and p[n] <= most_p
    ]


def _candidates(
    inside: sparse.csc_matrix, of_item: NDArray[np.float32], min_count: int
) -> Iterator[tuple[tuple[int, ...], int, float]]:
    """Every antecedent of one or two items and consequent with enough baskets."""
    frequent = np.flatnonzero(of_item >= min_count)
    some = inside[:, frequent]
    pairs = sparse.triu(some.T @ some, k=1).tocoo()
    kept = pairs.data >= min_count
    for a, b, count in zip(pairs.row[kept], pairs.col[kept], pairs.data[kept], strict=True):
        left, right = int(frequent[a]), int(frequent[b])
        yield (left,), right, float(count)
        yield (right,), left, float(count)
        both = some[:, [a]].multiply(some[:, [b]])
        third = np.asarray((both.T @ some).todense()).ravel()
        for c in np.flatnonzero(third >= min_count):
            if c not in (a, b):
                yield (left, right), int(frequent[c]), float(third[c])


def _count(inside: sparse.csc_matrix, items: tuple[int, ...]) -> float:
    if len(items) == 1:
        return float(inside[:, [items[0]]].sum())
    return float(inside[:, [items[0]]].multiply(inside[:, [items[1]]]).sum())


def _chi2(
    both: NDArray[np.float64], given: NDArray[np.float64], wanted: NDArray[np.float64], total: int
) -> NDArray[np.float64]:
    """Pearson's statistic of the 2 x 2 tables, without correction: n (n n11 - n1. n.1)^2 / (n1. n.1 n0. n.0)."""
    below = given * wanted * (total - given) * (total - wanted)
    return np.asarray(total * (total * both - given * wanted) ** 2 / np.maximum(below, 1e-12))
