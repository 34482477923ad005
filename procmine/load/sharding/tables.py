"""Parquet, Feather and Arrow files as streams: the rows that their readers read, some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.load.arrays import strings
from procmine.load.columns import Columns, find_roles
from procmine.load.formats import tables
from procmine.load.raw import unique_names
from procmine.load.sharding.streams import Batch, Stream
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 1 << 18  # rows of a batch


class _TableStream(Stream):
    """One file whose columns have types; columns that hold lists and the like serve to compare rows only."""

    kind = ""

    def __init__(self, path: Path, columns: Columns) -> None:
        self.name, self.files, self.paths = path.name, (path.name,), (path,)
        self.path = path
        with tables.sound(path, self.kind):
            schema = self._schema()
        self.names = list(schema.names)
        read = set(find_roles(columns, self.names, path.name).read(self.names))
        unique = unique_names(self.names)
        nested = {new for new, one in zip(unique, schema) if tables.has_no_text(tables.inner_type(one.type))}
        taken = [new for new, name in zip(unique, self.names) if name in read]
        self.wanted = [name for name in taken if name not in nested]
        self.others = [name for name in unique if name not in set(self.wanted)]
        self._nested = [name for name in taken if name in nested]

    def batches(self) -> Iterator[Batch]:
        seen = 0
        with tables.sound(self.path, self.kind):
            for table in self._tables():
                table.validate(full=True)  # places in a damaged file may point outside of it
                plain = _all_plain(table.rename_columns(unique_names(table.column_names)))
                for begin in range(0, len(plain), ROWS):
                    some = plain.slice(begin, ROWS)
                    yield Batch(some, np.arange(seen + 1, seen + 1 + len(some)))
                    seen += len(some)

    def notes(self) -> tuple[Message, ...]:
        return (Message("load.nested", {"names": ", ".join(self._nested)}),) if self._nested else ()

    def _schema(self) -> pa.Schema:
        raise NotImplementedError

    def _tables(self) -> Iterator[pa.Table]:
        raise NotImplementedError


class ParquetStream(_TableStream):
    kind = "Parquet"

    def _schema(self) -> pa.Schema:
        from pyarrow import parquet

        with parquet.ParquetFile(self.path) as file:
            self.rows = file.metadata.num_rows
            tables.check_rows(self.rows, self.path)
            return file.schema_arrow

    def _tables(self) -> Iterator[pa.Table]:
        import pyarrow as pa
        from pyarrow import parquet

        with parquet.ParquetFile(self.path) as file:
            schema = file.schema_arrow
        text = [one.name for one in schema if schema.names.count(one.name) == 1 and pa.types.is_string(one.type)]
        with parquet.ParquetFile(self.path, read_dictionary=text, buffer_size=1 << 20) as file:
            for batch in file.iter_batches(ROWS):
                if batch.schema.names != self.names:
                    raise LogError(
                        f"{self.name} cannot be read as Parquet: it names its columns twice, and differently."
                    )
                yield pa.Table.from_batches([batch])


class FeatherStream(_TableStream):
    kind = "Feather or Arrow"

    def _schema(self) -> pa.Schema:
        with tables.arrow_reader(self.path) as reader:
            self.rows = 0
            if hasattr(reader, "num_record_batches"):
                held = reader.num_record_batches
                self.rows = held * reader.get_batch(0).num_rows if held else 0
            return reader.schema

    def _tables(self) -> Iterator[pa.Table]:
        import pyarrow as pa

        with tables.arrow_reader(self.path) as reader:
            several = hasattr(reader, "num_record_batches")
            batches = map(reader.get_batch, range(reader.num_record_batches)) if several else reader
            for batch in batches:
                yield pa.Table.from_batches([batch])


def _all_plain(table: pa.Table) -> pa.Table:
    """Text, times and codes of text only; what no text stands for becomes text that is equal where the values are."""
    import pyarrow as pa

    columns = []
    for column in table.columns:
        if tables.has_no_text(tables.inner_type(column.type)):
            columns.append(pa.chunked_array([strings(_written(column.to_pylist()))], pa.string()))
        else:
            columns.append(tables.as_text(column))
    return pa.table(columns, table.column_names)


def _written(values: Sequence[Any]) -> list[str | None]:
    return [None if value is None else repr(value) for value in values]
