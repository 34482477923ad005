"""Stretches: the points between recorded changes, the kind of chart that suits them, and what stands out in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.chart_rules import (
    DEPENDENT,
    LEAST_RUN,
    RULES,
    Flags,
    Floats,
    autocorrelation,
    crossings,
    limits,
    longest_of,
    longest_run,
    residuals,
    runs,
    signals,
)
from procmine.kernels.flow import Ints

Kind = Literal["xmr", "log", "residual", "run"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LEAST_POINTS = 13  # for limits to be worth much
LEAST_LIMITS = 6  # for limits at all
FEW_CASES = 5  # a month, below which single cases move the figure
SKEW, SKEW_SHARE = 0.5, 1.0  # beyond which limits are of logarithms; shares have none then
LONG_RUN, FEW_CROSSINGS = "long_run", "few_crossings"


@dataclass(frozen=True)
class Chosen:
    """The kind of chart, and why: a key of `control.why`. `logs`: its limits are of logarithms."""

    kind: Kind
    why: str
    logs: bool
    rho: float


def choose(stretches: Sequence[Floats], n: Ints, figure: str, wanted: Kind | None) -> Chosen:
    """By the data: few points or few cases: run chart; skewed: limits of logarithms; dependent points: their residuals."""
    logs = figure != "share" and _skew(stretches) > SKEW and all((one > 0).all() for one in stretches)
    rho = dependence([np.log(one) if logs else one for one in stretches])
    if wanted is not None:
        logs = wanted == "log" or (logs and wanted == "residual")
        rho = dependence([np.log(one) if logs else one for one in stretches])
        return Chosen(wanted, "asked", logs, rho)
    kind, why = _kind(stretches, n, figure, logs, rho)
    logs = logs and kind != "run"
    return Chosen(kind, why, logs, rho)


def _kind(stretches: Sequence[Floats], n: Ints, figure: str, logs: bool, rho: float) -> tuple[Kind, str]:
    if max(map(len, stretches)) < LEAST_POINTS:
        return "run", "few_points"
    if np.median(n) < FEW_CASES:
        return "run", "few_cases"
    if figure == "share" and abs(_skew(stretches)) > SKEW_SHARE:
        return "run", "skewed_share"
    if rho > DEPENDENT:
        return "residual", "dependent_skewed" if logs else "dependent"
    return ("log", "skewed") if logs else ("xmr", "plain")


def dependence(stretches: Sequence[Floats]) -> float:
    """Autocorrelation of neighbours, weighed by the points of each stretch."""
    long = [one for one in stretches if len(one) >= LEAST_LIMITS]
    sizes = [len(one) for one in long]
    return float(np.average([float(autocorrelation(one)) for one in long], weights=sizes)) if long else 0.0


def _skew(stretches: Sequence[Floats]) -> float:
    """Skewness about each stretch's mean, the furthest point left out: one odd month is a signal, not a shape."""
    left = np.concatenate([one - one.mean() for one in stretches])
    left = np.delete(left, np.abs(left).argmax())
    left = left - left.mean() if len(left) else left
    spread = float(np.sqrt((left**2).mean())) if len(left) else 0.0
    return float((left**3).mean()) / spread**3 if spread > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Judged:
    """Of each point of one stretch: what is expected, the limits (nan: none), and the first rule that it breaks ("": none).

    level: the usual level; low, high: within which single points lie; runs: of a run chart (longest, most, crossed, least).
    """

    centre: Floats
    lower: Floats
    upper: Floats
    signal: NDArray[np.object_]
    level: float
    low: float
    high: float
    counted: tuple[int, int, int, int] | None = None


def judge(values: Floats, chosen: Chosen, floor: float, ceiling: float) -> Judged:
    """By the rules of the chosen chart; limits do not go below `floor` or above `ceiling`."""
    if chosen.kind == "run":
        return _by_runs(values)
    if len(values) < LEAST_LIMITS:
        nothing, level = np.full(len(values), np.nan), float(values.mean()) if len(values) else np.nan
        return Judged(np.full(len(values), level), nothing, nothing, _none(len(values)), level, np.nan, np.nan)
    return _by_limits(np.log(values) if chosen.logs else values, chosen, floor, ceiling)


def _none(points: int) -> NDArray[np.object_]:
    return np.full(points, "", object)


def _by_runs(values: Floats) -> Judged:
    middle = float(np.median(values))
    found = runs(values, middle)
    useful, longest, crossed = int(found.useful), int(found.longest), int(found.crossings)
    signal, nothing = _none(len(values)), np.full(len(values), np.nan)
    bounds = (longest, longest_run(useful), crossed, crossings(useful))
    if useful >= LEAST_RUN and crossed < bounds[3]:
        signal[:] = FEW_CROSSINGS
    if useful >= LEAST_RUN and longest > bounds[1]:
        signal = np.where(longest_of(values, middle), LONG_RUN, signal)
    centre = np.full(len(values), middle)
    return Judged(centre, nothing, nothing, signal, middle, np.nan, np.nan, bounds)


def _by_limits(values: Floats, chosen: Chosen, floor: float, ceiling: float) -> Judged:
    """Of dependent points the limits move along: they lie about what the point before lets expect."""
    level = float(values.mean())
    rho = max(chosen.rho, 0.0) if chosen.kind == "residual" else 0.0
    judged = residuals(values, rho, level) if rho else values
    of = limits(judged)
    base, scale = np.zeros(len(values)), np.ones(len(values))
    if rho:
        base = level + rho * np.concatenate(([0.0], values[:-1] - level))
        scale[0] = 1 / np.sqrt(1 - rho**2)  # nothing comes before the first
    back = np.exp if chosen.logs else np.asarray
    centre, low_line, high_line = (back(base + line * scale) for line in (of.centre, of.low, of.high))
    reach = float(of.high - of.centre) / np.sqrt(1 - rho**2)
    low, high = (float(np.clip(back(level + sign * reach), floor, ceiling)) for sign in (-1, 1))
    lower, upper = (np.clip(line, floor, ceiling) for line in (low_line, high_line))
    return Judged(centre, lower, upper, _first_rule(signals(judged, of)), float(back(level)), low, high)


def _first_rule(broken: Flags) -> NDArray[np.object_]:
    signal = _none(broken.shape[-1])
    for rule, here in reversed(list(zip(RULES, broken))):
        signal[here] = rule
    return signal
