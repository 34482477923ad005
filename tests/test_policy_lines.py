"""Policies where cases seem to wait for each other: no single figures, and ranges as far as one history of a line allows."""

import numpy as np
import pytest
import worlds_interventions as worlds
from test_queues_found import DELAYS, external, log_of, queue

import procmine
from procmine import Policy
from procmine.kernels.edits import CAP, SET
from procmine.simulate.forecast.draws import Drawn
from procmine.simulate.plan import plan
from procmine.simulate.policies.lines import AGAIN, MOST, _again, lines

DAY = 86_400_000_000


@pytest.fixture(scope="module")
def desk():
    """One who serves in turn, at a load of .8; nobody's name is in the log."""
    entry, end, _ = queue(1, 300, 1, 0.8, 6.0)
    return procmine.fit(log_of(entry, end))


@pytest.fixture(scope="module")
def apart():
    return procmine.fit(log_of(*external(1, 300, 2.0, DELAYS["72 days"])[:2]))


@pytest.fixture(scope="module")
def first():
    """The complex go first, and the log shows it in their waits."""
    return procmine.fit(worlds.made("priority", 4_005), by=("kind",))


def test_lines_are_seen_where_they_are_and_nowhere_else(desk, apart):
    assert lines(desk) == (1,) and lines(apart) == ()
    for name in ("delay", "office hours", "session", "session with seats"):
        assert lines(procmine.fit(worlds.made(name, 4_001))) == (), name  # who comes from a session comes with others
    queues = [lines(procmine.fit(worlds.made("queue", seed))) for seed in range(4_000, 4_004)]
    assert queues == [(worlds.CODE["Decided"],)] * 4


@pytest.mark.parametrize("change", [lambda p: p.set_delay("Decided", days=1), lambda p: p.scale_delay("Decided", by=0.5),
                                    lambda p: p.cap_delay("Decided", days=2)])  # fmt: skip
def test_times_in_a_line_have_no_single_figure(desk, apart, change):
    planned = plan(desk, change(Policy("x")))
    assert planned.point is None and planned.low and planned.high and not planned.standing[0].known
    assert _told(planned.low) == _told(planned.high) and min(planned.low.history) > 1
    assert "wait for each other" in " ".join(one.say() for one in planned.said)
    known = plan(apart, change(Policy("x")))
    assert known.point and known.point.history == (1.0, 1.0)


def _told(world):
    return [(one.kind, one.step, one.factor, one.table is None or one.table.tolist()) for one in world.changes.edits]


def test_who_leaves_a_line_lets_the_others_go(desk, apart):
    policy = Policy("x").close_after(days=9)
    planned = plan(desk, policy)
    assert planned.point is None and not planned.low.changes.edits
    assert {(one.kind, one.step) for one in planned.high.changes.edits} == {(CAP, 1)}
    assert planned.high.changes.deadlines and planned.low.changes.deadlines
    assert plan(apart, policy).point


def test_people_who_are_played_have_their_line():
    """With names in the log, what one more person does is played, and a step that only takes longer is still in a line."""
    model = procmine.fit(log_of(*queue(3, 800, 3, 0.8, 6.0)))
    assert lines(model) == (1,)
    more = plan(model, Policy("x").staff("Decided", add=1))
    assert more.point and more.point.history == (1.0, 1.0)
    assert plan(model, Policy("x").scale_delay("Decided", by=0.5)).point is None


def test_other_kinds_of_cases_in_a_line_wait_as_they_do_or_all_alike(first):
    planned = plan(first, Policy("x").case_mix("kind", {"simple": 0.85, "complex": 0.15}))
    assert planned.point is None and not planned.low.changes.edits
    (edit,) = planned.high.changes.edits
    assert edit.kind == SET and edit.step == worlds.CODE["Decided"]
    log = first.log
    before = np.r_[0, log.time[:-1]]
    took = (log.time - before)[log.activity == worlds.CODE["Decided"]]
    assert edit.table.mean() == pytest.approx(took.mean(), rel=0.25)  # open stays only make it longer
    assert plan(first, Policy("y").cap_delay("Reviewed", days=10)).point  # what is upstream of the line


def test_weeks_that_hang_together_tell_less():
    draw = np.random.default_rng(1)
    assert _again(0.1 * draw.standard_normal(200)) == AGAIN
    assert _again(np.cumsum(draw.standard_normal(40))) == MOST


def test_ranges_reach_as_far_as_lines_may_be_longer_or_shorter():
    values = np.zeros((201, 3, 2))
    values[:, :2] = 50 + np.linspace(-1, 1, 201)[:, None, None]
    values[:, 2] = np.array([-20.0, -1.5]) + np.linspace(-1, 1, 201)[:, None]
    plain, far = Drawn({"times": values}, {}, 100), Drawn({"times": values}, {}, 100, (4.0, 2.0))
    (low, high), (lower, higher) = plain.ends("times"), far.ends("times")
    assert lower[:2] == pytest.approx(low[:2]) and higher[:2] == pytest.approx(high[:2])  # the log's own years
    assert lower[2] - [-20, -1.5] == pytest.approx(4 * (low[2] - [-20, -1.5]))  # a longer line: more to gain
    assert higher[2, 0] + 20 == pytest.approx(2 * (high[2, 0] + 20))
    assert high[2, 1] < 0 and higher[2, 1] == 0  # a shorter line turns nothing round
    most = Drawn({"times": values}, {}, 100, (100.0, 2.0)).ends("times")[0]
    assert most[2].min() >= -51.5  # nobody saves more than the whole time
    share = {"within": np.clip(values - 49.5, 0, 1)}
    for end, same in zip(Drawn(share, {}, 100, (9.0, 9.0)).ends("within"), Drawn(share, {}, 100).ends("within")):
        assert end == pytest.approx(same)


def test_sessions_as_full_as_any_leave_between_what_lies_the_gain():
    policy = Policy("x").session("Decided", every="week", on=("wednesday",))
    full = plan(procmine.fit(worlds.made("session with seats", 3_001)), policy)
    assert full.point is None and not full.standing[0].known
    assert full.low.changes.edits[0].ready is None and full.high.changes.edits[0].ready == 0.0
    assert "28 seats" in full.standing[0].reason.say()
    assert plan(procmine.fit(worlds.made("session", 3_001)), policy).point


def test_twice_as_often_saves_half_a_gap():
    """Boards sit every fortnight; truth (worlds.truth, and half of 7 days): 3.5 days less."""
    from procmine.simulate.forecast import Effort, forecast

    policy = Policy("x").session("Decided", every="week", on=("wednesday",))
    model = procmine.fit(worlds.made("session", 3_000))
    found = forecast(model, policy, seed=1, horizon=7, warm=False, effort=Effort(2, 2, 100, tell=lambda *_: None))
    effect = dict(zip(found.rows["measure"], found.rows["effect"] / np.timedelta64(86_400, "s")))
    assert effect["mean"] == pytest.approx(-3.5, abs=0.55)
