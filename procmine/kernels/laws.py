"""Laws: what paths are walked by, as plain arrays that the compiled walk and its numpy twin both read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER = 2**62
DAY = 86_400_000_000
# What a random number is for; edits take two each from EDIT on.
FIRST, OTHER, FRAILTY, RAMP, ROUTE, ROUTED = range(6)
BACKOFF, EDIT = 8, 64


class Rows(NamedTuple):
    """A Drawable; episode: per row, -1 where its cause is no block."""

    key: Floats
    first: Ints
    gap: Ints
    cause: Ints
    episode: Ints


class Law(NamedTuple):
    """A Chain; what it has not is an array without effect. Causes from `activities` on are blocks; `members` to `within`:
    Episodes, as `offset`, `step`, `lag`, `first`, `needed`, `within` there.
    """

    every: Rows
    decide: Rows
    leave: Rows
    table: Ints
    follow: NDArray[np.int32]
    shorter: Ints
    trust: Floats
    clock: Ints
    origin: int
    upto: Floats
    whole: int
    frailty: Floats
    leaving: Flags
    splits: bool
    activities: int
    members: Ints
    step: Ints
    lag: Ints
    needs: Ints
    needed: Ints
    within: Flags


class Rules(NamedTuple):
    """Changes. touches, skips, inserts: per cause, whether an edit of that kind may hold. stirs: per cause, whether any of
    it can change a stay that ends so, of a case that it is for. share: per route, then per pair of `swapped`, what has gone
    by each row to its step; rest: to any. knocked: [swapped, causes].
    """

    kind: Ints
    step: Ints
    after: Ints
    chance: Floats
    factor: Floats
    limit: Ints
    new: Ints
    ready: Floats
    clock: Ints
    scope: Ints
    table: Floats
    table_at: Ints
    held: Ints
    held_at: Ints
    planned: Ints
    planned_at: Ints
    touches: Flags
    skips: Flags
    inserts: Flags
    stirs: Flags
    routes: int
    route_after: Ints
    route_step: Ints
    route_chance: Floats
    route_scope: Ints
    share: Floats
    rest: Floats
    due_limit: Ints
    due_new: Ints
    due_after: Ints
    due_scope: Ints
    pair_first: Flags
    pair_second: Flags
    pair_length: Ints
    beside: Ints
    swapped: Ints
    knocked: Flags
    price: Floats
    price_day: float


class Cases(NamedTuple):
    """The cases that are followed. applies, start: per scope; kind: the frailty class."""

    key: NDArray[np.uint64]
    stratum: Ints
    kind: Ints
    arrival: Ints
    begun: Ints
    known: Ints
    limit: Ints
    applies: Flags
    start: Ints


class State(NamedTuple):
    """Where each case is: in which stay since when, and the begin of the stay before. known: up to when the stay is known to
    go on (as `begun`: nothing is known). visits: how often it has been at each step. seen: [pairs, 2]; noted: per deadline.
    ready: when its stay would have ended, but for waiting for a session. episode, gap: what was drawn for its stay. stirred:
    whether it came, untouched, to a stay that the changes may hold for. odds, parts: [2, routes] and [3, members], for
    scratch.
    """

    begun: Ints
    known: Ints
    before: Ints
    context: Ints
    at: Ints
    visits: NDArray[np.int32]
    seen: Ints
    noted: Ints
    ready: Ints
    ended: Ints
    episode: Ints
    gap: Ints
    stirred: Flags
    odds: Floats
    parts: Ints
