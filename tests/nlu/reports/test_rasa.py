"""The expected reports were written by Rasa 3.6.21's `rasa test nlu --successes` for the same predictions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlu.data import Example
from nlu.errors import NluError
from nlu.predictions import Predictions
from nlu.reports.rasa import EntityResult, classification_report, write_rasa_report

ROWS = [
    ("hello there", "greet", "greet", 0.7158),
    ("good day", "greet", "goodbye", 0.4342),
    ("morning", "greet", "greet", 0.6095),
    ("bye bye", "goodbye", "goodbye", 0.8015),
    ("hey see you", "goodbye", "greet", 0.4976),
    ("good", "goodbye", "goodbye", 0.4342),
    ("a red mug", "buy", "buy", 0.6059),
    ("black shoes please", "buy", "buy", 0.472),
    ("have you got green shoes", "buy", "buy", 0.5054),
]
RESULT = Predictions(
    [Example(text, true) for text, true, _, _ in ROWS], [r[2] for r in ROWS], [r[3] for r in ROWS], [0.0] * len(ROWS)
)
THIRD = {"precision": 2 / 3, "recall": 2 / 3, "f1-score": 2 / 3, "support": 3}
NINE = {key: pytest.approx(7 / 9) for key in ("precision", "recall", "f1-score")} | {"support": 9}
INTENTS = {
    "buy": {"precision": 1.0, "recall": 1.0, "f1-score": 1.0, "support": 3, "confused_with": {}},
    "greet": THIRD | {"confused_with": {"goodbye": 1}},
    "goodbye": THIRD | {"confused_with": {"greet": 1}},
    "accuracy": pytest.approx(7 / 9),
    "macro avg": NINE,
    "weighted avg": NINE,
    "micro avg": NINE,
}
RED = {"start": 2, "end": 5, "value": "red", "entity": "color"}
BLACK = {"start": 0, "end": 5, "value": "black", "entity": "color"}
GREEN = {"start": 13, "end": 18, "value": "green", "entity": "color"}
SHOES = {"start": 19, "end": 24, "value": "shoes", "entity": "product"}
ENTITIES = [
    *(EntityResult(text, (), ()) for text, intent, _, _ in ROWS if intent != "buy"),
    EntityResult("a red mug", [RED], [RED | {"confidence_entity": 0.74, "extractor": "X"}]),
    EntityResult("black shoes please", [BLACK], []),
    EntityResult("have you got green shoes", [GREEN, SHOES], [GREEN | {"confidence_entity": 0.72, "extractor": "X"}]),
]
ENTITY_REPORT = {
    "product": {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 1, "confused_with": {}},
    "color": {"precision": 1.0, "recall": 2 / 3, "f1-score": pytest.approx(0.8), "support": 3, "confused_with": {}},
    "micro avg": {"precision": 1.0, "recall": 0.5, "f1-score": pytest.approx(2 / 3), "support": 4},
    "macro avg": {"precision": 0.5, "recall": pytest.approx(1 / 3), "f1-score": pytest.approx(0.4), "support": 4},
    "weighted avg": {"precision": 0.75, "recall": 0.5, "f1-score": pytest.approx(0.6), "support": 4},
    "accuracy": pytest.approx(20 / 22),
}


def read(path: Path) -> object:
    return json.loads(path.read_text("utf-8"))


def test_the_files_are_those_of_rasa(tmp_path: Path) -> None:
    write_rasa_report(tmp_path, RESULT, entities=ENTITIES, extractor="X", successes=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "X_confusion_matrix.png",
        "X_errors.json",
        "X_histogram.png",
        "X_report.json",
        "X_successes.json",
        "intent_confusion_matrix.png",
        "intent_errors.json",
        "intent_histogram.png",
        "intent_report.json",
        "intent_successes.json",
    ]
    assert read(tmp_path / "intent_report.json") == INTENTS
    assert read(tmp_path / "X_report.json") == ENTITY_REPORT
    assert read(tmp_path / "intent_errors.json") == [
        {"text": "good day", "intent": "greet", "intent_prediction": {"name": "goodbye", "confidence": 0.4342}},
        {"text": "hey see you", "intent": "goodbye", "intent_prediction": {"name": "greet", "confidence": 0.4976}},
    ]
    errors = read(tmp_path / "X_errors.json")
    assert errors == [
        {"text": "black shoes please", "entities": [BLACK], "predicted_entities": []},
        {"text": ENTITIES[-1].text, "entities": [GREEN, SHOES], "predicted_entities": list(ENTITIES[-1].found)},
    ]
    assert [row["text"] for row in read(tmp_path / "X_successes.json")] == ["a red mug", "have you got green shoes"]  # type: ignore[attr-defined]
    assert (tmp_path / "intent_histogram.png").read_bytes().startswith(b"\x89PNG")


def test_without_mistakes_and_successes_only_the_report_and_pictures(tmp_path: Path) -> None:
    good = Predictions([Example("hi", "greet"), Example("我要", "买")], ["greet", "买"], [1.0, 1.0], [0.0, 0.0])
    write_rasa_report(tmp_path, good)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["intent_confusion_matrix.png", "intent_histogram.png", "intent_report.json"]
    write_rasa_report(tmp_path / "bare", good, plots=False)
    assert [path.name for path in (tmp_path / "bare").iterdir()] == ["intent_report.json"]


def test_predicted_labels_that_are_never_true_have_no_row_of_their_own() -> None:
    report = classification_report(["a", "a", "a", "b"], ["a", "x", "x", "b"])
    assert "x" not in report
    assert report["a"]["confused_with"] == {"x": 2}
    assert report["accuracy"] == 0.5
    assert classification_report(["no_entity"], ["no_entity"], exclude="no_entity") == {}


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NluError, match="cannot be written to"):
        write_rasa_report(tmp_path / "file" / "deep", RESULT)
