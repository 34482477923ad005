"""Two logs as one: the same answer as from the one log that they were cut from, and what is not known is not made up."""

from dataclasses import replace

import numpy as np
import pytest
from test_compare import CHANGE, log_of, world

import procmine
from procmine.kernels.blocks import DAY
from procmine.log import LogError
from procmine.proof.joined import joined


def halves(log, *, gap=0):
    """The extract made at the change (or `gap` days before it), and that of the end, with the cases touched since."""
    last = str(np.datetime64(CHANGE - (gap + 1) * DAY, "us"))[:10]
    touched = np.flatnonzero(log.until >= CHANGE)
    after = log.take(touched)
    return log.cut_to(last), after


def cells(log):
    order = np.argsort(log.case.values())
    events = [(log.activity[a:b].tolist(), log.time[a:b].tolist()) for a, b in zip(log.offset, log.offset[1:])]
    return [(log.case.values()[k], *events[k], log.arrival[k], log.until[k], bool(log.open[k])) for k in order]


def test_two_extracts_of_one_system_are_the_whole_log_again():
    begin, wait = world(3, weeks=40)
    whole = log_of(begin, wait, weeks=40, office=(np.arange(len(begin)) % 2))
    found = joined(*halves(whole), "2025-03-03")
    assert (found.change, found.gap, found.carried) == ("2025-03-03", 0, True)
    assert cells(found.log) == cells(whole)
    assert found.log.attributes["office"].values()[:3].tolist() == whole.attributes["office"].values()[:3].tolist()


def test_the_second_day_is_where_the_second_log_begins():
    begin, wait = world(4, weeks=40)
    whole = log_of(begin, wait, weeks=40)
    new = whole.take(np.flatnonzero(whole.arrival >= CHANGE))
    new = replace(new, about=replace(new.about, begins=int(new.arrival.min()), complete_from=CHANGE))
    found = joined(whole.cut_to("2025-03-02"), new)
    assert found.change == "2025-03-03" and not found.carried
    left = np.flatnonzero((whole.arrival < CHANGE) & (whole.until >= CHANGE))
    names = set(whole.case.values()[left])
    there = {name: k for k, name in enumerate(found.log.case.values())}
    assert len(found.log) == len(whole)
    assert not any(found.log.open[there[name]] for name in names)  # nobody knows: not among those that wait now
    assert {int(found.log.until[there[name]]) for name in names} == {CHANGE}


def test_nothing_is_made_up_for_the_weeks_between_two_logs():
    begin, wait = world(5, weeks=40)
    whole = log_of(begin, wait, weeks=40)
    before, after = halves(whole, gap=30)
    after = after.take(np.flatnonzero(after.arrival >= CHANGE))
    found = joined(before, replace(after, about=replace(after.about, complete_from=CHANGE)))
    assert found.gap == 5  # 30 days: the fifth week is not whole
    assert found.log.arrival[found.log.arrival < CHANGE].max() <= CHANGE - 30 * DAY
    assert len(found.log) == len(before) + len(after)


def test_a_simulated_log_beside_another_stands_behind_it():
    begin, wait = world(6, weeks=40)
    whole = log_of(begin, wait, weeks=40)
    faster = log_of(begin, wait * 0.7, weeks=40, simulated=True)
    found = joined(whole, faster)
    years = -(-(whole.about.cutoff + 1 - faster.about.begins) // (364 * DAY))
    assert found.change == str(np.datetime64(faster.about.begins + years * 364 * DAY, "us"))[:10]
    assert len(found.log) == 2 * len(whole) and len(set(found.log.case.values())) == len(found.log)
    moved = found.log.take(np.arange(len(whole), 2 * len(whole)))
    np.testing.assert_array_equal(moved.time - years * 364 * DAY, faster.time)


def test_steps_are_matched_by_name_and_what_contradicts_is_refused():
    begin, wait = world(7, weeks=40)
    whole = log_of(begin, wait, weeks=40)
    before, after = halves(whole)
    names = ("Grant", "Apply", "Withdraw")
    swapped = replace(
        after, about=replace(after.about, activities=names), activity=np.array([1, 0, 2], np.uint8)[after.activity]
    )
    assert cells(joined(before, swapped, "2025-03-03").log) == cells(whole)
    other = replace(after, about=replace(after.about, ends=("Grant",)))
    with pytest.raises(LogError, match="'Withdraw' ends a case in one of the two logs"):
        joined(before, other, "2025-03-03")
    with pytest.raises(LogError, match="must lie between"):
        joined(after, before, "2020-01-01")
    strange = replace(after, about=replace(after.about, activities=("a", "b", "c"), ends=("b",)))
    with pytest.raises(LogError, match="no step in common"):
        joined(before, strange, "2025-03-03")


def test_two_extracts_give_the_verdict_of_the_whole_log():
    begin, wait = world(9, weeks=52, years=2, effect=0.5, per_week=15)
    whole = log_of(begin, wait, weeks=52)
    before, after = halves(whole)
    one, two = procmine.compare(whole, change="2025-03-03"), procmine.compare(before, after, change="2025-03-03")
    assert one.verdict == two.verdict and one.verdict.kind == "improved"
    new = after.take(np.flatnonzero(after.arrival >= CHANGE))
    new = replace(new, about=replace(new.about, begins=int(new.arrival.min()), complete_from=CHANGE))
    apart = procmine.compare(before, new)
    assert apart.verdict.kind == "faster_unclear"  # whoever was open then is out of sight: left to wait, or not
    assert "Load one log that holds both." in apart.said.may_say.say()
    for name in ("cases", "mean", "difference"):
        np.testing.assert_array_equal(apart.rows[name], one.rows[name])


def test_weeks_without_knowledge_are_left_out_of_both_periods():
    begin, wait = world(10, weeks=52, years=3, effect=0.5, per_week=15)
    whole = log_of(begin, wait, weeks=52)
    before, after = halves(whole, gap=100)
    after = after.take(np.flatnonzero(after.arrival >= CHANGE))
    found = procmine.compare(before, replace(after, about=replace(after.about, complete_from=CHANGE)), horizon=56)
    assert found.plan.gap == 15  # 100 days
    kept = (begin < -15 * 7 - 56) & (begin >= -15 * 7 - 56 - 104 * 7)
    assert found.rows["cases"][0] == kept.sum()
    assert found.rows["mean"][0] / np.timedelta64(1, "D") == pytest.approx(np.minimum(wait[kept], 56).mean(), abs=1e-4)
    assert any("Nothing is known of the 15 weeks" in line for line in found.sentences())
    last = np.datetime64("2025-03-03") - (15 + 8) * 7
    assert any(f"of 104 weeks up to {last}" in line for line in found.sentences())
