"""Edits: what a policy does to the stays of simulated cases, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# What an edit does to the time that a stay takes until its step comes.
SET, SCALE, CAP, ESCALATE, SKIP, INSERT, SESSION, CLOCK = range(8)
ANY = -1


@dataclass(frozen=True, eq=False)
class Edit:
    """One change of the stays that end with `step` (a cause) and follow the step `after` (ANY: any; number of steps: the
    arrival), made with `chance` (its own random number per visit). Times are microseconds that pass on the calendar.

    SET: takes a time from `table`. SCALE: `factor` times as long, on the stay's own clock. CAP: at most a time from `table`.
    ESCALATE: where it would take longer than `limit`, `limit` and then at most a time from `table`. SKIP: takes no time and
    leaves no event; the case goes on as if the step had been. INSERT: after the step comes the new step `new` (the number of
    an activity, beginning with that after the log's last), a time from `table` later; all that follows comes later by that.
    SESSION: held on `held` (starts, sorted) today, on `planned` instead: the case is ready at a place drawn evenly between
    the later of the stay's beginning and the session before, and the session where it was decided (`ready` None), or at the
    share `ready` of that time; with no days held, that time is the whole stay, and it ends at the planned start. CLOCK: what
    is drawn for the stay passes on clock number `clock`.

    table: quantiles at evenly spaced places of [0, 1]; one value = always that. scope: for whom and from when, see Changes.
    """

    kind: int
    step: int
    after: int = ANY
    chance: float = 1.0
    factor: float = 1.0
    limit: int = 0
    table: Floats | None = None
    new: int = -1
    held: Ints | None = None
    planned: Ints | None = None
    ready: float | None = None
    clock: int = 0
    scope: int = 0


@dataclass(frozen=True, eq=False)
class Route:
    """After `after`, `step` comes next with `chance`, whatever else keeps its proportions; `after`, `scope` as in an edit."""

    after: int
    step: int
    chance: float
    scope: int = 0


@dataclass(frozen=True, eq=False)
class Deadline:
    """A case that is open `limit` microseconds after its first `after` (-1: its arrival) ends then, by step `new`."""

    limit: int
    new: int
    after: int = -1
    scope: int = 0


@dataclass(frozen=True, eq=False)
class Scope:
    """For whom and from when something is different.

    applies: per case of the log. since: microseconds on the log's axis (below everything: always); with `ramp` microseconds
    each case has a start of its own, evenly spread over them. A stay in progress then is decided as if the policy had held
    from its beginning, but not before `since`.
    """

    applies: Flags
    since: int = -(2**62)
    ramp: int = 0


@dataclass(frozen=True, eq=False)
class Changes:
    """All that a policy changes in the paths of cases; applied in the order in which edits stand.

    applies, since, ramp: scope 0, as in Scope; `scopes` are further ones, from number 1 on. The others belong to scope 0:
    pairs: (flags of first, flags of second, microseconds between): see Policy.set_delay. leaving: per cause, ends that run on
    a clock of their own. beside: (first, second): the second begins when the first does, what follows waits for both.
    swapped: (first, second): as it is `first` and then `second`; `second` is made before `first` instead.
    """

    applies: Flags
    leaving: Flags
    since: int = -(2**62)
    ramp: int = 0
    edits: Sequence[Edit] = ()
    pairs: Sequence[tuple[Flags, Flags, int]] = ()
    routes: Sequence[Route] = ()
    deadlines: Sequence[Deadline] = ()
    beside: Sequence[tuple[int, int]] = ()
    swapped: Sequence[tuple[int, int]] = ()
    scopes: Sequence[Scope] = ()


@dataclass(frozen=True, eq=False)
class Pool:
    """Who does some steps: `servers` at once, while `clock` runs. A case that comes to one of `steps` waits for its turn.

    service: per step of `steps`, quantiles of the time it holds a server, on that clock. priority: per case of the log,
    lower is served first; None: first come, first served. newest: the last to come is served first.
    """

    name: str
    steps: Sequence[int]
    servers: int
    service: Sequence[Floats]
    clock: int = 0
    priority: Ints | None = None
    newest: bool = False


@dataclass(frozen=True, eq=False)
class Seats:
    """A step decided on `planned` days (starts, sorted) with so many `seats` each, first come, first served."""

    step: int
    planned: Ints
    seats: int


@dataclass(frozen=True, eq=False)
class Shared:
    """What cases compete for. Empty: no case ever waits for another one, and every path can be walked alone."""

    pools: Sequence[Pool] = field(default_factory=tuple)
    seats: Sequence[Seats] = field(default_factory=tuple)
