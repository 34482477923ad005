"""Plan: one world to simulate, in the numbers of one model; and the worlds that a policy becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import DAY
from procmine.kernels.crowd import Floats
from procmine.kernels.edits import (
    CAP,
    CLOCK,
    ESCALATE,
    INSERT,
    SCALE,
    SESSION,
    SET,
    SKIP,
    Changes,
    Edit,
    Pool,
    Scope,
    Shared,
)
from procmine.kernels.operational import Clocks
from procmine.log import LogError, codes_of, day_of, moment
from procmine.simulate.fit import Model
from procmine.simulate.policies import days, people, times
from procmine.simulate.policies.acts import (
    Act,
    Beside,
    Cap,
    Cost,
    Deadline,
    Delay,
    Escalate,
    Hours,
    Insert,
    Mix,
    Priority,
    Reroute,
    Scale,
    Session,
    Skip,
    Staff,
    Swap,
    Volume,
)
from procmine.simulate.policies.clashes import OF_ALL
from procmine.simulate.policies.lines import doubted, history, unsettled
from procmine.simulate.policies.pieces import Look, Made, Pieces, each_once, numbered_scope, told
from procmine.simulate.policies.rights import check_rights
from procmine.simulate.policies.seen import Seen, eligible
from procmine.simulate.policy import Policy
from procmine.simulate.standing import Standing, authority_of
from procmine.words import Message, after_each_other

ALWAYS = -(2**62)  # since before everything
KINDS = (CLOCK, SET, SCALE, ESCALATE, CAP, SESSION, SKIP, INSERT)  # in the order in which they change a stay


@dataclass(frozen=True, eq=False)
class Plan:
    """What is different in one world; a policy that the log cannot settle makes two of them (see `Planned`).

    weight: per case of the log, how much more often such cases come (1: as in the log). volume: how many times as many cases
    come. steps: names of new steps, numbered from the number of activities on. price: money per occurrence of each step, new
    ones included, 0 where not stated. price_day: money per case and day open. clocks: those of the model and more behind
    them, in this world only. today: what cases compete for as it is, where `shared` is not empty. history: how many times as
    far ranges reach towards longer and shorter waits than weeks of the log tell, where its history of a line is but one.
    """

    changes: Changes
    shared: Shared
    weight: Floats
    volume: float
    steps: tuple[str, ...]
    price: Floats
    price_day: float
    said: tuple[Message, ...]
    clocks: Clocks | None = None
    today: Shared = field(default_factory=Shared)
    history: tuple[float, float] = (1.0, 1.0)


def nothing(model: Model) -> Plan:
    """The plan that leaves all as it is."""
    cases = len(model.log)
    changes = Changes(np.zeros(cases, bool), np.zeros(model.visits.steps + 1, bool))
    price = np.zeros(len(model.log.about.activities))
    return Plan(changes, Shared(), np.ones(cases), 1.0, (), price, 0.0, ())


@dataclass(frozen=True, eq=False)
class Planned:
    """A policy in the numbers of one model: one world (`point`) where the log can tell its effect, else two that hold it.

    low: the world with as little effect as the policy may have, high: with as much; `high` None: not bounded by these data,
    towards longer waits if `worse` (then `low` is the best that may come of it). tags: which of A, B, C (see `Act.tag`)
    occur. standing: per act, what can be known of it. once, per_year: money for the policy itself. authority: whose
    permission it takes. said: what every page has to print.
    """

    point: Plan | None
    low: Plan | None
    high: Plan | None
    worse: bool
    tags: tuple[str, ...]
    standing: tuple[Standing, ...]
    once: float
    per_year: float
    authority: str | None
    said: tuple[Message, ...]

    @property
    def plans(self) -> list[tuple[str, Plan]]:
        """The worlds there are, by name."""
        named = (("point", self.point), ("low", self.low), ("high", self.high))
        return [(name, one) for name, one in named if one is not None]

    @property
    def first(self) -> Plan:
        """The only world, or that with the least effect. Numbers of cases are right in it, whatever is known of times."""
        return self.plans[0][1]


def plan(model: Model, policy: Policy, *, horizon: float | None = None) -> Planned:
    """Check a policy against the model's log and put it into numbers; refuses what the log does not know, and what would
    take a right without a law. `horizon`: days after the data end that are simulated (default: as long as the log watched).
    """
    if not any(part.acts for part in policy.each):
        raise ValueError(f"The policy {policy.name!r} changes nothing: add .set_delay(step, days=...).")
    log = model.log
    end = log.about.cutoff + (model.horizon if horizon is None else round(horizon * DAY))
    seen, scopes, new, clocks = Seen.of(log), [], {}, []  # type: ignore[var-annotated]
    said: list[Message] = []
    made: list[tuple[Act, int, Made]] = []
    there = unsettled(model, [act for part in policy.each for act in part.acts])
    for part in policy.each:
        chosen = eligible(log, part.only)
        scope = numbered_scope(scopes, Scope(chosen, _since(model, part, end), round(part.ramp * DAY)))
        said += check_rights(log, seen, part)
        _check_for_all(part)
        look = Look(model, seen, chosen, scope, end, new, clocks, scopes)
        made += [(act, scope, doubted(act, MAKERS[type(act)](act, look), look, there)) for act in part.acts]
    return _Draft(model, policy, tuple(made), tuple(scopes), tuple(new), tuple(clocks), there).planned(said)


MAKERS: Mapping[type[Act], Any] = {
    Delay: times.delay,
    Scale: times.scale,
    Cap: times.cap,
    Escalate: times.escalate,
    Skip: times.skip,
    Insert: times.insert,
    Reroute: times.reroute,
    Beside: times.beside,
    Swap: times.swap,
    Deadline: times.deadline,
    Cost: times.cost,
    Mix: times.mix,
    Session: days.session,
    Hours: days.hours,
    Staff: people.staff,
    Priority: people.priority,
    Volume: people.volume,
}


def _since(model: Model, part: Policy, end: int) -> int:
    if part.since is None:
        return ALWAYS
    begin = moment(model.log.about, part.since)
    if begin > end:
        last = day_of(model.log.about, end)
        raise ValueError(
            f"{part.name!r} begins on {part.since}, after the last day that is looked at ({last}): it would "
            "change nothing. Name "
            "an earlier day, or a longer horizon."
        )
    return begin


def _check_for_all(part: Policy) -> None:
    for act in part.acts:
        if isinstance(act, OF_ALL) and (part.only or part.since is not None):
            what = "for some cases only (where)" if part.only else "from a later day on (from)"
            raise ValueError(
                f"{part.name!r}: {act.verb} is the same for all cases and from the start; it cannot be {what}. "
                "Write it as a policy "
                "of its own and put both together."
            )


@dataclass(frozen=True, eq=False)
class _Draft:
    """All acts of a policy in numbers, each with its scope, to be put together into worlds."""

    model: Model
    policy: Policy
    made: tuple[tuple[Act, int, Made], ...]
    scopes: tuple[Scope, ...]
    new: tuple[str, ...]
    clocks: tuple[Floats, ...]
    there: tuple[int, ...]  # steps at which cases seem to wait for each other

    def planned(self, rights: Sequence[Message]) -> Planned:
        standing = tuple(told(act, one) for act, _, one in self.made if act.tag)
        said = each_once((*rights, *self._said(standing), *self._piles()))
        fast, slow = (self._world([getattr(one, end) for _, _, one in self.made], said) for end in ("fast", "slow"))
        known = all(one.is_known for _, _, one in self.made)
        low, high = (fast, None) if slow is None else (slow, fast)
        costs = self.policy.of(Cost)
        return Planned(
            fast if known else None,
            None if known else low,
            None if known else high,
            slow is None,
            tuple(sorted({one.tag for one in standing})),
            standing,
            sum(one.once for one in costs),
            sum(one.per_year for one in costs),
            authority_of(self.policy, self.model.log.about),
            said,
        )

    def _said(self, standing: Sequence[Standing]) -> list[Message]:
        said = [message for _, _, one in self.made for message in one.said]
        leaving = sorted({code for _, _, one in self.made if one.slow is not None for code in one.slow.leaving})
        if leaving:
            names = self.model.log.about.activities
            said.append(Message("forecast.leaving", {"steps": ", ".join(names[code] for code in leaving)}))
        for one in standing:
            if not one.known:
                resolve = () if one.resolve is None else (one.resolve,)
                said.append(after_each_other((Message("standing.bounds", {"act": one.act}), one.reason, *resolve)))
        return said

    def _world(self, ends: Sequence[Pieces | None], said: tuple[Message, ...]) -> Plan | None:
        if any(one is None for one in ends):
            return None
        pieces = [one for one in ends if one is not None]
        whole = sum(pieces[1:], pieces[0])
        shared, today = self._shared(whole)
        price, price_day = self._prices()
        return Plan(
            self._changes(pieces, whole),
            shared,
            self._weight(),
            people.volume_of(self.policy),
            self.new,
            price,
            price_day,
            said,
            self._clocks(),
            today,
            history(self.model, [act for act, _, one in self.made if not one.is_known], self.there),
        )

    def _changes(self, pieces: Sequence[Pieces], whole: Pieces) -> Changes:
        first, scopes = self._first_scope(pieces), list(self.scopes)
        head = first if isinstance(first, Scope) else scopes[first]
        order = (
            [*range(len(scopes))] if isinstance(first, Scope) else [one for one in range(len(scopes)) if one != first]
        )
        place = {old: number + 1 for number, old in enumerate(order)}
        if not isinstance(first, Scope):
            place[first] = 0
        flags = np.isin(np.arange(self.model.visits.steps + 1), np.array(whole.leaving, np.int64))
        return Changes(
            head.applies,
            flags & ~self._own(whole),
            head.since,
            head.ramp,
            [replace(one, scope=place[one.scope]) for one in self._in_order(whole.edits)],
            whole.pairs,
            [replace(one, scope=place[one.scope]) for one in whole.routes],
            [replace(one, scope=place[one.scope]) for one in whole.deadlines],
            whole.beside,
            whole.swapped,
            [scopes[one] for one in order],
        )

    def _in_order(self, found: Sequence[Edit]) -> list[Edit]:
        """As one policy has them, though several are put together."""
        return sorted(found, key=lambda one: KINDS.index(one.kind))

    def _own(self, whole: Pieces) -> NDArray[np.bool_]:
        """Per cause: steps whose time is set, which nobody leaves for."""
        own = [one.step for one in whole.edits if one.kind == SET]
        return np.isin(np.arange(self.model.visits.steps + 1), np.array(own, np.int64))

    def _first_scope(self, pieces: Sequence[Pieces]) -> int | Scope:
        """Scope 0: that of pairs, of steps side by side and reordered; else all cases in which somebody may leave."""
        fixed = {scope for (_, scope, _), one in zip(self.made, pieces) if one.fixed}
        leaving = sorted({scope for (_, scope, _), one in zip(self.made, pieces) if one.leaving})
        if len(fixed) > 1:
            raise ValueError(
                "Times between two milestones, steps side by side and steps in another order can be put "
                "together only for the same "
                "cases and from the same day: give these policies the same `where` and `from`, or try them one by one."
            )
        if fixed:
            return self._holding(fixed.pop(), leaving)
        if len(leaving) < 2:
            return leaving[0] if leaving else 0
        own = [self.scopes[one] for one in leaving]
        return Scope(np.any([one.applies for one in own], axis=0), min(one.since for one in own))

    def _holding(self, fixed: int, leaving: Sequence[int]) -> int:
        mine = self.scopes[fixed]
        for one in leaving:
            other = self.scopes[one]
            if (other.applies & ~mine.applies).any() or other.since < mine.since:
                raise ValueError(
                    "One of these policies is about milestones, or the order of steps, and another one hastens a "
                    "step while people may "
                    "give up waiting, for other cases: say leaving=[] there, or give both the same `where`."
                )
        return fixed

    def _shared(self, whole: Pieces) -> tuple[Shared, Shared]:
        """What cases compete for under the policy, and as it is."""
        if not whole.queues:
            return Shared((), whole.seats), Shared()
        today = tuple(self.model.pools.pools)
        pools = [_served(pool, number, whole, self._everyone) for number, pool in enumerate(today)]
        return Shared(tuple(pools), whole.seats), Shared(today)

    def _piles(self) -> list[Message]:
        pieces = [one.slow for _, _, one in self.made if one.slow is not None]
        if not any(one.queues for one in pieces):
            return []
        return people.piles(self.model, self._shared(sum(pieces[1:], pieces[0]))[0].pools, self.policy)

    @property
    def _everyone(self) -> list[int]:
        """Scopes that hold for all cases, always."""
        return [k for k, one in enumerate(self.scopes) if one.applies.all() and one.since == ALWAYS]

    def _weight(self) -> Floats:
        """Per case of the log, so that new cases have the shares that are asked for; all together as many as before."""
        weight = np.ones(len(self.model.log))
        for act in self.policy.of(Mix):
            weight *= shared_out(self.model, act)
        found: Floats = weight / weight.mean()
        return found

    def _prices(self) -> tuple[Floats, float]:
        about = self.model.log.about
        names = [*about.activities, *self.new]
        price, day = np.zeros(len(names)), 0.0
        for act in self.policy.of(Cost):
            day = max(day, act.per_case_day, key=abs)
            for step, money in act.per_step.items():
                if step not in names:
                    codes_of(about, step)  # its own words for what is not there
                for name in about.stages.get(step, (step,)) if step not in names else (step,):
                    price[names.index(name)] = money
        return price, day

    def _clocks(self) -> Clocks | None:
        there = self.model.clocks if self.clocks else None
        if there is None:
            return None
        return Clocks(there.origin, np.vstack((there.upto, *self.clocks)), there.whole)


def _served(pool: Pool, number: int, whole: Pieces, everyone: Sequence[int]) -> Pool:
    """A group of people under the policy."""
    for turn in whole.turns:
        if turn.pool != number:
            continue
        pool = replace(pool, servers=pool.servers + turn.add, newest=turn.newest or pool.newest)
        if turn.priority is not None:
            pool = replace(pool, priority=np.array(turn.priority, np.int64))
    service = [np.asarray(one, np.float64) for one in pool.service]
    for edit in whole.edits:
        if edit.step not in pool.steps or edit.kind in (SKIP, INSERT):
            continue
        if edit.kind != SCALE or edit.scope not in everyone:
            raise ValueError(
                f"{pool.name!r}: where people are added or more cases come, the time of a step that waits for "
                "them can only be "
                "made so many times as long (scale_delay), for all cases: how long they wait follows from that."
            )
        place = list(pool.steps).index(edit.step)
        service[place] = np.rint(service[place] * edit.factor)
    return replace(pool, service=tuple(service))


def shared_out(model: Model, act: Mix) -> Floats:
    """Weights that give each value its share; those not named share the rest as they do now."""
    text = model.log.attributes[act.attribute]
    weight, left, rest = np.ones(len(model.log)), 1.0, np.ones(len(model.log), bool)
    for value, share in act.shares.items():
        here = text.among((value,))
        weight[here] = share / here.mean()
        left, rest = left - share, rest & ~here
    if rest.any():
        weight[rest] = max(left, 0.0) / rest.mean()
    elif left > 1e-9:
        raise LogError(
            f"The shares of {act.attribute!r} add up to {1 - left:.0%}, and no case has another value: make "
            "them add up to 100%."
        )
    if not weight.any():
        raise LogError(f"{act.attribute!r}: no case would be left.")
    return weight
