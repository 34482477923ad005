"""Logs of objects in SQLite, of both versions: opened to be read only, with nothing in the file run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from procmine.load.formats.objects import Gathered, ObjectLog, Value
from procmine.log import LogError

SQLITE = b"SQLite format 3\0"  # how such a file begins
LONGEST = 1 << 26  # bytes of one value
FIRST, SECOND = ("EVENTS", "RELATIONS"), ("event", "object", "event_object", "event_map_type", "object_map_type")

Row = dict[str, "str | None"]


def read_sqlite(path: Path) -> ObjectLog:
    """Version 1 (tables EVENTS, OBJECTS, RELATIONS) or 2 (event, object, event_object and one a type)."""
    try:
        with closing(_opened(path)) as base:
            tables = _tables(base)
            if all(name in tables for name in SECOND):
                return _second_version(_Base(base, tables, path.name))
            if all(name in tables for name in FIRST):
                return _first_version(_Base(base, tables, path.name))
    except sqlite3.Error as error:
        raise LogError(f"{path.name} cannot be read as a database: {error}. Copy or export it again.") from error
    raise LogError(
        f"{path.name} is a database and no log of objects. Its tables: {', '.join(list(tables)[:20]) or 'none'}. To read one "
        "of them, put its address into an environment variable, say PERMITS_DB=sqlite:///FOLDER/FILE, and name it: "
        'procmine.read(procmine.Database("PERMITS_DB", table="...")), or in a spec '
        "database: {url_from: PERMITS_DB, table: ...}, or with a query in place of the table."
    )


def is_ocel_database(path: Path) -> bool:
    try:
        with closing(_opened(path)) as base:
            tables = _tables(base)
    except sqlite3.Error:
        return False
    return all(name in tables for name in FIRST) or all(name in tables for name in SECOND)


def _opened(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    base.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    base.execute("PRAGMA trusted_schema = OFF")
    return base


def _tables(base: sqlite3.Connection) -> dict[str, str]:
    """Plain tables only: a view, or a table that a module makes up, could do anything and go on for ever."""
    found = base.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    return {name: sql for name, sql in found if not (sql or "").lstrip().upper().startswith("CREATE VIRTUAL")}


class _Base:
    """The tables of a database as rows of text."""

    def __init__(self, base: sqlite3.Connection, tables: Mapping[str, str], source: str) -> None:
        self.base, self.tables, self.gathered = base, tables, Gathered(source)

    def rows(self, table: str) -> Iterator[Row]:
        """All rows, in the order in which they were put in; truth values as true and false."""
        if table not in self.tables:
            return
        name = _quoted(table)
        declared = {one[1]: str(one[2]).upper() for one in self.base.execute(f"PRAGMA table_info({name})")}
        order = " ORDER BY rowid" if "WITHOUT ROWID" not in self.tables[table].upper() else ""
        found = self.base.execute(f"SELECT * FROM {name}{order}")
        names = [one[0] for one in found.description]
        truths = [declared.get(one, "").startswith("BOOL") for one in names]
        for row in found:
            self.gathered.left |= {key: None for key, value in zip(names, row) if isinstance(value, bytes)}
            yield {key: _text(value, truth) for key, value, truth in zip(names, row, truths)}

    def id(self, row: Row, *names: str) -> str:
        """The first of these columns; it must hold something."""
        found = next((row[name] for name in names if row.get(name)), None)
        if not found:
            raise LogError(
                f"{self.gathered.source}: a row has no {' or '.join(names)}, which such a log needs. Export it again."
            )
        return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: Any, truth: bool) -> str | None:
    if value is None or isinstance(value, bytes):
        return None
    if truth and value in (0, 1):
        return "true" if value else "false"
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _first_version(base: _Base) -> ObjectLog:
    gathered = base.gathered
    related: dict[str, list[tuple[str, str | None]]] = {}
    kinds: dict[str, str] = {}
    for row in base.rows("RELATIONS"):
        key = base.id(row, "ocel:oid")
        related.setdefault(base.id(row, "ocel:eid"), []).append((key, row.get("ocel:qualifier")))
        kinds[key] = row.get("ocel:type") or ""
    for row in base.rows("OBJECTS"):
        values = [
            Value(name, value) for name, value in row.items() if value is not None and not name.startswith("ocel:")
        ]
        id = base.id(row, "ocel:oid")
        gathered.object(id, base.id(row, "ocel:type"), values)
        kinds.pop(id, None)
    if "OBJECTS" not in base.tables:
        for id, kind in kinds.items():
            gathered.object(id, kind)
    for row in base.rows("EVENTS"):
        id = base.id(row, "ocel:eid")
        held: Row = {name: value for name, value in row.items() if value is not None and not name.startswith("ocel:")}
        gathered.event(id, row.get("ocel:activity"), row.get("ocel:timestamp"), held, related.get(id, ()))
    return gathered.done()


def _second_version(base: _Base) -> ObjectLog:
    gathered = base.gathered
    related: dict[str, list[tuple[str, str | None]]] = {}
    for row in base.rows("event_object"):
        one = (base.id(row, "ocel_object_id"), row.get("ocel_qualifier"))
        related.setdefault(base.id(row, "ocel_event_id"), []).append(one)
    values = _values(base)
    for row in base.rows("object"):
        id = base.id(row, "ocel_id")
        gathered.object(id, base.id(row, "ocel_type"), values.get(id, ()))
    said = _said(base)
    for row in base.rows("event"):
        id = base.id(row, "ocel_id")
        held = said.get(id, {})
        gathered.event(id, row.get("ocel_type"), held.pop("ocel_time", None), held, related.get(id, ()))
    return gathered.done()


def _maps(base: _Base, what: str) -> Iterator[str]:
    """The tables of the types of events, or of objects."""
    for row in base.rows(f"{what}_map_type"):
        yield f"{what}_{base.id(row, 'ocel_type_map')}"


def _values(base: _Base) -> dict[str, list[Value]]:
    """What is said of objects: a row that names a changed field says only that one."""
    found: dict[str, list[Value]] = {}
    for table in _maps(base, "object"):
        for row in base.rows(table):
            changed, since = row.get("ocel_changed_field"), row.get("ocel_time")
            names = [changed] if changed else [name for name in row if not name.startswith("ocel_")]
            values = [Value(name, row[name], since) for name in names if row.get(name) is not None]
            found.setdefault(base.id(row, "ocel_id"), []).extend(values)
    return found


def _said(base: _Base) -> dict[str, Row]:
    """What is said of events, with their time."""
    found: dict[str, Row] = {}
    for table in _maps(base, "event"):
        for row in base.rows(table):
            held: Row = {name: value for name, value in row.items() if value is not None and name != "ocel_id"}
            found[base.id(row, "ocel_id")] = held
    return found
