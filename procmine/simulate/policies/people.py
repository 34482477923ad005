"""People: acts on how many do the work, how much of it comes, and whose turn is first; known only where queues are seen."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from procmine.kernels import edits
from procmine.kernels.edits import Edit, Pool
from procmine.log import LogError
from procmine.simulate.policies.acts import Priority, Staff, Volume
from procmine.simulate.policies.pieces import Look, Made, Pieces, Turn
from procmine.simulate.policies.seen import FEW, Flags
from procmine.simulate.pools import check_loads
from procmine.words import Message, after_each_other

if TYPE_CHECKING:
    from procmine.simulate.fit import Model
    from procmine.simulate.policy import Policy

LAW = "law"  # a tag of steps
FASTEST = 0.05  # a time that 1 in 20 did not exceed: hardly any of it was waiting for people
RECORD = Message("standing.resolve.people")
FASTER, SLOWER, TURNS = (Message(f"standing.range.{one}") for one in ("faster", "slower", "turns"))


def staff(act: Staff, look: Look) -> Made:
    pool = _group(act.who, look)
    if pool is not None:
        return _staffed(act, look, pool)
    fast = at_their_fastest(look, [act.who], look.seen.everyone) if act.add > 0 else Pieces()
    return Made(
        fast, Pieces() if act.add > 0 else None, (), _why(look, act.who, FASTER if act.add > 0 else SLOWER), RECORD
    )


def _staffed(act: Staff, look: Look, pool: int) -> Made:
    there = look.model.pools.pools[pool]
    if there.servers + act.add < 1:
        raise ValueError(f"{there.name!r} has {there.servers} people; {-act.add} fewer leaves nobody to do the work.")
    values: dict[str, str | int] = {"who": there.name, "n": there.servers, "new": there.servers + act.add}
    pieces = Pieces(turns=(Turn(pool, add=act.add),), queues=True)
    return Made.known(pieces, [Message("policy.today.people", values)], Message("standing.queue", {"who": there.name}))


def priority(act: Priority, look: Look) -> Made:
    pool = _group(act.who, look)
    first = look.seen.everyone if act.first is None else look.among(act.first)
    if pool is not None:
        ranks = None if act.first is None else tuple(np.where(first, 0, 1).tolist())
        pieces = Pieces(turns=(Turn(pool, priority=ranks, newest=act.by_age == "newest"),), queues=True)
        return Made.known(pieces, (), Message("standing.queue", {"who": act.who}))
    said = [Message("policy.priority.mean", {"who": act.who})]
    return Made(at_their_fastest(look, [act.who], first), None, tuple(said), _why(look, act.who, TURNS), RECORD)


def volume(act: Volume, look: Look) -> Made:
    """How many come and are done is known in any case; how long they wait only where queues are."""
    exact = [Message("policy.volume.exact", {"percent": f"{act.percent:+g}"})]
    if len(look.model.pools.pools):
        return Made.known(Pieces(queues=True), exact, Message("standing.queues"))
    names = [name for name in look.model.log.about.activities if look.model.log.about.tags.get(name) != LAW]
    fast = Pieces() if act.percent > 0 else at_their_fastest(look, names, look.seen.everyone)
    return Made(
        fast,
        None if act.percent > 0 else Pieces(),
        tuple(exact),
        after_each_other((Message("standing.no_queues"), SLOWER if act.percent > 0 else FASTER)),
        RECORD,
    )


def piles(model: Model, pools: Sequence[Pool], policy: Policy) -> list[Message]:
    """Where more work comes to a group of people than it can do, how fast ever more of it would wait."""
    log, names = model.log, model.log.about.activities
    watched = max(int(log.about.cutoff - log.arrival.min()), 1)
    visits = np.bincount(log.activity, minlength=len(names)) / max(len(log), 1)
    return check_loads(pools, names, visits, volume_of(policy) * len(log) / watched, today=False)


def volume_of(policy: Policy) -> float:
    """How many times as many cases come."""
    return float(np.prod([1 + one.percent / 100 for one in policy.of(Volume)]))


def at_their_fastest(look: Look, steps: Sequence[str], among: Flags) -> Pieces:
    """Each time a step comes after another one, no longer than its fastest twentieth there: no fewer people waiting before a
    desk could make it faster (Manski 2003: the gain lies between nothing and gap - p5 of the gap in the same context).
    """
    scope, found = look.scope_of(among), []
    for step in steps:
        code = look.code(step)
        own = look.seen.gaps(code, look.seen.everyone)
        for after in look.seen.befores(code, look.seen.everyone).tolist():
            here = look.seen.gaps(code, look.seen.everyone, after)
            fastest = np.quantile(here if len(here) >= FEW else own, FASTEST)
            found.append(Edit(edits.CAP, code, after=after, table=np.array([np.floor(fastest)]), scope=scope))
    return Pieces(edits=tuple(found))


def _group(who: str, look: Look) -> int | None:
    """The number of the log's group of people of that name, or that does that step; None if none was found in the log."""
    pools, steps = look.model.pools.pools, look.model.log.about.activities
    for number, pool in enumerate(pools):
        if who == pool.name or (who in steps and steps.index(who) in pool.steps):
            return number
    if who not in steps:
        names = [*steps, *(one.name for one in pools)]
        near = get_close_matches(who, names, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        groups = ", ".join(one.name for one in pools) or "none was found in this log"
        raise LogError(
            f"{who!r} is no step and no group of people.{hint} Groups: {groups}. Steps: {', '.join(steps[:20])}."
        )
    return None


def _why(look: Look, step: str, bounds: Message) -> Message:
    """Why one figure cannot be given, and what can."""
    verdict = look.model.contention.verdict(step)
    key = {"queue": "standing.no_people", "no sign": "standing.no_sign"}.get(verdict, "standing.cannot_tell")
    return after_each_other((Message(key, {"step": step}), bounds))
