import numpy as np
import pytest

from recommender.errors import RecommenderError
from recommender.significance import DRAWS, holm, paired


def test_a_clear_difference_is_found_and_none_is_not() -> None:
    random = np.random.default_rng(0)
    base = random.random(400)
    better = paired(base, base + 0.02 + random.normal(0, 0.05, 400))
    assert better.low > 0
    assert better.mean == pytest.approx(0.02, abs=0.008)
    assert max(better.p, better.wilcoxon_p) < 0.001
    luck = paired(base, base + random.permutation(np.repeat([0.05, -0.05], 200)))
    assert luck.mean == pytest.approx(0)
    assert (luck.low < 0 < luck.high, luck.p > 0.5, luck.gain, luck.lose) == (True, True, 0.5, 0.5)


def test_the_same_scores_differ_by_nothing() -> None:
    same = paired(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    assert (same.mean, same.low, same.high, same.p, same.wilcoxon_p) == (0, 0, 0, 1, 1)


def test_random_signs_of_three_users_worked_out() -> None:
    # All of |sums| >= 3 among the 8 sign patterns of (1, 1, 1): two, so p is near 1/4.
    assert paired(np.zeros(3), np.ones(3)).p == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / DRAWS) ** 0.5)


def test_holm_by_hand() -> None:
    # sorted .01 x 3, .02 x 2, .04 x 1 -> .03, .04, .04
    assert holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.6, 0.5]) == [1.0, 1.0]
    assert holm([]) == []


def test_other_users_cannot_be_paired() -> None:
    with pytest.raises(RecommenderError, match="2 and 3 users cannot be compared pairwise"):
        paired(np.zeros(2), np.zeros(3))
