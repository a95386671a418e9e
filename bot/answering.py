"""Our side of a real Rasa server, for as long as its conversations are tested: the understanding and the actions."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

from bot.app import create_app
from bot.core import Core


@asynccontextmanager
async def answering(core: Core) -> AsyncIterator[None]:
    """Serves an open project at the host and port of its settings, where the endpoints.yml of the Rasa server points.

    Raises ValueError where the port is taken.
    """
    settings = core.settings
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as err:
        listening.close()
        raise ValueError(
            f"{settings.host}:{settings.port} is taken, and the Rasa server must find our actions there: on a copy of "
            f"the data, for tests place orders. Stop what runs there for the test."
        ) from err
    server = uvicorn.Server(uvicorn.Config(create_app(core=core), log_level="error"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started:
            if serving.done():
                await serving
            await asyncio.sleep(0.02)
        yield
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        listening.close()
