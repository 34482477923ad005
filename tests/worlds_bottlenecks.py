"""Logs of known waits for tests of bottlenecks, drawn with numpy alone."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from logs import DAY, START

from procmine.about import About
from procmine.log import EventLog, Text

STEPS = ("Received", "Checked", "Heard", "Noted", "Signed", "Sent")


@dataclass(frozen=True)
class World:
    """Cases come at random; each step is reached with its chance, after a lognormal gap with its mean (days).

    `shock`: sd (log) of a factor that all gaps begun in one calendar week share; `season`: its yearly swing; `slower`: factor
    on one step's gaps begun in the last year; `queue`: load of one clerk who does `queued` in order of coming, after its gap.
    """

    means: tuple[float, ...] = (12.0, 30.0, 5.0, 25.0, 8.0)
    chances: tuple[float, ...] = (1.0, 0.8, 1.0, 0.7, 1.0)
    spread: float = 0.8
    weeks: int = 160
    a_week: float = 25.0
    shock: float = 0.1
    season: float = 0.0
    slower: tuple[int, float] = (0, 1.0)
    queue: float = 0.0
    queued: int = 2

    def log(self, seed):
        draw = np.random.default_rng(seed)
        days = self.weeks * 7
        cutoff = START + days * DAY - 1
        n = int(draw.poisson(self.a_week * self.weeks))
        arrival = START + np.sort(draw.integers(0, days * DAY, n))
        factor = np.exp(self.shock * draw.standard_normal(self.weeks * 3))
        times, there = [arrival], [np.ones(n, bool)]
        for step, (mean, chance) in enumerate(zip(self.means, self.chances), 1):
            begin = times[-1]
            week = np.minimum((begin - START) // (7 * DAY), len(factor) - 1)
            gap = draw.lognormal(np.log(mean) - self.spread**2 / 2, self.spread, n) * factor[week]
            gap *= 1 + self.season * np.sin(2 * np.pi * (begin - START) / (364 * DAY))
            if step == self.slower[0]:
                gap *= np.where(begin > cutoff - 364 * DAY, self.slower[1], 1.0)
            reached = draw.random(n) < chance
            end = begin + (gap * DAY).astype(np.int64)
            if self.queue and step == self.queued:
                end = self._served(draw, end, reached)
            times.append(np.where(reached, end, begin))
            there.append(reached)
        return built(np.stack(times, 1), np.stack(there, 1), cutoff)

    def _served(self, draw, ready, reached):
        """When each case has passed the one clerk, first come first served."""
        order = np.flatnonzero(reached)[np.argsort(ready[reached], kind="stable")]
        each = self.queue * 7 * DAY / (self.a_week * self.chances[self.queued - 1])
        service = draw.exponential(each, len(order))
        worked = np.cumsum(service)
        free = np.maximum.accumulate(ready[order] - np.concatenate(([0], worked[:-1])))
        done = ready.copy()
        done[order] = (free + worked).astype(np.int64)
        return done

    def truth(self, seed=99):
        """Each step's part of the time between steps, in a log of the same stretch with very many cases."""
        many = World(**{**vars(self), "a_week": 4_000.0})
        log = many.log(seed)
        gap = np.diff(log.time, prepend=log.time[0])
        gap[log.offset[:-1]] = 0
        return np.bincount(log.activity, gap, len(STEPS))


def built(time, there, cutoff):
    """An event log of [cases, steps] moments up to the cutoff; the last step ends a case."""
    kept = there & (time <= cutoff)
    n, place = kept.shape
    offset = np.concatenate(([0], np.cumsum(kept.sum(1))))
    activity = np.broadcast_to(np.arange(place, dtype=np.uint8), kept.shape)[kept]
    moments = time[kept]
    last = offset[1:] - 1
    waits = activity[last] != place - 1
    about = About(STEPS[:place], cutoff, (STEPS[place - 1],), "civil", "microsecond", int(time[:, 0].min()))
    names = Text(np.arange(n, dtype=np.int32), pa.array([str(k) for k in range(n)]))
    until = np.where(waits, cutoff, moments[last])
    return EventLog(about, activity, moments, offset, time[:, 0].copy(), until, waits, names)
