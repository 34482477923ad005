"""Hearings: how many dates a case needs, how many are moved, and how long each further one takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from procmine.about import About
from procmine.asking import Period, ask
from procmine.clocks import CALENDAR_TIME
from procmine.kernels.blocks import dense_weights
from procmine.kernels.durations import Durations
from procmine.kernels.flow import Ints, cases_of, first_match
from procmine.kernels.partial import Partial
from procmine.kernels.shares import wilson
from procmine.kernels.survival import Curve, Weekly, incidence
from procmine.log import Clock, EventLog, Log, Summary, codes_of, shown
from procmine.results import Result, Rows, seconds, timedeltas
from procmine.see.survival import DRAWS, LEAST_WEEKS, SEED, WEEKS, entry_weeks
from procmine.words import DAY, Message, Span, Value

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
MOST = 4  # dates told apart; the last row is "so many or more"
NOT_SEEN = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Hearings(Result):
    """A row is a number of dates: dates (text: "1", "2", "3", "4 or more"). Dates are days; several events of a day are one.

    cases (int) that came to that date, of which decided, ended otherwise, had another date, or are open; called_off (int)
    of these dates; share (float) of cases that need exactly so many, low, high (95%, bootstrap of entry weeks, nan below
    20 weeks), where open cases are like others of their age (nan from a date on after which nothing is known yet, and
    where no case is known to be over); share_decided: of those who come to this date, decided without another, with
    share_decided_low, share_decided_high; gap, gap_80 (timedelta64[s]): half and 8 in 10 of those who get this date have
    it within so long after the one before (NaT in the first row). In the last row dates from the fourth on are counted
    together, so one case may stand there several times, but in `share`.
    """

    meaning = "define.hearings"

    def findings(self) -> Sequence[Message]:
        rows = self.rows
        if not rows["cases"][0]:
            return [Message("result.empty")]
        values: dict[str, Value] = {"n": int(rows["cases"][0]), "share": float(rows["share_decided"][0])}
        ends = {"low": float(rows["share_decided_low"][0]), "high": float(rows["share_decided_high"][0])}
        span = Message("hearings.no_range") if np.isnan(ends["low"]) else Message("hearings.range", ends)
        known = not np.isnan(rows["share_decided"][0])
        said = [
            Message("hearings.first", {**values, "range": span}) if known else Message("hearings.undecided", values)
        ]
        if rows["another"][0] and not np.isnan(rows["share"][1:]).any():
            share = {f"share_{k}": float(rows["share"][k]) for k in (1, 2, 3)}
            said.append(Message("hearings.more", share))
        if not np.isnat(rows["gap"][1]):
            added: dict[str, Value] = {"added": Span(seconds(rows["gap"][1]), self.day)}
            said.append(Message("hearings.added", {**added, "n": int(rows["another"][0])}))
        off, dates = int(rows["called_off"].sum()), int(rows["cases"].sum())
        return [*said, *([Message("hearings.off", {"off": off, "dates": dates})] if off else [])]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Cases by how many dates they need, with ranges; of groups, the last one's."""
        from procmine.draw.charts import Bar, bars

        if self.groups:
            return self.plot_last(ax)
        drawn = []
        for k in range(len(self)):
            added = self.rows["gap"][k]
            span = (
                Message("nothing")
                if np.isnat(added)
                else Message("hearings.note.added", {"added": Span(seconds(added), self.day)})
            )
            note = Message(
                "hearings.note", {"share": float(self.rows["share"][k]), "n": int(self.rows["cases"][k]), "added": span}
            )
            share, low, high = (float(self.rows[name][k]) for name in ("share", "low", "high"))
            key = "hearings.dates" if k else "hearings.dates.one"
            drawn.append(Bar(Message(key, {"dates": str(self.rows["dates"][k])}).say(), share, low, high, note.say()))
        title, axis = Message("hearings.picture").say(), Message("hearings.axis").say()
        return bars(drawn, title=title, axis=axis, ax=ax)


@dataclass(frozen=True, eq=False)
class HearingPart(Partial):
    """Lengths from each date, keyed by number of the date (0 to 3) * WEEKS + entry week of its case."""

    decided: Durations
    another: Durations
    otherwise: Durations
    open: Durations
    off: NDArray[np.int64]  # called off, by number of the date

    def kinds(self, k: int) -> list[Durations]:
        return [_only(one, k) for one in (self.decided, self.another, self.otherwise, self.open)]


def _only(durations: Durations, k: int) -> Durations:
    """The lengths from date number k, keyed by entry week."""
    here = slice(*np.searchsorted(durations.key, [k * WEEKS, (k + 1) * WEEKS]))
    key, value, count = (getattr(durations, name)[here] for name in ("key", "value", "count"))
    return Durations(WEEKS, key - k * WEEKS, value, count, durations.exact, durations.cap)


@dataclass(frozen=True)
class HearingSummary(Summary[HearingPart, Hearings]):
    """The steps of which each is a date, those that call a date off, those that decide (none: the end of the case)."""

    step: tuple[str, ...]
    postponed: tuple[str, ...] = ()
    decided: tuple[str, ...] = ()
    clock: Clock = CALENDAR_TIME

    def of(self, log: EventLog) -> HearingPart:
        case, time, off = self._dates(log)
        end, decides = self._ends(log)
        kept = time <= end[case]
        if log.about.complete_from is not None:  # of older cases the first dates may be missing
            kept &= log.arrival[case] >= log.about.complete_from
        case, time, off = case[kept], time[kept], off[kept]
        n = len(case)
        first = np.flatnonzero(np.diff(case, prepend=-1))
        number = np.arange(n) - np.repeat(first, np.diff(np.append(first, n)))
        more = np.append(case[1:] == case[:-1], False) if n else np.zeros(0, bool)
        until = np.where(more, np.append(time[1:], 0)[:n], end[case])
        length = self.clock.read(until, case, log) - self.clock.read(time, case, log)
        key = np.minimum(number, MOST - 1) * WEEKS + entry_weeks(log.arrival)[case]
        called = off | (more if not self.postponed else np.zeros(n, bool))
        kinds = (
            ~more & decides[case],
            more,
            ~more & ~decides[case] & ~log.open[case],
            ~more & ~decides[case] & log.open[case],
        )
        lengths = [Durations.of(key[kind], np.maximum(length[kind], 0), MOST * WEEKS) for kind in kinds]
        decided, another, otherwise, still = lengths
        return HearingPart(
            decided, another, otherwise, still, np.bincount(np.minimum(number, MOST - 1)[called], minlength=MOST)
        )

    def _codes(self, about: About, steps: tuple[str, ...]) -> Ints:
        return np.concatenate([codes_of(about, step) for step in steps]) if steps else np.empty(0, np.int64)

    def _dates(self, log: EventLog) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Case and first moment of each date, in order, and whether it was called off."""
        off = np.isin(log.activity, self._codes(log.about, self.postponed))
        here = np.flatnonzero(off | np.isin(log.activity, self._codes(log.about, self.step)))
        case, day = cases_of(log.offset)[here], shown(log.about, log.time[here]).astype("M8[D]").astype(np.int64)
        new = np.flatnonzero((np.diff(case, prepend=-1) != 0) | (np.diff(day, prepend=np.iinfo(np.int64).min) != 0))
        called = np.add.reduceat(off[here].astype(np.int64), new) > 0 if len(new) else np.zeros(0, bool)
        return case[new], log.time[here][new], called

    def _ends(self, log: EventLog) -> tuple[Ints, NDArray[np.bool_]]:
        """Per case: the moment of its decision, else that to which it is watched; and whether that is a decision."""
        if not self.decided:
            return log.until, ~log.open
        place = first_match(np.isin(log.activity, self._codes(log.about, self.decided)), log.offset)
        decides = place >= 0
        moment = log.until.copy()
        moment[decides] = log.time[place[decides]]
        return moment, decides

    def rows(self, partial: HearingPart, about: About) -> Rows:
        kinds = [partial.kinds(k) for k in range(MOST)]
        n = np.array([[int(kind.n().sum()) for kind in one] for one in kinds])
        point, cases = np.array([_fates(one) for one in kinds]), n.sum(axis=1)
        nothing_seen = n[:, :3].sum(axis=1) == 0 if n[:, [0, 2]].any() else np.ones(MOST, bool)
        point[nothing_seen] = np.nan
        drawn = _drawn(kinds)
        share = _numbers(np.where(cases > 0, point[:, 1], 0.0))
        ends = here = np.full((2, MOST), np.nan)
        if drawn is not None:
            ends = _ranges(_numbers(np.nan_to_num(drawn[:, :, 1])), share, np.full(MOST, cases[0]))
            here = _ranges(drawn[:, :, 0], point[:, 0], cases)
        added = [[np.nan, np.nan], *(_between(kinds[k]) for k in range(MOST - 1))]
        return {
            "dates": np.array([*map(str, range(1, MOST)), Message("hearings.or_more", {"n": MOST}).say()], object),
            "cases": cases,
            **{name: n[:, k] for k, name in enumerate(("decided", "another", "otherwise", "open"))},
            "called_off": partial.off,
            **{"share": share, "low": ends[0], "high": ends[1]},
            **{"share_decided": point[:, 0], "share_decided_low": here[0], "share_decided_high": here[1]},
            **{name: timedeltas(np.array(added)[:, k]) for k, name in enumerate(("gap", "gap_80"))},
        }

    def result(self, rows: Rows, about: About, exact: bool) -> Hearings:
        return Hearings(rows, about, exact, self.arguments)


def _fates(kinds: list[Durations]) -> Floats:
    """After a date: the share decided, with another date, and ended otherwise, once all are known (Aalen-Johansen)."""
    curves = [(curve.right, 1 - curve.survival[None, :]) for curve in (_curve(kinds, k) for k in range(3))]
    settled: Floats = _settled(curves)[0]
    return settled


def _curve(kinds: list[Durations], k: int) -> Curve:
    """By when this fate came, of those that may meet others; kinds are three fates and the open."""
    ended = [kind.whole() for kind in kinds]
    others = [ended[place] for place in range(3) if place != k]
    return incidence(ended[k], others[0].merge(others[1]), ended[3])


def _settled(curves: list[tuple[Floats, Floats]]) -> Floats:
    """[draws, fates] from the seconds and the shares [draws, values] of each fate.

    What is not known when the data end meets the fates that come after the day of the date itself, as often as those do.
    """
    if not len(curves[0][0]):
        return np.full((len(curves[0][1]), 3), np.nan)
    last = np.stack([share[:, -1] for _, share in curves], axis=1)
    same = [np.searchsorted(time, DAY, side="right") for time, _ in curves]
    early = np.stack([share[:, at - 1] if at else share[:, 0] * 0 for (_, share), at in zip(curves, same)], axis=1)
    late = last - early
    late = np.where(late.sum(axis=1, keepdims=True) > 1e-12, late, last)
    total = np.maximum(late.sum(axis=1, keepdims=True), 1e-300)
    settled: Floats = last + (1 - last.sum(axis=1, keepdims=True)) * late / total
    return settled


def _drawn(kinds: list[list[Durations]]) -> Floats | None:
    """[dates, draws, fates] with entry weeks drawn again; None with too few weeks."""
    keys, counts = (np.concatenate([getattr(one, name) for one in kinds[0]]) for name in ("key", "count"))
    weeks, place = np.unique(keys, return_inverse=True)
    if len(weeks) < LEAST_WEEKS:
        return None
    weights = dense_weights(weeks, np.bincount(place, counts).astype(np.float64), DRAWS, SEED)
    drawn = []
    for one in kinds:
        curves = []
        for k in range(3):
            others = [one[place] for place in range(3) if place != k]
            table = Weekly.of(one[k], others[0].merge(others[1]), one[3])
            curves.append((table.seconds, table.shares_ended(weights[:, table.weeks - weeks[0]])))
        drawn.append(_settled(curves))
    return np.stack(drawn)


def _ranges(drawn: Floats, share: Floats, n: Ints) -> Floats:
    """The ends of the middle 95 of 100 draws of each share, and never less than Wilson's interval of n cases: a share of 0
    is drawn again as 0.
    """
    known = ~np.isnan(drawn).any(axis=1) & (n > 0)
    ends = np.full((2, len(drawn)), np.nan)
    least, most = wilson(share[known], n[known].astype(np.float64))
    low, high = np.quantile(drawn[known], [0.025, 0.975], axis=1)
    ends[:, known] = np.minimum(low, least), np.maximum(high, most)
    return ends


def _numbers(another: Floats) -> Floats:
    """Shares of cases with exactly one, two, three, and more dates, from the share with another after each."""
    went_on = another[: MOST - 1]
    reached = np.concatenate((np.ones((1, *went_on.shape[1:])), np.cumprod(went_on, axis=0)))
    return np.concatenate((reached[:-1] - reached[1:], reached[-1:]))


def _between(kinds: list[Durations]) -> list[float]:
    """Seconds within which half and 8 in 10 of those with another date have it; open cases count as waiting."""
    decided, another, otherwise, still = (kind.whole() for kind in kinds)
    curve = incidence(another, decided.merge(otherwise), still)
    reached = 1 - curve.survival
    if not len(reached) or reached[-1] <= 0:
        return [np.nan, np.nan]
    place = [int(np.flatnonzero(reached >= p * reached[-1] - 1e-12)[0]) for p in (0.5, 0.8)]
    return [float((curve.left[k] + curve.right[k]) / 2) for k in place]


def hearings(
    log: Log,
    step: str | Sequence[str],
    *,
    postponed: str | Sequence[str] = (),
    decided: str | Sequence[str] = (),
    by: Sequence[str] = (),
    period: Period | None = None,
    clock: Clock = CALENDAR_TIME,
) -> Hearings:
    """Dates per case: how many are decided at the first, how many dates are called off, how long each further one takes.

    `step` are the steps (or stages) of which each is a date: hearings, inspections, interviews. `postponed` are those that
    call a date off (without any, a date that another follows counts as such); `decided` are those that decide: dates count
    up to the first of these, and cases that end without one ended otherwise; without any, the end of the case decides.
    """
    names = [(one,) if isinstance(one, str) else tuple(one) for one in (step, postponed, decided)]
    if not names[0]:
        raise ValueError('Name the step of which each is a date: hearings(log, "Hearing held").')
    for one in (name for group in names for name in group):
        codes_of(log.about, one)
    return ask(log, HearingSummary(names[0], names[1], names[2], clock), by, period)
