"""Closed days: those on which an office that works such days did nothing, and when they come again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SURE = 8.0  # events expected on a day without any: by chance on one such day in 3,000
NEAR = 6  # same weekdays before and after, by which so many are expected
MOST = 0.15  # of such days: if more are empty, empty days are ordinary
ONCE_IS_ENOUGH = ((1, 1), (12, 24), (12, 25), (12, 26), (12, 31))  # closed once on one of these: closed each year


def closed_days(count: Floats) -> tuple[Flags, Flags]:
    """Per day of consecutive ones: whether it was closed, and whether it is known that it was not.

    Closed is a day without any event where at least SURE would be expected from the same weekdays around it, if such
    days are rare. The first `count` may lie on any weekday.
    """
    expected = np.zeros(len(count))
    for first in range(min(7, len(count))):
        expected[first::7] = _around(count[first::7])
    sure = expected >= SURE
    empty = sure & (count == 0)
    if empty.sum() > MOST * max(int(sure.sum()), 1):
        empty[:] = False
    return empty, sure & ~empty


def _around(count: Floats) -> Floats:
    """The mean of those up to NEAR places away that are not empty; 0 where most of them are."""
    upto = np.concatenate(([0.0], np.cumsum(count)))
    there = np.concatenate(([0.0], np.cumsum(count > 0)))
    place = np.arange(len(count))
    low, high = np.maximum(place - NEAR, 0), np.minimum(place + NEAR + 1, len(count))
    n, busy = high - low, there[high] - there[low]
    mean: Floats = (upto[high] - upto[low]) / np.maximum(busy, 1)
    return np.where(busy >= 0.5 * n, mean, 0.0)


def again(day: Ints, closed: Flags, known_open: Flags, later: Ints) -> Flags:
    """Which of the `later` days will be closed: those that a rule names by which days were always closed.

    Rules: the same date, the same distance from Easter; for what these leave unexplained the same weekday of the month
    by its place, then the last one. A rule counts if it was met at least twice (once at Christmas and the turn of the
    year), and never failed on a day known to be open. Days are counted from 1970-01-01.
    """
    found, left = np.zeros(len(later), bool), closed.copy()
    for rules in ((_date, _from_easter), (_place_in_month,), (_last_in_month,)):
        named = [_named(rule(day), rule(later), left, known_open, rule is _date) for rule in rules]
        for before, after in named:
            left &= ~before
            found |= after
    return found


def _named(here: Ints, there: Ints, closed: Flags, known_open: Flags, dates: bool) -> tuple[Flags, Flags]:
    """Which days have a name whose days were always closed; of those known, and of the later ones."""
    names, number = np.unique(np.concatenate((here, there)), return_inverse=True)
    met, failed = (np.bincount(number[: len(here)], flags, len(names)) for flags in (closed, known_open))
    once = np.isin(names, [100 * month + day for month, day in ONCE_IS_ENOUGH]) & dates
    sure = ((met >= 2) | (once & (met >= 1))) & (failed == 0)
    return sure[number[: len(here)]], sure[number[len(here) :]]


def _place_in_month(day: Ints) -> Ints:
    date = _date(day)
    return 1_000 * (date // 100) + 10 * ((date % 100 - 1) // 7 + 1) + (day + 3) % 7


def _last_in_month(day: Ints) -> Ints:
    """Its month and weekday, or a number of its own where another such weekday follows in the month."""
    left = (day.astype("M8[D]").astype("M8[M]") + 1).astype("M8[D]").astype(np.int64) - day
    return np.where(left <= 7, 1_000 * (_date(day) // 100) + (day + 3) % 7, -day - 10**6)


def _date(day: Ints) -> Ints:
    """Month and day of the month, as 1225."""
    date = day.astype("M8[D]")
    month = date.astype("M8[M]")
    number = (date - month.astype("M8[D]")).astype(np.int64) + 1
    named: Ints = (month.astype(np.int64) % 12 + 1) * 100 + number
    return named


def _from_easter(day: Ints) -> Ints:
    """Days after Easter Sunday of the year, from -60 to 70; else a number of its own."""
    year = day.astype("M8[D]").astype("M8[Y]").astype(np.int64) + 1970
    since = day - easter(year)
    return np.where((since >= -60) & (since <= 70), since, -day - 10**6)


def easter(year: Ints) -> Ints:
    """Easter Sunday of the Gregorian calendar (Meeus 1991, chapter 8), counted from 1970-01-01."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    x = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * x) // 451
    month, number = (h + x - 7 * m + 114) // 31, (h + x - 7 * m + 114) % 31
    first = (year - 1970).astype("M8[Y]").astype("M8[M]") + (month - 1)
    found: Ints = first.astype("M8[D]").astype(np.int64) + number
    return found
