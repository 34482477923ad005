"""Map difference: logs counted by hand, parts that add up, planted changes in the right step, and maps without a colour."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from logs import DAY, micros
from scipy import stats

import procmine
from procmine.about import About
from procmine.clocks import WorkingTime
from procmine.kernels.blocks import fixed_b
from procmine.log import EventLog, LogError, Text
from procmine.proof.moved.pictured import pictured
from procmine.proof.moved.stands_out import Sums, _holm, differences
from procmine.proof.moved.student import outside, reaches
from procmine.proof.records.change import Change

CHANGE = micros("2025-03-03")  # a Monday
SINCE = "2025-03-03"
ENDS = ("before", "after", "change", "low", "high")
PARTS = ("step", "ends after", "still waiting after")


def walks(begin, steps, gaps, *, weeks=60, **about):
    """Cases that begin `begin` days from the change; case c takes step `steps[c][j]` (-1: none) `gaps[c][j]` days after the
    one before (inf: never); the step of the highest code ends it. The data end so many weeks after the change."""
    begin, steps, gaps = np.asarray(begin, float), np.asarray(steps, int), np.asarray(gaps, float)
    cutoff = CHANGE + weeks * 7 * DAY - 1
    arrival = CHANGE + np.round(begin * DAY).astype(np.int64)
    there = steps >= 0
    after = np.cumsum(np.where(there, np.minimum(gaps, 1e4), 0), axis=1)
    time = arrival[:, None] + np.round(after * DAY).astype(np.int64)
    here = arrival <= cutoff
    kept = there & (time <= cutoff) & here[:, None]
    offset = np.concatenate(([0], np.cumsum(kept[here].sum(axis=1))))
    activity, when = steps[kept], time[kept]
    last = offset[1:] - 1
    names = about.pop("names", ("Apply", "Check", "Review", "Decide", "Pay"))
    over = activity[last] == len(names) - 1
    known = About(**{
        "activities": names, "cutoff": cutoff, "ends": (names[-1],), "axis": "civil", "precision": "microsecond",
        "begins": int(arrival.min()), "complete_from": int(arrival.min()), "attributes": ("office",), **about,
    })  # fmt: skip
    n = int(here.sum())
    office = Text(np.zeros(n, np.int32), pa.array(["North"]))
    watched = {"arrival": arrival[here], "until": np.where(over, when[last], cutoff), "open": ~over}
    case = Text(np.arange(n, dtype=np.int32), pa.array([f"case {k}" for k in range(n)]))
    return EventLog(about=known, activity=activity.astype(np.uint8), time=when, offset=offset, case=case, **watched,
                    attributes={"office": office})  # fmt: skip


def mondays(first=-60, last=60, each=4):
    """Cases a week, with what week it is."""
    weeks = np.repeat(np.arange(first, last), each)
    return weeks * 7.0, weeks


def moved(before, after, first=(0.0, 10.0, 10.0), since=(0.0, 5.0, 15.0)):
    """Apply, Check, Pay: `first` and `since` are days before each."""
    begin, weeks = mondays(before, after)
    gaps = np.where((weeks < 0)[:, None], first, since)
    return walks(begin, np.tile([0, 1, 2], (len(begin), 1)), gaps, names=("Apply", "Check", "Pay"))


def world(seed, *, per_week=12, shock=0.0, weeks=52, years=2, decide=1.0, check=1.0, review=0.3, reviewed=0.3):
    """Apply, Check, Review (some cases), Decide, Check again (1 in 10, then Decide again), Pay; lognormal waits.

    Weeks share a shock of all their waits (sd). Since the change the waits before Check and Decide are multiplied, and
    another part of the cases is reviewed.
    """
    draw = np.random.default_rng(seed)
    span = np.arange(-52 * years - 30, weeks)
    week = np.repeat(span, draw.poisson(per_week, len(span)))
    n, since = len(week), week >= 0
    luck = np.exp(draw.normal(0, shock, len(span)))[week - span[0]] if shock else np.ones(n)
    shown = draw.random(n) < np.where(since, reviewed, review)
    again = draw.random(n) < 0.1
    steps = np.stack([np.zeros(n), np.ones(n), np.where(shown, 2, -1), np.full(n, 3), np.where(again, 1, -1),
                      np.where(again, 3, -1), np.full(n, 4)], axis=1).astype(int)  # fmt: skip
    means = np.array([0, 10, 15, 30, 8, 12, 5.0])
    gaps = means * draw.lognormal(-0.32, 0.8, (n, 7)) * luck[:, None]
    gaps[since, 1] *= check
    gaps[since, 3] *= decide
    return walks(week * 7 + draw.uniform(0, 7, n), steps, gaps, weeks=weeks)


def row(found, kind, before="", after=""):
    here = (found.rows["kind"] == kind) & (found.rows["before"] == before) & (found.rows["after"] == after)
    assert here.sum() == 1, (kind, before, after)
    return {name: column[here][0] for name, column in found.rows.items()}


def days(value):
    return value / np.timedelta64(1, "D")


# chance


def test_student_is_scipys():
    t, levels = np.array([0.1, 1, 2, 5, 10, 30, 1e3]), np.array([0.9, 0.05, 1e-3, 1e-6, 1e-9])
    for df in (1.0, 2.5, 7.8, 13.8, 100.0, 9_000.0):
        np.testing.assert_allclose(outside(t, np.array(df)), 2 * stats.t.sf(t, df), rtol=1e-9, atol=1e-300)
        np.testing.assert_allclose(reaches(levels, np.array(df)), stats.t.isf(levels / 2, df), rtol=1e-9)


def test_holm_is_statsmodels():
    from statsmodels.stats.multitest import multipletests

    draw = np.random.default_rng(1)
    for _ in range(20):
        chance = draw.random(30) ** 6
        _, out = _holm(np.append(chance, [np.nan, chance[0]]), np.append(chance, [np.nan, chance[0]])[:, None])
        np.testing.assert_array_equal(out[:30], multipletests(chance, 0.05, "holm")[0])
        assert not out[30] and out[31] == out[0]  # one that is the same question counts once


def test_the_error_is_newey_wests_of_weeks_and_never_less_than_of_cases():
    draw = np.random.default_rng(4)
    luck = np.convolve(draw.normal(0, 8, 70), np.ones(5) / 2, "valid")[:60]
    sums = []
    for weeks, shift in ((60, luck), (20, np.zeros(20))):
        n = draw.integers(1, 9, weeks).astype(float)
        values = [draw.gamma(3, 20, int(count)) + add for count, add in zip(n, shift)]
        sums.append((n, np.array([one.sum() for one in values]), np.array([(one**2).sum() for one in values])))
    before, after = (Sums(*(column[:, None] for column in one)) for one in sums)
    found = differences(before, after, np.array([False]))
    (n, total, _), (m, later, _) = sums
    assert found.difference[0] == pytest.approx(later.sum() / m.sum() - total.sum() / n.sum())
    left, lags = (total - total.sum() / n.sum() * n) / (n.sum() / 60), int(np.ceil(1.3 * np.sqrt(60)))
    long = sum(max(0, 1 - abs(i - j) / lags) * left[i] * left[j] for i in range(60) for j in range(60)) / 60
    by_weeks = np.sqrt(long * (1 / 60 + max((n.sum() / 60) / (m.sum() / 20), 1) / 20))
    spread = [q.sum() / c.sum() - (s.sum() / c.sum()) ** 2 for c, s, q in sums]
    by_cases = np.sqrt(spread[0] / (n.sum() - 1) + spread[1] / (m.sum() - 1))
    reach = max(fixed_b(np.array(lags / 60)) * by_weeks, stats.t.isf(0.025, m.sum() - 1) * by_cases)
    assert by_weeks > by_cases
    assert (found.high[0] - found.low[0]) / 2 == pytest.approx(reach, rel=1e-6)


def test_a_rare_step_that_did_not_come_again_yet_is_not_gone():
    """16 of 1,000 before, 0 of 100 since: 1 in 5 such logs have none by chance (.984 ** 100)."""
    before = Sums(np.full((100, 1), 10.0), np.where(np.arange(100)[:, None] % 6 == 0, 1.0, 0.0), np.zeros((100, 1)))
    before = replace(before, squares=before.total)
    after = Sums(np.full((10, 1), 10.0), np.zeros((10, 1)), np.zeros((10, 1)))
    assert not differences(before, after, np.array([True])).out[0]
    usual = replace(before, total=np.full((100, 1), 5.0), squares=np.full((100, 1), 5.0))
    assert differences(usual, after, np.array([True])).out[0]


# by hand


def test_five_days_moved_from_one_step_to_the_next_counted_by_hand():
    found = procmine.map_difference(moved(-60, 60), change=SINCE)
    assert found.arguments["horizon"] == 21  # 9 in 10 took 20 days: three weeks
    check, pay, whole = (row(found, "step", after="Check"), row(found, "step", after="Pay"), row(found, "whole case"))
    assert [days(check[f"time_{end}"]) for end in ("before", "after", "change")] == [10, 5, -5]
    assert [days(pay[f"time_{end}"]) for end in ("before", "after", "change")] == [10, 15, 5]
    assert [days(whole[f"time_{end}"]) for end in ("before", "after", "change")] == [20, 20, 0]
    first, second = row(found, "move", "Apply", "Check"), row(found, "move", "Check", "Pay")
    assert [days(first[f"wait_next_{end}"]) for end in ENDS] == [10, 5, -5, -5, -5] and first["stands_out"] == "faster"
    # before, cases come to Check on day 10, so that they can be watched there for 11 of the 21 days, not for the 15
    assert [days(second[f"wait_next_{end}"]) for end in ENDS] == [10, 11, 1, 1, 1] and second["stands_out"] == "slower"
    assert row(found, "still waiting after", "Check")["share_next_after"] == 1
    longer = procmine.map_difference(moved(-60, 60), change=SINCE, horizon=35)
    assert [days(row(longer, "move", "Check", "Pay")[f"wait_next_{end}"]) for end in ENDS] == [10, 15, 5, 5, 5]
    assert [second[f"share_next_{end}"] for end in ("before", "after")] == [1, pytest.approx(np.nan, nan_ok=True)]
    said = found.sentences()
    assert said[0].startswith("For the whole case, in its first 21 days, we see no difference")
    assert said[1] == (
        "Time has moved to another step: 5 days less before Check, 5 days more before Pay. The whole case took as long as "
        "before."
    )
    assert whole["cases_before"] == 52 * 4 and whole["cases_after"] == (60 - 3) * 4


def test_time_that_moved_says_both_numbers_and_the_whole():
    found = procmine.map_difference(moved(-60, 60, (0, 20, 10), (0, 8, 19)), change=SINCE)
    assert found.moved()[0].say() == (
        "Time has moved to another step: 12 days less before Check, 9 days more before Pay. The whole case took 3 days less."
    )


def test_time_that_moved_says_nothing_of_a_whole_that_cannot_be_told():
    """Check takes 6 days less, Review 5 more; the last step takes two months, give or take, as it always did."""
    draw = np.random.default_rng(3)
    begin, weeks = mondays(each=6)
    n = len(begin)
    gaps = np.stack([np.zeros(n), draw.gamma(4, 5, n), draw.gamma(4, 5, n), draw.exponential(60, n)], axis=1)
    gaps[weeks >= 0, 1:3] += (-6, 5)
    log = walks(begin, np.tile([0, 1, 2, 3], (n, 1)), np.maximum(gaps, 0), names=("Apply", "Check", "Review", "Pay"))
    found = procmine.map_difference(log, change=SINCE, horizon=140)
    whole = row(found, "whole case")
    assert days(whole["time_change"]) < -3 and days(whole["time_high"]) > 0  # by chance: -1 is true
    assert (
        found.moved()[0].say().endswith("more before Review. Whether the whole case took less or more, we cannot tell.")
    )


def test_nothing_moved_where_cases_only_come_there_sooner():
    """Check falls from 40 to 5 days: more cases come to Pay while they are watched, though each waits there as before."""
    draw = np.random.default_rng(3)
    begin, weeks = mondays(each=12)
    n = len(begin)
    gaps = np.stack([np.zeros(n), draw.gamma(4, 10, n), draw.gamma(4, 10, n)], axis=1)
    gaps[weeks >= 0, 1] /= 8
    log = walks(begin, np.tile([0, 1, 2], (n, 1)), gaps, names=("Apply", "Check", "Pay"))
    found = procmine.map_difference(log, change=SINCE, horizon=63)
    pay = row(found, "step", after="Pay")
    assert "more time" in pay["stands_out"] and "more" in pay["stands_out"].split(", ")
    assert row(found, "move", "Check", "Pay")["stands_out"] == ""
    assert row(found, "move", "Apply", "Check")["stands_out"] == "faster"
    assert found.moved() == []


@pytest.mark.parametrize("clock", [None, WorkingTime()])
def test_the_parts_sum_to_the_whole(clock):
    log = world(1, decide=0.6, reviewed=0.7)
    found = procmine.map_difference(log, change=SINCE, horizon=70, **({"clock": clock} if clock else {}))
    parts, whole = np.isin(found.rows["kind"], PARTS), row(found, "whole case")
    moves = np.isin(found.rows["kind"], ("begins with", "move"))
    for period in ("before", "after"):
        times = found.rows[f"time_{period}"] / np.timedelta64(1, "s")
        assert times[parts].sum() == pytest.approx(
            whole[f"time_{period}"] / np.timedelta64(1, "s"), abs=15
        )  # rounded rows
        assert times[moves].sum() == pytest.approx(times[found.rows["kind"] == "step"].sum(), abs=15)
    asked, partial = found.question, found.question.of(log)
    change = asked.whole(partial)[0]
    columns = [
        np.nan_to_num(found.rows[f"time_{end}"][parts] / np.timedelta64(1, "s")).sum() for end in ("before", "after")
    ]
    assert change == pytest.approx(columns[1] - columns[0], abs=15)


def test_the_whole_is_the_restricted_mean_of_numpy():
    log = world(2, decide=0.7)
    found = procmine.map_difference(log, change=SINCE, horizon=70)
    age = (np.where(log.open, 2**62, log.until) - log.arrival) / DAY
    begin = (log.arrival - CHANGE) / DAY
    for period, here in (
        ("before", (begin >= -70 - 104 * 7) & (begin < -70)),
        ("after", (begin >= 0) & (begin < 42 * 7)),
    ):
        whole = row(found, "whole case")
        assert whole[f"cases_{period}"] == here.sum()
        assert days(whole[f"time_{period}"]) == pytest.approx(np.minimum(age, 70)[here].mean(), abs=1e-4)
    told = procmine.compare(log, change=SINCE, horizon=70).rows
    for ours, theirs in (("change", "difference"), ("low", "low"), ("high", "high")):
        assert days(row(found, "whole case")[f"time_{ours}"]) == pytest.approx(days(told[theirs][1]), abs=1e-3)


def test_the_cases_before_are_seen_as_they_stood_at_the_change():
    log = world(3)
    alive = (log.arrival < CHANGE) & (log.until >= CHANGE)
    late = log.time >= CHANGE
    of = np.repeat(alive, np.diff(log.offset))
    pulled = replace(log, time=np.where(of & late, CHANGE + (log.time - CHANGE) // 50, log.time),
                     until=np.where(alive & ~log.open, CHANGE + (log.until - CHANGE) // 50, log.until))  # fmt: skip
    one, two = (procmine.map_difference(each, change=SINCE, horizon=70) for each in (log, pulled))
    for name, column in one.rows.items():
        np.testing.assert_array_equal(column, two.rows[name])


# planted


def test_a_planted_change_is_found_in_its_step_with_its_size():
    log = world(5, per_week=20, decide=0.5)
    found = procmine.map_difference(log, change=SINCE)
    waits = [
        index for index, words in enumerate(found.rows["stands_out"]) if {"faster", "slower"} & set(words.split(", "))
    ]
    named = {(found.rows["before"][k], found.rows["after"][k], found.rows["stands_out"][k]) for k in waits}
    assert named == {("Check", "Decide", "faster"), ("Review", "Decide", "faster")}
    for before in ("Check", "Review"):
        here = row(found, "move", before, "Decide")
        assert days(here["wait_next_low"]) < -15 < days(here["wait_next_high"]) < 0  # 30 days were halved
    whole = row(found, "whole case")
    assert days(whole["time_low"]) < -15 < days(whole["time_high"])
    assert found.moved() == [] and found.left_the_log() == []


def test_cases_sent_another_way_are_found_with_their_share():
    found = procmine.map_difference(world(6, per_week=20, reviewed=0.6), change=SINCE)
    here = row(found, "move", "Check", "Review")
    assert here["stands_out"] == "more often" and here["share_next_low"] < 0.3 * 10 / 11 < here["share_next_high"]
    assert row(found, "step", after="Review")["stands_out"].split(", ")[0] == "more"
    assert not {"faster", "slower"} & set(", ".join(found.rows["stands_out"]).split(", "))


def test_newest_first_shows_those_that_are_left_waiting():
    """Since the change 7 in 10 wait 3 days for Check in place of 20, and the others are never taken up."""
    draw = np.random.default_rng(8)
    begin, weeks = mondays(each=10)
    n = len(begin)
    gaps = np.stack([np.zeros(n), draw.gamma(8, 2.5, n), np.ones(n)], axis=1)
    since = weeks >= 0
    gaps[since, 1] = np.where(draw.random(since.sum()) < 0.7, gaps[since, 1] * 0.15, np.inf)
    gaps[np.isinf(gaps[:, 1]), 2] = np.inf
    log = walks(begin, np.tile([0, 1, 2], (n, 1)), gaps, names=("Apply", "Check", "Pay"))
    found = procmine.map_difference(log, change=SINCE)
    assert "faster" in row(found, "move", "Apply", "Check")["stands_out"]
    assert row(found, "still waiting after", "Apply")["stands_out"] == "more often, more time"
    assert "waiting after Apply" in found.moved()[0].say()
    told = [
        re.match(r"Of every 100 that come to Apply, (\d+) wait there for longer than", line)
        for line in found.sentences()
    ]
    assert [20 < int(one[1]) < 40 for one in told if one] == [True]
    assert found.cut_short(int(np.flatnonzero(found.rows["kind"] == "move")[0]), "after")


# work that left the log


def test_a_step_that_is_gone_and_one_that_is_new():
    begin, weeks = mondays(each=6)
    steps = np.where((weeks < 0)[:, None], [0, 1, 2, 4], [0, 1, 3, 4])  # Review before, Decide since
    gaps = np.where((weeks < 0)[:, None], [0, 5, 12, 3], [0, 5, 2, 3])
    found = procmine.map_difference(walks(begin, steps, gaps), change=SINCE)
    said = " ".join(found.sentences())
    assert "Gone: no case comes to Review any more; before, 100 of every 100 did." in said
    assert "New: 100 of every 100 cases come to Decide; before, none did." in said
    assert "No case comes to Review any more, on which each case spent 12 days on average. Ask where that work" in said
    assert "12 days less before Review, 2 days more before Decide" in said


def test_work_done_before_the_first_step_leaves_the_log():
    begin, weeks = mondays(each=6)
    steps = np.where(
        (weeks < 0)[:, None], [0, 1, 3, 4], [-1, 1, 3, 4]
    )  # since then the application is not written down
    gaps = np.where((weeks < 0)[:, None], [0, 9, 5, 3], [0, 0, 5, 3])
    found = procmine.map_difference(walks(begin, steps, gaps), change=SINCE)
    said = [one.say() for one in found.left_the_log()]
    assert said[0] == "Cases that ended have fewer steps in the log: 3.0 on average, 4.0 before."
    assert said[1] == "Cases begin otherwise in the log: of every 100, 100 begin with Check (before 0)."
    assert said[-1].startswith("Ask where that work is done now.")
    assert row(found, "begins with", after="Apply")["stands_out"] == "less often"


def test_no_wait_is_told_of_a_way_that_nobody_took():
    """Before, all go from Apply to Review, or wait on; since, all to Decide: how long that took before, nobody can say."""
    begin, weeks = mondays(each=10)
    steps = np.where((weeks < 0)[:, None], [0, 2, 4], [0, 3, 4])
    gaps = np.tile([0.0, 4, 3], (len(begin), 1))
    gaps[np.arange(len(begin)) % 20 == 0, 1] = np.inf
    found = procmine.map_difference(walks(begin, steps, gaps), change=SINCE)
    new, old = row(found, "move", "Apply", "Decide"), row(found, "move", "Apply", "Review")
    assert np.isnat(new["wait_next_before"]) and np.isnat(new["wait_next_change"]) and new["stands_out"] == "more often"
    assert np.isnat(old["wait_next_after"]) and np.isnat(old["wait_next_change"]) and old["stands_out"] == "less often"
    watched = found.question.watched[0] / DAY
    assert days(new["wait_next_after"]) == pytest.approx(0.95 * 4 + 0.05 * watched, abs=0.2)  # 1 in 20 does not go on


def test_paths_are_counted_by_hand():
    begin, weeks = mondays(each=4)
    steps = np.tile([[0, 1, 3, 4], [0, 1, 2, 4], [0, 1, 2, 4], [0, 1, -1, 4]], (len(begin) // 4, 1))
    steps[weeks >= 0, 2] = 3  # since then all are decided
    found = procmine.map_difference(walks(begin, steps, np.tile([0.0, 2, 3, 1], (len(begin), 1))), change=SINCE)
    paths = {name: found.paths["path"] == name for name in found.paths["path"]}
    shares = {
        name: [float(found.paths[f"share_{end}"][here][0]) for end in ("before", "after")]
        for name, here in paths.items()
    }
    assert shares == {
        "Apply → Check → Decide → Pay": [0.25, 1],
        "Apply → Check → Review → Pay": [0.5, 0],
        "Apply → Check → Pay": [0.25, 0],
    }
    assert (
        found.paths["stands_out"].all()
        and found.paths["cases_before"].sum() == row(found, "whole case")["cases_before"]
    )


# who is compared, and refusals


def test_a_record_of_the_change_brings_its_own_arguments():
    log = world(11)
    plain = procmine.map_difference(log, change=SINCE, where={"office": "North"}, horizon=70)
    record = Change(SINCE, where={"office": "North"}, horizon=70)
    for name, column in procmine.map_difference(log, change=record).rows.items():
        np.testing.assert_array_equal(column, plain.rows[name])
    assert procmine.map_difference(log, change=record, horizon=70).arguments["horizon"] == 70
    with pytest.raises(ValueError, match=r"horizon=77, but the record of the change says 70"):
        procmine.map_difference(log, change=record, horizon=77)
    slow = procmine.map_difference(log, change=Change(SINCE, horizon=70, ramp=20))  # 20 days: three weeks are left out
    begin = (log.arrival - CHANGE) / DAY
    assert row(slow, "whole case")["cases_after"] == ((begin >= 21) & (begin < 42 * 7)).sum()
    assert row(slow, "whole case")["cases_before"] == row(plain, "whole case")["cases_before"]


def test_from_a_step_to_a_step():
    log = world(12, decide=0.5)
    found = procmine.map_difference(log, change=SINCE, start="Check", stop="Decide", horizon=70)
    told = procmine.compare(log, change=SINCE, start="Check", stop="Decide", horizon=70)
    assert days(row(found, "whole case")["time_change"]) == pytest.approx(days(told.rows["difference"][1]), abs=1e-3)
    assert set(found.rows["after"][found.rows["kind"] == "step"]) == {
        "Check",
        "Review",
        "Decide",
    }  # nothing before or beyond
    assert list(found.rows["after"][found.rows["kind"] == "begins with"]) == ["Check"]
    assert row(found, "step", after="Check")["time_before"] == np.timedelta64(0)
    assert "faster" in row(found, "move", "Check", "Decide")["stands_out"]


@pytest.mark.parametrize("weeks", [3, 14])
def test_too_early_is_said_and_nothing_but_counts_are_told(weeks):
    found = procmine.map_difference(world(13, weeks=weeks), change=SINCE, horizon=63)
    assert found.sentences()[0].startswith("Too early: ") and not found.pictured
    assert len(found.sentences()) == 1 and (found.rows["stands_out"] == "").all()
    for name, column in found.rows.items():
        if name.endswith(("_after", "_change")) and not name.startswith("cases"):
            assert np.isnat(column).all() if column.dtype.kind == "m" else np.isnan(column).all(), name
    assert np.isnan(found.paths["share_after"]).all() and found._repr_html_() and found.to_dict()
    with pytest.raises(ValueError, match="no map to draw: Too early: "):
        found.plot()


def test_a_log_of_finished_cases_only_gets_no_map():
    """The same log with and without the cases that were open when the data end: without them it would flatter."""
    log = world(22, per_week=20)
    finished = log.take(np.flatnonzero(~log.open))
    assert procmine.map_difference(log, change=SINCE, horizon=70).pictured
    found = procmine.map_difference(finished, change=SINCE, horizon=70)
    assert (
        found.sentences()[0].startswith("Cannot tell: this export seems to hold finished cases only")
        and not found.pictured
    )


def test_refusals_say_what_to_do():
    log = world(14)
    with pytest.raises(ValueError, match="data end on 2026-03-01, before the change on 2027-01-01"):
        procmine.map_difference(log, change="2027-01-01")
    with pytest.raises(ValueError, match="horizon=0"):
        procmine.map_difference(log, change=SINCE, horizon=0)
    with pytest.raises(LogError, match="South"):
        procmine.map_difference(log, change=SINCE, where={"office": "South"})
    with pytest.raises(LogError, match="New cases have not come so far"):
        procmine.map_difference(log.having("Pay"), change=SINCE)
    with pytest.raises(LogError, match="load a longer history"):
        procmine.map_difference(log, change="2022-08-09")
    short = procmine.map_difference(world(15, years=0), change=SINCE, horizon=63)
    assert short.sentences()[0].startswith("Too little to compare with: ")


def test_a_step_left_out_of_a_large_map_leaves_its_time_in_the_case():
    begin, _ = mondays(each=6)
    draw = np.random.default_rng(2)
    n, names = len(begin), ("Apply", *(f"Form {k}" for k in range(40)), "Pay")
    steps = np.stack([np.zeros(n), draw.integers(1, 41, n), draw.integers(1, 41, n), np.full(n, 41)], axis=1).astype(
        int
    )
    found = procmine.map_difference(walks(begin, steps, draw.gamma(3, 2, (n, 4)), names=names), change=SINCE)
    assert (found.rows["kind"] == "step").sum() == 20
    parts = found.rows["time_before"][np.isin(found.rows["kind"], PARTS)] / np.timedelta64(1, "s")
    assert parts.sum() == pytest.approx(row(found, "whole case")["time_before"] / np.timedelta64(1, "s"), abs=60)
    assert any(line.startswith("The map shows 20 of 42 steps") for line in found.sentences())


# the sample, and logs of others


def test_the_pilot_of_the_sample_shows_at_its_step_and_nowhere_else():
    """event_logs/README.md: North hears no consent petitions since 2025-10-06; in the other offices nothing changed."""
    log = procmine.read(Path(__file__).parents[1] / "event_logs" / "child_support.yaml")
    pilot = procmine.map_difference(log, change="2025-10-06", where={"office": "North"})
    out = {
        (pilot.rows["before"][k], pilot.rows["after"][k]): words
        for k, words in enumerate(pilot.rows["stands_out"])
        if words
    }
    assert out == {("Petition filed", "Court order issued"): "faster", ("", "Court order issued"): "less time"}
    others = {"office": ["Harbor", "Valley", "Lakeside", "South", "Cañada"]}
    assert (procmine.map_difference(log, change="2025-10-06", where=others).rows["stands_out"] == "").all()
    assert pilot.moved() == [] and pilot.left_the_log() == []


def test_travel_declarations_had_other_approvers_from_2018_on(shared):
    path = shared / "bpic20" / "DomesticDeclarations.xes.gz"
    finished = procmine.map_difference(procmine.read(path, ends=procmine.EVERY_CASE), change="2018-01-01", horizon=42)
    assert finished.sentences()[0].startswith("Cannot tell: this export")
    log = procmine.read(path, ends=["Payment Handled"])
    found = procmine.map_difference(log, change="2018-01-01", horizon=42)
    events, begun = log.events, log.events["case"].map(log.cases.set_index("case")["arrival"])
    soon = (events["time"] - begun).dt.days < 42
    plan = found.question.plan
    weeks = {period: [np.datetime64(plan.begins(one), "us") for one in (first, first + count)]
             for period, (first, count) in ((period, plan.weeks(period)) for period in ("before", "after"))}  # fmt: skip
    for who, period, words in (("PRE_APPROVER", "before", "fewer"), ("ADMINISTRATION", "after", "more")):
        step, other = f"Declaration APPROVED by {who}", {"before": "after", "after": "before"}[period]
        here, (first, last) = row(found, "step", after=step), weeks[period]
        inside = (events["activity"] == step) & soon & (begun >= first) & (begun < last)
        assert here[f"cases_{period}"] == events[inside]["case"].nunique() > 500 and here[f"cases_{other}"] == 0
        assert words in here["stands_out"].split(", ")
    assert (
        "Gone: no case comes to Declaration APPROVED by PRE_APPROVER any more; before, 30 of every 100 did."
        in found.sentences()
    )
    assert row(found, "whole case")["time_low"] < np.timedelta64(0) < row(found, "whole case")["time_high"]


def spread_out(shared, name, timers, path, *, taken_away=False):
    """The published log without timers, its cases spread over 52 weeks before the change, and one with timers over 40 after
    (`taken_away`: the other way round): every case is moved by whole weeks, so that all in it stays as it was."""
    logs, files = [], (name, f"{name}_{timers}")
    for which, (file, weeks, first) in enumerate(zip(files[::-1] if taken_away else files, (52, 40), (-52, 0))):
        events = pd.read_csv(shared / "timers_groundtruth" / f"{file}.csv.gz")
        end = pd.to_datetime(events["end_time"], format="ISO8601", utc=True).dt.tz_localize(None)
        begin = (
            pd.to_datetime(events["start_time"], format="ISO8601", utc=True)
            .dt.tz_localize(None)
            .groupby(events["case_id"])
            .min()
        )
        begin = begin.sort_values()
        own = begin.dt.normalize() - pd.to_timedelta(begin.dt.day_of_week, unit="D")
        week = np.arange(len(begin)) * weeks // len(begin) + first
        moved_by = pd.Timestamp(SINCE) + pd.to_timedelta(week * 7, unit="D") - own
        end += events["case_id"].map(moved_by)
        logs.append(
            pd.DataFrame({"case": f"{which}-" + events["case_id"].astype(str), "step": events["activity"], "time": end})
        )
    pd.concat(logs).to_csv(path, index=False)
    delays = events.groupby("activity")["extraneous_delay"].mean() / 3_600  # hours, of the log with timers
    columns = procmine.Columns(case="case", activity="step", timestamp="time")
    return procmine.read(path, columns=columns, ends=procmine.EVERY_CASE, cutoff="2026-01-31"), delays[delays > 0]


@pytest.mark.parametrize(("name", "timers", "few"), [
    ("Loan_Application", "3_timers", set()),
    ("Procure_to_Pay", "1_timer", set()),
    ("Procure_to_Pay", "5_timers", {"Confirm Purchase Order"}),  # 28 minutes: too little to stand out
])  # fmt: skip
def test_injected_timers_are_found_where_they_are(shared, tmp_path, name, timers, few):
    log, delays = spread_out(shared, name, timers, tmp_path / "log.csv")
    found = procmine.map_difference(log, change=SINCE)
    longer = [k for k, words in enumerate(found.rows["stands_out"]) if {"slower", "more time"} & set(words.split(", "))]
    assert {found.rows["after"][k] for k in longer} == set(delays.index) - few
    assert not {"faster", "less time"} & set(", ".join(found.rows["stands_out"]).split(", "))
    if name == "Loan_Application":  # who waits for the applicant waits for nobody else: the timer alone
        form = row(found, "move", "Return application back to applicant", "Applicant completes form")
        assert form["wait_next_change"] / np.timedelta64(1, "h") == pytest.approx(
            delays["Applicant completes form"], abs=0.05
        )


# what leaves


def test_rows_paths_workbook_and_json(tmp_path):
    from openpyxl import load_workbook

    found = procmine.map_difference(world(16, decide=0.5), change=SINCE)
    told = json.loads(json.dumps(found.to_dict()))
    assert told["paths"]["path"] == list(found.paths["path"]) and told["differences_looked_at"] == found.told.counted
    found.to_excel(tmp_path / "map.xlsx")
    book = load_workbook(tmp_path / "map.xlsx")
    assert book.sheetnames == ["MapDifference", "Paths", "Definitions"]
    assert book["Paths"].max_row == len(found.paths["path"]) + 1
    assert len(found.frame) == len(found) and list(tmp_path.iterdir()) == [tmp_path / "map.xlsx"]
    for name in ("map.svg", "both.png"):
        (found.save if name == "map.svg" else found.save_both)(tmp_path / name)
    assert (tmp_path / "map.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert found._repr_html_().count("<img") == 2


def test_shards_tell_the_same(tmp_path):
    log = world(17, decide=0.5)
    whole = procmine.map_difference(log, change=SINCE)
    parts = procmine.map_difference(procmine.save(log, tmp_path / "log", shards=3), change=SINCE)
    for name, column in whole.rows.items():
        if column.dtype.kind == "f":
            np.testing.assert_allclose(column, parts.rows[name], rtol=1e-9, atol=1e-12)
        else:
            np.testing.assert_array_equal(column, parts.rows[name])
    np.testing.assert_array_equal(whole.paths["cases_after"], parts.paths["cases_after"])


# pictures


HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A1",
    "$\\frac{1}{2}$ " + "very long name of a step " * 6,
    "\u202eevil\n\n",
    "  ",
)


def texts(figure):
    """The place of every text that is drawn, in pixels."""
    figure.canvas.draw()
    drawn = [text for axes in figure.axes for text in axes.texts if text.get_text().strip()]
    return [(text.get_text(), text.get_window_extent()) for text in drawn]


def overlapping(figure):
    found = texts(figure)
    return [
        (one, other)
        for k, (one, here) in enumerate(found)
        for other, there in found[k + 1 :]
        if min(here.x1, there.x1) - max(here.x0, there.x0) > 0.5
        and min(here.y1, there.y1) - max(here.y0, there.y0) > 0.5
    ]


@pytest.mark.parametrize("names", [None, HOSTILE])
def test_no_text_covers_another_and_none_leaves_the_page(names):
    log = world(18, decide=0.5, reviewed=0.7)
    log = replace(log, about=replace(log.about, activities=names, ends=names[-1:])) if names else log
    found = procmine.map_difference(log, change=SINCE)
    for figure in (found.plot().figure, found.plot_both()):
        assert overlapping(figure) == []
        page = figure.bbox
        assert all(
            page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
            for _, box in texts(figure)
        )
    assert "<script>" not in found._repr_html_()


def test_both_maps_have_every_step_in_the_same_place():
    from matplotlib.patches import FancyBboxPatch

    begin, weeks = mondays(each=6)
    steps = np.where((weeks < 0)[:, None], [0, 1, 2, 4], [0, 1, 3, 4])
    found = procmine.map_difference(walks(begin, steps, np.tile([0.0, 5, 2, 3], (len(begin), 1))), change=SINCE)
    axes = found.plot_both().axes[0]
    corners = [
        (patch.get_x(), patch.get_y(), patch.get_width()) for patch in axes.patches if isinstance(patch, FancyBboxPatch)
    ]
    half = len(corners) // 2
    assert half == 5
    shifts = {
        (round(two[0] - one[0], 6), round(two[1] - one[1], 6)) for one, two in zip(corners[:half], corners[half:])
    }
    assert len(shifts) == 1 and [one[2] for one in corners[:half]] == [two[2] for two in corners[half:]]
    said = [text for text, _ in texts(found.plot_both())]
    assert said.count("no case") == 2  # Review since, Decide before


def test_only_what_stands_out_has_a_colour():
    found = procmine.map_difference(world(19, per_week=20, decide=0.5), change=SINCE)
    drawn = found.picture.difference
    grey, names = found.picture.legend[-1].look.line, {-3: "waits", **dict(enumerate(box.name for box in drawn.boxes))}
    said = {(names[one.before], names[one.after]): one.label.split(":")[0] for one in drawn.arrows if one.color != grey}
    # 30 days were halved, so that fewer have not gone on when watching ends
    assert said == {("Check", "Decide"): "shorter", ("Review", "Decide"): "shorter", ("Check", "waits"): "fewer"}
    assert all((arrow.weight > 0) == (arrow.color != grey) for arrow in drawn.arrows)
    same = pictured(procmine.map_difference(world(20), change=SINCE)).difference
    assert {arrow.color for arrow in same.arrows} == {grey} and {box.colors[1] for box in same.boxes} == {grey}


def test_sentences_are_plain():
    words = "median|percentile|censored|confidence|Kaplan|significan|because|sojourn|cohort|improve"
    for how in ({}, {"decide": 0.5}, {"decide": 0.5, "check": 2.0, "reviewed": 0.9}):
        found = procmine.map_difference(world(21, **how), change=SINCE)
        assert not re.search(
            words, " ".join([*found.sentences(), *found.picture.difference.caption, found.picture.both.caption])
        )


# chance, over whole maps


def coloured(seeds, **how):
    """In how many unchanged worlds anything stands out."""
    return sum(
        bool((procmine.map_difference(world(seed, **how), change=SINCE).rows["stands_out"] != "").any())
        for seed in seeds
    )


@pytest.mark.parametrize(("shock", "allowed"), [(0.0, 0.05), (0.15, 0.1)])
def test_a_map_of_nothing_has_no_colour(shock, allowed):
    found = coloured(range(25), per_week=6, shock=shock)
    assert stats.binomtest(found, 25).proportion_ci(0.99).low <= allowed


@pytest.mark.slow
@pytest.mark.parametrize("per_week", [3, 12])
@pytest.mark.parametrize(("shock", "allowed"), [(0.0, 0.05), (0.15, 0.1), (0.3, 0.1)])
def test_two_hundred_maps_of_nothing(shock, allowed, per_week):
    found = coloured(range(1_000, 1_200), per_week=per_week, shock=shock)
    print(f"coloured: {found} of 200 (shock {shock}, {per_week} a week)")
    assert stats.binomtest(found, 200).proportion_ci(0.99).low <= allowed
