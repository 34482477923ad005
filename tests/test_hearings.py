"""Hearings: dates per case, called-off dates and the time between them, by hand and in a made court with open cases."""

import numpy as np
import pytest
from logs import build

import procmine
from procmine.find.hearings import hearings
from procmine.log import LogError

ONE_DAY = np.timedelta64(1, "D")


def court(*cases, cutoff="2024-12-31", **more):
    """Each case is a list of (step, day); named by its place."""
    rows = [(f"{k:03}", step, day) for k, case in enumerate(cases) for step, day in case]
    return build(rows, cutoff=cutoff, ends=["Order", "Withdrawn"], **more)


FILED = ("Filed", "2024-01-01")


def test_four_cases_by_hand():
    once = [FILED, ("Hearing", "2024-02-01"), ("Order", "2024-02-01")]
    twice = [FILED, ("Hearing", "2024-02-01"), ("Hearing", "2024-02-29"), ("Order", "2024-03-05")]
    thrice = [
        FILED,
        ("Hearing", "2024-02-01"),
        ("Hearing", "2024-02-15"),
        ("Hearing", "2024-03-14"),
        ("Order", "2024-03-14"),
    ]
    gone = [FILED, ("Hearing", "2024-02-01"), ("Withdrawn", "2024-02-20")]
    rows = hearings(court(once, twice, thrice, gone), "Hearing", decided="Order").rows
    assert list(rows["dates"]) == ["1", "2", "3", "4 or more"]
    assert list(rows["cases"]) == [4, 2, 1, 0]
    assert [list(rows[name]) for name in ("decided", "another", "otherwise", "open")] == [
        [1, 1, 1, 0],
        [2, 1, 0, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 0],
    ]
    np.testing.assert_allclose(rows["share"], [0.5, 0.25, 0.25, 0])
    np.testing.assert_allclose(rows["share_decided"], [0.25, 0.5, 1, np.nan])
    assert list(rows["called_off"]) == [2, 1, 0, 0]  # none is named: those that another followed
    assert np.isnat(rows["gap"][0]) and rows["gap"][1] == 14 * ONE_DAY and rows["gap_80"][1] == 28 * ONE_DAY
    assert rows["gap"][2] == 28 * ONE_DAY
    assert np.isnan(rows["low"]).all()  # one week gives no range


def test_named_steps_call_a_date_off_and_a_day_is_one_date():
    moved = [FILED, ("Moved", "2024-02-01"), ("Hearing", "2024-02-29"), ("Order", "2024-02-29")]
    same = [FILED, ("Moved", "2024-02-01T09:00"), ("Hearing", "2024-02-01T11:00"), ("Order", "2024-02-02")]
    held = [FILED, ("Hearing", "2024-02-01"), ("Hearing", "2024-02-08"), ("Order", "2024-02-08")]
    answer = hearings(court(moved, same, held), "Hearing", postponed="Moved", decided="Order")
    assert list(answer.rows["cases"]) == [3, 2, 0, 0] and list(answer.rows["called_off"]) == [2, 0, 0, 0]
    assert any("2 of 5 dates were called off" in line for line in answer.sentences())


def test_the_decision_may_itself_be_the_date_and_later_dates_do_not_count():
    paper = [FILED, ("Order", "2024-02-01"), ("Hearing", "2024-06-01"), ("Order", "2024-06-01")]
    rows = hearings(court(paper), ["Hearing", "Order"], decided="Order").rows
    assert list(rows["cases"]) == [1, 0, 0, 0] and rows["decided"][0] == 1
    assert hearings(court(paper), "Hearing", decided="Order").rows["cases"][0] == 0
    assert hearings(court(paper), "Hearing", decided="Order").sentences()


def test_five_dates_stand_in_the_last_row():
    many = [FILED, *(("Hearing", f"2024-0{k}-01") for k in range(2, 7)), ("Order", "2024-07-01")]
    rows = hearings(court(many), "Hearing", decided="Order").rows
    assert list(rows["cases"]) == [1, 1, 1, 2] and list(rows["share"]) == [0, 0, 0, 1]


def test_of_cases_that_all_wait_nothing_is_said_to_be_decided_or_not():
    first, second = ("Hearing", "2024-02-01"), ("Hearing", "2024-03-01")
    for cases in ([[FILED, first]], [[FILED, first], [FILED, first, second]]):
        answer = hearings(court(*cases), "Hearing")
        assert np.isnan(answer.rows["share_decided"]).all() and np.isnan(answer.rows["share"]).all()
        said = answer.sentences()
        assert "of none is it known" in said[0] and not any("%" in line for line in said)


def test_what_comes_after_a_date_that_all_still_wait_after_is_not_told():
    """Half are decided at once; the others have a second date, and all wait since then."""
    once = [FILED, ("Hearing", "2024-02-01"), ("Order", "2024-02-10")]
    waits = [FILED, ("Hearing", "2024-02-01"), ("Hearing", "2024-02-08")]
    answer = hearings(court(once, waits), "Hearing", decided="Order")
    np.testing.assert_allclose(answer.rows["share"], [0.5, np.nan, np.nan, np.nan])
    assert "50% are decided there" in answer.sentences()[0]
    assert not any("need two dates" in line for line in answer.sentences())


def test_without_a_decision_named_the_end_of_the_case_decides():
    gone = [FILED, ("Hearing", "2024-02-01"), ("Withdrawn", "2024-02-20")]
    still = [FILED, ("Hearing", "2024-02-01")]
    rows = hearings(court(gone, still), "Hearing").rows
    assert (rows["decided"][0], rows["open"][0]) == (1, 1) and rows["share_decided"][0] == 1.0


def test_cases_begun_before_the_data_are_complete_are_left_out():
    early = [("Filed", "2023-01-01"), ("Hearing", "2024-02-01"), ("Order", "2024-02-01")]
    late = [FILED, ("Hearing", "2024-02-01"), ("Order", "2024-02-01")]
    since = int(np.datetime64("2024-01-01", "us").astype(np.int64))
    assert hearings(court(early, late, complete_from=since), "Hearing").rows["cases"][0] == 1


def made_court(seed, moves=0.4, days=1_000):
    """Filed, a first date 30 days later; each date decides (0.6) or is followed by another after 40 days on average."""
    draw = np.random.default_rng(seed)
    cases, numbers = [], []
    for _ in range(600):
        at = int(draw.integers(0, days))
        case, at, number = [("Filed", at)], at + 30, 1
        while draw.random() < moves:
            case.append(("Hearing", at))
            at, number = at + 20 + round(draw.exponential(20)), number + 1
        case += [("Hearing", at), ("Order", at)]
        cases.append([(step, day) for step, day in case if day <= days])
        numbers.append(number)
    first = np.datetime64("2020-01-06")
    rows = [(f"{k:04}", step, str(first + day)) for k, case in enumerate(cases) for step, day in case]
    return build(rows, cutoff=str(first + days), ends=["Order"]), np.array(numbers)


@pytest.mark.slow
def test_shares_are_the_true_ones_where_decided_cases_alone_are_not():
    true, fair, naive, inside, gaps = [], [], [], [], []
    for seed in range(40):
        log, numbers = made_court(seed)
        log = log.between("2021-12-01", "2030-01-01").having("Hearing")
        true.append((numbers[[int(case) for case in log.cases["case"]]] == 1).mean())
        rows = hearings(log, "Hearing", decided="Order").rows
        fair.append(rows["share_decided"][0])
        naive.append(rows["decided"][0] / rows["decided"].sum())
        inside.append(rows["share_decided_low"][0] <= 0.6 <= rows["share_decided_high"][0])
        gaps.append(rows["gap"][1] / ONE_DAY)
    print(
        f"decided at the first date: true {np.mean(true):.1%}, {np.mean(fair):.1%}; of decided alone {np.mean(naive):.1%}"
    )
    assert np.mean(fair) == pytest.approx(np.mean(true), abs=0.005)
    assert np.mean(naive) > np.mean(true) + 0.04
    assert np.mean(inside) >= 0.85
    assert np.mean(gaps) == pytest.approx(20 + 20 * np.log(2), abs=1.5)


def test_shares_add_up_and_have_ranges_that_hold_them():
    log, _ = made_court(3)
    rows = hearings(log, "Hearing", decided="Order").rows
    assert rows["share"].sum() == pytest.approx(1)
    assert (rows["low"] <= rows["share"]).all() and (rows["share"] <= rows["high"]).all()
    np.testing.assert_allclose(rows["share"], [0.6, 0.24, 0.096, 0.064], atol=0.06)
    certain = hearings(log.between("2020-01-06", "2020-08-01"), ["Order"], decided="Order").rows
    assert certain["share_decided"][0] == 1 and certain["share_decided_low"][0] < 1  # all of few is not certain


def test_the_sample_court_moves_hearings_by_two_or_four_weeks():
    log = procmine.read("event_logs/child_support.csv")
    steps = {"postponed": "Hearing continued", "decided": ["Court order issued", "Dismissed"]}
    answer = hearings(log, "Court", **steps, by=["contested"])
    rows = answer.frame.set_index(["contested", "dates"])
    assert rows.loc[("no", "1"), "share_decided"] == 1.0  # on paper or at the first hearing, README "Dials"
    contested = rows.loc["yes"]
    assert (
        contested.loc["1", "share_decided_low"] <= 0.92 <= contested.loc["1", "share_decided_high"]
    )  # 8 of 100 are moved
    assert contested.loc["2", "gap"] == 14 * ONE_DAY and contested.loc["2", "gap_80"] == 28 * ONE_DAY
    events = log.events[log.events["activity"] == "Hearing continued"]
    assert rows["called_off"].sum() == len(events)
    assert hearings(log, "Court", **steps, period="year").groups == ("year",)


def test_it_is_drawn_and_refused_in_words(tmp_path):
    answer = hearings(made_court(1)[0], "Hearing", decided="Order")
    axes = answer.plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["1 date", "2 dates", "3 dates", "4 or more dates"]
    answer.save(tmp_path / "hearings.png")
    answer.to_excel(tmp_path / "hearings.xlsx")
    with pytest.raises(LogError, match=r"No step 'Hering'.*Did you mean 'Hearing'"):
        hearings(made_court(1)[0], "Hering")
    with pytest.raises(ValueError, match="Name the step"):
        hearings(made_court(1)[0], [])
