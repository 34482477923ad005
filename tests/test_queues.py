"""Cases that compete: waits against queueing theory, a recursion by hand, and the paths of single cases."""

import hashlib
import math
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from procmine.kernels.crowd import Crowd
from procmine.kernels.edits import SESSION, SET, SKIP, Changes, Deadline, Edit, Pool, Seats, Shared
from procmine.kernels.event_loop import SERVICE, queued
from procmine.kernels.jit_paths import NEVER
from procmine.kernels.operational import HOUR, Clocks, running
from procmine.kernels.paths import Past, World, cases_of, last_of, law_of, rules_of, state_of, walked
from procmine.kernels.randoms import keys, uniform
from procmine.kernels.sampler import Chain, Drawable
from procmine.kernels.sessions import seated

DAY = 24 * HOUR


def chain_of(tables, clock=None, clocks=None):
    """tables[k]: rows (share, hours, cause) of the stay at step k; the last table is that of the arrival."""
    steps = len(tables) - 1
    key, gap, cause, first = [], [], [], [0]
    for number, rows in enumerate(tables):
        rows = sorted(rows, key=lambda row: row[1])
        key += list(number + np.cumsum([row[0] for row in rows]))
        gap += [round(row[1] * HOUR) for row in rows]
        cause += [row[2] for row in rows]
        first.append(len(key))
    rows = Drawable(
        np.array(key),
        np.array(first),
        np.array([*gap, NEVER]),
        np.array([*cause, steps]),
        np.zeros(len(key), np.int64),
        1,
    )
    follow = np.tile(np.arange(steps), (steps + 1, 1)).astype(np.int32)
    none = np.zeros(steps + 1, bool)
    last = np.arange(steps + 1)
    return Chain(
        np.arange(steps + 1)[None], follow, rows, rows, rows, none, steps, last=last, clock=clock, clocks=clocks
    )


def at_once(steps=1):
    """Cases come to each step at once, then end."""
    return chain_of([[(1.0, 0, k + 1)] for k in range(steps)] + [[(1.0, 0, 0)]])


def run(chain, arrival, shared=None, *, changes=None, world=None, limit=None, known=None, on=False, threads=1):
    """The cases through the loop, or one by one where nothing is shared; with their ends."""
    n, steps = len(arrival), chain.end
    number, zero = np.arange(n), np.zeros(n, np.int64)
    changes = changes or Changes(applies=np.zeros(n, bool), leaving=np.zeros(steps + 1, bool))
    crowd = Crowd(
        like=number,
        key=keys(7, 0, zero, number),
        arrival=arrival,
        begun=arrival.copy(),
        context=np.full(n, chain.start),
        known=arrival.copy() if known is None else known,
        resumed=np.zeros(n, bool),
        world=zero if world is None else world,
    )
    law = law_of(chain)
    counted = steps + len(changes.deadlines) + 1
    rules = rules_of(changes, chain, np.arange(counted) + 1.0, 0.0, steps)
    watched = World(law, rules, last_of(chain), (steps, counted), 100)
    limits = np.full(n, int(arrival.max()) + 100_000 * DAY) if limit is None else limit
    cases = cases_of(crowd, limits, zero, changes, law)
    past = Past(np.full(n, -NEVER), np.tile(arrival, (len(changes.deadlines), 1)), np.full((0, 2, n), NEVER))
    state = state_of(crowd, past, watched)
    if shared is None:
        *counts, pages = walked(watched, cases, state, on=on, record=True)
        return (*counts, [np.concatenate(column) for column in zip(*pages)]), state.ended.copy()
    found = queued(watched, cases, state, crowd, shared, on=on, record=True, since=int(arrival.min()), threads=threads)
    return found, state.ended.copy()


def exponential(mean, places=20_000):
    """Quantiles at evenly spaced places, cut at the last half place, with the mean that is asked for."""
    q = -np.log1p(-np.minimum(np.arange(places + 1) / places, 1 - 0.5 / places))
    return q / moment(q, 1) * mean


def moment(table, order):
    """Of the distribution with these quantiles, straight in between."""
    a, b = table[:-1], table[1:]
    return float(np.mean((a + b) / 2 if order == 1 else (a * a + a * b + b * b) / 3))


def poisson(rate, n, worlds, seed):
    """Arrivals at `rate` an hour, in several worlds."""
    draw = np.random.default_rng(seed)
    time = np.cumsum(draw.exponential(1 / rate, (worlds, n)), axis=1) * HOUR
    return np.rint(time).astype(np.int64).ravel(), np.repeat(np.arange(worlds), n)


def waits(found, worlds, n, keep=None, skip=0.3):
    """Mean hours that cases waited, in each world, without the first ones."""
    turns = found.turns
    took = (turns.called - turns.came) / HOUR
    late = (turns.path % n >= skip * n) & (True if keep is None else keep[turns.path])
    world = turns.path // n
    return np.bincount(world[late], took[late], worlds) / np.bincount(world[late], minlength=worlds)


def near(means, truth, errors=4.0):
    error = np.std(means, ddof=1) / np.sqrt(len(means))
    assert abs(np.mean(means) - truth) <= errors * error, (np.mean(means), truth, error)
    assert error < 0.25 * truth + 1e-9  # else nothing was tested


def erlang_c(servers, offered):
    upto = sum(offered**k / math.factorial(k) for k in range(servers))
    full = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return full / (upto + full)


@pytest.mark.parametrize(("load", "servers"), [(0.5, 4), (0.8, 4), (0.95, 4), (0.8, 1)])
def test_many_servers_wait_as_erlang_says(load, servers):
    worlds, n = 20, 15_000
    arrival, world = poisson(load * servers, n, worlds, 1)
    found, _ = run(at_once(), arrival, Shared([Pool("desk", (0,), servers, (exponential(HOUR),))]), world=world)
    near(waits(found, worlds, n), erlang_c(servers, load * servers) / (servers * (1 - load)))


@pytest.mark.parametrize("shape", ["fixed", "uniform", "lognormal"])
def test_one_server_waits_as_pollaczek_and_khinchine_say(shape):
    places = np.linspace(0, 1, 2_001)
    table = {
        "fixed": np.array([1.0, 1.0]),
        "uniform": 2 * places,
        "lognormal": np.exp(np.interp(places, *_lognormal())),
    }[shape] * HOUR  # fmt: skip
    worlds, n, rate = 20, 10_000, 0.8 / (moment(table, 1) / HOUR)
    arrival, world = poisson(rate, n, worlds, 2)
    found, _ = run(at_once(), arrival, Shared([Pool("desk", (0,), 1, (table,))]), world=world)
    near(waits(found, worlds, n), rate * moment(table, 2) / HOUR**2 / (2 * (1 - 0.8)))


def _lognormal():
    draw = np.sort(np.random.default_rng(3).normal(-0.3, 0.8, 20_000))
    return np.linspace(0, 1, len(draw)), draw


def test_priorities_wait_as_cobham_says():
    worlds, n, rates = 20, 12_000, (0.3, 0.5)
    arrival, world = poisson(sum(rates), n, worlds, 4)
    rank = (np.random.default_rng(5).random(len(arrival)) > rates[0] / sum(rates)).astype(np.int64)
    pool = Pool("desk", (0,), 1, (exponential(HOUR),), priority=7 * rank)
    found, _ = run(at_once(), arrival, Shared([pool]), world=world)
    left = sum(rates)  # mean work left on the server: rate x second moment / 2
    near(waits(found, worlds, n, rank == 0), left / (1 - rates[0]))
    near(waits(found, worlds, n, rank == 1), left / ((1 - rates[0]) * (1 - sum(rates))))


def test_the_newest_first_wait_as_long_on_average():
    """Each class by itself, with priorities too: in what order those of a class are called changes no mean."""
    worlds, n = 20, 8_000
    arrival, world = poisson(0.8, n, worlds, 6)
    rank = (np.random.default_rng(8).random(len(arrival)) > 0.4).astype(np.int64)
    pool = Pool("desk", (0,), 1, (exponential(HOUR),), priority=rank)
    first, _ = run(at_once(), arrival, Shared([pool]), world=world)
    newest, _ = run(at_once(), arrival, Shared([replace(pool, newest=True)]), world=world)
    for one in (0, 1):
        apart = waits(newest, worlds, n, rank == one) - waits(first, worlds, n, rank == one)
        assert abs(apart.mean()) <= 4 * apart.std(ddof=1) / np.sqrt(worlds)
    assert newest.turns.called.max() != first.turns.called.max() or not np.array_equal(
        newest.turns.called, first.turns.called
    )
    waited = [np.var((one.turns.called - one.turns.came) / HOUR) for one in (first, newest)]
    assert waited[1] > 1.5 * waited[0]


def test_one_server_by_hand():
    """Lindley: each is called when it has come and the one before is done; service times are those of its own number."""
    draw = np.random.default_rng(9)
    arrival = np.sort(draw.integers(0, 40 * HOUR, 60))
    table = np.array([0.2, 0.4, 0.5, 2.0]) * HOUR
    found, ended = run(at_once(), arrival, Shared([Pool("desk", (0,), 1, (table,))]))
    n = len(arrival)
    u = uniform(keys(7, 0, np.zeros(n, np.int64), np.arange(n)), np.full(n, 1), np.zeros(n, np.int64), SERVICE)
    took = np.rint(np.interp(u, np.linspace(0, 1, 4), table)).astype(np.int64)
    done = 0
    for k in range(n):
        called = max(int(arrival[k]), done)
        done = called + int(took[k])
        assert (found.turns.came[k], found.turns.called[k]) == (arrival[k], called)
        assert abs(int(found.turns.done[k]) - done) <= 1 and ended[k] == found.turns.done[k]
        done = int(found.turns.done[k])
    assert found.waited[0] == np.sum(found.turns.called - found.turns.came) > 0
    assert found.queue.sum() * DAY == pytest.approx(found.waited[0], rel=1e-12)  # Little


BRANCHING = [
    [(0.3, 1, 1), (0.2, 5, 2), (0.5, 9, 1)],
    [(0.5, 2, 2), (0.3, 3, 0), (0.2, 30, 3)],
    [(0.6, 4, 3), (0.4, 7, 0)],
    [(1.0, 0.5, 0)],
]


def same_paths(shared, changes, *, clocks=None):
    """The loop that makes nobody wait gives the paths of single cases, with the same edits."""
    arrival, world = poisson(1.0, 400, 3, 11)
    changes = replace(changes, applies=np.ones(len(arrival), bool))
    clock = None if clocks is None else np.full(4, 1)
    chain = chain_of(BRANCHING, clock, clocks)
    limit = arrival + 45 * HOUR
    (last, cost, tally, events), ended = run(chain, arrival, changes=changes, limit=limit, on=True)
    found, same = run(chain, arrival, shared, changes=changes, limit=limit, world=world, on=True)
    assert len(events[0]) > 2_000 and np.mean(ended == NEVER) < 0.9
    for one, two in zip(
        (last, cost, tally, ended, *events), (found.last, found.cost, found.tally, same, *found.events)
    ):
        np.testing.assert_array_equal(one, two)
    return found


def changes_of(*edits, deadlines=()):
    return Changes(applies=np.zeros(1, bool), leaving=np.zeros(4, bool), edits=edits, deadlines=deadlines)


def test_nothing_shared_gives_the_paths_of_single_cases():
    same_paths(Shared(), changes_of())
    same_paths(Shared(), changes_of(deadlines=(Deadline(40 * HOUR, 3),)))
    same_paths(Shared(), changes_of(Edit(SKIP, 2, chance=0.5)))
    same_paths(Shared(), changes_of(), clocks=office())


def test_endless_servers_give_the_paths_of_single_cases():
    table = np.array([3.0 * HOUR])
    pools = [Pool("two", (1, 2), 10_000, (table, 2 * table))]
    edits = Edit(SET, 1, table=table), Edit(SET, 2, table=2 * table)
    found = same_paths(Shared(pools), changes_of(*edits))
    assert found.waited[0] == 0 and len(found.turns.path) > 1_000
    same_paths(Shared(pools), changes_of(*edits, deadlines=(Deadline(40 * HOUR, 3),)))
    same_paths(Shared(pools), changes_of(*edits, Edit(SKIP, 2, chance=0.5)))


def test_endless_seats_give_the_paths_of_single_cases():
    held, planned = np.arange(0, 3_000, 7) * DAY, np.arange(0, 3_000, 3) * DAY
    edit = Edit(SESSION, 2, held=held, planned=planned)
    same_paths(Shared(seats=[Seats(2, planned, 10_000)]), changes_of(edit))


def office():
    """Two clocks: the calendar, and 8 to 16 on all days from hour 0 of the axis on."""
    hours = 24 * 4_000
    open_ = ((np.arange(hours) % 24 >= 8) & (np.arange(hours) % 24 < 16)).astype(float)
    return Clocks(0, np.stack([np.arange(hours + 1) * float(HOUR), running(open_)]))


def test_hours_are_kept_by_servers():
    """One server, 8 to 16, three hours each; who has priority and comes while it is closed goes first in the morning."""
    clocks = office()
    arrival = np.array([7, 14, 18, 20]) * HOUR
    table = np.array([3.0 * 3 * HOUR])  # the clock runs three times as fast while it is open
    pool = Pool("desk", (0,), 1, (table,), clock=1, priority=np.array([1, 1, 1, 0]))
    found, ended = run(replace(at_once(), clocks=clocks), arrival, Shared([pool]))
    assert found.turns.called.tolist() == [8 * HOUR, 14 * HOUR, 36 * HOUR, 33 * HOUR]
    assert ended.tolist() == [11 * HOUR, 33 * HOUR, 39 * HOUR, 36 * HOUR]


def test_seats_go_to_who_is_ready_first():
    planned = np.array([10, 20, 30, 40]) * DAY
    arrival = np.array([1, 2, 3, 15, 35, 36, 37]) * DAY
    _, ended = run(at_once(), arrival, Shared(seats=[Seats(0, planned, 2)]), limit=np.full(7, 60 * DAY))
    by_hand = seated(arrival, planned, np.full(4, 2))
    assert (
        ended.tolist()
        == [10 * DAY, 10 * DAY, 20 * DAY, 20 * DAY, 40 * DAY, 40 * DAY, NEVER]
        == [one if one >= 0 else NEVER for one in by_hand.tolist()]
    )
    many = np.sort(np.random.default_rng(1).integers(0, 900 * DAY, 3_000))
    days = np.arange(5, 1_000, 5) * DAY
    _, ended = run(at_once(), many, Shared(seats=[Seats(0, days, 14)]), limit=np.full(3_000, 1_100 * DAY))
    by_hand = seated(many, days, np.full(len(days), 14))
    assert (by_hand < 0).any() and ended.tolist() == np.where(by_hand < 0, NEVER, by_hand).tolist()


def test_open_cases_stand_where_they_came():
    """Three wait since days 1, 3 and 2 when the clock stands at day 10; a newcomer of day 11 is last."""
    arrival = np.array([1, 3, 2, 11]) * DAY
    known = np.array([10, 10, 10, 11]) * DAY
    chain = chain_of([[(1.0, 0, 1)], [(1.0, 50 * 24, 0)]])
    found, ended = run(chain, arrival, Shared([Pool("desk", (0,), 1, (np.array([2.0 * DAY]),))]), known=known)
    assert ended.tolist() == [12 * DAY, 16 * DAY, 14 * DAY, 18 * DAY]
    assert found.turns.called.tolist() == [10 * DAY, 14 * DAY, 12 * DAY, 16 * DAY]
    assert found.turns.came.tolist() == arrival.tolist()


def test_who_is_closed_leaves_the_queue_and_the_server():
    arrival = np.array([0, 1, 2]) * HOUR
    changes = replace(
        changes_of(deadlines=(Deadline(5 * HOUR, 1),)), applies=np.ones(3, bool), leaving=np.zeros(2, bool)
    )
    pool = Pool("desk", (0,), 1, (np.array([4.0 * HOUR]),))
    found, ended = run(at_once(), arrival, Shared([pool]), changes=changes, on=True)
    # the first is done at 4; the second is at work from 4 and closed at 6; the third is called then and closed at 7
    assert ended.tolist() == [4 * HOUR, 6 * HOUR, 7 * HOUR]
    assert found.events[1].tolist() == [0, 1, 1]
    assert found.turns.called.tolist() == [0, 4 * HOUR, 6 * HOUR]


def test_cases_beyond_their_limit_still_hold_up_others():
    arrival = np.array([0, 1]) * HOUR
    pool = Pool("desk", (0,), 1, (np.array([10.0 * HOUR]),))
    found, ended = run(at_once(), arrival, Shared([pool]), limit=np.array([2, 100]) * HOUR)
    assert ended.tolist() == [NEVER, 20 * HOUR] and found.events[0].tolist() == [1]


def test_worlds_do_not_meet_and_threads_change_nothing():
    arrival, world = poisson(0.9, 500, 4, 12)
    shared = Shared([Pool("desk", (0,), 1, (exponential(HOUR, 200),))], [Seats(1, np.arange(1, 900) * DAY, 3)])
    chain = at_once(2)
    one, ended = run(chain, arrival, shared, world=world, threads=1)
    two, again = run(chain, arrival, shared, world=world, threads=2)
    assert digest(one, ended) == digest(two, again)
    _, solo = run(chain, arrival[:500], shared)
    np.testing.assert_array_equal(solo, ended[:500])


def digest(found, ended):
    parts = (found.last, found.cost, found.tally, *found.events, found.waited, found.queue, *vars(found.turns).values())
    return hashlib.sha256(b"".join(np.ascontiguousarray(one).tobytes() for one in (*parts, ended))).hexdigest()


def everything():
    """A little of all: pools on a clock, priority, newest first, seats, a deadline, a skip, warm cases."""
    arrival, world = poisson(0.7, 150, 2, 13)
    chain = chain_of(BRANCHING, np.full(4, 1), office())
    draw = np.random.default_rng(2)
    pools = [
        Pool("a", (0,), 2, (exponential(HOUR, 50),), clock=1, priority=draw.integers(0, 3, len(arrival))),
        Pool("b", (1,), 1, (exponential(HOUR, 50),), newest=True),
    ]
    edits = Edit(SESSION, 2, held=np.arange(900) * 7 * DAY, planned=np.arange(900) * 3 * DAY), Edit(SKIP, 1, chance=0.3)
    changes = replace(
        changes_of(*edits, deadlines=(Deadline(3_000 * HOUR, 3),)), applies=draw.random(len(arrival)) < 0.7
    )
    shared = Shared(pools, [Seats(2, np.arange(900) * 3 * DAY, 4)])
    known = arrival + np.where(draw.random(len(arrival)) < 0.2, 4 * HOUR, 0)
    return digest(*run(chain, arrival, shared, changes=changes, world=world, known=known, on=True))


def test_without_the_compiler_the_same_bits():
    """In a fresh process, where nothing is compiled."""
    told = [
        subprocess.run(
            [sys.executable, "-c", "import test_queues; print(test_queues.everything())"],
            cwd=os.path.dirname(__file__),
            env={**os.environ, "NUMBA_DISABLE_JIT": flag},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for flag in ("1", "0")
    ]
    assert told[0] == told[1] == everything()


def test_milestones_and_queues_do_not_go_together():
    changes = replace(changes_of(), applies=np.ones(3, bool), pairs=((np.ones(3, bool), np.ones(3, bool), HOUR),))
    with pytest.raises(ValueError, match="milestones"):
        run(at_once(3), np.arange(3), Shared([Pool("desk", (0,), 1, (np.array([1.0]),))]), changes=changes)
