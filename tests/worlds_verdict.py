"""Worlds for the verdict: offices made up so that what truly changed, and what only seems to, is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from math import log, sqrt
from statistics import NormalDist

import numpy as np
import pyarrow as pa
from logs import DAY, micros

import procmine
from procmine.about import About
from procmine.log import EventLog, Text
from procmine.proof.compare import Comparison
from procmine.proof.records.change import Change

DATE = "2025-04-01"  # a Tuesday; days are counted from it
SIZES = (50, 200, 1_000)  # cases begun since the change that can be watched long enough, about
CV = 0.8
WATCHED, AFTER = (
    17,
    52,
)  # weeks: in which 9 in 10 of such waits (mean 60 days) end; from the change to the end of the data
MONTH, YEAR = 365.25 / 12, 365.25
VARIES = 1.874  # days: (1 + cv^2 of the work) / cases a day, so that a queue's wait in days is alike at every size
DESK = 0.82  # cases a day that a desk takes at least; of a smaller log's desk the log holds one kind of case
NAMES = pa.array([f"{number:06}" for number in range(120_000)])
OFFICES = ("North", "South", "East", "West", "Centre", "Harbour")


@dataclass(frozen=True, eq=False)
class World:
    """Cases as they truly went: `moments[case, k]` is the day of `steps[k]` (nan: never), in order within a case.

    The data end `weeks` after the change; closures of their last `unseen` days are missing. `finished`: only closed cases
    are in the extract. `attributes`: codes and what they mean. `picked`: the date has no record. `asked`: more of the record.
    """

    moments: np.ndarray
    steps: tuple[str, ...] = ("Apply", "Grant")
    ends: tuple[str, ...] = ("Grant",)
    weeks: float = AFTER
    unseen: float = 0
    finished: bool = False
    attributes: Mapping[str, tuple[np.ndarray, pa.Array]] = field(default_factory=dict)
    picked: bool = False
    asked: Mapping[str, object] = field(default_factory=dict)
    clock: Mapping[str, object] = field(default_factory=dict)  # of the spec; the wait is then told by it
    dates: bool = False  # no time of day is known

    @property
    def begin(self) -> np.ndarray:
        return np.nanmin(self.moments, axis=1)

    @property
    def end(self) -> np.ndarray:
        """inf: never."""
        last = [name in self.ends for name in self.steps]
        return np.nan_to_num(self.moments[:, last], nan=np.inf).min(axis=1)

    @property
    def treated(self) -> np.ndarray:
        """The cases that the change is for."""
        kept = np.ones(len(self.moments), bool)
        for name, value in self.asked.get("where", {}).items():
            codes, levels = self.attributes[name]
            kept &= codes == levels.to_pylist().index(value)
        return kept

    @property
    def change(self) -> str | Change:
        """Recorded two months before, with the day on which the data end as the one of the decision; or a date picked."""
        if self.picked:
            return DATE
        day = np.datetime64(DATE)
        recorded, decided = str(day - 60), str(day + int(7 * self.weeks))
        return Change(DATE, "What was done", recorded=recorded, decide_on=(decided,), **self.asked)

    def log(self) -> EventLog:
        return log_of(self)


def log_of(world: World) -> EventLog:
    """The world as it stood when the data ended: what came later is not in it, those cases are open."""
    moments, ends = world.moments, np.isin(world.steps, world.ends)
    seen = np.isfinite(moments) & (moments < np.where(ends, 7 * world.weeks - world.unseen, 7 * world.weeks))
    here = seen.any(axis=1) & (seen[:, ends].any(axis=1) | (not world.finished))
    moments, seen = moments[here], seen[here]
    n, cutoff = len(moments), micros(DATE) + int(7 * world.weeks * DAY) - 1
    day = np.floor(moments[seen]) if world.dates else moments[seen]
    time = micros(DATE) + (day * DAY).astype(np.int64)
    offset, closed = np.concatenate(([0], np.cumsum(seen.sum(axis=1)))), seen[:, ends].any(axis=1)
    code = np.broadcast_to(np.arange(len(world.steps), dtype=np.uint8), seen.shape)[seen]
    arrival, last = time[offset[:-1]], time[offset[1:] - 1]
    return EventLog(
        about=_about(world, cutoff, int(arrival.min())),
        activity=code,
        time=time,
        offset=offset,
        arrival=arrival,
        until=np.where(closed, last, cutoff),
        open=~closed,
        case=Text(np.arange(n, dtype=np.int32), NAMES[:n]),
        attributes={name: Text(codes[here].astype(np.int32), said) for name, (codes, said) in world.attributes.items()},
    )


def _about(world: World, cutoff: int, begins: int) -> About:
    outcomes = {"Grant": "granted", "Dismiss": "dismissed"}
    return About(
        activities=world.steps,
        cutoff=cutoff,
        ends=world.ends,
        axis="civil",
        precision="day" if world.dates else "microsecond",
        begins=begins,
        complete_from=begins,
        attributes=tuple(world.attributes),
        outcomes={end: outcomes[end] for end in world.ends},
        party="family_id" if "family_id" in world.attributes else None,
        clock=world.clock,
    )


# ---- arrivals, delays, shocks


def history(draw, years=None):
    """Days from the first entry to the change: two to three years, unless said."""
    return 7 * draw.uniform(104, 156) if years is None else YEAR * years


def entries(draw, size, years=None, until=7 * AFTER):
    """Days on which cases begin, in order: about `size` in the weeks since the change that can be watched long enough."""
    first = -history(draw, years)
    n = draw.poisson(size / (AFTER - WATCHED) / 7 * (until - first))
    return np.sort(draw.uniform(first, until, n))


def lognormal(draw, n, mean=60.0, cv=CV):
    spread = np.sqrt(np.log(1 + cv**2))
    return draw.lognormal(np.log(mean) - spread**2 / 2, spread, n)


def shared(draw, begin, sd, length=MONTH):
    """A factor of mean 1 that all cases begun in one month (or so many days) share."""
    span = np.floor(begin / length).astype(int)
    luck = draw.normal(0, sd, span.max() - span.min() + 1)
    return np.exp(luck[span - span.min()] - sd**2 / 2)


def simple(begin, wait, **more):
    return World(np.column_stack((begin, begin + wait)), **more)


def attribute(codes, *levels):
    return codes.astype(np.int32), pa.array(levels)


def since(begin, effect):
    """The factor `effect` for cases begun since the change."""
    return np.where(begin >= 0, effect, 1.0)


# ---- worlds without a queue


def delays(draw, size, effect=1.0, shock=0.0, **more):
    """Independent waits, but for what the cases of a month share; since the change times `effect`."""
    begin = entries(draw, size)
    factor = shared(draw, begin, shock) if shock else 1.0
    return simple(begin, lognormal(draw, len(begin)) * factor * since(begin, effect), **more)


def season(draw, size, years, weeks=AFTER):
    """A fifth longer in one half of the year, a fifth shorter in the other: in the middle of the weeks after the change."""
    begin = entries(draw, size * (AFTER - WATCHED) / (weeks - WATCHED), years)
    middle = 7 * (weeks - WATCHED) / 2
    wait = lognormal(draw, len(begin)) * (1 - 0.2 * np.cos(2 * np.pi * (begin - middle) / YEAR))
    return simple(begin, wait, weeks=weeks)


def backlog(draw, size):
    """Six of 100 cases get stuck. Those stuck at the change are cleared in the two months after it; new ones get stuck."""
    begin = entries(draw, size)
    end = begin + lognormal(draw, len(begin))
    stuck = draw.random(len(begin)) < 0.06
    cleared = np.where(begin < 0, np.maximum(end, 0) + draw.uniform(0, 60, len(begin)), np.inf)
    return simple(begin, np.where(stuck, cleared, end) - begin)


def simpson(draw, size):
    """Either kind of case takes 15% longer since the change, but two thirds are the easy kind, which was a third."""
    begin = entries(draw, size)
    easy = draw.random(len(begin)) < np.where(begin >= 0, 2 / 3, 1 / 3)
    wait = lognormal(draw, len(begin), np.where(easy, 30.0, 75.0)) * since(begin, 1.15)
    return simple(begin, wait, attributes={"kind": attribute(easy, "contested", "agreed")})


def one_group(draw, size):
    """Seven in ten gain 35%; the contested cases gain nothing."""
    begin = entries(draw, size)
    agreed = draw.random(len(begin)) < 0.7
    wait = lognormal(draw, len(begin), np.where(agreed, 50.0, 83.3)) * np.where(agreed, since(begin, 0.65), 1)
    return simple(begin, wait, attributes={"kind": attribute(agreed, "contested", "agreed")})


def dismissals(draw, size, **asked):
    """One in ten is dismissed early; since the change four in ten. Who is not waits as ever."""
    begin = entries(draw, size)
    gone = draw.random(len(begin)) < np.where(begin >= 0, 0.4, 0.1)
    early, wait = 5 + draw.exponential(10, len(begin)), lognormal(draw, len(begin))
    moments = np.column_stack((begin, begin + np.where(gone, early, np.nan), begin + np.where(gone, np.nan, wait)))
    return World(moments, ("Apply", "Dismiss", "Grant"), ("Dismiss", "Grant"), asked=asked)


def refiled(draw, size):
    """Three in 100, since the change 35, are dismissed after about two weeks and begin anew: the family waits longer."""
    begin = entries(draw, size)
    gone = draw.random(len(begin)) < np.where(begin >= 0, 0.35, 0.03)
    early, end = begin + draw.uniform(10, 20, len(begin)), begin + lognormal(draw, len(begin))
    again = (early + draw.uniform(5, 20, len(begin)))[gone]
    first = np.column_stack((begin, np.where(gone, early, np.nan), np.where(gone, np.nan, end)))
    second = np.column_stack((again, np.full(len(again), np.nan), again + lognormal(draw, len(again))))
    family = np.concatenate((np.arange(len(begin)), np.flatnonzero(gone)))
    order = np.argsort(np.concatenate((begin, again)), kind="stable")
    attributes = {"family_id": (family[order].astype(np.int32), NAMES[: len(begin)])}
    moments = np.concatenate((first, second))[order]
    return World(moments, ("Apply", "Dismiss", "Grant"), ("Dismiss", "Grant"), attributes=attributes)


def pauses(draw, size):
    """The same waits, of which the clock stood for a quarter; since the change for half."""
    begin = entries(draw, size)
    wait, part = lognormal(draw, len(begin)), np.where(begin >= 0, 0.5, 0.25) * draw.uniform(0.6, 1.4, len(begin))
    moments = begin[:, None] + wait[:, None] * np.column_stack((0 * part, 0 * part + 0.1, 0.1 + part, 0 * part + 1))
    clock = {"pauses": [{"from_step": "Ask", "to_step": "Reply", "whose": "applicant"}]}
    return World(moments, ("Apply", "Ask", "Reply", "Grant"), clock=clock)


def outside(draw, size):
    """Cases come to the desk screened: the quarter of their time that it takes is before the log begins, for nine in ten."""
    begin = entries(draw, size)
    wait = lognormal(draw, len(begin))
    gone = (begin >= 0) & (draw.random(len(begin)) < 0.9)
    moments = np.column_stack((np.where(gone, np.nan, begin), begin + wait / 4, begin + wait))
    return World(moments, ("Apply", "Screen", "Grant"))


def offices(draw, size, effect=1.0, common=1.0):
    """Six offices with luck of their own in each month; `effect` in the first, `common` in all, since the change."""
    luck, parts = draw.normal(0, 0.15, 200) if common != 1 else np.zeros(200), []
    for office in range(len(OFFICES)):
        begin = entries(draw, size, years=2.5)
        month = np.floor(begin / MONTH).astype(int) + 100
        factor = shared(draw, begin, 0.1) * np.exp(luck[month]) * since(begin, common * (effect if not office else 1))
        wait = lognormal(draw, len(begin)) * factor
        parts.append(np.column_stack((begin, begin + wait, np.full(len(begin), office))))
    found = np.concatenate(parts)
    found = found[np.argsort(found[:, 0])]
    asked = {"where": {"office": OFFICES[0]}, "control": {"office": OFFICES[1:]}}
    return World(found[:, :2], attributes={"office": attribute(found[:, 2], *OFFICES)}, asked=asked)


def best_date(draw, size, shock=0.0):
    """Nothing changed. Of all months of four years somebody picks the one since which cases look fastest."""
    begin = entries(draw, size, years=3.0) - draw.uniform(0, MONTH)
    wait = lognormal(draw, len(begin)) * (shared(draw, begin, shock) if shock else 1.0)
    watched, last = 7.0 * WATCHED, 7.0 * AFTER
    known = np.minimum(wait, watched)[begin < last - watched]
    day, best = begin[begin < last - watched], (np.inf, 0.0)
    for month in np.arange(begin[0] + YEAR, last - watched - 7 * 10, MONTH):
        before, after = known[day < month - watched], known[day >= month]
        error = np.sqrt(before.var() / len(before) + after.var() / max(len(after), 1))
        best = min(best, ((after.mean() - before.mean()) / error if len(after) > 10 else np.inf, month))
    begin, weeks = begin - best[1], (last - best[1]) / 7
    return simple(begin, wait, weeks=weeks, picked=True)


def after_worst(begin, wait, draw):
    """Days recounted from the end of the worst quarter there was, two to three years before it and a year after it kept."""
    quarter = 3 * MONTH
    ends = np.arange(begin[0] + 3 * YEAR, begin[-1] - 7 * AFTER, quarter)
    means = [wait[(begin >= end - quarter) & (begin < end)].mean() if len(wait) else 0 for end in ends]
    day = begin - ends[int(np.nanargmax(means))]
    kept = (day >= -history(draw)) & (day < 7 * AFTER)
    return simple(day[kept], wait[kept])


def regression(draw, size):
    """Luck of months; something is done just after the worst of eleven quarters, and changes nothing."""
    begin = entries(draw, size, years=6.0)
    return after_worst(begin, lognormal(draw, len(begin)) * shared(draw, begin, 0.15), draw)


# ---- queues


def fifo(came, work, before=0.0):
    """When work on each is begun by a desk that takes who came first, with `before` days of work when it opens (Lindley)."""
    idle = came - (np.cumsum(work) - work)  # when the desk would have to be free, less the work on those before
    return np.maximum.accumulate(np.maximum(idle, came[0] + before)) + came - idle


def newest_first(came, work, free):
    """As fifo, but of those waiting the desk takes who came last; it is free from `free` on."""
    begun, waiting, now, nth = np.empty(len(came)), [], free, 0
    while nth < len(came) or waiting:
        if not waiting:
            now = max(now, came[nth])
        while nth < len(came) and came[nth] <= now:
            waiting.append(nth)
            nth += 1
        one = waiting.pop()
        begun[one], now = now, now + work[one]
    return begun


def switched(came, work, before):
    """First come, first served until the change, newest first since then."""
    begun = fifo(came, work, before)
    rest = begun >= 0
    if rest.any() and (~rest).any():
        free = float((begun + work)[~rest].max())
        begun[rest] = newest_first(came[rest], work[rest], max(free, 0.0))
    return begun


def queue_wait(load):
    """Mean days in the queue, in the long run (Pollaczek and Khinchine)."""
    return load**2 * VARIES / (2 * (1 - load))


def desk(draw, size, load, capacity=1.0, volume=1.0, order=fifo, years=None):
    """When cases of the log begin and how long they wait: for the desk, then a delay; 60 days together in the long run.

    Since the change the desk does `capacity` times the work in a day, and `volume` times the cases come.
    """
    rate = size / (AFTER - WATCHED) / 7
    all_rate, first = max(rate, DESK), -history(draw, years)
    came = np.sort(draw.uniform(first - YEAR, 7 * AFTER, draw.poisson(all_rate * (7 * AFTER + YEAR - first))))
    came = came[(came < 0) | (draw.random(len(came)) < volume)]
    shape = 1 / (VARIES * all_rate - 1)
    work = draw.gamma(shape, load / all_rate / shape, len(came))
    before = draw.exponential(queue_wait(load) / load) if draw.random() < load else 0.0
    came_then, back = np.where(came > 0, came * capacity, came), 1 / capacity
    done = order(came_then, work, before) + work
    done = np.where(done > 0, done * back, done)
    wait = done - came + lognormal(draw, len(came), 60 - queue_wait(load))
    here = (came >= first) & (draw.random(len(came)) < rate / all_rate)
    return came[here], wait[here]


def queue(draw, size, load, **change):
    return simple(*desk(draw, size, load, **change))


def queue_regression(draw, size, load):
    """Something is done just after the worst of eleven quarters of a queue, and changes nothing."""
    return after_worst(*desk(draw, size, load, years=6.0), draw)


# ---- worlds that no rule was made for


def hearings(draw, size, effect=1.0):
    """Gamma waits that end on the next weekly hearing day; only dates are known."""
    begin = entries(draw, size)
    ready = begin + draw.gamma(1.5, 57 / 1.5, len(begin)) * since(begin, effect)
    return simple(begin, np.ceil(ready / 7) * 7 + 0.01 - begin, dates=True)


def growing(draw, size, effect=1.0):
    """An eighth more cases every year; none come and none end around New Year, few come in August."""
    begin = entries(draw, 1.4 * size)
    kept = np.exp(np.log(1.125) * begin / YEAR) / 1.4
    of_year = (begin + 90) % YEAR
    kept = kept * np.where((of_year < 5) | (of_year > 355), 0, np.where((of_year > 212) & (of_year < 243), 0.4, 1))
    begin = begin[draw.random(len(begin)) < kept]
    end = begin + lognormal(draw, len(begin)) * since(begin, effect)
    of_year = (end + 90 + 10) % YEAR
    return simple(begin, np.where(of_year < 15, end + 15 - of_year, end) - begin)


def bursts(draw, size, effect=1.0):
    """Entries in bursts; two stages one after the other, the second with luck of weeks that lasts for some of them."""
    begin = entries(draw, 3 * size)
    week = np.floor(begin / 7).astype(int)
    week -= week.min()
    busy, luck = draw.gamma(4, 1 / 4, week.max() + 1), draw.normal(0, 0.1, week.max() + 9)
    kept = draw.random(len(begin)) < np.minimum(busy[week] / 3, 1)
    begin, week = begin[kept], week[kept]
    lasting = np.convolve(luck, 0.5 ** np.arange(9), "valid")
    second = lognormal(draw, len(begin), 40, 1.2) * np.exp(lasting[week])
    return simple(begin, (draw.gamma(2, 10, len(begin)) + second) * since(begin, effect))


def two_paths(draw, size, effect=1.0):
    """Nobody recorded which 15 in 100 go the long way (Weibull, mean 150 days; the others 44); some withdraw meanwhile."""
    begin = entries(draw, size)
    n, long = len(begin), draw.random(len(begin)) < 0.15
    wait = np.where(long, draw.weibull(0.7, n) * 118.5, draw.exponential(44, n)) * since(begin, effect)
    leaves = draw.exponential(500, n)
    moments = np.column_stack((begin, begin + np.where(leaves < wait, leaves, np.nan), begin + wait))
    moments[leaves < wait, 2] = np.nan
    return World(moments, ("Apply", "Dismiss", "Grant"), ("Dismiss", "Grant"))


# ---- for the range of the headline: open cases, weeks that share their luck

# How many of 100 cases begun since the change are open when the data end: weeks of entries, and of data, after it; horizon
OPEN = {0: (35, 139, None), 25: (27, 27, None), 50: (12, 12, 28)}
GAIN = 0.8


def still_open(draw, size, shock, still):
    """A fifth shorter since the change; the cases of a week (Monday to Sunday) share a factor of mean 1."""
    weeks, data, horizon = OPEN[still]
    watched = weeks - (0 if data > weeks else (horizon or 7 * WATCHED) / 7)
    begin = entries(draw, size * (AFTER - WATCHED) / watched, until=7 * weeks)
    wait = lognormal(draw, len(begin)) * since(begin, GAIN) * (shared(draw, begin + 1, shock, 7) if shock else 1)
    return simple(begin, wait, weeks=data, asked={"horizon": horizon})


def mean_within(mean, horizon, shock):
    """Mean of min(T, horizon), T lognormal of that mean times a lognormal factor of mean 1: of endless weeks."""
    spread, normal = sqrt(log(1 + CV**2) + shock**2), NormalDist()
    middle = (log(horizon / mean) + spread**2 / 2) / spread
    return mean * normal.cdf(middle - spread) + horizon * (1 - normal.cdf(middle))


def true_effect(shock, horizon):
    """Days by which the mean within the horizon differs between endless weeks after and before."""
    return mean_within(60 * GAIN, horizon, shock) - mean_within(60, horizon, shock)


Make = Callable[[np.random.Generator, int], World]
WORLDS: dict[str, Make] = {
    "no change": delays,
    "no change, luck of months": partial(delays, shock=0.15),
    "no change, queue .95": partial(queue, load=0.95),
    "no change, queue .98": partial(queue, load=0.98),
    "no change, season, 3 years": partial(season, years=3),
    "no change, season, 1 year": partial(season, years=1, weeks=34),
    "no change, worst quarter before": regression,
    "no change, worst quarter of a queue .95 before": partial(queue_regression, load=0.95),
    "no change, best month picked": best_date,
    "no change, best month picked, luck of months": partial(best_date, shock=0.15),
    "no change, stuck cases cleared": backlog,
    "no change, finished cases only": partial(delays, finished=True),
    "no change, closures of 28 days missing": partial(delays, unseen=28),
    "no change, 91 days of data": partial(delays, weeks=13),
    "20% shorter": partial(delays, effect=0.8),
    "50% shorter": partial(delays, effect=0.5),
    "20% longer": partial(delays, effect=1.2),
    "20% shorter, luck of months": partial(delays, effect=0.8, shock=0.15),
    "50% shorter, luck of months": partial(delays, effect=0.5, shock=0.15),
    "queue .98, desk 5% faster": partial(queue, load=0.98, capacity=1.05),
    "queue .98, 15% fewer cases": partial(queue, load=0.98, volume=0.85),
    "queue .95, newest first": partial(queue, load=0.95, order=switched),
    "queue .98, newest first": partial(queue, load=0.98, order=switched),
    "each kind 15% longer, more of the easy kind": simpson,
    "more dismissals": dismissals,
    "more dismissals, wait for the grant": partial(dismissals, stop="Grant"),
    "dismissed and filed again": refiled,
    "longer pauses, by the service clock": pauses,
    "first step moved out of the log": outside,
    "seven in ten 35% shorter": one_group,
    "six offices, no change": offices,
    "six offices, all 20% shorter": partial(offices, common=0.8),
    "six offices, one 20% shorter": partial(offices, effect=0.8),
    "six offices, one 20% shorter, all 20% longer": partial(offices, effect=0.8, common=1.2),
    "held out: hearing days, no change": hearings,
    "held out: hearing days, 20% shorter": partial(hearings, effect=0.8),
    "held out: hearing days, 50% shorter": partial(hearings, effect=0.5),
    "held out: growth and holidays, no change": growing,
    "held out: growth and holidays, 20% shorter": partial(growing, effect=0.8),
    "held out: growth and holidays, 50% shorter": partial(growing, effect=0.5),
    "unseen: bursts and two stages, no change": bursts,
    "unseen: bursts and two stages, 20% shorter": partial(bursts, effect=0.8),
    "unseen: bursts and two stages, 50% shorter": partial(bursts, effect=0.5),
    "unseen: two paths, no change": two_paths,
    "unseen: two paths, 20% shorter": partial(two_paths, effect=0.8),
    "unseen: two paths, 50% shorter": partial(two_paths, effect=0.5),
}


def compared(world: World) -> Comparison:
    """As a user would ask: by the record of the change, by the service clock where the log has one."""
    log = world.log()
    clock = {"clock": procmine.service_clock(log)} if world.clock else {}
    return procmine.compare(log, change=world.change, **clock)


def made(name: str, size: int, seed: int) -> World:
    """One world of that name; names and sizes have draws of their own."""
    return WORLDS[name](np.random.default_rng([seed, size, list(WORLDS).index(name)]), size)
