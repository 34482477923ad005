"""Sessions: session days found, seats and savings by replay, and what is no session, by hand and in made worlds."""

import datetime as dt
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from logs import build
from scipy.optimize import linprog
from scipy.stats import entropy
from worlds_sessions import board, build_log, dates, is_open, poisson, replay

import procmine
from procmine.about import About
from procmine.find.sessions import sessions
from procmine.kernels.sessions import (
    between,
    by_chance,
    chances,
    divergence,
    halved,
    holm,
    likely_waits,
    opening,
    seated,
)
from procmine.log import LogError, Text

ONE_DAY = np.timedelta64(1, "D")
WHEN = {
    "weekly": ("every Wednesday", "also on Friday"),
    "fortnightly": ("Tuesday every 2 weeks", "also on Tuesday, half way between"),
    "two": ("every Tuesday, Thursday", "also on Wednesday, Friday"),
    "first tuesday": ("first Tuesday of the month", None),
    "month end": ("last working day of the month", "also half way between"),
}


def number(day):
    return dt.date.fromisoformat(day).toordinal() - dt.date(1970, 1, 1).toordinal()


def found(answer):
    return answer.frame[answer.frame["in_sessions"]]


@pytest.mark.parametrize("kind", WHEN)
def test_a_board_is_found_and_its_saving_is_the_replayed_one(kind):
    log, truth, _ = board(kind, seed=5)
    rows = found(sessions(log))
    assert list(rows["step"]) == ["Board"]  # not the letter, which always comes one to three days later
    one = rows.iloc[0]
    when, added = WHEN[kind]
    assert one["when"] == when and (added is None or one["added"] == added)
    assert one["share"] > 0.9 and one["log_p"] < np.log(1e-6)
    assert one["saved"] / ONE_DAY == pytest.approx(truth, rel=0.1)
    assert one["saved_low"] / ONE_DAY <= truth <= one["saved_high"] / ONE_DAY
    assert np.isnan(one["share_full"])


def test_full_sessions_have_two_savings():
    log, half, same = board("fortnightly", seed=5, seats=18)
    one = found(sessions(log)).iloc[0]
    assert one["most"] <= 18 + 2 and one["share_full"] > 0.1  # a few are decided on that weekday without a seat
    assert one["saved"] / ONE_DAY == pytest.approx(half, rel=0.1)
    assert one["saved_seats"] / ONE_DAY == pytest.approx(same, rel=0.1)
    assert same > 1.2 * half
    said = " ".join(sessions(log).sentences())
    assert "Sessions fill up" in said and "let a session pass" not in said


def test_who_waits_for_something_else_gains_only_what_the_session_adds():
    log, truth, _ = board("fortnightly", seed=5, lead=12.0)
    answer = sessions(log)
    one = found(answer).iloc[0]
    assert one["share_passed"] > 0.4 and np.isnan(one["share_full"])
    assert one["saved"] / ONE_DAY == pytest.approx(truth, rel=0.15)
    assert "wait for something else first" in " ".join(answer.sentences())


def test_few_items_that_wait_for_something_else_tell_no_saving():
    log, _, _ = board("weekly", seed=5, lead=12.0, a_week=1.5)
    answer = sessions(log)
    one = found(answer).iloc[0]
    assert one["n"] < 300 and one["when"] == "every Wednesday" and np.isnat(answer.rows["saved"][0])
    assert "too few to tell" in " ".join(answer.sentences()) and not answer.pictured


def test_no_session_in_an_office_of_chance_and_of_fixed_waits():
    for seed in range(5):
        answer = sessions(poisson(seed))
        assert len(answer) >= 5 and not answer.rows["in_sessions"].any()
        assert answer.sentences()[0].startswith("No step keeps to certain days")
        assert not answer.pictured


def test_each_court_of_the_sample_has_the_weekday_that_made_it():
    log = procmine.read("event_logs/child_support.csv")
    assert not sessions(log).rows["in_sessions"].any()  # Wednesday, Thursday and Friday, each in its own office
    rows = found(sessions(log, by=["office"]))
    orders = rows[rows["step"] == "Court order issued"].set_index("office")["when"].to_dict()
    days = {"North": "Wednesday", "Harbor": "Thursday", "Valley": "Friday"}  # event_logs/README.md, dials
    days |= {"Lakeside": "Thursday", "South": "Wednesday", "Cañada": "Thursday"}
    assert orders == {office: f"every {day}" for office, day in days.items()}
    assert set(rows["step"]) <= {"Court order issued", "Dismissed", "Hearing continued"}


def test_a_group_called_missing_is_not_taken_for_cases_without_one():
    rows = [(f"{k:02}", "In", f"2024-01-{1 + k % 28:02}T09:00") for k in range(60)]
    rows += [(f"{k:02}", "Out", f"2024-02-{1 + k % 28:02}T09:00") for k in range(60)]
    office = {f"{k:02}": "(missing)" for k in range(30)}
    answer = sessions(build(rows, cutoff="2024-04-01", ends=["Out"], attributes={"office": office}), by=["office"])
    assert set(answer.rows["office"]) == {"(missing)", '"(missing)"'}


def test_sixty_items_by_hand():
    """Ready on Mondays to Fridays of 12 weeks in turn, held on Wednesdays: the wait is 2, 1, 7, 6 or 5 days."""
    rows, wait = [], []
    for week, day in product(range(12), range(5)):
        monday = dt.date(2024, 1, 1) + dt.timedelta(days=7 * week)
        ready = monday + dt.timedelta(days=day)
        held = monday + dt.timedelta(days=2 if day < 2 else 9)
        case = f"{week:02}-{day}"
        rows += [(case, "In", ready.isoformat()), (case, "Hearing", held.isoformat())]
        wait.append((held - ready).days)
    log = build(rows, cutoff="2024-06-01", ends=["Hearing"])
    answer = sessions(log)
    one = found(answer).iloc[0]
    assert (one["step"], one["when"], one["n"], one["sessions"]) == ("Hearing", "every Wednesday", 60, 13)
    assert one["share"] == 1.0 and one["every"] / ONE_DAY == pytest.approx(7)
    assert one["waited"] / ONE_DAY == np.median(wait) == 5
    assert one["waited_mean"] / ONE_DAY == pytest.approx((2 + 1 + 7 + 6 + 5) / 5)
    # With Fridays too: Wednesday's items wait 2 instead of 7 days, Thursday's 1 for 6; Friday's are too late that day.
    assert one["added"] == "also on Friday"
    assert one["saved"] / ONE_DAY == pytest.approx((5 + 5) / 5)
    assert np.isnat(answer.rows["saved_low"][answer.rows["in_sessions"]]).all()  # 12 weeks give no range
    assert "too few weeks for a range" in answer.sentences()[1]


def test_a_step_that_follows_a_session_after_a_fixed_time_is_none():
    rows = []
    for week, day in product(range(30), range(5)):
        ready = dt.date(2024, 1, 1) + dt.timedelta(days=7 * week + day)
        held = ready + dt.timedelta(days=(2 - ready.weekday() - 1) % 7 + 1)
        case = [
            ("In", ready),
            ("Hearing", held),
            ("Order", held + dt.timedelta(days=1)),
            ("Paper", held + dt.timedelta(2)),
        ]
        rows += [(f"{week:02}-{day}", step, when.isoformat()) for step, when in case]
    log = build(rows, cutoff="2024-12-01", ends=["Paper"])
    assert list(found(sessions(log))["step"]) == ["Hearing"]


def test_an_office_that_opens_on_one_day_has_no_sessions():
    rows = []
    for week, item in product(range(40), range(4)):
        at = dt.date(2024, 1, 3) + dt.timedelta(days=7 * week)
        case = [("In", at), ("Check", at + dt.timedelta(7)), ("Sign", at + dt.timedelta(14))]
        rows += [(f"{week:02}-{item}", step, when.isoformat()) for step, when in case]
    assert not sessions(build(rows, cutoff="2025-01-01", ends=["Sign"])).rows["in_sessions"].any()


def test_hours_decide_who_is_too_late_for_the_day():
    """Ready at noon every working day; the board sits on Wednesdays at 9: Wednesday's item waits a week less three hours."""
    rows = []
    for week, day in product(range(30), range(5)):
        ready = dt.datetime(2024, 1, 1, 12) + dt.timedelta(days=7 * week + day)
        held = ready.date() + dt.timedelta(days=(2 - ready.weekday() - 1) % 7 + 1)
        case = f"{week:02}-{day}"
        rows += [(case, "In", ready.isoformat()), (case, "Board", f"{held.isoformat()}T09:00")]
    one = found(sessions(build(rows, cutoff="2024-12-01", ends=["Board"]))).iloc[0]
    hours = [45, 21, 165, 141, 117]  # Monday noon to Wednesday at 9 is 45 hours
    assert one["waited_mean"] / np.timedelta64(1, "h") == pytest.approx(np.mean(hours))
    assert one["saved"] / ONE_DAY == pytest.approx((5 + 5) / 5)  # Friday's item at noon is too late for Friday


def offices(days, weeks=60):
    """A case a day in each office, ready the same day, held on the office's weekday."""
    rows, office = [], {}
    for place, (name, weekday) in enumerate(days.items()):
        for k, day in enumerate(d for d in dates(weeks) if is_open(d)):
            case = f"{place}-{k:04}"
            held = day + dt.timedelta(days=(weekday - day.weekday() - 1) % 7 + 1)
            rows += [(case, "In", day.isoformat()), (case, "Hearing", held.isoformat())]
            office[case] = name
    return build(rows, cutoff="2025-06-01", ends=["Hearing"], attributes={"office": office}, persons=())


def test_groups_have_days_of_their_own_and_people_none():
    log = offices({"A": 0, "B": 3, "C": 4})
    whole, apart = sessions(log), sessions(log, by="office")
    assert not whole.rows["in_sessions"].any()
    assert dict(zip(apart.rows["office"], apart.rows["when"])) == {
        "A": "every Monday",
        "B": "every Thursday",
        "C": "every Friday",
    }
    assert apart.groups == ("office",) and apart.sentences()[0].startswith(
        "A: Hearing happens in sessions, every Monday"
    )
    about = About.from_dict({**log.about.to_dict(), "persons": ["office"]})
    with pytest.raises(LogError, match="names people"):
        sessions(type(log)(**{**vars(log), "about": about}), by=["office"])
    with pytest.raises(LogError, match=r"No attribute 'court'"):
        sessions(log, by=["court"])
    with pytest.raises(LogError, match="Steps were left out"):
        sessions(log.only_activities(["Hearing"]))


def test_nothing_to_look_at_is_said():
    few = build([("1", "A", "2024-01-01"), ("1", "B", "2024-01-03")], cutoff="2024-02-01", ends=["B"])
    for log in (few, few.between("1990-01-01", "1990-02-01")):
        answer = sessions(log)
        assert len(answer) == 0 and answer.sentences() and str(answer) and answer._repr_html_() and answer.to_dict()


def test_hostile_names_are_text(tmp_path):
    log, _, _ = board("weekly", seed=1, weeks=40)
    names = tuple('=HYPERLINK("x")<script>' if name == "Board" else name for name in log.about.activities)
    about = About.from_dict({**log.about.to_dict(), "activities": list(names)})
    answer = sessions(type(log)(**{**vars(log), "about": about}))
    assert answer.rows["in_sessions"].any() and "<script>" not in answer._repr_html_()
    answer.to_excel(tmp_path / "book.xlsx")
    answer.save(tmp_path / "picture.png")
    assert len(list(tmp_path.iterdir())) == 2


def test_seats_against_a_replay_in_a_loop():
    draw = np.random.default_rng(4)
    for _ in range(200):
        days = np.sort(draw.choice(60, 12, replace=False))
        ready = np.sort(draw.integers(0, 60, draw.integers(1, 30)))
        seats = draw.integers(0, 4, 12)
        true = [-1 if day is None else day for day in replay(list(ready), list(days), list(seats))]
        assert list(seated(ready, days, seats)) == true


def test_odd_seats_go_by_turns():
    added, kept = halved(np.array([4, 5, 1, 3, 0]))
    assert list(added + kept) == [4, 5, 1, 3, 0]
    assert list(added) == [2, 2, 1, 1, 0] and (np.abs(added - kept) <= 1).all()


def test_half_way_is_an_open_day():
    wednesdays = np.array([number("2024-01-03") + 7 * k for k in range(4)])
    doors = np.array([day for day in range(wednesdays[0] - 5, wednesdays[-1] + 1) if (day + 3) % 7 < 5])
    assert list(between(wednesdays, wednesdays, doors)) == [-1, *(wednesdays[:-1] + 2)]  # Fridays: five days before
    assert list(between(wednesdays[[3]], wednesdays, doors[doors < 0])) == [-1]
    held = wednesdays[[1]] + 1  # moved to the Thursday
    assert list(between(held, wednesdays, doors)) == [number("2024-01-08")]  # 3.5 days before is the night to Monday


def test_divergence_and_holm_against_others():
    for a, b in [(0.95, 0.2), (1.0, 0.3), (0.6, 0.5)]:
        assert divergence(a, b) == pytest.approx(entropy([a, 1 - a], [b, 1 - b]))
    assert divergence(0.2, 0.5) == 0
    p = np.array([0.01, 0.04, 0.03, 0.005])  # 4 x .005, 3 x .01, 2 x .03, and never less than the one before
    np.testing.assert_allclose(np.exp(holm(np.log(p))), [0.03, 0.06, 0.06, 0.02])


def test_the_bound_holds_for_dependent_items_of_a_week():
    """Weeks in which all items fall on one day, any of five: many weeks on Wednesdays are as rare as the bound says."""
    draw, weeks, times = np.random.default_rng(1), 12, 200_000
    share = draw.binomial(weeks, 0.2, times) / weeks
    for level in (0.4, 0.5, 0.6):
        assert (share >= level).mean() <= np.exp(-weeks * divergence(level, 0.2))


def test_chance_by_hand():
    """Six open days; ready on day 0 or 1, waits of 1 and 2: each item may fall on two days."""
    here = np.array([False, False, True, False, False, False])
    chance = by_chance(np.array([0, 1]), np.array([1, 3]), here, np.ones(6, bool), np.ones(6))
    np.testing.assert_allclose(chance, [0.5, 0.5], atol=1e-12)
    busy = np.array([1.0, 1.0, 3.0, 1.0, 1.0, 1.0])
    heavy = by_chance(np.array([0, 1]), np.array([1, 3]), here, np.ones(6, bool), busy)
    np.testing.assert_allclose(heavy, [0.75, 0.75], atol=1e-12)
    shut = np.array([True, True, False, True, True, True])  # day 2 is closed: a wait of 2 from day 0 leads to day 3
    moved = by_chance(np.array([0, 0]), np.array([1, 3]), np.arange(6) == 3, shut, np.ones(6))
    np.testing.assert_allclose(moved, [0.5, 0.5], atol=1e-12)


def test_closed_weekdays_and_holidays_are_seen():
    day = np.arange(number("2024-01-01"), number("2024-01-01") + 70)
    others = np.where((day + 3) % 7 < 5, 9.0, 0.0)
    others[9] = 0  # a Wednesday
    is_open, busy = opening(day, others, np.array([9.0, 9, 9, 9, 9, 0, 0]))
    assert not is_open[9] and is_open.sum() == 49 and not is_open[5::7].any()
    assert busy[:5] == pytest.approx(np.ones(5), abs=0.1) and busy[5] == busy[6] == 0


def test_waits_known_by_intervals_are_shared_most_likely():
    """EM against the condition of a maximum (Frank-Wolfe's gap, by scipy), and against the waits themselves."""
    draw = np.random.default_rng(8)
    wait = draw.integers(0, 9, 400)
    first, last = np.maximum(wait - draw.integers(0, 4, 400), 0), wait + draw.integers(0, 4, 400)
    share = likely_waits(first, last, np.ones(400), rounds=5_000)
    size = np.arange(len(share))
    inside = (size >= first[:, None]) & (size <= last[:, None])
    gradient = (inside / (inside @ share)[:, None]).sum(axis=0)
    best = linprog(-gradient, A_eq=np.ones((1, len(share))), b_eq=[1.0])
    assert -best.fun - gradient @ share < 0.5  # log-likelihood still to be gained, of 400 items
    for k in range(9):
        assert share[: k + 1].sum() == pytest.approx((wait <= k).mean(), abs=0.08)


def test_chances_by_hand():
    share = np.array([0.5, 0.0, 0.25, 0.25])
    first, last, at = np.array([0, 0, 2, 2, 3]), np.array([3, 2, 3, 3, 3]), np.array([1, 5, 2, 0, 3])
    np.testing.assert_allclose(chances(share, first, last, at), [0.5, 1.0, 0.5, 0.0, 1.0])


def test_the_picture_shows_what_was_found(tmp_path):
    log, _, _ = board("weekly", seed=3, weeks=60)
    answer = sessions(log)
    axes = answer.plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Board"]
    saved = answer.rows["saved"][0] / ONE_DAY
    assert answer.pictured and any(np.allclose(line.get_xdata(), saved) for line in axes.lines)
    assert any("every Wednesday" in text.get_text() for text in axes.texts)


def test_a_log_in_an_offices_zone_has_its_days():
    """22:30 in UTC is the next day in Vilnius: Tuesdays there are Mondays here."""
    rows, last, late = [], dt.date(2024, 9, 2), int(22.5 * 3_600 * 1_000_000)
    for day in (d for d in dates(80) if is_open(d) and d < last - dt.timedelta(20)):
        held = day + dt.timedelta(days=(0 - day.weekday() - 1) % 7 + 1)
        rows.append(
            [(step, number(str(when)) * 86_400_000_000 + late) for step, when in (("Filed", day), ("Letter", held))]
        )
    log = build_log(rows, last)
    zoned = About.from_dict({**log.about.to_dict(), "axis": "instant", "zone": "Europe/Vilnius"})
    there = type(log)(**{**vars(log), "about": zoned})
    assert found(sessions(log)).iloc[0]["when"] == "every Monday"
    assert found(sessions(there)).iloc[0]["when"] == "every Tuesday"


def test_texts_can_be_missing():
    log = offices({"A": 0})
    blank = Text(np.full(len(log), -1, np.int32), pa.array([], pa.string()))
    answer = sessions(type(log)(**{**vars(log), "attributes": {"office": blank}}), by=["office"])
    assert set(answer.rows["office"]) == {"(missing)"} and answer.rows["in_sessions"].any()
