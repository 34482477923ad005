"""New months of real exports: added one by one to a folder, they are one log of everything; the compacting command."""

import gzip

import numpy as np
import pytest
from test_contract import same
from test_months import answers, equal, table

import procmine
from procmine.log import LogError

KINDS = ("load.rows", "load.ends.found", "load.dormant.found", "load.cutoff.found", "load.cutoff.given")


def written(path, head, rows):
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def told(log):
    """What the door says of the whole, whichever file it came from."""
    return {note.key: {**note.values, "source": ""} for note in log.about.notes if note.key in KINDS}


def one_log(whole, folder):
    for name in ("activities", "cutoff", "ends", "begins", "dormant_after", "attributes", "event_attributes", "axis"):
        assert getattr(folder.about, name) == getattr(whole.about, name), name
    assert told(folder) == told(whole)
    assert [line.say() for line in folder.messages()[:3]] == [line.say() for line in whole.messages()[:3]]
    equal(whole, folder)


@pytest.mark.slow
def test_road_fines_by_month_are_the_road_fines(shared, tmp_path):
    with gzip.open(shared / "rtfm" / "traffic_fines_full.csv.gz", "rt", encoding="utf-8") as file:
        head, *rows = file.read().splitlines()
    when = (
        head.split(",").index("timestamp")
        if "timestamp" in head.split(",")
        else head.split(",").index("time:timestamp")
    )
    month = [row.split(",")[when][:7] for row in rows]
    base = [row for row, one in zip(rows, month) if "2000-01" <= one <= "2001-05"]
    folder = tmp_path / "folder"
    held = procmine.shard(written(tmp_path / "base.csv", head, base), folder, shards=6)
    known = base
    for one in ("2001-06", "2001-07", "2001-08"):
        new = [row for row, here in zip(rows, month) if here == one]
        known = [*known, *new]
        held = procmine.add_month(written(tmp_path / f"{one}.csv", head, new), folder)
    whole = procmine.read(written(tmp_path / "all.csv", head, known))
    one_log(whole, held)
    equal(whole, procmine.shard(tmp_path / "all.csv", tmp_path / "at once", shards=3))
    one_log(whole, procmine.compact(folder))
    for here, there in zip(table(whole), table(procmine.read(folder))):
        columns = [name for name in here.columns if name in there.columns]
        assert here[columns].equals(there[columns])


def generated(seed, cases=400):
    """Rows of text, in the order of time: cases of a day's precision that go through some of five steps in nine months."""
    draw = np.random.default_rng(seed)
    rows = []
    for case in range(cases):
        moment = 19_700 * 1_440 + int(draw.integers(0, 270 * 1_440))
        for step in ("Apply", "Check", "Ask back", "Decide", "Pay")[: int(draw.integers(2, 6))]:
            stamp = str(np.datetime64(moment, "m")).replace("T", " ")
            rows.append((stamp, f"c{case}", step, ("N", "S")[case % 2], f"e{len(rows)}", f"u{int(draw.integers(3))}"))
            moment += int(draw.exponential(20 * 1_440)) + 1
    return sorted(rows)


HEAD = "time,case,activity,office,entry,unit"


def months_of(rows):
    """The rows of the first five months, and those of each later one."""
    months = sorted({row[0][:7] for row in rows})
    return [
        [row for row in rows if row[0][:7] <= months[4]],
        *([row for row in rows if row[0][:7] == one] for one in months[5:8]),
    ]


def exported(path, rows):
    return written(path, HEAD, [",".join(row) for row in rows])


def whole_of(tmp_path, rows):
    return procmine.read(exported(tmp_path / "all.csv", rows))


@pytest.mark.parametrize("seed", range(3))
def test_generated_months_added_are_one_log(tmp_path, seed):
    first, *later = months_of(generated(seed))
    held = procmine.shard(exported(tmp_path / "0.csv", first), tmp_path / "folder", shards=4)
    for nth, rows in enumerate(later, 1):
        held = procmine.add_month(exported(tmp_path / f"{nth}.csv", rows), tmp_path / "folder")
    whole = whole_of(tmp_path, [*first, *(row for rows in later for row in rows)])
    one_log(whole, held)
    for here, there in zip(table(whole), table(held)):
        assert here.equals(there)
    assert procmine.load_report(held).rows["rows"].sum() == len(whole.time)
    one_log(whole, procmine.compact(tmp_path / "folder"))


def test_exports_that_overlap_and_corrected_entries(tmp_path):
    first, *later = months_of(generated(7))
    source, folder = exported(tmp_path / "0.csv", first), tmp_path / "folder"
    procmine.shard(
        source, folder, shards=4, columns=procmine.Columns(event_attributes=("entry", "unit"), attributes=("office",))
    )
    again = [(row[0], row[1], row[2], row[3], row[4], "corrected") for row in first[-80:]]
    new = exported(tmp_path / "1.csv", [*again, *first[-300:-200], *later[0]])
    named = procmine.Columns(event_attributes=("entry", "unit"), attributes=("office",))
    held = procmine.add_month(new, folder, columns=named, replaces="entry")
    truth = exported(tmp_path / "all.csv", [*first[:-80], *again, *later[0]])
    whole = procmine.read(truth, columns=named)
    equal(whole, held)
    for here, there in zip(table(whole), table(held)):
        assert here.equals(there)


def test_cases_exported_anew_replace_what_was_known_of_them(tmp_path):
    first, *later = months_of(generated(8))
    folder = tmp_path / "folder"
    procmine.shard(exported(tmp_path / "0.csv", first), folder, shards=4)
    touched = {row[1] for row in later[0]}
    everything = [row for row in (*first, *later[0]) if row[1] in touched]
    shifted = sorted((row[0][:-1] + "7", *row[1:]) for row in everything)  # each entry was corrected by minutes
    held = procmine.add_month(exported(tmp_path / "1.csv", shifted), folder, replaces="cases")
    whole = whole_of(tmp_path, sorted([*(row for row in first if row[1] not in touched), *shifted]))
    equal(whole, held)


def test_columns_that_come_and_go_are_missing_elsewhere(tmp_path):
    first, *later = months_of(generated(11))
    folder = tmp_path / "folder"
    procmine.shard(exported(tmp_path / "0.csv", first), folder, shards=4)
    without = written(
        tmp_path / "1.csv", "time,case,activity,entry", [",".join((*row[:3], row[4])) for row in later[0]]
    )
    more = written(tmp_path / "2.csv", HEAD + ",region", [",".join((*row, f"r{row[1][-1]}")) for row in later[1]])
    procmine.add_month(without, folder)
    held = procmine.add_month(more, folder)
    blank = [(*row[:3], "", row[4], "") for row in later[0]]
    rows = [*((*row, "") for row in (*first, *blank)), *((*row, f"r{row[1][-1]}") for row in later[1])]
    whole = procmine.read(written(tmp_path / "all.csv", HEAD + ",region", [",".join(row) for row in rows]))
    equal(whole, held)
    for here, there in zip(table(whole), table(held)):
        assert here.equals(there[list(here.columns)])
    for here, there in zip(table(whole), table(procmine.compact(folder))):
        assert here.equals(there[list(here.columns)])


def test_months_that_do_not_fit_are_refused(tmp_path, office):
    first, second, *_ = months_of(generated(9))
    folder = tmp_path / "folder"
    procmine.shard(exported(tmp_path / "0.csv", first), folder, shards=4)
    month = exported(tmp_path / "1.csv", second)
    procmine.add_month(month, folder)
    with pytest.raises(LogError, match="added to folder already"):
        procmine.add_month(month, folder)
    days = exported(tmp_path / "2.csv", [(row[0][:10], *row[1:]) for row in second])
    with pytest.raises(LogError, match="by the day"):
        procmine.add_month(days, folder)
    with pytest.raises(LogError, match="no attribute 'number'"):
        procmine.add_month(exported(tmp_path / "3.csv", second[:50]), folder, replaces="number")
    procmine.save(office, tmp_path / "saved", shards=2)
    with pytest.raises(LogError, match=r"procmine\.shard"):
        procmine.add_month(month, tmp_path / "saved")
    assert len(procmine.read(folder).record.deltas) == 1


def test_compact_on_the_command_line(tmp_path):
    from click.testing import CliRunner

    from procmine.cli import main

    first, second, *_ = months_of(generated(4))
    folder = tmp_path / "folder"
    procmine.shard(exported(tmp_path / "0.csv", first), folder, shards=4)
    held = procmine.add_month(exported(tmp_path / "1.csv", second), folder)
    before = list(answers(held))
    done = CliRunner().invoke(main, ["compact", str(folder)])
    assert done.exit_code == 0 and "1 month" in done.output, done.output
    for one, two in zip(before, answers(procmine.read(folder))):
        same(one, two)
    again = CliRunner().invoke(main, ["compact", str(folder)])
    assert again.exit_code == 0 and "nothing" in again.output.lower()
    for command in ("map", "bottlenecks", "survival", "variants", "rework", "lengths"):
        out = ["-o", str(tmp_path / "map.png")] if command == "map" else []
        done = CliRunner().invoke(
            main, [command, str(folder), "--where", "office=N", "--beginning-with", "Apply", *out]
        )
        assert done.exit_code == 0, (command, done.output)
