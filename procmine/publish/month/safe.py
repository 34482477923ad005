"""A month, who waits, and the place among other offices for others than the team: nothing of few cases, counts rounded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.publish.batch.numbers import safe_figures
from procmine.publish.few import small, to_least
from procmine.publish.few_service import Few
from procmine.publish.month.others import DAYS, Beside
from procmine.publish.month.told import MonthTold, Untold, Waits
from procmine.results import Result
from procmine.see.pending import WaitingNow

SAFE = (Untold, MonthTold, Beside, WaitingNow)
HALF = 0.5


def for_others(result: Result, least: int) -> Few:
    """Its sentences are made of the safe rows."""
    if isinstance(result, MonthTold):
        return _month(result, least)
    if isinstance(result, Beside):
        return _beside(result, least)
    if isinstance(result, WaitingNow):
        return _waiting(result, least)
    assert isinstance(result, Untold)
    return Few(result, 0)


def _month(result: MonthTold, least: int) -> Few:
    """As in the workbook of all offices: a part needs `least` on either side, a middle value `least` below and above."""
    figures = safe_figures({"": result.figures}, least)[""]
    figures = tuple(replace(one, value=float(one.n)) if one.unit == "cases" and one.n >= 0 else one for one in figures)
    return Few(result.with_figures(figures), result.hidden(figures))


def _beside(result: Beside, least: int) -> Few:
    """Counts are of offices, but for n."""
    if not len(result):
        return Few(result, 0)
    day = np.timedelta64(86_400, "s")
    whole = {name: _to_days(result.rows[name], day) for name in DAYS}
    return Few(replace(result, rows={**result.rows, **whole, "n": to_least(result.rows["n"], least)}), 0)


def _to_days(column: NDArray[Any], day: np.timedelta64) -> NDArray[Any]:
    known = ~np.isnat(column)
    days = np.round(np.where(known, column, np.timedelta64(0, "s")) / day).astype(np.int64)
    rounded: NDArray[Any] = np.where(known, days * day, np.timedelta64("NaT", "s")).astype("m8[s]")
    return rounded


def _waiting(result: WaitingNow, least: int) -> Few:
    """Steps with few are left out, and others until no total gives them away; a middle value needs `least` on either side.

    What counts those late, dormant or oldest is not told.
    """
    names = (*result.groups, "step")
    keys = {name: result.rows[name] for name in names}
    n = result.rows["n"]
    gone = small(n, keys, least) | (n == 0)
    kept = {name: result.rows[name][~gone] for name in (*names, "n", "since_p50", "age_p50")}
    enough = HALF * kept["n"] >= least
    for name in ("since_p50", "age_p50"):
        kept[name] = np.where(enough, kept[name], np.timedelta64("NaT", "s"))
    kept["n"] = to_least(kept["n"], least)
    hidden = int((gone & (n > 0)).sum())
    return Few(Waits(kept, result.about, result.exact, result.arguments, groups=result.groups), hidden)
