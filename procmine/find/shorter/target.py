"""How short a step could be: as the fastest fifth of its own times, or as the middle of the best office."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.find.shorter.watched import Watched
from procmine.kernels.blocks import week_weights
from procmine.kernels.flow import Ints
from procmine.kernels.survival import Floats
from procmine.log import EventLog
from procmine.see.survival import DRAWS, SEED

FIFTH, HALF = 0.2, 0.5
LEAST = 20  # times (of as many cases) before an office can be the best
MOST_BINS = 500


@dataclass(frozen=True, eq=False)
class Times:
    """The times that one step took: `length` (microseconds of the clock), how many each stands for, and its case."""

    length: Ints
    weight: Floats
    case: Ints

    def quantile(self, share: float) -> float:
        """The time within which this share of them were done."""
        order = np.argsort(self.length, kind="stable")
        return float(self.length[order][_reached(self.weight[order][None, :], share)[0]])


@dataclass(frozen=True)
class Target:
    """At most so long (microseconds of the clock), as in that office ("": none)."""

    length: float
    office: str = ""


def best_office(log: EventLog, times: Times, office: str) -> Target | None:
    """The shortest of the offices' middles, each drawn towards their common mean as far as chance may have made it.

    Normal-normal shrinkage: middle of an office = mean + share x (its own - mean), share = between / (between + its own
    variance); the variances are those of its middle over draws of entry weeks, `between` is what the middles differ by beyond
    them (not below 0). Offices with fewer than LEAST cases that came to the step are no candidates. None: fewer than two.
    """
    text = log.attributes[office]
    code = text.codes[times.case]
    found = [one for one in np.unique(code[code >= 0]) if len(np.unique(times.case[code == one])) >= LEAST]
    if len(found) < 2:
        return None
    week = Watched.of(log)
    middles, variances = np.array([_middle(times, np.flatnonzero(code == one), week) for one in found]).T
    shrunk = shrink(middles, variances)
    best = int(np.argmin(shrunk))
    return Target(float(shrunk[best]), str(text.levels.to_pylist()[found[best]]))


def shrink(middle: Floats, variance: Floats) -> Floats:
    """Each value drawn towards their mean, the more so the less it is known."""
    between = max(float(np.var(middle, ddof=1) - variance.mean()), 0.0)
    whole = between + variance
    if not whole.any():
        return middle
    weight = 1 / np.maximum(whole, whole.max() * 1e-9)
    mean = float((weight * middle).sum() / weight.sum())
    shrunk: Floats = mean + np.divide(between, whole, out=np.ones_like(whole), where=whole > 0) * (middle - mean)
    return shrunk


def _middle(times: Times, here: Ints, watched: Watched) -> tuple[float, float]:
    """The middle of these times, and how much it varies when entry weeks are drawn again."""
    length, weight = times.length[here], times.weight[here]
    value = np.unique(length)
    value = value[np.unique(np.linspace(0, len(value) - 1, MOST_BINS).astype(np.int64))]
    column, row = np.searchsorted(value, length), watched.week[times.case[here]]
    table = np.zeros((len(watched.weeks), len(value)))
    np.add.at(table, (row, column), weight)
    drawn = week_weights(watched.weeks, DRAWS, SEED)[:, watched.weeks - watched.weeks[0]] @ table
    drawn = drawn[drawn.sum(axis=1) > 0]
    own = Times(length, weight, times.case[here]).quantile(HALF)
    return own, float(np.var(value[_reached(drawn, HALF)].astype(np.float64)))


def _reached(weight: Floats, share: float) -> Ints:
    """Per row: the first column by which this share of the row's weight is reached."""
    upto = np.cumsum(weight, axis=1)
    place: Ints = np.argmax(upto >= share * upto[:, -1:] * (1 - 1e-12), axis=1)
    return place
