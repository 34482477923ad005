"""Coarse: how exactly lengths, shares and other numbers leave the team, so that none tells how many cases there are."""

from __future__ import annotations

from math import isfinite

import numpy as np
from numpy.typing import NDArray

from procmine.words import DAY, Span

Floats = NDArray[np.float64]
HOUR, MINUTE = 3600.0, 60.0
WHOLE_DAYS, TENTHS = 10, 10  # from ten days on whole days, below it tenths of one
# From so many cases told on, shares to this: as fine as at least one case, whatever number the rounded one stands for.
STEPS = ((110, 0.01), (30, 0.05), (0, 0.1))
DIGITS = 3  # of numbers that are neither counts nor shares


def coarse_seconds(seconds: Floats, day: float = DAY) -> Floats:
    """Whole days from ten days on, tenths of a day from one on, tenths of an hour from one on, else minutes.

    An average to the second, times each possible number of cases, is whole minutes for one of these only.
    """
    size = np.abs(np.nan_to_num(seconds))
    steps = [size >= (WHOLE_DAYS - 0.05) * day, size >= 0.95 * day, size >= HOUR]
    step = np.select(steps, [day, day / TENTHS, HOUR / TENTHS], MINUTE)
    return np.asarray(np.round(seconds / step) * step)


def coarse_times(column: NDArray[np.timedelta64], day: float = DAY) -> NDArray[np.timedelta64]:
    there = ~np.isnat(column)
    seconds = np.where(there, column, np.timedelta64(0, "s")) / np.timedelta64(1, "s")
    told = np.round(coarse_seconds(seconds, day)).astype("m8[s]")
    return np.where(there, told, np.timedelta64("NaT", "s"))


def coarse_span(span: Span) -> Span:
    """The same as the tables tell; a length that is not told stays so."""
    if not isfinite(span.seconds):
        return span
    return Span(float(coarse_seconds(np.array([span.seconds]), span.day)[0]), span.day)


def step_of(n: NDArray[np.int64] | Floats, least: int) -> Floats:
    """To what a share of n cases is rounded: so coarse that each n of the same rounded count has some share there."""
    told = np.round(np.asarray(n, np.float64) / least) * least
    return np.select([told >= many for many, _ in STEPS], [step for _, step in STEPS], STEPS[-1][1])


def coarse_share(share: Floats, n: NDArray[np.int64] | Floats, least: int) -> Floats:
    step = step_of(n, least)
    return np.asarray(np.round(np.round(share / step) * step, 2))


def two_sided(share: Floats, n: NDArray[np.int64] | Floats, least: int) -> Floats:
    """nan where fewer than `least` cases, also none, are the share or the rest: with n it would tell how many."""
    of = np.round(share * n)
    with np.errstate(invalid="ignore"):
        return np.where(np.minimum(of, n - of) >= least, share, np.nan)


def coarse_numbers(column: Floats) -> Floats:
    """Three digits."""
    size = np.abs(np.nan_to_num(column))
    digits = DIGITS - 1 - np.floor(np.log10(np.where(size > 0, size, 1.0)))
    return np.asarray(np.round(column * 10.0**digits) / 10.0**digits)
