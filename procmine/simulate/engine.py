"""Engine: simulated cases, as they are and under a plan, the same ones in both."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from procmine.kernels.crowd import Arm, Crowd, Events, Flags, Floats, Ints
from procmine.kernels.edits import Shared
from procmine.kernels.laws import NEVER, Cases, State
from procmine.kernels.paths import (
    Past,
    World,
    begin,
    cases_of,
    compiles,
    last_of,
    law_of,
    rules_of,
    state_of,
    taken,
    walked_apart,
)  # fmt: skip
from procmine.kernels.randoms import keys
from procmine.kernels.sampler import Chain, spread
from procmine.log import EventLog, LogError, Text
from procmine.simulate.fit import Model
from procmine.simulate.plan import Plan, nothing, plan
from procmine.simulate.policy import Policy
from procmine.simulate.tables import Tables
from procmine.simulate.warm import like_the_log
from procmine.words import Message

CHUNK = 2_048  # cases that are walked at once: memory stays bounded, and no sum depends on the number of threads


@dataclass(frozen=True, eq=False)
class Engine:
    """A model's tables in one world, and the kinds of its cases."""

    model: Model
    plan: Plan
    tables: Tables
    kinds: Ints

    @classmethod
    def of(cls, model: Model, plan: Plan, *, apart: Flags | None = None) -> Engine:
        """Cases that the plan is for are modelled apart from others, unless `by` of the model tells them apart already; so
        are cases of `apart` (per case of the log).
        """
        kinds = model.kinds()
        for mark in [*_scopes(plan), *([] if apart is None else [apart])]:
            both = np.unique(2 * kinds + mark, return_inverse=True)[1].astype(np.int64)
            kinds = both if both.max(initial=0) > kinds.max(initial=0) else kinds
        return cls(model, plan, model.tables(kinds, plan.changes.leaving), kinds)

    def run(
        self,
        weight: Floats,
        crowd: Crowd,
        *,
        limit: Ints,
        record: bool = False,
        threads: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> tuple[Arm, Arm]:
        """As is, and in the plan's world, for the same crowd; cases are followed until `limit` (per case, absolute).

        weight: per case of the log, how much it counts in the tables (all 1: as the log; others: a draw of a bootstrap).
        Both arms use the same random numbers, so paths are the same where the plan does not touch them. `progress` is told
        how many cases, of both arms together, are done; whatever it raises stops the run.
        """
        weights = self._weighed(weight)
        crowd = replace(crowd, context=np.where(crowd.context < 0, weights.chain.start, crowd.context))
        run = _Run(self, weights, crowd, limit, record, threads, progress)
        shared, today = self.plan.shared, self.plan.today
        if not any(one.pools or one.seats for one in (shared, today)):
            return run.alone()
        as_is = run.arm(today, on=False)
        touched = shared.pools or shared.seats or any(applies[crowd.like].any() for applies in _scopes(self.plan))
        return as_is, run.arm(shared, on=True) if touched else as_is

    @cached_property
    def _last(self) -> list[_Weighed]:
        """Of the last weights."""
        return []

    def _weighed(self, weight: Floats) -> _Weighed:
        chain = self.tables.weighed(weight)
        if not self._last or self._last[0].chain is not chain:
            self._last[:] = [_Weighed(self, chain)]
        return self._last[0]


def _scopes(plan: Plan) -> list[Flags]:
    """Per scope, the cases of the log that it is for."""
    return [plan.changes.applies, *(one.applies for one in plan.changes.scopes)]


@dataclass(frozen=True, eq=False)
class _Weighed:
    """An engine's chain under some weights, and the worlds that paths are walked in."""

    engine: Engine
    chain: Chain

    @cached_property
    def world(self) -> World:
        plan, model = self.engine.plan, self.engine.model
        activities = len(model.log.about.activities)
        counted = activities + len(plan.steps)
        price = np.zeros(counted)
        price[: len(plan.price)] = plan.price
        rules = rules_of(plan.changes, self.chain, price, plan.price_day, activities)
        sizes = self.chain.end, counted + 1
        return World(law_of(self.chain), rules, last_of(self.chain), sizes, model.most)

    @cached_property
    def changed(self) -> World:
        """With the plan's own clocks."""
        clocks = self.engine.plan.clocks
        return self.world if clocks is None else replace(self.world, law=law_of(self.chain, clocks))


@dataclass(frozen=True, eq=False)
class _Run:
    """One run of an engine."""

    engine: Engine
    weights: _Weighed
    crowd: Crowd
    limit: Ints
    record: bool
    threads: int | None
    progress: Callable[[int, int], None] | None

    @cached_property
    def past(self) -> Past:
        return past_of(self.engine.model.log, self.engine.plan, self.crowd)

    def arm(self, shared: Shared, *, on: bool) -> Arm:
        """Of cases of which those of one arm at least wait for each other."""
        world = self.weights.changed if on else self.weights.world
        if shared.pools or shared.seats:
            return self._together(world, shared, on)
        n = len(self.crowd.key)

        def walk(part: slice) -> tuple[Arm]:
            return (self._arm(world, np.arange(part.start, part.stop), on)[0],)

        return self._in_parts(walk, n if on else 0, 1)[0]

    def alone(self) -> tuple[Arm, Arm]:
        """Both arms of cases that do not wait for each other."""
        as_is, changed = self._in_parts(self._both, 0, 2)
        return as_is, changed

    def _together(self, world: World, shared: Shared, on: bool) -> Arm:
        """Cases that wait for each other."""
        from procmine.kernels.event_loop import queued

        crowd, n = self.crowd, len(self.crowd.key)
        cases, state = self._begun(world, slice(0, n))
        since = int(crowd.arrival.min(initial=NEVER))
        found = queued(world, cases, state, crowd, shared, on=on, record=self.record, since=since, threads=self.threads)
        if self.progress is not None:
            self.progress(n * (1 + on), 2 * n)
        events = Events(*found.events) if self.record else None
        spent = found.tally.astype(np.float64)
        return Arm(state.ended, found.last, found.cost, spent, found.waited, found.queue, events)

    def _in_parts(self, walk: Callable[[slice], tuple[Arm, ...]], before: int, arms: int) -> list[Arm]:
        """Arms of all cases, some of which are walked at a time; `before`: how many are done already, of both arms."""
        n = len(self.crowd.key)
        parts = [slice(low, min(low + CHUNK, n)) for low in range(0, n, CHUNK)]
        threads = min(self.threads or os.cpu_count() or 1, len(parts)) if compiles() else 1
        found = []
        with ThreadPoolExecutor(max(threads, 1)) as pool:
            todo = pool.map if threads > 1 else map
            try:
                for number, part in enumerate(todo(walk, parts)):
                    found.append(part)
                    if self.progress is not None:
                        self.progress(before + arms * parts[number].stop, 2 * n)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return [_joined([part[arm] for part in found], self.weights.world.sizes[1]) for arm in range(arms)]

    def _both(self, part: slice) -> tuple[Arm, Arm]:
        """As it is, and with the plan: only cases that come to what it changes are walked again."""
        which = np.arange(part.start, part.stop)
        as_is, stirred, kept = self._arm(self.weights.world, which, False)
        if self.record:  # events stand in order of the cases: all of them again
            stirred = np.full(len(which), stirred.any())
        if not stirred.any():
            return as_is, as_is
        changed, _, tally = self._arm(self.weights.changed, which[stirred], True)
        if stirred.all():
            return as_is, changed
        ended, last, cost = as_is.ended.copy(), as_is.last.copy(), as_is.cost.copy()
        ended[stirred], last[stirred], cost[stirred] = changed.ended, changed.last, changed.cost
        return as_is, replace(as_is, ended=ended, last=last, cost=cost, spent=(kept + tally).astype(np.float64))

    def _begun(self, world: World, which: slice | Ints) -> tuple[Cases, State]:
        crowd, past = taken(self.crowd, which), self.past
        past = Past(past.before[which], past.noted[:, which], past.seen[:, :, which])
        changes, kinds = self.engine.plan.changes, self.engine.kinds
        cases = cases_of(crowd, self.limit[which], kinds[crowd.like], changes, world.law)
        state = state_of(crowd, past, world)
        begin(world, cases, state)
        return cases, state

    def _arm(self, world: World, which: Ints, on: bool) -> tuple[Arm, Flags, Ints]:
        """One arm of some cases; which of them the plan may change, and the time by cause of the others."""
        cases, state = self._begun(world, which)
        last, cost, tally, events = walked_apart(world, cases, state, on=on, record=self.record)
        path, step, time = (np.concatenate(column) for column in zip(*events))
        kept = Events(which[path], step, time) if self.record else None
        none = np.zeros(0)
        arm = Arm(state.ended, last, cost, tally.sum(axis=0).astype(np.float64), none, none.reshape(0, 0), kept)
        return arm, state.stirred, tally[0]


def _joined(parts: list[Arm], counted: int) -> Arm:
    """Arms of one crowd after the other."""
    none = np.zeros(0)
    spent = np.zeros(counted)
    for one in parts:
        spent = spent + one.spent
    kept = [one.events for one in parts if one.events is not None]
    events = None
    if kept:
        events = Events(*(np.concatenate([getattr(one, name) for one in kept]) for name in ("path", "step", "time")))
    ended = np.concatenate([one.ended for one in parts]) if parts else np.zeros(0, np.int64)
    last = np.concatenate([one.last for one in parts]) if parts else np.zeros(0, np.int64)
    cost = np.concatenate([one.cost for one in parts]) if parts else none
    return Arm(ended, last, cost, spent, none, none.reshape(0, 0), events)


def past_of(log: EventLog, plan: Plan, crowd: Crowd) -> Past:
    """What the cases of a crowd have behind them, as far as the plan asks for it."""
    n, changes = len(crowd.key), plan.changes
    noted = np.full((len(changes.deadlines), n), NEVER)
    seen = np.full((len(changes.pairs), 2, n), NEVER)
    noted[[one.after < 0 for one in changes.deadlines]] = crowd.arrival
    asked = changes.pairs or any(one.after >= 0 for one in changes.deadlines)
    for k in np.flatnonzero(crowd.resumed) if asked else ():
        low, high = log.offset[crowd.like[k]], log.offset[crowd.like[k] + 1]
        step, time = log.activity[low:high].astype(np.int64), log.time[low:high]
        for number, one in enumerate(changes.deadlines):
            if one.after >= 0 and (step == one.after).any():
                noted[number, k] = time[step == one.after][0]
        for number, (first, second, _) in enumerate(changes.pairs):
            begun = np.flatnonzero(first[step])[:1]
            done = np.flatnonzero(second[step] & (np.arange(len(step)) > begun[0]))[:1] if len(begun) else begun
            seen[number, 0, k] = time[begun[0]] if len(begun) else NEVER
            seen[number, 1, k] = time[done[0]] if len(done) else NEVER
    return Past(_before(log, crowd), noted, seen)


def _before(log: EventLog, crowd: Crowd) -> Ints:
    """When the stay before the one of each resumed case began: its last event, or its arrival, before that."""
    who = np.flatnonzero(crowd.resumed)
    first, count = log.offset[crowd.like[who]], np.diff(log.offset)[crowd.like[who]]
    case = np.repeat(np.arange(len(who)), count)
    row = np.arange(len(case)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
    earlier = np.bincount(case[log.time[row] < crowd.begun[who][case]], minlength=len(who))
    arrived = np.where(crowd.arrival[who] < crowd.begun[who], crowd.arrival[who], -NEVER)
    found = np.full(len(crowd.key), -NEVER)
    found[who] = (
        arrived if not len(row) else np.where(earlier > 0, log.time[np.maximum(first + earlier - 1, 0)], arrived)
    )
    return found


def played(engine: Engine, crowd: Crowd, weight: Floats, cutoff: int, name: str | None = None) -> EventLog:
    """The log of a crowd in the plan's world, as seen at `cutoff`; `name`: of the policy."""
    arm = engine.run(weight, crowd, limit=np.full(len(crowd.key), cutoff), record=True)[1]
    return _log(engine, crowd, arm, cutoff, name)


def _log(engine: Engine, crowd: Crowd, arm: Arm, cutoff: int, name: str | None) -> EventLog:
    import pyarrow as pa

    real, event = engine.model.log, arm.events
    assert event is not None
    count = np.bincount(event.path, minlength=len(crowd.key))
    steps = (*real.about.activities, *engine.plan.steps)
    texts = {key: one.take(crowd.like) for key, one in real.attributes.items() if key not in real.about.persons}
    said = Message("kept.simulated", {"cases": len(crowd.key), "policy": name if name else Message("policy.none")})
    about = replace(real.about, simulated=True, cutoff=cutoff, attributes=tuple(texts), event_attributes=(), persons=())
    about = replace(about, activities=steps)
    names = pa.array([f"simulated {number}" for number in range(1, len(crowd.key) + 1)], pa.string())
    return EventLog(
        about=about.after(said),
        activity=event.step.astype(np.min_scalar_type(max(len(steps) - 1, 0))),
        time=event.time,
        offset=np.concatenate(([0], np.cumsum(count))),
        arrival=crowd.arrival,
        until=np.minimum(arm.ended, cutoff),
        open=arm.ended > cutoff,
        case=Text(np.arange(len(crowd.key), dtype=np.int32), names),
        attributes=texts,
    )


def simulate(model: Model, policy: Policy | None = None, *, seed: int, cases: int | None = None) -> EventLog:
    """A simulated log, every case like one of the model's log: same arrival and attributes, its path drawn anew.

    `cases`: how many (default: each case of the log once). The cutoff lies as long after the last arrival as the log
    watched its first case; cases not ended by then are open. The same seed gives the same log, and the same cases with a
    policy and without. Attributes that name people, and those of events, are left out. A policy whose effect the log cannot
    settle (see `forecast`, which gives bounds) is refused.
    """
    n = len(model.log)
    engine = Engine.of(model, nothing(model) if policy is None else settled(model, policy))
    like = np.arange(n) if cases is None else spread(np.ones(n), cases, 0.5)
    cutoff = int(model.log.arrival.max()) + model.horizon
    crowd = like_the_log(model, like, keys(seed, 0, np.zeros(len(like), np.int64), np.arange(len(like))))
    return played(engine, crowd, np.ones(n), cutoff, policy.name if policy else None)


def settled(model: Model, policy: Policy) -> Plan:
    """The one world that a policy becomes; refuses one of which the log says only between what its effect lies."""
    planned = plan(model, policy)
    if planned.point is None:
        why = " ".join(one.reason.say() for one in planned.standing if not one.known)
        raise LogError(
            f"This log does not settle what {policy.name!r} does. {why} forecast() says between what it lies."
        )
    return planned.point
