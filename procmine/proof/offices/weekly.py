"""Weekly: what the cases that entered each office in each week waited, each watched equally long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from procmine.about import About
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import EntryWeeks, Floats
from procmine.kernels.contrast import window
from procmine.kernels.flow import Ints
from procmine.kernels.partial import Partial
from procmine.log import Clock, EventLog, LogError, Summary, check_attributes
from procmine.proof.cohorts import Cohort, Plan, Where
from procmine.results import Result, Rows, timedeltas
from procmine.words import Message

TREATED = None  # the key of the cases that the change was for
Control = Mapping[str, str | Sequence[str]] | str


@dataclass(frozen=True)
class Beside:
    """Which cases stand beside those of a cohort: by the values of `office`, those `where` says; () of them: all others."""

    office: str
    where: Where
    treated: Where

    @classmethod
    def of(cls, about: About, treated: Where, control: Control) -> Beside:
        """`control` as `where`; what it does not name is as for the treated. A name alone: all other values of it."""
        if not isinstance(control, str | Mapping):
            raise ValueError(
                f'control={control!r}: name the attribute too, control={{"office": ["Harbor", "Valley"]}}, or it alone.'
            )
        named = {control: ()} if isinstance(control, str) else dict(control)
        if not named:
            raise ValueError(
                'control={} names no offices: control={"office": ["Harbor", "Valley"]}, or control="office".'
            )
        check_attributes(about, named, about.attributes)
        wanted = {name: (value,) if isinstance(value, str) else tuple(value) for name, value in named.items()}
        office = next(iter(wanted))
        if not wanted[office] and office not in dict(treated):
            raise ValueError(
                f"control={office!r} means all others than those that changed: say which did, "
                f'such as where={{"{office}": ...}}.'
            )
        shared = set(dict(treated).get(office, ())) & set(wanted[office])
        if shared:
            raise ValueError(
                f"{office} {min(shared)!r} is in where= and in control=: it cannot be compared with itself."
            )
        return cls(office, tuple({**dict(treated), **wanted}.items()), treated)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*(name for name, _ in self.where), *(name for name, _ in self.treated))))

    def codes(self, log: EventLog) -> tuple[Ints, list[str | None]]:
        """Per case the place of its name: 0 the treated, 1 and on each comparison office; -1: neither."""
        treated, beside = _among(log, self.treated), np.ones(len(log), bool)
        own = dict(self.treated).get(self.office, ())
        for name, values in self.where:
            text = log.attributes[name]
            beside &= text.among(values) if values else (text.codes >= 0) & ~text.among(own)
        if not self.treated:
            treated = ~beside
        both = int(np.count_nonzero(treated & beside))
        if both:
            raise LogError(
                f"{both:,} cases are those of the change (where=) and of its comparison (control=) at once. Name in control= "
                "which value of the same attribute the comparison cases have."
            )
        text = log.attributes[self.office]
        found = np.where(treated, 0, np.where(beside, text.codes.astype(np.int64) + 1, -1))
        return found, [TREATED, *text.levels.to_pylist()]


def _among(log: EventLog, where: Where) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    inside = np.ones(len(log), bool)
    for name, values in where:
        inside &= log.attributes[name].among(values)
    return inside


@dataclass(frozen=True, eq=False)
class ByOffice:
    """Sums by entry week of each office: cases, seconds, their squares."""

    of: Mapping[str | None, EntryWeeks]

    def merge(self, other: ByOffice) -> ByOffice:
        both = dict(self.of)
        for name, weeks in other.of.items():
            both[name] = both[name].merge(weeks) if name in both else weeks
        return ByOffice(both)

    def dense(self, names: Sequence[str | None], first: int, count: int) -> Floats:
        """[office, week, column] of `count` weeks from `first` on; weeks without cases are zeros."""
        none = EntryWeeks(np.empty(0, np.int64), np.zeros((0, 3)))
        return np.stack([window(self.of.get(name, none), first, count) for name in names])

    @property
    def offices(self) -> list[str]:
        """The comparison offices, by name."""
        return sorted(name for name in self.of if name is not TREATED)


@dataclass(frozen=True, eq=False)
class OfficesPart(Partial):
    sums: ByOffice


@dataclass(frozen=True, eq=False)
class OfficeWeeks(Result):
    """One row per office and entry week: office ("" the cases of the change), week (int, counted from the change), cases,
    total (timedelta64[s]) of their waits, each watched equally long.
    """

    meaning = "define.event_study"

    def findings(self) -> Sequence[Message]:
        return [
            Message("offices.weeks", {"cases": int(self.rows["cases"].sum()), "offices": len(set(self.rows["office"]))})
        ]


@dataclass(frozen=True)
class OfficesSummary(Summary[OfficesPart, OfficeWeeks]):
    """All entries of the cohort and of the offices beside it, also those that cannot be watched to the end of the horizon."""

    cohort: Cohort
    beside: Beside
    plan: Plan
    clock: Clock = CALENDAR_TIME

    @property
    def columns(self) -> tuple[str, ...]:
        return self.beside.columns

    def of(self, log: EventLog) -> OfficesPart:
        entry, enters = replace(self.cohort, where=()).enter(log)
        code, names = self.beside.codes(log)
        here = np.flatnonzero(enters & (code >= 0))
        seen = self.cohort.watch(log, entry, entry + self.plan.horizon)
        begun, until = (self.clock.read(time[here], here, log) for time in (entry, seen.until))
        week, spent = self.plan.week(entry[here]), (until - begun) / 1e6
        return OfficesPart(ByOffice(_summed(code[here], names, week, spent)))

    def rows(self, partial: OfficesPart, about: About) -> Rows:
        tables = [(name, partial.sums.of[name]) for name in (TREATED, *partial.sums.offices) if name in partial.sums.of]
        sums = np.concatenate([weeks.sums for _, weeks in tables]) if tables else np.zeros((0, 3))
        names = [np.full(len(weeks.week), name or "", object) for name, weeks in tables]
        week = [weeks.week for _, weeks in tables]
        return {
            "office": np.concatenate(names) if tables else np.empty(0, object),
            "week": np.concatenate(week) if tables else np.empty(0, np.int64),
            "cases": sums[:, 0].astype(np.int64),
            "total": timedeltas(sums[:, 1]),
        }

    def result(self, rows: Rows, about: About, exact: bool) -> OfficeWeeks:
        return OfficeWeeks(rows, about, exact, self.arguments)


def _summed(code: Ints, names: list[str | None], week: Ints, spent: Floats) -> dict[str | None, EntryWeeks]:
    found = {}
    for place in np.flatnonzero(np.bincount(code, minlength=len(names))):
        own = code == place
        values = np.stack((np.ones(own.sum()), spent[own], spent[own] ** 2))
        column = np.repeat(np.arange(3), own.sum())
        found[names[place]] = EntryWeeks.of(np.tile(week[own], 3), column, values.ravel(), 3)
    return found
