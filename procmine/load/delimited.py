"""Delimited text: its columns as text, and where each row stood."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import flags, whole_numbers
from procmine.load.columns import Columns, find_roles
from procmine.load.dialect import QUOTES, ROW, Shape, check_inner, shape_of
from procmine.load.encodings import PLAUSIBLE, around, bad_words, known, preview, short
from procmine.load.packed import is_packed, open_packed
from procmine.load.raw import Places, Raw, unique_names
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 1 << 20  # bytes read at once
STAND_IN = "\x1f"  # for a delimiter outside ASCII, which Arrow cannot take
LOOKS = 8  # places of a large file in which a backslash is looked for
LOOKED = 1 << 26  # bytes in which a word is looked for to show what encodings make of it
END = "\x00end of the file\x00"


def read_delimited(path: Path, columns: Columns) -> Raw:
    """A table from CSV, TSV or the like, plain or packed; every column is text, only what is empty is missing.

    What is not said in `columns` must be proven by the file: UTF-8 or a byte order mark, one sign that splits the first
    lines evenly, quotation marks. LogError, naming the file and the place, where it is not. A log of objects as OCEL's
    CSV is flattened.
    """
    try:
        shape = shape_of(path, columns)
    except UnicodeError as error:
        raise _not_text(path, columns, known(columns.encoding or "utf-8")) from error
    names = unique_names(shape.names)
    if "ocel:eid" in names:
        return _objects(shape, names, columns)
    shown = _shown(names, shape.names, columns)
    roles = find_roles(columns, shown, path.name)
    read = set(roles.read(shown))
    wanted = [new for new, old in zip(names, shown) if old in read]
    return _raw(shape, names, shown, wanted, roles)


def names_of(path: Path, columns: Columns) -> list[str]:
    """The names of the columns, without reading what is under them."""
    try:
        return shape_of(path, columns).names
    except UnicodeError as error:
        raise _not_text(path, columns, known(columns.encoding or "utf-8")) from error


def _shown(names: list[str], written: list[str], columns: Columns) -> list[str]:
    """The names as written, or numbered where there are several of one name and one of them is asked for by its number."""
    asked = {columns.case, columns.activity, columns.timestamp, columns.start, columns.resource, columns.arrival}
    asked |= {columns.order, columns.lifecycle, columns.instance, *(columns.attributes or ())}
    asked |= {*(columns.event_attributes or ()), *(columns.milestones or ())}
    return names if asked & (set(names) - set(written)) else written


def _objects(shape: Shape, names: list[str], columns: Columns) -> Raw:
    from procmine.load.ocel import flatten_table

    flat: Raw = flatten_table(_raw(shape, names, names, names, Columns()), columns)
    return flat


def _raw(shape: Shape, names: list[str], shown: list[str], wanted: list[str], roles: Columns) -> Raw:
    """The wanted columns, without rows that hold nothing; the others when they are asked for."""
    taken = set(wanted)
    unnamed = [new for new, old in zip(names, shape.names) if not old]
    more = [*unnamed, names[-1]]  # a quotation mark that is not closed is seen in the last column
    read, ragged = _table(shape, names, [*wanted, *dict.fromkeys(one for one in more if one not in taken)])
    rest = [name for name in names if name not in taken]
    kept = _holding(read, lambda: _table(shape, names, rest)[0] if rest else None)
    raw = Raw(
        _points(_only(read.select(wanted), kept), roles),
        shape.path.name,
        shown,
        first=shape.lines + 1,
        rest=(lambda: _only(_table(shape, names, rest)[0], kept)) if rest else None,
        ragged=ragged,
        notes=(*shape.notes, *_unnamed(read, unnamed)),
    )
    return raw if kept is None or _begins(kept) else _with_gaps(raw, kept)


def _with_gaps(raw: Raw, kept: Ints) -> Raw:
    """With the numbers of the rows that are left, and a word on those that are not."""
    number = raw.row_numbers(kept)
    gap = raw.row_numbers(np.flatnonzero(kept != np.arange(len(kept)))[:1])
    note = Message("load.text.blank", {"n": int(kept[-1]) + 1 - len(kept), "row": int(gap[0])})
    places = Places((raw.name,), np.zeros(len(kept), np.int8), number)
    return replace(raw, places=places, notes=(*raw.notes, note))


def _unnamed(table: pa.Table, names: list[str]) -> list[Message]:
    """Columns without a name are left out, which must be said if they hold anything."""
    held = {name: len(table) - table[name].null_count for name in names}
    which = ", ".join(name for name, n in held.items() if n)
    return [Message("load.text.unnamed", {"n": sum(held.values()), "names": which})] if which else []


def _holding(table: pa.Table, rest: Callable[[], pa.Table | None]) -> Ints | None:
    """The rows that hold something; None where all do."""
    import pyarrow.compute as pc

    if not len(table) or any(column.null_count == 0 for column in table.columns):
        return None
    blank = np.ones(len(table), bool)
    for column in table.columns:
        blank &= flags(pc.is_null(column).combine_chunks())
    others = rest() if blank.any() else None
    for column in () if others is None else others.columns:
        blank &= flags(pc.is_null(column).combine_chunks())
    return np.flatnonzero(~blank) if blank.any() else None


def _only(table: pa.Table, rows: Ints | None) -> pa.Table:
    if rows is None:
        return table
    return table.slice(0, len(rows)) if _begins(rows) else table.take(whole_numbers(rows))


def _begins(rows: Ints) -> bool:
    """Whether they are the first ones of their table."""
    return not len(rows) or int(rows[-1]) + 1 == len(rows)


def _points(table: pa.Table, roles: Columns) -> pa.Table:
    """Numbers with a decimal comma, in the columns that are read as numbers, with a point."""
    import pyarrow.compute as pc

    if roles.decimal != ",":
        return table
    named = {roles.order, roles.timestamp, roles.start, roles.arrival, *(roles.milestones or {})}
    for place, name in enumerate(table.column_names):
        if name in named:
            pointed = pc.replace_substring_regex(table[name], r"^(\s*[-+]?\d+),(\d+\s*)$", r"\1.\2")
            table = table.set_column(place, name, pointed)
    return table


def _table(shape: Shape, names: list[str], wanted: list[str]) -> tuple[pa.Table, dict[int, str]]:
    """The wanted columns, and the rows that have too few or too many, by number."""
    import pyarrow as pa

    ragged: dict[int, str] = {}
    try:
        try:
            table = _read(shape, names, wanted, max(BLOCK, shape.width))
        except (
            pa.ArrowInvalid
        ):  # rows of another width, longer than a block, or no text: only a slower reader says which
            table = _read(shape, names, wanted, ROW, ragged)
    except (pa.ArrowException, UnicodeError, OSError) as error:
        raise _refused(shape, error) from error
    _check_end(shape, table, ragged.values())
    _check_mostly(shape, names, len(table), ragged)
    _check_escapes(shape, table, ragged.values())
    return table, ragged


def _check_mostly(shape: Shape, names: list[str], rows: int, ragged: dict[int, str]) -> None:
    if len(ragged) > rows:
        raise LogError(
            f"{shape.path.name}: {len(ragged):,} of {len(ragged) + rows:,} rows do not have the {len(names)} columns of the "
            f"header; the first is row {min(ragged):,}. Is the header in line {shape.lines} (Columns(header=...)), "
            f"and are the columns separated by {shape.sign} (Columns(delimiter=...))?"
        )


def _read(
    shape: Shape, names: list[str], wanted: list[str], block: int, ragged: dict[int, str] | None = None
) -> pa.Table:
    """By all processors; or by one, which knows the numbers of rows, with ragged ones put aside."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    def aside(row: Any) -> str:
        assert ragged is not None
        ragged[row.number] = row.text.replace(STAND_IN, shape.delimiter) if stands else row.text
        return "skip"

    one = ragged is not None
    stands = not shape.delimiter.isascii()
    with _stream(shape, checked=one) as stream:
        table = arrow.read_csv(
            stream,
            arrow.ReadOptions(use_threads=not one, column_names=names, skip_rows=shape.lines, block_size=block),
            arrow.ParseOptions(
                delimiter=STAND_IN if stands else shape.delimiter,
                quote_char=shape.quote.sign or False,
                double_quote=not shape.quote.escaped,
                escape_char="\\" if shape.quote.escaped else False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=aside if one else None,
            ),
            arrow.ConvertOptions(
                include_columns=wanted,
                column_types={name: pa.string() for name in wanted},
                strings_can_be_null=True,
                null_values=[""],
            ),
        )
    return _swapped_back(table, shape.delimiter) if stands else table


def _swapped_back(table: pa.Table, delimiter: str) -> pa.Table:
    """With the delimiter inside values, not what stood in for it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [pc.replace_substring(column, STAND_IN, delimiter) for column in table.columns]
    return pa.table(columns, table.column_names)


@contextmanager
def _stream(shape: Shape, *, checked: bool) -> Iterator[Any]:
    """The file as UTF-8 with a delimiter that Arrow can take; the file itself where it is that already."""
    import pyarrow as pa

    plain = shape.encoding in ("utf-8", "utf-8-sig") and shape.delimiter.isascii()
    if plain and not checked and not is_packed(shape.path):
        with pa.OSFile(str(shape.path)) as file:
            yield file
        return
    with open_packed(shape.path) as packed:
        if plain and not checked:
            yield packed
        else:
            with io.BufferedReader(_Retold(packed, shape), BLOCK) as retold:
                yield retold


class _Retold(io.RawIOBase):
    """Text of any encoding as UTF-8; UnicodeError at what is no text."""

    def __init__(self, file: BinaryIO, shape: Shape) -> None:
        self._file, self._shape, self._rest = file, shape, b""
        self._decoder = codecs.getincrementaldecoder(shape.encoding)("strict")
        self._swap = not shape.delimiter.isascii()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        block = b" "
        while not self._rest and block:
            block = self._file.read(BLOCK)
            self._rest = self._told(self._decoder.decode(block, final=not block))
        size = min(len(view), len(self._rest))
        view[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    def _told(self, text: str) -> bytes:
        if self._swap:
            if STAND_IN in text:
                raise LogError(
                    f"{self._shape.path.name}: columns separated by {self._shape.delimiter} cannot be read where the "
                    "text holds the sign 0x1F. Take it out with an editor."
                )
            text = text.replace(self._shape.delimiter, STAND_IN)
        return text.encode()


def _check_end(shape: Shape, table: pa.Table, ragged: Iterable[str]) -> None:
    """A quotation mark that is never closed makes one value of the rest of the file."""
    last = table.slice(max(len(table) - 1, 0)).to_pylist()
    held = chain(ragged, (value or "" for row in last for value in row.values()))
    if any("\n" in one or "\r" in one for one in held):
        _check_closed(shape)


def _check_escapes(shape: Shape, table: pa.Table, ragged: Iterable[str]) -> None:
    """Quotation marks written after a backslash, first seen below the first lines: text would be cut in wrong places.

    Backslashes are looked for in all of a small file, and in many places of a large one; only then is each row.
    """
    if shape.quote != QUOTES[0] or shape.columns.quote is not None:
        return
    if any("\\" in one for one in ragged) or any(map(_backslashed, table.columns)):
        with open_packed(shape.path) as file, io.TextIOWrapper(file, shape.encoding, newline="") as text:
            lines = islice(_lines(text, shape.path), shape.lines, None)
            with _long_fields():
                check_inner(lines, shape.delimiter, shape.path, shape.lines)


def _backslashed(column: pa.ChunkedArray) -> bool:
    parts = column.chunks[:: max(column.num_chunks // LOOKS, 1)]
    return any(b"\\" in part.buffers()[2].to_pybytes() for part in parts if part.buffers()[2] is not None)


@contextmanager
def _long_fields() -> Iterator[None]:
    """Lets Python's reader take as long values as Arrow's does."""
    before = csv.field_size_limit(ROW)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _check_closed(shape: Shape) -> None:
    """LogError at a quotation mark that is never closed, or a line that is longer than a row may be."""
    row: list[str] = []
    begins, last = 1, 1
    try:
        with (
            _long_fields(),
            open_packed(shape.path) as file,
            io.TextIOWrapper(file, shape.encoding, newline="") as text,
        ):
            reader = shape.quote.reader(chain(_lines(text, shape.path), [END]), shape.delimiter)
            for one in reader:
                row, begins, last = one, reader.line_num + 1, begins
    except csv.Error as error:
        raise LogError(
            f"{shape.path.name}: a value in the row that begins in line {begins:,} is longer than {ROW >> 20} MiB. Is a "
            "quotation mark before it never closed, or is it no table?"
        ) from error
    if row != [END]:
        raise LogError(
            f"{shape.path.name}: a quotation mark in the row that begins in line {last:,} is never closed. "
            "Close it, or double it if it is part of the text."
        )


def _lines(text: io.TextIOWrapper, path: Path) -> Iterator[str]:
    number = 0
    while line := text.readline(ROW):
        number += 1
        if len(line) == ROW:
            raise LogError(f"{path.name}: line {number:,} is longer than {ROW >> 20} MiB. Is it a table?")
        yield line


def _refused(shape: Shape, error: Exception) -> LogError:
    """Why a file could not be read: its encoding, a quotation mark that is never closed, or a row without end."""
    if _bad_byte(shape.path, shape.encoding) is not None:
        return _not_text(shape.path, shape.columns, shape.encoding)
    _check_closed(shape)
    return LogError(f"{shape.path.name} cannot be read: {str(error)[:200]}")


def _not_text(path: Path, columns: Columns, encoding: str) -> LogError:
    """That a file is in another encoding, with what plausible ones make of a few words."""
    bad = _bad_byte(path, encoding)
    at, line, near = bad if bad is not None else (0, 1, b"")
    said = f"{path.name} is not {encoding}: byte {at:,} (line {line:,}) belongs to no character. "
    words = [] if encoding.startswith(("utf-16", "utf-32")) else _words(path, columns, encoding, near)
    readings = preview([short(word) for word in words])
    if not readings:
        named = ", ".join(f'"{one}" for {where}' for one, where in PLAUSIBLE.items())
        return LogError(f"{said}Ask in which encoding it was exported, and say it: Columns(encoding=...), {named}.")
    return LogError(
        f"{said}Ask in which encoding it was exported, or see which of these reads right, and say it:\n{readings}"
    )


def _words(path: Path, columns: Columns, encoding: str, near: bytes) -> list[bytes]:
    """A few words that are no text: names of columns, else steps, which name nobody; else a letter with its neighbours."""
    found: list[bytes] = []
    try:
        shape = shape_of(
            path, replace(columns, encoding="latin-1")
        )  # in which every byte is a sign, and rows can be cut
        found = bad_words((name.encode("latin-1") for name in shape.names), encoding)
        if not found:
            step = find_roles(columns, shape.names, path.name).activity
            found = bad_words(_values(shape, shape.names.index(step)), encoding) if step else []
    except (LogError, UnicodeError, csv.Error):  # no table as far as can be told: its first bad letter must do
        pass
    return found or ([near] if near else [])


def _values(shape: Shape, place: int) -> Iterator[bytes]:
    """The values of a column, as bytes, as far as one looks."""
    with open_packed(shape.path) as file, io.TextIOWrapper(file, "latin-1", newline="") as text:
        lines = _lines(text, shape.path)
        seen = 0
        for row in shape.quote.reader(lines, shape.delimiter):
            seen += sum(map(len, row))
            if len(row) > place:
                yield row[place].encode("latin-1")
            if seen > LOOKED:
                return


def _bad_byte(path: Path, encoding: str) -> tuple[int, int, bytes] | None:
    """Position (from 0) and line of the first byte that is not text in an encoding, and its letter with its neighbours."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    seen, line, block = 0, 1, b" "
    with open_packed(path) as file:
        while block:
            block = file.read(BLOCK)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                start = max(error.start - pending, 0)
                near = around(bytes(error.object), error.start)
                return seen + error.start - pending, line + block[:start].count(b"\n"), near
            seen, line = seen + len(block), line + block.count(b"\n")
    return None
