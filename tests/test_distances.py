"""Distances between logs: by hand, against another implementation (stored numbers), and activities with starts."""

import csv
import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from conftest import SHARED
from scipy.stats import wasserstein_distance

import procmine
from procmine.kernels.distances import HOUR, Instances, apart, distances
from procmine.simulate import instances as pairs

REFERENCE = json.loads((Path(__file__).parent / "data" / "distances.json").read_text())["distances"]
MICRO = ("case_id", "Activity", "start_time", "end_time")
LOAN = ("case_id", "activity_name", "start_timestamp", "end_timestamp")
BPI = ("case_id", "activity", "start_time", "end_time")
SPLITS = {
    "logdist_micro": (MICRO, "logdist_micro/LoanApp_delays.csv", "logdist_micro/LoanApp_no_delays.csv"),
    "bpic12w": (BPI, "bpic12w/BPIC_2012_W_test.csv.gz", "bpic12w/BPIC_2012_W_train.csv.gz"),
    **{
        f"loanapp_agentsim/{k}": (
            LOAN,
            "loanapp_agentsim/test_preprocessed.csv",
            f"loanapp_agentsim/simulated_log_{k}.csv",
        )
        for k in range(10)
    },
}
MONDAY = 4 * 24  # hours from 1970-01-01, a Thursday


def hours(*rows):
    """Instances from (case, activity, start, end), in hours since Monday 1970-01-05, 0:00."""
    case, activity, start, end = np.array(rows).T
    return Instances(
        case.astype(np.int64),
        activity.astype(np.int64),
        ((start + MONDAY) * HOUR).astype(np.int64),
        ((end + MONDAY) * HOUR).astype(np.int64),
    )


def micros(text):
    moment = datetime.fromisoformat(text[:26]) if "." in text else datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC)
    return round((moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1e6)


def from_file(path, names, codes):
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rows = list(csv.DictReader(text.decode().splitlines()))
    case, activity, start, end = ([one[name] for one in rows] for name in names)
    number = [codes.setdefault(one, len(codes)) for one in activity]
    return Instances(
        np.unique(case, return_inverse=True)[1], np.array(number), *(np.array([*map(micros, m)]) for m in (start, end))
    )


@pytest.mark.parametrize("name", SPLITS)
def test_distances_are_those_of_log_distance_measures(name):
    names, one, two = SPLITS[name]
    paths = [SHARED / one, SHARED / two]
    if not all(path.is_file() for path in paths):
        pytest.skip(f"no shared data at {SHARED}")
    codes = {}
    found = distances(*(from_file(path, names, codes) for path in paths))
    assert found == pytest.approx(REFERENCE[name], abs=1e-9)


def test_distances_by_hand():
    real = hours((0, 0, 9.5, 10.2), (0, 1, 11, 12.5), (1, 0, 10, 10))
    other = hours((0, 0, 9.5, 10.2), (0, 1, 13, 16.5), (1, 2, 10, 10))
    found = distances(real, other)
    # grams of "01" and "0": --0 -01 01- 1-- and --0 -0- 0--; of "2" none is the same: 3 of 7 on each side differ
    assert found["ngd"] == pytest.approx(6 / 14)
    # the hours 9 10 10 10 11 12 against 9 10 10 10 13 16: (2 + 4) / 6; all are on Monday, one weekday of seven
    assert found["aed"] == pytest.approx(1)
    assert found["ced"] == pytest.approx(1 / 7)
    assert found["car"] == 0
    # since the start: 0 0 1.5 3 | 0 0 against 0 0 3.5 7 | 0 0, in whole hours
    assert found["red"] == pytest.approx((2 + 4) / 6)
    # 3 and 0 hours against 7 and 0
    assert found["ctd"] == pytest.approx(2)


def test_a_weekday_that_only_one_log_has_counts_23_hours():
    found = distances(hours((0, 0, 9, 9)), hours((0, 0, 9 + 24, 9 + 24)))
    assert found["ced"] == pytest.approx(2 * 23 / 7)
    assert found["aed"] == found["car"] == 24


def test_hours_are_whole_ones_of_the_clock_and_cycle_times_count_from_the_shortest():
    # 9:59 and 10:01 lie in two hours; cycle times of 0.5 and 1.4 hours lie 0.9 apart: the same bin above the shortest
    assert distances(hours((0, 0, 9.98, 9.98)), hours((0, 0, 10.02, 10.02)))["aed"] == 1
    assert distances(hours((0, 0, 9, 9.5)), hours((0, 0, 9, 10.4)))["ctd"] == 0
    assert distances(hours((0, 0, 9, 9.5)), hours((0, 0, 9, 10.6)))["ctd"] == 1


def test_cases_that_no_n_gram_crosses():
    # one case of two steps is not two cases of one
    assert distances(hours((0, 0, 1, 1), (0, 1, 2, 2)), hours((0, 0, 1, 1), (1, 1, 2, 2)))["ngd"] > 0
    assert distances(hours((0, 0, 1, 1), (1, 1, 2, 2)), hours((0, 1, 1, 1), (1, 0, 2, 2)))["ngd"] == 0


def test_apart_is_scipys_distance():
    random = np.random.default_rng(1)
    for size in (1, 5, 200):
        one, two = random.integers(-50, 50, size), random.integers(-20, 90, 7)
        assert apart(one, two) == pytest.approx(wasserstein_distance(one, two))
    assert np.isnan(apart(one, two[:0]))


def test_cases_taken_twice_are_two_cases():
    log = hours((0, 0, 1, 2), (1, 1, 5, 6), (0, 2, 3, 4))
    twice = log.taken(np.array([0, 0, 1]))
    assert np.bincount(twice.case).tolist() == [2, 2, 1]
    assert distances(twice, log.taken(np.array([1, 0, 0]))) == dict.fromkeys(
        ("ngd", "aed", "car", "ced", "red", "ctd"), 0
    )


@pytest.fixture
def overlapping():
    import pandas as pd

    rows = [
        ("a", "Check", "2024-03-04 09:00", "2024-03-04 10:00"),
        ("a", "Visit", "2024-03-04 10:00", "2024-03-04 12:00"),
        ("a", "Call", "2024-03-04 11:00", "2024-03-04 11:30"),
        ("a", "Letter", "2024-03-04 12:00", "2024-03-04 12:00"),
        ("b", "Check", "2024-03-05 09:00", "2024-03-05 11:00"),
        ("b", "Check", "2024-03-05 09:30", "2024-03-05 11:30"),
        ("b", "Letter", "2024-03-05 14:00", "2024-03-05 14:00"),
    ]
    frame = pd.DataFrame(rows, columns=["case", "activity", "start_timestamp", "timestamp"])
    return procmine.read(frame, ends="every case")


def test_activities_apart_are_beginnings_and_ends_in_order(overlapping):
    two = pairs.apart(overlapping)
    names = np.array(two.about.activities)[two.activity]
    first = ["Check begins", "Check", "Visit begins", "Call begins", "Call", "Visit", "Letter"]
    assert names[: two.offset[1]].tolist() == first
    assert names[two.offset[1] :].tolist() == ["Check begins", "Check begins", "Check", "Check", "Letter"]
    assert np.all(np.diff(two.time[: two.offset[1]]) >= 0)
    assert two.arrival.tolist() == [two.time[0], two.time[two.offset[1]]]


def test_activities_apart_come_together_again(overlapping):
    assert len(pairs.lasting(overlapping)) == 3
    again = pairs.joined(pairs.apart(overlapping), overlapping)
    assert again.about.activities == overlapping.about.activities
    for name in ("activity", "time", "start", "offset"):
        assert np.array_equal(getattr(again, name), getattr(overlapping, name)), name


def test_a_log_without_lengths_stays_as_it_is(overlapping):
    from dataclasses import replace

    bare = replace(overlapping, start=None)
    assert pairs.apart(bare) is bare
    codes = pairs.numbered(bare)
    found = pairs.instances(bare, codes)
    assert np.array_equal(found.start, found.end)
