import numpy as np
import pytest

from recommender import metrics
from recommender.errors import RecommenderError

HITS = np.array([[True, False, True], [False, True, False], [False, False, False]])
RELEVANT = np.array([2, 4, 1])
LOG3 = 1 / np.log2(3)


@pytest.mark.parametrize(
    ("value", "worked_out"),
    [
        (metrics.recall(HITS, RELEVANT), [1, 1 / 4, 0]),
        (metrics.precision(HITS), [2 / 3, 1 / 3, 0]),
        (metrics.hit_rate(HITS), [1, 1, 0]),
        # ranks 1 and 3: 1 + 1/2; ideal of two: 1 + 1/log2(3). Rank 2 of four: the ideal is cut at k = 3.
        (metrics.ndcg(HITS, RELEVANT), [1.5 / (1 + LOG3), LOG3 / (1.5 + LOG3), 0]),
        (metrics.reciprocal_rank(HITS), [1, 1 / 2, 0]),
        # precision 1/1 and 2/3 at the hits over 2; 1/2 over min(3, 4).
        (metrics.average_precision(HITS, RELEVANT), [(1 + 2 / 3) / 2, (1 / 2) / 3, 0]),
    ],
)
def test_measures_are_those_worked_out_by_hand(value, worked_out) -> None:
    assert value == pytest.approx(worked_out)


def test_coverage_and_gini() -> None:
    even, uneven = np.array([[0, 1], [2, 3]]), np.array([[0, 0], [0, 0]])
    assert (metrics.coverage(even, 4), metrics.coverage(uneven, 4)) == (1.0, 0.25)
    assert metrics.gini(even, 4) == pytest.approx(0)
    assert metrics.gini(uneven, 4) == pytest.approx(3 / 4)  # (2*4 - 4 - 1) * 4 / (4 * 4)


def test_novelty_is_the_mean_surprise() -> None:
    assert metrics.novelty(np.array([[0, 1]]), np.array([0.5, 0.125])) == pytest.approx((1 + 3) / 2)


def test_diversity_is_one_less_the_mean_likeness_of_pairs() -> None:
    features = np.array([[1, 0], [1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32)
    # pairs of (0, 1, 2): 1, 0, 0; of (0, 2, 3): 0, .6, .8
    assert metrics.diversity(np.array([[0, 1, 2], [0, 2, 3]]), features) == pytest.approx([1 - 1 / 3, 1 - 1.4 / 3])
    with pytest.raises(RecommenderError, match="the diversity of lists of 1 is not defined"):
        metrics.diversity(np.array([[0]]), features)


def test_popularity_of_what_is_shown() -> None:
    popularity = np.array([0.1, 0.8, 0.3, 0.1, 0.1])
    assert metrics.shown_popularity(np.array([[1, 2], [0, 3]]), popularity) == pytest.approx([0.55, 0.1])
    assert metrics.head(popularity).tolist() == [False, True, False, False, False]
    assert metrics.head(popularity, share=0.6).tolist() == [True, True, True, False, False]


def test_errors_of_stars() -> None:
    predicted, given = np.array([3.0, 4.0, 2.0]), np.array([4.0, 4.0, 5.0])
    assert metrics.mae(predicted, given) == pytest.approx(4 / 3)
    assert metrics.rmse(predicted, given) == pytest.approx((10 / 3) ** 0.5)
