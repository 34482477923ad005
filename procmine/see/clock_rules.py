"""The service clock: in whose hands each case is at each moment, by the rules of the log's spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.clocks import CALENDAR_TIME, OfficeHours, office_hours
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.states import Pieces, Spells, pieces
from procmine.log import Clock, EventLog, Log, LogError, codes_of
from procmine.words import Message

Flags = NDArray[np.bool_]
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Pause:
    """The clock stands from each `from_step` to the next `to_step`, while the matter is with `whose`."""

    from_step: str
    to_step: str
    whose: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "whose", self.whose.removeprefix("the "))  # "the court" and "court" are one party


@dataclass(frozen=True)
class Rules:
    """When the clock begins and stops, what it stands for; None and empty: not said.

    `on_hold` names an event attribute and its values that mean on hold: from such an event until the next one with another
    value (an event without a value changes nothing).
    """

    begins: str | None = None
    stops: tuple[str, ...] = ()
    pauses: tuple[Pause, ...] = ()
    on_hold: tuple[str, tuple[str, ...]] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return () if self.on_hold is None else (self.on_hold[0],)

    @property
    def parties(self) -> tuple[str, ...]:
        """With whom a case is in the pauses, in the order of the spec."""
        return tuple(dict.fromkeys(one.whose for one in self.pauses))

    def cut(self, log: EventLog) -> Pieces:
        """Each case's time from arrival to until, in states: 0 before the clock begins, 1 after it stopped, then each of
        `parties`, then on hold; the last, `running`, is the rest. Where two hold at once the earlier in this order counts.
        """
        stands, begun = self.stands(log), self._begun(log)
        moment = _at(log.time, begun, NEVER)
        stopped = _at(log.time, self._stopped(log, begun), NEVER)
        cases = np.arange(len(log))
        forever = np.full(len(log), NEVER)
        before = (cases, log.arrival, np.where(begun == -2, log.arrival, moment))
        return pieces(log.arrival, log.until, [before, (cases, stopped, forever), *stands])

    def stands(self, log: EventLog) -> list[Spells]:
        """When cases are with each of `parties`, then when they are on hold, whether or not the clock has begun or stopped.

        One without an end lasts on. LogError where steps were left out.
        """
        if log.about.cut:
            raise LogError(
                "Steps were left out of this log, so when its clock began, stood and stopped cannot be told. Ask before "
                "only_activities(...), or choose cases instead: log.where(...), log.having(...)."
            )
        found = [_together([_paused(log, one) for one in self.pauses if one.whose == whose]) for whose in self.parties]
        return [*found, *([_held(log, *self.on_hold)] if self.on_hold is not None else [])]

    @property
    def running(self) -> int:
        """The state in which the clock runs."""
        return 2 + len(self.parties) + (self.on_hold is not None)

    def _begun(self, log: EventLog) -> Ints:
        """Per case the event with which its clock begins; -1: none so far, -2: with the arrival."""
        if self.begins is None:
            return np.full(len(log), -2)
        return _next(log, np.isin(log.activity, codes_of(log.about, self.begins)), log.offset[:-1], np.arange(len(log)))

    def _stopped(self, log: EventLog, begun: Ints) -> Ints:
        """Per case the first event after that with which it stops, or -1."""
        wanted = np.zeros(len(log.activity), bool)
        for step in self.stops:
            wanted |= np.isin(log.activity, codes_of(log.about, step))
        after = np.where(begun == -2, log.offset[:-1], begun + 1)
        return np.where(begun == -1, -1, _next(log, wanted, after, np.arange(len(log))))


def rules_of(about: About) -> Rules:
    """The rules of a log's spec (`clock`, `suspended`), checked against its steps and columns."""
    said, held = about.clock, about.suspended
    pauses = tuple(Pause(**one) for one in said.get("pauses", ()))
    rules = Rules(said.get("begins"), tuple(said.get("stops", ())), pauses, _on_hold(about, held))
    named = [rules.begins, *rules.stops, *(step for one in pauses for step in (one.from_step, one.to_step))]
    for step in named:
        if step is not None:
            _check_step(about, step)
    return rules


def _on_hold(about: About, held: Mapping[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    if not held:
        return None
    column = str(held["column"])
    if column not in about.event_attributes:
        there = ", ".join(about.event_attributes) or "none"
        why = (
            "belongs to cases, so it does not say from when on"
            if column in about.attributes
            else "is no column of events"
        )
        raise LogError(f"suspended: {column!r} {why}. Columns of events are: {there}.")
    return column, tuple(held["values"])


def _check_step(about: About, step: str) -> None:
    try:
        codes_of(about, step)
    except LogError as error:
        raise LogError(f"The service clock (clock, in the spec): {error}") from error


def _next(log: EventLog, wanted: Flags, place: Ints, case: Ints) -> Ints:
    """The first wanted event of the case at or after each place, or -1."""
    hit = np.append(np.flatnonzero(wanted), len(log.activity))
    found = hit[np.searchsorted(hit, place)]
    return np.where(found < log.offset[case + 1], found, -1)


def _at(time: Ints, place: Ints, otherwise: int) -> Ints:
    return np.where(place >= 0, np.append(time, 0)[place], otherwise)


def _paused(log: EventLog, pause: Pause) -> Spells:
    begins, ends = (np.isin(log.activity, codes_of(log.about, step)) for step in (pause.from_step, pause.to_step))
    place = np.flatnonzero(begins)
    case = cases_of(log.offset)[place]
    return case, log.time[place], _at(log.time, _next(log, ends, place + 1, case), NEVER)


def _held(log: EventLog, column: str, values: Sequence[str]) -> Spells:
    text = log.event_attributes[column]
    held = text.among(values)
    place = np.flatnonzero(held)
    case = cases_of(log.offset)[place]
    return case, log.time[place], _at(log.time, _next(log, ~held & (text.codes >= 0), place, case), NEVER)


def _together(spells: Sequence[Spells]) -> Spells:
    case, begin, end = (np.concatenate(one) for one in zip(*spells))
    return case, begin, end


@dataclass(frozen=True)
class ServiceClock:
    """Runs from the complete application on, and stands while the case is with others, on hold, or after it has stopped.

    `hours` is the clock by which it runs meanwhile: day and night, or while the office is open. Before it begins it shows 0.
    """

    rules: Rules
    hours: Clock = CALENDAR_TIME
    counts_work: ClassVar[bool] = True

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.rules.columns, *getattr(self.hours, "columns", ()))

    @property
    def day(self) -> float:
        return self.hours.day

    @property
    def said(self) -> Message:
        begins, stops = self.rules.begins, self.rules.stops
        since = Message("clock.service.from", {"step": begins}) if begins else Message("clock.service.arrival")
        upto = Message("clock.service.to", {"steps": ", ".join(stops)}) if stops else Message("clock.service.end")
        return Message(
            "clock.service", {"since": since, "upto": upto, "pauses": self._stands(), "hours": self.hours.said}
        )

    def read(self, time: Ints, case: Ints, log: EventLog) -> Ints:
        running = self.rules.cut(log).of(self.rules.running)
        began = self.hours.read(running.begin, running.case, log)
        length = self.hours.read(running.end, running.case, log) - began
        upto = np.concatenate(([0], np.cumsum(length)))
        place = running.before(time, case)
        here = np.flatnonzero(place >= 0)
        piece, read = place[here], np.zeros(len(time), np.int64)
        first = np.searchsorted(running.case, case[here])
        inside = self.hours.read(np.minimum(time[here], running.end[piece]), case[here], log) - began[piece]
        read[here] = upto[piece] - upto[first] + inside
        return read

    def _stands(self) -> Message:
        n = len(self.rules.pauses) + (self.rules.on_hold is not None)
        return Message("clock.service.pauses" if n else "clock.service.none", {"n": n})


def service_clock(log: Log, *, working: bool = False) -> ServiceClock:
    """The clock of the rules in the log's spec (`clock`, `suspended`); `working`: it runs in the office's hours only.

    From a case's first `begins` (else its arrival) to the first of `stops` after that (else to the end of watching); it
    stands in `pauses`, each from every `from_step` to the next `to_step`, and on hold. A pause that has not ended lasts on.
    A case without `begins` has not begun. LogError where there are no rules, or steps were left out.
    """
    about = log.about
    if not about.clock and not about.suspended:
        raise LogError(
            "This log has no rules for a service clock. Name them in its spec: clock: {begins: Application complete, stops: "
            "[Decided], pauses: [{from_step: Letter sent, to_step: Answer received, whose: applicant}]}."
        )
    hours: OfficeHours | Clock = office_hours(log) if working else CALENDAR_TIME
    return ServiceClock(rules_of(about), hours)
