"""Where cases wait: before a step, on a move, or at a unit that is large enough to be no person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from procmine.find.waits.parts import Waits
from procmine.kernels.flow import Ints
from procmine.log import EventLog, LogError, Text, check_attributes
from procmine.see.people import FEWEST
from procmine.words import Message

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Places:
    """Names, and the place of each event among them (-1: none). `merged`: units too small to stand alone."""

    names: tuple[str, ...]
    of: Ints
    merged: int = 0


def places_of(log: EventLog, per: str, who: Text | None, resource: str | None, waits: Waits) -> Places:
    """By "step", "transition", or the event attribute of a unit."""
    if per == "step":
        return Places(log.about.activities, log.activity.astype(np.int64))
    if per == "transition":
        return _moves(log, waits.since)
    if per not in log.about.event_attributes:
        there = ", ".join(one for one in log.about.event_attributes if one not in log.about.persons)
        raise LogError(
            f"per={per!r}: causes are told per 'step', per 'transition', or per event attribute of a unit or role. There "
            f"are: {there or 'none'}."
        )
    check_attributes(log.about, [per], log.about.event_attributes)
    if per in log.about.persons or (per == resource and who is not None and resource in log.about.persons):
        raise LogError(
            f"{per!r} names people, and causes of waiting are told of no person: ask per 'step' or per unit."
        )
    return _units(log, per, who)


def _moves(log: EventLog, since: Ints) -> Places:
    k, code = len(log.about.activities), log.activity.astype(np.int64)
    before = np.where(since >= 0, np.append(code, 0)[since], k)
    pairs, of = np.unique(before * k + code, return_inverse=True)
    names = (*log.about.activities, Message("causes.begin").say())
    said = tuple(f"{names[int(pair) // k]} → {names[int(pair) % k]}" for pair in pairs)
    return Places(said, of)


def _units(log: EventLog, per: str, who: Text | None) -> Places:
    """Units with the smallest put together until they are as many people as may be told of."""
    text = log.event_attributes[per]
    levels = [str(one) for one in text.levels.to_pylist()]
    of = text.codes.astype(np.int64)
    named = [log.event_attributes[name] for name in log.about.persons if name in log.about.event_attributes]
    if not named:
        return Places(tuple(levels), of)
    asked = [one for one in named if one is who] or named
    people = [_people(of, one, len(levels)) for one in asked]
    small = np.logical_or.reduce([_small(one) for one in people])
    if small.all() and len(levels):
        raise LogError(
            f"No {per!r} has {FEWEST} people or more, as the log has it, and of fewer nothing is told: ask per 'step'."
        )
    if not small.any():
        return Places(tuple(levels), of)
    kept = np.flatnonzero(~small)
    number = np.full(len(levels) + 1, len(kept), np.int64)
    number[kept] = np.arange(len(kept))
    number[-1] = -1
    together = Message("causes.small", {"least": FEWEST}).say()
    return Places((*(levels[int(one)] for one in kept), together), number[of], int(small.sum()))


def _people(unit: Ints, who: Text, units: int) -> Flags:
    """[units, people]: who was seen in which unit."""
    seen = np.zeros((units, len(who.levels)), bool)
    there = (unit >= 0) & (who.codes >= 0)
    seen[unit[there], who.codes[there]] = True
    return seen


def _small(seen: Flags) -> Flags:
    """Units of too few people, and with them the next smallest until together they are enough different people."""
    people = seen.sum(axis=1)
    small: Flags = people < FEWEST
    for one in np.argsort(people, kind="stable"):
        if not small.any() or seen[small].any(axis=0).sum() >= FEWEST:
            break
        small[one] = True
    return small
