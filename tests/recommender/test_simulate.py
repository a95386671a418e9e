"""The simulated talk: Gymnasium's own check, one talk by hand, what is allowed, and that no told wish is ever broken."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("gymnasium")

from gymnasium.utils.env_checker import check_env

from recommender.errors import RecommenderError
from recommender.items import Items
from recommender.policy_evaluation import evaluate_policy, of_whole_talks
from recommender.shopper import Fits, Shopper, Wishes
from recommender.simulate import (
    BROKEN,
    LEFT,
    TAKEN,
    TURN,
    Places,
    ShopTalk,
    always_show,
    at_random,
    most_informative,
    play,
)
from recommender.situation import ACTIONS, ASKABLE, LOOSEN, SHOW_1, SHOW_3, STOP
from recommender.values import ValueTable


@pytest.fixture(scope="module")
def many() -> Items:
    random = np.random.default_rng(0)
    rows = [
        {
            "product_id": f"p{n}",
            "category": ("cups", "bags", "lamps")[n % 3],
            "brand": f"b{random.integers(4)}",
            "price": 10 * int(random.integers(1, 30)),
            "colors": "|".join(random.choice(["red", "blue", "black", "green"], 2, replace=False)),
            "sizes": "s|m" if n % 3 == 1 else "",
            "attributes": "|".join(random.choice(["light", "warm", "loud", "soft", "new"], 2, replace=False)),
        }
        for n in range(120)
    ]
    return Items.from_rows(rows)


@pytest.fixture
def talk(many: Items) -> ShopTalk:
    available = np.random.default_rng(1).random(len(many.variants)) < 0.8
    return ShopTalk(many, available=available, seed=0)


@pytest.mark.filterwarnings("ignore:.*not within the recommended|.*render:UserWarning")
def test_gymnasium_finds_nothing_wrong(talk: ShopTalk) -> None:
    check_env(talk, skip_render_check=True)


class Scripted:
    """In place of chance: each number as given."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = list(numbers)

    def random(self) -> float:
        return self.numbers.pop(0)

    def integers(self, _high: int) -> int:
        return 0


def begun(talk: ShopTalk, wishes: Wishes, said: Wishes, *numbers: float, patience: float = 3.0) -> ShopTalk:
    talk.reset(seed=1)
    fits = Fits(talk.items, talk.available)
    talk.shopper = Shopper(fits, dict(wishes), Scripted(*numbers), patience, dict(said))  # type: ignore[arg-type]
    talk._look()
    return talk


def test_one_talk_by_hand(many: Items) -> None:
    cups: Wishes = {"category": ("cups",)}
    talk = begun(ShopTalk(many), {**cups, "color": ("red",)}, cups, 0.5, 0.5, 0.5)
    before = talk.situation.matching
    ask_color, ask_price = ASKABLE.index("color"), ASKABLE.index("price")
    assert talk.step(ask_color)[1:4] == (TURN, False, False)
    assert talk.feedback == "told"
    assert talk.shopper.patience == pytest.approx(2.5)  # an answer costs .5
    assert 0 < talk.situation.matching < before
    assert not talk.mask[ask_color]
    talk.step(ask_price)
    assert talk.feedback == "does_not_mind"
    assert talk.shopper.patience == pytest.approx(1.25)  # 1, and .25 for the second in a row
    _, reward, ended, _, info = talk.step(SHOW_3)
    assert (reward, ended, talk.taken, len(info["shown"])) == (pytest.approx(TAKEN + TURN), True, True, 3)


def test_a_wrong_slate_costs_patience_and_without_it_the_customer_leaves(many: Items) -> None:
    cups: Wishes = {"category": ("cups",)}
    nothing: Wishes = {**cups, "attribute": ("no such thing",)}
    talk = begun(ShopTalk(many), nothing, cups, 0.9, 0.5, 0.9, patience=2.0)
    _, reward, ended, _, _ = talk.step(SHOW_3)
    assert (reward, ended, talk.feedback, talk.shopper.patience) == (pytest.approx(TURN), False, "refused", 0.5)
    assert not set(talk.matching) & set(talk.seen)
    _, reward, ended, _, _ = talk.step(SHOW_1)  # costs 1 more than is left
    assert (reward, ended, talk.taken) == (pytest.approx(TURN + LEFT), True, False)


def test_a_critique_tells_a_wish(many: Items) -> None:
    cups: Wishes = {"category": ("cups",)}
    talk = begun(ShopTalk(many), {**cups, "attribute": ("no such thing",)}, cups, 0.1, 0.5)
    talk.step(SHOW_1)
    assert talk.feedback == "criticised"
    assert talk.shopper.said["attribute"] == ("no such thing",)
    assert talk.situation.matching == 0
    assert np.flatnonzero(talk.mask).tolist() == [LOOSEN, STOP]


def test_loosening_frees_products_or_ends_the_talk(many: Items) -> None:
    wishes: Wishes = {"category": ("cups",), "attribute": ("no such thing",)}
    talk = begun(ShopTalk(many), wishes, wishes)
    talk._random = Scripted(0.1)  # type: ignore[assignment]
    talk.step(LOOSEN)
    assert talk.situation.matching > 0
    assert "attribute" not in talk.shopper.wishes
    talk = begun(ShopTalk(many), wishes, wishes)
    talk._random = Scripted(0.9)  # type: ignore[assignment]
    assert talk.step(LOOSEN)[1] == pytest.approx(TURN + LEFT)


def test_showing_what_breaks_a_told_wish_is_seen_and_punished(many: Items) -> None:
    cups: Wishes = {"category": ("cups",)}
    talk = begun(ShopTalk(many), cups, cups, 0.9, 0.5)
    talk.matching = np.flatnonzero(many.category.codes != many.category.codes[0])[:3]  # a broken filter
    talk.items.position("p0")
    _, reward, _, _, info = talk.step(SHOW_3)
    assert info["broken"] == 3
    assert reward == pytest.approx(TURN + BROKEN)


def test_what_is_not_allowed_changes_nothing(talk: ShopTalk) -> None:
    talk.reset(seed=3)
    talk.asked.add("price")
    talk._look()
    before = talk.shopper.patience
    _, reward, ended, _, _ = talk.step(ASKABLE.index("price"))
    assert (reward, ended, talk.shopper.patience) == (TURN, False, before)


@pytest.mark.parametrize("policy", [always_show, most_informative, at_random(5)])
def test_no_told_wish_is_broken_by_any_policy(talk: ShopTalk, policy) -> None:
    found = play(talk, policy, talks=150, seed=2)
    assert found.violations == 0
    assert found.played > 150


def test_the_same_seed_is_the_same_talk(talk: ShopTalk) -> None:
    assert play(talk, most_informative, talks=30, seed=4) == play(talk, most_informative, talks=30, seed=4)


def test_a_table_learns_more_than_it_began_with(talk: ShopTalk) -> None:
    table = ValueTable(len(ACTIONS), discount=1.0, rate=0.3)
    table.fit(Places(talk), episodes=1500)
    learned = play(talk, lambda situation, mask: table.best(situation.place(), mask), talks=300, seed=9)
    chance = play(talk, at_random(0), talks=300, seed=9)
    assert learned.reward > chance.reward + 0.1
    assert learned.violations == 0


def test_a_policy_is_estimated_from_the_talks_of_another(talk: ShopTalk) -> None:
    random = np.random.default_rng(0)

    def chances(mask, share: float):
        found = np.where(mask, 1.0, 0.0)
        found[STOP] = 0
        found[:SHOW_3] *= share
        return found / found.sum()

    def rows(talks: int, share: float, target: float):
        found = {"chance": [], "propensity": [], "reward": [], "group": []}
        for number in range(talks):
            talk.reset(seed=int(random.integers(2**31)))
            ended = False
            while not ended:
                mine, other = chances(talk.mask, share), chances(talk.mask, target)
                action = int(random.choice(len(mine), p=mine))
                _, reward, terminated, truncated, _ = talk.step(action)
                for key, value in (("chance", other[action]), ("propensity", mine[action]), ("reward", reward)):
                    found[key].append(value)
                found["group"].append(number)
                ended = terminated or truncated
        return found

    truth = sum(rows(2000, 0.3, 0.3)["reward"]) / 2000
    log, target = of_whole_talks(**rows(1500, 0.5, 0.3))
    for estimate in evaluate_policy(log, target, rounds=300).values():
        assert estimate.low <= truth <= estimate.high
        assert estimate.high - estimate.low < 0.5


def test_bad_input(many: Items) -> None:
    with pytest.raises(RecommenderError, match="popularity"):
        ShopTalk(many, popularity=np.ones(3))
    with pytest.raises(RecommenderError, match="empty"):
        ShopTalk(Items.from_rows([]))
