from __future__ import annotations

import json
from pathlib import Path

import pytest

from nlu.data import Example
from nlu.errors import NluError
from nlu.predictions import Latency, Predictions, read_evaluation, read_predictions

RESULT = Predictions(
    [Example("退货", "return_item"), Example("hi", "greet")], ["return_item", "x"], [0.9, 0.4], [1.0, -1.0]
)


def test_written_and_read_again(tmp_path: Path) -> None:
    RESULT.save(tmp_path / "deep" / "p.jsonl")
    read = read_predictions(tmp_path / "deep" / "p.jsonl")
    assert read is not None
    assert read.rows() == RESULT.rows()
    assert read.right.tolist() == [True, False]


def test_from_an_evaluation(tmp_path: Path) -> None:
    path = tmp_path / "e.json"
    path.write_text(json.dumps({"accuracy": 0.5, "predictions": RESULT.rows()}))
    read = read_predictions(path)
    assert read is not None
    assert read.predicted == ["return_item", "x"]
    path.write_text('{"accuracy": 0.5}')
    assert read_predictions(path) is None
    assert read_evaluation(path) == {"accuracy": 0.5}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("e.json", b"{", "cannot be read"),
        ("e.json", b"[1]", "is no evaluation"),
        ("e.json", b"\xff", "cannot be read"),
        ("e.json", b'{"predictions": [{"text": "x"}]}', "broken predictions"),
        ("e.json", b'{"predictions": [3]}', "broken predictions"),
        ("e.jsonl", b'{"text": "x", "intent": "a", "predicted": "a", "confidence": "sure"}', "broken predictions"),
    ],
)
def test_broken_files_get_one_sentence(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NluError, match=message):
        read_predictions(tmp_path / name)
    with pytest.raises(NluError, match="cannot be read"):
        read_predictions(tmp_path / "absent.json")


def test_latency() -> None:
    shown = Latency([1.0, 2.0, 3.0], {"encode": [1.0, 1.0, 2.0]}).as_dict()
    assert shown == {
        "n": 3,
        "p50_ms": 2.0,
        "p95_ms": 2.9,
        "stages": {"encode": {"p50_ms": 1.0, "p95_ms": 1.9}},
    }
    assert Latency().as_dict() == {"n": 0, "p50_ms": None, "p95_ms": None, "stages": {}}
