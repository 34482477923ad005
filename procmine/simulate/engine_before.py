"""Simulated cases as the calendar-time model of fixed delays walks them, for what has not yet moved to `engine`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from procmine.kernels.flow import Ints
from procmine.kernels.sampler import NEVER, Chain, Floats, Rule, Walk, Words, compressed, keys, spread, walk
from procmine.log import EventLog, Text
from procmine.simulate.fit import Model
from procmine.simulate.plan_before import Plan, nothing, plan
from procmine.simulate.policy import Policy
from procmine.simulate.tables import Tables
from procmine.words import Message


@dataclass(frozen=True, eq=False)
class Arm:
    """Per simulated case: microseconds from arrival to its end (NEVER: none) and its last step (-1: none)."""

    ended: Ints
    last: Ints


@dataclass(frozen=True, eq=False)
class Engine:
    """A model's tables under one plan, and the kinds of its cases."""

    model: Model
    plan: Plan
    tables: Tables
    kinds: Ints

    @classmethod
    def of(cls, model: Model, plan: Plan) -> Engine:
        kinds = model.kinds(plan.eligible if plan.apart else None)
        return cls(model, plan, model.tables(kinds, plan.leaving), kinds)

    def arms(self, weight: Floats, key: Words, case: Ints) -> tuple[Arm, Arm]:
        """As it is and under the plan: one path per key, of a case like `case` of the log.

        Both use the same random numbers, so a path is the same up to the visit where the plan first applies: only from
        there on it is walked again.
        """
        chain, applies = self.tables.weighed(weight), self.plan.eligible[case]
        limit = self.model.horizon * (2 if self.plan.pairs else 1)
        pairs = [pair[:2] for pair in self.plan.pairs]
        rule = Rule(self.plan.fixed, applies, False, pairs)
        begun = Walk.begin(chain, key, self.kinds[case], len(pairs))
        as_is = walk(chain, begun, rule, limit=limit, most=self.model.most)
        before = Arm(as_is.ended, as_is.last)
        changed = self._again(chain, as_is, rule, limit)
        return self._watched(before), self._watched(changed)

    def _again(self, chain: Chain, as_is: Walk, rule: Rule, limit: int) -> Arm:
        touched = np.flatnonzero(as_is.fork[0] >= 0)
        ended, last, seen = as_is.ended.copy(), as_is.last.copy(), as_is.seen.copy()
        if len(touched):
            paths = as_is.from_fork(touched) if not self.plan.pairs else self._anew(chain, as_is, touched)
            rule = replace(rule, applies=rule.applies[touched], on=True)
            paths = walk(chain, paths, rule, limit=limit, most=self.model.most)
            ended[touched], last[touched], seen[:, :, touched] = paths.ended, paths.last, paths.seen
        times = [ended, *seen.reshape(-1, len(ended))]
        for number, (_, _, length) in enumerate(self.plan.pairs):
            first, second = times[1 + 2 * number], times[2 + 2 * number]
            times = [np.where(rule.applies, compressed(one, first, second, length), one) for one in times]
        return Arm(times[0], last)

    def _anew(self, chain: Chain, as_is: Walk, paths: Ints) -> Walk:
        return Walk.begin(chain, as_is.key[paths], as_is.stratum[paths], len(self.plan.pairs))

    def _watched(self, arm: Arm) -> Arm:
        """Followed up to the horizon."""
        return replace(arm, ended=np.where(arm.ended <= self.model.horizon, arm.ended, NEVER))


def draw_cases(weight: Floats, n: int, replications: int, seed: int, draw: int) -> tuple[Words, Ints]:
    """Keys and cases of the log for `replications` times `n` paths: cases in proportion to `weight`."""
    replication = np.repeat(np.arange(replications), n)
    key = keys(seed, draw, replication, np.tile(np.arange(n), replications))
    starts = keys(seed, draw, np.arange(replications), np.full(replications, n)) / 2.0**64
    return key, np.concatenate([spread(weight, n, float(start)) for start in starts])


def simulate(model: Model, policy: Policy | None = None, *, seed: int, cases: int | None = None) -> EventLog:
    """A simulated log, every case like one of the model's log: same arrival and attributes, its path drawn anew.

    `cases`: how many (default: each case of the log once). The cutoff lies as long after the last arrival as the log
    watched its first case; cases not ended by then are open. The same seed gives the same log, and the same cases with a
    policy and without. Attributes that name people, and those of events, are left out.
    """
    engine = Engine.of(model, nothing(model) if policy is None else plan(model, policy))
    weight = np.ones(len(model.log))
    case = np.arange(len(weight)) if cases is None else spread(weight, cases, 0.5)
    key = keys(seed, 0, np.zeros(len(case), np.int64), np.arange(len(case)))
    return played(engine, policy, weight, key, case, int(model.log.arrival.max()) + model.horizon)


def played(engine: Engine, policy: Policy | None, weight: Floats, key: Words, case: Ints, cutoff: int) -> EventLog:
    """The log of one path per key, of a case like `case` of the log, as seen at `cutoff`; `weight` is that of `arms`."""
    event = _events(engine, weight, key, case, 2 * (cutoff - int(engine.model.log.arrival.min())))
    return _log(engine, policy, case, event, cutoff)


@dataclass(frozen=True, eq=False)
class _Events:
    """Events by path and order, in microseconds since the arrival, and the ends of the paths."""

    path: Ints
    step: Ints
    time: Ints
    ended: Ints


def _events(engine: Engine, weight: Floats, key: Words, case: Ints, limit: int) -> _Events:
    model, pairs = engine.model, engine.plan.pairs
    chain, applies = engine.tables.weighed(weight), engine.plan.eligible[case]
    rule = Rule(engine.plan.fixed, applies, True, [pair[:2] for pair in pairs])
    begun = Walk.begin(chain, key, engine.kinds[case], len(pairs))
    paths = walk(chain, begun, rule, limit=limit, most=model.most, record=True)
    path, step, time = (np.concatenate(column) for column in zip(*paths.events))
    order = np.argsort(path, kind="stable")
    path, step, time = path[order], step[order], time[order]
    ended, seen = paths.ended, paths.seen
    for number, (_, _, length) in enumerate(pairs):
        first, second = (np.where(applies, one, NEVER) for one in seen[number])
        time = compressed(time, first[path], second[path], length)
        ended = compressed(ended, first, second, length)
        seen = np.array([[compressed(one, first, second, length) for one in pair] for pair in seen])
    return _Events(path, step, time, ended)


def _log(engine: Engine, policy: Policy | None, case: Ints, event: _Events, cutoff: int) -> EventLog:
    import pyarrow as pa

    real = engine.model.log
    arrival = real.arrival[case]
    time = arrival[event.path] + event.time
    kept = time <= cutoff
    ended = arrival + event.ended  # NEVER lies far beyond any cutoff, and the sum fits
    count = np.bincount(event.path[kept], minlength=len(case))
    texts = {name: one.take(case) for name, one in real.attributes.items() if name not in real.about.persons}
    said = Message("kept.simulated", {"cases": len(case), "policy": policy.name if policy else Message("policy.none")})
    about = replace(real.about, simulated=True, cutoff=cutoff, attributes=tuple(texts), event_attributes=(), persons=())
    names = pa.array([f"simulated {number}" for number in range(1, len(case) + 1)], pa.string())
    return EventLog(
        about=about.after(said),
        activity=event.step[kept].astype(real.activity.dtype),
        time=time[kept],
        offset=np.concatenate(([0], np.cumsum(count))),
        arrival=arrival,
        until=np.minimum(ended, cutoff),
        open=ended > cutoff,
        case=Text(np.arange(len(case), dtype=np.int32), names),
        attributes=texts,
    )
