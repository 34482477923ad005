"""Pauses: whether the time in which the service clock stands has grown, so that a gain on it is one of counting only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.about import About
from procmine.kernels.blocks import EntryWeeks
from procmine.kernels.contrast import contrast
from procmine.log import Clock, EventLog, LogError
from procmine.proof.cohorts import Cohort, Plan
from procmine.proof.guards.grew import POINTS, arms, enough, grown
from procmine.proof.verdict.kinds import FAILS, FINE, UNKNOWN, UNSURE, Finding
from procmine.see.clock_rules import ServiceClock, rules_of

SPENT, STOOD, WHOLE = 1, 3, 5  # columns: counted by the service clock, not counted, both; squares behind each
HALF = 0.5  # of a gain on the service clock that the whole time must show


def service_of(about: About, clock: Clock) -> ServiceClock | None:
    """The clock that was asked for, if it is one that pauses; else as it would be with the rules of the log's spec, if there
    are any that can be read."""
    if isinstance(clock, ServiceClock):
        return clock
    if about.cut or not (about.clock.get("pauses") or about.suspended):
        return None
    try:
        return ServiceClock(rules_of(about), clock)
    except LogError:  # rules for steps that this log has not: then nobody can tell when its clock stood
        return None


@dataclass(frozen=True)
class Paused:
    """By entry week: how long cases were watched, counted by the service clock and not."""

    cohort: Cohort
    plan: Plan
    service: ServiceClock
    asked: bool  # the comparison counts by it

    def of(self, log: EventLog) -> EntryWeeks:
        entry, member = self.cohort.enter(log)
        week = self.plan.week(entry)
        here = np.flatnonzero(member & self.plan.kept(week))
        until = self.cohort.watch(log, entry, entry + self.plan.horizon).until
        part, cases = log.take(here), np.tile(np.arange(len(here)), 2)
        moments = np.concatenate((entry[here], until[here]))
        read = [one.read(moments, cases, part) / 1e6 for one in (self.service, self.service.hours)]
        spent, whole = (one[len(here) :] - one[: len(here)] for one in read)
        values = [np.ones(len(here)), *(x for one in (spent, whole - spent, whole) for x in (one, one**2))]
        column = np.repeat(np.arange(len(values)), len(here))
        return EntryWeeks.of(np.tile(week[here], len(values)), column, np.concatenate(values), len(values))

    def finding(self, weeks: EntryWeeks) -> Finding:
        if not enough(weeks, self.plan):
            return Finding("pauses", UNKNOWN)
        whole, spent = (arms(weeks, self.plan, one, one + 1) for one in (WHOLE, SPENT))
        stood = grown(weeks, self.plan, STOOD, STOOD + 1, POINTS * whole[0].mean)
        figures = {"stood_before": stood.before, "stood_after": stood.after}
        figures |= {"gained": spent[0].mean - spent[1].mean, "shown": whole[0].mean - whole[1].mean}
        if not self.asked:  # the calendar counts pauses: what it shows is no matter of counting
            return Finding("pauses", UNSURE if stood.state == FAILS else FINE, figures)
        gained, shown = contrast(*spent), contrast(*whole)
        if gained.high >= 0 or (shown.high < 0 and shown.difference <= HALF * gained.difference):
            return Finding("pauses", FINE, figures)
        fails = stood.state if shown.high >= 0 else UNSURE if stood.state == FAILS else FINE
        return Finding("pauses", fails, figures)
