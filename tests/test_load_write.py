"""What is written is read back the same, in each format; a file is there when it is complete, or not at all."""

import csv
from dataclasses import replace

import numpy as np
import pandas as pd
import pm4py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procmine.load.arrays import strings
from procmine.load.columns import Columns
from procmine.load.door import read
from procmine.load.spec import Spec
from procmine.load.write import write
from procmine.log import LogError, Text
from procmine.scale.shards import save

HOSTILE = ["=1+1", 'a,b\n"c"', "<b>&amp;é", "  x ", "NA", "š\tč", "Ωμέγα"]


@pytest.fixture
def log(tmp_path):
    draw = np.random.default_rng(1)
    rows = [["case_id", "activity", "start_time", "timestamp", "office", "note"]]
    for case in range(40):
        time = np.datetime64("1969-11-01T08:00:00.000001") + np.timedelta64(int(draw.integers(0, 10**13)), "us")
        for step in range(4):
            end = time + np.timedelta64(int(draw.integers(0, 10**10)), "us")
            note = HOSTILE[int(draw.integers(7))] if step else ""
            rows.append([f"0{case}", HOSTILE[step], str(time), str(end), HOSTILE[case % 7], note])
            time = end
    path = tmp_path / "made.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return read(path)


def facts(log):
    events, cases = log.events, log.cases
    return {name: events[name].astype(object).where(events[name].notna(), None).tolist() for name in sorted(events)} | {
        f"case {name}": cases[name].astype(object).where(cases[name].notna(), None).tolist()
        for name in ("case", "arrival", *sorted(log.about.attributes))
    }


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz", "log.xes", "log.xes.gz", "log.parquet"])
@pytest.mark.parametrize("axis", ["civil", "instant"])
def test_a_round_trip_loses_nothing(log, tmp_path, name, axis):
    log = replace(log, about=replace(log.about, axis=axis))
    write(log, tmp_path / name)
    again = read(tmp_path / name)
    assert facts(again) == facts(log)
    assert again.about.axis == axis
    assert again.start is not None
    assert np.array_equal(again.start, log.start)
    assert [one.name for one in tmp_path.iterdir() if "partial" in one.name] == []


@pytest.mark.parametrize("name", ["log.csv", "log.xes", "log.parquet"])
def test_dates_come_back_as_dates(six, tmp_path, name):
    write(six, tmp_path / name)
    again = read(tmp_path / name, columns=Columns(event_attributes=("unit",)), cutoff="2024-01-20", ends=["End"])
    assert facts(again) == facts(six)
    assert again.about.precision == "day"
    assert again.open.tolist() == six.open.tolist()


def test_pm4py_reads_what_is_written(log, tmp_path):
    write(log, tmp_path / "log.xes")
    theirs = pm4py.read_xes(str(tmp_path / "log.xes"), variant="iterparse")
    assert theirs["concept:name"].tolist() == log.events["activity"].tolist()
    ours = log.events["time"].astype("datetime64[us]").tolist()
    assert theirs["time:timestamp"].dt.tz_localize(None).astype("datetime64[us]").tolist() == ours


def test_what_cannot_be_written_is_refused_and_leaves_no_file(six, tmp_path):
    with pytest.raises(ValueError, match=r"written to \.csv"):
        write(six, tmp_path / "log.docx")
    bell = replace(six, about=replace(six.about, activities=("Start", "Che\x07ck", "End")))
    with pytest.raises(LogError, match="control characters, and a value of 'the steps' has one"):
        write(bell, tmp_path / "log.xes")
    named = replace(six, event_attributes={"unit\x00": six.event_attributes["unit"]})
    for name in ("log.csv", "log.xes"):
        with pytest.raises(LogError, match="cannot hold the name"):
            write(named, tmp_path / name)
    zero = replace(six, about=replace(six.about, activities=("Start", "Che\x00ck", "End")))
    with pytest.raises(LogError, match="zero bytes"):
        write(zero, tmp_path / "log.csv")
    old = replace(six, time=six.time - 3_000 * 365 * 86_400_000_000)
    with pytest.raises(LogError, match="before the year 1"):
        write(old, tmp_path / "log.csv.gz")
    empty = replace(six, event_attributes={"unit": Text(np.zeros(6, np.int32), strings([""]))})
    with pytest.raises(LogError, match="'unit' a value is an empty text"):
        write(empty, tmp_path / "log.parquet")
    assert list(tmp_path.iterdir()) == []


FILES = ("log.csv", "log.csv.gz", "log.xes", "log.xes.gz", "log.parquet")
CONTROL = ["\x07", "\x00", "a\x85b", "\ufffe", "a\r\nb", "\r", "\n", "\u2028", "\N{RIGHT-TO-LEFT OVERRIDE}"]
texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=6)
values = st.none() | texts | texts | st.sampled_from([*HOSTILE, *CONTROL])
# names that are roles, that belong to cases, that are each other's, and any
NAMES = (
    "office|case:office|attribute:office|concept:name|case:concept:name|sequence|start|order|date|lifecycle:transition"
)
NAMES += '|org:resource|user|time:precision|source:order|event|unit | unit|a;b|a"b'
names = st.sampled_from(NAMES.split("|")) | texts
clocks = st.sampled_from(
    [0, 0, 0, 9 * 3_600_000_000, 9 * 3_600_000_000 + 1, 23 * 3_600_000_000]
)  # many ties and midnights


def refused(log, path):
    """Why a log could not be written; None if it was."""
    try:
        write(log, path)
    except LogError as error:
        return str(error)
    return None


@st.composite
def frames(draw):
    """Tables of events as an agency may have them, in any order, and how they are read."""
    n = draw(st.integers(1, 14))
    column = lambda of: draw(st.lists(of, min_size=n, max_size=n))  # noqa: E731
    steps = draw(st.lists(texts, min_size=1, max_size=4))
    days, clock = column(st.integers(0, 3)), column(clocks)
    time = [
        np.datetime64("1969-12-30", "us") + np.timedelta64(day * 24, "h") + np.timedelta64(at, "us")
        for day, at in zip(days, clock)
    ]
    kind = draw(st.sampled_from(["civil", "instant", "dated", "days"]))
    written = {
        "civil": [str(one) for one in time],
        "instant": [f"{one}+02:00" for one in time],
        "dated": [str(one)[:10] if at == 0 else str(one) for one, at in zip(time, clock)],
        "days": [str(one)[:10] for one in time],
    }[kind]
    frame = {
        "CASE": column(st.sampled_from(["1", "01", " 1", "é\n", "=1"])),
        "STEP": column(st.sampled_from(steps)),
        "END": written,
    }
    if draw(st.booleans()):
        back = column(st.integers(0, 2))
        frame["BEGIN"] = [one[: 10 if kind == "days" else None] if not k else None for one, k in zip(written, back)]
        frame["BEGIN"][0] = written[0]
    of_case, of_event = draw(st.lists(names, max_size=2, unique=True)), draw(st.lists(names, max_size=3, unique=True))
    for number in range(len(of_case)):
        by_case = {case: draw(values) for case in set(frame["CASE"])}
        frame[f"C{number}"] = [by_case[case] for case in frame["CASE"]]
    for number in range(len(of_event)):
        frame[f"E{number}"] = column(values)
    return pd.DataFrame(frame, dtype=object), of_case, of_event, draw(st.sampled_from([(), tuple(frame["STEP"][:1])]))


def made(frame, of_case, of_event, by_date):
    """A log of the table, its attributes under any names: no column of a table can have all of them."""
    columns = Columns(
        case="CASE",
        activity="STEP",
        timestamp="END",
        start="BEGIN" if "BEGIN" in frame else None,
        attributes=tuple(f"C{k}" for k in range(len(of_case))),
        event_attributes=tuple(f"E{k}" for k in range(len(of_event))),
        repeated="keep",
    )
    log = read(frame, columns=columns, ends="every case", spec=Spec(by_date=by_date) if by_date else None)
    cases = {name: log.attributes[f"C{k}"] for k, name in enumerate(of_case)}
    events = {name: log.event_attributes[f"E{k}"] for k, name in enumerate(of_event)}
    about = replace(log.about, attributes=tuple(cases), event_attributes=tuple(events))
    return replace(log, about=about, attributes=cases, event_attributes=events)


def content(log):
    """All that a log holds, attributes by name without those that nothing has."""
    texts = {("case", name): text.values().tolist() for name, text in log.attributes.items()}
    texts |= {("event", name): text.values().tolist() for name, text in log.event_attributes.items()}
    steps = [log.about.activities[code] for code in log.activity]
    case_ids = log.case.values().tolist()
    start = log.time if log.start is None else log.start
    dated = np.full(len(log.time), log.about.precision == "day") if log.dated is None else log.dated
    whole = [case_ids, steps, log.time.tolist(), start.tolist(), log.offset.tolist(), dated.tolist()]
    return (
        whole,
        {name: values for name, values in texts.items() if any(one is not None for one in values)},
        log.about.axis,
    )


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(frames(), st.sampled_from(FILES), st.booleans())
def test_any_log_comes_back_or_is_refused_and_leaves_no_file(tmp_path_factory, drawn, name, only):
    folder = tmp_path_factory.mktemp("any")
    log = made(*drawn)
    if only:
        log = log.only_activities(log.about.activities[:1]).having(log.about.activities[0])
    if (said := refused(log, folder / name)) is not None:
        assert "cannot hold" in said
        assert list(folder.iterdir()) == []
        return
    assert content(read(folder / name, ends="every case")) == content(log)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(frames(), st.integers(1, 3))
def test_any_saved_log_comes_back(tmp_path_factory, drawn, shards):
    log = made(*drawn)
    saved = save(log, tmp_path_factory.mktemp("any") / "log", shards=shards)
    assert saved.about == log.about
    first = 0
    for part in saved.parts((*log.attributes, *log.event_attributes)):
        whole = log.take(np.arange(first, first + len(part)))
        first += len(part)
        assert content(part) == content(whole)
        for one in ("arrival", "until", "open"):
            assert np.array_equal(getattr(part, one), getattr(whole, one))
    assert first == len(log)
