"""Enabling: which event of a case made each event possible, steps that run beside each other allowed for."""

from __future__ import annotations

import numpy as np

from procmine.kernels.enabling import Flags, concurrent, enablers
from procmine.kernels.flow import Ints
from procmine.log import EventLog


def beside(log: EventLog) -> Flags:
    """Per pair of activities, by code: whether they run beside each other, as the whole log shows."""
    return concurrent(log.activity, log.offset, len(log.about.activities))


def enabled_by(log: EventLog, which: Flags | None = None) -> Ints:
    """Per event: the place in the log of the event that made it possible, -1: its case came in and nothing else was needed.

    `which` are the steps beside each other (found from the log itself if not given: give those of the whole log for a part).
    """
    begin = log.time if log.start is None else log.start
    return enablers(log.activity, begin, log.time, log.offset, beside(log) if which is None else which)


def enabled(log: EventLog, by: Ints) -> Ints:
    """Per event: the moment from which it could have begun (microseconds): its enabler's end, else its case's arrival.

    Never after its own beginning. The arrival is the beginning of the first event where no column says when a case came
    in: such an event has waited for nothing that is known.
    """
    begin = log.time if log.start is None else log.start
    arrived = np.repeat(log.arrival, np.diff(log.offset))
    since = np.where(by >= 0, log.time[by], arrived) if len(by) else by
    moment: Ints = np.minimum(since, begin)
    return moment
