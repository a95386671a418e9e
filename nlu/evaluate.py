"""How well understanding works on labelled data: train and test, or cross-validation."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlu import metrics
from nlu.data import OUT_OF_SCOPE, Example
from nlu.encoders import Encoder
from nlu.errors import NluError
from nlu.heads import Floats
from nlu.intents import IntentClassifier
from nlu.language import detect
from nlu.sentiment import SentimentClassifier, label_name

_TIMED = 200  # sentences parsed one by one for the latency


@dataclass(frozen=True)
class Predictions:
    """Of n test examples: the true and the predicted intent, its confidence, and how much each looks in scope."""

    examples: Sequence[Example]
    predicted: Sequence[str]
    confidence: Sequence[float]
    scope: Sequence[float]
    fit_seconds: float = 0.0
    ms_per_utterance: float = 0.0

    def summary(self) -> dict[str, Any]:
        """Accuracy, macro-F1 and calibration over the examples in scope; `oos_auroc` for telling the others from them.
        Values that need examples which are absent are None."""
        inside = [i for i, e in enumerate(self.examples) if e.label != OUT_OF_SCOPE]
        outside = [i for i, e in enumerate(self.examples) if e.label == OUT_OF_SCOPE]
        true, said = [self.examples[i].label for i in inside], [self.predicted[i] for i in inside]
        right = [a == b for a, b in zip(true, said, strict=True)]
        scope = np.asarray(self.scope)
        languages = [self.examples[i].lang or detect(self.examples[i].text) for i in inside]
        per_lang = {
            lang: {
                "n": languages.count(lang),
                "accuracy": _number(np.mean([r for r, spoken in zip(right, languages, strict=True) if spoken == lang])),
            }
            for lang in sorted(set(languages))
        }
        return {
            "n": len(self.examples),
            "accuracy": _number(metrics.accuracy(true, said)),
            "macro_f1": _number(metrics.macro_f1(true, said)),
            "oos_auroc": _number(metrics.auroc(scope[inside], scope[outside])),
            "ece": _number(metrics.ece([self.confidence[i] for i in inside], right)),
            "per_lang": per_lang,
            "ms_per_utterance": round(self.ms_per_utterance, 3),
            "fit_seconds": round(self.fit_seconds, 2),
        }


def evaluate_intents(
    train: Sequence[Example], test: Sequence[Example], *, encoder: Encoder, seed: int = 0
) -> Predictions:
    """Train on one set and predict the other. Raises NluError when a test sentence's intent was never trained."""
    started = time.perf_counter()
    texts = [example.text for example in train]
    features = encoder.features(texts)
    classifier = IntentClassifier.fit(features, texts, [e.label for e in train], dim=encoder.dim, seed=seed)
    seconds = time.perf_counter() - started
    unknown = {e.label for e in test} - set(classifier.classes) - {OUT_OF_SCOPE}
    if unknown:
        raise NluError(f"The test set has intents that the training set lacks: {sorted(unknown)[:5]!r}")
    return predict(classifier, test, encoder=encoder, fit_seconds=seconds)


def predict(
    classifier: IntentClassifier, test: Sequence[Example], *, encoder: Encoder, fit_seconds: float = 0.0
) -> Predictions:
    """What a trained classifier says, and how long one sentence takes it."""
    timed = list(dict.fromkeys(example.text for example in test))[:_TIMED]
    started = time.perf_counter()
    for text in timed:
        classifier.score(encoder.features([text]), [text])
    each = (time.perf_counter() - started) / max(len(timed), 1) * 1000
    features = encoder.features([example.text for example in test])
    return _predictions(classifier, test, features, fit_seconds=fit_seconds, ms_per_utterance=each)


def cross_validate(
    examples: Sequence[Example],
    *,
    encoder: Encoder,
    folds: int = 5,
    seed: int = 0,
    progress: Callable[[int], None] = lambda _: None,
) -> Predictions:
    """Every example predicted by a classifier that was trained without its fold (stratified by intent)."""
    if folds < 2:
        raise NluError(f"Cross-validation with {folds!r} folds is impossible; give 2 or more")
    features = encoder.features([example.text for example in examples])
    fold = _folds([example.label for example in examples], folds, seed)
    found: list[Predictions] = []
    started = time.perf_counter()
    for k in range(folds):
        train, test = np.where(fold != k)[0], np.where(fold == k)[0]
        texts, labels = [examples[i].text for i in train], [examples[i].label for i in train]
        classifier = IntentClassifier.fit(features[train], texts, labels, dim=encoder.dim, seed=seed)
        found.append(_predictions(classifier, [examples[i] for i in test], features[test]))
        progress(k + 1)
    return Predictions(
        [example for part in found for example in part.examples],
        [intent for part in found for intent in part.predicted],
        [value for part in found for value in part.confidence],
        [value for part in found for value in part.scope],
        fit_seconds=(time.perf_counter() - started) / folds,
    )


def evaluate_sentiment(
    train: Sequence[Example], test: Sequence[Example], *, encoder: Encoder, seed: int = 0
) -> dict[str, Any]:
    """`{"n", "accuracy", "macro_f1"}` of a sentiment classifier trained on one set, on the other."""
    texts = [example.text for example in train]
    classifier = SentimentClassifier.fit(encoder.features(texts), texts, [e.label for e in train], seed=seed)
    texts = [example.text for example in test]
    said = [label for label, _ in classifier.predict(encoder.features(texts), texts)]
    true = [label_name(example.label) for example in test]
    return {
        "n": len(test),
        "accuracy": _number(metrics.accuracy(true, said)),
        "macro_f1": _number(metrics.macro_f1(true, said)),
    }


def _predictions(
    classifier: IntentClassifier, test: Sequence[Example], features: Floats, **timing: float
) -> Predictions:
    scores = classifier.score(features, [example.text for example in test])
    best = scores.probability.argmax(axis=1)
    return Predictions(
        test,
        [classifier.classes[i] for i in best],
        scores.probability.max(axis=1).tolist(),
        scores.scope.tolist(),
        **timing,
    )


def _folds(labels: Sequence[str], folds: int, seed: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(labels), np.int64)
    for label in sorted(set(labels)):
        rows = rng.permutation([i for i, other in enumerate(labels) if other == label])
        if len(rows) < folds:
            raise NluError(f"The intent {label!r} has {len(rows)} examples, too few for {folds} folds")
        fold[rows] = np.arange(len(rows)) % folds
    return fold


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else round(float(value), 5)
