"""Order inside one moment and one day: a stated rule, never midnight-first by accident. Truth: by hand, and a slow oracle."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import procmine
from procmine.kernels.flow import cases_of
from procmine.load.spec import Spec

COLUMNS = procmine.Columns(case="case", activity="step", timestamp="time")


def frame(rows, names=("case", "step", "time")):
    return pd.DataFrame(rows, columns=list(names), dtype=str)


def steps(log, case=0):
    return [log.about.activities[code] for code in log.activity[log.offset[case] : log.offset[case + 1]]]


def told(log, key):
    return [note for note in log.about.notes if note.key == key]


MIXED = [
    ("A", "Call", "2026-03-02 09:00"),
    ("A", "File", "2026-03-02"),
    ("A", "Check", "2026-03-02 11:00"),
    ("A", "Decide", "2026-03-03"),
    ("A", "Send", "2026-03-03 08:00"),
]


def test_a_date_keeps_its_place_among_the_rows_of_its_day():
    log = procmine.read(frame(MIXED), columns=COLUMNS)
    assert steps(log) == ["Call", "File", "Check", "Decide", "Send"]
    assert log.dated.tolist() == [False, True, False, True, False]
    assert told(log, "load.ties.dated")[0].values["n"] == 2
    day = np.datetime64("2026-03-02", "us").astype(int)
    hours = ((log.time - day) / 3.6e9).tolist()
    assert hours == [9, 9, 11, 24, 32]  # a date counts at the event before it, or at the day's first moment


def test_a_date_before_all_times_of_its_day_stays_there():
    log = procmine.read(frame([MIXED[1], MIXED[0], MIXED[2]]), columns=COLUMNS)
    assert steps(log) == ["File", "Call", "Check"]
    assert np.diff(log.time).min() >= 0


def test_the_column_of_order_wins_over_the_rows():
    rows = [(*row, str(order)) for row, order in zip(MIXED[:3], (1, 3, 2))]
    log = procmine.read(
        frame(rows, ("case", "step", "time", "nr")),
        columns=procmine.Columns(case="case", activity="step", timestamp="time", order="nr"),
    )
    assert steps(log) == ["Call", "Check", "File"]


def test_steps_of_one_moment_in_the_order_the_user_gives():
    rows = [
        ("A", "Check", "2026-03-02"),
        ("A", "File", "2026-03-02"),
        ("A", "Other", "2026-03-02"),
        ("A", "Call", "2026-03-02"),
    ]
    spec = Spec(same_moment=("Call", "File", "Check"))
    log = procmine.read(frame(rows), columns=COLUMNS, spec=spec)
    assert steps(log) == ["Call", "File", "Check", "Other"]
    note = told(log, "load.ties")[0]
    assert (note.values["n"], note.values["of"], note.values["rule"].key) == (3, 3, "load.ties.steps")


def test_by_date_takes_only_the_date_of_a_step():
    spec = Spec(by_date=("File",))
    rows = [("A", "Call", "2026-03-02 09:00"), ("A", "File", "2026-03-02 08:00"), ("A", "Check", "2026-03-02 11:00")]
    assert steps(procmine.read(frame(rows), columns=COLUMNS)) == ["File", "Call", "Check"]
    assert steps(procmine.read(frame(rows), columns=COLUMNS, spec=spec)) == ["Call", "File", "Check"]


def test_a_source_that_goes_back_in_time_is_read_backwards_within_a_moment():
    forward = [("A", f"S{n}", f"2026-03-{1 + n // 2:02}") for n in range(30)]
    log = procmine.read(frame(forward[::-1]), columns=COLUMNS)
    assert steps(log) == [f"S{n}" for n in range(30)]
    assert told(log, "load.ties")[0].values["rule"].key == "load.ties.backwards"
    mixed = [*forward[::-1], ("B", "S1", "2026-03-01"), ("B", "S2", "2026-03-02")]  # one case that goes forward
    assert steps(procmine.read(frame(mixed), columns=COLUMNS)) != [f"S{n}" for n in range(30)]


def test_an_end_that_is_only_a_date_is_not_before_its_beginning_on_that_day():
    rows = [("A", "Call", "2026-03-02 09:00", "2026-03-02"), ("A", "Check", "2026-03-02 10:00", "2026-03-02 11:00")]
    log = procmine.read(
        frame(rows, ("case", "step", "begun", "done")),
        columns=procmine.Columns(case="case", activity="step", timestamp="done", start="begun"),
    )
    assert steps(log) == ["Call", "Check"]
    assert (log.time - log.start).tolist() == [0, 3_600_000_000]


def test_neighbours_of_one_moment_are_counted():
    rows = [("A", "x", "2026-01-01"), ("A", "y", "2026-01-01"), ("A", "z", "2026-01-02"), ("B", "x", "2026-01-02")]
    note = told(procmine.read(frame(rows), columns=COLUMNS), "load.ties")[0]
    assert (note.values["n"], note.values["of"]) == (1, 2)


def oracle(rows):
    """Day by day, slowly: timed rows by time; then each dated row goes after the last timed one whose row number, or an
    earlier one's, is smaller."""
    days = {}
    for number, (day, clock) in enumerate(rows):
        days.setdefault(day, []).append((number, clock))
    order = []
    for day in sorted(days):
        timed = sorted((clock, number) for number, clock in days[day] if clock is not None)
        dated = [number for number, clock in days[day] if clock is None]
        high, placed = -1, []
        for _, number in timed:
            high = max(high, number)
            placed.append((high, 0, len(placed), number))
        placed += [(number, 1, 0, number) for number in dated]
        order += [number for *_, number in sorted(placed)]
    return order


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.none() | st.integers(0, 5)), min_size=1, max_size=12))
def test_placing_equals_a_slow_oracle(rows):
    written = [(f"2026-03-{day:02}", "" if clock is None else f" {8 + clock:02}:00") for day, clock in rows]
    cells = [("A", f"S{n}", "".join(one)) for n, one in enumerate(written)]
    log = procmine.read(frame(cells), columns=COLUMNS)
    backwards = any(note.values["rule"].key == "load.ties.backwards" for note in told(log, "load.ties"))
    if not backwards:
        assert steps(log) == [f"S{n}" for n in oracle(rows)]
    assert np.all(np.diff(log.time) >= 0)
    assert [log.about.activities[code] for code in log.activity] == [f"S{row - 1}" for row in log.origin.row]


def test_row_numbers_go_with_events_through_filters(tmp_path):
    rows = [("A", "x", "2026-01-01"), ("B", "x", "2026-01-02"), ("A", "y", "2026-01-03"), ("B", "y", "2026-01-04")]
    file = tmp_path / "log.csv"
    frame(rows).to_csv(file, index=False)
    log = procmine.read(file, columns=COLUMNS)
    assert log.origin.row.tolist() == [2, 4, 3, 5]  # the header is row 1
    kept = log.only_activities(["y"])
    assert (kept.origin.row.tolist(), cases_of(kept.offset).tolist()) == ([4, 5], [0, 1])
    assert log.between("2026-01-02", "2026-02-01").origin.row.tolist() == [3, 5]


def test_dated_events_survive_saving(tmp_path):
    log = procmine.read(frame(MIXED), columns=COLUMNS)
    back = next(iter(procmine.save(log, tmp_path / "saved", shards=1).parts()))
    assert back.dated.tolist() == log.dated.tolist()
    assert back.time.tolist() == log.time.tolist()


@pytest.mark.parametrize("day", ["1900-01-01", "9999-12-31"])
def test_dates_that_stand_for_none_are_set_aside(day):
    rows = [("A", "x", "2026-01-01"), ("A", "y", day), ("A", "z", "2026-01-03")]
    log = procmine.read(frame(rows), columns=COLUMNS, spec=Spec(not_dates=(day,)))
    assert steps(log) == ["x", "z"]
    assert [note.values["n"] for note in told(log, "load.aside.not_a_date")] == [1]


def test_near_duplicates_and_forms_are_set_aside_and_recorded():
    rows = [
        ("A", "x", "2026-01-01 10:00"),
        ("A", "x", "2026-01-01 10:03"),
        ("A", "x", "2026-01-01 10:20"),
        ("A", "name", "2026-01-02 10:00"),
        ("A", "address", "2026-01-02 10:00"),
        ("A", "date", "2026-01-02 10:00"),
        ("B", "name", "2026-01-02 10:00"),
    ]
    spec = Spec(near_duplicates=5, forms={"Intake": ("name", "address", "date")})
    log = procmine.read(frame(rows), columns=COLUMNS, spec=spec)
    assert steps(log) == ["x", "x", "name"]
    assert steps(log, 1) == ["name"]
    said = {line.key: line.values["n"] for line in log.about.history}
    assert said == {"fixed.near_duplicates": 1, "fixed.form": 2}
    fates = {row["reason"]: row["rows"] for row in procmine.load_report(log).frame.to_dict("records")}
    assert sum(fates.values()) == len(rows)


@pytest.mark.parametrize("rest", [("2026-01-01", "2026-01-03"), ("2026-01-01 10:00:01", "2026-01-03 11:00:02")])
def test_of_one_day_nobody_knows_what_came_within_minutes(rest):
    """Two calls of which only the day is known are two calls, in a log of dates and in one that has times elsewhere."""
    rows = [("A", "x", rest[0]), ("A", "call", "2026-01-02"), ("A", "call", "2026-01-02"), ("A", "z", rest[1])]
    table = frame(rows).assign(who=list("abcd"))
    log = procmine.read(table, columns=COLUMNS, spec=Spec(near_duplicates=5, forms={"Phone": ("call", "x")}))
    assert steps(log) == ["x", "call", "call", "z"]
    assert {line.key: line.values["n"] for line in log.about.history} == {"fixed.near_duplicates": 0, "fixed.form": 0}


CLOCKED = [
    ("A", "Call", "04.03.2026", "9:05"),
    ("A", "File", "04.03.2026", ""),
    ("A", "Check", "13.03.2026", "14:30:10"),
]
CLOCKS = ("case", "step", "Datum", "Uhrzeit")


@pytest.mark.parametrize("dates", [None, "%d.%m.%Y"])
def test_a_date_and_a_time_of_day_in_two_columns(tmp_path, dates):
    named = procmine.Columns(case="case", activity="step", timestamp="Datum", clock="Uhrzeit", dates=dates)
    file = tmp_path / "log.csv"
    frame(CLOCKED, CLOCKS).to_csv(file, index=False)
    for source in (frame(CLOCKED, CLOCKS), file):
        log = procmine.read(source, columns=named)
        assert steps(log) == ["Call", "File", "Check"]
        assert log.events["time"].astype(str).tolist() == [
            "2026-03-04 09:05:00",
            "2026-03-04 09:05:00",
            "2026-03-13 14:30:10",
        ]
        assert log.dated.tolist() == [False, True, False]
        assert "Uhrzeit" not in (*log.about.attributes, *log.about.event_attributes)


def test_times_of_day_that_are_not_used_are_told():
    log = procmine.read(
        frame(CLOCKED, CLOCKS), columns=procmine.Columns(case="case", activity="step", timestamp="Datum")
    )
    assert [note.values["column"] for note in told(log, "load.clock.unused")] == ["Uhrzeit"]
    assert not told(procmine.read(frame(MIXED), columns=COLUMNS), "load.clock.unused")
    with pytest.raises(procmine.LogError, match="'Zeit' \\(for clock\\) is not there"):
        procmine.read(
            frame(CLOCKED, CLOCKS),
            columns=procmine.Columns(case="case", activity="step", timestamp="Datum", clock="Zeit"),
        )
