"""Logs on a real cluster of Spark: a master and two workers without procmine, on this computer, for these tests."""

import gzip
import os
import sys
import threading
import time
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import test_contract
from pyarrow import parquet
from spark_cluster import cluster, lacking
from spark_each import ask_all
from test_batch_run import batch, job, notebook
from test_simulate import policy, world

import procmine
from procmine.asking import ask
from procmine.load.spark import arriving
from procmine.load.spark.ship import answers
from procmine.log import LogError
from procmine.publish.batch.replace import intact, record_of
from procmine.publish.batch.run import run_jobs
from procmine.scale.shards import save
from procmine.see.flow import FlowSummary, VariantSummary
from procmine.see.times import CycleSummary

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # sockets of pyspark's own
]
PARTS = 6
SPEC = """
stages: {Decision: [Order, End]}
who_can_change: {Order: our policy, End: law}
ends: {End: granted, Withdrawn: withdrawn}
dormant_after_days: 200
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    if lacking():
        pytest.skip(lacking())
    with cluster(tmp_path_factory.mktemp("spark")) as one:
        yield one


@pytest.fixture(scope="module")
def spark(running):
    session = running.session()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def written(office, tmp_path_factory):
    """The office's log as text, with a spec."""
    folder = tmp_path_factory.mktemp("office")
    procmine.write(office, folder / "office.csv")
    (folder / "office.yaml").write_text(SPEC, encoding="utf-8")
    return folder / "office.csv"


@pytest.fixture(scope="module")
def read_here(written):
    return procmine.read(written)


@pytest.fixture(scope="module")
def read_there(spark, written):
    return procmine.read_spark(spark, written, spec=written.with_suffix(".yaml"), partitions=PARTS)


def same_about(here, there):
    """All that is known of a log, but for what its source is called and hashes to."""
    one, two = here.about.to_dict(), there.about.to_dict()
    assert {name for name in one if one[name] != two[name]} <= {"source", "files"}


def test_what_is_known_of_a_log_is_the_same(read_here, read_there):
    same_about(read_here, read_there)
    assert len(read_there) == len(read_here) == 3_000 and read_there.size == len(read_here.time)


def test_every_summary_gives_the_same_as_in_memory(read_here, read_there):
    """Of all cases, and by office and year: all in one job."""
    groupings = [((), None), (("office",), "year")]
    found = ask_all(read_there, test_contract.QUESTIONS, groupings)
    asked = [(question, *one) for one in groupings for question in test_contract.QUESTIONS]
    assert len(found) == len(asked) > 60
    for one, rows in zip(asked, found):
        test_contract.same(ask(read_here, *one).rows, rows)


def test_a_folder_of_shards_is_asked_by_workers(spark, office, tmp_path):
    save(office, tmp_path / "log", shards=20)  # so many that executors merge before the driver does
    there = procmine.read_spark(spark, tmp_path / "log")
    for question, rows in zip(test_contract.QUESTIONS, ask_all(there, test_contract.QUESTIONS)):
        test_contract.same(ask(office, question).rows, rows)
    with pytest.raises(ValueError, match="settled already"):
        procmine.read_spark(spark, tmp_path / "log", cutoff="2024-01-01")


def test_filters_and_samples_are_those_of_shards(read_here, read_there, tmp_path):
    north = read_there.where({"office": "North"}).having("Order")
    here = read_here.where({"office": "North"}).having("Order")
    test_contract.same(procmine.bottlenecks(here).rows, procmine.bottlenecks(north).rows)
    assert [one.say() for one in here.about.history] == [one.say() for one in north.about.history]
    drawn = read_there.sample(cases=50, seed=3)
    stored = save(read_here, tmp_path / "log", shards=3).sample(cases=50, seed=3)
    assert len(drawn) == 50 and list(drawn.cases["case"]) == list(stored.cases["case"])
    with pytest.raises(LogError, match="sample"):
        procmine.fit(read_there)


def test_road_fines(spark, shared, tmp_path):
    """The first 100,000 events of the real log, their text packed in one file; only columns that are needed are sent."""
    path = tmp_path / "fines.csv.gz"
    with gzip.open(shared / "rtfm" / "traffic_fines_full.csv.gz", "rb") as whole, gzip.open(path, "wb", 1) as some:
        some.writelines(islice(whole, 100_001))
    columns = procmine.Columns(attributes=("vehicleclass",), event_attributes=())
    here, there = procmine.read(path, columns=columns), procmine.read_spark(spark, path, columns=columns, partitions=2)
    same_about(here, there)
    questions = [FlowSummary(), VariantSummary(), CycleSummary()]
    for question, rows in zip(questions, ask_all(there, questions)):
        test_contract.same(ask(here, question).rows, rows)
    there.forget()


BAD = """case,step,time,note,price
a,File,2024-01-01 09:00:00,x,1
a,File,2024-01-01 09:00:00,x,1
a,File,2024-01-01 09:00:00,x,2
a,Check,2024-01-02 10:30:00,"two
lines",3
,File,2024-01-03 09:00:00,x,4
b,,2024-01-03 09:00:00,x,5
b,File,yesterday,x,6
b,File,2024-01-04 11:00:00,x,7
b,Check,2024-01-05 12:00:00,x,8,9,10
b,Check
b,Check,2024-01-06 12:00:00,x,11
c,File,2150-01-01 00:00:00,x,12
c,File,2024-02-01 08:15:00,x,13
c,Check,2024-02-02 08:45:00,x,14
"""


def test_rows_set_aside_are_counted_and_placed_alike(spark, tmp_path):
    """Ragged, without a case, unreadable, late and repeated rows, where one column is of those that nobody asked for."""
    plain = BAD.replace('"two\nlines"', "two lines")
    (tmp_path / "bad.csv").write_text(plain, encoding="utf-8")
    columns = procmine.Columns(event_attributes=("note",))
    here = procmine.read(tmp_path / "bad.csv", columns=columns)
    there = procmine.read_spark(spark, tmp_path / "bad.csv", columns=columns, partitions=3)
    same_about(here, there)
    test_contract.same(ask(here, FlowSummary()).rows, ask(there, FlowSummary()).rows)
    assert len(here.time) == there.size == 7


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (BAD, "a quotation mark that is not closed on its line .*: 2,"),
        ('case,step,time,note\na,File,2024-01-01,"5\\" pipe\\", x"\n', "a backslash before a quotation mark"),
        ("case,step,time,note\na,Prüfung,2024-01-01,x\n", "a line that is not written in UTF-8. Lines like that: 1,"),
    ],
)
def test_text_that_spark_would_read_wrongly_is_refused(spark, tmp_path, text, why):
    """Rows that go on over lines, marks that Spark takes otherwise than we do, letters that it would lose."""
    (tmp_path / "text.csv").write_text(text, encoding="cp1252")
    with pytest.raises(LogError, match=f"{why}.*first in text.csv.*procmine shard"):
        procmine.read_spark(spark, tmp_path / "text.csv")


def test_files_of_text_with_their_columns_in_another_order_are_not_mixed_up(spark, tmp_path):
    (tmp_path / "a.csv").write_text("case,step,time\na,File,2024-01-01\na,Check,2024-01-02\n")
    (tmp_path / "b.csv").write_text("step,case,time\nFile,b,2024-01-01\nCheck,b,2024-01-02\n")
    with pytest.raises(LogError, match="2 files, 1 with other columns"):
        procmine.read_spark(spark, f"{tmp_path}/*.csv")


def test_tables_and_frames_with_times_of_their_own(spark, read_here, tmp_path):
    """Parquet in several files, as path, table and frame: events of one moment in the order of a column."""
    events = read_here.events
    table = pa.table(
        {"case": events["case"], "step": events["activity"], "at": events["time"], "n": range(len(events))}
    )
    (tmp_path / "parts").mkdir()
    for k, begin in enumerate(range(0, len(table), 2_000)):
        parquet.write_table(table.slice(begin, 2_000), tmp_path / "parts" / f"{k}.parquet")
    said = {"columns": procmine.Columns("case", "step", "at", order="n"), "ends": ["End", "Withdrawn"]}
    here = procmine.read(tmp_path / "parts", **said)
    frame = spark.read.parquet(str(tmp_path / "parts"))
    frame.createOrReplaceTempView("office_cases")
    sources = [f"{tmp_path}/parts/*.parquet", "office_cases", frame.repartition(7)]
    expected = ask(here, FlowSummary()).rows
    for source in sources:
        there = procmine.read_spark(spark, source, **said, partitions=2)
        assert there.about.cutoff == here.about.cutoff and there.about.axis == here.about.axis
        found = ask(there, FlowSummary()).rows
        names = [name for name in expected if expected[name].dtype == object]  # a frame has no order of first places
        rank = [np.lexsort([one[name].astype(str) for name in names]) for one in (expected, found)]
        test_contract.same(*({k: v[order] for k, v in one.items()} for one, order in zip((expected, found), rank)))
        there.forget()


def test_one_giant_case(spark):
    """Nearly all events are of one case, 300,000, with two of each other case."""
    from pyspark.sql import functions as f

    n, others = 300_000, 500
    rows = spark.range(n + 2 * others)
    case = f.when(rows["id"] < n, f.lit("giant")).otherwise(f.concat(f.lit("c"), (rows["id"] % others).cast("string")))
    step = f.concat(f.lit("s"), (rows["id"] % 3).cast("string"))
    frame = rows.select(case.alias("case"), step.alias("activity"), f.timestamp_seconds(rows["id"]).alias("time"))
    log = procmine.read_spark(spark, frame, partitions=4, columns=procmine.Columns(repeated="keep"), ends="every case")
    assert len(log) == 1 + others and log.size == n + 2 * others
    flow = ask(log, FlowSummary()).rows
    pairs, ends = n - 1 + others, 2 * (1 + others)
    assert flow["n"].sum() == pairs + ends, "each event but the first follows another; cases begin and end once"
    log.forget()


def slow(part, marks):
    """Counts cases; says where it runs, and takes its time."""
    Path(marks, f"{os.getpid()}-{time.monotonic_ns()}").write_text(os.getcwd())
    time.sleep(0.4)
    return Numbers(len(part))


class Numbers:
    def __init__(self, n):
        self.n = n

    def merge(self, other):
        return Numbers(self.n + other.n)


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(running, read_here, read_there, tmp_path):
    from pyspark import cloudpickle

    expected = ask(read_here, FlowSummary()).rows
    found = []
    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    job = threading.Thread(target=lambda: found.append(read_there.reduce(partial(slow, marks=str(tmp_path)))))
    job.start()
    victim = f"work{len(running.processes) - 1}"
    end = time.monotonic() + 60
    while not any(victim in one.read_text() for one in tmp_path.iterdir()):
        assert time.monotonic() < end
        time.sleep(0.05)
    running.kill_worker()
    job.join(120)
    cloudpickle.unregister_pickle_by_value(sys.modules[__name__])
    assert len(list(tmp_path.iterdir())) > PARTS, "parts of the lost worker were done again"
    assert found[0].n == 3_000
    test_contract.same(expected, ask(read_there, FlowSummary()).rows)  # also of the parts that it had kept
    running.add_worker()


def test_what_is_no_source_is_said_in_a_sentence(spark, tmp_path):
    (tmp_path / "x.unknown").write_text("a")
    with pytest.raises(LogError, match=r"Spark cannot read .*gone.csv: .*does not exist"):
        procmine.read_spark(spark, tmp_path / "gone.csv")
    with pytest.raises(LogError, match="Spark cannot read no_table"):
        procmine.read_spark(spark, "no_table")
    with pytest.raises(LogError, match="its name does not say how"):
        procmine.read_spark(spark, tmp_path / "x.unknown")
    with pytest.raises(LogError, match="which column is the case"):
        procmine.read_spark(spark, spark.createDataFrame([("secret", 1)], "p string, q int"))
    with pytest.raises(ValueError, match="int: Spark reads a DataFrame"):
        procmine.read_spark(spark, 7)
    with pytest.raises(ValueError, match="no session of Spark"):
        procmine.read_spark(None, "log.csv")
    (tmp_path / "joins.yaml").write_text("source: a.csv\nvoice: b.csv\n", encoding="utf-8")
    with pytest.raises(LogError, match=r"joins.yaml .*needs all rows in one place"):
        procmine.read_spark(spark, "log.csv", spec=tmp_path / "joins.yaml")


def test_workers_with_other_versions_are_refused_in_one_sentence(spark):
    sent = arriving.Sent(b"", "none.zip", {"numpy": "0.9"}, ("answer",))
    frame = spark.range(0, 2, 1, 2).mapInArrow(lambda batches: sent(batches), "answer binary, refused string")
    with pytest.raises(
        LogError, match=r"The workers of this cluster have other versions: numpy 0.9 here, \d\.\d+ there"
    ):
        answers(frame)


def test_draws_of_a_forecast_are_the_same_to_the_bit(spark):
    model = procmine.fit(world(1, 600, 500), by=("contested",))
    said = {"seed": 7, "within": (60, 120), "effort": procmine.Effort(draws=4, replications=1, cases=120)}
    here = procmine.forecast(model, policy(), **said)
    told = []
    heard = procmine.Effort(draws=4, replications=1, cases=120, tell=lambda *done: told.append(done))
    with procmine.on_spark(spark):
        there = procmine.forecast(model, policy(), **{**said, "effort": heard})
    assert told == [(4, 4)], "it was done there"
    pairs = [(here.rows, there.rows), (here.curves, there.curves)]
    pairs += [
        (getattr(here, one).rows, getattr(there, one).rows) for one in ("amounts", "saved", "by_group", "open_cases")
    ]
    for one, two in pairs:
        for name in one:
            np.testing.assert_array_equal(one[name], two[name])


def test_jobs_of_a_batch_are_done_by_workers_and_kept_here(spark, tmp_path, monkeypatch):
    """Each says where it ran; one fails, and is the only one that is not finished."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    where = "import os, procmine\nprint('ran under', os.path.dirname(os.path.dirname(procmine.__file__)))"
    jobs = [job(notebook(tmp_path, "note", where)), job(notebook(tmp_path, "fails", "1 / 0"))]
    whole, lines = batch(tmp_path, *jobs), []
    with procmine.on_spark(spark):
        dones = run_jobs(whole, say=lines.append)
    assert [one.status for one in dones] == ["complete", "failed"], lines
    place = whole.place(jobs[0])
    assert intact(place, dones[0]) and record_of(place) == dones[0]
    page = next(place.glob("*.html")).read_text(encoding="utf-8")
    assert "procmine-spark-" in page, "the code that was sent is what ran"
    again = run_jobs(whole, say=lines.append)  # here, without the cluster: only what failed runs again
    assert [one.status for one in again] == ["unchanged", "failed"]
