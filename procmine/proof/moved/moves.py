"""Moves: sums by entry week of who goes where and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import EntryWeeks, Floats
from procmine.kernels.contrast import Arm, contrast, window
from procmine.kernels.durations import SECOND
from procmine.kernels.flow import Ints
from procmine.kernels.partial import Partial, Tally
from procmine.log import Clock, EventLog, Summary
from procmine.proof.cohorts import LEAST_AFTER, LEAST_BEFORE, LEAST_CASES, Cohort, Plan
from procmine.proof.moved.paths import Weeks, path_rows, paths_of
from procmine.proof.moved.table import (
    BASE,
    CASES,
    FIXED,
    LEFT,
    PER_MOVE,
    PER_STEP,
    PERIODS,
    SQUARE,
    STEP,
    TIME,
    WENT,
    Pair,
    Table,
    rows_of,
)
from procmine.proof.moved.walk import Walk
from procmine.results import Result, Rows
from procmine.words import Message

Piece = tuple[Ints, Ints, Floats]  # of each: its case, the column it is added to, its value


@dataclass(frozen=True, eq=False)
class Moves(Result):
    """One row per step and move; columns as in `MapDifference`."""

    meaning = "define.map_difference"

    def findings(self) -> Sequence[Message]:
        return [Message("moved.ways", {"steps": int((self.rows["kind"] == STEP).sum())})]


@dataclass(frozen=True, eq=False)
class MovesPart(Partial):
    weeks: EntryWeeks
    paths: Tally


@dataclass(frozen=True, eq=False)
class Told:
    """Rows; how many differences were looked at, and stand out; steps of a case that ended: before, after, change, low,
    high, and whether that stands out."""

    rows: Rows
    counted: int
    out: int
    steps: Floats
    steps_out: bool


@dataclass(frozen=True)
class MovesSummary(Summary[MovesPart, Moves]):
    """`moves`: pairs of codes as in `Walk`; `watched`: per activity, and for the beginning, for how many microseconds it is
    seen who goes on and where to; `silent`: counts only, whatever there is."""

    cohort: Cohort
    plan: Plan
    moves: tuple[Pair, ...]
    watched: tuple[int, ...]
    clock: Clock = CALENDAR_TIME
    silent: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        return self.cohort.columns

    @property
    def steps(self) -> tuple[int, ...]:
        return tuple(sorted({after for _, after in self.moves if after < len(self.watched) - 1}))

    def of(self, log: EventLog) -> MovesPart:
        walk = Walk.of(log, self.cohort, self.plan, self.clock, self.steps)
        k, last = len(log.about.activities), FIXED + PER_MOVE * len(self.moves)
        place, into = self._places(walk, k), np.flatnonzero(walk.after < k)
        known = np.flatnonzero(place >= 0)
        pieces = [
            _fixed(walk),
            _per_case(walk, known, FIXED + PER_MOVE * place[known]),
            _per_case(walk, into, last + PER_STEP * walk.after[into]),
            *self._watched_there(walk, place, last),
        ]
        case, column, value = (np.concatenate(one) for one in zip(*pieces))
        sums = EntryWeeks.of(walk.week[case], column, value, last + PER_STEP * (k + 1))
        return MovesPart(sums, paths_of(walk, k))

    def _watched_there(self, walk: Walk, place: Ints, last: int) -> list[Piece]:
        """Of those that came to a step so early that they can be watched there as long as all: who went on, where to and
        after how long; who had not."""
        watched = np.array(self.watched)[walk.before]
        first = walk.first
        early = first[walk.age[first] + watched[first] <= self.plan.horizon]
        on = (walk.lasted[early] <= watched[early]) & (walk.after[early] < len(self.watched))
        went, left = early[on & (place[early] >= 0)], early[~on]
        held = walk.held(left, watched[left], self.clock) / SECOND
        values = (np.ones(len(left)), held, held**2)
        column = last + PER_STEP * walk.before[left] + LEFT
        return [
            _per_case(walk, went, FIXED + PER_MOVE * place[went] + WENT),
            (walk.case[early], last + PER_STEP * walk.before[early] + BASE, np.ones(len(early))),
            *((walk.case[left], column + at, value) for at, value in enumerate(values)),
        ]

    def _places(self, walk: Walk, k: int) -> Ints:
        """Per stretch: which of the moves it is, or -1."""
        codes = np.array([before * (k + 2) + after for before, after in self.moves], np.int64)
        own = walk.before * (k + 2) + walk.after
        if not len(codes):
            return np.full(len(own), -1, np.int64)
        order = np.argsort(codes)
        at = np.minimum(np.searchsorted(codes[order], own), len(codes) - 1)
        return np.where(codes[order][at] == own, order[at], -1)

    def rows(self, partial: MovesPart, about: About) -> Rows:
        return self.told(partial, about).rows

    def result(self, rows: Rows, about: About, exact: bool) -> Moves:
        return Moves(rows, about, exact, self.arguments)

    def told(self, partial: MovesPart, about: About) -> Told:
        before, after = (self._window(partial, period) for period in PERIODS)
        table = Table(len(about.activities), self.moves, before, after)
        if not self.tells(partial):
            return Told(rows_of(table, about, None, np.full(3, np.nan)), 0, 0, np.full(5, np.nan), False)
        found = table.differences()
        last = [column[-1] for column in (found.before, found.after, found.difference, found.low, found.high)]
        rows = rows_of(table, about, found, self.whole(partial))
        return Told(rows, found.counted, int(found.out.sum()), np.array(last), bool(found.out[-1]))

    def tells(self, partial: MovesPart) -> bool:
        """Whether there are enough weeks and cases to speak of a difference."""
        enough = min(self.cases(partial)) >= LEAST_CASES and not self.silent
        return self.plan.before >= LEAST_BEFORE and self.plan.after >= LEAST_AFTER and enough

    def cases(self, partial: MovesPart) -> list[int]:
        """How many are compared, before and after."""
        return [round(self._window(partial, period)[:, CASES].sum()) for period in PERIODS]

    def whole(self, partial: MovesPart) -> Floats:
        """Change of the whole case's mean time with its 95% range, in seconds, as `compare` tells it."""
        before, after = (Arm.of(partial.weeks, *self.plan.weeks(period), TIME, SQUARE) for period in PERIODS)
        found = contrast(before, after)
        return np.array([found.difference, found.low, found.high])

    def paths(self, partial: MovesPart, about: About) -> Rows:
        arms = [Weeks(self.plan.weeks(period)[0], self._window(partial, period)[:, CASES]) for period in PERIODS]
        return path_rows(partial.paths, arms, about, told=self.tells(partial))

    def _window(self, partial: MovesPart, period: str) -> Floats:
        return window(partial.weeks, *self.plan.weeks(period))


def _fixed(walk: Walk) -> Piece:
    """Of all cases: one each, their time, its square; of those that are over: one each, their steps, the square."""
    n, time, steps = len(walk.week), walk.whole / SECOND, walk.steps.astype(np.float64)
    over: NDArray[np.float64] = walk.over.astype(np.float64)
    values = (np.ones(n), time, time**2, over, over * steps, over * steps**2)
    return np.tile(np.arange(n), FIXED), np.repeat(np.arange(FIXED), n), np.concatenate(values)


def _per_case(walk: Walk, place: Ints, column: Ints) -> Piece:
    """Into three columns from each one on: a case counts once, with all its time there, and the square of that."""
    span = int(column.max(initial=0)) + 1
    pairs, which = np.unique(walk.case[place] * span + column, return_inverse=True)
    case, at = np.divmod(pairs, span)
    time = np.bincount(which, walk.spent[place] / SECOND, len(pairs))
    return np.tile(case, 3), np.concatenate((at, at + 1, at + 2)), np.concatenate((np.ones(len(pairs)), time, time**2))
