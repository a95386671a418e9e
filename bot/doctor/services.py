"""What is asked of others: the port, and the servers that settings and endpoints.yml name."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.doctor.findings import Finding, described
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.dialogue.project import Project

SECONDS = 2.0
"""What a server has to answer."""
_DEFAULT_PORTS = {"http": 80, "https": 443, "postgresql": 5432, "mysql": 3306, "oracle": 1521, "mssql": 1433}


def port(settings: Settings) -> Iterator[Finding]:
    where = f"{settings.host}:{settings.port}"
    try:
        family, _, _, _, address = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as err:
        if err.errno != errno.EADDRINUSE:
            said = f"{where} cannot be served at ({err.strerror}); set DAOGOU_HOST and DAOGOU_PORT to what this machine has"
            yield Finding("port", "problem", said)
        elif _is_daogou(settings):
            yield Finding("port", "ok", f"a Daogou server answers at {where}")
        else:
            said = f"{where} is taken by another program; stop that, or set DAOGOU_PORT"
            yield Finding("port", "problem", said)
        return
    yield Finding("port", "ok", f"{where} is free")


def connectors(settings: Settings, credentials: Mapping[str, Any]) -> Iterator[Finding]:
    """Telegram itself is not asked."""
    from bot.channels.credentials import channels_of

    try:
        channels = channels_of(credentials, settings)
    except ValueError as err:
        yield Finding("connectors", "problem", str(err))
        return
    if not channels:
        return
    yield Finding("connectors", "ok", f"{', '.join(channels)}, beside the widget and REST")
    if not settings.public_url.startswith("https://"):
        said = "DAOGOU_PUBLIC_URL is no https address; messaging platforms deliver only to one"
        yield Finding("connectors", "warning", said)

    async def close() -> None:
        for channel in channels.values():
            await channel.close()

    asyncio.run(close())


def rasa(settings: Settings) -> Iterator[Finding]:
    """The server that decides, where one does."""
    if settings.runtime != "rasa":
        return
    import httpx

    from bot.dialogue.rasa_server import RasaRefusedError, RasaServer, RasaUnavailableError

    async def ask() -> str:
        server = RasaServer(settings.rasa_url, token=settings.rasa_secret, client=httpx.AsyncClient(timeout=SECONDS))
        try:
            return await asyncio.wait_for(server.check(), SECONDS)
        finally:
            await server.close()

    try:
        yield Finding("rasa", "ok", f"Rasa {asyncio.run(ask())} answers at {settings.rasa_url}")
    except RasaRefusedError as err:
        yield Finding("rasa", "problem", str(err))
    except (RasaUnavailableError, TimeoutError):
        said = (
            f"nothing answers at {settings.rasa_url} as Rasa does; start it, or set DAOGOU_RASA_URL or DAOGOU_RUNTIME"
        )
        yield Finding("rasa", "problem", said)


def endpoints(project: Project) -> Iterator[Finding]:
    """The servers of a project's endpoints.yml that speak HTTP."""
    from bot.dialogue.errors import ProjectError

    for name in ("action_endpoint", "nlu", "nlg"):
        try:
            endpoint = project.endpoint(name)
        except ProjectError as err:
            yield Finding(name, "problem", str(err))
            continue
        if endpoint is not None:
            parts = urlsplit(endpoint.url)
            yield _reached(name, parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme])


def sql(project: Project, name: str) -> Iterator[Finding]:
    """A database that endpoints.yml names, by its address; opening it would make tables."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.stores.rasa_events import open_engine

    entry, kind = _entry(project, name)
    if kind != "sql":
        return
    try:
        url = open_engine(entry, db="").url
    except (ValueError, SQLAlchemyError) as err:
        yield Finding(name, "problem", f"{described(err)}; correct it in {project.path / 'endpoints.yml'}")
        return
    if url.host:
        yield _reached(name, url.host, url.port or _DEFAULT_PORTS.get(url.get_backend_name(), 0))


def locks(project: Project) -> Iterator[Finding]:
    """A lock is taken from Redis and given back, as for a turn."""
    from bot.backends import lock_store
    from bot.dialogue.errors import ProjectError

    try:
        store = lock_store(project)
    except (ProjectError, ValueError) as err:
        yield Finding("lock_store", "problem", str(err))
        return
    entry, kind = _entry(project, "lock_store")
    if kind != "redis":
        return
    reached = _reached(
        "lock_store", str(entry.get("url") or entry.get("host") or "localhost"), int(entry.get("port") or 6379)
    )
    if reached.status == "problem":
        yield reached
        return

    async def hold() -> None:
        try:
            async with asyncio.timeout(SECONDS), store.hold("daogou doctor"):
                pass
        finally:
            await store.close()

    try:
        asyncio.run(hold())
    except Exception as err:  # noqa: BLE001 - the client's own kinds, which are there only where it is installed
        said = f"Redis gives no lock ({described(err)}); correct lock_store in {project.path / 'endpoints.yml'}"
        yield Finding("lock_store", "problem", said)
    else:
        yield Finding("lock_store", "ok", "Redis gives locks")


def _entry(project: Project, name: str) -> tuple[Mapping[str, Any], str]:
    entry = project.endpoints.get(name)
    if not isinstance(entry, Mapping):
        return {}, ""
    return entry, str(entry.get("type") or entry.get("store_type") or "").lower()


def _reached(name: str, host: str, number: int) -> Finding:
    try:
        socket.create_connection((host, number), timeout=SECONDS).close()
    except OSError as err:
        why = err.strerror or described(err)
        return Finding(
            name, "problem", f"{host}:{number} cannot be reached ({why}); start it, or correct endpoints.yml"
        )
    return Finding(name, "ok", f"{host}:{number} is reached")


def _is_daogou(settings: Settings) -> bool:
    import httpx

    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    try:
        answer = httpx.get(f"http://{host}:{settings.port}/readyz", timeout=SECONDS, trust_env=False).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return False
    return isinstance(answer, dict) and answer.get("status") == "ok"
