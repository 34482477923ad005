"""Notebooks are pages, not programs; each runs as a report and gives an answer."""

import ast
import json
from pathlib import Path

import pytest

from procmine.publish.notebooks import run_report

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
ALL = {"asof": "", "attribute": "", "outcome": ""}  # of all cases, to any end
SOON = {"others": [], "target": "8 in 10 within 10 days", "draws": 40}
ANYWHERE = {"court": "", "step": ""}


def code_of(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells, [cell for cell in cells if cell["cell_type"] == "code"]


def test_there_are_nine():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06", "07", "08", "09"]


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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_as_a_report(path, tmp_path):
    report = run_report(path, {"draws": 80} if path.stem.startswith("04") else {}, tmp_path)
    assert report.problems == ()
    page = report.page.read_text(encoding="utf-8")
    expected = {
        "01": "6,039 cases, 51,945 events",
        "02": "The most frequent one has",
        "03": "Court order issued: of every 10 days",
        "04": "half of all cases would reach First payment received within 166 days; today it is 217 days",
        "05": "since 2025-10-06 take 70 days less on average in their first 105 days than those before",
        "06": "Decision: not met. Of 3,696 cases that were due, 29% were done within 120 days",
        "08": "What a model was learned from",
        "09": "consent-orders: no sign that the gain is slipping.",
        "07": "no difference between the 6 offices that stands out from chance",
    }[path.stem[:2]]
    assert expected in page
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
    ],
)
def test_a_notebook_runs_on_another_log(shared, tmp_path, number, given, said):
    """Notebooks on a log that nobody made them for."""
    source = shared / "receipt_coselog" / "receipt.csv.gz"
    report = run_report(NOTEBOOKS[number - 1], {"source": str(source), **given}, tmp_path)
    assert report.problems == ()
    assert said in report.page.read_text(encoding="utf-8")
