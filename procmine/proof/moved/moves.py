"""Moves: sums by entry week of who goes where and how long it takes, and what differs between the arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
from procmine.proof.moved.stands_out import Differences, Sums, differences
from procmine.proof.moved.walk import Walk
from procmine.results import Result, Rows, timedeltas
from procmine.see.flow import PATH
from procmine.words import Message

WHOLE, STEP, MOVE, BEGIN, END, STILL, STEPS_EACH = KINDS = (
    "whole case",
    "step",
    "move",
    "begins with",
    "ends after",
    "still waiting after",
    "steps of a case that ended",
)
PERIODS = ("before", "after")
CASES, TIME, SQUARE, OVER, STEPS, STEPS_SQUARE, FIXED = range(7)  # columns of the sums by week
CAME, SPENT, SPENT_SQUARE, WENT, WAIT, WAIT_SQUARE, PER_MOVE = range(7)  # then those of each move,
BASE, PER_STEP = 3, 4  # then those of each step, the first three as of a move, and how many could be watched from there
MEASURES = ("share", "share_next", "wait", "time")
MOST_PATHS = 10
SAYS = {
    "share": ("fewer", "more"),
    "share_next": ("less often", "more often"),
    "wait": ("faster", "slower"),
    "time": ("less time", "more time"),
}
Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Moves(Result):
    """One row per step and move; columns as in `MapDifference`."""

    meaning = "define.map_difference"

    def findings(self) -> Sequence[Message]:
        return [Message("moved.ways", {"steps": int((self.rows["kind"] == STEP).sum())})]


@dataclass(frozen=True, eq=False)
class MovesPart(Partial):
    weeks: EntryWeeks
    paths: Tally  # (path as bytes of codes, whether the wait is over, week) -> cases


@dataclass(frozen=True, eq=False)
class Told:
    """Rows; how many differences were looked at; steps of a case that ended: before, after, change, low, high, and whether
    that stands out."""

    rows: Rows
    counted: int
    steps: Floats
    steps_out: bool


@dataclass(frozen=True)
class MovesSummary(Summary[MovesPart, Moves]):
    """`moves`: pairs of codes as in `Walk`; `watched`: per activity, and for the beginning, microseconds; `ramp`: weeks
    after the change whose cases are left out."""

    cohort: Cohort
    plan: Plan
    moves: tuple[Pair, ...]
    watched: tuple[int, ...]
    clock: Clock = CALENDAR_TIME
    ramp: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.cohort.where)

    @property
    def steps(self) -> tuple[int, ...]:
        return tuple(sorted({after for _, after in self.moves if after < len(self.watched) - 1}))

    def of(self, log: EventLog) -> MovesPart:
        walk = Walk.of(log, self.cohort, self.plan, self.clock, self.steps)
        k, m = len(log.about.activities), len(self.moves)
        place = self._places(walk, k)
        known = np.flatnonzero(place >= 0)
        into = np.flatnonzero(walk.after < k)
        early = walk.first[self._early(walk, walk.first)]
        went = early[(walk.lasted[early] <= np.array(self.watched)[walk.before[early]]) & (place[early] >= 0)]
        last = FIXED + PER_MOVE * m
        pieces = [
            _fixed(walk),
            _per_case(walk, known, FIXED + PER_MOVE * place[known]),
            _per_case(walk, into, last + PER_STEP * walk.after[into]),
            _per_case(walk, went, FIXED + PER_MOVE * place[went] + WENT),
            (walk.case[early], last + PER_STEP * walk.before[early] + BASE, np.ones(len(early))),
        ]
        case, column, value = (np.concatenate(one) for one in zip(*pieces))
        sums = EntryWeeks.of(walk.week[case], column, value, last + PER_STEP * (k + 1))
        return MovesPart(sums, _paths(walk, k))

    def _places(self, walk: Walk, k: int) -> Ints:
        """Per stretch: which of the moves it is, or -1."""
        codes = np.array([before * (k + 2) + after for before, after in self.moves], np.int64)
        order, own = np.argsort(codes), walk.before * (k + 2) + walk.after
        at = np.minimum(np.searchsorted(codes[order], own), max(len(codes) - 1, 0))
        if not len(codes):
            return np.full(len(own), -1, np.int64)
        return np.where(codes[order][at] == own, order[at], -1)

    def _early(self, walk: Walk, place: Ints) -> NDArray[np.bool_]:
        """Whether the case came there so early that it can be watched there as long as every other."""
        found: NDArray[np.bool_] = walk.age[place] + np.array(self.watched)[walk.before[place]] <= self.plan.horizon
        return found

    def rows(self, partial: MovesPart, about: About) -> Rows:
        return self.told(partial, about).rows

    def result(self, rows: Rows, about: About, exact: bool) -> Moves:
        return Moves(rows, about, exact, self.arguments)

    def told(self, partial: MovesPart, about: About) -> Told:
        """The rows, how many differences were looked at, and the steps of cases that ended."""
        arms = [self._window(partial, period) for period in PERIODS]
        table = _Table(len(about.activities), self.moves, arms[0], arms[1])
        if not self.tells(partial):
            return Told(_rows(table, about, None), 0, np.full(5, np.nan), False)
        found = table.differences()
        last = [column[-1] for column in (found.before, found.after, found.difference, found.low, found.high)]
        rows = _with_whole(_rows(table, about, found), self.whole(partial))
        return Told(rows, found.counted, np.array(last), bool(found.out[-1]))

    def tells(self, partial: MovesPart) -> bool:
        """Whether there are enough weeks and cases to speak of a difference."""
        cases = min(self.cases(partial))
        spans = [self.span(period)[1] for period in PERIODS]
        return spans[0] >= LEAST_BEFORE and spans[1] >= LEAST_AFTER and bool(cases >= LEAST_CASES)

    def cases(self, partial: MovesPart) -> list[int]:
        """How many are compared, before and after."""
        return [round(self._window(partial, period)[:, CASES].sum()) for period in PERIODS]

    def span(self, period: str) -> tuple[int, int]:
        """The first week, and how many."""
        first, count = self.plan.weeks(period)
        skip = min(max(self.ramp - first, 0), count) if period == "after" else 0
        return first + skip, count - skip

    def whole(self, partial: MovesPart) -> Floats:
        """Change of the whole case's mean time with its 95% range, in seconds, as `compare` tells it."""
        before, after = (Arm.of(partial.weeks, *self.span(period), TIME, SQUARE) for period in PERIODS)
        found = contrast(before, after)
        return np.array([found.difference, found.low, found.high])

    def paths(self, partial: MovesPart, about: About) -> Rows:
        """The most frequent paths, and all others together."""
        cells = [
            (path, arm, week - first, count)
            for path, week, count in _path_cells(partial.paths)
            for arm, (first, weeks) in enumerate(map(self.span, PERIODS))
            if 0 <= week - first < weeks
        ]
        sums: dict[tuple[bytes, bool], float] = {}
        for path, _, _, count in cells:
            sums[path] = sums.get(path, 0.0) + count
        top = sorted(sums, key=lambda one: (-sums[one], one))[:MOST_PATHS]
        column = {path: place for place, path in enumerate(top)}
        arms = [self._window(partial, period) for period in PERIODS]
        counts = [np.zeros((len(arm), len(top) + 1)) for arm in arms]
        for path, arm, week, count in cells:
            counts[arm][week, column.get(path, len(top))] += count
        return _path_rows([_called(path, about) for path in top], counts, arms, self.tells(partial))

    def _window(self, partial: MovesPart, period: str) -> Floats:
        return window(partial.weeks, *self.span(period))


def _fixed(walk: Walk) -> tuple[Ints, Ints, Floats]:
    """Of all cases: one each, their time, its square; of those that are over: one each, their steps, the square."""
    n, time, steps = len(walk.week), walk.whole / SECOND, walk.steps.astype(np.float64)
    over = walk.over.astype(np.float64)
    values = (np.ones(n), time, time**2, over, over * steps, over * steps**2)
    return np.tile(np.arange(n), FIXED), np.repeat(np.arange(FIXED), n), np.concatenate(values)


def _per_case(walk: Walk, place: Ints, column: Ints) -> tuple[Ints, Ints, Floats]:
    """Into three columns from each one on: a case counts once, with all its time there, and the square of that."""
    span = int(column.max(initial=0)) + 1
    pairs, which = np.unique(walk.case[place] * span + column, return_inverse=True)
    case, at = np.divmod(pairs, span)
    time = np.bincount(which, walk.spent[place] / SECOND, len(pairs))
    return np.tile(case, 3), np.concatenate((at, at + 1, at + 2)), np.concatenate((np.ones(len(pairs)), time, time**2))


def _paths(walk: Walk, k: int) -> Tally:
    """Cases by the steps they took, whether their wait is over, and week."""
    inside = walk.after < k
    edges = np.concatenate(([0], np.cumsum(np.bincount(walk.case[inside], minlength=len(walk.week)))))
    steps = walk.after[inside].astype(np.int32)
    found: dict[Any, NDArray[np.float64]] = {}
    for case, (over, week) in enumerate(zip(walk.over.tolist(), walk.week.tolist())):
        key = (steps[edges[case] : edges[case + 1]].tobytes(), over, week)
        found[key] = found[key] + 1 if key in found else np.ones(1)
    return Tally(found)


@dataclass(frozen=True, eq=False)
class _Table:
    """What is counted in the windows before and after, place by place."""

    k: int
    moves: tuple[Pair, ...]
    before: Floats
    after: Floats

    def step(self, code: int, column: int) -> int:
        return FIXED + PER_MOVE * len(self.moves) + PER_STEP * code + column

    def move(self, number: int, column: int) -> int:
        return FIXED + PER_MOVE * number + column

    def kind(self, pair: Pair) -> str:
        before, after = pair
        return BEGIN if before == self.k and after < self.k else {self.k: END, self.k + 1: STILL}.get(after, MOVE)

    @property
    def there(self) -> list[int]:
        """Steps that any case came to."""
        return [code for code in range(self.k) if self.came(self.step(code, CAME))]

    def came(self, column: int) -> bool:
        return bool(self.before[:, column].sum() + self.after[:, column].sum())

    def places(self) -> list[tuple[str, int, Pair]]:
        """Kind, number of the step or move, and codes, as the rows stand."""
        steps = [(STEP, code, (-1, code)) for code in self.there]
        moves = [(self.kind(pair), number, pair) for number, pair in enumerate(self.moves)]
        moves = [one for one in moves if self.came(self.move(one[1], CAME))]
        moves.sort(key=lambda one: (KINDS.index(one[0]), -self.both(self.move(one[1], CAME)), one[2]))
        steps.sort(key=lambda one: (-self.both(self.step(one[1], CAME)), one[1]))
        return [(WHOLE, 0, (-1, -1)), *steps, *moves, (STEPS_EACH, 0, (-1, -1))]

    def both(self, column: int) -> float:
        return float(self.before[:, column].sum() + self.after[:, column].sum())

    def asked(self, kind: str, number: int, pair: Pair) -> dict[str, tuple[Any, ...]]:
        """Per measure: columns of who is counted, of the values and of their squares. Shares are their own squares."""
        if kind == STEPS_EACH:
            return {"time": (OVER, STEPS, STEPS_SQUARE)}
        if kind == WHOLE:
            return {}
        if kind == STEP:
            came, spent, square = (self.step(number, column) for column in (CAME, SPENT, SPENT_SQUARE))
            return {"share": (CASES, came, came), "time": (CASES, spent, square)}
        base, went = self.step(pair[0], BASE), self.move(number, WENT)
        if kind == STILL:
            spent, square = (self.move(number, column) for column in (SPENT, SPENT_SQUARE))
            return {"share_next": (base, None, None), "time": (CASES, spent, square)}
        found = {"share_next": (base, went, went)}
        waits = tuple(self.move(number, column) for column in (WENT, WAIT, WAIT_SQUARE))
        return found if kind == END else {**found, "wait": waits}

    def values(self, arm: Floats, columns: tuple[Any, ...], pair: Pair) -> Floats:
        """Three columns of the arm; none: who did not go on, all that could be watched less those that went."""
        if columns[1] is not None:
            return arm[:, list(columns)]
        on = [
            self.move(number, WENT) for number, one in enumerate(self.moves) if one[0] == pair[0] and one[1] <= self.k
        ]
        left = arm[:, columns[0]] - arm[:, on].sum(axis=1)
        return np.column_stack((arm[:, columns[0]], left, left))

    def questions(self) -> list[tuple[int, str, tuple[Any, ...], Pair]]:
        return [
            (row, measure, columns, pair)
            for row, (kind, number, pair) in enumerate(self.places())
            for measure, columns in self.asked(kind, number, pair).items()
        ]

    def differences(self) -> Differences:
        asked = self.questions()
        arms = [
            Sums(
                *np.stack([self.values(arm, columns, pair) for _, _, columns, pair in asked], axis=-1).transpose(
                    1, 0, 2
                )
            )
            for arm in (self.before, self.after)
        ]
        shares = np.array([measure.startswith("share") for _, measure, _, _ in asked])
        return differences(arms[0], arms[1], shares)


def _rows(table: _Table, about: About, found: Differences | None) -> dict[str, NDArray[Any]]:
    places, asked = table.places()[:-1], table.questions()[:-1]
    name = np.array([*about.activities, "", "", ""], object)
    rows: dict[str, NDArray[Any]] = {
        "kind": np.array([kind for kind, _, _ in places], object),
        "before": np.array([name[pair[0]] if kind != STEP else "" for kind, _, pair in places], object),
        "after": np.array([name[pair[1]] for _, _, pair in places], object),
    }
    counts = [_counts(table, arm) for arm in (table.before, table.after)]
    for period, (cases, time) in zip(PERIODS, counts):
        rows[f"cases_{period}"] = cases
        whole = max(float(cases[0]), 1.0)
        rows[f"share_{period}"], rows[f"time_{period}"] = cases / whole, time / whole
    columns = {
        f"{measure}_{end}": np.full(len(places), np.nan) for measure in MEASURES for end in ("change", "low", "high")
    }
    columns |= {
        f"{measure}_{period}": np.full(len(places), np.nan) for measure in ("share_next", "wait") for period in PERIODS
    }
    out = [list[str]() for _ in places]
    if found is not None:
        for at, (row, measure, _, _) in enumerate(asked):
            for end, column in (("change", found.difference), ("low", found.low), ("high", found.high)):
                columns[f"{measure}_{end}"][row] = column[at]
            if measure in ("share_next", "wait"):
                columns[f"{measure}_before"][row], columns[f"{measure}_after"][row] = found.before[at], found.after[at]
            if found.out[at]:
                out[row].append(SAYS[measure][int(found.difference[at] > 0)])
    rows |= columns
    if found is None:
        rows |= {f"{measure}_after": np.full(len(places), np.nan) for measure in MEASURES}
    rows["stands_out"] = np.array([", ".join(words) for words in out], object)
    return _ordered(_timed(rows))


def _counts(table: _Table, arm: Floats) -> tuple[Ints, Floats]:
    """Cases that come to each place, and seconds of all cases there."""
    at = []
    for kind, number, _ in table.places()[:-1]:
        if kind == WHOLE:
            at.append((CASES, TIME))
        else:
            of = table.step if kind == STEP else table.move
            at.append((of(number, CAME), of(number, SPENT)))
    cases, time = arm.sum(axis=0)[np.array(at)].T
    return cases.astype(np.int64), time


def _timed(rows: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Seconds as lengths of time."""
    return {name: timedeltas(one) if name.startswith(("wait", "time")) else one for name, one in rows.items()}


def _ordered(rows: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    ends = ("before", "after", "change", "low", "high")
    measures = [f"{measure}_{end}" for measure in MEASURES for end in ends]
    return {
        name: rows[name] for name in ("kind", "before", "after", "stands_out", "cases_before", "cases_after", *measures)
    }


def _with_whole(rows: Rows, whole: Floats) -> Rows:
    changed = {f"time_{end}": rows[f"time_{end}"].copy() for end in ("change", "low", "high")}
    for column, value in zip(changed.values(), timedeltas(whole)):
        column[0] = value
    return {**rows, **changed}


def _path_cells(paths: Tally) -> list[tuple[tuple[bytes, bool], int, float]]:
    """Path and whether it is over, week, cases."""
    cells: list[Any] = [(key, float(count[0])) for key, count in paths.of.items()]
    return [((path, over), week, count) for (path, over, week), count in cells]


def _called(path: tuple[bytes, bool], about: About) -> str:
    codes, over = path
    steps = [about.activities[code] for code in np.frombuffer(codes, np.int32)]
    return PATH.join([*steps, *([] if over else ["…"])]) or "…"


def _path_rows(names: list[str], counts: list[Floats], arms: list[Floats], enough: bool) -> Rows:
    names = [*names, Message("moved.paths.rest").say()]
    cases = [one.sum(axis=0) for one in counts]
    there = np.flatnonzero(cases[0] + cases[1])
    rows: dict[str, NDArray[Any]] = {"path": np.array(names, object)[there]}
    for period, one, arm in zip(PERIODS, cases, arms):
        rows[f"cases_{period}"] = one[there].astype(np.int64)
        rows[f"share_{period}"] = one[there] / max(float(arm[:, CASES].sum()), 1.0)
    ends = {f"share_{end}": np.full(len(there), np.nan) for end in ("change", "low", "high")}
    out = np.zeros(len(there), bool)
    if enough:
        n = [np.repeat(arm[:, [CASES]], len(there), axis=1) for arm in arms]
        sums = [Sums(of, one[:, there], one[:, there]) for of, one in zip(n, counts)]
        found = differences(sums[0], sums[1], np.ones(len(there), bool))
        ends, out = dict(zip(ends, (found.difference, found.low, found.high))), found.out
    else:
        rows["share_after"] = np.full(len(there), np.nan)
    return {**rows, **ends, "stands_out": out}
