"""Between Arrow columns and coded text, without the imports of pandas that pyarrow's own conversions cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from procmine.log import Text

if TYPE_CHECKING:
    import pyarrow as pa

I = TypeVar("I", np.int32, np.int64)


def as_arrow(text: Text) -> pa.Array:
    import pyarrow as pa

    codes = pa.array(text.codes, mask=text.codes < 0)
    return pa.DictionaryArray.from_arrays(codes, text.levels)


def as_text(column: pa.ChunkedArray) -> Text:
    """A dictionary column whose chunks share one dictionary."""
    whole = column.combine_chunks()
    return Text(integers(whole.indices, np.int32), whole.dictionary)


def integers(column: pa.Array, kind: type[I], missing: int = -1) -> NDArray[I]:
    """Whole numbers, with a number for those missing. Not `fill_null`: that imports pandas (0.2 s)."""
    if not len(column):
        return np.empty(0, kind)
    held = np.frombuffer(column.buffers()[1], kind, len(column), column.offset * np.dtype(kind).itemsize)
    return np.where(_missing(column), kind(missing), held) if column.null_count else held


def _missing(column: pa.Array) -> NDArray[np.bool_]:
    bits = np.frombuffer(column.buffers()[0], np.uint8)
    return ~np.unpackbits(bits, bitorder="little")[column.offset : column.offset + len(column)].astype(bool)
