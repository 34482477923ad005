"""Record: a forecast as plain values, of something that can be counted once the change has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, timedelta
from math import isfinite
from typing import Any

from procmine.clocks import read_day
from procmine.log import LogError

MEAN, HALF, SHARE = "mean", "half", "share"
MEASURES = (MEAN, HALF, SHARE)  # days, days, cases of 100
Where = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Fingerprint:
    """What tells one version of the data from another, and no case: counts, and hashes over all of them together.

    cases, events: begun, and happened, up to the end of the data then; `entered`: those of the cohort among them.
    """

    cases: int
    entered: int
    events: int
    cases_sha256: str
    events_sha256: str


@dataclass(frozen=True)
class StoredForecast:
    """What was predicted of the cases `where` that enter in the `weeks` from `change` (+ `ramp` days) on, each followed for
    `horizon` days from `start` (None: its arrival) to `stop` (None: its end, in any way).

    measure: MEAN = mean days, counted at most as long as they are followed; HALF = days by which half of all of them were
    there (the horizon, if they were not); SHARE = of 100, those that were there within it. `predicted` lies likely (`level`)
    between `low` and `high`; `points`: equally likely values; `today`: the same counted in the log at hand; `expected`: how
    many cases should enter. until: last day of the data; data: hashes of the files; filters: how the log was chosen.
    policy: as data, and in words (`what`).
    """

    what: str
    policy: Mapping[str, Any]
    change: str
    weeks: int
    horizon: int
    measure: str
    predicted: float
    low: float
    high: float
    level: float
    points: tuple[float, ...]
    today: float
    expected: int
    until: str
    until_us: int
    log: Fingerprint
    version: str
    seed: int
    draws: int
    ramp: int = 0
    where: Where = field(default_factory=dict)
    start: str | None = None
    stop: str | None = None
    by: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        numbers = (self.predicted, self.low, self.high, self.today, *self.points)
        if not all(map(isfinite, numbers)) or not self.low < self.high or not self.points:
            raise ValueError(
                f"A forecast needs a range: {self.low:g} to {self.high:g} is none, so nothing could miss it."
            )
        if self.measure not in MEASURES or not 0 < self.level < 1 or self.weeks < 1 or self.horizon < 1:
            said = f"measure {self.measure!r}, level {self.level}, {self.weeks} weeks, {self.horizon} days"
            raise ValueError(f"No such forecast: {said}. Measures: {', '.join(MEASURES)}; weeks and days from 1 on.")
        whole_day(self.change)

    def due(self, change: str | None = None) -> str:
        """The last day on which something may still happen that counts: data up to then can score it."""
        first = date.fromisoformat(change or self.change) + timedelta(days=self.ramp)
        return str(first + timedelta(days=7 * self.weeks + self.horizon - 1))

    @property
    def asked(self) -> tuple[object, ...]:
        """What two forecasts of the same thing have in common."""
        return (*self.subject, self.measure, self.weeks)

    @property
    def subject(self) -> tuple[object, ...]:
        """What two forecasts of one change have in common."""
        where = tuple(sorted((name, tuple(values)) for name, values in self.where.items()))
        return (str(to_plain(self.policy)), self.change, where, self.start, self.stop)

    def to_dict(self) -> dict[str, Any]:
        plain: dict[str, Any] = to_plain(asdict(self))
        return plain

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> StoredForecast:
        unknown = set(written) - {one.name for one in fields(cls)}
        if unknown:
            raise LogError(f"This ledger was written by a later version: it says {min(unknown)!r}. Use that version.")
        read: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in written.items()}
        read["where"] = {name: tuple(values) for name, values in written["where"].items()}
        return cls(**{**read, "log": Fingerprint(**written["log"])})


def whole_day(text: str) -> str:
    if str(read_day(text)) != text:
        raise ValueError(f"{text!r} is no whole day; write it as 2026-03-01.")
    return text


def to_plain(value: Any) -> Any:
    """As JSON has it: lists for tuples, keys in order."""
    if isinstance(value, Mapping):
        return {name: to_plain(value[name]) for name in sorted(value)}
    return [to_plain(one) for one in value] if isinstance(value, list | tuple) else value
