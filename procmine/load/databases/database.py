"""Databases through SQLAlchemy: a table or a query, read a part at a time, in a transaction that cannot write."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.load.arrays import whole_numbers
from procmine.load.columns import MOST, Columns, find_roles
from procmine.load.databases.queries import check_values, is_ordered, only_reads
from procmine.load.databases.records import Gathering, fingerprint, weight
from procmine.load.raw import Raw, unique_names
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    from sqlalchemy import URL, ColumnClause, Connection, CursorResult, Inspector, TextClause
    from sqlalchemy.engine import Dialect
    from sqlalchemy.engine.interfaces import ReflectedColumn
    from sqlalchemy.sql import Executable, Select

FIRST, ROWS, BYTES = 200, 20_000, 16_000_000  # rows that are fetched at first; the most rows and bytes, later
TIMESTAMP = 7  # the code by which MySQL says that a column holds moments; it sends them in the session's zone: UTC


@dataclass(frozen=True)
class Database:
    """A table of a database, or what a query gives.

    `url_from` is the NAME of the environment variable that holds the address (postgresql://USER:PASSWORD@HOST/NAME); the
    address itself is never given here, kept or shown. `table` may be "schema.table". `query` is one SELECT, in which
    :name stands for what `values` says of it: never write a value into the query itself.
    """

    url_from: str
    table: str | None = None
    query: str | None = None
    values: Mapping[str, str | int | float] = field(default_factory=dict, repr=False, hash=False)

    def __post_init__(self) -> None:
        if not isinstance(self.url_from, str) or not re.fullmatch(r"[A-Za-z_]\w*", self.url_from, re.ASCII):
            raise ValueError(  # what was given may be the address, with a password: it is not repeated
                "url_from is the NAME of an environment variable that holds the database's address, such as PERMITS_DB; "
                "never the address itself, which has a password in it."
            )
        if (self.table is None) == (self.query is None):
            raise ValueError('A database is read from a table or a query: Database("PERMITS_DB", table="events").')
        if self.values and self.query is None:
            raise ValueError("values belong to a query: a table has none.")
        if not all(isinstance(value, str | int | float) for value in self.values.values()):
            raise ValueError("values of a query are text or numbers; write a date as text, 2026-01-31.")

    @property
    def name(self) -> str:
        """What messages call it: no address, and nothing that the name of a file could not hold."""
        what = "a query" if self.table is None else "table " + re.sub(r"[^\w .-]", "_", self.table)
        return f"database {self.url_from}, {what}"


def read_database(where: Database, columns: Columns) -> Raw:
    """A table, or the result of a query; a row's number is its place in what the database sent, from 1.

    The transaction is read-only where the server has such, and always rolled back.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from procmine.load.databases.errors import Failed, refusal

    reading = _Reading(where, columns)
    try:
        return reading.read()
    except (SQLAlchemyError, ImportError, OSError, RuntimeError, UnicodeDecodeError) as error:
        refused = refusal(error, Failed(where.name, reading.backend, reading.connected, reading.rows))
    raise refused  # here, outside: on the driver's error hang the address, the statement and its values


def source_of(where: Database, raw: Raw) -> dict[str, str]:
    """What a log says of where it is from: equal rows, sent in the same order, have an equal hash."""
    return {"data": where.name, "data_sha256": fingerprint(raw.table)}


@dataclass(frozen=True, eq=False)
class _Sent:
    """What is being sent: the names of its columns, which of them hold moments in UTC, and whether rows have a key."""

    result: CursorResult[Any]
    names: Sequence[str]
    utc: frozenset[int]
    wanted: Sequence[str]
    source: Sequence[str]
    keyed: bool = False
    notes: tuple[Message, ...] = ()

    def parts(self) -> Iterator[Sequence[Sequence[Any]]]:
        """The columns of some rows at a time: as many as bring about BYTES."""
        from sqlalchemy.exc import DBAPIError

        size, cursor = FIRST, self.result.cursor
        try:
            while rows := self.result.fetchmany(size):
                columns = list(zip(*rows))
                heavy = sum(map(weight, columns))
                size = max(1, min(ROWS, 4 * size, BYTES * len(rows) // max(heavy, 1)))
                yield columns
        except DBAPIError:
            if cursor is not None:
                with suppress(Exception):  # what counts is the error under way; SQLAlchemy leaves the cursor open then
                    cursor.close()
            raise


class _Reading:
    """One reading; how far it came is what an error may say."""

    def __init__(self, where: Database, columns: Columns) -> None:
        self.where = where
        self.columns = columns
        self.backend = "the database"
        self.connected = False
        self.rows = 0

    def read(self) -> Raw:
        from sqlalchemy.exc import DataError

        from procmine.load.databases.link import address

        url = address(self.where.url_from)
        self.backend = url.get_backend_name()
        try:
            return self._from(url)
        except DataError as error:
            if url.get_driver_name() != "psycopg" or getattr(error.orig, "sqlstate", None):
                raise
        return self._from(
            url, far_times=True
        )  # the driver, not the server: a time that Python's calendar does not hold

    def _from(self, url: URL, far_times: bool = False) -> Raw:
        from procmine.load.databases.link import connected, with_far_times

        self.rows = 0
        with connected(url) as connection:
            self.connected = True
            if far_times:
                with_far_times(connection)
            sent = self._table(connection) if self.where.query is None else self._query(connection, self.where.query)
            raw = self._raw(sent)
        return replace(raw, notes=(*raw.notes, Message("load.database.far"))) if far_times else raw

    def _table(self, connection: Connection) -> _Sent:
        """Only what a log needs; all columns where no key tells rows apart."""
        table = _found(str(self.where.table), connection, self.where.name)
        names = [one["name"] for one in table.columns]
        roles = find_roles(self.columns, names, self.where.name)
        wanted = roles.read(names)
        taken = (
            [*table.columns, *table.left] if not table.key else [one for one in table.columns if one["name"] in wanted]
        )
        by = table.key or ([roles.order] if roles.order else [])
        result = _send(connection, select_from(connection.dialect, table.name, table.schema, taken, by))
        utc = frozenset(place for place, one in enumerate(taken) if _without_its_zone(connection.dialect, one))
        taken_names = [one["name"] for one in taken]
        notes = (*_order_note(table.key, roles.order), *_left_note([one["name"] for one in table.left]))
        utc |= _moments_of_mysql(connection, result)
        return _Sent(result, taken_names, utc, wanted, names, bool(table.key), notes)

    def _query(self, connection: Connection, query: str) -> _Sent:
        only_reads(query)
        result = _send(connection, bound(query, self.where.values))
        names = unique_names(list(result.keys()))
        _refuse_without_zone(connection, result, names)
        wanted = find_roles(self.columns, names, self.where.name).read(names)
        notes = () if is_ordered(query) or self.columns.order else (Message("load.database.query"),)
        return _Sent(result, names, _moments_of_mysql(connection, result), wanted, names, notes=notes)

    def _raw(self, sent: _Sent) -> Raw:
        """The columns that are wanted; of the others only marks, that tell whether rows are equal throughout."""
        import pyarrow as pa

        kept = {place: Gathering(place in sent.utc) for place, name in enumerate(sent.names) if name in sent.wanted}
        others = [place for place in range(len(sent.names)) if place not in kept]
        marks = [np.empty(0, np.int64)]
        for held in sent.parts():
            for place, column in kept.items():
                column.add(held[place])
            unkept = {place: held[place] for place, column in kept.items() if column.kind == "left"}
            marks += [_marks([held[place] for place in others], unkept, len(held[0]))]
            self.rows += len(held[0])
        left = [sent.names[place] for place, column in kept.items() if column.kind == "left"]
        table = pa.table(
            [column.column() for column in kept.values() if column.kind != "left"],
            [sent.names[place] for place, column in kept.items() if column.kind != "left"],
        )
        rest = _rest(np.arange(self.rows) if sent.keyed else np.concatenate(marks))
        unread = sent.keyed or bool(others) or bool(left)
        notes = (*sent.notes, *_left_note(left))
        return Raw(table, self.where.name, sent.source, first=1, rest=rest if unread else None, notes=notes)


def _rest(marks: NDArray[np.int64]) -> Any:
    """Reads the columns that were not kept, as far as it matters whether they are equal."""
    import pyarrow as pa

    return lambda: pa.table([whole_numbers(marks)], ["mark"])


def _marks(others: Sequence[Sequence[Any]], left: Mapping[int, Sequence[Any]], size: int) -> NDArray[np.int64]:
    """Numbers that are equal where rows are, also in what is left out: by its place, as only some parts may hold it."""
    if not others and not left:
        return np.zeros(size, np.int64)
    rows = zip(*others) if others else [()] * size
    unkept = zip(*left.values()) if left else [()] * size
    told = ((row, [one for one in zip(left, held) if one[1] is not None]) for row, held in zip(rows, unkept))
    return np.fromiter((hash(repr(one)) for one in told), np.int64, size)


@dataclass(frozen=True, eq=False)
class _Table:
    schema: str | None
    name: str
    columns: Sequence[ReflectedColumn]
    left: Sequence[ReflectedColumn]
    key: Sequence[str]


def _found(written: str, connection: Connection, source: str) -> _Table:
    """The table or view of that name; LogError with those that there are."""
    from sqlalchemy import inspect

    with warnings.catch_warnings():  # of types that SQLAlchemy does not know
        warnings.simplefilter("ignore")
        inspector = inspect(connection)
        schema, name = _place(written, inspector, source)
        columns = inspector.get_columns(name, schema)
        key = inspector.get_pk_constraint(name, schema)["constrained_columns"]
    nested = [one for one in columns if _is_nested(one)]
    return _Table(schema, name, [one for one in columns if one not in nested], nested, key)


def _place(written: str, inspector: Inspector, source: str) -> tuple[str | None, str]:
    """Schema and name of a table."""
    here = _tables(inspector, None)
    if written in here:
        return None, written
    schemas = inspector.get_schema_names()
    for schema in schemas:
        name = written.removeprefix(f"{schema}.")
        if name != written and name in _tables(inspector, schema):
            return schema, name
    inner = ("information_schema", "pg_catalog", "performance_schema", "mysql", "sys", inspector.default_schema_name)
    others = [] if len(schemas) > MOST else [one for one in schemas if one not in inner]
    there = here + [f"{schema}.{name}" for schema in others for name in _tables(inspector, schema)]
    near = get_close_matches(written, there, 1)
    meant = f" Did you mean {near[0]!r}?" if near else ""
    listed = ", ".join(there[:MOST]) + (f" and {len(there) - MOST} more" if len(there) > MOST else "")
    raise LogError(
        f"{source}: there is no such table or view.{meant} There are: {listed or 'none that this user may see'}."
    )


def _tables(inspector: Inspector, schema: str | None) -> list[str]:
    return [*inspector.get_table_names(schema), *_views(inspector, schema)]


def _views(inspector: Inspector, schema: str | None) -> list[str]:
    stored: list[str] = []
    if inspector.dialect.name in ("postgresql", "oracle"):
        stored = inspector.get_materialized_view_names(schema)
    return [*inspector.get_view_names(schema), *stored]


def _is_nested(column: ReflectedColumn) -> bool:
    """Whether a column holds bytes, lists or documents, which no text stands for."""
    from sqlalchemy import ARRAY, JSON
    from sqlalchemy.types import _Binary

    return isinstance(column["type"], ARRAY | JSON | _Binary)


def select_from(
    dialect: Dialect, name: str, schema: str | None, taken: Sequence[ReflectedColumn], by: Sequence[str]
) -> Select[Any]:
    """These columns of a table, in the order of some of them; names are quoted as the dialect does."""
    from sqlalchemy import column, select, table

    plain: dict[str, ColumnClause[Any]] = {one["name"]: column(one["name"]) for one in taken}
    for one in by:
        plain.setdefault(one, column(one))
    source = table(name, *plain.values(), schema=schema)
    shown = [_shown(dialect, source.c[one["name"]], one) for one in taken]
    return select(*shown).select_from(source).order_by(*(source.c[one] for one in by))


def _shown(dialect: Dialect, column: Any, reflected: ReflectedColumn) -> Any:
    """The column as it is, but for what drivers would change without a word."""
    from sqlalchemy import func
    from sqlalchemy.dialects.mysql import BIT

    if _without_its_zone(dialect, reflected):
        return func.sys_extract_utc(column).label(reflected["name"])
    if isinstance(reflected["type"], BIT):  # it comes as bytes
        return (column + 0).label(reflected["name"])
    return column


def _without_its_zone(dialect: Dialect, reflected: ReflectedColumn) -> bool:
    """Whether the driver would leave out a moment's offset from UTC: Oracle's does."""
    return dialect.name == "oracle" and bool(getattr(reflected["type"], "timezone", False))


def _refuse_without_zone(connection: Connection, result: CursorResult[Any], names: Sequence[str]) -> None:
    if connection.dialect.name != "oracle" or result.cursor is None:
        return
    for name, described in zip(names, result.cursor.description or ()):
        if getattr(described[1], "name", "") in ("DB_TYPE_TIMESTAMP_TZ", "DB_TYPE_TIMESTAMP_LTZ"):
            raise LogError(
                f"Column {name!r} holds times with an offset, which Oracle's driver leaves out. Read the table instead of a "
                f"query; or write sys_extract_utc({name}) in the query, and mind that its times are then those of UTC."
            )


def _moments_of_mysql(connection: Connection, result: CursorResult[Any]) -> frozenset[int]:
    """The columns of MySQL that hold moments (TIMESTAMP), unlike those that hold what a clock shows (DATETIME)."""
    if connection.dialect.name not in ("mysql", "mariadb") or result.cursor is None:
        return frozenset()
    described = result.cursor.description or ()
    return frozenset(place for place, one in enumerate(described) if one[1] == TIMESTAMP)


def bound(query: str, values: Mapping[str, str | int | float]) -> TextClause:
    """The query with its values beside it: they go to the server as values, never as SQL."""
    from sqlalchemy import text

    clause = text(query.strip().removesuffix(";"))
    check_values(clause.compile().params, values)
    return clause.bindparams(**values)


def _send(connection: Connection, query: Executable) -> CursorResult[Any]:
    return connection.execution_options(stream_results=True, max_row_buffer=FIRST).execute(query)


def _order_note(key: Sequence[str], order: str | None) -> tuple[Message, ...]:
    if key:
        return (Message("load.database.key", {"names": ", ".join(key)}),)
    return () if order else (Message("load.database.unordered"),)


def _left_note(names: Sequence[str]) -> tuple[Message, ...]:
    return (Message("load.database.left", {"names": ", ".join(names)}),) if names else ()
