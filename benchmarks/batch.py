"""A batch killed half way, beside a plain papermill loop: python benchmarks/batch.py [--jobs N] [--workers N]

Each job is notebooks/02_see_the_process.ipynb on its own part of the synthetic log (about 300 cases); three are replaced by
a notebook with an error, one that is not there, and one that never ends (limit 30 seconds, the same for both). The batch is
killed with SIGKILL once half of the jobs are finished, then resumed. Then papermill alone runs the same notebooks, one after
the other in one process, without limits of memory, pages or workbooks. Memory: the most that the process and all below it
held together, resident, sampled four times a second; pages that two processes share count twice. POSIX only.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import nbformat
import psutil

from procmine.publish.batch.job import OFFICES, RECORD, Batch, Job, OfficesFound, Period
from procmine.publish.batch.replace import record_of

HERE = Path(__file__).resolve().parents[1]
LIMIT = 30  # seconds, of the job that never ends
BATCH = """
import json, sys
from pathlib import Path
from procmine.publish.batch.job import Batch
from procmine.publish.batch.run import run_jobs
batch = Batch.from_dict(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
run_jobs(batch, resume="resume" in sys.argv)
"""
LOOP = """
import json, logging, sys
from pathlib import Path
import papermill
logging.disable(logging.CRITICAL)
batch = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
for job in batch["jobs"]:
    try:
        out = Path(sys.argv[1]).with_name("loop.ipynb")
        papermill.execute_notebook(job["notebook"], str(out), job["parameters"], kernel_name="python3", language="python",
                                   progress_bar=False, cwd=str(Path(job["notebook"]).parent), execution_timeout=LIMIT)
    except Exception as error:
        print(job["id"], type(error).__name__)
"""


@dataclass(frozen=True)
class Took:
    seconds: float
    megabytes: float
    code: int
    left: int  # processes that still ran 10 seconds after it had ended


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--jobs", type=int, default=40)
    asked.add_argument("--workers", type=int, default=2)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as place:
        show(given.jobs, given.workers, Path(place))


def show(count: int, workers: int, place: Path) -> None:
    batch = planned(place, count, workers)
    order = place / "batch.json"
    order.write_text(json.dumps(batch.to_dict()), encoding="utf-8")
    half = watched(BATCH, order, until=lambda: recorded(batch) >= count // 2)
    before = finished(batch)
    rest = watched(BATCH, order, "resume")
    after = finished(batch)
    kept = sum(after.get(name) == one for name, one in before.items() if one[1] == "complete")
    complete = sum(one[1] == "complete" for one in before.values())
    counted = Counter(one[1] for one in after.values())
    hidden = list((batch.folder / OFFICES).rglob(".*"))
    loop = watched(LOOP.replace("LIMIT", str(LIMIT)), order)
    print(f"| {count} jobs, {os.cpu_count()} cores | seconds | most MB held | processes left |")
    print("|---|---:|---:|---:|")
    rows = [
        (f"batch, {workers} workers, until SIGKILL ({len(before)} finished)", half),
        ("batch, resumed, to its end", rest),
        ("papermill alone, one after the other (no pages, no workbooks)", loop),
    ]
    for name, took in rows:
        print(f"| {name} | {took.seconds:,.0f} | {took.megabytes:,.0f} | {took.left} |")
    print(f"\nEnded as: {', '.join(f'{n} {status}' for status, n in sorted(counted.items()))}.", end=" ")
    print(
        f"Of {complete} jobs complete before the kill {kept} have the same files, hashes and times of change;", end=" "
    )
    print(f"half-written folders after the resume: {len(hidden)}.")


def planned(place: Path, count: int, workers: int) -> Batch:
    good, fails, loops = (place / f"{name}.ipynb" for name in ("see", "fails", "loops"))
    shutil.copyfile(HERE / "notebooks" / "02_see_the_process.ipynb", good)
    write(fails, "1 / 0")
    write(loops, "while True:\n    pass")
    odd = {3: fails, count // 2 - 2: place / "not there.ipynb", count - 4: loops}
    month = Period("month", "2026-10-01", "2026-10-31")
    jobs = []
    for number in range(count):
        notebook, log = odd.get(number, good), part(place, number, count)
        name = f"office {number}/{notebook.stem}/baseline"
        seconds = LIMIT if notebook == loops else 600
        given = {"source": str(log)}
        jobs.append(Job(name, notebook, log, given, None, "baseline", month, "team", seconds, 3_000, key=f"{number}"))
    return Batch("benchmark", place / "out", "2026-10", tuple(jobs), OfficesFound(), {}, workers=workers)


def write(path: Path, cell: str) -> None:
    made = nbformat.v4.new_notebook(metadata={"language_info": {"name": "python"}})
    tagged = nbformat.v4.new_code_cell("source = 'log.yaml'", metadata={"tags": ["parameters"]})
    made.cells = [tagged, nbformat.v4.new_code_cell(cell)]
    nbformat.write(made, path)


def part(place: Path, number: int, count: int) -> Path:
    """The spec of a log with every n-th case of the sample."""
    folder = place / "logs" / str(number)
    folder.mkdir(parents=True)
    for name in ("child_support.yaml", "child_support_voice.csv"):
        shutil.copyfile(HERE / "event_logs" / name, folder / name)
    with (HERE / "event_logs" / "child_support.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    cases = {case: place for place, case in enumerate(dict.fromkeys(row[0] for row in rows))}
    every = max(1, len(cases) // 300)
    with (folder / "child_support.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *(row for row in rows if cases[row[0]] % every == number % every)])
    return folder / "child_support.yaml"


def recorded(batch: Batch) -> int:
    return sum((batch.place(job) / RECORD).is_file() for job in batch.jobs)


def finished(batch: Batch) -> dict[str, tuple[dict[str, tuple[str, int]], str]]:
    """id -> the hash and the time of change of each file, and the status, of the jobs whose record is there."""
    found = {}
    for job in batch.jobs:
        place = batch.place(job)
        done = record_of(place) if (place / RECORD).is_file() else None
        if done is not None:
            files = (one for one in place.rglob("*") if one.is_file())
            seen = {str(one): (sha256(one.read_bytes()).hexdigest(), one.stat().st_mtime_ns) for one in files}
            found[job.id] = (seen, done.status)
    return found


def watched(lines: str, order: Path, *words: str, until: Callable[[], bool] | None = None) -> Took:
    """Run to its end, or kill it as soon as `until` holds."""
    started, peak, seen = time.monotonic(), 0, set()
    run = subprocess.Popen([sys.executable, "-c", lines, str(order), *words], cwd=HERE)
    root = psutil.Process(run.pid)
    while run.poll() is None:
        try:
            below = [root, *root.children(recursive=True)]
            seen.update(below)
            peak = max(peak, sum(one.memory_info().rss for one in below))
        except psutil.Error:  # one of them has just ended
            pass
        if until is not None and until():
            run.kill()
        time.sleep(0.25)
    seconds = time.monotonic() - started
    end = time.monotonic() + 10
    while any(map(runs, seen)) and time.monotonic() < end:
        time.sleep(0.2)
    return Took(seconds, peak / 1_000_000, run.returncode, sum(map(runs, seen)))


def runs(one: psutil.Process) -> bool:
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


if __name__ == "__main__":
    main()
