"""Grew: whether something is more since a change than before, and by so much that a gain might rest on it."""

from __future__ import annotations

from dataclasses import dataclass

from procmine.kernels.blocks import EntryWeeks
from procmine.kernels.contrast import Arm, Contrast, contrast
from procmine.proof.cohorts import LEAST_AFTER, LEAST_BEFORE, LEAST_CASES, Plan
from procmine.proof.verdict.kinds import FAILS, FINE, UNKNOWN, UNSURE

POINTS = 0.02  # of all cases: more than this is much
CERTAIN = 0.98  # level of the range that must exclude 0: several guards look, and none may often spoil a true gain
LEANING = 0.9  # if only a range of this level does: large, but not certain
WORST = (FAILS, UNSURE, UNKNOWN, FINE)
NOTHING = Contrast(float("nan"), float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True)
class Grown:
    """Means before and after, their difference with its 98% range, and what follows from it."""

    state: str
    before: float = float("nan")
    after: float = float("nan")
    moved: Contrast = NOTHING


def arms(weeks: EntryWeeks, plan: Plan, value: int, square: int) -> tuple[Arm, Arm]:
    before, after = (Arm.of(weeks, *plan.weeks(period), value, square) for period in ("before", "after"))
    return before, after


def enough(weeks: EntryWeeks, plan: Plan, least: int = LEAST_CASES) -> bool:
    """Whether there are as many weeks, before and after, as the comparison itself wants, and so many cases."""
    if plan.before < LEAST_BEFORE or plan.after < LEAST_AFTER:
        return False
    return min(one.cases for one in arms(weeks, plan, 0, 0)) >= least


def grown(
    weeks: EntryWeeks, plan: Plan, value: int, square: int, much: float = POINTS, least: int = LEAST_CASES
) -> Grown:
    """FAILS: more by over `much`, and the 98% range excludes 0; UNSURE: only the 90% range does; column 0 counts cases."""
    if not enough(weeks, plan, least):
        return Grown(UNKNOWN)
    before, after = arms(weeks, plan, value, square)
    moved, state = contrast(before, after, CERTAIN), FINE
    if moved.difference > much and contrast(before, after, LEANING).low > 0:
        state = FAILS if moved.low > 0 else UNSURE
    return Grown(state, before.mean, after.mean, moved)


def worst(states: list[str], more: list[float]) -> int:
    """The place of the one that weighs most; of those alike, that of which there is most `more` than before."""
    return min(range(len(states)), key=lambda place: (WORST.index(states[place]), -more[place]))
