"""What the detectors of the data check share: a log looked at once, and what a finding is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import to_wall
from procmine.kernels.flow import Ints, is_first
from procmine.kernels.sorting import stable_order
from procmine.kernels.survival import incidence
from procmine.log import EventLog, Text
from procmine.see.survival import SurvivalSummary
from procmine.words import Message

Flags = NDArray[np.bool_]
Unit = Literal["events", "cases", "rows", "columns", "months", "days", "neighbours", "steps"]
SECOND, MINUTE, DAY = 1_000_000, 60_000_000, 86_400_000_000
UNITS = (MINUTE, SECOND, 100_000, 1_000, 1)  # in which times may be recorded
BY_DATE, FEW = 0.5, 30  # of a step's events in one minute of the day, and how many at least
NAMED = 3  # examples in a sentence


@dataclass(frozen=True, eq=False)
class Finding:
    """One thing to know about the data. `events` and `cases` are places in the log; `row` is the first row in the source
    where the log does not hold the rows any more.

    `without` says what the headline is measured again without: these events, the cases that have them, or (`mended`, the
    ends of watching and the open cases after the repair) nothing.
    """

    kind: str
    count: int
    of: int
    unit: Unit
    values: Mapping[str, Any] = field(default_factory=dict)
    events: Ints | None = None
    cases: Ints | None = None
    row: int | None = None
    spec: Mapping[str, Any] = field(default_factory=dict)
    without: Literal["events", "cases", "nothing"] = "nothing"
    mended: tuple[Ints, Flags] | None = None

    @property
    def what(self) -> Message:
        return Message(f"quality.{self.kind}", {"n": self.count, "of": self.of, **self.values})

    @property
    def todo(self) -> Message:
        return Message(f"quality.{self.kind}.do", {"n": self.count, "of": self.of, **self.values})


@dataclass(frozen=True, eq=False)
class Look:
    """A log, and what several detectors ask of it. Times are on the wall clock of the log's zone, in microseconds."""

    log: EventLog

    @property
    def names(self) -> tuple[str, ...]:
        return self.log.about.activities

    @cached_property
    def step(self) -> NDArray[np.int32]:
        return self.log.activity.astype(np.int32)

    @cached_property
    def happened(self) -> Ints:
        """How often each step happened."""
        return np.bincount(self.step, minlength=len(self.names))

    @cached_property
    def _by_step(self) -> tuple[Ints, Ints]:
        return stable_order(self.step), np.concatenate(([0], np.cumsum(self.happened)))

    def places(self, code: int) -> Ints:
        """The events of one step."""
        order, edge = self._by_step
        return order[edge[code] : edge[code + 1]]

    @cached_property
    def case(self) -> NDArray[np.int32]:
        """Per event: the number of its case."""
        return np.repeat(np.arange(len(self.log), dtype=np.int32), np.diff(self.log.offset))

    @cached_property
    def wall(self) -> Ints:
        return to_wall(self.log.time, self.log.zone) if self.log.zone else self.log.time

    @cached_property
    def timed(self) -> Flags:
        """Per event: whether its time of day is known."""
        return self.clocked & ~self.filled

    @cached_property
    def filled(self) -> Flags:
        """Per event: whether it has the one time of day (such as midnight) that half of its step's events have, 30 or
        more: then it was a date, to which a system added a time."""
        minutes = DAY // MINUTE
        minute = self.wall // MINUTE % minutes
        whole = self.clocked & (self.wall % MINUTE == 0)
        place = (self.step.astype(np.int64) * minutes + minute)[whole]
        n = np.bincount(place, minlength=len(self.names) * minutes).reshape(-1, minutes)
        most, top = n.argmax(axis=1), n.max(axis=1, initial=0)
        usual = (top >= BY_DATE * self.happened) & (top >= FEW)
        if not usual.any():
            return np.zeros(len(self.wall), bool)
        found: Flags = whole & usual[self.step] & (minute == most[self.step])
        return found

    @cached_property
    def clocked(self) -> Flags:
        """Per event: whether it is written with a time of day."""
        if self.log.about.precision == "day":
            return np.zeros(len(self.wall), bool)
        return np.ones(len(self.wall), bool) if self.log.dated is None else ~self.log.dated

    @cached_property
    def unit(self) -> int:
        """The unit in which nearly all times of day are recorded, in microseconds; a day, if none is."""
        times = self.wall if self.log.dated is None else self.wall[self.timed]
        if self.log.about.precision == "day" or not len(times):
            return DAY
        return next(one for one in UNITS if one == 1 or np.count_nonzero(times % one) <= 0.01 * len(times))

    @cached_property
    def first(self) -> Flags:
        return is_first(self.log.offset)

    @cached_property
    def follows(self) -> Flags:
        """Per event: whether it comes after another of its case, both with a time of day."""
        follows = ~self.first & self.timed
        follows[1:] &= self.timed[:-1]
        return follows

    @cached_property
    def gap(self) -> Ints:
        """Per event: time since the event before it in the log, whatever its case."""
        return np.diff(self.log.time, prepend=self.log.time[:1])

    @cached_property
    def length(self) -> Ints:
        """Per case: how long it was watched."""
        return self.log.until - self.log.arrival

    @cached_property
    def resource(self) -> Text | None:
        """Who did each event, if the log says so: the column in that role, else the first that names people."""
        name = resource_of(self.log)
        return None if name is None else self.log.event_attributes[name]

    @property
    def case_column(self) -> str:
        return role_of(self.log, "case") or "case"

    @cached_property
    def span(self) -> int:
        return max(int(self.log.about.cutoff - self.log.arrival.min()), 1) if len(self.log) else 1

    def watched(self, cases: Ints, **changed: NDArray[Any]) -> EventLog:
        """Some cases without their events, to measure the headline; `changed`: arrival, until or open of these."""
        log = self.log
        bare = {"time": log.time[:0], "activity": log.activity[:0], "offset": np.zeros(len(cases) + 1, np.int64)}
        none: dict[str, Any] = {
            "attributes": {},
            "event_attributes": {},
            "start": None,
            "dated": None,
            "origin": None,
            "last": None,
        }
        kept: dict[str, Any] = {name: getattr(log, name)[cases] for name in ("arrival", "until", "open")}
        kept = {**kept, **changed, "case": log.case.take(cases), **bare, **none}
        return replace(log, **kept)

    def share_of(self, which: Flags) -> NDArray[np.float64]:
        """Per step: how many of its events are among these."""
        n = np.bincount(self.step[which], minlength=len(self.names))
        return n / np.maximum(self.happened, 1)

    def cases_of(self, events: Ints) -> Ints:
        return np.unique(self.case[events]).astype(np.int64)

    def named(self, codes: Any, most: int = NAMED) -> str:
        """The first few of these steps, and how many more."""
        return listed([self.names[int(code)] for code in codes], most)


def role_of(log: EventLog, role: str) -> str | None:
    """The column that plays a role, as the door noted it."""
    for note in log.about.notes:
        roles: Any = note.values["roles"] if note.key == "load.roles" else ()
        for one in roles:
            if one.values["role"].key == f"load.role.{role}":
                return str(one.values["column"])
    return None


def resource_of(log: EventLog) -> str | None:
    named = role_of(log, "resource")
    if named in log.event_attributes:
        return named
    return next((name for name in log.about.persons if name in log.event_attributes), None)


def listed(names: list[str], most: int = NAMED) -> str:
    more = Message("quality.more", {"more": len(names) - most}).say() if len(names) > most else ""
    return ", ".join(names[:most]) + more


def half(log: EventLog) -> float:
    """Seconds by which half of all cases had ended, as `survival` has it: open ones counted as waiting, those begun before
    the log is complete from then on; nan: not reached."""
    partial = SurvivalSummary().of(log)
    ended, otherwise, waiting = (kind.whole() for kind in partial.kinds())
    return float(np.mean(incidence(ended, otherwise, waiting, late=partial.late.whole()).quantile(0.5)))
