"""What else is taken out of interactions on request: users that act like machines, users and items with too few events."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recommender.errors import RecommenderError
from recommender.interactions import Interactions

HOUR = 3600.0
BOT_LIKE = 600
"""Events of one customer within an hour, one every six seconds all the time, that no person does."""


def without_bots(interactions: Interactions, *, per_hour: int) -> Interactions:
    """Without the users that had more than `per_hour` events within some hour; events without time are never counted."""
    if per_hour < 1:
        raise RecommenderError(f"per_hour {per_hour!r} is not a number from 1")
    timed = interactions.time > 0
    order = np.lexsort((interactions.time[timed], interactions.user[timed]))
    user, time = interactions.user[timed][order], interactions.time[timed][order]
    bots = np.zeros(len(interactions.users), dtype=np.bool_)
    if len(user) > per_hour:
        same = user[per_hour:] == user[:-per_hour]
        bots[user[per_hour:][same & (time[per_hour:] - time[:-per_hour] < HOUR)]] = True
    return _kept(interactions, ~bots[interactions.user], "bot_like")


def k_core(interactions: Interactions, k: int) -> Interactions:
    """Users and items with at least `k` partners each, what has fewer taken out again and again; both lists shrink."""
    if k < 1:
        raise RecommenderError(f"k-core {k!r} is not a number from 1")
    keep = np.ones(len(interactions), dtype=np.bool_)
    while True:
        pairs = np.unique(np.stack([interactions.user[keep], interactions.item[keep]]), axis=1)
        of_user = np.bincount(pairs[0], minlength=len(interactions.users))
        of_item = np.bincount(pairs[1], minlength=len(interactions.items))
        enough = keep & (of_user[interactions.user] >= k) & (of_item[interactions.item] >= k)
        if np.array_equal(enough, keep):
            break
        keep = enough
    left = _kept(interactions, keep, "rare").of_active_users()
    return left.over([interactions.items[n] for n in np.unique(left.item)])


def _kept(interactions: Interactions, keep: NDArray[np.bool_], reason: str) -> Interactions:
    kept = interactions.only(keep)
    lost = getattr(interactions.report, reason) + len(interactions) - len(kept)
    return replace(kept, report=replace(interactions.report, kept=len(kept), **{reason: lost}))
