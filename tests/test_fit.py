"""Fit against truth: fast cases that stay fast, parallel steps, attributes that tell, false alarms."""

import numpy as np
import pytest
from logs import DAY, START, build
from scipy import stats
from test_simulate import assemble

import procmine
from procmine.kernels.sampler import keys
from procmine.log import LogError
from procmine.simulate.concurrent import Blocks
from procmine.simulate.engine import Engine
from procmine.simulate.frailty import CLASSES, Frailty, Gaps, entered
from procmine.simulate.plan import nothing
from procmine.simulate.tables import Tables, Visits
from procmine.simulate.warm import like_the_log


def chain(seed, cases=500, days=400.0, share=0.0, shock=0.0, means=(10, 20, 15)):
    """In -> Checked -> Granted -> Paid; log gaps with one factor per case (`share` of the variance) and one per 10 days."""
    draw = np.random.default_rng(seed)
    arrival = np.sort(draw.random(cases) * days)
    factor, period = draw.standard_normal(cases), draw.standard_normal(int(days // 10) + 1)[(arrival // 10).astype(int)]
    score = np.sqrt(share) * factor[:, None] + np.sqrt(1 - share) * draw.standard_normal((cases, 3))
    gap = np.array(means) * np.exp(0.8 * score + shock * period[:, None])
    day = np.concatenate((np.zeros((cases, 1)), np.cumsum(gap, axis=1)), axis=1)
    return assemble(arrival, np.tile([0, 1, 2, 3], (cases, 1)), day, days)


def tables_of(log, kept=None):
    visits = Visits.of(log)
    return Tables(visits, np.zeros(len(visits.gap), np.int64), 1, np.zeros(visits.steps + 1, bool), kept)


def independence(log):
    return Frailty.of(Gaps.of(tables_of(log), log))


# ---- fast cases that stay fast ----


@pytest.mark.parametrize(("share", "means"), [(0.3, (10, 20, 15)), (0.3, (40, 60, 50)), (0.6, (10, 20, 15))])
def test_the_correlation_of_gaps_is_found_with_half_the_cases_open(share, means):
    found = [independence(chain(seed, share=share, means=means)) for seed in range(20)]
    assert np.mean([one.found for one in found]) >= 0.95
    assert np.mean([one.share for one in found]) == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize("world", [{}, {"shock": 0.3}, {"means": (40, 60, 50)}, {"cases": 150, "days": 200.0}])
def test_independent_gaps_are_seldom_called_dependent(world):
    """At most 5% wanted; a failure only if the exact 99% interval of 100 logs lies above that."""
    alarms = sum(independence(chain(1_000 + seed, **world)).found for seed in range(100))
    assert stats.binomtest(alarms, 100).proportion_ci(0.99, "exact").low <= 0.05


def test_frailty_leaves_single_gaps_as_they_are():
    table = Frailty(0.5, 0.0, 1_000).table
    u = (np.arange(20_000) + 0.5) / 20_000
    drawn = np.concatenate([np.interp(u, np.linspace(0, 1, table.shape[1]), row) for row in table])
    assert table.shape[0] == CLASSES and stats.kstest(drawn, "uniform").statistic < 2e-3
    assert (np.diff(table, axis=1) >= 0).all()
    draw = np.random.default_rng(0)
    kind, places = draw.integers(CLASSES, size=200_000), np.linspace(0, 1, table.shape[1])
    normal = np.zeros((2, 200_000))
    for one in range(CLASSES):
        mine = kind == one
        drawn = np.interp(draw.random((2, mine.sum())), places, table[one])
        normal[:, mine] = stats.norm.ppf(np.clip(drawn, 1e-9, 1 - 1e-9))
    assert np.corrcoef(normal)[0, 1] == pytest.approx(0.5, abs=0.015)


def test_the_spread_of_cycle_times_is_restored():
    """Standard deviation of the whole: of independent gaps 35 days, with the factor 47 (by 60,000 cases of the world)."""
    log, truth = chain(3, 1_500, 1_500.0, 0.5), chain(77, 60_000, 60_000.0, 0.5)
    model = procmine.fit(log)
    assert model.frailty is not None and model.frailty.share == pytest.approx(0.5, abs=0.08)
    simulated = model.simulate(seed=1, cases=15_000)
    spread = [np.std((one.until - one.arrival)[~one.open] / DAY) for one in (simulated, truth)]
    assert spread[0] == pytest.approx(spread[1], rel=0.1)
    alone = procmine.fit(chain(3, 1_500, 1_500.0, 0.0))
    assert alone.frailty is None


def test_stays_of_before_slow_cases_arrived_are_left_out_where_that_matters():
    """The mean of the second gap, up to 180 days: true 74.5; too low from all stays, for slow cases come late to it."""
    means = []
    for seed in range(60):
        log = chain(seed, share=0.3, means=(40, 60, 50))
        found = []
        for kept in (None, entered(Visits.of(log), log)):
            tables = tables_of(log, kept)
            every = tables.weighed(np.ones(len(log))).every
            low, high = every.first[1:3]  # context 1: Checked
            share = np.diff(np.concatenate(([0.0], every.key[low:high] - 1)))
            found.append((share * np.minimum(every.gap[low:high] / DAY, 180)).sum() + 180 * (1 - share.sum()))
        means.append(found)
    draw = 60 * np.exp(0.8 * np.random.default_rng(5).standard_normal(1_000_000))
    error = np.mean(means, axis=0) - np.minimum(draw, 180).mean()
    assert error[0] < -1.5 and abs(error[1]) < 0.8 * abs(error[0])


# ---- steps that run beside each other ----


def branching(seed, cases=300, open_after=None):
    """In, then Credit (4 days on average) and Site (10 days) beside each other, then Decided a day later."""
    draw = np.random.default_rng(seed)
    rows = []
    for case in range(cases):
        begin = case % 90
        credit, site = draw.gamma(4, 1.0), draw.gamma(4, 2.5)
        events = [(0.0, "In"), (credit, "Credit"), (site, "Site"), (max(credit, site) + 1, "Decided")]
        for after, step in sorted(events):
            if open_after is None or begin + after <= open_after:
                moment = np.datetime64("2024-01-01") + np.timedelta64(round((begin + after) * 86_400), "s")
                rows.append((f"{case:03}", step, str(moment)))
    return build(rows, cutoff="2024-12-31" if open_after is None else "2024-03-20", ends=["Decided"])


def test_parallel_steps_are_one_stay_whose_members_add_up():
    log = branching(1)
    blocks = Blocks.of(log)
    assert blocks is not None
    names = log.about.activities
    assert {names[one] for one in np.flatnonzero(blocks.within[0])} == {"Credit", "Site"}
    visits = Visits.of(log, blocks=blocks)
    episodes = blocks.episodes(log, None, np.zeros(blocks.steps + 1, np.int64))
    rows = np.flatnonzero(visits.episode >= 0)
    longest = np.maximum.reduceat(episodes.ends(episodes.lag), episodes.offset[:-1])
    np.testing.assert_array_equal(longest[visits.episode[rows]], visits.gap[rows])
    assert len(rows) == 300 and (visits.cause[rows] == len(names)).all()
    # a slack branch made faster saves nothing; the critical one saves up to the slack, case by case
    begin = {"Credit": episodes.step == names.index("Credit"), "Site": episodes.step == names.index("Site")}
    took = {name: episodes.lag[mine] for name, mine in begin.items()}
    for name, other in (("Credit", "Site"), ("Site", "Credit")):
        lag = np.where(begin[name], episodes.lag // 2, episodes.lag)
        saved = longest - np.maximum.reduceat(episodes.ends(lag), episodes.offset[:-1])
        by_hand = np.maximum(took[name], took[other]) - np.maximum(took[name] // 2, took[other])
        np.testing.assert_array_equal(saved, by_hand)


def test_simulated_orders_of_parallel_steps_are_those_of_the_log():
    log = branching(2)
    model = procmine.fit(log)
    assert model.blocks is not None and any("beside" in one.say() for one in model.messages())
    engine = Engine.of(model, nothing(model))
    like = np.tile(np.arange(len(log)), 10)
    paths = keys(1, 0, np.zeros(len(like), np.int64), np.arange(len(like)))
    arm, _ = engine.run(
        np.ones(len(log)), like_the_log(model, like, paths), limit=np.full(len(like), 2**60), record=True
    )
    first = model.log.about.activities.index("Credit")
    orders = []
    for path, step, n in ((arm.events.path, arm.events.step, len(like)), (None, log.activity, len(log))):
        path = np.repeat(np.arange(n), np.diff(log.offset)) if path is None else path
        orders.append((step[np.flatnonzero(np.diff(path, prepend=-1)) + 1] == first).mean())
    assert orders[0] == pytest.approx(orders[1], abs=0.03)


def test_an_unfinished_block_at_the_end_of_an_open_case_is_still_going_on():
    log = branching(3, open_after=79)
    blocks = Blocks.of(log)
    visits = Visits.of(log, blocks=blocks)
    inside = np.flatnonzero(log.open & (np.diff(log.offset) == 2))  # In and one of the two
    assert len(inside)
    waiting = np.flatnonzero((visits.cause < 0) & np.isin(visits.case, inside))
    assert (visits.recent[0][waiting] == log.about.activities.index("In")).all()
    both = np.flatnonzero(log.open & (np.diff(log.offset) == 3))
    there = visits.recent[0][np.flatnonzero((visits.cause < 0) & np.isin(visits.case, both))]
    assert (there == len(log.about.activities)).all()


def test_a_step_that_waits_for_another_or_comes_again_is_no_block():
    assert Blocks.of(chain(1)) is None
    rows = []
    for case in range(200):
        path = ["In", *(["A", "B"] * 3)[case % 2 :][:5], "Out"]
        rows += [(f"{case:03}", step, f"2024-01-{day:02}") for day, step in enumerate(path, start=1)]
    assert Blocks.of(build(rows, cutoff="2024-12-31", ends=["Out"])) is None


# ---- attributes ----


def told_apart(seed, cases=800):
    """Kind decides how long Granted takes (10 or 60 days); colour tells nothing; clerk decides too, but names a person."""
    draw = np.random.default_rng(seed)
    arrival = np.sort(draw.random(cases) * 500)
    kind, colour = draw.integers(2, size=cases), draw.integers(3, size=cases)
    gap = draw.exponential(np.where(kind == 1, 60.0, 10.0))
    rows = []
    for case in range(cases):
        moments = [START + int((arrival[case] + after) * DAY) for after in (0.0, gap[case])]
        rows += [(f"{case:04}", step, str(np.datetime64(at, "us"))) for step, at in zip(("In", "Out"), moments)]
    values = {
        "kind": {f"{case:04}": str(kind[case]) for case in range(cases)},
        "colour": {f"{case:04}": str(colour[case]) for case in range(cases)},
        "clerk": {f"{case:04}": "ab"[kind[case]] for case in range(cases)},
    }
    return build(rows, cutoff="2026-12-31", ends=["Out"], attributes=values, persons=("clerk",))


def test_attributes_that_tell_are_found_and_people_never_used():
    model = procmine.fit(told_apart(1), by="auto")
    assert model.by == ("kind",)
    assert any("kind" in one.say() and "colour" in one.say() for one in model.messages())
    assert all("clerk" not in one.say() for one in model.messages())
    assert procmine.fit(told_apart(1)).by == ()
    assert procmine.fit(chain(2), by="auto").by == ()


def test_attributes_that_tell_nothing_are_seldom_chosen():
    chosen = 0
    for seed in range(40):
        log = chain(seed, share=0.0)
        codes = np.random.default_rng(seed).integers(2, size=len(log)).astype(np.int32)
        log.attributes["contested"].codes[:] = codes
        chosen += len(procmine.simulate.telling.telling(log, Visits.of(log)))
    assert chosen <= 3


def test_too_many_kinds_are_refused():
    with pytest.raises(LogError, match="No attribute 'office'"):
        procmine.fit(chain(1), by=("office",))
