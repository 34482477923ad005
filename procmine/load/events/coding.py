"""Columns of a table as codes of their texts, in the order in which these appear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from procmine.arrow import as_text
from procmine.load.arrays import is_empty, strings, whole_numbers
from procmine.log import CHUNK, Text

if TYPE_CHECKING:
    import pyarrow as pa


def coded(column: pa.ChunkedArray) -> Text:
    """Text as codes; what is missing or empty is -1. Numbers and times become their text."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type):
        column = column.unify_dictionaries()
    elif pa.types.is_string(column.type):
        column = column.dictionary_encode()  # its chunks share one dictionary
    else:
        plain = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        column = plain.cast(pa.string()).dictionary_encode()
    if column.num_chunks == 0:
        return Text(np.empty(0, np.int32), strings([]))
    text = as_text(column)
    empty = np.append(is_empty(text.levels), False)
    return Text(np.where(empty[text.codes], np.int32(-1), text.codes), text.levels) if empty.any() else text


def by_appearance(text: Text) -> Text:
    """The same with codes in order of appearance, as dictionaries of files need not be."""
    if _appear_in_order(text):
        return text
    first = np.full(len(text.levels) + 1, len(text.codes))
    first[text.codes[::-1]] = np.arange(len(text.codes))[::-1]
    first = first[:-1]  # the last place stood for what is missing
    if np.all(first[1:] >= first[:-1]):
        return text
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order) + 1, np.int32)
    rank[order], rank[-1] = np.arange(len(order)), -1
    return Text(rank[text.codes], text.levels.take(whole_numbers(order)))


def _appear_in_order(text: Text) -> bool:
    """Whether each code appears first after all smaller ones have; some at a time, up to where all have appeared."""
    top = -1
    for begin in range(0, len(text.codes), CHUNK):
        highest = np.maximum.accumulate(text.codes[begin : begin + CHUNK])
        if highest[0] > top + 1 or np.any(highest[1:] - np.maximum(highest[:-1], top) > 1):
            return False
        top = max(top, int(highest[-1]))
        if top == len(text.levels) - 1:
            return True
    return True
