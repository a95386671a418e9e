"""How well understanding works on labelled data: train and test, cross-validation, learning curve."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu import metrics
from nlu.data import OUT_OF_SCOPE, Example
from nlu.encoders import Encoder
from nlu.errors import NluError
from nlu.fusion import opinion_of
from nlu.heads import Floats
from nlu.intents import IntentClassifier
from nlu.pipeline import Pipeline
from nlu.predictions import Latency, Predictions
from nlu.sentiment import SentimentClassifier, label_name

_TIMED = 200  # sentences read one by one for the latency
Progress = Callable[[int], None]


def evaluate_intents(
    train: Sequence[Example], test: Sequence[Example], *, encoder: Encoder, seed: int = 0
) -> Predictions:
    """Train on one set and predict the other. Raises NluError when a test sentence's intent was never trained."""
    known = {example.label for example in train}
    _check_intents(test, known)
    started = time.perf_counter()
    texts = [example.text for example in train]
    features = encoder.features(texts)
    classifier = IntentClassifier.fit(features, texts, [e.label for e in train], dim=encoder.dim, seed=seed)
    seconds = time.perf_counter() - started
    return predict(classifier, test, encoder=encoder, fit_seconds=seconds)


def evaluate_pipeline(pipeline: Pipeline, test: Sequence[Example]) -> Predictions:
    """What a trained model's intent classifier says, before thresholds; the latency has the stage `parse`, a whole reading
    with entities and sentiment. An intent that the model does not know counts as wrong."""
    return predict(pipeline.intents, test, encoder=pipeline.encoder, pipeline=pipeline)


def predict(
    classifier: IntentClassifier,
    test: Sequence[Example],
    *,
    encoder: Encoder,
    fit_seconds: float = 0.0,
    pipeline: Pipeline | None = None,
) -> Predictions:
    """What a trained classifier says, and how long one sentence takes it."""
    latency = _latency(classifier, [example.text for example in test], encoder, pipeline)
    features = encoder.features([example.text for example in test])
    texts = [example.text for example in test]
    scores = classifier.score(features, texts, opinion_of(encoder, texts))
    mean = float(np.mean(latency.total)) if latency.total else 0.0
    return _predictions(test, classifier.classes, scores.probability, scores.scope, fit_seconds, mean, latency)


def cross_validate(
    examples: Sequence[Example],
    *,
    encoder: Encoder,
    folds: int = 5,
    seed: int = 0,
    progress: Progress = lambda _: None,
) -> Predictions:
    """Every example, in the given order, predicted by a classifier trained without its fold (stratified by intent)."""
    started = time.perf_counter()
    features = encoder.features([example.text for example in examples])
    classes = tuple(sorted({example.label for example in examples}))
    probability = np.zeros((len(examples), len(classes)), np.float32)
    scope = np.zeros(len(examples), np.float32)
    for k, (train, test) in enumerate(split_folds([example.label for example in examples], folds, seed)):
        texts, labels = [examples[i].text for i in train], [examples[i].label for i in train]
        classifier = IntentClassifier.fit(features[train], texts, labels, dim=encoder.dim, seed=seed)
        scores = classifier.score(features[test], [examples[i].text for i in test])
        probability[test], scope[test] = scores.probability, scores.scope
        progress(k + 1)
    return _predictions(examples, classes, probability, scope, (time.perf_counter() - started) / folds)


def evaluate_sentiment(
    train: Sequence[Example], test: Sequence[Example], *, encoder: Encoder, seed: int = 0
) -> Predictions:
    """Train a sentiment classifier on one set and predict the other."""
    named = [_named(example) for example in test]
    _check_intents(named, {label_name(example.label) for example in train}, what="classes")
    started = time.perf_counter()
    texts = [example.text for example in train]
    classifier = SentimentClassifier.fit(encoder.features, texts, [e.label for e in train], seed=seed)
    return predict_sentiment(classifier, named, encoder=encoder, fit_seconds=time.perf_counter() - started)


def predict_sentiment(
    classifier: SentimentClassifier, test: Sequence[Example], *, encoder: Encoder, fit_seconds: float = 0.0
) -> Predictions:
    """What a trained sentiment classifier says."""
    named = [_named(example) for example in test]
    _check_intents(named, set(classifier.head.classes), what="classes")
    texts = [example.text for example in test]
    probability = classifier.probability(encoder, texts)
    return _predictions(named, classifier.head.classes, probability, np.zeros(len(test), np.float32), fit_seconds)


@dataclass(frozen=True)
class CurvePoint:
    """The test accuracy and macro-F1 after training on a `fraction` (`n` examples) of the training set, drawn by `seed`."""

    fraction: float
    n: int
    seed: int
    accuracy: float
    macro_f1: float


def learning_curve(
    train: Sequence[Example],
    test: Sequence[Example],
    *,
    encoder: Encoder,
    fractions: Sequence[float] = (0.1, 0.25, 0.5, 1.0),
    seeds: Sequence[int] = (0,),
    progress: Progress = lambda _: None,
) -> list[CurvePoint]:
    """What more examples bring. The parts of one seed are nested and keep two examples of every intent."""
    if not fractions or not all(0 < fraction <= 1 for fraction in fractions):
        raise NluError(f"Fractions of the training set must be above 0 and at most 1, not {list(fractions)!r}")
    _check_intents(test, {example.label for example in train})
    inside = [example for example in test if example.label != OUT_OF_SCOPE]
    true = [example.label for example in inside]
    features, tested = (encoder.features([example.text for example in part]) for part in (train, inside))
    points: list[CurvePoint] = []
    for seed in seeds:
        for fraction in sorted(fractions):
            rows = _part([example.label for example in train], fraction, seed)
            texts, labels = [train[i].text for i in rows], [train[i].label for i in rows]
            classifier = IntentClassifier.fit(features[rows], texts, labels, dim=encoder.dim, seed=seed)
            best = classifier.score(tested, [example.text for example in inside]).probability.argmax(axis=1)
            said = [classifier.classes[i] for i in best]
            right, f1 = metrics.accuracy(true, said), metrics.macro_f1(true, said)
            points.append(CurvePoint(fraction, len(rows), seed, round(right, 5), round(f1, 5)))
            progress(len(points))
    return points


def split_folds(labels: Sequence[str], folds: int, seed: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(train, test) positions of every fold, stratified. Raises NluError where a class has fewer examples than folds."""
    if folds < 2:
        raise NluError(f"Cross-validation with {folds!r} folds is impossible; give 2 or more")
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(labels), np.int64)
    names = np.asarray(labels)
    for label in sorted(set(labels)):
        rows = rng.permutation(np.where(names == label)[0])
        if len(rows) < folds:
            raise NluError(f"The intent {label!r} has {len(rows)} examples, too few for {folds} folds")
        fold[rows] = np.arange(len(rows)) % folds
    return ((np.where(fold != k)[0], np.where(fold == k)[0]) for k in range(folds))


def _part(labels: Sequence[str], fraction: float, seed: int) -> NDArray[np.int64]:
    rng = np.random.default_rng(seed)
    names = np.asarray(labels)
    kept = []
    for label in sorted(set(labels)):
        rows = rng.permutation(np.where(names == label)[0])
        kept.append(rows[: max(2, round(fraction * len(rows)))])
    return np.sort(np.concatenate(kept))


def _latency(
    classifier: IntentClassifier, texts: Sequence[str], encoder: Encoder, pipeline: Pipeline | None
) -> Latency:
    """Of distinct sentences, each read for the first time: an encoder may remember what it has read."""
    distinct = list(dict.fromkeys(texts))
    total: list[float] = []
    stages: dict[str, list[float]] = {"encode": [], "intent": []}
    for text in distinct[:_TIMED]:
        started = time.perf_counter()
        features = encoder.features([text])
        opinion = opinion_of(encoder, [text])
        encoded = time.perf_counter()
        classifier.score(features, [text], opinion)
        ended = time.perf_counter()
        stages["encode"].append((encoded - started) * 1000)
        stages["intent"].append((ended - encoded) * 1000)
        total.append((ended - started) * 1000)
    if pipeline is not None:
        stages["parse"] = []
        for text in distinct[_TIMED : 2 * _TIMED] or distinct[:_TIMED]:
            started = time.perf_counter()
            pipeline.parse(text)
            stages["parse"].append((time.perf_counter() - started) * 1000)
    return Latency(total, dict(stages))


def _predictions(
    examples: Sequence[Example],
    classes: tuple[str, ...],
    probability: Floats,
    scope: Floats,
    fit_seconds: float = 0.0,
    ms_per_utterance: float = 0.0,
    latency: Latency | None = None,
) -> Predictions:
    return Predictions(
        examples,
        [classes[i] for i in probability.argmax(axis=1)],
        probability.max(axis=1).tolist(),
        scope.tolist(),
        fit_seconds,
        ms_per_utterance,
        classes,
        probability,
        latency or Latency(),
    )


def _named(example: Example) -> Example:
    return Example(example.text, label_name(example.label), example.lang, columns=example.columns)


def _check_intents(test: Sequence[Example], known: set[Any], *, what: str = "intents") -> None:
    unknown = {example.label for example in test} - known - {OUT_OF_SCOPE}
    if unknown:
        raise NluError(f"The test set has {what} that the training set lacks: {sorted(unknown)[:5]!r}")
