"""Rows of Python values, as drivers of databases give them, to columns of Arrow: some at a time, so memory stays small."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from procmine.load.arrays import numbers, strings, whole_numbers
from procmine.load.dates.timestamps import MISSING

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["text", "instant", "wall", "date", "left"]
NESTED = (bytes, bytearray, memoryview, dict, list, tuple, set, frozenset)  # no text stands for these


class Gathering:
    """One column, gathered a part at a time. Times and dates keep their type while all of a column have it.

    Text (with codes, as most values repeat) is what everything else becomes; `kind` is "left" where a value is bytes, a
    list or a document. `utc`: times without an offset are in UTC.
    """

    def __init__(self, utc: bool = False) -> None:
        self.utc = utc
        self.kind: Kind | None = None  # no value yet
        self.parts: list[pa.Array] = []

    def add(self, values: Sequence[Any]) -> None:
        import pyarrow as pa

        kind = _kind(values, self.utc)
        if kind is None or self.kind == "left":
            self.parts.append(pa.nulls(len(values)))
            return
        if self.kind is not None and kind != self.kind and kind != "left":
            kind, self.parts = "text", [_as_text(part) for part in self.parts]
        self.kind = kind
        self.parts.append(pa.nulls(len(values)) if kind == "left" else _array(values, kind))

    def column(self) -> pa.ChunkedArray:
        import pyarrow as pa

        to = _type(self.kind or "text")
        return pa.chunked_array(
            [pa.nulls(len(one), to) if pa.types.is_null(one.type) else one for one in self.parts], to
        )


def weight(values: Sequence[Any]) -> int:
    """About how many bytes the values of a column take, where they may be long."""
    types = set(map(type, values))
    if types <= {str, bytes}:
        return sum(map(len, values))
    return sum(len(one) for one in values if isinstance(one, str | bytes)) if types & {str, bytes} else 0


def fingerprint(table: pa.Table) -> str:
    """SHA-256 of names, types and values, however the table is cut into parts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = hashlib.sha256()
    for name, column in zip(table.column_names, table.columns):
        sizes, held = hashlib.sha256(), hashlib.sha256()
        for part in column.chunks:
            plain = part.dictionary.take(part.indices) if pa.types.is_dictionary(part.type) else part
            size, none = numbers(_lengths(plain, pc) if pa.types.is_string(plain.type) else _whole(plain))
            sizes.update(np.where(none, MISSING, size).tobytes())
            if pa.types.is_string(plain.type) and plain.buffers()[2] is not None:
                held.update(plain.buffers()[2])
        whole.update(f"{name!r} {column.type} {sizes.hexdigest()} {held.hexdigest()}\n".encode())
    return whole.hexdigest()


def _lengths(text: pa.StringArray, pc: Any) -> pa.Array:
    return pc.binary_length(text).cast("int64")


def _whole(moments: pa.Array) -> pa.Array:
    import pyarrow as pa

    return (moments.cast(pa.int32()) if pa.types.is_date(moments.type) else moments).cast(pa.int64())


def _kind(values: Sequence[Any], utc: bool) -> Kind | None:
    """What these values are, together; None where there are none."""
    types = set(map(type, values)) - {type(None)}
    if not types:
        return None
    if any(issubclass(one, NESTED) for one in types):
        return "left"
    if all(issubclass(one, datetime) for one in types):
        zones = {value.tzinfo is None for value in values if value is not None}
        return "text" if len(zones) > 1 else "instant" if zones == {False} or utc else "wall"
    if all(issubclass(one, date) and not issubclass(one, datetime) for one in types):
        return "date"
    return "text"


def _array(values: Sequence[Any], kind: Kind) -> pa.Array:
    if kind == "text":
        return _coded(values)
    unit = "D" if kind == "date" else "us"
    if kind == "instant":
        values = [
            one if one is None or one.tzinfo is None else one.astimezone(UTC).replace(tzinfo=None) for one in values
        ]
    moments = np.array(values, f"M8[{unit}]").astype(np.int64)
    whole = whole_numbers(moments, moments != MISSING)
    return (whole.cast("int32") if kind == "date" else whole).cast(_type(kind))


def _coded(values: Sequence[Any]) -> pa.DictionaryArray:
    """Text as codes."""
    import pyarrow as pa

    plain = set(map(type, values)) <= {str, type(None)}
    written = values if plain else [None if value is None else _written(value) for value in values]
    levels = dict.fromkeys(written)
    levels.pop(None, None)
    places = {None: -1, **{value: place for place, value in enumerate(levels)}}
    codes = np.fromiter(map(places.__getitem__, written), np.int64, len(written))
    return pa.DictionaryArray.from_arrays(whole_numbers(codes, codes >= 0).cast(pa.int32()), strings(list(levels)))


def _written(value: object) -> str:
    if type(value) is int:
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return f"{value:f}"  # never 1E+2
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_text(part: pa.Array) -> pa.Array:
    import pyarrow as pa

    if pa.types.is_null(part.type) or pa.types.is_dictionary(part.type):
        return part
    return part.cast(pa.string()).dictionary_encode()


def _type(kind: Kind) -> pa.DataType:
    import pyarrow as pa

    types: dict[str, pa.DataType] = {
        "instant": pa.timestamp("us", "UTC"),
        "wall": pa.timestamp("us"),
        "date": pa.date32(),
    }
    return types.get(kind, pa.dictionary(pa.int32(), pa.string()))
