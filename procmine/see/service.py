"""Service times: in whose hands the time of each case passes, by the rules of the clock and the office's hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask
from procmine.clocks import office_hours
from procmine.kernels.blocks import EntryWeeks, week_of
from procmine.kernels.flow import Ints
from procmine.kernels.partial import Partial
from procmine.log import Clock, EventLog, Log, LogError, Summary, in_memory, shown, unlike
from procmine.results import Result, Rows
from procmine.see.clock_rules import Rules, ServiceClock, rules_of
from procmine.words import DAY, Message, Span

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

US, OTHERS, OUTSIDE = "us", "others", "outside"
SECOND = 1_000_000
LEAST_TOLD = 0.005
MOST_BARS = 12


@dataclass(frozen=True)
class Part:
    """A part of a case's time: its name, and whose it is."""

    name: str
    whose: str


@dataclass(frozen=True, eq=False)
class ServiceTimes(Result):
    """One row per part of the time of all cases, from arrival to until, in a fixed order; the parts make up the whole.

    part (text): before the clock begins; with us (in opening hours, and office closed, where hours are known); with each
    other party of the rules; on hold; after the clock has stopped. whose (text): "us", "others", or "outside" (before it
    begins, after it has stopped). share, low, high (0..1): of all time, with its 95% interval from entry weeks (nan below
    8); mean (timedelta64[s]): the time of all cases over their number; total (timedelta64[s]): the parts sum to the whole,
    to the second; cases (int): with any such time; n (int): all cases; open (int) of them, counted up to the cutoff.
    side_share, side_low, side_high: the same of all parts of that `whose`. All is calendar time, whatever the hours.
    """

    meaning = "define.service_times"

    @property
    def day(self) -> float:
        """The parts are calendar time, those in opening hours too."""
        return DAY

    def findings(self) -> Sequence[Message]:
        rows = self.rows
        if not rows["n"][0] or not rows["share"].sum():
            return [Message("service.nothing")]
        order = np.argsort(-rows["share"], kind="stable")
        told = tuple(
            Message(
                "service.one" if nth else "service.first",
                {"tenths": 10 * float(rows["share"][k]), "part": str(rows["part"][k])},
            )
            for nth, k in enumerate(order[rows["share"][order] >= LEAST_TOLD])
        )
        counts = {name: int(rows[name][0]) for name in ("n", "open")}
        whole = Span(float(rows["total"].astype(np.int64).sum()) / counts["n"])
        return [
            Message("service.top", {"parts": told}),
            self._ours(),
            Message("service.counts", {**counts, "whole": whole}),
        ]

    def messages(self) -> Sequence[Message]:
        hours = self.arguments.get("hours")
        said = [] if hours is None else [Message("service.hours", {"clock": hours.said})]  # type: ignore[attr-defined]
        return [*super().messages(), *said]

    def plot(self, ax: Axes | None = None) -> Axes:
        """One bar of all time, or one a group, cut into the parts."""
        from procmine.draw.stacked import Stack, stacks

        groups = list(self.parts().items())
        shown_groups = groups[:MOST_BARS]
        names = list(dict.fromkeys(map(str, self.rows["part"])))
        bars = [Stack(one._label(name), one.rows["share"]) for name, one in shown_groups]
        n, still = (sum(int(one.rows[name][0]) for _, one in groups) for name in ("n", "open"))
        footer = Message("service.footer", {"n": n, "open": still, "left": len(groups) - len(shown_groups)})
        key = "service.footer.more" if len(groups) > len(shown_groups) else "service.footer"
        title, axis = Message("service.picture").say(), Message("service.axis").say()
        return stacks(bars, names, title=title, axis=axis, footer=Message(key, footer.values).say(), ax=ax)

    def shown(self) -> Rows:
        return {name: column for name, column in self.rows.items() if not name.startswith(("side_", "total", "whose"))}

    def _label(self, group: str) -> str:
        return Message("service.bar", {"group": group, "n": int(self.rows["n"][0])}).say() if group else ""

    def _ours(self) -> Message:
        ours = int(np.flatnonzero(self.rows["whose"] == US)[0])
        share, low, high = (10 * float(self.rows[f"side_{name}"][ours]) for name in ("share", "low", "high"))
        if np.isnan(low):
            return Message("service.ours", {"tenths": share})
        return Message("service.ours.range", {"tenths": share, "low": low, "high": high})


@dataclass(frozen=True, eq=False)
class ServicePart(Partial):
    weeks: EntryWeeks  # seconds of each part
    sides: EntryWeeks  # seconds of each of US, OTHERS, OUTSIDE
    totals: Ints  # per part: whole seconds of the cases, then their microseconds beyond, then cases with any
    counts: Ints  # cases, open ones


@dataclass(frozen=True)
class ServiceSummary(Summary[ServicePart, ServiceTimes]):
    """`hours`: the clock of the office, None where its hours are not known."""

    rules: Rules
    hours: Clock | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.rules.columns, *getattr(self.hours, "columns", ()))

    @property
    def parts(self) -> tuple[Part, ...]:
        """In the order of the rows."""
        rules = self.rules
        ours = ("open", "closed") if self.hours is not None else ("ours",)
        return (
            *([Part(_said("before"), OUTSIDE)] if rules.begins else ()),
            *(Part(_said(name), US) for name in ours),
            *(Part(_with(whose), OTHERS) for whose in rules.parties),
            *([Part(_said("hold"), OTHERS)] if rules.on_hold else ()),
            *([Part(_said("after"), OUTSIDE)] if rules.stops else ()),
        )

    def of_cases(self, log: EventLog) -> Ints:
        """Microseconds [case, part]; each row sums to until - arrival."""
        cut = self.rules.cut(log)
        spent = np.zeros((len(log), self.rules.running + 2), np.int64)
        length = cut.end - cut.begin
        running = cut.state == self.rules.running
        if self.hours is not None:
            read = getattr(self.hours, "open_time", self.hours.read)
            opened = read(cut.end[running], cut.case[running], log) - read(cut.begin[running], cut.case[running], log)
            np.add.at(spent, (cut.case[running], self.rules.running + 1), length[running] - opened)
            length[running] = opened
        np.add.at(spent, (cut.case, cut.state), length)
        return spent[:, self._order()]

    def _order(self) -> list[int]:
        """The state of the rules (the last: office closed) of each part."""
        rules, running = self.rules, self.rules.running
        ours = [running, running + 1] if self.hours is not None else [running]
        return [*([0] if rules.begins else []), *ours, *range(2, running), *([1] if rules.stops else [])]

    def of(self, log: EventLog) -> ServicePart:
        spent = self.of_cases(log)
        whole, beyond = np.divmod(spent, SECOND)
        totals = np.concatenate([one.sum(axis=0) for one in (whole, beyond, spent > 0)]).astype(np.int64)
        side = np.array([(US, OTHERS, OUTSIDE).index(one.whose) for one in self.parts])
        counts = np.array([len(log), log.open.sum()], np.int64)
        week = week_of(log.arrival)
        return ServicePart(_by_week(week, spent, np.arange(len(side))), _by_week(week, spent, side), totals, counts)

    def rows(self, partial: ServicePart, about: About) -> Rows:
        parts, (n, still) = self.parts, partial.counts
        side = np.array([(US, OTHERS, OUTSIDE).index(one.whose) for one in parts])
        whole, beyond, cases = partial.totals.reshape(3, len(parts))
        shares = dict(zip(("share", "low", "high"), partial.weeks.shares()))
        sides = {f"side_{name}": one[side] for name, one in zip(("share", "low", "high"), partial.sides.shares())}
        mean = (whole + beyond / SECOND) / n if n else np.zeros(len(parts))
        return {
            "part": np.array([one.name for one in parts], object),
            "whose": np.array([one.whose for one in parts], object),
            **shares,
            "mean": mean.round().astype("m8[s]"),
            "total": _whole_seconds(whole, beyond).astype("m8[s]"),
            "cases": cases,
            **{name: np.full(len(parts), value) for name, value in (("n", n), ("open", still))},
            **sides,
        }

    def result(self, rows: Rows, about: About, exact: bool) -> ServiceTimes:
        return ServiceTimes(rows, about, exact, self.arguments)


def _by_week(week: Ints, spent: Ints, column: NDArray[np.int64]) -> EntryWeeks:
    """Seconds of each case and part, added up by entry week; several parts may share a column."""
    size = max(int(column.max()) + 1, 3 if len(set(column)) < len(column) else 0)
    return EntryWeeks.of(np.repeat(week, spent.shape[1]), np.tile(column, len(spent)), spent.ravel() / SECOND, size)


def _whole_seconds(whole: Ints, beyond: Ints) -> Ints:
    """Seconds of each part such that they sum to those of the whole: what is left over goes to the largest remainders."""
    more, rest = np.divmod(beyond, SECOND)
    seconds = whole + more
    left = round(int(rest.sum()) / SECOND)
    seconds[np.argsort(-rest, kind="stable")[:left]] += 1
    return seconds


def _said(name: str) -> str:
    return Message(f"service.part.{name}").say()


def _with(whose: str) -> str:
    return Message("service.part.with", {"whose": whose}).say() if whose else _said("others")


def service_times(
    log: Log, *, by: Sequence[str] = (), period: Period | None = None, clock: Clock | None = None
) -> ServiceTimes:
    """In whose hands the time of cases passes: before the clock begins, with us, with each other party, on hold, after.

    The rules are those of the log's spec (`clock`, `suspended`; see `service_clock`), the office's hours its calendars, or
    `clock`. Open cases are counted up to the cutoff. LogError where the spec says nothing of either.
    """
    return ask(log, _question(log, clock), by, period)


def service_cases(log: Log, *, clock: Clock | None = None) -> pd.DataFrame:
    """One row a case: case, arrival, until, open, and its time in each part of `service_times` (timedelta64[us]).

    The parts of a case sum to until - arrival, to the microsecond (as they are on the log's axis: a day on which clocks
    change has 23 or 25 hours).
    """
    import pandas as pd

    held, question = in_memory(log), _question(log, clock)
    spent = question.of_cases(held)
    watched = {name: shown(held.about, getattr(held, name)) for name in ("arrival", "until")}
    fixed = {"case": held.case.values(), **watched, "open": held.open.copy()}
    parts = {unlike(one.name, fixed): spent[:, k].astype("m8[us]") for k, one in enumerate(question.parts)}
    return pd.DataFrame({**fixed, **parts})


def _question(log: Log, clock: Clock | None) -> ServiceSummary:
    about = log.about
    if isinstance(clock, ServiceClock):
        raise ValueError("The rules are those of the log's spec: name a clock of opening hours, or none.")
    hours = office_hours(log) if clock is None and about.calendars else clock
    if hours is None and not about.clock and not about.suspended:
        raise LogError(
            "This log has neither rules for a service clock nor opening hours. Name them in its spec: clock: {begins: "
            "Application complete, stops: [Decided], pauses: [{from_step: Letter sent, to_step: Answer received, whose: "
            'applicant}]}; calendars: {default: {hours: {monday: "08:00-16:00", ...}}}.'
        )
    return ServiceSummary(rules_of(about), hours)
