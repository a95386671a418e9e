from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from nlu.data import OUT_OF_SCOPE, Example
from nlu.errors import NluError
from nlu.evaluate import CurvePoint
from nlu.predictions import Latency, Predictions
from nlu.reports import html
from nlu.reports.document import document, shown_measures
from nlu.reports.page import page

EVIL = '<script>alert(1)</script> & "x"'
EXAMPLES = [
    *(Example(f"text {i}", ("x", "y")[i % 2], "en") for i in range(20)),
    Example(EVIL, "x", "zh"),
    Example("outside", OUT_OF_SCOPE),
]
PROBABILITY = np.tile(np.array([[0.7, 0.3], [0.4, 0.6]], np.float32), (11, 1))
RESULT = Predictions(
    EXAMPLES,
    ["x", "y"] * 10 + ["y", "x"],
    PROBABILITY.max(axis=1).tolist(),
    [1.0] * 21 + [-1.0],
    classes=("x", "y"),
    probability=PROBABILITY,
    latency=Latency([1.0, 2.0], {"encode": [1.0, 1.0]}),
)


class Page(HTMLParser):
    """Counts tags, and every address that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.fetched += [v for k, v in attrs if k in ("src", "href", "xlink:href") and v and not v.startswith("#")]


@pytest.fixture(scope="module")
def found() -> dict[str, object]:
    entities = {
        "f1": 0.5,
        "support": 2,
        "per_entity": {"color": {"support": 2, "precision": 1.0, "recall": 0.5, "f1": 0.6, "partial_f1": 0.7}},
        "per_lang": {},
        "errors": [{"text": "red", "true": "red (color)", "found": "nothing"}],
    }
    points = [CurvePoint(0.5, 10, 0, 0.8, 0.8), CurvePoint(1.0, 20, 0, 0.9, 0.9)]
    return document(RESULT, by=("lang",), baseline=RESULT, curve=points, entities=entities)


def test_the_page_shows_everything_and_fetches_nothing(found: dict[str, object]) -> None:
    shown = page(found, title=EVIL, about="5 < 6", gates=["accuracy is low."])
    read = Page()
    read.feed(shown)
    assert read.fetched == []
    assert not re.search(r"url\((?!#)", shown)
    assert "@import" not in shown
    assert read.tags["script"] == 1  # ours; nothing of the data becomes markup
    assert read.tags["svg"] == 5
    titles = re.findall(r"<h2>(.*?)</h2>", shown)
    assert titles == [
        "Not to be released",
        "Against the baseline",
        "By kind of sentence",
        "Entities",
        "Confusions",
        "By class",
        "Calibration",
        "Out of scope",
        "Learning curve",
        "Latency",
        "Mistakes",
    ]
    assert "#010101" not in shown  # the charts follow the page's colours
    assert "var(--accent)" in shown


def test_a_perfect_result_without_anything_else() -> None:
    perfect = Predictions([Example("a", "x")], ["x"], [1.0], [0.0])
    shown = page(document(perfect), title="t", gates=[])
    assert "All gates passed" in shown
    assert "every sentence was predicted rightly" in shown
    assert "Mistakes" not in shown


def test_the_table_of_the_terminal(found: dict[str, object]) -> None:
    rows = dict(shown_measures(found))
    assert rows["sentences"] == "22"
    assert rows["accuracy"].startswith("0.9524  (0.77")
    assert rows["out_of_scope AUROC"] == "1.0000"
    assert rows["latency p50 / p95"] == "1.5 / 1.9 ms"


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NluError, match="cannot be written"):
        html.write_page(tmp_path / "file" / "a.html", "x")
