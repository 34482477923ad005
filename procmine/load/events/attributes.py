"""Attributes: the columns that belong to cases, and those that belong to events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.load.columns import Columns
from procmine.log import Text

if TYPE_CHECKING:
    import pyarrow as pa

Codes = NDArray[np.int32]
SOME = 100_000  # events in which most columns that change show it
CASE = "case:"  # pm4py and XES write it before the names of what belongs to cases
ATTRIBUTE = "attribute:"  # write() writes it before names that would else be taken for something else


def split_attributes(
    table: pa.Table, columns: Columns, row: Ints, offset: Ints, coded: Callable[[pa.ChunkedArray], Text]
) -> tuple[dict[str, Text], dict[str, Text]]:
    """Per case, and per event in order. A case's value is the first that is not empty.

    Unless they are named, a column that never changes inside a case belongs to cases, any other to events; the column
    of resources, unless other attributes of events are named, belongs to events. One that is empty throughout is left out.
    Names that begin with "attribute:" or "case:attribute:" say themselves whose they are.
    """
    per_case: dict[str, Text] = {}
    per_event: dict[str, Text] = {}
    number = np.empty(0, np.int64)  # of the case of each event; made when needed
    named = columns.attributes is not None or columns.event_attributes is not None
    for name in columns.others(table.column_names):
        if named and name not in (*(columns.attributes or ()), *(columns.event_attributes or ()), columns.resource):
            continue
        number = number if len(number) else np.repeat(np.arange(len(offset) - 1), np.diff(offset))
        text = coded(table[name])
        codes = text.codes[row]
        if not named and not np.any(codes >= 0):
            continue
        if name.startswith((ATTRIBUTE, CASE + ATTRIBUTE)):
            _add(per_case, per_event, name, Text(codes, text.levels), number, len(offset) - 1)
            continue
        if not named and (name == columns.resource or _changes(codes[:SOME], number[:SOME])):
            per_event[name] = Text(codes, text.levels)
            continue
        if named and name not in (columns.attributes or ()):
            per_event[name] = Text(codes, text.levels)
            continue
        first = _first(codes, number, len(offset) - 1)
        never_changes = not named and bool(np.all((codes < 0) | (codes == first[number])))
        wanted = name in (columns.attributes or ()) or never_changes
        if wanted:
            short = name.removeprefix(CASE)
            per_case[name if short in table.column_names or not short else short] = Text(first, text.levels)
        if name in (columns.event_attributes or ()) or name == columns.resource or not (named or wanted):
            per_event[name] = Text(codes, text.levels)
    return per_case, per_event


def _add(
    per_case: dict[str, Text], per_event: dict[str, Text], name: str, text: Text, number: Ints, cases: int
) -> None:
    """One whose name says whose it is."""
    if name.startswith(ATTRIBUTE):
        per_event[name.removeprefix(ATTRIBUTE)] = text
    else:
        per_case[name.removeprefix(CASE + ATTRIBUTE)] = Text(_first(text.codes, number, cases), text.levels)


def _changes(codes: Codes, number: Ints) -> bool:
    """Whether two neighbours of one case differ."""
    same = (number[1:] == number[:-1]) & (codes[1:] >= 0) & (codes[:-1] >= 0)
    return bool(np.any(same & (codes[1:] != codes[:-1])))


def _first(codes: Codes, number: Ints, cases: int) -> Codes:
    """Per case the first code that is not missing."""
    there = np.flatnonzero(codes >= 0)[::-1]
    found = np.full(cases, -1, np.int32)
    found[number[there]] = codes[there]
    return found
