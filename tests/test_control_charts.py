"""Control charts: published examples of the rules, theory of chance, and figures counted by hand."""

from itertools import pairwise
from math import comb

import numpy as np
import pandas as pd
import pytest
from logs import DAY
from scipy import stats
from test_compare import CHANGE, log_of

import procmine
from procmine.find.service.standards import Standard
from procmine.kernels.chart_rules import (
    LIMIT,
    RULES,
    autocorrelation,
    base_of,
    crossings,
    limits,
    longest_of,
    longest_run,
    residuals,
    runs,
    signals,
    watched,
)
from procmine.kernels.false_signals import alarms, chance, drawn, signalled
from procmine.log import LogError
from procmine.proof.charts.control import control_chart
from procmine.proof.charts.stretches import choose, judge
from procmine.proof.records.change import Change
from procmine.proof.records.changes import Changes

# NHSRplotthedots, vignette "Deviations from Excel defaults": 18 values, one far out
DEVIATIONS = np.array([1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1.0])
# NHSRplotthedots, snapshot of ptd_spc_standard: mean 0.142, limits -3.01 and 3.29
SNAPSHOT = np.array(
    [-0.56047565, -0.23017749, 1.55870831, 0.07050839, 0.12928774, 1.71506499, 0.46091621, -1.26506123, -0.68685285,
     -0.44566197, 1.2240818, 0.35981383, 0.40077145, 0.11068272, -0.55584113, 1.78691314, 0.49785048, -1.96661716, 0.7013559,
     -0.47279141]
)  # fmt: skip


def rule(name, values, centre=0.0, step=1.0):
    """The points that one rule marks, with known limits."""
    found = signals(np.asarray(values, float), type("L", (), {"centre": centre, "step": step})())
    return np.flatnonzero(found[RULES.index(name)]).tolist()


def test_nhs_limits_screen_far_ranges_once():
    found = limits(DEVIATIONS)
    # by hand: mean 35/18; ranges 15 x 1, 8 and 9: mean 32/17, so those from 6.15 on are dropped, the rest are 1
    assert found.centre == pytest.approx(35 / 18) and found.step == 1
    assert found.high == pytest.approx(35 / 18 + 2.66) and found.low == pytest.approx(35 / 18 - 2.66)
    assert np.flatnonzero(signals(DEVIATIONS, found)[0]).tolist() == [4]
    plain = limits(SNAPSHOT)
    assert (round(plain.low, 2), round(plain.high, 2), round(plain.centre, 3)) == (-3.01, 3.29, 0.142)


def test_a_range_is_dropped_once_not_again_and_again():
    values = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 6, 1, 0, 1, 0, 1, 0, 1, 41, 1.0])
    moved = np.abs(np.diff(values))
    kept = moved[moved < 3.267 * moved.mean()]
    assert (kept >= 3.267 * kept.mean()).any()  # a second round would drop more
    assert limits(values).step == pytest.approx(kept.mean())


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        ([1, 2, 3, 3, 4, 5, 6], []),  # equal neighbours break a trend
        ([1, 2, 3, 4, 5, 6], []),
        ([1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6]),
        ([2, 1, 2, 3, 4, 5, 6, 7, 3], [1, 2, 3, 4, 5, 6, 7]),
        ([2, 7, 6, 5, 4, 3, 2, 1, 3], [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_seven_in_a_trend(values, marked):
    assert rule("trend", values) == marked


@pytest.mark.parametrize(
    ("side", "marked"),
    [
        ([1] * 6, []),
        ([1] * 6 + [-1], []),
        ([-1] + [1] * 8 + [-1], list(range(1, 9))),
        ([1] + [-1] * 8 + [1], list(range(1, 9))),
        ([1] * 4 + [0] + [1] * 4, []),  # a point on the mean breaks the row
    ],
)
def test_seven_on_one_side(side, marked):
    assert rule("side", side) == marked


@pytest.mark.parametrize(
    ("near", "marked"),
    [
        ([1, 0, 1], [0, 2]),
        ([0, 1, 1], [1, 2]),
        ([0, 0, 1, 0, 1, 0, 0], [2, 4]),
        ([0, 0, 1, 1, 0, 0, 0], [2, 3]),
        ([1, 0, 0, 1], []),
        ([1, 0, 0, 1, 1], [3, 4]),
    ],
)
def test_two_of_three_mark_those_two_only(near, marked):
    values = np.where(np.array(near) == 1, 2.0, 0.5)
    assert rule("two_of_three", values) == marked and rule("two_of_three", -values) == marked


def test_two_of_three_need_all_on_one_side_and_none_outside():
    assert rule("two_of_three", [2.0, -0.5, 2.0]) == []
    assert rule("two_of_three", [2.0, -2.0, 2.0]) == []
    assert rule("two_of_three", [2.0, 0.0, 2.0]) == []  # on the mean: on no side
    assert rule("two_of_three", [2.0, 3.0, 0.5]) == []  # outside counts as outside, not as near
    assert rule("two_of_three", [LIMIT, 0.5, 2.0]) == [0, 2] and rule("outside", [LIMIT, LIMIT + 1e-9]) == [1]


def plain_rules(values):
    """The same rules, point by point."""
    centre, moved = values.mean(), [abs(b - a) for a, b in pairwise(values)]
    kept = [one for one in moved if one < 3.267 * sum(moved) / len(moved)]
    step = sum(kept) / len(kept)
    side = [np.sign(one - centre) for one in values]
    out = [abs(one - centre) > 2.66 * step for one in values]
    near = [abs(one - centre) > 2.66 * 2 / 3 * step and not o for one, o in zip(values, out)]
    marks = [set(), set(), set(), set()]
    marks[0] = {k for k, one in enumerate(out) if one}
    for k in range(len(values) - 6):
        part = values[k : k + 7]
        if all(b > a for a, b in pairwise(part)) or all(b < a for a, b in pairwise(part)):
            marks[1] |= set(range(k, k + 7))
        if abs(sum(side[k : k + 7])) == 7:
            marks[3] |= set(range(k, k + 7))
    for k in range(len(values) - 2):
        if sum(near[k : k + 3]) >= 2 and abs(sum(side[k : k + 3])) == 3:
            marks[2] |= {j for j in range(k, k + 3) if near[j]}
    return marks


def test_all_rules_at_once_are_those_counted_point_by_point():
    draw = np.random.default_rng(4)
    series = np.round(np.cumsum(draw.normal(0, 0.5, (400, 30)), axis=1) + draw.normal(0, 1, (400, 30)), 1)
    many = signals(series, limits(series))
    assert many.any(axis=(0, 2)).all()  # each rule is met
    for one, found in zip(series, many):
        assert [set(np.flatnonzero(row)) for row in found] == plain_rules(one)
        np.testing.assert_array_equal(signals(one, limits(one)), found)


# Critical values for run length, table published at unaettie.com (n = 10 to 59, and some beyond), after Anhoej & Olesen 2014
PUBLISHED = [6, 6, *[7] * 11, *[8] * 23, *[9] * 14]


def test_bounds_of_runs_are_the_published_table():
    assert [longest_run(n) for n in range(10, 60)] == PUBLISHED
    assert [longest_run(n) for n in (60, 90, 91, 100, 101, 104)] == [9, 9, 10, 10, 10, 10]
    assert [crossings(n) for n in range(10, 101)] == [int(stats.binom.ppf(0.05, n - 1, 0.5)) for n in range(10, 101)]
    assert crossings(13) == 3 and (longest_run(24), crossings(24)) == (
        8,
        8,
    )  # fewer than 3 of 13 is a signal (published)


def test_points_on_the_centre_line_neither_break_nor_belong_to_a_run():
    values = np.array([1, 1, 0, 1, -1, -1, 0, 1, 0, 1, 1, 1.0])
    found = runs(values, 0.0)
    assert (int(found.useful), int(found.longest), int(found.crossings)) == (9, 4, 2)
    assert np.flatnonzero(longest_of(values, 0.0)).tolist() == [7, 9, 10, 11] and not found.signal
    assert runs(np.zeros(5), 0.0).longest == 0


def exact_run_chance(n):
    """Of all orders of n/2 points above and n/2 below the middle: the part with too long a run or too few crossings."""
    half, most, least = n // 2, longest_run(n), crossings(n)
    ways = {(1, 0, 1, 1, 0): 1, (0, 1, -1, 1, 0): 1}  # above, below, side, run, crossings (capped)
    for _ in range(n - 1):
        after = {}
        for (up, down, side, run, cross), k in ways.items():
            for way in (1, -1):
                new = (up + (way > 0), down + (way < 0), way, run + 1 if way == side else 1,
                       cross if way == side else min(cross + 1, least))  # fmt: skip
                if max(new[:2]) <= half and new[3] <= most:
                    after[new] = after.get(new, 0) + k
        ways = after
    return 1 - sum(k for (*_, cross), k in ways.items() if cross >= least) / comb(n, half)


@pytest.mark.parametrize("n", [20, 24, 36])
def test_false_signals_of_run_charts_are_those_of_all_orders(n):
    hits = round(4_000 * chance("run", (n,), 0.0))
    ends = stats.binomtest(hits, 4_000).proportion_ci(0.999)
    assert ends.low <= exact_run_chance(n) <= ends.high


@pytest.mark.parametrize(
    ("kind", "rho", "design"), [("xmr", 0.0, 0.19), ("xmr", 0.3, 0.45), ("run", 0.0, 0.03), ("run", 0.3, 0.14)]
)
def test_false_signals_are_as_the_design_found(kind, rho, design):
    """Its rates are of a few hundred series: within three points of ours."""
    assert chance(kind, (24,), rho) == pytest.approx(design, abs=0.03)


def test_false_signals_of_skewed_points():
    skewed = np.random.default_rng(1).lognormal(0, 0.5, (4_000, 24))
    assert signalled("xmr", skewed).mean() == pytest.approx(0.51, abs=0.03)
    assert signalled("run", skewed).mean() == pytest.approx(0.03, abs=0.015)
    chosen = [choose([one], np.full(24, 50), "time", None) for one in skewed[:400]]
    found = [(judge(one, kind, 0, np.inf).signal != "").any() for one, kind in zip(skewed, chosen)]
    assert np.mean(found) < 0.32 and sum(kind.logs for kind in chosen) > 200  # half as often as the plain chart


def test_dependence_is_not_faked_by_a_jump():
    series = drawn(2_000, 24, 0.0, 5) + 3 * (np.arange(24) >= 12)
    away = series - series.mean(axis=1, keepdims=True)
    usual = (away[:, 1:] * away[:, :-1]).sum(axis=1) / (away**2).sum(axis=1)
    assert usual.mean() > 0.5 and autocorrelation(series).mean() < 0.25
    long = drawn(20, 4_000, 0.6, 6)
    assert autocorrelation(long).mean() == pytest.approx(0.6, abs=0.03)
    assert autocorrelation(np.full(9, 4.0)) == 0


def test_residuals_of_a_series_are_its_shocks():
    shock = np.random.default_rng(2).normal(0, 1, 50)
    values = [shock[0] / np.sqrt(1 - 0.6**2)]
    for one in shock[1:]:
        values.append(0.6 * values[-1] + one)
    np.testing.assert_allclose(residuals(np.array(values) + 9, 0.6, 9.0), shock)


def exact_watch():
    """Per number of normal points the chance of no alarm yet, limits known: inside them, and no 8 in a row on one side.

    The moving ranges are normal differences, |N(0, 2)|; those of 3.267 means or more are left out of their mean.
    """
    far = 3.267 * 2 / np.sqrt(np.pi) / np.sqrt(2)
    step = 2 / np.sqrt(np.pi) * (1 - np.exp(-(far**2) / 2)) / (2 * stats.norm.cdf(far) - 1)
    inside = stats.norm.cdf(LIMIT * step) - 0.5
    rows, none = np.array([0, 2 * inside, 0, 0, 0, 0, 0, 0]), [1.0]
    for _ in range(1_200):
        none.append(rows.sum())
        rows = np.concatenate(([0.0, inside * rows.sum()], inside * rows[1:7]))
    return np.array(none)


def test_false_alarms_of_watching_are_those_of_theory():
    found, none = alarms(1_500, 0.0), exact_watch()  # so many points before that the limits are known
    ends = stats.binomtest(round(found.within * 4_000), 4_000).proportion_ci(0.999)
    assert ends.low <= 1 - none[24] <= ends.high and found.points == 24
    assert found.run_length == pytest.approx(none[:1_200].sum(), rel=0.05)


@pytest.mark.parametrize("base", [12, 24, 36])
@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6])
def test_watching_monthly_points_is_wrong_less_than_once_in_two_years(base, rho):
    found = alarms(base, rho)
    assert found.run_length > 48 and found.within < 0.6


def test_an_alarm_needs_a_point_outside_or_eight_in_a_row():
    base = base_of(np.tile([9.0, 11.0], 12))
    assert base.rho == 0 and base.centre == 10 and base.limits.step == 2
    assert np.flatnonzero(watched(np.array([11.0] * 9), base)).tolist() == [7, 8]
    assert np.flatnonzero(watched(np.array([11, 15.4, 11, 4.6, 15.3]), base)).tolist() == [1, 3]
    assert not watched(np.array([11.0] * 7 + [9.0] * 7), base).any()


# --- on a log


def monthly_log(*, weeks=60, seed=1, effect=1.0, **about):
    """About 15 cases a week for two years before CHANGE and `weeks` after; waits of about 30 days, times effect since."""
    draw = np.random.default_rng(seed)
    begin = np.sort(draw.uniform(-728, 7 * weeks, 15 * (104 + weeks)))
    wait = draw.gamma(4, 7.5, len(begin))
    return log_of(begin, np.where(begin >= 0, wait * effect, wait), weeks=weeks, **about)


def frame_of(log):
    cases = log.cases
    cases["wait"] = (cases["until"] - cases["arrival"]).dt.total_seconds()
    cases["month"] = cases["arrival"].dt.to_period("M")
    return cases


@pytest.fixture(scope="module")
def log():
    return monthly_log()


def test_average_waits_are_those_of_pandas_and_the_last_months_stay_blank(log):
    found = control_chart(log, horizon=60)
    cases, watched_for = frame_of(log), 63 * 86_400  # whole weeks
    rows = found.frame.set_index(found.frame["begin"].dt.to_period("M"))
    cutoff = pd.Timestamp(log.about.cutoff + 1, unit="us")
    whole = [m for m in cases["month"].unique() if (m + 1).start_time + pd.Timedelta(days=63) <= cutoff]
    assert rows.index[-1] == max(whole) and rows.index[0] == cases["month"].min() + 1  # the first one begins half way
    of_month = cases.groupby("month")["wait"].agg(lambda wait: np.minimum(wait, watched_for).mean())
    np.testing.assert_allclose(rows["value"].dt.total_seconds(), of_month[rows.index], atol=1)
    np.testing.assert_array_equal(rows["n"], cases.groupby("month").size()[rows.index])
    done = control_chart(log, of="done", horizon=28)
    share = cases.groupby("month")["wait"].agg(lambda wait: (wait <= 28 * 86_400).mean())
    at = done.frame["begin"].dt.to_period("M")
    np.testing.assert_allclose(done.rows["value"], share[at])


def test_open_cases_are_followed_no_longer_than_the_others(log):
    """Cutting the log must not move a month that both tell."""
    long = control_chart(log, horizon=60).frame.set_index("begin")["value"]
    short = control_chart(log.cut_to("2025-12-31"), horizon=60).frame.set_index("begin")["value"]
    assert 0 < len(short) < len(long)
    pd.testing.assert_series_equal(short, long[short.index])


def test_piles_and_arrivals_are_counted(log):
    cases = frame_of(log)
    volume = control_chart(log, of="volume")
    at = volume.frame["begin"].dt.to_period("M")
    np.testing.assert_array_equal(volume.rows["value"], cases.groupby("month").size()[at])
    pile = control_chart(log, of="backlog", period="week")
    for begin, value in zip(pile.frame["begin"], pile.rows["value"]):
        end = begin + pd.Timedelta(days=7)
        left = cases["until"].where(~cases["open"], pd.Timestamp.max)
        assert value == ((cases["arrival"] < end) & (left >= end)).sum()
    assert pile.frame["begin"].dt.day_of_week.eq(0).all()


def test_a_standard_counts_those_that_were_due(log):
    standard = Standard("30 days", "arrival", "any end", 30, share=60)
    found = control_chart(log, of=standard)
    whole = procmine.standards(log, standard, period="month").frame.set_index("month")
    rows = found.frame
    of_month = whole.loc[rows["begin"].dt.strftime("%Y-%m")]
    np.testing.assert_array_equal(rows["n"], of_month["due"])
    np.testing.assert_allclose(rows["value"], of_month["share"])
    assert found.target == 0.6 and found.assurance in ("met", "not_met", "hit_and_miss")


def test_the_target_is_met_or_not_by_the_limits_of_the_last_stretch(log):
    low, high = (
        control_chart(log, horizon=60).stretches[-1].judged.low,
        control_chart(log, horizon=60).stretches[-1].judged.high,
    )
    days = np.array([low - 1, (low + high) / 2, high + 1]) / 86_400
    kinds = [control_chart(log, horizon=60, target=one, kind="xmr").assurance for one in days]
    assert kinds == ["not_met", "hit_and_miss", "met"]  # a shorter wait is better
    shares = [control_chart(log, of="done", horizon=28, target=one, kind="xmr").assurance for one in (0.01, 0.99)]
    assert shares == ["met", "not_met"]  # a higher share is
    changed = monthly_log(effect=0.3, weeks=70)
    now = control_chart(changed, horizon=60, changes=Change("2025-03-03"), target=20, kind="xmr")
    assert now.assurance == "met" and now.stretches[0].judged.low > 20 * 86_400  # after, not before


def test_a_missing_month_is_refused_by_name(log):
    gone = log.take(np.flatnonzero(frame_of(log)["month"].astype(str).to_numpy() != "2024-05"))
    for of in ("time", "done", "backlog", "volume"):
        with pytest.raises(LogError, match="2024-05"):
            control_chart(gone, of=of, horizon=60)
    assert len(control_chart(gone.between("2024-06-01", "2026-01-01"), horizon=60)) > 12


def test_the_level_is_drawn_anew_at_a_record_and_nowhere_else():
    changed = monthly_log(effect=0.5)
    plain = control_chart(changed, horizon=60, kind="xmr")
    assert set(plain.rows["stretch"]) == {0} and (plain.rows["signal"] != "").any()
    found = control_chart(changed, horizon=60, changes=Change("2025-03-03", "Phone first"), kind="xmr")
    begin = found.frame["begin"]
    # watched 63 days: cases from 2024-12-30 on were under way at the change, and so were those of 3 March's month
    across = (begin >= "2024-12-01") & (begin < "2025-04-01")
    np.testing.assert_array_equal(found.rows["stretch"] == -1, across)
    np.testing.assert_array_equal(found.rows["stretch"] == 1, begin >= "2025-04-01")
    assert found.rows["signal"][across].tolist() == [""] * 4 and np.isnat(found.rows["limit_high"][across]).all()
    for side, of in ((begin < "2024-12-01", 0), (begin >= "2025-04-01", 1)):
        values = found.rows["value"][side] / np.timedelta64(1, "s")
        drawn_at = found.rows["limit_high"][side] / np.timedelta64(1, "s")
        np.testing.assert_allclose(drawn_at, np.full(len(values), limits(values).high), atol=1)
        assert found.stretches[of].points == len(values)
    with pytest.raises(ValueError, match="on record"):
        control_chart(changed, changes=["2025-03-03"])
    elsewhere = Change("2025-03-03", where={"office": "South"})
    assert set(control_chart(changed, horizon=60, where={"office": "North"}, changes=elsewhere).rows["stretch"]) == {0}


def test_changes_of_a_file_count_once_they_have_begun(tmp_path):
    phone = "phone: {idea: Phone, status: %s, why: It helped, date: 2025-03-03}"
    entries = f"{phone}\n  later: {{idea: Later, status: planned, date: 2025-06-02}}"
    changed, path = monthly_log(effect=0.5), tmp_path / "changes.yml"
    for status, stretches in (("kept", {0, -1, 1}), ("planned", {0})):
        path.write_text(f"changes:\n  {entries % status}\n", encoding="utf-8")
        assert set(control_chart(changed, horizon=60, changes=Changes.read(path)).rows["stretch"]) == stretches


def test_a_change_alone_says_which_cases(log):
    record = Change("2025-03-03", where={"office": "North"}, stop="Grant", horizon=42)
    found = control_chart(log, changes=record)
    assert found.what.cohort.where == (("office", ("North",)),) and found.points.watch == 42 * DAY
    assert (
        found.what.cohort.stop.step == "Grant" and control_chart(log, changes=record, where={}).what.cohort.where == ()
    )


def test_the_data_choose_the_chart_and_the_reason_is_said(log):
    calm = control_chart(log, horizon=60)
    assert calm.kind == "xmr" and any(line.startswith("Chosen: limits from the steps") for line in calm.sentences())
    short = control_chart(log.cut_to("2024-03-31"), horizon=28)
    assert short.kind == "run" and len(short) < 13
    few = control_chart(log.take(np.arange(0, len(log), 20)), horizon=60)  # 123 cases, 3 or 4 a month
    assert few.kind == "run" and few.chosen.why == "few_cases"
    week = np.arange(-104, 60)
    slow = np.exp(np.convolve(np.random.default_rng(8).normal(0, 0.25, 200), np.ones(14) / 3, "valid")[: len(week)])
    waits = np.repeat(20 * slow, 15)
    waving = log_of(np.repeat(week * 7.0, 15) + np.tile(np.arange(15) / 3, len(week)), waits, weeks=60)
    found = control_chart(waving, horizon=84)
    assert found.kind == "residual" and found.autocorrelation > 0.3
    assert "each point depends on it" in " ".join(found.sentences())
    for kind in ("xmr", "log", "residual", "run"):
        assert control_chart(waving, horizon=84, kind=kind).kind == kind


def test_limits_of_dependent_points_say_the_same_as_rules_on_residuals():
    values = drawn(1, 40, 0.7, 9)[0] + 0.0
    values[30] += 6
    chosen = choose([values + 20], np.full(40, 50), "time", "residual")
    found = judge(values + 20, chosen, -np.inf, np.inf)
    left = residuals(values + 20, max(chosen.rho, 0.0), (values + 20).mean())
    outside = signals(left, limits(left))[0]
    assert outside.any()
    np.testing.assert_array_equal(outside, (values + 20 > found.upper) | (values + 20 < found.lower))
    np.testing.assert_array_equal(found.signal == "outside", outside)


def test_a_jump_on_no_record_is_a_signal_and_never_significant():
    found = control_chart(monthly_log(effect=0.5), horizon=60)
    said = " ".join(found.sentences())
    assert found.sentences()[0].endswith("more than the usual ups and downs.") and "signal" in said
    assert "significan" not in said + found.definition
    assert f"{found.false_signals:.0%} of the time" in said and 0 < found.false_signals < 1


def test_too_few_points_say_so(log):
    found = control_chart(log.cut_to("2023-09-30"), horizon=28)
    assert len(found) < 10 and found.sentences()[0].startswith("Too few points") and (found.rows["signal"] == "").all()


def test_a_log_in_shards_gives_the_same_chart(log, tmp_path):
    shards = procmine.save(log, tmp_path / "log", shards=3)
    for of in ("time", "backlog"):
        one, two = (control_chart(each, of=of, horizon=60, period="week") for each in (log, shards))
        assert list(one.rows["value"]) == list(two.rows["value"]) and one.sentences() == two.sentences()


def test_shares_are_shown_in_percent_and_numbers_are_not(log):
    assert "%" in str(control_chart(log, of="done", horizon=28)).split("\n\n")[1]
    assert "%" not in str(control_chart(log, of="backlog")).split("\n\n")[1]


def test_arguments_that_cannot_be(log):
    for wrong in ({"kind": "p"}, {"of": "speed"}, {"period": "day"}, {"horizon": 0}):
        with pytest.raises(ValueError, match=str(next(iter(wrong)))):
            control_chart(log, **wrong)
    with pytest.raises(LogError, match="no whole month"):
        control_chart(log, horizon=3_000)
    with pytest.raises(LogError, match="attribute"):
        control_chart(log, where={"colour": "red"})


def test_what_a_target_may_be(log):
    for of, target in (("time", -4), ("done", 90), ("time", np.nan)):
        with pytest.raises(ValueError, match="target="):
            control_chart(log, of=of, horizon=28, target=target)


def test_a_change_from_before_the_log_or_after_it_says_nothing_of_how_long_to_watch(log):
    alone = control_chart(log)
    for date in ("2001-03-05", "2031-03-03"):
        found = control_chart(log, changes=Change(date))
        assert found.points.watch == alone.points.watch and len(found.stretches) == 1
    with pytest.raises(LogError, match=r"No case has office = 'West'\. There are: "):
        control_chart(log, where={"office": "West"})


def test_the_picture_holds_every_point_and_the_change(log, tmp_path):
    found = control_chart(log, horizon=60, changes=Change("2025-03-03", "Phone first"), target=25)
    axes = found.plot()
    drawn_points = sum(len(line.get_xdata()) for line in axes.lines if line.get_linestyle() == "None")
    assert drawn_points == len(found)
    assert any("Phone first" in text.get_text() for text in axes.texts)
    assert found.save(tmp_path / "chart.png").stat().st_size > 10_000
    assert found.to_dict()["kind"] == found.kind and CHANGE


def test_no_point_lies_under_the_name_of_a_change(log):
    change = Change("2025-03-03", "Phone every family before its day in court")
    done = control_chart(log, of="done", horizon=90, changes=change)
    axes = done.plot()
    name = next(text for text in axes.texts if "Phone every" in text.get_text())
    assert name.get_window_extent().y0 > axes.transData.transform((0, max(done.rows["value"])))[1]
    assert max(axes.get_yticks()) <= 1.02
