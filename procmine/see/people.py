"""People: units in which so few work that what is told of the unit is told of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.flow import Ints
from procmine.log import EventLog, Text

FEWEST = 5  # people; a unit of fewer counts as a person


def people_in(unit: Ints, units: int, who: Text) -> Ints:
    """How many people are named in each of `units`; `unit` per event (-1: none)."""
    there, size = (unit >= 0) & (who.codes >= 0), max(len(who.levels), 1)
    pairs = np.unique(unit[there].astype(np.int64) * size + who.codes[there])
    return np.bincount(pairs // size, minlength=units)


def of_few(log: EventLog, unit: Ints, units: int) -> NDArray[np.bool_]:
    """Units for which some attribute names people, but fewer than five."""
    few = np.zeros(units, np.bool_)
    for name in log.about.persons:
        if name in log.event_attributes:
            people = people_in(unit, units, log.event_attributes[name])
            few |= (people > 0) & (people < FEWEST)
    return few
