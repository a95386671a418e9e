"""An evaluation as one JSON document: what `evaluate --json` prints, and what the HTML report shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from nlu.data import OUT_OF_SCOPE, Example
from nlu.evaluate import CurvePoint
from nlu.predictions import Predictions, number
from nlu.reports.calibration import calibration
from nlu.reports.comparison import compare
from nlu.reports.confusions import confusions, per_class
from nlu.reports.scope import out_of_scope
from nlu.reports.slices import DEFAULT, slices
from nlu.significance import macro_f1_interval, wilson


def document(
    result: Predictions,
    *,
    by: Sequence[str] = DEFAULT,
    train: Sequence[Example] = (),
    baseline: Predictions | None = None,
    curve: Sequence[CurvePoint] = (),
    entities: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The stable keys of `Predictions.summary` first, then

    - `accuracy_ci95` (Wilson), `macro_f1_ci95` (bootstrap), `top3_accuracy`
    - `slices`: see `nlu.reports.slices`; `per_class`, `confusions`: see `nlu.reports.confusions`
    - `calibration`, `out_of_scope`, `comparison` (with a baseline), `learning_curve`, `entities`: see their files; null where
      there is nothing to say
    - `latency`: `{"n", "p50_ms", "p95_ms", "stages"}`
    - `predictions`: every sentence, for pairing with a later evaluation
    """
    inside = result.inside
    true, said = [result.examples[i].label for i in inside], [result.predicted[i] for i in inside]
    hits = int(result.right[inside].sum())
    return {
        **result.summary(),
        "accuracy_ci95": [round(limit, 5) for limit in wilson(hits, len(inside))],
        "macro_f1_ci95": [round(limit, 5) for limit in macro_f1_interval(true, said)],
        "top3_accuracy": _top(result, 3),
        "slices": slices(result, by, train=train),
        "per_class": per_class(result),
        "confusions": confusions(result),
        "calibration": calibration(result),
        "out_of_scope": out_of_scope(result),
        "latency": result.latency.as_dict(),
        "learning_curve": [asdict(point) for point in curve] or None,
        "comparison": compare(baseline, result) if baseline is not None else None,
        "entities": entities,
        "predictions": result.rows(),
    }


def _top(result: Predictions, k: int) -> float | None:
    if result.probability is None or not len(result.inside):
        return None
    best = np.argsort(-result.probability[result.inside], axis=1)[:, :k]
    named = [{result.classes[j] for j in row} for row in best]
    return number(np.mean([result.examples[i].label in names for i, names in zip(result.inside, named, strict=True)]))


def shown_measures(found: dict[str, Any]) -> list[tuple[str, str]]:
    """(measure, value with its interval) for a table."""
    rows = [("sentences", str(found["n"]))]
    for name in ("accuracy", "macro_f1"):
        if found[name] is not None:
            low, high = found[f"{name}_ci95"]
            rows.append((name, f"{found[name]:.4f}  ({low:.4f} - {high:.4f})"))
    for lang, row in found["per_lang"].items():
        rows.append((f"accuracy, {lang}", f"{row['accuracy']:.4f}  (n = {row['n']})"))
    further = {"top3_accuracy": found["top3_accuracy"], "ece": found["ece"]}
    scope = found["out_of_scope"]
    further |= {f"{OUT_OF_SCOPE} AUROC": scope["auroc"], f"{OUT_OF_SCOPE} FPR@95": scope["fpr_at_95"]} if scope else {}
    rows += [(name, f"{value:.4f}") for name, value in further.items() if value is not None]
    latency = found["latency"]
    if latency["n"]:
        rows.append(("latency p50 / p95", f"{latency['p50_ms']:.1f} / {latency['p95_ms']:.1f} ms"))
    return [*rows, ("training", f"{found['fit_seconds']:.1f} s")]
