"""Times in text: read as the column proves, refused where it proves nothing. Truth: Python's own datetime, by hand."""

import datetime as dt

import pyarrow as pa
import pytest

from procmine.load.columns import Columns
from procmine.load.door import read
from procmine.load.timestamps import MISSING, read_times
from procmine.log import LogError


def moments(values, dates=None, serials=False):
    return read_times(pa.chunked_array([pa.array(values)]), "when", dates=dates, serials=serials, show=False)


def written(values, dates=None, serials=False):
    return [None if one == MISSING else str(one.astype("M8[us]")) for one in moments(values, dates, serials).time]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-02-29", "2024-02-29T00:00:00.000000"),
        ("2024-02-29 13:45", "2024-02-29T13:45:00.000000"),
        ("2024-02-29T13:45:10.25", "2024-02-29T13:45:10.250000"),
        ("2024-02-29T13:45:10.123456789", "2024-02-29T13:45:10.123456"),
        ("2024-02-29 13:45:10+02:00", "2024-02-29T11:45:10.000000"),
        ("2024-02-29 13:45:10 -0530", "2024-02-29T19:15:10.000000"),
        ("2024-02-29T13:45:10Z", "2024-02-29T13:45:10.000000"),
        ("2024/2/9", "2024-02-09T00:00:00.000000"),
        ("20240229", "2024-02-29T00:00:00.000000"),
        ("1969-12-31 23:59:59.999999", "1969-12-31T23:59:59.999999"),
        ("31/12/2023", "2023-12-31T00:00:00.000000"),
        ("12/31/2023 12:05 AM", "2023-12-31T00:05:00.000000"),
        ("12/31/2023 12:05:06 pm", "2023-12-31T12:05:06.000000"),
        ("1.2.2024 08:00", "2024-02-01T08:00:00.000000"),
    ],
)
def test_one_value_is_read_as_a_person_would(value, expected):
    assert written([value]) == [expected]


def test_offsets_before_and_after_the_clocks_change_keep_both_the_moment_and_the_wall_clock():
    values = ["2005-03-23T00:00:00+01:00", "2005-07-22T00:00:00.000+02:00", "2005-07-22T00:00:00Z"]
    read = moments(values)
    aware = [dt.datetime.fromisoformat(one) for one in values]
    assert read.time.tolist() == [round(one.timestamp() * 1e6) for one in aware]
    assert read.wall(None).astype("M8[us]").tolist() == [one.replace(tzinfo=None) for one in aware]
    there = read.wall("Europe/Rome").astype("M8[us]").tolist()
    assert there == [dt.datetime(2005, 3, 23), dt.datetime(2005, 7, 22), dt.datetime(2005, 7, 22, 2)]


def test_dates_and_times_and_offsets_mix_in_one_column():
    read = moments(["2024-01-01", "2024-01-01 10:00", "2024-01-01T10:00:00+02:00", None, " "])
    assert read.dated.tolist() == [True, False, False, False, False]
    assert read.zoned.tolist() == [False, False, True, False, False]
    assert read.unreadable.tolist() == [False] * 5
    assert [str(one.astype("M8[us]"))[8:13] for one in read.wall(None)[:3]] == ["01T00", "01T10", "01T10"]


def test_a_column_that_could_be_either_is_refused_with_both_readings_and_the_line_to_paste():
    with pytest.raises(LogError) as refused:
        moments(["03/04/2026", "05/06/2026 14:00"])
    said = str(refused.value)
    assert "05/06/2026 14:00 may be 5 Jun 2026 or 6 May 2026" in said
    assert 'Columns(dates="%d/%m/%Y %H:%M")' in said
    assert 'Columns(dates="%m/%d/%Y %H:%M")' in said


@pytest.mark.parametrize(("dates", "expected"), [("%d/%m/%Y %H:%M", "2026-04-03"), ("%m/%d/%Y %H:%M", "2026-03-04")])
def test_the_line_to_paste_reads_the_column_as_it_says(dates, expected):
    assert written(["03/04/2026", "05/06/2026 14:00"], dates)[0].startswith(expected)


def test_one_value_above_twelve_decides_for_the_column():
    assert written(["03/04/2026", "13/04/2026"])[0].startswith("2026-04-03")
    assert written(["03/04/2026", "04/13/2026"])[0].startswith("2026-03-04")


def test_a_column_that_proves_both_is_refused():
    with pytest.raises(LogError, match="1 different values can only be day/month/year"):
        moments(["13/04/2026", "04/13/2026", "01/02/2026"])


def test_the_same_day_either_way_needs_no_answer():
    assert written(["04/04/2026"]) == ["2026-04-04T00:00:00.000000"]


def test_what_is_no_date_is_unreadable_and_a_column_of_it_is_refused():
    read = moments(
        ["2024-02-30", "2023-02-29", "2024-01-01", "2024-01-02", "2024-01-03 25:00", "2024-01-05", "2024-01-06"]
    )
    assert read.unreadable.tolist() == [True, True, False, False, True, False, False]
    with pytest.raises(LogError, match="2 of 3 values") as refused:
        moments(["Jane Miller", "x", "2024-01-01"])
    assert "Miller" not in str(refused.value)


def test_numbers_are_dates_only_when_told():
    with pytest.raises(LogError, match='dates="excel"'):
        moments(["45293.5", "45294"])
    assert written(["45293.5", "45294"], "excel") == ["2024-01-02T12:00:00.000000", "2024-01-03T00:00:00.000000"]
    assert written(["45293.5", "2024-01-01"], serials=True)[0] == "2024-01-02T12:00:00.000000"
    assert written(["1700000000"], "unix") == written(["1700000000000"], "unix_ms") == ["2023-11-14T22:13:20.000000"]


@pytest.mark.parametrize(
    ("dates", "value"),
    [("%d-%b-%Y", "03-Apr-2026"), ("%d/%m/%y %I:%M %p", "31/12/99 11:59 PM"), ("%Y%m%d%H%M", "202604031405")],
)
def test_a_format_reads_as_strptime_does(dates, value):
    assert written([value], dates) == [dt.datetime.strptime(value, dates).isoformat(timespec="microseconds")]


def test_a_format_told_for_one_column_leaves_iso_in_another_alone(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case_id,activity,timestamp,start_time\n1,A,03/04/2026,2026-04-01\n")
    log = read(path, columns=Columns(dates="%d/%m/%Y"))
    assert (log.time - log.start).tolist() == [2 * 86_400_000_000]


def test_a_format_that_names_no_day_is_refused():
    with pytest.raises(ValueError, match="needs a year, a month and a day"):
        moments(["2024"], "%Y")


def test_typed_columns_keep_their_moments():
    stamps = pa.chunked_array([pa.array([1, -1_500, None], pa.timestamp("ns", "Europe/Rome"))])
    read = read_times(stamps, "when", dates=None, serials=False, show=False)
    assert read.time.tolist() == [0, -2, MISSING]
    assert read.wall(None)[0] == 3_600_000_000  # Rome was one hour ahead in 1970
    days = read_times(pa.chunked_array([pa.array([1], pa.date32())]), "when", dates=None, serials=False, show=False)
    assert days.dated.tolist() == [True]
    assert days.time.tolist() == [86_400_000_000]
