"""Which filter suits the data, chosen on a part of it."""

from __future__ import annotations

import numpy as np

from recommender.data import Interactions, Query
from recommender.registry import make_scorer
from recommender.scorers.graph import FILTERS, USUAL, Filter, Graph


def made(taken: np.ndarray) -> Interactions:
    return Interactions.from_rows([{"user": f"u{u}", "item": f"i{i}"} for u, i in zip(*taken.nonzero(), strict=True)])


def dense() -> Interactions:
    """Sixty items that anyone may have, and five tastes of sixteen items each."""
    draw = np.random.default_rng(0)
    chance = np.full((400, 140), 0.01)
    chance[:, :60] = 0.3
    for taste in range(5):
        chance[taste::5, 60 + 16 * taste : 76 + 16 * taste] = 0.5
    return made(draw.random(chance.shape) < chance)


def tasteless() -> Interactions:
    """Four items a user, some items far more popular than others, and nothing else to be learned."""
    draw = np.random.default_rng(0)
    popularity = 1 / np.arange(1, 1001)
    taken = np.zeros((800, 1000), dtype=np.bool_)
    for user in taken:
        user[draw.choice(1000, 4, replace=False, p=popularity / popularity.sum())] = True
    return made(taken)


def test_dense_data_takes_degrees_out_whole_and_sparse_data_hardly() -> None:
    assert Graph().fit(dense()).filter == Filter(0.5, 0.5, 0.0, 0.8)
    assert Graph().fit(tasteless()).filter == FILTERS[-1]


def test_what_is_given_stays() -> None:
    given = make_scorer("graph", settings={"shift": 0.3, "sharpen": 0.0})
    assert isinstance(given, Graph)
    chosen = given.fit(dense()).filter
    assert (chosen.shift, chosen.sharpen) == (0.3, 0.0)
    assert Graph(0.1, 0.2, 0.3, 0.4).fit(dense()).filter == Filter(0.1, 0.2, 0.3, 0.4)


def test_without_validation_or_enough_events_it_is_the_usual_one() -> None:
    assert Graph(validation=0).fit(dense()).filter == USUAL
    assert Graph().fit(made(np.eye(3))).filter == USUAL


def test_a_stored_graph_keeps_its_filter() -> None:
    fitted = Graph().fit(dense())
    again = Graph().restore(fitted.arrays(), fitted.interactions)
    assert again.filter == fitted.filter
    queries = [Query("u1"), Query("u2")]
    assert np.array_equal(again.score(queries), fitted.score(queries))
