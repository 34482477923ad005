"""Logs of objects (OCEL 1.0 and 2.0): which of its encodings a file is in, and the one as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from procmine.load.columns import Columns
from procmine.load.formats.flatten import flatten, flatten_table
from procmine.load.formats.objects import Gathered, ObjectLog, Value
from procmine.load.formats.ocel_sqlite import SQLITE, is_ocel_database, read_sqlite
from procmine.load.formats.ocel_xml import NotObjects, read_xml
from procmine.load.formats.packed import is_packed, open_packed
from procmine.load.formats.xes import read_xes
from procmine.load.raw import Raw
from procmine.log import LogError

__all__ = ["flatten_table", "is_ocel", "read_ocel"]

HEAD = 1 << 16  # bytes from which the kind of a file is told
LARGEST = 1 << 31  # bytes of JSON, which must be in memory as a whole


def read_ocel(path: Path, columns: Columns) -> Raw:
    """A log of objects as JSON, XML or SQLite, told from what is in it, as the log of `columns.object_type`.

    A .json that is an array of objects is read as a table, and XML with traces as XES. LogError for a database that is
    no log of objects, and where the type is not said.
    """
    head = _head(path)
    if head.startswith(SQLITE):
        if is_packed(path):
            raise LogError(f"{path.name} is a packed database, which can only be read unpacked. Unpack it first.")
        return flatten(read_sqlite(path), columns)
    if _begins(head) == "<":
        return _xml(path, columns)
    if _begins(head) == "[":
        from procmine.load.formats.json_lines import read_json

        return read_json(path, columns)
    return flatten(_json(path, columns.encoding), columns)


def is_ocel(path: Path) -> bool:
    """Whether a file looks like a log of objects as JSON, XML or SQLite."""
    head = _head(path)
    if head.startswith(SQLITE):
        return not is_packed(path) and is_ocel_database(path)
    text = head.replace(b"\0", b"")
    if _begins(head) == "<":
        return b"<trace" not in text and any(mark in text for mark in (b"<object-types", b'"object-types"', b"<events"))
    return any(mark in text for mark in (b'"ocel:', b'"objectTypes"', b'"eventTypes"'))


def _head(path: Path) -> bytes:
    with open_packed(path) as file:
        return file.read(HEAD)


def _begins(head: bytes) -> str:
    """The first sign of a text, in whatever encoding."""
    for mark in (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"):
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip()[:1].decode("latin-1")


def _xml(path: Path, columns: Columns) -> Raw:
    try:
        return flatten(read_xml(path, columns.encoding), columns)
    except NotObjects:
        return read_xes(path, columns)


def _json(path: Path, encoding: str | None) -> ObjectLog:
    whole = _Item(_loaded(path, encoding), path.name)
    gathered = Gathered(path.name)
    if "ocel:events" in whole.held:
        _first_version(whole, gathered)
    elif "events" in whole.held and "objects" in whole.held:
        _second_version(whole, gathered)
    else:
        keys = ", ".join(list(whole.held)[:8])
        raise LogError(
            f"{path.name} is JSON, but no log of objects (which has events and objects) and no array of rows. It holds: "
            f"{keys or 'nothing'}. A file with one row a line is named .jsonl."
        )
    return gathered.done()


def _loaded(path: Path, encoding: str | None) -> Any:
    """The whole file; numbers stay as they were written, without the .0 of a whole one."""
    with open_packed(path) as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise LogError(f"{path.name} is larger than {LARGEST >> 30} GB, too large for JSON. Export it as SQLite.")
    try:
        text: str | bytes = data.decode(encoding) if encoding else data
        return json.loads(
            text, parse_float=whole_number, parse_int=str, parse_constant=str, object_pairs_hook=_no_key_twice
        )
    except RecursionError as error:
        raise LogError(f"{path.name}: values stand inside one another too deep: refused. Export it again.") from error
    except LogError:
        raise
    except (ValueError, LookupError) as error:
        raise LogError(f"{path.name} is not sound JSON: {error}. Was it cut off, or edited by hand?") from error


def whole_number(written: str) -> str:
    return written.removesuffix(".0")


def _no_key_twice(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object, unless one of its keys stands twice: all but the last would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for at, key in enumerate(keys) if key in keys[:at])
        shown = twice if twice.startswith("ocel:") else "an id or a name"
        raise LogError(f"The JSON holds {shown} twice in one place, and only one could be kept. Export it again.")
    return found


class _Item:
    """A JSON object, and where it stands, for errors."""

    def __init__(self, held: Any, where: str) -> None:
        if not isinstance(held, dict):
            raise LogError(f"{where} is not as a log of objects has it: expected an object with keys.")
        self.held: Mapping[str, Any] = held
        self.where = where

    def text(self, key: str) -> str | None:
        return _text(self.held.get(key))

    def id(self, key: str) -> str:
        """Text that must be there."""
        found = self.text(key)
        if not found:
            raise LogError(f"{self.where} has no {key!r}, which every event and object of such a log has.")
        return found

    def several(self, key: str) -> Iterator[_Item]:
        """The objects in a list."""
        found = self.held.get(key) or []
        if not isinstance(found, list):
            raise LogError(f"{self.where}: {key!r} is not a list.")
        return (_Item(one, f"{self.where}, {key!r} item {number:,}") for number, one in enumerate(found, 1))

    def named(self, key: str) -> Iterator[tuple[str, _Item]]:
        """The objects in an object, by key."""
        found = _Item(self.held.get(key) or {}, f"{self.where}, {key!r}")
        return (
            (name, _Item(one, f"{self.where}, {key!r} item {number:,}"))
            for number, (name, one) in enumerate(found.held.items(), 1)
        )

    def values(self, key: str) -> dict[str, str | None]:
        return {name: _text(one) for name, one in _Item(self.held.get(key) or {}, self.where).held.items()}

    def texts(self, key: str) -> list[str]:
        found = self.held.get(key) or []
        if not isinstance(found, list):
            raise LogError(f"{self.where}: {key!r} is not a list.")
        return [one for one in map(_text, found) if one]


def _text(value: Any) -> str | None:
    """A value as text; what holds others as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _first_version(whole: _Item, gathered: Gathered) -> None:
    changes = _changes(whole)
    for id, one in whole.named("ocel:objects"):
        values = [Value(name, value) for name, value in one.values("ocel:ovmap").items()]
        gathered.object(id, one.id("ocel:type"), [*values, *changes.get(id, ())])
    for id, one in whole.named("ocel:events"):
        how = {pair.id("ocel:oid"): pair.text("ocel:qualifier") for pair in one.several("ocel:typedOmap")}
        related = [(key, how.get(key)) for key in dict.fromkeys([*one.texts("ocel:omap"), *how])]
        step, time = one.text("ocel:activity"), one.text("ocel:timestamp")
        gathered.event(id, step, time, one.values("ocel:vmap"), related)


def _changes(whole: _Item) -> dict[str, list[Value]]:
    """Values that attributes of objects took later, as pm4py writes them."""
    found: dict[str, list[Value]] = {}
    for one in whole.several("ocel:objectChanges"):
        name = one.id("ocel:field")
        value = Value(name, one.text(name), one.text("ocel:timestamp") or "?")
        found.setdefault(one.id("ocel:oid"), []).append(value)
    return found


def _second_version(whole: _Item, gathered: Gathered) -> None:
    for one in whole.several("objects"):
        values = [Value(each.id("name"), each.text("value"), each.text("time")) for each in one.several("attributes")]
        gathered.object(one.id("id"), one.id("type"), values)
    for one in whole.several("events"):
        held = {each.id("name"): each.text("value") for each in one.several("attributes")}
        related = [(each.id("objectId"), each.text("qualifier")) for each in one.several("relationships")]
        gathered.event(one.id("id"), one.text("type"), one.text("time"), held, related)
