"""Contention: at which steps of a log cases wait for each other, and at which they only wait."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from procmine.find.checks.look import resource_of
from procmine.kernels.flow import Ints, cases_of
from procmine.kernels.operational import Clocks, Floats
from procmine.kernels.sampler import Flags
from procmine.log import EventLog, Text, check_attributes, in_memory
from procmine.results import Result
from procmine.words import Message

QUEUE, NO_SIGN, CANNOT_TELL = "queue", "no sign", "cannot tell"
LEAST = 100  # stays that ended
LATEST = 5_000  # the last stays of a step, by which it is judged
LEVEL, SHUFFLES = 0.01, 999
FIRST, FAR = 199, 6.0
FOUR_WEEKS, DAY = 28 * 86_400_000_000, 86_400_000_000
ALIKE = 0.3  # lag-1 autocorrelation of means over 4 weeks: beyond it, slow waves are left
BLOCKS = 40
CLEAR = 1.645
BEYOND = 0.1  # of the time, more are there than can be worked on
FEW = 10  # stays that began while their person was free, or busy
LONGER = 1.5  # times as long: what a case takes whose person is free when it comes, against one that was waited for


@dataclass(frozen=True, eq=False)
class Stays:
    """One row per stay that ended with one step, in order of its beginning: microseconds on the log's axis.

    case; begin: of the event before (the arrival); end: when the step came; before: when whoever did it had last done
    something (-1: not known); did: when the work began, where that is recorded (else the same as `begin`).
    """

    case: Ints
    begin: Ints
    end: Ints
    before: Ints
    did: Ints


@dataclass(frozen=True, eq=False)
class Contention(Result):
    """One row per step, in the log's order.

    step; n (int): stays that ended with it and were judged (those that began early enough to end by the cutoff);
    autocorrelation (float): of the log of what a case stayed, with that of the case that came before it, detrended by month
    and weekday, and by the hour of the day; p (float): how often as much is found where stays are shuffled within month and
    weekday; weeks4 (float): lag-1 autocorrelation of the means over 4 weeks, nan below 8 of them; ceiling (float): how many
    can be worked on at once, if work does not speed up when more wait (nan: it does), and ceiling_z (float): how clearly
    that is better than that each case takes its course (above 1.645: clearly; Vuong 1989); free_ratio (float): how many
    times as long cases take that come when their person is free as others from when the person turns to them (1 in a queue),
    nan where it is not known who did it, or it was hardly ever so, and free_least: that less its margin of error; verdict:
    "queue" (autocorrelation, ceiling and people agree), "no sign", or "cannot tell".
    """

    meaning = "define.contention"

    @classmethod
    def of(
        cls,
        log: EventLog,
        *,
        resource: str | None = None,
        clocks: Clocks | None = None,
        clock: Ints | None = None,
        sessions: Collection[str] = (),
    ) -> Contention:
        """`resource`: the event attribute of who did it (else as the log says). `clocks`, `clock`: time is read on the clock
        of the last step (`clocks_of(log)`); None: on the calendar. `sessions`: steps held on certain days, of which nothing
        is said.
        """
        log = in_memory(log)
        who = who_did(log, resource)
        judged = []
        for code, name in enumerate(log.about.activities):
            stays, read = stays_of(log, code, who), reader(log, code, clocks, clock)
            judged.append(_judged(stays, read, log, held=name in sessions))
        rows = {"step": np.array(log.about.activities, object)}
        kinds = {"n": np.int64, "verdict": object}
        for column in Judged.__dataclass_fields__:
            rows[column] = np.array([getattr(one, column) for one in judged], kinds.get(column, np.float64))
        return cls(rows, log.about, True, {"resource": resource, "sessions": tuple(sessions)})

    def verdict(self, step: str) -> str:
        place = np.flatnonzero(self.rows["step"] == step)
        if not len(place):
            raise ValueError(f"{step!r} is no step of this log.")
        return str(self.rows["verdict"][place[0]])

    def findings(self) -> Sequence[Message]:
        said = [
            self._told(key, verdict) for key, verdict in (("contention.queue", QUEUE), ("contention.none", NO_SIGN))
        ]
        open_ = np.flatnonzero(self.rows["verdict"] == CANNOT_TELL)
        few = open_[self.rows["n"][open_] < LEAST]
        rest = np.setdiff1d(open_, few)
        said += [_named("contention.cannot", self.rows["step"][rest]), _named("contention.few", self.rows["step"][few])]
        return [one for one in said if one is not None]

    def _told(self, key: str, verdict: str) -> Message | None:
        return _named(key, self.rows["step"][self.rows["verdict"] == verdict])


@dataclass(frozen=True)
class Judged:
    n: int
    autocorrelation: float = np.nan
    p: float = np.nan
    weeks4: float = np.nan
    ceiling: float = np.nan
    ceiling_z: float = np.nan
    free_ratio: float = np.nan
    free_least: float = np.nan
    verdict: str = CANNOT_TELL


def _named(key: str, steps: Any, most: int = 5) -> Message | None:
    if not len(steps):
        return None
    more = len(steps) - most
    names = ", ".join(f"“{one}”" for one in steps[:most])
    rest = Message("contention.more", {"more": more}) if more > 0 else Message("nothing")
    return Message(key, {"steps": names, "n": len(steps), "more": rest, "least": LEAST})


def who_did(log: EventLog, named: str | None) -> Text | None:
    name = named or resource_of(log)
    if named is not None:
        check_attributes(log.about, [named], log.about.event_attributes)
    return None if name is None else log.event_attributes[name]


def stays_of(log: EventLog, code: int, who: Text | None) -> Stays:
    """The stays that ended with a step; those that began too late to end by the cutoff are left out, long or short."""
    case = cases_of(log.offset)
    first = np.zeros(len(log.time), bool)
    first[log.offset[:-1][np.diff(log.offset) > 0]] = True
    begin = np.where(first, log.arrival[case], np.concatenate((log.time[:1], log.time[:-1])))
    there = log.activity == code
    if log.about.arrival is None:
        there = there & ~first  # a case that comes with its first event has not waited for it
    rows = np.flatnonzero(there)
    before = last_done(log, who)
    did = log.start if log.start is not None else begin
    stayed = (log.time - begin)[rows]
    if len(rows):
        rows = rows[begin[rows] <= log.about.cutoff - np.quantile(stayed, 0.95)]
    rows = rows[np.lexsort((case[rows], begin[rows]))][-LATEST:]
    return Stays(case[rows], begin[rows], np.maximum(log.time, begin)[rows], before[rows], did[rows])


def last_done(log: EventLog, who: Text | None) -> Ints:
    """Per event: when whoever did it had last done something before, in any case; -1: not known."""
    found = np.full(len(log.time), -1, np.int64)
    if who is None:
        return found
    order = np.lexsort((np.arange(len(log.time)), log.time, who.codes))
    same = who.codes[order][1:] == who.codes[order][:-1]
    found[order[1:]] = np.where(same & (who.codes[order][1:] >= 0), log.time[order][:-1], -1)
    return found


def reader(log: EventLog, code: int, clocks: Clocks | None, clock: Ints | None) -> Any:
    """Reads moments on the clock on which most cases wait for a step."""
    if clocks is None or clock is None:
        return lambda time: time
    which = clock_to(log, code, clock)
    return lambda time: clocks.read(np.full(len(time), which), time)


def clock_to(log: EventLog, code: int, clock: Ints) -> int:
    """The clock that runs where most cases are before they come to a step; `clock`: per step at which they are."""
    steps = len(log.about.activities)
    at = np.concatenate(([steps], log.activity[:-1])).astype(np.int64)
    at[log.offset[:-1][np.diff(log.offset) > 0]] = steps
    before = at[log.activity == code]
    return int(clock[np.bincount(before, minlength=steps + 1).argmax()]) if len(before) else 0


def _judged(stays: Stays, read: Any, log: EventLog, *, held: bool) -> Judged:
    n = len(stays.case)
    if n < LEAST or held:
        return Judged(n)
    begin, end = read(stays.begin), read(stays.end)
    stayed = np.maximum(end - begin, 0).astype(np.float64)
    if not stayed.any():
        return Judged(n, verdict=NO_SIGN)
    logged = np.log(np.maximum(stayed, 0.01 * np.median(stayed[stayed > 0])))
    found, p = alike(logged, stays.begin)
    weeks4, margin = slow_waves(logged, stays.begin)
    ceiling, z = throughput(begin, end)
    idle, low = while_free(stays, read)
    verdict = CANNOT_TELL
    if p < LEVEL and z > CLEAR and low < LONGER and idle < LONGER**2:
        verdict = QUEUE
    elif p >= LEVEL and z <= CLEAR and not weeks4 > margin:
        verdict = NO_SIGN
    return Judged(n, found, p, weeks4, ceiling if z > CLEAR else np.nan, z, idle, low, verdict)


def alike(logged: Floats, begin: Ints) -> tuple[float, float]:
    """Lag-1 autocorrelation in order of entry and its p-value, stays being shuffled within month and weekday of entry.

    Month and weekday means, and two harmonics of the hour of the day, are taken out before.
    """
    month = begin.astype("M8[us]").astype("M8[M]").astype(np.int64)
    cell = np.unique(month * 7 + (begin // DAY + 3) % 7, return_inverse=True)[1]
    size = np.bincount(cell)
    turn = 2 * np.pi * (begin % DAY) / DAY
    waves = np.stack([f(k * turn) for k in (1, 2) for f in (np.sin, np.cos)], axis=1)

    def centred(values: Floats) -> Floats:
        mean: Floats = np.bincount(cell, values) / size
        return values - mean[cell]

    x = centred(logged)
    basis = np.stack([centred(wave) for wave in waves.T], axis=1)
    x = x - basis @ np.linalg.lstsq(basis, x, rcond=None)[0]
    scale = float(x @ x)
    if not scale > 0:
        return 0.0, 1.0
    found = float(x[1:] @ x[:-1])
    return found / scale, _by_chance(x, cell, found)


def _by_chance(x: Floats, cell: Ints, found: float) -> float:
    """How often as much is found where values are shuffled within cells, themselves counted as one time.

    Shuffling ends where the answer stands: with so many as large that p cannot come below LEVEL any more (Besag & Clifford
    1991), or, after FIRST without one as large, where found is FAR standard deviations beyond all of them.
    """
    order, key = np.argsort(cell, kind="stable"), cell.astype(np.float64)
    draw = np.random.default_rng(20_131_113)
    shuffled, beyond, sums = np.empty(len(x)), 0, np.zeros(FIRST)
    for k in range(SHUFFLES):
        shuffled[order] = x[np.argsort(key + draw.random(len(x)))]
        one = float(shuffled[1:] @ shuffled[:-1])
        beyond += one >= found
        if beyond >= LEVEL * (1 + SHUFFLES):
            return (1 + beyond) / (2 + k)
        if k < FIRST:
            sums[k] = one
        if k + 1 == FIRST and not beyond and found - sums.mean() > FAR * sums.std():
            return 1 / (1 + FIRST)
    return (1 + beyond) / (1 + SHUFFLES)


def slow_waves(logged: Floats, begin: Ints) -> tuple[float, float]:
    """Lag-1 autocorrelation of means over 4 weeks, and what it may be by chance; nan below 8 of them."""
    block = (begin - begin[0]) // FOUR_WEEKS
    n = np.bincount(block)
    means = (np.bincount(block, logged) / np.maximum(n, 1))[n >= 5]
    if len(means) < 8:
        return np.nan, np.inf
    x = means - means.mean()
    return float(x[1:] @ x[:-1] / max(x @ x, 1e-300)), max(ALIKE, 2.33 / np.sqrt(len(means)))


def throughput(begin: Ints, end: Ints) -> tuple[float, float]:
    """How many are worked on at once, from how the pace of endings goes with the number there; and how clearly.

    The pace is mu min(N, c): c as large as N ever is means that each case takes its course (M/M/c against M/M/infinity, by
    profile likelihood; blocks of time are compared as Vuong does).
    """
    time = np.concatenate((begin, end))
    change = np.concatenate((np.ones(len(begin), np.int64), -np.ones(len(end), np.int64)))
    order = np.lexsort((-change, time))
    time, change = time[order], change[order]
    there = np.cumsum(change)
    number = np.concatenate(([0], there[:-1]))  # just before
    long = np.diff(time, append=time[-1]).astype(np.float64)
    ends = change < 0
    span = max(int(time[-1] - time[0]), 1)
    block = np.minimum((time - time[0]) * BLOCKS // span, BLOCKS - 1).astype(np.int64)
    most = int(there.max())
    if most < 2:
        return np.nan, -np.inf
    tried = np.unique(np.rint(np.geomspace(1, most, 40)).astype(np.int64))
    likely = [_blocks(min(int(c), most), number, there, long, ends, block) for c in tried]
    best = int(np.argmax([one.sum() for one in likely[:-1]])) if len(tried) > 1 else 0
    gain = likely[best] - likely[-1]
    beyond = float(long[there > tried[best]].sum() / max(long[there > 0].sum(), 1.0))
    spread = float(gain.std(ddof=1)) * np.sqrt(BLOCKS)
    z = float(gain.sum()) / spread if spread > 0 else 0.0
    return float(tried[best]), z if beyond >= BEYOND else min(z, 0.0)


def _blocks(c: int, number: Ints, there: Ints, long: Floats, ends: Flags, block: Ints) -> Floats:
    """Log-likelihood by block of time."""
    worked = np.bincount(block, np.minimum(there, c) * long, BLOCKS)
    done = np.bincount(block[ends], minlength=BLOCKS)
    pace = done.sum() / max(worked.sum(), 1e-300)
    logs = np.bincount(block[ends], np.log(np.minimum(number[ends], c)), BLOCKS)
    likely: Floats = logs + done * np.log(pace) - pace * worked
    return likely


def while_free(stays: Stays, read: Any) -> tuple[float, float]:
    """How many times as long a case takes that comes when its person is free, as one that was waited for takes from when the
    person turns to it; and the least that it may be. In a queue the two are alike."""
    known = stays.before >= 0
    since = np.maximum(stays.begin, stays.before)
    took = np.maximum(read(stays.end) - read(since), 1).astype(np.float64)
    free, busy = known & (stays.before <= stays.begin), known & (stays.before > stays.begin)
    if min(free.sum(), busy.sum()) < FEW:
        return np.nan, np.nan
    one, two = took[free], took[busy]
    ratio = float(one.mean() / two.mean())
    error = np.sqrt(sum(x.var(ddof=1) / len(x) / x.mean() ** 2 for x in (one, two)))
    return ratio, float(ratio * np.exp(-CLEAR * error))
