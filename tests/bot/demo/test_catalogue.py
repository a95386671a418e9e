"""products.csv and stock.csv against the taxonomy and against each other."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
import yaml

import bot.demo

DEMO = Path(bot.demo.__file__).parent
HAN = re.compile("[\u4e00-\u9fff]")
Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


PRODUCTS, STOCK = read("products.csv"), read("stock.csv")
TAXONOMY = yaml.safe_load((DEMO / "taxonomy.yml").read_text(encoding="utf-8"))
POLICIES = yaml.safe_load((DEMO / "policies.yml").read_text(encoding="utf-8"))


def ids(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]


def test_large_enough_in_every_category() -> None:
    counts = Counter(p["category"] for p in PRODUCTS)
    assert len(PRODUCTS) >= 430
    assert set(counts) == set(TAXONOMY["categories"])
    assert min(counts.values()) >= 8


@pytest.mark.parametrize(
    ("column", "vocabulary"),
    [
        ("category", "categories"),
        ("brand", "brands"),
        ("colors", "colors"),
        ("material", "materials"),
        ("attributes", "attributes"),
    ],
)
def test_ids_are_of_the_taxonomy(column: str, vocabulary: str) -> None:
    strange = {(p["product_id"], i) for p in PRODUCTS for i in ids(p[column]) if i not in TAXONOMY[vocabulary]}
    assert strange == set()


@pytest.mark.parametrize("vocabulary", ["brands", "attributes", "colors"])
def test_every_brand_attribute_and_colour_is_sold(vocabulary: str) -> None:
    column = {"brands": "brand"}.get(vocabulary, vocabulary)
    assert set(TAXONOMY[vocabulary]) - {i for p in PRODUCTS for i in ids(p[column])} == set()


def test_ids_and_names_are_unique() -> None:
    for column in ("product_id", "name_zh", "name_en", "description_zh", "description_en"):
        twice = [v for v, n in Counter(p[column] for p in PRODUCTS).items() if n > 1]
        assert twice == [], column


@pytest.mark.parametrize("column", ["name", "description", "specs"])
def test_both_languages_are_written(column: str) -> None:
    without_han = [p["product_id"] for p in PRODUCTS if not HAN.search(p[f"{column}_zh"])]
    with_han = [p["product_id"] for p in PRODUCTS if HAN.search(p[f"{column}_en"]) or not p[f"{column}_en"]]
    assert (without_han, with_han) == ([], [])


def test_specs_are_pairs_aligned_across_languages() -> None:
    for p in PRODUCTS:
        zh, en = p["specs_zh"].split(" | "), p["specs_en"].split(" | ")
        assert len(zh) == len(en), p["product_id"]
        assert 5 <= len(en) <= 9, p["product_id"]
        assert all(": " in pair for pair in (*zh, *en)), p["product_id"]


def test_prices() -> None:
    rate = POLICIES["shop"]["second_rate"]
    for p in PRODUCTS:
        assert float(p["price"]) > 0
        assert not p["list_price"] or float(p["list_price"]) > float(p["price"]), p["product_id"]
        assert float(p["price_usd"]) == pytest.approx(float(p["price"]) / rate, abs=0.01)
    for category in TAXONOMY["categories"]:
        prices = [float(p["price"]) for p in PRODUCTS if p["category"] == category]
        assert max(prices) >= 2 * min(prices), f"{category} has no price ladder"


def test_figures_lie_in_their_ranges() -> None:
    for p in PRODUCTS:
        assert 1 <= float(p["rating"]) <= 5
        assert int(p["reviews"]) >= 0
        assert int(p["warranty_months"]) >= 0
        assert date(2024, 1, 1) <= date.fromisoformat(p["launched"]) <= date(2026, 10, 31)


def test_goes_with_names_other_products() -> None:
    known = {p["product_id"] for p in PRODUCTS}
    for p in PRODUCTS:
        others = ids(p["goes_with"])
        assert set(others) <= known - {p["product_id"]}, p["product_id"]
        assert len(others) == len(set(others)) <= 4
    assert sum(bool(p["goes_with"]) for p in PRODUCTS) > 0.95 * len(PRODUCTS)


def test_attributes_do_not_contradict_the_specs() -> None:
    """What a customer filters by and what the page says are the same truth."""
    for p in PRODUCTS:
        has, text = set(ids(p["attributes"])), p["specs_en"].lower()
        assert "bluetooth" not in has or "wireless" in has, p["product_id"]
        assert "machine_washable" not in has or "hand wash only" not in text, p["product_id"]
        assert not ("for_swimming" in has and "waterproof" not in has), p["product_id"]
        assert not ("engraving" not in has and "engraving:" in text), p["product_id"]
        assert not ("fragrance_free" in has and "natural rose" in text), p["product_id"]
        assert not ("insulated" in has and "not insulated" in text), p["product_id"]


def test_stock_has_every_variant_once() -> None:
    wanted = {
        (p["product_id"], c, s) for p in PRODUCTS for c in ids(p["colors"]) or [""] for s in ids(p["sizes"]) or [""]
    }
    listed = [(r["product_id"], r["color"], r["size"]) for r in STOCK]
    assert sorted(listed) == sorted(wanted)
    for r in STOCK:
        parts = (r["product_id"], r["color"], r["size"].replace(" ", "_"))
        assert r["sku"] == "-".join(part for part in parts if part)


def test_some_variants_and_products_are_sold_out() -> None:
    left, coming = defaultdict(int), defaultdict(str)
    for r in STOCK:
        left[r["product_id"]] += int(r["on_hand"])
        coming[r["product_id"]] += r["inbound_date"]
    gone = [p for p, n in left.items() if n == 0]
    share = sum(int(r["on_hand"]) == 0 for r in STOCK) / len(STOCK)
    assert 0.05 < share < 0.12
    assert 12 <= len(gone) <= 18
    assert 5 <= sum(bool(coming[p]) for p in gone) <= 10
    assert any(1 <= int(r["on_hand"]) <= 3 for r in STOCK)


def test_inbound_goods_have_a_date_and_a_quantity() -> None:
    for r in STOCK:
        assert bool(int(r["inbound_quantity"])) == bool(r["inbound_date"]), r["sku"]
        assert not r["inbound_date"] or date(2026, 12, 1) <= date.fromisoformat(r["inbound_date"]) <= date(2027, 1, 31)
