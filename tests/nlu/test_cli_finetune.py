"""`finetune` and what its folder is good for, from the command line; a model with it runs without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nlu.cli import app
from nlu.data import Example


def run(*arguments: object, text: str = "") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=text)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, examples: list[Example]) -> Path:
    folder = tmp_path_factory.mktemp("finetune")
    rows = [json.dumps({"text": e.text, "intent": e.label}) for e in examples]
    (folder / "train.jsonl").write_text("\n".join(rows[::2]))
    (folder / "test.jsonl").write_text("\n".join(rows[1::2]))
    return folder


def test_finetune_then_train_then_parse_then_evaluate(folder: Path) -> None:
    home, train = ("--home", folder / "home"), folder / "train.jsonl"
    tuned = run("finetune", "--train", train, "--out", folder / "tuned", "--layers", 1, "--epochs", 1, *home)
    assert tuned.exit_code == 0, tuned.output
    assert "dev accuracy: frozen" in tuned.output
    trained = run("train", train, "--encoder", folder / "tuned", "--out", folder / "model", *home)
    assert trained.exit_code == 0, trained.output
    shown = run(
        "evaluate", "--train", train, "--test", folder / "test.jsonl", "--encoder", folder / "tuned", "--json", *home
    )
    assert json.loads(shown.stdout)["accuracy"] > 0.9
    plain = run("parse", "--model", folder / "model", *home, text="where is my chair\n")
    assert json.loads(plain.stdout)["intent"]["name"] == "track_order"
    code = (
        "import sys; from pathlib import Path; from nlu.encoders import E5Encoder; from nlu.pipeline import Pipeline\n"
        "model = Pipeline.load(Path(sys.argv[1]), encoder=E5Encoder(Path(sys.argv[2])))\n"
        "assert '+' in model.encoder.fingerprint, model.encoder.fingerprint\n"
        "print(model.parse('where is my chair').intent, sorted({'torch', 'transformers'} & set(sys.modules)))"
    )
    alone = subprocess.run(
        [sys.executable, "-c", code, folder / "model", folder / "home" / "models" / "encoder"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert alone.stdout.strip() == "track_order []", alone.stderr


def test_finetune_on_sentiment(folder: Path) -> None:
    good, bad = ("great lamp", "很喜欢", "works well", "推荐购买"), ("broken again", "太差了", "never again", "退货了")
    rows = [f"{text},{label}" for label, texts in (("1", good), ("0", bad)) for text in texts]
    data = folder / "moods.csv"
    data.write_text("text,label\n" + "\n".join(rows), encoding="utf-8")
    home, out = ("--home", folder / "home"), folder / "moods"
    tuned = run("finetune", "--sentiment", "--train", data, "--out", out, "--layers", 1, "--epochs", 1, *home)
    assert tuned.exit_code == 0, tuned.output
    assert json.loads((out / "finetuned.json").read_text())["classes"] == ["negative", "positive"]
    shown = run("sentiment", "--train", data, "--test", data, "--encoder", out, "--json", *home)
    assert json.loads(shown.stdout)["accuracy"] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("finetune", "--train", "absent.csv", "--out", "x"), "absent.csv"),
        (("finetune", "--train", "TRAIN", "--out", "x", "--layers", "13"), "1 to 12, not 13"),
        (("finetune", "--train", "TRAIN", "--out", "x", "--epochs", "0"), "1 epoch or more, not 0"),
        (("finetune", "--train", "TRAIN", "--out", "x", "--device", "tpu"), "give cpu or cuda"),
        (("finetune", "--train", "TRAIN", "--out", "x", "--resume"), "Nothing to resume"),
        (("checkpoint", "--out", "FOLDER"), "holds something else than a checkpoint"),
    ],
)
def test_mistakes_are_one_sentence(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    names = {"TRAIN": folder / "train.jsonl", "FOLDER": folder, "x": folder / "x"}
    home = ("--home", folder / "home") if arguments[0] == "finetune" else ()
    shown = run(*(names.get(argument, argument) for argument in arguments), *home)
    assert shown.exit_code == 1
    assert said in shown.stderr
    assert "Traceback" not in shown.output
