"""Nothing written names a person: planted names, identifiers, addresses and birth dates are looked for in all of it."""

import gzip
import io
import json
import re
import sqlite3
import traceback
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from PIL import Image

import procmine
from procmine.cli import main
from procmine.load.columns import Columns, persons
from procmine.load.databases.database import Database
from procmine.load.door import read

ROOT = Path(__file__).resolve().parents[1]
NAME, OFFICER, STREET, NUMBER = "Zbrzezny", "Quartermaine", "Plumtree", "4900101"
# People born in March of 1987: the day differs. Nothing else in the data is of that month.
BORN = r"1987-03-\d\d|\d\d\.0?3\.1987|\d\d/\d\d/1987|198703\d\d|Mar(?:ch)?\.? (?:\d+,? )?1987"
PLANTS = re.compile(f"{NAME}|{OFFICER}|{STREET}|{NUMBER}|{BORN}", re.IGNORECASE)
STEPS = ("Application", "Check", "Hearing", "Decision")
HEAD = ("Case number", "Activity", "Date", "Applicant", "Address", "Born", "Officer", "Note", "Office")


def born(case, kind=0):
    day = 1 + case % 28
    return (f"{day:02d}.03.1987", f"1987-03-{day:02d}", f"03/{day:02d}/1987")[kind]


def rows():
    """Sixty cases of four steps, with people in every column that may hold one."""
    for case in range(60):
        for step, name in enumerate(STEPS[: 4 - (case % 7 == 0)]):
            day = f"{1 + (case * 3 + step * 5) % 28:02d}.{1 + (case // 10 + step):02d}.2024"
            person = f"{NAME} {case}, born {born(case, case % 3)}"
            yield (
                *(f"{NUMBER}{case:04d}", name, f"{day} 09:{case:02d}", person, f"{case} {STREET} Lane", born(case)),
                *(f"{OFFICER} {case % 4}", f"called {person}", ("North", "South")[case % 2]),
            )


def one(case, step, day):
    return (case, step, day, NAME, STREET, born(1), OFFICER, NAME, "North")


BAD = [  # no time, none, no case, no step, a birth date as the time, a filled-in date
    one(f"{NUMBER}9001", "Check", f"spoke to {NAME}"),
    one(f"{NUMBER}9002", "Check", ""),
    one("", "Check", "01.02.2024 10:00"),
    one(f"{NUMBER}9003", "", "01.02.2024 10:00"),
    one(f"{NUMBER}0001", "Check", born(1)),
    one(f"{NUMBER}0002", "Check", "31.12.9999"),
]
RAGGED = [f"{NUMBER}9004;Check;{NAME};{STREET}", ";".join([NAME] * 12)]


def plain(folder, name="cases.csv", head=HEAD, body=None, extra=()):
    lines = [";".join(head), *(";".join(row) for row in (body if body is not None else [*rows(), *BAD])), *extra]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / name


def planted(text):
    """Which plants a text holds, however it is spelt."""
    return sorted(set(PLANTS.findall(text)))


def texts(path):
    """All the text in a file, also what is packed in it."""
    data = path.read_bytes()
    yield data.decode("utf-8", "replace")
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    if path.suffix == ".png":
        with Image.open(path) as image:
            yield str(image.info)
    if path.suffix in (".ipynb", ".json"):
        yield json.dumps(json.loads(data), ensure_ascii=False)
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL) if path.suffix == ".pdf" else ():
        try:
            yield zlib.decompress(packed).decode("latin-1")
        except zlib.error:  # a font or a picture
            continue


def leaks(folder, *kept):
    """The files that hold plants, without those that are there to hold data."""
    return {
        str(path.relative_to(folder)): found
        for path in folder.rglob("*")
        if path.is_file() and path not in kept and (found := planted(path.name + " ".join(texts(path))))
    }


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments, given=None):
    return CliRunner().invoke(main, [str(one) for one in arguments], input=given, catch_exceptions=False)


READING = {"--case": "Case number", "--dates": "%d.%m.%Y %H:%M", "--resource": "Officer"}
COMMANDS = [
    ["check"],
    ["check", "--json"],
    ["map"],
    ["map", "-o", "map.svg", "--json"],
    ["map", "-o", "map.pdf", "--show", "total"],
    ["bottlenecks", "-o", "bottlenecks.xlsx"],
    ["bottlenecks", "--by", "Office", "-o", "places.png"],
    ["bottlenecks", "--by", "Applicant", "--json"],
    ["variants", "-o", "paths.json"],
    ["rework", "-o", "rework.xlsx"],
    ["survival", "--by", "Office", "-o", "survival.xlsx"],
    ["survival", "--by", "Applicant", "-o", "by_person.xlsx"],
    ["between", "Application", "Decision", "-o", "between.json"],
    ["compare", "--change", "2024-05-01", "--horizon", "60", "-o", "compare.png"],
    ["try", "--step", "Hearing", "--days", "1", "-o", "try.xlsx"],
    ["try", "--step", "Hearing", "--days", "1", "--only", "Office=North", "--json"],
    ["brief", "-o", "brief.html"],
    ["brief", "--audience", "agency", "-o", "agency.html"],
    ["brief", "--audience", "public", "-o", "public.html"],
]
REFUSED = [
    ["check", "--where", "Office=East"],
    ["check", "--where", "Applicant=Nobody"],
    ["check", "--where", "Born=1900"],
    ["check", "--where", "Note=Nothing"],
    ["try", "--step", "Hearing", "--days", "1", "--only", "Address=Nowhere"],
    ["compare", "--change", "2024-05-01", "--at", "Born=1900"],
    ["check", "--end", "Nothing"],
    ["check", "--order", "Note"],
    ["check", "--timestamp", "Note"],
    ["check", "--arrival", "Applicant"],
    ["check", "--start", "Address"],
    ["check", "--dates", "%m/%d/%Y"],
    ["check", "--activity", "Nothing"],
    ["check", "--delimiter", ","],
    ["check", "--encoding", "utf-16"],
    ["check", "--header", "5"],
    ["check", "--header", "500"],
]


def with_reading(verb, data, rest):
    said = [part for name, value in READING.items() if name not in rest for part in (name, value)]
    return run(verb, data, *said, *rest)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_says_or_writes_who_it_is(here, command):
    data = plain(here, extra=RAGGED)
    said = with_reading(command[0], data, command[1:])
    assert said.exit_code == 0, said.output
    assert planted(said.output + said.stderr) == []
    assert leaks(here, data) == {}


@pytest.mark.parametrize("command", REFUSED, ids=" ".join)
def test_no_refusal_says_who_it_is(here, command):
    data = plain(here, extra=RAGGED)
    said = with_reading(command[0], data, command[1:])
    assert said.exit_code == 2, said.output
    assert planted(said.output + said.stderr) == []
    assert leaks(here, data) == {}


def error_of(call):
    """What an error says, with those that led to it."""
    try:
        call()
    except ValueError as error:
        return "".join(traceback.format_exception(error)) + repr(error)
    raise AssertionError("nothing was refused")


def test_the_search_finds_what_is_planted(here):
    """A search that cannot find anything proves nothing: every kind of file, and the plants as they stand in each."""
    data = plain(here, extra=RAGGED)
    all_kinds = {NAME, OFFICER, STREET, NUMBER, born(0), born(1, 1), born(2, 2)}
    assert set(planted(data.read_text(encoding="utf-8"))) >= all_kinds
    said = with_reading("check", data, ["--timestamp", "Note", "--show-values"])
    assert NAME in planted(said.output)  # asked for
    book = openpyxl.Workbook()
    book.worksheets[0].append([NAME])
    book.save("book.xlsx")
    (here / "page.html").write_text(f"<p>{STREET}</p>", encoding="utf-8")
    (here / "notebook.ipynb").write_text(json.dumps({"cells": [{"outputs": [f"born {born(2)}"]}]}), encoding="utf-8")
    Image.new("RGB", (2, 2)).save("picture.png", pnginfo=_remark(NAME))
    packed = zlib.compress(f"({STREET})".encode())
    (here / "page.pdf").write_bytes(b"%PDF-1.4\nstream\n" + packed + b"\nendstream\n")
    assert set(leaks(here, data)) == {"book.xlsx", "page.html", "notebook.ipynb", "picture.png", "page.pdf"}


def _remark(text):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Comment", text, zip=True)
    return info


def test_only_the_workbook_of_rows_set_aside_holds_data_and_says_so(here):
    data = plain(here, extra=RAGGED)
    said = with_reading("check", data, ["--set-aside", "aside"])
    assert said.exit_code == 0
    assert planted(said.output + said.stderr) == []
    assert "unmasked" in said.output
    (book,) = (here / "aside").iterdir()
    assert {NAME, STREET, NUMBER} <= set(planted(" ".join(texts(book))))
    told = " ".join(str(row[0]) for row in openpyxl.load_workbook(book).worksheets[1].iter_rows(values_only=True))
    assert "data of cases, not masked" in told
    mended = run("check", data, "--mended", book)
    assert planted(mended.output + mended.stderr) == []
    book.write_bytes(book.read_bytes())
    opened = openpyxl.load_workbook(book)
    for cell in opened.worksheets[0]["B"][1:]:
        cell.value = f"{NAME} {cell.value}"
    opened.save(here / "aside" / "odd.xlsx")
    refused = run("check", data, "--mended", here / "aside" / "odd.xlsx")
    assert refused.exit_code == 2
    assert planted(refused.output + refused.stderr) == []
    assert leaks(here, data, *(here / "aside").iterdir()) == {}


def test_results_logs_and_the_check_say_nothing_in_a_notebook(here):
    data = plain(here, extra=RAGGED)
    log = read(data, columns=Columns(case="Case number", resource="Officer"), ends=("Decision",))
    report, found = procmine.load_report(log), procmine.quality(log)
    shown = [repr(log), str(log), log._repr_html_(), str(report), report._repr_html_(), str(found), found._repr_html_()]
    shown += [json.dumps(one.to_dict(), ensure_ascii=False, default=str) for one in (report, found, log.about)]
    found.to_excel(here / "found.xlsx")
    report.to_excel(here / "report.xlsx")
    assert planted(" ".join(shown)) == []
    assert leaks(here, data) == {}


def test_an_executed_notebook_names_nobody(here):
    """01_check_the_data as it comes, with what it prints, its page and its workbook."""
    data = plain(here, extra=RAGGED)
    lines = [
        "columns:",
        "  case: Case number",
        "  resource: Officer",
        "dates:",
        '  format: "%d.%m.%Y %H:%M"',
        "ends: [Decision]",
    ]
    (here / "cases.yaml").write_text("\n".join(["source: cases.csv", *lines]), encoding="utf-8")
    said = run(
        "report", ROOT / "notebooks" / "01_check_the_data.ipynb", "-p", f"source={here / 'cases.yaml'}", "-o", "out"
    )
    assert said.exit_code == 0, said.output
    assert planted(said.output + said.stderr) == []
    assert [path.suffix for path in sorted((here / "out").rglob("*")) if path.is_file()]
    assert leaks(here, data) == {}


AMBIGUOUS = [(*row[:5], f"03/{1 + place % 12:02d}/1987", *row[6:]) for place, row in enumerate(rows())]
BOTH = [
    (*row[:5], born(place, 0).replace(".", "/") if place % 2 else born(20, 2), *row[6:])
    for place, row in enumerate(rows())
]
ROLES = ("Case id", "Activity", "Other", *HEAD[3:5], "Timestamp", *HEAD[6:])
WIDE = [("Name", "Born", "Received", "Decided"), *[(NAME, born(k), "2024-01-02", "2024-02-01") for k in range(9)]]
TITLED = [(f"Cases of {NAME}",), ("A", "B", "C"), (NUMBER, STREET, NAME)]
REFUSED_FILES = {
    "no role is known": lambda here: plain(here, head=("A", "B", "C", *HEAD[3:])),
    "a birth date that reads both ways": lambda here: plain(here, head=ROLES, body=AMBIGUOUS),
    "birth dates written both ways": lambda here: plain(here, head=ROLES, body=BOTH),
    "no row can be used": lambda here: plain(here, body=BAD[:4], head=("Case id", *HEAD[1:])),
    "mostly ragged": lambda here: plain(here, extra=RAGGED * 200),
    "only names": lambda here: plain(here, head=(NAME,), body=[(STREET,)]),
    "another encoding": lambda here: encoded(plain(here, extra=[f"{NUMBER};Žibuoklė {NAME};01.02.2024" + ";x" * 6])),
    "zero bytes": lambda here: encoded(plain(here), "utf-16-le"),
    "cut off": lambda here: cut(plain(here)),
    "broken XES": lambda here: made(here, "log.xes", f'<log><trace><string key="concept:name" value="{NAME}"/><event>'),
    "XES with a document type": lambda here: made(
        here, "log.xes", f'<!DOCTYPE log [<!ENTITY a "{NAME}">]><log>&a;</log>'
    ),
    "XES without times": lambda here: made(here, "log.xes", xes(f'<string key="born" value="{born(1)}"/>')),
    "XES with odd times": lambda here: made(
        here, "log.xes", xes(f'<date key="time:timestamp" value="{NAME} {born(1)}"/>')
    ),
    "broken JSON": lambda here: made(here, "log.jsonl", f'{{"case": "{NUMBER}", "name": "{NAME}", "born": "{born(1)}'),
    "JSON of names": lambda here: made(here, "log.jsonl", json.dumps({"who": NAME, "where": STREET, "when": born(1)})),
    "a sheet with a title": lambda here: sheet(here, TITLED),
    "two sheets with titles": lambda here: sheet(here, TITLED, TITLED),
    "a wide sheet": lambda here: sheet(here, WIDE),
    "not a workbook": lambda here: made(here, "log.xlsx", f"\0{NAME};{STREET}"),
    "not Parquet": lambda here: made(here, "log.parquet", f"PAR1 {NAME} {STREET}"),
}


def made(here, name, text):
    (here / name).write_text(text, encoding="utf-8")
    return here / name


def xes(more):
    event = (
        f'<event><string key="concept:name" value="Check"/><string key="org:resource" value="{OFFICER}"/>{more}</event>'
    )
    return f'<?xml version="1.0"?>\n<log><trace><string key="concept:name" value="{NUMBER}"/>{event * 3}</trace></log>'


def encoded(path, encoding="cp1257"):
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    return path


def cut(path):
    packed = gzip.compress(path.read_bytes())
    path.with_suffix(".csv.gz").write_bytes(packed[: len(packed) // 2])
    return path.with_suffix(".csv.gz")


def sheet(here, *grids):
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for grid in grids:
        page = book.create_sheet()
        for row in grid:
            page.append(row)
    book.save(here / "log.xlsx")
    return here / "log.xlsx"


@pytest.mark.parametrize(
    "wrong",
    [
        {"timestamp": "Note"},
        {"start": "Applicant"},
        {"arrival": "Address"},
        {"order": "Applicant"},
        {"timestamp": "Born", "dates": "%Y-%m-%d"},
        {"dates": "unix"},
        {"activity": "Nothing"},
        {"attributes": ("Nothing",)},
    ],
    ids=str,
)
def test_no_error_in_a_notebook_says_who_it_is(here, wrong):
    """With the errors that led to it, which a notebook shows too."""
    path = plain(here, extra=RAGGED)
    assert planted(error_of(lambda: read(path, columns=Columns(**({"case": "Case number"} | wrong))))) == []


@pytest.mark.parametrize("kind", REFUSED_FILES)
def test_no_refusal_of_a_file_says_who_is_in_it(here, kind):
    path = REFUSED_FILES[kind](here)
    before = set(here.rglob("*"))
    said = run("check", path)
    assert said.exit_code == 2, said.output
    assert planted(said.output + said.stderr + error_of(lambda: read(path))) == []
    assert set(here.rglob("*")) == before


def test_no_database_says_who_is_in_it(here, monkeypatch):
    with sqlite3.connect(here / "cases.db") as database:
        names = ", ".join(f'"{name}" TEXT' for name in HEAD)
        database.execute(f"CREATE TABLE events ({names})")
        database.executemany(f"INSERT INTO events VALUES ({', '.join('?' * len(HEAD))})", [*rows(), *BAD])
    database.close()
    monkeypatch.setenv("CASES", f"sqlite:///{here / 'cases.db'}")
    columns = Columns(case="Case number")
    log = read(Database("CASES", table="events"), columns=columns)
    said = [repr(log), str(procmine.load_report(log)), json.dumps(log.about.to_dict(), ensure_ascii=False)]
    for wrong in (
        {"columns": replace(columns, timestamp="Note")},
        {"columns": replace(columns, order="Applicant")},
        {"columns": replace(columns, activity="Nothing")},
        {"columns": columns, "ends": ("Nothing",)},
    ):
        said.append(error_of(lambda wrong=wrong: read(Database("CASES", table="events"), **wrong)))
    query = Database("CASES", query="SELECT nothing FROM events WHERE Applicant = :who", values={"who": NAME})
    said.append(error_of(lambda: read(query)))
    assert planted(" ".join(said)) == []


def test_a_wide_table_and_its_new_spec_say_nothing(here):
    """Dates of birth stand among the dates of the steps."""
    grid = [("Case number", "Applicant", "Born", "Received", "Heard", "Decided", "Address")]
    for k in range(60):
        dates = [f"2024-{month:02d}-{1 + k % 28:02d}" for month in (1, 3, 5)]
        grid.append((f"{NUMBER}{k:04d}", f"{NAME} {k}", born(k, 1), *dates[:2], dates[2] if k % 5 else None, STREET))
    grid[7] = (f"{NUMBER}7777", NAME, born(7, 1), f"after {NAME}", "2024-03-01", None, STREET)
    path = sheet(here, grid)
    steps = [part for name in ("Received", "Heard", "Decided") for part in ("--milestone", f"{name}={name}")]
    for command in (
        ["check", *steps, "--case", "Case number"],
        ["variants", *steps, "--case", "Case number"],
        ["check"],
        ["new"],
    ):
        said = run(command[0], path, *command[1:], given="\n" * 12)
        assert planted(said.output + said.stderr) == [], command
    assert leaks(here, path) == {}


def test_a_new_spec_holds_no_data(here):
    data = plain(here, extra=RAGGED)
    said = run("new", data, given="\n" * 12)
    assert said.exit_code == 0, said.output
    assert planted(said.output + said.stderr) == []
    assert (here / "cases.yaml").is_file()
    assert leaks(here, data) == {}


def test_a_saved_log_keeps_its_data_in_its_tables_only(here):
    data = plain(here, extra=RAGGED)
    log = read(data, columns=Columns(case="Case number", resource="Officer"), ends=("Decision",))
    procmine.save(log, here / "saved")
    assert set(leaks(here, data, *(here / "saved").glob("*.parquet"))) == set()


def test_copies_of_the_columns_of_people_are_of_people_too():
    names = ("@@startevent_org:resource", "@@startevent_Resource", "@@startevent_Cost", "Cost", "wer")
    assert persons(names, Columns(resource="wer")) == ("@@startevent_org:resource", "@@startevent_Resource", "wer")
    assert persons(("@@startevent_wer",), Columns(resource="wer")) == ("@@startevent_wer",)
