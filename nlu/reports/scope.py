"""How well sentences that have nothing to do with the shop are told apart: the curve and a table of thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from nlu import metrics
from nlu.predictions import Predictions, number

_POINTS = 120  # of the curve as it is stored and drawn
_KEPT = (0.99, 0.98, 0.97, 0.95, 0.9, 0.85, 0.8)


def out_of_scope(result: Predictions) -> dict[str, Any] | None:
    """Of the scope score, high for what is in scope: `auroc`, `fpr_at_95` (the share of out-of-scope that passes where 95 %
    of the others do), `aupr_out` (average precision of finding out-of-scope), `auroc_of_confidence` for comparison;
    `curve` as [false positive rate, true positive rate], `precision_recall` as [recall, precision] of finding
    out-of-scope, and `thresholds`: what each keeps and stops. None without both kinds of examples.
    """
    inside, outside = result.inside, result.outside
    if not len(inside) or not len(outside):
        return None
    scope, confidence = np.asarray(result.scope), np.asarray(result.confidence)
    high, low = scope[inside], scope[outside]
    thresholds, kept, rejected = metrics.rejection_curve(high, low)
    stopped_right, stopped_all = rejected * len(low), rejected * len(low) + (1 - kept) * len(high)
    precision = np.where(stopped_all > 0, stopped_right / np.maximum(stopped_all, 1e-12), 1.0)
    thin = np.unique(np.linspace(0, len(thresholds) - 1, _POINTS).astype(int))
    return {
        "n_in": len(inside),
        "n_out": len(outside),
        "auroc": number(metrics.auroc(high, low)),
        "auroc_of_confidence": number(metrics.auroc(confidence[inside], confidence[outside])),
        "fpr_at_95": number(metrics.fpr_at(high, low)),
        "aupr_out": number(metrics.average_precision(-low, -high)),
        "curve": [[round(float(1 - rejected[i]), 4), round(float(kept[i]), 4)] for i in thin],
        "precision_recall": [[round(float(rejected[i]), 4), round(float(precision[i]), 4)] for i in thin],
        "thresholds": [_row(result, share, float(t)) for share, t in _thresholds(high)],
    }


def _thresholds(high: np.ndarray[Any, np.dtype[np.float64]]) -> list[tuple[str, float]]:
    shares = [(f"keeps {share:.0%}", float(np.quantile(high, 1 - share))) for share in _KEPT]
    return [("the model's own", 0.0), *shares]


def _row(result: Predictions, name: str, threshold: float) -> dict[str, Any]:
    passes = np.asarray(result.scope) >= threshold
    inside, outside = result.inside, result.outside
    stopped = ~passes[outside]
    recall = float(stopped.mean())
    precision = float(stopped.sum() / max(int((~passes).sum()), 1))
    return {
        "name": name,
        "threshold": round(threshold, 4),
        "kept_in_scope": number(passes[inside].mean()),
        "answered_rightly": number((passes & result.right)[inside].mean()),
        "out_of_scope_recall": number(recall),
        "out_of_scope_precision": number(precision),
        "out_of_scope_f1": number(2 * precision * recall / (precision + recall) if precision + recall else 0.0),
    }
