"""Clashes: acts that cannot hold at once for the same cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Protocol

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

OF_ALL = (Staff, Priority, Volume, Mix)  # the same for all cases, whatever `where` says
# Two of these say two things of the time of one step.
TIMES: Sequence[tuple[type[Act], type[Act]]] = (
    *((Delay, Scale), (Delay, Cap), (Delay, Escalate), (Delay, Session), (Cap, Escalate)),
    *((Session, Scale), (Session, Cap), (Session, Escalate)),
)
TIMED = (Delay, Scale, Cap, Escalate, Session)


class Part(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def acts(self) -> tuple[Act, ...]: ...
    @property
    def only(self) -> Mapping[str, tuple[str, ...]]: ...


def check_acts(acts: Sequence[Act]) -> None:
    """Of one policy; ValueError says which two and what to do."""
    for one, other in combinations(acts, 2):
        said = clash(one, other)
        if said:
            raise ValueError(said)
    _check_shares(acts)


def check_parts(parts: Sequence[Part]) -> None:
    """Of policies put together: those for different cases may differ."""
    for one, other in combinations(parts, 2):
        apart = disjoint(one.only, other.only)
        for first in one.acts:
            for second in other.acts:
                said = None if apart and not isinstance(first, OF_ALL) else clash(first, second)
                if said and not _adds_up(first, second):
                    raise ValueError(f"{one.name!r} and {other.name!r} contradict each other: {said}")
        if not apart:
            _check_shares((*one.acts, *other.acts))


def disjoint(one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]]) -> bool:
    """No case can be in both."""
    return any(not set(one[name]) & set(other[name]) for name in one if name in other)


def clash(one: Act, other: Act) -> str | None:
    """Why these two cannot hold at once, or None."""
    if _key(one) is not None and _key(one) == _key(other):
        return _twice(one)
    for first, second in ((one, other), (other, one)):
        said = _of_a_step(first, second)
        if said:
            return said
    return None


def _key(act: Act) -> tuple[object, ...] | None:
    """What only one act of its kind can say."""
    if isinstance(act, Delay):
        return (Delay, act.step)
    if isinstance(act, Scale | Cap | Escalate | Session | Skip | Insert):
        return (type(act), act.step)
    if isinstance(act, Staff | Priority):
        return (type(act), act.who)
    if isinstance(act, Reroute):
        return (Reroute, act.after, act.to)
    if isinstance(act, Mix):
        return (Mix, act.attribute)
    if isinstance(act, Deadline):
        return (Deadline, act.after)
    return (type(act),) if isinstance(act, Volume | Cost | Hours) else None


def _twice(act: Act) -> str:
    key = _key(act)
    what = " → ".join(" → ".join(one) if isinstance(one, tuple) else str(one) for one in (key or ())[1:])
    said = f"{what!r} is set already in this policy" if what else "it is said already in this policy"
    return f"{said} ({act.verb}). Say it once."


def _of_a_step(one: Act, other: Act) -> str | None:
    if any(isinstance(one, first) and isinstance(other, second) for first, second in TIMES) and _needs(one) == _needs(
        other
    ):
        return f"{one.verb} and {other.verb} both say how long {_needs(one)[0]!r} takes. Keep one of them."
    if isinstance(one, Skip) and one.chance == 1 and one.step in _needs(other):
        return f"{one.step!r} is left out (skip), and {other.verb} needs it. Keep one of them."
    if isinstance(one, Beside | Swap) and isinstance(other, Beside | Swap) and set(one.steps) & set(other.steps):
        step = next(name for name in one.steps if name in other.steps)
        return f"{step!r} is moved twice ({one.verb}, {other.verb}). Keep one of them."
    return None


def _needs(act: Act) -> tuple[str, ...]:
    """Steps that have to happen for an act to mean anything."""
    if isinstance(act, TIMED):
        return (act.step,) if isinstance(act.step, str) else act.step
    if isinstance(act, Insert):
        return (act.after,)
    return act.steps if isinstance(act, Beside | Swap | Reroute | Deadline) else ()


def _check_shares(acts: Sequence[Act]) -> None:
    shares: dict[str, float] = {}
    for act in acts:
        if isinstance(act, Reroute):
            shares[act.after] = shares.get(act.after, 0.0) + act.chance
    for after, share in shares.items():
        if share > 1 + 1e-9:
            raise ValueError(
                f"After {after!r} the shares of what comes next (reroute) add up to {share:.0%}: more than all."
            )


def _adds_up(one: Act, other: Act) -> bool:
    """Costs of two policies add up, if they price the same work alike."""
    if not (isinstance(one, Cost) and isinstance(other, Cost)):
        return False
    for step in set(one.per_step) & set(other.per_step):
        if one.per_step[step] != other.per_step[step]:
            return False
    return one.per_case_day == other.per_case_day or 0.0 in (one.per_case_day, other.per_case_day)
