"""Worlds in which it is known what goes with the waits: made with numpy alone."""

import numpy as np
import pyarrow as pa
from logs import DAY, START

from procmine.about import About
from procmine.log import EventLog, Text

OFFICES, SHARES = ("A", "B", "C", "D", "E", "F"), (0.25, 0.22, 0.18, 0.15, 0.12, 0.08)
KINDS, CHANNELS = ("plain", "hard"), ("online", "paper", "phone")
WEEKS = 130


def arrivals(draw, n, weeks=WEEKS):
    """Days since the beginning, with a time of day."""
    return np.sort(draw.random(n) * weeks * 7)


def labels(draw, n):
    return {
        "office": draw.choice(6, n, p=SHARES),
        "kind": (draw.random(n) < 0.3).astype(int),
        "channel": draw.choice(3, n, p=(0.5, 0.3, 0.2)),
    }


def alone(draw, n, shock=0.0, weeks=WEEKS):
    """Waits that know of nothing but, perhaps, the week in which they began: middle 40 days, spread .7 of it."""
    begun = arrivals(draw, n, weeks)
    week = (begun // 7).astype(int)
    return begun, 40 * np.exp(0.7 * draw.standard_normal(n) - 0.245 + shock * draw.standard_normal(weeks)[week])


def in_line(draw, n, load=0.95, weeks=WEEKS):
    """One line for all, first come first served, at this load: days until done, plus 20 days of other work on average."""
    begun = arrivals(draw, n, weeks)
    work = draw.exponential(load * weeks * 7 / n, n)
    done = np.empty(n)
    free = 0.0
    for k in range(n):
        free = max(free, begun[k]) + work[k]
        done[k] = free
    return begun, done - begun + draw.exponential(20, n)


def log_of(begun, waits, of, weeks=WEEKS, **extra):
    """One wait a case, from Start to End, cut at the end of the weeks; attributes as given."""
    cutoff = START + int(weeks * 7 * DAY)
    arrival = START + (begun * DAY).astype(np.int64)
    end = arrival + (waits * DAY).astype(np.int64)
    n = len(begun)
    waiting = end > cutoff
    kept = np.stack([np.ones(n, bool), ~waiting], axis=1)
    offset = np.concatenate(([0], np.cumsum(kept.sum(axis=1))))
    words = {
        "office": OFFICES,
        "kind": KINDS,
        "channel": CHANNELS,
        **{name: words for name, (_, words) in extra.items()},
    }
    codes = {**of, **{name: code for name, (code, _) in extra.items()}}
    texts = {name: Text(np.asarray(code, np.int32), pa.array(words[name])) for name, code in codes.items()}
    about = About(("Start", "End"), cutoff, ("End",), "civil", "microsecond", int(arrival.min()), complete_from=START,
                  attributes=tuple(texts))  # fmt: skip
    case = Text(np.arange(n, dtype=np.int32), pa.array([str(k) for k in range(n)]))
    activity = np.tile(np.array([0, 1], np.uint8), (n, 1))[kept]
    time = np.stack([arrival, end], axis=1)[kept]
    return EventLog(about, activity, time, offset, arrival, np.minimum(end, cutoff), waiting, case, texts)
