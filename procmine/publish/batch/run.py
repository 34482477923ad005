"""Run the jobs of a batch, each in its own process: what is finished stays, whatever happens to the rest."""

from __future__ import annotations

import contextvars
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Literal

from procmine.languages import language
from procmine.load.spark.spread import each, session
from procmine.publish.batch.job import INDEX, MAILING, OFFICES, RECORD, WORK, Batch, Done, Job
from procmine.publish.batch.lock import run_held
from procmine.publish.batch.process import Tree, cores, end_marked
from procmine.publish.batch.progress import Progress, Say
from procmine.publish.batch.replace import BESIDE, digest, intact, put, record_of, recover
from procmine.publish.batch.worker import Answer, order
from procmine.publish.notebooks import printed_parameters
from procmine.words import Message, Value, speaking

LOOK = 0.25  # seconds between two looks at what a job holds
MEGABYTE = 1_000_000
TEMPORARY, AWAY = "procmine-batch-", "put away"
UNSAFE = re.compile(r'[<>:"\\|?*\x00-\x1f]|[. ]$|^ |^\.|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)', re.IGNORECASE)
THREADS = ("OPENBLAS", "OMP", "MKL", "NUMBA", "NUMEXPR", "VECLIB_MAXIMUM")


class Stopped(KeyboardInterrupt):
    """Ctrl-C, or the system's wish to end: `dones` are finished and kept, the other jobs are not."""

    def __init__(self, dones: list[Done]) -> None:
        super().__init__()
        self.dones = dones


@dataclass(frozen=True)
class _Run:
    batch: Batch
    workers: int
    progress: Progress
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def token(self) -> str:
        """The same for all runs of this folder."""
        return sha256(os.path.normcase(self.batch.folder.resolve()).encode()).hexdigest()[:12]


def run_jobs(
    batch: Batch, *, workers: int | None = None, resume: bool = False, force: bool = False, say: Say | None = None
) -> list[Done]:
    """Run what is not finished yet; one Done for each job, in the order of the batch.

    A job whose record is there, complete, with the same key and all its files as they were written, is "unchanged" and
    not run again, unless `force`; failed ones are. `resume` goes on with a run that was stopped or killed: there must be
    one. `say` takes each line instead of the error stream. Ctrl-C raises Stopped; a folder that is being run, Busy.
    """
    workers = batch.workers if workers is None else workers
    _check(batch, workers, resume=resume, force=force)
    with run_held(batch.folder), _terminated_as_ctrl_c():
        run = _Run(batch, workers, Progress(batch.jobs, workers, say))
        _tidy(run)
        kept = {} if force else {job.id: done for job in batch.jobs if (done := _unchanged(batch, job))}
        for job in batch.jobs:
            if job.id in kept:
                run.progress.done(job, kept[job.id], [])
        dones = {**kept, **_run_all(run, [job for job in batch.jobs if job.id not in kept])}
        ordered = [dones[job.id] for job in batch.jobs if job.id in dones]
        _say_end(run, ordered)
    if run.stop.is_set():
        raise Stopped(ordered)
    return ordered


def _check(batch: Batch, workers: int, *, resume: bool, force: bool) -> None:
    if workers < 1:
        raise ValueError(Message("batch_run.workers", {"workers": workers}).say())
    if resume and force:
        raise ValueError(Message("batch_run.both").say())
    if resume and not (batch.folder / OFFICES).is_dir():
        raise ValueError(Message("batch_run.nothing_begun", {"folder": batch.folder.name}).say())
    places = set()
    for job in batch.jobs:
        if any(UNSAFE.search(part) or not part or BESIDE in part for part in job.id.split("/")):
            raise ValueError(Message("batch_run.no_place", {"id": job.id}).say())
        if job.id.casefold() in places:  # one folder on Windows and macOS
            raise ValueError(Message("batch_run.same_place", {"id": job.id}).say())
        places.add(job.id.casefold())


def _tidy(run: _Run) -> None:
    """What a run of this folder that was killed has left: processes, temporary folders, half-written results."""
    ended = end_marked(f"{run.token}:")
    if ended:
        run.progress.line(Message("batch_run.orphans", {"n": ended}).say())
    for left in Path(tempfile.gettempdir()).glob(f"{TEMPORARY}{run.token}-*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in (run.batch.folder / WORK).glob("*/.*"):  # extracts and headlines that were being written: case data
        shutil.rmtree(left, ignore_errors=True)
    (run.batch.folder / OFFICES).mkdir(parents=True, exist_ok=True)
    recover(run.batch.folder / OFFICES)
    _put_away(run)


def _put_away(run: _Run) -> None:
    """Results of jobs that are no longer asked for leave the folders that are sent; nothing is deleted."""
    asked = {run.batch.place(job) for job in run.batch.jobs}
    offices = run.batch.folder / OFFICES
    gone = sorted({one.parent for one in offices.glob(f"*/*/*/{RECORD}")} - asked)
    away = run.batch.folder / WORK / AWAY / token_hex(4)
    for place in gone:
        new = away / place.relative_to(offices)
        new.parent.mkdir(parents=True, exist_ok=True)
        os.replace(place, new)
        for empty in (place.parent, place.parent.parent):
            with suppress(OSError):  # something else lies there
                empty.rmdir()
    if gone:
        values: dict[str, Value] = {"n": len(gone), "folder": away.relative_to(run.batch.folder).as_posix()}
        run.progress.line(Message("batch_run.put_away", values).say())


def _unchanged(batch: Batch, job: Job) -> Done | None:
    """The record of the job, if nothing has to be done about it."""
    done = record_of(batch.place(job))
    same = done is not None and done.status == "complete" and done.key == job.key and not job.problems
    return replace(done, status="unchanged") if done and same and intact(batch.place(job), done) else None


def _run_all(run: _Run, jobs: list[Job]) -> dict[str, Done]:
    """What became of each, by id; where it was stopped, of those that were finished before."""
    if jobs:  # from here on the pages are others than those that these files tell of
        for name in (INDEX, MAILING):
            (run.batch.folder / name).unlink(missing_ok=True)
    begin = Message("batch_run.begin", {"n": len(jobs), "workers": run.workers}).say()
    kept = len(run.batch.jobs) - len(jobs)
    run.progress.line(" ".join([begin, *([Message("batch_run.kept", {"n": kept}).say()] if kept else [])]))
    with ThreadPoolExecutor(run.workers) as pool:
        open_ones: list[Future[Done | None]] = []
        try:
            for job in jobs:
                open_ones.append(pool.submit(contextvars.copy_context().run, _run_one, run, job))
            return _gather(run, open_ones)
        except KeyboardInterrupt:
            run.stop.set()
            run.progress.line(Message("batch_run.stopping").say())
            pool.shutdown(wait=True, cancel_futures=True)
            ended = (one.result() for one in open_ones if not one.cancelled())
            return {done.id: done for done in ended if done is not None}


def _gather(run: _Run, open_ones: list[Future[Done | None]]) -> dict[str, Done]:
    waiting = set(open_ones)
    while waiting:
        _, waiting = wait(waiting, timeout=0.5, return_when=FIRST_COMPLETED)  # short: Windows hears Ctrl-C between
        run.progress.show()
    return {done.id: done for one in open_ones if (done := one.result()) is not None}


def _run_one(run: _Run, job: Job) -> Done | None:
    """Run and keep one job; None where the run was stopped before it was finished."""
    if run.stop.is_set():
        return None
    run.progress.begin(job)
    begun = datetime.now(UTC).isoformat(timespec="seconds")
    ended = _done_here(run, job, begun) if session() is None else _done_there(run, job, begun)
    if ended is not None:
        run.progress.done(job, *ended)
    return ended[0] if ended else None


def _done_here(run: _Run, job: Job, begun: str) -> tuple[Done, tuple[str, ...]] | None:
    with speaking(language(job.language)):
        try:
            return _ended(run, job, begun)
        except OSError as error:  # no room on the disk, or no further process: the other jobs go on
            said = (Message("batch_run.not_written", {"said": error.strerror or str(error)}).say(),)
            return Done(job.id, job.key, "failed", said, tries=0, begun=begun), said


def _done_there(run: _Run, job: Job, begun: str) -> tuple[Done, tuple[str, ...]] | None:
    """By a worker of a cluster, which sees the same folders; if it is lost, another one does the job again."""
    lone = replace(run.batch, jobs=(job,))
    return each(_Elsewhere(lone, run.workers, begun), [job], spark=session())[0]


@dataclass(frozen=True)
class _Elsewhere:
    """A job of a batch as a worker does it; progress, record and manifest stay where the batch was begun."""

    batch: Batch
    workers: int
    begun: str

    def __call__(self, job: Job) -> tuple[Done, tuple[str, ...]] | None:
        return _done_here(_Run(self.batch, self.workers, Progress((job,), 1, lambda line: None)), job, self.begun)


def _ended(run: _Run, job: Job, begun: str) -> tuple[Done, tuple[str, ...]] | None:
    """The job as it is kept, and what to say of it."""
    started = time.monotonic()
    work = Path(tempfile.mkdtemp(prefix=f"{TEMPORARY}{run.token}-"))
    try:
        answer, peak = _answer(run, job, work)
        if answer is None:
            return None
        seconds = round(time.monotonic() - started, 2)
        return _kept(run, job, _done(job, answer, seconds=seconds, peak=peak, begun=begun), answer)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _answer(run: _Run, job: Job, work: Path) -> tuple[Answer | None, int]:
    """What became of it, and the most bytes it held; None where the run was stopped. A process that dies is tried again."""
    problems = _missing(job)
    if problems:
        return Answer("missing", problems, problems, tries=0), 0
    end, peak, code = time.monotonic() + job.seconds, 0, 0
    for tries in (1, 2):
        mark = f"{run.token}:{token_hex(6)}"
        tree = Tree(_command(run, job, work), env=_environment(run, work), mark=mark, output=work / "said")
        try:
            ended = _watched(run, job, tree, end)
            code = tree.code or 0
        finally:
            tree.end()
        peak = max(peak, tree.peak)
        answer = ended or Answer.read(work)
        if answer is not None:
            return replace(answer, tries=answer.tries + tries - 1), peak
        if run.stop.is_set():
            return None, peak
    said = (Message("batch_run.died", {"code": code}).say(),)
    return Answer("died", said, said, tries=2), peak


def _watched(run: _Run, job: Job, tree: Tree, end: float) -> Answer | None:
    """None once it has ended by itself, or the run is to stop; an answer where it went over a limit."""
    while tree.code is None and not run.stop.is_set():
        bytes_held = tree.look()
        if 0 < job.megabytes * MEGABYTE < bytes_held:
            values = {"megabytes": round(bytes_held / MEGABYTE), "limit": job.megabytes}
            return _over(job, "memory", Message("batch_run.memory", values))
        if time.monotonic() > end:
            return _over(job, "timeout", Message("batch_run.timeout", {"seconds": job.seconds}))
        run.stop.wait(LOOK)
    return None


def _over(job: Job, status: Literal["memory", "timeout"], why: Message) -> Answer:
    return Answer(status, (why.say(),), (why.say(),), parameters=printed_parameters(job.notebook, job.parameters))


def _missing(job: Job) -> tuple[str, ...]:
    gone = [one.name for one in (job.notebook, job.log) if not one.exists() and "*" not in one.name]
    return job.problems or tuple(Message("batch_run.missing", {"name": name}).say() for name in gone)


def _command(run: _Run, job: Job, work: Path) -> list[str]:
    begun_with = order(job, work, run.batch.place(job))
    return [sys.executable, "-P", "-m", "procmine.publish.batch.worker", str(begun_with)]


def _environment(run: _Run, work: Path) -> dict[str, str]:
    """The user's own, since databases need it; with the cores shared out, and all that is temporary in the job's folder."""
    package = str(Path(__file__).resolve().parents[3])
    paths = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    share = str(max(1, cores() // run.workers))
    for name in ("temporary", "runtime"):
        (work / name).mkdir(exist_ok=True)
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(work / "temporary"))
    threads = {f"{name}_NUM_THREADS": share for name in THREADS}
    own = {"PYTHONPATH": paths, "JUPYTER_RUNTIME_DIR": str(work / "runtime"), "PYTHONHASHSEED": "0"}
    return {**os.environ, **temporary, **threads, **own}


def _done(job: Job, answer: Answer, *, seconds: float, peak: int, begun: str) -> Done:
    return Done(
        job.id,
        job.key,
        answer.status,
        answer.problems,
        seconds,
        round(peak / MEGABYTE, 1),
        answer.tries,
        {name: digest(Path(one)) for name, one in answer.files.items()},
        parameters=answer.parameters,
        data={"hash": job.data} if job.data else {},
        seed=job.seed,
        versions=versions(),
        begun=begun,
    )


def _kept(run: _Run, job: Job, done: Done, answer: Answer) -> tuple[Done, tuple[str, ...]]:
    """The job as it is once its folder is in place (or is not), and what to say of it."""
    files = {name: Path(one) for name, one in answer.files.items()}
    try:
        where = put(files, run.batch.place(job), done, wait=run.stop.wait)
    except (OSError, ValueError) as error:
        why = error.strerror or str(error) if isinstance(error, OSError) else str(error)
        said = Message("batch_run.not_written", {"said": why}).say()
        return replace(done, status="failed", problems=(*done.problems, said), files={}), (*answer.said, said)
    if where.held:
        names = {"name": job.id, "beside": where.folder.name}
        said = Message("batch_run.held", names).say()
        return replace(done, status="failed", problems=(*done.problems, said), files={}), (*answer.said, said)
    return done, answer.said


def versions() -> dict[str, str]:
    """Of procmine, of Python, and of what the numbers hang on."""
    from importlib.metadata import PackageNotFoundError, version

    import procmine

    found = {"procmine": procmine.__version__, "python": ".".join(map(str, sys.version_info[:3]))}
    for name in ("numpy", "scipy", "pandas", "pyarrow", "numba", "pm4py"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _say_end(run: _Run, dones: list[Done]) -> None:
    run.progress.clear()
    if run.stop.is_set():
        open_ones = len(run.batch.jobs) - len(dones)
        run.progress.line(Message("batch_run.stopped", {"n": len(dones), "open": open_ones}).say())
        return
    counted = {name: sum(one.status == name for one in dones) for name in ("complete", "unchanged")}
    failed = len(dones) - sum(counted.values())
    run.progress.line(Message("batch_run.ended", {**counted, "failed": failed}).say())


@contextmanager
def _terminated_as_ctrl_c() -> Iterator[None]:
    """A scheduler or the system that ends us is heard as Ctrl-C is."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
