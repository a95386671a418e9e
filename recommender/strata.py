"""Where a scorer is good and where not: by how long the history is, how popular the items are, and groups of users."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from recommender.evaluate import Evaluation
from recommender.metrics import head

HISTORY = (0, 1, 5, 20, 50, 100)
"""The least history of each group of users; who has none is cold."""
Stratum = dict[str, float]


def by_history(found: Evaluation) -> dict[str, Stratum]:
    """Means over the users of each group of history lengths that occurs."""
    group = np.searchsorted(HISTORY, found.history, side="right") - 1
    ends = [*(start - 1 for start in HISTORY[1:]), None]
    names = [f"{a}" if a == b else f"{a}+" if b is None else f"{a}-{b}" for a, b in zip(HISTORY, ends, strict=True)]
    return {name: _means(found, group == n) for n, name in enumerate(names) if (group == n).any()}


def by_segment(found: Evaluation, segment: Mapping[str, str]) -> dict[str, Stratum]:
    """Means over the users of each segment; `segment` maps user ids to names, other users are under "unknown"."""
    names = np.array([segment.get(user, "unknown") for user in found.names])
    return {str(name): _means(found, names == name) for name in np.unique(names)}


def by_item(found: Evaluation) -> dict[str, Stratum]:
    """Of the pairs to be found, by their item: cold (no event in training), tail, and head (the most popular fifth):
    how many there are and which share was found."""
    popular = head(found.popularity)
    kind = np.where(popular, "head", np.where(found.popularity > 0, "tail", "cold"))
    right = found.right.tocoo()
    pairs = right.row.astype(np.int64) * found.items + right.col
    rows, ranks = found.hits.nonzero()
    was_found = np.isin(pairs, rows.astype(np.int64) * found.items + found.ranked[rows, ranks])
    of_pair = kind[right.col]
    return {
        name: {"pairs": float((of_pair == name).sum()), "found": float(was_found[of_pair == name].mean())}
        for name in ("head", "tail", "cold")
        if (of_pair == name).any()
    }


def _means(found: Evaluation, own: NDArray[np.bool_]) -> Stratum:
    names = (f"recall@{found.k}", f"ndcg@{found.k}", f"hr@{found.k}")
    return {"users": float(own.sum())} | {name: float(found.per_user[name][own].mean()) for name in names}
