"""Tables that know their types: Parquet, Feather and Arrow files, and pandas frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.load.arrays import strings, whole_numbers
from procmine.load.columns import Columns, find_roles
from procmine.load.raw import Raw, unique_names
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ROWS, PER_BYTE = 100_000_000, 200  # a file of more rows than both (in all; for each of its bytes) is a bomb

GROUPS, MOST_PARTS = 4, 64  # groups of rows from which they are read apart, in so many parts at most


def read_parquet(path: Path, columns: Columns) -> Raw:
    """A table from a Parquet file; only the columns that a log needs are read."""
    from pyarrow import parquet

    with sound(path, "Parquet"):
        with parquet.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
        check_rows(rows, path)
        names = list(schema.names)
        wanted = find_roles(columns, names, path.name).read(names)
        table, notes = plain_table(_stored(path, schema, wanted))
    left = [name for name in names if name not in wanted or name not in table.column_names]
    rest = (lambda: _marked(_stored(path, schema, left))) if left else None
    return Raw(table, path.name, names, first=1, rest=rest, notes=notes)


def _stored(path: Path, schema: pa.Schema, names: list[str]) -> pa.Table:
    import pyarrow as pa
    from pyarrow import parquet

    with sound(path, "Parquet"):
        text = [name for name in names if schema.names.count(name) == 1 and pa.types.is_string(schema.field(name).type)]
        with parquet.ParquetFile(path, read_dictionary=text) as file:  # not `read_table`: that imports pandas
            groups = file.num_row_groups
            table = file.read(columns=names) if groups < GROUPS else _by_groups(path, file.metadata, text, names)
        if not {*names} <= {*table.column_names}:
            raise LogError(f"{path.name} cannot be read as Parquet: it names its columns twice, and differently.")
        table.validate(full=True)  # places in a damaged file may point outside of it
        return _chosen(table, names)


def _by_groups(path: Path, about: Any, text: list[str], names: list[str]) -> pa.Table:
    """By all processors, each some groups of rows: of columns at once, the one of cases alone takes most of the time."""
    import pyarrow as pa
    from pyarrow import parquet

    def read(low: int) -> pa.Table:
        with parquet.ParquetFile(path, metadata=about, read_dictionary=text) as file:
            high = min(low + size, about.num_row_groups)
            return file.read_row_groups(range(low, high), columns=names, use_threads=False)

    size = max(about.num_row_groups // MOST_PARTS, 1)
    with ThreadPoolExecutor() as pool:
        return pa.concat_tables(pool.map(read, range(0, about.num_row_groups, size)))


def read_feather(path: Path, columns: Columns) -> Raw:
    """A table from a Feather file (of version 2) or an Arrow file or stream, packed or not."""
    with sound(path, "Feather or Arrow"):
        with arrow_reader(path) as reader:
            table = reader.read_all()
        table.validate(full=True)
        names = list(table.column_names)
        wanted = find_roles(columns, names, path.name).read(names)
        read, notes = plain_table(_chosen(table, wanted))
        left = [name for name in names if name not in wanted or name not in read.column_names]
        others = _chosen(table, left)
    return Raw(read, path.name, names, first=1, rest=(lambda: _marked(others)) if left else None, notes=notes)


@contextmanager
def arrow_reader(path: Path) -> Iterator[Any]:
    """The reader of a file, or of a stream, of Arrow's: what is mapped only would change with the file."""
    from pyarrow import ipc

    with path.open("rb") as file:
        head = file.read(6)
        file.seek(0)
        if head.startswith(b"FEA1"):
            raise LogError(f"{path.name} is Feather of version 1, which is no longer read. Write it as Parquet.")
        with ipc.open_file(file) if head == b"ARROW1" else ipc.open_stream(file) as reader:
            yield reader


@contextmanager
def sound(path: Path, kind: str) -> Iterator[None]:
    """LogError for all that is raised over a damaged file."""
    import pyarrow as pa

    try:
        yield
    except LogError:
        raise
    except (pa.ArrowException, OSError, ValueError, LookupError, MemoryError, OverflowError) as error:
        why = str(error) or "it says it is larger than the memory"
        raise LogError(
            f"{path.name} cannot be read as {kind}: {why}. Was it cut off? Copy or export it again."
        ) from error


def read_frame(frame: pd.DataFrame, columns: Columns) -> Raw:
    """A table from a pandas frame; its index is not read."""
    import pyarrow as pa

    names = [str(name) for name in frame.columns]
    arrays = []
    for place in range(len(names)):
        column = frame.iloc[:, place]
        try:
            arrays.append(pa.chunked_array([pa.Array.from_pandas(column)]))
        except (pa.ArrowInvalid, pa.ArrowTypeError):  # values of several types
            arrays.append(pa.chunked_array([pa.array([None if one is None else str(one) for one in column])]))
    find_roles(columns, names, "the frame")
    whole = pa.table(arrays, unique_names(names))
    table, notes = plain_table(whole)
    left = [name for name in whole.column_names if name not in table.column_names]
    rest = (lambda: _marked(whole.select(left))) if left else None
    return Raw(table, "the frame", names, first=1, rest=rest, notes=notes)


def _chosen(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """The columns of these names, those of one name numbered."""
    stored = unique_names(table.column_names)
    kept = [place for place, name in enumerate(table.column_names) if name in names]
    return table.rename_columns(stored).select(kept)


def check_rows(rows: int, path: Path) -> None:
    if rows > ROWS and rows > PER_BYTE * path.stat().st_size:
        raise LogError(
            f"{path.name} says it holds {rows:,} rows, more than {PER_BYTE} for each of its bytes. No log "
            "does, so it was not read."
        )


def plain_table(table: pa.Table) -> tuple[pa.Table, tuple[Message, ...]]:
    """Text, times and codes of text only; columns that hold lists and the like, which no text stands for, are left out."""
    import pyarrow as pa

    nested = [name for name, column in zip(table.column_names, table.columns) if has_no_text(inner_type(column.type))]
    notes = (Message("load.nested", {"names": ", ".join(nested)}),) if nested else ()
    kept = table.drop_columns(nested) if nested else table
    return pa.table([as_text(column) for column in kept.columns], kept.column_names), notes


def _marked(table: pa.Table) -> pa.Table:
    """The same, for comparing rows: what no text stands for becomes numbers that are equal where the values are."""
    import pyarrow as pa

    plain, _ = plain_table(table)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {name: plain[name] for name in plain.column_names}
    for name in set(table.column_names) - set(columns):
        columns[name] = whole_numbers(np.array([hash(repr(one)) for one in table[name].to_pylist()], np.int64))
    return pa.table(columns)


def inner_type(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    while pa.types.is_dictionary(kind) or isinstance(kind, pa.BaseExtensionType):
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind.storage_type
    return kind


def has_no_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    binary = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return pa.types.is_nested(kind) or pa.types.is_interval(kind) or any(is_so(kind) for is_so in binary)


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as text, but for times and what is coded already. Whole numbers have no point, as in text files."""
    import pyarrow as pa

    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return as_text(column.cast(kind.storage_type))
    if pa.types.is_dictionary(kind) and not pa.types.is_string(kind.value_type):
        return as_text(column.cast(kind.value_type))
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind) or pa.types.is_date32(kind):
        return column
    if pa.types.is_timestamp(kind):
        return column if kind.unit in ("us", "ns") else column.cast(pa.timestamp("us", kind.tz))
    if pa.types.is_date64(kind):
        return column.cast(pa.date32())
    if pa.types.is_floating(kind):
        return _floats(column)
    return column.cast(pa.string())


def _floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers as text: 12345, not 12345.0; NaN is missing, as it is in frames."""
    import pyarrow as pa

    chunks = []
    for coded in (chunk.dictionary_encode() for chunk in column.chunks):
        levels = strings([_float(one, pa.types.is_float64(column.type)) for one in coded.dictionary.to_numpy()])
        chunks.append(levels.take(coded.indices))
    return pa.chunked_array(chunks, pa.string())


def _float(value: Any, double: bool) -> str | None:
    if np.isnan(value):
        return None
    if float(value).is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(float(value)) if double else str(value)
