"""A Ray of two processes on this machine computes what one process computes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from tests_support import missing

from recommender import batches, distributed
from recommender.data import Interactions
from recommender.errors import RecommenderError
from recommender.scorers.ials import Ials
from recommender.scorers.popularity import Popularity

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::FutureWarning"
)


@pytest.fixture(scope="module")
def two_workers() -> Iterator[None]:
    if importlib.util.find_spec("ray") is None:
        missing("ray")
    with distributed.cluster(workers=2):
        yield


@pytest.mark.service
@pytest.mark.usefixtures("two_workers")
def test_training_by_shards_is_training(interactions: Interactions) -> None:
    settings = {"dim": 8, "epochs": 4}
    by_shards = distributed.fit_ials(Ials(**settings), interactions, shards=2)
    whole = Ials(**settings).fit(interactions)
    likeness = by_shards.factors @ by_shards.factors.T  # either may be turned
    np.testing.assert_allclose(likeness, whole.factors @ whole.factors.T, atol=1e-5)


@pytest.mark.service
@pytest.mark.usefixtures("two_workers")
def test_lists_are_those_of_one_process(interactions: Interactions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "USERS", 7)
    scorer = Ials(dim=4).fit(interactions)
    here = list(batches.recommend_all(scorer, interactions, k=3))
    there = list(distributed.recommend_all(scorer, interactions, k=3, workers=2))
    assert [lists.users.tolist() for lists in there] == [lists.users.tolist() for lists in here]
    for one, other in zip(here, there, strict=True):
        np.testing.assert_allclose(other.scores, one.scores, rtol=1e-4, atol=1e-6)
        assert other.items.tolist() == one.items.tolist()


@pytest.mark.service
@pytest.mark.usefixtures("two_workers")
def test_what_a_worker_cannot_do_is_told(interactions: Interactions) -> None:
    fitted = Popularity().fit(interactions)
    with pytest.raises(RecommenderError, match=r"a worker failed: .*k 99 is not between 1 and the 13 items"):
        list(distributed.recommend_all(fitted, interactions, k=99, workers=1))


def test_without_ray_the_next_step_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(RecommenderError, match=r"Ray, which is not installed: pip install 'daogou\[distributed\]'"),
        distributed.cluster(),
    ):
        pass
