"""Facts: what a log tells of the wait that a plan is about, as it stood before the plan begins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from procmine.clocks import CALENDAR_TIME
from procmine.find.time.bottlenecks import Bottlenecks, bottlenecks
from procmine.kernels.blocks import DAY as MICROSECONDS
from procmine.kernels.flow import Ints
from procmine.kernels.survival import Curve, incidence
from procmine.log import EventLog, LogError, codes_of, day_of, moment
from procmine.proof.cohorts import WAITING, Cohort, check_kept, cohort_of
from procmine.proof.records.change import Change
from procmine.proof.records.entry import ChangeEntry
from procmine.proof.records.size import PlanSize
from procmine.proof.records.sizing import plan_size
from procmine.publish.plans.plan import Plan
from procmine.results import days
from procmine.see.survival import Survival, of_times, quantile_rows
from procmine.words import DAY

YEAR = 365  # days before the change, where the plan names none


@dataclass(frozen=True, eq=False)
class Waits(Survival):
    """As Survival, of the wait that a plan is about, in the cases that began before it."""

    meaning = "define.plan.waits"
    curve: Curve
    watched: float  # seconds: the longest that any case was watched

    @property
    def cases(self) -> int:
        return int(self.rows["cases"][0])

    @property
    def open(self) -> int:
        return int(self.rows["open"][0])

    def half(self) -> tuple[float, float, float]:
        """Days until half were there, and between which that likely lies; nan: not reached, or not known."""
        at = int(np.flatnonzero(np.isclose(self.rows["share"], 0.5))[0])
        time, low, high = (days(self.rows[name][at]) for name in ("time", "low", "high"))
        return time, low, high

    def share(self, within: int) -> tuple[float, float, float]:
        """Of 100, those there within so many days, and between which whole numbers that likely lies; nan: not known, as the
        cases that still wait were not watched for so long."""
        limit, left = np.timedelta64(within, "D"), self.curve.left_at(within * DAY)
        if left > 0 and self.open and within * DAY > self.watched:
            return np.nan, np.nan, np.nan
        if np.isnat(self.rows["low"]).all():
            return 100 * (1 - left), np.nan, np.nan
        low, high = (float(np.sum(self.rows[name] <= limit)) for name in ("high", "low"))
        return 100 * (1 - left), low, high


@dataclass(frozen=True, eq=False)
class Facts:
    """Each computed once. LogError where the log has no such step, office or value: it names what there is."""

    log: EventLog
    plan: Plan

    def __post_init__(self) -> None:
        _check_office(self.log, self.plan)
        for where in (self.plan.at, self.plan.meant):
            if not len(self.log.where(where)):
                raise LogError(
                    f"No case of the log is one of this plan's: {dict(where)}. Check office, where and cases."
                )
        codes_of(self.log.about, self.plan.step)
        check_kept(self.log.about, self.cohort.where)

    @cached_property
    def entry(self) -> ChangeEntry | None:
        return self.plan.entry()

    @cached_property
    def cohort(self) -> Cohort:
        base = self.plan.baseline
        return cohort_of(self.log.about, self.plan.meant, base.start, base.stop)

    @property
    def cutoff(self) -> str:
        """The last day of the data."""
        return day_of(self.log.about, self.log.about.cutoff)

    @property
    def until(self) -> str:
        """The first day that does not count as before; none after the data."""
        after = str(np.datetime64(self.cutoff) + 1)
        return min(self.plan.baseline.until or self.plan.dates.begin, self.plan.dates.begin, after)

    @property
    def since(self) -> str:
        """The first day of the baseline, not before all cases are in the log."""
        wanted = self.plan.baseline.since or str(np.datetime64(self.until) - YEAR)
        known = self.log.about.complete_from
        first = day_of(self.log.about, self.log.about.begins if known is None else known)
        return max(wanted, first)

    @cached_property
    def before(self) -> EventLog:
        """The log as it stood when the baseline ends, so that nothing of the change is in it."""
        last = str(np.datetime64(self.until) - 1)
        return self.log if last >= self.cutoff else self.log.cut_to(last)

    @cached_property
    def waits(self) -> Waits:
        """Of the cases that the plan is for, which entered from `since` on: those that still wait are counted."""
        log, about = self.before, self.before.about
        entry, member = self.cohort.enter(log)
        here = np.flatnonzero(member & (entry >= moment(about, self.since)) & (entry < moment(about, self.until)))
        seen = self.cohort.watch(log, entry, np.full(len(log), about.cutoff))
        reached = seen.cause == 0 if self.cohort.stop else seen.cause != WAITING
        part = of_times(log, here, entry[here], (seen.until - entry)[here], reached[here], CALENDAR_TIME)
        arguments = {"start": self.plan.baseline.start, "stop": self.plan.baseline.stop}
        whole = [kind.whole() for kind in part.kinds()]
        curve = incidence(whole[0], whole[1], whole[2], late=part.late.whole())
        longest = float((seen.until - entry)[here].max(initial=0)) / 1e6
        return Waits(quantile_rows(part), about, True, arguments, curve, longest)

    @cached_property
    def places(self) -> Bottlenecks:
        """Where the time of the whole office went in that time."""
        office = self.before.where(self.plan.at)
        return bottlenecks(office, window=(self.since, self.until), stages=self.plan.step in self.log.about.stages)

    @cached_property
    def sized(self) -> PlanSize:
        """What these cases could show. LogError where there is too little history."""
        return plan_size(self.log, change=self.planned, within=self.plan.target.within)

    @property
    def planned(self) -> Change:
        """The change as this plan has it, judged on the days and in the way that the record says."""
        base, begin = self.plan.baseline, self.plan.dates.begin
        own = Change(begin, where=self.plan.meant, start=base.start, stop=base.stop)
        if self.entry is None:
            return replace(own, decide_on=self.plan.change_record().decide_on)
        kept = {name: getattr(self.entry, name) for name in ("ramp", "horizon", "recorded", "sharing")}
        return replace(own, **kept, decide_on=tuple(self.entry.decide_on))

    def moment(self, day: str) -> int:
        """The first microsecond after that day."""
        return moment(self.log.about, day) + MICROSECONDS

    def weeks(self, day: str) -> int:
        """How many weeks of cases since the change the data of that day would show."""
        return self.sized.basis.weeks_by(self.moment(day))

    def day(self, weeks: int) -> str:
        """The last day of the data that show so many weeks of cases."""
        several: Ints = np.array([weeks], np.int64)
        return str(self.sized.basis.days(several)[0])


def _check_office(log: EventLog, plan: Plan) -> None:
    """LogError with what to write, where the plan leaves to the log which cases are of the office, and that cannot tell."""
    there = log.about.attributes
    if plan.at != {"office": plan.office} or "office" in there:
        return
    several = f"; if it is one of several, where: {{NAME: {plan.office}}}, NAME being one of: {', '.join(there)}"
    raise LogError(
        f"The log does not say which cases are of {plan.office}. Write into the plan, below office: if all cases of the "
        f"log are, where: {{}}{several if there else ''}. docs/plans.md says more."
    )
