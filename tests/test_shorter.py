"""If a step took less time: by hand, against a plain recomputation, against a known intervention, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
import worlds_shorter as worlds
from logs import DAY, build, text

import procmine
from procmine import samples
from procmine.clocks import CALENDAR_TIME, WorkingTime
from procmine.find.shorter.paths import Paths
from procmine.find.shorter.target import Times, shrink
from procmine.find.shorter.watched import Watched
from procmine.kernels.critical import needs
from procmine.log import LogError
from procmine.see.enabling import beside

ONE = np.timedelta64(1, "D")
SHORT = "Court order issued"


@pytest.fixture(scope="module")
def sample():
    return procmine.read("event_logs/child_support.csv")


def days(result, name="saving", row=0):
    return float(result.rows[name][row] / ONE)


def cases(*ways):
    """Each way is steps and the day of January on which each ended; a case begins with its first."""
    rows = [(f"c{k:02}", step, f"2026-01-{day:02}") for k, way in enumerate(ways) for step, day in way]
    return build(rows, cutoff="2026-01-31", ends=["End"])


def test_one_after_another_by_hand():
    ways = [
        [("A", 1), ("B", 11), ("End", 13)],  # B takes 10: 9 less
        [("A", 1), ("End", 9)],  # no B: 0 less
        [("A", 1), ("B", 6), ("R", 8), ("B", 12), ("End", 13)],  # B takes 5 and 4: 4 + 3 less
    ]
    log = cases(*ways * 10)  # fewer turns of B, R, B could be two steps beside each other
    found = procmine.if_step_took(log, "B", days=1)
    assert days(found) == pytest.approx(16 / 3, abs=1e-4)  # told to the second
    assert days(found, "cut") == pytest.approx(16 / 3, abs=1e-4)
    assert days(found, "now") == pytest.approx((12 + 8 + 12) / 3, abs=1e-4)
    assert [int(found.rows[name][0]) for name in ("n", "longer", "cases", "open")] == [30, 30, 30, 0]
    assert np.isnat(found.rows["low"][0]) and "too few weeks for a range" in found.sentences()[0]
    assert days(procmine.if_step_took(log, "B", days=5)) == pytest.approx(5 / 3, abs=1e-4)  # only the 10 is longer


def beside_each_other():
    """A, then B and C in either order, then End; B takes 2 and C 4 in odd cases, 5 and 3 in even ones."""
    odd, even = [("A", 1), ("B", 3), ("C", 5), ("End", 9)], [("A", 1), ("B", 6), ("C", 4), ("End", 9)]
    return cases(*(odd if k % 2 else even for k in range(20)))


def test_a_join_waits_for_the_later_branch_by_hand():
    found = procmine.if_step_took(beside_each_other(), "B", days=1)
    # even: B on the 2nd, C on the 4th, so End 2 days sooner; odd: C is the later one anyhow
    assert days(found) == pytest.approx((2 + 0) / 2)
    assert days(found, "cut") == pytest.approx((4 + 1) / 2)
    assert any("other steps run beside it" in line for line in found.sentences())
    assert days(procmine.if_step_took(beside_each_other(), "C", days=1)) == pytest.approx((0 + 2) / 2)


def test_a_case_ends_with_its_last_branch_by_hand():
    odd, even = [("A", 1), ("B", 3), ("C", 5)], [("A", 1), ("B", 6), ("C", 4)]
    rows = [(f"c{k:02}", step, f"2026-01-{day:02}") for k in range(20) for step, day in (odd if k % 2 else even)]
    found = procmine.if_step_took(build(rows, cutoff="2026-01-31", ends=["B", "C"]), "B", days=1)
    assert days(found) == pytest.approx((2 + 0) / 2)  # even: B on the 2nd, but C is there on the 4th only


def test_open_cases_count_by_hand():
    """Gains of 3, 7 and 9 days at ages 4, 8 and 10; one case is seen for 5 days only, when 2 others still went on."""
    rows = [("a", "A", "2026-01-01"), ("a", "B", "2026-01-05"), ("a", "End", "2026-01-05")]
    rows += [("b", "A", "2026-01-01"), ("b", "B", "2026-01-09"), ("b", "End", "2026-01-09")]
    rows += [("c", "A", "2026-01-01"), ("c", "B", "2026-01-11"), ("c", "End", "2026-01-11")]
    rows += [("d", "A", "2026-01-26")]
    log = build(rows, cutoff="2026-01-30", ends=["End"])
    found = procmine.if_step_took(log, "B", days=1)
    assert days(found) == pytest.approx((3 + 7 / (2 / 3) + 9 / (2 / 3)) / 4, abs=1e-4)
    assert days(found, "now") == pytest.approx((4 + 8 / (2 / 3) + 10 / (2 / 3)) / 4, abs=1e-4)
    assert int(found.rows["open"][0]) == 1


def test_the_chance_of_being_watched_is_kaplan_meiers_of_scipy():
    from scipy import stats

    log = worlds.log_of(worlds.serial, 3, weeks=26)
    watched = Watched.of(log)
    length = log.until - log.arrival
    chance = watched.chances()
    # ends come before open cases at ties, so that an end is moved just before
    oracle = stats.ecdf(stats.CensoredData(uncensored=length[log.open] + 0.5, right=length[~log.open])).sf
    np.testing.assert_allclose(chance[1:], oracle.evaluate(watched.ages + 0.5), atol=1e-12)
    assert len(watched.ages) == log.open.sum()


def random_log(seed, n=40, steps=5):
    """Any events, with overlapping ones, and any steps beside each other."""
    draw = np.random.default_rng(seed)
    count = draw.integers(1, 9, n)
    offset = np.concatenate(([0], np.cumsum(count)))
    case = np.repeat(np.arange(n), count)
    end = draw.integers(0, 60, len(case)) * DAY
    end = end[np.lexsort((end, case))]
    start = end - draw.integers(0, 12, len(case)) * DAY
    code = draw.integers(0, steps, len(case)).astype(np.uint8)
    which = draw.random((steps, steps)) < 0.25
    which = (which | which.T) & ~np.eye(steps, dtype=bool)
    arrival = np.minimum.reduceat(start, offset[:-1])
    return code, start, end, offset, arrival, which


def plainly(code, start, end, offset, which, shorter):
    """All ends anew, event by event, from the definition: everything that was over by the beginning and is not beside."""
    arrival, new = np.minimum.reduceat(start, offset[:-1]), end.copy()
    for case in range(len(offset) - 1):
        here = range(offset[case], offset[case + 1])
        for one in here:
            waited = [p for p in here if p < one and end[p] <= start[one] and not which[code[p], code[one]]]
            before = max((end[p] for p in waited), default=arrival[case])
            after = max((new[p] for p in waited), default=arrival[case])
            new[one] = after + shorter(one, end[one] - before)
    return new


@pytest.mark.parametrize("seed", range(20))
def test_ends_are_those_of_the_definition(seed):
    code, start, end, offset, arrival, which = random_log(seed)
    waits = needs(code, start, end, offset, which)
    lag = end - waits.ready(end, arrival)
    assert lag.min() >= 0
    np.testing.assert_array_equal(waits.ends(lag, arrival), end)  # nothing changed, nothing moves
    cut = np.where(code == 1, np.minimum(lag, 2 * DAY), lag)
    new = waits.ends(cut, arrival)
    wanted = plainly(code, start, end, offset, which, lambda one, old: min(old, 2 * DAY) if code[one] == 1 else old)
    np.testing.assert_array_equal(new, wanted)
    gain = np.maximum.reduceat(end, offset[:-1]) - np.maximum.reduceat(new, offset[:-1])
    taken = np.add.reduceat(lag - cut, offset[:-1])
    assert (gain >= 0).all() and (gain <= taken).all()
    far = waits.furthest(new)
    np.testing.assert_array_equal(far[offset[1:] - 1], np.maximum.reduceat(new, offset[:-1]))


@pytest.mark.parametrize("clock", [CALENDAR_TIME, WorkingTime()])
@pytest.mark.parametrize("name", ["receipt_coselog/receipt.xes.gz", "bpic12/BPI_Challenge_2012.xes.gz"])
def test_without_a_change_nothing_moves_in_real_logs(shared, name, clock):
    log = procmine.read(shared / name)
    paths = Paths.of(log, beside(log), clock)
    every = np.arange(len(log.about.activities))
    np.testing.assert_array_equal(paths.ends(every, 2.0**62), paths.moments.time)
    none = paths.effect(every, 2.0**62)
    assert (none.saving.value, none.saving.low, none.saving.high, none.cut.value, none.longer) == (0, 0, 0, 0, 0)
    assert paths.lag.min() >= 0
    some = paths.effect(every[:1], 0.0)
    assert 0 <= some.saving.value <= some.cut.value + 1e-6


def test_the_sample_log_against_what_is_true(sample):
    """The same families with consent orders on paper from the first day: the generator says how long their cases take."""
    truth = samples.truth().cycles
    world = dict(zip(zip(truth["world"].tolist(), truth["office"].tolist()), truth["end_mean"].tolist()))
    gained = world["as it happened", "all"] - world["everywhere", "all"]
    consent = sample.where({"contested": "no"})
    found = procmine.if_step_took(consent, SHORT, days=1)
    part = len(consent) / len(sample)
    assert days(found) * part == pytest.approx(gained, rel=0.03)
    assert days(found, "low") * part <= gained <= days(found, "high") * part
    whole = procmine.if_step_took(sample, SHORT, days=1)
    assert days(whole, "now") == pytest.approx(world["as it happened", "all"], rel=0.01)
    assert f"{len(sample):,} cases that came" in whole.sentences()[0]


def test_cases_begun_before_the_log_are_left_out_and_said():
    whole = worlds.log_of(worlds.serial, 11, weeks=80)
    since = int(worlds.START + 140 * DAY)
    kept = np.flatnonzero((whole.arrival >= since) | (whole.until >= since))  # of the earlier ones, those that lasted
    late = replace(whole.take(kept), about=replace(whole.about, complete_from=since))
    fair = whole.take(np.flatnonzero(whole.arrival >= since))
    one, two = (procmine.if_step_took(log, "B", days=5) for log in (late, fair))
    assert days(one) == pytest.approx(days(two), abs=1e-9)
    assert int(one.rows["late"][0]) == (whole.arrival[kept] < since).sum() > 20
    assert any("left out for having begun before" in line for line in one.sentences())
    assert len(late) - int(one.rows["late"][0]) == int(one.rows["cases"][0]) == len(fair)


def test_a_working_clock_counts_its_own_days():
    rows = [("1", "A", "2026-01-05T09:00"), ("1", "B", "2026-01-08T12:00"), ("1", "End", "2026-01-08T17:00")]
    log = build(rows, cutoff="2026-01-30", ends=["End"])  # 27 working hours from A to B, 5 more to the end
    found = procmine.if_step_took(log, "B", days=1, clock=WorkingTime(9, 17))
    hours = {name: float(found.rows[name][0] / np.timedelta64(1, "h")) for name in ("target", "saving", "now")}
    assert hours == {"target": 8, "saving": 27 - 8, "now": 32}
    assert "1 working day" in found.sentences()[0]


def test_the_fastest_fifth_is_numpys_without_open_cases_and_right_with_them():
    draw = np.random.default_rng(1)
    length = draw.integers(0, 1_000, 777)
    times = Times(length, np.ones(777), np.arange(777))
    assert times.quantile(0.2) == np.quantile(length, 0.2, method="inverted_cdf")
    logs = [worlds.log_of(worlds.loops, seed, weeks=40) for seed in range(8)]
    codes = [np.array([log.about.activities.index("B")]) for log in logs]
    weighed, seen = [], []
    for log, code in zip(logs, codes):
        times = Paths.of(log, beside(log), CALENDAR_TIME).times(code)
        weighed.append(times.quantile(0.9) / DAY)
        seen.append(np.quantile(times.length, 0.9) / DAY)
    true = 12 * np.exp(np.hypot(0.8, 0.15 / np.sqrt(1 - 0.5**2)) * 1.2816)
    assert np.mean(weighed) == pytest.approx(true, rel=0.04)
    assert np.mean(seen) < 0.97 * np.mean(weighed)  # the long ones are seen less often


def test_the_best_of_equals_is_drawn_back_by_hand_and_by_chance():
    np.testing.assert_allclose(shrink(np.array([10.0, 20, 30]), np.zeros(3)), [10, 20, 30])
    np.testing.assert_allclose(shrink(np.array([10.0, 20, 30]), np.full(3, 1e6)), [20, 20, 20])
    half = shrink(np.array([10.0, 20, 30]), np.full(3, 50.0))  # they vary by 100, of which 50 by chance
    np.testing.assert_allclose(half, [15, 20, 25])
    draw, raw, drawn = np.random.default_rng(2), [], []
    for _ in range(300):
        middle = draw.normal(40, 4, 8)  # eight offices that are alike
        raw.append(40 - middle.min())
        drawn.append(40 - shrink(middle, np.full(8, 16.0)).min())
    assert np.mean(raw) > 5 and np.mean(drawn) < 0.4 * np.mean(raw)


def offices(middles, each=60):
    """Cases A, B, End in offices whose B takes about so many days, in 30 weeks."""
    rows, office = [], {}
    for name, middle in middles.items():
        for k in range(each):
            came = np.datetime64("2024-01-01") + (k * 210) // each
            b = came + middle + (k * 7) % 5 - 2
            rows += [(f"{name}{k:03}", *one) for one in (("A", str(came)), ("B", str(b)), ("End", str(b + 1)))]
            office[f"{name}{k:03}"] = name
    return build(rows, cutoff="2026-01-31", ends=["End"], attributes={"office": office})


def test_the_best_office_is_found_among_those_with_enough_cases():
    log = offices({"North": 30, "South": 12, "West": 40})
    found = procmine.if_step_took(log, "B", best="office")
    assert found.rows["like"][0] == "South"
    assert days(found, "target") == pytest.approx(12, abs=0.5)
    assert "South" in found.sentences()[0]
    few = {f"South{k:03}" for k in range(15, 60)}
    kept = log.take(np.flatnonzero([name not in few for name in log.case.values()]))
    assert procmine.if_step_took(kept, "B", best="office").rows["like"][0] == "North"
    with pytest.raises(LogError, match="Fewer than two values of 'office' have 20 cases"):
        procmine.if_step_took(kept.where({"office": ["South", "North"]}), "B", best="office")


def test_the_best_of_alike_offices_is_no_target_by_luck():
    log = worlds.log_of(worlds.serial, 9)
    office = text([f"office {k}" for k in np.random.default_rng(4).integers(0, 8, len(log))])
    log = replace(log, about=replace(log.about, attributes=("office",)), attributes={"office": office})
    times = Paths.of(log, beside(log), CALENDAR_TIME).times(np.array([1]))
    own = [times.length[office.codes[times.case] == one] / DAY for one in range(8)]
    middles = [np.median(one) for one in own]
    target = days(procmine.if_step_took(log, "B", best="office"), "target")
    whole = np.median(times.length) / DAY
    assert min(middles) < whole - 1  # luck alone makes one of them so much better
    assert abs(target - whole) < 0.4 * abs(min(middles) - whole)


def test_groups_share_a_target_and_add_up_to_the_whole():
    log = offices({"North": 30, "South": 12, "West": 40})
    whole, parts = (procmine.if_step_took(log, "B", days=4, by=by) for by in ((), ["office"]))
    assert list(parts.rows["office"]) == ["North", "South", "West"] and parts.groups == ("office",)
    mean = sum(days(parts, row=row) * int(parts.rows["cases"][row]) for row in range(3)) / len(log)
    assert mean == pytest.approx(days(whole), abs=1e-4)
    one, two = (procmine.if_step_took(log, "B", best="office", by=by) for by in ((), "office"))
    assert set(two.rows["target"]) == set(one.rows["target"])
    assert parts.sentences()[0].startswith("North: If B took at most 4 days")
    named = replace(log, about=replace(log.about, persons=("office",)))
    assert set(procmine.if_step_took(named, "B", days=4, by="office").rows["office"]) == {
        f"person {k}" for k in (1, 2, 3)
    }
    with pytest.raises(LogError, match="names people"):
        procmine.if_step_took(named, "B", best="office")


def test_a_stage_is_each_of_its_steps():
    log = cases([("A", 1), ("B", 11), ("C", 15), ("End", 16)], [("A", 1), ("C", 4), ("End", 5)])
    staged = replace(log, about=replace(log.about, stages={"Middle": ("B", "C")}))
    found = procmine.if_step_took(staged, "Middle", days=1)
    assert days(found) == pytest.approx(((9 + 3) + 2) / 2)
    assert list(found.rows["step"]) == ["Middle"]


def test_quick_wins_put_ours_first_and_leave_law_unranked(sample):
    tagged = replace(sample, about=replace(sample.about, tags={**sample.about.tags, "Notice served": "law"}))
    found = procmine.quick_wins(tagged, days=2)
    rows = found.frame
    assert list(rows["whose"]) == sorted(rows["whose"], key=["ours", "partly ours", "unknown", "others", "law"].index)
    for _, part in rows.groupby("whose"):
        assert part["saving"].is_monotonic_decreasing
    assert (rows["rank"] == np.where(rows["whose"] == "law", 0, np.arange(1, len(rows) + 1))).all()
    law = rows[rows["whose"] == "law"]
    assert set(law["step"]) == {"Notice served", "Answer period ended", "Hearing continued"}
    assert not {"Withdrawn", "Dismissed"} & set(rows["step"])  # to leave sooner is no win
    assert "First payment received" in set(rows["step"])
    assert found.sentences()[0].startswith(f"{SHORT} is ours to change: if it took at most 2 days")
    assert any(line.startswith("Set by law, and no quick win: Answer period ended") for line in found.sentences())
    alone = procmine.if_step_took(tagged, SHORT, days=2)
    for name in ("saving", "low", "high", "cut", "now", "per_year"):
        assert rows[name].iloc[0] == alone.rows[name][0]
    assert alone.rows["low"][0] < alone.rows["saving"][0] < alone.rows["high"][0]
    json.dumps(found.to_dict())


def test_a_year_of_cases_is_what_the_log_has_in_a_year(sample):
    found = procmine.if_step_took(sample, SHORT, days=1)
    years = (np.datetime64("2026-11-01") - np.datetime64("2023-10-01")) / np.timedelta64(365, "D")
    assert days(found, "per_year") == pytest.approx(days(found) * len(sample) / years, rel=0.01)


def test_pictures_show_the_step_beside_the_case(tmp_path, sample):
    found = procmine.if_step_took(beside_each_other(), "B", days=1)
    widths = [bar.get_width() for bar in found.plot().patches]
    np.testing.assert_allclose(widths, [2.5 / 8, 1.0 / 8])  # of the 8 days that a case takes
    by_office = procmine.if_step_took(sample, SHORT, days=1, by=["office"])
    assert len(by_office.plot().patches) == 6
    wins = procmine.quick_wins(sample)
    assert wins.save(tmp_path / "wins.svg").stat().st_size > 5_000
    grouped = procmine.quick_wins(sample.where({"office": ["North", "South"]}), by=["office"])
    assert grouped.plot().get_title(loc="left").endswith("South")


def test_nothing_to_gain_is_said():
    log = cases([("A", 1), ("B", 3), ("End", 4)], [("A", 2), ("B", 3), ("End", 9)])
    found = procmine.if_step_took(log, "B", days=7)
    assert found.sentences()[0] == (
        "If B took at most 7 days, cases would not end sooner: it came 2 times, 0 of them took longer."
    )
    assert len(procmine.quick_wins(log)) == 0
    assert procmine.quick_wins(log).sentences() == [
        "No step can be named that would shorten cases; each must have come 20 times or more."
    ]
    assert not procmine.quick_wins(log).pictured
    empty = log.take(np.empty(0, np.int64))
    assert int(procmine.if_step_took(empty, "B", days=1).rows["n"][0]) == 0
    with pytest.raises(LogError, match="how fast it can be is unknown"):
        procmine.if_step_took(empty, "B")


def test_a_log_in_which_nothing_has_finished_says_so():
    rows = [(f"c{k}", step, f"2026-01-0{day}") for k in range(5) for step, day in (("A", 1), ("B", 5))]
    found = procmine.if_step_took(build(rows, cutoff="2026-01-31", ends=["Z"]), "B", days=1)
    assert any("None of these cases is known to be finished" in line for line in found.sentences())


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"step": "Chek"}, LogError, "Did you mean 'Check'"),
        ({"days": -1}, ValueError, "0 or more"),
        ({"days": float("nan")}, ValueError, "0 or more"),
        ({"days": 1, "best": "office"}, ValueError, "not both"),
        ({"best": "office"}, LogError, "No attribute 'office'"),
        ({"by": ["office"]}, LogError, "No attribute 'office'"),
    ],
)
def test_what_cannot_be_asked_is_refused(six, asked, error, said):
    with pytest.raises(error, match=said):
        procmine.if_step_took(six, **{"step": "Check", **asked})


def test_a_log_without_some_of_its_steps_is_refused(six):
    for ask in (lambda log: procmine.if_step_took(log, "Check", days=1), procmine.quick_wins):
        with pytest.raises(LogError, match="Steps were left out of this log"):
            ask(six.only_activities(["Start", "Check"]))


def test_the_range_does_not_vary_and_is_wider_for_fewer_weeks():
    log = worlds.log_of(worlds.serial, 5)
    one, two = (procmine.if_step_took(log, "B", days=5).rows for _ in range(2))
    assert (one["low"][0], one["high"][0]) == (two["low"][0], two["high"][0])
    short = procmine.if_step_took(worlds.log_of(worlds.serial, 5, weeks=30), "B", days=5).rows
    assert short["high"][0] - short["low"][0] > one["high"][0] - one["low"][0]


def test_what_few_cases_are_watched_for_is_left_out_and_said():
    """One case in a hundred is followed for a year, the others for a month: nobody speaks for the year."""
    rows = [(f"c{k:03}", "A", "2026-12-01") for k in range(99)]
    rows += [("old", "A", "2026-01-01"), ("old", "B", "2026-12-20"), ("old", "End", "2026-12-21")]
    found = procmine.if_step_took(build(rows, cutoff="2026-12-31", ends=["End"]), "B", days=1)
    assert days(found) == 0
    assert found.rows["horizon"][0] == pytest.approx(31, abs=1e-4)
    assert days(found, "now") == 0


def test_the_age_cases_are_watched_for_is_told_in_days_of_the_calendar_on_any_clock():
    rows = [(f"c{k:03}", "A", "2026-12-01T10:00") for k in range(99)] + [("odd", "B", "2026-12-21T10:00")]
    rows += [("old", "A", "2026-01-01T10:00"), ("old", "B", "2026-12-18T10:00"), ("old", "End", "2026-12-21T11:00")]
    rows += [("new", "A", "2026-12-01T10:00"), ("new", "B", "2026-12-11T10:00"), ("new", "End", "2026-12-21T11:00")]
    log = build(rows, cutoff="2026-12-31", ends=["End"])
    for clock in (CALENDAR_TIME, WorkingTime(9, 17)):
        found = procmine.if_step_took(log, "B", days=1, clock=clock)
        assert any("in the first 31 days of a case" in line for line in found.sentences())


def test_a_year_is_not_told_from_less_than_half_of_one():
    rows = [(f"{k:02}", step, f"2026-01-{day:02}") for k in range(25) for day, step in ((1, "Begin"), (2 + k, "End"))]
    short = build(rows, cutoff="2026-02-01", ends=["End"])
    told = procmine.if_step_took(short, "End", days=1)
    assert np.isnat(told.rows["per_year"][0]) and not any("of a year" in line for line in told.sentences())
    long = procmine.if_step_took(build(rows, cutoff="2026-12-31", ends=["End"]), "End", days=1)
    assert any("of a year" in line for line in long.sentences())


def test_too_few_events_are_said_so():
    rows = [("a", "Begin", "2026-01-01"), ("a", "End", "2026-01-05")]
    assert (
        procmine.quick_wins(build(rows, cutoff="2026-02-01", ends=["End"]))
        .sentences()[-1]
        .startswith("No step can be named")
    )
    assert (
        procmine.sessions(build(rows, cutoff="2026-02-01", ends=["End"])).sentences()[-1].startswith("No step was done")
    )
