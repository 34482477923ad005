"""A first look at rows: cases, activities and moments, and what the rows show of the one axis that all times need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.load.columns import PRECISION, Columns, find_roles, missing_roles
from procmine.load.dates.parts import READ_WHOLE, ReadAs
from procmine.load.dates.timestamps import DAY, MISSING, Moments, canonical, read_times
from procmine.load.events.coding import by_appearance, coded
from procmine.load.events.given import WHY, Given, put_out
from procmine.load.events.lifecycle import COMPLETES, STARTS, words
from procmine.load.raw import Raw
from procmine.load.shape.unknown import refuse
from procmine.load.text import as_strings
from procmine.log import CHUNK, LogError, Text

if TYPE_CHECKING:
    import pyarrow as pa

Flags = NDArray[np.bool_]
CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?")
QUARTER = 900_000_000  # microseconds; offsets from UTC are whole quarters of an hour


@dataclass(frozen=True, eq=False)
class Look:
    """Rows whose times are not yet on one axis; `why` says which are out. `by_date`: of a step taken by its date only;
    `said`: the rows that write() marked as known by their date."""

    raw: Raw
    columns: Columns
    case: Text
    activity: Text
    end: Moments
    begin: Moments | None
    arrived: Moments | None
    why: NDArray[np.uint8]
    by_date: Flags | None
    said: Flags | None

    @property
    def others(self) -> list[Moments]:
        return [one for one in (self.begin, self.arrived) if one]

    @property
    def readings(self) -> dict[str, ReadAs]:
        """How the columns of times were read, by their names."""
        times = {self.columns.timestamp: self.end, self.columns.start: self.begin, self.columns.arrival: self.arrived}
        return {str(name): ReadAs(one.reading) for name, one in times.items() if one is not None}


def roles_of(raw: Raw, given: Given) -> Columns:
    """Which column plays which role; LogError where that cannot be told."""
    columns = find_roles(given.columns, raw.names, raw.name)
    if missing_roles(columns):
        raise refuse(raw, columns)
    return columns


def time_columns(columns: Columns) -> list[str]:
    return [name for name in (columns.timestamp, columns.start, columns.arrival) if name is not None]


def look_at(raw: Raw, columns: Columns, given: Given, read: Mapping[str, ReadAs] | None = None) -> Look:
    """The rows; `read` says how their times are written, where these rows are not all."""
    case, activity = (by_appearance(coded(raw.table[name])) for name in (columns.case, columns.activity))
    named = (columns.timestamp, columns.start, columns.arrival)
    end, begin, arrived = (_moments(raw, name, columns, read) for name in named)
    assert end is not None
    why = np.zeros(len(raw.table), np.uint8)
    if given.left_out:
        why[raw.rows_of(given.left_out)] = WHY["left_out"]
    put_out(why, case.codes < 0, "no_case")
    put_out(why, activity.codes < 0, "no_activity")
    if given.leave_out:
        put_out(why, activity.among(given.leave_out), "step_left_out")
    running = (end.time == MISSING) & ~end.unreadable & (begin.time != MISSING) if begin else np.zeros(len(why), bool)
    put_out(why, running, "in_progress")
    put_out(why, end.unreadable, "unreadable_time")
    put_out(why, end.time == MISSING, "no_time")
    by_date = activity.among(given.by_date) if given.by_date else None
    return Look(raw, columns, case, activity, end, begin, arrived, why, by_date, _said_dated(raw.table))


def counted_look(look: Look, given: Given) -> dict[str, dict[str, int]]:
    """What these rows show of the whole, as counts that add up."""
    good = look.why == 0
    zoned = look.end.zoned
    n, away = int(np.count_nonzero(good)), int(np.count_nonzero(zoned & good)) if zoned.any() else 0
    others = {"zoned": 0, "plain": 0}
    for one in look.others:
        others["zoned"] += int(one.zoned.any())
        others["plain"] += int(np.any(~one.zoned & (one.time != MISSING)))
    counts = {"rows": {"good": n, "zoned": away, "said": int(look.said is not None)}, "others": others}
    counts |= _by_date(look, good, given.zone)
    counts["clock"] = {"dated": int(look.end.dated.any()), "timed": int(_has_clock(look.end))}
    if counts["clock"]["dated"] and look.columns.clock is None:
        counts["clocks"], counts["others_than_clocks"] = _clocks(look)
    return counts | {"life": _life(look)}


def unusual_words(look: Look) -> list[str]:
    """The first of the kinds of the life cycle that are no completions."""
    if look.columns.lifecycle is None:
        return []
    return sorted(set(words(coded(look.raw.table[look.columns.lifecycle]))) - set(COMPLETES))[:8]


def _life(look: Look) -> dict[str, int]:
    if look.columns.lifecycle is None:
        return {}
    found = set(words(coded(look.raw.table[look.columns.lifecycle])))
    return {"starts": int(bool(found & set(STARTS))), "completes": int(bool(found & set(COMPLETES)))}


def _by_date(look: Look, good: Flags, zone: str | None) -> dict[str, dict[str, int]]:
    """Per activity: how often it happened, whether off midnight, how often by its date only."""
    size = len(look.activity.levels)
    names = look.activity.levels.to_pylist()
    off = np.ones(size, bool)
    happened = np.zeros(size, np.int64)
    if look.said is None and not _all_off(look, good):
        codes = look.activity.codes[good]
        happened = np.bincount(codes, minlength=size)
        off = np.bincount(codes[look.end.wall(zone)[good] % DAY != 0], minlength=size) > 0
    marked = look.said if look.said is not None else look.end.dated
    marked = marked if look.by_date is None else marked | look.by_date
    found = (
        np.bincount(look.activity.codes[marked & good], minlength=size) if marked.any() else np.zeros(size, np.int64)
    )
    kinds = {"off": off.astype(np.int64), "happened": happened, "marked": found}
    return {kind: {name: n for name, n in zip(names, held.tolist()) if n} for kind, held in kinds.items()}


def _all_off(look: Look, good: Flags) -> bool:
    """Whether every activity happens at some moment that is midnight in no zone; read only as far as needed."""
    time, codes = look.end.time, look.activity.codes
    seen = np.zeros(len(look.activity.levels), bool)
    for begin in range(0, len(time), CHUNK):
        here = slice(begin, begin + CHUNK)
        off = good[here] & (time[here] % QUARTER != 0)
        seen[codes[here][off]] = True
        if seen.all():
            return True
    return False


def _has_clock(end: Moments) -> bool:
    """Whether any row has a time of day (or none at all); read only as far as needed."""
    for begin in range(0, len(end.time), CHUNK):
        here = slice(begin, begin + CHUNK)
        if np.any((end.time[here] % DAY != 0) & ~end.unreadable[here]):
            return True
    return False


def _clocks(look: Look) -> tuple[dict[str, int], dict[str, int]]:
    """Columns that hold times of day, and those that hold something else."""
    clocks: dict[str, int] = {}
    others: dict[str, int] = {}
    for name in look.columns.others(look.raw.table.column_names):
        some = [str(one).strip() for one in look.raw.table[name].slice(0, 200).to_pylist() if one not in (None, "")]
        if some:
            (clocks if all(CLOCK.fullmatch(one) for one in some) else others)[name] = 1
    return clocks, others


def _said_dated(table: pa.Table) -> Flags | None:
    """Which rows say that only the date is known, if write() made them say so."""
    return coded(table[PRECISION]).among(["day"]) if PRECISION in table.column_names else None


def _moments(raw: Raw, name: str | None, columns: Columns, read: Mapping[str, ReadAs] | None) -> Moments | None:
    if name is None:
        return None
    said, show = columns.dates_of(name), columns.show_values
    column = raw.table[name]
    if columns.clock is not None and name == columns.timestamp:
        column, said = _with_clock(raw, columns), None
    forms = None if read is None else read[name].settled()
    return read_times(column, name, dates=said, serials=raw.serials, show=show, forms=forms)


def check_parts(raw: Raw, columns: Columns) -> None:
    """LogError for what cannot be settled part by part."""
    if columns.clock is not None:
        raise LogError(
            f"{raw.name}: a time of day in a column of its own (clock) is not read part by part. {READ_WHOLE}"
        )
    if raw.serials:
        raise LogError(
            f"{raw.name}: numbers that may be dates of a spreadsheet are not read part by part. {READ_WHOLE}"
        )


def _with_clock(raw: Raw, columns: Columns) -> pa.ChunkedArray:
    """The dates with the time of day that stands beside them, as text; a date without one stays a date."""
    import pyarrow as pa
    import pyarrow.compute as pc

    name, clock = str(columns.timestamp), str(columns.clock)
    if clock not in raw.table.column_names:
        raise LogError(f"{raw.name}: the column {clock!r} (for clock) is not there. There are: {', '.join(raw.names)}.")
    said, show = columns.dates_of(name), columns.show_values
    dates, _ = canonical(raw.table[name], name, dates=said, serials=raw.serials, show=show)
    day = pc.replace_substring_regex(as_strings(dates), r"[ T]00:00(:00(\.0+)?)?$", "")
    time = pc.utf8_trim_whitespace(as_strings(raw.table[clock]))
    none = pc.or_kleene(pc.is_null(time), pc.equal(pc.fill_null(time, ""), ""))
    joined = pc.binary_join_element_wise(day, time, " ")
    return pa.chunked_array([pc.if_else(none, day, joined)])
