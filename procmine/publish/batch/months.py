"""Months: the last whole one that data hold, and the days of a month, of a quarter and of a year that end with it."""

from __future__ import annotations

import numpy as np

from procmine.about import About
from procmine.log import day_of, end_of_day, moment
from procmine.publish.batch.job import Kind

LENGTHS: dict[Kind, int] = {"month": 1, "quarter": 3, "rolling_year": 12}


def last_month(about: About) -> str:
    """The last month of which every day is in the data: that of the cutoff, if the cutoff is its last day."""
    day = np.datetime64(day_of(about, about.cutoff), "D")
    return str((day + 1).astype("M8[M]") - 1)


def days(kind: Kind, month: str) -> tuple[str, str]:
    """The first and the last day of the month, or of the three or twelve months that end with it."""
    last = np.datetime64(month, "M")
    return str((last - LENGTHS[kind] + 1).astype("M8[D]")), str((last + 1).astype("M8[D]") - 1)


def months_up_to(month: str, number: int) -> str:
    """The first day of so many months that end with this one."""
    return str((np.datetime64(month, "M") - number + 1).astype("M8[D]"))


def day_after(day: str) -> str:
    return str(np.datetime64(day, "D") + 1)


def moments(about: About, first: str, last: str) -> tuple[int, int]:
    """The first and the last microsecond of these days, on the log's axis."""
    return moment(about, first), end_of_day(about, last)
