"""Logs of objects: a small one by hand in every encoding, the shared ones against pm4py, and what must be refused."""

import ast
import csv
import gzip
import json
import sqlite3
import warnings
from collections import Counter
from contextlib import closing

import numpy as np
import pm4py
import pytest

from procmine.clocks import to_wall
from procmine.load.columns import Columns
from procmine.load.door import read
from procmine.load.formats.ocel import is_ocel, read_ocel
from procmine.log import LogError

# Two orders and three items. Event 4 packs items of both orders; the two "pick" of order o1 are of different items.
OBJECTS = {"o1": "order", "o2": "order", "i1": "item", "i2": "item", "i3": "item", "idle": "order"}
EVENTS = [
    ("e1", "place", "2024-01-01T10:00:00", {"o1": "new", "i1": "has", "i2": "has"}),
    ("e2", "pick", "2024-01-02T10:00:00", {"o1": "for", "i1": "of"}),
    ("e3", "pick", "2024-01-03T10:00:00", {"o1": "for", "i2": "of"}),
    ("e4", "pack", "2024-01-04T10:00:00", {"o1": "for", "o2": "for", "i1": "of", "i3": "of"}),
    ("e5", "clean", "2024-01-05T10:00:00", {"i3": "of"}),
]
COST = {"e1": "1.5", "e4": "7"}
COLOUR = {"i1": [("1970-01-01T00:00:00", "red"), ("2024-01-03T00:00:00", "blue")]}
FLAT = [  # row, case, step, cost, qualifier
    (1, "o1", "place", "1.5", "new"),
    (2, "o1", "pick", None, "for"),
    (3, "o1", "pick", None, "for"),
    (4, "o1", "pack", "7", "for"),
    (4, "o2", "pack", "7", "for"),
]


def json_1(path):
    events = {
        id: {
            "ocel:activity": step,
            "ocel:timestamp": time,
            "ocel:omap": list(related),
            "ocel:typedOmap": [{"ocel:oid": one, "ocel:qualifier": how} for one, how in related.items()],
            "ocel:vmap": {"cost": float(COST[id])} if id in COST else {},
        }
        for id, step, time, related in EVENTS
    }
    objects = {
        id: {"ocel:type": kind, "ocel:ovmap": {"colour": COLOUR[id][0][1]} if id in COLOUR else {}}
        for id, kind in OBJECTS.items()
    }
    changes = [
        {
            "ocel:oid": "i1",
            "ocel:type": "item",
            "ocel:field": "colour",
            "colour": "blue",
            "ocel:timestamp": "2024-01-03",
        }
    ]
    path.write_text(json.dumps({"ocel:events": events, "ocel:objects": objects, "ocel:objectChanges": changes}))


def json_2(path):
    events = [
        {
            "id": id,
            "type": step,
            "time": time,
            "attributes": [{"name": "cost", "value": float(COST[id])}] if id in COST else [],
            "relationships": [{"objectId": one, "qualifier": how} for one, how in related.items()],
        }
        for id, step, time, related in EVENTS
    ]
    objects = [
        {
            "id": id,
            "type": kind,
            "attributes": [{"name": "colour", "time": time, "value": value} for time, value in COLOUR.get(id, [])][
                ::-1
            ],
        }
        for id, kind in OBJECTS.items()
    ]
    path.write_text(json.dumps({"objectTypes": [], "eventTypes": [], "events": events, "objects": objects}))


def xml_1(path):
    def event(id, step, time, related):
        cost = f'<float key="cost" value="{float(COST[id])}"/>' if id in COST else ""
        links = "".join(f'<string key="object-id" value="{one}" qualifier="{how}"/>' for one, how in related.items())
        own = f'<string key="id" value="{id}"/><string key="activity" value="{step}"/><date key="timestamp" value="{time}"/>'
        return f'<event>{own}<list key="omap">{links}</list><list key="vmap">{cost}</list></event>'

    def one(id, kind):
        held = "".join(
            f'<string key="colour" value="{value}" timestamp="{time}"/>' for time, value in COLOUR.get(id, [])
        )
        own = f'<string key="id" value="{id}"/><string key="type" value="{kind}"/>'
        return f'<object>{own}<list key="ovmap">{held}</list></object>'

    events, objects = "".join(event(*each) for each in EVENTS), "".join(one(*each) for each in OBJECTS.items())
    path.write_text(f"<log><global scope='event'/><events>{events}</events><objects>{objects}</objects></log>")


def xml_2(path):
    def event(id, step, time, related):
        cost = f'<attribute name="cost">{float(COST[id])}</attribute>' if id in COST else ""
        links = "".join(f'<relationship object-id="{one}" qualifier="{how}"/>' for one, how in related.items())
        inside = f"<attributes>{cost}</attributes><objects>{links}</objects>"
        return f'<event id="{id}" type="{step}" time="{time}">{inside}</event>'

    def one(id, kind):
        held = "".join(
            f'<attribute name="colour" time="{time}">{value}</attribute>' for time, value in COLOUR.get(id, [])
        )
        return f'<object id="{id}" type="{kind}"><attributes>{held}</attributes></object>'

    cost = '<attributes><attribute name="cost" type="float"/></attributes>'
    types = f'<event-types><event-type name="place">{cost}</event-type></event-types>'
    events, objects = "".join(event(*each) for each in EVENTS), "".join(one(*each) for each in OBJECTS.items())
    path.write_text(f"<log><object-types/>{types}<objects>{objects}</objects><events>{events}</events></log>")


def sqlite_1(path):
    with closing(sqlite3.connect(path)) as base, base:
        base.execute('CREATE TABLE "EVENTS" ("ocel:eid" TEXT, "ocel:timestamp" TEXT, "ocel:activity" TEXT, cost REAL)')
        base.execute('CREATE TABLE "OBJECTS" ("ocel:oid" TEXT, "ocel:type" TEXT, colour TEXT)')
        base.execute(
            'CREATE TABLE "RELATIONS" ("ocel:eid" TEXT, "ocel:oid" TEXT, "ocel:type" TEXT, "ocel:qualifier" TEXT)'
        )
        for id, kind in OBJECTS.items():
            base.execute("INSERT INTO OBJECTS VALUES (?, ?, ?)", (id, kind, COLOUR[id][0][1] if id in COLOUR else None))
        for id, step, time, related in EVENTS:
            base.execute("INSERT INTO EVENTS VALUES (?, ?, ?, ?)", (id, time, step, COST.get(id)))
            rows = [(id, one, OBJECTS[one], how) for one, how in related.items()]
            base.executemany("INSERT INTO RELATIONS VALUES (?, ?, ?, ?)", rows)


def sqlite_2(path, step_table='odd "table'):
    with closing(sqlite3.connect(path)) as base, base:
        for what in ("event", "object"):
            base.execute(f"CREATE TABLE {what} (ocel_id TEXT, ocel_type TEXT)")
            base.execute(f"CREATE TABLE {what}_map_type (ocel_type TEXT, ocel_type_map TEXT)")
        base.execute("CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT)")
        quoted = '"event_' + step_table.replace('"', '""') + '"'
        base.execute(f"CREATE TABLE {quoted} (ocel_id TEXT, ocel_time TEXT, cost REAL)")
        base.execute("CREATE TABLE object_item (ocel_id TEXT, colour TEXT, ocel_time TEXT, ocel_changed_field TEXT)")
        base.execute("CREATE TABLE object_order (ocel_id TEXT, ocel_time TEXT)")
        base.executemany("INSERT INTO object_map_type VALUES (?, ?)", [("item", "item"), ("order", "order")])
        base.execute("INSERT INTO event_map_type VALUES (?, ?)", ("place", step_table))
        base.executemany("INSERT INTO object VALUES (?, ?)", OBJECTS.items())
        for id, values in COLOUR.items():
            for time, value in values:
                base.execute(
                    "INSERT INTO object_item VALUES (?, ?, ?, ?)",
                    (id, value, time, None if "1970" in time else "colour"),
                )
        for id, step, time, related in EVENTS:
            base.execute("INSERT INTO event VALUES (?, ?)", (id, step))
            base.execute(f"INSERT INTO {quoted} VALUES (?, ?, ?)", (id, time, COST.get(id)))
            base.executemany(
                "INSERT INTO event_object VALUES (?, ?, ?)", [(id, one, how) for one, how in related.items()]
            )


def as_csv(path):
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["ocel:eid", "ocel:activity", "ocel:timestamp", "ocel:type:order", "ocel:type:item", "cost"])
        for id, step, time, related in EVENTS:
            held = [[one for one in related if OBJECTS[one] == kind] for kind in ("order", "item")]
            rows.writerow([id, step, time, *(str(one) if one else "" for one in held), COST.get(id, "")])


WRITERS = {
    "1.jsonocel": json_1,
    "2.json": json_2,
    "1.xmlocel": xml_1,
    "2.xml": xml_2,
    "1.sqlite": sqlite_1,
    "2.db": sqlite_2,
}


def said(raw, key):
    return [note.say() for note in raw.notes if note.key == f"load.ocel.{key}"]


@pytest.mark.parametrize("name", WRITERS)
def test_a_small_log_by_hand_in_every_encoding(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    assert is_ocel(path)
    raw = read_ocel(path, Columns(object_type="order"))
    rows = raw.table.to_pydict()
    columns = ("case:concept:name", "concept:name", "cost", "ocel:qualifier")
    assert list(zip(raw.row_numbers(np.arange(5)).tolist(), *(rows[one] for one in columns))) == FLAT
    times = {step: time for _, step, time, _ in EVENTS if step != "pick"}
    assert all(times.get(step, time) == time for step, time in zip(rows["concept:name"], rows["time:timestamp"]))
    assert raw.repeats
    assert said(raw, "kind") == ["A case is one order: 2 cases, 5 events in them, from 4 events of the file."]
    assert said(raw, "idle") == ["1 case (order) without any event: left out."]
    assert said(raw, "convergence") == [
        "1 of 4 events belong to several cases and are counted in each (1 times too often in all): counts of these steps "
        "are too high (pack 1)."
    ]
    assert said(raw, "divergence") == [
        "2 events of the same step in one case belong to different objects of type item: their order means nothing, nor "
        "does the rework seen there (pick 2)."
    ]
    assert said(raw, "deficiency") == ["1 of 5 events concern no order and are left out (clean 1)."]
    assert said(raw, "changes") == []


@pytest.mark.parametrize("name", WRITERS)
def test_objects_have_their_first_value_and_changes_are_said(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    raw = read_ocel(path, Columns(object_type="item"))
    rows = raw.table.to_pydict()
    assert Counter(zip(rows["case:concept:name"], rows["case:colour"])) == {
        ("i1", "red"): 3,
        ("i2", None): 2,
        ("i3", None): 2,
    }
    assert said(raw, "divergence") == []  # place and pack of an item happen once; no item has two of one step
    if name != "1.sqlite":  # which has no place for changes
        assert said(raw, "changes") == ["1 value of objects change over time (colour): each case has its first."]


def test_the_form_as_a_table(tmp_path):
    path = tmp_path / "log.csv"
    as_csv(path)
    log = read(path, columns=Columns(object_type="order"), cutoff="2024-01-06")
    case = log.case.values()[np.repeat(np.arange(len(log)), np.diff(log.offset))]
    steps = [log.about.activities[code] for code in log.activity]
    assert list(zip(case, steps)) == [(case, step) for _, case, step, _, _ in FLAT]
    keys = [note.key for note in log.about.notes if note.key.startswith("load.ocel")]
    assert keys == ["load.ocel.kind", "load.ocel.convergence", "load.ocel.divergence", "load.ocel.deficiency"]


@pytest.mark.parametrize(
    ("cell", "ids"),
    [
        ("['a', 'b']", ["a", "b"]),
        ('["a\'s", "b, c"]', ["a's", "b, c"]),
        ("[1, 2]", ["1", "2"]),
        ("x y", ["x y"]),
        (" ", []),
        ("[]", []),
        ("{'a', 'a'}", ["a"]),
        (r"['it\'s']", ["it's"]),
        ("('a',)", ["a"]),
    ],
)
def test_cells_with_several_ids(tmp_path, cell, ids):
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as out:
        csv.writer(out).writerows(
            [
                ["ocel:eid", "ocel:activity", "ocel:timestamp", "ocel:type:t"],
                ["1", "A", "2024-01-01", cell],
                ["2", "B", "2024-01-02", "['z']"],
            ]
        )
    log = read(path, columns=Columns(object_type="t"))
    assert log.case.values().tolist() == [*ids, "z"]


@pytest.mark.parametrize("cell", ["['a'", "['a' 'b']", "[[1]]", "['a]", "[" * 5_000])
def test_cells_that_are_no_lists_are_refused(tmp_path, cell):
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as out:
        csv.writer(out).writerows(
            [
                ["ocel:eid", "ocel:activity", "ocel:timestamp", "ocel:type:t"],
                ["1", "A", "2024-01-01", "o"],
                ["2", "A", "2024-01-01", cell],
            ]
        )
    with pytest.raises(LogError, match=r"row 3, column 'ocel:type:t' does not hold a list of ids"):
        read(path, columns=Columns(object_type="t"))


def test_the_type_must_be_said_and_is_listed(tmp_path):
    path = tmp_path / "log.json"
    json_2(path)
    with pytest.raises(LogError, match=r"order: 3 objects in 4 events; item: 3 objects in 5 events") as refused:
        read(path)
    assert 'Columns(object_type="item")' in str(refused.value)
    with pytest.raises(LogError, match=r"cannot be 'ordr'.*object_type=\"order\""):
        read(path, columns=Columns(object_type="ordr"))


def flat_facts(log):
    case = log.case.values()[np.repeat(np.arange(len(log)), np.diff(log.offset))]
    return Counter(zip(case, np.array(log.about.activities, object)[log.activity], log.time.tolist()))


def theirs(path, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = pm4py.read_ocel2 if "ocel20" in path.name else pm4py.read_ocel
        frame = pm4py.ocel_flattening(reader(str(path)), kind)
    times = frame["time:timestamp"].dt.tz_localize(None).astype("datetime64[us]").astype("int64")
    return Counter(zip(frame["case:concept:name"], frame["concept:name"], times.tolist()))


SHARED = [
    (f"example_log.{end}", kind)
    for end in ("jsonocel", "xmlocel", "sqlite", "csv")
    for kind in ("order", "element", "delivery")
]
SHARED += [
    (f"ocel20_example.{end}", kind)
    for end in ("jsonocel", "xmlocel", "sqlite")
    for kind in ("Invoice", "Purchase Order", "Payment")
]
SHARED += [("newocel.jsonocel", "item"), ("ocel_order_simulated.csv", "orders"), ("ocel_order_simulated.csv", "items")]


@pytest.mark.parametrize(("name", "kind"), SHARED)
def test_shared_logs_flatten_as_in_pm4py(shared, name, kind):
    log = read(shared / "ocel" / name, columns=Columns(object_type=kind))
    assert flat_facts(log) == theirs(shared / "ocel" / name, kind)


def test_the_encodings_of_one_log_are_equal(shared):
    for kind, of in (("order", 12), ("element", 20), ("delivery", 8)):
        logs = [
            read(shared / "ocel" / f"example_log.{end}", columns=Columns(object_type=kind))
            for end in ("jsonocel", "xmlocel", "sqlite", "csv")
        ]
        facts = [flat_facts(log) for log in logs]
        assert facts[0].total() >= of // 2
        assert all(one == facts[0] for one in facts)
        assert logs[0].about.attributes == logs[2].about.attributes  # the XML and the CSV were written without values
        for name in logs[0].about.attributes:
            assert logs[0].attributes[name].values().tolist() == logs[2].attributes[name].values().tolist()


def test_version_2_is_equal_once_the_zone_is_known(shared):
    """The JSON says its times in UTC; XML and SQLite hold the same as a wall clock of central Europe."""
    for kind in ("Invoice", "Purchase Order", "Payment", "Purchase Requisition"):
        first, *others = (
            read(shared / "ocel" / f"ocel20_example.{end}", columns=Columns(object_type=kind))
            for end in ("jsonocel", "xmlocel", "sqlite")
        )
        for other in others:
            assert np.array_equal(to_wall(first.time, "Europe/Berlin"), other.time)
            assert first.case.values().tolist() == other.case.values().tolist()
            assert first.about.activities == other.about.activities
            assert np.array_equal(first.activity, other.activity)
            for kept in ("attributes", "event_attributes"):
                held = [
                    {name: one.values().tolist() for name, one in getattr(log, kept).items()} for log in (first, other)
                ]
                assert held[0] == held[1]


def test_the_events_of_all_cases_are_the_relations(shared):
    path = shared / "ocel" / "ocel_order_simulated.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for kind in ("orders", "items", "packages"):
        cells = [row[f"ocel:type:{kind}"].strip() for row in rows]
        lists = [ast.literal_eval(cell) if cell else [] for cell in cells]
        log = read(path, columns=Columns(object_type=kind))
        assert len(log.time) == sum(map(len, lists))
        assert len(log) == len({one for cell in lists for one in cell})
        notes = {note.key: note.values for note in log.about.notes}
        assert notes.get("load.ocel.convergence", {"n": 0})["n"] == sum(len(cell) > 1 for cell in lists)
        assert notes["load.ocel.deficiency"]["n"] == sum(not cell for cell in lists)


def test_relations_to_what_is_not_listed_are_counted(tmp_path):
    path = tmp_path / "log.json"
    json_2(path)
    held = json.loads(path.read_text())
    held["events"][0]["relationships"].append({"objectId": "nobody", "qualifier": "x"})
    held["events"][0]["relationships"].append({"objectId": "o1", "qualifier": "also"})
    path.write_text(json.dumps(held))
    raw = read_ocel(path, Columns(object_type="order"))
    assert said(raw, "unknown") == ["1 relation to objects that the file does not list: left out."]
    assert len(raw.table) == 5
    assert json.loads(raw.table["ocel:qualifier"][0].as_py()) == ["new", "also"]


def test_values_of_every_kind_are_text(tmp_path):
    path = tmp_path / "log.jsonocel"
    values = (
        '{"a": 1, "b": 2.50, "c": 3.0, "d": true, "e": null, "f": [1, "x"], "g": 12345678901234567890, "case:x": "y"}'
    )
    event = f'"e1": {{"ocel:activity": "A", "ocel:timestamp": "2024-01-01", "ocel:omap": ["o"], "ocel:vmap": {values}}}'
    path.write_text(
        f'{{"ocel:events": {{{event}}}, "ocel:objects": {{"o": {{"ocel:type": "t", "ocel:ovmap": {{}}}}}}}}'
    )
    row = read_ocel(path, Columns()).table.to_pylist()[0]
    assert {name: row.get(name) for name in "abcdefg"} == {
        "a": "1", "b": "2.50", "c": "3", "d": "true", "e": None, "f": '["1", "x"]', "g": "12345678901234567890"
    }  # fmt: skip
    assert row["event:case:x"] == "y"


def test_xml_with_traces_is_xes_and_an_array_is_a_table(tmp_path):
    path = tmp_path / "log.xml"
    inside = '<string key="concept:name" value="A"/><date key="time:timestamp" value="2024-01-01"/>'
    path.write_text(f'<log><trace><string key="concept:name" value="1"/><event>{inside}</event></trace></log>')
    assert read(path).about.activities == ("A",)
    assert not is_ocel(path)
    path = tmp_path / "log.json"
    path.write_text('[{"case_id": "1", "activity": "A", "timestamp": "2024-01-01"}]')
    assert not is_ocel(path)
    assert read(path).about.activities == ("A",)


def test_a_database_that_is_no_log_of_objects_says_how_to_read_a_table(tmp_path):
    path = tmp_path / "permits.db"
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("CREATE TABLE steps (a)")
        base.execute(
            "CREATE VIEW EVENTS AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        )
        base.execute("CREATE VIEW RELATIONS AS SELECT * FROM EVENTS")
    assert not is_ocel(path)
    with pytest.raises(LogError, match=r"Its tables: steps\. .*url_from"):
        read(path)


def test_a_database_is_never_written(tmp_path):
    path = tmp_path / "log.sqlite"
    sqlite_2(path)
    before = path.read_bytes()
    path.chmod(0o444)
    read(path, columns=Columns(object_type="order"))
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["log.sqlite"]


def test_packed_encodings(tmp_path):
    for name, writer in (("2.json", json_2), ("2.xml", xml_2), ("2.sqlite", sqlite_2)):
        writer(tmp_path / name)
        packed = tmp_path / f"{name}.gz"
        packed.write_bytes(gzip.compress((tmp_path / name).read_bytes()))
        if name.endswith("sqlite"):
            with pytest.raises(LogError, match="Unpack it first"):
                read(packed, columns=Columns(object_type="order"))
        else:
            assert is_ocel(packed)
            assert len(read(packed, columns=Columns(object_type="order")).time) == 5


BROKEN = {
    "a.json": b"{",
    "b.json": b'{"a": 1}',
    "c.json": b'{"events": 3, "objects": []}',
    "d.json": b'{"events": [{"id": "e"}], "objects": []}',
    "e.json": b'{"events": [1], "objects": []}',
    "f.json": b'{"events": ' + b"[" * 200_000,
    "g.json": b'{"ocel:events": {"e": {}, "e": {}}, "ocel:objects": {}}',
    "h.json": b'{"events": [], "objects": [{"id": "a", "type": "t"}, {"id": "a", "type": "t"}]}',
    "i.xml": b"<log><events><event/></events></log>",
    "j.xml": b"<log/>",
    "k.xml": b'<!DOCTYPE log [<!ENTITY a "b">]><log/>',
    "l.xml": b"<a>" * 100_000,
    "m.xml": b"<log><events>",
    "n.sqlite": b"SQLite format 3\0" + b"\xff" * 5_000,
    "o.sqlite": b"nothing",
    "p.json": b"",
    "q.json": b'{"events": [{"id": "e"}, {"id": "e"}], "objects": []}',
    "r.json": b'\xff\xfe{"a":',
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused_clearly(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(BROKEN[name])
    with pytest.raises(LogError) as refused:
        read(path, columns=Columns(object_type="t"))
    assert len(str(refused.value)) < 700


def small(path, events):
    """Version 1 as JSON: step and objects of events; o... are orders, i... items."""
    held = ",".join(
        f'"{id}": {{"ocel:activity": "{step}", "ocel:timestamp": "2024-01-01", "ocel:omap": {json.dumps(objects)}}}'
        for id, step, objects in events
    )
    names = sorted({one for _, _, objects in events for one in objects})
    kinds = {one: {"ocel:type": "order" if one.startswith("o") else "item"} for one in names}
    path.write_text(f'{{"ocel:events": {{{held}}}, "ocel:objects": {json.dumps(kinds)}}}')


def test_steps_repeated_for_the_same_objects_are_rework_that_means_something(tmp_path):
    path = tmp_path / "log.jsonocel"
    small(path, [("1", "check", ["o1", "i1", "i2"]), ("2", "check", ["o1", "i2", "i1"]), ("3", "check", ["o2", "i1"])])
    assert said(read_ocel(path, Columns(object_type="order")), "divergence") == []
    small(path, [("1", "check", ["o1", "i1", "i2"]), ("2", "check", ["o1", "i2"]), ("3", "check", ["o1"])])
    assert "2 events of the same step" in said(read_ocel(path, Columns(object_type="order")), "divergence")[0]


def test_two_events_of_one_id_are_refused_also_where_json_would_lose_one(tmp_path):
    path = tmp_path / "log.jsonocel"
    small(path, [("1", "check", ["o1"]), ("1", "decide", ["o1"])])
    with pytest.raises(LogError, match="twice in one place"):
        read_ocel(path, Columns())
