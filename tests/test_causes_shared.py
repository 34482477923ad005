"""Causes of waiting in logs made by hand, and in designed worlds beside what Kronos published of them."""

import csv
import gzip
from datetime import timedelta

import pandas as pd
import pytest

import procmine
from procmine.clocks import CALENDAR_TIME
from procmine.find.waits.parts import split_waits

HOUR = pd.Timedelta("1h")


def hours(answer, place=""):
    rows = answer.frame
    rows = rows[rows["place"] == place]
    return {cause: total / HOUR for cause, total in zip(rows["cause"], rows["total"]) if total.value}


def asked(shared, name):
    columns = procmine.Columns(arrival="enabled_timestamp")
    return procmine.causes(procmine.read(shared / "wta_micro" / name, columns=columns, ends="every case"))


def test_one_event_before_another(shared):
    # B can begin at 9 and begins at 12; R1 is busy from 9, or from 10, to 11:30
    assert hours(asked(shared, "resource_contention.csv"), "B") == {"contention": 2.5, "unexplained": 0.5}
    assert hours(asked(shared, "prioritization.csv"), "B") == {"prioritisation": 1.5, "unexplained": 1.5}
    both = {"contention": 1.0, "prioritisation": 1.5, "unexplained": 0.5}
    assert hours(asked(shared, "prioritization_and_contention.csv"), "B") == both
    assert hours(asked(shared, "undifferentiated_pool.csv"), "B") == {"unexplained": 3.0}  # R3 was never busy


@pytest.mark.parametrize(
    "name", ["resource_contention", "prioritization", "prioritization_and_contention", "undifferentiated_pool"]
)
def test_all_waiting_is_the_files_own(shared, name):
    with (shared / "wta_micro" / f"{name}.csv").open() as file:
        true = sum((pd.Timedelta(row["wt_total"]) for row in csv.DictReader(file)), timedelta())
    assert sum(hours(asked(shared, f"{name}.csv")).values()) == true / HOUR


@pytest.mark.parametrize("name", ["manual_log_5.csv", "artificial_all_types.csv"])
def test_five_cases_on_each_of_three_days(shared, name):
    """One day by hand, minutes. Anya does E 10:27-11:30 and F 11:30-12:00 of another case, then B of cases 0, 2, 1, 3, half
    an hour each from 12:00. These Bs are possible from 10:15, 10:45, 10:30 and 11:00: a batch (she was free until 10:27).

    batching: to 11:00: 45, 15, 30, 0. Then to 12:00 E and F, F always later, E later than case 0 alone: case 0 60 later;
    case 2, 1, 3: 30 first, 30 later. Then case 2 waits for 0 (first), 1 for 0 (first) and 2 (later), 3 for all (first).
    No cause: G of case 4 from 12:00 to 12:30, D of case 3 from 14:21 to 14:31.
    """
    answer = procmine.causes(procmine.read(shared / "wta_micro" / name))
    first = 0 + (30 + 30) + (30 + 30) + (30 + 90)
    later = 60 + 30 + (30 + 30) + 30
    day = {"batching": 45 + 15 + 30, "contention": first, "prioritisation": later}
    assert hours(answer, "B") == {cause: 3 * minutes / 60 for cause, minutes in day.items()}
    assert hours(answer, "G") == {"unexplained": 1.5} and hours(answer, "D") == {"unexplained": 0.5}
    assert set(answer.rows["place"]) == {"", "B", "G", "D"}


def test_to_and_fro_between_two_is_waiting_without_a_cause(shared):
    """One step at a time: nobody can be busy with another case. Waits are the gaps, read off the file.

    Twelve months of the same case, as one case alone is too little to tell steps that take turns from steps side by side.
    """
    frame = pd.read_csv(shared / "wta_micro" / "ping_pong_case.csv", parse_dates=["start_timestamp", "time:timestamp"])
    frame = frame[["case:concept:name", "concept:name", "org:resource", "start_timestamp", "time:timestamp"]]
    gaps = (frame["start_timestamp"].shift(-1) - frame["time:timestamp"]).dropna()
    months = [
        frame.assign(
            **{
                "case:concept:name": f"case {k}",
                "start_timestamp": frame["start_timestamp"] + pd.Timedelta(days=30 * k),
                "time:timestamp": frame["time:timestamp"] + pd.Timedelta(days=30 * k),
            }
        )
        for k in range(12)
    ]
    log = procmine.read(pd.concat(months), ends="every case")
    waits = split_waits(log, log.event_attributes["org:resource"], {}, CALENDAR_TIME)
    assert {waits.causes[one] for one in waits.parts.any(axis=1).nonzero()[0]} <= {"unavailability", "unexplained"}
    assert waits.wait.sum() / 3.6e9 == pytest.approx(12 * gaps.sum() / HOUR)


def loan(shared, name):
    return procmine.read(shared / "wta_loanapp" / f"LoanApp_{name}.csv.gz")


def published(shared, name):
    """Days by cause in Kronos's table of the same log."""
    path = shared / "wta_loanapp" / f"tool_output_LoanApp_{name}_handoff.csv.gz"
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    kinds = [one for one in rows[0] if one.startswith("wt_") and one != "wt_total_seconds"]
    return {one[3:]: sum((pd.Timedelta(row[one]) for row in rows), timedelta()) / pd.Timedelta("1D") for one in kinds}


def test_few_staff_day_and_night_is_a_queue_and_nothing_else(shared):
    answer = procmine.causes(loan(shared, "fewRes_24-7_noTimers"))
    found = hours(answer)
    assert (found["contention"] + found.get("prioritisation", 0)) / sum(found.values()) > 0.999
    theirs = published(shared, "fewRes_24-7_noTimers")
    assert theirs["contention"] / theirs["total"] > 0.999  # of the moves that they count, the same
    step = hours(answer, "Approve Loan Offer")
    assert sum(step.values()) / 24 == pytest.approx(12.48, abs=0.02)  # their 871 moves to this step


@pytest.mark.parametrize("name", ["infRes_24-7_noTimers", "infRes_9-5_noTimers"])
def test_where_staff_is_endless_nobody_waits(shared, name):
    """Also with office hours: in this simulator a step begins at once, and its nights are inside the step, not before it."""
    assert hours(procmine.causes(loan(shared, name))) == {}
    assert published(shared, name)["total"] == 0


def test_few_staff_in_office_hours_with_timers(shared):
    answer = procmine.causes(loan(shared, "fewRes_9-5_timers"), tags={"Applicant completes form": "applicant"})
    found = hours(answer)
    whole = sum(found.values())
    assert (found["contention"] + found["prioritisation"]) / whole > 0.995
    assert found.get("batching", 0) / whole < 0.001  # nothing is done in batches in this world
    timer = hours(answer, "Applicant completes form")  # 231 times ten minutes by the model
    assert sum(timer.values()) == pytest.approx(231 / 6, abs=1e-3) and timer["applicant"] > 38.4
    theirs = published(shared, "fewRes_9-5_timers")
    parts = [theirs[one] for one in ("batching", "prioritization", "contention", "unavailability", "extraneous")]
    assert theirs["batching"] / theirs["total"] > 0.04 and sum(parts) / theirs["total"] > 1.04  # they add up to more
