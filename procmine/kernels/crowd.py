"""Crowd: the cases that a simulation follows, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Crowd:
    """One entry per simulated case. All times are microseconds on the log's axis.

    like: the case of the log whose attributes it has. key: of its random numbers. arrival: when it came. begun: when the
    stay in which it is now began. context: of the chain. known: up to when it is known that this stay goes on; its remaining
    time is drawn on that condition (`begun`: nothing is known yet). resumed: it is an open case of the log itself, and goes
    on. world: cases compete only within one (the number of the replication).
    """

    like: Ints
    key: Words
    arrival: Ints
    begun: Ints
    context: Ints
    known: Ints
    resumed: Flags
    world: Ints


@dataclass(frozen=True, eq=False)
class Events:
    """Events in order of (path, time): number of the case in the crowd, step (an activity's code, or a new one), time."""

    path: Ints
    step: Ints
    time: Ints


@dataclass(frozen=True, eq=False)
class Arm:
    """What became of each case of a crowd.

    ended: when (NEVER: not by the limit). last: its last step (-1: none; new steps count on). cost: of its steps and days.
    spent: [steps + new steps + 1] microseconds, over all cases, from the event before to each step within the limit; last:
    to ends that are no step. waited: [pools] microseconds in queues, over all cases; queue: [pools, days] mean length by day
    since the crowd's first arrival; both empty without pools. events: where asked for.
    """

    ended: Ints
    last: Ints
    cost: Floats
    spent: Floats
    waited: Floats
    queue: Floats
    events: Events | None = None
