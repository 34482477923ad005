"""Pieces: what one act is in numbers, and what the log can say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property

import numpy as np

from procmine.kernels.blocks import DAY
from procmine.kernels.edits import Deadline, Edit, Route, Scope, Seats
from procmine.log import LogError
from procmine.simulate.fit import Model
from procmine.simulate.policies.acts import Act, Tag, name_of
from procmine.simulate.policies.seen import Flags, Seen, code_of, eligible
from procmine.simulate.policies.takes import Days, Floats, Named
from procmine.words import Message


@dataclass(frozen=True, eq=False)
class Turn:
    """What is different of the group of people number `pool`: how many they are, and whose turn comes first."""

    pool: int
    add: int = 0
    priority: tuple[int, ...] | None = None
    newest: bool = False


@dataclass(frozen=True, eq=False)
class Pieces:
    """What acts change; the sum of two holds both. Parts of `Changes`, `Shared` and `Plan` of the same names.

    leaving: codes of ends that run on a clock of their own. turns: of the log's groups of people; `queues`: cases wait for
    them.
    """

    edits: tuple[Edit, ...] = ()
    routes: tuple[Route, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    pairs: tuple[tuple[Flags, Flags, int], ...] = ()
    beside: tuple[tuple[int, int], ...] = ()
    swapped: tuple[tuple[int, int], ...] = ()
    leaving: tuple[int, ...] = ()
    seats: tuple[Seats, ...] = ()
    turns: tuple[Turn, ...] = ()
    queues: bool = False

    def __add__(self, other: Pieces) -> Pieces:
        both = {
            one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self) if one.name != "queues"
        }
        return Pieces(**both, queues=self.queues or other.queues)

    @property
    def fixed(self) -> bool:
        """Whether some of it has to be for the cases of scope 0."""
        return bool(self.pairs or self.beside or self.swapped)


@dataclass(frozen=True, eq=False)
class Made:
    """An act in numbers. Known: `fast` is `slow`. Else the least and the most time that cases may take with it; None: open.

    `why`: what the log says for or against a single figure; `resolve`: the data that would settle it.
    """

    fast: Pieces | None
    slow: Pieces | None
    said: tuple[Message, ...] = ()
    why: Message | None = None
    resolve: Message | None = None

    @classmethod
    def known(cls, pieces: Pieces, said: Sequence[Message] = (), why: Message | None = None) -> Made:
        return cls(pieces, pieces, tuple(said), why)

    @property
    def is_known(self) -> bool:
        return self.fast is self.slow and self.fast is not None


@dataclass(frozen=True, eq=False)
class Standing:
    """What can be known of an act from this log. assumes: what its figure rests on."""

    act: Message
    tag: Tag
    known: bool
    assumes: Message
    reason: Message
    resolve: Message | None = None


@dataclass(frozen=True, eq=False)
class Look:
    """A model's log with an eye on some cases: those of one policy, which is scope `scope`."""

    model: Model
    seen: Seen
    chosen: Flags
    scope: int
    horizon: int  # the last moment that is simulated
    new: dict[str, int] = field(
        default_factory=dict
    )  # names of new steps -> number; like what follows, of all policies
    clocks: list[Floats] = field(default_factory=list)  # behind those of the model: upto
    scopes: list[Scope] = field(default_factory=list)

    def code(self, step: str) -> int:
        return code_of(self.model.log, step)

    def table(self, days: Days, step: str) -> Floats:
        return self.seen.table(days, self.code(step))

    def numbered(self, name: str) -> int:
        """Of a new step."""
        if name in self.model.log.about.activities:
            raise LogError(f"{name!r} is a step of this log already; give the new one a name of its own.")
        return self.new.setdefault(name_of("step", name), len(self.model.log.about.activities) + len(self.new))

    def flags(self, codes: Sequence[int]) -> Flags:
        """Per cause of the model."""
        return np.isin(np.arange(self.model.visits.steps + 1), np.asarray(codes, np.int64))

    @cached_property
    def weekly(self) -> float:
        """Weeks of arrivals in the log, at most the last 52."""
        log = self.model.log
        return float(min(max((log.about.cutoff - int(log.arrival.min())) / (7 * DAY), 1.0), 52.0))

    def a_week(self, step: int) -> float:
        """How often a step came a week, in the last year of the log, in all cases."""
        log = self.model.log
        recent = log.time > log.about.cutoff - self.weekly * 7 * DAY
        return float((recent & (log.activity == step)).sum()) / self.weekly

    def scope_of(self, among: Flags) -> int:
        """The number of the scope of these cases, from when on this one's are."""
        own = self.scopes[self.scope]
        return numbered_scope(self.scopes, Scope(among, own.since, own.ramp))

    def among(self, only: Named) -> Flags:
        return eligible(self.model.log, only)


def numbered_scope(scopes: list[Scope], wanted: Scope) -> int:
    """Its place among these, behind them if it is new."""
    for number, one in enumerate(scopes):
        if (one.since, one.ramp) == (wanted.since, wanted.ramp) and np.array_equal(one.applies, wanted.applies):
            return number
    scopes.append(wanted)
    return len(scopes) - 1


def each_once(messages: Sequence[Message]) -> tuple[Message, ...]:
    found: list[Message] = []
    for one in messages:
        found += [] if one in found else [one]
    return tuple(found)


def told(act: Act, made: Made) -> Standing:
    known = Message(f"standing.known.{act.tag or 'cost'}")
    return Standing(
        act.said,
        act.tag,
        made.is_known,
        Message(f"assumes.{act.verb}"),
        made.why or known,
        made.resolve,
    )
