"""Why a text file cannot be read as a table: its encoding, quotation marks that are not closed or doubled, endless rows."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.load.columns import Columns, find_roles
from procmine.load.formats.dialect import QUOTES, ROW, Shape, check_inner, shape_of
from procmine.load.formats.encodings import PLAUSIBLE, around, bad_words, preview, short
from procmine.load.formats.packed import open_packed
from procmine.log import LogError

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 1 << 20  # bytes read at once
LOOKS = 8  # places of a large file in which a backslash is looked for
LOOKED = 1 << 26  # bytes in which a word is looked for to show what encodings make of it
END = "\x00end of the file\x00"


def check_end(shape: Shape, table: pa.Table, ragged: Iterable[str]) -> None:
    """A quotation mark that is never closed makes one value of the rest of the file."""
    last = table.slice(max(len(table) - 1, 0)).to_pylist()
    held = chain(ragged, (value or "" for row in last for value in row.values()))
    if any("\n" in one or "\r" in one for one in held):
        _check_closed(shape)


def check_escapes(shape: Shape, table: pa.Table, ragged: Iterable[str]) -> None:
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
    parts = [getattr(part, "dictionary", part) for part in parts]  # of what is coded, the values
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


def refused(shape: Shape, error: Exception) -> LogError:
    """Why a file could not be read: its encoding, a quotation mark that is never closed, or a row without end."""
    if _bad_byte(shape.path, shape.encoding) is not None:
        return not_text(shape.path, shape.columns, shape.encoding)
    _check_closed(shape)
    return LogError(f"{shape.path.name} cannot be read: {str(error)[:200]}")


def not_text(path: Path, columns: Columns, encoding: str) -> LogError:
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
