"""Streams: the rows of a source, some at a time, as the reader of its format would give them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from procmine.kernels.flow import Ints
from procmine.load.columns import Columns
from procmine.load.formats.packed import inner_name
from procmine.load.formats.several import is_several
from procmine.load.raw import Raw
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

TEXT, PARQUET, FEATHER = (".csv", ".tsv", ".txt"), (".parquet", ".pq"), (".feather", ".arrow")


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows that stood one after the other: all columns, and the numbers of the rows in their file."""

    table: pa.Table
    number: Ints
    file: int = 0


class Stream:
    """A source: `wanted` are the columns that a log needs, `others` serve to compare rows, `names` are as it shows them.

    `rows` is about how many rows it has. What it noted, and the rows that could not be
    split into columns (as in Raw), are known when all batches were read.
    """

    name: str
    files: tuple[str, ...]
    paths: tuple[Path, ...]
    names: list[str]
    wanted: list[str]
    others: list[str]
    rows: int

    def batches(self) -> Iterator[Batch]:
        """All rows, from the beginning."""
        raise NotImplementedError

    def notes(self) -> tuple[Message, ...]:
        raise NotImplementedError

    def lost(self) -> dict[int, str]:
        return {}


def stream_of(source: str | Path, columns: Columns, kinds: Callable[[Path], bool]) -> Stream | None:
    """The stream of a file, or of a folder of files with the same columns; None where it must be read as a whole."""
    if is_several(source):
        from procmine.load.sharding.folders import FolderStream

        return FolderStream.of(source, columns, kinds)
    return stream_of_file(Path(source), columns)


def stream_of_file(path: Path, columns: Columns) -> Stream | None:
    kind = Path(inner_name(path).lower()).suffix if path.is_file() else ""
    if kind in TEXT:
        from procmine.load.sharding.text import TextStream

        text = TextStream(path, columns)
        return None if text.objects else text
    if kind in PARQUET:
        from procmine.load.sharding.tables import ParquetStream

        return ParquetStream(path, columns)
    if kind in FEATHER:
        from procmine.load.sharding.tables import FeatherStream

        return FeatherStream(path, columns)
    return None


def head_of(stream: Stream, table: pa.Table) -> Raw:
    """What a reader would give of these rows, to look at names and to refuse."""
    return Raw(table.select(stream.wanted), stream.name, stream.names, first=1)
