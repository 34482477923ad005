"""The way to a database: its address from the environment, its driver, and a connection that only reads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.log import LogError

if TYPE_CHECKING:
    import sqlite3

    from sqlalchemy import URL, Connection

EXAMPLE = "postgresql://USER:PASSWORD@HOST/DATABASE"
PATIENCE = 15  # seconds to wait for a server that does not answer


@dataclass(frozen=True)
class Kind:
    """A kind of database: what it is called, the driver that is meant where an address names none, and its extra."""

    name: str
    driver: str
    extra: str


POSTGRESQL, MYSQL = Kind("PostgreSQL", "psycopg", "postgresql"), Kind("MySQL", "pymysql", "mysql")
KINDS = {  # by how an address begins
    "postgresql": POSTGRESQL,
    "mysql": MYSQL,
    "mariadb": Kind("MariaDB", "pymysql", "mysql"),
    "mssql": Kind("SQL Server", "mssqlpython", "sqlserver"),
    "oracle": Kind("Oracle", "oracledb", "oracle"),
    "sqlite": Kind("SQLite", "pysqlite", ""),
}


def address(variable: str) -> URL:
    """The address that an environment variable holds; no error repeats any of it."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    written = os.environ.get(variable, "").strip()
    if not written:
        raise LogError(
            f"The environment variable {variable} is not set; it holds the address of the database. Set it, in the window "
            f'from which procmine or JupyterLab is then started. Windows (PowerShell): $env:{variable} = "{EXAMPLE}"; '
            f'Linux and macOS: export {variable}="{EXAMPLE}"; a file: sqlite:///C:/data/permits.db or '
            "sqlite:////data/permits.db."
        )
    try:
        url = make_url(written.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError):
        url = None
    if url is None:
        raise LogError(
            f"What {variable} holds is not the address of a database; it looks so: {EXAMPLE}. In a password, write @ as "
            "%40, : as %3A, / as %2F and % as %25."
        )
    return _with_driver(url, variable)


def _with_driver(url: URL, variable: str) -> URL:
    """The same with a driver; a kind that is not known here must name its own."""
    if "+" in url.drivername:
        return url
    kind = KINDS.get(url.drivername)
    if kind is None:
        raise LogError(f"What {variable} holds begins with none of: {', '.join(f'{one}://' for one in KINDS)}.")
    return url.set(drivername=f"{url.drivername}+{kind.driver}")


@contextmanager
def connected(url: URL) -> Iterator[Connection]:
    """A connection for one reading, in which nothing can be written; whatever happens, it is rolled back and closed."""
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    engine = create_engine(url, poolclass=NullPool, hide_parameters=True, **_ways(url))
    try:
        with engine.connect() as connection:
            try:
                yield _read_only(connection)
            except BaseException:
                if connection.dialect.name in ("mysql", "mariadb"):
                    connection.invalidate()  # else the driver first fetches all that is left
                raise
            connection.rollback()
    finally:
        engine.dispose()


def _ways(url: URL) -> dict[str, Any]:
    """How a driver is told to open a file for reading only, or to give up on a server that does not answer."""
    kind, driver = url.get_backend_name(), url.get_driver_name()
    if kind == "sqlite":
        file = _file(url)
        return {"creator": lambda: _opened(file)}
    said: dict[str, Any] = {}
    if driver in ("psycopg", "psycopg2", "pymysql") and "connect_timeout" not in url.query:
        said["connect_timeout"] = PATIENCE
    if driver == "pymysql" and url.password:
        said["password"] = url.password.encode()  # else it takes them for Latin-1
    return {"connect_args": said}


def _file(url: URL) -> Path:
    file = Path(url.database or "")
    if url.query or (url.database or "").startswith("file:"):
        raise LogError("The address of an SQLite file has no options; it looks so: sqlite:///C:/data/permits.db")
    if not file.is_file():
        raise LogError(
            "The address names an SQLite file that is not there. It looks so: sqlite:///C:/data/permits.db on Windows, "
            "sqlite:////data/permits.db elsewhere (four strokes), and is best a whole path."
        )
    return file.resolve()


def _opened(file: Path) -> sqlite3.Connection:
    import sqlite3

    return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)


def _read_only(connection: Connection) -> Connection:
    """With a transaction in which the server refuses to write, where it has such; and with times in UTC.

    SQL Server has none: there, what guards is that a query may hold no word that writes, and the rolling back.
    """
    kind = connection.dialect.name
    if kind == "postgresql":
        connection = connection.execution_options(postgresql_readonly=True)
    for line in {
        "postgresql": ("SET TIME ZONE 'UTC'",),
        "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION time_zone = '+00:00'"),
        "mariadb": ("SET SESSION TRANSACTION READ ONLY", "SET SESSION time_zone = '+00:00'"),
        "oracle": ("SET TRANSACTION READ ONLY",),
        "sqlite": ("PRAGMA query_only = ON",),
    }.get(kind, ()):
        connection.exec_driver_sql(line)
    return connection


def with_far_times(connection: Connection) -> None:
    """Let PostgreSQL's infinity, and other times that Python's calendar does not hold, be its last or first moment."""
    from datetime import UTC, date, datetime

    from psycopg import DataError
    from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader

    def bounded(loader: Any, least: date, most: date) -> Any:
        def load(self: Any, data: Any) -> Any:
            try:
                return loader.load(self, data)
            except DataError:
                before = bytes(data).startswith(b"-") or bytes(data).endswith(b"BC")
                return least if before else most

        return type(f"Bounded{loader.__name__}", (loader,), {"load": load})

    adapters: Any = connection.connection.dbapi_connection
    for name, loader, least, most in (
        ("date", DateLoader, date.min, date.max),
        ("timestamp", TimestampLoader, datetime.min, datetime.max),
        ("timestamptz", TimestamptzLoader, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
    ):
        adapters.adapters.register_loader(name, bounded(loader, least, most))
