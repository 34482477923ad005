"""Interrupted series: whether the line of a figure jumps or turns at a change, whatever hangs together in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from procmine.about import About
from procmine.kernels.blocks import Floats
from procmine.kernels.flow import Ints
from procmine.kernels.segmented import Fit, fit, terms
from procmine.log import Log, LogError, moment
from procmine.proof.charts.control import SETTLING, in_percent, look_of, stretches_of, values_of
from procmine.proof.charts.periods import Length
from procmine.proof.charts.series import Asked, Given, Points, asked, points
from procmine.proof.records.change import Change
from procmine.results import Result, Rows, plain, timedeltas
from procmine.see.times import Milestone
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LEAST_SIDE, LEAST_SEASON = 12, 24
SIDES = {0: "before", 1: "since", SETTLING: "left_out"}
LEVEL, SLOPE = 2, 3  # places of the coefficients
EFFECTS = ("level", "slope", "average")
LINES = ("value", "fitted", "led_to", "led_to_low", "led_to_high")


@dataclass(frozen=True)
class Effect:
    """By how much more (less: below 0) it is since the change, in seconds, as a share or a number; low, high: 95%."""

    value: float
    low: float
    high: float

    @property
    def stands_out(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, eq=False)
class InterruptedSeries(Result):
    """One row per month or week in which a case began: begin (datetime64[D]), n (cases), value, fitted, led_to,
    led_to_low, led_to_high (timedelta64[s], share 0..1 or number), side ("before", "left out", "since").

    fitted: the lines; led_to: where the line before leads, since the change only, with its range (95%, of the line). level:
    the jump at the first whole period since the change; slope: what it rises more a period than before; average: fitted
    minus led_to, over the points since. autocorrelation of neighbours about the lines.
    """

    meaning = "define.interrupted"
    what: Asked
    points: Points
    sides: Ints
    season: bool
    level: Effect
    slope: Effect
    average: Effect
    autocorrelation: float

    def findings(self) -> Sequence[Message]:
        notes = [] if self.points.stated else [Message("compare.complete_from", {"day": self.points.since})]
        counts = {
            name: int((self.sides == side).sum()) for side, name in ((0, "before"), (1, "after"), (SETTLING, "out"))
        }
        season = Message("interrupted.season" if self.season else "interrupted.no_season")
        return [
            self._told("level", "jump"),
            self._told("slope", "turn"),
            Message("interrupted.average", {**self._effect("average"), "after": counts["after"]}),
            Message("interrupted.counts", {**counts, "season": season}),
            Message("interrupted.rho", {"rho": self.autocorrelation}),
            Message("interrupted.only_if"),
            *notes,
        ]

    def shown(self) -> Rows:
        return in_percent(self.rows, LINES) if self.what.kind == "share" else self.rows

    def plot(self, ax: Axes | None = None) -> Axes:
        """The points, the line before and since, and where the line before leads."""
        from procmine.draw.control import Lines, interrupted

        unit = self.day if self.what.kind == "time" else 1.0
        value, fitted, without, low, high = (self._plain(name) / unit for name in LINES)
        data = Lines(self.points.begin, value, fitted, without, low, high, self.sides)
        change = self.what.changes[0]
        words = {name: Message(f"interrupted.drawn.{name}").say() for name in ("line", "without", "open")}
        label = (np.datetime64(change.date[:10]), change.what or change.date)
        look = look_of(self.what, self._values(), "interrupted", words)
        return interrupted(data, change=label, look=look, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        effects = {name: plain(np.array([one.value, one.low, one.high])) for name, one in self._effects().items()}
        return {**super().to_dict(), "effects": effects, "autocorrelation": self.autocorrelation}

    def _plain(self, name: str) -> Floats:
        column = self.rows[name]
        return column / np.timedelta64(1, "s") if column.dtype.kind == "m" else column

    def _effects(self) -> dict[str, Effect]:
        return {name: getattr(self, name) for name in EFFECTS}

    def _told(self, name: str, key: str) -> Message:
        stands = self._effects()[name].stands_out
        return Message(f"interrupted.{key}" if stands else f"interrupted.no_{key}", self._effect(name))

    def _effect(self, name: str) -> dict[str, Value]:
        effect = self._effects()[name]
        figures = {name: effect.value, "low": effect.low, "high": effect.high}
        return {**self._values(), **{key: self._signed(value) for key, value in figures.items()}}

    def _signed(self, value: float) -> Message:
        figure: Value = Message(f"control.value.{self.what.kind}", {"value": abs(value)})
        if self.what.kind == "time":
            figure = Span(abs(value))
        if self.what.kind == "share":
            figure = Message("interrupted.points", {"value": 100 * abs(value)})
        return Message("interrupted.less" if value < 0 else "interrupted.more", {"value": figure})

    def _values(self) -> dict[str, Value]:
        return {**values_of(self.what, self.points), "change": self.what.changes[0].date}


def interrupted_series(
    log: Log,
    *,
    change: str | Change,
    of: Given = "time",
    period: Length = "month",
    season: bool = False,
    where: Mapping[str, str | Sequence[str]] | None = None,
    start: str | Milestone | None = None,
    stop: str | Milestone | None = None,
    horizon: int | None = None,
) -> InterruptedSeries:
    """A straight line through the months or weeks before the change, another since: does it jump, does it turn?

    of, period, where, start, stop, horizon: as in `control_chart`; a Change brings its own. Points whose cases were watched
    across the change are left out, and so are periods without such a case. season: two pairs of yearly waves besides; decide
    it before looking, as the model is never chosen by its fit. LogError with fewer than 12 points on a side (with season 24
    before).
    """
    record = Change(change) if isinstance(change, str) else change
    what = asked(log.about, of, period, where, start, stop, record, horizon)
    if not what.changes:
        raise ValueError(f"The change of {record.date} is for other cases than these: check where=.")
    found = points(log, what, gaps=True)
    sides = stretches_of(log.about, what, found)
    _check_points(what, found, sides, season)
    kept = np.flatnonzero(sides != SETTLING)
    first = _first_since(log.about, what, record)
    design = terms(found.number, first, what.periods.in_a_year if season else 0)
    fitted = fit(found.number[kept], found.value[kept], design[kept])
    level, slope, average = _effects(fitted, design, sides)
    rows = _rows(what, found, fitted, design, sides)
    arguments = {"change": change, "of": of, "period": period, "season": season, "where": where, "start": start,
                 "stop": stop, "horizon": horizon}  # fmt: skip
    return InterruptedSeries(
        rows, log.about, True, arguments, what, found, sides, season, level, slope, average, fitted.rho
    )


def _first_since(about: About, what: Asked, change: Change) -> int:
    """The first period that begins with the change or after it."""
    at = moment(about, change.date)
    number = what.periods.holding(about, at)
    return number if what.periods.moment(about, number) >= at else number + 1


def _check_points(what: Asked, found: Points, sides: Ints, season: bool) -> None:
    before, since = (int((sides == side).sum()) for side in (0, 1))
    least = LEAST_SEASON if season else LEAST_SIDE
    if before >= least and since >= LEAST_SIDE:
        return
    waves = " (24 because the time of year is allowed for)" if season else ""
    raise LogError(
        f"Too few points for two lines: {before} before the change and {since} since, of whole {what.periods.length}s whose "
        f"cases could be watched for {round(found.watch / 86_400e6)} days; needed are {least}{waves} and {LEAST_SIDE}. Take "
        "weeks (period='week'), a shorter horizon=, or wait; compare(log, change=...) needs 8 weeks since."
    )


def _effects(fitted: Fit, design: Floats, sides: Ints) -> tuple[Effect, Effect, Effect]:
    """Level, slope and average since."""
    jump, turn, mean = (np.zeros(design.shape[1]) for _ in EFFECTS)
    jump[LEVEL] = turn[SLOPE] = 1.0
    mean[LEVEL], mean[SLOPE] = 1.0, design[sides == 1, SLOPE].mean()
    level, slope, average = (Effect(fitted.value(one), *fitted.range(one)) for one in (jump, turn, mean))
    return level, slope, average


def _rows(what: Asked, found: Points, fitted: Fit, design: Floats, sides: Ints) -> Rows:
    bare = design.copy()
    bare[:, [LEVEL, SLOPE]] = 0.0
    since, out = sides == 1, sides == SETTLING
    columns = {name: np.full(len(sides), np.nan) for name in LINES[1:]}
    columns["fitted"][~out] = [fitted.value(row) for row in design[~out]]
    columns["led_to"][since] = [fitted.value(row) for row in bare[since]]
    ends = np.transpose([fitted.range(row) for row in bare[since]])
    columns["led_to_low"][since], columns["led_to_high"][since] = ends
    columns = {"value": found.value, **columns}
    if what.kind == "time":
        columns = {name: timedeltas(column) for name, column in columns.items()}
    names = np.array([Message(f"interrupted.side.{SIDES[int(side)]}").say() for side in sides], object)
    return {"begin": found.begin, "n": found.n, **columns, "side": names}
