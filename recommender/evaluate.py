"""How good a scorer is: full ranking over all items, what was seen in training left out, every user of the test set."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommender import metrics
from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.scorer import Scorer
from recommender.topk import ranked

Floats = NDArray[np.float64]
Features = tuple[Sequence[str], NDArray[np.float32]]
BATCH_NUMBERS = 1 << 25
"""Scores held at a time: 128 MB in float32."""


@runtime_checkable
class PredictsStars(Protocol):
    """A scorer that can also say how many stars a user would give."""

    def stars(self, users: Sequence[str], items: Sequence[str]) -> Floats: ...


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The measures of each user (u,) and what they come from: `ranked` and `hits` (u, k), `right` (u, items) what should
    be found, `history` (u,) how many items training knows of the user, `popularity` (items,) the share of the training
    users that took each item, `seen_popularity` (u,) its mean over the own history (NaN without one). `features`
    (items, d), where given, tell how alike items are; `predicted` and `given` are the stars of the test's ratings, where
    the scorer predicts stars."""

    k: int
    names: tuple[str, ...]
    items: int
    ranked: NDArray[np.int64]
    hits: NDArray[np.bool_]
    right: sparse.csr_matrix
    history: NDArray[np.int64]
    popularity: Floats
    seen_popularity: Floats
    features: NDArray[np.float32] | None
    predicted: Floats | None
    given: Floats
    trained_users: int
    fit_seconds: float
    score_seconds: float

    @property
    def users(self) -> int:
        return len(self.names)

    @cached_property
    def relevant(self) -> NDArray[np.int64]:
        return np.asarray(np.diff(self.right.indptr), dtype=np.int64)

    @cached_property
    def per_user(self) -> dict[str, Floats]:
        """The measures that have a value for each user, by the keys of the command line."""
        k, hits, relevant = self.k, self.hits, self.relevant
        return {
            f"recall@{k}": metrics.recall(hits, relevant),
            f"ndcg@{k}": metrics.ndcg(hits, relevant),
            f"precision@{k}": metrics.precision(hits),
            f"hr@{k}": metrics.hit_rate(hits),
            f"mrr@{k}": metrics.reciprocal_rank(hits),
            f"map@{k}": metrics.average_precision(hits, relevant),
        }

    def as_dict(self) -> dict[str, float]:
        """The keys of the command line, means over users; `popularity_lift` is how many times as popular what is shown
        is as what its user took before, `head_share` how much of it is of the most popular fifth, `peak_mb` the whole
        process. `diversity` stands where features were given, `mae` and `rmse` where stars are predicted."""
        shown = metrics.shown_popularity(self.ranked, self.popularity)
        known = ~np.isnan(self.seen_popularity)
        before = float(self.seen_popularity[known].mean()) if known.any() else float("nan")
        found = {name: float(values.mean()) for name, values in self.per_user.items()} | {
            "coverage": metrics.coverage(self.ranked, self.items),
            "gini": metrics.gini(self.ranked, self.items),
            "novelty": metrics.novelty(self.ranked, np.maximum(self.popularity, 0.5 / self.trained_users)),
            "popularity_shown": float(shown.mean()),
            "head_share": float(metrics.head(self.popularity)[self.ranked].mean()),
        }
        if known.any():
            found["popularity_before"] = before
            found["popularity_lift"] = float(shown[known].mean()) / max(before, 1e-12)
        if self.features is not None and self.k > 1:
            found["diversity"] = float(metrics.diversity(self.ranked, self.features).mean())
        if self.predicted is not None and len(self.given):
            found |= {"mae": metrics.mae(self.predicted, self.given), "rmse": metrics.rmse(self.predicted, self.given)}
        return found | {
            "users": float(self.users),
            "fit_seconds": self.fit_seconds,
            "score_seconds": self.score_seconds,
            "users_per_second": self.users / max(self.score_seconds, 1e-9),
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def evaluate(
    train: Interactions,
    test: Interactions,
    scorer: Scorer,
    *,
    k: int = 20,
    features: Features | None = None,
) -> Evaluation:
    """Fits the scorer and ranks for every user of the test set with an event above zero (a low rating is nothing to be
    found again); users that training does not know count too. `features`: item ids and their rows of length 1. Raises
    RecommenderError for an empty test set and for test pairs that training has seen (they could never be ranked)."""
    liked = test.only(test.weight > 0).of_active_users()
    if not len(liked):
        raise RecommenderError("the test set is empty; nothing can be evaluated")
    items = _all_items(train, test)
    if not 1 <= k <= len(items):
        raise RecommenderError(f"k {k!r} is not between 1 and the {len(items)} items")
    train, test, liked = train.over(items), test.over(items), liked.over(items)
    seen, right = _seen(train, liked), _binary(liked)
    leaked = int(seen.multiply(right).nnz)
    if leaked:
        raise RecommenderError(f"{leaked} pairs of the test set are in the training set; take them out of one")
    start = time.perf_counter()
    scorer.fit(train)
    fitted = time.perf_counter()
    ranked = top_k(scorer, liked.users, seen, k)
    scored = time.perf_counter()
    hits = np.zeros(ranked.shape, dtype=np.bool_)
    for n, row in enumerate(ranked):
        hits[n] = np.isin(row, right.indices[right.indptr[n] : right.indptr[n + 1]])
    rated = test.only(~np.isnan(test.stars))
    history = np.diff(seen.indptr).astype(np.int64)
    popularity = np.asarray(_binary(train).sum(axis=0), dtype=np.float64).ravel() / max(len(train.users), 1)
    with np.errstate(invalid="ignore"):
        seen_popularity = (seen @ popularity) / history
    return Evaluation(
        k=k,
        names=liked.users,
        items=len(items),
        ranked=ranked,
        hits=hits,
        right=right,
        history=history,
        popularity=popularity,
        seen_popularity=seen_popularity,
        features=None if features is None else _rows(features, items),
        predicted=_predicted(scorer, rated),
        given=rated.stars.astype(np.float64),
        trained_users=max(len(train.users), 1),
        fit_seconds=fitted - start,
        score_seconds=scored - fitted,
    )


def _predicted(scorer: Scorer, rated: Interactions) -> Floats | None:
    if not isinstance(scorer, PredictsStars) or not len(rated):
        return None
    return scorer.stars([rated.users[u] for u in rated.user], [rated.items[i] for i in rated.item])


def _rows(features: Features, items: tuple[str, ...]) -> NDArray[np.float32]:
    ids, rows = features
    index = {item: n for n, item in enumerate(ids)}
    padded = np.concatenate([rows, np.zeros((1, rows.shape[1]), np.float32)])
    return np.asarray(padded[[index.get(item, -1) for item in items]])


def top_k(scorer: Scorer, users: tuple[str, ...], seen: sparse.csr_matrix, k: int) -> NDArray[np.int64]:
    """(users, k) positions of the best items, best first; `seen` (users, items) are left out."""
    batch = max(1, BATCH_NUMBERS // seen.shape[1])
    out = np.empty((len(users), k), dtype=np.int64)
    for start in range(0, len(users), batch):
        stop = min(start + batch, len(users))
        scores = np.array(scorer.score([Query(user) for user in users[start:stop]]), copy=True)
        rows, columns = seen[start:stop].nonzero()
        scores[rows, columns] = -np.inf
        out[start:stop] = ranked(scores, k)
    return out


def _all_items(train: Interactions, test: Interactions) -> tuple[str, ...]:
    known = set(train.items)
    return (*train.items, *(item for item in test.items if item not in known))


def _binary(interactions: Interactions) -> sparse.csr_matrix:
    shape = (len(interactions.users), len(interactions.items))
    pairs = (np.ones(len(interactions), np.float32), (interactions.user, interactions.item))
    matrix = sparse.coo_matrix(pairs, shape=shape).tocsr()
    matrix.data[:] = 1
    return matrix


def _seen(train: Interactions, test: Interactions) -> sparse.csr_matrix:
    """(test users, items) what each user of the test set did in training."""
    known, matrix = train.user_index, _binary(train)
    places = [known.get(user) for user in test.users]
    empty = sparse.csr_matrix((1, matrix.shape[1]), dtype=np.float32)
    if all(place is not None for place in places):
        return matrix[places]
    return sparse.vstack([empty if place is None else matrix[place] for place in places], format="csr")
