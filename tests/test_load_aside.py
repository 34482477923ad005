"""Rows set aside come back from a workbook: what a hand mended counts, what nobody touched is what the source says."""

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procmine.cli import main
from procmine.load import aside
from procmine.load.columns import Columns
from procmine.load.door import read
from procmine.load.report import load_report
from procmine.log import LogError

DIRTY = """case_id,activity,timestamp,office
A1,Start,2024-01-01 09:00,North
A1,=SUM(1),,North
A1,End,2024-01-11 10:00,North
B2,Start,2024-01-03 09:00,South
B2,Check,not a date,South
,Check,2024-01-05 08:00,_x0041_
B2,End,2024-01-09 08:00
B2,End,2024-01-09 08:00,So,uth
B2,End,2024-01-10 08:00,South
"""


@pytest.fixture
def dirty(tmp_path):
    path = tmp_path / "dirty.csv"
    path.write_text(DIRTY, encoding="utf-8")
    return path


def book_of(folder):
    return next(folder.glob("*.set-aside*.xlsx"))


def changed(book, name, changes):
    """The workbook as a hand changes it: {line: {heading: value}}."""
    opened = openpyxl.load_workbook(book)
    sheet = opened.worksheets[0]
    at = {cell.value: place for place, cell in enumerate(sheet[1])}
    for row in sheet.iter_rows(min_row=2):
        for heading, value in changes.get(row[1].value, {}).items():
            row[at[heading]].value = value
    opened.save(book.with_name(name))
    return book.with_name(name)


def rows(book):
    return list(openpyxl.load_workbook(book).worksheets[0].iter_rows(values_only=True))


def fates(log):
    report = load_report(log).rows
    return dict(zip(report["reason"].tolist(), report["rows"].tolist()))


def events(log):
    frame = log.events
    return list(zip(frame["case"], frame["activity"], frame["time"].astype(str), frame["office"]))


MENDED = {
    3: {"timestamp": "2024-01-02 08:30"},
    7: {"reason": "Leave out"},
    9: {"case_id": "B2", "activity": "End", "timestamp": "2024-01-09 08:00", "office": "So,uth"},
}


def test_the_workbook_says_file_line_reason_and_the_row(dirty, tmp_path):
    read(dirty, set_aside=tmp_path / "aside")
    found = rows(book_of(tmp_path / "aside"))
    assert found[0] == ("file", "line", "reason", "row as it stands", "case_id", "activity", "timestamp", "office")
    assert [(row[1], row[2]) for row in found[1:]] == [
        (3, "no time"),
        (6, "the time cannot be read"),
        (7, "no case"),
        (8, "too few or too many columns"),
        (9, "too few or too many columns"),
    ]
    assert found[1][4:] == ("A1", "'=SUM(1)", None, "North")  # no formula, no date
    assert found[4][3] == "B2,End,2024-01-09 08:00"
    sheets = openpyxl.load_workbook(book_of(tmp_path / "aside"))
    assert all(cell.data_type != "f" for sheet in sheets for row in sheet for cell in row)
    said = " ".join(str(row[0]) for row in sheets.worksheets[1].iter_rows(values_only=True))
    assert "not masked" in said and "--mended" in said


def test_mended_rows_take_the_place_of_their_source_rows(dirty, tmp_path):
    first = read(dirty, set_aside=tmp_path / "aside")
    assert fates(first)["kept: events of the log"] == 4
    book = changed(book_of(tmp_path / "aside"), "mine.xlsx", MENDED)
    log = read(dirty, mended=book)
    assert events(log) == [
        ("A1", "Start", "2024-01-01 09:00:00", "North"),
        ("A1", "=SUM(1)", "2024-01-02 08:30:00", "North"),
        ("A1", "End", "2024-01-11 10:00:00", "North"),
        ("B2", "Start", "2024-01-03 09:00:00", "South"),
        ("B2", "End", "2024-01-09 08:00:00", "So,uth"),
        ("B2", "End", "2024-01-10 08:00:00", "South"),
    ]
    assert log.origin.row.tolist() == [2, 3, 4, 5, 9, 10]  # lines of the file, also after a row that was mended
    assert fates(log) == {
        "kept: events of the log": 6,
        "too few or too many columns": 1,
        "the time cannot be read": 1,
        "left out by hand": 1,
    }
    assert [step.say() for step in log.about.history] == [
        "2 rows mended by hand (mine.xlsx)",
        "1 row left out by hand (mine.xlsx)",
    ]
    assert log.about.source["mended"] == "mine.xlsx"
    assert dirty.read_text(encoding="utf-8") == DIRTY


def test_a_row_still_bad_is_set_aside_again_with_all_that_was_mended(dirty, tmp_path):
    read(dirty, set_aside=tmp_path / "aside")
    book = changed(book_of(tmp_path / "aside"), "mine.xlsx", MENDED | {6: {"timestamp": "32 May"}})
    log = read(dirty, mended=book, set_aside=tmp_path / "again")
    assert fates(log)["the time cannot be read"] == 1
    said = [(row[1], row[2]) for row in rows(book_of(tmp_path / "again"))[1:]]
    assert said == [
        (3, "mended by hand"),
        (6, "the time cannot be read"),
        (7, "leave out"),
        (8, "too few or too many columns"),
        (9, "mended by hand"),
    ]
    again = read(dirty, mended=book_of(tmp_path / "again"))  # the newest workbook holds everything
    assert events(again) == events(log)
    assert fates(again) == fates(log)


def test_what_a_hand_wrote_is_never_replaced(dirty, tmp_path):
    read(dirty, set_aside=tmp_path)
    read(dirty, set_aside=tmp_path)
    assert [one.name for one in tmp_path.glob("*.xlsx")] == ["dirty.csv.set-aside.xlsx"]
    changed(tmp_path / "dirty.csv.set-aside.xlsx", "dirty.csv.set-aside.xlsx", MENDED)
    before = (tmp_path / "dirty.csv.set-aside.xlsx").read_bytes()
    log = read(dirty, set_aside=tmp_path)
    assert (tmp_path / "dirty.csv.set-aside.xlsx").read_bytes() == before
    assert "dirty.csv.set-aside-2.xlsx" in log.about.notes[-1].say()
    assert "unmasked" in log.about.notes[-1].say()


def test_a_workbook_for_other_data_is_refused(dirty, tmp_path):
    read(dirty, set_aside=tmp_path)
    book = changed(book_of(tmp_path), "mine.xlsx", MENDED)
    dirty.write_text(DIRTY + "B2,Late,2024-01-11 08:00,South\n", encoding="utf-8")
    with pytest.raises(LogError, match=r"mine\.xlsx was made for another version of dirty\.csv"):
        read(dirty, mended=book)
    dirty.write_text(DIRTY, encoding="utf-8")
    bare = openpyxl.load_workbook(book)
    bare.remove(bare.worksheets[1])
    bare.save(tmp_path / "bare.xlsx")
    with pytest.raises(LogError, match="does not say for which data"):
        read(dirty, mended=tmp_path / "bare.xlsx")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"line": 99}, r"1 of its rows are not in the data; the first says line 99 of dirty\.csv"),
        ({"file": "other.csv"}, r"line 3 of other\.csv"),
        ({"line": 6}, r"row 3: line 6 of dirty\.csv is there twice"),
        ({"line": "third"}, r"row 2: the column line must say"),
        ({"line": None}, r"row 2: the column line must say"),
    ],
)
def test_rows_that_are_not_in_the_data_are_refused(dirty, tmp_path, change, said):
    read(dirty, set_aside=tmp_path)
    with pytest.raises(LogError, match=said):
        read(dirty, mended=changed(book_of(tmp_path), "mine.xlsx", {3: change}))


def test_a_file_that_is_no_workbook_of_rows_set_aside_is_refused(dirty, tmp_path):
    with pytest.raises(LogError, match="There is no file"):
        read(dirty, mended=tmp_path / "none.xlsx")
    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    with pytest.raises(LogError, match="no sheet that begins with the columns file, line, reason"):
        read(dirty, mended=tmp_path / "empty.xlsx")
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04nothing")
    with pytest.raises(LogError, match="cannot be read as a workbook"):
        read(dirty, mended=tmp_path / "bad.xlsx")
    read(dirty, set_aside=tmp_path / "aside")
    opened = openpyxl.load_workbook(book_of(tmp_path / "aside"))
    opened.worksheets[0]["E1"].value = "case number"
    opened.save(tmp_path / "named.xlsx")
    with pytest.raises(LogError, match="the data have no column 'case number'"):
        read(dirty, mended=tmp_path / "named.xlsx")


def test_a_spec_names_the_workbook(dirty, tmp_path):
    read(dirty, set_aside=tmp_path)
    changed(book_of(tmp_path), "mine.xlsx", MENDED)
    spec = tmp_path / "dirty.yaml"
    spec.write_text("source: dirty.csv\nmended: mine.xlsx\n", encoding="utf-8")
    assert fates(read(spec))["kept: events of the log"] == 6


def test_the_command_line_writes_and_reads_it(dirty, tmp_path):
    run = CliRunner()
    said = run.invoke(main, ["check", str(dirty), "--set-aside", str(tmp_path / "aside")], catch_exceptions=False)
    assert "row 8; row 9" in said.output
    book = changed(book_of(tmp_path / "aside"), "mine.xlsx", MENDED)
    said = run.invoke(main, ["check", str(dirty), "--mended", str(book)], catch_exceptions=False)
    assert "6 events, 3 set aside" in said.output
    assert "2 rows mended by hand (mine.xlsx)" in said.output
    said = run.invoke(
        main, ["variants", str(dirty), "--mended", str(book)], catch_exceptions=False
    )  # reads fewer columns
    assert "=SUM(1)" in said.output


def test_a_spreadsheets_own_dates_and_numbers_are_read(tmp_path):
    path = tmp_path / "log.xlsx"
    book = openpyxl.Workbook()
    for row in (("case", "activity", "date", "n"), (1, "a", pd.Timestamp("2024-01-01 08:00"), 5), (1, "b", None, 7)):
        book.worksheets[0].append(row)
    book.save(path)
    read(path, set_aside=tmp_path / "aside")
    mended = changed(book_of(tmp_path / "aside"), "m.xlsx", {3: {"date": pd.Timestamp("2024-01-02 09:15"), "n": 8}})
    log = read(path, mended=mended)
    assert log.events["time"].astype(str).tolist() == ["2024-01-01 08:00:00", "2024-01-02 09:15:00"]
    assert log.events["n"].tolist() == ["5", "8"]


def test_columns_with_types_take_values_of_their_type(tmp_path):
    frame = pd.DataFrame({"case": ["1", "1", "2"], "activity": ["a", None, "c"], "paid": [1.5, None, 2.25]})
    frame["time"] = pd.to_datetime(["2024-01-01 08:00:00.000001", "2024-01-02", None], format="ISO8601")
    frame.to_parquet(tmp_path / "log.parquet")
    read(tmp_path / "log.parquet", set_aside=tmp_path)
    change = {2: {"activity": "b", "paid": "3.5"}, 3: {"time": "2024-01-03 10:00"}}
    log = read(tmp_path / "log.parquet", mended=changed(book_of(tmp_path), "mine.xlsx", change))
    assert log.events["activity"].tolist() == ["a", "b", "c"]
    assert log.time.astype("M8[us]").astype(str).tolist() == [
        "2024-01-01T08:00:00.000001",
        "2024-01-02T00:00:00.000000",
        "2024-01-03T10:00:00.000000",
    ]
    with pytest.raises(LogError, match="'time' the data hold a time such as 2026-01-31 14:05, and a mended cell"):
        read(tmp_path / "log.parquet", mended=changed(book_of(tmp_path), "odd.xlsx", {3: {"time": "someday"}}))
    log = read(frame, set_aside=tmp_path / "frame")  # a frame has no file, so its rows are what is compared
    mended = changed(book_of(tmp_path / "frame"), "mine.xlsx", change)
    assert len(read(frame, mended=mended).events) == 3
    with pytest.raises(LogError, match="another version"):
        read(frame.assign(paid=[1.5, None, 2.0]), mended=mended)


def test_names_of_parts_that_a_command_does_not_read_are_no_error(dirty, tmp_path):
    read(dirty, set_aside=tmp_path)
    book = changed(book_of(tmp_path), "mine.xlsx", MENDED)
    log = read(dirty, columns=Columns(attributes=(), event_attributes=()), mended=book)
    assert len(log.time) == 6


def test_repeats_are_still_found_beside_a_row_put_where_it_stood(tmp_path):
    """The columns that were not asked for are read again, and have a row more than they had."""
    path = tmp_path / "log.csv"
    path.write_text(
        "case,activity,time,who\n1,a,2024-01-01,x\n1,a\n1,a,2024-01-01,y\n1,b,2024-01-02,z\n1,b,2024-01-02,z\n",
        encoding="utf-8",
    )
    only = Columns(attributes=(), event_attributes=())
    read(path, columns=only, set_aside=tmp_path)
    filled = {3: {"case": "1", "activity": "a", "time": "2024-01-01"}}
    log = read(path, columns=only, mended=changed(book_of(tmp_path), "mine.xlsx", filled))
    assert fates(log) == {"kept: events of the log": 4, "repeats an earlier row in every column": 1}
    assert log.origin.row.tolist() == [2, 3, 4, 5]


def test_the_report_names_five_rows_of_each_reason_and_adds_up(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("case,activity,time\n1,a,2024-01-01\n" + "1,b,\n" * 7 + ",c,2024-01-02\n", encoding="utf-8")
    report = load_report(read(path))
    where = dict(zip(report.rows["reason"].tolist(), report.rows["where"].tolist()))
    assert where == {
        "kept: events of the log": "-",
        "no case": "row 10",
        "no time": "row 3; row 4; row 5; row 6; row 7, ...",
    }
    assert report.rows["rows"].sum() == 9


def test_more_rows_than_a_sheet_holds_make_a_text_file(dirty, tmp_path, monkeypatch):
    monkeypatch.setattr(aside, "MOST_ROWS", 3)  # the limit of a sheet; the rows are the same
    read(dirty, set_aside=tmp_path / "aside")
    path = tmp_path / "aside" / "dirty.csv.set-aside.csv"
    assert "'=SUM(1)" in path.read_text(encoding="utf-8-sig")
    text = path.read_text(encoding="utf-8-sig").replace("A1,'=SUM(1),,", "A1,'=SUM(1),2024-01-02 08:30,")
    (tmp_path / "mine.csv").write_text(text, encoding="utf-8-sig", newline="")
    log = read(dirty, mended=tmp_path / "mine.csv")
    assert fates(log)["kept: events of the log"] == 5
    assert "=SUM(1)" in log.about.activities


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12) | st.sampled_from(
    [
        "=1+1",
        "'=1+1",
        "-5",
        "'",
        " ",
        "_x0041_",
        "_x005F_",
        "#N/A",
        "0012",
        "1e5",
        "TRUE",
        "\n=1",
        "a\r\nb",
        "\x07",
        "x" * 33_000,
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=8))
def test_what_nobody_touched_comes_back_exactly(tmp_path_factory, values):
    """Any text in rows set aside (they have no time); the cell that is mended, and no other, is what counts afterwards."""
    folder = tmp_path_factory.mktemp("any")
    frame = pd.DataFrame(
        [("good", "a", "2024-01-01", "x"), *((case or "c", step or "s", None, note) for case, step, note in values)],
        columns=["case", "activity", "time", "note"],
    )
    read(frame, set_aside=folder)
    mended = changed(book_of(folder), "mine.xlsx", {n: {"time": "2024-01-02"} for n in range(2, len(frame) + 1)})
    log = read(frame, mended=mended, ends="every case", columns=Columns(event_attributes=("note",), repeated="keep"))
    given_at_once = frame.fillna({"time": "2024-01-02"})
    whole = read(given_at_once, ends="every case", columns=Columns(event_attributes=("note",), repeated="keep"))
    for name in ("case", "activity", "note"):
        assert log.events[name].tolist() == whole.events[name].tolist()
    untouched = read(frame, mended=book_of(folder))
    assert untouched.about.history == () and len(untouched.time) == 1


def test_rows_of_several_files_are_told_apart_by_file(tmp_path):
    folder = tmp_path / "months"
    folder.mkdir()
    head = "case,activity,time,office\n"
    (folder / "january.csv").write_text(head + "1,a,2024-01-01,x\n1,b,,x\n1,c\n", encoding="utf-8")
    (folder / "february.csv").write_text(head + "1,d,2024-02-01,x\n1,e,,x\n1,f\n", encoding="utf-8")
    first = read(folder, set_aside=tmp_path / "aside")
    where = load_report(first).rows["where"].tolist()
    assert "row 3 of january.csv" in " ".join(where) and "row 3 of february.csv" in " ".join(where)
    opened = openpyxl.load_workbook(book_of(tmp_path / "aside"))
    for row in opened.worksheets[0].iter_rows(min_row=2):
        if row[0].value == "january.csv" and row[1].value == 3:
            row[6].value = "2024-01-03"
        if row[0].value == "february.csv" and row[1].value == 4:
            for cell, value in zip(row[4:], ("1", "f", "2024-02-03", "x")):
                cell.value = value
    opened.save(tmp_path / "mine.xlsx")
    log = read(folder, mended=tmp_path / "mine.xlsx")
    assert log.events["activity"].tolist() == ["a", "b", "d", "f"]
    assert log.events["time"].astype(str).tolist() == ["2024-01-01", "2024-01-03", "2024-02-01", "2024-02-03"]
    assert sum(fates(log).values()) == 6


def test_a_wide_table_is_mended_as_the_source_has_it(tmp_path):
    path = tmp_path / "wide.csv"
    good = "".join(f"{k},2023-01-01,2023-01-02,2023-01-03,w\n" for k in range(5, 9))
    lines = "1,2024-01-01,32 May,2024-03-01,x\n2,2024-01-02,,soon,y\n3,,,,z\n"
    path.write_text("case,Received,Heard,Decided,office\n" + lines + good, encoding="utf-8")
    columns = Columns(case="case", milestones={"Received": "in", "Heard": "heard", "Decided": "out"})
    first = read(path, columns=columns, set_aside=tmp_path)
    found = rows(book_of(tmp_path))
    assert found[0][4:] == ("case", "Received", "Heard", "Decided", "office")  # the columns of the source
    assert [row[1:3] for row in found[1:]] == [
        (2, "the time cannot be read (Heard)"),
        (3, "the time cannot be read (Decided)"),
        (4, "no time"),
    ]
    mended = changed(
        book_of(tmp_path), "mine.xlsx", {2: {"Heard": "2024-02-01"}, 3: {"Heard": "2024-02-02", "Decided": None}}
    )
    log = read(path, columns=columns, mended=mended)
    told = list(zip(log.events["case"], log.events["activity"], log.events["time"].astype(str)))
    assert told[:5] == [
        ("1", "in", "2024-01-01"),
        ("1", "heard", "2024-02-01"),
        ("1", "out", "2024-03-01"),
        ("2", "in", "2024-01-02"),
        ("2", "heard", "2024-02-02"),
    ]
    assert fates(first)["the time cannot be read"] == 2
    assert "the time cannot be read" not in fates(log)


def test_two_sources_are_mended_each_in_its_own_rows(tmp_path):
    (tmp_path / "intake.csv").write_text("case,activity,time\n1,in,2024-01-01\n2,in,\n", encoding="utf-8")
    (tmp_path / "courts.csv").write_text("case,activity,time,judge\n1,out,2024-02-01,j\n2,out,,\n", encoding="utf-8")
    spec = tmp_path / "both.yaml"
    spec.write_text("sources:\n  - source: intake.csv\n  - source: courts.csv\n", encoding="utf-8")
    read(spec, set_aside=tmp_path / "aside")
    found = rows(book_of(tmp_path / "aside"))
    assert [row[:2] for row in found[1:]] == [("courts.csv", 3), ("intake.csv", 3)]
    opened = openpyxl.load_workbook(book_of(tmp_path / "aside"))
    at = [cell.value for cell in opened.worksheets[0][1]].index("time")
    for row, day in zip(opened.worksheets[0].iter_rows(min_row=2), ("2024-02-02", "2024-01-02")):
        row[at].value = day
    opened.save(tmp_path / "mine.xlsx")
    log = read(spec, mended=tmp_path / "mine.xlsx")
    assert list(zip(log.events["case"], log.events["activity"])) == [
        ("1", "in"),
        ("1", "out"),
        ("2", "in"),
        ("2", "out"),
    ]
    (tmp_path / "courts.csv").write_text("case,activity,time,judge\n1,out,2024-02-01,j\n2,out,,k\n", encoding="utf-8")
    with pytest.raises(LogError, match=r"another version of courts\.csv"):
        read(spec, mended=tmp_path / "mine.xlsx")


def test_the_sign_before_a_formula_is_no_part_of_a_mended_value(dirty, tmp_path):
    read(dirty, set_aside=tmp_path)
    change = {3: {"activity": "'=SUM(2)", "timestamp": "2024-01-02"}, 7: {"case_id": "'quoted'"}}
    log = read(dirty, mended=changed(book_of(tmp_path), "mine.xlsx", change))
    assert "=SUM(2)" in log.about.activities  # the ' is that of the workbook
    assert "'quoted'" in log.cases["case"].tolist()  # and this one is the user's
