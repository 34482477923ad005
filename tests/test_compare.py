"""Before and after: cohorts counted by hand, worlds with a known effect, and what must not be said."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from logs import DAY, build, micros
from scipy import stats
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

import procmine
from procmine.about import About
from procmine.asking import ask
from procmine.kernels.blocks import EntryWeeks, fixed_b, t_quantile
from procmine.kernels.contrast import Arm, complete_since, contrast
from procmine.log import EventLog, LogError, Text
from procmine.proof.arms import SQUARE, TIME, ArmsSummary
from procmine.proof.cohorts import BaselineSummary, Cohort, plan_of
from procmine.words import ENGLISH, Message

CHANGE = micros("2025-03-03")  # a Monday
SECOND = np.timedelta64(1, "s")


def log_of(begin, wait, *, weeks=30, office=None, end=None, **about):
    """Cases with one step, then, `wait` days (inf: never) after day `begin` from the change, an end; cut `weeks` after it."""
    begin, wait = np.asarray(begin, float), np.asarray(wait, float)
    cutoff = CHANGE + weeks * 7 * DAY - 1
    arrival = CHANGE + (begin * DAY).astype(np.int64)
    last = arrival + (np.minimum(wait, 1e5) * DAY).astype(np.int64)
    here = arrival <= cutoff
    arrival, last, here = arrival[here], last[here], np.flatnonzero(here)
    closed = last <= cutoff
    n = len(here)
    kept = np.stack([np.ones(n, bool), closed], axis=1)
    ends = np.ones(n, int) if end is None else np.asarray(end)[here]
    return EventLog(
        about=About(
            **{
                "activities": ("Apply", "Grant", "Withdraw"),
                "cutoff": cutoff,
                "ends": ("Grant", "Withdraw"),
                "axis": "civil",
                "precision": "microsecond",
                "begins": int(arrival.min()),
                "complete_from": int(arrival.min()),
                "attributes": ("office",),
                "outcomes": {"Grant": "granted", "Withdraw": "withdrawn"},
                **about,
            }
        ),
        activity=np.stack([np.zeros(n), ends], axis=1).astype(np.uint8)[kept],
        time=np.stack([arrival, last], axis=1)[kept],
        offset=np.concatenate(([0], np.cumsum(kept.sum(axis=1)))),
        arrival=arrival,
        until=np.where(closed, last, cutoff),
        open=~closed,
        case=Text(np.arange(n, dtype=np.int32), pa.array([f"case {k}" for k in range(n)])),
        attributes={"office": Text((np.zeros(n) if office is None else office[here]).astype(np.int32), OFFICES)},
    )


OFFICES = pa.array(["North", "South"])


def regular():
    """Every Monday two cases: before they take 10 and 20 days, since then 5 and 40."""
    weeks = np.repeat(np.arange(-40, 30), 2)
    first = np.tile([True, False], 70)
    wait = np.where(weeks < 0, np.where(first, 10, 20), np.where(first, 5, 40))
    return weeks * 7, wait


def world(seed, *, effect=1.0, per_week=12, shock=0.0, years=2, weeks=52, cv=0.8):
    """Poisson arrivals; lognormal waits of mean 60 days; weeks share a shock (sd); since the change times `effect`."""
    draw = np.random.default_rng(seed)
    span = np.arange(-52 * years - 20, weeks)
    week = np.repeat(span, draw.poisson(per_week, len(span)))
    luck = draw.normal(0, shock, len(span))[week - span[0]] if shock else 0.0
    spread = np.sqrt(np.log(1 + cv**2))
    wait = draw.lognormal(np.log(60) - spread**2 / 2, spread, len(week)) * np.exp(luck)
    begin = week * 7 + draw.uniform(0, 7, len(week))
    return begin, np.where(begin >= 0, wait * effect, wait)


def days(column):
    return column / np.timedelta64(1, "D")


def test_cohorts_counted_by_hand():
    begin, wait = regular()
    found = procmine.compare(log_of(begin, wait), change="2025-03-03")
    # 9 in 10 within 20 days: watched 3 weeks; 40 - 3 weeks before, 30 - 3 after; two cases each
    rows = found.rows
    assert found.arguments["horizon"] == 21 and list(rows["weeks"]) == [37, 27] and list(rows["cases"]) == [74, 54]
    assert list(rows["ended"]) == [74, 27] and list(rows["waiting"]) == [0, 27]
    np.testing.assert_array_equal(days(rows["mean"]), [15, 13])
    assert days(rows["difference"])[1] == -2 and np.isnat(rows["difference"][0])
    waits = np.tile([10, 20], 37), np.tile([5, 21], 27)
    error = np.sqrt(sum(np.var(one, ddof=1) / len(one) for one in waits))  # the weeks are all alike: cases alone vary
    reach = stats.t.ppf(0.975, 53) * error
    assert days(rows["low"])[1] == pytest.approx(-2 - reach, rel=0.004)
    assert days(rows["high"])[1] == pytest.approx(-2 + reach, rel=0.004)
    assert list(days(rows["p50"])) == [10, 5] and days(rows["p80"])[0] == 20 and np.isnat(rows["p80"][1])
    assert list(rows["begin"].astype("M8[D]").astype(str)) == ["2024-05-27", "2025-03-03"]
    assert list(rows["end"].astype("M8[D]").astype(str)) == ["2025-02-10", "2025-09-08"]
    outcomes = found.outcomes.frame.set_index("outcome")
    assert outcomes.loc["granted", ["cases_before", "cases_after"]].tolist() == [74, 27]
    assert outcomes.loc["still waiting", ["cases_before", "cases_after"]].tolist() == [0, 27]
    assert list(outcomes.index) == ["granted", "still waiting"] and outcomes["share_after"].sum() == 1
    weekly = found.weekly
    assert len(weekly["week"]) == 37 + 27 and set(weekly["cases"]) == {2}
    assert set(days(weekly["mean"])) == {15, 13}
    assert weekly["share_waiting"].sum() == pytest.approx(27 / 2)


def test_the_error_is_newey_wests_of_weeks_for_what_cases_do_not_explain():
    draw = np.random.default_rng(4)
    shock = np.convolve(draw.normal(0, 8, 70), np.ones(5) / 2, "valid")[:60]
    week = np.repeat(np.arange(80), draw.integers(0, 9, 80))
    value = draw.gamma(3, 20, len(week)) + np.append(shock, np.zeros(20))[week]
    sums = EntryWeeks.of(
        np.tile(week, 3), np.repeat([0, 1, 2], len(week)), np.concatenate((np.ones(len(week)), value, value**2)), 3
    )
    found = contrast(Arm.of(sums, 0, 60, 1, 2), Arm.of(sums, 60, 20, 1, 2))
    before, after = value[week < 60], value[week >= 60]
    assert found.difference == pytest.approx(after.mean() - before.mean())
    left = [(value[week == k] - before.mean()).sum() / (len(before) / 60) for k in range(60)]
    lags = int(np.ceil(1.3 * np.sqrt(60)))
    long = sum(max(0, 1 - abs(i - j) / lags) * left[i] * left[j] for i in range(60) for j in range(60)) / 60
    long /= 1 - lags / 60 + (lags / 60) ** 2 / 3  # residuals of a mean add up to 0
    cases = [before.var(ddof=1) / len(before), after.var(ddof=1) / len(after)]
    shock = long - 60 * cases[0]
    assert shock > 0
    halfway = (1 + after.mean() / before.mean()) / 2
    factor = 1 / 60 + halfway**2 / 20
    error = np.sqrt(sum(cases) + shock * factor)
    t = stats.t.ppf(0.975, min(len(after) - 1, 1.5 * 60 / lags * (error**2 / (long * factor)) ** 2))
    assert (found.high - found.low) / 2 == pytest.approx(t * error, rel=0.005)
    assert found.visible == pytest.approx((t + stats.norm.ppf(0.8)) * error, rel=0.005)


@pytest.mark.parametrize(("lags", "weeks"), [(8, 37), (11, 60), (14, 104), (17, 156)])
@pytest.mark.parametrize("level", [0.9, 0.95])
def test_t_of_the_corrected_variance_is_the_critical_value_of_kiefer_and_vogelsang(lags, weeks, level):
    part = lags / weeks
    corrected = t_quantile(0.5 + level / 2, 1.5 / part) / np.sqrt(1 - part + part**2 / 3)
    assert corrected == pytest.approx(float(fixed_b(np.array(part), level)), rel=0.02)


def test_restricted_means_and_shares_are_numpys():
    begin, wait = world(1)
    found = procmine.compare(log_of(begin, wait), change="2025-03-03", horizon=90)
    watched = 91
    before = (begin >= -watched - 104 * 7) & (begin < -watched)
    after = (begin >= 0) & (begin < (30 - 13) * 7)
    for row, arm in enumerate((before, after)):
        assert found.rows["cases"][row] == arm.sum()
        assert days(found.rows["mean"])[row] == pytest.approx(np.minimum(wait[arm], watched).mean(), abs=1e-4)
        assert found.rows["share"][row] == pytest.approx((wait[arm] <= watched).mean())
        oracle = stats.ecdf(stats.CensoredData.right_censored(np.minimum(wait, watched)[arm], wait[arm] > watched))
        half = oracle.cdf.quantiles[np.searchsorted(oracle.cdf.probabilities, 0.5 - 1e-12)]
        assert days(found.rows["p50"])[row] == pytest.approx(half, abs=1e-4)
        assert found.rows["p50_low"][row] < found.rows["p50"][row] < found.rows["p50_high"][row] or row


def test_the_cases_before_are_seen_as_they_stood_at_the_change():
    begin, wait = world(2, weeks=60)
    alive = (begin < 0) & (begin + wait >= 0)
    cleared = np.where(alive, -begin + 1, wait)  # all that were open at the change are closed the day after
    stuck = np.where(alive, np.inf, wait)  # or never
    one, two = (procmine.compare(log_of(begin, each, weeks=60), change="2025-03-03") for each in (cleared, stuck))
    assert one.arguments["horizon"] == two.arguments["horizon"]
    for name in ("cases", "mean", "p50", "p80", "p90", "share", "waiting", "difference", "low", "high"):
        np.testing.assert_array_equal(one.rows[name][:1], two.rows[name][:1])
    np.testing.assert_array_equal(one.rows["difference"], two.rows["difference"])
    recent = (begin >= -156 * 7) & (begin < 0)
    peeking = [np.quantile(each[recent], 0.9) for each in (cleared, stuck)]
    assert np.ceil(peeking[0] / 7) != np.ceil(
        peeking[1] / 7
    )  # so peeking would have changed how long cases are watched


def test_a_case_taken_up_again_after_watching_counts_as_it_stood():
    begin, wait = regular()
    log = log_of(begin, wait)
    late = [k for k in range(len(log)) if log.arrival[k] == CHANGE - 20 * 7 * DAY]
    rows = [(log.activity[a:b], log.time[a:b]) for a, b in zip(log.offset, log.offset[1:])]
    for k in late:  # granted as ever, and 100 days later once more
        rows[k] = (np.append(rows[k][0], 1), np.append(rows[k][1], rows[k][1][-1] + 100 * DAY))
    again = EventLog(
        about=log.about,
        activity=np.concatenate([one for one, _ in rows]).astype(np.uint8),
        time=np.concatenate([one for _, one in rows]),
        offset=np.concatenate(([0], np.cumsum([len(one) for one, _ in rows]))),
        arrival=log.arrival,
        until=np.where(np.isin(np.arange(len(log)), late), log.until + 100 * DAY, log.until),
        open=log.open,
        case=log.case,
        attributes=log.attributes,
    )
    one, two = (procmine.compare(each, change="2025-03-03").rows for each in (log, again))
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])


def test_closing_otherwise_is_not_arriving():
    weeks = np.repeat(np.arange(-40, 30), 4)
    kind = np.tile([0, 1, 2, 3], 70)
    wait = np.where(kind < 3, 10, 15)
    end = np.where((kind == 3) | ((weeks >= 0) & (kind == 2)), 2, 1)  # withdrawn: 1 in 4 before, 2 in 4 since
    found = procmine.compare(log_of(weeks * 7, wait, end=end), change="2025-03-03", stop="Grant")
    assert list(found.rows["ended"]) == [3 * 37, 2 * 27] and list(found.rows["otherwise"]) == [37, 2 * 27]
    assert days(found.rows["p50"]).tolist() == [10, 10] and np.isnat(found.rows["p80"]).all()
    assert days(found.rows["difference"])[1] == 0 and np.isnat(found.rows["p90"]).all()
    outcomes = found.outcomes.frame.set_index("outcome")
    assert outcomes.loc["withdrawn", ["share_before", "share_after"]].tolist() == [0.25, 0.5]
    assert outcomes.loc["withdrawn", "low"] > 0
    assert "More cases closed without Grant: 25 more of every 100. Look at that first." in found.sentences()
    assert any("Grant 50 (before 75), withdrawn 50 (before 25)" in line for line in found.sentences())


def test_differences_of_curves_are_those_of_statsmodels():
    """Areas under survival curves, and cumulative incidences (Aalen-Johansen), each case censored where we stop watching."""
    begin, wait = world(22, effect=0.7)
    end = np.random.default_rng(22).choice([1, 2], len(begin), p=[0.7, 0.3])
    found = procmine.compare(log_of(begin, wait, weeks=52, end=end), change="2025-03-03", stop="Grant", horizon=91)
    arms = (begin >= -91 - 104 * 7) & (begin < -91), (begin >= 0) & (begin < (52 - 13) * 7)
    area, share, half = [], [], []
    for arm in arms:
        seen, closed = np.minimum(wait[arm], 91), wait[arm] <= 91
        curve = SurvfuncRight(seen, closed)
        area.append(np.append(1, curve.surv_prob) @ np.diff(np.concatenate(([0], curve.surv_times, [91]))))
        came = CumIncidenceRight(seen, np.where(closed, end[arm], 0))
        share.append([one[-1] for one in came.cinc])
        half.append(came.times[np.searchsorted(came.cinc[0], 0.5 - 1e-9)] if came.cinc[0][-1] > 0.5 else np.nan)
    assert days(found.rows["mean"]) == pytest.approx(area, abs=1e-4)
    assert days(found.rows["difference"])[1] == pytest.approx(area[1] - area[0], abs=1e-4)
    outcomes = found.outcomes.frame.set_index("outcome")
    for place, name in enumerate(("Grant", "withdrawn")):
        shares = outcomes.loc[name, ["share_before", "share_after"]].tolist()
        assert shares == pytest.approx([one[place] for one in share])
    assert days(found.rows["p50"]) == pytest.approx(half, abs=1e-4, nan_ok=True) and np.isfinite(half).any()


def test_the_mean_of_finished_cases_flatters_where_this_does_not():
    begin, wait = world(3, weeks=30)
    log = log_of(begin, wait)
    found = procmine.compare(log, change="2025-03-03")
    done = log.cases[~log.cases["open"]]
    length, since = (done["until"] - done["arrival"]).dt.total_seconds() / 86_400, done["arrival"] >= "2025-03-03"
    assert length[since].mean() < 0.85 * length[~since].mean()
    assert found.rows["low"][1] < np.timedelta64(0) < found.rows["high"][1]
    assert "We see no difference that stands out from the usual ups and downs." in found.sentences()[0]


def test_a_fall_of_a_fifth_is_seen_and_said_so():
    begin, wait = world(5, effect=0.8, per_week=40)
    found = procmine.compare(log_of(begin, wait, weeks=52), change="2025-03-03")
    low, high = days(found.rows["low"])[1], days(found.rows["high"])[1]
    assert low < days(found.rows["difference"])[1] < high < 0
    said = found.sentences()[0]
    assert found.verdict.kind == "improved" and said.startswith("Shorter waits. Cases begun since 2025-03-03 take ")
    assert f"less on average in their first {found.arguments['horizon']} days than those before" in said
    longer = procmine.compare(log_of(begin, np.where(begin >= 0, wait * 1.6, wait), weeks=52), change="2025-03-03")
    assert longer.verdict.kind == "worse" and longer.sentences()[0].startswith("Longer waits.")


def truth(effect, watched, cv=0.8):
    wait = world(10_000, per_week=20_000, years=1, weeks=0, cv=cv)[1]
    return np.minimum(wait * effect, watched).mean() - np.minimum(wait, watched).mean()


def headline(log):
    """The difference that compare() tells for 119 days, without what stands beside it."""
    asked = ArmsSummary(Cohort(), plan_of(log.about, CHANGE, -156, 17))
    return asked.contrast(asked.of(log), TIME, SQUARE)


def test_the_headline_is_what_compare_tells():
    begin, wait = world(14, years=3)
    log = log_of(begin, wait, weeks=52)
    found, rows = headline(log), procmine.compare(log, change="2025-03-03", horizon=119).rows
    assert found.difference == pytest.approx(rows["difference"][1] / SECOND, abs=1)
    assert found.low == pytest.approx(rows["low"][1] / SECOND, abs=1)


@pytest.mark.parametrize(("effect", "shock", "nominal"), [(1.0, 0.0, 0.95), (1.0, 0.15, 0.9), (0.8, 0.0, 0.95)])
def test_the_range_of_the_difference_covers(effect, shock, nominal):
    """200 worlds of about 400 cases since the change; one fails only if its 99% binomial interval lies below nominal."""
    true, covered, less = (truth(effect, 119) if effect < 1 else 0.0), 0, 0
    for seed in range(200):
        begin, wait = world(seed, effect=effect, shock=shock)
        found = headline(log_of(begin, wait, weeks=52))
        covered += found.low <= true * 86_400 <= found.high
        less += found.high < 0
    assert stats.binomtest(covered, 200).proportion_ci(0.99).high >= nominal
    assert less >= 160 if effect < 1 else less <= 20


@pytest.mark.parametrize("weeks", [2, 10, 16, 60])
def test_too_early_says_from_when_one_can_tell(weeks):
    begin, wait = world(6, weeks=60)
    log = log_of(begin, wait, weeks=60)
    now = str(np.datetime64(CHANGE + weeks * 7 * DAY - DAY, "us").astype("M8[D]"))
    found = procmine.compare(log.cut_to(now) if weeks < 60 else log, change="2025-03-03", horizon=56)
    enough = weeks >= 8 + 8
    assert found.sentences()[0].startswith("Too early") != enough
    after = {name: column[1] for name, column in found.rows.items()}
    missing = ("mean", "difference", "low", "high", "p50", "p90", "share", "share_low")
    assert all(np.isnan(after[name]) if name[0] == "s" else np.isnat(after[name]) for name in missing) != enough
    assert not np.isnat(found.rows["mean"][0]) and after["weeks"] == max(weeks - 8, 0)
    assert ("after" in found.weekly["period"]) == ("after" in found.curve["period"]) == enough
    assert np.isnan(found.outcomes.rows["share_after"]).all() != enough
    assert found.plot().get_legend() is None or enough
    if not enough:
        day = found.sentences()[0].split("data up to ")[1].rstrip(".")
        assert found.verdict.kind == "too_early" and found.verdict.figures["day"] == day
        earlier = str(np.datetime64(day) - 1)
        assert procmine.compare(log.cut_to(day), change="2025-03-03", horizon=56).instead is None
        assert procmine.compare(log.cut_to(earlier), change="2025-03-03", horizon=56).instead is not None


def test_too_little_before_and_too_few_cases():
    begin, wait = regular()
    late = begin >= -25 * 7
    short = procmine.compare(log_of(begin[late], wait[late]), change="2025-03-03")
    assert "Too little to compare with: 44 cases in 22 whole weeks before 2025-03-03" in short.sentences()[0]
    assert short.verdict.kind == "cannot_judge" and short.verdict.figures["reason"] == "short_before"
    rare = np.concatenate((begin[begin < 0], np.arange(0, 30, 3) * 7))
    few = procmine.compare(log_of(rare, np.full(len(rare), 9)), change="2025-03-03")
    assert few.rows["cases"][1] == 10 and few.rows["weeks"][1] == 28
    # 10 cases in 28 weeks: 30 need 84, and each must be watched for two weeks more
    assert few.sentences()[0].endswith(f"Ask again with data up to {np.datetime64('2025-03-03') + (84 + 2) * 7 - 1}.")
    none = procmine.compare(log_of(begin[begin < 0], wait[begin < 0]), change="2025-03-03")
    assert "Cannot tell: no case has begun since 2025-03-03" in none.sentences()[0]


def test_an_export_of_finished_cases_is_not_judged():
    begin, wait = world(7, weeks=30)
    log = log_of(begin, wait)
    finished = procmine.compare(log.take(np.flatnonzero(~log.open)), change="2025-03-03")
    assert "Cannot tell: this export seems to hold finished cases only." in finished.sentences()[0]
    assert finished.verdict.kind == "cannot_judge" and finished.verdict.figures["reason"] == "finished_only"
    assert np.isnat(finished.rows["difference"]).all() and np.isnat(finished.rows["mean"][1])
    told = float(finished.sentences()[0].split("about ")[1].split(" ")[0])
    assert 10 <= told <= log.open.sum()  # of the cases that are there; those left out would have been still more
    known = ask(log, BaselineSummary(Cohort(), CHANGE)).rows
    assert known["expected"][0] == pytest.approx(log.open.sum(), rel=0.2) and known["open"][0] == log.open.sum()


@pytest.mark.parametrize("per_week", [3, 40])
def test_when_the_log_is_complete_is_guessed_and_said(per_week):
    draw = np.random.default_rng(per_week)
    count = draw.poisson(per_week, 100).astype(float)
    slow = np.arange(100) < 20
    count[slow] = draw.poisson(per_week * 0.1, 20)
    count[60:62] = 0  # a holiday
    assert 17 <= complete_since(count) <= 22
    begin, wait = world(8, per_week=per_week)
    kept = (begin >= -60 * 7) | (draw.random(len(begin)) < 0.1)
    found = procmine.compare(log_of(begin[kept], wait[kept], weeks=52, complete_from=None), change="2025-03-03")
    assert abs(found.rows["begin"][0] - np.datetime64("2024-01-08")) <= np.timedelta64(28, "D")
    assert found.sentences()[-1].startswith(
        "The log does not say since when all cases are in it; by their number, since 20"
    )


def test_others_stand_beside_with_their_own_weeks():
    begin, wait = world(9, per_week=40)
    office = np.random.default_rng(0).integers(0, 2, len(begin))
    wait = np.where((office == 0) & (begin >= 0), wait * 0.5, wait)
    found = procmine.compare(
        log_of(begin, wait, weeks=52, office=office), change="2025-03-03", where={"office": "North"}
    )
    rows = found.rows
    assert list(rows["group"]) == ["cases where office is North"] * 2 + ["all other cases"] * 2
    assert rows["high"][1] < np.timedelta64(0) and rows["low"][3] < np.timedelta64(0) < rows["high"][3]
    alone = procmine.compare(
        log_of(begin[office == 1], wait[office == 1], weeks=52),
        change="2025-03-03",
        horizon=found.arguments["horizon"],
    ).rows
    assert alone["mean"][1] == rows["mean"][3] and alone["cases"][1] == rows["cases"][3]
    assert "Of cases where office is North, those begun since 2025-03-03 take " in found.sentences()[0]
    assert any(line.startswith("All other cases over the same weeks: no difference") for line in found.sentences())


def test_between_steps_entry_is_to_the_step(office):
    """Start -(middle 60 d)-> Order -(exponential, middle 5 d)-> End: nothing changes on day 462."""
    change = str((np.datetime64("1970-01-01") + 19_462).astype("M8[D]"))
    found = procmine.compare(office, change=change, start="Order", stop="End")
    begins = found.rows["begin"][0]
    lead = 60 * np.exp(0.8 * stats.norm.ppf(0.95))  # 19 in 20 come to the order within this
    assert begins >= np.datetime64("1970-01-01") + 19_000 + np.timedelta64(int(0.75 * lead), "D")
    mean = 5 / np.log(2) * (1 - 2 ** (-found.arguments["horizon"] / 5))
    np.testing.assert_allclose(days(found.rows["mean"]), mean, rtol=0.15)
    assert found.rows["otherwise"].sum() == 0 and "stands out" in found.sentences()[0]


def test_working_time_is_counted_on_its_clock():
    begin, wait = regular()
    clock = procmine.WorkingTime(0, 24)
    found = procmine.compare(log_of(begin, wait), change="2025-03-03", clock=clock)
    # from Monday 0:00: 10 days hold 8 working days, 20 hold 15, 5 hold 5; in 21 days there are 15
    assert days(found.rows["mean"]).tolist() == [(8 + 15) / 2, (5 + 15) / 2]
    office_hours = procmine.compare(log_of(begin, wait), change="2025-03-03", clock=procmine.WorkingTime(9, 17))
    assert days(office_hours.rows["mean"])[0] * 3 == (8 + 15) / 2
    assert "working day" in office_hours.halves()[0].say()


def test_refusals():
    begin, wait = regular()
    log = log_of(begin, wait)
    asked = {"change": "2025-03-03"}
    with pytest.raises(LogError, match=r"office = 'Nort'.*North, South"):
        procmine.compare(log, where={"office": "Nort"}, **asked)
    with pytest.raises(LogError, match="'region'"):
        procmine.compare(log, where={"region": "x"}, **asked)
    with pytest.raises(LogError, match=r"Did you mean 'Grant'"):
        procmine.compare(log, stop="Grnt", **asked)
    with pytest.raises(ValueError, match=r"nobody knows which one will be its last.*first\('Grant'\)"):
        procmine.compare(log, stop=procmine.last("Grant"), **asked)
    with pytest.raises(ValueError, match="data end on 2025-09-28, before the change on 2026-01-01"):
        procmine.compare(log, change="2026-01-01")
    with pytest.raises(LogError, match="only from 2024-05-27 on"):
        procmine.compare(log, change="2024-01-01")
    with pytest.raises(ValueError, match="horizon=0"):
        procmine.compare(log, horizon=0, **asked)
    with pytest.raises(LogError, match=r"holds only cases that have Grant.*would flatter"):
        procmine.compare(log.having("Grant"), **asked)
    with pytest.raises(LogError, match="No such case begins"):
        procmine.compare(log, start="Withdraw", **asked)
    never = log_of(begin, np.where(begin % 14 == 0, np.inf, wait))
    with pytest.raises(LogError, match=r"fewer than 9 in 10 had ended.*horizon=90"):
        procmine.compare(never, **asked)
    assert procmine.compare(never, horizon=30, **asked).arguments["horizon"] == 35


def finished_only(middle_before, middle_since):
    """Every other Monday a case of 60 to 95 days from In to Out, in the file only if it is over; M on a day of its own."""
    rows = []
    for fortnight in range(-60, 44):
        begin = np.datetime64("2025-03-03") + 14 * fortnight
        length = 60 + 7 * fortnight % 36
        if begin + length <= np.datetime64("2026-10-31"):
            middle = middle_since if fortnight >= 0 else middle_before
            rows += [(str(fortnight), step, begin + day) for step, day in (("In", 0), ("M", middle), ("Out", length))]
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "timestamp"])
    return procmine.read(frame, ends="every case", cutoff="2026-10-31")


@pytest.mark.parametrize("horizon", [56, 70, 84, None])
def test_a_step_in_the_middle_does_not_end_a_case_where_every_case_is_finished(horizon):
    """The way from In to Out is as long as ever; only M has moved from day 50 to day 5."""
    found = procmine.compare(finished_only(50, 5), change="2025-03-03", horizon=horizon)
    watched = found.arguments["horizon"]
    unmoved = procmine.compare(finished_only(50, 50), change="2025-03-03", horizon=horizon)
    for name in found.rows:
        np.testing.assert_array_equal(found.rows[name], unmoved.rows[name])
    assert watched == horizon or watched == 98
    if horizon == 56:
        assert "Too short to tell: within 56 days, 0 of " in found.sentences()[0]
    else:
        length = np.array([60 + 7 * k % 36 for k in range(36)])
        assert days(found.rows["mean"])[0] == pytest.approx(np.minimum(length, watched).mean(), abs=1)
        assert abs(days(found.rows["difference"])[1]) < 1 and "stands out" in found.sentences()[0]


def test_a_horizon_within_which_nobody_is_done_tells_nothing():
    begin, wait = world(20, per_week=30, weeks=60)
    late = log_of(begin, wait + 60, weeks=60)
    found = procmine.compare(late, change="2025-03-03", horizon=56)
    assert found.verdict.figures["reason"] == "too_short"
    assert (
        f"Too short to tell: within 56 days, 0 of {found.rows['cases'][0]:,} cases before 2025-03-03 were done waiting, and "
        f"0 of {found.rows['cases'][1]:,} cases since. Watch each case for longer: a larger horizon."
        in found.sentences()[0]
    )
    assert all(np.isnat(found.rows[name]).all() for name in ("difference", "low", "high", "visible"))
    assert found.outcomes.rows["share_after"].tolist() == [1.0]
    found.plot()
    sooner = log_of(begin, np.where(begin >= 0, wait, wait + 60), weeks=60)
    found = procmine.compare(sooner, change="2025-03-03", horizon=56)
    assert found.rows["high"][1] < np.timedelta64(0) and found.verdict.figures["high"] < 0


def test_waits_that_are_all_alike_are_said_to_be():
    begin, _ = regular()
    found = procmine.compare(log_of(begin, np.full(len(begin), 10)), change="2025-03-03")
    assert "We see no difference: before and since, the cases took the same time." in found.sentences()[0]
    assert found.verdict.kind == "no_evidence"


def test_one_is_one_and_not_several():
    begin = np.concatenate((np.arange(-40, 0), [0])) * 7
    found = procmine.compare(log_of(begin, np.full(41, 9), weeks=3), change="2025-03-03").sentences()[0]
    assert found.startswith("Too early: 1 case begun since 2025-03-03, in 1 whole week, could be watched for 14 days;")


FIRST = "2024-03-04"


def in_period(log):
    """The cases that began from FIRST on, in a log that says so."""
    begun = log.take(np.flatnonzero(log.arrival >= micros(FIRST)))
    return replace(begun, about=replace(log.about, complete_from=micros(FIRST)))


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("rule", ["touching", "started"])
def test_cases_that_a_period_only_touches_are_survivors_and_not_compared(rule, stated):
    """No change at all, and waits that are long for some: those begun long before the period are in it if they lasted."""
    begin, wait = world(21, per_week=20, years=3, weeks=40, cv=2)
    log = log_of(begin, wait, weeks=40, **({} if stated else {"complete_from": None}))
    kept = log.between(FIRST, "2026-01-01", rule=rule)
    assert (kept.arrival < micros(FIRST)).sum() > 100 or rule == "started"
    found = procmine.compare(kept, change="2025-03-03", horizon=112)
    truth = procmine.compare(in_period(log), change="2025-03-03", horizon=112)
    for name in truth.rows:
        np.testing.assert_array_equal(found.rows[name], truth.rows[name])
    assert found.rows["begin"][0] == np.datetime64(FIRST) and "stands out" in found.sentences()[0]


def test_entries_to_a_step_count_from_the_period_on(office):
    change = str((np.datetime64("1970-01-01") + 19_700).astype("M8[D]"))
    first = str((np.datetime64("1970-01-01") + 19_250).astype("M8[D]"))
    whole = replace(office, about=replace(office.about, complete_from=office.about.begins))
    kept = whole.between(first, "2024-12-01", rule="touching")
    begins = procmine.compare(kept, change=change, start="Order", stop="End", horizon=28).rows["begin"][0]
    assert begins >= np.datetime64(first) + np.timedelta64(100, "D")  # 19 in 20 come to the order within 225 days


def test_weeks_after_a_kept_period_are_not_weeks_without_cases():
    begin, wait = world(22, per_week=30, weeks=60)
    log = log_of(begin, wait, weeks=60)
    found = procmine.compare(log.between("2020-01-06", "2025-06-30"), change="2025-03-03", horizon=28)
    assert found.rows["weeks"][1] == 17 and found.rows["end"][1] == np.datetime64("2025-06-30")
    assert procmine.compare(log, change="2025-03-03", horizon=28).rows["weeks"][1] == 56
    few = procmine.compare(log.between("2020-01-06", "2025-04-14"), change="2025-03-03", horizon=28)
    assert "Too few to tell: " in few.sentences()[0] and "in 6 whole weeks" in few.sentences()[0]
    assert few.sentences()[0].endswith("up to, not including, 2025-04-14: use all cases.")
    with pytest.raises(LogError, match="so no case begun since the change on 2025-03-03"):
        procmine.compare(log.between("2020-01-06", "2025-03-03"), change="2025-03-03")


def test_cases_chosen_by_what_came_later_are_refused():
    begin, wait = world(23, per_week=20)
    log = log_of(begin, wait, event_attributes=("judge",))
    judge = np.where(log.activity == 0, -1, np.arange(len(log.time)) % 2).astype(np.int32)
    log = replace(log, event_attributes={"judge": Text(judge, pa.array(["Ann", "Ben"]))})
    asked = {"change": "2025-03-03", "horizon": 56}
    for chosen in (
        log.having("Grant"),
        log.not_having("Withdraw"),
        log.between("2023-01-02", "2025-09-01", rule="inside"),
        log.having("Grant").sample(cases=500, seed=1).cut_to("2025-08-31"),
    ):
        with pytest.raises(LogError, match=r"This log holds only cases .* would flatter"):
            procmine.compare(chosen, **asked)
    unheard = replace(log, about=log.about.after(Message("kept.forecast", {"policy": "x"})))  # no filter that it knows
    with pytest.raises(LogError, match="This log holds only policy tried: x"):
        procmine.compare(unheard, **asked)
    for rule in ("first", "last"):
        told = log.with_case_attribute("judge", rule=rule)
        with pytest.raises(LogError, match=r"'judge' was taken from the events.*attributes=\('judge',\)"):
            procmine.compare(told.where({"judge": "Ann"}), **asked)
        with pytest.raises(LogError, match="'judge' was taken from the events"):
            procmine.compare(told, where={"judge": "Ann"}, **asked)
        assert procmine.compare(told, **asked).sentences() == procmine.compare(log, **asked).sentences()
    with pytest.raises(
        LogError, match="Steps were left out of this log, so when and how its cases ended cannot be told"
    ):
        procmine.compare(log.only_activities(["Apply"]), **asked)


def test_filters_by_what_is_known_when_a_case_begins_are_fair():
    begin, wait = world(24, per_week=20, weeks=40)
    log = log_of(begin, wait, weeks=40, office=np.arange(len(begin)) % 2)
    asked = {"change": "2025-03-03", "horizon": 56}
    south, cut = log.attributes["office"].among(["South"]), micros("2025-08-04")
    early = log_of(begin, wait, weeks=22)
    pairs = (
        (log.where({"office": "South"}), log.take(np.flatnonzero(south))),
        (log.sample(cases=1_000, seed=3), log.take(np.sort(drawn(log, 1_000, 3)))),
        (log.cut_to("2025-08-03"), early),
    )
    assert early.about.cutoff == cut - 1
    for kept, by_hand in pairs:
        found, truth = (procmine.compare(one, **asked).rows for one in (kept, by_hand))
        for name in truth:
            np.testing.assert_array_equal(found[name], truth[name])


def drawn(log, cases, seed):
    return np.random.default_rng(seed).choice(len(log), cases, replace=False)


def test_a_stop_counts_from_the_moment_of_the_start_as_in_time_between():
    """Dates only, in any order inside a day: watching and case_times agree with each other and with a loop."""
    draw, rows = np.random.default_rng(6), []
    for case in range(400):
        for _ in range(draw.integers(1, 7)):
            rows.append((f"{case:03}", "ABC"[draw.integers(0, 3)], f"2024-01-{draw.integers(1, 6):02}"))
    log = build(rows, cutoff="2024-02-01", ends=["C"])
    for stop in ("B", "A"):
        cohort = Cohort(procmine.first("A"), procmine.first(stop))
        entry, member = cohort.enter(log)
        seen = cohort.watch(log, entry, np.full(len(log), log.about.cutoff))
        told = procmine.case_times(log, "A", stop)
        assert log.case.take(np.flatnonzero(member)).values().tolist() == told["case"].tolist()
        reached, length = (seen.cause == 0)[member], (seen.until - entry)[member]
        assert reached.tolist() == told["reached"].tolist() and 100 < reached.sum() < 350
        assert (length[reached] * 1_000).tolist() == told["elapsed"][told["reached"]].astype("m8[ns]").astype(
            int
        ).tolist()
        for place, case in enumerate(np.flatnonzero(member)):
            events = [
                (log.time[at], "ABC".index(log.about.activities[log.activity[at]]), at) for at in steps_of(log, case)
            ]
            begun = next(event for event in events if event[1] == 0)
            later = [
                time for time, step, at in events if step == "ABC".index(stop) and time >= begun[0] and at != begun[2]
            ]
            assert reached[place] == bool(later) and (not later or length[place] == min(later) - begun[0])


def steps_of(log, case):
    return range(log.offset[case], log.offset[case + 1])


def test_a_decision_of_the_same_day_was_reached_whatever_the_order_of_the_file():
    rows = [
        (f"{week + 60:03}{number}", step, str(np.datetime64("2025-03-03") + 7 * week + day))
        for week in range(-50, 20)
        for number in range(2)
        for step, day in (("Decide", 0), ("File", 0), ("Decide", 9), ("Close", 12))
        if number or (step, day) != ("Decide", 9)
    ]
    log = build(rows, cutoff="2025-09-01", ends=["Close"], complete_from=micros("2024-03-04"))
    found = procmine.compare(log, change="2025-03-03", start="File", stop="Decide", horizon=28)
    assert found.rows["share"].tolist() == [1, 1] and days(found.rows["p90"]).tolist() == [0, 0]
    by_case = procmine.time_between(log, "File", "Decide")
    assert by_case.rows["ended"][0] == 140 and days(by_case.rows["time"])[89] == 0


def test_a_log_in_shards_gives_the_same(tmp_path):
    begin, wait = world(11, per_week=6)
    log = log_of(begin, wait, office=np.arange(len(begin)) % 2)
    asked = {"change": "2025-03-03", "where": {"office": "South"}, "start": "Apply", "stop": "Grant"}
    whole, shards = (
        procmine.compare(log, **asked),
        procmine.compare(procmine.save(log, tmp_path / "log", shards=3), **asked),
    )
    assert whole.sentences() == shards.sentences() and list(whole.rows["cases"]) == list(shards.rows["cases"])


def test_moments_in_a_zone():
    """A change at midnight in Auckland: cases of that morning belong to the time since."""
    weeks = np.repeat(np.arange(-40, 30), 2)
    begin = weeks * 7 - 13 / 24 + np.tile([0.01, 6.9], 70)  # NZDT is 13 hours ahead of UTC
    log = log_of(begin, np.full(140, 9), axis="instant", zone="Pacific/Auckland", complete_from=CHANGE - 300 * DAY)
    found = procmine.compare(log, change="2025-03-03")
    assert list(found.rows["cases"]) == [2 * 38, 2 * 28] and found.rows["weeks"][1] == 28
    assert str(found.rows["begin"][1]).startswith("2025-03-03T00:00")


def test_what_it_says_is_plain_and_does_not_judge():
    said = " ".join(text for key, text in ENGLISH.items() if key.startswith("compare."))
    for word in ("improve", "faster", "slower", "because", "median", "percentile", "censored", "confidence", "Kaplan"):
        assert word not in said
    begin, wait = world(12, effect=0.5)
    found = procmine.compare(log_of(begin, wait, weeks=40), change="2025-03-03")
    assert "This says what is different since then, not why." in found.sentences()
    json.dumps(found.to_dict(), allow_nan=False)
    assert set(found.to_dict()) >= {"outcomes", "weekly", "rows", "sentences"}


def test_hostile_names_are_text(tmp_path):
    begin, wait = world(13)
    hostile = "<img src=x onerror=alert(1)>"
    about = {"activities": ("=cmd()", hostile, "{0}%s$\\frac{"), "ends": (hostile, "{0}%s$\\frac{"), "outcomes": {}}
    end = 1 + np.arange(len(begin)) % 2
    log = log_of(begin, wait, weeks=52, end=end, **about)
    found = procmine.compare(log, change="2025-03-03", start="=cmd()", stop=hostile)
    assert hostile not in found._repr_html_() and "{0}%s$" in " ".join(found.sentences())
    found.save(tmp_path / "curve.png")
    found.to_excel(tmp_path / "book.xlsx")
    assert (tmp_path / "curve.png").stat().st_size > 10_000


def test_the_pilot_office_of_the_sample():
    from pathlib import Path

    from procmine import samples

    log = procmine.read(Path(__file__).parents[1] / "event_logs" / "child_support.yaml")
    steps = {"change": samples.CHANGE, "start": samples.PETITION, "stop": samples.ORDER}
    true = samples.truth().steps
    middle = {
        (office, contested, period): value
        for office, contested, period, value in zip(true["office"], true["contested"], true["period"], true["middle"])
    }
    periods = list(dict.fromkeys(true["period"]))
    consent = procmine.compare(log, where={"office": samples.PILOT, "contested": "no"}, **steps)
    for row in (0, 1):
        assert days(consent.rows["p50"])[row] == pytest.approx(middle[samples.PILOT, "no", periods[row]], abs=2)
    assert days(consent.rows["difference"])[1] == pytest.approx(-70, abs=3)
    pilot = procmine.compare(log, where={"office": samples.PILOT}, **steps)
    assert consent.verdict.kind == "improved" and pilot.verdict.kind == "improved_for_most"
    assert pilot.verdict.figures["others"] == "contested is yes"
    assert days(consent.rows["difference"])[1] == pytest.approx(consent.verdict.figures["difference"] / 86_400, abs=0.1)
    assert -60 < days(pilot.rows["difference"])[1] < -45
    assert pilot.rows["low"][3] < np.timedelta64(0) < pilot.rows["high"][3]
    contested = procmine.compare(log, where={"office": samples.PILOT, "contested": "yes"}, **steps)
    assert contested.verdict.kind in ("no_evidence", "too_few")
    for office in samples.OFFICES:
        if office != samples.PILOT:
            kind = procmine.compare(log, where={"office": office}, **steps).verdict.kind
            assert kind in ("no_evidence", "too_few")


def test_a_stop_that_nobody_comes_to_is_refused(shared):
    import procmine

    log = procmine.read(shared / "receipt_coselog" / "receipt.csv.gz")
    with pytest.raises(LogError, match="right way round"):
        procmine.compare(
            log,
            change="2011-06-06",
            start="T10 Determine necessity to stop indication",
            stop="Confirmation of receipt",
            horizon=7,
        )


def test_repairs_by_a_spec_do_not_stand_in_the_way(tmp_path):
    begins, waits = regular()
    frame = log_of(begins, waits).events[["case", "activity", "time"]].assign(phone="555")
    frame["activity"] = frame["activity"].replace({"Grant": "Granted"})
    frame.to_csv(tmp_path / "log.csv", index=False)
    spec = tmp_path / "log.yaml"
    spec.write_text(
        "columns: {case: case, activity: activity, timestamp: time}\nends: [Granted]\ncutoff: 2025-09-28\n"
        "complete_from: 2024-05-27\n",
        encoding="utf-8",
    )
    plain = procmine.compare(procmine.read(tmp_path / "log.csv"), change="2025-03-03")
    spec.write_text(
        spec.read_text(encoding="utf-8").replace("[Granted]", "[Grant]") + "renames: {Granted: Grant}\ndrop: [phone]\n",
        encoding="utf-8",
    )
    log = procmine.read(tmp_path / "log.csv")
    assert len(log.about.history) == 2
    mended = procmine.compare(log, change="2025-03-03")
    assert {name: list(map(str, held)) for name, held in mended.rows.items()} == {
        name: list(map(str, held)) for name, held in plain.rows.items()
    }
    with pytest.raises(LogError, match=r"holds only cases that have Grant.*would flatter"):
        procmine.compare(log.having("Grant"), change="2025-03-03")
    assert any(one.key == "log.none_open" for one in procmine.read(tmp_path / "log.csv", ends="every case").messages())
    assert any(one.key == "log.none_open_kept" for one in log.having("Grant").messages())
