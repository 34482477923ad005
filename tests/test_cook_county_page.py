"""Cook County felony cases from received to disposition: numbers against pandas and numpy, and a page that names nobody."""

import json

import numpy as np
import pandas as pd
import pytest

import procmine
from procmine.publish.brief import brief
from procmine.publish.safety import show

GUILTY = (
    "Plea Of Guilty",
    "Plea of Guilty - Amended Charge",
    "Plea of Guilty - Lesser Included",
    "Finding Guilty",
    "Finding Guilty - Lesser Included",
    "Verdict Guilty",
)
ENDS = {
    **dict.fromkeys(GUILTY, "convicted"),
    **dict.fromkeys(("Nolle Prosecution", "Case Dismissed", "FNPC"), "dropped or dismissed"),
    **dict.fromkeys(("FNG", "FNG Reason Insanity", "Verdict-Not Guilty"), "found not guilty"),
    **dict.fromkeys(
        ("Death Suggested-Cause Abated", "Transferred - Misd Crt", "Superseded by Indictment", "Charge Rejected"),
        "ended otherwise",
    ),
}
HOURS = json.dumps(dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "09:00-17:00"))
REVIEWED = ("Approved", "Continued Investigation", "Rejected", "Felony Review", "Victim Sensitive Interview")
REVIEWS = ", ".join(f'"Felony review ({one})"' for one in REVIEWED)
CUTOFF = "2019-11-27"  # the last court day before the extract stops: two dispositions a day later, then none
COOK = f"""
title: Felony cases received in 2019, Cook County State's Attorney
columns: {{case: case_participant_id}}
cutoff: {CUTOFF}
complete_from: 2019-01-01
audience: agency
by_date: [Received, {REVIEWS}]
sources:
  - name: intake
    source: FOLDER/intake.csv.gz
    columns:
      milestones:
        received_date: Received
        felony_review_date: {{step: Felony review, attributes: {{result: felony_review_result}}}}
      attributes: [offense_category]
  - name: initiation
    source: FOLDER/initiation.csv.gz
    where: {{primary_charge: "true"}}
    columns: {{milestones: {{event_date: Initiation, arraignment_date: Arraignment}}}}
  - name: dispositions
    source: FOLDER/dispositions.csv.gz
    where: {{primary_charge: "true"}}
    columns:
      milestones: {{disposition_date: {{step: Disposition, attributes: {{result: charge_disposition, decided by: judge}}}}}}
      attributes: [court_name]
  - name: sentencing
    source: FOLDER/sentencing.csv.gz
    where: {{primary_charge: "true"}}
    columns: {{milestones: {{sentence_date: {{step: Sentence, attributes: {{decided by: sentence_judge}}}}}}}}
split_steps: {{Disposition: result, Felony review: result}}
ends: {
    json.dumps(
        {
            **{f"Disposition ({step})": end for step, end in ENDS.items()},
            "Sentence": "convicted",
            "Felony review (Rejected)": "rejected at felony review",
        }
    )
}
stages: {json.dumps({"Disposition": [f"Disposition ({step})" for step in ENDS]})}
calendars:
  default:
    hours: {HOURS}
    holidays: US
    region: IL
"""
STANDARDS = """
standards:
- {name: Within 90 days of arraignment (example), from: Arraignment, to: [Disposition], within: 90, share: 75}
- {name: Within 180 days of arraignment (example), from: Arraignment, to: [Disposition], within: 180, share: 90}
- {name: Within 365 days of arraignment (example), from: Arraignment, to: [Disposition], within: 365, share: 98}
caseload: {inactive: [Disposition (BFW)], age: 180}
"""
PAGE = """
import procmine
log = procmine.read(source).beginning_with("Received")
procmine.outcomes(log, within=(30, 90, 180, 300))
---
procmine.time_between(log, procmine.first("Arraignment"), procmine.first("Disposition"))
---
procmine.standards(log, standards)
---
procmine.caseload(log, counting=standards)
---
procmine.bottlenecks(log)
"""


@pytest.fixture(scope="module")
def folder(shared, tmp_path_factory):
    made = tmp_path_factory.mktemp("cook")
    (made / "cook.yaml").write_text(COOK.replace("FOLDER", (shared / "cook_county_sao").as_posix()), encoding="utf-8")
    (made / "standards.yaml").write_text(STANDARDS, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def whole(folder):
    return procmine.read(folder / "cook.yaml")


@pytest.fixture(scope="module")
def log(whole):
    return whole.beginning_with("Received")


@pytest.fixture(scope="module")
def tables(shared):
    found = {
        name: pd.read_csv(shared / f"cook_county_sao/{name}.csv.gz", dtype=str)
        for name in ("intake", "initiation", "dispositions", "sentencing")
    }
    return {name: one if name == "intake" else one[one["primary_charge"] == "true"] for name, one in found.items()}


def days(column):
    """Dates of one table, those after the last day of the data and in other centuries as none."""
    found = pd.to_datetime(column, format="mixed", errors="coerce").dt.normalize()
    return found.where(found <= CUTOFF)


@pytest.fixture(scope="module")
def people(tables):
    """One row a defendant received by the cutoff, with the first of each date; by pandas alone."""
    intake, initiation, disposed, sentenced = tables.values()
    made = pd.DataFrame({"received": days(intake["received_date"]).to_numpy()}, index=intake["case_participant_id"])
    made["review"] = days(intake["felony_review_date"]).to_numpy()
    made["result"] = intake["felony_review_result"].to_numpy()
    for name, table, column in (
        ("initiated", initiation, "event_date"),
        ("arraigned", initiation, "arraignment_date"),
        ("disposed", disposed, "disposition_date"),
        ("sentenced", sentenced, "sentence_date"),
    ):
        made[name] = days(table[column]).groupby(table["case_participant_id"].to_numpy()).min()
    made["how"] = disposed.drop_duplicates("case_participant_id").set_index("case_participant_id")["charge_disposition"]
    return made


def in_order(people):
    """Those received by the cutoff, of whom nothing is dated before they were received."""
    later = ["review", "initiated", "arraigned", "disposed", "sentenced"]
    here = people[people["received"].notna()]
    return here[~here[later].lt(here["received"], axis=0).any(axis=1)]


def incidence(length, reached, other):
    """Aalen-Johansen by hand: time -> share that had reached it."""
    left, share, found = 1.0, 0.0, {}
    for time in np.unique(length):
        at_risk, here = np.sum(length >= time), length == time
        share += left * np.sum(here & reached) / at_risk
        left *= 1 - np.sum(here & (reached | other)) / at_risk
        found[time] = share
    return found


def test_impossible_dates_are_counted_and_cases_with_them_left_out(whole, log, people, tables):
    report = procmine.load_report(whole).rows
    rows = dict(zip(report["reason"], report["rows"]))
    pairs = [
        ("intake", "received_date"),
        ("intake", "felony_review_date"),
        ("initiation", "event_date"),
        ("initiation", "arraignment_date"),
        ("dispositions", "disposition_date"),
        ("sentencing", "sentence_date"),
    ]
    dates = {pair: pd.to_datetime(tables[pair[0]][pair[1]], format="mixed").dt.normalize() for pair in pairs}
    assert rows["later than the last day of the data"] == sum(np.sum(one > CUTOFF) for one in dates.values())
    assert max(one.max().year for one in dates.values()) == 2219
    assert len(log) == len(in_order(people))
    assert len(whole) - len(log) == 1_119
    assert log.about.history[-1].say() == "cases that begin with Received; 1,119 others are left out"
    wrong = {one.kind: one.count for one in procmine.quality(whole).found}
    assert wrong["late_first"] >= 1_000


def test_a_cutoff_later_than_the_data_is_noticed(folder):
    text = (folder / "cook.yaml").read_text(encoding="utf-8").replace(f"cutoff: {CUTOFF}", "cutoff: 2019-12-31")
    (folder / "late.yaml").write_text(text, encoding="utf-8")
    found = {one.kind: one for one in procmine.quality(procmine.read(folder / "late.yaml")).found}
    assert found["no_ends"].count == 29  # rejections are recorded until 2 December


def test_from_arraignment_to_disposition_open_cases_are_counted(log, people):
    """Completed ones alone: half within 84 days. With those still open: nearly three times as long."""
    here = in_order(people)
    here = here[here["arraigned"].notna()]
    end = pd.Timestamp(CUTOFF)
    kind = here["how"].isin(list(ENDS))
    after = here["disposed"].where(kind & (here["disposed"] >= here["arraigned"]))
    reached = after.notna().to_numpy()
    assert after.sub(here["arraigned"]).dt.days.median() == 84
    length = (after.fillna(end + pd.Timedelta(days=1)) - here["arraigned"]).dt.days.to_numpy()
    found = procmine.time_between(log, procmine.first("Arraignment"), procmine.first("Disposition")).rows
    assert found["cases"][0] == len(here)
    assert found["ended"][0] == reached.sum()
    others = int(found["otherwise"][0])
    assert others < 20  # so that leaving them out by hand moves nothing
    by_hand = incidence(length, reached, np.zeros(len(length), bool))
    for share in (0.1, 0.25, 0.4, 0.5):
        expected = next(time for time, so_far in by_hand.items() if so_far >= share)
        place = np.flatnonzero(np.isclose(found["share"], share))[0]
        assert abs(found["time"][place] / np.timedelta64(1, "D") - expected) <= 1
    assert 230 < found["time"][49] / np.timedelta64(1, "D") < 260


def test_nothing_is_told_where_the_data_do_not_reach(log, whole):
    """11 months of data: no share is reached after more days than the data have, not even by cases with impossible dates."""
    for one in (log, whole):
        found = procmine.time_between(one, procmine.first("Arraignment"), procmine.first("Disposition")).rows["time"]
        assert np.nanmax(found[~np.isnat(found)] / np.timedelta64(1, "D")) < 331


def test_how_cases_end_adds_up_and_is_as_by_hand(log, people):
    rows = pd.DataFrame(procmine.outcomes(log, within=(90, 180)).rows)
    assert np.allclose(rows.groupby("within")["share"].sum(), 1)
    assert set(rows["outcome"]) == {*ENDS.values(), "rejected at felony review", "still open"}
    early = in_order(people)
    early = early[early["received"] <= pd.Timestamp(CUTOFF) - pd.Timedelta(days=180)]  # all watched for 180 days
    within = (early["disposed"] - early["received"]).dt.days <= 180
    dropped = early["how"].isin([step for step, end in ENDS.items() if end == "dropped or dismissed"]) & within
    told = rows[(rows["within"].dt.days == 180) & (rows["outcome"] == "dropped or dismissed")]["share"].item()
    assert abs(told - dropped.mean()) < 0.02  # Aalen-Johansen takes later cases as far as they were watched


def test_standards_count_those_that_were_due(log, people, folder):
    rows = pd.DataFrame(procmine.standards(log, folder / "standards.yaml").rows)
    here = in_order(people)
    here = here[here["arraigned"].notna()]
    for row, limit in zip(rows.itertuples(), (90, 180, 365)):
        due = here[(pd.Timestamp(CUTOFF) + pd.Timedelta(days=1) - here["arraigned"]).dt.days > limit]
        took = (due["disposed"] - due["arraigned"]).dt.days.where(due["how"].isin(list(ENDS)))
        assert row.due == len(due) - row.otherwise
        assert row.done == ((took >= 0) & (took <= limit)).sum()
    assert rows["verdict"].tolist() == ["not met", "not met", ""]


def test_what_came_is_by_month_and_no_month_is_said_to_be_whole(log, people, folder):
    found = procmine.caseload(log, counting=folder / "standards.yaml")
    rows = pd.DataFrame(found.rows).set_index("month")
    came = in_order(people)["received"].dt.strftime("%Y-%m").value_counts().sort_index()
    assert rows["new"].tolist() == came.tolist()
    assert rows.index.tolist() == came.index.tolist() == [f"2019-{month:02}" for month in range(1, 12)]
    assert np.allclose(rows["clearance"], rows["outgoing"] / rows["incoming"])
    (went_on,) = (int(note.values["n"]) for note in log.about.notes if note.key == "load.reopened")
    pending = rows["pending_end"].iloc[-1] + rows["inactive_end"].iloc[-1]
    assert 0 <= np.count_nonzero(log.open) - pending <= went_on  # open by what is dated after the last day
    assert not rows["complete"].any()  # those received before 2019 are not in the extract
    assert [one.key for one in found.findings()] == ["caseload.no_whole"]


def test_groups_that_are_known_only_of_finished_cases_are_not_to_be_compared(log, folder):
    """The court stands in the table of dispositions: each court seems to be quick."""
    found = procmine.standards(log, folder / "standards.yaml", by=["court_name"])
    said = [one.say() for one in found.messages()]
    assert said[0].startswith("Do not compare these groups: ")
    assert "court_name, of the open ones" in said[0]
    assert show(found, "agency").sentences[0] == said[0]
    fair = procmine.standards(log, folder / "standards.yaml", by=["offense_category"])
    assert not any(one.startswith("Do not compare") for one in fair.sentences())


def test_the_pages_name_no_judge_and_no_case_and_say_what_was_left_out(log, tables, folder):
    pages = [brief(log).html, run_page(folder)]
    judges = {*tables["dispositions"]["judge"].dropna(), *tables["sentencing"]["sentence_judge"].dropna()}
    assert len(judges) > 90
    for page in pages:
        assert not [name for name in judges if name in page]
        assert not [case for case in log.case.levels.to_pylist() if case in page]
        assert "1,120 others are left out" in page
    assert "dates that are later than the data or otherwise impossible" in pages[0]
    for said in (
        "Of all cases, 300 days after they came in",
        "From Arraignment to Disposition: ",
        "not met. Of 10,8",
        "No period is whole",
    ):
        assert said in pages[1]
    assert "late_cases" not in pages[1]
    assert "team only" not in pages[1]


def run_page(folder):
    cells = [{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": 'source = ""\nstandards = ""'}]
    cells += [{"cell_type": "code", "metadata": {}, "source": cell.strip()} for cell in PAGE.split("---")]
    cells = [{**cell, "id": f"c{k}", "outputs": [], "execution_count": None} for k, cell in enumerate(cells)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "page.ipynb").write_text(json.dumps(book), encoding="utf-8")
    given = {"source": str(folder / "cook.yaml"), "standards": str(folder / "standards.yaml")}
    made = procmine.run_report(folder / "page.ipynb", given, folder / "out", audience="agency")
    return made.page.read_text(encoding="utf-8")
