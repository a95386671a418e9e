"""Small examples whose every number was worked out by hand, or from the normal equations."""

from collections.abc import Sequence

import numpy as np
import pytest

from recommender.data import Interactions, Query
from recommender.errors import RecommenderError
from recommender.interactions import NEUTRAL_RATING
from recommender.scorers.biased_mf import BiasedMf
from recommender.scorers.graph import Graph
from recommender.scorers.ials import Ials
from recommender.scorers.item_knn import ItemKnn
from recommender.scorers.user_knn import UserKnn

FIVE_BY_THREE = [[0, 2, 0], [3, 0, 4], [0, 5, 0], [0, 0, 1], [2, 0, 3]]
FOUR_BY_FOUR = [[5, 3, 0, 1], [4, 0, 0, 2], [1, 0, 4, 0], [2, 3, 5, 0]]


def ratings(table: Sequence[Sequence[float]]) -> Interactions:
    """Zero means not rated."""
    return Interactions.from_rows(
        {"user": f"u{u}", "item": f"i{i}", "kind": "rating", "value": stars}
        for u, row in enumerate(table)
        for i, stars in enumerate(row)
        if stars
    )


def test_matrix_factorisation_with_two_factors() -> None:
    made = ratings(FIVE_BY_THREE)
    found = BiasedMf(k=2, epochs=200, l2=1e-4).fit(made)
    pairs = [(u, i, stars) for u, row in enumerate(FIVE_BY_THREE) for i, stars in enumerate(row) if stars]
    assert found.mean == pytest.approx(20 / 7)  # (2 + 3 + 4 + 5 + 1 + 2 + 3) / 7
    predicted = found.stars([f"u{u}" for u, _, _ in pairs], [f"i{i}" for _, i, _ in pairs])
    assert predicted == pytest.approx([stars for _, _, stars in pairs], abs=0.01)
    everything = found.stars(
        [f"u{u}" for u in range(5) for _ in range(3)], [f"i{i}" for _ in range(5) for i in range(3)]
    )
    assert ((everything >= 0) & (everything <= 5)).all()


def test_without_factors_one_step_is_the_ridge_of_the_biases() -> None:
    # mean 20/7. User biases first, item biases 0: sum of (stars - mean) / (n (1 + l2)), l2 = 1.
    # u0 (2 - 20/7) / 2 = -3/7, u1 (3 + 4 - 40/7) / 4 = 9/28, u2 15/14, u3 -13/14, u4 (5 - 40/7) / 4 = -5/28.
    found = BiasedMf(k=0, epochs=1, l2=1.0).fit(ratings(FIVE_BY_THREE))
    assert found.users[:, 0] == pytest.approx([-3 / 7, 9 / 28, 15 / 14, -13 / 14, -5 / 28])
    # i0, of u1 and u4: (3 - 20/7 - 9/28 + 2 - 20/7 + 5/28) / 4 = (-5/7 - 4/28) / 4 = -3/14.
    assert found.items[0, 0] == pytest.approx(-3 / 14)
    assert found.stars(["u2", "stranger"], ["i0", "i0"]) == pytest.approx([20 / 7 + 15 / 14 - 3 / 14, 20 / 7 - 3 / 14])


def test_stars_need_ratings() -> None:
    with pytest.raises(RecommenderError, match="no event is of the kind 'rating'"):
        BiasedMf().fit(Interactions.from_rows([{"user": "u", "item": "i"}]))


def test_a_new_user_of_ials_is_the_solution_of_its_normal_equations() -> None:
    made = Interactions.from_rows(
        {"user": f"u{u}", "item": f"i{i}"}
        for u, row in enumerate(FIVE_BY_THREE)
        for i, stars in enumerate(row)
        if stars
    )
    found = Ials(dim=2, unobserved=1.5, l2=0.1, exponent=1.0).fit(made)
    v = found.factors.numpy().astype(np.float64)
    alpha, taken = 1.5 / 3, v[[0, 2]]
    system = alpha * v.T @ v + taken.T @ taken + 0.1 * (2 + alpha * 3) * np.eye(2)
    by_hand = np.linalg.solve(system, taken.sum(axis=0))
    assert found.score([Query(None, ("i0", "i2"))])[0] == pytest.approx(v @ by_hand, abs=1e-5)
    assert np.argmax(found.score([Query("u3")])[0]) == 2  # i2, its only one
    own = found.score([Query("u3")])[0]
    assert own[0] > own[1]  # i0 goes with i2, i1 with neither


@pytest.fixture(scope="module")
def four() -> Interactions:
    """The table itself as weights, not less the neutral rating."""
    made = ratings(FOUR_BY_FOUR)
    return Interactions(
        made.users, made.items, made.user, made.item, made.kind, made.weight + np.float32(NEUTRAL_RATING), made.time
    )


def test_user_based_cosine_with_two_neighbours(four: Interactions) -> None:
    assert four.matrix.toarray().tolist() == FOUR_BY_FOUR
    # Norms: sqrt 35, sqrt 20, sqrt 17, sqrt 38. u0: cos to u1 (20 + 2) / sqrt(700) = .83152, to u2 5 / sqrt(595) = .20498,
    # to u3 (10 + 9) / sqrt(1330) = .52099: the neighbours are u1 and u3.
    near, next_near = 22 / 700**0.5, 19 / 1330**0.5
    scores = UserKnn(neighbours=2).fit(four).score([Query("u0")])[0]
    assert scores == pytest.approx([4 * near + 2 * next_near, 3 * next_near, 5 * next_near, 2 * near])
    # As a rating: only the neighbours that have the item count. i2 has 5 of u3 alone.
    predicted = UserKnn(neighbours=2, mean=1).fit(four).score([Query("u0")])[0]
    assert predicted == pytest.approx([(4 * near + 2 * next_near) / (near + next_near), 3, 5, 2])
    assert predicted[0] == pytest.approx(3.22959, abs=1e-5)


def test_user_based_prediction_of_both_other_gaps(four: Interactions) -> None:
    # u1: to u0 .83152, to u2 4 / sqrt(340) = .21693, to u3 8 / sqrt(760) = .29019: u0 and u3; i1: 3 and 3, i2: 5 of u3.
    # u2: to u0 .20498, to u1 .21693, to u3 (2 + 20) / sqrt(646) = .86558: u3 and u1; i1: 3 of u3, i3: 2 of u1.
    predicted = UserKnn(neighbours=2, mean=1).fit(four).score([Query("u1"), Query("u2")])
    assert predicted[0, [1, 2]] == pytest.approx([3, 5])
    assert predicted[1, [1, 3]] == pytest.approx([3, 2])


def test_one_propagation_step_on_three_nodes() -> None:
    # The path a - u - b: degrees 1, 2, 1. LightGCN divides by sqrt(degree * degree): u hears 1 / sqrt 2 of a, and a and b
    # each hear 1 / sqrt 2 of u, so that a profile of a alone leaves as (1/2, 1/2).
    path = Interactions.from_rows([{"user": "u", "item": "a"}, {"user": "u", "item": "b"}])
    blur = Graph(user_power=0.5, item_power=0.5, shift=0.0, sharpen=0.0).fit(path)
    assert blur.score([Query(None, ("a",))])[0] == pytest.approx([0.5, 0.5])
    # One sharpening step of .8 takes off .8 of what another blur of (1/2, 1/2) gives, which is itself.
    sharp = Graph(user_power=0.5, item_power=0.5, shift=0.0, sharpen=0.8).fit(path)
    assert sharp.score([Query(None, ("a",))])[0] == pytest.approx([0.1, 0.1])


def test_the_middle_item_of_a_path_hears_both_users() -> None:
    # u - a - v: the item has degree 2, each user 1; a profile of a goes to both users and comes back whole.
    path = Interactions.from_rows([{"user": "u", "item": "a"}, {"user": "v", "item": "a"}])
    blur = Graph(user_power=0.5, item_power=0.5, shift=0.0, sharpen=0.0).fit(path)
    assert blur.score([Query("u"), Query("v")]) == pytest.approx(np.array([[1.0], [1.0]]))


def test_the_low_pass_is_a_projection_on_singular_vectors() -> None:
    taken = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1], [1, 1, 1, 0]])
    rows = [{"user": f"u{n}", "item": f"i{m}"} for n, m in zip(*taken.nonzero(), strict=True)]
    made = Interactions.from_rows(rows, items=["i0", "i1", "i2", "i3"])
    degrees = taken.sum(axis=0)
    vectors = np.linalg.svd(taken / taken.sum(axis=1, keepdims=True) ** 0.3 / degrees**0.4)[2][:2]
    low = (taken / degrees**0.4) @ vectors.T @ vectors * degrees**0.4
    asked = [Query(f"u{n}") for n in range(4)]
    plain = Graph(user_power=0.3, item_power=0.4).fit(made).score(asked)
    both = Graph(user_power=0.3, item_power=0.4, low_pass=2, low_weight=0.5).fit(made).score(asked)
    wanted = plain / plain.std(axis=1, keepdims=True) + 0.5 * low / low.std(axis=1, keepdims=True)
    assert both == pytest.approx(wanted, rel=1e-4)


def test_item_based_cosine() -> None:
    # Users of two items weigh 1 / sqrt 2. Columns: i0 = (1, 1/sqrt 2), i1 = (0, 1/sqrt 2); cos = (1/2) / (sqrt 1.5 sqrt .5).
    made = Interactions.from_rows(
        [{"user": "u", "item": "i0"}, {"user": "v", "item": "i0"}, {"user": "v", "item": "i1"}]
    )
    found = ItemKnn(shrink=0.0).fit(made).score([Query(None, ("i0",))])[0]
    assert found == pytest.approx([0, np.log1p(1) * 0.5 / (1.5 * 0.5) ** 0.5])
