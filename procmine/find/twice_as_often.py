"""Twice as often: what a case would gain if sessions sat twice as often, where seats are short and where they are not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import week_of, week_weights
from procmine.kernels.enabling import Flags
from procmine.kernels.flow import Ints
from procmine.kernels.sessions import NEAR, chances, halved, likely_waits, seated
from procmine.see.survival import DRAWS, LEAST_WEEKS, SEED
from procmine.words import DAY

MOSTLY = 0.75  # of the sessions that left somebody waiting held about as many as usual, at least
FEW_PASSED = 0.1  # items that let a session pass: more have waited for something else first
LEAST_FULL = 3  # sessions that left somebody waiting
MOST_SKIPPED = 0.2  # sessions left out while somebody waits
DRAWS_OF_WAITS = 200


def seats_of(eligible: Ints, taken: Ints, held: Ints, count: Ints, planned: Ints) -> tuple[Ints | None, float]:
    """Seats of each session, and the share of sessions that were full; None and nan where sessions do not fill up.

    They do where the sessions that left some waiting held about equally many, which is about as many as any; and where
    hardly a session is left out while somebody waits: else items wait for something else.
    """
    eligible, taken = np.sort(eligible), np.sort(taken)
    left = _waiting(eligible, taken, held) > 0
    wanted = planned[(planned <= held[-1]) & (_waiting(eligible, taken, planned - 1) > 0)]
    skipped = np.abs(wanted[:, None] - held[np.clip(np.searchsorted(held, wanted)[:, None] - [1, 0], 0, len(held) - 1)])
    if left.sum() < LEAST_FULL or (len(wanted) and (skipped.min(axis=1) > NEAR).mean() > MOST_SKIPPED):
        return None, float("nan")
    usual = np.median(count[left])
    alike = np.abs(count[left] - usual) <= max(1.0, 0.1 * usual)
    if alike.mean() < MOSTLY or usual < 0.9 * np.quantile(count, 0.95):
        return None, float("nan")
    return np.where(left, count, np.maximum(count, round(usual))).astype(np.int64), float(left.mean())


def _waiting(eligible: Ints, taken: Ints, day: Ints) -> Ints:
    """How many were ready and not taken at the end of each day; both sorted."""
    there: Ints = np.searchsorted(eligible, day, side="right") - np.searchsorted(taken, day, side="right")
    return there


@dataclass(frozen=True, eq=False)
class Free:
    """Items that have a seat whenever they are ready: the days that each gains if it is ready by the added session.

    What items wait for first is not in the log, only that it took `first` to `last` days, ending after the session before
    the one they took; `at`: days to the added session. How long it takes is estimated from all items (`share`); an item that
    takes its first session may have waited for nothing.
    """

    gain: NDArray[np.float64]
    first: Ints
    last: Ints
    at: Ints
    share: NDArray[np.float64]
    smooth: bool

    @classmethod
    def of(cls, eligible: Ints, taken: Ints, sat: Ints, added: Ints) -> Free:
        """`taken` are the days on which items were held, `added` those of the session before them (-1: none)."""
        place = np.searchsorted(sat, taken)
        before = np.where(place > 0, sat[np.maximum(place - 1, 0)], eligible.min() - 1)
        first, last = np.maximum(before + 1 - eligible, 0), taken - eligible
        gain = np.where(added >= 0, taken - added, 0).astype(np.float64)
        smooth = bool((first > 0).mean() >= FEW_PASSED)
        share = likely_waits(first, last, np.ones(len(first)), smooth=smooth)
        return cls(gain, first, last, added - eligible, share, smooth)

    def chance(self, weight: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """Per item: how likely it is ready by the added session; with weights, estimated again."""
        share = self.share
        if weight is not None and self.first.any():
            share = likely_waits(self.first, self.last, weight, share, rounds=20, smooth=self.smooth)
        return chances(share, self.first, self.last, self.at)


def saved_full(eligible: Ints, held: Ints, added: Ints, seats: Ints) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Days per item (by readiness), where seats are short: half the seats in each of twice as many sessions, and all."""
    now = seated(eligible, held, seats)
    there = added >= 0
    half, rest = halved(seats)
    saved = []
    for extra, kept in ((half, np.where(there, rest, seats)), (seats, seats)):
        days = np.concatenate((added[there], held))
        order = np.argsort(days, kind="stable")
        new = seated(eligible, days[order], np.concatenate((extra[there], kept))[order])
        saved.append(np.where(new >= 0, now - new, 0).astype(np.float64))
    return saved[0], saved[1]


@dataclass(frozen=True, eq=False)
class Weeks:
    """Weeks in which items became ready, to be drawn again: `weights` [draws, weeks], and the place of each item in them."""

    weights: NDArray[np.float64]
    where: Ints

    @classmethod
    def of(cls, ready: Ints) -> Weeks:
        weeks, where = np.unique(week_of(ready), return_inverse=True)
        draws = DRAWS if len(weeks) >= LEAST_WEEKS else 0
        return cls(week_weights(weeks, draws, SEED)[:, weeks - weeks[0]], where)

    def range_of(self, saved: NDArray[np.float64]) -> tuple[float, float]:
        """Seconds between which the mean saving (days per item) likely lies."""
        drawn = (self.weights @ np.bincount(self.where, saved)) / (self.weights @ np.bincount(self.where))
        return _ends(drawn)

    def range_of_free(self, free: Free, in_session: Flags) -> tuple[float, float]:
        """The same, the waits estimated again in each draw, and when items became ready, which is not known, drawn too."""
        if not free.first.any():
            saved = np.zeros(len(self.where))
            saved[in_session] = free.gain * free.chance()
            return self.range_of(saved)
        here, n, chance = self.where[in_session], np.bincount(self.where), free.chance()
        noise = float(np.sqrt((free.gain**2 * chance * (1 - chance)).sum())) / len(self.where)
        luck = np.random.default_rng(SEED).standard_normal(DRAWS_OF_WAITS) * noise
        draws = [one[here] for one in self.weights[:DRAWS_OF_WAITS]]
        drawn = np.array([(weight * free.gain * free.chance(weight)).sum() for weight in draws])
        return _ends(drawn / (self.weights[:DRAWS_OF_WAITS] @ n) + luck[: len(draws)])


def _ends(drawn: NDArray[np.float64]) -> tuple[float, float]:
    if not len(drawn):
        return np.nan, np.nan
    low, high = np.quantile(drawn, [0.025, 0.975])
    return DAY * max(float(low), 0.0), DAY * float(high)
