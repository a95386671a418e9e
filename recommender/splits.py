"""Cutting interactions into what is learned from and what is tested on."""

from __future__ import annotations

import numpy as np

from recommender.data import Interactions
from recommender.errors import RecommenderError


def leave_one_out(interactions: Interactions) -> tuple[Interactions, Interactions]:
    """The latest event of every user with at least two is the test; an item that the user did before is not held out."""
    order = np.lexsort((np.arange(len(interactions)), interactions.time, interactions.user))
    users = interactions.user[order]
    last = order[np.append(users[1:] != users[:-1], True)] if len(order) else order
    held = np.zeros(len(interactions), dtype=np.bool_)
    held[last] = np.bincount(interactions.user)[interactions.user[last]] > 1
    return _apart(interactions, held)


def by_time(interactions: Interactions, *, share: float = 0.2) -> tuple[Interactions, Interactions]:
    """The latest `share` of all events is the test, less repetitions of pairs that training has."""
    _share(share)
    if not interactions.time.any():
        raise RecommenderError("no event has a time; the data cannot be cut by it")
    cut = np.quantile(interactions.time, 1 - share)
    return _apart(interactions, interactions.time > cut)


def holdout(interactions: Interactions, *, share: float = 0.1, seed: int = 0) -> tuple[Interactions, Interactions]:
    """A random `share` of the events, for choosing settings; each user keeps at least one."""
    _share(share)
    draw = np.random.default_rng(seed).random(len(interactions))
    kept = np.full(len(interactions.users), np.inf)
    np.minimum.at(kept, interactions.user, draw)
    held = (draw > 1 - share) & (draw > kept[interactions.user])
    return _apart(interactions, held)


def _apart(interactions: Interactions, held: np.typing.NDArray[np.bool_]) -> tuple[Interactions, Interactions]:
    train, test = interactions.only(~held), interactions.only(held)
    pair = test.user.astype(np.int64) * len(interactions.items) + test.item
    known = train.user.astype(np.int64) * len(interactions.items) + train.item
    test = test.only(~np.isin(pair, known))
    return train, test.of_active_users()


def _share(share: float) -> None:
    if not 0 < share < 1:
        raise RecommenderError(f"share {share!r} is not between 0 and 1")
