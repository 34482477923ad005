"""Logs of known truth for the tests of service standards, made with numpy alone."""

import numpy as np
import pyarrow as pa
from logs import DAY, START

from procmine.about import About
from procmine.log import EventLog, Text


def log_of(steps, days, *, cutoff, ends, **about):
    """`days[case, k]`: the day (since START, nan: never) on which a case comes to `steps[k]`; cut at the end of day `cutoff`.

    Cases are in rows; the first column is the arrival, and times ascend along a row.
    """
    days = days[days[:, 0] <= cutoff]
    time = START + np.round(np.nan_to_num(days, nan=1e6)).astype(np.int64) * DAY
    limit = START + (cutoff + 1) * DAY - 1
    kept = ~np.isnan(days) & (time <= limit)
    code = np.broadcast_to(np.arange(len(steps), dtype=np.uint8), days.shape)
    offset = np.concatenate(([0], np.cumsum(kept.sum(axis=1))))
    last = code[kept][offset[1:] - 1]
    waiting = ~np.isin(last, [steps.index(one) for one in ends])
    about = About(tuple(steps), limit, tuple(ends), "civil", "day", int(time[:, 0].min()), **about)
    until = np.where(waiting, limit, time[kept][offset[1:] - 1])
    names = Text(np.arange(len(days), dtype=np.int32), pa.array([f"c{k:06}" for k in range(len(days))]))
    return EventLog(about, code[kept], time[kept], offset, time[:, 0], until, waiting, names)


def steady(seed, *, cases=3_000, days=900, middle=40, spread=0.7, shock=0.0, trend=0.0, cutoff=None):
    """Start -> Review (a third of the way) -> Done; lognormal times. shock: sd of a factor that a week's cases share.

    trend: by how much the logarithm of the times grows over all the days.
    """
    draw = np.random.default_rng(seed)
    arrival = np.sort(draw.integers(0, days, cases)).astype(np.float64)
    factor = np.exp(shock * draw.standard_normal(days // 7 + 2))[(arrival // 7).astype(int)]
    one, two = draw.lognormal(0, spread, (2, cases))
    scale = middle * factor * np.exp(trend * arrival / days)
    review = np.ceil(arrival + scale * one / 3)
    done = np.ceil(review + scale * two * 2 / 3)
    table = np.stack([arrival, review, done], axis=1)
    return table, log_of(["Start", "Review", "Done"], table, cutoff=cutoff or days, ends=["Done"])
