"""Bunching: whether more cases than before are done just inside a limit, and those just beyond it are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from procmine.about import About
from procmine.find.service.near_limit import SIDE, bin_width
from procmine.find.service.standards import Standard
from procmine.find.service.stretches import stops
from procmine.kernels.blocks import DAY, EntryWeeks, Floats
from procmine.log import EventLog, LogError
from procmine.proof.cohorts import LEAST_AFTER, LEAST_BEFORE, WEEK, Cohort, Plan
from procmine.proof.guards.grew import arms, grown, worst
from procmine.proof.verdict.kinds import FINE, UNKNOWN, Finding

CALENDAR = {"days": 1.0, "working days": 1.5, "hours": 1 / 24}  # calendar days that hold one, holidays too
COLUMNS = 5
EXCESS, INSIDE, BEYOND = 1, 3, 4  # columns: more inside than beyond, with its squares behind it; inside; beyond


def limits_of(about: About) -> tuple[Standard, ...]:
    """The limits that the log's spec names and that its steps and columns can be measured by."""
    return tuple(one for one in map(_standard, about.limits) if _readable(one, about))


def _standard(said: Mapping[str, Any]) -> Standard:
    where = {name: stops(value) for name, value in said.get("where", {}).items()}
    return Standard(**{**said, "stop": stops(said["stop"]), "where": where})


def _readable(limit: Standard, about: About) -> bool:
    """A limit for steps or columns that this log has not (by stages, say) is one that nobody can measure here."""
    try:
        limit.stretch.check(about)
    except LogError:
        return False
    return True


@dataclass(frozen=True)
class Bunched:
    """By the week in which a stretch began: cases, how many were done in the last bin up to the limit and in the first
    beyond it, and by how much more than the line through the three bins further on each side has it."""

    cohort: Cohort
    plan: Plan
    limit: Standard

    @property
    def watched(self) -> Plan:
        """Each case is watched until it is well beyond the limit."""
        days = (self.limit.within + SIDE * bin_width(self.limit)) * CALENDAR[self.limit.unit]
        more = max(ceil((days + 1) * DAY / WEEK) - self.plan.watched, 0)
        after = max(self.plan.after - more, 0)
        return replace(self.plan, watched=self.plan.watched + more, before=max(self.plan.before - more, 0), after=after)

    def of(self, log: EventLog) -> EntryWeeks:
        plan = self.watched
        if plan.before < LEAST_BEFORE or plan.after < LEAST_AFTER:
            return EntryWeeks(np.zeros(0, np.int64), np.zeros((0, COLUMNS)))
        run = self.limit.stretch.of(log)
        week = plan.week(run.begun)
        here = self.cohort.enter(log)[1][run.case] & ~run.early & plan.kept(week)
        seen = run.reached & (run.stop - run.begun <= plan.horizon)
        edges = self.limit.within + bin_width(self.limit) * np.arange(-SIDE, SIDE + 1)
        place = np.searchsorted(edges, run.spent / self.limit.stretch.ticks, side="left") - 1
        place = np.where(seen & (place >= 0) & (place < 2 * SIDE), place, 2 * SIDE)[here]
        score = _score()[place]
        values = [np.ones(len(place)), score, score**2, place == SIDE - 1, place == SIDE]
        column = np.repeat(np.arange(COLUMNS), len(place))
        return EntryWeeks.of(np.tile(week[here], COLUMNS), column, np.concatenate(values).astype(np.float64), COLUMNS)

    def finding(self, weeks: EntryWeeks) -> Finding:
        """More bunched, the share inside larger, and that beyond smaller than before."""
        found = grown(weeks, self.watched, EXCESS, EXCESS + 1)
        if found.state == UNKNOWN:
            return Finding("bunching", UNKNOWN)
        (inside, inside_now), (beyond, beyond_now) = (arms(weeks, self.watched, one, one) for one in (INSIDE, BEYOND))
        figures: dict[str, float | str] = {"standard": self.limit.name, "limit": f"{self.limit.within:g}"}
        figures |= {"unit": self.limit.unit, "width": f"{bin_width(self.limit):g}"}
        figures |= {"share_before": inside.mean, "share_after": inside_now.mean, "more": found.moved.difference}
        figures |= {"beyond_before": beyond.mean, "beyond_after": beyond_now.mean}
        piled = inside_now.mean > inside.mean and beyond_now.mean < beyond.mean
        return Finding("bunching", found.state if piled else FINE, figures)


def beside(tables: list[EntryWeeks]) -> EntryWeeks:
    """The tables of all limits as one, so that parts of a log can be merged."""
    week = np.unique(np.concatenate([np.zeros(0, np.int64), *(one.week for one in tables)]))
    sums = np.zeros((len(week), COLUMNS * len(tables)))
    for k, one in enumerate(tables):
        sums[np.searchsorted(week, one.week), COLUMNS * k : COLUMNS * (k + 1)] = one.sums
    return EntryWeeks(week, sums)


def apart(weeks: EntryWeeks, limits: int) -> list[EntryWeeks]:
    return [EntryWeeks(weeks.week, weeks.sums[:, COLUMNS * k : COLUMNS * (k + 1)]) for k in range(limits)]


def most_bunched(findings: list[Finding]) -> Finding:
    """The finding that weighs most, of all limits."""
    more = [float(one.figures.get("more", 0.0)) for one in findings]
    return findings[worst([one.state for one in findings], more)]


def _score() -> Floats:
    """Per bin, and 0 for all others: what a case in it adds to the excess of the bin inside over the bin beyond.

    The line through the far bins falls by its slope from the one to the other; least squares make that a sum over bins.
    """
    middle = np.arange(2 * SIDE) - SIDE + 0.5
    far = np.abs(middle) > 1
    slope = np.where(far, middle, 0) / (middle[far] ** 2).sum()
    slope[[SIDE - 1, SIDE]] = 1, -1
    return np.append(slope, 0.0)
