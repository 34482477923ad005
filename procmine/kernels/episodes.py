"""Episodes: stretches of a case in which steps ran beside each other, as they were seen, ready to be played again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Episodes:
    """Episode e is its members `offset[e]:offset[e + 1]`, in the order in which they were seen.

    step: a member's activity. lag: microseconds, on the clock of the stay that the episode ends, from when all that the
    member waits for was there. `needed[first[i]:first[i + 1]]`: the members that member i waits for, all before it;
    none: the beginning of the stay. within[block, activity]: the steps of each block. The stay lasts until the last of
    its members.
    """

    offset: Ints
    step: Ints
    lag: Ints
    first: Ints
    needed: Ints
    within: Flags

    def ends(self, lag: Ints) -> Ints:
        """Per member: when it ends, counted from the beginning of its stay, if it takes `lag`; to check what plays
        them."""
        end = np.zeros(len(lag), np.int64)
        for place in range(len(lag)):
            needed = self.needed[self.first[place] : self.first[place + 1]]
            end[place] = lag[place] + (end[needed].max() if len(needed) else 0)
        return end
