"""Shaping: wide tables made long, tables joined and related, repairs of text; against tables by hand and other code."""

import hashlib
import hmac
import json
import re
from base64 import b32encode
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from procmine import Columns, LogError, Milestone, load_report, read
from procmine.cli import main
from procmine.load.raw import Raw
from procmine.load.shape.joins import join
from procmine.load.shape.relations import Related, unite
from procmine.load.shape.wide import as_long, long
from procmine.settings import SettingsError

ROOT = Path(__file__).resolve().parents[1]
KEY = "an example of a key, 32 letters."


def raw_of(table, name="wide.csv"):
    return Raw(table, name, table.column_names, first=2)


def told(log, key):
    return [note.say() for note in log.about.notes if note.key == key]


def events(log):
    return list(log.events[["case", "activity", "time"]].astype(str).itertuples(index=False, name=None))


def written(folder, **files):
    """Files by name (a dot is written __), text dedented to the left."""
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


# wide tables
WIDE = """Case,Office,Received,Hearing 1 date,Hearing 1 result,Hearing 2 date,Hearing 2 result,Begun,Closed
A,North,13/01/2024,2024-02-01,adjourned,2024-03-01,heard,2024-04-02,2024-04-09
B,South,05/01/2024,2024-02-05,heard,,,,soon
C,South,,,,,,,
"""
STEPS = {
    "Received": "Received",
    "Hearing {n} date": Milestone("Hearing", attributes={"result": "Hearing {n} result"}),
    "Closed": Milestone("Closed", start="Begun"),
}


@pytest.fixture
def wide(tmp_path):
    return written(tmp_path, wide__csv=WIDE) / "wide.csv"


def test_each_date_is_an_event_and_no_row_is_lost(wide):
    log = read(wide, columns=Columns(case="Case", milestones=STEPS), ends={"Closed": "closed"})
    assert events(log) == [
        ("A", "Received", "2024-01-13"),
        ("A", "Hearing", "2024-02-01"),
        ("A", "Hearing", "2024-03-01"),
        ("A", "Closed", "2024-04-09"),
        ("B", "Received", "2024-01-05"),
        ("B", "Hearing", "2024-02-05"),
    ]
    assert log.events["result"].tolist()[1:3] == ["adjourned", "heard"]
    assert log.events["number"].tolist()[1:3] == ["1", "2"]
    assert str(log.events["start"][3])[:10] == "2024-04-02"
    assert log.attributes["Office"].values().tolist() == ["North", "South"]
    assert told(log, "load.wide") == ["3 rows of wide.csv held 7 dates in 4 columns: each date is an event."]
    report = load_report(log).rows
    assert dict(zip(report["reason"], report["rows"])) == {
        "kept: events of the log": 6,
        "no time": 1,
        "the time cannot be read": 1,
    }
    assert told(log, "load.aside.unreadable_time")[0].endswith("the first is row 3, column Closed.")
    assert told(log, "load.aside.no_time")[0].endswith("the first is row 4.")


def test_rows_set_aside_of_a_wide_table_name_the_column(wide, tmp_path):
    read(wide, columns=Columns(case="Case", milestones=STEPS), set_aside=tmp_path / "aside")
    from python_calamine import CalamineWorkbook

    (book,) = (tmp_path / "aside").glob("*.xlsx")
    rows = CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows[1:]] == [3, 4]
    assert "Closed" in rows[1][2]


def test_every_column_of_dates_may_be_written_in_its_own_way(tmp_path):
    text = "id,a,b,c,d\n1,01/02/2024,01/02/2024,02.03.2024 10:00,45366\n"
    path = written(tmp_path, log__csv=text) / "log.csv"
    dates = {"a": "%d/%m/%Y", "b": "%m/%d/%Y", "d": "excel"}
    log = read(path, columns=Columns(case="id", milestones={"b": "B", "a": "A", "c": "C", "d": "D"}, dates=dates))
    assert events(log) == [
        ("1", "B", "2024-01-02 00:00:00"),
        ("1", "A", "2024-02-01 00:00:00"),
        ("1", "C", "2024-03-02 10:00:00"),
        ("1", "D", "2024-03-15 00:00:00"),
    ]


def test_what_cannot_be_known_of_one_column_is_refused_with_its_name(tmp_path):
    path = written(tmp_path, log__csv="id,a,b\n1,2024-01-01,01/02/2024\n2,2024-01-01,03/02/2024\n") / "log.csv"
    with pytest.raises(LogError, match="Column 'b'"):
        read(path, columns=Columns(case="id", milestones={"a": "A", "b": "B"}))


@pytest.mark.parametrize("order", [("Filed", "Heard", "Closed"), ("Closed", "Filed", "Heard")])
def test_steps_of_one_day_stand_in_the_order_in_which_they_are_listed(tmp_path, order):
    """Also over several rows of a case, whose own order is another."""
    text = "id,Heard,Closed,Filed\n1,,2024-01-02,\n1,2024-01-02,,2024-01-02\n"
    path = written(tmp_path, log__csv=text) / "log.csv"
    log = read(path, columns=Columns(case="id", milestones={name: name for name in order}))
    assert log.events["activity"].tolist() == list(order)
    assert told(log, "load.wide.order")[0].endswith(f"{', '.join(order)}.")


def test_a_date_only_step_keeps_its_place_among_timed_ones(tmp_path):
    text = "id,Filed,Heard,Closed\n1,2024-01-02 09:00,2024-01-02,2024-01-02 15:00\n"
    path = written(tmp_path, log__csv=text) / "log.csv"
    log = read(path, columns=Columns(case="id", milestones={name: name for name in ("Filed", "Heard", "Closed")}))
    assert log.events["activity"].tolist() == ["Filed", "Heard", "Closed"]


def test_one_row_a_charge_makes_one_event_of_a_date_that_they_share(tmp_path):
    text = "id,charge,Received,Disposed\n1,x,2024-01-02,2024-03-01\n1,y,2024-01-02,2024-04-01\n2,x,2024-01-02,\n"
    path = written(tmp_path, log__csv=text) / "log.csv"
    log = read(path, columns=Columns(case="id", milestones={"Received": "Received", "Disposed": "Disposed"}))
    assert events(log) == [
        ("1", "Received", "2024-01-02"),
        ("1", "Disposed", "2024-03-01"),
        ("1", "Disposed", "2024-04-01"),
        ("2", "Received", "2024-01-02"),
    ]
    assert told(log, "load.wide.again")[0].startswith("1 date of log.csv stood in several rows of one case (Received)")


def test_what_cannot_be_read_and_what_has_no_case_stays_row_by_row(tmp_path):
    """Each of them is to be mended, so none is dropped as a repeat."""
    text = "id,Received,Closed\n1,2024-01-02,soon\n1,2024-01-02,soon\n,2024-01-02,2024-01-05\n,2024-01-02,2024-01-06\n"
    path = written(tmp_path, log__csv=text) / "log.csv"
    log = read(path, columns=Columns(case="id", milestones={"Received": "Received", "Closed": "Closed"}))
    report = load_report(log).rows
    assert dict(zip(report["reason"], report["rows"])) == {
        "kept: events of the log": 1,
        "no case": 4,
        "the time cannot be read": 2,
    }


def test_numbers_in_names_are_numbers_and_may_be_in_the_step(tmp_path):
    text = "id,Visit 10,Visit 2\n1,2024-01-02,2024-01-02\n"
    path = written(tmp_path, log__csv=text) / "log.csv"
    log = read(path, columns=Columns(case="id", milestones={"Visit {n}": "Visit {n}"}))
    assert log.events["activity"].tolist() == ["Visit 2", "Visit 10"]


def test_an_attribute_of_a_step_that_names_people_still_does(tmp_path):
    text = "id,Heard,judge\n1,2024-01-02,Ms Smith\n2,2024-01-03,Mr Jones\n"
    path = written(tmp_path, log__csv=text) / "log.csv"
    columns = Columns(case="id", milestones={"Heard": Milestone("Heard", attributes={"heard by": "judge"})})
    assert "heard by" in read(path, columns=columns).about.persons


@pytest.mark.parametrize(
    ("milestones", "said"),
    [
        ({"Recieved": "Received"}, r"no column 'Recieved' .* There are: Case, Office, Received"),
        ({"Received": " "}, "no name for its step"),
        ({"Trial {n}": "Trial"}, r"no column 'Trial \{n\}' with a number"),
        ({"Received": Milestone("Received", start="Begin")}, "no column 'Begin'"),
        ({"Received": Milestone("Received", attributes={"Office": "Begun"})}, "name of another column"),
    ],
)
def test_a_milestone_that_is_not_there_is_refused(wide, milestones, said):
    with pytest.raises(LogError, match=said):
        read(wide, columns=Columns(case="Case", milestones=milestones))


def test_a_wide_table_is_recognised_and_the_lines_to_paste_work(tmp_path):
    text = (
        "Case,Office,Received date,Closed date,Date of birth\n1,N,2024-01-02,,1980-01-01\n2,S,2024-01-03,2024-02-03,\n"
    )
    path = written(tmp_path, log__csv=text) / "log.csv"
    with pytest.raises(LogError) as refused:
        read(path)
    said = str(refused.value)
    assert "Received date: 2 of 2 filled" in said
    assert "Closed date: 1 of 2 filled" in said
    columns = eval(re.search(r"procmine\.(Columns\(.*\))\)", said)[1], {"Columns": Columns})
    assert columns.milestones == {"Received date": "Received", "Closed date": "Closed"}
    spec = yaml.safe_load(said[said.index("  columns:") : said.index("or at the command line")])
    (tmp_path / "log.yaml").write_text(yaml.safe_dump(spec), encoding="utf-8")
    by_spec = read(path)
    (tmp_path / "log.yaml").unlink()
    assert (
        events(by_spec)
        == events(read(path, columns=columns))
        == [
            ("1", "Received", "2024-01-02"),
            ("2", "Received", "2024-01-03"),
            ("2", "Closed", "2024-02-03"),
        ]
    )
    assert "1980" not in said


def test_the_command_line_takes_milestones(wide):
    found = CliRunner().invoke(
        main, ["check", str(wide), "--case", "Case", "--milestone", "Received=Received", "--milestone", "Closed=Done"]
    )
    assert found.exit_code == 0, found.output
    assert "2 cases, 3 events" in found.output
    wrong = CliRunner().invoke(main, ["check", str(wide), "--milestone", "Received"])
    assert wrong.exit_code == 2
    assert "COLUMN=STEP" in wrong.output


DAYS = st.dates(pd.Timestamp("2000-01-01").date(), pd.Timestamp("2030-12-31").date())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.none() | DAYS, min_size=3, max_size=3), min_size=1, max_size=12))
def test_long_and_back_gives_the_same_table(rows):
    names = ["one", "two", "three"]
    table = pa.table(
        {name: [None if row[at] is None else str(row[at]) for row in rows] for at, name in enumerate(names)}
    )
    table = table.append_column("id", pa.array([f"c{place}" for place in range(len(rows))]))
    columns = Columns(case="id", milestones={name: f"Step {name}" for name in names})
    made = long(raw_of(table), columns)
    roles = as_long(columns, table.column_names, "wide.csv")
    frame = made.table.to_pandas()
    back = frame.pivot(index="id", columns=roles.activity, values=roles.timestamp)
    for row, days in zip(table["id"].to_pylist(), rows):
        for name, day in zip(names, days):
            found = back.loc[row].get(f"Step {name}")
            assert (None if pd.isna(found) else found) == (None if day is None else str(day))
    assert made.table.num_rows == sum(max(1, sum(day is not None for day in days)) for days in rows)
    numbers = made.row_numbers(np.arange(made.table.num_rows))
    assert [int(one[1:]) + 2 for one in frame["id"]] == numbers.tolist()


# joins
def test_a_join_adds_columns_and_says_what_it_found():
    of = raw_of(pa.table({"case": ["1", "2", "3", "01", None, " 1 "], "unit": list("abcdef")}), "events.csv")
    table = raw_of(
        pa.table({"id": ["1", "2", "2", None], "unit": ["u", "v", "v", "w"], "size": ["S", "M", "M", "L"]}), "t.csv"
    )
    made = join(of, table, {"case": "id"}, None, "people")
    assert made.table.column_names == ["case", "unit", "people unit", "size"]
    assert made.table["size"].to_pylist() == ["S", "M", None, None, None, "S"]
    said = [note.say() for note in made.notes]
    assert said[0] == "people: 1 row without a value of id: not used."
    assert (
        said[1]
        == "people: 2 of 4 different values of case were found in it, and people unit, size added to the events."
    )
    assert said[2] == "people: 3 events found nothing in it, the first is row 4 of events.csv (case written like 9)."


def test_a_join_needs_one_answer_a_key():
    of = raw_of(pa.table({"case": ["007", "8"]}))
    table = raw_of(pa.table({"id": ["007", "007"], "a": ["x", "x"], "b": ["1", "2"]}), "t.csv")
    with pytest.raises(
        LogError, match=r"1 keys have several rows in t.csv .* row 3 \(id written like 999\).* 'b'"
    ) as error:
        join(of, table, {"case": "id"}, None, "t")
    assert "007" not in str(error.value)
    assert join(of, table, {"case": "id"}, ["a"], "t").table["a"].to_pylist() == ["x", None]
    with pytest.raises(LogError, match=r"no event found its case in t.csv.* written like 9, in t.csv like A9"):
        join(raw_of(pa.table({"case": ["7"]})), raw_of(pa.table({"id": ["A7"]}), "t.csv"), {"case": "id"}, None, "t")
    with pytest.raises(LogError, match=r"no column 'nr' in t.csv. There are: id, a, b"):
        join(of, table, {"case": "nr"}, None, "t")


KEYS = st.text("01 a", max_size=3)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(KEYS, KEYS), min_size=1, max_size=20),
    st.dictionaries(st.tuples(KEYS.map(str.strip), KEYS.map(str.strip)), KEYS, max_size=20),
)
def test_a_join_is_a_look_up(rows, known):
    of = raw_of(pa.table({"k": [a for a, _ in rows], "l": [b for _, b in rows]}))
    table = raw_of(pa.table({"x": [a for a, _ in known], "y": [b for _, b in known], "z": list(known.values())}), "t")
    full = {key: value for key, value in known.items() if all(key)}
    expected = [full.get((a.strip(), b.strip())) if a.strip() and b.strip() else None for a, b in rows]
    if any((a.strip(), b.strip()) in full for a, b in rows):
        assert join(of, table, {"k": "x", "l": "y"}, None, "t").table["z"].to_pylist() == expected
    else:
        with pytest.raises(LogError):
            join(of, table.__class__(table.table.cast(pa.schema(dict.fromkeys("xyz", pa.string()))), "t", list("xyz"), 2),
                 {"k": "x", "l": "y"}, None, "t")  # fmt: skip


# relations
def test_related_cases_become_one_and_others_keep_their_names():
    cases = {"intake": ["1", "2", "3"], "court": ["1", "X", "Y", "Z"], "scans": ["2", "9"]}
    pairs = Related("pairs.csv", {"intake": ["1", "2", "2", "7", None], "court": ["X", "Y", "Z", "W", "X"]})
    united = unite(cases, [pairs])
    assert united.names["intake"] == {"1": "1", "2": "2", "3": "3"}
    assert united.names["court"] == {"1": "court: 1", "X": "1", "Y": "2", "Z": "2"}
    assert united.names["scans"] == {"2": "2", "9": "9"}  # no relation names it: its cases are those of the first
    said = " ".join(note.say() for note in united.notes)
    assert "1 case made of more than one case of court" in said
    assert "1 row names a case that is not in intake" in said or "2 rows name a case that is not in intake" in said
    assert "1 case of court had the name of another case of intake" in said
    with pytest.raises(LogError, match="no source called 'court'"):
        unite({"intake": ["1"]}, [pairs])
    with pytest.raises(LogError, match="no row names a case of"):
        unite({"intake": ["5"], "court": ["6"]}, [pairs])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=12))
def test_groups_are_the_connected_components_of_scipy(pairs):
    cases = {"a": [f"a{n}" for n in range(8)], "b": [f"b{n}" for n in range(8)]}
    relation = Related("pairs", {"a": [f"a{a}" for a, _ in pairs], "b": [f"b{b}" for _, b in pairs]})
    names = unite(cases, [relation]).names
    graph = coo_array((np.ones(len(pairs)), ([a for a, _ in pairs], [8 + b for _, b in pairs])), shape=(16, 16))
    label = connected_components(graph, directed=False)[1]
    ours = [names["a"][f"a{n}"] for n in range(8)] + [names["b"][f"b{n}"] for n in range(8)]
    assert [[one == other for other in ours] for one in ours] == [[one == other for other in label] for one in label]


# several tables as one log
INTAKE = "id;when;office\n1;01.02.2024;N\n2;15.02.2024;S\n3\n"
COURT = """case,step,stamp,who
C1,Heard,02/20/2024 03:00 PM,Kim
C2,Heard,02/21/2024 09:00 AM,Lou
C1,Decided,03/01/2024 09:00 AM,Kim
C9
"""
PAIRS = "ours,theirs\n1,C1\n2,C2\n"
PEOPLE = "nr,region,judge\n1,East,Ms X\n2,West,Mr Y\n"
SPEC = """
cutoff: 2024-03-31
ends: {Decided: decided}
sources:
  - name: intake
    source: intake.csv
    columns: {case: id, milestones: {when: Received}}
  - name: court
    source: court.csv
    columns: {case: case, activity: step, timestamp: stamp, resource: who}
    dates: {format: "%m/%d/%Y %I:%M %p"}
relations:
  - source: pairs.csv
    between: {intake: ours, court: theirs}
joins:
  - name: people
    source: people.csv
    on: {case: nr}
"""


@pytest.fixture
def two(tmp_path):
    return written(tmp_path, intake__csv=INTAKE, court__csv=COURT, pairs__csv=PAIRS, people__csv=PEOPLE, two__yaml=SPEC)


def test_two_systems_a_relation_and_a_join_are_one_log(two):
    log = read(two / "two.yaml")
    assert events(log) == [
        ("1", "Received", "2024-02-01 00:00:00"),
        ("1", "Heard", "2024-02-20 15:00:00"),
        ("1", "Decided", "2024-03-01 09:00:00"),
        ("2", "Received", "2024-02-15 00:00:00"),
        ("2", "Heard", "2024-02-21 09:00:00"),
    ]
    assert log.attributes["region"].values().tolist() == ["East", "West"]
    assert set(log.about.persons) == {"who", "judge"}
    assert log.about.files == ("intake.csv", "court.csv")
    where = zip(log.origin.file.tolist(), log.origin.row.tolist())
    assert list(where) == [(0, 2), (1, 2), (1, 4), (0, 3), (1, 3)]
    ragged = told(log, "load.aside.ragged")[0]
    assert ragged.startswith("Set aside: 2 rows")
    assert "row 4 of intake.csv" in ragged
    files = {"intake.csv", "court.csv", "pairs.csv", "people.csv", "two.yaml"}
    assert {name for key, name in log.about.source.items() if "sha" not in key} == files
    for key, name in log.about.source.items():
        if "sha" not in key:
            assert log.about.source[f"{key}_sha256"] == hashlib.sha256((two / name).read_bytes()).hexdigest()


def test_a_joined_column_that_names_people_still_does_under_its_new_name(tmp_path):
    written(
        tmp_path,
        a__csv="id,step,day,judge,clerk_no\n1,A,2024-01-01,Ms X,7\n2,A,2024-01-01,Ms X,7\n",
        b__csv="id,judge,clerk_no\n1,Mr Y,8\n2,Mr Z,9\n",
        s__yaml="source: a.csv\ncolumns: {case: id, activity: step, timestamp: day}\npersons: [clerk_no]\n"
        "joins: [{name: appeal, source: b.csv, on: {id: id}}]\n",
    )
    log = read(tmp_path / "s.yaml")
    assert set(log.about.persons) == {"judge", "clerk_no", "appeal judge", "appeal clerk_no"}


def test_a_sources_own_word_wins_over_the_top(tmp_path):
    written(
        tmp_path,
        a__csv="id,step,day\n1,A,01/02/2024\n",
        b__csv="id,step,day\n1,B,01/03/2024\n",
        s__yaml="columns: {case: id, activity: step, timestamp: day}\ndates: {format: '%d/%m/%Y'}\n"
        "sources: [{source: a.csv}, {source: b.csv, dates: {format: '%m/%d/%Y'}}]\n",
    )
    assert [when for *_, when in events(read(tmp_path / "s.yaml"))] == ["2024-01-03", "2024-02-01"]


def test_where_keeps_the_rows_it_names_and_says_how_many(tmp_path):
    written(
        tmp_path,
        a__csv="id,step,day,kind\n1,A,2024-01-01,x\n1,B,2024-01-02,y\n2,A,2024-01-03, x\n",
        s__yaml="source: a.csv\ncolumns: {case: id, activity: step, timestamp: day}\nwhere: {kind: x}\n",
        t__yaml="source: a.csv\ncolumns: {case: id, activity: step, timestamp: day}\nwhere: {kind: [X]}\n",
        u__yaml="source: a.csv\ncolumns: {case: id, activity: step, timestamp: day}\nwhere: {sort: x}\n",
    )
    log = read(tmp_path / "s.yaml")
    assert events(log) == [("1", "A", "2024-01-01"), ("2", "A", "2024-01-03")]
    assert log.origin.row.tolist() == [2, 4]
    assert told(log, "load.where") == ["2 of 3 rows of a.csv have kind = x; the others were not read."]
    with pytest.raises(LogError, match=r"no row of a.csv has kind = X. Its values are written like: a"):
        read(tmp_path / "t.yaml")
    with pytest.raises(LogError, match=r"a.csv has no column 'sort'"):
        read(tmp_path / "u.yaml")


def test_same_gives_columns_of_several_files_one_name(tmp_path):
    (tmp_path / "months").mkdir()
    written(
        tmp_path / "months",
        jan__csv="id,step,day\n1,A,2024-01-01\n",
        feb__csv="Permit,step,done on\n1,B,05.02.2024\n2\n",
    )
    written(
        tmp_path,
        s__yaml="source: months\ncolumns: {case: id, activity: step, timestamp: day}\nsame: {id: [Permit], day: [done on]}\n",
    )
    log = read(tmp_path / "s.yaml")
    assert events(log) == [("1", "A", "2024-01-01"), ("1", "B", "2024-02-05")]
    assert "row 3 of feb.csv" in told(log, "load.aside.ragged")[0]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            "sources: [{source: c.csv}]",
            r"s.yaml: sources\[1\]: there is no file c.csv. In that folder there are: a.csv",
        ),
        ("sources: [{name: x}]", r"s.yaml: sources\[1\] does not say where the data are"),
        ("source: a.csv\njoins: [{source: no.csv, on: {id: id}}]", r"s.yaml: joins\[1\]: there is no file no.csv"),
        ("sources: [{name: x, source: a.csv}, {name: x, source: a.csv}]", "two are called 'x'"),
        ("source: a.csv\ndrop: [nmae]", "drop: no table has a column 'nmae'"),
        ("source: a.csv\nsame: {id: [step]}", "both there"),
    ],
)
def test_a_spec_that_leads_nowhere_names_its_key(tmp_path, spec, said):
    roles = "\ncolumns: {case: id, activity: step, timestamp: day}\n"
    written(tmp_path, a__csv="id,step,day\n1,A,2024-01-01\n", s__yaml=spec + roles)
    with pytest.raises(LogError, match=said):
        read(tmp_path / "s.yaml")


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    (tmp_path / "x").mkdir()
    written(tmp_path, a__csv="id,step,day\n1,A,2024-01-01\n1\n")
    written(tmp_path / "x", a__csv="id,step,day\n2,A,2024-01-02\n2\n")
    written(
        tmp_path,
        s__yaml="sources: [{source: a.csv}, {source: x/a.csv}]\ncolumns: {case: id, activity: step, timestamp: day}",
    )
    log = read(tmp_path / "s.yaml")
    assert log.about.files == ("a.csv", "x/a.csv")
    said = told(log, "load.aside.ragged")[0]
    assert said.startswith("Set aside: 2 rows")
    assert "row 3 of a.csv" in said


def test_one_file_may_be_two_sources(tmp_path):
    """Rows of its own for each: one for the filed ones, one for the others."""
    written(
        tmp_path,
        a__csv="id,kind,day\n1,F,2024-01-01\n1,D,2024-01-05\n",
        s__yaml="sources:\n- {name: f, source: a.csv, where: {kind: F}, columns: {milestones: {day: Filed}}}\n"
        "- {name: d, source: a.csv, where: {kind: D}, columns: {milestones: {day: Decided}}}\ncolumns: {case: id}\n",
    )
    log = read(tmp_path / "s.yaml")
    assert log.events["activity"].tolist() == ["Filed", "Decided"]
    assert log.origin.row.tolist() == [2, 3]


def test_a_value_of_a_spec_that_yaml_takes_for_another_is_asked_for_in_quotes(tmp_path):
    written(tmp_path, a__csv="id,step,day\n", s__yaml="source: a.csv\nwhere: {primary: true}\n")
    with pytest.raises(SettingsError, match='write it in quotes: "true"'):
        read(tmp_path / "s.yaml")


def test_rows_of_a_shaped_log_are_mended_in_the_workbook_and_read_again(two):
    (two / "intake.csv").write_text(INTAKE.replace("3\n", "3;soon;N\n"), encoding="utf-8")
    read(two / "two.yaml", set_aside=two / "aside")
    from openpyxl import load_workbook

    (file,) = (two / "aside").glob("*.xlsx")
    book = load_workbook(file)
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    (row,) = [row for row in sheet.iter_rows(min_row=2) if row[0].value == "intake.csv"]
    assert (row[1].value, row[names.index("when")].value) == (4, "soon")
    row[names.index("when")].value = "20.02.2024"
    book.save(file)
    log = read(two / "two.yaml", mended=file)
    assert events(log)[-1] == ("3", "Received", "2024-02-20 00:00:00")
    assert log.about.history


def test_a_database_is_a_source(tmp_path, monkeypatch):
    import sqlite3

    with sqlite3.connect(tmp_path / "court.db") as db:
        db.execute("create table steps (case_id text, step text, day text)")
        db.executemany(
            "insert into steps values (?, ?, ?)", [("1", "Heard", "2024-02-01"), ("1", "Decided", "2024-03-01")]
        )
    monkeypatch.setenv("COURT_DB", f"sqlite:///{tmp_path / 'court.db'}")
    written(
        tmp_path,
        a__csv="id,Received\n1,2024-01-01\n",
        s__yaml="sources:\n- {source: a.csv, columns: {case: id, milestones: {Received: Received}}}\n"
        "- {database: {url_from: COURT_DB, table: steps}, columns: {case: case_id, activity: step, timestamp: day}}\n",
    )
    log = read(tmp_path / "s.yaml")
    assert log.events["activity"].tolist() == ["Received", "Heard", "Decided"]
    assert str(tmp_path) not in json.dumps(log.about.to_dict())


# repairs
LOG = """id,step,day,room,officer,town
1,Chek,2024-01-01,a,Ada,X
1,Hearing,2024-01-02,first,Ada,X
1,Note,2024-01-03,a,Bob,X
2,Check,2024-01-01,a,Bob,Y
2,Hearing,2024-01-05,second,Bob,Y
2,Hearing,2024-01-06,,Cid,Y
"""
ROLES = "source: log.csv\ncolumns: {case: id, activity: step, timestamp: day}\n"


def repaired(tmp_path, more, log=LOG):
    written(tmp_path, log__csv=log, s__yaml=ROLES + more)
    return read(tmp_path / "s.yaml")


def test_repairs_of_steps_are_done_in_order_and_recorded(tmp_path):
    more = "renames: {Chek: Check, Gone: X}\nsplit_steps: {Hearing: room}\nleave_out: [Note]\n"
    log = repaired(tmp_path, more)
    steps = ["Check", "Hearing (first)", "Check", "Hearing (second)", "Hearing"]
    assert log.events["activity"].tolist() == steps
    history = [one.say() for one in log.about.history]
    assert history == [
        "step Chek renamed to Check: 1 row",
        "no step was called Gone, which the spec renames",
        "step Hearing split by room into 2 steps: 3 rows",
        "step Hearing: 1 row keeps its name, without a value of room",
        "steps that are no work were left out (Note): 1 row",
    ]
    assert told(log, "load.aside.step_left_out")[0].endswith("the first is row 4.")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            "renames: {Cheque: Check}",
            "renames: no step in log.csv is called Cheque. There are: Check, Chek, Hearing, Note",
        ),
        ("leave_out: [Cheque]", "leave_out: no step in the data is called Cheque"),
        ("split_steps: {Hearing: rom}", "no column 'rom'"),
        ("split_steps: {Hearing: officer}", "names people"),
        ("drop: [id]", r"the column 'id' of log.csv is needed \(case\)"),
    ],
)
def test_repairs_that_meet_nothing_are_refused(tmp_path, more, said):
    with pytest.raises(LogError, match=said):
        repaired(tmp_path, more)


def test_repairs_of_times_are_recorded_too(tmp_path):
    log = repaired(tmp_path, "by_date: [Hearing]\nnot_dates: [2024-01-03]\n")
    assert [one.say() for one in log.about.history] == [
        "of the steps Hearing only the date was taken: 3 events",
        "days that stand for no date were set aside (2024-01-03): 1 row",
    ]
    with pytest.raises(LogError, match="Haering"):
        repaired(tmp_path, "by_date: [Haering]\n")


def hidden(value):
    return b32encode(hmac.new(KEY.encode(), value.encode(), hashlib.sha256).digest()).decode().lower()[:16]


def test_pseudonyms_are_keyed_hashes_and_the_key_is_nowhere(tmp_path, monkeypatch):
    monkeypatch.setenv("OUR_KEY", KEY)
    more = "pseudonymise: {columns: [id, officer], key_from: OUR_KEY}\n"
    log = repaired(tmp_path, more, LOG + "1,Ada\n")
    assert log.cases["case"].tolist() == [hidden("1"), hidden("2")]
    officers = log.event_attributes["officer"].values().tolist()
    assert officers == [hidden(one) for one in ("Ada", "Ada", "Bob", "Bob", "Bob", "Cid")]
    everything = json.dumps(log.about.to_dict()) + str(log.messages())
    assert KEY not in everything
    assert "Ada" not in everything
    read(tmp_path / "s.yaml", set_aside=tmp_path / "aside")
    from python_calamine import CalamineWorkbook

    (book,) = (tmp_path / "aside").glob("*.xlsx")
    assert "Ada" not in str(CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python())


def test_pseudonyms_stay_equal_over_joins_relations_and_sources(two, monkeypatch):
    monkeypatch.setenv("OUR_KEY", KEY)
    clear = read(two / "two.yaml")
    (two / "two.yaml").write_text(SPEC + "pseudonymise: {columns: [id], key_from: OUR_KEY}\n", encoding="utf-8")
    log = read(two / "two.yaml")
    assert log.cases["case"].tolist() == [hidden(one) for one in clear.cases["case"]]
    assert log.events["activity"].tolist() == clear.events["activity"].tolist()
    assert log.attributes["region"].values().tolist() == ["East", "West"]


@pytest.mark.parametrize(("key", "said"), [(None, "is not set"), ("short", "holds fewer than 16")])
def test_a_key_that_is_missing_or_short_is_refused_with_the_way_to_make_one(tmp_path, monkeypatch, key, said):
    monkeypatch.delenv("OUR_KEY", raising=False)
    if key:
        monkeypatch.setenv("OUR_KEY", key)
    with pytest.raises(LogError, match=f"OUR_KEY {said}") as error:
        repaired(tmp_path, "pseudonymise: {columns: [officer], key_from: OUR_KEY}\n")
    assert "token_hex" in str(error.value)


def test_times_and_steps_cannot_be_hidden_nor_misspelt_columns(tmp_path, monkeypatch):
    monkeypatch.setenv("OUR_KEY", KEY)
    with pytest.raises(LogError, match="`where` compares the column 'officer'"):
        repaired(tmp_path, "where: {officer: Ada}\npseudonymise: {columns: [officer], key_from: OUR_KEY}\n")
    written(tmp_path, w__csv="id,day\n1,2024-01-01\n")
    more = "columns: {case: id, milestones: {day: Filed}}\npseudonymise: {columns: [day], key_from: OUR_KEY}\n"
    written(tmp_path, w__yaml="source: w.csv\n" + more)
    with pytest.raises(LogError, match="the date of a milestone of w must stay readable"):
        read(tmp_path / "w.yaml")
    for columns, said in (("day", "the time .* must stay readable"), ("oficer", "no table has a column 'oficer'")):
        with pytest.raises(LogError, match=said):
            repaired(tmp_path, f"pseudonymise: {{columns: [{columns}], key_from: OUR_KEY}}\n")


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_dropped_columns_leave_no_trace(tmp_path, kind):
    written(tmp_path, log__csv=LOG + ("1,Ada\n" if kind == "csv" else ""))
    if kind != "csv":
        frame = pd.read_csv(tmp_path / "log.csv", dtype=str)
        getattr(frame, {"parquet": "to_parquet", "xlsx": "to_excel"}[kind])(tmp_path / f"log.{kind}", index=False)
    written(tmp_path, s__yaml=ROLES.replace("csv", kind) + "drop: [officer, town]\n")
    log = read(tmp_path / "s.yaml", set_aside=tmp_path / "aside")
    assert len(log.events) == 6
    assert not {"officer", "town"} & {*log.about.attributes, *log.about.event_attributes}
    assert [one.say() for one in log.about.history] == ["columns that were not read, as the spec says: officer, town"]
    for book in (tmp_path / "aside").glob("*.xlsx"):
        from python_calamine import CalamineWorkbook

        assert "Ada" not in str(CalamineWorkbook.from_path(book).get_sheet_by_index(0).to_python())


def test_calendars_and_clocks_are_kept_with_the_log_and_that_is_said(tmp_path):
    more = 'calendars: {office: {hours: {monday: "09:00-12:00"}}}\nclock: {begins: Check}\n'
    log = repaired(tmp_path, more)
    assert told(log, "load.calendars")
    assert log.about.calendars["office"]["hours"] == {"monday": "09:00-12:00"}
    assert log.about.clock == {"begins": "Check"}


def test_an_unknown_key_of_a_milestone_is_an_error(tmp_path):
    written(
        tmp_path, log__csv=WIDE, s__yaml="source: log.csv\ncolumns: {milestones: {Received: {step: R, begin: X}}}\n"
    )
    with pytest.raises(SettingsError, match="begin"):
        read(tmp_path / "s.yaml")


# the page on specs
PAGE = {
    "A wide table": [
        ("17", "Application received", "2026-01-13"),
        ("17", "Hearing", "2026-02-03"),
        ("17", "Hearing", "2026-03-10"),
        ("17", "Decision", "2026-03-20"),
        ("18", "Application received", "2026-01-05"),
        ("18", "Hearing", "2026-02-03"),
        ("19", "Application received", "2026-01-07"),
    ],
    "Several tables": [
        ("P-1", "Receive", "2026-01-05 00:00:00"),
        ("P-1", "Inspect", "2026-01-20 09:30:00"),
        ("P-1", "Grant", "2026-02-02 14:00:00"),
        ("P-2", "Receive", "2026-01-12 00:00:00"),
        ("P-2", "Inspect", "2026-01-28 10:15:00"),
        ("P-3", "Grant", "2026-01-14 08:00:00"),
    ],
    "Two systems": [
        ("1", "File", "2026-01-05"),
        ("1", "Hearing", "2026-02-01"),
        ("2", "File", "2026-01-06"),
        ("2", "Hearing", "2026-02-02"),
        ("2", "Order", "2026-02-20"),
        ("3", "File", "2026-01-07"),
        ("court: 3", "Order", "2026-02-21"),
    ],
    "Repairs": [
        ("1", "Receive", "2026-01-05 09:00:00"),
        ("1", "Hearing (first)", "2026-02-03 10:00:00"),
        ("1", "Hearing (second)", "2026-03-03 10:00:00"),
        ("1", "Close", "2026-03-04 09:00:00"),
        ("2", "Receive", "2026-01-07 09:00:00"),
    ],
}


@pytest.mark.parametrize("title", PAGE)
def test_the_examples_on_the_page_give_these_events(tmp_path, title):
    page = (ROOT / "docs" / "spec.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {title}.*?(?=^## )", page, re.M | re.S)[0]
    files = re.findall(r"`([\w-]+\.(?:csv|yaml))`:\n\n```\w+\n(.*?)```", section, re.S)
    for name, text in files:
        (tmp_path / name).write_text(text, encoding="utf-8")
    spec = next(name for name, _ in files if name.endswith(".yaml"))
    beside = tmp_path / spec.replace(".yaml", ".csv")
    assert events(read(beside if beside.exists() else tmp_path / spec)) == PAGE[title]


# real data
COOK = """
columns: {case: case_participant_id}
cutoff: 2200-12-31
by_date: [Received]
sources:
  - name: intake
    source: FOLDER/intake.csv.gz
    columns: {milestones: {received_date: Received, felony_review_date: Felony review}}
  - name: initiation
    source: FOLDER/initiation.csv.gz
    where: {primary_charge: "true"}
    columns:
      milestones:
        event_date: {step: Initiation, attributes: {kind of initiation: event}}
        arraignment_date: Arraignment
  - name: dispositions
    source: FOLDER/dispositions.csv.gz
    where: {primary_charge: "true"}
    columns: {milestones: {disposition_date: {step: Disposition, attributes: {decided by: judge}}}}
  - name: sentencing
    source: FOLDER/sentencing.csv.gz
    where: {primary_charge: "true"}
    columns: {milestones: {sentence_date: Sentence}}
ends: {Disposition: disposed, Sentence: sentenced}
"""


def test_the_tables_of_cook_county_are_one_log(shared, tmp_path):
    """The README's figures, and pandas' own look at the four tables."""
    folder = shared / "cook_county_sao"
    written(tmp_path, cook__yaml=COOK.replace("FOLDER", folder.as_posix()))
    log = read(tmp_path / "cook.yaml")
    first = log.events.groupby(["case", "activity"])["time"].min().unstack()
    assert (first["Initiation"] - first["Received"]).dt.days.median() == 22
    arraigned = first[first["Arraignment"].notna() & first["Initiation"].notna()]
    waited = (first["Disposition"] - first["Arraignment"]).dt.days.dropna()
    assert (len(arraigned), len(waited), waited.median()) == (16_504, 4_752, 84)
    tables = {name: pd.read_csv(folder / f"{name}.csv.gz", dtype=str) for name in
              ("intake", "initiation", "dispositions", "sentencing")}  # fmt: skip
    primary = {name: one[one["primary_charge"] == "true"] for name, one in tables.items() if name != "intake"}
    pairs = [(tables["intake"], "received_date"), (tables["intake"], "felony_review_date")]
    pairs += [(primary["initiation"], "event_date"), (primary["initiation"], "arraignment_date")]
    pairs += [(primary["dispositions"], "disposition_date"), (primary["sentencing"], "sentence_date")]
    wanted = [one.dropna(subset=[day])[["case_participant_id", day]].drop_duplicates() for one, day in pairs]
    wanted = [one[~one.iloc[:, 1].str.contains("22[0-9][0-9]")] for one in wanted]  # a sentence in 2219
    assert told(log, "load.aside.after_cutoff")[0].startswith("Set aside: 1 row later")
    counts = log.events["activity"].value_counts()
    steps = ("Received", "Felony review", "Initiation", "Arraignment", "Disposition", "Sentence")
    assert [counts[step] for step in steps] == [len(one) for one in wanted]
    assert len(log) == tables["intake"]["case_participant_id"].nunique()
    assert "decided by" in log.about.persons


def test_two_interleaved_systems_give_back_the_log_that_was_split(shared, tmp_path):
    spec = {
        "sources": [
            {"name": one, "source": (shared / f"receipt_interleaved/receipt_{one}.csv.gz").as_posix()}
            for one in ("even", "odd")
        ],
        "relations": [
            {
                "source": (shared / "receipt_interleaved/case_relations.csv").as_posix(),
                "between": {"even": "case:concept:name_LEFT", "odd": "case:concept:name_RIGHT"},
            }
        ],
    }
    written(tmp_path, r__yaml=json.dumps(spec))
    ours, whole = (read(path).events for path in (tmp_path / "r.yaml", shared / "receipt_coselog/receipt.csv.gz"))
    ours["case"] = ours["case"].str.removeprefix("LEFT_")
    local = whole["time"].dt.tz_localize("UTC").dt.tz_convert("Europe/Amsterdam")  # the split files say +00:00 of these
    whole["time"] = local.dt.tz_localize(None)
    both = [
        one.assign(place=one.groupby("case").cumcount()).set_index(["case", "place"]).sort_index()
        for one in (ours, whole)
    ]
    assert len(ours) == 8_577
    pd.testing.assert_frame_equal(both[0][["activity", "time"]], both[1][["activity", "time"]])


@pytest.mark.parametrize(
    ("file", "case", "steps", "expected"),
    [
        ("311_brooklyn_2016.csv", "Unique Key", {"Created Date": "Created", "Closed Date": "Closed"}, (117, 234)),
        ("311_socrata_2023.csv", "unique_key", {"created_date": "Created", "closed_date": "Closed"}, (500, 732)),
    ],
)
def test_requests_of_311_load_in_both_styles(shared, file, case, steps, expected):
    path = shared / "nyc311_small" / file
    log = read(path, columns=Columns(case=case, milestones=steps), ends=["Closed"])
    assert (len(log), len(log.events)) == expected
    frame = pd.read_csv(path, dtype=str)
    written_as = None if "socrata" in file else "%m/%d/%Y %I:%M:%S %p"
    for column, step in steps.items():
        there = pd.to_datetime(frame[column], format=written_as).dropna().sort_values().tolist()
        assert log.events.loc[log.events["activity"] == step, "time"].sort_values().tolist() == there
