"""Tables that know their types: Parquet files and pandas frames."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from procmine.load.columns import Columns, find_roles
from procmine.load.raw import Raw, unique_names
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read_parquet(path: Path, columns: Columns) -> Raw:
    """A table from a Parquet file; only the columns that a log needs are read."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        schema = parquet.read_schema(path)
        names = list(schema.names)
        wanted = find_roles(columns, names, path.name).read(names)
        table = _parquet(path, schema, wanted)
    except (pa.ArrowInvalid, OSError) as error:
        raise LogError(f"{path.name} cannot be read as Parquet: {error}") from error
    left = [name for name in names if name not in wanted]
    rest = (lambda: _plain(_parquet(path, schema, left))[0]) if left else None
    table, notes = _plain(table)
    return Raw(table, path.name, names, first=1, rest=rest, notes=notes)


def _parquet(path: Path, schema: pa.Schema, names: list[str]) -> pa.Table:
    import pyarrow as pa
    from pyarrow import parquet

    text = [name for name in names if pa.types.is_string(schema.field(name).type)]
    with parquet.ParquetFile(path, read_dictionary=text) as file:  # not `read_table`: that imports pandas
        return file.read(columns=names)


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
    table, notes = _plain(pa.table(arrays, unique_names(names)))
    return Raw(table, "the frame", names, first=1, notes=notes)


def _plain(table: pa.Table) -> tuple[pa.Table, tuple[Message, ...]]:
    """Without columns that hold lists and the like, which no text stands for."""
    import pyarrow as pa

    nested = [field.name for field in table.schema if pa.types.is_nested(field.type) or pa.types.is_binary(field.type)]
    notes = (Message("load.nested", {"names": ", ".join(nested)}),) if nested else ()
    return table.drop_columns(nested) if nested else table, notes
