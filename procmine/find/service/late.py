"""Late cases: those still open beyond the limit of a standard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.find.service.standards import Given, Standard, standards_of
from procmine.kernels.flow import Ints
from procmine.log import EventLog, Log, in_memory, shown
from procmine.results import Result, Rows
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_DRAWN = 15


@dataclass(frozen=True, eq=False)
class LateCases(Result):
    """A row is a case still open beyond its limit, longest over first, standard by standard. For the team only.

    standard; case; begun (datetime64[D]); spent (float, in the standard's unit, up to the moment after the cutoff); limit
    (float); over (float): spent - limit; unit (text); step: its latest step; step_day (datetime64[D]). Cases begun before
    the data are complete are listed too, though no share counts them.
    """

    meaning = "define.late_cases"
    none_is_an_answer = True

    def findings(self) -> Sequence[Message]:
        names = list(dict.fromkeys(self.rows["standard"]))
        return [self._told(str(name)) for name in names]

    def _told(self, name: str) -> Message:
        here = np.flatnonzero(self.rows["standard"] == name)
        steps, many = np.unique(self.rows["step"][here].astype(str), return_counts=True)
        most = int(np.argmax(many))
        over = f"{self.rows['over'][here].max():,.10g}"
        values: dict[str, Value] = {
            "standard": name,
            "n": len(here),
            "over": over,
            "unit": str(self.rows["unit"][here[0]]),
        }
        return Message("late.told", {**values, "step": str(steps[most]), "there": int(many[most])})

    def messages(self) -> Sequence[Message]:
        return super().messages() if len(self) else [Message("late.none")]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The longest of the first standard: how long each has taken, and the limit."""
        from procmine.draw.service import overdue

        here = np.flatnonzero(self.rows["standard"] == self.rows["standard"][0])[:MOST_DRAWN]
        labels = [f"{case}: {step}" for case, step in zip(self.rows["case"][here], self.rows["step"][here])]
        unit, limit = str(self.rows["unit"][here[0]]), float(self.rows["limit"][here[0]])
        axis, mark = (Message(key, {"unit": unit, "limit": f"{limit:g}"}).say() for key in ("late.axis", "late.limit"))
        title = Message("late.picture", {"standard": str(self.rows["standard"][0])}).say()
        return overdue(labels, self.rows["spent"][here], limit, title=title, axis=axis, mark=mark, ax=ax)


def late_cases(log: Log, standards: Given) -> LateCases:
    """The cases that are still open and whose limit has passed, with the step they have come to."""
    here = in_memory(log)
    made = standards_of(standards)
    for one in made:
        one.stretch.check(here.about)
    tables = [_rows(here, one) for one in made]
    rows = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    return LateCases(rows, here.about, True, {"standards": made})


def _rows(log: EventLog, standard: Standard) -> Rows:
    run = standard.stretch.of(log)
    late = np.flatnonzero(run.open & (run.so_far > standard.limit))
    late = late[np.argsort(-run.so_far[late], kind="stable")]
    case, size = run.case[late], standard.stretch.ticks
    step, since = latest_step(log)
    spent = run.so_far[late] / size
    return {
        "standard": np.full(len(late), standard.name, object),
        "case": log.case.take(case).values(),
        "begun": shown(log.about, run.begun[late]).astype("M8[D]"),
        "spent": spent,
        "limit": np.full(len(late), float(standard.within)),
        "over": spent - standard.within,
        "unit": np.full(len(late), standard.unit, object),
        "step": step[case],
        "step_day": shown(log.about, since[case]).astype("M8[D]"),
    }


def latest_step(log: EventLog) -> tuple[NDArray[np.object_], Ints]:
    """Per case the name of its latest step ("" without any), and when that was (else its arrival)."""
    filled = np.flatnonzero(np.diff(log.offset))
    last = log.offset[filled + 1] - 1
    name, since = np.full(len(log), "", object), log.arrival.copy()
    name[filled] = np.array(log.about.activities, object)[log.activity[last]]
    since[filled] = log.time[last]
    return name, since
