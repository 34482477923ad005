"""Which waits are looked at: from where to where, how long each was followed, and from which day on all are in the log."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import week_of
from procmine.kernels.contrast import complete_since
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints, following
from procmine.kernels.survival import kaplan_meier
from procmine.log import Clock, EventLog, LogError, codes_of
from procmine.see.times import Milestone, first, milestone
from procmine.words import Message, Span, Value

Wait = str | tuple[str | Milestone, str | Milestone] | None
LEAST_WEEKS, LEAST_WAITS = 26, 200
LOOKING_BACK = 28 * 86_400_000_000  # how far the arrivals before a wait are counted
BURN_IN = 0.95  # of the waits began within so long after their case did


@dataclass(frozen=True, eq=False)
class Waits:
    """One entry a wait, in the order in which they began, and what the wait is called.

    `case` (number), `since` (place of the event with which it began, -1: the arrival), `begun` and `ended` (microseconds of
    the log's axis), `length` (of the clock, up to the end of watching), `over`: whether it has ended.
    """

    case: Ints
    since: Ints
    begun: Ints
    ended: Ints
    length: Ints
    over: NDArray[np.bool_]
    said: Message

    def take(self, rows: Ints) -> Waits:
        names = ("case", "since", "begun", "ended", "length", "over")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def waits_of(log: EventLog, step: Wait, clock: Clock) -> Waits:
    """All waits of one kind: of whole cases, from one milestone to another, or before a step, which is from the step that
    most often comes directly before it. A wait is over when its end is reached or its case has closed."""
    if step is None:
        since, end = np.full(len(log), -1, np.int64), np.full(len(log), -1, np.int64)
        here, said = np.arange(len(log)), Message("drivers.of.case")
    else:
        begin, stop = _ends(log, step)
        since = begin.place(log)
        end = stop.place(log, since)
        here = np.flatnonzero(since >= 0)
        said = Message("drivers.of.step", {"start": begin.step, "stop": stop.step})
    return _in_order(log, here, since[here], end[here], clock, said)


def _in_order(log: EventLog, case: Ints, since: Ints, end: Ints, clock: Clock, said: Message) -> Waits:
    begun = np.where(since >= 0, np.append(log.time, 0)[since], log.arrival[case])
    ended = np.where(end >= 0, np.append(log.time, 0)[end], log.until[case])
    length = clock.read(ended, case, log) - clock.read(begun, case, log)
    over = (end >= 0) | ~log.open[case]
    return Waits(case, since, begun, ended, length, over, said).take(np.argsort(begun, kind="stable"))


def _ends(log: EventLog, step: str | tuple[str | Milestone, str | Milestone]) -> tuple[Milestone, Milestone]:
    if isinstance(step, str):
        return first(usual_before(log, step)), first(step)
    begin, stop = (milestone(one) for one in step)
    for one in (begin, stop):
        codes_of(log.about, one.step)
    return begin, stop


def usual_before(log: EventLog, step: str) -> str:
    """The activity that most often comes directly before a step (or a stage), from outside it."""
    codes, size = codes_of(log.about, step), len(log.about.activities)
    before, after = np.divmod(following(log.activity, log.offset, size)[0], max(size, 1))
    count = np.bincount(before[np.isin(after, codes) & ~np.isin(before, codes)], minlength=size)
    if not count.any():
        raise LogError(f"Nothing comes before {step!r} in this log, so there is no wait before it. Name another step.")
    return log.about.activities[int(np.argmax(count))]


@dataclass(frozen=True, eq=False)
class Followed:
    """The waits that began on days from which all are in the log, and long enough ago to be followed for `horizon`."""

    waits: Waits
    horizon: int  # microseconds of the clock

    @property
    def value(self) -> NDArray[np.float64]:
        """Seconds waited; longer than the horizon counts as the horizon."""
        return np.minimum(self.waits.length, self.horizon) / SECOND


def followed(log: EventLog, waits: Waits, horizon: float | None, clock: Clock) -> Followed:
    """LogError where too few are left to tell anything."""
    if not len(waits.case):
        raise LogError("No case has begun this wait. Name steps that cases come to.")
    since = _complete(log, waits)
    seen = waits.take(np.flatnonzero(waits.begun >= since))
    cutoff = clock.read(np.full(len(seen.case), log.about.cutoff), seen.case, log)
    watched = cutoff - clock.read(seen.begun, seen.case, log)
    limit = _horizon(seen, watched, clock) if horizon is None else round(horizon * clock.day * SECOND)
    kept = seen.take(np.flatnonzero(watched >= limit))
    weeks = len(np.unique(week_of(kept.begun)))
    if limit <= 0 or weeks < LEAST_WEEKS or len(kept.case) < LEAST_WAITS:
        values: dict[str, Value] = {"n": len(kept.case), "weeks": weeks, "horizon": Span(limit / SECOND, clock.day)}
        least: dict[str, Value] = {"least": LEAST_WAITS, "least_weeks": LEAST_WEEKS}
        raise LogError(Message("drivers.too_few", {**values, **least}).say())
    return Followed(kept, limit)


def _complete(log: EventLog, waits: Waits) -> int:
    """From when on all waits are in the log, and all arrivals of the weeks before them."""
    since = log.about.complete_from
    if since is None:
        week = week_of(log.arrival)
        count = np.bincount(week - week.min()).astype(np.float64)
        since = (int(week.min()) + complete_since(count)) * 7 * 86_400_000_000 - 3 * 86_400_000_000
    into = waits.begun - log.arrival[waits.case]
    return since + LOOKING_BACK + int(np.quantile(into, BURN_IN))


def _horizon(waits: Waits, watched: Ints, clock: Clock) -> int:
    """When 9 of 10 waits are over, in whole days, but at most half of the time from the first of them to the cutoff."""
    if not len(watched):
        return 0
    ended, waiting = (
        Durations.of(np.zeros(int(one.sum()), np.int64), waits.length[one], 1) for one in (waits.over, ~waits.over)
    )
    reached = float(np.mean(kaplan_meier(ended, waiting).quantile(0.9)))
    day, most = clock.day, float(watched.max()) / SECOND / 2
    limit = most if np.isnan(reached) else min(np.ceil(reached / day) * day, most)
    return round(limit * SECOND)
