"""Measures: a time that users define themselves, from one point of a case to another, with open cases counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask
from procmine.find.service.standards import check_names, counted, values
from procmine.find.service.stretches import Rule, Stretch, Unit, Where, stops
from procmine.kernels.influence import Influence
from procmine.kernels.partial import Partial
from procmine.kernels.survival import Weekly, incidence
from procmine.log import EventLog, Log, Summary
from procmine.results import Result, Rows
from procmine.see.survival import LEAST_WEEKS, SHARES, SurvivalPart, interval, weekly
from procmine.words import Message, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Good = Literal["lower", "higher"]
SECOND = 1_000_000
SHOWN = (("p50", 0.5), ("p80", 0.8))


@dataclass(frozen=True)
class Measure:
    """A time to be measured: as a Standard, but without a limit. good: which direction is better; target: in the unit."""

    name: str
    start: str
    stop: str | tuple[str, ...]
    unit: Unit = "days"
    good: Good = "lower"
    target: float | None = None
    where: Where = field(default_factory=dict)
    clock: Rule = "calendar"

    def __post_init__(self) -> None:
        if self.good not in ("lower", "higher"):
            raise ValueError(f'{self.name}: good is "lower" or "higher", and not {self.good!r}.')
        if self.target is not None and not self.target > 0:
            raise ValueError(f"{self.name}: the target must be more than 0, and is {self.target:g}.")
        if self.unit not in ("days", "working days", "hours") or self.clock not in ("calendar", "service"):
            raise ValueError(f'{self.name}: unit is "days", "working days" or "hours"; clock "calendar" or "service".')

    @property
    def stretch(self) -> Stretch:
        return Stretch(self.start, stops(self.stop), self.unit, self.clock, self.where)


@dataclass(frozen=True, eq=False)
class Measures(Result):
    """A row is a measure (of a group): measure; unit; good; cases (int) in which it began, of which ended, otherwise (ended
    without coming to it), open (still on the way) and early (begun before the data are complete, left out of the rest);
    p50, p80 (floats, in the unit; nan: not reached): by when so many had come to it (Aalen-Johansen), with p50_low,
    p50_high, p80_low, p80_high; asked (float, the target; nan: none) and share_target: came to it within
    the target, with share_low, share_high (95%, from sums by entry week, nan below 20).
    """

    meaning = "define.measure"

    def findings(self) -> Sequence[Message]:
        said: list[Message] = []
        for row in range(len(self)):
            one = {name: column[row] for name, column in self.rows.items()}
            counts = {name: int(one[name]) for name in ("cases", "open")}
            values: dict[str, Value] = {"measure": str(one["measure"]), **counts}
            if np.isnan(one["p50"]):
                said.append(Message("measure.never", values))
            else:
                values["half"] = counted(float(one["p50"]), str(one["unit"]))
                said.append(Message("measure.half", {**values, "range": self._range(one)}))
            if not np.isnan(one["asked"]):
                goal: dict[str, Value] = {
                    "target": counted(float(one["asked"]), str(one["unit"])),
                    "share": float(one["share_target"]),
                }
                said.append(Message(f"measure.target.{one['good']}", {**values, **goal}))
        return said

    def _range(self, one: dict[str, object]) -> Message:
        ends = {name: float(str(one[f"p50_{name}"])) for name in ("low", "high")}
        if any(np.isnan(list(ends.values()))):
            return Message("nothing")
        return Message("measure.range", {name: f"{end:,.3g}" for name, end in ends.items()})

    def plot(self, ax: Axes | None = None) -> Axes:
        """By when half had come to it, with its range, a row a group or measure."""
        from procmine.draw.offices import Dot, dots

        data, many = [], len(set(self.rows["measure"])) > 1 or not self.groups
        names = ("measure",) if many else ()
        for row in np.flatnonzero(~np.isnan(self.rows["p50"])):
            one = {name: column[row] for name, column in self.rows.items()}
            label = ", ".join(str(one[name]) for name in (*self.groups, *names))
            half = counted(round(float(one["p50"]), 1), str(one["unit"]))
            note = Message("promise.n", {"said": half, "n": int(one["cases"])}).say()
            data.append(Dot(label, float(one["p50"]), float(one["p50_low"]), float(one["p50_high"]), note))
        said = Message("measure.picture").say()
        title = said if many else f"{self.rows['measure'][0]}: {said}"
        units = ", ".join(dict.fromkeys(map(str, self.rows["unit"])))
        return dots(data, title=title, axis=units, ax=ax)


@dataclass(frozen=True, eq=False)
class MeasuresPart(Partial):
    parts: Several
    early: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Several:
    """A partial of each measure."""

    of: tuple[SurvivalPart, ...]

    def merge(self, other: Several) -> Several:
        return Several(tuple(one.merge(two) for one, two in zip(self.of, other.of)))


@dataclass(frozen=True)
class MeasuresSummary(Summary[MeasuresPart, Measures]):
    measures: tuple[Measure, ...]
    wanted: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.wanted

    def of(self, log: EventLog) -> MeasuresPart:
        parts, early = [], []
        for one in self.measures:
            run = one.stretch.of(log)
            length = run.spent * (SECOND // one.stretch.ticks if one.stretch.ticks == 1 else 1)
            kept = ~run.early
            kinds = (run.reached & kept, run.otherwise & kept, run.open & kept)
            parts.append(SurvivalPart.from_start(*(weekly(run.begun[kind], length[kind]) for kind in kinds)))
            early.append(run.early.sum())
        return MeasuresPart(Several(tuple(parts)), np.array(early, np.int64))

    def rows(self, partial: MeasuresPart, about: About) -> Rows:
        table = [_row(one, part) for one, part in zip(self.measures, partial.parts.of)]
        columns = {name: [row[name] for row in table] for name in table[0]}
        rows: dict[str, NDArray[Any]] = {name: np.array(column, _dtype(column[0])) for name, column in columns.items()}
        return {**rows, "early": partial.early.copy()}

    def result(self, rows: Rows, about: About, exact: bool) -> Measures:
        return Measures(rows, about, exact, self.arguments)


def _dtype(value: object) -> type:
    return object if isinstance(value, str) else np.int64 if isinstance(value, int) else np.float64


def _row(one: Measure, part: SurvivalPart) -> dict[str, str | int | float]:
    size = 1.0 if one.stretch.ticks == 1 else one.stretch.ticks / SECOND  # of a unit, in the seconds of `Durations`
    whole = [kind.whole() for kind in part.kinds()]
    curve = incidence(whole[0], whole[1], whole[2])
    low, high = interval(part)
    ended, otherwise, still = (int(kind.n()[0]) for kind in whole)
    row: dict[str, str | int | float] = {"measure": one.name, "unit": one.unit, "good": one.good}
    row |= {"cases": ended + otherwise + still, "ended": ended, "otherwise": otherwise, "open": still}
    for name, share in SHOWN:
        place = int(np.flatnonzero(np.isclose(SHARES, share))[0])
        middle = float(np.mean(curve.quantile(share)))
        ends = (float(low[place]), float(high[place]) if np.isfinite(high[place]) else float("nan"))
        row |= {name: middle / size, f"{name}_low": ends[0] / size, f"{name}_high": ends[1] / size}
    target = float("nan") if one.target is None else float(one.target)
    shares = (float("nan"),) * 3 if one.target is None else _within(part, one.target * size)
    return row | {"asked": target, **dict(zip(("share_target", "share_low", "share_high"), shares))}


def _within(part: SurvivalPart, limit: float) -> tuple[float, float, float]:
    """Share that had come to it within a time (seconds of `Durations`), and its range."""
    table = Weekly.of(*part.kinds(), part.late)
    if not len(table.weeks):
        return (float("nan"),) * 3
    curve, limit = Influence.of(table), limit * (1 + 1e-12)
    ends = curve.share(limit) if len(table.weeks) >= LEAST_WEEKS else (float("nan"),) * 2
    return curve.at(limit)[0], *ends


def measure(
    log: Log,
    measures: str | Path | Measure | Sequence[Measure],
    *,
    by: Sequence[str] = (),
    period: Period | None = None,
) -> Measures:
    """The times that a file (its section `measures`), or you, define. Cases still on the way are counted as such."""
    made = _measures_of(measures)
    for one in made:
        one.stretch.check(log.about)
    wanted = tuple(dict.fromkeys(name for one in made for name in one.stretch.needs(log.about)))
    return ask(log, MeasuresSummary(made, wanted), by, period)


def _measures_of(given: str | Path | Measure | Sequence[Measure]) -> tuple[Measure, ...]:
    if isinstance(given, str | Path):
        from procmine.find.service.file import StandardsFile

        entries = StandardsFile.read(given).measures
        made = tuple(
            Measure(one.name, one.start, stops(one.stop), one.unit, one.good, one.target, values(one.where), one.clock)
            for one in entries
        )
    else:
        made = (given,) if isinstance(given, Measure) else tuple(given)
    if not made:
        raise ValueError("There is no measure. Name one: measures: [{name, from, to, good}].")
    check_names([one.name for one in made])
    return made
