"""Audiences: what of a result may be shown to the agency and to the public, and what is left out so that nobody can be found.

Limits: it sees one result at a time: shares and lengths of overlapping filters are not compared with each other; and where
rows count moves rather than cases, ten moves may come from fewer cases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from procmine.about import About, Audience
from procmine.find.time.bottlenecks import DORMANT_AFTER, Bottlenecks
from procmine.log import LogError
from procmine.models import Model
from procmine.proof.arms import Arms
from procmine.proof.cohorts import Baseline
from procmine.proof.compare import Comparison, Outcomes
from procmine.publish import few_charts
from procmine.publish.drawn import drawable, safe_map
from procmine.publish.few import (
    ALWAYS_SAID,
    COUNTS,
    LEAST,
    Months,
    by_month,
    flat,
    is_count,
    may_be_said,
    monthly,
    rounded,
    rounded_rows,
    suppressed,
)
from procmine.publish.few_coarse import coarse_times, two_sided
from procmine.publish.few_forecast import safe_forecast
from procmine.publish.few_service import SAFE, for_others
from procmine.publish.month import safe as of_month
from procmine.publish.persons import filters, masked, refuse_persons, unnamed
from procmine.results import Result, Rows
from procmine.see.flow import Flow, Handovers, Rework, Variants
from procmine.see.maps import ProcessMap
from procmine.see.survival import Survival
from procmine.see.times import CycleTimes, StepTimes
from procmine.simulate.forecast import Forecast, Needed, Scenarios, Sensitivity
from procmine.words import Message, speaking, spoken

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ASKED = ("within", "limit")
COUNT_SHARES = ("share", "share_low", "share_high")
# Whose columns and sentences were looked at for what they tell of a few cases; all others are for the team only.
LOOKED_AT: tuple[type[Result], ...] = (
    *(CycleTimes, StepTimes, Survival, Flow, Variants, Rework, Handovers, ProcessMap, Bottlenecks),
    *(Comparison, Outcomes, Baseline, Arms, Forecast, Scenarios, Sensitivity, Needed, Model),
)


@dataclass(frozen=True, eq=False)
class Shown:
    """What of a result an audience may see; `hidden`: rows left out; `picture`: the result to be drawn, None if refused."""

    kind: str
    audience: Audience
    rows: Rows
    sentences: Sequence[str]
    definition: str
    filters: Sequence[str]
    about: About
    day: float
    hidden: int
    picture: Result | None
    further: Mapping[str, Rows]  # tables beside the rows, such as the outcomes beside the waits

    def figure(self) -> Figure | None:
        """The picture, for the public without a day in any of its words; None if there is none."""
        if self.picture is None or not self.picture.pictured:
            return None
        if self.audience != "public":
            return cast("Figure", self.picture.plot().figure)
        from procmine.draw.picture import reword

        with speaking(Months(spoken())):
            figure = cast("Figure", self.picture.plot().figure)
        reword(figure, by_month)
        return figure


def show(result: Result, audience: Audience | None = None, *, least: int = LEAST) -> Shown:
    """The result as the audience (the log's own, unless named) may see it.

    agency, public: rows from fewer than `least` cases are left out, and further rows, the smallest first, until what was
    left out cannot be had by subtraction from a total; all counts are rounded to `least`, so that two tables cannot be
    subtracted from each other either; lengths such as "9 in 10 within" need `least` cases beyond them;
    rows by staff or by case, and kinds of results that are not LOOKED_AT, are refused with a LogError. public: days are
    told as months.
    """
    whom = audience or result.about.audience
    with speaking(Months(spoken()) if whom == "public" else spoken()):
        return _safe(result, whom, least)


def _safe(result: Result, whom: Audience, least: int) -> Shown:
    if whom == "team":
        said = [masked(one, result.about).say() for one in result.messages()]
        safe = unnamed(result)
        return _shown(safe, whom, safe.shown(), said, filters(result.about), hidden=0, picture=safe)
    refuse_persons(result)
    if isinstance(result, (*SAFE, *of_month.SAFE, *few_charts.SAFE)):
        return _of_safe(result, whom, least)
    if not isinstance(result, LOOKED_AT):
        raise LogError(
            f"This ({type(result).__name__}) is for the team only: nobody has made sure that it tells of no fewer than "
            f"{least} cases."
        )
    if isinstance(result, Comparison):
        result = replace(result, strata=None, piles=None)  # small numbers by kind and week
    if isinstance(result, Forecast):
        result = safe_forecast(result, least)
    whole, result = result, without_few_dormant(result, least) if isinstance(result, Bottlenecks) else result
    drawn = safe_map(result, least) if isinstance(result, ProcessMap) else None
    rows, hidden = suppressed(result.shown(), least) if drawn is None else _of_map(drawn, len(result.rows["n"]))
    of = shares_of(result, rows)
    rows = _two_sided(result, rows, of, least)
    if result is not whole:  # its other column would tell the same by subtraction
        rows = {name: column for name, column in rows.items() if name != "share_active"}
        hidden += len(whole) - len(result)
    inside = _small_inside(result, least)
    told = [one for one in (drawn or result).messages() if _told(one, rows, hidden, least)]
    told = [one for one in told if not (inside and any(isinstance(value, tuple) for value in one.values.values()))]
    if isinstance(result, Comparison) and result.said.answer not in told:  # the words over it tell no figure
        told = [result.said.page, *told]
    said = [rounded(one, least).say() for one in told]
    said += [Message("safety.hidden", {"rows": hidden, "least": least}).say()] if hidden else []
    said.append(Message("safety.rounded", {"least": least}).say())
    rows, kept = rounded_rows(rows, least, day=result.day, of=of), filters(result.about, others=True)
    if whom == "public":
        rows, said, kept = monthly(rows), [by_month(line) for line in said], [by_month(line) for line in kept]
    return _shown(result, whom, rows, said, kept, hidden=hidden, picture=drawable(result, least))


def _of_safe(result: Result, whom: Audience, least: int) -> Shown:
    """Of results whose sentences and picture are made of rows that are safe themselves."""
    told = of_month.for_others if isinstance(result, of_month.SAFE) else for_others
    few = (few_charts.for_others if isinstance(result, few_charts.SAFE) else told)(result, least)
    safe = replace(few.result, rows=_coarse_lengths(few.result.rows, result.day))
    rows: Rows = {name: column for name, column in safe.shown().items() if name not in few.columns}
    said = [one.say() for one in safe.messages()]
    said += [Message("safety.hidden", {"rows": few.hidden, "least": least}).say()] if few.hidden else []
    said += [Message("safety.rounded", {"least": least}).say()] if len(few.result) else []
    kept = filters(result.about, others=True)
    if whom == "public":
        rows, said, kept = monthly(rows), [by_month(line) for line in said], [by_month(line) for line in kept]
    return _shown(safe, whom, rows, said, kept, hidden=few.hidden, picture=safe)


def _coarse_lengths(rows: Rows, day: float) -> Rows:
    """All that were measured, not those that were asked for."""
    measured = [name for name, column in rows.items() if column.dtype.kind == "m" and name not in ASKED]
    return {**rows, **{name: coarse_times(rows[name], day) for name in measured}}


def _shown(
    result: Result,
    audience: Audience,
    rows: Rows,
    said: Sequence[str],
    kept: Sequence[str],
    *,
    hidden: int,
    picture: Result | None,
) -> Shown:
    kind, definition = type(result).__name__, result.definition
    inside = {name: part for name, part in vars(result).items() if isinstance(part, Result)}
    if audience != "team":
        inside = {} if _small_inside(result, LEAST) else inside
    further = {
        name: part.rows
        if audience == "team"
        else rounded_rows(part.rows, LEAST, day=result.day, of=shares_of(part, part.rows))
        for name, part in inside.items()
    }
    return Shown(kind, audience, rows, said, definition, kept, result.about, result.day, hidden, picture, further)


def shares_of(result: Result, rows: Rows) -> NDArray[Any] | None:
    """Of how many cases each row's shares are; None where they are shares of time, steps of a curve, or simulated."""
    if isinstance(result, Rework | Comparison | Arms):
        return rows.get("cases")
    if isinstance(result, Variants | Handovers):
        return np.asarray(rows["n"] / np.maximum(rows["share"], 1e-9)) if "share" in rows else None
    if isinstance(result, Outcomes):
        return np.full(len(result), min(int(rows["cases_before"].sum()), int(rows["cases_after"].sum())))
    return None


def _two_sided(result: Result, rows: Rows, of: NDArray[Any] | None, least: int) -> Rows:
    """Without shares of a few of the cases, or of all but a few; those of paths are of a row's own n."""
    if of is None or isinstance(result, Variants | Handovers) or "share" not in rows:
        return rows
    told = ~np.isnan(two_sided(rows["share"], of, least))
    return {name: np.where(told, rows[name], np.nan) if name in COUNT_SHARES else rows[name] for name in rows}


def _small_inside(result: Result, least: int) -> bool:
    """Whether a table within the result (outcomes beside the waits) has a cell under `least`."""
    for part in vars(result).values():
        if isinstance(part, Result):
            counts = [column for name, column in part.rows.items() if is_count(name)]
            if any(np.any((column > 0) & (column < least)) for column in counts):
                return True
    return False


def _told(message: Message, rows: Rows, hidden: int, least: int) -> bool:
    """Whether a sentence may be said; where rows were left out, only of a row that stands."""
    if not hidden or message.key in ALWAYS_SAID:
        return may_be_said(message, least, whole=not hidden)
    counts = {value for name, value in flat(message) if name in COUNTS}
    there = {int(one) for name in COUNTS if name in rows for one in rows[name]}
    return bool(counts & there) and may_be_said(message, least)


def without_few_dormant(places: Bottlenecks, least: int = LEAST) -> Bottlenecks:
    """Without the time of dormant cases where they are fewer than `least`, so that no sentence tells of it."""
    rows = places.rows
    dormant = rows["kind"] == DORMANT_AFTER
    keys = np.stack([np.zeros(len(dormant), "U1"), *(rows[name].astype(str) for name in places.groups)])
    group = np.unique(keys, axis=1, return_inverse=True)[1].ravel()
    few = np.bincount(group, rows["n"] * dormant) < least
    kept = ~(dormant & few[group])
    return places if kept.all() else replace(places, rows={name: column[kept] for name, column in rows.items()})


def _of_map(drawn: ProcessMap, moves: int) -> tuple[Rows, int]:
    return drawn.rows, moves - len(drawn.rows["n"])
