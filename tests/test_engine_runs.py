"""Whole runs of the engine: the same on one thread and two, in fresh processes, without numba; open cases; stopping."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from logs import DAY
from test_simulate import world

import procmine
from procmine.kernels import jit_paths
from procmine.kernels.edits import INSERT, SET, Changes, Deadline, Edit
from procmine.simulate.engine import CHUNK, Engine
from procmine.simulate.plan import nothing
from procmine.simulate.warm import arriving, joined, new_cases, still_open

ROOT = Path(__file__).parents[1]
LINES = """
import hashlib, sys
sys.path.insert(0, "tests")
if "without" in sys.argv:
    sys.modules["numba"] = None
from test_engine_runs import fast, model_of, run_of
from procmine.kernels import jit_paths
model = model_of()
arms = run_of(model, fast(model), cases=300)
print(jit_paths.COMPILED, *(hashlib.sha256(getattr(arm, name).tobytes()).hexdigest() for arm in arms
      for name in ("ended", "last", "cost", "spent")))
print(jit_paths.COMPILED or any("numba" in line.say() for line in model.messages()))
"""


def model_of():
    return procmine.fit(world(1, 300, 500), by=("contested",))


@pytest.fixture(scope="module")
def model():
    return model_of()


def fast(model):
    """Granted after a day where not contested; a new step after each check; closed after 200 days."""
    applies = model.log.attributes["contested"].codes == 0
    edits = [Edit(SET, 2, table=np.array([float(DAY)])), Edit(INSERT, 1, new=6, table=np.array([0.0, 5.0 * DAY]))]
    leaving = np.arange(model.visits.steps + 1) == 4
    changes = Changes(applies, leaving, edits=edits, deadlines=[Deadline(200 * DAY, 7)])
    price = np.array([5.0, 0.1, 0.0, 0.0, 0.0, 0.0, 12.3, 0.0])
    return replace(nothing(model), changes=changes, steps=("Look", "Closed"), price=price, price_day=0.7)


def run_of(model, plan, *, cases=2 * CHUNK + 100, **more):
    ones = np.ones(len(model.log))
    crowd = joined([new_cases(model, ones, cases, seed=3, draw=0), still_open(model, seed=3, draw=0)])
    return Engine.of(model, plan).run(ones, crowd, limit=crowd.known + 400 * DAY, **more)


def same(one, two):
    for name in ("ended", "last", "cost", "spent"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_one_thread_and_two(model):
    for one, two in zip(*(run_of(model, fast(model), threads=threads) for threads in (1, 2))):
        same(one, two)


def test_fresh_processes_and_no_numba(model):
    said = [
        subprocess.run(
            [sys.executable, "-c", LINES, *more], capture_output=True, text=True, check=True, cwd=ROOT
        ).stdout
        for more in ([], ["without"])
    ]
    (compiled, *one), (plain, *two) = (line.splitlines()[0].split() for line in said)
    assert (compiled, plain) == (str(jit_paths.COMPILED), "False") and one == two
    assert all(line.splitlines()[1] == "True" for line in said)


@pytest.mark.skipif(not jit_paths.COMPILED, reason="nothing is compiled here")
def test_all_is_compiled_once(model):
    before = set(jit_paths.walk.signatures)
    run_of(model, fast(model), cases=50)
    run_of(model, nothing(model), cases=50, record=True)
    assert len(set(jit_paths.walk.signatures) | before) == 1


def test_a_plan_that_changes_nothing_gives_the_same_paths(model):
    all_of_them = Changes(np.ones(len(model.log), bool), np.zeros(model.visits.steps + 1, bool))
    as_is, after = run_of(model, replace(nothing(model), changes=all_of_them))
    same(as_is, after)


def test_only_cases_of_the_policy_change(model):
    ones = np.ones(len(model.log))
    crowd = new_cases(model, ones, 900, seed=3, draw=0)
    as_is, after = Engine.of(model, fast(model)).run(ones, crowd, limit=crowd.arrival + 400 * DAY, record=True)
    contested = model.log.attributes["contested"].codes[crowd.like] == 1
    np.testing.assert_array_equal(as_is.ended[contested], after.ended[contested])
    assert (as_is.ended[~contested] != after.ended[~contested]).mean() > 0.5
    new = after.events.path[after.events.step >= 6]
    assert len(new) and not contested[new].any()
    assert (np.diff(after.events.time)[np.diff(after.events.path) == 0] >= 0).all()


def test_open_cases_stand_where_the_log_left_them(model):
    log, crowd = model.log, still_open(model, seed=1, draw=0)
    np.testing.assert_array_equal(np.sort(crowd.like), np.flatnonzero(log.open))
    np.testing.assert_array_equal(crowd.begun, log.time[log.offset[crowd.like + 1] - 1])
    assert (crowd.known == log.about.cutoff).all() and crowd.resumed.all()
    ones = np.ones(len(log))
    arm = Engine.of(model, nothing(model)).run(ones, crowd, limit=crowd.known + 900 * DAY, record=True)[0]
    assert (arm.events.time >= log.about.cutoff).all() and (arm.ended >= log.about.cutoff).all()
    last = log.activity[log.offset[crowd.like + 1] - 1]
    steps = procmine.flow(log).frame
    known = set(zip(steps["before"], steps["after"]))
    first = np.unique(arm.events.path, return_index=True)
    names = log.about.activities
    assert {(names[last[k]], names[arm.events.step[row]]) for k, row in zip(*first)} <= known


def test_new_cases_come_in_the_next_year_as_they_are_weighed(model):
    log = model.log
    weight = (log.attributes["contested"].codes == 1) * 2.0
    crowd = new_cases(model, weight, 200, seed=1, draw=4, replications=3)
    assert len(crowd.key) == 600 and len(np.unique(crowd.key)) == 600
    np.testing.assert_array_equal(np.bincount(crowd.world), [200] * 3)
    assert (log.attributes["contested"].codes[crowd.like] == 1).all()
    since = (crowd.arrival - log.about.cutoff) / DAY
    assert since.min() >= 0 and since.max() <= 366 and abs(np.corrcoef(since, crowd.like)[0, 1]) < 0.15
    begin = log.about.cutoff
    many, twice = (
        [len(arriving(model, begin, begin + 100 * DAY, seed=2, draw=draw, plan=plan).key) for draw in range(30)]
        for plan in (None, replace(nothing(model), volume=2.0))
    )
    expected = np.mean(log.arrival > begin - 365 * DAY) * len(log) * 100 / 365
    assert np.mean(many) == pytest.approx(expected, rel=0.3)
    assert np.mean(twice) == pytest.approx(2 * np.mean(many), rel=0.1)


def test_it_can_be_watched_and_stopped(model):
    done = []
    run_of(model, fast(model), cases=5 * CHUNK, progress=lambda part, whole: done.append((part, whole)))
    assert done[-1][0] == done[-1][1] and done == sorted(done) and len(done) > 4

    def stop(part, whole):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_of(model, fast(model), progress=stop)
