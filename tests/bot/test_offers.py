"""When nothing is pushed, what is asked, and that the probability that is logged is the one that was drawn with."""

from __future__ import annotations

import dataclasses
from collections import Counter

import numpy as np
import pytest

from bot import offers
from bot.offers import EXPLORED, MOST_QUESTIONS, MOST_UNASKED, Moment
from recommender.errors import RecommenderError
from recommender.loosening import Narrowing
from recommender.situation import ACTIONS, SHOW_3
from recommender.values import Step, ValueTable

SPLITS = (Narrowing("color", "black", 6), Narrowing("price", 300.0, 5), Narrowing("attribute", "wireless", 2))


def situation(total: int = 12, asked: tuple[str, ...] = (), **values):
    return offers.situation(SPLITS, wish={"category": 1}, asked=asked, total=total, seen=3, turns=1, **values)


def allowed(
    moment: Moment | None = None, total: int = 12, asked: tuple[str, ...] = (), may_ask: bool = True
) -> set[str]:
    mask = offers.allowed(situation(total, asked), moment or Moment(), asked=asked, may_ask=may_ask)
    return {ACTIONS[n] for n in np.flatnonzero(mask)}


def test_what_splits_may_be_asked_once() -> None:
    assert allowed() == {"ask_color", "ask_price", "ask_attribute", "show_3"}
    assert allowed(asked=("color",)) == {"ask_price", "ask_attribute", "show_3"}


@pytest.mark.parametrize(
    "moment",
    [
        Moment(negative=True),
        Moment(mood=-0.5),
        Moment(negative_turns=1),
        Moment(intent="complaint"),
        Moment(intent="contact_human_agent"),
        Moment(mode="waiting"),
        Moment(mode="human"),
        Moment(form="order_form"),
    ],
)
def test_nobody_is_pushed_who_is_angry_waiting_or_asked_by_a_form(moment: Moment) -> None:
    assert allowed(moment) == {"show_3"}
    assert not offers.may_suggest(moment, refused=False, suggested=0)


def test_a_no_counts_and_suggestions_are_few() -> None:
    assert offers.may_suggest(Moment(), refused=False, suggested=0)
    assert not offers.may_suggest(Moment(), refused=True, suggested=0)
    assert not offers.may_suggest(Moment(), refused=False, suggested=MOST_UNASKED)
    assert allowed(asked=("brand", "size", "material")) == {"show_3"}
    assert MOST_QUESTIONS == 3


def test_no_question_where_all_is_on_the_screen_or_the_caller_asks_already() -> None:
    assert allowed(total=3) == {"show_3"}
    assert allowed(may_ask=False) == {"show_3"}


def test_the_heuristic_asks_what_splits_most_evenly() -> None:
    seen = situation()
    mask = offers.allowed(seen, Moment(), asked=())
    assert ACTIONS[offers.heuristic(seen, mask)] == "ask_color"  # 6 of 12
    only_show = offers.allowed(seen, Moment(negative=True), asked=())
    assert offers.heuristic(seen, only_show) == SHOW_3


def test_probabilities_add_up_and_reach_everything_that_is_allowed() -> None:
    seen = situation()
    mask = offers.allowed(seen, Moment(), asked=())
    odds = offers.chances(seen, mask)
    assert odds.sum() == pytest.approx(1)
    assert odds[ACTIONS.index("ask_color")] == pytest.approx(1 - EXPLORED + EXPLORED / 4)
    assert odds[ACTIONS.index("ask_price")] == pytest.approx(EXPLORED / 4)
    assert not odds[~mask].any()
    silent = offers.allowed(seen, Moment(negative=True), asked=())
    assert offers.chances(seen, silent)[SHOW_3] == pytest.approx(1)


def test_what_is_logged_is_what_was_drawn_with() -> None:
    seen = situation()
    mask = offers.allowed(seen, Moment(), asked=())
    odds = offers.chances(seen, mask)
    made = [offers.decide(seen, mask, learned=None, draw=f"talk:{n}") for n in range(4000)]
    assert all(decision.propensity == pytest.approx(odds[ACTIONS.index(decision.action)]) for decision in made)
    counts = Counter(decision.action for decision in made)
    for action, chance in zip(ACTIONS, odds, strict=True):
        assert counts[action] / 4000 == pytest.approx(chance, abs=0.02)
    assert made[7] == offers.decide(seen, mask, learned=None, draw="talk:7")
    assert made[0].state["allowed"] == ["ask_price", "ask_color", "ask_attribute", "show_3"]


def learned_table(action: str) -> ValueTable:
    table = ValueTable(len(ACTIONS))
    table.replay([Step(situation().place(), ACTIONS.index(action), 1.0, None, None)])
    return table


def test_what_was_learned_decides_where_it_knows_the_situation() -> None:
    table, seen = learned_table("ask_price"), situation()
    mask = offers.allowed(seen, Moment(), asked=())
    assert offers.chances(seen, mask, table).argmax() == ACTIONS.index("ask_price")
    elsewhere = situation(total=60)
    assert offers.chances(elsewhere, mask, table).argmax() == ACTIONS.index("ask_color")
    quiet = offers.allowed(seen, Moment(mode="human"), asked=())
    assert offers.decide(seen, quiet, learned=table, draw="x").action == "show_3"  # guards come first


def test_it_is_read_from_the_models_and_refused_when_it_does_not_fit(tmp_path) -> None:
    assert offers.load(tmp_path) is None
    table = learned_table("ask_price")
    table.save(tmp_path / offers.FILE, {"names": ACTIONS})
    again = offers.load(tmp_path)
    assert again is not None
    assert again.places == table.places
    assert (again.values == table.values[: len(table.places)]).all()
    table.save(tmp_path / offers.FILE, {"names": ("other",)})
    with pytest.raises(RecommenderError, match="other actions"):
        offers.load(tmp_path)


def test_a_moment_is_a_value() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Moment().mode = "human"  # type: ignore[misc]
