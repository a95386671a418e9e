"""The inverted file against looking at everything."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse
from tests_support import missing

from recommender import neighbours, topk
from recommender.batches import Ranker
from recommender.data import Interactions
from recommender.scorers.ials import Ials


@pytest.fixture(autouse=True)
def _faiss() -> None:
    if not neighbours.available():
        missing("faiss")


@pytest.fixture(scope="module")
def factors() -> np.ndarray:
    """Groups of alike items of very different lengths, as popularity makes them."""
    random = np.random.default_rng(0)
    groups = random.normal(size=(40, 16))
    found = groups[random.integers(40, size=4000)] + 0.3 * random.normal(size=(4000, 16))
    return (found * random.lognormal(0, 0.5, size=(4000, 1))).astype(np.float32)


def test_all_cells_give_the_exact_list(factors: np.ndarray) -> None:
    queries = factors[:30] / 2
    seen = sparse.random(30, 4000, density=0.01, format="csr", random_state=1)
    places, scores = neighbours.Neighbours(factors, probed=1.0).search(queries, 10, seen)
    exact, values = topk.by_factors(torch.from_numpy(queries), torch.from_numpy(factors), seen, 10)
    assert places.tolist() == exact.tolist()
    np.testing.assert_allclose(scores, values, rtol=1e-3, atol=1e-3)


def test_few_cells_give_nearly_all_of_it(factors: np.ndarray) -> None:
    queries = factors[::40]
    places, _ = neighbours.Neighbours(factors, probed=0.1).search(queries, 20)
    exact, _ = topk.by_factors(
        torch.from_numpy(queries), torch.from_numpy(factors), sparse.csr_matrix((len(queries), 4000)), 20
    )
    recall = np.mean([len(set(a) & set(b)) / 20 for a, b in zip(places.tolist(), exact.tolist(), strict=True)])
    assert recall > 0.9


def test_what_was_seen_is_left_out(factors: np.ndarray) -> None:
    index = neighbours.Neighbours(factors)
    before, _ = index.search(factors[:1], 5)
    seen = sparse.csr_matrix((np.ones(3), ([0, 0, 0], before[0, :3])), shape=(1, 4000))
    after, _ = index.search(factors[:1], 5, seen)
    assert after[0, :2].tolist() == before[0, 3:].tolist()
    assert not set(after[0]) & set(before[0, :3])


def test_large_catalogues_choose_it(interactions: Interactions, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = Ials(dim=4).fit(interactions)
    assert Ranker(fitted, interactions.users, k=2)._near is None
    monkeypatch.setattr(neighbours, "EXACT_UP_TO", 5)
    assert Ranker(fitted, interactions.users, k=2)._near is not None
    assert Ranker(fitted, interactions.users, k=2, approximate=False)._near is None
