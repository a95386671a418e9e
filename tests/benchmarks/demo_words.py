"""The words of the demo shop, read without anything of the application."""

from __future__ import annotations

import csv
from pathlib import Path

import yaml

from nlu.vocabulary import Vocabulary

DEMO = Path(__file__).parents[2] / "bot" / "demo"


def vocabulary() -> tuple[Vocabulary, dict[str, str]]:
    """What the extractor knows of the catalogue, and the department of each category."""
    taxonomy = yaml.safe_load((DEMO / "taxonomy.yml").read_text("utf-8"))
    with (DEMO / "products.csv").open(encoding="utf-8", newline="") as file:
        names = [(r["product_id"], r["name_zh"], r["name_en"]) for r in csv.DictReader(file)]
    departments = {key: entry["department"] for key, entry in taxonomy["categories"].items()}
    return Vocabulary.builtin().with_taxonomy(taxonomy).with_products(names), departments
