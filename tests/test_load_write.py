"""What is written is read back the same, in each format; a file is there when it is complete, or not at all."""

import csv
from dataclasses import replace

import numpy as np
import pm4py
import pytest

from procmine.load.columns import Columns
from procmine.load.door import read
from procmine.load.write import write
from procmine.log import LogError

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
    named = replace(six, event_attributes={"concept:name": six.event_attributes["unit"]})
    with pytest.raises(LogError, match="name of another column"):
        write(named, tmp_path / "log.csv")
    bell = replace(six, about=replace(six.about, activities=("Start", "Che\x07ck", "End")))
    with pytest.raises(LogError, match="control characters"):
        write(bell, tmp_path / "log.xes")
    assert list(tmp_path.iterdir()) == []
