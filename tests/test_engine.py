"""The engine against what is known: chains by hand under every edit, theory, and what must not change."""

from dataclasses import replace

import numpy as np
import pytest
from logs import DAY
from scipy import stats

from procmine.kernels import jit_paths
from procmine.kernels.crowd import Crowd
from procmine.kernels.edits import (
    CAP,
    CLOCK,
    ESCALATE,
    INSERT,
    SCALE,
    SESSION,
    SET,
    SKIP,
    Changes,
    Deadline,
    Edit,
    Route,
    Scope,
)  # fmt: skip
from procmine.kernels.episodes import Episodes
from procmine.kernels.jit_paths import NEVER
from procmine.kernels.operational import HOUR, Clocks
from procmine.kernels.paths import Past, World, cases_of, last_of, law_of, rules_of, state_of, walked
from procmine.kernels.randoms import keys, mix, uniform
from procmine.kernels.sampler import Chain, Drawable

T0 = 1_700_006_400_000_000  # a midnight, whole hours since 1970
PUBLISHED = [6457827717110365317, 3203168211198807973, 9817491932198370423]  # splitmix64 from 1234567


# ---- chains by hand ----


def chain_of(tables, follow, *, table=None, leaving=(), last=None, **more):
    """tables: per table, rows (share, gap, cause)."""
    end = len(follow[0])
    row = [sorted(rows, key=lambda one: one[1]) for rows in tables]
    key = np.concatenate([number + np.cumsum([share for share, _, _ in rows]) for number, rows in enumerate(row)])
    first = np.concatenate(([0], np.cumsum([len(rows) for rows in row])))
    gap = np.array([one for rows in row for _, one, _ in rows] + [NEVER])
    cause = np.array([one for rows in row for _, _, one in rows] + [end])
    wide = int(gap[:-1].max()) + 1
    number = np.repeat(np.arange(len(row)), np.diff(first))
    every = Drawable(key, first, gap, cause, number * wide + gap[:-1], wide)
    flags = np.isin(np.arange(end + 1), leaving)
    table = np.arange(len(row))[None] if table is None else np.asarray(table)
    return Chain(table, np.array(follow, np.int32), every, every, every, flags, start=0, last=last, **more)


def line(*gaps):
    """Arrival -> step 0 -> step 1 ..., always after these gaps; then the end at once."""
    steps = len(gaps)
    tables = [[(1.0, gap, step)] for step, gap in enumerate(gaps)] + [[(1.0, 0, steps)]]
    return chain_of(tables, [list(range(1, steps + 1))] * (steps + 1))


def crowd_of(n, *, arrival=T0, context=0, begun=None, known=None, seed=1):
    arrival = np.broadcast_to(np.asarray(arrival, np.int64), n).copy()
    begun = arrival if begun is None else np.full(n, begun)
    known = begun if known is None else np.full(n, known)
    key, none = keys(seed, 0, np.zeros(n, np.int64), np.arange(n)), np.zeros(n, np.int64)
    return Crowd(none, key, arrival, begun, np.full(n, context), known, known > begun, none)


def follow(
    chain,
    changes=None,
    *,
    n=1,
    limit=10_000 * DAY,
    on=True,
    compiled=True,
    clocks=None,
    price=None,
    price_day=0.0,
    past=None,
    **crowd,
):
    """Events per case [(step, days since arrival)], ends in days, and what was counted."""
    applies = np.ones(1, bool)
    changes = changes or Changes(applies, np.zeros(chain.end + 1, bool))
    activities = chain.end if chain.episodes is None else chain.episodes.within.shape[1]
    counted = activities + 3
    price = np.zeros(counted) if price is None else np.asarray(price, float)
    rules = rules_of(changes, chain, price, price_day, activities)
    world = World(law_of(chain, clocks), rules, last_of(chain), (chain.end, counted + 1), 1_000)
    crowd = crowd_of(n, **crowd)
    never = np.full(n, -NEVER), np.full((len(changes.deadlines), n), NEVER), np.full((len(changes.pairs), 2, n), NEVER)
    past = past or Past(*never)
    past.noted[[one.after < 0 for one in changes.deadlines]] = crowd.arrival
    cases = cases_of(crowd, crowd.arrival + limit, np.zeros(n, np.int64), changes, world.law)
    state = state_of(crowd, past, world)
    with np.errstate(over="ignore"):
        jit_paths.classify(world.law, cases, state)
        last, cost, tally, events = walked(world, cases, state, on=on, record=True, compiled=compiled)
    path, step, time = (np.concatenate(column) for column in zip(*events))
    found = [list(zip(step[path == k].tolist(), ((time - crowd.arrival[path]) / DAY)[path == k])) for k in range(n)]
    ended = np.where(state.ended < NEVER, (state.ended - crowd.arrival) / DAY, np.inf)
    return found, ended, (last, cost, tally / DAY)


def always(*edits, **more):
    return Changes(np.ones(1, bool), more.pop("leaving", np.zeros(8, bool)), edits=edits, **more)


def days(*numbers):
    return np.array(numbers) * float(DAY)


TWO = line(3 * DAY, 5 * DAY)
BY_HAND = {
    "nothing": ([], [(0, 3), (1, 8)], 8),
    "set": ([Edit(SET, 1, table=days(2))], [(0, 3), (1, 5)], 5),
    "set longer": ([Edit(SET, 0, table=days(30))], [(0, 30), (1, 35)], 35),
    "set after another": ([Edit(SET, 1, after=1, table=days(2))], [(0, 3), (1, 8)], 8),
    "set after the arrival": ([Edit(SET, 0, after=2, table=days(1))], [(0, 1), (1, 6)], 6),
    "scale": ([Edit(SCALE, 1, factor=0.5)], [(0, 3), (1, 5.5)], 5.5),
    "cap binds": ([Edit(CAP, 1, table=days(4))], [(0, 3), (1, 7)], 7),
    "cap does not": ([Edit(CAP, 1, table=days(6))], [(0, 3), (1, 8)], 8),
    "escalate": ([Edit(ESCALATE, 1, limit=2 * DAY, table=days(1))], [(0, 3), (1, 6)], 6),
    "escalate too late": ([Edit(ESCALATE, 1, limit=5 * DAY, table=days(1))], [(0, 3), (1, 8)], 8),
    "escalate saves no time": ([Edit(ESCALATE, 1, limit=2 * DAY, table=days(9))], [(0, 3), (1, 8)], 8),
    "skip": ([Edit(SKIP, 0)], [(1, 5)], 5),
    "skip never": ([Edit(SKIP, 0, chance=0.0)], [(0, 3), (1, 8)], 8),
    "insert": ([Edit(INSERT, 0, new=2, table=days(4))], [(0, 3), (2, 7), (1, 12)], 12),
    "insert at the end": ([Edit(INSERT, 1, new=3, table=days(1))], [(0, 3), (1, 8), (3, 9)], 9),
    "in order": ([Edit(SCALE, 1, factor=2.0), Edit(CAP, 1, table=days(7))], [(0, 3), (1, 10)], 10),
    "in the other order": ([Edit(CAP, 1, table=days(4)), Edit(SCALE, 1, factor=2.0)], [(0, 3), (1, 11)], 11),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_a_line_under_each_edit(name):
    edits, events, end = BY_HAND[name]
    found, ended, (last, _, spent) = follow(TWO, always(*edits), n=3)
    assert found == [events] * 3
    np.testing.assert_array_equal(ended, end)
    assert (last == events[-1][0]).all() and spent.sum() == pytest.approx(3 * end)
    as_is, _, _ = follow(TWO, always(*edits), n=3, on=False)
    assert as_is == [[(0, 3), (1, 8)]] * 3


def test_what_is_counted_by_hand():
    found, _, (last, cost, spent) = follow(TWO, n=2, limit=7 * DAY, price=[10, 100, 0, 0, 0], price_day=2.0)
    assert found == [[(0, 3)]] * 2 and (last == 0).all()
    np.testing.assert_array_equal(cost, 10 + 7 * 2)
    np.testing.assert_array_equal(spent, [6, 0, 0, 0, 0, 0])


def test_only_from_a_day_on_and_not_before_it():
    late = replace(always(Edit(SET, 1, table=days(1))), since=T0 + 6 * DAY)
    assert follow(TWO, late)[0] == [[(0, 3), (1, 6)]]  # in progress: not before the day
    assert follow(TWO, replace(late, since=T0 + 8 * DAY))[0] == [[(0, 3), (1, 8)]]  # ended by then
    assert follow(TWO, replace(late, since=T0 + 2 * DAY))[0] == [[(0, 3), (1, 4)]]
    slow = replace(late, since=T0, ramp=5 * DAY)
    ends = follow(TWO, slow, n=4_000)[1]
    started = np.clip(ends, 4, 5)  # who starts by day 4 is decided on day 4
    assert (ends == started).all() and np.mean(ends == 4) == pytest.approx(4 / 5, abs=0.03)
    assert stats.kstest(ends[ends > 4], stats.uniform(4, 1).cdf).pvalue > 0.001


def test_scopes_hold_apart():
    changes = replace(always(Edit(SET, 0, table=days(1)), Edit(SET, 1, table=days(1), scope=1)),
                      scopes=[Scope(np.ones(1, bool), T0 + 100 * DAY)])  # fmt: skip
    assert follow(TWO, changes)[0] == [[(0, 1), (1, 6)]]
    changes = replace(changes, applies=np.zeros(1, bool), scopes=[Scope(np.ones(1, bool))])
    assert follow(TWO, changes)[0] == [[(0, 3), (1, 4)]]


def test_deadlines_by_hand():
    by = always(deadlines=[Deadline(6 * DAY, 2)])
    assert follow(TWO, by)[0] == [[(0, 3), (2, 6)]] and follow(TWO, by)[1] == [6]
    after = always(deadlines=[Deadline(4 * DAY, 2, after=0)])
    assert follow(TWO, after)[0] == [[(0, 3), (2, 7)]]
    assert follow(TWO, always(deadlines=[Deadline(8 * DAY, 2)]))[0] == [[(0, 3), (1, 8)]]  # the end comes first
    known = follow(TWO, by, begun=T0, known=T0 + 20 * DAY, context=1)
    assert known[0] == [[(2, 20)]]  # overdue at once
    assert follow(TWO, replace(by, since=T0 + 7 * DAY))[0] == [[(0, 3), (2, 7)]]


def test_sessions_by_hand():
    held = T0 + DAY * np.arange(-7, 60, 7)
    weekly = chain_of([[(1.0, 10 * DAY, 0)], [(1.0, 0, 1)]], [[1], [1]])  # decided on day 14 of a weekly session: no
    chain = chain_of([[(0.5, 7 * DAY, 0), (0.5, 14 * DAY + HOUR, 0)], [(1.0, 0, 1)]], [[1], [1]])
    same = always(Edit(SESSION, 0, held=held, planned=held))
    assert follow(chain, same, n=50)[0] == follow(chain, n=50)[0]
    assert follow(weekly, same, n=5)[0] == follow(weekly, n=5)[0]  # moved within the week: keeps its distance
    daily = always(Edit(SESSION, 0, held=held, planned=T0 + DAY * np.arange(60), ready=0.0))
    as_is, after = follow(chain, daily, n=50, on=False)[1], follow(chain, daily, n=50)[1]
    np.testing.assert_allclose(after, np.where(as_is == 7, 0, 7 + 1 / 24))  # ready when the session before was over
    spread = always(Edit(SESSION, 0, held=held, planned=T0 + DAY * np.arange(60)))
    after = follow(chain, spread, n=7_000)[1]
    first = after[follow(chain, n=7_000)[1] == 7]
    np.testing.assert_allclose(np.bincount(first.astype(int), minlength=8)[1:] / len(first), 1 / 7, atol=0.02)
    over = always(Edit(SESSION, 0, held=held, planned=held[:3]))
    assert np.isinf(follow(chain, over, n=50)[1]).any()  # none is planned any more


def test_readiness_for_sessions_by_hand():
    """Weekly sessions; half of the items are ready after 2 days, half after 9: one session for 5/14 of them, two for half."""
    held = T0 + DAY * np.arange(-70, 140, 7)
    rows = [(5 / 14, 7 * DAY, 0), (7 / 14, 14 * DAY, 0), (2 / 14, 21 * DAY, 0)]
    chain = chain_of([rows, [(1.0, 0, 1)]], [[1], [1]])
    daily = always(Edit(SESSION, 0, held=held, planned=T0 + DAY * np.arange(140), table=days(2, 9)))
    as_is, after = follow(chain, daily, n=7_000, on=False)[1], follow(chain, daily, n=7_000)[1]
    assert set(np.unique(after)) == {2.0, 9.0} and np.mean(after == 2) == pytest.approx(0.5, abs=0.02)
    assert (after[as_is == 7] == 2).all() and (after[as_is == 21] == 9).all()
    assert np.mean(after[as_is == 14] == 2) == pytest.approx(2 / 7, abs=0.03)  # 2 of the 7 in 14 that take two sessions
    smeared = chain_of(
        [[(0.5, 4 * DAY, 0), (0.5, 11 * DAY, 0)], [(1.0, 0, 1)]], [[1], [1]]
    )  # later than 2 of 14, and than 9
    np.testing.assert_allclose(follow(smeared, daily, n=400)[1], np.where(follow(smeared, n=400)[1] == 4, 2, 9))


def test_another_clock():
    """A clock that stands at night: 12 hours of work are one day."""
    hours = np.arange(24 * 400)
    day = np.where(hours % 24 < 12, 2.0, 0.0) * HOUR
    clocks = Clocks(T0, np.stack((np.arange(len(hours) + 1) * float(HOUR), np.concatenate(([0.0], np.cumsum(day))))))
    slow = chain_of([[(1.0, DAY + 6 * HOUR, 0)], [(1.0, 0, 1)]], [[1], [1]], clocks=clocks, clock=np.array([0, 1]))
    assert follow(slow)[0] == [[(0, 1 + 3 / 24)]]
    assert follow(slow, always(Edit(CLOCK, 0, clock=0)))[0] == [[(0, 1.25)]]
    assert follow(slow, always(Edit(SCALE, 0, factor=2.0)))[0] == [
        [(0, 2 + 6 / 24)]
    ]  # 60 hours on a clock twice as fast by day
    half = np.stack((clocks.upto[0], clocks.upto[1], np.arange(len(hours) + 1) * HOUR / 2))
    assert follow(slow, always(Edit(CLOCK, 0, clock=2)), clocks=Clocks(T0, half))[0] == [[(0, 2.5)]]


def test_the_second_beside_the_first():
    three = line(3 * DAY, 5 * DAY, 4 * DAY)
    assert follow(three, always(beside=[(0, 1)]))[0] == [[(0, 3), (1, 5), (2, 9)]]
    three = line(3 * DAY, 2 * DAY, 4 * DAY)
    assert follow(three, always(beside=[(0, 1)]))[0] == [[(1, 2), (0, 3), (2, 7)]]
    assert follow(three, always(Edit(SET, 1, table=days(6)), beside=[(0, 1)]))[0] == [[(0, 3), (1, 6), (2, 10)]]


def checks(fails_one, fails_two):
    """Arrival -> 0 -> 1 -> 2 (granted), with 3 (refused) after 0 or 1 in these shares of the cases."""
    tables = [
        [(1.0, 10 * DAY, 0)],
        [(fails_one, 1 * DAY, 3), (1 - fails_one, 20 * DAY, 1)],
        [(fails_two, 2 * DAY, 3), (1 - fails_two, 3 * DAY, 2)],
        [(1.0, 0, 4)],
        [(1.0, 0, 4)],
    ]
    tables = [[row for row in rows if row[0] > 0] for rows in tables]
    return chain_of(tables, [[1, 2, 3, 4]] * 5)


def test_checks_the_other_way_round():
    """20 days for the second check, 10 for the first; both refuse some; the outcomes of each check stay."""
    swap = always(swapped=[(0, 1)])
    chain = checks(0.3, 0.4)
    before, after = follow(chain, swap, n=2_000, on=False)[0], follow(chain, swap, n=2_000)[0]
    for one, two in zip(before, after):
        steps = [step for step, _ in one]
        if steps == [0, 1, 2]:
            assert two == [(1, 20), (0, 30), (2, 33)]
        elif steps == [0, 1, 3]:
            assert two == [(1, 20), (3, 22)]  # the first one is spared
        else:
            assert steps == [0, 3] and two in ([(1, 20), (3, 22)], [(1, 20), (0, 30), (3, 31)])
    assert [one[-1][0] for one in before] == [one[-1][0] for one in after]  # nobody's outcome changes
    spared = np.mean([len(one) == 2 for one in after])
    assert spared == pytest.approx(0.4, abs=0.03)


def test_pairs_move_what_lies_between():
    flags = np.eye(4, dtype=bool)
    three = line(3 * DAY, 5 * DAY, 2 * DAY)
    assert follow(three, always(pairs=[(flags[0], flags[1], DAY)]))[0] == [[(0, 3), (1, 4), (2, 6)]]
    assert follow(three, always(pairs=[(flags[0], flags[2], int(3.5 * DAY))]))[0] == [[(0, 3), (1, 5.5), (2, 6.5)]]
    late = replace(always(pairs=[(flags[0], flags[1], DAY)]), since=T0 + 6 * DAY)
    assert follow(three, late)[0] == [[(0, 3), (1, 6), (2, 8)]]
    seen = follow(three, always(pairs=[(flags[0], flags[1], DAY)]), limit=7 * DAY)
    assert seen[0] == [[(0, 3), (1, 4), (2, 6)]]  # what would have come after the limit comes before it


# ---- routes ----


def test_a_step_made_likelier_leaves_the_rest_in_proportion():
    tables = [[(0.2, 1 * DAY, 0), (0.3, 2 * DAY, 1), (0.4, 3 * DAY, 2)], *[[(1.0, 0, 3)]] * 3]  # 1 in 10 never
    chain = chain_of(tables, [[1, 2, 3]] * 4)
    for chance in (0.6, 0.05, 0.0, 1.0):
        before, after = (
            follow(chain, always(routes=[Route(3, 0, chance)]), n=20_000, on=on)[0] for on in (False, True)
        )
        share = [np.mean([bool(one) and one[0][0] == step for one in after]) for step in range(3)]
        wanted = [chance, 0.3 * (1 - chance) / 0.8, 0.4 * (1 - chance) / 0.8]
        np.testing.assert_allclose(share, wanted, atol=0.012)
        gaps = {(one[0][0], one[0][1]) for one in after if one}
        assert gaps <= {(0, 1), (1, 2), (2, 3)}
        moved = np.mean([one != two for one, two in zip(before, after)])
        assert moved == pytest.approx(abs(chance - 0.2), abs=0.012)  # no more than must
    both = always(routes=[Route(3, 0, 0.5), Route(3, 1, 0.1)])
    after = follow(chain, both, n=20_000)[0]
    share = [np.mean([bool(one) and one[0][0] == step for one in after]) for step in range(3)]
    np.testing.assert_allclose(share, [0.5, 0.1, 0.4 * 0.4 / 0.5], atol=0.012)
    same = always(routes=[Route(3, 0, 0.2)])
    assert follow(chain, same, n=500)[0] == follow(chain, same, n=500, on=False)[0]


# ---- theory ----


def test_days_to_absorption_by_linear_algebra():
    share = np.array([[0.1, 0.6, 0.3], [0.5, 0.1, 0.2], [0.2, 0.2, 0.1]])  # the rest ends
    gap = np.array([3.0, 7.0, 2.0])
    tables = [[(1.0, 0, 0)]]
    for step in range(3):
        rows = [(p, int(gap[step] * DAY) + k, k) for k, p in enumerate(share[step])]
        tables.append([*rows, (1 - share[step].sum(), int(gap[step] * DAY) + 3, 3)])
    _, ended, _ = follow(chain_of(tables, [[1, 2, 3]] * 4), n=20_000)
    mean = np.linalg.solve(np.eye(3) - share, gap)[0]
    assert ended.mean() == pytest.approx(mean, abs=4 * ended.std() / np.sqrt(20_000))


def quantile_rows(distribution, n=2_000):
    places = (np.arange(n) + 0.5) / n
    return [(1 / n, int(x * DAY), 0) for x in distribution.ppf(places)]


def test_open_cases_go_on_as_those_that_lasted_as_long():
    after = [[(1.0, 0, 1)]]
    memoryless = chain_of([quantile_rows(stats.expon(scale=20)), *after], [[1], [1]])
    _, ended, _ = follow(memoryless, n=4_000, begun=T0, known=T0 + 15 * DAY)
    assert (ended > 15).all() and stats.kstest(ended - 15, stats.expon(scale=20).cdf).pvalue > 0.01
    weibull = stats.weibull_min(2.5, scale=30)
    chain = chain_of([quantile_rows(weibull), *after], [[1], [1]])
    _, ended, _ = follow(chain, n=4_000, begun=T0, known=T0 + 25 * DAY)
    residual = lambda x: 1 - weibull.sf(x) / weibull.sf(25)  # noqa: E731
    assert (ended > 25).all() and stats.kstest(ended, residual).pvalue > 0.01
    _, ended, _ = follow(chain, always(Edit(SET, 0, table=days(3))), n=10, begun=T0, known=T0 + 25 * DAY)
    np.testing.assert_array_equal(ended, 25)  # overdue: at once, not in the past


def test_a_shorter_memory_is_trusted_in_part():
    """After 0 then 1: the long context takes 9 days, the short one 2."""
    tables = [[(1.0, 0, 0)], [(1.0, 0, 1)], [(1.0, 2 * DAY, 2)], [(1.0, 9 * DAY, 2)]]
    follow_up = [[1, 2], [1, 3], [1, 2], [1, 3]]
    trust, shorter = np.array([[1, 1, 1, 0.7]]), np.array([-1, -1, -1, 2])
    chain = chain_of(tables, follow_up, trust=trust, shorter=shorter, last=np.array([2, 0, 1, 1]))
    _, ended, _ = follow(chain, n=8_000)
    assert set(ended) == {2, 9} and np.mean(ended == 9) == pytest.approx(0.7, abs=0.02)
    # watched for 5 days already, it is the long one
    assert set(follow(chain, n=100, context=3, begun=T0, known=T0 + 5 * DAY)[1]) == {9}


def test_fast_cases_stay_fast():
    rows = [(1 / 100, k * DAY, 0) for k in range(1, 101)]
    again = [(1 / 100, k * DAY, 1) for k in range(1, 101)]
    plain = chain_of([rows, again, [(1.0, 0, 2)]], [[1, 2]] * 3)
    halves = np.array([[0, 0.25, 0.5], [0.5, 0.75, 1.0]])
    chain = replace(plain, frailty=halves)
    found = np.array([[day for _, day in one] for one in follow(chain, n=6_000)[0]])
    first, second = found[:, 0], found[:, 1] - found[:, 0]
    assert ((first <= 50) == (second <= 50)).all()  # each class has its own half of the table
    for one in (first, second):
        assert stats.kstest(one - 0.5, stats.uniform(0, 100).cdf).pvalue > 0.001  # margins stay


def test_who_has_waited_long_is_one_of_the_slow():
    """Two classes: 1 to 50 days and 51 to 100; at first, and again. After 40 days 10 in 60 are of the first."""
    rows, again = ([(1 / 100, k * DAY, cause) for k in range(1, 101)] for cause in (0, 1))
    halves = np.array([[0, 0.25, 0.5], [0.5, 0.75, 1.0]])
    chain = chain_of([rows, again, [(1.0, 0, 2)]], [[1, 2]] * 3, frailty=halves)
    found = np.array([[day for _, day in one] for one in follow(chain, n=6_000, begun=T0, known=T0 + 40 * DAY)[0]])
    assert np.mean(found[:, 0] <= 50) == pytest.approx(1 / 6, abs=0.02)
    assert ((found[:, 0] <= 50) == (found[:, 1] - found[:, 0] <= 50)).all()
    assert stats.kstest(found[:, 0] - 0.5, stats.uniform(40, 60).cdf).pvalue > 0.001  # of all that lasted so long


def test_who_leaves_while_waiting():
    """The decision after 40 days, giving up after 1 to 100, at independent times; then the decision after 10."""
    rows = [(1 / 100, k * DAY, 1) for k in range(1, 40)] + [(61 / 100, 40 * DAY, 0)]
    chain = chain_of([rows, [(1.0, 0, 2)], [(1.0, 0, 2)]], [[1, 2]] * 3, leaving=(1,))
    decide = chain_of([[(1.0, 40 * DAY, 0)], [(1.0, 0, 2)], [(1.0, 0, 2)]], [[1, 2]] * 3).every
    leave = chain_of([[(1 / 100, k * DAY, 1) for k in range(1, 101)], [(1.0, 0, 2)], [(1.0, 0, 2)]], [[1, 2]] * 3).every
    chain = replace(chain, decide=decide, leave=leave)
    for new in (10, 70):
        changes = always(Edit(SET, 0, table=days(new)), leaving=np.array([False, True, False]))
        before, after = (follow(chain, changes, n=5_000, on=on)[0] for on in (False, True))
        left = np.array([one[0][1] if one[0][0] == 1 else np.inf for one in after])
        assert (
            np.mean(np.isfinite(left)) == pytest.approx((new - 1) / 100, abs=0.02)
            and left[np.isfinite(left)].max() <= new
        )
        assert {one[0][1] for one, when in zip(after, left) if np.isinf(when)} == {new}
        for one, two in zip(before, after):
            if one[0][0] == 1 and one[0][1] < new:
                assert one == two


# ---- blocks ----


def block(lags, needed, steps=None):
    """Arrival -> a block of steps 0, 1, 2 (members as given) -> step 3 five days after -> end."""
    lags = np.array(lags) * DAY
    first = np.concatenate(([0], np.cumsum([len(one) for one in needed])))
    within = np.array([[True, True, True, False]])
    flat = np.array([one for ones in needed for one in ones], np.int64)
    episodes = Episodes(np.array([0, len(lags)]), np.array(steps or range(len(lags))), lags, first, flat, within)
    gap = int(episodes.ends(lags).max())
    chain = chain_of([[(1.0, gap, 4)], [(1.0, 5 * DAY, 3)], [(1.0, 0, 5)]], [[2, 2, 2, 2, 1]] * 3,
                     last=np.array([5, 4, 3]))  # fmt: skip
    every = replace(chain.every, episode=np.array([0, -1, -1, -1]))
    return replace(chain, every=every, decide=every, leave=every, episodes=episodes)


BESIDE = block([3, 7, 2], [[], [], [0]])  # 0 and 1 at once, 2 after 0; 3 waits for all
IN_BLOCKS = {
    "nothing": ([], [(0, 3), (2, 5), (1, 7), (3, 12)]),
    "the longest": ([Edit(SET, 1, table=days(1))], [(1, 1), (0, 3), (2, 5), (3, 10)]),
    "the slack is all there is to gain": ([Edit(SET, 0, table=days(0))], [(0, 0), (2, 2), (1, 7), (3, 12)]),
    "longer": ([Edit(SCALE, 0, factor=2.0)], [(0, 6), (1, 7), (2, 8), (3, 13)]),
    "cap": ([Edit(CAP, 1, table=days(6))], [(0, 3), (2, 5), (1, 6), (3, 11)]),
    "left out": ([Edit(SKIP, 1)], [(0, 3), (2, 5), (3, 10)]),
    "left out within": ([Edit(SKIP, 0)], [(2, 2), (1, 7), (3, 12)]),
    "put in": ([Edit(INSERT, 0, new=4, table=days(5))], [(0, 3), (1, 7), (4, 8), (2, 10), (3, 15)]),
    "after a member": ([Edit(SET, 2, after=0, table=days(9))], [(0, 3), (1, 7), (2, 12), (3, 17)]),
    "after another member": ([Edit(SET, 2, after=1, table=days(9))], [(0, 3), (2, 5), (1, 7), (3, 12)]),
    "after the block": ([Edit(SET, 3, after=1, table=days(1))], [(0, 3), (2, 5), (1, 7), (3, 8)]),
    "at the beginning": ([Edit(SET, 1, after=4, table=days(8))], [(0, 3), (2, 5), (1, 8), (3, 13)]),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_BLOCKS)
def test_a_block_under_each_edit(name):
    edits, events = IN_BLOCKS[name]
    assert follow(BESIDE, always(*edits))[0] == [events]
    assert follow(BESIDE, always(*edits), on=False)[0] == [IN_BLOCKS["nothing"][1]]


def test_open_blocks_go_on():
    """Watched for 6 days: what came before is not played again, and cannot be changed any more."""
    assert follow(BESIDE, begun=T0, known=T0 + 6 * DAY)[0] == [[(1, 7), (3, 12)]]
    changed = follow(
        BESIDE, always(Edit(SET, 1, table=days(1)), Edit(SET, 0, table=days(20))), begun=T0, known=T0 + 6 * DAY
    )
    assert changed[0] == [[(1, 6), (3, 11)]]


# ---- what must not change ----


def random_chain(seed, steps=6):
    draw = np.random.default_rng(seed)
    tables = []
    for _ in range(2 * steps + 1):
        share = draw.dirichlet(np.ones(12)) * draw.uniform(0.9, 1.0)
        cause = np.where(draw.random(12) < 0.35, steps, draw.integers(0, steps, 12))
        tables.append([(p, int(g), int(c)) for p, g, c in zip(share, draw.integers(0, 30 * DAY, 12), cause)])
    follow_up = draw.integers(1, 2, (2 * steps + 1, steps)) + np.arange(steps)[None] + steps * draw.integers(
        0, 2, (2 * steps + 1, steps))  # fmt: skip
    last = np.concatenate(([steps], np.arange(steps), np.arange(steps)))
    shorter = np.concatenate((np.full(steps + 1, -1), np.arange(1, steps + 1)))
    trust = np.where(shorter >= 0, draw.random(2 * steps + 1), 1.0)[None]
    hours = np.arange(24 * 700)
    rate = np.where((hours % 24 >= 8) & (hours % 24 < 17) & (hours // 24 % 7 < 5), 24 * 7 / 45, 0.0) * HOUR
    upto = np.stack((np.arange(len(hours) + 1) * float(HOUR), np.concatenate(([0.0], np.cumsum(rate)))))
    half = np.sort(draw.random((3, 9)), axis=1)
    frailty = np.concatenate((np.zeros((3, 1)), half, np.ones((3, 1))), axis=1)
    return chain_of(tables, follow_up, last=last, shorter=shorter, trust=trust, frailty=frailty, leaving=(4,),
                    clocks=Clocks(T0 - 30 * DAY, upto), clock=draw.integers(0, 2, steps + 1))  # fmt: skip


def test_a_policy_that_changes_nothing_changes_nothing():
    chain = random_chain(1)
    rows = np.sort(np.random.default_rng(1).integers(T0, T0 + 500 * DAY, 60))
    same = [Edit(SCALE, k) for k in range(6)] + [
        Edit(CAP, 1, table=days(40)),
        Edit(SESSION, 2, held=rows, planned=rows),
    ]
    same += [
        Edit(ESCALATE, 3, limit=90 * DAY, table=days(1)),
        Edit(SKIP, 0, chance=0.0),
        Edit(SET, 5, after=5, chance=0.0),
    ]
    changes = always(*same, leaving=np.arange(7) == 4)
    one, two = (follow(chain, changes, n=400, on=on) for on in (False, True))
    assert one[0] == two[0] and sum(map(len, one[0])) > 200
    np.testing.assert_array_equal(one[1], two[1])


def test_leaving_out_and_putting_in_leave_all_other_numbers():
    chain = replace(random_chain(2), clocks=None, clock=None, leaving=np.zeros(7, bool))
    before = follow(chain, n=300)[0]
    for edit, gone in ((Edit(SKIP, 2), 2), (Edit(INSERT, 2, new=6, table=days(3)), 6)):
        after = follow(chain, always(edit), n=300)[0]
        plain = [[step for step, _ in one if step != gone] for one in after]
        assert plain == [[step for step, _ in one if step != gone] for one in before]
        assert sum(any(step == 2 for step, _ in one) for one in before) > 30


def changed_in_every_way():
    rows = np.sort(np.random.default_rng(5).integers(T0, T0 + 500 * DAY, 60))
    edits = [
        Edit(SET, 0, chance=0.5, table=days(1, 2, 9, 30)), Edit(SCALE, 1, factor=0.3), Edit(CAP, 2, table=days(2, 20)),
        Edit(ESCALATE, 3, after=1, limit=5 * DAY, table=days(1, 4)), Edit(SKIP, 5, chance=0.4, scope=1),
        Edit(INSERT, 3, new=6, chance=0.7, table=days(0, 5)), Edit(CLOCK, 5, clock=0),
        Edit(SESSION, 2, held=rows, planned=np.arange(T0, T0 + 900 * DAY, 7 * DAY)),
        Edit(SESSION, 4, held=rows, planned=np.arange(T0, T0 + 900 * DAY, 7 * DAY), table=days(0, 1, 2, 5, 9, 30)),
    ]  # fmt: skip
    eye = np.eye(7, dtype=bool)
    return {
        "edits": always(*edits, scopes=[Scope(np.ones(1, bool), T0 + 20 * DAY, 50 * DAY)]),
        "leaving": always(*edits[:4], leaving=np.arange(7) == 4, scopes=[]),
        "routes": always(edits[0], routes=[Route(1, 3, 0.6), Route(1, 5, 0.0), Route(0, 2, 0.9)]),
        "deadlines": always(deadlines=[Deadline(40 * DAY, 7), Deadline(9 * DAY, 8, after=2)], since=T0 + 12 * DAY),
        "pairs": always(edits[1], pairs=[(eye[0], eye[3], 6 * DAY), (eye[1], eye[2], DAY)], since=T0 + 5 * DAY),
        "beside": always(edits[2], beside=[(0, 1), (2, 3)]),
        "swapped": always(edits[1], swapped=[(0, 1)]),
        "nothing": always(),
    }


@pytest.mark.parametrize("name", changed_in_every_way())
def test_in_numpy_the_same_bit_for_bit(name):
    for seed in range(3):
        chain, changes = random_chain(seed), changed_in_every_way()[name]
        asked = {
            "n": 120,
            "limit": 300 * DAY,
            "price": np.arange(9) * 0.1,
            "price_day": 0.37,
            "arrival": T0 + np.arange(120) * HOUR,
        }
        for more in ({}, {"begun": T0, "known": T0 + 9 * DAY, "context": 3, "arrival": T0}):
            for on in (False, True):
                one, two = (follow(chain, changes, on=on, compiled=c, **{**asked, **more}) for c in (True, False))
                assert one[0] == two[0]
                np.testing.assert_array_equal(one[1], two[1])
                for here, there in zip(one[2], two[2]):
                    np.testing.assert_array_equal(here, there)
        assert sum(map(len, one[0])) > 50


# ---- random numbers ----


def test_the_generator_is_the_published_one():
    state, found = np.array([1234567], np.uint64), []
    for _ in range(3):
        found.append(int(mix(state)[0]))
        with np.errstate(over="ignore"):
            state = state + np.uint64(0x9E3779B97F4A7C15)
    assert found == PUBLISHED


def test_single_numbers_equal_those_of_arrays():
    key = keys(3, 1, np.zeros(50, np.int64), np.arange(50))
    for purpose in (0, 3, 77):
        whole = uniform(key, np.arange(50), np.arange(50) % 7, purpose)
        with np.errstate(over="ignore"):
            assert [jit_paths.uniform(key[k], k, k % 7, purpose) for k in range(50)] == whole.tolist()


def test_numbers_are_uniform_and_independent():
    key = keys(7, 3, np.zeros(20_000, np.int64), np.arange(20_000))
    same = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (2, 3, 64)]
    columns = [uniform(key, np.full(20_000, at), np.full(20_000, visit), purpose) for at, visit, purpose in same]
    for column in columns:
        assert stats.kstest(column, "uniform").pvalue > 1e-4
    assert np.abs(np.corrcoef(columns) - np.eye(len(columns))).max() < 0.03
