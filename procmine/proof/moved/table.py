"""Table: the rows of a map difference, from what is counted by entry week before and after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.blocks import Floats
from procmine.kernels.flow import Ints
from procmine.proof.moved.stands_out import LEAST, Differences, Sums, differences
from procmine.results import Rows, timedeltas

KINDS = ("whole case", "step", "move", "begins with", "ends after", "still waiting after")
WHOLE, STEP, MOVE, BEGIN, END, STILL = KINDS
STEPS_EACH = "steps of a case that ended"  # no row, but a question like others
PERIODS = ("before", "after")
CASES, TIME, SQUARE, OVER, STEPS, STEPS_SQUARE, FIXED = range(7)  # columns of the sums by week
CAME, SPENT, SPENT_SQUARE, WENT, WAIT, WAIT_SQUARE, PER_MOVE = range(7)  # then those of each move,
BASE, LEFT, LEFT_WAIT, LEFT_SQUARE, PER_STEP = range(3, 8)  # then those of each step; the first three as of a move
MEASURES = ("share", "share_next", "wait_next", "time")
ENDS = ("before", "after", "change", "low", "high")
SAYS = {
    "share": ("fewer", "more"),
    "share_next": ("less often", "more often"),
    "wait_next": ("faster", "slower"),
    "time": ("less time", "more time"),
}
Pair = tuple[int, int]


@dataclass(frozen=True)
class Place:
    """A row: its kind, the number of its step (its code) or move, and the codes of the steps before and after."""

    kind: str
    number: int = 0
    pair: Pair = (-1, -1)


@dataclass(frozen=True, eq=False)
class Table:
    """What is counted in the weeks before and after, of `k` activities and these moves; codes as in `Walk`."""

    k: int
    moves: tuple[Pair, ...]
    before: Floats
    after: Floats

    @cached_property
    def places(self) -> list[Place]:
        """As the rows stand: what is met most often first."""
        steps = [Place(STEP, code, (-1, code)) for code in range(self.k)]
        moves = [Place(self._kind(pair), number, pair) for number, pair in enumerate(self.moves)]
        there = [one for one in (*steps, *moves) if self._met(one)]
        there.sort(key=lambda one: (KINDS.index(one.kind), -self._both(self._column(one, CAME)), one.pair))
        return [Place(WHOLE), *there]

    @cached_property
    def questions(self) -> list[tuple[Place, str]]:
        """Each place with each measure that is looked at; last, how many steps the log has of cases that ended."""
        asked = {
            WHOLE: (),
            STEP: ("share", "time"),
            MOVE: ("share_next", "wait_next"),
            BEGIN: ("share_next", "wait_next"),
            END: ("share_next",),
            STILL: ("share_next", "time"),
        }
        found = [(place, measure) for place in self.places for measure in asked[place.kind]]
        return [*found, (Place(STEPS_EACH), "time")]

    def differences(self) -> Differences:
        arms = []
        for arm in (self.before, self.after):
            sums = [self._sums(arm, place, measure) for place, measure in self.questions]
            arms.append(Sums(*(np.stack(one, axis=1) for one in zip(*sums))))
        shares = np.array([measure.startswith("share") for _, measure in self.questions])
        return differences(arms[0], arms[1], shares)

    def counts(self, arm: Floats) -> tuple[Ints, Floats]:
        """Per place: cases that come there, and seconds of all cases."""
        columns = [(CASES, TIME)]
        columns += [(self._column(place, CAME), self._column(place, SPENT)) for place in self.places[1:]]
        cases, time = arm.sum(axis=0)[np.array(columns)].T
        return cases.astype(np.int64), time

    def _sums(self, arm: Floats, place: Place, measure: str) -> tuple[Floats, Floats, Floats]:
        """Weekly: how many are counted, the sum of their values, of the squares. Shares are their own squares."""
        if place.kind == STEPS_EACH:
            return arm[:, OVER], arm[:, STEPS], arm[:, STEPS_SQUARE]
        if measure == "time":
            return arm[:, CASES], arm[:, self._column(place, SPENT)], arm[:, self._column(place, SPENT_SQUARE)]
        if measure == "share":
            came = arm[:, self._column(place, CAME)]
            return arm[:, CASES], came, came
        if measure == "wait_next":
            return self._waits(arm, place)
        step = place.pair[0]
        if place.kind == STILL:
            left = arm[:, self._of_step(step, LEFT)]
            return arm[:, self._of_step(step, BASE)], left, left
        went = arm[:, self._column(place, WENT)]
        return self._on(arm, step), went, went

    def _waits(self, arm: Floats, place: Place) -> tuple[Floats, Floats, Floats]:
        """Of those that went this way, and of those that had not gone on: as far as they were watched, divided among the
        next steps as those that went on were (where hardly any did: as in both periods). Of a way that hardly any took,
        nothing is told."""
        step = place.pair[0]
        went = arm[:, [self._column(place, column) for column in (WENT, WAIT, WAIT_SQUARE)]]
        left = arm[:, [self._of_step(step, column) for column in (LEFT, LEFT_WAIT, LEFT_SQUARE)]]
        on, own = float(self._on(arm, step).sum()), float(went[:, 0].sum())
        if on < LEAST:
            on = float(sum(self._on(one, step).sum() for one in (self.before, self.after)))
            own = self._both(self._column(place, WENT))
        elif own < LEAST:
            went, own = 0 * went, 0.0
        n, total, squares = (went + own / max(on, 1.0) * left).T
        return n, total, squares

    def _on(self, arm: Floats, step: int) -> Floats:
        """Who went on from the step, whichever way."""
        ways = [number for number, (before, after) in enumerate(self.moves) if before == step and after <= self.k]
        found: Floats = arm[:, [FIXED + PER_MOVE * number + WENT for number in ways]].sum(axis=1)
        return found

    def _kind(self, pair: Pair) -> str:
        before, after = pair
        if after >= self.k:
            return END if after == self.k else STILL
        return BEGIN if before == self.k else MOVE

    def _met(self, place: Place) -> bool:
        """Whether any case came there, or did not go on."""
        left = self._both(self._of_step(place.pair[0], LEFT)) if place.kind == STILL else 0.0
        return self._both(self._column(place, CAME)) + left > 0

    def _column(self, place: Place, column: int) -> int:
        if place.kind == STEP:
            return self._of_step(place.number, column)
        return FIXED + PER_MOVE * place.number + column

    def _of_step(self, code: int, column: int) -> int:
        return FIXED + PER_MOVE * len(self.moves) + PER_STEP * code + column

    def _both(self, column: int) -> float:
        return float(self.before[:, column].sum() + self.after[:, column].sum())


def rows_of(table: Table, about: About, found: Differences | None, whole: Floats) -> Rows:
    """The rows; without differences, where there is too little to tell, only counts and what was before.

    whole: change of the whole case's mean time, and its range, in seconds.
    """
    name = np.array([*about.activities, "", "", ""], object)
    named = {
        "kind": np.array([place.kind for place in table.places], object),
        "before": np.array([name[place.pair[0]] if place.kind != STEP else "" for place in table.places], object),
        "after": np.array([name[place.pair[1]] for place in table.places], object),
    }
    columns = {f"{measure}_{end}": np.full(len(table.places), np.nan) for measure in MEASURES for end in ENDS}
    cases = _shares(table, columns, told=found is not None)
    out = np.array([""] * len(table.places), object)
    if found is not None:
        out = _differing(table, found, columns)
        for end, value in zip(ENDS[2:], whole):
            columns[f"time_{end}"][0] = value
    columns = {
        one: timedeltas(column) if one.startswith(("wait_next", "time")) else column for one, column in columns.items()
    }
    return {**named, "stands_out": out, **cases, **columns}


def _shares(table: Table, columns: dict[str, Floats], *, told: bool) -> dict[str, NDArray[Any]]:
    """How many cases come to each place; their share, and the time there of all cases, go into the columns."""
    found = {}
    for period, arm in zip(PERIODS, (table.before, table.after)):
        cases, time = table.counts(arm)
        found[f"cases_{period}"] = cases
        if period == "before" or told:
            columns[f"share_{period}"][:] = cases / max(float(cases[0]), 1.0)
            columns[f"time_{period}"][:] = time / max(float(cases[0]), 1.0)
    return found


def _differing(table: Table, found: Differences, columns: dict[str, Floats]) -> NDArray[np.object_]:
    """The differences go into the columns; returned is what stands out, in words."""
    row_of = {place: row for row, place in enumerate(table.places)}
    out = [list[str]() for _ in table.places]
    values = dict(zip(ENDS, (found.before, found.after, found.difference, found.low, found.high)))
    for at, (place, measure) in enumerate(table.questions[:-1]):
        row = row_of[place]
        for end, column in values.items():
            if end in ENDS[2:] or measure in ("share_next", "wait_next"):
                columns[f"{measure}_{end}"][row] = column[at]
        if found.out[at]:
            out[row].append(SAYS[measure][int(found.difference[at] > 0)])
    return np.array([", ".join(words) for words in out], object)
