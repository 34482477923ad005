"""Simplify: which steps and which moves a readable process map shows."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WHOLE = 24  # a log with no more steps is shown whole
MOST_STEPS = 20  # of a log with more: boxes on one page that can be read
ENOUGH_EVENTS = 0.99  # and no more boxes once they hold this share of its events
ENOUGH_MOVES = 0.98  # no more arrows are added once they carry this share of the moves
ARROWS_A_STEP = 2.0
HEAVY = 0.05  # a move with this share of all time stays on the map, however rare it is
OFTEN = 0.05  # a step at which this share of the cases starts (or stops) has its arrow


@dataclass(frozen=True, eq=False)
class Graph:
    """What follows what. Each move is listed once (`before`, `after`, `n` > 0, `time` in any unit); the rest is per step.

    `events` counts a step's events; `starts` the cases that begin with it, `ends` those that finished with it, `opens`
    those still open after it. A step without events is not in the graph.
    """

    events: Ints
    before: Ints
    after: Ints
    n: Ints
    time: Floats
    starts: Ints
    ends: Ints
    opens: Ints


@dataclass(frozen=True, eq=False)
class Arrows:
    """The arrows shown, as masks over moves and over steps; every step of the graph is on a way from start to end."""

    moves: Bools
    starts: Bools
    ends: Bools
    opens: Bools


def choose_steps(graph: Graph, *, most: int | None = None, must: Ints | None = None) -> Bools:
    """The steps to show: first `must`, then those beside the moves that take most time, then by events.

    most: at least 1; None shows all if there are at most 24, else up to 20, fewer if they hold 99% of the events. Ties go
    to the lower code, so that the same log always gives the same map. `most` holds even against `must`.
    """
    if most is not None and most < 1:
        raise ValueError(f"A map needs at least one step, but steps={most}.")
    present = np.flatnonzero(graph.events)
    by_events = present[np.argsort(-graph.events[present], kind="stable")]
    room = most or (len(present) if len(present) <= WHOLE else MOST_STEPS)
    if most is None and len(present) > WHOLE:
        before = np.cumsum(graph.events[by_events]) - graph.events[by_events]
        by_events = by_events[before < ENOUGH_EVENTS * graph.events.sum()]
    heavy = _heavy(graph)
    beside = np.column_stack((graph.before[heavy], graph.after[heavy])).ravel()
    first = np.empty(0, np.int64) if must is None else must
    wanted = np.concatenate((first, _distinct(beside)[: max(1, room // 2)], by_events))
    steps = np.zeros(len(graph.events), bool)
    steps[_distinct(wanted)[:room]] = True
    return steps


def choose_arrows(graph: Graph, *, must: Ints | None = None) -> Arrows:
    """The moves to show: each step's widest way from a start and to an end, its best move in and out, heavy moves, `must`
    (moves), and then the most frequent while there are fewer than two arrows a step.
    """
    into, out = _widest(graph, forward=True), _widest(graph, forward=False)
    moves = np.zeros(len(graph.n), bool)
    for link in (into, out):
        moves[link[link >= 0]] = True
    moves[_heavy(graph)] = True
    moves[[] if must is None else must] = True
    moves |= _best(graph.before, graph, graph.ends + graph.opens) | _best(graph.after, graph, graph.starts)
    moves = _fill(graph, moves, round(ARROWS_A_STEP * np.count_nonzero(graph.events)))
    ended = graph.ends >= graph.opens
    return Arrows(
        moves,
        _often(graph.starts) | (into == FROM_OUTSIDE),
        _often(graph.ends) | ((out == FROM_OUTSIDE) & ended),
        _often(graph.opens) | ((out == FROM_OUTSIDE) & ~ended),
    )


NO_WAY, FROM_OUTSIDE = -2, -1


def _widest(graph: Graph, *, forward: bool) -> Ints:
    """Per step: the last move of its widest way from a start (or the first of its widest way to an end).

    The width of a way is its rarest move (Dijkstra's algorithm with min in place of +, the maximum-bottleneck path). Among
    equals the one with fewer moves, then lower codes. FROM_OUTSIDE: the widest way is to start (end) there itself.
    """
    near, far = (graph.before, graph.after) if forward else (graph.after, graph.before)
    gate = graph.starts if forward else graph.ends + graph.opens
    order = np.argsort(near, kind="stable")
    bounds = np.searchsorted(near[order], np.arange(len(gate) + 1))
    link = np.full(len(gate), NO_WAY, np.int64)
    queue = [(-n, 0, step, FROM_OUTSIDE) for step, n in enumerate(gate.tolist()) if n]
    heapq.heapify(queue)
    while queue:
        width, hops, step, move = heapq.heappop(queue)
        if link[step] != NO_WAY:
            continue
        link[step] = move
        for onward in order[bounds[step] : bounds[step + 1]].tolist():
            if link[far[onward]] == NO_WAY:
                heapq.heappush(queue, (max(width, -int(graph.n[onward])), hops + 1, int(far[onward]), onward))
    return link


def _heavy(graph: Graph) -> Ints:
    """Moves that carry a large share of all time, most first."""
    total = graph.time.sum()
    order = np.argsort(-graph.time, kind="stable")
    return order[graph.time[order] >= HEAVY * total] if total > 0 else order[:0]


def _distinct(codes: Ints) -> Ints:
    """Without repeats, in the order of first appearance."""
    return codes[np.sort(np.unique(codes, return_index=True)[1])]


def _best(side: Ints, graph: Graph, gate: Ints) -> Bools:
    """For each step its most frequent move on one side to another step, unless more cases stop (or start) there."""
    able = np.flatnonzero((graph.before != graph.after) & (graph.n > gate[side]))
    able = able[np.lexsort((able, -graph.n[able], side[able]))]
    best = np.zeros(len(graph.n), bool)
    best[able[np.unique(side[able], return_index=True)[1]]] = True
    return best


def _fill(graph: Graph, moves: Bools, room: int) -> Bools:
    """Add the most frequent moves until there are enough arrows or they carry enough of the moves."""
    moves = moves.copy()
    others = np.flatnonzero(~moves)
    for move in others[np.argsort(-graph.n[others], kind="stable")].tolist():
        if moves.sum() >= room or graph.n[moves].sum() >= ENOUGH_MOVES * graph.n.sum():
            break
        moves[move] = True
    return moves


def _often(counts: Ints) -> Bools:
    often: Bools = (counts > 0) & (counts >= OFTEN * counts.sum())
    return often
