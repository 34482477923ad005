"""What a person sees of a run: how far it is, how long it will take, and each job that failed at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from shutil import get_terminal_size
from statistics import median
from threading import Lock

from procmine.publish.batch.job import Done, Job
from procmine.words import Message, Span, Value, visible

Say = Callable[[str], None]
RAN = ("complete", "failed", "timeout", "memory", "died", "unchanged")
GOOD = ("complete", "unchanged")


class Progress:
    """Jobs of which some are done: on a terminal one line that changes, elsewhere one line a job, or as `say` takes it."""

    def __init__(self, jobs: Sequence[Job], workers: int, say: Say | None) -> None:
        self._jobs, self._workers, self._say = {job.id: job for job in jobs}, workers, say
        self._done: dict[str, Done] = {}
        self._begun: dict[str, float] = {}
        self._changing = say is None and sys.stderr.isatty()
        self._lock = Lock()

    def begin(self, job: Job) -> None:
        with self._lock:
            self._begun[job.id] = time.monotonic()

    def done(self, job: Job, done: Done, said: Sequence[str]) -> None:
        """One more is done; what went wrong is said in full, since the record may have to leave it out."""
        with self._lock:
            self._begun.pop(job.id, None)
            self._done[job.id] = done
            if done.status == "unchanged" or (done.status == "complete" and self._changing):
                return
            left = [] if self._changing else [self.left()]
            self.line("; ".join(filter(None, [self._told(done), *left])))
            for one in said:
                self.line(Message("batch_run.problem", {"said": one}).say())

    def line(self, text: str) -> None:
        """A line that stays."""
        shown = visible(text)
        if self._say is not None:
            self._say(shown)
            return
        self.clear()
        sys.stderr.write(f"{shown}\n")
        sys.stderr.flush()

    def show(self) -> None:
        """The line that changes, on a terminal."""
        if not self._changing:
            return
        with self._lock:
            failed = sum(one.status not in GOOD for one in self._done.values())
            parts = [Message("batch_run.now", {"done": len(self._done), "n": len(self._jobs)}).say(), self.left()]
            parts += [Message("batch_run.failed_so_far", {"n": failed}).say()] if failed else []
        room = get_terminal_size().columns - 1
        sys.stderr.write("\r" + ", ".join(filter(None, parts))[:room].ljust(room))
        sys.stderr.flush()

    def clear(self) -> None:
        """The line that changes goes; with blanks, since not every console knows a sign for it."""
        if self._changing:
            sys.stderr.write("\r" + " " * (get_terminal_size().columns - 1) + "\r")

    def left(self) -> str:
        """How long the rest will take; nothing as long as no job of one of the notebooks that are left has run."""
        seconds = seconds_left(self._jobs, self._done, self._begun, workers=self._workers, now=time.monotonic())
        return Message("batch_run.left", {"left": Span(in_round_figures(seconds))}).say() if seconds else ""

    def _told(self, done: Done) -> str:
        status = Message(f"batch_run.status.{done.status}")
        values: dict[str, Value] = {"done": len(self._done), "n": len(self._jobs), "id": done.id, "status": status}
        if done.status == "missing":
            return Message("batch_run.line_not_run", values).say()
        return Message("batch_run.line", {**values, "took": Span(max(1.0, done.seconds))}).say()


def in_round_figures(seconds: float) -> float:
    """Upwards to ten seconds, from two minutes on to whole ones, from two hours on to ten minutes: it is a guess."""
    step = 10 if seconds < 120 else 60 if seconds < 7_200 else 600
    return float(step * ceil(seconds / step))


def seconds_left(
    jobs: Mapping[str, Job], done: Mapping[str, Done], begun: Mapping[str, float], *, workers: int, now: float
) -> float | None:
    """Each job that is left takes as long as the middle one of its notebook took, less what it has run already; the
    workers share them, and none is shared by two. None: nothing is left, or a notebook has no job that ran."""
    took: dict[str, list[float]] = {}
    for name, one in done.items():
        if one.status in RAN and one.seconds > 0:
            took.setdefault(str(jobs[name].notebook), []).append(one.seconds)
    left = [(name, str(job.notebook)) for name, job in jobs.items() if name not in done and not job.problems]
    if not left or any(notebook not in took for _, notebook in left):
        return None
    each = [max(0.0, median(took[notebook]) - (now - begun.get(name, now))) for name, notebook in left]
    return max(sum(each) / min(workers, len(each)), *each)
