"""Drift: whether waits, paths or arrivals changed within a log, so that a model of the whole would mislead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from procmine.kernels.change_point import LEAST, largest_jump, steady_trend
from procmine.kernels.contrast import complete_since
from procmine.kernels.flow import Ints
from procmine.kernels.operational import Floats
from procmine.kernels.sampler import Flags
from procmine.log import EventLog, LogError, day_of
from procmine.simulate.arrivals import known_days
from procmine.simulate.operational import DAY, Stays
from procmine.words import Message, Span

LEVEL = 0.05  # of a log without a change raise an alarm, at most
FAMILIES = 4  # that share it: jumps of waits, of paths and of arrivals (a part each), and slow changes of waits
WEEK = 7 * DAY
MOST_PERIODS = 156
A_PERIOD = 4.0  # stays of a step that a period has, on average, at least
LEAST_STAYS = 60
GROUPS, LATE = 5, 4  # of stays by how long the case was there before; one in so many is of late
RARE = 0.02  # of the stays at a step go on to another one: not looked at
MOST_STAYS = 400_000
SEASON = 104  # weeks from which on the time of the year is taken out
CHANGE, POINTS = 0.15, 0.05  # smallest changes worth an alarm: of a wait (ratio less 1), of the share of a path
FLOW = 0.25  # and of arrivals
# of all the time that cases spend, at least, is won or lost by the change of a wait; of all cases go another way
MATTERS = 0.02
WAIT, PATH, ARRIVAL = "wait", "path", "arrivals"


@dataclass(frozen=True)
class Change:
    """One thing that changed: a wait at a step (mean of the part within `horizon`), the share of a next step, arrivals
    a week.
    """

    kind: str
    code: int  # of the step at which cases are
    step: str
    then: str
    since: int
    before: float
    after: float
    chance: float  # corrected for all that was looked at
    slow: bool = False  # bit by bit: before and after are means of the first and the second half of the stays


@dataclass(frozen=True, eq=False)
class Drift:
    """What changed in a log beyond chance and enough to matter, the clearest first; and since when each step is stable.

    stable: per step at which a case is (the last one: between its arrival and its first step), microseconds on the
    log's axis: where its last stable stretch begins. enough: whether stays enough began since, for tables of these
    alone.
    """

    log: EventLog
    changes: Sequence[Change]
    stable: Ints
    enough: Flags
    looked: int

    @classmethod
    def of(cls, log: EventLog) -> Drift:
        """Compares the weeks in which stays begin (not those in which they end), each followed equally long.

        Each series, a step's waits or the share of a next step or the arrivals, is looked through for the place where
        its level jumps most. Weeks hang together: how large a jump chance makes is judged by simulated series that
        hang together as much. After a jump the rest is looked through again. Waits without a jump are looked through for
        a slow change (see `_slow`).
        """
        begin = _complete_from(log)
        series = _series(log, begin)
        kinds = [one.kind for one in series]
        found = [change for one in series for change in _changes(one, kinds.count(one.kind))]
        found += _slow(log, begin, [one.code for one in found if one.kind == WAIT])
        found.sort(key=lambda one: one.chance)
        stable = np.full(len(log.about.activities) + 1, int(log.arrival.min(initial=0)))
        enough = np.ones(len(stable), bool)
        stays = Stays.of(log, all_of_them=True) if found else None
        for one in found:
            if one.kind != ARRIVAL and stays is not None:
                stable[one.code] = max(stable[one.code], one.since)
                since = (stays.step == one.code) & (stays.begin >= stable[one.code]) & stays.ended
                enough[one.code] = since.sum() >= LEAST_STAYS
        return cls(log, tuple(found), stable, enough, len(series))

    @property
    def alarm(self) -> bool:
        """Whether anything changed that would make a forecast from the whole log mislead."""
        return len(self.changes) > 0

    @property
    def since(self) -> int:
        """Where the last stable stretch of all waits and paths begins."""
        return int(self.stable.max())

    def weight(self, begin: Ints, step: Ints) -> Floats:
        """How much each stay counts in tables, by when it began and at which step: 1 since the last change of that
        step, else 0; 1 everywhere at a step where too little came since.
        """
        kept = (begin >= self.stable[step]) | ~self.enough[step]
        return kept.astype(np.float64)

    def messages(self) -> list[Message]:
        if not self.looked:
            return [Message("drift.short", {"weeks": LEAST})]
        if not self.alarm:
            return [Message("drift.none")]
        said = [self._told(one) for one in self._clearest()]
        if all(one.kind == ARRIVAL for one in self.changes):
            return said
        said.append(Message("drift.since"))
        few = [
            self.log.about.activities[code]
            for code in np.flatnonzero(~self.enough)
            if code < len(self.log.about.activities)
        ]
        return [*said, *([Message("drift.unwise", {"steps": ", ".join(few[:5])})] if not self.enough.all() else [])]

    def _clearest(self, most: int = 3) -> list[Change]:
        seen: dict[Any, Change] = {}
        for one in self.changes:
            seen.setdefault((one.kind, one.step), one)
        return list(seen.values())[:most]

    def _told(self, one: Change) -> Message:
        values: dict[str, Any] = {"day": day_of(self.log.about, one.since), "step": one.step, "then": one.then}
        if one.kind == WAIT:
            values |= {"before": Span(one.before), "after": Span(one.after)}
            return Message("drift.slow" if one.slow else "drift.wait", values)
        if one.kind == PATH:
            return Message("drift.path", {**values, "before": one.before, "after": one.after})
        return Message("drift.arrivals", {**values, "before": one.before, "after": one.after})


@dataclass(frozen=True, eq=False)
class Series:
    """One value per period, of `n` cases: `level` is what users read (its mean), `score` what is tested."""

    kind: str
    code: int
    step: str
    then: str
    begin: Ints
    n: Floats
    score: Floats
    level: Floats
    least: float  # change that is worth an alarm: a ratio less 1, or a difference of shares
    amount: float  # the same, as a difference of levels


def _complete_from(log: EventLog) -> int:
    if log.about.complete_from is not None:
        return max(int(log.about.complete_from), int(log.arrival.min()))
    if not len(log):
        return 0
    week = (log.arrival - log.arrival.min()) // WEEK
    return int(log.arrival.min()) + complete_since(np.bincount(week).astype(np.float64)) * WEEK


def _changes(one: Series, looks: int) -> list[Change]:
    """The jumps of a series, found by halving what comes after each."""
    found: list[Change] = []
    first = 0
    while True:
        rest = slice(first, None)
        jump = largest_jump(one.score[rest], one.n[rest])
        if jump is None or jump.chance * looks > LEVEL / FAMILIES:
            return found
        place = first + jump.place
        before, after = (
            float(np.average(one.level[part], weights=one.n[part]))
            for part in (slice(first, place), slice(place, None))
        )
        away = abs(after - before) if one.kind == PATH else abs(np.log(max(after, 1e-9) / max(before, 1e-9)))
        if away >= (one.least if one.kind == PATH else np.log1p(one.least)) and abs(after - before) >= one.amount:
            since = int(one.begin[place])
            found.append(
                Change(one.kind, one.code, one.step, one.then, since, before, after, min(jump.chance * looks, 1.0))
            )
        first = place


def _slow(log: EventLog, begin: int, jumped: Sequence[int]) -> list[Change]:
    """Waits for a step that grow or shrink bit by bit: a straight line through how many stays ended with it, of those that
    began in a week, to how many were expected (the score test of Cox 1972 for the time at which a stay begins; open stays
    count as far as they have come, so that the latest weeks tell as well). Expected as in all stays at the same step of
    cases that had been there about as long before: at the beginning of a log only quick ones can have come to a later step.
    """
    if not len(log.time) or not len(log):
        return []
    stays, then, end = Stays.of(log, all_of_them=True), _next(log), _end(log)
    spent = float((stays.end - stays.begin).sum()) / 1e6
    kept = np.flatnonzero((log.arrival[stays.case] >= begin) & (stays.begin < end))
    stays, then = stays.take(kept), then[kept]
    steps = len(log.about.activities)
    moves = np.bincount(stays.step * (steps + 1) + then, minlength=(steps + 1) ** 2).reshape(steps + 1, steps + 1)
    often = moves[:, :steps] > RARE * np.maximum(moves[:, :steps].sum(axis=1, keepdims=True), 1)
    looked = [step for step in range(steps) if moves[often[:, step], step].sum() >= LEAST_STAYS]
    gap = (stays.end - stays.begin) / 1e6
    waited = np.bincount(then, gap, steps + 1)[looked]
    found: list[Change] = []
    for step, part in zip(looked, waited / max(float(waited.sum()), 1e-300)):
        rows = np.flatnonzero(often[stays.step, step])
        rows = rows[np.argsort(stays.begin[rows], kind="stable")]
        here, came = stays.take(rows), then[rows] == step
        one = _slow_to(log, replace(here, ended=came), (begin, end), MATTERS * spent / len(rows), part)
        if one is not None:
            since, before, after, chance = one
            names = np.flatnonzero(often[:, step] & ~np.isin(np.arange(steps + 1), jumped))
            name = log.about.activities[step]
            found += [Change(WAIT, int(k), name, "", since, before, after, chance, slow=True) for k in names]
    return found


def _slow_to(
    log: EventLog, stays: Stays, between: tuple[int, int], amount: float, part: float
) -> tuple[int, float, float, float] | None:
    """Of stays by their begin, `ended`: with the step that is looked at. Since when those of late began, the means of both
    halves, and the chance of such a line, corrected: of all chance allowed a wait has as large a part as of the time waited
    (Genovese, Roeder & Wasserman 2006).
    """
    period = _periods(stays.begin, *between)
    if period is None:
        return None
    expected = _expected_ends(stays, stays.begin - log.arrival[stays.case])
    weight = np.bincount(period, expected).astype(np.float64)
    there = weight > 0
    score = np.bincount(period, stays.ended)[there] / weight[there]
    when = between[0] + np.flatnonzero(there) * ((between[1] - between[0]) // len(weight))
    trend = steady_trend(_without_season(score, weight[there], when), weight[there])
    if trend is None or trend.chance > part * LEVEL / FAMILIES:
        return None
    before, after = _means_within(stays, np.arange(len(period)) < len(period) // 2)
    if abs(np.log(max(after, 1e-9) / max(before, 1e-9))) < np.log1p(CHANGE) or abs(after - before) < amount:
        return None
    begun = stays.begin[stays.ended]
    return int(begun[-max(LEAST_STAYS, len(begun) // LATE)]), before, after, min(trend.chance / part, 1.0)


def _expected_ends(stays: Stays, since: Ints) -> Floats:
    """Per stay: the sum of chances to end up to where it was last seen, as in all stays of its group: at its step, of cases
    that had been there about as long.
    """
    gap, expected = stays.end - stays.begin, np.zeros(len(since))
    for step in np.unique(stays.step):
        here = np.flatnonzero(stays.step == step)
        here = here[np.argsort(since[here], kind="stable")]
        for rows in np.array_split(here, max(1, min(GROUPS, len(here) // LEAST_STAYS))):
            rows = rows[np.argsort(gap[rows], kind="stable")]
            first, last = (np.searchsorted(gap[rows], gap[rows], side=side) for side in ("left", "right"))
            ends = np.concatenate(([0.0], np.cumsum(stays.ended[rows] / (len(rows) - first))))
            expected[rows] = ends[last]
    return expected


def _means_within(stays: Stays, early: Flags) -> tuple[float, float]:
    """Mean seconds of the early stays and of the others, of each the part within what both were watched for (the area
    under the product-limit curve).
    """
    gap = stays.end - stays.begin
    within = min(int(gap[early].max()), int(gap[~early].max()))
    found = []
    for who in (early, ~early):
        order = np.lexsort((~stays.ended[who], gap[who]))
        one, ended = np.minimum(gap[who][order], within), stays.ended[who][order]
        left = np.cumprod(1 - ended / (len(one) - np.arange(len(one))))
        found.append(float(np.diff(one, prepend=0) @ np.concatenate(([1.0], left[:-1]))) / 1e6)
        found[-1] += float((within - one[-1]) * left[-1]) / 1e6
    return found[0], found[1]


def _end(log: EventLog) -> int:
    """Until when stays tell; where no case is open, those not done may have been left out: what could be in it whole."""
    end = log.about.cutoff
    return end if log.open.any() else end - int(np.quantile(log.until - log.arrival, 0.95))


def _series(log: EventLog, begin: int) -> list[Series]:
    """All that is looked at."""
    if not len(log) or not len(log.time):
        return []
    end = _end(log)
    stays = Stays.of(log, all_of_them=True)
    next_step = _next(log)
    if len(next_step) > MOST_STAYS:  # every so many-th case tells as much
        some = np.flatnonzero(stays.case % -(-len(next_step) // MOST_STAYS) == 0)
        stays, next_step = stays.take(some), next_step[some]
    cases = len(np.unique(stays.case))
    spent = np.bincount(stays.step, (stays.end - stays.begin).astype(np.float64), len(log.about.activities) + 1)
    found = [] if (arrivals := _arrivals(log, begin, end)) is None else [arrivals]
    order = np.argsort(stays.step.astype(np.int32), kind="stable")
    first = np.searchsorted(stays.step[order], np.arange(len(spent) + 1))
    for step in range(len(spent)):
        rows = order[first[step] : first[step + 1]]
        if len(rows) < LEAST_STAYS:
            continue
        here = stays.take(rows)
        since = here.begin - log.arrival[here.case]
        amounts = MATTERS * float(spent.sum()) / 1e6 / len(rows), MATTERS * cases / len(rows)
        found += _of_step(log, here, next_step[rows], (begin + int(np.quantile(since, 0.95)), end), amounts, step)
    return found


def _of_step(
    log: EventLog, stays: Stays, then: Ints, between: tuple[int, int], amounts: tuple[float, float], step: int
) -> list[Series]:
    """The waits and next steps of stays at one step, from where quick cases are no longer the only ones."""
    begin, end = between
    gap = stays.end - stays.begin
    horizon = max(int(np.quantile(gap[stays.ended], 0.85)) if stays.ended.any() else 0, DAY // 24)
    horizon = min(horizon, max((end - begin) // 4, 1))
    whole = np.flatnonzero((stays.begin >= begin) & (stays.begin < end - horizon))
    if len(whole) < LEAST_STAYS:
        return []
    period = _periods(stays.begin[whole], begin, end - horizon)
    if period is None:
        return []
    names = (*log.about.activities, "")
    within, ended = np.minimum(gap[whole], horizon), stays.ended[whole] & (gap[whole] <= horizon)
    found = []
    if float(gap[whole].sum()) / 1e6 >= amounts[0] * len(whole) * CHANGE:
        small = max(float(np.median(within)) / 4, 60e6)
        score, level = (np.bincount(period, one).astype(np.float64) for one in (np.log(within + small), within / 1e6))
        found.append(
            _put((WAIT, step, names[step], ""), stays.begin[whole], period, (score, level), (CHANGE, amounts[0]))
        )
    went, period, begun = then[whole][ended], period[ended], stays.begin[whole][ended]
    share = np.bincount(went, minlength=len(names)) / max(len(went), 1)
    for other in np.flatnonzero((share > 0.02) & (share < 0.98)) if len(went) >= LEAST_STAYS else ():
        taken = np.bincount(period, went == other).astype(np.float64)
        found.append(_put((PATH, step, names[step], names[other]), begun, period, (taken, taken), (POINTS, amounts[1])))
    return found


def _put(
    name: tuple[str, int, str, str], begin: Ints, period: Ints, sums: tuple[Floats, Floats], least: tuple[float, float]
) -> Series:
    """Means per period that has any; the time of the year taken out where two years are known."""
    n = np.bincount(period).astype(np.float64)
    there = n > 0
    first = np.full(len(n), np.iinfo(np.int64).max)
    np.minimum.at(first, period, begin)
    score, level = (one[there] / n[there] for one in sums)
    when = first[there]
    score = _without_season(score, n[there], when)
    return Series(*name, when, n[there], score, level, *least)


def _without_season(score: Floats, n: Floats, when: Ints) -> Floats:
    """Without the wave of the year, where two years are known."""
    if when[-1] - when[0] < SEASON * WEEK:
        return score
    turn = 2 * np.pi * (when / (365.25 * DAY))
    waves = np.stack((np.ones(len(when)), np.cos(turn), np.sin(turn)), axis=1)
    root = np.sqrt(n)[:, None]
    height = np.linalg.lstsq(waves * root, score * root[:, 0], rcond=None)[0]
    found: Floats = score - waves[:, 1:] @ height[1:]
    return found


def _periods(begin: Ints, first: int, last: int) -> Ints | None:
    """Which period each lies in: of as many weeks as it takes to hold some each; None where these are too few."""
    span = last - first
    weeks = span // WEEK
    if weeks < LEAST:
        return None
    wide = max(1, int(np.ceil(weeks / MOST_PERIODS)), int(np.ceil(A_PERIOD * weeks / len(begin))))
    count = int(weeks // wide)
    if count < LEAST:
        return None
    return np.minimum((begin - first) // (wide * WEEK), count - 1)


def _arrivals(log: EventLog, begin: int, end: int) -> Series | None:
    """Arrivals per period, from the last whole one back; the intake of an extract may stop before its end."""
    try:
        _, stopped = known_days(log, None)
    except LogError:
        return None
    end = min(end, int(log.arrival.max())) if stopped else end
    weeks = int((end + 1 - begin) // WEEK)
    here = (
        np.sort(log.arrival[(log.arrival >= end + 1 - weeks * WEEK) & (log.arrival <= end)])
        if weeks
        else log.arrival[:0]
    )
    if weeks < LEAST or len(here) < LEAST_STAYS:
        return None
    wide = max(1, int(np.ceil(weeks / MOST_PERIODS)), int(np.ceil(A_PERIOD * weeks / len(here))))
    count = weeks // wide
    if count < LEAST:
        return None
    first = end + 1 - count * wide * WEEK
    here = here[here >= first]
    n = np.bincount((here - first) // (wide * WEEK), minlength=count)[:count].astype(np.float64)
    when = first + np.arange(count) * wide * WEEK
    one = _put((ARRIVAL, -1, "", ""), when, np.arange(count), (np.sqrt(n + 0.375), n / wide), (FLOW, 0.0))
    return one


def _next(log: EventLog) -> Ints:
    """Per stay (see Stays): the step that ends it; the number of activities: none."""
    steps, count = len(log.about.activities), np.diff(log.offset) + 1
    offset = np.concatenate(([0], np.cumsum(count)))
    place = np.ones(offset[-1], bool)
    place[offset[1:] - 1] = False
    then = np.full(offset[-1], steps)
    then[place] = log.activity
    return then
