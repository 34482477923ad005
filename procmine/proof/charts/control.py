"""Control chart: which months or weeks stand out from the usual ups and downs, and how often that happens by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.kernels.blocks import DAY, Floats
from procmine.kernels.chart_rules import LEAST_RUN
from procmine.kernels.false_signals import chance
from procmine.kernels.flow import Ints
from procmine.log import Log, LogError, moment
from procmine.proof.charts.periods import Length
from procmine.proof.charts.series import Asked, Given, Points, Recorded, asked, points
from procmine.proof.charts.stretches import (
    FEW_CROSSINGS,
    KINDS,
    LEAST_LIMITS,
    LEAST_POINTS,
    Chosen,
    Judged,
    Kind,
    choose,
    judge,
)
from procmine.proof.cohorts import said_where
from procmine.results import Result, Rows, timedeltas
from procmine.see.times import Milestone
from procmine.words import Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from procmine.draw.control import Look

HIGHER = {"done", "standard"}  # figures of which more is better
MOST_TOLD = 4  # signals
SETTLING = -1
LINES = ("value", "centre", "limit_low", "limit_high")
DRAWN = ("usual", "limits", "signal", "open", "target")
MET, NOT_MET, HIT_AND_MISS = "met", "not_met", "hit_and_miss"


@dataclass(frozen=True, eq=False)
class Stretch:
    """The points from one change to the next, those in between left out."""

    first: int  # number of the period
    last: int
    points: int
    judged: Judged

    @property
    def limited(self) -> bool:
        return bool(np.isfinite(self.judged.low))


@dataclass(frozen=True, eq=False)
class ControlChart(Result):
    """One row per month or week: begin (datetime64[D], its first day), n (int, cases), value, centre, limit_low, limit_high
    (timedelta64[s], share 0..1 or number), signal (text, "": none), stretch (int, counted from 0; a new one begins at a
    recorded change; -1: the cases were watched across a change, so the point is neither judged nor counted).

    limit_low, limit_high: where single points lie, nan in a run chart; of dependent points they lie about what the one
    before lets expect. kind: "xmr", "log", "residual" or "run"; false_signals: the chance that such a chart signals although
    nothing has changed; autocorrelation of neighbours; stretches: what each one's level and limits are.
    """

    meaning = "define.control_chart"
    what: Asked
    points: Points
    chosen: Chosen
    stretches: tuple[Stretch, ...]
    rules: NDArray[np.object_]  # per row the rule that it breaks, "": none
    false_signals: float
    target: float | None

    @property
    def kind(self) -> str:
        return self.chosen.kind

    @property
    def autocorrelation(self) -> float:
        return self.chosen.rho

    @property
    def assurance(self) -> str:
        """Whether the target is "met", "not_met" or "hit_and_miss", from the limits of the last stretch; "": cannot tell."""
        last = self.stretches[-1].judged
        if self.target is None or not self.stretches[-1].limited or self.what.of_what == "volume":
            return ""
        if last.low <= self.target <= last.high:
            return HIT_AND_MISS
        above = last.low > self.target
        return MET if above == (self.what.of_what in HIGHER) else NOT_MET

    def findings(self) -> Sequence[Message]:
        return [*self._headline(), *self._levels(), *self._assured(), *self._how(), *self._notes()]

    def shown(self) -> Rows:
        return in_percent(self.rows, LINES) if self.what.kind == "share" else self.rows

    def plot(self, ax: Axes | None = None) -> Axes:
        """The points with their usual level and limits; signals are marked, those across a change are hollow."""
        from procmine.draw.control import Drawn, control

        unit = self._unit()
        value, centre, lower, upper = (self._plain(name) / unit for name in LINES)
        marked = ~np.isin(self.rules, ("", FEW_CROSSINGS))  # crossings are of the whole line, not of a point
        drawn = Drawn(self.points.begin, value, centre, lower, upper, marked, self.rows["stretch"])
        changes = [
            (np.datetime64(one.date[:10]), one.what or Message("control.one", {"first": one.date}).say())
            for one in self.what.changes
        ]
        target = None if self.target is None else self.target / unit
        words = {name: Message(f"control.drawn.{name}").say() for name in DRAWN}
        words["usual"] = Message("control.drawn.expected").say() if self.kind == "residual" else words["usual"]
        look = look_of(self.what, self._values(), "control", words, logs=self.chosen.logs)
        return control(drawn, changes=changes, target=target, look=look, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        known = {"kind": self.kind, "false_signals": self.false_signals, "autocorrelation": self.autocorrelation}
        return {**super().to_dict(), **known, "assurance": self.assurance}

    def _unit(self) -> float:
        return self.day if self.what.kind == "time" else 1.0

    def _plain(self, name: str) -> Floats:
        column = self.rows[name]
        return column / np.timedelta64(1, "s") if column.dtype.kind == "m" else column

    def _said(self, value: float) -> Message:
        return said(value, self.what.kind)

    def _values(self) -> dict[str, Value]:
        return {**values_of(self.what, self.points), "points": self._judged}

    @property
    def _judged(self) -> int:
        return int((self.rows["stretch"] != SETTLING).sum())

    def _headline(self) -> list[Message]:
        groups = self._groups()
        values: dict[str, Value] = {**self._values(), "signals": len(groups)}
        if not groups:
            if max(one.points for one in self.stretches) < (LEAST_RUN if self.kind == "run" else LEAST_LIMITS):
                return [Message("control.too_few", values)]
            return [Message("control.calm.each" if len(self.stretches) > 1 else "control.calm", values)]
        told = [self._told(*one) for one in groups[:MOST_TOLD]]
        more = [Message("control.more", {"more": len(groups) - MOST_TOLD})] if len(groups) > MOST_TOLD else []
        return [Message("control.signals", values), *told, *more]

    def _groups(self) -> list[tuple[int, int]]:
        """First and last row of the points that signal together: on one side, in one stretch, at most one between them."""
        of, above = self.rows["stretch"], self._plain("value") > self._plain("centre")
        found: list[tuple[int, int]] = []
        for row in np.flatnonzero(self.rules != "").tolist():
            first, last = found[-1] if found else (row, -9)
            runs = self.kind == "run" and self.rules[row] == self.rules[last]
            if row - last <= 2 and of[row] == of[last] and (runs or above[row] == above[last]):
                found[-1] = (first, row)
            else:
                found.append((row, row))
        return found

    def _told(self, first: int, last: int) -> Message:
        together = slice(first, last + 1)
        rules = dict.fromkeys(rule for rule in self.rules[together] if rule)
        above = float((self._plain("value") - self._plain("centre"))[together].mean()) > 0
        names = [self.what.periods.name(int(self.points.number[row])) for row in (first, last)]
        where = Message("control.one" if first == last else "control.span", dict(zip(("first", "last"), names)))
        said = tuple(Message(f"control.rule.{rule}") for rule in rules)
        side = Message("control.above" if above else "control.below")
        key = "control.told.few" if FEW_CROSSINGS in rules else "control.told"
        return Message(key, {"where": where, "rule": said, "side": side})

    def _levels(self) -> list[Message]:
        found: list[Message] = []
        for one in self.stretches:
            names = [self.what.periods.name(number) for number in (one.first, one.last)]
            values: dict[str, Value] = {"first": names[0], "last": names[1], "points": one.points}
            values |= {name: self._said(getattr(one.judged, name)) for name in ("level", "low", "high")}
            values["length"] = Message(f"control.{self.what.periods.length}s", {"n": one.points})
            key = "" if one.limited else ".run" if self.kind == "run" else ".few"
            found.append(Message(f"control.level{key}", values))
        return [*found, *([Message("control.rebased")] if len(found) > 1 else [])]

    def _assured(self) -> list[Message]:
        if self.target is None:
            return []
        return [Message(f"control.target.{self.assurance or 'unknown'}", {"target": self._said(self.target)})]

    def _how(self) -> list[Message]:
        values: dict[str, Value] = {**self._values(), "rho": self.autocorrelation, "chance": self.false_signals}
        return [Message(f"control.why.{self.chosen.why}", values), Message("control.chance", values)]

    def _notes(self) -> list[Message]:
        notes = []
        short = [one.points for one in self.stretches if one.limited and one.points < LEAST_POINTS]
        if short:
            notes.append(Message("control.short", {"points": min(short), "least": LEAST_POINTS}))
        settling = int((self.rows["stretch"] == SETTLING).sum())
        if settling:
            notes.append(Message("control.settling", {"points": settling}))
        if not self.points.stated:
            notes.append(Message("compare.complete_from", {"day": self.points.since}))
        return notes


def control_chart(
    log: Log,
    *,
    of: Given = "time",
    period: Length = "month",
    kind: Kind | None = None,
    where: Mapping[str, str | Sequence[str]] | None = None,
    start: str | Milestone | None = None,
    stop: str | Milestone | None = None,
    changes: Recorded = (),
    horizon: int | None = None,
    target: float | None = None,
) -> ControlChart:
    """One figure by month or week, and which points stand out from its usual ups and downs.

    of: "time", the average wait, counted up to `horizon` days (whole weeks; None: as long as 9 in 10 take); "done", the
    share done by then; "backlog", cases waiting at the end; "volume", cases that came; or a Standard (or Path of its file):
    the share within it, of the cases that were due. Only periods all of whose cases could be watched: of "time" and "done"
    the last `horizon` days stay blank. Cases count when they arrive, or first come to `start`, until `stop` or their end.

    kind None: chosen by the data, and the reason said. "xmr": average -+ 2.66 average steps, rules of NHS "Making Data
    Count"; "log": the same of logarithms; "residual": of what each point adds to the one before; "run": Anhoej's runs.
    changes: records of changes, or procmine.changes(file); the level is drawn anew at each that may concern these cases,
    never elsewhere. One record alone says `where`, `start`, `stop` and `horizon` where these do not (`where={}`: all cases).
    target: days, a share (0..1) or a number; of a standard its own. LogError where a period in between has no case.
    """
    if kind is not None and kind not in KINDS:
        raise ValueError(f"kind={kind!r}: it is one of {', '.join(KINDS)}, or None to let the data choose.")
    what = asked(log.about, of, period, where, start, stop, changes, horizon)
    found = points(log, what)
    stretch = stretches_of(log.about, what, found)
    parts = [found.value[stretch == one] for one in range(len(what.changes) + 1)]
    if not any(map(len, parts)):
        raise LogError(
            "Every point was watched across a change, so none can be judged. Wait, or name a shorter horizon=."
        )
    if kind == "log" and not all((one > 0).all() for one in parts):
        raise LogError('A figure of 0 has no logarithm, and some are 0 here: leave kind= out, or take "xmr" or "run".')
    chosen = choose([one for one in parts if len(one)], found.n[stretch >= 0], what.kind, kind)
    ceiling = {"time": found.watch / 1e6, "share": 1.0}.get(what.kind, np.inf)
    judged = [judge(one, chosen, 0.0, ceiling) for one in parts]
    rules = _rules(stretch, judged)
    rows = _rows(what, found, stretch, judged, rules)
    made = tuple(_stretch(found, stretch == place, one) for place, one in enumerate(judged) if (stretch == place).any())
    false = _false_signals(chosen, [len(one) for one in parts])
    arguments = {"of": of, "period": period, "kind": kind, "where": where, "start": start, "stop": stop, "changes": changes,
                 "horizon": horizon, "target": target}  # fmt: skip
    goal = _target(what, target)
    return ControlChart(rows, log.about, True, arguments, what, found, chosen, made, rules, false, goal)


def _false_signals(chosen: Chosen, lengths: Sequence[int]) -> float:
    """Of such a chart of unchanged points; of logarithms as of any others."""
    kind, least = ("run", LEAST_RUN) if chosen.kind == "run" else (chosen.kind.replace("log", "xmr"), LEAST_LIMITS)
    judged = tuple(one for one in lengths if one >= least)
    return chance(kind, judged, round(chosen.rho * 20) / 20) if judged else 0.0


def stretches_of(about: About, what: Asked, found: Points) -> Ints:
    """Per point the stretch that it is in; -1 where its cases were watched across a change, or got used to it."""
    begin = np.array([what.periods.moment(about, int(one)) for one in found.number], np.int64)
    end = np.array([what.periods.moment(about, int(one) + 1) for one in found.number], np.int64)
    stretch, settling = np.zeros(len(begin), np.int64), np.zeros(len(begin), bool)
    for one in what.changes:
        at = moment(about, one.date)
        stretch += begin >= at
        settling |= (end > at - found.watch) & (begin < at + one.ramp * DAY)
    return np.where(settling, SETTLING, stretch)


def _stretch(found: Points, here: NDArray[np.bool_], judged: Judged) -> Stretch:
    number = found.number[here]
    return Stretch(int(number[0]), int(number[-1]), len(number), judged)


def _rules(stretch: Ints, judged: Sequence[Judged]) -> NDArray[np.object_]:
    rules = np.full(len(stretch), "", object)
    for place, one in enumerate(judged):
        rules[stretch == place] = one.signal
    return rules


def _rows(what: Asked, found: Points, stretch: Ints, judged: Sequence[Judged], rules: NDArray[np.object_]) -> Rows:
    size = len(found.value)
    lines = {name: np.full(size, np.nan) for name in LINES[1:]}
    for place, one in enumerate(judged):
        for line, values in zip(lines.values(), (one.centre, one.lower, one.upper)):
            line[stretch == place] = values
    signal = np.array([Message(f"control.rule.{rule}").say() if rule else "" for rule in rules], object)
    columns = {"value": found.value, **lines}
    if what.kind == "time":
        columns = {name: timedeltas(column) for name, column in columns.items()}
    return {"begin": found.begin, "n": found.n, **columns, "signal": signal, "stretch": stretch}


def _target(what: Asked, target: float | None) -> float | None:
    """In seconds, as a share or a number."""
    if target is not None and not 0 <= target <= (1 if what.kind == "share" else np.inf):
        wanted = "a share from 0 to 1 (0.9 is 90%)" if what.kind == "share" else "a number from 0 on"
        raise ValueError(f"target={target}: name {wanted}.")
    if what.standard is not None:
        return what.standard.share / 100 if target is None else target
    return target * 86_400 if target is not None and what.kind == "time" else target


def said(value: float, kind: str) -> Message:
    """A figure in words: a length of time, a share or a number."""
    if kind == "time":
        return Message("control.value.time", {"value": Span(value)}) if value > 0 else Message("control.value.no_time")
    return Message(f"control.value.{kind}", {"value": float(value)})


def in_percent(rows: Rows, names: Sequence[str]) -> Rows:
    """The rows with names under which shares are shown in percent."""
    return {f"share_{name}" if name in names else name: column for name, column in rows.items()}


def look_of(
    what: Asked, values: Mapping[str, Value], key: str, words: Mapping[str, str], *, logs: bool = False
) -> Look:
    """Title, axis and footer of a picture of a series."""
    from procmine.draw.control import Look

    title, footer = (Message(f"{key}.{name}", values).say() for name in ("title", "footer"))
    axis = Message(f"control.axis.{what.of_what}", values).say()
    return Look(title, axis, footer, words, what.kind == "share", what.periods.length == "month", logs)


def values_of(what: Asked, found: Points) -> dict[str, Value]:
    """What the sentences about a series name."""
    start, stop = what.cohort.start, what.cohort.stop
    who = said_where(what.cohort.where) if what.cohort.where else Message("compare.cases")
    return {
        "who": who,
        "figure": Message(f"control.figure.{what.of_what}", {"standard": what.standard.name if what.standard else ""}),
        "watched": Span(found.watch / 1e6),
        "start": start.step if start else Message("compare.arrival"),
        "stop": stop.step if stop else Message("compare.end"),
        "standard": what.standard.name if what.standard else "",
        "length": Message(f"control.{what.periods.length}"),
        "lengths": Message(f"control.{what.periods.length}s", {"n": len(found.value)}),
        "first": what.periods.name(int(found.number[0])),
        "last": what.periods.name(int(found.number[-1])),
        "cases": int(found.n.sum()),
    }
