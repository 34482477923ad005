"""Bottlenecks: whose the time is, whether it grows, who is stuck and what to ask; each against truth from elsewhere."""

from dataclasses import replace

import numpy as np
import pytest
from logs import DAY, build
from worlds_bottlenecks import STEPS, World

import procmine
from procmine.find.time.owners import OWNERS, owner_of
from procmine.kernels.counts import BINS, Counts, bin_of, seconds_of


def before(answer):
    frame = answer.frame
    return frame[frame["kind"] == "before"].set_index("step")


def stood(days, cutoff="2024-03-01"):
    """Cases that went on from A to B after so many days, and one that has stood after A since 2024-01-01 (61 days)."""
    rows = [("open", "A", "2024-01-01")]
    for k, long in enumerate(days):
        rows += [(f"c{k}", "A", "2024-01-01"), (f"c{k}", "B", str(np.datetime64("2024-01-01") + long))]
    return build(rows, cutoff=cutoff, ends=["B"])


@pytest.mark.parametrize(
    ("days", "usual", "stuck"), [((10, 20, 30, 40, 50), 40, 1), ((10, 20, 30, 70, 80), 70, 0), ((61,) * 5, 61, 0)]
)
def test_stuck_is_longer_than_8_in_10_of_those_who_went_on(days, usual, stuck):
    rows = procmine.bottlenecks(stood(days)).frame.set_index(["kind", "step"])
    assert rows.loc[("still open after", "A"), "stuck"] == stuck
    assert rows.loc[("still open after", "A"), "stuck_after"] == np.timedelta64(usual, "D")
    assert rows["stuck"].sum() == stuck


def test_who_is_stuck_stands_in_a_table_of_its_own():
    found = procmine.bottlenecks(stood((10, 20, 30, 40, 50))).stuck()
    assert found.frame[["step", "n", "stuck"]].values.tolist() == [["A", 1, 1]]
    assert "1 open case has stood longer" in found.sentences()[0]
    none = procmine.bottlenecks(stood((70, 80))).stuck()
    assert len(none) == 0
    said = "No open case has stood longer after its last step than 8 in 10 of those that went on from it."
    assert none.sentences() == [said]


def test_six_events_stuck_by_hand():
    """B went on to C after 2 and 4 days: 8 in 10 within 4. Z has stood after B for 5 days on the 10th, for 3 on the 8th."""
    rows = [("X", "B", "2024-01-01"), ("X", "C", "2024-01-03"), ("Y", "B", "2024-01-01"), ("Y", "C", "2024-01-05")]
    rows += [("Z", "B", "2024-01-05T00:00:00"), ("W", "C", "2024-01-02")]
    for cutoff, stuck in (("2024-01-10", 1), ("2024-01-08", 0)):
        found = procmine.bottlenecks(build(rows, cutoff=cutoff, ends=["C"])).frame
        assert found[found["kind"] == "still open after"]["stuck"].tolist() == [stuck]


def test_of_nobody_that_went_on_nobody_is_stuck():
    rows = [("1", "A", "2020-01-01"), ("2", "A", "2024-01-01"), ("3", "B", "2024-01-01")]
    found = procmine.bottlenecks(build(rows, cutoff="2024-06-01", ends=["B"])).frame
    assert found["stuck"].sum() == 0
    assert np.isnat(found["stuck_after"].to_numpy()).all()


def test_dormant_cases_are_stuck_too_and_by_the_same_time():
    log = replace(stood((10, 20, 30, 40, 50)), about=replace(stood((1,)).about, dormant_after=30 * DAY))
    rows = procmine.bottlenecks(log).frame.set_index(["kind", "step"])
    assert rows.loc[("dormant after", "A"), ["n", "stuck"]].tolist() == [1, 1]


def test_lengths_are_counted_within_one_percent():
    draw = np.random.default_rng(3)
    value = np.concatenate(([0, 999_999, 1_000_000], (draw.lognormal(28, 4, 5_000)).astype(np.int64) + 1_000_000))
    bins = bin_of(value)
    assert (np.diff(bins[np.argsort(value)]) >= 0).all()
    assert bins.max() < BINS
    near = seconds_of(bins)[2:] / (value[2:] / 1e6)
    assert (abs(near - 1) < 0.005).all()
    days = np.arange(1, 129) * DAY
    assert len(np.unique(bin_of(days))) == 128  # days up to 128 are told apart
    key = draw.integers(0, 3, len(value))
    counted = Counts.of(key * BINS + bins, 3 * BINS)
    for p in (0.5, 0.8):
        found = seconds_of(counted.quantile(p, 3))
        true = [np.quantile(value[key == one], p, method="inverted_cdf") / 1e6 for one in range(3)]
        np.testing.assert_allclose(found, true, rtol=0.005)
    half = len(value) // 2
    merged = Counts.of((key * BINS + bins)[:half], 3 * BINS).merge(Counts.of((key * BINS + bins)[half:], 3 * BINS))
    np.testing.assert_array_equal(merged.code, counted.code)
    np.testing.assert_array_equal(merged.count, counted.count)
    many = np.tile(key * BINS + bins, 20)  # so many that they are counted in another way
    np.testing.assert_array_equal(Counts.of(many, 3 * BINS).count, 20 * counted.count)


@pytest.mark.parametrize(
    ("who", "whose"),
    [
        ("our policy", "ours"),
        ("habit, our policy", "ours"),
        ("law", "law"),
        ("court rule", "law"),
        ("another party", "others"),
        ("our policy, law", "partly ours"),
        ("", "unknown"),
    ],
)
def test_whose_a_wait_is(who, whose):
    assert owner_of(who) == whose
    assert whose in OWNERS


@pytest.mark.parametrize(("second", "whose"), [("law", "law"), ("our policy", "partly ours"), (None, "unknown")])
def test_a_stage_is_of_nobody_alone_while_one_of_its_steps_is_unknown(second, whose):
    rows = [("1", "In", "2024-01-01"), ("1", "Petition", "2024-01-11"), ("1", "Hearing", "2024-01-31")]
    tags = {"Petition": "law", **({"Hearing": second} if second else {})}
    log = build(rows, cutoff="2024-03-01", ends=["Hearing"], stages={"Court": ("Petition", "Hearing")}, tags=tags)
    found = procmine.bottlenecks(log, stages=True)
    assert before(found).loc["Court", "whose"] == whose
    by_law = "The wait before Court is set by law or by a court rule."
    assert (by_law in found.sentences()) == (whose == "law")
    assert (by_law in procmine.if_step_took(log, "Court", days=1).sentences()) == (whose == "law")
    ours = replace(log, about=replace(log.about, tags={"Petition": "habit"}))
    assert before(procmine.bottlenecks(ours, stages=True)).loc["Court", "whose"] == "partly ours"


@pytest.fixture(scope="module")
def sample():
    return procmine.read("event_logs/child_support.yaml")


def test_the_court_order_is_first_and_likely_the_largest(sample):
    """Its share is 34.4% in the truth of event_logs/README, all cases followed to their end."""
    rows = before(procmine.bottlenecks(sample))
    assert rows.index[0] == "Court order issued"
    assert rows.loc["Court order issued", ["rank_low", "rank_high"]].tolist() == [1, 1]
    assert rows.loc["Court order issued", "low"] < 0.344 < rows.loc["Court order issued", "high"]


def test_the_paper_route_is_a_falling_trend_and_nothing_else_moves(sample):
    """Since 2025-10-06 North (22% of families) decides consent petitions (7 in 10) in a day instead of 72: about -15%."""
    rows = before(procmine.bottlenecks(sample))
    assert rows.loc["Court order issued", "trend"] == "falling"
    assert rows.loc["Court order issued", "change_low"] < -0.15 < rows.loc["Court order issued", "change_high"]
    assert (rows["trend"] == "falling").sum() == 1
    assert not (rows["trend"] == "rising").any()
    offices = procmine.bottlenecks(sample, by=["office"]).frame
    court = offices[(offices["kind"] == "before") & (offices["step"] == "Court order issued")].set_index("office")
    assert court["trend"].to_dict() == {
        name: "falling" if name == "North" else "no clear trend" for name in court.index
    }


def test_the_table_shows_first_what_is_ours_and_last_what_the_law_sets(sample):
    answer = procmine.bottlenecks(sample)
    shown = answer.shown()
    steps = [step for step, kind in zip(shown["step"], shown["kind"]) if kind == "before"]
    whose = before(answer)["whose"]
    places = [OWNERS.index(whose[step]) for step in steps]
    assert places == sorted(places)
    share = before(answer)["share"]
    for owner in set(places):
        mine = [share[step] for step, place in zip(steps, places) if place == owner]
        assert mine == sorted(mine, reverse=True)
    assert steps.index("Answer period ended") > steps.index("First payment received")  # the law's after others'
    grouped = procmine.bottlenecks(sample, by=["office"], period="year").shown()
    group = list(zip(grouped["year"], grouped["office"]))
    assert group == sorted(group)


def test_the_answer_period_is_no_question_when_the_spec_says_that_it_is_law(sample):
    assert len(procmine.bottlenecks(sample).questions()) == 0
    tags = {name: who for name, who in sample.about.tags.items() if name not in ("Answer period ended", "Case opened")}
    log = replace(sample, about=replace(sample.about, tags=tags))
    answer = procmine.bottlenecks(log)
    asked = answer.questions().frame
    assert asked["step"].tolist() == ["Answer period ended", "Answer period ended", "Case opened"]
    assert "4,011 of 4,011 are 20 days" in " ".join(asked["question"])
    assert "under who_can_change in the spec" in " ".join(answer.sentences())
    assert before(answer)["whose"].tolist().count("law") == 2  # Dismissed and Hearing continued: court rules
    twice = procmine.bottlenecks(log, by=["office"]).questions().frame
    assert sorted(twice["step"]) == sorted(asked["step"])


def test_a_wait_is_no_rule_on_a_clock_of_work_nor_where_one_in_five_differs():
    days = [7] * 40 + [9] * 10
    assert before(procmine.bottlenecks(stood(days)))["fixed_n"].sum() == 0
    same = stood([7] * 47 + [9] * 3)
    found = before(procmine.bottlenecks(same))
    assert found.loc["B", "fixed"] == np.timedelta64(7, "D")
    assert found.loc["B", "fixed_n"] == 47
    assert before(procmine.bottlenecks(same, clock=procmine.WorkingTime()))["fixed_n"].sum() == 0


def test_a_planted_trend_is_found_with_its_size_and_no_other():
    for seed in range(3):
        rows = before(procmine.bottlenecks(World(slower=(2, 1.5)).log(seed)))
        assert rows["trend"].to_dict() == {
            step: "rising" if step == STEPS[2] else "no clear trend" if step != STEPS[0] else "" for step in rows.index
        }
        assert (
            0.3 < rows.loc[STEPS[2], "change"] < 0.65
        )  # gaps that run beyond the end of the data count only as far as that
        faster = before(procmine.bottlenecks(World(slower=(2, 0.6)).log(seed)))
        assert faster.loc[STEPS[2], "trend"] == "falling"


def test_a_step_that_stops_is_rising_although_no_slow_gap_ever_ends():
    """In the last year the step takes so long that nearly none is over: by the gaps that ended it would look quicker."""
    log = World(slower=(2, 40.0)).log(1)
    rows = before(procmine.bottlenecks(log))
    assert rows.loc[STEPS[2], "trend"] == "rising"
    assert rows.loc[STEPS[2], "change"] > 1
    short = World(weeks=60).log(1)
    assert set(before(procmine.bottlenecks(short))["trend"]) == {""}  # a year and two months: nothing to compare with


def test_an_export_of_finished_cases_has_no_trend():
    """It lacks the long gaps of its last year, so that every step would seem to become quicker."""
    log = World().log(1)
    finished = log.take(np.flatnonzero(~log.open))
    assert set(before(procmine.bottlenecks(finished))["trend"]) == {""}
    assert set(before(procmine.bottlenecks(log))["trend"]) == {"no clear trend"}


def test_places_of_twins_overlap_and_of_a_giant_do_not():
    rows = before(procmine.bottlenecks(World(means=(20.0, 20.0, 90.0, 20.0, 2.0), chances=(1.0,) * 5).log(4)))
    assert rows.loc[STEPS[3], ["rank_low", "rank_high"]].tolist() == [1, 1]
    assert rows.loc[STEPS[5], ["rank_low", "rank_high"]].tolist() == [5, 5]
    twins = rows.loc[[STEPS[1], STEPS[2], STEPS[4]]]
    assert twins["rank_low"].min() == 2
    assert twins["rank_high"].max() == 4
    assert (twins["rank_high"] > twins["rank_low"]).sum() >= 2
    few = before(procmine.bottlenecks(World(weeks=15).log(4)))
    assert not few[["rank_low", "rank_high"]].to_numpy().any()


def test_an_uncertain_first_place_is_said():
    answer = procmine.bottlenecks(World(means=(20.0, 20.0, 5.0, 5.0, 2.0), chances=(1.0,) * 5, a_week=5).log(2))
    assert "it may also be" in " ".join(answer.sentences())


CALENDAR = {
    "default": {"hours": dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-16:00")}
}


def test_working_time_stands_beside_calendar_time():
    """Friday 15:00 to Monday 09:00 is 2 working hours, a quarter of a day; Monday 09:00 to Tuesday 09:00 a whole one."""
    rows = []
    for week in range(30):
        friday = np.datetime64("2024-01-05T15:00") + np.timedelta64(7 * week, "D")
        rows += [(f"{week}", "A", str(friday)), (f"{week}", "B", str(friday + np.timedelta64(66, "h")))]
        rows += [(f"{week}", "C", str(friday + np.timedelta64(90, "h")))]
    log = build(rows, cutoff="2024-12-01", ends=["C"], calendars=CALENDAR)
    found = before(procmine.bottlenecks(log))
    assert found["working_days"].to_dict() == {"B": 0.25, "C": 1.0}
    assert found["working_share"].to_dict() == pytest.approx({"B": 0.2, "C": 0.8})
    assert found.loc["B", "share"] == pytest.approx(66 / 90)
    assert "working_days" in procmine.bottlenecks(log).shown()
    plain = replace(log, about=replace(log.about, calendars={}))
    assert np.isnan(before(procmine.bottlenecks(plain))["working_days"]).all()
    assert "working_days" not in procmine.bottlenecks(plain).shown()
    months = procmine.bottlenecks(log, period="quarter").frame
    assert set(months[months["step"] == "B"]["working_days"]) == {0.25}


def test_a_gap_of_nights_and_weekends_is_told():
    rows = []
    for week in range(30):
        friday = np.datetime64("2024-01-05T15:55") + np.timedelta64(7 * week, "D")
        rows += [(f"{week}", "A", str(friday)), (f"{week}", "B", str(friday + np.timedelta64(64 * 60 + 10, "m")))]
    log = build(rows, cutoff="2024-12-01", ends=["B"], calendars=CALENDAR)
    assert "nights and weekends, when the office is closed: the waits before B" in " ".join(
        procmine.bottlenecks(log).sentences()
    )


@pytest.mark.slow
def test_all_columns_by_office_and_period(sample):
    whole = procmine.bottlenecks(sample)
    for answer in (
        procmine.bottlenecks(sample, by="office", period="quarter"),
        procmine.bottlenecks(sample, period="month"),
    ):
        assert set(whole.rows) <= set(answer.rows)
        assert answer.sentences()
        shown = answer.shown()
        for name, part in answer.parts().items():
            here = [", ".join(key) == name for key in zip(*(shown[group] for group in answer.groups))]
            largest = before(part)["share"].nlargest(3).index
            assert set(shown["step"][here]) == set(largest)
    quarters = procmine.bottlenecks(sample, period="quarter").frame
    court = quarters[(quarters["kind"] == "before") & (quarters["step"] == "Court order issued")].set_index("quarter")
    assert (
        court.loc[["2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3"], "change"] < 0
    ).all()  # a year before: no paper route
    assert court.loc["2026-Q3", "trend"] == "falling"
    assert (court.loc[["2023-Q4", "2024-Q1", "2024-Q3"], "trend"] == "").all()


def test_road_fines_sixty_days_is_asked_and_collection_is_the_largest(shared):
    log = procmine.read(shared / "rtfm" / "traffic_fines_full.csv.gz", ends=procmine.EVERY_CASE)
    answer = procmine.bottlenecks(log)
    rows = before(answer)
    assert rows.index[0] == "Send for Credit Collection"
    assert rows.loc["Add penalty", "fixed"] == np.timedelta64(60, "D")
    assert rows.loc["Add penalty", "fixed_n"] >= 72_334
    moves = procmine.flow(log).frame.set_index(["before", "after"])
    assert moves.loc[("Insert Fine Notification", "Add penalty"), "n"] == 72_334
    assert moves.loc[("Insert Fine Notification", "Add penalty"), "p50"] == np.timedelta64(60, "D")
    assert set(rows["trend"]) == {""}  # it was read as one of finished cases
    asked = answer.questions().frame
    assert "are 60 days. Is it a law" in " ".join(asked[asked["step"] == "Add penalty"]["question"])
    assert (asked["step"] == "Send for Credit Collection").sum() == 1


def test_an_extract_that_lacks_open_cases_after_some_steps_shows_no_trend_there():
    """As in the full log of road fines: unfinished cases are in it after one step only, so the rest seem to become faster."""
    log = World().log(3)
    last = log.activity[log.offset[1:] - 1]
    one = np.bincount(last[log.open], minlength=len(STEPS)).argmax()
    extract = log.take(np.flatnonzero(~log.open | (last == one)))
    rows, whole = before(procmine.bottlenecks(extract)), before(procmine.bottlenecks(log))
    after = STEPS[STEPS.index(log.about.activities[one]) + 1]
    told = [step for step in rows.index if rows.loc[step, "trend"]]
    assert told == [after] or set(told) < {step for step in whole.index if whole.loc[step, "trend"]}
    assert "falling" not in set(rows["trend"])


ASKED_BY_GROUP = {
    "bottlenecks": {"period": "quarter"},
    "if_step_took": {"step": "B", "days": 1},
    **{name: {} for name in ("quick_wins", "causes", "sessions", "happy_path")},
}


@pytest.mark.parametrize("name", ASKED_BY_GROUP)
def test_every_question_says_when_its_groups_are_written_down_late(name):
    """Of 40 finished and 40 open cases only the finished ones have a judge."""
    rows = [(f"{k:02}", "A", f"2024-01-{1 + k % 20:02}T09:00") for k in range(80)]
    rows += [(f"{k:02}", "B", f"2024-02-{1 + k % 20:02}T09:00") for k in range(40)]
    judge = {f"{k:02}": "one" if k % 2 else "two" for k in range(40)}
    log = build(rows, cutoff="2024-03-01", ends=["B"], attributes={"judge": judge})
    log = replace(log, start=log.time - 3_600_000_000)
    for by in ("judge", ["judge"]):
        answer = getattr(procmine, name)(log, by=by, **ASKED_BY_GROUP[name])
        assert answer.sentences()[0].startswith("Do not compare these groups")
