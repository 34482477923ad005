"""Open cases, withdrawals, correlated gaps and cases begun before the log, over 200 generated logs whose truth is known."""

from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from scipy import integrate, optimize, stats

import procmine
from procmine.about import About
from procmine.kernels.gaps import AGES, Gaps, Watched, age_bin, gap_curve
from procmine.log import EventLog, Text
from procmine.see.times import StepSummary

DAY = 86_400_000_000
ORIGIN = 19_000 * DAY
LOGS = 200
SHAPES = {
    "lognormal": stats.lognorm(0.8, scale=90),
    "weibull": stats.weibull_min(1.3, scale=120),
    "gamma": stats.gamma(1.5, scale=70),
}
MIX = (0.4, stats.gamma(4, scale=10), stats.lognorm(0.5, scale=150))  # quick ones and slow ones


class Mixture:
    """A share of one distribution, the rest of another."""

    def __init__(self, share, one, other):
        self.share, self.parts = share, (one, other)

    def rvs(self, size, random_state):
        drawn = [part.rvs(size=size, random_state=random_state) for part in self.parts]
        return np.where(random_state.random(size) < self.share, *drawn)

    def cdf(self, time):
        return self.share * self.parts[0].cdf(time) + (1 - self.share) * self.parts[1].cdf(time)

    def pdf(self, time):
        return self.share * self.parts[0].pdf(time) + (1 - self.share) * self.parts[1].pdf(time)

    def sf(self, time):
        return 1 - self.cdf(time)


WORLDS = {**SHAPES, "mixture": Mixture(*MIX)}
NAMES = ("Begin", "Decision", "Withdrawn", "Middle")
WITHDRAWAL = stats.weibull_min(1.0, scale=1_000)


@cache
def at(length, p):
    """The time within which the share p of a world is decided; "mean": its mean within 180 days."""
    return integrate.quad(length.sf, 0, 180)[0] if p == "mean" else quantile(length.cdf, p)


def quantile(share, p):
    """The time at which a rising function of time reaches p."""
    return optimize.brentq(lambda time: share(time) - p, 1e-6, 5_000)


def build(steps, codes, *, until, ends=(1, 2), complete_from=None):
    """A log of cases whose steps happen at days `steps` [cases, k] and mean `codes`; nan: never; seen up to day `until`."""
    begun = np.flatnonzero(steps[:, 0] <= until)
    steps, codes = steps[begun], codes[begun]
    seen = steps <= until
    time = (ORIGIN + steps[seen] * DAY).astype(np.int64)
    offset = np.concatenate(([0], np.cumsum(seen.sum(axis=1))))
    activity = codes[seen].astype(np.uint8)
    last, cutoff = offset[1:] - 1, int(ORIGIN + until * DAY)
    waiting = ~np.isin(activity[last], ends)
    about = About(
        NAMES, cutoff, tuple(NAMES[one] for one in ends), "civil", "microsecond", int(time.min()),
        complete_from=None if complete_from is None else int(ORIGIN + complete_from * DAY),
        outcomes={"Decision": "decided", "Withdrawn": "withdrawn"},
    )  # fmt: skip
    case = Text(np.arange(len(steps), dtype=np.int32), pa.array([f"c{k}" for k in range(len(steps))]))
    return EventLog(
        about, activity, time, offset, time[offset[:-1]], np.where(waiting, cutoff, time[last]), waiting, case
    )


def days(result, column="time", share=None):
    rows = result.rows
    place = 0 if share is None else int(np.flatnonzero(np.isclose(rows["share"], share))[0])
    return rows[column][place] / np.timedelta64(1, "D")


def table(title, found):
    """Means over the logs of found / truth, printed, by name."""
    frame = pd.DataFrame(found)
    means = frame.mean()
    print(f"\n{title}, {len(frame)} logs\n" + means.map("{:.3f}".format).to_string())
    return means


def world(draw, length, *, cases=3_000, window=500.0, withdrawal=None, before=0.0):
    """Cases that begin evenly and are decided after `length`, unless withdrawn sooner; days of begin, end, and how."""
    share = draw.random(cases)
    arrival = np.sort((window + before) * (share ** (1 / 3) if before else share) - before)  # before: ever more begin
    decided = length.rvs(size=cases, random_state=draw)
    gone = np.full(cases, np.inf) if withdrawal is None else withdrawal.rvs(size=cases, random_state=draw)
    end = arrival + np.minimum(decided, gone)
    return np.stack([arrival, end], axis=1), np.where(decided <= gone, 1, 2)


def seen(draw, length, *, window=500.0, before=0.0, **given):
    steps, how = world(draw, length, window=window, before=before, **given)
    here = steps[:, 1] > 0  # what was over before the log begins is not in it
    codes = np.stack([np.zeros(len(how), np.int64), how], axis=1)
    return build(steps[here], codes[here], until=window, complete_from=0 if before else None)


def completed_only(log, code=1):
    done = log.activity[log.offset[1:] - 1] == code
    return (log.until - log.arrival)[done] / DAY


@pytest.mark.slow
def test_open_cases():
    found = []
    for seed in range(LOGS):
        name = list(WORLDS)[seed % len(WORLDS)]
        length = WORLDS[name]
        log = seen(np.random.default_rng(seed), length)
        fair, naive = procmine.survival(log), completed_only(log)
        one = {}
        for p in (0.5, 0.8, 0.95):
            truth = at(length, p)
            one[f"p{100 * p:.0f}"] = days(fair, share=p) / truth
            one[f"completed only p{100 * p:.0f}"] = np.quantile(naive, p) / truth
        mean = procmine.mean_within(log, horizon=180)
        truth = at(length, "mean")
        one["mean within 180 days"] = days(mean, "mean") / truth
        one["its range holds the truth"] = days(mean, "mean_low") <= truth <= days(mean, "mean_high")
        half = at(length, 0.5)
        one["range of p50 holds the truth"] = days(fair, "low", 0.5) <= half <= days(fair, "high", 0.5)
        found.append(one)
    means = table("open cases", found)
    assert abs(means["p50"] - 1) < 0.03
    assert abs(means["p80"] - 1) < 0.03
    assert abs(means["p95"] - 1) < 0.05
    assert abs(means["mean within 180 days"] - 1) < 0.03
    assert (means[[f"completed only p{p}" for p in (50, 80, 95)]] < 0.93).all()
    for name in ("its range holds the truth", "range of p50 holds the truth"):
        assert means[name] * LOGS >= stats.binom.ppf(0.005, LOGS, 0.90)


@cache
def competing(length):
    """What is true where withdrawals compete: when half and 8 in 10 of all are decided, and the shares by day 90."""

    def share(time):
        return integrate.quad(lambda s: length.pdf(s) * WITHDRAWAL.sf(s), 0, time, limit=200)[0]

    gone = 1 - share(90) - length.sf(90) * WITHDRAWAL.sf(90)
    return {0.5: quantile(share, 0.5), 0.8: quantile(share, 0.8), "by 90": share(90), "gone by 90": gone}


@pytest.mark.slow
def test_open_cases_and_withdrawals():
    found = []
    for seed in range(LOGS):
        length = list(WORLDS.values())[seed % len(WORLDS)]
        log = seen(np.random.default_rng(1_000 + seed), length, withdrawal=WITHDRAWAL, cases=4_000, window=600.0)
        fair, naive = procmine.survival(log, outcome="decided"), completed_only(log)
        one = {}
        for p in (0.5, 0.8):
            truth = competing(length)[p]
            one[f"p{100 * p:.0f}"] = days(fair, share=p) / truth
            one[f"completed only p{100 * p:.0f}"] = np.quantile(naive, p) / truth
        assert np.isnat(fair.rows["time"][94])  # 95 in 100 are never decided
        ended = procmine.outcomes(log, within=(90,))
        by_name = dict(zip(ended.rows["outcome"], ended.rows["share"]))
        assert sum(by_name.values()) == pytest.approx(1, abs=1e-12)
        one["decided by day 90"] = by_name["decided"] / competing(length)["by 90"]
        one["withdrawn by day 90"] = by_name["withdrawn"] / competing(length)["gone by 90"]
        found.append(one)
    means = table("open cases and withdrawals", found)
    for name in ("p50", "p80", "decided by day 90", "withdrawn by day 90"):
        assert abs(means[name] - 1) < 0.03
    assert (means[["completed only p50", "completed only p80"]] < 0.93).all()


@pytest.mark.slow
def test_correlated_gaps():
    """A case slow before the middle is slow after it, comes there late, and is watched there for the shortest time."""
    truth, found = stats.lognorm(0.8, scale=60), []
    for seed in range(LOGS):
        draw = np.random.default_rng(2_000 + seed)
        shock = draw.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 3_000)
        gap = np.exp(0.8 * shock) * 60
        arrival = np.sort(draw.uniform(0, 500, 3_000))
        steps = np.cumsum(np.column_stack([arrival, gap]), axis=1)
        log = build(steps, np.tile([0, 3, 1], (3_000, 1)), until=500.0)
        rows = procmine.step_times(log).frame.set_index("step").loc["Middle"]
        done = steps[:, 2] <= 500
        one = {}
        for p in (0.5, 0.8):
            one[f"p{100 * p:.0f}"] = rows[f"p{100 * p:.0f}"] / pd.Timedelta(days=1) / truth.ppf(p)
            one[f"completed only p{100 * p:.0f}"] = np.quantile(gap[done, 1], p) / truth.ppf(p)
            one[f"all that came p{100 * p:.0f}"] = _all_that_came(steps, p) / truth.ppf(p)
        one["its range holds the truth"] = rows["p50_low"] <= pd.Timedelta(days=truth.median()) <= rows["p50_high"]
        found.append(one)
    means = table("correlated gaps", found)
    assert abs(means["p50"] - 1) < 0.03
    assert abs(means["p80"] - 1) < 0.03
    assert means["all that came p50"] < 0.93  # what the weights are for
    assert means["its range holds the truth"] * LOGS >= stats.binom.ppf(0.005, LOGS, 0.90)
    assert (means[["completed only p50", "completed only p80"]] < 0.93).all()


def test_gaps_of_slow_cases_count_for_those_cut_off_by_hand():
    """Cases watched 10, 10, 4 and 4 days come to the middle at age 1, 5, 1, 3 and go on after 2, 4, 2 days; one is open.

    At 2 days there: ages 3, 7 and 3; 2 of 4 could have been seen at age 7, so that case counts twice: 1 - 2 / 4. Then 0.
    """
    steps = np.array([[0, 1, 3], [0, 5, 9], [6, 7, 9], [6, 9, np.nan]], float)
    log = build(steps, np.tile([0, 3, 1], (4, 1)), until=10.0)
    question = StepSummary()
    rows = question.rows(question.of(log), log.about)
    middle = list(rows["step"]).index("Middle")
    assert rows["n"][middle] == 4 and rows["open"][middle] == 1
    assert rows["p50"][middle] == np.timedelta64(2, "D") and rows["p80"][middle] == np.timedelta64(4, "D")
    gaps = Gaps(np.array([2.0, 4, 2, 1]) * 86_400, np.ones(4, np.int64), np.array([1, 1, 1, 0], bool),
                age_bin(np.array([1, 5, 1, 3]) * DAY), np.zeros(4, np.int64))  # fmt: skip
    watched = np.array([4.0, 4, 10, 10]) * 86_400
    assert gap_curve(gaps, Watched(watched, True), 1.0, 20).left.tolist() == pytest.approx([0.5, 0])
    assert gap_curve(gaps, Watched(watched, False), 1.0, 20).left.tolist() == pytest.approx([1 / 3, 0])


@pytest.mark.parametrize("seed", range(5))
def test_gaps_without_weights_are_scipys_curve(seed):
    draw = np.random.default_rng(seed)
    length, ended = draw.integers(1, 40, 200) * 86_400.0, draw.random(200) < 0.6
    gaps = Gaps(length, np.ones(200, np.int64), ended, draw.integers(0, AGES, 200), draw.integers(0, 50, 200))
    curve = gap_curve(gaps, Watched(length, False), 1.0, 20)
    oracle = stats.ecdf(stats.CensoredData(length[ended], right=length[~ended])).sf
    np.testing.assert_allclose(curve.left, oracle.evaluate(curve.seconds), atol=1e-12)
    low, high = curve.middle()
    assert low <= curve.quantile(0.5) <= high


def _all_that_came(steps, p):
    """Kaplan-Meier by scipy of all that came to the middle while the log runs, whenever they began."""
    came = steps[:, 1] <= 500
    over = steps[came, 2] <= 500
    length = np.minimum(steps[came, 2], 500) - steps[came, 1]
    curve = stats.ecdf(stats.CensoredData(length[over], right=length[~over])).sf
    there = np.flatnonzero(curve.probabilities <= 1 - p)
    return curve.quantiles[there[0]] if len(there) else np.nan


@pytest.mark.slow
def test_cases_begun_before_the_log():
    found = []
    for seed in range(LOGS):
        length = list(WORLDS.values())[seed % len(WORLDS)]
        log = seen(np.random.default_rng(3_000 + seed), length, before=700.0, window=400.0, cases=6_000)
        fair, naive = procmine.survival(log), completed_only(log)
        one = {}
        for p in (0.5, 0.8, 0.95):
            truth = at(length, p)
            one[f"p{100 * p:.0f}"] = days(fair, share=p) / truth
            one[f"as if watched from the start p{100 * p:.0f}"] = _from_start(log, p) / truth
            one[f"completed only p{100 * p:.0f}"] = np.quantile(naive, p) / truth
        mean = procmine.mean_within(log, horizon=180)
        truth = at(length, "mean")
        one["mean within 180 days"] = days(mean, "mean") / truth
        one["its range holds the truth"] = days(mean, "mean_low") <= truth <= days(mean, "mean_high")
        found.append(one)
    means = table("cases begun before the log", found)
    assert abs(means["p50"] - 1) < 0.03
    assert abs(means["p80"] - 1) < 0.03
    assert abs(means["p95"] - 1) < 0.05
    assert abs(means["mean within 180 days"] - 1) < 0.03
    assert (means[[f"as if watched from the start p{p}" for p in (50, 80, 95)]] > 1.07).all()
    assert (means[[f"completed only p{p}" for p in (50, 80, 95)]] < 0.93).all()
    assert means["its range holds the truth"] * LOGS >= stats.binom.ppf(0.005, LOGS, 0.90)


def _from_start(log, p):
    length = (log.until - log.arrival) / DAY
    curve = stats.ecdf(stats.CensoredData(length[~log.open], right=length[log.open])).sf
    there = np.flatnonzero(curve.probabilities <= 1 - p)
    return curve.quantiles[there[0]] if len(there) else np.nan


def test_the_log_made_of_arrays_is_the_one_that_is_read(tmp_path):
    log = seen(np.random.default_rng(7), WORLDS["gamma"], withdrawal=WITHDRAWAL, cases=400)
    log.events.to_csv(tmp_path / "log.csv", index=False)
    columns = procmine.Columns(case="case", activity="activity", timestamp="time")
    cutoff = str(np.datetime64(log.about.cutoff, "us").astype("M8[D]") - 1)
    read = procmine.read(tmp_path / "log.csv", columns=columns, ends=["Decision", "Withdrawn"], cutoff=cutoff)
    mine, theirs = (procmine.survival(one).rows for one in (log.cut_to(cutoff), read))
    for name in ("time", "ended", "open"):
        np.testing.assert_array_equal(mine[name], theirs[name])


def test_a_tail_that_few_cases_carry_is_not_told():
    """300 cases, 5 of them watched up to day 400: what happens there rests on those 5."""
    draw = np.random.default_rng(1)
    arrival = np.concatenate((draw.uniform(300, 400, 295), draw.uniform(0, 20, 5)))
    length = np.concatenate((draw.uniform(1, 150, 295), [380.0, 390.0, 395.0, 398.0, 399.0]))
    steps = np.stack([arrival, arrival + length], axis=1)
    log = build(steps, np.tile([0, 1], (300, 1)), until=401.0)
    rows = procmine.survival(log).rows
    reached = ~np.isnat(rows["time"])
    assert reached[49] and not reached[94]
    within = procmine.mean_within(log, horizon=300)
    assert within.rows["watched"][0] == 5 and np.isnat(within.rows["mean"][0]) and np.isnan(within.rows["share"][0])
    assert "Too few" in within.sentences()[0]


def test_all_old_cases_tell_nothing_of_new_ones():
    steps = np.stack([np.linspace(-400, -1, 100), np.linspace(50, 300, 100)], axis=1)
    log = build(steps, np.tile([0, 1], (100, 1)), until=400.0, complete_from=0)
    answer = procmine.survival(log)
    assert np.isnat(answer.rows["time"]).all()
    assert "under way when the data begin" in answer.sentences()[0]
    assert np.isnat(procmine.mean_within(log, horizon=100).rows["mean"]).all()


def test_restricted_mean_and_outcomes_by_hand():
    """Five cases seen up to day 10: over after 2 (decided), 4 (withdrawn) and 6 days (decided); open since days 0 and 5."""
    steps = np.array([[0, 2], [0, 4], [0, 6], [0, np.nan], [5, np.nan]], float)
    log = build(steps, np.array([[0, 1], [0, 2], [0, 1], [0, 1], [0, 1]]), until=10.0)
    # S: 1 up to 2, 4/5 up to 4, 3/5 up to 6; at risk just before 6: the third and fourth (the fifth left at 5), so 3/10
    mean = procmine.mean_within(log, horizon=4)
    assert days(mean, "mean") == pytest.approx(2 * 1 + 2 * 0.8)
    assert mean.rows["share"][0] == pytest.approx(0.4) and mean.rows["watched"][0] == 3
    curve_to_8 = 2 * 1 + 2 * 0.8 + 2 * 0.6 + 2 * 0.3
    from procmine.kernels.survival import incidence
    from procmine.see.survival import SurvivalSummary

    whole = [kind.whole() for kind in SurvivalSummary().of(log).kinds()]
    assert incidence(*whole).mean_within(8 * 86_400) / 86_400 == pytest.approx(curve_to_8)
    ended = procmine.outcomes(log, within=(4,)).frame.set_index("outcome")["share"]
    assert ended.to_dict() == pytest.approx({"decided": 0.2, "withdrawn": 0.2, "still open": 0.6})
    decided = procmine.mean_within(log, horizon=4, outcome="decided")
    assert days(decided, "mean") == pytest.approx(2 * 1 + 2 * 0.8)  # the withdrawn one counts as 4 days
    assert decided.rows["share"][0] == pytest.approx(0.2)


@pytest.mark.parametrize("seed", range(5))
def test_outcomes_equal_the_complement_of_scipys_curve(seed):
    log = seen(np.random.default_rng(seed), WORLDS["weibull"], withdrawal=WITHDRAWAL, cases=500)
    length = (log.until - log.arrival) / DAY
    oracle = stats.ecdf(stats.CensoredData(length[~log.open], right=length[log.open])).sf
    rows = procmine.outcomes(log, within=(30, 100, 200)).frame
    still = rows[rows["outcome"] == "still open"]["share"].to_numpy()
    np.testing.assert_allclose(still, oracle.evaluate([30, 100, 200]), atol=1e-9)
    np.testing.assert_allclose(rows.groupby("within")["share"].sum(), 1, atol=1e-12)


def test_arguments_are_checked(office):
    with pytest.raises(ValueError, match="above 0"):
        procmine.mean_within(office, horizon=0)
    with pytest.raises(ValueError, match="above 0"):
        procmine.outcomes(office, within=())
    with pytest.raises(procmine.LogError, match="No outcome 'denied'"):
        procmine.mean_within(office, horizon=30, outcome="denied")
    with pytest.raises(procmine.LogError, match="left out"):
        procmine.outcomes(office.only_activities(["Start"]))
