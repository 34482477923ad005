"""Visible: the smallest change that so many weeks since it would show, by what the weeks before it vary."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from procmine.kernels.blocks import Floats
from procmine.kernels.contrast import Arm, Cells, Standard
from procmine.proof.cohorts import YEAR, Plan
from procmine.proof.verdict.windows import windows, year_waves

TOGETHER = (
    0.95  # to stand out from all windows at once 4 times in 5; .84 would do for one alone (docs/benchmarks_other.md)
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
        standard = Standard.of(cells, once, year_waves(once))
        found = [standard.against(window, after) for window in windows(once, after).values()]
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
