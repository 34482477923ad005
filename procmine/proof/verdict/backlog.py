"""Backlog: open cases at the end of each week, and whether more are left waiting since the change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from procmine.about import About
from procmine.kernels.blocks import DAY, Floats, Ints, lags_of, long_run, t_quantile
from procmine.kernels.partial import Partial
from procmine.log import EventLog, Summary, day_of, shown
from procmine.proof.cohorts import WAITING, WEEK, Cohort, Flags, Plan
from procmine.proof.verdict.kinds import FAILS, FINE, UNKNOWN, UNSURE, Finding
from procmine.results import Result, Rows
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_WEEKS = 13
OVERDUE, PENDING = 0.02, 0.05  # more open cases for every case that arrives, that count as more
QUIET, LEAST_EXPECTED = 0.1, 10  # closures of the last weeks, against those expected, that tell of missing ones


@dataclass(frozen=True, eq=False)
class Piles(Result):
    """One row per week up to the end of the data: week (datetime64[D], its first day), arrived, ended (int) cases, and at its
    end open (int) cases and overdue (int), those open for longer than the time of watching."""

    meaning = "define.piles"

    def findings(self) -> Sequence[Message]:
        """How many wait when the data end, and how many did when the change came."""
        then = int(np.searchsorted(self.rows["week"], self._change)) - 1
        counts: dict[str, Value] = {}
        for name in ("open", "overdue"):
            column = self.rows[name]
            counts |= {name: int(column[-1]) if len(self) else 0, f"{name}_then": int(column[then]) if then >= 0 else 0}
        return [Message("piles.last", {**counts, "change": str(self._change)})]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Open cases at the end of each week, those open for too long at the bottom, and when the change came."""
        from procmine.draw.areas import bands

        late, rest = self.rows["overdue"].astype(np.float64), self.rows["open"] - self.rows["overdue"]
        names = [Message(f"piles.{name}").say() for name in ("late", "rest")]
        said = {
            name: Message(f"piles.{name}", {"change": str(self._change)}).say() for name in ("title", "axis", "footer")
        }
        weeks = np.asarray(self.rows["week"] + np.timedelta64(7, "D"), "M8[D]")
        axes = bands(weeks, [(names[0], late), (names[1], rest.astype(np.float64))], **said, ax=ax)
        axes.axvline(self._change.astype(float), color="black", linewidth=1.1, linestyle=(0, (1.5, 1.5)))
        return axes

    @property
    def _change(self) -> np.datetime64:
        plan = self.arguments["plan"]
        assert isinstance(plan, Plan)
        return np.datetime64(day_of(self.about, plan.change))


@dataclass(frozen=True, eq=False)
class PilePart(Partial):
    """Per week from `first` on (what came before is in the first): entries, ends, cases getting overdue, ends of these."""

    arrived: Floats
    ended: Floats
    late: Floats
    late_ended: Floats


@dataclass(frozen=True)
class PileSummary(Summary[PilePart, Piles]):
    """How many cases of a cohort wait at the end of each week from `first` (counted from the change) on, seen at the end."""

    cohort: Cohort
    plan: Plan
    first: int

    @property
    def columns(self) -> tuple[str, ...]:
        return self.cohort.columns

    def weeks(self, about: About) -> Ints:
        """Whole weeks, counted from the change."""
        return np.arange(self.first, max((about.cutoff + 1 - self.plan.change) // WEEK, self.first))

    def of(self, log: EventLog) -> PilePart:
        entry, member = self.cohort.enter(log)
        seen = self.cohort.watch(log, entry, np.full(len(log), log.about.cutoff))
        closed = member & (seen.cause != WAITING)
        limit = entry + self.plan.horizon
        late = member & (np.where(closed, seen.until, np.iinfo(np.int64).max) > limit)
        moments = (entry[member], seen.until[closed], limit[late], seen.until[late & closed])
        return PilePart(*(self._count(one, len(self.weeks(log.about))) for one in moments))

    def _count(self, time: Ints, weeks: int) -> Floats:
        place = np.maximum(self.plan.week(time) - self.first, 0)
        return np.bincount(place[place < weeks], minlength=weeks).astype(np.float64)

    def rows(self, partial: PilePart, about: About) -> Rows:
        begins = np.array([self.plan.begins(int(week)) for week in self.weeks(about)], np.int64)
        counts = {"arrived": partial.arrived, "ended": partial.ended}
        piles = {"open": partial.arrived - partial.ended, "overdue": partial.late - partial.late_ended}
        counted = {**counts, **{name: np.cumsum(one) for name, one in piles.items()}}
        week = shown(about, begins + DAY // 2).astype("M8[D]")
        return {"week": week, **{name: one.astype(np.int64) for name, one in counted.items()}}

    def result(self, rows: Rows, about: About, exact: bool) -> Piles:
        return Piles(rows, about, exact, self.arguments)


@dataclass(frozen=True)
class Growth:
    """How much more a pile grew since the change than before, for every case that arrived; se of the difference; what it
    grew by since, in all; at its end, and at the change."""

    more: float
    error: float
    degrees: float
    since: float
    last: float
    then: float


@dataclass(frozen=True, eq=False)
class Backlog:
    """The piles by week, and which weeks are before the change and since."""

    part: PilePart
    before: Flags
    after: Flags

    @classmethod
    def of(cls, question: PileSummary, part: PilePart, about: About) -> Backlog:
        """A log that begins with new cases fills up: its first weeks, up to twice the time of watching, tell nothing."""
        weeks, watched = question.weeks(about), question.plan.watched
        wait = next((times for times in (2, 1) if -question.first - times * watched >= LEAST_WEEKS), 0)
        before = (weeks >= question.first + wait * watched) & (weeks < -question.plan.gap)
        return cls(part, before, weeks >= 0)

    def untold(self) -> Backlog:
        """The same, with nothing said of how the piles grew."""
        return replace(self, before=np.zeros_like(self.before))

    def overdue(self, level: float) -> Finding:
        grown = self.growth(self.part.late - self.part.late_ended)
        if grown is None:
            return Finding("overdue", UNKNOWN)
        figures = {"overdue": grown.last, "overdue_then": grown.then, "more": grown.more}
        if grown.more <= OVERDUE or grown.since <= 0:
            return Finding("overdue", FINE, figures)
        return Finding("overdue", FAILS if _sure(grown, level) else UNSURE, figures)

    def pending(self, level: float) -> Finding:
        grown = self.growth(self.part.arrived - self.part.ended)
        if grown is None:
            return Finding("pending", UNKNOWN)
        closed, came = float(self.part.ended[self.after].sum()), float(self.part.arrived[self.after].sum())
        figures = {"open": grown.last, "open_then": grown.then, "more": grown.more, "closed": closed, "arrived": came}
        if grown.more <= PENDING or grown.since <= 0:
            return Finding("pending", FINE, figures)
        return Finding("pending", FAILS if _sure(grown, level) else UNSURE, figures)

    def shrinks(self) -> bool:
        """Whether old cases are cleared since the change, more than before; a pile that only grows less is not."""
        late = self.growth(self.part.late - self.part.late_ended)
        whole = self.growth(self.part.arrived - self.part.ended)
        return any(
            one is not None and one.since < 0 and one.more < -much for one, much in ((late, OVERDUE), (whole, PENDING))
        )

    def growth(self, change: Floats) -> Growth | None:
        """The weekly change of a pile for each arrival: a ratio of sums, whose weeks vary as those before did."""
        arrived, weeks, since = self.part.arrived, int(self.before.sum()), int(self.after.sum())
        one, two = float(arrived[self.before].sum()), float(arrived[self.after].sum())
        if weeks < LEAST_WEEKS or not since or not one or not two:
            return None
        ratio = float(change[self.before].sum()) / one
        residual = (change - ratio * arrived)[self.before] * weeks / one
        lags = lags_of(weeks)
        long = float(long_run(residual[:, None], lags)[0]) / weeks
        error = sqrt(long * (1 / weeks + 1 / since))
        pile = np.cumsum(change)
        then = float(pile[np.flatnonzero(self.after)[0] - 1])
        grown = float(change[self.after].sum())
        return Growth(grown / two - ratio, error, 1.5 * weeks / lags, grown, float(pile[-1]), then)

    def missing(self) -> tuple[int, float]:
        """For how many of the last weeks hardly a case was closed, as never before so long, and how many one would expect."""
        ended, opened = self.part.ended, np.cumsum(self.part.arrived - self.part.ended)
        weeks = len(ended)
        for last in range(min(8, weeks // 4), 0, -1):
            earlier = slice(max(weeks - last - 26, 1), weeks - last)
            rate = float(ended[earlier].sum()) / max(float(opened[earlier].sum()), 1.0)
            expected = rate * float(opened[weeks - last - 1 : weeks - 1].sum())
            closed = np.convolve(ended[earlier], np.ones(last), "valid")
            quiet = float(ended[weeks - last :].sum()) <= QUIET * expected
            if expected >= LEAST_EXPECTED and quiet and closed.min() > QUIET * expected:
                return last, expected
        return 0, 0.0


def _sure(grown: Growth, level: float) -> bool:
    """Whether the pile grew by more than its ups and downs before, one-sided."""
    return grown.more > t_quantile(level, grown.degrees) * grown.error
