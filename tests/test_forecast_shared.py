"""Forecasts against what came of it: the sample's pilot, and injected waits that a log of the same process does not have."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import procmine
from procmine import samples
from procmine.simulate.forecast import Effort, forecast
from procmine.simulate.instances import apart

ROOT = Path(__file__).parents[1]
EFFORT = Effort(draws=100, replications=2, cases=500, tell=lambda done, of: None)
DAY = np.timedelta64(86_400, "s")


def in_days(found, measure):
    """effect, low, high, and the policy's arm."""
    place = found.rows["measure"].tolist().index(measure)
    return [found.rows[name][place] / DAY for name in ("effect", "low", "high", "with_policy_low", "with_policy_high")]


# ---- the sample


def days_to_the_end(**world):
    """Of every family of the generator, followed to its end; by office and whether it is contested."""
    rows = samples.child_support(seed=7, uncensored=True, **world).frame.groupby("case_id")
    cases = rows.agg({"office": "first", "contested": "first", "time": ["min", "max"]})
    cases.columns = ["office", "contested", "begin", "end"]
    cases["days"] = (cases["end"] - cases["begin"]) / pd.Timedelta(days=1)
    return cases


@pytest.fixture(scope="module")
def before_the_pilot():
    log = procmine.read(ROOT / "event_logs" / "child_support.yaml")
    return procmine.fit(log.where({"office": "North", "contested": "no"}), asof="2025-10-05")


def test_the_pilot_office_is_foretold(before_the_pilot):
    """Consent petitions of North: what orders on paper do to the same families (generator's truth), and what the pilot's
    own families took from the day of the change on. The forecast knows nothing of either."""
    paper = procmine.Policy("on paper").set_delay("Court order issued", days=1)
    found = forecast(before_the_pilot, paper, seed=1, warm=False, horizon=30, effort=EFFORT)
    assert set(found.rows["answer"]) == {"estimate"}
    horizon = before_the_pilot.horizon / 86_400e6
    worlds = (days_to_the_end(policy_in=()), days_to_the_end(policy_from=samples.FIRST_DAY))
    nowhere, everywhere = (
        one[(one["office"] == "North") & (one["contested"] == "no")]["days"].clip(upper=horizon) for one in worlds
    )
    happened = days_to_the_end()
    pilot = happened[(happened["office"] == "North") & (happened["contested"] == "no")]
    pilot = pilot[pilot["begin"] >= pd.Timestamp(samples.CHANGE)]["days"].clip(upper=horizon)
    for measure, of in (("mean", pd.Series.mean), ("half", pd.Series.median)):
        _, low, high, least, most = in_days(found, measure)
        truth = of(everywhere) - of(nowhere)
        assert truth < -40
        assert low <= truth <= high
        error = 1.25 * pilot.std() / np.sqrt(len(pilot))  # the pilot's families are a sample themselves
        assert least - 1.645 * error <= of(pilot) <= most + 1.645 * error


# ---- injected waits

COLUMNS = procmine.Columns(
    case="case_id", activity="activity", timestamp="end_time", start="start_time", resource="resource"
)


def read(path):
    frame = pd.read_csv(path)
    for name in ("start_time", "end_time"):
        frame[name] = pd.to_datetime(frame[name], format="ISO8601", utc=True)
    frame["activity"] = frame["activity"].str.split().str.join(" ")
    return frame.sort_values(["case_id", "start_time"], kind="stable")


def office_hours(moment):
    """Hours worked up to then by an office that is open Monday to Friday, 9 to 17."""
    day = (moment - pd.Timestamp("2023-01-02", tz="UTC")) / pd.Timedelta(days=1)
    whole = np.floor(day)
    inside = np.clip(24 * (day - whole) - 9, 0, 8)
    week, weekday = np.divmod(whole, 7)
    return 40 * week + 8 * np.minimum(weekday, 5) + np.where(weekday < 5, inside, 0)


def waits(frame):
    """Per event that follows another one: hours in the office since all before it was done."""
    done = frame["end_time"].dt.tz_convert("UTC").astype("int64")
    before = done.groupby(frame["case_id"]).transform(lambda one: one.cummax().shift())
    known = before.notna()
    ended = pd.to_datetime(before[known], unit=frame["end_time"].dt.unit, utc=True)
    took = office_hours(frame.loc[known, "start_time"]) - office_hours(ended)
    return pd.DataFrame({"activity": frame.loc[known, "activity"], "wait": np.maximum(took, 0)})


def hours(frame):
    case = frame.groupby("case_id")
    return (case["end_time"].max() - case["start_time"].min()) / pd.Timedelta(hours=1)


def test_the_file_called_after_holds_the_same_waits(shared):
    """`_5_timers_after` is no intervention that took the waits out: it is the log of another tool's model of `_5_timers`,
    waits included. The log without any (`_0`) is what an intervention must be held against."""
    folder = shared / "timers_groundtruth"
    names = ("", "_5_timers", "_5_timers_after")
    none, five, after = (read(folder / f"Procure_to_Pay{name}.csv.gz") for name in names)
    injected = five.groupby("activity")["extraneous_delay"].mean()
    half = [waits(one).groupby("activity")["wait"].median() for one in (none, five, after)]
    for step in ("Pay invoice", "Send invoice", "Confirm Purchase Order"):
        assert injected[step] > 1_500
        assert half[2][step] == pytest.approx(half[1][step], rel=0.1)
        assert half[0][step] < 0.4 * half[1][step]


def test_waits_taken_out_are_foretold(shared):
    """Procure-to-Pay with 5 injected waits; each made shorter by what was injected, on the office's clock. Held against the
    log of the same process without any, whose seed is another one. Its people are busy, so cases wait for each other: what
    that does is bounded, not told as one figure; of one history of the line, the least and the most hold the difference."""
    folder = shared / "timers_groundtruth"
    path = folder / "Procure_to_Pay_5_timers.csv.gz"
    frame, none = read(path), read(folder / "Procure_to_Pay.csv.gz")
    log = procmine.read(path, columns=COLUMNS)
    model = procmine.fit(apart(log))
    injected = frame.groupby("activity")["extraneous_delay"].mean() / 3_600
    took = waits(frame).groupby("activity")["wait"].mean()
    policy = procmine.Policy("waits taken out")
    for step in injected.index[injected > 0]:
        begins = next(name for name in model.log.about.activities if name != step and name.startswith(step))
        policy = policy.scale_delay(begins, by=max(0.0, 1 - injected[step] / took[step]))
    found = forecast(model, policy, seed=1, warm=False, horizon=30, effort=EFFORT)
    effect, low, high, *_ = (24 * value for value in in_days(found, "mean"))
    change = hours(none).mean() - hours(frame).mean()
    error = np.hypot(hours(none).std(), hours(frame).std()) / np.sqrt(1_000)
    assert change < -15 and error < 2.5
    assert found.rows["answer"][0] == "bounds" and np.isnan(effect)
    assert low < change < high < 0
