"""Signs that times are not what they seem: how exact they are, and dates that a system fills in where it has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from procmine.kernels.flow import Ints
from procmine.load.arrays import Flags
from procmine.load.dates.fields import DAY, MISSING, SECOND

Exact = Literal["day", "minute", "second", "finer"]
Kind = Literal["filled_in", "year_edge"]

# First and last days of the clocks of machines and data bases, and days people type for "none" and "for ever".
FILLED_IN = (
    *("0001-01-01", "0001-01-03", "1111-11-11", "1582-10-15", "1601-01-01", "1753-01-01", "1800-01-01", "1858-11-17"),
    *("1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1904-01-01", "1969-12-31", "1970-01-01", "1980-01-01"),
    *("2000-01-01", "2038-01-19", "2049-12-31", "2050-12-31", "2079-06-06", "2078-12-31", "2099-01-01", "2099-12-31"),
    *("2100-01-01", "2100-12-31", "2199-12-31", "2200-01-01", "2222-02-22", "2262-04-11", "2500-01-01", "2500-12-31"),
    *("2999-01-01", "2999-12-31", "3000-01-01", "3000-12-31", "4000-01-01", "8888-12-31", "9000-01-01", "9990-12-31"),
    *("9998-12-31", "9999-01-01", "9999-09-09", "9999-12-30", "9999-12-31"),
)
AWAY = 366  # days outside the middle nine tenths of all times from which a day known to be filled in is one
FAR = 20 * 366  # days outside from which any 1 January or 31 December is
AROUND, TIMES, ENOUGH = 183, 4, 20  # half a year around an edge of the year, what it has more of, and at least
USUAL = (-25_567, 47_482)  # 1900 to 2099, in days since 1970
NEVER = 2**31  # a day from which all others are far


@dataclass(frozen=True, order=True)
class Placeholder:
    """A moment (microseconds, on the clock of the times) that seems filled in, and how many times have it.

    `kind`: "filled_in" = a day known for that, or the edge of a year, far from all other times; "year_edge" = a peak on
    31 December or 1 January among the other times.
    """

    moment: int
    count: int
    kind: Kind


def precision_of(time: Ints) -> Exact:
    """The coarsest unit in which all these times are whole ("day" where there are none); MISSING is left out."""
    held = time[time != MISSING]
    if not np.any(held % DAY):
        return "day"
    if not np.any(held % (60 * SECOND)):
        return "minute"
    return "finer" if np.any(held % SECOND) else "second"


def placeholders(time: Ints) -> list[Placeholder]:
    """Moments that seem filled in, in order of time; best asked of the times of one step or one column.

    Filled in: a day of FILLED_IN that lies a year or more outside the middle nine tenths of the other times, or a 1 January
    or 31 December that lies twenty years or more outside. A peak of the year's edge: one moment of 31 December or 1 January
    with at least 20 times, and at least four times as many as any day within half a year that is no such edge; where no
    such day has any, nothing is said.
    """
    held = time[time != MISSING]
    if not len(held):
        return []
    day, count = np.unique(held // DAY, return_counts=True)
    edge, known = _edges(day), np.isin(day, np.array(FILLED_IN, "M8[D]").astype(np.int64))
    low, high = _middle(day, count, known)
    away = np.maximum(low - day, day - high)
    filled = (known & (away >= AWAY)) | (edge & (away >= FAR))
    found = [_most(held, int(one), "filled_in") for one in day[filled]]
    peaks = [_most(held, int(one), "year_edge") for one in day[edge & ~filled & (count >= ENOUGH)]]
    return sorted(found + [one for one in peaks if _stands_out(one, day, count, edge)])


def _edges(day: Ints) -> Flags:
    """Which days are 1 January or 31 December."""
    date = day.astype("M8[D]")
    first, after = (one.astype("M8[Y]").astype("M8[D]") for one in (date, date + 1))
    edges: Flags = (date == first) | (date + 1 == after)
    return edges


def _middle(day: Ints, count: Ints, known: Flags) -> tuple[int, int]:
    """The days between which the middle nine tenths of the times lie that are not known to be filled in."""
    usual = ~known & (day >= USUAL[0]) & (day < USUAL[1])
    if not usual.any():
        return NEVER, NEVER
    share = np.cumsum(count[usual]) / count[usual].sum()
    low, high = np.searchsorted(share, (0.05, 0.95))
    return int(day[usual][low]), int(day[usual][high])


def _most(held: Ints, day: int, kind: Kind) -> Placeholder:
    """The commonest moment of a day."""
    moment, count = np.unique(held[held // DAY == day], return_counts=True)
    return Placeholder(int(moment[count.argmax()]), int(count.max()), kind)


def _stands_out(found: Placeholder, day: Ints, count: Ints, edge: Flags) -> bool:
    near = (np.abs(day - found.moment // DAY) <= AROUND) & ~edge
    most = int(count[near].max(initial=0))
    return found.count >= max(ENOUGH, TIMES * most) and most > 0
