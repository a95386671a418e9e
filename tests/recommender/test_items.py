from pathlib import Path

import numpy as np
import pytest

from recommender.data import Items
from recommender.errors import RecommenderError


def test_variants_are_all_colours_and_sizes_unless_given() -> None:
    items = Items.from_rows(
        [
            {"product_id": "a", "category": "x", "price": 1, "colors": "red|blue", "sizes": "M|L"},
            {"product_id": "b", "category": "x", "price": 1, "colors": [], "sizes": ()},
        ]
    )
    assert items.variants.skus == ("a-red-M", "a-red-L", "a-blue-M", "a-blue-L", "b")
    assert items.in_stock(np.array([False, False, True, False, False])).tolist() == [True, False]


def test_csv_and_stock(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(
        "product_id,category,price,material,goes_with,launched\na,x,9.5,wool|silk,b|zz,2026-03-31\nb,y,1,,,\n"
    )
    (tmp_path / "s.csv").write_text("sku,product_id,color,size\na-1,a,red,XL\nq-1,q,,\n")
    items = Items.from_csv(tmp_path / "p.csv", stock=tmp_path / "s.csv", departments={"x": "dep"})
    assert items.materials[0] == ("silk", "wool")
    assert items.goes_with == ((1,), ())
    assert items.variants.skus == ("a-1",)
    assert items.variants.size.names == ("xl",)
    assert [items.department[n] for n in range(2)] == ["dep", ""]
    assert np.isnan(items.list_price).all()
    assert str(items.launched[0]) == "2026-03-31"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"category": "x", "price": 1}], "product 1: product_id is missing"),
        (
            [{"product_id": "a", "price": "cheap"}, {"product_id": "b"}],
            r"product 1: price 'cheap' is not a number from 0 \(and 1 more",
        ),
        ([{"product_id": "a", "price": 1, "rating": 7}], "rating '7' is not a number from 0 up to 5"),
        ([{"product_id": "a", "price": 1, "launched": "spring"}], "launched 'spring' is not a date"),
        ([{"product_id": "a", "price": 1}] * 2, "product_id 'a' occurs twice"),
    ],
)
def test_rows_in_error_are_told(rows: list[dict[str, object]], message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        Items.from_rows(rows)


def test_vectors_must_fit() -> None:
    with pytest.raises(RecommenderError, match=r"shape \(2, 3\); 1 products need \(1, d\)"):
        Items.from_rows([{"product_id": "a", "price": 1}], vectors=np.zeros((2, 3), np.float32))


def test_unknown_item_is_told() -> None:
    items = Items.from_rows([{"product_id": "a", "price": 1}])
    with pytest.raises(RecommenderError, match="item 'b' is not in the catalogue of 1 items"):
        items.position("b")
