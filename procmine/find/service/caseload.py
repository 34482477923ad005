"""Caseload: what came, what went and what is pending, period by period, as courts count it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask
from procmine.kernels.durations import Durations
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.partial import Partial
from procmine.kernels.survival import kaplan_meier
from procmine.log import EventLog, Log, LogError, Summary, codes_of, moment, shown
from procmine.results import Result, Rows, timedeltas
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ACTIVE, INACTIVE, DISPOSED = 0, 1, 2
FLOWS = ("new", "reopened", "reactivated", "disposed", "reopened_disposed", "placed_inactive")
DAY = 86_400_000_000


@dataclass(frozen=True)
class Counting:
    """Which steps move a case in and out of the pending ones.

    A case is disposed by a finishing step of the log. reopened: steps that open it again (none named: any step after a
    finishing one). inactive: steps that take it out of the court's hands (besides the `suspended` status of the spec);
    reactivated: steps that bring it back (none named: any step, but with a status only another status). age: in days, for
    the share of pending cases older than that.
    """

    reopened: tuple[str, ...] = ()
    inactive: tuple[str, ...] = ()
    reactivated: tuple[str, ...] = ()
    age: float = 365

    @classmethod
    def read(cls, path: str | Path) -> Counting:
        """From the section `caseload` of a file of standards."""
        from procmine.find.service.file import StandardsFile

        found = StandardsFile.read(path).caseload
        if found is None:
            raise ValueError(f"{Path(path).name} has no section caseload: (reopened, inactive, reactivated, age).")
        return cls(tuple(found.reopened), tuple(found.inactive), tuple(found.reactivated), found.age)


@dataclass(frozen=True, eq=False)
class Caseload(Result):
    """A row is a calendar period (of a group), its name under "month", "quarter" or "year".

    Ints: pending_begin (active), new, reopened, reactivated, incoming (the three added up), disposed, reopened_disposed,
    placed_inactive, outgoing (the three), pending_end = pending_begin + incoming - outgoing, inactive_end. Floats: clearance
    (outgoing / incoming), pending_mean (case-days in the period / its days). timedelta64[s]: disposition_time (pending_end /
    disposed of both kinds x length of the period), age_p50, age_p80 (of those active at the end: from arrival or the last
    reopening, time inactive left out), time_p50, time_p80 (the same, of cases disposed in the period), each (case-days in
    the period / incoming: Little's law, pending_mean = incoming a day x each). share_old: of those pending at the end, older
    than the stated age. complete (bool): the period is whole, and no case begun before the log can be missing from it.

    A moment on the edge of two periods belongs to the later one. A case disposed while inactive is reactivated and disposed
    in one moment.
    """

    meaning = "define.caseload"

    def findings(self) -> Sequence[Message]:
        rows = np.flatnonzero(self.rows["complete"])
        if not len(rows):
            return [Message("caseload.no_whole")]
        first, last = rows[max(0, len(rows) - self._year)], rows[-1]
        span = slice(first, last + 1)
        came, went = (int(self.rows[name][span].sum()) for name in ("incoming", "outgoing"))
        one = {name: column[last] for name, column in self.rows.items()}
        base: dict[str, Value] = {"first": self._name(int(first)), "last": self._name(int(last))}
        ends = {"begin": int(self.rows["pending_begin"][first]), "end": int(one["pending_end"])}
        values: dict[str, Value] = {**base, "came": came, "went": went, **ends}
        if not came:
            return [Message("caseload.nothing", values)]
        key = "more" if ends["end"] > ends["begin"] else "fewer" if ends["end"] < ends["begin"] else "same"
        said = [Message(f"caseload.{key}", {**values, "per_100": 100 * went / came})]
        return [*said, *self._old(one), *([] if len(rows) == len(self) else [Message("caseload.incomplete")])]

    def _old(self, one: dict[str, Any]) -> list[Message]:
        if np.isnan(one["share_old"]):
            return []
        days = f"{_counting(self.arguments).age:g}"
        return [Message("caseload.old", {"share": float(one["share_old"]), "days": days, "n": int(one["pending_end"])})]

    @property
    def _year(self) -> int:
        return {"month": 12, "quarter": 4, "year": 1}[str(self.arguments["period"])]

    def _name(self, row: int) -> str:
        return str(self.rows[str(self.arguments["period"])][row])

    def shown(self) -> Rows:
        """The latest periods, newest first, without the parts of what came and went that never happened."""
        if not len(self):
            return self.rows
        parts = [name for name in FLOWS if not self.rows[name].any()]
        hidden = {*parts, "pending_mean", "each", "time_p50", "time_p80"}
        hidden |= set() if self.rows["inactive_end"].any() else {"inactive_end"}
        order = slice(None) if self.groups else slice(None, None, -1)
        return {name: column[order] for name, column in self.rows.items() if name not in hidden}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Above how many were pending, below how many came and went; of groups, how many were pending in each."""
        from procmine.draw.charts import Line
        from procmine.draw.service import caseload as draw

        if self.groups:
            parts = list(self.parts().items())[:5]
            months = np.unique(np.concatenate([part._months() for _, part in parts]))
            lines = [Line(name, _at(months, part._months(), part.rows["pending_end"])) for name, part in parts]
            return draw(months, lines, [], titles=(Message("caseload.picture").say(), ""), ax=ax or _alone())
        pending = [Line(Message("caseload.active").say(), self.rows["pending_end"].astype(float))]
        if self.rows["inactive_end"].any():
            pending.append(Line(Message("caseload.inactive").say(), self.rows["inactive_end"].astype(float)))
        told = {name: Message(f"caseload.{name}").say() for name in ("incoming", "outgoing")}
        flows = [Line(said, self.rows[name].astype(float)) for name, said in told.items()]
        titles = (Message("caseload.picture").say(), Message("caseload.flows").say())
        return draw(self._months(), pending, flows, titles=titles, lacking=self._lacking(), ax=ax)

    def _lacking(self) -> tuple[int, str]:
        """How many of the first periods lack older cases, and the words for that."""
        first = int(np.argmax(self.rows["complete"])) if self.rows["complete"].any() else len(self)
        return first, Message("caseload.lacking").say()

    def _months(self) -> NDArray[np.datetime64]:
        width = 12 // self._year
        names = [str(name) for name in self.rows[str(self.arguments["period"])]]
        firsts = [f"{name[:4]}-{3 * int(name[-1]) - 2:02}" if width == 3 else name[:7] for name in names]
        return np.array(firsts, "M8[M]") + (width - 1)


def _alone() -> Axes:
    from procmine.draw.service import alone

    return alone()


def _at(months: NDArray[np.datetime64], mine: NDArray[np.datetime64], value: Ints) -> Floats:
    found = np.full(len(months), np.nan)
    found[np.searchsorted(months, mine)] = value
    return found


def _counting(arguments: Any) -> Counting:
    counting: Counting = arguments["counting"]
    return counting


@dataclass(frozen=True, eq=False)
class CaseloadPart(Partial):
    flows: NDArray[np.int64]  # period x FLOWS
    before: NDArray[np.int64]  # active and inactive ones at the beginning of each period, and at the cutoff
    seconds: Floats  # case-time inside each period
    ages: Durations  # of those active at the end of each period
    times: Durations  # of those disposed in each period
    ended: Durations  # from arrival to the end, of finished cases
    open: Durations


@dataclass(frozen=True)
class CaseloadSummary(Summary[CaseloadPart, Caseload]):
    counting: Counting = Counting()
    period: Period = "month"
    wanted: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.wanted

    def of(self, log: EventLog) -> CaseloadPart:
        spells, moves = _moves(log, self.counting)
        edge = _edges(log.about, self.period)[1]
        k = len(edge) - 1
        place = np.clip(np.searchsorted(edge, moves.time, side="right") - 1, 0, k - 1)
        flows = np.zeros((k, len(FLOWS)), np.int64)
        np.add.at(flows, (place, moves.kind), 1)
        gone = np.isin(moves.kind, (3, 4))
        length = log.until - log.arrival
        inside = np.array([_overlap(spells, *pair) for pair in pairwise(edge)])
        return CaseloadPart(
            flows,
            np.array([[_there(spells, one, state).sum() for state in (ACTIVE, INACTIVE)] for one in edge]),
            inside,
            _ages(spells, edge[1:]),
            Durations.of(place[gone], moves.age[gone], k),
            Durations.of(np.zeros((~log.open).sum(), np.int64), length[~log.open], 1),
            Durations.of(np.zeros(log.open.sum(), np.int64), length[log.open], 1),
        )

    def rows(self, partial: CaseloadPart, about: About) -> Rows:
        names, edge = _edges(about, self.period)
        flow = dict(zip(FLOWS, partial.flows.T.copy()))
        incoming, outgoing = (sum(flow[name] for name in part) for part in (FLOWS[:3], FLOWS[3:]))
        begin, end = partial.before[:-1, 0].copy(), partial.before[1:, 0].copy()
        length = np.diff(edge) / 1e6
        gone = flow["disposed"] + flow["reopened_disposed"]
        return {
            self.period: np.array(names, object),
            "pending_begin": begin,
            **{name: flow[name] for name in FLOWS[:3]},
            "incoming": incoming,
            **{name: flow[name] for name in FLOWS[3:]},
            "outgoing": outgoing,
            "pending_end": end,
            "inactive_end": partial.before[1:, 1].copy(),
            "clearance": _ratio(outgoing, incoming),
            "disposition_time": timedeltas(_ratio(end * length, gone)),
            "age_p50": timedeltas(partial.ages.quantile(0.5)),
            "age_p80": timedeltas(partial.ages.quantile(0.8)),
            "share_old": _older(partial.ages, self.counting.age),
            "time_p50": timedeltas(partial.times.quantile(0.5)),
            "time_p80": timedeltas(partial.times.quantile(0.8)),
            "pending_mean": partial.seconds / length,
            "each": timedeltas(_ratio(partial.seconds, incoming)),
            "complete": self._complete(partial, about, edge),
        }

    def result(self, rows: Rows, about: About, exact: bool) -> Caseload:
        return Caseload(rows, about, exact, self.arguments)

    def _complete(self, partial: CaseloadPart, about: About, edge: Ints) -> Flags:
        """Whole periods that begin long enough after the data do: by then 19 of 20 older cases have ended."""
        curve = kaplan_meier(partial.ended, partial.open)
        long = np.nan_to_num(np.mean(curve.quantile(0.95)), nan=np.inf) * 1e6
        since = about.begins if about.complete_from is None else about.complete_from
        whole = np.array([after == _after(about, self.period, int(begin)) for begin, after in pairwise(edge)])
        late_enough: Flags = edge[:-1] >= since + long
        return whole & late_enough


@dataclass(frozen=True, eq=False)
class Moves:
    """What counts as coming or going: moment, place in FLOWS, and the age of the case then (microseconds)."""

    time: Ints
    kind: Ints
    age: Ints


@dataclass(frozen=True, eq=False)
class Spells:
    """Stretches of time in one state; `age` is that at the beginning of the stretch."""

    begin: Ints
    end: Ints
    state: Ints
    age: Ints


def _moves(log: EventLog, counting: Counting) -> tuple[Spells, Moves]:
    """The states of all cases, one after the other, and the moves between them."""
    after = _states(log, counting)
    owner = cases_of(log.offset)
    # one row an event and one an arrival, case by case; the row of an arrival comes first
    place = np.arange(len(owner)) + owner + 1
    size, first = len(owner) + len(log), log.offset[:-1] + np.arange(len(log))
    time, state, case = np.empty(size, np.int64), np.zeros(size, np.int64), np.empty(size, np.int64)
    time[place], state[place], case[place] = log.time, after, owner
    time[first], state[first], case[first] = log.arrival, ACTIVE, np.arange(len(log))
    time, state, case = _closed(log, time, state, case)
    was = np.concatenate(([DISPOSED], state[:-1]))
    starts = np.concatenate(([True], case[1:] != case[:-1])) if len(case) else np.zeros(0, bool)
    was[starts] = DISPOSED
    lasts = np.append(time[1:], 0)
    ends = np.append(starts[1:], True) if len(case) else starts
    lasts[ends] = log.about.cutoff + 1
    opened = (was == DISPOSED) & (state != DISPOSED)
    age = _aged(np.where(state == ACTIVE, lasts - time, 0), opened)
    spells = Spells(time, lasts, state, age)
    again = opened & ~starts
    return spells, _told(time, was, state, starts, again, _seen(again, starts), age)


def _told(time: Ints, was: Ints, state: Ints, starts: Flags, again: Flags, reopened: Flags, age: Ints) -> Moves:
    """A row can be two moves: reopened and put on hold, or brought back and disposed."""
    ends = (was != DISPOSED) & (state == DISPOSED)
    kinds = (
        starts,
        again,
        (was == INACTIVE) & (state != INACTIVE),
        ends & ~reopened,
        ends & reopened,
        (was != INACTIVE) & (state == INACTIVE),
    )
    found = [np.flatnonzero(one) for one in kinds]
    rows = np.concatenate(found)
    kind = np.repeat(np.arange(len(kinds)), [len(one) for one in found])
    return Moves(time[rows], kind, age[rows])


def _aged(running: Ints, opened: Flags) -> Ints:
    """The age at the beginning of each row: what ran in earlier rows since the case last came."""
    upto = np.cumsum(running) - running
    since = np.maximum.accumulate(np.where(opened, np.arange(len(opened)), 0)) if len(opened) else upto
    return upto - upto[since]


def _seen(again: Flags, starts: Flags) -> Flags:
    """Whether the case was reopened in an earlier row."""
    many = np.cumsum(again)
    first = np.maximum.accumulate(np.where(starts, np.arange(len(starts)), 0)) if len(starts) else many
    seen: Flags = np.asarray(many - many[first] - again > 0)
    return seen


def _closed(log: EventLog, time: Ints, state: Ints, case: Ints) -> tuple[Ints, Ints, Ints]:
    """A case that the log takes as ended, without a finishing step, is disposed at its end."""
    last = log.offset[1:] + np.arange(len(log))
    left = np.flatnonzero(~log.open & (state[last] != DISPOSED))
    place = last[left] + 1
    return np.insert(time, place, log.until[left]), np.insert(state, place, DISPOSED), np.insert(case, place, left)


def _states(log: EventLog, counting: Counting) -> Ints:
    """The state after each event.

    Each event is a map from state to state; maps of a case are composed by doubling, its first being constant.
    """
    maps = _maps(log, counting)
    owner = cases_of(log.offset)
    filled = np.flatnonzero(np.diff(log.offset))
    first = log.offset[filled]
    maps[first] = maps[first, ACTIVE][:, None]
    number = np.arange(len(owner)) - log.offset[owner]
    step, longest = 1, int(np.diff(log.offset).max(initial=1))
    while step < longest:
        later = np.flatnonzero(number >= step)
        maps[later] = np.take_along_axis(maps[later], maps[later - step], axis=1)
        step *= 2
    return maps[:, 0].astype(np.int64)


def _maps(log: EventLog, counting: Counting) -> NDArray[np.int8]:
    """Per event the state that each state becomes, in the order active, inactive, disposed."""
    finishing = _these(log, tuple(one for one in log.about.ends if one in log.about.activities))
    holding = _these(log, counting.inactive)
    opening = _these(log, counting.reopened) if counting.reopened else np.ones(len(log.activity), bool)
    waking = _these(log, counting.reactivated) if counting.reactivated else ~holding
    if log.about.suspended:
        text = log.event_attributes[log.about.suspended["column"]]
        held = text.among(tuple(log.about.suspended["values"]))
        waking = waking if counting.reactivated else ~holding & ~held & (text.codes >= 0)
        holding = holding | held
    maps = np.empty((len(log.activity), 3), np.int8)
    maps[:, ACTIVE] = np.where(holding, INACTIVE, ACTIVE)
    maps[:, INACTIVE] = np.where(waking & ~holding, ACTIVE, INACTIVE)
    maps[:, DISPOSED] = np.where(opening, maps[:, ACTIVE], DISPOSED)
    maps[finishing] = DISPOSED
    return maps


def _these(log: EventLog, steps: tuple[str, ...]) -> Flags:
    codes = [codes_of(log.about, step) for step in steps]
    return np.isin(log.activity, np.concatenate(codes)) if codes else np.zeros(len(log.activity), bool)


def _there(spells: Spells, moment: int, state: int) -> Flags:
    """Spells that hold just before a moment."""
    there: Flags = (spells.state == state) & (spells.begin < moment) & (spells.end >= moment)
    return there


def _overlap(spells: Spells, begin: int, end: int) -> float:
    """Seconds in which cases were active, added up."""
    active = spells.state == ACTIVE
    inside = np.minimum(spells.end[active], end) - np.maximum(spells.begin[active], begin)
    return float(np.maximum(inside, 0).sum() / 1e6)


def _ages(spells: Spells, ends: Ints) -> Durations:
    keys, values = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for k, end in enumerate(ends):
        here = _there(spells, int(end), ACTIVE)
        values.append(spells.age[here] + end - spells.begin[here])
        keys.append(np.full(here.sum(), k))
    return Durations.of(np.concatenate(keys), np.concatenate(values), len(ends))


def _older(ages: Durations, age: float) -> Floats:
    over = np.bincount(ages.key, ages.count * (ages.value > age * DAY), ages.keys)
    return _ratio(over, ages.n())


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return ratio


def _edges(about: About, period: Period) -> tuple[list[str], Ints]:
    """Names of the periods from the first arrival to the cutoff, and the moments between them; the last is the cutoff's."""
    width = {"year": 12, "quarter": 3, "month": 1}[period]
    ends = shown(about, np.array([about.begins, about.cutoff])).astype("M8[M]").astype(np.int64) // width
    months = [np.int64(width * one).astype("M8[M]") for one in range(int(ends[0]), int(ends[1]) + 1)]
    quarters = [f"{str(month)[:4]}-Q{int(str(month)[5:]) // 3 + 1}" for month in months]
    names = {12: [str(month)[:4] for month in months], 3: quarters, 1: [str(month) for month in months]}[width]
    edges = [moment(about, f"{month}-01") for month in months]
    return names, np.array([*edges, about.cutoff + 1], np.int64)


def _after(about: About, period: Period, begin: int) -> int:
    """The first moment after the period that begins then."""
    width = {"year": 12, "quarter": 3, "month": 1}[period]
    month = shown(about, np.array([begin])).astype("M8[M]")[0] + width
    return moment(about, f"{month}-01")


def caseload(
    log: Log, *, period: Period = "month", by: Sequence[str] = (), counting: Counting | str | Path | None = None
) -> Caseload:
    """What came, went and is pending, period by period. `counting`: which steps reopen, hold and bring back; or a file.

    LogError where steps were left out of the log: they may have finished or reopened a case.
    """
    if log.about.cut:
        raise LogError(
            "Steps were left out of this log, so nobody can tell when its cases were pending. Ask before that."
        )
    made = Counting.read(counting) if isinstance(counting, str | Path) else counting or Counting()
    for step in (*made.reopened, *made.inactive, *made.reactivated):
        codes_of(log.about, step)
    if period not in ("year", "quarter", "month"):
        raise ValueError(f'No period {period!r}; there are: "month", "quarter", "year".')
    wanted = (str(log.about.suspended["column"]),) if log.about.suspended else ()
    return ask(log, CaseloadSummary(made, period, wanted), by)
