"""Guards: ways in which a gain may be one of counting, each looked for in the log itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.about import About
from procmine.kernels.blocks import EntryWeeks
from procmine.kernels.flow import Ints
from procmine.kernels.partial import Partial
from procmine.log import Clock, EventLog, Log
from procmine.proof.cohorts import WEEK, Cohort, Plan
from procmine.proof.guards.again import LEAST_ENDED, back_within, longer
from procmine.proof.guards.bunching import Bunched, apart, beside, limits_of, most_bunched
from procmine.proof.guards.grew import Grown, grown, worst
from procmine.proof.guards.outside import Edge
from procmine.proof.guards.pauses import Paused, service_of
from procmine.proof.guards.refiled import Chains, party_of
from procmine.proof.guards.reopened import reopened, usual_after
from procmine.proof.verdict.kinds import FAILS, UNKNOWN, UNSURE, Finding


def more_guards(log: Log, cohort: Cohort, plan: Plan, clock: Clock) -> tuple[Finding, ...]:
    """Reopened and refiled cases, bunching at a limit, pauses that grew, work moved out of the log.

    One pass over the log, and one before it for the steps that usually follow an end. Of a log in shards nobody knows
    which cases are of one party: refiled cases are UNKNOWN there. Few weeks or cases: all are UNKNOWN.
    """
    usual = log.reduce(Usual(plan.change).of, ()).counts
    looks = Looks.at(log.about, cohort, plan, clock, usual)
    part = log.reduce(looks.of, looks.reads(log.about))
    again, edge = _again(log, cohort, plan, part.reopened), looks.edge.finding(part.edge, log.about)
    return again, looks.bunching(part), looks.pauses(part), edge


def _again(log: Log, cohort: Cohort, plan: Plan, sums: EntryWeeks) -> Finding:
    """Cases taken up again, and cases of one party that follow each other: what weighs most of the two."""
    weeks = back_within(plan)
    if not weeks:
        return Finding("reopened", UNKNOWN)
    later = longer(plan, weeks)
    party = party_of(log) if isinstance(log, EventLog) else None
    chains = None if party is None or not isinstance(log, EventLog) else Chains.of(log, cohort, plan, party)
    tables = [sums, *([] if chains is None else [chains.refiled(plan)])]
    both = [
        *(grown(one, later, 1, 1, least=LEAST_ENDED) for one in tables),
        *([Grown(UNKNOWN)] if chains is None else []),
    ]
    place = worst([one.state for one in both], [one.moved.difference for one in both])
    found = both[place]
    figures: dict[str, float | str] = {"within": weeks * WEEK / 1e6}
    figures |= {"share_before": found.before, "share_after": found.after} if found.state != UNKNOWN else {}
    if chains is not None and place == REFILED and found.state in (FAILS, UNSURE):
        figures |= chains.figures(plan)
    return Finding("reopened", found.state, figures)


REFILED = 1  # of the two


@dataclass(frozen=True, eq=False)
class UsualPart(Partial):
    """How many cases ended before the change, and in how many of them each step followed."""

    counts: Ints


@dataclass(frozen=True)
class Usual:
    """What usually follows an end, up to the change."""

    change: int

    def of(self, log: EventLog) -> UsualPart:
        return UsualPart(usual_after(log, self.change))


@dataclass(frozen=True, eq=False)
class LooksPart(Partial):
    """Sums by entry week, one table a guard; `limits` holds those of all limits beside each other."""

    reopened: EntryWeeks
    edge: EntryWeeks
    paused: EntryWeeks
    limits: EntryWeeks


@dataclass(frozen=True, eq=False)
class Looks:
    """What is looked for in one pass over the log."""

    cohort: Cohort
    plan: Plan
    usual: Ints
    edge: Edge
    paused: Paused | None
    limits: tuple[Bunched, ...]

    @classmethod
    def at(cls, about: About, cohort: Cohort, plan: Plan, clock: Clock, usual: Ints) -> Looks:
        service = service_of(about, clock)
        paused = None if service is None else Paused(cohort, plan, service, service is clock)
        limits = tuple(Bunched(cohort, plan, one) for one in limits_of(about))
        return cls(cohort, plan, usual, Edge(cohort, plan), paused, limits)

    def reads(self, about: About) -> tuple[str, ...]:
        """The attributes, of cases or of events."""
        of_clock = () if self.paused is None else self.paused.service.columns
        of_limits = [name for one in self.limits for name in one.limit.stretch.needs(about)]
        return tuple(dict.fromkeys((*self.cohort.columns, *of_clock, *of_limits)))

    def of(self, log: EventLog) -> LooksPart:
        again, edge = reopened(log, self.cohort, self.plan, self.usual), self.edge.of(log)
        paused = NONE if self.paused is None else self.paused.of(log)
        return LooksPart(again, edge, paused, beside([one.of(log) for one in self.limits]))

    def pauses(self, part: LooksPart) -> Finding:
        return Finding("pauses", UNKNOWN) if self.paused is None else self.paused.finding(part.paused)

    def bunching(self, part: LooksPart) -> Finding:
        tables = apart(part.limits, len(self.limits))
        found = [one.finding(table) for one, table in zip(self.limits, tables)]
        return most_bunched(found) if found else Finding("bunching", UNKNOWN)


NONE = EntryWeeks(np.zeros(0, np.int64), np.zeros((0, 0)))
