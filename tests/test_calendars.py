"""Calendars and office hours. Truth: every minute asked of zoneinfo, lists of holidays written by hand, sums by hand."""

import datetime as dt
import json
import pickle
from dataclasses import replace
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import pytest
from logs import build, micros

import procmine
from procmine.about import About
from procmine.calendars import Calendar
from procmine.clocks import OfficeHours, WorkingTime, office_hours, to_wall
from procmine.kernels.zones import stretches
from procmine.load.spec import Spec
from procmine.log import LogError
from procmine.scale.shards import save
from procmine.settings import SettingsError

MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
WEEK = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00")
ODD = {
    "monday": "07:30-12:00, 13:00-18:00",
    "tuesday": "00:00-24:00",
    "wednesday": "13:00-17:00, 08:00-12:00",
    "friday": "09:15-12:45",
    "saturday": "22:00-24:00",
    "sunday": "00:00-06:00, 06:00-07:00",
}
HALVES = {"2024-12-24": "08:00-11:00", "2023-12-31": "00:00-03:00, 23:00-24:00", "2024-02-29": "09:00-10:00"}
CLOSED = ("2024-08-05..2024-08-18", "2025-01-03")
# public holidays, by hand: gesetzliche Feiertage in Österreich; federal holidays, New York City's clocks
AUSTRIA = {
    "2023": "01-01 01-06 04-10 05-01 05-18 05-29 06-08 08-15 10-26 11-01 12-08 12-25 12-26",
    "2024": "01-01 01-06 04-01 05-01 05-09 05-20 05-30 08-15 10-26 11-01 12-08 12-25 12-26",
    "2025": "01-01 01-06 04-21 05-01 05-29 06-09 06-19 08-15 10-26 11-01 12-08 12-25 12-26",
}
FEDERAL = {
    "2023": "01-01 01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-11 11-23 12-25",
    "2024": "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    "2025": "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
}
BY_HAND = {
    country: [f"{year}-{day}" for year, days in of.items() for day in days.split()]
    for country, of in {"AT": AUSTRIA, "US": FEDERAL, None: {}}.items()
}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def minutes_of(text):
    """The minutes of a day that "09:00-12:00, 13:00-17:00" holds."""
    held = set()
    for part in text.split(","):
        begin, end = (one.strip().split(":") for one in part.split("-"))
        held |= set(range(int(begin[0]) * 60 + int(begin[1]), int(end[0]) * 60 + int(end[1])))
    return held


def is_open(hours, holidays, closed, halves):
    """Asks one minute of a wall clock at a time, in plain Python."""
    week = [minutes_of(hours[day]) if day in hours else set() for day in DAYS]
    half = {dt.date.fromisoformat(day): minutes_of(text) for day, text in halves.items()}
    shut = {dt.date.fromisoformat(day) for day in holidays}
    for text in closed:
        first, _, last = text.partition("..")
        day = dt.date.fromisoformat(first)
        while day <= dt.date.fromisoformat(last or first):
            shut.add(day)
            day += dt.timedelta(days=1)

    def ask(wall):
        day = wall.date()
        held = half[day] if day in half else set() if day in shut else week[day.weekday()]
        return wall.hour * 60 + wall.minute in held

    return ask


def every_minute(first, last, zone, ask):
    """Minutes open from `first` up to each minute of UTC (or of the wall clock, without a zone)."""
    begin = dt.datetime.fromisoformat(first).replace(tzinfo=dt.UTC)
    n = round((dt.datetime.fromisoformat(last).replace(tzinfo=dt.UTC) - begin) / dt.timedelta(minutes=1))
    there = ZoneInfo(zone) if zone else dt.UTC
    moments = (begin + dt.timedelta(minutes=k) for k in range(n))
    return np.concatenate(([0], np.cumsum([ask(one.astimezone(there)) for one in moments])))


def empty_log(zone=None, axis="civil"):
    log = build([("1", "A", "2024-01-02")], cutoff="2024-12-30", ends=["A"])
    return replace(log, about=replace(log.about, axis=axis, zone=zone))


def read(clock, moments, log):
    return clock.read(np.asarray(moments, np.int64), np.zeros(len(moments), np.int64), log)


ORACLES = [
    # zone, hours, country, first and last day: clocks change inside all that have a zone
    ("Europe/Vienna", ODD, "AT", "2023-10-01", "2025-02-01"),
    ("America/New_York", WEEK, "US", "2024-02-01", "2024-12-31"),
    ("Australia/Lord_Howe", ODD, None, "2024-03-25", "2024-10-15"),  # half an hour
    ("Pacific/Apia", ODD, None, "2011-09-20", "2012-04-10"),  # 2011-12-30 never was
    ("Africa/Casablanca", ODD, None, "2024-02-20", "2024-05-01"),  # twice around Ramadan
    ("Asia/Kathmandu", ODD, None, "1985-12-25", "1986-01-10"),  # by 15 minutes, at midnight
    ("Africa/Monrovia", ODD, None, "1972-01-01", "1972-01-15"),  # by 44.5 minutes, at an odd moment
    (None, ODD, "AT", "2023-12-20", "2025-01-15"),  # times that are wall-clock already
]


@pytest.mark.parametrize(("zone", "hours", "country", "first", "last"), ORACLES, ids=lambda one: str(one)[:20])
def test_open_time_is_that_of_asking_every_minute(zone, hours, country, first, last):
    calendar = Calendar(hours, holidays=country, closed=CLOSED, half_days=HALVES)
    upto = every_minute(first, last, zone, is_open(hours, BY_HAND[country], CLOSED, HALVES))
    log = empty_log(zone, "instant" if zone else "civil")
    draw = np.random.default_rng(7)
    minute = draw.integers(0, len(upto), (2, 10_000))  # also backwards
    base = micros(first)
    one, two = (read(OfficeHours({"default": calendar}), base + which * MINUTE, log) for which in minute)
    if zone == "Africa/Monrovia":  # its wall clock shows half minutes before the change: a minute is open in part
        assert np.abs((two - one) / MINUTE - (upto[minute[1]] - upto[minute[0]])).max() <= 1
    else:
        np.testing.assert_array_equal(two - one, (upto[minute[1]] - upto[minute[0]]) * MINUTE)
    named = OfficeHours({"default": replace(calendar, zone=zone)})  # the zone of the calendar is that of the log
    np.testing.assert_array_equal(read(named, base + minute[0] * MINUTE, log), one)


def test_seconds_and_microseconds_of_an_odd_change_count_too():
    """Monrovia was 44 minutes 30 seconds behind until 1972-01-07 00:44:30 UTC, when its midnight came."""
    calendar, log = Calendar(dict.fromkeys(DAYS, "00:00-00:01")), empty_log("Africa/Monrovia", "instant")
    moments = [micros(one) for one in ("1972-01-06T00:44:29", "1972-01-06T00:45:00.000001", "1972-01-06T12:00")]
    assert np.diff(read(OfficeHours({"default": calendar}), moments, log)).tolist() == [30_000_001, 29_999_999]


def listed(zone, last):
    """When the file of a zone says that its offset changes, in seconds, and to what."""
    from zoneinfo import _zoneinfo

    there = _zoneinfo.ZoneInfo(zone)
    was, changes = there._tti_before.utcoff, {}
    for moment, now in zip(there._trans_utc, there._ttinfos):
        if now.utcoff != was and moment < last:
            changes[moment] = now.utcoff.total_seconds()
        was = now.utcoff
    return changes


def same_changes(zone):
    truth = listed(zone, micros("2037-01-01") // 1_000_000)
    found = stretches(zone, 1800, 2036)
    changes = dict(zip((found.change // 1_000_000).tolist(), (found.offset[1:] / 1e6).tolist()))
    newest = max(truth, default=0)  # after the last one listed a rule goes on
    assert {moment: offset for moment, offset in changes.items() if moment <= newest} == truth, zone
    return len(truth)


@pytest.mark.parametrize(
    "zone", ["Europe/Vienna", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Monrovia", "Asia/Gaza"]
)
def test_stretches_are_those_of_the_database_of_zones(zone):
    assert same_changes(zone) >= 2


@pytest.mark.slow
def test_stretches_of_every_tenth_zone():
    """All of them were compared once; that takes three minutes."""
    assert sum(map(same_changes, sorted(available_timezones())[::10])) > 2_000


def test_working_time_is_a_calendar_of_its_hours():
    moments = np.random.default_rng(1).integers(micros("1955-01-01"), micros("2040-01-01"), 5_000)
    log = empty_log("Europe/Vienna", "instant")
    of_office = read(OfficeHours({"a": Calendar(WEEK, closed=("2024-12-25",))}), moments, log)
    np.testing.assert_array_equal(read(WorkingTime(9, 17, holidays=("2024-12-25",)), moments, log), of_office)


def test_parts_of_a_time_add_up_to_it_and_readings_never_fall():
    draw = np.random.default_rng(2)
    log = empty_log("Europe/Vienna", "instant")
    clock = OfficeHours({"default": Calendar(ODD, holidays="AT", closed=CLOSED, half_days=HALVES)})
    moments = np.sort(draw.integers(micros("1930-01-01"), micros("2060-01-01"), (3, 20_000)), axis=0)
    a, b, c = (read(clock, one, log) for one in moments)
    np.testing.assert_array_equal(c - a, (c - b) + (b - a))
    assert (b >= a).all() and (c >= b).all() and (c - a <= moments[2] - moments[0]).all()
    alone = [read(clock, moments[0, k : k + 1], log)[0] for k in range(0, 20_000, 1_000)]  # tables of other years
    assert alone == a[::1_000].tolist()


def test_a_day_in_new_york_stored_in_utc_is_nine_hours():
    calendar = Calendar(dict.fromkeys(WEEK, "08:00-17:00"), zone="America/New_York", holidays="US")
    log = empty_log(None, "instant")
    winter, summer = ("2026-01-15T13:00", "2026-01-15T22:00"), ("2026-07-15T12:00", "2026-07-15T21:00")
    for edges in (winter, summer):
        reads = read(OfficeHours({"default": calendar}), [micros(one) for one in edges], log)
        assert reads[1] - reads[0] == 9 * HOUR
    fourth = read(OfficeHours({"default": calendar}), [micros("2026-07-03T00:00"), micros("2026-07-06T04:00")], log)
    assert fourth[1] == fourth[0]  # the 4th is a Saturday, so Friday the 3rd is closed


def test_eight_hours_are_one_working_day_and_a_short_friday_is_not_the_day():
    assert Calendar(WEEK).day == 8 * 3_600
    assert Calendar({**WEEK, "friday": "09:00-12:00"}).day == 8 * 3_600
    assert Calendar({"monday": "09:00-12:00", "tuesday": "09:00-17:00"}).day == 8 * 3_600  # as often: the longer one
    rows = [("1", "A", "2024-04-29T09:00"), ("1", "B", "2024-04-30T09:00")]
    log = build(rows, cutoff="2024-05-30", ends=["B"], calendars={"default": {"hours": WEEK}})
    answer = procmine.cycle_times(log, clock=office_hours(log))
    assert answer.sentences()[0].startswith("1 finished case: half took at most 1 working day")
    assert any("8 hours a working day" in line for line in answer.sentences())


def test_sixty_days_across_a_change_of_clocks_are_sixty_days():
    log = empty_log("Europe/Vienna", "civil")
    always = OfficeHours({"default": Calendar(dict.fromkeys(DAYS, "00:00-24:00"))})
    moments = [micros("2026-03-01"), micros("2026-04-30")]
    assert np.diff(read(always, moments, log)).tolist() == [60 * DAY]
    utc = [micros("2026-02-28T23:00"), micros("2026-04-29T22:00")]  # the same two midnights in Vienna
    instant = replace(log, about=replace(log.about, axis="instant"))
    assert np.diff(read(always, utc, instant)).tolist() == [60 * DAY - HOUR]


def test_working_days_by_hand():
    """Christmas 2026 in Austria: 24 Thursday (half), 25 and 26 holidays, 31 closed, 1 January a holiday, 6 January one."""
    calendar = Calendar(WEEK, holidays="AT", closed=("2026-12-31",), half_days={"2026-12-24": "09:00-12:00"})
    clock, log = OfficeHours({"default": calendar}), empty_log()
    days = [("2026-12-22T16:00", "2026-12-22T17:00", 0), ("2026-12-22T23:59", "2026-12-23", 1)]
    days += [("2026-12-22", "2026-12-24T23:00", 2), ("2026-12-24", "2026-12-27", 0), ("2026-12-24", "2027-01-07", 6)]
    begin, end = (np.array([micros(one[k]) for one in days]) for k in (0, 1))
    case = np.zeros(len(days), np.int64)
    counted = [one[2] for one in days]
    assert clock.working_days(begin, end, case, log).tolist() == counted
    due = clock.nth_working_day(begin, 3, case, log).astype("M8[us]").astype(str).tolist()
    after = ["2026-12-28"] * 3 + ["2026-12-30"] * 2
    assert due == [f"{day}T23:59:59.999999" for day in after]
    assert (clock.working_days(begin, clock.nth_working_day(begin, 40, case, log), case, log) == 40).all()
    assert clock.nth_working_day(begin[:1], 0, case[:1], log)[0] == micros("2026-12-23") - 1
    assert clock.nth_working_day(begin[:1], 5_000, case[:1], log)[0] > micros("2045-01-01")
    with pytest.raises(ValueError, match="-1 working days"):
        clock.nth_working_day(begin, -1, case, log)


def test_a_due_date_is_a_day_of_the_office_not_of_utc():
    clock = OfficeHours({"default": Calendar(WEEK, zone="America/New_York")})
    log, none = empty_log(None, "instant"), np.zeros(1, np.int64)
    friday_night = np.array([micros("2026-03-07T03:00")])  # in New York still Friday the 6th, 22:00
    due = clock.nth_working_day(friday_night, 1, none, log)
    assert due[0] == micros("2026-03-10T04:00") - 1  # the end of Monday the 9th, when summer time has come
    assert clock.working_days(friday_night, due, none, log)[0] == 1
    assert clock.working_days(friday_night, due + 1, none, log)[0] == 2


def test_open_days_by_hand():
    calendar = Calendar(WEEK, closed=("2026-03-03",), half_days={"2026-03-07": "09:00-10:00"})
    assert calendar.open_days("2026-03-01", "2026-03-08").tolist() == [
        False,
        True,
        False,
        True,
        True,
        True,
        True,
        False,
    ]
    assert calendar.open_days(np.datetime64("2026-03-02"), np.datetime64("2026-03-02")).tolist() == [True]


OFFICES = {
    "North": Calendar(WEEK, holidays="AT"),
    "South": Calendar({"monday": "08:00-12:00", "tuesday": "08:00-12:00"}, closed=("2022-07-01..2022-07-31",)),
    "default": Calendar(dict.fromkeys(DAYS, "10:00-16:00")),
}


def test_several_calendars_in_one_log_are_each_office_alone(office):
    clock = OfficeHours(OFFICES, by="office")
    read = office.times(clock)
    place = np.array([*office.attributes["office"].levels.to_pylist(), "default"])[office.attributes["office"].codes]
    for name, calendar in OFFICES.items():
        alone = office.times(OfficeHours({"default": calendar}))
        here = place == name
        scale = clock.day / calendar.day
        assert here.sum() > 100
        for several, one in ((read.arrival, alone.arrival), (read.until, alone.until)):
            np.testing.assert_allclose(several[here], one[here] * scale, atol=1)
        events = np.repeat(here, np.diff(office.offset))
        np.testing.assert_allclose(read.time[events], alone.time[events] * scale, atol=1)
    assert clock.day == 8 * 3_600 and "4 to 8 hours" in clock.said.say()
    np.testing.assert_array_equal(
        clock.open_time(office.arrival, np.arange(len(office)), office)[place == "South"],
        office.times(OfficeHours({"default": OFFICES["South"]})).arrival[place == "South"],
    )


def test_a_working_day_of_each_office_counts_as_one():
    rows = [("1", "A", "2024-04-29T08:00"), ("1", "B", "2024-04-30T08:00")]
    rows += [("2", "A", "2024-04-29T09:00"), ("2", "B", "2024-04-30T09:00")]
    log = build(rows, cutoff="2024-05-30", ends=["B"], attributes={"office": {"1": "South", "2": "North"}})
    spent = procmine.cycle_times(log, by=["office"], clock=OfficeHours(OFFICES, by="office"))
    assert (spent.rows["mean"] == np.timedelta64(8 * 3_600, "s")).all() and spent.day == 8 * 3_600


def test_shards_equal_memory_and_bring_the_attribute_along(office, tmp_path):
    clock = pickle.loads(pickle.dumps(OfficeHours(OFFICES, by="office")))
    folder = save(office, tmp_path / "log", shards=5)
    for ask in (procmine.survival, procmine.cycle_times, procmine.bottlenecks, procmine.flow):
        whole, parts = ask(office, clock=clock).rows, ask(folder, clock=clock).rows
        for name, column in whole.items():
            if column.dtype.kind == "f":
                np.testing.assert_allclose(column, parts[name], rtol=1e-9)
            else:
                np.testing.assert_array_equal(column, parts[name])


def test_cases_without_a_calendar_are_named(office):
    two = {name: OFFICES[name] for name in ("North", "South")}
    with pytest.raises(LogError, match=r"no calendar for cases whose office is missing.*North, South.*default"):
        office.times(OfficeHours(two, by="office"))
    with pytest.raises(LogError, match=r"no calendar for 'South' of office"):
        office.times(OfficeHours({"North": OFFICES["North"], "West": OFFICES["North"]}, by="office"))
    assert office.times(OfficeHours({"North": OFFICES["North"]}, by="office"))  # the only one is for the rest
    with pytest.raises(LogError, match=r"no attribute 'team'.*There are: office"):
        office.times(OfficeHours(OFFICES, by="team"))
    with pytest.raises(ValueError, match=r"2 calendars \(North, South\)"):
        OfficeHours(two)
    person = replace(office, about=replace(office.about, persons=("office",)))
    with pytest.raises(LogError, match=r"no calendar for 1 values of office"):
        person.times(OfficeHours({"North": OFFICES["North"], "West": OFFICES["North"]}, by="office"))


def test_a_log_without_calendars_or_zone_says_so(six):
    with pytest.raises(LogError, match="no calendars"):
        office_hours(six)
    utc = replace(six, about=replace(six.about, axis="instant"))
    with pytest.raises(LogError, match="in UTC"):
        utc.times(OfficeHours({"default": Calendar(WEEK)}))


WRONG = [
    ({"hours": {}}, "no weekday"),
    ({"hours": {"montag": "09:00-17:00"}}, r"'montag' is no weekday; there are: monday"),
    ({"hours": {"monday": "9-17"}}, r"monday: '9-17' are no opening hours"),
    ({"hours": {"monday": ""}}, "no opening hours"),
    ({"hours": {"monday": "09:00-09:75"}}, "no opening hours"),
    ({"hours": {"monday": "17:00-09:00"}}, "begin before it ends"),
    ({"hours": {"monday": "22:00-24:30"}}, "by 24:00"),
    ({"hours": {"monday": "09:00-12:00, 11:59-13:00"}}, "overlap"),
    ({"hours": WEEK, "zone": "Europe/Vindobona"}, "no time zone is called"),
    ({"hours": WEEK, "holidays": "Austria"}, r"no country 'Austria'.*AUT"),
    ({"hours": WEEK, "holidays": "AT", "region": "Wien"}, r"no region 'Wien'.*There are: 1, 2"),
    ({"hours": WEEK, "region": "9"}, "without a country"),
    ({"hours": WEEK, "closed": ("24.12.2026",)}, r"'24.12.2026' is no date"),
    ({"hours": WEEK, "closed": ("2026-02-30",)}, "no date"),
    ({"hours": WEEK, "closed": ("2026-12-31..2026-12-24",)}, "ends before it begins"),
    ({"hours": WEEK, "half_days": {"2026-13-01": "09:00-12:00"}}, "no date"),
    ({"hours": WEEK, "half_days": {"2026-12-24": "09-12"}}, "no opening hours"),
    (
        {"hours": WEEK, "closed": ("2026-12-24",), "half_days": {"2026-12-24": "09:00-12:00"}},
        "both closed and a half day",
    ),
]


@pytest.mark.parametrize(("said", "why"), WRONG, ids=lambda one: str(one)[:40])
def test_what_is_wrong_is_said_also_of_a_spec(said, why):
    with pytest.raises(ValueError, match=why):
        Calendar(**said)
    if "montag" not in said["hours"]:  # the spec names the weekdays by itself
        with pytest.raises(SettingsError, match=why) as told:
            Spec.check({"calendars": {"office": said}}, "log.yaml")
        assert "calendars.office" in str(told.value) and "Value error" not in str(told.value)


def test_a_regions_holidays_are_its_own():
    bavaria, berlin = (Calendar(WEEK, holidays="DE", region=one) for one in ("BY", "BE"))
    assert not bavaria.open_days("2026-01-06", "2026-01-06")[0] and berlin.open_days("2026-01-06", "2026-01-06")[0]
    assert berlin.years_without_holidays(2020, 2030) == []
    assert Calendar(WEEK, holidays="UA").years_without_holidays(2020, 2026)[-1] == 2026


CSV = "case,activity,timestamp,office,status\n1,A,2025-12-30 09:00,North,in work\n1,B,2026-01-02 10:00,North,on hold\n"
CSV += "2,A,2026-01-05 09:00,South,in work\n2,B,2026-01-07 10:00,South,in work\n"
HOURS = "hours: {monday: '08:00-16:00', tuesday: '08:00-16:00', wednesday: '08:00-16:00'}"


def loaded(tmp_path, more):
    (tmp_path / "log.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "log.yaml").write_text(
        f"ends: [B]\ncolumns: {{attributes: [office], event_attributes: [status]}}\n{more}\n", encoding="utf-8"
    )
    return procmine.read(tmp_path / "log.csv")


def test_a_spec_brings_calendars_and_the_log_says_which(tmp_path):
    more = f"calendars: {{North: {{{HOURS}, holidays: AT}}, South: {{{HOURS}}}}}\ncalendar_by: office"
    log = loaded(tmp_path, more)
    said = str(log)
    assert "North (8 hours a working day, public holidays of AT), South (8 hours a working day, without" in said
    assert "not yet" not in said
    spent = procmine.cycle_times(log, by=["office"], clock=office_hours(log)).rows["mean"] / np.timedelta64(1, "h")
    assert spent.tolist() == [
        7 + 8,
        7 + 8 + 2,
    ]  # Tuesday and Wednesday; Monday, Tuesday (a holiday in AT only), Wednesday
    again = About.from_dict(json.loads(json.dumps(log.about.to_dict())))
    assert office_hours(replace(log, about=again)) == office_hours(log)


def test_years_without_holidays_are_told(tmp_path):
    log = loaded(tmp_path, f"calendars: {{default: {{{HOURS}, holidays: UA}}}}")
    assert "no public holiday of UA is known for 2025, 2026" in str(log)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (f"calendars: {{a: {{{HOURS}}}}}\ncalendar_by: offise", r"calendar_by: cases have no column 'offise'.*office"),
        (f"calendars: {{a: {{{HOURS}}}}}\ncalendar_by: status", r"calendar_by: 'status' belongs to events"),
        ("calendar_by: office", "no calendars"),
        (f"calendars: {{a: {{{HOURS}}}, b: {{{HOURS}}}}}", "2 calendars"),
        ("suspended: {column: state, values: [on hold]}", r"suspended.column: events have no column 'state'.*status"),
    ],
)
def test_columns_that_are_nowhere_are_an_error_at_the_door(tmp_path, more, why):
    with pytest.raises(ValueError, match=why):
        loaded(tmp_path, more)


def test_a_million_moments_are_read_alike_in_any_order():
    draw = np.random.default_rng(4)
    clock = OfficeHours({"default": Calendar(ODD, holidays="AT", zone="Europe/Vienna")})
    moments, log = draw.integers(micros("2015-01-01"), micros("2026-01-01"), 100_000), empty_log(None, "instant")
    order = np.argsort(moments)
    np.testing.assert_array_equal(read(clock, moments, log)[order], read(clock, moments[order], log))
    assert len(to_wall(moments[:0], "Europe/Vienna")) == 0 and len(read(clock, moments[:0], log)) == 0
