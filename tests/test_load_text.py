"""Text files of every dialect, packed or in folders: what is in them comes back cell by cell, or a refusal says why."""

import csv
import gzip
import io
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from procmine.load.columns import Columns
from procmine.load.door import read
from procmine.load.formats import packed
from procmine.load.formats.delimited import read_delimited
from procmine.load.formats.packed import inner_name, open_packed
from procmine.load.report import load_report
from procmine.log import LogError

HEADER = ["case_id", "activity", "timestamp", "office"]
ROWS = [
    ["001", "Start", "2024-01-01", "NA"],
    ["001", "End", "2024-01-11", "NA"],
    ["NA", "Start", "2024-01-01", "Šiauliai"],
    ["NA", "End", "2024-01-06", "Šiauliai"],
]
DAY = 86_400_000_000


def text(rows=ROWS, header=HEADER, **dialect):
    out = io.StringIO(newline="")
    csv.writer(out, **{"lineterminator": "\n", **dialect}).writerows([header, *rows])
    return out.getvalue()


def cells(raw):
    """The table as it was written: what is empty is empty text."""
    return [[row[name] or "" for name in raw.table.column_names] for row in raw.table.to_pylist()]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.csv"


def notes(log, key):
    return [note.say() for note in log.about.notes if note.key == key]


# Delimiters and quotation marks


@pytest.mark.parametrize("sign", list(",;\t|^~:#!\x01\x02\x1e\x1f¦§¬"))
def test_a_delimiter_that_proves_itself_is_found(path, sign):
    path.write_text(text(delimiter=sign), encoding="utf-8")
    assert cells(read_delimited(path, Columns())) == ROWS


@pytest.mark.parametrize("sign", list(" @þ*/"))
def test_any_other_sign_is_asked_for_and_then_read(path, sign):
    path.write_text(text(delimiter=sign), encoding="utf-8")
    with pytest.raises(LogError, match=r"cannot tell what separates .* Columns\(delimiter="):
        read_delimited(path, Columns())
    assert cells(read_delimited(path, Columns(delimiter=sign))) == ROWS


def test_colons_in_names_and_times_do_not_separate(path):
    path.write_text("case:concept:name,concept:name,time:timestamp\n1,A,2024-01-01 10:00\n", encoding="utf-8")
    assert cells(read_delimited(path, Columns())) == [["1", "A", "2024-01-01 10:00"]]


def test_several_signs_are_refused_clearly(path):
    path.write_text("\n".join("||".join(row) for row in [HEADER, *ROWS]), encoding="utf-8")
    with pytest.raises(ValueError, match="separated by one sign"):
        read_delimited(path, Columns(delimiter="||"))
    with pytest.raises(LogError, match=r"several signs \('\|\|'\)"):
        read_delimited(path, Columns())


def test_a_sign_outside_ascii_and_its_stand_in_are_not_mixed_up(path):
    path.write_text(text([["1", "A\x1fB", "2024-01-01", ""]], delimiter="§"), encoding="utf-8")
    with pytest.raises(LogError, match="0x1F"):
        read_delimited(path, Columns())


TRICKY = [["1", 'say "x"; or', "2024-01-01", "it's"], ["2", "a;b", "2024-01-02", "C:\\dir"]]


@pytest.mark.parametrize(
    ("dialect", "quote"),
    [
        ({"quotechar": "'"}, "'"),
        ({"quotechar": "'", "doublequote": False, "escapechar": "\\"}, "\\'"),
        ({"doublequote": False, "escapechar": "\\"}, '\\"'),
        ({"quoting": csv.QUOTE_NONE, "escapechar": "\\", "quotechar": None}, "\\"),
        ({"quoting": csv.QUOTE_ALL}, '"'),
        ({}, None),
    ],
)
def test_quotation_marks_as_said(path, dialect, quote):
    path.write_text(text(TRICKY, delimiter=";", **dialect), encoding="utf-8")
    assert cells(read_delimited(path, Columns(delimiter=";", quote=quote))) == TRICKY


def test_no_quotation_marks(path):
    path.write_text('case_id;activity;timestamp\n1;5" pipe;2024-01-01\n2;"half;2024-01-02\n', encoding="utf-8")
    assert cells(read_delimited(path, Columns(quote="")))[1] == ["2", '"half', "2024-01-02"]


def test_quotation_marks_that_prove_themselves_are_found_and_said(path):
    path.write_text(text(TRICKY, delimiter=";", doublequote=False, escapechar="\\"), encoding="utf-8")
    raw = read_delimited(path, Columns())
    assert cells(raw) == TRICKY
    assert [note.key for note in raw.notes] == ["load.text.quote"]
    path.write_text(text(TRICKY, delimiter=";", quotechar="'", quoting=csv.QUOTE_ALL), encoding="utf-8")
    assert cells(read_delimited(path, Columns())) == TRICKY


def test_quotation_marks_inside_that_are_not_doubled_are_refused(path):
    path.write_text('case_id,activity,timestamp\n1,"the "A" form",2024-01-01\n', encoding="utf-8")
    with pytest.raises(LogError, match=r"line 2.*must be doubled"):
        read_delimited(path, Columns())
    assert cells(read_delimited(path, Columns(quote="")))[0][1] == '"the "A" form"'


def test_escaped_quotation_marks_far_below_are_refused_and_backslashes_alone_are_text(path):
    many = [[str(n), "A", "2024-01-01", "plain, text"] for n in range(20_000)]
    for value, refused in (('say \\"x\\", y', True), ("C:\\dir, \\\\host", False), ('"C:\\"', False)):
        last = ["1", "A", "2024-01-01", value]
        whole = text(many) + (f'1,A,2024-01-01,"{value}"\n' if refused else text([], last))
        path.write_text(whole, encoding="utf-8")
        if refused:
            with pytest.raises(LogError, match=r"line 20,002.*must be doubled"):
                read_delimited(path, Columns())
        else:
            assert cells(read_delimited(path, Columns()))[-1] == last


@pytest.mark.parametrize("wrong", ["''", "a\n", "«", "\n"])
def test_a_quotation_mark_that_cannot_be_one_is_refused(path, wrong):
    path.write_text(text(), encoding="utf-8")
    with pytest.raises(ValueError, match="quotation marks of one sign"):
        read_delimited(path, Columns(quote=wrong))


# The beginning and the rows


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_of_encodings_and_line_ends(path, encoding, end):
    path.write_bytes(text(lineterminator=end).encode(encoding))
    raw = read_delimited(path, Columns())
    assert cells(raw) == ROWS
    assert raw.names == HEADER


def test_a_mark_wins_over_no_word_but_not_over_another(path):
    path.write_bytes(text().encode("utf-8-sig"))
    assert cells(read_delimited(path, Columns(encoding="utf-8"))) == ROWS
    with pytest.raises(LogError, match="begins with the mark of utf-8"):
        read_delimited(path, Columns(encoding="cp1252"))


def test_the_first_line_that_spreadsheets_write(path):
    path.write_text("sep=;\n" + text(delimiter=";"), encoding="utf-8-sig")
    raw = read_delimited(path, Columns())
    assert cells(raw) == ROWS
    assert raw.row_numbers(np.array([0])).tolist() == [3]


@pytest.mark.parametrize("header", [True, False], ids=["also in the header", "in the rows only"])
def test_a_delimiter_at_the_end_of_every_row(path, header):
    lines = text().splitlines()
    path.write_text("\n".join([lines[0] + "," * header, *(line + "," for line in lines[1:])]), encoding="utf-8")
    assert cells(read_delimited(path, Columns())) == ROWS
    path.write_text("\n".join([lines[0] + ",", *lines[1:]]), encoding="utf-8")
    assert cells(read_delimited(path, Columns())) == ROWS


def test_values_without_a_name_are_said_to_be_left_out(path):
    path.write_text("case_id,activity,timestamp,\n1,A,2024-01-01,\n1,B,2024-01-02,secret\n", encoding="utf-8")
    assert notes(read(path), "load.text.unnamed") == ["Left out: 1 value in columns without a name (column 4)."]


def test_blank_lines_do_not_move_the_numbers_of_rows(path, tmp_path):
    lines = text([*ROWS[:2], ["", "X", "2024-01-01", ""], *ROWS[2:]]).splitlines()
    path.write_text("\n".join(["", *lines[:2], "", ",,,", lines[2], "1,2", "", *lines[3:], "", ""]), encoding="utf-8")
    log = read(path)
    report = load_report(log).rows
    told = dict(zip(report["reason"], zip(report["rows"], report["first_row"])))
    assert told["no case"] == (1, 9)  # line 1 is blank, and 2 the header
    assert told["too few or too many columns"] == (1, 7)
    assert notes(log, "load.text.blank") == [
        "3 rows between the others that hold nothing, the first is row 4: left out."
    ]
    path.write_text("\n".join([*text().splitlines(), "", ""]), encoding="utf-8")
    assert not notes(read(path), "load.text.blank")


def test_a_row_is_not_blank_if_a_column_holds_something_that_is_not_asked_for(path):
    path.write_text("case_id,activity,note,timestamp\n1,A,,2024-01-01\n,,lost,\n", encoding="utf-8")
    log = read(path, columns=Columns(attributes=()))
    assert load_report(log).rows["rows"].tolist() == [1, 1]


def test_names_that_stand_twice_are_asked_for_and_reached_by_their_number(path):
    path.write_text("case_id,activity,timestamp,activity\n1,A,2024-01-01,B\n", encoding="utf-8")
    with pytest.raises(LogError, match="more than once"):
        read(path, columns=Columns(activity="activity"))
    assert read(path, columns=Columns(activity="activity (2)")).about.activities == ("B",)


def test_a_header_of_several_lines_and_titles_above_it(path):
    path.write_text('Report\n"of"\n\ncase_id,activity,"time\nstamp"\n1,A,2024-01-01\n1,B\n', encoding="utf-8")
    raw = read_delimited(path, Columns(header=4, timestamp="time\nstamp"))
    assert raw.names == ["case_id", "activity", "time\nstamp"]
    assert (cells(raw), list(raw.ragged)) == ([["1", "A", "2024-01-01"]], [7])


def test_separators_of_lines_in_other_scripts_are_text(path):
    path.write_text("x\u2028y\x0bz\x85w\ncase_id,activity,timestamp\n1,A\u2028\x0c,2024-01-01\n", encoding="utf-8")
    raw = read_delimited(path, Columns(header=2))
    assert cells(raw) == [["1", "A\u2028\x0c", "2024-01-01"]]
    assert raw.first == 3


def test_a_decimal_comma_orders_and_dates(path):
    path.write_text(
        "case_id;activity;timestamp;order;fee\n1;B;45292,5;2,0;1.234,50\n1;A;45292,5;1,0;3,5\n", encoding="utf-8"
    )
    how = Columns(decimal=",", dates="excel", order="order")
    log = read(path, columns=how)
    assert log.events["activity"].tolist() == ["A", "B"]
    assert log.events["time"].astype(str).tolist() == ["2024-01-01 12:00:00"] * 2
    assert cells(read_delimited(path, how))[0][4] == "1.234,50"


# Encodings: words that everyone in the country knows, written by Python's codecs

WORDS = {
    "cp1250": ["Žádost přijata", "Łódź, wpłynęło", "Határozat született, őszi"],
    "cp1251": ["Заявление принято", "Решение"],
    "cp1252": ["Prüfung eröffnet", "Décision reçue, où", "Año € ñ"],
    "cp1253": ["Αίτηση ελήφθη", "Απόφαση"],
    "cp1254": ["Başvuru alındı", "İtiraz, şüpheli"],
    "cp1255": ["בקשה התקבלה"],
    "cp1256": ["تم استلام الطلب"],
    "cp1257": ["Žemės ūkis gautas", "Lēmums pieņemts", "Täiendõpe šveitsi"],
    "iso-8859-2": ["Žádost přijata", "Łódź"],
    "cp852": ["Žádost přijata"],
    "mac_roman": ["Prüfung eröffnet"],
}


@pytest.mark.parametrize("encoding", WORDS)
def test_each_encoding_is_refused_with_what_it_would_read_and_read_when_said(path, encoding):
    rows = [[str(n), word, "2024-01-01"] for n, word in enumerate(WORDS[encoding])]
    path.write_bytes(text(rows, HEADER[:3]).encode(encoding))
    with pytest.raises(LogError) as refused:
        read_delimited(path, Columns())
    shown = next(word for word in rows[0][1].split() if not word.isascii())
    line = next(line for line in str(refused.value).splitlines() if shown in line)
    assert f'Columns(encoding="{encoding}")' in line or f"as {encoding}" in line or f", {encoding}" in line
    assert cells(read_delimited(path, Columns(encoding=encoding))) == rows


def test_what_is_shown_is_of_names_of_columns_else_of_steps_else_one_letter(path):
    person, step, column = "Müller", "Prüfung", "Gebühr"
    for header, event, said, hidden in (
        (column, step, [column], ["Mü", step]),
        ("fee", step, [step], ["Mü"]),
        ("fee", "Check", ["Mül"], ["Müll"]),
    ):
        rows = [["0815", f"7{event}", "2024-01-01", "1", person]]
        path.write_bytes(text(rows, [*HEADER[:3], header, "name"]).encode("cp1252"))
        with pytest.raises(LogError) as refused:
            read_delimited(path, Columns())
        message = str(refused.value)
        assert all(f"{word}: Columns(" in message for word in said)
        assert not any(word in message for word in hidden)
        assert "0815" not in message


def test_a_header_that_is_no_text_is_not_read_with_signs_in_its_place(path):
    path.write_bytes(text([["1", "A", "2024-01-01", ""]], [*HEADER[:3], "Gebühr"]).encode("cp1252"))
    with pytest.raises(LogError, match=r"byte 30 \(line 1\)"):
        read_delimited(path, Columns())


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        (None, b"case_id,activity,timestamp\n1,A\xed\xa0\x80,2024-01-01\n"),  # half of a pair
        ("cp1252", b"case_id,activity,timestamp\n1,A\x81,2024-01-01\n"),
        (None, b"case_id,activity,timestamp\n1,A,2024-01-01\n2,B,2024-01-02,\xc3"),
        (None, "case_id,activity,timestamp\n1,A,2024-01-01".encode("utf-16") + b"\x00\xd8"),
        (None, b"case_id,activity,timestamp\n" + b"1,A,2024-01-01\n" * 9_000 + b"1,\xe9,2024-01-01\n"),
        (None, b"case_id,activity,timestamp\n" + b"1,A,2024-01-01\n" * 9_000 + b"1,\xe9\n"),
        (None, ("case_id,activity,timestamp\n" + "1,A,2024-01-01\n" * 9_000).encode("utf-16") + b"\x00"),  # half a sign
    ],
)
def test_bytes_that_are_no_text_anywhere_are_refused(path, encoding, data):
    path.write_bytes(data)
    with pytest.raises(LogError, match=r"is not (utf-8|utf-16|cp1252): byte [\d,]+ \(line [\d,]+\)"):
        read_delimited(path, Columns(encoding=encoding))


@pytest.mark.parametrize("wrong", ["klingon", "base64", "rot13"])
def test_encodings_that_are_none(path, wrong):
    path.write_text(text(), encoding="utf-8")
    with pytest.raises(ValueError, match="No encoding is called"):
        read_delimited(path, Columns(encoding=wrong))


# Packed


def zipped(path, files, **how):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data, **how)
    return path


def test_gzip_of_several_members_and_zip_of_one_file(tmp_path):
    data = text().encode()
    many = tmp_path / "log.csv.gz"
    many.write_bytes(gzip.compress(data[:50]) + gzip.compress(data[50:]))
    one = zipped(tmp_path / "export.zip", {"in/log.csv": data, "__MACOSX/in/._log.csv": b"x", "in/.DS_Store": b"x"})
    for packed_file in (many, one, zipped(tmp_path / "log.csv.zip", {"log.csv": data})):
        assert cells(read_delimited(packed_file, Columns())) == ROWS
        assert len(read(packed_file)) == 2
    assert inner_name(one) == "log.csv"
    with open_packed(one) as file:
        assert file.read() == data


def test_zip_of_several_files_lists_them(tmp_path):
    path = zipped(tmp_path / "log.zip", {"january.csv": text(), "february.csv": text()})
    with pytest.raises(LogError, match=r"holds 2 files: january.csv, february.csv. Unpack it"):
        read(path)
    with pytest.raises(LogError, match="holds no files"):
        read(zipped(tmp_path / "none.zip", {}))
    with pytest.raises(LogError, match="is a workbook"):
        read_delimited(zipped(tmp_path / "book.csv", {"[Content_Types].xml": "x"}), Columns())


def test_packed_files_that_are_cut_off_damaged_or_encrypted(tmp_path):
    data = gzip.compress(np.random.default_rng(1).bytes(1 << 16) + text().encode())
    path = tmp_path / "log.csv.gz"
    for broken in (
        data[:-20],
        data[: len(data) // 2],
        data[:1000] + b"\0" * 30 + data[1030:],
        data + b"tail",
        data[:11],
    ):
        path.write_bytes(broken)
        with pytest.raises(LogError, match=r"log.csv.gz (is cut off|is not text)"), open_packed(path) as file:
            file.read()
    whole = zipped(tmp_path / "log.zip", {"log.csv": text()}).read_bytes()
    broken = tmp_path / "broken.zip"
    flag = whole.rindex(b"PK\x01\x02") + 8
    broken.write_bytes(whole[:flag] + struct.pack("<H", 1) + whole[flag + 2 :])
    with pytest.raises(LogError, match="is encrypted"):
        read(broken)
    broken.write_bytes(whole[:60])
    with pytest.raises(LogError, match="cannot be unpacked"):
        read(broken)
    broken.write_bytes(whole[:45] + b"\xff\xff" + whole[47:])
    with pytest.raises(LogError, match="cannot be unpacked"):
        read(broken)


def test_what_grows_without_end_is_refused_while_it_grows(tmp_path, monkeypatch):
    monkeypatch.setattr(packed, "LARGEST", 1 << 20)
    bomb = text().encode() + b"1,A,2024-01-01,x\n" * 400_000
    for path in (zipped(tmp_path / "log.zip", {"log.csv": bomb}), tmp_path / "log.csv.gz"):
        if path.suffix == ".gz":
            path.write_bytes(gzip.compress(bomb))
        with pytest.raises(LogError, match="over 200 times its size"):
            read(path)
    honest = text().encode() + b"".join(b"%d,A,2024-01-01,x\n" % n for n in range(100_000))
    path.write_bytes(gzip.compress(honest))
    assert len(read_delimited(path, Columns()).table) == 100_004


# What no one should send


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\n\n \n", "is empty"),
        (b"\0" * 100, "zero bytes"),
        (b"case_id,activity,timestamp\n1,A\0,2024-01-01\n", "zero bytes"),
        (b"SQLite format 3\0" + b"\x10" * 99, "zero bytes"),
        (b"a,b\n" * 3 + b"\xff\xfe,", "is not utf-8"),
        (",".join(f"c{n}" for n in range(100_000)).encode() + b"\n1,2,3\n", "has 100,000 columns"),
        (b'case_id,activity,timestamp\n1,"A,2024-01-01\n' + b"2,B,2024-01-01\n" * 90_000, "line 2 is never closed"),
        (b'case_id,activity,timestamp\n1,A,"2024-01-01\n' + b"2,B,2024-01-01\n" * 9, "line 2 is never closed"),
        (b'case_id,"activity,timestamp\n' + b"2,B,2024-01-01\n" * 9_000, "cannot tell|never closed|columns"),
    ],
)
def test_broken_files_are_refused(path, data, said):
    path.write_bytes(data)
    with pytest.raises(LogError, match=said):
        read(path)


def test_an_open_quotation_mark_is_seen_also_in_a_column_that_is_not_asked_for(path):
    path.write_text('case_id,activity,timestamp,note\n1,A,2024-01-01,"x\n2,B,2024-01-02,y\n', encoding="utf-8")
    with pytest.raises(LogError, match="line 2 is never closed"):
        read(path, columns=Columns(attributes=()))


def _filled(path, head, block, times, tail=b""):
    with path.open("wb") as file:
        file.write(head)
        for _ in range(times):
            file.write(block)
        file.write(tail)
    return path


PEAK = """
import resource, sys
from pathlib import Path
from procmine.load.columns import Columns
from procmine.load.formats.delimited import read_delimited
from procmine.log import LogError
import pyarrow.csv
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_delimited(Path(sys.argv[1]), Columns())
except LogError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted otherwise here")
@pytest.mark.parametrize("kind", ["plain", "gzip"])
@pytest.mark.parametrize(
    ("head", "block", "tail", "said"),
    [
        (b"case_id,activity,timestamp\n1,", b"x" * 1024, b",2024-01-01\n", "line 2 is longer than 32 MiB"),
        (b'case_id,activity,timestamp\n1,"', b"x\n" * 512, b'",2024-01-01\n', "row that begins in line 2 is longer"),
        (b"a,b,c", b"x" * 1024, b"", "do not end within 32 MiB"),
    ],
    ids=["one line", "many lines between quotation marks", "the header"],
)
def test_one_field_of_300_megabytes_is_refused_in_little_memory(tmp_path, kind, head, block, tail, said):
    path = tmp_path / "log.csv"
    written = gzip.compress if kind == "gzip" else bytes  # of several members, as gzip allows
    _filled(path, written(head), written(block * 1024), 300, written(tail))
    done = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True)
    message, peak = done.stdout.splitlines()
    assert said in message
    assert int(peak) < 280  # MiB


def test_a_long_value_and_a_long_header_are_read(path):
    long = "x" * 3_000_000
    wide = [f"column {n} with a long name" for n in range(5_000)]
    path.write_text(text([["1", "A", "2024-01-01", *[""] * 4_999, long]], [*HEADER[:3], *wide]), encoding="utf-8")
    raw = read_delimited(path, Columns(attributes=(wide[-1],)))
    assert raw.table[wide[-1]].to_pylist() == [long]


# Any table


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
VALUES = st.text(LETTERS | st.sampled_from(list("\"',;\t|\\\n\r ab1")), max_size=8)
DIALECTS = st.sampled_from(
    [
        ({}, None),
        ({"quoting": csv.QUOTE_ALL}, None),
        ({"quoting": csv.QUOTE_ALL, "quotechar": "'"}, "'"),
        ({"quoting": csv.QUOTE_ALL, "doublequote": False, "escapechar": "\\"}, '\\"'),
    ]
)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def tables(draw):
    width = draw(st.integers(1, 4))
    rows = draw(st.lists(st.lists(VALUES, min_size=3 + width, max_size=3 + width), min_size=1, max_size=12))
    return [*HEADER[:3], *(f"more {n}" for n in range(width))], rows


def written(header, rows, sign, end, how):
    for row in rows:  # Python leaves a carriage return bare where lines end otherwise
        assume(how.get("quoting") or not any("\r" in one or "\n" in one for one in row))
    try:
        return text(rows, header, delimiter=sign, lineterminator=end, **how)
    except csv.Error:
        assume(False)


def survived(raw, rows):
    """All rows that hold something, cell by cell."""
    found = dict(zip(raw.row_numbers(np.arange(len(raw.table))).tolist(), cells(raw)))
    return [found.get(n + 2, [""] * len(rows[0])) for n in range(len(rows))]


@given(tables(), st.sampled_from(",;\t|^~\x01§"), st.sampled_from(["\n", "\r\n", "\r"]), DIALECTS, st.data())
@QUICK
def test_any_table_comes_back_cell_by_cell_when_it_is_said_how_it_is_written(tmp_path, table, sign, end, dialect, data):
    header, rows = table
    how, quote = dialect
    whole = written(header, rows, sign, end, how)
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"]))
    path = tmp_path / data.draw(st.sampled_from(["log.csv", "log.csv.gz"]))
    path.write_bytes((gzip.compress if path.suffix == ".gz" else bytes)(whole.encode(encoding)))
    try:
        raw = read_delimited(path, Columns(delimiter=sign, quote=quote, encoding=encoding))
    except LogError:
        assert sign == "§" and "\x1f" in whole
        return
    assert survived(raw, rows) == rows
    assert not raw.ragged


@given(tables(), st.sampled_from(",;\t|^~\x01:"), st.sampled_from(["\n", "\r\n", "\r"]), DIALECTS)
@QUICK
def test_any_table_comes_back_or_is_refused_when_nothing_is_said(tmp_path, table, sign, end, dialect):
    header, rows = table
    assume("escapechar" not in dialect[0] or not any("\\" in one for row in rows for one in row))  # two ways to read it
    whole = written(header, rows, sign, end, dialect[0])
    path = tmp_path / "log.csv"
    path.write_bytes(whole.encode())
    try:
        raw = read_delimited(path, Columns())
    except LogError:
        return
    assert survived(raw, rows) == rows


@given(st.binary(max_size=300), st.sampled_from(["log.csv", "log.csv.gz", "log.zip"]), st.booleans())
@QUICK
def test_any_bytes_are_read_or_refused(tmp_path, data, name, after):
    path = tmp_path / name
    path.write_bytes((text().encode() if after else b"") + data)
    refused = None
    try:
        read_delimited(path, Columns())
    except LogError as error:
        refused = str(error)
    assert refused is None or name in refused


# Folders of files


@pytest.fixture
def months(tmp_path):
    """Three months in three dialects: the names drift, a column comes and goes, and February overlaps January."""
    folder = tmp_path / "exports"
    folder.mkdir()
    one = [["1", "Start", "2026-01-05", "North"], ["1", "Check", "2026-01-31", "North"]]
    (folder / "2026-1.csv").write_text(text(one), encoding="utf-8")
    two = [
        ["North", "Check", "31.01.2026", "1"],
        ["Šiauliai", "End", "05.02.2026", "1"],
        ["x", "Start", "13.02.2026", "2"],
    ]
    whole = text(two, ["OFFICE", "Activity", "timestamp", "Case ID"], delimiter=";", lineterminator="\r\n")
    (folder / "2026-2.csv.gz").write_bytes(gzip.compress((whole + "3;Start\r\n").encode("utf-16")))
    ten = [["2", "Check", "03/13/2026", "k"], ["2", "End", "03/14/2026", ""], ["", "End", "03/15/2026", ""]]
    zipped(folder / "2026-10.zip", {"in.tsv": text(ten, [*HEADER[:3], "clerk unit"], delimiter="\t")})
    return folder


def test_a_folder_is_one_log_and_says_how_its_files_differ(months):
    (months / "2026.yaml").write_text("title: not data")
    (months / "read me.docx").write_bytes(b"x")
    log = read(months)
    rows = log.events[["case", "activity", "time"]].astype(str).values.tolist()
    assert rows == [
        ["1", "Start", "2026-01-05"],
        ["1", "Check", "2026-01-31"],
        ["1", "End", "2026-02-05"],
        ["2", "Start", "2026-02-13"],
        ["2", "Check", "2026-03-13"],
        ["2", "End", "2026-03-14"],
    ]
    assert notes(log, "load.several") == ["Read from 3 files, from 2026-1.csv to 2026-10.zip."]
    assert notes(log, "load.several.missing") == [
        "Missing in 1 of 3 files (2026-10.zip), and empty for their rows: office.",
        "Missing in 2 of 3 files (2026-1.csv, 2026-2.csv.gz), and empty for their rows: clerk unit.",
    ]
    assert notes(log, "load.several.renamed") == [
        "Column OFFICE in 2026-2.csv.gz was taken for office.",
        "Column Activity in 2026-2.csv.gz was taken for activity.",
        "Column Case ID in 2026-2.csv.gz was taken for case_id.",
    ]
    assert notes(log, "load.several.left") == ["Left out, being of kinds that cannot be read: read me.docx."]
    dates = [note for note in notes(log, "load.several.note") if "timestamp" in note]
    assert [note.split(":")[0] for note in dates] == ["2026-1.csv", "2026-2.csv.gz", "2026-10.zip"]


def test_rows_of_several_files_are_counted_with_their_file_and_number(months, tmp_path):
    log = read(months, set_aside=tmp_path / "aside")
    report = load_report(log).rows
    assert dict(zip(report["reason"], report["rows"])) == {
        "kept: events of the log": 6,
        "too few or too many columns": 1,
        "no case": 1,
        "repeats an earlier row in every column": 1,
    }
    said = " ".join(note.say() for note in log.about.notes)
    assert "row 5 of 2026-2.csv.gz" in said  # ragged
    assert "row 4 of 2026-10.zip" in said  # no case
    assert "row 2 of 2026-2.csv.gz" in said  # the overlap of January and February


def test_a_pattern_takes_some_files_and_the_hash_is_of_them(months):
    log = read(str(months / "2026-?.csv*"))
    assert log.about.activities == ("Start", "Check", "End")
    assert len(log.time) == 4
    again = read(str(months / "2026-?.csv*"))
    assert log.about.source == again.about.source
    assert log.about.source["data_sha256"] != read(months).about.source["data_sha256"]
    with pytest.raises(LogError, match="no file there can be read"):
        read(str(months / "2027-*.csv"))


def test_a_file_without_a_column_that_is_needed_is_named_with_its_columns(months):
    (months / "2026-3.csv").write_text("case_id,step,timestamp\n1,A,2026-03-01\n", encoding="utf-8")
    with pytest.raises(LogError, match=r"2026-3.csv has no column 'activity'.* It has: case_id, step, timestamp"):
        read(months)


def test_names_that_are_alike_twice_are_not_taken_for_one_another(months):
    (months / "2026-3.csv").write_text(
        text([["1", "A", "2026-03-01", "x", "y"]], [*HEADER[:3], "Office", "OFFICE"]), encoding="utf-8"
    )
    found = notes(read(months, columns=Columns(case="case_id")), "load.several.renamed")
    assert not any("2026-3.csv" in note for note in found)


def test_columns_are_named_once_for_all_files(months):
    log = read(months, columns=Columns(case="Case ID", activity="Activity", attributes=("office",)))
    assert len(log.time) == 6
    assert log.about.attributes == ("office",)
    with pytest.raises(LogError, match=r"'step' .* is not there"):
        read(months, columns=Columns(activity="step"))


def test_dates_of_a_file_that_say_nothing_are_read_as_in_the_others_or_refused(months):
    for path in months.iterdir():
        path.unlink()
    (months / "1.csv").write_text("case_id,activity,timestamp\n1,A,13/02/2026\n", encoding="utf-8")
    (months / "2.csv").write_text("case_id,activity,timestamp\n1,B,03/04/2026\n", encoding="utf-8")
    assert read(months).events["time"].astype(str).tolist() == ["2026-02-13", "2026-04-03"]
    (months / "3.csv").write_text("case_id,activity,timestamp\n1,C,02/13/2026\n", encoding="utf-8")
    with pytest.raises(LogError, match=r"2\.csv, whose dates are not written as in all other files"):
        read(months)


def test_equal_files_read_as_one(months, path):
    for name in list(months.iterdir()):
        name.unlink()
    rows = [[str(n % 7), "AB"[n % 2], f"2026-01-{n + 1:02}", "x" * (n % 3)] for n in range(28)]
    for n in range(4):
        (months / f"part {n}.csv").write_text(text(rows[n * 7 : n * 7 + 7]), encoding="utf-8")
    path.write_text(text(rows), encoding="utf-8")
    one, many = read(path), read(months)
    assert one.events.equals(many.events)
    for name in ("office",):
        assert many.event_attributes[name].values().tolist() == one.event_attributes[name].values().tolist()


def test_a_folder_of_workbooks_and_text(months):
    import openpyxl

    book = openpyxl.Workbook()
    for row in [HEADER, ["2", "Appeal", "2026-04-01", "South"]]:
        book.active.append(row)
    book.save(months / "2026-11.xlsx")
    log = read(months)
    assert log.about.activities[-1] == "Appeal"
    assert len(log.time) == 7


def test_a_spec_beside_a_folder_says_how_it_is_read(months):
    months.with_suffix(".yaml").write_text(
        "columns:\n  case: case_id\n  event_attributes: [office]\ncutoff: 2026-03-31\n"
    )
    log = read(months)
    assert log.about.event_attributes == ("office",)
    assert notes(log, "load.spec")


def test_ocel_csv_is_a_log_of_objects(shared):
    files = sorted((shared / "ocel").glob("*.csv*"))
    if not files:
        pytest.skip("no OCEL csv in the shared data")
    with pytest.raises(LogError, match="object_type"):
        read(files[0])
