"""Control charts, interrupted series and map differences for others than the team: points of ten cases or more, coarsely."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from procmine.log import LogError
from procmine.proof.charts.control import LINES, ControlChart, Stretch
from procmine.proof.charts.interrupted import LINES as LINES_CUT
from procmine.proof.charts.interrupted import Effect, InterruptedSeries
from procmine.proof.charts.series import Points
from procmine.proof.moved.table import END, MOVE, STEP, STILL
from procmine.proof.moved.told import MapDifference
from procmine.publish.few import Bools, rounded, to_least
from procmine.publish.few_coarse import coarse_seconds, coarse_share, coarse_times
from procmine.publish.few_service import Few
from procmine.results import Result, Rows

SAFE = (ControlChart, InterruptedSeries, MapDifference)
SIDES = ("before", "after")
Floats = NDArray[np.float64]


def for_others(result: Result, least: int) -> Few:
    """Their sentences and pictures are made of these rows."""
    if isinstance(result, MapDifference):
        return _moved(result, least)
    assert isinstance(result, ControlChart | InterruptedSeries)
    _refuse_few(result, least)
    return Few(_control(result, least) if isinstance(result, ControlChart) else _interrupted(result, least), 0)


def _refuse_few(result: ControlChart | InterruptedSeries, least: int) -> None:
    """The lines are of all points together, so points of few cannot be left out."""
    length, kind = result.what.periods.length, result.what.kind
    if length != "month":
        raise LogError("A chart by week is for the team only. For others, take months.")
    n, value = result.points.n, result.points.value
    side: list[Floats] = [n.astype(np.float64)]
    if kind == "count":
        side = [value]
    if kind == "share":
        side = [value * n, (1 - value) * n]
    few = np.any([np.round(one) < least for one in side], axis=0)
    if few.any():
        first = str(result.points.begin[few][0])[:7]
        raise LogError(
            f"{int(few.sum())} of {len(n)} months have fewer than {least} cases behind their point or on one side of it, the "
            f"first {first}: this chart is for the team only. For others, take more offices together, or another figure."
        )


def _figure(result: ControlChart | InterruptedSeries, value: Floats, least: int, n: float) -> Floats:
    """Lengths, shares of at least n cases, or numbers of cases."""
    kind = result.what.kind
    if kind == "time":
        return coarse_seconds(value, result.day)
    if kind == "share":
        return coarse_share(value, np.full(np.shape(value), n), least)
    return np.asarray(np.round(value / least) * least)


def _points(result: ControlChart | InterruptedSeries, least: int) -> Points:
    value = _figure(result, result.points.value, least, float(result.points.n.min()))
    return replace(result.points, n=to_least(result.points.n, least), value=value)


def _lines(result: ControlChart | InterruptedSeries, names: tuple[str, ...], least: int) -> Rows:
    rows = dict(result.rows)
    fewest = float(rows["n"].min())
    for name in names:
        column = rows[name]
        if column.dtype.kind == "m":
            rows[name] = coarse_times(column, result.day)
        else:
            rows[name] = _figure(result, column.astype(np.float64), least, fewest)
    return {**rows, "n": to_least(rows["n"], least)}


def _control(result: ControlChart, least: int) -> ControlChart:
    fewest = float(result.points.n.min())

    def coarse(stretch: Stretch) -> Stretch:
        one = stretch.judged
        level, low, high = map(float, _figure(result, np.array([one.level, one.low, one.high]), least, fewest))
        return replace(stretch, judged=replace(one, level=level, low=low, high=high))

    stretches = tuple(coarse(one) for one in result.stretches)
    return replace(result, rows=_lines(result, LINES, least), points=_points(result, least), stretches=stretches)


def _interrupted(result: InterruptedSeries, least: int) -> InterruptedSeries:
    fewest = float(result.points.n.min())

    def coarse(effect: Effect) -> Effect:
        ends = np.array([effect.value, effect.low, effect.high])
        told = _figure(result, ends, least, fewest)
        keep = effect.stands_out and not (told[1] > 0 or told[2] < 0)  # what stands out still does
        return effect if keep else Effect(*map(float, told))

    return replace(
        result,
        rows=_lines(result, LINES_CUT, least),
        points=_points(result, least),
        level=coarse(result.level),
        slope=coarse(result.slope),
        average=coarse(result.average),
    )


def _moved(result: MapDifference, least: int) -> Few:
    """Without places to which few came before or since; shares are those of the rounded counts, so that they tell no more.

    Nobody is told of as nobody: that a step is gone, or new, is what a difference is for.
    """
    rows, instead = result.rows, result.instead
    gone = _few_there(rows, least)
    if gone[0]:
        raise LogError(f"Fewer than {least} cases came before or since: this difference is for the team only.")
    kept = {name: column[~gone] for name, column in rows.items()}
    told = {name: coarse_times(one, result.day) for name, one in kept.items() if one.dtype.kind == "m"}
    safe: Rows = {**kept, **told, **_shares(kept, least)}
    safe = {**safe, **{f"cases_{side}": to_least(kept[f"cases_{side}"], least) for side in SIDES}}
    paths = {name: column[:0] for name, column in result.paths.items()}  # shares of single paths
    instead = None if instead is None else rounded(instead, least)
    return Few(replace(result, rows=safe, paths=paths, instead=instead), int(gone.sum()))


def _few_there(rows: Rows, least: int) -> Bools:
    """Rows of a step that is left out go with it."""
    counts = np.stack([rows[f"cases_{side}"] for side in SIDES])
    gone: Bools = np.any((counts > 0) & (counts < least), axis=0, keepdims=True)[0]
    steps = list(set(rows["after"][gone & (rows["kind"] == STEP)]))
    from_there = np.isin(rows["kind"], (MOVE, END, STILL)) & np.isin(rows["before"], steps)
    return np.asarray(gone | from_there | np.isin(rows["after"], steps))


def _shares(rows: Rows, least: int) -> Rows:
    """Of all cases, and of those that go on from a step; whole percents of rounded counts, their changes and ranges, too."""
    told: dict[str, Floats] = {}
    for side in SIDES:
        n = rows[f"cases_{side}"].astype(np.float64)
        following = rows[f"share_next_{side}"]
        came = np.round(n / np.where(following > 0, following, np.nan))
        for name, of in ((f"share_{side}", np.full(len(n), n[0])), (f"share_next_{side}", came)):
            part = to_least(n, least) / np.maximum(np.round(np.nan_to_num(of) / least) * least, least)
            known = np.where(np.isnan(of) | np.isnan(rows[name]), rows[name], np.minimum(part, 1.0))
            told[name] = np.asarray(np.round(known, 2), np.float64)
    for share in ("share", "share_next"):
        change = np.round(told[f"{share}_after"] - told[f"{share}_before"], 2)
        told[f"{share}_change"] = np.where(np.isnan(rows[f"{share}_change"]), np.nan, change)
        few = min(float(rows[f"cases_{side}"][0]) for side in SIDES)
        for end in (f"{share}_low", f"{share}_high"):
            told[end] = coarse_share(rows[end], np.full(len(change), few), least)
    return told
