"""Whether confidences can be believed: reliability, expected calibration error, the best temperature."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from nlu import metrics
from nlu.heads import Floats, softmax
from nlu.predictions import Predictions, number

_TEMPERATURES = np.geomspace(0.25, 4.0, 61)


def calibration(result: Predictions) -> dict[str, Any] | None:
    """Over the examples in scope: `ece`, `mce` (the worst bin's gap), and `bins` of the reliability diagram.

    Where all probabilities are known also `nll` and `brier`, and the `temperature` that would be best here (1 = as it is,
    above 1 = too sure) with the `ece_at_temperature`. None without examples.
    """
    inside = result.inside
    if not len(inside):
        return None
    confidence, right = np.asarray(result.confidence)[inside], result.right[inside]
    bins = metrics.reliability(confidence, right)
    shown: dict[str, Any] = {
        "ece": number(metrics.ece(confidence, right)),
        "mce": number(max(abs(row.confidence - row.accuracy) for row in bins if row.n)),
        "bins": [{key: round(value, 5) for key, value in asdict(row).items()} for row in bins if row.n],
    }
    if result.probability is not None:
        probability = result.probability[inside]
        truth = np.array([_place(result.classes, result.examples[i].label) for i in inside])
        temperature = best_temperature(probability, truth)
        known = truth >= 0
        target = np.zeros_like(probability)
        target[known, truth[known]] = 1
        tempered = temper(probability, temperature).max(axis=1)
        shown |= {
            "nll": number(_nll(probability, truth)),
            "brier": number(np.square(probability - target).sum(axis=1).mean()),
            "temperature": round(temperature, 3),
            "ece_at_temperature": number(metrics.ece(tempered, right)),
        }
    return shown


def temper(probability: Floats, temperature: float) -> Floats:
    """Probabilities (n, k) at another temperature (Guo et al. 2017, section 4.2)."""
    return softmax((np.log(np.maximum(probability, 1e-12)) / temperature).astype(np.float32))


def best_temperature(probability: Floats, truth: np.ndarray[Any, np.dtype[np.int64]]) -> float:
    """The temperature of the best likelihood of the true classes (n,); -1 marks a class that is unknown and left out."""
    losses = [_nll(temper(probability, float(t)), truth) for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _nll(probability: Floats, truth: np.ndarray[Any, np.dtype[np.int64]]) -> float:
    known = truth >= 0
    picked = probability[known, truth[known]]
    return float(-np.log(np.maximum(picked, 1e-12)).mean()) if known.any() else float("nan")


def _place(classes: tuple[str, ...], name: str) -> int:
    return classes.index(name) if name in classes else -1
