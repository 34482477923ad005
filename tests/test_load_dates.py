"""Times in text: read as the column proves, refused where it proves nothing. Truth: Python's datetime, babel, by hand."""

import datetime as dt
import re

import numpy as np
import pyarrow as pa
import pytest
from babel.dates import format_date, format_datetime
from hypothesis import given, settings
from hypothesis import strategies as st

from procmine.load.columns import Columns, mask
from procmine.load.dates.timestamps import MISSING, canonical, format_pattern, iso_text, read_times
from procmine.load.door import read
from procmine.log import LogError

LANGUAGES = ["bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr"]
LANGUAGES += ["hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"]
ORDINARY = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2068, 12, 31))


def moments(values, dates=None, serials=False):
    return read_times(pa.chunked_array([pa.array(values)]), "when", dates=dates, serials=serials, show=False)


def written(values, dates=None, serials=False):
    return [None if one == MISSING else str(one.astype("M8[us]")) for one in moments(values, dates, serials).time]


def attempt(call):
    """What a call gives, or what its error says."""
    try:
        return call(), ""
    except ValueError as error:  # LogError is one
        return None, str(error)


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
        ("2024-W09-4", "2024-02-29T00:00:00.000000"),
        ("2024-060T08:00", "2024-02-29T08:00:00.000000"),
        ("2024. 02. 29. 8:05", "2024-02-29T08:05:00.000000"),
        ("20240229134510", "2024-02-29T13:45:10.000000"),
        ("20240229T1345Z", "2024-02-29T13:45:00.000000"),
        ("20240229 134510,250", "2024-02-29T13:45:10.250000"),
        ("2024-02-29 13:45:10,25", "2024-02-29T13:45:10.250000"),
        ("2024-02-29-13.45.10.250000", "2024-02-29T13:45:10.250000"),
        ("2024-02-29 24:00", "2024-03-01T00:00:00.000000"),
        ("2016-12-31 23:59:60", "2017-01-01T00:00:00.000000"),
        ("2024-02-29T13:45+02:00[Europe/Vilnius]", "2024-02-29T11:45:00.000000"),
        ("2024-02-29 13:45:10 CEST", "2024-02-29T11:45:10.000000"),
        ("29.2.2024 klo 13.45", "2024-02-29T13:45:00.000000"),
        ("29/02/2024 à 13h45", "2024-02-29T13:45:00.000000"),
        ("29/02/2024 1:45 p. m.", "2024-02-29T13:45:00.000000"),
        ("29/2/2024, 1:45 μ.μ.", "2024-02-29T13:45:00.000000"),
        ("13:45 29/02/2024", "2024-02-29T13:45:00.000000"),
        ("31.12.23", "2023-12-31T00:00:00.000000"),
        ("31.12.99 07:00", "1999-12-31T07:00:00.000000"),
        ("29FEB2024:13:45:10", "2024-02-29T13:45:10.000000"),
        ("29/Feb/2024:13:45:10 +0200", "2024-02-29T11:45:10.000000"),
        ("Thu Feb 29 13:45:10 CET 2024", "2024-02-29T12:45:10.000000"),
        ("Thu, 29 Feb 2024 13:45:10 GMT", "2024-02-29T13:45:10.000000"),
        ("February 29th, 2024 at 1:45 PM", "2024-02-29T13:45:00.000000"),
        ("Do, 29.02.2024 13:45 Uhr", "2024-02-29T13:45:00.000000"),
        ("1er mars 2024", "2024-03-01T00:00:00.000000"),
        ("3 lipca 2026", "2026-07-03T00:00:00.000000"),
        ("3 ΜΑΡΤΊΟΥ 2026", "2026-03-03T00:00:00.000000"),
        ("29-févr.-2024", "2024-02-29T00:00:00.000000"),
        ("31-dec-99", "1999-12-31T00:00:00.000000"),
        ("0001-01-01", "0001-01-01T00:00:00.000000"),
        ("9999-12-31 23:59:59", "9999-12-31T23:59:59.000000"),
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
    assert "99/99/9999 99:99 in row 2 of the data may be day/month/year or month/day/year" in said
    assert "2026 14:00" not in said  # dates may be those of birth
    assert 'Columns(dates="%d/%m/%Y %H:%M")' in said
    assert 'Columns(dates="%m/%d/%Y %H:%M")' in said


@pytest.mark.parametrize(("dates", "expected"), [("%d/%m/%Y %H:%M", "2026-04-03"), ("%m/%d/%Y %H:%M", "2026-03-04")])
def test_the_line_to_paste_reads_the_column_as_it_says(dates, expected):
    assert written(["03/04/2026", "05/06/2026 14:00"], dates)[0].startswith(expected)


def test_one_value_above_twelve_decides_for_the_column():
    assert written(["03/04/2026", "13/04/2026"])[0].startswith("2026-04-03")
    assert written(["03/04/2026", "04/13/2026"])[0].startswith("2026-03-04")


def test_a_column_that_proves_both_is_refused():
    with pytest.raises(LogError, match="1 different values can only be day/month/year") as refused:
        moments(["13/04/2026", "04/13/2026", "01/02/2026"])
    assert 'Columns(dates="%d/%m/%Y") or Columns(dates="%m/%d/%Y")' in str(refused.value)


def test_a_refusal_says_what_either_reading_would_do():
    with pytest.raises(LogError) as refused:
        moments(["03/04/2026", "05/06/2026", "01/09/2026"])
    # by hand: 3 Apr, 5 Jun, 1 Sep or 4 Mar, 6 May, 9 Jan; apart by 30, 30 and 235 days
    assert "as day/month/year they go from 2026-04 to 2026-09" in str(refused.value)
    assert "as month/day/year they go from 2026-01 to 2026-05" in str(refused.value)
    assert "half of the dates move by 30 days or more" in str(refused.value)


def test_forms_that_are_each_clear_are_read_together_and_counted():
    read = moments(["2026-03-04", "13.03.2026", "14.03.2026", "3 March 2026", "04/13/2026", "04/13/2026", None])
    assert [str(np.int64(one).astype("M8[us]"))[:10] for one in read.time[:6]] == [
        *("2026-03-04", "2026-03-13", "2026-03-14", "2026-03-03", "2026-04-13", "2026-04-13")
    ]
    said = read.reading.say()
    assert "written in 4 ways" in said
    assert "2 values as day, month, year" in said
    assert "2 values as month, day, year" in said
    assert "1 value as year-month-day" in said
    assert "1 value as dates with the name of the month" in said


def test_one_form_does_not_prove_another():
    with pytest.raises(LogError, match="99/99/9999 in row 2 of the data may be day/month/year"):
        moments(["13.04.2026", "01/02/2026"])


def test_values_are_shown_to_whoever_asks():
    with pytest.raises(LogError, match="'01/02/2026' in row 2 of the data may be 1 Feb 2026 or 2 Jan 2026"):
        read_times(pa.chunked_array([["13.04.2026", "01/02/2026"]]), "when", dates=None, serials=False, show=True)


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (["01/02/26", "31/12/98"], "2026-02-01"),  # 98 is no day
        (["01/02/03", "12/31/03"], "2003-01-02"),
        (["01-02-03", "99-12-31"], "2001-02-03"),
        (["1/2/26", "13/2/26"], "2026-02-01"),  # a year is never one digit
        (["01.02.03"], "2003-02-01"),  # as is usual with points
    ],
)
def test_years_of_two_digits_are_read_where_the_column_proves_the_order(values, first):
    assert written(values)[0].startswith(first)
    assert "69 to 99 are 1969 to 1999" in moments(values).reading.say()


@pytest.mark.parametrize("values", [["01-02-03", "02-03-04"], ["01/02/26", "31/12/25"], ["03-Apr-26"]])
def test_years_of_two_digits_are_refused_where_it_does_not(values):
    with pytest.raises(LogError, match=r"may be .* or .*, and no value in the column tells which") as refused:
        moments(values)
    assert "year/month/day" in str(refused.value)
    for line in re.findall(r'dates="([^"]*)"', str(refused.value)):
        assert written(values, line) == [
            None if one is None else one.isoformat(timespec="microseconds")
            for one in (_strptime(value, line) for value in values)
        ]


def _strptime(value, dates):
    try:
        return dt.datetime.strptime(value, dates)
    except ValueError:
        return None


def test_days_that_go_through_the_month_tell_themselves_from_years():
    days = [dt.date(2025, 1, 1) + dt.timedelta(days=one) for one in range(365)]
    assert written([f"{one:%d/%m/%y}" for one in days]) == [f"{one}T00:00:00.000000" for one in days]
    assert written([f"{one:%y-%m-%d}" for one in days]) == [f"{one}T00:00:00.000000" for one in days]
    assert written([f"{one:%d-%b-%y}" for one in days]) == [f"{one}T00:00:00.000000" for one in days]


def test_a_month_that_two_languages_have_in_different_places_is_read_where_the_column_tells_the_language():
    assert written(["3 lip 2026", "3 maj 2026", "3 wrz 2026"])[0].startswith("2026-07-03")  # Polish
    assert written(["3. lip 2026.", "3. ruj 2026."])[0].startswith("2026-06-03")  # Croatian
    with pytest.raises(LogError, match="in Croatian they go from 2026-06 to") as refused:
        moments(["3 lip 2026"])
    assert 'Columns(dates="%d %b %Y [pl]")' in str(refused.value)
    assert written(["3 lip 2026"], "%d %b %Y [pl]")[0].startswith("2026-07-03")
    assert written(["3 lip 2026"], "%d %b %Y [hr]")[0].startswith("2026-06-03")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["full", "long", "medium", "short"])
def test_dates_as_every_language_of_the_union_writes_them(language, form):
    times = [dt.datetime(2026, 1, 1, 4, 53, 31) + dt.timedelta(days=3 * one, seconds=997 * one) for one in range(121)]
    days = [format_date(one, form, locale=language) for one in times]
    midnight = [one.replace(hour=0, minute=0, second=0) for one in times]
    assert moments(days).time.astype("M8[us]").tolist() == midnight
    assert moments(days).dated.all()
    if form != "full":  # whose time is in words
        texts = [format_datetime(one, form, locale=language) for one in times]
        whole = [one.replace(second=0) if form == "short" else one for one in times]
        assert moments(texts).time.astype("M8[us]").tolist() == whole


def test_what_the_clock_cannot_show_is_counted_or_no_time():
    read = moments(["2024-02-29 24:00", "2016-12-31 23:59:60Z", "2024-02-29 12:00"])
    assert "Written as 24:00, read as the beginning of the next day: 1 time." in read.reading.say()
    assert "read as the next second: 1 time." in read.reading.say()
    assert not read.dated.any()
    odd = ["2024-02-29 24:01", "2024-02-29 12:20:60", "2024-02-29 13:61", "2024-02-29 14:00 AM", "2024-02-29 12:00 XST"]
    assert moments([*odd, *["2024-02-29"] * 5]).unreadable.tolist() == [True] * 5 + [False] * 5


def test_a_half_of_the_day_before_the_time_is_never_lost():
    with pytest.raises(LogError):
        moments(["2026-03-04 du. 2:05"])  # Hungarian: in the afternoon


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
    assert written(["1700000000000000"], "unix_us") == ["2023-11-14T22:13:20.000000"]
    assert written(["1700000000000000999"], "unix_ns") == ["2023-11-14T22:13:20.000000"]
    assert written(["2026-01-02 00:00:00", "03/04/2026", "45294"], "%d/%m/%Y", serials=True) == [
        *("2026-01-02T00:00:00.000000", "2026-04-03T00:00:00.000000", "2024-01-03T00:00:00.000000")
    ]
    assert written(["1700000000,25", "-1.5"], "unix") == ["2023-11-14T22:13:20.250000", "1969-12-31T23:59:58.500000"]
    assert written(["45293,5"], "excel") == ["2024-01-02T12:00:00.000000"]


@pytest.mark.parametrize(
    ("values", "dates", "span"),
    [
        (["45293", "45294"], "excel", "2024-01-02 to 2024-01-03"),
        (["1700000000", "1700090000"], "unix", "2023-11-14 to 2023-11-15"),
        (["1700000000000"], "unix_ms", "2023-11-14 to 2023-11-14"),
        (["1700000000000000"], "unix_us", "2023-11-14 to 2023-11-14"),
        (["1700000000000000000"], "unix_ns", "2023-11-14 to 2023-11-14"),
    ],
)
def test_numbers_are_refused_with_the_dates_they_would_be(values, dates, span):
    with pytest.raises(LogError) as refused:
        moments(values)
    assert f'{span}; if they do, say Columns(dates="{dates}")' in str(refused.value)


@pytest.mark.parametrize("values", [[1_700_000_000, 1_700_000_001], [1_700_000_000.0, 1_700_000_001.0]])
def test_columns_of_numbers_are_read_as_text_would_be(values):
    assert written(values, "unix") == ["2023-11-14T22:13:20.000000", "2023-11-14T22:13:21.000000"]


def test_years_that_no_calendar_has_are_no_times():
    far = pa.chunked_array([pa.array([6_857_222_400_000, 0, None], pa.timestamp("s"))])  # the year 219266
    read = read_times(far, "when", dates=None, serials=False, show=False)
    assert read.time.tolist() == [MISSING, 0, MISSING]
    assert read.unreadable.tolist() == [True, False, False]
    assert moments(["6857222400000", "1", "2"], "unix").unreadable.tolist() == [True, False, False]
    edges = moments(["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "2024-01-01T00:00Z", "2024-01-01T01:00Z"])
    assert edges.unreadable.tolist() == [True, True, False, False]
    assert len(moments(["0001-01-01T00:00Z", "9999-12-31T23:59Z"]).wall("Europe/Vilnius")) == 2


@pytest.mark.parametrize(
    "kind", [pa.list_(pa.int8()), pa.binary(), pa.bool_(), pa.null(), pa.float64(), pa.duration("s")]
)
def test_columns_of_what_is_no_time_are_refused_or_empty(kind):
    values = {"bool": [True], "double": [0.5], "binary": [b"\xff"], "duration[s]": [5]}.get(str(kind), [None])
    column = pa.chunked_array([pa.array(values, kind)])
    read, refused = attempt(lambda: read_times(column, "when", dates=None, serials=False, show=False))
    assert "'when'" in refused if read is None else read.time.tolist() == [MISSING]


FORMATS = ["%Y-%m-%d %H:%M:%S.%f", "%d.%m.%Y %H:%M:%S,%f", "%m/%d/%y %I:%M:%S.%f %p", "%b %d, %Y %H:%M:%S.%f"]
FORMATS += ["%A, %d %B %Y %H:%M:%S.%f", "%H:%M:%S.%f %d/%m/%Y", "%Y%m%dT%H%M%S%f", "at %H:%M:%S.%f on %a %d-%b-%y"]


@given(st.sampled_from(FORMATS), st.lists(ORDINARY, min_size=1, max_size=20))
@settings(deadline=None)
def test_what_a_format_writes_it_reads(dates, times):
    assert moments([one.strftime(dates) for one in times], dates).time.astype("M8[us]").tolist() == times


@given(st.lists(ORDINARY, min_size=1, max_size=20), st.integers(-14 * 60, 14 * 60))
@settings(deadline=None)
def test_offsets_give_the_moment_and_the_wall_clock(times, minutes):
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    aware = [one.replace(tzinfo=zone) for one in times]
    read = moments([one.isoformat() for one in aware])
    assert read.time.astype("M8[us]").tolist() == [one.astimezone(dt.UTC).replace(tzinfo=None) for one in aware]
    assert read.wall(None).astype("M8[us]").tolist() == times


ALMOST = st.text("0123456789-/.:, TZzWapm+márzŁΣς\u202f", max_size=24) | st.text(max_size=12)
ODD = st.one_of(st.none(), ALMOST, ORDINARY.map(str), ORDINARY.map("{:%d/%m/%y}".format), st.integers().map(str))


@given(
    st.lists(ODD, max_size=12), st.sampled_from([None, "iso", "excel", "unix", "unix_ns", "%d/%m/%Y"]), st.booleans()
)
@settings(deadline=None, max_examples=100)
def test_any_text_is_read_or_refused_by_name(values, dates, serials):
    column = pa.chunked_array([pa.array(values, pa.string())])
    read, refused = attempt(lambda: read_times(column, "when", dates=dates, serials=serials, show=False))
    if read is None:
        assert "'when'" in refused
        return
    assert len(read.time) == len(read.shift()) == len(values)
    there = read.time != MISSING
    assert not np.any(there & read.unreadable)
    assert all(one is not None for one, good in zip(values, there, strict=True) if good)
    assert all(1 <= one.year <= 9999 for one in read.time[there].astype("M8[us]").tolist())


@given(st.text("%YymdbBHIMSfpzZaA %-/.:T[]pl", max_size=16))
@settings(deadline=None, max_examples=250)
def test_any_format_is_taken_or_refused(dates):
    pattern, refused = attempt(lambda: format_pattern(dates))
    if pattern is None:
        assert repr(dates) in refused
    else:
        assert len(moments(["2026-03-04", None, "x", "2026-03-05"], dates).time) == 4


def test_canonical_text_keeps_what_was_written_and_reads_back_the_same():
    values = ["13/04/2026", "14/04/2026 08:05", "15/04/2026 08:05:00.5 +02:00", None, "soon", "02/05/2026 24:00"]
    text, said = canonical(pa.chunked_array([pa.array(values)]), "when", dates=None, serials=False, show=False)
    assert text.to_pylist() == [
        "2026-04-13",
        "2026-04-14 08:05:00.000000",
        "2026-04-15 08:05:00.500000+02:00",
        None,
        "soon",
        "2026-05-03 00:00:00.000000",
    ]
    assert "day, month, year" in said.say()
    once, again = moments(values), moments(text.to_pylist(), "iso")
    for part in ("time", "zoned", "dated", "unreadable"):
        assert np.array_equal(getattr(once, part), getattr(again, part))


def test_canonical_text_of_whole_seconds_and_of_typed_columns():
    whole = pa.chunked_array([pa.array(["3 mars 2026 14:05:07"])])
    assert iso_text(moments(["3 mars 2026 14:05:07"]), whole).to_pylist() == ["2026-03-03 14:05:07"]
    days = pa.chunked_array([pa.array([20_000, None], pa.date32())])
    assert canonical(days, "when", dates=None, serials=True, show=False)[0].to_pylist() == ["2024-10-04", None]
    rome = pa.chunked_array([pa.array([0, 20_000_000_000], pa.timestamp("ms", "Europe/Rome"))])
    texts = canonical(rome, "when", dates=None, serials=False, show=False)[0].to_pylist()
    assert texts == ["1970-01-01 01:00:00+01:00", "1970-08-20 12:33:20+01:00"] or texts[1].endswith("+02:00")


def test_weeks_and_days_of_the_year_are_those_of_python():
    days = [dt.date(2019, 12, 20) + dt.timedelta(days=one) for one in range(3_000)]
    weeks = ["{0.year}-W{0.week:02}-{0.weekday}".format(one.isocalendar()) for one in days]
    for texts in (weeks, [one.replace("-", "") for one in weeks], [f"{one:%Y-%j}" for one in days]):
        assert moments(texts).time.astype("M8[us]").astype("M8[D]").tolist() == days
    odd = ["2025-W53-1", "2026-W00-1", "2026-W54-1", "2025-366", "2024-000"]
    assert moments([*odd, *weeks[:9]]).unreadable[:5].all()


def test_long_columns_are_read_and_refused_as_short_ones_are():
    days = [dt.date(2000, 1, 1) + dt.timedelta(days=one) for one in range(9_000)]
    read = moments([f"{one:%A, %d %B %Y}" for one in days])
    assert read.time.astype("M8[us]").tolist() == [dt.datetime(one.year, one.month, one.day) for one in days]
    with pytest.raises(LogError, match="9,000 of 9,001 values"):
        moments([*(f"matter {one} of 9" for one in range(9_000)), "2026-01-01"])


def test_errors_name_column_and_row_and_show_only_the_shape_of_a_value():
    with pytest.raises(LogError) as refused:
        moments([None, "2026-01-01", "Jane Roe", "John Doe"])
    assert "Column 'when': 2 of 3 values" in str(refused.value)
    assert "Aaaa Aaa in row 3 of the data" in str(refused.value)


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


def test_a_value_longer_than_any_date_is_no_date_but_blanks_around_one_do_no_harm():
    long = "z 1-2 " * 100_000
    held = pa.chunked_array(
        [pa.array(["2026-01-02", long, "2026-01-02" + " " * 900, "2026-01-02" + " " * 900 + "x", " " * 900])]
    )
    moments = read_times(held, "time", dates=None, serials=False, show=False)
    assert (moments.time != MISSING).tolist() == [True, False, True, False, False]
    assert moments.unreadable.tolist() == [False, True, False, True, False]
    assert mask("ab1" * 300) == "aa9aa9aa9aa9aa9aa9aa9aa9…"


def test_a_date_with_an_offset_is_not_a_time_of_day():
    """2026-03-04-05:00 is how XML writes a date and its offset; after a hyphen a time must have seconds."""
    import pyarrow as pa

    column = pa.chunked_array([["2026-03-04", "2026-03-05", "2026-03-04-05:00", "2026-03-04-05.06.07"]])
    moments = read_times(column, "day", dates=None, serials=False, show=False)
    assert moments.unreadable.tolist() == [False, False, True, False]
    assert str(moments.time.astype("M8[us]")[3]) == "2026-03-04T05:06:07.000000"
