"""One run at a time writes into a folder, and what it does not finish is gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from procmine.log import LogError


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Nobody else writes into the folder meanwhile; LogError where somebody does, or nobody can."""
    name = folder / ".lock"
    try:
        lock = name.open("ab")
    except OSError as error:
        raise LogError(f"{folder.name} cannot be written to ({error.strerror}).") from error
    with lock:
        if not held(lock) or not _same(lock, name):
            raise LogError(f"{folder.name} is being changed by another run just now. Wait for it and try again.")
        try:
            yield
        finally:
            if os.name != "nt":  # there, a file that is open cannot be removed: it stays, and hinders nobody
                name.unlink(missing_ok=True)


def _same(lock: IO[bytes], name: Path) -> bool:
    """Whether the file that is held is the one of that name: a run that just ended removed its own."""
    return name.exists() and os.path.samestat(os.fstat(lock.fileno()), name.stat())


@contextmanager
def making(folder: Path, name: str) -> Iterator[Path]:
    """A new folder in it, which has its name once it is complete. What the system refuses is one LogError."""
    partial = folder / f".{name}.partial"
    try:
        partial.mkdir()
        yield partial
        partial.rename(folder / name)
    except OSError as error:
        if error.filename is None and error.errno is None:
            raise
        raise LogError(f"{folder.name} cannot be written to ({error.strerror or error}): it is as it was.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def held(file: IO[bytes]) -> bool:
    """Whether this run holds the file; the system lets it go when the run ends, however it ends."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
