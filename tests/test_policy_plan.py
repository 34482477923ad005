"""A policy in numbers, against hand-made logs: what is refused, known or bounded, and what simulated cases then do."""

import math

import numpy as np
import pytest
from logs import DAY, START, build, micros
from test_queues_found import log_of, queue
from test_simulate import CODE, serial

import procmine
from procmine.kernels.edits import CAP, CLOCK, SESSION
from procmine.log import LogError
from procmine.simulate.engine import Engine
from procmine.simulate.plan import nothing, plan
from procmine.simulate.policies.seen import Seen, eligible, watched
from procmine.simulate.policies.takes import Takes
from procmine.simulate.policy import Policy
from procmine.simulate.warm import arriving, new_cases


def day(number):
    return str(np.datetime64("2024-01-01") + np.timedelta64(int(number), "D"))


def office(cases=120, **about):
    """In -> Check -> Decide -> Out; Check is left out in every third case; a quarter is urgent. Gaps 2, 10, 3 days and up."""
    rows, kind = [], {}
    for k in range(cases):
        name, at = f"{k:03}", 2 * k
        rows.append((name, "In", day(at)))
        if k % 3:
            at += 2 + k % 5
            rows.append((name, "Check", day(at)))
        at += 10 + k % 7
        rows.append((name, "Decide", day(at)))
        rows.append((name, "Out", day(at + 3 + k % 2)))
        kind[name] = "urgent" if k % 4 == 0 else "plain"
    return build(rows, cutoff=day(2 * cases + 60), ends=["Out"], attributes={"kind": kind}, **about)


@pytest.fixture(scope="module")
def model():
    return procmine.fit(office(), by=["kind"])


@pytest.fixture(scope="module")
def line():
    gaps = np.random.default_rng(0).integers(2, 40, (200, 3)).astype(float)
    return procmine.fit(serial(gaps))


def played(model, policy, cases=600):
    """Per world of the policy: as is and with it, of the same simulated cases."""
    every = np.ones(len(model.log))
    found = {}
    for name, world in plan(model, policy).plans:
        crowd = new_cases(model, every, cases, seed=5, draw=0)
        limit = np.full(cases, 2**61)
        found[name] = Engine.of(model, world).run(every, crowd, limit=limit, record=True), crowd
    return found


def gaps(arm, crowd, step):
    """Days before each time a step came, by (path, place)."""
    event = arm.events
    first = np.r_[True, event.path[1:] != event.path[:-1]]
    since = np.where(first, crowd.arrival[event.path], np.r_[0, event.time[:-1]])
    code = CODE[step] if isinstance(step, str) else step
    return ((event.time - since) / DAY)[event.step == code]


def lasted(arm, crowd):
    return (arm.ended - crowd.arrival) / DAY


# ---- what simulated cases do, in a line of four steps: truth by hand from the arm without the policy ----

TRUTH = {
    "set": (lambda p: p.set_delay("Granted", days=1), lambda gap: np.full_like(gap, 1.0)),
    "half as long": (lambda p: p.scale_delay("Granted", by=0.5), lambda gap: gap / 2),
    "at most": (lambda p: p.cap_delay("Granted", days=10), lambda gap: np.minimum(gap, 10)),
    "taken up": (lambda p: p.escalate("Granted", after=10, days=3), lambda gap: np.minimum(gap, 13)),
    "left out": (lambda p: p.skip("Granted"), lambda gap: np.zeros_like(gap)),
    "never left out": (lambda p: p.skip("Granted", chance=0), lambda gap: gap),
    "one more": (lambda p: p.insert("New", after="Granted", days=4), lambda gap: gap + 4),
}


@pytest.mark.parametrize("name", TRUTH)
def test_in_a_line_each_case_changes_by_what_was_said(line, name):
    make, truth = TRUTH[name]
    (as_is, changed), crowd = played(line, make(Policy("x")))["point"]
    gap = gaps(as_is, crowd, "Granted")
    np.testing.assert_allclose(lasted(changed, crowd), lasted(as_is, crowd) - gap + truth(gap), atol=1e-6)


def test_a_range_gives_its_own_times(line):
    for days, mean in ((Takes(least=1, usual=2, most=6), 3.0), (Takes(one_of=[1, 2, 9]), 4.0)):
        (_, changed), crowd = played(line, Policy("x").set_delay("Granted", days=days), 4_000)["point"]
        took = gaps(changed, crowd, "Granted")
        assert took.mean() == pytest.approx(mean, rel=0.04) and took.min() >= 1 - 1e-6


def test_closed_cases_end_on_their_day(line):
    (as_is, changed), crowd = played(line, Policy("x").close_after(days=50, ends_as="Shut"))["point"]
    late = lasted(as_is, crowd) > 50
    assert 0.2 < late.mean() < 0.9
    np.testing.assert_allclose(lasted(changed, crowd)[late], 50, atol=1e-6)
    np.testing.assert_array_equal(changed.ended[~late], as_is.ended[~late])
    assert set(changed.last[late]) == {len(line.log.about.activities)}  # the new end


def test_a_share_of_cases_goes_another_way(model):
    to = model.log.about.activities.index("Check")
    for chance in (0.0, 0.3, 1.0):
        policy = Policy("x").reroute(after="In", to="Check", chance=chance)
        (_, changed), _ = played(model, policy, 3_000)["point"]
        came = np.isin(np.arange(3_000), changed.events.path[changed.events.step == to])
        assert came.mean() == pytest.approx(chance, abs=0.025)


def test_two_policies_each_for_its_own_cases_and_day(model):
    plain = Policy("a").where(kind="plain").set_delay("Decide", days=1)
    both = plain + Policy("b").where(kind="urgent").set_delay("Decide", days=4) + Policy("c").cap_delay("Out", days=2)
    (_, changed), crowd = played(model, both)["point"]
    code = model.log.about.activities.index("Decide")
    event = changed.events
    kind = model.log.attributes["kind"].values()[crowd.like][event.path[event.step == code]]
    took = gaps(changed, crowd, code)
    np.testing.assert_allclose(took, np.where(kind == "plain", 1, 4), atol=1e-6)
    assert gaps(changed, crowd, model.log.about.activities.index("Out")).max() <= 2 + 1e-6
    found = plan(model, plain.starting("2025-03-01") + Policy("c").cap_delay("Out", days=2)).point.changes
    assert sorted([found.since, *(one.since for one in found.scopes)])[-1] == micros("2025-03-01")


def test_from_a_day_on_what_is_done_by_then_stays(line):
    (as_is, before), crowd = played(line, Policy("x").set_delay("Granted", days=1))["point"]
    middle = str(np.datetime64("1970-01-01") + np.timedelta64(int(np.median(crowd.arrival)) // DAY, "D"))
    (_, since), _ = played(line, Policy("x").set_delay("Granted", days=1).starting(middle))["point"]
    done = as_is.ended < micros(middle)
    assert 0.02 < done.mean() < 0.9
    np.testing.assert_array_equal(since.ended[done], as_is.ended[done])
    late = crowd.arrival >= micros(middle)
    np.testing.assert_array_equal(since.ended[late], before.ended[late])


# ---- what the log says of it ----


def test_what_it_replaces_and_whether_any_case_was_ever_that_fast(model):
    def said(policy):
        return [one.say() for one in plan(model, policy).said]

    took = Seen.of(model.log).gaps(model.log.about.activities.index("Decide"), np.ones(120, bool)) / DAY
    assert len(took) == 120 and took.min() == 10
    fast = said(Policy("x").set_delay("Decide", days=1))
    assert (
        f"Decide: today half of the 120 times it came to such cases it took {np.median(took):.0f} days or less." in fast
    )
    assert any("Decide in 1 day: never seen. Of the 120 times" in line for line in fast)
    seen = said(Policy("x").set_delay("Decide", days=12))
    assert f"Decide in 12 days or less: seen {(took <= 12).sum()} of the 120 times it happened to such cases." in seen
    ranged = said(Policy("x").set_delay("Decide", days=Takes(least=1, usual=2, most=20)))
    assert any("Decide in 1 day: never seen. None of them was faster than 10 days." in line for line in ranged)
    capped = said(Policy("x").cap_delay("Decide", days=12))
    longer = (took > 12).sum()
    assert f"Decide took longer than 12 days in {longer} of 120 times; only these change." in capped
    nobody = said(Policy("x").where(kind="urgent").skip("Check", chance=0.5))
    assert not any("never happened" in line for line in nobody)


def test_times_as_in_other_cases_count_the_open_ones():
    """Half of North's cases are watched for 10 days only. What took longer than that counts for two."""
    rows, where = [], {}
    for k in range(400):
        name, wait = f"{k:03}", 2 if k % 4 < 2 else 20
        where[name] = "North"
        rows.append((name, "In", "2024-01-01" if k % 2 else "2024-01-21"))
        end = np.datetime64(rows[-1][2]) + np.timedelta64(wait, "D")
        if end <= np.datetime64("2024-01-31"):
            rows.append((name, "Out", str(end)))
    log = build(rows, cutoff="2024-01-31", ends=["Out"], attributes={"office": where})
    seen = Seen.of(log)
    raw = seen.gaps(1, np.ones(400, bool)) / DAY
    table = seen.as_in({"office": ["North"]}, 1) / DAY
    assert (raw == 2).mean() == pytest.approx(2 / 3)  # the slow ones of the later half are still open
    assert np.mean(table == 2) == pytest.approx(0.5, abs=0.01) and set(table) == {2, 20}
    with pytest.raises(LogError, match="at least 20 are needed"):
        Seen.of(log.take(np.arange(15))).as_in({"office": ["North"]}, 1)


def test_the_chance_to_be_watched_is_kaplan_meier_of_the_watching():
    gap, still = np.array([1, 2, 2, 3, 5]), np.array([False, True, False, True, False])
    # watching ends at 2 (of the 3 left after the stay that ended then) and at 3 (of 2)
    np.testing.assert_allclose(watched(gap, still, np.array([1, 2, 3, 5])), [1, 1, 2 / 3, 1 / 3])


def test_every_event_has_its_gap_and_every_open_case_its_stay(model):
    log, seen = model.log, Seen.of(model.log)
    assert len(seen.gap) == len(log.time) + len(log)
    total = np.bincount(seen.case, seen.gap)
    np.testing.assert_array_equal(total, log.until - log.arrival)
    assert seen.share(0, log.about.activities.index("Check"), np.ones(120, bool)) == pytest.approx(2 / 3)
    assert eligible(log, {"kind": ["urgent"]}).sum() == 30


# ---- what cannot be said of this log ----


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: p.set_delay("Decied", days=1), "No step 'Decied'.*Did you mean 'Decide'"),
        (lambda p: p.skip("decide"), "No step 'decide'.*Did you mean 'Decide'"),
        (lambda p: p.insert("Decide", after="In"), "is a step of this log already"),
        (lambda p: p.insert("A1", after="A2").insert("A2", after="A1"), "No step 'A2'"),
        (lambda p: p.reroute(after="Out", to="In", chance=0.5), "never came right after"),
        (lambda p: p.side_by_side("Decide", "Check"), "'Check' never came right after 'Decide'"),
        (lambda p: p.reorder("In", before="Check"), "'In' never came right after 'Check'"),
        (lambda p: p.where(kind="slow").skip("Check"), "No case has kind = 'slow'"),
        (lambda p: p.where(colour="red").skip("Check"), "No attribute 'colour'"),
        (lambda p: p.case_mix("kind", {"slow": 0.2}), "No case has kind = 'slow'"),
        (lambda p: p.case_mix("kind", {"plain": 0.2, "urgent": 0.3}), "make them add up to 100%"),
        (lambda p: p.set_delay("Decide", days=1, leaving=["Check"]), "'Check' does not end cases"),
        (lambda p: p.staff("Clerks", add=1), "no step and no group of people"),
        (lambda p: p.where(kind="plain").volume(percent=20), "cannot be for some cases only"),
        (lambda p: p.starting("2025-01-01").staff("Check", add=1), "cannot be from a later day on"),
        (lambda p: p.skip("Check").starting("2095-01-01"), "after the last day that is looked at"),
        (lambda p: p.cost(per_step={"Chek": 3}), "No step 'Chek'"),
        (lambda p: p.set_delay("In", days=1), "cases begin with 'In'"),
        (lambda p: p.skip("In"), "cases begin with 'In'"),
        (lambda p: p.scale_delay("In", by=0.5), "cases begin with 'In'"),
        (lambda p: p.cap_delay("In", days=1), "cases begin with 'In'"),
        (lambda p: p.escalate("In", after=1, days=1), "cases begin with 'In'"),
        (lambda p: p.close_after(days=30, ends_as="Out"), "'Out' is a step of this log already"),
        (
            lambda p: p.session("Decide", every="week", on="monday", capacity=1),
            "2.8 cases a week .* Name a capacity of at least 3",
        ),
        (lambda p: p.where(kind="plain").session("Decide", every="week", on="monday", capacity=9), "for all cases"),
        (lambda p: p, "changes nothing"),
    ],
)
def test_what_this_log_does_not_know_is_refused_before_anything_runs(model, make, said):
    with pytest.raises(ValueError, match=f"(?s){said}"):
        plan(model, make(Policy("x")))


def test_a_mix_needs_a_model_that_tells_the_kinds_apart():
    with pytest.raises(LogError, match=r"fit\(log, by=\['kind'\]\)"):
        plan(procmine.fit(office()), Policy("x").case_mix("kind", {"urgent": 0.5}))


def test_a_mix_needs_enough_cases_of_what_is_to_come_more_often(model):
    log = model.log
    urgent = log.where({"kind": "urgent"})
    with pytest.raises(LogError, match="Every case of this log has kind = urgent"):
        plan(procmine.fit(urgent, by=["kind"]), Policy("x").case_mix("kind", {"urgent": 1.0}))
    kind = log.attributes["kind"]
    kept = np.sort(np.r_[np.flatnonzero(kind.among(("plain",))), np.flatnonzero(kind.among(("urgent",)))[:10]])
    few = procmine.fit(log.take(kept), by=["kind"])
    ended = int((few.log.attributes["kind"].among(("urgent",)) & ~few.log.open).sum())
    with pytest.raises(LogError, match=f"Only {ended} cases with kind = urgent have ended"):
        plan(few, Policy("x").case_mix("kind", {"urgent": 0.5}))
    with pytest.raises(LogError, match=f"Only {ended} cases with another kind have ended"):
        plan(few, Policy("x").case_mix("kind", {"plain": 0.5}))
    assert plan(few, Policy("x").case_mix("kind", {"plain": 1.0})).point, "fewer of a rare kind need no more of it"


def test_from_within_the_days_asked_for(model):
    policy = Policy("x").skip("Check").starting("2024-12-01")
    assert plan(model, policy, horizon=100).point
    with pytest.raises(ValueError, match="after the last day"):
        plan(model, policy, horizon=10)


def test_milestones_and_order_for_different_cases_cannot_be_put_together(model):
    pair = Policy("a").where(kind="plain").set_delay(("In", "Decide"), days=5)
    with pytest.raises(ValueError, match="same `where` and `from`"):
        plan(model, pair + Policy("b").where(kind="urgent").side_by_side("Check", "Decide"))
    assert plan(model, pair + Policy("b").cap_delay("Out", days=1)).point


# ---- what can be known of it ----


def test_delays_are_known_and_staff_is_bounded(model):
    known = plan(model, Policy("x").cap_delay("Decide", days=3))
    assert known.tags == ("A",) and known.point and known.low is known.high is None
    staff = plan(model, Policy("x").staff("Decide", add=2))
    assert staff.tags == ("C",) and staff.point is None and staff.low and staff.high
    assert not staff.low.changes.edits  # as little as it may do: nothing
    one = staff.standing[0]
    assert not one.known and "record when work begins and who does it" in one.resolve.say()
    told = " ".join(line.say() for line in staff.said)
    assert "No single figure for this: 2 more people did Decide." in told and "who does it" in told


def test_the_most_that_people_can_do_is_the_fastest_twentieth_of_the_same_context(line):
    """Manski's bound: per step before, min(gap, p5 of the gap there)."""
    took = np.sort(Seen.of(line.log).gaps(CODE["Granted"], np.ones(200, bool)))
    (edit,) = plan(line, Policy("x").staff("Granted", add=2)).high.changes.edits
    assert (edit.kind, edit.step, edit.after) == (CAP, CODE["Granted"], CODE["Checked"])
    assert took[9] <= edit.table[0] <= took[10] < took[19]  # 10 of 200
    (as_is, fast), crowd = played(line, Policy("x").staff("Granted", add=2))["high"]
    gap = gaps(as_is, crowd, "Granted")
    np.testing.assert_allclose(gaps(fast, crowd, "Granted"), np.minimum(gap, edit.table[0] / DAY), atol=1e-6)
    (as_is, slow), _ = played(line, Policy("x").staff("Granted", add=2))["low"]
    np.testing.assert_array_equal(as_is.ended, slow.ended)


def test_fewer_people_and_more_cases_are_open_towards_longer_waits(model):
    for policy in (Policy("x").staff("Decide", add=-1), Policy("x").volume(percent=20)):
        planned = plan(model, policy)
        assert planned.low and planned.high is None and planned.worse and not planned.low.changes.edits
    assert planned.low.volume == planned.first.volume == pytest.approx(1.2)
    fewer = plan(model, Policy("x").volume(percent=-25))
    assert fewer.low.volume == pytest.approx(0.75) and fewer.high.changes.edits and not fewer.low.changes.edits
    both = plan(model, Policy("x").staff("Decide", add=1) + Policy("y").volume(percent=20))
    # at best: the people help as much as they can, the cases do not hurt
    assert both.high is None and both.worse and both.low.changes.edits
    assert plan(model, Policy("x").volume(percent=10) + Policy("y").cap_delay("Out", days=1)).tags == ("A", "C")


def test_whose_turn_is_first_bounds_the_first_and_leaves_the_others_open(model):
    planned = plan(model, Policy("x").priority("Decide", first={"kind": "urgent"}))
    assert planned.high is None and planned.worse
    changes = planned.low.changes
    scopes = [changes.applies, *(one.applies for one in changes.scopes)]
    urgent = eligible(model.log, {"kind": ["urgent"]})
    assert all(np.array_equal(scopes[one.scope], urgent) for one in changes.edits) and changes.edits
    assert any("not how much is waited in all" in line.say() for line in planned.said)


def weekly(cases=400, seed=3):
    """Heard on Tuesdays only: the first one after a wait of up to 20 days; a log of dates."""
    draw, rows = np.random.default_rng(seed), []
    monday = np.datetime64("2024-01-01")
    for k in range(cases):
        begin = monday + np.timedelta64(int(draw.integers(0, 700)), "D")
        ready = begin + np.timedelta64(int(draw.integers(1, 21)), "D")
        heard = ready + np.timedelta64(int((1 - (ready - monday).astype(int)) % 7), "D")
        rows += [(f"{k:03}", "In", str(begin)), (f"{k:03}", "Heard", str(heard))]
        rows.append((f"{k:03}", "Out", str(heard + np.timedelta64(int(draw.integers(1, 9)), "D"))))
    return build(rows, cutoff="2026-01-31", ends=["Out"])


def test_sessions_are_known_where_the_log_shows_them():
    model = procmine.fit(weekly())
    twice = plan(model, Policy("x").session("Heard", every="week", on=["tuesday", "friday"]))
    assert twice.point and twice.standing[0].known and twice.tags == ("B",)
    one = twice.point.changes.edits[0]
    assert one.kind == SESSION and len(one.planned) > 1.8 * len(one.held[one.held >= one.planned[0]])
    weekday = (one.planned // DAY + 3) % 7
    assert set(weekday) <= {1, 4} and np.mean(np.isin(weekday, [1, 4])) == 1
    never = plan(model, Policy("x").session("Out", every="week", on="monday"))
    assert never.point is None and never.low and never.high and not never.standing[0].known
    assert [one.changes.edits[0].ready for one in (never.low, never.high)] == [1.0, 0.0]
    assert "not held in sessions" in " ".join(line.say() for line in never.said)


def test_seats_are_handed_on(model):
    planned = plan(model, Policy("x").session("Decide", every="week", on="monday", capacity=9))
    seats = planned.plans[0][1].shared.seats
    assert len(seats) == 1 and seats[0].seats == 9 and model.log.about.activities[seats[0].step] == "Decide"


def hourly(cases=300, seed=4):
    """Done on weekdays between 9 and 17, each step after some hours of work."""
    draw, rows = np.random.default_rng(seed), []
    opens = np.array([d * 24 + h for d in range(400) for h in range(9, 17) if d % 7 < 5])  # from Monday, 1 January 2024
    for k in range(cases):
        place = int(draw.integers(0, len(opens) - 400))
        for step, hours in (("In", 0), ("Check", draw.exponential(20)), ("Out", draw.exponential(30))):
            place += int(hours)
            minute = int(draw.integers(0, 60))
            when = np.datetime64("2024-01-01T00:00") + np.timedelta64(int(opens[place]) * 60 + minute, "m")
            rows.append((f"{k:03}", step, str(when)))
    rows = [(case, step, when) for case, step, when in rows]
    return build(rows, cutoff="2025-03-01", ends=["Out"])


def test_opening_hours_are_known_where_work_keeps_hours():
    model = procmine.fit(hourly())
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    longer = plan(model, Policy("x").opening_hours(dict.fromkeys(days, "09:00-21:00")))
    assert longer.point and {one.kind for one in longer.point.changes.edits} == {CLOCK}
    assert any("40 different hours of the week today, and could be in 60" in line.say() for line in longer.said)
    clocks, new = model.clocks, longer.point.clocks
    assert new.origin == clocks.origin and len(new.upto) > len(clocks.upto)
    np.testing.assert_array_equal(new.upto[: len(clocks.upto)], clocks.upto)
    number = longer.point.changes.edits[0].clock
    begin, end = micros("2024-06-03"), micros("2024-07-29")  # eight whole weeks
    old = model.operational.clock[longer.point.changes.edits[0].after]
    passed = [float(one.read(np.array([k]), np.array([at]))[0]) for one, k, at in (
        (new, number, begin), (new, number, end), (clocks, old, begin), (clocks, old, end))]  # fmt: skip
    assert (passed[1] - passed[0]) / (passed[3] - passed[2]) == pytest.approx(1.5, rel=0.03)
    short = plan(model, Policy("x").opening_hours(dict.fromkeys(days, "09:00-13:00"))).point
    (as_is, slow), crowd = played(model, Policy("x").opening_hours(dict.fromkeys(days, "09:00-13:00")))["point"]
    at = slow.events.time[slow.events.step > 0]
    hour, weekday = at % DAY // 3_600_000_000, (at // DAY + 3) % 7
    assert np.mean((hour >= 9) & (hour < 13) & (weekday < 5)) > 0.97 and short.clocks is not None
    assert lasted(slow, crowd).mean() > 1.5 * lasted(as_is, crowd).mean()


def test_opening_hours_where_nothing_keeps_hours_are_not_known(line):
    planned = plan(line, Policy("x").opening_hours({"monday": "09:00-12:00"}))
    assert planned.point is None and planned.high is None and planned.worse
    assert "may change nothing" in " ".join(one.say() for one in planned.said)
    assert not planned.low.changes.edits  # fewer hours than work is done in today: nobody is sooner
    always = plan(
        line,
        Policy("x").opening_hours(
            dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), "00:00-24:00")
        ),
    )
    assert always.low.changes.edits  # more than today, as far as this log can tell


def test_sessions_of_the_step_that_cases_begin_with_are_refused(line):
    with pytest.raises(LogError, match="cases begin with 'In'"):
        plan(line, Policy("x").session("In", every="week", on=("monday",)))


# ---- money ----


def test_prices_and_money_of_the_policy(model):
    more = Policy("y").insert("Letter", after="In").cost(once=7, per_step={"Letter": 1.5})
    planned = plan(
        model, Policy("x").skip("Check").cost(once=5, per_year=3, per_case_day=0.25, per_step={"Check": 10}) + more
    )
    assert (planned.once, planned.per_year, planned.point.price_day) == (12, 3, 0.25)
    names = (*model.log.about.activities, *planned.point.steps)
    assert dict(zip(names, planned.point.price)) == {"In": 0, "Check": 10, "Decide": 0, "Out": 0, "Letter": 1.5}
    alone = plan(model, Policy("x").cost(per_step={"Decide": 2}))
    (as_is, changed), _ = played(model, Policy("x").cost(per_step={"Decide": 2}))["point"]
    assert alone.tags == () and alone.point
    np.testing.assert_array_equal(as_is.ended, changed.ended)
    np.testing.assert_allclose(changed.cost, 2)


def test_the_plan_of_nothing_changes_nothing(model):
    every, cases = np.ones(len(model.log)), 300
    crowd = new_cases(model, every, cases, seed=5, draw=0)
    as_is, same = Engine.of(model, nothing(model)).run(every, crowd, limit=np.full(cases, 2**61))
    np.testing.assert_array_equal(as_is.ended, same.ended)
    assert START > 0


# ---- people, where the log shows who waits for whom ----


@pytest.fixture(scope="module")
def desk():
    """Three clerks, first come, first served, 80% busy, 6 cases a day; who did it is recorded."""
    model = procmine.fit(log_of(*queue(0, 1_500, 3, 0.8, 6.0)))
    assert [one.servers for one in model.pools.pools] == [3]
    return model


def erlang(servers, load, takes):
    """Mean stay (Erlang C) of a queue whose work takes `takes` on average."""
    busy = servers * load
    terms = [busy**k / math.factorial(k) for k in range(servers)]
    last = busy**servers / math.factorial(servers) / (1 - load)
    return takes + last / (sum(terms) + last) * takes / (servers * (1 - load))


def stays(model, policy, days=730):
    """Mean days of stay, as it is and with the policy, of cases that come as in the log."""
    world, begin = plan(model, policy).point, model.log.about.cutoff
    crowd = arriving(model, begin, begin + days * DAY, seed=1, draw=0, plan=world)
    run = Engine.of(model, world).run(
        np.ones(len(model.log)), crowd, limit=np.full(len(crowd.key), begin + 2 * days * DAY)
    )
    return [lasted(one, crowd).mean() for one in run]


def test_people_that_the_log_shows_are_known_and_follow_erlang(desk):
    planned = plan(desk, Policy("x").staff("Decided", add=1))
    shared, today = planned.point.shared, planned.point.today
    assert planned.standing[0].known and planned.tags == ("C",)
    assert [one.servers for one in shared.pools] == [4] and [one.servers for one in today.pools] == [3]
    assert any("3 people today, 4 with the policy" in one.say() for one in planned.said)
    takes = float(np.mean(today.pools[0].service[0])) / DAY
    busy = takes * len(desk.log) / ((desk.log.about.cutoff - desk.log.arrival.min()) / DAY)
    as_is, changed = stays(desk, Policy("x").staff("Decided", add=1))
    assert changed == pytest.approx(erlang(4, busy / 4, takes), rel=0.12) and changed < as_is
    fewer = plan(desk, Policy("x").volume(percent=-25))
    assert fewer.point.volume == 0.75 and fewer.point.shared.pools[0].servers == 3
    assert stays(desk, Policy("x").volume(percent=-25))[1] == pytest.approx(erlang(3, 0.75 * busy / 3, takes), rel=0.12)


def test_more_work_than_people_can_do_is_said(desk):
    planned = plan(desk, Policy("x").volume(percent=60))
    assert planned.point and any("“Decided”" in one.say() and one.key == "pools.grows" for one in planned.said)
    with pytest.raises(ValueError, match="3 people; 3 fewer leaves nobody"):
        plan(desk, Policy("x").staff("Decided", add=-3))


def test_the_time_of_work_that_is_queued_for_is_scaled_and_nothing_else(desk):
    half = plan(desk, Policy("x").staff("Decided", add=1).scale_delay("Decided", by=0.5)).point
    np.testing.assert_allclose(half.shared.pools[0].service[0], half.today.pools[0].service[0] / 2, atol=1)
    with pytest.raises(ValueError, match="scale_delay"):
        plan(desk, Policy("x").staff("Decided", add=1).cap_delay("Decided", days=1))


def test_whose_turn_is_first_changes_who_waits_and_not_how_much(desk):
    planned = plan(desk, Policy("x").priority("Decided", by_age="newest"))
    assert planned.point.shared.pools[0].newest and not planned.point.today.pools[0].newest
    as_is, changed = stays(desk, Policy("x").priority("Decided", by_age="newest"))
    assert changed == pytest.approx(as_is, rel=0.02)


def test_sessions_that_are_new_come_at_best_after_the_step_before_and_at_worst_after_the_day_of_today(line):
    found = played(line, Policy("x").session("Granted", every="week", on="tuesday"))
    for name, since in (("low", 0), ("high", 1)):
        (as_is, changed), crowd = found[name]
        when = plan(line, Policy("x").session("Granted", every="week", on="tuesday")).low.changes.edits[0].planned
        ends = [one.events.time[one.events.step == CODE["Granted"]] for one in (as_is, changed)]
        ready = ends[0] - (gaps(as_is, crowd, "Granted") * DAY).round().astype(np.int64) * since
        np.testing.assert_array_equal(ends[1], when[np.searchsorted(when, ready)])
        assert set((ends[1] // DAY + 3) % 7) == {1}
