"""Finished: what finished cases alone took before and since, the figure that a report would show and that flatters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from procmine.about import About
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import EntryWeeks
from procmine.kernels.partial import Partial
from procmine.log import Clock, EventLog, Summary
from procmine.proof.arms import PERIODS
from procmine.proof.cohorts import WAITING, Cohort, Plan
from procmine.results import Result, Rows, timedeltas
from procmine.words import Message

FAR = 0.1  # of the wait before: a figure of finished cases that much further off is told as one not to be used


@dataclass(frozen=True, eq=False)
class Finished(Result):
    """One row per period ("before", "after"), by when cases were done: cases (int), and their mean wait (timedelta64[s])."""

    meaning = "define.finished"

    def findings(self) -> Sequence[Message]:
        return [Message("compare.arms", dict(zip(PERIODS, map(int, self.rows["cases"]))))]


@dataclass(frozen=True, eq=False)
class FinishedPart(Partial):
    done: EntryWeeks  # row 0: before, 1: since; columns: cases, seconds


@dataclass(frozen=True)
class FinishedSummary(Summary[FinishedPart, Finished]):
    """Of the cases of a cohort that were done, by when: from the first week compared up to the change, and since."""

    cohort: Cohort
    plan: Plan
    clock: Clock = CALENDAR_TIME

    @property
    def columns(self) -> tuple[str, ...]:
        return self.cohort.columns

    def of(self, log: EventLog) -> FinishedPart:
        entry, member = self.cohort.enter(log)
        seen = self.cohort.watch(log, entry, np.full(len(log), log.about.cutoff))
        done = seen.cause == 0 if self.cohort.stop else seen.cause != WAITING
        since = self.plan.begins(self.plan.weeks("before")[0])
        here = np.flatnonzero(member & done & (seen.until >= since))
        begun, until = (self.clock.read(time[here], here, log) for time in (entry, seen.until))
        period = (seen.until[here] >= self.plan.change).astype(np.int64)
        column = np.repeat([0, 1], len(here))
        values = np.concatenate((np.ones(len(here)), (until - begun) / 1e6))
        return FinishedPart(EntryWeeks.of(np.tile(period, 2), column, values, 2))

    def rows(self, partial: FinishedPart, about: About) -> Rows:
        sums = np.zeros((2, 2))
        sums[partial.done.week] = partial.done.sums
        cases = sums[:, 0]
        mean = np.where(cases > 0, sums[:, 1] / np.maximum(cases, 1), np.nan)
        return {"period": np.array(PERIODS, object), "cases": cases.round().astype(np.int64), "mean": timedeltas(mean)}

    def result(self, rows: Rows, about: About, exact: bool) -> Finished:
        return Finished(rows, about, exact, self.arguments)


def misleads(before: float, since: float, difference: float, mean: float) -> bool:
    """Whether the figures of finished cases (seconds) say something else than the `difference` of all, of `mean` before."""
    if not (before > 0 and mean > 0 and np.isfinite(since)):
        return False
    shown, found = (since - before) / before, difference / mean
    return bool(abs(shown - found) > FAR)
