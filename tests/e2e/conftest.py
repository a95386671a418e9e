"""A real server in this process, on a port of its own, with the demo shop."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from tests_support import demo_copy

from bot.app import create_app
from bot.messages import BotMessage
from bot.settings import Settings
from bot.stores.database import open_database
from bot.stores.operators import Operators


@dataclass
class Server:
    url: str
    settings: Settings
    console_password: str
    app: object
    loop: asyncio.AbstractEventLoop

    def say(self, sender_id: str, message: BotMessage) -> None:
        """The assistant says something in a conversation, as it would news of an order."""
        assistant = self.app.state.daogou.assistant  # type: ignore[attr-defined]
        asyncio.run_coroutine_threadsafe(assistant.say(sender_id, message, channel="web"), self.loop).result(10)


@pytest.fixture(scope="module")
def server(prepared_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = demo_copy(prepared_home, tmp_path_factory.mktemp("server") / "home")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = settings.model_copy(update={"port": port, "messages_per_minute": 600})
    password = "correct horse battery"
    engine = open_database(settings.engine_url)
    Operators(engine).add("admin", password, "admin")
    engine.dispose()
    app = create_app(settings)
    running = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="websockets-sansio"))
    started: list[asyncio.AbstractEventLoop] = []

    def run() -> None:
        async def serve() -> None:
            started.append(asyncio.get_running_loop())
            await running.serve()

        asyncio.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    while not running.started and thread.is_alive():
        thread.join(0.05)
    assert running.started, "the server did not start"
    yield Server(f"http://127.0.0.1:{port}", settings, password, app, started[0])
    running.should_exit = True
    thread.join(20)
