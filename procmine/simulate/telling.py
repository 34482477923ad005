"""Telling: which attributes of cases tell what comes next and when."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import week_of
from procmine.kernels.flow import Ints
from procmine.kernels.sampler import Flags, Floats
from procmine.log import EventLog
from procmine.simulate.tables import Visits

LEAST = 200  # stays that went on: fewer do not make a value count
PARTS = 3  # into which the gaps at a step are divided
LEAN = 20.0  # stays' worth of what is known without the attribute
CLEAR = 2.33  # standard errors
MOST = 2  # attributes
MOST_VALUES = 50


def candidates(log: EventLog) -> list[str]:
    """Attributes of cases with few values, more than one of them frequent; never those that name people."""
    found = []
    for name, text in log.attributes.items():
        if name not in log.about.persons and 1 < len(text.levels) <= MOST_VALUES:
            found.append(name)
    return found


def telling(log: EventLog, visits: Visits) -> list[str]:
    """The attributes by which stays of other weeks are foretold clearly better, at most two; the best one first.

    Foretold is the next step together with the third in which the gap falls, among the gaps at its step, from the step
    of the stay alone or from it and the attributes. Learned on every second entry week, scored (log likelihood) on the
    others, and the other way round; a tree of one or two levels, grown while the gain is more than CLEAR standard
    errors over the weeks.
    """
    went = np.flatnonzero(visits.cause >= 0)
    week = np.unique(week_of(log.arrival), return_inverse=True)[1][visits.case[went]]
    step, outcome = visits.recent[0][went].astype(np.int64), _outcome(visits, went)
    chosen: list[str] = []
    group, left = np.zeros(len(went), np.int64), candidates(log)
    while left and len(chosen) < MOST:
        score = _score(step, group, outcome, week)
        tried = {name: _split(group, log.attributes[name].codes[visits.case[went]]) for name in left}
        gains = {name: _gain(_score(step, one, outcome, week) - score, week) for name, one in tried.items()}
        best = max(left, key=lambda name: gains[name])
        if gains[best] <= CLEAR:
            break
        chosen.append(best)
        left.remove(best)
        group = tried[best]
    return chosen


def _split(group: Ints, value: NDArray[np.int32]) -> Ints:
    """Groups divided by a value; those of fewer than LEAST stays stay together."""
    both = np.unique(group * (int(value.max()) + 2) + value + 1, return_inverse=True)[1]
    few = np.bincount(both)[both] < LEAST
    return np.unique(np.where(few, -1 - group, both), return_inverse=True)[1].astype(np.int64)


def _outcome(visits: Visits, went: Ints) -> Ints:
    step, gap = visits.recent[0][went], visits.gap[went]
    order = np.lexsort((gap, step))
    first = np.searchsorted(step[order], np.arange(visits.steps + 2))
    edge = [
        gap[order][np.minimum(first[:-1] + np.diff(first) * part // PARTS, len(gap) - 1)] for part in range(1, PARTS)
    ]
    third = np.sum([gap > one[step] for one in edge], axis=0)
    found: Ints = visits.cause[went] * PARTS + third
    return found


def _score(step: Ints, group: Ints, outcome: Ints, week: Ints) -> Floats:
    """Log likelihood of each outcome, learned from the weeks of the other parity."""
    score = np.zeros(len(step))
    for parity in (0, 1):
        learn, test = week % 2 == parity, week % 2 != parity
        wide = _shares(step, outcome, learn, test, 1.0 / (int(outcome.max()) + 1), 1.0)
        code = step * (int(group.max()) + 1) + group
        score[test] = np.log(_shares(code, outcome, learn, test, wide, LEAN))
    return score


def _shares(code: Ints, outcome: Ints, learn: Flags, test: Flags, prior: Floats | float, lean: float) -> Floats:
    """Of each stay to test: the share of its outcome among those to learn from with its code, leaning to `prior`."""
    outcomes = int(outcome.max()) + 1
    known, count = np.unique(code[learn] * outcomes + outcome[learn], return_counts=True)
    whole = np.bincount(code[learn], minlength=int(code.max()) + 1)[code[test]]
    wanted = code[test] * outcomes + outcome[test]
    place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    hit = np.where(known[place] == wanted, count[place], 0)
    found: Floats = (hit + lean * prior) / (whole + lean)
    return found


def _gain(better: Floats, week: Ints) -> float:
    """The mean gain, in standard errors over the weeks."""
    by_week = np.bincount(week, better)
    weeks = len(by_week)
    error = sqrt(float(((by_week - by_week.mean()) ** 2).sum()) * weeks / max(weeks - 1, 1))
    return float(by_week.sum() / max(error, 1e-300))
