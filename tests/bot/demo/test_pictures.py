from __future__ import annotations

import csv
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

import bot.demo
from bot.demo.pictures import COLORS, SHAPES, draw
from bot.demo.shapes.ink import mix

DEMO = Path(bot.demo.__file__).parent
TAXONOMY = yaml.safe_load((DEMO / "taxonomy.yml").read_text(encoding="utf-8"))
SVG = "{http://www.w3.org/2000/svg}"


def picture(**row: str) -> str:
    return draw({"product_id": "P1", "category": "mugs", "brand": "copperpot", "colors": "red", **row})


def test_every_category_and_colour_of_the_taxonomy_is_known() -> None:
    assert set(SHAPES) == set(TAXONOMY["categories"])
    assert set(COLORS) == set(TAXONOMY["colors"])


def test_every_product_gets_a_valid_square_without_text() -> None:
    with (DEMO / "products.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            root = ET.fromstring(draw(row))
            assert root.get("viewBox") == "0 0 480 480"
            kinds = {e.tag.removeprefix(SVG) for e in root.iter()}
            assert kinds <= {"svg", "g", "rect", "ellipse", "path"}, row["product_id"]


def test_categories_look_different() -> None:
    assert len({picture(category=c) for c in SHAPES}) == len(SHAPES)


def test_the_first_colour_tints_the_product() -> None:
    assert COLORS["red"] in picture(colors="red|blue")
    assert COLORS["red"] not in picture(colors="green")


def test_the_same_product_is_always_drawn_alike() -> None:
    assert picture() == picture()


@pytest.mark.parametrize("row", [{"category": "submarines"}, {"colors": ""}, {"brand": ""}, {"colors": "ultraviolet"}])
def test_what_is_unknown_is_drawn_all_the_same(row: dict[str, str]) -> None:
    ET.fromstring(picture(**row))


@pytest.mark.parametrize(
    ("color", "other", "share", "mixed"),
    [
        ("#000000", "#ffffff", 0.5, "#808080"),
        ("#102030", "#ffffff", 0, "#102030"),
        ("#102030", "#405060", 1, "#405060"),
    ],
)
def test_mix(color: str, other: str, share: float, mixed: str) -> None:
    assert mix(color, other, share) == mixed
