"""One's own measures, against what the other measures say and counts by hand."""

import numpy as np
import pytest
from logs import build
from service_worlds import log_of

import procmine
from procmine.find.service.measures import Measure
from procmine.settings import SettingsError

PART = Measure("to the order", "Start", "Order")


def test_it_is_time_between_where_dates_are_whole(office):
    """Exact to the day here, to the microsecond there: a day's difference at most."""
    mine = procmine.measure(office, PART).rows
    known = procmine.time_between(office, "Start", "Order").frame.set_index("share")
    day = np.timedelta64(1, "D")
    for name, share in (("p50", 0.5), ("p80", 0.8)):
        row = known.iloc[(known.index.to_numpy() - share).__abs__().argmin()]
        assert abs(mine[name][0] - row["time"] / day) <= 1
        assert abs(mine[f"{name}_low"][0] - row["low"] / day) <= 1
        assert abs(mine[f"{name}_high"][0] - row["high"] / day) <= 1
    assert [mine[name][0] for name in ("cases", "ended", "otherwise", "open")] == [
        *(row[name] for name in ("cases", "ended", "otherwise", "open"))
    ]


def test_shares_by_hand():
    days = np.array([[k, k + length] for k, length in enumerate([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])], float)
    log = log_of(["Start", "Order"], days, cutoff=100, ends=["Order"])
    row = {
        name: column[0] for name, column in procmine.measure(log, Measure("m", "Start", "Order", target=7)).rows.items()
    }
    assert (row["p50"], row["p80"], row["share_target"], row["asked"]) == (5, 8, 0.7, 7)
    assert np.isnan(row["share_low"])  # two weeks only
    said = procmine.measure(log, Measure("m", "Start", "Order", target=7, good="higher")).sentences()
    assert "longer is better" in said[1] and "70% within 7 days" in said[1]
    none = procmine.measure(log, Measure("m", "Start", "Order", target=0.5)).rows
    assert none["share_target"][0] == 0


def test_open_cases_count_as_waiting():
    rows = [(f"c{k}", "Start", "2024-01-01") for k in range(4)]
    rows += [("c0", "Order", "2024-01-05"), ("c1", "Order", "2024-01-11")]
    log = build(rows, cutoff="2024-03-01", ends=["Order"])
    row = procmine.measure(log, PART).rows
    assert row["p50"][0] == 10 and np.isnan(row["p80"][0])  # two of four, in 10 days; 8 in 10 not yet
    assert row["open"][0] == 2


def test_hours():
    rows = [("a", "Start", "2024-01-01T08:00"), ("a", "Order", "2024-01-01T14:30")]
    log = build(rows, cutoff="2024-01-09", ends=["Order"])
    row = procmine.measure(log, Measure("m", "Start", "Order", unit="hours", target=7)).rows
    assert (row["p50"][0], row["share_target"][0]) == (6.5, 1)


def test_a_file_groups_and_periods(office, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "measures: [{name: to the order, from: Start, to: Order, good: lower, target: 60}]", encoding="utf-8"
    )
    answer = procmine.measure(office, path, by=["office"], period="year")
    assert answer.groups == ("office", "year") and len(answer) == 9
    assert answer.rows["cases"].sum() == len(office)
    alone = procmine.measure(office.where({"office": "North"}).between("2022-01-01", "2023-01-01"), path)
    here = (answer.rows["office"] == "North") & (answer.rows["year"] == "2022")
    assert (
        answer.rows["p50"][here] == alone.rows["p50"]
        and answer.rows["share_target"][here] == alone.rows["share_target"]
    )
    assert answer.image().startswith("<img")
    path.write_text("measures: [{name: x, from: Start, to: Order, good: shorter}]", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"measures\.0\.good"):
        procmine.measure(office, path)
    with pytest.raises(ValueError, match='"lower" or "higher"'):
        Measure("m", "Start", "Order", good="shorter")
