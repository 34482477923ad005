"""The wait of each event, split by what the log shows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procmine.find.waits.calendars import Closures, closures
from procmine.kernels.causes import Busy, Read, busy_within, crowd, runs, search, sum_below
from procmine.kernels.flow import Ints, is_first
from procmine.log import Clock, EventLog, LogError, Text, codes_of
from procmine.see.activity import need_steps
from procmine.see.enabling import enabled, enabled_by

Flags = NDArray[np.bool_]
BATCHING, CONTENTION, PRIORITISATION, UNAVAILABILITY, UNEXPLAINED, CANNOT_TELL = (
    "batching", "contention", "prioritisation", "unavailability", "unexplained", "cannot tell")  # fmt: skip
CAUSES = (BATCHING, CONTENTION, PRIORITISATION, UNAVAILABILITY)
OTHERS = "another party"
GAP = 60_000_000  # microseconds between two of one batch: one file laid down, the next taken up
HELD = 0.1  # of the time in which a batch gathered, at least, the resource was there and free
PASSED = 0.25  # for each of a batch, at most so many that waited too and were left for later
MOSTLY, SELDOM = 0.25, 0.1  # of a step: in batches that are beyond doubt, and alone at the moment it was possible
SEVERAL = 0.5  # of a resource's events begun while another was going on: then being busy does not keep it from the next


@dataclass(frozen=True, eq=False)
class Waits:
    """Per event: `parts[k]` (int64 microseconds of the clock) is the time lost to `causes[k]`; they add up to `wait`.

    `since`: the event that made it possible, -1: none; `known`: whether its wait is known at all (the first event of a case
    has none, unless a column says when cases came in). `own`: the hours are the log's own.
    """

    causes: tuple[str, ...]
    parts: Ints
    wait: Ints
    since: Ints
    known: Flags
    named: Flags  # events of which the log says who did them
    several: Flags  # done by a resource that does several things at once
    own: bool
    weeks_known: Flags  # whether the hours of whoever did it are known


def split_waits(log: EventLog, resource: Text | None, parties: Mapping[str, str], clock: Clock) -> Waits:
    """Each cause takes of [enablement, start] only what the ones before it left."""
    start = begins(log)
    since = enabled_by(log)
    possible = enabled(log, since)
    who = np.full(len(log.time), -1, np.int64) if resource is None else resource.codes.astype(np.int64)
    who[undated(log, since)] = -1
    shut = closures(log, who, possible)
    look = Look(log, who, possible, start, shut, clock)
    named = who >= 0
    several = look.several()
    upto = look.gathered(several)
    held, busy, earlier, closed, wait = look.measure(upto)
    rest = wait - held - busy - closed
    names = (*CAUSES, *dict.fromkeys(parties.values()), UNEXPLAINED, CANNOT_TELL)
    parts = np.zeros((len(names), len(start)), np.int64)
    parts[0], parts[3] = held, closed
    parts[1], parts[2] = np.where(several, 0, earlier), np.where(several, 0, busy - earlier)
    parts[-1] = np.where(several, busy, 0)
    whose = _whose(log, parties, names)
    whose[~named & (whose == len(names) - 2)] = len(names) - 1
    np.add.at(parts, (whose, np.arange(len(start))), rest)
    known = ~is_first(log.offset) | (log.about.arrival is not None)
    return Waits(names, parts, wait, since, known, named, several, shut.own, shut.of >= 0)


def begins(log: EventLog) -> Ints:
    """When each event began; a LogError where the log does not say, or steps were left out."""
    need_steps(log)
    if log.start is None or (len(log.time) and np.array_equal(log.start, log.time)):
        raise LogError(
            "This log has one time for each event, so working and waiting cannot be told apart, and no wait has a cause. "
            "Name the column in which an event's beginning stands (Columns(start=...)); until then ask bottlenecks(log) "
            "where the time goes, or handovers(log, of) between whom."
        )
    return log.start


def undated(log: EventLog, since: Ints) -> Flags:
    """Events of whose beginning, or of whose enabler, only the date is known: within a day nobody is busy or free."""
    if log.about.precision == "day":
        return np.ones(len(log.time), bool)
    if log.dated is None:
        return np.zeros(len(log.time), bool)
    either: Flags = log.dated | np.append(log.dated, False)[since]
    return either


def parties_of(log: EventLog, tags: Mapping[str, str] | None) -> dict[str, str]:
    """Step -> the party whose time its unexplained wait is: those of the spec tagged as such, and those named here."""
    told = {step: OTHERS for step, who in log.about.tags.items() if who == OTHERS}
    for step, party in (tags or {}).items():
        if party in (*CAUSES, UNEXPLAINED, CANNOT_TELL) or not party.strip():
            raise ValueError(f"tags: {party!r} is no party; name who has the case then, such as applicant or court.")
        told |= {log.about.activities[int(code)]: party for code in codes_of(log.about, step)}
    return told


def _whose(log: EventLog, parties: Mapping[str, str], names: tuple[str, ...]) -> Ints:
    """Per event: the place among `names` of what nothing else explains."""
    of_step = [names.index(parties[step], 4) if step in parties else len(names) - 2 for step in log.about.activities]
    return np.array(of_step, np.int64)[log.activity]


@dataclass(frozen=True, eq=False)
class Look:
    """One log, read for causes: who did what, from when it was possible, and when its resource was away."""

    log: EventLog
    who: Ints
    possible: Ints
    start: Ints
    shut: Closures
    clock: Clock

    def several(self) -> Flags:
        """Per event: whether its resource mostly begins things while others are going on: a team under one name."""
        known = np.flatnonzero(self.who >= 0)
        lane = self.who[known]
        alone = _together(lane, self.start[known], self.log.time[known])
        crowded = (crowd(lane, self.start[known], self.log.time[known]) > 0) & ~alone
        n, many = np.bincount(lane, minlength=1), np.bincount(lane, crowded, minlength=1)
        flags = np.zeros(len(self.who), bool)
        flags[known] = (many > SEVERAL * n)[lane]
        return flags

    def gathered(self, several: Flags) -> Ints:
        """Per event: when the last of its batch became possible; its own moment where it is in no batch."""
        upto = self.possible.copy()
        here = np.flatnonzero((self.who >= 0) & ~several)
        group = self.who[here] * len(self.log.about.activities) + self.log.activity[here]
        here = here[np.lexsort((here, self.log.time[here], self.start[here], group))]
        group = self.who[here] * len(self.log.about.activities) + self.log.activity[here]
        run = runs(group, self.possible[here], self.start[here], self.log.time[here], GAP)
        for run_of, whole in ((run, self._chosen), (_at_once(group, self.start[here], self.log.time[here]), None)):
            first = np.flatnonzero(np.diff(run_of, prepend=-1))
            size = np.diff(np.append(first, len(run_of)))
            if not len(first):
                return upto
            last = np.maximum.reduceat(self.possible[here], first)
            least = np.minimum.reduceat(self.possible[here], first)
            batch = (size > 1) & (last > least)
            if whole is not None:
                batch &= whole(here, group, first, size, least, last)
            upto[here] = np.where(batch[run_of], np.maximum(upto[here], last[run_of]), upto[here])
        return np.minimum(upto, self.start)

    def _chosen(self, here: Ints, group: Ints, first: Ints, size: Ints, least: Ints, last: Ints) -> Flags:
        """Runs that were kept waiting on purpose: the resource had time for them, and took most of those that waited."""
        lane = self.who[here[first]]
        there = self._free(lane, self.shut.of[here[first]], least, last) >= HELD * (last - least)
        order = np.lexsort((self.possible[here], group))
        rank = np.empty(len(here), np.int64)
        rank[order] = np.arange(len(here))
        limit = search(group[order], self.possible[here][order], group[first], last, "right")
        end = np.searchsorted(group, group[first], "right")
        begun_later = sum_below(rank, np.ones(len(here), np.int64), first + size, end, limit)
        oldest = begun_later <= PASSED * size
        chosen = there & oldest & (size > 1) & (last > least)
        batches: Flags = chosen | (oldest & self._habit(here, group, first, size, chosen))
        return batches

    def _habit(self, here: Ints, group: Ints, first: Ints, size: Ints, chosen: Flags) -> Flags:
        """Runs of a step that its resource mostly does in batches: these are batches also where it had no time before."""
        number = np.cumsum(np.diff(group, prepend=-1) != 0) - 1
        n = np.bincount(number)
        gathered = np.bincount(number[first], np.where(chosen, size, 0), len(n))
        alone = (size == 1) & (self.start[here[first]] == self.possible[here[first]])
        at_once = np.bincount(number[first], alone, len(n))
        habit = (gathered >= MOSTLY * n) & (at_once <= SELDOM * n)
        mostly: Flags = habit[number[first]]
        return mostly

    def _free(self, lane: Ints, calendar: Ints, begin: Ints, end: Ints) -> Ints:
        """How long a resource was there and not busy, in calendar time."""
        from procmine.clocks import CALENDAR_TIME

        return replace_clock(self, CALENDAR_TIME)._idle(lane, calendar, begin, end)

    def _idle(self, lane: Ints, calendar: Ints, begin: Ints, end: Ints) -> Ints:
        lanes = Lanes.of(self, lane, calendar)
        one, read, closed = lanes.number, lanes.times(begin, end), lanes.closed(begin, end)
        away = closed.end - closed.begin - busy_within(lanes.busy, one, begin, end, closed)
        return read.end - read.begin - busy_within(lanes.busy, one, begin, end, read) - away

    def measure(self, upto: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
        """Held, busy, busy with what was possible no later, closed while not busy, and all: microseconds of the clock."""
        lanes = Lanes.of(self, self.who, self.shut.of)
        read, closed = lanes.times(upto, self.start), lanes.closed(upto, self.start)
        asked = (lanes.busy, lanes.number, upto, self.start)
        limit = np.searchsorted(np.sort(self.possible), self.possible, "right")
        busy = busy_within(*asked, read)
        earlier = busy_within(*asked, read, limit)
        away = closed.end - closed.begin - busy_within(*asked, closed)
        opened = self.clock.read(self.possible, np.zeros(len(upto), np.int64), self.log)
        return read.begin - opened, busy, earlier, away, read.end - opened


def replace_clock(look: Look, clock: Clock) -> Look:
    return Look(look.log, look.who, look.possible, look.start, look.shut, clock)


@dataclass(frozen=True, eq=False)
class Lanes:
    """What a resource does, once for each calendar under which its work is asked about: `number` is each stretch's lane."""

    look: Look
    number: Ints
    calendar: Ints  # of each stretch
    busy: Busy
    of_piece: Ints  # calendar of each piece

    @classmethod
    def of(cls, look: Look, who: Ints, calendar: Ints) -> Lanes:
        width = int(calendar.max(initial=0)) + 2
        keys, number = np.unique(who * width + calendar + 1, return_inverse=True)
        lane = np.flatnonzero(keys // width >= 0)
        order = np.argsort(look.who, kind="stable")
        low, high = (np.searchsorted(look.who[order], keys[lane] // width, side) for side in ("left", "right"))
        each = np.repeat(low - np.cumsum(high - low) + (high - low), high - low) + np.arange((high - low).sum())
        event, lanes = order[each], np.repeat(lane, high - low)
        rank = np.searchsorted(np.sort(look.possible), look.possible, "left")
        busy = Busy.of(lanes, look.start[event], look.log.time[event], rank[event])
        return cls(look, number, calendar, busy, keys[busy.lane] % width - 1)

    def times(self, begin: Ints, end: Ints) -> Read:
        """What the clock shows."""
        log, clock = self.look.log, self.look.clock
        moments = (self.busy.left, self.busy.right, begin, end)
        return Read(*(clock.read(one, np.zeros(len(one), np.int64), log) for one in moments))

    def closed(self, begin: Ints, end: Ints) -> Read:
        """How long, by the clock, the calendar had been closed."""
        moments = (self.busy.left, self.busy.right, begin, end)
        calendars = (self.of_piece, self.of_piece, self.calendar, self.calendar)
        log, clock = self.look.log, self.look.clock
        upto = self.look.shut.upto(np.concatenate(moments), np.concatenate(calendars), clock, log)
        return Read(*np.split(upto, np.cumsum([len(one) for one in moments[:3]])))


def _together(lane: Ints, begin: Ints, end: Ints) -> Flags:
    """Events that begin and end at the very moments of another of their lane."""
    order = np.lexsort((end, begin, lane))
    same = np.zeros(len(lane), bool)
    one, two = order[:-1], order[1:]
    alike = (lane[one] == lane[two]) & (begin[one] == begin[two]) & (end[one] == end[two])
    same[one[alike]] = same[two[alike]] = True
    return same


def _at_once(group: Ints, begin: Ints, end: Ints) -> Ints:
    """Numbers, in the order given, of events of a group that share their beginning and their end, and take time."""
    new = np.ones(len(group), bool)
    new[1:] = (group[1:] != group[:-1]) | (begin[1:] != begin[:-1]) | (end[1:] != end[:-1]) | (end[1:] == begin[1:])
    return np.cumsum(new) - 1
