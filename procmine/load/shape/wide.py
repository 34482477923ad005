"""Wide tables, with one row a case and a column of dates per milestone, made long: one row an event."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.load.arrays import flags, strings, whole_numbers
from procmine.load.columns import MOST, Columns, Milestone, Settled
from procmine.load.dates.timestamps import canonical
from procmine.load.events.watch import listed
from procmine.load.raw import Places, Raw
from procmine.load.text import as_codes, as_strings
from procmine.log import LogError
from procmine.words import Message, Value

if TYPE_CHECKING:
    import pyarrow as pa

Flags = NDArray[np.bool_]
NUMBER = "{n}"  # in the name of a column: a number that repeats


@dataclass(frozen=True)
class Mark:
    """One column of dates of a table: the step that each date in it is, and the columns of its beginning and attributes."""

    column: str
    step: str
    number: str  # what stands for {n}; empty where the name has none
    start: str | None
    attributes: Mapping[str, str]

    @property
    def holds(self) -> tuple[str, ...]:
        """The columns that become the event's own."""
        return (self.column, *([self.start] if self.start else []), *self.attributes.values())


@dataclass(frozen=True)
class Made:
    """The names of the columns that a table has when it is long."""

    step: str
    time: str
    start: str | None
    number: str | None
    own: tuple[str, ...]  # attributes of single steps
    kept: tuple[str, ...]  # what is known of the row, for each of its events


def long(raw: Raw, columns: Columns) -> Raw:
    """One row an event from one row a case (or several rows a case, such as one a charge).

    Each date in a column of a milestone is an event; an empty one is none, one that cannot be read stays, to be set aside
    by the rules of every log. The other columns are repeated for each event of the row. Events stand row by row, in a row
    in the order of the milestones. A case that has the same date in the same column of several rows has one event (that
    of the first of these rows). A row without any date stays as one row without a time. Times are ISO 8601.
    """
    names = raw.table.column_names
    marks = marks_of(columns, names, raw.name)
    made = _made(columns, names, marks)
    dates, starts, read = _dates(raw, columns, marks)
    there = np.stack([_held(date) | _held(start) for date, start in zip(dates, starts)], axis=1)
    dateless: Flags = np.logical_not(there.any(axis=1))
    row, mark = np.divmod(np.flatnonzero(_with_first(there, dateless)), len(marks))
    fresh = _fresh(raw, columns, (row, mark), dates, starts)
    notes = (*read, *_notes(raw, marks, there, dateless), *_again(raw, marks, mark[~fresh]))
    row, mark = row[fresh], mark[fresh]
    table = _table(raw, marks, made, dates, starts, row, mark)
    files = (raw.name,) if raw.places is None else raw.places.files
    file = np.zeros(len(row), np.int64) if raw.places is None else raw.places.file[row]
    code = np.where(dateless[row], -1, mark)
    places = Places(files, file, raw.row_numbers(row), tuple(one.column for one in marks), code)
    return replace(
        raw,
        table=table,
        names=table.column_names,
        rest=None,
        notes=(*raw.notes, *notes),
        serials=False,
        repeats=False,
        places=places,
    )


def as_long(columns: Columns, names: Sequence[str], source: str) -> Columns:
    """Which columns play which role when a table with these columns is long."""
    marks = marks_of(columns, names, source)
    made = _made(columns, names, marks)
    own = (*made.own, *([made.number] if made.number else []))
    named = columns.attributes is not None or columns.event_attributes is not None
    events = (*(columns.event_attributes or ()), *own) if named else None
    return replace(
        Settled(**vars(columns)),
        activity=made.step,
        timestamp=made.time,
        start=made.start,
        event_attributes=events,
        milestones=None,
        dates="iso",
    )


def marks_of(columns: Columns, names: Sequence[str], source: str) -> list[Mark]:
    """The columns of dates in the order in which the milestones are listed, of those with {n} by their number."""
    marks = []
    for pattern, said in (columns.milestones or {}).items():
        milestone = Milestone(said) if isinstance(said, str) else said
        if not milestone.step.strip():
            raise LogError(f"{source}: the milestone {pattern!r} has no name for its step.")
        found = _numbered(pattern, names)
        if not found:
            raise _unknown(pattern, milestone.step, names, source)
        marks += [_mark(column, number, milestone, names) for number, column in found]
        for wanted in (milestone.start, *milestone.attributes.values()):
            if wanted and not any(_filled(wanted, number) in names for number, _ in found):
                raise _unknown(wanted, milestone.step, names, source)
    return marks


def steps_of(marks: Sequence[Mark]) -> tuple[str, ...]:
    """The steps in the order of their columns."""
    return tuple(dict.fromkeys(mark.step for mark in marks))


def _numbered(pattern: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """The columns that a name with {n} stands for, each after its number, in their order."""
    if pattern in names or NUMBER not in pattern:
        return [("", pattern)] if pattern in names else []
    before, _, after = pattern.partition(NUMBER)
    form = re.compile(re.escape(before) + r"(\d+)" + re.escape(after).replace(re.escape(NUMBER), r"\1"))
    found = [(match[1], name) for name in names if (match := form.fullmatch(name))]
    return sorted(found, key=lambda one: int(one[0]))


def _filled(name: str, number: str) -> str:
    return name.replace(NUMBER, number) if number else name


def _mark(column: str, number: str, milestone: Milestone, names: Sequence[str]) -> Mark:
    start = _filled(milestone.start, number) if milestone.start else None
    own = {name: _filled(held, number) for name, held in milestone.attributes.items()}
    there = {name: held for name, held in own.items() if held in names}
    step = _filled(milestone.step, number)
    return Mark(column, step, number, start if start in names else None, there)


def _unknown(column: str, step: str, names: Sequence[str], source: str) -> LogError:
    kind = " with a number for {n}" if NUMBER in column else ""
    return LogError(
        f"{source}: there is no column {column!r}{kind} (for the milestone {step!r}). There are: {listed(list(names), MOST)}."
        ' Name it as the file does: Columns(milestones={"COLUMN": "STEP"}).'
    )


def _made(columns: Columns, names: Sequence[str], marks: Sequence[Mark]) -> Made:
    roles = {columns.case, columns.resource, columns.arrival, columns.order, *(columns.attributes or ())}
    used = {name for mark in marks for name in mark.holds} - roles
    kept = tuple(name for name in names if name and name not in used)
    own = tuple(dict.fromkeys(name for mark in marks for name in mark.attributes))
    twice = [name for name in own if name in kept]
    if twice:
        raise LogError(
            f"The attribute {twice[0]!r} of a milestone has the name of another column of the table: call it something else."
        )
    taken = {*kept, *own}
    start = free_name("start", taken) if any(mark.start for mark in marks) else None
    number = free_name("number", taken) if any(mark.number for mark in marks) else None
    return Made(free_name("step", taken), free_name("date", taken), start, number, own, kept)


def free_name(name: str, taken: set[str]) -> str:
    """The name, with a number after it if a column has it already."""
    names = (name, *(f"{name} ({number})" for number in range(2, 3 + len(taken))))
    return next(one for one in names if one not in taken)


def _dates(
    raw: Raw, columns: Columns, marks: Sequence[Mark]
) -> tuple[list[pa.StringArray], list[pa.StringArray | None], list[Message]]:
    """The dates of each milestone and of its beginning as ISO 8601, and how they were read."""
    notes: dict[str, Message] = {}
    known: dict[str, pa.StringArray] = {}

    def read(name: str | None) -> pa.StringArray | None:
        if name is not None and name not in known:
            text, notes[name] = as_iso(raw, columns, name)
            known[name] = text
        return None if name is None else known[name]

    dates = [read(mark.column) for mark in marks]
    starts = [read(mark.start) for mark in marks]
    return [one for one in dates if one is not None], starts, list(notes.values())


def as_iso(raw: Raw, columns: Columns, name: str) -> tuple[pa.StringArray, Message]:
    """The times of a column as ISO 8601 text, null where there is none; what cannot be read stays as it is written."""
    import pyarrow.compute as pc

    text, message = canonical(
        raw.table[name], name, dates=columns.dates_of(name), serials=raw.serials, show=columns.show_values
    )
    whole = as_strings(text)
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(whole), ""), strings([None])[0], whole), message


def _held(date: pa.StringArray | None) -> Flags:
    if date is None:
        return np.zeros(1, bool)
    held = flags(date.is_valid())
    return held


def _with_first(there: Flags, dateless: Flags) -> Flags:
    """With a place in the first column for rows that have no date."""
    with_first = there.copy()
    with_first[:, 0] |= dateless
    return with_first


def _fresh(
    raw: Raw,
    columns: Columns,
    places: tuple[Ints, Ints],
    dates: Sequence[pa.StringArray],
    starts: Sequence[pa.StringArray | None],
) -> Flags:
    """Which dates no earlier row of the same case has in the same column."""
    row, mark = places
    case = as_codes(raw.table[str(columns.case)])
    if np.bincount(case + 1)[1:].max(initial=0) <= 1:  # one row a case
        return np.ones(len(row), bool)
    case = case[row]
    date, start = (_codes_by_mark(each, row, mark) for each in (dates, starts))
    known = (case >= 0) & _readable(dates, row, mark)
    key = np.stack([case, mark, date, start])
    order = np.lexsort((row, *key[::-1]))
    same = np.append(False, (key[:, order][:, 1:] == key[:, order][:, :-1]).all(axis=0))
    fresh = np.ones(len(row), bool)
    fresh[order[same]] = False
    return fresh | ~known


def _codes_by_mark(texts: Sequence[pa.StringArray | None], row: Ints, mark: Ints) -> Ints:
    found = np.full(len(row), -1, np.int64)
    for place, text in enumerate(texts):
        if text is not None:
            here = mark == place
            found[here] = as_codes(text)[row[here]]
    return found


def _readable(dates: Sequence[pa.StringArray], row: Ints, mark: Ints) -> Flags:
    """Where there is a date that could be read: others stay as they are, so that each can be mended."""
    import pyarrow.compute as pc

    found = np.zeros(len(row), bool)
    for place, text in enumerate(dates):
        here = mark == place
        found[here] = flags(pc.match_substring_regex(text, r"^\d{4,}-\d\d-\d\d"))[row[here]]
    return found


def _again(raw: Raw, marks: Sequence[Mark], dropped: Ints) -> list[Message]:
    """Dates that several rows of a case share."""
    steps = dict.fromkeys(marks[code].step for code in np.unique(dropped))
    values: dict[str, Value] = {"n": len(dropped), "source": raw.name, "steps": listed(list(steps))}
    return [Message("load.wide.again", values)] if len(dropped) else []


def _notes(raw: Raw, marks: Sequence[Mark], there: Flags, dateless: Flags) -> list[Message]:
    held = int(np.count_nonzero(there))
    counts: dict[str, Value] = {"rows": len(there), "dates": held, "columns": len(marks), "source": raw.name}
    told = [Message("load.wide", counts)]
    if dateless.any():
        told.append(Message("load.wide.dateless", {"n": int(dateless.sum()), "source": raw.name}))
    return told


def _table(
    raw: Raw,
    marks: Sequence[Mark],
    made: Made,
    dates: Sequence[pa.StringArray],
    starts: Sequence[pa.StringArray | None],
    row: Ints,
    mark: Ints,
) -> pa.Table:
    import pyarrow as pa

    made_columns: dict[str, pa.Array | pa.ChunkedArray] = {}
    place = whole_numbers(row)
    for name in made.kept:
        column = raw.table[name]
        column = column.dictionary_encode() if pa.types.is_string(column.type) else column
        made_columns[name] = column.take(place)
    made_columns[made.step] = _named(steps_of(marks), [one.step for one in marks], mark)
    made_columns[made.time] = _picked(dates, row, mark)
    if made.start:
        made_columns[made.start] = _picked(starts, row, mark)
    if made.number:
        numbers = tuple(dict.fromkeys(one.number for one in marks if one.number))
        made_columns[made.number] = _named(numbers, [one.number for one in marks], mark)
    for name in made.own:
        held = [as_strings(raw.table[one.attributes[name]]) if name in one.attributes else None for one in marks]
        made_columns[name] = _picked(held, row, mark)
    return pa.table(made_columns)


def _named(levels: Sequence[str], names: Sequence[str], mark: Ints) -> pa.DictionaryArray:
    """A column with the name that belongs to each mark; null where that is empty."""
    import pyarrow as pa

    code = {level: place for place, level in enumerate(levels)}
    codes = np.array([code.get(name, -1) for name in names], np.int64)[mark]
    return pa.DictionaryArray.from_arrays(whole_numbers(codes, codes >= 0).cast(pa.int32()), strings(levels))


def _picked(texts: Sequence[pa.StringArray | None], row: Ints, mark: Ints) -> pa.StringArray:
    """From the text of each mark's column what stands in the row; null where it has no such column."""
    import pyarrow as pa

    there = [text for text in texts if text is not None]
    place_of = np.cumsum([text is not None for text in texts]) - 1
    held = np.array([text is not None for text in texts])[mark]
    size = len(there[0]) if there else 0
    at = np.where(held, place_of[mark] * size + row, 0)
    if not there or not size:
        return strings([None] * len(row))
    return pa.concat_arrays(there).take(whole_numbers(at, held))
