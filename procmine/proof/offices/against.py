"""Against: what changed where something was done, less what changed where nothing was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import Floats
from procmine.kernels.event_study import COUNT, UNTOLD, beside
from procmine.log import Clock, Log
from procmine.proof.cohorts import LEAST_AFTER, LEAST_CASES, YEAR, Cohort, Plan
from procmine.proof.offices.weekly import TREATED, Beside, ByOffice, Control, OfficesSummary
from procmine.words import Message, Value

MONTH = 4  # weeks


@dataclass(frozen=True, eq=False)
class AgainstOffices:
    """The change of the mean wait less that of the comparison offices, in seconds of the clock, with its range.

    known: whether it can be told; if not, `why` says what is missing, and the figures are nan. p: how often chance alone
    would set them so far apart. months_before: months of four weeks of history; offices: the comparison offices that count.
    """

    known: bool
    effect: float
    low: float
    high: float
    p: float
    months_before: int
    offices: tuple[str, ...]
    why: Message | None = None


def against_offices(
    log: Log, cohort: Cohort, plan: Plan, control: Control, clock: Clock = CALENDAR_TIME, level: float = 0.95
) -> AgainstOffices:
    """The cases of `cohort` before and since, against those of the comparison offices over the same entry weeks.

    control: as `where`, the attribute that tells offices apart first; what it leaves out is as in the cohort's `where`; a
    name alone: all its other values. Offices weigh as the cases they had before. How the range is made: `beside`.
    """
    summary = OfficesSummary(cohort, Beside.of(log.about, cohort.where, control), plan, clock)
    return told(log.reduce(summary.of, summary.reads).sums, plan, level)


def told(sums: ByOffice, plan: Plan, level: float) -> AgainstOffices:
    offices = counted_offices(sums, plan)
    whole = sums_of(sums, plan, (TREATED, *offices))
    why = _missing(whole, plan, offices)
    found = UNTOLD if why else beside(whole, weights_of(whole, plan), plan.after, level)
    if why is None and not np.isfinite((found.low, found.high)).all():
        found, why = UNTOLD, Message("offices.why.weeks", {"weeks": plan.before + plan.after})
    months = plan.before // MONTH
    return AgainstOffices(why is None, found.value, found.low, found.high, found.p, months, offices, why)


def counted_offices(sums: ByOffice, plan: Plan) -> tuple[str, ...]:
    """Comparison offices with enough cases before the change to be set beside."""
    dense = sums.dense(sums.offices, *plan.weeks("before")) if sums.offices else np.zeros((0, 0, 3))
    return tuple(name for name, one in zip(sums.offices, dense) if one[:, COUNT].sum() >= LEAST_CASES)


def sums_of(sums: ByOffice, plan: Plan, names: tuple[str | None, ...]) -> Floats:
    """[office, week, column]: the weeks before and, right after them, those since; the weeks between are left out."""
    return np.concatenate([sums.dense(names, *plan.weeks(period)) for period in ("before", "after")], axis=1)


def weights_of(whole: Floats, plan: Plan) -> Floats:
    """Each comparison office's part of the cases before the change."""
    cases = whole[1:, : plan.before, COUNT].sum(axis=1)
    weights: Floats = cases / max(float(cases.sum()), 1e-300)
    return weights


def _missing(whole: Floats, plan: Plan, offices: tuple[str, ...]) -> Message | None:
    """What keeps the offices from being compared."""
    sides = whole[0, : plan.before, COUNT].sum(), whole[0, plan.before :, COUNT].sum()
    values: dict[str, Value] = {"least": LEAST_CASES, "before": int(sides[0]), "after": int(sides[1])}
    if plan.before < YEAR:
        return Message("offices.why.short", {"months": plan.before // MONTH, "least": YEAR // MONTH})
    if plan.after < LEAST_AFTER:
        return Message("offices.why.early", {"weeks": plan.after, "least": LEAST_AFTER})
    if min(sides) < LEAST_CASES:
        return Message("offices.why.few", values)
    if not offices:
        return Message("offices.why.none", values)
    since = int(whole[1:, plan.before :, COUNT].sum())
    return Message("offices.why.gone", {**values, "since": since}) if since < LEAST_CASES else None
