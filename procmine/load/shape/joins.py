"""Joins: columns of another table added to every event, by a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import whole_numbers
from procmine.load.columns import MOST, mask
from procmine.load.events.watch import listed
from procmine.load.raw import Raw
from procmine.load.text import as_codes, as_strings
from procmine.log import LogError
from procmine.words import Message, Value

if TYPE_CHECKING:
    import pyarrow as pa


def join(
    events: Raw, table: Raw, on: Mapping[str, str], take: Sequence[str] | None, name: str, *, show: bool = False
) -> Raw:
    """The events with columns of a table that has one row a key; an event whose key is not in it gets none of them.

    `on` maps a column of the events to the one of the table that holds the same; where there are several, all must be
    equal. Keys are compared as text, without the blanks around them: 007 is not 7. `take` are the columns wanted (else all
    others); one whose name the events have already is called NAME COLUMN. LogError if no key is found, and if a key has
    several rows that do not say the same.
    """
    wanted = _wanted(events, table, on, take, name)
    left, right, levels = _keys(events, table, on)
    place, told = _one_row_each(table, right, wanted, (name, on, levels, show))
    row = place[left]  # the last place is that of no key
    if not np.any(row >= 0):
        raise _nothing_found(events, table, on, name, show)
    keys = np.unique(left[left >= 0])
    values: dict[str, Value] = {
        "name": name,
        "keys": len(keys),
        "found": int(np.count_nonzero(place[keys] >= 0)),
        "on": listed(list(on)),
    }
    notes = [*told, Message("load.join", {**values, "columns": listed(list(wanted.values()))})]
    without = np.flatnonzero(row < 0)
    if len(without):
        first = _first_without(events, on, without, show)
        notes.append(Message("load.join.none", {"name": name, "n": len(without), "on": listed(list(on)), **first}))
    added = events.table
    at = whole_numbers(np.maximum(row, 0), row >= 0)
    for column, called in wanted.items():
        added = added.append_column(called, as_strings(table.table[column]).dictionary_encode().take(at))
    return replace(events, table=added, names=added.column_names, notes=(*events.notes, *table.notes, *notes))


def joined_names(names: Sequence[str], wanted: Sequence[str], name: str) -> dict[str, str]:
    """What joined columns are called."""
    return {column: f"{name} {column}" if column in names else column for column in wanted}


def _wanted(events: Raw, table: Raw, on: Mapping[str, str], take: Sequence[str] | None, name: str) -> dict[str, str]:
    here, there = events.table.column_names, table.table.column_names
    for asked, names, where in ((on, here, "the events"), ([*on.values(), *(take or ())], there, table.name)):
        missing = [one for one in asked if one not in names]
        if missing:
            raise LogError(
                f"joins ({name}): there is no column {missing[0]!r} in {where}. There are: {listed(names, MOST)}."
            )
    if not on:
        raise LogError(
            f"joins ({name}): say which column of the events holds what column of {table.name}: on: {{case: id}}."
        )
    wanted = [one for one in there if one not in on.values()] if take is None else take
    return joined_names(here, wanted, name)


def _keys(events: Raw, table: Raw, on: Mapping[str, str]) -> tuple[Ints, Ints, int]:
    """Numbers of the keys of the events and of the table, equal where these are; -1 where one is missing."""
    import pyarrow as pa

    size = len(events.table)
    both, none = np.zeros(size + len(table.table), np.int64), np.zeros(size + len(table.table), bool)
    for here, there in on.items():
        column = pa.concat_arrays([as_strings(events.table[here]), as_strings(table.table[there])])
        codes = as_codes(column)
        none |= codes < 0
        _, both = np.unique(both * (int(codes.max(initial=0)) + 2) + codes + 1, return_inverse=True)
    found = np.where(none, -1, both.ravel())
    return found[:size], found[size:], int(both.max(initial=-1)) + 1


def _one_row_each(
    table: Raw, keys: Ints, wanted: Mapping[str, str], said: tuple[str, Mapping[str, str], int, bool]
) -> tuple[Ints, list[Message]]:
    """Per key the row of the table that has it (-1: none), and how many rows have none."""
    name, on, levels, show = said
    held = np.flatnonzero(keys >= 0)
    place = np.full(levels + 1, -1)
    place[keys[held][::-1]] = held[::-1]
    again = held[place[keys[held]] != held]
    for column in wanted if len(again) else ():
        codes = as_codes(as_strings(table.table[column]))
        differ = again[codes[again] != codes[place[keys[again]]]]
        if len(differ):
            key = ", ".join(mask(str(table.table[one][int(differ[0])].as_py()), show) for one in on.values())
            raise LogError(
                f"joins ({name}): {len(np.unique(keys[differ])):,} keys have several rows in {table.name} that do not say "
                f"the same; the first is row {int(table.row_numbers(differ[:1])[0]):,} ({listed(list(on.values()))} written "
                f"like {key}), and they differ in {column!r}. A join needs one row a key: take only columns in which they "
                "agree (take: [...]), keep one row by where: {COLUMN: VALUE}, or read the table as a source of its own."
            )
    empty = len(keys) - len(held)
    return place, [
        Message("load.join.keyless", {"name": name, "n": empty, "on": listed(list(on.values()))})
    ] if empty else []


def _first_without(events: Raw, on: Mapping[str, str], without: Ints, show: bool) -> dict[str, str | Message]:
    first = without[:1]
    value = ", ".join(mask(str(events.table[one][int(first[0])].as_py() or ""), show) for one in on)
    where: dict[str, Value] = {"row": int(events.row_numbers(first)[0]), "file": events.file_names(first)[0]}
    return {"place": Message("load.place.file", where), "value": value or "nothing"}


def _nothing_found(events: Raw, table: Raw, on: Mapping[str, str], name: str, show: bool) -> LogError:
    def shapes(raw: Raw, columns: Sequence[str]) -> str:
        return ", ".join(next((mask(one, show) for one in _some(raw.table[column])), "nothing") for column in columns)

    return LogError(
        f"joins ({name}): no event found its {listed(list(on))} in {table.name}. In the events it is written like "
        f"{shapes(events, list(on))}, in {table.name} like {shapes(table, list(on.values()))}. Keys must be equal as text "
        "(leading zeros count): are these the right columns?"
    )


def _some(column: pa.ChunkedArray) -> list[str]:
    return [str(one) for one in column.slice(0, 1_000).to_pylist() if one not in (None, "")]
