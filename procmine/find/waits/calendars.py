"""When nobody was there: the office's own hours, else the week of whoever did the work, as the log shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import office_hours, to_wall
from procmine.kernels.flow import Ints, cases_of
from procmine.log import Clock, EventLog

Flags = NDArray[np.bool_]
MINUTE, QUARTER, HOUR = 60_000_000, 900_000_000, 3_600_000_000
WEEK = 7 * 96  # quarters of an hour
MONDAY = 3 * 96  # quarters from Monday to the Thursday on which 1970 began
ENOUGH = 8  # moments in the average slot in which anything was done: then an empty one is no chance
FEW = 0.1  # of that average: with less, a slot is closed, and what was done in it an exception
LEAST_WEEKS = 4  # with moments, else no week is known
LEAST = 8 * ENOUGH  # moments, so that looking is worth while


@dataclass(frozen=True, eq=False)
class Closures:
    """Stretches of `width` microseconds from `first` on, each open or closed. `of` is each event's calendar, -1: unknown.

    `closed(k)` are the flags of calendar k. `own`: the hours are those of the log's spec.
    """

    first: int
    width: int
    edges: int
    of: Ints
    closed: Callable[[int], Flags]
    own: bool

    def upto(self, time: Ints, calendar: Ints, clock: Clock, log: EventLog) -> Ints:
        """Microseconds of the clock that had been closed by each moment, in the calendar numbered beside it."""
        edge = self.first + self.width * np.arange(self.edges + 1)
        none = np.zeros(1, np.int64)
        shown = clock.read(edge, np.repeat(none, len(edge)), log)
        now = clock.read(time, np.repeat(none, len(time)), log)
        slot = np.clip((time - self.first) // self.width, 0, self.edges - 1)
        found = np.zeros(len(time), np.int64)
        order = np.argsort(calendar, kind="stable")
        numbers, begins = np.unique(calendar[order], return_index=True)
        for k, (begin, end) in zip(numbers, pairwise([*begins, len(order)])):
            if k < 0:
                continue
            here, closed = order[begin:end], self.closed(int(k))
            sofar = np.concatenate(([0], np.cumsum(np.diff(shown) * closed)))
            at = slot[here]
            found[here] = sofar[at] + closed[at] * (now[here] - shown[at])
        return found


def closures(log: EventLog, who: Ints, enabled: Ints) -> Closures:
    """The calendar of each event: `who` is the resource, -1 where not known; `enabled` from when it was possible."""
    return _office(log, enabled) if log.about.calendars else _discovered(log, who, enabled)


def _grid(log: EventLog, enabled: Ints, width: int) -> tuple[int, int]:
    """The first edge of a grid over all events, and how many stretches it has."""
    if not len(log.time):
        return 0, 1
    first = int(enabled.min()) // width * width
    return first, (int(log.time.max()) - first) // width + 1


def _office(log: EventLog, enabled: Ints) -> Closures:
    """By the minute, from the calendars of the log's spec; cases of one value of `calendar_by` have one calendar."""
    office, by = office_hours(log), log.about.calendar_by
    kind = np.zeros(len(log), np.int64) if by is None else log.attributes[by].codes.astype(np.int64)
    _, example, of_case = np.unique(kind, return_index=True, return_inverse=True)
    first, edges = _grid(log, enabled, MINUTE)
    edge = first + MINUTE * np.arange(edges + 1)

    def closed(k: int) -> Flags:
        flags: Flags = np.diff(office.read(edge, np.full(len(edge), example[k]), log)) == 0
        return flags

    return Closures(first, MINUTE, edges, of_case[cases_of(log.offset)], closed, own=True)


def _discovered(log: EventLog, who: Ints, enabled: Ints) -> Closures:
    """By the quarter of an hour, from the moments at which somebody began or ended something."""
    begin = log.time if log.start is None else log.start
    place = np.tile(np.arange(len(log.time)), 2)
    timed = np.ones(len(place), bool) if log.dated is None else ~np.tile(log.dated, 2)
    timed &= log.about.precision != "day"
    place, quarter = place[timed], _wall(np.concatenate((begin, log.time))[timed], log) // QUARTER
    owners = [who, _pools(log, who), np.zeros(len(who), np.int64)]
    weeks, of = _weeks(owners, place, quarter)
    first, edges = _grid(log, enabled, QUARTER)
    slot = (_wall(first + QUARTER * np.arange(edges), log) // QUARTER + MONDAY) % WEEK
    return Closures(first, QUARTER, edges, of, lambda k: ~weeks[k][slot], own=False)


def _wall(time: Ints, log: EventLog) -> Ints:
    return to_wall(time, log.zone) if log.zone else time


def _pools(log: EventLog, who: Ints) -> Ints:
    """Per event: a number for all resources whose most frequent step is that of its resource."""
    known = np.flatnonzero(who >= 0)
    steps = len(log.about.activities)
    pairs, n = np.unique(who[known] * steps + log.activity[known], return_counts=True)
    order = np.lexsort((-n, pairs // max(steps, 1)))
    resource, first = np.unique(pairs[order] // max(steps, 1), return_index=True)
    main = pairs[order][first] % max(steps, 1)
    pool = np.full(len(who), -1, np.int64)
    pool[known] = main[np.searchsorted(resource, who[known])]
    return pool


def _weeks(owners: list[Ints], place: Ints, quarter: Ints) -> tuple[list[Flags], Ints]:
    """Open quarters of the week, one array a calendar, and each event's calendar: the first of its owners that shows one."""
    of = np.full(len(owners[0]), -1, np.int64)
    weeks: list[Flags] = []
    for owner in owners:
        mine = owner[place]
        order = np.argsort(mine, kind="stable")
        numbers, begins = np.unique(mine[order], return_index=True)
        for number, (begin, end) in zip(numbers, pairwise([*begins, len(order)])):
            undecided = number >= 0 and end - begin >= LEAST
            week = open_week(quarter[order[begin:end]]) if undecided else None
            if week is not None:
                of[place[order[begin:end]][of[place[order[begin:end]]] < 0]] = len(weeks)
                weeks.append(week)
        if np.all(of >= 0):
            break
    return weeks, of


def open_week(quarter: Ints) -> Flags | None:
    """Which quarters of the week, Monday first, are worked, from moments (in quarters since 1970); None: too few to tell.

    As fine as the moments allow: by the quarter, by the hour, or by hour of the day and day of the week apart.
    """
    if len(np.unique((quarter + MONDAY) // WEEK)) < LEAST_WEEKS:
        return None
    slot = (quarter + MONDAY) % WEEK
    fine = np.bincount(slot, minlength=WEEK)
    for counts, repeat in ((fine, 1), (fine.reshape(-1, 4).sum(axis=1), 4)):
        worked = _worked(counts)
        if worked is not None:
            return np.repeat(worked, repeat)
    hours, days = _worked(np.bincount(slot % 96 // 4, minlength=24)), _worked(np.bincount(slot // 96, minlength=7))
    return None if hours is None or days is None else np.repeat((days[:, None] & hours).ravel(), 4)


def _worked(counts: Ints) -> Flags | None:
    average = counts[counts > 0].mean() if counts.any() else 0.0
    return counts >= FEW * average if average >= ENOUGH else None
