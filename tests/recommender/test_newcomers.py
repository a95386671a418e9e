"""Two groups of taste, and people of whom nothing is known but a trait or a friend."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from recommender.cli import app
from recommender.data import Interactions, Items, Query
from recommender.newcomers import Newcomers
from recommender.recommend import Recommender
from recommender.scorers.ials import Ials
from recommender.scorers.popularity import Popularity

AUDIO, FOOD = ["h1", "h2", "h3", "e1", "e2", "e3"], ["c1", "c2", "c3", "t1", "t2", "t3"]
TRAITS = {f"{group}{n}": (f"likes={group}", "everybody") for n in range(40) for group in "af"}


@pytest.fixture
def newcomers(interactions: Interactions) -> Newcomers:
    return Newcomers(Popularity(), TRAITS, l2=1.0).fit(interactions)


def top(scorer: Newcomers, query: Query, k: int = 6) -> set[str]:
    order = np.argsort(-scorer.score([query])[0], kind="stable")[:k]
    return {scorer.interactions.items[place] for place in order}


@pytest.mark.parametrize(("trait", "group"), [("likes=a", AUDIO), ("likes=f", FOOD)])
def test_a_trait_shows_what_its_people_take(newcomers: Newcomers, trait: str, group: list[str]) -> None:
    assert top(newcomers, Query(traits=(trait,))) == set(group)


def test_a_known_customer_without_events_brings_own_traits(interactions: Interactions) -> None:
    scorer = Newcomers(Popularity(), {**TRAITS, "new": ("likes=f",)}, l2=1.0).fit(interactions)
    assert top(scorer, Query("new")) == set(FOOD)


@pytest.mark.parametrize(("friend", "group"), [("a3", AUDIO), ("f25", FOOD)])
def test_a_friend_shows_what_friends_like(interactions: Interactions, friend: str, group: list[str]) -> None:
    scorer = Newcomers(Ials(dim=4), {}).fit(interactions)
    assert top(scorer, Query(friends=(friend, "unknown")), 4) <= set(group)


def test_friends_of_factors_are_their_mean_factors(interactions: Interactions) -> None:
    scorer = Newcomers(Ials(dim=4), {}).fit(interactions)
    assert isinstance(scorer.scorer, Ials)
    friends = ("a1", "a2", "f30")
    mean = scorer.scorer.fold_in([Query(one) for one in friends]).mean(dim=0)
    wanted = (scorer.scorer.factors @ mean).numpy()
    found = scorer.score([Query(friends=friends)])[0]
    np.testing.assert_allclose(found, (wanted - wanted.mean()) / wanted.std(), rtol=1e-3, atol=1e-4)


def test_nothing_known_changes_nothing(newcomers: Newcomers) -> None:
    queries = [Query(), Query("nobody"), Query(None, ("h1",)), Query(traits=("likes=?",), friends=("nobody",))]
    np.testing.assert_array_equal(newcomers.score(queries), newcomers.scorer.score(queries))


def test_a_long_history_counts_more_than_traits(interactions: Interactions) -> None:
    scorer = Newcomers(Ials(dim=4), TRAITS, l2=1.0, history_k=0.5).fit(interactions)
    assert top(scorer, Query(None, tuple(AUDIO[:4]), ("likes=f",)), 4) <= set(AUDIO)


def test_some_items_are_scored_in_the_same_order(newcomers: Newcomers) -> None:
    query, places = Query(traits=("likes=f",), friends=("a1",)), np.array([7, 0, 3, 9])
    whole, some = newcomers.score([query])[0][places], newcomers.score([query], places)[0]
    assert np.argsort(whole).tolist() == np.argsort(some).tolist()


def test_the_weights_by_hand() -> None:
    """Two users: x takes i, y takes nothing of it. With bias free and l2 1 for the trait of x, the normal equations are
    [[2, 1], [1, 2]] w = [1, 1], so w = [1/3, 1/3]."""
    told = Interactions.from_rows([{"user": "x", "item": "i"}, {"user": "y", "item": "j"}], items=["i", "j"])
    scorer = Newcomers(Popularity(), {"x": ("t",)}, l2=1.0).fit(told)
    np.testing.assert_allclose(scorer._weights[:, 0], [1 / 3, 1 / 3], rtol=1e-4)


def test_stored_and_loaded(items: Items, interactions: Interactions, tmp_path: Path) -> None:
    shop = Recommender(items, interactions, traits=TRAITS).fit()
    shop.save(tmp_path)
    again = Recommender.load(tmp_path, items, traits=TRAITS)
    query = Query(traits=("likes=f",))
    assert again.recommend(query, k=4) == shop.recommend(query, k=4)
    assert {found.item_id for found in shop.recommend(query, k=3, diversity=0).items} <= set(FOOD)


def test_on_the_command_line(tmp_path: Path) -> None:
    products = [(item, "audio") for item in AUDIO] + [(item, "food") for item in FOOD]
    (tmp_path / "products.csv").write_text(
        "product_id,category,price\n" + "".join(f"{item},{kind},10\n" for item, kind in products)
    )
    lines = [f"{g}{n},{item}" for g, own in (("a", AUDIO), ("f", FOOD)) for n in range(9) for item in own if n % 6 != 1]
    (tmp_path / "interactions.csv").write_text("customer_id,product_id\n" + "\n".join(lines))
    users = [f"{g}{n},{'young' if g == 'a' else 'old'}" for g in "af" for n in range(9)]
    (tmp_path / "users.csv").write_text("customer_id,age\n" + "\n".join(users))

    def asked(*options: str) -> set[str]:
        told = CliRunner().invoke(app, ["recommend", str(tmp_path), "--k", "3", "--json", *options])
        assert told.exit_code == 0, told.output
        return {one["item"] for one in json.loads(told.output)["items"]}

    assert asked("--trait", "age=old") <= set(FOOD)
    assert asked("--friend", "a2") <= set(AUDIO)
