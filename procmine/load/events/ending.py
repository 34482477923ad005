"""Which steps end a case, and which waits are long: of events in memory, or of what parts told of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.load.dates.fields import FIRST
from procmine.load.dates.timestamps import DAY
from procmine.load.events.facts import CaseFacts, Pairs

SETTLED, LONG = 0.95, 0.99  # of all waits: after which a case had time to go on, and beyond which few are
ZERO = -FIRST // DAY  # no day is so long before 1970


@dataclass(frozen=True, eq=False)
class Held:
    """Events in memory, in order; `names` of the codes of `step`, `last`: which are the last of their case."""

    step: NDArray[Any]
    time: Ints
    last: NDArray[np.bool_]
    names: Sequence[str]
    cutoff: int

    @cached_property
    def waits(self) -> Ints:
        return np.diff(self.time)[~self.last[:-1]] if len(self.time) else np.empty(0, np.int64)

    @cached_property
    def _late(self) -> tuple[int, int]:
        if not len(self.waits):
            return 0, 0
        margin, long = np.quantile(self.waits, (SETTLED, LONG), method="lower")
        return int(margin), int(long)

    def long(self) -> int:
        return self._late[1]

    def stopping(self) -> tuple[str, ...]:
        """The steps that were a case's last at least half of the times they happened, of settled events."""
        settled = self.settled()
        happened = np.bincount(self.step[settled], minlength=len(self.names))
        stopped = np.bincount(self.step[settled & self.last], minlength=len(self.names))
        return tuple(self.names[code] for code in np.flatnonzero(ends_cases(happened, stopped)).tolist())

    def settled(self) -> NDArray[np.bool_]:
        """Events after which cases had time to go on: so long before the cutoff that 95% of the waits were shorter.

        Where that leaves less than half of the events (a few waits of years), the waits after each step judge that step.
        """
        settled: NDArray[np.bool_] = self.time < self.cutoff - self._late[0]
        if 2 * settled.sum() >= len(self.time):
            return settled
        step = self.step[:-1][~self.last[:-1]]
        by_step = np.argsort(step, kind="stable")
        edges = np.searchsorted(step[by_step], np.arange(int(self.step.max()) + 2))
        margins = np.array([_late(self.waits[by_step[one:two]]) for one, two in pairwise(edges)], np.int64)
        settled = self.time < self.cutoff - margins[self.step]
        return settled


def ends_cases(happened: Ints, stopped: Ints) -> NDArray[np.bool_]:
    return (happened > 0) & (2 * stopped >= happened)


def _late(waits: Ints) -> int:
    return int(np.quantile(waits, SETTLED, method="lower")) if len(waits) else -1


Within: TypeAlias = "tuple[int, int, int]"  # the code of a step (-1: all), from where, up to and with where


class Undecided(Exception):
    """What the parts told does not decide; `within` which numbers waits are asked for exactly, by name, and `before` which
    moments events, by the moment and the step."""

    def __init__(self, within: Mapping[str, Within], before: Mapping[str, int]) -> None:
        super().__init__()
        self.within, self.before = within, before


@dataclass(frozen=True, eq=False)
class Told:
    """What parts told of their events: waits per step, events per step and day, and exactly what they were asked for.

    `levels` are the activities of the source, `names` those of the log.
    """

    facts: CaseFacts
    levels: Sequence[str]
    names: Sequence[str]
    cutoff: int
    within: Mapping[str, Within]
    before: Mapping[str, int]

    def long(self) -> int:
        low, high = self._quantile("long", -1, LONG)
        if low != high:
            raise Undecided({"long": (-1, low, high)}, {})
        return low

    def stopping(self) -> tuple[str, ...]:
        """As of events in memory. A margin known within 0.05%, or to the day, decides nearly always."""
        margins, asked = self._margins(), _Asked()
        found = tuple(name for name in self.names if self._stops(name, margins[name], asked))
        asked.check()
        return found

    def _margins(self) -> dict[str, Within]:
        """Per step: how long before the cutoff its events are settled, and of which step's waits that is."""
        low, high = self._quantile("settled", -1, SETTLED)
        counts = [self._counts(name, low, high) for name in self.names]
        n, least = self.facts.counts.n("events"), sum(one.happened for one in counts)
        most = least + sum(one.unsure for one in counts)
        if 2 * least >= n:
            return dict.fromkeys(self.names, (-1, low, high))
        if 2 * most >= n:
            asked = _Asked()
            for name in self.names:
                asked.ask(name, (-1, low, high), self.cutoff)
            asked.check()
        code = {name: place for place, name in enumerate(self.levels)}
        return {name: (code[name], *self._quantile(f"settled {name}", code[name], SETTLED, -1)) for name in self.names}

    def _stops(self, name: str, margin: Within, asked: _Asked) -> bool:
        """Whether a step ends cases, whichever of the events that are unsure are settled; else it is asked for."""
        one = self._counts(name, *margin[1:])
        least = 2 * one.stopped - one.happened - (one.unsure - one.unsure_last)
        most = 2 * one.stopped - one.happened + one.unsure_last
        if one.happened > 0 and least >= 0:
            return True
        if one.happened + one.unsure_last == 0 or most < 0:
            return False
        asked.ask(name, margin, self.cutoff)
        return False

    def _counts(self, name: str, low: int, high: int) -> _Counts:
        """Events of a step that are settled for sure, and those of days that may be."""
        counts = self.facts.counts
        asked = f"{self.cutoff - low} {name}"
        if low == high and asked in self.before:
            return _Counts(counts.n("before", asked), counts.n("before_last", asked), 0, 0)
        key = 2 * self.levels.index(name)
        told = [_by_day(self.facts.ended, key + last, self.cutoff - high, self.cutoff - low) for last in (0, 1)]
        (sure, unsure), (sure_last, unsure_last) = told
        return _Counts(sure + sure_last, sure_last, unsure + unsure_last, unsure_last)

    def _quantile(self, name: str, code: int, share: float, none: int = 0) -> tuple[int, int]:
        """Between which numbers this wait lies: one, where it was asked for."""
        waits = self.facts.waits
        n = waits.n(code)
        if not n:
            return none, none
        rank = int(share * (n - 1))
        low, high = waits.ranked(rank, code)
        if low == high or self.within.get(name) != (code, low, high):
            return low, high
        more, further = self.facts.within.ranked(rank - waits.below(low, code), sorted(self.within).index(name))
        return low + more, low + further


@dataclass(frozen=True)
class _Counts:
    happened: int
    stopped: int
    unsure: int
    unsure_last: int


@dataclass(frozen=True)
class _Asked:
    """What is still to be asked for."""

    within: dict[str, Within] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)

    def ask(self, name: str, margin: Within, cutoff: int) -> None:
        """The exact margin, or the exact counts where that is known."""
        code, low, high = margin
        if low == high:
            self.before[f"{cutoff - low} {name}"] = cutoff - low
        else:
            self.within["settled" if code < 0 else f"settled {name}"] = margin

    def check(self) -> None:
        if self.within or self.before:
            raise Undecided(self.within, self.before)


def _by_day(ended: Pairs, key: int, first: int, last: int) -> tuple[int, int]:
    """How many events of a key are earlier than the moment `first`, and how many may be earlier than `last` only."""
    day, count, wide = ended.only(key)
    day, end = (day - ZERO) * DAY, (day - ZERO + wide) * DAY
    sure = end <= first
    return int(count[sure].sum()), int(count[~sure & (day < last)].sum())


def waits_within(step: NDArray[Any], wait: Ints, within: Mapping[str, Within]) -> Pairs:
    """The waits that were asked for, by the place of what asked, from where that begins."""
    keys, values = [], []
    for place, name in enumerate(sorted(within)):
        code, low, high = within[name]
        here = wait[(wait >= low) & (wait <= high) & ((step == code) | (code < 0))]
        keys.append(np.full(len(here), place))
        values.append(here - low)
    return Pairs.of(np.concatenate(keys), np.concatenate(values)) if keys else Pairs.none()
