"""Paths: a chain, what is changed in it and a crowd become the arrays that single paths are walked by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np

from procmine.kernels.crowd import Crowd, Flags, Floats, Ints
from procmine.kernels.edits import INSERT, SKIP, Changes, Scope
from procmine.kernels.episodes import Episodes
from procmine.kernels.laws import FRAILTY, NEVER, RAMP, Cases, Law, Rows, Rules, State
from procmine.kernels.operational import Clocks
from procmine.kernels.randoms import uniform
from procmine.kernels.sampler import Chain, Drawable


@dataclass(frozen=True, eq=False)
class Past:
    """What resumed cases have behind them; NEVER where it did not happen.

    before: the begin of the stay before; noted: per deadline, when its time began to run; seen: [pairs, 2] milestones.
    """

    before: Ints
    noted: Ints
    seen: Ints


Tuple = TypeVar("Tuple", bound=tuple[Any, ...])


def alike(arrays: Tuple) -> Tuple:
    """Arrays that lie whole in memory and may be written to: for any other kind all would be compiled once more."""
    made = [_whole(one) if isinstance(one, np.ndarray | tuple) else one for one in arrays]
    return type(arrays)(*made)


def _whole(one: Any) -> Any:
    return np.require(one, None, ["C", "W"]) if isinstance(one, np.ndarray) else alike(one)


def law_of(chain: Chain, clocks: Clocks | None = None) -> Law:
    """`clocks` instead of those of the chain."""
    strata, contexts = chain.table.shape
    clocks = clocks or chain.clocks or Clocks(0, np.zeros((1, 2)))
    steps = chain.end
    found = Law(
        every=_rows(chain.every),
        decide=_rows(chain.decide),
        leave=_rows(chain.leave),
        table=np.asarray(chain.table, np.int64),
        follow=np.ascontiguousarray(chain.follow, np.int32),
        shorter=np.full(contexts, -1) if chain.shorter is None else np.asarray(chain.shorter, np.int64),
        trust=np.ones((strata, contexts)) if chain.trust is None else np.ascontiguousarray(chain.trust, np.float64),
        clock=np.zeros(steps + 1, np.int64) if chain.clock is None else np.asarray(chain.clock, np.int64),
        origin=int(clocks.origin),
        upto=np.ascontiguousarray(clocks.upto, np.float64),
        whole=int(clocks.whole),
        frailty=np.zeros((1, 1)) if chain.frailty is None else np.ascontiguousarray(chain.frailty, np.float64),
        leaving=np.asarray(chain.leaving, bool),
        splits=bool(np.any(chain.leaving)),
        activities=steps if chain.episodes is None else chain.episodes.within.shape[1],
        **_played(chain.episodes),
    )
    return alike(found)


def _rows(one: Drawable) -> Rows:
    episode = np.full(len(one.cause), -1) if one.episode is None else one.episode
    first, gap, cause, episode = (np.asarray(part, np.int64) for part in (one.first, one.gap, one.cause, episode))
    return Rows(np.asarray(one.key, np.float64), first, gap, cause, episode)


def _played(episodes: Episodes | None) -> dict[str, Any]:
    none = np.zeros(1, np.int64)
    if episodes is None:
        names = ("members", "step", "lag", "needs", "needed")
        return {**dict.fromkeys(names, none), "within": np.zeros((0, 1), bool)}
    theirs = {"members": "offset", "step": "step", "lag": "lag", "needs": "first", "needed": "needed"}
    found = {name: np.asarray(getattr(episodes, one), np.int64) for name, one in theirs.items()}
    return {**found, "within": np.asarray(episodes.within, bool)}


def last_of(chain: Chain) -> Ints:
    """Per context: its last step; the number of steps for the arrival."""
    if chain.last is not None:
        return chain.last
    last = np.full(chain.follow.shape[0], chain.end)
    for step in range(chain.end):
        last[chain.follow[:, step]] = step
    last[chain.start] = chain.end
    return last


def rules_of(changes: Changes, chain: Chain, price: Floats, price_day: float, activities: int) -> Rules:
    """`activities`: how many steps of the log there are; what is numbered so in an edit is the end, or the arrival."""
    edits, routes, dues = changes.edits, changes.routes, changes.deadlines
    end = chain.end
    kind, step = _ints([one.kind for one in edits]), _cause(_ints([one.step for one in edits]), activities, end)
    where = np.zeros((3, end + 1), bool)
    where[0, step[kind != INSERT]] = True
    where[1, step[kind == SKIP]] = True
    where[2, step[kind == INSERT]] = True
    tables = [np.zeros(1) if one.table is None else np.asarray(one.table, np.float64) for one in edits]
    held = [np.zeros(0, np.int64) if one.held is None else one.held for one in edits]
    planned = [np.zeros(0, np.int64) if one.planned is None else one.planned for one in edits]
    named = [*((one.after, one.step) for one in routes), *changes.swapped]
    share, rest = _masses(chain.every, [two for _, two in named])
    every_stay = bool(routes or dues or changes.pairs or changes.beside or changes.swapped)
    leaves = np.append(np.asarray(chain.leaving, bool), False)[: end + 1]  # who left may be decided sooner
    stirs = where.any(axis=0) | leaves | every_stay | (np.arange(end + 1) >= activities)
    stirs[end] = where[:, end].any() or leaves[end] or every_stay
    found = Rules(
        kind=kind,
        step=step,
        after=_cause(_ints([one.after for one in edits]), activities, end),
        chance=_floats([one.chance for one in edits]),
        factor=_floats([one.factor for one in edits]),
        limit=_ints([one.limit for one in edits]),
        new=_ints([one.new for one in edits]),
        ready=_floats([np.nan if one.ready is None else one.ready for one in edits]),
        clock=_ints([one.clock for one in edits]),
        scope=_ints([one.scope for one in edits]),
        table=np.concatenate([*tables, np.zeros(1)]),
        table_at=_offsets(tables),
        held=np.concatenate([*held, np.zeros(0, np.int64)]),
        held_at=_offsets(held),
        planned=np.concatenate([*planned, np.zeros(0, np.int64)]),
        planned_at=_offsets(planned),
        touches=where[0],
        skips=where[1],
        inserts=where[2],
        stirs=stirs,
        routes=len(routes),
        route_after=_cause(_ints([one.after for one in routes]), activities, end),
        route_step=_cause(_ints([one.step for one in routes]), activities, end),
        route_chance=_floats([one.chance for one in routes]),
        route_scope=_ints([one.scope for one in routes]),
        share=share,
        rest=rest,
        due_limit=_ints([one.limit for one in dues]),
        due_new=_ints([one.new for one in dues]),
        due_after=_ints([one.after for one in dues]),
        due_scope=_ints([one.scope for one in dues]),
        pair_first=_flags([one for one, _, _ in changes.pairs], end),
        pair_second=_flags([two for _, two, _ in changes.pairs], end),
        pair_length=_ints([length for _, _, length in changes.pairs]),
        beside=_ints([list(pair) for pair in changes.beside]).reshape(-1, 2),
        swapped=_ints([list(pair) for pair in changes.swapped]).reshape(-1, 2),
        knocked=_knocked(chain, changes.swapped),
        price=np.asarray(price, np.float64),
        price_day=float(price_day),
    )
    return alike(found)


def _ints(numbers: Sequence[Any]) -> Ints:
    return np.array(numbers, np.int64)


def _floats(numbers: Sequence[float]) -> Floats:
    return np.array(numbers, np.float64)


def _cause(number: Ints, activities: int, end: int) -> Ints:
    return np.where(number >= activities, end, number)


def _offsets(parts: Sequence[Any]) -> Ints:
    return np.concatenate(([0], np.cumsum([len(one) for one in parts], dtype=np.int64))).astype(np.int64)


def _flags(rows: Sequence[Flags], end: int) -> Flags:
    found = np.zeros((len(rows), end + 1), bool)
    for number, row in enumerate(rows):
        found[number, : min(len(row), end)] = row[:end]
    return found


def _masses(every: Drawable, steps: Sequence[int]) -> tuple[Floats, Floats]:
    """What has gone by each row, over all tables: to each of these steps, and to any."""
    if not len(steps):
        return np.zeros((0, 1)), np.zeros(1)
    table = np.repeat(np.arange(len(every.first) - 1), np.diff(every.first))
    upto = every.key - table
    before = np.where(np.arange(len(upto)) == every.first[table], 0.0, np.concatenate(([0.0], upto[:-1])))
    mass, cause = upto - before, every.cause[:-1]
    share = [np.concatenate(([0.0], np.cumsum(np.where(cause == step, mass, 0.0)))) for step in steps]
    return np.stack(share), np.concatenate(([0.0], np.cumsum(mass)))


def _knocked(chain: Chain, swapped: Sequence[tuple[int, int]]) -> Flags:
    """Per pair: where cases go from the first check, other than on to the second one."""
    found, last = np.zeros((len(swapped), chain.end + 1), bool), last_of(chain)
    for number, (one, two) in enumerate(swapped):
        for table in np.unique(chain.table[:, last == one]):
            found[number, chain.every.cause[chain.every.first[table] : chain.every.first[table + 1]]] = True
        found[number, two] = False
    return found


def cases_of(crowd: Crowd, limit: Ints, stratum: Ints, changes: Changes, law: Law) -> Cases:
    """`stratum`: per case of the crowd."""
    scopes = [Scope(changes.applies, changes.since, changes.ramp), *changes.scopes]
    arrival, once = np.full(len(crowd.key), law.follow.shape[1]), np.zeros(len(crowd.key), np.int64)
    part = uniform(crowd.key, arrival, once, RAMP)
    classes = law.frailty.shape[0]
    found = Cases(
        key=crowd.key,
        stratum=stratum.astype(np.int64),
        kind=(uniform(crowd.key, arrival, once, FRAILTY) * classes).astype(np.int64),
        arrival=crowd.arrival,
        begun=crowd.begun,
        known=crowd.known,
        limit=limit.astype(np.int64),
        applies=np.stack([one.applies[crowd.like] for one in scopes]),
        start=np.stack([one.since + np.floor(part * one.ramp).astype(np.int64) for one in scopes]),
    )
    return alike(found)


def state_of(crowd: Crowd, past: Past, world: World) -> State:
    n, steps = len(crowd.key), world.sizes[0]
    at = world.last[crowd.context]
    found = State(
        begun=crowd.begun.astype(np.int64),
        known=crowd.known.astype(np.int64),
        before=past.before.copy(),
        context=crowd.context.astype(np.int64),
        at=at.astype(np.int64),
        visits=np.zeros((n, steps + 1), np.int32),
        seen=past.seen.copy(),
        noted=past.noted.copy(),
        ready=np.full(n, NEVER),
        ended=np.full(n, NEVER),
        episode=np.full(n, -1),
        gap=np.zeros(n, np.int64),
        stirred=np.zeros(n, bool),
        odds=np.zeros((n, 2, world.rules.routes)),
        parts=np.zeros((n, 3, int(np.diff(world.law.members).max(initial=0))), np.int64),
    )
    return alike(found)


def taken(crowd: Crowd, which: Any) -> Crowd:
    return Crowd(*(getattr(crowd, name)[which] for name in Crowd.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class World:
    """All that paths are walked by, but for the crowd. last: per context; sizes: of the chain's steps, and of all that is
    counted (steps, new ones, the end without a step); most: moves after which a case is left where it is.
    """

    law: Law
    rules: Rules
    last: Ints
    sizes: tuple[int, int]
    most: int


Walked: TypeAlias = "tuple[Ints, Floats, Ints, list[tuple[Ints, Ints, Ints]]]"


def compiles() -> bool:
    """Whether paths are walked one by one, compiled; numba takes a while to load, and is not needed to read a forecast."""
    from procmine.kernels.jit_paths import COMPILED

    return COMPILED


def begin(world: World, cases: Cases, state: State) -> None:
    """Cases that have been in their stay for a while find their class."""
    from procmine.kernels.jit_paths import classify

    with np.errstate(over="ignore"):  # random numbers wrap by intent
        classify(world.law, cases, state)


def walked(world: World, cases: Cases, state: State, *, on: bool, record: bool, compiled: bool | None = None) -> Walked:
    """Last step and cost per case, time by cause, and events (path, step, time); `state` shows the ends.

    compiled: whether each case is walked by itself, or in numpy all together: the same numbers, bit for bit (None: by
    itself where that is compiled).
    """
    last, cost, tally, events = walked_apart(world, cases, state, on=on, record=record, compiled=compiled)
    return last, cost, tally.sum(axis=0), events


def walked_apart(
    world: World, cases: Cases, state: State, *, on: bool, record: bool, compiled: bool | None = None
) -> Walked:
    """The same; time by cause is [2, causes]: of cases that the changes leave as they are, and of others that
    `state.stirred` shows then (with `on`: of all, and of none).
    """
    steps, counted = world.sizes
    n, done = len(cases.key), 0
    last = np.where(state.at < steps, state.at, -1)
    cost, tally = np.zeros(n), np.zeros((2, counted), np.int64)
    room = world.most * (2 + len(world.rules.kind)) * (1 + state.parts.shape[2])
    if not (compiles() if compiled is None else compiled):
        return _together(world, cases, state, last, room // world.most, on)
    from procmine.kernels.jit_paths import walk

    size = max(65_536, 4 * room)
    path, step, time = (np.empty(size, np.int64) for _ in range(3))
    events = []
    while done < n:
        whole = world.law, world.rules, cases, state, last, cost, tally, world.most, room
        done, made = walk(*whole, on, record, done, path, step, time)
        events.append((path[:made].copy(), step[:made].copy(), time[:made].copy()))
    return last, cost, tally, events


def _together(world: World, cases: Cases, state: State, last: Ints, room: int, on: bool) -> Walked:
    from procmine.kernels.lockstep import settle_together, walk_together

    tally = np.zeros((2, world.sizes[1]), np.int64)
    state.stirred[:] = False if on else cases.applies.any(axis=0)
    with np.errstate(over="ignore"):  # random numbers wrap by intent
        events = walk_together(world.law, world.rules, cases, state, most=world.most, room=room, on=on)
        cost, kept = settle_together(world.rules, cases, state, events, last, tally, on)
    return last, cost, tally, [kept]


def walk_one() -> None:
    """One case of one step, walked so that all of it is compiled."""
    gap, cause = np.array([1, 1, NEVER]), np.array([0, 1, 1])
    rows = Drawable(np.array([1.0, 2.0]), np.array([0, 1, 2]), gap, cause, np.array([1, 3]), 2)
    none, one = np.zeros(2, bool), np.zeros(1, np.int64)
    chain = Chain(np.array([[0, 1]]), np.array([[1], [1]], np.int32), rows, rows, rows, none, 0)
    changes = Changes(none[:1], none)
    world = World(law_of(chain), rules_of(changes, chain, np.zeros(1), 0.0, 1), last_of(chain), (1, 2), 10)
    crowd = Crowd(one, one.astype(np.uint64), one, one, one, one, none[:1], one)
    cases = cases_of(crowd, one + 9, one, changes, world.law)
    state = state_of(crowd, Past(one, np.zeros((0, 1), np.int64), np.zeros((0, 2, 1), np.int64)), world)
    begin(world, cases, state)
    walked(world, cases, state, on=True, record=True)
