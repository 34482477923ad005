"""Pools: people who share work, where a log shows that cases queue for them and a replay gives the waits that it holds."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from procmine.kernels.edits import Pool, Shared
from procmine.kernels.flow import Ints
from procmine.kernels.operational import Clocks, Floats
from procmine.log import EventLog, Text
from procmine.simulate.contention import QUEUE, Contention, Stays, clock_to, stays_of, who_did
from procmine.words import Message, Span, Value

PLACES = 200  # of a table of service times
WEEK, FOUR_WEEKS = 7 * 86_400_000_000, 28 * 86_400_000_000
REPLAYS = 30
NOISE = 2.0  # standard deviations of a replay
FAR = 0.5  # of what the log says: never more apart than that
SHARED = 0.5  # of the people of the smaller step: then two steps are done by the same people


@dataclass(frozen=True, eq=False)
class Pools:
    """The pools of a log; none where they are not earned, and `refused` says why.

    steps: their names, pool by pool; seen, simulated: mean microseconds of a stay in the log and in replays; load: the
    share of their time that is taken.
    """

    pools: tuple[Pool, ...]
    steps: tuple[tuple[str, ...], ...]
    load: tuple[float, ...]
    seen: tuple[float, ...]
    simulated: tuple[float, ...]
    n: tuple[int, ...]
    started: bool
    refused: tuple[Message, ...] = ()

    @classmethod
    def of(
        cls,
        log: EventLog,
        contention: Contention,
        *,
        resource: str | None = None,
        clocks: Clocks | None = None,
        clock: Ints | None = None,
    ) -> Pools:
        """Pools for the steps that the screen calls queues; steps done by the same people share one.

        Servers: people who did a step of the pool in a usual 4 weeks (the middle of all). Service times: from the recorded
        start to the event; without starts from when the case came, or the same person had last done anything, whichever is
        later, which is too long where that person was away. A pool is kept only if cases that come when those of the log
        came then stay as long on average as in the log, within twice the spread of single replays.
        """
        queues = np.flatnonzero(contention.rows["verdict"] == QUEUE)
        who = who_did(log, resource)
        if not len(queues) or who is None or log.about.precision == "day":
            why = "pools.none_queue" if not len(queues) else "pools.no_people" if who is None else "pools.dates"
            return cls((), (), (), (), (), (), log.start is not None, (Message(why),))
        tried = [_Work.of(log, steps, who, clocks, clock) for steps in together(log, queues, who)]
        kept = [work for work in tried if work.refused is None]
        return cls(
            tuple(work.pool for work in kept),
            tuple(work.names for work in kept),
            tuple(work.load for work in kept),
            tuple(work.seen for work in kept),
            tuple(work.simulated for work in kept),
            tuple(len(work.begin) for work in kept),
            log.start is not None,
            tuple(work.refused for work in tried if work.refused is not None),
        )

    @property
    def shared(self) -> Shared:
        return Shared(self.pools)

    def messages(self) -> list[Message]:
        said = []
        for place, pool in enumerate(self.pools):
            values: dict[str, Value] = {
                "servers": pool.servers,
                "steps": _quoted(self.steps[place]),
                "n": self.n[place],
            }
            spans = {"simulated": Span(self.simulated[place] / 1e6), "seen": Span(self.seen[place] / 1e6)}
            said.append(Message("pools.of", {**values, **spans, "load": self.load[place]}))
        if self.pools:
            said.append(Message("pools.started" if self.started else "pools.inverted"))
        return [*said, *self.refused]


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"“{one}”" for one in names)


def together(log: EventLog, queues: Ints, who: Text) -> list[list[int]]:
    """Steps that are done by mostly the same people, as lists."""
    people = [set(np.unique(who.codes[(log.activity == code) & (who.codes >= 0)]).tolist()) for code in queues]
    groups: list[tuple[set[int], list[int]]] = []
    for code, mine in zip(queues, people):
        for theirs, steps in groups:
            if len(mine & theirs) >= SHARED * max(min(len(mine), len(theirs)), 1):
                theirs |= mine
                steps.append(int(code))
                break
        else:
            groups.append((set(mine), [int(code)]))
    return [steps for _, steps in groups]


@dataclass(frozen=True, eq=False)
class _Work:
    """What a pool had to do, in order of entry: when cases came, on its clock, and how long they stayed."""

    pool: Pool
    names: tuple[str, ...]
    begin: Ints
    load: float
    seen: float
    simulated: float
    refused: Message | None

    @classmethod
    def of(cls, log: EventLog, steps: list[int], who: Text, clocks: Clocks | None, clock: Ints | None) -> _Work:
        own = clock_to(log, steps[0], clock) if clock is not None and clocks is not None else 0

        def read(time: Ints) -> Ints:
            return time if clocks is None else clocks.read(np.full(len(time), own), time)

        stays = [stays_of(log, code, who) for code in steps]
        service = [service_of(one, read, log.start is not None) for one in stays]
        begin, end = (np.concatenate([read(getattr(one, name)) for one in stays]) for name in ("begin", "end"))
        which = np.repeat(np.arange(len(steps)), [len(one.case) for one in stays])
        order = np.argsort(begin, kind="stable")
        begin, stayed, which = begin[order], (end - begin)[order], which[order]
        servers = people_at_work(log, steps, who)
        pool = Pool(_quoted([log.about.activities[k] for k in steps]), steps, servers, service, own)
        load = float(sum(mean_of(one) * np.sum(which == k) for k, one in enumerate(service)))
        load /= servers * max(int(begin[-1] - begin[0]), 1)
        names = tuple(log.about.activities[k] for k in steps)
        seen = float(stayed.mean())
        values: dict[str, Value] = {"steps": _quoted(names), "servers": servers, "load": load, "seen": Span(seen / 1e6)}
        if load >= 1:
            return cls(pool, names, begin, load, seen, np.nan, Message("pools.full", values))
        means = replays(begin, which, service, servers)
        simulated = float(means.mean())
        near = abs(simulated - seen) <= min(NOISE * float(means.std(ddof=1)), FAR * seen)
        refused = None if near else Message("pools.unlike", {**values, "simulated": Span(simulated / 1e6)})
        return cls(pool, names, begin, load, seen, simulated, refused)


def service_of(stays: Stays, read: Callable[[Ints], Ints], started: bool) -> Floats:
    """Quantiles of the time that a case holds a server."""
    since = stays.did if started else np.maximum(stays.begin, stays.before)
    took = np.maximum(read(stays.end) - read(since), 0)
    known = np.ones(len(took), bool) if started else stays.before >= 0
    table: Floats = np.quantile(took[known], np.linspace(0, 1, PLACES + 1))
    return table


def mean_of(table: Floats) -> float:
    """Of a table of quantiles, in between in a straight line."""
    return float(table[0]) if len(table) == 1 else float((table[1:] + table[:-1]).mean() / 2)


def people_at_work(log: EventLog, steps: list[int], who: Text) -> int:
    """How many people did one of these steps in a usual 4 weeks."""
    here = np.isin(log.activity, steps) & (who.codes >= 0)
    block = (log.time[here] - log.time[here].min()) // FOUR_WEEKS
    pairs = np.unique(np.stack([block, who.codes[here]]), axis=1)
    count = np.bincount(pairs[0])
    whole = count[:-1] if len(count) > 2 else count  # the last 4 weeks may not be over
    return max(int(np.median(whole[whole > 0])), 1)


def replays(begin: Ints, which: Ints, service: Sequence[Floats], servers: int) -> Floats:
    """Mean stay in each replay: the cases of the log come when they came, and are served first come, first served."""
    draw = np.random.default_rng(6_151)
    places = np.arange(PLACES + 1) / PLACES
    means = []
    for _ in range(REPLAYS):
        u = draw.random(len(begin))
        takes = np.select([which == k for k in range(len(service))], [np.interp(u, places, one) for one in service])
        means.append(_queue_mean(begin, takes, servers))
    return np.array(means)


def _queue_mean(begin: Ints, takes: Floats, servers: int) -> float:
    free = [float(begin[0])] * servers
    total = 0.0
    for came, long in zip(begin.tolist(), takes.tolist()):
        done = max(free[0], came) + long
        heapq.heapreplace(free, done)
        total += done - came
    return total / len(begin)


def loads(pools: Sequence[Pool], visits: Floats, rate: float) -> Floats:
    """The share of each pool's time that is taken: `visits` per step and case, `rate` cases per microsecond."""
    return np.array([_work(pool, visits) * rate / max(pool.servers, 1e-9) for pool in pools])


def _work(pool: Pool, visits: Floats) -> float:
    return float(sum(visits[step] * mean_of(table) for step, table in zip(pool.steps, pool.service, strict=True)))


def check_loads(
    pools: Sequence[Pool], names: Sequence[str], visits: Floats, rate: float, *, today: bool
) -> list[Message]:
    """A ValueError where a pool of today has more work than it can do; of a policy's world, how the pile would grow."""
    said = []
    for pool, load in zip(pools, loads(pools, visits, rate)):
        if load < 1:
            continue
        steps = _quoted([names[step] for step in pool.steps])
        if today:
            raise ValueError(
                Message("pools.full", {"steps": steps, "servers": pool.servers, "load": float(load)}).say()
            )
        come = float(sum(visits[step] for step in pool.steps)) * rate * WEEK
        growth = come * (1 - 1 / float(load))
        said.append(
            Message("pools.grows", {"steps": steps, "servers": pool.servers, "load": float(load), "growth": growth})
        )
    return said
