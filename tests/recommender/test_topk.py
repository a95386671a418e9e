"""The best items in chunks are those of a table written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse

from recommender import topk
from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.scorers.ials import Ials
from recommender.scorers.popularity import Popularity


@pytest.fixture
def factors() -> tuple[torch.Tensor, torch.Tensor, sparse.csr_matrix]:
    generator = torch.Generator().manual_seed(0)
    seen = sparse.random(7, 50, density=0.3, format="csr", random_state=0, dtype=np.float32)
    return torch.randn(7, 4, generator=generator), torch.randn(50, 4, generator=generator), seen


@pytest.mark.parametrize("numbers", [1, 7 * 13, 1 << 20])
def test_chunks_change_nothing(
    factors: tuple[torch.Tensor, torch.Tensor, sparse.csr_matrix], numbers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topk, "NUMBERS", numbers)
    queries, items, seen = factors
    places, scores = topk.by_factors(queries, items, seen, 5)
    table = (queries @ items.T).numpy()
    table[seen.nonzero()] = -np.inf
    wanted = np.argsort(-table, axis=1, kind="stable")[:, :5]
    assert places.tolist() == wanted.tolist()
    np.testing.assert_allclose(scores, np.take_along_axis(table, wanted, axis=1), rtol=1e-6)


def test_where_nothing_is_left_stands_nothing() -> None:
    seen = sparse.csr_matrix(np.array([[1, 1, 0]], np.float32))
    places, scores = topk.by_factors(torch.ones(1, 2), torch.ones(3, 2), seen, 2)
    assert places.tolist() == [[2, -1]]
    assert scores.tolist() == [[2.0, -np.inf]]


@pytest.mark.parametrize("scorer", [Ials(dim=4), Popularity()])
def test_every_scorer_is_ranked(interactions: Interactions, scorer: Ials | Popularity) -> None:
    scorer.fit(interactions)
    queries = [Query(user) for user in interactions.users]
    places, scores = topk.best_items(scorer, queries, interactions.matrix, 3)
    table = np.array(scorer.score(queries))
    table[interactions.matrix.nonzero()] = -np.inf
    np.testing.assert_allclose(scores, -np.sort(-table, axis=1)[:, :3], rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(np.take_along_axis(table, places, axis=1), scores, rtol=1e-5, atol=1e-7)


def test_k_is_checked(interactions: Interactions) -> None:
    with pytest.raises(RecommenderError, match=r"k 0 is not between 1 and the 13 items"):
        topk.best_items(Popularity().fit(interactions), [Query()], interactions.matrix[:1], 0)


@pytest.mark.parametrize("values", [2, 40, 10**6], ids=["nearly all equal", "some equal", "hardly any equal"])
def test_of_equal_scores_the_earlier_item_is_ranked_first(values: int) -> None:
    scores = np.random.default_rng(0).integers(0, values, (20, 300)).astype(np.float32)
    scores[:, ::7] = -np.inf
    np.testing.assert_array_equal(topk.ranked(scores, 20), np.argsort(-scores, axis=1, kind="stable")[:, :20])
