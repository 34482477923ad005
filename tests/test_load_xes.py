"""XES beyond the usual: what is nested, unnamed, repeated or hostile, by hand; the parser and pm4py as second readings."""

import gzip
import html
import json
import tracemalloc
import warnings
import zipfile
from collections import Counter

import numpy as np
import pm4py
import pytest
from pm4py.objects.log.util.interval_lifecycle import to_interval

from procmine.load.columns import Columns
from procmine.load.door import read
from procmine.load.formats.xes import read_xes
from procmine.load.report import load_report
from procmine.log import LogError

DAY = 86_400_000_000


def attribute(key, value, tag="string", inner=""):
    return f'<{tag} key="{html.escape(key)}" value="{html.escape(value)}"' + (f">{inner}</{tag}>" if inner else "/>")


def event(name, when, *more):
    return f"<event>{attribute('concept:name', name)}{attribute('time:timestamp', when, 'date')}{''.join(more)}</event>"


def trace(name, *events, more=""):
    return f"<trace>{attribute('concept:name', name) if name else ''}{more}{''.join(events)}</trace>"


def file(tmp_path, *inside, name="log.xes"):
    path = tmp_path / name
    path.write_text(f'<?xml version="1.0" encoding="UTF-8"?>\n<log>{"".join(inside)}</log>\n', encoding="utf-8")
    return path


def by_parser(path):
    """The same file written so that it is not cut at once."""
    other = path.with_name("parsed.xes")
    other.write_text(path.read_text(encoding="utf-8").replace("<log>", "<log><!-- <trace> -->"), encoding="utf-8")
    return other


def table(path, **columns):
    return read_xes(path, Columns(**columns)).table.to_pydict()


def said(raw_or_log, key):
    notes = raw_or_log.about.notes if hasattr(raw_or_log, "about") else raw_or_log.notes
    return [dict(note.values) for note in notes if note.key == key]


A, B = event("A", "2024-01-01"), event("B", "2024-01-02")


def test_attributes_inside_attributes_are_columns_of_their_own(tmp_path):
    cost = attribute("cost", "9", inner=attribute("tax", "2", "int", attribute("rate", "0.2", "float")))
    path = file(
        tmp_path,
        trace("1", event("A", "2024-01-01", cost), B, more=attribute("who", "x", inner=attribute("age", "40"))),
    )
    for one in (path, by_parser(path)):
        found = table(one)
        assert {name: found[name] for name in ("cost", "cost/tax", "cost/tax/rate", "case:who/age")} == {
            "cost": ["9", None],
            "cost/tax": ["2", None],
            "cost/tax/rate": ["0.2", None],
            "case:who/age": ["40", "40"],
        }
        assert said(read_xes(one, Columns()), "load.xes.nested")[0]["n"] == 3


def test_a_list_is_one_cell_that_no_separator_breaks(tmp_path):
    items = attribute("item", "a, b") + attribute("item", 'c"]') + attribute("other", "d")
    holds = (
        f'<list key="all"><values>{items}</values></list><container key="box">{attribute("w", "1", "int")}</container>'
    )
    found = table(file(tmp_path, trace("1", event("A", "2024-01-01", holds))))
    assert json.loads(found["all/item"][0]) == ["a, b", 'c"]']
    assert (found["all/other"], found["box/w"]) == (["d"], ["1"])


def test_the_torture_files_of_pm4py_keep_every_value(shared):
    for name, cells in (("xes_20.xes", 6), ("composite_list_attributes.xes", 5)):
        path = shared / "pm4py_edge" / name
        with pytest.raises(LogError, match="no concept:name"):
            read(path)
        found = table(path, activity="sdasaddas" if cells == 6 else "composite:list")
        held = [
            json.loads(one[0]) if str(one[0]).startswith("[") else [one[0]]
            for key, one in found.items()
            if "case:" not in key
        ]
        written = path.read_text().count(' value="') - (1 if cells == 5 else 0)  # the log's own description
        empty = path.read_text().count('value=""')
        assert sum(len([one for one in cell if one]) for cell in held) == written - empty


def test_partly_ordered_traces_without_times_are_refused(shared):
    with pytest.raises(LogError, match="'time:timestamp': 25 of 25 values are not times"):
        read(shared / "pm4py_edge" / "partial order example.xes")


def random_log(draw):
    """A log as nested Python values, with hostile text."""
    texts = ["A", "ž & <b>", 'say "x"', "a\nb", "'", "]]>", "-->", "</trace>", " ", "case:x", "k/l", "é" * 9]
    keys = ["cost", "Cost", "ž&k", "case:concept:name", "event:case:x", "concept:name", "n/a", "org:resource"]
    tags = ["string", "date", "int", "float", "boolean", "id"]

    def one(depth=0):
        inside = draw.integers(1, 4) if depth < 3 and draw.random() < 0.2 else 0
        text = texts[draw.integers(len(texts))].replace("\n", " ")
        key, tag = keys[draw.integers(len(keys))], tags[draw.integers(len(tags))]
        written = attribute(key, text, tag, "".join(one(depth + 1) for _ in range(inside)))
        return written.replace("&amp;", "&#38;") if draw.random() < 0.1 else written  # the same, in another way

    def several():
        return "".join(one() for _ in range(draw.integers(0, 5)))

    return "".join(
        f"<trace>{several()}{''.join(f'<event>{several()}</event>' for _ in range(draw.integers(0, 4)))}</trace>"
        for _ in range(draw.integers(1, 5))
    )


def test_what_is_cut_at_once_equals_what_the_parser_reads(tmp_path):
    draw = np.random.default_rng(7)
    compared = 0
    for _ in range(150):
        path = file(tmp_path, random_log(draw), trace("end", A))
        one, other = (read_xes(which, Columns(activity="concept:name")) for which in (path, by_parser(path)))
        assert {name: one.table[name].to_pylist() for name in one.table.column_names} == {
            name: other.table[name].to_pylist() for name in other.table.column_names
        }
        assert [note.key for note in one.notes] == [note.key for note in other.notes]
        assert [note.values.get("n") for note in one.notes] == [note.values.get("n") for note in other.notes]
        compared += len(one.table)
    assert compared > 300


def test_traces_of_both_kinds_in_small_blocks_equal_the_parser(tmp_path, monkeypatch):
    draw = np.random.default_rng(8)
    unusual = ["<!-- </trace> -->", "<!-- x -->", "<list key='l'><string key='a' value='b'/></list>", "", "", ""]
    for size in (60, 200, 1_000):
        monkeypatch.setattr("procmine.load.formats.xes.BLOCK", size)
        for _ in range(40):
            more = [unusual[place] for place in draw.integers(0, len(unusual), 8)]
            outside = [A if draw.random() < 0.05 else "" for _ in more]
            traces = [trace(str(n), A, one, B) + out for n, (one, out) in enumerate(zip(more, outside))]
            path = file(tmp_path, *traces)
            one, other = (read_xes(which, Columns()).table.to_pydict() for which in (path, by_parser(path)))
            assert one == other
            assert len(one["concept:name"]) == 16 + sum(map(bool, outside))


def test_of_a_key_that_stands_twice_the_last_counts_and_it_is_said(tmp_path):
    path = file(tmp_path, trace("1", event("A", "2024-01-01", attribute("k", "1"), attribute("k", "2")), B))
    for one in (path, by_parser(path)):
        assert table(one)["k"] == ["2", None]
        assert said(read_xes(one, Columns()), "load.xes.twice") == [{"n": 1, "names": "k"}]


def test_an_event_cannot_pretend_to_be_another_case(tmp_path):
    path = file(tmp_path, trace("1", event("A", "2024-01-01", attribute("case:concept:name", "2"))), trace("2", B))
    found = read(path)
    assert (found.case.values().tolist(), len(found.time)) == (["1", "2"], 2)
    assert table(path)["event:case:concept:name"] == ["2", None]


def test_keys_that_differ_by_case_are_two_columns_and_roles_are_asked_for(tmp_path):
    path = file(tmp_path, trace("1", event("A", "2024-01-01", attribute("Cost", "1"), attribute("cost", "2"))))
    found = table(path)
    assert (found["Cost"], found["cost"]) == (["1"], ["2"])
    path = file(tmp_path, trace("1", event("A", "2024-01-01", attribute("Concept:Name", "X"))))
    with pytest.raises(LogError, match=r"no concept:name|which column is the activity"):
        read(path)
    assert read(path, columns=Columns(activity="concept:name")).about.activities == ("A",)


def test_traces_without_a_name_are_cases_called_by_their_place(tmp_path):
    path = file(tmp_path, trace("", A, B), trace("named", A), trace("", A), "<trace></trace>")
    for one in (path, by_parser(path)):
        log = read(one)
        assert log.case.values().tolist() == ["trace 1", "named", "trace 3"]
        assert said(log, "load.xes.unnamed") == [{"n": 2}]
        assert said(log, "load.xes.empty") == [{"n": 1}]


def test_traces_of_one_name_are_one_case_and_it_is_said(tmp_path):
    log = read(file(tmp_path, trace("1", A), trace("2", A), trace("1", B)))
    assert (len(log), said(log, "load.xes.same_name")) == (2, [{"n": 1}])


def test_events_outside_traces_are_set_aside_by_their_place(tmp_path):
    for inside in ((A, trace("1", A, B)), (trace("1", A, B), A), (trace("1", A), B, trace("1", B))):
        log = read(file(tmp_path, *inside))
        rows = load_report(log).rows
        where = {0: 1, 1: 3, 2: 2}[
            [(A, trace("1", A, B)), (trace("1", A, B), A), (trace("1", A), B, trace("1", B))].index(inside)
        ]
        assert dict(zip(rows["reason"], zip(rows["rows"], rows["first_row"]))) == {
            "kept: events of the log": (2, None),
            "no case": (1, where),
        }


def test_a_log_of_events_only_takes_its_case_from_an_attribute(tmp_path):
    events = [event("A", "2024-01-01", attribute("file", "7")), event("B", "2024-01-03", attribute("file", "7"))]
    path = file(tmp_path, *events)
    with pytest.raises(LogError, match="which column is the case"):
        read(path)
    assert len(read(path, columns=Columns(case="file"))) == 1


def test_without_names_of_steps_the_classifiers_are_listed(tmp_path):
    head = '<classifier name="Both" keys="org:role lifecycle:transition"/>'
    bare = f"<event>{attribute('org:role', 'desk')}{attribute('time:timestamp', '2024-01-01', 'date')}</event>"
    path = file(tmp_path, head, trace("1", bare))
    with pytest.raises(LogError, match="'Both' of org:role lifecycle:transition") as refused:
        read(path)
    assert "Attributes of events: org:role, time:timestamp" in str(refused.value)
    assert read(path, columns=Columns(activity="org:role")).about.activities == ("desk",)


def test_defaults_of_globals_are_said_and_never_filled_in(tmp_path):
    head = f'<global scope="event">{attribute("office", "MAIN")}{attribute("concept:name", "X")}</global>'
    path = file(tmp_path, head, trace("1", event("A", "2024-01-01", attribute("office", "East")), B))
    for one in (path, by_parser(path)):
        assert table(one)["office"] == ["East", None]
        assert said(read_xes(one, Columns()), "load.xes.defaults") == [{"n": 1, "names": "office"}]


LIVES = [  # activity, day, transition: two doings of A, the first aborted; B suspended for two days
    ("A", 1, "start"),
    ("A", 3, "ATE_ABORT"),
    ("A", 4, "Start"),
    ("A", 6, "COMPLETE"),
    ("B", 7, "schedule"),
    ("B", 8, "start"),
    ("B", 10, "suspend"),
    ("B", 12, "Resume"),
    ("B", 15, "complete"),
    ("C", 16, "complete"),
    ("D", 17, "withdraw"),
    ("E", 18, "start"),
]


def test_the_transactional_life_cycle(tmp_path):
    events = [event(name, f"2024-01-{day:02}", attribute("lifecycle:transition", word)) for name, day, word in LIVES]
    log = read(file(tmp_path, trace("1", *events)))
    assert [log.about.activities[code] for code in log.activity] == ["A", "B", "C"]
    assert ((log.time - log.start) // DAY).tolist() == [2, 7, 0]  # the aborted start lends its time to no later one
    rows = load_report(log).rows
    assert dict(zip(rows["reason"], rows["rows"])) == {
        "kept: events of the log": 3,
        "starts joined to the end of their event": 2,
        "a start without an end": 2,
        "neither a start nor a completion": 5,
    }
    note = next(note.say() for note in log.about.notes if note.key == "load.lifecycle.pairs")
    assert note == (
        "2 events made of a start and a completion; 1 completion without a start, of which no length is known, 1 start "
        "ended by an abort and not counted as done, suspended 1 time for 2 days in all, which counts as work here, "
        "5 other rows (ate_abort, resume, schedule, suspend, withdraw) are not events here."
    )


def test_bpic12_pairs_as_pm4py_does(shared):
    path = shared / "bpic12" / "BPI_Challenge_2012.xes.gz"
    log = read(path)
    rows = load_report(log).rows
    assert (len(log), rows["rows"].sum()) == (13_087, 262_200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        intervals = to_interval(pm4py.read_xes(str(path), variant="line_by_line", return_legacy_log_object=True))
    theirs = Counter(
        (
            one.attributes["concept:name"],
            each["concept:name"],
            each["start_timestamp"].timestamp(),
            each["time:timestamp"].timestamp(),
        )
        for one in intervals
        for each in one
    )
    case = log.case.values()[np.repeat(np.arange(len(log)), np.diff(log.offset))]
    steps = np.array(log.about.activities, object)[log.activity]
    assert Counter(zip(case, steps, (log.start / 1e6).tolist(), (log.time / 1e6).tolist())) == theirs


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "cp1257", "utf-16-be"])
def test_encodings_that_the_file_declares(tmp_path, encoding):
    path = tmp_path / "log.xes"
    declared = encoding.removesuffix("-sig").removesuffix("-be")
    text = f'<?xml version="1.0" encoding="{declared}"?><log>{trace("1", event("Prüfung", "2024-01-01"), B)}</log>'
    path.write_bytes((b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding))
    assert read(path).about.activities == ("Prüfung", "B")


def test_an_encoding_that_is_wrong_is_refused_and_can_be_named(tmp_path):
    path = tmp_path / "log.xes"
    text = f"<log>{trace('1', event('Žr', '2024-01-01'), B)}</log>"
    path.write_bytes(text.encode("cp1257"))
    with pytest.raises(LogError, match="not sound XML"):
        read(path)
    assert read(path, columns=Columns(encoding="cp1257")).about.activities == ("Žr", "B")
    path.write_bytes(b'<?xml version="1.0" encoding="shift_jis"?>' + text.encode("shift_jis", "replace"))
    with pytest.raises(LogError, match="declares an encoding that cannot be read"):
        read(path)


def test_name_spaces_comments_instructions_and_text_are_passed_over(tmp_path):
    body = trace("1", "<!-- <event/> --><?pi x?>", A, "<![CDATA[<event></event>]]>free text", B)
    body = (
        body.replace("<event>", "<x:event>")
        .replace("</event>", "</x:event>")
        .replace("<![CDATA[<x:event></x:event>", "<![CDATA[<event></event>")
    )
    log = read(file(tmp_path, '<?style a="b"?>', body))
    assert log.about.activities == ("A", "B")


def test_tags_that_xes_does_not_know_are_counted(tmp_path):
    picture = f'<picture key="x" value="y">{attribute("concept:name", "Z")}</picture>'
    log = read(file(tmp_path, trace("1", event("A", "2024-01-01", picture), B)))
    assert log.about.activities == ("A", "B")
    assert said(log, "load.xes.dropped") == [{"n": 1, "names": "picture"}]


@pytest.mark.parametrize("packed", ["log.xes.gz", "log.xes.zip"])
def test_packed_files(tmp_path, packed):
    data = file(tmp_path, trace("1", A, B)).read_bytes()
    path = tmp_path / packed
    if packed.endswith("gz"):
        path.write_bytes(gzip.compress(data))
    else:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("log.xes", data)
    assert len(read(path).time) == 2
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(LogError):
        read(path)


def test_values_with_line_ends_come_back_from_our_own_files(tmp_path):
    log = read(
        file(
            tmp_path,
            trace(
                "1",
                event("A\nB\t\r", "2024-01-01").replace("\n", "&#10;").replace("\t", "&#9;").replace("\r", "&#13;"),
                B,
            ),
        )
    )
    assert log.about.activities == ("A\nB\t\r", "B")


def test_only_named_attributes_are_held_and_the_rest_can_be_read(tmp_path):
    path = file(
        tmp_path,
        trace("1", event("A", "2024-01-01", attribute("x", "1"), attribute("y", "2")), more=attribute("z", "3")),
    )
    raw = read_xes(path, Columns(event_attributes=("x",)))
    assert raw.table.column_names == ["case:concept:name", "concept:name", "time:timestamp", "x"]
    assert set(raw.names) == {*raw.table.column_names, "y", "case:z"}
    assert raw.rest().to_pydict() == {"case:z": ["3"], "y": ["2"]}


def peak(call):
    """The most megabytes that Python's allocators held."""
    tracemalloc.start()
    try:
        with pytest.raises(LogError) as refused:
            call()
        return tracemalloc.get_traced_memory()[1] / 2**20, str(refused.value)
    finally:
        tracemalloc.stop()


def test_fifty_thousand_attributes_are_refused_unless_some_are_named(tmp_path):
    keys = "".join(attribute(f"k{number}", "1") for number in range(50_000))
    path = file(tmp_path, trace("1", event("A", "2024-01-01", keys), *[B] * 500))
    for one in (path, by_parser(path)):
        memory, text = peak(lambda one=one: read(one))
        assert "50,003 different attributes" in text or "50,002 different attributes" in text
        assert memory < 200
    keys = "".join(attribute(f"k{number}", "1") for number in range(5_000))  # all are compared, as events repeat
    path = file(tmp_path, trace("1", event("A", "2024-01-01", keys), *[B] * 500), name="fewer.xes")
    for one in (path, by_parser(path)):
        with pytest.raises(LogError, match=r"5,00[23] different attributes"):
            read(one)
        log = read(
            one,
            columns=Columns(
                event_attributes=("k7",), case="case:concept:name", activity="concept:name", timestamp="time:timestamp"
            ),
        )
        assert log.about.event_attributes == ("k7",)


def test_endless_depth_is_refused(tmp_path):
    deep = '<string key="a" value="b">' * 100_000 + "</string>" * 100_000
    path = file(tmp_path, trace("1", event("A", "2024-01-01", deep)))
    for one in (path, by_parser(path)):
        memory, text = peak(lambda one=one: read(one))
        assert "more than 64 deep" in text
        assert memory < 200


def test_an_endless_value_is_refused(tmp_path):
    path = tmp_path / "log.xes.gz"
    part = gzip.compress(b"x" * (1 << 20), 1)
    with path.open("wb") as out:  # of several members, as gzip allows
        out.write(gzip.compress(b'<log><trace><event><string key="k" value="'))
        for _ in range(400):
            out.write(part)
        out.write(gzip.compress(b'"/></event></trace></log>'))
    memory, text = peak(lambda: read(path))
    assert "longer than 64 MB" in text
    assert memory < 350  # of 400


@pytest.mark.parametrize(
    "inside",
    [
        '<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><log><trace>&b;</trace></log>',
        '<!DOCTYPE log SYSTEM "file:///etc/hostname"><log/>',
        '<?xml version="1.0"?>\n<!-- x --><!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/hostname">]><log>&x;</log>',
    ],
)
def test_document_types_are_refused(tmp_path, inside):
    path = tmp_path / "log.xes"
    path.write_text(inside)
    with pytest.raises(LogError, match="document type"):
        read(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not sound XML"),
        (b"\x00" * 100, "not sound XML"),
        (b"<log><trace>", "not sound XML"),
        (b"<log><trace></trace></log", "not sound XML"),
        (b"<log></log>", "holds no events"),
        (b"<log><trace><event/></trace></log>", r"holds no events|no concept:name"),
        (b"<log><trace><trace><event/></trace></trace></log>", "inside another trace"),
        (b"<log><trace><event><event/></event></trace></log>", "inside another event"),
        (bytes(range(256)) * 50, "not sound XML"),
    ],
)
def test_broken_files_are_refused(tmp_path, data, said):
    path = tmp_path / "log.xes"
    path.write_bytes(data)
    with pytest.raises(LogError, match=said):
        read(path)


def test_a_file_cut_off_anywhere_is_refused(tmp_path):
    data = file(tmp_path, trace("1", A, B), trace("2", A)).read_bytes().rstrip()
    path = tmp_path / "cut.xes"
    for size in range(len(data)):
        path.write_bytes(data[:size])
        with pytest.raises(LogError):
            read(path)
