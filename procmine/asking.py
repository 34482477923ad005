"""Asking: a question put to a log, of all its cases or of each group of them."""

from __future__ import annotations

import functools
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Generic, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.flow import Ints
from procmine.kernels.partial import Partial, Tally
from procmine.log import EventLog, Log, LogError, Summary, Text, check_attributes, shown, unlike
from procmine.results import LATE_VALUE, Result, Rows
from procmine.words import Message

P = TypeVar("P", bound=Partial)
R = TypeVar("R", bound=Result)

Period = Literal["year", "quarter", "month"]


def ask(log: Log, question: Summary[P, R], by: Sequence[str] = (), period: Period | None = None) -> R:
    """Answer a question, for all cases or for each group of cases (by attributes, and by when they arrived)."""
    by = (by,) if isinstance(by, str) else tuple(by)
    check_attributes(log.about, by, log.about.attributes)
    check_attributes(log.about, question.reads, (*log.about.attributes, *log.about.event_attributes))
    if not by and period is None:
        whole = log.reduce(question.of, question.reads)
        return question.result(question.rows(whole, log.about), log.about, whole.exact)
    grouped = Grouped(question, tuple(by), period)
    found = log.reduce(Beside(grouped, tuple(by)).of, (*by, *question.reads))
    groups = found.groups
    rows = grouped.rows(groups, log.about)
    about = found.known.told(log.about)
    return replace(question.result(rows, about, groups.exact), groups=tuple(rows)[: len(grouped.names)])


LEAST_KNOWN, SELDOM = 30, 0.5  # open and finished cases; as often as finished ones have the value


def told_late(log: Log, by: Sequence[str]) -> About:
    """What is known of the log; where open cases have an attribute less than half as often as finished ones do, with a
    warning: it is written down late, so groups by it leave out those that still wait, and look quick."""
    by = (by,) if isinstance(by, str) else tuple(by)
    return log.reduce(functools.partial(known_of, by=by), by).told(log.about) if by else log.about


@dataclass(frozen=True, eq=False)
class Known(Partial):
    """How many cases are open and finished, and of them how many have each attribute."""

    cases: Tally

    def told(self, about: About) -> About:
        open_cases, ended = self.cases.of[""]
        if min(open_cases, ended) < LEAST_KNOWN:
            return about
        for name, known in ((name, known) for name, known in self.cases.of.items() if name):
            of_open, of_ended = float(known[0] / open_cases), float(known[1] / ended)
            if of_open < SELDOM * of_ended and of_ended > 0:
                about = about.after(
                    Message(LATE_VALUE, {"name": str(name), "known_open": of_open, "known_ended": of_ended})
                )
        return about


def known_of(log: EventLog, by: Sequence[str]) -> Known:
    """Of one part of a log."""
    counted: dict[Hashable, NDArray[np.float64]] = {"": np.array([log.open.sum(), (~log.open).sum()], np.float64)}
    for name in by:
        known = log.attributes[name].codes >= 0
        counted[name] = np.array([(known & log.open).sum(), (known & ~log.open).sum()], np.float64)
    return Known(Tally(counted))


@dataclass(frozen=True, eq=False)
class Groups(Partial, Generic[P]):
    """One partial per group; a key holds the group's values as text, so that shards need not share codes."""

    of_group: Mapping[Key, P]
    cap: int = 10_000_000

    def merge(self, other: Groups[P]) -> Groups[P]:
        both = dict(self.of_group)
        for key, partial in other.of_group.items():
            both[key] = both[key].merge(partial) if key in both else partial
        return Groups(both, self.cap)._fit()

    @property
    def exact(self) -> bool:
        return all(partial.exact for partial in self.of_group.values())

    def _fit(self) -> Groups[P]:
        """All groups together hold at most `cap` exact pairs: one group on the grid puts all there."""
        if self.exact and sum(partial.pairs for partial in self.of_group.values()) <= self.cap:
            return self
        return Groups({key: partial.coarse() for key, partial in self.of_group.items()}, self.cap)


@dataclass(frozen=True)
class Grouped(Generic[P, R]):
    """Any question, asked of each group of whole cases."""

    question: Summary[P, R]
    by: tuple[str, ...]
    period: Period | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes, and the period, that tell groups apart."""
        return (*self.by, *([self.period] if self.period else []))

    def of(self, log: EventLog) -> Groups[P]:
        groups = {key: self.question.of(part) for key, part in split(log, self.by, self.period)}
        return Groups(groups)._fit()

    def rows(self, groups: Groups[P], about: About) -> Rows:
        """The question's rows of every group, with one column a grouping in front; groups in order of what they are called.

        Values of attributes that name people are numbers. A grouping called like a column of the rows is "of case".
        """
        said = [_called(groups, place, name in about.persons) for place, name in enumerate(self.names)]
        tables = []
        for key in sorted(groups.of_group, key=lambda key: [one[part] for one, part in zip(said, key)]):
            rows = self.question.rows(groups.of_group[key], about)
            n = len(next(iter(rows.values())))
            columns: dict[str, NDArray[Any]] = {}
            for name, one, part in zip(self.names, said, key):
                columns[unlike(name, [*rows, *columns])] = np.full(n, one[part][1], object)
            tables.append({**columns, **rows})
        return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]} if tables else {}


@dataclass(frozen=True, eq=False)
class Told(Partial, Generic[P]):
    """Groups, and what is known of their attributes."""

    groups: Groups[P]
    known: Known


@dataclass(frozen=True)
class Beside(Generic[P, R]):
    """A question of groups with what is known of their attributes, so that a log is read once for both."""

    question: Grouped[P, R]
    by: tuple[str, ...]

    def of(self, log: EventLog) -> Told[P]:
        return Told(self.question.of(log), known_of(log, self.by))


MISSING = "(missing)"
MOST_GROUPS = 1_000
Key: TypeAlias = "tuple[str | None, ...]"


def split(log: EventLog, by: Sequence[str], period: Period | None) -> Iterator[tuple[Key, EventLog]]:
    """Each group's key (None: missing) and its cases: one gather of the events, then views."""
    labels = [_labels(log.attributes[name]) for name in by]
    labels += [_periods(shown(log.about, log.arrival), period)] if period else []
    code = np.zeros(len(log), np.int64)
    for codes, names in labels:
        code = np.unique(code * len(names) + codes, return_inverse=True)[
            1
        ]  # numbered anew: products of levels overflow
    order = np.argsort(code, kind="stable")
    groups, first = np.unique(code[order], return_index=True)
    if len(groups) > MOST_GROUPS:
        said = ", ".join((*by, *([period] if period else [])))
        raise LogError(f"{len(groups):,} groups by {said}; at most {MOST_GROUPS:,}. Group by fewer values.")
    arranged = log.take(order)
    for start, stop in zip(first, [*first[1:], len(log)]):
        key = tuple(names[codes[order[start]]] for codes, names in labels)
        yield key, arranged._view(int(start), int(stop))


def numbered(values: Collection[str]) -> dict[str, str]:
    """Numbers for names of people, in an order that does not tell who they are: "person 1", ..."""
    hidden = sorted(set(values), key=lambda value: sha256(value.encode()).digest())
    return {value: Message("person", {"k": k}).say() for k, value in enumerate(hidden, 1)}


def _called(groups: Groups[Any], place: int, person: bool) -> dict[str | None, tuple[int, str]]:
    """How each value of a grouping sorts and is called; what is missing comes first."""
    values = sorted(value for value in {key[place] for key in groups.of_group} if value is not None)
    alias = numbered(values) if person else {value: value for value in values}
    ranked = sorted(values, key=lambda value: (len(alias[value]), alias[value])) if person else values
    called: dict[str | None, tuple[int, str]] = {None: (0, MISSING)}
    for k, value in enumerate(ranked, 1):
        called[value] = (k, f'"{value}"' if value == MISSING else alias[value])
    return called


def _labels(text: Text) -> tuple[Ints, list[str | None]]:
    return text.codes.astype(np.int64) + 1, [None, *text.levels.to_pylist()]


def _periods(arrival: NDArray[np.datetime64], period: Period) -> tuple[Ints, list[str | None]]:
    """Code and name of the year, quarter or month each case arrived in."""
    months = arrival.astype("M8[M]").astype(np.int64)
    width = {"year": 12, "quarter": 3, "month": 1}[period]
    found, codes = np.unique(months // width, return_inverse=True)
    dates: list[str] = [str(np.int64(one * width).astype("M8[M]")) for one in found]
    quarters: list[str | None] = [f"{date[:4]}-Q{int(date[5:]) // 3 + 1}" for date in dates]
    named: dict[str, list[str | None]] = {"year": [date[:4] for date in dates], "quarter": quarters, "month": [*dates]}
    return codes.astype(np.int64), named[period]
