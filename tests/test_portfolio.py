"""Portfolio: where plans stand, in which order and words, and the days given back, counted apart case by case."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from logs import build
from openpyxl import load_workbook

import procmine
from procmine.proof.verdict.kinds import KINDS
from procmine.publish.paper.blocks import Table
from procmine.publish.paper.pdf import as_pdf, page_count
from procmine.publish.plans.given_back import Gained, given_back, processes, since
from procmine.publish.plans.plan import STAGES, Plan
from procmine.publish.plans.portfolio import floored
from procmine.settings import SettingsError, written
from procmine.words import ENGLISH

ROOT = Path(__file__).parents[1]
PLANS = ROOT / "plans"
CHANGES = ROOT / "event_logs" / "child_support_changes.yml"
LOG = ROOT / "event_logs" / "child_support.yaml"
TODAY = "2026-11-10"
WAIT = {"start": "Petition filed", "stop": "Court order issued", "horizon": 105}
GAIN = {"verdict": "improved", "figure": -70.4, "low": -73.4, "high": -67.5, "data": "2026-07-31"}


@pytest.fixture(scope="module")
def log():
    return procmine.read(LOG)


def change(*measured, where=None, **other):
    """An entry of changes.yml that began with the sample's change."""
    given = {"idea": "An idea", "status": "running", "date": "2025-10-06", "recorded": "2025-09-08", "where": where or {},
             "decide_on": ["2026-08-03"], "measured": list(measured), **WAIT}  # fmt: skip
    return {**given, **other}


def folder(path, entries, **plans):
    """A folder of plans, each for the change of its name, and their changes.yml."""
    (path / "changes.yml").write_text(written({"changes": entries}), encoding="utf-8")
    (path / "plans").mkdir()
    for name, said in plans.items():
        plan = {
            "title": name, "office": "North", "problem": {"staff": "a", "customers": "b"}, "step": "Court order issued",
            "change": {"file": "../changes.yml", "id": name}, "baseline": {"days": 72}, "customers_notice": "c",
            "target": {"days": 7, "by": "2026-10-31"}, "dates": {"begin": "2025-10-06", "review": ["2026-08-03"]},
            **said,
        }  # fmt: skip
        (path / "plans" / f"{name}.yml").write_text(written(plan), encoding="utf-8")
    return path / "plans"


def petitions(where, weeks):
    """By hand from the CSV: the numbers of cases whose petition came in so many weeks from 2025-10-06 on."""
    rows = pd.read_csv(ROOT / "event_logs" / "child_support.csv", dtype=str)
    kept = rows[rows["activity"] == "Application received"]
    for name, value in where.items():
        kept = kept[kept[name] == value]
    filed = rows[(rows["activity"] == "Petition filed") & rows["case_id"].isin(kept["case_id"])].copy()
    filed["day"] = pd.to_datetime(filed["timestamp"], format="ISO8601")
    first = filed.groupby("case_id")["day"].min()
    begin = pd.Timestamp("2025-10-06")
    return set(first[(first >= begin) & (first < begin + pd.Timedelta(weeks=weeks))].index)


WEEKS = (np.datetime64("2026-08-01") - np.datetime64("2025-10-06")).astype(int) // 7 - 15  # watched for 15 weeks


# where they stand


def test_by_stage_then_by_what_comes_next_whatever_came_of_it():
    found = procmine.portfolio(PLANS, today=TODAY)
    assert list(found.rows["stage"]) == ["idea", "running", "closed"]
    assert list(found.rows["plan"]) == ["second_court_day_harbor", "consent_orders_north", "text_reminders_valley"]
    assert list(found.rows["overdue"]) == [False, True, False]
    assert [str(day) for day in found.rows["next"]] == ["2027-08-30", "2026-11-02", "NaT"]
    assert procmine.portfolio(PLANS, today="2026-10-01").rows["overdue"].sum() == 0


def test_the_order_does_not_ask_for_the_result(tmp_path):
    results = ("worse", "improved", "no_evidence", "improved")
    entries = {
        f"p{k}": change({**GAIN, "verdict": one, "figure": None, "low": None, "high": None})
        for k, one in enumerate(results)
    }
    stages = dict(zip(entries, ("running", "holding", "running", "idea")))
    found = procmine.portfolio(
        folder(tmp_path, entries, **{name: {"stage": one} for name, one in stages.items()}), today=TODAY
    )
    assert list(found.rows["plan"]) == ["p3", "p0", "p2", "p1"]


def test_a_review_is_done_once_data_of_it_were_measured(tmp_path):
    early = folder(tmp_path, {"a": change({**GAIN, "data": "2026-07-01"}), "b": change(GAIN)}, a={}, b={})
    found = procmine.portfolio(early, today="2026-08-10")
    told = dict(zip(found.rows["plan"], zip(found.rows["overdue"], found.rows["next"].astype(str))))
    assert told == {"a": (True, "2026-08-03"), "b": (False, "2026-10-06")}


def test_a_verdict_is_said_in_plain_words_and_what_did_not_help_is_learnt(tmp_path):
    assert {f"portfolio.verdict.{kind}" for kind in KINDS} <= set(ENGLISH)
    for kind in set(KINDS) - {"improved", "improved_for_most", "too_early"}:
        assert ENGLISH[f"portfolio.verdict.{kind}"].startswith("Learnt: ")
    entries = {"a": change({**GAIN, "verdict": "worse", "figure": 9.0, "low": 4.0, "high": 14.0}), "b": change(GAIN)}
    found = procmine.portfolio(folder(tmp_path, entries, a={}, b={}), today=TODAY, log=procmine.read(LOG))
    assert list(found.rows["verdict"]) == ["Learnt: waits grew", "Shorter waits: 70 days (68 to 73)"]


def test_small_units_are_not_named(tmp_path):
    entries = {name: change() for name in "abc"}
    told = {"a": {"unit": "night desk", "people": 4}, "b": {"unit": "night desk", "people": 5}, "c": {"people": 3}}
    found = procmine.portfolio(folder(tmp_path, entries, **told), today=TODAY)
    assert dict(zip(found.rows["plan"], found.rows["unit"])) == {"a": "", "b": "night desk", "c": ""}
    assert dict(zip(found.rows["plan"], found.rows["office"]))["c"] == "fewer than five people"


def test_all_plans_that_cannot_be_read_are_told_at_once(tmp_path):
    plans = folder(tmp_path, {"a": change()}, a={}, b={"owner": "Maria Lopez"}, c={"stage": "someday"}, d={})
    with pytest.raises(SettingsError) as told:
        procmine.portfolio(plans)
    for name in ("b.yml", "c.yml", "d.yml"):
        assert name in str(told.value)


def test_an_empty_folder_and_other_files(tmp_path):
    (tmp_path / "notes.txt").write_text("no plan")
    found = procmine.portfolio(tmp_path)
    assert (len(found), found.days) == (0, 0.0)
    assert "No plan was found" in str(found)
    assert page_count(found.paper()) == 1


# days given back


def test_the_cases_are_those_that_compare_counts(log):
    entry = procmine.changes(CHANGES)["consent-orders"]
    then = log.cut_to("2026-07-31")
    compared = procmine.compare(then, change=entry)
    after = compared.rows["cases"][list(compared.rows["period"]).index("after")]
    here = since(then, entry)
    assert len(here) == after
    assert set(then.case.take(here).values()) == petitions({"office": "North", "contested": "no"}, WEEKS)


def test_the_sample_gave_back_its_cautious_end_times_its_cases(log):
    cases = petitions({"office": "North", "contested": "no"}, WEEKS)
    found = procmine.portfolio(PLANS, today=TODAY, log=log, audience="team")
    assert (found.cases, found.days) == (len(cases), pytest.approx(67.5 * len(cases)))
    assert 8_000 < found.days < 10_000


def test_overlapping_changes_count_each_case_once_at_the_larger_gain(tmp_path, log):
    """Case by case: two changes in the North, one of them for all its petitions, and the same once more in another plan."""
    small = {**GAIN, "figure": -25.0, "low": -30.0, "high": -20.0}
    entries = {
        "all": change(small, where={"office": "North"}),
        "some": change(GAIN, where={"office": "North", "contested": "no"}),
        "again": change(GAIN, where={"office": "North", "contested": "no"}),
        "late": change(
            {**small, "high": -10.0}, where={"contested": "yes"}, date="2025-12-01", decide_on=["2026-08-03"]
        ),
    }
    found = procmine.portfolio(
        folder(tmp_path, entries, **{name: {} for name in entries}), today=TODAY, log=log, audience="team"
    )
    best = {}
    for name, days in (("late", 10.0), ("all", 20.0), ("some", 67.5), ("again", 67.5)):
        then = log.cut_to("2026-07-31")
        for case in then.case.take(since(then, procmine.changes(tmp_path / "changes.yml")[name])).values():
            best[case] = max(best.get(case, 0.0), days)
    north, agree = petitions({"office": "North"}, WEEKS), petitions({"office": "North", "contested": "no"}, WEEKS)
    assert sum(best[case] for case in north) == pytest.approx(67.5 * len(agree) + 20 * len(north - agree))
    assert found.days == pytest.approx(sum(best.values()))
    assert found.cases == len(best)
    told = dict(zip(found.rows["plan"], found.rows["cases"]))
    assert sorted((told["some"], told["again"])) == [0, len(agree)]
    assert found.rows["days"].sum() == pytest.approx(found.days)


def test_one_case_of_two_changes_by_hand():
    first = build([("a", "Ask", "2026-01-01"), ("b", "Ask", "2026-01-02")], cutoff="2026-02-01", ends=["Done"])
    other = build([("a", "Bake", "2026-01-01")], cutoff="2026-02-01", ends=["Eaten"])
    changes = {
        "x": Gained(5, first, frozenset("ab")),
        "y": Gained(9, first, frozenset("b")),
        "z": Gained(1, other, frozenset("a")),
    }
    found = {name: (one.days, one.cases) for name, one in given_back(changes).items()}
    assert found == {"x": (5, 1), "y": (9, 1), "z": (1, 1)}
    assert processes([first, other, first]) == [0, 1, 0]


def test_logs_that_share_a_step_share_their_cases():
    one, two, three = (
        build([("a", first, "2026-01-01"), ("a", then, "2026-01-02")], cutoff="2026-02-01", ends=["E"])
        for first, then in (("A", "B"), ("C", "D"), ("B", "C"))
    )
    assert len(set(processes([one, two]))) == 2
    assert len(set(processes([one, two, three]))) == 1
    twice = {"x": Gained(5, one, frozenset("a")), "y": Gained(4, three, frozenset("a"))}
    assert sum(each.cases for each in given_back(twice).values()) == 1


@pytest.mark.parametrize(
    ("measured", "why"),
    [
        ([], "not measured yet"),
        ([{**GAIN, "verdict": "improved_for_most"}], "waits were not judged shorter"),
        ([{**GAIN, "verdict": "artefact"}], "waits were not judged shorter"),
        ([GAIN, {**GAIN, "verdict": "no_evidence", "data": "2026-10-30"}], "waits were not judged shorter"),
        ([{**GAIN, "low": None, "high": None}], "no range of days on record"),
        ([{**GAIN, "high": 1.0}], "no range of days on record"),
        ([{**GAIN, "unit": "percent"}], "no range of days on record"),
        ([{**GAIN, "data": "2026-06-30", "provisional": True}], "looked at before a planned day"),
    ],
)
def test_what_does_not_count(tmp_path, log, measured, why):
    found = procmine.portfolio(folder(tmp_path, {"a": change(*measured)}, a={}), today=TODAY, log=log, audience="team")
    assert list(found.rows["not_counted"]) == [why]
    assert (found.days, found.cases) == (0.0, 0)
    assert "No days of waiting are counted as given back yet" in str(found)


def test_the_newest_measurement_counts_wherever_it_stands(tmp_path, log):
    late = {**GAIN, "verdict": "worse", "figure": 5.0, "low": 2.0, "high": 8.0, "data": "2026-10-30"}
    found = procmine.portfolio(folder(tmp_path, {"a": change(late, GAIN)}, a={}), today=TODAY, log=log)
    assert found.days == 0


def test_data_that_are_not_there_count_as_none_and_are_told(tmp_path):
    plans = folder(tmp_path, {"a": change(GAIN), "b": change(GAIN)}, a={}, b={"source": "gone.csv"})
    found = procmine.portfolio(plans, today=TODAY)
    assert found.days == 0
    assert "For 2 changes that would count the data could not be had" in str(found)
    assert "names no data" in found.rows["not_counted"][0]


def test_others_than_the_team_read_rounded_counts_and_nothing_of_few(tmp_path, log):
    where = {"office": "South", "contested": "yes", "channel": "office"}
    cases = petitions(where, WEEKS)
    assert 0 < len(cases) < 10
    found = procmine.portfolio(folder(tmp_path, {"a": change(GAIN, where=where)}, a={}), today=TODAY, log=log)
    assert np.isnan(found.rows["days"][0])
    assert list(found.rows["cases"]) == [0]
    assert "No days of waiting are counted" in str(found)
    mine = procmine.portfolio(tmp_path / "plans", today=TODAY, log=log, audience="team")
    assert mine.rows["cases"][0] == len(cases)


def test_the_public_reads_months():
    found = procmine.portfolio(PLANS, today=TODAY, audience="public")
    assert "2026-11" in str(found.paper(whole=True))
    assert not re.findall(r"20\d\d-\d\d-\d\d", str(found.paper(whole=True).blocks))


@pytest.mark.parametrize(("days", "said"), [(8_707.5, 8_700), (99.9, 99), (0.0, 0), (123_456.0, 120_000), (7.0, 7)])
def test_days_are_rounded_down(days, said):
    assert floored(days) == said


# the page


HOSTILE = ("<script>alert(1)</script>", "=HYPERLINK(1)", "\u202eevil\u202c", "🙂 '\"&", "#let x = panic()", "w" * 90)


def forty(path, n=40):
    entries = {
        f"plan-{k:02}": change(GAIN, why=f"What was learnt from number {k}, in a sentence that is long.")
        for k in range(n)
    }
    said = {
        name: {
            "stage": STAGES[k % 6],
            "title": f"{HOSTILE[k % 6]} {k:02}",
            "office": ["North", "Cañada"][k % 2],
            "learnt": "x",
        }
        for k, name in enumerate(entries)
    }
    return folder(path, entries, **said)


@pytest.mark.parametrize("size", ["a4", "us-letter"])
def test_forty_plans_on_one_page(tmp_path, log, size):
    found = procmine.portfolio(forty(tmp_path), today=TODAY, log=log)
    file = found.save(tmp_path / "board.pdf", size=size)
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext (poppler-utils)")
    told = subprocess.run(["pdfinfo", str(file)], capture_output=True, check=True, text=True).stdout
    assert "Pages:           1\n" in told
    text = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True).stdout.decode()
    assert text.count("overdue: ") + text.count("\n") > 40
    assert sum(text.count(f" {k:02}") > 0 for k in range(40)) >= 33  # all but those cut for their length
    assert "never by result" in " ".join(text.split())


def test_a_few_plans_have_several_lines_and_are_not_cut(tmp_path, log):
    table = next(
        one for one in procmine.portfolio(PLANS, today=TODAY, log=log).paper().blocks if isinstance(one, Table)
    )
    assert "Orders on paper where both parents agree" in [line[0] for line in table.lines]
    assert "A reminder does not make papers come sooner that others must write. Ask for fewer papers." in table.lines[2]


def test_no_cause_is_claimed_for_days_given_back(tmp_path, log):
    said = str(procmine.portfolio(PLANS, today=TODAY, log=log))
    assert "Days of waiting given back since the changes: likely at least 8,700, for 130 cases of 1 change." in said
    assert not re.findall("because of|did not wait|have shortened|thanks to|saved", said)


def test_forty_one_plans_on_two_pages(tmp_path, log):
    assert page_count(procmine.portfolio(forty(tmp_path, 41), today=TODAY, log=log).paper()) == 2


def test_the_type_is_no_smaller_than_eight_points(tmp_path, log):
    file = tmp_path / "board.pdf"
    file.write_bytes(as_pdf(procmine.portfolio(forty(tmp_path), today=TODAY, log=log).paper()))
    if shutil.which("pdftohtml") is None:
        pytest.skip("no pdftohtml (poppler-utils)")
    done = subprocess.run(
        ["pdftohtml", "-xml", "-i", "-stdout", str(file)], capture_output=True, check=True
    ).stdout.decode()
    sizes = {int(one.split('"')[0]) for one in done.split('size="')[1:]}
    page = float(done.split('height="')[1].split('"')[0])  # as drawn: 595 points of A4 across
    assert min(sizes) >= round(8 * page / 595.28) - 1


def test_hostile_titles_stay_words_on_the_page_and_in_the_workbook(tmp_path, log):
    found = procmine.portfolio(forty(tmp_path), today=TODAY, log=log)
    page = found.save(tmp_path / "board.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "\u202e" not in page
    found.to_excel(tmp_path / "board.xlsx")
    for line in load_workbook(tmp_path / "board.xlsx").worksheets[0].iter_rows():
        assert all(cell.data_type != "f" for cell in line)


def test_a_plan_can_be_handed_over_as_it_is():
    assert len(procmine.portfolio([Plan.read(PLANS / "consent_orders_north.yml")], changes=CHANGES, today=TODAY)) == 1


@pytest.mark.parametrize("wrong", [{"audience": "press"}, {"today": "tomorrow"}])
def test_arguments_that_make_no_sense(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong.values()))):
        procmine.portfolio(PLANS, **wrong)
