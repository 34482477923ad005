"""Change: the record of an intervention, without which a date is only one that somebody picked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from procmine.log import day_of

Named = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class Change:
    """What was done differently, from when, for which cases, and what was expected of it.

    Days are written as 2026-03-01. `where`: attributes of the cases it is for (none: all); `control`: those it is compared
    with; `ramp`: days after `date` in which people got used to it, whose cases are left out; `start`, `stop`: the wait that
    it was to shorten (None: from arrival, to the end of the case); `horizon`: days for which each case is watched;
    `recorded`: the day on which this was written down; `decide_on`: the days on which its effect is to be judged.
    """

    date: str
    what: str = ""
    where: Named = field(default_factory=dict)
    control: Named = field(default_factory=dict)
    ramp: int = 0
    start: str | None = None
    stop: str | None = None
    horizon: int | None = None
    decided_by: str = ""  # a role or a board, not a person's name
    owner: str = ""  # a role
    expected: str = ""
    recorded: str | None = None
    decide_on: tuple[str, ...] = ()
    sharing: Literal["evenly", "late"] = "evenly"  # of the chance of a false alarm among the days of `decide_on`
    id: str = ""  # in changes.yml


@dataclass(frozen=True)
class Measured:
    """What was found with data up to the day `data`, as changes.yml keeps it.

    verdict: one of KINDS. figure: by how much the wait changed, in `unit` (-12 days is 12 days less); low, high: where it
    likely lies; None: the verdict has no figure.
    """

    verdict: str
    data: str
    figure: float | None = None
    low: float | None = None
    high: float | None = None
    unit: Literal["days", "percent", "points"] = "days"
    provisional: bool = False

    @classmethod
    def of(cls, found: Any) -> Measured:
        """What `compare` found, in days of its clock, to a tenth."""
        figures, day = found.verdict.figures, day_of(found.about, found.about.cutoff)
        figure, low, high = (
            round(figures[name] / found.day, 1) if name in figures else None for name in ("difference", "low", "high")
        )
        return cls(found.verdict.kind, day, figure, low, high, provisional=found.look.provisional)

    def to_dict(self) -> dict[str, str | float | bool]:
        """What is said, the verdict first."""
        said = {name: getattr(self, name) for name in ("verdict", "figure", "low", "high", "unit", "data")}
        kept = {name: value for name, value in said.items() if value is not None and (name, value) != ("unit", "days")}
        return {**kept, "provisional": True} if self.provisional else kept


def agreed(name: str, given: Any, recorded: Any) -> Any:
    """An argument, or what the record of the change says; ValueError if both are there and not the same."""
    recorded = recorded or None
    if given is None or recorded is None:
        return recorded if given is None else given
    if _in_one_way(given) != _in_one_way(recorded):
        raise ValueError(
            f"{name}={given!r}, but the record of the change says {recorded!r}. Leave {name}= out, or mend the record."
        )
    return given


def _in_one_way(value: Any) -> Any:
    """Names as sets of values, first steps as text."""
    if isinstance(value, Mapping):
        return {name: {one} if isinstance(one, str) else set(one) for name, one in value.items()}
    return value.step if getattr(value, "which", "") == "first" else value
