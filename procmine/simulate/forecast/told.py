"""Told: the answer for one policy in numbers: a figure with its range, or only bounds where the log settles no figure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.kernels.crowd import Floats
from procmine.simulate.forecast.draws import MORE_IS_SOONER, Drawn, Figures, Play, with_effect
from procmine.simulate.plan import Plan
from procmine.simulate.policies.lines import AGAIN
from procmine.simulate.policy import Policy
from procmine.words import Message

ARMS = ("today", "with_policy")
BAND = ("_low", "_high")
ESTIMATE, BOUNDS = "estimate", "bounds"
TODAY, WITH, EFFECT = range(3)
FINISHED = 0  # in what is told of the time ahead


@dataclass(frozen=True, eq=False)
class Told:
    """What was simulated for one policy: one plan, or the two between which the log cannot decide.

    unbounded: the log sets no second bound; `later` says on which side the first one lies open.
    """

    policy: Policy
    plays: tuple[Play, ...]
    figures: tuple[Figures, ...]
    drawn: tuple[Drawn, ...] | None
    bounded: bool
    unbounded: bool
    later: bool
    money: tuple[float, float]  # that the policy itself costs: once, and a year
    said: tuple[Message, ...]

    @property
    def kind(self) -> str:
        return BOUNDS if self.bounded else ESTIMATE

    @property
    def plan(self) -> Plan:
        return self.plays[0].engine.plan

    def columns(self, name: str) -> dict[str, Floats]:
        """today, with_policy, effect, and their ends as low and high, today_low ... with_policy_high; nan: not known.

        Bounds: the figure itself is nan, and the ends reach from the lower end of one plan to the upper one of the
        other.
        """
        points = [with_effect(one.blocks[name]) for one in self.figures]
        low, high = self._ends(name, points)
        point = points[0].copy()
        if self.bounded:
            point[WITH:] = np.nan
        found = dict(zip((*ARMS, "effect"), point)) | {"low": low[EFFECT], "high": high[EFFECT]}
        for arm, column in enumerate(ARMS):
            found |= {column + BAND[0]: low[arm], column + BAND[1]: high[arm]}
        return found

    def _ends(self, name: str, points: list[Floats]) -> tuple[Floats, Floats]:
        if self.drawn is None:
            nothing = np.full(points[0].shape, np.nan)
            both = [self._again(name, one) for one in points] if self.bounded else [(nothing, nothing)]
        else:
            both = [one.ends(name) for one in self.drawn]
        low, high = np.min([one for one, _ in both], axis=0), np.max([two for _, two in both], axis=0)
        if self.unbounded:
            open_end = high if self.later == (name not in MORE_IS_SOONER) else low
            open_end[WITH:] = np.nan
            if name == "world":  # who waits endlessly is never finished: neither end of that is known
                low[WITH:, FINISHED], high[WITH:, FINISHED] = np.nan, np.nan
        return low, high

    def _again(self, name: str, point: Floats) -> tuple[Floats, Floats]:
        """Ends where no weeks tell how far a line's history reaches: effects on times as many times as large, or small, as
        lines may be longer or shorter at least.
        """
        low, high = point.copy(), point.copy()
        if name == "times" and self.plan.history != (1.0, 1.0):
            reach = np.stack((AGAIN * point[EFFECT], point[EFFECT] / AGAIN))
            low[EFFECT], high[EFFECT] = np.maximum(reach.min(axis=0), -point[0]), reach.max(axis=0)
        return low, high

    def chance(self, name: str) -> Floats:
        """The part of the variance of the effect that is chance in simulating."""
        if self.drawn is None or self.bounded:
            return np.full(self.figures[0].blocks[name].shape[1], np.nan)
        part: Floats = self.drawn[0].chance(name)[EFFECT]
        return part
