import sys
from pathlib import Path

import pytest

from recommender.errors import RecommenderError
from recommender.interactions import Cleaning
from recommender.sources import Format, Split, cleaning_said, cut, read


def test_sequences_leave_the_last_out(tmp_path: Path) -> None:
    (tmp_path / "s.txt").write_text("1 a b c\n2 b a\n\n3 c\n")
    train, test = cut(tmp_path / "s.txt", Format.sequences, Split.LEAVE_ONE_OUT)
    assert [(test.users[u], test.items[i]) for u, i in zip(test.user, test.item, strict=True)] == [
        ("2", "a"),
        ("1", "c"),
    ]
    assert (len(train), train.report.read) == (4, 6)
    with pytest.raises(RecommenderError, match="no common time; use --split leave-one-out"):
        cut(tmp_path / "s.txt", Format.sequences, Split.GLOBAL_TIME)


def test_a_given_split(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(
        "user_id,item_id,rating,timestamp,split\n1,a,4,5,train\n1,b,3,6,valid\n2,b,1,7,test\n"
    )
    train, test = cut(tmp_path / "x.csv", Format.csv, Split.GIVEN)
    assert (len(train), test.users, test.stars.tolist(), test.time.tolist()) == (2, ("2",), [1.0], [7.0])


@pytest.mark.parametrize(
    ("content", "format", "message"),
    [
        ("user,item\n1,a\n", Format.csv, "column 'split' is missing; the header has user, item"),
        ("user,item,split\n1,a,late\n", Format.csv, "row 1: split 'late' is not one of train, valid, validation, test"),
        ("1 a b\n", Format.lightgcn, "the format 'lightgcn' has no columns"),
    ],
)
def test_a_split_that_is_not_given_is_told(tmp_path: Path, content: str, format: Format, message: str) -> None:
    (tmp_path / "x").write_text(content)
    with pytest.raises(RecommenderError, match=message):
        cut(tmp_path / "x", format, Split.GIVEN)


def test_a_cut_by_time_needs_times(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("1 a b\n")
    with pytest.raises(RecommenderError, match="no event has a time"):
        cut(tmp_path / "x.txt", Format.lightgcn, Split.GLOBAL_TIME)


def test_parquet_without_its_library_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RecommenderError, match=r"Parquet files need pyarrow, .* pip install 'daogou\[parquet\]'"):
        read(tmp_path / "x.parquet", Format.parquet)


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.table({"user_id": [1, 2], "item_id": ["a", "b"], "rating": [5.0, None], "timestamp": [7, 8]})
    parquet.write_table(table, tmp_path / "x.parquet")
    made = read(tmp_path / "x.parquet", Format.parquet)
    assert (made.users, made.items, made.weight.tolist(), made.time.tolist()) == (
        ("1", "2"),
        ("a", "b"),
        [2.5, 1],
        [7, 8],
    )
    parquet.write_table(pyarrow.table({"who": [1]}), tmp_path / "y.parquet")
    with pytest.raises(RecommenderError, match="column 'user_id' is missing; the file has who"):
        read(tmp_path / "y.parquet", Format.parquet)
    (tmp_path / "z.parquet").write_text("nothing")
    with pytest.raises(RecommenderError, match="is not a Parquet file"):
        read(tmp_path / "z.parquet", Format.parquet)


def test_cleaning_in_one_line() -> None:
    assert cleaning_said(Cleaning(read=5, kept=3, missing=1, impossible=1, first="row 2: what")) == (
        "3 of 5 events kept; left out: 1 missing, 1 impossible (row 2: what)"
    )
