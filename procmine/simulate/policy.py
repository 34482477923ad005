"""Policy: what is to be different, as data, checked against a log before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import TypeAlias

import numpy as np

from procmine.about import About
from procmine.kernels.blocks import DAY as DAY_IN_MICROSECONDS
from procmine.kernels.flow import Ints
from procmine.kernels.sampler import Flags
from procmine.log import EventLog, LogError, codes_of
from procmine.see.times import first
from procmine.simulate.fit import Model
from procmine.words import Message, Span, Value

Step: TypeAlias = "str | tuple[str, str]"
LAW, OTHERS = "law", "another party"  # tags of steps


@dataclass(frozen=True)
class Delay:
    """`step` takes `days` instead; `leaving`: see `Policy.set_delay`."""

    step: Step
    days: float
    leaving: tuple[str, ...] | None = None
    legal_basis: str | None = None

    @property
    def length(self) -> int:
        return round(self.days * DAY_IN_MICROSECONDS)

    @property
    def name(self) -> str:
        return self.step if isinstance(self.step, str) else " → ".join(self.step)

    @property
    def said(self) -> Message:
        if isinstance(self.step, str):
            return Message("policy.delay", {"step": self.step, "time": _days(self.days)})
        first, second = self.step
        return Message("policy.delay.pair", {"first": first, "second": second, "time": _days(self.days)})


@dataclass(frozen=True)
class Policy:
    """What is to be different, and for which cases. Nothing changes it: every verb returns a copy.

    `words` (optional) say it as the half-sentence after "If ...": "eligible orders were issued in a day".
    """

    name: str
    words: str | None = None
    delays: tuple[Delay, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def set_delay(
        self,
        step: Step,
        *,
        days: float,
        leaving: Sequence[str] | None = None,
        legal_basis: str | None = None,
    ) -> Policy:
        """The step takes `days` (calendar days, elapsed) instead of what it took.

        A step: every time it comes next, it comes `days` after the step before it. A pair of milestones ("Petition filed",
        "Court order issued"): from the first of the one to the first of the other after it; steps in between move closer
        (or apart) in proportion, later ones shift. What then follows takes as long as it always took.

        Which cases come to the step? Those that would have; the policy makes the step faster, not likelier: a case that
        would have been dismissed, or sent back first, still is, at its own time. Only `leaving` ends run on a clock of
        their own, because somebody gives up: with the step after 1 day nobody can leave before it on day 40, so those who
        would have go on to what was decided for them. (Two independent draws a visit, the earlier counts: cause-specific
        latent times.) Default for `leaving`: ends that the log's spec tags as another party's to change; () for none. For a
        pair those who leave in between leave as they did.

        Below what was usual for a step that is tagged "law", `legal_basis` must be stated; every result prints it.
        """
        if not isfinite(days) or days < 0:
            raise ValueError(f"{days} days: a step can take 0 days or more.")
        if any(one.step == step for one in self.delays):
            raise ValueError(f"{step!r} is set already in this policy.")
        one = Delay(step, float(days), None if leaving is None else tuple(leaving), legal_basis)
        return replace(self, delays=(*self.delays, one))

    def where(self, named: Mapping[str, str | Sequence[str]] | None = None, /, **more: str | Sequence[str]) -> Policy:
        """Only for cases whose attributes have these values, or one of them: `.where(contested="no")`.

        Names that Python cannot write so come as a mapping: `.where({"case type": "new"})`.
        """
        attributes = {**(named or {}), **more}
        wanted = {name: (value,) if isinstance(value, str) else value for name, value in attributes.items()}
        for name, values in wanted.items():
            if not isinstance(values, Sequence) or not all(isinstance(value, str) for value in values):
                raise ValueError(
                    f"{name}={values!r}: attributes are text; write the value as the log has it, in quotes."
                )
        return replace(self, only={**self.only, **{name: tuple(values) for name, values in wanted.items()}})

    @classmethod
    def read(cls, path: str | Path) -> Policy:
        """From YAML: name, words, where {attribute: value}, set_delay [{step, days, leaving, legal_basis}]."""
        from procmine.simulate.policy_file import PolicyFile

        written = PolicyFile.read(path)
        policy = cls(written.name, written.words)
        for one in written.set_delay:
            policy = policy.set_delay(one.step, days=one.days, leaving=one.leaving, legal_basis=one.legal_basis)
        return policy.where(**written.where or {})

    @property
    def said(self) -> Message:
        """The half-sentence after "If"."""
        if self.words:
            return Message("policy.words", {"words": self.words})
        parts = [one.said for one in self.delays]
        if not self.only:
            return Message("policy.all", {"what": tuple(parts)})
        where = [Message("kept.where.one", {"name": name, "value": ", ".join(v)}) for name, v in self.only.items()]
        return Message("policy.some", {"what": tuple(parts), "where": tuple(where)})


def _days(days: float) -> Message:
    """As the user wrote them."""
    return Message("span.day" if days == 1 else "span.days", {"n": f"{days:g}"})


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
    values: dict[str, Value] = {"step": one.name, "n": len(took), "time": _days(one.days)}
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
