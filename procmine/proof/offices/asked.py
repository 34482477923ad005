"""Asked: what an event study was asked, checked, and the weeks that it can look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, cast

import numpy as np

from procmine.asking import ask
from procmine.log import EventLog, Log, LogError, check_attributes, day_of, moment
from procmine.proof.cohorts import WEEK, BaselineSummary, Cohort, Plan, check_kept, cohort_of, plan_of
from procmine.proof.offices.weekly import Beside, Control
from procmine.proof.records.change import Change
from procmine.results import seconds
from procmine.see.times import Milestone


@dataclass(frozen=True)
class Named:
    """The arguments of `event_study`."""

    change: str | Mapping[str, str]
    where: Mapping[str, str | Sequence[str]] | None
    control: Control
    start: str | Milestone | None
    stop: str | Milestone | None
    horizon: int | None
    ramp: int = 0

    @classmethod
    def of(cls, change: str | Mapping[str, str] | Change, given: Mapping[str, Any]) -> Named:
        """With what the record of a change says where nothing is given; an argument that contradicts it is an error."""
        known, day, ramp = dict(given), change, 0
        if isinstance(change, Change):
            day, ramp = change.date, change.ramp
            for name, value in given.items():
                recorded = getattr(change, name) or None
                if value is not None and recorded is not None and _alike(value) != _alike(recorded):
                    raise ValueError(
                        f"{name}={value!r}, but the record of the change says {recorded!r}: leave it out here."
                    )
                known[name] = recorded if value is None else value
        if not known["control"]:
            raise ValueError(
                'Say where nothing was changed: control={"office": ["Harbor", "Valley"]}, or control="office".'
            )
        return cls(cast("str | Mapping[str, str]", day), ramp=ramp, **known)


def _alike(value: Any) -> Any:
    """One value and a list of one are the same."""
    if not isinstance(value, Mapping):
        return value
    return {name: (one,) if isinstance(one, str) else tuple(one) for name, one in value.items()}


@dataclass(frozen=True)
class Asked:
    """`plan` counts from the change, or from the first of them."""

    cohort: Cohort
    beside: Beside
    plan: Plan


def asked(log: Log, named: Named) -> Asked:
    if named.horizon is not None and named.horizon < 1:
        raise ValueError(f"horizon={named.horizon}: name the days that each case is watched, 1 or more.")
    staggered = isinstance(named.change, Mapping)
    where = _with_offices(log, named) if staggered else named.where
    cohort = cohort_of(log.about, where, named.start, named.stop)
    beside = Beside.of(log.about, cohort.where, named.control)
    check_attributes(log.about, beside.columns, log.about.attributes)
    check_kept(log.about, (*cohort.where, *beside.where))
    if isinstance(log, EventLog):
        for one in (where, {name: values for name, values in beside.where if values}):
            log.where(one or {})  # an error that names what there is
    days = named.change.values() if isinstance(named.change, Mapping) else [named.change]
    at = min(moment(log.about, day) for day in days)
    return Asked(cohort, beside, _plan(log, cohort, at, max(days), named))


def _with_offices(log: Log, named: Named) -> dict[str, str | Sequence[str]]:
    """`where`, and the offices that changed."""
    assert isinstance(named.change, Mapping)
    if not named.change:
        raise ValueError('change={} names no office: change={"North": "2025-10-06", "South": "2026-01-05"}.')
    office = named.control if isinstance(named.control, str) else next(iter(named.control), "")
    check_attributes(log.about, [office], log.about.attributes)
    if office in (named.where or {}):
        raise ValueError(
            f"where= names {office!r}, and change= already says which of them changed: leave it out of where=."
        )
    return {**(named.where or {}), office: tuple(named.change)}


def _plan(log: Log, cohort: Cohort, at: int, last: str, named: Named) -> Plan:
    about, horizon = log.about, named.horizon
    if moment(about, last) > about.cutoff:
        raise ValueError(
            f"The data end on {day_of(about, about.cutoff)}, before the change on {last}: load data from after it."
        )
    known = {name: column[0] for name, column in ask(log, BaselineSummary(cohort, at)).rows.items()}
    change = day_of(about, at)
    if not known["cases"]:
        raise LogError(f"No such case begins before the change on {change}: check where=, start= and the date.")
    if horizon is None and np.isnat(known["p90"]):
        raise LogError(
            f"Of the {known['cases']:,} cases begun before {change}, fewer than 9 in 10 had ended by then, so it is not "
            "clear how long to watch each. Say it: horizon=90 watches each for 90 days."
        )
    watched = ceil(horizon / 7) if horizon else max(ceil(seconds(known["p90"]) * 1e6 / WEEK), 1)
    return plan_of(about, at, int(known["first"]), watched, ceil(named.ramp / 7))
