"""Processes: one that is started with all that descends from it, watched, and ended as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

MARK = "PROCMINE_BATCH"  # in the environment of each process of a run: "RUN:JOB", so that none is lost
ROUNDS = 20  # what is ended may have begun something meanwhile
EVERY = 8  # looks, after which all processes of the machine are searched for the mark
PARENT = 0.5  # seconds between two looks for our parent
PR_SET_CHILD_SUBREAPER = 36


class Tree:
    """A process and all that descends from it, also what has left its session or its parent.

    `peak` is the most memory, in bytes, that all of them held together whenever `look` was called: resident memory, in
    which what two processes share counts twice.
    """

    def __init__(self, command: Sequence[str], *, env: Mapping[str, str], mark: str, output: Path) -> None:
        self.mark, self.peak, self._looks = mark, 0, 0
        apart = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Ctrl-C is for us: we end what runs
        with output.open("wb") as said:
            self._process = subprocess.Popen(
                command,
                env={**env, MARK: mark},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                creationflags=apart,
                start_new_session=os.name == "posix",
            )
        self._seen: set[psutil.Process] = set()
        with suppress(psutil.NoSuchProcess):  # it has ended already
            self._seen.add(psutil.Process(self._process.pid))

    @property
    def code(self) -> int | None:
        """How the first process ended, None while it runs; below zero: by that signal."""
        return self._process.poll()

    def look(self) -> int:
        """The bytes of memory that all hold together now."""
        self._looks += 1
        if self._looks % EVERY == 0:
            self._seen.update(marked(self.mark))
        held = sum(map(_resident, self._alive()))
        self.peak = max(self.peak, held)
        return held

    def end(self) -> None:
        """Nothing of it runs afterwards; the first process goes first, since it would begin again what it loses."""
        if self._process.poll() is None:
            self._alive()  # its children are found while it is there
            self._process.kill()
        self._process.wait()
        end_all(lambda: {*self._alive(), *marked(self.mark)})

    def _alive(self) -> set[psutil.Process]:
        found = set(self._seen)
        for one in self._seen:
            try:
                found.update(one.children(recursive=True))
            except psutil.Error:
                continue
        self._seen = {one for one in found if _runs(one)}
        return self._seen


def marked(mark: str, *, whole: bool = True) -> set[psutil.Process]:
    """The processes that carry this mark (or one that begins so), whoever their parent is; never this one."""
    found = set()
    for one in psutil.process_iter():
        try:
            carried = one.environ().get(MARK, "")
        except (psutil.Error, OSError):  # another user's, or it has just ended
            continue
        same = carried == mark if whole else carried.startswith(mark)
        if same and one.pid != os.getpid() and _runs(one):
            found.add(one)
    return found


def end_marked(mark: str) -> int:
    """End what a run that was killed has left behind; how many there were."""
    return end_all(lambda: marked(mark, whole=False))


def end_all(find: Callable[[], Iterable[psutil.Process]]) -> int:
    """End what is found, until nothing is found any more; how many there were."""
    ended = set()
    for _ in range(ROUNDS):
        there = list(find())
        if not there:
            break
        ended.update(there)
        for one in there:
            try:
                one.kill()
            except psutil.Error:
                continue
        _wait(there)
    return len(ended)


def _wait(there: Iterable[psutil.Process]) -> None:
    """A second at most; what nobody has buried yet has ended all the same."""
    end = time.monotonic() + 1
    while any(map(_runs, there)) and time.monotonic() < end:
        time.sleep(0.02)


def cores() -> int:
    """How many this process may use."""
    counted: Callable[[], int | None] = getattr(os, "process_cpu_count", os.cpu_count)
    allowed = getattr(os, "sched_getaffinity", None)
    return max(1, (len(allowed(0)) if allowed else counted()) or 1)


def adopt_orphans() -> None:
    """Linux: what a descendant leaves without a parent becomes our child, so that its memory is seen as well."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_with_parent(pid: int, tidy: Callable[[], None]) -> None:
    """From here on: once the process that began us is gone, however it ended, all below us ends, and so do we.

    It is looked for, not heard of by a pipe that closes: on Windows a thread that reads one holds up who starts a process.
    """
    try:
        parent = psutil.Process(pid)
    except psutil.NoSuchProcess:
        os._exit(1)

    def wait() -> None:
        while _runs(parent):
            time.sleep(PARENT)
        mark = os.environ.get(MARK, "")
        end_all(lambda: {*_below(), *(marked(mark) if mark else ())})
        tidy()
        os._exit(1)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _below() -> set[psutil.Process]:
    return {one for one in psutil.Process().children(recursive=True) if _runs(one)}


def _runs(one: psutil.Process) -> bool:
    try:
        return one.is_running() and one.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # it is there, and another user's
        return True


def _resident(one: psutil.Process) -> int:
    try:
        return int(one.memory_info().rss)
    except psutil.Error:
        return 0
