"""Worlds in which one step is known to be shortened: the same draws with and without, so that each case's gain is known."""

import numpy as np
import pyarrow as pa
from logs import DAY, START

from procmine.about import About
from procmine.clocks import CALENDAR_TIME
from procmine.find.shorter.paths import Paths
from procmine.log import EventLog, Text
from procmine.see.enabling import beside

WEEKS, A_WEEK = 104, 20
CAP = 5.0  # days: the step is shortened to this


def arrivals(draw, weeks):
    """Days, in order, with the week of each."""
    week = np.repeat(np.arange(weeks), draw.poisson(A_WEEK, weeks))
    return week + 0.0, np.sort(7 * week + draw.uniform(0, 7, len(week)))


def shocks(draw, weeks, week):
    """A factor that the cases of a week share, and neighbouring weeks to some degree."""
    level, now = np.zeros(weeks), 0.0
    for one in range(weeks):
        now = 0.5 * now + draw.normal(0, 0.15)
        level[one] = now
    return np.exp(level)[week.astype(int)]


def serial(draw, weeks, cap=np.inf):
    """A, B (shortened), C, D; one in eight leaves while waiting for B, on the day on which it always did."""
    week, come = arrivals(draw, weeks)
    n, shock = len(come), shocks(draw, weeks, week)
    b, c, d = (draw.lognormal(np.log(middle), 0.8, n) for middle in (20, 15, 10))
    b, leaves = b * shock, draw.exponential(200, n)
    gone = leaves < b
    to_b = np.minimum(b, cap)
    moments = np.stack([0 * b, to_b, to_b + c, to_b + c + d], axis=1)
    moments[gone, 1:] = np.nan
    left = np.where(gone, leaves, np.nan)
    return come, np.column_stack([moments, left]), ("A", "B", "C", "D", "Left"), ("D", "Left")


def parallel(draw, weeks, cap=np.inf):
    """A, then B (shortened) beside C, then D when both are there, then E."""
    week, come = arrivals(draw, weeks)
    n, shock = len(come), shocks(draw, weeks, week)
    b, c, d, e = (draw.lognormal(np.log(middle), 0.8, n) for middle in (25, 20, 8, 10))
    to_b, to_c = np.minimum(b * shock, cap), c
    join = np.maximum(to_b, to_c)
    return come, np.stack([0 * b, to_b, to_c, join + d, join + d + e], axis=1), tuple("ABCDE"), ("E",)


def loops(draw, weeks, cap=np.inf):
    """A, B (shortened), and three in ten times back: R, then B again; at most four times; then C."""
    week, come = arrivals(draw, weeks)
    n, shock = len(come), shocks(draw, weeks, week)
    b = np.minimum(draw.lognormal(np.log(12), 0.8, (n, 5)) * shock[:, None], cap)
    r, c = draw.lognormal(np.log(8), 0.8, (n, 5)), draw.lognormal(np.log(10), 0.8, n)
    again = np.cumprod(np.column_stack([np.ones(n), draw.random((n, 4)) < 0.3]), axis=1) > 0
    now, moments = np.zeros(n), [np.zeros(n)]
    for turn in range(5):
        if turn:
            now = now + np.where(again[:, turn], r[:, turn], 0)
            moments.append(np.where(again[:, turn], now, np.nan))
        now = now + np.where(again[:, turn], b[:, turn], 0)
        moments.append(np.where(again[:, turn], now, np.nan))
    names = ("A", "B", *(("R", "B") * 4), "C")
    return come, np.stack([*moments, now + c], axis=1), names, ("C",)


def _line(came, service):
    """When each is done by one server that takes who came first."""
    done, free = np.empty(len(came)), 0.0
    for one in np.argsort(came, kind="stable"):
        free = max(free, came[one]) + service[one]
        done[one] = free
    return done


def queue(draw, weeks, cap=np.inf):
    """A, B (shortened), then C by one busy server (load .95), so that who comes sooner may wait longer for C."""
    _, come = arrivals(draw, weeks)
    n = len(come)
    to_b = np.minimum(draw.lognormal(np.log(20), 0.8, n), cap)
    to_c = _line(come + to_b, draw.exponential(0.95 * 7 / A_WEEK, n)) - come
    return come, np.stack([0 * to_b, to_b, to_c], axis=1), tuple("ABC"), ("C",)


def serial_staying(draw, weeks, cap=np.inf):
    """As serial, but with B shorter fewer leave: who would have left later than that goes on to C and D."""
    week, come = arrivals(draw, weeks)
    n, shock = len(come), shocks(draw, weeks, week)
    b, c, d = (draw.lognormal(np.log(middle), 0.8, n) for middle in (20, 15, 10))
    to_b, leaves = np.minimum(b * shock, cap), draw.exponential(200, n)
    gone = leaves < to_b
    moments = np.stack([0 * b, to_b, to_b + c, to_b + c + d], axis=1)
    moments[gone, 1:] = np.nan
    return come, np.column_stack([moments, np.where(gone, leaves, np.nan)]), ("A", "B", "C", "D", "Left"), ("D", "Left")


def gain(world, seed, weeks=WEEKS):
    """Per case that came, the days that it gains when B takes at most CAP, followed to its end."""
    now, then = (np.nanmax(world(np.random.default_rng(seed), weeks, cap)[1], axis=1) for cap in (np.inf, CAP))
    return now - then


def log_of(world, seed, weeks=WEEKS):
    """The log of a world as it stood when its last week was over: what came later is not in it, those cases are open."""
    come, moments, names, ends = world(np.random.default_rng(seed), weeks)
    return as_log(come, moments, names, ends, cutoff=START + 7 * weeks * DAY - 1)


def population(world, runs=40, weeks=2_000):
    """Days that a case gains on average, in the long run."""
    return float(np.mean(np.concatenate([gain(world, [7, run], weeks) for run in range(runs)])))


def measured(world, logs, first):
    """Per log, in days: value, low and high (90%), low and high (95%), time off the step, mean of the gains of its cases,
    of those finished alone, and of all cases with what was not seen yet as nothing.
    """
    found = []
    for seed in range(first, first + logs):
        log, true = log_of(world, seed), gain(world, seed)
        paths = Paths.of(log, beside(log), CALENDAR_TIME)
        codes = np.array([log.about.activities.index("B")])
        ends = paths.needs.furthest(paths.ends(codes, CAP * DAY))[log.offset[1:] - 1]
        nine, more = (paths.effect(codes, CAP * DAY, level) for level in (0.9, 0.95))
        ranges = [getattr(one.saving, name) / 86_400 for one in (nine, more) for name in ("low", "high")]
        value, cut = nine.saving.value / 86_400, nine.cut.value / 86_400
        seen = (log.time[log.offset[1:] - 1] - ends).mean() / DAY
        found.append([value, *ranges, cut, true.mean(), true[~log.open].mean(), seen])
    return np.array(found)


def as_log(come, moments, names, ends, cutoff):
    """`moments` [cases, steps] are days since the arrival, nan: never; `come` are days."""
    steps = tuple(dict.fromkeys(names))
    time = START + ((come[:, None] + np.nan_to_num(moments)) * DAY).astype(np.int64)
    code = np.broadcast_to([steps.index(name) for name in names], time.shape)
    ended = np.isfinite(moments) & (time <= cutoff)
    order = np.argsort(np.where(ended, time, np.iinfo(np.int64).max), axis=1, kind="stable")
    time, code, ended = (np.take_along_axis(one, order, axis=1) for one in (time, code, ended))
    count = ended.sum(axis=1)
    offset = np.concatenate(([0], np.cumsum(count)))
    time, code = time[ended], code[ended].astype(np.uint8)
    last = offset[1:] - 1
    still = ~np.isin(code[last], [steps.index(end) for end in ends])
    arrival = time[offset[:-1]]
    about = About(activities=steps, cutoff=cutoff, ends=tuple(ends), axis="civil", precision="microsecond",
                  begins=int(arrival.min()))  # fmt: skip
    names_of = pa.array([f"c{k}" for k in range(len(come))])
    return EventLog(about=about, activity=code, time=time, offset=offset, arrival=arrival,
                    until=np.where(still, cutoff, time[last]), open=still,
                    case=Text(np.arange(len(come), dtype=np.int32), names_of))  # fmt: skip
