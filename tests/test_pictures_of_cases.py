"""Spectrum, dots, staged flow, lengths and weeks: counted by eye, and by another way."""

import numpy as np
import pytest
from logs import build

import procmine
from procmine.log import LogError

ROWS = [
    ("a", "Filed", "2026-01-01"), ("a", "Heard", "2026-01-05"), ("a", "Ordered", "2026-01-09"),
    ("b", "Filed", "2026-01-02"), ("b", "Heard", "2026-01-04"), ("b", "Closed", "2026-01-20"),
    ("c", "Filed", "2026-01-03"), ("c", "Heard", "2026-01-13"),
    ("d", "Filed", "2026-01-08"),
]  # fmt: skip


@pytest.fixture
def four():
    return build(ROWS, cutoff="2026-01-31", ends=["Ordered", "Closed"], stages={"Court": ("Heard", "Ordered")})


def test_a_passage_a_row(four):
    seen = procmine.performance_spectrum(four, ["Filed", "Heard", "Ordered"]).frame
    assert list(zip(seen.before, seen.after)) == [("Filed", "Heard")] * 4 + [("Heard", "Ordered")] * 3
    first = seen[seen.before == "Filed"]
    assert (first.elapsed.dt.total_seconds() / 86_400).round(2).tolist() == [
        4,
        2,
        10,
        24,
    ]  # d waits to the end of the 31st
    assert first.end.isna().tolist() == [False, False, False, True] and first.open.tolist() == [
        False,
        False,
        True,
        True,
    ]
    second = seen[seen.before == "Heard"].set_index("begin")
    assert second.loc["2026-01-05", "elapsed"].days == 4 and second.loc["2026-01-05", "quarter"] == 1
    assert second.loc["2026-01-04", "elapsed"].days == 16 and second.loc["2026-01-04", "quarter"] == 0  # closed instead


def test_quarters_are_of_those_that_got_there():
    rows = [(f"{k:02}", step, f"2026-01-{day:02}") for k in range(8) for step, day in (("A", 1), ("B", 2 + k))]
    seen = procmine.performance_spectrum(build(rows, cutoff="2026-02-01", ends=["B"]), ["A", "B"])
    assert sorted(seen.rows["quarter"]) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert seen.rows["quarter"][np.argsort(seen.rows["elapsed"])].tolist() == [1, 1, 2, 2, 3, 3, 4, 4]


def test_without_steps_the_usual_path_is_taken(six):
    told = procmine.performance_spectrum(six).arguments["steps"]
    assert len(told) > 1 and set(told) <= set(six.about.activities)
    with pytest.raises(LogError, match="needs two steps"):
        procmine.performance_spectrum(six, ["Filed"] if "Filed" in six.about.activities else [six.about.activities[0]])


def test_a_dot_an_event(four):
    seen = procmine.dotted_chart(four, order="length", along="since arrival")
    assert len(seen) == 9
    line = dict(zip(seen.rows["step"] + seen.rows["time"].astype(str), seen.rows["line"]))
    assert line["Ordered2026-01-09T00:00:00.000000"] == 0  # the shortest at the bottom
    assert line["Heard2026-01-13T00:00:00.000000"] == 3  # open since 3 January: the longest
    assert sorted((seen.rows["since"] / np.timedelta64(1, "D")).tolist()) == [0, 0, 0, 0, 2, 4, 8, 10, 18]
    assert procmine.dotted_chart(four, cases=2, seed=3).arguments["drawn"] == 2


def test_who_stood_where_on_each_day(four):
    seen = procmine.staged_flow(four).frame
    at = seen[seen.date == "2026-01-08"].set_index("step").waiting
    assert at[at > 0].to_dict() == {"Filed": 2, "Heard": 2}
    for _, day in seen.groupby("date"):
        assert (day.arrived - day.ended == day.waiting.sum()).all()
    by_stage = procmine.staged_flow(four, stages=True).frame
    assert by_stage[by_stage.date == "2026-01-08"].set_index("step").waiting["Court"] == 2
    last = seen[seen.date == seen.date.max()]
    assert last.waiting.sum() == 2 and last.ended.iloc[0] == 2


def test_staged_flow_counts_as_one_would_case_by_case(office):
    seen = procmine.staged_flow(office)
    date = seen.rows["date"].astype("M8[us]").astype(np.int64)
    for moment in np.unique(date)[::5]:
        inside = [
            c
            for c in range(len(office))
            if office.arrival[c] <= moment and (office.open[c] or office.until[c] > moment)
        ]
        at = {}
        for c in inside:
            mine = slice(office.offset[c], office.offset[c + 1])
            done = office.activity[mine][office.time[mine] <= moment]
            name = office.about.activities[done[-1]] if len(done) else ""
            at[name] = at.get(name, 0) + 1
        here = date == moment
        assert {s: n for s, n in zip(seen.rows["step"][here], seen.rows["waiting"][here]) if n} == at


def test_lengths_of_finished_and_open_cases(four):
    seen = procmine.time_distribution(four)
    day = np.timedelta64(86_400, "s")
    bins = list(zip(seen.rows["from"] / day, seen.rows["to"] / day, seen.rows["finished"], seen.rows["open"]))
    held = [(a, f, o) for a, b, f, o in bins if f or o]
    assert [(f, o) for _, f, o in held] == [(1, 0), (1, 0), (0, 1), (0, 1)]  # 8 d, 18 d; open for 24 and 29 days
    assert all(
        a <= length < b for (a, b, f, o), length in zip([one for one in bins if one[2] or one[3]], (8, 18, 23.9, 28.9))
    )
    # by hand: of 4, one ends at 8 (all 4 watched), one at 18 (3 watched): shares 1/4 and 1/4, half is left
    assert seen.rows["share"].sum() == pytest.approx(0.5) and seen.rows["rest"][0] == pytest.approx(0.5)


def test_weekdays_and_hours():
    rows = [("a", "A", "2026-01-05T09:30"), ("a", "B", "2026-01-06T23:59"), ("b", "A", "2026-01-12T09:00")]
    log = build(rows, cutoff="2026-02-01", ends=["B"])
    seen = procmine.week_heatmap(log).frame
    assert seen[seen.n > 0][["weekday", "hour", "n"]].values.tolist() == [[0, 9, 2], [1, 23, 1]]
    assert procmine.week_heatmap(log, steps=["B"]).rows["n"].sum() == 1
    days = build([("a", "A", "2026-01-05"), ("a", "B", "2026-01-06")], cutoff="2026-02-01", ends=["B"])
    assert set(procmine.week_heatmap(days).rows["hour"]) == {-1}


@pytest.mark.parametrize(
    "draw", ["performance_spectrum", "dotted_chart", "staged_flow", "time_distribution", "week_heatmap"]
)
def test_each_has_a_picture_with_its_count_below(office, four, draw):
    for log in (office, four):
        figure = getattr(procmine, draw)(log).plot().figure
        below = figure.get_supxlabel()
        assert any(sign.isdigit() for sign in below)
        assert ("team only" in below) == (draw in ("performance_spectrum", "dotted_chart"))
