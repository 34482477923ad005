"""Batches before they run: settings, offices, extracts, comparisons, jobs and their keys; counted by hand."""

import json
import os
import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from logs import DAY, build, micros
from test_contract import same

import procmine
from procmine.languages import language
from procmine.log import EventLog, LogError
from procmine.publish.batch.against import MEASURES, STEPS, against_others
from procmine.publish.batch.before import Before
from procmine.publish.batch.expand import plan_jobs
from procmine.publish.batch.extract import office_extract
from procmine.publish.batch.extracts import put_log
from procmine.publish.batch.job import Batch, OfficesFound, Period
from procmine.publish.batch.months import days, last_month
from procmine.publish.batch.names import alike, folders, safe_name
from procmine.publish.batch.offices import find_offices, office_names, with_offices
from procmine.publish.batch.settings import JobsSettings
from procmine.publish.batch.take import _key
from procmine.scale.whole import read_whole, save_whole
from procmine.settings import SettingsError, load
from procmine.words import speaking

EVENT_LOGS = Path(__file__).parents[1] / "event_logs"
FORBIDDEN = set('<>:"/\\|?*') | {chr(code) for code in range(32)}


# ---- a folder of jobs, as a user has it


def notebook(path, **parameters):
    """A notebook whose cell tagged `parameters` assigns these."""
    lines = [f"{name} = {value!r}\n" for name, value in parameters.items()]
    cells = [
        {"cell_type": "markdown", "metadata": {}, "id": "a", "source": ["# What?"]},
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "id": "b", "source": lines, "outputs": [],
         "execution_count": None},
    ]  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")


def table(path, cases, cutoff="2026-10-31", **said):
    """A CSV and its spec; `cases` are (office, begin, end or None)."""
    lines = ["case_id,activity,timestamp,office"]
    for k, (office, begin, end) in enumerate(cases):
        lines.append(f'c{k:05},Filed,{begin},"{office}"')
        lines += [f'c{k:05},Closed,{end},"{office}"'] if end else []
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    spec = {"source": path.name, "cutoff": cutoff, "ends": {"Closed": "closed"}, "dates": {"format": "iso"}}
    spec |= {"columns": {"attributes": ["office"]}, "title": "Permits", **said}
    path.with_suffix(".yaml").write_text(json.dumps(spec), encoding="utf-8")


def three_offices():
    """North closes 3 in October, South 1 (and 2 in September), East none: it begins one in August 2025 and closes it."""
    north = [("North", f"2026-10-0{k}", f"2026-10-1{k}") for k in (1, 2, 3)]
    south = [("South", "2026-08-01", "2026-10-05"), *[("South", "2026-08-02", "2026-09-20")] * 2]
    return [*north, *south, ("East", "2026-01-03", "2026-02-01")]


@pytest.fixture
def there(tmp_path):
    table(tmp_path / "permits.csv", three_offices())
    notebook(tmp_path / "a.ipynb", source="permits.csv", share=80, step="")
    notebook(tmp_path / "b.ipynb", source="permits.csv", seed=1, days=[1, 2])
    return tmp_path


def jobs_file(there, **said):
    settings = {"title": "Permits every month", "log": "permits.yaml", "notebooks": ["a.ipynb", "b.ipynb"]}
    settings |= {"for_each": "office", "small": {"least": 1}} | said
    written = {name: one for name, one in settings.items() if one is not None}
    (there / "jobs.yml").write_text(json.dumps(written, ensure_ascii=False), encoding="utf-8")
    return there / "jobs.yml"


def planned(there, asked=None, **said):
    return plan_jobs(jobs_file(there, **said), month=asked, outputs=there / "outputs")


# ---- the plan


def test_a_plan_by_hand(there):
    batch = planned(there)
    assert batch.month == "2026-10" and batch.folder == (there / "outputs" / "2026-10").resolve()
    assert [job.id for job in batch.jobs] == [
        f"{office}/{name}/baseline" for office in ("East", "North", "South") for name in ("a", "b")
    ]
    log = procmine.read(batch.jobs[2].log)
    assert isinstance(log, EventLog) and len(log) == 3 and set(log.cases["office"]) == {"North"}
    assert batch.jobs[2].parameters == {"source": str(batch.jobs[2].log)}
    assert Batch.from_dict(json.loads(json.dumps(batch.to_dict()))) == batch
    inside = {path.relative_to(batch.folder).parts[0] for path in batch.folder.rglob("*") if path.is_file()}
    assert inside == {"work"}, "no case data in what is sent"


def test_again_the_same_keys_and_files_and_other_ones_for_whatever_changes(there):
    def keys(**said):
        return [job.key for job in planned(there, **said).jobs]

    first = keys()
    written = {path: path.stat().st_mtime_ns for path in (there / "outputs").rglob("*.parquet")}
    assert keys() == first and len(set(first)) == 6
    assert {path: path.stat().st_mtime_ns for path in (there / "outputs").rglob("*.parquet")} == written
    for change in ({"audience": "agency"}, {"seed": 3}, {"parameters": {}, "language": "en", "as_of": "month"}):
        other = keys(**change)
        assert (other == first) == ("as_of" in change), change  # cut at the day on which it ends anyway: the same cases
    assert keys(limits={"minutes": 5, "megabytes": 100}, workers=3) == first, "how it is run changes no result"
    with (there / "a.ipynb").open("a", encoding="utf-8") as file:
        file.write(" ")
    changed = keys()
    assert [one == two for one, two in zip(first, changed)] == [False, True] * 3
    table(there / "permits.csv", [*three_offices(), ("South", "2026-10-30", None)])
    assert keys() != changed


def test_a_file_that_a_parameter_names_is_part_of_the_key(there):
    (there / "rules.yml").write_text("a: 1", encoding="utf-8")
    notebook(there / "a.ipynb", source="permits.csv", rules="rules.yml", other="")
    (first, *_), (again, *_) = (planned(there, notebooks=["a.ipynb"]).jobs for _ in range(2))
    assert first.key == again.key
    (there / "rules.yml").write_text("a: 2", encoding="utf-8")
    assert planned(there, notebooks=["a.ipynb"]).jobs[0].key != first.key, "the notebook's own default"
    (there / "more.yml").write_text("b: 1", encoding="utf-8")
    said = planned(there, notebooks=["a.ipynb"], parameters={"other": "more.yml"}).jobs[0]
    assert said.parameters["other"] == str(there / "more.yml"), "seen from the file of jobs, wherever one stands"
    (there / "more.yml").write_text("b: 2", encoding="utf-8")
    assert planned(there, notebooks=["a.ipynb"], parameters={"other": "more.yml"}).jobs[0].key != said.key


def test_matrix_and_scenarios_by_hand(there):
    batch = planned(
        there,
        notebooks=["a.ipynb"],
        matrix={"share": [50, 80], "step": ["Filed", "Closed", ""]},
        scenarios={"now": {}, "late": {"parameters": {"share": 10}}},
        overrides=[{"where": {"office": ["North", "East"]}, "leave_out": True}],
    )
    wanted = [
        (f"{base} share-{share} step-{step}", share, step)
        for base in ("now", "late")
        for share, step in product((50, 80), ("Filed", "Closed", ""))
    ]
    assert [(job.scenario, job.parameters["share"], job.parameters["step"]) for job in batch.jobs] == wanted
    assert len({job.id for job in batch.jobs}) == 12 and {job.office for job in batch.jobs} == {"South"}


def test_overrides_the_later_over_the_earlier(there):
    batch = planned(
        there,
        parameters={"step": "Filed"},
        notebooks=[{"file": "a.ipynb", "parameters": {"share": 70}, "minutes": 3}],
        overrides=[
            {"where": {"notebook": "a"}, "parameters": {"share": 1}},
            {"where": {"office": "North", "notebook": "a.ipynb"}, "parameters": {"share": 2}, "megabytes": 50},
            {"where": {"office": "East"}, "audience": "public", "minutes": 9},
        ],
    )
    told = {
        job.office: (job.parameters["share"], job.parameters["step"], job.seconds, job.megabytes, job.audience)
        for job in batch.jobs
    }
    assert told == {
        "North": (2, "Filed", 180, 50, "team"),
        "South": (1, "Filed", 180, 4_096, "team"),
        "East": (1, "Filed", 540, 4_096, "public"),
    }
    east = next(job for job in batch.jobs if job.office == "East")
    assert procmine.read(east.log).about.audience == "public"


def test_what_stands_in_braces(there):
    notebook(there / "a.ipynb", source="permits.csv", where="", told=["x"], against="")
    said = {"where": "{office} {scenario}", "told": ["{first}", "{last}", "{month}"], "against": "{against}"}
    north = planned(there, notebooks=["a.ipynb"], parameters=said).jobs[1]
    assert north.parameters["where"] == "North baseline"
    assert north.parameters["told"] == ["2026-10-01", "2026-10-31", "2026-10"]
    assert json.loads(Path(north.parameters["against"]).read_text(encoding="utf-8"))["office"] == "North"


def test_a_seed_goes_to_notebooks_that_have_one(there):
    jobs = planned(there, seed=42).jobs
    assert ["seed" in job.parameters for job in jobs[:2]] == [False, True] and jobs[1].parameters["seed"] == 42
    assert (
        planned(there, seed=42, notebooks=[{"file": "b.ipynb", "parameters": {"seed": 5}}]).jobs[0].parameters["seed"]
        == 5
    )


# ---- what is wrong, all at once


def test_every_error_of_the_file_at_once_with_its_path(there):
    with pytest.raises(SettingsError) as error:
        planned(there, wrokers=2, workers=0, month="October", limits={"minutes": -1}, offices={"renam": {}})
    for path in ("wrokers", "workers", "month", "limits.minutes", "offices.renam"):
        assert f"{path}: " in str(error.value), path
    assert not (there / "outputs").exists()


def test_every_contradiction_at_once(there):
    with pytest.raises(SettingsError) as error:
        planned(
            there,
            folder="../{month}",
            logs={"one": "permits.yaml"},
            language="xx",
            parameters={"step": "{ofice}"},
            offices={
                "renamed": {"A": "B", "B": "C"},
                "merged": {"D": ["A", "E"]},
                "each": {
                    "North": {"mail": "a@b.example\nBcc: c@d.example"},
                    "East": {"mail": "=1+1@x.example", "language": "zz"},
                },
            },
            scenarios={"low": {"notebooks": ["c.ipynb"]}},
            overrides=[
                {"where": {"notebook": "aa"}},
                {"where": {"scenario": "lowe"}, "leave_out": True},
                {"where": {}},
            ],
            matrix={"share": []},
        )
    said = str(error.value)
    wanted = [
        "not both",
        "'A' becomes more than one",
        "offices.renamed.B",
        "offices.each.North.mail",
        "offices.each.East.mail",
    ]
    wanted += [
        "language: there is no language 'xx'",
        "offices.each.East.language",
        "{ofice} stands for nothing",
        "folder: ",
    ]
    wanted += [
        "scenarios.low.notebooks",
        "did you mean 'low'",
        "overrides.0.where.notebook",
        "overrides.2.where",
        "matrix.share",
    ]
    for one in wanted:
        assert one in said, (one, said)
    assert not (there / "outputs").exists()


def test_every_wrong_parameter_of_every_job_at_once_before_anything_is_written(there):
    with pytest.raises(SettingsError) as error:
        planned(there, notebooks=[
            {"file": "a.ipynb", "parameters": {"shar": 1, "step": 7}},
            {"file": "b.ipynb", "parameters": {"seed": "many"}},
        ])  # fmt: skip
    said = str(error.value)
    assert "3 things are wrong" in said and "Did you mean 'share'?" in said
    assert "3 jobs, the first is East/a/baseline" in said and "3 jobs, the first is East/b/baseline" in said
    assert "seed = 'many'" in said and "step = 7" in said
    assert not (there / "outputs").exists()


def test_a_log_that_no_parameter_takes(there):
    notebook(there / "a.ipynb", log="permits.csv")
    with pytest.raises(SettingsError, match=r"has no parameter 'source'.*It has: log.*log_as"):
        planned(there, notebooks=["a.ipynb"])
    assert planned(there, notebooks=["a.ipynb"], log_as="log").jobs[0].parameters.keys() == {"log"}
    with pytest.raises(SettingsError, match="'source' is the log"):
        planned(there, notebooks=["b.ipynb"], parameters={"source": "x.csv"})


@pytest.mark.parametrize(
    "said",
    [{"parameters": {"db_password": "hunter2"}},
     {"overrides": [{"where": {"office": "North"}, "parameters": {"step": "pwd=hunter2"}}]},
     {"matrix": {"api_key": ["hunter2"]}}, {"logs": {"x": "postgres://me:hunter2@db/x"}, "log": None}],
)  # fmt: skip
def test_secrets_are_refused_and_not_repeated(there, said):
    notebook(there / "a.ipynb", source="permits.csv", step="", db_password="", api_key="")
    with pytest.raises(SettingsError, match="looks like a secret") as error:
        planned(there, notebooks=["a.ipynb", "missing.ipynb"], **said)
    assert "hunter2" not in str(error.value)


def test_two_jobs_with_one_folder_are_refused_with_both_places(there):
    notebook(there / "more" / "A.ipynb", source="permits.csv")
    with pytest.raises(SettingsError, match=r"notebooks\.0 .*notebooks\.2 .*both give East/A/baseline"):
        planned(there, notebooks=["a.ipynb", "b.ipynb", "more/A.ipynb"])


def test_a_missing_notebook_is_a_failed_job_and_stops_nothing(there):
    (there / "broken.ipynb").write_text("{", encoding="utf-8")
    jobs = planned(there, notebooks=["a.ipynb", "gone.ipynb", "broken.ipynb"]).jobs
    assert [bool(job.problems) for job in jobs] == [False, True, True] * 3
    assert jobs[1].problems == ("The notebook gone.ipynb is missing.",) and "broken.ipynb" in jobs[2].problems[0]
    assert str(there) not in "".join(one for job in jobs for one in job.problems)
    with pytest.raises(SettingsError, match="none of them is there"):
        planned(there, notebooks=["gone.ipynb"])


def test_a_missing_log_is_a_failed_job_and_stops_nothing(there):
    (there / "cut.csv").write_text("nothing\n", encoding="utf-8")
    batch = planned(
        there, log=None, logs={"permits": "permits.yaml", "gone": "gone.csv", "cut": "cut.csv"}, notebooks=["a.ipynb"]
    )
    failed = [job for job in batch.jobs if job.problems]
    assert [job.id for job in failed] == ["all/a gone/baseline", "all/a cut/baseline"]
    assert failed[0].problems == ("The log gone.csv is missing.",) and "cannot be read" in failed[1].problems[0]
    assert [job.id for job in batch.jobs if not job.problems] == [
        f"{one}/a permits/baseline" for one in ("East", "North", "South")
    ]
    with pytest.raises(LogError, match=r"gone\.csv is missing"):
        planned(there, log="gone.csv")


def test_without_for_each_the_log_itself(there):
    batch = planned(there, for_each=None, small=None)
    assert [job.id for job in batch.jobs] == ["all/a/baseline", "all/b/baseline"] and batch.offices == OfficesFound()
    assert batch.jobs[0].log == there / "permits.yaml" and batch.jobs[0].period == Period(
        "month", "2026-10-01", "2026-10-31"
    )


# ---- months


@pytest.mark.parametrize(
    ("cutoff", "month"),
    [("2026-10-31", "2026-10"), ("2026-10-30", "2026-09"), ("2026-11-01", "2026-10"), ("2024-02-29", "2024-02"),
     ("2024-02-28", "2024-01"), ("2023-02-28", "2023-02"), ("2100-02-28", "2100-02"), ("2026-12-31", "2026-12"),
     ("2026-01-30", "2025-12")],
)  # fmt: skip
def test_the_last_whole_month_by_hand(cutoff, month):
    log = build([("a", "Filed", "2020-01-01")], cutoff=cutoff, ends=[])
    assert last_month(log.about) == month


def test_the_last_month_is_told_by_the_clock_of_the_zone():
    """The end of October in Vilnius (UTC+2) is 22:00 in UTC; one microsecond less is still the day before's evening."""
    log = build([("a", "Filed", "2020-01-01")], cutoff="2026-10-31", ends=[])
    about = replace(log.about, axis="instant", zone="Europe/Vilnius")
    assert last_month(replace(about, cutoff=micros("2026-10-31T21:59:59.999999"))) == "2026-10"
    assert last_month(replace(about, cutoff=micros("2026-10-30T21:59:59.999999"))) == "2026-09"


def test_days_of_periods_by_hand():
    assert days("month", "2024-02") == ("2024-02-01", "2024-02-29")
    assert days("quarter", "2026-01") == ("2025-11-01", "2026-01-31")
    assert days("rolling_year", "2026-10") == ("2025-11-01", "2026-10-31")


def test_months_that_the_data_do_not_hold_are_refused(there):
    table(there / "permits.csv", three_offices(), cutoff="2026-10-30")
    assert planned(there).month == "2026-09" and planned(there, asked="2026-05").month == "2026-05"
    with pytest.raises(SettingsError, match=r"up to 2026-10-30, so they hold 2026-09 wholly, and not 2026-10"):
        planned(there, asked="2026-10")
    with pytest.raises(SettingsError, match="begin on 2026-01-03"):
        planned(there, month="2025-12")


def test_as_of_the_end_of_the_month(there):
    log = procmine.read(planned(there, month="2026-09", as_of="month").jobs[-1].log)
    assert log.about.cutoff == micros("2026-10-01") - 1
    assert log.open.tolist() == [True, False, False], "that of October is open as of September"
    whole = procmine.read(planned(there, month="2026-09").jobs[-1].log)
    assert whole.about.cutoff == micros("2026-11-01") - 1 and not whole.open.any()


# ---- offices


FIRST = Before()


def settings_of(**said):
    return JobsSettings.check({"title": "t", "log": "l", "notebooks": ["n"], "for_each": "office", **said}, "jobs.yml")


def log_of(cases, cutoff="2026-10-31"):
    rows = [(f"c{k:04}", "Filed", begin) for k, (_, begin, _) in enumerate(cases)]
    rows += [(f"c{k:04}", "Closed", end) for k, (_, _, end) in enumerate(cases) if end]
    offices = {f"c{k:04}": office for k, (office, *_) in enumerate(cases)}
    return build(rows, cutoff=cutoff, ends=["Closed"], attributes={"office": offices})


def found_in(log, before=FIRST, month="2026-10", **said):
    settings = settings_of(**said)
    named = with_offices(log, "office", settings.offices)
    return find_offices([named], settings, before, month, office_names(log, "office"))


def before_of(log, month="2026-09", **said):
    found = found_in(log, month=month, **said)
    return Before(month, found, dict(found.folders))


def titles(found):
    return [one.title for one in found.every]


def test_new_silent_renamed_merged_and_left_out_by_hand():
    september = log_of(
        [(name, "2026-09-01", "2026-09-10") for name in ("North", "Old Town", "East", "West", "Gone", "Quiet")]
    )
    cases = [(name, "2026-10-01", "2026-10-10") for name in ("North", "East", "West", "Brand New")]
    october = log_of([*cases, ("Old Town", "2026-09-01", "2026-10-01"), ("Quiet", "2026-09-01", "2026-09-10")])
    said = {
        "offices": {"renamed": {"Old Town": "New Town"}, "merged": {"Coast": ["East", "West"]}, "leave_out": ["North"]}
    }
    found = found_in(october, before_of(september), **said)
    assert titles(found) == ["Brand New", "Coast", "New Town", "Quiet"]
    assert set(found.new) == {"Brand New", "Coast", "New Town"} and found.silent == ("Gone", "Quiet")
    assert found.renamed == {"Old Town": "New Town"} and found.merged == {"Coast": ("East", "West")}
    assert found.left_out == ("North",) and found.seeming == {}
    coast = next(one for one in found.every if one.title == "Coast")
    assert (coast.cases, coast.begun, coast.closed) == (2, 2, 2)
    text = " ".join(one.say() for one in found.said)
    assert "Old Town is called New Town now" in text and "Coast holds the cases of East, West" in text
    assert OfficesFound.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_a_name_spelt_alike_is_proposed_and_nothing_is_done():
    was = before_of(log_of([("Saint Paul", "2026-09-01", None), ("Duluth", "2026-09-01", None)]))
    found = found_in(
        log_of([("St Paul", "2026-10-01", None), ("Duluth", "2026-10-01", None), ("Rochester", "2026-10-01", None)]),
        was,
    )
    assert found.seeming == {}, "7 of 10 letters are not alike enough"
    found = found_in(log_of([("Saint  paul", "2026-10-01", None), ("Rochester", "2026-10-01", None)]), was)
    assert found.seeming == {"Saint Paul": "Saint  paul"} and set(found.new) == {"Saint  paul", "Rochester"}
    assert found.silent == ("Duluth", "Saint Paul")


def test_of_two_that_went_only_the_one_most_alike_is_proposed():
    was = before_of(log_of([("Saint Paul", "2026-09-01", None), ("Saint Paul N", "2026-09-01", None)]))
    assert found_in(log_of([("Saint Pauls", "2026-10-01", None)]), was).seeming == {"Saint Paul": "Saint Pauls"}


def test_the_same_month_again_is_no_earlier_run(there):
    batch = planned(there)
    record = {"title": batch.title, "month": batch.month, "offices": batch.offices.to_dict()}
    (batch.folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    table(there / "permits.csv", [*three_offices(), ("Hill", "2026-10-01", None)])
    again = planned(there)
    assert again.offices.new == () and "jobs.first_run" in [one.key for one in again.said]


def test_without_an_earlier_run_nothing_is_new():
    found = found_in(log_of([("North", "2026-10-01", None)]))
    assert found.new == () and "jobs.first_run" in [one.key for one in found.said]


def test_cases_without_an_office_are_a_group_of_their_own():
    found = found_in(log_of([("North", "2026-10-01", None), (None, "2026-10-01", None), ("  ", "2026-10-02", None)]))
    assert [(one.name, one.title, one.folder, one.cases) for one in found.every] == [
        ("North", "North", "North", 1),
        (None, "no office stated", "not stated", 2),
    ]
    named = found_in(log_of([("not stated", "2026-10-01", None), (None, "2026-10-01", None)]))
    assert len({one.folder for one in named.every}) == 2


def test_small_offices_fall_back_and_say_so():
    def office(name, *months):
        return [(name, f"{month}-01", f"{month}-15") for month in months]

    big = office("Big", *["2026-10"] * 3)
    middle = office("Middle", "2026-10", "2026-09", "2026-08", "2026-01")
    small = office("Small", "2026-10", "2026-01", "2025-11")
    tiny = office("Tiny", "2026-10", "2025-10")
    log = log_of([*big, *middle, *small, *tiny])
    found = found_in(log, small={"least": 3})
    told = {one.title: (one.period.kind, one.period.first, one.closed, one.period.why) for one in found.every}
    assert {name: of[:3] for name, of in told.items()} == {
        "Big": ("month", "2026-10-01", 3),
        "Middle": ("quarter", "2026-08-01", 3),
        "Small": ("rolling_year", "2025-11-01", 3),
        "Tiny": ("rolling_year", "2025-11-01", 1),
    }
    assert told["Big"][3] is None and found.small == ("Middle", "Small", "Tiny")
    assert "closed 1 case in 2026-10, fewer than 3" in told["Middle"][3].say() and "3 cases" in told["Middle"][3].say()
    assert told["Tiny"][3].key == "jobs.small.still"
    assert {one.period.kind for one in found_in(log, small={"least": 3, "then": []}).every} == {"month"}
    others = found_in(log, small={"least": 3}, audience="public")
    assert [one.period.why and one.period.why.key for one in others.every] == [
        None, "jobs.few.quarter", "jobs.few.rolling_year", "jobs.few.still"]  # fmt: skip
    assert "fewer than 3 cases in 2026-10" in others.every[1].period.why.say(), "and how many they are is not told"
    only_year = found_in(log, small={"least": 3, "then": ["rolling_year", "quarter"]})
    assert [one.period.kind for one in only_year.every if one.title == "Middle"] == ["quarter"], "the shorter one first"


def test_people_are_no_offices(there):
    log = log_of([("North", "2026-10-01", None)])
    with pytest.raises(LogError, match="names people"):
        with_offices(replace(log, about=replace(log.about, persons=("office",))), "office", settings_of().offices)
    with pytest.raises(SettingsError, match=r"for_each: No attribute 'ofice'.*office"):
        planned(there, for_each="ofice")


def test_offices_known_from_the_manifest_of_the_last_run(there):
    batch = planned(there, month="2026-09")
    batch.folder.mkdir(parents=True, exist_ok=True)
    record = {"title": batch.title, "month": batch.month, "offices": batch.offices.to_dict()}
    record["offices"]["folders"] = {"North": "Nord 1", "South": "../../elsewhere"}
    (batch.folder / "manifest.json").write_text(json.dumps(record), encoding="utf-8")
    (there / "outputs" / "torn").mkdir()
    (there / "outputs" / "torn" / "manifest.json").write_text('{"title": ', encoding="utf-8")
    table(there / "permits.csv", [*three_offices(), ("Hill", "2026-10-01", None)])
    now = planned(there)
    assert now.offices.new == ("Hill",) and now.offices.silent == ("East",)
    where = {one.title: one.folder for one in now.offices.every}
    assert where == {"East": "East", "Hill": "Hill", "North": "Nord 1", "South": "South"}, (
        "no path of the record is followed"
    )
    assert any("torn" in one.say() for one in now.said)
    assert planned(there, title="Another batch").offices.new == ()


def test_calendars_go_with_the_names_of_offices():
    log = log_of([("East", "2026-10-01", None), ("West", "2026-10-01", None)])
    nine, eight = ({"hours": {"monday": f"0{hour}:00-17:00"}} for hour in (9, 8))
    about = replace(log.about, calendar_by="office", calendars={"East": nine, "West": nine})
    said = settings_of(offices={"merged": {"Coast": ["East", "West"]}}).offices
    assert with_offices(replace(log, about=about), "office", said).about.calendars == {"Coast": nine}
    about = replace(about, calendars={"East": nine, "West": eight})
    with pytest.raises(LogError, match=r"'Coast' have different opening hours \(East, West\)"):
        with_offices(replace(log, about=about), "office", said)


# ---- names of folders

NAMES = st.text(max_size=80) | st.sampled_from(
    ["CON", "nul.txt", "Lpt1", "a.", "a ", " a", "..", ".", "a/b", "a\\b", "=1+1", "-rf", "Cañada", "Ca\u0303nada", "北區",
     "مكتب",
     "🏛", "\u202eabc", "A" * 300, "a\x00b", "COM¹", "aux", "NORTH", "north", "ß", "SS", "\ufb01", "fi", "not stated", "all"]
)  # fmt: skip


@given(NAMES)
def test_any_text_gives_a_name_that_is_safe_everywhere(text):
    name = safe_name(text)
    assert 1 <= len(name) <= 40 and not FORBIDDEN & set(name)
    assert name == name.strip(" .") and name.isprintable() and name[0] not in "-=+@"
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name)
    assert name == safe_name(text) == safe_name(name), "the same again"
    name.encode("utf-8")


@given(st.lists(NAMES, max_size=12, unique=True), st.data())
def test_folders_differ_on_every_disk_and_stay_from_month_to_month(names, data):
    first = folders(names, {})
    assert list(first) == names and len({alike(one) for one in first.values()}) == len(names)
    more = data.draw(st.lists(NAMES, max_size=6, unique=True))
    kept = [name for name in names if data.draw(st.booleans())]
    later = folders([*more, *kept], first)
    assert all(later[name] == first[name] for name in kept)
    assert len({alike(one) for one in later.values()}) == len(later)
    gone = {alike(first[name]) for name in names if name not in later}
    assert not gone & {alike(folder) for name, folder in later.items()}, (
        "no other office gets the folder of one that is gone"
    )


def test_safe_names_by_hand(tmp_path):
    assert safe_name("North") == "North" and safe_name("Cañada") == "Cañada" and safe_name("St. Paul") == "St. Paul"
    assert safe_name("CON") == "office-" + safe_name("CON")[-6:] and safe_name("a/b").startswith("a_b-")
    assert folders(["NORTH"], {"north": "north"})["NORTH"].startswith("NORTH-"), (
        "the folder of one that is gone stays its own"
    )
    two = folders(["north", "NORTH"], {})
    assert two["north"] != two["NORTH"] and two["north"].lower() != two["NORTH"].lower()
    for name in folders(["a", "🏛 hall", "北區", "x" * 90], {}).values():
        (tmp_path / name).mkdir()


# ---- extracts


def offices_with_secrets():
    """Two offices whose every text differs: steps, staff, families, calendars, limits, contacts."""
    rows, office, staff, of_unit = [], {}, [], []
    for k in range(12):
        name = "Northgate" if k % 2 else "Southmoor"
        office[f"{name}-{k}"] = name
        for step, day in (("Filed", 1), (f"Heard at {name}", 5), ("Closed", 9)):
            rows.append((f"{name}-{k}", step, f"2026-0{k % 6 + 1}-0{day}"))
            staff.append(f"clerk of {name}")
            of_unit.append(None if step == "Filed" else "desk")
    days = {"monday": "09:00-12:00"}
    return build(
        rows,
        cutoff="2026-10-31",
        ends=["Closed", "Heard at Southmoor"],
        attributes={"office": office, "family": {case: f"family {case}" for case in office}},
        event_attributes={"staff": staff, "unit": of_unit},
        persons=("staff",),
        party="family",
        outcomes={"Closed": "closed", "Heard at Southmoor": "heard in Southmoor"},
        stages={"Hearing": ("Heard at Southmoor", "Heard at Northgate"), "Southmoor only": ("Heard at Southmoor",)},
        tags={"Heard at Southmoor": "law", "Filed": "habit"},
        first_steps=("Filed",),
        calendars={"Northgate": {"hours": days}, "Southmoor": {"hours": days}, "default": {"hours": days}},
        calendar_by="office",
        clock={
            "begins": "Filed",
            "pauses": [
                {"from_step": "Heard at Southmoor", "to_step": "Closed", "whose": "Southmoor court"},
                {"from_step": "Heard at Northgate", "to_step": "Closed", "whose": "court"},
            ],
        },
        limits=(
            {"name": "Southmoor promise", "start": "Heard at Southmoor", "stop": "Closed", "within": 9.0},
            {"name": "all", "start": "arrival", "stop": "Closed", "within": 30.0},
        ),
        title="Permits",
        source={"data": "southmoor.csv", "data_sha256": "ab" * 32},
        files=("southmoor.csv", "northgate.csv"),
    )


def test_nothing_of_other_offices_is_in_the_bytes_of_an_extract(tmp_path):
    log = offices_with_secrets()
    for name, other in (("Northgate", "Southmoor"), ("Southmoor", "Northgate")):
        put_log(office_extract(log, "office", name, audience="team"), tmp_path / name)
        bytes_of = b"".join(path.read_bytes() for path in sorted((tmp_path / name).iterdir()))
        assert name.encode() in bytes_of, "what is looked for would be seen"
        assert other.lower().encode() not in bytes_of.lower()
        assert b".csv" not in bytes_of, "of several files none is named: each may be an office's"


def test_nothing_of_other_offices_of_the_sample(tmp_path):
    log = procmine.read(EVENT_LOGS / "child_support.yaml")
    every = {name: log.where({"office": name}) for name in ("Cañada", "Harbor", "North")}
    for name, own in every.items():
        put_log(office_extract(log, "office", name, audience="team"), tmp_path / name)
        bytes_of = b"".join(path.read_bytes() for path in sorted((tmp_path / name).iterdir()))
        others = log.cases[log.cases["office"] != name]
        mine = {*own.cases["case"], *own.cases["family_id"].dropna(), *own.events["staff"].dropna()}
        theirs = {*others["case"], *others["family_id"].dropna(), *log.events["staff"].dropna()} - mine
        assert len(theirs) > 5_000 and all(one.encode() in bytes_of for one in sorted(mine)[:50])
        words = {word.decode() for word in re.findall(rb"[\w-]{4,}", bytes_of)}  # shorter ones are in numbers by chance
        assert not theirs & words
        again = procmine.read(tmp_path / name)
        assert not theirs & {*again.case.levels.to_pylist(), *_levels(again)}
        for office in ("Harbor", "North", "Valley", "Lakeside", "South", "Cañada"):
            assert (office.encode() in bytes_of) == (office == name), office


def _levels(log):
    texts = [
        *log.attributes.values(),
        *log.event_attributes.values(),
        log.voice.kind,
        log.voice.channel,
        log.voice.reason,
    ]
    return [level for text in texts for level in text.levels.to_pylist()]


def test_an_extract_keeps_all_of_the_about_that_matters(tmp_path):
    log = procmine.read(EVENT_LOGS / "child_support.yaml")
    own, found = log.where({"office": "North"}), office_extract(log, "office", "North", audience="agency")
    put_log(found, tmp_path / "North")
    again = procmine.read(tmp_path / "North")
    assert isinstance(again, EventLog) and again.about.to_dict() == found.about.to_dict()
    told = ("title", "notes", "source", "files", "audience")
    for name in vars(own.about):
        if name not in told:  # history too: "cases where office is North"
            assert again.about.to_dict()[name] == own.about.to_dict()[name], name
    assert again.about.audience == "agency" and again.about.title.endswith(": North")
    assert again.about.source["data_sha256"] == own.about.source["data_sha256"]
    for name in ("activity", "time", "offset", "arrival", "until", "open"):
        np.testing.assert_array_equal(getattr(again, name), getattr(own, name))
    for kind in ("attributes", "event_attributes"):
        for name, text in getattr(own, kind).items():
            np.testing.assert_array_equal(getattr(again, kind)[name].values(), text.values())
    np.testing.assert_array_equal(again.case.values(), own.case.values())
    assert procmine.load_report(again).rows["rows"].tolist() == [len(own.time)]


def test_measures_of_an_extract_equal_those_of_the_filter(tmp_path):
    log = procmine.read(EVENT_LOGS / "child_support.yaml")
    put_log(office_extract(log, "office", "South", audience="team"), tmp_path / "South")
    own, again = log.where({"office": "South"}), procmine.read(tmp_path / "South")
    for measure in (
        procmine.survival,
        procmine.bottlenecks,
        procmine.process_map,
        procmine.service_times,
        procmine.caseload,
    ):
        same(measure(own).rows, measure(again).rows)
    mine = own.voice.case[np.isin(own.voice.case, own.case.codes)]
    assert len(again.voice.case) == len(mine) > 50
    np.testing.assert_array_equal(
        again.case.values()[again.voice.case], np.array(own.case.levels.to_pylist(), object)[mine]
    )


def test_a_whole_log_comes_back_as_it_was(six, office, tmp_path):
    for k, log in enumerate((six, office, office.only_activities(["Order"]), offices_with_secrets())):
        save_whole(log, tmp_path / str(k))
        again = read_whole(tmp_path / str(k))
        assert again.about.to_dict() == log.about.to_dict() and isinstance(procmine.read(tmp_path / str(k)), EventLog)
        for name in ("activity", "time", "offset", "arrival", "until", "open", "last_seen"):
            np.testing.assert_array_equal(getattr(again, name), getattr(log, name))
            assert getattr(again, name).dtype == getattr(log, name).dtype
    with pytest.raises(ValueError, match="settled already"):
        procmine.read(tmp_path / "0", cutoff="2026-01-01")


def test_rules_that_count_stay_and_others_go():
    about = office_extract(offices_with_secrets(), "office", "Northgate", audience="team").about
    assert about.activities == ("Filed", "Heard at Northgate", "Closed") and about.ends == ("Closed",)
    assert about.stages == {"Hearing": ("Heard at Northgate",)} and about.tags == {"Filed": "habit"}
    assert [one["from_step"] for one in about.clock["pauses"]] == ["Heard at Northgate"]
    assert [one["name"] for one in about.limits] == ["all"] and set(about.calendars) == {"Northgate", "default"}
    log = log_of([("North", "2026-10-01", None), ("South", "2026-10-01", "2026-10-02")])
    log = replace(log, about=replace(log.about, clock={"begins": "Filed", "stops": ["Closed"]}))
    about = office_extract(log, "office", "North", audience="team").about
    assert about.clock["stops"] == ["Closed"] and "Closed" in about.activities, "else the clock would stop elsewhere"


def test_the_extract_speaks_the_language_of_the_office(there):
    with speaking(language("en")):
        english = planned(there).jobs[0]
    assert procmine.read(english.log).about.title == "Permits: East"


def test_the_days_asked_for(there):
    jobs = {job.office: job for job in planned(there, notebooks=["a.ipynb"], period={"from": "first"}).jobs}
    assert len(procmine.read(jobs["North"].log)) == 3 and not jobs["North"].problems
    assert jobs["South"].problems and "no case that began" in jobs["South"].problems[0]
    jobs = {job.office: job for job in planned(there, notebooks=["a.ipynb"], period={"from": "3 months"}).jobs}
    assert len(procmine.read(jobs["South"].log)) == 3 and jobs["East"].problems
    jobs = {
        job.office: job
        for job in planned(there, notebooks=["a.ipynb"], period={"from": "2026-08-02", "to": "2026-08-31"}).jobs
    }
    assert len(procmine.read(jobs["South"].log)) == 2


def test_it_is_said_which_pages_do_not_keep_to_the_period(there):
    def told(**said):
        return [one.values["notebooks"] for one in planned(there, **said).said if one.key == "jobs.every_case"]

    assert told() == ["a, b"] and told(period={"from": "first"}) == []
    assert told(notebooks=["b.ipynb", {"file": "a.ipynb", "parameters": {"step": "{first}"}}]) == ["b"]


def test_a_hostile_office_stops_nobody(there):
    cases = [
        (name, "2026-10-01", "2026-10-02")
        for name in ("North", "pwd=x", "<script>alert(1)</script>", "../../etc", "CON", "=cmd()")
    ]
    table(there / "permits.csv", cases)
    batch = planned(there, notebooks=["a.ipynb"], parameters={"step": "{office}"})
    failed = {job.office for job in batch.jobs if job.problems}
    assert failed == {"pwd=x"}, "a name in the data that looks like a secret is that office's trouble only"
    for job in batch.jobs:
        assert (batch.place(job).resolve()).is_relative_to(batch.folder / "offices")
        assert job.log.is_relative_to(batch.folder / "work")


# ---- your office against the others


def offices_with_times(middle, each=200, seed=1):
    """Offices whose cases take about so many days, begun evenly over the year up to October 2026."""
    draw = np.random.default_rng(seed)
    cases = []
    for name, length in middle.items():
        for begin in np.sort(draw.integers(0, 300, each)):
            first = np.datetime64("2025-11-01T09:00") + int(begin) * 1_440
            last = first + round(length * 1_440 * float(draw.lognormal(0, 0.3)))
            cases.append((name, str(first), str(last) if last < np.datetime64("2026-11-01") else None))
    return log_of(cases)


FIVE = {"A": 10.0, "B": 10.0, "C": 30.0, "D": 31.0, "E": 90.0}


def test_bands_by_hand():
    found = against_others(offices_with_times(FIVE), "office", "2026-10")
    bands = {name: {one: of.rows[0][one] for one in ("faster", "alike", "slower")} for name, of in found.items()}
    assert bands["A"] == {"faster": 0, "alike": 1, "slower": 3}
    assert bands["C"] == {"faster": 2, "alike": 1, "slower": 1}
    assert bands["E"] == {"faster": 4, "alike": 0, "slower": 0}
    assert {(of.rows[0]["band_low"], of.rows[0]["band_high"]) for of in found.values()} <= {
        (7.0, 50.0),
        (10.0, 50.0),
        (7.0, 70.0),
    }
    assert len({(of.rows[0]["band_low"], of.rows[0]["band_high"]) for of in found.values()}) == 1
    log = offices_with_times(FIVE).where({"office": "C"})
    half = procmine.survival(log)
    own = found["C"].rows[0]
    at = half.rows["share"] == 0.5
    assert own["own"] == half.rows["time"][at][0] / np.timedelta64(1, "D") and own["n"] == 200


def test_fewer_than_five_offices_or_thirty_cases_tell_nothing():
    four = against_others(offices_with_times({name: FIVE[name] for name in "ABCD"}), "office", "2026-10")
    assert all(not of.rows and of.said[0].key == "against.few" for of in four.values())
    log = offices_with_times(FIVE)
    few = offices_with_times({"F": 20.0}, each=29)
    cases = [*_cases(log), *_cases(few)]
    found = against_others(log_of(cases), "office", "2026-10")
    assert not found["F"].rows and found["F"].said[0].key == "against.too_small"
    assert found["A"].rows[0]["offices"] == 4, "an office of 29 cases is not counted"


def _cases(log):
    frame = log.cases
    return [(one.office, str(one.arrival), None if one.open else str(one.until)) for one in frame.itertuples()]


def test_no_name_and_no_exact_figure_of_another_office_even_by_differences():
    """Whoever has all the others' tables cannot find one office's figure: they are the same for each value inside a band."""
    base = offices_with_times(FIVE)
    found = against_others(base, "office", "2026-10")
    for name, of in found.items():
        text = json.dumps(of.to_dict())
        for other in set(FIVE) - {name}:
            assert f'"{other}"' not in text
            for row in found[other].rows:
                assert str(row["own"]) not in text and str(row["low"]) not in text
    limits = {0.0, *(step * 10.0**power for power in range(6) for step in STEPS)}
    assert {of.rows[k][one] for of in found.values() for k in (0, 1) for one in ("band_low", "band_high")} <= limits | {
        None
    }
    moved = against_others(offices_with_times({**FIVE, "C": 31.0}), "office", "2026-10")
    assert moved["C"].rows[0]["own"] != found["C"].rows[0]["own"]
    for name in set(FIVE) - {"C"}:
        assert moved[name].to_dict() == found[name].to_dict(), "one office a day slower: nobody else's table tells"


def test_for_others_than_the_team_its_own_figures_are_rounded_too():
    found = against_others(offices_with_times(FIVE, each=203), "office", "2026-10", audience="agency")
    for of in found.values():
        for row in of.rows:
            assert row["n"] == 200 and all(
                row[one] is None or row[one] == round(row[one]) for one in ("own", "low", "high")
            )
    assert set(MEASURES) == {row["measure"] for row in found["A"].rows}
    assert all(one.say() for of in found.values() for one in of.said)


# ---- the sample, and real logs


def test_the_jobs_of_the_sample(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    batch = plan_jobs(EVENT_LOGS / "child_support_jobs.yml")
    assert batch.folder == tmp_path / "outputs" / "child_support_2026-10" and len(batch.jobs) == 12
    assert not any(job.problems for job in batch.jobs) and len({job.key for job in batch.jobs}) == 12
    assert (tmp_path / "outputs" / ".procmine").read_text(encoding="utf-8") == "child_support_2026-10\n", (
        "clean may delete it"
    )
    log = procmine.read(EVENT_LOGS / "child_support.yaml")
    for one in batch.offices.every:
        frame = log.cases[log.cases["office"] == one.name]
        closed = frame[~frame["open"] & (frame["until"] >= one.period.first) & (frame["until"] < "2026-11-01")]
        assert one.closed == len(closed) and (one.period.kind == "month") == (
            one.title in ("Harbor", "North", "Valley")
        )
    assert {one.title: one.mail for one in batch.offices.every if one.mail} == {
        "North": "north@agency.example", "Cañada": "canada@agency.example"}  # fmt: skip


@pytest.mark.slow
def test_a_real_log_by_phase_of_permit(shared, tmp_path):
    """Building permits of a Dutch municipality, taken apart by the phase that a case was in."""
    log = procmine.read(shared / "bpic15" / "BPIC15_1.xes.gz")
    by = "(case)_last_phase"
    notebook(tmp_path / "a.ipynb", source="x.csv")
    said = {
        "title": "Permits",
        "log": str(shared / "bpic15" / "BPIC15_1.xes.gz"),
        "notebooks": ["a.ipynb"],
        "for_each": by,
    }
    (tmp_path / "jobs.yml").write_text(json.dumps(said), encoding="utf-8")
    batch = plan_jobs(tmp_path / "jobs.yml", outputs=tmp_path / "outputs")
    parts = [procmine.read(job.log) for job in batch.jobs]
    assert sum(map(len, parts)) == len(log) and sum(len(one.time) for one in parts) == len(log.time)
    assert sum(int(one.open.sum()) for one in parts) == int(log.open.sum())
    assert {one.about.cutoff for one in parts} == {log.about.cutoff}
    assert len({os.path.normcase(job.id) for job in batch.jobs}) == len(batch.jobs) == len(batch.offices.every)


def test_documents_name_every_key():
    text = (Path(__file__).parents[1] / "docs" / "batch.md").read_text(encoding="utf-8")
    for name, field in JobsSettings.model_fields.items():
        assert f"`{field.alias or name}`" in text, name
    example = (EVENT_LOGS / "child_support_jobs.yml").read_text(encoding="utf-8")
    JobsSettings.check(load(example, "jobs.yml"), "jobs.yml")
    assert DAY == 86_400_000_000


def test_the_hash_of_a_log_is_of_its_data_also_where_the_spec_is_named(there):
    batch = planned(there, for_each=None)
    before = batch.jobs[0]
    assert before.log.suffix == ".yaml" and _key(batch, before) == _key(batch, planned(there, for_each=None).jobs[0])
    table(there / "permits.csv", [*three_offices(), ("North", "2026-10-01", "2026-10-20")])
    after = planned(there, for_each=None).jobs[0]
    assert after.data != before.data and _key(batch, after) != _key(batch, before)


GROWING = "a: &a [l,l,l,l,l,l,l,l,l,l]\n" + "".join(
    f"{one}: &{one} [{','.join([f'*{before}'] * 10)}]\n" for before, one in zip("abcdefgh", "bcdefghi")
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title: T\ntitle: U\n", r"title \(line 2\)"),
        ("title: T\noffices:\n  renamed: {North: South, North: East}\n", r"North \(line 3\)"),
        (
            "title: T\nparameters:\n" + "".join(f"  {line}\n" for line in GROWING.splitlines()),
            "more than 20,000 values",
        ),
        ("title: T\nparameters: {things: &x {a: *x}}\n", "line 2 holds itself"),
    ],
)
def test_a_file_that_repeats_names_or_grows_is_refused_at_once(there, text, said):
    (there / "jobs.yml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=said):
        plan_jobs(there / "jobs.yml", outputs=there / "outputs")


def test_numbers_that_are_none_and_more_jobs_than_can_be_meant_are_refused(there):
    (there / "jobs.yml").write_text(
        "title: T\nlog: permits.yaml\nnotebooks: [a.ipynb]\nlimits: {minutes: .inf}\n", encoding="utf-8"
    )
    with pytest.raises(SettingsError, match=r"limits\.minutes"):
        plan_jobs(there / "jobs.yml", outputs=there / "outputs")
    (there / "jobs.yml").write_text(
        "title: T\nlog: permits.yaml\nnotebooks: [a.ipynb]\nparameters: {share: [.nan]}\n", encoding="utf-8"
    )
    with pytest.raises(SettingsError, match=r"parameters\.share: \.nan"):
        plan_jobs(there / "jobs.yml", outputs=there / "outputs")
    with pytest.raises(SettingsError, match="1,000,000,000 choices"):
        planned(there, matrix={name: list(range(1_000)) for name in ("share", "step", "seed")})
    with pytest.raises(SettingsError, match="12,000 jobs are asked for"):  # 3 offices, 2 notebooks, 2 scenarios
        planned(there, matrix={"share": list(range(1_000))}, scenarios={"x": {}, "y": {}})
