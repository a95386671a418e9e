import pytest

from recommender.cleaning import k_core, without_bots
from recommender.data import Interactions
from recommender.errors import RecommenderError


def test_users_who_act_like_machines_are_left_out_and_counted() -> None:
    rows = [{"user": "bot", "item": f"i{n}", "time": 1e9 + n} for n in range(4)]
    rows += [{"user": "slow", "item": f"i{n}", "time": 1e9 + 1300 * n} for n in range(4)]  # never 4 within an hour
    rows += [{"user": "timeless", "item": f"i{n}"} for n in range(4)]
    left = without_bots(Interactions.from_rows(rows), per_hour=3)
    assert {left.users[n] for n in left.user} == {"slow", "timeless"}
    assert (left.report.read, left.report.kept, left.report.bot_like) == (12, 8, 4)
    with pytest.raises(RecommenderError, match="per_hour 0 is not a number from 1"):
        without_bots(left, per_hour=0)


def test_k_core_takes_out_again_what_became_rare() -> None:
    # c has one user; without c, user 3 has one item; without user 3, b has one user; without b, 1 and 2 have a alone.
    pairs = ["1a", "2a", "1b", "3b", "3c", "4d", "4e", "5d", "5e"]
    left = k_core(Interactions.from_rows({"user": p[0], "item": p[1]} for p in pairs), 2)
    assert (left.users, left.items) == (("4", "5"), ("d", "e"))
    assert (left.report.kept, left.report.rare, left.report.unknown_item) == (4, 5, 0)
    assert left.matrix.toarray().tolist() == [[1, 1], [1, 1]]
