"""Drift: no alarm where nothing changes, an alarm and its week where something does, weeks that hang together."""

import numpy as np
import pytest
from worlds_clocks import DAY, FIRST, log_of

from procmine.kernels.change_point import largest_jump
from procmine.simulate.drift import ARRIVAL, PATH, WAIT, Drift

WEEK = 7 * DAY


def process(seed, *, weeks=78, a_week=10.0, shock=0.0, change=None, wait=1.0, other=None, more=1.0, load=None):
    """A -(20 days)-> B -(10 days)-> C or X -(30 days)-> End; from the week `change` on the wait after B is `wait`
    times as long, X comes with chance `other` and not .3, `more` times as many begin. `shock`: weeks are slow or fast
    by so much. `load`: B is done by one server, first come first served.
    """
    draw = np.random.default_rng([seed, 3])
    change = weeks if change is None else change
    mix = draw.gamma(1 / shock**2, shock**2, weeks) if shock else np.ones(weeks)
    slow = draw.gamma(1 / shock**2, shock**2, weeks + 600) if shock else np.ones(weeks + 600)
    n = draw.poisson(a_week * mix * np.where(np.arange(weeks) >= change, more, 1.0))
    times = [
        np.sort(np.concatenate([(FIRST + 7 * (k + draw.random(one))) * DAY for k, one in enumerate(n)])).astype(
            np.int64
        )
    ]
    for step, mean in enumerate((20, 10, 30)):
        now = times[-1]
        week = np.minimum((now - FIRST * DAY) // WEEK, weeks + 599)
        gap = draw.exponential(mean, len(now)) * DAY * slow[week] * np.where((week >= change) & (step == 1), wait, 1.0)
        if load and step == 1:
            gap = _queued(now, draw.exponential(load * WEEK / a_week, len(now)))
        times.append(now + gap.astype(np.int64))
    log = log_of(
        np.stack(times, axis=1), FIRST * DAY + weeks * WEEK - 1, names=("A", "B", "C", "End", "X"), ends=("End",)
    )
    here = np.flatnonzero(log.activity == 2)
    since = (log.time[here] - FIRST * DAY) // WEEK >= change
    log.activity[here] = np.where(draw.random(len(here)) < np.where(since & (other is not None), other or 0, 0.3), 4, 2)
    return log


def _queued(came, service):
    gap, free = np.empty(len(came)), 0.0
    for k in np.argsort(came):
        free = max(free, came[k]) + service[k]
        gap[k] = free - came[k]
    return gap


STILL = {
    "delays": {},
    "shocks of weeks": {"shock": 0.15},
    "few cases": {"weeks": 52, "a_week": 5.0},
    "large shocks": {"shock": 0.3},
    "three years": {"weeks": 156, "a_week": 20.0, "shock": 0.1},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STILL)
def test_no_more_than_one_in_twenty_logs_without_a_change_raises_an_alarm(name):
    alarms = sum(Drift.of(process(seed, **STILL[name])).alarm for seed in range(150))
    assert alarms <= 150 * 0.05 + 3  # measured .00 to .03


@pytest.mark.slow
def test_a_lone_queue_raises_few_alarms():
    alarms = sum(Drift.of(process(seed, load=0.9, weeks=104)).alarm for seed in range(100))
    assert alarms <= 13  # its backlog wanders for months; measured .06


@pytest.mark.parametrize("change", [{"wait": 0.4}, {"wait": 0.4, "shock": 0.15}, {"other": 0.6}, {"more": 1.7}])
def test_a_change_is_seen_and_when(change):
    kind = WAIT if "wait" in change else PATH if "other" in change else ARRIVAL
    seen, weeks = 0, []
    for seed in range(12):
        found = [one for one in Drift.of(process(seed, change=45, **change)).changes if one.kind == kind]
        seen += len(found) > 0
        weeks += [(found[0].since - FIRST * DAY) / WEEK - 45] if found else []
    assert seen >= 10
    assert abs(np.median(weeks)) < 3


def test_stays_before_the_change_do_not_count_at_the_step_that_changed():
    log = process(2, change=45, wait=0.3)
    drift = Drift.of(log)
    assert drift.alarm and {one.step for one in drift.changes} == {"B"}
    begin = FIRST * DAY + np.array([10, 44, 50]) * WEEK + 3 * DAY
    np.testing.assert_array_equal(drift.weight(begin, np.full(3, 1)), [0, 0, 1])
    np.testing.assert_array_equal(drift.weight(begin, np.full(3, 0)), [1, 1, 1])
    one = drift.changes[0]
    assert one.after / one.before == pytest.approx(0.3, abs=0.12)
    said = " ".join(message.say() for message in drift.messages())
    assert "the wait after B changed" in said and "learns from what began since" in said


def test_a_change_of_late_leaves_too_little():
    drift = Drift.of(process(0, weeks=60, change=50, wait=0.1, a_week=6))
    assert drift.alarm and list(np.flatnonzero(~drift.enough)) == [1]
    assert drift.weight(np.array([FIRST * DAY]), np.array([1]))[0] == 1.0
    assert "wait for more data" in drift.messages()[-1].say()


def test_a_change_too_small_to_matter_is_none():
    assert not Drift.of(process(4, weeks=150, a_week=300, change=80, wait=0.93)).alarm  # surely there, 7%


def test_a_log_that_fills_up_and_one_of_finished_cases_are_no_drift():
    for seed in range(4):
        log = process(seed, a_week=20)
        late = log.cut_to("2023-01-01").between("2022-04-01", "2023-01-01")
        assert not any(one.kind == WAIT for one in Drift.of(late).changes)
        done = log.take(np.flatnonzero(~log.open))
        assert not any(one.kind == WAIT for one in Drift.of(done).changes)


def test_too_few_weeks_say_so():
    drift = Drift.of(process(5, weeks=8))
    assert not drift.alarm and "cannot be told" in drift.messages()[0].say()


def test_a_year_with_its_seasons_is_no_change():
    draw = np.random.default_rng(6)
    value = np.sin(2 * np.pi * np.arange(156) / 52) * 0.1 + draw.normal(size=156)
    assert largest_jump(value, np.ones(156)).chance > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8])
def test_jumps_of_series_that_hang_together_are_as_rare_as_said(rho):
    draw, chance = np.random.default_rng(int(rho * 10)), []
    for _ in range(300):
        noise = draw.standard_normal(100)
        value = noise.copy()
        for k in range(1, 100):
            value[k] = rho * value[k - 1] + np.sqrt(1 - rho**2) * noise[k]
        chance.append(largest_jump(value, np.ones(100)).chance)
    assert np.mean(np.array(chance) < 0.05) <= 0.05 + 2.6 * np.sqrt(0.05 * 0.95 / 300)
    assert np.mean(np.array(chance) < 0.01) <= 0.01 + 3 * np.sqrt(0.01 * 0.99 / 300)


def test_a_jump_is_placed_and_measured_by_hand():
    value = np.array([1.0, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 5, 6, 5, 6, 5, 6, 5, 6])
    jump = largest_jump(value, np.ones(20))
    assert jump.place == 12 and jump.before == 1.5 and jump.difference == 4.0 and jump.chance < 1e-6
    assert largest_jump(value[:15], np.ones(15)) is None
    assert largest_jump(np.ones(30), np.ones(30)) is None


def growing(seed, n, grows=1.8, weeks=52):
    """A -(10 days)-> B -(25 days, `grows` times as long at the end of the log)-> C, one after the other, even arrivals."""
    draw = np.random.default_rng([seed, 11])
    first = np.sort(draw.random(n)) * weeks * 7
    second = first + draw.exponential(10, n)
    gap = 25 * np.exp(0.6 * draw.normal(size=n) - 0.18) * (1 + (grows - 1) * np.clip(second / (weeks * 7), 0, 1))
    times = (np.stack((first, second, second + gap), axis=1) * DAY).astype(np.int64) + FIRST * DAY
    return log_of(times, FIRST * DAY + weeks * WEEK - 1)


def test_a_wait_that_grows_bit_by_bit_is_seen_where_the_log_is_long_enough():
    found = [Drift.of(growing(seed, 400)) for seed in range(20)]
    slow = [one for drift in found for one in drift.changes if one.slow]
    assert sum(drift.alarm for drift in found) >= 11  # as a jump, or bit by bit; jumps alone: 5
    assert len(slow) >= 5 and {one.step for one in slow} == {"C"} and {one.code for one in slow} == {1}
    assert all(one.before < one.after for one in slow)
    one = next(drift for drift in found if any(change.slow for change in drift.changes))
    kept = one.weight(np.array([FIRST * DAY, one.log.about.cutoff]), np.array([1, 1]))
    assert kept.tolist() == [0, 1]
    assert "bit by bit" in " ".join(message.say() for message in one.messages())


def test_wait_that_stays_as_it_is_raises_no_slow_alarm():
    """The quick ones come first to B: no reason to think that waits grow."""
    assert sum(Drift.of(growing(seed, 400, grows=1.0)).alarm for seed in range(40)) <= 3
