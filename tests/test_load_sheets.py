"""Typed tables: spreadsheets, Parquet, Feather and Arrow files, and JSON lines give the cells that were written."""

import contextlib
import datetime as dt
import gzip
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import ipc, parquet

from procmine.load.columns import Columns
from procmine.load.door import read
from procmine.load.formats.excel import read_excel
from procmine.load.formats.json_lines import read_json, read_json_lines
from procmine.load.formats.tables import read_feather, read_frame, read_parquet
from procmine.load.report import load_report
from procmine.log import LogError

HEADER = ["case_id", "activity", "timestamp"]
DATA = Path(__file__).parent / "data"
THREE = Columns(case="case_id", activity="activity", timestamp="timestamp")
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def book(path, *sheets, change=None, epoch=None):
    """A workbook with these sheets of rows; `change` works on the sheets before it is saved."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    made.epoch = epoch or made.epoch
    for place, rows in enumerate(sheets):
        sheet = made.create_sheet(f"S{place + 1}")
        for row, cells in enumerate(rows, 1):
            for column, value in enumerate(cells, 1):
                cell = sheet.cell(row, column)
                cell.value = value
                if isinstance(value, str) and value[:1] == "=" and not value.startswith("=F"):
                    cell.data_type = "s"
    if change:
        change(*made.worksheets)
    made.save(path)
    return path


def events(log):
    held = log.events
    return list(zip(held["case"], held["activity"], held["time"].astype(str)))


def said(raw_or_log):
    notes = raw_or_log.notes if hasattr(raw_or_log, "notes") else raw_or_log.about.notes
    return {note.key: dict(note.values or {}) for note in notes}


def numbers(raw):
    return raw.row_numbers(np.arange(len(raw.table))).tolist()


# --- spreadsheets: cells


def expected(value):
    """A cell of openpyxl's as the text it must be, by what the formats' documentation says."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, float | int):
        return f"{Decimal(value):f}" if value == int(value) else repr(float(value))
    return str(value)


letters = st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="_\ufffe\uffff")
text = st.text(letters, min_size=1, max_size=12)
moments = st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2200, 1, 1)).map(
    lambda one: one.replace(microsecond=one.microsecond // 1_000 * 1_000)
)
cells = st.one_of(
    st.none(),
    text,
    st.sampled_from(["NA", "007", " x ", "12345.0", "1e5", "TRUE", "N/A", "=1+1", "-"]),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.floats(-1e9, 1e9).map(lambda one: round(one, 4) + 0.0),
    st.booleans(),
    moments,
    moments.map(lambda one: dt.datetime.combine(one, dt.time())),
)


@quick
@given(st.lists(st.tuples(text, cells, cells), min_size=1, max_size=8))
def test_cells_are_those_that_openpyxl_reads(tmp_path, rows):
    path = book(tmp_path / "log.xlsx", [[*HEADER, "more"], *[[one, "A", "2024-01-01", *more] for one, *more in rows]])
    raw = read_excel(path, THREE)
    stored = openpyxl.load_workbook(path).active
    assert raw.table["more"].to_pylist() == [expected(row[3].value) for row in stored.iter_rows(min_row=2)]
    assert raw.table["case_id"].to_pylist() == [row[0] for row in rows]


def test_ids_stored_as_numbers_have_no_point_and_zeros_in_text_stay(tmp_path):
    rows = [HEADER, [12345.0, "A", "2024-01-01"], ["00123", "A", "2024-01-02"], [123456789012345, "A", "2024-01-03"]]
    raw = read_excel(book(tmp_path / "log.xlsx", rows), Columns())
    assert raw.table["case_id"].to_pylist() == ["12345", "00123", "123456789012345"]
    assert "load.sheet.long" not in said(raw)


@pytest.mark.parametrize("lost", [[1234567890123450], [12345678901234567, 1], [9007199254740993]])
def test_case_numbers_that_have_lost_digits_are_refused(tmp_path, lost):
    path = book(tmp_path / "log.xlsx", [HEADER, *([one, "A", "2024-01-01"] for one in lost)])
    with pytest.raises(LogError, match=r"column 'case_id': 1 cells hold numbers of more than 15 digits"):
        read_excel(path, Columns())


def test_numbers_of_sixteen_digits_that_are_exact_are_read_and_said(tmp_path):
    rows = [HEADER, [1234567890123456, "A", "2024-01-01"], [1234567890123457, "A", "2024-01-01"]]
    raw = read_excel(book(tmp_path / "log.xlsx", rows), Columns())
    assert raw.table["case_id"].to_pylist() == ["1234567890123456", "1234567890123457"]
    assert said(raw)["load.sheet.long"] == {"n": 2, "columns": "case_id"}


def test_dates_stay_dates_times_stay_times_and_text_is_read_beside_them(tmp_path):
    rows = [
        HEADER,
        ["1", "A", dt.date(2024, 3, 4)],
        ["1", "B", dt.datetime(2024, 3, 5, 10, 5, 7, 250_000)],
        ["1", "C", "25/03/2024"],
        ["1", "D", "26/03/2024 08:00"],
        ["1", "E", 45379.75],
    ]
    path = book(tmp_path / "log.xlsx", rows)
    raw = read_excel(path, Columns())
    held = ["2024-03-04", "2024-03-05 10:05:07.250000", "25/03/2024", "26/03/2024 08:00", "45379.75"]
    assert raw.table["timestamp"].to_pylist() == held
    assert [time[:16] for _, _, time in events(read(path))] == [
        "2024-03-04 00:00",
        "2024-03-05 10:05",
        "2024-03-25 00:00",
        "2024-03-26 08:00",
        "2024-03-28 18:00",
    ]


@pytest.mark.parametrize(
    "epoch", [openpyxl.utils.datetime.CALENDAR_WINDOWS_1900, openpyxl.utils.datetime.CALENDAR_MAC_1904]
)
def test_both_epochs_give_the_same_days(tmp_path, epoch):
    serial = (dt.datetime(2024, 1, 3, 12) - epoch) / dt.timedelta(days=1)
    rows = [HEADER, ["1", "A", dt.date(2024, 1, 1)], ["1", "B", dt.datetime(2024, 1, 2, 6)], ["1", "C", serial]]
    log = read(book(tmp_path / "log.xlsx", rows, epoch=epoch))
    assert [time[:16] for _, _, time in events(log)] == ["2024-01-01 00:00", "2024-01-02 06:00", "2024-01-03 12:00"]
    assert ("load.sheet.serials_1904" in said(log)) == (epoch.year == 1904)


def turned(day_first_text):
    """A column of d/m/y that a program set to m/d/y opened: it turned what it could, and left the rest as text."""
    days = [dt.date(2024, 1 + place % 12, 1 + 2 * place % 28) for place in range(28)]
    cells = [dt.date(2024, one.day, one.month) if one.day <= 12 else f"{one:%d/%m/%Y}" for one in days]
    return [HEADER, *([str(place), "A", one] for place, one in enumerate([*cells, *day_first_text]))]


def test_dates_whose_day_and_month_were_exchanged_are_refused(tmp_path):
    path = book(tmp_path / "log.xlsx", turned([]))
    with pytest.raises(LogError, match=r"cells are text with the day first \(99/99/9999\)"):
        read_excel(path, Columns())
    assert len(read_excel(path, Columns(dates="%d/%m/%Y")).table) == 28  # the user knows better
    assert len(read_excel(book(path, turned(["03/04/2024"])), Columns()).table) == 28 + 1  # text that reads both ways
    real = [HEADER, *(["1", "A", dt.date(2024, 1, day)] for day in range(1, 29)), ["1", "B", "29/01/2024"]]
    assert len(read_excel(book(path, real), Columns()).table) == 29


def test_errors_and_formulas_without_values_are_empty_and_counted(tmp_path):
    def change(sheet):
        for place, error in (("D2", "#N/A"), ("D3", "#REF!")):
            sheet[place].value, sheet[place].data_type = error, "e"

    rows = [
        [*HEADER, "note"],
        ["1", "A", "2024-01-01", ""],
        ["1", "B", "2024-01-02", ""],
        ["1", "C", "2024-01-03", "=F1"],
    ]
    raw = read_excel(book(tmp_path / "log.xlsx", rows, change=change), Columns())
    assert raw.table["note"].to_pylist() == [None, None, None]
    assert said(raw)["load.sheet.errors"] == {"n": 2}
    assert said(raw)["load.sheet.uncomputed"] == {"n": 1}


def test_a_column_of_formulas_that_were_never_computed_is_refused(tmp_path):
    path = book(tmp_path / "log.xlsx", [HEADER, *(["1", "A", f"=F{row}+1"] for row in range(9))])
    with pytest.raises(LogError, match="the cells of timestamp are formulas without a stored value"):
        read_excel(path, Columns())


# --- spreadsheets: layout


def test_merged_headers_join_and_merged_cells_fill_down(tmp_path):
    rows = [
        ["Register of 2024"],
        ["Case", "Activity", "Hearing", None, "Decision", None],
        [None, None, "Date", "Result", "Date", "By"],
        ["007", "Open", "2024-01-01", "x", None, None],
        [None, "Close", "2024-01-02", None, "2024-02-01", "JD"],
        [None, "Loose", "2024-01-03", None, None, None],
    ]

    def change(sheet):
        for one in ("A1:F1", "A2:A3", "B2:B3", "C2:D2", "E2:F2", "A4:A5", "D4:D5"):
            sheet.merge_cells(one)

    raw = read_excel(book(tmp_path / "log.xlsx", rows, change=change), Columns(timestamp="Hearing Date"))
    assert raw.names == ["Case", "Activity", "Hearing Date", "Hearing Result", "Decision Date", "Decision By"]
    assert raw.table["Case"].to_pylist() == ["007", "007", None]
    assert raw.table["Hearing Result"].to_pylist() == ["x", "x", None]
    assert numbers(raw) == [4, 5, 6]
    assert said(raw)["load.sheet.merged"] == {"n": 2, "columns": "Case, Hearing Result"}
    assert said(raw)["load.sheet.gaps"] == {"n": 1, "column": "Case"}
    assert said(raw)["load.sheet"] == {"sheet": "S1", "row": 2}


def test_a_group_above_names_that_stand_below_alone(tmp_path):
    rows = [[None, None, "Event", None], ["case_id", "activity", "date", "note"], ["1", "A", "2024-01-01", "x"]]
    path = book(tmp_path / "log.xlsx", rows, change=lambda sheet: sheet.merge_cells("C1:D1"))
    raw = read_excel(path, Columns())
    assert raw.names == ["case_id", "activity", "Event date", "Event note"]
    assert numbers(raw) == [3]


def test_three_rows_of_names(tmp_path):
    rows = [
        ["case_id", "activity", "Court"],
        [None, None, "Hearing"],
        [None, None, "date", "room"],
        ["1", "A", "2024-01-01", 2],
    ]
    merges = ("A1:A3", "B1:B3", "C1:D1", "C2:D2")
    path = book(tmp_path / "log.xlsx", rows, change=lambda sheet: [sheet.merge_cells(one) for one in merges])
    for header in (None, 1):
        raw = read_excel(path, Columns(timestamp="Court Hearing date", header=header))
        assert raw.names == ["case_id", "activity", "Court Hearing date", "Court Hearing room"]
        assert numbers(raw) == [4]


def test_a_name_over_two_columns_takes_no_row_of_data_for_names(tmp_path):
    rows = [[*HEADER, "Remarks", None], ["1", "A", "2024-01-01", "x", "y"], ["1", "B", "2024-01-02", "z", None]]
    path = book(tmp_path / "log.xlsx", rows, change=lambda sheet: sheet.merge_cells("D1:E1"))
    raw = read_excel(path, Columns())
    assert raw.names == [*HEADER, "Remarks"]
    assert len(raw.table) == 2
    assert said(raw)["load.sheet.unnamed"] == {"n": 1}


def test_titles_blank_rows_blank_columns_and_totals(tmp_path):
    rows = [
        [None, "Report", None, None],
        [],
        [None, *HEADER, None, None],
        [None, "1", "A", "2024-01-01"],
        [],
        [],
        [None, "1", "B", "2024-01-02", None, "  "],
        [None, "Total", 2, None],
    ]

    def far(sheet):  # formatted, but empty
        sheet.cell(1_048_576, 16_384).font = openpyxl.styles.Font(bold=True)
        sheet.merge_cells("B8:B9")
        sheet["C9"] = "left"

    path = book(tmp_path / "log.xlsx", rows, change=far)
    raw = read_excel(path, Columns())
    assert raw.table["case_id"].to_pylist() == ["1", "1", "Total", "Total"]
    assert numbers(raw) == [4, 7, 8, 9]
    log = read(path)
    assert [one[:2] for one in events(log)] == [("1", "A"), ("1", "B")]
    assert load_report(log).rows["first_row"].tolist() == [None, 8]


def test_hidden_rows_columns_and_sheets_are_read_and_said(tmp_path):
    def change(sheet, other):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["D"].hidden = True
        sheet.sheet_state = "hidden"
        other["A1"] = "about"

    rows = [[*HEADER, "secret"], ["1", "A", "2024-01-01", "x"], ["1", "B", "2024-01-02", "y"]]
    raw = read_excel(book(tmp_path / "log.xlsx", rows, [], change=change), Columns())
    assert len(raw.table) == 2
    assert said(raw)["load.sheet.hidden_parts"] == {"rows": 1, "columns": 1}
    assert said(raw)["load.sheet.hidden"] == {"sheet": "S1"}
    assert said(raw)["load.sheet.unread"] == {"sheets": "S2"}


def test_monthly_sheets_are_asked_for_and_read_as_one_log(tmp_path):
    months = [
        [["Month", place], HEADER, *([f"{place}-{case}", "A", dt.date(2024, place, case)] for case in (1, 2))]
        for place in range(1, 13)
    ]
    months[3][1:] = [
        [*HEADER, "new"],
        ["4-1", "A", dt.date(2024, 4, 1), "x"],
        [],
        [None, "A", dt.date(2024, 4, 2), "y"],
    ]
    path = book(tmp_path / "log.xlsx", *months, [["about this file"]])
    with pytest.raises(LogError, match=r'S12 .*Say it: Columns\(sheet="S4", header=2\)'):
        read(path, ends="every case")
    raw = read_excel(path, Columns(sheet="*"))
    assert raw.table["case_id"].to_pylist()[:8] == ["1-1", "1-2", "2-1", "2-2", "3-1", "3-2", "4-1", None]
    assert raw.table["new"].to_pylist()[:8] == [None] * 6 + ["x", "y"]
    assert raw.file_names(np.array([0, 7])) == ["log.xlsx/S1", "log.xlsx/S4"]
    assert raw.row_numbers(np.array([0, 1, 6, 7])).tolist() == [3, 4, 3, 5]
    assert said(raw)["load.sheet.unread"] == {"sheets": "S13"}
    assert said(raw)["load.sheet.several"]["n"] == 12
    assert len(read(path, columns=Columns(sheet="*"), ends="every case").events["case"]) == 23
    alike = book(tmp_path / "alike.xlsx", *[[HEADER, ["1", "A", "2024-01-01"]]] * 2)
    with pytest.raises(LogError, match=r'If together they are one log: Columns\(sheet="\*"\)'):
        read(alike)


def test_names_that_nobody_knows_are_listed_from_their_row(tmp_path):
    path = book(tmp_path / "log.xlsx", [["Zaken"], [], ["Zaak", "Stap", "Wanneer"], ["1", "A", dt.date(2024, 1, 1)]])
    with pytest.raises(LogError, match="Zaak: 9") as refused:
        read(path)
    assert "Wanneer: 9999-99-99" in str(refused.value)
    assert len(read(path, columns=Columns(case="Zaak", activity="Stap", timestamp="Wanneer"))) == 1


# --- spreadsheets: other kinds, and what only has their name


def test_xls_of_2003(tmp_path):
    raw = read_excel(DATA / "small.xls", Columns(timestamp="Hearing Date"))
    assert raw.table.to_pydict() == {
        "Case ID": ["007", "007", "12345"],
        "Activity": ["Open", "Close", "Open"],
        "Hearing Date": ["2024-01-01", "2024-01-13 10:05:00", "45292.5"],
        "Hearing Room": ["12", "true", "0.5"],
    }
    assert numbers(raw) == [4, 5, 6]


OPEN = "urn:oasis:names:tc:opendocument:xmlns:"


def open_document(path, *rows):
    spaces = (
        f'xmlns:office="{OPEN}office:1.0" xmlns:table="{OPEN}table:1.0" xmlns:text="{OPEN}text:1.0" xmlns:calcext="x"'
    )
    body = f'<table:table table:name="Data">{"".join(rows)}</table:table>'
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", f"{content}</office:document-content>")
    return path


def row(*cells, more=""):
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def words(value, more=""):
    return f'<table:table-cell office:value-type="string" {more}><text:p>{value}</text:p></table:table-cell>'


def day(value):
    return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'


def test_open_document(tmp_path):
    blank = '<table:table-cell table:number-columns-repeated="3"/>'
    error = '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error"/>'
    path = open_document(
        tmp_path / "log.ods",
        row(*map(words, HEADER)),
        row(
            words("001", 'table:number-rows-spanned="2" table:number-columns-spanned="1"'),
            words("A"),
            day("2024-01-01"),
        ),
        row("<table:covered-table-cell/>", words("B"), day("2024-01-02T10:00:00"), more='table:visibility="filter"'),
        row("<table:table-cell/>", words("loose"), day("2024-01-02")),
        row(blank, more='table:number-rows-repeated="5"'),
        row('<table:table-cell office:value-type="float" office:value="12345"/>', error, day("2024-01-03")),
        row(
            words("9", 'table:number-rows-spanned="2" table:number-columns-spanned="1"'), words("A"), day("2024-01-04")
        ),
        row("<table:covered-table-cell/>", words("B"), day("2024-01-05")),
        row(blank, more='table:number-rows-repeated="1048000"'),
    )
    raw = read_excel(path, Columns())
    assert raw.table["case_id"].to_pylist() == ["001", "001", None, "12345", "9", "9"]
    assert raw.table["timestamp"].to_pylist()[:3] == ["2024-01-01", "2024-01-02 10:00:00", "2024-01-02"]
    assert numbers(raw) == [2, 3, 4, 10, 11, 12]
    assert said(raw)["load.sheet.merged"] == {"n": 2, "columns": "case_id"}
    assert said(raw)["load.sheet.errors"] == {"n": 1}
    assert said(raw)["load.sheet.hidden_parts"] == {"rows": 1, "columns": 0}


PAGE = """<html><head><meta http-equiv=Content-Type content="text/html; charset=windows-1257"><style>td {x:"<td>"}</style>
</head><body><table><tr><td>logo</td></tr></table><table border=1><thead>
<tr><th rowspan=2>case_id<th rowspan=2>activity<th colspan=2>Hearing</tr><tr><th>date<th>note</tr></thead>
<tr><td rowspan=2>007</td><td>Open &amp; <b>Š</b>eši<br>x</td><td>2024-01-01</td><td>&nbsp;</td></tr>
<tr><td>Close</td><td><style>b</style>2024-01-02</td><td>a<table><tr><td>inner</td></tr></table></td></tr></table></body></html>"""


def test_a_web_page_named_xls_is_read(tmp_path):
    path = tmp_path / "log.xls"
    path.write_bytes(PAGE.encode("cp1257"))
    raw = read_excel(path, Columns(timestamp="Hearing date"))
    assert raw.table.to_pydict() == {
        "case_id": ["007", "007"],
        "activity": ["Open & Šeši\nx", "Close"],
        "Hearing date": ["2024-01-01", "2024-01-02"],
        "Hearing note": [None, "ainner"],
    }
    assert {"load.sheet.html", "load.sheet.merged"} <= said(raw).keys()
    path.write_bytes(PAGE.replace("windows-1257", "utf-8").encode("cp1257"))
    with pytest.raises(LogError, match=r"byte [0-9]+ belongs to no character"):
        read_excel(path, Columns())


def test_text_named_xls_is_read_and_other_kinds_are_named(tmp_path):
    path = tmp_path / "log.xls"
    path.write_text("case_id\tactivity\ttimestamp\n1\tA\t2024-01-01\n")
    raw = read_excel(path, Columns())
    assert raw.table["activity"].to_pylist() == ["A"]
    assert "load.sheet.text" in said(raw)
    path.write_text('<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>')
    with pytest.raises(LogError, match="is XML, not a workbook"):
        read_excel(path, Columns())
    path.write_bytes(b"")
    with pytest.raises(LogError, match="is empty"):
        read_excel(path, Columns())
    book(tmp_path / "real.xlsx", [HEADER, ["1", "A", "2024-01-01"]]).rename(path)  # .xlsx that is named .xls
    assert len(read_excel(path, Columns()).table) == 1


def test_a_damaged_xls_that_would_end_the_process_is_refused(tmp_path, capfd):
    held = bytearray((DATA / "small.xls").read_bytes())
    held[1772] = 0x68  # now it claims so many cells that the reader would ask for 640 GiB, and abort
    (tmp_path / "log.xls").write_bytes(held)
    with pytest.raises(LogError, match="damaged"):
        read_excel(tmp_path / "log.xls", Columns())
    assert capfd.readouterr().err == ""


def test_a_protected_workbook_says_so():
    with pytest.raises(LogError, match="protected by a password"):
        read_excel(DATA / "protected.xlsx", Columns())


def rezip(source, target, **parts):
    """The same package with other parts."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, parts.get(Path(name).stem, lambda data: data)(data))
    return target


def says(path, name, size):
    """Let the directory of a package tell another size of a part than it has."""
    data = bytearray(path.read_bytes())
    at = data.rindex(name.encode()) - 46
    with zipfile.ZipFile(path) as archive:
        assert int.from_bytes(data[at + 24 : at + 28], "little") == archive.getinfo(name).file_size
    data[at + 24 : at + 28] = size.to_bytes(4, "little")
    path.write_bytes(data)


def test_bombs_are_refused_before_they_are_opened(tmp_path):
    path = tmp_path / "log.xlsx"
    book(path, [HEADER, *([str(n), "A", "2024-01-01"] for n in range(500))])
    says(path, "xl/worksheets/sheet1.xml", 3 << 30)
    with pytest.raises(LogError, match=r"would unpack to 3\.0 GiB"):
        read_excel(path, Columns())
    stray = book(path, [HEADER, ["1", "A", "2024-01-01"]], change=lambda sheet: sheet.cell(1_048_576, 16_384, "x"))
    with pytest.raises(LogError, match="spread over a rectangle of 17,179,869,184"):
        read_excel(stray, Columns())
    far = open_document(
        tmp_path / "log.ods",
        row(words("x", 'table:number-columns-repeated="16000"'), more='table:number-rows-repeated="1000000"'),
    )
    with pytest.raises(LogError, match="spread over a rectangle of 16,000,000,000"):
        read_excel(far, Columns())
    page = tmp_path / "log.xls"
    page.write_text("<table>" + "<tr><td rowspan=65000 colspan=1000>x" + "<tr><td>y" * 12_000)
    with pytest.raises(LogError, match="spread over a rectangle"):
        read_excel(page, Columns())
    entity = rezip(
        book(tmp_path / "fine.xlsx", [HEADER]),
        tmp_path / "entity.xlsx",
        workbook=lambda data: b'<!DOCTYPE x [<!ENTITY a "a">]>' + data,
    )
    with pytest.raises(LogError, match="declares a document type"):
        read_excel(entity, Columns())


def test_a_part_larger_than_the_archive_says_is_damage(tmp_path):
    path = book(tmp_path / "log.xlsx", [HEADER, *([str(n), "A", "2024-01-01"] for n in range(500))])
    says(path, "xl/worksheets/sheet1.xml", 100)
    with pytest.raises(LogError, match="damaged"):
        read_excel(path, Columns())


class Sound(dict):
    """Files by name; hypothesis need not print them."""

    def __repr__(self):
        return "Sound()"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """The same three rows in every kind of typed file, as bytes."""
    folder = tmp_path_factory.mktemp("sound")
    rows = [
        ["1", "A", dt.datetime(2024, 1, 1, 10)],
        ["1", "B", dt.datetime(2024, 1, 2)],
        ["2", "A", dt.datetime(2024, 1, 3)],
    ]
    table = pa.table({name: [one[place] for one in rows] for place, name in enumerate(HEADER)})
    parquet.write_table(table, folder / "log.parquet")
    with ipc.new_file(folder / "log.feather", table.schema) as file:
        file.write_table(table)
    with ipc.new_stream(folder / "log.arrow", table.schema) as file:
        file.write_table(table)
    lines = [json.dumps(dict(zip(HEADER, [*one[:2], one[2].isoformat()]))) for one in rows]
    (folder / "log.jsonl").write_text("\n".join(lines))
    (folder / "log.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    book(folder / "log.xlsx", [HEADER, *rows])
    (folder / "log.xls").write_bytes((DATA / "small.xls").read_bytes())
    open_document(folder / "log.ods", row(*map(words, HEADER)), row(words("1"), words("A"), day("2024-01-01")))
    return Sound({path.name: path.read_bytes() for path in folder.iterdir()})


KINDS = ("log.parquet", "log.feather", "log.arrow", "log.jsonl", "log.jsonl.gz", "log.xlsx", "log.xls", "log.ods")
share = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(share, st.integers(0, 255)), max_size=4), st.none() | share)
def test_damage_gives_a_log_or_a_log_error(tmp_path, sound, name, changed, cut):
    held = bytearray(sound[name])
    for place, value in changed:
        held[int(place * len(held))] = value
    path = tmp_path / name
    path.write_bytes(held if cut is None else held[: int(cut * len(held))])
    with contextlib.suppress(LogError):
        assert len(read(path, columns=Columns(timestamp="Hearing Date") if name == "log.xls" else None))


@quick
@given(st.binary(max_size=300), st.sampled_from(["xlsx", "xls", "ods", "parquet", "feather", "arrow", "jsonl"]))
def test_garbage_is_refused(tmp_path, data, kind):
    path = tmp_path / f"log.{kind}"
    path.write_bytes(data)
    with pytest.raises(LogError, match="log"):
        read(path)


# --- tables with types


def test_feather_and_parquet_give_text_and_keep_times(tmp_path):
    moment = dt.datetime(2024, 1, 1, 10, 5, 7, 250_000)
    whole = moment.replace(microsecond=0)
    utc = pa.timestamp("ns", "Europe/Vilnius")
    table = pa.table(
        {
            "case_id": pa.array([12345, 7], pa.int64()),
            "activity": pa.array(["A", "B"]).dictionary_encode(),
            "timestamp": pa.array([moment, None], pa.timestamp("us")),
            "large": pa.array(["é", None], pa.large_string()),
            "view": pa.array(["v", ""], pa.string_view()),
            "coded": pa.array(["x", "y"], pa.large_string()).dictionary_encode(),
            "decimal": pa.array([Decimal("12.50"), None], pa.decimal128(9, 2)),
            "float": pa.array([12345.0, float("nan")]),
            "share": pa.array([0.1, 1e16]),
            "single": pa.array([0.1, 2], pa.float32()),
            "flag": pa.array([True, None]),
            "day": pa.array([moment.date(), None], pa.date32()),
            "day64": pa.array([moment.date(), None], pa.date64()),
            "s": pa.array([whole, None], pa.timestamp("s")),
            "ms": pa.array([moment, None], pa.timestamp("ms")),
            "zoned": pa.array([moment, None], utc),
            "none": pa.nulls(2),
            "list": [["a"], []],
            "inner": [{"a": 1}, None],
            "bytes": [b"a", None],
        }
    )
    with ipc.new_file(tmp_path / "log.feather", table.schema, options=ipc.IpcWriteOptions(compression="zstd")) as file:
        file.write_table(table)
    plain = table.set_column(4, "view", table["view"].cast(pa.string()))
    parquet.write_table(plain, tmp_path / "log.parquet")
    for raw in (read_feather(tmp_path / "log.feather", Columns()), read_parquet(tmp_path / "log.parquet", Columns())):
        held = raw.table.to_pydict()
        assert held["case_id"] == ["12345", "7"]
        assert held["large"] == ["é", None]
        assert held["view"] == ["v", ""]
        assert held["coded"] == ["x", "y"]
        assert held["decimal"] == ["12.50", None]
        assert held["float"] == ["12345", None]
        assert held["share"] == ["0.1", "10000000000000000"]
        assert held["single"] == ["0.1", "2"]
        assert held["flag"] == ["true", None]
        assert held["none"] == [None, None]
        assert held["day"] == held["day64"] == [moment.date(), None]
        assert held["ms"] == held["timestamp"] == [moment, None]
        assert held["s"] == [whole, None]
        assert raw.table["zoned"][0].as_py().timestamp() == moment.replace(tzinfo=dt.UTC).timestamp()
        assert said(raw)["load.nested"] == {"names": "list, inner, bytes"}


def test_only_what_is_named_is_read_and_the_rest_stays_at_hand(tmp_path):
    table = pa.table({**{name: ["2024-01-01"] for name in HEADER}, "a": ["x"], "b": [2.0]})
    with ipc.new_file(tmp_path / "log.feather", table.schema) as file:
        file.write_table(table)
    (tmp_path / "log.jsonl").write_text(json.dumps(table.to_pylist()[0]))
    named = Columns(attributes=("a",))
    for raw in (read_feather(tmp_path / "log.feather", named), read_json_lines(tmp_path / "log.jsonl", named)):
        assert raw.table.column_names == [*HEADER, "a"]
        assert raw.rest().column_names == ["b"]


def test_places_outside_of_a_file_are_found_before_they_are_followed(tmp_path):
    table = pa.table({"case_id": ["1", "1"], "activity": ["A" * 1234, "B"], "timestamp": ["2024-01-01", "2024-01-02"]})
    with ipc.new_file(tmp_path / "log.feather", table.schema) as file:
        file.write_table(table)
    held, places = (tmp_path / "log.feather").read_bytes(), np.array([0, 1234, 1235], np.int32)
    hostile = np.array([0, 1 << 30, 1235], np.int32)
    assert held.count(places.tobytes()) == 1
    (tmp_path / "log.feather").write_bytes(held.replace(places.tobytes(), hostile.tobytes()))
    with pytest.raises(LogError, match="cannot be read as Feather"):
        read(tmp_path / "log.feather")


def test_the_old_feather_is_named(tmp_path):
    (tmp_path / "log.feather").write_bytes(b"FEA1" + bytes(40))
    with pytest.raises(LogError, match="version 1"):
        read(tmp_path / "log.feather")


# --- JSON lines


def lines(path, *held):
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in held), encoding="utf-8")
    return path


def test_json_lines_become_columns(tmp_path):
    path = lines(
        tmp_path / "log.jsonl",
        '{"case_id": 12345678901234567890, "activity": "A", "timestamp": "2024-01-01", "x": {"y": 1e16, "z": [1]}}',
        "",
        '{"activity": "B", "case_id": 7.10, "timestamp": null, "flag": true, "n": NaN, "x": {"y": 0.30}}',
        '{"case_id": "007", "tags": [], "activity": "\\u0160", "x": null}',
    )
    raw = read_json_lines(path, Columns())
    assert raw.table.to_pydict() == {
        "case_id": ["12345678901234567890", "7.10", "007"],
        "activity": ["A", "B", "Š"],
        "timestamp": ["2024-01-01", None, None],
        "x.y": ["1e16", "0.30", None],
        "flag": [None, "true", None],
        "n": [None, None, None],
        "x": [None, None, None],
    }
    assert numbers(raw) == [1, 3, 4]
    assert said(raw)["load.nested"] == {"names": "x.z, tags"}


def test_lines_that_are_no_objects_are_set_aside_by_number(tmp_path):
    good = dict(zip(HEADER, ["1", "A", "2024-01-01"]))
    bad = ["{", "5", "[1]", '{"a": 1, "a": 2}', '{"a": "\\ud800"}', '{"a.b": 1, "a": {"b": 2}}', "[" * 100_000]
    held = [one for line in bad for one in (good, line)] + [good]
    path = lines(tmp_path / "log.jsonl", *held)
    raw = read_json_lines(path, Columns())
    assert sorted(raw.ragged) == [2, 4, 6, 8, 10, 12, 14]
    assert numbers(raw) == [1, 3, 5, 7, 9, 11, 13, 15]
    log = read(path, columns=Columns(repeated="keep"))
    report = load_report(log).rows
    assert (report["rows"].tolist(), report["first_row"].tolist()) == ([8, 7], [None, 2])
    with pytest.raises(LogError, match=r"4 of 5 lines are not one JSON object each; the first is line 2"):
        read(lines(path, good, *bad[:4]))
    with pytest.raises(LogError, match=r"name it \.json"):
        read(lines(path, "[", *[json.dumps(good) + ","] * 9, "]"))


def test_huge_lines_many_keys_and_other_encodings(tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text('{"case_id": "' + "x" * (1 << 24))
    with pytest.raises(LogError, match="line 1 has more than 16,777,216 characters"):
        read(path)
    with pytest.raises(LogError, match="more than 2,000 different keys"):
        read(lines(path, *({f"key {place}": 1} for place in range(2_100))))
    good = '{"case_id": "1", "activity": "Šeši", "timestamp": "2024-01-01"}'
    path.write_bytes(b"\n" + good.encode("cp1257"))
    with pytest.raises(LogError, match="line or item 2 is not text"):
        read(path)
    for encoding in ("cp1257", "utf-8", "utf-8-sig", "utf-16"):
        path.write_bytes(good.encode(encoding))
        columns = Columns(encoding="cp1257" if encoding == "cp1257" else None)
        assert read_json_lines(path, columns).table["activity"].to_pylist() == ["Šeši"]
    packed = tmp_path / "bomb.jsonl.gz"
    with gzip.open(packed, "wb") as file:
        for _ in range(270):
            file.write((b"x" * ((1 << 20) - 1)) + b"\n")
    with pytest.raises(LogError, match="unpacks to more than 200 times"):
        read(packed)


@quick
@given(
    st.lists(st.dictionaries(text, st.one_of(st.none(), text, st.integers(), st.booleans()), max_size=4), max_size=6),
    st.integers(0, 4),
)
def test_an_array_gives_what_its_lines_give(tmp_path, rows, indent):
    rows = [{**dict(zip(HEADER, "123")), **one} for one in rows] or [dict(zip(HEADER, "123"))]
    (tmp_path / "log.json").write_text(json.dumps(rows, indent=indent or None), encoding="utf-8")
    array = read_json(tmp_path / "log.json", THREE)
    byline = read_json_lines(lines(tmp_path / "log.jsonl", *rows), THREE)
    names = list(dict.fromkeys(name for one in rows for name in one))
    truth = {
        name: [
            None if (one := row.get(name)) is None else str(one).lower() if isinstance(one, bool) else str(one)
            for row in rows
        ]
        for name in names
    }
    assert array.table.to_pydict() == byline.table.to_pydict() == truth


@pytest.mark.parametrize(
    "broken", ["", "[", "[{}", '[{"a": 1},', "[{}] {}", "{}", "[{},]", "[1]", '[{"a" 1}]', "[" * 50_000, "[]"]
)
def test_arrays_that_are_broken_are_refused(tmp_path, broken):
    (tmp_path / "log.json").write_text(broken)
    with pytest.raises(LogError, match=r"log\.json"):
        read_json(tmp_path / "log.json", Columns())


def test_long_arrays_are_read_piece_by_piece(tmp_path):
    rows = [{"case_id": str(place), "activity": "A" * 50, "timestamp": "2024-01-01"} for place in range(60_000)]
    (tmp_path / "log.json").write_text(json.dumps(rows))
    raw = read_json(tmp_path / "log.json", Columns())
    assert raw.table.to_pylist() == rows


# --- one log in every format


labels = st.text(letters, min_size=1, max_size=8).filter(lambda one: one.strip() == one and one)
whole_seconds = st.datetimes(dt.datetime(2001, 1, 1), dt.datetime(2040, 1, 1)).map(
    lambda one: one.replace(microsecond=0)
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(labels, labels, whole_seconds, labels), min_size=2, max_size=12))
def test_the_same_log_in_every_format_is_equal_to_the_last_event(tmp_path, rows):
    names = [*HEADER, "note"]
    table = pa.table({name: [one[place] for one in rows] for place, name in enumerate(names)})
    parquet.write_table(table, tmp_path / "log.parquet")
    with ipc.new_file(tmp_path / "log.feather", table.schema) as file:
        file.write_table(table)
    book(tmp_path / "log.xlsx", [names, *rows])
    plain = [dict(zip(names, [case, step, when.isoformat(" "), note])) for case, step, when, note in rows]
    lines(tmp_path / "log.jsonl", *plain)
    frame = read_frame(table.to_pandas(), Columns())
    truth = [table[name].to_pylist() for name in names]
    assert [frame.table[name].to_pylist() for name in names] == truth
    logs = [
        read(tmp_path / f"log.{kind}", columns=Columns(repeated="keep"), ends="every case")
        for kind in ("parquet", "feather", "xlsx", "jsonl")
    ]
    by_time = sorted((case, when.isoformat(), step) for case, step, when, _ in rows)
    for log in logs:
        held = [
            (case, when.isoformat(), step)
            for case, step, when in zip(*(log.events[one] for one in ("case", "activity", "time")))
        ]
        assert sorted(held) == by_time


def test_one_log_in_bytes(tmp_path):
    """A frame written by pandas itself, where there is one more writer to trust."""
    rows = [{"case_id": "007", "activity": "A", "timestamp": "2024-01-01T10:00:00"}] * 2
    buffer = io.StringIO()
    import pandas as pd

    pd.DataFrame(rows).to_json(buffer, orient="records", lines=True)
    (tmp_path / "log.ndjson").write_text(buffer.getvalue())
    assert read_json_lines(tmp_path / "log.ndjson", Columns()).table.to_pylist() == rows


def test_the_second_column_of_a_name_can_be_asked_for_by_its_number(tmp_path):
    path = book(
        tmp_path / "log.xlsx", [["Case", "When", "Status", None, "Status"], ["1", dt.date(2026, 1, 1), "x", "-", "y"]]
    )
    columns = Columns(case="Case", timestamp="When", activity="Status (2)")
    assert read(path, columns=columns, ends="every case").about.activities == ("y",)
    with pytest.raises(LogError, match="more than once"):
        read(path, columns=Columns(case="Case", timestamp="When", activity="Status"))
