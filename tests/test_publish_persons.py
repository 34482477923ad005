"""People: nobody is named on a page, and what is about people stays with the team."""

import re
from dataclasses import replace

import numpy as np
import pytest
from logs import build

import procmine
from procmine.log import LogError
from procmine.publish.brief import brief
from procmine.publish.capture import of_log, of_result
from procmine.publish.persons import filters
from procmine.publish.safety import show

NAME = "Jane Doe"


def staffed(column="worker", n=120, **about):
    """Cases of two clerks and two offices; each event has a value of `column`, in turn Ada, Ben and Cem."""
    first = np.datetime64("2023-01-02")
    rows, workers, clerks, offices = [], [], {}, {}
    for case in range(n):
        start = first + 5 * case
        rows += [(f"c{case:04}", step, str(start + day)) for step, day in (("Start", 0), ("Check", 4), ("End", 30))]
        workers += ["Ada", "Ben", "Cem"]
        clerks[f"c{case:04}"] = NAME if case % 2 else "John Roe"
        offices[f"c{case:04}"] = "North" if case % 2 else "South"
    given = {"persons": ("clerk",), **about}
    attributes, of_events = {"clerk": clerks, "office": offices}, {column: workers}
    return build(rows, cutoff="2025-03-01", ends=["End"], attributes=attributes, event_attributes=of_events, **given)


def everything(bundle):
    """All text of a display: page, plain text and what goes to the workbook."""
    return " ".join(map(str, bundle.values()))


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_cases_chosen_by_a_person_are_told_to_the_team_only(audience):
    log = staffed().where({"clerk": NAME})
    for ask in (procmine.cycle_times, procmine.bottlenecks, procmine.process_map, procmine.survival):
        with pytest.raises(LogError, match="chosen by 'clerk'"):
            show(ask(log), audience)
        assert NAME not in everything(of_result(ask(log), audience=audience))
    with pytest.raises(LogError, match="chosen by 'clerk'"):
        brief(log, audience=audience)
    assert NAME not in everything(of_log(log, audience=audience))
    by_office = staffed().where({"office": "North"})
    assert show(procmine.cycle_times(by_office), audience).filters == ["cases where office is North"]


def test_the_teams_pages_say_that_a_person_was_chosen_not_whom():
    log = staffed().where({"office": "North", "clerk": NAME})
    said = "cases where office is North, clerk is a certain person"
    assert filters(log.about) == [said]
    for bundle in (of_log(log, audience="team"), of_result(procmine.cycle_times(log), audience="team")):
        assert NAME not in everything(bundle)
        assert said in everything(bundle)
    html = brief(log).html
    assert NAME not in html
    assert "clerk is a certain person" in html


def test_a_comparison_for_a_person_does_not_say_whom():
    found = procmine.compare(staffed(), change="2023-10-02", where={"clerk": NAME})
    assert NAME in found.rows["group"][0]  # in the notebook it is what was asked
    assert NAME not in everything(of_result(found, audience="team"))
    assert "clerk is a certain person" in show(found, "team").rows["group"][0]
    for audience in ("agency", "public"):
        with pytest.raises(LogError, match="chosen by 'clerk'"):
            show(found, audience)
    by_office = procmine.compare(staffed(), change="2023-10-02", where={"office": "North"})
    assert show(by_office, "team").rows["group"][0] == "cases where office is North"


@pytest.mark.parametrize(
    "column", ["worker", "Sachbearbeiter", "unit head", "team leader", "court clerk", "office user"]
)
def test_handovers_between_what_may_be_people_are_withheld(column):
    found = procmine.handovers(staffed(column), column)
    assert set(found.rows["before"]) == {"Ada", "Ben"}
    for audience in ("agency", "public"):
        with pytest.raises(LogError, match="which may name people"):
            show(found, audience)
        bundle = of_result(found, audience=audience)
        assert not re.search(r"\b(Ada|Ben|Cem)\b", everything(bundle))
        assert "for the team only" in bundle["text/plain"]


@pytest.mark.parametrize("column", ["unit", "Department", "org:group", "org:role", "team", "Queue"])
def test_handovers_between_units_are_shown(column):
    shown = show(procmine.handovers(staffed(column), column), "public")
    assert list(zip(shown.rows["before"], shown.rows["after"], shown.rows["n"])) == [
        ("Ada", "Ben", 120),
        ("Ben", "Cem", 120),
    ]


def test_a_unit_that_is_said_to_name_people_is_withheld_and_so_are_the_numbers_for_people():
    log = staffed("unit", persons=("unit",))
    found = procmine.handovers(log, "unit")
    assert set(found.rows["before"]) == {"person 1", "person 2"} or "person 3" in found.rows["before"]
    for audience in ("agency", "public"):
        assert "person" not in everything(of_result(found, audience=audience)).replace("people", "")


def test_a_grouping_that_is_called_like_a_column_is_withheld_too():
    log = staffed(persons=("mean",))
    log = replace(log, attributes={**log.attributes, "mean": log.attributes["clerk"]})
    log = replace(log, about=replace(log.about, attributes=(*log.about.attributes, "mean")))
    found = procmine.cycle_times(log, by=["mean"])
    with pytest.raises(LogError, match="may name people"):
        show(found, "public")
    assert show(procmine.cycle_times(log), "public").rows["n"].tolist() == [120]  # its own mean is nobody


def test_who_can_change_a_step_is_no_person():
    """`who` is a column of the bottlenecks, whatever the log's own columns are called."""
    log = staffed(persons=("who",), tags={"Check": "our policy"})
    assert "our policy" in list(show(procmine.bottlenecks(log), "public").rows["who"])
