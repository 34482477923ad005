"""Looks: how strict a test must be, by whether the date was written down in time and how often the result is judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import erfc, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from procmine.proof.records.change import Change
from procmine.words import Message, Value

Floats = NDArray[np.float64]

ALPHA = 0.05  # of a single test, both sides together
BEFOREHAND = np.timedelta64(7, "D")  # data drawn up to a week before a decision date are the data of that decision
GRID = 400
_NORMAL = NormalDist()


@dataclass(frozen=True)
class Look:
    """How strict this look at a change must be.

    level: of the range of each test; 0.95 where one look was planned and the date stood fast beforehand. number: how many
    decision dates have come, of `looks` planned ones; provisional: none has come yet, or this is not the last. picked: the
    date counts as one that somebody picked. why: in sentences.
    """

    level: float
    number: int
    looks: int
    provisional: bool
    picked: bool
    why: tuple[Message, ...]


def level(
    change: str | Change, cutoff: str, seen: str, candidates: int, *, weeks_before: int = 0, alpha: float = ALPHA
) -> Look:
    """The level for data up to the day `cutoff`, when the first results could be seen on the day `seen` (change, ramp and
    time of watching).

    A date that was not recorded by `seen` shares alpha among the `candidates` months it could have been picked from; planned
    looks share it evenly, or as `change.sharing` says, for which `weeks_before` counts the weeks compared with.
    """
    record = Change(change) if isinstance(change, str) else change
    first, today = np.datetime64(seen, "D"), np.datetime64(cutoff, "D")
    picked = record.recorded is None or bool(np.datetime64(record.recorded, "D") > first)
    dates = np.sort(np.array(record.decide_on, "M8[D]"))
    number = int(np.sum(dates <= today + BEFOREHAND))
    share = alpha / max(candidates, 1) if picked else alpha
    if len(dates) and record.sharing == "late":
        own = _late(tuple(_information(dates, first, weeks_before)), share)[max(number, 1) - 1]
    else:
        own = share / max(len(dates), 1)
    provisional = number < len(dates)
    why = (_of_date(record, picked, seen, candidates), *_of_looks(dates, number))
    return Look(1 - own, number, max(len(dates), 1), provisional, picked, why)


def _of_date(record: Change, picked: bool, seen: str, candidates: int) -> Message:
    values: dict[str, Value] = {"date": record.date, "seen": seen, "months": max(candidates, 1)}
    if not picked:
        return Message("look.recorded", {**values, "recorded": str(record.recorded)})
    if record.recorded is None:
        return Message("look.picked", values)
    return Message("look.recorded_late", {**values, "recorded": record.recorded})


def _of_looks(dates: NDArray[np.datetime64], number: int) -> list[Message]:
    if not len(dates):
        return [Message("look.no_date")]
    shared = [Message("look.shared", {"looks": len(dates)})] if len(dates) > 1 else []
    if number == len(dates):
        return shared
    values: dict[str, Value] = {"day": str(dates[number]), "last": str(dates[-1])}
    return [*shared, Message("look.provisional" if not number else "look.between", values)]


def _information(dates: NDArray[np.datetime64], first: np.datetime64, weeks_before: int) -> list[float]:
    """How much each look can know, as parts of what the last can: 1 / (1 / weeks before + 1 / weeks after)."""
    after = np.maximum((dates - first).astype(np.int64) / 7, 1.0)
    known = 1 / (1 / after + (1 / weeks_before if weeks_before else 0.0))
    parts: list[float] = np.maximum.accumulate(known / known[-1]).tolist()
    return parts


@lru_cache(maxsize=256)
def _late(information: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    return tuple(2 * _NORMAL.cdf(-bound) for bound in late_bounds(information, alpha))


def late_bounds(information: Sequence[float], alpha: float = ALPHA) -> list[float]:
    """Two-sided bounds on z at each look, spending alpha late as O'Brien and Fleming do (Lan & DeMets 1983).

    information: ascending parts of 1. One side spends 2 - 2 Phi(z(1 - alpha/4) / sqrt(t)) by t. The chance of crossing is
    integrated look by look over what has not crossed yet (Armitage, McPherson & Rowe 1969).
    """
    spent = [2 - 2 * _NORMAL.cdf(_NORMAL.inv_cdf(1 - alpha / 4) / sqrt(part)) for part in information]
    place, weight, before, gone = np.zeros(1), np.ones(1), 0.0, 0.0
    bounds: list[float] = []
    for part, upto in zip(information, spent):
        step = sqrt(max(part - before, 1e-9))
        bound = _bound(place, weight, step, sqrt(part), max(2 * (upto - gone), 1e-14))
        edge = bound * sqrt(part)
        inside = np.linspace(-edge, edge, GRID + 1)
        density = np.exp(-0.5 * ((inside[:, None] - place) / step) ** 2) @ weight / (step * sqrt(2 * np.pi))
        place, weight = inside, density * np.gradient(inside) * _ends(GRID + 1)
        bounds, before, gone = [*bounds, bound], part, upto
    return bounds


def _ends(points: int) -> Floats:
    """Of the trapezoid rule."""
    half = np.ones(points)
    half[[0, -1]] = 0.5
    return half


def _bound(place: Floats, weight: Floats, step: float, scale: float, wanted: float) -> float:
    """The z beyond which, on either side, `wanted` of what is at `place` goes with the next step; by halving."""
    low, high = 0.0, 12.0
    for _ in range(50):
        middle = (low + high) / 2
        crossed = sum(
            w * (erfc((middle * scale - x) / step / sqrt(2)) + erfc((middle * scale + x) / step / sqrt(2))) / 2
            for x, w in zip(place.tolist(), weight.tolist())
        )
        low, high = (middle, high) if crossed > wanted else (low, middle)
    return (low + high) / 2
