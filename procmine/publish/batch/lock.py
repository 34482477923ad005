"""A lock on the folder of a run, which ends with the process that holds it, however that ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from procmine.publish.batch.job import WORK
from procmine.words import Message

LOCK = "lock"


class Busy(ValueError):
    """The folder is being run by another process."""


def run_held(folder: Path) -> AbstractContextManager[None]:
    """The run in this folder is ours: nobody else plans, runs, finishes or releases it."""
    return held(folder / WORK / LOCK)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Within it no other process can hold the same; Busy at once if one does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _taken(file):
            raise Busy(Message("batch_run.busy", {"folder": path.parent.parent.name}).say())
        yield
    finally:
        os.close(file)  # which gives it back


def _taken(file: int) -> bool:
    """Whether it is ours now."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
