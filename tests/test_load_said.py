"""What a user says is used or refused, and what nobody said is not taken: files written by hand, events by hand."""

import sqlite3
from datetime import datetime

import openpyxl
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from procmine import Columns, Database, LogError, read

SOURCE = "source: a.csv\ncolumns: {case: id, activity: step, timestamp: day}\n"


def written(folder, **files):
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder / "s.yaml"


def events(log):
    return [tuple(map(str, row)) for row in log.events[["case", "activity", "time"]].itertuples(index=False)]


def told(log):
    return [note.say() for note in log.about.notes]


def test_what_a_wide_row_knows_besides_its_milestones_plays_no_role(tmp_path):
    text = (
        "Case,Start date,Officer,Seq,In,Out\n1,2026-01-02,Kim,3,2026-01-05,2026-02-01\n2,2026-03-02,Lou,4,2026-01-06,\n"
    )
    written(tmp_path, w__csv=text)
    log = read(tmp_path / "w.csv", columns=Columns(case="Case", milestones={"In": "Receive", "Out": "Decide"}))
    assert [one[1] for one in events(log)] == ["Receive", "Decide", "Receive"]
    assert log.start is None
    assert log.about.attributes == ("Start date", "Officer", "Seq")


def test_joined_columns_play_no_role(tmp_path):
    spec = written(
        tmp_path,
        a__csv="id,step,day\n1,A,2026-01-05\n1,B,2026-01-08\n2,A,2026-01-07\n",
        c__csv="id,Start date,Transition\n1,2026-01-01,complete\n2,2026-02-01,start\n",
        s__yaml=SOURCE + "joins: [{source: c.csv, on: {id: id}}]\n",
    )
    log = read(spec)
    assert len(events(log)) == 3
    assert log.start is None
    assert log.about.attributes == ("Start date", "Transition")


def test_sources_take_no_role_from_what_another_one_knows(tmp_path):
    spec = written(
        tmp_path,
        a__csv="id,step,day\n1,A,2026-01-05\n",
        w__csv="id,Start date,In\n1,2026-03-01,2026-01-04\n",
        s__yaml="columns: {case: id}\nsources:\n  - {source: a.csv, columns: {activity: step, timestamp: day}}\n"
        "  - {source: w.csv, columns: {milestones: {In: Receive}}}\n",
    )
    log = read(spec)
    assert [one[1] for one in events(log)] == ["Receive", "A"]
    assert log.start is None


RELATED = (
    "sources:\n  - {name: o, source: a.csv, columns: {case: id, activity: step, timestamp: day}}\n"
    "  - {name: c, source: c.csv, columns: {case: docket, activity: event, timestamp: day}}\n"
    "relations:\n  - {source: p.csv, between: {o: one, c: other}%s}\n"
)


def related(folder, more, pairs):
    return read(
        written(
            folder,
            a__csv="id,step,day\n1,F,2026-01-05\n2,F,2026-01-06\n",
            c__csv="docket,event,day\nC1,H,2026-02-01\nC2,H,2026-02-02\n",
            p__csv=pairs,
            s__yaml=RELATED % more,
        )
    )


def test_relations_keep_only_the_rows_that_are_asked_for(tmp_path):
    log = related(tmp_path, ", where: {valid: yes}", "one,other,valid\n1,C1,yes\n1,C2,no\n2,C2,yes\n")
    assert [one[:2] for one in events(log)] == [("1", "F"), ("1", "H"), ("2", "F"), ("2", "H")]
    assert "3 of" not in " ".join(told(log))
    assert "2 of 3 rows of p.csv have valid = yes; the others were not read." in told(log)


def test_rows_that_are_no_rows_are_told_of_relations_too(tmp_path):
    log = related(tmp_path, "", "one,other\n1,C1\n2,C2,C3\n,C2\n")
    assert [one for one in told(log) if "row 3 of p.csv" in one]
    assert not [one for one in told(log) if "not in o" in one]  # a row that names no case names no unknown one


def test_one_column_may_be_time_and_arrival_in_one_of_several_sources(tmp_path):
    spec = written(
        tmp_path,
        a__csv="id,step,Received\n1,F,2026-01-05\n2,F,2026-01-06\n",
        b__csv="id,step,At\n1,H,2026-02-01\n",
        s__yaml="columns: {case: id, activity: step}\nsources:\n"
        "  - {source: a.csv, columns: {timestamp: Received, arrival: Received}}\n"
        "  - {source: b.csv, columns: {timestamp: At}}\n",
    )
    assert [one[1:] for one in events(read(spec))] == [
        ("F", "2026-01-05 00:00:00"),
        ("H", "2026-02-01 00:00:00"),
        ("F", "2026-01-06 00:00:00"),
    ]


def test_a_format_for_one_column_leaves_what_was_said_of_the_others(tmp_path):
    spec = written(
        tmp_path,
        a__csv="id,step,day,begun\n1,F,03.04.2026,01.02.2026\n",
        b__csv="id,step,day\n1,G,05.06.2026\n",
        s__yaml="columns: {case: id, activity: step, timestamp: day}\ndates: {format: '%m.%d.%Y'}\nsources:\n"
        "  - {source: a.csv, columns: {start: begun}, dates: {columns: {begun: '%d.%m.%Y'}}}\n  - source: b.csv\n",
    )
    log = read(spec)
    assert [one[2] for one in events(log)] == ["2026-03-04 00:00:00", "2026-05-06 00:00:00"]
    assert str(log.events["start"].iloc[0]) == "2026-02-01 00:00:00"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dates: {columns: {dya: '%m.%d.%Y'}}", "dates: there is no column 'dya'"),
        ("persons: [clark]", "persons: no table has a column 'clark'"),
        ("zone: Europe/Wien", "Did you mean Europe/Vienna"),
        ("same_moment: [Hering]", "No activity 'Hering'"),
        ("sources: [{source: a.csv}]", "at its top and again in `sources`"),
        ("joins: [{source: a.csv, on: {id: id}, dates: {format: iso}}]", r"joins\[1\]: `dates`"),
        ("joins: [{source: a.csv, on: {id: id}, columns: {arrival: day}}]", r"joins\[1\]: `columns`"),
    ],
)
def test_what_could_not_be_used_is_refused(tmp_path, line, words):
    spec = written(tmp_path, a__csv="id,step,day,clerk\n1,F,03.04.2026,Kim\n", s__yaml=SOURCE + line + "\n")
    with pytest.raises(LogError, match=words):
        read(spec)


def test_lines_are_counted_from_one():
    with pytest.raises(ValueError, match="counted from 1"):
        Columns(header=0)


def test_a_comma_before_three_digits_may_part_thousands(tmp_path):
    written(tmp_path, a__csv='case,activity,time\n1,A,"45,292"\n')
    with pytest.raises(LogError, match="99,999"):
        read(tmp_path / "a.csv", columns=Columns(dates="excel"))
    log = read(tmp_path / "a.csv", columns=Columns(dates="excel", decimal=","))
    assert events(log)[0][2].startswith("1900-02-13")


def kept(source):
    return read(source).origin.row.tolist()


LISTS = [["x"], ["y"], ["y"]]


def test_rows_that_differ_in_what_is_left_out_are_no_repeats(tmp_path, monkeypatch):
    same = {"case": ["1"] * 3, "activity": ["A"] * 3, "time": ["2026-01-05"] * 3}
    lines = [f'{{"case": "1", "activity": "A", "time": "2026-01-05", "tags": ["{one[0]}"]}}' for one in LISTS]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    parquet.write_table(pa.table({**same, "tags": LISTS}), tmp_path / "a.parquet")
    feather.write_feather(pa.table({**same, "tags": LISTS}), str(tmp_path / "a.feather"))
    base = sqlite3.connect(tmp_path / "a.sqlite3")
    base.execute("create table e (caseid text, activity text, time text, doc blob)")
    base.executemany("insert into e values ('1', 'A', '2026-01-05', ?)", [(one[0].encode(),) for one in LISTS])
    base.commit()
    base.close()
    monkeypatch.setenv("SOME_DB", f"sqlite:///{tmp_path / 'a.sqlite3'}")
    sources = [tmp_path / "a.jsonl", tmp_path / "a.parquet", tmp_path / "a.feather"]
    sources += [Database("SOME_DB", table="e"), Database("SOME_DB", query="select * from e order by doc")]
    assert [kept(one) for one in sources] == [[1, 2]] * 5
    assert kept(pa.table({**same, "tags": LISTS}).to_pandas()) == [1, 2]


def test_nor_are_they_in_one_of_several_sources_or_filtered(tmp_path):
    lines = [f'{{"id": "1", "step": "A", "day": "2026-01-05", "tags": ["{one[0]}"]}}' for one in LISTS]
    spec = written(
        tmp_path,
        l__jsonl="\n".join(lines),
        u__csv="id,step,day,\n2,B,2026-01-06,x\n2,B,2026-01-06,y\n2,B,2026-01-06,y\n",
        s__yaml="columns: {case: id, activity: step, timestamp: day}\nwhere: {step: [A, B]}\n"
        "sources: [{source: l.jsonl}, {source: u.csv}]\n",
    )
    assert kept(spec) == [1, 2, 2, 3]


def test_sheets_that_call_a_role_differently_are_refused(tmp_path):
    book = openpyxl.Workbook()
    for name, time in (("A", "End date"), ("B", "Date")):
        sheet = book.create_sheet(name)
        sheet.append(["case", "activity", time])
        sheet.append([name, "a", datetime(2026, 1, 2)])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(LogError, match="timestamp differently: End date, Date"):
        read(tmp_path / "a.xlsx", columns=Columns(sheet="*"))
    assert len(read(tmp_path / "a.xlsx", columns=Columns(sheet="B"))) == 1


def test_each_file_is_told_in_the_way_it_was_read(tmp_path):
    for name, days in (("1", "13.04.2026 2026-02-01"), ("2", "04.13.2026 2026-02-01"), ("3", "05.06.2026")):
        rows = "".join(f"{name}{day},A,{day}\n" for day in days.split())
        (tmp_path / f"{name}.csv").write_text("case,activity,time\n" + rows)
    said = [one for one in told(read(tmp_path)) if "2 ways" in one]
    assert [("day, month" in one, "month, day" in one) for one in said] == [(True, False), (False, True)]


def test_the_values_that_prove_an_order_are_counted(tmp_path):
    written(tmp_path, a__csv="case,activity,time\n1,A,1/2/26\n2,A,2/3/26\n3,A,31/12/99\n")
    said = next(one for one in told(read(tmp_path / "a.csv")) if "two digits" in one)
    assert "1 value (as 99/99/99 in row 3 of the data)" in said
