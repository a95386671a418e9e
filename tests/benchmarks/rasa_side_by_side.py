"""The same dialogues on our server and on a real Rasa 3.6.21, in one run on one machine; prints Markdown.

    make rasa-env && daogou demo
    OMP_NUM_THREADS=1 python tests/benchmarks/rasa_side_by_side.py --goldens DIR > tests/benchmarks/rasa.md

First the dialogue alone: projects of `--goldens` (folders with `project/` and `golden.json`), their understanding taken
out: both servers are fed the same `/intent{…}` messages, which name it, and have the same action server. Then whole bots: the demo shop
with everything it does, and what `rasa init` makes with its default pipeline. Both are asked over their REST channel by
this process. A turn is timed from the request to the end of the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import uvicorn
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "tests" / "e2e" / "scripts"
DAOGOU = Path(sys.executable).with_name("daogou")
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_NUM_THREADS": "1",
}
SENDERS = 8
ROUND, WINDOW = 20, slice(5, 15)
"""A long conversation repeats so many turns; the median of those of the window stands for a place in it."""
INIT_TALK = ("hey", "i am sad", "not really", "hello there", "i'm doing great", "are you a bot?", "bye")


@dataclass(frozen=True)
class Server:
    """`path` answers once it is up. `pid` leads the process group whose memory counts."""

    name: str
    url: str
    pid: int
    start_seconds: float

    def megabytes(self) -> float:
        """Resident memory of the process and its children."""
        return sum(_resident(pid) for pid in self._processes()) / 1e6

    def cpu_seconds(self) -> float:
        """Used so far by the process and its children."""
        return sum(_cpu(pid) for pid in self._processes())

    def _processes(self) -> list[int]:
        found = [pair for pair in map(_stat, Path("/proc").glob("[0-9]*")) if pair is not None]
        return [pid for pid, group in found if group == self.pid]


@dataclass(frozen=True)
class Figures:
    p50: float
    p95: float
    cpu: float
    per_second: float
    turn_10: float
    turn_200: float
    megabytes: float
    start_seconds: float


def _stat(folder: Path) -> tuple[int, int] | None:
    """Process and its group."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(folder.name), int(fields[2])


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(
    name: str, command: Sequence[object], port: int, path: str, *, cwd: Path, **environment: str
) -> Iterator[Server]:
    """Starts a server and waits until it answers; ends its process group whatever happens."""
    began = time.perf_counter()
    log = cwd / f"{name.replace(' ', '-')}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **QUIET, **environment},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        while True:
            if process.poll() is not None or time.perf_counter() - began > 240:
                raise SystemExit(f"{name} did not start:\n{log.read_text('utf-8')[-2000:]}")
            try:
                if httpx.get(url + path, timeout=10).is_success:
                    break
            except httpx.HTTPError:
                time.sleep(0.02)
        yield Server(name, url, process.pid, time.perf_counter() - began)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def measured(server: Server, script: Sequence[str], *, seconds: float, turns: int) -> Figures:
    return asyncio.run(_measured(server, script, seconds, turns))


class Line:
    """One connection of a customer's to a REST channel, kept open; as cheap as a client can be, for it shares the CPU."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    @classmethod
    async def to(cls, server: Server) -> Line:
        host = server.url.removeprefix("http://")
        name, _, port = host.partition(":")
        return cls(*await asyncio.open_connection(name, int(port)), host)

    async def say(self, sender: str, text: str) -> float:
        """Milliseconds until the whole answer is there."""
        body = json.dumps({"sender": sender, "message": text}).encode()
        head = (
            f"POST /webhooks/rest/webhook HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        self._writer.write(head.encode() + body)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if not answer.startswith(b"http/1.1 200"):
            raise SystemExit(f"{self._host} answered {answer[:100]!r}")
        await self._reader.readexactly(int(answer.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        return (time.perf_counter() - began) * 1000

    async def talk(self, sender: str, script: Sequence[str], *, until: float = float("inf")) -> list[float]:
        """Milliseconds of each turn."""
        spent: list[float] = []
        for text in script:
            if time.perf_counter() > until:
                break
            spent.append(await self.say(sender, text))
        return spent


async def _measured(server: Server, script: Sequence[str], seconds: float, turns: int) -> Figures:
    """One sender alone, then several at once, then one long conversation."""
    line = await Line.to(server)
    for warm_up in range(2):
        await line.talk(f"warm-{warm_up}", script)
    alone: list[float] = []
    until, used = time.perf_counter() + seconds, server.cpu_seconds()
    while time.perf_counter() < until:
        alone += await line.talk(f"alone-{len(alone)}", script)
    used = server.cpu_seconds() - used
    began = time.perf_counter()
    until = began + seconds

    async def keep_talking(sender: int) -> int:
        done, own = 0, await Line.to(server)
        while time.perf_counter() < until:
            done += len(await own.talk(f"crowd-{sender}-{done}", script, until=until))
        return done

    many = sum(await asyncio.gather(*(keep_talking(sender) for sender in range(SENDERS))))
    per_second = many / (time.perf_counter() - began)
    line = await Line.to(server)  # an idle one may have been closed meanwhile
    round_of = (script * ROUND)[:ROUND]  # the same words around turn 10 and at the end
    long = await line.talk("long", round_of * (turns // ROUND))
    ranked = sorted(alone)
    return Figures(
        p50=statistics.median(alone),
        p95=ranked[int(len(ranked) * 0.95)],
        cpu=used * 1000 / len(alone),
        per_second=per_second,
        turn_10=statistics.median(long[WINDOW]),
        turn_200=statistics.median(long[len(long) - ROUND :][WINDOW]),
        megabytes=server.megabytes(),
        start_seconds=server.start_seconds,
    )


@contextmanager
def actions_answering() -> Iterator[str]:
    """An action server that agrees to everything, in a process of its own."""
    port = _port()
    command = [sys.executable, __file__, "--serve-actions", port]
    with TemporaryDirectory() as folder, served("actions", command, port, "/health", cwd=Path(folder)):
        yield f"http://127.0.0.1:{port}/webhook"


def serve_actions(port: int) -> None:
    async def health(_: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    async def webhook(_: Request) -> JSONResponse:
        return JSONResponse({"events": [], "responses": []})

    routes = [Route("/health", health), Route("/webhook", webhook, methods=["POST"])]
    uvicorn.run(Starlette(routes=routes), port=port, log_level="error")


def dialogue(golden: Path, rasa: Path, work: Path, actions: str, *, seconds: float, turns: int) -> list[Figures]:
    """A recorded project on ours and on Rasa with its own policies."""
    project = work / golden.name
    shutil.copytree(golden / "project", project)
    (project / "data" / "nlu.yml").unlink()
    config = yaml.safe_load((project / "config.yml").read_text("utf-8"))
    (project / "config.yml").write_text(yaml.safe_dump({**config, "pipeline": []}), "utf-8")
    (project / "endpoints.yml").write_text(f'action_endpoint: {{url: "{actions}"}}\n')
    (project / "credentials.yml").write_text("rest:\n")
    conversations = json.loads((golden / "golden.json").read_text("utf-8"))["conversations"]
    said = [
        step["user"] for one in conversations for step in one["steps"] if "parse_data" not in step and "user" in step
    ]
    script = [text for text in said if text.startswith("/")][:60]
    figures = []
    port = _port()
    ours = [DAOGOU, "serve", "--project", project, "--port", port]
    with served(f"ours {golden.name}", ours, port, "/healthz", cwd=work, DAOGOU_HOME=str(work / "home")) as server:
        figures.append(measured(server, script, seconds=seconds, turns=turns))
    _run([rasa, "train", "core", "--domain", "domain.yml", "--stories", "data", "--fixed-model-name", "model"], project)
    port = _port()
    run = [rasa, "run", "--model", "models/model.tar.gz", "--port", port, "--interface", "127.0.0.1"]
    with served(f"rasa {golden.name}", run, port, "/", cwd=project) as server:
        figures.append(measured(server, script, seconds=seconds, turns=turns))
    return figures


def whole_bots(home: Path, rasa: Path, work: Path, *, seconds: float, turns: int) -> tuple[list[Figures], list[float]]:
    """The demo shop and `rasa init`, with the seconds each takes to train."""
    script = [line for file in sorted(SCRIPTS.glob("*.txt")) for line in file.read_text("utf-8").splitlines()]
    script = [line for line in script if line and not line.startswith("#")]
    copy = work / "demo"
    shutil.copytree(home, copy, symlinks=True)
    shutil.rmtree(copy / "models" / "nlu")
    environment = {"DAOGOU_HOME": str(copy), "DAOGOU_MESSAGES_PER_MINUTE": "1000000"}
    trained = [_run([DAOGOU, "train"], work, **environment)]
    port = _port()
    with served("demo", [DAOGOU, "serve", "--port", port], port, "/readyz", cwd=work, **environment) as server:
        figures = [measured(server, script, seconds=seconds, turns=turns)]
    init = work / "init"
    init.mkdir()
    _run([rasa, "init", "--no-prompt", "--init-dir", init], work)
    shutil.rmtree(init / ".rasa", ignore_errors=True)  # what it has trained already would be taken from there
    trained.append(_run([rasa, "train", "--force", "--fixed-model-name", "model"], init))
    port = _port()
    run = [rasa, "run", "--model", "models/model.tar.gz", "--port", port, "--interface", "127.0.0.1"]
    with served("init", run, port, "/", cwd=init) as server:
        figures.append(measured(server, INIT_TALK, seconds=seconds, turns=turns))
    return figures, trained


def _run(command: Sequence[object], cwd: Path, **environment: str) -> float:
    """Seconds."""
    began = time.perf_counter()
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **QUIET, **environment},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}:\n{(done.stdout + done.stderr)[-2000:]}")
    return time.perf_counter() - began


def table(title: str, ours: Figures, rasa: Figures, extra: Sequence[tuple[str, float, float]] = ()) -> str:
    rows = [
        ("one sender, a turn: p50, ms", ours.p50, rasa.p50),
        ("p95, ms", ours.p95, rasa.p95),
        ("CPU of the server, ms a turn", ours.cpu, rasa.cpu),
        (f"{SENDERS} senders, turns/s", ours.per_second, rasa.per_second),
        ("one long conversation: around turn 10, ms", ours.turn_10, rasa.turn_10),
        ("around its last turn, ms", ours.turn_200, rasa.turn_200),
        ("resident memory, MB", ours.megabytes, rasa.megabytes),
        ("start, s", ours.start_seconds, rasa.start_seconds),
        *extra,
    ]
    lines = [f"## {title}", "", "| | ours | Rasa 3.6.21 | Rasa ÷ ours |", "|---|---|---|---|"]
    lines += [f"| {what} | {mine:.3g} | {theirs:.3g} | {theirs / mine:.2g} |" for what, mine, theirs in rows]
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--goldens", type=Path, help="folder with recorded projects")
    parser.add_argument("--projects", nargs="+", default=["moodbot", "formbot", "concertbot"])
    parser.add_argument("--rasa", type=Path, default=ROOT / ".venv-rasa" / "bin" / "rasa")
    parser.add_argument("--home", type=Path, default=ROOT / "var", help="a prepared demo shop (daogou demo)")
    parser.add_argument("--seconds", type=float, default=15, help="of each measurement")
    parser.add_argument("--turns", type=int, default=200, help="of the long conversation")
    parser.add_argument("--no-demo", action="store_true", help="only the dialogue alone")
    parser.add_argument("--serve-actions", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve_actions:
        serve_actions(asked.serve_actions)
        return
    if not asked.rasa.exists():
        parser.error(f"{asked.rasa} is not there: make rasa-env")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers are ended too
    took = {"seconds": asked.seconds, "turns": asked.turns}
    command = " ".join(["python", "tests/benchmarks/rasa_side_by_side.py", *sys.argv[1:]])
    print(
        f"# Beside a real Rasa\n\n{date.today()}, {os.cpu_count()} CPU, {platform.machine()}: `{command}`\n", flush=True
    )
    with TemporaryDirectory(prefix="daogou-bench-") as folder, ExitStack() as stack:
        work = Path(folder)
        if asked.goldens:
            actions = stack.enter_context(actions_answering())
            for name in asked.projects:
                ours, theirs = dialogue(asked.goldens / name, asked.rasa.absolute(), work, actions, **took)
                print(table(f"{name}: the dialogue alone, rules and memoization", ours, theirs), flush=True)
        if not asked.no_demo:
            (ours, theirs), trained = whole_bots(asked.home.absolute(), asked.rasa.absolute(), work, **took)
            extra = [("training, s", trained[0], trained[1])]
            print(table("Whole bots: the demo shop, and `rasa init` with its default pipeline", ours, theirs, extra))


if __name__ == "__main__":
    main()
