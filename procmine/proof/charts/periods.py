"""Periods: calendar months or weeks, numbered, as a log's clock on the wall has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.flow import Ints
from procmine.log import moment, shown

Days = NDArray[np.datetime64]
Length = Literal["month", "week"]


@dataclass(frozen=True)
class Periods:
    """Months, or weeks from Monday to Sunday; number 0 holds (month) or begins before (week) 1970-01-01."""

    length: Length = "month"

    def __post_init__(self) -> None:
        if self.length not in ("month", "week"):
            raise ValueError(f'period={self.length!r}: it is "month" or "week".')

    @property
    def in_a_year(self) -> int:
        return 12 if self.length == "month" else 52

    def of(self, about: About, time: Ints) -> Ints:
        """The number of the period in which each moment of the log lies."""
        wall = shown(about, time)
        if self.length == "month":
            return wall.astype("M8[M]").astype(np.int64)
        return (wall.astype("M8[D]").astype(np.int64) + 3) // 7

    def begin(self, number: Ints) -> Days:
        """The first day of each."""
        if self.length == "month":
            return np.asarray(number, np.int64).astype("M8[M]").astype("M8[D]")
        return (np.asarray(number, np.int64) * 7 - 3).astype("M8[D]")

    def moment(self, about: About, number: int) -> int:
        """When it begins, on the log's axis."""
        return moment(about, str(self.begin(np.array([number]))[0]))

    def holding(self, about: About, time: int) -> int:
        return int(self.of(about, np.array([time]))[0])

    def name(self, number: int) -> str:
        """2026-03, or the Monday of the week."""
        day = str(self.begin(np.array([number]))[0])
        return day[:7] if self.length == "month" else day
