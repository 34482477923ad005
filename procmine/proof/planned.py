"""Planned: from what is asked, and the record of the change, to the cases and the weeks that are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from procmine.about import About
from procmine.asking import ask
from procmine.log import EventLog, Log, LogError, day_of, moment
from procmine.proof.cohorts import WEEK, BaselineSummary, Cohort, Plan, check_kept, cohort_of, kept_of, plan_of
from procmine.proof.records.change import Change, agreed
from procmine.results import seconds

Known = Mapping[str, Any]  # the one row of a `Baseline`


@dataclass(frozen=True, eq=False)
class Planned:
    """Who is compared, in which weeks, and what was known of them when the change came."""

    cohort: Cohort
    plan: Plan
    known: Known


def asked_of(record: Change, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, with what the record says where nothing is given; ValueError where the two do not agree."""
    return {name: agreed(name, value, getattr(record, name)) for name, value in given.items()}


def planned(log: Log, asked: Mapping[str, Any], days: Iterable[str], *, ramp: int = 0, gap: int = 0) -> Planned:
    """`asked`: where, start, stop and horizon; weeks count from the first of the `days`, all of which the data must reach."""
    about, moments = log.about, [moment(log.about, day) for day in days]
    cohort, at = cohort_of(about, asked["where"], asked["start"], asked["stop"]), min(moments)
    check_kept(about, cohort.where)
    _check_reached(about, at, max(moments))
    if asked["where"] is not None and isinstance(log, EventLog):
        log.where(asked["where"])  # an error that names what there is
    known = {name: column[0] for name, column in ask(log, BaselineSummary(cohort, at - gap * WEEK)).rows.items()}
    known["first"] -= gap
    _check_known(about, known, at)
    watched = weeks_watched(known, asked["horizon"], day_of(about, at))
    return Planned(cohort, plan_of(about, at, int(known["first"]), watched, ceil(ramp / 7), gap), known)


def weeks_watched(known: Known, horizon: int | None, day: str) -> int:
    """As many as hold the `horizon` (days); None: as long as 9 in 10 of the cases begun before that day took."""
    if horizon is not None and horizon < 1:
        raise ValueError(f"horizon={horizon}: name the days that each case is watched, 1 or more.")
    if horizon is not None:
        return ceil(horizon / 7)
    if not known["cases"]:
        raise LogError(f"No such case begins in the three years before {day}: check where=, start= and the date.")
    if np.isnat(known["p90"]):
        raise LogError(
            f"Of the {known['cases']:,} cases begun before {day}, fewer than 9 in 10 had ended by then, so it is not "
            "clear how long to watch each. Say it: horizon=90 watches each for 90 days."
        )
    return max(ceil(seconds(known["p90"]) * 1e6 / WEEK), 1)


def _check_reached(about: About, at: int, last: int) -> None:
    if last > about.cutoff:
        data, change = day_of(about, about.cutoff), day_of(about, last)
        raise ValueError(f"The data end on {data}, before the change on {change}: load data from after it.")
    kept = kept_of(about)
    if kept.said is not None and kept.until <= at:
        raise LogError(
            f"This log holds only {kept.said.say()}, so no case begun since the change on {day_of(about, at)}. "
            "Use all cases."
        )


def _check_known(about: About, known: Known, at: int) -> None:
    change, since = day_of(about, at), str(known["complete_from"])[:10]
    if since >= change:
        raise LogError(
            f"All cases are in this log only from {since} on, so nothing before the change on {change} can be compared. "
            "Load a longer history, or say since when the log is complete: complete_from."
        )
    if not known["cases"]:
        raise LogError(
            f"No such case begins between {since} and the change on {change}: check where=, start= and the date, or load a "
            "longer history."
        )
