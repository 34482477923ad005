"""Scores: how well a forecast of times foretold those that came, some of which were not seen to their end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Steps:
    """A distribution of times: `share` has come by each of `time`, ascending; what is missing to 1 comes later, or never."""

    time: Floats
    share: Floats

    @classmethod
    def of(cls, time: Floats) -> Steps:
        """Of equally likely times; inf: never."""
        ordered = np.sort(time)
        known = ordered[np.isfinite(ordered)]
        return cls(known, np.arange(1, len(known) + 1) / max(len(time), 1))

    @classmethod
    def seen(cls, time: Floats, ended: Flags, weight: Floats | None = None) -> Steps:
        """Kaplan-Meier: `time` to the end, or as long as a case was watched without it. Ends come before that at one time."""
        share = np.ones(len(time)) if weight is None else weight
        order = np.lexsort((~ended, time))
        time, ended, share = time[order], ended[order], share[order]
        risk = np.cumsum(share[::-1])[::-1]
        place, first = np.unique(time[ended], return_index=True)
        gone = np.add.reduceat(share[ended], first) if len(first) else share[:0]
        left = np.cumprod(1 - np.minimum(gone / np.maximum(risk[np.searchsorted(time, place)], 1e-300), 1))
        return cls(place, 1 - left)

    def after(self, age: float) -> Steps:
        """Of the further time, of those who are not there at this age."""
        here = int(np.searchsorted(self.time, age, side="right"))
        gone = float(self.share[here - 1]) if here else 0.0
        return Steps(self.time[here:] - age, (self.share[here:] - gone) / max(1 - gone, 1e-300))

    def by(self, time: Floats) -> Floats:
        """The share that has come by each time."""
        found: Floats = np.append(0.0, self.share)[np.searchsorted(self.time, time, side="right")]
        return found

    def quantile(self, p: float) -> float:
        """By when the share p has come; inf: not foretold."""
        there = np.flatnonzero(self.share >= p - 1e-12)
        return float(self.time[there[0]]) if len(there) else float("inf")

    def crps(self, time: Floats, watched: Floats) -> Floats:
        """Continuous ranked probability score of each case, over the time that it was watched: the integral from 0 to
        `watched` of (share foretold - whether it had come)^2; `time` (inf: not seen) is when it came.

        Proper under censoring whose time is known beforehand (Gneiting & Ranjan 2011, threshold-weighted); 0 is best.
        """
        came = np.minimum(time, watched)
        return self._square(came, 0.0) + self._square(watched, 1.0) - self._square(came, 1.0)

    def pinball(self, time: Floats, watched: Floats, p: float) -> Floats:
        """Pinball loss of the p-quantile, all times and the quantile counted at most as long as each case was watched."""
        foretold, came = np.minimum(self.quantile(p), watched), np.minimum(time, watched)
        return np.where(came >= foretold, p * (came - foretold), (1 - p) * (foretold - came))

    def _square(self, upto: Floats, level: float) -> Floats:
        """Integral from 0 to `upto` of (share - level)^2."""
        edge, height = np.append(0.0, self.time), (np.append(0.0, self.share) - level) ** 2
        before = np.append(0.0, np.cumsum(np.diff(edge) * height[:-1]))
        place = np.searchsorted(edge, upto, side="right") - 1
        found: Floats = before[place] + (upto - edge[place]) * height[place]
        return found


def spread(drawn: Floats, shares: tuple[float, ...]) -> Floats:
    """[shares, figures]: quantiles of the known draws of each figure, [draws, figures]; nan where none is known."""
    known = np.isfinite(drawn).any(axis=0)
    found = np.full((len(shares), drawn.shape[1]), np.nan)
    if known.any():
        found[:, known] = np.nanquantile(drawn[:, known], shares, axis=0, method="inverted_cdf")
    return found


def held(real: Floats, drawn: Floats, level: float) -> Flags:
    """Whether each real figure lies in the middle `level` of its draws; not where none of these is known."""
    low, high = spread(drawn, ((1 - level) / 2, (1 + level) / 2))
    inside: Flags = (low <= real) & (real <= high)
    return inside
