"""The commands, end to end with the bundled encoder on a toy shop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nlu.cli import app
from nlu.data import Example

KEYS = ["n", "accuracy", "macro_f1", "oos_auroc", "ece", "per_lang", "ms_per_utterance", "fit_seconds"]


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


def test_evaluate_with_every_output_and_a_broken_gate(files: Path) -> None:
    out = {name: files / name for name in ("r.html", "p.jsonl", "rasa")}
    shown = run(
        *("evaluate", "--train", files / "train.jsonl", "--test", files / "test.jsonl", "--home", files / "home"),
        *("--json", "--html", out["r.html"], "--predictions", out["p.jsonl"], "--rasa-report", out["rasa"]),
        *("--by", "lang", "--curve", "1", "--seeds", 1, "--fail-under", "accuracy=0.5,per_lang.en=1.1"),
        *("--fail-over", "latency.p95_ms=0"),
    )
    found = json.loads(shown.stdout)
    assert list(found)[:8] == KEYS
    assert found["n"] == len(found["predictions"]) == 64
    assert found["learning_curve"][0]["accuracy"] == found["accuracy"]
    assert shown.exit_code == 1
    assert [line.split(" is ")[0] for line in shown.stderr.splitlines()] == [
        "gate: per_lang.en",
        "gate: latency.p95_ms",
    ]
    assert "Not to be released" in out["r.html"].read_text()
    assert (out["rasa"] / "intent_report.json").is_file()

    again = ("evaluate", "--train", files / "train.jsonl", "--test", files / "test.jsonl", "--home", files / "home")
    compared = run(*again, "--compare", out["p.jsonl"], "--no-worse-than", out["p.jsonl"])
    assert compared.exit_code == 0
    assert "No significant difference" in compared.stdout


def test_cross_validation_and_sentiment(files: Path) -> None:
    home = ("--home", files / "home")
    shown = run("evaluate", "--train", files / "train.jsonl", "--cross-validation", "-f", 2, *home)
    assert "Weakest classes" in shown.stdout
    moods = files / "moods.csv"
    shown = run("sentiment", "--train", moods, "--test", moods, "--json", "--html", files / "s.html", *home)
    assert json.loads(shown.stdout).items() >= {"n": 48, "accuracy": 1.0, "macro_f1": 1.0}.items()
    assert "Sentiment: moods.csv" in (files / "s.html").read_text()


def test_entities(tmp_path: Path) -> None:
    (tmp_path / "nlu.yml").write_text(
        "nlu:\n- intent: buy\n  examples: |\n    - a [red](color) mug\n    - [qzx](shade) vvk\n"
    )
    shown = run("entities", tmp_path / "nlu.yml", "--json", "--fail-under", "per_entity.color=0.9,f1=0.9")
    assert shown.exit_code == 1
    assert json.loads(shown.stdout)["per_entity"]["color"]["f1"] == 1.0
    assert shown.stderr.startswith("gate: f1 is 0.6667, below the 0.9")
    assert "built-in" in run("entities", tmp_path / "nlu.yml").stdout


def test_audit(files: Path) -> None:
    shown = run("audit", files / "train.jsonl", "-f", 2, "--home", files / "home", "--json", "--html", files / "a.html")
    found = json.loads(shown.stdout)
    assert found["n"] == 64
    assert found["files"] == ["train.jsonl"] * 64
    assert "Likely mislabelled" in (files / "a.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "absent.csv", "--out", "x"), "'absent.csv' does not exist"),
        (("parse", "--model", "absent"), "No trained model in 'absent'"),
        (("evaluate", "--json"), "evaluate needs --train and --test"),
        (("evaluate", "--fail-under", "accuracy"), "'accuracy' is no limit"),
        (("sentiment", "--test", "moods.csv"), "'moods.csv' does not exist"),
        (("audit", "absent.csv"), "'absent.csv' does not exist"),
    ],
)
def test_errors_are_one_sentence(files: Path, arguments: tuple[str, ...], message: str) -> None:
    shown = run(*arguments, "--home", files / "home")
    assert shown.exit_code == 1
    assert message in shown.stderr
    assert "Traceback" not in shown.output
