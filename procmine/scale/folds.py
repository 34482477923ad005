"""Logs that are read part by part: filters that are applied to each part, and what is asked of all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, partial
from typing import Any, Generic, Literal, NoReturn, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.case_hash import case_hash
from procmine.kernels.partial import Partial, Tally, merge_all
from procmine.log import NOT_IN_MEMORY, EventLog, LogError, Text, begun, card, check_attributes, check_values, told
from procmine.scale.together import together
from procmine.words import Message

P = TypeVar("P", bound=Partial)
ODD = 0x9E3779B97F4A7C15


class NotInMemoryError(LogError, AttributeError):
    """What only a log in memory has was asked of one that is read part by part."""


@dataclass(frozen=True)
class Step:
    """A filter to be applied to each part: a method of EventLog, what it is given, and the attributes that it reads."""

    name: str
    given: tuple[Any, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[str, ...] = ()

    def of(self, log: EventLog) -> EventLog:
        smaller: EventLog = getattr(log, self.name)(*self.given, **self.more)
        return smaller


@dataclass(frozen=True)
class Steps:
    """Filters one after the other, and what is then known of the whole log; picklable."""

    about: About
    steps: tuple[Step, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        return tuple(name for step in self.steps for name in step.reads)

    def of(self, part: EventLog) -> EventLog:
        for step in self.steps:
            part = step.of(part)
        return replace(part, about=self.about)


@dataclass(frozen=True)
class Asked(Generic[P]):
    """A question asked of a part after the filters; picklable if the question is."""

    steps: Steps
    question: Callable[[EventLog], P]

    def __call__(self, part: EventLog) -> P:
        return self.question(self.steps.of(part))


@dataclass(frozen=True, repr=False, eq=False)
class Folded(ABC):
    """A log that is read part by part. Filters are noted, and applied to each part when something is asked.

    A subclass says how parts are read and reduced, before any filter; `whole` is what is known of the log then.
    """

    whole: About
    filters: Steps

    @abstractmethod
    def _parts(self, columns: Sequence[str]) -> Iterator[EventLog]:
        """The parts before the filters, with only these attributes."""

    def _reduce(self, of: Callable[[EventLog], P], columns: Sequence[str]) -> P:
        """`of` of every part before the filters, merged."""
        return merge_all(map(of, self._parts(columns)))

    def _values(self, name: str) -> set[str]:
        """All values of an attribute of cases, before the filters."""
        return {str(value) for value in self._reduce(partial(_values, name=name), (name,)).of.of}

    @property
    def about(self) -> About:
        return self.filters.about

    def parts(self, columns: Sequence[str] = ()) -> Iterator[EventLog]:
        """The parts one by one, filtered, with these attributes (and those that the filters read)."""
        for part in self._parts(self._read(columns)):
            yield self.filters.of(part)

    def reduce(self, of: Callable[[EventLog], P], columns: Sequence[str] = ()) -> P:
        return self._reduce(Asked(self.filters, of), self._read(columns))

    def _read(self, columns: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*columns, *self.filters.reads)))

    # filters

    def where(self, attributes: Mapping[str, str | Sequence[str]]) -> Self:
        """Cases whose attributes have the values named, as `EventLog.where`."""
        check_attributes(self.about, attributes, self.about.attributes)
        for name, value in attributes.items():
            self._check_values(name, [value] if isinstance(value, str) else value)
        return self._with(Step("_among", (dict(attributes),), reads=tuple(attributes)))

    def between(self, first: str, last: str, *, rule: Literal["started", "touching", "inside"] = "started") -> Self:
        """Cases of a period, as `EventLog.between`."""
        return self._with(Step("between", (first, last), {"rule": rule}))

    def having(self, *steps: str) -> Self:
        """Cases in which every one of these steps (or stages) happened."""
        return self._with(Step("having", steps))

    def not_having(self, *steps: str) -> Self:
        """Cases in which none of these steps (or stages) happened, so far."""
        return self._with(Step("not_having", steps))

    def beginning_with(self, *steps: str) -> Self:
        """Cases whose first event is one of these steps (or stages). Reads the log once, to count those left out."""
        smaller = self._with(Step("beginning_with", steps))
        seen = self.reduce(partial(_beginning, steps=steps))
        before, after = seen.cases.tolist()
        begins = self.about.begins if seen.first.value is None else seen.first.value
        return replace(
            smaller, filters=replace(smaller.filters, about=begun(self.about, steps, before - after, begins))
        )

    def only_activities(self, names: Sequence[str]) -> Self:
        """All cases, with only these steps. The time of steps left out stays in the case, and is shown as such."""
        return self._with(Step("only_activities", (tuple(names),)))

    def by_stages(self) -> Self:
        """Every step under the name of its stage, as `EventLog.by_stages`."""
        return self._with(Step("by_stages"))

    def cut_to(self, cutoff: str) -> Self:
        """The log as it stood at the end of the day `cutoff`: later events are gone, cases that went on are open."""
        return self._with(Step("cut_to", (cutoff,)))

    def with_case_attribute(self, name: str, *, rule: Literal["first", "last"]) -> Self:
        """The event attribute `name` also as a case attribute: its first, or its last, value in each case."""
        return self._with(Step("with_case_attribute", (name,), {"rule": rule}, (name,)))

    def _with(self, step: Step) -> Self:
        """One filter more; it says itself, of a log without cases, what is then known and what is wrong with it."""
        about = step.of(empty(self.about)).about
        return replace(self, filters=Steps(about, (*self.filters.steps, step)))

    def _check_values(self, name: str, wanted: Sequence[str]) -> None:
        """A value that no part has is unknown. How many cases have each is only counted for the error."""
        known = self._values(name) if name in self.whole.attributes else None
        if known is not None and known.issuperset(wanted):
            return
        counted = self.reduce(partial(_values, name=name), (name,)).of.of
        levels = sorted(known if known is not None else map(str, counted))
        cases = np.array([int(counted[one][0]) if one in counted else 0 for one in levels], np.int64)
        check_values(self.about, name, wanted, levels, cases)

    def sample(self, *, cases: int, seed: int) -> EventLog:
        """At most so many cases, drawn without replacement, in memory, sorted by name. Reads the log twice.

        Drawn are those whose names, hashed with the seed, come first: the same ones into however many parts the log is cut.
        """
        if cases < 1:
            raise ValueError(f"{cases} cases: at least 1 is needed.")
        lowest = self.reduce(partial(_lowest, cases=cases, seed=seed)).of.values
        limit = int(lowest[-1]) if len(lowest) else 0
        columns = (*self.about.attributes, *self.about.event_attributes)
        drawn = self.reduce(partial(_drawn, limit=limit, seed=seed), columns).of.parts
        log = _by_name(together(drawn) if drawn else empty(self.about))
        return replace(log, about=self.about.after(Message("kept.sample", {"cases": len(log), "seed": seed})))

    # what it is

    @cached_property
    def _counted(self) -> tuple[int, int, int, int]:
        cases, events, waiting, dormant = self.reduce(_counts).cases.tolist()
        return cases, events, waiting, dormant

    def __len__(self) -> int:
        """How many cases. Reads the log once."""
        return self._counted[0]

    @property
    def size(self) -> int:
        """How many events."""
        return self._counted[1]

    def messages(self) -> list[Message]:
        """What this log is: counts, what is open, what the door noted, what the filters did."""
        return told(self.about, *self._counted)

    def __str__(self) -> str:
        return "\n".join(message.say() for message in self.messages())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        """A card that ends with the next calls."""
        return card(self.about, self.messages())

    def __getattr__(self, name: str) -> NoReturn:
        if name in MEMORY_ONLY:
            raise NotInMemoryError(NOT_IN_MEMORY)
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")


MEMORY_ONLY = {one.name for one in fields(EventLog)} - {"about"}
MEMORY_ONLY |= {name for name in vars(EventLog) if not name.startswith("_") and name not in vars(Folded)}


def empty(about: About) -> EventLog:
    """A log of that kind without cases."""
    import pyarrow as pa

    none, nothing = np.empty(0, np.int64), Text(np.empty(0, np.int32), pa.array([], pa.string()))
    per_case, per_event = (dict.fromkeys(names, nothing) for names in (about.attributes, about.event_attributes))
    watched = {"arrival": none, "until": none, "open": np.empty(0, bool), "case": nothing}
    events = {"activity": np.empty(0, np.uint8), "time": none, "offset": np.zeros(1, np.int64)}
    return EventLog(about=about, **events, **watched, attributes=per_case, event_attributes=per_event)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Least:
    """The least of numbers; None of none."""

    value: int | None

    def merge(self, other: Least) -> Least:
        values = [one.value for one in (self, other) if one.value is not None]
        return Least(min(values, default=None))


@dataclass(frozen=True, eq=False)
class Lowest:
    """At most `most` hashes, the lowest, ascending."""

    most: int
    values: NDArray[np.uint64]

    def merge(self, other: Lowest) -> Lowest:
        return Lowest(self.most, np.sort(np.concatenate((self.values, other.values)))[: self.most])


@dataclass(frozen=True, eq=False)
class Several:
    """Logs beside each other."""

    parts: tuple[EventLog, ...]

    def merge(self, other: Several) -> Several:
        return Several((*self.parts, *other.parts))


@dataclass(frozen=True, eq=False)
class Counts(Partial):
    """Numbers of cases and events, and when the first came."""

    cases: NDArray[np.int64]  # how many cases, events, open and dormant ones; or cases before and after a filter
    first: Least = Least(None)  # arrival


@dataclass(frozen=True, eq=False)
class Seen(Partial):
    """One thing that can be merged."""

    of: Any  # one of the above, or a Tally


def _counts(log: EventLog) -> Counts:
    return Counts(np.array([len(log), len(log.time), log.open.sum(), log.dormant.sum()], np.int64))


def _beginning(log: EventLog, steps: Sequence[str]) -> Counts:
    smaller = log.beginning_with(*steps)
    return Counts(np.array([len(log), len(smaller)], np.int64), Least(min(smaller.arrival.tolist(), default=None)))


def _values(log: EventLog, name: str) -> Seen:
    text = log.attributes[name]
    cases = np.bincount(text.codes[text.codes >= 0], minlength=len(text.levels)).astype(np.float64)
    return Seen(Tally({level: np.array([n]) for level, n in zip(text.levels.to_pylist(), cases)}))


def _drawing(log: EventLog, seed: int) -> NDArray[np.uint64]:
    """Per case a number by chance, which depends on its name and the seed only."""
    import pyarrow as pa

    salt = np.uint64(seed * ODD % 2**64)
    mixed = case_hash(log.case.levels.take(pa.array(log.case.codes))) ^ salt
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def _lowest(log: EventLog, cases: int, seed: int) -> Seen:
    return Seen(Lowest(cases, np.sort(_drawing(log, seed))[:cases]))


def _drawn(log: EventLog, limit: int, seed: int) -> Seen:
    kept = np.flatnonzero(_drawing(log, seed) <= np.uint64(limit))
    return Seen(Several((log.take(kept),) if len(kept) else ()))


def _by_name(log: EventLog) -> EventLog:
    import pyarrow as pa
    from pyarrow import compute

    names = log.case.levels.take(pa.array(log.case.codes))
    return log.take(np.asarray(compute.sort_indices(names)).astype(np.int64))
