from __future__ import annotations

from pathlib import Path

import pytest

from nlu.entities import Extractor
from nlu.errors import NluError
from nlu.extractors.entity import Entity
from nlu.reports.entities import Annotated, evaluate_entities, read_annotated
from nlu.vocabulary import Vocabulary

NLU = """
nlu:
- intent: buy
  examples: |
    - a [red](color) mug in [L]{"entity": "size", "role": "to"}
    - 要[黑色](color:black)的
    - to [York][{"entity": "city"}, {"entity": "team"}]
- synonym: black
  examples: |
    - 黑
"""


def test_annotations_of_both_kinds_of_files(tmp_path: Path) -> None:
    (tmp_path / "nlu.yml").write_text(NLU)
    (tmp_path / "a.jsonl").write_text(
        '{"text": "red", "entities": [{"entity": "color", "start": 0, "end": 3}]}\n{"x": 1}\n'
    )
    (tmp_path / "b.csv").write_text("text,intent\nred,x\n")
    assert read_annotated([tmp_path / "nlu.yml", tmp_path / "a.jsonl", tmp_path / "b.csv"]) == [
        Annotated(
            "a red mug in L",
            (
                {"start": 2, "end": 5, "value": "red", "entity": "color"},
                {"start": 13, "end": 14, "value": "L", "entity": "size", "role": "to"},
            ),
        ),
        Annotated("要黑色的", ({"start": 1, "end": 3, "value": "black", "entity": "color"},)),
        Annotated(
            "to York",
            (
                {"value": "York", "entity": "city", "start": 3, "end": 7},
                {"value": "York", "entity": "team", "start": 3, "end": 7},
            ),
        ),
        Annotated("red", ({"entity": "color", "start": 0, "end": 3},)),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "red", "entities": [{"entity": "color", "start": 0, "end": 9}]}', "inside 'text'"),
        ("a.jsonl", '{"text": "red", "entities": "color"}', "must be a list of objects"),
        ("a.yml", 'nlu:\n- intent: a\n  examples: |\n    - a [x]{"entity": color}', "is no JSON"),
    ],
)
def test_broken_annotations(tmp_path: Path, name: str, content: str, message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(NluError, match=message):
        read_annotated([tmp_path / name])


def test_scores_by_hand() -> None:
    texts = {
        "red mug": [Entity("color", "red", 0, 3)],  # right
        "dark red mug": [Entity("color", "red", 5, 8), Entity("size", "mug", 9, 12)],  # too short; never annotated
        "要黑色的": [],  # missed
        "blue": [Entity("color", "blue", 0, 4)],  # invented
    }
    marks = {"red mug": (0, 3), "dark red mug": (0, 8), "要黑色的": (1, 3)}
    annotated = [
        Annotated(text, ({"entity": "color", "start": marks[text][0], "end": marks[text][1]},) if text in marks else ())
        for text in texts
    ]
    shown, results = evaluate_entities(annotated, texts.__getitem__)
    scores = {
        "precision": round(1 / 3, 5),
        "recall": round(1 / 3, 5),
        "f1": round(1 / 3, 5),
        "partial_f1": 0.5,
        "support": 3,
    }
    assert {key: shown[key] for key in scores} == scores
    assert shown["per_entity"] == {"color": scores}
    assert shown["per_lang"]["zh"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0, "partial_f1": 0.0, "support": 1}
    assert shown["errors"][0] == {"text": "dark red mug", "true": "dark red (color)", "found": "red (color)"}
    assert [len(result.found) for result in results] == [1, 1, 0, 1]
    with pytest.raises(NluError, match="No example has annotated entities"):
        evaluate_entities([Annotated("a", ())], lambda _: [])


def test_the_builtin_extractor_on_annotations(tmp_path: Path) -> None:
    (tmp_path / "nlu.yml").write_text(NLU)
    shown, _ = evaluate_entities(read_annotated([tmp_path / "nlu.yml"]), Extractor(Vocabulary.builtin()).extract)
    assert shown["per_entity"]["color"]["f1"] == 1.0
