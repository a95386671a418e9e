import numpy as np
import pytest

from recommender.data import Interactions
from recommender.errors import RecommenderError
from recommender.splits import by_time, holdout, leave_one_out


def made(*events: tuple[str, str, float]) -> Interactions:
    return Interactions.from_rows([{"user": u, "item": i, "time": t} for u, i, t in events])


def pairs(interactions: Interactions) -> set[tuple[str, str]]:
    return {
        (interactions.users[u], interactions.items[i])
        for u, i in zip(interactions.user, interactions.item, strict=True)
    }


def test_leave_one_out_holds_the_latest_of_each_user() -> None:
    data = made(("u", "a", 1), ("u", "b", 3), ("u", "c", 2), ("v", "a", 5), ("w", "a", 1), ("w", "b", 2), ("w", "a", 3))
    train, test = leave_one_out(data)
    assert pairs(test) == {("u", "b")}  # v has one event; w's latest repeats an earlier pair
    assert test.users == ("u",)
    assert len(train) == 5


def test_by_time_cuts_everyone_at_one_moment() -> None:
    data = made(*((f"u{n}", "ab"[n % 2], float(n + 1)) for n in range(10)))
    train, test = by_time(data, share=0.3)
    assert (len(train), len(test)) == (7, 3)
    assert train.time.max() < test.time.min()


def test_holdout_is_seeded_and_leaves_each_user_something() -> None:
    data = made(*((f"u{n % 20}", f"i{n}", 1.0 + n) for n in range(400)))
    train, test = holdout(data, share=0.2, seed=4)
    assert pairs(holdout(data, share=0.2, seed=4)[1]) == pairs(test) != pairs(holdout(data, share=0.2, seed=5)[1])
    assert 50 < len(test) < 110
    assert set(np.unique(train.user)) == set(range(20))
    assert not pairs(train) & pairs(test)


def test_shares_are_checked() -> None:
    with pytest.raises(RecommenderError, match=r"share 1\.5 is not between 0 and 1"):
        holdout(made(("u", "a", 1)), share=1.5)
