"""The share of imagined customers' messages that the extractor reads wholly right (the lexicon was widened on them)."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from nlu.constraints import constraints_of
from nlu.entities import Extractor
from nlu.vocabulary import Vocabulary

ROOT = Path(__file__).parents[2]
LINES = [json.loads(line) for line in (ROOT / "tests/data/dev_searches.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def shop():
    taxonomy = yaml.safe_load((ROOT / "bot/demo/taxonomy.yml").read_text("utf-8"))
    departments = {key: entry["department"] for key, entry in taxonomy["categories"].items()}
    return Extractor(Vocabulary.builtin().with_taxonomy(taxonomy)), departments


def read(extractor, line):
    language = None if line["lang"] == "mixed" else line["lang"]
    today = date.fromisoformat(line["today"]) if "today" in line else None
    return extractor.extract(line["text"], language=language, today=today)


def test_wishes_are_exact(shop):
    extractor, departments = shop
    searches = [line for line in LINES if "constraints" in line]
    right = [constraints_of(read(extractor, s), departments=departments) == s["constraints"] for s in searches]
    assert len(searches) >= 700
    assert sum(right) / len(right) >= 0.96


@pytest.mark.parametrize(("kind", "least"), [("constraints", 0.96), ("today", 0.94)])
def test_spans(shop, kind, least):
    found = said = both = 0
    for line in (line for line in LINES if kind in line):
        got = {(e.entity, e.start, e.end) for e in read(shop[0], line)}
        want = {(e["entity"], e["start"], e["end"]) for e in line["entities"]}
        found, said, both = found + len(got), said + len(want), both + len(got & want)
    assert 2 * both / (found + said) >= least


def test_spans_cut_the_words():
    assert all(line["text"][e["start"] : e["end"]] == e["text"] for line in LINES for e in line["entities"])
