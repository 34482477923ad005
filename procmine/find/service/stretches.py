"""Stretches: from one point of a case to another, counted in days by date, in working days or in hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.clocks import office_hours
from procmine.find.service.pauses import paused
from procmine.kernels.flow import Ints, first_match
from procmine.log import EventLog, LogError, check_attributes, codes_of, shown
from procmine.see.survival import ended_with

Flags = NDArray[np.bool_]
Unit = Literal["days", "working days", "hours"]
Rule = Literal["calendar", "service"]
Where: TypeAlias = "Mapping[str, str | tuple[str, ...]]"

ARRIVAL, COMPLETE, ANY_END = "arrival", "complete application", "any end"
TICKS: Mapping[str, int] = {"days": 1, "working days": 1, "hours": 3_600_000_000}  # of what `read` counts
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Run:
    """Per case in which the stretch began: who, from when (microseconds of the log's axis) to when, and how it stands.

    `stop` is where it was reached, else where the case ended or the data do. `spent` counts up to there, `so_far` up to the
    moment after the cutoff (for a case that has ended: as if it had gone on): it is due once `so_far` is over the limit.
    """

    case: Ints
    begun: Ints
    stop: Ints
    reached: Flags
    open: Flags
    spent: Ints
    so_far: Ints
    early: Flags  # began before the data are complete: others like it, over by then, are missing

    @property
    def otherwise(self) -> Flags:
        """Ended without reaching it."""
        return ~self.reached & ~self.open


@dataclass(frozen=True)
class Stretch:
    """From `start` (a step, "complete application" or "arrival"; its first time) to `stop`: the first of these steps from
    then on, an outcome, or "any end".

    Days and working days are counted by date, as laws do: the day it began is day 0, so a case of Monday that is
    answered on Tuesday took 1, at whatever hour. With clock "service" the counting stands in the pauses of the log's spec.
    """

    start: str
    stop: tuple[str, ...]
    unit: Unit = "days"
    clock: Rule = "calendar"
    where: Where = field(default_factory=dict)

    @property
    def ticks(self) -> int:
        return TICKS[self.unit]

    def needs(self, about: About) -> tuple[str, ...]:
        """The attributes that it reads."""
        of_case = [about.calendar_by] if self.unit == "working days" and about.calendar_by else []
        status = [about.suspended["column"]] if self.clock == "service" and about.suspended else []
        return tuple(dict.fromkeys([*self.where, *of_case, *status]))

    def check(self, about: About) -> None:
        """A LogError that names what is missing, before anything is counted."""
        if self.start not in (ARRIVAL, COMPLETE):
            codes_of(about, self.start)
        if self.start == COMPLETE:
            _complete(about)
        for one in self.stop:
            _stop_kind(about, one)
        check_attributes(about, self.where, about.attributes)
        if self.unit == "working days":
            office_hours(_Only(about))
        if self.clock == "service" and not about.clock.get("pauses") and not about.suspended:
            raise LogError(
                "A service clock stands in pauses, and this log's spec names none. Name them there (clock: pauses: ..., or "
                "suspended: ...), or count with clock: calendar."
            )

    def of(self, log: EventLog) -> Run:
        begun, place = self._begun(log)
        stop, reached = self._reached(log, begun, place)
        case = np.flatnonzero((begun != NEVER) & self._wanted(log))
        begun, stop, reached = begun[case], np.where(reached, stop, log.until)[case], reached[case]
        after = np.full(len(case), log.about.cutoff + 1)
        read = self.reader(log)
        start = read(begun, case)
        since = log.about.complete_from
        early = np.zeros(len(case), bool) if since is None else begun < since
        still = log.open[case] & ~reached
        return Run(case, begun, stop, reached, still, read(stop, case) - start, read(after, case) - start, early)

    def reader(self, log: EventLog) -> Reader:
        pauses = paused(log) if self.clock == "service" else None
        return Reader(log, self.unit, pauses)

    def _wanted(self, log: EventLog) -> Flags:
        wanted = np.ones(len(log), bool)
        for name, value in self.where.items():
            values = (value,) if isinstance(value, str) else tuple(value)
            if not set(values) <= set(log.attributes[name].levels.to_pylist()):
                log.where({name: values})  # says what there is
            wanted &= log.attributes[name].among(values)
        return wanted

    def _begun(self, log: EventLog) -> tuple[Ints, Ints]:
        """Per case when it began (NEVER: it did not), and the event with which it did (-1: none)."""
        if self.start == ARRIVAL:
            return log.arrival.copy(), np.full(len(log), -1)
        codes = codes_of(log.about, _complete(log.about) if self.start == COMPLETE else self.start)
        place = first_match(np.isin(log.activity, codes), log.offset)
        return np.append(log.time, NEVER)[place], place

    def _reached(self, log: EventLog, begun: Ints, place: Ints) -> tuple[Ints, Flags]:
        """Per case when it was reached, and whether."""
        kinds = [_stop_kind(log.about, one) for one in self.stop]
        codes = np.concatenate([np.empty(0, np.int64), *(codes for codes, _ in kinds if codes is not None)])
        moment = np.full(len(log), NEVER)
        if len(codes):
            wanted = np.isin(log.activity, codes) & (log.time >= np.repeat(begun, np.diff(log.offset)))
            wanted[place[place >= 0]] = False
            moment = np.append(log.time, NEVER)[first_match(wanted, log.offset)]
        for outcome in (outcome for codes, outcome in kinds if codes is None):
            there = ~log.open if outcome == ANY_END else ~log.open & ended_with(log, outcome)
            there &= (begun != NEVER) & (log.until >= begun)
            moment = np.minimum(moment, np.where(there, log.until, NEVER))
        return moment, moment != NEVER


@dataclass(frozen=True, eq=False)
class Reader:
    """Reads moments as what has been counted up to then: dates, open dates of the office, or microseconds; less pauses."""

    log: EventLog
    unit: Unit
    pauses: tuple[Ints, Ints, Ints] | None  # case (ascending), begin, end

    def __call__(self, time: Ints, case: Ints) -> Ints:
        if self.pauses is None:
            return self._plain(time, case)
        return self._plain(time, case) - self._stood(time, case, self.pauses)

    def _plain(self, time: Ints, case: Ints) -> Ints:
        if self.unit == "hours":
            return time
        if self.unit == "days":
            return shown(self.log.about, time).astype("M8[D]").astype(np.int64)
        begin = self.log.arrival[case]
        return office_hours(self.log).working_days(begin, np.maximum(time, begin), case, self.log)

    def _stood(self, time: Ints, case: Ints, pauses: tuple[Ints, Ints, Ints]) -> Ints:
        """What would have been counted in the pauses of its case up to each moment."""
        owner, begin, end = pauses
        first, last = np.searchsorted(owner, case, "left"), np.searchsorted(owner, case, "right")
        many = last - first
        asked = np.repeat(np.arange(len(case)), many)
        place = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + first[asked]
        here = case[asked]
        upto = np.minimum(time[asked], end[place])
        length = self._plain(upto, here) - self._plain(np.minimum(begin[place], upto), here)
        return np.bincount(asked, length, len(case)).astype(np.int64)


def stops(stop: str | Sequence[str]) -> tuple[str, ...]:
    """One or several ends of a stretch."""
    return (stop,) if isinstance(stop, str) else tuple(stop)


def _complete(about: About) -> str:
    step: Any = about.clock.get("begins")
    if not step:
        raise LogError(
            'Which step makes an application complete is not known. Name it in the spec (clock: begins: "..."), or begin '
            "at a step or at the arrival."
        )
    codes_of(about, str(step))
    return str(step)


def _stop_kind(about: About, name: str) -> tuple[Ints | None, str]:
    """Codes of steps; or None, and the outcome that is meant."""
    if name == ANY_END or (name not in about.activities and name not in about.stages and name in _outcomes(about)):
        return None, name
    try:
        return codes_of(about, name), name
    except LogError as error:
        known = ", ".join(sorted(_outcomes(about)))
        raise LogError(f"{error} Or an outcome: {known or 'none'}. Or any end.") from error


def _outcomes(about: About) -> set[str]:
    return set(about.outcomes.values())


@dataclass(frozen=True)
class _Only:
    """What `office_hours` reads of a log."""

    about: About
