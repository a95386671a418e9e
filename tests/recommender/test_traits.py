"""A table of users as traits."""

from __future__ import annotations

from pathlib import Path

import pytest

from recommender.errors import RecommenderError
from recommender.traits import Traits


def test_texts_are_values_and_numbers_are_ranges() -> None:
    rows = [{"user_id": f"u{n}", "level": "gold" if n % 2 else "blue", "age": 10 * (n + 1)} for n in range(10)]
    traits = Traits.from_rows(rows)
    assert traits.of_users["u0"] == ("level=blue", "age=..28")
    assert traits.of_users["u9"] == ("level=gold", "age=82..")
    assert traits.of({"age": "50", "level": "gold|new"}) == ("level=gold", "level=new", "age=46..64")


@pytest.mark.parametrize("age", ["", "old", None])
def test_what_is_missing_is_no_trait(age: str | None) -> None:
    rows = [{"user": f"u{n}", "age": n} for n in range(10)]
    assert Traits.from_rows(rows).of({"age": age}) == ()


def test_names_and_columns_of_one_value_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    path.write_text("customer_id,name,country,sex\n" + "".join(f"c{n},name {n},cn,{'fm'[n % 2]}\n" for n in range(60)))
    traits = Traits.from_csv(path)
    assert traits.columns == ("sex",)
    assert traits.of_users["c1"] == ("sex=m",)


def test_without_ids_it_is_no_table_of_users() -> None:
    with pytest.raises(RecommenderError, match="customer_id, user, user_id"):
        Traits.from_rows([{"name": "x"}])
