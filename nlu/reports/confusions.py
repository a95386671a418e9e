"""Where understanding fails: the tables that tell what to write next."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from nlu import metrics
from nlu.predictions import Predictions

_EXAMPLES = 5


def per_class(result: Predictions) -> dict[str, dict[str, float]]:
    """`{class: {"precision", "recall", "f1", "support"}}`, the lowest F1 first; classes that only were predicted last."""
    judged = result.judged
    rows = metrics.per_class([result.examples[i].label for i in judged], [result.predicted[i] for i in judged])
    ordered = sorted(rows.items(), key=lambda pair: (not pair[1]["support"], pair[1]["f1"]))
    return {name: {key: round(value, 5) for key, value in row.items()} for name, row in ordered}


def confusions(result: Predictions) -> list[dict[str, Any]]:
    """`{"intent", "predicted", "n", "examples"}`, the most frequent pair first; of the examples the surest mistakes."""
    times: Counter[tuple[str, str]] = Counter()
    texts: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for i in result.judged:
        example, said = result.examples[i], result.predicted[i]
        if example.label != said:
            times[example.label, said] += 1
            texts[example.label, said].append((result.confidence[i], example.text))
    return [
        {
            "intent": true,
            "predicted": said,
            "n": n,
            "examples": [text for _, text in sorted(texts[true, said], reverse=True)[:_EXAMPLES]],
        }
        for (true, said), n in sorted(times.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
