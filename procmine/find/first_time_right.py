"""First time right: what share of cases comes complete, and which missing item keeps them waiting longest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from procmine.asking import Period
from procmine.clocks import CALENDAR_TIME
from procmine.find.service.standards import share_of
from procmine.kernels.blocks import EntryWeeks, week_of
from procmine.kernels.durations import SECOND, Durations
from procmine.kernels.flow import Ints, cases_of, first_match
from procmine.kernels.survival import kaplan_meier
from procmine.log import Clock, EventLog, Log, LogError, codes_of, in_memory
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.groups import by_groups
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Flags = NDArray[np.bool_]
WITHIN = 0.95  # of the first looks come within so long; younger cases are not counted yet


@dataclass(frozen=True, eq=False)
class FirstTimeRight(Result):
    """A row (a group): cases (int) old enough to have been looked at, and what became of them.

    right (int): looked at and not returned; returned (int) at least once; undecided (int): neither, though old enough (still
    waiting for the first look, or closed before it); younger (int): not counted yet, as many like them had not been looked at
    either. share (float 0..1): right of right and returned, low and high (Wilson, 95%, with the design effect of entry
    weeks); rounds (float): returns per returned case.
    """

    meaning: ClassVar[str] = "define.first_time_right"

    def findings(self) -> Sequence[Message]:
        one = {name: column[0] for name, column in self.rows.items()}
        if np.isnan(one["share"]):
            return [Message("right.none")]
        counts: dict[str, Value] = {name: int(one[name]) for name in ("right", "returned", "undecided", "younger")}
        ends: dict[str, Value] = {name: float(one[name]) for name in ("share", "low", "high")}
        told = Message("right.share", {**ends, **counts, "n": int(one["right"] + one["returned"])})
        return [told, *([Message("right.not_counted", counts)] if one["undecided"] or one["younger"] else [])]

    def messages(self) -> Sequence[Message]:
        """With the reminder that groups set side by side are no verdict."""
        return [*super().messages(), *([Message("right.compare")] if self.groups and len(self) > 1 else [])]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Shares with their ranges, one bar a group."""
        from procmine.draw.charts import Bar, bars

        data = []
        for name, part in self.parts().items():
            one = {column: float(part.rows[column][0]) for column in ("share", "low", "high", "right", "returned")}
            if not np.isnan(one["share"]):
                note = Message("right.note", {"share": one["share"], "n": int(one["right"] + one["returned"])}).say()
                data.append(Bar(name or Message("right.all").say(), one["share"], one["low"], one["high"], note))
        return bars(data, title=Message("right.picture").say(), axis=Message("right.axis").say(), ax=ax)


@dataclass(frozen=True, eq=False)
class MissingItems(Result):
    """A row is a reason for which cases were returned, most days first.

    missing (text; "(all)" where no reason is asked for); n (int) returns; cases (int); waiting (int): not sent in again, and
    the case is open; never (int): not sent in again, and the case has closed; p50 (timedelta64[s], NaT: not reached): when
    half were sent in again, the others counted as waiting (Kaplan-Meier); mean (timedelta64[s]) per return so far, extra
    (timedelta64[s]) in all: n times mean; share (float 0..1) of all days after returns, low and high (95%, by the weeks in
    which cases began; nan below 8).
    """

    meaning: ClassVar[str] = "define.missing_items"
    none_is_an_answer: ClassVar[bool] = True

    def findings(self) -> Sequence[Message]:
        one = {name: column[0] for name, column in self.rows.items()}
        spans: dict[str, Value] = {name: Span(seconds(one[name]), self.day) for name in ("mean", "extra")}
        counts: dict[str, Value] = {name: int(one[name]) for name in ("n", "cases", "waiting", "never")}
        ends: dict[str, Value] = {name: float(one[name]) for name in ("share", "low", "high")}
        many = len(self) > 1
        ranged = "missing.range" if many and not np.isnan(one["low"]) else "missing.plain" if many else "missing.only"
        said = [Message(ranged, {**spans, **counts, **ends, "reason": str(one["missing"])})]
        rest = {"waiting": int(self.rows["waiting"].sum()), "never": int(self.rows["never"].sum())}
        return [*said, *([Message("missing.rest", rest)] if any(rest.values()) else [])]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Reasons as bars of their share of all days after returns."""
        from procmine.draw.charts import Bar, bars

        data = []
        for row in range(min(len(self), 12)):
            one = {name: column[row] for name, column in self.rows.items()}
            note = Message("missing.note", {"n": int(one["n"]), "mean": Span(seconds(one["mean"]), self.day)}).say()
            data.append(Bar(str(one["missing"]), float(one["share"]), float(one["low"]), float(one["high"]), note))
        return bars(data, title=Message("missing.picture").say(), axis=Message("missing.axis").say(), ax=ax)


def first_time_right(
    log: Log,
    *,
    returned: str,
    passed: str | None = None,
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
) -> FirstTimeRight:
    """Share of cases that are not sent back: without the step `returned` (a step or a stage that asks for more).

    A case has been looked at when it is returned or comes to `passed` (not given: to any step after its first that is not
    `returned`). Cases younger than the time by which 95% of first looks come are not counted. An attribute such as the
    version of the form in `by`, or a `period`, sets before and after side by side; `compare` gives the verdict.
    """
    log = in_memory(log)
    looks = _looks(log, returned, passed, clock)
    number = np.full(len(log.case.levels) + 1, -1)
    number[log.case.codes] = np.arange(len(log))
    rows, groups, about = by_groups(log, lambda part: _row(log, looks, number[part.case.codes]), by, period)
    arguments = {"returned": returned, "passed": passed, "clock": clock}
    return FirstTimeRight(rows, about, True, arguments, groups=groups)


@dataclass(frozen=True, eq=False)
class _Looks:
    """Per case: whether it was returned, whether it was looked at otherwise, how many returns, and whether it counts yet."""

    returned: Flags
    passed: Flags
    rounds: Ints
    old: Flags


def _looks(log: EventLog, returned: str, passed: str | None, clock: Clock) -> _Looks:
    back = np.isin(log.activity, codes_of(log.about, returned))
    if passed is not None:
        onward = np.isin(log.activity, codes_of(log.about, passed))
    else:
        onward = ~back & ~np.isin(log.activity, _ends_early(log))
        onward[log.offset[:-1][np.diff(log.offset) > 0]] = False  # the first step is the application itself
    first = first_match(back | onward, log.offset)
    times = log.times(clock)
    seen = first >= 0
    wait = np.where(seen, np.append(times.time, 0)[first], times.until) - times.arrival
    limit = _within(wait, seen, log.open)
    watched = clock.read(np.full(len(log), log.about.cutoff), np.arange(len(log)), log) - times.arrival
    rounds = np.bincount(cases_of(log.offset)[back], minlength=len(log))
    since = log.about.complete_from
    old = (watched >= limit) & (True if since is None else log.arrival >= since)
    in_time = seen & (wait <= limit)
    was_back = in_time & _back_within(log, back, times.time, times.arrival, limit)
    return _Looks(was_back, in_time & ~was_back, rounds, old)


def _ends_early(log: EventLog) -> list[int]:
    """Ends of cases: who withdraws before the first look has not been looked at."""
    return [code for code, name in enumerate(log.about.activities) if name in log.about.ends]


def _within(wait: Ints, seen: Flags, waiting: Flags) -> int:
    """Microseconds by which 95% of the first looks come, cases still waiting for theirs counted."""
    none = ~seen & waiting
    looked, still = (Durations.of(np.zeros(int(one.sum()), np.int64), wait[one], 1) for one in (seen, none))
    if not seen.any():
        raise LogError("No case has been looked at: none is returned, and none has gone on. Name other steps.")
    reached = float(np.mean(kaplan_meier(looked, still).quantile(WITHIN)))
    return int(wait[seen].max()) if np.isnan(reached) else round(reached * SECOND)


def _back_within(log: EventLog, back: Flags, time: Ints, arrival: Ints, limit: int) -> Flags:
    """Per case: returned at all within that time; later returns of young and old cases could not be seen alike."""
    place = first_match(back, log.offset)
    found: Flags = (place >= 0) & (np.append(time, 0)[place] - arrival <= limit)
    return found


def _row(log: EventLog, looks: _Looks, here: Ints) -> Rows:
    counted = here[looks.old[here]]
    known = counted[looks.returned[counted] | looks.passed[counted]]
    week = week_of(log.arrival[known])
    span = int(week.max() - week.min()) + 1 if len(week) else 0
    place = week - week.min() if len(week) else week
    done, due = (np.bincount(place, flags, span) for flags in (looks.passed[known], np.ones(len(known))))
    share, low, high, _ = share_of(done.astype(np.float64), due.astype(np.float64))
    back = counted[looks.returned[counted]]
    counts = {"right": int(looks.passed[counted].sum()), "returned": len(back)}
    return {
        "cases": np.array([len(counted)]),
        **{name: np.array([n]) for name, n in counts.items()},
        "undecided": np.array([len(counted) - len(known)]),
        "younger": np.array([len(here) - len(counted)]),
        "share": np.array([share]),
        "low": np.array([low]),
        "high": np.array([high]),
        "rounds": np.array([looks.rounds[back].mean() if len(back) else np.nan]),
    }


def missing_items(
    log: Log,
    *,
    returned: str,
    again: str | None = None,
    reason: str | None = None,
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
) -> MissingItems:
    """Days between the step `returned` and the sending in again, by the reason (an event attribute) on the return.

    again: the step by which papers come back; not given, the next step of the case, whichever it is but a return or an end.
    """
    log = in_memory(log)
    if reason is not None:
        if reason in log.about.persons:
            raise ValueError(f"{reason!r} names people, and people are no result.")
        if reason not in log.about.event_attributes:
            there = ", ".join(log.about.event_attributes) or "none"
            raise LogError(f"No event attribute {reason!r} in this log. There are: {there}.")
    codes_of(log.about, returned)
    rows, groups, about = by_groups(log, lambda part: _items(part, returned, again, reason, clock), by, period)
    arguments = {"returned": returned, "again": again, "reason": reason, "clock": clock}
    return MissingItems(rows, about, True, arguments, groups=groups)


def _items(log: EventLog, returned: str, again: str | None, reason: str | None, clock: Clock) -> Rows:
    back = np.isin(log.activity, codes_of(log.about, returned))
    if again is None:
        wanted = ~back & ~np.isin(log.activity, _ends_early(log))
    else:
        wanted = np.isin(log.activity, codes_of(log.about, again))
    place = np.flatnonzero(back)
    case, times = cases_of(log.offset)[place], log.times(clock)
    there = np.append(np.flatnonzero(wanted), len(wanted))
    come = there[np.searchsorted(there, place)]
    came = come < log.offset[case + 1]
    until = np.where(came, np.append(times.time, 0)[come], times.until[case])
    until = np.minimum(until, _next_return(place, case, times.time, until))
    codes, names = _reasons(log, place, reason)
    return _item_rows(log, case, codes, names, until - times.time[place], came)


def _next_return(place: Ints, case: Ints, time: Ints, until: Ints) -> Ints:
    """A second return before anything came back ends the first one's wait: no day counts twice."""
    following = until.copy()
    same = np.flatnonzero(case[1:] == case[:-1])
    following[same] = time[place[same + 1]]
    return following


def _reasons(log: EventLog, place: Ints, reason: str | None) -> tuple[Ints, list[str]]:
    if reason is None:
        return np.zeros(len(place), np.int64), [Message("missing.all").say()]
    text = log.event_attributes[reason]
    levels = [str(one) for one in text.levels.to_pylist()]
    codes = text.codes[place].astype(np.int64)
    return np.where(codes < 0, len(levels), codes), [*levels, Message("missing.none").say()]


def _item_rows(log: EventLog, case: Ints, codes: Ints, names: Sequence[str], wait: Ints, came: Flags) -> Rows:
    k, waiting = len(names), ~came & log.open[case]
    n = np.bincount(codes, minlength=k)
    total = np.bincount(codes, wait / SECOND, k)
    share, low, high = EntryWeeks.of(week_of(log.arrival[case]), codes, wait / SECOND, k).shares()
    ended, still = (Durations.of(codes[one], wait[one], k) for one in (came, ~came))
    there = np.flatnonzero(n)
    half = np.array([np.mean(kaplan_meier(ended, still, int(one)).quantile(0.5)) for one in there])
    order = np.argsort(-total[there], kind="stable")
    there, half = there[order], half[order]
    cases = np.bincount(np.unique(case * k + codes) % k, minlength=k)
    return {
        "missing": np.array(names, object)[there],
        "n": n[there],
        "cases": cases[there],
        "waiting": np.bincount(codes[waiting], minlength=k)[there],
        "never": np.bincount(codes[~came & ~waiting], minlength=k)[there],
        "p50": timedeltas(half),
        "mean": timedeltas(np.asarray(total[there] / n[there], np.float64)),
        "extra": timedeltas(np.asarray(total[there], np.float64)),
        "share": share[there],
        "low": low[there],
        "high": high[there],
    }
