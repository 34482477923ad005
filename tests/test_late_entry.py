"""Cases that began before the log is complete: counted from then on. Truth: a slow count by hand, and a known world."""

import numpy as np
import pandas as pd
import pytest

import procmine
from procmine.kernels.durations import Durations
from procmine.kernels.survival import Weekly, incidence, kaplan_meier
from procmine.load.spec import Spec

DAY = np.timedelta64(1, "D")


def durations(values, key=None):
    values = np.asarray(values, np.int64) * 1_000_000
    key = np.zeros(len(values), np.int64) if key is None else np.asarray(key, np.int64)
    return Durations.of(key, values, int(key.max(initial=0)) + 1)


def slowly(length, cause, entry):
    """Survival and incidence of cause 1 at each end, case by case: at risk from after its entry up to its length."""
    left, came, found = 1.0, 0.0, {}
    for time in sorted(set(length)):
        risk = sum(one < time <= other for one, other in zip(entry, length))
        ends = [sum(x == time and c == kind for x, c in zip(length, cause)) for kind in (1, 2)]
        if risk:
            came += left * ends[0] / risk
            left *= 1 - sum(ends) / risk
        found[time] = (left, came)
    return found


@pytest.mark.parametrize("seed", range(20))
def test_curves_with_late_entry_equal_a_slow_count(seed):
    draw = np.random.default_rng(seed)
    n = 40
    length = draw.integers(1, 30, n)
    entry = np.where(draw.random(n) < 0.5, 0, draw.integers(0, 30, n))
    kept = length > entry
    length, entry = length[kept], entry[kept]
    cause = draw.integers(0, 3, len(length))
    kinds = [durations(length[cause == kind]) for kind in (1, 2, 0)]
    late = durations(entry[entry > 0])
    truth = slowly(length.tolist(), cause.tolist(), entry.tolist())
    curve = incidence(*kinds, late=late)
    np.testing.assert_allclose(1 - curve.survival, [truth[int(time)][1] for time in curve.left], atol=1e-12)
    both = durations(length[cause > 0])
    np.testing.assert_allclose(
        kaplan_meier(both, kinds[2], late=late).survival, [truth[int(time)][0] for time in curve.left], atol=1e-12
    )
    weekly = Weekly.of(*kinds, late)
    np.testing.assert_allclose(weekly.shares_ended(np.ones((1, 1)))[0], 1 - curve.survival, atol=1e-12)


def world(seed, since="2024-01-01", cutoff="2025-06-30"):
    """Cases that begin evenly and take 100 days in the middle; an export of all that were open at `since`, or began later."""
    draw = np.random.default_rng(seed)
    arrival = np.datetime64("2023-01-01") + draw.integers(0, 900, 4_000) * DAY
    length = np.maximum(np.round(draw.lognormal(np.log(100), 0.8, 4_000)), 1).astype(int)
    end = arrival + length * DAY
    kept = (end > np.datetime64(since)) & (arrival <= np.datetime64(cutoff))
    rows = []
    for case in np.flatnonzero(kept):
        rows.append((f"C{case}", "Begin", str(arrival[case])))
        if end[case] <= np.datetime64(cutoff):
            rows.append((f"C{case}", "End", str(end[case])))
    frame = pd.DataFrame(rows, columns=["case_id", "activity", "timestamp"])
    return frame, int((kept & (arrival < np.datetime64(since))).sum())


def half(log):
    rows = procmine.survival(log).frame
    return float(rows.loc[np.isclose(rows["share"], 0.5), "time"].iloc[0] / DAY), int(rows["late"].iloc[0])


def test_the_middle_is_right_only_with_late_entry():
    naive, right = [], []
    for seed in range(8):
        frame, before = world(seed)
        said = {"ends": ("End",), "cutoff": "2025-06-30"}
        naive.append(half(procmine.read(frame, spec=Spec(**said)))[0])
        time, late = half(procmine.read(frame, spec=Spec(**said, complete_from="2024-01-01")))
        right.append(time)
        assert late == before
    assert np.mean(right) == pytest.approx(100, rel=0.03)
    assert np.mean(naive) > 107  # those that were over before the export begins are missing


def test_it_is_said_and_other_measures_do_the_same():
    frame, before = world(1)
    log = procmine.read(frame, spec=Spec(ends=("End",), cutoff="2025-06-30", complete_from="2024-01-01"))
    told = [message for message in procmine.survival(log).messages() if message.key == "survival.late"]
    assert told[0].values == {"n": before}
    between = procmine.time_between(log, "Begin", "End").frame
    assert int(between["late"].iloc[0]) == before
    assert float(between.loc[np.isclose(between["share"], 0.5), "time"].iloc[0] / DAY) == pytest.approx(half(log)[0])
    assert not any(
        m.key == "survival.late" for m in procmine.survival(log.between("2024-01-01", "2026-01-01")).messages()
    )
