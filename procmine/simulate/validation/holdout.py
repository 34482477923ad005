"""Hold-out: a log as it stood on a day, and what came after that day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.distances import Instances
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.sampler import NEVER, Floats
from procmine.kernels.scores import Steps
from procmine.log import EventLog, day_of, end_of_day, shown

DAY = 86_400_000_000
WEEK = 7 * DAY
FIRST, LAST = 0.4, 0.7  # parts of the log's time before the first and the last origin
LEAST_KNOWN, LEAST_ENDED, LEAST_NEW = 100, 30, 30  # cases before an origin, ended ones of them, cases after it


@dataclass(frozen=True, eq=False)
class Fates:
    """When some cases came, and when they ended as far as seen (NEVER: not)."""

    arrival: Ints
    ended: Ints


@dataclass(frozen=True, eq=False)
class Origin:
    """The end of a day, `known` at it, and `seen` = the same log `end - begin` later."""

    day: str
    begin: int
    end: int
    known: EventLog
    seen: EventLog

    @classmethod
    def of(cls, log: EventLog, day: str, until: str) -> Origin:
        ends = min(end_of_day(log.about, until), log.about.cutoff)
        return cls(day, end_of_day(log.about, day), ends, log.cut_to(day), log.cut_to(until))

    @property
    def ahead(self) -> int:
        return self.end - self.begin

    @cached_property
    def new(self) -> Ints:
        """Cases of `seen` that came after the day."""
        return np.flatnonzero(self.seen.arrival > self.begin)

    @cached_property
    def going(self) -> Ints:
        """Cases of `seen` that were open at the day's end, in the order of the open ones of `known`."""
        place = np.full(int(self.seen.case.codes.max(initial=-1)) + 1, -1)
        place[self.seen.case.codes] = np.arange(len(self.seen))
        return place[self.known.case.codes[self.known.open]]

    def fates(self, cases: Ints) -> Fates:
        ended = np.where(self.seen.open, NEVER, self.seen.until)
        return Fates(self.seen.arrival[cases], ended[cases])

    @cached_property
    def history(self) -> Steps:
        """Time from arrival to the end, as known at the day."""
        known = self.known
        return Steps.seen((known.until - known.arrival).astype(np.float64), ~known.open)

    @cached_property
    def instances(self) -> Instances:
        """What happened to the new cases."""
        log = self.seen.take(self.new)
        return moments(log, cases_of(log.offset), log.activity, log.time)

    @property
    def enough(self) -> bool:
        known = self.known
        ended = int((~known.open).sum())
        return len(known) >= LEAST_KNOWN and ended >= LEAST_ENDED and len(self.new) >= LEAST_NEW

    def replay(self, random: np.random.Generator) -> Instances:
        """The case bootstrap: arrivals of the same length of time before, moved by whole weeks, each with what happened to
        a case that had then been watched long enough, drawn anew.
        """
        known = self.known
        shift = -(-self.ahead // WEEK) * WEEK
        came = known.arrival[known.arrival > self.begin - shift] + shift
        came = random.choice(came[came <= self.end], int((came <= self.end).sum())) if len(came) else came
        like = self._watched_long_enough(self.end - came, random)
        part = known.take(like)
        moved = part.time + np.repeat(came - part.arrival, np.diff(part.offset))
        kept = moved <= self.end
        return moments(known, cases_of(part.offset)[kept], part.activity[kept], moved[kept])

    def _watched_long_enough(self, need: Ints, random: np.random.Generator) -> Ints:
        watched = np.sort(self.begin - self.known.arrival)[::-1]
        order = np.argsort(self.known.arrival, kind="stable")  # the longest watched first
        enough = np.maximum(np.searchsorted(-watched, -need, side="right"), min(20, len(order)))
        return order[(random.random(len(need)) * enough).astype(np.int64)]


def moments(log: EventLog, case: Ints, activity: NDArray[np.integer[Any]], time: Ints) -> Instances:
    """Events for distances, each at one moment of the wall clock; the steps of both logs have the codes of `log`."""
    wall = shown(log.about, time).astype(np.int64)
    return Instances(np.unique(case, return_inverse=True)[1], activity.astype(np.int64), wall, wall)


def origins_of(log: EventLog, origins: int, ahead: int | None) -> list[Origin]:
    """Days from which the log is foretold, evenly from FIRST to LAST of its time (the last: not nearer to its end than
    `ahead` days); those with too few cases before or after are left out.
    """
    begins, cutoff = int(log.arrival.min()), log.about.cutoff
    span = cutoff - begins
    length = round((1 - LAST) * span) if ahead is None else ahead * DAY
    last = cutoff - length
    first = min(begins + round(FIRST * span), last)
    found = []
    for moment in np.unique(np.linspace(first, last, origins).astype(np.int64)):
        day, until = day_of(log.about, int(moment) - DAY), day_of(log.about, int(moment) - DAY + length)
        if int(moment) - DAY <= begins:
            continue
        origin = Origin.of(log, day, until)
        if origin.enough:
            found.append(origin)
    return found


def weekly(fates: Fates, begin: int, end: int) -> dict[str, Floats]:
    """Figures of each whole week after the origin, as an office would count them: new cases, ends, open at the week's end,
    and of the cases that ended in it the mean time and the time by which half of them had (days; nan: below 5 ends).
    """
    weeks = (end - begin) // WEEK
    week = np.where(fates.ended < NEVER, (fates.ended - begin) // WEEK, weeks)
    inside = (week >= 0) & (week < weeks)
    came = (fates.arrival - begin) // WEEK
    ended = np.bincount(week[inside], minlength=weeks)
    new = np.bincount(came[(came >= 0) & (came < weeks) & (fates.arrival > begin)], minlength=weeks)
    there = int((fates.arrival <= begin).sum())
    days = (fates.ended - fates.arrival)[inside] / DAY
    times = [np.sort(days[week[inside] == one]) for one in range(weeks)]
    return {
        "new": new.astype(np.float64),
        "ended": ended.astype(np.float64),
        "open": (there + np.cumsum(new) - np.cumsum(ended)).astype(np.float64),
        "mean": np.array([one.mean() if len(one) >= 5 else np.nan for one in times]),
        "half": np.array([np.median(one) if len(one) >= 5 else np.nan for one in times]),
    }
