"""What rework costs: the days between doing a step and doing it again, between handing over and getting back."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask, numbered
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import EntryWeeks, week_of
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints, cases_of, is_first
from procmine.kernels.partial import Partial, Tally
from procmine.kernels.survival import kaplan_meier
from procmine.log import Clock, EventLog, Log, LogError, Summary
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.flow import PATH, ReworkPart, ReworkSummary, handed
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AGAIN, AT_ONCE, PING_PONG, HANDOVER = "again", "at once again", "there and back", "handover"
KINDS = (AGAIN, AT_ONCE, PING_PONG, HANDOVER)
ALL = "all"
OF_UNITS = (PING_PONG, HANDOVER)
APART = "\x1f"  # between the names of units that stand in one key
MOST_DRAWN = 12
Sums = dict[Hashable, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class ReworkCost(Result):
    """A row is a step that is done again, or units between which work passes, most days first; before them, all of a kind.

    loop (text): "again": from the first to the last time of a step in a case; "at once again": from a step to the same step
    directly after; "there and back": from the last event of a unit to its next one, others in between; "handover": from the
    last event of a unit to the next one's first. of (text): the step, the units, or "all". n (int): repeats, returns or
    handovers; cases (int) that have one; extra (timedelta64[s]) in all, and mean (timedelta64[s]) per case that has one;
    share, low, high (floats 0..1): of all time in all cases, 95% by entry weeks (nan below 8 weeks). Within a kind every
    moment counts once, for the loop that began first; kinds overlap each other and are not to be added up. p50 and p50_others
    (timedelta64[s], in the "all" rows of "again" and "there and back"): by when half of the cases with one, and without, end.
    """

    meaning: ClassVar[str] = "define.rework_cost"
    none_is_an_answer: ClassVar[bool] = True

    def findings(self) -> Sequence[Message]:
        rows = np.flatnonzero(self._heads() & (self.rows["loop"] != HANDOVER) & (self.rows["n"] > 0))
        said = [one for row in rows for one in self._told(int(row))]
        return said or [Message("rework_cost.none")]

    def _told(self, row: int) -> Iterator[Message]:
        one = {name: column[row] for name, column in self.rows.items()}
        first = row + 1  # the one with most days stands right below
        values: dict[str, Value] = {"n": int(one["n"]), "cases": int(one["cases"]), "top": str(self.rows["of"][first])}
        spans: dict[str, Value] = {
            "mean": Span(seconds(one["mean"]), self.day),
            "all": Span(seconds(one["extra"]), self.day),
        }
        yield Message(f"rework_cost.{KEYS[one['loop']]}", {**values, **spans, "tenths": self._share(row)})
        if not np.isnat(one["p50"]) and not np.isnat(one["p50_others"]):
            half: dict[str, Value] = {name: Span(seconds(one[name]), self.day) for name in ("p50", "p50_others")}
            yield Message(f"rework_cost.half.{KEYS[one['loop']]}", half)

    def _heads(self) -> NDArray[np.bool_]:
        """The rows of all of a kind, the first of each; a step, too, may be called "all"."""
        return np.append(True, self.rows["loop"][1:] != self.rows["loop"][:-1])

    def _share(self, row: int) -> Message:
        ends: dict[str, Value] = {name: float(self.rows[name][row]) for name in ("share", "low", "high")}
        return Message("rework_cost.share" if np.isnan(self.rows["low"][row]) else "rework_cost.share.range", ends)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The loops with most days as bars of their share of all time; of groups, the last one's."""
        from procmine.draw.charts import Bar, bars

        if self.groups:
            return self.plot_last(ax)
        rows = self.rows
        order = np.flatnonzero(~self._heads())
        order = order[np.argsort(-rows["share"][order], kind="stable")][:MOST_DRAWN]
        drawn = []
        for row in order:
            values: dict[str, Value] = {
                "n": int(rows["cases"][row]),
                "mean": Span(seconds(rows["mean"][row]), self.day),
            }
            label = Message(f"rework_cost.label.{KEYS[rows['loop'][row]]}", {"what": str(rows["of"][row])}).say()
            ends = [float(rows[name][row]) for name in ("share", "low", "high")]
            drawn.append(Bar(label, ends[0], ends[1], ends[2], Message("rework_cost.note", values).say()))
        title, axis = Message("rework_cost.picture").say(), Message("rework_cost.axis").say()
        return bars(drawn, title=title, axis=axis, ax=ax)


KEYS: Mapping[str, str] = {AGAIN: "again", AT_ONCE: "at_once", PING_PONG: "back", HANDOVER: "handover"}


@dataclass(frozen=True, eq=False)
class Loops:
    """Stretches of time of one kind, in microseconds of the clock; `names[code]` is what each is of."""

    kind: str
    case: Ints
    code: Ints
    begin: Ints
    end: Ints
    names: Sequence[str]

    def once(self) -> tuple[Loops, Ints]:
        """The same in order, and the time of each that no loop of its case that began before has taken."""
        order = np.lexsort((self.code, -self.end, self.begin, self.case))
        case, begin, end = self.case[order], self.begin[order], self.end[order]
        moment, rank = np.unique(end, return_inverse=True)
        size = max(len(moment), 1)
        upto = np.maximum.accumulate(case * size + rank)  # ranks, as cases times microseconds do not fit
        before = np.append(-1, upto[:-1])[: len(case)]
        same = before // size == case
        taken = np.where(same, np.append(moment, 0)[np.where(same, before % size, -1)], begin)
        own = np.maximum(end - np.maximum(begin, taken), 0)
        return Loops(self.kind, case, self.code[order], begin, end, self.names), own


@dataclass(frozen=True, eq=False)
class ReworkCostPart(Partial):
    repeats: ReworkPart
    loops: Tally  # (kind, what, entry week) -> times, seconds
    cases: Tally  # (kind, what) -> cases
    whole: EntryWeeks  # seconds in all cases
    ended: Durations  # keyed by 2 * kind + (case has one), for KINDS
    open: Durations


@dataclass(frozen=True)
class ReworkCostSummary(Summary[ReworkCostPart, ReworkCost]):
    unit: str | None = None
    clock: Clock = CALENDAR_TIME

    @property
    def columns(self) -> tuple[str, ...]:
        return () if self.unit is None else (self.unit,)

    def of(self, log: EventLog) -> ReworkCostPart:
        times, week = log.times(self.clock), week_of(log.arrival)
        length, nothing = times.until - times.arrival, np.empty(0, np.int64)
        keys, lengths, waiting = [nothing], [nothing], [np.empty(0, bool)]
        sums: Sums = {}
        cases: Sums = {}
        for loops in self._loops(log, times.time):
            ordered, own = loops.once()
            sums |= _by_week(ordered, own / SECOND, week)
            cases |= _cases(ordered)
            has = np.zeros(len(log), np.int64)
            has[ordered.case] = 1
            keys, lengths = [*keys, 2 * KINDS.index(loops.kind) + has], [*lengths, length]
            waiting = [*waiting, log.open]
        key, value, still = np.concatenate(keys), np.concatenate(lengths), np.concatenate(waiting)
        ended, held = (Durations.of(key[one], value[one], 2 * len(KINDS)) for one in (~still, still))
        whole = EntryWeeks.of(week, np.zeros(len(log), np.int64), length / SECOND, 1)
        return ReworkCostPart(ReworkSummary().of(log), Tally(sums), Tally(cases), whole, ended, held)

    def _loops(self, log: EventLog, time: Ints) -> Iterator[Loops]:
        yield _again(log, time)
        yield _at_once(log, time)
        if self.unit is not None:
            yield _there_and_back(log, time, self.unit)
            yield _handovers(log, time, self.unit)

    def rows(self, partial: ReworkCostPart, about: About) -> Rows:
        persons = self.unit in about.persons
        tables = [_table(partial, kind, about, persons) for kind in KINDS]
        return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}

    def result(self, rows: Rows, about: About, exact: bool) -> ReworkCost:
        return ReworkCost(rows, about, exact, self.arguments)


def _again(log: EventLog, time: Ints) -> Loops:
    """From the first to the last time of each step that a case has more than once."""
    k = max(len(log.about.activities), 1)
    pair = cases_of(log.offset) * k + log.activity
    order = np.argsort(pair, kind="stable")
    edge = np.flatnonzero(np.diff(pair[order], prepend=-1))
    first, last = order[edge], order[np.append(edge[1:], len(order)) - 1] if len(order) else order
    more = first != last
    here = pair[first[more]]
    return Loops(AGAIN, here // k, here % k, time[first[more]], time[last[more]], log.about.activities)


def _at_once(log: EventLog, time: Ints) -> Loops:
    """From each step to the same step directly after."""
    place = np.arange(1, len(log.activity))
    same = place[(log.activity[1:] == log.activity[:-1]) & ~is_first(log.offset)[1:]] if len(place) else place
    case = cases_of(log.offset)[same]
    return Loops(AT_ONCE, case, log.activity[same].astype(np.int64), time[same - 1], time[same], log.about.activities)


def _there_and_back(log: EventLog, time: Ints, unit: str) -> Loops:
    """From the last event of a unit to its next one, where one other unit did all between; events of nobody do not count."""
    text = log.event_attributes[unit]
    known = np.flatnonzero(text.codes >= 0)
    case, code = cases_of(log.offset)[known], text.codes[known].astype(np.int64)
    starts = np.flatnonzero((np.diff(case, prepend=-1) != 0) | (np.diff(code, prepend=-1) != 0))
    stops = np.append(starts[1:], len(known)) - 1
    run, of = code[starts], case[starts]
    back = np.flatnonzero((run[2:] == run[:-2]) & (of[2:] == of[:-2])) + 2 if len(run) > 2 else np.empty(0, np.int64)
    names = text.levels.to_pylist()
    both = run[back] * max(len(names), 1) + run[back - 1]
    pairs, which = np.unique(both, return_inverse=True)
    said = [_joined(names, int(one), back=True) for one in pairs]
    return Loops(PING_PONG, of[back], which, time[known[stops[back - 2]]], time[known[starts[back]]], said)


def _handovers(log: EventLog, time: Ints, unit: str) -> Loops:
    text = log.event_attributes[unit]
    place = handed(text, log.offset)
    names = text.levels.to_pylist()
    both = text.codes[place - 1].astype(np.int64) * max(len(names), 1) + text.codes[place]
    pairs, which = np.unique(both, return_inverse=True)
    said = [_joined(names, int(one), back=False) for one in pairs]
    return Loops(HANDOVER, cases_of(log.offset)[place], which, time[place - 1], time[place], said)


def _joined(names: Sequence[str], pair: int, back: bool) -> str:
    """Names of two units in one text, told apart again by `_parted`."""
    one, two = divmod(pair, max(len(names), 1))
    return APART.join((names[one], names[two], *([names[one]] if back else [])))


def _by_week(loops: Loops, own: NDArray[np.float64], week: Ints) -> Sums:
    """How many and how long, by what they are of and by entry week."""
    when = week[loops.case]
    first, span = (int(when.min()), int(when.max() - when.min()) + 1) if len(when) else (0, 1)
    there, which = np.unique(loops.code * span + when - first, return_inverse=True)
    times, length = np.bincount(which, minlength=len(there)), np.bincount(which, own, len(there))
    keys = [(loops.kind, loops.names[int(one) // span], int(one) % span + first) for one in there]
    return {key: np.array([n, sums], np.float64) for key, n, sums in zip(keys, times, length)}


def _cases(loops: Loops) -> Sums:
    size = len(loops.names) + 1
    count = np.bincount(np.unique(loops.case * size + loops.code) % size, minlength=size)
    each: Sums = {(loops.kind, name): np.array([float(n)]) for name, n in zip(loops.names, count) if n}
    return {**each, (loops.kind, None): np.array([float(len(np.unique(loops.case)))])} if each else {}


def _table(partial: ReworkCostPart, kind: str, about: About, persons: bool) -> Rows:
    """Rows of one kind: all of it, then each, most time first."""
    place = {int(week): k for k, week in enumerate(partial.whole.week)}
    found = [(key, sums) for key, sums in partial.loops.of.items() if isinstance(key, tuple) and key[0] == kind]
    names = sorted({str(key[1]) for key, _ in found})
    column = {name: k for k, name in enumerate(names)}
    time, times = np.zeros((len(place), len(names))), np.zeros(len(names))
    for key, (n, length) in found:
        time[place[int(str(key[2]))], column[str(key[1])]] += length
        times[column[str(key[1])]] += n
    if not names:  # that nothing is done again is an answer
        return _lines(kind, [ALL] if kind == AGAIN else [], np.zeros((int(kind == AGAIN), 6)), partial)
    whole = partial.whole.sums[:, 0]
    total = time.sum(axis=1)
    each = EntryWeeks(partial.whole.week, np.column_stack([time, np.maximum(whole - total, 0)])).shares()
    both = EntryWeeks(partial.whole.week, np.column_stack([total, np.maximum(whole - total, 0)])).shares()
    times = _counted(partial, kind, names, about, times)
    cases = np.array([partial.cases.of[kind, name][0] for name in names])
    body = np.column_stack([times, cases, time.sum(axis=0), *(one[: len(names)] for one in each)])
    order = np.argsort(-body[:, 2], kind="stable")
    top = [times.sum(), partial.cases.of[kind, None][0], time.sum(), *(one[0] for one in both)]
    said = _said([names[k] for k in order], kind, persons)
    return _lines(kind, [ALL, *said], np.vstack([top, body[order]]), partial)


def _counted(
    partial: ReworkCostPart, kind: str, names: Sequence[str], about: About, times: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Of steps: the counts of `rework`, where three times are two repeats."""
    if kind in OF_UNITS:
        return times
    events, cases, _, at_once = partial.repeats.counts.reshape(4, -1)
    counts = events - cases if kind == AGAIN else at_once
    return np.array([counts[about.activities.index(name)] for name in names], np.float64)


def _said(names: Sequence[str], kind: str, persons: bool) -> list[str]:
    if kind not in OF_UNITS:
        return list(names)
    parts = [name.split(APART) for name in names]
    alias = numbered({one for part in parts for one in part}) if persons else {}
    return [PATH.join(alias.get(one, one) for one in part) for part in parts]


def _lines(kind: str, said: Sequence[str], body: NDArray[np.float64], partial: ReworkCostPart) -> Rows:
    half, others = np.full(len(said), np.nan), np.full(len(said), np.nan)
    if said and kind in (AGAIN, PING_PONG):
        key = 2 * KINDS.index(kind)
        others[0], half[0] = (
            np.mean(kaplan_meier(partial.ended, partial.open, key + has).quantile(0.5)) for has in (0, 1)
        )
    times, cases, length, share, low, high = body.T
    return {
        "loop": np.full(len(said), kind, object),
        "of": np.array(said, object),
        "n": times.astype(np.int64),
        "cases": cases.astype(np.int64),
        "extra": timedeltas(length),
        "mean": timedeltas(length / np.where(cases > 0, cases, np.nan)),
        "share": share,
        "low": low,
        "high": high,
        "p50": timedeltas(half),
        "p50_others": timedeltas(others),
    }


def rework_cost(
    log: Log,
    *,
    of: str | None = None,
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
) -> ReworkCost:
    """Days that pass between doing a step and doing it again; with `of` (an event attribute: unit, role), also between units.

    Open cases count as far as they have come. Persons appear as numbers.
    """
    if of is not None and of not in log.about.event_attributes:
        there = ", ".join(log.about.event_attributes) or "none: name one when reading, such as the unit or role"
        raise LogError(f"No event attribute {of!r} in this log. There are: {there}.")
    return ask(log, ReworkCostSummary(of, clock), by, period)
