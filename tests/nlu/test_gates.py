from __future__ import annotations

import pytest

from nlu import gates
from nlu.data import OUT_OF_SCOPE, Example
from nlu.errors import NluError
from nlu.predictions import Predictions

FOUND = {
    "accuracy": 0.91,
    "oos_auroc": None,
    "per_lang": {"zh": {"n": 5, "accuracy": 0.8}},
    "latency": {"p95_ms": 12.0},
    "per_class": {"greet": {"f1": 0.5, "support": 3}},
    "predictions": [],
}


def predictions(right: int, wrong: int) -> Predictions:
    examples = [Example(f"text {i}", "x") for i in range(right + wrong)] + [Example("o", OUT_OF_SCOPE)]
    return Predictions(examples, ["x"] * right + ["y"] * wrong + ["x"], [1.0] * len(examples), [0.0] * len(examples))


def test_limits_below_and_above() -> None:
    assert gates.parse_limits("accuracy=0.9, per_lang.zh=.8,") == {"accuracy": 0.9, "per_lang.zh": 0.8}
    assert gates.broken_limits(FOUND, gates.parse_limits("accuracy=0.9,per_lang.zh=.8")) == []
    assert gates.broken_limits(FOUND, gates.parse_limits("accuracy=0.93,per_lang.zh=.9,per_class.greet=.6")) == [
        "accuracy is 0.9100, below the 0.93 that are demanded.",
        "per_lang.zh is 0.8000, below the 0.9 that are demanded.",
        "per_class.greet is 0.5000, below the 0.6 that are demanded.",
    ]
    assert gates.broken_limits(FOUND, {"latency.p95_ms": 10.0}, upper=True) == [
        "latency.p95_ms is 12.0000, above the 10 that are allowed."
    ]
    assert gates.broken_limits(FOUND, {"oos_auroc": 0.9}) == [
        "oos_auroc has no value in this evaluation, and 0.9 is demanded."
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("accuracy", "is no limit"),
        ("accuracy=high", "is no limit"),
        ("acuracy=1", "no 'acuracy' among accuracy, latency"),
        ("per_lang.fr=1", "no 'fr' among zh"),
        ("predictions=1", "is no number"),
        ("accuracy.x=1", "no 'x' among nothing below"),
    ],
)
def test_what_is_no_limit(text: str, message: str) -> None:
    with pytest.raises(NluError, match=message):
        gates.broken_limits(FOUND, gates.parse_limits(text))


def test_no_worse_than_pairs_the_sentences() -> None:
    before = predictions(95, 5)
    assert gates.worse_than({}, before, predictions(96, 4)) == []
    assert gates.worse_than({}, before, predictions(93, 7)) == []  # two newly wrong: p = .5
    assert gates.worse_than({}, before, predictions(80, 20)) == [
        "accuracy fell from 0.9500 to 0.8000 on the 100 sentences that both have (15 newly wrong, 0 newly right; "
        "McNemar p = 6.1e-05)."
    ]


def test_no_worse_than_a_bare_figure() -> None:
    assert gates.worse_than({"accuracy": 0.95}, None, predictions(93, 7)) == []
    (sentence,) = gates.worse_than({"accuracy": 0.95}, None, predictions(80, 20))
    assert sentence.startswith("accuracy is 0.8000; the baseline's 0.9500 lies above")
    with pytest.raises(NluError, match="neither predictions nor an accuracy"):
        gates.worse_than({}, None, predictions(1, 1))
