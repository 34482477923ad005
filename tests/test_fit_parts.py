"""What a model hands to its parts, and what it says of itself, held to made worlds."""

from dataclasses import replace

import numpy as np
import worlds_interventions as worlds

import procmine
from procmine.simulate.contention import CANNOT_TELL, Contention, clock_to
from procmine.words import Message


def test_clock_is_that_of_the_step_before():
    """Counted by hand: most who come to a step come from where clock 3 runs; who begin with it from the arrival."""
    log = worlds.made("delay", 1)
    names = log.about.activities
    clock = np.arange(len(names) + 1)
    assert clock_to(log, names.index("Paid"), clock) == names.index("Decided")
    assert clock_to(log, names.index("Received"), clock) == len(names)


def test_screen_reads_the_clocks_and_leaves_sessions_out():
    log = worlds.made("session", 3)
    model = procmine.fit(log)
    assert [one.name for one in model.meetings.meetings] == ["Decided"]
    assert model.contention.verdict("Decided") == CANNOT_TELL
    place = list(model.log.about.activities).index("Decided")
    assert np.isnan(model.contention.rows["p"][place]) and not np.isnan(Contention.of(model.log).rows["p"][place])
    office = procmine.fit(worlds.made("office hours", 3))
    place = list(office.log.about.activities).index("Decided")
    plain = Contention.of(office.log).rows
    own = Contention.of(office.log, clocks=office.clocks, clock=office.operational.clock).rows
    found = office.contention.rows
    assert found["autocorrelation"][place] == own["autocorrelation"][place] != plain["autocorrelation"][place]


def test_says_why_stays_are_left_out():
    """Slow cases come late to their steps: told as that, and not as a change."""
    model = procmine.fit(worlds.made("correlated gaps", 4))
    said = {one.key: one.values for one in model.messages()}
    assert model.frailty is not None and not model.drift.alarm
    assert "fit.since" not in said and said["fit.late"]["kept"] == model.kept.mean() < 1
    assert "Nothing queues" not in str(replace(model))
    assert all(isinstance(one, Message) and one.say() for one in model.messages())
