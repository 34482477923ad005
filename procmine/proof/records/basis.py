"""Basis: the cases before a planned change, and what weeks like theirs would show after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.blocks import Floats
from procmine.kernels.contrast import Arm
from procmine.kernels.flow import Ints
from procmine.log import shown
from procmine.proof.arms import ArmsPart, ArmsSummary
from procmine.proof.cohorts import LEAST_AFTER, LEAST_CASES, MIDDLE, WEEK, Plan
from procmine.proof.records.visible import Sight
from procmine.proof.verdict.rule import LEAST_CHANGE


@dataclass(frozen=True, eq=False)
class Basis:
    """The weeks of `part` that lie before the data end, as those before the change; `dated`: the plan from its day on."""

    about: About
    question: ArmsSummary
    part: ArmsPart
    dated: Plan
    level: float

    @cached_property
    def sight(self) -> Sight:
        before = self.question.arm(self.part, "before")
        return Sight(before, self.dated, self.level, LEAST_CHANGE * before.mean)

    @property
    def mean(self) -> float:
        """Seconds."""
        return self.sight.before.mean

    @property
    def per_week(self) -> float:
        return self.sight.before.cases / max(self.dated.before, 1)

    @property
    def least(self) -> int:
        """Weeks since the change below which nothing is told."""
        return max(LEAST_AFTER, ceil(LEAST_CASES / self.per_week))

    def of(self, part: ArmsPart) -> Basis:
        """The same question of other cases."""
        return replace(self, part=part)

    def visible(self, weeks: Ints) -> Floats:
        """Seconds."""
        return np.array([self.sight.visible(int(one)) for one in weeks])

    def days(self, weeks: Ints) -> NDArray[np.datetime64]:
        """The last day of the data that show so many weeks of cases."""
        ends = [self.dated.begins(self.dated.ramp + self.dated.watched + int(one)) - 1 for one in weeks]
        return shown(self.about, np.array(ends, np.int64)).astype("M8[D]")

    def weeks_by(self, end: int) -> int:
        """How many weeks of cases the data show that end at this moment."""
        return int((end - self.dated.change) // WEEK) - self.dated.watched - self.dated.ramp

    def within(self, days: int) -> Sight:
        """The same for the share of the cases that were done within so many days of the clock."""
        limit = days * self.question.clock.day * 1e6
        first, count = self.dated.weeks("before")
        ended = self.part.ended
        here = (ended.value <= limit) & (ended.key >= first + MIDDLE) & (ended.key < first + count + MIDDLE)
        done = np.bincount(ended.key[here] - first - MIDDLE, ended.count[here], count).astype(np.float64)
        return Sight(Arm(self.sight.before.n, done, done), self.dated, self.level)
