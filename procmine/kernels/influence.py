"""Influence: how far each entry week moves a curve of ends, and so where the curve likely lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.kernels.blocks import Floats, fixed_b, lags_of, long_run, on_logit
from procmine.kernels.survival import Weekly

WILSON = 1.96**2


@dataclass(frozen=True, eq=False)
class Influence:
    """Of the share that ended in a way by each of `seconds` (`reached`): `moves[week, value]`, its derivative by the weight
    of each week, from the first week to the last (the infinitesimal jackknife; without ties and with a week per case the sum
    of its squares is Greenwood's variance). `counted`: how many weeks of equal size would tell as much as these, by each
    time; `watched`: cases at risk then. Ranges are 95%: Newey-West's long-run variance of the moves with S = ceil(1.3 sqrt K)
    lags and the critical values that go with so many lags of so many weeks (Kiefer & Vogelsang 2005), on the logit scale.
    """

    seconds: Floats
    reached: Floats
    moves: Floats
    counted: Floats
    watched: Floats

    @classmethod
    def of(cls, table: Weekly) -> Influence:
        """Of a table with at least one week; derivatives of the Aalen-Johansen sum of S(before) d / n."""
        leaving = table.ended + table.otherwise + table.open
        risk = np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1] - table.late
        whole = np.maximum(risk.sum(axis=0), 1e-300)
        every_end = table.ended + table.otherwise
        own, every = table.ended.sum(axis=0) / whole, np.clip(every_end.sum(axis=0) / whole, 0, 1)
        left = np.cumprod(1 - every)
        before = np.concatenate(([1.0], left[:-1]))
        stays = np.where(every < 1, whole * (1 - every), np.inf)  # where all end, nothing is left to be moved
        fewer = np.cumsum((every_end - every * risk) / stays, axis=1)
        fewer_before = np.concatenate((np.zeros((len(risk), 1)), fewer[:, :-1]), axis=1)
        moves = np.cumsum(before * ((table.ended - own * risk) / whole - fewer_before * own), axis=1)
        told = np.cumsum(risk * (every / stays), axis=1)  # each week's part of the variance, were cases independent
        counted = told.sum(axis=0) ** 2 / np.maximum((told**2).sum(axis=0), 1e-300)
        dense = np.zeros((int(table.weeks[-1] - table.weeks[0]) + 1, len(table.seconds)))
        dense[table.weeks - table.weeks[0]] = moves
        return cls(table.seconds, np.cumsum(before * own), dense, counted, np.floor(whole))

    def quantiles(self, shares: Floats) -> tuple[Floats, Floats]:
        """Seconds between which each share was likely reached: where the curve's own range holds the share; inf: never."""
        lower, upper = ends(self.reached, self.moves, self.counted, self.watched)
        if len(lower) and self.reached[-1] > 1 - 1e-9:  # the last case watched ended: no proof that all end by then
            last = int(np.argmax(self.reached > 1 - 1e-9))
            sure = max(lower[:last], default=0.0)
            lower[last:] = 1 - (1 - sure) * WILSON / (self.watched[last] + WILSON)
        time = np.concatenate(([0.0], self.seconds, [np.inf]))
        start = WILSON / (self.watched[:1] + WILSON)  # shares so small may have been reached before any was seen to be
        found = [np.concatenate((one, two)) for one, two in ((start, upper), (np.zeros(1), lower))]
        low, high = (time[np.searchsorted(np.maximum.accumulate(one) + 1e-12, shares)] for one in found)
        return low, high

    def at(self, horizon: float) -> tuple[float, Floats, float, float]:
        """The share ended within so many seconds, what moves it, the weeks that count, the cases watched."""
        place = int(np.searchsorted(self.seconds, horizon, side="right")) - 1
        if place < 0:
            return 0.0, np.zeros(len(self.moves)), float(len(self.moves)), float(self.watched[0])
        return float(self.reached[place]), self.moves[:, place], float(self.counted[place]), float(self.watched[place])

    def share(self, horizon: float) -> tuple[float, float]:
        """Ends of the range of the share ended within so many seconds."""
        share, moves, counted, watched = self.at(horizon)
        low, high = ends(np.array([share]), moves[:, None], np.array([counted]), np.array([watched]))
        return float(low[0]), float(high[0])

    def mean(self, horizon: float) -> tuple[float, float]:
        """Ends of the range of the mean time in seconds, at most the horizon."""
        time = np.minimum(np.concatenate(([0.0], self.seconds, [horizon])), horizon)
        length = np.diff(time)
        mean = float(length[0] + (1 - self.reached) @ length[1:])
        counted = np.array([self.at(horizon)[2]])
        wide = float(reach(-(self.moves @ length[1:])[:, None], counted)[0])
        return max(mean - wide, 0.0), min(mean + wide, horizon)


def reach(moves: Floats, counted: Floats) -> Floats:
    """How far each column's sum over all weeks likely lies from what it estimates, 95%, either way; `counted` as above."""
    lags = lags_of(len(moves))
    wide: Floats = fixed_b(lags / np.clip(counted, lags, len(moves))) * np.sqrt(long_run(moves, lags))
    return wide


def ends(share: Floats, moves: Floats, counted: Floats, watched: Floats) -> tuple[Floats, Floats]:
    """Of shares. Where nothing varies because none or all ended: Wilson's interval (1927) of the cases watched."""
    low, high = on_logit(share, reach(moves, counted))
    least = WILSON / (watched + WILSON)
    return np.where(share > 1 - 1e-9, 1 - least, low), np.where(share < 1e-9, least, high)
