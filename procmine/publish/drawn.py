"""Drawn: pictures for others than the team, made of the same rows that they may see as a table."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from procmine.find.time.bottlenecks import Bottlenecks
from procmine.proof.arms import PERIODS
from procmine.proof.compare import Comparison
from procmine.publish.few import (
    LEAST,
    Bools,
    gone_of,
    may_be_said,
    rounded,
    rounded_rows,
    suppressed,
    to_least,
    without_tails,
)
from procmine.results import Result, Rows
from procmine.see.maps import ProcessMap
from procmine.see.survival import Survival
from procmine.simulate.forecast import ARMS, BAND, Forecast, Needed, Scenarios, Sensitivity

STEPS = 20  # of the height of a curve
Floats = NDArray[np.float64]


@singledispatch
def drawable(result: Result, least: int = LEAST) -> Result | None:
    """The result to draw for others than the team; None for a kind of which nobody has said what its picture tells."""
    return None


@drawable.register
def _(result: Bottlenecks, least: int = LEAST) -> Result | None:
    rows, _hidden = suppressed(result.rows, least)
    return replace(result, rows=rounded_rows(rows, least))


@drawable.register
def _(result: Survival, least: int = LEAST) -> Result | None:
    """By when each twentieth had ended, as far as `least` lie on either side."""
    rows, _hidden = suppressed(result.rows, least)
    if not rows or not len(rows["share"]):
        return None
    coarse = np.isclose(rows["share"] * STEPS, np.round(rows["share"] * STEPS))
    return replace(result, rows=rounded_rows({name: column[coarse] for name, column in rows.items()}, least))


@drawable.register
def _(result: Comparison, least: int = LEAST) -> Result | None:
    """The two curves, if both groups may be told of."""
    drawn = [period for period in PERIODS if period in set(result.curve["period"])]
    gone = dict(zip(PERIODS, gone_of(result.rows, "cases", least)))  # the first rows are those of the curves
    if not drawn or any(gone[period] for period in drawn):
        return None
    tables = [_coarse_period(result, period, least) for period in drawn]
    return replace(result, curve={name: np.concatenate([one[name] for one in tables]) for name in tables[0]})


@drawable.register
def _(result: Forecast, least: int = LEAST) -> Result | None:
    curves, n = result.curves, int(result.rows["cases"][0])
    if n < 2 * least:
        return None
    if len(result.policies) > 1:  # no curves are drawn of several
        return result
    nowhere = np.empty(0, np.int64), np.empty(0)
    found = {arm: nowhere if np.isnan(curves[arm]).any() else _crossings(curves[arm], n, least) for arm in ARMS}
    places = np.unique(np.concatenate([place for place, _ in found.values()]))
    coarse = {name: column[places] for name, column in curves.items()}
    for arm, (place, level) in found.items():
        if not len(place):  # only bounds are known, or hardly anybody gets there
            continue
        held = np.searchsorted(place, places, side="right")  # from one of the arm's own twentieths to its next
        for end, column in (("", level), *((end, curves[arm + end][place]) for end in BAND)):
            coarse[arm + end] = np.append(0.0, column)[held]
    return replace(result, curves=coarse)


@drawable.register(Scenarios)
@drawable.register(Sensitivity)
@drawable.register(Needed)
def _(result: Result, least: int = LEAST) -> Result | None:
    """Of all cases together."""
    return result if int(result.rows["cases"][0]) >= 2 * least else None


@drawable.register
def _(result: ProcessMap, least: int = LEAST) -> Result | None:
    """With its caption: what is said of all cases, rounded too."""
    told = [[one for one in said if may_be_said(one, least, whole=True)] for said in result.captions()]
    caption = tuple(" ".join(rounded(one, least).say() for one in said) for said in told if said)
    return replace(safe_map(result, least), caption=caption)


def safe_map(drawn: ProcessMap, least: int = LEAST) -> ProcessMap:
    """The map without steps, arrows, starts, ends and lengths of fewer than `least`, all other counts rounded to it."""
    boxes, rows = drawn.boxes, drawn.rows
    kept = boxes["n"] >= least
    steps = boxes["step"][kept]
    moves = (rows["n"] >= least) & np.isin(rows["before"], steps) & np.isin(rows["after"], steps)
    boxes = {name: column[kept].copy() for name, column in boxes.items()}
    for flag, count in (("start_arrow", "starts"), ("end_arrow", "ends"), ("open_arrow", "open")):
        boxes[flag] &= boxes[count] >= least
        boxes[count] = to_least(boxes[count], least)
    scope = replace(drawn.scope, steps=len(steps), events=int(boxes["n"].sum()), moves=int(rows["n"][moves].sum()))
    mark = drawn.mark if drawn.mark is None or _still_there(drawn.mark, rows, moves) else None
    boxes["n"] = to_least(boxes["n"], least)
    told = without_tails({name: column[moves] for name, column in rows.items()}, "n", least)
    return replace(drawn, rows=rounded_rows(told, least), boxes=boxes, scope=scope, mark=mark)


def _still_there(mark: str | tuple[str, str], rows: Rows, moves: Bools) -> bool:
    if isinstance(mark, str):
        return True
    return bool(np.any(moves & (rows["before"] == mark[0]) & (rows["after"] == mark[1])))


def _coarse_period(result: Comparison, period: str, least: int) -> Rows:
    """The curve where it passes a twentieth; and its last point, if `least` cases were still waiting there."""
    curve = {name: column[result.curve["period"] == period] for name, column in result.curve.items()}
    row = PERIODS.index(period)
    place, level = _crossings(curve["share"], int(result.rows["cases"][row]), least)
    if result.rows["waiting"][row] >= least and len(level):
        place, level = np.append(place, len(curve["share"]) - 1), np.append(level, level[-1])
    return {**{name: column[place] for name, column in curve.items()}, "share": level}


def _crossings(share: Floats, n: int, least: int) -> tuple[NDArray[np.int64], Floats]:
    """Where a rising share first reaches each twentieth that has `least` of `n` on either side, and that twentieth."""
    levels = np.arange(1, STEPS) / STEPS
    levels = levels[np.minimum(levels, 1 - levels) * n >= least - 1e-9]
    place = np.searchsorted(share, levels - 1e-12)
    levels, place = levels[place < len(share)], place[place < len(share)]
    last = np.append(np.diff(place) > 0, True)[: len(place)]  # of several passed at once the highest
    return place[last], levels[last]
