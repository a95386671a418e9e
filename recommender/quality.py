"""How good products are in the eyes of others, and the units that scores are added in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.items import Items

Scores = NDArray[np.float32]
PRIOR_REVIEWS = 20.0
"""A rating is drawn to the mean of all as if it had so many average reviews more."""


def standardised(scores: Scores) -> Scores:
    spread = float(scores.std())
    out: Scores = (scores - scores.mean()) / (spread if spread > 1e-9 else 1.0)
    return out


def quality(items: Items) -> Scores:
    """(n,) the rating, drawn to the mean of all where reviews are few; mean 0, spread 1, at most 2."""
    rated = ~np.isnan(items.rating)
    mean = float(items.rating[rated].mean()) if rated.any() else 0.0
    drawn = (np.nan_to_num(items.rating, nan=mean) * items.reviews + mean * PRIOR_REVIEWS) / (
        items.reviews + PRIOR_REVIEWS
    )
    return standardised(drawn.astype(np.float32)).clip(-2, 2)


def text_spread(items: Items) -> float:
    """The standard deviation of the nearness of products to each other, from a thousand of them."""
    if items.vectors is None or len(items) < 2:
        return 1.0
    some = items.vectors[:: max(1, len(items) // 1000)]
    return max(float((some @ some.T)[np.triu_indices(len(some), 1)].std()), 1e-6)
