"""What parts of a source tell of the whole: counts, first places, days and waits, which merge in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.kernels.partial import Partial
from procmine.load.dates.parts import DateFacts
from procmine.log import LogError

CAP = 2_000_000  # different pairs that are held exactly
BITS = 12  # of a number beyond: it is known within 0.05%
MANY, CELLS = 1 << 18, 1 << 22  # pairs of one part that are counted in cells, not sorted; and how many cells at most
FIRST_BITS = 52 - (BITS - 1)  # by so many the bits of a float are shifted to leave its exponent and first bits
ZERO_BITS = (1023 << (BITS - 1)) - 1  # what stands for 0 among those: one less than what stands for 1
SHOWN = 5  # first places of each kind


@dataclass(frozen=True)
class Counts:
    """Numbers by kind and name, which add up; of a flag: how many parts raise it."""

    of: Mapping[str, Mapping[str, int]]

    def merge(self, other: Counts) -> Counts:
        both = {kind: dict(held) for kind, held in self.of.items()}
        for kind, held in other.of.items():
            mine = both.setdefault(kind, {})
            for name, n in held.items():
                mine[name] = mine.get(name, 0) + n
        return Counts(both)

    def kind(self, kind: str) -> Mapping[str, int]:
        return self.of.get(kind, {})

    def n(self, kind: str, name: str = "") -> int:
        return self.kind(kind).get(name, 0)

    def to_dict(self) -> dict[str, Any]:
        return {kind: dict(held) for kind, held in self.of.items()}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Counts:
        return cls(written)


@dataclass(frozen=True)
class First:
    """By name, where it stands first: lists that begin with numbers, the smallest `most` of each name."""

    of: Mapping[str, tuple[tuple[Any, ...], ...]]
    most: int = SHOWN

    def merge(self, other: First) -> First:
        both = dict(self.of)
        for name, places in other.of.items():
            both[name] = tuple(sorted({*both.get(name, ()), *places})[: self.most])
        return First(both, self.most)

    def to_dict(self) -> dict[str, Any]:
        return {"most": self.most, "of": {name: [list(one) for one in places] for name, places in self.of.items()}}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> First:
        of = {name: tuple(tuple(one) for one in places) for name, places in written["of"].items()}
        return cls(of, written["most"])


@dataclass(frozen=True)
class Dates:
    """By column, how its times are written."""

    of: Mapping[str, DateFacts]

    def merge(self, other: Dates) -> Dates:
        names = dict.fromkeys((*self.of, *other.of))
        return Dates({name: _one_of(self.of.get(name), other.of.get(name)) for name in names})

    def to_dict(self) -> dict[str, Any]:
        return {name: one.to_dict() for name, one in self.of.items()}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Dates:
        return cls({name: DateFacts.from_dict(one) for name, one in written.items()})


@dataclass(frozen=True, eq=False)
class Days:
    """How many events each day has; the last moment of days before a long gap, the first of days after one."""

    day: Ints
    count: Ints
    last: Mapping[int, int]
    first: Mapping[int, int]

    def merge(self, other: Days) -> Days:
        day, at = np.unique(np.concatenate((self.day, other.day)), return_inverse=True)
        count = np.zeros(len(day), np.int64)
        np.add.at(count, at, np.concatenate((self.count, other.count)))
        last = {**self.last, **{day: max(top, self.last.get(day, top)) for day, top in other.last.items()}}
        first = {**self.first, **{day: min(low, self.first.get(day, low)) for day, low in other.first.items()}}
        return Days(day, count, last, first)

    def to_dict(self) -> dict[str, Any]:
        edges = {"last": list(self.last.items()), "first": list(self.first.items())}
        return {"day": self.day.tolist(), "count": self.count.tolist(), **edges}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Days:
        day, count = (np.array(written[name], np.int64) for name in ("day", "count"))
        last, first = (dict(written[name]) for name in ("last", "first"))
        return cls(day, count, last, first)


@dataclass(frozen=True, eq=False)
class Pairs:
    """A multiset of pairs of a key and a value (>= 0), sorted; beyond `CAP` of them, values keep their `BITS` first bits."""

    key: Ints
    value: Ints
    count: Ints
    exact: bool = True

    @classmethod
    def of(cls, key: NDArray[Any], value: Ints) -> Pairs:
        """Of many pairs in a narrow space, each is counted in its cell; of many others, their first bits are."""
        if len(value) >= MANY:
            found = _in_cells(key, value, exact=True) or _in_cells(key, _code(value), exact=False)
            if found is not None:
                return found
        return _packed(key.astype(np.int64), value, np.ones(len(value), np.int64), True)

    @classmethod
    def none(cls) -> Pairs:
        nothing = np.empty(0, np.int64)
        return cls(nothing, nothing, nothing)

    def merge(self, other: Pairs) -> Pairs:
        exact = self.exact and other.exact
        joined = [np.concatenate(two) for two in zip(self.held(exact), other.held(exact))]
        return _packed(joined[0], joined[1], joined[2], exact)

    def held(self, exact: bool) -> tuple[Ints, Ints, Ints]:
        return self.key, self.value if exact or not self.exact else coarse(self.value), self.count

    def only(self, key: int) -> tuple[Ints, Ints, Ints]:
        """Values and counts of one key (-1: of all), in ascending order, and for how many whole numbers each value stands."""
        here = slice(*np.searchsorted(self.key, [key, key + 1])) if key >= 0 else np.argsort(self.value, kind="stable")
        value = self.value[here]
        return value, self.count[here], np.ones(len(value), np.int64) if self.exact else width(value)

    def n(self, key: int) -> int:
        return int(self.only(key)[1].sum())

    def below(self, value: int, key: int) -> int:
        values, count, _ = self.only(key)
        return int(count[values < value].sum())

    def ranked(self, rank: int, key: int) -> tuple[int, int]:
        """The value with so many before it: from where, and up to and with where it may lie."""
        value, count, wide = self.only(key)
        place = int(np.searchsorted(np.cumsum(count), rank, side="right"))
        return int(value[place]), int(value[place] + wide[place]) - 1

    def to_dict(self) -> dict[str, Any]:
        held = {name: getattr(self, name).tolist() for name in ("key", "value", "count")}
        return {**held, "exact": self.exact}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Pairs:
        held = [np.array(written[name], np.int64) for name in ("key", "value", "count")]
        return cls(held[0], held[1], held[2], written["exact"])


@dataclass(frozen=True)
class Same:
    """What all parts share, or they do not belong together: by which settlement they were surveyed (`basis`), the files in
    order, the source's name and columns, and those that its table holds. Of files, one part may know more at the end."""

    basis: str
    files: tuple[str, ...]
    name: str
    names: tuple[str, ...]
    held: tuple[str, ...]

    def merge(self, other: Same) -> Same:
        if self.basis != other.basis:
            raise LogError(
                "These parts were surveyed under different settlements of the log: survey all of them again."
            )
        longer = max(self.files, other.files, key=len)
        if longer[: len(self.files)] != self.files or longer[: len(other.files)] != other.files:
            raise LogError(
                "These parts come from different files: give all parts the whole list of files, in one order."
            )
        if (self.names, self.held) != (other.names, other.held):
            raise LogError(f"{self.name}: parts have different columns: {_unlike(self, other)}.")
        return replace(self, files=longer)

    def to_dict(self) -> dict[str, Any]:
        return {one.name: getattr(self, one.name) for one in fields(self)}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Same:
        read: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in written.items()}
        return cls(**read)


def _unlike(one: Same, two: Same) -> str:
    """Which columns only some parts have."""
    return ", ".join(sorted({*one.names, *one.held} ^ {*two.names, *two.held})) or "in another order"


KINDS = {
    "counts": Counts,
    "first": First,
    "notes": First,
    "dates": Dates,
    "days": Days,
    "waits": Pairs,
    "ended": Pairs,
    "within": Pairs,
    "same": Same,
}


@dataclass(frozen=True, eq=False)
class _Facts(Partial):
    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {one.name: getattr(self, one.name).to_dict() for one in fields(self)}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Self:
        kinds: Mapping[str, Any] = KINDS
        return cls(**{name: kinds[name].from_dict(one) for name, one in written.items()})


@dataclass(frozen=True, eq=False)
class RowFacts(_Facts):
    """What any rows tell: how their times are written, and per activity whether it is recorded by its date; where each
    activity stands first; whether there are starts, of which kinds the life cycle is."""

    counts: Counts
    first: First
    dates: Dates
    same: Same


@dataclass(frozen=True, eq=False)
class CaseFacts(_Facts):
    """What whole cases tell: rows set aside by reason with their first places, days and waits, events per activity that
    were their case's last by day, which columns differ inside a case."""

    counts: Counts
    first: First
    notes: First
    days: Days
    waits: Pairs
    ended: Pairs
    within: Pairs
    same: Same


def width(value: Ints) -> Ints:
    """For how many whole numbers each coarse one stands."""
    return 1 << _dropped(value)


def coarse(value: Ints) -> Ints:
    """The same with only their first bits."""
    bits = _dropped(value)
    return (value >> bits) << bits


def _dropped(value: Ints) -> Ints:
    """How many bits of each are too many. The bits of a float are those of its first 53."""
    length = np.frexp((value & ~(value >> BITS)).astype(np.float64))[1].astype(np.int64)
    return np.maximum(length - BITS, 0)


def _one_of(one: DateFacts | None, two: DateFacts | None) -> DateFacts:
    if one is None or two is None:
        return one or two or DateFacts("empty", {})
    return one.merge(two)


def _packed(key: Ints, value: Ints, count: Ints, exact: bool) -> Pairs:
    """Equal pairs once, with their counts; coarse where they are too many."""
    if not len(key):
        return Pairs(key, value, count, exact)
    bits = int(value.max()).bit_length()
    if int(key.max()).bit_length() + bits > 62:
        order = np.lexsort((value, key))
        return _counted(key[order], value[order], count[order], exact)
    word = (key << bits) | value  # one word sorts in a third of the time
    if int(count.max()) == 1:
        word.sort()
    else:
        order = np.argsort(word, kind="stable")
        word, count = word[order], count[order]
    return _counted(word >> bits, word & ((1 << bits) - 1), count, exact)


def _in_cells(key: NDArray[Any], value: Ints, *, exact: bool) -> Pairs | None:
    """Pairs by a count per cell, whose numbers are values or (not `exact`) codes; None where the cells are too many."""
    low = int(value.min())
    wide = int(value.max()) - low + 1
    cells = (int(key.max()) + 1) * wide
    if cells > CELLS:
        return None
    count = np.bincount(key * np.int64(wide) + (value - low), minlength=cells)
    at = np.flatnonzero(count)
    keys, values = np.divmod(at, wide)
    return Pairs(keys, values + low if exact else _decoded(values + low), count[at].astype(np.int64), exact)


def _code(value: Ints) -> Ints:
    """Small whole numbers in the order of the coarse values, one for each."""
    if int(value.max()) >= 1 << 53:
        value = value & ~(value >> BITS)  # else a float may be rounded up to another first bit
    codes: Ints = np.maximum(value.astype(np.float64).view(np.int64) >> FIRST_BITS, ZERO_BITS)
    return codes


def _decoded(code: Ints) -> Ints:
    """The coarse values of codes."""
    values = (code << FIRST_BITS).view(np.float64).astype(np.int64)
    values[code == ZERO_BITS] = 0
    return values


def _counted(key: Ints, value: Ints, count: Ints, exact: bool) -> Pairs:
    """Of sorted pairs."""
    new = np.ones(len(key), bool)
    new[1:] = (key[1:] != key[:-1]) | (value[1:] != value[:-1])
    at = np.flatnonzero(new)
    if exact and len(at) > CAP:
        return _packed(key, coarse(value), count, False)
    return Pairs(key[at], value[at], np.add.reduceat(count, at), exact)


def flags(raised: Mapping[str, bool] | Sequence[str]) -> dict[str, int]:
    """A one for each name that is raised."""
    names = [name for name, held in raised.items() if held] if isinstance(raised, Mapping) else raised
    return dict.fromkeys(names, 1)
