"""False signals: how often a chart of points that nothing has changed signals all the same, by simulation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from procmine.kernels.chart_rules import (
    DEPENDENT,
    Floats,
    autocorrelation,
    base_of,
    limits,
    residuals,
    runs,
    signals,
    watched,
)

DRAWS, SEED = 4_000, 20250101
FAR = 1_200  # points: 100 years of months, after which a run is taken to be over


def drawn(draws: int, points: int, rho: float, seed: int) -> Floats:
    """Normal series of autocorrelation `rho`, variance 1, mean 0; a row a series."""
    shock = np.random.default_rng([seed, draws, points]).standard_normal((points, draws))
    shock[1:] *= np.sqrt(1 - rho**2)
    for at in range(1, points):
        shock[at] += rho * shock[at - 1]
    return np.ascontiguousarray(shock.T)


@lru_cache(maxsize=64)
def chance(kind: str, lengths: tuple[int, ...], rho: float, draws: int = DRAWS, seed: int = SEED) -> float:
    """Which part of charts of points that nothing changed show a signal somewhere: `lengths` points between rebases.

    kind: "xmr", "residual" (XmR of what each point adds) or "run"; normal points with autocorrelation `rho` throughout.
    """
    signal = np.zeros(draws, bool)
    place = 0
    series = drawn(draws, sum(lengths), rho, seed)
    for length in lengths:
        signal |= signalled(kind, series[:, place : place + length])
        place += length
    return float(signal.mean())


def signalled(kind: str, values: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Per series, a row each: whether its chart shows any signal."""
    if values.shape[-1] < 2:
        return np.zeros(len(values), bool)
    if kind == "run":
        return np.asarray(runs(values, np.median(values, axis=-1)).signal)
    if kind == "residual":
        rho = np.maximum(autocorrelation(values), DEPENDENT)
        values = residuals(values, rho, values.mean(axis=-1))
    return np.asarray(signals(values, limits(values)).any(axis=(-2, -1)))


@dataclass(frozen=True)
class Alarms:
    """Of watching while nothing changes: the mean number of points up to the first alarm (those of more than 1,200 counted
    as 1,200), and the chance of one or more within `points` points."""

    run_length: float
    within: float
    points: int


@lru_cache(maxsize=64)
def alarms(base: int, rho: float, points: int = 24, draws: int = DRAWS, seed: int = SEED) -> Alarms:
    """False alarms of `watched` against the limits of `base` points, of normal series with autocorrelation `rho`."""
    series = drawn(draws, base + FAR, rho, seed)
    found = watched(series[:, base:], base_of(series[:, :base]))
    first = np.where(found.any(axis=1), found.argmax(axis=1) + 1, FAR)
    return Alarms(float(first.mean()), float((found[:, :points].any(axis=1)).mean()), points)
