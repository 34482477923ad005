"""Arrivals: how many cases begin on which days and at which hours, and how that goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from procmine.clocks import to_wall
from procmine.kernels import count_model
from procmine.kernels.blocks import fixed_b, lags_of
from procmine.kernels.contrast import complete_since
from procmine.kernels.count_model import Fit, Shocks, hung_together, normal
from procmine.kernels.flow import Ints
from procmine.kernels.operational import Floats
from procmine.kernels.sampler import Flags, keys, uniform
from procmine.log import EventLog, LogError
from procmine.simulate.operational import AHEAD, DAY, open_days, wall_day
from procmine.words import Message

Words = NDArray[np.uint64]

LEAST_DAYS = 14
YEAR = 365.25
SLOPE, WEEKDAY, SEASON = (
    0.7,
    2.0,
    0.3,
)  # standard deviations of what is likely beforehand: log growth a year, and factors
DAMPED = 120.0  # days, or a third of the log: after them a trend has gone about two thirds of the way it still goes
REGULAR = 0.6  # of the variance that independent arrivals have: cases that vary less come by a timetable
MOSTLY_DATES = 0.8  # of the arrivals at the same time of day: only their dates are known
BURST = 1.1  # cases that begin at the same moment, on average
SURE_END = 12.0  # cases expected after the last one: then the intake, not the office, stopped
LEAST_SEEN = 0.2  # of the cases of a day, where those not done were left out
MOST_TIMES = 4_000  # times of day remembered per weekday
NOISE, SHOCK, VALUE, TIMES, SIZE, FRACTION, PLACE = range(7)  # what a random number is for


class TooFewDays(LogError):
    """Nothing can be learned about how many cases come."""


@dataclass(frozen=True, eq=False)
class Arrivals:
    """How many moments of arrival a day has, at which times, and how many cases come at each.

    days: fitted, from first to last whole one; count: moments on each of them; part: of the cases of each day that the
    log holds. The mean of a day is exp(level + slope + weekday + season), with slope x (years from the last day
    fitted): beyond it the trend fades, by DAMPED x (1 - exp(-days / DAMPED)), at most a third of the log's length.
    Nothing comes on days that are closed, or `on_closed` of it. What weeks have in common beyond that goes on as an
    autoregression.
    """

    log: EventLog
    days: Ints
    count: Floats
    part: Floats
    opens: Floats  # how much of each day is open, from the first one fitted to three years after the cutoff
    fit: Fit
    spreads: Floats  # a root of the coefficients' covariance
    shocks: Shocks
    regular: float  # part of the variance of independent arrivals (1: as these)
    on_closed: float
    open_weekdays: Flags
    times: tuple[Ints, ...]  # per weekday, microseconds of the day, sorted
    unit: int  # of the times
    sizes: Ints  # cases per moment, sorted
    stopped: bool  # the intake ends before the log does
    dropped: bool

    @classmethod
    def of(cls, log: EventLog, *, until: int | None = None, dropped: bool = False) -> Arrivals:
        """From the days that the log holds whole.

        until: arrivals from then on are not counted (microseconds). dropped: cases not done at the cutoff were left
        out of the log, so that fewer of the last ones are in it: how many are missing is told from how long cases take.
        """
        days, stopped = known_days(log, until)
        arrival = np.sort(log.arrival)
        when = wall_day(log, arrival)
        inside = (when >= days[0]) & (when <= days[-1])
        moments, sizes = _moments(log, arrival[inside])
        count = np.bincount(wall_day(log, moments) - days[0], minlength=len(days)).astype(np.float64)
        part = _seen(log, days) if dropped else np.ones(len(days))
        fair = part >= LEAST_SEEN
        days, count, part = days[fair], count[fair], part[fair]
        weekday = (days + 3) % 7
        by_weekday = np.bincount(weekday, count, 7)
        opens = by_weekday > 0
        ahead = int(wall_day(log, np.array([log.about.cutoff + AHEAD]))[0])
        whole, _ = open_days(log, int(days[0]), max(ahead, int(days[-1])))
        share = whole[days - days[0]]
        usual = (share > 0.99) & opens[weekday]
        if usual.sum() < LEAST_DAYS / 2:
            usual = opens[weekday]
        span = int(days[-1] - days[0]) + 1
        design, loose = _design(days, int(days[-1]), span)
        fit = count_model.fit(count[usual], design[usual], np.log(part[usual]), loose)
        mean = fit.mean(design, np.log(part)) * opens[weekday]
        rest = ~usual & opens[weekday]
        expected = float(mean[rest] @ np.ones(int(rest.sum()))) if rest.any() else 0.0
        on_closed = min(float(count[rest].sum()) / expected, 1.0) if expected >= 3 else 0.0
        regular = _regular(count[usual], mean[usual], len(loose))
        week = (days + 3) // 7
        shocks = _shocks(week[usual], count[usual], mean[usual], fit.spread, regular)
        root = _root(fit, design[usual], count[usual], mean[usual], week[usual], regular)
        times, unit = _times(log, moments)
        return cls(
            log,
            days,
            count,
            part,
            whole,
            fit,
            root,
            shocks,
            regular,
            on_closed,
            opens,
            times,
            unit,
            sizes,
            stopped,
            dropped,
        )

    def draw(self, begin: int, end: int, *, seed: int, draw: int, factor: float = 1.0) -> Ints:
        """When cases begin from `begin` up to, not including, `end`, sorted; `factor` times as many.

        Each draw has parameters of its own, as uncertain as they are, and noise of its own; the same seed and draw
        give the same, whatever else is drawn, and with a larger factor the same cases and more.
        """
        if end <= begin:
            return np.empty(0, np.int64)
        days = self._reach(begin, end)
        one = np.zeros(1, np.int64)
        key = keys(seed, draw, one, one - 1)
        value = self.fit.value + self.spreads @ normal(
            uniform(np.repeat(key, self.spreads.shape[1]), np.arange(self.spreads.shape[1]), VALUE)
        )
        of_day = keys(seed, draw, np.zeros(len(days), np.int64), days)
        mean = self._mean(days, value) * self._shock(days, seed, draw) * factor
        count = self._counts(mean, of_day)
        moments = self._moments_of(days, count, of_day)
        sizes = self._sizes(days, count, of_day)
        time = np.repeat(moments, sizes)
        return np.sort(time[(time >= begin) & (time < end)])

    def spread(self, n: int, begin: int, end: int, start: float) -> Ints:
        """`n` times in that period, evenly spaced by how many cases are expected; `start` in [0, 1)."""
        days, mean, edges, low, high = self._evenly(begin, end)
        if high <= low:
            return np.sort(begin + ((np.arange(n) + start) / max(n, 1) * (end - begin)).astype(np.int64))
        place = low + (np.arange(n) + start) / max(n, 1) * (high - low)
        which = np.clip(np.searchsorted(edges, place, side="right") - 1, 0, len(days) - 1)
        inside = (place - edges[which]) / np.maximum(mean[which], 1e-300)
        time = self._at(days[which], np.clip(inside, 0.0, 1 - 1e-12))
        return np.sort(np.clip(time, begin, end - 1))

    def _evenly(self, begin: int, end: int) -> tuple[Ints, Floats, Floats, float, float]:
        """Days, cases expected on each and up to each, and before both moments; those of the last period are kept."""
        if not self._last or self._last[0][0] != (begin, end):
            days = self._reach(begin, end)
            mean = self._mean(days, self.fit.value) * self._shock(days)
            mean = mean if mean.sum() > 0 else np.ones(len(days))
            edges = np.concatenate(([0.0], np.cumsum(mean)))
            low, high = (self._passed(days, edges, moment) for moment in (begin, end))
            self._last[:] = [((begin, end), (days, mean, edges, low, high))]
        return self._last[0][1]

    @cached_property
    def _last(self) -> list[tuple[tuple[int, int], tuple[Ints, Floats, Floats, float, float]]]:
        return []

    def expected(self, begin: int, end: int) -> float:
        """How many cases are expected to begin in that period."""
        days = self._reach(begin, end)
        mean = self._mean(days, self.fit.value) * self._shock(days)
        edges = np.concatenate(([0.0], np.cumsum(mean)))
        return float(self._passed(days, edges, end) - self._passed(days, edges, begin)) * float(self.sizes.mean())

    def settled(self) -> Arrivals:
        """The same as if its parameters, and what weeks have in common, were known: draws differ by the noise of days
        alone.
        """
        return replace(self, spreads=np.zeros_like(self.spreads), shocks=replace(self.shocks, variance=0.0, unsure=0.0))

    def messages(self) -> list[Message]:
        first, last = (str(np.int64(one).astype("M8[D]")) for one in (self.days[0], self.days[-1]))
        a_week = self.expected(*self._next_weeks) / 4
        said = [Message("arrivals.of", {"first": first, "last": last, "week": a_week})]
        growth = float(np.expm1(self.fit.value[1]))
        error = float(np.sqrt((self.spreads[1] ** 2).sum()))
        if abs(self.fit.value[1]) > 1.645 * error and abs(growth) >= 0.02:
            key = "arrivals.more" if growth > 0 else "arrivals.fewer"
            said.append(Message(key, {"part": abs(growth), "days": round(self._fades)}))
        if self.sizes.mean() > BURST:
            said.append(Message("arrivals.bursts", {"size": float(self.sizes.mean())}))
        if self.regular < REGULAR:
            said.append(Message("arrivals.regular"))
        if self.stopped:
            said.append(Message("arrivals.stopped", {"last": last}))
        if self.dropped:
            said.append(Message("arrivals.dropped"))
        if self.days[-1] - self.days[0] < YEAR:
            said.append(Message("arrivals.no_season"))
        return said

    @property
    def _next_weeks(self) -> tuple[int, int]:
        begin = self._utc(np.array([(int(self.days[-1]) + 1) * DAY]))[0]
        return int(begin), int(begin) + 28 * DAY

    @property
    def _fades(self) -> float:
        return min(float(self.days[-1] - self.days[0] + 1) / 3, DAMPED)

    def _reach(self, begin: int, end: int) -> Ints:
        first, last = wall_day(self.log, np.array([begin, max(end - 1, begin)]))
        return np.arange(int(first), int(last) + 1)

    def _mean(self, days: Ints, value: Floats) -> Floats:
        """Moments expected on each day, whatever shocks its week has."""
        end, span = int(self.days[-1]), int(self.days[-1] - self.days[0]) + 1
        design, _ = _design(days, end, span)
        ahead = np.maximum(days - end, 0)
        design[:, 1] = (
            np.where(ahead > 0, self._fades * -np.expm1(-ahead / self._fades), np.maximum(days, self.days[0]) - end)
            / YEAR
        )
        mean = np.exp(np.clip(design @ value, -30, 25)) * self.open_weekdays[(days + 3) % 7]
        return np.asarray(mean * np.maximum(self._open(days), self.on_closed))

    def _open(self, days: Ints) -> Floats:
        """Days before the first and three years after the cutoff are taken as open."""
        place = days - self.days[0]
        inside = (place >= 0) & (place < len(self.opens))
        return np.where(inside, self.opens[np.clip(place, 0, len(self.opens) - 1)], 1.0)

    def _shock(self, days: Ints, seed: int | None = None, draw: int = 0) -> Floats:
        """Factor of each day's week; weeks up to the last known have none of their own."""
        week, last = (days + 3) // 7, (int(self.days[-1]) + 3) // 7
        ahead = max(int(week[-1]) - last, 0)
        if not ahead or (self.shocks.variance == 0 and self.shocks.last == 0):
            return np.ones(len(days))
        if seed is None:
            factor = self.shocks.expected(ahead)
        else:
            weeks = last + np.arange(ahead + 1)
            z = normal(
                uniform(keys(seed, draw, np.ones(ahead + 1, np.int64), weeks), np.zeros(ahead + 1, np.int64), SHOCK)
            )
            factor = self.shocks.drawn(weeks[1:], z)
        return np.concatenate(([1.0], factor))[np.maximum(week - last, 0)]

    def _counts(self, mean: Floats, key: Words) -> Ints:
        u = uniform(key, np.zeros(len(key), np.int64), NOISE)
        if self.regular >= REGULAR:
            return count_model.drawn(mean, self.fit.spread, u)
        near = mean + (count_model.drawn(mean, 0.0, u) - mean) * np.sqrt(self.regular)
        near = np.where(mean > 0, near, 0.0)
        return np.floor(np.maximum(near, 0.0) + uniform(key, np.zeros(len(key), np.int64), FRACTION)).astype(np.int64)

    def _each(self, count: Ints) -> tuple[Ints, Ints]:
        """The place of its day, and its number in it, of each of so many."""
        which = np.repeat(np.arange(len(count)), count)
        return which, np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)

    def _moments_of(self, days: Ints, count: Ints, key: Words) -> Ints:
        which, number = self._each(count)
        if self.regular < REGULAR:
            shift = uniform(key, np.zeros(len(key), np.int64), PLACE)[which]
            return self._at(days[which], (number + shift) / np.maximum(count[which], 1))
        return self._at(days[which], uniform(key[which], number, TIMES))

    def _sizes(self, days: Ints, count: Ints, key: Words) -> Ints:
        which, number = self._each(count)
        if len(self.sizes) == 1:
            return np.full(len(which), self.sizes[0])
        u = uniform(key[which], number, SIZE)
        return self.sizes[(u * len(self.sizes)).astype(np.int64)]

    def _at(self, day: Ints, place: Floats) -> Ints:
        """The moment by which that part of a day's arrivals has come."""
        time = np.zeros(len(day), np.int64)
        weekday = (day + 3) % 7
        for one in np.unique(weekday):
            here = weekday == one
            known = self.times[one]
            at = place[here] * len(known)
            low = np.minimum(at.astype(np.int64), len(known) - 1)
            wide = np.minimum(known[np.minimum(low + 1, len(known) - 1)] - known[low], DAY // 48)
            time[here] = (known[low] + ((at - low) * wide).astype(np.int64)) // self.unit * self.unit
        return self._utc(day * DAY + time)

    def _passed(self, days: Ints, edges: Floats, moment: int) -> float:
        """How much of the expected arrivals comes before a moment."""
        wall = int(self._wall(np.array([moment]))[0])
        place = wall // DAY - int(days[0])
        if place < 0 or place >= len(days):
            return 0.0 if place < 0 else float(edges[-1])
        known = self.times[(wall // DAY + 3) % 7]
        part = float(np.searchsorted(known, wall % DAY, side="left")) / len(known)
        return float(edges[place] + part * (edges[place + 1] - edges[place]))

    def _wall(self, time: Ints) -> Ints:
        return to_wall(time, self.log.zone) if self.log.zone else time

    def _utc(self, wall: Ints) -> Ints:
        """Wall-clock moments on the log's axis; one that clocks skip is an hour later."""
        if not self.log.zone or not len(wall):
            return wall
        once = wall - (to_wall(wall, self.log.zone) - wall)
        return wall - (to_wall(once, self.log.zone) - once)


@dataclass(frozen=True)
class Evenly:
    """As many cases a day as the whole log had, at any hour: where it is too short to learn more from."""

    a_day: float

    def draw(self, begin: int, end: int, *, seed: int, draw: int, factor: float = 1.0) -> Ints:
        """As `Arrivals.draw`: chance alone differs between draws."""
        days = np.arange(begin // DAY, -(-end // DAY))
        key = keys(seed, draw, np.zeros(len(days), np.int64), days)
        count = count_model.drawn(
            np.full(len(days), self.a_day * factor), 0.0, uniform(key, np.zeros(len(days), np.int64), NOISE)
        )
        which = np.repeat(np.arange(len(days)), count)
        number = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        time = days[which] * DAY + (uniform(key[which], number, TIMES) * DAY).astype(np.int64)
        return np.sort(time[(time >= begin) & (time < end)])

    def spread(self, n: int, begin: int, end: int, start: float) -> Ints:
        return begin + ((np.arange(n) + start) / max(n, 1) * (end - begin)).astype(np.int64)

    def expected(self, begin: int, end: int) -> float:
        return self.a_day * (end - begin) / DAY

    def settled(self) -> Evenly:
        return self

    def messages(self) -> list[Message]:
        return [Message("arrivals.few", {"week": 7 * self.a_day})]


def arrivals_of(log: EventLog) -> Arrivals | Evenly:
    """How cases come, as far as the log is long enough to tell."""
    try:
        return Arrivals.of(log)
    except TooFewDays:
        return Evenly(len(log) * DAY / max(log.about.cutoff - int(log.arrival.min()), DAY))


def known_days(log: EventLog, until: int | None) -> tuple[Ints, bool]:
    """The days on which all arrivals are known, and whether these stop before the log does."""
    when = np.sort(wall_day(log, log.arrival))
    cutoff = log.about.cutoff + 1 if until is None else min(until, log.about.cutoff + 1)
    end = int(wall_day(log, np.array([cutoff]))[0])
    if log.about.complete_from is not None:
        first = int(wall_day(log, np.array([log.about.complete_from - 1]))[0]) + 1
        first = max(first, int(when[0]))
    else:
        week = (when + 3) // 7
        since = complete_since(np.bincount(week - week[0]).astype(np.float64))
        first = max(int(when[0]), 7 * int(week[0] + since) - 3)
    inside = when[(when >= first) & (when < end)]
    if len(np.unique(inside)) < 3 or end - first < LEAST_DAYS:
        raise TooFewDays(
            f"Cases begin on {len(np.unique(inside)):,} days in {max(end - first, 0):,} that the log holds whole: at least "
            f"{LEAST_DAYS} days are needed to tell how many cases come."
        )
    last = int(inside[-1])
    rate = len(inside) / (last - first + 1)
    silent = np.diff(np.unique(inside))
    stopped = (end - 1 - last) * rate >= SURE_END and end - 1 - last > 2 * int(silent.max())
    if stopped:
        end = last + 1
    return np.arange(first, end), stopped


def _moments(log: EventLog, arrival: Ints) -> tuple[Ints, Ints]:
    """Moments at which cases begin, and how many begin at one; each by itself unless many come together."""
    moments, sizes = np.unique(arrival, return_counts=True)
    _, alike = np.unique(arrival % DAY, return_counts=True)
    if alike.max(initial=0) > MOSTLY_DATES * len(arrival):
        return arrival, np.ones(1, np.int64)
    gaps = np.diff(arrival)
    if log.about.precision == "day" or len(moments) < 3 or len(arrival) / len(moments) <= BURST:
        return arrival, np.ones(1, np.int64)
    unit = int(np.gcd.reduce(gaps[gaps > 0]))
    beside = int((gaps == unit).sum())
    if (gaps == 0).sum() <= 3 * beside + 10:
        return arrival, np.ones(1, np.int64)
    return moments, np.sort(sizes)


def _times(log: EventLog, moments: Ints) -> tuple[tuple[Ints, ...], int]:
    """Per weekday its times of day (of all days where it has few), and the unit in which they are told."""
    wall = to_wall(moments, log.zone) if log.zone else moments
    weekday, of_day = (wall // DAY + 3) % 7, wall % DAY
    weekend = weekday >= 5
    found = []
    for one in range(7):
        for pool in (weekday == one, weekend == (one >= 5), np.ones(len(wall), bool)):
            if pool.sum() >= 50 or pool.all():
                break
        own = np.sort(of_day[pool])
        if len(own) > MOST_TIMES:
            own = own[np.linspace(0, len(own) - 1, MOST_TIMES).astype(np.int64)]
        found.append(own)
    unit = int(np.gcd.reduce(of_day)) or DAY
    return tuple(found), unit


def _seen(log: EventLog, days: Ints) -> Floats:
    """How many of the cases that began on each day were done by the cutoff, of those that are done as soon as any in
    the log.

    Where only these are in the log, how long cases take is seen only up to the cutoff: product-limit in reverse time
    (Lynden-Bell 1971; Woodroofe 1985).
    """
    done = ~log.open
    took, most = (log.until - log.arrival)[done], log.about.cutoff - log.arrival[done]
    order = np.argsort(took, kind="stable")
    took, most = took[order], np.sort(most)
    value, ends = np.unique(took, return_counts=True)
    at_risk = np.searchsorted(took, value, side="right") - np.searchsorted(most, value, side="left")
    later = 1 - ends / np.maximum(at_risk, ends)
    later[0] = 1.0
    upto = np.concatenate((np.cumprod(later[::-1])[::-1][1:], [1.0]))
    left = log.about.cutoff - (days * DAY + DAY // 2)
    place = np.searchsorted(value, left, side="right") - 1
    return np.where(place >= 0, upto[np.maximum(place, 0)], 0.0)


def _design(days: Ints, end: int, span: int) -> tuple[Floats, Floats]:
    """Columns 1, years from the last day, weekdays, and the season where a year or more is known; and how loose each
    is.
    """
    weekday = (days + 3) % 7
    columns: list[Floats] = [
        np.ones(len(days)),
        (days - end) / YEAR,
        *((weekday == one).astype(np.float64) for one in range(7)),
    ]
    loose = [np.inf, SLOPE, *[WEEKDAY] * 7]
    date = days.astype("M8[D]")
    if span >= 2 * YEAR:
        month = date.astype("M8[M]").astype(np.int64) % 12
        columns += [(month == one).astype(np.float64) for one in range(12)]
        loose += [SEASON] * 12
    elif span >= YEAR:
        turn = 2 * np.pi * (date - date.astype("M8[Y]").astype("M8[D]")).astype(np.float64) / YEAR
        columns += [np.cos(turn), np.sin(turn)]
        loose += [SEASON] * 2
    return np.stack(columns, axis=1).astype(np.float64), np.array(loose)


def _regular(count: Floats, mean: Floats, terms: int) -> float:
    """The part of a Poisson variance that counts have, at most 1."""
    rest = max(len(count) - terms, 1)
    square = float(((count - mean) ** 2 / np.maximum(mean, 0.1)).sum()) / rest
    return min(square, 1.0)


def _shocks(week: Ints, count: Floats, mean: Floats, spread: float, regular: float) -> Shocks:
    place = week - week[0]
    own = (mean + spread * mean**2) * regular
    sums = [np.bincount(place, one).astype(np.float64) for one in (count, mean, own)]
    return Shocks.of(sums[0], sums[1], sums[2])


def _root(fit: Fit, design: Floats, count: Floats, mean: Floats, week: Ints, regular: float) -> Floats:
    """A root of the covariance of the coefficients, as large as weeks that hang together make it."""
    inner, weeks = fit.inner * regular, int(week[-1] - week[0]) + 1
    if weeks >= 20:
        scores = design * ((count - mean) / (1 + fit.spread * mean))[:, None]
        place = week - week[0]
        by_week = np.stack([np.bincount(place, column, weeks) for column in scores.T], axis=1).astype(np.float64)
        lags = lags_of(weeks)
        whole = fit.inner @ hung_together(by_week, lags) @ fit.inner
        wider = float(fixed_b(np.array(min(lags / weeks, 1.0)))) / 1.96
        ratio = np.diag(whole)[:2] / np.maximum(np.diag(inner)[:2], 1e-300) * wider**2
        inner = inner * max(float(ratio.max()), 1.0)
    values, vectors = np.linalg.eigh(inner)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
