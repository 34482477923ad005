"""Which steps run beside each other, and which event made the next one possible."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Codes, Ints, cases_of, is_first

Flags = NDArray[np.bool_]
DEPENDENT, LOOP = 0.9, 0.9  # thresholds of the heuristics miner


def concurrent(activity: Codes, offset: Ints, activities: int) -> Flags:
    """Per pair of activities (an array of activities x activities, symmetric): whether they run beside each other.

    They do where each follows the other directly, about as often, and not because they take turns (A B A): the heuristics
    miner's measures (Weijters & Ribeiro 2011) |ab - ba| / (ab + ba + 1) and (aba + bab) / (aba + bab + 1), both below
    their thresholds; in a log too small for the second, where turns are fewer than half of the times. An activity is never
    beside itself.
    """
    k = activities
    code, first = activity.astype(np.int64), is_first(offset)
    has = np.flatnonzero(~first)
    follows = np.bincount(code[has - 1] * k + code[has], minlength=k * k).reshape(k, k)
    twice = has[~first[has - 1]]
    turned = twice[(code[twice] == code[twice - 2]) & (code[twice] != code[twice - 1])]
    turns = np.bincount(code[turned] * k + code[turned - 1], minlength=k * k).reshape(k, k)
    turns = turns + turns.T
    both = follows + follows.T
    dependent = np.abs(follows - follows.T) / (both + 1)
    loops = (turns / (turns + 1) >= LOOP) | (2 * turns > both)
    beside: Flags = (follows > 0) & (follows.T > 0) & (dependent < DEPENDENT) & ~loops
    np.fill_diagonal(beside, False)
    return beside


def enablers(activity: Codes, begin: Ints, end: Ints, offset: Ints, beside: Flags) -> Ints:
    """Per event: the place of the one whose end made it possible, -1 if none did.

    That is the last before it, in the order of the log, that is not beside it and had ended by its beginning. Where only
    ends are known (`begin` equal to `end`), the last before it that is not beside it.
    """
    place, found = np.arange(len(end)), np.full(len(end), -1, np.int64)
    first = offset[cases_of(offset)]
    waiting, back = place[place > first], 1
    while len(waiting):
        before = waiting - back
        fits = (end[before] <= begin[waiting]) & ~beside[activity[before], activity[waiting]]
        found[waiting[fits]] = before[fits]
        waiting = waiting[~fits]
        back += 1
        waiting = waiting[waiting - back >= first[waiting]]
    return found
