"""Worlds of offices whose truth is known: common ups and downs, ups and downs of an office's own, changes on known days."""

from functools import cache
from math import log, sqrt

import numpy as np

from procmine.kernels.event_study import apart, beside
from procmine.kernels.staggered import Rests, Weeks, pattern

WATCHED = 18  # weeks
SPREAD = sqrt(log(1 + 0.8**2))  # waits of mean 60 days, lognormal, whose spread is 0.8 of the mean
MONTH = 4


def ups(draw, rows, months, sd, memory, drift):
    """A factor's logarithm a month: sd, correlation from month to month, and steps that never come back."""
    own = draw.normal(0, sd, (rows, months))
    for month in range(1, months):
        own[:, month] = memory * own[:, month - 1] + sqrt(1 - memory**2) * own[:, month]
    return own + np.cumsum(draw.normal(0, drift, (rows, months)), axis=1)


def cases(seed, *, sizes=(1,) * 6, a_week=4.0, weeks=(104, 52), common=0.1, own=0.1, memory=0.0, drift=0.0, jump=1.0,
          levels=0.2, factor=None):  # fmt: skip
    """office, week and wait (days) of each case. `weeks` before and since; `factor[office, week]`: what the change does;
    `jump`: what happened to all offices on the same day."""
    draw, whole = np.random.default_rng(seed), sum(weeks)
    months = whole // MONTH + 1
    every, each = ups(draw, 1, months, common, 0.0, 0.0), ups(draw, len(sizes), months, own, memory, drift)
    level = np.exp(draw.normal(0, levels, len(sizes)))
    count = draw.poisson(a_week * np.array(sizes)[:, None] / np.mean(sizes), (len(sizes), whole))
    office = np.repeat(np.arange(len(sizes)), count.sum(axis=1))
    week = np.concatenate([np.repeat(np.arange(whole), row) for row in count])
    wait = draw.lognormal(np.log(60) - SPREAD**2 / 2, SPREAD, len(week)) * level[office]
    wait = wait * np.exp(every[0, week // MONTH] + each[office, week // MONTH]) * np.where(week < weeks[0], 1.0, jump)
    return office, week, wait if factor is None else wait * factor[office, week], level


def sums(office, week, wait, offices, weeks):
    """[office, week]: cases, days, squares, each case watched for 18 weeks."""
    seen, place = np.minimum(wait, 7 * WATCHED), office * weeks + week
    columns = [np.bincount(place, one, offices * weeks) for one in (np.ones(len(seen)), seen, seen**2)]
    return np.stack(columns, axis=-1).reshape(offices, weeks, 3)


@cache
def true_change(times, level, jump, sd):
    """What a factor `times` does to the mean wait as watched, at an office of that level whose months vary so much."""
    draw = np.random.default_rng(1)
    wait = draw.lognormal(np.log(60) - SPREAD**2 / 2, SPREAD, 100_000) * draw.lognormal(0, sd, 100_000) * level * jump
    return float(np.minimum(times * wait, 7 * WATCHED).mean() - np.minimum(wait, 7 * WATCHED).mean())


def one_change(seed, times=1.0, **world):
    """The first office changes: the effect found, what it truly is, and the sums."""
    weeks, offices = world.get("weeks", (104, 52)), len(world.get("sizes", (1,) * 6))
    factor = np.ones((offices, sum(weeks)))
    factor[0, weeks[0] :] = times
    office, week, wait, level = cases(seed, factor=factor, **world)
    whole = sums(office, week, wait, offices, sum(weeks))
    weights = whole[1:, : weeks[0], 0].sum(axis=1)
    sd = sqrt(world.get("common", 0.1) ** 2 + world.get("own", 0.1) ** 2)
    truth = true_change(times, round(float(level[0]), 2), world.get("jump", 1.0), round(sd, 3))
    return beside(whole, weights / weights.sum(), weeks[1]), truth, whole


def permuted(whole, weeks):
    """The permutation of Chernozhukov, Wuthrich & Zhu alone."""
    weights = whole[1:, : weeks[0], 0].sum(axis=1)
    return apart(whole, weights / weights.sum(), weeks[1])[0].permuted()


WEEKS = 150


def staggered(seed, dates, kind, **world):
    """Offices change in the weeks `dates` (None: never); kind: "none", "at once" (-20%) or "grows" (to -35% in 40 weeks)."""
    week = np.arange(WEEKS)
    factor = np.ones((len(dates), WEEKS))
    for office, date in enumerate(dates):
        if date is not None and kind != "none":
            grown = 0.8 if kind == "at once" else 1 - 0.35 * np.minimum((week - date) / 40, 1)
            factor[office] = np.where(week >= date, grown, 1.0)
    of, at, wait, _ = cases(seed, sizes=(1,) * len(dates), weeks=(WEEKS, 0), levels=0.0, factor=factor, **world)
    whole = sums(of, at, wait, len(dates), WEEKS)
    untouched = np.stack([week < (WEEKS if date is None else date - WATCHED) for date in dates])
    since = np.stack([week >= (WEEKS if date is None else date) for date in dates])
    first = min(date for date in dates if date is not None) - WATCHED
    weights = whole[:, :first, 0].sum(axis=1)
    weeks = Weeks(whole, untouched, since, weights / weights.sum())
    # the change of each case begun since, where some office is still untouched
    counted = since & untouched.any(axis=0) & (whole[..., 0] > 0)
    sd = round(sqrt(world.get("common", 0.1) ** 2 + world.get("own", 0.1) ** 2), 3)
    truth = sum(whole[o, w, 0] * true_change(round(factor[o, w], 3), 1.0, 1.0, sd) for o, w in np.argwhere(counted))
    found = Rests.of(weeks).effect(pattern(weeks, since), weeks.off, 2.0 * (len(dates) - 1), 0.95)
    return found, truth / whole[counted][:, 0].sum(), weeks
