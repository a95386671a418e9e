"""Where understanding fails: the tables that tell what to write next."""

from __future__ import annotations

from collections import Counter

from nlu import metrics
from nlu.evaluate import Predictions


def weakest(result: Predictions, *, limit: int = 10) -> list[tuple[str, str, str, str, str]]:
    """(intent, F1, precision, recall, examples) of the intents with the lowest F1."""
    rows = metrics.per_class([example.label for example in result.examples], result.predicted)
    present = [(name, row) for name, row in rows.items() if row["support"]]
    worst = sorted(present, key=lambda pair: pair[1]["f1"])[:limit]
    return [
        (name, *(f"{row[key]:.3f}" for key in ("f1", "precision", "recall")), f"{row['support']:.0f}")  # type: ignore[misc]
        for name, row in worst
    ]


def confusions(result: Predictions, *, limit: int = 15) -> list[tuple[str, str, str, str]]:
    """(true intent, predicted intent, times, an example) of the most frequent confusions."""
    wrong = [
        (e.label, said, e.text) for e, said in zip(result.examples, result.predicted, strict=True) if e.label != said
    ]
    times = Counter((true, said) for true, said, _ in wrong)
    shown = {(true, said): text for true, said, text in wrong}
    return [(true, said, str(n), shown[true, said][:60]) for (true, said), n in times.most_common(limit)]
