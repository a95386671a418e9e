"""The report files of a test run, by the names, keys and figures that `rasa test` gives them.

Where no test story marks an entity no entity files are written. Rasa has a set of these for each extractor; here one
set, `entity_…`, counts them all, for the extractors of this understanding share the work. `story_report.json` counts,
as Rasa's does, every action, listening among them, every intent and every entity.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, classification_report

from bot.dialogue.story_text import annotated, stories_with_remarks
from bot.dialogue.test_results import Entity, Report, Understood

__test__ = False  # the name is the product's, not pytest's

NO_ENTITY = "no_entity"
_NOTHING = "None"
_SHOWN = 3
"""Labels of a row of the confusion matrix that `confused_with` looks at, as in Rasa."""


def write_reports(report: Report, folder: Path, *, pictures: bool = True) -> list[Path]:
    """Writes what there is to tell into `folder`, which is made; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    figures, entities = story_report(report), aligned(report.understood)
    intents = [u for u in report.understood if u.intent]
    files: dict[str, Any] = {"story_report.json": figures}
    if intents:
        targets, predictions = [str(u.intent) for u in intents], [str(u.predicted or "") for u in intents]
        files["intent_report.json"] = confused(targets, predictions)
        files["intent_errors.json"] = [_intent(u) for u in intents if not _right(u)]
        files["intent_successes.json"] = [_intent(u) for u in intents if _right(u)]
    if entities:
        targets, predictions = [t for t, _, _, _ in entities], [p for _, p, _, _ in entities]
        files["entity_report.json"] = confused(targets, predictions, exclude=NO_ENTITY)
        files["entity_errors.json"] = [_entities(u) for u in report.understood if not _same(u)]
        files["entity_successes.json"] = [_entities(u) for u in report.understood if u.wanted and _same(u)]
    # As in Rasa, a list of errors or successes without any is not written.
    written = [_write(folder / name, _json(data)) for name, data in files.items() if data]
    failed = [r for r in report.results if not r.passed]
    passed = [r for r in report.results if r.passed]
    for name, results, nothing in (
        ("failed_test_stories.yml", failed, "None of the test stories failed - all good!"),
        ("successful_test_stories.yml", passed, "None of the test stories succeeded :("),
        ("stories_with_warnings.yml", [r for r in passed if r.warned], "No warnings for test stories"),
    ):
        written.append(_write(folder / name, stories_with_remarks(results, nothing=nothing)))
    return written + (_draw(report, folder) if pictures else [])


def story_report(report: Report) -> dict[str, Any]:
    """Per action, intent and entity: precision, recall, f1-score, support; their averages; and the conversations."""
    targets = [a.target for a in report.acted] + [str(u.intent) for u in report.understood if u.intent]
    predictions = [str(a.predicted) for a in report.acted] + [
        str(u.predicted or "") for u in report.understood if u.intent
    ]
    for _, _, target, prediction in aligned(report.understood):
        targets.append(target)
        predictions.append(prediction)
    correct = sum(r.passed for r in report.results)
    conversations = {
        "accuracy": correct / len(report.results) if report.results else 0.0,
        "correct": correct,
        "with_warnings": sum(r.warned for r in report.results),
        "total": len(report.results),
    }
    return {**_figures(targets, predictions), "conversation_accuracy": conversations}


def _figures(targets: Sequence[str], predictions: Sequence[str], *, exclude: str | None = None) -> dict[str, Any]:
    """scikit-learn's report over the labels that were asked for. Where others came too, accuracy and micro average
    differ; it has both in any case."""
    labels = sorted(set(targets) - {exclude})
    if not labels:
        return {}
    report: dict[str, Any] = classification_report(
        targets, predictions, labels=labels, output_dict=True, zero_division=0
    )
    for entry in report.values():
        if isinstance(entry, dict):
            entry["support"] = int(entry["support"])
    if "accuracy" in report:
        same = report["accuracy"]
        support = report["macro avg"]["support"]
        report["micro avg"] = {"precision": same, "recall": same, "f1-score": same, "support": support}
    else:
        report["accuracy"] = float(accuracy_score(targets, predictions))
    return report


def confused(targets: Sequence[str], predictions: Sequence[str], *, exclude: str | None = None) -> dict[str, Any]:
    """The figures, and for each label what it was most often taken for."""
    report = _figures(targets, predictions, exclude=exclude)
    if not report:
        return {}
    labels, matrix = counted(targets, predictions)
    for label, row in zip(labels, matrix, strict=True):
        if label in report and label != exclude:
            most = sorted(zip(row.tolist(), labels, strict=True), reverse=True)[:_SHOWN]
            report[label]["confused_with"] = {
                other: count for count, other in most if count and other not in (label, exclude)
            }
    return report


def counted(targets: Sequence[str], predictions: Sequence[str]) -> tuple[list[str], NDArray[np.int64]]:
    """All labels in order, and how often each target (row) was taken for each label (column)."""
    labels = sorted({*targets, *predictions})
    place = {label: index for index, label in enumerate(labels)}
    matrix = np.zeros((len(labels), len(labels)), np.int64)
    np.add.at(matrix, ([place[t] for t in targets], [place[p] for p in predictions]), 1)
    return labels, matrix


def aligned(understood: Iterable[Understood]) -> list[tuple[str, str, str, str]]:
    """Entities on the same words side by side: wanted and found by name, then both as they are written in a story."""
    rows: list[tuple[str, str, str, str]] = []
    for one in understood:
        wanted = {(e["start"], e["end"]): e for e in one.wanted if e.get("start") is not None}
        found = {(e["start"], e["end"]): e for e in one.found if e.get("start") is not None}
        for span in sorted({*wanted, *found}):
            target, prediction = wanted.get(span), found.get(span)
            rows.append((_name(target), _name(prediction), _written(one.text, target), _written(one.text, prediction)))
    return rows


def _name(entity: Entity | None) -> str:
    return str(entity["entity"]) if entity else NO_ENTITY


def _written(text: str, entity: Entity | None) -> str:
    if entity is None:
        return _NOTHING
    said = text[entity["start"] : entity["end"]]
    return annotated(said, [{**entity, "start": 0, "end": len(said)}])


def _same(one: Understood) -> bool:
    return all(target == prediction for _, _, target, prediction in aligned([one]))


def _intent(one: Understood) -> dict[str, Any]:
    prediction = {"name": one.predicted, "confidence": one.confidence}
    return {"text": one.text, "intent": one.intent, "intent_prediction": prediction}


def _entities(one: Understood) -> dict[str, Any]:
    found = [{k: v for k, v in e.items() if k != "extractor"} for e in one.found]
    return {"text": one.text, "entities": [dict(e) for e in one.wanted], "predicted_entities": found}


def _draw(report: Report, folder: Path) -> list[Path]:
    from nlu.reports import pictures

    actions = [(a.target, str(a.predicted)) for a in report.acted]
    intents = [(str(u.intent), str(u.predicted or "")) for u in report.understood if u.intent]
    entities = [(target, prediction) for target, prediction, _, _ in aligned(report.understood)]
    drawn = []
    for name, title, pairs in (
        ("story", "Action", actions),
        ("intent", "Intent", intents),
        ("entity", "Entity", entities),
    ):
        if pairs:
            drawn.append(folder / f"{name}_confusion_matrix.png")
            labels, matrix = counted(*zip(*pairs, strict=True))
            pictures.confusion(labels, matrix, f"{title} Confusion matrix", drawn[-1])
    if intents:
        right, wrong = (
            [u.confidence for u in report.understood if u.intent and _right(u) == is_right]
            for is_right in (True, False)
        )
        drawn.append(folder / "intent_histogram.png")
        pictures.confidences(right, wrong, "Intent Prediction Confidence Distribution", drawn[-1])
    return drawn


def _right(one: Understood) -> bool:
    return one.intent == one.predicted


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2, default=str)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
