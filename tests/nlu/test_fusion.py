"""Two opinions joined, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.fusion import Opinion, chosen, opinion_of


def logs(*rows: tuple[float, ...]) -> np.ndarray:
    return np.log(np.array(rows, np.float32))


def test_the_default_is_the_geometric_mean() -> None:
    fused = Opinion(("a", "b"), logs((0.2, 0.8))).fuse(np.array([[0.8, 0.2]], np.float32), ("a", "b"))
    np.testing.assert_allclose(fused, [[0.5, 0.5]], atol=1e-6)
    sure = Opinion(("b", "a"), logs((0.1, 0.9))).fuse(np.array([[0.9, 0.1]], np.float32), ("a", "b"))
    np.testing.assert_allclose(sure, [[0.9, 0.1]], atol=1e-6)  # the same said twice stays the same


def test_a_class_that_it_does_not_know_keeps_its_share() -> None:
    opinion = Opinion(("a", "b"), logs((0.5, 0.5)), weight=1.0, temperature=1.0)
    fused = opinion.fuse(np.array([[0.3, 0.1, 0.6]], np.float32), ("a", "b", "new"))
    np.testing.assert_allclose(fused, [[0.3, 0.1, 0.6]], atol=1e-6)
    stranger = Opinion(("x", "y"), logs((0.5, 0.5)))
    np.testing.assert_array_equal(
        stranger.fuse(np.array([[0.3, 0.7]], np.float32), ("a", "b")), [[np.float32(0.3), np.float32(0.7)]]
    )


@pytest.mark.parametrize(("right", "weights"), [("first", {0.0}), ("second", {1.5, 2.0, 3.0})])
def test_the_side_that_is_right_gets_the_weight(right: str, weights: set[float]) -> None:
    y = np.array([0, 1] * 10)
    truth = np.where(np.eye(2)[y] > 0, 0.7, 0.3).astype(np.float32)
    first, second = (truth, truth[:, ::-1]) if right == "first" else (truth[:, ::-1], truth)
    found = chosen(Opinion(("a", "b"), np.log(second)), first, ("a", "b"), y)
    assert found.weight in weights
    assert (found.fuse(first, ("a", "b")).argmax(axis=1) == y).all()


def test_an_encoder_without_opinion_has_none() -> None:
    assert opinion_of(object(), ["hi"]) is None
