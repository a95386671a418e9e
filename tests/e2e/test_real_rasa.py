"""The demo project on a real Rasa server: it trains unchanged, and its test stories go as they do in process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests_support import TODAY, missing

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "bot" / "project"
RASA = ROOT / ".venv-rasa" / "bin" / "rasa"
WORK = ROOT / "var" / "test" / "rasa"
TOKEN = "only-for-this-test"
QUIET = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}

pytestmark = pytest.mark.service


@dataclass(frozen=True)
class Servers:
    """A Rasa server, and the port at which it looks for us."""

    url: str
    our_port: int
    log: Path

    def daogou(self, *arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
        settings = {
            "DAOGOU_HOME": str(home),
            "DAOGOU_TODAY": TODAY,
            "DAOGOU_PORT": str(self.our_port),
            "DAOGOU_RASA_TOKEN": TOKEN,
        }
        return subprocess.run(
            [sys.executable, "-m", "bot.cli", *map(str, arguments)],
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    if not RASA.exists():
        if not _has_python310():
            pytest.skip("Rasa 3.6.21 needs Python 3.10, which is not here")
        missing("the environment of the real Rasa (make rasa-env)")
    folder = tmp_path_factory.mktemp("rasa")
    rasa_port, our_port = _free_ports(2)
    endpoints = folder / "endpoints.yml"
    endpoints.write_text((ROOT / "docker" / "rasa.endpoints.yml").read_text("utf-8"), "utf-8")
    environment = {"DAOGOU_URL": f"http://127.0.0.1:{our_port}", "DAOGOU_RASA_TOKEN": TOKEN}
    model = _trained(folder)
    run = ["run", "--model", model, "--endpoints", endpoints, "--credentials", PROJECT / "credentials.yml"]
    api = ["--enable-api", "--auth-token", TOKEN, "--interface", "127.0.0.1", "--port", rasa_port]
    log = folder / "rasa.log"
    with _process([*run, *api], environment, log) as process:
        url = f"http://127.0.0.1:{rasa_port}"
        _wait(f"{url}/version", process, log)
        yield Servers(url, our_port, log)


def _has_python310() -> bool:
    places = ["python3.10", *Path.home().glob(".pyenv/versions/3.10*/bin/python3.10")]
    return any(_runs(place) for place in places)


def _runs(python: object) -> bool:
    try:
        return subprocess.run([str(python), "-c", ""], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _trained(folder: Path) -> Path:
    """Rasa keeps what it made of unchanged files, so that this is quick the second time."""
    files = ["--domain", PROJECT / "domain", "--data", PROJECT / "data", "--config", PROJECT / "config.yml"]
    target = ["--out", WORK, "--fixed-model-name", "daogou"]
    log = folder / "train.log"
    with _process(["train", *files, *target], {}, log) as process:
        assert process.wait(900) == 0, log.read_text("utf-8")[-2000:]
    return WORK / "daogou.tar.gz"


@contextmanager
def _process(arguments: Sequence[object], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`rasa …` in a process group of its own, which is ended whatever happens."""
    WORK.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(RASA), *map(str, arguments)],
            cwd=WORK,
            env={**os.environ, **QUIET, **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            for ending in (signal.SIGTERM, signal.SIGKILL):
                if process.poll() is None:
                    os.killpg(process.pid, ending)
                    try:
                        process.wait(15)
                    except subprocess.TimeoutExpired:
                        continue


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 600
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).read()
        except (OSError, urllib.error.URLError):
            time.sleep(0.25)
        else:
            return
    pytest.fail(f"the Rasa server did not start: {log.read_text('utf-8')[-2000:]}")


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def test_the_test_stories_pass_there_too(servers: Servers, prepared_home: Path) -> None:
    result = servers.daogou("test", PROJECT, "--runtime", "rasa", "--url", servers.url, "--json", home=prepared_home)
    assert result.returncode == 0, _failures(result)
    report = json.loads(result.stdout)
    assert report["passed"] == report["stories"] >= 60


def _failures(result: subprocess.CompletedProcess[str]) -> Any:
    if not result.stdout.startswith("{"):
        return result.stderr[-2000:]
    return [story for story in json.loads(result.stdout)["results"] if not story["passed"]]
