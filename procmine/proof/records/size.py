"""Size: before a pilot, the smallest change that this office could see, and by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.proof.cohorts import said_where
from procmine.proof.records.basis import Basis
from procmine.proof.verdict.rule import LEAST_CHANGE
from procmine.results import Result, plain, seconds
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MONTH = 365.25 / 12


@dataclass(frozen=True)
class Wanted:
    """A change that is hoped for: in seconds of the average, by when it would be seen (weeks of cases since the change, last
    day of the data), None: never."""

    size: float
    weeks: int | None
    day: str | None


@dataclass(frozen=True, eq=False)
class Wider(Result):
    """A row per number of offices that take part, the largest added first: offices (int), joined (text), per_month (float)
    cases, visible (timedelta64[s]) and share_visible (of the average) after as many weeks as the headline, wanted_by
    (datetime64[D], NaT: never, or nothing was wanted): the data needed for the change wanted."""

    meaning = "define.plan_size"
    widest: Basis

    def findings(self) -> Sequence[Message]:
        last = {name: column[-1] for name, column in self.rows.items()}
        values: dict[str, Value] = {
            "offices": int(last["offices"]),
            "visible": Span(seconds(last["visible"]), self.day),
        }
        return [Message("size.wider.one", values)]


@dataclass(frozen=True, eq=False)
class PlanSize(Result):
    """A row per number of whole weeks of cases since the change: weeks, cases (int, expected), ask (datetime64[D]): the last
    day of the data that show them, each watched for the same time; visible (timedelta64[s]): the smallest change of the
    average wait that would be seen 4 times in 5, share_visible: in parts of the average before; visible_affected
    (timedelta64[s]): what the cases must change by that are affected, if only a share is; share_within: the smallest change
    of the share done within the standard.

    basis: what it is computed from; headline: the number of weeks that is told first; wanted: the answer for a change that
    is hoped for; wider: more offices; done: the share within the standard, before.
    """

    meaning = "define.plan_size"
    basis: Basis
    headline: int
    wanted: Wanted | None = None
    wider: Wider | None = None
    done: float = float("nan")

    def findings(self) -> Sequence[Message]:
        told = [self._headline(), self._floor(), *self._wanted(), *self._affected(), *self._within(), *self._wider()]
        return [*told, self._counted()]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The smallest change that would be seen, by the last day of the data; with more offices if these were asked for."""
        from procmine.draw.plans import plans

        weeks = np.arange(int(self.rows["weeks"][0]), int(self.rows["weeks"][-1]) + 1)
        bases = {Message("size.this").say(): self.basis}
        if self.wider is not None and len(self.wider) > 1:
            name = Message("size.all", {"offices": int(self.wider.rows["offices"][-1])}).say()
            bases[name] = self.wider.widest
        lines = {name: one.visible(weeks) / self.day for name, one in bases.items()}
        dates = self.basis.days(weeks)
        wanted = None if self.wanted is None else self.wanted.size / self.day
        said = {name: Message(f"size.{name}", self._values()).say() for name in ("title", "up", "across")}
        mark = Message("size.mark", {"wanted": Span(self.wanted.size, self.day)}).say() if self.wanted else ""
        return plans(dates, lines, whole=self.basis.mean / self.day, wanted=wanted, mark=mark, **said, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        wider = {} if self.wider is None else {name: plain(column) for name, column in self.wider.rows.items()}
        return {**super().to_dict(), "wider": wider, "wanted": None if self.wanted is None else vars(self.wanted)}

    def _values(self) -> dict[str, Value]:
        cohort, plan = self.basis.question.cohort, self.basis.dated
        return {
            "cases": round(self.basis.per_week * MONTH / 7),
            "group": said_where(cohort.where) if cohort.where else Message("compare.cases"),
            "mean": Span(self.basis.mean, self.day),
            "watched": Span(plan.horizon / 1e6),
            "weeks": plan.before,
            "floor": Span(self.basis.sight.floor, self.day),
        }

    def _row(self) -> dict[str, Any]:
        at = int(np.flatnonzero(self.rows["weeks"] == self.headline)[0])
        return {name: column[at] for name, column in self.rows.items()}

    def _headline(self) -> Message:
        row, weeks = self._row(), self.headline + self.basis.dated.watched + self.basis.dated.ramp
        values: dict[str, Value] = {
            **self._values(),
            "visible": Span(seconds(row["visible"]), self.day),
            "share": float(row["share_visible"]),
            "months": ceil(weeks * 7 / MONTH),
            "day": str(row["ask"]),
        }
        return Message("size.headline" if row["share_visible"] < 1 else "size.blind", values)

    def _floor(self) -> Message:
        share = self.basis.sight.floor / self.basis.mean
        return Message("size.floor", {**self._values(), "share": share, "least": LEAST_CHANGE})

    def _wanted(self) -> list[Message]:
        if self.wanted is None:
            return []
        values: dict[str, Value] = {**self._values(), "wanted": Span(self.wanted.size, self.day)}
        if self.wanted.day is None:
            return [Message("size.never", values)]
        return [Message("size.wanted", {**values, "day": self.wanted.day, "since": int(self.wanted.weeks or 0)})]

    def _affected(self) -> list[Message]:
        if "visible_affected" not in self.rows:
            return []
        size, share = self._row()["visible_affected"], float(self.arguments["affected"])  # type: ignore[arg-type]
        values: dict[str, Value] = {
            "share": share,
            "size": Span(seconds(size), self.day),
            "day": str(self._row()["ask"]),
        }
        return [Message("size.affected", values)]

    def _within(self) -> list[Message]:
        if "share_within" not in self.rows:
            return []
        values: dict[str, Value] = {
            "done": 100 * self.done,
            "points": 100 * float(self._row()["share_within"]),
            "day": str(self._row()["ask"]),
        }
        return [Message("size.within", {**values, "within": Span(float(self.arguments["within"]) * 86_400)})]  # type: ignore[arg-type]

    def _wider(self) -> list[Message]:
        if self.wider is None or len(self.wider) < 2:
            return []
        rows = self.wider.rows
        values: dict[str, Value] = {"offices": int(rows["offices"][-1]), "day": str(self._row()["ask"])}
        values |= {
            "visible": Span(seconds(rows["visible"][-1]), self.day),
            "before": Span(seconds(rows["visible"][0]), self.day),
        }
        return [Message("size.wider", values)]

    def _counted(self) -> Message:
        looks = int(self.arguments["looks"])  # type: ignore[call-overload]
        return Message("size.counted" if looks < 2 else "size.counted.looks", {**self._values(), "looks": looks})
