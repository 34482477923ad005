"""Spectrum: every case's way from one step to the next, drawn along the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints, path_codes
from procmine.log import EventLog, Log, LogError, codes_of, in_memory, shown
from procmine.results import Result, Rows, timedeltas
from procmine.see.times import milestone
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LINES = 3_000  # a segment; more are a grey field
MOST_STEPS = 6
LEAST = 4  # passages before they are told apart by how long they took


@dataclass(frozen=True, eq=False)
class Spectrum(Result):
    """One row per passage of a case from a step to the next: team only, as each row and each line is one case.

    before, after (text): the steps; begin, end (datetime64[us], end NaT: not reached); elapsed (timedelta64[s]) up to the
    end, else up to when watching stopped; open (bool): the case is still under way; quarter (int): 1 the fastest quarter of
    the passages of this pair that ended, up to 4, the slowest; 0 where it did not end.
    """

    meaning = "define.spectrum"

    def findings(self) -> Sequence[Message]:
        ended = self.rows["quarter"] > 0
        values: dict[str, Value] = {
            "n": len(self),
            "ended": int(ended.sum()),
            "open": int((self.rows["open"] & ~ended).sum()),
        }
        said = []
        for before, after in dict.fromkeys(zip(self.rows["before"], self.rows["after"])):
            here = (self.rows["before"] == before) & (self.rows["after"] == after) & ended
            if here.any():
                half = Span(float(np.median(self.rows["elapsed"][here].astype(np.int64))))
                said.append(
                    Message("spectrum.pair", {"before": before, "after": after, "n": int(here.sum()), "p50": half})
                )
        return [Message("spectrum.counts", values), *said]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Two rails a pair of steps, one line a case; at most 3,000 lines a pair are drawn, evenly chosen."""
        from procmine.draw.timelines import Segment, spectrum

        drawn = []
        for before, after in dict.fromkeys(zip(self.rows["before"], self.rows["after"])):
            place = np.flatnonzero((self.rows["before"] == before) & (self.rows["after"] == after))
            place = place[np.linspace(0, len(place) - 1, min(MOST_LINES, len(place))).astype(np.int64)]
            one: dict[str, Any] = {name: self.rows[name][place] for name in ("begin", "end", "quarter")}
            stop = np.where(np.isnat(one["end"]), one["begin"] + self.rows["elapsed"][place], one["end"])
            drawn.append(Segment(before, after, one["begin"], stop, one["quarter"]))
        names = [Message(f"spectrum.quarter.{quarter}").say() for quarter in range(5)]
        n = Message("picture.cases.team", {"n": int(str(self.arguments["cases"]))}).say()
        title = Message("spectrum.picture").say()
        return spectrum(drawn, names=names, title=title, footer=n, ax=ax)


def performance_spectrum(log: Log, steps: Sequence[str] = ()) -> Spectrum:
    """How each case went from step to step: steep lines are fast, bundles that end together are batches or sessions.

    `steps`: two or more, in order (stages may stand for steps); without, those of the most frequent path, at most six.
    Between two steps the first occurrence of each counts, the second from the first on. Needs the log in memory.
    """
    log = in_memory(log)
    named = tuple(steps) or _usual(log)
    if len(named) < 2:
        raise LogError("A spectrum needs two steps: performance_spectrum(log, ['Petition filed', 'Order issued']).")
    for step in named:
        codes_of(log.about, step)
    tables = [_passages(log, before, after) for before, after in pairwise(named)]
    rows = {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}
    return Spectrum(rows, log.about, True, {"steps": named, "cases": len(log)})


def _usual(log: EventLog) -> tuple[str, ...]:
    """The different steps of the most frequent path, in order."""
    path = path_codes(log.activity, log.offset)
    found, first, count = np.unique(path, return_index=True, return_counts=True)
    if not len(found):
        return ()
    case = int(first[np.argmax(np.where(np.diff(log.offset)[first] > 1, count, 0))])
    codes = log.activity[log.offset[case] : log.offset[case + 1]]
    return tuple(log.about.activities[code] for code in dict.fromkeys(codes.tolist()))[:MOST_STEPS]


def _passages(log: EventLog, before: str, after: str) -> Rows:
    begin = milestone(before).place(log)
    end = milestone(after).place(log, begin)
    here = np.flatnonzero(begin >= 0)
    reached = end[here] >= 0
    stop: Ints = np.where(reached, log.time[end[here]], log.until[here])
    elapsed = stop - log.time[begin[here]]
    order = np.argsort(log.time[begin[here]], kind="stable")
    names = {"before": np.full(len(here), before, object), "after": np.full(len(here), after, object)}
    end_shown = np.where(reached, shown(log.about, stop), np.datetime64("NaT"))
    rows: dict[str, NDArray[Any]] = {
        **names,
        "begin": shown(log.about, log.time[begin[here]]),
        "end": end_shown,
        "elapsed": timedeltas(elapsed / 1e6),
        "open": log.open[here],
        "quarter": _quarters(elapsed, reached),
    }
    return {name: column[order] for name, column in rows.items()}


def _quarters(elapsed: Ints, reached: NDArray[np.bool_]) -> Ints:
    quarter = np.zeros(len(elapsed), np.int64)
    if reached.sum() >= LEAST:
        edges = np.quantile(elapsed[reached], (0.25, 0.5, 0.75))
        quarter[reached] = 1 + np.searchsorted(edges, elapsed[reached], side="left")
    else:
        quarter[reached] = 1
    return quarter
