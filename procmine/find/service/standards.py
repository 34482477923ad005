"""Standards: which part of the cases that were due was done in time, and what that says of the standard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask
from procmine.find.service.stretches import Rule, Run, Stretch, Unit, Where, stops
from procmine.kernels.blocks import EntryWeeks, lags_of, long_run, t_quantile, week_of
from procmine.kernels.partial import Partial
from procmine.kernels.shares import NORMAL, wilson
from procmine.log import EventLog, Log, Summary
from procmine.results import Result, Rows
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.draw.charts import Bar

Floats = NDArray[np.float64]

MET, NOT_MET, CANNOT_TELL = "met", "not met", "cannot tell"
KINDS = ("early", "done", "done_late", "overdue", "otherwise", "running")
LEAST_WEEKS = 8  # with cases due: below, the usual effect of weeks is taken
USUAL_EFFECT = 2.0


@dataclass(frozen=True)
class Standard:
    """ "80% within 30 days from complete application to decision".

    start: a step (its first time), "complete application" (the step that the spec names in clock.begins) or "arrival".
    stop: a step, several (whichever comes first), an outcome, or "any end". within: so many of the unit ("days" and
    "working days" are counted by date, the day it begins not counted). share: percent. where: only cases with these values.
    clock: "service" does not count the pauses of the spec. ValueError for what cannot be.
    """

    name: str
    start: str
    stop: str | tuple[str, ...]
    within: float
    unit: Unit = "days"
    share: float = 80
    where: Where = field(default_factory=dict)
    clock: Rule = "calendar"
    law: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.share <= 100:
            raise ValueError(f"{self.name}: share is in percent, 1 to 100 (80, not 0.8), and not {self.share:g}.")
        if not self.within > 0:
            raise ValueError(f"{self.name}: within must be more than 0, and is {self.within:g}.")
        if self.unit not in ("days", "working days", "hours") or self.clock not in ("calendar", "service"):
            raise ValueError(f'{self.name}: unit is "days", "working days" or "hours"; clock "calendar" or "service".')

    @property
    def stretch(self) -> Stretch:
        return Stretch(self.start, stops(self.stop), self.unit, self.clock, self.where)

    @property
    def limit(self) -> float:
        """In what `Run` counts."""
        return self.within * self.stretch.ticks

    @property
    def said(self) -> Message:
        """As "30 working days"."""
        return counted(self.within, self.unit)


Given: TypeAlias = "str | Path | Standard | Sequence[Standard]"


def standards_of(given: Given) -> tuple[Standard, ...]:
    """From a file, or as they are; ValueError where there is none, or two have one name."""
    if isinstance(given, str | Path):
        from procmine.find.service.file import StandardsFile

        entries = StandardsFile.read(given).standards
        made = tuple(
            Standard(one.name, one.start, stops(one.stop), one.within, one.unit, one.share, values(one.where), one.clock,
                     one.law)
            for one in entries
        )  # fmt: skip
    else:
        made = (given,) if isinstance(given, Standard) else tuple(given)
    if not made:
        raise ValueError("There is no standard. Name one: standards: [{name, from, to, within, share}].")
    check_names([one.name for one in made])
    return made


def values(where: dict[str, str | list[str]]) -> Where:
    return {name: stops(value) for name, value in where.items()}


def check_names(names: Sequence[str]) -> None:
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise ValueError(f"Two are named {twice[0]!r}; each needs a name of its own.")


def counted(number: float, unit: str) -> Message:
    """So many days, working days or hours, in words."""
    key = f"count.{unit.replace(' ', '_')}"
    return Message(key if number != 1 else f"{key}.one", {"n": f"{number:,.10g}"})


@dataclass(frozen=True, eq=False)
class Standards(Result):
    """A row is a standard (of a group): standard; limit (text); due (int): cases whose limit had passed by the cutoff, of
    which done (in time), done_late (ended after the limit) and overdue (still open); share (float): done / due, with low,
    high (95%: Wilson, n divided by the design effect of entry weeks) and week_effect (float, that effect); asked (float);
    verdict: "met", "not met", "cannot tell" (the range holds the target; with a target of 100%: whether any was late),
    "" where none was due.

    Not among the due: otherwise (ended in another way before its limit), running (limit not passed yet, also if done) and
    early (began before the data are complete).
    """

    meaning = "define.standards"

    def findings(self) -> Sequence[Message]:
        told: list[Message] = []
        for row in range(len(self)):
            told += self._told(row)
        return told

    def _told(self, row: int) -> list[Message]:
        one = {name: column[row] for name, column in self.rows.items()}
        base: dict[str, Value] = {name: str(one[name]) for name in ("standard", "limit")}
        base["running"] = int(one["running"])
        if not one["due"]:
            return [Message("standards.none_due", base)]
        shares = {name: float(one[name]) for name in ("share", "low", "high", "asked")}
        key = {MET: "met", NOT_MET: "not_met", CANNOT_TELL: "cannot_tell"}[str(one["verdict"])]
        said = [Message(f"standards.{key}", {**base, **shares, "due": int(one["due"])})]
        if one["overdue"]:
            said.append(Message("standards.overdue", {**base, "n": int(one["overdue"])}))
        if one["otherwise"]:
            said.append(Message("standards.otherwise", {**base, "n": int(one["otherwise"])}))
        if one["early"]:
            said.append(Message("standards.early", {**base, "n": int(one["early"])}))
        return said

    def shown(self) -> Rows:
        return {name: column for name, column in self.rows.items() if name != "week_effect"}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share in time with its range, and what the standard asks as an upright stroke."""
        from procmine.draw.service import shares

        many = len(set(self.rows["standard"])) > 1 or not self.groups
        kept = np.flatnonzero(self.rows["due"] > 0)
        data = [self._bar(int(row), many) for row in kept]
        title = Message("standards.picture").say() if many else str(self.rows["standard"][0])
        axis = Message("standards.axis").say()
        return shares(data, self.rows["asked"][kept], title=title, axis=axis, ax=ax)

    def _bar(self, row: int, many: bool) -> Bar:
        from procmine.draw.charts import Bar

        one = {name: column[row] for name, column in self.rows.items()}
        names = [*([str(one["standard"])] if many else []), *(str(one[name]) for name in self.groups)]
        note = Message("standards.note", {"share": float(one["share"]), "due": int(one["due"])}).say()
        marked = one["verdict"] == NOT_MET
        return Bar(", ".join(names), float(one["share"]), float(one["low"]), float(one["high"]), note, marked)


@dataclass(frozen=True, eq=False)
class StandardsPart(Partial):
    counts: NDArray[np.int64]  # standard x kind
    weeks: EntryWeeks  # done and not done of the due, two columns a standard, by the week in which the stretch began


@dataclass(frozen=True)
class StandardsSummary(Summary[StandardsPart, Standards]):
    standards: tuple[Standard, ...]
    wanted: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.wanted

    def of(self, log: EventLog) -> StandardsPart:
        size = 2 * len(self.standards)
        counts, weeks = [], EntryWeeks(np.empty(0, np.int64), np.zeros((0, size)))
        for k, standard in enumerate(self.standards):
            run = standard.stretch.of(log)
            kind = kinds(run, standard.limit)
            counts.append(np.bincount(kind, minlength=len(KINDS)))
            due = np.flatnonzero(is_due(kind))
            column = 2 * k + (kind[due] != KINDS.index("done"))
            weeks = weeks.merge(EntryWeeks.of(week_of(run.begun[due]), column, np.ones(len(due)), size))
        return StandardsPart(np.array(counts), weeks)

    def rows(self, partial: StandardsPart, about: About) -> Rows:
        shares = [of_weeks(partial.weeks, k) for k in range(len(self.standards))]
        share, low, high, effect = (np.array(column) for column in zip(*shares))
        target = np.array([one.share / 100 for one in self.standards])
        n = dict(zip(KINDS, partial.counts.T.copy()))
        due = n["done"] + n["done_late"] + n["overdue"]
        verdict = [verdict_of(*one) for one in zip(due, share, low, high, target)]
        return {
            "standard": np.array([one.name for one in self.standards], object),
            "limit": np.array([one.said.say() for one in self.standards], object),
            "due": due,
            **{name: n[name] for name in ("done", "done_late", "overdue")},
            **{"share": share, "low": low, "high": high, "week_effect": effect, "asked": target},
            "verdict": np.array(verdict, object),
            **{name: n[name] for name in ("otherwise", "running", "early")},
        }

    def result(self, rows: Rows, about: About, exact: bool) -> Standards:
        return Standards(rows, about, exact, self.arguments)


def kinds(run: Run, limit: float) -> NDArray[np.int64]:
    """Per case the place in KINDS. Who ended otherwise after the limit was late all the same."""
    over = run.spent > limit
    due = run.so_far > limit
    kind = np.where(run.open, np.where(due, 3, 5), np.where(over, 2, np.where(run.reached, 1, 4)))
    kind = np.where(~due & (kind != 2), 5, kind)
    return np.where(run.early, 0, kind)


def is_due(kind: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (kind >= 1) & (kind <= 3)


def of_weeks(weeks: EntryWeeks, k: int) -> tuple[float, float, float, float]:
    """Share done, its range and the design effect, of the k-th standard."""
    pair = weeks.sums[:, 2 * k : 2 * k + 2]
    there = np.flatnonzero(pair.sum(axis=1) > 0)
    dense = np.zeros((0, 2))
    if len(there):
        week = weeks.week[there]
        dense = np.zeros((int(week[-1] - week[0]) + 1, 2))
        dense[week - week[0]] = pair[there]
    return share_of(dense[:, 0], dense.sum(axis=1))


def share_of(done: Floats, due: Floats) -> tuple[float, float, float, float]:
    """Share, low, high (95%) and design effect, of counts by week; weeks in a row, those without a case as zeros.

    Wilson's interval (1927) with n / effect. effect = long-run variance of the weekly sums (Newey-West) over the variance
    of n independent cases, at least 1, and with t instead of the normal quantile, as for `EntryWeeks.shares`. Where the data
    cannot tell it (fewer than 8 weeks with cases, or all alike) it is taken to be 2.
    """
    n = float(due.sum())
    if not n:
        return float("nan"), float("nan"), float("nan"), float("nan")
    share, effect, z = float(done.sum()) / n, USUAL_EFFECT, NORMAL
    if np.count_nonzero(due) >= LEAST_WEEKS and 0 < share < 1:
        lags = lags_of(len(due))
        spread = float(long_run((done - share * due)[:, None], lags)[0])
        effect = max(1.0, spread / (n * share * (1 - share)))
        z = t_quantile(0.975, 1.5 * len(due) / lags)
    low, high = map(float, wilson(share, n / effect, z))
    return share, low, high, effect


def verdict_of(due: int, share: float, low: float, high: float, target: float) -> str:
    if not due:
        return ""
    if target >= 1:
        return MET if share == 1 else NOT_MET  # "all of them" is a matter of fact
    return MET if low > target else NOT_MET if high < target else CANNOT_TELL


def standards(log: Log, standards: Given, *, by: Sequence[str] = (), period: Period | None = None) -> Standards:
    """Which part of the cases due by the cutoff was done in time, closed or not. `standards`: a file, one, or several.

    `late_cases` lists those still open beyond their limit, `breaches` foresees those to come, `near_limit` looks at what
    happens just inside it. A period is that in which a case arrived.
    """
    made = standards_of(standards)
    for one in made:
        one.stretch.check(log.about)
    wanted = tuple(dict.fromkeys(name for one in made for name in one.stretch.needs(log.about)))
    return ask(log, StandardsSummary(made, wanted), by, period)
