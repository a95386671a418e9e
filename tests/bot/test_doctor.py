"""An installation that is broken in every way there is, and what is said about it."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests_support import missing
from typer.testing import CliRunner

from bot import doctor
from bot.cli import app
from bot.doctor import artifacts, configuration, database, installation, services
from bot.doctor.findings import Finding, safely
from bot.settings import Settings
from bot.stores.database import NEWEST, open_database

DOMAIN = "intents: [hi, bye]\nresponses: {utter_hi: [{text: hello}]}\n"
NLU = (
    "nlu:\n- intent: hi\n  examples: |\n    - hi\n    - hello\n- intent: bye\n  examples: |\n    - bye\n    - see you\n"
)
GOOD = "a7c1" * 16
NOBODY = 65534


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting but the tests' own; no .env file."""
    for name in list(os.environ):
        if name.upper().startswith("DAOGOU_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    (folder / "domain.yml").write_text(DOMAIN)
    (folder / "data" / "nlu.yml").write_text(NLU)
    (folder / "config.yml").write_text("policies: [{name: RulePolicy}]\n")
    return folder


def only(found: Iterator[Finding] | list[Finding], status: str = "problem") -> dict[str, str]:
    return {one.name: one.message for one in found if one.status == status}


def answer(*arguments: str, **environment: object) -> tuple[int, dict[str, dict[str, str]], str]:
    """Exit code, findings by name, and all that was printed."""
    given = {f"DAOGOU_{name.upper()}": str(value) for name, value in environment.items()}
    said = CliRunner().invoke(app, ["doctor", "--json", *arguments], env=given)
    assert said.exception is None or isinstance(said.exception, SystemExit)
    return said.exit_code, {one["name"]: one for one in json.loads(said.stdout)}, said.output


# --- the command
def test_a_plain_project_is_well_before_it_was_ever_served(project: Path, tmp_path: Path) -> None:
    code, found, _ = answer("--project", str(project), home=tmp_path / "home", port=free_port())
    assert code == 0, found
    assert found["understanding"]["status"] == "warning"
    assert re.match(r"is not trained yet: the next start learns the 4 examples", found["understanding"]["message"])
    assert {found[name]["status"] for name in ("python", "project", "settings", "secrets", "home", "port")} == {"ok"}
    assert not (tmp_path / "home").exists()  # nothing is changed


def test_a_shop_that_was_never_trained_cannot_be_served(tmp_path: Path) -> None:
    code, found, _ = answer(home=tmp_path / "home", port=free_port())
    assert code == 1
    assert found["understanding"]["message"].endswith("run `daogou train`, or `daogou demo` for the demo shop")
    assert [found[name]["status"] for name in ("understanding", "articles", "database", "recommender")] == [
        "problem",
        "problem",
        "warning",
        "ok",
    ]


def test_on_the_terminal_each_finding_is_a_line(project: Path, tmp_path: Path) -> None:
    run = CliRunner().invoke(
        app, ["doctor", "--project", str(project)], env={"DAOGOU_HOME": str(tmp_path), "DAOGOU_TODAY": "[b]soon"}
    )
    assert run.exit_code == 1
    assert re.search(r"^problem +DAOGOU_TODAY +'\[b\]soon' is no date; write e\.g\. 2026-01-31", run.output, re.M)
    assert re.search(r"^1 problem, [12] warnings?\.$", run.output, re.M)


def test_a_project_that_cannot_be_read_is_a_problem_each(project: Path, tmp_path: Path) -> None:
    (project / "domain.yml").write_text("intents: {a: 1}\nresponses: [\n")
    (project / "data" / "nlu.yml").write_text("nlu: 3\n")
    found = doctor.diagnose(project)
    told = [one.message for one in found if (one.name, one.status) == ("project", "problem")]
    assert len(told) == 2
    assert "domain.yml" in told[0]
    assert "nlu.yml" in told[1]
    assert [one.status for one in found if one.name == "home"] == ["ok"]  # the rest is looked at all the same


def test_a_check_that_breaks_stops_no_other() -> None:
    class Panic(BaseException):
        pass

    def half() -> Iterator[Finding]:
        yield Finding("a", "ok", "fine")
        raise Panic("deep\ninside")

    def stopped() -> Iterator[Finding]:
        yield Finding("a", "ok", "fine")
        raise KeyboardInterrupt

    told = list(safely("b", half))
    assert told == [Finding("a", "ok", "fine"), Finding("b", "problem", "cannot be checked: Panic: deep inside")]
    with pytest.raises(KeyboardInterrupt):
        list(safely("b", stopped))


def test_it_runs_where_packages_are_broken(tmp_path: Path) -> None:
    """All that it needs itself is what reads settings and prints."""
    code = """
import sys
gone = sys.argv.pop().split(",")
class Broken:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in gone:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Broken())
from bot.cli import main
sys.argv += ["doctor", "--json"]
main()
"""
    broken = "fastapi,uvicorn,sqlalchemy,httpx,numpy,yaml,chromadb,torch,onnxruntime,scipy,alembic,argon2,safetensors"
    done = subprocess.run(
        [sys.executable, "-c", code, broken],
        capture_output=True,
        text=True,
        env={**os.environ, "DAOGOU_HOME": str(tmp_path), "PYTHONPATH": str(Path(doctor.__file__).parents[1])},
        timeout=60,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
    found = {one["name"]: one["message"] for one in json.loads(done.stdout)}
    assert re.fullmatch(r"cannot be checked: the package (yaml|httpx|sqlalchemy) is missing", found["project"])
    assert found["database"] == "cannot be checked: the package sqlalchemy is missing"


# --- installation
def distribution(folder: Path, name: str, version: str, *required: str) -> None:
    told = folder / f"{name}-{version}.dist-info"
    told.mkdir()
    lines = [
        "Metadata-Version: 2.1",
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {r}" for r in required),
    ]
    (told / "METADATA").write_text("\n".join(lines) + "\n")


def test_packages_that_are_missing_or_old_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(
        tmp_path,
        "daogou",
        "0.1.0",
        "gone-already>=1",
        "rich[x]>=9999.1",
        "typer>=0.1",
        'lost[y]>=2; extra == "server"',
        'typer>=9999; extra == "finetune"',
        'gone-already; extra == "dev"',
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = {one.name: one for one in installation.packages()}
    said = found["packages"].message
    assert found["packages"].status == "problem"
    assert re.fullmatch(
        r"gone-already is missing; rich is [\d.]+, rich\[x\]>=9999\.1 is needed: pip install --upgrade daogou", said
    )
    assert found["extra server"] == Finding(
        "extra server", "ok", "not installed: PostgreSQL and Redis; lost is missing: pip install 'daogou[server]'"
    )
    assert found["extra finetune"].status == "warning"
    assert found["extra finetune"].message.startswith("too old: ")
    assert "extra dev" not in found


@pytest.mark.parametrize(
    ("version", "sees", "status", "said"),
    [
        ("2.6.0+cpu", True, "warning", "there is one, but torch 2.6.0+cpu is built without it"),
        ("2.6.0", False, "warning", "there is one, but torch 2.6.0 cannot use it: check the driver"),
        ("2.6.0", True, "ok", "H200, 139 GiB, torch 2.6.0"),
    ],
)
def test_a_graphics_card(
    version: str, sees: bool, status: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    distribution(tmp_path, "torch", version)
    monkeypatch.syspath_prepend(tmp_path)
    card = SimpleNamespace(
        is_available=lambda: sees,
        get_device_name=lambda _: "H200",
        get_device_properties=lambda _: SimpleNamespace(total_memory=139 * 2**30),
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=card))
    monkeypatch.setattr(installation, "_CARDS", (str(tmp_path / "none"),))
    assert [one.message for one in installation.gpu()] == ["there is none, and none is needed"]
    monkeypatch.setattr(installation, "_CARDS", (str(tmp_path),))
    (found,) = installation.gpu()
    assert found.status == status
    assert found.message.startswith(said)


def test_a_home_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    inside = only(installation.home(Settings(home=tmp_path / "file" / "home")))
    assert re.match(r".*/file/home cannot be written to \(.*\); give the server's user write access", inside["home"])
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    settings = Settings(home=closed)
    with as_somebody_else():
        found = only(installation.home(settings))
    assert "cannot be written to (Permission denied)" in found["home"]


def test_a_disk_that_fills_up(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for free, status in ((100 * 2**20, "problem"), (2**30, "warning"), (2**40, "ok")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: SimpleNamespace(free=free))
        assert {one.name: one.status for one in installation.home(settings)} == {"home": "ok", "disk": status}


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """The administrator may write anywhere, so a test that runs as one steps down."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


# --- settings and secrets
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("port", "99999", "'99999': Input should be less than or equal to 65535"),
        ("runtime", "magic", "'magic': Input should be 'embedded' or 'rasa'"),
        ("refit_at", "noon", "'noon' is no time of day; write e.g. 04:00, or nothing"),
        ("project", "/nowhere", "'/nowhere' is no folder"),
        ("identity_secrets", "hunter2hunter2", 'cannot be read; write a list as JSON, e.g. ["first","second"]'),
        ("rasa_url", "ftp://ada:hunter2@host", "'ftp://***@host' is no address; write e.g. http://127.0.0.1:5005"),
    ],
)
def test_values_that_are_none(name: str, value: str, said: str) -> None:
    code, found, printed = answer(**{name: value})
    assert code == 1
    assert found[f"DAOGOU_{name.upper()}"] == {"name": f"DAOGOU_{name.upper()}", "status": "problem", "message": said}
    assert found["the rest"]["status"] == "warning"
    assert "hunter2" not in printed


@pytest.mark.parametrize(
    ("given", "name", "said"),
    [
        ({"today": "tomorrow"}, "DAOGOU_TODAY", "'tomorrow' is no date"),
        ({"public_url": "shop.example"}, "DAOGOU_PUBLIC_URL", "'shop.example' is no address"),
        (
            {"allowed_origins": ["https://shop.example/"]},
            "DAOGOU_ALLOWED_ORIGINS",
            "'https://shop.example/' matches no",
        ),
        ({"trusted_proxies": ["10.0.0.0/8"]}, "DAOGOU_TRUSTED_PROXIES", "'10.0.0.0/8' matches no proxy"),
        ({"runtime": "rasa", "enable_api": True}, "DAOGOU_ENABLE_API", "Rasa's HTTP API is at the Rasa server itself"),
    ],
)
def test_values_that_break_later(given: dict[str, Any], name: str, said: str) -> None:
    assert only(configuration.values(Settings(**given), False))[name].startswith(said)


def test_names_that_nothing_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAOGOU_API_TOKN", "hunter2")
    monkeypatch.setenv("DAOGOU_URL", "http://127.0.0.1:8000")  # read by Rasa
    (tmp_path / ".env").write_text("DAOGOU_HOMES=x\nOTHER=1\n")
    assert only(configuration.values(Settings(), False), "warning") == {
        "DAOGOU_API_TOKN": "is no setting, nothing reads it; did you mean DAOGOU_API_TOKEN?",
        "DAOGOU_HOMES": "is no setting, nothing reads it; did you mean DAOGOU_HOME?",
    }


def test_a_shop_without_its_files(tmp_path: Path) -> None:
    (tmp_path / "taxonomy.yml").write_text("brands: {}\n")
    found = only(configuration.values(Settings(shop=tmp_path), True))
    assert found["policies"].startswith("FileNotFoundError")
    assert found["taxonomy"].endswith(
        "has no categories; DAOGOU_SHOP names a folder with taxonomy.yml and policies.yml"
    )
    (tmp_path / "taxonomy.yml").write_text("categories: [\n")
    (tmp_path / "policies.yml").write_text("shop: 3\n")
    found = only(configuration.values(Settings(shop=tmp_path), True))
    assert "shop: Input should be a valid dictionary" in found["policies"]
    assert found["taxonomy"].startswith("ParserError")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_short_secrets_are_a_problem_where_others_reach_them(host: str, tmp_path: Path) -> None:
    given = {
        "identity_secrets": ["swordfish", GOOD],
        "api_token": "opensesame",
        "jwt_secret": "change-me-" + GOOD,
        "rasa_token": GOOD,
        "database_url": "postgresql+psycopg://ada:qwerty@127.0.0.1/x",
    }
    found = only(
        configuration.secrets(Settings(host=host, home=tmp_path, **given), True),
        "warning" if host == "127.0.0.1" else "problem",
    )
    assert {name: text.partition(";")[0] for name, text in found.items()} == {
        "DAOGOU_IDENTITY_SECRETS": "has 9 characters, 32 are needed",
        "DAOGOU_API_TOKEN": "has 10 characters, 16 are needed",
        "DAOGOU_JWT_SECRET": "looks like a placeholder",
        "DAOGOU_DATABASE_URL": "has 6 characters, 8 are needed",
    }


def test_doors_that_stand_open(tmp_path: Path) -> None:
    def problems(**given: Any) -> set[str]:
        return set(only(configuration.secrets(Settings(home=tmp_path, **given), False)))

    assert problems(host="0.0.0.0", enable_api=True) == {"DAOGOU_ENABLE_API"}
    assert problems(host="0.0.0.0", enable_api=True, api_token=GOOD) == set()
    assert problems(enable_api=True) == set()
    assert problems(runtime="rasa", rasa_url="http://rasa:5005") == {"DAOGOU_RASA_TOKEN"}
    assert problems(jwt_secret=GOOD, jwt_method="RS256") == {"DAOGOU_JWT_SECRET"}
    shop = configuration.secrets(Settings(home=tmp_path, public_url="https://shop.example"), True)
    assert set(only(shop, "warning")) == {"DAOGOU_IDENTITY_SECRETS"}


def test_the_key_of_the_sessions(settings: Settings) -> None:
    assert settings.session_secret
    assert {one.status for one in configuration.secrets(settings, False)} == {"ok"}
    path = settings.home / "session.key"
    path.chmod(0o644)
    assert "can be read by other users" in only(configuration.secrets(settings, False), "warning")["session.key"]
    path.write_text("not a key")
    assert "is damaged; delete it" in only(configuration.secrets(settings, False))["session.key"]


def test_no_secret_is_ever_printed(project: Path, tmp_path: Path) -> None:
    """Not even by what others raise."""
    secrets = {
        "api_token": "opensesame",
        "jwt_secret": "abracadabra",
        "rasa_token": "shibboleth",
        "telegram_token": "1234:swordfish",
        "telegram_secret": "hocus pocus",
    }
    (project / "endpoints.yml").write_text(
        f"lock_store: {{type: redis, url: 127.0.0.1, port: {free_port()}, password: alakazam}}\n"
        "tracker_store: {type: sql, dialect: postgresql, url: 'postgresql://ada:simsalabim@[', db: x}\n"
        "nlg: {url: 'alakazam:x'}\n"
    )
    environment = {
        **secrets,
        "identity_secrets": '["mellon"]',
        "home": tmp_path,
        "database_url": f"postgresql+psycopg://ada:rumpelstilz@127.0.0.1:{free_port()}/x",
        "runtime": "rasa",
        "rasa_url": f"http://ada:rapunzel@127.0.0.1:{free_port()}",
        "host": "0.0.0.0",
    }
    code, found, printed = answer("--project", str(project), **environment)
    assert code == 1
    for name in ("database", "rasa", "lock_store", "tracker_store", "nlg", "connectors", "DAOGOU_API_TOKEN"):
        assert found[name]["status"] == "problem", found
    for secret in (*secrets.values(), "swordfish", "mellon", "alakazam", "simsalabim", "rumpelstilz", "rapunzel"):
        assert secret not in printed


# --- the database
def tables(settings: Settings) -> Path:
    open_database(settings.engine_url).dispose()
    return settings.home / "daogou.db"


def sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_a_database_is_read_and_left_as_it_is(settings: Settings) -> None:
    path = tables(settings)
    before = path.read_bytes()
    assert "has no products: `daogou demo`" in only(database.database(settings, True), "warning")["database"]
    (found,) = database.database(Settings(home=settings.home, database_url=f"sqlite:///{path}"), False)
    assert found == Finding("database", "ok", f"sqlite:///{path}, version {NEWEST}")
    assert path.read_bytes() == before


def test_a_file_that_is_no_database(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "daogou.db").write_bytes(b"no database " * 400)
    said = only(database.database(settings, True))["database"]
    assert re.search(r"cannot be read \(DatabaseError: file is not a database\); restore it from a backup", said)


def test_a_damaged_database(settings: Settings) -> None:
    path = tables(settings)
    sql(path, "PRAGMA journal_mode=DELETE")
    raw = bytearray(path.read_bytes())
    raw[4096 * 2 : 4096 * 8] = b"\xff" * 4096 * 6
    path.write_bytes(raw)
    assert re.search(
        r"(is damaged|cannot be read).*restore it from a backup",
        only(database.database(settings, True))["database"],
    )


def test_a_database_without_rights(settings: Settings) -> None:
    path = tables(settings)
    sql(path, "PRAGMA journal_mode=DELETE")
    for folder in (path.parent, *path.parents[1:3]):
        folder.chmod(0o755)
    path.chmod(0o444)
    with as_somebody_else():
        found = only(database.database(settings, True))
    assert re.search(r"cannot be (written to|read)", found["database"])


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        (
            "UPDATE alembic_version SET version_num = '0001'",
            "warning",
            f"the next start brings it to {NEWEST}: back it up",
        ),
        (
            "UPDATE alembic_version SET version_num = '9999'",
            "problem",
            "is at version 9999, this program knows .* upgrade",
        ),
        ("DROP TABLE orders", "problem", "lacks orders of version"),
        ("ALTER TABLE products RENAME COLUMN brand TO marke", "problem", "lacks products.brand of version"),
        ("DROP TABLE alembic_version", "problem", "has tables of ours without a version"),
    ],
)
def test_tables_that_are_not_as_expected(change: str, status: str, said: str, settings: Settings) -> None:
    sql(tables(settings), change)
    assert re.search(said, only(database.database(settings, True), status)["database"])


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "DAOGOU_DATABASE_URL is no address"),
        ("mysql://ada@host/x", "'mysql' in DAOGOU_DATABASE_URL is none of ours"),
        ("postgresql://ada@host/x", "'postgresql' in DAOGOU_DATABASE_URL is none of ours; write postgresql+psycopg://"),
    ],
)
def test_addresses_of_databases(url: str, said: str) -> None:
    assert only(database.database(Settings(database_url=url), True))["database"].startswith(said)


def test_postgresql_that_is_away(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with silent() as number:
        started = time.monotonic()
        url = f"postgresql+psycopg://ada:rumpelstilz@127.0.0.1:{number}/x"
        said = only(database.database(Settings(home=tmp_path, database_url=url), True))["database"]
    assert time.monotonic() - started < 6
    assert said.startswith(f"postgresql+psycopg://ada:***@127.0.0.1:{number}/x cannot be read")
    assert said.endswith("check that it runs, and the name, password and database of DAOGOU_DATABASE_URL")


# --- what was learned
@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two small projects' models in one home, made by the real thing."""
    from bot.dialogue.project import Project
    from bot.training import encoder, ingest, train_nlu
    from bot.understanding import train_project

    folder = tmp_path_factory.mktemp("trained")
    data = folder / "project" / "data"
    data.mkdir(parents=True)
    (data / "nlu.yml").write_text(NLU)
    (folder / "project" / "domain.yml").write_text(DOMAIN)
    (folder / "project" / "config.yml").write_text("policies: [{name: RulePolicy}]\n")
    (folder / "articles").mkdir()
    (folder / "articles" / "refunds.en.md").write_text("---\ntitle: Refunds\n---\nWithin seven days.\n")
    made = Settings(home=folder / "home", project=folder / "project")
    shared = encoder(made)
    train_nlu(made, shared)
    assert ingest(made, shared, folder / "articles") == 1
    train_project(Project.load(made.project), made)
    return made


@pytest.fixture
def learned(trained: Settings, tmp_path: Path) -> Settings:
    """A copy to break."""
    shutil.copytree(trained.home, tmp_path / "home", ignore=shutil.ignore_patterns("encoder"))
    shutil.copytree(trained.project, tmp_path / "project", dirs_exist_ok=True)
    return Settings(home=tmp_path / "home", project=tmp_path / "project")


def test_a_model_is_current_until_its_files_change(learned: Settings) -> None:
    (found,) = artifacts.shop_understanding(learned)
    assert found.status == "ok"
    assert re.fullmatch(
        r"trained on the 1 files there are \([0-9a-f]{12}\), with e5-small-[0-9a-f]{12}-12\.10", found.message
    )
    (learned.project / "data" / "nlu.yml").write_text(NLU + "    - see you soon\n")
    said = only(artifacts.shop_understanding(learned), "warning")["understanding"]
    assert re.fullmatch(
        r"trained on [0-9a-f]{12}, and the project's 1 training files are [0-9a-f]{12} now; run `daogou train`", said
    )


def test_a_plain_projects_model_too(learned: Settings, trained: Settings) -> None:
    from bot.dialogue.project import Project
    from bot.understanding import model_folder

    (found,) = artifacts.project_understanding(trained, Project.load(trained.project))
    assert found.status == "ok"
    assert re.fullmatch(r"trained on the 4 examples \([0-9a-f]{12}\) there are", found.message)
    shutil.copytree(
        model_folder(Project.load(trained.project), trained), model_folder(Project.load(learned.project), learned)
    )
    (learned.project / "data" / "nlu.yml").write_text(NLU + "    - see you soon\n")
    said = only(artifacts.project_understanding(learned, Project.load(learned.project)), "warning")
    assert re.match(r"was trained on [0-9a-f]{12}, which has changed: the next start learns", said["understanding"])


def test_models_that_are_missing_or_damaged_or_strange(learned: Settings, tmp_path: Path) -> None:
    document = learned.models / "nlu" / "model.json"
    told = json.loads(document.read_text())
    document.write_text(json.dumps({**told, "encoder": "e5-small-000000000000-12.10"}))
    assert "was trained with e5-small-000000000000" in only(artifacts.shop_understanding(learned))["encoder"]
    elsewhere = learned.model_copy(update={"encoder": tmp_path / "tuned"})
    assert "No fine-tuned encoder in" in only(artifacts.shop_understanding(elsewhere))["encoder"]
    document.write_text(json.dumps({**told, "format": 0}))
    old = only(artifacts.shop_understanding(learned))["understanding"]
    assert re.fullmatch(
        r"the model has the format 0, and this version of the program reads \d+; run `daogou train`", old
    )
    document.write_text("{")
    assert "is damaged; delete the folder and run" in only(artifacts.shop_understanding(learned))["understanding"]
    shutil.rmtree(learned.models / "nlu")
    assert "there is no model in" in only(artifacts.shop_understanding(learned))["understanding"]


def test_the_index_of_articles(learned: Settings) -> None:
    (found,) = artifacts.articles(learned)
    assert found == Finding("articles", "ok", "0 in Chinese, 1 in English")
    document = learned.models / "nlu" / "model.json"
    document.write_text(json.dumps({**json.loads(document.read_text()), "encoder": "other"}))
    assert "was made with e5-small-" in only(artifacts.articles(learned))["articles"]
    (learned.chroma / "chroma.sqlite3").unlink()
    assert "there is no index in" in only(artifacts.articles(learned))["articles"]


def test_a_damaged_index_is_a_finding(learned: Settings) -> None:
    (learned.chroma / "chroma.sqlite3").write_bytes(b"no database " * 400)
    (found,) = safely("articles", lambda: artifacts.articles(learned))
    assert found.status == "problem"
    assert re.search(r"the index in .* cannot be read \(.*\); delete that folder and run `daogou train`", found.message)


def test_vectors_of_products(settings: Settings) -> None:
    import numpy as np

    path = settings.models / "products.npz"
    assert "there are no vectors yet" in only(artifacts.products(settings), "warning")["products"]
    tables(settings)
    settings.models.mkdir()
    np.savez(path, vectors=np.zeros((3, 2), np.float32), stamp=np.array("abc"))
    assert only(artifacts.products(settings), "warning")["products"].startswith(
        "there are vectors of 3 products (abc) and 0 products"
    )
    path.write_bytes(b"PK\x03\x04 and nothing more")
    assert "is damaged" in only(artifacts.products(settings))["products"]


def test_the_recommender_in_use(settings: Settings) -> None:
    import numpy as np

    from recommender import storage
    from recommender.versions import Versions

    def save(folder: Path) -> None:
        storage.write(folder / "recommender.safetensors", {"a": np.zeros(1)}, {"users": ["ada"], "items": ["P1"]})

    versions = Versions(settings.recommenders)
    name = versions.write(save).name
    (found,) = artifacts.recommender(settings)
    assert found == Finding("recommender", "ok", f"{name}, 1 customers and 1 products, 0.0 hours old")
    tables(settings)
    assert (
        "was made for another catalogue (0 products now)"
        in only(artifacts.recommender(settings), "warning")["recommender"]
    )
    (settings.home / "daogou.db").unlink()
    os.utime(settings.recommenders / "current", (0, time.time() - 3 * 86400))
    assert "is 3.0 days old" in only(artifacts.recommender(settings), "warning")["recommender"]
    (settings.recommenders / name / "recommender.safetensors").write_bytes(b"half")
    assert "is not a model of ours" in only(artifacts.recommender(settings), "warning")["recommender"]
    shutil.rmtree(settings.recommenders / name)
    versions.folder.joinpath("20200101-000000-000000000-ab").mkdir()
    assert "names no version that is there" in only(artifacts.recommender(settings), "warning")["recommender"]


def test_offers_of_another_release(settings: Settings) -> None:
    from bot.offers import FILE
    from recommender.values import ValueTable

    assert [one.status for one in artifacts.offers(settings)] == ["ok"]
    table = ValueTable(2)
    table.place((0,))
    table.save(settings.models / FILE, {"names": ["ask", "show"]})
    assert "was learned for other actions" in only(artifacts.offers(settings))["offers"]


# --- others
def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@contextmanager
def silent() -> Iterator[int]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@contextmanager
def serving(document: dict[str, Any], status: int = 200) -> Iterator[int]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_the_port(settings: Settings) -> None:
    def said(number: int, host: str = "127.0.0.1") -> Finding:
        (found,) = services.port(settings.model_copy(update={"port": number, "host": host}))
        return found

    assert said(free_port()).status == "ok"
    with silent() as number:
        assert said(number).status == "problem"
        assert said(number).message == f"127.0.0.1:{number} is taken by another program; stop that, or set DAOGOU_PORT"
    with serving({"status": "ok", "products": 3}) as number:
        assert said(number) == Finding("port", "ok", f"a Daogou server answers at 127.0.0.1:{number}")
    assert "cannot be served at" in said(8000, host="192.0.2.1").message


def test_a_rasa_server() -> None:
    def said(number: int) -> Finding:
        started = time.monotonic()
        (found,) = services.rasa(Settings(runtime="rasa", rasa_url=f"http://127.0.0.1:{number}"))
        assert time.monotonic() - started < 5
        return found

    assert list(services.rasa(Settings())) == []
    with serving({"version": "3.6.21"}) as number:
        assert said(number) == Finding("rasa", "ok", f"Rasa 3.6.21 answers at http://127.0.0.1:{number}")
    with serving({"version": "2.8.0"}) as number:
        assert "runs Rasa 2.8.0; Rasa Open Source 3 is needed" in said(number).message
    with silent() as number:
        assert said(number).message.startswith(f"nothing answers at http://127.0.0.1:{number} as Rasa does")
    assert said(free_port()).status == "problem"


def test_servers_that_endpoints_name(project: Path) -> None:
    from bot.dialogue.project import Project

    away = free_port()
    with silent() as number:
        (project / "endpoints.yml").write_text(
            f"action_endpoint: {{url: 'http://127.0.0.1:{number}/webhook'}}\n"
            f"nlu: {{url: 'http://127.0.0.1:{away}'}}\n"
            f"nlg: {{address: here}}\n"
            f"tracker_store: {{type: sql, dialect: postgresql, url: 127.0.0.1, port: {away}, db: x}}\n"
            "event_broker: {type: sql, dialect: sqlite, db: events.db}\n"
            f"lock_store: {{type: redis, url: 127.0.0.1, port: {away}}}\n"
        )
        loaded = Project.load(project)
        checks = (services.endpoints(loaded), services.locks(loaded))
        stores = (services.sql(loaded, name) for name in ("tracker_store", "event_broker"))
        found = {one.name: one for check in (*checks, *stores) for one in check}
    assert found["action_endpoint"] == Finding("action_endpoint", "ok", f"127.0.0.1:{number} is reached")
    assert (
        found["nlu"].message
        == f"127.0.0.1:{away} cannot be reached (Connection refused); start it, or correct endpoints.yml"
    )
    assert "it needs a url" in found["nlg"].message
    assert found["tracker_store"].status == found["lock_store"].status == "problem"
    assert found["lock_store"].message == found["nlu"].message
    assert "event_broker" not in found
    assert not Path("events.db").exists()


@pytest.mark.service
def test_redis(project: Path, tmp_path: Path) -> None:
    from bot.dialogue.project import Project

    program = shutil.which("redis-server") or missing("redis-server")
    number = free_port()
    command = [program, "--port", str(number), "--save", "", "--dir", str(tmp_path), "--requirepass", "alakazam"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_for(number)
        for password, status in (("alakazam", "ok"), ("wrong", "problem")):
            (project / "endpoints.yml").write_text(
                f"lock_store: {{type: redis, url: 127.0.0.1, port: {number}, password: {password}}}\n"
            )
            (found,) = services.locks(Project.load(project))
            assert (found.name, found.status) == ("lock_store", status), found
    finally:
        server.terminate()
        server.wait(10)


def wait_for(number: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", number), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"nothing listens at {number}")


def test_connectors(project: Path) -> None:
    half = Settings(telegram_token="1:a")
    assert "Telegram needs DAOGOU_TELEGRAM_TOKEN and" in only(services.connectors(half, {}))["connectors"]
    whole = Settings(telegram_token="1:a", telegram_secret=GOOD, public_url="https://shop.example")
    assert list(services.connectors(whole, {})) == [Finding("connectors", "ok", "telegram, beside the widget and REST")]
    hidden = Settings(telegram_token="1:a", telegram_secret=GOOD)
    assert "no https address" in only(services.connectors(hidden, {}), "warning")["connectors"]
