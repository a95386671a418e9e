"""Two models on the same sentences: which is better, how surely, and on what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from nlu import metrics
from nlu.data import OUT_OF_SCOPE
from nlu.errors import NluError
from nlu.language import detect
from nlu.predictions import Predictions, number
from nlu.significance import mcnemar, paired_difference

_EXAMPLES = 20


def compare(first: Predictions, second: Predictions) -> dict[str, Any]:
    """`first` (the baseline) against `second` over the sentences in scope that both have.

    Keys `n`, `accuracy` and `macro_f1` of [first, second], `difference` with its bootstrap `ci95`, the exact `mcnemar` test
    `{"only_first", "only_second", "p"}`, `per_lang`, `intents` whose recall differs, and examples `newly_wrong` and
    `newly_right`. Raises NluError when they share no sentence.
    """
    pairs = _pairs(first, second)
    if not pairs:
        raise NluError("The two evaluations share no sentence with the same intent; evaluate both on the same test set")
    a, b = (np.array(side) for side in zip(*pairs, strict=True))
    right_a, right_b = first.right[a], second.right[b]
    true = [second.examples[i].label for i in b]
    said = [[first.predicted[i] for i in a], [second.predicted[i] for i in b]]
    test = mcnemar(right_a, right_b)
    return {
        "n": len(pairs),
        "accuracy": [number(right_a.mean()), number(right_b.mean())],
        "macro_f1": [number(metrics.macro_f1(true, names)) for names in said],
        "difference": number(right_b.mean() - right_a.mean()),
        "ci95": [round(limit, 5) for limit in paired_difference(right_a, right_b)],
        "mcnemar": {"only_first": test.only_first, "only_second": test.only_second, "p": float(f"{test.p:.4g}")},
        "per_lang": _per_lang(second, b, right_a, right_b),
        "intents": _intents(true, right_a, right_b),
        "newly_wrong": _changed(second, b, right_a & ~right_b),
        "newly_right": _changed(second, b, ~right_a & right_b),
    }


def verdict(comparison: dict[str, Any]) -> str:
    """The comparison in one sentence."""
    a, b = comparison["accuracy"]
    test = comparison["mcnemar"]
    if test["p"] >= 0.05:
        said = "No significant difference"
    else:
        said = "The second is significantly better" if b > a else "The second is significantly worse"
    return (
        f"{said}: accuracy {a:.4f} and {b:.4f} on {comparison['n']} sentences ({test['only_second']} newly right, "
        f"{test['only_first']} newly wrong; McNemar p = {test['p']:.3g})"
    )


def _pairs(first: Predictions, second: Predictions) -> list[tuple[int, int]]:
    """Positions of the same sentences in scope, repeated ones in their order."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, example in enumerate(first.examples):
        places[example.text, example.label].append(i)
    pairs = []
    for j, example in enumerate(second.examples):
        if example.label != OUT_OF_SCOPE and places[example.text, example.label]:
            pairs.append((places[example.text, example.label].pop(0), j))
    return pairs


def _per_lang(second: Predictions, rows: Any, right_a: Any, right_b: Any) -> dict[str, dict[str, Any]]:
    spoken = np.array([second.examples[i].lang or detect(second.examples[i].text) for i in rows])
    shown = {}
    for lang in sorted(set(spoken.tolist())):
        own = spoken == lang
        shown[lang] = {
            "n": int(own.sum()),
            "accuracy": [number(right_a[own].mean()), number(right_b[own].mean())],
            "p": float(f"{mcnemar(right_a[own], right_b[own]).p:.4g}"),
        }
    return shown


def _intents(true: Sequence[str], right_a: Any, right_b: Any) -> list[dict[str, Any]]:
    names = np.asarray(true)
    rows = []
    for name in sorted(set(true)):
        own = names == name
        recalls = [float(right_a[own].mean()), float(right_b[own].mean())]
        if recalls[0] != recalls[1]:
            rows.append({"intent": name, "n": int(own.sum()), "recall": [round(recall, 5) for recall in recalls]})
    return sorted(rows, key=lambda row: -abs(row["recall"][1] - row["recall"][0]) * row["n"])


def _changed(second: Predictions, rows: Any, chosen: Any) -> list[dict[str, str]]:
    return [
        {"text": second.examples[i].text, "intent": second.examples[i].label, "predicted": second.predicted[i]}
        for i in rows[chosen][:_EXAMPLES]
    ]
