"""What rework costs. Truth: loops countable by eye, a loop over minutes, and identities."""

from dataclasses import replace

import numpy as np
import pytest
from logs import build

import procmine
from procmine.log import LogError
from procmine.see.rework_cost import rework_cost

DAY = np.timedelta64(1, "D")


def table(result):
    return result.frame.set_index(["loop", "of"])


@pytest.fixture
def nested():
    """A: Check on 3, 9, 15 January; inside it Ask on 5 and 7, once more on 19. B: Check twice at once. C: none, open."""
    days = {"Start": [1], "Check": [3, 9, 15], "Ask": [5, 7, 19], "End": [21]}
    rows = sorted((("A", step, f"2024-01-{day:02}") for step, at in days.items() for day in at), key=lambda row: row[2])
    rows += [("B", step, f"2024-01-{day:02}") for step, day in (("Start", 2), ("Check", 4), ("Check", 8), ("End", 12))]
    rows += [("C", "Start", "2024-01-05"), ("C", "Check", "2024-01-06")]
    units = ["desk", "desk", "court", "court", "desk", "court", None, "desk"]
    units += ["desk", "desk", "court", "court", "desk", None]
    return build(rows, cutoff="2024-01-31", ends=["End"], event_attributes={"unit": units})


def test_nested_loops_count_once_for_the_one_that_began_first(nested):
    rows = table(rework_cost(nested))
    again = rows.loc["again"]
    # A: Check 3 to 15 = 12 days; Ask 5 to 19, of which 15 to 19 = 4 are its own. B: Check 4 to 8 = 4.
    assert again.loc["Check", "extra"] == 16 * DAY and again.loc["Ask", "extra"] == 4 * DAY
    assert again.loc["all", "extra"] == 20 * DAY and again.loc["all", "cases"] == 2
    assert again.loc["Check", ["n", "cases"]].tolist() == [3, 2] and again.loc["Ask", ["n", "cases"]].tolist() == [2, 1]
    assert again.loc["all", "mean"] == 10 * DAY
    at_once = rows.loc["at once again"]
    assert at_once.loc["Check", "extra"] == (6 + 4) * DAY and at_once.loc["Ask", "extra"] == 2 * DAY
    whole = 20 + 10 + 27 - 1e-6 / 86_400
    assert again.loc["all", "share"] == pytest.approx(20 / whole)
    assert np.isnan(again.loc["all", "low"])  # one week tells no range


def test_work_that_goes_and_comes_back(nested):
    rows = table(rework_cost(nested, of="unit"))
    back = rows.loc["there and back"]
    # A: desk until 3, court 5 to 7, desk 9, court 15, nobody on 19, desk 21. B: desk until 4, court from 8. C: desk.
    assert back.loc["desk → court → desk", ["n", "cases"]].tolist() == [2, 1]
    assert back.loc["court → desk → court", ["n", "cases"]].tolist() == [1, 1]
    # 3 to 9; then court 7 to 15, of which 9 to 15; then desk 9 to 21, of which 15 to 21
    assert back.loc["desk → court → desk", "extra"] == (6 + 6) * DAY
    assert back.loc["court → desk → court", "extra"] == 6 * DAY
    assert back.loc["all", "extra"] == 18 * DAY
    passed = rows.loc["handover"]
    assert passed.loc["desk → court", ["n", "extra"]].tolist() == [3, (2 + 6 + 4) * DAY]
    assert passed.loc["court → desk", ["n", "extra"]].tolist() == [1, 2 * DAY]  # 15 to 19 to 21: nobody between


def test_counts_are_those_of_rework_and_handovers(office):
    rows = rework_cost(office, of="unit").frame
    passed = procmine.handovers(office, "unit").frame
    found = rows[(rows["loop"] == "handover") & (rows["of"] != "all")].set_index("of")
    for one in passed.itertuples():
        row = found.loc[f"{one.before} → {one.after}"]
        assert row["n"] == one.n and row["extra"] / DAY == pytest.approx(one.n * one.mean / DAY, abs=0.1)
    assert found["extra"].sum() <= (office.until - office.arrival).sum().astype("m8[us]")


def test_every_moment_counts_once_as_a_walk_along_the_days_counts_it():
    draw = np.random.default_rng(4)
    rows = []
    for case in range(60):
        days = np.sort(draw.choice(40, 9, replace=False))
        steps = draw.choice(["a", "b", "c"], 9)
        rows += [(f"{case:02}", str(step), str(np.datetime64("2024-01-01") + day)) for step, day in zip(steps, days)]
    log = build(rows, cutoff="2024-03-01", ends=["a", "b", "c"])
    events = log.events
    total, by_step = 0, dict.fromkeys("abc", 0)
    for _, own in events.groupby("case"):
        spans = own.groupby("activity")["time"].agg(["min", "max"])
        for day in range(45):
            middle = np.datetime64("2024-01-01T12") + np.timedelta64(day, "D")
            inside = spans[(spans["min"] < middle) & (spans["max"] > middle)]
            if len(inside):
                total += 1
                by_step[inside["min"].idxmin()] += 1
    again = table(rework_cost(log)).loc["again"]
    assert again.loc["all", "extra"] == total * DAY
    assert {step: again.loc[step, "extra"] / DAY for step in "abc"} == by_step
    repeats = procmine.rework(log).frame.set_index("step")
    for step in "abc":
        assert again.loc[step, "n"] == repeats.loc[step, "repeats"]
        assert again.loc[step, "cases"] == repeats.loc[step, "repeated"]


def test_cases_with_and_without_a_repeat_are_set_side_by_side():
    rows = []
    for case in range(40):
        day = np.datetime64("2024-01-01") + 7 * case
        steps = (
            (("Start", 0), ("Check", 2), ("Check", 22), ("End", 30))
            if case % 4 == 0
            else (("Start", 0), ("Check", 2), ("End", 10))
        )
        rows += [(f"{case:02}", step, str(day + after)) for step, after in steps]
    result = rework_cost(build(rows, cutoff="2025-01-01", ends=["End"]))
    top = table(result).loc[("again", "all")]
    assert (top["p50"], top["p50_others"]) == (30 * DAY, 10 * DAY)
    assert top["share"] == pytest.approx(10 * 20 / (10 * 30 + 30 * 10))
    assert 0 < top["low"] <= top["share"] <= top["high"] < 1
    said = " ".join(result.sentences())
    assert "on average 20 days" in said and "a long case has more time for them" in said


def test_no_repeat_is_an_answer_and_persons_are_numbers(six):
    none = rework_cost(six.having("End"))
    assert none.sentences()[0] == "No step is done twice in a case."
    assert none.rows["n"].tolist() == [0] and none.rows["share"][0] == 0
    units = rework_cost(six, of="unit").frame
    assert "desk → court" in set(units["of"])
    hidden = rework_cost(replace(six, about=replace(six.about, persons=("unit",))), of="unit").frame
    names = set(hidden[hidden["loop"] == "handover"]["of"]) - {"all"}
    assert names <= {"person 1 → person 2", "person 2 → person 1"} and names
    with pytest.raises(LogError, match=r"No event attribute 'units'.*There are: unit"):
        rework_cost(six, of="units")


def test_many_cases_over_many_years_count_as_few_do():
    """300,000 cases over 30 years, each with one step twice, 10 days apart: no number grows beyond its bits."""
    import pyarrow as pa
    from logs import DAY as MICROS

    from procmine.about import About
    from procmine.log import EventLog, Text

    n = 300_000
    arrival = np.arange(n) % 10_000 * MICROS
    time = np.stack([arrival, arrival + 10 * MICROS], axis=1).ravel()
    about = About(("Check",), 20_000 * MICROS, ("Check",), "civil", "day", 0, every_case=True)
    case = Text(np.arange(n, dtype=np.int32), pa.array([str(k) for k in range(n)]))
    log = EventLog(about, np.zeros(2 * n, np.uint8), time, np.arange(0, 2 * n + 1, 2), arrival, arrival + 10 * MICROS,
                   np.zeros(n, bool), case)  # fmt: skip
    row = table(rework_cost(log)).loc[("again", "all")]
    assert row["extra"] == 10 * n * DAY and row["share"] == 1


def test_a_step_may_be_called_all(nested):
    names = tuple("all" if name == "Check" else name for name in nested.about.activities)
    answer = rework_cost(replace(nested, about=replace(nested.about, activities=names)), of="unit")
    said = answer.sentences()
    assert sum("a step that was done again" in line for line in said) == 1 and "most days with all" in said[0]
    labels = [text.get_text() for text in answer.plot().texts] + [
        one.get_text() for one in answer.plot().get_yticklabels()
    ]
    assert any("again: all" in one for one in labels)
