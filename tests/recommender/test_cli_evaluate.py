import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from recommender import cli


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Two groups of twelve users; each takes five of the eight items of the group, one after another."""
    random = np.random.default_rng(0)
    lines = ["user,item,time"]
    for user in range(24):
        items = random.permutation(8)[:5] + 8 * (user % 2)
        lines += [f"u{user},i{item},{100 * user + n + 1}" for n, item in enumerate(items)]
    (tmp_path / "log.csv").write_text("\n".join([*lines, "u1,,3", ""]))
    (tmp_path / "users.csv").write_text(
        "user,kind\n" + "".join(f"u{u},{'even' if u % 2 == 0 else 'odd'}\n" for u in range(24))
    )
    return tmp_path / "log.csv"


def asked(*arguments: object) -> str:
    result = CliRunner().invoke(cli.app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_one_file_is_cut_cleaned_and_judged_by_strata(log: Path) -> None:
    told = json.loads(
        asked(
            *("evaluate", "--interactions", log, "--format", "csv", "--scorer", "item_knn", "--k", 3, "--json"),
            *("--users", log.with_name("users.csv"), "--by", "kind"),
        )
    )
    assert told["users"] == 24
    assert told["strata"]["history"] == {
        "1-4": {"users": 24, **{name: told[name] for name in ("recall@3", "ndcg@3", "hr@3")}}
    }
    assert set(told["strata"]["segments"]) == {"even", "odd"}
    assert told["cleaning"] == "120 of 121 events kept; left out: 1 missing"


def test_the_page_stands_alone(log: Path) -> None:
    page = log.with_name("report.html")
    asked(
        "compare", "popularity", "item_knn", "ease", "--interactions", log, "--format", "csv", "--k", 3, "--html", page
    )
    written = page.read_text("utf-8")
    assert written.count("<svg") >= 6
    assert not re.search(r"""(src|href)=["'](https?:)?//""", written)
    assert not re.search("#0[1-8]0[1-8]0[1-8]", written)  # every stand-in of a colour became a variable
    assert "Better, or luckier?" in written
    asked("evaluate", "--interactions", log, "--format", "csv", "--scorer", "ease", "--k", 3, "--html", page)
    assert "Better, or luckier?" not in page.read_text("utf-8")


def test_comparing_tells_what_is_luck(log: Path) -> None:
    files = ("--interactions", log, "--format", "csv", "--k", 3)
    told = json.loads(asked("compare", "popularity", "item_knn", *files, "--json"))
    assert set(told["scorers"]) == {"popularity", "item_knn"}
    rows = {row["measure"]: row for row in told["differences"]}
    means = [told["scorers"][name]["recall@3"] for name in ("popularity", "item_knn")]
    assert rows["recall@3"]["mean"] == pytest.approx(means[1] - means[0])
    assert rows["recall@3"]["holm_p"] == rows["recall@3"]["p"]  # one pair
    assert "item_knn - popularity" in asked("compare", "popularity", "item_knn", *files)


def test_tuned_settings_are_used_and_test_data_takes_no_part(log: Path, tmp_path: Path) -> None:
    best = tmp_path / "best.json"
    data = ("--interactions", log, "--format", "csv", "--k", 3)
    space = '{"l2": {"low": 0.5, "high": 50, "log": true}}'
    page = tmp_path / "trials.html"
    told = json.loads(
        asked(
            "tune", "--scorer", "ease", "--budget", 4, "--space", space, *data, "--out", best, "--html", page, "--json"
        )
    )
    assert len(told["trials"]) == 4
    assert "<svg" in page.read_text("utf-8")
    judged = json.loads(asked("evaluate", "--settings", best, *data, "--json"))
    assert (judged["scorer"], judged["settings"]) == ("ease", told["settings"])
    both = json.loads(asked("compare", "ease", best, *data, "--json"))
    assert set(both["scorers"]) == {"ease", "ease (best)"}
    # What the test part holds changes nothing: the latest event of each user made another one.
    kept = [line for line in log.read_text().splitlines() if not re.search(r",\d*5$", line)]
    changed = [f"u{u},i{8 * (u % 2)},{100 * u + 99}" for u in range(24)]
    log.write_text("\n".join([*kept, *changed, ""]))
    again = json.loads(asked("tune", "--scorer", "ease", "--budget", 4, "--space", space, *data, "--json"))
    assert [t["settings"] for t in again["trials"]] == [t["settings"] for t in told["trials"]]
    assert [t["scores"] for t in again["trials"]] == [t["scores"] for t in told["trials"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--scorer", "ease"], "give either --train (and --test), or --interactions and --split"),
        (["evaluate", "--interactions", "LOG"], "say which scorer, with --scorer or --settings"),
        (["evaluate", "--train", "LOG", "--format", "csv", "--scorer", "ease"], "give --test beside --train"),
        (
            ["evaluate", "--train", "LOG", "--scorer", "ease", "--k-core", "2"],
            "--k-core and --bots-per-hour clean one file",
        ),
        (["evaluate", "--interactions", "LOG", "--scorer", "ease", "--by", "age"], "--users and --by go together"),
        (["evaluate", "--interactions", "LOG", "--settings", "none.json"], "'none.json' is not a file"),
        (["compare", "ease", "ease", "--interactions", "LOG"], "comparing needs two different scorers, not ease, ease"),
        (
            ["tune", "--scorer", "ease", "--interactions", "LOG", "--budget", "long"],
            "budget 'long' is neither a number",
        ),
        (
            ["tune", "--scorer", "ease", "--interactions", "LOG", "--space", '{"x": [1]}'],
            "ease has no setting 'x'; it has l2",
        ),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    monkeypatch.setattr("sys.argv", ["recommender", *(str(log) if a == "LOG" else a for a in arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
