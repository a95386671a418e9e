import json
from pathlib import Path

import numpy as np
import pytest

from recommender.data import Interactions
from recommender.errors import RecommenderError
from recommender.tuning import Budget, draw, read_settings, read_space, tune


def test_the_best_on_validation_wins_and_every_try_is_told(interactions: Interactions) -> None:
    shares: list[float] = []
    found = tune(
        interactions,
        "ials",
        space={"dim": [2], "unobserved": [0.5, 2, 1e6], "epochs": [4]},
        budget=Budget(trials=7),
        validation=0.2,
        k=3,
        told=lambda share, _line: shares.append(share),
    )
    assert len(found["trials"]) == 7
    assert found["defaults"]["settings"] == {}
    assert found["settings"]["unobserved"] < 1e6
    longest = [t for t in found["trials"] if len(t["scores"]) == 3]
    assert found["validation"]["mean"] == max(t["mean"] for t in longest) == found["trials"][0]["mean"]
    assert len(found["defaults"]["scores"]) == 3
    assert 0 < len(longest) < len([t for t in found["trials"] if len(t["scores"]) >= 2]) < 7  # halved twice
    assert shares == sorted(shares)


def test_the_same_seed_draws_the_same(interactions: Interactions) -> None:
    def settings(seed: int) -> list[object]:
        found = tune(interactions, "item_knn", budget=Budget(trials=3), k=3, seed=seed)
        return [trial["settings"] for trial in found["trials"]]

    assert settings(1) == settings(1) != settings(2)


def test_a_budget_of_seconds_tries_at_least_the_defaults(interactions: Interactions) -> None:
    found = tune(interactions, "ease", budget=Budget(seconds=1e-6), k=3)
    assert (len(found["trials"]), found["settings"]) == (1, {})


def test_draws_stay_inside() -> None:
    random, space = np.random.default_rng(0), {"a": {"low": 0.01, "high": 100, "log": True}, "b": [3, 5]}
    drawn = [draw(space, random) for _ in range(200)]
    assert {d["b"] for d in drawn} == {3.0, 5.0}
    assert all(0.01 <= d["a"] <= 100 for d in drawn)
    assert 60 < sum(d["a"] < 1 for d in drawn) < 140  # by orders of size


@pytest.mark.parametrize("said", ["", "x", "0", "-3", "1.5", "5 s", "s"])
def test_a_budget_that_cannot_be_read_is_told(said: str) -> None:
    with pytest.raises(RecommenderError, match="neither a number of trials like 40 nor of seconds like 600s"):
        Budget.parse(said)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{", "space '{' is neither JSON nor a file with it"),
        ("nowhere.json", "space 'nowhere.json' is neither JSON nor a file with it"),
        ('{"l2": 3}', "space l2: 3 is neither a list of numbers nor"),
        ('{"l2": {"low": 0, "high": 1, "log": true}}', "space l2: .* is neither a list"),
        ('{"l2": []}', "space l2: .* is neither a list"),
    ],
)
def test_a_space_that_cannot_be_read_is_told(said: str, message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        read_space(said)


def test_settings_are_read_from_what_was_written(tmp_path: Path) -> None:
    file = tmp_path / "best.json"
    file.write_text(json.dumps({"scorer": "ials", "settings": {"dim": 32}, "trials": []}))
    assert read_settings(file) == ("ials", {"dim": 32})
    for wrong in ("[]", '{"scorer": "ials"}', '{"scorer": "ials", "settings": {"dim": "x"}}'):
        file.write_text(wrong)
        with pytest.raises(RecommenderError, match="is not"):
            read_settings(file)


def test_a_scorer_without_a_space_asks_for_one(interactions: Interactions) -> None:
    with pytest.raises(RecommenderError, match="content has no space of its own; give one with --space"):
        tune(interactions, "content", budget=Budget(trials=1))
