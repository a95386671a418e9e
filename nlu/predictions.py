"""What a classifier said of labelled sentences: kept, written to a file and read back for comparing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu import metrics
from nlu.data import OUT_OF_SCOPE, Example
from nlu.errors import NluError
from nlu.heads import Floats
from nlu.language import detect


@dataclass(frozen=True)
class Latency:
    """Milliseconds that single sentences took: (n,) each, for the whole and for its stages."""

    total: Sequence[float] = ()
    stages: dict[str, Sequence[float]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """`{"n", "p50_ms", "p95_ms", "stages": {name: {"p50_ms", "p95_ms"}}}`."""
        stages = {name: _quantiles(values) for name, values in self.stages.items()}
        return {"n": len(self.total), **_quantiles(self.total), "stages": stages}


@dataclass(frozen=True)
class Predictions:
    """Of n test examples: the true and the predicted class, its confidence, and how much each looks in scope.

    `probability` (n, k) are those of `classes`; predictions read from a file have none.
    """

    examples: Sequence[Example]
    predicted: Sequence[str]
    confidence: Sequence[float]
    scope: Sequence[float]
    fit_seconds: float = 0.0
    ms_per_utterance: float = 0.0
    classes: tuple[str, ...] = ()
    probability: Floats | None = None
    latency: Latency = field(default_factory=Latency)

    @cached_property
    def inside(self) -> NDArray[np.int64]:
        """Positions of the examples in scope."""
        return np.array([i for i, e in enumerate(self.examples) if e.label != OUT_OF_SCOPE], np.int64)

    @cached_property
    def outside(self) -> NDArray[np.int64]:
        """Positions of the examples out of scope."""
        return np.array([i for i, e in enumerate(self.examples) if e.label == OUT_OF_SCOPE], np.int64)

    @cached_property
    def judged(self) -> NDArray[np.int64]:
        """Positions whose predicted class can be right: all where `out_of_scope` is a class, else those in scope."""
        named = OUT_OF_SCOPE in self.classes or OUT_OF_SCOPE in self.predicted
        return np.arange(len(self.examples)) if named else self.inside

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Which of the n were predicted rightly."""
        return np.array([e.label == said for e, said in zip(self.examples, self.predicted, strict=True)], np.bool_)

    def summary(self) -> dict[str, Any]:
        """Accuracy, macro-F1 and calibration over the examples in scope; `oos_auroc` for telling the others from them.
        Values that need examples which are absent are None."""
        inside, outside = self.inside, self.outside
        true, said = [self.examples[i].label for i in inside], [self.predicted[i] for i in inside]
        right = self.right[inside]
        scope = np.asarray(self.scope)
        languages = [self.examples[i].lang or detect(self.examples[i].text) for i in inside]
        per_lang = {
            lang: {
                "n": languages.count(lang),
                "accuracy": number(np.mean([r for r, spoken in zip(right, languages, strict=True) if spoken == lang])),
            }
            for lang in sorted(set(languages))
        }
        return {
            "n": len(self.examples),
            "accuracy": number(metrics.accuracy(true, said)),
            "macro_f1": number(metrics.macro_f1(true, said)),
            "oos_auroc": number(metrics.auroc(scope[inside], scope[outside])),
            "ece": number(metrics.ece([self.confidence[i] for i in inside], right)),
            "per_lang": per_lang,
            "ms_per_utterance": round(self.ms_per_utterance, 3),
            "fit_seconds": round(self.fit_seconds, 2),
        }

    def rows(self) -> list[dict[str, Any]]:
        """`{"text", "intent", "predicted", "confidence", "scope"}` of every example, JSON-ready."""
        return [
            {
                "text": e.text,
                "intent": e.label,
                "predicted": said,
                "confidence": round(float(sure), 5),
                "scope": round(float(scope), 4),
            }
            for e, said, sure, scope in zip(self.examples, self.predicted, self.confidence, self.scope, strict=True)
        ]

    def save(self, path: Path) -> None:
        """Writes the rows as JSON Lines."""
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in self.rows())
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(lines), encoding="utf-8")
        except OSError as err:
            raise NluError(f"The predictions cannot be written to {str(path)!r}: {err.strerror}") from err


def read_predictions(path: Path) -> Predictions | None:
    """What `save` wrote, or what stands under `predictions` in the JSON of an evaluation; None where that has none.

    Raises NluError when the file is absent, broken, or of another kind.
    """
    rows = read_evaluation(path).get("predictions")
    if not rows:
        return None
    try:
        return Predictions(
            [Example(str(row["text"]), str(row["intent"])) for row in rows],
            [str(row["predicted"]) for row in rows],
            [float(row.get("confidence", 0.0)) for row in rows],
            [float(row.get("scope", 0.0)) for row in rows],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise NluError(f"{str(path)!r}: broken predictions ({err!r}); write them again with --predictions") from err


def read_evaluation(path: Path) -> dict[str, Any]:
    """The JSON document of an evaluation; of a file of predictions, `{"predictions": rows}`."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".jsonl":
            return {"predictions": [json.loads(line) for line in text.split("\n") if line.strip()]}
        document = json.loads(text)
    except (OSError, ValueError, RecursionError) as err:
        raise NluError(f"{str(path)!r} cannot be read ({err}); give what evaluate --json printed") from err
    if not isinstance(document, dict):
        raise NluError(f"{str(path)!r} is no evaluation; give what evaluate --json printed, or a .jsonl of predictions")
    return document


def number(value: Any) -> float | None:
    """A measure for JSON: five digits, None where it is undefined."""
    return None if np.isnan(value) else round(float(value), 5)


def _quantiles(values: Sequence[float]) -> dict[str, float | None]:
    p50, p95 = np.quantile(values, [0.5, 0.95]) if len(values) else (None, None)
    return {
        "p50_ms": p50 if p50 is None else round(float(p50), 3),
        "p95_ms": p95 if p95 is None else round(float(p95), 3),
    }
