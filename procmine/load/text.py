"""Columns of any type as text, and numbers for equal texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import numbers

if TYPE_CHECKING:
    import pyarrow as pa


def as_strings(column: pa.ChunkedArray | pa.Array) -> pa.StringArray:
    """The column as one array of text."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    text = column.cast(pa.string())
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def as_coded(column: pa.ChunkedArray | pa.Array) -> pa.DictionaryArray:
    """The column as text with one dictionary."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
        whole = column.unify_dictionaries().combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        return whole
    return as_strings(column).dictionary_encode()


def as_codes(column: pa.ChunkedArray | pa.Array) -> Ints:
    """Numbers that are equal where the texts are, without the blanks around them; -1 where there is nothing."""
    codes, _ = codes_and_levels(column)
    return codes


def codes_and_levels(column: pa.ChunkedArray | pa.Array) -> tuple[Ints, list[str]]:
    """Such numbers, and the texts they stand for, in order of appearance."""
    coded = as_coded(column)
    codes, none = numbers(coded.indices.cast("int64"))
    trimmed = [(one or "").strip() for one in coded.dictionary.to_pylist()]
    held = np.array([bool(one) for one in trimmed] + [False])
    codes[none] = len(trimmed)
    used, first = np.unique(codes[held[codes]], return_index=True)
    levels = list(dict.fromkeys(trimmed[code] for code in used[np.argsort(first)].tolist()))
    number = {level: place for place, level in enumerate(levels)}
    places = np.array([*(number.get(one, -1) for one in trimmed), -1], np.int64)
    return places[codes], levels
