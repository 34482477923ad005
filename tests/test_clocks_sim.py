"""Clocks of a model: open hours found, gaps on them, the choice per step, holidays, zones and logs of dates."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from dateutil.easter import easter as easter_of
from holidays import country_holidays
from scipy.stats import kstest, wasserstein_distance
from worlds_clocks import DAY, FIRST, HOLIDAYS, HOUR, Office, is_holiday, log_of, offices, round_the_clock

import procmine
from procmine.kernels.closed_days import again, closed_days, easter
from procmine.kernels.operational import Clocks, per_hour, running
from procmine.simulate.operational import CALENDAR, KINDS, Hours, Rates, Stays, alike, clocks_of


def hours_open(found):
    """Per hour of the grid: whether the office's clock runs in it."""
    return np.diff(found.clocks.upto[found.clock[0]]) > 0


def truly_open(found, office):
    start = found.clocks.origin + np.arange(found.clocks.upto.shape[1] - 1) * HOUR
    return np.isin(start // DAY, office.days) & (start % DAY >= 8 * HOUR) & (start % DAY < 17 * HOUR)


def test_the_clock_of_an_office_runs_in_its_open_hours_and_the_court_goes_by_the_calendar():
    log, office = offices(1, n=3_000), Office()
    found = clocks_of(log)
    assert [kind != CALENDAR for kind in found.kind] == [True, False, True, False, False]
    here = slice((FIRST * DAY - found.clocks.origin) // HOUR, (log.about.cutoff - found.clocks.origin) // HOUR)
    runs, truth = hours_open(found)[here], truly_open(found, office)[here]
    assert not (runs & ~truth).any()  # nothing runs at night, on weekends and on holidays
    assert (runs & truth).sum() == truth.sum()
    speed = np.diff(found.clocks.upto[found.clock[0]])[here][truth]
    assert np.ptp(speed) < 0.35 * speed.mean()  # hours are alike


@pytest.mark.parametrize("seed", range(3))
def test_gaps_on_the_clock_are_exponential_as_they_were_drawn(seed):
    log = offices(seed, n=1_200)
    found, stays = clocks_of(log), Stays.of(log)
    for step, hours in ((0, 12), (2, 6)):
        done = (stays.step == step) & stays.ended & (log.arrival[stays.case] < log.about.cutoff - 60 * DAY)
        clock = np.full(done.sum(), found.clock[step])
        gap = found.clocks.read(clock, stays.end[done]) - found.clocks.read(clock, stays.begin[done])
        assert kstest(gap / gap.mean(), "expon").pvalue > 0.005
        open_share = 45 / 168 * (1 - len(HOLIDAYS) / 365 * 0.7)
        assert gap.mean() / HOUR == pytest.approx(hours / open_share, rel=0.1)


def test_what_goes_on_day_and_night_gets_the_calendar():
    wrong = sum(kind != CALENDAR for seed in range(12) for kind in clocks_of(round_the_clock(seed)).kind)
    assert wrong <= 2  # of 36 choices
    said = [one.say() for one in clocks_of(round_the_clock(1)).messages()]
    assert "day and night" in said[0]


def test_22_hours_of_every_day_are_not_called_opening_hours():
    """As in a hospital: a peak in the morning, little but something at all hours except from midnight to two."""
    found = clocks_of(offices(3, n=600))
    assert any(kind != CALENDAR for kind in found.kind)
    day = np.full(24, 0.09)
    day[:2], day[8:12] = 0, 1
    said = replace(found, rate=np.tile(day, 7)).messages()[0]
    assert said.key == "operational.uneven"
    day[:6] = day[20:] = 0
    assert replace(found, rate=np.tile(day, 7)).messages()[0].key == "operational.office"


def test_a_handful_of_cases_gets_the_calendar():
    found = clocks_of(offices(3, n=12))
    assert set(found.kind) == {CALENDAR} and len(found.clocks.upto) == 1


def test_one_shift_works_at_night():
    draw, day_shift = np.random.default_rng(4), Office()
    night = Office(18, 23)
    first = day_shift.wall(draw.integers(0, 340 * day_shift.wide, 2_000))
    second = night.later(draw, first, 6)
    third = day_shift.later(draw, second, 9)
    log = log_of(np.stack((first, second, third), axis=1), (FIRST + 500) * DAY - 1)
    found = clocks_of(log)
    assert found.kind[0] == KINDS[3] and found.kind[1] != CALENDAR
    start = found.clocks.origin + np.arange(24 * 440) * HOUR
    runs = np.diff(found.clocks.upto[found.clock[0]])[: len(start)]
    inside = (start % DAY >= 18 * HOUR) & (start % DAY < 23 * HOUR)
    assert runs[inside].sum() > 0.97 * runs.sum()


def test_clocks_are_read_backwards_as_forwards():
    draw = np.random.default_rng(7)
    rate = (0.2 + draw.exponential(1, 500)) * (draw.random(500) < 0.5)
    clocks = Clocks(FIRST * DAY, np.stack((np.arange(501) * float(HOUR), running(rate))))
    time = FIRST * DAY + draw.integers(-50 * HOUR, 600 * HOUR, 4_000)
    clock = draw.integers(0, 2, 4_000)
    shown = clocks.read(clock, time)
    back = clocks.at(clock, shown)
    assert np.abs(clocks.read(clock, back) - shown).max() <= 2  # microseconds of rounding
    assert (back <= time + 2).all()  # the first time at which it shows that
    assert clocks.upto[1, -1] == pytest.approx(500 * HOUR)  # as fast as the calendar over all
    assert (clocks.after(clock, time, np.zeros(4_000, np.int64)) >= time).all()
    running_then = (clock == 0) | (np.append(rate, 1)[np.clip((time - FIRST * DAY) // HOUR, -1, 500)] > 0)
    assert np.abs(clocks.after(clock, time, np.zeros(4_000, np.int64)) - time)[running_then].max() <= 40


def test_time_per_hour_adds_up():
    draw = np.random.default_rng(8)
    begin = draw.integers(0, 90 * HOUR, 300)
    end = begin + draw.integers(0, 9 * HOUR, 300)
    spent = per_hour(begin, end, 100)
    assert spent.sum() == pytest.approx((end - begin).sum() / HOUR)
    by_hand = [
        sum(max(0, min(b, (h + 1) * HOUR) - max(a, h * HOUR)) for a, b in zip(begin, end)) / HOUR for h in range(100)
    ]
    np.testing.assert_allclose(spent, by_hand, atol=1e-9)


def test_on_a_wall_clock_that_is_put_forward_the_office_opens_at_the_same_hour():
    zone = ZoneInfo("Europe/Vilnius")
    civil = offices(5, outside=False)
    there = [dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=int(one)) for one in civil.time]
    utc = np.array([round(one.replace(tzinfo=zone).timestamp() * 1e6) for one in there], np.int64)
    shift = utc - civil.time
    first = civil.offset[:-1]
    until = np.where(civil.open, civil.until - 3 * HOUR, utc[civil.offset[1:] - 1])
    about = replace(civil.about, axis="instant", zone="Europe/Vilnius", cutoff=civil.about.cutoff - 3 * HOUR)
    log = replace(civil, time=utc, arrival=utc[first], until=until, about=about)
    assert set(shift // HOUR) == {-2, -3}
    found = clocks_of(log)
    assert found.kind[0] != CALENDAR
    runs = np.diff(found.clocks.upto[found.clock[0]]) > 0
    start = found.clocks.origin + np.flatnonzero(runs) * HOUR
    local = [
        dt.datetime.fromtimestamp(one / 1e6, zone).hour for one in np.random.default_rng(1).permutation(start)[:3_000]
    ]
    assert set(local) == set(range(8, 17))


def test_closed_days_are_found_and_come_again():
    days = np.arange(FIRST, FIRST + 2 * 365)
    draw = np.random.default_rng(9)
    works = np.array([(day + 3) % 7 < 5 and not is_holiday(day) for day in days])
    count = np.where(works, draw.poisson(20, len(days)), 0).astype(float)
    closed, known = closed_days(count)
    truth = np.array([(day + 3) % 7 < 5 and is_holiday(day) for day in days])
    np.testing.assert_array_equal(closed, truth)
    later = np.arange(FIRST + 2 * 365, FIRST + 3 * 365)
    expected = again(days, closed, known, later)
    twice = {one for one in HOLIDAYS if sum(is_holiday(day, (one,)) and (day + 3) % 7 < 5 for day in days) >= 2}
    sure = twice | {(1, 1), (12, 25), (12, 26)} & {(d.month, d.day) for d in _dates(days[closed])}
    workday = (later + 3) % 7 < 5
    np.testing.assert_array_equal(expected & workday, [is_holiday(day, sure) and (day + 3) % 7 < 5 for day in later])


def test_ordinary_empty_days_are_no_holidays():
    draw = np.random.default_rng(10)
    count = draw.poisson(10, 700) * (draw.random(700) < 0.7)
    assert not closed_days(count.astype(float))[0].any()


def _dates(days):
    return [dt.date(1970, 1, 1) + dt.timedelta(days=int(day)) for day in days]


@pytest.mark.parametrize(("country", "least"), [("AT", 0.9), ("US", 0.6), ("DE", 0.85)])
def test_holidays_that_move_come_again_where_the_country_has_them(country, least):
    public = country_holidays(country, years=range(2019, 2026))
    number = {(one - dt.date(1970, 1, 1)).days for one in public}
    days, later = np.arange(18_000 - 90, 19_000 + 90), np.arange(19_358, 19_723)  # 2019-01-14..2022-04-06; 2023
    days = days[days < np.datetime64("2022-12-31").astype(int)]
    works = (days + 3) % 7 < 5
    closed = np.isin(days, list(number)) & works
    expected = again(days, closed, works & ~closed, later) & ((later + 3) % 7 < 5)
    truth = np.isin(later, list(number)) & ((later + 3) % 7 < 5)
    assert (expected & truth).sum() >= least * truth.sum()
    assert not (expected & ~truth).any()


def test_easter():
    years = np.arange(1900, 2200)
    assert _dates(easter(years)) == [easter_of(int(year)) for year in years]


def test_holidays_of_a_calendar_that_is_stated_are_closed_after_the_cutoff_too():
    week = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-17:00")
    calendars = {"default": {"hours": week, "holidays": "AT", "half_days": {"2023-12-29": "08:00-12:30"}}}
    holidays = country_holidays("AT", years=range(2022, 2027))
    named = tuple({(one.month, one.day) for one in holidays if one.year in (2022, 2023)})
    log = offices(11, office=Office(holidays=named), calendars=calendars)
    found = clocks_of(log)
    start = found.clocks.origin + np.arange(found.clocks.upto.shape[1] - 1) * HOUR
    runs = np.bincount((start - start[0]) // DAY, np.diff(found.clocks.upto[found.clock[0]]))
    day = _dates(start[0] // DAY + np.arange(len(runs)))
    of = dict(zip(day, runs))
    assert of[dt.date(2025, 6, 9)] == 0 and of[dt.date(2025, 6, 10)] > 0  # Whit Monday, three years on
    usual = of[dt.date(2023, 12, 22)]
    assert of[dt.date(2023, 12, 29)] == pytest.approx(usual / 2, rel=1e-6)


def test_in_a_log_of_dates_weekdays_count_and_dates_stay_dates():
    draw = np.random.default_rng(12)
    office = Office()
    first = draw.integers(0, 330, 3_000)
    second = first + 1 + draw.geometric(0.25, 3_000)
    third = second + draw.geometric(0.1, 3_000)
    days = np.stack([office.days[one] for one in (first, second, third)], axis=1)
    log = log_of(days * DAY, (FIRST + 480) * DAY + DAY - 1, precision="day")
    found = clocks_of(log)
    assert found.kind[0] != CALENDAR and found.kind[1] != CALENDAR and found.clocks.whole == DAY
    stays = Stays.of(log)
    here = np.flatnonzero((stays.step == 0) & stays.ended)
    clock = np.full(len(here), found.clock[0])
    gap = found.clocks.read(clock, stays.end[here]) - found.clocks.read(clock, stays.begin[here])
    np.testing.assert_array_equal(found.clocks.after(clock, stays.begin[here], gap), stays.end[here])
    mixed = found.clocks.after(clock, stays.begin[here], draw.permutation(gap))
    assert (mixed % DAY == 0).all() and np.isin(mixed // DAY, office.days).mean() > 0.995
    worked = np.searchsorted(office.days, mixed // DAY) - np.searchsorted(office.days, stays.begin[here] // DAY)
    truth = (second - first)[: len(worked)]
    assert worked.mean() == pytest.approx(truth.mean(), rel=0.05)
    assert np.bincount(worked)[:4].sum() == pytest.approx(np.bincount(truth)[:4].sum(), rel=0.08)


def test_hours_alike_are_made_equal_and_others_stay():
    rate = np.array([0, 0, 3.8, 4.2, 4.0, 1.0, 4.1, 9.0, 0])
    made = alike(rate)
    assert made[[2, 3, 4, 6]].std() == 0 and made[2] == pytest.approx(4.025)
    np.testing.assert_array_equal(made[[0, 1, 5, 7, 8]], rate[[0, 1, 5, 7, 8]])


def test_hours_in_which_many_stays_begin_are_not_taken_for_busy_ones():
    draw = np.random.default_rng(13)  # cases come from 9 to 10; what follows takes minutes, day and night
    first = np.repeat(np.arange(FIRST, FIRST + 300), 8) * DAY + 9 * HOUR + draw.integers(0, HOUR, 2_400)
    second = first + (draw.exponential(40, 2_400) * 60e6).astype(np.int64)
    log = log_of(np.stack((first, second), axis=1), (FIRST + 301) * DAY)
    rates = Rates.of(Stays.of(log), Hours.of(log), 2, np.ones(3, bool))
    nine, ten = rates.own[0].reshape(7, 24)[:, 9].mean(), rates.own[0].reshape(7, 24)[:, 10].mean()
    assert ten == pytest.approx(nine, rel=0.25)  # two thirds fewer events happen from ten to eleven
    assert clocks_of(log).kind[0] == CALENDAR


def test_loan_applications_on_the_clock_take_as_long_as_those_held_out(shared, tmp_path):
    """Design: cycle-time distance 1.16 h on the clock, 4.9 h where wall-clock gaps are moved to open hours."""
    pd = pytest.importorskip("pandas")
    parts = []
    for name in ("train_preprocessed.csv.gz", "test_preprocessed.csv"):
        rows = pd.read_csv(shared / "loanapp_agentsim" / name)
        rows = rows.rename(
            columns={"activity_name": "activity", "start_timestamp": "start_time", "end_timestamp": "end_time"}
        )
        for column in ("start_time", "end_time"):
            rows[column] = pd.to_datetime(rows[column], utc=True, format="mixed").dt.tz_localize(None)
        path = tmp_path / f"{name}.csv"
        rows[["case_id", "activity", "start_time", "end_time"]].to_csv(path, index=False)
        parts.append(procmine.read(path))
    log, held_out = parts
    found, truth = clocks_of(log), (held_out.until - held_out.arrival) / HOUR
    on_clock = [
        wasserstein_distance(_replayed(log, found, found.clock, held_out, seed) / HOUR, truth) for seed in range(5)
    ]
    assert np.mean(on_clock) < 1.3


def _replayed(log, found, clock, held_out, seed):
    """Durations of paths of the log from the held-out arrivals, each gap drawn anew among those between the same two
    steps.
    """
    draw = np.random.default_rng(seed)
    stays = Stays.of(log, all_of_them=True)
    then = np.append(stays.step[1:], -1)
    begins = np.flatnonzero(np.append(True, np.diff(stays.case) != 0))
    then[np.append(begins[1:], len(then)) - 1] = 99
    gap = found.clocks.read(clock[stays.step], stays.end) - found.clocks.read(clock[stays.step], stays.begin)
    pool = {pair: np.flatnonzero((stays.step == pair[0]) & (then == pair[1])) for pair in set(zip(stays.step, then))}
    length = np.diff(np.append(begins, len(then)))
    took = []
    for arrival, case in zip(held_out.arrival, draw.integers(0, len(begins), len(held_out))):
        time = np.array([arrival])
        for row in range(begins[case], begins[case] + length[case] - 1):
            drawn = draw.choice(pool[stays.step[row], then[row]])
            time = found.clocks.after(clock[stays.step[row : row + 1]], time, gap[drawn : drawn + 1])
        took.append(int(time[0]) - arrival)
    return np.array(took)
