"""Two scorers as one: the share that a hold-out prefers, at one spread, and popularity for strangers."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.data import Interactions, Query
from recommender.registry import make_scorer
from recommender.scorers.ease import Ease
from recommender.scorers.graph import Graph
from recommender.scorers.mixture import Mixture
from recommender.scorers.popularity import Popularity


class Backwards(Ease):
    """The worst of advice."""

    def score(self, queries, items=None):
        return -super().score(queries, items)


def test_bad_advice_gets_no_share(interactions: Interactions) -> None:
    assert Mixture(Ease(l2=5), Backwards(l2=5), Popularity(), validation=0.2).fit(interactions).share < 0.5
    assert Mixture(Backwards(l2=5), Ease(l2=5), Popularity(), validation=0.2).fit(interactions).share > 0.5


def test_without_validation_the_share_stays(interactions: Interactions) -> None:
    made = Mixture(Graph(), Popularity(), Popularity(), share=0.25, validation=0).fit(interactions)
    assert made.share == 0.25
    query = Query("a0")
    new = interactions.matrix[interactions.user_index["a0"]].toarray()[0] == 0
    parts = [part.score([query])[0] for part in (made.first, made.second)]
    spread = [np.where(new, part, 0).std() for part in parts]
    assert made.score([query])[0] == pytest.approx(0.75 * parts[0] / spread[0] + 0.25 * parts[1] / spread[1], rel=1e-4)


def test_strangers_see_what_is_popular(interactions: Interactions) -> None:
    made = Mixture(Graph(), Graph(), Popularity(), validation=0).fit(interactions)
    assert np.array_equal(made.score([Query("nobody")]), made.popularity.score([Query("nobody")]))


def test_blend_needs_no_catalogue() -> None:
    assert isinstance(make_scorer("blend", settings={"share": 0.5, "validation": 0}), Mixture)
