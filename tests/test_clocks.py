"""Hours that clocks skip or repeat, and dates that were filled in. Truth: by hand, from UTC, and logs that have none."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from procmine.clocks import clock_changes, to_wall
from procmine.find.checks.look import Look
from procmine.find.checks.times import placeholders
from procmine.load.columns import Columns
from procmine.load.door import read

DAY = 86_400_000_000


def micro(*moments):
    return np.array(moments, "M8[us]").astype(np.int64)


@pytest.fixture
def ordinary():
    """Ten a day on the working days of three years, in office hours."""
    days = np.arange("2021-01-04", "2024-01-01", dtype="M8[D]")
    days = days[np.is_busday(days)].astype(np.int64)
    draw = np.random.default_rng(3)
    return np.sort(np.repeat(days, 10) * DAY + draw.integers(8, 17, 10 * len(days)) * 3_600_000_000)


def found(times):
    """Kind, days and count of the findings in a log of one step at these times."""
    rows = pd.DataFrame({"case": "A", "step": "S", "time": ["2022-01-03"] * len(times)})
    log = read(rows, columns=Columns(case="case", activity="step", timestamp="time", repeated="keep"))
    log = replace(log, time=np.sort(times), about=replace(log.about, precision="microsecond"))
    return [(one.kind, one.spec["not_dates"], one.count) for one in placeholders(Look(log))]


@pytest.mark.parametrize("day", ["0001-01-01", "1753-01-01", "1899-12-30", "1900-01-01", "1970-01-01", "9999-12-31"])
@pytest.mark.parametrize("n", [1, 3_000])
def test_days_known_to_be_filled_in_are_found_however_many(ordinary, day, n):
    assert found(np.append(ordinary, np.repeat(micro(day), n))) == [("placeholder", [day], n)]


def test_a_known_day_among_the_times_is_none():
    days = np.arange("1999-06-01", "2000-06-01", dtype="M8[D]").astype("M8[us]").astype(np.int64)
    assert found(days) == []


def test_only_filled_in_days_are_found_too():
    assert found(micro("1970-01-01", "1970-01-01")) == [("placeholder", ["1970-01-01"], 2)]


def test_a_peak_at_the_end_of_a_year_is_found(ordinary):
    peak = np.repeat(micro("2022-12-31"), 50)
    assert found(np.append(ordinary, peak)) == [("year_end", ["2022-12-31"], 50)]
    assert found(np.append(ordinary, peak[:29])) == []  # a working day has 10: not three times as many


def test_where_all_days_have_such_peaks_one_at_the_end_of_a_year_is_none(ordinary):
    batches = np.repeat(micro("2022-09-30", "2022-12-31", "2023-03-31"), 50)
    assert found(np.append(ordinary, batches)) == []


LOGS = ["rtfm/traffic_fines_full.csv.gz", "bpic12/BPI_Challenge_2012.xes.gz", "bpic15/BPIC15_1.xes.gz"]
LOGS += ["bpic13/BPI_Challenge_2013_closed_problems.xes.gz", "bpic20/DomesticDeclarations.xes.gz"]
LOGS += ["insurance/insurance.xes.gz", "sepsis/Sepsis_4TU_original.xes.gz", "receipt_coselog/receipt.xes.gz"]


@pytest.mark.slow
@pytest.mark.parametrize("name", LOGS)
def test_nothing_is_found_in_ordinary_logs(shared, name):
    assert list(placeholders(Look(read(shared / name)))) == []


ZONES = ["Europe/Rome", "Europe/Dublin", "Atlantic/Azores", "America/Chicago", "Australia/Lord_Howe", "Asia/Tokyo"]


@pytest.mark.parametrize("zone", ZONES)
def test_hours_that_never_were_and_hours_that_were_twice(zone):
    quarters = np.arange(micro("2024-01-01")[0], micro("2025-01-01")[0], DAY // 96)
    shown = Counter(to_wall(np.arange(quarters[0] - DAY, quarters[-1] + DAY, DAY // 96), zone).tolist())
    never, twice = clock_changes(quarters, zone)
    assert never.tolist() == [shown[one] == 0 for one in quarters.tolist()]
    assert twice.tolist() == [shown[one] == 2 for one in quarters.tolist()]
    assert never.any() == (zone != "Asia/Tokyo")


def test_clocks_change_on_the_moment():
    wall = micro("2026-03-29T01:59:59.999999", "2026-03-29T02:00", "2026-03-29T02:59:59", "2026-03-29T03:00")
    assert clock_changes(wall, "Europe/Rome")[0].tolist() == [False, True, True, False]
    wall = micro("2026-10-25T01:59:59", "2026-10-25T02:00", "2026-10-25T02:59:59.9", "2026-10-25T03:00")
    assert clock_changes(wall, "Europe/Rome")[1].tolist() == [False, True, True, False]


def test_clocks_of_the_first_and_last_days_do_not_crash():
    edges = micro("0001-01-01", "9999-12-31T23:59:59")
    for zone in ("Europe/Rome", "America/Chicago", "Pacific/Auckland"):
        assert not np.any(clock_changes(edges, zone))
        assert len(to_wall(edges, zone)) == 2
    assert [len(one) for one in clock_changes(micro(), "Europe/Rome")] == [0, 0]


def test_the_wall_clock_of_a_zone_is_that_of_python():
    at = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    wall = to_wall(micro("2026-07-01T12:00"), "Europe/Rome").astype("M8[us]").tolist()
    assert wall == [at.astimezone(ZoneInfo("Europe/Rome")).replace(tzinfo=None)]
