"""The `daogou` command as a whole; each command's work is tested where it is done."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bot import cli


def test_the_commands_that_others_rely_on() -> None:
    group = typer.main.get_command(cli.app)
    names = ["serve", "chat", "train", "demo", "refit", "offers", "import", "check", "test", "doctor"]
    assert list(group.commands) == names  # type: ignore[attr-defined]
    for name in names:
        said = CliRunner().invoke(cli.app, [name, "--help"])
        assert said.exit_code == 0
        assert f"daogou {name}" in said.output or f"{name} [OPTIONS]" in said.output


def test_nothing_but_settings_is_imported_before_a_command_runs() -> None:
    code = """
import sys
import bot.cli
heavy = ("fastapi", "uvicorn", "sqlalchemy", "httpx", "numpy", "yaml", "torch", "chromadb", "onnxruntime")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_script_is_talked_through_and_told_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "domain.yml").write_text("intents: [hi]\nresponses: {utter_hi: [{text: hello}]}\n")
    (tmp_path / "project" / "config.yml").write_text("policies: [{name: RulePolicy}]\n")
    (tmp_path / "project" / "rules.yml").write_text("")
    data = tmp_path / "project" / "data"
    data.mkdir()
    (data / "rules.yml").write_text("rules:\n- {rule: hi, steps: [{intent: hi}, {action: utter_hi}]}\n")
    script = tmp_path / "script.txt"
    script.write_text("# a comment\n/hi\n\n")
    given = ["chat", "--project", str(tmp_path / "project"), "--script", str(script)]
    with pytest.warns(UserWarning, match="no NLU examples"):
        said = CliRunner().invoke(cli.app, given, env={"DAOGOU_HOME": str(tmp_path / "home")})
    assert said.exit_code == 0
    assert said.stdout == "\n» /hi\nhello\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["refit", "--rollback"], "holds no version before the current one"),
        (["check", "--project", "nowhere"], "'nowhere' is no folder"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"DAOGOU_HOME": str(tmp_path), "PYTHONPATH": str(Path(cli.__file__).parents[1]), "PATH": ""},
    )
    assert done.returncode == 1
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
