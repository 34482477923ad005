"""Delimited text: its columns as text, and where each row stood."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import flags, whole_numbers
from procmine.load.columns import Columns, as_asked, find_roles
from procmine.load.formats.damage import BLOCK, check_end, check_escapes, not_text, refused
from procmine.load.formats.dialect import ROW, Shape, shape_of
from procmine.load.formats.encodings import known
from procmine.load.formats.packed import is_packed, open_packed
from procmine.load.raw import Places, Raw, unique_names
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

STAND_IN = "\x1f"  # for a delimiter outside ASCII, which Arrow cannot take


def read_delimited(path: Path, columns: Columns) -> Raw:
    """A table from CSV, TSV or the like, plain or packed; every column is text, only what is empty is missing.

    What is not said in `columns` must be proven by the file: UTF-8 or a byte order mark, one sign that splits the first
    lines evenly, quotation marks. LogError, naming the file and the place, where it is not. A log of objects as OCEL's
    CSV is flattened.
    """
    try:
        shape = shape_of(path, columns)
    except UnicodeError as error:
        raise not_text(path, columns, known(columns.encoding or "utf-8")) from error
    names = unique_names(shape.names)
    if "ocel:eid" in names:
        return _objects(shape, names, columns)
    shown = as_asked(names, shape.names, columns)
    roles = find_roles(columns, shown, path.name)
    read = set(roles.read(shown))
    wanted = [new for new, old in zip(names, shown) if old in read]
    own = {roles.case, roles.order, *_timed(roles)}
    return _raw(shape, names, shown, wanted, roles, [new for new, old in zip(names, shown) if old in read - own])


def names_of(path: Path, columns: Columns) -> list[str]:
    """The names of the columns, without reading what is under them."""
    try:
        return shape_of(path, columns).names
    except UnicodeError as error:
        raise not_text(path, columns, known(columns.encoding or "utf-8")) from error


def _objects(shape: Shape, names: list[str], columns: Columns) -> Raw:
    from procmine.load.formats.ocel import flatten_table

    flat: Raw = flatten_table(_raw(shape, names, names, names, Columns()), columns)
    return flat


def _raw(
    shape: Shape, names: list[str], shown: list[str], wanted: list[str], roles: Columns, short: Collection[str] = ()
) -> Raw:
    """The wanted columns, without rows that hold nothing; the others when they are asked for. `short`: see `_table`."""
    taken = set(wanted)
    unnamed = [new for new, old in zip(names, shape.names) if not old]
    more = [*unnamed, names[-1]]  # a quotation mark that is not closed is seen in the last column
    read, ragged = _table(shape, names, [*wanted, *dict.fromkeys(one for one in more if one not in taken)], short)
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


def _timed(roles: Columns) -> set[str | None]:
    """The columns of times."""
    return {roles.timestamp, roles.start, roles.arrival, *(roles.milestones or {})}


def _points(table: pa.Table, roles: Columns) -> pa.Table:
    """Numbers with a decimal comma, in the columns that are read as numbers, with a point."""
    import pyarrow.compute as pc

    if roles.decimal != ",":
        return table
    named = {roles.order, *_timed(roles)}
    for place, name in enumerate(table.column_names):
        if name in named:
            pointed = pc.replace_substring_regex(table[name], r"^(\s*[-+]?\d+),(\d+\s*)$", r"\1.\2")
            table = table.set_column(place, name, pointed)
    return table


def _table(
    shape: Shape, names: list[str], wanted: list[str], short: Collection[str] = ()
) -> tuple[pa.Table, dict[int, str]]:
    """The wanted columns, and the rows that have too few or too many, by number.

    `short`: columns whose values come again and again; they are coded block by block, in a fraction of the memory.
    """
    import pyarrow as pa

    ragged: dict[int, str] = {}
    try:
        try:
            table = _read(shape, names, wanted, max(BLOCK, shape.width), short=short)
        except (
            pa.ArrowInvalid
        ):  # rows of another width, longer than a block, or no text: only a slower reader says which
            table = _read(shape, names, wanted, ROW, ragged)
    except (pa.ArrowException, UnicodeError, OSError) as error:
        raise refused(shape, error) from error
    check_end(shape, table, ragged.values())
    _check_mostly(shape, names, len(table), ragged)
    check_escapes(shape, table, ragged.values())
    return table, ragged


def _check_mostly(shape: Shape, names: list[str], rows: int, ragged: dict[int, str]) -> None:
    if len(ragged) > rows:
        raise LogError(
            f"{shape.path.name}: {len(ragged):,} of {len(ragged) + rows:,} rows do not have the {len(names)} columns of the "
            f"header; the first is row {min(ragged):,}. Is the header in line {shape.lines} (Columns(header=...)), "
            f"and are the columns separated by {shape.sign} (Columns(delimiter=...))?"
        )


def _read(
    shape: Shape,
    names: list[str],
    wanted: list[str],
    block: int,
    ragged: dict[int, str] | None = None,
    short: Collection[str] = (),
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
    coded, plain = pa.dictionary(pa.int32(), pa.string()), pa.string()
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
                column_types={name: coded if name in short and not stands else plain for name in wanted},
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
