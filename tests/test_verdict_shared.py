"""Verdicts on real and published logs: what can honestly be said, and no more."""

import numpy as np
import pytest
from test_map_difference import SINCE, spread_out

import procmine

HOUR = 3_600


@pytest.mark.parametrize("name", ["DomesticDeclarations", "PrepaidTravelCost", "RequestForPayment"])
def test_travel_2017_to_2018_claims_nothing(shared, name):
    """2017 was the pilot of two departments: no year before it to compare with, and a date that we picked."""
    log = procmine.read(shared / "bpic20" / f"{name}.xes.gz")
    found = procmine.compare(log, change="2018-01-01")
    assert found.verdict.kind in ("too_few", "no_evidence", "slower_unclear")
    finished = procmine.compare(
        procmine.read(shared / "bpic20" / f"{name}.xes.gz", ends=procmine.EVERY_CASE), change="2018-01-01"
    )
    assert finished.verdict.kind == "cannot_judge"  # its open cases were filtered out by others
    states = {one.name: one.state for one in found.verdict.findings}
    assert states["season"] == "fails" and states["date"] == "unsure"
    assert found.said.may_not.say().startswith("“It did not work”")
    # cases by hand, watched equally long: those of both periods, and the mean that the rows tell
    cases, watched = log.cases, np.timedelta64(int(found.arguments["horizon"]), "D")
    wait = np.minimum(cases["until"] - cases["arrival"], watched)
    since = (cases["arrival"] >= "2018-01-01") & (cases["arrival"].dt.tz_localize(None) < found.rows["end"][1])
    assert since.sum() == found.rows["cases"][1]
    assert wait[since].mean() / np.timedelta64(1, "D") == pytest.approx(
        found.rows["mean"][1] / np.timedelta64(1, "D"), rel=0.02
    )


@pytest.mark.parametrize(
    ("name", "timers", "taken_away", "kind"),
    [
        (
            "Loan_Application",
            "1_timer",
            False,
            "too_few",
        ),  # the log with the timer is the quicker one: contention is all
        ("Loan_Application", "3_timers", False, "too_few"),
        ("Procure_to_Pay", "3_timers", False, "worse"),
        ("Procure_to_Pay", "5_timers", False, "worse"),
        ("Procure_to_Pay", "5_timers", True, "faster_unclear"),  # a year of history only: the time of year may be it
    ],
)
def test_injected_timers(shared, tmp_path, name, timers, taken_away, kind):
    log, _ = spread_out(shared, name, timers, tmp_path / "log.csv", taken_away=taken_away)
    record = procmine.Change(SINCE, recorded="2025-01-01", horizon=7)
    found = procmine.compare(log, change=record)
    assert found.verdict.kind == kind
    cases = log.cases
    hours = np.minimum((cases["until"] - cases["arrival"]).dt.total_seconds(), 7 * 24 * HOUR)
    since = cases["arrival"] >= SINCE
    true = hours[since].mean() - hours[~since].mean()  # of all cases, also of the week that cannot be compared
    figures = found.verdict.figures
    assert figures["low"] <= true <= figures["high"]
    assert abs(figures["difference"] - true) < 2 * HOUR
