"""Staggered: offices that changed on different days, each beside those that had not yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from procmine.about import About
from procmine.kernels.blocks import Ints
from procmine.kernels.event_study import COUNT, TOTAL, UNTOLD, Effect
from procmine.kernels.staggered import Flags, Pattern, Rests, Weeks, months_of, pattern
from procmine.log import Clock, Log, moment
from procmine.proof.cohorts import LEAST_AFTER, LEAST_CASES, WEEK, YEAR, Plan
from procmine.proof.offices.against import MONTH, AgainstOffices
from procmine.proof.offices.asked import Asked
from procmine.proof.offices.weekly import OfficesSummary
from procmine.results import Rows, timedeltas
from procmine.words import Message, Value

LEAST_OFFICES = 3


@dataclass(frozen=True)
class Staggered:
    rows: Rows
    effect: AgainstOffices


def staggered_study(log: Log, question: Asked, changes: Mapping[str, str], clock: Clock, level: float) -> Staggered:
    """The plan counts weeks from the first change; a week in which an office changed belongs to neither of its sides."""
    cohort, plan, beside = question.cohort, question.plan, question.beside
    every = tuple((name, values) for name, values in cohort.where if name != beside.office)
    named = dict(beside.where)[beside.office]
    offices = (*changes, *named) if named else ()
    everywhere = replace(beside, where=((beside.office, offices), *every), treated=())
    summary = OfficesSummary(replace(cohort, where=()), everywhere, plan, clock)
    sums = log.reduce(summary.of, summary.reads).sums
    first, span = plan.weeks("before")[0], plan.watched + plan.before + plan.after
    names = [name for name in sums.offices if name in changes or not offices or name in offices]
    dense = sums.dense(names, first, span)
    counted = [k for k, one in enumerate(dense[:, : plan.before, COUNT]) if one.sum() >= LEAST_CASES]
    names, dense = [names[k] for k in counted], dense[counted]
    untouched, since = _sides(log.about, plan, names, changes, span)
    before = dense[:, : plan.before, COUNT].sum(axis=1)
    weeks = Weeks(dense, untouched, since, before / max(float(before.sum()), 1.0))
    return _study(weeks, plan, tuple(names), changes, level)


def _sides(about: About, plan: Plan, names: list[str], changes: Mapping[str, str], span: int) -> tuple[Flags, Flags]:
    """Per office and week: whether its cases were watched to the end before its change; whether they began since."""
    begins = plan.change + (np.arange(span) + plan.weeks("before")[0]) * WEEK
    untouched, since = np.ones((len(names), span), bool), np.zeros((len(names), span), bool)
    for place, name in enumerate(names):
        if name in changes:
            at = moment(about, changes[name])
            untouched[place] = begins + WEEK + plan.horizon <= at
            since[place] = begins >= at
    return untouched, since


def _study(weeks: Weeks, plan: Plan, names: tuple[str, ...], changes: Mapping[str, str], level: float) -> Staggered:
    why = _missing(weeks, plan, names, changes)
    degrees = 2.0 * (len(names) - 1)
    rests, off = Rests.of(weeks), weeks.off
    whole = pattern(weeks, weeks.since)
    found = UNTOLD if why else rests.effect(whole, off, degrees, level)
    if why is None and not whole.cases:
        why = Message("offices.why.all_changed")
    others = tuple(name for name in names if name not in changes)
    effect = AgainstOffices(
        why is None, found.value, found.low, found.high, found.p, plan.before // MONTH, others or names, why
    )
    month = months_of(weeks.since, weeks.untouched, MONTH)
    numbers = np.unique(month[month > -plan.before // MONTH - 1]) if why is None else np.empty(0, np.int64)
    one = [pattern(weeks, month == number) for number in numbers]
    effects = [rests.effect(each, off, degrees, level) for each in one]
    return Staggered(_rows(weeks, month, numbers, one, effects), effect)


def _missing(weeks: Weeks, plan: Plan, names: tuple[str, ...], changes: Mapping[str, str]) -> Message | None:
    since = (weeks.cases * weeks.since).sum()
    values: dict[str, Value] = {
        "least": LEAST_CASES,
        "before": int((weeks.cases * weeks.untouched).sum()),
        "after": int(since),
    }
    if plan.before < YEAR:
        return Message("offices.why.short", {"months": plan.before // MONTH, "least": YEAR // MONTH})
    if plan.after < LEAST_AFTER:
        return Message("offices.why.early", {"weeks": plan.after, "least": LEAST_AFTER})
    if len(names) < LEAST_OFFICES or not set(names) & set(changes):
        return Message("offices.why.offices", {"offices": len(names), "least": LEAST_OFFICES})
    return Message("offices.why.few", values) if since < LEAST_CASES else None


def _rows(weeks: Weeks, month: Ints, numbers: Ints, found: list[Pattern], effects: list[Effect]) -> Rows:
    """As `month_rows`; the comparison stands at the level of the offices that changed, moved as the others did."""
    own = [month == number for number in numbers]
    cases = np.array([(weeks.cases * one).sum() for one in own])
    total = np.array([(weeks.sums[..., TOTAL] * one).sum() for one in own])
    mean = total / np.maximum(cases, 1)
    told = np.array([(one.value, one.low, one.high) for one in effects]).reshape(-1, 3).T
    beside = [_beside(weeks, month, int(number)) for number in numbers]
    return {
        "month": np.array(numbers, np.int64),
        "period": np.where(np.asarray(numbers) < 0, "before", "after").astype(object),
        "begin": np.full(len(numbers), np.datetime64("NaT"), "M8[D]"),
        "offices": np.array([((weeks.cases * one).sum(axis=1) > 0).sum() for one in own], np.int64),
        "cases": cases.astype(np.int64),
        "mean": timedeltas(np.where(cases > 0, mean, np.nan)),
        "cases_beside": np.array(beside, np.int64),
        "mean_beside": timedeltas(mean - told[0]),
        **{name: timedeltas(one) for name, one in zip(("difference", "low", "high"), told)},
    }


def _beside(weeks: Weeks, month: Ints, number: int) -> int:
    """Cases of the offices untouched in any of these weeks, each counted once."""
    used = np.zeros(month.shape, bool)
    for office in np.flatnonzero((month == number).any(axis=1)):
        others = weeks.untouched & (month[office] == number)
        others[office] = False
        used |= others
    return int((weeks.cases * used).sum())
