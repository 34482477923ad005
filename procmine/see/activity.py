"""Activity: for each event what was waiting and what was work, and for each case how long somebody worked on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import CALENDAR_TIME
from procmine.kernels.flow import Ints, cases_of, is_first
from procmine.kernels.intervals import union_length
from procmine.log import Clock, EventLog, Log, LogError, in_memory, shown, unlike
from procmine.see.enabling import enabled, enabled_by

if TYPE_CHECKING:
    import pandas as pd

Flags = NDArray[np.bool_]
NO_TIME = np.iinfo(np.int64).min  # what numpy shows as NaT


@dataclass(frozen=True, eq=False)
class Events:
    """Microseconds of a clock, one number an event: `since` it could have begun, until it did (`begin`), until its `end`.

    `gap`: from the end of the event before it in the log, for a first event from the arrival where a column holds that,
    else NO_TIME. `known`: whether its beginning was recorded, so that end - begin is work; `waits`: whether begin - since is
    its waiting (a first event has waited for nothing that is known where no column says when cases came in).
    """

    since: Ints
    begin: Ints
    end: Ints
    gap: Ints
    known: Flags
    waits: Flags


def begun(log: EventLog) -> Flags:
    """Per activity: whether the log tells beginnings of it: in some event it comes before the end."""
    if log.start is None:
        return np.zeros(len(log.about.activities), bool)
    return np.bincount(log.activity, log.start < log.time, len(log.about.activities)) > 0


def events_of(log: EventLog, clock: Clock, which: Flags | None = None, steps: Flags | None = None) -> Events:
    """Of a part of a log, give `which` steps are beside each other (`beside`) and are `begun` in the whole of it."""
    case = cases_of(log.offset)
    start = log.time if log.start is None else log.start
    moment = enabled(log, enabled_by(log, which))
    since, begin, end = (clock.read(one, case, log) for one in (moment, start, log.time))
    gap = log.times(clock).since_previous()
    unknown = is_first(log.offset) & (log.about.arrival is None)
    gap[unknown] = NO_TIME
    known = (begun(log) if steps is None else steps)[log.activity]
    return Events(since, begin, end, gap, known, known & ~unknown)


def worked(log: EventLog, clock: Clock) -> Ints:
    """Per case: microseconds of the clock in which at least one of its events was under way."""
    case = cases_of(log.offset)
    start = log.time if log.start is None else log.start
    inside = np.maximum(start, log.arrival[case]), np.minimum(log.time, log.until[case])
    begin, end = (clock.read(one, case, log) for one in inside)
    return union_length(case, begin, end, len(log))


def need_steps(log: EventLog) -> EventLog:
    """The log, or a LogError where steps were left out of it."""
    if not log.about.cut:
        return log
    raise LogError(
        "Steps were left out of this log, so how long steps waited and cases were worked on cannot be told. Ask "
        "before only_activities(...), or choose cases instead: log.where(...), log.having(...)."
    )


def need_starts(log: EventLog) -> EventLog:
    """The log, or a LogError where it holds one time an event, or steps were left out."""
    if begun(need_steps(log)).any() or (log.start is not None and not len(log.time)):
        return log
    raise LogError(
        "This log has one time for each event: how long a step waited and how long it was worked on cannot be told apart. "
        "Ask for what such a log knows: event_times(log) for gaps and for the most that each event can have waited, "
        "flow(log), bottlenecks(log), step_times(log); or read the log again with the column of beginnings: "
        "Columns(start=...)."
    )


def event_times(log: Log, *, clock: Clock = CALENDAR_TIME) -> pd.DataFrame:
    """One row an event, in the order of the log: case, activity, (start,) time, and timedelta64 columns of the clock.

    gap: since the end of the event before it (a first event: since the arrival, where a column holds it). waiting: from the
    end of the last event before it that is not beside it, in parallel, to its beginning. processing: from beginning to end.
    enabled: the moment from which it waited. Where beginnings were not recorded there is no waiting and no processing, only
    waiting_most: the wait is at least 0 and at most that, if steps overlap only where the log shows them beside each other.
    A first event has neither where no column says when cases came in. LogError where steps were left out of the log.
    """
    import pandas as pd

    log = need_steps(in_memory(log))
    one = events_of(log, clock)
    rows: dict[str, NDArray[Any]] = {"case": log.case.values()[cases_of(log.offset)]}
    rows["activity"] = np.array(log.about.activities, object)[log.activity]
    if log.start is not None:
        rows["start"] = shown(log.about, log.start)
    rows |= {"time": shown(log.about, log.time), "enabled": shown(log.about, enabled(log, enabled_by(log)))}
    rows["gap"] = one.gap.view("m8[us]")
    if one.known.any():
        rows["waiting"] = np.where(one.waits, one.begin - one.since, NO_TIME).view("m8[us]")
        rows["processing"] = np.where(one.known, one.end - one.begin, NO_TIME).view("m8[us]")
    most = np.where(one.known, one.begin, one.end) - one.since
    rows["waiting_most"] = np.where(one.gap == NO_TIME, NO_TIME, most).view("m8[us]")
    return pd.DataFrame(rows)


def case_parts(log: Log, *, clock: Clock = CALENDAR_TIME) -> pd.DataFrame:
    """One row a case: case, arrival, until, open, then timedelta64 columns of the clock, and attributes.

    cycle: arrival to the last event, of an open case to the cutoff (so far). processing: the time in which at least one of
    its steps was under way, counted once where they overlap. idle = cycle - processing, never negative. efficiency =
    processing / cycle (nan where cycle is 0). LogError where the log has no beginnings of events.
    """
    import pandas as pd

    log = need_starts(in_memory(log))
    times, active = log.times(clock), worked(log, clock)
    cycle = times.until - times.arrival
    rows: dict[str, NDArray[Any]] = {
        "case": log.case.values(),
        "arrival": shown(log.about, log.arrival),
        "until": shown(log.about, log.until),
    }
    rows["open"] = log.open.copy()
    lengths = {"cycle": cycle, "processing": active, "idle": cycle - active}
    rows |= {name: length.astype("m8[us]") for name, length in lengths.items()}
    rows["efficiency"] = active / np.where(cycle > 0, cycle, np.nan)
    rows |= {unlike(name, rows): one.values() for name, one in log.attributes.items()}
    return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class Units:
    """What is counted as one: an event, or all of a case's events of a stage; `name` is a code, `case` its case.

    waiting, elapsed (entered to left), processing (of those, when somebody worked), gap: microseconds; `known` and `waits`
    as in Events.
    """

    name: Ints
    case: Ints
    waiting: Ints
    elapsed: Ints
    processing: Ints
    gap: Ints
    known: Flags
    waits: Flags

    @classmethod
    def of(cls, log: EventLog, one: Events, codes: Ints) -> Units:
        """`codes` name each activity; activities of one name are one unit in a case."""
        case, name = cases_of(log.offset), codes[log.activity]
        if len(np.unique(codes)) == len(codes):
            length = one.end - one.begin
            return cls(name, case, one.begin - one.since, length, length, one.gap, one.known, one.waits)
        k, place = int(codes.max()) + 1, np.arange(len(name))
        alone = np.bincount(codes, minlength=k)[name] == 1
        unit = np.where(alone, len(log) * k + place, case * k + name)
        order = np.lexsort((one.begin, unit))
        first = np.flatnonzero(np.append(True, np.diff(unit[order]) != 0)[: len(order)])
        entered, group = order[first], np.repeat(np.arange(len(first)), np.diff(np.append(first, len(order))))
        left = np.maximum.reduceat(one.end[order], first)
        work = union_length(group, one.begin[order], one.end[order], len(first))
        waiting, elapsed = (one.begin - one.since)[entered], left - one.begin[entered]
        gap, known, waits = one.gap[entered], one.known[entered], one.waits[entered]
        return cls(name[entered], case[entered], waiting, elapsed, work, gap, known, waits)
