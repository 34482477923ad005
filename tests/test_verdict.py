"""The verdict: each guard and rival on logs counted by hand, identities of what is averaged, and which kind comes of what."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from logs import DAY, micros
from test_compare import CHANGE, log_of, world

import procmine
from procmine.kernels.contrast import Arm, Cells, Standard, contrast
from procmine.kernels.partial import merge_all
from procmine.log import LogError, Text
from procmine.proof.arms import SQUARE, TIME, ArmsSummary
from procmine.proof.cohorts import WEEK, Cohort, Plan, plan_of
from procmine.proof.records.change import Change
from procmine.proof.verdict.backlog import Backlog, PileSummary
from procmine.proof.verdict.evidence import Evidence
from procmine.proof.verdict.kinds import FAILS, FINE, UNKNOWN, UNSURE
from procmine.proof.verdict.strata import MOST_LEVELS, StrataSummary, chosen
from procmine.words import ENGLISH

RECORD = Change("2025-03-03", recorded="2025-02-01")


def asked(log, **more):
    return procmine.compare(log, change=more.pop("change", RECORD), **more)


def findings(found):
    return {one.name: one for one in found.verdict.findings}


def evidence_of(log, plan, mix=None):
    question = ArmsSummary(Cohort(), plan)
    return Evidence.gather(log, question, question.of(log), plan.weeks("before")[0], mix)


# ---- what is averaged


def cells_of(week, value, weeks, kind=None):
    kind = np.zeros(len(week), int) if kind is None else kind
    kinds, flat = kind.max() + 1, kind * weeks + week
    return Cells(*(np.bincount(flat, one, kinds * weeks).reshape(kinds, weeks) for one in (value**0, value, value**2)))


def test_one_stratum_is_none_at_all():
    draw = np.random.default_rng(1)
    week = np.repeat(np.arange(90), draw.integers(0, 5, 90))
    value = draw.gamma(2, 10, len(week))
    cells, before = cells_of(week, value, 90), np.arange(90) < 60
    found = Standard.of(cells, before).against(before, ~before)
    assert found.difference == pytest.approx(value[week >= 60].mean() - value[week < 60].mean())
    sums = (cells.n, cells.total, cells.squares)
    arms = [Arm(*(one[0][kept] for one in sums)) for kept in (before, ~before)]
    assert contrast(*arms).difference == pytest.approx(found.difference)
    kind = draw.integers(0, 3, len(week))
    every = Standard.of(cells_of(week, value * 0 + 10.0 * kind, 90, kind), before)
    assert every.against(before, ~before).difference == pytest.approx(0)  # each kind as ever, whatever came more often
    assert every.against(before, ~before).error == pytest.approx(0, abs=1e-6)


def test_the_mix_before_is_taken_for_all_windows():
    """Before, half take 10 and half 30 days; since, three quarters are of the quick kind: 15 on average, 20 of one mix."""
    week = np.repeat(np.arange(-60, 40), 4) * 7
    since = week >= 0
    quick = np.tile([0, 0, 1, 1], 100) == 0
    quick[since] = np.tile([0, 0, 0, 1], 40) == 0
    log = log_of(week, np.where(quick, 10, 30), weeks=40, office=(~quick).astype(int))
    found = asked(log)
    assert found.verdict.kind == "no_evidence" and findings(found)["mix"].state == FAILS
    figures = found.verdict.figures
    assert figures["mix"] == "office" and figures["raw"] / 86_400 == pytest.approx(-5)
    assert figures["difference"] == pytest.approx(0, abs=1) and figures["mean_before"] / 86_400 == pytest.approx(20)
    rows = found.strata.frame.set_index("stratum")
    assert rows["share_before"].tolist() == [0.5, 0.5] and rows["share_after"].tolist() == [0.75, 0.25]
    left = asked(log, mix=())
    assert left.verdict.figures["difference"] / 86_400 == pytest.approx(-5) and left.verdict.figures["mix"] == ""


def test_kinds_are_chosen_by_the_cases_before_alone():
    draw = np.random.default_rng(2)
    begin, wait = world(2, per_week=20)
    kind = draw.integers(0, 2, len(begin))
    plan = Plan(CHANGE, 17, 104, 30)
    for slow, mix in (((begin >= 0) & (kind == 1), ()), ((begin < 0) & (kind == 1), ("office",))):
        log = log_of(begin, np.where(slow, 3 * wait, wait), weeks=52, office=kind)
        question = StrataSummary(Cohort(), plan, (("office",),))
        assert chosen(question, question.of(log)) == mix


def test_attributes_of_many_values_or_known_late_are_no_kinds():
    begin, wait = world(4, per_week=10)
    plan = Plan(CHANGE, 17, 104, 30)
    log = log_of(begin, wait, weeks=52)
    many = pa.array([f"clerk {k}" for k in range(MOST_LEVELS + 1)])
    codes = (np.arange(len(log)) % (MOST_LEVELS + 1)).astype(np.int32)
    late = Text(np.where(log.open, -1, 0).astype(np.int32), pa.array(["North"]))
    question = StrataSummary(Cohort(), plan, (("office",),))
    for text in (Text(codes, many), late):
        one = replace(log, attributes={"office": text})
        whole = question.of(one)
        assert chosen(question, whole) == ()
        halves = [question.of(one.take(np.flatnonzero(codes % 2 == part))) for part in (0, 1)]  # 7 and 6 values in each
        assert question.table(merge_all(halves), ("office",))[0] == question.table(whole, ("office",))[0]
    assert not question.fair(question.of(replace(log, attributes={"office": late})), "office")


def test_a_wave_of_the_year_is_taken_out():
    week = np.repeat(np.arange(130), 3)
    turn = 2 * np.pi * 7 * np.arange(130) / 365.25
    value = 60 + 10 * np.cos(turn[week]) + np.tile([-1.0, 0, 1], 130)
    before, after = np.arange(130) < 104, np.arange(130) >= 104
    waves = np.stack((np.cos(turn), np.sin(turn)))
    cells = cells_of(week, value, 130)
    assert Standard.of(cells, before).against(before, after).difference > 0.5
    found = Standard.of(cells, before, waves)
    assert found.heights == pytest.approx([10, 0], abs=1e-9)
    assert found.against(before, after).difference == pytest.approx(0, abs=1e-9)
    design = np.stack((np.ones(104), *waves[:, before]), axis=1)
    oracle = np.linalg.lstsq(design, value[week < 104].reshape(104, 3).mean(axis=1), rcond=None)[0]
    assert found.mean(before.astype(float)) == pytest.approx(oracle[0], abs=0.1)


def test_windows_are_next_to_the_change_and_of_the_same_season():
    begin, wait = world(5, per_week=3, weeks=70)
    found = evidence_of(log_of(begin, wait, weeks=70), Plan(CHANGE, 17, 104, 50)).windows
    assert found["long"].sum() == 104 and np.flatnonzero(found["near"]).tolist() == list(range(54, 104))
    first = -17 - 104
    shifted = sorted((week - 52 if week < 35 else week - 104) - first for week in range(50))
    assert np.repeat(np.arange(171), found["same"].astype(int)).tolist() == shifted
    late = evidence_of(log_of(begin, wait, weeks=70), Plan(CHANGE, 17, 40, 50)).windows
    assert "same" not in late


# ---- the piles


def test_piles_are_counted_as_a_loop_counts_them():
    draw = np.random.default_rng(6)
    begin = np.sort(draw.uniform(-300, 200, 400))
    wait = draw.gamma(1.5, 30, 400)
    log = log_of(begin, wait, weeks=28)
    plan = Plan(CHANGE, 6, 26, 20)
    question = PileSummary(Cohort(), plan, -35)
    parts = [question.of(log.take(np.flatnonzero(np.arange(len(log)) % 3 == part))) for part in range(3)]
    rows = question.rows(merge_all(parts), log.about)
    assert len(rows["week"]) == 35 + 28
    for place, week in enumerate(range(-35, 28)):
        edge = CHANGE + (week + 1) * WEEK
        here = (log.arrival < edge) & (log.open | (log.until >= edge))
        assert rows["open"][place] == here.sum()
        assert rows["overdue"][place] == (here & (log.arrival + plan.horizon < edge)).sum()
        arrived = (log.arrival >= edge - WEEK) & (log.arrival < edge) | ((place == 0) & (log.arrival < edge))
        assert rows["arrived"][place] == arrived.sum()
    assert rows["open"][-1] == log.open.sum()


def stuck(each, since=0, quick=5):
    """Every Monday eight cases take 10, 12, ... days; from week `since` on one in `each` is left, the others are quick."""
    weeks = np.repeat(np.arange(-60, 40), 8)
    place = np.tile(np.arange(8), 100)
    wait = np.where(weeks >= since, quick, 10 + 2 * place).astype(float)
    left = (weeks >= since) & (np.arange(len(weeks)) % each == 0)
    return log_of(weeks * 7, np.where(left, np.inf, wait), weeks=40)


def test_cases_that_are_left_make_an_artefact_of_a_gain():
    found = asked(stuck(10))
    assert found.verdict.figures["high"] < 0  # on average waits are shorter
    said = findings(found)
    # watched 4 weeks: of 8 cases a week in 40 weeks one in 10 is left, 28 since the change are overdue
    left = [week for week in range(0, 40 * 8, 10) if week // 8 * 7 + 28 < 40 * 7]
    assert said["overdue"].state == FAILS and said["overdue"].figures["overdue"] == len(left)
    assert said["overdue"].figures["more"] == pytest.approx(len(left) / 320)
    assert (
        said["pending"].figures["open"] == 32
        and said["pending"].figures["closed"] == 320 - 32 + said["pending"].figures["open_then"]
    )
    assert found.verdict.kind == "artefact"
    none = asked(stuck(10**6))
    assert findings(none)["overdue"].state == FINE and none.verdict.kind == "improved"
    assert found.piles.rows["overdue"][-1] == len(left)


def test_taking_the_newest_first_is_an_artefact():
    """One desk that does 7 cases a week; 7 come. Before, in order, behind a pile of 70; since, the newest first."""
    arrival = np.concatenate((np.full(70, -60 * 7.0), np.arange(-60 * 7, 52 * 7) + 0.5))
    done = np.full(len(arrival), np.inf)
    waiting = list(range(70))
    for day in range(-60 * 7, 52 * 7):
        waiting.append(70 + day + 60 * 7)
        pick = waiting.pop(-1 if day >= 0 else 0)
        done[pick] = day + 1
    kept = np.arange(len(arrival)) >= 70
    found = asked(log_of(arrival[kept], (done - arrival)[kept], weeks=52))
    assert found.verdict.kind == "artefact" and findings(found)["overdue"].state == FAILS
    assert days_of(found, "p50")[1] < 1 < 60 < days_of(found, "p50")[0]


def test_new_cases_that_wait_while_old_ones_are_cleared_are_not_worse():
    """One in eight is left until the change; then the desk clears them, and new cases take 30 days in place of 20."""
    week = np.repeat(np.arange(-100, 40), 8)
    left = (np.arange(len(week)) % 8 == 0) & (week < 0)
    cleared = -7 * week + 30 + (np.arange(len(week)) * 37 % 100)
    found = asked(log_of(week * 7, np.where(left, cleared, np.where(week < 0, 20, 30)), weeks=40), horizon=49)
    assert found.verdict.figures["low"] < 0 < found.verdict.figures["difference"] or found.verdict.kind == "mixed"
    longer = asked(log_of(week * 7, np.where(left, cleared, np.where(week < 0, 20, 45)), weeks=40), horizon=49)
    assert longer.verdict.kind == "mixed" and longer.piles.rows["overdue"][-1] == 0
    none = asked(log_of(week * 7, np.where(week < 0, 20, 45), weeks=40), horizon=49)
    assert none.verdict.kind == "worse"


def days_of(found, name):
    return found.rows[name] / np.timedelta64(1, "D")


def test_missing_closures_at_the_end_cannot_be_judged():
    begin, wait = world(7, per_week=20, weeks=52)
    hidden = (begin + wait >= 48 * 7) & (begin + wait < 52 * 7)
    log = log_of(begin, np.where(hidden, np.inf, wait), weeks=52)
    figures = asked(log).verdict.figures
    assert (
        asked(log).verdict.kind == "cannot_judge" and figures["reason"] == "closures_missing" and figures["weeks"] >= 4
    )
    assert asked(log_of(begin, wait, weeks=52)).verdict.kind in ("no_evidence", "too_few")
    # an office that closes its cases on one day in eight weeks is not an extract that was cut
    often = np.ceil((begin + wait) / 56) * 56 + 1
    rare = log_of(begin, often - begin, weeks=55)
    assert asked(rare).verdict.figures.get("reason") != "closures_missing"


# ---- how cases end, who does not gain


def test_more_dismissals_are_different_results():
    begin, wait = world(8, per_week=20, weeks=52)
    draw = np.random.default_rng(8)
    chance = np.where(begin >= 0, 0.4, 0.1)
    dismissed = draw.random(len(begin)) < chance
    log = log_of(begin, np.where(dismissed, 7, wait), weeks=52, end=np.where(dismissed, 2, 1))
    for stop in (None, "Grant"):
        found = asked(log, stop=stop)
        said = findings(found)["other_ends"]
        assert found.verdict.kind == "faster_different_results" and said.state == FAILS
        assert said.figures["share_before"] == pytest.approx(0.1, abs=0.03)
        assert said.figures["share_after"] == pytest.approx(0.4, abs=0.06) and said.figures["end"] == "withdrawn"
    same = log_of(begin, np.where(dismissed & (begin < 0), 7, wait * np.where(begin < 0, 1, 0.5)), weeks=52)
    assert findings(asked(same))["other_ends"].state == FINE


def one_kind(factor, other=1.0, **more):
    """Since the change the first kind takes `factor` times as long, the second, three in ten, `other` times."""
    begin, wait = world(9, per_week=40, weeks=52)
    second = np.random.default_rng(9).random(len(begin)) < 0.3
    longer = np.where(begin >= 0, np.where(second, other, factor), 1)
    return asked(log_of(begin, wait * longer, weeks=52, office=second.astype(int)), **more)


def test_who_does_not_gain_is_named():
    found = one_kind(0.5)
    figures = found.verdict.figures
    assert found.verdict.kind == "improved_for_most" and figures["others"] == "office is South"
    assert figures["others_share"] == pytest.approx(0.3, abs=0.02)
    assert figures["gaining_difference"] < figures["difference"] < figures["others_difference"]
    assert figures["others_low"] < 0 < figures["others_high"]
    assert one_kind(0.6, 0.6).verdict.kind == "improved"
    assert one_kind(0.5, 1.5).verdict.kind == "artefact"  # the others pay for it
    assert "South" in findings(one_kind(0.5, 1.5))["tail"].figures["group"]


def test_the_slowest_part_is_told_where_no_kind_explains_it():
    begin, wait = world(10, per_week=40, weeks=52)
    short = np.where((begin >= 0) & (wait < 70), wait * 0.4, wait)  # those beyond the 70th day gain nothing
    found = asked(log_of(begin, short, weeks=52))
    assert found.verdict.kind == "improved_for_most"
    watched = np.minimum(wait[(begin < -119) & (begin >= -119 - 104 * 7)], 119)
    assert found.verdict.figures["beyond"] / 86_400 == pytest.approx(np.quantile(watched, 0.75), abs=0.5)
    after = (begin >= 0) & (begin < 35 * 7)
    share = (short[after] > found.verdict.figures["beyond"] / 86_400).mean()
    assert found.verdict.figures["slowest"] == pytest.approx(share, abs=0.01)


# ---- what else it may be


def test_fewer_cases_are_a_rival():
    begin, wait = world(11, per_week=30, weeks=52)
    kept = (begin < 0) | (np.random.default_rng(11).random(len(begin)) < 0.8)
    found = asked(log_of(begin[kept], np.where(begin >= 0, wait * 0.5, wait)[kept], weeks=52))
    said = findings(found)["volume"]
    assert said.state == FAILS and found.verdict.kind == "faster_unclear"
    spans = ((0, 35), (-121, -17), (-52, -17))
    weeks = [((begin >= 7 * low) & (begin < 7 * high) & kept).sum() / (high - low) for low, high in spans]
    assert said.figures["since"] == pytest.approx(weeks[0]) and said.figures["before"] == pytest.approx(min(weeks[1:]))


def test_without_the_same_season_a_gain_is_unclear():
    begin, wait = world(12, per_week=30, years=2, weeks=60)
    kept = begin >= -50 * 7
    found = asked(log_of(begin[kept], np.where(begin >= 0, wait * 0.5, wait)[kept], weeks=60))
    assert found.verdict.kind == "faster_unclear"
    assert [name for name, one in findings(found).items() if one.state == FAILS] == ["season"]


def test_a_queue_that_swings_by_itself_is_a_rival():
    draw = np.random.default_rng(13)
    begin, wait = world(13, per_week=20, weeks=52)
    week = np.floor(begin / 7).astype(int) + 200
    swing = np.zeros(300)
    for k in range(1, 300):
        swing[k] = 0.95 * swing[k - 1] + draw.normal(0, 1)
    moody = 40 + 8 * swing[week] + draw.normal(0, 2, len(begin))
    log = log_of(begin, np.maximum(moody * np.where(begin >= 0, 0.5, 1), 1), weeks=52)
    assert findings(asked(log))["queue"].state == FAILS and asked(log).verdict.kind in ("faster_unclear", "too_few")
    calm = asked(log_of(begin, wait, weeks=52))
    assert findings(calm)["queue"].state == FINE and abs(findings(calm)["queue"].figures["alike"]) < 0.05
    almost_none = log_of(begin, np.maximum(moody * np.where(begin >= 0, 0.02, 1), 0.1), weeks=52)
    assert findings(asked(almost_none))["queue"].state == FINE  # no swing of a queue takes nearly all of the wait


def test_a_date_that_is_not_on_record_is_judged_more_strictly():
    begin, wait = world(14, per_week=12, weeks=52, effect=0.8)
    log = log_of(begin, wait, weeks=52)
    recorded, picked = asked(log), asked(log, change="2025-03-03")
    assert recorded.verdict.figures["level"] == 0.95 and findings(recorded)["date"].state == FINE
    months = round(0.05 / (1 - picked.verdict.figures["level"]))
    assert 18 <= months <= 30 and findings(picked)["date"].state in (UNSURE, FAILS)
    assert picked.verdict.figures["visible"] > recorded.verdict.figures["visible"]
    assert (
        picked.verdict.figures["low"] == recorded.verdict.figures["low"]
    )  # the range that is told is 95% all the same
    late = asked(log, change=Change("2025-03-03", recorded="2025-12-01"))
    assert late.verdict.figures["level"] == picked.verdict.figures["level"]
    looks = asked(log, change=Change("2025-03-03", recorded="2025-02-01", decide_on=("2025-09-01", "2026-03-01")))
    assert looks.verdict.figures["level"] == pytest.approx(0.975)
    early = asked(log, change=Change("2025-03-03", recorded="2025-02-01", decide_on=("2025-09-01", "2026-09-07")))
    assert (
        "Provisional: it is to be judged again on 2026-09-07; the last day of decision is 2026-09-07."
        in early.sentences()
    )
    assert any(line.startswith("No day of decision is on record.") for line in recorded.sentences())
    almost = [seed for seed in range(40, 60) if _kinds(seed) == ("improved", "faster_unclear")]
    assert almost  # what stands out only had it been on record


def _kinds(seed):
    begin, wait = world(seed, per_week=12, weeks=52, effect=0.8)
    log = log_of(begin, wait, weeks=52)
    return asked(log).verdict.kind, asked(log, change="2025-03-03").verdict.kind


def test_other_offices_bear_a_gain_out_or_do_not():
    begin, wait = world(15, per_week=60, weeks=60)
    office = np.random.default_rng(15).integers(0, 2, len(begin))
    since = begin >= 0
    for factor, state, kind in ((np.where(office == 0, 0.6, 1), FINE, "improved"), (0.6, FAILS, "faster_unclear")):
        log = log_of(begin, wait * np.where(since, factor, 1), weeks=60, office=office)
        found = asked(log, where={"office": "North"}, control={"office": "South"})
        assert findings(found)["control"].state == state and found.verdict.kind == kind
    slower = asked(
        log_of(begin, wait * np.where(since, 1.5, 1), weeks=60, office=office),
        where={"office": "North"},
        control={"office": "South"},
    )
    assert slower.verdict.kind == "slower_unclear" and findings(slower)["queue"].state == FINE
    assert "Where nothing was changed (South), waits moved about as much" in slower.said.may_say.say()


# ---- the record, the arguments, the log


def test_the_record_brings_its_own_arguments():
    begin, wait = world(16, per_week=20)
    log = log_of(begin, wait, weeks=52, office=np.arange(len(begin)) % 2)
    record = Change(
        "2025-03-03", where={"office": ("South",)}, ramp=10, start="Apply", horizon=60, recorded="2025-01-01"
    )
    found = asked(log, change=record)
    by_hand = asked(log, where={"office": "South"}, ramp=10, start="Apply", horizon=60)
    assert found.sentences() == by_hand.sentences() and found.arguments["horizon"] == 63
    assert asked(log, change=record, where={"office": ["South"]}, ramp=10).sentences() == found.sentences()
    for wrong in ({"where": {"office": "North"}}, {"ramp": 7}, {"horizon": 61}, {"start": procmine.first("Grant")}):
        with pytest.raises(ValueError, match=r"but the record of the change says .*mend the record"):
            asked(log, change=record, **wrong)
    with pytest.raises(LogError, match="'region'"):
        asked(log, mix=["region"])


def test_a_ramp_leaves_its_weeks_out():
    week = np.repeat(np.arange(-60, 40), 2)
    wait = np.where(week < 0, 20, np.where(week < 3, 40, 10))
    found = asked(log_of(week * 7, wait, weeks=40), ramp=15)  # whole weeks: three
    assert found.plan.ramp == 3 and found.rows["weeks"][1] == 40 - 3 - 3
    assert found.rows["begin"][1] == np.datetime64("2025-03-24")
    assert days_of(found, "mean")[1] == 10 and found.verdict.kind == "improved"
    assert days_of(asked(log_of(week * 7, wait, weeks=40)), "mean")[1] > 10


def test_a_log_in_shards_gives_the_same_verdict(tmp_path):
    begin, wait = world(17, per_week=20, effect=0.6, weeks=52)
    log = log_of(begin, wait, weeks=52, office=np.arange(len(begin)) % 2)
    shards = procmine.save(log, tmp_path / "log", shards=3)
    for more in ({}, {"where": {"office": "South"}, "mix": ()}, {"start": "Apply", "stop": "Grant"}):
        one, two = (asked(each, **more).verdict for each in (log, shards))
        assert one.kind == two.kind
        for name, value in one.figures.items():
            assert two.figures[name] == (pytest.approx(value) if isinstance(value, float) else value)
        differ = [a.name for a, b in zip(one.findings, two.findings) if a.state != b.state]
        assert set(differ) <= {"reopened"}  # whose case each is is known in memory only


def test_too_few_says_what_would_have_been_seen_and_no_evidence_what_is_unlikely():
    begin, wait = world(18, per_week=2, weeks=52)
    few = asked(log_of(begin, wait, weeks=52)).verdict
    assert few.kind == "too_few" and few.figures["visible"] > 0.2 * few.figures["mean_before"]
    begin, wait = world(18, per_week=40, weeks=52)
    none = asked(log_of(begin, wait, weeks=52)).verdict
    assert none.kind == "no_evidence" and none.figures["visible"] < 0.2 * none.figures["mean_before"]
    assert none.figures["bound"] == max(-none.figures["low"], none.figures["high"])


def test_every_state_has_its_sentence():
    only = {"tail": (FINE, FAILS), "other_ends": (FINE, FAILS), "season": (FINE, FAILS), "queue": (FINE, FAILS)}
    only |= dict.fromkeys(("volume", "mix", "control"), (FINE, FAILS, UNKNOWN)) | {"date": (FINE, UNSURE, FAILS)}
    names = ("tail", "overdue", "pending", "other_ends", "volume", "mix", "season", "queue", "date", "control")
    for name in names:
        for state in (FINE, UNSURE, FAILS, UNKNOWN):
            assert (f"verdict.{name}.{state}" in ENGLISH) == (state in only.get(name, (FINE, UNSURE, FAILS, UNKNOWN)))


def test_growth_is_a_ratio_of_sums_with_the_change_of_the_usual_ups_and_downs():
    begin, wait = world(19, per_week=10, weeks=40)
    log = log_of(begin, wait, weeks=40)
    question = PileSummary(Cohort(), Plan(CHANGE, 17, 104, 23), -121)
    part = question.of(log)
    backlog = Backlog.of(question, part, log.about)
    assert backlog.before.sum() == 121 - 34 and backlog.after.sum() == 40  # the log fills up for twice 17 weeks
    grown = backlog.growth(part.arrived - part.ended)
    edges = {week: CHANGE + week * WEEK for week in (-87, 0, 40)}
    pile = {week: int(((log.arrival < edge) & (log.open | (log.until >= edge))).sum()) for week, edge in edges.items()}
    came = [int(((log.arrival >= edges[a]) & (log.arrival < edges[b])).sum()) for a, b in ((-87, 0), (0, 40))]
    assert grown.more == pytest.approx((pile[40] - pile[0]) / came[1] - (pile[0] - pile[-87]) / came[0])
    assert grown.then == pile[0] and grown.last == pile[40]
    assert micros("2025-03-03") == CHANGE and DAY * 7 == WEEK and (TIME, SQUARE) == (1, 2)


def test_a_shock_moves_a_mean_by_the_waits_that_end_while_watched():
    """All waits a little longer by one part: the mean, counted up to a limit, moves by that part of those that ended."""
    begin, wait = world(21, per_week=60, weeks=52, effect=0.5)
    log = log_of(begin, wait, weeks=52)
    plan = plan_of(log.about, CHANGE, -156, 6)
    asked = ArmsSummary(Cohort(), plan)
    part = 1e-4
    moved = []
    for period in ("before", "after"):
        first, weeks = plan.weeks(period)
        here = (begin >= 7 * first) & (begin < 7 * (first + weeks))
        one, more = (np.minimum(wait[here] * factor, 42).mean() for factor in (1, 1 + part))
        moved.append((more - one) / part)
    assert asked.swing(asked.of(log)) == pytest.approx(moved[1] / moved[0], rel=0.01)
    assert moved[1] / moved[0] > 1.1  # though the mean is less


def test_ranges_widen_where_shocks_move_more_since():
    draw = np.random.default_rng(5)
    n = np.full(60, 30.0)
    mean = 20 + draw.normal(0, 3, 60)
    arms = [Arm(n[here], (n * mean)[here], (n * (mean**2 + 16))[here]) for here in (slice(0, 50), slice(50, 60))]
    usual, wider = contrast(*arms, swing=1.0), contrast(*arms, swing=1.5)
    assert wider.difference == usual.difference and wider.high - wider.low > 1.2 * (usual.high - usual.low)
