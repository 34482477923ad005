"""Forecasts for others than the team: no group that few cases are of, and open cases rounded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from procmine.publish.few import suppressed, to_least
from procmine.results import Rows
from procmine.simulate.forecast import Forecast
from procmine.words import Message


def safe_forecast(result: Forecast, least: int) -> Forecast:
    """Its sentences and tables are made of the safe rows, so they tell no more than these."""
    groups, _hidden = suppressed(result.by_group.rows, least) if len(result.by_group) else (result.by_group.rows, 0)
    opened = result.open_cases
    before = {**opened.before, "open": to_least(opened.before["open"], least)}
    return replace(
        result,
        by_group=replace(result.by_group, rows=groups),
        open_cases=replace(opened, rows=_rounded(opened.rows, np.ones(len(opened), bool), least), before=before),
        amounts=replace(result.amounts, rows=_rounded(result.amounts.rows, _counted(result), least)),
    )


def _counted(result: Forecast) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which amounts are numbers of cases."""
    units = [Message(f"forecast.unit.{one}").say() for one in ("cases",)]
    return np.isin(result.amounts.rows["unit"].astype(str), units) if len(result.amounts) else np.zeros(0, bool)


def _rounded(rows: Rows, which: np.ndarray[tuple[int], np.dtype[np.bool_]], least: int) -> Rows:
    return {
        name: np.where(which, np.round(column / least) * least, column) if column.dtype.kind == "f" else column
        for name, column in rows.items()
    }
