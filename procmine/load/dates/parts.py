"""How the times of a column are written, told part by part: which dates it has, in what forms, and what they prove."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import is_empty, strings
from procmine.load.columns import mask
from procmine.load.dates.fields import MISSING, Split, clocks, fold
from procmine.load.dates.forms import (
    ISO,
    NAMED,
    NUMERIC,
    Form,
    Reading,
    Written,
    decide,
    find,
    lettered,
    read_by,
    take_apart,
    together,
)
from procmine.load.dates.timestamps import as_texts, iso_moments, read_told, written_in
from procmine.load.dates.told import as_numbers
from procmine.load.raw import IN_FILE
from procmine.log import LogError
from procmine.words import Message

if TYPE_CHECKING:
    import pyarrow as pa

ALL = (*ISO, *NUMERIC, *NAMED)
AS_TOLD, OTHERWISE, ISO_DATE = "as told", "otherwise", "iso "  # in the table of a column whose format was told
MOST = 200_000  # different dates that a column of times may have: five hundred years, or a column that holds no dates
READ_WHOLE = "Read it in memory, and save it: procmine.save(log, folder, shards=N)."
Row: TypeAlias = "tuple[int, int, int, int, int, str, int]"  # see DateFacts.table


@dataclass(frozen=True, eq=False)
class DateFacts:
    """What some rows of a column show: its `kind` is typed, naive or utc (ISO 8601 throughout), text, told, or empty.

    `table` has for each date (folded, without its time of day) of a text: rows, those whose time of day cannot be read,
    those written as 24:00, those with a second 60; the place of the first row with that date, its text, and whether that
    has a time of day.
    """

    kind: str
    table: Mapping[str, Row]

    def merge(self, other: DateFacts) -> DateFacts:
        kinds = {self.kind, other.kind} - {"empty"}
        table = dict(self.table)
        for date, row in other.table.items():
            table[date] = _both(table[date], row) if date in table else row
        return DateFacts(kinds.pop() if len(kinds) == 1 else "text" if kinds else "empty", table)

    def to_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "table": {date: list(row) for date, row in self.table.items()}}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> DateFacts:
        return cls(written["kind"], {date: tuple(row) for date, row in written["table"].items()})


@dataclass(frozen=True)
class ReadAs:
    """How a whole column is read: as its parts say (`forms` is None), or in these (none: as told); and that in words."""

    reading: Message
    forms: tuple[tuple[int, str, str], ...] | None = None  # a place in ALL, its order, the languages of its words

    def settled(self) -> tuple[Form, ...] | None:
        """The forms, each with the one order that the column proved."""
        if self.forms is None:
            return None
        return tuple(
            replace(ALL[place], orders=(order,), settled=True, tongues=tongues) for place, order, tongues in self.forms
        )

    def to_dict(self) -> dict[str, Any]:
        return {"reading": self.reading.to_dict(), "forms": self.forms}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> ReadAs:
        forms = None if written["forms"] is None else tuple((one[0], one[1], one[2]) for one in written["forms"])
        return cls(Message.from_dict(written["reading"]), forms)


def survey_dates(column: pa.ChunkedArray, name: str, dates: str | None, show: bool, place: Ints) -> DateFacts:
    """What these rows show of how the column is written; `place` is where each row stood in the source."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind) and not pa.types.is_string(kind.value_type):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return DateFacts("typed", {})
    if column.null_count == len(column):
        return DateFacts("empty", {})
    if dates not in (None, "iso"):
        coded = column if pa.types.is_dictionary(kind) else as_texts(column, name).dictionary_encode()
        return _told(written_in(coded, name, show), dates, place)
    found = "text"
    if not pa.types.is_dictionary(kind):
        column = as_texts(column, name)
        quick = iso_moments(column)
        if quick is not None:  # its dates are the first ten characters
            found, column = "utc" if quick.zoned.any() else "naive", pc.utf8_slice_codeunits(column, 0, 10)
        column = column.dictionary_encode()
    return DateFacts(found, _table(written_in(column, name, show), ISO if dates == "iso" else None, place))


def settle_dates(facts: DateFacts, name: str, dates: str | None, show: bool) -> ReadAs:
    """How the whole column is read; LogError where a form of its dates may be two things, or most are no dates."""
    if facts.kind == "typed":
        return ReadAs(Message("load.dates.typed", {"column": name}))
    if facts.kind == "told":
        return _settle_told(facts, name, str(dates), show)
    if facts.kind != "text":
        return ReadAs(Message("load.dates.iso", {"column": name}))
    written, parts = _as_written(facts, name, show)
    found = _found(parts, ISO if dates == "iso" else None)
    chosen = [decide(form, part, parts, written) for form, part in found]
    number, form = np.full(len(parts.dates), MISSING), np.full(len(parts.dates), -1)
    for place, reading in enumerate(chosen):
        here = (number == MISSING) & (reading.days != MISSING)
        number[here], form[here] = reading.days[here], place
    _refuse_most(facts, written, number, name, dates)
    return ReadAs(_said(facts, together(written, chosen, form), number, name), tuple(_named(one) for one in chosen))


@dataclass(frozen=True, eq=False)
class _Tabled(Written):
    """Dates of all parts: how many rows have each, and where the first stood."""

    n: Ints
    first: Ints

    def rows(self, which: Any) -> int:
        return int(self.n[which].sum())

    def where(self, level: int) -> str:
        """A value of an error, masked, and the number of its row, as rows set aside are numbered."""
        return f"{mask(self.levels[level].as_py(), self.show)} in row {int(self.first[level]) % IN_FILE:,} of its file"


def _told(written: Written, dates: str, place: Ints) -> DateFacts:
    """How many values are written as told; of those dates in ISO 8601, where none is."""
    if re.search("%[bB]", dates) and not dates.rstrip().endswith("]"):
        raise LogError(
            f"Column {written.name!r}: names of months are read part by part only in a language that is told, such as "
            f'dates="{dates} [en]".'
        )
    parsed = read_told(written, dates)
    read, empty = np.append(parsed.wall != MISSING, False), np.append(parsed.empty, True)
    table = {}
    if not read.any():
        table = {f"{ISO_DATE}{date}": row for date, row in _table(written, ISO, place).items()}
    for kind, which in ((AS_TOLD, read), (OTHERWISE, ~read & ~empty)):
        here = np.flatnonzero(which[written.codes])
        if len(here):
            first = int(here[0])
            more = [_more(parsed.reading, key) if kind == AS_TOLD else 0 for key in ("next_day", "leap")]
            example = str(written.levels[int(written.codes[first])].as_py())
            table[kind] = (len(here), 0, more[0], more[1], int(place[first]), example, 0)
    return DateFacts("told", table)


def _more(reading: Message, key: str) -> int:
    """How many rows a reading says to be written in this way."""
    if reading.key != "load.dates.also":
        return 0
    more, less = reading.values["more"], reading.values["reading"]
    assert isinstance(more, Message) and isinstance(less, Message)
    return int(str(more.values["n"])) if more.key == f"load.dates.{key}" else _more(less, key)


def _settle_told(facts: DateFacts, name: str, dates: str, show: bool) -> ReadAs:
    """As told, unless no value is: then the format is meant for another column."""
    read, other = (facts.table.get(kind) for kind in (AS_TOLD, OTHERWISE))
    if read is None:
        iso = {key.removeprefix(ISO_DATE): row for key, row in facts.table.items() if key.startswith(ISO_DATE)}
        return settle_dates(DateFacts("text", iso), name, "iso", show)
    if other is not None and other[0] > read[0]:
        raise LogError(
            f"Column {name!r}: {other[0]:,} of {other[0] + read[0]:,} values are not times that can be read "
            f"(dates={dates!r}); the first is {mask(other[5], show)}. If it holds times, say how they are written: "
            'Columns(dates="%d/%m/%Y %H:%M").'
        )
    reading = Message("load.dates.given", {"column": name, "format": dates})
    for key, n in (("next_day", read[2]), ("leap", read[3])):
        if n:
            reading = Message("load.dates.also", {"reading": reading, "more": Message(f"load.dates.{key}", {"n": n})})
    return ReadAs(reading, ())


def _both(one: Row, two: Row) -> Row:
    """Of a date in two parts. An example has a time of day if any has, then the first counts."""
    first = min(one, two, key=lambda row: (-row[6], row[4]))
    return (one[0] + two[0], one[1] + two[1], one[2] + two[2], one[3] + two[3], *first[4:])


def _table(written: Written, forms: Sequence[Form] | None, place: Ints) -> dict[str, Row]:
    """The dates of the values that rows have."""
    folded = fold(written.levels)
    parts, _ = take_apart(folded, forms)
    if len(parts.dates) > MOST:
        raise LogError(
            f"Column {written.name!r} has {len(parts.dates):,} different dates: is it the column of times? {READ_WHOLE}"
        )
    held = written.codes >= 0
    n = np.bincount(written.codes[held], minlength=len(written.levels))
    first = np.full(len(written.levels) + 1, len(place))
    first[written.codes[::-1]] = np.arange(len(place))[::-1]
    time = clocks(parts.clocks)
    bad, next_day, leap = ((flag[parts.clock]) for flag in (time.time == MISSING, time.next_day, time.leap))
    timed = ~is_empty(parts.clocks)[parts.clock]
    counted = [np.bincount(parts.date, weights=n * which, minlength=len(parts.dates)) for which in (1, bad)]
    counted += [
        np.bincount(parts.date, weights=n * which * ~bad, minlength=len(parts.dates)) for which in (next_day, leap)
    ]
    order = np.lexsort((first[:-1], ~timed, parts.date))
    order = order[n[order] > 0]
    dates = parts.dates.to_pylist()
    new = np.flatnonzero(np.diff(parts.date[order], prepend=-1))
    table: dict[str, Row] = {}
    for level in order[new].tolist():
        date, example = int(parts.date[level]), str(written.levels[level].as_py())
        sums = [int(one[date]) for one in counted]
        row = (sums[0], sums[1], sums[2], sums[3], int(place[first[level]]), example, int(timed[level]))
        table[dates[date]] = _both(table[dates[date]], row) if dates[date] in table else row
    return table


def _as_written(facts: DateFacts, name: str, show: bool) -> tuple[_Tabled, Split]:
    dates = sorted(facts.table, key=lambda date: facts.table[date][4])
    rows = [facts.table[date] for date in dates]
    here = np.arange(len(dates))
    n, first, timed = (np.array([row[at] for row in rows], np.int64) for at in (0, 4, 6))
    written = _Tabled(name, strings([row[5] for row in rows]), here, show, n, first)
    return written, Split(strings(dates), here, strings(["", "1:00"]), timed)


def _found(parts: Split, forms: Sequence[Form] | None) -> Any:
    """The forms of the dates, looked for in the order in which those of one column are."""
    if forms is not None:
        return find(parts, forms)
    found = find(parts, (*ISO, *NUMERIC))
    if read_by(found, parts).all() or not lettered(parts):
        return found
    return find(parts, ALL)


def _refuse_most(facts: DateFacts, written: _Tabled, number: Ints, name: str, dates: str | None) -> None:
    """A column of which most cannot be read is not a column of times, or its format must be told."""
    rows = [facts.table[one] for one in sorted(facts.table, key=lambda date: facts.table[date][4])]
    clock = np.array([row[1] for row in rows], np.int64)
    good = int((written.n - clock)[number != MISSING].sum())
    nothing = is_empty(fold(written.levels))
    bad = int(written.n[~nothing].sum()) - good
    if bad <= good:
        return
    unread = np.flatnonzero((number == MISSING) & ~nothing)
    first = int(unread[0]) if len(unread) else int(np.argmax(clock))
    hint = as_numbers([written.levels[int(one)].as_py() for one in unread[:10_000]])
    told = f" (dates={dates!r})" if dates else ""
    say = hint or ' If it holds times, say how they are written: Columns(dates="%d/%m/%Y %H:%M").'
    raise LogError(
        f"Column {name!r}: {bad:,} of {bad + good:,} values are not times that can be read{told}; the first is "
        f"{written.where(first)}.{say}"
    )


def _said(facts: DateFacts, reading: Message, number: Ints, name: str) -> Message:
    """With the times of day that are written in an unusual way."""
    rows = [facts.table[date] for date in sorted(facts.table, key=lambda date: facts.table[date][4])]
    for key, at in (("next_day", 2), ("leap", 3)):
        n = sum(int(row[at]) for row, day in zip(rows, number.tolist()) if day != MISSING)
        if n:
            more = Message(f"load.dates.{key}", {"n": n})
            reading = Message("load.dates.also", {"reading": reading, "more": more})
    return reading


def _named(reading: Reading) -> tuple[int, str, str]:
    place = next(at for at, form in enumerate(ALL) if form.pattern == reading.form.pattern)
    return (place, *reading.which)
