from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from nlu.data import Example, read_examples, strip_annotations
from nlu.errors import NluError

NLU = """
version: "3.1"
nlu:
- synonym: black
  examples: |
    - 黑
- intent: faq/opening
  examples: |
    - when do you open
    - opening hours
      on sundays
- intent: buy
  examples: |
    - a [red](color) pair of [AJ1]{"entity": "product", "value": "p1"}
    - [two](quantity:2) please
"""


def write(path: Path, content: str) -> Path:
    path.write_bytes(gzip.compress(content.encode()) if path.suffix == ".gz" else content.encode())
    return path


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_csv_and_json_lines(tmp_path: Path, suffix: str) -> None:
    csv = write(tmp_path / f"a.csv{suffix}", '\ufefftext,intent,lang\n"hi, ""you""",greet,en\n在吗,greet,zh\nx,oos,\n')
    rows = [{"text": "hi", "intent": "greet"}, {"text": "买", "intent": "buy", "lang": "zh"}]
    lines = write(tmp_path / f"b.jsonl{suffix}", "\n".join(json.dumps(row) for row in rows))
    assert read_examples([csv, lines]) == [
        Example('hi, "you"', "greet", "en"),
        Example("在吗", "greet", "zh"),
        Example("x", "out_of_scope"),
        Example("hi", "greet"),
        Example("买", "buy", "zh"),
    ]


def test_nlu_yml_without_annotations(tmp_path: Path) -> None:
    path = write(tmp_path / "nlu.en.yml", NLU)
    assert read_examples([path]) == [
        Example("when do you open", "faq", "en"),
        Example("opening hours on sundays", "faq", "en"),
        Example("a red pair of AJ1", "buy", "en"),
        Example("two please", "buy", "en"),
    ]


def test_folders_and_other_labels(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep" / "s.csv", "text,label\ngood,positive\n")
    write(tmp_path / "readme.md", "# not data")
    assert read_examples([tmp_path], label="label") == [Example("good", "positive")]


def test_the_wanted_split_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,intent,split\na,x,train\nb,x,test\n")
    assert [e.text for e in read_examples([path], split="train")] == ["a"]
    assert [e.text for e in read_examples([path], split="test")] == ["b"]
    assert [e.text for e in read_examples([path], split="dev")] == ["a", "b"]  # no such rows: all of them


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", "text,label\nhi,x\n", r"a\.csv' line 1: no 'intent' among the columns"),
        ("a.csv", "text,intent\nhi,\n", r"a\.csv' line 2: 'intent' is empty"),
        ("a.csv", "text,intent\n", "No examples in"),
        ("a.csv", 'text,intent\n"hi,x\n', "broken CSV"),
        ("a.csv", "text,intent\n" + "x" * 100_001 + ",y\n", "line 2: a text of 100001 characters"),
        ("a.jsonl", '{"text": "a", "intent": "x"}\n{"text"\n', "line 2: broken JSON"),
        ("a.jsonl", "[1]\n", "line 1: .* no JSON object"),
        ("a.yml", "nlu:\n- intent: greet\n  examples: |\n    - hi\n  - oops", r"a\.yml' line 5: broken YAML"),
        ("a.yml", "nlu: text", "no list under 'nlu'"),
        ("a.yml", "- 1", "no list under 'nlu'"),
        ("a.yml", "nlu:\n- greet", "is no mapping"),
        (
            "a.yml",
            "nlu:\n- intent: a\n  examples: |\n    - x\n- intent: greet\n  examples: ''",
            "line 5: intent 'greet' has no examples",
        ),
        ("a.yml", "!!python/object/apply:os.system ['true']", "broken YAML"),
        ("a.txt", "hi", "unknown kind"),
    ],
)
def test_broken_files_get_one_sentence(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(NluError, match=message) as caught:
        read_examples([write(tmp_path / name, content)])
    assert "\n" not in str(caught.value)


def test_wrong_encoding_and_missing_files(tmp_path: Path) -> None:
    path = tmp_path / "gbk.csv"
    path.write_bytes("text,intent\nhi,x\n退货,y\n".encode("gbk"))
    with pytest.raises(NluError, match=r"gbk\.csv' line 3: not UTF-8"):
        read_examples([path])
    with pytest.raises(NluError, match="does not exist"):
        read_examples([tmp_path / "absent.csv"])
    (tmp_path / "b.csv.gz").write_bytes(b"not gzip")
    with pytest.raises(NluError, match="cannot be read"):
        read_examples([tmp_path / "b.csv.gz"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](x)[b](y:z)", "ab"),
        ("see [1] (note)", "see [1] (note)"),
        ('to [York][{"entity": "city"}, {"entity": "team"}]', "to York"),
        ('[M]{"entity": "size", "role": "from"}改L', "M改L"),
    ],
)
def test_strip_annotations(text: str, expected: str) -> None:
    assert strip_annotations(text) == expected
