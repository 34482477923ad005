"""Arrow arrays made of Python's and numpy's values, without the import of pandas (0.3 s) that pyarrow's own ways cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints

if TYPE_CHECKING:
    import pyarrow as pa

Flags = NDArray[np.bool_]


def strings(values: Sequence[str | None]) -> pa.StringArray:
    """An array of text, null where None."""
    import pyarrow as pa

    written = [b"" if value is None else value.encode() for value in values]
    edges = np.concatenate(([0], np.cumsum([len(one) for one in written]))).astype(np.int32)
    held = np.array([value is not None for value in values], bool)
    valid = None if held.all() else pa.py_buffer(np.packbits(held, bitorder="little"))
    return pa.Array.from_buffers(
        pa.string(), len(written), [valid, pa.py_buffer(edges), pa.py_buffer(b"".join(written))]
    )


def scalar(value: str) -> pa.StringScalar:
    return strings([value])[0]


def whole_numbers(values: Ints, held: Flags | None = None) -> pa.Array:
    """An int64 array, null where not `held`."""
    import pyarrow as pa

    valid = None if held is None or held.all() else pa.py_buffer(np.packbits(held, bitorder="little"))
    return pa.Array.from_buffers(pa.int64(), len(values), [valid, pa.py_buffer(np.ascontiguousarray(values, np.int64))])


def numbers(column: pa.Array) -> tuple[Ints, Flags]:
    """An int64 array as numpy, writable, and where it is missing."""
    size, at = len(column), column.offset
    if not size:
        return np.empty(0, np.int64), np.empty(0, bool)
    held = np.frombuffer(column.buffers()[1], np.int64, size, at * 8).copy()
    none = np.zeros(size, bool)
    if column.null_count:
        bits = np.unpackbits(np.frombuffer(column.buffers()[0], np.uint8), bitorder="little")
        none = ~bits[at : at + size].astype(bool)
    return held, none


def flags(column: pa.BooleanArray) -> Flags:
    """A boolean array as numpy; what is missing is False."""
    import pyarrow as pa

    held, none = numbers(column.cast(pa.int64()))
    return held.astype(bool) & ~none


def is_empty(column: pa.StringArray) -> Flags:
    """Where the text is empty."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lengths, none = numbers(pc.binary_length(column).cast(pa.int64()))
    empty: Flags = (lengths == 0) & ~none
    return empty
