"""The same small log in every format, and what each format can do wrong."""

import datetime as dt
import gzip

import openpyxl
import pandas as pd
import pytest

import procmine
from procmine.load.columns import Columns
from procmine.load.door import read
from procmine.load.report import load_report
from procmine.log import LogError

SIX = """case_id,activity,timestamp,office
001,Start,2024-01-01,NA
001,Check,2024-01-03,NA
001,End,2024-01-11,NA
NA,Start,2024-01-01,Šiauliai
NA,Check,2024-01-05,Šiauliai
NA,Check,2024-01-06,Šiauliai
"""
ROWS = [line.split(",") for line in SIX.split()]


def facts(log):
    """What must be the same in every format."""
    events = log.events
    columns = [events["case"], events["activity"], events["time"].astype(str)]
    return list(zip(*columns)), log.attributes["office"].values().tolist(), log.about.precision


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(SIX, encoding="utf-8")
    return path


@pytest.fixture
def truth(plain):
    return facts(read(plain))


def test_ids_stay_text_and_nothing_is_a_hole_but_what_is_empty(truth):
    events, offices, precision = truth
    assert events[0] == ("001", "Start", "2024-01-01")
    assert events[3] == ("NA", "Start", "2024-01-01")
    assert offices == ["NA", "Šiauliai"]
    assert precision == "day"


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_any_delimiter(plain, truth, sign):
    plain.write_text(SIX.replace(",", sign), encoding="utf-8")
    assert facts(read(plain)) == truth


def test_byte_order_mark_gzip_and_line_ends(tmp_path, truth):
    path = tmp_path / "log.tsv.gz"
    path.write_bytes(gzip.compress(SIX.replace(",", "\t").replace("\n", "\r\n").encode("utf-8-sig")))
    assert facts(read(path)) == truth


def test_a_declared_encoding_reads_and_an_undeclared_one_names_the_byte(plain, truth):
    data = SIX.encode("cp1257")
    plain.write_bytes(data)
    with pytest.raises(LogError) as refused:
        read(plain)
    assert f"byte {data.index('Š'.encode('cp1257')):,} (line 5)" in str(refused.value)
    assert 'Columns(encoding="cp1252")' in str(refused.value)
    assert facts(read(plain, columns=Columns(encoding="cp1257"))) == truth


def test_lines_above_the_header(plain, truth):
    plain.write_text("Report of 2024\n\n" + SIX, encoding="utf-8")
    assert facts(read(plain, columns=Columns(header=3))) == truth


def aside(folder):
    """The rows of a workbook of rows set aside."""
    return list(openpyxl.load_workbook(folder / "log.csv.set-aside.xlsx").worksheets[0].iter_rows(values_only=True))


def test_ragged_rows_are_set_aside_by_number_and_kept_as_they_stood(plain, tmp_path, truth):
    lines = SIX.splitlines()
    lines = [*lines[:3], "001,Oops", *lines[3:5], "NA,=1+1,2024-01-02,x,y", *lines[5:], ""]
    plain.write_text("\n".join(lines), encoding="utf-8")
    log = read(plain, set_aside=tmp_path / "aside")
    assert facts(log) == truth
    report = load_report(log).rows
    assert dict(zip(report["reason"], zip(report["rows"], report["first_row"]))) == {
        "kept: events of the log": (6, None),
        "too few or too many columns": (2, 4),
    }
    assert aside(tmp_path / "aside")[1:] == [
        ("log.csv", 4, "too few or too many columns", "001,Oops", *[None] * 4),
        ("log.csv", 7, "too few or too many columns", "NA,=1+1,2024-01-02,x,y", *[None] * 4),
    ]


def test_a_row_after_a_ragged_one_keeps_its_number_and_no_formula_is_left_to_run(plain, tmp_path):
    lines = SIX.splitlines()
    plain.write_text("\n".join([*lines[:2], "001,Oops", ",=cmd|'x'!A1,2024-01-02,-5", *lines[2:]]), encoding="utf-8")
    log = read(plain, set_aside=tmp_path)
    assert load_report(log).rows["first_row"].tolist() == [None, 3, 4]
    assert aside(tmp_path)[2] == ("log.csv", 4, "no case", None, None, "'=cmd|'x'!A1", "2024-01-02", "'-5")


def test_formulas_behind_blanks_and_line_ends_are_harmless_too(plain, tmp_path):
    plain.write_text(SIX + '," =cmd|calc",2024-01-02,"\n=1+1"\n', encoding="utf-8")
    read(plain, set_aside=tmp_path)
    assert aside(tmp_path)[1][4:] == (None, "' =cmd|calc", "2024-01-02", "'\n=1+1")


def test_a_file_that_is_mostly_ragged_or_not_text_is_refused(plain):
    plain.write_text("case_id,activity,timestamp\n" + "1,A,2024-01-01,x\n" * 3)
    with pytest.raises(LogError, match=r"3 of 3 rows do not have the 3 columns .* the first is row 2"):
        read(plain)
    plain.write_bytes(b"PK\x03\x04\x00\x00")
    with pytest.raises(LogError, match="not text"):
        read(plain)
    plain.write_text('case_id,activity,timestamp\n1,"A,2024-01-01\n2,B,2024-01-02\n')
    with pytest.raises(LogError, match="quotation mark in the row that begins in line 2 is never closed"):
        read(plain)


def test_a_header_alone_is_refused(plain):
    plain.write_text("case_id,activity,timestamp\n")
    with pytest.raises(LogError, match="no row can be used"):
        read(plain)


def test_quoted_line_ends_and_delimiters_are_text(plain):
    plain.write_text('case_id,activity,timestamp\n1,"A, or\nB",2024-01-01\n1,"say ""x""",2024-01-02\n')
    assert read(plain).about.activities == ("A, or\nB", 'say "x"')


def test_unclear_delimiter_is_asked_for(plain):
    plain.write_text("case_id,a;activity,timestamp\n1,x;A,2024-01-01\n")
    with pytest.raises(LogError, match="a comma or a semicolon"):
        read(plain)


def workbook(path, sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def test_excel_reads_dates_text_and_serials_from_the_only_sheet_that_fits(tmp_path, truth):
    rows = [["List of cases"], [], *[list(row) for row in ROWS]]
    rows[3][2] = dt.date(2024, 1, 1)
    rows[4][2] = 45294  # 2024-01-03
    path = tmp_path / "log.xlsx"
    workbook(path, {"Notes": [["about"], ["made by hand"]], "Data": rows, "Empty": []})
    log = read(path)
    assert facts(log) == truth
    assert any(note.key == "load.sheet" and note.values == {"sheet": "Data", "row": 3} for note in log.about.notes)


def test_excel_with_two_sheets_that_fit_is_asked_for(tmp_path, truth):
    path = tmp_path / "log.xlsx"
    workbook(path, {"2023": ROWS, "2024": ROWS})
    with pytest.raises(LogError, match=r'2023 \(7 rows: case_id, activity.*Columns\(sheet="2023"'):
        read(path)
    assert facts(read(path, columns=Columns(sheet="2024"))) == truth
    with pytest.raises(LogError, match="no sheet '2025'; there are: 2023, 2024"):
        read(path, columns=Columns(sheet="2025"))


def test_a_pandas_frame_with_pm4py_names_needs_no_arguments(truth):
    frame = pd.DataFrame(ROWS[1:], columns=["case:concept:name", "concept:name", "time:timestamp", "case:office"])
    frame["time:timestamp"] = pd.to_datetime(frame["time:timestamp"], format="%Y-%m-%d")
    before = frame.copy()
    log = read(frame)
    assert facts(log) == truth
    pd.testing.assert_frame_equal(frame, before)


def test_parquet_reads_what_is_needed_and_leaves_lists_out(tmp_path, truth):
    frame = pd.DataFrame(ROWS[1:], columns=ROWS[0])
    frame["timestamp"] = pd.to_datetime(frame["timestamp"])
    frame["list"] = [["a"]] * 6
    frame.to_parquet(tmp_path / "log.parquet")
    log = read(tmp_path / "log.parquet")
    assert facts(log) == truth
    assert any(note.key == "load.nested" for note in log.about.notes)


def xes(events, head="", trace=""):
    body = "".join(f"<event>{one}</event>" for one in events)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<log>{head}<trace>{trace}{body}</trace>\n</log>'.encode()


def attribute(key, value, tag="string"):
    return f'<{tag} key="{key}" value="{value}"/>'


def event(name, when, *more):
    return attribute("concept:name", name) + attribute("time:timestamp", when, "date") + "".join(more)


def test_xes_equals_the_table(tmp_path, truth):
    traces = []
    for case in ("001", "NA"):
        rows = [row for row in ROWS[1:] if row[0] == case]
        own = attribute("concept:name", case) + attribute("office", rows[0][3])
        traces.append("<trace>" + own + "".join(f"<event>{event(row[1], row[2])}</event>" for row in rows) + "</trace>")
    path = tmp_path / "log.xes.gz"
    path.write_bytes(gzip.compress(f"<log>{''.join(traces)}</log>".encode()))
    assert facts(read(path)) == truth


HOSTILE = "A &amp;&lt;b&gt; &quot;&#233;&#x10D;"
PLAIN = 'A &<b> "éč'


@pytest.mark.parametrize("single", [False, True], ids=["cut at once", "by the parser"])
def test_xes_entities_are_decoded_and_globals_fill_nothing(tmp_path, single):
    head = '<global scope="event"><string key="office" value="DEFAULT"/></global>'
    events = [event(HOSTILE, "2024-01-01T10:00:00Z"), event("B", "2024-01-02T10:00:00Z")]
    data = xes(events, head, attribute("concept:name", "1"))
    path = tmp_path / "log.xes"
    path.write_bytes(data.replace(b'key="time:timestamp"', b"key='time:timestamp'") if single else data)
    log = read(path)
    assert log.about.activities == (PLAIN, "B")
    assert log.about.axis == "instant"
    assert "office" not in log.about.attributes + log.about.event_attributes


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><log><trace/></log>', "document type"),
        (xes([event("A", "2024-01-01")])[:-9], "not sound XML"),
        (xes([event("A", "2024-01-01")]).replace(b"</event>", b"</trace>"), "not sound XML"),
        (xes([event("A", "2024-01-01")]).replace(b"</event>", b"</string>"), "not sound XML"),
        (xes([event("A &nope; ", "2024-01-01")]), "not sound XML"),
        (b"<log/>", "holds no events"),
    ],
)
def test_xes_that_is_dangerous_or_broken_is_refused(tmp_path, data, said):
    path = tmp_path / "log.xes"
    path.write_bytes(data)
    with pytest.raises(LogError, match=said):
        read(path)


def test_unknown_columns_are_listed_with_the_shape_of_their_values(plain):
    plain.write_text("file,step,when\nAB-12 Jane,Open,2024-01-01\n")
    with pytest.raises(LogError) as refused:
        read(plain)
    said = str(refused.value)
    assert "AA-99 Aaaa" in said
    assert "Jane" not in said
    assert 'Columns(activity=\'step\', case="...", timestamp="...")' in said
    with pytest.raises(LogError, match="AB-12 Jane"):
        read(plain, columns=Columns(show_values=True))
    assert len(read(plain, columns=Columns(case="file", timestamp="when"))) == 1


def test_a_column_that_is_not_there_or_twice_is_refused(plain):
    with pytest.raises(LogError, match=r"'when' .* is not there. There are: case_id, activity, timestamp, office"):
        read(plain, columns=Columns(timestamp="when"))
    plain.write_text("case_id,activity,timestamp,activity\n1,A,2024-01-01,B\n")
    with pytest.raises(LogError, match="cannot tell which column is the activity"):
        read(plain)
    with pytest.raises(LogError, match="more than once"):
        read(plain, columns=Columns(activity="activity"))


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(LogError, match=r"There is no file"):
        read(tmp_path / "nothing.csv")
    (tmp_path / "log.docx").write_bytes(b"x")
    with pytest.raises(LogError, match=r"log.docx: this kind of file cannot be read. These can: .csv"):
        read(tmp_path / "log.docx")
    (tmp_path / "log.xlsx").write_bytes(b"x")
    with pytest.raises(LogError, match="cannot be read as a workbook"):
        read(tmp_path / "log.xlsx")
    (tmp_path / "log.parquet").write_bytes(b"x")
    with pytest.raises(LogError, match="cannot be read as Parquet"):
        read(tmp_path / "log.parquet")


def test_a_saved_folder_is_read_by_the_same_door(plain, tmp_path):
    log = read(plain)
    procmine.save(log, tmp_path / "saved")
    again = read(tmp_path / "saved")
    assert again.about == log.about
    with pytest.raises(ValueError, match="settled already"):
        read(tmp_path / "saved", cutoff="2024-01-05")
