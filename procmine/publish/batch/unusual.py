"""Unusual: figures that jumped beyond their ups and downs, and data that seem to be missing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from procmine.kernels.chart_rules import limits
from procmine.publish.batch.headline import COUNTS, PAST, Figure, Headline
from procmine.publish.batch.marks import BEFORE_ALL
from procmine.publish.batch.reason import Reason, named, said
from procmine.words import Message, Value

LEAST_N = 20  # cases of a figure of either month below which no jump is told
LEAST_ENTRIES, LEAST_WEEK = 10, 20  # a usual week has so many, for silence, and for a thin last week
THIN = 0.25  # of a usual week
LEAST_STEP, LEAST_MONTHS = 10, 6  # a usual month has a step so often; months to tell what is usual
WATCHED = ("half", "standard", "waited", *COUNTS)


def unusual(now: Headline) -> list[Reason]:
    """Missing data first, then jumps. Of a quarter or a year no jump is told: it holds most of the one before."""
    missing = [Reason("missing", one) for one in _missing(now)]
    jumps = [Reason("jump", one) for one in _jumps(now)] if now.kind == "month" else []
    return [*missing, *jumps]


def _missing(now: Headline) -> Iterator[Message]:
    recent, mark = now.recent, now.marks[now.month]
    if not mark.begun and not mark.finished and not mark.entries:
        yield Message("batch.missing.all", {"month": now.month})
        return
    quiet = recent.silent + recent.missing
    if recent.usual >= LEAST_ENTRIES and quiet > max(recent.longest, 1):
        yield Message("batch.missing.end", {"quiet": quiet, "longest": recent.longest})
    elif recent.usual >= LEAST_WEEK and recent.last < min(THIN * recent.usual, recent.least):
        values = {"last": recent.last, "usual": recent.usual, "least": recent.least}
        yield Message("batch.missing.few", values)
    yield from _vanished(now)


def _vanished(now: Headline) -> Iterator[Message]:
    """Steps of every month before that this one lacks."""
    past = [mark for month, mark in now.marks.items() if month not in (now.month, BEFORE_ALL)]
    for step in dict.fromkeys(step for mark in past for step in mark.steps):
        counts = [mark.steps.get(step, 0) for mark in past]
        usual = float(np.median(counts))
        if len(past) >= LEAST_MONTHS and usual >= LEAST_STEP and min(counts) and step not in now.marks[now.month].steps:
            yield Message("batch.missing.step", {"step": step, "month": now.month, "usual": usual})


def _jumps(now: Headline) -> Iterator[Message]:
    months = now.months
    if len(months) < 2 or int(np.datetime64(now.month) - np.datetime64(months[-2])) != 1:
        return
    for one in now.now:
        past = [now.of(month).get(one.key) for month in months[:-1]]
        known = [figure for figure in past if figure is not None and figure.value is not None]
        if one.figure in WATCHED and known and known[-1] is past[-1]:
            yield from _jump(one, known)


def _jump(one: Figure, past: list[Figure]) -> Iterator[Message]:
    """Where the ranges of both months do not overlap, and the newest lies outside the limits of the 12 before."""
    then = past[-1]
    if one.value is None or min(one.n, then.n) < LEAST_N:
        return
    (low, high), (low_then, high_then) = range_of(one), range_of(then)
    if None in (low, high, low_then, high_then) or not (_above(low, high_then) or _above(low_then, high)):
        return
    values: dict[str, Value] = {"what": named(one), "month": one.month}
    values |= {"after": said(one, one.value), "before": said(one, then.value)}
    edges = zip(("low_after", "high_after", "low_before", "high_before"), (low, high, low_then, high_then))
    values |= {name: said(one, end, alone=True) for name, end in edges}
    if len(past) < PAST:
        yield Message("jump.ranges", values)
        return
    usual = limits(np.array([figure.value for figure in past], np.float64))
    least = max(float(usual.low), 0.0)
    if not least <= one.value <= float(usual.high):
        values |= {"low": said(one, least, alone=True), "high": said(one, float(usual.high), alone=True)}
        yield Message("jump.limits", values)


def _above(one: float | None, two: float | None) -> bool:
    return one is not None and two is not None and one > two


def range_of(figure: Figure) -> tuple[float | None, float | None]:
    """The figure's own; of a count what chance alone makes of it (95%, exact: Garwood 1936)."""
    if figure.figure not in COUNTS:
        return figure.low, figure.high
    from scipy.stats import chi2

    return float(chi2.ppf(0.025, 2 * figure.n) / 2 if figure.n else 0.0), float(chi2.ppf(0.975, 2 * figure.n + 2) / 2)
