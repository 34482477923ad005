"""Which event made the next one possible: by hand."""

import numpy as np
from logs import build

from procmine.see.enabling import beside, enabled_by


def parallel(n):
    """A, then B and C in either order, then D; times by hand."""
    rows = []
    for case in range(n):
        b, c = ("2026-01-03", "2026-01-05") if case % 2 else ("2026-01-06", "2026-01-04")
        rows += [(f"c{case:02}", *one) for one in (("A", "2026-01-01"), ("B", b), ("C", c), ("D", "2026-01-09"))]
    return build(rows, cutoff="2026-02-01", ends=["D"])


def names(log, by):
    return [None if one < 0 else log.about.activities[log.activity[one]] for one in by]


def test_steps_in_either_order_wait_for_what_came_before_both():
    log = parallel(20)
    b, c = (log.about.activities.index(name) for name in "BC")
    which = beside(log)
    assert which[b, c] and which[c, b] and which.sum() == 2
    by = names(log, enabled_by(log))
    assert by[:4] == [None, "A", "A", "B"] and by[4:8] == [None, "A", "A", "C"]


def test_steps_that_take_turns_are_not_beside_each_other():
    days = [f"2026-01-{day:02}" for day in range(1, 7)]
    rows = [(f"c{k:02}", step, day) for k in range(12) for step, day in zip("ABABAB", days)]
    log = build(rows, cutoff="2026-02-01", ends=["B"])
    assert not beside(log).any()
    np.testing.assert_array_equal(enabled_by(log)[:6], [-1, 0, 1, 2, 3, 4])


def test_one_case_that_goes_back_and_forth_is_enough_to_see_turns():
    rows = [("c", step, f"2026-01-0{day}") for day, step in enumerate("ABABAB", 1)]
    assert not beside(build(rows, cutoff="2026-02-01", ends=["B"])).any()


def test_one_odd_case_makes_no_steps_parallel():
    rows = [(f"c{k:02}", step, f"2026-01-0{day}") for k in range(30) for day, step in enumerate("ABC", 1)]
    rows += [("d", step, f"2026-01-0{day}") for day, step in enumerate("ACB", 1)]
    assert not beside(build(rows, cutoff="2026-02-01", ends=["B", "C"])).any()
