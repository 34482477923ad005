"""Groups: the kinds of cases that a log tells apart and that are many enough to be told of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.kernels.crowd import Floats, Ints
from procmine.log import EventLog

LEAST = 20  # cases of the log in a group
MOST_VALUES = 20  # of an attribute: more are names or numbers of single things
MISSING = "(missing)"


@dataclass(frozen=True, eq=False)
class Groups:
    """Values of attributes of cases; never attributes that name people. `code[attribute]`: per case of the log the
    number of its group, -1: in none that is told of.
    """

    attribute: tuple[str, ...]  # per group
    value: tuple[str, ...]
    cases: Ints
    code: tuple[Ints, ...]
    few: int  # groups of fewer than LEAST cases

    @classmethod
    def of(cls, log: EventLog) -> Groups:
        attribute: list[str] = []
        value: list[str] = []
        cases: list[int] = []
        codes, few = [], 0
        for name, text in log.attributes.items():
            if name in log.about.persons or not 2 <= len(text.levels) <= MOST_VALUES:
                continue
            count = np.bincount(text.codes + 1, minlength=len(text.levels) + 1)
            number = np.full(len(count), -1)
            levels = [MISSING, *map(str, text.levels.to_pylist())]
            told = np.flatnonzero(count >= LEAST)
            few += int(((count > 0) & (count < LEAST)).sum())
            if len(told) < 2:
                continue
            number[told] = np.arange(len(told)) + len(value)
            attribute += [name] * len(told)
            value += [levels[one] for one in told]
            cases += count[told].tolist()
            codes.append(number[text.codes + 1])
        return cls(tuple(attribute), tuple(value), np.array(cases, np.int64), tuple(codes), few)

    def means(self, like: Ints, time: Floats) -> Floats:
        """Mean of `time` over the simulated cases of each group; nan where there are none."""
        total, n = np.zeros(len(self.value)), np.zeros(len(self.value))
        for code in self.code:
            group = code[like]
            kept = group >= 0
            total += np.bincount(group[kept], time[kept], len(self.value))
            n += np.bincount(group[kept], minlength=len(self.value))
        return np.where(n > 0, total / np.maximum(n, 1), np.nan)
