"""A server that is killed, in the middle of a turn or between two, has lost nothing when it comes back."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest

DOMAIN = """
intents: [book, think, tea, later]
slots:
  name: {type: text, influence_conversation: false, mappings: [{type: from_text, conditions: [{active_loop: f, requested_slot: name}]}]}
  size: {type: text, influence_conversation: false, mappings: [{type: from_text, conditions: [{active_loop: f, requested_slot: size}]}]}
forms: {f: {required_slots: [name, size]}}
responses:
  utter_ask_name: [{text: name?}]
  utter_ask_size: [{text: size?}]
  utter_done: [{text: "{name} {size}"}]
  utter_tea: [{text: tea}]
actions: [action_think, action_later]
"""
RULES = """
rules:
- {rule: book, steps: [{intent: book}, {action: f}, {active_loop: f}]}
- {rule: booked, condition: [{active_loop: f}], steps: [{action: f}, {active_loop: null}, {action: utter_done}]}
- {rule: think, steps: [{intent: think}, {action: action_think}]}
- {rule: later, steps: [{intent: later}, {action: action_later}]}
- {rule: tea, steps: [{intent: tea}, {action: utter_tea}]}
"""
PATIENCE = 60  # seconds, for a server to come up or to answer


class ActionServer(BaseHTTPRequestHandler):
    """Thinks until it may go on; sets reminders."""

    asked = threading.Event()
    go_on = threading.Event()
    reminder: ClassVar[dict[str, Any]] = {}

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer: dict[str, Any] = {"events": [], "responses": []}
        if call["next_action"] == "action_later":
            answer["events"] = [self.reminder]
        else:
            self.asked.set()
            self.go_on.wait(PATIENCE)
            answer["responses"] = [{"text": "42"}]
        body = json.dumps(answer).encode()
        try:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            return  # who asked was killed

    def log_message(self, *_: Any) -> None:
        return


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(holds: Callable[[], Any], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


class Server:
    """The server process, to be killed and started again."""

    def __init__(self, project: Path, home: Path) -> None:
        self.port = free_port()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE)
        self._command = [sys.executable, "-m", "bot.cli", "serve", "--enable-api"]
        self._command += ["--project", str(project), "--port", str(self.port)]
        self._environment = {**os.environ, "DAOGOU_HOME": str(home)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, env=self._environment, stderr=subprocess.DEVNULL)
        until(self._is_up, "the server is up")

    def _is_up(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "the server has ended"
        try:
            return self.client.get("/version").status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def say(self, text: str) -> list[str]:
        reply = self.client.post("/webhooks/rest/webhook", json={"sender": "ada", "message": text})
        return [message["text"] for message in reply.json()]

    def events(self, kind: str) -> list[str]:
        tracker = self.client.get("/conversations/ada/tracker", params={"include_events": "ALL"}).json()
        return [event.get("text") for event in tracker["events"] if event["event"] == kind]


@contextmanager
def acting() -> Iterator[int]:
    for flag in (ActionServer.asked, ActionServer.go_on):
        flag.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), ActionServer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        ActionServer.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    project = tmp_path / "project"
    (project / "data").mkdir(parents=True)
    (project / "domain.yml").write_text(DOMAIN)
    (project / "data" / "rules.yml").write_text(RULES)
    (project / "config.yml").write_text("policies: [{name: RulePolicy}]\n")
    with acting() as port:
        (project / "endpoints.yml").write_text(f"action_endpoint: {{url: 'http://127.0.0.1:{port}/webhook'}}\n")
        one = Server(project, tmp_path / "home")
        one.start()
        yield one
        one.kill()
        one.client.close()


def test_between_turns_the_form_goes_on(server: Server) -> None:
    assert server.say("/book") == ["name?"]
    assert server.say("Ada") == ["size?"]
    server.kill()
    server.start()
    assert server.say("L") == ["Ada L"]
    assert server.events("user") == ["/book", "Ada", "L"]
    assert server.events("bot") == ["name?", "size?", "Ada L"]


def test_within_a_turn_the_answer_comes_after_all_and_once(server: Server) -> None:
    def ask() -> None:
        with pytest.raises(httpx.TransportError):
            server.say("/think")

    asking = threading.Thread(target=ask)
    asking.start()
    assert ActionServer.asked.wait(PATIENCE)
    server.kill()
    asking.join()
    ActionServer.go_on.set()
    server.start()
    until(lambda: server.events("bot"), "the message is answered")
    assert server.say("/book") == ["name?"]
    assert server.events("user") == ["/think", "/book"]
    assert server.events("bot") == ["42", "name?"]
    server.kill()
    server.start()
    assert server.say("Ada") == ["size?"]
    assert server.events("bot") == ["42", "name?", "size?"]


def test_reminders_outlive_the_process_and_come_once(server: Server) -> None:
    due = datetime.now(UTC) + timedelta(seconds=2)
    ActionServer.reminder = {"event": "reminder", "intent": "tea", "date_time": due.isoformat()}
    assert server.say("/later") == []
    server.kill()
    server.start()
    until(lambda: server.events("bot"), "the reminder is answered")
    server.kill()
    server.start()
    assert server.say("/book") == ["name?"]
    assert server.events("user") == ["/later", "EXTERNAL: tea", "/book"]
    assert server.events("bot") == ["tea", "name?"]
