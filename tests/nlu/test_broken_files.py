"""Training files that are broken, poisoned or not what they seem: one clear sentence each, from Python and on the terminal."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nlu.cli import app
from nlu.data import Example, read_examples
from nlu.encoders import HashingEncoder
from nlu.errors import NluError
from nlu.pipeline import Pipeline

GOOD = "text,intent\nhi,greet\nhello,greet\nbye,goodbye\nsee you,goodbye\n"
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)

BROKEN: dict[str, tuple[str, bytes, str]] = {
    "bad yaml": ("a.yml", b"nlu:\n- intent: a\n  examples: |\n    - x\n -oops", r"line 5: broken YAML"),
    "a date that is none": ("a.yml", b"nlu:\n- intent: 2024-13-45\n  examples: x", r"broken YAML \(month must be"),
    "gbk": ("a.csv", "text,intent\n退货,x\n".encode("gbk"), r"line 2: not UTF-8 \(byte 0x"),
    "utf-16": ("a.csv", GOOD.encode("utf-16"), r"line 1: not UTF-8 \(UTF-16\)"),
    "utf-16 without mark": ("a.csv", GOOD.encode("utf-16-le"), r"line 1: a NUL character"),
    "one class": ("a.csv", b"text,intent\nhi,greet\nhello,greet\n", r"All 2 examples are of one class \['greet'\]"),
    "an empty class": ("a.yml", b"nlu:\n- intent: greet\n  examples: ''", r"line 2: intent 'greet' has no examples"),
    "an empty class in a table": ("a.csv", b"text,intent\nhi,\n", r"line 2: 'intent' is empty"),
    "a million characters": ("a.csv", b"text,intent\n" + b"x" * 10**6 + b",y\n", r"broken CSV \(field larger"),
    "a million characters in JSON": (
        "a.jsonl",
        json.dumps({"text": "x" * 10**6, "intent": "y"}).encode(),
        r"line 1: a text of 1000000 characters; at most 100000",
    ),
    "a million characters in YAML": (
        "a.yml",
        b"nlu:\n- intent: y\n  examples: |\n    - " + b"x" * 10**6,
        r"a text of 1000000 characters",
    ),
    "NUL": ("a.csv", b"text,intent\nhi,greet\nh\0llo,greet\n", r"line 3: a NUL character"),
    "NUL in JSON": ("a.jsonl", rb'{"text": "h\u0000", "intent": "x"}', r"line 1: a NUL character in 'h\\x00'"),
    "half a character": (
        "a.jsonl",
        rb'{"text": "\ud83d hi", "intent": "x"}',
        r"line 1: half a character \('\\ud83d'\)",
    ),
    "half a character as class": ("a.jsonl", rb'{"text": "hi", "intent": "x\ud83d"}', r"line 1: half a character"),
    "control characters in a class": ("a.jsonl", rb'{"text": "hi", "intent": "a\u0007b"}', r"has control characters"),
    "an endless class": ("a.csv", b"text,intent\nhi," + b"y" * 1000 + b"\n", r"a class name of 1000 characters"),
    "no header": ("a.csv", b"hi,greet\nbye,goodbye\n", r"line 1: no 'text' among the columns 'hi, greet'"),
    "wrong columns": ("a.csv", b"utterance,class\nhi,greet\n", r"line 1: no 'text' among the columns"),
    "a comma without quotes": ("a.csv", b"text,intent\nhi, you,greet\n", r"line 2: more cells than the 2 columns"),
    "binary": ("a.csv", bytes(range(256)) * 8, r"not UTF-8|a NUL character"),
    "empty": ("a.csv", b"", r"No examples in"),
    "gzip cut short": ("a.csv.gz", gzip.compress(GOOD.encode() * 50)[:-20], r"cannot be read: Compressed file ended"),
    "no gzip": ("a.csv.gz", b"hello", r"cannot be read: Not a gzipped file"),
    "deep YAML": ("a.yml", b"nlu: " + b"[" * 50_000, r"line 1: YAML nested more than 50 deep|broken YAML"),
    "laughing YAML as intents": ("a.yml", (LAUGHS + "nlu:\n- *i\n").encode(), r"under 'nlu' is no mapping"),
    "laughing YAML as a name": ("a.yml", (LAUGHS + "nlu:\n- intent: *i\n  examples: x").encode(), r"is no name"),
    "laughing YAML as examples": (
        "a.yml",
        (LAUGHS + "nlu:\n- intent: x\n  examples: *i").encode(),
        r"the example .* is no text",
    ),
    "objects in YAML": ("a.yml", b"!!python/object/apply:os.system ['true']", r"broken YAML"),
    "deep JSON": ("a.jsonl", b"[" * 100_000, r"line 1: broken JSON"),
    "a number without end": ("a.jsonl", b'{"text": ' + b"9" * 5000 + b', "intent": "x"}', r"line 1: broken JSON"),
    "a list as text": (
        "a.jsonl",
        b'{"text": ["hi"], "intent": "x"}',
        r"line 1: 'text' is a list of 1; it must be a text",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_training_says_what_is_wrong(tmp_path: Path, case: str) -> None:
    name, content, message = BROKEN[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(NluError, match=message) as caught:
        Pipeline.train([tmp_path / name], encoder=HashingEncoder(16), out=tmp_path / "model")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("case", sorted(set(BROKEN) - {"one class"}))  # that one is found after the encoder was loaded
@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_the_commands_say_what_is_wrong(tmp_path: Path, case: str, command: str) -> None:
    name, content, _ = BROKEN[case]
    path = tmp_path / name
    path.write_bytes(content)
    rest = ("--out", str(tmp_path / "model")) if command == "train" else ("--test", str(path))
    start = ("train", str(path)) if command == "train" else ("evaluate", "--train", str(path))
    shown = CliRunner().invoke(app, [*start, *rest, "--home", str(tmp_path)])
    assert shown.exit_code == 1
    assert "Traceback" not in shown.output
    assert shown.stderr.startswith("error: ")
    assert shown.stderr.count("\n") == 1
    assert not (tmp_path / "models").exists()  # refused before the encoder was built


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(NluError, match="No examples in"):
        read_examples([tmp_path])


def test_a_table_that_unpacks_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nlu.data._MAX_BYTES", 1000)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(GOOD.encode() * 100))
    with pytest.raises(NluError, match="holds more than"):
        read_examples([tmp_path / "a.csv.gz"])


def test_thousands_of_equal_lines_train(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,intent\n" + "hi,greet\n" * 1990 + "bye,goodbye\n" * 10)
    assert Pipeline.train([tmp_path / "a.csv"], encoder=HashingEncoder(8)).parse("hi").intent == "greet"


def test_marks_line_ends_and_further_columns_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes('\ufefftext,intent,channel\r\n"hi\nthere",greet,web\r\nline\u2028one,x,\r\n'.encode())
    read = read_examples([path])
    assert read == [Example("hi\nthere", "greet"), Example("line\u2028one", "x")]
    assert [dict(e.columns) for e in read] == [{"channel": "web"}, {}]
