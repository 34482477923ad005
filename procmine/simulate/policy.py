"""Policy: what is to be different, as data, checked against a log before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

from procmine.simulate.policies.acts import (
    ORDER,
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
    Step,
    Swap,
    Volume,
    name_of,
)
from procmine.simulate.policies.clashes import check_acts, check_parts
from procmine.simulate.policies.takes import Days, days_of, filter_said, named
from procmine.words import Message

T = TypeVar("T", bound=Act)
AUTHORITIES = ("habit", "our policy", "rule", "another party", "law")  # cheapest permission first
SAME = {"court rule": "rule", "other party": "another party"}
DAY = r"\d{4}-\d\d-\d\d"


@dataclass(frozen=True)
class Policy:
    """What is to be different, and for which cases. Nothing changes it: every verb returns a copy.

    `words` (optional) say it as the half-sentence after "If ...": "eligible orders were issued in a day". A policy may hold
    several acts; in what order they are written does not matter. `a + b` puts policies together, each for its own cases and
    from its own day. What cannot be done at once is refused.
    """

    name: str
    words: str | None = None
    acts: tuple[Act, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    since: str | None = None  # the day from which it holds; None: always
    ramp: float = 0.0  # days over which cases come under it, one after another
    authority: str | None = (
        None  # whose permission it takes: one of AUTHORITIES; None: as the log's spec says of its steps
    )
    legal_basis: str | None = None
    keeps: Mapping[str, str] = field(default_factory=dict)  # step -> why no right is lost although its name sounds so
    parts: tuple[Policy, ...] = ()  # of policies put together; then it has no acts of its own

    def __post_init__(self) -> None:
        name_of("name", self.name)

    def __hash__(self) -> int:
        return hash(str(self.to_dict()))

    # ---- times ----

    def set_delay(
        self,
        step: Step,
        *,
        days: Days,
        leaving: Sequence[str] | None = None,
        legal_basis: str | None = None,
    ) -> Policy:
        """The step takes `days` (calendar days, elapsed) instead of what it took; a number, or a range (`Takes`).

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
        return self._with(Delay(step, days, None if leaving is None else tuple(leaving), legal_basis))

    def scale_delay(self, step: str, *, by: float) -> Policy:
        """The step takes `by` times as long as it did: 0.8 is a fifth less, 1.5 half as long again."""
        return self._with(Scale(step, by))

    def cap_delay(self, step: str, *, days: Days, leaving: Sequence[str] | None = None) -> Policy:
        """The step takes at most `days`; what was faster stays as it was. `leaving` as in `set_delay`."""
        return self._with(Cap(step, days, None if leaving is None else tuple(leaving)))

    def escalate(self, step: str, *, after: float, days: Days) -> Policy:
        """Where the step has not come `after` so many days, somebody steps in, and it takes at most `days` from then on."""
        return self._with(Escalate(step, after, days))

    # ---- order of steps ----

    def skip(self, step: str, *, chance: float = 1.0) -> Policy:
        """The step is left out, always or in that share of the times it would come; cases go on as if it had been done."""
        return self._with(Skip(step, chance))

    def insert(self, step: str, *, after: str, days: Days = 0.0, chance: float = 1.0) -> Policy:
        """A step that the log does not have comes `days` after `after`, always or with that chance; all later by that."""
        return self._with(Insert(step, after, days, chance))

    def reroute(self, *, after: str, to: str, chance: float) -> Policy:
        """Right after `after`, `to` comes next in this share of cases; other ways keep their proportions."""
        return self._with(Reroute(after, to, chance))

    def side_by_side(self, first: str, second: str) -> Policy:
        """`second`, which follows `first` today, begins when `first` begins; what comes then waits for both."""
        return self._with(Beside(first, second))

    def reorder(self, step: str, *, before: str) -> Policy:
        """`step` is done before `before`, right after which it comes today."""
        return self._with(Swap(step, before))

    # ---- days and hours ----

    def session(self, step: str, *, every: str, on: str | Sequence[str] = (), capacity: int | None = None) -> Policy:
        """The step is held on fixed days: every "week" on "tuesday" (or several), every "2 weeks", "3 weeks" or "4 weeks" on
        a weekday, every "month" on "15" or "last", every "working day". `capacity`: cases a session.
        """
        return self._with(Session(step, every, (on,) if isinstance(on, str) else tuple(on), capacity))

    def opening_hours(
        self, hours: Mapping[str, str], *, step: str | None = None, holidays: str | None = None
    ) -> Policy:
        """Work is done in these hours, by weekday: {"monday": "08:00-18:00", ...}; for one step, or for all that are done in
        office hours today. `holidays`: a country whose public holidays are closed.
        """
        return self._with(Hours(hours, step, holidays))

    # ---- people, numbers, turns ----

    def staff(self, who: str, *, add: int) -> Policy:
        """So many more people (-1: one less) do a step, or belong to a group of people that was found in the log."""
        return self._with(Staff(who, add))

    def volume(self, *, percent: float) -> Policy:
        """20: 20% more cases come; -10: 10% fewer."""
        return self._with(Volume(percent))

    def case_mix(self, attribute: str, shares: Mapping[str, float]) -> Policy:
        """New cases have these values in these shares; values not named keep their proportions. The model must tell them
        apart: `fit(log, by=[attribute])`.
        """
        return self._with(Mix(attribute, shares))

    def priority(
        self,
        who: str,
        *,
        first: Mapping[str, str | Sequence[str]] | None = None,
        by_age: Literal["oldest", "newest"] | None = None,
    ) -> Policy:
        """Whose turn comes first at a step or with a group of people: cases with these attributes, or who came to it
        first ("oldest") or last ("newest").
        """
        return self._with(Priority(who, None if first is None else named(first), by_age))

    def close_after(self, *, days: float, after: str | None = None, ends_as: str = "Closed automatically") -> Policy:
        """A case that is still open so many days after it came (or after its first `after`) is closed then."""
        return self._with(Deadline(days, after, ends_as))

    # ---- money ----

    def cost(
        self,
        *,
        once: float = 0.0,
        per_year: float = 0.0,
        per_case_day: float = 0.0,
        per_step: Mapping[str, float] | None = None,
    ) -> Policy:
        """What the policy costs, once and a year, and what work costs: a day that a case is open, a step each time it is
        done (new steps too). Both worlds are priced alike; money in the unit that you use.
        """
        return self._with(Cost(once, per_year, per_case_day, per_step or {}))

    # ---- for whom, from when, by whose permission ----

    def where(
        self, named_so: Mapping[str, str | Sequence[str]] | None = None, /, **more: str | Sequence[str]
    ) -> Policy:
        """Only for cases whose attributes have these values, or one of them: `.where(contested="no")`.

        Names that Python cannot write so come as a mapping: `.where({"case type": "new"})`.
        """
        self._alone("where")
        wanted = named({**(named_so or {}), **more})
        for name, values in wanted.items():
            if not set(values) & set(self.only.get(name, values)):
                earlier = ", ".join(self.only[name])
                raise ValueError(f"{name} is to be {', '.join(values)} and also {earlier}: no case is both.")
            wanted[name] = tuple(one for one in values if one in self.only.get(name, values))
        return replace(self, only={**self.only, **wanted})

    def starting(self, day: str, *, ramp: float = 0.0) -> Policy:
        """From this day (2027-03-01) on, for steps that are not done by then; with `ramp` days, cases come under it one after
        another, evenly over them.
        """
        import re

        self._alone("starting")
        if not isinstance(day, str) or not re.fullmatch(DAY, day):
            raise ValueError(f"from: {str(day)[:40]!r} is no day; write it as 2027-03-01.")
        try:
            date.fromisoformat(day)
        except ValueError:
            raise ValueError(f"from: there is no day {day}.") from None
        return replace(self, since=day, ramp=days_of("ramp", ramp))

    def allowed_by(self, authority: str | None = None, *, legal_basis: str | None = None) -> Policy:
        """Whose permission it takes: "habit", "our policy", "rule", "another party" or "law"; and the law that allows what
        would otherwise be refused, which every result prints.
        """
        self._alone("allowed_by")
        kind = None if authority is None else SAME.get(authority, authority)
        if kind is not None and kind not in AUTHORITIES:
            raise ValueError(f"authority: {str(authority)[:40]!r}; there are: {', '.join(AUTHORITIES)}.")
        if legal_basis is not None:
            name_of("legal_basis", legal_basis)
        return replace(self, authority=kind or self.authority, legal_basis=legal_basis or self.legal_basis)

    def keeps_right(self, step: str, *, because: str) -> Policy:
        """Say that leaving out or hastening this step takes nobody's right, although its name sounds like a notice, a hearing
        or an appeal; every result prints why.
        """
        self._alone("keeps_right")
        return replace(self, keeps={**self.keeps, name_of("step", step): name_of("because", because)})

    # ---- together ----

    def __add__(self, other: Policy) -> Policy:
        return Policy.together(self, other)

    @classmethod
    def together(cls, *policies: Policy, name: str | None = None) -> Policy:
        """All of them at once, each for its own cases and from its own day; ValueError if they contradict each other."""
        parts = tuple(part for one in policies for part in one.each)
        if not parts:
            raise ValueError("Policy.together: name the policies to put together.")
        check_parts(parts)
        return cls(name or " + ".join(one.name for one in policies), only=_common(parts), parts=parts)

    @property
    def each(self) -> tuple[Policy, ...]:
        """The policies of which it is made; itself if it is not made of others."""
        return self.parts or (self,)

    def of(self, kind: type[T]) -> tuple[T, ...]:
        """All its acts of this kind."""
        return tuple(act for part in self.each for act in part.acts if isinstance(act, kind))

    @property
    def delays(self) -> tuple[Delay, ...]:
        return self.of(Delay)

    @property
    def chosen_by(self) -> tuple[str, ...]:
        """Every attribute by which it chooses cases."""
        names = [name for part in self.each for name in part.only]
        names += [name for act in self.of(Priority) for name in act.first or ()]
        return tuple(dict.fromkeys(names))

    # ---- as text ----

    @classmethod
    def read(cls, path: str | Path) -> Policy:
        """From YAML; docs/policies.md has every key. SettingsError lists what is wrong with it."""
        from procmine.simulate.policy_file import read

        return read(path)

    def to_dict(self) -> dict[str, Any]:
        """As in a policy file; `Policy.from_dict` reads it."""
        from procmine.simulate.policy_file import plain

        return plain(self)

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Policy:
        from procmine.simulate.policy_file import policy_of

        return policy_of(written)

    def to_yaml(self) -> str:
        """The text of a policy file."""
        from procmine import settings

        return settings.written(self.to_dict())

    @property
    def said(self) -> Message:
        """The half-sentence after "If"."""
        if self.words:
            return Message("policy.words", {"words": self.words})
        if self.parts:
            return together([one.said for one in self.parts])
        told = [act for act in self.acts if not isinstance(act, Cost)] or self.acts
        what = together([one.said for one in told])
        if self.since is not None:
            what = Message("policy.from", {"what": what, "day": self.since})
        if not self.only:
            return what
        return Message("policy.some", {"what": (what,), "where": filter_said(self.only)})

    def _with(self, act: Act) -> Policy:
        self._alone(act.verb)
        acts = (*self.acts, act)
        check_acts(acts)
        return replace(self, acts=tuple(sorted(acts, key=lambda one: ORDER[type(one)])))

    def _alone(self, verb: str) -> None:
        if self.parts:
            raise ValueError(f"{self.name!r} is several policies together: use .{verb}(...) on one of them, then add.")


def together(said: Sequence[Message]) -> Message:
    """Half-sentences as one: "this, that and the other"."""
    *most, last = said
    if not most:
        return Message("policy.all", {"what": (last,)})
    return Message("policy.and", {"what": tuple(most), "last": last})


def _common(parts: Sequence[Policy]) -> Mapping[str, tuple[str, ...]]:
    """What is true of every case that any of them is for."""
    first, *rest = parts
    names = [name for name in first.only if all(name in one.only for one in rest)]
    return {name: tuple(dict.fromkeys(value for one in parts for value in one.only[name])) for name in names}
