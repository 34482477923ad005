"""Reports: what a notebook's run keeps, what it refuses, and that nothing half-written or half-safe is left."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import openpyxl
import pytest
from logs import build

import procmine
from procmine.publish.capture import MIME, Handed, of_result
from procmine.publish.notebooks import ReportError, fit_parameters, run_report
from procmine.publish.page import Stamp, loaded_from_elsewhere
from procmine.publish.workbook import write_report_workbook

TESTS = Path(__file__).parent
HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'
PARAMETERS = """change = "2026-03-01"
office = "North"
most: int = 5
share = 0.5
exact: bool = False
offices = ["North"]
limit = None
"""
LOG = f"""
import sys
sys.path.insert(0, {str(TESTS)!r})
from logs import build
rows = [(f"secret-{{k}}", step, f"2024-01-{{day:02}}") for k in range(30)
        for step, day in (("Start", 1 + k % 3), ({HOSTILE!r}, 5 + k % 4), ("End", 20 + k % 5))]
rows += [("secret-99", "Start", "2024-01-02"), ("secret-99", "=cmd|calc", "2024-01-09")]
offices = {{f"secret-{{k}}": "North" if k < 24 else "South" if k < 27 else "=1+1" for k in range(30)}}
log = build(rows, cutoff="2024-02-20", ends=["End"], attributes={{"office": {{**offices, "secret-99": "South"}}}},
            title="A <b>bold</b> title", source={{"data": "log.csv", "data_sha256": "abc123"}})
"""


def write(path, *cells, parameters=PARAMETERS, text="# Where does the time go?"):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_markdown_cell(text),
        nbformat.v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        *(nbformat.v4.new_code_cell(cell) for cell in cells),
    ]
    notebook.metadata.kernelspec = {"name": "no-such-kernel", "display_name": "x", "language": "python"}
    nbformat.write(notebook, path)
    return path


@pytest.fixture(scope="session", autouse=True)
def own_jupyter(tmp_path_factory):
    """Signatures of notebooks go to a folder of the test, not to the user's; a stray `python3` kernel stands there."""
    home = tmp_path_factory.mktemp("jupyter")
    stray = home / "kernels" / "python3"
    stray.mkdir(parents=True)
    spec = {"argv": ["/bin/false", "{connection_file}"], "display_name": "stray", "language": "python"}
    (stray / "kernel.json").write_text(json.dumps(spec))
    before = {name: os.environ.get(name) for name in ("JUPYTER_DATA_DIR", "JUPYTER_PATH", "JUPYTER_PREFER_ENV_PATH")}
    os.environ.update({"JUPYTER_DATA_DIR": str(home), "JUPYTER_PATH": str(home), "JUPYTER_PREFER_ENV_PATH": "0"})
    yield
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.update({name: value})


CELLS = (
    LOG + "log",
    "import procmine\nprocmine.bottlenecks(log)",
    "procmine.survival(log, by=['office'])",
    "procmine.variants(log)",
    "log.cases",
    "import sys, warnings\nprint(sys.executable, most + 1, office)",
    "warnings.warn('a warning')\nprint('to stderr', file=sys.stderr)",
)


@cache
def reports(base):
    """Made once, for test_paper_reports.py too: the same notebook for each audience, in a folder with unusual letters."""
    place = base / "Ein Ordner mit Ümläuten" / "žurnalas ir α"
    place.mkdir(parents=True)
    notebook = write(place / "Kur dingsta laikas ąč.ipynb", *CELLS)
    given = {"most": "7", "office": "South & <i>East</i>"}
    return {
        audience: run_report(notebook, given, place / f"out {audience}", audience=audience)
        for audience in ("team", "public")
    }


@pytest.fixture(scope="session")
def made(tmp_path_factory, own_jupyter):
    return reports(tmp_path_factory.getbasetemp())


def read(report):
    return report.page.read_text(encoding="utf-8")


def test_a_report_is_four_files_its_pictures_and_nothing_else(made):
    report = made["team"]
    assert report.status == "complete", report.problems
    kept = sorted(one.name for one in report.folder.iterdir())
    assert kept == [*(f"Kur dingsta laikas ąč.{end}" for end in ("html", "ipynb", "pdf", "xlsx")), "pictures"]
    assert report.pdf.read_bytes()[:5] == b"%PDF-"
    assert sorted(one.name for one in report.folder.parent.iterdir()) == [report.folder.name]


def test_the_page_loads_nothing_and_hostile_labels_are_text(made):
    for report in made.values():
        page = read(report)
        assert loaded_from_elsewhere(page) == []
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert "https://" not in page
        assert "<script" not in page
        assert "<img src=x" not in page
        assert "A <b>bold" not in page
    assert "&lt;script&gt;" in read(made["team"])


def test_the_page_has_no_code_no_warning_and_its_stamps(made):
    page = read(made["team"])
    for code in ("import procmine", "procmine.bottlenecks", "a warning", "to stderr"):
        assert code not in page
    for stamp in (
        "do not forward",
        "2024-02-20",
        "abc123",
        "procmine 0.",
        "most = 7",
        "office = South &amp; &lt;i&gt;East",
    ):
        assert stamp in page.replace('<span class="date">', "").replace("</span>", ""), stamp


def test_the_kernel_is_this_python_whatever_is_registered(made):
    page = read(made["team"])
    assert f"{sys.executable} 8 South &amp; &lt;i&gt;East" in page


def test_the_kept_notebook_has_code_and_outputs_but_nothing_of_ours(made):
    notebook = nbformat.read(made["team"].notebook, as_version=4)
    nbformat.validate(notebook)
    text = made["team"].notebook.read_text(encoding="utf-8")
    assert "procmine.bottlenecks(log)" in text
    assert "capture" not in text
    assert "vnd.procmine" not in text
    assert "input_path" not in text
    assert notebook.metadata.kernelspec.name == "python3"
    assert sum(len(cell.outputs) for cell in notebook.cells if cell.cell_type == "code") >= 5


def test_the_workbook_holds_each_table_no_formula_and_the_definitions(made):
    book = openpyxl.load_workbook(made["team"].workbook)
    assert book.sheetnames == ["About", "Bottlenecks", "Survival", "Variants", "Table", "Definitions"]
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d", "b"}
    texts = [cell.value for cell in cells if cell.data_type == "s"]
    assert any("cmd|calc" in text for text in texts)
    assert not any(text.startswith(("=", "+", "@")) for text in texts)
    said = " ".join(str(row[1]) for row in book["Definitions"].values)
    assert "Share = time before the step" in said
    assert "Kaplan-Meier" in said
    about = dict(book["About"].values)
    assert about["data_sha256"] == "abc123"
    assert about["run with most"] == "7"
    assert book["Table"].max_row == 32  # 31 cases and a heading
    days = [row[list(next(book["Bottlenecks"].values)).index("mean (days)")] for row in book["Bottlenecks"].values]
    assert days[1] == pytest.approx(np.mean([20 + k % 5 - (5 + k % 4) for k in range(30)]), abs=1e-3)


def test_the_public_gets_no_case_no_day_and_no_small_group(made):
    report = made["public"]
    assert report.status == "complete", report.problems
    book = openpyxl.load_workbook(report.workbook)
    cells = [str(cell.value) for sheet in book for row in sheet for cell in row]
    notebook = nbformat.read(report.notebook, as_version=4)
    shown = " ".join(str(output) for cell in notebook.cells for output in cell.get("outputs", []))
    for text in (read(report), shown, " ".join(cells)):
        assert "secret-" not in text
        assert "2024-02-20" not in text
        assert sys.executable not in text
    page = read(report)
    assert "For the public" in page
    assert "not shown" in page
    offices = {row[0] for row in list(book["Survival"].values)[1:]}
    assert offices == set()  # North (24) would give away the other two (4 and 3)


@pytest.mark.parametrize("audience", ["team", "agency"])
def test_lengths_in_the_workbook_are_in_the_days_of_the_clock(tmp_path, audience):
    """From Monday 9 o'clock to Wednesday 9 o'clock are two working days, of whatever hours; and two days of the calendar."""
    mondays = [np.datetime64("2023-01-02") + 7 * week for week in range(60)]
    rows = [(f"c{k}", step, f"{day + at}T09:00") for k, day in enumerate(mondays) for step, at in (("A", 0), ("B", 2))]
    log = build(rows, cutoff="2024-03-01", ends=["B"])
    for clock, unit in (({"clock": procmine.WorkingTime()}, "working days"), ({}, "days")):
        result = procmine.cycle_times(log, **clock)
        handed = Handed.from_dict(json.loads(json.dumps(of_result(result, audience=audience)[MIME])))
        path = write_report_workbook(handed.tables, Stamp(audience, "2024-03", {}), tmp_path / "a.xlsx")
        heading, values = openpyxl.load_workbook(path)["Cycle times"].values
        told = dict(zip(heading, values))
        assert told[f"half within ({unit})"] == 2.0
        assert told[f"mean ({unit})"] == 2.0
        assert not any("days" in name and f"({unit})" not in name for name in told)


def test_an_unknown_parameter_is_refused_before_anything_heavy(tmp_path):
    notebook = write(tmp_path / "n.ipynb", "1")
    code = f"""
import sys
from procmine.publish.notebooks import run_report
try:
    run_report({str(notebook)!r}, {{"ofice": "South"}}, {str(tmp_path / "out")!r})
except ValueError as error:
    print(error)
print([name for name in ("papermill", "nbconvert", "nbformat", "pandas", "matplotlib") if name in sys.modules])
"""
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TESTS.parent
    ).stdout.splitlines()
    assert "Did you mean 'office'?" in said[0]
    assert "change, office, most, share, exact, offices, limit" in said[0]
    assert said[1] == "[]"
    assert not (tmp_path / "out").exists()


def test_parameters_are_read_as_what_stands_in_the_notebook(tmp_path):
    notebook = write(tmp_path / "n.ipynb", "1")
    given = {"change": "2026-04-01", "most": "7", "share": "1", "exact": "yes", "offices": "North, South", "limit": "3"}
    expected = {
        "change": "2026-04-01",
        "most": 7,
        "share": 1.0,
        "exact": True,
        "offices": ["North", "South"],
        "limit": 3,
    }
    assert fit_parameters(notebook, given) == expected
    assert fit_parameters(notebook, {"office": "NO", "limit": "2026-04-01"}) == {"office": "NO", "limit": "2026-04-01"}
    for wrong in ({"most": "seven"}, {"exact": "maybe"}, {"most": 1.5}, {"change": 3}, {"most": True}):
        with pytest.raises(ReportError, match=next(iter(wrong))):
            fit_parameters(notebook, wrong)


def test_a_file_that_is_not_there_is_refused_before_anything_runs(tmp_path, monkeypatch):
    (tmp_path / "books").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "books" / "saved").mkdir()
    for name in ("books/beside.csv", "here/mine.csv"):
        (tmp_path / name).write_text("x")
    monkeypatch.chdir(tmp_path / "here")
    lines = 'source = "./saved"\noffice = "saved"\nother = "later.csv"\nwords = "paid in a day"\nempty = ""'
    notebook = write(tmp_path / "books" / "n.ipynb", "1", parameters=lines)
    for name in ("source", "other"):
        with pytest.raises(ReportError, match="no such file") as refused:
            run_report(notebook, {name: "typo.csv"}, tmp_path / "out")
        assert str(tmp_path / "here") in str(refused.value)
        assert str(tmp_path / "books") in str(refused.value)
        for there in ("mine.csv", "beside.csv", "../books/saved"):
            assert fit_parameters(notebook, {name: there}) == {name: there}
    assert not (tmp_path / "out").exists()
    free = {"words": "order.csv is not a file here", "empty": "typo.csv", "office": "South"}
    assert fit_parameters(notebook, free) == free


def test_a_secret_is_no_parameter(tmp_path):
    notebook = write(tmp_path / "n.ipynb", "1", parameters='db_password = ""\nurl = ""')
    for given in ({"db_password": "x"}, {"url": "postgresql://me:hidden@server/db"}):
        with pytest.raises(ReportError, match="secret") as refused:
            fit_parameters(notebook, given)
        assert "hidden" not in str(refused.value)


@cache
def broken_reports(base):
    (place := base / "failed").mkdir()
    notebook = write(place / "n.ipynb", "print('before')", f"raise ValueError({HOSTILE!r})", "print('after')")
    return {one: run_report(notebook, {}, place / one, audience=one) for one in ("team", "agency")}


@pytest.fixture(scope="session")
def failed(tmp_path_factory, own_jupyter):
    return broken_reports(tmp_path_factory.getbasetemp())


def test_an_error_cell_is_a_failed_report_with_a_red_banner(failed):
    report = failed["team"]
    assert report.status == "failed"
    assert "Cell 3" in report.problems[0]
    assert "ValueError" in report.problems[0]
    page = read(report).split("<main>")[1]
    assert page.index('class="broken"') < page.index("Where does the time go?")
    assert "<script" not in page
    assert "Traceback" not in page
    assert "before" in page
    assert "after" not in page
    notebook = nbformat.read(report.notebook, as_version=4)
    assert "not complete" in notebook.cells[0].source
    assert "<script" not in notebook.cells[0].source
    assert openpyxl.load_workbook(report.workbook)["About"]["A2"].value == "This report is not complete"


def test_an_error_says_nothing_of_the_data_to_others(failed):
    report = failed["agency"]
    assert report.problems == (f"Cell 3 of the notebook stopped: ValueError: {HOSTILE}",)  # on the author's screen
    assert report.kept == ("Cell 3 of the notebook stopped: ValueError",)
    assert (report.tries, report.cause) == (1, "error")
    assert "Cell 3 of the notebook stopped: ValueError" in read(report)
    assert "alert(1)" not in read(report)
    assert "alert(1)" not in nbformat.read(report.notebook, as_version=4).cells[0].source
    book = openpyxl.load_workbook(report.workbook)["About"]
    assert not [cell.value for row in book.rows for cell in row if "alert(1)" in str(cell.value)]
    assert "alert(1)" not in "".join(
        str(output) for cell in nbformat.read(report.notebook, 4).cells[1:] for output in cell.get("outputs", [])
    )


@pytest.mark.parametrize("audience", ["team", "agency"])
def test_of_a_file_only_its_name_is_printed(tmp_path, audience):
    private = tmp_path / "home of ąč" / "sources"
    private.mkdir(parents=True)
    (private / "mine.csv").write_text("x")
    lines = 'source = "later.csv"\nhow = ""\nother = []'
    notebook = write(tmp_path / "n.ipynb", "assert open(source).read() == 'x'\nprint(how)", parameters=lines)
    given = {"source": str(private / "mine.csv"), "how": "north/south", "other": [r"C:\Users\me\two.csv"]}
    report = run_report(notebook, given, tmp_path / "out", audience=audience)
    printed = read(report).split("<footer>")[1]
    assert "source = mine.csv" in printed
    assert "how = north/south" in printed
    assert "two.csv" in printed
    book = openpyxl.load_workbook(report.workbook)["About"]
    cells = " ".join(str(cell.value) for row in book.rows for cell in row)
    assert "mine.csv" in cells
    kept = nbformat.read(report.notebook, as_version=4)
    injected = next(one for one in kept.cells if "injected-parameters" in one.metadata.get("tags", []))
    for text in (printed, cells, *([] if audience == "team" else [str(kept)])):
        assert "home of" not in text
        assert "sources" not in text
        assert "Users" not in text
    names = {}
    exec(injected.source, names)
    assert names["source"] == (given["source"] if audience == "team" else "mine.csv")


def test_nothing_of_the_machinery_is_on_the_authors_screen(tmp_path):
    """A parameter whose comment has a sign of equality; what a kernel logs as it is stopped; and an error of its own."""
    logs = (
        "log = get_ipython().kernel.log\nlog.error('KeyboardInterrupt caught in kernel.')\nlog.error('one of its own')"
    )
    notebook = write(tmp_path / "n.ipynb", logs, "1 / 0", parameters='words = "one"  # "" = none')
    code = (
        "import logging; logging.basicConfig()\nfrom procmine.publish.notebooks import run_report\n"
        f"print(run_report({str(notebook)!r}, {{'words': 'x'}}, {str(tmp_path / 'out')!r}, audience='public'))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=TESTS.parent, capture_output=True, text=True, check=True)
    assert "division by zero" in done.stdout
    assert "one of its own" in done.stderr
    assert "Unable to parse" not in done.stderr
    assert "KeyboardInterrupt caught" not in done.stderr


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["x = 1"], "shows nothing"),
        (["import sys\nprint('only a warning', file=sys.stderr)"], "shows nothing"),
        ([LOG + "log.having('=cmd|calc').where({'office': 'North'})"], "no rows"),
    ],
)
def test_an_empty_report_has_failed(tmp_path, cells, said):
    report = run_report(write(tmp_path / "n.ipynb", *cells), {}, tmp_path / "out")
    assert report.status == "failed"
    assert said in report.problems[0]
    assert 'class="broken"' in read(report)


def test_a_page_that_would_load_something_has_failed(tmp_path):
    notebook = write(tmp_path / "n.ipynb", "1 + 1", text="# A\n\n![x](https://example.org/spy.png)")
    report = run_report(notebook, {}, tmp_path / "out")
    assert report.status == "failed"
    assert "example.org/spy.png" in report.problems[0]
    assert loaded_from_elsewhere(read(report)) == []


def test_a_kernel_that_dies_is_tried_once_more(tmp_path):
    mark = tmp_path / "ran once"
    dies = f"import os, pathlib\nmark = pathlib.Path({str(mark)!r})\nif not mark.exists():\n    mark.touch()\n    os._exit(9)"
    report = run_report(write(tmp_path / "n.ipynb", dies, "'there'"), {}, tmp_path / "out")
    assert report.status == "complete", report.problems
    assert (report.tries, report.cause, report.kept) == (2, None, ())
    assert "there" in read(report)


@pytest.mark.slow
def test_a_cell_that_takes_too_long_has_failed(tmp_path):
    report = run_report(
        write(tmp_path / "n.ipynb", "import time\ntime.sleep(60)"), {}, tmp_path / "out", cell_timeout=2
    )
    assert report.status == "failed"
    assert "2 seconds" in report.problems[0]


def test_a_killed_run_leaves_the_last_report_as_it_was(tmp_path):
    out = tmp_path / "out"
    notebook = write(tmp_path / "n.ipynb", "'the first'")
    before = read(run_report(notebook, {}, out))
    started = tmp_path / "started"
    write(notebook, f"import pathlib, time\npathlib.Path({str(started)!r}).touch()\ntime.sleep(60)")
    code = f"from procmine.publish.notebooks import run_report; run_report({str(notebook)!r}, {{}}, {str(out)!r})"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=TESTS.parent)
    for _ in range(300):
        if started.exists():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    process.wait()
    assert started.exists()
    assert (out / "n" / "n.html").read_text(encoding="utf-8") == before
    assert sorted(one.name for one in (out / "n").iterdir()) == ["n.html", "n.ipynb", "n.pdf", "n.xlsx"]
    for left in out.glob(".n.*.partial"):  # as if a day had passed
        os.utime(left, (time.time() - 90_000,) * 2)
    write(notebook, "'the second'")
    assert "the second" in read(run_report(notebook, {}, out))
    assert [one.name for one in out.iterdir()] == ["n"]


def test_a_notebook_of_an_older_jupyter_runs(tmp_path):
    """Format 4.4: cells have no ids."""
    path = write(tmp_path / "n.ipynb", "'there'")
    old = json.loads(path.read_text(encoding="utf-8"))
    old["nbformat_minor"] = 4
    for cell in old["cells"]:
        del cell["id"]
    path.write_text(json.dumps(old), encoding="utf-8")
    report = run_report(path, {}, tmp_path / "out")
    assert report.status == "complete"
    nbformat.validate(nbformat.read(report.notebook, as_version=4))


def test_a_folder_with_other_files_is_not_replaced(tmp_path):
    (tmp_path / "out" / "n").mkdir(parents=True)
    (tmp_path / "out" / "n" / "diary.txt").write_text("mine")
    with pytest.raises(ReportError, match=r"diary\.txt"):
        run_report(write(tmp_path / "n.ipynb", "1"), {}, tmp_path / "out")
    assert (tmp_path / "out" / "n" / "diary.txt").read_text() == "mine"


def test_a_folder_or_a_pattern_of_files_is_found_from_where_the_user_stands(tmp_path, monkeypatch):
    for folder in ("books", "here/months"):
        (tmp_path / folder).mkdir(parents=True)
    for month in (1, 2):
        (tmp_path / "here" / "months" / f"{month}.csv").write_text("x")
    monkeypatch.chdir(tmp_path / "here")
    notebook = write(
        tmp_path / "books" / "n.ipynb",
        "import glob, os\nprint(os.path.isdir(source), len(glob.glob(source)))",
        parameters='source = "log.csv"\noffice = "months"',
    )
    for given, printed in (("months", "True 1"), ("months/*.csv", "False 2")):
        page = run_report(notebook, {"source": given}, tmp_path / "out").page.read_text(encoding="utf-8")
        assert printed in page
    with pytest.raises(ReportError, match="no such file"):
        fit_parameters(notebook, {"source": "months/*.xlsx"})
    assert fit_parameters(notebook, {"office": "months"}) == {"office": "months"}
