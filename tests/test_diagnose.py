"""What a model rests on, against counts by hand."""

from pathlib import Path

import numpy as np
import pytest
from test_simulate import serial

import procmine
from procmine.draw.picture import png

SAMPLE = Path(__file__).parents[1] / "event_logs" / "child_support.yaml"


def test_stays_are_those_counted_by_hand():
    """60 cases of four steps, all finished: 60 stays before and at each step, none still there but none after the last."""
    gaps = np.random.default_rng(3).uniform(1, 20, (60, 3))
    found = procmine.fit(serial(gaps)).diagnose()
    stays = dict(zip(found.rows["step"], found.rows["stays"]))
    assert (stays["In"], stays["Checked"], stays["Granted"], stays["Paid"]) == (60, 60, 60, 60)
    assert not found.rows["still_there"].any() and not found.rows["thin"].any()
    longest = dict(zip(found.rows["step"], found.rows["longest"]))
    assert longest["In"] / np.timedelta64(1, "D") == pytest.approx(gaps[:, 0].max(), abs=1e-4)
    assert "cannot tell what more staff" in found.sentences()[0]
    assert any("when work on them began" in line for line in found.sentences())


def test_weeks_hold_every_case_of_whole_weeks_and_pictures_are_drawn():
    model = procmine.fit(procmine.read(SAMPLE))
    found = model.diagnose()
    weeks = found.arrivals.rows
    known = np.isfinite(weeks["came"])
    first, last = weeks["week"][known][[0, -1]]
    inside = model.log.arrival.astype("M8[us]")
    assert weeks["came"][known].sum() == ((inside >= first) & (inside < last + np.timedelta64(7, "D"))).sum()
    assert (weeks["fewest"] <= weeks["greatest"]).all() and (~known).sum() == 13
    pace = found.hours.rows["pace"].reshape(7, -1)
    assert pace[:5, 9:16].min() > 20 * pace[5:].max()  # the generator's office: weekdays, 8 to 17
    for one in (found, found.hours, found.arrivals):
        assert len(png(one.plot().figure, dpi=40)) > 1_000
