"""Databases: the same events as from a file, from real servers; nothing written there, no address and password anywhere."""

import csv
import json
import os
import pickle
import sqlite3
import subprocess
import sys
import threading
import time
import traceback
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from servers import BASE, OWNER, PASSWORD, mariadb, postgresql  # noqa: F401

import procmine
from procmine import Columns, Database, LogError
from procmine.load.databases.queries import is_ordered

pytestmark = pytest.mark.xdist_group("servers")  # one worker starts them

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "event_logs" / "child_support.csv"
HOSTILE = "ev\"en`ts'; drop table plain; --"
ODD = ['ca"se', "step; --", "tīme 申請", "100% a:b", "select", "Ünit'"]


@pytest.fixture
def sqlite(tmp_path, monkeypatch):
    """A file with three events, and its address in PERMITS_DB."""
    file = tmp_path / "permits.db"
    with sqlite3.connect(file) as base:
        base.execute(
            "create table events (id integer primary key, case_id text, activity text, time text, office text)"
        )
        base.executemany("insert into events values (?, ?, ?, ?, ?)", three("North"))
    base.close()
    monkeypatch.setenv("PERMITS_DB", f"sqlite:///{file}")
    return file


def three(office):
    steps = [
        ("A", "Start", "2024-01-01 10:00:00"),
        ("A", "End", "2024-01-03 09:30:00"),
        ("B", "Start", "2024-01-02 08:00:00"),
    ]
    return [(row, *step, office if row < 3 else None) for row, step in enumerate(steps, 1)]


def execute(server, *lines):
    with server.connect() as base, base.cursor() as cursor:
        for line in lines:
            cursor.execute(line)


def count(server, table):
    with server.connect() as base, base.cursor() as cursor:
        cursor.execute(f"select count(*) from {table}")
        return cursor.fetchone()[0]


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request, monkeypatch):
    """Each server, with a table `events` like that of the file."""
    found = request.getfixturevalue(request.param)
    monkeypatch.setenv("PERMITS_DB", found.url)
    execute(
        found,
        "drop table if exists events",
        "create table events (id int primary key, case_id varchar(20), activity varchar(40), office text, time "
        + ("timestamp)" if request.param == "postgresql" else "datetime)"),
    )
    with found.connect() as base, base.cursor() as cursor:
        lines = "insert into events (id, case_id, activity, time, office) values (%s, %s, %s, %s, %s)"
        cursor.executemany(lines, three("North"))
    return found


def refused(database, columns=None, **more):
    """The error, which holds nothing of the address however it is shown."""
    with pytest.raises((LogError, ValueError)) as caught:
        procmine.read(database, columns=columns or Columns(), **more)
    error = caught.value
    shown = [str(error), repr(error), "".join(traceback.format_exception(error)), repr(error.args)]
    around = error
    while around is not None:  # also what is not printed
        shown.append(str(around))
        around = around.__cause__ or around.__context__
    for secret in (PASSWORD, "Geheim", OWNER, "127.0.0.1", "hunter2"):
        assert not [one for one in shown if secret in one], secret
    return str(error)


# ---- the same events, from everywhere ----


def typed(kind):
    """How the sample's table is made; text that is longer than a key may be has its length said."""
    moment = "timestamp" if kind == "postgresql" else "datetime"
    texts = ["office", "case_type", "contested", "channel", "staff", "unit"]
    columns = ["case_id varchar(20)", "family_id varchar(20)", "activity varchar(60)", f"timestamp_ {moment}"]
    return ", ".join(["row_number_ int primary key", *columns, *(f"{one} varchar(40)" for one in texts)])


def is_a_time(text):
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False


@pytest.fixture(scope="module")
def sample():
    """Its header and rows, without those whose time no database would take, and without repeated ones: rows get a key."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    good = dict.fromkeys(tuple(row) for row in rows if is_a_time(row[3]))
    return header, [(number, *(value or None for value in row)) for number, row in enumerate(good, 1)]


ATTRIBUTES = {
    "attributes": ("family_id", "office", "case_type", "contested", "channel"),
    "event_attributes": ("staff", "unit"),
}
SAID = {"cutoff": "2026-10-31", "ends": ["First payment received", "Dismissed", "Withdrawn"]}


@pytest.fixture(scope="module")
def expected(sample, tmp_path_factory):
    """The log of the sample's rows, read from a file."""
    header, rows = sample
    path = tmp_path_factory.mktemp("sample") / "sample.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *(row[1:] for row in rows)])
    return procmine.read(path, columns=Columns(case="case_id", **ATTRIBUTES), **SAID)


@pytest.fixture(scope="module", params=["sqlite", "postgresql", "mariadb"])
def filled(request, sample, tmp_path_factory):
    """The address of a database whose table `sample` holds those rows."""
    kind, rows = request.param, sample[1]
    if kind == "sqlite":
        path = tmp_path_factory.mktemp("filled") / "sample.sqlite"
        with sqlite3.connect(path) as base:
            base.execute(f"create table sample ({typed(kind)})")
            base.executemany(f"insert into sample values ({', '.join('?' * 11)})", rows)
        base.close()
        return f"sqlite:///{path}"
    found = request.getfixturevalue(kind)
    execute(found, "drop table if exists sample", f"create table sample ({typed(kind)})")
    with found.connect() as base, base.cursor() as cursor:
        if kind == "postgresql":
            with cursor.copy("copy sample from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            base.begin()
            cursor.executemany(f"insert into sample values ({', '.join(['%s'] * 11)})", rows)
            base.commit()
    return found.url


@pytest.mark.parametrize("how", ["table", "query"])
def test_the_same_log_from_a_file_and_from_every_database(monkeypatch, expected, filled, how):
    monkeypatch.setenv("PERMITS_DB", filled)
    query = "select * from sample where row_number_ >= :first order by row_number_"
    asked = {"table": "sample"} if how == "table" else {"query": query, "values": {"first": 1}}
    where = Database("PERMITS_DB", **asked)
    columns = Columns(case="case_id", activity="activity", timestamp="timestamp_", **ATTRIBUTES)
    log = procmine.read(where, columns=columns, **SAID)
    assert len(log.events) > 51_900
    fates, theirs = procmine.load_report(log).rows, procmine.load_report(expected).rows
    assert list(zip(fates["reason"], fates["rows"])) == list(zip(theirs["reason"], theirs["rows"]))
    assert log.events.equals(expected.events)
    assert log.cases.equals(expected.cases)
    again = procmine.read(where, columns=columns, **SAID)
    assert again.about.source == log.about.source and len(log.about.source["data_sha256"]) == 64


def test_a_spec_names_the_variable_and_never_the_address(sqlite, tmp_path):
    spec = tmp_path / "permits.yaml"
    spec.write_text(
        "database:\n  url_from: PERMITS_DB\n  query: select case_id, activity, time from events where office = :office "
        "order by id\n  values: {office: North}\n"
    )
    log = procmine.read(spec, ends=["End"])
    assert len(log.events) == 2 and log.about.source["data"] == "database PERMITS_DB, a query"


def test_only_the_columns_that_a_log_needs_are_asked_for(sqlite):
    log = procmine.read(
        Database("PERMITS_DB", table="events"), columns=Columns(event_attributes=("office",)), ends=["End"]
    )
    assert log.about.attributes == () and log.about.event_attributes == ("office",)
    assert list(log.events["office"].fillna("-")) == ["North", "North", "-"]


def test_names_that_are_hostile_are_only_names(server):
    quote = "`" if "mysql" in server.url else '"'
    quoted = [f"{quote}{name.replace(quote, quote * 2)}{quote}" for name in (HOSTILE, *ODD)]
    kinds = ["varchar(9)", "varchar(9)", "varchar(30)", "int", "int", "int"]
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(quoted[1:], kinds))
    execute(server, "drop table if exists plain", "create table plain (a int)", f"drop table if exists {quoted[0]}")
    execute(server, f"create table {quoted[0]} ({columns})")
    execute(
        server,
        f"insert into {quoted[0]} values ('A', 'Start', '2024-01-01', 1, 2, 3), ('A', 'End', '2024-01-02', 1, 5, 3)",
    )
    columns = Columns(case=ODD[0], activity=ODD[1], timestamp=ODD[2], attributes=ODD[3:4], event_attributes=ODD[4:])
    log = procmine.read(Database("PERMITS_DB", table=HOSTILE), columns=columns, ends=["End"])
    assert list(log.events["select"]) == ["2", "5"] and list(log.cases["100% a:b"]) == ["1"]
    assert count(server, "plain") == 0
    execute(server, f"drop table {quoted[0]}", "drop table plain")


def test_a_name_with_its_schema(postgresql, monkeypatch):  # noqa: F811
    execute(
        postgresql,
        'drop schema if exists "Case.Files" cascade',
        'create schema "Case.Files"',
        'create table "Case.Files".events (case_id text, activity text, time date)',
        """insert into "Case.Files".events values ('A', 'Start', '2024-01-01'), ('A', 'End', '2024-02-01')""",
    )
    monkeypatch.setenv("PERMITS_DB", postgresql.url)
    assert len(procmine.read(Database("PERMITS_DB", table="Case.Files.events")).events) == 2
    said = refused(Database("PERMITS_DB", table="evnts"))
    assert "no such table" in said and "Case.Files.events" in said
    execute(postgresql, 'drop schema "Case.Files" cascade')


# ---- types ----


def test_types_of_postgresql(postgresql, monkeypatch):  # noqa: F811
    monkeypatch.setenv("PERMITS_DB", postgresql.url)
    execute(
        postgresql,
        "drop table if exists kinds",
        "create table kinds (case_id uuid, activity text, time timestamptz, pay numeric(10, 2), any_number numeric, "
        "n bigint, yes boolean, day date, wall timestamp, doc jsonb, bytes bytea, list int[], address inet, none text, "
        "span interval)",
        """insert into kinds values
        ('12345678-1234-5678-1234-567812345678', 'Start', '2024-03-31 02:30:00+01', 3.50, 1e3, 9007199254740993, true,
         '2024-02-29', '2024-01-01 00:00:00.000001', '{"a": 1}', 'x', '{1}', '10.0.0.1', null, '1 day'),
        ('12345678-1234-5678-1234-567812345678', 'End', '2024-03-31 03:30:00+02', null, 1.50, null, false,
         null, null, null, null, null, null, null, null)""",
    )
    log = procmine.read(Database("PERMITS_DB", table="kinds"), ends=["End"])
    assert log.about.axis == "instant"
    assert [str(one) for one in log.events["time"]] == ["2024-03-31 01:30:00"] * 2  # 02:30+01 is 03:30+02
    assert list(log.cases["case"]) == ["12345678-1234-5678-1234-567812345678"]
    assert log.cases[["pay", "n", "day"]].to_numpy().tolist() == [["3.50", "9007199254740993", "2024-02-29"]]
    assert list(log.events["any_number"]) == ["1000", "1.50"] and list(log.events["yes"]) == ["true", "false"]
    assert list(log.cases["wall"]) == ["2024-01-01 00:00:00.000001"] and list(log.cases["address"]) == ["10.0.0.1"]
    assert "Left out: columns that hold bytes, lists or documents (doc, bytes, list)." in str(log)
    query = "select *, case_id::text as c from kinds order by time"
    found = procmine.read(Database("PERMITS_DB", query=query), columns=Columns(case="c"), ends=["End"])
    assert found.events[["time", "any_number"]].equals(log.events[["time", "any_number"]])
    assert "(doc, bytes, list)" in str(found)
    execute(postgresql, "drop table kinds")


def test_moments_of_mariadb_do_not_depend_on_the_session(mariadb, monkeypatch):  # noqa: F811
    monkeypatch.setenv("PERMITS_DB", mariadb.url)
    execute(
        mariadb,
        "drop table if exists kinds",
        "create table kinds (case_id int, activity text, time timestamp null, wall datetime(6), flag bit(1), "
        "pay decimal(9, 2), bytes blob)",
        "insert into kinds values (1, 'Start', '2024-01-01 05:30:00', '2024-01-01 03:00:00.5', b'1', 3.5, 'x')",  # at +03:00
        "insert into kinds values (1, 'End', '2024-01-02 05:30:00', null, b'0', null, null)",
    )
    for where in (
        {"table": "kinds"},
        {"query": "select case_id, activity, time, wall, flag + 0 as flag, pay, bytes from kinds"},
    ):
        log = procmine.read(Database("PERMITS_DB", **where), ends=["End"])
        assert [str(one) for one in log.events["time"]] == ["2024-01-01 02:30:00", "2024-01-02 02:30:00"]
        assert log.about.axis == "instant"
        assert list(log.cases["wall"]) == ["2024-01-01 03:00:00.500000"] and list(log.cases["pay"]) == ["3.50"]
        assert list(log.events["flag"]) == ["1", "0"] and "(bytes)" in str(log)
    found = procmine.read(Database("PERMITS_DB", table="kinds"), columns=Columns(timestamp="wall"), ends=["Start"])
    assert found.about.axis == "civil" and len(found.events) == 1
    execute(mariadb, "drop table kinds")


def test_infinity_is_a_date_that_was_filled_in(postgresql, monkeypatch):  # noqa: F811
    monkeypatch.setenv("PERMITS_DB", postgresql.url)
    execute(
        postgresql,
        "drop table if exists far",
        "create table far (id int primary key, case_id int, activity text, time timestamptz, valid_to date)",
        "insert into far values (1, 1, 'Start', '2024-01-01Z', 'infinity'), (2, 1, 'End', '2024-01-05Z', 'infinity'), "
        "(3, 2, 'Start', 'infinity', '0044-03-15 BC')",
    )
    log = procmine.read(Database("PERMITS_DB", table="far"), cutoff="2024-02-01", ends=["End"])
    assert list(log.cases["valid_to"]) == ["9999-12-31"] and "infinity" in str(log)
    aside = procmine.load_report(log).rows
    assert dict(zip(aside["reason"], aside["rows"])) == {
        "kept: events of the log": 2,
        "later than the last day of the data": 1,
    }
    execute(postgresql, "drop table far")


def test_dates_as_text_are_read_like_those_of_a_file(sqlite):
    with sqlite3.connect(sqlite) as base:
        base.execute("update events set time = '03/04/2024'")
    base.close()
    assert "no value in the column tells which" in refused(Database("PERMITS_DB", table="events"))
    columns = Columns(dates="%d/%m/%Y")
    log = procmine.read(Database("PERMITS_DB", table="events"), columns=columns, ends=["End"])
    assert set(log.events["time"].astype(str)) == {"2024-04-03"}


def test_a_column_of_mixed_values_becomes_text(sqlite):
    with sqlite3.connect(sqlite) as base:
        base.execute("create table mixed (case_id, activity, time, what)")
        rows = [("x", "2024-01-01", 1), ("y", "2024-01-02", "one"), ("z", "2024-01-03", 1.0)]
        base.executemany("insert into mixed values ('A', ?, ?, ?)", rows)
    base.close()
    log = procmine.read(Database("PERMITS_DB", table="mixed"), ends=["z"])
    assert list(log.events["what"]) == ["1", "one", "1.0"]


def test_numbers_are_written_as_people_write_them():
    from decimal import Decimal

    from procmine.load.databases.records import Gathering

    column = Gathering()
    column.add([Decimal("1E+3"), Decimal("0.10"), Decimal("NaN"), True, 2, None, 1.5])
    column.add([None, None])
    column.add([datetime(2024, 1, 1)])
    assert column.column().to_pylist() == [
        "1000",
        "0.10",
        "NaN",
        "true",
        "2",
        None,
        "1.5",
        None,
        None,
        "2024-01-01 00:00:00",
    ]


def test_times_of_several_kinds_become_text_and_keep_their_meaning():
    from datetime import UTC, date

    from procmine.load.databases.records import Gathering

    column = Gathering()
    for value in (None, datetime(2024, 1, 1, 10, tzinfo=UTC), datetime(2024, 1, 1, 10), date(2024, 1, 2), "soon"):
        column.add([value])
    found = column.column().to_pylist()
    assert found == [None, "2024-01-01 10:00:00.000000Z", "2024-01-01 10:00:00", "2024-01-02", "soon"]


def test_rows_that_repeat_are_told_by_columns_that_are_not_kept(sqlite):
    with sqlite3.connect(sqlite) as base:
        base.execute("create table twice (case_id, activity, time, detail)")
        rows = [
            ("A", "x", "2024-01-01", -1),
            ("A", "x", "2024-01-01", -2),
            ("A", "x", "2024-01-01", -2),
            ("A", "y", "2024-01-02", 0),
        ]
        base.executemany("insert into twice values (?, ?, ?, ?)", rows)
        base.execute("create table keyed as select rowid as id, * from twice where 0")
        base.execute("drop table keyed")
        base.execute("create table keyed (id integer primary key, case_id, activity, time, detail)")
        base.execute("insert into keyed select rowid, * from twice")
    base.close()
    only = Columns(attributes=())
    for where, kept in (
        ({"table": "twice"}, 3),
        ({"query": "select * from twice order by time"}, 3),
        ({"table": "keyed"}, 4),
    ):
        assert len(procmine.read(Database("PERMITS_DB", **where), columns=only, ends=["y"]).events) == kept
    assert (
        len(procmine.read(Database("PERMITS_DB", query="select case_id, activity, time from twice"), ends=["y"]).events)
        == 2
    )


# ---- order ----


def test_what_orders_events_of_one_moment_is_said(sqlite):
    def said(**where):
        return str(procmine.read(Database("PERMITS_DB", **where), ends=["End"]))

    with sqlite3.connect(sqlite) as base:
        base.execute("create view seen as select case_id, activity, time, id as seq from events")
        base.execute("create table loose as select case_id, activity, time from events")
    base.close()
    assert "in the order of the table's key (id)" in said(table="events")
    assert "no order of their own" in said(table="loose") and "no order of their own" not in said(table="seen")
    assert "no ORDER BY" in said(query="select * from (select * from loose order by time) as x")
    assert "ORDER BY" not in said(query="select * from loose order by time")


@pytest.mark.parametrize(
    ("query", "ordered"),
    [
        ("select a from t order  by b", True),
        ("select row_number() over (order by b) from t", False),
        ("select 'order by' from t -- order by b", False),
        ('select "order by" from t /* order by */', False),
        ("with x as (select a from t order by (b)) select a from x", False),
        ("with x as (select a from t order by (b)) select a from x ORDER\nBY lower(a)", True),
    ],
)
def test_which_queries_are_ordered(query, ordered):
    assert is_ordered(query) is ordered


def test_key_decides_among_events_of_one_moment(server, sqlite, monkeypatch):
    """Not the order in which rows were written, in which servers keep them."""
    made = [
        "drop table if exists moved",
        "create table moved (k varchar(9) primary key, case_id text, activity text, time date)",
    ]
    values = ("('c', 'A', 'three', '2024-01-01')", "('a', 'A', 'one', '2024-01-01')", "('b', 'A', 'two', '2024-01-01')")
    rows = "insert into moved values " + ", ".join(values)
    execute(server, *made, rows)
    with sqlite3.connect(sqlite) as base:
        for line in (*made, rows):
            base.execute(line)
    base.close()
    for address in (server.url, f"sqlite:///{sqlite}"):
        monkeypatch.setenv("PERMITS_DB", address)
        log = procmine.read(Database("PERMITS_DB", table="moved"), ends="every case")
        assert list(log.events["activity"]) == ["one", "two", "three"]


# ---- nothing is written there ----


def test_a_value_is_never_sql(server):
    injected = "North'; drop table events; --"
    query = "select case_id, activity, time from events where office = :office"
    said = refused(Database("PERMITS_DB", query=query, values={"office": injected}))
    assert "no row" in said and injected not in said and count(server, "events") == 3
    execute(server, "insert into events values (4, 'C', 'Start', 'North''; drop table events; --', '2024-01-05')")
    log = procmine.read(Database("PERMITS_DB", query=query, values={"office": injected}), ends="every case")
    assert list(log.events["case"]) == ["C"] and count(server, "events") == 4


WRITES = [
    "insert into events values (9, 'A', 'x', null, null)",
    "delete from events",
    "drop table events",
    "select 1; drop table events",
    "select 1; select 2",
    "select 'a;b'",
    "select case_id into other from events",
    "with gone as (delete from events returning *) select * from gone",
    "select 'a\\'; drop table events; --'",
    "select * from events where office = 'a\\' into outfile 'x' -- '",
    "/* select */ update events set office = 'x'",
    "/*!select*/ select 1",
    "",
    "-- select",
]


@pytest.mark.parametrize("query", WRITES)
def test_a_query_that_writes_is_refused_before_it_is_sent(sqlite, query):
    said = refused(Database("PERMITS_DB", query=query))
    assert [one for one in ("no semicolon", "begins with SELECT", "holds the word") if one in said]
    assert sqlite3.connect(sqlite).execute("select count(*) from events").fetchall() == [(3,)]


def test_words_inside_quotes_do_not_write(sqlite):
    query = "select case_id, activity, time, 'delete from; '  as \"update\" from events order by id".replace("; ", " ")
    log = procmine.read(Database("PERMITS_DB", query=query + " ;\n"), ends=["End"])
    assert list(log.cases["update"].unique()) == ["delete from "]


def test_the_server_itself_refuses_to_write(postgresql, mariadb, sqlite, monkeypatch):  # noqa: F811
    """By functions that write, which no look at the query can tell."""
    execute(
        postgresql,
        "create table if not exists written (a int)",
        "create or replace function sneak() returns int language sql as 'insert into written values (1) returning a'",
    )
    monkeypatch.setenv("PERMITS_DB", postgresql.url)
    assert "only reads" in refused(Database("PERMITS_DB", query="select sneak() as case_id"))
    assert count(postgresql, "written") == 0
    execute(
        mariadb,
        "create table if not exists written (a int)",
        "drop function if exists sneak",
        "create function sneak() returns int begin insert into written values (1); return 1; end",
    )
    monkeypatch.setenv("PERMITS_DB", mariadb.url)
    assert "only reads" in refused(Database("PERMITS_DB", query="select sneak() as case_id"))
    assert count(mariadb, "written") == 0
    from sqlalchemy.exc import OperationalError

    from procmine.load.databases.link import _opened, address, connected

    monkeypatch.setenv("PERMITS_DB", f"sqlite:///{sqlite}")
    with pytest.raises(OperationalError, match="readonly"), connected(address("PERMITS_DB")) as connection:
        connection.exec_driver_sql("delete from events")
    with closing(_opened(sqlite)) as base, pytest.raises(sqlite3.OperationalError, match="readonly"):  # the file itself
        base.execute("delete from events")


# ---- errors ----


@pytest.mark.parametrize(
    "given",
    [
        "postgresql://u:hunter2@h/d",
        "sqlite:////data/permits.db",
        "host=h password=hunter2",
        "hunter2!",
        "",
        "1DB",
        None,
    ],
)
def test_an_address_in_the_place_of_its_variable_is_refused_and_not_repeated(given):
    with pytest.raises(ValueError, match="NAME of an environment variable") as caught:
        Database(given, table="events")
    assert "hunter2" not in "".join(traceback.format_exception(caught.value)).replace(repr(given), "")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"table": "a", "query": "select 1"},
        {"table": "a", "values": {"b": 1}},
        {"query": "select 1", "values": {"b": None}},
    ],
)
def test_a_database_is_one_table_or_one_query(given):
    with pytest.raises(ValueError, match=r"table or a query|values"):
        Database("PERMITS_DB", **given)


def test_values_are_not_shown():
    assert "Kim" not in repr(Database("PERMITS_DB", query="select :who", values={"who": "Kim"}))


def test_a_variable_that_is_not_set_says_how_to_set_it(monkeypatch):
    monkeypatch.delenv("PERMITS_DB", raising=False)
    said = refused(Database("PERMITS_DB", table="events"))
    assert '$env:PERMITS_DB = "' in said and 'export PERMITS_DB="' in said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mssql://u:hunter2@127.0.0.1/d", r"SQL Server.*mssql-python"),
        ("oracle://u:hunter2@127.0.0.1/d", r"Oracle.*oracledb"),
        ("mysql+mysqldb://u:hunter2@127.0.0.1/d", r"MySQL.*pymysql\[rsa\]"),
        ("postgresql://u:hunter2@127.0.0.1:1/d", "nothing answers"),
        ("mysql://u:hunter2@127.0.0.1:1/d", "nothing answers"),
        ("postgresql://u:hunter2@no-such-host.invalid/d", "host in the address cannot be found"),
        ("mysql://u:hunter2@no-such-host.invalid/d", "host in the address cannot be found"),
        ("postgresql://u:hunter2@127.0.0.1:hunter2/d", "not the address of a database"),
        ("hunter2", "not the address of a database"),
        ("db2://u:hunter2@127.0.0.1/d", "begins with none of"),
        ("db2+ibm://u:hunter2@127.0.0.1/d", "kind of database is not known"),
        ("sqlite:////hunter2.db", "file that is not there"),
        ("sqlite://", "file that is not there"),
        ("sqlite:///file:hunter2?mode=rwc&uri=true", "no options"),
    ],
)
def test_addresses_that_lead_nowhere(monkeypatch, url, said):
    import re

    monkeypatch.setenv("PERMITS_DB", url)
    assert re.search(said, refused(Database("PERMITS_DB", table="events")))


def test_wrong_user_password_base_and_rights(server, monkeypatch):
    table = Database("PERMITS_DB", table="events")
    for wrong, said in (
        (server.url.replace("Geheim", "hunter2"), "user or the password"),
        (server.url.replace(OWNER, "hunter2"), "user or the password"),
        (server.url.replace(f"/{BASE}", "/hunter2"), "no database of the name"),
    ):
        monkeypatch.setenv("PERMITS_DB", wrong)
        assert said in refused(table)
    guest = "guest" if "postgres" in server.url else "guest@'%'"
    execute(server, f"drop user if exists {guest}")
    execute(server, f"create user {guest} " + ("password" if guest == "guest" else "identified by") + " 'hunter2'")
    execute(
        server,
        *([] if guest == "guest" else ["create database if not exists other", f"grant select on other.* to {guest}"]),
    )
    url = f"{server.url.split('://')[0]}://guest:hunter2@{server.url.split('@')[1]}"
    monkeypatch.setenv("PERMITS_DB", url if guest == "guest" else url.replace(f"/{BASE}", "/other"))
    said = refused(Database("PERMITS_DB", query=f"select * from {'' if guest == 'guest' else BASE + '.'}events"))
    assert "may not read" in said
    execute(server, f"drop user {guest}")


def test_wrong_names_and_wrong_sql(server):
    assert "'events'" in refused(Database("PERMITS_DB", table="evnts"))
    assert "offce" in refused(Database("PERMITS_DB", query="select offce from events"))
    assert "evnts" in refused(Database("PERMITS_DB", query="select * from evnts"))
    assert "not SQL" in refused(Database("PERMITS_DB", query="select from from events hunter2 hunter2"))
    assert "'offce'" in refused(Database("PERMITS_DB", table="events"), Columns(attributes=("offce",)))
    wrong = {"query": "select * from events where office = :office", "values": {"ofice": "hunter2"}}
    assert ":office" in refused(Database("PERMITS_DB", **wrong))
    wrong["values"] = {"office": "hunter2", "other": 1}
    assert "no :other" in refused(Database("PERMITS_DB", **wrong))


def test_wrong_values_are_not_repeated(postgresql, monkeypatch):  # noqa: F811
    monkeypatch.setenv("PERMITS_DB", postgresql.url)
    said = refused(Database("PERMITS_DB", query="select 1/0 as case_id"))
    assert "22012" in said
    refused(Database("PERMITS_DB", query="select * from pg_class where oid = cast(:a as int)", values={"a": "hunter2"}))


def test_a_connection_that_breaks_while_rows_are_sent(server):
    """The server ends it in the middle; nothing half-read comes back."""
    made = "'x' as activity, '2024-01-01' as time"
    if "mysql" in server.url:
        query = f"select seq as case_id, {made}, sleep(0.001) as slowly from seq_1_to_1000000"
        find = "select id from information_schema.processlist where info like '%slowly%' and id <> connection_id()"
        end = "kill {}"
    else:
        query = f"select n as case_id, {made}, pg_sleep(0.001) is null as slowly from generate_series(1, 1000000) n"
        find = "select pid from pg_stat_activity where state = 'active' and query like 'FETCH%'"
        end = "select pg_terminate_backend({})"

    def cut():
        until, found = time.monotonic() + 30, []
        with server.connect() as base, base.cursor() as cursor:
            while not found and time.monotonic() < until:
                time.sleep(0.5)
                cursor.execute(find)
                found = cursor.fetchall()
            for (one,) in found:
                cursor.execute(end.format(one))

    thread = threading.Thread(target=cut)
    thread.start()
    said = refused(Database("PERMITS_DB", query=query))
    thread.join()
    assert "lost after" in said


def test_text_that_is_no_text(sqlite):
    with sqlite3.connect(sqlite) as base:
        base.execute("update events set office = cast(x'68756e74657232ff' as text) where id = 2")
    base.close()
    assert "'office'" in refused(Database("PERMITS_DB", table="events"))


def test_files_that_are_no_database(tmp_path, monkeypatch):
    (tmp_path / "x.db").write_bytes(b"hunter2" * 1_000)
    monkeypatch.setenv("PERMITS_DB", f"sqlite:///{tmp_path}/x.db")
    assert "not an SQLite database" in refused(Database("PERMITS_DB", table="events"))


def test_an_empty_table(server):
    execute(server, "delete from events")
    assert "no row can be used" in refused(Database("PERMITS_DB", table="events"))


# ---- the password is nowhere ----


def test_the_address_is_nowhere_in_what_is_written(server, tmp_path, monkeypatch, caplog):
    import logging

    with caplog.at_level(logging.INFO, logger="sqlalchemy"):  # as one would who looks for an error
        query = "select case_id, activity, time, office from events where office = :office or 1 = 1 order by id"
        log = procmine.read(
            Database("PERMITS_DB", query=query, values={"office": "Kim hunter2"}), ends=["End"], set_aside=tmp_path
        )
    procmine.save(log, tmp_path / "saved")
    told = (
        json.dumps(log.about.to_dict()) + str(log) + repr(log) + str(procmine.load_report(log)) + str(pickle.dumps(log))
    )
    held = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    port = server.url.rsplit(":", 1)[1].split("/")[0]
    for secret in (PASSWORD, server.url.split(":", 2)[2].split("@")[0], "Geheim", OWNER, "hunter2", "127.0.0.1", port):
        assert secret not in told and secret.encode() not in held and secret not in caplog.text, secret


def test_an_executed_notebook_and_its_report_hold_no_address(server, tmp_path, monkeypatch):
    spec = tmp_path / "permits.yaml"
    spec.write_text("database: {url_from: PERMITS_DB, table: events}\nends: {End: granted}\ncutoff: 2024-01-31\n")
    notebook = ROOT / "notebooks" / "01_check_the_data.ipynb"
    done = subprocess.run(
        [sys.executable, "-m", "procmine.cli", "report", str(notebook), "-p", f"source={spec}", "-o", str(tmp_path / "out")],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    files = [file for file in (tmp_path / "out").rglob("*") if file.is_file()]
    held = b"".join(file.read_bytes() for file in files) + (done.stdout + done.stderr).encode()
    assert b"PERMITS_DB" in held and any(file.suffix == ".ipynb" for file in files)
    for secret in (PASSWORD, "Geheim", OWNER, server.url.split("@")[1]):
        assert secret.encode() not in held, secret


# ---- memory ----

MANY = 400_000
TABLE = "create table many (id int primary key, case_id varchar(20), activity varchar(40), office varchar(40), time {})"
FILLED = {
    "sqlite": [
        TABLE.format("datetime"),
        f"with recursive n(i) as (select 1 union all select i + 1 from n where i < {MANY}) insert into many select i, "
        "'case ' || i / 10, 'Step ' || i % 12, 'Office ' || i / 10 % 7, datetime(1600000000 + i * 60, 'unixepoch') from n",
    ],
    "postgresql": [
        TABLE.format("timestamptz"),
        "insert into many select i, 'case ' || i / 10, 'Step ' || i % 12, 'Office ' || i / 10 % 7, "
        f"to_timestamp(1600000000 + i * 60) from generate_series(1, {MANY}) i",
    ],
    "mariadb": [
        TABLE.format("timestamp null"),
        "insert into many select seq, concat('case ', seq div 10), concat('Step ', seq % 12), "
        f"concat('Office ', seq div 10 % 7), from_unixtime(1600000000 + seq * 60) from seq_1_to_{MANY}",
    ],
}
MEASURE = """
import sys, pyarrow, sqlalchemy, procmine
from procmine.load.databases.database import Database, read_database
from procmine.load.columns import Columns

def peak():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

read_database(Database("PERMITS_DB", query="select case_id, activity, time, office from many where id < 10"), Columns())
before = peak()
raw = read_database(Database("PERMITS_DB", table="many"), Columns())
print(len(raw.table), raw.table.nbytes, peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only on Linux")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_many_events_take_little_more_memory_than_they_fill(request, tmp_path, kind):
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path}/many.db"
        with sqlite3.connect(tmp_path / "many.db") as base:
            for line in FILLED[kind]:
                base.execute(line)
        base.close()
    else:
        server = request.getfixturevalue(kind)
        url = server.url
        execute(server, "drop table if exists many", *FILLED[kind])
    environ = {**os.environ, "PERMITS_DB": url, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", MEASURE], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows, held, grown = map(int, done.stdout.split())
    print(f"{kind}: {rows:,} rows in {held / 1e6:.0f} MB, the peak grew by {grown / 1e6:.0f} MB")
    assert rows == MANY
    assert grown < 2 * held + 50_000_000, f"{grown / 1e6:.0f} MB for {held / 1e6:.0f} MB"


def test_long_texts_are_fetched_a_few_at_a_time(sqlite):
    with sqlite3.connect(sqlite) as base:
        base.execute("create table long (id, case_id, activity, time, memo)")
        base.execute(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) insert into long select i, i, "
            "'x', '2024-01-01', hex(zeroblob(case when i > 100 then 50000 else 1 end)) || i from n"
        )
    base.close()
    import tracemalloc

    from procmine.load.databases.database import read_database

    tracemalloc.start()
    raw = read_database(Database("PERMITS_DB", table="long"), Columns(attributes=()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(raw.table) == 3_000 and peak < 150_000_000  # the memos are 290 MB


# ---- databases that cannot be started here ----


def compiled(dialect, name, schema, taken, by):
    from procmine.load.databases.database import select_from

    return str(select_from(dialect, name, schema, taken, by).compile(dialect=dialect))


def reflected(name, kind=None):
    from sqlalchemy import String

    return {"name": name, "type": kind or String(), "nullable": True, "default": None}


def test_what_would_be_sent_to_sql_server():
    from sqlalchemy.dialects import mssql

    taken = [reflected(name) for name in ("case_id", "select", "odd] name; --", "x" * 128)]
    long = "x" * 128
    assert compiled(mssql.dialect(), "ev'ents", "my schema", taken, ["id"]) == (
        f"SELECT [my schema].[ev'ents].case_id, [my schema].[ev'ents].[select], [my schema].[ev'ents].[odd]] name; --], "
        f"[my schema].[ev'ents].{long} \nFROM [my schema].[ev'ents] ORDER BY [my schema].[ev'ents].id"
    )


def test_what_would_be_sent_to_oracle():
    from sqlalchemy.dialects import oracle

    taken = [
        reflected("case_id"),
        reflected("Case"),
        reflected('a"b; --'),
        reflected("time", oracle.TIMESTAMP(timezone=True)),
    ]
    assert compiled(oracle.dialect(), "events", "permits", [*taken, reflected("day", oracle.DATE())], ["id"]) == (
        'SELECT permits.events.case_id, permits.events."Case", permits.events."a""b; --", '
        "sys_extract_utc(permits.events.time) AS time, permits.events.day \n"
        "FROM permits.events ORDER BY permits.events.id"
    )


@pytest.mark.parametrize(("kind", "mark"), [("mssql", ":office"), ("oracle", ":office")])
def test_values_are_sent_beside_the_query(kind, mark):
    import importlib

    from procmine.load.databases.database import bound

    dialect = importlib.import_module(f"sqlalchemy.dialects.{kind}").dialect()
    made = bound("select a from t where office = :office;", {"office": "North'; drop table t; --"}).compile(
        dialect=dialect
    )
    assert "North" not in str(made) and ";" not in str(made)
    assert made.params == {"office": "North'; drop table t; --"}


def test_the_drivers_named_are_those_of_the_extras():
    import tomllib
    from pathlib import Path

    from procmine.load.databases.errors import DRIVERS

    extras = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert {name: [driver] for name, driver in DRIVERS.items()} == {name: extras[name] for name in DRIVERS}
