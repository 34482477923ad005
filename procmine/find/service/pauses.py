"""Pauses: when the clock of each case stands, by the rules of the log's spec."""

from __future__ import annotations

import numpy as np

from procmine.kernels.flow import Ints
from procmine.kernels.intervals import merged
from procmine.log import EventLog
from procmine.see.clock_rules import rules_of


def paused(log: EventLog) -> tuple[Ints, Ints, Ints]:
    """Case (ascending), begin and end of each stretch of time in which a case's clock stands; none of a case overlap.

    A pause that has no end yet lasts until the case ends, or beyond the cutoff while it is open. LogError where steps were
    left out.
    """
    case, begin, end = (np.concatenate(one) for one in zip(*rules_of(log.about).stands(log)))
    lasting = np.where(log.open, log.about.cutoff + 2, log.until)
    return merged(case, begin, np.maximum(np.minimum(end, lasting[case]), begin))
