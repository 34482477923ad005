"""Rules of control charts: which points of a series stand out, by limits of moving ranges and by runs on one side."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, log2
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LIMIT, NEAR = 2.66, 2.66 * 2 / 3  # mean moving ranges from the mean: 3 and 2 standard deviations / 1.128
SCREEN = 3.267  # mean moving ranges: a range beyond it is dropped, once
RULES = ("outside", "trend", "two_of_three", "side")  # in the order in which a point's signal is named
IN_A_ROW = 7
WATCH_ROW = 8
DEPENDENT = 0.3  # autocorrelation from which on the residuals are charted instead


@dataclass(frozen=True, eq=False)
class Limits:
    """Centre and limits of series along the last axis; `step` is the mean moving range that they were taken from."""

    centre: Any
    step: Any

    @property
    def low(self) -> Any:
        return self.centre - LIMIT * self.step

    @property
    def high(self) -> Any:
        return self.centre + LIMIT * self.step


def limits(values: Floats) -> Limits:
    """XmR limits of each series along the last axis (2 points or more), as NHS "Making Data Count" in R draws them.

    Moving ranges of 3.267 times their mean or more are left out once (Nelson 1982).
    """
    moved = np.abs(np.diff(values, axis=-1))
    kept = moved < SCREEN * moved.mean(axis=-1, keepdims=True)
    step = np.where(kept, moved, 0).sum(axis=-1) / np.maximum(kept.sum(axis=-1), 1)
    return Limits(values.mean(axis=-1), step)


def signals(values: Floats, of: Limits) -> Flags:
    """[..., rule, point]: whether the point is part of a signal by each of RULES; series along the last axis.

    A point on a limit is inside, one on the mean breaks a row, two equal neighbours break a trend. Two of three lie beyond
    the near limit, inside the outer one, with all three on one side of the mean; only those two are marked.
    """
    centre, step = (np.expand_dims(np.asarray(one), -1) for one in (of.centre, of.step))
    side = np.sign(values - centre)
    outside = np.abs(values - centre) > LIMIT * step
    near = ~outside & (np.abs(values - centre) > NEAR * step)
    climb = np.sign(np.diff(values, axis=-1))
    found = (outside, trend(climb), near & _two_of_three(near, side), row(side, IN_A_ROW))
    return np.stack(found, axis=-2)


def row(side: Floats, length: int) -> Flags:
    """Points that lie in a row of at least so many on one side (+1, -1; 0 is on neither)."""
    return _spread(_alike(side, length), length, side.shape[-1])


def trend(climb: Floats) -> Flags:
    """Points that lie in a rise or a fall of seven; `climb` is the sign of each step from one point to the next."""
    return _spread(_alike(climb, IN_A_ROW - 1), IN_A_ROW, climb.shape[-1] + 1)


def _alike(sign: Floats, length: int) -> Flags:
    """For each window of `length`: whether all its signs are +1, or all -1."""
    if sign.shape[-1] < length:
        return np.zeros((*sign.shape[:-1], 0), bool)
    alike: Flags = np.abs(sliding_window_view(sign, length, axis=-1).sum(axis=-1)) == length
    return alike


def _two_of_three(near: Flags, side: Floats) -> Flags:
    if near.shape[-1] < 3:
        return np.zeros(near.shape, bool)
    two = sliding_window_view(near, 3, axis=-1).sum(axis=-1) >= 2
    return _spread(two & _alike(side, 3), 3, near.shape[-1])


def _spread(window: Flags, length: int, points: int) -> Flags:
    """Every point of each window that is marked."""
    marked = np.zeros((*window.shape[:-1], points), bool)
    for at in range(length if window.shape[-1] else 0):
        marked[..., at : at + window.shape[-1]] |= window
    return marked


@dataclass(frozen=True, eq=False)
class Runs:
    """Per series: points that are not on the centre line, the longest run on one side of it, and how often it is crossed."""

    useful: Any
    longest: Any
    crossings: Any

    @property
    def signal(self) -> Any:
        """Whether the longest run is too long, or the crossings are too few (Anhoej & Olesen 2014); not below 10 points."""
        n = np.asarray(self.useful)
        most, least = (
            np.array([rule(k) for k in range(int(n.max(initial=0)) + 1)]) for rule in (longest_run, crossings)
        )
        return (n >= LEAST_RUN) & ((self.longest > most[n]) | (self.crossings < least[n]))


LEAST_RUN = 10  # useful points below which the published bounds begin


def longest_run(useful: int) -> int:
    """The longest run that chance may well make of so many points."""
    return round(log2(useful)) + 3 if useful else 0


def crossings(useful: int) -> int:
    """The fewest crossings that chance may well make: 5% quantile of the binomial of useful - 1 halves."""
    steps, below, fewest = max(useful - 1, 0), 0, -1
    while 20 * below < 2**steps:
        fewest += 1
        below += comb(steps, fewest)
    return fewest


def runs(values: Floats, centre: Any) -> Runs:
    """Runs of each series along the last axis about its centre; points on it belong to none and break none."""
    side = np.sign(values - np.expand_dims(np.asarray(centre), -1))
    shape = side.shape[:-1]
    last, length, longest, crossed = np.zeros(shape), np.zeros(shape, int), np.zeros(shape, int), np.zeros(shape, int)
    for one in np.moveaxis(side, -1, 0):
        counts, same = one != 0, one == last
        crossed = crossed + (counts & ~same & (last != 0))
        length = np.where(counts, np.where(same, length + 1, 1), length)
        last = np.where(counts, one, last)
        longest = np.maximum(longest, length)
    return Runs((side != 0).sum(axis=-1), longest, crossed)


def longest_of(values: Floats, centre: float) -> Flags:
    """The points of the first longest run of one series, those on the centre line inside it left out."""
    side, marked = np.sign(values - centre), np.zeros(len(values), bool)
    useful = np.flatnonzero(side)
    pieces = np.split(useful, np.flatnonzero(np.diff(side[useful])) + 1)
    marked[max(pieces, key=len)] = True
    return marked


def autocorrelation(values: Floats) -> Any:
    """Lag-1 autocorrelation of each series along the last axis, from -0.95 to 0.95; 0 below 6 points.

    The lesser of two estimates. One is the usual r, freed of its bias: E[r] = rho - (1 + 4 rho) / n (Kendall 1954); a jump of
    the level makes it large. The other is of differences: points two apart differ by 1 + rho times the square of neighbours;
    it meets a jump only once, but varies more.
    """
    n = values.shape[-1]
    if n < 6:
        return np.zeros(values.shape[:-1])
    away = values - values.mean(axis=-1, keepdims=True)
    one = (np.diff(values, axis=-1) ** 2).mean(axis=-1)
    two = ((values[..., 2:] - values[..., :-2]) ** 2).mean(axis=-1)
    square = (away**2).sum(axis=-1)
    usual = (away[..., 1:] * away[..., :-1]).sum(axis=-1) / np.where(one > 0, square, 1)
    lesser = np.minimum((usual + 1 / n) / (1 - 4 / n), two / np.where(one > 0, one, 1) - 1)
    return np.clip(np.where(one > 0, lesser, 0.0), -0.95, 0.95)


def residuals(values: Floats, rho: Any, centre: Any) -> Floats:
    """What each point adds to what the point before lets expect; the first one, scaled alike, stands for itself."""
    rho, centre = (np.expand_dims(np.asarray(one), -1) for one in (rho, centre))
    away = values - centre
    first = away[..., :1] * np.sqrt(1 - rho**2)
    left: Floats = np.concatenate((first, away[..., 1:] - rho * away[..., :-1]), axis=-1)
    return left


@dataclass(frozen=True, eq=False)
class Base:
    """A stretch of points that new ones are watched against: its limits and, of dependent points, the dependence."""

    limits: Limits
    rho: Any  # 0: points are watched as they are; else their residuals
    centre: Any
    last: Any


def base_of(values: Floats) -> Base:
    """What new points are watched against, from those before (12 or more, along the last axis)."""
    found, centre = autocorrelation(values), values.mean(axis=-1)
    rho = np.where(found > DEPENDENT, found, 0.0)
    return Base(limits(residuals(values, rho, centre)), rho, centre, values[..., -1])


def watched(new: Floats, base: Base) -> Flags:
    """Per new point: an alarm? It lies outside the limits, or is the eighth or later in a row on one side of the centre."""
    outside, late = strayed(new, base)
    alarm: Flags = (outside != 0) | (late != 0)
    return alarm


def strayed(new: Floats, base: Base) -> tuple[Floats, Floats]:
    """Per new point +1 (above), -1 (below) or 0: outside the limits; and the eighth or later in a row on one side.

    Of dependent points what each adds to the one before is watched. Rows are counted among the new points only.
    """
    past = np.concatenate((np.expand_dims(np.asarray(base.last), -1), new), axis=-1)
    left = residuals(past, base.rho, base.centre)[..., 1:]
    centre, step = (np.expand_dims(np.asarray(one), -1) for one in (base.limits.centre, base.limits.step))
    side = np.sign(left - centre)
    alike = _alike(side, WATCH_ROW)
    late = np.concatenate((np.zeros((*new.shape[:-1], new.shape[-1] - alike.shape[-1]), bool), alike), axis=-1)
    return np.where(np.abs(left - centre) > LIMIT * step, side, 0.0), np.where(late, side, 0.0)
