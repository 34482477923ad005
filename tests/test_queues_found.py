"""Which steps are called queues, and which people become a pool: worlds whose truth is known, theory and sums by hand."""

import heapq

import numpy as np
import pyarrow as pa
import pytest

from procmine.about import About
from procmine.kernels.edits import Pool
from procmine.log import EventLog, Text
from procmine.simulate.contention import Contention, throughput, while_free
from procmine.simulate.contention import Stays as Found
from procmine.simulate.pools import Pools, check_loads, loads, mean_of, replays

DAY = 86_400_000_000
HOUR = DAY // 24


def log_of(entry, end, who=None, precision="microsecond"):
    """Two events a case, days since a Monday; `who` did the second."""
    n = len(entry)
    time = np.rint(np.stack([entry, end], axis=1) * DAY).astype(np.int64) + 19_002 * DAY
    codes = np.full(2 * n, -1, np.int32)
    columns = {}
    if who is not None:
        codes[1::2] = who
        columns = {"clerk": Text(codes, pa.array([f"clerk {k}" for k in range(int(who.max()) + 1)], pa.string()))}
    about = About(
        activities=("Received", "Decided"), cutoff=int(time.max()), ends=("Decided",), axis="civil", precision=precision,
        begins=int(time[:, 0].min()), event_attributes=tuple(columns), persons=tuple(columns),
    )  # fmt: skip
    return EventLog(
        about=about, activity=np.tile(np.array([0, 1], np.uint8), n), time=time.ravel(), offset=np.arange(0, 2 * n + 1, 2),
        arrival=time[:, 0], until=time[:, 1], open=np.zeros(n, bool),
        case=Text(np.arange(n, dtype=np.int32), pa.array([str(k) for k in range(n)], pa.string())),
        attributes={}, event_attributes=columns,
    )  # fmt: skip


def queue(seed, n, servers, load, a_day):
    """First come, first served, exponential; the first 1,000 cases are left out. Entry, end and server of each."""
    draw = np.random.default_rng([seed, 77])
    came = np.cumsum(draw.exponential(1 / a_day, n + 1_000))
    takes = draw.exponential(servers * load / a_day, n + 1_000)
    free = [(0.0, k) for k in range(servers)]
    rows = []
    for one, long in zip(came, takes):
        done, server = free[0][0], free[0][1]
        done = max(done, one) + long
        heapq.heapreplace(free, (done, server))
        rows.append((one, done, server))
    entry, end, server = np.array(rows[1_000:]).T
    return entry - entry[0], end - entry[0], server.astype(np.int64)


def external(seed, n, a_day, delay):
    """Each case takes its own course; two clerks write down what came back."""
    draw = np.random.default_rng([seed, 78])
    came = np.cumsum(draw.exponential(1 / a_day, n))
    return came, came + delay(draw, came), draw.integers(0, 2, n)


DELAYS = {
    "72 days": lambda draw, came: draw.lognormal(np.log(72) - 0.18, 0.6, len(came)),
    "exponential": lambda draw, came: draw.exponential(20, len(came)),
    "longer after Thursday": lambda draw, came: draw.lognormal(2, 0.5, len(came)) * np.where(came % 7 >= 4, 2.5, 1),
    "growing": lambda draw, came: draw.lognormal(3, 0.6, len(came)) * np.linspace(1, 2.5, len(came)),
}


@pytest.mark.parametrize("name", DELAYS)
def test_delays_are_not_called_queues(name):
    """Of 40 logs, the autocorrelation of none or one or two is beyond 1%; not one is called a queue."""
    rows = [_row(*external(seed, 300, 2.0, DELAYS[name])) for seed in range(40)]
    assert sum(row["verdict"] == "queue" for row in rows) == 0
    assert sum(row["p"] < 0.01 for row in rows) <= 3  # more than 3 of 40 at 1%: in one of 1,400
    if name in ("72 days", "exponential"):
        assert sum(row["verdict"] == "no sign" for row in rows) >= 36


@pytest.mark.parametrize(("servers", "load", "least"), [(1, 0.8, 38), (1, 0.9, 28), (3, 0.8, 26)])
def test_queues_are_found(servers, load, least):
    rows = [_row(*queue(seed, 300, servers, load, 6.0)) for seed in range(40)]
    assert sum(row["verdict"] == "queue" for row in rows) >= least
    assert sum(row["verdict"] == "no sign" for row in rows) <= 4


def _row(entry, end, who=None):
    return {name: column[1] for name, column in Contention.of(log_of(entry, end, who)).rows.items()}


def test_without_people_a_queue_is_not_told():
    entry, end, _ = queue(1, 300, 1, 0.8, 6.0)
    found = Contention.of(log_of(entry, end))
    assert found.rows["p"][1] < 0.01 and found.verdict("Decided") == "cannot tell"
    assert "cannot be told" in " ".join(found.sentences())


def test_few_cases_and_sessions_are_not_judged():
    entry, end, who = queue(1, 300, 1, 0.8, 6.0)
    assert Contention.of(log_of(entry[:80], end[:80], who[:80])).verdict("Decided") == "cannot tell"
    assert Contention.of(log_of(entry, end, who), sessions=["Decided"]).verdict("Decided") == "cannot tell"
    with pytest.raises(ValueError, match="no step"):
        Contention.of(log_of(entry, end, who)).verdict("Decidde")


def test_the_pace_of_endings_by_hand():
    """3 at a time, an hour each, 300 that come in tens: the pace is 3 an hour however many are there."""
    came = np.repeat(np.arange(30) * 4, 10) * HOUR
    done = came + np.tile(1 + np.arange(10) // 3, 30) * HOUR
    places, clearly = throughput(came, done)
    assert places <= 4 and clearly > 1.645
    came = np.sort(np.random.default_rng(1).integers(0, 3_000 * HOUR, 600))
    assert throughput(came, came + 50 * HOUR)[1] < 1.645


def test_how_long_when_free_by_hand():
    """20 that came to a free person take 2 hours, 20 that were waited for an hour from when the last was done."""
    begin = np.arange(40) * 100 * HOUR
    free = np.arange(40) % 2 == 0
    before = np.where(free, begin - HOUR, begin + 3 * HOUR)
    end = np.where(free, begin + 2 * HOUR, begin + 4 * HOUR)
    ratio, least = while_free(Found(np.arange(40), begin, end, before, begin), lambda time: time)
    assert ratio == pytest.approx(2.0) and least == pytest.approx(2.0)


def test_people_who_share_work_become_a_pool():
    entry, end, who = queue(3, 800, 3, 0.8, 6.0)
    log = log_of(entry, end, who)
    pools = Pools.of(log, Contention.of(log))
    assert [pool.servers for pool in pools.pools] == [3] and pools.steps == (("Decided",),)
    assert mean_of(pools.pools[0].service[0]) == pytest.approx(0.4 * DAY, rel=0.1)
    assert pools.load[0] == pytest.approx(0.8, rel=0.1)
    said = " ".join(one.say() for one in pools.messages())
    assert "3 people share the work" in said and "no starts" in said


def test_delays_give_no_pool():
    entry, end, who = external(1, 300, 2.0, DELAYS["72 days"])
    log = log_of(entry, end, who)
    pools = Pools.of(log, Contention.of(log))
    assert pools.pools == () and "known to be a queue" in pools.refused[0].say()


def test_a_pool_that_does_not_give_the_waits_of_the_log_is_refused():
    """Of 3 clerks 2 are away in the last 12 of every 28 weeks: 3 are seen in most weeks, and would never let a pile grow."""
    draw = np.random.default_rng(4)
    came = np.cumsum(draw.exponential(1 / 6, 6_000))
    free, rows = [0.0, 0.0, 0.0], []
    for one, long in zip(came, draw.exponential(0.6 * 3 / 6, len(came))):
        begins = [_back(max(done, one)) if clerk else max(done, one) for clerk, done in enumerate(free)]
        clerk = int(np.argmin(begins))
        free[clerk] = begins[clerk] + long
        rows.append((free[clerk], clerk))
    done, who = np.array(rows).T
    log = log_of(came, done, who.astype(np.int64))
    found = Contention.of(log_of(*queue(3, 300, 1, 0.8, 6.0)))
    assert found.verdict("Decided") == "queue"
    pools = Pools.of(log, found)
    assert pools.pools == () and "not modelled" in pools.refused[0].say()


def _back(day):
    """When who is away in the last 12 of 28 weeks can begin."""
    return day if day % 196 < 112 else day - day % 196 + 196


def test_dates_are_no_hours():
    entry, end, who = queue(3, 800, 1, 0.8, 6.0)
    log = log_of(entry, end, who)
    pools = Pools.of(log_of(entry, end, who, precision="day"), Contention.of(log))
    assert "dates only" in pools.refused[0].say()


def test_a_replay_waits_as_theory_says():
    """M/M/1 at 0.7: 1 / (1 - 0.7) times the service."""
    draw = np.random.default_rng(2)
    came = np.rint(np.cumsum(draw.exponential(1, 60_000)) * HOUR).astype(np.int64)
    places = np.linspace(0, 1, 201)
    table = -np.log1p(-np.minimum(places, 1 - 0.25 / 200)) * HOUR
    table *= 0.7 * HOUR / mean_of(table)
    second = float(np.mean((table[:-1] ** 2 + table[:-1] * table[1:] + table[1:] ** 2) / 3))
    means = replays(came, np.zeros(len(came), int), [table], 1)
    truth = 0.7 * HOUR + second / HOUR / (2 * 0.3)
    assert means.mean() == pytest.approx(truth, rel=0.1)


def test_more_work_than_hours():
    """Two servers, 3 hours each, one an hour: load 1.5; 168 come a week, 112 are done."""
    pools = [Pool("a", (0, 1), 2, (np.array([3.0 * HOUR]), np.array([0.0, 2.0 * HOUR])))]
    visits = np.array([1.0, 0.0])
    assert loads(pools, visits, 1 / HOUR) == pytest.approx([1.5])
    assert loads(pools, np.array([0.5, 0.5]), 1 / HOUR) == pytest.approx([1.0])
    with pytest.raises(ValueError, match=r"2 people would have more work than hours \(150%"):
        check_loads(pools, ["Review", "Sign"], visits, 1 / HOUR, today=True)
    told = check_loads(pools, ["Review", "Sign"], visits, 1 / HOUR, today=False)
    assert "by about 56.0 cases a week" in told[0].say()
    assert check_loads(pools, ["Review", "Sign"], visits, 0.5 / HOUR, today=True) == []
