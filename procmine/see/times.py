"""Times: how long finished cases took, how long cases stay after each step, and how long it is between milestones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import finished_weekly
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints, first_match, is_first, last_match, step_match
from procmine.kernels.gaps import AGES, Gaps, Watched, age_bin, gap_curve
from procmine.kernels.influence import reach
from procmine.kernels.partial import Partial
from procmine.kernels.survival import in_turn
from procmine.log import Clock, EventLog, Log, Summary, codes_of, in_memory, shown
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.survival import (
    FIRST_WEEK,
    LEAST_WEEKS,
    SHARES,
    WEEKS,
    Between,
    SurvivalPart,
    entry_weeks,
    interval,
    of_times,
    quantile_rows,
)
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class CycleTimes(Result):
    """One row (a group): n (int) finished cases; open (int) cases, not in the times; mean, p50, p80, p95 (timedelta64[s])
    of last event - arrival; mean_low, mean_high, p50_low, p50_high: where these likely lie (95%, from sums over entry weeks,
    NaT below 20 weeks).
    """

    meaning = "define.cycle_times"

    def findings(self) -> Sequence[Message]:
        one = {name: column[0] for name, column in self.rows.items()}
        if not one["n"]:
            return [Message("times.none", {"open": int(one["open"])})]
        spans = {name: Span(seconds(one[name]), self.day) for name in ("mean", "p50", "p80")}
        told = Message("times.middle", {"n": int(one["n"]), **spans})
        return [told, *([Message("times.open", {"open": int(one["open"])})] if one["open"] else [])]


MIDDLES = (0.5, 0.8, 0.95)


@dataclass(frozen=True, eq=False)
class CyclePart(Partial):
    finished: Durations  # keyed by entry week
    open: NDArray[np.int64]  # one number


@dataclass(frozen=True)
class CycleSummary(Summary[CyclePart, CycleTimes]):
    clock: Clock = CALENDAR_TIME

    def of(self, log: EventLog) -> CyclePart:
        times = log.times(self.clock)
        length = finished_weekly(log.arrival, times.arrival, times.until, log.open, FIRST_WEEK, WEEKS)
        return CyclePart(Durations.of(*length, WEEKS), np.array([log.open.sum()], np.int64))

    def rows(self, partial: CyclePart, about: About) -> Rows:
        whole = partial.finished.whole()
        n = whole.n()
        shares = {f"p{round(100 * p)}": column for p, column in zip(MIDDLES, whole.quantiles(MIDDLES))}
        none = Durations.of(np.empty(0, np.int64), np.empty(0, np.int64), partial.finished.keys)
        low, high = interval(SurvivalPart.from_start(partial.finished, none, none))
        half = int(np.flatnonzero(np.isclose(SHARES, 0.5))[0])
        mean = partial.finished.total().sum(keepdims=True) / np.where(n, n, np.nan)
        ranges = {**mean_range(partial.finished), "p50_low": low[[half]], "p50_high": high[[half]]}
        lengths = {"mean": mean, **shares, **ranges}
        return {"n": n, "open": partial.open, **{name: timedeltas(column) for name, column in lengths.items()}}

    def result(self, rows: Rows, about: About, exact: bool) -> CycleTimes:
        return CycleTimes(rows, about, exact, self.arguments)


def mean_range(finished: Durations) -> dict[str, NDArray[np.float64]]:
    """Seconds between which the mean likely lies: a ratio of weekly sums, linearised, on the log scale."""
    weeks = np.flatnonzero(finished.n())
    if len(weeks) < LEAST_WEEKS:
        return {"mean_low": np.array([np.nan]), "mean_high": np.array([np.nan])}
    every = np.arange(weeks[0], weeks[-1] + 1)
    total, n = finished.total()[every], finished.n()[every]
    mean = total.sum() / n.sum()
    counted = np.array([n.sum() ** 2 / (n.astype(np.float64) ** 2).sum()])
    wide = np.exp(reach((total - mean * n)[:, None] / n.sum(), counted) / max(mean, 1e-300))
    return {"mean_low": mean / wide, "mean_high": mean * wide}


def cycle_times(
    log: Log, *, by: Sequence[str] = (), period: Period | None = None, clock: Clock = CALENDAR_TIME
) -> CycleTimes:
    """How long finished cases took. Short ones finish first: with open cases in the log, `survival` is the fair answer."""
    return ask(log, CycleSummary(clock), by, period)


@dataclass(frozen=True, eq=False)
class StepTimes(Result):
    """One row per step: how long cases stay after it until the next step, whichever comes; longest in the middle first.

    step (text); n (int): times the step was reached by a case that went on or is open; open (int) of them still there;
    p50, p80, p90 (timedelta64[s], NaT: not reached): cases still there counted as waiting (Kaplan-Meier, weighted by how many
    cases could have been seen at that age); p50_low, p50_high: where half likely lies (95%, from sums by the week in which
    cases began; NaT below 20 weeks, high also where half is not reached).
    """

    meaning = "define.step_times"

    def findings(self) -> Sequence[Message]:
        known = np.flatnonzero(~np.isnat(self.rows["p50"]))
        if not len(known):
            return [Message("step_times.none")]
        one = {name: column[known[0]] for name, column in self.rows.items()}
        values: dict[str, Value] = {"step": str(one["step"]), "n": int(one["n"]), "open": int(one["open"])}
        spans = {name: Span(seconds(one[name]), self.day) for name in SPANS if not np.isnat(one[name])}
        key = "step_times.top.range" if len(spans) == len(SPANS) else "step_times.top"
        return [Message(key, {**values, **spans})]


SPANS = ("p50", "p50_low", "p50_high")


@dataclass(frozen=True, eq=False)
class StepPart(Partial):
    """`left` and `open`: keyed by (step * WEEKS + week in which the case began) * AGES + bin of its age at the step."""

    left: Durations
    open: Durations
    watched: Durations  # from arrival to the cutoff, of all cases
    totals: NDArray[
        np.float64
    ]  # of all cases: calendar time, time of the clock, how many began before the log is complete


@dataclass(frozen=True)
class StepSummary(Summary[StepPart, StepTimes]):
    clock: Clock = CALENDAR_TIME

    def of(self, log: EventLog) -> StepPart:
        k, since = len(log.about.activities), log.about.complete_from
        times = log.times(self.clock)
        long = np.diff(log.offset)
        key = np.repeat(entry_weeks(log.arrival) * AGES, long)
        key += age_bin(log.time - np.repeat(log.arrival, long))
        key += log.activity * np.int64(WEEKS * AGES)
        seen = np.ones(len(key), bool) if since is None else log.time >= since
        went_on = np.flatnonzero(~is_first(log.offset)) - 1
        went_on = went_on[seen[went_on]]
        here = np.flatnonzero(log.open & (np.diff(log.offset) > 0))
        here = here[seen[log.offset[here + 1] - 1]]
        left = Durations.of(key[went_on], times.since_previous()[went_on + 1], WEEKS * AGES * k)
        waiting = Durations.of(key[log.offset[here + 1] - 1], times.tail()[here], WEEKS * AGES * k)
        watched = np.maximum(log.about.cutoff - log.arrival, 0)
        before = 0 if since is None else np.count_nonzero(log.arrival < since)
        whole = (log.until - log.arrival).sum(dtype=float), (times.until - times.arrival).sum(dtype=float), before
        return StepPart(left, waiting, Durations.of(np.zeros(len(log), np.int64), watched, 1), np.array(whole, float))

    def rows(self, partial: StepPart, about: About) -> Rows:
        k = len(about.activities)
        calendar, clock, before = partial.totals
        pace = calendar / clock if clock > 0 else 1.0
        lengths = np.repeat(partial.watched.value, partial.watched.count) / SECOND
        watched = Watched(lengths, weighted=not before and len(partial.open.key) > 0)
        kinds = list(zip(*(in_turn(kind, k) for kind in (partial.left, partial.open))))
        found = [code for code, (left, still) in enumerate(kinds) if len(left.key) or len(still.key)]
        told = [_told(Gaps.of(left, still), watched, pace) for left, still in (kinds[code] for code in found)]
        rows: dict[str, NDArray[Any]] = {"step": np.array(about.activities, object)[found]}
        rows["n"], rows["open"] = (np.array([sum(int(kind.count.sum()) for kind in kinds[code][first:]) for code in found],
                                            np.int64) for first in (0, 1))  # fmt: skip
        columns = np.array(told).reshape(-1, len(TOLD)).T
        rows |= {name: timedeltas(column) for name, column in zip(TOLD, columns)}
        order = np.argsort(-np.nan_to_num(columns[0], nan=np.inf), kind="stable")
        return {name: column[order] for name, column in rows.items()}

    def result(self, rows: Rows, about: About, exact: bool) -> StepTimes:
        return StepTimes(rows, about, exact, self.arguments)


TOLD = ("p50", "p50_low", "p50_high", "p80", "p90")


def _told(gaps: Gaps, watched: Watched, pace: float) -> list[float]:
    """Seconds of one step, in the order of TOLD."""
    curve = gap_curve(gaps, watched, pace, LEAST_WEEKS)
    return [curve.quantile(0.5), *curve.middle(), curve.quantile(0.8), curve.quantile(0.9)]


def step_times(
    log: Log, *, by: Sequence[str] = (), period: Period | None = None, clock: Clock = CALENDAR_TIME
) -> StepTimes:
    """How long cases stay after each step; assumes that a case that has not gone on yet is like others of its age.

    Slow cases come to a step late and are watched there for the shortest time: ages that few cases could have come to by the
    cutoff count the more. In a log that holds cases begun before `complete_from`, times count from that day on.
    """
    return ask(log, StepSummary(clock), by, period)


@dataclass(frozen=True)
class Milestone:
    """The first or the last time that a step (an activity or a stage) happens in a case."""

    step: str
    which: Literal["first", "last"]

    def place(self, log: EventLog, since: Ints | None = None) -> Ints:
        """Per case: position of the milestone, or -1; with `since`, at or after the moment of that event of the case.

        Times decide, not positions: of two events on one day, dates alone, either may have come first. The event `since`
        itself does not count; a case without one (-1) has no milestone.
        """
        steps = codes_of(log.about, self.step)
        if since is None:
            return step_match(log.activity, log.offset, steps, last=self.which == "last")
        wanted = np.isin(log.activity, steps)
        begun = np.full(len(since), np.iinfo(np.int64).max)
        begun[since >= 0] = log.time[since[since >= 0]]
        wanted &= log.time >= np.repeat(begun, np.diff(log.offset))
        wanted[since[since >= 0]] = False
        match = first_match if self.which == "first" else last_match
        return match(wanted, log.offset)


def first(step: str) -> Milestone:
    return Milestone(step, "first")


def last(step: str) -> Milestone:
    return Milestone(step, "last")


def milestone(step: str | Milestone) -> Milestone:
    """Where a name alone stands, its first time is meant."""
    return Milestone(step, "first") if isinstance(step, str) else step


@dataclass(frozen=True)
class BetweenSummary(Summary[SurvivalPart, Between]):
    start: Milestone
    stop: Milestone
    clock: Clock = CALENDAR_TIME

    def of(self, log: EventLog) -> SurvivalPart:
        begin = self.start.place(log)
        end = self.stop.place(log, begin)
        times = log.times(self.clock)
        reached = end >= 0
        stop = times.until.copy()
        stop[reached] = times.time[end[reached]]
        here = np.flatnonzero(begin >= 0)
        length = stop[here] - times.time[begin[here]]
        return of_times(log, here, log.time[begin[here]], length, reached[here], self.clock)

    def rows(self, partial: SurvivalPart, about: About) -> Rows:
        return quantile_rows(partial)

    def result(self, rows: Rows, about: About, exact: bool) -> Between:
        return Between(rows, about, exact, self.arguments)


def time_between(
    log: Log,
    start: str | Milestone,
    stop: str | Milestone,
    *,
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
) -> Between:
    """Time from one milestone to another, in cases that reached the first; those not yet at the second are counted.

    The second counts from the moment of the first on: an earlier one does not, one of the same moment does (0 days). A case
    that closed without the second is an end of another kind (Aalen-Johansen). `case_times` has a row per case.
    """
    begin, end = milestone(start), milestone(stop)
    for one in (begin, end):
        codes_of(log.about, one.step)
    return ask(log, BetweenSummary(begin, end, clock), by, period)


def case_times(
    log: Log, start: str | Milestone, stop: str | Milestone, *, clock: Clock = CALENDAR_TIME
) -> pd.DataFrame:
    """One row per case that reached `start`: case, start, stop (datetime64, NaT: not reached), elapsed (timedelta64), open.

    elapsed runs to the stop; while that is not reached, to the end of watching: then it is a lower bound in an open case.
    """
    import pandas as pd

    log = in_memory(log)
    begin = milestone(start).place(log)
    end = milestone(stop).place(log, begin)
    here = np.flatnonzero(begin >= 0)
    reached = end[here] >= 0
    times = log.times(clock)
    until = np.where(reached, times.time[end[here]], times.until[here])
    stopped = shown(log.about, log.time[end[here]])
    return pd.DataFrame(
        {
            "case": log.case.take(here).values(),
            "start": shown(log.about, log.time[begin[here]]),
            "stop": np.where(reached, stopped, np.datetime64("NaT")),
            "elapsed": (until - times.time[begin[here]]).astype("m8[us]"),
            "reached": reached,
            "open": log.open[here],
        }
    )
