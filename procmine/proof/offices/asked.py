"""Asked: what an event study was asked, checked, and the weeks that it can look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from procmine.log import EventLog, Log, check_attributes
from procmine.proof.cohorts import Cohort, Plan, check_kept
from procmine.proof.offices.weekly import Beside, Control
from procmine.proof.planned import asked_of, planned
from procmine.proof.records.change import Change


@dataclass(frozen=True)
class Asked:
    """`change`: the day, or the day of each office; `told`: the other arguments, with what the record of the change says.

    `plan` counts from the change, or from the first of them.
    """

    change: str | Mapping[str, str]
    told: Mapping[str, Any]
    cohort: Cohort
    beside: Beside
    plan: Plan


def asked(log: Log, change: str | Mapping[str, str] | Change, given: Mapping[str, Any]) -> Asked:
    record = change if isinstance(change, Change) else Change(change if isinstance(change, str) else "")
    told = {**asked_of(record, given), "ramp": record.ramp}
    control: Control | None = told["control"]
    if not control or not isinstance(control, str | Mapping):
        raise ValueError(
            'Say where nothing was changed: control={"office": ["Harbor", "Valley"]}, or control="office".'
        )
    of_office = change if isinstance(change, Mapping) else None
    where = told["where"] if of_office is None else _with_offices(log, of_office, control, told["where"] or {})
    days = [record.date] if of_office is None else of_office.values()
    found = planned(log, {**told, "where": where}, days, ramp=record.ramp)
    beside = Beside.of(log.about, found.cohort.where, control)
    check_attributes(log.about, beside.columns, log.about.attributes)
    check_kept(log.about, beside.where)
    if isinstance(log, EventLog):
        log.where({name: values for name, values in beside.where if values})  # an error that names what there is
    return Asked(record.date if of_office is None else of_office, told, found.cohort, beside, found.plan)


def _with_offices(
    log: Log, change: Mapping[str, str], control: Control, where: Mapping[str, str | Sequence[str]]
) -> dict[str, str | Sequence[str]]:
    """`where`, and the offices that changed."""
    if not change:
        raise ValueError('change={} names no office: change={"North": "2025-10-06", "South": "2026-01-05"}.')
    office = control if isinstance(control, str) else next(iter(control))
    check_attributes(log.about, [office], log.about.attributes)
    if office in where:
        raise ValueError(
            f"where= names {office!r}, and change= already says which of them changed: leave it out of where=."
        )
    return {**where, office: tuple(change)}
