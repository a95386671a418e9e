"""Calibration, scope, slices, confusions and comparison on predictions whose figures are known."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.data import OUT_OF_SCOPE, Example
from nlu.errors import NluError
from nlu.predictions import Predictions
from nlu.reports.calibration import best_temperature, calibration, temper
from nlu.reports.comparison import compare, verdict
from nlu.reports.confusions import confusions, per_class
from nlu.reports.scope import out_of_scope
from nlu.reports.slices import slices


def result(*rows: tuple[str, str, str], scope: list[float] | None = None) -> Predictions:
    """Of (text, true, predicted)."""
    examples = [Example(text, true) for text, true, _ in rows]
    return Predictions(examples, [r[2] for r in rows], [0.5] * len(rows), scope or [0.0] * len(rows))


def test_confusions_with_the_surest_mistakes_first() -> None:
    found = Predictions(
        [Example(t, "y") for t in "abc"] + [Example("d", "x")] * 2,
        ["x", "x", "y", "x", "x"],
        [0.3, 0.8, 0.9, 0.9, 0.9],
        [0.0] * 5,
    )
    assert confusions(found) == [{"intent": "y", "predicted": "x", "n": 2, "examples": ["b", "a"]}]
    assert list(per_class(found)) == ["y", "x"]
    assert per_class(found)["y"] == {"precision": 1.0, "recall": round(1 / 3, 5), "f1": 0.5, "support": 3.0}


def test_the_temperature_that_sharpened_logits_need() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(4000, 3)).astype(np.float32) * 2
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(3, p=row / row.sum()) for row in honest.astype(np.float64)])
    assert best_temperature(honest, truth) == pytest.approx(1.0, abs=0.1)
    assert best_temperature(temper(honest, 0.5), truth) == pytest.approx(2.0, abs=0.2)


def test_calibration_over_what_is_in_scope() -> None:
    probability = np.array([[0.8, 0.2], [0.8, 0.2], [0.9, 0.1]], np.float32)
    examples = [Example("a", "x"), Example("b", "y"), Example("c", OUT_OF_SCOPE)]
    shown = calibration(
        Predictions(examples, ["x"] * 3, [0.8, 0.8, 0.9], [0.0] * 3, classes=("x", "y"), probability=probability)
    )
    assert shown is not None
    assert shown["ece"] == pytest.approx(0.3)
    assert shown["mce"] == pytest.approx(0.3)
    assert shown["brier"] == pytest.approx((2 * 0.04 + 2 * 0.64) / 2)
    assert shown["nll"] == pytest.approx(-(np.log(0.8) + np.log(0.2)) / 2, abs=1e-4)
    assert shown["temperature"] == 4.0  # one of two is right: the flattest is the best
    assert [row["n"] for row in shown["bins"]] == [2]
    assert calibration(result(("a", OUT_OF_SCOPE, "x"))) is None


def test_out_of_scope_by_hand() -> None:
    rows = [("a", "x", "x"), ("b", "x", "x"), ("c", "x", "y"), ("d", OUT_OF_SCOPE, "x"), ("e", OUT_OF_SCOPE, "x")]
    shown = out_of_scope(result(*rows, scope=[2.0, 1.0, 3.0, -1.0, 1.5]))
    assert shown is not None
    assert (shown["n_in"], shown["n_out"]) == (3, 2)
    assert shown["auroc"] == pytest.approx(5 / 6, abs=1e-5)
    assert shown["fpr_at_95"] == 0.5
    assert shown["thresholds"][0] == {
        "name": "the model's own",
        "threshold": 0.0,
        "kept_in_scope": 1.0,
        "answered_rightly": pytest.approx(2 / 3, abs=1e-5),
        "out_of_scope_recall": 0.5,
        "out_of_scope_precision": 1.0,
        "out_of_scope_f1": pytest.approx(2 / 3, abs=1e-5),
    }
    assert [1.0, 1.0] in shown["curve"]
    assert out_of_scope(result(("a", "x", "x"))) is None


def test_slices() -> None:
    rows = [("I want to return it now", "x", "x"), ("退货", "x", "y"), ("我要退貨", "x", "x"), ("o", OUT_OF_SCOPE, "x")]
    shown = slices(result(*rows), ["lang", "script", "length"], train=[Example("退货。", "x")])
    assert {kind: {v: (r["n"], r["accuracy"]) for v, r in values.items()} for kind, values in shown.items()} == {
        "lang": {"en": (1, 1.0), "zh": (2, 0.5)},
        "script": {"no Chinese": (1, 1.0), "simplified": (1, 0.0), "traditional": (1, 1.0)},
        "length": {"medium": (1, 1.0), "short (to 4 words)": (2, 0.5)},
        "seen": {"seen": (1, 0.0), "unseen": (2, 1.0)},
    }
    assert shown["lang"]["zh"]["ci95"] == pytest.approx([0.09453, 0.90547])


def test_slices_by_a_column_and_by_what_is_mentioned() -> None:
    examples = [Example("red shoes", "x", columns={"channel": "web"}), Example("hello", "x")]
    found = Predictions(examples, ["x", "y"], [1.0, 1.0], [0.0, 0.0])
    shown = slices(found, ["channel", "entities"])
    assert {value: row["n"] for value, row in shown["channel"].items()} == {"(empty)": 1, "web": 1}
    assert {value: row["accuracy"] for value, row in shown["entities"].items()} == {
        "with entities": 1.0,
        "without": 0.0,
    }
    with pytest.raises(
        NluError, match="no 'shop' to group by; allowed are lang, script, length, typos, entities, channel"
    ):
        slices(found, ["shop"])


def test_misspelt_words_are_found_by_the_words_around_them() -> None:
    rows = [("where is my order", "x", "x")] * 6 + [("where is my ordre", "x", "y"), ("two orders", "x", "x")]
    shown = slices(result(*rows), ["typos"])
    assert {value: (row["n"], row["accuracy"]) for value, row in shown["typos"].items()} == {
        "with typos": (1, 0.0),
        "without": (7, 1.0),
    }


def test_two_models_on_the_same_sentences() -> None:
    texts = [f"text {i}" for i in range(12)]
    first = result(*((t, "x", "x" if i < 4 else "y") for i, t in enumerate(texts)), ("o", OUT_OF_SCOPE, "x"))
    # in another order, with one more sentence
    second = result(("new", "x", "x"), *((t, "x", "x") for t in reversed(texts)), ("o", OUT_OF_SCOPE, "x"))
    shown = compare(first, second)
    assert shown["n"] == 12
    assert shown["accuracy"] == [pytest.approx(1 / 3, abs=1e-5), 1.0]
    assert shown["mcnemar"] == {"only_first": 0, "only_second": 8, "p": pytest.approx(2 / 256, rel=1e-3)}
    assert shown["ci95"][0] > 0.3
    assert shown["intents"] == [{"intent": "x", "n": 12, "recall": [0.33333, 1.0]}]
    assert [row["text"] for row in shown["newly_right"]] == texts[:3:-1]
    assert shown["per_lang"] == {"en": {"n": 12, "accuracy": shown["accuracy"], "p": shown["mcnemar"]["p"]}}
    assert verdict(shown).startswith("The second is significantly better: accuracy 0.3333 and 1.0000 on 12 sentences")
    assert verdict(compare(second, first)).startswith("The second is significantly worse")
    assert verdict(compare(first, first)).startswith("No significant difference")
    with pytest.raises(NluError, match="share no sentence"):
        compare(result(("a", "x", "x")), result(("b", "x", "x")))
