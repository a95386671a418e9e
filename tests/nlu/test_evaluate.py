from __future__ import annotations

import pytest

from nlu.data import OUT_OF_SCOPE, Example
from nlu.encoders import HashingEncoder
from nlu.errors import NluError
from nlu.evaluate import Predictions, cross_validate, evaluate_intents, evaluate_sentiment
from nlu.report import confusions, weakest

KEYS = ["n", "accuracy", "macro_f1", "oos_auroc", "ece", "per_lang", "ms_per_utterance", "fit_seconds"]


def test_summary_by_hand() -> None:
    examples = [Example("a", "x", "en"), Example("b", "y", "en"), Example("丙", "x"), Example("d", OUT_OF_SCOPE)]
    found = Predictions(examples, ["x", "x", "x", "x"], [1.0, 1.0, 1.0, 1.0], [2.0, 1.0, 3.0, 1.5]).summary()
    assert list(found) == KEYS
    assert found["n"] == 4
    assert found["accuracy"] == pytest.approx(2 / 3, abs=1e-5)  # over what is in scope
    assert found["macro_f1"] == pytest.approx((0.8 + 0) / 2)
    assert found["oos_auroc"] == pytest.approx(2 / 3, abs=1e-5)
    assert found["ece"] == pytest.approx(1 / 3, abs=1e-5)
    assert found["per_lang"] == {"en": {"n": 2, "accuracy": 0.5}, "zh": {"n": 1, "accuracy": 1.0}}


def test_without_out_of_scope_there_is_no_auroc() -> None:
    assert Predictions([Example("a", "x")], ["x"], [1.0], [0.0]).summary()["oos_auroc"] is None


def test_train_and_test(examples: list[Example], encoder: HashingEncoder) -> None:
    found = evaluate_intents(examples[::2], examples[1::2], encoder=encoder).summary()
    assert found["accuracy"] > 0.8  # a quarter by chance; an encoder of spelling reaches .85
    assert found["oos_auroc"] > 0.8
    assert found["fit_seconds"] > 0
    assert found["ms_per_utterance"] > 0


def test_unknown_intents_of_the_test_set_are_refused(examples: list[Example], encoder: HashingEncoder) -> None:
    with pytest.raises(NluError, match=r"lacks: \['new'\]"):
        evaluate_intents(examples, [Example("x", "new")], encoder=encoder)


def test_cross_validation_predicts_every_example_once(examples: list[Example], encoder: HashingEncoder) -> None:
    steps: list[int] = []
    found = cross_validate(examples, encoder=encoder, folds=4, progress=steps.append)
    assert sorted(e.text for e in found.examples) == sorted(e.text for e in examples)
    assert found.summary()["accuracy"] > 0.9
    assert steps == [1, 2, 3, 4]


@pytest.mark.parametrize(("folds", "message"), [(1, "1 folds is impossible"), (50, "too few for 50 folds")])
def test_impossible_folds(examples: list[Example], encoder: HashingEncoder, folds: int, message: str) -> None:
    with pytest.raises(NluError, match=message):
        cross_validate(examples, encoder=encoder, folds=folds)


def test_sentiment_with_other_names_of_the_classes(encoder: HashingEncoder, moods: list[Example]) -> None:
    numbered = [Example(m.text, {"positive": "1", "negative": "0"}[m.label]) for m in moods if m.label != "neutral"]
    found = evaluate_sentiment(numbered, [m for m in moods if m.label != "neutral"], encoder=encoder)
    assert found == {"n": 32, "accuracy": 1.0, "macro_f1": 1.0}


def test_report_tables() -> None:
    examples = [Example("a", "x"), Example("b", "y"), Example("c", "y")]
    result = Predictions(examples, ["x", "x", "x"], [1.0] * 3, [0.0] * 3)
    assert weakest(result, limit=1) == [("y", "0.000", "0.000", "0.000", "2")]
    assert confusions(result) == [("y", "x", "2", "c")]
