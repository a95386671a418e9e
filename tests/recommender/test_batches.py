"""Lists for all users, in files."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from recommender import batches
from recommender.cli import app
from recommender.data import Interactions
from recommender.errors import RecommenderError
from recommender.scorers.ials import Ials
from recommender.scorers.popularity import Popularity


def test_nobody_is_shown_what_they_had(interactions: Interactions) -> None:
    (lists,) = batches.recommend_all(Ials(dim=4).fit(interactions), interactions, k=5)
    assert lists.users.tolist() == list(range(40))
    had = {(int(u), int(i)) for u, i in zip(interactions.user, interactions.item, strict=True)}
    shown = {(int(u), int(i)) for u, row in zip(lists.users, lists.items, strict=True) for i in row}
    assert len(shown) == 200
    assert not had & shown


def test_users_may_be_chosen_and_come_in_batches(interactions: Interactions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "USERS", 2)
    fitted = Popularity().fit(interactions)
    found = list(batches.recommend_all(fitted, interactions, k=1, users=[9, 3, 5]))
    assert [lists.users.tolist() for lists in found] == [[9, 3], [5]]


def test_csv_holds_a_row_for_each_item(interactions: Interactions, tmp_path: Path) -> None:
    path = tmp_path / "lists.csv"
    lists = batches.UserLists(np.array([1]), np.array([[2, 0, -1]]), np.array([[0.5, 0.25, -np.inf]], np.float32))
    assert batches.write(path, [lists], ["u0", "u1"], ["i0", "i1", "i2"]) == 2
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {"user": "u1", "rank": "1", "item": "i2", "score": "0.5"},
        {"user": "u1", "rank": "2", "item": "i0", "score": "0.25"},
    ]


def test_parquet_holds_the_same(interactions: Interactions, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    lists = list(batches.recommend_all(Popularity().fit(interactions), interactions, k=2))
    names = (interactions.users, interactions.items)
    for name in ("lists.csv", "lists.parquet"):
        assert batches.write(tmp_path / name, lists, *names) == 80
    told = parquet.read_table(tmp_path / "lists.parquet").to_pylist()
    with (tmp_path / "lists.csv").open() as file:
        assert [{**row, "rank": int(row["rank"]), "score": float(row["score"])} for row in csv.DictReader(file)] == [
            {**row, "score": pytest.approx(row["score"], rel=1e-6)} for row in told
        ]


def test_what_fails_leaves_no_file(tmp_path: Path) -> None:
    def broken() -> Iterator[batches.UserLists]:
        yield batches.UserLists(np.array([0]), np.array([[0]]), np.array([[1.0]], np.float32))
        raise RecommenderError("lost")

    with pytest.raises(RecommenderError, match="lost"):
        batches.write(tmp_path / "lists.csv", broken(), ["u"], ["i"])
    assert not (tmp_path / "lists.csv").exists()


def test_other_endings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecommenderError, match=r"neither \.csv nor \.parquet"):
        batches.write(tmp_path / "lists.txt", [], [], [])


def test_only_factors_are_searched_approximately(interactions: Interactions) -> None:
    with pytest.raises(RecommenderError, match="only scorers with factors"):
        list(batches.recommend_all(Popularity().fit(interactions), interactions, k=2, approximate=True))


def test_on_the_command_line(tmp_path: Path) -> None:
    train = tmp_path / "train.txt"
    train.write_text("0 0 1 2\n1 1 2 3\n2 0 3\n")
    out = tmp_path / "lists.csv"
    told = CliRunner().invoke(
        app, ["recommend-all", "--train", str(train), "--format", "lightgcn", "--k", "1", "--out", str(out)]
    )
    assert told.exit_code == 0, told.output
    assert [line.split(",")[:2] for line in out.read_text().splitlines()[1:]] == [["0", "1"], ["1", "1"], ["2", "1"]]
