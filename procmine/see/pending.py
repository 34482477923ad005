"""Pending: who is waiting now, at which step, how long already, and how many longer than those before them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import CALENDAR_TIME
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints
from procmine.log import Clock, EventLog, Log, LogError, in_memory, shown, unlike
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.groups import by_groups
from procmine.see.times import StepSummary
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Flags = NDArray[np.bool_]
MOST_DRAWN = 12


@dataclass(frozen=True, eq=False)
class Waiting:
    """The open cases of a log: `case` their places, `step` the code of the last event, `age` since arrival and `since` since
    the last event in microseconds of the clock; `beyond`: 8 in 10 had gone on from that step sooner.
    """

    case: Ints
    step: Ints
    age: Ints
    since: Ints
    dormant: Flags
    beyond: Flags


@dataclass(frozen=True, eq=False)
class WaitingNow(Result):
    """One row per step at which open cases are now (their last event), the most cases first; dormant ones apart.

    step (text), "" of cases without any event; n (int): open cases there that are not dormant; since_p50, since_p80,
    since_oldest (timedelta64[s]): time since that step; age_p50, age_p80, age_oldest: time since the case came in (NaT where
    n is 0); usual_p50, usual_p80: how long those before them stayed there (Kaplan-Meier, of the whole log; NaT: not reached);
    beyond (int): of n, those there longer than usual_p80; dormant (int): open cases without an event for so long that they
    count as dormant, in none of the other columns.

    `spots` holds age and time since the step of each open case (seconds), for the picture.
    """

    meaning = "define.waiting_now"
    none_is_an_answer = True
    spots: Rows = field(default_factory=dict, kw_only=True)

    def findings(self) -> Sequence[Message]:
        rows = self.rows
        n, dormant = int(rows["n"].sum()), int(rows["dormant"].sum())
        if not n:
            return [Message("pending.dormant_only", {"dormant": dormant})]
        top = {name: column[0] for name, column in rows.items()}
        step = str(top["step"])
        place = Message("pending.after", {"step": step}) if step else Message("pending.nowhere")
        values: dict[str, Value] = {"all": n, "place": place, "n": int(top["n"])}
        values |= {name: Span(seconds(top[name]), self.day) for name in ("since_p50", "since_oldest")}
        said = [Message("pending.top", values)]
        beyond = int(rows["beyond"].sum())
        at = int(np.argmax(rows["beyond"]))
        if beyond:
            worst: dict[str, Value] = {
                "beyond": beyond,
                "step": str(rows["step"][at]),
                "n": int(rows["beyond"][at]),
            }
            usual = Span(seconds(rows["usual_p80"][at]), self.day)
            said.append(Message("pending.beyond", {**worst, "usual": usual}))
        return [*said, *([Message("pending.dormant", {"dormant": dormant})] if dormant else [])]

    def shown(self) -> Rows:
        left_out = ("age_p80", "age_oldest", "usual_p50")
        return {name: column for name, column in self.rows.items() if name not in left_out}

    def plot(self, ax: Axes | None = None) -> Axes:
        """Every open case as a dot at its step, by the time since that step, with the times within which half and 8 in 10
        before it had gone on; of groups, all together. Dormant ones are left out. For the team only.
        """
        from procmine.draw.ageing import MOST_DOTS, Lane, ageing

        day, lanes = self.day, []
        active = self.spots["step"][~self.spots["dormant"]]
        order = np.argsort(-np.bincount(active, minlength=len(self.about.activities)), kind="stable")
        for code in order[order < len(self.about.activities)][:MOST_DRAWN]:
            here = (self.spots["step"] == code) & ~self.spots["dormant"]
            if here.any():
                usual = [float(self.spots[name][here][0]) / day for name in ("usual_p50", "usual_p80")]
                name = self.about.activities[code]
                note = Message(
                    "pending.note", {"n": int(here.sum()), "beyond": int(self.spots["beyond"][here].sum())}
                ).say()
                lanes.append(Lane(name, self.spots["since"][here] / day, usual[0], usual[1], note))
        some = any(len(lane.days) > MOST_DOTS for lane in lanes)
        title, axis = Message("pending.picture").say(), Message("pending.axis.some" if some else "pending.axis").say()
        marks = [Message(f"pending.mark.{name}").say() for name in ("half", "most", "case", "late")]
        return ageing(lanes, title=title, axis=axis, marks=marks, ax=ax)


def waiting(log: EventLog, clock: Clock, usual: NDArray[np.float64]) -> Waiting:
    """The open cases; `usual` per step: seconds within which 8 in 10 go on from it."""
    case = np.flatnonzero(log.open)
    times = log.times(clock)
    filled = np.diff(log.offset)[case] > 0
    step = np.full(len(case), -1, np.int64)
    step[filled] = log.activity[log.offset[case[filled] + 1] - 1]
    age, since = (times.until - times.arrival)[case], times.tail()[case]
    limit = np.append(np.nan_to_num(usual, nan=np.inf), np.inf)[step]
    return Waiting(case, step, age, since, log.dormant[case], since / SECOND > limit)


def usual_stays(log: EventLog, clock: Clock) -> NDArray[np.float64]:
    """Seconds [half, 8 in 10] x steps within which cases go on from each step; nan: not reached, or never seen."""
    question = StepSummary(clock)
    rows = question.rows(question.of(log), log.about)
    found = np.full((2, len(log.about.activities)), np.nan)
    code = [log.about.activities.index(str(name)) for name in rows["step"]]
    for place, name in enumerate(("p50", "p80")):
        found[place, code] = rows[name] / np.timedelta64(1, "s")
    return found


def waiting_now(log: Log, *, by: Sequence[str] = (), clock: Clock = CALENDAR_TIME) -> WaitingNow:
    """Open cases by the step they are at, with their age, and how many are there longer than 8 in 10 of those before them.

    LogError where no case is open because the log holds finished cases only, and where steps were left out.
    """
    log = _with_open(in_memory(log))
    usual = usual_stays(log, clock)
    rows, groups, about = by_groups(log, lambda part: _pending_rows(part, waiting(part, clock, usual[1]), usual), by)
    now = waiting(log, clock, usual[1])
    limits = {name: np.append(usual[place], np.nan)[now.step] for place, name in enumerate(("usual_p50", "usual_p80"))}
    spots = {"step": np.where(now.step < 0, len(log.about.activities), now.step), "since": now.since / SECOND}
    spots |= {"dormant": now.dormant, "beyond": now.beyond, **limits}
    return WaitingNow(rows, about, True, {"clock": clock}, groups=groups, spots=spots)


def pending_cases(log: Log, *, clock: Clock = CALENDAR_TIME) -> pd.DataFrame:
    """One row an open case, for the team only, longest at its step first; dormant ones last.

    case, step (its last; None: no event), since (datetime64), waited (timedelta64 of the clock since then), age (since the
    case came in), usual (timedelta64: 8 in 10 had gone on from that step sooner; NaT: not known), beyond, dormant,
    attributes.
    """
    import pandas as pd

    log = _with_open(in_memory(log))
    usual = usual_stays(log, clock)[1]
    now = waiting(log, clock, usual)
    order = np.lexsort((-now.since, now.dormant))
    case, step = now.case[order], now.step[order]
    rows: dict[str, NDArray[Any]] = {
        "case": log.case.take(case).values(),
        "step": np.array([*log.about.activities, None], object)[step],
    }
    rows |= {"since": shown(log.about, log.last_seen[case]), "waited": now.since[order].astype("m8[us]")}
    rows |= {"age": now.age[order].astype("m8[us]"), "usual": timedeltas(np.append(usual, np.nan)[step])}
    rows |= {"beyond": now.beyond[order], "dormant": now.dormant[order]}
    rows |= {unlike(name, rows): one.take(case).values() for name, one in log.attributes.items()}
    return pd.DataFrame(rows)


def _with_open(log: EventLog) -> EventLog:
    if log.about.cut:
        raise LogError(
            "Steps were left out of this log, so at which step its open cases are cannot be told. Ask before "
            "only_activities(...), or choose cases instead: log.where(...), log.having(...)."
        )
    if log.open.any():
        return log
    raise LogError(
        "No case of this log is open, so nobody can be seen waiting. If the export holds finished cases only, ask for one "
        "with the open cases; if the finishing steps were taken wrongly, name them when reading: ends=(...)."
    )


def _pending_rows(log: EventLog, now: Waiting, usual: NDArray[np.float64]) -> Rows:
    k = len(log.about.activities) + 1
    step = np.where(now.step < 0, k - 1, now.step)
    active = ~now.dormant
    n, dormant = np.bincount(step[active], minlength=k), np.bincount(step[~active], minlength=k)
    columns: dict[str, NDArray[np.float64]] = {}
    for name, length in (("since", now.since), ("age", now.age)):
        of = Durations.of(step[active], length[active], k)
        columns |= {f"{name}_{label}": of.quantile(p) for label, p in (("p50", 0.5), ("p80", 0.8), ("oldest", 1.0))}
    columns |= {name: np.append(usual[place], np.nan) for place, name in enumerate(("usual_p50", "usual_p80"))}
    beyond = np.bincount(step[active & now.beyond], minlength=k)
    order = np.lexsort((-dormant, -n))
    order = order[(n + dormant)[order] > 0]
    rows: dict[str, NDArray[np.generic]] = {"step": np.array([*log.about.activities, ""], object)[order], "n": n[order]}
    rows |= {name: timedeltas(column[order]) for name, column in columns.items()}
    return {**rows, "beyond": beyond[order], "dormant": dormant[order]}
