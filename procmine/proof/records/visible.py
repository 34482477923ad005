"""Visible: the smallest change that so many weeks since it would show, by what the weeks before it vary."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from procmine.kernels.blocks import Floats
from procmine.kernels.contrast import Arm, Cells, Flags, Standard
from procmine.proof.cohorts import YEAR, Plan
from procmine.proof.verdict.evidence import LEAST_NEAR, SEASON_FROM

TOGETHER = (
    0.95  # for standing out from all windows at once 4 times in 5; 0.84 would do for a single one (docs/benchmarks.md)
)
FAR = 100 * YEAR  # weeks: as good as for ever


@dataclass(frozen=True, eq=False)
class Sight:
    """What can be seen with the weeks of `before`: weeks since the change are taken to be like them.

    A verdict asks that a change stands out from all weeks before, from those next to the change and from the same weeks a
    year before, and that it is at least `least`: `visible` is the largest of what each of these would show 4 times in 5.
    """

    before: Arm
    plan: Plan
    level: float
    least: float = 0.0
    power: float = TOGETHER

    def visible(self, weeks: int) -> float:
        """In the unit of the arm's values."""
        span = self.gap + len(self.before.n) + weeks
        cells = Cells(*(self._extended(part, weeks) for part in self.before.parts))
        place = np.arange(span)
        once, after = place < len(self.before.n), place >= span - weeks
        standard = Standard.of(cells, once, self._waves(span))
        found = [standard.against(window, after) for window in self._windows(once, weeks)]
        return max(max(one.reach(self.level), self.least) + self.power * one.error for one in found)

    def weeks_for(self, wanted: float) -> int | None:
        """The least number of weeks with which so small a change would be seen; None: never."""
        if self.floor > wanted:
            return None
        low, high = 0, FAR
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.visible(middle) <= wanted else (middle, high)
        return high

    @cached_property
    def floor(self) -> float:
        """What would be seen with all the weeks there could ever be: the weeks before set that limit."""
        return self.visible(FAR)

    @property
    def gap(self) -> int:
        """Weeks between those before and those after: of cases alive across the change, and of getting used to it."""
        return self.plan.watched + self.plan.ramp

    def _extended(self, part: Floats, weeks: int) -> Floats:
        return np.concatenate((part, np.zeros(self.gap), np.full(weeks, part.mean())))[None, :]

    def _waves(self, span: int) -> Floats | None:
        if len(self.before.n) < SEASON_FROM:
            return None
        turn = 2 * np.pi * np.arange(span) * 7 / 365.25
        return np.stack((np.cos(turn), np.sin(turn)))

    def _windows(self, once: Flags, weeks: int) -> list[Floats]:
        count = len(self.before.n)
        near = np.zeros(len(once))
        near[max(count - max(weeks, LEAST_NEAR), 0) : count] = 1
        same = np.zeros(len(once))
        place = count + self.gap + np.arange(weeks)
        back = -(-(place - count + 1) // YEAR) * YEAR  # whole years, into the weeks before
        if (place < back).any():
            return [once.astype(np.float64), near]
        np.add.at(same, place - back, 1)
        return [once.astype(np.float64), near, same]
