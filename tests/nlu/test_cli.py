"""The commands, end to end with the bundled encoder on a toy shop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nlu.cli import app
from nlu.data import Example


def run(*arguments: object, text: str = "") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=text)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, examples: list[Example], moods: list[Example]) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    rows = [json.dumps({"text": e.text, "intent": e.label}) for e in examples]
    (folder / "train.jsonl").write_text("\n".join(rows[::2]))
    (folder / "test.jsonl").write_text("\n".join(rows[1::2]))
    (folder / "moods.csv").write_text("text,label\n" + "".join(f"{m.text},{m.label}\n" for m in moods))
    return folder


def test_train_then_parse_then_evaluate(files: Path) -> None:
    model, home = files / "model", ("--home", files / "home")
    trained = run("train", files / "train.jsonl", "--sentiment", files / "moods.csv", "--out", model, *home)
    assert trained.exit_code == 0, trained.output
    parsed = run("parse", "--model", model, *home, text="where is my chair\n我的鞋子到哪了\n")
    assert [json.loads(line)["intent"]["name"] for line in parsed.stdout.splitlines()] == ["track_order"] * 2
    evaluated = run("evaluate", "--model", model, "--test", files / "test.jsonl", "--json", *home)
    assert json.loads(evaluated.stdout)["accuracy"] > 0.9


def test_evaluate_and_sentiment_as_json(files: Path) -> None:
    home = ("--home", files / "home")
    shown = run("evaluate", "--train", files / "train.jsonl", "--test", files / "test.jsonl", "--json", *home)
    assert json.loads(shown.stdout)["n"] == 64
    shown = run("evaluate", "--train", files / "train.jsonl", "--cross-validation", "-f", 2, *home)
    assert "Weakest classes" in shown.stdout
    shown = run("sentiment", "--train", files / "moods.csv", "--test", files / "moods.csv", "--json", *home)
    assert json.loads(shown.stdout).items() >= {"n": 48, "accuracy": 1.0, "macro_f1": 1.0}.items()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "absent.csv", "--out", "x"), "'absent.csv' does not exist"),
        (("parse", "--model", "absent"), "No trained model in 'absent'"),
        (("evaluate", "--json"), "evaluate needs --train and --test"),
    ],
)
def test_errors_are_one_sentence(files: Path, arguments: tuple[str, ...], message: str) -> None:
    shown = run(*arguments, "--home", files / "home")
    assert shown.exit_code == 1
    assert message in shown.stderr
    assert "Traceback" not in shown.output
