"""Delimited text as a stream: the rows that `read_delimited` reads, some at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import flags, whole_numbers
from procmine.load.columns import Columns, as_asked, find_roles
from procmine.load.formats import delimited
from procmine.load.formats.damage import check_end, check_escapes, not_text, refused
from procmine.load.formats.dialect import ROW, Shape, shape_of
from procmine.load.formats.encodings import known
from procmine.load.formats.packed import is_packed, open_packed
from procmine.load.raw import unique_names
from procmine.load.sharding.streams import Batch, Stream
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLE = 1 << 20  # bytes from which the number of rows is told


class TextStream(Stream):
    """One file of text, plain or packed."""

    def __init__(self, path: Path, columns: Columns) -> None:
        try:
            self.shape = shape_of(path, columns)
        except UnicodeError as error:
            raise not_text(path, columns, known(columns.encoding or "utf-8")) from error
        self.name, self.files, self.paths = path.name, (path.name,), (path,)
        self.columns = unique_names(self.shape.names)
        self.objects = "ocel:eid" in self.columns
        self.names = as_asked(self.columns, self.shape.names, columns)
        self.roles = Columns() if self.objects else find_roles(columns, self.names, path.name)
        read = set(self.roles.read(self.names))
        self.wanted = [new for new, old in zip(self.columns, self.names) if old in read]
        self.others = [name for name in self.columns if name not in set(self.wanted)]
        self.unnamed = {new: 0 for new, old in zip(self.columns, self.shape.names) if not old}
        self.rows = _about_rows(self.shape)
        self.ragged: dict[int, str] = {}
        self.blank = _Blank()

    def batches(self) -> Iterator[Batch]:
        """The rows that hold something."""
        import pyarrow as pa

        self.ragged, self.blank = {}, _Blank()
        self.unnamed = dict.fromkeys(self.unnamed, 0)
        seen, last, slashed = 0, None, None
        try:
            for table in self._tables():
                last, slashed = table, slashed or _slashed(table)
                yield self._batch(table, seen)
                seen += len(table)
        except (pa.ArrowException, UnicodeError, OSError) as error:
            raise refused(self.shape, error) from error
        delimited._check_mostly(self.shape, self.columns, seen, self.ragged)
        if last is not None:
            check_end(self.shape, last, self.ragged.values())
        check_escapes(self.shape, pa.table({}) if slashed is None else slashed, self.ragged.values())

    def notes(self) -> tuple[Message, ...]:
        held = {name: n for name, n in self.unnamed.items() if n}
        values: dict[str, Any] = {"n": sum(held.values()), "names": ", ".join(held)}
        unnamed = [Message("load.text.unnamed", values)] if held else []
        return (*self.shape.notes, *unnamed, *self.blank.notes())

    def lost(self) -> dict[int, str]:
        return self.ragged

    def _batch(self, table: pa.Table, seen: int) -> Batch:
        for name in self.unnamed:
            self.unnamed[name] += len(table) - table[name].null_count
        number = self._numbers(seen, len(table))
        kept = self.blank.kept(_held(table), number)
        table = delimited._points(table, self.roles)
        return Batch(table, number) if kept is None else Batch(table.take(whole_numbers(kept)), number[kept])

    def _numbers(self, seen: int, n: int) -> Ints:
        """The numbers in the file of the rows after those that were seen: those that were split wrongly count too."""
        place = np.arange(seen, seen + n) + self.shape.lines + 1
        if not self.ragged:
            return place
        ragged = np.array(sorted(self.ragged), np.int64)
        numbers: Ints = place + np.searchsorted(ragged - np.arange(len(ragged)), place, side="right")
        return numbers

    def _tables(self) -> Iterator[pa.Table]:
        import pyarrow as pa
        from pyarrow import csv as arrow

        stands = not self.shape.delimiter.isascii()
        with delimited._stream(self.shape, checked=True) as file, arrow.open_csv(file, **self._options(stands)) as rows:
            for batch in rows:
                table = pa.Table.from_batches([batch])
                yield delimited._swapped_back(table, self.shape.delimiter) if stands else table

    def _options(self, stands: bool) -> dict[str, Any]:
        import pyarrow as pa
        from pyarrow import csv as arrow

        shape, names = self.shape, self.columns

        def aside(row: Any) -> str:
            self.ragged[row.number] = row.text.replace(delimited.STAND_IN, shape.delimiter) if stands else row.text
            return "skip"

        return {
            "read_options": arrow.ReadOptions(
                use_threads=False, column_names=names, skip_rows=shape.lines, block_size=ROW
            ),
            "parse_options": arrow.ParseOptions(
                delimiter=delimited.STAND_IN if stands else shape.delimiter,
                quote_char=shape.quote.sign or False,
                double_quote=not shape.quote.escaped,
                escape_char="\\" if shape.quote.escaped else False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=aside,
            ),
            "convert_options": arrow.ConvertOptions(
                column_types={name: pa.string() for name in names}, strings_can_be_null=True, null_values=[""]
            ),
        }


class _Blank:
    """Rows that hold nothing: counted where others follow, and silently left out at the end, as in memory."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.n = self.waiting = 0

    def kept(self, held: Any, number: Ints) -> Ints | None:
        """The places that hold something; None where all do."""
        kept = np.flatnonzero(held)
        if len(kept):
            self.n += self.waiting + int(kept[-1]) + 1 - len(kept)
            self.waiting = len(held) - 1 - int(kept[-1])
        else:
            self.waiting += len(held)
        if len(kept) < len(held) and self.first is None:
            self.first = int(number[np.flatnonzero(~held)[0]])
        return None if len(kept) == len(held) else kept

    def notes(self) -> tuple[Message, ...]:
        if not self.n or self.first is None:
            return ()
        return (Message("load.text.blank", {"n": self.n, "row": self.first}),)


def _held(table: pa.Table) -> Any:
    """Per row: whether any column holds something."""
    import pyarrow.compute as pc

    held = np.zeros(len(table), bool)
    for column in table.columns:
        if column.null_count == 0:
            return np.ones(len(table), bool)
        held |= ~flags(pc.is_null(column).combine_chunks())
        if held.all():
            break
    return held


def _slashed(table: pa.Table) -> pa.Table | None:
    """The table, if a value of it holds a backslash."""
    for column in table.columns:
        for chunk in column.chunks:
            held = chunk.buffers()[2]
            if held is not None and b"\\" in memoryview(held).tobytes():
                return table
    return None


def _about_rows(shape: Shape) -> int:
    """How many rows there may be: the bytes of the file over those of its first lines."""
    with open_packed(shape.path) as file:
        head = file.read(SAMPLE)
    lines = max(head.count(b"\n"), head.count(b"\r"), 1)
    if len(head) < SAMPLE:
        return lines
    return int(_unpacked(shape.path) * lines / len(head))


def _unpacked(path: Path) -> int:
    """About how many bytes come out of a file."""
    size = path.stat().st_size
    if not is_packed(path):
        return size
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if head.startswith(b"PK"):
        import zipfile

        with zipfile.ZipFile(path) as archive:
            return sum(one.file_size for one in archive.infolist())
    return size * len(zlib.decompressobj(47).decompress(head)) // len(head)
