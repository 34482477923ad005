"""Takes: how long a step takes under a policy, as a number of days or as a range of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import isfinite
from statistics import NormalDist
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from procmine.kernels.blocks import DAY
from procmine.words import Message

Floats = NDArray[np.float64]
Named: TypeAlias = "Mapping[str, str | Sequence[str]]"

PLACES = 401  # quantiles of a table
LONGEST = 36_500.0  # days: a hundred years
WAYS = (("least", "usual", "most"), ("half", "nine_in_ten"), ("one_of",), ("as_in",))


@dataclass(frozen=True)
class Takes:
    """Days that a step takes, not always the same. Say it in one of four ways:

    Takes(least=1, usual=3, most=10): a triangle; Takes(half=5, nine_in_ten=20): half of them within 5 days and 9 in 10 within
    20 (log-normal); Takes(one_of=[2, 2, 3, 9]): each of these equally likely; Takes(as_in={"office": "North"}): as long as it
    takes in these cases of the log (open ones counted).
    """

    least: float | None = None
    usual: float | None = None
    most: float | None = None
    half: float | None = None
    nine_in_ten: float | None = None
    one_of: tuple[float, ...] | None = None
    as_in: Named | None = None

    def __post_init__(self) -> None:
        given = {one.name for one in fields(self) if getattr(self, one.name) is not None}
        if given not in map(set, WAYS):
            there = "; ".join(", ".join(way) for way in WAYS)
            raise ValueError(f"How long it takes is said in one of these ways: {there}. Given: {_listed(given)}.")
        if self.one_of is not None:
            object.__setattr__(self, "one_of", tuple(map(float, numbers_of("one_of", self.one_of))))
        if self.as_in is not None:
            object.__setattr__(self, "as_in", named(self.as_in))
        for name in ("least", "usual", "most", "half", "nine_in_ten"):
            if name in given:
                object.__setattr__(self, name, days_of(name, getattr(self, name)))
        self._check()

    def __hash__(self) -> int:
        return hash(str(self.to_dict()))

    def _check(self) -> None:
        if self.least is not None and self.usual is not None and self.most is not None:
            rises = self.least <= self.usual <= self.most and self.least < self.most
            if not rises:
                raise ValueError(
                    f"least {self.least:g}, usual {self.usual:g}, most {self.most:g}: they must rise from the least to "
                    "the most."
                )
        if self.half is not None and self.nine_in_ten is not None and not 0 < self.half < self.nine_in_ten:
            raise ValueError(
                f"half within {self.half:g} days, nine in ten within {self.nine_in_ten:g}: the first must be above 0 and "
                "below the second."
            )

    def table(self) -> Floats:
        """Microseconds at evenly spaced places of [0, 1], whole ones; `as_in` needs the log: see `policies.seen`."""
        place = np.linspace(0.0, 1.0, PLACES)
        if self.one_of is not None:
            days = np.quantile(np.array(self.one_of), place, method="inverted_cdf")
        elif self.half is not None and self.nine_in_ten is not None:
            wide = np.log(self.nine_in_ten / self.half) / NormalDist().inv_cdf(0.9)
            edge = 1 / (2 * PLACES)  # the ends of a log-normal are 0 and never
            normal = [NormalDist().inv_cdf(float(one)) for one in np.clip(place, edge, 1 - edge)]
            days = np.minimum(self.half * np.exp(wide * np.array(normal)), LONGEST)
        elif self.least is not None and self.usual is not None and self.most is not None:
            days = _triangle(place, self.least, self.usual, self.most)
        else:
            raise ValueError("Times as in other cases are taken from the log.")
        whole: Floats = np.rint(days * DAY).astype(np.float64)
        return whole

    def to_dict(self) -> dict[str, Any]:
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: _plain(value) for name, value in said.items() if value is not None}

    @property
    def said(self) -> Message:
        if self.half is not None:
            return Message("policy.takes.half", {"half": f"{self.half:g}", "most": f"{self.nine_in_ten:g}"})
        if self.one_of is not None:
            least, most = min(self.one_of), max(self.one_of)
            return Message("policy.takes.one_of", {"n": len(self.one_of), "least": f"{least:g}", "most": f"{most:g}"})
        if self.as_in is not None:
            return Message("policy.takes.as_in", {"where": filter_said(self.as_in)})
        ends = {name: f"{getattr(self, name):g}" for name in ("least", "usual", "most")}
        return Message("policy.takes.range", ends)


Days: TypeAlias = "float | Takes"


def in_days(name: str, days: Any) -> Days:
    """A number of days, or a Takes; ValueError for anything else."""
    return days if isinstance(days, Takes) else days_of(name, days)


def days_of(name: str, days: Any) -> float:
    """A number of days from 0 to a hundred years."""
    number = number_of(name, days)
    if number < 0:
        raise ValueError(f"{name}: {number:g} days: a step can take 0 days or more.")
    if number > LONGEST:
        raise ValueError(
            f"{name}: {number:g} days are more than a hundred years. Times are in days: is the unit right?"
        )
    return number


def number_of(name: str, value: Any) -> float:
    """A plain number; text is not turned into one."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        raise ValueError(f"{name}: {str(value)[:40]!r} is no number. Write it without quotes and without a unit.")
    if not isfinite(value):
        raise ValueError(f"{name}: {value} is no number that can be worked with.")
    return float(value)


def numbers_of(name: str, values: Any) -> list[float]:
    if isinstance(values, str) or not isinstance(values, Sequence) or not len(values):
        raise ValueError(f"{name}: write a list of numbers of days, as [2, 3, 9].")
    return [days_of(name, one) for one in values]


def named(attributes: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Attributes with the values wanted, each as a tuple; text only."""
    wanted = {name: (value,) if isinstance(value, str) else value for name, value in attributes.items()}
    for name, values in wanted.items():
        if not isinstance(values, Sequence) or not all(isinstance(value, str) for value in values):
            raise ValueError(f"{name}={values!r}: attributes are text; write the value as the log has it, in quotes.")
    return {name: tuple(values) for name, values in wanted.items()}


def filter_said(attributes: Named) -> tuple[Message, ...]:
    """As "office is North"."""
    return tuple(
        Message("kept.where.one", {"name": name, "value": value if isinstance(value, str) else ", ".join(value)})
        for name, value in attributes.items()
    )


def _triangle(place: Floats, least: float, usual: float, most: float) -> Floats:
    """Quantiles of the triangular distribution."""
    turn = (usual - least) / (most - least)
    up = least + np.sqrt(place * (most - least) * (usual - least))
    down = most - np.sqrt((1 - place) * (most - least) * (most - usual))
    found: Floats = np.where(place < turn, up, down)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: list(one) for name, one in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
