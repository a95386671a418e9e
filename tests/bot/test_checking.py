from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bot.checking import run_check

DOMAIN = 'version: "3.1"\nsession_config: {session_expiration_time: 60}\nintents: [greet]\nresponses: {utter_hi: [{text: "[b]hi"}]}\n'
NLU = "nlu:\n- intent: greet\n  examples: |\n    - hi\n    - hello\n- intent: other\n  examples: |\n    - a\n    - b\n"
RULES = "rules:\n- rule: hi\n  steps:\n  - intent: greet\n  - action: utter_hi\n"
CONFIG = "language: en\nassistant_id: a\npolicies: [{name: RulePolicy}]\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    for name, text in (
        ("domain.yml", DOMAIN),
        ("config.yml", CONFIG),
        ("data/nlu.yml", NLU),
        ("data/rules.yml", RULES),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def shown(folder: Path, **options: bool) -> tuple[int, str]:
    out = io.StringIO()
    code = run_check(folder, Console(file=out, width=300), **options)
    return code, out.getvalue()


def test_findings_are_grouped_by_file(folder: Path) -> None:
    code, text = shown(folder)
    assert code == 0
    assert text == (
        "data/nlu.yml\n"
        "    8 warning intent 'other' has examples but is not in the domain; add it there, or correct the name. (unknown-intent)\n"
        "\n"
        f"{folder}: 6 intents, 4 examples, 1 rules and stories, 1 responses: 1 warning.\n"
    )


def test_warnings_fail_where_they_shall(folder: Path) -> None:
    assert shown(folder, fail_on_warnings=True)[0] == 1


def test_errors_fail(folder: Path) -> None:
    (folder / "data" / "rules.yml").write_text(RULES.replace("utter_hi", "'[red]'"), encoding="utf-8")
    code, text = shown(folder)
    assert code == 1
    assert "rule 'hi': '[red]' is no action of the domain" in text  # no markup
    assert "1 error, 2 warnings" in text


def test_json_is_a_list_of_findings(folder: Path) -> None:
    assert json.loads(shown(folder, as_json=True)[1]) == [
        {
            "severity": "warning",
            "code": "unknown-intent",
            "file": "data/nlu.yml",
            "line": 8,
            "message": "intent 'other' has examples but is not in the domain; add it there, or correct the name.",
        }
    ]


def test_all_broken_files_are_named_at_once(folder: Path) -> None:
    (folder / "data" / "nlu.yml").write_text("nlu: {}\n", encoding="utf-8")
    (folder / "data" / "rules.yml").write_text("rules: 3\n", encoding="utf-8")
    code, text = shown(folder)
    assert code == 1
    assert "nlu is {}; it must be a list of blocks. (unreadable)" in text
    assert "rules is 3; it must be a list. (unreadable)" in text
    assert text.endswith(f"{folder}: unreadable: 2 errors.\n")


def test_nothing_to_object_to(folder: Path) -> None:
    (folder / "data" / "nlu.yml").write_text(NLU.replace("other", "restart"), encoding="utf-8")
    assert shown(folder, fail_on_warnings=True)[0] == 0
    assert shown(folder)[1].endswith("nothing to object to.\n")
