"""Several files as one table: exports by month or office, whose columns may drift from one to the next."""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.load.columns import MOST, NEEDED, ROLES, Columns, find_roles, plain
from procmine.load.raw import IN_FILE, Places, Raw, file_hash, unique_names
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

ReadOne = Callable[[Path, Columns], Raw]
TEXTS = (".csv", ".tsv", ".txt")
TIMES = ("timestamp", "start", "arrival")
LISTED = 6  # files in a message


@dataclass(frozen=True, eq=False)
class FilePart:
    """One file: `called` maps the names of its columns to those of the whole."""

    path: Path
    name: str
    called: Mapping[str, str]

    @cached_property
    def _own(self) -> dict[str, str]:
        return {whole: own for own, whole in self.called.items()}

    def own(self, name: str | None) -> str | None:
        """What a column of the whole is called in this file, if it is there."""
        return None if name is None else self._own.get(name)


def is_several(source: str | Path) -> bool:
    """Whether a source is a folder, or a pattern such as exports/2026-*.csv, and no single file."""
    path = Path(source)
    return path.is_dir() or (not path.exists() and any(sign in str(source) for sign in "*?["))


def files_of(source: str | Path, kinds: Callable[[Path], bool]) -> tuple[list[Path], list[str]]:
    """The files in a folder or those that fit a pattern, in natural order (2 before 10), and the names of those left out.

    A folder's specs, hidden files and rows once set aside are no data. `kinds` tells files that can be read.
    """
    path = Path(source)
    found = list(path.iterdir()) if path.is_dir() else [Path(one) for one in glob.glob(str(source), recursive=True)]
    files = sorted((one for one in found if one.is_file() and not _own(one.name)), key=_natural)
    kept = [one for one in files if kinds(one)]
    if not kept:
        raise LogError(
            f"{source}: no file there can be read." + (f" There are: {few_of([*map(str, files)])}." if files else "")
        )
    return kept, [one.name for one in files if one not in set(kept)]


def files_hash(source: str | Path, kinds: Callable[[Path], bool]) -> str:
    """SHA-256 of a file's bytes; of several files, that of theirs one after the other."""
    if not is_several(source):
        return file_hash(Path(source))
    each = [file_hash(path) for path in files_of(source, kinds)[0]]
    return hashlib.sha256("".join(each).encode()).hexdigest()


def _own(name: str) -> bool:
    """Files that are about the data or left by programs."""
    aside = re.search(r"\.set-aside(-\d+)?\.(csv|xlsx)$", name)
    return bool(aside) or name.startswith((".", "~$")) or name.endswith((".yaml", ".yml"))


def _natural(path: Path) -> list[tuple[int, int | str]]:
    """Numbers in names count as numbers."""
    return [(0, int(one)) if one.isdecimal() else (1, one) for one in re.split(r"(\d+)", str(path).lower())]


def read_folder(source: str | Path, columns: Columns, read_one: ReadOne, kinds: Callable[[Path], bool]) -> Raw:
    """One table from the files in a folder or of a pattern; a note says which files there are no data."""
    paths, left = files_of(source, kinds)
    raw = read_several(paths, columns, read_one)
    notes = (Message("load.several.left", {"names": few_of(left)}),) if left else ()
    return replace(raw, notes=(*raw.notes, *notes))


def read_several(paths: Sequence[Path], columns: Columns, read_one: ReadOne) -> Raw:
    """One table from all files, in their order; rows keep their file and number.

    Columns are matched by their name, else by it without case, blanks and punctuation; a note says which name was taken
    for which, and which column is missing in which files (empty there). LogError where a file has no case, activity or
    time. Delimiter, encoding and the way dates are written may differ by file. Rows in two files (exports that overlap)
    are duplicates as others are.
    """
    parts, names = _parts(paths, columns, read_one)
    roles = find_roles(columns, names, name_of_all(paths))
    _check_needed(parts, roles)
    wanted = [name for name in names if name in set(roles.read(names))]
    raws = [read_one(part.path, _own_columns(part, columns, roles)) for part in parts]
    tables = [_table(part, raw, wanted) for part, raw in zip(parts, raws)]
    tables, dated = _dates(parts, raws, tables, roles)
    rest = [name for name in names if name not in set(wanted)]
    return Raw(
        _joined(tables, wanted),
        name_of_all(paths),
        names,
        first=1,
        rest=(lambda: _joined([_table(part, raw, rest) for part, raw in zip(parts, raws)], rest)) if rest else None,
        ragged={
            key + IN_FILE * code: text for code, raw in enumerate(raws) for key, text in (raw.ragged or {}).items()
        },
        notes=(read_note(parts), *_drift(parts, names), *notes_of(parts, raws), *dated),
        serials=all(raw.serials for raw in raws),
        repeats=all(raw.repeats for raw in raws),
        places=_places(parts, raws),
    )


def name_of_all(paths: Sequence[Path]) -> str:
    """A name for all files."""
    folders = {path.parent for path in paths}
    return f"{len(paths):,} files in {folders.pop().resolve().name}" if len(folders) == 1 else f"{len(paths):,} files"


def _parts(paths: Sequence[Path], columns: Columns, read_one: ReadOne) -> tuple[list[FilePart], list[str]]:
    """Each file with its names, and the names of the whole: as in Columns, else as where they are first."""
    short = short_names(paths)
    asked = {getattr(columns, role): None for role in ROLES} | dict.fromkeys(
        (*(columns.attributes or ()), *(columns.event_attributes or ()))
    )
    names: dict[str, None] = {}
    parts = []
    for path, name in zip(paths, short):
        own = unique_names(_names(path, columns, read_one))
        called = _called(own, [one for one in asked if one], list(names))
        names |= dict.fromkeys(called.values())
        parts.append(FilePart(path, name, called))
    return parts, list(names)


def short_names(paths: Sequence[Path]) -> list[str]:
    """Names of files; with their folders where two are alike."""
    return [path.name if sum(one.name == path.name for one in paths) == 1 else str(path) for path in paths]


def _names(path: Path, columns: Columns, read_one: ReadOne) -> Sequence[str]:
    """The columns of a file; of text without reading it."""
    from procmine.load.formats.delimited import names_of
    from procmine.load.formats.packed import inner_name

    if Path(inner_name(path).lower()).suffix in TEXTS:
        return names_of(path, columns)
    bare: dict[str, Any] = {**dict.fromkeys(ROLES), "attributes": (), "event_attributes": ()}
    return read_one(path, replace(columns, **bare)).names


def _called(own: Sequence[str], asked: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """The names of a file's columns in the whole: equal, or alike as only one is; else their own."""
    whole = list(dict.fromkeys((*asked, *known)))
    there = set(whole)
    called = {name: name for name in own if name in there}
    free = [name for name in whole if name not in called]
    for name in own:
        if name not in called:
            alike = [one for one in free if plain(one) == plain(name) and plain(one)]
            rivals = [one for one in own if plain(one) == plain(name)]
            called[name] = alike[0] if len(alike) == len(rivals) == 1 else name
    return {name: called[name] for name in own}


def _check_needed(parts: Sequence[FilePart], roles: Columns) -> None:
    """LogError for a file without the column of a case, an activity or a time."""
    for role in NEEDED:
        name = getattr(roles, role)
        without = [part for part in parts if name is not None and part.own(name) is None]
        if without:
            there = few_of(list(without[0].called), MOST)
            more = f" It is missing in {len(without) - 1:,} more." if len(without) > 1 else ""
            raise LogError(
                f"{without[0].name} has no column {name!r}, which is the {role} in other files. It has: {there}.{more} "
                f"Rename the column there, or read that file by itself with Columns({role}=...); or leave it out."
            )


def _own_columns(part: FilePart, columns: Columns, roles: Columns) -> Columns:
    """The columns of the whole, as a file calls them."""
    said: dict[str, Any] = {role: part.own(getattr(roles, role)) for role in ROLES}
    for role in ("attributes", "event_attributes"):
        named = getattr(columns, role)
        said[role] = None if named is None else tuple(own for one in named if (own := part.own(one)) is not None)
    if columns.milestones:
        said["milestones"] = {part.own(name) or name: step for name, step in columns.milestones.items()}
    return replace(columns, **said)


def _table(part: FilePart, raw: Raw, wanted: Sequence[str]) -> pa.Table:
    """Those of the wanted columns that are in a file, under the names of the whole."""
    table = _named(raw.table, part)
    lacking = [name for name in wanted if name not in table.column_names and part.own(name) is not None]
    if lacking and raw.rest is not None:
        others = _named(raw.rest(), part)
        for name in lacking:
            if name in others.column_names:
                table = table.append_column(name, others[name])
    return table.select([name for name in wanted if name in table.column_names])


def _named(table: pa.Table, part: FilePart) -> pa.Table:
    return table.rename_columns([part.called.get(name, name) for name in table.column_names])


def _joined(tables: Sequence[pa.Table], names: Sequence[str]) -> pa.Table:
    """One below the other; a column is empty where it is missing, and text where the files hold it in several ways."""
    import pyarrow as pa

    whole = {}
    for name in names:
        kinds = {table[name].type for table in tables if name in table.column_names}
        kind = kinds.pop() if len(kinds) == 1 else pa.string()
        chunks = [chunk for table in tables for chunk in _chunks(table, name, kind)]
        whole[name] = pa.chunked_array(chunks, kind)
    return pa.table(whole)


def _chunks(table: pa.Table, name: str, kind: pa.DataType) -> list[pa.Array]:
    import pyarrow as pa

    if name not in table.column_names:
        return [pa.nulls(len(table), kind)]
    column = table[name]
    if column.type != kind:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        column = column.cast(kind)
    return list(column.chunks)


def _places(parts: Sequence[FilePart], raws: Sequence[Raw]) -> Places:
    size = [len(raw.table) for raw in raws]
    code = np.repeat(np.arange(len(parts), dtype=np.int32), size)
    number = [raw.row_numbers(np.arange(n, dtype=np.int64)) for raw, n in zip(raws, size)]
    return Places(tuple(part.name for part in parts), code, np.concatenate(number))


def read_note(parts: Sequence[FilePart]) -> Message:
    return Message("load.several", {"n": len(parts), "first": parts[0].name, "last": parts[-1].name})


def _drift(parts: Sequence[FilePart], names: Sequence[str]) -> list[Message]:
    """Which columns are missing in which files, and which names were taken for others."""
    missing: dict[tuple[str, ...], list[str]] = {}
    renamed: dict[tuple[str, str], list[str]] = {}
    for name in names:
        without = tuple(part.name for part in parts if part.own(name) is None)
        if without:
            missing.setdefault(without, []).append(name)
    for part in parts:
        for own, whole in part.called.items():
            if own != whole:
                renamed.setdefault((own, whole), []).append(part.name)
    found = [_missing(files, columns, len(parts)) for files, columns in missing.items()]
    for (own, whole), files in renamed.items():
        found.append(Message("load.several.renamed", {"found": own, "column": whole, "files": few_of(files)}))
    return found


def _missing(files: Sequence[str], columns: Sequence[str], of: int) -> Message:
    values: dict[str, str | int] = {"columns": few_of(columns, MOST), "n": len(files), "of": of, "files": few_of(files)}
    return Message("load.several.missing", values)


def notes_of(parts: Sequence[FilePart], raws: Sequence[Raw]) -> list[Message]:
    """What each file's reader noted, once where it noted the same."""
    said: dict[str, tuple[Message, list[str]]] = {}
    for part, raw in zip(parts, raws):
        for note in raw.notes:
            said.setdefault(note.say(), (note, []))[1].append(part.name)
    return [Message("load.several.note", {"files": few_of(files), "note": note}) for note, files in said.values()]


def _dates(
    parts: Sequence[FilePart], raws: Sequence[Raw], tables: list[pa.Table], roles: Columns
) -> tuple[list[pa.Table], list[Message]]:
    """Columns of times, as year-month-day where the files write them in different ways; and how each was read."""
    notes: list[Message] = []
    for name in dict.fromkeys((*(getattr(roles, role) for role in TIMES), *(roles.milestones or {}))):
        there = [code for code, table in enumerate(tables) if name in table.column_names]
        if len(there) < 2 or roles.dates_of(name) is not None or all(is_iso(tables[code][name]) for code in there):
            continue
        readings = {code: _reading(raws[code], tables[code], name, roles.show_values) for code in there}
        good = {code: one for code, one in readings.items() if not isinstance(one, LogError)}
        if len({(one[1].key, raws[code].serials) for code, one in good.items()}) < 2:
            continue  # written alike, so that the whole column tells what one file alone may not
        for code, one in readings.items():
            if isinstance(one, LogError):
                raise LogError(f"{parts[code].name}, whose dates are not written as in all other files: {one}") from one
            tables[code] = tables[code].set_column(tables[code].column_names.index(name), name, one[0])
        notes += _dated([(parts[code].name, one[1]) for code, one in good.items()])
    return tables, notes


def is_iso(column: pa.ChunkedArray) -> bool:
    """Whether the first values are written year-month-day, or are times already."""
    import pyarrow as pa

    if pa.types.is_temporal(column.type):
        return True
    return all(re.match(r"\s*\d{4}-\d\d-\d\d", str(one)) for one in column.slice(0, 100).to_pylist() if one)


def _reading(raw: Raw, table: pa.Table, name: str, show: bool) -> tuple[pa.ChunkedArray, Message] | LogError:
    """A file's column of times as text, and how it was read; or why it cannot be told."""
    from procmine.load.dates.timestamps import canonical

    try:
        return canonical(table[name], name, dates=None, serials=raw.serials, show=show)
    except LogError as error:
        return error


def _dated(readings: Sequence[tuple[str, Message]]) -> list[Message]:
    files: dict[str, tuple[Message, list[str]]] = {}
    for name, message in readings:
        files.setdefault(_keys(message), (message, []))[1].append(name)
    return [Message("load.several.note", {"files": few_of(names), "note": note}) for note, names in files.values()]


def _keys(message: Message) -> str:
    """Equal for messages that say the same but for the numbers in them."""
    held = [each for one in message.values.values() for each in (one if isinstance(one, tuple) else (one,))]
    return " ".join([message.key, *(_keys(one) for one in held if isinstance(one, Message))])


def few_of(names: Sequence[str], most: int = LISTED) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")
