from __future__ import annotations

import pytest

from nlu.data import OUT_OF_SCOPE, Example
from nlu.encoders import HashingEncoder
from nlu.errors import NluError
from nlu.evaluate import cross_validate, evaluate_intents, evaluate_pipeline, evaluate_sentiment, learning_curve
from nlu.pipeline import Pipeline
from nlu.predictions import Predictions

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
    assert {k: v for k, v in found.summary().items() if k in ("n", "accuracy", "macro_f1")} == {
        "n": 32,
        "accuracy": 1.0,
        "macro_f1": 1.0,
    }


def test_a_class_that_was_never_trained_is_refused(encoder: HashingEncoder, moods: list[Example]) -> None:
    with pytest.raises(NluError, match=r"classes that the training set lacks: \['angry'\]"):
        evaluate_sentiment(moods, [Example("x", "angry")], encoder=encoder)


def test_a_trained_model_and_its_latency(pipeline: Pipeline, examples: list[Example]) -> None:
    found = evaluate_pipeline(pipeline, examples)
    assert found.summary()["accuracy"] > 0.95
    shown = found.latency.as_dict()
    assert shown["n"] == len(examples)
    assert set(shown["stages"]) == {"encode", "intent", "parse"}
    assert 0 < shown["p50_ms"] <= shown["p95_ms"]


def test_the_learning_curve_rises(examples: list[Example], encoder: HashingEncoder) -> None:
    points = learning_curve(examples[::2], examples[1::2], encoder=encoder, fractions=(0.2, 1.0), seeds=(0, 1))
    assert [(p.fraction, p.n, p.seed) for p in points] == [(0.2, 12, 0), (1.0, 64, 0), (0.2, 12, 1), (1.0, 64, 1)]
    assert points[0].accuracy < points[1].accuracy
    with pytest.raises(NluError, match=r"not \[0, 2\]"):
        learning_curve(examples, examples, encoder=encoder, fractions=(0, 2))
