import numpy as np
import pytest
import torch

from recommender.data import Interactions, Query
from recommender.scorers import ials
from recommender.scorers.ials import Ials

# Five users, three items: [[0,2,0],[3,0,4],[0,5,0],[0,0,1],[2,0,3]]
RATED = {
    ("u0", "i1"): 2,
    ("u1", "i0"): 3,
    ("u1", "i2"): 4,
    ("u2", "i1"): 5,
    ("u3", "i2"): 1,
    ("u4", "i0"): 2,
    ("u4", "i2"): 3,
}


@pytest.fixture
def small() -> Interactions:
    rows = [{"user": u, "item": i, "kind": "view", "time": t + 1} for (u, i), n in RATED.items() for t in range(n)]
    return Interactions.from_rows(rows)


def loss(users: np.ndarray, items: np.ndarray, weights: np.ndarray, model: Ials) -> float:
    """Equation 1 with the penalty of equation 5, written out pair by pair."""
    total, alpha = 0.0, model.unobserved / len(items)
    for u in range(len(users)):
        for i in range(len(items)):
            predicted = users[u] @ items[i]
            total += weights[u, i] * (1 - predicted) ** 2 + alpha * predicted**2
    for own, counts, others in ((users, (weights > 0).sum(1), len(items)), (items, (weights > 0).sum(0), len(users))):
        penalty = model.l2 * (counts + alpha * others) ** model.exponent
        total += float((penalty * (own**2).sum(axis=1)).sum())
    return total


def test_fold_in_is_the_least_squares_optimum_of_each_user(small: Interactions) -> None:
    model = Ials(dim=2, unobserved=0.3, l2=0.05, exponent=1, epochs=5).fit(small)
    users, items = model.fold_in([Query(u) for u in small.users]).numpy(), model.factors.numpy()
    weights = ials.confidences(small.matrix).toarray()
    best = loss(users, items, weights, model)
    rng = np.random.default_rng(0)
    assert all(loss(users + rng.normal(0, 0.01, users.shape), items, weights, model) > best for _ in range(20))


def test_more_epochs_lower_the_loss_to_a_point_where_nothing_moves(small: Interactions) -> None:
    weights = ials.confidences(small.matrix).toarray()
    losses = []
    for epochs in (1, 3, 30, 60):
        model = Ials(dim=2, unobserved=0.3, l2=0.05, exponent=1, epochs=epochs).fit(small)
        users = model.fold_in([Query(u) for u in small.users]).numpy()
        losses.append(loss(users, model.factors.numpy(), weights, model))
    assert losses[0] > losses[1] > losses[2]
    assert losses[3] == pytest.approx(losses[2], rel=1e-3)


def test_two_dimensions_tell_the_two_groups_of_the_matrix_apart(small: Interactions) -> None:
    scores = (
        Ials(dim=2, unobserved=0.3, l2=0.05, exponent=1, epochs=20)
        .fit(small)
        .score([Query("u0"), Query("u1"), Query("u3")])
    )
    assert scores[0].argmax() == 1  # u0 and u2 took only i1
    assert set(np.argsort(-scores[1])[:2]) == {0, 2}
    assert scores[2, 0] > scores[2, 1]  # u3 took i2, which goes with i0


def test_buckets_hold_every_entry_once_within_the_limit(
    monkeypatch: pytest.MonkeyPatch, interactions: Interactions
) -> None:
    monkeypatch.setattr(ials, "_GATHERED", 100)
    matrix = interactions.matrix
    filled = list(ials.buckets(matrix, 4, "cpu"))
    again = np.zeros((matrix.shape[0], matrix.shape[1] + 1), dtype=np.float32)
    for bucket in filled:
        assert bucket.columns.numel() * 4 <= 100 or len(bucket.rows) == 1
        again[bucket.rows[:, None].numpy(), bucket.columns.numpy()] += bucket.weights.numpy()
        assert torch.equal(bucket.counts, (bucket.weights > 0).sum(1).float())
    assert len(filled) > 1
    assert np.array_equal(again[:, :-1], matrix.toarray())
