"""The files that `rasa test nlu` writes, with the same names and keys, so that the tools around them go on working."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.errors import NluError
from nlu.predictions import Predictions

EXTRACTOR = "EntityExtractor"
_NO_ENTITY = "no_entity"
_TOKEN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+|[^\w\s]")


@dataclass(frozen=True)
class EntityResult:
    """The true and the found entities of a text, in Rasa's format."""

    text: str
    true: Sequence[dict[str, Any]]
    found: Sequence[dict[str, Any]]


def write_rasa_report(
    folder: Path,
    result: Predictions,
    *,
    entities: Sequence[EntityResult] = (),
    extractor: str = EXTRACTOR,
    successes: bool = False,
    plots: bool = True,
) -> None:
    """intent_report.json, intent_errors.json, intent_confusion_matrix.png, intent_histogram.png and the same of the
    entities under the extractor's name; with `successes` also what was right."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_intents(folder, result, successes=successes, plots=plots)
        if any(row.true or row.found for row in entities):
            _write_entities(folder, entities, extractor, successes=successes, plots=plots)
    except OSError as err:
        raise NluError(f"The report cannot be written to {str(folder)!r}: {err.strerror}") from err


def classification_report(
    true: Sequence[str], predicted: Sequence[str], *, exclude: str | None = None
) -> dict[str, Any]:
    """Precision, recall, f1-score, support and confused_with of every true label but `exclude`, then the averages."""
    from sklearn.metrics import accuracy_score
    from sklearn.metrics import classification_report as sklearn_report

    labels = sorted(set(true) - {exclude})
    if not labels:
        return {}
    report: dict[str, Any] = sklearn_report(true, predicted, labels=labels, output_dict=True, zero_division=0)
    accuracy = float(accuracy_score(true, predicted))
    if "accuracy" in report:
        support = report["macro avg"]["support"]
        report["micro avg"] = {"precision": accuracy, "recall": accuracy, "f1-score": accuracy, "support": support}
    else:
        report["accuracy"] = accuracy
    names, matrix = confusion_matrix(true, predicted)
    for i, name in enumerate(names):
        if name not in labels:
            continue
        most = [int(j) for j in np.argsort(matrix[i])[::-1][:3]]  # the label itself is usually one of the three
        confused = {names[j]: int(matrix[i, j]) for j in most if names[j] not in (name, exclude) and matrix[i, j]}
        report[name]["confused_with"] = confused
    result: dict[str, Any] = json.loads(json.dumps(report, default=float))  # scikit-learn answers in numpy's numbers
    return result


def confusion_matrix(true: Sequence[str], predicted: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """The sorted labels of both sides, and how often each true one (row) was taken for each."""
    names = sorted({*true, *predicted})
    place = {name: i for i, name in enumerate(names)}
    matrix = np.zeros((len(names), len(names)), np.int64)
    np.add.at(matrix, ([place[name] for name in true], [place[name] for name in predicted]), 1)
    return names, matrix


def _write_intents(folder: Path, result: Predictions, *, successes: bool, plots: bool) -> None:
    true, said = [example.label for example in result.examples], list(result.predicted)
    _dump(folder / "intent_report.json", classification_report(true, said))
    rows = [
        {"text": e.text, "intent": e.label, "intent_prediction": {"name": name, "confidence": float(sure)}}
        for e, name, sure in zip(result.examples, said, result.confidence, strict=True)
    ]
    wrong = [row for row, right in zip(rows, result.right, strict=True) if not right]
    good = [row for row, right in zip(rows, result.right, strict=True) if right]
    if wrong:  # Rasa leaves the files out where there is nothing to tell
        _dump(folder / "intent_errors.json", wrong)
    if successes and good:
        _dump(folder / "intent_successes.json", good)
    if plots:
        from nlu.reports import pictures

        sure = np.asarray(result.confidence)
        names, matrix = confusion_matrix(true, said)
        pictures.confusion(names, matrix, "Intent Confusion matrix", folder / "intent_confusion_matrix.png")
        title = "Intent Prediction Confidence Distribution"
        pictures.confidences(sure[result.right], sure[~result.right], title, folder / "intent_histogram.png")


def _write_entities(
    folder: Path, entities: Sequence[EntityResult], extractor: str, *, successes: bool, plots: bool
) -> None:
    true, said, sure = [], [], []
    wrong, good = [], []
    for row in entities:
        spans = [match.span() for match in _TOKEN.finditer(row.text)]
        target, found = ([_label(span, side) for span in spans] for side in (row.true, row.found))
        true += target
        said += found
        sure += [_confidence(span, row.found) for span in spans]
        shown = {"text": row.text, "entities": list(row.true), "predicted_entities": list(row.found)}
        if target != found:
            wrong.append(shown)
        if any(a == b != _NO_ENTITY for a, b in zip(target, found, strict=True)):
            good.append(shown)
    _dump(folder / f"{extractor}_report.json", classification_report(true, said, exclude=_NO_ENTITY))
    if wrong:
        _dump(folder / f"{extractor}_errors.json", wrong)
    if successes and good:
        _dump(folder / f"{extractor}_successes.json", good)
    if plots:
        from nlu.reports import pictures

        names, matrix = confusion_matrix(true, said)
        pictures.confusion(names, matrix, "Entity Confusion matrix", folder / f"{extractor}_confusion_matrix.png")
        pairs = list(zip(true, said, sure, strict=True))
        pictures.confidences(
            [c for a, b, c in pairs if a == b != _NO_ENTITY],
            [c for a, b, c in pairs if b not in (_NO_ENTITY, a)],
            "Entity Prediction Confidence Distribution",
            folder / f"{extractor}_histogram.png",
        )


def _best(span: tuple[int, int], entities: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The entity that covers most of a token, the first of equals."""
    overlaps = [min(span[1], e["end"]) - max(span[0], e["start"]) for e in entities]
    most = max(overlaps, default=0)
    return entities[overlaps.index(most)] if most > 0 else None


def _label(span: tuple[int, int], entities: Sequence[dict[str, Any]]) -> str:
    """A token's entity with group and role, as Rasa joins them."""
    entity = _best(span, entities)
    if entity is None:
        return _NO_ENTITY
    return ".".join(str(entity[key]) for key in ("entity", "group", "role") if entity.get(key))


def _confidence(span: tuple[int, int], entities: Sequence[dict[str, Any]]) -> float:
    entity = _best(span, entities)
    return float(entity.get("confidence_entity", 1.0)) if entity else 0.0


def _dump(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2), encoding="utf-8")
