"""Offices whose every minute is known: cases, servers, hours, batches and delays, and why each case waited in truth."""

import heapq
from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

MONDAY = np.datetime64("2024-01-01T00:00")  # a Monday
WEEK, DAY = 7 * 1_440, 1_440
CAUSES = ("batching", "contention", "prioritisation", "unavailability", "external")


def nine_to_five(minute):
    return (minute % WEEK) // DAY < 5 and 540 <= minute % DAY < 1_020


def always(minute):
    return True


@dataclass
class Role:
    servers: int = 1
    hours: object = always
    newest_first: bool = False
    batch: int = 1  # how many cases a server waits for
    together: bool = False  # all of a batch at the same time, else one after the other


@dataclass
class Step:
    name: str
    role: str
    work: float  # minutes on average
    delay: float = 0.0  # minutes on average that the case spends elsewhere before this step can begin


@dataclass
class Item:
    case: int
    place: int
    enabled: int
    ready: int = 0
    released: int = 0
    start: int = 0
    end: int = 0
    server: str = ""


@dataclass
class Office:
    """Cases go through the steps in order; a server takes up what waits when it is free and within its hours."""

    roles: dict
    steps: list
    arrivals: list  # minutes
    seed: int = 1
    items: list = field(default_factory=list)

    def run(self):
        self.draw = np.random.default_rng(self.seed)
        self.calendar, self.order = [], 0
        self.queue = {name: deque() for name in self.roles}
        self.gathering = {}
        self.free = {name: [f"{name} {k + 1}" for k in range(role.servers)] for name, role in self.roles.items()}
        for case, minute in enumerate(self.arrivals):
            self._at(int(minute), self._enable, (case, 0))
        while self.calendar:
            now, _, act, what = heapq.heappop(self.calendar)
            act(now, *what)
            if not self.calendar or self.calendar[0][0] > now:
                self._assign(now)
        return self

    def _at(self, minute, act, what):
        self.order += 1
        heapq.heappush(self.calendar, (minute, self.order, act, what))

    def _enable(self, now, case, place):
        if place == len(self.steps):
            return
        item = Item(case, place, now)
        self.items.append(item)
        delay = self.steps[place].delay
        self._at(now + (round(self.draw.exponential(delay)) + 1 if delay else 0), self._arrive, (item,))

    def _arrive(self, now, item):
        item.ready = now
        step = self.steps[item.place]
        role = self.roles[step.role]
        block = self.gathering.setdefault(item.place, [])
        block.append(item)
        if len(block) == role.batch:
            for one in block:
                one.released = now
            self.queue[step.role].append(block)
            self.gathering[item.place] = []

    def _assign(self, now):
        for name, role in self.roles.items():
            if self.queue[name] and not role.hours(now):
                opens = next(minute for minute in range(now + 1, now + WEEK) if role.hours(minute))
                self._at(opens, lambda now: None, ())
                continue
            while self.queue[name] and self.free[name]:
                block = self.queue[name].pop() if role.newest_first else self.queue[name].popleft()
                self._serve(now, block, role, name, self.free[name].pop(0))

    def _serve(self, now, block, role, name, server):
        for item in block:
            work = 1 + round(self.draw.exponential(self.steps[item.place].work))
            item.start, item.server = now, server
            item.end = now + work
            now = now if role.together else item.end
        if role.together:
            now = max(item.end for item in block)
            for item in block:
                item.end = now
        for item in block:
            self._at(item.end, self._enable, (item.case, item.place + 1))
        self._at(now, lambda now: self.free[name].append(server), ())

    def done(self):
        return [item for item in self.items if item.end]

    def truth(self):
        """Minutes by cause; each minute of each wait has the first reason that holds then, as the office knows it.

        A case that is elsewhere (delay) while its server is busy or away waits for the server too: that comes first.
        """
        work = {}
        for item in self.done():
            work.setdefault(item.server, []).append(item)
        for items in work.values():
            items.sort(key=lambda item: (item.start, item.end))
        spent = dict.fromkeys(CAUSES, 0)
        for item in self.done():
            if not item.place:  # when a case came in is not in the log
                continue
            gathers = item.released > item.ready
            spent["batching"] += item.released - item.enabled if gathers else 0
            self._queued(item, item.released if gathers else item.enabled, work[item.server], spent)
        return spent

    def _queued(self, item, since, others, spent):
        hours = self.roles[self.steps[item.place].role].hours
        why = ["unavailability" if hours is not always and not hours(minute) else "external"
               for minute in range(since, item.start)]  # fmt: skip
        before = bisect_left(
            others, item.start, key=lambda other: other.start
        )  # those done one by one also end in order
        near = others[bisect_right(others, since, hi=before, key=lambda other: other.end) : before]
        for other in sorted(near, key=lambda other: other.enabled <= item.enabled):
            kind = "contention" if other.enabled <= item.enabled else "prioritisation"
            for minute in range(max(other.start, since), min(other.end, item.start)):
                why[minute - since] = kind
        for one in why:
            spent[one] += 1

    def frame(self):
        done = self.done()
        return pd.DataFrame(
            {
                "case": [f"c{item.case:05}" for item in done],
                "activity": [self.steps[item.place].name for item in done],
                "start": [MONDAY + np.timedelta64(item.start, "m") for item in done],
                "end": [MONDAY + np.timedelta64(item.end, "m") for item in done],
                "clerk": [item.server for item in done],
                "unit": [self.steps[item.place].role for item in done],
            }
        )


def arrivals(weeks, per_day, seed, hours=always):
    """Minutes at which cases come in, at random, within some hours."""
    draw = np.random.default_rng(seed)
    minutes = np.flatnonzero(draw.random(weeks * WEEK) < per_day / DAY * (1 if hours is always else 4.2))
    return [int(minute) for minute in minutes if hours(int(minute))]
