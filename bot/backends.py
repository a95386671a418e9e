"""tracker_store, event_broker and lock_store of a project's endpoints.yml, as Rasa reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.dialogue.errors import ProjectError
from bot.dialogue.project import Project
from bot.locks import LocalLocks, Locks, RedisLocks
from bot.stores.brokers import Broker, FileBroker, PublishingStore, Store
from bot.stores.rasa_events import RasaTrackerStore, SqlBroker, open_engine
from bot.stores.trackers import SqlTrackerStore

T = TypeVar("T")
log = structlog.get_logger()
_IN_MEMORY = ("", "in_memory", "inmemory", "memory")


def tracker_store(project: Project, engine: Engine) -> Store:
    """Where the conversations are kept, and who is told. Rasa's default forgets them at its end; ours never does:
    without an entry, or for `in_memory`, they are in `engine`. Raises ProjectError for an entry that cannot be used."""
    entry, kind = _entry(project, "tracker_store")
    if kind in _IN_MEMORY:
        store: Store = SqlTrackerStore(engine)
    elif kind == "sql":
        store = _opened(project, "tracker_store", lambda: RasaTrackerStore(open_engine(entry, db="rasa.db")))
    else:
        raise _refused(project, "tracker_store", kind, "sql and in_memory")
    broker = _broker(project)
    return store if broker is None else PublishingStore(store, broker)


def lock_store(project: Project) -> Locks:
    """Raises ProjectError for an entry that cannot be used."""
    entry, kind = _entry(project, "lock_store")
    if kind in _IN_MEMORY:
        return LocalLocks()
    if kind != "redis":
        raise _refused(project, "lock_store", kind, "redis and in_memory")
    try:
        from redis.asyncio import Redis
    except ModuleNotFoundError as err:
        raise ProjectError(
            "lock_store redis needs the package redis; pip install 'daogou[server]'.", project.path / "endpoints.yml"
        ) from err
    client = Redis(
        host=str(entry.get("url") or entry.get("host") or "localhost"),
        port=int(entry.get("port") or 6379),
        db=int(entry.get("db", 1)),
        username=entry.get("username"),
        password=entry.get("password"),
        ssl=bool(entry.get("use_ssl", False)),
    )
    prefix = str(entry.get("key_prefix") or "")
    return RedisLocks(client, prefix=f"{prefix}:" if prefix else "")


def _broker(project: Project) -> Broker | None:
    entry, kind = _entry(project, "event_broker")
    if not kind:
        return None
    if kind == "file":
        return FileBroker(project.path / str(entry.get("path") or "rasa_event.log"))
    if kind == "sql":
        return _opened(project, "event_broker", lambda: SqlBroker(open_engine(entry, db="events.db")))
    log.warning("event_broker_unknown", type=kind, have=["file", "sql"], effect="events are kept but not published")
    return None


def _entry(project: Project, name: str) -> tuple[Mapping[str, Any], str]:
    entry = project.endpoints.get(name) or {}
    if not isinstance(entry, Mapping):
        raise ProjectError(
            f"{name} is {entry!r:.60}; it must be a mapping with a type.", project.path / "endpoints.yml"
        )
    return entry, str(entry.get("type") or entry.get("store_type") or "").lower()


def _opened(project: Project, name: str, open_it: Callable[[], T]) -> T:
    try:
        return open_it()
    except (ValueError, SQLAlchemyError) as err:
        raise ProjectError(f"{name}: {str(err).splitlines()[0]}.", project.path / "endpoints.yml") from err


def _refused(project: Project, name: str, kind: str, have: str) -> ProjectError:
    return ProjectError(f"{name} {kind!r} is not supported; there are {have}.", project.path / "endpoints.yml")
