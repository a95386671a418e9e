"""The database: whether it is there, whole, and of the version that this program works with. It is only read."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.doctor.findings import Finding, described
from bot.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

SECONDS = 2
"""What a server has to answer."""
_FILL = "`daogou demo` makes the demo shop, `daogou import` brings your own data in"


def database(settings: Settings, shop: bool) -> Iterator[Finding]:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    given = settings.engine_url if shop else settings.project_url(settings.project)
    try:
        url = make_url(given)
    except ArgumentError:
        said = "DAOGOU_DATABASE_URL is no address; write postgresql+psycopg://…, or nothing"
        yield Finding("database", "problem", said)
        return
    where, remedy = (
        url.render_as_string(hide_password=True),
        "restore it from a backup, or move it away and import again",
    )
    if url.drivername == "sqlite":
        file = Path(url.database or "")
        try:
            file.stat()
        except (FileNotFoundError, NotADirectoryError):
            said = f"there is none yet at {file}; {_FILL if shop else 'the first start makes it'}"
            yield Finding("database", "warning" if shop else "ok", said)
            return
        except OSError as err:
            yield Finding(
                "database", "problem", f"{file} cannot be read ({err.strerror}); give it to the server's user"
            )
            return
        if not os.access(file, os.W_OK):
            yield Finding("database", "problem", f"{file} cannot be written to; give the server's user write access")
            return
    elif url.drivername == "postgresql+psycopg":
        remedy = "check that it runs, and the name, password and database of DAOGOU_DATABASE_URL"
    else:
        said = f"{url.drivername!r} in DAOGOU_DATABASE_URL is none of ours; write postgresql+psycopg://…, or nothing"
        yield Finding("database", "problem", said)
        return
    try:
        with reading(given) as connection:
            yield from _tables(connection, where, shop)
    except ModuleNotFoundError as err:
        yield Finding("database", "problem", f"PostgreSQL needs the package {err.name}: pip install 'daogou[server]'")
    except SQLAlchemyError as err:
        why = described(getattr(err, "orig", None) or err)
        yield Finding("database", "problem", f"{where} cannot be read ({why}); {remedy}")


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """A connection that changes nothing, not even the version of the tables."""
    from sqlalchemy import create_engine, make_url

    if url.startswith("sqlite"):
        name = f"file:{quote(make_url(url).database or '')}?mode=ro"
        engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(name, uri=True, timeout=SECONDS))
    else:
        engine = create_engine(url, connect_args={"connect_timeout": SECONDS})
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _tables(connection: Connection, where: str, shop: bool) -> Iterator[Finding]:
    from sqlalchemy import func, inspect, select, text

    from bot.stores.database import NEWEST
    from bot.stores.schema import metadata, products

    if connection.dialect.name == "sqlite":
        said = " ".join(str(connection.execute(text("PRAGMA quick_check(1)")).scalar()).split())
        if said != "ok":
            yield Finding("database", "problem", f"{where} is damaged ({said:.100}); restore it from a backup")
            return
    seen = inspect(connection)
    there = set(seen.get_table_names())
    versioned = "alembic_version" in there
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if versioned else None
    if version is None:
        if strange := sorted(there & set(metadata.tables)):
            said = f"{where} has tables of ours without a version ({', '.join(strange[:3])}); it is another program's, or broken"
            yield Finding("database", "problem", said)
        else:
            yield Finding("database", "warning" if shop else "ok", f"{where} is empty; the next start makes its tables")
        return
    if str(version) > NEWEST:
        yield Finding(
            "database", "problem", f"{where} is at version {version}, this program knows {NEWEST}: upgrade Daogou"
        )
        return
    if version != NEWEST:
        yield Finding(
            "database", "warning", f"{where} is at version {version}; the next start brings it to {NEWEST}: back it up"
        )
        return
    missing = [name for name in metadata.tables if name not in there]
    for table in metadata.tables.values():
        if table.name in there:
            have = {column["name"] for column in seen.get_columns(table.name)}
            missing += [f"{table.name}.{column.name}" for column in table.columns if column.name not in have]
    if missing:
        said = f"{where} lacks {', '.join(missing[:5])} of version {NEWEST}; restore it from a backup"
        yield Finding("database", "problem", said)
        return
    count = connection.execute(select(func.count()).select_from(products)).scalar_one() if shop else None
    if count == 0:
        yield Finding("database", "warning", f"{where} has no products: {_FILL}")
    else:
        yield Finding("database", "ok", f"{where}, version {version}" + (f", {count} products" if shop else ""))
