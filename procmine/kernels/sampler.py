"""Sampler: the tables that paths are drawn from, and draws in proportion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels import randoms
from procmine.kernels.episodes import Episodes
from procmine.kernels.operational import Clocks
from procmine.kernels.randoms import keys as keys

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = 2**62  # microseconds: later than anything; two of them still fit a 64-bit integer


def uniform(key: Words, step: Ints, purpose: int) -> Floats:
    """In [0, 1): the number of this path, step and purpose, where there are no visits to count."""
    return randoms.uniform(key, step, np.full(np.shape(step), purpose), 0)


@dataclass(frozen=True, eq=False)
class Drawable:
    """Rows from which (gap, cause) are drawn together; they lie table by table, by gap.

    `key[i]` = number of row i's table + the share that has gone by row i; shares may stop below 1: then a case never leaves
    (gap NEVER). `first[t]`, `first[t + 1]`: rows of table t. `gap` and `cause` have one row more than `key`, for those.
    `when[i]` = number of the table x `wide` + gap.
    """

    key: Floats
    first: Ints
    gap: Ints
    cause: Ints
    when: Ints
    wide: int
    episode: Ints | None = None  # per row, and one more: the episode in which it ends, -1 where its cause is no block


@dataclass(frozen=True, eq=False)
class Chain:
    """Where paths go: `table[stratum, context]` to draw from, `follow[context, step]` = the next context.

    A visit ends at the earlier of two independent times: when it is decided what happens to the case, and when its people
    give up (causes in `leaving`); at the same moment the decision stands. `every` draws which comes first and when;
    `decide` and `leave` draw the other one where a rule asks for it.
    """

    table: Ints
    follow: NDArray[np.int32]
    every: Drawable
    decide: Drawable
    leave: Drawable
    leaving: Flags  # per cause
    start: int  # the context of a case that has just arrived
    last: Ints | None = None  # per context: its last step; the number of steps for the arrival
    shorter: Ints | None = None  # per context: the same without its oldest step, -1 at length 1
    trust: Floats | None = None  # [stratum, context]: chance to draw from its own table, else from the shorter one's
    clocks: Clocks | None = None  # gaps are in operational time; None: in calendar time
    clock: Ints | None = None  # per last step: the clock that runs while a case stays there
    frailty: Floats | None = (
        None  # [classes, places + 1]: which quantile a class of cases draws at each place of [0, 1]
    )
    episodes: Episodes | None = None  # causes between the activities and the end are blocks, played from these

    @property
    def end(self) -> int:
        """The cause that finishes a case."""
        return int(self.follow.shape[1])


def spread(weight: Floats, n: int, start: float) -> Ints:
    """`n` places drawn in proportion to `weight`, evenly spaced (systematic sampling); `start` in [0, 1)."""
    upto = np.cumsum(weight)
    place: Ints = np.searchsorted(upto, (np.arange(n) + start) / n * upto[-1], side="right")
    return np.minimum(place, len(weight) - 1)


def quantile(sorted_time: NDArray[Any], p: float) -> float:
    """First time by which at least the share p has ended, of times sorted along one axis; inf if never."""
    place = int(np.ceil(p * len(sorted_time) - 1e-9)) - 1
    return float(sorted_time[max(place, 0)])
