"""From rows to a log: order, cutoff, ends, arrival, starts, repeats, spec and report; on logs countable by eye."""

import itertools
import json
import random
from pathlib import Path

import numpy as np
import pytest

from procmine.about import About
from procmine.load.columns import Columns
from procmine.load.dates.timestamps import MISSING
from procmine.load.door import read
from procmine.load.events.lifecycle import pair
from procmine.load.events.watch import EVERY_CASE
from procmine.load.report import load_report
from procmine.log import LogError, Text
from procmine.settings import SettingsError

DAY = 86_400_000_000
HEAD = "case_id,activity,timestamp"


def log_of(tmp_path, lines, head=HEAD, **given):
    path = tmp_path / "log.csv"
    path.write_text("\n".join([head, *lines, ""]), encoding="utf-8")
    return read(path, **given)


def steps(log, case=0):
    here = slice(log.offset[case], log.offset[case + 1])
    return [log.about.activities[code] for code in log.activity[here]]


def fates(log):
    rows = load_report(log).rows
    return dict(zip(rows["reason"].tolist(), zip(rows["rows"].tolist(), rows["first_row"].tolist())))


def said(log, key):
    return [note.values for note in log.about.notes if note.key == key]


def test_rows_in_any_order_give_the_same_log(tmp_path):
    lines = [f"{case},S{step},2024-01-{1 + case + 2 * step:02}" for case in range(3) for step in range(4)]
    truth = [["S0", "S1", "S2", "S3"]] * 3
    for seed in range(5):
        random.Random(seed).shuffle(lines)
        log = log_of(tmp_path, lines, ends=["S3"])
        assert [steps(log, case) for case in range(3)] == truth
        arrival = dict(zip(log.case.values(), log.arrival.astype("M8[us]").astype("M8[D]").astype(str)))
        assert arrival == {"0": "2024-01-01", "1": "2024-01-02", "2": "2024-01-03"}


def test_ties_keep_the_order_of_the_file_unless_a_column_orders_them(tmp_path):
    lines = ["1,B,2024-01-01,10", "1,A,2024-01-01,9", "1,C,2024-01-02,1"]
    assert steps(log_of(tmp_path, lines, HEAD + ",number")) == ["B", "A", "C"]
    assert steps(log_of(tmp_path, lines, HEAD + ",source_order")) == ["A", "B", "C"]
    assert steps(log_of(tmp_path, lines, HEAD + ",number", columns=Columns(order="number"))) == ["A", "B", "C"]


def test_an_order_that_is_no_number_is_refused_if_named_and_unused_if_found(tmp_path):
    lines = ["1,B,2024-01-01,x", "1,A,2024-01-01,y"]
    log = log_of(tmp_path, lines, HEAD + ",sequence")
    assert steps(log) == ["B", "A"]
    assert said(log, "load.order.unused") == [{"column": "sequence"}]
    with pytest.raises(LogError, match="must hold whole numbers"):
        log_of(tmp_path, lines, HEAD + ",sequence", columns=Columns(order="sequence"))


SIX = ["A1,Start,2024-01-01", "A1,Check,2024-01-03", "A1,End,2024-01-11"]
SIX += ["B2,Start,2024-01-01", "B2,Check,2024-01-05", "B2,Check,2024-01-06"]


def test_an_open_case_is_watched_to_the_cutoff_and_a_finished_one_to_its_end(tmp_path):
    log = log_of(tmp_path, SIX, ends={"End": "granted"}, cutoff="2024-01-20")
    until = log.until.astype("M8[us]")
    assert log.open.tolist() == [False, True]
    assert until[0] == np.datetime64("2024-01-11")
    assert until[1] == np.datetime64("2024-01-20T23:59:59.999999")
    assert log.about.outcomes == {"End": "granted"}
    assert log.about.precision == "day"


def test_rows_after_the_cutoff_are_set_aside_and_their_case_is_open_again(tmp_path):
    log = log_of(tmp_path, SIX, ends=["End"], cutoff="2024-01-10")
    assert fates(log) == {"kept: events of the log": (5, None), "later than the last day of the data": (1, 4)}
    assert log.open.tolist() == [True, True]


WENT_ON = ["C3,Start,2024-01-02", "C3,End,2024-01-08", "C3,Appeal,2024-01-15", "C3,End,2024-01-18"]


@pytest.mark.parametrize("ends", [["End"], EVERY_CASE])
def test_a_case_that_goes_on_after_the_cutoff_is_open_as_cut_to_has_it(tmp_path, ends):
    """Finished as far as its kept steps tell, or by "every case": but the file shows that it was not over."""
    lines = [*SIX, *WENT_ON]
    door = log_of(tmp_path, lines, ends=ends, cutoff="2024-01-10")
    later = log_of(tmp_path, lines, ends=ends).cut_to("2024-01-10")
    every = ends == EVERY_CASE
    assert door.open.tolist() == later.open.tolist() == [True, not every, True]
    np.testing.assert_array_equal(door.until, later.until)
    assert set(door.until[door.open]) == {door.about.cutoff}
    assert said(door, "load.reopened") == [{"n": 2 if every else 1}]  # of A1 only Start and Check are kept


@pytest.mark.parametrize("late", ["2219-02-11", "2031-01-01"])
def test_a_date_that_cannot_be_believed_does_not_open_a_finished_case(tmp_path, late):
    lines = [
        f"{n},{step},2024-{1 + n % 12:02}-{1 + n % 27 + day:02}" for n in range(300) for day, step in enumerate("AZ")
    ]
    log = log_of(tmp_path, [*lines, f"7,A,{late}"], ends=["Z"], cutoff="2024-12-31")
    assert fates(log)["later than the last day of the data"] == (1, 602) and not log.open.any()
    assert said(log, "load.reopened") == []
    assert log_of(tmp_path, [*lines, "7,A,2025-02-01"], ends=["Z"], cutoff="2024-12-31").open.sum() == 1


def test_an_absurd_date_in_the_sample_opens_no_case():
    log = read(Path(__file__).parents[1] / "event_logs" / "child_support.yaml")
    assert fates(log)["later than the last day of the data"] == (1, 25_223) and log.open.sum() == 686
    assert said(log, "load.reopened") == []


def test_a_few_dates_far_in_the_future_do_not_move_the_cutoff_and_many_events_do(tmp_path):
    lines = [f"{n},Start,2024-{1 + n % 12:02}-{1 + n % 28:02}" for n in range(400)]
    log = log_of(tmp_path, [*lines, "7,Late,2219-01-01", "8,Later,2027-05-05"])
    assert str(np.int64(log.about.cutoff).astype("M8[us]"))[:10] == "2024-12-28"
    assert fates(log)["later than the last day of the data"] == (2, 402)
    log = log_of(tmp_path, ["1,A,2020-01-01", "1,B,2020-02-01", "2,A,2023-06-01"])
    assert str(np.int64(log.about.cutoff).astype("M8[us]"))[:10] == "2023-06-01"


def test_every_reason_is_counted_once_and_the_rows_add_up(tmp_path):
    lines = [
        ",A,2024-01-01,",
        "1,,2024-01-01,",
        "1,A,,",
        "1,A,soon,",
        "1,A,2024-01-02,never",
        "1,A,2024-01-03,2024-01-04",
    ]
    lines += ["1,A,,2024-01-05", "1,A,2030-01-01,", "1,B,2024-01-08,2024-01-07", "1,B,2024-01-08,2024-01-07"]
    lines += ["1,B,2024-01-09,", "2,B,2024-01-09,2024-01-08"]
    log = log_of(tmp_path, lines, HEAD + ",start_time", cutoff="2024-06-01")
    assert fates(log) == {
        "kept: events of the log": (3, None),
        "no case": (1, 2),
        "no activity": (1, 3),
        "no time": (1, 4),
        "the time cannot be read": (1, 5),
        "the start cannot be read": (1, 6),
        "a start without an end": (1, 8),
        "the start is after the end": (1, 7),
        "later than the last day of the data": (1, 9),
        "repeats an earlier row in every column": (1, 11),
    }
    assert (log.time - log.start).tolist() == [DAY, 0, DAY]  # no start recorded: the same as its end


def test_rows_equal_in_some_columns_are_not_repeats(tmp_path):
    lines = ["1,A,2024-01-01,x,1", "1,A,2024-01-01,x,2", "1,B,2024-01-01,x,1", "1,A,2024-01-01,x,1"]
    named = Columns(attributes=("office",))  # the column `n` is not asked for, and still tells rows apart
    log = log_of(tmp_path, lines, HEAD + ",office,n", columns=named)
    assert fates(log)["repeats an earlier row in every column"] == (1, 5)
    assert steps(log) == ["A", "A", "B"]
    kept = log_of(tmp_path, lines, HEAD + ",office,n", columns=Columns(repeated="keep"))
    assert len(kept.time) == 4
    assert said(kept, "load.repeated.kept") == [{"n": 1}]


def test_attributes_that_never_change_inside_a_case_belong_to_cases(tmp_path):
    lines = ["1,A,2024-01-01,,North,x", "1,B,2024-01-02,Ann,,y", "2,A,2024-01-01,Ann,,x", "2,B,2024-01-02,Ann,South,"]
    log = log_of(tmp_path, lines, HEAD + ",resource,case:office,form")
    assert {name: text.values().tolist() for name, text in log.attributes.items()} == {"office": ["North", "South"]}
    assert log.about.event_attributes == ("resource", "form")  # a resource belongs to events
    assert log.event_attributes["form"].values().tolist() == ["x", "y", "x", None]
    named = Columns(attributes=("form",), event_attributes=("case:office",))
    log = log_of(tmp_path, lines, HEAD + ",resource,case:office,form", columns=named)
    assert (log.about.attributes, log.about.event_attributes) == (("form",), ("case:office",))  # what is named is all
    named = Columns(attributes=("form",), event_attributes=("case:office",), resource="resource")
    log = log_of(tmp_path, lines, HEAD + ",resource,case:office,form", columns=named)
    assert (log.about.attributes, log.about.event_attributes) == (("form",), ("resource", "case:office"))


def test_of_a_named_attribute_the_first_value_in_each_case_counts(tmp_path):
    lines = ["1,B,2024-01-02,South", "1,A,2024-01-01,", "1,C,2024-01-03,North", "2,A,2024-01-01,West"]
    log = log_of(tmp_path, lines, HEAD + ",office", columns=Columns(attributes=("office",)))
    assert log.attributes["office"].values().tolist() == ["South", "West"]


def test_finishing_steps_are_those_after_which_most_cases_stop(tmp_path):
    lines = [f"{case},{step},2024-{1 + month:02}-{1 + day:02}" for case in range(9) for month, day, step in path(case)]
    log = log_of(tmp_path, lines)
    assert log.about.ends == ("End",)
    assert log.open.tolist() == [case % 3 == 2 for case in range(9)]
    assert not log.about.every_case
    every = log_of(tmp_path, lines, ends=EVERY_CASE)
    assert every.open.sum() == 0 and every.about.every_case and every.about.ends == every.about.activities
    written = every.about.to_dict()
    assert About.from_dict(json.loads(json.dumps(written))).every_case
    del written["every_case"]  # as earlier versions wrote it
    assert not About.from_dict(written).every_case
    with pytest.raises(LogError, match="No activity 'Ende' in this log"):
        log_of(tmp_path, lines, ends=["Ende"])


def path(case):
    ends = [(case % 5, 20, "End")] if case % 3 < 2 else []
    return [(case % 5, 1, "Start"), (case % 5, 10, "Check"), *ends]


def test_arrival_is_the_first_value_of_its_column_and_never_after_the_first_step(tmp_path):
    lines = ["1,A,2024-01-05,2024-01-01", "1,B,2024-01-06,2024-01-02", "2,A,2024-01-05,", "3,A,2024-01-05,2024-01-09"]
    log = log_of(tmp_path, lines, HEAD + ",received", columns=Columns(arrival="received"))
    days = log.arrival.astype("M8[us]").astype("M8[D]").astype(str).tolist()
    assert days == ["2024-01-01", "2024-01-05", "2024-01-05"]
    assert said(log, "load.arrival") == [{"column": "received", "without": 1, "late": 1}]
    assert log.about.arrival == "received"


def test_any_date_without_a_time_puts_the_log_on_the_wall_clock(tmp_path):
    offset = ["1,A,2024-03-30T12:00:00+01:00", "1,B,2024-03-31T12:00:00+02:00"]  # the clocks changed in between
    log = log_of(tmp_path, offset)
    assert log.about.axis == "instant"
    assert np.diff(log.time).tolist() == [DAY - 3_600_000_000]
    log = log_of(tmp_path, [*offset, "2,A,2024-03-30"])
    assert log.about.axis == "civil"
    assert np.diff(log.time[:2]).tolist() == [DAY]


def test_an_activity_always_at_midnight_is_a_date(tmp_path):
    months = list(enumerate(range(1, 13)))
    midnights = [f"{n},Filed,2024-{month:02}-05T00:00:00+0{1 + (4 <= month <= 10)}:00" for n, month in months]
    timed = [f"{n},Call,2024-{month:02}-06T10:0{n % 10}:00+02:00" for n, month in months]
    assert log_of(tmp_path, [*midnights, *timed]).about.axis == "civil"
    assert log_of(tmp_path, timed).about.axis == "instant"
    assert log_of(tmp_path, [midnights[0], *timed]).about.axis == "instant"  # one midnight may be chance


def test_starts_and_completions_become_one_event(tmp_path):
    lines = ["1,A,2024-01-01,start", "1,A,2024-01-02,start", "1,A,2024-01-04,complete", "1,A,2024-01-08,complete"]
    lines += ["1,B,2024-01-09,complete", "1,C,2024-01-10,schedule", "1,C,2024-01-11,start"]
    log = log_of(tmp_path, lines, HEAD + ",lifecycle:transition")
    assert steps(log) == ["A", "A", "B"]
    assert ((log.time - log.start) // DAY).tolist() == [3, 6, 0]  # first in, first out
    assert fates(log) == {
        "kept: events of the log": (3, None),
        "starts joined to the end of their event": (2, None),
        "a start without an end": (1, 8),
        "neither a start nor a completion": (1, 7),
    }


def test_pairs_equal_a_queue_on_many_random_logs():
    draw = np.random.default_rng(3)
    levels = ["start", "complete", "schedule"]
    for _ in range(30):
        n = int(draw.integers(1, 60))
        kind, key = draw.integers(0, 3, n).astype(np.int32), draw.integers(0, 4, n).astype(np.int32)
        time = draw.integers(0, 20, n)
        paired = pair(Text(kind, FakeLevels(levels)), [key], time, np.ones(n, bool))
        start, joined = np.full(n, MISSING), np.zeros(n, bool)
        waiting = {one: [] for one in range(4)}
        for row in sorted(range(n), key=lambda row: (time[row], kind[row] != 0, row)):
            if kind[row] == 0:
                waiting[key[row]].append(row)
            elif kind[row] == 1 and waiting[key[row]]:
                first = waiting[key[row]].pop(0)
                start[row], joined[first] = time[first], True
        assert paired.start.tolist() == start.tolist()
        assert paired.joined.tolist() == joined.tolist()
        assert paired.running.tolist() == [row in itertools.chain(*waiting.values()) for row in range(n)]


class FakeLevels(list):
    def to_pylist(self):
        return list(self)


def test_other_life_cycles_are_events_and_said(tmp_path):
    log = log_of(tmp_path, ["1,A,2024-01-01,complete", "1,A,2024-01-02,ate_abort"], HEAD + ",lifecycle")
    assert len(log.time) == 2
    assert said(log, "load.lifecycle.other") == [{"names": "ate_abort"}]
    assert log.about.event_attributes == ("lifecycle",)
    log = log_of(tmp_path, ["1,A,2024-01-01,complete", "1,A,2024-01-02,COMPLETE"], HEAD + ",lifecycle")
    assert (said(log, "load.lifecycle.other"), log.about.event_attributes, log.about.attributes) == ([], (), ())


SPEC = """title: Six
source: log.csv
columns: {case: file, activity: step, timestamp: when, attributes: [country]}
dates: {format: "%d/%m/%Y"}
zone: Europe/Vilnius
cutoff: 2024-01-20
complete_from: 2024-01-01
ends: {End: granted}
stages: {Work: [Check, End]}
who_can_change: {Check: our policy, End: law}
dormant_after_days: 30
audience: public
"""
SPEC_DATA = "file,step,when,country\n1,Start,01/02/2024,NO\n1,Check,03/02/2024,NO\n2,End,02/01/2024,LT\n"


def test_a_spec_says_all_that_arguments_say_and_lies_beside_its_data(tmp_path):
    (tmp_path / "log.csv").write_text(SPEC_DATA)
    (tmp_path / "log.yaml").write_text(SPEC.replace("2024-01-20", "2024-02-20"))
    log = read(tmp_path / "log.csv")
    about = log.about
    assert (about.title, about.zone, about.audience, about.dormant_after) == (
        "Six",
        "Europe/Vilnius",
        "public",
        30 * DAY,
    )
    assert about.outcomes == {"End": "granted"}
    assert about.stages == {"Work": ("Check", "End")}
    assert about.tags == {"Check": "our policy", "End": "law"}
    assert str(np.int64(about.complete_from).astype("M8[us]"))[:10] == "2024-01-01"
    assert log.attributes["country"].values().tolist() == ["NO", "LT"]
    assert said(log, "load.spec") == [{"file": "log.yaml"}]
    assert about.source["spec"] == "log.yaml"
    again = read(tmp_path / "log.yaml")
    assert again.about == about
    assert read(tmp_path / "log.csv", cutoff="2024-02-10").about.cutoff < about.cutoff
    named = read(tmp_path / "log.csv", columns=Columns(attributes=(), event_attributes=("country",)))
    assert (named.about.attributes, named.about.event_attributes) == ((), ("country",))  # the rest as the spec says
    (tmp_path / "log.yaml").write_text(SPEC.replace("log.csv", "other.csv"))
    with pytest.raises(LogError, match=r"log.yaml lies beside log.csv .* but says source: other.csv"):
        read(tmp_path / "log.csv")


def test_a_wrong_spec_lists_every_error_with_its_path(tmp_path):
    (tmp_path / "log.csv").write_text(SPEC_DATA)
    (tmp_path / "log.yaml").write_text("sourse: log.csv\ncolumns: {cas: file}\nwho_can_change: {Check: fate}\n")
    with pytest.raises(SettingsError) as refused:
        read(tmp_path / "log.csv")
    assert all(place in str(refused.value) for place in ("sourse", "columns.cas", "who_can_change.Check"))
    (tmp_path / "log.yaml").write_text("title: x\n")
    with pytest.raises(LogError, match="does not say where the data are"):
        read(tmp_path / "log.yaml")


def test_arguments_that_name_nothing_in_the_log_are_refused(tmp_path):
    with pytest.raises(ValueError, match="does not say who can change a step"):
        log_of(tmp_path, SIX, tags={"End": "fate"})
    with pytest.raises(LogError, match="No activity 'Ende' in this log"):
        log_of(tmp_path, SIX, tags={"Ende": "law"})
    with pytest.raises(ValueError, match="not a date"):
        log_of(tmp_path, SIX, cutoff="soon")
    for wrong in ("20240101", "today", "now", "NaT", "", "2024-1-5", "2024-02-30", "2024", "9999-01-01", "2024-01-05x"):
        with pytest.raises(ValueError, match=f"^cutoff: '{wrong}' is not a date; write it as 2026-03-01"):
            log_of(tmp_path, SIX, cutoff=wrong)
        (tmp_path / "log.yaml").write_text(f"complete_from: '{wrong}'\n")
        with pytest.raises(ValueError, match=f"^complete_from: '{wrong}' is not a date"):
            log_of(tmp_path, SIX)
        (tmp_path / "log.yaml").write_text("cutoff: 2024-01-20\n")
        with pytest.raises(ValueError, match=r"^cutoff: "):
            log_of(tmp_path, SIX, cutoff=wrong)
        (tmp_path / "log.yaml").unlink()
    with pytest.raises(ValueError, match="takes several names"):
        Columns(attributes="office")
    with pytest.raises(LogError, match="no row can be used"):
        log_of(tmp_path, ["1,,2024-01-01"])


def test_the_report_survives_filters_and_json_and_refuses_simulated_logs(tmp_path, six):
    log = log_of(tmp_path, [*SIX, ",A,2024-01-01"])
    truth = fates(log)
    assert fates(log.between("2023-01-01", "2025-01-01")) == truth
    report = load_report(log)
    assert report.to_dict()["rows"]["rows"] == [6, 1] and report.to_dict()["rows"]["first_row"] == [None, 8]
    kept = next(line for line in str(report).splitlines() if line.startswith("kept"))
    assert kept.split() == ["kept:", "events", "of", "the", "log", "6", "-"] and "None" not in report._repr_html_()
    report.to_excel(tmp_path / "report.xlsx")
    assert any("6 events, 1 set aside" in line for line in load_report(log).sentences())
    with pytest.raises(LogError, match="no load report"):
        load_report(six)


def test_attributes_that_name_people_are_known(tmp_path):
    lines = ["case_id,activity,timestamp,Case Worker,unit,who", "1,A,2024-01-01,Anna,x,q", "1,B,2024-01-05,Ben,y,r"]
    (tmp_path / "log.csv").write_text("\n".join(lines))
    assert read(tmp_path / "log.csv").about.persons == ("Case Worker",)
    (tmp_path / "log.yaml").write_text("persons: [who]\n")
    assert set(read(tmp_path / "log.csv").about.persons) == {"Case Worker", "who"}


def test_nobody_is_dormant_within_a_month_unless_said(tmp_path):
    lines = ["case_id,activity,timestamp"]
    lines += [f"{case},{step},2024-01-0{day}" for case in range(40) for step, day in (("A", 1), ("B", 2))]
    lines += ["x,A,2024-01-01", "y,A,2024-02-20"]
    (tmp_path / "log.csv").write_text("\n".join(lines))
    log = read(tmp_path / "log.csv", ends=["B", "Bb"], cutoff="2024-02-20")
    assert log.about.dormant_after == 30 * 86_400_000_000
    assert list(log.cases.set_index("case").loc[["x", "y"], "dormant"]) == [True, False]
    assert any("not in this log: Bb" in note.say() for note in log.about.notes)


def test_clients_words_name_people_and_those_of_units_do_not(tmp_path):
    header = "case_id,activity,timestamp,Client Name,Petitioner,last_name,office,channel\n"
    (tmp_path / "log.csv").write_text(header + "1,A,2024-01-01,x,y,z,North,web\n1,B,2024-01-02,x,y,z,North,web\n")
    assert read(tmp_path / "log.csv").about.persons == ("Client Name", "Petitioner", "last_name")


def test_filled_in_dates_long_before_all_others_are_set_aside(tmp_path):
    real = [f"{case},{step},2024-0{1 + case % 9}-{day:02}" for case in range(40) for step, day in (("A", 3), ("B", 9))]
    log = log_of(tmp_path, ["x,A,1900-01-01", "x,B,2024-02-01", *real])
    assert fates(log)["twenty years or more before all others"] == (1, 2)
    assert log.about.begins == np.datetime64("2024-01-03", "us").astype(np.int64)
    several = [f"y{k},A,1990-0{k}-01" for k in range(1, 9)]  # one case in ten is old: that is the agency's history
    assert "twenty years or more before all others" not in fates(log_of(tmp_path, [*several, *real]))


def test_a_file_that_is_cut_off_is_said_to_be(tmp_path):
    import gzip

    whole = gzip.compress(b"case_id,activity,timestamp\n" + b"1,A,2024-01-01\n" * 20_000)
    (tmp_path / "log.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(LogError, match=r"cut off|cannot be read|ends too early"):
        read(tmp_path / "log.csv.gz")


def test_what_is_no_source_is_refused():
    for source in (None, 5, [1, 2]):
        with pytest.raises(ValueError, match="a log is read from"):
            read(source)
