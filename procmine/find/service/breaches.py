"""Breaches: which open cases will likely pass the limit of a standard, and how many in each coming week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import office_hours
from procmine.find.service.late import latest_step
from procmine.find.service.standards import Given, Standard, is_due, kinds, share_of, standards_of
from procmine.find.service.stretches import Reader, Run
from procmine.kernels.blocks import week_of
from procmine.kernels.flow import Ints, cases_of
from procmine.log import EventLog, Log, LogError, in_memory, shown
from procmine.results import Result, Rows
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]

LEAST = 30  # like it, still there after as long: fewer, and the next coarser likeness is taken
LANDMARKS = 40  # ages told apart at one step
TAIL = 0.05  # still under way at the longest that anybody was watched: if more, what comes later is not known
NORMAL = 1.959964


@dataclass(frozen=True, eq=False)
class Visits:
    """Stays at a step, of one step or all: `stayed` until the next step (or the end of watching), `lasted` and `took` until
    the stretch ended (`gone`) or the data did, counted from coming to the step in the unit of the standard; of these only
    `took` stands in pauses: who waits while the clock stands is there all the same, and is watched.
    """

    stayed: Ints
    lasted: Ints
    took: Ints
    gone: NDArray[np.bool_]

    def left_after(self, age: int, limit: Ints) -> tuple[Floats, Floats, int]:
        """Of those still there after `age`: the share whose stretch took longer than `limit`, and its variance.

        Kaplan-Meier from that age on, in all time: each end weighs what the curve falls by it. The variance is that of those
        that are over. And how many there were. NaN: nobody was watched so long.
        """
        here = self.stayed > age
        lasted, took, gone = self.lasted[here], self.took[here], self.gone[here]
        time, place, many = np.unique(lasted, return_inverse=True, return_counts=True)
        at_risk = np.cumsum(many[::-1])[::-1]
        left = np.append(1.0, np.cumprod(1 - np.bincount(place, gone, len(time)) / at_risk))
        weight = np.where(gone, (left[:-1] / at_risk)[place], 0)  # of each that is over, in the Kaplan-Meier curve
        order = np.argsort(took, kind="stable")
        beyond = np.append(np.cumsum(weight[order][::-1])[::-1], 0.0)
        share = np.clip(beyond[np.searchsorted(took[order], limit, side="right")] + left[-1], 0, 1).round(12)
        if left[-1] > TAIL:
            share[limit > took.max(initial=0)] = np.nan
        return share, share * (1 - share) / max(np.count_nonzero(gone), 1), len(took)


@dataclass(frozen=True, eq=False)
class Breaches(Result):
    """A row is a coming week (its first day, from the day after the cutoff) of a standard: standard; week (datetime64[D]);
    due (int): open cases whose limit falls into it; expected (float): of these likely not done by then; from_ , to (floats):
    where that number likely lies (95%); seen (int): past stays at the same step on which it rests, at least; unknown (int):
    of those due, no past case was watched for as long, so they are not in `expected`.

    Each case's chance: of past cases that had been at its step for as long as it has, the share that took longer than it
    has left. Only cases open now: those that will come are not in it. `arguments` holds `tried`: for each standard how many
    the same rule would have expected a while ago, and how many there were. `cases` has a row per case.
    """

    meaning = "define.breaches"
    none_is_an_answer = True

    def findings(self) -> Sequence[Message]:
        said = []
        for name in dict.fromkeys(self.rows["standard"]):
            here = self.rows["standard"] == name
            sums = {key: float(self.rows[key][here].sum()) for key in ("due", "expected")}
            spread = ((self.rows["to"] - self.rows["from_"])[here] / (2 * NORMAL)) ** 2
            reach = NORMAL * float(np.sqrt(spread.sum()))
            unknown = int(self.rows["unknown"][here].sum())
            low, high = max(0.0, sums["expected"] - reach), min(sums["due"] - unknown, sums["expected"] + reach)
            ends = {"expected": round(sums["expected"]), "low": round(low), "high": round(high)}
            values: dict[str, Value] = {
                "standard": str(name),
                "n": int(sums["due"]) - unknown,
                "weeks": int(here.sum()),
            }
            if values["n"] or not unknown:
                said.append(Message("breaches.told", {**values, **ends}))
            if unknown:
                said.append(Message("breaches.unknown", {**values, "n": unknown}))
            said += self._tried(str(name))
        made: Any = self.arguments["standards"]
        return [*said, *([Message("breaches.pauses")] if any(one.clock == "service" for one in made) else [])]

    def _tried(self, name: str) -> list[Message]:
        tried = self.arguments["tried"]
        found = tried.get(name) if isinstance(tried, dict) else None
        if found is None:
            return []
        day, n, expected, were, still = found
        key = "breaches.tried_so_far" if still else "breaches.tried"
        return [Message(key, {"day": day, "n": n, "expected": round(expected), "were": were, "still": still})]

    def messages(self) -> Sequence[Message]:
        return super().messages() if len(self) else [Message("breaches.none")]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The weeks to come of the first standard: how many fall due, and how many are likely late."""
        from procmine.draw.service import weeks_ahead

        here = self.rows["standard"] == self.rows["standard"][0]
        week, due, late, low, high = (self.rows[name][here] for name in ("week", "due", "expected", "from_", "to"))
        title = Message("breaches.picture", {"standard": str(self.rows["standard"][0])}).say()
        names = (Message("breaches.due").say(), Message("breaches.late").say())
        axis = Message("breaches.axis").say()
        return weeks_ahead(week, due.astype(np.float64), late, (low, high), title=title, axis=axis, names=names, ax=ax)


@dataclass(frozen=True, eq=False)
class AtRisk(Result):
    """A row is an open case whose limit has not passed, the least likely to be in time first. For the team only.

    standard; case; begun, due (datetime64[D]); left (float): days, working days or hours until its limit; unit; step: its
    latest step; share_late (float): its chance not to be done by then, NaN (last) if no past case was watched for as long;
    seen (int): past stays on which that rests.
    """

    meaning = "define.breaches"
    none_is_an_answer = True

    def findings(self) -> Sequence[Message]:
        chance = self.rows["share_late"]
        values: dict[str, Value] = {"n": int((chance > 0.5).sum()), "all": int((~np.isnan(chance)).sum())}
        unknown = int(np.isnan(chance).sum())
        said = [Message("at_risk.told", values)] if values["all"] else []
        return [*said, *([Message("at_risk.unknown", {"n": unknown})] if unknown else [])]


def breaches(log: Log, standards: Given, *, weeks: int = 8) -> Breaches:
    """How many of the cases open now will likely pass their limit, week by week. LogError if no case ever finished."""
    here, made = _checked(log, standards, weeks)
    tables, tried = [], {}
    for standard in made:
        run = standard.stretch.of(here)
        cases = _open_cases(here, standard, run)
        tables.append(_by_week(here, standard, cases, weeks, _effect(run, standard)))
        tried[standard.name] = _tried(here, standard, weeks)
    rows = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    arguments = {"standards": made, "weeks": weeks, "tried": {key: one for key, one in tried.items() if one}}
    return Breaches(rows, here.about, True, arguments)


def at_risk(log: Log, standards: Given) -> AtRisk:
    """The open cases whose limit is still to come, with the chance of each to pass it."""
    here, made = _checked(log, standards, 1)
    tables = [_open_cases(here, one, one.stretch.of(here)) for one in made]
    names = [name for name in tables[0] if name not in ("spread", "group")]
    rows = {name: np.concatenate([table[name] for table in tables]) for name in names}
    return AtRisk(rows, here.about, True, {"standards": made})


def _checked(log: Log, standards: Given, weeks: int) -> tuple[EventLog, tuple[Standard, ...]]:
    here, made = in_memory(log), standards_of(standards)
    if not 1 <= weeks <= 53:
        raise ValueError(f"Weeks ahead: 1 to 53, and not {weeks}.")
    if here.about.every_case:
        raise LogError("This log holds finished cases only: none is open, so none can be foreseen to be late.")
    for one in made:
        one.stretch.check(here.about)
    return here, made


def _open_cases(log: EventLog, standard: Standard, run: Run) -> Rows:
    """The rows of AtRisk, with `spread` (variance of the chance) and `group` (who share it)."""
    size, limit = standard.stretch.ticks, standard.limit
    kept = np.flatnonzero(run.open & (run.so_far <= limit))
    step, since = latest_step(log)
    case = run.case[kept]
    since = np.maximum(since[case], run.begun[kept])
    cut = np.full(len(kept), log.about.cutoff)
    counted, age = (read(cut, case) - read(since, case) for read in _readers(log, standard))
    more = np.floor(limit - run.spent[kept]).astype(np.int64)
    late, spread, group, seen = _chances(log, standard, run, step[case], (age, counted), more)
    order = np.lexsort((run.begun[kept], -late))
    columns = {
        "standard": np.full(len(kept), standard.name, object),
        "case": log.case.take(case).values(),
        "begun": shown(log.about, run.begun[kept]).astype("M8[D]"),
        "due": _due_days(log, standard, case, more),
        "left": more / size,
        "unit": np.full(len(kept), standard.unit, object),
        "step": step[case],
        "share_late": late,
        "seen": seen,
        "spread": spread,
        "group": group,
    }
    return {name: column[order] for name, column in columns.items()}


def _due_days(log: EventLog, standard: Standard, case: Ints, more: Ints) -> NDArray[np.datetime64]:
    """The date on which each limit falls, if no pause comes between."""
    cutoff = np.full(len(case), log.about.cutoff)
    if standard.unit == "hours":
        return shown(log.about, cutoff + more).astype("M8[D]")
    today: NDArray[np.datetime64] = shown(log.about, cutoff).astype("M8[D]")
    if standard.unit == "days":
        due: NDArray[np.datetime64] = today + more.astype("m8[D]")
        return due
    return shown(log.about, office_hours(log).nth_working_day(cutoff, more, case, log)).astype("M8[D]")


def _chances(
    log: EventLog, standard: Standard, run: Run, step: NDArray[np.object_], ages: tuple[Ints, Ints], more: Ints
) -> tuple[Floats, Floats, Ints, Ints]:
    """Per open case: chance to be late, its variance, who shares the curve, and how many past stays it rests on.

    `ages`: how long it has been at its step, and how much of that counts.
    """
    visits, of_step, starts = _visits(log, standard, run)
    age, counted = ages
    late, spread = np.full(len(step), np.nan), np.zeros(len(step))
    group, seen = np.zeros(len(step), np.int64), np.zeros(len(step), np.int64)
    names = np.array(log.about.activities, object)
    for number, one in enumerate(dict.fromkeys(step)):
        here = np.flatnonzero(step == one)
        at = np.isin(of_step, np.flatnonzero(names == one))
        same = Visits(visits.stayed[at], visits.lasted[at], visits.took[at], visits.gone[at])
        # less alike, but more of them: all that were at this step, however long; then all that ever began
        loose = replace(same, stayed=same.lasted)
        for mark, (age_of, cases) in enumerate(_landmarks(age[here])):
            places = here[cases]
            group[places] = number * LANDMARKS + mark
            for alike in (same, loose, starts):
                limit = np.minimum(counted[places], age_of) + more[places]
                share, variance, many = alike.left_after(age_of, limit)
                told = ~np.isnan(share) & (many >= LEAST or alike is starts)
                late[places[told]], spread[places[told]], seen[places[told]] = share[told], variance[told], many
                places = places[~told]
    return late, spread, group, seen


def _landmarks(age: Ints) -> list[tuple[int, Ints]]:
    """Ages, and the places of the cases that count as being so old: at most LANDMARKS, as even as may be."""
    known = np.unique(age)
    edges = (
        known if len(known) <= LANDMARKS else np.unique(np.quantile(age, np.linspace(0, 1, LANDMARKS), method="lower"))
    )
    place = np.searchsorted(edges, age, side="right") - 1
    return [(int(edges[one]), np.flatnonzero(place == one)) for one in np.unique(place)]


def _readers(log: EventLog, standard: Standard) -> tuple[Reader, Reader]:
    """What reads the time that counts, and what reads all time, pauses too."""
    read = standard.stretch.reader(log)
    return read, replace(read, pauses=None)


def _visits(log: EventLog, standard: Standard, run: Run) -> tuple[Visits, Ints, Visits]:
    """Every stay at a step inside the stretch, the step of each, and the stretches themselves."""
    number = np.full(len(log), -1)
    number[run.case] = np.arange(len(run.case))
    owner = cases_of(log.offset)
    of = number[owner]
    inside = np.flatnonzero((of >= 0) & (log.time >= run.begun[of]) & (log.time < run.stop[of]) & ~run.early[of])
    of = of[inside]
    last = np.append(inside[1:] != inside[:-1] + 1, True) | np.append(of[1:] != of[:-1], True)
    counts, every = _readers(log, standard)
    end, come = every(run.stop[of], owner[inside]), every(log.time[inside], owner[inside])
    took = counts(run.stop[of], owner[inside]) - counts(log.time[inside], owner[inside])
    after = np.where(last, end, np.append(come[1:], 0))
    gone = ~run.open[of]
    still = last & ~gone  # an open case is still there at the cutoff: it has stayed longer than that
    visits = Visits(after - come + still, end - come, took, gone)
    whole = ~run.early
    lasted = (every(run.stop, run.case) - every(run.begun, run.case))[whole]
    starts = Visits(lasted + run.open[whole], lasted, run.spent[whole], ~run.open[whole])
    return visits, log.activity[inside].astype(np.int64), starts


def _effect(run: Run, standard: Standard) -> float:
    """The design effect of entry weeks on the share that was late."""
    kind = kinds(run, standard.limit)
    due = is_due(kind)
    if not due.any():
        return 1.0
    week = week_of(run.begun[due])
    first, span = int(week.min()), int(week.max() - week.min()) + 1
    all_due = np.bincount(week - first, minlength=span).astype(np.float64)
    done = np.bincount(week - first, kind[due] == 1, span).astype(np.float64)
    return share_of(done, all_due)[3]


def _by_week(log: EventLog, standard: Standard, cases: Rows, weeks: int, effect: float) -> Rows:
    first = shown(log.about, np.array([log.about.cutoff + 1])).astype("M8[D]")[0]
    week = np.maximum((cases["due"] - first).astype(np.int64) // 7, 0)
    due = np.bincount(week[week < weeks], minlength=weeks)
    unknown = np.isnan(cases["share_late"])
    chance, here = cases["share_late"], (week < weeks) & ~unknown
    expected = np.bincount(week[here], chance[here], weeks)
    binomial = np.bincount(week[here], (chance * (1 - chance))[here], weeks)
    error = np.zeros(weeks)
    for one in np.unique(cases["group"][here]):  # who share a curve share its error
        mine = here & (cases["group"] == one)
        error += np.bincount(week[mine], np.sqrt(cases["spread"][mine]), weeks) ** 2
    reach = NORMAL * np.sqrt(effect * (binomial + error))
    rests = [int(cases["seen"][here & (week == one)].min(initial=2**31 - 1)) for one in range(weeks)]
    not_told = np.bincount(week[(week < weeks) & unknown], minlength=weeks)
    return {
        "standard": np.full(weeks, standard.name, object),
        "week": first + 7 * np.arange(weeks),
        "due": due,
        "expected": expected,
        "from_": np.maximum(expected - reach, 0),
        "to": np.minimum(expected + reach, due - not_told),
        "seen": np.where(due > not_told, rests, 0),
        "unknown": not_told,
    }


def _tried(log: EventLog, standard: Standard, weeks: int) -> tuple[str, int, float, int, int] | None:
    """What the same rule would have said so many weeks before the cutoff, of the cases due since, and what came of them.

    The day, how many fell due, how many it would have expected to be late, how many were, and of how many that is not known
    yet, as pauses came between; None if that is before the log.
    """
    cutoff = shown(log.about, np.array([log.about.cutoff])).astype("M8[D]")[0]
    day = str(cutoff - 7 * weeks)
    if np.datetime64(day) <= shown(log.about, np.array([log.about.begins])).astype("M8[D]")[0]:
        return None
    then = log.cut_to(day)
    cases = _open_cases(then, standard, standard.stretch.of(then))
    tellable = (cases["due"] < cutoff) & ~np.isnan(cases["share_late"])
    cases = {name: column[tellable] for name, column in cases.items()}
    run = standard.stretch.of(log)
    over = np.where(run.open, run.so_far, run.spent) > standard.limit
    if not len(cases["case"]):
        return None
    of = [set(log.case.take(run.case[flags]).values()) for flags in (over, run.open & ~over)]
    late, still = (sum(case in one for case in cases["case"]) for one in of)
    return day, len(cases["case"]), float(cases["share_late"].sum()), late, still
