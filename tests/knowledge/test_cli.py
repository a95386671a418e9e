"""The command line on the real encoder, whose converted graph is made once for all of these tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from knowledge.cli import app


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    docs = home / "docs"
    docs.mkdir()
    (docs / "fee.md").write_text("---\ntitle: 运费怎么算\nquestions: [运费多少]\n---\n满 99 元包邮。", encoding="utf-8")
    (docs / "food.md").write_text(
        "---\ntitle: 食品能退吗\nquestions: [咖啡能退吗]\n---\n没开封能退。", encoding="utf-8"
    )
    result = CliRunner().invoke(app, ["ingest", str(docs), "--home", str(home), "--json"])
    assert json.loads(result.stdout) == {"added": 2, "changed": 0, "removed": 0, "unchanged": 0}
    return home


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.stdout, result.stderr


def test_ask(home: Path) -> None:
    code, out, _ = run("ask", "咖啡可以退吗", "--home", str(home), "--json")
    answer = json.loads(out)
    assert (code, answer["known"], answer["text"]) == (0, True, "没开封能退。")
    assert answer["sources"] == [{"title": "食品能退吗", "url": "/articles/zh/food"}]
    _, out, _ = run("ask", "咖啡可以退吗", "--home", str(home))
    assert out.startswith("没开封能退。\n→ 食品能退吗 (/articles/zh/food)")


def test_search(home: Path) -> None:
    _, out, _ = run("search", "邮费多少", "--home", str(home), "--json")
    assert [(row["slug"], row["language"]) for row in json.loads(out)] == [("fee", "zh"), ("food", "zh")]
    assert "zh/fee" in run("search", "邮费多少", "--home", str(home))[1]


def test_evaluate(home: Path, tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"_id": "a", "text": "cats sleep"}\n{"_id": "b", "text": "dogs bark"}\n')
    (tmp_path / "q.jsonl").write_text('{"_id": "1", "text": "who barks?"}\n')
    (tmp_path / "r.tsv").write_text("query-id\tcorpus-id\tscore\n1\tb\t1\n")
    names = ("--corpus", "c.jsonl", "--queries", "q.jsonl", "--qrels", "r.tsv")
    arguments = [name if name.startswith("-") else str(tmp_path / name) for name in names]
    code, out, _ = run("evaluate", *arguments, "--home", str(home), "--json")
    summary = json.loads(out)
    assert code == 0
    assert summary.keys() >= {"recall@5", "recall@20", "mrr@10", "ndcg@10", "ms_per_query"}
    assert (summary["n"], summary["ndcg@10"]) == (1, 1.0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ingest", "https://x.example"), "from the web is off"),
        (("ask", "hello", "--language", "fr"), "--language is 'fr'"),
        (("evaluate", "--corpus", "none", "--queries", "none", "--qrels", "none"), "none cannot be read"),
    ],
)
def test_mistakes_are_one_sentence(home: Path, arguments: tuple[str, ...], message: str) -> None:
    code, out, err = run(*arguments, "--home", str(home))
    assert (code, out) == (1, "")
    assert message in err
    assert "Traceback" not in err


def test_an_empty_home_says_what_to_do(home: Path, tmp_path: Path) -> None:
    (tmp_path / "encoders").symlink_to(home / "encoders")
    code, _, err = run("ask", "hello", "--home", str(tmp_path))
    assert code == 1
    assert "holds nothing yet" in err
