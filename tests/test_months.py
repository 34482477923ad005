"""New months: a folder and what was added to it answer as one log of everything, whoever is killed meanwhile."""

import itertools
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from test_contract import same

import procmine
from procmine.kernels.case_hash import case_shard
from procmine.log import EventLog, LogError
from procmine.scale.files import Record, write_record, write_shard
from procmine.scale.folds import empty
from procmine.scale.months import add_parts, compact
from procmine.scale.shards import ShardedLog
from procmine.scale.together import continued, together

SHARDS = 5


def seen(log, cutoff):
    """The log as it stood then, with the names of steps and values of that time only (codes are those of the whole)."""
    return log.cut_to(cutoff) if cutoff else log


def sharded(log, folder, shards=SHARDS):
    """A folder in which the name of a case tells its shard."""
    folder.mkdir()
    of = case_shard(log.case.levels, shards)[log.case.codes]
    for number in range(shards):
        write_shard(log.take(np.flatnonzero(of == number)), folder, number)
    write_record(folder, Record(log.about, shards, hashed=True))
    return ShardedLog.open(folder)


def only_rows(log, kept):
    """Cases that have such events, with these only."""
    offset = np.concatenate(([0], np.cumsum(kept)))[log.offset]
    cut = replace(log, offset=offset, last=None, **log._per_event(np.flatnonzero(kept)))
    return cut.take(np.flatnonzero(np.diff(offset) > 0))


def parts_of(log, shards=SHARDS):
    of = case_shard(log.case.levels, shards)[log.case.codes]
    return [(number, log.take(np.flatnonzero(of == number))) for number in range(shards)]


def answers(log):
    yield procmine.bottlenecks(log).rows
    yield procmine.flow(log).rows
    yield procmine.variants(log).rows
    yield procmine.survival(log, by=log.about.attributes[:1]).rows
    yield procmine.cycle_times(log, period="quarter").rows


def equal(one, two):
    for here, there in zip(answers(one), answers(two)):
        same(here, there)


def table(log):
    """Every event and case, whatever their order."""
    whole = log if isinstance(log, EventLog) else log.sample(cases=10**7, seed=1)
    events = whole.events
    events["place"] = events.groupby("case").cumcount()
    return (
        events.sort_values(["case", "place"]).reset_index(drop=True),
        whole.cases.sort_values("case").reset_index(drop=True),
    )


MONTHS = ("2022-06-30", "2022-12-31", "2023-06-30", "2024-01-31", None)


def added_by_month(log, folder):
    """The first stretch, then what each later one brings, as an agency exports it: only the rows of the month."""
    held = sharded(seen(log, MONTHS[0]), folder)
    for before, day in itertools.pairwise(MONTHS):
        now = seen(log, day)
        new = only_rows(now, now.time > seen(log, before).about.cutoff)
        yield held, seen(log, before)
        held = add_parts(folder, parts_of(new), replace(now.about, history=()))
    yield held, log


def test_months_that_are_added_are_one_log_of_everything(office, tmp_path):
    for held, now in added_by_month(office, tmp_path / "log"):
        equal(now, held)
        for one, two in zip(table(now), table(held)):
            assert one.equals(two)
    assert len(held.record.deltas) == 4
    equal(office, compact(tmp_path / "log"))
    assert ShardedLog.open(tmp_path / "log").record.deltas == ()
    for one, two in zip(table(office), table(ShardedLog.open(tmp_path / "log"))):
        assert one.equals(two)


def test_a_reader_sees_what_it_opened_while_months_are_added_and_compacted(office, tmp_path):
    folder = tmp_path / "log"
    held = sharded(seen(office, MONTHS[2]), folder)
    reading = held.parts(["office"])
    first = next(reading)
    new = only_rows(office, office.time > held.about.cutoff)
    add_parts(folder, parts_of(new), office.about)
    compact(folder)
    rest = list(reading)
    was = seen(office, MONTHS[2])
    assert sum(len(part) for part in (first, *rest)) == len(was)
    assert sum(len(part.time) for part in (first, *rest)) == len(was.time)
    equal(was, held)
    compact(folder)  # once more: now what was replaced is gone
    assert not list(folder.glob("*.parquet")) and sorted(one.name for one in folder.iterdir()) == [
        "about.json",
        "base-0002",
    ]
    with pytest.raises(LogError, match="Read the folder again"):
        procmine.flow(held)
    equal(office, procmine.read(folder))


def test_equal_rows_are_dropped_and_cases_replaced_when_asked(office, tmp_path):
    folder = tmp_path / "log"
    half = seen(office, MONTHS[2])
    held = sharded(half, folder)
    again = add_parts(folder, parts_of(half), half.about)
    equal(half, again)
    assert again.size == held.size
    touched = only_rows(office, office.time > half.about.cutoff)
    names = set(touched.case.values())
    wrong = office.take(np.flatnonzero([name in names for name in office.case.values()]))
    moved = replace(wrong, time=wrong.time + 1)  # every entry of these cases was corrected
    about = replace(office.about, cutoff=office.about.cutoff + 1)
    moved = replace(moved, about=about, arrival=moved.arrival + 1, until=moved.until + 1)
    replaced = add_parts(folder, parts_of(moved), about, replaces="cases")
    others = half.take(np.flatnonzero([name not in names for name in half.case.values()]))
    until = np.where(others.open, about.cutoff, others.until)
    equal(together([replace(others, about=about, until=until), moved]), replaced)


def test_an_entry_is_replaced_by_its_number(tmp_path):
    from logs import build

    rows = [("A", "Start", "2024-01-01"), ("A", "Check", "2024-01-03"), ("B", "Start", "2024-01-02")]
    was = build(rows, cutoff="2024-01-05", ends=["End"], event_attributes={"id": ["1", "2", "3"]})
    later = [("A", "Check", "2024-01-04"), ("A", "End", "2024-01-08"), ("B", "Start", "2024-01-02")]
    new = build(later, cutoff="2024-01-10", ends=["End"], event_attributes={"id": ["2", "4", "3"]})
    names = ("Start", "Check", "End")
    about = replace(new.about, activities=names)
    code = np.array([names.index(one) for one in new.about.activities], np.uint8)
    new = replace(new, about=about, activity=code[new.activity])
    sharded(was, tmp_path / "log", 2)
    held = add_parts(tmp_path / "log", parts_of(new, 2), about, replaces="id")
    truth = [
        ("A", "Start", "2024-01-01"),
        ("A", "Check", "2024-01-04"),
        ("A", "End", "2024-01-08"),
        ("B", "Start", "2024-01-02"),
    ]
    whole = build(truth, cutoff="2024-01-10", ends=["End"], event_attributes={"id": ["1", "2", "4", "3"]})
    for one, two in zip(table(whole), table(held)):
        assert one.equals(two)


def test_attributes_and_steps_that_are_new_and_events_out_of_order(tmp_path):
    from logs import build

    was = build(
        [("A", "S", "2024-01-01"), ("B", "S", "2024-01-02")],
        cutoff="2024-01-05",
        ends=["E"],
        attributes={"o": {"A": "N"}},
    )
    later = [("B", "X", "2024-01-07"), ("C", "S", "2024-01-06"), ("A", "S", "2023-12-30"), ("A", "E", "2024-01-06")]
    new = build(later, cutoff="2024-01-10", ends=["E"], attributes={"o": {"B": "W", "C": "W", "A": "Q"}})
    names = ("S", *sorted({"X", "E"}))
    code = np.array([names.index(one) for one in new.about.activities], np.uint8)
    new = replace(
        new, activity=code[new.activity], about=replace(new.about, activities=names, begins=int(new.time.min()))
    )
    sharded(was, tmp_path / "log", 3)
    held = add_parts(tmp_path / "log", parts_of(new, 3), new.about)
    rows = [("A", "S", "2023-12-30"), ("A", "S", "2024-01-01"), ("A", "E", "2024-01-06"), ("B", "S", "2024-01-02"),
            ("B", "X", "2024-01-07"), ("C", "S", "2024-01-06")]  # fmt: skip
    whole = build(rows, cutoff="2024-01-10", ends=["E"], attributes={"o": {"A": "N", "B": "W", "C": "W"}})
    for one, two in zip(table(whole), table(held)):
        assert one.equals(two)


def test_nothing_known_of_a_case_leaves_it_as_it_is(office):
    again = continued(empty_like(office), office)
    for one, two in zip(table(office), table(again)):
        assert one.equals(two)


def empty_like(log):
    return replace(empty(log.about), activity=np.empty(0, log.activity.dtype))


KILLED = """
import sys
import numpy as np
from procmine.log import EventLog
from procmine.scale import months, files
done = 0
write, record = months.write_shard, months.write_record
def slow(*args, **more):
    global done
    write(*args, **more)
    done += 1
    if done == int(sys.argv[3]):
        print("here", flush=True)
        import time
        time.sleep(60)
months.write_shard = slow
if sys.argv[3] == "record":
    def waits(*args, **more):
        print("here", flush=True)
        import time
        time.sleep(60)
    months.write_record = waits
    months.write_shard = write
from procmine.scale.shards import ShardedLog
if sys.argv[1] == "compact":
    months.compact(sys.argv[2])
else:
    new = ShardedLog.open(sys.argv[4])
    columns = (*new.about.attributes, *new.about.event_attributes)
    months.add_parts(__import__("pathlib").Path(sys.argv[2]), enumerate(new.parts(columns)), new.about)
"""


def killed(*arguments):
    run = subprocess.Popen([sys.executable, "-c", KILLED, *map(str, arguments)], stdout=subprocess.PIPE)
    assert run.stdout.readline() == b"here\n"
    run.send_signal(signal.SIGKILL)
    run.wait()
    run.stdout.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
@pytest.mark.parametrize("when", [2, "record"])
def test_a_month_killed_half_way_changes_nothing_and_is_added_again(office, tmp_path, when):
    folder, half = tmp_path / "log", seen(office, MONTHS[2])
    sharded(half, folder)
    new = only_rows(office, office.time > half.about.cutoff)
    sharded(new, tmp_path / "new")
    killed("add", folder, when, tmp_path / "new")
    equal(half, procmine.read(folder))
    held = add_parts(folder, parts_of(new), office.about)
    equal(office, held)
    killed("compact", folder, when)
    equal(office, procmine.read(folder))
    equal(office, compact(folder))
    compact(folder)
    left = sorted(one.name for one in folder.iterdir())
    assert left == ["about.json", ShardedLog.open(folder).record.base]
