"""Meetings: steps held in sessions, when these were and will be, and the clock that counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from procmine.clocks import to_wall
from procmine.find.sessions import (
    LEAST_ITEMS,
    LEVEL,
    OVERNIGHT,
    Fit,
    Items,
    best_fit,
    eligible_days,
    pattern_words,
    weekday_counts,
)
from procmine.find.twice_as_often import FEW_PASSED, seats_of
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.operational import HOUR, Clocks, Floats
from procmine.kernels.sampler import Flags
from procmine.kernels.sessions import (
    LAST,
    MONTH_DAY,
    MONTH_END,
    NEAR,
    NTH_WEEKDAY,
    WEEKLY,
    Pattern,
    holm,
    likely_waits,
    opening,
    weekday_of,
)
from procmine.log import EventLog
from procmine.see.enabling import beside, enabled, enabled_by
from procmine.simulate.operational import AHEAD, DAY, SESSIONS, Hours, Operational, open_days, wall_day
from procmine.words import Message, Value

MOSTLY = 0.75  # of the stays at a step end with the session step: then its clock counts sessions
MOST_ITEMS = 4_000  # of a step, by which sessions are looked for
PLACES = 200  # of the table of how long items take to be ready
ORDINALS = ("first", "second", "third", "fourth", "last")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, eq=False)
class Meeting:
    """One step that is held in sessions, surely.

    held: starts (microseconds on the log's axis, sorted): the first `seen` as they were in the log, those on which
    nobody's case was decided among them, and what the pattern makes expected for three years after its cutoff. seats:
    of a usual session that leaves somebody waiting; None where they do not fill up. share: of the items that fall on
    session days. items: in the log. lead: quantiles, at evenly spaced places, of how long after the step before
    (microseconds) an item is ready to be taken; 0 where items wait for nothing but the session.
    """

    step: int
    name: str
    when: str
    held: Ints
    seen: int
    seats: int | None
    share: float
    items: int
    opens: int  # microseconds of the day: the full hour before the first items of a session
    at: int  # when it usually begins
    lead: Floats

    @property
    def every(self) -> int:
        """The mean time from one session to the next (microseconds)."""
        return int(np.diff(self.held).mean()) if len(self.held) > 1 else 7 * DAY


@dataclass(frozen=True, eq=False)
class Meetings:
    """The steps of a log that are held in sessions."""

    log: EventLog
    meetings: Sequence[Meeting]

    @classmethod
    def of(cls, log: EventLog) -> Meetings:
        """Those that `procmine.sessions(log)` finds, by the same rules (of a step with many items a part is looked
        at).
        """
        if not len(log.time):
            return cls(log, ())
        found = _searched(log)
        log_p = holm(np.array([one.log_p for one in found], np.float64))
        sure = [one for one, p in zip(found, log_p) if p <= np.log(LEVEL)]
        days = Days.of(log)
        return cls(log, tuple(_meeting(log, days, one, one.fit) for one in sure if one.fit is not None))

    def of_step(self, step: int) -> Meeting | None:
        return next((one for one in self.meetings if one.step == step), None)

    def clocks(self, operational: Operational) -> Operational:
        """The same with clocks that count sessions, for the steps from which three in four cases or more go to a
        session.

        Such a clock moves on by one step when a session opens, and stands still until the next. What it shows for a
        stay is therefore how many sessions the case came up to, and a simulated case comes to as many: on session
        days, at the hour at which sessions open, and after a wait of the right mean, whenever it begins. It takes the
        place of the hours of the week for these stays, so nothing is counted twice. What else ends such a stay (a
        withdrawal) is taken to have happened when the session before it opened. Other stays keep their clocks, and
        come to the session step on any day it allows.
        """
        if not self.meetings:
            return operational
        hours, next_step = Hours.of(self.log), _next_steps(self.log)
        clock, kind, rows = operational.clock.copy(), list(operational.kind), list(operational.clocks.upto)
        for one in self.meetings:
            here = _before(next_step, one.step)
            if len(here):
                clock[here] = len(rows)
                rows.append(_session_clock(hours, one))
                for step in here:
                    kind[step] = SESSIONS
        clocks = Clocks(operational.clocks.origin, np.stack(rows), operational.clocks.whole)
        return replace(operational, clocks=clocks, clock=clock, kind=kind)

    def messages(self) -> list[Message]:
        said = []
        for one in self.meetings:
            values: dict[str, Value] = {
                "step": one.name,
                "when": one.when,
                "share": one.share,
                "n": one.items,
                "seen": one.seen,
            }
            said.append(Message("meetings.step", values))
            if one.seats is not None:
                said.append(Message("meetings.seats", {"step": one.name, "seats": one.seats}))
        return said


@dataclass(frozen=True, eq=False)
class Days:
    """Each day from the log's first to three years after its cutoff: is it open, is anything known to be done on it."""

    day: Ints
    open: Flags
    known: int  # so many of them lie in the log

    @classmethod
    def of(cls, log: EventLog) -> Days:
        when = wall_day(log, log.time)
        first, last = int(when.min()), int(wall_day(log, np.array([log.about.cutoff + AHEAD]))[0])
        day, end = np.arange(first, last + 1), int(wall_day(log, np.array([log.about.cutoff]))[0])
        known = max(end - first + 1, 1)
        count = np.bincount(np.clip(when - first, 0, known - 1), minlength=known).astype(np.float64)
        is_open, busy = opening(day[:known], count, np.bincount(weekday_of(when), minlength=7).astype(np.float64))
        share, _ = open_days(log, first, last)
        later = (busy[weekday_of(day)] > 0) & (share > 0)
        later[:known] = is_open | (count > 0)
        return cls(day, later, known)


def planned(
    log: EventLog, *, every: str, on: Sequence[str] = (), begin: int, end: int, like: Meeting | None = None
) -> Ints:
    """Starts of sessions from `begin` up to, not including, `end`, on a pattern of the calendar.

    every: "week", or "2 weeks" to "4 weeks", on weekdays ("tuesday"); "month" on a day ("15"), on the "last" working
    day, or on weekdays by their place ("first thursday", "last friday"); "day", "working day", "10 days". Where a day
    is closed, the next open one within four days takes its place. Weeks are counted from that of `like`'s last seen
    session, else from `begin`. The time of day is that of `like`, else nine o'clock; in a log of dates the day's first
    moment.
    """
    days = Days.of(log)
    first, last = (int(one) for one in wall_day(log, np.array([begin, max(end - 1, begin)])))
    grid = np.arange(min(first, int(days.day[0])) - 7, max(last, int(days.day[-1])) + 8)
    is_open = _open_on(days, grid)
    anchor = int(wall_day(log, like.held[like.seen - 1 : like.seen])[0]) if like is not None and like.seen else first
    nominal = _nominal(every.strip().lower(), [one.strip().lower() for one in on], grid, is_open, anchor)
    found = np.unique(_moved(nominal, grid, is_open, before=False))
    of_day = 0 if log.about.precision == "day" else like.at if like is not None else 9 * HOUR
    starts = _utc(log, found * DAY + of_day)
    return starts[(starts >= begin) & (starts < end)]


def _open_on(days: Days, grid: Ints) -> Flags:
    """Open days of any grid: those known, else by the weekday."""
    usual = np.array([days.open[weekday_of(days.day) == one].mean() > 0.5 for one in range(7)])
    found = usual[weekday_of(grid)]
    inside = (grid >= days.day[0]) & (grid <= days.day[-1])
    found[inside] = days.open[grid[inside] - days.day[0]]
    return found


def _nominal(every: str, on: Sequence[str], grid: Ints, is_open: Flags, anchor: int) -> Ints:
    """The days that the words name."""
    number, _, unit = every.partition(" ")
    if every == "day":
        return grid[grid >= anchor]
    if every == "working day":
        return grid[is_open]
    if unit == "days" and number.isdigit() and int(number) > 0:
        return np.asarray(grid[(grid >= anchor) & ((grid - anchor) % int(number) == 0)])
    if every == "month":
        return np.unique(np.concatenate([_of_month(one, grid, is_open) for one in _some(on, every)]))
    weeks = 1 if every == "week" else int(number) if unit == "weeks" and number.isdigit() else 0
    if weeks < 1:
        raise ValueError(f'every {every!r}: say "week", "2 weeks", "month", "day", "working day" or "10 days".')
    week, since = (grid + 3) // 7, (anchor + 3) // 7
    wanted = [_number(one, WEEKDAYS, "weekday") for one in _some(on, every)]
    return np.asarray(grid[np.isin(weekday_of(grid), wanted) & ((week - since) % weeks == 0)])


def _some(on: Sequence[str], every: str) -> Sequence[str]:
    if not on:
        raise ValueError(f"every {every}: say on which days.")
    return on


def _number(word: str, words: Sequence[str], what: str) -> int:
    if word not in words:
        raise ValueError(f"{word!r} is no {what}; there are: {', '.join(words)}.")
    return words.index(word)


def _of_month(word: str, grid: Ints, is_open: Flags) -> Ints:
    month = grid.astype("M8[D]").astype("M8[M]")
    in_month = grid - month.astype("M8[D]").astype(np.int64)
    left = (month + 1).astype("M8[D]").astype(np.int64) - grid
    if word in ("last", "last working day"):
        ends = np.flatnonzero(is_open)
        return np.asarray(grid[ends[np.append(month[ends][1:] != month[ends][:-1], False)]])
    if word.isdigit() and 1 <= int(word) <= 28:
        return np.asarray(grid[in_month == int(word) - 1])
    place, _, weekday = word.partition(" ")
    k, one = _number(place, ORDINALS, "place in the month"), _number(weekday, WEEKDAYS, "weekday")
    there = left <= 7 if k == 4 else in_month // 7 == k
    return np.asarray(grid[there & (weekday_of(grid) == one)])


def _moved(nominal: Ints, grid: Ints, is_open: Flags, *, before: bool) -> Ints:
    """Each day, or the next open one (or the one before) where it is closed; left out where none is near."""
    doors = grid[is_open]
    if not len(doors):
        return nominal[:0]
    after = np.clip(np.searchsorted(doors, nominal), 0, len(doors) - 1)
    early = np.clip(np.searchsorted(doors, nominal, side="right") - 1, 0, len(doors) - 1)
    first, second = (doors[early], doors[after]) if before else (doors[after], doors[early])
    near = np.where(np.abs(first - nominal) <= NEAR, first, second)
    return near[np.abs(near - nominal) <= NEAR]


@dataclass(frozen=True, eq=False)
class Found:
    """A step with enough items that wait overnight, the pattern that fits them best, which of them keep to it."""

    step: int
    items: Items
    fit: Fit | None
    in_session: Flags
    log_p: float  # of a bound on the chance of it; 0 without a pattern, which still counts among the looks


def _searched(log: EventLog) -> list[Found]:
    cause = enabled_by(log, beside(log))
    begin, ready = log.time if log.start is None else log.start, enabled(log, cause)
    known = (cause >= 0) | (log.about.arrival is not None)
    day, ready_day, case = wall_day(log, begin), wall_day(log, ready), cases_of(log.offset)
    grid = np.arange(min(int(ready_day.min()), int(day.min())), int(day.max()) + 1)
    all_days, usual = np.bincount(day - grid[0], minlength=len(grid)).astype(np.float64), weekday_counts(log)
    found: list[Found] = []
    for code in np.flatnonzero(np.bincount(log.activity[known]) >= LEAST_ITEMS):
        here = np.flatnonzero(known & (log.activity == code))
        few = here[np.linspace(0, len(here) - 1, min(len(here), MOST_ITEMS)).astype(np.int64)]
        waited = day[few] > ready_day[few]
        if waited.sum() < LEAST_ITEMS:
            continue
        items = Items(ready[here], begin[here], ready_day[here], day[here], case[here])
        part = Items(ready[few], begin[few], ready_day[few], day[few], case[few])
        others = all_days - np.bincount(day[log.activity == code] - grid[0], minlength=len(grid))
        is_open, busy = opening(grid, others, usual)
        is_open |= (busy[weekday_of(grid)] > 0) & np.isin(grid, day[here])
        fit, tried = best_fit(part, waited, grid, (is_open, others > 0), busy)
        if fit is None or waited.mean() < OVERNIGHT:
            found.append(Found(int(code), items, None, np.zeros(0, bool), 0.0))
        else:
            found.append(
                Found(int(code), items, fit, fit.pattern.here[items.held_day - grid[0]], fit.log_p + np.log(tried))
            )
    return found


def _meeting(log: EventLog, days: Days, found: Found, fit: Fit) -> Meeting:
    items, pattern, in_session = found.items, fit.pattern, found.in_session
    held, count = np.unique(items.held_day[in_session], return_counts=True)
    known = days.day[: days.known]
    lively = known[days.open[: days.known]]
    nominal = np.unique(pattern.nominal)
    sat = np.union1d(held, nominal[np.isin(nominal, lively)])
    before = _moves_before(held, nominal, lively)
    later = np.unique(_moved(_going_on(pattern, days), days.day, days.open, before=before))
    later = later[later > int(wall_day(log, log.time).max())]
    sat = sat[sat < later[0]] if len(later) else sat
    eligible = np.minimum(eligible_days(log, items, held, in_session), items.held_day)
    seats, _ = seats_of(eligible[in_session], items.held_day[in_session], held, count, nominal)
    opens, at = _time_of_day(log, items.begin[in_session])
    starts = _utc(log, np.concatenate((sat, later)) * DAY + opens)
    usual = None if seats is None else int(np.median(seats))
    name, lead = log.about.activities[found.step], _lead(items, eligible, sat, in_session)
    if log.about.precision == "day" and (eligible > items.ready_day).any():
        lead = lead + DAY  # the day itself is too late
    share, n = float(in_session.mean()), len(items)
    return Meeting(found.step, name, pattern_words(pattern), starts, len(sat), usual, share, n, opens, at, lead)


def _moves_before(held: Ints, nominal: Ints, lively: Ints) -> bool:
    """Whether sessions whose day is closed were held on a day before rather than after."""
    closed = nominal[~np.isin(nominal, lively)]
    if not len(closed) or not len(held):
        return False
    near = held[np.abs(held[None, :] - closed[:, None]).argmin(axis=1)] - closed
    near = near[(np.abs(near) <= NEAR) & (near != 0)]
    return bool((near < 0).sum() > (near > 0).sum())


def _going_on(pattern: Pattern, days: Days) -> Ints:
    """The days of a pattern from the log's first day to the end."""
    day, weekday = days.day, weekday_of(days.day)
    if pattern.kind == MONTH_END:
        return _of_month("last", day, days.open)
    if pattern.kind == MONTH_DAY:
        return _of_month(str(pattern.number[0]), day, days.open)
    if pattern.kind == NTH_WEEKDAY:
        words = [f"{ORDINALS[4 if one == LAST else one - 1]} {WEEKDAYS[pattern.weekdays[0]]}" for one in pattern.number]
        return np.unique(np.concatenate([_of_month(word, day, days.open) for word in words]))
    apart = 1 if pattern.kind == WEEKLY else pattern.number[0]
    phase = (int(pattern.nominal[0]) + 3) // 7
    return np.asarray(day[np.isin(weekday, pattern.weekdays) & (((day + 3) // 7 - phase) % apart == 0)])


def _time_of_day(log: EventLog, begin: Ints) -> tuple[int, int]:
    """Of the day: the full hour before all but 1 in 100 items, and their usual beginning; 0 in a log of dates."""
    wall = to_wall(begin, log.zone) if log.zone else begin
    of_day = np.sort(wall % DAY)
    return int(of_day[len(of_day) // 100]) // HOUR * HOUR, int(of_day[len(of_day) // 20])


def _lead(items: Items, eligible: Ints, sat: Ints, in_session: Flags) -> Floats:
    """How long after the step before an item is ready: between the session before the one it took, and that
    (Turnbull's EM).
    """
    taken, able = items.held_day[in_session], eligible[in_session]
    place = np.searchsorted(sat, taken)
    before = np.where(place > 0, sat[np.maximum(place - 1, 0)], able.min() - 1)
    first, last = np.maximum(before + 1 - able, 0), taken - able
    if not (first > 0).any():
        return np.zeros(PLACES)
    share = likely_waits(first, last, np.ones(len(first)), smooth=bool((first > 0).mean() >= FEW_PASSED))
    upto = np.cumsum(share) / share.sum()
    days = np.searchsorted(upto, (np.arange(PLACES) + 0.5) / PLACES)
    return days.astype(np.float64) * DAY


def _utc(log: EventLog, wall: Ints) -> Ints:
    if not log.zone or not len(wall):
        return wall
    once = wall - (to_wall(wall, log.zone) - wall)
    return wall - (to_wall(once, log.zone) - once)


def _next_steps(log: EventLog) -> Ints:
    """[step at which a case was, the next one]: how often."""
    steps = len(log.about.activities)
    last = np.zeros(len(log.activity), bool)
    ends = log.offset[1:][np.diff(log.offset) > 0] - 1
    last[ends] = True
    now, after = log.activity[:-1].astype(np.int64), log.activity[1:].astype(np.int64)
    inside = ~last[:-1]
    table = np.bincount(now[inside] * steps + after[inside], minlength=steps * steps).reshape(steps, steps)
    first = np.bincount(log.activity[log.offset[:-1][np.diff(log.offset) > 0]], minlength=steps)
    waits = log.about.arrival is not None
    return np.vstack((table, first if waits else np.zeros(steps, np.int64)))


def _before(next_step: Ints, step: int) -> Ints:
    """The steps from which most cases go to this one."""
    whole = next_step.sum(axis=1)
    return np.flatnonzero((next_step[:, step] > MOSTLY * whole) & (whole >= LEAST_ITEMS))


def _session_clock(hours: Hours, one: Meeting) -> Floats:
    """Each session moves the clock as far, to the microsecond, within the hour before it opens."""
    moves = np.zeros(len(hours.slot) + 1)
    moves[hours.place(one.held)] = 1.0
    return np.asarray(np.cumsum(moves) * round(len(hours.slot) * HOUR / max(float(moves.sum()), 1.0)))
