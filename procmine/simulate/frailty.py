"""Frailty: whether fast cases stay fast, and how strongly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

from procmine.kernels.blocks import week_of
from procmine.kernels.flow import Ints
from procmine.kernels.sampler import Flags, Floats
from procmine.log import EventLog
from procmine.words import Message

if TYPE_CHECKING:
    from procmine.simulate.tables import Tables, Visits

CLASSES, PLACES = 128, 512
LEVEL = 0.01  # chance of calling independent gaps dependent
LEAST = 0.05  # correlation: less is of no consequence
MOST = 0.95
NEAR = 2
EDGE = 1e-6  # shares nearer to 0 or 1 are taken as this
LATE = 0.95  # of the cases that come to a step have come to it so long after they began
LEAST_WEEKS, LEAST_PAIRS = 8, 200


@dataclass(frozen=True, eq=False)
class Gaps:
    """Per stay that could have taken longer or shorter: its case, the share of like stays that had gone by its end (of
    those censored: by then), whether it was censored, and when its case came, as a number of the week.
    """

    case: Ints
    gone: Floats
    censored: Flags
    step: Ints
    came: Ints
    week: Ints

    @classmethod
    def of(cls, tables: Tables, log: EventLog) -> Gaps:
        gone, visits = tables.gone(), tables.visits
        kept = np.flatnonzero(~np.isnan(gone))
        week = np.unique(week_of(log.arrival), return_inverse=True)[1]
        case = visits.case[kept]
        return cls(
            case, np.clip(gone[kept], EDGE, 1 - EDGE), visits.cause[kept] < 0, visits.recent[0][kept], log.arrival, week
        )

    @cached_property
    def score(self) -> Floats:
        """Normal scores; of a censored stay the mean of those of the longer ones: 0 on average wherever it was cut off."""
        from scipy.special import ndtri

        z: Floats = ndtri(self.gone)
        density = np.exp(-0.5 * z**2) / sqrt(2 * np.pi)
        return np.where(self.censored, density / (1 - self.gone), z)


@dataclass(frozen=True, eq=False)
class Frailty:
    """One factor per case, shared by the normal scores of all its gaps (a Gaussian copula): `share` is their
    correlation.

    chance: of so much where gaps are independent, on one side; `pairs`: successive gaps of a case that were compared.
    """

    share: float
    chance: float
    pairs: int

    @classmethod
    def of(cls, gaps: Gaps) -> Frailty:
        """From successive gaps of a case, compared with those of the cases that came just before and after.

        What moves all cases of a time alike (a busy month, a queue) is not what makes a case slow: mean products of
        scores within cases less those across cases, with the weeks as units (a t test on one side). The correlation is
        the likeliest one of the second score given the first, of which how long a case was watched before is no part;
        less that across cases.
        """
        first = np.flatnonzero(gaps.case[1:] == gaps.case[:-1])
        if len(first) < LEAST_PAIRS:
            return cls(0.0, 1.0, len(first))
        within, across, number = _products(gaps, first)
        weeks = int((number > 0).sum())
        if weeks < LEAST_WEEKS:
            return cls(0.0, 1.0, len(first))
        excess = within - across
        mean = excess.sum() / number.sum()
        error = sqrt(float(((excess - mean * number) ** 2).sum()) * weeks / (weeks - 1)) / number.sum()
        score = gaps.score
        square = float((score[first] ** 2).mean() * (score[first + 1] ** 2).mean())
        share = _likeliest(gaps, first) - across.sum() / number.sum() / max(square, 1e-300)
        return cls(float(np.clip(share, 0.0, MOST)), _tail(mean / max(error, 1e-300), weeks - 1), len(first))

    @property
    def found(self) -> bool:
        return self.chance <= LEVEL and self.share >= LEAST

    @cached_property
    def table(self) -> Floats:
        """[class, place]: which quantile a class of cases draws at each of PLACES + 1 even places of [0, 1].

        Over all classes, which are equally frequent, every quantile is drawn equally often: what gaps take, taken one
        by one, stays as it is.
        """
        from scipy.special import ndtr, ndtri

        factor = ndtri((np.arange(CLASSES) + 0.5) / CLASSES)[:, None]
        factor /= factor.std()
        place = np.arange(PLACES + 1) / PLACES
        with np.errstate(invalid="ignore"):
            drawn = ndtr(sqrt(self.share) * factor + sqrt(1 - self.share) * ndtri(place))
        drawn[:, 0], drawn[:, -1] = 0.0, 1.0
        return _even(drawn)

    def messages(self) -> list[Message]:
        if not self.found:
            return []
        return [Message("fit.frailty", {"share": self.share, "n": self.pairs})]


def _products(gaps: Gaps, first: Ints) -> tuple[Floats, Floats, Floats]:
    """Per week, of pairs of successive gaps: the sum of the products of their scores; what it would be with the second
    gaps of the NEAR cases that came just before and just after and passed the same step; and the number of pairs.
    """
    place = np.lexsort((first, gaps.came[gaps.case[first]], gaps.step[first + 1]))
    case, step, n = gaps.case[first][place], gaps.step[first + 1][place], len(first)
    one, two = gaps.score[first][place], gaps.score[first + 1][place]
    crossed, others = np.zeros(n), np.zeros(n)
    for far in (*range(-NEAR, 0), *range(1, NEAR + 1)):
        other = np.arange(n) + far
        there = (other >= 0) & (other < n)
        other = np.clip(other, 0, n - 1)
        there &= (step[other] == step) & (case[other] != case)
        crossed += np.where(there, one * two[other], 0.0)
        others += there
    some = others > 0
    week = gaps.week[case]
    values = (one * two, crossed / np.maximum(others, 1), np.ones(n))
    within, across, number = (np.bincount(week, np.where(some, value, 0.0)).astype(np.float64) for value in values)
    return within, across, number


def _likeliest(gaps: Gaps, first: Ints) -> float:
    """The correlation that makes the second scores likeliest, given the first ones; censored ones are longer than seen."""
    from scipy.special import log_ndtr, ndtri

    z = ndtri(gaps.gone)
    one, two, cut = z[first], z[first + 1], gaps.censored[first + 1]

    def score(share: float) -> float:
        """Log likelihood."""
        spread = sqrt(1 - share**2)
        left = (two - share * one) / spread
        return float(np.where(cut, log_ndtr(-left), -0.5 * left**2 - np.log(spread)).sum())

    low, high = -MOST, MOST
    for _ in range(40):
        third = (high - low) / 3
        low, high = (low + third, high) if score(low + third) < score(high - third) else (low, high - third)
    return (low + high) / 2


def _even(drawn: Floats) -> Floats:
    """Rows of ascending values, moved alike so that over all rows together [0, 1] is drawn from evenly."""
    at = np.sort(drawn.ravel())
    place = np.arange(PLACES + 1) / PLACES
    share = np.mean([np.interp(at, row, place) for row in drawn], axis=0)
    found: Floats = np.interp(drawn, at, share)
    return found


def _tail(t: float, df: int) -> float:
    """Chance of at least `t`, of Student's distribution."""
    from scipy.special import stdtr

    return float(1 - stdtr(df, t))


def entered(visits: Visits, log: EventLog) -> Flags:
    """Stays that began late enough after the first arrival of the log for slow cases to have come to their step as
    well.

    Before, those who come to a later step are the fast ones; they would count too much there, as would all that is cut
    off at the end of the log for the slow ones. All stays at a step where that would leave fewer than half.
    """
    begins = log.about.complete_from if log.about.complete_from is not None else int(log.arrival.min())
    since = visits.begin - log.arrival[visits.case]
    step = visits.recent[0].astype(np.int64)
    order = np.lexsort((since, step))
    first = np.searchsorted(step[order], np.arange(visits.steps + 2))
    n = np.diff(first)
    late = np.append(since[order], 0)[first[:-1] + np.maximum(np.ceil(LATE * n).astype(np.int64) - 1, 0)]
    kept = visits.begin >= begins + late[step]
    enough = np.bincount(step, kept, visits.steps + 1) >= n / 2
    found: Flags = kept | ~enough[step]
    return found
