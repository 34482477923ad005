"""Random numbers that are found by a key, not by their turn: splitmix64 of where they are needed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float64]

GOLDEN, SILVER, COPPER = 0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 0x8CB92BA72F3D8DD7


def keys(seed: int, draw: int, replication: Ints, case: Ints) -> Words:
    """One key per path; both arms of a comparison use the same, so that they face the same cases."""
    with np.errstate(over="ignore"):
        word = mix(np.array([seed % 2**64], np.uint64))
        for part in (np.array([draw]), replication, case):
            word = mix(word ^ part.astype(np.uint64))
    return word


def uniform(key: Words, at: Ints, visit: Ints, purpose: int) -> Floats:
    """In [0, 1): the number of this path, for this purpose, at its visit of that number of the step it is at."""
    with np.errstate(over="ignore"):
        place = np.asarray(at, np.int64).astype(np.uint64) * np.uint64(GOLDEN)
        place = place + np.asarray(visit, np.int64).astype(np.uint64) * np.uint64(SILVER)
        place = place + np.uint64(purpose * COPPER % 2**64)
        return (mix(key + place) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def mix(word: Words) -> Words:
    """One step of splitmix64 (Steele, Lea & Flood 2014) from this state; wraps by intent."""
    word = word + np.uint64(GOLDEN)
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))
