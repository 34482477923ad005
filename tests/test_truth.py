"""Numbers against truth from outside: scipy, known medians, theory."""

import numpy as np
import pytest
from logs import build
from scipy import stats

import procmine
from procmine.kernels.blocks import EntryWeeks, t_quantile, week_weights
from procmine.kernels.durations import Durations
from procmine.kernels.flow import path_codes
from procmine.kernels.survival import Weekly, incidence, kaplan_meier

DAY = np.timedelta64(1, "D")


def durations(seconds, cap=10_000_000, key=None):
    value = (np.asarray(seconds) * 1e6).astype(np.int64)
    key = np.zeros(len(value), np.int64) if key is None else key
    return Durations.of(key, value, int(key.max(initial=0)) + 1, cap)


@pytest.mark.parametrize("seed", range(5))
def test_survival_is_scipys_and_lies_within_the_bounds_on_the_grid(seed):
    draw = np.random.default_rng(seed)
    true, limit = draw.lognormal(13, 1, 3_000).round(), draw.uniform(0, 2e6, 3_000).round()
    seen, done = np.minimum(true, limit), true <= limit
    found = kaplan_meier(durations(seen[done]), durations(seen[~done]))
    oracle = stats.ecdf(stats.CensoredData(uncensored=seen[done], right=seen[~done])).sf
    np.testing.assert_allclose(found.survival, oracle.evaluate(found.left), atol=1e-12)
    alone = incidence(durations(seen[done]), durations([]), durations(seen[~done]))
    np.testing.assert_allclose(alone.survival, found.survival, atol=1e-9)
    grid = kaplan_meier(durations(seen[done], cap=5), durations(seen[~done], cap=5))
    exact = oracle.evaluate(grid.right)
    assert np.all(grid.lower - 1e-12 <= exact)
    assert np.all(exact <= grid.upper + 1e-12)
    low, high = grid.quantile(0.5)
    assert low <= found.quantile(0.5)[0] <= high
    assert high / low < 1.021


def test_weekly_curve_is_the_same_curve(office):
    draw = np.random.default_rng(0)
    true, limit, week = draw.lognormal(13, 1, 900).round(), draw.uniform(0, 2e6, 900).round(), draw.integers(0, 60, 900)
    seen, done = np.minimum(true, limit), true <= limit
    other = done & (draw.random(900) < 0.3)
    kinds = [(done & ~other), other, ~done]
    table = Weekly.of(*(durations(seen[kind], key=week[kind]) for kind in kinds))
    curve = incidence(*(durations(seen[kind]) for kind in kinds))
    ones = np.ones((1, len(table.weeks)))
    np.testing.assert_allclose(1 - table.shares_ended(ones)[0], curve.survival, atol=1e-12)


def test_week_weights_have_mean_one_and_bartletts_covariance():
    weights = week_weights(np.arange(100, 200), 4_000, seed=3)
    assert weights.shape == (4_000, 100)
    assert weights.min() >= 0
    lags = int(np.ceil(1.3 * 10))
    assert weights.mean() == pytest.approx(1, abs=0.01)
    for lag in (0, 1, 5, lags, 30):
        found = np.mean((weights[:, : 100 - lag] - 1) * (weights[:, lag:] - 1))
        assert found == pytest.approx(max(1 - lag / lags, 0), abs=0.05)
    np.testing.assert_array_equal(week_weights(np.arange(100, 200), 10, 3), week_weights(np.arange(100, 200), 10, 3))


@pytest.mark.slow
def test_the_range_of_a_middle_covers_with_weekly_shocks():
    """Nominal 95%; 104 weeks of 20 cases whose weeks share a shock with lag-1 correlation .5; truth from a long run."""
    from procmine.see.survival import SHARES, SurvivalPart, interval

    def world(draw, weeks):
        shock = np.zeros(weeks)
        for week in range(1, weeks):
            shock[week] = 0.5 * shock[week - 1] + draw.normal(0, 0.2)
        week = np.repeat(np.arange(weeks), 20)
        return week, draw.lognormal(15, 0.7, len(week)) * np.exp(shock[week])

    true = np.median(world(np.random.default_rng(99), 100_000)[1])
    half = int(np.flatnonzero(np.isclose(SHARES, 0.5))[0])
    covered, logs = 0, 200
    for seed in range(logs):
        week, length = world(np.random.default_rng(seed), 104)
        limit = np.random.default_rng([seed, 1]).uniform(0, 12e6, len(length))
        done = length <= limit
        part = SurvivalPart.from_start(
            durations(length[done], key=week[done]),
            durations([], key=np.empty(0, np.int64)),
            durations(limit[~done], key=week[~done]),
        )
        low, high = interval(part)
        covered += low[half] <= true <= high[half]
    assert covered >= stats.binom.ppf(0.005, logs, 0.90)


def test_open_and_withdrawn_cases_are_counted(office):
    order = procmine.time_between(office, procmine.first("Start"), procmine.first("Order")).frame.set_index("share")
    # 9 in 10 cases get an order, middle 60 d: half of all cases when 5/9 of those have it
    assert order.loc[0.5, "time"] / DAY == pytest.approx(60 * np.exp(0.8 * stats.norm.ppf(0.5 / 0.9)), rel=0.06)
    assert order.loc[0.5, "low"] < order.loc[0.5, "time"] < order.loc[0.5, "high"]
    assert np.isnat(order.loc[0.95, "time"].to_numpy())
    late = office.between("2024-07-01", "2024-10-01")
    finished = procmine.cycle_times(late).rows["p50"][0] / DAY
    fair = procmine.survival(late).frame.set_index("share").loc[0.5, "time"] / DAY
    assert finished < 0.75 * fair
    waits = procmine.step_times(office).frame.set_index("step")
    # after Start: order (9 in 10) or withdrawal, both at the same random time
    assert waits.loc["Start", "p50"] / DAY == pytest.approx(60, rel=0.06)
    assert waits.loc["Order", "p50"] / DAY == pytest.approx(5, rel=0.15)


def test_outcomes_compete(office):
    granted = procmine.survival(office, outcome="granted").frame.set_index("share")
    both = procmine.survival(office).frame.set_index("share")
    assert np.isnat(granted.loc[0.95, "time"].to_numpy())
    assert not np.isnat(both.loc[0.95, "time"].to_numpy())
    assert granted.loc[0.5, "ended"] + granted.loc[0.5, "otherwise"] == both.loc[0.5, "ended"]


@pytest.mark.parametrize("df", [4, 6, 10, 30, 300])
def test_t_quantile(df):
    for p in (0.9, 0.95, 0.975):
        assert t_quantile(p, df) == pytest.approx(stats.t.ppf(p, df), rel=0.005)


@pytest.mark.parametrize(("rho", "least"), [(0.0, 0.91), (0.6, 0.85)])
def test_share_interval_covers_with_weekly_shocks(rho, least):
    covered, logs = 0, 300
    for seed in range(logs):
        draw = np.random.default_rng(seed)
        shock = np.zeros(104)
        for week in range(1, 104):
            shock[week] = rho * shock[week - 1] + draw.normal(0, 0.3)
        cases = draw.poisson(20, 104)
        slow = draw.gamma(cases + 1e-9) * np.exp(shock - 0.045 / (1 - rho**2))
        parts = np.stack([slow, draw.gamma(2 * cases + 1e-9)], axis=1)
        _, low, high = EntryWeeks(np.arange(104), parts).shares()
        covered += low[0] <= 1 / 3 <= high[0]
    assert covered / logs >= least


def test_working_time_by_hand():
    clock = procmine.WorkingTime(9, 17, holidays=("2024-05-01",))
    # 1 May closed, 4-5 a weekend
    times = ["2024-04-29T12:00", "2024-04-30T12:00", "2024-05-02T10:00", "2024-05-05T00:00"]
    moments = np.array(times, "M8[us]").astype(np.int64)
    read = clock.read(moments, np.zeros(4, int), None) / 3.6e9
    np.testing.assert_allclose(np.diff(read), [8, 5 + 1, 7 + 8])
    assert clock.read(moments[2:], np.zeros(2, int), None)[0] / 3.6e9 == read[2]


def test_working_time_against_every_minute():
    draw = np.random.default_rng(2)
    holidays = np.array(["2023-12-25", "2024-01-01", "1969-12-24"], "M8[D]")
    for start in ("2023-12-20", "1969-12-20"):
        base = np.datetime64(start, "m")
        every = base + np.arange(20 * 1_440)
        day = every.astype("M8[D]")
        hour = (every - day).astype(np.int64) / 60
        open_minute = (hour >= 8.5) & (hour < 16) & ((day.astype(np.int64) + 3) % 7 < 5) & ~np.isin(day, holidays)
        upto = np.concatenate(([0], np.cumsum(open_minute)))
        first, last = np.sort(draw.integers(0, 20 * 1_440, (2, 500)), axis=0)
        moments = [(base + one).astype("M8[us]").astype(np.int64) for one in (first, last)]
        clock = procmine.WorkingTime(8.5, 16, holidays=tuple(map(str, holidays)))
        read = [clock.read(one, np.zeros(len(one), int), None) for one in moments]
        np.testing.assert_array_equal((read[1] - read[0]) / 6e7, upto[last] - upto[first])


def test_eight_working_hours_are_one_working_day():
    rows = [("1", "A", "2024-04-29T09:00"), ("1", "B", "2024-04-30T09:00")]
    log = build(rows, cutoff="2024-05-30", ends=["B"])
    answer = procmine.cycle_times(log, clock=procmine.WorkingTime(9, 17))
    assert answer.sentences()[0].startswith("1 finished case: half took at most 1 working day")
    assert "1.0\N{NO-BREAK SPACE}d" in str(answer)


def test_paths_are_told_apart_as_by_their_text(office):
    events = office.events
    paths = events.groupby("case", sort=False)["activity"].agg(tuple)
    codes = path_codes(office.activity, office.offset)
    assert len({*zip(paths, codes)}) == len(set(paths)) == len(set(codes))
    found = procmine.variants(office).frame
    counts = paths.map(" → ".join).value_counts()
    assert dict(zip(found["variant"], found["n"])) == counts.to_dict()


def test_flow_against_pandas(office):
    events = office.events
    events["before"] = events.groupby("case", sort=False)["activity"].shift()
    events["gap"] = events["time"] - events.groupby("case", sort=False)["time"].shift()
    true = events.dropna(subset=["before"]).groupby(["before", "activity"])["gap"].agg(["size", "mean", "median"])
    found = procmine.flow(office).frame
    moves = found[(found["before"] != "") & (found["after"] != "")].set_index(["before", "after"])
    assert moves["n"].to_dict() == true["size"].to_dict()
    for pair, row in true.iterrows():
        assert abs(moves.loc[pair, "mean"] - row["mean"]) <= np.timedelta64(1, "s")
        assert abs(moves.loc[pair, "p50"] - row["median"]) <= np.timedelta64(1, "s")
    whole = (office.until - office.arrival).sum() / 1e6
    in_moves = events["gap"].sum() / np.timedelta64(1, "s")
    assert moves["share"].sum() == pytest.approx(in_moves / whole)


def test_a_milestone_counts_from_the_moment_of_the_first_on():
    rows = [("1", "B", "2024-01-01"), ("1", "A", "2024-01-01"), ("1", "C", "2024-01-09")]  # one day: either came first
    rows += [("2", "B", "2024-01-01"), ("2", "A", "2024-01-03"), ("2", "B", "2024-01-08"), ("2", "C", "2024-01-09")]
    rows += [("3", "B", "2024-01-01"), ("3", "A", "2024-01-03"), ("3", "C", "2024-01-09")]
    rows += [("4", "A", "2024-01-03"), ("4", "B", "2024-01-04"), ("4", "B", "2024-01-07"), ("4", "A", "2024-01-08")]
    log = build(rows, cutoff="2024-02-01", ends=["C"])
    times = procmine.case_times(log, "A", "B").set_index("case")
    assert [*times["reached"]] == [True, True, False, True]
    assert [*times["elapsed"][times["reached"]] / DAY] == [0, 5, 1]
    assert procmine.case_times(log, "A", procmine.last("B")).set_index("case").loc["4", "elapsed"] == 4 * DAY
    counts = procmine.time_between(log, "A", "B").frame.iloc[0]
    assert counts[["cases", "ended", "otherwise", "open"]].tolist() == [4, 3, 1, 0]
    again = procmine.case_times(log, "A", procmine.last("A")).set_index("case")
    assert [*again["reached"]] == [False, False, False, True]


def test_two_cases_give_no_range():
    rows = [("1", "A", "2024-01-01"), ("1", "B", "2024-01-09"), ("2", "A", "2024-06-01"), ("2", "B", "2024-06-09")]
    answer = procmine.bottlenecks(build(rows, cutoff="2024-07-01", ends=["B"]))
    assert np.isnan(answer.rows["low"]).all()
    assert "too few weeks for a range" in answer.sentences()[0]


def test_no_time_and_little_time_are_said_as_such():
    rows = [("1", "A", "2024-01-01"), ("1", "B", "2024-01-01"), ("2", "A", "2024-01-01"), ("2", "B", "2024-01-01")]
    answer = procmine.bottlenecks(build(rows, cutoff="2024-07-01", ends=["B"]))
    assert answer.sentences()[0].startswith("No time passes")
    rows = [("1", "A", "2024-01-01T10:00"), ("1", "B", "2024-01-01T10:12"), ("1", "C", "2024-01-01T15:12")]
    rows += [("1", "D", "2024-01-04T15:12")]
    said = str(procmine.flow(build(rows, cutoff="2024-07-01", ends=["D"])))
    for length in ("12.0\N{NO-BREAK SPACE}min", "5.0\N{NO-BREAK SPACE}h", "3.0\N{NO-BREAK SPACE}d"):
        assert length in said
