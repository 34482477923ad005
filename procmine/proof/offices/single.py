"""Single: one change on one day, month by month before and since, beside the other offices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.about import About
from procmine.kernels.blocks import Floats
from procmine.kernels.event_study import COUNT, TOTAL, Effect, Trend, apart, beside, part_of, trend
from procmine.log import shown
from procmine.proof.cohorts import WEEK, Plan, kept_of
from procmine.proof.offices.against import MONTH, sums_of, weights_of
from procmine.proof.offices.weekly import TREATED, ByOffice
from procmine.results import Rows, timedeltas

YEAR_OF_WEEKS = 365.25 / 7


@dataclass(frozen=True)
class Month:
    """`weeks` weeks from week `first` on, counted from the change."""

    number: int
    first: int
    weeks: int


def months_of(plan: Plan) -> list[Month]:
    """Four weeks each, counted from the change on and back from the last week before; the ends may be shorter."""
    first, count = plan.weeks("before")
    last = first + count
    before = [Month(-k, max(last - MONTH * k, first), min(MONTH, last - MONTH * (k - 1) - first))
              for k in range(-(-count // MONTH), 0, -1)]  # fmt: skip
    first, count = plan.weeks("after")
    after = [Month(k, first + MONTH * k, min(MONTH, count - MONTH * k)) for k in range(-(-count // MONTH))]
    return [*before, *after]


def month_rows(sums: ByOffice, plan: Plan, offices: tuple[str, ...], about: About, level: float) -> Rows:
    """A row per month: cases, the two means, and the difference from what it was before, with its range."""
    names = (TREATED, *offices)
    whole, months = sums_of(sums, plan, names), months_of(plan)
    weights = weights_of(whole, plan)
    dense = [sums.dense(names, one.first, one.weeks) for one in months]
    effects = [_month_effect(whole, weights, plan, one, own, level) for one, own in zip(months, dense)]
    told = np.array([(one.value, one.low, one.high) for one in effects]).reshape(-1, 3).T
    means = np.array([_means(whole, weights, own) for own in dense]).reshape(-1, 2).T
    cases = [np.array([one[part, :, COUNT].sum() for one in dense], np.int64) for part in (slice(0, 1), slice(1, None))]
    number = np.array([one.number for one in months], np.int64)
    begins = np.array([plan.begins(one.first) for one in months], np.int64)
    return {
        "month": number,
        "period": np.where(number < 0, "before", "after").astype(object),
        "begin": shown(about, begins).astype("M8[D]"),
        "offices": np.ones(len(months), np.int64),
        "cases": cases[0],
        "mean": timedeltas(means[0]),
        "cases_beside": cases[1],
        "mean_beside": timedeltas(means[1]),
        **{name: timedeltas(_finite(one)) for name, one in zip(("difference", "low", "high"), told)},
    }


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _month_effect(whole: Floats, weights: Floats, plan: Plan, month: Month, own: Floats, level: float) -> Effect:
    """Of one month, against the weeks before: those left when it is one of them."""
    before = whole[:, : plan.before]
    if month.number < 0:
        place = month.first - plan.weeks("before")[0]
        before = np.delete(before, np.arange(place, place + month.weeks), axis=1)
    return beside(np.concatenate((before, own), axis=1), weights, month.weeks, level)


def _means(whole: Floats, weights: Floats, own: Floats) -> tuple[float, float]:
    """Of the treated, and of the others as they would be had each of them cases in every week; nan where there are none."""
    level = whole[..., TOTAL].sum(axis=1) / np.maximum(whole[..., COUNT].sum(axis=1), 1)
    count, total = own[..., COUNT], own[..., TOTAL]
    off = np.where(count > 0, total / np.maximum(count, 1) - level[:, None], 0.0)
    weight = weights[:, None] * (count[1:] > 0)
    kept = (count[0] > 0) & (weight.sum(axis=0) > 0)
    if not kept.any():
        return float("nan"), float("nan")
    beside = (weight * off[1:]).sum(axis=0)[kept] / weight.sum(axis=0)[kept]
    mean = total[0].sum() / count[0].sum()
    return float(mean), float(weights @ level[1:] + np.average(beside, weights=count[0, kept]))


@dataclass(frozen=True)
class Drift:
    """How far the two moved apart before the change, in seconds a year, and what that would make of the effect.

    explains: seconds, had the drift gone on; most: the same of the largest drift, in the direction of the effect, that the
    weeks before leave possible.
    """

    year: float
    low: float
    high: float
    explains: float
    most: float


def drift_of(whole: Floats, plan: Plan, effect: float) -> Drift:
    """Of sums of the weeks before and since (the treated first)."""
    weights = weights_of(whole, plan)
    series, week = apart(whole[:, : plan.before], weights, 0)
    found: Trend = trend(series, week)
    since = whole[0, plan.before :, COUNT]
    gap = plan.weeks("after")[0] - plan.weeks("before")[0] + np.average(np.arange(plan.after), weights=since)
    apart_by = float(gap - np.average(week, weights=series.weight))
    most = min(found.low * apart_by, 0.0) if effect < 0 else max(found.high * apart_by, 0.0)
    year = YEAR_OF_WEEKS
    return Drift(found.slope * year, found.low * year, found.high * year, found.slope * apart_by, most)


@dataclass(frozen=True)
class Arrivals:
    """Entries a week at the treated and at the comparison offices, before and since, and by how much the part (0..1) of the
    treated in all of them differs, with its range."""

    treated: tuple[float, float]
    others: tuple[float, float]
    part: tuple[float, float]
    change: Effect


def arrivals_of(sums: ByOffice, plan: Plan, offices: tuple[str, ...], about: About, level: float) -> Arrivals:
    """Every entry of the weeks before, up to the change, and of all whole weeks since: none needs to be watched."""
    first = plan.weeks("before")[0]
    since = max((min(about.cutoff + 1, kept_of(about).until) - plan.change) // WEEK, 1)
    counts = sums.dense((TREATED, *offices), first, since - first)[..., COUNT]
    both = np.stack((counts[0], counts[1:].sum(axis=0)))
    sides = both[:, :-since].sum(axis=1), both[:, -since:].sum(axis=1)
    weekly = [(float(sides[0][k]) / -first, float(sides[1][k]) / since) for k in (0, 1)]
    part = tuple(float(one[0] / max(one.sum(), 1)) for one in sides)
    return Arrivals(weekly[0], weekly[1], (part[0], part[1]), part_of(both, since, level))
