"""From a table of columns to an event log: code, check, sort, and fix what travels with the log."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About, Audience, Axis, Precision
from procmine.arrow import as_text
from procmine.kernels.flow import Ints
from procmine.load.arrays import is_empty, strings, whole_numbers
from procmine.load.columns import PRECISION, Columns, find_roles, missing_roles, persons
from procmine.load.dates.timestamps import DAY, MISSING, Moments, canonical, read_times
from procmine.load.events.attributes import split_attributes
from procmine.load.events.duplicates import duplicates
from procmine.load.events.lifecycle import Paired, pair, pairs, unusual
from procmine.load.events.repeats import near_duplicates, saved_together
from procmine.load.events.sorting import InOrder, case_order, used
from procmine.load.events.ties import rule_of_ties, settle_ties
from procmine.load.events.watch import EVERY_CASE, Ends, Reach, Watched, check_steps, listed, moment, reach_of, rules
from procmine.load.raw import Raw
from procmine.load.shape.repairs import dated, left_out
from procmine.load.shape.unknown import refuse
from procmine.load.text import as_strings
from procmine.log import CHUNK, EventLog, LogError, Origin, Text
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    import pyarrow as pa

CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?")
QUARTER = 900_000_000  # microseconds; offsets from UTC are whole quarters of an hour
ENOUGH = 10  # events that are all at midnight before an activity is taken to have dates only

# Why a row is not an event of its own; the first that holds counts.
REASONS = (
    "kept",
    "ragged",
    "no_case",
    "no_activity",
    "no_time",
    "unreadable_time",
    "unreadable_start",
    "joined",
    "in_progress",
    "lifecycle",
    "start_after_end",
    "after_cutoff",
    "far_before",
    "duplicate",
    "not_a_date",
    "near_duplicate",
    "same_form",
    "left_out",
    "step_left_out",
)
SHOWN = 5  # rows set aside that a note names, of each reason
WHY = {reason: code for code, reason in enumerate(REASONS)}


@dataclass(frozen=True)
class Given:
    """What a user said about a log, as arguments or in its spec; None and empty: not said."""

    columns: Columns = field(default_factory=Columns)
    cutoff: str | None = None
    ends: Ends = None
    first_steps: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    zone: str | None = None
    complete_from: str | None = None
    dormant_after_days: float | None = None
    persons: Sequence[str] = ()
    by_date: Sequence[str] = ()
    same_moment: Sequence[str] = ()
    not_dates: Sequence[str] = ()
    near_duplicates: float | None = None  # minutes
    forms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    leave_out: Sequence[str] = ()  # steps
    left_out: Collection[tuple[str, int]] = ()  # file and number of rows that somebody left out by hand
    carried: Mapping[str, Any] = field(default_factory=dict)  # calendars and the like, straight into About
    history: tuple[Message, ...] = ()
    title: str = ""
    audience: Audience = "team"
    source: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()


@dataclass(frozen=True, eq=False)
class Loaded:
    """A log, and per row of the table why it is not in it (a place in REASONS)."""

    log: EventLog
    why: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows on one time axis; `why` says which are out."""

    columns: Columns
    case: Text
    activity: Text
    time: Ints
    start: Ints | None
    arrival: Ints | None
    dated: NDArray[np.bool_] | None  # where only the date is known, if some have a time of day
    axis: Axis
    why: NDArray[np.uint8]
    notes: tuple[Message, ...]
    written: bool = False  # by write(), which says of each event whether it has a time of day

    @property
    def timed(self) -> NDArray[np.bool_]:
        """Per row: whether its time of day is known."""
        if self.dated is not None:
            return ~self.dated
        return np.full(len(self.time), bool(np.any(self.time[self.why == 0] % DAY)))


def build(raw: Raw, given: Given) -> Loaded:
    """An event log from what a reader found. Rows that cannot be events are set aside and counted, by reason."""
    columns = find_roles(given.columns, raw.names, raw.name)
    if missing_roles(columns):
        raise refuse(raw, columns)
    rows = _rows(raw, columns, given)
    if not np.any(rows.why == 0):
        raise _refuse_all(raw, rows.why)
    reach = reach_of(rows.time if not rows.why.any() else rows.time[rows.why == 0], given.cutoff, rows.axis, given.zone)
    _out(rows.why, rows.time > reach.cutoff, "after_cutoff")
    _out(rows.why, rows.time < reach.begins, "far_before")
    rule = rule_of_ties(raw.table, columns, given.columns.order, given.same_moment, rows.activity)
    start = None if rows.written else rows.start  # write() numbers events in their order
    placed = case_order(np.flatnonzero(rows.why == 0), rows.case.codes, rows.time, start, rule.key)
    again = duplicates(raw, placed, rows.activity.codes, rows.start)
    keep = columns.repeated == "keep" or (columns.repeated is None and raw.repeats)
    repeated = (_repeated(raw, again, keep),) if again.any() else ()
    _out(rows.why, again & (not keep), "duplicate")
    placed, mended = _mended(rows, placed, given)
    if not len(placed.row):
        raise _refuse_all(raw, rows.why)
    placed, tied = settle_ties(placed, rows.dated, rows.start, rule)
    log = _log(raw, rows, placed, reach, given, (*repeated, *rule.notes, *tied, reach.note), mended)
    return Loaded(log, rows.why)


def _mended(rows: _Rows, placed: InOrder, given: Given) -> tuple[InOrder, tuple[Message, ...]]:
    """The events without those that a repair of the spec sets aside, and what was repaired."""
    out = int(np.count_nonzero(rows.why == WHY["step_left_out"]))
    told = left_out(given.leave_out, rows.activity.levels.to_pylist(), out) if given.leave_out else []
    if given.by_date:
        taken = int(np.count_nonzero(rows.activity.among(given.by_date)[placed.row]))
        there = rows.activity.take(placed.row)
        told += dated(given.by_date, [there.levels[int(code)].as_py() for code in np.unique(there.codes)], taken)
    if given.not_dates:
        none = int(np.count_nonzero(rows.why == WHY["not_a_date"]))
        told.append(Message("fixed.not_dates", {"days": listed(list(given.not_dates)), "n": none}))
    if rows.why.any():
        placed = placed.only(rows.why[placed.row] == 0)
    if given.near_duplicates is not None:
        near = near_duplicates(placed, rows.activity.codes, round(given.near_duplicates * 60e6), rows.timed)
        _out(rows.why, near, "near_duplicate")
        told.append(Message("fixed.near_duplicates", {"n": int(near.sum()), "after": Span(given.near_duplicates * 60)}))
        placed = placed.only(rows.why[placed.row] == 0)
    for form, steps in given.forms.items():
        codes = [code for code, name in enumerate(rows.activity.levels.to_pylist()) if name in steps]
        saved = saved_together(placed, rows.activity.codes, codes, rows.timed)
        _out(rows.why, saved, "same_form")
        told.append(Message("fixed.form", {"form": form, "n": int(saved.sum()), "steps": listed(list(steps))}))
        placed = placed.only(rows.why[placed.row] == 0)
    return placed, tuple(told)


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


def _by_appearance(text: Text) -> Text:
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


def _refuse_all(raw: Raw, why: NDArray[np.uint8]) -> LogError:
    return LogError(f"{raw.name}: no row can be used. " + " ".join(one.say() for one in _aside(raw, why)))


def _rows(raw: Raw, columns: Columns, given: Given) -> _Rows:
    table, zone = raw.table, given.zone
    case, activity = (_by_appearance(coded(table[name])) for name in (columns.case, columns.activity))
    end, begin, arrived = (_moments(raw, name, columns) for name in (columns.timestamp, columns.start, columns.arrival))
    assert end is not None
    why = np.zeros(len(table), np.uint8)
    if given.left_out:
        why[raw.rows_of(given.left_out)] = WHY["left_out"]
    _out(why, case.codes < 0, "no_case")
    _out(why, activity.codes < 0, "no_activity")
    if given.leave_out:
        _out(why, activity.among(given.leave_out), "step_left_out")
    running = (end.time == MISSING) & ~end.unreadable & (begin.time != MISSING) if begin else np.zeros(len(why), bool)
    _out(why, running, "in_progress")
    _out(why, end.unreadable, "unreadable_time")
    _out(why, end.time == MISSING, "no_time")
    by_date = activity.among(given.by_date) if given.by_date else None
    said = _said_dated(table)
    axis, notes, dated = _axis(end, [one for one in (begin, arrived) if one], activity, why == 0, zone, by_date, said)
    time, start, arrival = (_on_axis(one, axis, zone) for one in (end, begin, arrived))
    assert time is not None
    if by_date is not None:
        time = np.where(by_date & (time != MISSING), time - time % DAY, time)
    if given.not_dates:
        _out(why, _filled_in(time, given.not_dates), "not_a_date")
    readings = tuple(one.reading for one in (end, begin, arrived) if one) + _clocks_unused(raw, columns, end)
    if begin is not None and start is not None:
        _out(why, begin.unreadable, "unreadable_start")
        told: tuple[Message, ...] = ()
        start = np.where(start == MISSING, time, start) if np.any(start[why == 0] != MISSING) else None
        if start is None:
            told = (Message("load.start.empty", {"column": str(columns.start)}),)
    else:
        start, told, columns = _paired(raw, columns, case, activity, time, why)
    if start is not None:
        late = by_date if dated is None else dated  # of None, all events may be taken by their date
        time = time if late is None else _not_before(start, time, late)
        _out(why, start > time, "start_after_end")
    notes, written = (*readings, *notes, *told), said is not None
    return _Rows(columns, case, activity, time, start, arrival, dated, axis, why, notes, written)


def _moments(raw: Raw, name: str | None, columns: Columns) -> Moments | None:
    if name is None:
        return None
    said, show = columns.dates_of(name), columns.show_values
    column = raw.table[name]
    if columns.clock is not None and name == columns.timestamp:
        column, said = _with_clock(raw, columns), None
    return read_times(column, name, dates=said, serials=raw.serials, show=show)


def _clocks_unused(raw: Raw, columns: Columns, end: Moments) -> tuple[Message, ...]:
    """Where every event is a date only, the columns of times of day that nobody said belong to it."""
    if columns.clock is not None or not end.dated.any() or np.any(end.time[~end.unreadable] % DAY):
        return ()
    found = [name for name in columns.others(raw.table.column_names) if _holds_clocks(raw.table[name])]
    values = {"time": str(columns.timestamp)}
    return tuple(Message("load.clock.unused", {"column": name, **values}) for name in found)


def _holds_clocks(column: pa.ChunkedArray) -> bool:
    some = [str(one).strip() for one in column.slice(0, 200).to_pylist() if one not in (None, "")]
    return len(some) > 0 and all(CLOCK.fullmatch(one) for one in some)


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


def _out(why: NDArray[np.uint8], which: NDArray[np.bool_], reason: str) -> None:
    """Give rows a reason, unless they have one."""
    why[which & (why == 0)] = WHY[reason]


def _not_before(start: Ints, time: Ints, dated: NDArray[np.bool_]) -> Ints:
    """Ends of which only the day is known come no earlier than the beginning on that day."""
    return np.where(dated & (start > time) & (start < time + DAY), start, time)


def _filled_in(time: Ints, days: Sequence[str]) -> NDArray[np.bool_]:
    """Times on days that stand for no date."""
    try:
        numbers = np.array(days, "M8[D]").astype(np.int64)
    except ValueError as error:
        raise ValueError(f"not_dates: {error}. Write each day as 1900-01-01.") from error
    which: NDArray[np.bool_] = np.isin(time // DAY, numbers) & (time != MISSING)
    return which


def _axis(
    end: Moments,
    others: list[Moments],
    activity: Text,
    good: NDArray[np.bool_],
    zone: str | None,
    by_date: NDArray[np.bool_] | None,
    said: NDArray[np.bool_] | None,
) -> tuple[Axis, tuple[Message, ...], NDArray[np.bool_] | None]:
    """Wall-clock if any event is a date only, or any time has no offset from UTC; else instants.

    With it the events of which only the date is known, where others have a time of day (else None). `said`: the source
    says itself which these are.
    """
    size, zoned = int(np.count_nonzero(good)), end.zoned[good]
    away = zoned.any() or any(one.zoned.any() for one in others)
    seen = end.dated | _midnights(end, activity, good, zone if away else None) if said is None else said
    dated = seen & good
    dated = dated if by_date is None else dated | (by_date & good)
    count = int(np.count_nonzero(dated))
    some = dated if 0 < count < size or (count and said is not None) else None
    if not away:
        return "civil", (Message("load.axis.dated", {"n": count, "of": size}),) if count else (), some
    mixed = not zoned.all() or any(np.any(~one.zoned & (one.time != MISSING)) for one in others)
    if count or mixed:
        where = Message("load.axis.zone", {"zone": zone}) if zone else Message("load.axis.written")
        key = "load.axis.civil" if count else "load.axis.mixed"
        return "civil", (Message(key, {"n": count, "of": size, "where": where}),), some
    return "instant", (Message("load.axis.instant", {"zone": zone or "UTC"}),), None


def _said_dated(table: pa.Table) -> NDArray[np.bool_] | None:
    """Which rows say that only the date is known, if write() made them say so."""
    return coded(table[PRECISION]).among(["day"]) if PRECISION in table.column_names else None


def _midnights(end: Moments, activity: Text, good: NDArray[np.bool_], zone: str | None) -> NDArray[np.bool_]:
    """Which rows have an activity that is always recorded at midnight, which is to say: by its date."""
    nothing = np.zeros(len(good), bool)
    if _all_off(end.time, activity, good):
        return nothing
    codes, size = activity.codes[good], len(activity.levels)
    happened = np.bincount(codes, minlength=size)
    clock = end.wall(zone)[good] % DAY
    off = np.bincount(codes[clock != 0], minlength=size)
    by_date = (off == 0) & ((happened >= ENOUGH) | (off.sum() == 0))
    nothing[good] = by_date[codes]
    return nothing


def _all_off(time: Ints, activity: Text, good: NDArray[np.bool_]) -> bool:
    """Whether every activity happens at some moment that is midnight in no zone; read only as far as needed."""
    seen = np.zeros(len(activity.levels), bool)
    for begin in range(0, len(time), CHUNK):
        here = slice(begin, begin + CHUNK)
        off = good[here] & (time[here] % QUARTER != 0)
        seen[activity.codes[here][off]] = True
        if seen.all():
            return True
    return False


def _on_axis(moments: Moments | None, axis: Axis, zone: str | None) -> Ints | None:
    if moments is None:
        return None
    return moments.time if axis == "instant" else moments.wall(zone)


def _paired(
    raw: Raw, columns: Columns, case: Text, activity: Text, time: Ints, why: NDArray[np.uint8]
) -> tuple[Ints | None, tuple[Message, ...], Columns]:
    """Starts from rows that are starts, if the table has a column of life cycles; one of another kind is an attribute."""
    if columns.lifecycle is None:
        return None, (), columns
    lifecycle = coded(raw.table[columns.lifecycle])
    if not pairs(lifecycle):
        told = unusual(lifecycle)
        return (None, (told,), replace(columns, lifecycle=None)) if told else (None, (), columns)
    keys = [case.codes, activity.codes]
    if columns.instance is not None:
        keys.append(coded(raw.table[columns.instance]).codes)
    paired: Paired = pair(lifecycle, keys, time, why == 0)
    _out(why, paired.joined, "joined")
    _out(why, paired.running, "in_progress")
    _out(why, paired.other, "lifecycle")
    return np.where(paired.start == MISSING, time, paired.start), (paired.note,), columns


@dataclass(frozen=True, eq=False)
class _Events:
    """The rows that are events, in the order of the log: the case of code `case[c]` owns `offset[c]:offset[c + 1]`."""

    case: NDArray[np.int32]
    offset: Ints
    activity: NDArray[Any]
    names: list[str]
    time: Ints
    start: Ints | None

    @property
    def last(self) -> Ints:
        """Per case: the place of its last event."""
        return self.offset[1:] - 1

    @property
    def precision(self) -> Precision:
        times = [self.time[:CHUNK], self.time, *([] if self.start is None else [self.start])]
        timed = any(np.any(time % DAY) for time in times)
        return "microsecond" if timed else "day"


def _events(rows: _Rows, placed: InOrder) -> _Events:
    case, first = used(placed.case)
    start = None if rows.start is None else rows.start[placed.row]
    return _Events(case, np.append(first, len(placed.row)), *_compact(rows.activity, placed.row), placed.time, start)


def _log(
    raw: Raw,
    rows: _Rows,
    placed: InOrder,
    reach: Reach,
    given: Given,
    told: tuple[Message, ...],
    mended: tuple[Message, ...],
) -> EventLog:
    """The events in order, and all that is fixed at the door."""
    events, unheard = _events(rows, placed), _unheard(given, rows.activity.levels.to_pylist())
    steps, time, offset = events.activity, events.time, events.offset
    watched = rules(given.ends, given.dormant_after_days, steps, time, offset, events.names, reach.cutoff)
    finishing = [code for code, name in enumerate(events.names) if name in watched.ends]
    stopped, went_on = np.isin(steps[events.last], finishing), np.isin(events.case, _going_on(rows, reach))
    arrival, late = _arrivals(rows, placed.row, events)
    per_case, per_event = split_attributes(raw.table, rows.columns, placed.row, offset, coded)
    found = (*_counted(raw, rows.why), _roles(rows.columns), *rows.notes, *told, *watched.notes)
    notes = (*given.notes, *raw.notes, *found, *_reopened(stopped & went_on), *unheard, *late)
    known = {**_said(given, rows, watched), **_seen(events, arrival), "cutoff": reach.cutoff, "notes": notes}
    known["files"] = (raw.name,) if raw.places is None else raw.places.files
    known["history"] = (*given.history, *mended)
    known |= {"precision": "microsecond"} if rows.written else {}
    return EventLog(
        about=About(**known, **_named(given, rows.columns, tuple(per_case), tuple(per_event))),
        activity=steps,
        time=time,
        start=events.start,
        offset=offset,
        arrival=arrival,
        until=np.where(stopped & ~went_on, time[events.last], reach.cutoff),
        open=~stopped | went_on,
        case=Text(events.case, rows.case.levels),
        attributes=per_case,
        event_attributes=per_event,
        dated=None if rows.dated is None else rows.dated[placed.row],
        origin=_origin(raw, placed.row),
    )


def _origin(raw: Raw, row: Ints) -> Origin:
    """Where the events' rows stood, in as few bytes as that takes."""
    plain = raw.places is None and not raw.ragged
    number = (
        np.add(row, raw.first, dtype=np.uint32, casting="unsafe") if plain else raw.row_numbers(row).astype(np.uint32)
    )
    file = None if raw.places is None else raw.places.file[row].astype(np.uint16)
    return Origin(number, file)


def _going_on(rows: _Rows, reach: Reach) -> Ints:
    """The codes of cases with an event after the cutoff that can be believed: at the cutoff they were still running."""
    later = (rows.why == WHY["after_cutoff"]) & (rows.time <= reach.believed)
    return np.unique(rows.case.codes[later]).astype(np.int64)


def _reopened(which: NDArray[np.bool_]) -> tuple[Message, ...]:
    return (Message("load.reopened", {"n": int(which.sum())}),) if which.any() else ()


def _unheard(given: Given, known: list[str]) -> tuple[Message, ...]:
    """Steps that were named and are not in the source; LogError where none of a kind is."""
    ends = [] if given.ends == EVERY_CASE else [given.ends] if isinstance(given.ends, str) else list(given.ends or ())
    grouped = [one for group in given.stages.values() for one in group]
    on_forms = [step for steps in given.forms.values() for step in steps]
    named = (ends, list(given.tags), grouped, list(given.first_steps), list(given.by_date), on_forms, given.same_moment)
    for wanted in named:
        check_steps(wanted, known)
    unknown = dict.fromkeys(one for wanted in named for one in wanted if one not in known)
    return (Message("load.steps.unknown", {"steps": listed(list(unknown))}),) if unknown else ()


def _said(given: Given, rows: _Rows, watched: Watched) -> dict[str, Any]:
    """What a user said, checked against the log, and what the rules found where nothing was said."""
    complete = given.complete_from
    return {
        "ends": watched.ends,
        "every_case": given.ends == EVERY_CASE,
        "complete_from": None if complete is None else moment("complete_from", complete, rows.axis, given.zone),
        "axis": rows.axis,
        "zone": given.zone,
        "arrival": rows.columns.arrival,
        "outcomes": watched.outcomes,
        "stages": dict(given.stages),
        "tags": dict(given.tags),
        "dormant_after": watched.dormant_after,
        "title": given.title,
        "audience": given.audience,
        "source": dict(given.source),
        "first_steps": tuple(given.first_steps),
        **given.carried,
    }


def _seen(events: _Events, arrival: Ints) -> dict[str, Any]:
    """What the events show."""
    return {"activities": tuple(events.names), "begins": int(arrival.min()), "precision": events.precision}


def _named(given: Given, columns: Columns, cases: tuple[str, ...], events: tuple[str, ...]) -> dict[str, Any]:
    """The attributes, of cases and of events, and those of them that name people."""
    people = (*given.persons, *persons((*cases, *events), columns))
    return {"attributes": cases, "event_attributes": events, "persons": people}


def _compact(activity: Text, row: Ints) -> tuple[NDArray[Any], list[str]]:
    """Codes of the activities that happen, in order of appearance in the source, as small as they can be."""
    codes = activity.codes[row]
    here = np.flatnonzero(np.bincount(codes, minlength=len(activity.levels)))
    width = np.uint8 if len(here) <= 2**8 else np.uint16 if len(here) <= 2**16 else np.uint32
    new = np.zeros(len(activity.levels), width)
    new[here] = np.arange(len(here))
    levels = activity.levels.to_pylist()
    return new[codes], [levels[code] for code in here]


def _arrivals(rows: _Rows, row: Ints, events: _Events) -> tuple[Ints, tuple[Message, ...]]:
    """When each case came in: the first value of its arrival column, else the beginning of its first event."""
    offset, start = events.offset, events.start
    first = events.time[offset[:-1]] if start is None else np.minimum.reduceat(start, offset[:-1])
    if rows.arrival is None:
        return first, ()
    arrival = np.full(len(first), MISSING)
    there = np.flatnonzero(rows.arrival[row] != MISSING)[::-1]
    arrival[np.searchsorted(offset, there, side="right") - 1] = rows.arrival[row[there]]
    without, late = arrival == MISSING, arrival > first
    values = {"without": int(without.sum()), "late": int(late.sum())}
    note = Message("load.arrival", {"column": str(rows.columns.arrival), **values})
    return np.where(without | late, first, arrival), (note,) if np.any(without | late) else ()


def _roles(columns: Columns) -> Message:
    """Which column plays which role."""
    roles = ("case", "activity", "timestamp", "start", "resource", "arrival", "order", "lifecycle")
    named = [(role, getattr(columns, role)) for role in roles if getattr(columns, role)]
    said = tuple(Message("load.role", {"role": Message(f"load.role.{role}"), "column": name}) for role, name in named)
    return Message("load.roles", {"roles": said})


def _repeated(raw: Raw, again: NDArray[np.bool_], keep: bool) -> Message:
    """What was done with rows that repeat another, and how to have it otherwise."""
    return Message("load.repeated.kept" if keep else "load.repeated.aside", {"n": int(again.sum())})


def _counted(raw: Raw, why: NDArray[np.uint8]) -> list[Message]:
    """Rows in = events + starts joined to their ends + rows set aside, each reason counted."""
    counts = [int(np.count_nonzero(why == code)) for code in range(len(REASONS))]
    ragged = len(raw.ragged or {})
    total, joined = len(why) + ragged, counts[WHY["joined"]]
    aside = total - counts[0] - joined
    values: dict[str, int | str] = {
        "rows": total,
        "source": raw.name,
        "kept": counts[0],
        "joined": joined,
        "aside": aside,
    }
    return [Message("load.rows.joined" if joined else "load.rows", values), *_aside(raw, why)]


def _aside(raw: Raw, why: NDArray[np.uint8]) -> list[Message]:
    lost = raw.lost()
    found = (
        [Message("load.aside.ragged", _said_where(raw, len(lost), [one[:2] for one in lost[:SHOWN]]))] if lost else []
    )
    for code, reason in enumerate(REASONS) if why.any() else ():
        here = np.flatnonzero(why == code)
        if len(here) and reason not in ("kept", "joined"):
            first = here[:SHOWN]
            stood = zip(raw.file_names(first), raw.row_numbers(first).tolist(), raw.column_names(first))
            found.append(Message(f"load.aside.{reason}", _said_where(raw, len(here), list(stood))))
    return found


def _said_where(raw: Raw, n: int, stood: Sequence[tuple[Any, ...]]) -> dict[str, Value]:
    """How many rows, and where the first of them stood: the number alone too."""
    places = tuple(_place(raw, *one) for one in stood)
    return {"n": n, "row": stood[0][1], "place": places[0], "places": places}


def _place(raw: Raw, file: str, row: int, column: str = "") -> Message:
    """A row in words: the file and the column only where there are several."""
    several = raw.places is not None and len(raw.places.files) > 1
    kind = "file" * several + "column" * bool(column) or "row"
    return Message(f"load.place.{kind}", {"row": row, "file": file, "column": column})
