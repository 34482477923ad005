"""Change points: whether a series of periods that depend on each other has jumped, and since when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEAST = 16  # periods; fewer tell nothing of how they hang together
SIDE = 0.12  # of the periods lie on either side of a change, at least, and no fewer than 4
WORLDS = 1_000
SIZES = np.array([16, 20, 25, 31, 39, 49, 61, 76, 95, 119, 149, 186])  # periods for which chance is simulated
GRID = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.72, 0.82, 0.9, 0.95])  # autocorrelations
SEED = 20_240_601


@dataclass(frozen=True)
class Jump:
    """The largest jump: the place from which the later level holds, the difference, and how likely chance makes one as large.

    chance: among series without a jump whose periods hang together as the ones around the two levels do (first-order
    autoregression, simulated; beyond what was simulated by an exponential tail).
    """

    place: int
    difference: float
    before: float
    chance: float


def largest_jump(value: Floats, weight: Floats) -> Jump | None:
    """`weight`: of each period (cases in it); None for fewer than LEAST periods, or where nothing varies."""
    n = len(value)
    if n < LEAST or not float(np.ptp(value)) > 0:
        return None
    weight = weight / weight.mean()
    size, place = (one[0] for one in _sizes(value[None, :], weight))
    place = int(place)
    first, second = (
        float(np.average(part, weights=w))
        for part, w in ((value[:place], weight[:place]), (value[place:], weight[place:]))
    )
    left = (value - np.where(np.arange(n) < place, first, second)) * np.sqrt(weight)
    hangs = float(left[1:] @ left[:-1] / max(float(left @ left), 1e-300))
    return Jump(place, second - first, first, _chance(float(size), hangs, n))


@dataclass(frozen=True)
class Trend:
    """A straight line through a series: how much it rises from the first period to the last, and how likely chance
    makes one as steep, among series without a trend whose periods hang together as the ones around the line do.
    """

    rise: float
    chance: float


def steady_trend(value: Floats, weight: Floats) -> Trend | None:
    """`weight`: of each period (cases in it); None for fewer than LEAST periods, or where nothing varies."""
    n = len(value)
    if n < LEAST or not float(np.ptp(value)) > 0:
        return None
    weight = weight / weight.mean()
    size, slope, left = (one[0] for one in _lines(value[None, :], weight))
    left = left * np.sqrt(weight)
    hangs = float(left[1:] @ left[:-1] / max(float(left @ left), 1e-300))
    return Trend(float(slope) * (n - 1), _chance(float(size), hangs, n, lines=True))


def _lines(value: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Per row: |t| of the slope of a straight line, the slope, and what is left around the line."""
    at = np.arange(value.shape[1]) - float(np.average(np.arange(value.shape[1]), weights=weight))
    slope = (value * weight) @ at / float(weight @ at**2)
    left = value - ((value @ weight) / weight.sum())[:, None] - slope[:, None] * at
    error = np.sqrt((left**2) @ weight / (len(at) - 2) / float(weight @ at**2))
    return np.abs(slope) / np.maximum(error, 1e-300), slope, left


def _sizes(value: Floats, weight: Floats) -> tuple[Floats, Ints]:
    """Per row the largest |t| of a difference between the periods before and after any place, and that place."""
    n = value.shape[1]
    side = max(4, round(SIDE * n))
    at = np.arange(side, n - side + 1)
    upto, total = np.cumsum(weight)[at - 1], float(weight.sum())
    sums = np.cumsum(value * weight, axis=1)
    whole = sums[:, -1:]
    early = sums[:, at - 1]
    between = (early * total - whole * upto) ** 2 / (upto * (total - upto) * total)
    square = ((value**2) @ weight)[:, None] - whole**2 / total
    size = np.sqrt(between / np.maximum((square - between) / (n - 2), 1e-300))
    best = size.argmax(axis=1)
    return size[np.arange(len(size)), best], at[best]


def _chance(size: float, hangs: float, n: int, *, lines: bool = False) -> float:
    """Of a jump of this size in `n` periods whose residuals around two levels have this autocorrelation: the mean over all
    true ones, each as likely as it makes the one seen. `lines`: of a slope, around a straight line.
    """
    null = _null_of_lines if lines else _null
    middle, spread, sizes = null(int(SIZES[max(int(np.searchsorted(SIZES, n, side="right")) - 1, 0)]))
    weight = np.exp(-0.5 * ((hangs - middle) / spread) ** 2) / spread * np.gradient(GRID)
    if not float(weight.sum()) > 0:
        weight = np.float64(np.arange(len(GRID)) == (len(GRID) - 1 if hangs > 0 else 0))
    chance = np.exp([_log_chance(size, one) for one in sizes])
    return float(weight @ chance / weight.sum())


def _log_chance(size: float, sizes: Floats) -> float:
    """Share of simulated sizes as large; past the 40th largest by an exponential tail of their squares."""
    edge = sizes[-40]
    if size <= edge:
        return float(np.log((np.count_nonzero(sizes >= size) + 1) / (len(sizes) + 1)))
    mean = float((sizes[-40:] ** 2 - edge**2).mean())
    return float(np.log(40 / len(sizes)) - (size**2 - edge**2) / max(mean, 1e-9))


@lru_cache(maxsize=32)
def _null(n: int) -> tuple[Floats, Floats, Floats]:
    """Per autocorrelation of the grid: mean and spread of the one seen around two fitted levels, and the sizes, sorted."""
    seen, spread, sizes = [], [], []
    for value in _worlds(n):
        size, place = _sizes(value, np.ones(n))
        later = np.arange(n) >= place[:, None]
        count = later.sum(axis=1)
        second = (value * later).sum(axis=1) / count
        first = (value * ~later).sum(axis=1) / (n - count)
        left = value - np.where(later, second[:, None], first[:, None])
        hangs = (left[:, 1:] * left[:, :-1]).sum(axis=1) / (left**2).sum(axis=1)
        seen.append(float(hangs.mean()))
        spread.append(float(hangs.std()))
        sizes.append(np.sort(size))
    return np.array(seen), np.array(spread), np.stack(sizes)


@lru_cache(maxsize=32)
def _null_of_lines(n: int) -> tuple[Floats, Floats, Floats]:
    """The same around a straight line, and the sizes of slopes."""
    seen, spread, sizes = [], [], []
    for value in _worlds(n):
        size, _, left = _lines(value, np.ones(n))
        hangs = (left[:, 1:] * left[:, :-1]).sum(axis=1) / (left**2).sum(axis=1)
        seen.append(float(hangs.mean()))
        spread.append(float(hangs.std()))
        sizes.append(np.sort(size))
    return np.array(seen), np.array(spread), np.stack(sizes)


def _worlds(n: int) -> Iterator[Floats]:
    """Per autocorrelation of the grid: series without any change."""
    noise = np.random.default_rng([SEED, n]).standard_normal((WORLDS, n))
    for rho in GRID:
        value = noise.copy()
        for k in range(1, n):
            value[:, k] = rho * value[:, k - 1] + np.sqrt(1 - rho**2) * noise[:, k]
        yield value
