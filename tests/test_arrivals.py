"""Arrivals of a model: the regression beside statsmodels, counts beside scipy, coverage of weekly totals, published
splits.
"""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from logs import build
from scipy import stats
from worlds_clocks import DAY, FIRST, HOUR, is_holiday, log_of

from procmine.kernels import count_model
from procmine.kernels.count_model import Shocks, drawn, hung_together, normal
from procmine.log import LogError
from procmine.simulate.arrivals import Arrivals, arrivals_of

WEEK = 7 * DAY
OPEN = np.array([1.4, 1.0, 0.9, 1.0, 0.7, 0, 0])


def arriving(seed, *, weeks=60, a_day=8.0, growth=0.0, shock=0.0, keeps=0.0, spread=0.05, holidays=(), ahead=0):
    """Counts per day (of weeks + ahead) and their log: negative binomial, with weekdays, growth a year and shocks of
    weeks.
    """
    draw = np.random.default_rng([seed, 5])
    days = np.arange((weeks + ahead) * 7)
    state, shocks = draw.normal() * shock, []
    for _ in range(weeks + ahead):
        state = keeps * state + np.sqrt(1 - keeps**2) * shock * draw.normal()
        shocks.append(np.exp(state - shock**2 / 2))
    mean = a_day * OPEN[days % 7] * np.exp(growth * days / 365.25) * np.array(shocks)[days // 7]
    mean[[is_holiday(FIRST + day, holidays) for day in days]] = 0
    rate = draw.gamma(1 / spread, spread, len(days)) if spread else 1.0
    count = draw.poisson(mean * rate)
    day = np.repeat(days, count)
    time = (FIRST + day) * DAY + 8 * HOUR + (draw.beta(2, 3, len(day)) * 9 * HOUR).astype(np.int64)
    return count, time


def logged(time, weeks):
    inside = np.sort(time[time < (FIRST + 7 * weeks) * DAY])
    return log_of(np.stack((inside, inside + 2 * HOUR), axis=1), (FIRST + 7 * weeks) * DAY - 1)


def test_the_regression_is_that_of_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    for seed, spread in ((1, 0.3), (2, 1.5)):
        draw = np.random.default_rng(seed)
        design = np.column_stack((np.ones(400), np.linspace(-1, 1, 400), draw.integers(0, 2, 400)))
        mean = np.exp(design @ [2, 0.5, -1] + 0.3)
        count = draw.negative_binomial(1 / spread, 1 / (1 + spread * mean)).astype(float)
        found = count_model.fit(count, design, np.full(400, 0.3), np.full(3, np.inf))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            truth = sm.NegativeBinomial(count, design, offset=np.full(400, 0.3)).fit(disp=0, gtol=1e-8)
            poisson = sm.GLM(
                count, design, sm.families.NegativeBinomial(alpha=found.spread), offset=np.full(400, 0.3)
            ).fit()
        np.testing.assert_allclose(found.value, truth.params[:3], atol=2e-3)
        assert found.spread == pytest.approx(truth.params[3], rel=2e-3)
        np.testing.assert_allclose(found.value, poisson.params, atol=1e-6)
        np.testing.assert_allclose(np.sqrt(np.diag(found.inner)), poisson.bse, rtol=1e-5)


def test_counts_are_the_quantiles_of_their_distribution():
    u = np.random.default_rng(3).random(5_000)
    for mean, spread in ((0.4, 0.5), (7.0, 0.3), (300.0, 0.02)):
        truth = stats.nbinom.ppf(u, 1 / spread, 1 / (1 + spread * mean))
        assert (drawn(np.full(5_000, mean), spread, u) != truth).mean() < 1e-3
    assert (drawn(np.full(5_000, 7.0), 1e-7, u) != stats.poisson.ppf(u, 7.0)).mean() < 1e-3
    big = drawn(np.full(5_000, 5e4), 0.01, u)
    assert big.mean() == pytest.approx(5e4, rel=0.01) and big.std() == pytest.approx(
        np.sqrt(5e4 + 0.01 * 5e4**2), rel=0.03
    )
    np.testing.assert_allclose(normal(u), stats.norm.ppf(u), atol=1e-7)
    assert drawn(np.zeros(3), 0.1, np.array([0.1, 0.5, 0.999])).sum() == 0


def test_the_covariance_of_what_hangs_together_is_newey_wests():
    sandwich = pytest.importorskip("statsmodels.stats.sandwich_covariance")
    scores = np.random.default_rng(4).normal(size=(60, 3)).cumsum(axis=0)
    np.testing.assert_allclose(hung_together(scores, 6), sandwich.S_hac_simple(scores, nlags=5), rtol=1e-9)


def test_shocks_of_weeks_are_estimated():
    draw, found = np.random.default_rng(5), []
    for _ in range(60):
        state, shocks = 0.0, []
        for _ in range(120):
            state = 0.7 * state + np.sqrt(1 - 0.49) * 0.3 * draw.normal()
            shocks.append(state)
        mean = np.full(120, 60.0)
        found.append(Shocks.of(draw.poisson(mean * np.exp(np.array(shocks) - 0.045)).astype(float), mean, mean))
    assert np.mean([one.variance for one in found]) == pytest.approx(0.09, rel=0.25)
    assert np.mean([one.keeps for one in found]) == pytest.approx(0.7, abs=0.12)
    assert Shocks.of(draw.poisson(60, 120).astype(float), np.full(120, 60.0), np.full(120, 60.0)).variance < 0.005


def test_the_same_seed_gives_the_same_and_more_volume_gives_the_same_cases_and_more():
    _, time = arriving(6)
    model = Arrivals.of(logged(time, 60))
    begin = (FIRST + 420) * DAY
    one = model.draw(begin, begin + 8 * WEEK, seed=1, draw=3)
    np.testing.assert_array_equal(one, model.draw(begin, begin + 8 * WEEK, seed=1, draw=3))
    assert not np.array_equal(one, model.draw(begin, begin + 8 * WEEK, seed=1, draw=4))
    assert not np.array_equal(one, model.draw(begin, begin + 8 * WEEK, seed=2, draw=3))
    more = model.draw(begin, begin + 8 * WEEK, seed=1, draw=3, factor=1.2)
    assert np.isin(one, more).all() and len(more) > len(one)
    many = [len(model.draw(begin, begin + 8 * WEEK, seed=1, draw=k, factor=f)) for f in (1.0, 1.2) for k in range(150)]
    assert np.mean(many[150:]) / np.mean(many[:150]) == pytest.approx(1.2, abs=0.02)
    part = model.draw(begin + 10 * DAY, begin + 3 * WEEK, seed=1, draw=3)
    np.testing.assert_array_equal(part, one[(one >= begin + 10 * DAY) & (one < begin + 3 * WEEK)])
    assert (np.diff(one) >= 0).all() and model.draw(begin, begin, seed=1, draw=1).size == 0


def test_weekdays_hours_and_closed_days_are_those_of_the_log():
    _, time = arriving(7, weeks=104, a_day=30, holidays=((12, 25), (12, 26), (1, 1), (5, 1)))
    model = Arrivals.of(logged(time, 104))
    begin = (FIRST + 728) * DAY
    drawn_times = np.concatenate([model.draw(begin, begin + 52 * WEEK, seed=1, draw=k) for k in range(20)])
    day = drawn_times // DAY
    share = np.bincount((day + 3) % 7, minlength=7) / len(day)
    np.testing.assert_allclose(share, OPEN / OPEN.sum(), atol=0.012)
    hours = stats.ks_2samp(drawn_times[::20] % DAY, time % DAY)
    assert hours.statistic < 0.03
    christmas = np.datetime64("2024-12-25").astype(int)
    assert not np.isin(day, [christmas, christmas + 1]).any() and (day == christmas - 7).any()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("world", "low", "high"),
    [
        ({}, 0.84, 0.97),
        ({"shock": 0.2, "keeps": 0.6}, 0.82, 0.96),
        ({"growth": 0.3, "shock": 0.1}, 0.80, 0.96),
        ({"weeks": 20, "a_day": 4.0}, 0.82, 0.97),
        ({"weeks": 110, "a_day": 3.0, "shock": 0.3, "keeps": 0.8}, 0.80, 0.96),
    ],
)
def test_ranges_hold_weekly_totals_as_often_as_they_say(world, low, high):
    """Nine in ten of the totals of each of the next 10 weeks, over 60 made logs."""
    inside = []
    for seed in range(60):
        weeks = world.get("weeks", 60)
        count, time = arriving(seed, **{"weeks": weeks, **world}, ahead=10)
        model = Arrivals.of(logged(time, weeks))
        begin = (FIRST + 7 * weeks) * DAY
        totals = np.array([
            np.bincount((model.draw(begin, begin + 10 * WEEK, seed=seed, draw=k) - begin) // WEEK, minlength=10)
            for k in range(120)
        ])  # fmt: skip
        ends = np.quantile(totals, (0.05, 0.95), axis=0)
        truth = count[7 * weeks :].reshape(10, 7).sum(axis=1)
        inside.append((truth >= ends[0]) & (truth <= ends[1]))
    assert low <= np.mean(inside) <= high


def test_expected_is_what_is_drawn_on_average_and_times_spread_by_it():
    _, time = arriving(8, growth=0.4)
    model = Arrivals.of(logged(time, 60)).settled()
    begin, end = (FIRST + 420) * DAY, (FIRST + 420) * DAY + 26 * WEEK
    mean = np.mean([len(model.draw(begin, end, seed=1, draw=k)) for k in range(60)])
    assert model.expected(begin, end) == pytest.approx(mean, rel=0.02)
    times = model.spread(500, begin, end, 0.3)
    assert len(times) == 500 and (np.diff(times) >= 0).all() and times[0] >= begin and times[-1] < end
    for middle in (begin + 5 * WEEK, begin + 13 * WEEK + 2 * DAY + 11 * HOUR):
        assert (times < middle).mean() == pytest.approx(
            model.expected(begin, middle) / model.expected(begin, end), abs=0.01
        )
    assert not np.isin((times // DAY + 3) % 7, (5, 6)).any()


def test_a_trend_goes_on_for_a_while_and_not_for_ever():
    _, time = arriving(9, weeks=100, a_day=30, growth=0.8, spread=0.02)
    model = Arrivals.of(logged(time, 100)).settled()
    level = [
        model.expected((FIRST + 700) * DAY + k * WEEK, (FIRST + 700) * DAY + (k + 4) * WEEK) for k in (0, 26, 100, 150)
    ]
    growth = np.log(level[1] / level[0]) / (26 / 52)
    assert 0.25 < growth < 0.75  # of 0.8 a year, fading with 120 days
    assert abs(np.log(level[3] / level[2])) < 0.03
    assert np.log(level[3] / level[0]) == pytest.approx(0.8 * 120 / 365.25, abs=0.1)
    said = " ".join(one.say() for one in model.messages())
    assert "more and more" in said


def test_cases_in_bursts_come_in_bursts():
    draw = np.random.default_rng(10)
    moments = np.unique(
        FIRST * DAY + draw.integers(0, 300 * 24 * 60, 900) * 60_000_000 + draw.integers(0, 60, 900) * 1_000_000
    )
    sizes = draw.choice([1, 2, 3, 10], len(moments), p=[0.4, 0.3, 0.2, 0.1])
    time = np.repeat(moments, sizes)
    log = log_of(np.stack((time, time + HOUR), axis=1), (FIRST + 300) * DAY - 1)
    model = Arrivals.of(log)
    made = model.draw((FIRST + 300) * DAY, (FIRST + 600) * DAY, seed=1, draw=1)
    _, count = np.unique(made, return_counts=True)
    np.testing.assert_allclose(
        np.bincount(count, minlength=11)[[1, 2, 3, 10]] / len(count), [0.4, 0.3, 0.2, 0.1], atol=0.05
    )
    assert any("one moment" in one.say() for one in model.messages())
    assert len(made) == pytest.approx(len(time), rel=0.2)


def test_a_timetable_is_kept():
    days = np.arange(FIRST, FIRST + 70)
    days = days[(days + 3) % 7 < 5]
    time = np.sort((days[:, None] * DAY + 8 * HOUR + np.arange(16) * HOUR // 2).ravel())
    model = Arrivals.of(log_of(np.stack((time, time + HOUR), axis=1), (FIRST + 70) * DAY - 1))
    made = model.draw((FIRST + 70) * DAY, (FIRST + 98) * DAY, seed=3, draw=0)
    truth = time[time < (FIRST + 28) * DAY] + 70 * DAY
    assert abs(len(made) - len(truth)) <= 8
    assert stats.wasserstein_distance(made / HOUR, truth / HOUR) < 3
    assert (made % (HOUR // 2) == 0).all()


def test_dropped_cases_are_made_up_for():
    """Cases of 20 days on average; those not done at the cutoff are not in the log."""
    draw = np.random.default_rng(11)
    _, time = arriving(11, weeks=30, a_day=10)
    done = time + (draw.exponential(20, len(time)) * DAY).astype(np.int64)
    cutoff = (FIRST + 210) * DAY - 1
    kept = done <= cutoff
    log = log_of(np.stack((time[kept], done[kept]), axis=1), cutoff)
    begin = cutoff + 1
    truth = len(time) / 30 * 8
    naive, made_up = (
        Arrivals.of(log, dropped=one).settled().expected(begin, begin + 8 * WEEK) for one in (False, True)
    )
    assert made_up == pytest.approx(truth, rel=0.12)
    assert abs(naive - truth) > 2 * abs(made_up - truth)


def test_a_log_that_begins_in_the_middle_and_one_whose_intake_stops():
    _, time = arriving(12, weeks=50, a_day=10)
    draw = np.random.default_rng(12)
    early = FIRST * DAY - (draw.exponential(60, 40) * DAY).astype(np.int64)  # survivors of before
    both = np.sort(np.concatenate((early, time)))
    cutoff = (FIRST + 350) * DAY - 1
    log = log_of(np.stack((both, np.maximum(both + 2 * HOUR, FIRST * DAY)), axis=1), cutoff)
    model = Arrivals.of(log)
    assert abs(model.days[0] - FIRST) <= 7
    a_week = len(time) / 50
    assert model.expected(cutoff + 1, cutoff + 1 + 4 * WEEK) / 4 == pytest.approx(a_week, rel=0.15)
    late = replace(log, about=replace(log.about, cutoff=cutoff + 60 * DAY))
    assert Arrivals.of(late).stopped and not model.stopped
    assert Arrivals.of(late).expected(cutoff + 1, cutoff + 1 + 4 * WEEK) / 4 == pytest.approx(a_week, rel=0.15)
    assert int(Arrivals.of(log, until=cutoff - 100 * DAY).days[-1]) < cutoff // DAY - 99


def test_too_few_days_are_refused():
    time = FIRST * DAY + np.arange(6) * DAY
    with pytest.raises(LogError, match="at least 14 days"):
        Arrivals.of(log_of(np.stack((time, time + HOUR), axis=1), (FIRST + 6) * DAY - 1))


def test_a_wall_clock_is_kept_across_the_change_of_the_clocks():
    _, time = arriving(13, weeks=40)
    summer = time + HOUR  # as if all were on one offset: 9 to 18 o'clock in UTC, 11 or 12 to 20 or 21 on the wall
    log = logged(summer, 40)
    wall = replace(log, about=replace(log.about, axis="instant", zone="Europe/Vilnius"))
    model = Arrivals.of(wall)
    made = model.draw((FIRST + 280) * DAY, (FIRST + 308) * DAY, seed=1, draw=1)
    assert len(made) > 100
    from procmine.clocks import to_wall

    known, seen = to_wall(wall.time, wall.zone) % DAY, to_wall(made, wall.zone) % DAY
    assert known.min() - HOUR <= seen.min() and seen.max() <= known.max() + HOUR


PUBLISHED = {  # absolute event distance of Simod, hours
    "loanapp_agentsim": ("train_preprocessed.csv.gz", "test_preprocessed.csv", 13.6),
    "purchasing_p2p": ("PurchasingExample_training.csv.gz", "PurchasingExample_testing.csv.gz", 1_044),
    "production": ("Production_training.csv.gz", "Production_testing.csv.gz", 146),
    "bpic12w": ("BPIC_2012_W_train.csv.gz", "BPIC_2012_W_test.csv.gz", 72.0),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_arrivals_of_published_splits_are_not_behind_simod(shared, name):
    train, test, simod = PUBLISHED[name]
    begun, ended = _watched(shared / name / train)
    wanted, _ = _watched(shared / name / test)
    order = np.argsort(begun)
    log = log_of(np.stack((begun, np.maximum(ended, begun)), axis=1)[order], int(ended.max()))
    model = Arrivals.of(log, dropped=True).settled()
    apart = []
    for draw in range(10):
        made = model.draw(int(wanted.min()), int(wanted.min()) + 900 * DAY, seed=1, draw=draw)[: len(wanted)]
        apart.append(stats.wasserstein_distance(made / HOUR, wanted / HOUR))
    assert np.mean(apart) < simod


def _watched(path):
    """When each case begins and ends."""
    pd = pytest.importorskip("pandas")
    rows = pd.read_csv(path)
    rows.columns = [name.lower().replace(" ", "_") for name in rows.columns]
    begin, end = (next(name for name in names if name in rows) for names in
                  (("start_time", "start_timestamp"), ("end_time", "end_timestamp", "complete_timestamp")))  # fmt: skip
    for name in (begin, end):
        rows[name] = pd.to_datetime(rows[name], utc=True, format="mixed").astype("datetime64[us, UTC]").astype("int64")
    cases = rows.groupby("case_id").agg(begin=(begin, "min"), end=(end, "max"))
    return cases["begin"].to_numpy(), cases["end"].to_numpy()


def test_a_log_of_one_day_is_taken_to_go_on_as_it_was_on_average():
    """90 cases in 366 days: 90 / 366 a day, by chance alone (Poisson), told as a guess."""
    rows = [(f"{case:03}", "In", "2024-01-01") for case in range(90)]
    rows += [(f"{case:03}", "Out", "2024-01-05") for case in range(60)]
    log = build(rows, cutoff="2024-12-31", ends=["Out"])
    found = arrivals_of(log)
    begin, end = log.about.cutoff + 1, log.about.cutoff + 1 + 400 * DAY
    rate = 90 / ((log.about.cutoff - int(log.arrival.min())) / DAY)
    assert found.expected(begin, end) == pytest.approx(400 * rate)
    counts = np.array([len(found.draw(begin, end, seed=3, draw=k)) for k in range(300)])
    assert counts.mean() == pytest.approx(400 * rate, abs=4 * np.sqrt(400 * rate / 300))
    assert counts.var() == pytest.approx(400 * rate, rel=0.35)
    assert len(found.spread(10, begin, end, 0.5)) == 10
    assert "too short to tell" in found.messages()[0].say()
