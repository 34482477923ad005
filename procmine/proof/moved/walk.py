"""Walk: the stretches of time of which each watched case is made, from one step to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.kernels.flow import Ints, cases_of
from procmine.log import Clock, EventLog
from procmine.proof.cohorts import WAITING, Cohort, Flags, Plan, Watched


@dataclass(frozen=True, eq=False)
class Walk:
    """Stretches case by case, in order; those of a case fill its time from entry to the end of its wait, or of watching.

    Of n activities, the stretch before the first step comes from n; a last one goes to n where the wait is over, to n + 1
    where it goes on. `spent` is microseconds of the clock; `age` and `lasted` of the calendar: how long after its entry the
    case came to `before`, and how long it stayed. `entry`, `week`, `whole` (on the clock), `over` and `steps` are per case.
    """

    log: EventLog
    entry: Ints
    week: Ints
    whole: Ints
    over: Flags
    steps: Ints
    case: Ints
    before: Ints
    after: Ints
    spent: Ints
    age: Ints
    lasted: Ints

    @property
    def first(self) -> Ints:
        """The places of stretches that are the first of their case after that step."""
        span = int(self.before.max(initial=0)) + 1
        return np.sort(np.unique(self.case * span + self.before, return_index=True)[1])

    def held(self, place: Ints, watched: Ints, clock: Clock) -> Ints:
        """Of these stretches: how much of the clock the first so many microseconds of the calendar take."""
        case = self.case[place]
        begin = self.entry[case] + self.age[place]
        found: Ints = clock.read(begin + watched, case, self.log) - clock.read(begin, case, self.log)
        return found

    @classmethod
    def of(cls, log: EventLog, cohort: Cohort, plan: Plan, clock: Clock, steps: tuple[int, ...]) -> Walk:
        """The cases that the plan compares, among `steps` (codes): others are passed over, their time stays."""
        entry, member = cohort.enter(log)
        week = plan.week(entry)
        here = np.flatnonzero(member & plan.kept(week))
        part, entry = log.take(here), entry[here]
        seen = cohort.watch(part, entry, entry + plan.horizon)
        place = np.flatnonzero(_inside(part, cohort, seen) & np.isin(part.activity, steps))
        return _walk(part, seen, place, clock, week[here])


def _inside(log: EventLog, cohort: Cohort, seen: Watched) -> Flags:
    """Per event: whether it lies in the wait that is watched, both ends included."""
    of, place = cases_of(log.offset), np.arange(len(log.time))
    inside: Flags = (log.time >= seen.entry[of]) & (log.time <= seen.until[of])
    began = None if cohort.start is None else cohort.start.place(log)
    if began is not None:
        inside &= place >= began[of]
    if cohort.stop is not None:
        ended = np.where(seen.cause == 0, cohort.stop.place(log, began), len(place))
        inside &= place <= ended[of]
    return inside


def _walk(log: EventLog, seen: Watched, place: Ints, clock: Clock, week: Ints) -> Walk:
    cases, none = np.arange(len(log)), len(log.about.activities)
    of = cases_of(log.offset)[place]
    over = seen.cause != WAITING
    case = np.concatenate((of, cases))
    order = np.argsort(case, kind="stable")
    case = case[order]
    after = np.concatenate((log.activity[place].astype(np.int64), np.where(over, none, none + 1)))[order]
    starts = np.searchsorted(case, cases)
    before = np.roll(after, 1)
    before[starts] = none
    begun, ended = (clock.read(one, cases, log) for one in (seen.entry, seen.until))
    spent, _ = _lengths(begun, clock.read(log.time[place], of, log), ended, order, starts)
    lasted, age = _lengths(seen.entry, log.time[place], seen.until, order, starts)
    steps = np.bincount(of, minlength=len(cases))
    return Walk(
        log, seen.entry, week, ended - begun, over, steps, case, before, after, spent, age - seen.entry[case], lasted
    )


def _lengths(entry: Ints, time: Ints, until: Ints, order: Ints, starts: Ints) -> tuple[Ints, Ints]:
    """Of each stretch: its length, and the moment at which it begins."""
    end = np.concatenate((time, until))[order]
    begin = np.roll(end, 1)
    begin[starts] = entry
    return end - begin, begin
