import gzip
from pathlib import Path

import numpy as np
import pytest

from recommender.data import Cleaning, Interactions
from recommender.errors import RecommenderError


def test_cleaning_is_counted() -> None:
    rows = [
        {"customer_id": "u", "product_id": "i", "kind": "view", "time": 5},
        {"customer_id": "u", "product_id": "i", "kind": "view", "time": 5},
        {"customer_id": "u", "product_id": "i", "kind": "view", "time": 6},
        {"customer_id": "", "product_id": "i"},
        {"customer_id": "u", "product_id": "gone"},
        {"customer_id": "u", "product_id": "i", "kind": "steal"},
        {"customer_id": "u", "product_id": "i", "kind": "rating", "value": 9},
    ]
    report = Interactions.from_rows(rows, items=["i", "j"]).report
    first = "row 6: kind 'steal' is not one of view, cart, purchase, reject, rating"
    assert report == Cleaning(read=7, kept=2, missing=1, duplicate=1, impossible=2, unknown_item=1, first=first)


def test_weights_add_up_and_dislike_takes_away() -> None:
    rows = [
        ("u", "i", "view", ""), ("u", "i", "purchase", ""), ("u", "j", "rating", 4.5), ("v", "i", "view", ""),
        ("v", "i", "reject", ""), ("v", "j", "rating", 1),
    ]  # fmt: skip
    made = Interactions.from_rows([dict(zip(("user", "item", "kind", "value"), row, strict=True)) for row in rows])
    assert made.matrix.toarray().tolist() == [[6, 2], [0, 0]]
    assert made.matrix.nnz == 2


def test_events_are_in_the_order_of_time_over_the_catalogue_given() -> None:
    made = Interactions.from_rows(
        [{"user": "u", "item": "b", "time": 9}, {"user": "u", "item": "a", "time": 1}], items=("b", "x", "a")
    )
    assert [made.items[i] for i in made.item] == ["a", "b"]
    assert made.matrix.shape == (1, 3)


@pytest.mark.parametrize("name", ["train.txt", "train.txt.gz"])
def test_lightgcn_format(tmp_path: Path, name: str) -> None:
    content = b"0 10 2 2\n1\n2 10\n"
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    made = Interactions.from_lightgcn(tmp_path / name)
    assert (made.users, made.items) == (("0", "2"), ("2", "10"))
    assert made.matrix.toarray().tolist() == [[1, 1], [0, 1]]
    assert made.report.duplicate == 1


def test_csv(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("customer_id,product_id,kind,value,time\nC1,P1,cart,,7\n")
    made = Interactions.from_csv(tmp_path / "x.csv")
    assert (made.users, made.items, made.weight.tolist(), made.time.tolist()) == (("C1",), ("P1",), [3.0], [7.0])


def test_a_missing_column_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("who,what\nC1,P1\n")
    with pytest.raises(RecommenderError, match="column 'user' is missing; the header has who, what"):
        Interactions.from_csv(tmp_path / "x.csv")


def test_another_list_of_items_drops_and_counts_what_it_lacks() -> None:
    made = Interactions.from_rows([{"user": "u", "item": "a"}, {"user": "u", "item": "b"}]).over(["b", "new"])
    assert made.matrix.toarray().tolist() == [[1, 0]]
    assert (made.report.kept, made.report.unknown_item) == (1, 1)


def test_of_active_users() -> None:
    made = Interactions.from_rows([{"user": "u", "item": "a"}, {"user": "v", "item": "b"}])
    one = made.only(np.array([False, True])).of_active_users()
    assert (one.users, one.user.tolist()) == (("v",), [0])


def test_appending_keeps_positions_and_counts_what_was_there() -> None:
    before = Interactions.from_rows([{"user": "u", "item": "b", "time": 5}, {"user": "v", "item": "a", "time": 9}])
    rows = [
        {"user": "u", "item": "b", "time": 5},  # known
        {"user": "a new user", "item": "b", "time": 7},
        {"user": "v", "item": "aa, new", "time": 8},
        {"user": "v", "item": ""},
    ]
    after = before.appended(rows)
    assert (after.users, after.items) == (("u", "v", "a new user"), ("a", "b", "aa, new"))
    assert [(after.users[u], after.items[i]) for u, i in zip(after.user, after.item, strict=True)] == [
        ("u", "b"), ("a new user", "b"), ("v", "aa, new"), ("v", "a"),
    ]  # fmt: skip
    assert after.report == Cleaning(read=6, kept=4, missing=1, duplicate=1)
    assert len(before) == 2


def test_ratings_of_other_peoples_files_and_their_stars() -> None:
    rows = [{"user_id": 1, "item_id": 7, "rating": 4, "timestamp": 5}, {"user_id": 1, "item_id": 8, "kind": "view"}]
    made = Interactions.from_rows(rows)
    assert np.array_equal(made.stars, [np.nan, 4], equal_nan=True)
    late = Interactions.from_rows([{"user": "u", "item": "i", "time": 1_700_000_000_000}]).report
    assert (late.impossible, late.first) == (1, "row 1: time '1700000000000' is not a number from 0 up to 4.10244e+09")


@pytest.mark.parametrize(
    ("name", "message"), [("x.csv", "is not UTF-8 text"), ("x.csv.gz", "is not gzipped UTF-8 text")]
)
def test_what_is_no_text_is_told(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / name).write_bytes(b"\x00\xff\xfe")
    for read in (Interactions.from_csv, Interactions.from_lightgcn):
        with pytest.raises(RecommenderError, match=message):
            read(tmp_path / name)
