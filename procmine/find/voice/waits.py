"""Voice by wait: whether those who wait longer write more, complain more and score lower; and how many were heard at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from procmine.asking import Period
from procmine.clocks import CALENDAR_TIME
from procmine.find.voice.voice import LEAST, complaints_of, from_people, rates, score_rows, voices
from procmine.kernels.blocks import DAY
from procmine.kernels.durations import SECOND
from procmine.kernels.flow import Ints
from procmine.log import Clock, EventLog, Log, Voice, in_memory
from procmine.results import Result, Rows, timedeltas
from procmine.see.groups import by_groups
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EDGES = (0, 30, 60, 90, 120, 150, 180)  # days: as long as each other, that rates compare
ALL, AFTER = "all", "after the end"


@dataclass(frozen=True, eq=False)
class VoiceByWait(Result):
    """A row is a stretch of the wait since arrival, after a first row of all, before a last one of what came after the end.

    wait (text); wait_from, wait_to (timedelta64[s], NaT: none): the stretch; cases (int) still waiting at its beginning
    (of "all": all cases; of "after the end": those that ended); contacts, complaints (int) that came in it; per_100 with
    per_100_low, per_100_high, and complaints_per_100 (floats): per 100 of these cases (95%, nan below 20 cases); scored
    (int) contacts with a score; score (float, nan without any) with score_low, score_high; share_answered (float 0..1):
    cases with at least one score, of these cases.
    """

    meaning: ClassVar[str] = "define.voice_by_wait"

    def findings(self) -> Sequence[Message]:
        if not self.rows["contacts"][0]:
            return [Message("voice.none")]
        one = {name: column[0] for name, column in self.rows.items()}
        counts: dict[str, Value] = {name: int(one[name]) for name in ("contacts", "complaints", "cases")}
        parts: dict[str, Value] = {name: float(one[name]) for name in ("per_100", "complaints_per_100")}
        told = [Message("voice.wait.all", {**counts, **parts}), *self._most(), *self._scores()]
        return [
            *told,
            Message("voice.wait.response", {"response": float(one["share_answered"]), "scored": int(one["scored"])}),
        ]

    def _stretches(self) -> NDArray[np.int64]:
        return np.flatnonzero(~np.isnat(self.rows["wait_from"]))

    def _most(self) -> list[Message]:
        rows = np.flatnonzero(~np.isnat(self.rows["wait_to"]) & (self.rows["cases"] >= LEAST))
        if len(rows) < 2:
            return []
        row = int(rows[np.argmax(self.rows["per_100"][rows])])
        ends: dict[str, Value] = {name: float(self.rows[f"per_100{name}"][row]) for name in ("", "_low", "_high")}
        values: dict[str, Value] = {"wait": str(self.rows["wait"][row]), "cases": int(self.rows["cases"][row])}
        return [Message("voice.wait.most", {**values, "rate": ends[""], "low": ends["_low"], "high": ends["_high"]})]

    def _scores(self) -> list[Message]:
        """The first and the last stretch with enough scores, where their ranges lie apart."""
        rows = self._stretches()
        rows = rows[self.rows["scored"][rows] >= LEAST]
        if len(rows) < 2:
            return []
        first, last = int(rows[0]), int(rows[-1])
        apart = self.rows["score_high"][last] < self.rows["score_low"][first]
        values: dict[str, Value] = {}
        for name, row in (("first", first), ("last", last)):
            values |= {f"{name}_wait": str(self.rows["wait"][row]), name: float(self.rows["score"][row])}
        return [Message("voice.wait.lower" if apart else "voice.wait.alike", values)]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Contacts per 100 cases by stretches that are as long as each other, with their ranges."""
        from procmine.draw.effects import Effect, effects

        drawn = []
        for row in np.flatnonzero(~np.isnat(self.rows["wait_to"])):
            ends = [float(self.rows[f"per_100{name}"][row]) for name in ("", "_low", "_high")]
            note = Message("voice.wait.note", {"cases": int(self.rows["cases"][row])}).say()
            drawn.append(Effect(str(self.rows["wait"][row]), ends[0], ends[1], ends[2], note))
        return effects(drawn, title=Message("voice.wait.picture").say(), axis=Message("voice.wait.axis").say(), ax=ax)


def voice_by_wait(
    log: Log, *, by: Sequence[str] = (), period: Period | None = None, clock: Clock = CALENDAR_TIME
) -> VoiceByWait:
    """Contacts, complaints and scores by how long the case had waited since its arrival, for each office if one is named.

    A case counts in every stretch that it lived to see the beginning of; open cases count as far as they have come.
    """
    here = in_memory(log)
    voices(here)
    rows, groups, about = by_groups(here, lambda part: _rows(part, clock), by, period)
    return VoiceByWait(rows, about, True, {"clock": clock}, groups=groups)


def _rows(log: EventLog, clock: Clock) -> Rows:
    said = voices(log)
    number = np.full(len(log.case.levels) + 1, -1)
    number[log.case.codes] = np.arange(len(log))
    case = number[said.case]
    counted = np.flatnonzero((case >= 0) & from_people(said))
    case = case[counted]
    arrival, until = (clock.read(one, np.arange(len(log)), log) for one in (log.arrival, log.until))
    moment = np.maximum(clock.read(said.time[counted], case, log) - arrival[case], 0)
    over = ~log.open[case] & (
        said.time[counted] // DAY > log.until[case] // DAY
    )  # what came on its last day is of the wait
    edges = np.array([round(day * clock.day * SECOND) for day in EDGES])
    stretch = np.where(over, len(edges), np.searchsorted(edges, moment, side="right") - 1)
    length = until - arrival
    at_risk = np.array([*(np.count_nonzero(length >= edge) for edge in edges), np.count_nonzero(~log.open)])
    tables = [
        _table(said, counted, case, np.zeros(len(case), np.int64), np.array([len(log)])),
        _table(said, counted, case, stretch, at_risk),
    ]
    rows = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    begin = np.array([np.nan, *(edges / SECOND), np.nan])
    stop = np.array([np.nan, *(edges[1:] / SECOND), np.nan, np.nan])
    names = [Message("voice.wait.every").say(), *_named(clock), Message("voice.wait.after").say()]
    kept = np.array([True, *(at_risk > 0)])
    front = {"wait": np.array(names, object), "wait_from": timedeltas(begin), "wait_to": timedeltas(stop)}
    return {name: column[kept] for name, column in {**front, **rows}.items()}


def _named(clock: Clock) -> list[str]:
    said = [Message("voice.wait.stretch", {"first": one, "last": two}).say() for one, two in pairwise(EDGES)]
    return [*said, Message("voice.wait.beyond", {"time": Span(EDGES[-1] * clock.day, clock.day)}).say()]


def _table(said: Voice, counted: Ints, case: Ints, stretch: Ints, cases: NDArray[np.int64]) -> Rows:
    size = len(cases)
    rate, low, high = rates(case * size + stretch, cases, size)
    angry = complaints_of(said)[counted]
    complaints = np.bincount(stretch[angry], minlength=size)
    score = said.score[counted]
    heard = np.unique(case[~np.isnan(score)] * size + stretch[~np.isnan(score)]) % size
    n = np.where(cases > 0, cases, np.nan)
    return {
        "cases": cases,
        "contacts": np.bincount(stretch, minlength=size),
        "complaints": complaints,
        "per_100": 100 * rate,
        "per_100_low": 100 * low,
        "per_100_high": 100 * high,
        "complaints_per_100": 100 * complaints / n,
        **score_rows(score, stretch.astype(np.int32), size),
        "share_answered": np.bincount(heard, minlength=size) / n,
    }
