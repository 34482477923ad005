"""Delimited text: its encoding, delimiter and header, and its columns as text."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from procmine.load.columns import Columns, find_roles
from procmine.load.raw import Raw, is_gzip, unique_names
from procmine.log import LogError

if TYPE_CHECKING:
    import pyarrow as pa

HEAD = 1 << 16  # bytes from which the header and the delimiter are told
DELIMITERS = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a bar"}


@dataclass(frozen=True)
class _Shape:
    """How a file is written: `lines` are those above the first row of data."""

    path: Path
    encoding: str
    delimiter: str
    names: list[str]
    lines: int


def read_delimited(path: Path, columns: Columns) -> Raw:
    """A table from CSV, TSV or the like, plain or gzipped; every column is text, only what is empty is missing."""
    shape = _shape(path, columns)
    names = unique_names(shape.names)
    wanted = find_roles(columns, shape.names, path.name).read(shape.names)
    wanted = [new for new, old in zip(names, shape.names) if old in wanted]
    rest = [name for name in names if name not in wanted]
    table, ragged = _table(shape, names, wanted)
    return Raw(
        table,
        path.name,
        shape.names,
        first=shape.lines + 1,
        rest=(lambda: _table(shape, names, rest)[0]) if rest else None,
        ragged=ragged,
    )


def _shape(path: Path, columns: Columns) -> _Shape:
    """Told from the first bytes; LogError where they do not tell."""
    with gzip.open(path) if is_gzip(path) else path.open("rb") as file:
        head = file.read(HEAD)
    if not head.strip():
        raise LogError(f"{path.name} is empty.")
    encoding = columns.encoding or _encoding(head, path)
    text = codecs.getincrementaldecoder(_known(encoding))(errors="replace").decode(head).removeprefix("\ufeff")
    above = (columns.header or 1) - 1
    lines = text.splitlines(keepends=True)
    if above >= len(lines):
        raise LogError(f"{path.name}: there is no line {above + 1} for Columns(header={above + 1}).")
    lines = lines[above:]
    delimiter = columns.delimiter or _delimiter(lines, path)
    reader = csv.reader(io.StringIO("".join(lines)), delimiter=delimiter)
    names = [name.strip() for name in next(reader)]
    return _Shape(path, encoding, delimiter, names, above + reader.line_num)


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise ValueError(f"No encoding is called {encoding!r}; cp1252, cp1257 or utf-8 are such names.") from error


def _encoding(head: bytes, path: Path) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in head:
        raise LogError(f"{path.name} is not text: it holds zero bytes. Is it a spreadsheet or an archive?")
    return "utf-8"


def _delimiter(lines: list[str], path: Path) -> str:
    """The one sign that splits the header, and the lines under it, into as many columns."""
    several = [sign for sign in DELIMITERS if len(next(csv.reader(lines, delimiter=sign))) > 1]
    fitting = several if len(several) == 1 else [sign for sign in several if _even(lines, sign)]
    if len(fitting) == 1:
        return fitting[0]
    said = " or ".join(DELIMITERS[sign] for sign in fitting) if fitting else "no sign of , ; | and tab"
    raise LogError(
        f"{path.name}: cannot tell what separates the columns: {said} would split its first lines evenly. "
        'Say it: Columns(delimiter=";"), or Columns(header=3) if the names of the columns stand in line 3.'
    )


def _even(lines: list[str], sign: str) -> bool:
    """Whether nearly all of the first lines have as many columns as the header."""
    rows = [row for row in csv.reader(io.StringIO("".join(lines[:60])), delimiter=sign) if row]
    return sum(len(row) == len(rows[0]) for row in rows) >= 0.8 * len(rows)


def _table(shape: _Shape, names: list[str], wanted: list[str]) -> tuple[pa.Table, dict[int, str]]:
    """The wanted columns, and the rows that have too few or too many, by number."""
    table, ragged = _read(shape, names, wanted, threads=True)
    if ragged:  # only a reader of one thread knows the numbers of rows
        table, ragged = _read(shape, names, wanted, threads=False)
    if len(ragged) > len(table):
        sign = DELIMITERS.get(shape.delimiter, repr(shape.delimiter))
        raise LogError(
            f"{shape.path.name}: {len(ragged):,} of {len(ragged) + len(table):,} rows do not have the {len(names)} columns "
            f"of the header; the first is row {min(ragged):,}. Is the header in line {shape.lines} (Columns(header=...)), "
            f"and are the columns separated by {sign} (Columns(delimiter=...))?"
        )
    return table, ragged


def _read(shape: _Shape, names: list[str], wanted: list[str], *, threads: bool) -> tuple[pa.Table, dict[int, str]]:
    import pyarrow as pa
    from pyarrow import csv as arrow

    ragged: dict[int, str] = {}

    def aside(row: Any) -> str:
        ragged[row.number or len(ragged)] = row.text
        return "skip"

    try:
        with pa.input_stream(str(shape.path), compression="gzip" if is_gzip(shape.path) else None) as stream:
            table = arrow.read_csv(
                stream,
                arrow.ReadOptions(
                    use_threads=threads, encoding=shape.encoding, column_names=names, skip_rows=shape.lines
                ),
                arrow.ParseOptions(delimiter=shape.delimiter, newlines_in_values=True, invalid_row_handler=aside),
                arrow.ConvertOptions(
                    include_columns=wanted,
                    column_types={name: pa.string() for name in wanted},
                    strings_can_be_null=True,
                    null_values=[""],
                ),
            )
    except (pa.ArrowInvalid, UnicodeDecodeError, EOFError, OSError) as error:
        raise _refused(shape, error) from error
    _check_end(shape, table, ragged.values())
    return table, ragged


def _check_end(shape: _Shape, table: pa.Table, ragged: Iterable[str]) -> None:
    """A quotation mark that is never closed makes one value of the rest of the file."""
    last = table.slice(max(len(table) - 1, 0)).to_pylist()
    if not any("\n" in (value or "") for row in last for value in row.values()) and not any(
        "\n" in one for one in ragged
    ):
        return
    with gzip.open(shape.path) if is_gzip(shape.path) else shape.path.open("rb") as file:
        reader = csv.reader(io.TextIOWrapper(file, shape.encoding, newline=""), delimiter=shape.delimiter, strict=True)
        begins = 1
        try:
            for _ in reader:
                begins = reader.line_num + 1
        except csv.Error as error:
            raise LogError(
                f"{shape.path.name}: a quotation mark in the row that begins in line {begins:,} is never closed. "
                "Close it, or double it if it is part of the text."
            ) from error


def _refused(shape: _Shape, error: Exception) -> LogError:
    """Why a file could not be read: most often its encoding."""
    place = _bad_byte(shape)
    if place is None:
        return LogError(f"{shape.path.name} cannot be read: {error}")
    return LogError(
        f"{shape.path.name} is not {shape.encoding}: byte {place[0]:,} (line {place[1]:,}) belongs to no character. Ask in "
        'which encoding it was exported, and say it: Columns(encoding="cp1252") for Western Europe, "cp1250" for Central '
        'Europe, "cp1257" for the Baltic, "cp1253" for Greek, "cp1254" for Turkish, "cp1251" for Cyrillic.'
    )


def _bad_byte(shape: _Shape) -> tuple[int, int] | None:
    """Position (from 0) and line of the first byte that is not text in the file's encoding."""
    decoder = codecs.getincrementaldecoder(_known(shape.encoding))()
    seen, line = 0, 1
    with gzip.open(shape.path) if is_gzip(shape.path) else shape.path.open("rb") as file:
        try:
            while block := file.read(1 << 20):
                pending = len(decoder.getstate()[0])
                decoder.decode(block)
                seen, line = seen + len(block), line + block.count(b"\n")
        except UnicodeDecodeError as error:
            start = max(error.start - pending, 0)
            return seen + error.start - pending, line + block[:start].count(b"\n")
        except (EOFError, OSError):
            return None
    return None
