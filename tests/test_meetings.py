"""Sessions in a model: held and expected days, patterns in words, and simulated dates that fall on session days."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from worlds_clocks import DAY, HOUR
from worlds_sessions import FIRST, board, is_open, moved, poisson, schedule

from procmine.log import EventLog
from procmine.simulate.meetings import Meetings, planned
from procmine.simulate.operational import SESSIONS, Stays, clocks_of

KINDS = ("weekly", "fortnightly", "two", "first tuesday", "month end")


def day_of(moment):
    return (np.datetime64("1970-01-01", "D") + int(moment) // DAY).item()


def timed(log, seed):
    """The same log with times of day: work from 8 to 16 o'clock, the board from 9 to noon."""
    draw = np.random.default_rng(seed)
    here = log.about.activities.index("Board")
    of_day = np.where(
        log.activity == here,
        draw.integers(9 * HOUR, 12 * HOUR, len(log.time)),
        draw.integers(8 * HOUR, 16 * HOUR, len(log.time)),
    )
    time = log.time + of_day
    for c in range(len(log)):
        own = slice(log.offset[c], log.offset[c + 1])
        time[own] = np.sort(time[own])
    about = replace(log.about, precision="microsecond", cutoff=log.about.cutoff)
    until = np.where(log.open, log.until, time[log.offset[1:] - 1])
    return replace(log, about=about, time=time, arrival=time[log.offset[:-1]], until=until)


@pytest.mark.parametrize("kind", KINDS)
def test_a_board_goes_on_beyond_the_cutoff_as_it_was_held(kind):
    log, _, _ = board(kind, seed=5)
    found = Meetings.of(log)
    assert [one.name for one in found.meetings] == ["Board"]
    one = found.meetings[0]
    _, held_days = schedule(kind, 150)
    seen = [day_of(moment) for moment in one.held[: one.seen]]
    last_work = max(seen)
    truth = [day for day in held_days if day <= last_work]
    assert len(set(seen) & set(truth)) >= 0.95 * len(truth)
    later = [day_of(moment) for moment in one.held[one.seen :] if day_of(moment) <= held_days[-1]]
    expected = [day for day in held_days if day > last_work]
    assert len(set(later) & set(expected)) >= 0.8 * len(
        expected
    )  # holidays seen twice or at Christmas are known, others not
    assert len(later) == pytest.approx(len(expected), abs=2)
    assert day_of(one.held[-1]) > day_of(log.about.cutoff) + dt.timedelta(days=3 * 365 - 40)
    assert found.of_step(one.step) is one and found.of_step(0) is None


def test_an_office_without_sessions_has_none():
    found = Meetings.of(poisson(1))
    assert not found.meetings
    log = poisson(1)
    same = clocks_of(log)
    assert found.clocks(same) is same


def replayed(log, clocks, clock, seed, n=3):
    """Board days drawn anew for each case that was checked: a gap of another case, on the clock of the stay."""
    draw, stays = np.random.default_rng(seed), Stays.of(log, all_of_them=True)
    step = log.about.activities.index("Checked")
    here = np.flatnonzero((stays.step == step) & stays.ended & (stays.begin < log.about.cutoff - 120 * DAY))
    which = np.full(len(here), clock[step])
    gap = clocks.read(which, stays.end[here]) - clocks.read(which, stays.begin[here])
    begin, own = np.tile(stays.begin[here], n), np.tile(stays.end[here], n)
    drawn = gap[draw.integers(0, len(gap), n * len(gap))]
    return begin, clocks.after(np.tile(which, n), begin, drawn), own


@pytest.mark.parametrize("kind", ["fortnightly", "weekly", "first tuesday"])
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("lead", [0.0, 9.0])
def test_simulated_dates_fall_on_session_days_after_waits_of_the_right_length(kind, exact, lead):
    log, _, _ = board(kind, seed=6, out=0.0, lead=lead, a_week=10)
    log = timed(log, 1) if exact else log
    found = Meetings.of(log)
    made = found.clocks(clocks_of(log))
    step = log.about.activities.index("Checked")
    assert made.kind[step] == SESSIONS
    begin, end, own = replayed(log, made.clocks, made.clock, 1)
    held = {day_of(moment) for moment in found.meetings[0].held}
    on_days = np.mean([day_of(moment) in held for moment in end])
    assert on_days > 0.97
    assert (end - begin).mean() == pytest.approx((own - begin).mean(), rel=0.06)
    assert np.mean(end % DAY == (9 * HOUR if exact else 0)) > 0.9
    if kind == "weekly":
        return  # a weekday of its own is seen by the hours of the week too
    plain = clocks_of(log)
    _, other, _ = replayed(log, plain.clocks, plain.clock, 1)
    assert np.mean([day_of(moment) in held for moment in other]) < 0.8


def test_waits_vary_as_they_do_where_cases_are_ready_at_once():
    log, _, _ = board("fortnightly", seed=7, out=0.0, a_week=12)
    made = Meetings.of(log).clocks(clocks_of(log))
    begin, end, own = replayed(log, made.clocks, made.clock, 2)
    waits = [np.quantile((one - begin) / DAY, (0.1, 0.5, 0.9)) for one in (end, own)]
    np.testing.assert_allclose(waits[0], waits[1], atol=1.01)


def test_seats_are_told_where_sessions_fill_up():
    log, _, _ = board("weekly", seed=8, seats=7, a_week=6.5)
    one = Meetings.of(log).meetings[0]
    assert one.seats is not None and abs(one.seats - 7) <= 1
    free, _, _ = board("weekly", seed=8)
    assert Meetings.of(free).meetings[0].seats is None


def test_how_long_items_take_to_be_ready_is_estimated():
    at_once = Meetings.of(board("fortnightly", seed=9, a_week=12)[0]).meetings[0]
    prepared = Meetings.of(board("fortnightly", seed=9, a_week=12, lead=9.0)[0]).meetings[0]
    assert 1.0 <= at_once.lead.mean() / DAY < 2.0  # ready on the day itself is too late there
    assert 7.0 < prepared.lead.mean() / DAY < 13.0
    assert (np.diff(prepared.lead) >= 0).all()


def plan(log: EventLog, every, on=(), **more):
    begin, end = (np.datetime64(one, "us").astype(np.int64) for one in ("2024-02-01", "2024-07-01"))
    return [day_of(moment) for moment in planned(log, every=every, on=on, begin=int(begin), end=int(end), **more)]


def test_patterns_in_words_are_the_days_that_a_calendar_shows():
    log, _, _ = board("fortnightly", seed=5)
    days = [FIRST + dt.timedelta(days=k) for k in range(546)]
    spring = [day for day in days if dt.date(2024, 2, 1) <= day < dt.date(2024, 7, 1)]
    assert plan(log, "week", ["tuesday"]) == [moved(day) for day in spring if day.weekday() == 1]
    expected = [moved(day) for day in spring if (day.weekday(), (day.day - 1) // 7) in ((1, 0), (3, 2))]
    assert plan(log, "month", ["first tuesday", "third thursday"]) == expected
    lasts = [day for day in spring if day.weekday() == 4 and (day + dt.timedelta(days=7)).month != day.month]
    assert plan(log, "month", ["last friday"]) == [moved(day) for day in lasts]
    assert plan(log, "month", ["15"]) == [moved(day) for day in spring if day.day == 15]
    ends = {day.month: day for day in spring if is_open(day)}
    assert plan(log, "month", ["last"]) == list(ends.values())
    like = Meetings.of(log).meetings[0]
    _, held = schedule("fortnightly", 104)
    assert plan(log, "2 weeks", ["tuesday"], like=like) == [day for day in held if spring[0] <= day <= spring[-1]]
    assert plan(log, "working day") == [day for day in spring if is_open(day)]
    ten = plan(log, "10 days")
    assert len(ten) == 15 and all(is_open(day) for day in ten)


def test_the_time_of_day_is_that_of_todays_sessions():
    log = timed(board("weekly", seed=10)[0], 3)
    like = Meetings.of(log).meetings[0]
    begin = int(np.datetime64("2024-02-01", "us").astype(np.int64))
    starts = planned(log, every="week", on=["friday"], begin=begin, end=begin + 60 * DAY, like=like)
    assert set((starts % DAY) // HOUR) == {9} and like.opens == 9 * HOUR
    assert (like.held[: like.seen] % DAY == 9 * HOUR).all()
    items = log.time[log.activity == like.step]
    place = np.searchsorted(like.held, items, side="right") - 1
    assert np.mean(like.held[place] // DAY == items // DAY) > 0.93


@pytest.mark.parametrize(
    ("every", "on", "said"),
    [
        ("fortnight", ["monday"], "every 'fortnight'"),
        ("week", [], "on which days"),
        ("week", ["caturday"], "no weekday"),
        ("month", ["fifth monday"], "place in the month"),
    ],
)
def test_what_is_no_pattern_is_refused(every, on, said):
    log, _, _ = board("weekly", seed=5)
    with pytest.raises(ValueError, match=said):
        plan(log, every, on)
