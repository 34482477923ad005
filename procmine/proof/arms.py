"""Arms: the cases begun before and after a change, each watched equally long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import EntryWeeks
from procmine.kernels.contrast import Arm, Contrast, contrast, window
from procmine.kernels.durations import Durations
from procmine.kernels.flow import Ints
from procmine.kernels.influence import Influence, ends
from procmine.kernels.partial import Partial
from procmine.kernels.survival import Weekly
from procmine.log import Clock, EventLog, Summary, shown
from procmine.proof.cohorts import LEAST_AFTER, LEAST_BEFORE, LEAST_CASES, MIDDLE, WAITING, WEEKS, Cohort, Plan
from procmine.results import Result, Rows, timedeltas
from procmine.see.survival import LEAST_WEEKS, SHARES, SurvivalPart, quantile_rows
from procmine.words import Message

PERIODS = ("before", "after")
QUANTILES = (0.5, 0.8, 0.9)
CONTRASTS = ("difference", "low", "high", "visible")
NOTHING = Contrast(np.nan, np.nan, np.nan, np.nan)
LEAST_ENDED = 0.05  # of the waits, for their average to tell anything
NEUTRAL = ("weeks", "cases", "ended", "otherwise", "waiting")  # counts may be told however early it is
CASES, TIME, SQUARE, OTHERWISE, ENDS = range(5)  # columns of the sums by entry week; after the ends: still waiting


@dataclass(frozen=True, eq=False)
class Arms(Result):
    """One row per period ("before", "after"); columns as in `Comparison`."""

    meaning = "define.compare"

    def findings(self) -> Sequence[Message]:
        return [Message("compare.arms", dict(zip(PERIODS, map(int, self.rows["cases"]))))]


@dataclass(frozen=True, eq=False)
class ArmsPart(Partial):
    """By entry week, counted from the change: waits, counted up to the time of watching, and sums."""

    ended: Durations
    otherwise: Durations
    waiting: Durations
    weeks: EntryWeeks  # cases, seconds, their squares, cases closed otherwise, by what ended the wait, still waiting


@dataclass(frozen=True)
class ArmsSummary(Summary[ArmsPart, Arms]):
    """The cases of one cohort before and after, as `plan` says; `silent`: counts only, whatever there is."""

    cohort: Cohort
    plan: Plan
    clock: Clock = CALENDAR_TIME
    silent: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return self.cohort.columns

    def of(self, log: EventLog) -> ArmsPart:
        entry, member = self.cohort.enter(log)
        week = self.plan.week(entry)
        here = np.flatnonzero(member & self.plan.kept(week))
        seen = self.cohort.watch(log, entry, entry + self.plan.horizon)
        begun, until = (self.clock.read(time[here], here, log) for time in (entry, seen.until))
        return self._summed(week[here], until - begun, seen.cause[here], len(self.cohort.ends(log.about)))

    def _summed(self, week: Ints, length: Ints, cause: Ints, ends: int) -> ArmsPart:
        waiting = cause == WAITING
        reached = cause == 0 if self.cohort.stop else ~waiting
        kinds = (reached, ~reached & ~waiting, waiting)
        ended, otherwise, still = (Durations.of(week[kind] + MIDDLE, length[kind], WEEKS) for kind in kinds)
        time, one = length / 1e6, np.ones(len(week))
        columns = [np.full(len(week), at) for at in (CASES, TIME, SQUARE, OTHERWISE)]
        column = np.concatenate((*columns, ENDS + np.where(waiting, ends, cause)))
        values = np.concatenate((one, time, time**2, kinds[1], one))
        sums = EntryWeeks.of(np.tile(week, 5), column, values, ENDS + ends + 1)
        return ArmsPart(ended, otherwise, still, sums)

    def rows(self, partial: ArmsPart, about: About) -> Rows:
        arms = [self._row(partial, about, period) for period in PERIODS]
        rows = {name: np.concatenate([arm[name] for arm in arms]) for name in arms[0]}
        found = self.contrast(partial, TIME, SQUARE) if self.reaches(partial) else NOTHING
        return rows | {name: timedeltas(np.array([np.nan, getattr(found, name)])) for name in CONTRASTS}

    def result(self, rows: Rows, about: About, exact: bool) -> Arms:
        return Arms(rows, about, exact, self.arguments)

    def arm(self, partial: ArmsPart, period: str, value: int = TIME, square: int = SQUARE) -> Arm:
        return Arm.of(partial.weeks, *self.plan.weeks(period), value, square)

    def tells(self, partial: ArmsPart) -> bool:
        """Whether there are enough weeks and cases to speak of a difference."""
        cases = min(self.arm(partial, period).cases for period in PERIODS)
        weeks = self.plan.before >= LEAST_BEFORE and self.plan.after >= LEAST_AFTER
        return weeks and cases >= LEAST_CASES and not self.silent

    def reaches(self, partial: ArmsPart) -> bool:
        """Whether more than a few waits ended while they were watched, before or after: else all look alike."""
        sums = [window(partial.weeks, *self.plan.weeks(period)).sum(axis=0) for period in PERIODS]
        return any(one[CASES] - one[-1] >= LEAST_ENDED * one[CASES] > 0 for one in sums)

    def _told(self, partial: ArmsPart) -> tuple[str, ...]:
        """The periods of which more than counts may be told."""
        return PERIODS if self.tells(partial) else PERIODS[:1]

    def contrast(self, partial: ArmsPart, value: int, square: int) -> Contrast:
        if not self.tells(partial):
            return NOTHING
        before, after = (self.arm(partial, period, value, square) for period in PERIODS)
        return contrast(before, after, swing=self.swing(partial) if value == TIME else None)

    def swing(self, partial: ArmsPart) -> float | None:
        """How many times as far as before a shock moves the mean since, if it makes all waits longer by the same part: then
        the mean, counted up to the time of watching, moves by that part of the waits that ended. None: none ended before."""
        ended = [self._ended(partial, period) / max(self.arm(partial, period).cases, 1) for period in PERIODS]
        return ended[1] / ended[0] if ended[0] > 0 else None

    def _ended(self, partial: ArmsPart, period: str) -> float:
        first, count = self.plan.weeks(period)
        kinds = [between(kind, first + MIDDLE, first + count + MIDDLE) for kind in (partial.ended, partial.otherwise)]
        return float(sum((kind.value / 1e6) @ kind.count for kind in kinds))

    def outcomes(self, partial: ArmsPart, about: About) -> Rows:
        """Per way in which the wait ended: cases and shares, before and after."""
        ends = [name or Message("compare.unnamed").say() for name in self.cohort.ends(about)]
        names = [*ends, Message("compare.waiting").say()]
        before, after = (window(partial.weeks, *self.plan.weeks(period)).sum(axis=0) for period in PERIODS)
        found = [at for at in range(len(names)) if before[ENDS + at] + after[ENDS + at]]
        moved = [self.contrast(partial, ENDS + at, ENDS + at) for at in found]
        place = np.array(found, np.int64) + ENDS
        shares = [arm[place] / max(arm[CASES], 1) for arm in (before, after)]
        shares[1] = shares[1] if self.tells(partial) else np.full(len(found), np.nan)
        return {
            "outcome": np.array(names, object)[found],
            "cases_before": before[place].astype(np.int64),
            "cases_after": after[place].astype(np.int64),
            "share_before": shares[0],
            "share_after": shares[1],
            "share_change": shares[1] - shares[0],
            "low": np.array([one.low for one in moved], np.float64),
            "high": np.array([one.high for one in moved], np.float64),
        }

    def weekly(self, partial: ArmsPart, about: About) -> Rows:
        """A row per entry week."""
        tables = [self._week_rows(partial, about, period) for period in self._told(partial)]
        return {name: np.concatenate([one[name] for one in tables]) for name in tables[0]}

    def curve(self, partial: ArmsPart) -> Rows:
        """A row per period and length of a wait."""
        tables = [self._curve_rows(partial, period) for period in self._told(partial)]
        return {name: np.concatenate([one[name] for one in tables]) for name in tables[0]}

    def _row(self, partial: ArmsPart, about: About, period: str) -> Rows:
        first, weeks = self.plan.weeks(period)
        arm, lengths = self.arm(partial, period), self._lengths(partial, period)
        ended, otherwise, waiting = (int(kind.n().sum()) for kind in lengths.kinds())
        counts = dict(zip(NEUTRAL, (weeks, round(arm.cases), ended, otherwise, waiting)))
        edges = shown(about, np.array([self.plan.begins(week) for week in (first, first + weeks)]))
        told = {"period": np.array([period], object), "begin": edges[:1], "end": edges[1:]}
        told |= {name: np.array([count]) for name, count in counts.items()}
        measured = {"mean": timedeltas(np.array([arm.mean])), **_quantiles(lengths), **self._share(partial, period)}
        known = period in self._told(partial)
        return told | (measured if known else {name: _missing(column) for name, column in measured.items()})

    def _share(self, partial: ArmsPart, period: str) -> Rows:
        """The share that ended within the time of watching (with a stop: that reached it)."""
        sums = window(partial.weeks, *self.plan.weeks(period))
        ended = sums[:, ENDS] if self.cohort.stop else sums[:, ENDS:-1].sum(axis=1)
        parts = EntryWeeks(np.arange(len(sums)), np.column_stack((ended, sums[:, CASES] - ended)))
        found = [one[:1] if sums[:, CASES].any() else np.array([np.nan]) for one in parts.shares()]
        return dict(zip(("share", "share_low", "share_high"), found))

    def _lengths(self, partial: ArmsPart, period: str) -> SurvivalPart:
        first, weeks = self.plan.weeks(period)
        kinds = (partial.ended, partial.otherwise, partial.waiting)
        return SurvivalPart.from_start(*(between(kind, first + MIDDLE, first + weeks + MIDDLE) for kind in kinds))

    def _week_rows(self, partial: ArmsPart, about: About, period: str) -> Rows:
        first, weeks = self.plan.weeks(period)
        sums = window(partial.weeks, first, weeks)
        begins = np.array([self.plan.begins(week) for week in range(first, first + weeks)], np.int64)
        cases = np.where(sums[:, CASES] > 0, sums[:, CASES], np.nan)
        rows = {"period": np.full(weeks, period, object), "week": shown(about, begins).astype("M8[D]")}
        rows = {**rows, "cases": sums[:, CASES].astype(np.int64), "mean": timedeltas(sums[:, TIME] / cases)}
        return {**rows, "share_waiting": sums[:, -1] / cases}

    def _curve_rows(self, partial: ArmsPart, period: str) -> Rows:
        """At every length of the cohort; the last is that of the cases still waiting when watching ended."""
        table = Weekly.of(*self._lengths(partial, period).kinds())
        share = table.shares_ended(np.ones((1, len(table.weeks))))[0]
        low, high = _band(table)
        rows = {"time": timedeltas(table.seconds), "share": share, "low": low, "high": high}
        return {"period": np.full(len(share), period, object), **rows}


def _band(table: Weekly) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where the share ended by each length likely lies (95%, sums by entry week); nan with too few weeks."""
    if len(table.weeks) < LEAST_WEEKS:
        return np.full(len(table.seconds), np.nan), np.full(len(table.seconds), np.nan)
    one = Influence.of(table)
    return ends(one.reached, one.moves, one.counted, one.watched)


def between(kind: Durations, first: int, last: int) -> Durations:
    """The durations whose key lies from `first` up to, not including, `last`."""
    kept = (kind.key >= first) & (kind.key < last)
    return Durations(kind.keys, kind.key[kept], kind.value[kept], kind.count[kept], kind.exact, kind.cap)


def _quantiles(lengths: SurvivalPart) -> dict[str, NDArray[np.timedelta64]]:
    rows, found = quantile_rows(lengths), dict[str, NDArray[np.timedelta64]]()
    for share in QUANTILES:
        at = np.flatnonzero(np.isclose(SHARES, share))
        name = f"p{round(100 * share)}"
        found |= {name: rows["time"][at], f"{name}_low": rows["low"][at], f"{name}_high": rows["high"][at]}
    return found


def _missing(column: NDArray[np.generic]) -> NDArray[np.generic]:
    """As long and of the same kind, nothing in it."""
    kinds = {"m": np.timedelta64("NaT", "s"), "f": np.nan}
    return np.full(len(column), kinds[column.dtype.kind], column.dtype)
