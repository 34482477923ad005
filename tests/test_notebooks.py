"""Notebooks are pages, not programs; each runs as a report and gives an answer."""

import ast
import json
import re
from pathlib import Path

import pytest
from guarded import run_guarded

import procmine
from procmine.publish.batch.extract import office_extract
from procmine.publish.batch.extracts import put_log
from procmine.publish.notebooks import run_report
from procmine.publish.tour import PARAMETERS

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
ALL = {"asof": "", "attribute": "", "outcome": ""}  # of all cases, to any end
SOON = {"others": [], "target": "8 in 10 within 10 days", "draws": 40}
ANYWHERE = {"court": "", "step": ""}


def code_of(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells, [cell for cell in cells if cell["cell_type"] == "code"]


def test_there_are_ten():
    assert [path.stem[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(1, 11)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_thin(path):
    cells, code = code_of(path)
    title = "".join(cells[0]["source"])
    assert title.startswith("# ")
    assert title.splitlines()[0].endswith("?")
    assert len(code) <= 12
    assert [cell["metadata"].get("tags") for cell in code].count(["parameters"]) == 1
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in code)
    tree = ast.parse("\n".join("".join(cell["source"]) for cell in code))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)
        if isinstance(node, ast.Import):
            assert {name.name for name in node.names} <= {"procmine", "pandas"}
        assert not isinstance(node, ast.ImportFrom)


SAID = {
    "01": "6,039 cases, 51,945 events",
    "02": "The most frequent one has",
    "03": "Court order issued: of every 10 days",
    "04": "half of all cases would reach First payment received within 166 days; today it is 217 days",
    "05": "since 2025-10-06 take 70 days less on average in their first 105 days than those before",
    "06": "Decision: not met. Of 3,696 cases that were due, 29% were done within 120 days",
    "08": "What a model was learned from",
    "09": "consent-orders: no sign that the gain is slipping.",
    "10": "In 2026-10, 140 cases came and 178 cases were finished; 686 cases are open at the end",
    "07": "no difference between the 6 offices that stands out from chance",
}


def test_there_is_a_sentence_of_each():
    assert set(SAID) == {path.stem[:2] for path in NOTEBOOKS}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo as a user begins it, which runs every notebook as a report, in a process that may reach nobody."""
    folder = tmp_path_factory.mktemp("demo")
    done, tried = run_guarded(folder, "-m", "procmine.cli", "demo", "-o", str(folder / "made"), timeout=1_200)
    return folder / "made", done, tried


@pytest.mark.slow
def test_the_demo_ends_well_and_reaches_no_other_computer(demo):
    folder, done, tried = demo
    assert (tried, done.returncode) == ("", 0), done.stderr
    assert (folder / "index.html").is_file()


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [one for one in NOTEBOOKS if one.stem[:2] not in PARAMETERS], ids=lambda path: path.stem
)
def test_a_notebook_runs_as_a_report(demo, path):
    """As the demo runs it: with the parameters that stand in it."""
    page = (demo[0] / path.stem / f"{path.stem}.html").read_text(encoding="utf-8")
    assert 'class="broken"' not in page
    told_by(page, path)


@pytest.mark.parametrize("path", [one for one in NOTEBOOKS if one.stem[:2] in PARAMETERS], ids=lambda path: path.stem)
def test_a_notebook_that_the_demo_runs_otherwise_runs_as_it_stands(tmp_path, path):
    report = run_report(path, {"draws": 80} if path.stem.startswith("04") else {}, tmp_path)
    assert report.problems == ()
    told_by(report.page.read_text(encoding="utf-8"), path)


def told_by(page, path):
    assert SAID[path.stem[:2]] in page
    assert "<img" in page or path.stem.startswith("01")
    assert "procmine.read(" not in page


@pytest.mark.parametrize(
    ("number", "given", "said"),
    [
        (2, {}, "1,434 cases take 116 different paths"),
        (3, {"group": "channel", **ANYWHERE}, "of every 10 days that cases wait"),
        (
            3,
            {"start": "Confirmation of receipt", "stop": "T10 Determine necessity to stop indication", **ANYWHERE},
            "Half were there within",
        ),
        (
            4,
            {
                "step": "T10 Determine necessity to stop indication",
                "words": "T10 came at once",
                "days": 0,
                **SOON,
                **ALL,
            },
            "T10 came",
        ),
        (
            5,
            {"change": "2011-06-06", "attribute": "", "value": "", "start": "", "stop": "", "horizon": 28},
            "since 2011-06-06",
        ),
        (
            6,
            {
                "start": "Confirmation of receipt",
                "stop": "T10 Determine necessity to stop indication",
                "within": 8,
                "first_answer": "",
                "group": "channel",
            },
            "cases that were due",
        ),
        (7, {"office": "channel", "returned": "", "good": ""}, "of all differences in time between cases"),
        (10, {"first": "2011-10-01", "last": "2011-12-31"}, "In the three months up to 2011-12, 251 cases came"),
    ],
)
def test_a_notebook_runs_on_another_log(shared, tmp_path, number, given, said):
    """Notebooks on a log that nobody made them for."""
    source = shared / "receipt_coselog" / "receipt.csv.gz"
    report = run_report(NOTEBOOKS[number - 1], {"source": str(source), **given}, tmp_path)
    assert report.problems == ()
    assert said in report.page.read_text(encoding="utf-8")


@pytest.mark.parametrize("audience", ["agency", "public"])
def test_a_month_for_others_tells_of_an_office_and_nothing_small(tmp_path, audience):
    """Cañada has 5 to 15 cases a month: its page is of a quarter, full, and holds no count that is not of tens."""
    log = procmine.read(FOLDER.parent / "event_logs" / "child_support.yaml")
    log = office_extract(log, "office", "Cañada", audience=audience)
    put_log(log, tmp_path / "extract")
    given = {"source": str(tmp_path / "extract"), "first": "2026-08-01", "last": "2026-10-31"}
    report = run_report(NOTEBOOKS[9], given, tmp_path, audience=audience)
    assert report.problems == ()
    page = report.page.read_text(encoding="utf-8")
    assert "In the three months up to 2026-10, 30 cases came and 50 cases were finished" in page
    assert "<img" in page and "of every 10 days that cases wait" in page and "More open cases are after" in page
    told = re.sub(r"<[^>]+>|data:image[^\"]+", " ", page)
    assert not re.search(r"\b([1-9]|\d*[1-9]) (open )?cases\b", told)
    assert not [case for case in log.case.values() if case in page]
    said = told.split("Run with")[0]  # after it the parameters stand as they were given
    assert bool(re.search(r"2026-10-31", said)) == (audience == "agency")
