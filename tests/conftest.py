"""Logs that tests share."""

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from logs import DAY, START, build

from procmine.about import About
from procmine.log import EventLog, Text

SHARED = Path(os.environ.get("PROCMINE_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared():
    """The folder of real logs; tests that need it are skipped where it is not."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared/data beside the project (set PROCMINE_SHARED_DATA)")
    return SHARED


@pytest.fixture
def six():
    """Two cases and six events, countable by eye; B2 is open (no End) with the data up to 2024-01-20."""
    rows = [("A1", "Start", "2024-01-01"), ("A1", "Check", "2024-01-03"), ("A1", "End", "2024-01-11")]
    rows += [("B2", "Start", "2024-01-01"), ("B2", "Check", "2024-01-05"), ("B2", "Check", "2024-01-06")]
    units = ["desk", "court", "court", "desk", "desk", None]
    return build(rows, cutoff="2024-01-20", ends=["End"], event_attributes={"unit": units})


@pytest.fixture(scope="session")
def office():
    """3,000 cases in 1,000 days: Start -(middle 60 d)-> Order -(middle 5 d)-> End, 1 in 10 withdrawn instead of Order.

    Cut at day 1,000; attribute office (North, South, missing), event attribute unit.
    """
    draw = np.random.default_rng(5)
    n = 3_000
    arrival = START + np.sort(draw.integers(0, 1_000, n)) * DAY
    order = arrival + (draw.lognormal(np.log(60), 0.8, n) * DAY).astype(np.int64)
    end = order + (draw.exponential(5 / np.log(2), n) * DAY).astype(np.int64)
    withdrawn = draw.random(n) < 0.1
    time = np.stack([arrival, order, end], axis=1)
    step = np.stack([np.zeros(n), np.where(withdrawn, 3, 1), np.full(n, 2)], axis=1).astype(np.uint8)
    cutoff = START + 1_001 * DAY - 1
    kept = (time <= cutoff) & (np.arange(3) < np.where(withdrawn, 2, 3)[:, None])
    offset = np.concatenate(([0], np.cumsum(kept.sum(axis=1))))
    last = step[np.arange(n), kept.sum(axis=1) - 1]
    waiting = ~np.isin(last, [2, 3])
    until = np.where(waiting, cutoff, time[np.arange(n), kept.sum(axis=1) - 1])
    places = Text(draw.integers(-1, 2, n).astype(np.int32), pa.array(["North", "South"]))
    units = Text(draw.integers(-1, 3, kept.sum()).astype(np.int32), pa.array(["court", "desk", "legal"]))
    about = About(
        activities=("Start", "Order", "End", "Withdrawn"),
        cutoff=cutoff,
        ends=("End", "Withdrawn"),
        axis="civil",
        precision="microsecond",
        begins=int(arrival.min()),
        attributes=("office",),
        event_attributes=("unit",),
        outcomes={"End": "granted", "Withdrawn": "withdrawn"},
        stages={"Decision": ("Order", "End")},
        tags={"Order": "our policy", "End": "law"},
        dormant_after=200 * DAY,
    )
    names = pa.array([f"case {k}" for k in range(n)])
    case = Text(np.arange(n, dtype=np.int32), names)
    event = {"activity": step[kept], "time": time[kept], "event_attributes": {"unit": units}}
    watched = {"arrival": arrival, "until": until, "open": waiting, "attributes": {"office": places}}
    return EventLog(about=about, offset=offset, case=case, **event, **watched)
