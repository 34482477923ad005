"""Attributes: the columns that belong to cases, and those that belong to events."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the events in their order: its codes, and per case the first that is not missing; None: not made."""

    levels: pa.StringArray
    codes: Codes | None
    first: Codes | None
    held: bool  # some event has a value
    changes: bool  # inside a case


@dataclass(frozen=True)
class Attribute:
    """Which column holds an attribute, whether of cases or of events, and its name."""

    column: str
    of_case: bool
    name: str


def survey_attributes(
    table: pa.Table, columns: Columns, row: Ints, offset: Ints, coded: Callable[[pa.ChunkedArray], Text]
) -> dict[str, Column]:
    """The columns that may be attributes, as far as these events show."""
    named = columns.attributes is not None or columns.event_attributes is not None
    number = np.empty(0, np.int64)  # of the case of each event; made when needed
    found: dict[str, Column] = {}
    for name in columns.others(table.column_names):
        if named and name not in (*(columns.attributes or ()), *(columns.event_attributes or ()), columns.resource):
            continue
        number = number if len(number) else np.repeat(np.arange(len(offset) - 1), np.diff(offset))
        text = coded(table[name])
        found[name] = _surveyed(name, Text(text.codes[row], text.levels), columns, number, len(offset) - 1)
    return found


def _surveyed(name: str, text: Text, columns: Columns, number: Ints, cases: int) -> Column:
    """Only as much is made of a column as may be needed; what else is needed is made of its codes again."""
    named = columns.attributes is not None or columns.event_attributes is not None
    codes, held = text.codes, bool(np.any(text.codes >= 0))
    if not held and not named:
        return Column(text.levels, None, None, False, False)
    if named or name == columns.resource or name.startswith((ATTRIBUTE, CASE + ATTRIBUTE)):
        of_case = name in (columns.attributes or ()) or name.startswith(CASE + ATTRIBUTE)
        return Column(text.levels, codes, _first(codes, number, cases) if of_case else None, held, False)
    if _changes(codes[:SOME], number[:SOME]):
        return Column(text.levels, codes, None, held, True)
    first = _first(codes, number, cases)
    if np.all((codes < 0) | (codes == first[number])):
        return Column(text.levels, None, first, held, False)
    return Column(text.levels, codes, None, held, True)


def settle_attributes(
    names: Sequence[str], columns: Columns, held: Collection[str], changes: Collection[str]
) -> tuple[Attribute, ...]:
    """Which column of the table is an attribute of what.

    Unless they are named, a column that never changes inside a case belongs to cases, any other to events; the column
    of resources, unless other attributes of events are named, belongs to events. One that is empty throughout is left out.
    Names that begin with "attribute:" or "case:attribute:" say themselves whose they are.
    """
    named = columns.attributes is not None or columns.event_attributes is not None
    wanted = (*(columns.attributes or ()), *(columns.event_attributes or ()), columns.resource)
    there = [name for name in columns.others(names) if (name in wanted if named else name in held)]
    return tuple(one for name in there for one in _kinds(name, names, columns, named, name in changes))


def _kinds(name: str, names: Sequence[str], columns: Columns, named: bool, changes: bool) -> list[Attribute]:
    """What a column is: an attribute of cases, of events, or of both."""
    if name.startswith(ATTRIBUTE):
        return [Attribute(name, False, name.removeprefix(ATTRIBUTE))]
    if name.startswith(CASE + ATTRIBUTE):
        return [Attribute(name, True, name.removeprefix(CASE + ATTRIBUTE))]
    if not named:
        of_case = name != columns.resource and not changes
        return [Attribute(name, of_case, _short(name, names) if of_case else name)]
    of_case = name in (columns.attributes or ())
    of_event = not of_case or name in (columns.event_attributes or ()) or name == columns.resource
    return [Attribute(name, True, _short(name, names))] * of_case + [Attribute(name, False, name)] * of_event


def _short(name: str, names: Sequence[str]) -> str:
    """Without the word that says that it is of cases, unless that would be the name of another."""
    short = name.removeprefix(CASE)
    return name if short in names or not short else short


def taken(
    attributes: Sequence[Attribute], held: Mapping[str, Column], again: Callable[[str], Text], offset: Ints
) -> tuple[dict[str, Text], dict[str, Text]]:
    """Per case, and per event in order. A case's value is the first that is not empty; `again` reads a column's events."""
    per_case: dict[str, Text] = {}
    per_event: dict[str, Text] = {}
    for one in attributes:
        column = held[one.column]
        codes = column.first if one.of_case else column.codes
        if codes is None:
            text = again(one.column)
            number = np.repeat(np.arange(len(offset) - 1), np.diff(offset))
            codes = _first(text.codes, number, len(offset) - 1) if one.of_case else text.codes
        (per_case if one.of_case else per_event)[one.name] = Text(codes, column.levels)
    return per_case, per_event


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
