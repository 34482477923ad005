"""docs/security.md: which answers leave the team; every public call is in its table, and those that may leave are tried."""

import inspect
import re
import sys
from pathlib import Path

import pytest

import procmine
from procmine.log import LogError
from procmine.publish.safety import show
from procmine.results import Result

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "event_logs" / "child_support.yaml"
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TOLD = dict(re.findall(r"^\| `(\w+)` \| (yes|no) \|", PAGE, re.MULTILINE))
ORDER, PETITION, CHANGE = "Court order issued", "Petition filed", "2025-03-03"
FORETOLD = {
    "forecast",
    "needed",
    "scenarios",
    "sensitivity",
}  # tried by tests/test_publish_drawn.py; here they take too long
MONTHS = {"this_month", "against", "standards", "time_between"}  # ask for more than a log: tried where they are tested
ASKED = {
    "bottlenecks": procmine.bottlenecks,
    "caseload": procmine.caseload,
    "compare": lambda log: procmine.compare(log, change=CHANGE),
    "control_chart": procmine.control_chart,
    "cycle_times": procmine.cycle_times,
    "flow": procmine.flow,
    "handovers": lambda log: procmine.handovers(log, of="unit"),
    "interrupted_series": lambda log: procmine.interrupted_series(log, change=CHANGE, horizon=91),
    "map_difference": lambda log: procmine.map_difference(log, change=CHANGE),
    "outcomes": procmine.outcomes,
    "process_map": procmine.process_map,
    "rework": procmine.rework,
    "step_times": procmine.step_times,
    "survival": procmine.survival,
    "variants": procmine.variants,
    "waiting_now": procmine.waiting_now,
}
REFUSED = {
    "directly_follows": procmine.directly_follows,
    "drivers": procmine.drivers,
    "dotted_chart": procmine.dotted_chart,
    "if_step_took": lambda log: procmine.if_step_took(log, ORDER, days=1),
    "performance_spectrum": procmine.performance_spectrum,
    "plan_size": procmine.plan_size,
    "quality": procmine.quality,
    "quick_wins": procmine.quick_wins,
    "rework_cost": procmine.rework_cost,
    "service_times": procmine.service_times,
    "sessions": procmine.sessions,
    "staged_flow": procmine.staged_flow,
    "time_distribution": procmine.time_distribution,
    "week_heatmap": procmine.week_heatmap,
}


@pytest.fixture(scope="module")
def log():
    return procmine.read(SAMPLE)


def kind(name):
    """What the public call gives, by its annotation; None for what is no function."""
    call = getattr(procmine, name)
    if inspect.isclass(call) or not callable(call):
        return None
    given = inspect.signature(call).return_annotation
    return (
        given if "." in given or "|" in given or "[" in given else vars(sys.modules[call.__module__]).get(given, given)
    )


def test_every_answer_is_in_the_table():
    answers = {name for name in procmine.NAMES if inspect.isclass(kind(name)) and issubclass(kind(name), Result)}
    frames = {name for name in procmine.NAMES if kind(name) == "pd.DataFrame"}
    assert set(TOLD) == answers | frames
    assert {name for name, word in TOLD.items() if word == "yes"} == {*ASKED, *FORETOLD, *MONTHS}
    assert all(TOLD[name] == "no" for name in frames)


@pytest.mark.parametrize("name", sorted(ASKED))
def test_what_may_leave_is_shown(log, name):
    result = ASKED[name](log)
    shown = {audience: show(result, audience) for audience in ("agency", "public")}
    assert all(len(next(iter(one.rows.values()))) for one in shown.values())
    days = [line for line in shown["public"].sentences if re.search(r"\d{4}-\d\d-\d\d", line)]
    assert not days


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_what_may_not_is_refused(log, name):
    assert TOLD[name] == "no"
    result = REFUSED[name](log)
    assert show(result, "team").rows
    for audience in ("agency", "public"):
        with pytest.raises(LogError, match=r"team only|may name people"):
            show(result, audience)


def test_the_two_audiences_read_the_same_figures(log):
    for name in ("cycle_times", "survival", "rework", "control_chart", "map_difference"):
        one, two = (show(ASKED[name](log), audience).rows for audience in ("agency", "public"))
        for column in one:
            if one[column].dtype.kind in "iufm":
                assert str(one[column].tolist()) == str(two[column].tolist()), (name, column)


def test_a_chart_with_a_month_of_few_stays_in_the_team(log):
    small = log.where({"office": "Cañada"})
    for result in (procmine.control_chart(small), procmine.control_chart(small, of="done")):
        assert (result.points.n < 10).any() or result.what.of_what == "done"
        with pytest.raises(LogError, match="fewer than 10 cases behind their point"):
            show(result, "agency")
    with pytest.raises(LogError, match="by week"):
        show(procmine.control_chart(log, period="week"), "public")


def test_a_difference_leaves_out_places_of_few_and_keeps_the_others(log):
    result = procmine.map_difference(log, change=CHANGE)
    rows = show(result, "public").picture.rows
    for side in ("before", "after"):
        true = dict(
            zip(zip(*(result.rows[name] for name in ("kind", "before", "after"))), result.rows[f"cases_{side}"])
        )
        told = dict(zip(zip(*(rows[name] for name in ("kind", "before", "after"))), rows[f"cases_{side}"]))
        assert all(told[key] == round(true[key] / 10) * 10 for key in told)
        assert not any(0 < true[key] < 10 for key in told)
    assert ("move", PETITION, ORDER) in told
    assert len(told) < len(true)
