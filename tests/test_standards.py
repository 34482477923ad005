"""Service standards, against counts by hand, scipy, numpy's business days and worlds of known truth."""

import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from logs import build, micros
from scipy import stats
from service_worlds import log_of, steady

import procmine
from procmine.find.service.breaches import Visits
from procmine.find.service.file import StandardsFile
from procmine.find.service.near_limit import PILED, TOO_FEW
from procmine.find.service.standards import Standard, share_of, verdict_of, wilson
from procmine.log import LogError
from procmine.settings import SettingsError

DECIDED = Standard("decided in 10 days", "Start", "Decision", 10)
ROWS = [
    *(("A", "Start", "2024-01-01"), ("A", "Decision", "2024-01-08")),  # 7 days: done
    *(("B", "Start", "2024-01-01"), ("B", "Decision", "2024-01-11")),  # 10 days: done
    *(("C", "Start", "2024-01-01"), ("C", "Decision", "2024-01-12")),  # 11: late
    ("D", "Start", "2024-01-02"),  # open: overdue
    *(("E", "Start", "2024-01-03"), ("E", "Withdrawn", "2024-01-06")),  # otherwise, before its limit
    *(("F", "Start", "2024-01-03"), ("F", "Withdrawn", "2024-01-20")),  # otherwise, but late
    ("G", "Start", "2024-03-25"),  # open, due on 4 April
    *(("H", "Start", "2024-03-25"), ("H", "Decision", "2024-03-28")),  # done, but not due yet
    ("I", "Start", "2024-03-21"),  # open, due on the cutoff's own day
    *(("J", "Start", "2024-03-22"), ("J", "Start", "2024-03-23")),  # the first time counts; due on 1 April
]
ENDS = {"ends": ["Decision", "Withdrawn"], "outcomes": {"Decision": "decided", "Withdrawn": "withdrawn"}}


def ten(rows=ROWS, cutoff="2024-03-31", **about):
    return build(rows, cutoff=cutoff, **{**ENDS, **about})


def one_row(answer):
    return {name: column[0] for name, column in answer.rows.items()}


def test_ten_cases_by_hand():
    row = one_row(procmine.standards(ten(), DECIDED))
    counts = ("due", "done", "done_late", "overdue", "otherwise", "running", "early")
    assert [row[name] for name in counts] == [6, 2, 2, 2, 1, 3, 0]
    assert row["share"] == pytest.approx(2 / 6)
    assert row["limit"] == "10 days" and row["asked"] == 0.8
    # few weeks: n is halved, so as Wilson's interval of 1 in 3
    interval = stats.binomtest(1, 3).proportion_ci(0.95, "wilson")
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high), abs=1e-6)
    assert row["verdict"] == "not met"  # up to 79.2 %
    assert one_row(procmine.standards(ten(), replace(DECIDED, share=79)))["verdict"] == "cannot tell"


def test_the_verdict_is_about_the_whole_range():
    row = one_row(procmine.standards(ten(), replace(DECIDED, share=95)))
    assert row["high"] < 0.95 and row["verdict"] == "not met"
    assert verdict_of(10, 0.9, 0.81, 0.95, 0.8) == "met"
    assert verdict_of(10, 0.9, 0.79, 0.95, 0.8) == "cannot tell"
    assert verdict_of(0, np.nan, np.nan, np.nan, 0.8) == ""
    assert verdict_of(10, 1.0, 0.7, 1.0, 1.0) == "met"  # all of them: a fact, no estimate
    assert verdict_of(1_000, 0.999, 0.99, 1.0, 1.0) == "not met"


@pytest.mark.parametrize(("k", "n"), [(0, 5), (3, 10), (80, 100), (50, 50)])
def test_wilson_is_scipys(k, n):
    interval = stats.binomtest(k, n).proportion_ci(0.95, "wilson")
    assert wilson(k / n, n) == pytest.approx((interval.low, interval.high), abs=1e-6)


def test_weeks_that_differ_widen_the_range():
    due, effects = np.full(104, 20.0), []
    for seed in range(200):
        draw = np.random.default_rng([seed, 1])
        chance = np.clip(0.7 + 0.2 * draw.standard_normal(104), 0, 1)
        alike, shocked = draw.binomial(20, 0.7, 104), draw.binomial(20, chance)
        effects.append([share_of(done.astype(float), due)[3] for done in (alike, shocked)])
    narrow, wide = np.mean(effects, axis=0)
    # shares of independent weeks: 1, and never below; of shocks: 1 + (m - 1) rho, where rho = var / (p (1 - p))
    assert 1 <= narrow < 1.4
    shock = np.var(np.clip(0.7 + 0.2 * np.random.default_rng(2).standard_normal(100_000), 0, 1))
    assert wide == pytest.approx(1 + 19 * shock / (0.7 * 0.3), rel=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("shock", [0.0, 0.1])
def test_the_range_holds_the_truth(shock):
    inside = []
    for seed in range(1_000):
        draw = np.random.default_rng([seed, 7])
        chance = np.clip(0.75 + shock * draw.standard_normal(104), 0.02, 0.98)
        due = draw.poisson(15, 104).astype(float)
        _, low, high, _ = share_of(draw.binomial(due.astype(int), chance).astype(float), due)
        inside.append(low <= 0.75 <= high)
    assert stats.binomtest(sum(inside), len(inside)).proportion_ci(0.99, "exact").high > 0.95
    assert np.mean(inside) > 0.92


def test_the_hour_does_not_count_and_the_day_does():
    rows = [("A", "Start", "2024-01-01T16:00"), ("A", "Decision", "2024-01-11T23:59")]
    rows += [("B", "Start", "2024-01-01T16:00"), ("B", "Decision", "2024-01-12T00:00")]
    row = one_row(procmine.standards(ten(rows), DECIDED))
    assert (row["done"], row["done_late"]) == (1, 1)


def test_hours_count_to_the_moment():
    standard = replace(DECIDED, within=24, unit="hours")
    rows = [("A", "Start", "2024-01-01T16:00"), ("A", "Decision", "2024-01-02T16:00")]
    rows += [("B", "Start", "2024-01-01T16:00"), ("B", "Decision", "2024-01-02T16:00:01")]
    rows += [("C", "Start", "2024-03-31T00:00"), ("D", "Start", "2024-03-30T23:59:59.999998")]
    row = one_row(procmine.standards(ten(rows), standard))
    assert [row[name] for name in ("done", "done_late", "overdue", "running")] == [1, 1, 1, 1]
    assert row["limit"] == "24 hours"


OPEN = {"hours": dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-16:00")}


def test_working_days_are_those_of_numpy():
    draw = np.random.default_rng(3)
    begin = np.datetime64("2024-01-01") + draw.integers(0, 60, 40)
    end = begin + draw.integers(0, 25, 40)
    closed = ["2024-01-15", "2024-02-19"]
    rows = [
        (f"c{k:02}", step, str(day)) for k in range(40) for step, day in (("Start", begin[k]), ("Decision", end[k]))
    ]
    log = ten(rows, calendars={"default": {**OPEN, "closed": tuple(closed)}})
    row = one_row(procmine.standards(log, replace(DECIDED, unit="working days")))
    days = np.busday_count(begin + 1, end + 1, holidays=closed)
    due = np.busday_count(begin + 1, np.datetime64("2024-04-01") + 1, holidays=closed) > 10
    assert row["done"] == ((days <= 10) & due).sum() > 10
    assert row["done_late"] == (days > 10).sum() > 5
    assert row["limit"] == "10 working days"


def paused(rows, cutoff="2024-03-31", units=None, **about):
    begins = {"begins": "Complete"} if any(step == "Complete" for _, step, _ in rows) else {}
    clock = {**begins, "pauses": ({"from_step": "Returned", "to_step": "Documents"},)}
    extra = {} if units is None else {"event_attributes": {"status": units}}
    return build(rows, cutoff=cutoff, clock=clock, **ENDS, **extra, **about)


SERVICE = Standard("decided in 10 days", "arrival", "Decision", 10, clock="service")
RETURNED = [
    *(("A", "Start", "2024-01-01"), ("A", "Returned", "2024-01-05"), ("A", "Documents", "2024-01-15")),
    ("A", "Decision", "2024-01-21"),  # 20 days, 10 of them paused: done
    *(("B", "Start", "2024-01-01"), ("B", "Returned", "2024-01-05"), ("B", "Documents", "2024-01-15")),
    ("B", "Decision", "2024-01-22"),  # 11: late
    *(("C", "Start", "2024-01-01"), ("C", "Returned", "2024-01-05")),  # stands since the fourth day: not due
    *(("D", "Start", "2024-01-01"), ("D", "Returned", "2024-01-05"), ("D", "Returned", "2024-01-07")),
    *(("D", "Documents", "2024-01-10"), ("D", "Decision", "2024-01-16")),  # 15 - 5: overlapping pauses count once
    # E was late already when it was returned
    *(("E", "Start", "2024-01-01"), ("E", "Documents", "2024-01-03"), ("E", "Returned", "2024-01-13")),
]


def test_a_service_clock_stands_in_pauses():
    row = one_row(procmine.standards(paused(RETURNED), SERVICE))
    counts = ("done", "done_late", "overdue", "running")
    assert [row[name] for name in counts] == [2, 1, 1, 1]
    calendar = one_row(procmine.standards(paused(RETURNED), replace(SERVICE, clock="calendar")))
    assert [calendar[name] for name in counts] == [0, 3, 2, 0]


def test_a_status_on_hold_is_a_pause_too():
    rows = [("A", "Start", "2024-01-01"), ("A", "Note", "2024-01-04"), ("A", "Other", "2024-01-06")]
    rows += [("A", "Note", "2024-01-14"), ("A", "Decision", "2024-01-21")]
    log = build(rows, cutoff="2024-03-31", suspended={"column": "status", "values": ("held",)}, **ENDS,
                event_attributes={"status": ["open", "held", None, "open", "open"]})  # fmt: skip
    assert one_row(procmine.standards(log, SERVICE))["done"] == 1  # 20 days, 4th to 14th on hold
    assert one_row(procmine.standards(log, replace(SERVICE, within=9)))["done_late"] == 1


def test_from_where_and_to_where():
    rows = [("A", "Start", "2024-01-01"), ("A", "Complete", "2024-01-11"), ("A", "Reply", "2024-01-13")]
    rows += [("A", "Decision", "2024-01-25")]
    rows += [("B", "Start", "2024-01-01"), ("B", "Complete", "2024-01-11"), ("B", "Withdrawn", "2024-01-15")]
    log = paused(
        [*rows, *[("C", step, day) for step, day in (("Returned", "2024-01-01"), ("Documents", "2024-01-02"))]]
    )

    def done(start, stop, within):
        return one_row(procmine.standards(log, Standard("s", start, stop, within)))["done"]

    assert [done("complete application", "Decision", n) for n in (13, 14)] == [0, 1]
    assert [done("arrival", "Decision", n) for n in (23, 24)] == [0, 1]
    assert [done("arrival", "decided", n) for n in (23, 24)] == [0, 1]  # an outcome
    assert [done("Complete", ("Reply", "Decision"), n) for n in (1, 2)] == [0, 1]  # whichever comes first
    assert [done("arrival", "any end", n) for n in (13, 14, 24)] == [0, 1, 2]
    assert done("Reply", "Start", 100) == 0  # what came before does not count


def test_only_the_cases_named_and_groups():
    of = dict(zip("ABCDEFGHIJ", ["N", "S"] * 5))
    log = build(ROWS, cutoff="2024-03-31", attributes={"office": of}, **ENDS)
    north = one_row(procmine.standards(log, replace(DECIDED, where={"office": "N"})))
    assert (north["due"], north["done"]) == (3, 1)  # A done, C late, I overdue; E otherwise, G running
    grouped = procmine.standards(log, [DECIDED, replace(DECIDED, name="other", within=11)], by=["office"])
    assert list(zip(grouped.rows["office"], grouped.rows["standard"], grouped.rows["done"])) == [
        ("N", "decided in 10 days", 1),
        ("N", "other", 2),
        ("S", "decided in 10 days", 1),
        ("S", "other", 1),
    ]
    with pytest.raises(LogError, match="No case has that value of office"):
        procmine.standards(log, replace(DECIDED, where={"office": "X"}))
    with pytest.raises(LogError, match="No attribute 'region'"):
        procmine.standards(log, replace(DECIDED, where={"region": "X"}))


def test_cases_begun_before_the_data_are_left_out_and_said():
    log = ten(complete_from=micros("2024-01-02"))
    answer = procmine.standards(log, DECIDED)
    row = one_row(answer)
    assert (row["early"], row["due"], row["done"]) == (3, 3, 0)
    assert any("began before the data" in line for line in answer.sentences())


def test_late_cases_by_hand():
    answer = procmine.late_cases(ten(), DECIDED)
    frame = answer.frame
    assert list(frame["case"]) == ["D", "I"]
    assert list(frame["spent"]) == [90, 11] and list(frame["over"]) == [80, 1]  # on the morning of 1 April
    assert list(frame["step"]) == ["Start", "Start"]
    assert frame["begun"].dt.strftime("%m-%d").tolist() == ["01-02", "03-21"]
    assert "2 cases are still open beyond the limit" in answer.sentences()[0]
    none = procmine.late_cases(ten(), replace(DECIDED, within=300))
    assert len(none) == 0 and none.sentences()[0] == "No open case is beyond its limit."


def test_counting_what_is_not_due_would_flatter():
    """Statistics 1.7: the share of the cases due is the truth, that of closed ones is not."""
    shares, closed = [], []
    for seed in range(30):
        table, log = steady(seed, cases=400, days=260, middle=60, cutoff=260)
        row = one_row(procmine.standards(log, Standard("s", "arrival", "Done", 60)))
        shares.append(row["share"])
        length = table[:, 2] - table[:, 0]
        closed.append(np.mean(length[table[:, 2] <= 260] <= 60))
    everyone = np.concatenate(
        [np.diff(steady(seed, cases=4_000, middle=60)[0][:, ::2])[:, 0] for seed in range(90, 95)]
    )
    truth = np.mean(everyone <= 60)
    assert np.mean(shares) == pytest.approx(truth, abs=0.015)
    assert np.mean(closed) > truth + 0.05


FILE = """
standards:
- name: decided in 10 days
  from: Start
  to: Decision
  within: 10
  share: 80
- {name: any end, from: arrival, to: [any end], within: 11, unit: days}
"""


def test_a_file_is_the_same_as_objects(tmp_path):
    path = tmp_path / "standards.yaml"
    path.write_text(FILE, encoding="utf-8")
    written = procmine.standards(ten(), path)
    assert one_row(written) == pytest.approx(one_row(procmine.standards(ten(), DECIDED)))
    assert written.rows["done"][1] == 4  # A, B and C, and E that was withdrawn


def test_a_file_tells_all_its_errors_at_once(tmp_path):
    path = tmp_path / "standards.yaml"
    path.write_text("""
standards:
- {name: a, form: Start, to: End, within: -3, unit: weeks, share: 0.8}
caseload: {inactiv: [x]}
""", encoding="utf-8")  # fmt: skip
    with pytest.raises(SettingsError) as told:
        procmine.standards(ten(), path)
    for place in ("standards.0.from", "standards.0.form", "within", "unit", "share", "caseload.inactiv"):
        assert place in str(told.value)


def test_refusals_say_what_to_do(tmp_path):
    log = ten()
    with pytest.raises(LogError, match=r"'Strat'.*Did you mean 'Start'"):
        procmine.standards(log, replace(DECIDED, start="Strat"))
    with pytest.raises(LogError, match=r"'nothing'.*Or an outcome: decided, withdrawn. Or any end"):
        procmine.standards(log, replace(DECIDED, stop="nothing"))
    with pytest.raises(LogError, match="clock: begins"):
        procmine.standards(log, replace(DECIDED, start="complete application"))
    with pytest.raises(LogError, match="no calendars"):
        procmine.standards(log, replace(DECIDED, unit="working days"))
    with pytest.raises(LogError, match="stands in pauses"):
        procmine.standards(log, replace(DECIDED, clock="service"))
    with pytest.raises(ValueError, match="in percent"):
        replace(DECIDED, share=0.8)
    with pytest.raises(ValueError, match="Two are named"):
        procmine.standards(log, [DECIDED, DECIDED])
    (tmp_path / "none.yaml").write_text("title: nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="There is no standard"):
        procmine.standards(log, tmp_path / "none.yaml")
    with pytest.raises(LogError, match="finished cases only"):
        procmine.breaches(ten(every_case=True), DECIDED)


@pytest.mark.parametrize("seed", range(5))
def test_chances_are_scipys_survival_from_an_age_on(seed):
    draw = np.random.default_rng(seed)
    took = draw.integers(0, 60, 200)
    stayed = np.minimum(took, draw.integers(0, 40, 200))
    gone = draw.random(200) < 0.7
    age, more = 8, np.array([0, 3, 11, 40])
    share, _, n = Visits(stayed, took, took, gone).left_after(age, age + more)
    here = stayed > age
    data = stats.CensoredData.right_censored(took[here], ~gone[here])
    curve = stats.ecdf(data).sf
    assert share == pytest.approx(curve.evaluate(age + more))
    assert n == here.sum()


def test_who_is_likely_late_by_hand():
    """60 past cases took 5 or 15 days, half and half; at 6 days only the long ones are left: late for certain."""
    days = [[10 * k, 10 * k + (5 if k % 2 else 15)] for k in range(60)]
    days += [[640, np.nan], [645, np.nan], [646, np.nan]]
    log = log_of(["Start", "Done"], np.array(days, float), cutoff=646, ends=["Done"])
    standard = Standard("s", "Start", "Done", 10)
    chances = procmine.at_risk(log, standard).frame.set_index("case")
    assert chances.loc["c000060", "share_late"] == 1 and chances.loc["c000060", "left"] == 4
    # of 61 that were there on the fifth day (the open one of 6 days too) 30 ended on it
    assert chances.loc["c000061", "share_late"] == pytest.approx(31 / 61)
    assert chances.loc["c000062", "share_late"] == pytest.approx(31 / 61)
    weeks = procmine.breaches(log, standard, weeks=2)
    assert list(weeks.rows["due"]) == [1, 2]  # in 4 days; in 9 and 10
    assert weeks.rows["expected"] == pytest.approx([1, 62 / 61])


def test_who_waits_while_the_clock_stands_is_not_late():
    """A pause of 20 to 40 days, then done on the day it ends: on a limit of 10 days that count nobody is late."""
    draw = np.random.default_rng(3)
    begin = np.sort(draw.integers(0, 600, 900)).astype(float)
    ask = begin + draw.integers(1, 9, 900)
    table = np.stack([begin, ask, ask + draw.integers(20, 41, 900)], axis=1)
    clock = {"pauses": [{"from_step": "Asked", "to_step": "Done", "whose": "applicant"}]}
    log = log_of(["Start", "Asked", "Done"], table, cutoff=560, ends=["Done"], clock=clock)
    standard = Standard("s", "Start", "Done", 10, clock="service")
    chances = procmine.at_risk(log, standard).rows
    assert (chances["step"] == "Asked").sum() > 20 and np.nansum(chances["share_late"]) == 0
    answer = procmine.breaches(log, standard)
    assert answer.rows["due"].sum() > 20 and answer.rows["expected"].sum() == 0
    assert "each pause puts it off" in answer.sentences()[-1]


def test_nobody_is_called_late_by_a_limit_that_no_case_was_watched_for():
    """A log of 8 days: 40 cases done within 2 days, 40 still open; whether a limit of 60 days will be kept, nobody knows."""
    days = [[k / 10, k / 10 + 2] for k in range(40)] + [[4 + k / 10, np.nan] for k in range(40)]
    log = log_of(["Start", "Done"], np.array(days, float), cutoff=8, ends=["Done"])
    weeks = procmine.breaches(log, Standard("s", "Start", "Done", 60), weeks=12)
    assert weeks.rows["unknown"].sum() == weeks.rows["due"].sum() == 40
    assert weeks.rows["expected"].sum() == weeks.rows["to"].sum() == weeks.rows["seen"].sum() == 0
    assert len(weeks.findings()) == 1 and "of 40 open cases" in weeks.sentences()[0]
    assert "no past case was watched for as long" in weeks.sentences()[0]
    cases = procmine.at_risk(log, Standard("s", "Start", "Done", 60))
    assert np.isnan(cases.rows["share_late"]).all() and cases.sentences()[0].startswith(
        "Of 40 cases nothing can be told"
    )


def calibration(seeds, **world):
    chance, late, counts = [], [], []
    for seed in seeds:
        table, log = steady(seed, **world)
        standard = Standard("s", "Start", "Done", 45)
        rows = procmine.at_risk(log, standard).rows
        number = np.array([int(case[1:]) for case in rows["case"]])
        chance.append(rows["share_late"])
        late.append((table[:, 2] - table[:, 0])[number] > 45)
        weeks = procmine.breaches(log, standard, weeks=6).rows
        in_week = (rows["due"] - weeks["week"][0]).astype(int) // 7
        for week in range(6):
            true = late[-1][in_week == week].sum()
            counts.append(weeks["from_"][week] - 0.5 <= true <= weeks["to"][week] + 0.5)
    return np.concatenate(chance), np.concatenate(late), np.mean(counts)


@pytest.mark.slow
@pytest.mark.parametrize("shock", [0.0, 0.15])
def test_chances_come_true(shock):
    chance, late, held = calibration(range(60), cases=2_500, days=700, shock=shock, cutoff=690)
    assert chance.mean() == pytest.approx(late.mean(), abs=0.02)
    for low in np.arange(0, 1, 0.2):  # of those said to be late with 20 to 40 %, so many are
        here = (chance >= low) & (chance < low + 0.2)
        if here.sum() >= 200:
            assert late[here].mean() == pytest.approx(chance[here].mean(), abs=0.04), low
    assert held > 0.9


def test_the_same_reckoning_a_while_ago_is_told():
    table, log = steady(4, cases=2_000, days=600, cutoff=590)
    answer = procmine.breaches(log, Standard("s", "Start", "Done", 45), weeks=6)
    day, n, expected, were, still = answer.arguments["tried"]["s"]
    assert still == 0  # a calendar does not stand
    then = 590 - 42
    running = (table[:, 0] <= then) & (table[:, 2] > then) & (table[:, 0] + 45 > then) & (table[:, 0] + 45 < 590)
    assert n == running.sum()
    assert were == (running & (table[:, 2] - table[:, 0] > 45)).sum()
    assert abs(expected - were) < 4 * np.sqrt(n / 4) and day in answer.sentences()[1]


def ends_at(values, seed=0, days=700):
    draw = np.random.default_rng([seed, 9])
    arrival = np.sort(draw.integers(0, days, len(values))).astype(float)
    table = np.stack([arrival, arrival + np.ceil(values)], axis=1)
    return log_of(["Start", "Done"], table, cutoff=days + 3_000, ends=["Done"])


THIRTY = Standard("s", "Start", "Done", 30)


def test_bins_by_hand():
    """30 done on each of 2, 9, 16 ... days: 30 a week; and 60 more pulled from the week after to that before."""
    values = np.repeat([5, 12, 19, 26, 33, 40, 47, 54], [30, 30, 30, 60, 6, 30, 30, 30])
    order = np.random.default_rng(1).permutation(len(values))
    answer = procmine.near_limit(ends_at(values[order]), THIRTY)
    row = one_row(answer)
    assert (row["width"], row["inside"], row["outside"]) == (7, 60, 6)
    assert row["by_curve"] == pytest.approx(33)  # a level line: half of 66
    assert row["times"] == pytest.approx(60 / 33) and row["piled"] == PILED
    assert list(answer.bins["count"]) == [30, 30, 30, 60, 6, 30, 30, 30]
    assert answer.sentences()[-1].startswith("That is a fact to look at, and no fault")
    assert one_row(procmine.near_limit(ends_at(values[:50]), THIRTY))["piled"] == TOO_FEW


WAITS = {
    "lognormal": lambda draw, n: draw.lognormal(np.log(28), 0.6, n),
    "exponential": lambda draw, n: draw.exponential(35, n),
    "gamma": lambda draw, n: draw.gamma(3, 11, n),
    "bell": lambda draw, n: np.clip(draw.normal(30, 12, n), 1, None),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WAITS)
def test_smooth_waits_do_not_pile_up(name):
    found = []
    for seed in range(200):
        draw = np.random.default_rng([seed, 3])
        log = ends_at(WAITS[name](draw, 2_000), seed)
        found.append(one_row(procmine.near_limit(log, THIRTY))["piled"] == PILED)
    assert stats.binomtest(sum(found), len(found)).proportion_ci(0.99, "exact").low <= 0.05
    assert np.mean(found) <= 0.05


@pytest.mark.slow
def test_a_third_pulled_forward_is_seen():
    found = []
    for seed in range(50):
        draw = np.random.default_rng([seed, 4])
        values = np.ceil(draw.lognormal(np.log(28), 0.6, 2_000))
        hurried = (values > 30) & (values <= 37) & (draw.random(2_000) < 0.4)
        values[hurried] = draw.integers(28, 31, hurried.sum())
        found.append(one_row(procmine.near_limit(ends_at(values, seed), THIRTY))["piled"] == PILED)
    assert np.mean(found) > 0.8


def test_pauses_shortly_before_the_limit_are_counted():
    draw = np.random.default_rng(2)
    n = 1_500
    arrival = np.sort(draw.integers(0, 600, n)).astype(float)
    start = arrival + np.where(draw.random(n) < 0.25, draw.integers(24, 31, n), draw.integers(1, 60, n))
    back = start + draw.integers(5, 20, n)
    table = np.stack([arrival, start, back, back + draw.integers(1, 40, n)], axis=1)
    clock = {"pauses": ({"from_step": "Asked", "to_step": "Answered"},)}
    log = log_of(["Start", "Asked", "Answered", "Done"], table, cutoff=900, ends=["Done"], clock=clock)
    answer = procmine.near_limit(log, replace(THIRTY, clock="service"))
    row = {name: column[1] for name, column in answer.rows.items()}
    length = start - arrival
    assert row["what"] == "paused"
    assert row["inside"] == ((length > 23) & (length <= 30)).sum()
    assert row["outside"] == ((length > 30) & (length <= 37)).sum()
    assert row["piled"] == PILED and "pauses began" in answer.sentences()[1]


def test_templates_are_listed_read_copied_and_marked(tmp_path):
    found = procmine.standard_templates()
    assert set(found) == {"us_child_support", "courtools", "cepej"}
    for name, title in found.items():
        path = procmine.copy_template(name, tmp_path / f"{name}.yaml")
        text = path.read_text(encoding="utf-8")
        assert "CHECK AGAINST YOUR LAW" in text and "check against your law" in title
        read = StandardsFile.read(path)
        assert read.checked and read.source and read.note
        with pytest.raises(ValueError, match="is there already"):
            procmine.copy_template(name, path)
    with pytest.raises(ValueError, match="There are: cepej, courtools, us_child_support"):
        procmine.copy_template("uk", tmp_path / "x.yaml")
    model = StandardsFile.read(tmp_path / "courtools.yaml").standards
    assert [(one.within, one.share) for one in model] == [(180, 75), (365, 90), (540, 98)]  # ABA resolution 112, 2012


def test_the_child_support_template_runs_on_the_sample(tmp_path):
    log = procmine.read(Path(__file__).parents[1] / "event_logs" / "child_support.csv")
    path = procmine.copy_template("us_child_support", tmp_path / "mine.yaml")
    answer = procmine.standards(log, path)
    assert len(answer) == 6 and (answer.rows["due"] > 1_000).all()
    assert (answer.rows["due"] == sum(answer.rows[name] for name in ("done", "done_late", "overdue"))).all()


@pytest.mark.slow
def test_a_wheel_holds_the_templates(tmp_path):
    root = tmp_path / "source"
    root.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(Path(__file__).parents[1] / name, root)
    shutil.copytree(
        Path(__file__).parents[1] / "procmine", root / "procmine", ignore=shutil.ignore_patterns("__pycache__")
    )
    done = subprocess.run([sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w",
                           str(tmp_path), str(root)], capture_output=True, text=True)  # fmt: skip
    if done.returncode:
        pytest.skip(f"no wheel can be built here: {done.stderr[-200:]}")
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"procmine/find/service/templates/{name}.yaml" for name in procmine.standard_templates()} <= set(names)


@pytest.mark.parametrize("ask", [procmine.standards, procmine.late_cases, procmine.breaches, procmine.near_limit])
def test_pictures_and_pages_come_out(ask):
    _, log = steady(1, cases=1_500, days=400, cutoff=390)
    answer = ask(log, [Standard("<b>one</b>", "Start", "Done", 45), Standard("two", "arrival", "Review", 20)])
    assert answer.image().startswith("<img")
    assert "<b>one" not in answer._repr_html_() and answer.to_dict()["sentences"]
