"""A plan of fixed delays in calendar time, for what has not yet moved to `procmine.simulate.plan`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.about import About
from procmine.kernels.flow import Ints
from procmine.kernels.sampler import Flags
from procmine.log import EventLog, LogError, codes_of
from procmine.see.times import first
from procmine.simulate.fit import Model
from procmine.simulate.policies.acts import Act, Cost, Delay, days_said
from procmine.simulate.policies.takes import Takes
from procmine.simulate.policy import Policy
from procmine.words import Message, Span, Value

LAW, OTHERS = "law", "another party"  # tags of steps


@dataclass(frozen=True, eq=False)
class Plan:
    """A policy in the numbers of one model. A cause is a step's code; one more for the end of a case."""

    eligible: Flags  # per case of the log
    fixed: Ints  # per cause: microseconds, -1 where it stays
    pairs: tuple[tuple[Flags, Flags, int], ...]  # the two milestones per cause, and what they are apart
    leaving: Flags  # per cause
    apart: bool  # whether eligible cases must be told apart from others
    said: tuple[Message, ...]


def nothing(model: Model) -> Plan:
    """The plan that leaves all as it is."""
    causes = model.visits.steps + 1
    none = np.zeros(causes, bool)
    return Plan(np.zeros(len(model.log), bool), np.full(causes, -1), (), none, False, ())


def plan(model: Model, policy: Policy) -> Plan:
    """Check a policy against the model's log and put it into numbers; refuses what the log does not know."""
    more = [
        act.verb
        for act in policy.of(Act)
        if not isinstance(act, Delay | Cost) or isinstance(getattr(act, "days", 0), Takes)
    ]
    if more or policy.parts or policy.since is not None:
        which = more[0] if more else "together" if policy.parts else "from"
        raise ValueError(f"{policy.name!r}: {which} is not counted here yet; fixed times (set_delay) are.")
    if not policy.delays:
        raise ValueError(f"The policy {policy.name!r} changes nothing: add .set_delay(step, days=...).")
    log, causes = model.log, model.visits.steps + 1
    eligible = _eligible(log, policy)
    fixed, leaving, said = np.full(causes, -1), np.zeros(causes, bool), []
    pairs = []
    for one in policy.delays:
        leaving |= _leaving(log.about, one, causes)
        if isinstance(one.step, str):
            fixed[_code(log.about, one.step)] = one.length
        else:
            begin, end = (_flags(log.about, name, causes) for name in one.step)
            pairs.append((begin, end, one.length))
        said += _checked(model, one, eligible)
    leaving &= _beside(model, fixed >= 0)
    here = np.flatnonzero(leaving)
    if len(here):
        said.append(Message("forecast.leaving", {"steps": ", ".join(log.about.activities[code] for code in here)}))
    return Plan(eligible, fixed, tuple(pairs), leaving, not set(policy.only) <= set(model.by), tuple(said))


def _eligible(log: EventLog, policy: Policy) -> Flags:
    log.take(np.empty(0, np.int64)).where(policy.only)  # the log's own words for what it does not have
    chosen = np.ones(len(log), bool)
    for name, values in policy.only.items():
        chosen &= log.attributes[name].among(values)
    return chosen


def _beside(model: Model, own: Flags) -> Flags:
    """Per cause: whether it comes after a step after which one of `own` comes too, and is none of them."""
    visits = model.visits
    after, causes = visits.recent[0], len(own)
    places = np.unique(after[own[visits.cause] & (visits.cause >= 0)])
    other = np.bincount(visits.cause[np.isin(after, places) & (visits.cause >= 0)], minlength=causes) > 0
    return other & ~own


def _code(about: About, step: str) -> Ints:
    if step in about.stages and step not in about.activities:
        steps = ", ".join(about.stages[step])
        raise LogError(
            f"{step!r} is a stage ({steps}). Name one step, or a pair: the step at which the time begins and that "
            "at which it ends."
        )
    return codes_of(about, step)


def _flags(about: About, step: str, causes: int) -> Flags:
    return np.isin(np.arange(causes), codes_of(about, step))


def _leaving(about: About, one: Delay, causes: int) -> Flags:
    names = one.leaving
    if names is None:
        names = tuple(name for name in about.ends if about.tags.get(name) == OTHERS)
    unknown = [name for name in names if name not in about.ends]
    if unknown:
        raise LogError(f"{unknown[0]!r} does not end cases in this log. Those that do: {', '.join(about.ends)}.")
    codes = [code for name in names for code in codes_of(about, name).tolist()]
    return np.isin(np.arange(causes), codes)


def _checked(model: Model, one: Delay, eligible: Flags) -> list[Message]:
    """What the log says about such a delay; refuses one below the law's."""
    took, steps = _took(model, one, eligible)
    by_law = [name for name in steps if model.log.about.tags.get(name) == LAW]
    said: list[Message] = []
    if by_law and len(took) and one.length < np.median(took):
        if not one.legal_basis:
            raise ValueError(
                f"The time before {by_law[0]!r} is set by law. To try {one.days:g} days, state what would allow it: "
                "set_delay(..., legal_basis=...). It is printed with every result."
            )
        said.append(Message("forecast.legal", {"step": by_law[0], "basis": one.legal_basis}))
    if not len(took):
        return [*said, Message("forecast.nobody", {"step": one.name})]
    values: dict[str, Value] = {"step": one.name, "n": len(took), "time": days_said(one.days)}
    fast = int((took <= one.length).sum())
    if fast:
        return [*said, Message("forecast.seen", {**values, "fast": fast})]
    tenth = float(np.quantile(took, 0.1)) / 1e6
    return [*said, Message("forecast.unseen", {**values, "tenth": Span(tenth)})]


def _took(model: Model, one: Delay, eligible: Flags) -> tuple[Ints, list[str]]:
    """How long it took whenever it happened to eligible cases (microseconds), and the steps whose time it holds."""
    log, visits = model.log, model.visits
    if isinstance(one.step, str):
        code = _code(log.about, one.step)
        return visits.gap[np.isin(visits.cause, code) & eligible[visits.case]], [one.step]
    begin = first(one.step[0]).place(log)
    wanted = np.isin(log.activity, codes_of(log.about, one.step[1]))
    event = np.arange(len(log.activity))
    case = np.repeat(np.arange(len(log)), np.diff(log.offset))
    after = (begin[case] >= 0) & (event > begin[case])
    found = np.flatnonzero(wanted & after & eligible[case])
    cases, place = np.unique(case[found], return_index=True)
    second = found[place]
    until = np.full(len(log), -1)
    until[cases] = second
    inside = np.unique(log.activity[after & (event <= until[case])])
    return log.time[second] - log.time[begin[cases]], [log.about.activities[code] for code in inside]
