"""A folder of one's own, as `procmine new --folder` makes it: it can be read and begins with figures of the log."""

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import procmine
from procmine.cli import main
from procmine.proof.records.changes import Changes
from procmine.publish.batch.expand import plan_jobs
from procmine.publish.batch.settings import JobsSettings
from procmine.publish.notebooks import notebook_parameters
from procmine.publish.plans.plan import Plan
from procmine.simulate.policy import Policy

LINES = "case,step,when,{office}\n" + "".join(
    f"c{case},{step},2026-01-{day:02},{'North' if case < 7 else 'South'}\n"
    for case in range(10)
    for step, day in (("Begin", 1), ("Look", 3), ("Done", 11 + case))
)  # North: seven cases that take 10 to 16 days, half within 13; South: three


def begin(folder: Path, column: str = "office") -> Path:
    (folder / "my log.csv").write_text(LINES.format(office=column), encoding="utf-8")
    words = ["new", str(folder / "my log.csv"), "--yes", "--folder", str(folder / "ours"), "--end", "Done"]
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 0, answer.output
    return folder / "ours"


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return begin(tmp_path_factory.mktemp("new"))


def test_the_log_is_read_from_where_it_lies(ours: Path) -> None:
    log = procmine.read(ours / "my log.yaml")
    assert (len(log), int(log.open.sum())) == (10, 0)


def test_the_plan_begins_with_the_figures_of_the_largest_office(ours: Path) -> None:
    plan = Plan.read(ours / "plans" / "first_plan.yml")
    assert (plan.office, dict(plan.where)) == ("North", {"office": "North"})
    assert (plan.step, plan.baseline.days, plan.target.days) == ("Done", 13.0, 10.4)
    assert plan.log_path() is not None
    assert plan.log_path().is_file()  # type: ignore[union-attr]


def test_what_is_still_to_be_filled_in_keeps_plan_and_brief_a_draft(ours: Path) -> None:
    plan = Plan.read(ours / "plans" / "first_plan.yml")
    assert plan.unwritten() == ["problem.staff", "problem.customers", "change", "customers_notice"]
    assert "problem.customers" in " ".join(one.say() for one in plan.missing())
    page = procmine.brief(procmine.read(ours / "my log.yaml"), plan=plan).html
    assert "write here" not in page
    assert "what the plan leaves to be filled in (problem.staff, problem.customers, change, customers_notice)" in page


def test_the_other_files_are_read_too(ours: Path) -> None:
    assert list(Changes.read(ours / "changes.yml").rows["change"]) == ["first-idea"]
    assert Policy.read(ours / "policies" / "first_policy.yml").name == "Done within 12 days"  # half took 8 to 12 days
    jobs = JobsSettings.read(ours / "jobs.yml")
    assert (jobs.for_each, jobs.log) == ("office", "my log.yaml")
    assert [Path(one.file).stem for one in jobs.notebooks] == ["10_this_month", "03_find_bottlenecks"]
    batch = plan_jobs(ours / "jobs.yml", outputs=ours / "outputs")
    assert not any(job.problems for job in batch.jobs)
    mine = {job.office: job.parameters for job in batch.jobs if "10_this" in job.id}["North"]
    period = next(one.period for one in batch.offices.every if one.name == "North")
    assert (mine["month"], mine["first"], mine["last"]) == (batch.month, period.first, period.last)
    assert Path(mine["against"]).is_file()


def test_notebooks_are_on_the_log_and_name_nothing_of_the_sample(ours: Path) -> None:
    notebooks = sorted((ours / "notebooks").glob("*.ipynb"))
    assert len(notebooks) == 10
    for path in notebooks:
        given = notebook_parameters(path)
        assert given["source"] == "../my log.yaml"
        assert given.get("good", "done") == "done"
        text = json.dumps(list(given.values()))
        for name in ("child_support", "consent", "North", "Harbor", "contested", "paid", "petition", "court"):
            assert name.casefold() not in text.casefold(), (path.name, name)


def test_without_offices_there_is_no_notebook_that_compares_them(tmp_path: Path) -> None:
    ours = begin(tmp_path, "colour")
    assert not list((ours / "notebooks").glob("07_*"))
    assert "(07_" not in (ours / "notebooks" / "start_here.md").read_text(encoding="utf-8")
    assert JobsSettings.read(ours / "jobs.yml").for_each is None


def test_a_log_of_one_office_has_a_plan_that_can_be_checked(tmp_path: Path) -> None:
    ours = begin(tmp_path, "colour")
    path = ours / "plans" / "first_plan.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("(write here)", "As we said"), encoding="utf-8")
    found = procmine.check_plan(procmine.read(ours / "my log.yaml"), Plan.read(path))
    assert found.checks[0].state == "ok"
    assert "10 cases" in " ".join(one.say() for one in found.checks[0].said)  # all, of both colours
    assert "no column was seen to tell offices apart" in (ours / "jobs.yml").read_text(encoding="utf-8")


def test_the_pages_of_the_folder_are_about_it(ours: Path) -> None:
    """Each command of its README can be copied as it stands, and names a file that is there."""
    readme = (ours / "README.md").read_text(encoding="utf-8")
    commands = [shlex.split(one) for one in re.findall(r"`python run\.py ([^`]+)`", readme)]
    assert [one[0] for one in commands] == ["brief", "check", "lab", "try", "plan", "compare", "batch", "brief"]
    for command in commands:
        for path in [one for one in command[1:] if "/" in one]:
            assert Path(path).exists(), command
    start = (ours / "notebooks" / "start_here.md").read_text(encoding="utf-8")
    assert "on your own file, as my log.yaml says" in start
    assert "sample, so that" not in start
    assert len(re.findall(r"(?m)^\| \*\*.+\((\d\d_\w+\.ipynb)\) \|$", start)) == len(
        list((ours / "notebooks").glob("*.ipynb"))
    )


@pytest.mark.parametrize("column", ["District", "Dienststelle", "office_name"])
def test_what_tells_offices_apart_is_found_by_its_name(tmp_path: Path, column: str) -> None:
    assert JobsSettings.read(begin(tmp_path, column) / "jobs.yml").for_each == column


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    ours = begin(tmp_path)
    (ours / "changes.yml").write_text("mine", encoding="utf-8")
    answer = CliRunner().invoke(main, ["new", str(tmp_path / "my log.csv"), "--yes", "--folder", str(ours)])
    assert answer.exit_code == 2
    assert "not empty" in answer.output
    assert (ours / "changes.yml").read_text(encoding="utf-8") == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["my log.csv", "ours"]


def test_a_plan_just_begun_agrees_with_its_own_log(ours: Path) -> None:
    told = procmine.check_plan(procmine.read(ours / "my log.yaml"), Plan.read(ours / "plans" / "first_plan.yml"))
    state = dict(zip(told.rows["check"], told.rows["state"]))
    assert (state["baseline"], state["draft"]) == ("ok", "missing")
