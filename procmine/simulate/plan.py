"""Plan: one world to simulate, in the numbers of one model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from procmine.kernels.crowd import Floats
from procmine.kernels.edits import Changes, Shared
from procmine.kernels.operational import Clocks
from procmine.simulate.fit import Model
from procmine.words import Message


@dataclass(frozen=True, eq=False)
class Plan:
    """What is different in one world; a policy that the log cannot settle makes two of them (see `Planned`).

    weight: per case of the log, how much more often such cases come (1: as in the log). volume: how many times as many cases
    come. steps: names of new steps, numbered from the number of activities on. price: money per occurrence of each step, new
    ones included, 0 where not stated. price_day: money per case and day open. clocks: those of the model and more behind
    them, in this world only.
    """

    changes: Changes
    shared: Shared
    weight: Floats
    volume: float
    steps: tuple[str, ...]
    price: Floats
    price_day: float
    said: tuple[Message, ...]
    clocks: Clocks | None = None


def nothing(model: Model) -> Plan:
    """The plan that leaves all as it is."""
    cases = len(model.log)
    changes = Changes(np.zeros(cases, bool), np.zeros(model.visits.steps + 1, bool))
    price = np.zeros(len(model.log.about.activities))
    return Plan(changes, Shared(), np.ones(cases), 1.0, (), price, 0.0, ())
