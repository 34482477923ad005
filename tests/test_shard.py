"""A folder of shards, made in parts, holds what reading in memory gives; ended runs go on; a full disk is told."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import csv, parquet

import procmine
from procmine.kernels.case_hash import case_shard
from procmine.load.sharding import reading
from procmine.load.sharding.making import bytes_of, shard
from procmine.log import LogError

DAY = 86_400_000_000


def events_of(log):
    """Per case, what is known of it and its events, in their order."""
    frame, cases = log.events, log.cases
    per_event = [column for column in frame.columns if column != "case"]
    held = {case: list(map(tuple, some[per_event].astype(str).to_numpy())) for case, some in frame.groupby("case")}
    known = {row[0]: tuple(map(str, row[1:])) for row in cases.to_numpy()}
    return held, known


def same(folder, log):
    """All that is asked of the folder is as it is in memory, and so are the events."""
    stored = procmine.read(folder)
    about, whole = stored.about.to_dict(), log.about.to_dict()
    assert {name: one for name, one in about.items() if name != "notes"} == {
        name: one for name, one in whole.items() if name != "notes"
    }
    assert sorted(one.say() for one in stored.about.notes) == sorted(one.say() for one in log.about.notes)
    columns = (*log.about.attributes, *log.about.event_attributes)
    held, known = {}, {}
    for number, part in enumerate(stored.parts(columns)):
        assert set(case_shard(part.case.levels, stored.shards)[part.case.codes].tolist()) <= {number}
        some, about_cases = events_of(part)
        assert not held.keys() & some.keys()
        held |= some
        known |= about_cases
    assert (held, known) == events_of(log)
    same_answers(stored, log)


def same_answers(stored, log):
    """Counts equal, middle times within half a percent."""
    for ask in (procmine.flow, procmine.variants, procmine.rework, procmine.cycle_times):
        one, two = ask(stored).frame, ask(log).frame
        assert list(one.columns) == list(two.columns)
        for name in one.columns:
            left, right = one[name].to_numpy(), two[name].to_numpy()
            if left.dtype.kind in "mf":
                rtol = 0.005 if left.dtype.kind == "m" else 1e-12
                np.testing.assert_allclose(left.astype(float), right.astype(float), rtol=rtol, err_msg=name)
            else:
                assert left.tolist() == right.tolist(), (ask.__name__, name)


def made(cases, seed=1):
    """A generated log in order of time, with attributes of cases and of events."""
    draw = np.random.default_rng(seed)
    length = draw.integers(1, 12, cases)
    case = np.repeat(np.arange(cases), length)
    day = draw.integers(0, 400, cases)[case] * DAY + draw.integers(0, 40 * DAY, len(case))
    order = np.argsort(day, kind="stable")
    step = draw.integers(0, 9, len(case))
    return pa.table(
        {
            "case": pa.array([f"C{one}" for one in case[order]]),
            "activity": pa.array([f"Step {one}" for one in step[order]]),
            "timestamp": pa.array((day[order] + 19_000 * DAY).astype("M8[us]")),
            "office": pa.array([f"Office {one % 5}" for one in case[order]]),
            "who": pa.array([f"w{one}" for one in draw.integers(0, 30, len(case))]),
        }
    )


@pytest.fixture
def small(monkeypatch):
    """Even small sources are cut into several chunks."""
    monkeypatch.setattr(reading, "CHUNK", 700)


@pytest.mark.parametrize("kind", ["parquet", "csv", "csv.gz", "feather", "folder"])
def test_generated(kind, tmp_path, small):
    table, source = made(600), tmp_path / f"log.{kind}"
    if kind == "parquet":
        parquet.write_table(table, source, row_group_size=1_000)
    elif kind == "feather":
        from pyarrow import feather

        feather.write_feather(table, source, chunksize=900)
    elif kind == "folder":
        source.mkdir()
        for part in range(3):
            csv.write_csv(table.slice(part * 1_300, 1_300 if part < 2 else None), source / f"{part}.csv")
    else:
        with pa.CompressedOutputStream(source, "gzip") if kind == "csv.gz" else pa.OSFile(str(source), "wb") as file:
            csv.write_csv(table, file)
    shard(source, tmp_path / "shards", shards=5)
    same(tmp_path / "shards", procmine.read(source))
    assert not list(tmp_path.glob(".*"))


HOSTILE = [
    "",
    " ",
    "a\nb",
    'q"uote',
    "'; DROP TABLE cases; --",
    "=1+1",
    "<script>",
    "🙂",
    "../../etc",
    "C:\\CON",
    "x" * 90_000,
]


def test_hostile_names(tmp_path, small):
    rows = [
        (case, step, f"2026-01-{1 + k:02} 10:0{k}:00", who)
        for k, step in enumerate(["Begin", "<b>Look</b>", "=End()"])
        for case in HOSTILE
        for who in ("ann;|", "\t")
    ]
    names = ["case", "activity", "timestamp", 'who "it" was\n']
    table = pa.table({name: pa.array(column) for name, column in zip(names, zip(*rows))})
    source = tmp_path / "log $(rm x) 'q' ü🙂;.csv"
    csv.write_csv(table, source)
    shard(source, tmp_path / "sh ards ü🙂", shards=3)
    same(tmp_path / "sh ards ü🙂", procmine.read(source))


def test_rows_aside_are_those_of_memory(tmp_path, small):
    good = "".join(
        f"c{k % 50},Step {k % 4},2026-0{1 + k % 6}-{1 + k % 28:02} 1{k % 9}:00,{k % 3}\n" for k in range(2_000)
    )
    bad = ",Step,2026-01-01 10:00,1\nc1,,2026-01-01 10:00,1\nc1,Step,,1\nc1,Step,yesterday,1\nc1,Step\n"
    bad += "c2,Step,1850-01-01 10:00,1\n"
    bad += ",,,\nc3,Step 0,2150-01-01 10:00,1\n"
    source = tmp_path / "log.csv"
    source.write_text(
        "case,activity,timestamp,note\n"
        + good
        + bad
        + good[:4_000].rsplit("\n", 1)[0]
        + "\n"
        + good[-900:].split("\n", 1)[1]
    )
    log = procmine.read(source)
    reasons = {one.key for one in log.about.notes if one.key.startswith("load.aside.")}
    assert len(reasons) >= 6
    shard(source, tmp_path / "shards", shards=4)
    same(tmp_path / "shards", log)


def test_spec_beside_a_source(tmp_path, small):
    parquet.write_table(made(200), tmp_path / "log.parquet")
    (tmp_path / "log.yaml").write_text(
        "title: Ours\nends: {Step 8: done}\nstages: {First: [Step 0, Step 1]}\ncutoff: 2023-02-01\n"
        "persons: [office]\ncalendars: {main: {hours: {monday: '09:00-12:00'}}}\n"
    )
    shard(tmp_path / "log.parquet", tmp_path / "shards", shards=3)
    same(tmp_path / "shards", procmine.read(tmp_path / "log.parquet"))


def test_what_cannot_be_read_in_parts_is_read_in_memory(tmp_path):
    procmine.write(procmine.read("event_logs/child_support.csv"), tmp_path / "log.xes.gz")
    stored = shard(tmp_path / "log.xes.gz", tmp_path / "shards", shards=3)
    assert "shard.in_memory" in [one.key for one in stored.about.notes]
    same_answers(stored, procmine.read(tmp_path / "log.xes.gz"))
    assert sum(len(part) for part in stored.parts()) == 6_039


def test_what_people_said_is_left_out_and_that_is_said(tmp_path):
    stored = shard("event_logs/child_support.csv", tmp_path / "shards", shards=3)
    log = procmine.read("event_logs/child_support.csv")
    assert log.voice is not None
    assert [one.key for one in stored.about.notes if one.key.startswith("shard.")] == ["shard.no_voice"]
    same_answers(stored, log)


@pytest.mark.parametrize(
    "name", ["rtfm/traffic_fines_full.csv.gz", "receipt_coselog/receipt.csv.gz", "receipt_coselog/receipt.parquet"]
)
def test_shared_logs(name, shared, tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 100_000 if name.startswith("rtfm") else 2_000)
    log = procmine.read(shared / name)
    stored = shard(shared / name, tmp_path / "shards", shards=7)
    same_answers(stored, log)
    assert stored.about.to_dict() == log.about.to_dict()
    found = sum(len(part) for part in stored.parts()), sum(len(part.time) for part in stored.parts())
    assert found == (len(log), len(log.time))
    if name.startswith("receipt"):
        same(tmp_path / "shards", log)
    else:
        assert (len(log), len(log.time)) == (150_370, 561_470)


def test_bpi12(shared, tmp_path, monkeypatch):
    """13,087 cases with beginnings and ends of their steps, as text."""
    monkeypatch.setattr(reading, "CHUNK", 50_000)
    log = procmine.read(shared / "bpic12" / "BPI_Challenge_2012.xes.gz")
    procmine.write(log, tmp_path / "log.csv")
    whole = procmine.read(tmp_path / "log.csv")
    assert len(whole) == 13_087
    same_answers(shard(tmp_path / "log.csv", tmp_path / "shards", shards=6), whole)
    same_answers(shard(shared / "bpic12" / "BPI_Challenge_2012.xes.gz", tmp_path / "xes", shards=3), log)


RUN = """
import sys
from procmine.load.sharding import reading
from procmine.load.sharding.making import shard
from procmine.log import LogError
reading.CHUNK = {chunk}
try:
    shard({source!r}, {folder!r}, shards=6)
except LogError as error:
    print("LogError:", error)
    sys.exit(3)
"""


def start(source, folder, chunk=700, before=""):
    code = before + RUN.format(source=str(source), folder=str(folder), chunk=chunk)
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def bytes_in(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("until", ["rows-00002.arrow", "rows-00015.arrow", "built/cases-00002.parquet"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_killed_run_goes_on(kind, until, tmp_path):
    source = tmp_path / f"log.{kind}"
    csv.write_csv(made(3_000), source) if kind == "csv" else parquet.write_table(
        made(3_000), source, row_group_size=900
    )
    run = start(source, tmp_path / "shards")
    work = tmp_path / ".shards.sharding"
    while run.poll() is None and not (work / until).exists():
        time.sleep(0.001)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    if run.returncode == 0:
        pytest.skip("this machine was done before it could be stopped")
    assert work.is_dir() and not (tmp_path / "shards").exists()
    kept = {path.name: path.stat().st_mtime_ns for path in work.glob("rows-*.arrow")}
    again = start(source, tmp_path / "shards")
    out, _ = again.communicate()
    assert again.returncode == 0, out
    whole = start(source, tmp_path / "whole")
    whole.communicate()
    assert bytes_in(tmp_path / "shards") == bytes_in(tmp_path / "whole")
    assert not list(tmp_path.glob(".*"))
    assert kept


def stopped(source, folder, monkeypatch):
    """A run that ends while it reads."""
    with monkeypatch.context() as patch:
        patch.setattr(reading, "write_chunk", stop_after(reading.write_chunk, 3))
        with pytest.raises(KeyboardInterrupt):
            shard(source, folder, shards=4)


def stop_after(write, chunks):
    def writing(batches, layout, target):
        if int(target.stem.split("-")[1]) >= chunks:
            raise KeyboardInterrupt
        write(batches, layout, target)

    return writing


def test_chunks_are_not_written_again(tmp_path, small, monkeypatch):
    parquet.write_table(made(600), tmp_path / "log.parquet")
    stopped(tmp_path / "log.parquet", tmp_path / "shards", monkeypatch)
    first = {path.name: path.stat().st_mtime_ns for path in (tmp_path / ".shards.sharding").glob("rows-*")}
    assert len(first) == 3
    written = []
    monkeypatch.setattr(
        reading, "write_chunk", lambda *told, of=reading.write_chunk: (written.append(told[2].name), of(*told))
    )
    shard(tmp_path / "log.parquet", tmp_path / "shards", shards=4)
    assert written and not first.keys() & set(written)
    same(tmp_path / "shards", procmine.read(tmp_path / "log.parquet"))


@pytest.mark.parametrize("change", ["source", "date", "asked"])
def test_a_changed_source_is_refused(change, tmp_path, small, monkeypatch):
    source = tmp_path / "log.csv"
    csv.write_csv(made(600), source)
    stopped(source, tmp_path / "shards", monkeypatch)
    how = {}
    if change == "source":
        csv.write_csv(made(600, seed=2), source)
    elif change == "date":
        os.utime(source, ns=(1, 1))
    else:
        how = {"cutoff": "2023-01-01"}
    with pytest.raises(LogError, match="cannot be continued") as told:
        shard(source, tmp_path / "shards", shards=4, **how)
    assert ".shards.sharding" in str(told.value)
    assert ("asked otherwise" in str(told.value)) == (change == "asked")


def test_a_source_that_changes_while_it_is_read_is_refused(tmp_path, small, monkeypatch):
    source = tmp_path / "log.csv"
    csv.write_csv(made(600), source)

    def and_append(batches, layout, target, of=reading.write_chunk):
        of(batches, layout, target)
        os.utime(source, ns=(1, 1))

    monkeypatch.setattr(reading, "write_chunk", and_append)
    with pytest.raises(LogError, match="changed while it was read"):
        shard(source, tmp_path / "shards", shards=4)
    assert not (tmp_path / "shards").exists()


def test_a_folder_that_exists_is_refused(tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(LogError, match="exists already"):
        shard("event_logs/child_support.csv", tmp_path / "there")


def test_a_disk_that_is_too_small_is_told_before_anything_is_written(tmp_path, monkeypatch):
    import shutil

    csv.write_csv(made(600), tmp_path / "log.csv")
    total = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: total._replace(free=1_000))
    with pytest.raises(LogError, match=r"needs about [\d.,]+ [kMG]?B.* 1 kB are free|needs about .*1,000 bytes"):
        shard(tmp_path / "log.csv", tmp_path / "shards", shards=4)
    assert not list(tmp_path.glob(".shards*"))


LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on the size of files")
def test_a_file_that_cannot_grow_is_one_error(tmp_path):
    csv.write_csv(made(3_000), tmp_path / "log.csv")
    run = start(tmp_path / "log.csv", tmp_path / "shards", chunk=4_000, before=LIMIT.format(size=30_000))
    out, _ = run.communicate()
    assert run.returncode == 3, out
    assert "Traceback" not in out and "no room left" in out and "it continues" in out
    assert not (tmp_path / "shards").exists() and not list(tmp_path.rglob("*.partial"))
    again = start(tmp_path / "log.csv", tmp_path / "shards", chunk=4_000)
    out, _ = again.communicate()
    assert again.returncode == 0, out
    same_answers(procmine.read(tmp_path / "shards"), procmine.read(tmp_path / "log.csv"))


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of its own of half a megabyte."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)], check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_one_error_and_the_work_goes_on(tiny_disk, tmp_path):
    """As much as the check lets pass, but others fill the disk meanwhile."""
    csv.write_csv(made(3_000), tmp_path / "log.csv")
    (tiny_disk / "others").write_bytes(bytes(200_000))
    unchecked = "from procmine.load.sharding import making\nmaking.check_space = lambda *told: None\n"
    run = start(tmp_path / "log.csv", tiny_disk / "shards", before=unchecked)
    out, _ = run.communicate()
    assert run.returncode == 3, out
    assert "Traceback" not in out and "no room left" in out
    assert not (tiny_disk / "shards").exists()
    (tiny_disk / "others").unlink()
    subprocess.run(["mount", "-o", "remount,size=8m", str(tiny_disk)], check=True)
    again = start(tmp_path / "log.csv", tiny_disk / "shards")
    out, _ = again.communicate()
    assert again.returncode == 0, out
    same_answers(procmine.read(tiny_disk / "shards"), procmine.read(tmp_path / "log.csv"))


@pytest.mark.parametrize(
    ("said", "most"), [("2 GiB", 1 << 31), ("800 MB", 800_000_000), ("1.5g", 1_500_000_000), (1 << 30, 1 << 30)]
)
def test_memory(said, most):
    assert bytes_of(said) == most


@pytest.mark.parametrize("said", ["much", "10 MB", "-1 GB", "2 TB"])
def test_memory_that_is_none(said):
    with pytest.raises(ValueError, match="memory="):
        bytes_of(said)


def test_the_command(tmp_path):
    from click.testing import CliRunner

    from procmine.cli import main

    source, folder = Path("event_logs/child_support.csv").resolve(), tmp_path / "shards"
    done = CliRunner().invoke(main, ["shard", str(source), str(folder), "--cutoff", "2026-10-01"])
    assert done.exit_code == 0, done.output
    assert "1 shard in" in done.output
    assert "50,517 events" in done.output and "left out" in done.output
    assert procmine.read(folder).about.cutoff == procmine.read(source, cutoff="2026-10-01").about.cutoff
    done = CliRunner().invoke(main, ["shard", str(source), str(folder)])
    assert done.exit_code == 2 and "exists already" in done.output
    done = CliRunner().invoke(main, ["shard", str(source), str(tmp_path / "x"), "--by-stages"])
    assert done.exit_code == 2 and "--by-stages" in done.output


def test_a_month_is_added_by_the_command(tmp_path):
    """Cases by month of their events; the folder of both months equals one folder of all, but for what each says it read."""
    from click.testing import CliRunner

    from procmine.cli import main

    rows = made(400).sort_by("timestamp")
    csv.write_csv(rows.slice(0, 1_800), tmp_path / "old.csv")
    csv.write_csv(rows.slice(1_800), tmp_path / "new.csv")
    csv.write_csv(rows, tmp_path / "both.csv")
    folder, run = str(tmp_path / "shards"), CliRunner().invoke
    assert run(main, ["shard", str(tmp_path / "old.csv"), folder]).exit_code == 0
    done = run(main, ["shard", str(tmp_path / "new.csv"), folder, "--add"])
    assert done.exit_code == 0, done.output
    same_answers(procmine.read(folder), procmine.read(tmp_path / "both.csv"))
    for wrong in (["--replaces", "cases"], ["--add", "--end", "Step 1"]):
        assert run(main, ["shard", str(tmp_path / "new.csv"), str(tmp_path / "x"), *wrong]).exit_code == 2


def test_nobody_else_makes_it(tmp_path):
    """Two runs at a time would write into each other's work."""
    from procmine.load.sharding.work import PLAN, work_on

    with work_on(tmp_path / "shards") as work:
        work.keep(PLAN, {})
        with pytest.raises(LogError, match="another run"), work_on(tmp_path / "shards"):
            pass
    assert json.loads((tmp_path / ".shards.sharding" / PLAN).read_text()) == {}
