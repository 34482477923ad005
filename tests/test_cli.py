"""The command line: answers, refusals, files, and what it must not load."""

import json
import subprocess
import sys
from html import escape
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from procmine.cli import main
from procmine.cli.group import FIRST, as_options
from procmine.publish.page import loaded_from_elsewhere

SAMPLE = str(Path(__file__).parents[1] / "event_logs" / "child_support.yaml")
SIX = "case_id,activity,timestamp,office\n1,A,2024-01-01,North\n1,B,2024-01-03,North\n1,C,2024-01-11,North\n"
SIX += "2,A,2024-01-01,South\n2,B,2024-01-05,South\n2,B,2024-01-06,South\n"


@pytest.fixture
def six_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "six.csv").write_text(SIX)
    return "six.csv"


def run(*words, code=0):
    answer = CliRunner().invoke(main, list(words))
    assert answer.exit_code == code, answer.output + repr(answer.exception)
    return answer.output


def as_json(*words, code=0):
    answer = CliRunner().invoke(main, [*words, "--json"])
    assert answer.exit_code == code, answer.output + repr(answer.exception)
    return json.loads(answer.stdout)


def test_help_names_the_loop_first_and_loads_nothing_heavy():
    heavy = "{'numpy','pandas','pyarrow','matplotlib','pm4py','numba','pydantic','yaml','papermill'}"
    lines = "import sys, runpy\nsys.argv=['procmine','--help']\ntry: runpy.run_module('procmine.cli', run_name='__main__')\n"
    lines += f"except SystemExit as e: print('code', e.code)\nprint('heavy', {heavy} & set(sys.modules))\n"
    out = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True).stdout
    assert "heavy set()" in out
    assert "code 0" in out
    places = [out.index(f"\n  {name} ") for name in FIRST]
    assert places == sorted(places)
    assert out.index("More:") > places[-1]


def test_every_command_has_a_line_of_help():
    for name in main.list_commands(None):
        assert main.get_command(None, name).get_short_help_str(90), name
        assert "Usage" in run("help", name)
    assert "There are: new, check, map" in run("help", "nothing", code=2)


def test_bottlenecks_by_hand(six_file):
    said = as_json("bottlenecks", six_file, "--end", "C", "--cutoff", "2024-01-20")
    rows = {key: dict(zip(said["rows"]["step"], column)) for key, column in said["rows"].items()}
    before = [place for place, kind in enumerate(said["rows"]["kind"]) if kind == "before"]
    assert {said["rows"]["step"][place]: said["rows"]["n"][place] for place in before} == {"B": 3, "C": 1}
    assert rows["p50"]["C"] == 8 * 86_400
    assert said["about"]["ends"] == ["C"]
    north = run("bottlenecks", six_file, "--end", "C", "--cutoff", "2024-01-20", "--where", "office=North")
    assert "of every 10 days that cases wait, 8.0 pass before this step" in north
    by_office = run("bottlenecks", six_file, "--end", "C", "--by", "office")
    assert "North: C" in by_office


def test_refusals_are_one_message_and_code_two(six_file, tmp_path):
    assert "Not done: There is no file nothing.csv" in run("check", "nothing.csv", code=2)
    no_file = run("watch", six_file, "--changes", tmp_path / "no.yml", code=2)
    assert f"Not done: There is no such file or folder: {tmp_path / 'no.yml'}." in no_file
    assert "There is no ledger no.jsonl. One begins" in run("ledger", "no.jsonl", code=2)
    (tmp_path / "book.json").write_text("")
    for option in ("-o", "--page"):
        assert "it would be lost" in run("ledger", "book.json", option, "book.json", code=2)
    assert (tmp_path / "book.json").read_text() == ""
    assert "--wanted much: write days, such as 12" in run("plan-size", six_file, "--wanted", "much", code=2)
    assert "'regon'" in run("bottlenecks", six_file, "--by", "regon", code=2)
    assert "NAME=VALUE" in run("bottlenecks", six_file, "--where", "office", code=2)
    (tmp_path / "other.csv").write_text("who,what,when\nAnna Smith,Hired,2024-01-01\n")
    said = run("check", "other.csv", code=2)
    assert "Columns(" in said
    assert "Anna Smith" not in said
    assert "Anna Smith" in run("check", "other.csv", "--show-values", code=2)


def test_answers_are_written_as_the_name_says(six_file, tmp_path):
    for out in ("map.png", "deep/map.svg"):
        run("map", six_file, "-o", out)
        assert (tmp_path / out).stat().st_size > 2_000
    for out in ("b.xlsx", "b.json", "b.png"):
        run("bottlenecks", six_file, "-o", out)
        assert (tmp_path / out).stat().st_size > 500
    said = run("bottlenecks", six_file, "-o", "b.html").splitlines()[0]
    page = (tmp_path / "b.html").read_text(encoding="utf-8")
    assert escape(said) in page and "<img" in page and loaded_from_elsewhere(page) == []
    assert not list(tmp_path.rglob("*partial*"))


def test_check_keeps_rows_set_aside(six_file, tmp_path):
    (tmp_path / "dirty.csv").write_text(SIX + ",A,2024-01-01,North\n3,A,someday,North\n")
    said = run("check", "dirty.csv", "--set-aside", "aside")
    assert "8 rows" in said
    kept = openpyxl.load_workbook(next((tmp_path / "aside").glob("*.xlsx"))).worksheets[0]
    assert any("someday" in row for row in kept.iter_rows(values_only=True))
    assert "someday" not in said


def test_clean_asks_first(six_file, tmp_path):
    run("map", six_file)
    assert (tmp_path / "outputs" / "map.png").exists()
    answer = CliRunner().invoke(main, ["clean"], input="n\n")
    assert "cannot be had back" in answer.output
    assert (tmp_path / "outputs" / "map.png").exists()
    assert str((tmp_path / "outputs").resolve()) in answer.output
    run("clean", "--yes")
    assert [one.name for one in (tmp_path / "outputs").iterdir()] == [".procmine"]
    assert "Nothing to delete" in run("clean")


def test_clean_keeps_what_the_user_put_there(six_file, tmp_path):
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (outputs / "thesis.docx").write_text("mine")
    run("map", six_file)
    said = run("clean", "--yes", code=2)
    assert str(outputs.resolve()) in said
    assert sorted(one.name for one in outputs.iterdir()) == ["map.png", "thesis.docx"]


def test_clean_keeps_the_users_files_in_a_folder_of_ours(six_file, tmp_path):
    outputs = tmp_path / "outputs"
    run("map", six_file)
    (outputs / "thesis.docx").write_text("mine")
    (outputs / "aside").mkdir()
    (outputs / "aside" / "mine.txt").write_text("mine")
    (tmp_path / "dirty.csv").write_text(SIX + ",A,2024-01-01,North\n")
    run("check", "dirty.csv", "--set-aside", "outputs/aside")  # a folder that was there is the user's
    run("bottlenecks", six_file, "-o", "outputs/deep/b.xlsx")
    with (outputs / ".procmine").open("a") as mark:
        mark.write("../six.csv\n..\n.\n\n")
    run("clean", "--yes")
    assert sorted(one.name for one in outputs.iterdir()) == [".procmine", "aside", "thesis.docx"]
    assert (tmp_path / "six.csv").exists()
    assert len(list((outputs / "aside").iterdir())) == 2


def test_clean_keeps_what_stood_beside_our_readme(six_file, tmp_path):
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    (outputs / "README.md").write_text((Path(SAMPLE).parents[1] / "outputs" / "README.md").read_text())
    (outputs / "thesis.docx").write_text("mine")
    run("map", six_file)
    run("clean", "--yes")
    assert sorted(one.name for one in outputs.iterdir()) == [".procmine", "README.md", "thesis.docx"]


def test_the_sample_through_the_commands():
    assert "Court order issued: of every 10 days" in run("bottlenecks", SAMPLE)
    assert "Half were there within 72 days" in run("between", SAMPLE, "Petition filed", "Court order issued")
    assert "still waiting" in run("survival", SAMPLE, "--outcome", "paid")


def test_the_readmes_lines_run_and_say_what_it_says():
    """The Python of the README, and the sentences that it quotes."""
    import re

    import procmine

    readme = (Path(SAMPLE).parents[1] / "README.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", readme, re.S).group(1).replace("event_logs/child_support.yaml", SAMPLE)
    names: dict = {"procmine": procmine}
    exec(code.replace("procmine.forecast(", "answer = procmine.forecast("), names)
    flat = " ".join(readme.split())
    assert "half of all cases would reach First payment received within 166 days; today it is 217 days" in str(
        names["answer"]
    )
    low, high = re.search(r"Likely between (\d+) and (\d+) days sooner", flat).groups()
    assert f"likely between {low} days and {high} days" in str(names["answer"])
    assert "half of all cases would reach the first payment within 166 days; today it is 217 days" in flat
    assert (
        procmine.bottlenecks(names["log"])
        .sentences()[0]
        .startswith(
            re.search(
                r"Court order issued: of every 10 days that cases wait, [\d.]+ pass before this step", flat
            ).group(0)
        )
    )


def test_an_unfit_argument_is_refused_by_name(six_file):
    assert "no picture" in run("variants", six_file, "-o", "x.png", code=2)
    assert "is not a date" in run("compare", six_file, "--change", "NaT", code=2)
    assert "'self'" in run("try", six_file, "--step", "B", "--days", "1", "--only", "self=1", code=2)
    assert "first date must come first" in run("bottlenecks", six_file, "--window", "2023-06-01", "2023-01-01", code=2)


def test_every_role_and_form_can_be_said_by_an_option(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = ["export of 2024", "nr;what;done;begun;came;who;place"]
    lines += ["1;A;02/01/2024;01/01/2024;01/12/2023;J\u00f5e;2", "1;B;02/01/2024;01/01/2024;01/12/2023;Ann;1"]
    Path("odd.csv").write_bytes("\n".join(lines).encode("cp1257"))
    named = ["--header", "2", "--delimiter", ";", "--encoding", "cp1257", "--dates", "%d/%m/%Y", "--case", "nr"]
    named += ["--activity", "what", "--timestamp", "done", "--start", "begun", "--arrival", "came", "--resource", "who"]
    run("convert", "odd.csv", *named, "--order", "place", "--end", "A", "--cutoff", "2024-02-01", "-o", "log.csv")
    import csv

    rows = list(csv.DictReader(Path("log.csv").read_text(encoding="utf-8-sig").splitlines()))
    flat = [" ".join(row.values()) for row in rows]
    assert "B" in rows[0].values()  # the order within one day
    assert "A" in rows[1].values()
    assert "J\u00f5e" in flat[1]
    assert "2024-01-01" in flat[0]
    Path("tabs.csv").write_text(SIX.replace(",", "\t"))
    assert "2 cases" in run("check", "tabs.csv", "--delimiter", "tab")
    assert "one sign" in run("check", "tabs.csv", "--delimiter", "tabs", code=2)


@pytest.mark.parametrize(
    ("said", "options"),
    [
        ('say Columns(dates="%d/%m/%Y") or Columns(dates="%m/%d/%Y").', '--dates "%d/%m/%Y" or --dates "%m/%d/%Y"'),
        ('Columns(sheet="Data (2)", header=3), and name', '--sheet "Data (2)" --header 3'),
        ('columns=procmine.Columns(case=\'my id\', activity="..."))', '--case "my id" --activity "..."'),
        ("state what would allow it: set_delay(..., legal_basis=...).", '--legal-basis "..."'),
        ("Say it: horizon=90 watches each for 90 days.", "--horizon 90"),
        ("(Columns(header=...)), and a tab (Columns(delimiter=...))?", '--header "..." or --delimiter "..."'),
        ("Columns(attributes=('due',)).", ""),
        ("There is no file x.csv.", ""),
    ],
)  # fmt: skip
def test_what_is_proposed_in_python_is_named_as_options(said, options):
    assert as_options(said) == options


def test_a_refusal_names_options_that_then_work(six_file, tmp_path):
    (tmp_path / "us.csv").write_text("case_id,activity,timestamp\n1,A,03/04/2024\n1,B,04/05/2024\n")
    said = run("check", "us.csv", code=2)
    assert 'On the command line: --dates "%d/%m/%Y" or --dates "%m/%d/%Y"' in said
    assert "data up to 2024-05-04" in run("check", "us.csv", "--dates", "%d/%m/%Y")
    (tmp_path / "who.csv").write_text("who,what,when\nAnna,Hired,2024-01-01\nAnna,Paid,2024-01-03\n")
    assert '--case "..." --activity "..." --timestamp "..."' in run("check", "who.csv", code=2)
    assert "1 case," in run("check", "who.csv", "--case", "who", "--activity", "what", "--timestamp", "when")


def test_a_workbook_is_proposed_the_sheet_and_row_that_hold_most(tmp_path, monkeypatch):
    import openpyxl

    monkeypatch.chdir(tmp_path)
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Report", "by the office"])
    data = book.create_sheet("Data")
    data.append(["All cases"])
    data.append([])
    data.append(["Ref", "What", "When", "Office"])
    for day in range(1, 6):
        data.append(["7", f"Step {day}", f"2024-01-0{day}", None])
    book.save("two.xlsx")
    assert '--sheet "Data" --header 3' in run("check", "two.xlsx", code=2)
    named = ["--sheet", "Data", "--header", "3", "--case", "Ref", "--activity", "What", "--timestamp", "When"]
    assert "1 case, 5 events" in run("check", "two.xlsx", *named)


def test_a_time_set_by_law_needs_a_basis():
    asked = ["try", SAMPLE, "--step", "Answer period ended", "--days", "1"]
    said = run(*asked, code=2)
    assert "is set by law" in said
    assert '--legal-basis "..."' in said
    assert "Draft act 12/2026" in run(*asked, "--legal-basis", "Draft act 12/2026")
    fast = ["how-fast", SAMPLE, "--step", "Answer period ended", "--target", "half within 120 days"]
    assert '--legal-basis "..."' in run(*fast, code=2)
    assert "Draft act 12/2026" in run(*fast, "--legal-basis", "Draft act 12/2026")


@pytest.mark.slow
def test_a_check_is_said_with_every_kind_of_answer():
    asked = ["try", SAMPLE, "--step", "Court order issued", "--days", "1"]
    assert "Not checked" in run(*asked, "--target", "half within 90 days")
    said = run(*asked, "--check", "--target", "half within 90 days")
    assert "Not checked" not in said and "as of 3 earlier days" in said


def test_the_map_and_the_card_as_json(six_file, tmp_path):
    said = as_json("map", six_file, "--end", "C")
    moves = dict(zip(zip(said["rows"]["before"], said["rows"]["after"]), said["rows"]["n"]))
    assert moves == {("A", "B"): 2, ("B", "B"): 1, ("B", "C"): 1}
    assert (tmp_path / "outputs" / "map.png").exists()
    said = as_json("check", six_file, "--cutoff", "2024-01-20")
    assert said["rows"]["rows"] == [6]
    assert "2 cases, 6 events, data up to 2024-01-20." in said["card"]


def test_a_report_as_json(tmp_path, monkeypatch):
    import nbformat

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    for name, code, status in (("good", "print(7)", "complete"), ("bad", "1 / 0", "failed")):
        cells = [nbformat.v4.new_code_cell("import procmine"), nbformat.v4.new_code_cell(code)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), f"{name}.ipynb")
        said = as_json("report", f"{name}.ipynb", code=int(status == "failed"))
        assert said["status"] == status
        assert {Path(file).name for file in said["files"].values()} == {
            f"{name}.{end}" for end in ("ipynb", "html", "pdf", "xlsx")
        }
        assert all(Path(file).is_file() for file in said["files"].values())
        assert ["ZeroDivisionError" in one for one in said["problems"]] == [True] * (status == "failed")


def test_long_work_says_what_it_does_on_the_error_stream(monkeypatch):
    asked = ["try", SAMPLE, "--step", "Court order issued", "--days", "1", "--json"]
    monkeypatch.setattr("procmine.cli.showing.PATIENCE", 0.01)
    answer = CliRunner().invoke(main, asked)
    assert answer.stderr.splitlines() == [
        "Reading child_support.yaml ...",
        "Learning from child_support.yaml ...",
        "Simulating Court order issued: 1 d ...",
    ]
    assert json.loads(answer.stdout)["sentences"]
    monkeypatch.setattr("procmine.cli.showing.PATIENCE", 600)
    assert CliRunner().invoke(main, ["check", SAMPLE]).stderr == ""


@pytest.mark.parametrize("words", [("convert",), ("brief",), ("bottlenecks",), ("map",)])
def test_an_answer_is_never_written_over_the_data(six_file, tmp_path, words):
    before = (tmp_path / six_file).read_bytes()
    assert "written over it" in run(*words, six_file, "-o", f"./{six_file}", code=2)
    assert (tmp_path / six_file).read_bytes() == before
    (tmp_path / "file").write_text("")
    assert "Not done" in run(*words, six_file, "-o", "file/below.html", code=2)


def test_no_answer_is_written_over_the_data(tmp_path, monkeypatch):
    """Single cases too: a log may itself be a workbook."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "st.yaml").write_text("standards: [{name: s, from: arrival, to: any end, within: 3}]")
    book = openpyxl.Workbook()
    for line in SIX.splitlines():
        book.active.append(line.split(","))
    book.save("six.xlsx")
    before = Path("six.xlsx").read_bytes()
    said = run("standards", "six.xlsx", "--standards", "st.yaml", "--end", "C", "--late", "six.xlsx", code=2)
    assert "is the file that is read" in said and "with --late" in said
    for words, other in (("compare", "--before"), ("map", "--mended")):
        (tmp_path / "old.xlsx").write_bytes(b"another file that is read")
        assert "written over it" in run(words, "six.xlsx", other, "old.xlsx", "-o", "old.xlsx", code=2)
    assert Path("six.xlsx").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--ahead", "--by", "office"), "leave out --by"),
        (("--limit", "--period", "year"), "leave out --by"),
        (("--late", "late.csv"), "--late late.csv: single cases are written as .xlsx"),
        (("--at-risk", "risk.csv"), "--at-risk risk.csv: single cases are written as .xlsx"),
    ],
)
def test_standards_refuse_what_they_would_pass_over(six_file, tmp_path, options, said):
    (tmp_path / "st.yaml").write_text("standards: [{name: s, from: arrival, to: any end, within: 3}]")
    answer = run("standards", six_file, "--standards", "st.yaml", "--end", "C", *options, code=2)
    assert said in answer and "due" not in answer


def test_cases_are_chosen_by_their_first_step_and_stages_taken_for_steps(tmp_path):
    """Of the three cases one begins with B; two stages hold the steps."""
    rows = [
        "case,activity,time",
        "1,A,2026-01-01",
        "1,B,2026-01-03",
        "2,A,2026-01-02",
        "2,B,2026-01-08",
        "3,B,2026-01-05",
    ]
    (tmp_path / "log.csv").write_text("\n".join(rows))
    (tmp_path / "log.yaml").write_text(
        "source: log.csv\ncutoff: 2026-02-01\nends: every case\nstages: {First: [A], Last: [B]}\n"
    )
    log = str(tmp_path / "log.yaml")
    assert len(as_json("variants", log)["rows"]["variant"]) == 2
    assert as_json("variants", log, "--beginning-with", "A")["rows"]["n"] == [2]
    assert as_json("variants", log, "--by-stages", "--beginning-with", "A")["rows"]["variant"] == ["First \u2192 Last"]


def test_a_wide_table_is_told_with_its_columns_by_every_command(tmp_path):
    (tmp_path / "wide.csv").write_text("Number,Received,Decided\n1,2026-01-01,2026-01-09\n2,2026-01-02,2026-01-08\n")
    for command in ("check", "bottlenecks", "survival"):
        refused = CliRunner().invoke(main, [command, str(tmp_path / "wide.csv")])
        assert refused.exit_code == 2 and "Received" in refused.output and "Decided" in refused.output
