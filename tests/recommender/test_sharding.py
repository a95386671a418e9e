"""Shards solved apart give what one process gives."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender.data import Interactions
from recommender.errors import RecommenderError
from recommender.scorers.ials import Ials
from recommender.sharding import Shard, Side, alternate, bounds, parts


@pytest.mark.parametrize(
    ("counts", "shards", "wanted"),
    [
        ([1, 1, 1, 1], 2, [(0, 2), (2, 4)]),
        ([9, 1, 1, 1], 2, [(0, 1), (1, 4)]),
        ([1, 1], 5, [(0, 1), (1, 2)]),
        ([0, 0, 0], 1, [(0, 3)]),
        ([], 3, []),
    ],
)
def test_shards_have_about_the_same_work(counts: list[int], shards: int, wanted: list[tuple[int, int]]) -> None:
    assert bounds(np.array(counts, np.int64), shards) == wanted


def test_at_least_one_shard_is_asked_for() -> None:
    with pytest.raises(RecommenderError, match="shards 0"):
        bounds(np.ones(3, np.int64), 0)


@pytest.mark.parametrize("count", [1, 3, 100])
def test_the_factors_are_those_of_one_process(interactions: Interactions, count: int) -> None:
    whole = Ials(dim=8, epochs=5).fit(interactions)
    scorer = Ials(dim=8, epochs=5)
    drawn = parts(scorer, interactions, count)
    shards = [Shard(*part) for part in drawn]

    def solve(side: Side, given: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([shard.solve(side, given) for shard in shards])

    alternate(scorer, interactions, drawn, solve)
    # either may be turned
    np.testing.assert_allclose(scorer.factors @ scorer.factors.T, whole.factors @ whole.factors.T, atol=1e-5)
