"""Injected waits, known event by event: found, located and sized; thresholds were fixed on the logs with no and one timer."""

import numpy as np
import pandas as pd
import pytest
from logs import build

import procmine
from procmine.kernels.held import just_opened, released, usual_hours

COLUMNS = procmine.Columns(
    case="case_id", activity="activity", timestamp="end_time", start="start_time", resource="resource"
)
MINUTE = 60_000_000
FILES = [(process, k) for process in ("Loan_Application", "Procure_to_Pay") for k in (0, 1, 3, 5)]


def file_of(shared, process, timers):
    ending = {0: "", 1: "_1_timer"}.get(timers, f"_{timers}_timers")
    return shared / "timers_groundtruth" / f"{process}{ending}.csv.gz"


@pytest.mark.parametrize(("process", "timers"), FILES)
def test_injected_waits_are_found_located_and_sized(shared, process, timers):
    path = file_of(shared, process, timers)
    log = procmine.read(path, columns=COLUMNS)
    answer = procmine.unexplained_waits(log)
    truth = pd.read_csv(path).groupby("activity")["extraneous_delay"].mean()
    rows = answer.frame.set_index("step")
    assert set(rows.index[rows["stands_out"]]) == set(truth.index[truth > 0])
    for step in rows.index:
        error = rows.loc[step, "mean"] / pd.Timedelta(seconds=1) - truth[step]
        if truth[step] > 0:
            print(f"{process}, {timers} timers: {step}: truth {truth[step]:.0f} s, error {error:.0f} s")
        assert abs(error) <= max(0.03 * truth[step], 1)
    assert answer.sentences()[0].startswith(rows.index[0] if timers else "In none of the")


def staffed(rows, cutoff="2024-03-01", **given):
    """A log of (case, step, begin, end, who); the end alone makes the order."""
    log = build([(*row[:2], row[3]) for row in rows], cutoff=cutoff, ends=["Close"],
                event_attributes={"who": [row[4] for row in rows]}, persons=("who",), **given)  # fmt: skip
    begin = {(case, step, end): start for case, step, start, end, _ in rows}
    events = log.events
    keys = zip(events["case"], events["activity"], events["time"].dt.strftime("%Y-%m-%dT%H:%M"))
    start = np.array([np.datetime64(begin[key], "us").astype(np.int64) for key in keys])
    from dataclasses import replace

    arrival = np.minimum.reduceat(start, log.offset[:-1])
    return replace(log, start=start, arrival=arrival)


def desk(delay, busy=()):
    """20 cases on working days, one a day: Open (Ann, 9:00 to 9:30), after `delay` minutes half an hour of Close (Bob)."""
    days = [day for day in np.arange("2024-01-01", "2024-02-01", dtype="M8[D]") if np.is_busday(day)][:20]
    rows = []
    for k, day in enumerate(days):
        begin = np.datetime64(f"{day}T09:30") + np.timedelta64(delay, "m")
        rows.append((f"c{k}", "Open", f"{day}T09:00", f"{day}T09:30", "Ann"))
        if busy:
            other = begin - np.timedelta64(busy[0], "m")
            rows.append((f"x{k}", "Close", str(other), str(begin), "Bob"))
        rows.append((f"c{k}", "Close", str(begin), str(begin + np.timedelta64(30, "m")), "Bob"))
    return staffed(rows)


def test_a_wait_of_an_idle_clerk_by_hand():
    rows = procmine.unexplained_waits(desk(45)).frame.set_index("step").loc["Close"]
    assert rows["n"] == 20 and rows["seen_waiting"] == 20 and rows["held"] == 0
    assert rows["mean"] == pd.Timedelta(minutes=45) == rows["p50"]
    assert rows["total"] == 20 * pd.Timedelta(minutes=45) and rows["share"] == 1 and rows["stands_out"]


def test_a_wait_for_a_busy_clerk_is_explained_and_hides_what_lies_behind_it():
    """Bob comes from another case every time: the delay may have been anything from 0 to 45 minutes, and is not claimed."""
    rows = procmine.unexplained_waits(desk(45, busy=(45,))).frame.set_index("step").loc["Close"]
    assert rows["n"] == 20 and rows["held"] == 20 and rows["seen_waiting"] == 0
    assert rows["mean"] == pd.Timedelta(0) and not rows["stands_out"]


def test_a_minute_is_no_wait():
    rows = procmine.unexplained_waits(desk(1)).frame.set_index("step").loc["Close"]
    assert rows["seen_waiting"] == 0 and rows["mean"] == pd.Timedelta(0) and not rows["stands_out"]


def test_held_waits_are_upper_bounds_by_hand():
    """Unheld waits of 10 and 30 minutes, one of 20 held: that counts as at most 20. Counted back from the longest (30), the
    curve falls at 0 to 2/3, and the rest waits at most 20: that is the one of 10. Mean (30 + 10 + 10) / 3.
    """
    from procmine.find.waits.extraneous import _estimated

    wait = np.array([10, 20, 30]) * MINUTE
    found = _estimated(np.zeros(3, np.uint8), np.full(3, 5_000), wait, np.array([False, True, False]), 1)[:, 0]
    assert found[0] / 60 == pytest.approx((30 + 10 + 10) / 3)
    assert found[4] == pytest.approx(1)  # all waited
    held_first = _estimated(np.zeros(3, np.uint8), np.full(3, 5_000), wait, np.array([True, False, False]), 1)[:, 0]
    assert held_first[0] / 60 == pytest.approx(
        (30 + 20 + 0) / 3
    )  # at most 10 and nothing smaller seen: none is claimed
    assert held_first[4] == pytest.approx(2 / 3)


def test_freed_and_opened_by_hand():
    hour = 60 * MINUTE
    begin = np.array([0, 60, 125, 300]) * MINUTE
    end = np.array([60, 120, 180, 300]) * MINUTE  # the last has no length: its own end frees nobody
    who = np.array([0, 0, 0, 0])
    assert released(who, begin, end, 0).tolist() == [False, True, False, False]
    assert released(who, begin, end, 5 * MINUTE).tolist() == [False, True, True, False]
    assert released(np.arange(4), begin, end, 5 * MINUTE).tolist() == [False] * 4
    monday = 4 * 24 * hour  # 1970-01-05
    starts = np.concatenate([monday + day * 24 * hour + np.arange(9, 17) * hour for day in range(5)])
    starts = np.tile(starts, 4)
    usual = usual_hours(np.zeros(len(starts), np.int64), starts, starts + 30 * MINUTE, 1)
    assert usual.sum() == 40 and usual[0, 9:17].all() and not usual[0, 17:33].any()
    at = monday + np.array([9 * hour, 9 * hour + 16 * MINUTE, 10 * hour])
    assert just_opened(usual, np.zeros(3, np.int64), at, 15 * MINUTE).tolist() == [True, False, False]


def test_work_left_overnight_is_no_night_shift():
    hour, day = 60 * MINUTE, 24 * 60 * MINUTE
    begin = np.arange(60) * day + 16 * hour
    usual = usual_hours(np.zeros(60, np.int64), begin, begin + 17 * hour + 10 * MINUTE, 1)
    assert usual.sum() == 14  # the 16th hour and the 9th, each day


def test_groups_stand_in_front_and_use_everybodys_work():
    log = desk(45)
    whole = procmine.unexplained_waits(log)
    months = procmine.unexplained_waits(log, period="month")
    assert months.groups == ("month",) and set(months.rows["month"]) == {"2024-01"}
    assert list(months.rows["mean"]) == list(whole.rows["mean"])


def test_logs_that_cannot_tell_are_refused():
    rows = [("1", "A", "2024-01-01"), ("1", "B", "2024-01-03")]
    with pytest.raises(procmine.LogError, match=r"one time for each event.*event_times"):
        procmine.unexplained_waits(build(rows, cutoff="2024-01-20", ends=["B"]))
    with pytest.raises(procmine.LogError, match="who did each step"):
        procmine.unexplained_waits(desk(45), resource="unit")


def test_nobody_is_called_free_who_is_not_named_or_whose_time_of_day_is_not_known():
    from dataclasses import replace

    log = desk(45)
    who = log.event_attributes["who"]
    codes = who.codes.copy()
    codes[1:20:2] = -1  # half of the closings do not say who did them
    some = replace(log, event_attributes={"who": replace(who, codes=codes)})
    rows = procmine.unexplained_waits(some).frame.set_index("step").loc["Close"]
    assert (rows["n"], rows["seen_waiting"]) == (10, 10)
    openings = np.arange(40) % 2 == 0
    for dated in (openings & (np.arange(40) < 20), ~openings & (np.arange(40) < 20)):  # since when; or when at all
        half = replace(log, dated=dated)
        rows = procmine.unexplained_waits(half).frame.set_index("step").loc["Close"]
        assert (rows["n"], rows["seen_waiting"]) == (10, 10)
    with pytest.raises(procmine.LogError, match="without times of day"):
        procmine.unexplained_waits(replace(log, about=replace(log.about, precision="day")))
