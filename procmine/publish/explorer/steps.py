"""Steps: which steps an explorer draws, in which order its slider brings them in, and what comes after what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.kernels.durations import SECOND
from procmine.kernels.flow import Ints, following
from procmine.kernels.simplify import MOST_STEPS, WHOLE, Bools, Graph, choose_steps
from procmine.log import EventLog

MOST_DRAWN = 120  # steps that have a place on the map; rarer ones are passed over
STOPS = (MOST_STEPS, 48)  # steps up to which one arrangement of the map serves, besides that of all


@dataclass(frozen=True, eq=False)
class Order:
    """`codes`: all steps that happen, in the order of the slider; the first `drawn` of them have a place on the map, and
    so many as `first` are shown when it opens."""

    many: int  # codes that the log has
    codes: Ints
    drawn: int
    first: int

    @property
    def stops(self) -> tuple[int, ...]:
        """How many steps each arrangement of the map holds."""
        return (*(stop for stop in STOPS if self.drawn > WHOLE and stop < self.drawn), self.drawn)

    def upto(self, stop: int) -> Bools:
        """A mask over codes: the first steps."""
        kept = np.zeros(self.many, bool)
        kept[self.codes[:stop]] = True
        return kept

    def place(self) -> Ints:
        """Per code of the log: its place in the order; what never happens comes last."""
        place = np.full(self.many, len(self.codes), np.int64)
        place[self.codes] = np.arange(len(self.codes))
        return place


def order_of(graph: Graph) -> Order:
    """First the steps that a process map of this log shows, the most frequent first; then the others likewise."""
    there = np.flatnonzero(graph.events)
    first = len(there) if len(there) <= WHOLE else MOST_STEPS
    chosen = choose_steps(graph, most=first) if len(there) else np.zeros(len(graph.events), bool)
    codes = there[np.lexsort((there, -graph.events[there], ~chosen[there]))]
    return Order(len(graph.events), codes, min(len(codes), MOST_DRAWN), first)


def graph_of(log: EventLog, kept: Bools) -> Graph:
    """What follows what among the steps kept (a mask over codes), the others passed over."""
    k = len(kept)
    place = np.flatnonzero(kept[log.activity])
    offset = np.concatenate(([0], np.cumsum(kept[log.activity])))[log.offset]
    pair, has = following(log.activity[place], offset, k)
    time = log.time[place]
    gap = np.diff(time, prepend=time[:1])[has] / SECOND
    codes, which = np.unique(pair, return_inverse=True)
    filled = np.diff(offset) > 0
    last = log.activity[place[offset[1:][filled] - 1]]
    waiting = log.open[filled]
    begins = log.activity[place[offset[:-1][filled]]]
    before, after = np.divmod(codes, max(k, 1))
    n, seconds = np.bincount(which, minlength=len(codes)), np.bincount(which, gap, len(codes)).astype(np.float64)
    counts = [np.bincount(one, minlength=k) for one in (log.activity[place], begins, last[~waiting], last[waiting])]
    return Graph(counts[0], before, after, n, seconds, counts[1], counts[2], counts[3])


def only(graph: Graph, kept: Bools) -> Graph:
    """The moves between the steps kept, and their counts: nothing is passed over."""
    both = kept[graph.before] & kept[graph.after]
    before, after, n = graph.before[both], graph.after[both], graph.n[both]
    counts = [np.where(kept, one, 0) for one in (graph.events, graph.starts, graph.ends, graph.opens)]
    return Graph(counts[0], before, after, n, graph.time[both], counts[1], counts[2], counts[3])
