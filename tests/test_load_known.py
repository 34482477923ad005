"""Real logs against their published figures. Truth: ../shared/data/README.md, and pm4py where it reads the same file."""

import warnings

import numpy as np
import pm4py
import pytest

from procmine.clocks import to_wall
from procmine.kernels.flow import cases_of
from procmine.load.columns import Columns
from procmine.load.door import read

DAY = 86_400_000_000
COUNTS = {  # cases, events, activities
    "receipt_coselog/receipt.csv.gz": (1_434, 8_577, 27),
    "receipt_coselog/receipt.xes.gz": (1_434, 8_577, 27),
    "receipt_coselog/receipt.parquet": (1_434, 8_577, 27),
    "sepsis/Sepsis_4TU_original.xes.gz": (1_050, 15_214, 16),
    "bpic13/BPI_Challenge_2013_closed_problems.xes.gz": (1_487, 6_660, 7),
    "insurance/insurance.xes.gz": (1_182, 23_141, 9),
    "loanapp_agentsim/LoanApp.csv.gz": (1_000, 7_492, 12),
    "knockouts_synth/synthetic_example_enriched.csv.gz": (3_000, 22_905, 10),
    "purchasing_p2p/PurchasingExample.xes.gz": (608, 9_119, 21),
    "purchasing_p2p/PurchasingExample.csv.gz": (608, 9_119, 21),
    "dirty_bpic15/BPIC15-Distorted.csv.gz": (1_196, 29_621, 647),
    "pm4py_edge/running-example.xes": (6, 42, 8),
    "pm4py_edge/running-example.csv": (6, 42, 8),
    "pm4py_edge/running-example.parquet": (6, 42, 8),
}


def spans(log):
    """Days from each case's first end to its last."""
    return (log.time[log.offset[1:] - 1] - log.time[log.offset[:-1]]) / DAY


def names(log):
    return np.array(log.about.activities, object)[log.activity].tolist()


@pytest.mark.parametrize("file", COUNTS)
def test_counts_are_those_published(shared, file):
    log = read(shared / file)
    assert (len(log), len(log.time), len(log.about.activities)) == COUNTS[file]


def test_road_fines(shared):
    log = read(shared / "rtfm" / "traffic_fines_full.csv.gz")
    assert (len(log), len(log.time), len(log.about.activities)) == (150_370, 561_470, 11)
    assert (log.about.axis, log.about.precision) == ("civil", "day")
    assert spans(log).mean() == pytest.approx(341.7, abs=0.05)
    assert np.median(spans(log)) == 198
    insert, add = (log.about.activities.index(name) for name in ("Insert Fine Notification", "Add penalty"))
    same = np.diff(cases_of(log.offset)) == 0
    follows = same & (log.activity[:-1] == insert) & (log.activity[1:] == add)
    assert follows.sum() == 72_334
    assert set(np.diff(log.time)[follows].tolist()) == {60 * DAY}
    send = log.about.activities.index("Send for Credit Collection")
    gap = np.diff(log.time)[same & (log.activity[:-1] == add) & (log.activity[1:] == send)]
    assert (len(gap), np.median(gap) / DAY) == (57_182, 488)


def test_receipt_is_the_same_log_in_three_formats(shared):
    table, xes, typed = (
        read(shared / "receipt_coselog" / f"receipt.{kind}") for kind in ("csv.gz", "xes.gz", "parquet")
    )
    for one in (table, xes, typed):
        assert np.mean(spans(one)) == pytest.approx(5.41, abs=0.005)
        assert np.median(spans(one)) == pytest.approx(0.03, abs=0.005)
    assert np.array_equal(table.time, xes.time)
    assert np.array_equal(
        to_wall(xes.time, "Europe/Amsterdam"), typed.time
    )  # the Parquet file holds the wall clock only
    assert names(table) == names(xes) == names(typed)
    assert table.case.values().tolist() == xes.case.values().tolist() == typed.case.values().tolist()
    assert set(table.about.attributes) == set(xes.about.attributes) == set(typed.about.attributes)
    for name in ("channel", "department", "group", "responsible"):
        values = [one.attributes[name].values().tolist() for one in (table, xes, typed)]
        assert values[0] == values[1] == values[2]


@pytest.mark.parametrize("file", ["sepsis/Sepsis_4TU_original.xes.gz", "bpic20/PrepaidTravelCost.xes.gz"])
def test_events_equal_those_that_pm4py_reads(shared, file):
    log = read(shared / file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = pm4py.read_xes(str(shared / file), variant="line_by_line")
    theirs = theirs.sort_values(["case:concept:name", "time:timestamp"], kind="stable")
    ours = log.events.sort_values(["case", "time"], kind="stable")
    assert ours["case"].tolist() == theirs["case:concept:name"].tolist()
    assert ours["activity"].tolist() == theirs["concept:name"].tolist()
    stamps = theirs["time:timestamp"].dt.tz_localize(None).astype("datetime64[us]").tolist()
    assert ours["time"].astype("datetime64[us]").tolist() == stamps


def test_starts_pair_with_their_completions_as_the_table_of_the_same_log_says(shared):
    rows = read(shared / "purchasing_p2p" / "PurchasingExample.xes.gz")
    table = read(shared / "purchasing_p2p" / "PurchasingExample.csv.gz")
    assert sorted(zip(rows.start, rows.time, names(rows))) == sorted(zip(table.start, table.time, names(table)))


def test_the_hundred_fines_with_midnights_in_local_time_are_dates(shared):
    log = read(shared / "rtfm" / "roadtraffic100traces.xes.gz")
    assert (log.about.axis, log.about.precision) == ("civil", "day")
    assert not np.any(log.time % DAY)


def test_years_before_1972_and_a_finishing_step_after_waits_of_years(shared):
    log = read(shared / "insurance" / "insurance.xes.gz")
    assert str(np.int64(log.about.begins).astype("M8[us]"))[:10] == "1971-01-01"
    closed = read(shared / "bpic13" / "BPI_Challenge_2013_closed_problems.xes.gz")
    assert closed.about.ends == ("Completed-Closed",)


def test_american_dates_with_am_and_pm_are_read_when_the_columns_are_named(shared):
    columns = Columns(case="Unique Key", activity="Complaint Type", timestamp="Created Date", attributes=("Borough",))
    log = read(shared / "nyc311_small" / "311_brooklyn_2016.csv", columns=columns)
    first = log.time[log.case.values().tolist().index("33648024")]
    assert str(np.int64(first).astype("M8[us]")) == "2016-06-20T22:04:21.000000"


def test_a_date_in_2219_does_not_set_the_cutoff(shared):
    columns = Columns(
        case="case_participant_id", activity="charge_disposition", timestamp="disposition_date", attributes=()
    )
    log = read(shared / "cook_county_sao" / "dispositions.csv.gz", columns=columns)
    assert int(str(np.int64(log.about.cutoff).astype("M8[us]"))[:4]) < 2030
