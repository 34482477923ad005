"""Map difference as a result: its rows, its sentences, its two pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.draw.workbook import Sheet
from procmine.kernels.simplify import Graph
from procmine.log import day_of
from procmine.proof.cohorts import YEAR
from procmine.proof.moved.moves import MovesSummary, Told
from procmine.proof.moved.table import BEGIN, END, KINDS, MOVE, STEP, STILL
from procmine.results import Result, Rows, in_days, plain, seconds
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from procmine.proof.moved.pictured import Pictured

TOLD = 3  # of each kind of difference, in sentences
HERE = 0.01  # of the cases: a step that fewer came to was hardly there
LONGER = 0.05  # of those that came to a step: so many still there, and an average wait is a lower end
SMALL = 0.05  # of the larger of two parts: what is left over is not told
SHOWN = ("kind", "before", "after", "stands_out", "cases_before", "cases_after", "share_before", "share_after",
         "wait_next_before", "wait_next_after", "wait_next_change", "time_change")  # fmt: skip


@dataclass(frozen=True, eq=False)
class MapDifference(Result):
    """One row per kind and place: the whole case; each step; each move from `before` to `after`, the step a case begins
    with, where it ends, and where it still waits when watching ends.

    before, after (text); stands_out (text: what does, "" for nothing: shorter or longer waits are "faster", "slower").
    cases_before, cases_after (int) that come there while they are watched. Each of the following with _before, _after,
    _change and, where it was looked at, the ends _low and _high of its range (see `definition`): share (0..1) of all cases;
    share_next (0..1): of those that go on from `before`, how many go this way (still waiting: of all that come there, those
    that have not gone on); wait_next (timedelta64[s]): average of those that go this way, who has not gone on counted; time
    (timedelta64[s]): average over all cases of the time that ends here. The times of steps, of ends and of still waiting
    add up to that of the whole case. NaT, nan: too few to tell, or no such measure.

    paths: a row per path of steps ("…": goes on), with its share of all cases; its ranges hold together among the paths.
    """

    meaning = "define.map_difference"
    question: MovesSummary
    told: Told
    paths: Rows
    graph: Graph
    all_steps: int
    instead: Message | None

    def findings(self) -> Sequence[Message]:
        if self.instead is not None:
            return [self.instead]
        differences = [*self._gone(), *self._waits(), *self._ways(), *self._steps()]
        return [self._whole(), *self.moved(), *self.left_the_log(), self._counted(), *differences, *self._notes()]

    def moved(self) -> Sequence[Message]:
        """Time that moved from one step to another, with both numbers and what the whole case gained."""
        change = self.rows["time_change"] / np.timedelta64(1, "s")
        fell, rose = self._said("less time"), self._said("more time") & self._really_longer()
        if not fell.any() or not rose.any():
            return []
        most = int(np.argmin(np.where(fell, change, np.inf))), int(np.argmax(np.where(rose, change, -np.inf)))
        spans: dict[str, Value] = {"less": self._span(change[most[0]]), "more": self._span(change[most[1]])}
        known = self._whole_known(SMALL * float(np.abs(change[list(most)]).max()))
        rest = float(change[0] - change[most[0]] - change[most[1]])
        values = {
            **spans,
            "fell": self._place(most[0]),
            "rose": self._place(most[1]),
            "rest": self._rest(rest, change[list(most)]) if known != "unclear" else Message("nothing"),
        }
        told = Message(f"moved.time.whole.{known}", {"whole": self._span(float(change[0]))})
        return [Message("moved.time", {**values, "whole": told})]

    def _whole_known(self, small: float) -> str:
        """Whether the whole case took less, more or the same, or that its range holds both."""
        change, low, high = (seconds(self.rows[f"time_{end}"][0]) for end in ("change", "low", "high"))
        if low <= 0 <= high and max(-low, high) >= small:
            return "unclear"
        return "same" if abs(change) < small else _less(change)

    def left_the_log(self) -> Sequence[Message]:
        """Signs that work is done where the log does not see it."""
        said = list[Message]()
        before, after, change = (float(one) for one in self.told.steps[:3])
        if self.told.steps_out and change < 0:
            said.append(Message("moved.left.steps", {"before": before, "after": after}))
        begins = np.flatnonzero((self.rows["kind"] == BEGIN) & self._said("more often"))
        said += [Message("moved.left.begin", self._values(row)) for row in begins[:1].tolist()]
        for row in self._gone_rows():
            time = self._span(seconds(self.rows["time_before"][row]))
            said.append(Message("moved.left.gone", {**self._values(row), "time": time}))
        return [*said, Message("moved.left.ask")] if said else []

    def shown(self) -> Rows:
        """What stands out first, then the largest parts of the time."""
        out = self.rows["stands_out"] == ""
        time = np.nan_to_num(self.rows["time_before"] / np.timedelta64(1, "s"))
        kind = np.array([KINDS.index(one) for one in self.rows["kind"]])
        order = np.lexsort((-time, kind, out & (kind > 0)))
        return {name: self.rows[name][order] for name in SHOWN}

    @property
    def pictured(self) -> bool:
        return self.instead is None and bool(self.graph.events.any())

    @property
    def picture(self) -> Pictured:
        """All that is drawn, as plain data."""
        from procmine.proof.moved.pictured import pictured

        if not self.pictured:
            raise ValueError("There is no map to draw: " + " ".join(self.sentences()[:1]))
        return pictured(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """One map coloured by what is different, in print size, or (without caption) on your axes."""
        from procmine.draw.map_difference import draw_difference
        from procmine.draw.process_map import draw_map_on

        if ax is None:
            return draw_difference(self.picture.difference, self.picture.legend).axes[0]
        draw_map_on(ax, self.picture.difference)
        return ax

    def plot_both(self) -> Figure:
        """Before and since side by side (wide maps one above the other), every step in the same place in both."""
        from procmine.draw.map_difference import draw_both

        return draw_both(self.picture.both)

    def save(self, path: str | Path) -> Path:
        """Write the one map as .png (300 dpi), .svg or .pdf; replaces `path` when complete."""
        from procmine.draw.map_difference import draw_difference
        from procmine.draw.picture import save

        return save(draw_difference(self.picture.difference, self.picture.legend), path, alt=self.alt)

    def save_both(self, path: str | Path) -> Path:
        """As save(), of before and since side by side."""
        from procmine.draw.picture import save

        return save(self.plot_both(), path, alt=self._alt_both())

    @property
    def alt(self) -> str:
        return " ".join([Message("moved.alt").say(), *self.sentences()])

    def to_dict(self) -> dict[str, Any]:
        paths = {name: plain(column) for name, column in self.paths.items()}
        return {**super().to_dict(), "paths": paths, "differences_looked_at": self.told.counted}

    def to_excel(self, path: str | Path) -> None:
        """A workbook: a sheet of rows, one of paths, one of definitions; replaces `path` when complete."""
        from procmine.draw.workbook import write_workbook

        columns = dict(in_days(name, column, self.day) for name, column in self.paths.items())
        write_workbook([self.sheet(), Sheet("Paths", columns, [])], Message("sheet.definitions").say(), Path(path))

    def _repr_html_(self) -> str:
        from procmine.draw.picture import image_tag

        both = image_tag(self.plot_both(), self._alt_both()) if self.pictured else ""
        return super()._repr_html_() + both

    def _alt_both(self) -> str:
        return Message("moved.alt.both", self._named()).say()

    def _named(self) -> dict[str, Value]:
        plan = self.question.plan
        return {"change": day_of(self.about, plan.change), "watched": Span(plan.horizon / 1e6)}

    def _span(self, length: float) -> Span:
        return Span(abs(float(length)), self.day)

    def _said(self, words: str) -> NDArray[np.bool_]:
        """Rows of which this stands out."""
        return np.array([words in one.split(", ") for one in self.rows["stands_out"]], bool)

    def _whole(self) -> Message:
        difference, low, high = (seconds(self.rows[f"time_{end}"][0]) for end in ("change", "low", "high"))
        if low <= 0 <= high:
            return Message("moved.whole.none", self._named())
        ends = sorted((abs(low), abs(high)))
        values: dict[str, Value] = {
            "difference": self._span(difference),
            "low": self._span(ends[0]),
            "high": self._span(ends[1]),
        }
        return Message(f"moved.whole.{_less(difference)}", {**self._named(), **values})

    def _counted(self) -> Message:
        values: dict[str, Value] = {"out": self.told.out, "counted": self.told.counted}
        return Message("moved.some" if self.told.out else "moved.none", values)

    def _values(self, row: int) -> dict[str, Value]:
        one = {name: column[row] for name, column in self.rows.items()}
        values: dict[str, Value] = {"before": str(one["before"]), "after": str(one["after"])}
        for period in ("before", "after"):
            values[f"next_{period}"] = 100 * float(one[f"share_next_{period}"])
            values[f"share_{period}"] = 100 * float(one[f"share_{period}"])
        return values

    def _place(self, row: int) -> Message:
        return Message(
            "moved.time.still" if self.rows["kind"][row] == STILL else "moved.time.before", self._values(row)
        )

    def _rest(self, rest: float, parts: NDArray[np.float64]) -> Message:
        if abs(rest) < max(SMALL * float(np.abs(parts).max()), 1.0):
            return Message("nothing")
        said = Message(f"moved.time.rest.{_less(rest)}", {"span": self._span(rest)})
        return Message("moved.time.rest", {"rest": said})

    def _really_longer(self) -> NDArray[np.bool_]:
        """Rows where more time is no mere sign of more cases coming there sooner, within the time of watching."""
        kind, after = self.rows["kind"], self.rows["after"]
        into = self._said("slower") | (self._said("more often") & np.isin(kind, (MOVE, BEGIN)))
        steps = set(after[into])
        new = self.rows["share_before"] < HERE
        return np.array(
            [one == STILL or (one == STEP and (step in steps or fresh)) for one, step, fresh in zip(kind, after, new)]
        )

    def _gone_rows(self) -> list[int]:
        step = (self.rows["kind"] == STEP) & self._said("fewer") & (self.rows["cases_after"] == 0)
        found: list[int] = np.flatnonzero(step).tolist()
        return found

    def _gone(self) -> list[Message]:
        new = (self.rows["kind"] == STEP) & self._said("more") & (self.rows["cases_before"] == 0)
        said = [Message("moved.gone", self._values(row)) for row in self._gone_rows()]
        return [*said, *(Message("moved.new", self._values(row)) for row in np.flatnonzero(new).tolist())]

    def _waits(self) -> list[Message]:
        out = np.flatnonzero(self._said("slower") | self._said("faster"))
        size = np.abs(self.rows["wait_next_change"][out] / np.timedelta64(1, "s")) * self.rows["share_before"][out]
        return [self._wait(row) for row in out[np.argsort(-size, kind="stable")][:TOLD].tolist()]

    def _wait(self, row: int) -> Message:
        one = {end: seconds(self.rows[f"wait_next_{end}"][row]) for end in ("before", "after", "change", "low", "high")}
        ends = sorted((abs(one["low"]), abs(one["high"])))
        values: dict[str, Value] = {f"wait_{end}": self._about(row, end, one[end]) for end in ("before", "after")}
        values |= {"low": self._span(ends[0]), "high": self._span(ends[1])}
        return Message(
            "moved.wait", {**self._values(row), **values, "less_or_more": Message(f"moved.{_less(one['change'])}")}
        )

    def _about(self, row: int, period: str, length: float) -> Value:
        """The average wait; "or more" where some had not gone on when watching ended."""
        span = self._span(length)
        return Message("moved.at_least", {"span": span}) if self.cut_short(row, period) else span

    def cut_short(self, row: int, period: str) -> bool:
        """Whether more than a few of those that came to this row's `before` had not gone on when watching ended."""
        still = (self.rows["kind"] == STILL) & (self.rows["before"] == self.rows["before"][row])
        return bool((self.rows[f"share_next_{period}"][still] > LONGER).any())

    def _ways(self) -> list[Message]:
        out = np.flatnonzero(self._said("more often") | self._said("less often"))
        size = (
            np.abs(self.rows["share_next_change"][out])
            * np.maximum(self.rows["cases_before"], self.rows["cases_after"])[out]
        )
        keys = {MOVE: "moved.next", BEGIN: "moved.begin", END: "moved.end", STILL: "moved.still"}
        told: dict[str, Message] = {}
        for row in out[np.argsort(-size, kind="stable")].tolist():
            kind, before = self.rows["kind"][row], self.rows["before"][row]
            told.setdefault(before, Message(keys[kind], {**self._values(row), "watched": self._watched(row)}))
        return list(told.values())[:TOLD]  # what more go one way, fewer go another: one of a step says both

    def _watched(self, row: int) -> Span:
        step = self.rows["before"][row]
        place = self.about.activities.index(step) if step in self.about.activities else -1
        return Span(self.question.watched[place] / 1e6)

    def _steps(self) -> list[Message]:
        here = (self.rows["cases_before"] > 0) & (self.rows["cases_after"] > 0)
        out = np.flatnonzero((self.rows["kind"] == STEP) & here & (self._said("more") | self._said("fewer")))
        size = np.abs(self.rows["share_change"][out])
        return [
            Message("moved.step", self._values(row)) for row in out[np.argsort(-size, kind="stable")][:TOLD].tolist()
        ]

    def _notes(self) -> list[Message]:
        weeks = {f"weeks_{period}": self.question.plan.weeks(period)[1] for period in ("before", "after")}
        cases = {period: int(self.rows[f"cases_{period}"][0]) for period in ("before", "after")}
        steps: dict[str, Value] = {"steps": int(np.count_nonzero(self.graph.events)), "all": self.all_steps}
        return [
            Message("moved.cases", {**self._named(), **weeks, **cases}),
            *([Message("moved.steps", steps)] if steps["steps"] != steps["all"] else []),
            Message("moved.since"),
            *([Message("moved.season")] if weeks["weeks_after"] < YEAR else []),
        ]


def _less(change: float) -> str:
    return "less" if change < 0 else "more"
