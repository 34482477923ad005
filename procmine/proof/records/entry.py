"""Entry: one change as it stands in changes.yml, from the idea to what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import numpy as np

from procmine.proof.records.change import Change
from procmine.proof.verdict.kinds import KINDS
from procmine.settings import Field, Settings

Day = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
Steps = str | list[str]
Status = Literal["idea", "planned", "running", "kept", "adjusted", "stopped"]
Unit = Literal["days", "percent", "points"]
UNDER_WAY, DECIDED = ("planned", "running"), ("kept", "adjusted", "stopped")


class FigureEntry(Settings):
    """By how much the wait changes: -12 (days) is 12 days less. `low` and `high`: where it likely lies."""

    figure: float | None = None
    low: float | None = None
    high: float | None = None
    unit: Unit = "days"

    def model_post_init(self, context: object) -> None:
        ends = (self.low, self.figure, self.high)
        known = [end for end in ends if end is not None]
        if known != sorted(known):
            raise ValueError(
                f"low {self.low}, figure {self.figure}, high {self.high}: they must ascend; -12 is 12 less"
            )
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high belong together")


class PredictedEntry(FigureEntry):
    """What was forecast; `ledger`: the forecast's id in the ledger, where there is one."""

    ledger: str = ""
    on: Day | None = None


class MeasuredEntry(FigureEntry):
    """What was found with data up to the day `data`; `verdict` is one of the kinds of verdicts."""

    verdict: str
    data: Day
    provisional: bool = False

    def model_post_init(self, context: object) -> None:
        super().model_post_init(context)
        _check([*([] if self.verdict in KINDS else [f"verdict {self.verdict!r} is none of {', '.join(KINDS)}"]),
                *_no_days(data=self.data)])  # fmt: skip


class ChangeEntry(Settings):
    """`raised_by`, `decided_by` and `owner` are roles, never persons. Days are written as 2026-03-01.

    step: which the idea is about. what: what was done differently, if the idea does not say it. where, control, ramp, start,
    stop, horizon, recorded, decide_on, sharing: as in `Change`. expected: in words; predicted: as a figure. why: what was
    learnt, once it is kept, adjusted or stopped.
    """

    idea: str = Field(min_length=1)
    status: Status = "idea"
    raised_by: str = ""
    step: str | None = None
    what: str = ""
    date: Day | None = None
    recorded: Day | None = None
    where: dict[str, Steps] = Field(default_factory=dict)
    control: dict[str, Steps] = Field(default_factory=dict)
    ramp: int = Field(default=0, ge=0)
    start: str | None = None
    stop: str | None = None
    horizon: int | None = Field(default=None, ge=1)
    decided_by: str = ""
    owner: str = ""
    expected: str = ""
    decide_on: list[Day] = Field(default_factory=list)
    sharing: Literal["evenly", "late"] = "evenly"
    predicted: PredictedEntry | None = None
    measured: list[MeasuredEntry] = Field(default_factory=list)
    why: str = ""

    def model_post_init(self, context: object) -> None:
        decide = {f"decide_on {place + 1}": day for place, day in enumerate(self.decide_on)}
        wrong = [*_no_days(date=self.date, recorded=self.recorded, **decide)]
        if self.status in ("running", "kept", "adjusted") and self.date is None:
            wrong.append(f"a change that is {self.status} needs the date from which it was tried")
        if self.status in DECIDED and not self.why:
            wrong.append(f"say why it was {self.status}: the next team will ask")
        if self.date is not None and any(day <= self.date for day in self.decide_on):
            wrong.append(f"decide_on must come after the date of the change, {self.date}")
        if self.decide_on != sorted(set(self.decide_on)):
            wrong.append("decide_on must ascend")
        _check(wrong)

    def change(self, name: str) -> Change:
        """For compare. ValueError for what has no date yet."""
        if self.date is None:
            raise ValueError(
                f"{name!r} has no date yet ({self.status}): write date: 2026-03-01, the day from which it is tried."
            )
        return Change(
            self.date, self.what or self.idea, _named(self.where), _named(self.control), self.ramp, self.start, self.stop,
            self.horizon, self.decided_by, self.owner, self.expected, self.recorded, tuple(self.decide_on), self.sharing,
            name,
        )  # fmt: skip


class ChangesFile(Settings):
    """The memory of a team; `title` says whose."""

    title: str = ""
    changes: dict[str, ChangeEntry] | None = None


def _named(where: dict[str, Steps]) -> dict[str, str | tuple[str, ...]]:
    return {name: value if isinstance(value, str) else tuple(value) for name, value in where.items()}


def _no_days(**days: str | None) -> Iterable[str]:
    for name, day in days.items():
        try:
            np.datetime64(day or "2000-01-01", "D")
        except ValueError:
            yield f"{name.replace('_', ' ')}: {day} is no day of the calendar"


def _check(wrong: list[str]) -> None:
    if wrong:
        raise ValueError("; ".join(wrong))
