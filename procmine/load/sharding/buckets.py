"""Buckets: the rows of a source on disk, in chunks; in each chunk the rows whose cases belong together stand together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.kernels.case_hash import case_shard
from procmine.kernels.flow import Ints
from procmine.load.arrays import numbers, strings, whole_numbers
from procmine.load.events.table import coded
from procmine.load.raw import Places, Raw
from procmine.load.sharding.streams import Batch
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

FEW = 1 << 14  # values of a column that are written once a chunk
ROW, FILE = "row", "file"
DAMAGED = "what an interrupted run left is damaged"


@dataclass(frozen=True)
class Layout:
    """What rows have in all chunks: `columns` of the source (the first `wanted` ones are those that a log needs), by place
    because their names may be anything; the places of the case and of times; how many buckets; whether there are several
    files."""

    columns: tuple[str, ...]
    wanted: int
    case: int
    times: tuple[int, ...]
    shards: int
    several: bool  # files


def write_chunk(batches: Sequence[Batch], layout: Layout, target: Path) -> None:
    """One file with a record batch for each bucket, complete under its name or not there at all."""
    import pyarrow as pa
    from pyarrow import ipc

    table = joined(batches, layout)
    levels = coded(table.column(layout.case))
    shard = np.append(case_shard(levels.levels, layout.shards), case_shard(strings([""]), layout.shards))
    bucket = shard.astype(np.uint16)[levels.codes]
    order = np.argsort(bucket, kind="stable")
    edges = np.concatenate(([0], np.cumsum(np.bincount(bucket, minlength=layout.shards))))
    place = whole_numbers(order)
    columns = [_taken(column, place, one in layout.times) for one, column in enumerate(table.columns)]
    taken = pa.record_batch(columns, table.column_names)
    partial = target.with_name(target.name + ".partial")
    try:
        with ipc.new_file(partial, taken.schema, options=ipc.IpcWriteOptions(compression="lz4")) as file:
            for begin, end in zip(edges[:-1].tolist(), edges[1:].tolist()):
                file.write_batch(taken.slice(begin, end - begin))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def joined(batches: Sequence[Batch], layout: Layout) -> pa.Table:
    """The rows of all batches, each with its number and file."""
    import pyarrow as pa

    names = list(layout.columns)
    table = pa.concat_tables([one.table.select(names) for one in batches])
    table = table.rename_columns([f"c{place}" for place in range(len(names))])
    table = table.append_column(ROW, whole_numbers(np.concatenate([one.number for one in batches])))
    if not layout.several:
        return table
    file = np.repeat(np.array([one.file for one in batches]), [len(one.number) for one in batches])
    return table.append_column(FILE, whole_numbers(file).cast(pa.int32()))


def _taken(column: pa.ChunkedArray, place: pa.Array, time: bool) -> pa.Array:
    """The rows in this order. Text is coded where it has few values and written out where it has many; times stay as
    they are."""
    import pyarrow as pa

    if pa.types.is_string(column.type) and not time:
        head = column.slice(0, FEW)
        column = column.dictionary_encode() if len(head.unique()) <= max(len(head) // 4, 1) else column
    if not pa.types.is_dictionary(column.type):
        return column.combine_chunks().take(place)
    whole = column.unify_dictionaries().combine_chunks()
    codes = whole.indices.take(place)
    if len(whole.dictionary) > FEW:
        return whole.dictionary.take(codes)
    return pa.DictionaryArray.from_arrays(codes, whole.dictionary)


class Buckets:
    """The chunks of a finished reading, open to be read bucket by bucket."""

    def __init__(self, chunks: Sequence[Path], layout: Layout, stream: Source) -> None:
        self.layout, self.source = layout, stream
        self._chunks = chunks

    def raw(self, number: int) -> Raw:
        """The rows of whole cases, in the order of the source."""
        import pyarrow as pa

        try:
            parts = [_read(chunk, number) for chunk in self._chunks]
        except (pa.ArrowException, OSError) as error:
            raise LogError(f"{DAMAGED} ({error}). Remove it, and run the command again.") from error
        return self.source.raw(_one_type(parts), self.layout, first=number == 0)

    def chunk(self, chunk: Path) -> Raw:
        """All rows of a chunk."""
        from pyarrow import ipc

        with ipc.open_file(str(chunk)) as file:
            table = file.read_all()
        return self.source.raw(table, self.layout, first=False)


@dataclass(frozen=True)
class Source:
    """What all parts of a source have in common."""

    name: str
    names: Sequence[str]
    files: tuple[str, ...]
    notes: tuple[Message, ...] = ()
    lost: Any = None

    def raw(self, table: pa.Table, layout: Layout, *, first: bool) -> Raw:
        """The rows as a reader would give them; notes, and rows that were lost, go with the first part."""
        wanted, others = table.select(range(layout.wanted)), table.select(range(layout.wanted, len(layout.columns)))
        wanted = wanted.rename_columns(list(layout.columns[: layout.wanted]))
        others = others.rename_columns(list(layout.columns[layout.wanted :]))
        number = _ints(table, ROW)
        file = _ints(table, FILE).astype(np.int32) if layout.several else np.zeros(len(number), np.int32)
        return Raw(
            wanted,
            self.name,
            self.names,
            first=1,
            rest=(lambda: others) if others.num_columns else None,
            ragged=self.lost if first else None,
            notes=self.notes if first else (),
            places=Places(self.files, file, number),
        )


def _ints(table: pa.Table, name: str) -> Ints:
    found, _ = numbers(table[name].combine_chunks().cast("int64"))
    return found


def _read(chunk: Path, number: int) -> pa.RecordBatch:
    from pyarrow import ipc

    with open(chunk, "rb") as file, ipc.open_file(file) as held:
        return held.get_batch(number)


def _one_type(parts: Sequence[pa.RecordBatch]) -> pa.Table:
    """One below the other; a column that is coded in some chunks and not in others is text."""
    import pyarrow as pa

    fields = list(zip(*(part.schema for part in parts)))
    names, columns = parts[0].schema.names, []
    for place, kinds in enumerate(fields):
        chunks = [part.column(place) for part in parts]
        if len({one.type for one in kinds}) > 1:
            chunks = [one.cast(pa.string()) for one in chunks]
        columns.append(pa.chunked_array(chunks, chunks[0].type))
    return pa.table(columns, names)


def held(chunks: Sequence[Path]) -> int:
    """The bytes of files."""
    return sum(os.path.getsize(one) for one in chunks)
