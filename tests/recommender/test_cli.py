import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from recommender import cli
from recommender.registry import SCORERS, make_scorer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    products = [
        {"product_id": f"{kind}{n}", "category": kind, "brand": "b", "name_zh": f"{kind}{n}号", "name_en": f"{kind} {n}", "price": 10 * n + 10}
        for kind in ("tea", "mug")
        for n in range(4)
    ]  # fmt: skip
    events = [
        {
            "customer_id": f"{kind}-lover-{c}",
            "product_id": f"{kind}{n}",
            "kind": "view",
            "value": 1,
            "time": 100 * c + n,
        }
        for kind in ("tea", "mug")
        for c in range(4)
        for n in range(4)
        if (c + n) % 4
    ]
    stock = [
        {
            "sku": p["product_id"],
            "product_id": p["product_id"],
            "on_hand": 1,
            "safety_stock": int(p["product_id"] == "tea3"),
        }
        for p in products
    ]
    for name, rows in (("products", products), ("interactions", events), ("stock", stock)):
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return tmp_path


def asked(*arguments: object) -> str:
    result = CliRunner().invoke(cli.app, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_train_then_recommend_from_what_is_in_stock(folder: Path) -> None:
    assert "8 customers learned, stored in" in asked("train", folder, "--out", folder / "model")
    slate = json.loads(
        asked("recommend", folder, "--user", "tea-lover-0", "--model", folder / "model", "--k", 8, "--json")
    )
    assert slate["total"] == 7  # tea3 is all safety stock
    assert slate["items"][0]["item"].startswith("tea")
    assert "tea3" not in {found["item"] for found in slate["items"]}


def test_wishes_are_hard(folder: Path) -> None:
    wish = '{"category": ["mug"], "price": {"max": 20}}'
    slate = json.loads(asked("recommend", folder, "--viewed", "tea0", "--wish", wish, "--json"))
    assert {found["item"] for found in slate["items"]} == {"mug0", "mug1"}
    assert "¥20" in slate["items"][0]["reasons"][0]
    assert "without price : 4 items" in asked(
        "recommend", folder, "--wish", '{"category": ["mug"], "price": {"max": 1}}'
    )


def test_similar_and_explain_in_chinese(folder: Path) -> None:
    assert "和tea0号相似" in asked("similar", folder, "tea0", "--language", "zh")
    told = json.loads(
        asked(
            "explain",
            folder,
            "tea1",
            "--viewed",
            "tea0",
            "--wish",
            '{"price": {"max": 15}}',
            "--language",
            "zh",
            "--json",
        )
    )
    assert told["violations"] == ["price"]
    assert {"code": "like_viewed", "value": "tea0", "text": "和您看过的tea0号相似"} in told["reasons"]


@pytest.mark.parametrize("scorer", ["popularity", "item_knn", "ease", "ials", "graph"])
def test_evaluate_tells_the_promised_keys(tmp_path: Path, scorer: str) -> None:
    groups = {user: range(4) if user < 4 else range(4, 8) for user in range(8)}
    for name, held_out in (("train", False), ("test", True)):
        lines = [
            " ".join(map(str, [user, *(i for i in own if (i % 4 == user % 4) == held_out)]))
            for user, own in groups.items()
        ]
        (tmp_path / f"{name}.txt").write_text("\n".join(lines))
    files = ("--train", tmp_path / "train.txt", "--test", tmp_path / "test.txt")
    told = json.loads(asked("evaluate", *files, "--scorer", scorer, "--k", 1, "--json"))
    assert {
        "recall@1",
        "ndcg@1",
        "coverage",
        "fit_seconds",
        "score_seconds",
        "users_per_second",
        "peak_mb",
    } <= told.keys()
    if scorer != "popularity":
        assert told["recall@1"] == 1


def test_segments_and_rules(folder: Path) -> None:
    told = json.loads(asked("segments", folder, "--json"))
    assert told == {"customers": 8, "segments": {"looking": 8}}
    profile = json.loads(asked("segments", folder, "--user", "tea-lover-0", "--json"))
    assert profile["categories"] == [["tea", 1.0]]
    assert "no rule holds" in asked("rules", folder)  # nothing was bought
    rows = [f"c{n},tea0,purchase,{n}e6\nc{n},mug1,purchase,{n}e6" for n in range(1, 9)]
    rows += [f"d{n},tea2,purchase,{n}e6" for n in range(1, 9)]
    (folder / "interactions.csv").write_text("\n".join(["customer_id,product_id,kind,time", *rows]))
    assert "tea0 => mug1  8 baskets, confidence 1.00, lift 2.0" in asked("rules", folder)
    assert {r["then"] for r in json.loads(asked("rules", folder, "--json"))["rules"]} == {"tea0", "mug1"}


def test_evaluate_with_the_catalogue(folder: Path) -> None:
    test = folder / "test.csv"
    test.write_text("customer_id,product_id\ntea-lover-0,tea0\n")
    told = asked(
        "evaluate", "--train", folder / "interactions.csv", "--test", test, "--format", "csv", "--scorer", "blend",
        "--products", folder / "products.csv", "--k", 1,
    )  # fmt: skip
    assert "recall@1  1.0000" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["similar", "FOLDER", "nothing"], "error: item 'nothing' is not in the catalogue of 8 items"),
        (["recommend", "FOLDER", "--wish", "{"], "error: wish '{' is not JSON"),
        (["recommend", "FOLDER", "--wish", "[]"], "error: wish '[]' is not a JSON object"),
        (["segments", "FOLDER", "--user", "x"], "error: customer 'x' has no event in interactions.csv"),
        (["train", "/nowhere", "--out", "/nowhere"], "error: '/nowhere/products.csv' is not a file"),
        (
            ["evaluate", "--train", "x", "--test", "x", "--scorer", "magic"],
            "error: scorer 'magic' is not one of popularity",
        ),
        (["evaluate", "--train", "x", "--test", "x", "--scorer", "content"], "error: content compares products"),
        (
            ["evaluate", "--train", "x", "--test", "x", "--scorer", "ials", "--set", "dim"],
            "error: setting 'dim' is not like dim=256",
        ),
        (
            ["evaluate", "--train", "x", "--test", "x", "--scorer", "ials", "--set", "size=3"],
            "error: ials has no setting 'size'; it has dim",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.setattr("sys.argv", ["recommender", *(str(folder) if a == "FOLDER" else a for a in arguments)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith(message)


def test_settings_differ_from_the_defaults_in_their_own_type() -> None:
    made = make_scorer("ials", settings={"dim": 32.0, "l2": 1})
    assert repr(made).startswith("Ials(dim=32, epochs=12, unobserved=200.0, l2=1.0,")


def test_every_scorer_of_the_registry_can_be_made() -> None:
    made = {name: make_scorer(name) for name in SCORERS if name not in ("content", "blend")}
    assert len({type(scorer) for scorer in made.values()}) == len(made)
