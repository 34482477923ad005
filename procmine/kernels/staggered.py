"""Staggered: offices that changed at different times, each beside those that had not yet (Callaway & Sant'Anna 2021)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import Floats, Ints, t_quantile
from procmine.kernels.event_study import COUNT, SQUARES, TOTAL, UNTOLD, Effect, two_sided

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Weeks:
    """sums[office, week, column]; which weeks of each office are untouched by its change, and which come since.

    An untouched week's cases were watched to the end before the change came. weights: of the offices as comparison.
    """

    sums: Floats
    untouched: Flags
    since: Flags
    weights: Floats

    @property
    def cases(self) -> Floats:
        cases: Floats = self.sums[..., COUNT]
        return cases

    @property
    def off(self) -> Floats:
        """Each office's weekly mean less its mean over untouched weeks; 0 in weeks without a case."""
        used = self.cases * self.untouched
        level = (self.sums[..., TOTAL] * self.untouched).sum(axis=1) / np.maximum(used.sum(axis=1), 1)
        off: Floats = np.where(self.cases > 0, self.sums[..., TOTAL] / np.maximum(self.cases, 1) - level[:, None], 0.0)
        return off


@dataclass(frozen=True, eq=False)
class Pattern:
    """What each weekly mean counts in an effect: weight[office, week]; cases: of the weeks and offices looked at."""

    weight: Floats
    cases: float


def pattern(weeks: Weeks, chosen: Flags) -> Pattern:
    """Mean over the cases of the `chosen` weeks of each office: less its other untouched weeks, less the same difference of
    the offices untouched then. Weeks for which no such office is left are not counted.
    """
    weight, cases = np.zeros(chosen.shape), 0.0
    for office, at, others in _compared(weeks, chosen):
        here = np.where(at, weeks.cases[office], 0.0)
        base = np.where(weeks.untouched[office] & ~chosen[office], weeks.cases[office], 0.0)
        beside = weeks.weights[:, None] * (others[:, None] & weeks.untouched & (weeks.cases > 0))
        whole = beside.sum(axis=0)
        base = base * (whole > 0)
        if not base.any():
            continue
        own = here - base * here.sum() / base.sum()
        weight[office] += own
        weight -= own * beside / np.where(whole > 0, whole, 1.0)
        cases += float(here.sum())
    return Pattern(weight / max(cases, 1e-300), cases)


def _compared(weeks: Weeks, chosen: Flags) -> Iterator[tuple[int, Flags, Flags]]:
    """Per office and set of offices untouched in some of its chosen weeks: these weeks, and that set."""
    free = weeks.untouched & (weeks.weights[:, None] > 0)
    for office in np.flatnonzero(chosen.any(axis=1)):
        others = free.copy()
        others[office] = False
        there = chosen[office] & (weeks.cases[office] > 0) & (others & (weeks.cases > 0)).any(axis=0)
        sets, of = np.unique(others[:, there], axis=1, return_inverse=True)
        for number in range(sets.shape[1]):
            at = np.zeros(chosen.shape[1], bool)
            at[np.flatnonzero(there)[of.ravel() == number]] = True
            yield int(office), at, sets[:, number]


@dataclass(frozen=True, eq=False)
class Rests:
    """What is left of each office's weeks once the common ups and downs and its own change are taken off; nan: no case."""

    rest: Floats
    noise: Floats  # variance of each weekly mean, were cases independent
    told: Floats  # part of an office's own variance that is left in its rests

    @classmethod
    def of(cls, weeks: Weeks) -> Rests:
        known = weeks.cases > 0
        weight = weeks.weights[:, None] * (weeks.untouched & known)
        common = (weight * weeks.off).sum(axis=0) / np.where(weight.any(axis=0), weight.sum(axis=0), np.nan)
        rest = np.where((weeks.untouched | weeks.since) & known, weeks.off - common, np.nan)
        for office in range(len(rest)):
            rest[office, weeks.since[office]] = _without_line(rest[office], weeks.cases[office], weeks.since[office])
        every = weeks.sums.sum(axis=1)
        n = np.maximum(every[:, COUNT], 1)
        spread = np.maximum(every[:, SQUARES] / n - (every[:, TOTAL] / n) ** 2, 0.0)
        part = weeks.weights / max(float(weeks.weights.sum()), 1e-300)
        told = (1 - part) ** 2 + part @ part - part**2
        return cls(rest, spread[:, None] / np.maximum(weeks.cases, 1), told)

    def effect(self, found: Pattern, off: Floats, degrees: float, level: float) -> Effect:
        """Of offices that move independently once the common ups and downs are off: each one's part of the variance is what
        the same weights find in the rests of any office, wherever in time they stand, and that of its own cases.
        """
        if not found.cases:
            return UNTOLD
        value = float((found.weight * off).sum())
        variance = 0.0
        for office, weight in enumerate(found.weight):
            if weight.any():
                own = [self._moved(weight, other) for other in range(len(off))]
                variance += max(float(np.nanmean(own)), 0.0) + float(weight**2 @ self.noise[office])
        error = sqrt(variance)
        reach = t_quantile(0.5 + level / 2, degrees) * error
        return Effect(value, value - reach, value + reach, two_sided(abs(value) / max(error, 1e-300), degrees))

    def _moved(self, weight: Floats, other: int) -> float:
        """Mean square of the weighted sum of an office's rests over all turns in time, less what cases alone make of it."""
        known = np.isfinite(self.rest[other])
        if known.sum() < 2:
            return float("nan")
        turned: NDArray[Any] = np.fft.irfft(
            np.fft.rfft(np.where(known, self.rest[other], 0.0)) * np.conj(np.fft.rfft(weight)), len(weight)
        )
        squares = float(weight @ weight)
        there = float(known.mean())
        noise = squares * float(self.noise[other, known].mean())
        return float(np.mean(turned**2)) / there / float(self.told[other]) - noise


def _without_line(rest: Floats, cases: Floats, since: Flags) -> Floats:
    """The weeks since the change less a line through them, so that an effect that grows is no part of the rests."""
    here = np.flatnonzero(since & np.isfinite(rest))
    left = rest[since].copy()
    if len(here):
        weight, at = cases[here], here - np.average(here, weights=cases[here])
        slope = float(weight @ (at * rest[here])) / max(float(weight @ at**2), 1e-300) if len(here) > 2 else 0.0
        line = np.average(rest[here], weights=weight) + slope * at
        left[np.isin(np.flatnonzero(since), here)] -= line
    return left


def months_of(since: Flags, untouched: Flags, length: int) -> Ints:
    """Month (of `length` weeks) of each office's weeks: from 0 since its change; -1 and below the last untouched ones."""
    weeks = np.arange(since.shape[1])
    month = np.full(since.shape, np.iinfo(np.int64).min)
    for office in np.flatnonzero(since.any(axis=1)):
        first, last = int(np.flatnonzero(since[office])[0]), int(np.flatnonzero(untouched[office])[-1])
        month[office, since[office]] = (weeks[since[office]] - first) // length
        month[office, untouched[office]] = -1 - (last - weeks[untouched[office]]) // length
    return month
