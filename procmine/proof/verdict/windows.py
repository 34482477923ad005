"""Windows: the weeks before a change that those since are set beside, and the time of the year of each."""

from __future__ import annotations

import numpy as np

from procmine.kernels.blocks import Floats
from procmine.kernels.contrast import Flags
from procmine.proof.cohorts import YEAR

LEAST_NEAR = 13  # weeks
SEASON_FROM = 2 * YEAR  # weeks before, to tell the time of the year from chance


def windows(before: Flags, after: Flags) -> dict[str, Floats]:
    """How often each week counts: the whole time before, the weeks next to the change, the same weeks a year before.

    The weeks `before` come first, without a gap. "same" is left out where one of the weeks `after` has none before it.
    """
    count, since = int(before.sum()), int(after.sum())
    near = np.zeros(len(before))
    near[max(count - max(since, LEAST_NEAR), 0) : count] = 1
    found = {"long": before.astype(np.float64), "near": near}
    place = np.flatnonzero(after)
    same = place - -(-(place - count + 1) // YEAR) * YEAR  # whole years back, into the weeks before
    if (same < 0).any():
        return found
    return {**found, "same": np.bincount(same, minlength=len(before)).astype(np.float64)}


def year_waves(before: Flags) -> Floats | None:
    """The time of the year of each week, where there are years enough to tell it."""
    if before.sum() < SEASON_FROM:
        return None
    turn = 2 * np.pi * np.arange(len(before)) * 7 / 365.25
    return np.stack((np.cos(turn), np.sin(turn)))
