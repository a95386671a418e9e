"""What is handed to the customer: a few items, each with its score and its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from recommender.explain import Reason
from recommender.items import Items
from recommender.loosening import Relaxation

Order = Literal["cheapest", "dearest", "best_rated"]
ORDERS: tuple[Order, ...] = get_args(Order)
POOL = 40
"""So many of the best are considered when a slate is made varied."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    item_id: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Slate:
    """`total` items met every wish; `relaxations` tell what to let go of when none did."""

    items: tuple[Recommendation, ...]
    total: int
    relaxations: tuple[Relaxation, ...] = ()


def in_order(items: Items, quality: NDArray[np.float32], places: NDArray[np.intp], order: Order) -> NDArray[np.float32]:
    """(len(places),) scores that put items strictly in this order; `quality` (n,) decides between equals."""
    if order == "best_rated":
        first = np.nan_to_num(items.rating[places], nan=0.0)
    else:
        first = items.price[places] * (-1 if order == "cheapest" else 1)
    scores = np.empty(len(places), np.float32)
    scores[np.lexsort((quality[places], first))] = np.arange(len(places), dtype=np.float32)
    return scores


def best(
    candidates: NDArray[np.intp],
    scores: NDArray[np.float32],
    features: NDArray[np.float32],
    *,
    k: int,
    diversity: float,
) -> list[tuple[int, float]]:
    """The k best candidates as (position, score), each next one marked down by `diversity` times its likeness to those
    already chosen (maximal marginal relevance; Carbonell and Goldstein 1998). Scores (c,) belong to the candidates."""
    pool = (
        np.argpartition(-scores, min(max(POOL, k), len(scores)) - 1)[: max(POOL, k)]
        if len(scores)
        else scores.astype(int)
    )
    pool = pool[np.lexsort((candidates[pool], -scores[pool]))]
    places, worth = candidates[pool], scores[pool].astype(np.float64)
    near = np.zeros(len(pool))
    own = features[places]
    chosen: list[int] = []
    while len(chosen) < min(k, len(pool)):
        value = worth - diversity * near
        value[chosen] = -np.inf
        pick = int(value.argmax())
        chosen.append(pick)
        near = np.maximum(near, own @ own[pick])
    return [(int(places[n]), float(worth[n])) for n in chosen]
