"""Drivers: how far the mean of a level lies from that of the rest, and how far chance alone takes the farthest of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import lags_of, long_run, t_quantile

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
STRETCH = 4  # weeks that are as good as one for attributes that differ within a week
AT_ONCE = 25  # draws whose tables are held together


@dataclass(frozen=True, eq=False)
class Levels:
    """Rows with a week each (dense numbers from 0) and one code per attribute; attribute a has `sizes[a]` levels.

    The columns of all results are the levels of all attributes, one attribute after the other.
    """

    week: Ints
    codes: Sequence[Ints]
    sizes: Sequence[int]

    @cached_property
    def weeks(self) -> int:
        return int(self.week.max()) + 1 if len(self.week) else 0

    @cached_property
    def lags(self) -> int:
        return lags_of(max(self.weeks, 1))

    @property
    def columns(self) -> int:
        return sum(self.sizes)

    @cached_property
    def place(self) -> Ints:
        """[attributes, rows], flat: week * columns + column."""
        first = np.cumsum([0, *self.sizes])[:-1]
        rows = [self.week * self.columns + base + code for base, code in zip(first, self.codes)]
        return np.concatenate(rows) if rows else np.empty(0, np.int64)

    @cached_property
    def n(self) -> Floats:
        """[weeks, columns]"""
        return self.sums(np.ones(len(self.week)))

    @cached_property
    def all(self) -> Floats:
        """[weeks]"""
        return np.bincount(self.week, minlength=self.weeks).astype(np.float64)

    def sums(self, value: Floats) -> Floats:
        """[weeks, columns] of a value of each row."""
        size = self.weeks * self.columns
        flat = np.bincount(self.place, np.tile(value, len(self.codes)), size) if size else np.empty(0)
        return flat.astype(np.float64, copy=False).reshape(self.weeks, self.columns)

    def only(self, attributes: Sequence[int]) -> Levels:
        """These attributes alone."""
        return Levels(self.week, [self.codes[one] for one in attributes], [self.sizes[one] for one in attributes])

    def take(self, rows: NDArray[Any]) -> Levels:
        return Levels(self.week[rows], [code[rows] for code in self.codes], self.sizes)


@dataclass(frozen=True, eq=False)
class Differences:
    """Per column: mean of its rows, of the rest, their difference, and the error of that difference."""

    mean: Floats
    rest: Floats
    difference: Floats
    error: Floats

    @property
    def t(self) -> Floats:
        return np.divide(self.difference, self.error, out=np.zeros_like(self.difference), where=self.error > 0)


def differences(levels: Levels, value: Floats) -> Differences:
    """Each level against the rest. The error is the larger of two: from weekly sums of influence with their long-run variance
    (Newey-West over S = ceil(1.3 sqrt K) weeks), and as if rows were independent."""
    table = levels.sums(value)[None]
    found = _differences(levels, table, _by_week(levels, value)[None])
    n, squares = levels.n.sum(axis=0), levels.sums(value**2).sum(axis=0)
    inside = squares - n * np.nan_to_num(found.mean[0]) ** 2
    rest = np.sum(value**2) - squares - (len(value) - n) * np.nan_to_num(found.rest[0]) ** 2
    alone = _share(inside, n * (n - 1)) + _share(rest, (len(value) - n) * (len(value) - n - 1))
    error = np.maximum(found.error[0], np.sqrt(np.maximum(alone, 0)))
    return Differences(found.mean[0], found.rest[0], found.difference[0], error)


def reach(levels: Levels, level: float = 0.95) -> float:
    """How many errors a range of that level goes to either side: t with 1.5 K / S degrees (Lazarus et al. 2018)."""
    return t_quantile(0.5 + level / 2, 1.5 * levels.weeks / levels.lags)


def mean_range(week: Ints, value: Floats) -> tuple[float, float, float]:
    """A mean and its 95% range, from weekly sums with their long-run variance."""
    one = Levels(week, [np.zeros(len(week), np.int64)], [1])
    mean = float(value.mean())
    residual = np.bincount(week, value - mean, one.weeks) / len(value)
    alone = float(value.var()) / max(len(value) - 1, 1)
    error = sqrt(max(float(long_run(residual[:, None], one.lags)[0]), alone)) * reach(one)
    return mean, mean - error, mean + error


@dataclass(frozen=True, eq=False)
class Shuffle:
    """Ways in which the values could as well have fallen on the rows, if nothing went with them; rows in order of weeks.

    `inside`: in any order within an office's four weeks. `offices`: among the offices of a week, the same way for all weeks
    of a block of S, and in any order within (office, week). `times`: blocks of S weeks after each other in another order.
    """

    levels: Levels
    office: Ints  # codes from 0

    def inside(self, value: Floats, draw: np.random.Generator) -> Floats:
        cell = self.levels.week // STRETCH * (int(self.office.max()) + 1) + self.office
        fallen = np.empty_like(value)
        fallen[np.argsort(cell, kind="stable")] = value[np.argsort(cell + draw.random(len(cell)), kind="stable")]
        return fallen

    @cached_property
    def _cells(self) -> tuple[Ints, Ints, Ints]:
        """Cell (week, office) of each row, and each cell's first row and size, if rows stood in the order of the cells."""
        offices = int(self.office.max()) + 1
        cell = self.levels.week * offices + self.office
        size = np.bincount(cell, minlength=self.levels.weeks * offices)
        return cell, np.cumsum(size) - size, size

    @cached_property
    def _blocks(self) -> Ints:
        """Per week: its block of about S weeks that hold rows."""
        there = np.cumsum(self.levels.all > 0) - 1
        block: Ints = np.maximum(there, 0) // self.levels.lags
        return block

    def offices(self, value: Floats, draw: np.random.Generator) -> Floats:
        cell, first, size = self._cells
        offices = len(size) // self.levels.weeks
        mixed = np.argsort(cell + draw.random(len(cell)), kind="stable")  # rows by cell, in any order within
        other = np.argsort(draw.random((self._blocks[-1] + 1, offices)), axis=1)[self._blocks]
        source = (np.arange(self.levels.weeks)[:, None] * offices + other).ravel()
        none = size[source] == 0  # that office had nothing that week: from all rows of the week
        week = np.arange(len(size)) // offices
        begin = np.where(none, first[week * offices], first[source])
        count = np.where(none, self.levels.all[week].astype(np.int64), size[source])
        rank = np.empty(len(cell), np.int64)
        order = np.argsort(cell, kind="stable")
        rank[order] = np.arange(len(cell)) - first[cell[order]]
        picked = begin[cell] + rank * count[cell] // size[cell]
        fallen: Floats = value[mixed[picked]]
        return fallen

    def times(self, value: Floats, draw: np.random.Generator) -> Floats:
        edges = np.flatnonzero(np.diff(self._blocks[self.levels.week])) + 1
        moved = np.roll(value, int(draw.integers(len(value))))
        pieces = np.split(moved, edges)
        return np.concatenate([pieces[one] for one in draw.permutation(len(pieces))])


def largest(levels: Levels, values: Sequence[Floats], tested: Flags) -> Floats:
    """[draws, tested columns]: |t| of each draw of values."""
    found = []
    for begin in range(0, len(values), AT_ONCE):
        some = values[begin : begin + AT_ONCE]
        table = np.stack([levels.sums(value) for value in some])
        whole = np.stack([_by_week(levels, value) for value in some])
        drawn = _differences(levels, table, whole)
        spread = np.array([value.var() for value in some])[:, None]
        found.append(np.abs(_with_floor(levels, drawn, spread).t[:, tested]))
    return np.concatenate(found) if found else np.empty((0, int(tested.sum())))


def by_chance(seen: Floats, drawn: Floats) -> Floats:
    """Westfall & Young's (1993) step-down maxT: per column, in how large a share of the draws one as large or larger appears
    among the columns that are not larger than it, never less than for a larger one; the data count as one draw."""
    order = np.argsort(-seen, kind="stable")
    upto = np.maximum.accumulate(drawn[:, order[::-1]], axis=1)[:, ::-1]
    share = (1 + (upto >= seen[order]).sum(axis=0)) / (1 + len(drawn))
    found = np.empty(len(seen))
    found[order] = np.maximum.accumulate(share)
    return found


def _differences(levels: Levels, table: Floats, whole: Floats) -> Differences:
    """Of [draws, weeks, columns] and [draws, weeks] sums."""
    n, all_n = levels.n.sum(axis=0), float(len(levels.week))
    mean = _share(table.sum(axis=1), n)
    rest = _share(whole.sum(axis=1)[:, None] - table.sum(axis=1), all_n - n)
    inside = _share(table - levels.n * mean[:, None], n)
    outside = _share((whole[:, :, None] - table) - (levels.all[:, None] - levels.n) * rest[:, None], all_n - n)
    scores = np.nan_to_num(inside - outside).transpose(1, 0, 2).reshape(levels.weeks, -1)
    error = np.sqrt(long_run(scores, levels.lags)).reshape(mean.shape)
    return Differences(mean, rest, mean - rest, error)


def _with_floor(levels: Levels, found: Differences, spread: Floats) -> Differences:
    """No error smaller than if rows were independent."""
    n = levels.n.sum(axis=0)
    alone = np.sqrt(spread * (_share(np.ones_like(n), n) + _share(np.ones_like(n), len(levels.week) - n)))
    return Differences(found.mean, found.rest, found.difference, np.maximum(found.error, alone))


def _share(part: Floats, of: Floats) -> Floats:
    """part / of, nan where there is nothing to divide by."""
    found: Floats = np.divide(part, of, out=np.full(np.broadcast(part, of).shape, np.nan), where=of > 0)
    return found


def _by_week(levels: Levels, value: Floats) -> Floats:
    return np.bincount(levels.week, value, levels.weeks).astype(np.float64, copy=False)
